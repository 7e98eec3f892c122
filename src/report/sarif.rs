//! `--format sarif`: the Static Analysis Results Interchange Format, version 2.1.0 (OASIS, 2020).
//!
//! One run with one result for each finding. A refuted claim's result points at the claim, its
//! related locations at the rules that fire in the run, and its code flow is the run itself: a step
//! for each firing, with the state it fires in. A pair of runs is a code flow of two threads.
//! Columns count characters. The standard's schema, which a test checks the output against, says
//! the rest.

use std::collections::BTreeSet;

use serde_json::{Map, Value as Json, json};

use super::findings::{self, CODES, Finding};
use super::outcome::{Entry, PeriodReport, Place, Report};
use super::values::words;
use crate::syntax::diagnostic::Severity;

/// The schema of the format, as the standard publishes it.
const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// The report with the messages about its specs.
pub fn report(report: &Report, messages: Vec<Finding<'_>>) -> String {
    let mut all = messages;
    all.extend(findings::of_report(report));
    log(&report.yamen, &all, Some(report), !report.interrupted)
}

/// Messages only: nothing was verified.
pub fn messages(messages: &[Finding<'_>], yamen: &str) -> String {
    log(yamen, messages, None, false)
}

fn log(yamen: &str, findings: &[Finding<'_>], report: Option<&Report>, done: bool) -> String {
    let codes = codes(findings);
    let (placed, unplaced): (Vec<&Finding<'_>>, Vec<_>) =
        findings.iter().partition(|finding| finding.place.is_some());
    let notifications: Vec<Json> = unplaced.iter().map(|finding| notification(finding)).collect();
    let results: Vec<Json> = placed.iter().map(|finding| result(finding, &codes, report)).collect();
    let solver = report.map(|report| json!({"solver": report.solver, "seed": report.seed}));
    let log = json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "Yamen",
                "version": yamen,
                "semanticVersion": yamen,
                "shortDescription": {"text": "A formal verification tool for institutions"},
                "rules": codes.iter().map(|code| descriptor(code)).collect::<Vec<_>>(),
            }},
            "columnKind": "unicodeCodePoints",
            "invocations": [{
                "executionSuccessful": done,
                "toolExecutionNotifications": notifications,
            }],
            "results": results,
            "properties": solver.unwrap_or_else(|| json!({})),
        }],
    });
    serde_json::to_string_pretty(&log).unwrap_or_default() + "\n"
}

/// The codes of verdicts, then those of the messages that there are.
fn codes<'a>(findings: &[Finding<'a>]) -> Vec<&'a str> {
    let known: Vec<&str> = CODES.iter().map(|(code, _)| *code).collect();
    let others = findings.iter().map(|finding| finding.code);
    let others: BTreeSet<&str> = others.filter(|code| !known.contains(code)).collect();
    known.into_iter().chain(others).collect()
}

fn descriptor(code: &str) -> Json {
    let meaning = CODES.iter().find(|(known, _)| *known == code).map(|(_, meaning)| *meaning);
    let meaning = meaning.unwrap_or("A message about a spec");
    json!({"id": code, "shortDescription": {"text": meaning}})
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    }
}

fn notification(finding: &Finding<'_>) -> Json {
    json!({
        "level": level(finding.severity),
        "message": {"text": finding.message},
        "descriptor": {"id": finding.code},
    })
}

