//! A run as tracks: one per value that changes, in lanes, one per post.
//!
//! Equal neighbours are one segment, so that a picture is as large as what happens in the run and not as
//! the run is long. What never changes has no track; the table beside the picture has it.

use std::collections::{BTreeMap, BTreeSet};

use indexmap::IndexMap;
use serde_json::Value;

use super::posts;
use crate::report::outcome::{PeriodReport, TraceReport};
use crate::report::table::steps;
use crate::report::values::words;
use crate::types::core::{Model, SortKind};

/// A picture has no more tracks; what changes first is kept.
pub const MOST_TRACKS: usize = 36;
/// How many colours words have.
const WORDS: usize = 6;
/// The lane of what is nobody's.
const SHARED: &str = "State of affairs";
const NATURE: &str = "Nature";
/// The kind of most values.
pub const STATE: &str = "state";
const RULES: &str = "What takes effect";

/// How a segment looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// False, or nothing.
    Off,
    /// True.
    On,
    /// A number, by its place among the numbers of its track, from 0 to 4.
    Level(usize),
    /// A word, by the order in which words first appear.
    Word(usize),
}

/// The same value for some periods.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Segment {
    /// Its first period.
    pub from: usize,
    /// The period after its last.
    pub to: usize,
    /// The value.
    pub text: String,
    /// How it looks.
    pub tone: Tone,
}

/// One value through a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Track {
    /// Whose it is.
    pub lane: String,
    /// Its name.
    pub name: String,
    /// What kind of value it is, in a word.
    pub kind: &'static str,
    /// Its segments, in order; there may be gaps.
    pub segments: Vec<Segment>,
}

impl Track {
    /// Whether it ever changes.
    pub fn moves(&self) -> bool {
        self.segments.len() > 1
    }

    /// What it says in a period.
    pub fn at(&self, period: usize) -> Option<&Segment> {
        self.segments.iter().find(|segment| (segment.from..segment.to).contains(&period))
    }
}

/// The values of a track, one per period; `None` where there is none.
type Column = Vec<Option<String>>;

/// The tracks of a run, lane by lane, those that never change among them.
pub fn tracks(model: Option<&Model>, periods: &[PeriodReport], loops: Option<usize>) -> Vec<Track> {
    let owners = model.map(posts::owners).unwrap_or_default();
    let steps = steps(periods, loops);
    let drawn = periods.get(..steps).unwrap_or_default();
    let mut tracks = Vec::new();
    tracks.extend(of(drawn, "choice", &|p| &p.choices, &|name, p| {
        p.owners
            .get(name)
            .or_else(|| owners.get(name))
            .cloned()
            .unwrap_or_else(|| SHARED.to_owned())
    }));
    let shared = |name: &str| owners.get(name).cloned().unwrap_or_else(|| SHARED.to_owned());
    tracks.extend(of(periods, STATE, &|p| &p.state, &|name, _| shared(name)));
    tracks.extend(of(drawn, "chance", &|p| &p.env, &|_, _| NATURE.to_owned()));
    tracks.extend(of(drawn, "chance", &|p| &p.draws, &|_, _| NATURE.to_owned()));
    tracks.extend(rules(drawn));
    paint(model, &mut tracks);
    let order = lanes(model);
    tracks.sort_by_key(|track| {
        let place = order.iter().position(|lane| *lane == track.lane);
        let last = [SHARED, NATURE, RULES].iter().position(|lane| *lane == track.lane);
        place.unwrap_or(order.len() + last.map_or(0, |last| last + 1))
    });
    tracks
}

fn lanes(model: Option<&Model>) -> Vec<String> {
    let posts = model.map(posts::posts).unwrap_or_default();
    posts.into_iter().map(|post| post.name).collect()
}

