//! Knowledge as the state of an observer: a claim about what posts know in, an ordinary claim out.
//!
//! An *observer* of a judge is a finite deterministic machine, run beside the model and driven by what
//! the judge sees and nothing else, with a table that says for each of its states what is known there.
//! [`observe`] adds one to a model: a cell for its state, written anew in every period, and for each piece of
//! knowledge *p* an expression that looks it up. A state by itself, *lost*, is entered when something is
//! seen that the machine has no entry for.
//!
//! *Theorem.* Let the observer be in state *b* at the beginning of period *i* of a run of the observed model,
//! and suppose
//!
//! 1. on every run, it is never lost, and wherever its table says that *p* is known, *p* holds;
//! 2. each of its states *s* has a set *W(s)* of worlds (states of the model) such that the worlds of the first
//!    one are first states; for every entry from *s* by the view *v* to *t*, each world of *W(t)* has a step to it
//!    from some world of *W(s)* of which the judge sees *v*; and where the table does not say that *p* is
//!    known, *p* fails in some world of *W(s)*.
//!
//! Then the table says of *b* that *p* is known iff the judge knows *p* in period *i*.
//!
//! *Proof.* Runs that look the same to the judge before period *i* lead the observer to the same state, since
//! it is deterministic and sees nothing else. So if the table says that *p* is known, *p* holds in period
//! *i* of all of them, by 1. If it does not, take the world of *W(b)* in which *p* fails, and go back along the
//! views of the run: each is an entry of the machine, since it is never lost, so by 2 there is a world before,
//! with a step of which the judge sees the same, down to a first state. That is the beginning of a run which looks
//! the same and on which *p* fails. ∎
//!
//! Knowledge about knowledge is replaced innermost first: the inner observer is part of the model that the
//! outer one observes. Nothing is asked about where the machine comes from; the subset construction of
//! synchronous perfect recall (Fagin, Halpern, Moses and Vardi, *Reasoning about knowledge*, 1995; van der
//! Meyden and Shilov, *Model checking knowledge and time in systems with perfect recall*, 1999) gives one that meets
//! both conditions.
//!
//! What a piece of knowledge says of the past is remembered in cells first ([`past`]), and cells that
//! nothing of concern rests on are held fast (`slice`).

pub mod past;
pub mod slice;

use std::collections::BTreeMap;
use std::sync::Arc;

use super::make;
use crate::syntax::ast::RuleKind;
use crate::syntax::source::Span;
use crate::types::core::{
    Binary, Cell, CellId, Chosen, Define, DefineId, Expr, ExprKind, Model, Rule, Sort, SortId,
    SortKind, Type, Update, Value,
};

/// A machine that follows what a judge sees.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Machine {
    /// What may be seen in a period, by number: the values of all that the judge sees, in order.
    pub views: Vec<Vec<Value>>,
    /// For each state, which comes after it, by the number of what is seen.
    pub after: Vec<BTreeMap<u32, u32>>,
    /// The first state.
    pub first: u32,
    /// For each piece of knowledge, in which states it is known.
    pub known: Vec<Vec<bool>>,
}

impl Machine {
    /// How many states it has besides the one in which it is lost.
    pub fn states(&self) -> u32 {
        number(self.after.len())
    }
}

/// An observer that was added to a model.
#[derive(Clone, Debug)]
pub struct Observer {
    /// The cell of its state.
    pub state: CellId,
    /// That it is not lost.
    pub follows: Expr,
    /// For each piece of knowledge, that it is known.
    pub known: Vec<Expr>,
}

impl Observer {
    /// That it is not lost, and that what it says to be known is so.
    pub fn is_right(&self, pieces: &[Expr]) -> Expr {
        let known = self.known.iter().zip(pieces);
        let implied =
            known.map(|(known, piece)| make::binary(Binary::Implies, known.clone(), piece.clone()));
        let span = self.follows.span;
        make::and(std::iter::once(self.follows.clone()).chain(implied), span)
    }
}

/// Adds an observer of a judge who sees this to a model.
pub fn observe(model: &mut Model, sees: &[Expr], machine: &Machine, span: Span) -> Observer {
    let mark = model.cells.len();
    let states = sort(model, &format!("states{mark}"), machine.states() + 1, span);
    let views = sort(model, &format!("views{mark}"), number(machine.views.len()) + 1, span);
    let mut adding = Adding { model, span };
    let view = adding.view(&format!("view{mark}"), sees, machine, views);
    let state = adding.cell(&format!("observer{mark}"), states, machine.first);
    let here = make::cell(state, Type::Finite(states), false, span);
    let next = adding.next(machine, (here.clone(), states), view);
    adding.rule(&format!("observe{mark}"), (state, next));
    let lost = machine.states();
    let follows = (0..=lost).map(|n| n != lost).collect();
    let known = machine.known.iter().map(|known| {
        let rows = known.iter().copied().chain([true]).collect();
        table(rows, here.clone())
    });
    Observer { state, follows: table(follows, here.clone()), known: known.collect() }
}

