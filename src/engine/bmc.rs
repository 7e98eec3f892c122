//! Bounded model checking (Biere, Cimatti, Clarke and Zhu 1999).
//!
//! Looks for a bad state 0, 1, 2, … periods from the start, so that the first
//! run found is a shortest one. It proves nothing, except where no run goes on.

use super::unroll::Unrolling;
use super::{Budget, Outcome, Proof};
use crate::solver::{Answer, Solver};
use crate::system::Problem;

/// Searches for a shortest run to a bad state.
pub fn run<S: Solver>(
    problem: &Problem,
    solver: S,
    budget: Budget<'_>,
    progress: &mut dyn FnMut(u32),
) -> Outcome {
    let mut unrolling = Unrolling::new(problem, solver, true);
    loop {
        let depth = unrolling.depth();
        progress(depth);
        if let Some(reason) = budget.exhausted() {
            return stopped(depth, reason);
        }
        match unrolling.check_bad() {
            Answer::Sat => return Outcome::Reached(unrolling.run()),
            Answer::Unknown(reason) => {
                return stopped(depth, budget.exhausted().unwrap_or(reason));
            }
            Answer::Unsat if unrolling.solver.core().is_empty() => {
                return Outcome::Unreachable(Proof::Exhausted { depth });
            }
            Answer::Unsat if budget.depth.is_some_and(|limit| depth >= limit) => {
                return Outcome::Bounded(depth);
            }
            Answer::Unsat => {
                unrolling.assert_good(depth);
                unrolling.extend();
            }
        }
    }
}

/// What is known when the search stops before period `depth` was decided.
pub(super) fn stopped(depth: u32, reason: String) -> Outcome {
    match depth.checked_sub(1) {
        Some(decided) => Outcome::Unknown(format!("{reason}; no violation in {decided} periods")),
        None => Outcome::Unknown(reason),
    }
}
