//! One engine alone on a reachability question, as a step of a larger argument.

use std::time::{Duration, Instant};

use crate::engine::{Budget, Outcome, Proof, bmc, horn, ic3, induction, ranges};
use crate::evidence::recheck::{Check, recheck};
use crate::solver::context::interruptible;
use crate::solver::z3::{Encoding, Z3};
use crate::system::Problem;

/// How long k-induction is tried before heavier engines, in infinite systems, and how deep.
const INDUCTION: (Duration, u32) = (Duration::from_secs(2), 6);

pub(super) fn encoding(finite: bool) -> Encoding {
    if finite { Encoding::Bits } else { Encoding::Words }
}

/// The best single prover of a reachability question: IC3 where bits suffice, else k-induction for a
/// while and then Spacer, whose invariants are believed only when they have been proved again.
pub(super) fn decide_alone(
    problem: &Problem,
    budget: Budget<'_>,
    progress: &mut dyn FnMut(u32),
) -> Outcome {
    if problem.system.is_finite(&[problem.bad]) {
        return ic3::run(problem, budget, progress);
    }
    if let Some(ranged) = ranges::infer(problem) {
        let found = ic3::run(&ranged.problem, budget, progress);
        let found = believed("ic3", problem, ranged.back(problem, found), budget);
        if found.is_decided() {
            return found;
        }
    }
    let solver = || Z3::new(Encoding::Words, true, budget.seed);
    let (time, depth) = INDUCTION;
    let soon = Instant::now() + time;
    let deadline = Some(budget.deadline.map_or(soon, |deadline| deadline.min(soon)));
    let quick = Budget { deadline, depth: Some(depth), ..budget };
    let found =
        interruptible(budget.cancel, deadline, || induction::run(problem, solver, quick, progress));
    if found.is_decided() {
        return found;
    }
    let found = interruptible(budget.cancel, budget.deadline, || {
        horn::run(problem, solver, false, budget, progress)
    });
    believed("horn", problem, found, budget)
}

/// An invariant that does not hold is thrown away, so that others may go on.
pub(super) fn believed(
    engine: &str,
    problem: &Problem,
    found: Outcome,
    budget: Budget<'_>,
) -> Outcome {
    let Outcome::Unreachable(proof @ Proof::Invariant(_)) = &found else { return found };
    match recheck(problem, proof, budget) {
        Check::Fails(reason) => {
            Outcome::Unknown(format!("an invariant of `{engine}` was thrown away: {reason}"))
        }
        // Interrupted: others have decided, and this was not checked.
        Check::Open(reason) if budget.exhausted().is_some() => Outcome::Unknown(reason),
        _ => found,
    }
}

pub(super) fn look_ahead(
    problem: &Problem,
    budget: Budget<'_>,
    progress: &mut dyn FnMut(u32),
) -> Outcome {
    let encoding = encoding(problem.system.is_finite(&[problem.bad]));
    // A solver belongs to the context that its question runs in.
    interruptible(budget.cancel, budget.deadline, || {
        bmc::run(problem, Z3::new(encoding, true, budget.seed), budget, progress)
    })
}
