//! Symbolic engines as contenders: which ones are worth running on a problem, and how.

use std::time::{Duration, Instant};

use super::alone::believed;
use super::{EngineName, Options};
use crate::engine::portfolio::Contender;
use crate::engine::{Budget, Outcome, Proof, bmc, horn, ic3, induction, mined, ranges};
use crate::evidence::recheck::{Check, recheck};
use crate::report::events::Events;
use crate::solver::context::interruptible;
use crate::solver::z3::{Encoding, Z3};
use crate::system::{Problem, Valuation};

/// How long a shorter run than the one found may be looked for.
const SHORTENING: Duration = Duration::from_secs(1);

/// How much longer an engine of second choice waits before it begins.
const HEAD_START: Duration = Duration::from_millis(100);

/// A question to symbolic engines.
#[derive(Clone, Copy)]
pub(super) struct Asked<'a> {
    pub(super) problem: &'a Problem,
    /// The question as it was, where this is the part that it rests on.
    pub(super) whole: Option<&'a Problem>,
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
        if let Some(only) = self.options.engine
            && only != EngineName::Explicit
        {
            return vec![only];
        }
        if self.options.depth.is_some() {
            return vec![EngineName::Bmc];
        }
        match finite {
            true => vec![EngineName::Ic3, EngineName::Induction],
            false => vec![
                EngineName::Ic3,
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
        let run = move |cancel: &(dyn Fn() -> bool + Sync)| {
            if self.is_second_choice(engine) && !waited(HEAD_START, cancel) {
                return Outcome::Unknown("interrupted".to_owned());
            }
            self.run(engine, cancel).map(read)
        };
        Contender { name: engine.name(), run: Box::new(run) }
    }

    /// On bits IC3 decides nearly everything at once; what needs a solver of its own waits a moment.
    fn is_second_choice(&self, engine: EngineName) -> bool {
        engine == EngineName::Induction && self.options.engine.is_none() && self.is_finite()
    }

    fn run(self, engine: EngineName, cancel: &(dyn Fn() -> bool + Sync)) -> Outcome {
        let seed = self.seed();
        let encoding = if self.is_finite() { Encoding::Bits } else { Encoding::Words };
        let deadline = Some(self.deadline);
        let budget = Budget { cancel, deadline, depth: self.options.depth, seed };
        if engine == EngineName::Ic3 {
            return self.ic3(budget);
        }
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
            EngineName::Induction | EngineName::Ic3 | EngineName::Explicit => {
                induction::run(self.problem, solver, budget, &mut progress)
            }
        });
        let outcome = self.of_whole(self.believed(engine, outcome, budget), budget);
        match outcome {
            Outcome::Reached(run)
                if matches!(engine, EngineName::Horn | EngineName::HornGuided) =>
            {
                self.shortest(run, budget)
            }
            outcome => outcome,
        }
    }

    /// States that differ in what matters are fewer than states that differ: a proof that no run visits
    /// one twice need not be one where the rest counts as well.
    fn of_whole(self, outcome: Outcome, budget: Budget<'_>) -> Outcome {
        let (Some(whole), Outcome::Unreachable(proof)) = (self.whole, &outcome) else {
            return outcome;
        };
        let differs = match proof {
            Proof::Induction { simple_path, .. } | Proof::Strengthened { simple_path, .. } => {
                *simple_path
            }
            _ => false,
        };
        match differs.then(|| recheck(whole, proof, budget)) {
            Some(Check::Fails(reason) | Check::Open(reason)) => Outcome::Unknown(reason),
            _ => outcome,
        }
    }

    /// IC3 on bits, where ranges are found for all numbers that have none. The run it finds need not be shortest, and people read it: bounded model
    /// checking then looks for a shorter one for a while.
    fn ic3(self, budget: Budget<'_>) -> Outcome {
        if !self.is_finite()
            && let Some(ranged) = ranges::infer(self.problem)
        {
            let found = Asked { problem: &ranged.problem, ..self }.ic3(budget);
            return self.believed(EngineName::Ic3, ranged.back(self.problem, found), budget);
        }
        let mut progress = |k: u32| self.events.progress(&format!("ic3 {k}"));
        match ic3::run(self.problem, budget, &mut progress) {
            Outcome::Reached(run) => self.shortest(run, budget),
            other => other,
        }
    }

    /// This run, or a shorter one. The cells of a sweep show no runs.
    fn shortest(self, run: Valuation, budget: Budget<'_>) -> Outcome {
        if self.options.neighbours.is_some() {
            return Outcome::Reached(run);
        }
        Outcome::Reached(self.shorter(&run, budget).unwrap_or(run))
    }

    /// A shortest run, if it is shorter than this one and found in time.
    fn shorter(self, run: &Valuation, budget: Budget<'_>) -> Option<Valuation> {
        if budget.exhausted().is_some() {
            return None;
        }
        let depth = u32::try_from(run.periods.len().checked_sub(2)?).ok()?;
        let soon = Instant::now() + SHORTENING;
        let deadline = Some(budget.deadline.map_or(soon, |d| d.min(soon)));
        let budget = Budget { deadline, depth: Some(depth), ..budget };
        let encoding = if self.is_finite() { Encoding::Bits } else { Encoding::Words };
        let found = interruptible(budget.cancel, deadline, || {
            let solver = Z3::new(encoding, true, budget.seed);
            bmc::run(self.problem, solver, budget, &mut |_| {})
        });
        match found {
            Outcome::Reached(run) => Some(run),
            _ => None,
        }
    }

    /// An invariant that does not hold is thrown away and told of.
    fn believed(self, engine: EngineName, outcome: Outcome, budget: Budget<'_>) -> Outcome {
        let was_decided = outcome.is_decided();
        let outcome = believed(engine.name(), self.problem, outcome, budget);
        if let (true, Outcome::Unknown(reason)) = (was_decided, &outcome) {
            self.events.progress(reason);
        }
        outcome
    }

    /// The solver's seed.
    pub(super) fn seed(&self) -> u32 {
        self.options.solver_seed()
    }
}

/// Waits; `false` if there is no need to any more.
fn waited(time: Duration, cancel: &(dyn Fn() -> bool + Sync)) -> bool {
    let end = Instant::now() + time;
    while Instant::now() < end {
        if cancel() {
            return false;
        }
        std::thread::sleep(Duration::from_micros(500));
    }
    true
}
