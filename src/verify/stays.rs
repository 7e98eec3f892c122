//! Claims that something stays possible, whatever happens.
//!
//! The interpreter lays out all states and looks for one from which it can never be reached. What is found
//! is replayed up to that state, and that nothing leads on from there is proved by the other engines.

use std::time::Instant;

use super::decide::searched;
use super::decide::{Decision, Inquiry, MAX_MEMORY, MAX_STATES, certificate};
use super::institution::Investigation;
use super::{EngineName, entries};
use crate::engine::Outcome;
use crate::evidence::recheck::Check;
use crate::interp::explicit::fair::{self, Question as Explicit};
use crate::interp::explicit::{self, Limits};
use crate::interp::replay::{Goal, replay};
use crate::interp::stays;
use crate::report::outcome::Entry;
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
        let model = prepared.model;
        let Some(targets) = stays::targets(model, &claim.property) else {
            entries::undecided(entry, "this mixture of claims is not decided by this version");
            return None;
        };
        let limits = Limits {
            max_states: MAX_STATES,
            max_memory: MAX_MEMORY,
            deadline: Some(Instant::now() + self.options.timeout),
            cancel: self.cancel,
            defect_free: prepared.defect_free,
        };
        let mut progress =
            |p: explicit::Progress| self.events.progress(&format!("{} states", p.states));
        let question = Explicit::Stays(&targets);
        match searched(fair::search(model, question, &claim.assumes, &limits, &mut progress)) {
            Outcome::Unreachable(proof) => {
                let engine = EngineName::Explicit.name();
                let check = Check::NotApplicable;
                entries::absence(entry, &certificate(engine, &proof, check, Vec::new()));
                None
            }
            Outcome::Reached(trace) => self.trapped(prepared, claim, &targets, &trace, entry),
            Outcome::Bounded(depth) => {
                entries::undecided(entry, &format!("nothing found in {depth} periods"));
                None
            }
            Outcome::Unknown(reason) => {
                entries::undecided(entry, &reason);
                None
            }
        }
    }

    /// A run to a state from which something cannot be reached: the run is replayed, and that
    /// nothing leads on from there is proved anew.
    fn trapped(
        &self,
        prepared: &Prepared<'_>,
        claim: &Claim,
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
        entries::refuted(entry, EngineName::Explicit.name(), prepared.model, &run);
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
            };
            if let Some(Decision::Unreachable { certificate, .. }) = inquiry.excluded() {
                entry.certificate = Some(certificate);
                break;
            }
        }
        Some(run.trace.params.clone())
    }
}
