//! What a reviewer has to look at: the common ground of the formats for continuous integration.
//!
//! A finding is a verdict that is not the expected one, a defect, or a message about a spec, each
//! with its place and the other places that matter: of a run, those of the rules that fire in it.
//! Verdicts that are as expected are no findings.

use std::collections::BTreeMap;

use super::diagnostics::Trouble;
use super::outcome::{Entry, EntryKind, PeriodReport, Place, Report, Verdict};
use super::text;
use crate::syntax::diagnostic::{Diagnostic, Severity};
use crate::syntax::source::SourceMap;

/// Something to look at.
#[derive(Clone, Debug)]
pub struct Finding<'a> {
    /// What kind of finding it is: a code of [`CODES`], of a diagnostic, or of a trouble.
    pub code: &'a str,
    /// How bad it is.
    pub severity: Severity,
    /// In a few words.
    pub title: String,
    /// In full.
    pub message: String,
    /// Where; nothing for what has no place in a file.
    pub place: Option<Place>,
    /// Other places that matter, with what happens there.
    pub related: Vec<(Place, String)>,
    /// The verdict it is about.
    pub entry: Option<&'a Entry>,
}

/// The codes of findings about verdicts, and what they mean.
pub const CODES: [(&str, &str); 6] = [
    ("refuted", "A claim fails in the model, or a scenario has no run, and this was not expected"),
    ("proved", "A claim is proved that is expected to be refuted"),
    ("vacuous", "A claim is proved only because its premise can never occur"),
    ("unknown", "A claim could not be decided"),
    ("defect", "The rules of an institution contradict each other, overrun a range, or get stuck"),
    ("evidence-failed", "An answer's evidence failed its own check, so that there is no verdict"),
];

/// The findings of a report, in the order of its entries.
pub fn of_report(report: &Report) -> Vec<Finding<'_>> {
    report
        .entries
        .iter()
        .chain(report.obligations.iter().filter(|entry| entry.evidence_failed))
        .filter(|entry| !entry.as_expected || entry.evidence_failed)
        .map(|entry| of_entry(report, entry))
        .collect()
}

/// The messages about specs as findings.
pub fn of_messages<'a>(
    troubles: &'a [Trouble],
    diagnostics: &'a [Diagnostic],
    sources: &SourceMap,
) -> Vec<Finding<'a>> {
    let placed = diagnostics.iter().map(|diagnostic| of_diagnostic(diagnostic, sources));
    troubles.iter().map(of_trouble).chain(placed).collect()
}

fn of_entry<'a>(report: &'a Report, entry: &'a Entry) -> Finding<'a> {
    let code = code(entry);
    let undecided = entry.is_undecided() && !entry.evidence_failed;
    let title = format!("{}.{}: {}", entry.institution, entry.id, text::verdict(entry));
    let said = entry.title.as_ref().map(|title| format!("\"{title}\""));
    let sentences: Vec<String> = said.into_iter().chain(text::sentences(entry)).collect();
    Finding {
        code,
        severity: if undecided { Severity::Warning } else { Severity::Error },
        title,
        message: sentences.join("\n"),
        place: Some(place(report, entry)),
        related: fired(report, entry),
        entry: Some(entry),
    }
}

fn code(entry: &Entry) -> &'static str {
    match entry.verdict {
        _ if entry.evidence_failed => "evidence-failed",
        Verdict::Proved if entry.vacuous => "vacuous",
        Verdict::Proved => "proved",
        Verdict::Refuted if entry.kind == EntryKind::Defect => "defect",
        Verdict::Refuted => "refuted",
        Verdict::HoldsToDepth(_) | Verdict::Unknown => "unknown",
    }
}

/// The whole claim where its end is known, else where it begins.
pub fn place(report: &Report, entry: &Entry) -> Place {
    let (line, column) = (entry.line.max(1), entry.column.max(1));
    let institutions = report.institutions.iter().filter(|one| one.name == entry.institution);
    let mut claims = institutions.filter_map(|institution| institution.claims.get(&entry.id));
    let known = claims.find(|place| (&place.file, place.line) == (&entry.file, line));
    known.cloned().unwrap_or_else(|| Place {
        file: entry.file.clone(),
        line,
        column,
        end_line: line,
        end_column: column,
        text: String::new(),
    })
}

