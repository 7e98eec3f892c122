//! Claims that something stays possible, whatever happens.
//!
//! Two roads: the interpreter lays out all states and looks for one from which it can never be reached; and
//! `engine::ways` writes down ways to it from everywhere. A trap that is found is replayed up to that
//! state, and that nothing leads on from there is proved by the other engines.

use std::sync::OnceLock;
use std::time::Instant;

use super::alone::{decide_alone, encoding};
use super::decide::{Decision, Inquiry, MAX_STATES, certificate, limits, searched};
use super::institution::Investigation;
use super::neighbours::{self, FEW};
use super::{EngineName, entries};
use crate::engine::portfolio::{Contender, Finish, race};
use crate::engine::{Budget, Outcome, Proof, ways};
use crate::evidence::recheck::{Check, recheck};
use crate::evidence::scripts;
use crate::interp::explicit::fair::{self, Question as Explicit};
use crate::interp::explicit::{self, Limits};
use crate::interp::replay::{Goal, replay};
use crate::interp::stays;
use crate::report::outcome::{Entry, Verdict};
use crate::solver::context::interruptible;
use crate::solver::z3::Z3;
use crate::system::Problem;
use crate::system::property::Prepared;
use crate::types::core::{Claim, Expr, Value};
use crate::types::trace::Trace;

