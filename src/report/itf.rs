//! Traces in the Informal Trace Format of Apalache (its ADR 015), out and in.
//!
//! A state of the format is the state at the start of a period, with the parameters; what was
//! drawn in the period stands in the state's `#meta`, where other tools ignore it. Reading goes by
//! the types of the model and trusts nothing: every variable must be there, of its type, and in
//! its range. Whether the run is a run of the model is for the interpreter to say.

use indexmap::IndexMap;
use serde_json::{Map, Value as Json, json};

use super::outcome::{Entry, PeriodReport, TraceReport};

mod read;

pub use read::{Header, ItfError, header, read};

/// What a trace is of.
#[derive(Clone, Debug, Default)]
pub struct Subject<'a> {
    /// The institution's name.
    pub institution: &'a str,
    /// The claim's name; empty for a simulated run.
    pub claim: &'a str,
    /// The spec.
    pub file: &'a str,
    /// Yamen's version.
    pub yamen: &'a str,
    /// The file of the other run of a pair; empty if there is none.
    pub twin: &'a str,
    /// The file of the run that this is the other one of; empty if it is none.
    pub twin_of: &'a str,
}

/// How the name of the file with a run ends.
pub const RUN: &str = ".itf.json";

/// How the name of the file with the other run of a pair ends.
pub const TWIN: &str = ".twin.itf.json";

/// A claim's trace, and the other run if it is a pair.
pub fn of_entry(entry: &Entry, yamen: &str) -> Option<(String, Option<String>)> {
    let trace = entry.trace.as_ref()?;
    let (institution, claim) = (&entry.institution, &entry.id);
    let subject = Subject { institution, claim, file: &entry.file, yamen, ..Subject::default() };
    let first = format!("{institution}.{claim}{RUN}");
    let twin = trace.twin.as_ref().map(|twin| {
        let twin = TraceReport { periods: twin.clone(), twin: None, ..trace.clone() };
        of_trace(&Subject { twin_of: &first, ..subject.clone() }, &entry.params, &twin)
    });
    let name = format!("{institution}.{claim}{TWIN}");
    let subject = Subject { twin: if twin.is_some() { &name } else { "" }, ..subject };
    Some((of_trace(&subject, &entry.params, trace), twin))
}

/// A trace as text.
pub fn of_trace(
    subject: &Subject<'_>,
    params: &IndexMap<String, Json>,
    trace: &TraceReport,
) -> String {
    let vars: Vec<&String> = trace.periods.iter().take(1).flat_map(|p| p.state.keys()).collect();
    let states: Vec<Json> = (0..)
        .zip(&trace.periods)
        .map(|(index, period)| {
            let ends = index + 1 == trace.periods.len() && trace.loop_start.is_none();
            state(index, params, period, ends && period.is_state_only())
        })
        .collect();
    let mut object = json!({
        "#meta": {
            "format": "ITF",
            "format-description": "https://apalache-mc.org/docs/adr/015adr-trace.html",
            "description": format!("a run of `{}`", subject.institution),
            "institution": subject.institution,
            "claim": subject.claim,
            "file": subject.file,
            "yamen": subject.yamen,
        },
        "params": params.keys().collect::<Vec<_>>(),
        "vars": vars,
        "states": states,
    });
    if let (Some(start), Some(map)) = (trace.loop_start, object.as_object_mut()) {
        map.insert("loop".to_owned(), Json::from(start));
    }
    if let Some(meta) = object.get_mut("#meta").and_then(Json::as_object_mut) {
        let files = [("twin", subject.twin), ("twin-of", subject.twin_of)];
        for (key, file) in files.into_iter().filter(|(_, file)| !file.is_empty()) {
            meta.insert(key.to_owned(), Json::from(file));
        }
    }
    format!("{object:#}\n")
}

fn state(
    index: usize,
    params: &IndexMap<String, Json>,
    period: &PeriodReport,
    state_only: bool,
) -> Json {
    let mut meta = Map::new();
    meta.insert("index".to_owned(), Json::from(index));
    if !state_only {
        let rules: Vec<&str> = period.rules.iter().map(|rule| rule.name.as_str()).collect();
        meta.insert("choices".to_owned(), values(&period.choices));
        meta.insert("env".to_owned(), values(&period.env));
        meta.insert("draws".to_owned(), values(&period.draws));
        meta.insert("rules".to_owned(), Json::from(rules));
    }
    let mut state = Map::new();
    state.insert("#meta".to_owned(), Json::Object(meta));
    let all = params.iter().chain(&period.state);
    state.extend(all.map(|(name, value)| (name.clone(), encoded(value))));
    Json::Object(state)
}

fn values(values: &IndexMap<String, Json>) -> Json {
    Json::Object(values.iter().map(|(name, value)| (name.clone(), encoded(value))).collect())
}

/// Integers are big by the format; one too big for a JSON number is a string of digits here, which
/// no member of a sort is.
fn encoded(value: &Json) -> Json {
    let digits = |text: &str| {
        let text = text.strip_prefix('-').unwrap_or(text);
        !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
    };
    match value {
        Json::Number(n) => json!({ "#bigint": n.to_string() }),
        Json::String(text) if digits(text) => json!({ "#bigint": text }),
        other => other.clone(),
    }
}
