//! `smallest k : …`: the least bound for which a claim holds.
//!
//! First it is asked whether a run, or a pair of runs, refutes the claim for every bound at once: one in
//! which what the deadline counts comes again and again, and what is due never comes. If so, it is
//! refuted, and the lasso shows it. Otherwise bounds are tried one after the other; the first that is
//! proved is the least, since a larger one only claims less, and the refutation of the one before it
//! shows that it is.

use std::time::{Duration, Instant};

use super::Options;
use super::decide::Decision;
use super::entries;
use super::institution::Investigation;
use super::knowledge::{Answer, file};
use crate::report::outcome::{Entry, Verdict};
use crate::system::property::{Beyond, Prepared, Question};
use crate::twin;
use crate::types::core::{Claim, Value};

/// How long a refutation of all bounds is looked for before any is tried.
const FIRST: Duration = Duration::from_millis(300);
/// So many bounds are tried before a refutation of all is looked for in earnest.
const IN_EARNEST: u32 = 4;

impl Investigation<'_> {
    /// The least bound; returns the parameters of a refutation of all of them.
    pub(super) fn smallest(
        &self,
        prepared: &Prepared<'_>,
        claim: &Claim,
        entry: &mut Entry,
    ) -> Option<Vec<Value>> {
        let start = Instant::now();
        let mut below = None;
        for k in 0.. {
            if let Some(refuted) = self.for_no_bound(prepared, claim, k, entry) {
                let params = file(entry, prepared.model, refuted);
                entry.notes.push("refuted for every k at once: what is due never comes".to_owned());
                return params;
            }
            let bounded = twin::with_bound(claim, k);
            match self.part(prepared, &bounded, entry)? {
                Answer::Refuted { shown, .. } if start.elapsed() < self.options.timeout => {
                    below = Some(shown.trace);
                }
                Answer::Refuted { .. } => {
                    entries::undecided(entry, &format!("timeout: refuted up to k = {k}"));
                    return None;
                }
                Answer::Open(Decision::Unknown { reason }) => {
                    entries::undecided(entry, &format!("for k = {k}: {reason}"));
                    return None;
                }
                answer => {
                    file(entry, prepared.model, answer);
                    if entry.verdict == Verdict::Proved {
                        self.least(prepared, &bounded, k, entry);
                        entry.trace = below;
                    }
                    return None;
                }
            }
        }
        None
    }

    /// What goes with the proof for the least bound.
    fn least(&self, prepared: &Prepared<'_>, bounded: &Claim, k: u32, entry: &mut Entry) {
        entry.smallest = Some(k);
        let note = match k.checked_sub(1) {
            Some(less) => format!("the least k is {k}; the runs below show that {less} is too few"),
            None => "the least k is 0".to_owned(),
        };
        entry.notes.push(note);
        self.says_something_known(prepared, bounded, entry);
        self.is_not_clipped(prepared, bounded, entry);
    }

    /// The run or pair that refutes it for every bound. It is looked for in a moment at first, and
    /// in earnest once some bounds have been refuted.
    fn for_no_bound(
        &self,
        prepared: &Prepared<'_>,
        claim: &Claim,
        k: u32,
        entry: &mut Entry,
    ) -> Option<Answer> {
        let time = match k {
            0 => FIRST.min(self.options.timeout),
            IN_EARNEST => self.options.timeout,
            _ => return None,
        };
        let options = Options { timeout: time, ..self.options.clone() };
        let brief = Investigation { options: &options, ..*self };
        let found = brief.without_bound(prepared, claim, entry);
        found.filter(|answer| matches!(answer, Answer::Refuted { .. }))
    }

    fn without_bound(
        &self,
        prepared: &Prepared<'_>,
        claim: &Claim,
        entry: &mut Entry,
    ) -> Option<Answer> {
        let tick = twin::sought(&claim.property)?.tick;
        let mut model = prepared.model.clone();
        // Deadlines are about all runs; those that refute every one have what is counted recur.
        let named = tick.and_then(|tick| Some((tick, model.ticks.get(tick.index())?.name.clone())));
        model.fairness =
            named.iter().map(|(tick, name)| twin::recurring(*tick, name, claim.span)).collect();
        let mut loose = Prepared::new(&model);
        loose.defect_free = prepared.defect_free;
        prepared.learned.iter().for_each(|lemma| loose.learn(lemma));
        self.part(&loose, &twin::without_bound(claim), entry)
    }

    fn part(&self, prepared: &Prepared<'_>, claim: &Claim, entry: &mut Entry) -> Option<Answer> {
        match prepared.question(claim) {
            Question::Beyond(Beyond::Knowledge) => self.by_pairs(prepared, claim, entry),
            _ => Some(self.plain(prepared, claim)),
        }
    }
}
