//! Exit codes: what a script may rely on without reading a word of output.

use std::process::ExitCode;

use crate::report::outcome::Report;

/// How a run of the program ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Every verdict is the expected one, and no spec has a defect.
    AsExpected,
    /// Some verdict is not the expected one, a proof is vacuous, or a spec has a defect; what was
    /// asked to be checked is not so.
    NotAsExpected,
    /// Wrong use, a wrong spec, or a place that cannot be written: nothing was verified.
    Usage,
    /// An error of Yamen's own, evidence that failed its own check, or output that was lost when all was
    /// done.
    Internal,
    /// Nothing worse than `unknown`, a time-out, or a part that is missing.
    Unknown,
    /// Stopped by the user; what was decided so far has been printed.
    Interrupted,
}

impl Exit {
    /// All of them, in the order of their numbers.
    pub const ALL: [Exit; 6] = [
        Exit::AsExpected,
        Exit::NotAsExpected,
        Exit::Usage,
        Exit::Internal,
        Exit::Unknown,
        Exit::Interrupted,
    ];

    /// The number that the shell sees.
    pub fn code(self) -> u8 {
        match self {
            Exit::AsExpected => 0,
            Exit::NotAsExpected => 1,
            Exit::Usage => 2,
            Exit::Internal => 3,
            Exit::Unknown => 4,
            Exit::Interrupted => 130,
        }
    }

    /// What a verification's report amounts to. Evidence that failed its check outweighs all: no
    /// verdict of such a run is to be relied on.
    pub fn of(report: &Report) -> Exit {
        let summary = report.summary();
        if report.entries.iter().chain(&report.obligations).any(|entry| entry.evidence_failed) {
            Exit::Internal
        } else if report.interrupted {
            Exit::Interrupted
        } else if summary.not_as_expected > 0 {
            Exit::NotAsExpected
        } else if summary.unknown > 0 {
            Exit::Unknown
        } else {
            Exit::AsExpected
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(exit.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::outcome::{Entry, EntryKind, Verdict};

    /// What the language of exit codes means, row by row.
    #[test]
    fn every_code_has_its_reason() {
        let entry = |verdict, as_expected| Entry { verdict, as_expected, ..Entry::default() };
        let good = || entry(Verdict::Proved, true);
        let bad = || entry(Verdict::Refuted, false);
        let open = || entry(Verdict::Unknown, false);
        let bounded = || entry(Verdict::HoldsToDepth(9), false);
        let vacuous = || Entry { vacuous: true, ..entry(Verdict::Proved, false) };
        let defect = || Entry { kind: EntryKind::Defect, ..bad() };
        let broken = || Entry { evidence_failed: true, ..open() };
        let table: [(&str, Vec<Entry>, bool, u8); 12] = [
            ("nothing to decide", vec![], false, 0),
            ("as expected", vec![good()], false, 0),
            ("refuted as expected", vec![entry(Verdict::Refuted, true)], false, 0),
            ("not as expected", vec![good(), bad()], false, 1),
            ("a vacuous proof", vec![vacuous()], false, 1),
            ("a defect", vec![good(), defect()], false, 1),
            ("a failure outweighs an unknown", vec![open(), bad()], false, 1),
            ("unknown", vec![good(), open()], false, 4),
            ("bounded only", vec![bounded()], false, 4),
            ("interrupted", vec![good()], true, 130),
            ("interrupted outweighs verdicts", vec![bad(), open()], true, 130),
            ("failed evidence outweighs all", vec![good(), bad(), broken()], true, 3),
        ];
        for (why, entries, interrupted, code) in table {
            let report = Report { entries, interrupted, ..Report::default() };
            assert_eq!(Exit::of(&report).code(), code, "{why}");
        }
    }

    #[test]
    fn codes_differ() {
        let codes: std::collections::BTreeSet<u8> = Exit::ALL.map(Exit::code).into();
        assert_eq!(codes.len(), Exit::ALL.len());
    }
}
