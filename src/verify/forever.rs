//! Symbolic engines for infinite runs, as contenders: is there one that meets all justice?
//!
//! A ranking, k-liveness and liveness to safety prove that there is none, and liveness to safety
//! finds one as a lasso. What they find is checked here, by solvers of its own; a lasso is replayed
//! by whoever knows what it is a run of.

use std::time::Instant;

use super::Options;
use super::alone::{decide_alone, encoding, look_ahead};
use super::decide::{Decision, certificate};
use crate::engine::liveness::{self, Reduction};
use crate::engine::portfolio::Contender;
use crate::engine::{Budget, Outcome, Proof, ranking};
use crate::evidence::recheck::{recheck, recheck_ranking};
use crate::evidence::scripts::{self, Obligation};
use crate::report::events::Events;
use crate::solver::context::interruptible;
use crate::solver::z3::Z3;
use crate::system::liveness::{Lasso, Live};
use crate::system::{Problem, Valuation};

/// A question about infinite runs to symbolic engines.
#[derive(Clone, Copy)]
pub(super) struct Forever<'a> {
    pub(super) live: &'a Live,
    pub(super) options: &'a Options,
    pub(super) events: &'a dyn Events,
    pub(super) deadline: Instant,
}

impl<'a> Forever<'a> {
    /// Whether bits suffice.
    pub(super) fn is_finite(self) -> bool {
        self.live.system.is_finite(&self.live.justice)
    }

    fn budget<'b>(self, cancel: &'b (dyn Fn() -> bool + Sync)) -> Budget<'b> {
        let deadline = Some(self.deadline);
        Budget { cancel, deadline, depth: None, seed: self.options.solver_seed() }
    }

    /// A measure that falls until justice is met no more.
    pub(super) fn ranking<Run: Send + 'a>(
        self,
        read: impl FnOnce(Valuation) -> Run + Send + 'a,
    ) -> Contender<'a, Run> {
        let run = move |cancel: &(dyn Fn() -> bool + Sync)| {
            let budget = self.budget(cancel);
            let solver = || Z3::new(encoding(self.is_finite()), true, budget.seed);
            interruptible(cancel, budget.deadline, || ranking::run(self.live, solver, budget))
                .map(read)
        };
        Contender { name: "ranking", run: Box::new(run) }
    }

    /// k-liveness.
    pub(super) fn counting<Run: Send + 'a>(
        self,
        read: impl FnOnce(Valuation) -> Run + Send + 'a,
    ) -> Contender<'a, Run> {
        let run = move |cancel: &(dyn Fn() -> bool + Sync)| {
            let mut progress = |k: u32| self.events.progress(&format!("k-liveness {k}"));
            let decide =
                |problem: &Problem, budget: Budget<'_>| decide_alone(problem, budget, &mut |_| {});
            liveness::count(self.live, self.budget(cancel), decide, &mut progress).map(read)
        };
        Contender { name: "k-liveness", run: Box::new(run) }
    }

    /// Liveness to safety; without `prove`, by looking ahead only.
    pub(super) fn looping<Run: Send + 'a>(
        self,
        lasso: &'a Lasso,
        prove: bool,
        read: impl FnOnce(Outcome) -> Outcome<Run> + Send + 'a,
    ) -> Contender<'a, Run> {
        let run = move |cancel: &(dyn Fn() -> bool + Sync)| {
            let budget = Budget { depth: self.options.depth, ..self.budget(cancel) };
            let mut progress = |k: u32| self.events.progress(&format!("lassos {k}"));
            let outcome = if prove {
                decide_alone(&lasso.problem, budget, &mut progress)
            } else {
                look_ahead(&lasso.problem, budget, &mut progress)
            };
            read(liveness::lasso(&lasso.problem, outcome))
        };
        Contender { name: "liveness-to-safety", run: Box::new(run) }
    }

    /// The decision that a proof amounts to, proved again.
    pub(super) fn rechecked(
        self,
        engine: &'static str,
        proof: &Proof,
        cancel: &(dyn Fn() -> bool + Sync),
    ) -> Decision {
        let deadline = Some(Instant::now() + self.options.timeout);
        let budget = Budget { cancel, deadline, depth: None, seed: 1 };
        let check = match proof {
            Proof::Ranking(ranking) => recheck_ranking(self.live, ranking, budget),
            Proof::Reduced(reduced) if !self.is_reduced(reduced) => {
                let reason = format!("the proof that `{engine}` found is of another question");
                return Decision::Failed { reason };
            }
            Proof::Reduced(reduced) if !self.covers(reduced) => {
                let reason = format!("`{engine}` excludes lassos only, and there are other runs");
                return Decision::Failed { reason };
            }
            proof => recheck(&self.live.lasso().problem, proof, budget),
        };
        certificate(engine, proof, check, self.scripts(proof))
    }

    /// The obligations of a proof as scripts, if they are wanted.
    fn scripts(self, proof: &Proof) -> Vec<Obligation> {
        match proof {
            _ if !self.options.certificates => Vec::new(),
            Proof::Ranking(ranking) => scripts::of_ranking(self.live, ranking),
            proof => scripts::of_proof(&self.live.lasso().problem, proof),
        }
    }

    /// Whether a reduced question is about all infinite runs: where there are infinitely many states, they need
    /// not end in loops.
    fn covers(self, reduced: &liveness::Reduced) -> bool {
        let ends = matches!(reduced.proof, Proof::Exhausted { .. });
        let finite = || match self.live.cone() {
            Some((cone, _)) => cone.system.is_finite(&cone.justice),
            None => self.is_finite(),
        };
        reduced.reduction != Reduction::Lasso || ends || finite()
    }

    /// Whether a reduced question is the one that the reduction makes of this.
    fn is_reduced(self, reduced: &liveness::Reduced) -> bool {
        let again = reduced.reduction.of(self.live);
        let parts = |problem: &Problem| {
            let system = &problem.system;
            let states: Vec<_> = system.states.iter().map(|s| (s.var, s.next)).collect();
            (states, system.init.clone(), system.step.clone(), problem.bad, problem.on_step)
        };
        parts(&again) == parts(&reduced.problem)
    }
}