/// Tracks of one part of the periods.
fn of(
    periods: &[PeriodReport],
    kind: &'static str,
    part: &dyn Fn(&PeriodReport) -> &IndexMap<String, Value>,
    lane: &dyn Fn(&str, &PeriodReport) -> String,
) -> Vec<Track> {
    let mut columns: IndexMap<&String, (String, Column)> = IndexMap::new();
    for (n, period) in periods.iter().enumerate() {
        for (name, value) in part(period) {
            let (_, column) = columns
                .entry(name)
                .or_insert_with(|| (lane(name, period), vec![None; periods.len()]));
            if let Some(place) = column.get_mut(n) {
                *place = Some(words(value));
            }
        }
    }
    let shades = shades(columns.iter().map(|(name, (_, column))| (name.as_str(), column)));
    let track = |(name, (lane, column)): (&String, (String, Column))| {
        let tone = |text: &str| tone(text, shades.get(family(name)));
        Track { lane, name: name.clone(), kind, segments: segments(&column, &tone) }
    };
    columns.into_iter().map(track).collect()
}

/// `known[2]` is of the family `known`.
pub fn family(name: &str) -> &str {
    name.split('[').next().unwrap_or(name)
}

/// The values that each family takes, in the order in which they are to be shaded.
fn shades<'a>(
    columns: impl Iterator<Item = (&'a str, &'a Column)>,
) -> BTreeMap<String, Vec<String>> {
    let mut shades: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (name, column) in columns {
        let known = shades.entry(family(name).to_owned()).or_default();
        for value in column.iter().flatten() {
            if !known.contains(value) {
                known.push(value.clone());
            }
        }
    }
    for values in shades.values_mut().filter(|v| v.iter().all(|v| number(v).is_some())) {
        values.sort_by(|a, b| number(a).unwrap_or(0.0).total_cmp(&number(b).unwrap_or(0.0)));
    }
    shades
}

fn number(text: &str) -> Option<f64> {
    match text.split_once('/') {
        Some((a, b)) => Some(a.parse::<f64>().ok()? / b.parse::<f64>().ok()?),
        None => text.parse().ok().filter(|n: &f64| n.is_finite()),
    }
}

fn tone(text: &str, known: Option<&Vec<String>>) -> Tone {
    let known = known.map(Vec::as_slice).unwrap_or_default();
    let place = known.iter().position(|value| value == text).unwrap_or(0);
    match text {
        "true" => Tone::On,
        "false" => Tone::Off,
        _ if number(text).is_some() => {
            Tone::Level(if known.len() < 2 { 0 } else { place * 4 / (known.len() - 1) })
        }
        _ => Tone::Word(place % WORDS),
    }
}

fn segments(column: &Column, tone: &dyn Fn(&str) -> Tone) -> Vec<Segment> {
    let mut segments: Vec<Segment> = Vec::new();
    for (n, value) in column.iter().enumerate() {
        let Some(text) = value else { continue };
        match segments.last_mut() {
            Some(last) if last.to == n && last.text == *text => last.to = n + 1,
            _ => {
                segments.push(Segment { from: n, to: n + 1, text: text.clone(), tone: tone(text) })
            }
        }
    }
    segments
}

