//! Adjacent ties taken out of the three levels: the verdicts that rest on them change, and no others.

#![allow(clippy::expect_used, clippy::panic, reason = "tests")]

use std::collections::BTreeMap;
use std::path::PathBuf;

use yamen::govern::{self, files::Disk};
use yamen::report::events::Silent;
use yamen::report::outcome::{EntryKind, Verdict};
use yamen::syntax::ast::Institution;
use yamen::syntax::source::SourceMap;
use yamen::verify::without::without;
use yamen::verify::{Options, verify};

/// Without ties nobody departs from the line, so that there is nothing to cover up or to find; and the cycle
/// goes on only where rumours or new courses keep it going.
const CHANGED: [(&str, &str); 10] = [
    ("acquiescence", "proved, refuted"),
    ("adaptation_only", "proved, vacuous"),
    ("cycle", "proved, refuted"),
    ("deviation_alone", "proved, refuted"),
    ("hidden", "proved, vacuous"),
    ("immediate", "proved, vacuous"),
    ("in_practice", "refuted, proved"),
    ("only_way_down", "proved, vacuous"),
    ("same_again", "refuted, proved"),
    ("ultimate", "refuted, vacuous"),
];

#[test]
fn adjacent_ties_are_what_hides_deviation() {
    let loaded = govern::load::load(&[PathBuf::from("specs/governance/three_levels.yamen")], &Disk);
    let base = loaded.institutions.first().expect("an institution");
    let core = govern::elaborate(base).0;
    let whole = verdicts(&loaded.sources, &core);
    let rest = verdicts(&loaded.sources, &without(&core, None, &["befriend"]));
    assert_eq!(whole.len(), 21, "{whole:?}");
    let changed: Vec<(&str, String)> = whole
        .iter()
        .filter_map(|(claim, before)| {
            let after = rest.get(claim).expect("the same claims");
            (before != after).then(|| (claim.as_str(), format!("{before}, {after}")))
        })
        .collect();
    let expected = CHANGED.map(|(claim, change)| (claim, change.to_owned()));
    assert_eq!(changed, expected);
}

fn verdicts(sources: &SourceMap, core: &Institution) -> BTreeMap<String, &'static str> {
    let options = Options { needs: false, search_suffices: true, ..Options::default() };
    let verified = verify(sources, std::slice::from_ref(core), &options, &Silent, &|| false);
    let entries = verified.expect("a legal spec").report.entries;
    let claims = entries.into_iter().filter(|entry| entry.kind != EntryKind::Defect);
    let verdict = |verdict: Verdict, vacuous: bool| match verdict {
        Verdict::Proved if vacuous => "vacuous",
        other => other.word(),
    };
    claims.map(|entry| (entry.id, verdict(entry.verdict, entry.vacuous))).collect()
}
