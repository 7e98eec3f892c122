//! One entry in words: its verdict line, what stands behind the verdict, and its run.

use std::fmt::Write;

use anstyle::{AnsiColor, Style};
use indexmap::IndexMap;
use serde_json::Value;

use crate::report::outcome::{Entry, EntryKind, Needs, Premise, Verdict};
use crate::report::values::words;
use crate::syntax::ast::Expected;
use crate::types::defect::DefectKind;

use super::wrap::paragraph;

/// How far details stand in from the margin.
const INDENT: usize = 6;

/// How an entry is set.
pub struct Setting {
    /// The width of the page.
    pub width: usize,
    /// The width of the verdict column.
    pub verdict: usize,
    /// The width of the name column.
    pub id: usize,
    /// Its parameters stand here and not in the institution's heading.
    pub params: bool,
    /// Its run is told.
    pub trace: bool,
    /// It is told with what does not bear on the verdict.
    pub whole: bool,
}

/// The verdict in words.
pub fn verdict_words(entry: &Entry) -> String {
    match entry.verdict {
        Verdict::Proved if entry.vacuous => "proved, vacuous".to_owned(),
        Verdict::Proved => "proved".to_owned(),
        Verdict::Refuted if entry.kind == EntryKind::Defect => "defect".to_owned(),
        Verdict::Refuted => "refuted".to_owned(),
        Verdict::HoldsToDepth(depth) => format!("holds to depth {depth}"),
        Verdict::Unknown => "unknown".to_owned(),
    }
}

/// The whole entry, with the end of its last line.
pub fn entry(entry: &Entry, set: &Setting) -> String {
    let mut out = verdict_line(entry, set);
    for detail in details(entry, set.params) {
        let _ = writeln!(out, "{}", paragraph(&detail, set.width, INDENT, 2));
    }
    for (source, text) in &entry.quotes {
        let dim = Style::new().dimmed();
        let quote = paragraph(&format!("\"{text}\" ({source})"), set.width, INDENT, 2);
        let _ = writeln!(out, "{dim}{quote}{dim:#}");
    }
    if let (Some(trace), true) = (&entry.trace, set.trace) {
        out.push('\n');
        let run = |trace| super::run::run(trace, set.width, INDENT);
        out.push_str(&if set.whole { run(&trace.whole()) } else { run(trace) });
    }
    out
}

/// A mark that says whether the verdict is the expected one, the verdict, the name, the title.
fn verdict_line(entry: &Entry, set: &Setting) -> String {
    let (mark, style) = mark(entry);
    let words = format!("{:<1$}", verdict_words(entry), set.verdict);
    let head = format!("{:<1$}", entry.id, set.id);
    let hang = 6 + set.verdict + set.id + 2;
    let title = title(entry).map(|title| paragraph(&title, set.width, hang, 1));
    let title = title.as_deref().unwrap_or_default().trim_start();
    let line = format!("  {style}{mark} {words}{style:#}  {head}  {title}");
    format!("{}\n", line.trim_end())
}

fn mark(entry: &Entry) -> (&'static str, Style) {
    let bold = |colour: AnsiColor| Style::new().bold().fg_color(Some(colour.into()));
    match entry {
        entry if entry.as_expected => ("✓", bold(AnsiColor::Green)),
        entry if entry.is_undecided() => ("?", bold(AnsiColor::Yellow)),
        _ => ("✗", bold(AnsiColor::Red)),
    }
}

fn title(entry: &Entry) -> Option<String> {
    let title = plain_title(entry)?;
    Some(if entry.kind == EntryKind::Defect { title } else { format!("\"{title}\"") })
}

/// What it says, in words, if its author or the defect's kind has any.
pub fn plain_title(entry: &Entry) -> Option<String> {
    match (entry.kind, &entry.title) {
        (EntryKind::Defect, _) => {
            let kind = DefectKind::from_id(&entry.id)?;
            let found = entry.verdict == Verdict::Refuted;
            Some(if found { kind.description() } else { kind.obligation() }.to_owned())
        }
        (_, title) => title.clone(),
    }
}

/// What stands behind the verdict, one sentence each.
fn details(entry: &Entry, params: bool) -> Vec<String> {
    let at = (params && !entry.params.is_empty())
        .then(|| format!("parameters: {}", assignment(&entry.params)));
    let place = (!entry.as_expected).then(|| format!("see {}:{}", entry.file, entry.line));
    let core = entry.core.as_ref().map(|core| format!("minimal core: {}", core.join(", ")));
    [Some(standing(entry)), reason(entry), at, decided(entry), needs(entry), core]
        .into_iter()
        .chain(entry.notes.iter().map(|note| Some(format!("note: {note}"))))
        .chain([place])
        .flatten()
        .filter(|detail| !detail.is_empty())
        .collect()
}

/// The same but for what differs from run to run, or is told otherwise: engine, time and place.
pub fn told(entry: &Entry) -> Vec<String> {
    let at =
        (!entry.params.is_empty()).then(|| format!("parameters: {}", assignment(&entry.params)));
    let core = entry.core.as_ref().map(|core| format!("minimal core: {}", core.join(", ")));
    let notes = entry.notes.iter().map(|note| Some(format!("note: {note}")));
    let all = [Some(standing(entry)), reason(entry), at, core].into_iter().chain(notes).flatten();
    all.filter(|sentence| !sentence.is_empty()).collect()
}

