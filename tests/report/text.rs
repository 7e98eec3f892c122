//! Snapshots of the text.

use yamen::report::outcome::{InstitutionReport, Report, Verdict};
use yamen::report::text::{self, TextOptions, Traces};

use crate::samples::{self, institution, report};

/// The text without colours.
fn plain(report: &Report, options: TextOptions) -> String {
    anstream::adapter::strip_str(&text::report(report, &options)).to_string()
}

fn of(entries: Vec<yamen::report::outcome::Entry>, width: usize) -> String {
    let report = report(institution("inspection", "Inspection campaigns"), entries);
    let text = plain(&report, TextOptions { width, ..TextOptions::default() });
    for line in text.lines() {
        let columns = unicode_width::UnicodeWidthStr::width(line);
        assert!(columns <= width, "{columns} columns in: {line}");
        assert_eq!(line, line.trim_end());
    }
    text
}

#[test]
fn proofs() {
    insta::assert_snapshot!(of(vec![samples::proved(), samples::vacuous(), samples::core()], 100));
}

#[test]
fn refuted_path() {
    insta::assert_snapshot!(of(vec![samples::refuted()], 110));
}

#[test]
fn undecided() {
    insta::assert_snapshot!(of(vec![samples::unknown(), samples::bounded()], 100));
}

#[test]
fn scenario_lasso_with_views() {
    insta::assert_snapshot!(of(vec![samples::scenario()], 140));
}

#[test]
fn defect() {
    insta::assert_snapshot!(of(vec![samples::defect(), samples::proved()], 100));
}

#[test]
fn pair() {
    insta::assert_snapshot!(of(vec![samples::pair()], 100));
}

#[test]
fn long_trace_is_cut_in_the_middle() {
    insta::assert_snapshot!(of(vec![samples::long(101)], 80));
}

#[test]
fn wide_state_is_folded() {
    insta::assert_snapshot!(of(vec![samples::wide(24)], 120));
}

#[test]
fn narrow_terminal_takes_several_blocks() {
    insta::assert_snapshot!(of(vec![samples::refuted()], 60));
}

#[test]
fn reform_stands_beside_its_base() {
    let mut report = report(institution("inspection", "inspection"), vec![samples::refuted()]);
    let base = Some("inspection".to_owned());
    report.institutions.push(InstitutionReport { base, ..institution("fiat", "Rule by fiat") });
    let mut entry = samples::refuted();
    entry.institution = "fiat".to_owned();
    entry.verdict = Verdict::Proved;
    entry.trace = None;
    report.entries.push(entry);
    report.interrupted = true;
    insta::assert_snapshot!(plain(
        &report,
        TextOptions { traces: Traces::None, ..TextOptions::default() }
    ));
}

#[test]
fn colours_are_there_to_be_stripped() {
    let report = report(institution("inspection", "Inspection campaigns"), vec![samples::proved()]);
    assert!(text::report(&report, &TextOptions::default()).contains("\u{1b}["));
}
