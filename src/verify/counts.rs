//! Which verdicts count beside a defect.
//!
//! No run goes through a defective step. So what is said of all runs says nothing of the institution as long as
//! an obligation fails, or is open. What one run shows, that run shows anyway.

use crate::report::outcome::{Entry, Verdict};

/// Why proofs do not count, if an obligation does not hold.
pub(super) fn unsound(obligations: &[Entry]) -> Option<String> {
    let broken = obligations.iter().find(|e| e.verdict == Verdict::Refuted);
    let open = || obligations.iter().find(|e| e.verdict != Verdict::Proved);
    match (broken, open()) {
        (Some(defect), _) => Some(format!(
            "no proof counts while the spec has a defect (`{}`): mend it first",
            defect.id
        )),
        (None, Some(entry)) => Some(format!(
            "a proof would rest on the obligation `{}`, which is not decided",
            entry.id
        )),
        (None, None) => None,
    }
}

/// Whether a verdict rests on what no run does. A proof does; and a refutation that comes with a certificate does:
/// that no run reaches something, that nothing leads on from a state, or that a strategy wins all plays.
pub(super) fn rests_on_all_runs(entry: &Entry) -> bool {
    match entry.verdict {
        Verdict::Proved => true,
        Verdict::Refuted => entry.certificate.is_some(),
        Verdict::Unknown | Verdict::HoldsToDepth(_) => false,
    }
}