/// Adds a cell to a model that says what was seen last, by its number; nothing reads it.
pub fn see(model: &mut Model, sees: &[Expr], machine: &Machine, span: Span) -> CellId {
    let mark = model.cells.len();
    let other = number(machine.views.len());
    let views = sort(model, &format!("views{mark}"), other + 1, span);
    let mut adding = Adding { model, span };
    let view = adding.view(&format!("view{mark}"), sees, machine, views);
    let saw = adding.cell(&format!("saw{mark}"), views, other);
    adding.rule(&format!("see{mark}"), (saw, view));
    saw
}

fn number(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

/// Whether it is true of the state that the observer is in.
fn table(rows: Vec<bool>, state: Expr) -> Expr {
    let span = state.span;
    let rows = rows.into_iter().map(|row| Some(Value::Bool(row))).collect();
    make::truth(ExprKind::Table(Arc::new(rows), vec![state]), span)
}

fn sort(model: &mut Model, name: &str, size: u32, span: Span) -> SortId {
    let kind = SortKind::Index { size, single: false, under: None, person: false };
    model.sorts.push(Sort { name: name_of(name), kind, span });
    SortId(number(model.sorts.len() - 1))
}

/// A name that no spec can give.
fn name_of(name: &str) -> String {
    format!("{name}~")
}

/// A model to which something is added.
struct Adding<'m> {
    model: &'m mut Model,
    span: Span,
}

impl Adding<'_> {
    fn member(&self, sort: SortId, n: u32) -> Expr {
        let kind = Box::new(ExprKind::Const(Value::Member(sort, n)));
        Expr { kind, ty: Type::Finite(sort), span: self.span }
    }

    fn cell(&mut self, name: &str, sort: SortId, first: u32) -> CellId {
        let initial = Some(Chosen::Is(self.member(sort, first)));
        self.model.cells.push(Cell {
            name: name_of(name),
            index: Vec::new(),
            ty: Type::Finite(sort),
            binders: Vec::new(),
            initial,
            doc: None,
            span: self.span,
        });
        super::last_cell(self.model)
    }

    fn rule(&mut self, name: &str, written: (CellId, Expr)) {
        self.model.rules.push(writing(name_of(name), written, self.span));
    }

    /// The number of what is seen in a period, as a definition; the last one stands for all else.
    fn view(&mut self, name: &str, sees: &[Expr], machine: &Machine, views: SortId) -> Expr {
        let mut all: Vec<(u32, &[Value])> =
            (0..).zip(&machine.views).map(|(n, view)| (n, view.as_slice())).collect();
        all.sort_by_key(|(_, view)| *view);
        let other = number(machine.views.len());
        let body = self.told(sees, &all, (views, other));
        let ty = Type::Finite(views);
        let name = name_of(name);
        let define = Define { name, args: Vec::new(), body, doc: None, span: self.span };
        self.model.defines.push(define);
        let define = DefineId(number(self.model.defines.len() - 1));
        Expr { kind: Box::new(ExprKind::Call(define, Vec::new())), ty, span: self.span }
    }

    /// Looks the first thing seen up among the views, and the others among those that agree on it.
    fn told(&self, sees: &[Expr], views: &[(u32, &[Value])], names: (SortId, u32)) -> Expr {
        let (sort, other) = names;
        let Some((first, rest)) = sees.split_first() else {
            return self.member(sort, views.first().map_or(other, |(number, _)| *number));
        };
        let none = self.member(sort, other);
        let alike = views.chunk_by(|a, b| a.1.first() == b.1.first());
        alike.rev().fold(none, |other, group| {
            let Some(value) = group.first().and_then(|(_, view)| view.first()) else {
                return other;
            };
            let kind = Box::new(ExprKind::Const(value.clone()));
            let value = Expr { kind, ty: first.ty, span: self.span };
            let tails: Vec<(u32, &[Value])> =
                group.iter().map(|(n, view)| (*n, view.get(1..).unwrap_or(&[]))).collect();
            let then = self.told(rest, &tails, names);
            let same = make::equal(first.clone(), value);
            Expr { ty: then.ty, kind: Box::new(ExprKind::If(same, then, other)), span: self.span }
        })
    }

    /// The state after this one.
    fn next(&self, machine: &Machine, (here, states): (Expr, SortId), view: Expr) -> Expr {
        let lost = machine.states();
        let (mut rows, views) = (Vec::new(), number(machine.views.len()));
        for state in 0..=lost {
            let after = machine.after.get(state as usize);
            let to = |view| after.and_then(|after| after.get(&view)).copied().unwrap_or(lost);
            rows.extend((0..=views).map(|view| Some(Value::Member(states, to(view)))));
        }
        let kind = Box::new(ExprKind::Table(Arc::new(rows), vec![here, view]));
        Expr { kind, ty: Type::Finite(states), span: self.span }
    }
}

/// A rule that always writes this.
fn writing(name: String, (cell, value): (CellId, Expr), span: Span) -> Rule {
    let update = Update { cell, index: Vec::new(), value: Chosen::Is(value), span };
    Rule {
        name,
        kind: RuleKind::Rule,
        binders: Vec::new(),
        guard: make::constant(true, span),
        updates: vec![update],
        prescribes: Vec::new(),
        overrides: Vec::new(),
        origin: None,
        doc: None,
        span,
    }
}
