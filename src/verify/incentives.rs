//! Claims that no deviation from the practices pays.
//!
//! The claim is turned into one about a run and a deviation from it ([`crate::twin::deviation`]), which the
//! engines decide as they decide any other. What they find is taken apart into two runs, and these are executed,
//! compared and paid by the interpreter.

use super::decide::Decision;
use super::entries;
use super::institution::Investigation;
use super::traces;
use crate::interp::deviations::{self, Claimed};
use crate::interp::explicit::Question as Explicit;
use crate::interp::replay::Goal;
use crate::report::outcome::{Certificate, Entry, TraceKind, Verdict};
use crate::system::property::{Prepared, Question};
use crate::twin::Unfit;
use crate::twin::deviation::{Asked, Deviation, asked};
use crate::types::core::{Claim, Model, Value};
use crate::types::defect::DefectKind;
use crate::types::layout::value_name;
use crate::types::trace::Trace;

impl Investigation<'_> {
    /// Whether a deviation pays; returns the parameters of a refutation.
    pub(super) fn deviations(
        &self,
        prepared: &Prepared<'_>,
        claim: &Claim,
        entry: &mut Entry,
    ) -> Option<Vec<Value>> {
        let params = self.deviating(prepared, claim, entry);
        if entry.verdict == Verdict::Proved {
            self.is_not_clipped(prepared, claim, entry);
        }
        params
    }

    /// The verdict alone, as far as ranges reach.
    pub(super) fn deviating(
        &self,
        prepared: &Prepared<'_>,
        claim: &Claim,
        entry: &mut Entry,
    ) -> Option<Vec<Value>> {
        let Some(questions) = asked(prepared.model, &claim.property) else {
            entries::undecided(entry, "this mixture of claims is not decided by this version");
            return None;
        };
        let mut all: Option<(&'static str, Certificate)> = None;
        for question in &questions {
            let deviation = match Deviation::new(prepared.model, claim, question) {
                Ok(deviation) => deviation,
                Err(Unfit(reason)) => {
                    entries::undecided(entry, reason);
                    return None;
                }
            };
            match self.pays(prepared, &deviation) {
                Some(Decision::Unreachable { engine, certificate }) => {
                    all = Some((engine, joined(all, certificate)));
                }
                Some(Decision::Reached { engine, run }) => {
                    return self.paid(
                        prepared.model,
                        claim,
                        question,
                        &deviation,
                        engine,
                        &run.trace,
                        entry,
                    );
                }
                Some(other) => {
                    entries::absence(entry, &other);
                    return None;
                }
                None => {
                    let reason = "a deviation may run into a defect of the spec, or into a period in \
                                  which a payoff has no value";
                    entries::undecided(entry, reason);
                    return None;
                }
            }
        }
        let (engine, certificate) = all?;
        entries::absence(entry, &Decision::Unreachable { engine, certificate });
        None
    }

    /// Whether a run and a deviation from it exist; `None` if a proof would leave periods out.
    fn pays(&self, prepared: &Prepared<'_>, deviation: &Deviation) -> Option<Decision> {
        let mut both = Prepared::new(&deviation.model);
        // Practices may have kept defects from happening.
        let bound = prepared.model.assumes.iter().any(|assume| assume.practice.is_some());
        both.defect_free = prepared.defect_free && !bound;
        for lemma in &prepared.learned {
            both.learn(lemma);
        }
        let claim = &deviation.claim;
        let Question::Never(asked) = both.question(claim) else { return None };
        let explicit = Some(Explicit::Claim(claim));
        let found = self.inquiry(&both, &asked.problem, explicit, Goal::Claim(claim)).decide();
        let proved = matches!(found, Decision::Unreachable { .. });
        (!proved || self.deviates_safely(&both)).then_some(found)
    }

    /// Whether neither run comes upon a defect, nor upon a payoff without value: such periods would be left out.
    fn deviates_safely(&self, both: &Prepared<'_>) -> bool {
        let kinds = [
            DefectKind::ContradictoryWrites,
            DefectKind::RangeOverrun,
            DefectKind::DivisionByZero,
            DefectKind::BadIndex,
        ];
        let Some(problem) = both.defects(&kinds) else { return true };
        let inquiry = self.inquiry(both, &problem, None, Goal::Run);
        matches!(inquiry.excluded(), Some(Decision::Unreachable { .. }))
    }

    /// A deviation that pays, as the interpreter has seen.
    #[expect(clippy::too_many_arguments, reason = "all that was asked and all that was found")]
    fn paid(
        &self,
        model: &Model,
        claim: &Claim,
        question: &Asked,
        deviation: &Deviation,
        engine: &str,
        trace: &Trace,
        entry: &mut Entry,
    ) -> Option<Vec<Value>> {
        let (run, other, from) = deviation.halves(model, trace);
        let claimed = Claimed {
            assumes: &claim.assumes,
            posts: &question.posts,
            within: question.within,
            margin: question.margin.as_ref(),
        };
        let found = match deviations::replay(model, &claimed, &run, &other, from) {
            Ok(found) => found,
            Err(departure) => {
                let reason =
                    format!("the deviation that `{engine}` found does not replay: {departure}");
                entries::failed(entry, reason);
                return None;
            }
        };
        entry.verdict = Verdict::Refuted;
        entry.engine = Some(engine.to_owned());
        entry.params = traces::params(model, &found.run.trace.params);
        entry.depth = u32::try_from(found.run.trace.periods.len().saturating_sub(1)).ok();
        let who: Vec<String> = question
            .posts
            .iter()
            .map(|(sort, n)| value_name(model, &Value::Member(*sort, *n)))
            .collect();
        let (before, after) = &found.gains;
        entry.reason = Some(format!(
            "{} deviating from period {} on: {} instead of {}",
            match who.as_slice() {
                [one] => format!("{one} gains by"),
                several => format!("{} gain by", several.join(" and ")),
            },
            found.from,
            value_name(model, after),
            value_name(model, before),
        ));
        let mut shown = traces::report(model, &found.run);
        shown.kind = TraceKind::Deviation;
        shown.twin = Some(traces::report(model, &found.other).periods);
        shown.judges = who;
        entry.trace = Some(shown);
        Some(found.run.trace.params.clone())
    }
}

/// The certificates of several parts as one: it is checked if all are.
fn joined(before: Option<(&'static str, Certificate)>, certificate: Certificate) -> Certificate {
    let Some((_, mut whole)) = before else { return certificate };
    whole.obligations.extend(certificate.obligations);
    whole.checked &= certificate.checked;
    whole
}