/// The rules that fire in an entry's run, in the order in which they first do.
fn fired(report: &Report, entry: &Entry) -> Vec<(Place, String)> {
    let Some(trace) = &entry.trace else { return Vec::new() };
    let mut order: Vec<&str> = Vec::new();
    let mut when: BTreeMap<&str, [Vec<usize>; 2]> = BTreeMap::new();
    let other = trace.twin.as_deref().unwrap_or_default();
    for (run, periods) in [trace.periods.as_slice(), other].into_iter().enumerate() {
        for (number, name) in firings(periods) {
            let [one, two] = when.entry(name).or_insert_with(|| {
                order.push(name);
                [Vec::new(), Vec::new()]
            });
            let periods = if run == 0 { one } else { two };
            if periods.last() != Some(&number) {
                periods.push(number);
            }
        }
    }
    let told = |name: &str| {
        let place = declared(report, entry, name)?;
        let [one, two] = when.get(name)?;
        let words = match (one.as_slice(), two.as_slice()) {
            ([], two) => format!("`{name}` fires in the other run in {}", periods(two)),
            (one, []) if other.is_empty() => format!("`{name}` fires in {}", periods(one)),
            (one, []) => format!("`{name}` fires in the first run in {}", periods(one)),
            (one, two) => {
                format!("`{name}` fires in {}, in the other run in {}", periods(one), periods(two))
            }
        };
        Some((place.clone(), words))
    };
    order.iter().filter_map(|name| told(name)).collect()
}

/// Every firing of a run: the period and the rule.
fn firings(periods: &[PeriodReport]) -> impl Iterator<Item = (usize, &str)> {
    let numbered = periods.iter().enumerate();
    numbered.flat_map(|(number, period)| {
        period.rules.iter().map(move |rule| (number, rule_of(&rule.name)))
    })
}

/// The rule of an instance: `learn` of `learn[2]`.
pub fn rule_of(instance: &str) -> &str {
    instance.split('[').next().unwrap_or(instance)
}

/// Where a rule of the entry's institution is declared.
pub fn declared<'a>(report: &'a Report, entry: &Entry, rule: &str) -> Option<&'a Place> {
    let mut institutions = report.institutions.iter().filter(|i| i.name == entry.institution);
    institutions.find_map(|institution| institution.rules.get(rule_of(rule)))
}

/// `period 2`, or `periods 0, 3 and 4`
fn periods(numbers: &[usize]) -> String {
    match numbers {
        [] => "no period".to_owned(),
        [one] => format!("period {one}"),
        [before @ .., last] => {
            let before: Vec<String> = before.iter().map(usize::to_string).collect();
            format!("periods {} and {last}", before.join(", "))
        }
    }
}

fn of_trouble(trouble: &Trouble) -> Finding<'_> {
    Finding {
        code: trouble.code,
        severity: trouble.severity,
        title: trouble.message.clone(),
        message: with_help(&trouble.message, &[], trouble.help.as_deref()),
        place: None,
        related: Vec::new(),
        entry: None,
    }
}

fn of_diagnostic<'a>(diagnostic: &'a Diagnostic, sources: &SourceMap) -> Finding<'a> {
    let labelled = |(span, words): &(_, String)| (Place::of(sources, *span), words.clone());
    Finding {
        code: diagnostic.code,
        severity: diagnostic.severity,
        title: diagnostic.message.clone(),
        message: with_help(&diagnostic.message, &diagnostic.notes, diagnostic.help.as_deref()),
        place: Some(Place::of(sources, diagnostic.primary.0)),
        related: diagnostic.secondary.iter().map(labelled).collect(),
        entry: None,
    }
}

fn with_help(message: &str, notes: &[String], help: Option<&str>) -> String {
    let notes = notes.iter().map(|note| format!("\nnote: {note}"));
    let help = help.map(|help| format!("\nhelp: {help}"));
    notes.chain(help).fold(message.to_owned(), |all, more| all + &more)
}
