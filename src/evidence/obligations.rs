//! What has to be shown for a proof to hold, one satisfiability question after another.
//!
//! An inductive invariant needs initiation, consecution and the exclusion of
//! bad states (Floyd 1967); a k-induction its base and its step (Sheeran, Singh
//! and Stålmarck 2000). This is the only place that says so: a solver that
//! decides ([`crate::solver::z3`]) and one that writes scripts for others
//! ([`crate::solver::smtlib`]) are led through the same questions. Every one of
//! them must come out unsatisfiable.

use crate::engine::unroll::Unrolling;
use crate::engine::ways::Ways;
use crate::engine::{Invariant, Proof};
use crate::solver::{Answer, Literal, Solver};
use crate::system::Problem;

/// Gives a fresh solver for an obligation of this name.
pub type Fresh<'a, S> = &'a mut dyn FnMut(&'static str) -> S;

/// Leads fresh solvers through the obligations of a proof; `None` if it has none that a solver
/// could decide.
///
/// # Errors
/// The first answer that is not `unsat`.
pub fn show<S: Solver>(
    problem: &Problem,
    proof: &Proof,
    fresh: Fresh<'_, S>,
) -> Option<Result<(), Answer>> {
    match proof {
        Proof::Invariant(invariant) => Some(inductive(problem, invariant, fresh)),
        &Proof::Induction { k, simple_path } => Some(k_inductive(problem, k, simple_path, fresh)),
        Proof::Strengthened { lemmas, k, simple_path } => {
            Some(strengthened(problem, lemmas, *k, *simple_path, fresh))
        }
        &Proof::Exhausted { depth } => Some(exhausted(problem, depth, fresh)),
        Proof::Reduced(reduced) => show(&reduced.problem, &reduced.proof, fresh),
        Proof::Ways(ways) => led_on(problem, ways, fresh),
        Proof::Enumerated { .. } | Proof::Interpretation(_) | Proof::Ranking(_) => None,
    }
}

fn unsat(answer: Answer) -> Result<(), Answer> {
    if answer == Answer::Unsat { Ok(()) } else { Err(answer) }
}

/// No bad state within `k` periods of the start, and none after `k` good ones.
fn k_inductive<S: Solver>(
    problem: &Problem,
    k: u32,
    simple: bool,
    fresh: Fresh<'_, S>,
) -> Result<(), Answer> {
    if k > 0 {
        good_for(problem, fresh("base"), k)?;
    }
    step_case(problem, fresh("step"), k, simple)
}

/// The lemmas are inductive, and among the states that satisfy them so is the property, by `k`.
fn strengthened<S: Solver>(
    problem: &Problem,
    lemmas: &Invariant,
    k: u32,
    simple: bool,
    fresh: Fresh<'_, S>,
) -> Result<(), Answer> {
    let mut lemmas = lemmas.clone();
    // Their pool has to know this term too, since `inductive` puts it in place of the problem's.
    let kept = Problem { bad: lemmas.pool.bottom(), ..problem.clone() };
    inductive(&kept, &lemmas, fresh)?;
    let mut problem = problem.clone();
    problem.system.pool = lemmas.pool.clone();
    problem.system.lemmas.extend(&lemmas.clauses);
    k_inductive(&problem, k, simple, fresh)
}

/// Every way leads on, and no run leads outside them; `problem` asks for what stays possible.
fn led_on<S: Solver>(
    problem: &Problem,
    ways: &Ways,
    fresh: Fresh<'_, S>,
) -> Option<Result<(), Answer>> {
    for n in 0..ways.ways.len() {
        let (pool, failure) = ways.failure(problem, n)?;
        let mut solver = fresh("way");
        for term in problem.system.lemmas.iter().chain(&failure) {
            solver.assert(&pool, *term, 0);
        }
        if let answered @ Err(_) = unsat(solver.check(&pool, &[])) {
            return Some(answered);
        }
    }
    show(&ways.outside(problem), &ways.proof, fresh)
}

/// No bad state up to period `depth`, and no run that goes further.
fn exhausted<S: Solver>(problem: &Problem, depth: u32, fresh: Fresh<'_, S>) -> Result<(), Answer> {
    good_for(problem, fresh("base"), depth + 1)?;
    no_run_of(problem, fresh("end"), depth)
}

/// Init implies the invariant, steps keep it, and it excludes bad states.
fn inductive<S: Solver>(
    problem: &Problem,
    invariant: &Invariant,
    fresh: Fresh<'_, S>,
) -> Result<(), Answer> {
    let mut problem = problem.clone();
    problem.system.pool = invariant.pool.clone();
    let holds = problem.system.pool.and(invariant.clauses.iter().copied());
    let pool = &problem.system.pool;
    let broken = |at| [Literal { term: holds, at, positive: false }];
    let mut first = Unrolling::new(&problem, fresh("initiation"), true);
    unsat(first.solver.check(pool, &broken(0)))?;
    let mut step = Unrolling::new(&problem, fresh("consecution"), false);
    step.solver.assert(pool, holds, 0);
    unsat(step.check_bad())?;
    step.extend();
    unsat(step.solver.check(pool, &broken(1)))
}

/// No bad state in periods `0..k`.
fn good_for<S: Solver>(problem: &Problem, solver: S, k: u32) -> Result<(), Answer> {
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
fn step_case<S: Solver>(problem: &Problem, solver: S, k: u32, simple: bool) -> Result<(), Answer> {
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
fn no_run_of<S: Solver>(problem: &Problem, solver: S, depth: u32) -> Result<(), Answer> {
    let mut unrolling = Unrolling::new(problem, solver, true);
    for period in 0..depth {
        unrolling.assert_good(period);
        unrolling.extend();
    }
    unsat(unrolling.check_any())
}
