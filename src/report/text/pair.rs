//! Two runs in words: how they begin, their table, how they end, where they go on.

use std::fmt::Write;

use crate::report::outcome::{PeriodReport, TraceReport};
use crate::report::table;

use super::run::repeats;
use super::wrap::{indented, paragraph};

/// The whole pair, each line behind so many spaces, ending in an empty line.
pub fn pair(trace: &TraceReport, other: &[PeriodReport], width: usize, indent: usize) -> String {
    let says = |text: &str| format!("{}\n\n", paragraph(text, width, indent, 2));
    let mut out = says(&opening(trace));
    if let (Some(one), Some(two)) = (trace.periods.first(), other.first()) {
        out.push_str(&states("at the start", one, two).map_or(String::new(), |text| says(&text)));
    }
    let (one, judges) = (&trace.periods, &trace.judges);
    let body =
        table::pair::pair(one, other, trace.loop_start, judges, width.saturating_sub(indent));
    if !body.is_empty() {
        let _ = writeln!(out, "{}\n", indented(&body, indent));
    }
    match trace.loop_start {
        Some(start) => out.push_str(&says(&repeats(start, one.len()))),
        None => {
            let ends = one.last().zip(other.last()).filter(|_| one.len() > 1);
            let text = ends.and_then(|(one, two)| states("at the end", one, two));
            out.push_str(&text.map_or(String::new(), |text| says(&text)));
        }
    }
    out
}

fn opening(trace: &TraceReport) -> String {
    let who = match trace.judges.as_slice() {
        [] => "the judge".to_owned(),
        judges => judges.join(" and "),
    };
    let long = if trace.loop_start.is_some() { " for ever" } else { "" };
    format!(
        "two runs that look the same to {who}{long}: in the other, what {who} should know is not so"
    )
}

/// `at the start: evidence = 0; in the other run evidence = 2`
fn states(when: &str, one: &PeriodReport, other: &PeriodReport) -> Option<String> {
    if one.state.is_empty() {
        return None;
    }
    let state = table::state(&one.state);
    let differs = table::pair::unlike(&one.state, &other.state);
    Some(match differs.is_empty() {
        true => format!("{when}, in both: {state}"),
        false => format!("{when}: {state}; first and other differ in {}", differs.join(", ")),
    })
}
