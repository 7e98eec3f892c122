//! A run as a picture: a lane for each post, periods across, campaigns as bands, a loop as a bracket.
//!
//! The names of the lanes are a picture of their own at the left, so that they stay in sight while a long
//! run is scrolled.

use maud::{Markup, html};

use super::messages::Message;
use super::tracks::{Band, STATE, Segment, Tone, Track};
use super::words::cut;

/// The height of a lane's heading; the style sheet has it too, and all heights in a row.
const LANE: usize = 28;
const ROW: usize = 25;
/// Where the names of values begin.
const INDENT: usize = 16;
/// Where the texts of a row stand in it.
const BASE: usize = 17;
const TOP: usize = 46;
const LABELS: usize = 210;
const LONGEST_LABEL: usize = 27;
/// Room for the bracket of a loop.
const LOOP: usize = 46;
/// The width of a character of a segment's text.
const CHARACTER: usize = 7;

/// A line of the picture.
pub enum Line {
    /// The heading of a lane.
    Lane(String),
    /// A value through time.
    Track {
        /// What stands at the left.
        label: String,
        /// Its values.
        track: Track,
        /// Where it is the same in both runs of a pair, for whoever judges.
        alike: Vec<(usize, usize)>,
        /// Where it differs between the runs of a pair.
        unlike: Vec<(usize, usize)>,
    },
}

impl Line {
    /// A value of a single run.
    pub fn of(track: Track) -> Line {
        let label = track.name.clone();
        Line::Track { label, track, alike: Vec::new(), unlike: Vec::new() }
    }
}

/// A picture of a run or of two.
pub struct Picture {
    /// Tells its ids from those of other pictures on the page.
    pub id: &'static str,
    /// What it is, in a few words.
    pub title: String,
    /// What it shows, in a sentence or two.
    pub description: String,
    /// The lines from top to bottom.
    pub lines: Vec<Line>,
    /// How many periods there are.
    pub periods: usize,
    /// The last one is a mere state.
    pub ends_in_state: bool,
    /// Campaigns and the like.
    pub bands: Vec<Band>,
    /// Events.
    pub ticks: Vec<(usize, String)>,
    /// What posts tell each other.
    pub messages: Vec<Message>,
    /// Where the last period leads back to.
    pub loop_start: Option<usize>,
}

impl Picture {
    /// The picture.
    pub fn drawn(&self) -> Markup {
        let (title, words) = (format!("{}-title", self.id), format!("{}-words", self.id));
        let (width, height) = (self.width(), self.height());
        html! {
            div.swimlane {
                svg.labels width=(LABELS) height=(height) viewBox={ "-" (INDENT) " 0 " (LABELS) " " (height) } aria-hidden="true" {
                    (self.labels())
                }
                div.scroll tabindex="0" role="region" aria-label=(self.title) {
                    svg role="img" aria-labelledby={ (title) " " (words) } width=(width) height=(height)
                        viewBox={ "0 0 " (width) " " (height) } {
                        title id=(title) { (self.title) }
                        desc id=(words) { (self.description) }
                        (self.background())
                        (self.rows())
                        (self.arrows())
                        (self.back())
                    }
                }
            }
        }
    }

    /// The width of a period: narrower the more there are, wider for longer words.
    fn column(&self) -> usize {
        let texts = self.lines.iter().flat_map(|line| match line {
            Line::Track { track, .. } => track.segments.as_slice(),
            Line::Lane(_) => &[],
        });
        let longest = texts.map(|segment| {
            segment.text.chars().count().min(16).div_ceil((segment.to - segment.from).max(1))
        });
        let wanted = longest.max().unwrap_or(0) * CHARACTER + 16;
        let (least, most) = match self.periods {
            0..=12 => (68, 130),
            13..=40 => (40, 72),
            _ => (30, 34),
        };
        wanted.clamp(least, most)
    }

    /// Wide enough for the periods, and for what is said of a loop.
    fn width(&self) -> usize {
        let said = self.loop_start.map_or(0, |start| {
            start * self.column()
                + 24
                + repeats(start, self.periods).chars().count() * (CHARACTER + 1)
        });
        (self.periods * self.column() + 2).max(said)
    }

    fn height(&self) -> usize {
        self.floor() + if self.loop_start.is_some() { LOOP } else { 6 }
    }

    /// Where the lines end.
    fn floor(&self) -> usize {
        TOP + self.lines.iter().map(height).sum::<usize>()
    }

    /// Each line and where it begins.
    fn placed(&self) -> impl Iterator<Item = (usize, &Line)> {
        self.lines.iter().scan(TOP, |y, line| {
            let at = *y;
            *y += height(line);
            Some((at, line))
        })
    }

    fn labels(&self) -> Markup {
        html! {
            text.axis x="-8" y={ (TOP - 10) } { "period" }
            @for (y, line) in self.placed() {
                @match line {
                    Line::Lane(name) => {
                        rect.lane y=(y) {}
                        text.name x="-8" y={ (y + 19) } { (cut(name, LONGEST_LABEL)) }
                    },
                    Line::Track { label, track, .. } => {
                        text y={ (y + BASE) } {
                            @if label.chars().count() > LONGEST_LABEL { title { (label) } }
                            (cut(label, LONGEST_LABEL))
                            @if track.kind != STATE && label.chars().count() + track.kind.len() < LONGEST_LABEL {
                                tspan.kind x={ (LABELS - INDENT - 6) } { (track.kind) }
                            }
                        }
                    },
                }
            }
        }
    }

