//! `--format json` and `jsonl`: the shape that outside scripts rely on.
//!
//! The shape is fixed by `schema/yamen.verify.v1.schema.json`, which allows no key that it does
//! not name; a test holds the two together. A line of `jsonl` is either an entry or the closing
//! object, which is the whole report without its entries and is told by its `schema` key.

use indexmap::IndexMap;
use serde::Serialize;
use serde_json::Value;

use crate::syntax::ast::{Expected, RuleKind};

use super::irrelevant::Irrelevant;
use super::outcome::{
    Certificate, Entry, EntryKind, InstitutionReport, Needs, PeriodReport, Premise, Report,
    StrategyReport, Summary, TraceKind, TraceReport, Verdict,
};

/// The name of the shape.
pub const SCHEMA: &str = "yamen.verify/1";

/// The whole report as one object, indented.
pub fn report(report: &Report) -> String {
    let mut object = Closing::new(report);
    object.claims = Some(report.entries.iter().map(EntryObject::new).collect());
    written(serde_json::to_string_pretty(&object))
}

/// One entry on a line of its own, without the line's end.
pub fn line(entry: &Entry) -> String {
    written(serde_json::to_string(&EntryObject::new(entry)))
}

/// The last line of `jsonl`, without the line's end.
pub fn closing_line(report: &Report) -> String {
    written(serde_json::to_string(&Closing::new(report)))
}

/// Serialising these structs cannot fail: all their keys are strings.
fn written(text: serde_json::Result<String>) -> String {
    text.unwrap_or_else(|error| format!("{{\"error\":\"{error}\"}}"))
}

/// Microseconds are precise enough.
fn rounded(seconds: f64) -> f64 {
    (seconds * 1e6).round() / 1e6
}

#[derive(Serialize)]
struct Closing<'a> {
    schema: &'static str,
    yamen: &'a str,
    solver: &'a str,
    seed: u64,
    institutions: Vec<InstitutionObject<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    claims: Option<Vec<EntryObject<'a>>>,
    obligations: Vec<ObligationObject<'a>>,
    interrupted: bool,
    summary: Summary,
}

impl<'a> Closing<'a> {
    fn new(report: &'a Report) -> Self {
        let summary = report.summary();
        Closing {
            schema: SCHEMA,
            yamen: &report.yamen,
            solver: &report.solver,
            seed: report.seed,
            institutions: report.institutions.iter().map(InstitutionObject::new).collect(),
            claims: None,
            obligations: report.obligations.iter().map(ObligationObject::new).collect(),
            interrupted: report.interrupted,
            summary: Summary { seconds: rounded(summary.seconds), ..summary },
        }
    }
}

#[derive(Serialize)]
struct InstitutionObject<'a> {
    name: &'a str,
    title: &'a str,
    file: &'a str,
    base: Option<&'a str>,
}

impl<'a> InstitutionObject<'a> {
    fn new(institution: &'a InstitutionReport) -> Self {
        InstitutionObject {
            name: &institution.name,
            title: &institution.title,
            file: &institution.file,
            base: institution.base.as_deref(),
        }
    }
}

#[derive(Serialize)]
struct ObligationObject<'a> {
    institution: &'a str,
    id: &'a str,
    verdict: &'static str,
    engine: Option<&'a str>,
    seconds: f64,
}

impl<'a> ObligationObject<'a> {
    fn new(entry: &'a Entry) -> Self {
        ObligationObject {
            institution: &entry.institution,
            id: &entry.id,
            verdict: entry.verdict.word(),
            engine: entry.engine.as_deref(),
            seconds: rounded(entry.seconds),
        }
    }
}

#[derive(Serialize)]
struct EntryObject<'a> {
    institution: &'a str,
    id: &'a str,
    kind: EntryKind,
    title: Option<&'a str>,
    file: &'a str,
    line: usize,
    column: usize,
    params: &'a IndexMap<String, Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    for_all: Option<&'a str>,
    verdict: &'static str,
    depth: Option<u32>,
    reason: Option<&'a str>,
    expected: Option<Expected>,
    as_expected: bool,
    vacuous: bool,
    premise: Option<Premise>,
    engine: Option<&'a str>,
    seconds: f64,
    needs: Option<&'a Needs>,
    certificate: Option<&'a Certificate>,
    evidence_failed: bool,
    notes: &'a [String],
    quotes: Vec<QuoteObject<'a>>,
    wording: Option<&'a str>,
    core: Option<&'a [String]>,
    smallest: Option<u32>,
    trace: Option<TraceObject<'a>>,
}

