//! `(possible p) and (possible q)`, and `all x : possible p[x]`: as many questions as there are parts.
//!
//! Each part is shown by a run of its own. The entry shows that of the first, and where one part fails, what
//! became of that part; `yamen explain` tells of all of them.

use super::entries;
use super::institution::Investigation;
use crate::interp::stays;
use crate::report::outcome::{Entry, Verdict};
use crate::system::property::{Prepared, Question};
use crate::types::core::{Claim, ClaimKind, Expr, Value};

impl Investigation<'_> {
    /// Whether some run reaches each of several things; returns the parameters of a refutation.
    pub(super) fn each_reached(
        &self,
        prepared: &Prepared<'_>,
        claim: &Claim,
        entry: &mut Entry,
    ) -> Option<Vec<Value>> {
        let Some(parts) = stays::reached(prepared.model, &claim.property) else {
            entries::undecided(entry, "this mixture of claims is not decided by this version");
            return None;
        };
        let is_open = prepared.model.params.iter().any(|param| param.value.is_none());
        if claim.kind == ClaimKind::Scenario && is_open && parts.len() > 1 {
            // A scenario is content with some values; those of one part may not be those of another.
            let reason = "the parts may be reached at different values of the parameters: give them values with \
                          `--set`";
            entries::undecided(entry, reason);
            return None;
        }
        self.one_by_one(prepared, claim, parts, entry)
    }

    fn one_by_one(
        &self,
        prepared: &Prepared<'_>,
        claim: &Claim,
        parts: Vec<Expr>,
        entry: &mut Entry,
    ) -> Option<Vec<Value>> {
        let count = parts.len();
        let mut first: Option<Entry> = None;
        for (n, property) in (1..).zip(parts) {
            let part = Claim { property, ..claim.clone() };
            let mut found = entry.clone();
            let params = match prepared.question(&part) {
                Question::Reach(asked) => self.reach(prepared, &part, &asked, &mut found),
                _ => None,
            };
            if found.verdict != Verdict::Proved {
                let reason = found.reason.take().unwrap_or_else(|| "not decided".to_owned());
                found.reason = Some(format!("part {n} of {count}: {reason}"));
                *entry = found;
                return params;
            }
            first.get_or_insert(found);
        }
        match first {
            Some(found) => *entry = found,
            // `all` over nothing.
            None => entries::absence(entry, &entries::nothing_to_check()),
        }
        if count > 1 {
            let note = "parts is reached by a run of its own; the run shown is that of the first";
            entry.notes.push(format!("each of {count} {note}"));
        }
        None
    }
}
