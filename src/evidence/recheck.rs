//! Proofs proved again.
//!
//! The [`obligations`](super::obligations) of a proof are put to a fresh solver
//! in another context, in the other encoding first (integers where the engine
//! used bits), so that neither the engine's solver nor its encoding has to be
//! believed.

use std::time::{Duration, Instant};

use super::obligations::show;
use super::spoiling;
use super::worlds::{self, Facts, Fault};
use crate::engine::lanes::CHECKING;
use crate::engine::ranking::{self, Ranking};
use crate::engine::{Budget, Proof};
use crate::solver::Answer;
use crate::solver::context::interruptible;
use crate::solver::z3::{Encoding, Z3};
use crate::system::Problem;
use crate::system::liveness::Live;

/// How long the first encoding may take before the second is used; five times as long for bits.
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
    if let Proof::Reduced(reduced) = proof {
        return recheck(&reduced.problem, &reduced.proof, budget);
    }
    let encodings: &[Encoding] = match (problem.system.is_finite(&[problem.bad]), proof) {
        (false, _) => &[Encoding::Words],
        // No engine that finds invariants works in Z3's bit-vectors: they are the other encoding,
        // and the faster one.
        (true, Proof::Invariant(_)) => &[Encoding::Bits, Encoding::Words],
        (true, _) => &[Encoding::Words, Encoding::Bits],
    };
    let mut last = Check::NotApplicable;
    for (n, encoding) in encodings.iter().enumerate() {
        let more = n + 1 < encodings.len();
        let patience = if *encoding == Encoding::Words { PATIENCE } else { 5 * PATIENCE };
        let patience = more.then(|| Instant::now() + patience);
        let deadline = [budget.deadline, patience].into_iter().flatten().min();
        last = in_fresh_context(problem, proof, *encoding, Budget { deadline, ..budget });
        if !matches!(last, Check::Open(_)) {
            return last;
        }
    }
    last
}

/// Goes through a ranking again, with a fresh solver for every step of it.
pub fn recheck_ranking(live: &Live, ranking: &Ranking, budget: Budget<'_>) -> Check {
    let mut last = Check::NotApplicable;
    for encoding in [Encoding::Words, Encoding::Bits] {
        if encoding == Encoding::Bits && !live.system.is_finite(&live.justice) {
            break;
        }
        let work = || {
            interruptible(budget.cancel, budget.deadline, || {
                let fresh = || Z3::new(encoding, false, budget.seed);
                let how = format!("a ranking in {} steps", ranking.length());
                conclude(ranking::check(live, ranking, &fresh), &how)
            })
        };
        let open = || Check::Open("no thread can be started".to_owned());
        last = CHECKING.run(work).unwrap_or_else(open);
        if !matches!(last, Check::Open(_)) {
            break;
        }
    }
    last
}

/// Goes through what is not known again, with fresh solvers.
pub fn recheck_worlds(facts: &Facts<'_>, budget: Budget<'_>) -> Check {
    let finite = facts.problem.system.is_finite(&[facts.problem.bad]);
    let encoding = if finite { Encoding::Bits } else { Encoding::Words };
    let fresh = || Z3::new(encoding, false, budget.seed);
    facts_again(budget, "worlds and steps", &|| worlds::show(facts, &mut |_| fresh()))
}

/// Goes through a table against a coalition again, with fresh solvers.
pub fn recheck_spoiling(facts: &spoiling::Facts<'_>, budget: Budget<'_>) -> Check {
    let encoding = if facts.stage.is_finite() { Encoding::Bits } else { Encoding::Words };
    let fresh = || Z3::new(encoding, false, budget.seed);
    facts_again(budget, "worlds, steps and moves", &|| spoiling::show(facts, &mut |_| fresh()))
}

/// Shows facts in the lane of checks; so many of what.
fn facts_again(
    budget: Budget<'_>,
    what: &str,
    show: &(dyn Fn() -> Result<usize, Fault> + Sync),
) -> Check {
    let work = || interruptible(budget.cancel, budget.deadline, show);
    let shown = CHECKING.run(work);
    if let Some(reason) = budget.exhausted() {
        return Check::Open(reason);
    }
    match shown {
        Some(Ok(count)) => Check::Holds(format!("{count} {what}")),
        Some(Err(Fault::Wrong(place))) => Check::Fails(place),
        Some(Err(Fault::Open(reason))) => Check::Open(reason),
        None => Check::Open("no thread can be started".to_owned()),
    }
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
    let mut fresh = |_: &'static str| Z3::new(encoding, false, seed);
    let encoded = match encoding {
        Encoding::Words => "integers",
        Encoding::Bits => "bit-vectors",
    };
    match show(problem, proof, &mut fresh) {
        Some(shown) => conclude(shown, &format!("{}, {encoded}", described(proof))),
        None => Check::NotApplicable,
    }
}

/// The obligations of a proof in a few words.
fn described(proof: &Proof) -> String {
    match proof {
        Proof::Invariant(_) => "initiation, consecution and exclusion".to_owned(),
        Proof::Induction { k, .. } => format!("base and step at k = {k}"),
        Proof::Strengthened { lemmas, k, .. } => {
            format!("{} lemmas, base and step at k = {k}", lemmas.clauses.len())
        }
        Proof::Exhausted { depth } => format!("no run past period {depth}"),
        Proof::Reduced(reduced) => described(&reduced.proof),
        Proof::Ways(ways) => {
            format!("{} ways, and outside them {}", ways.ways.len(), described(&ways.proof))
        }
        Proof::Enumerated { .. } | Proof::Interpretation(_) | Proof::Ranking(_) => String::new(),
    }
}

fn conclude(obligations: Result<(), Answer>, how: &str) -> Check {
    match obligations {
        Ok(()) => Check::Holds(how.to_owned()),
        Err(Answer::Unknown(reason)) => Check::Open(reason),
        Err(_) => Check::Fails(format!("an obligation of {how} has a counterexample")),
    }
}