impl Investigation<'_> {
    /// What stays possible from every state; returns the parameters of a refutation.
    pub(super) fn stays(
        &self,
        prepared: &Prepared<'_>,
        claim: &Claim,
        entry: &mut Entry,
    ) -> Option<Vec<Value>> {
        let Some(targets) = stays::targets(prepared.model, &claim.property) else {
            return self.each_reached(prepared, claim, entry);
        };
        if targets.is_empty() {
            // `all` over nothing.
            entries::absence(entry, &entries::nothing_to_check());
        }
        let mut written = Vec::new();
        for target in &targets {
            let refutation = self.one_stays(prepared, claim, target, entry);
            if entry.verdict != Verdict::Proved {
                return refutation;
            }
            let certificate = entry.certificate.iter();
            written.extend(certificate.flat_map(|c| c.obligations.clone()));
        }
        if let Some(certificate) = &mut entry.certificate {
            certificate.obligations = written;
        }
        None
    }

    fn one_stays(
        &self,
        prepared: &Prepared<'_>,
        claim: &Claim,
        target: &Expr,
        entry: &mut Entry,
    ) -> Option<Vec<Value>> {
        let deadline = Instant::now() + self.options.timeout;
        let problem = prepared.target(target, &claim.assumes);
        let targets = std::slice::from_ref(target);
        let only = self.options.engine;
        let in_turn = self.options.neighbours.is_some().then(|| {
            let search = self.visits(prepared, claim, targets, deadline, FEW);
            neighbours::search(search, self.options.certificates, self.cancel)
        });
        let mut contenders = Vec::new();
        if let Some(problem) = &problem
            && only != Some(EngineName::Explicit)
        {
            contenders.push(self.ways(prepared, problem, deadline));
        }
        if contenders.is_empty() || only.is_none() && !self.options.certificates {
            contenders.push(self.visits(prepared, claim, targets, deadline, MAX_STATES));
        }
        let race = || race(contenders, self.options.jobs.max(2), self.cancel);
        match (in_turn.flatten().unwrap_or_else(race), &problem) {
            (Finish::Won(engine, Outcome::Unreachable(proof)), problem) => {
                entries::absence(entry, &self.led_on(engine, problem.as_ref(), &proof));
                None
            }
            (Finish::Won(engine, Outcome::Reached(trace)), _) => {
                self.trapped(prepared, claim, engine, targets, &trace, entry)
            }
            (Finish::Disagreement(one, other, _), _) => {
                let reason = format!("engines `{one}` and `{other}` disagree; please report this");
                entries::failed(entry, reason);
                None
            }
            (Finish::Won(_, outcome) | Finish::Open(_, outcome), _) => {
                let reason = match outcome {
                    Outcome::Unknown(reason) => reason,
                    Outcome::Bounded(depth) => format!("nothing found in {depth} periods"),
                    _ => "nothing was decided".to_owned(),
                };
                entries::undecided(entry, &reason);
                None
            }
        }
    }

    /// All states, laid out by the interpreter.
    fn visits<'b>(
        &'b self,
        prepared: &'b Prepared<'_>,
        claim: &'b Claim,
        targets: &'b [Expr],
        deadline: Instant,
        max_states: usize,
    ) -> Contender<'b, Trace> {
        let run = move |cancel: &(dyn Fn() -> bool + Sync)| {
            let usual = limits(deadline, cancel, prepared.defect_free);
            let limits = Limits { max_states, ..usual };
            let mut progress =
                |p: explicit::Progress| self.events.progress(&format!("{} states", p.states));
            let question = Explicit::Stays(targets);
            let (model, assumes) = (prepared.model, &claim.assumes);
            searched(fair::search(model, question, assumes, &limits, &mut progress))
        };
        Contender { name: EngineName::Explicit.name(), run: Box::new(run) }
    }

    /// Ways from all reachable states.
    fn ways<'b>(
        &'b self,
        prepared: &'b Prepared<'_>,
        problem: &'b Problem,
        deadline: Instant,
    ) -> Contender<'b, Trace> {
        let run = move |cancel: &(dyn Fn() -> bool + Sync)| {
            let seed = self.options.solver_seed();
            let budget = Budget { cancel, deadline: Some(deadline), depth: None, seed };
            let encoding = encoding(problem.system.is_finite(&[problem.bad]));
            let decide =
                |problem: &Problem, budget: Budget<'_>| decide_alone(problem, budget, &mut |_| {});
            let mut progress = |n: u32| self.events.progress(&format!("{n} ways"));
            interruptible(cancel, Some(deadline), || {
                let fresh = || Z3::new(encoding, true, seed);
                ways::run(problem, fresh, decide, budget, &mut progress)
            })
            .map(|run| prepared.trace(&run))
        };
        Contender { name: "ways", run: Box::new(run) }
    }

    fn led_on(&self, engine: &'static str, problem: Option<&Problem>, proof: &Proof) -> Decision {
        let deadline = Some(Instant::now() + self.options.timeout);
        let budget = Budget { cancel: self.cancel, deadline, depth: None, seed: 1 };
        let check = problem.map_or(Check::NotApplicable, |problem| recheck(problem, proof, budget));
        let wanted = problem.filter(|_| self.options.certificates);
        let scripts = wanted.map(|problem| scripts::of_proof(problem, proof)).unwrap_or_default();
        certificate(engine, proof, check, scripts)
    }

    /// A run to a state from which something cannot be reached: the run is replayed, and that
    /// nothing leads on from there is proved anew.
    fn trapped(
        &self,
        prepared: &Prepared<'_>,
        claim: &Claim,
        engine: &'static str,
        targets: &[Expr],
        trace: &Trace,
        entry: &mut Entry,
    ) -> Option<Vec<Value>> {
        let run = match replay(prepared.model, Goal::Run, trace) {
            Ok(run) => run,
            Err(departure) => {
                let reason = format!("the run that was found does not replay: {departure}");
                entries::failed(entry, reason);
                return None;
            }
        };
        entries::refuted(entry, engine, prepared.model, &run);
        entry.reason =
            Some("from the last state of the run, it is never possible again".to_owned());
        let state = run.trace.periods.last().map(|period| period.state.clone());
        for target in targets {
            let from = state.as_ref().and_then(|s| prepared.reach_from(target, &claim.assumes, s));
            let Some(problem) = from else { continue };
            let inquiry = Inquiry {
                prepared,
                problem: &problem,
                explicit: None,
                goal: Goal::Run,
                options: self.options,
                events: self.events,
                cancel: self.cancel,
                recalled: self.recalled,
                cone: OnceLock::new(),
            };
            if let Some(Decision::Unreachable { certificate, .. }) = inquiry.excluded() {
                entry.certificate = Some(certificate);
                break;
            }
        }
        Some(run.trace.params.clone())
    }
}
