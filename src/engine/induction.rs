//! k-induction with simple paths (Sheeran, Singh and Stålmarck 2000; Eén and
//! Sörensson 2003).
//!
//! If no run of fewer than k steps is bad, and no k good periods in a row are
//! followed by a bad one, then no run is bad. Where the latter fails only
//! because of runs that go in circles, it is enough to consider runs that visit
//! no state twice, since a shortest run to a bad state does not; with that
//! restriction every finite system is decided by some k.

use super::bmc::{needs_no_bad, reached, stopped};
use super::unroll::Unrolling;
use super::{Budget, Outcome, Proof};
use crate::solver::{Answer, Solver};
use crate::system::Problem;

/// From which k on the step case considers simple paths only.
const SIMPLE_FROM: u32 = 2;

/// Decides by k-induction, for k = 0, 1, 2, …; the base case finds shortest runs.
pub fn run<S: Solver>(
    problem: &Problem,
    solver: impl Fn() -> S,
    budget: Budget<'_>,
    progress: &mut dyn FnMut(u32),
) -> Outcome {
    let mut base = Unrolling::new(problem, solver(), true);
    let mut step = Some(Unrolling::new(problem, solver(), false));
    loop {
        let k = base.depth();
        progress(k);
        if let Some(reason) = budget.exhausted() {
            return stopped(k, reason);
        }
        // Step case: k good periods, then a bad one; its base case is decided already.
        match step.as_mut().map(Unrolling::check_bad) {
            Some(Answer::Unsat) => {
                let simple_path = k >= SIMPLE_FROM;
                return Outcome::Unreachable(Proof::Induction { k, simple_path });
            }
            // The step case has become too hard; the base case may still find a run.
            Some(Answer::Unknown(_)) => step = None,
            _ => {}
        }
        match base.check_bad() {
            Answer::Sat => return reached(&mut base, budget),
            Answer::Unknown(reason) => return stopped(k, budget.exhausted().unwrap_or(reason)),
            Answer::Unsat if needs_no_bad(&mut base, budget) => {
                return Outcome::Unreachable(Proof::Exhausted { depth: k });
            }
            Answer::Unsat if budget.depth.is_some_and(|limit| k >= limit) => {
                return Outcome::Bounded(k);
            }
            Answer::Unsat => advance(&mut base, step.as_mut()),
        }
    }
}

fn advance<S: Solver>(base: &mut Unrolling<'_, S>, step: Option<&mut Unrolling<'_, S>>) {
    base.assert_good(base.depth());
    base.extend();
    if let Some(step) = step {
        step.assert_good(step.depth());
        step.extend();
        if step.depth() == SIMPLE_FROM {
            (1..=SIMPLE_FROM).for_each(|at| step.assert_new_state(at));
        } else if step.depth() > SIMPLE_FROM {
            step.assert_new_state(step.depth());
        }
    }
}
