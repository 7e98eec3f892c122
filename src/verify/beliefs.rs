//! Claims about what posts know, decided by belief sets.
//!
//! The search visits all states with what their judges may believe there ([`beliefs`]). What it
//! finds is believed only after [`knowing`] has followed all runs that look alike once more; what it
//! does not find is shown again by observers ([`super::observed`]), and where that fails, the certificate says so.

use std::time::Instant;

use itertools::Itertools;

use super::decide::{Decision, MAX_MEMORY, MAX_STATES, limits};
use super::institution::Investigation;
use super::observed::Missing;
use super::{entries, traces};
use crate::interp::explicit::beliefs::claim::attributed_within;
use crate::interp::explicit::beliefs::{self, About, Answer, Evidence, Testimony, Visited};
use crate::interp::explicit::{Limits, Progress};
use crate::interp::knowing::{self, Doubt};
use crate::interp::replay::{Replayed, rerun};
use crate::report::outcome::{Certificate, Entry, Premise, TraceKind, Verdict};
use crate::system::property::{Prepared, premise};
use crate::twin;
use crate::types::core::{
    Binary, Claim, Expr, ExprKind, Model, Property, Quant, Sort, Type, Value,
};
use crate::types::layout::value_name;
use crate::types::trace::Trace;

/// The engine's name in reports.
pub(super) const ENGINE: &str = "beliefs";
/// Most states with belief sets.
const MOST: usize = MAX_STATES / 10;

/// A run that was found and followed again.
struct Followed {
    run: Replayed,
    evidence: Evidence,
    /// What of the evidence was not followed again, if anything.
    gap: Option<Gap>,
}

/// What the interpreter did not show anew.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Gap {
    /// What the runs that look alike have in common.
    Alike,
    /// That nothing leads on from the last state.
    Trap,
}

/// What was decided about a claim, or its property put otherwise.
enum Believed {
    Holds(Visited),
    Fails(Box<Followed>),
    Open(String),
    /// The evidence did not survive its check.
    Failed(String),
}

