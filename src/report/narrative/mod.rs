//! A verdict told as prose, in the words of the spec.
//!
//! The same report always gives the same story, and a story says nothing that the report does not: who
//! did what under which rule, what the judge saw, what the proof needs. Names are turned into words,
//! documentation and quotes are used where the spec has them, and no sign of logic is left. Which run
//! is told is decided by whoever made the report.

mod argument;
mod glossary;
mod joined;
mod pair;
mod plan;
mod reading;
mod run;
mod words;

use std::collections::BTreeMap;
use std::fmt::Write;

use serde::Serialize;

use super::outcome::{
    Entry, EntryKind, InstitutionReport, PeriodReport, Report, TraceKind, TraceReport, Verdict,
};
use super::text::wrap::paragraph;
use crate::syntax::ast::{Expected, ExprKind, Institution, UnaryOp};

pub use glossary::Glossary;
pub use joined::conjuncts;
use reading::reading;
use words::{capital, human};

/// One verdict, told.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Story {
    /// The institution.
    pub institution: String,
    /// The claim, scenario, lemma or kind of defect.
    pub id: String,
    /// The verdict, as the machine-readable formats spell it.
    pub verdict: &'static str,
    /// What is claimed, in words.
    pub headline: String,
    /// The story, part by part.
    pub parts: Vec<Part>,
}

/// A part of a story.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Part {
    /// What it tells of.
    pub heading: &'static str,
    /// Its paragraphs.
    pub paragraphs: Vec<String>,
}

/// What became of each part of claims that join several, by institution and claim.
pub type Conjuncts = BTreeMap<(String, String), Vec<Entry>>;

/// Tells every entry of a report; the institutions are the elaborated ones it is about.
pub fn stories(report: &Report, institutions: &[Institution], conjuncts: &Conjuncts) -> Vec<Story> {
    let told = |entry: &Entry| {
        let institution = institutions.iter().find(|one| one.name.text == entry.institution)?;
        let glossary = &Glossary::new(institution);
        Some(Teller { report, entry, glossary, conjuncts }.story())
    };
    report.entries.iter().filter_map(told).collect()
}

/// The name of the JSON's shape.
pub const SCHEMA: &str = "yamen.explain/1";

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    yamen: &'static str,
    stories: &'a [Story],
}

/// Stories as JSON.
pub fn json(stories: &[Story]) -> String {
    let document = Document { schema: SCHEMA, yamen: crate::VERSION, stories };
    serde_json::to_string_pretty(&document)
        .unwrap_or_else(|error| format!("{{\"error\":\"{error}\"}}"))
}

/// Stories as text, each line no wider than `width` where words allow.
pub fn text(stories: &[Story], width: usize) -> String {
    let mut out = String::new();
    for story in stories {
        let bold = anstyle::Style::new().bold();
        let head = format!("{} ({}, {})", story.headline, story.institution, story.id);
        let _ = writeln!(out, "{bold}{}{bold:#}", paragraph(&head, width, 0, 2));
        for part in &story.parts {
            let _ = writeln!(out, "\n  {bold}{}{bold:#}", part.heading);
            for text in &part.paragraphs {
                let _ = writeln!(out, "{}", paragraph(text, width, 4, 2));
            }
        }
        out.push('\n');
    }
    let scope = "Each verdict holds in this model; whether the model fits the world is for its \
                 readers to judge.";
    let _ = writeln!(out, "{}", paragraph(scope, width, 0, 0));
    out
}

struct Teller<'a> {
    report: &'a Report,
    entry: &'a Entry,
    glossary: &'a Glossary<'a>,
    conjuncts: &'a Conjuncts,
}

