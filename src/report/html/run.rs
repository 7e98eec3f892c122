//! A claim's run: the picture, the chart period by period, the strategy, and the table behind them.

use maud::{Markup, html};

use super::book::House;
use super::swimlane::{Line, Picture};
use super::tracks::{self, MOST_TRACKS, Track};
use super::words::count;
use super::{messages, stepper, strategy, twin};
use crate::report::irrelevant::after;
use crate::report::outcome::{Entry, EntryKind, PeriodReport, TraceKind, TraceReport};
use crate::report::table::pair::unlike;
use crate::report::table::{self, changes, chosen, fired, nature, seen, steps};
use crate::types::core::Model;

/// No more values are named in the words for a picture.
const MOST_NAMES: usize = 12;
/// Longer runs are cut in the table; the data has them whole.
const MOST_ROWS: usize = 400;

/// The section.
pub fn section(house: &House<'_>, entry: &Entry, trace: &TraceReport, data: &str) -> Markup {
    html! {
        section.run {
            h2 { (heading(entry, trace)) }
            @if !trace.replayed { p.warning { "This run was not executed again by the interpreter." } }
            @if let Some(strategy) = &trace.strategy {
                (strategy::table(strategy))
                h3 { "A play under it" }
            }
            p { (lead(trace)) }
            (pictures(house, trace))
            (behind(trace))
            p { a.download href=(data) download { "Download the data (JSON)" } }
        }
    }
}

fn heading(entry: &Entry, trace: &TraceReport) -> &'static str {
    match (entry.kind, trace.kind) {
        (_, TraceKind::Strategy) => "The strategy",
        (_, TraceKind::Pair | TraceKind::PairLasso) => "The two runs in one picture",
        (_, TraceKind::Deviation) => "The run and the deviation",
        (EntryKind::Defect, _) => "A run into the defect",
        _ => "The run, period by period",
    }
}

fn lead(trace: &TraceReport) -> String {
    let steps = steps(&trace.periods, trace.loop_start);
    let length = count(steps, "period", "periods");
    match trace.loop_start {
        Some(start) if start + 1 == trace.periods.len() => {
            format!("{length}; from period {start} on nothing new happens: it repeats for ever.")
        }
        Some(start) => {
            format!("{length}; periods {start} to {} repeat for ever.", trace.periods.len() - 1)
        }
        None if steps == 0 => "It takes no period: the state at the start shows it.".to_owned(),
        None => format!("It takes {length}."),
    }
}

fn pictures(house: &House<'_>, trace: &TraceReport) -> Markup {
    let all = tracks::tracks(house.model, &trace.periods, trace.loop_start);
    if let Some(twin) = &trace.twin {
        let picture = twin::picture(house.model, trace, twin);
        let shown = picture.lines.len() > 1;
        return html! {
            @if shown {
                figure {
                    (picture.drawn())
                    figcaption.legend {
                        span.swatch.alike {} " the same in both runs, for whoever judges "
                        span.swatch.unlike {} " differs between the runs"
                    }
                }
            }
        };
    }
    let picture = single(house.model, trace, &all);
    let shown = tracks::shown(&all).len();
    let (still, crowded) = (all.len() - shown, shown.saturating_sub(MOST_TRACKS));
    html! {
        @if picture.lines.is_empty() {
            p.muted { "Nothing changes in this run." }
        } @else {
            figure {
                (picture.drawn())
                figcaption.legend {
                    "A bar is a value for as long as it stays; a pale one without a word is false. "
                    @if still > 0 { (count(still, "value", "values")) " without changes left out. " }
                    @if crowded > 0 { (count(crowded, "more value", "more values")) " only in the table. " }
                    @if !picture.messages.is_empty() {
                        "An arrow leads from one post to another whose state it changes by a rule."
                    }
                }
            }
        }
        @if let Some(model) = house.model { (stepper::stepper(model, &all, trace.periods.len())) }
    }
}

/// The picture of a single run.
fn single(model: Option<&Model>, trace: &TraceReport, all: &[Track]) -> Picture {
    let mut lines = Vec::new();
    let mut lane = "";
    let moving = tracks::shown(all).into_iter().take(MOST_TRACKS);
    for track in moving.clone() {
        if lane != track.lane {
            lane = &track.lane;
            lines.push(Line::Lane(lane.to_owned()));
        }
        lines.push(Line::of(track.clone()));
    }
    let periods = trace.periods.len();
    let steps = steps(&trace.periods, trace.loop_start);
    let mut names: Vec<&str> = moving.map(|track| track.name.as_str()).collect();
    if names.len() > MOST_NAMES {
        names.truncate(MOST_NAMES);
        names.push("others");
    }
    let turns = trace
        .loop_start
        .map(|start| format!(" From the last period it goes back to period {start}."));
    Picture {
        id: "run",
        title: "The run, period by period".to_owned(),
        description: format!(
            "Over {} the values of {}.{} The table below has every value.",
            count(steps, "period", "periods"),
            names.join(", "),
            turns.unwrap_or_default()
        ),
        lines,
        periods,
        ends_in_state: steps < periods,
        bands: tracks::bands(&trace.periods),
        ticks: tracks::ticks(trace),
        messages: model
            .map(|model| messages::messages(model, &trace.periods, trace.loop_start))
            .unwrap_or_default(),
        loop_start: trace.loop_start,
    }
}