impl Investigation<'_> {
    /// A claim of knowledge: by pairs of runs where two runs refute it, by belief sets elsewhere.
    /// Returns the parameters of the run that decides it.
    pub(super) fn known(
        &self,
        prepared: &Prepared<'_>,
        claim: &Claim,
        entry: &mut Entry,
    ) -> Option<Vec<Value>> {
        let smallest = matches!(&*claim.property.kind, ExprKind::Property(Property::Smallest(..)));
        if !smallest && twin::questions(prepared.model, claim).is_err() {
            return self.beliefs(prepared, claim, entry);
        }
        let blank = entry.clone();
        let params = self.knowledge(prepared, claim, entry);
        if smallest || entry.verdict != Verdict::Unknown || entry.evidence_failed {
            return params;
        }
        let mut other = blank;
        let found = self.beliefs(prepared, claim, &mut other);
        if other.verdict == Verdict::Unknown && !other.evidence_failed {
            return params;
        }
        *entry = other;
        found
    }

    /// Decides a claim of knowledge by belief sets; returns the parameters of the run that decides it.
    pub(super) fn beliefs(
        &self,
        prepared: &Prepared<'_>,
        claim: &Claim,
        entry: &mut Entry,
    ) -> Option<Vec<Value>> {
        let model = prepared.model;
        if let ExprKind::Property(Property::Attributes { sort, within: None, .. }) =
            &*claim.property.kind
        {
            let members = model.sorts.get(sort.index()).map_or(0, Sort::size);
            return self.smallest_set(prepared, claim, members, entry);
        }
        let believed = self.asked(prepared, claim);
        let reaches = matches!(&*claim.property.kind, ExprKind::Property(Property::Possible(_)));
        if reaches {
            return self.reached(prepared, claim, believed, entry);
        }
        let params = self.told(prepared, claim, believed, entry);
        if entry.verdict == Verdict::Proved {
            self.can_occur(prepared, claim, entry);
            self.is_not_clipped(prepared, claim, entry);
        }
        self.how_deniable(prepared, claim, entry);
        params
    }

    pub(super) fn limits(&self, defect_free: bool, deadline: Instant) -> Limits<'_> {
        Limits {
            max_states: MOST,
            max_memory: MAX_MEMORY / 2,
            ..limits(deadline, self.cancel, defect_free)
        }
    }

    /// Whether belief sets prove a claim of a model without defects.
    pub(super) fn is_believed(&self, model: &Model, claim: &Claim, deadline: Instant) -> bool {
        let members = match &*claim.property.kind {
            ExprKind::Property(Property::Attributes { sort, .. }) => {
                model.sorts.get(sort.index()).map_or(0, Sort::size)
            }
            _ => 0,
        };
        let narrowed = attributed_within(&claim.property, members.saturating_sub(1));
        let claim = restated(claim, narrowed.unwrap_or_else(|| claim.property.clone()));
        let limits = self.limits(true, deadline);
        matches!(beliefs::decide(model, &claim, &limits, &mut |_| {}), Answer::Proved(_))
    }

    fn believed(&self, model: &Model, defect_free: bool, claim: &Claim) -> Believed {
        let limits = self.limits(defect_free, Instant::now() + self.options.timeout);
        let mut progress =
            |p: Progress| self.events.progress(&format!("{} states with beliefs", p.states));
        match beliefs::decide(model, claim, &limits, &mut progress) {
            Answer::Proved(visited) => Believed::Holds(visited),
            Answer::Unknown(reason) => Believed::Open(reason),
            Answer::Cancelled => Believed::Open("out of time, or interrupted".to_owned()),
            Answer::Refuted(evidence) => followed(model, claim, *evidence),
        }
    }

    fn asked(&self, prepared: &Prepared<'_>, claim: &Claim) -> Believed {
        self.believed(prepared.model, prepared.defect_free, claim)
    }

    /// The decision about a claim of another model, for one that is compared with it.
    pub(super) fn believed_in(&self, model: &Model, claim: &Claim) -> Decision {
        match self.believed(model, false, claim) {
            Believed::Holds(visited) => {
                Decision::Unreachable { engine: ENGINE, certificate: certificate(visited) }
            }
            Believed::Fails(followed) => {
                Decision::Reached { engine: ENGINE, run: Box::new(followed.run) }
            }
            Believed::Open(reason) => Decision::Unknown { reason },
            Believed::Failed(reason) => Decision::Failed { reason },
        }
    }

    /// A universal claim.
    fn told(
        &self,
        prepared: &Prepared<'_>,
        claim: &Claim,
        believed: Believed,
        entry: &mut Entry,
    ) -> Option<Vec<Value>> {
        let model = prepared.model;
        match believed {
            Believed::Holds(visited) => {
                self.shown(prepared, claim, visited, entry);
                None
            }
            Believed::Fails(followed) => {
                entries::refuted(entry, ENGINE, model, &followed.run);
                self.testify(model, &followed, entry);
                Some(followed.run.trace.params)
            }
            Believed::Open(reason) => {
                entries::undecided(entry, &reason);
                None
            }
            Believed::Failed(reason) => {
                entries::failed(entry, reason);
                None
            }
        }
    }

    /// A claim that was proved, with a certificate that others can check if one is found.
    fn shown(&self, prepared: &Prepared<'_>, claim: &Claim, visited: Visited, entry: &mut Entry) {
        match self.by_observers(prepared, claim) {
            Ok(found) => {
                entries::holds(entry, ENGINE);
                entry.certificate = Some(found);
            }
            Err(Missing::Because(reason)) => {
                let mut alone = certificate(visited);
                alone.detail =
                    alone.detail.map(|detail| format!("{detail}; alone, since {reason}"));
                entries::holds(entry, ENGINE);
                entry.certificate = Some(alone);
            }
            Err(Missing::Contradicted(how)) => {
                let reason = format!("the belief sets that were found do not check: {how}");
                entries::failed(entry, reason);
            }
        }
    }

    /// A claim that says `possible`.
    fn reached(
        &self,
        prepared: &Prepared<'_>,
        claim: &Claim,
        believed: Believed,
        entry: &mut Entry,
    ) -> Option<Vec<Value>> {
        let params = self.told(prepared, claim, believed, entry);
        match entry.verdict {
            Verdict::Proved => {
                entry.verdict = Verdict::Refuted;
                entry.reason = Some("no run reaches it".to_owned());
            }
            Verdict::Refuted => entry.verdict = Verdict::Proved,
            _ => {}
        }
        params
    }

    /// What the judges know at the end of a run, and the runs that show what they do not.
    fn testify(&self, model: &Model, followed: &Followed, entry: &mut Entry) {
        let Evidence { testimonies, .. } = &followed.evidence;
        let mut others = testimonies.iter().filter_map(|testimony| {
            let other = testimony.other.as_ref()?;
            (!is_itself(other, &followed.run.trace)).then_some((testimony, other))
        });
        if let Some(trace) = &mut entry.trace {
            trace.replayed = followed.gap != Some(Gap::Alike);
            // What looks the same as a lasso so far need not be one.
            if let (Some((testimony, other)), TraceKind::Path) = (others.next(), trace.kind) {
                trace.twin = Some(traces::report(model, &traces::plain(model, other)).periods);
                trace.kind = TraceKind::Pair;
                trace.judges = vec![judge(model, testimony)];
            } else {
                let judges = testimonies.iter().map(|testimony| judge(model, testimony));
                trace.judges = judges.unique().collect();
            }
        }
        for testimony in testimonies {
            entry.notes.push(self.testimony(model, testimony, &followed.run.trace));
        }
        let note = match followed.gap {
            None => return,
            Some(Gap::Alike) => "so many runs look alike that they were not all followed again",
            Some(Gap::Trap) => {
                "from the last state of the run it is never possible again: by the search alone"
            }
        };
        entry.notes.push(note.to_owned());
    }

    fn testimony(&self, model: &Model, testimony: &Testimony, run: &Trace) -> String {
        let judge = judge(model, testimony);
        let what = self.what(model, testimony);
        let period = testimony.period;
        let fits = match testimony.states {
            1 => format!("the only state that fits what {judge} saw has it"),
            states => format!("each of the {states} states that fit what {judge} saw has it"),
        };
        if testimony.known {
            format!("in period {period}, {judge} knows {what}: {fits}")
        } else {
            let why = if testimony.other.as_ref().is_some_and(|other| is_itself(other, run)) {
                "it is not so"
            } else {
                "in another run that looks the same it is not so"
            };
            format!("in period {period}, {judge} does not know {what}: {why}")
        }
    }

    /// What a judge knows or does not know, in words.
    fn what(&self, model: &Model, testimony: &Testimony) -> String {
        let quoted = |e: &Expr| {
            let text = self.sources.text(e.span).split_whitespace();
            format!("`{}`", text.collect::<Vec<_>>().join(" "))
        };
        let what = match &testimony.about {
            About::This(p) => quoted(p),
            About::Was(f) => format!("that {} was", quoted(f)),
            About::Somebody => "that somebody is at fault".to_owned(),
            About::Innocent(who) => format!("that {} is not at fault", value_name(model, who)),
        };
        let names = testimony.members.iter().map(|member| value_name(model, member));
        match names.collect::<Vec<_>>().join(", ") {
            members if members.is_empty() => what,
            members => format!("{what} (for {members})"),
        }
    }

    /// Vacuity: can the premise occur?
    fn can_occur(&self, prepared: &Prepared<'_>, claim: &Claim, entry: &mut Entry) {
        let Some(premise) = occasion(prepared.model, &claim.property) else { return };
        let asked = restated(claim, property(&premise, Property::Possible(premise.clone())));
        let found = match self.asked(prepared, &asked) {
            Believed::Fails(_) => Premise::CanOccur,
            Believed::Holds(_) => Premise::CannotOccur,
            _ => Premise::NotShown,
        };
        entry.premise = Some(found);
        entry.vacuous = found == Premise::CannotOccur;
    }

    /// Whether a fault can always be denied, sometimes, or never.
    fn how_deniable(&self, prepared: &Prepared<'_>, claim: &Claim, entry: &mut Entry) {
        let Some(known) = comes_out(&claim.property) else { return };
        let degree = match entry.verdict {
            Verdict::Proved if entry.vacuous => return,
            Verdict::Proved => {
                "always deniable: every faulty run has an innocent one that looks \
                                the same"
            }
            Verdict::Refuted => {
                let asked = restated(claim, known);
                match self.asked(prepared, &asked) {
                    Believed::Holds(_) => "never deniable: every fault comes to be known",
                    Believed::Fails(_) => {
                        "sometimes deniable: on some faulty run it never comes \
                                           to be known, on some it does"
                    }
                    _ => return,
                }
            }
            _ => return,
        };
        entry.notes.insert(0, degree.to_owned());
    }

    /// The least size of a set in which a judge can place all culprits.
    fn smallest_set(
        &self,
        prepared: &Prepared<'_>,
        claim: &Claim,
        members: u32,
        entry: &mut Entry,
    ) -> Option<Vec<Value>> {
        let (blank, mut params) = (entry.clone(), None);
        for size in 1..members.max(2) {
            let narrowed = attributed_within(&claim.property, size)?;
            let narrowed = restated(claim, narrowed);
            let mut found = blank.clone();
            let believed = self.asked(prepared, &narrowed);
            let witness = self.told(prepared, &narrowed, believed, &mut found);
            match found.verdict {
                Verdict::Refuted => {
                    (*entry, params) = (found, witness);
                    entry.reason = Some(format!("a set of {size} is too small"));
                }
                Verdict::Proved => {
                    let note = format!("smallest set that the culprits can be placed in: {size}");
                    entries::holds(entry, ENGINE);
                    entry.certificate = found.certificate;
                    entry.notes.insert(0, note);
                    self.can_occur(prepared, &narrowed, entry);
                    self.is_not_clipped(prepared, &narrowed, entry);
                    return params;
                }
                _ => {
                    *entry = found;
                    return None;
                }
            }
        }
        params
    }
}

