//! A run in words: the state at its start, its table, the state at its end, where it goes on.

use std::fmt::Write;

use crate::report::outcome::{PeriodReport, TraceKind, TraceReport};
use crate::report::table;

use super::wrap::{indented, paragraph};

/// The whole trace, each line behind so many spaces, ending in an empty line.
pub fn run(trace: &TraceReport, width: usize, indent: usize) -> String {
    match &trace.twin {
        Some(twin) => super::pair::pair(trace, twin, width, indent),
        None => one(&trace.periods, trace, width, indent),
    }
}

fn one(periods: &[PeriodReport], trace: &TraceReport, width: usize, indent: usize) -> String {
    let loop_start = trace.loop_start;
    let says = |text: &str| format!("{}\n\n", paragraph(text, width, indent, 2));
    let state = |when: &str, period: Option<&PeriodReport>| match period {
        Some(period) if !period.state.is_empty() => {
            says(&format!("{when}: {}", table::state(&period.state)))
        }
        _ => String::new(),
    };
    let mut out = state("at the start", periods.first());
    let views = !matches!(trace.kind, TraceKind::Path | TraceKind::Lasso);
    let body = table::periods(periods, loop_start, views, width.saturating_sub(indent));
    if !body.is_empty() {
        let _ = writeln!(out, "{}\n", indented(&body, indent));
    }
    match loop_start {
        Some(start) => out.push_str(&says(&repeats(start, periods.len()))),
        None if periods.len() > 1 => out.push_str(&state("at the end", periods.last())),
        None => {}
    }
    out
}

/// What a lasso does after its last period.
pub(super) fn repeats(start: usize, periods: usize) -> String {
    match periods.saturating_sub(1) {
        last if last == start => format!("from here on period {start} repeats for ever"),
        last => format!("from here on periods {start} to {last} repeat for ever"),
    }
}
