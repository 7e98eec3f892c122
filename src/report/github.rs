//! `--format github`: workflow commands, which GitHub shows as annotations at the lines they name.
//!
//! The grammar is that of GitHub's documentation, "Workflow commands for GitHub Actions": properties
//! escape `%`, line ends, `:` and `,`; the message escapes `%` and line ends. Of each kind GitHub
//! shows ten annotations to a step; the log keeps all of them.

use std::fmt::Write;

use super::findings::{self, Finding};
use super::outcome::{Place, Report};
use crate::syntax::diagnostic::Severity;

/// The findings of a report after those about its specs, then the counts.
pub fn report(report: &Report, messages: &[Finding<'_>]) -> String {
    let mut out = findings_only(messages);
    out.push_str(&findings_only(&findings::of_report(report)));
    let summary = report.summary();
    let _ = writeln!(
        out,
        "{} claims: {} as expected, {} not as expected, {} unknown",
        summary.claims, summary.as_expected, summary.not_as_expected, summary.unknown
    );
    if report.interrupted {
        out.push_str("interrupted: only what had been decided is told\n");
    }
    out
}

/// A command to a line for each finding.
pub fn findings_only(findings: &[Finding<'_>]) -> String {
    findings.iter().map(command).collect()
}

/// `::error file=…,line=…,title=…::message`
fn command(finding: &Finding<'_>) -> String {
    let name = match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "notice",
    };
    let mut properties: Vec<String> = finding.place.iter().flat_map(position).collect();
    properties.push(format!("title={}", property(&finding.title)));
    let related = finding.related.iter();
    let related =
        related.map(|(place, words)| format!("\n{words} ({}:{})", place.file, place.line));
    let message = finding.message.clone() + &related.collect::<String>();
    format!("::{name} {}::{}\n", properties.join(","), data(&message))
}

/// A range of columns counts only within one line.
fn position(place: &Place) -> Vec<String> {
    let mut parts = vec![
        format!("file={}", property(&place.file)),
        format!("line={}", place.line),
        format!("endLine={}", place.end_line),
    ];
    if place.line == place.end_line {
        parts.push(format!("col={}", place.column));
        parts.push(format!("endColumn={}", place.end_column));
    }
    parts
}

/// Text after the second `::`.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// The value of a property.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
