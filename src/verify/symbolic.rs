//! Symbolic engines as contenders: which ones are worth running on a problem, and how.

use std::time::Instant;

use super::{EngineName, Options};
use crate::engine::portfolio::Contender;
use crate::engine::{Budget, Outcome, Proof, bmc, horn, induction, mined};
use crate::evidence::recheck::{Check, recheck};
use crate::report::events::Events;
use crate::solver::z3::{Encoding, Z3, interruptible};
use crate::system::{Problem, Valuation};

/// A question to symbolic engines.
#[derive(Clone, Copy)]
pub(super) struct Asked<'a> {
    pub(super) problem: &'a Problem,
    pub(super) options: &'a Options,
    pub(super) events: &'a dyn Events,
    pub(super) deadline: Instant,
}

impl<'a> Asked<'a> {
    /// Whether bits suffice.
    pub(super) fn is_finite(&self) -> bool {
        self.problem.system.is_finite(&[self.problem.bad])
    }

    /// The engines worth running, by expected cost.
    pub(super) fn engines(&self) -> Vec<EngineName> {
        let finite = self.is_finite();
        if let Some(only) = self.options.engine {
            return vec![only];
        }
        if self.options.depth.is_some() {
            return vec![EngineName::Bmc];
        }
        match finite {
            true => vec![EngineName::Induction],
            false => vec![
                EngineName::Induction,
                EngineName::Horn,
                EngineName::HornGuided,
                EngineName::Mined,
            ],
        }
    }

    /// An engine ready to run on the problem.
    pub(super) fn contender<Run: Send + 'a>(
        self,
        engine: EngineName,
        read: impl FnOnce(Valuation) -> Run + Send + 'a,
    ) -> Contender<'a, Run> {
        let run = move |cancel: &(dyn Fn() -> bool + Sync)| self.run(engine, cancel).map(read);
        Contender { name: engine.name(), run: Box::new(run) }
    }

    fn run(self, engine: EngineName, cancel: &(dyn Fn() -> bool + Sync)) -> Outcome {
        let seed = self.seed();
        let encoding = if self.is_finite() { Encoding::Bits } else { Encoding::Words };
        let deadline = Some(self.deadline);
        let budget = Budget { cancel, deadline, depth: self.options.depth, seed };
        let solver = || Z3::new(encoding, true, seed);
        let mut progress = |k: u32| self.events.progress(&format!("{} {k}", engine.name()));
        let guided = engine == EngineName::HornGuided;
        let outcome = interruptible(cancel, deadline, || match engine {
            EngineName::Bmc => bmc::run(self.problem, solver(), budget, &mut progress),
            EngineName::Mined => mined::run(self.problem, solver, budget, &mut progress),
            EngineName::Horn | EngineName::HornGuided => {
                let solver = || Z3::new(Encoding::Words, true, seed);
                horn::run(self.problem, solver, guided, budget, &mut progress)
            }
            EngineName::Induction | EngineName::Explicit => {
                induction::run(self.problem, solver, budget, &mut progress)
            }
        });
        self.believed(engine, outcome, budget)
    }

    /// An invariant that does not hold, as Spacer's sometimes do not, is thrown away, so that others
    /// may go on.
    fn believed(self, engine: EngineName, outcome: Outcome, budget: Budget<'_>) -> Outcome {
        let Outcome::Unreachable(proof @ Proof::Invariant(_)) = &outcome else { return outcome };
        match recheck(self.problem, proof, budget) {
            Check::Fails(reason) => {
                let name = engine.name();
                let reason = format!("an invariant of `{name}` was thrown away: {reason}");
                self.events.progress(&reason);
                Outcome::Unknown(reason)
            }
            // Interrupted: others have decided, and this was not checked.
            Check::Open(reason) if budget.exhausted().is_some() => Outcome::Unknown(reason),
            _ => outcome,
        }
    }

    /// The solver's seed.
    pub(super) fn seed(&self) -> u32 {
        u32::try_from(self.options.seed & u64::from(u32::MAX)).unwrap_or(0)
    }
}
