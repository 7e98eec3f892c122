//! Two runs in one picture: what the judge sees is the same in both and shaded; below, what differs.

use super::swimlane::{Line, Picture};
use super::tracks::{self, MOST_TRACKS, Segment, Track};
use crate::report::outcome::{PeriodReport, TraceKind, TraceReport};
use crate::report::table::steps;
use crate::types::core::Model;

/// The picture of a trace with a twin.
pub fn picture(model: Option<&Model>, trace: &TraceReport, twin: &[PeriodReport]) -> Picture {
    let mut lines = Vec::new();
    for judge in &trace.judges {
        lines.extend(views(model, trace, twin, judge));
    }
    let deviates = trace.kind == TraceKind::Deviation;
    let (first, second) = if deviates { ("as practised", "deviating") } else { ("run", "double") };
    let one = tracks::tracks(model, &trace.periods, trace.loop_start);
    let other = tracks::tracks(model, twin, trace.loop_start);
    lines.extend(differing(&one, &other, (first, second)));
    let periods = trace.periods.len();
    let who = trace.judges.join(" and ");
    let description = match deviates {
        true => format!(
            "Over {periods} periods, each value that differs between the run and the deviation, one above the other."
        ),
        false => format!(
            "Over {periods} periods: first what {who} sees, shaded where it is the same in both runs; then each value that differs between the runs, one above the other."
        ),
    };
    Picture {
        id: "twin",
        title: if deviates {
            "A run, and a deviation from it".to_owned()
        } else {
            format!("Two runs that look the same to {who}")
        },
        description,
        lines,
        periods,
        ends_in_state: steps(&trace.periods, trace.loop_start) < periods,
        bands: tracks::bands(&trace.periods),
        ticks: tracks::ticks(trace),
        messages: Vec::new(),
        loop_start: trace.loop_start,
    }
}

/// What a judge sees in both runs.
fn views(
    model: Option<&Model>,
    trace: &TraceReport,
    twin: &[PeriodReport],
    judge: &str,
) -> Vec<Line> {
    let one = tracks::seen(model, &trace.periods, judge);
    let other = tracks::seen(model, twin, judge);
    let mut lines = Vec::new();
    for track in one.into_iter().take(MOST_TRACKS / 2) {
        let same = other.iter().find(|o| o.name == track.name);
        let (alike, unlike) = same.map(|same| compared(&track, same)).unwrap_or_default();
        let label = track.name.clone();
        lines.push(Line::Track { label, track, alike, unlike });
    }
    let heading = format!("{judge} sees");
    lines.splice(0..0, (!lines.is_empty()).then_some(Line::Lane(heading)));
    lines
}

/// Every value that differs somewhere, of both runs.
fn differing(one: &[Track], other: &[Track], names: (&str, &str)) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut lane = String::new();
    for track in one {
        let Some(double) = other.iter().find(|o| o.name == track.name && o.lane == track.lane)
        else {
            continue;
        };
        let (_, unlike) = compared(track, double);
        if unlike.is_empty() || lines.len() > 2 * MOST_TRACKS {
            continue;
        }
        if lane != track.lane {
            lane.clone_from(&track.lane);
            lines.push(Line::Lane(lane.clone()));
        }
        for (track, name) in [(track, names.0), (double, names.1)] {
            let label = format!("{} ({name})", track.name);
            let (track, unlike) = (split(track, &unlike), unlike.clone());
            lines.push(Line::Track { label, track, alike: Vec::new(), unlike });
        }
    }
    lines
}

/// The track with its segments cut where the runs begin or cease to differ, so that each part is labelled.
fn split(track: &Track, ranges: &Ranges) -> Track {
    let mut segments = track.segments.clone();
    for cut in ranges.iter().flat_map(|(from, to)| [*from, *to]) {
        segments = segments
            .into_iter()
            .flat_map(|whole| {
                if whole.from < cut && cut < whole.to {
                    vec![Segment { to: cut, ..whole.clone() }, Segment { from: cut, ..whole }]
                } else {
                    vec![whole]
                }
            })
            .collect();
    }
    Track { segments, ..track.clone() }
}

type Ranges = Vec<(usize, usize)>;

/// The periods in which two tracks are alike, and those in which they are not.
fn compared(one: &Track, other: &Track) -> (Ranges, Ranges) {
    let end = |track: &Track| track.segments.last().map_or(0, |segment| segment.to);
    let (mut alike, mut unlike) = (Ranges::new(), Ranges::new());
    for period in 0..end(one).max(end(other)) {
        let text = |track: &Track| track.at(period).map(|segment| segment.text.clone());
        let ranges = match (text(one), text(other)) {
            (None, None) => continue,
            (a, b) if a == b => &mut alike,
            _ => &mut unlike,
        };
        match ranges.last_mut() {
            Some(last) if last.1 == period => last.1 = period + 1,
            _ => ranges.push((period, period + 1)),
        }
    }
    (alike, unlike)
}