    /// Periods, bands and events, behind the lines.
    fn background(&self) -> Markup {
        let (column, floor) = (self.column(), self.floor());
        html! {
            @if let Some(start) = self.loop_start {
                rect.loop x=(start * column) y=(TOP - 6) width=((self.periods - start.min(self.periods)) * column)
                    height=(floor - TOP + 6) {}
            }
            @for band in &self.bands {
                g.band {
                    rect x=(band.from * column) y="2" width=((band.to - band.from) * column) height=(floor - 2) {}
                    text x=(band.from * column + 5) y="15" {
                        title { (band.text) }
                        (cut(&band.text, ((band.to - band.from) * column / CHARACTER).max(4)))
                    }
                }
            }
            g.axis {
                @for period in 0..self.periods {
                    text x=(period * column + column / 2) y=(TOP - 10) {
                        @if self.ends_in_state && period + 1 == self.periods { "end" } @else { (period) }
                    }
                }
            }
            path.grid d=(self.grid()) {}
            @for (period, name) in &self.ticks {
                g.tick transform={ "translate(" (period * column + column / 2) " 20)" } {
                    title { (name) " in period " (period) }
                    path d="M-5 -4h10l-5 8z" {}
                }
            }
        }
    }

    fn grid(&self) -> String {
        let (column, floor) = (self.column(), self.floor());
        (0..=self.periods).map(|n| format!("M{} {}V{floor}", n * column + 1, TOP - 4)).collect()
    }

    fn rows(&self) -> Markup {
        let column = self.column();
        html! {
            @for (y, line) in self.placed() {
                @match line {
                    Line::Lane(_) => rect.lane y=(y) width=(self.width()) {},
                    Line::Track { track, alike, unlike, .. } => svg.row y=(y + BASE) {
                        @for (from, to) in alike {
                            rect.alike x=(from * column) width=((to - from) * column + 2) {}
                        }
                        @for (tone, segments) in by_tone(&track.segments) { (drawn(tone, &segments, &track.name, column)) }
                        @for (from, to) in unlike {
                            rect.unlike x=(from * column + 1) width=((to - from) * column) {}
                        }
                    },
                }
            }
        }
    }

    /// What posts tell each other: from the middle of the period, at the sender's lane, to its end.
    fn arrows(&self) -> Markup {
        let column = self.column();
        let lane = |name: &str| {
            let mut lanes = self.placed();
            lanes
                .find(|(_, line)| matches!(line, Line::Lane(lane) if lane == name))
                .map(|(y, _)| y + LANE / 2)
        };
        let drawn = self.messages.iter().filter_map(|message| {
            let (from, to) = (lane(&message.from)?, lane(&message.to)?);
            let (x, end) =
                (message.period * column + column / 2, (message.period + 1) * column - 3);
            let up = if to < from { (to + 9, "-4 7l4 -7l4 7") } else { (to - 9, "-4 -7l4 7l4 -7") };
            Some((message, format!("M{x} {from}Q{end} {from} {end} {}m{}", up.0, up.1), (x, from)))
        });
        html! {
            @for (message, path, (x, y)) in drawn {
                g.message {
                    title {
                        (message.from) " to " (message.to) " by " (cut(&message.rule, 80)) " in period " (message.period)
                    }
                    circle cx=(x) cy=(y) r="3.5" {}
                    path d=(path) {}
                }
            }
        }
    }

    /// The way back from the last period of a lasso.
    fn back(&self) -> Markup {
        let (column, floor) = (self.column(), self.floor());
        html! {
            @if let Some(start) = self.loop_start.filter(|start| *start < self.periods) {
                g.back {
                    path d={
                        "M" (self.periods * column - 4) " " (floor + 2) "v12H" (start * column + 6) "v-8"
                        "m-5 6l5 -7l5 7"
                    } {}
                    text x=(start * column + 14) y=(floor + 32) { (repeats(start, self.periods)) }
                }
            }
        }
    }
}

/// What a lasso does after its last period.
fn repeats(start: usize, periods: usize) -> String {
    match periods.saturating_sub(1) {
        last if last == start => format!("{start} repeats for ever"),
        last => format!("{start} to {last} repeat for ever"),
    }
}

fn height(line: &Line) -> usize {
    match line {
        Line::Lane(_) => LANE,
        Line::Track { .. } => ROW,
    }
}

/// The class of a tone.
pub fn class(tone: Tone) -> String {
    match tone {
        Tone::Off => "off".to_owned(),
        Tone::On => "on".to_owned(),
        Tone::Level(n) => format!("l{n}"),
        Tone::Word(n) => format!("w{n}"),
    }
}

/// The segments of a track that look the same.
fn by_tone(segments: &[Segment]) -> Vec<(Tone, Vec<&Segment>)> {
    let mut groups: Vec<(Tone, Vec<&Segment>)> = Vec::new();
    for segment in segments {
        match groups.iter_mut().find(|(tone, _)| *tone == segment.tone) {
            Some((_, all)) => all.push(segment),
            None => groups.push((segment.tone, vec![segment])),
        }
    }
    groups
}

fn drawn(tone: Tone, segments: &[&Segment], name: &str, column: usize) -> Markup {
    let width = |segment: &Segment| (segment.to - segment.from) * column;
    let short = |segment: &Segment| {
        cut(&segment.text, (width(segment).saturating_sub(8) / CHARACTER).max(1))
    };
    let bars = segments.iter().map(|segment| {
        format!("M{} -4h{}", segment.from * column + 2, width(segment).saturating_sub(2))
    });
    html! {
        g.(class(tone)) {
            path d=(bars.collect::<String>()) {}
            // What is false shows by its bar; so many words would hide what is true.
            @for segment in segments.iter().filter(|_| tone != Tone::Off) {
                @let text = short(segment);
                @if !text.is_empty() {
                    text x=(segment.from * column + width(segment) / 2 + 1) {
                        (text)
                        @if text != segment.text { title { (name) " = " (cut(&segment.text, 200)) } }
                    }
                }
            }
        }
    }
}
