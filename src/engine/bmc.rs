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
            Answer::Sat => return reached(&mut unrolling, budget),
            Answer::Unknown(reason) => {
                return stopped(depth, budget.exhausted().unwrap_or(reason));
            }
            Answer::Unsat if needs_no_bad(&mut unrolling, budget) => {
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

/// The run just found. An interruption may come while it is read from the solver, and then what was
/// read is worth nothing.
pub(super) fn reached<S: Solver>(unrolling: &mut Unrolling<'_, S>, budget: Budget<'_>) -> Outcome {
    let depth = unrolling.depth();
    let run = unrolling.run();
    match budget.exhausted() {
        Some(reason) => stopped(depth, reason),
        None => Outcome::Reached(run),
    }
}

/// Whether the last answer says that no run is this long; never when it may have been disturbed.
pub(super) fn needs_no_bad<S: Solver>(
    unrolling: &mut Unrolling<'_, S>,
    budget: Budget<'_>,
) -> bool {
    unrolling.solver.core().is_empty() && budget.exhausted().is_none()
}

/// What is known when the search stops before period `depth` was decided.
pub(super) fn stopped(depth: u32, reason: String) -> Outcome {
    match depth.checked_sub(1) {
        Some(decided) => Outcome::Unknown(format!("{reason}; no violation in {decided} periods")),
        None => Outcome::Unknown(reason),
    }
}