/// A run that was found, followed again together with all runs that look alike.
fn followed(model: &Model, claim: &Claim, evidence: Evidence) -> Believed {
    let stays = matches!(&*claim.property.kind, ExprKind::Property(Property::AlwaysPossible(_)));
    let alone = || rerun(model, &claim.assumes, true, &evidence.run);
    let (run, gap) = if stays {
        (alone(), Some(Gap::Trap))
    } else {
        match knowing::refutes(model, claim, &evidence.run, &evidence.testimonies) {
            Ok(run) => (Ok(run), None),
            Err(Doubt::TooMany) => (alone(), Some(Gap::Alike)),
            Err(Doubt::Departs(departure)) => (Err(departure), None),
        }
    };
    match run {
        Ok(run) => Believed::Fails(Box::new(Followed { run, evidence, gap })),
        Err(departure) => {
            Believed::Failed(format!("the run that was found does not replay: {departure}"))
        }
    }
}

fn certificate(visited: Visited) -> Certificate {
    let Visited { states, nodes, largest, .. } = visited;
    Certificate {
        kind: "belief-search".to_owned(),
        checked: false,
        by: Vec::new(),
        detail: Some(format!(
            "{}, {nodes} with belief sets, the largest of {}",
            counted(states, "state"),
            counted(largest, "world")
        )),
        obligations: Vec::new(),
    }
}

