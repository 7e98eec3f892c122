//! A run in words: the state at its start, its table, the state at its end, where it goes on.

use std::fmt::Write;

use crate::report::outcome::{PeriodReport, TraceKind, TraceReport};
use crate::report::table;

use super::wrap::{indented, paragraph};

/// The whole trace, each line behind so many spaces, ending in an empty line.
pub fn run(trace: &TraceReport, width: usize, indent: usize) -> String {
    if let Some(strategy) = &trace.strategy {
        let mut out = super::strategy::strategy(strategy, width, indent);
        let _ = writeln!(out, "{}a play:", " ".repeat(indent));
        out.push_str(&one(&trace.periods, trace, width, indent));
        return out;
    }
    match &trace.twin {
        Some(twin) => super::pair::pair(trace, twin, width, indent),
        None => one(&trace.periods, trace, width, indent),
    }
}

fn one(periods: &[PeriodReport], trace: &TraceReport, width: usize, indent: usize) -> String {
    let loop_start = trace.loop_start;
    let says = |text: &str| format!("{}\n\n", paragraph(text, width, indent, 2));
    let bearing = |period: Option<&PeriodReport>| period.map(PeriodReport::bearing);
    let state = |when: &str, period: Option<PeriodReport>| match period {
        Some(period) if !period.state.is_empty() => {
            says(&format!("{when}: {}", table::state(&period.state)))
        }
        _ => String::new(),
    };
    let mut out = state("at the start", bearing(periods.first()));
    let views = match trace.kind {
        TraceKind::Path | TraceKind::Lasso => !trace.judges.is_empty(),
        TraceKind::Pair | TraceKind::PairLasso => true,
        TraceKind::Deviation => false,
        TraceKind::Strategy => trace.strategy.as_ref().is_some_and(|s| s.unseen),
    };
    let body = table::periods(periods, loop_start, views, width.saturating_sub(indent));
    if !body.is_empty() {
        let _ = writeln!(out, "{}\n", indented(&body, indent));
    }
    match loop_start {
        Some(start) => out.push_str(&says(&repeats(start, periods.len()))),
        None if periods.len() > 1 => out.push_str(&state("at the end", bearing(periods.last()))),
        None => {}
    }
    out.push_str(&left_out(trace).map_or(String::new(), |text| says(&text)));
    out
}

/// How much of a run is not told, and how to have it told.
fn left_out(trace: &TraceReport) -> Option<String> {
    let number = |n: usize, one: &str, several: &str| {
        (n > 0).then(|| format!("{n} {}", if n == 1 { one } else { several }))
    };
    let (values, firings) = trace.left_out();
    let counts = [number(values, "value", "values"), number(firings, "firing", "firings")];
    let counts: Vec<String> = counts.into_iter().flatten().collect();
    (!counts.is_empty()).then(|| {
        let counts = counts.join(" and ");
        format!("left out, as it does not bear on this: {counts} (--traces whole tells all)")
    })
}

/// What a lasso does after its last period.
pub(super) fn repeats(start: usize, periods: usize) -> String {
    match periods.saturating_sub(1) {
        last if last == start => format!("from here on period {start} repeats for ever"),
        last => format!("from here on periods {start} to {last} repeat for ever"),
    }
}
