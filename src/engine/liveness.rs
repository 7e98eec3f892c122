//! Deciding whether an infinite run meets its justice, by way of reachability.
//!
//! The reductions are those of [`crate::system::liveness`]; whatever decides reachability decides
//! them. A proof is that of the reduced question, named together with the reduction.

use super::{Budget, Outcome, Proof};
use crate::system::Problem;
use crate::system::liveness::Live;

/// How a question about infinite runs became one about reachability.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reduction {
    /// Liveness to safety: no lasso, hence no infinite run, in a finite system (or one without
    /// long runs).
    Lasso,
    /// k-liveness: all justice is met no more often than this.
    Count(u32),
}

impl Reduction {
    /// What it makes of a question.
    pub fn of(self, live: &Live) -> Problem {
        match self {
            Reduction::Lasso => live.lasso().problem,
            Reduction::Count(bound) => live.counted(bound),
        }
    }
}

/// The proof of a reduced question.
#[derive(Clone, Debug)]
pub struct Reduced {
    /// How it was reduced.
    pub reduction: Reduction,
    /// To what.
    pub problem: Problem,
    /// Its proof.
    pub proof: Proof,
}

impl PartialEq for Reduced {
    /// Of the same question.
    fn eq(&self, other: &Self) -> bool {
        self.reduction == other.reduction && self.proof == other.proof
    }
}

impl Eq for Reduced {}

/// k-liveness for k = 0, 1, 3, 7, …: counts higher for as long as the count can be passed. Proves, and
/// never refutes.
pub fn count(
    live: &Live,
    budget: Budget<'_>,
    mut decide: impl FnMut(&Problem, Budget<'_>) -> Outcome,
    progress: &mut dyn FnMut(u32),
) -> Outcome {
    for bound in std::iter::successors(Some(0u32), |k| k.checked_mul(2)?.checked_add(1)) {
        progress(bound);
        if let Some(reason) = budget.exhausted() {
            return Outcome::Unknown(reason);
        }
        let problem = live.counted(bound);
        match decide(&problem, budget) {
            Outcome::Reached(_) => {}
            Outcome::Unreachable(proof) => return reduced(Reduction::Count(bound), problem, proof),
            Outcome::Bounded(depth) => {
                return Outcome::Unknown(format!("nothing proved in {depth} periods"));
            }
            Outcome::Unknown(reason) => return Outcome::Unknown(reason),
        }
    }
    Outcome::Unknown("the count went too high".to_owned())
}

/// What the reachability of a lasso says of infinite runs.
pub fn lasso(problem: &Problem, outcome: Outcome) -> Outcome {
    match outcome {
        Outcome::Unreachable(proof @ Proof::Exhausted { .. }) => {
            reduced(Reduction::Lasso, problem.clone(), proof)
        }
        Outcome::Unreachable(proof) if problem.system.is_finite(&[problem.bad]) => {
            reduced(Reduction::Lasso, problem.clone(), proof)
        }
        Outcome::Unreachable(_) => Outcome::Unknown(
            "no run closes a loop, but the model has infinitely many states".to_owned(),
        ),
        other => other,
    }
}

fn reduced(reduction: Reduction, problem: Problem, proof: Proof) -> Outcome {
    Outcome::Unreachable(Proof::Reduced(Box::new(Reduced { reduction, problem, proof })))
}