/// Whether it is expected, and what it amounts to.
pub fn standing(entry: &Entry) -> String {
    let parts = [expectation(entry), amounts(entry), premise(entry)];
    parts.into_iter().flatten().collect::<Vec<_>>().join("; ")
}

fn expectation(entry: &Entry) -> Option<String> {
    let expected = entry.expected.map(|expected| match expected {
        Expected::Proved => "proved",
        Expected::Refuted => "refuted",
        Expected::Vacuous => "vacuous",
    });
    match (expected, entry.as_expected) {
        (Some(_), true) => Some("as expected".to_owned()),
        (None, true) => None,
        (Some(word), false) if entry.is_undecided() => Some(format!("expected {word}")),
        (None, false) if entry.is_undecided() => None,
        (Some(word), false) => Some(format!("NOT as expected: expected {word}")),
        (None, false) if entry.vacuous => Some(
            "NOT as expected: a vacuous proof counts only where `expect vacuous` is written"
                .to_owned(),
        ),
        (None, false) => Some(format!("NOT as expected: {}", default_expectation(entry.kind))),
    }
}

/// What is expected where no `expect` is written.
fn default_expectation(kind: EntryKind) -> &'static str {
    match kind {
        EntryKind::Claim => "a claim without `expect` is expected to be proved",
        EntryKind::Scenario => "a scenario is expected to have a run",
        EntryKind::Lemma => "a lemma is expected to be proved",
        EntryKind::Defect => "a spec must be free of this",
    }
}

/// The verdict's meaning, in one clause.
fn amounts(entry: &Entry) -> Option<String> {
    let clause = match (entry.kind, entry.verdict) {
        (EntryKind::Defect, _) => return None,
        (EntryKind::Scenario, Verdict::Proved) => "some run of this model does this",
        (EntryKind::Scenario, Verdict::Refuted) => "no run of this model does this",
        (_, Verdict::Proved) => "holds in this model",
        (_, Verdict::Refuted) => "fails in this model",
        (_, Verdict::HoldsToDepth(_)) => "no run so short refutes it; longer ones may",
        (_, Verdict::Unknown) => return None,
    };
    let for_all = entry.for_all.as_ref().map(|which| format!(", for all {which}"));
    Some(clause.to_owned() + &for_all.unwrap_or_default())
}

fn premise(entry: &Entry) -> Option<String> {
    let clause = match entry.premise? {
        Premise::CanOccur => "its premise can occur",
        Premise::CannotOccur => "its premise can never occur, so that it says nothing of any run",
        Premise::NotShown => "whether its premise can occur was not shown",
    };
    Some(clause.to_owned())
}

/// Why it is not decided, or what the defect is.
pub fn reason(entry: &Entry) -> Option<String> {
    let reason = entry.reason.as_ref()?;
    if entry.kind == EntryKind::Scenario && entry.verdict == Verdict::Refuted {
        return None;
    }
    let evidence = if entry.evidence_failed { "the evidence failed its own check: " } else { "" };
    Some(match entry.is_undecided() {
        true => format!("not decided: {evidence}{reason}"),
        false => reason.clone(),
    })
}

/// By whom, how fast, and who checked it.
pub fn decided(entry: &Entry) -> Option<String> {
    let engine = entry.engine.as_ref().filter(|_| entry.verdict != Verdict::Unknown)?;
    let replayed = match &entry.trace {
        Some(trace) if trace.replayed && trace.foreign => "; the run was executed again",
        Some(trace) if trace.replayed => "; the run was replayed by the interpreter",
        Some(_) => "; the run was NOT replayed",
        None => "",
    };
    let certificate = entry.certificate.as_ref().map(|certificate| {
        let detail = certificate.detail.as_ref().map(|d| format!(" ({d})")).unwrap_or_default();
        let checked = match (certificate.checked, certificate.by.as_slice()) {
            (false, _) => ", not re-checked".to_owned(),
            (true, []) => ", re-checked".to_owned(),
            (true, by) => format!(", re-checked by {}", by.join(" and ")),
        };
        format!("; certificate: {}{detail}{checked}", certificate.kind)
    });
    let certificate = certificate.unwrap_or_default();
    Some(format!("decided by {engine} in {}{certificate}{replayed}", seconds(entry.seconds)))
}

fn needs(entry: &Entry) -> Option<String> {
    let Needs { rules, practices, assumptions, fairness } = entry.needs.as_ref()?;
    let named = |one: &str, several: &str, names: &[String]| {
        let word = if names.len() == 1 { one } else { several };
        (!names.is_empty()).then(|| format!("{word} {}", names.join(", ")))
    };
    let parts = [
        named("rule", "rules", rules),
        named("practice", "practices", practices),
        named("assumption", "assumptions", assumptions),
        named("fairness", "fairness", fairness),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    Some(match parts.is_empty() {
        true => "needs no rule and no assumption".to_owned(),
        false => format!("needs {}", parts.join("; ")),
    })
}

/// `notice = 2, shelf = 3`
pub fn assignment(params: &IndexMap<String, Value>) -> String {
    let one = |(name, value): (&String, &Value)| format!("{name} = {}", words(value));
    params.iter().map(one).collect::<Vec<_>>().join(", ")
}

/// A time in words.
pub fn seconds(seconds: f64) -> String {
    if seconds < 0.995 { format!("{seconds:.2} s") } else { format!("{seconds:.1} s") }
}