impl<'a> EntryObject<'a> {
    fn new(entry: &'a Entry) -> Self {
        EntryObject {
            institution: &entry.institution,
            id: &entry.id,
            kind: entry.kind,
            title: entry.title.as_deref(),
            file: &entry.file,
            line: entry.line,
            column: entry.column,
            params: &entry.params,
            for_all: entry.for_all.as_deref(),
            verdict: entry.verdict.word(),
            depth: depth(entry),
            reason: entry.reason.as_deref(),
            expected: entry.expected,
            as_expected: entry.as_expected,
            vacuous: entry.vacuous,
            premise: entry.premise,
            engine: entry.engine.as_deref(),
            seconds: rounded(entry.seconds),
            needs: entry.needs.as_ref(),
            certificate: entry.certificate.as_ref(),
            evidence_failed: entry.evidence_failed,
            notes: &entry.notes,
            quotes: entry
                .quotes
                .iter()
                .map(|(source, text)| QuoteObject { source, text })
                .collect(),
            wording: entry.wording.as_deref(),
            core: entry.core.as_deref(),
            smallest: entry.smallest,
            trace: entry.trace.as_ref().map(TraceObject::new),
        }
    }
}

/// The depth of a bounded verdict is part of it; otherwise what the entry says.
fn depth(entry: &Entry) -> Option<u32> {
    match entry.verdict {
        Verdict::HoldsToDepth(depth) => Some(depth),
        _ => entry.depth,
    }
}

#[derive(Serialize)]
struct QuoteObject<'a> {
    source: &'a str,
    text: &'a str,
}

#[derive(Serialize)]
struct TraceObject<'a> {
    kind: TraceKind,
    #[serde(rename = "loop")]
    loop_start: Option<usize>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    apart: &'a [String],
    periods: Vec<PeriodObject<'a>>,
    twin: Option<Vec<PeriodObject<'a>>>,
    strategy: Option<&'a StrategyReport>,
    judges: &'a [String],
    replayed: bool,
}

impl<'a> TraceObject<'a> {
    fn new(trace: &'a TraceReport) -> Self {
        TraceObject {
            kind: trace.kind,
            loop_start: trace.loop_start,
            apart: &trace.apart,
            periods: trace.periods.iter().map(PeriodObject::new).collect(),
            twin: trace.twin.as_ref().map(|twin| twin.iter().map(PeriodObject::new).collect()),
            strategy: trace.strategy.as_deref(),
            judges: &trace.judges,
            replayed: trace.replayed,
        }
    }
}

#[derive(Serialize)]
struct PeriodObject<'a> {
    state: &'a IndexMap<String, Value>,
    choices: &'a IndexMap<String, Value>,
    owners: &'a IndexMap<String, String>,
    env: &'a IndexMap<String, Value>,
    draws: &'a IndexMap<String, Value>,
    rules: Vec<&'a str>,
    practices: Vec<&'a str>,
    seen: &'a IndexMap<String, IndexMap<String, Value>>,
    ticks: &'a [String],
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    ties: IndexMap<&'a str, &'a [String]>,
    #[serde(skip_serializing_if = "Irrelevant::is_empty")]
    irrelevant: &'a Irrelevant,
}

impl<'a> PeriodObject<'a> {
    /// `rules` names everything that fired, `practices` those of them that are informal.
    fn new(period: &'a PeriodReport) -> Self {
        let practices = period.rules.iter().filter(|rule| rule.kind == RuleKind::Practice);
        let tied = period.rules.iter().filter(|rule| !rule.ties.is_empty());
        PeriodObject {
            state: &period.state,
            choices: &period.choices,
            owners: &period.owners,
            env: &period.env,
            draws: &period.draws,
            rules: period.rules.iter().map(|rule| rule.name.as_str()).collect(),
            practices: practices.map(|rule| rule.name.as_str()).collect(),
            seen: &period.seen,
            ticks: &period.ticks,
            ties: tied.map(|rule| (rule.name.as_str(), rule.ties.as_slice())).collect(),
            irrelevant: &period.irrelevant,
        }
    }
}
