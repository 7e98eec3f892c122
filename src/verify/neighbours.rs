//! What the cells of a sweep share: evidence found at one of them is tried at the others.
//!
//! The choices of a run that refuted a claim are made again at this cell's parameters, and what comes of it is
//! replayed like any other run; an invariant is written in this cell's variables, and proved again by a
//! fresh solver. So nothing is taken over: each cell's verdict rests on evidence that was checked at this cell,
//! and a wrong guess of what is alike costs time alone.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::decide::{Decision, Inquiry, certificate};
use crate::engine::lanes::RACING;
use crate::engine::portfolio::{Contender, Finish};
use crate::engine::{Budget, Invariant, Outcome, Proof};
use crate::evidence::recheck::{Check, recheck};
use crate::interp::again::again;
use crate::interp::replay::{Goal, Replayed, replay};
use crate::system::Problem;
use crate::types::core::{Assume, Model};
use crate::types::trace::Trace;

/// The engine's name where a neighbour's evidence was used.
pub(super) const ENGINE: &str = "neighbour";
/// How much evidence is kept for each question.
const KEPT: usize = 6;
/// How many states a search may visit before symbolic engines have their turn.
pub(super) const FEW: usize = 20_000;
/// How long such a search may take where others are ready to begin: few states can have very many steps.
pub(super) const BRIEFLY: Duration = Duration::from_millis(50);
/// How long the first symbolic engine goes on alone.
const ALONE: Duration = Duration::from_secs(5);

/// Evidence of cells that were decided.
#[derive(Debug, Default)]
pub struct Neighbours {
    kept: Mutex<BTreeMap<String, Kept>>,
}

/// What is known of one question, the latest first.
#[derive(Clone, Debug, Default)]
struct Kept {
    runs: Vec<Arc<Trace>>,
    proofs: Vec<Arc<Proof>>,
}

impl Neighbours {
    fn with<T>(&self, key: &str, use_it: impl FnOnce(&mut Kept) -> T) -> T {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        use_it(kept.entry(key.to_owned()).or_default())
    }

    /// A run of another cell whose choices show at these parameters what they are to show.
    ///
    /// A replay without a goal shows nothing but a run, which is not what was asked.
    pub(super) fn shown(
        &self,
        model: &Model,
        goal: Goal<'_>,
        assumes: &[Assume],
    ) -> Option<Replayed> {
        if matches!(goal, Goal::Run) {
            return None;
        }
        let key = key(model, goal);
        let runs = self.with(&key, |kept| kept.runs.clone());
        let fits = |run: &Arc<Trace>| replay(model, goal, &again(model, assumes, run)?).ok();
        let (run, found) = runs.iter().find_map(|run| Some((run, fits(run)?)))?;
        self.with(&key, |kept| first(&mut kept.runs, run));
        Some(found)
    }

    /// Keeps a run that was replayed.
    pub(super) fn keep_run(&self, model: &Model, goal: Goal<'_>, run: &Trace) {
        let run = Arc::new(run.clone());
        self.with(&key(model, goal), |kept| first(&mut kept.runs, &run));
    }

    fn keep_proof(&self, model: &Model, goal: Goal<'_>, proof: &Proof) {
        let proof = Arc::new(proof.clone());
        self.with(&key(model, goal), |kept| first(&mut kept.proofs, &proof));
    }
}

/// Puts one in front, and lets the last of too many go.
fn first<T: PartialEq>(all: &mut Vec<Arc<T>>, one: &Arc<T>) {
    all.retain(|other| !Arc::ptr_eq(other, one) && other != one);
    all.insert(0, Arc::clone(one));
    all.truncate(KEPT);
}

/// What questions of different cells have in common. It is only a guess of what may help.
fn key(model: &Model, goal: Goal<'_>) -> String {
    let about = match goal {
        Goal::Claim(claim) => format!("claim {}", claim.name),
        Goal::Reach(_) => "reach".to_owned(),
        Goal::Defect(kind) => kind.id().to_owned(),
        Goal::Run => "run".to_owned(),
    };
    format!("{} {} {about}", model.name, model.cells.len())
}

