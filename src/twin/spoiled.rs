//! A game's moves and views as cells, for a strategy against a coalition to be checked step by step.
//!
//! *Ghosts* are cells that no rule writes and that begin anywhere. [`moves`] adds two for each choice of the
//! coalition: what it plans, and whether the choice is there; an assumption makes each step one in which what is
//! there is chosen as planned. [`told`] adds more: what is seen in a period, and whether the goal's tick
//! occurs, which steps have to agree with; and what is true of the goal's states and seen before the move, which
//! a condition on the state compares. So a solver that is given the ghosts' values says whether a step or
//! a state is as told, and one that is given all but a plan says whether there is any other.

use crate::syntax::source::Span;
use crate::types::core::{
    Assume, Binary, Cell, Expr, ExprKind, InputId, LocalId, Model, SortId, TickId, Type, Value,
};
use crate::types::layout::{Layout, value_name};
use crate::types::visit::substitute;

use super::make;

/// What is asked of a model with all ghosts, and in what order they stand behind its own cells: for each slot the plan
/// and whether there is a choice, the goal's states, what is seen before and after, the tick if one counts.
#[derive(Clone, Debug)]
pub struct Told {
    /// The model.
    pub model: Model,
    /// How many ghosts it has.
    pub ghosts: usize,
    /// What is seen before the move, and what is true of the goal's states, is as the ghosts say.
    pub looks: Expr,
}

/// Something that is seen, and its name.
pub type Named<'a> = (&'a str, &'a Expr);

/// What is told of states and steps besides plans.
#[derive(Clone, Debug)]
pub struct Telling<'a> {
    /// The goal's states.
    pub states: &'a [Expr],
    /// What is seen before the move.
    pub before: Vec<Named<'a>>,
    /// What is seen once the period is over.
    pub after: Vec<Named<'a>>,
    /// The goal's tick.
    pub tick: Option<TickId>,
}

/// The model with plans for these slots; `None` if there is no such slot.
pub fn moves(model: &Model, owned: &[usize]) -> Option<Model> {
    let mut adding = Adding { model: model.clone(), span: model.span };
    let parts = adding.plans(owned)?;
    adding.assume("the plan", parts);
    Some(adding.model)
}

/// The model with all ghosts; `None` if there is no such slot.
pub fn told(model: &Model, owned: &[usize], telling: &Telling<'_>) -> Option<Told> {
    let mut adding = Adding { model: model.clone(), span: model.span };
    let mut steps = adding.plans(owned)?;
    let states = telling.states.iter().enumerate();
    let mut looks: Vec<Expr> =
        states.map(|(n, state)| adding.like(&format!("goal {n}"), state)).collect();
    for (words, e) in &telling.before {
        looks.push(adding.like(&format!("sees {words}"), e));
    }
    for (words, e) in &telling.after {
        steps.push(adding.like(&format!("saw {words}"), e));
    }
    if let Some(tick) = telling.tick {
        let occurs = make::truth(ExprKind::Tick(tick), adding.span);
        steps.push(adding.like("tick", &occurs));
    }
    adding.assume("the step", steps);
    let looks = make::and(looks, model.span);
    let ghosts = adding.model.cells.len() - model.cells.len();
    Some(Told { model: adding.model, ghosts, looks })
}

/// A model to which ghosts are added.
struct Adding {
    model: Model,
    span: Span,
}

impl Adding {
    fn ghost(&mut self, name: &str, ty: Type) -> Expr {
        self.model.cells.push(Cell {
            name: format!("{name}~"),
            index: Vec::new(),
            ty,
            binders: Vec::new(),
            initial: None,
            doc: None,
            span: self.span,
        });
        make::cell(super::last_cell(&self.model), ty, false, self.span)
    }

    /// A ghost that is the same as an expression.
    fn like(&mut self, name: &str, e: &Expr) -> Expr {
        make::equal(self.ghost(name, e.ty), e.clone())
    }

    fn assume(&mut self, name: &str, parts: Vec<Expr>) {
        if parts.is_empty() {
            return;
        }
        let condition = make::and(parts, self.span);
        let (name, span) = (name.to_owned(), self.span);
        self.model.assumes.push(Assume { name, practice: None, condition, span });
    }

    /// That each of these slots is as planned where there is a choice.
    fn plans(&mut self, owned: &[usize]) -> Option<Vec<Expr>> {
        let layout = Layout::new(&self.model);
        let mut parts = Vec::new();
        for slot in owned {
            let place = layout.inputs.get(*slot)?;
            let InputId(input) = place.of;
            let declared = self.model.inputs.get(input as usize)?.clone();
            let names: Vec<String> = declared
                .index
                .iter()
                .zip(&place.member)
                .map(|(sort, n)| value_name(&self.model, &Value::Member(*sort, *n)))
                .collect();
            let name = match names.as_slice() {
                [] => declared.name.clone(),
                _ => format!("{}[{}]", declared.name, names.join(", ")),
            };
            let index = self.index(&declared.index, &place.member);
            let by: Vec<(LocalId, Expr)> =
                declared.binders.iter().copied().zip(index.iter().cloned()).collect();
            let chosen = ExprKind::Input { input: place.of, index };
            let chosen = Expr { kind: Box::new(chosen), ty: declared.ty, span: self.span };
            let planned = self.like(&format!("plan {name}"), &chosen);
            let there = self.ghost(&format!("choice {name}"), Type::Bool);
            let when = declared
                .when
                .map_or_else(|| make::constant(true, self.span), |when| substitute(&when, &by));
            parts.push(make::equal(there.clone(), when));
            parts.push(make::binary(Binary::Implies, there, planned));
        }
        Some(parts)
    }

    fn index(&self, sorts: &[SortId], member: &[u32]) -> Vec<Expr> {
        let place = |(sort, n): (&SortId, &u32)| Expr {
            kind: Box::new(ExprKind::Const(Value::Member(*sort, *n))),
            ty: Type::Finite(*sort),
            span: self.span,
        };
        sorts.iter().zip(member).map(place).collect()
    }
}
