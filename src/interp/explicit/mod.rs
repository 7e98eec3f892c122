//! Explicit-state search, breadth first, on finite models.
//!
//! The model is compiled, at given parameters, to a ground program over whole numbers
//! ([`graph`], [`term`], [`rules`], [`program`]); states are packed into a few words and kept once
//! ([`store`]). Traces are shortest. Nothing here is shared with the symbolic road. Where the
//! program cannot follow the model (a value that may rest on itself), the [`reference`](mod@reference)
//! search runs the interpreter itself. Infinite runs are searched for by [`fair`].

mod arithmetic;
pub mod beliefs;
pub mod build;
pub mod cases;
pub mod components;
pub mod drawn;
pub mod fair;
pub mod first;
pub mod graph;
mod logic;
pub mod monitor;
pub mod program;
pub mod reach;
pub mod reference;
pub mod rules;
pub mod search;
mod standings;
pub mod store;
pub mod term;
pub mod trace;
pub mod unfold;
pub mod walk;

use std::time::Instant;

use crate::types::core::{Claim, Expr, ExprKind, Model, Value};
use crate::types::defect::DefectKind;
use crate::types::trace::Trace;

use self::graph::Bar;
use super::evaluate::Scope;
use super::progress::Monitor;
use super::progress::ground::fragment;
use super::replay::{never, refuted_by};
use super::step::Interpreter;

/// What is asked.
#[derive(Clone, Copy, Debug)]
pub enum Question<'m> {
    /// Whether the claim, of the safety fragment, holds; found is a violation. Of a claim that
    /// says `possible p`, found is a run that reaches it.
    Claim(&'m Claim),
    /// Whether some run reaches this.
    Reach(&'m Expr),
    /// Whether there is a defect of any kind.
    Defects,
    /// Whether there is a defect of this kind.
    Defect(DefectKind),
}

/// What a search may use.
#[derive(Clone, Copy)]
pub struct Limits<'a> {
    /// Most states.
    pub max_states: usize,
    /// Most bytes.
    pub max_memory: usize,
    /// Until when.
    pub deadline: Option<Instant>,
    /// Says when the answer is no longer wanted.
    pub cancel: &'a (dyn Fn() -> bool + Sync),
    /// The model is known to be free of defects: cells that the question does not rest on may be
    /// left out even if their writes could be defective.
    pub defect_free: bool,
}

impl Limits<'_> {
    /// Whether to stop.
    pub fn over(&self) -> bool {
        (self.cancel)() || self.deadline.is_some_and(|deadline| Instant::now() >= deadline)
    }
}

/// How far a search is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// States met.
    pub states: usize,
    /// Steps from a first state.
    pub depth: usize,
    /// States met and not yet followed.
    pub frontier: usize,
}

/// The answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// There is no such run.
    Holds {
        /// States met.
        states: usize,
        /// The longest of the shortest runs to them.
        depth: usize,
    },
    /// Here is one, shortest. For the defect `initial_state` it has no period.
    Found {
        /// The run.
        trace: Trace,
        /// The defect in which it ends. Of a question that is not about defects: the fault because
        /// of which the property has no value in its last period.
        kind: Option<DefectKind>,
    },
    /// More than the limits allow.
    TooLarge {
        /// Which limit.
        reason: String,
    },
    /// The model is not finite.
    NotFinite {
        /// Where.
        reason: String,
    },
    /// The property needs another fragment.
    Unsupported {
        /// Which.
        fragment: &'static str,
    },
    /// It was cancelled or its time ran out.
    Cancelled,
}

/// Searches a model, for all values of parameters that have none.
pub fn search(
    model: &Model,
    question: &Question<'_>,
    limits: &Limits<'_>,
    progress: &mut dyn FnMut(Progress),
) -> Outcome {
    cases::for_all(model, limits, |model| search_at(model, question, limits, progress))
}

fn search_at(
    model: &Model,
    question: &Question<'_>,
    limits: &Limits<'_>,
    progress: &mut dyn FnMut(Progress),
) -> Outcome {
    with_prepared(model, question, |prepared| match search::search(prepared, limits, progress) {
        Ok(outcome) => outcome,
        Err(Bar::Cycle) => reference::search(prepared, limits, progress),
        Err(Bar::Infinite(what)) => {
            let reason = format!("`{what}` has infinitely many values");
            Outcome::NotFinite { reason }
        }
        Err(Bar::Overflow) => {
            let reason = "numbers beyond 64 bits may arise, or too many cases".to_owned();
            Outcome::NotFinite { reason }
        }
    })
}

/// Searches a model by the interpreter alone: slow, and the measure of the other.
pub fn search_by_reference(
    model: &Model,
    question: &Question<'_>,
    limits: &Limits<'_>,
    progress: &mut dyn FnMut(Progress),
) -> Outcome {
    with_prepared(model, question, |prepared| reference::search(prepared, limits, progress))
}

/// A question made ready.
pub struct Prepared<'m> {
    /// The interpreter, under the assumptions in force.
    pub interpreter: &'m Interpreter<'m>,
    /// The parameters.
    pub params: &'m [Value],
    /// The property whose violation is sought.
    pub monitor: Option<Monitor>,
    /// The kinds of defect sought.
    pub defects: Vec<DefectKind>,
}

fn with_prepared(
    model: &Model,
    question: &Question<'_>,
    run: impl FnOnce(&Prepared<'_>) -> Outcome,
) -> Outcome {
    let mut params = Vec::with_capacity(model.params.len());
    for param in &model.params {
        let Some(value) = &param.value else {
            return Outcome::NotFinite { reason: format!("`{}` has no value", param.name) };
        };
        params.push(value.clone());
    }
    let (property, assumes, defects) = match question {
        Question::Claim(claim) => {
            (Some(refuted_by(&claim.property)), claim.assumes.as_slice(), Vec::new())
        }
        Question::Reach(expr) => (Some(never(expr)), &[][..], Vec::new()),
        Question::Defects => (None, &[][..], DefectKind::ALL.to_vec()),
        Question::Defect(kind) => (None, &[][..], vec![*kind]),
    };
    let monitor = match property.map(|property| watched(model, &property)).transpose() {
        Ok(monitor) => monitor,
        Err(fragment) => return Outcome::Unsupported { fragment },
    };
    let interpreter = Interpreter::assuming(model, assumes);
    run(&Prepared { interpreter: &interpreter, params: &params, monitor, defects })
}

/// Whether the parameters fit their types and conditions.
fn params_hold(prepared: &Prepared<'_>) -> bool {
    parameters_hold(prepared.interpreter, prepared.params)
}

/// Whether parameters fit their types and conditions.
pub fn parameters_hold(interpreter: &Interpreter<'_>, params: &[Value]) -> bool {
    let reading = interpreter.reading(params, &[]);
    interpreter.model.params.iter().zip(params).all(|(param, value)| {
        let met = |condition| reading.holds(condition, &mut Scope::default()) == Ok(true);
        super::value::fits(interpreter.model, param.ty, value)
            && param.condition.as_ref().is_none_or(met)
    })
}

fn watched(model: &Model, property: &Expr) -> Result<Monitor, &'static str> {
    let monitor = Monitor::new(model, property).map_err(|unsupported| unsupported.fragment)?;
    if monitor.is_safety() {
        return Ok(monitor);
    }
    Err(match property.kind.as_ref() {
        ExprKind::Property(property) => fragment(property),
        _ => "temporal",
    })
}