impl Inquiry<'_> {
    fn neighbours(&self) -> Option<&Neighbours> {
        self.options.neighbours.as_deref().filter(|_| self.options.engine.is_none())
    }

    /// Whether engines take turns, since other cells are decided beside this one.
    pub(super) fn takes_turns(&self) -> bool {
        self.options.depth.is_none() && self.neighbours().is_some()
    }

    fn assumes(&self) -> &[Assume] {
        match self.goal {
            Goal::Claim(claim) => &claim.assumes,
            _ => &[],
        }
    }

    /// The decision by a run of a neighbour.
    pub(super) fn shown_by_neighbours(&self) -> Option<Decision> {
        // A replay that reaches something does not know under which hypotheses; a search does neither.
        if matches!(self.goal, Goal::Reach(_)) && self.explicit.is_none() {
            return None;
        }
        let run = self.neighbours()?.shown(self.prepared.model, self.goal, self.assumes())?;
        Some(Decision::Reached { engine: ENGINE, run: Box::new(run) })
    }

    /// The decision by a proof of a neighbour.
    pub(super) fn proved_by_neighbours(&self) -> Option<Decision> {
        let key = key(self.prepared.model, self.goal);
        let neighbours = self.neighbours()?;
        let proofs = neighbours.with(&key, |kept| kept.proofs.clone());
        proofs.iter().find_map(|proof| {
            let adopted = adopted(self.problem, proof)?;
            let deadline = Some(Instant::now() + self.options.timeout);
            let budget = Budget { cancel: self.cancel, deadline, depth: None, seed: 1 };
            let check = recheck(self.problem, &adopted, budget);
            matches!(check, Check::Holds(_)).then(|| {
                neighbours.with(&key, |kept| first(&mut kept.proofs, proof));
                certificate(ENGINE, &adopted, check, Vec::new())
            })
        })
    }

    /// Keeps evidence that was checked, for other cells.
    pub(super) fn remember(&self, decision: &Decision, proof: Option<&Proof>) {
        let Some(neighbours) = self.neighbours() else { return };
        match (decision, proof) {
            (Decision::Reached { run, .. }, _) => {
                neighbours.keep_run(self.prepared.model, self.goal, &run.trace);
            }
            (Decision::Unreachable { certificate, .. }, Some(proof)) if certificate.checked => {
                neighbours.keep_proof(self.prepared.model, self.goal, proof);
            }
            _ => {}
        }
    }
}

/// A proof of another question, in the words of this one.
pub(super) fn adopted(problem: &Problem, proof: &Proof) -> Option<Proof> {
    let rewritten = |invariant: &Invariant| {
        let mut pool = problem.system.pool.clone();
        let clauses = invariant.clauses.iter().map(|clause| pool.adopt(&invariant.pool, *clause));
        let clauses = clauses.collect::<Option<Vec<_>>>()?;
        Some(Invariant { pool, clauses })
    };
    match proof {
        Proof::Invariant(invariant) => rewritten(invariant).map(Proof::Invariant),
        Proof::Strengthened { lemmas, k, simple_path } => {
            let lemmas = rewritten(lemmas)?;
            Some(Proof::Strengthened { lemmas, k: *k, simple_path: *simple_path })
        }
        Proof::Induction { .. } => Some(proof.clone()),
        _ => None,
    }
}

/// Runs a search in this thread; its answer, if it has one that counts. Of a proof it leaves nothing that
/// could be checked.
pub(super) fn search<Run>(
    search: Contender<'_, Run>,
    certified: bool,
    cancel: &(dyn Fn() -> bool + Sync),
) -> Option<Finish<Run>> {
    let outcome = (search.run)(cancel);
    let counts = match outcome {
        Outcome::Unreachable(_) => !certified,
        _ => outcome.is_decided(),
    };
    counts.then_some(Finish::Won(search.name, outcome))
}

/// Runs one symbolic engine for a while; its answer, if it has one.
pub(super) fn alone<Run: Send>(
    engine: Contender<'_, Run>,
    time: Duration,
    cancel: &(dyn Fn() -> bool + Sync),
) -> Option<Finish<Run>> {
    let until = Instant::now() + time.min(ALONE);
    let stop = || cancel() || Instant::now() >= until;
    let Contender { name, run } = engine;
    // In a lane, which keeps its Z3 context.
    let outcome: Outcome<Run> = RACING.run(|| run(&stop))?;
    outcome.is_decided().then_some(Finish::Won(name, outcome))
}