/// The table of the run, or of both.
fn behind(trace: &TraceReport) -> Markup {
    html! {
        details {
            summary { "The run as a table" }
            (periods(&trace.periods, trace))
        }
        @if let Some(twin) = &trace.twin {
            details {
                summary { "The other run as a table" }
                (periods(twin, trace))
            }
            details {
                summary { "What differs between the two" }
                (differences(&trace.periods, twin))
            }
        }
    }
}

/// Lines that bear on the verdict, and those that do not.
type Told = (Vec<String>, Vec<String>);
/// A column of the table: its heading, and what it says of a period.
type Column<'a> = (&'static str, Box<dyn Fn(usize, &PeriodReport) -> Told + 'a>);

fn columns<'a>(periods: &'a [PeriodReport], trace: &'a TraceReport) -> Vec<Column<'a>> {
    let parted = |told: fn(&PeriodReport) -> Vec<String>| {
        move |_: usize, period: &PeriodReport| (told(&period.bearing()), told(&period.aside()))
    };
    vec![
        ("Who chose", Box::new(parted(chosen))),
        ("Nature", Box::new(parted(nature))),
        ("What took effect", Box::new(parted(fired))),
        ("What changed", Box::new(|n, _| changed(periods, n, trace.loop_start))),
        ("Who saw", Box::new(|_, period| (seen(period), Vec::new()))),
    ]
}

fn periods(periods: &[PeriodReport], trace: &TraceReport) -> Markup {
    let steps = steps(periods, trace.loop_start);
    let shown = periods.get(..steps.min(MOST_ROWS)).unwrap_or_default();
    let mut columns = columns(periods, trace);
    let is_empty = |(kept, aside): Told| kept.is_empty() && aside.is_empty();
    columns.retain(|(_, says)| shown.iter().enumerate().any(|(n, p)| !is_empty(says(n, p))));
    html! {
        @if let Some(first) = periods.first() { p { "At the start: " (state(first)) } }
        div.scroll tabindex="0" role="region" aria-label="Table of the run" {
            table.periods {
                thead { tr { th { "Period" } @for (heading, _) in &columns { th { (heading) } } } }
                tbody {
                    @for (n, period) in shown.iter().enumerate() {
                        tr {
                            th scope="row" { (n) }
                            @for (_, says) in &columns { td { (both(&says(n, period))) } }
                        }
                    }
                }
            }
        }
        @if steps > MOST_ROWS { p.muted { "The first " (MOST_ROWS) " of " (steps) " periods." } }
        @if let (Some(last), None, true) = (periods.last(), trace.loop_start, periods.len() > 1) {
            p { "At the end: " (state(last)) }
        }
        @if trace.left_out() != (0, 0) { p.muted { "What is grey does not bear on the verdict." } }
    }
}

/// What changes in a period: what bears on the verdict, and the rest.
fn changed(periods: &[PeriodReport], n: usize, loop_start: Option<usize>) -> Told {
    let next = periods.get(n + 1).or_else(|| periods.get(loop_start?));
    let Some((period, next)) = periods.get(n).zip(next) else { return (Vec::new(), Vec::new()) };
    let kept = after(periods, n, loop_start).map(|next| next.state).unwrap_or_default();
    let mut rest = next.state.clone();
    rest.retain(|name, _| !kept.contains_key(name));
    (changes(&period.state, &kept), changes(&period.state, &rest))
}

/// A state, what does not bear on the verdict last and greyed.
fn state(period: &PeriodReport) -> Markup {
    let (kept, aside) = (period.bearing().state, period.aside().state);
    let rest = if kept.is_empty() { "" } else { ", " };
    html! {
        (table::state(&kept))
        @if !aside.is_empty() { span.muted { (rest) (table::state(&aside)) } }
    }
}

/// Lines, and below them greyed those that do not bear on the verdict.
fn both((kept, aside): &Told) -> Markup {
    html! {
        (lines(kept))
        @if !aside.is_empty() {
            @if !kept.is_empty() { "\n" }
            span.muted { (lines(aside)) }
        }
    }
}

fn differences(one: &[PeriodReport], other: &[PeriodReport]) -> Markup {
    html! {
        table.periods {
            thead { tr { th scope="col" { "Period" } th scope="col" { "The state differs in" } } }
            tbody {
                @for (n, (a, b)) in one.iter().zip(other).enumerate().take(MOST_ROWS) {
                    tr { th scope="row" { (n) } td { (lines(&unlike(&a.state, &b.state))) } }
                }
            }
        }
    }
}

fn lines(lines: &[String]) -> Markup {
    html! { (lines.join("\n")) }
}
