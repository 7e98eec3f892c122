//! Cells that need not come back with a loop.
//!
//! A run goes round for ever once all that it rests on repeats. A number without bound, such as a count of all that ever happened
//! may go on growing, if neither the question nor any restriction, assumption or fairness rests on it
//! ([`cone`]) and nothing can go wrong with it later: where it is written, and when, is the same in each round, and
//! what is written has a value whatever it is. So rounds differ in such cells alone, and what was seen
//! of the first round holds in all of them. What is finite has to come back, unless it rests on such numbers.

use std::collections::BTreeSet;

use num_traits::Zero;

use crate::types::cone::cone;
use crate::types::core::{
    Assume, Binary, CellId, Chosen, Conversion, Expr, ExprKind, LocalId, Model, Rule, Type, Update,
    Value,
};
use crate::types::layout::Layout;
use crate::types::visit::{children, chosen_children, reads_all, speaks_of_knowledge};

/// Why a loop of what a claim rests on may be no run of the whole model.
pub const NOT_ALL_REPEATS: &str =
    "a lasso was found, but cells that the claim does not rest on do not repeat with it";

/// What a loop must repeat.
pub struct Repeats<'m> {
    model: &'m Model,
    /// By cell: whether the question rests on it.
    live: Vec<bool>,
}

