//! Claims about what posts know, decided by belief sets on finite models.
//!
//! `C knows p` quantifies over all runs that look alike to C. Where such knowledge is claimed, two
//! runs refute it; where it is denied, or nested, or where *p* may lapse, they do not, and the set of
//! all worlds that C may be in has to be followed along the run: the subset construction of
//! synchronous perfect recall (Fagin, Halpern, Moses and Vardi 1995; van der Meyden and Shilov,
//! *Model checking knowledge and time in systems with perfect recall*, 1999). `claim` writes the
//! claim out, `atlas` lays out states and steps with what is seen of them, `worlds` keeps the
//! belief sets, `product` and `endless` search the runs. Knowledge rests on all beginnings of
//! runs, fair or not; fairness is asked of the run that the claim speaks of.

pub mod atlas;
pub mod claim;
pub mod contexts;
mod endless;
pub mod observer;
mod product;
pub mod worlds;

use super::cases;
use super::{Limits, Outcome, Prepared, Progress};
use crate::interp::progress::Monitor;
use crate::interp::progress::ground::Unsupported;
use crate::interp::progress::tableau::{Sought, Wish};
use crate::interp::replay::refuted_by;
use crate::interp::stays;
use crate::interp::step::Interpreter;
use crate::types::core::{Claim, Model, Value};
use crate::types::trace::Trace;

use self::atlas::{Stop, chart};
use self::claim::{Epistemic, written_out};
use self::contexts::worlds;
use self::endless::{Asked, endless};
use self::product::Search;

pub use self::claim::{About, Post};
pub use self::product::Testimony;

/// The answer.
#[derive(Clone, Debug)]
pub enum Answer {
    /// No run refutes the claim; of one that says `possible`, no run reaches it.
    Proved(Visited),
    /// A run refutes the claim, or reaches what is said to be possible.
    Refuted(Box<Evidence>),
    /// Not decided, for this reason.
    Unknown(String),
    /// It was cancelled or its time ran out.
    Cancelled,
}

/// What a search looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Visited {
    /// States.
    pub states: usize,
    /// States with belief sets.
    pub nodes: usize,
    /// The longest of the shortest runs to them.
    pub depth: usize,
    /// The size of the largest belief set.
    pub largest: usize,
}

/// A run, and what the judges know at its end (of a lasso: at the last period of its first round).
#[derive(Clone, Debug)]
pub struct Evidence {
    /// The run.
    pub run: Trace,
    /// What each judge that the claim speaks of knows there, and what not.
    pub testimonies: Vec<Testimony>,
}

/// Decides a claim, for all values of parameters that have none.
pub fn decide(
    model: &Model,
    claim: &Claim,
    limits: &Limits<'_>,
    progress: &mut dyn FnMut(Progress),
) -> Answer {
    let mut last = Answer::Cancelled;
    let mut all = Visited::default();
    let outcome = cases::for_all(model, limits, |model| {
        last = decide_at(model, claim, limits, progress);
        match &last {
            Answer::Proved(visited) => {
                all.add(*visited);
                Outcome::Holds { states: visited.nodes, depth: visited.depth }
            }
            _ => Outcome::Cancelled,
        }
    });
    match outcome {
        Outcome::Holds { .. } => Answer::Proved(all),
        Outcome::NotFinite { reason } | Outcome::TooLarge { reason } => Answer::Unknown(reason),
        _ if matches!(last, Answer::Proved(_)) => Answer::Cancelled,
        _ => last,
    }
}

impl Visited {
    fn add(&mut self, other: Visited) {
        self.states += other.states;
        self.nodes += other.nodes;
        self.depth = self.depth.max(other.depth);
        self.largest = self.largest.max(other.largest);
    }
}

fn decide_at(
    model: &Model,
    claim: &Claim,
    limits: &Limits<'_>,
    progress: &mut dyn FnMut(Progress),
) -> Answer {
    let values: Option<Vec<Value>> = model.params.iter().map(|p| p.value.clone()).collect();
    let Some(params) = values else {
        return Answer::Unknown("a parameter has no value".to_owned());
    };
    let interpreter = Interpreter::assuming(model, &claim.assumes);
    let prepared =
        Prepared { interpreter: &interpreter, params: &params, monitor: None, defects: Vec::new() };
    if !super::params_hold(&prepared) {
        return Answer::Proved(Visited::default());
    }
    let question = written_out(&interpreter, &params, &refuted_by(&claim.property))
        .and_then(|written| Question::new(model, written));
    let question = match question {
        Ok(question) => question,
        Err(unsupported) => {
            let reason = format!("belief sets do not decide this: {}", unsupported.fragment);
            return Answer::Unknown(reason);
        }
    };
    match searched(&prepared, question, limits, progress) {
        Ok(answer) => answer,
        Err(Stop::Because(reason)) => Answer::Unknown(reason),
        Err(Stop::Over) => Answer::Cancelled,
    }
}

/// What is to be searched for.
enum Kind {
    Violation(Monitor),
    Endless(Sought, Asked),
}

struct Question {
    written: Epistemic,
    kind: Kind,
}

impl Question {
    fn new(model: &Model, written: Epistemic) -> Result<Question, Unsupported> {
        let kind = if let Some(targets) = stays::targets(model, &written.property) {
            Kind::Endless(Sought::marking(model, &targets)?, Asked::Trap(targets.len()))
        } else {
            let monitor = Monitor::new(model, &written.property)?;
            if monitor.is_safety() {
                Kind::Violation(monitor)
            } else {
                let sought = Sought::new(model, Wish::Violates(&written.property))?;
                Kind::Endless(sought, Asked::Lasso)
            }
        };
        Ok(Question { written, kind })
    }
}

fn searched(
    prepared: &Prepared<'_>,
    question: Question,
    limits: &Limits<'_>,
    progress: &mut dyn FnMut(Progress),
) -> Result<Answer, Stop> {
    let monitor = match &question.kind {
        Kind::Violation(monitor) => monitor.clone(),
        Kind::Endless(sought, _) => sought.monitor.clone(),
    };
    let model = prepared.interpreter.model;
    let contexts = worlds(model, &question.written, monitor, limits);
    let (worlds, watching, pieces) =
        contexts.map_err(|unsupported| Stop::because(unsupported.fragment))?;
    let known = question.written.known;
    chart(prepared, &watching, limits, |atlas| {
        let mut search = Search { atlas, worlds, pieces, known };
        let (nodes, found, monitor) = match question.kind {
            Kind::Violation(monitor) => {
                let (nodes, found) = search.violation(&monitor, limits, progress)?;
                (nodes, found, Some(monitor))
            }
            Kind::Endless(sought, asked) => {
                let (nodes, found) = endless(&mut search, sought, &asked, limits, progress)?;
                (nodes, found, None)
            }
        };
        let Some(found) = found else { return Ok(Answer::Proved(search.visited(&nodes))) };
        let run = search.run(&nodes, &found)?;
        let pieces = match monitor {
            Some(monitor) => search.decisive(&monitor, &nodes, &found)?,
            None => search.pieces.clone(),
        };
        let testimonies = search.testimonies(&nodes, &found, &pieces)?;
        Ok(Answer::Refuted(Box::new(Evidence { run, testimonies })))
    })
}