fn result(finding: &Finding<'_>, codes: &[&str], report: Option<&Report>) -> Json {
    let mut result = Map::new();
    let index = codes.iter().position(|code| *code == finding.code);
    let mut location = Map::new();
    location.insert("physicalLocation".into(), physical(finding.place.as_ref()));
    let related: Vec<Json> = (1_usize..).zip(&finding.related).map(related).collect();
    result.insert("ruleId".into(), json!(finding.code));
    result.insert("ruleIndex".into(), json!(index));
    result.insert("level".into(), json!(level(finding.severity)));
    result.insert("message".into(), json!({"text": finding.message}));
    if let Some(entry) = finding.entry {
        let name = format!("{}.{}", entry.institution, entry.id);
        let logical = json!([{"name": entry.id, "fullyQualifiedName": name, "kind": "member"}]);
        location.insert("logicalLocations".into(), logical);
        result.insert("partialFingerprints".into(), json!({"yamenClaim/v1": name}));
        result.insert("properties".into(), properties(entry));
        if let Some(flow) = report.and_then(|report| flow(report, entry)) {
            result.insert("codeFlows".into(), json!([flow]));
        }
    }
    result.insert("locations".into(), json!([location]));
    if !related.is_empty() {
        result.insert("relatedLocations".into(), json!(related));
    }
    Json::Object(result)
}

fn properties(entry: &Entry) -> Json {
    json!({
        "title": entry.title,
        "verdict": entry.verdict.word(),
        "expected": entry.expected,
        "vacuous": entry.vacuous,
        "parameters": entry.params,
        "engine": entry.engine,
    })
}

fn related((id, (place, words)): (usize, &(Place, String))) -> Json {
    let mut location = Map::new();
    location.insert("id".into(), json!(id));
    location.insert("physicalLocation".into(), physical(Some(place)));
    if !words.is_empty() {
        location.insert("message".into(), json!({"text": words}));
    }
    Json::Object(location)
}

fn physical(place: Option<&Place>) -> Json {
    let place = place.cloned().unwrap_or_default();
    let mut region = Map::new();
    region.insert("startLine".into(), json!(place.line.max(1)));
    region.insert("startColumn".into(), json!(place.column.max(1)));
    let end = (place.end_line, place.end_column);
    if end > (place.line, place.column) {
        region.insert("endLine".into(), json!(end.0));
        region.insert("endColumn".into(), json!(end.1));
    }
    json!({"artifactLocation": {"uri": uri(&place.file)}, "region": region})
}

/// A path as a reference: relative stays relative, which is what uploads to a repository need.
pub fn uri(path: &str) -> String {
    let path = path.replace('\\', "/");
    let relative = path.strip_prefix("./").unwrap_or(&path);
    let encoded: String = relative.bytes().map(encoded).collect();
    match relative {
        _ if relative.starts_with('/') => format!("file://{encoded}"),
        // A drive's letter would read as a scheme.
        _ if relative.get(1..2) == Some(":") => format!("file:///{encoded}"),
        _ => encoded,
    }
}

/// A byte as it may stand in the path of a reference (RFC 3986, section 3.3).
fn encoded(byte: u8) -> String {
    match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
            char::from(byte).to_string()
        }
        other => format!("%{other:02X}"),
    }
}

/// The run: a thread for each of its runs, a step for each firing of a rule.
fn flow(report: &Report, entry: &Entry) -> Option<Json> {
    let trace = entry.trace.as_ref()?;
    let runs = std::iter::once(&trace.periods).chain(&trace.twin);
    let threads: Vec<Json> = runs
        .map(|periods| steps(report, entry, periods))
        .filter(|steps| !steps.is_empty())
        .map(|steps| json!({"locations": steps}))
        .collect();
    (!threads.is_empty()).then(|| json!({"threadFlows": threads}))
}

fn steps(report: &Report, entry: &Entry, periods: &[PeriodReport]) -> Vec<Json> {
    let numbered = periods.iter().enumerate();
    let mut steps = Vec::new();
    for (number, period) in numbered {
        let state = period.state.iter().map(|(name, value)| {
            (name.clone(), json!({"text": format!("{name} = {}", words(value))}))
        });
        let state: Map<String, Json> = state.collect();
        for rule in &period.rules {
            let Some(place) = findings::declared(report, entry, &rule.name) else { continue };
            let message = format!("period {number}: `{}` fires", rule.name);
            steps.push(json!({
                "location": {"physicalLocation": physical(Some(place)), "message": {"text": message}},
                "executionOrder": number + 1,
                "state": state,
            }));
        }
    }
    steps
}
