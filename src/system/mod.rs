//! Symbolic transition systems and the questions put to them.
//!
//! A [`System`] is ⟨P, X, I, Init, Step, Next⟩ over terms: rigid parameters,
//! state variables with one next-value term each, inputs drawn anew each
//! period, and the constraint that says which draws make a valid step. It is
//! functional: all nondeterminism sits in the inputs, so `x'` in a property is
//! just the next-value term.
//!
//! [`elaborate`] makes one from a typed core, [`property`] adds the monitors
//! that turn a claim of the safety fragment into the question whether a *bad*
//! state or step can be reached, [`liveness`] does the same for claims about
//! infinite runs, [`enabled`] removes the inputs from the
//! question whether a period is stuck.

pub mod cone;
pub mod elaborate;
pub mod enabled;
mod expression;
mod forever;
mod formula;
pub mod linear;
pub mod liveness;
mod monitors;
pub mod property;
mod writes;

use crate::term::{Pool, Term, Var};
use crate::types::core::Value;

/// A state variable with its value at the end of the period.
#[derive(Clone, Copy, Debug)]
pub struct StateVar {
    /// The variable.
    pub var: Var,
    /// Its next value, over rigid, state and input variables.
    pub next: Term,
}

/// A transition system.
#[derive(Clone, Debug)]
pub struct System {
    /// Its terms.
    pub pool: Pool,
    /// Parameters left symbolic.
    pub rigid: Vec<Var>,
    /// State variables: the model's cell slots first, then monitors.
    pub states: Vec<StateVar>,
    /// Input variables: the model's input slots, its draw slots, then monitors' guesses.
    pub inputs: Vec<Var>,
    /// Which first states and parameters there are.
    pub init: Vec<Term>,
    /// Which draws make a valid step from a state; a conjunction.
    pub step: Vec<Term>,
    /// What holds in every state of every run, as lemmas that were proved first; a conjunction.
    pub lemmas: Vec<Term>,
}

/// Can a state (or step) that satisfies `bad` be reached?
#[derive(Clone, Debug)]
pub struct Problem {
    /// The system, with monitors.
    pub system: System,
    /// The target. If it reads inputs, it includes the validity of the step where that matters.
    pub bad: Term,
    /// Whether the last period's inputs are part of the witness.
    pub on_step: bool,
}

/// Values of a system's variables along a run, in the order of its lists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Valuation {
    /// Rigid values.
    pub rigid: Vec<Value>,
    /// For each period, state values and input values (absent in the last period of a run that
    /// ends in a state).
    pub periods: Vec<(Vec<Value>, Option<Vec<Value>>)>,
}

impl System {
    /// Whether bits suffice for everything the system and `extra` say.
    pub fn is_finite(&self, extra: &[Term]) -> bool {
        let terms = self
            .init
            .iter()
            .chain(&self.step)
            .chain(&self.lemmas)
            .chain(extra)
            .copied()
            .chain(self.states.iter().map(|s| s.next));
        let numbers_are_bounded = |var: &Var| {
            let info = self.pool.var_info(*var);
            info.sort == crate::term::Sort::Bool || info.bounds.is_some()
        };
        self.rigid.iter().chain(&self.inputs).all(numbers_are_bounded)
            && self.states.iter().all(|s| numbers_are_bounded(&s.var))
            && self.pool.is_finite(terms)
    }
}
