//! Engines: algorithms that decide whether a bad state can be reached.
//!
//! Each is one small file over the [`Solver`](crate::solver::Solver) trait and
//! answers with an [`Outcome`]; none knows what an institution is. What an
//! engine says is not yet a verdict: a run must be replayed by the interpreter,
//! a proof checked again by a fresh solver (see `evidence`).

pub mod bmc;
pub mod horn;
pub mod ic3;
pub mod induction;
pub mod lanes;
pub mod liveness;
pub mod mined;
pub mod portfolio;
pub mod ranges;
pub mod ranking;
pub mod unroll;
pub mod ways;

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use crate::system::Valuation;
use crate::term::{Pool, Term};

/// How an unreachability was shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Proof {
    /// k-induction (Sheeran, Singh and Stålmarck 2000): no bad state within `k` periods of the
    /// start, and none after `k` good ones in a row.
    Induction {
        /// How many.
        k: u32,
        /// Whether the runs of the step case visit no state twice.
        simple_path: bool,
    },
    /// No run is longer than this many periods, and none of them is bad.
    Exhausted {
        /// Periods.
        depth: u32,
    },
    /// A set of states that no run leaves and none of which is bad.
    Invariant(Invariant),
    /// Of a question about infinite runs: the proof of a reduced question.
    Reduced(Box<liveness::Reduced>),
    /// Of a question about infinite runs: a ranking.
    Ranking(ranking::Ranking),
    /// Of a question whether something stays possible: ways to it from all reachable states.
    Ways(Box<ways::Ways>),
    /// An invariant that need not exclude bad states, and k-induction among states that satisfy it.
    Strengthened {
        /// The invariant.
        lemmas: Invariant,
        /// As for k-induction.
        k: u32,
        /// As for k-induction.
        simple_path: bool,
    },
    /// Predicates that satisfy Horn clauses which no system stands for.
    Interpretation(Vec<horn::answer::Interpretation>),
    /// All reachable states were visited.
    Enumerated {
        /// How many.
        states: usize,
        /// How far the farthest is from a first one.
        depth: usize,
    },
}

/// An inductive invariant: a conjunction over state and rigid variables that holds in all first
/// states, is kept by every step, and excludes bad states.
#[derive(Clone)]
pub struct Invariant {
    /// Where its terms live: a clone of the problem's pool, possibly grown.
    pub pool: Pool,
    /// Its conjuncts; of states alone, hence without inputs.
    pub clauses: Vec<Term>,
}

impl std::fmt::Debug for Invariant {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Invariant of {} clauses", self.clauses.len())
    }
}

impl PartialEq for Invariant {
    /// Of the same problem; terms of different problems cannot be compared.
    fn eq(&self, other: &Self) -> bool {
        self.clauses == other.clauses
    }
}

impl Eq for Invariant {}

/// What an engine found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome<Run = Valuation> {
    /// A bad state can be reached by this run, shortest for the engines that search by length.
    Reached(Run),
    /// No bad state can be reached.
    Unreachable(Proof),
    /// None can be reached in this many periods; nothing is known beyond.
    Bounded(u32),
    /// Nothing was decided, and why.
    Unknown(String),
}

impl<Run> Outcome<Run> {
    /// The same outcome with another form of run.
    pub fn map<Other>(self, read: impl FnOnce(Run) -> Other) -> Outcome<Other> {
        match self {
            Outcome::Reached(run) => Outcome::Reached(read(run)),
            Outcome::Unreachable(proof) => Outcome::Unreachable(proof),
            Outcome::Bounded(depth) => Outcome::Bounded(depth),
            Outcome::Unknown(reason) => Outcome::Unknown(reason),
        }
    }

    /// Reached or unreachable.
    pub fn is_decided(&self) -> bool {
        matches!(self, Outcome::Reached(_) | Outcome::Unreachable(_))
    }
}

/// What an engine may spend.
#[derive(Clone, Copy)]
pub struct Budget<'a> {
    /// Set from outside to stop.
    pub cancel: &'a (dyn Fn() -> bool + Sync),
    /// When to stop.
    pub deadline: Option<Instant>,
    /// How many periods to look ahead at most.
    pub depth: Option<u32>,
    /// The solver's seed.
    pub seed: u32,
}

impl Budget<'_> {
    /// Why to stop now, if so.
    pub fn exhausted(&self) -> Option<String> {
        if (self.cancel)() {
            Some("interrupted".to_owned())
        } else if self.deadline.is_some_and(|deadline| Instant::now() >= deadline) {
            Some("timeout".to_owned())
        } else {
            None
        }
    }
}

/// A flag as a cancel condition.
pub fn flag(flag: &AtomicBool) -> impl Fn() -> bool + Sync + '_ {
    || flag.load(Ordering::Acquire)
}