impl Teller<'_> {
    fn story(&self) -> Story {
        let mut parts = vec![self.claimed(), self.verdict()];
        parts.extend(self.one_by_one());
        parts.extend(self.argument());
        parts.extend(self.entry.trace.as_ref().map(|trace| self.run(trace)));
        parts.extend(self.elsewhere());
        parts.retain(|part: &Part| !part.paragraphs.is_empty());
        Story {
            institution: self.entry.institution.clone(),
            id: self.entry.id.clone(),
            verdict: self.entry.verdict.word(),
            headline: capital(self.entry.title.as_deref().unwrap_or(&human(&self.entry.id))),
            parts,
        }
    }

    /// Where it comes from, and what it says.
    fn claimed(&self) -> Part {
        let mut paragraphs: Vec<String> = Vec::new();
        let quotes = &self.entry.quotes;
        for (n, (source, text)) in quotes.iter().enumerate() {
            let opens = if n == 0 { "The source says" } else { "It also says" };
            let from = if n == 0 { format!(" ({source})") } else { String::new() };
            paragraphs.push(format!("{opens}: “{text}”{from}."));
        }
        if let Some(wording) = &self.entry.wording {
            let word = if wording.contains(' ') { "words" } else { "word" };
            paragraphs.push(format!("What is claimed takes up the {word} “{wording}”."));
        }
        paragraphs.extend(self.glossary.doc(&self.entry.id));
        if let Some(claim) = self.glossary.claim(&self.entry.id) {
            let claimed = match self.entry.kind {
                EntryKind::Scenario => "Asked for",
                _ => "Claimed",
            };
            paragraphs.push(format!("{claimed}: {}.", reading(&claim.property, self.glossary)));
        }
        let params: Vec<String> =
            self.entry.params.iter().map(|(name, value)| words::valued(name, value)).collect();
        if !params.is_empty() {
            paragraphs.push(format!("Here {}.", words::list(&params, "and")));
        }
        Part { heading: "What is claimed", paragraphs }
    }

    /// What came of it.
    fn verdict(&self) -> Part {
        let entry = self.entry;
        let what = match (entry.kind, entry.verdict) {
            (EntryKind::Defect, Verdict::Refuted) => {
                "The spec has a fault of its own; until it is mended no proof counts".to_owned()
            }
            (EntryKind::Scenario, Verdict::Proved) => "There is such a run".to_owned(),
            (EntryKind::Scenario, Verdict::Refuted) => "There is no such run".to_owned(),
            (_, Verdict::Proved) => {
                let runs = self.in_which_runs();
                let all = entry.for_all.as_deref().map(for_all);
                format!("It holds in this model{runs}{}", all.unwrap_or_default())
            }
            (_, Verdict::Refuted) => "It fails in this model".to_owned(),
            (_, Verdict::HoldsToDepth(depth)) => {
                format!("No run of up to {depth} periods breaks it; longer ones may")
            }
            (_, Verdict::Unknown) => "It was not decided".to_owned(),
        };
        let empty = match entry.vacuous {
            true => " But it is empty: what it speaks of can never come about in this model.",
            false => "",
        };
        let mut paragraphs = vec![format!("{what}{}.{empty}", self.expectation())];
        if let Some(reason) = entry.reason.as_ref().filter(|_| entry.is_undecided()) {
            paragraphs.push(words::remark(reason));
        } else if let (EntryKind::Defect, Some(reason)) = (entry.kind, &entry.reason) {
            paragraphs.push(words::remark(reason));
        }
        if let Some(when) = self.glossary.claim(&entry.id).and_then(|claim| claim.expect.as_ref()) {
            let verdict = expected(when.verdict);
            paragraphs.extend(when.when.as_ref().map(|when| {
                let when = reading(when, self.glossary);
                format!("Over all values of the parameters it is expected to {verdict} where {when}, and only there.")
            }));
        }
        if entry.trace.as_ref().is_some_and(|trace| !trace.replayed) {
            paragraphs.push("The run below was not executed again.".to_owned());
        }
        paragraphs.extend(entry.notes.iter().map(|note| words::remark(note)));
        Part { heading: "What came of it", paragraphs }
    }

    /// Which runs a proof of the claim is about: none if it is about parameters alone, one if it
    /// says what can come about, and of a strategy the claim itself says it.
    fn in_which_runs(&self) -> &'static str {
        match self.glossary.claim(&self.entry.id).map(|claim| &*claim.property.kind) {
            Some(ExprKind::Unary(UnaryOp::Possible, _)) => ", as a run shows",
            Some(
                ExprKind::Consistent(_)
                | ExprKind::Inconsistent(_)
                | ExprKind::Force { .. }
                | ExprKind::Unary(UnaryOp::Valid, _),
            ) => "",
            _ => ", in every run, however long",
        }
    }

    fn expectation(&self) -> String {
        let entry = self.entry;
        match (entry.expected, entry.as_expected) {
            (Some(_), true) => ", as its author expects".to_owned(),
            (Some(expected_one), false) => {
                format!("; its author expects it to {}", expected(expected_one))
            }
            (None, _) => String::new(),
        }
    }

    /// The run that shows it.
    fn run(&self, trace: &TraceReport) -> Part {
        let told = match (&trace.strategy, &trace.twin) {
            (Some(strategy), _) => plan::plan(strategy, self.glossary),
            (None, Some(twin)) => pair::pair(trace, twin, self.glossary, self.entry),
            (None, None) => self.alone(trace),
        };
        let heading = match (trace.kind, self.entry.verdict) {
            (TraceKind::Strategy, _) => "The plan",
            (TraceKind::Pair | TraceKind::PairLasso | TraceKind::Deviation, _) => "The two runs",
            (_, Verdict::Refuted) => "How it comes about",
            _ => "A run that shows it",
        };
        Part { heading, paragraphs: told }
    }

    fn alone(&self, trace: &TraceReport) -> Vec<String> {
        let narrator = run::Narrator {
            glossary: self.glossary,
            periods: &trace.periods,
            loop_start: trace.loop_start,
            judges: &trace.judges,
        };
        let mut told: Vec<String> = narrator.start().into_iter().collect();
        let periods: Vec<Vec<String>> = (0..narrator.steps()).map(|n| narrator.period(n)).collect();
        told.extend(run::together(&periods));
        let refuted =
            self.entry.kind != EntryKind::Defect && self.entry.verdict == Verdict::Refuted;
        match trace.loop_start {
            Some(start) => {
                let again = repeats(start, trace.periods.len());
                let fails = if refuted { ", and on this run the claim fails" } else { "" };
                told.push(format!("{again}{fails}."));
            }
            None => {
                let end = trace.periods.last().map(PeriodReport::bearing);
                let end = end.filter(|end| trace.periods.len() > 1 && !end.state.is_empty());
                told.extend(end.map(|end| format!("At the end {}.", narrator.state(&end.state))));
                if refuted {
                    told.push("With that the claim is broken.".to_owned());
                }
            }
        }
        if trace.left_out() != (0, 0) {
            told.push("What else happens does not bear on this, and is left out.".to_owned());
        }
        told
    }

    /// The same claim in the institution's other variants.
    fn elsewhere(&self) -> Option<Part> {
        let entry = self.entry;
        let here = self.institution(&entry.institution)?;
        let family =
            |report: &InstitutionReport| report.base.clone().unwrap_or(report.name.clone());
        let root = family(here);
        let others = self.report.entries.iter().filter(|other| {
            other.id == entry.id
                && other.kind == entry.kind
                && other.institution != entry.institution
        });
        let told = others.filter_map(|other| {
            let institution = self.institution(&other.institution)?;
            if entry.kind == EntryKind::Defect || family(institution) != root {
                return None;
            }
            let differs: Vec<String> = other
                .params
                .iter()
                .filter(|(name, value)| entry.params.get(*name) != Some(value))
                .map(|(name, value)| words::valued(name, value))
                .collect();
            let with = match differs.is_empty() {
                true => String::new(),
                false => format!(", where {},", words::list(&differs, "and")),
            };
            let verdict = match other.verdict {
                Verdict::Proved if other.vacuous => "it holds, but is empty",
                Verdict::Proved => "it holds",
                Verdict::Refuted => "it fails",
                Verdict::HoldsToDepth(_) | Verdict::Unknown => "it was not decided",
            };
            let differs = (other.verdict, other.vacuous) != (entry.verdict, entry.vacuous);
            let too = if differs { "" } else { " as well" };
            Some(format!("In “{}”{with} {verdict}{too}.", institution.title))
        });
        let paragraphs: Vec<String> = told.collect();
        (!paragraphs.is_empty()).then_some(Part { heading: "Elsewhere", paragraphs })
    }

    fn institution(&self, name: &str) -> Option<&InstitutionReport> {
        self.report.institutions.iter().find(|one| one.name == name)
    }
}

fn expected(verdict: Expected) -> &'static str {
    match verdict {
        Expected::Proved => "hold",
        Expected::Refuted => "fail",
        Expected::Vacuous => "be empty",
    }
}

/// "From here on period 2 repeats for ever"
fn repeats(start: usize, periods: usize) -> String {
    match periods.saturating_sub(1) {
        last if last == start => format!("From here on period {start} repeats for ever"),
        last => format!("From here on periods {start} to {last} repeat for ever"),
    }
}

/// For which values of the parameters something holds, in words: the conditions are the spec's own.
fn for_all(which: &str) -> String {
    let spelled = |names: &str| names.replace(['_', '.'], " ");
    match which.split_once(" where ") {
        Some((names, _)) => format!(", for all values of {} that the spec allows", spelled(names)),
        None => format!(", for all values of {}", spelled(which)),
    }
}