impl<'m> Repeats<'m> {
    /// For these questions, under these hypotheses.
    pub fn new<'e>(
        model: &'m Model,
        assumes: &'e [Assume],
        asked: impl IntoIterator<Item = &'e Expr>,
    ) -> Repeats<'m> {
        let assumed = assumes.iter().map(|assume| &assume.condition);
        let asked: Vec<&Expr> = asked.into_iter().chain(assumed).collect();
        // What somebody knows rests on all that is seen.
        let all = asked.iter().any(|e| speaks_of_knowledge(model, e));
        let live = if all { vec![true; model.cells.len()] } else { cone(model, asked) };
        Repeats { model, live }
    }

    /// The cells in which rounds may differ if their starts differ as these states do: none if they are
    /// equal; `None` if a later round may then be another.
    pub fn apart(
        &self,
        layout: &Layout,
        one: &[Value],
        other: &[Value],
    ) -> Option<BTreeSet<CellId>> {
        let slots = layout.cells.iter().zip(one.iter().zip(other));
        let differing = || slots.clone().filter(|(_, (one, other))| one != other);
        let unbounded = differing().filter(|(slot, _)| matches!(slot.ty, Type::Int | Type::Real));
        let mut apart: BTreeSet<CellId> = unbounded.map(|(slot, _)| slot.of).collect();
        while let Some(more) = self.reached(&apart) {
            apart.insert(more);
        }
        let matters = apart.iter().any(|cell| self.live.get(cell.index()) != Some(&false));
        // What is finite comes back some time, unless it rests on what is not.
        let closed = differing().all(|(slot, _)| apart.contains(&slot.of));
        let sound = closed && !matters && self.writes(&apart) && self.ticks(&apart);
        sound.then_some(apart)
    }

    /// A further cell whose value rests on these.
    fn reached(&self, apart: &BTreeSet<CellId>) -> Option<CellId> {
        let rules = self.model.rules.iter();
        let written = rules.flat_map(|rule| rule.updates.iter().map(move |update| (rule, update)));
        let mut new = written.filter(|(_, update)| !apart.contains(&update.cell));
        let reads = |rule: &Rule, update: &Update| {
            self.any_reads(update_parts(update).chain([&rule.guard]), apart)
        };
        new.find(|(rule, update)| reads(rule, update)).map(|(_, update)| update.cell)
    }

    /// Whether these cells are written at the same places in every round, or wherever it may be, and by what
    /// always has a value.
    fn writes(&self, apart: &BTreeSet<CellId>) -> bool {
        self.model.rules.iter().all(|rule| {
            let mut updates = rule.updates.iter().filter(|update| apart.contains(&update.cell));
            match self.any_reads([&rule.guard], apart) {
                true => self.is_total(&rule.guard) && updates.all(|u| self.is_harmless(rule, u)),
                false => updates.all(|u| !self.any_reads(&u.index, apart) && self.takes(u, apart)),
            }
        })
    }

    /// Whether nothing can go wrong with a write in whichever period it is made: it always has a value, which its
    /// cell can take, and nothing else ever writes there.
    fn is_harmless(&self, rule: &Rule, update: &Update) -> bool {
        let every = self.model.rules.iter().flat_map(|rule| &rule.updates);
        let sole = every.filter(|other| other.cell == update.cell).count() == 1;
        let local = |e: &Expr| match &*e.kind {
            ExprKind::Local(local) => Some(*local),
            _ => None,
        };
        let places: Option<Vec<LocalId>> = update.index.iter().map(local).collect();
        let own = |places: Vec<LocalId>| rule.binders.iter().all(|(l, _)| places.contains(l));
        let ty = self.model.cells.get(update.cell.index()).map(|cell| cell.ty);
        let takes = match &update.value {
            Chosen::Is(value) if matches!(ty, Some(Type::Int | Type::Real | Type::Bool)) => {
                self.is_total(value)
            }
            _ => false,
        };
        sole && takes && places.is_some_and(own)
    }

    /// Whether a cell can take what is written to it, whatever the cells apart are.
    fn takes(&self, update: &Update, apart: &BTreeSet<CellId>) -> bool {
        let ty = self.model.cells.get(update.cell.index()).map(|cell| cell.ty);
        match &update.value {
            Chosen::Is(value) if matches!(ty, Some(Type::Int | Type::Real | Type::Bool)) => {
                self.has_value(value, apart)
            }
            value => !self.any_reads(chosen_children(value), apart),
        }
    }

    fn ticks(&self, apart: &BTreeSet<CellId>) -> bool {
        self.model.ticks.iter().all(|tick| self.has_value(&tick.when, apart))
    }

    fn any_reads<'e>(
        &self,
        exprs: impl IntoIterator<Item = &'e Expr>,
        apart: &BTreeSet<CellId>,
    ) -> bool {
        let reads = reads_all(self.model, exprs);
        reads.cells.iter().chain(&reads.primed).any(|cell| apart.contains(cell))
    }

    /// Whether an expression that had a value has one whatever the cells apart are.
    fn has_value(&self, e: &Expr, apart: &BTreeSet<CellId>) -> bool {
        !self.any_reads([e], apart) || self.is_total(e)
    }

    /// Whether nothing in an expression can go wrong, be it evaluated or not.
    fn is_total(&self, e: &Expr) -> bool {
        let itself = match &*e.kind {
            ExprKind::Binary(Binary::Div | Binary::Mod, _, by) => is_some_number(by),
            ExprKind::Convert(Conversion::IntToMember(_), _)
            | ExprKind::Table(..)
            | ExprKind::Property(_)
            | ExprKind::Fired(..)
            | ExprKind::Tick(_) => false,
            ExprKind::Call(define, _) => {
                let define = self.model.defines.get(define.index());
                define.is_some_and(|define| self.is_total(&define.body))
            }
            _ => true,
        };
        itself && children(e).into_iter().all(|part| self.is_total(part))
    }
}

/// Whether an expression is a number, and not 0.
fn is_some_number(e: &Expr) -> bool {
    match &*e.kind {
        ExprKind::Const(Value::Int(n)) => !n.is_zero(),
        ExprKind::Const(Value::Real(r)) => !r.is_zero(),
        ExprKind::Convert(Conversion::RangeToInt | Conversion::IntToReal, inner) => {
            is_some_number(inner)
        }
        _ => false,
    }
}

/// What an update reads.
fn update_parts(update: &Update) -> impl Iterator<Item = &Expr> {
    chosen_children(&update.value).into_iter().chain(&update.index)
}