fn judge(model: &Model, testimony: &Testimony) -> String {
    let (sort, member) = testimony.judge;
    value_name(model, &Value::Member(sort, member))
}

/// The other run is the run itself, as far as its states tell.
fn is_itself(other: &Trace, run: &Trace) -> bool {
    let states = |trace: &Trace| -> Vec<Vec<Value>> {
        trace.periods.iter().map(|period| period.state.clone()).collect()
    };
    states(other) == states(run)
}

fn counted(n: usize, what: &str) -> String {
    if n == 1 { format!("1 {what}") } else { format!("{n} {what}s") }
}

fn restated(claim: &Claim, property: Expr) -> Claim {
    Claim { property, ..claim.clone() }
}

fn property(e: &Expr, property: Property) -> Expr {
    Expr { kind: Box::new(ExprKind::Property(property)), ty: Type::Bool, span: e.span }
}

/// When a claim says something: the premise of its implications; of an attribution, that somebody
/// is known to be guilty.
fn occasion(model: &Model, e: &Expr) -> Option<Expr> {
    let ExprKind::Property(Property::Attributes { judge, culprit, sort, fault, .. }) = &*e.kind
    else {
        return premise(model, e);
    };
    let guilty = property(fault, Property::Once(fault.clone()));
    let domain = crate::types::core::Domain::Sort(*sort);
    let kind = ExprKind::Quantified(Quant::Some, *culprit, domain, guilty);
    let somebody = Expr { kind: Box::new(kind), ty: Type::Bool, span: e.span };
    Some(property(e, Property::Knows(judge.clone(), somebody)))
}

/// The claim that whatever is said to be deniable comes to be known; `None` for other claims.
fn comes_out(e: &Expr) -> Option<Expr> {
    let rebuilt = |kind| Expr { kind: Box::new(kind), ty: e.ty, span: e.span };
    match &*e.kind {
        ExprKind::Property(Property::Deniable(f, judge)) => {
            Some(property(e, Property::Detects(judge.clone(), f.clone(), None)))
        }
        ExprKind::Quantified(Quant::All, local, domain, body) => {
            let body = comes_out(body)?;
            Some(rebuilt(ExprKind::Quantified(Quant::All, *local, domain.clone(), body)))
        }
        ExprKind::Binary(Binary::And, a, b) => {
            Some(rebuilt(ExprKind::Binary(Binary::And, comes_out(a)?, comes_out(b)?)))
        }
        _ => None,
    }
}
