//! Proofs proved again.
//!
//! The obligations of an inductive invariant (initiation, consecution,
//! exclusion of bad states) or of a k-induction are put to a fresh solver in a fresh context, in the other encoding first (integers where the engine used bits),
//! so that neither the engine's solver nor its encoding has to be believed.

use std::time::{Duration, Instant};

use crate::engine::lanes::CHECKING;
use crate::engine::unroll::Unrolling;
use crate::engine::{Budget, Invariant, Proof};
use crate::solver::z3::{Encoding, Z3, interruptible};
use crate::solver::{Answer, Literal, Solver};
use crate::system::Problem;

/// How long the other encoding may take before the engine's own is used.
const PATIENCE: Duration = Duration::from_secs(2);

/// What came of checking a proof.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Check {
    /// Proved again, and how.
    Holds(String),
    /// Not proved again: the proof is not to be believed.
    Fails(String),
    /// Not decided in time.
    Open(String),
    /// There is nothing a solver could check.
    NotApplicable,
}

/// Proves a proof again.
pub fn recheck(problem: &Problem, proof: &Proof, budget: Budget<'_>) -> Check {
    let encodings: &[Encoding] = if problem.system.is_finite(&[problem.bad]) {
        &[Encoding::Words, Encoding::Bits]
    } else {
        &[Encoding::Words]
    };
    let mut last = Check::NotApplicable;
    for (n, encoding) in encodings.iter().enumerate() {
        let more = n + 1 < encodings.len();
        let patience = more.then(|| Instant::now() + PATIENCE);
        let deadline = [budget.deadline, patience].into_iter().flatten().min();
        last = in_fresh_context(problem, proof, *encoding, Budget { deadline, ..budget });
        if !matches!(last, Check::Open(_)) {
            return last;
        }
    }
    last
}

/// The lane of checks has a Z3 context of its own.
fn in_fresh_context(
    problem: &Problem,
    proof: &Proof,
    encoding: Encoding,
    budget: Budget<'_>,
) -> Check {
    let work = || {
        interruptible(budget.cancel, budget.deadline, || {
            obligations(problem, proof, encoding, budget.seed)
        })
    };
    let check = CHECKING.run(work);
    match budget.exhausted() {
        // Z3 drops assertions when it is interrupted; what it says then is worth nothing.
        Some(reason) => Check::Open(reason),
        None => check.unwrap_or_else(|| Check::Open("no thread can be started".to_owned())),
    }
}

fn obligations(problem: &Problem, proof: &Proof, encoding: Encoding, seed: u32) -> Check {
    let fresh = || Z3::new(encoding, false, seed);
    let encoded = match encoding {
        Encoding::Words => "integers",
        Encoding::Bits => "bit-vectors",
    };
    match proof {
        Proof::Invariant(invariant) => conclude(
            inductive(problem, invariant, fresh),
            &format!("initiation, consecution and exclusion, {encoded}"),
        ),
        &Proof::Induction { k, simple_path } => {
            let obligations = k_inductive(problem, k, simple_path, fresh);
            conclude(obligations, &format!("base and step at k = {k}, {encoded}"))
        }
        Proof::Strengthened { lemmas, k, simple_path } => {
            let (k, count) = (*k, lemmas.clauses.len());
            let how = format!("{count} lemmas, base and step at k = {k}, {encoded}");
            conclude(strengthened(problem, lemmas, k, *simple_path, fresh), &how)
        }
        &Proof::Exhausted { depth } => {
            let base = good_for(problem, fresh(), depth + 1);
            let end = || no_run_of(problem, fresh(), depth);
            conclude(base.and_then(|()| end()), &format!("no run past period {depth}, {encoded}"))
        }
        Proof::Enumerated { .. } | Proof::Interpretation(_) => Check::NotApplicable,
    }
}

fn conclude(obligations: Result<(), Answer>, how: &str) -> Check {
    match obligations {
        Ok(()) => Check::Holds(how.to_owned()),
        Err(Answer::Unknown(reason)) => Check::Open(reason),
        Err(_) => Check::Fails(format!("an obligation of {how} has a counterexample")),
    }
}

fn unsat(answer: Answer) -> Result<(), Answer> {
    if answer == Answer::Unsat { Ok(()) } else { Err(answer) }
}

/// No bad state within `k` periods of the start, and none after `k` good ones.
fn k_inductive(
    problem: &Problem,
    k: u32,
    simple: bool,
    fresh: impl Fn() -> Z3,
) -> Result<(), Answer> {
    good_for(problem, fresh(), k)?;
    step_case(problem, fresh(), k, simple)
}

/// The lemmas are inductive, and among the states that satisfy them so is the property, by `k`.
fn strengthened(
    problem: &Problem,
    lemmas: &Invariant,
    k: u32,
    simple: bool,
    fresh: impl Fn() -> Z3,
) -> Result<(), Answer> {
    let mut lemmas = lemmas.clone();
    let kept = Problem { bad: lemmas.pool.bottom(), ..problem.clone() };
    inductive(&kept, &lemmas, &fresh)?;
    let mut problem = problem.clone();
    problem.system.pool = lemmas.pool.clone();
    problem.system.lemmas.extend(&lemmas.clauses);
    k_inductive(&problem, k, simple, fresh)
}

/// Init implies the invariant, steps keep it, and it excludes bad states.
fn inductive(
    problem: &Problem,
    invariant: &Invariant,
    fresh: impl Fn() -> Z3,
) -> Result<(), Answer> {
    let mut problem = problem.clone();
    problem.system.pool = invariant.pool.clone();
    let holds = problem.system.pool.and(invariant.clauses.iter().copied());
    let pool = &problem.system.pool;
    let broken = |at| [Literal { term: holds, at, positive: false }];
    let mut first = Unrolling::new(&problem, fresh(), true);
    unsat(first.solver.check(pool, &broken(0)))?;
    let mut step = Unrolling::new(&problem, fresh(), false);
    step.solver.assert(pool, holds, 0);
    unsat(step.check_bad())?;
    step.extend();
    unsat(step.solver.check(pool, &broken(1)))
}

/// No bad state in periods `0..k`.
fn good_for(problem: &Problem, solver: Z3, k: u32) -> Result<(), Answer> {
    let mut unrolling = Unrolling::new(problem, solver, true);
    for period in 0..k {
        unsat(unrolling.check_bad())?;
        if period + 1 < k {
            unrolling.extend();
        }
    }
    Ok(())
}

/// No bad state after `k` good ones.
fn step_case(problem: &Problem, solver: Z3, k: u32, simple: bool) -> Result<(), Answer> {
    let mut unrolling = Unrolling::new(problem, solver, false);
    for period in 0..k {
        unrolling.assert_good(period);
        unrolling.extend();
        if simple {
            unrolling.assert_new_state(period + 1);
        }
    }
    unsat(unrolling.check_bad())
}

/// No run has a step in period `depth`.
fn no_run_of(problem: &Problem, solver: Z3, depth: u32) -> Result<(), Answer> {
    let mut unrolling = Unrolling::new(problem, solver, true);
    for period in 0..depth {
        unrolling.assert_good(period);
        unrolling.extend();
    }
    unsat(unrolling.check_any())
}
