//! `--format junit`: JUnit's XML, a suite for each institution and a case for each claim.
//!
//! JUnit itself never had a schema; this is the form that Jenkins describes (`junit-10.xsd` of its xUnit
//! plugin, which `tests/report/ci.rs` validates against). There a case has no properties, so that what an
//! entry says is the case's output.
//!
//! A verdict that is not the expected one is a failure; what could not be decided, and evidence
//! that failed its own check, is an error, so that a dashboard keeps the two apart. Obligations
//! that hold are cases too. The run that refutes a claim is part of the output, as text shows it.

use std::time::Duration;

use quick_junit::{NonSuccessKind, Report as Junit, TestCase, TestCaseStatus, TestSuite};

use super::findings::Finding;
use super::outcome::{Entry, EntryKind, InstitutionReport, Report, Verdict};
use super::text;

/// The width of the runs that are told.
const WIDTH: usize = 100;

/// The whole report, with the messages about its specs as a suite of their own.
pub fn report(report: &Report, messages: &[Finding<'_>]) -> String {
    let mut junit = Junit::new("yamen");
    junit.set_time(time(report.seconds));
    for institution in &report.institutions {
        junit.add_test_suite(suite(report, institution));
    }
    if !messages.is_empty() {
        junit.add_test_suite(about_specs(messages));
    }
    if report.interrupted {
        let mut suite = TestSuite::new("yamen");
        let words = "interrupted: only what had been decided is told";
        suite.add_test_case(failed("the whole run", NonSuccessKind::Error, "interrupted", words));
        junit.add_test_suite(suite);
    }
    written(&junit)
}

/// Messages only: nothing was verified.
pub fn messages(messages: &[Finding<'_>]) -> String {
    let mut junit = Junit::new("yamen");
    junit.add_test_suite(about_specs(messages));
    written(&junit)
}

/// Writing into memory fails only if the library is at fault; an empty file is then no test report.
/// The library keeps control characters out, but not the two that are no characters; and it counts
/// skipped cases, of which there are none, also for all suites together, which the schema does not know.
fn written(junit: &Junit) -> String {
    let text = junit.to_string().unwrap_or_default();
    text.replacen(" skipped=\"0\"", "", 1).replace(['\u{fffe}', '\u{ffff}'], "\u{fffd}")
}

fn time(seconds: f64) -> Duration {
    Duration::try_from_secs_f64(seconds).unwrap_or_default()
}

fn suite(report: &Report, institution: &InstitutionReport) -> TestSuite {
    let mut suite = TestSuite::new(institution.name.as_str());
    suite.extra.insert("file".into(), institution.file.as_str().into());
    suite.add_property(("title", institution.title.as_str()));
    suite.add_property(("solver", report.solver.as_str()));
    suite.add_property(("seed", report.seed.to_string().as_str()));
    let entries = report.obligations.iter().chain(&report.entries);
    let entries: Vec<&Entry> =
        entries.filter(|entry| entry.institution == institution.name).collect();
    suite.set_time(time(entries.iter().map(|entry| entry.seconds).sum()));
    suite.add_test_cases(entries.into_iter().map(case));
    suite
}

fn case(entry: &Entry) -> TestCase {
    let mut case = TestCase::new(entry.id.as_str(), status(entry));
    case.set_classname(entry.institution.as_str()).set_time(time(entry.seconds));
    case.extra.insert("file".into(), entry.file.as_str().into());
    case.extra.insert("line".into(), entry.line.to_string().into());
    case.extra.insert("status".into(), entry.verdict.word().into());
    case.set_system_out(told(entry));
    case
}

/// What is said of an entry whatever came of it, and the run that shows it.
fn told(entry: &Entry) -> String {
    let title = entry.title.as_deref().unwrap_or(&entry.id);
    let words = format!("{} `{}`: {title}\n{}\n", kind(entry.kind), entry.id, text::verdict(entry));
    let run = entry.trace.as_ref().map(|trace| text::run(trace, WIDTH)).unwrap_or_default();
    words + &anstream::adapter::strip_str(&run).to_string()
}

fn kind(kind: EntryKind) -> &'static str {
    match kind {
        EntryKind::Claim => "claim",
        EntryKind::Scenario => "scenario",
        EntryKind::Lemma => "lemma",
        EntryKind::Defect => "obligation",
    }
}

fn status(entry: &Entry) -> TestCaseStatus {
    if entry.as_expected && !entry.evidence_failed {
        return TestCaseStatus::success();
    }
    let bounded = matches!(entry.verdict, Verdict::HoldsToDepth(_));
    let undecided = entry.evidence_failed || bounded || entry.verdict == Verdict::Unknown;
    let kind = if undecided { NonSuccessKind::Error } else { NonSuccessKind::Failure };
    let mut status = TestCaseStatus::non_success(kind);
    status
        .set_type(entry.verdict.word())
        .set_message(text::verdict(entry))
        .set_description(text::sentences(entry).join("\n"));
    status
}

fn about_specs(messages: &[Finding<'_>]) -> TestSuite {
    use crate::syntax::diagnostic::Severity::Error;
    let mut suite = TestSuite::new("specs");
    for finding in messages {
        let mut case = match finding.severity {
            Error => failed(&finding.title, NonSuccessKind::Error, finding.code, &finding.message),
            _ => {
                let mut case = TestCase::new(finding.title.as_str(), TestCaseStatus::success());
                case.set_system_err(finding.message.as_str());
                case
            }
        };
        case.set_classname("specs");
        if let Some(place) = &finding.place {
            case.extra.insert("file".into(), place.file.as_str().into());
            case.extra.insert("line".into(), place.line.to_string().into());
        }
        suite.add_test_case(case);
    }
    suite
}

fn failed(name: &str, kind: NonSuccessKind, code: &str, words: &str) -> TestCase {
    let mut status = TestCaseStatus::non_success(kind);
    status.set_type(code).set_description(words);
    TestCase::new(name, status)
}
