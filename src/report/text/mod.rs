//! The report as a person reads it in a terminal.
//!
//! Each institution has a heading and a verdict line per claim; what stands behind a verdict
//! follows it, and the run, as a table of periods. Verdicts are said of the model, never of the
//! world. The text carries ANSI colours; whoever prints it strips them where they are not wanted.

mod compared;
pub(super) mod entry;
mod pair;
mod run;
mod strategy;
pub(super) mod wrap;

use std::fmt::Write;

use anstyle::Style;
use unicode_width::UnicodeWidthStr;

use super::outcome::{Entry, EntryKind, InstitutionReport, Report, TraceReport, Verdict};
pub(super) use entry::verdict_words;
use entry::{Setting, assignment, seconds};
use wrap::paragraph;

/// Which runs are told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Traces {
    /// Of every refutation and scenario.
    #[default]
    All,
    /// Of every refutation and scenario, with what does not bear on the verdict.
    Whole,
    /// Of verdicts that are not the expected ones.
    Unexpected,
    /// None.
    None,
}

/// How the text is set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TextOptions {
    /// The width of the page in columns.
    pub width: usize,
    /// Which runs are told.
    pub traces: Traces,
}

impl Default for TextOptions {
    fn default() -> Self {
        TextOptions { width: 100, traces: Traces::All }
    }
}

/// The whole report.
pub fn report(report: &Report, options: &TextOptions) -> String {
    let mut out = String::new();
    for institution in &report.institutions {
        let entries: Vec<&Entry> =
            report.entries.iter().filter(|entry| entry.institution == institution.name).collect();
        out.push_str(&heading(institution, &entries, options.width));
        out.push_str(&verdicts(&entries, options));
        out.push_str(&compared::with_base(report, institution, options.width));
        out.push('\n');
    }
    out.push_str(&closing(report, options.width));
    out
}

/// A run on its own, as a simulation shows it.
pub fn run(trace: &TraceReport, width: usize) -> String {
    run::run(trace, width, 0)
}

/// What an entry's verdict amounts to, one sentence each, for formats that lay it out otherwise. It
/// is the same from run to run.
pub fn sentences(entry: &Entry) -> Vec<String> {
    entry::told(entry)
}

/// The verdict of an entry in words.
pub fn verdict(entry: &Entry) -> String {
    verdict_words(entry)
}

fn heading(institution: &InstitutionReport, entries: &[&Entry], width: usize) -> String {
    let bold = Style::new().bold();
    let title = match institution.title == institution.name {
        true => String::new(),
        false => format!(" {bold:#}\"{}\"", institution.title),
    };
    let base = institution.base.as_ref().map(|base| format!(", a reform of {base}"));
    let mut out = format!("{bold}{}{title}{bold:#}", institution.name);
    let _ = writeln!(out, "{}\n{}", base.unwrap_or_default(), institution.file);
    if let Some(params) = common_params(entries) {
        let _ = writeln!(out, "{}", paragraph(&format!("parameters: {params}"), width, 0, 2));
    }
    out
}

/// The parameters, when all entries were decided at the same ones.
fn common_params(entries: &[&Entry]) -> Option<String> {
    let (first, rest) = entries.split_first()?;
    let same = rest.iter().all(|entry| entry.params == first.params);
    (same && !first.params.is_empty()).then(|| assignment(&first.params))
}

fn verdicts(entries: &[&Entry], options: &TextOptions) -> String {
    let widest = |width: &dyn Fn(&Entry) -> usize| entries.iter().map(|entry| width(entry)).max();
    let mut set = Setting {
        width: options.width,
        verdict: widest(&|entry| verdict_words(entry).width()).unwrap_or(0),
        id: widest(&|entry| entry.id.width()).unwrap_or(0).min(24),
        params: common_params(entries).is_none(),
        trace: true,
        whole: options.traces == Traces::Whole,
    };
    let mut out = String::from(if entries.is_empty() { "\n  nothing is claimed\n" } else { "" });
    for entry in entries {
        set.trace = match options.traces {
            Traces::All | Traces::Whole => true,
            Traces::Unexpected => !entry.as_expected,
            Traces::None => false,
        };
        out.push('\n');
        out.push_str(entry::entry(entry, &set).trim_end());
        out.push('\n');
    }
    out
}

/// The counts, and what a verdict is worth.
fn closing(report: &Report, width: usize) -> String {
    let summary = report.summary();
    let bold = Style::new().bold();
    let claims = if summary.claims == 1 { "claim" } else { "claims" };
    let counts = format!(
        "{} {claims}: {} as expected, {} not as expected, {} unknown ({})",
        summary.claims,
        summary.as_expected,
        summary.not_as_expected,
        summary.unknown,
        seconds(summary.seconds),
    );
    let mut out = format!("{bold}{}{bold:#}\n", paragraph(&counts, width, 0, 2));
    out.push_str(&obligations(report));
    if report.interrupted {
        out.push_str("interrupted: only what had been decided is told\n");
    }
    let scope = "Each verdict holds in this model; whether the model fits the world is for its \
                 readers to judge.";
    let _ = writeln!(out, "{}", paragraph(scope, width, 0, 0));
    out
}

/// `obligations: 7 hold, 1 defect`
fn obligations(report: &Report) -> String {
    let defects = || report.entries.iter().filter(|entry| entry.kind == EntryKind::Defect);
    let found = defects().filter(|entry| entry.verdict == Verdict::Refuted).count();
    let open = defects().filter(|entry| entry.is_undecided()).count();
    let holding = report.obligations.len();
    if found + open + holding == 0 {
        return String::new();
    }
    let mut out = format!("obligations: {holding} hold");
    if found > 0 {
        let _ = write!(out, ", {found} defect{}", if found == 1 { "" } else { "s" });
    }
    if open > 0 {
        let _ = write!(out, ", {open} unknown");
    }
    out + "\n"
}