/// A track for each rule: in which periods it takes effect, and for which members.
fn rules(periods: &[PeriodReport]) -> Vec<Track> {
    let mut columns: IndexMap<(String, &'static str), Column> = IndexMap::new();
    for (n, period) in periods.iter().enumerate() {
        for rule in &period.rules {
            let kind = match rule.kind {
                crate::syntax::ast::RuleKind::Rule => "rule",
                crate::syntax::ast::RuleKind::Practice => "practice",
            };
            let column = columns
                .entry((family(&rule.name).to_owned(), kind))
                .or_insert_with(|| vec![Some(String::new()); periods.len()]);
            let member = rule.name.split_once('[').map(|(_, rest)| rest.trim_end_matches(']'));
            if let Some(Some(text)) = column.get_mut(n) {
                if !text.is_empty() {
                    text.push_str(", ");
                }
                text.push_str(member.unwrap_or("●"));
            }
        }
    }
    let track = |((name, kind), column): ((String, &'static str), Column)| {
        let tone = |text: &str| if text.is_empty() { Tone::Off } else { Tone::On };
        Track { lane: RULES.to_owned(), name, kind, segments: segments(&column, &tone) }
    };
    columns.into_iter().map(track).collect()
}

/// Gives the members of an enum the colours of their places in it, so that a word has one colour in all
/// pictures of an institution.
fn paint(model: Option<&Model>, tracks: &mut [Track]) {
    let sorts = model.map(|model| model.sorts.as_slice()).unwrap_or_default();
    let mut places: BTreeMap<&str, usize> = BTreeMap::new();
    for sort in sorts {
        if let SortKind::Enum(names) = &sort.kind {
            for (n, name) in names.iter().enumerate() {
                places.entry(name).or_insert(n % WORDS);
            }
        }
    }
    for segment in tracks.iter_mut().flat_map(|track| &mut track.segments) {
        if let (Tone::Word(place), Some(known)) = (&mut segment.tone, places.get(&*segment.text)) {
            *place = *known;
        }
    }
}

/// The tracks that a picture shows: those that move, and those of whose family some move or differ, since
/// that a post stays as it is while others change is worth seeing.
pub fn shown(tracks: &[Track]) -> Vec<&Track> {
    let mut first: BTreeMap<&str, Option<&str>> = BTreeMap::new();
    let mut lively: BTreeSet<&str> = BTreeSet::new();
    for track in tracks {
        let value = track.segments.first().map(|segment| segment.text.as_str());
        let family = family(&track.name);
        let differs = first.insert(family, value).is_some_and(|other| other != value);
        if track.moves() || differs {
            lively.insert(family);
        }
    }
    let shown = tracks.iter().filter(|track| lively.contains(family(&track.name)));
    shown.collect()
}

/// What a post saw, as tracks.
pub fn seen(model: Option<&Model>, periods: &[PeriodReport], post: &str) -> Vec<Track> {
    let part = |period: &PeriodReport| period.seen.get(post).cloned().unwrap_or_default();
    let views: Vec<PeriodReport> = periods
        .iter()
        .map(|p| PeriodReport { state: part(p), ..PeriodReport::default() })
        .collect();
    let mut tracks = of(&views, "seen", &|p| &p.state, &|_, _| post.to_owned());
    paint(model, &mut tracks);
    tracks
}

/// Times that a band marks across all lanes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Band {
    /// Its first period.
    pub from: usize,
    /// The period after its last.
    pub to: usize,
    /// What it is.
    pub text: String,
}

/// Campaigns as bands: the phases of every campaign other than idle.
pub fn bands(periods: &[PeriodReport]) -> Vec<Band> {
    let names = periods.first().map(|p| p.state.keys().collect::<Vec<_>>()).unwrap_or_default();
    let mut bands: Vec<Band> = Vec::new();
    for name in names {
        let Some(campaign) = name.strip_suffix(".phase") else { continue };
        for (n, period) in periods.iter().enumerate() {
            let Some(Value::String(phase)) = period.state.get(name) else { continue };
            if !["announced", "active"].contains(&phase.as_str()) {
                continue;
            }
            let text = format!("{campaign} {phase}");
            match bands.last_mut() {
                Some(last) if last.to == n && last.text == text => last.to = n + 1,
                _ => bands.push(Band { from: n, to: n + 1, text }),
            }
        }
    }
    bands
}

/// Ticks that do not occur in every period: the period and the name.
pub fn ticks(trace: &TraceReport) -> Vec<(usize, String)> {
    let steps = steps(&trace.periods, trace.loop_start);
    let mut found = Vec::new();
    for (n, period) in trace.periods.iter().enumerate() {
        for tick in &period.ticks {
            let often = trace.periods.iter().filter(|p| p.ticks.contains(tick)).count();
            if often < steps {
                found.push((n, tick.clone()));
            }
        }
    }
    found
}
