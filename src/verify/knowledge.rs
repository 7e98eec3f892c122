//! Claims about what someone can know: pairs of runs that look the same.
//!
//! The claim is turned into one about a model of pairs ([`crate::twin`]), which the engines decide as
//! they decide any other. Obligations are those of the institution itself: both copies meet them. That
//! what is to be known stays true is put to the engines on the single model where the reduction rests
//! on it. What they find is taken apart into two runs, and these are executed and compared by the
//! interpreter, which knows nothing of the model of pairs.

use super::decide::Decision;
use super::endless::Endless;
use super::entries;
use super::institution::Investigation;
use super::traces;
use crate::evidence::scripts::Obligation;
use crate::interp::explicit::Question as Explicit;
use crate::interp::pairs;
use crate::interp::replay::{Goal, Replayed};
use crate::report::outcome::{Certificate, Entry, TraceReport, Verdict};
use crate::system::property::{Prepared, Question};
use crate::twin::{self, Twin};
use crate::types::core::{Claim, ExprKind, Model, Property, Value};

/// What came of a claim about knowledge.
pub(super) enum Answer {
    /// No pair refutes it.
    Holds { engine: &'static str, certificate: Certificate },
    /// A run or a pair of runs refutes it, as the interpreter has seen.
    Refuted { engine: &'static str, shown: Shown },
    /// It was not decided, or its evidence did not survive, or only so far.
    Open(Decision),
}

/// A replayed refutation.
pub(super) struct Shown {
    /// In the words of the spec.
    pub(super) trace: TraceReport,
    /// The parameters.
    pub(super) params: Vec<Value>,
}

impl Answer {
    pub(super) fn unknown(reason: impl Into<String>) -> Answer {
        Answer::Open(Decision::Unknown { reason: reason.into() })
    }
}

impl Investigation<'_> {
    /// A claim about knowledge; returns the parameters of a refutation.
    pub(super) fn knowledge(
        &self,
        prepared: &Prepared<'_>,
        claim: &Claim,
        entry: &mut Entry,
    ) -> Option<Vec<Value>> {
        if let ExprKind::Property(Property::Smallest(..)) = &*claim.property.kind {
            return self.smallest(prepared, claim, entry);
        }
        let answer = self.by_pairs(prepared, claim, entry);
        let params = file(entry, prepared.model, answer?);
        if entry.verdict == Verdict::Proved {
            self.says_something_known(prepared, claim, entry);
            self.is_not_clipped(prepared, claim, entry);
        }
        params
    }

    /// Vacuity, of the single model: what no run meets is known of all of them.
    pub(super) fn says_something_known(
        &self,
        prepared: &Prepared<'_>,
        claim: &Claim,
        entry: &mut Entry,
    ) {
        let parts = twin::questions(prepared.model, claim).unwrap_or_default();
        let about_infinite_runs = |part: &twin::Question| match part {
            twin::Question::Plain(part) => matches!(prepared.question(part), Question::Forever(_)),
            twin::Question::Pairs(twin) => {
                matches!(prepared.question(&twin.valued), Question::Forever(_))
            }
        };
        if !parts.iter().any(about_infinite_runs) {
            return self.says_something(prepared, claim, entry);
        }
        let mut model = prepared.model.clone();
        if twin::is_unbounded_detection(prepared.model, &claim.property) {
            model.fairness.extend(twin::ticking(prepared.model, claim.span));
        }
        self.speaks_of_some_run(&Prepared::new(&model), claim, entry);
    }

    /// Decides all parts of a claim, in order; `None` if the entry says already why not.
    pub(super) fn by_pairs(
        &self,
        prepared: &Prepared<'_>,
        claim: &Claim,
        entry: &mut Entry,
    ) -> Option<Answer> {
        let parts = match twin::questions(prepared.model, claim) {
            Ok(parts) => parts,
            Err(twin::Unfit(reason)) => return Some(Answer::unknown(reason)),
        };
        let mut all: Option<(&'static str, Certificate)> = None;
        for (n, part) in parts.iter().enumerate() {
            let answer = match part {
                twin::Question::Plain(part) => self.plain(prepared, part),
                twin::Question::Pairs(twin) => self.pairs(prepared, claim, twin, entry)?,
            };
            match answer {
                Answer::Holds { engine, certificate } if parts.len() > 1 => {
                    all = Some((engine, joined(all, certificate, n + 1)));
                }
                Answer::Holds { engine, certificate } => all = Some((engine, certificate)),
                other => return Some(other),
            }
        }
        let (engine, certificate) = all?;
        Some(Answer::Holds { engine, certificate })
    }

    /// A part that does not speak of knowledge.
    pub(super) fn plain(&self, prepared: &Prepared<'_>, claim: &Claim) -> Answer {
        let decision = match prepared.question(claim) {
            Question::Never(asked) => {
                let explicit = Some(Explicit::Claim(claim));
                self.inquiry(prepared, &asked.problem, explicit, Goal::Claim(claim)).decide()
            }
            Question::Forever(live) => {
                self.endless(prepared, claim, &live).decide(self.options.timeout)
            }
            _ => return Answer::unknown("this mixture of claims is not decided by this version"),
        };
        match decision {
            Decision::Unreachable { engine, certificate } => Answer::Holds { engine, certificate },
            Decision::Reached { engine, run } => {
                Answer::Refuted { engine, shown: single(prepared.model, &run) }
            }
            other => Answer::Open(other),
        }
    }

    /// A part about pairs of runs.
    fn pairs(
        &self,
        prepared: &Prepared<'_>,
        claim: &Claim,
        twin: &Twin,
        entry: &mut Entry,
    ) -> Option<Answer> {
        let fault = match prepared.question(&twin.valued) {
            Question::Never(asked) => asked.fault,
            Question::Forever(live) => live.fault,
            _ => None,
        };
        if !self.has_value(prepared, fault.as_ref(), entry) {
            return None;
        }
        if let Some(stable) = &twin.stable
            && let Some(answer) = self.ceases(prepared, stable)
        {
            return Some(answer);
        }
        let mut both = Prepared::new(&twin.model);
        both.defect_free = prepared.defect_free;
        for lemma in &prepared.learned {
            twin.lemmas(lemma).iter().for_each(|lemma| both.learn(lemma));
        }
        let finite = twin.for_ever || twin::branches_finitely(prepared.model);
        let decision = self.of_pairs(&both, &twin.claim, finite);
        Some(self.of_runs(prepared.model, claim, twin, decision))
    }

    /// Why the twin does not decide where something must be known in time: it may cease to be so.
    fn ceases(&self, prepared: &Prepared<'_>, stable: &Claim) -> Option<Answer> {
        match self.plain(prepared, stable) {
            Answer::Holds { .. } => None,
            Answer::Refuted { .. } => Some(Answer::unknown(
                "what is to be known may cease to be so, and then no single alike run decides",
            )),
            Answer::Open(decision) => Some(Answer::Open(decision)),
        }
    }

    fn of_pairs(&self, both: &Prepared<'_>, claim: &Claim, finite: bool) -> Decision {
        match both.question(claim) {
            Question::Never(asked) => {
                let explicit = Some(Explicit::Claim(claim));
                self.inquiry(both, &asked.problem, explicit, Goal::Claim(claim)).decide()
            }
            Question::Forever(live) => {
                let certify = self.options.engine.is_none();
                let question =
                    Endless { certify, loose: false, ..self.endless(both, claim, &live) };
                match question.decide(self.options.timeout) {
                    // One fair run alike for ever, and for each period a run alike so far, are the
                    // same only where few steps lead on.
                    Decision::Unreachable { .. } if !finite => {
                        let reason = "no other run looks the same for ever, but where numbers \
                                      without bound are drawn one may for any time";
                        Decision::Unknown { reason: reason.to_owned() }
                    }
                    decision => decision,
                }
            }
            _ => Decision::Unknown { reason: "the pairs pose no question that is decided".into() },
        }
    }

    /// A run of pairs as two runs, which the interpreter executes and compares.
    fn of_runs(&self, model: &Model, claim: &Claim, twin: &Twin, decision: Decision) -> Answer {
        match decision {
            Decision::Unreachable { engine, certificate } => Answer::Holds { engine, certificate },
            Decision::Reached { engine, run } => {
                let (judged, alike) = twin.halves(model, &run.trace);
                match pairs::replay(model, claim, &judged, &alike) {
                    Ok(pair) => Answer::Refuted {
                        engine,
                        shown: Shown {
                            trace: traces::pair(model, &pair),
                            params: pair.judged.trace.params.clone(),
                        },
                    },
                    Err(departure) => {
                        let reason = format!(
                            "the pair of runs that `{engine}` found does not replay: {departure}"
                        );
                        Answer::Open(Decision::Failed { reason })
                    }
                }
            }
            other => Answer::Open(other),
        }
    }
}

/// Files an answer; returns the parameters of a refutation.
pub(super) fn file(entry: &mut Entry, model: &Model, answer: Answer) -> Option<Vec<Value>> {
    match answer {
        Answer::Holds { engine, certificate } => {
            entries::absence(entry, &Decision::Unreachable { engine, certificate });
            None
        }
        Answer::Refuted { engine, shown } => {
            entry.verdict = Verdict::Refuted;
            entry.engine = Some(engine.to_owned());
            entry.params = traces::params(model, &shown.params);
            entry.depth = u32::try_from(shown.trace.periods.len().saturating_sub(1)).ok();
            entry.trace = Some(shown.trace);
            Some(shown.params)
        }
        Answer::Open(decision) => {
            entries::absence(entry, &decision);
            None
        }
    }
}

fn single(model: &Model, run: &Replayed) -> Shown {
    Shown { trace: traces::report(model, run), params: run.trace.params.clone() }
}

/// The certificates of several parts as one: it is checked if all are.
fn joined(
    before: Option<(&'static str, Certificate)>,
    certificate: Certificate,
    part: usize,
) -> Certificate {
    let named = certificate.obligations.into_iter();
    let named =
        named.map(|o| Obligation { name: format!("part-{part}-{}", o.name), ..o }).collect();
    let certificate = Certificate { obligations: named, ..certificate };
    let Some((_, mut whole)) = before else { return certificate };
    whole.obligations.extend(certificate.obligations);
    whole.checked &= certificate.checked;
    if !certificate.checked {
        (whole.kind, whole.by) = (certificate.kind, certificate.by);
    }
    whole
}
