//! Phase diagrams: where in a grid of parameters a claim is proved and where it is refuted, with the
//! boundary between.
//!
//! Verdicts differ in pattern as well as in colour; vacuous proofs are hatched. Neighbours with the same
//! verdict are one shape, so that a picture is as large as what happens in it. The map in letters says
//! the same to whoever does not see it.

use std::fmt::Write;

use maud::{Markup, html};

use super::book::Case;
use super::words::{count, cut};
use crate::report::phase::{Look, Panel, Phase, Square};

/// The side of a cell; the patterns of the style are drawn for it.
const SIDE: usize = 26;
/// The width of a character of an axis.
const CHARACTER: usize = 7;
/// Above the cells: what the others are, the name of the columns, their values.
const HEAD: usize = 62;
/// Between panels.
const GAP: usize = 26;
/// Panels stand side by side up to this width.
const WIDEST: usize = 1020;
/// More panels are not drawn.
const MOST_PANELS: usize = 12;
/// An axis with more values is not drawn.
const MOST_VALUES: usize = 100;
/// Longer maps are not told in letters; the data has them.
const LONGEST_MAP: usize = 6000;
/// Longer values are cut on an axis.
const LONGEST: usize = 14;

/// The sections of a claim that was swept; `data` gives the address of a sweep's cells.
pub fn sections(case: &Case<'_>, data: &dyn Fn(usize) -> String) -> Markup {
    html! {
        @for (n, phase) in case.phases.iter().enumerate() {
            section.phase {
                h2 { "Where it holds, over " (names(&phase.over)) }
                (boundary(phase))
                (Drawing { phase, n }.figure())
                @if phase.map.len() <= LONGEST_MAP { details { summary { "The map in letters" } pre tabindex="0" { (phase.map.trim_matches('\n')) } } }
                p { a.download href=(data(n)) download { "Download the cells (CSV)" } }
            }
        }
    }
}

fn names(all: &[String]) -> Markup {
    html! {
        @for (n, name) in all.iter().enumerate() {
            @if n > 0 { @if n + 1 == all.len() { " and " } @else { ", " } }
            code { (cut(name, 60)) }
        }
    }
}

/// The formula, and how it compares with what the author expects.
fn boundary(phase: &Phase) -> Markup {
    html! {
        p.formula {
            @match (&phase.boundary, phase.whole) {
                (Some(formula), _) => { "Proved exactly where " code { (formula) } ". " },
                (None, true) => "No formula of the size looked for separates proved from refuted cells. ",
                (None, false) => "The boundary is not looked for before all cells are there. ",
            }
            @match phase.matches {
                Some(true) => span.badge.proved { "as its author expects" },
                Some(false) => span.badge.surprise { "not as its author expects" },
                None => {},
            }
        }
        p {
            (phase.counts) ". "
            @if let Some(expected) = &phase.expected { "The spec expects a proof exactly where " code { (expected) } ". " }
            @if !phase.set.is_empty() { "Other parameters: " code { (phase.set) } ". " }
        }
        @if phase.boundary.is_some() { p.muted { (worth(phase)) } }
    }
}

/// What the formula rests on.
fn worth(phase: &Phase) -> String {
    let beyond = match phase.checked_outside {
        0 => String::new(),
        n => format!(", and is right on {} one step beyond the grid", count(n, "cell", "cells")),
    };
    let open = match phase.open {
        0 => String::new(),
        n => format!(" It leaves {} without a verdict aside.", count(n, "cell", "cells")),
    };
    format!(
        "The formula is the smallest that fits the cells, each of which was decided{beyond}. Of other values it proves nothing.{open}"
    )
}

struct Drawing<'a> {
    phase: &'a Phase,
    /// Which of the claim's sweeps it is: tells its ids from those of others.
    n: usize,
}

impl Drawing<'_> {
    fn figure(&self) -> Markup {
        let shown = self.shown();
        let left = self.phase.panels.len() - shown.len();
        if shown.is_empty() {
            return html! { p.muted { "The grid is too large to be drawn; the data has it whole." } };
        }
        html! {
            figure {
                div.scroll tabindex="0" role="region" aria-label="Phase diagram" { (self.drawn(&shown)) }
                figcaption.legend {
                    @for look in self.looks() { span.swatch.(class(look)) {} " " (sign(look)) (look.words()) " " }
                    span.swatch.between {} " the boundary"
                    @if self.squares().any(|square| square.is_none()) {
                        "; empty: left out by a condition, or not come to"
                    }
                    @if left > 0 { "; " (count(left, "more map", "more maps")) " only in the data" }
                }
            }
        }
    }

    fn squares(&self) -> impl Iterator<Item = &Option<Square>> {
        self.phase.panels.iter().flat_map(|panel| panel.squares.iter().flatten())
    }

    fn shown(&self) -> Vec<&Panel> {
        let fits = |panel: &&Panel| {
            let columns = panel.columns.as_ref().map_or(1, |(_, values)| values.len());
            columns <= MOST_VALUES && panel.squares.len() <= MOST_VALUES
        };
        self.phase.panels.iter().filter(fits).take(MOST_PANELS).collect()
    }

    /// The verdicts that occur.
    fn looks(&self) -> Vec<Look> {
        let occurs = |look: &Look| self.squares().flatten().any(|square| square.look == *look);
        Look::ALL.into_iter().filter(occurs).collect()
    }

    fn drawn(&self, panels: &[&Panel]) -> Markup {
        let (title, words) = (format!("phase-{}-title", self.n), format!("phase-{}-words", self.n));
        let places = places(panels);
        let ends = |end: fn(&Place) -> usize| places.iter().map(end).max().unwrap_or(0);
        let (width, height) = (ends(|p| p.x + p.width), ends(|p| p.y + p.height));
        html! {
            svg.phases role="img" aria-labelledby={ (title) " " (words) } width=(width) height=(height)
                viewBox={ "0 0 " (width) " " (height) } {
                title id=(title) { "Phase diagram of " (cut(&self.phase.claim, 80)) }
                desc id=(words) { (self.description()) }
                defs { @for look in self.looks() { (self.pattern(look)) } }
                @for (panel, place) in panels.iter().zip(&places) { (self.panel(panel, place)) }
            }
        }
    }

    fn description(&self) -> String {
        let phase = self.phase;
        let boundary = phase.boundary.as_ref();
        let boundary = boundary.map(|formula| format!(" Proved exactly where {formula}."));
        format!(
            "Verdicts over {}: {}.{}",
            phase.over.join(", "),
            phase.counts,
            boundary.unwrap_or_default()
        )
    }

    fn id(&self, look: Look) -> String {
        format!("{}-{}", class(look), self.n)
    }

    /// A cell as it is repeated: colour and sign.
    fn pattern(&self, look: Look) -> Markup {
        let middle = SIDE / 2;
        html! {
            pattern id=(self.id(look)) width=(SIDE) height=(SIDE) patternUnits="userSpaceOnUse" {
                g.cell.(class(look)) {
                    rect width=(SIDE) height=(SIDE) {}
                    @match look {
                        Look::Proved => circle cx=(middle) cy=(middle) r="4.5" {},
                        Look::Vacuous => path d={ "M-2 6L6 -2M-2 " (middle + 6) "L" (middle + 6) " -2M-2 "
                            (SIDE + 6) "L" (SIDE + 6) " -2M6 " (SIDE + 6) "L" (SIDE + 6) " 6M19 " (SIDE + 6) "L"
                            (SIDE + 6) " 19" } {},
                        Look::Refuted => path d={ "M8 8l" (SIDE - 16) " " (SIDE - 16) "m0 -" (SIDE - 16) "l-"
                            (SIDE - 16) " " (SIDE - 16) } {},
                        Look::Unknown => text x=(middle) y=(middle + 5) { "?" },
                        Look::Error => text x=(middle) y=(middle + 5) { "!" },
                    }
                }
            }
        }
    }

    fn panel(&self, panel: &Panel, place: &Place) -> Markup {
        let columns = panel.columns.as_ref();
        let values = columns.map(|(_, values)| values.as_slice()).unwrap_or_default();
        html! {
            g transform={ "translate(" (place.x + place.margin) " " (place.y + HEAD) ")" } {
                text.fixed x={ "-" (place.margin - 4) } y={ "-" (HEAD - 16) } { (heading(panel, place)) }
                text.axis.row x="-8" y="-8" { (cut(&panel.rows.0, LONGEST)) }
                @if let Some((name, _)) = columns { text.axis x="0" y="-26" { (cut(name, 40)) } }
                @for (n, value) in values.iter().enumerate() {
                    text.value x=(n * SIDE + SIDE / 2) y="-8" { (cut(value, 4)) }
                }
                @for (n, value) in panel.rows.1.iter().enumerate() {
                    text.value.row x="-8" y=(n * SIDE + SIDE / 2 + 5) { (cut(value, LONGEST)) }
                }
                @for look in Look::ALL {
                    @let d = shape(panel, &|square| square.look == look);
                    @if !d.is_empty() { path d=(d) fill={ "url(#" (self.id(look)) ")" } {} }
                }
                path.grid d=(grid(panel)) {}
                path.between d=(between(panel)) {}
                @let odd = shape(panel, &|square| square.odd);
                @if !odd.is_empty() { path.odd d=(odd) { title { "not as expected" } } }
            }
        }
    }
}

/// What tells a cell from one of the same colour.
fn sign(look: Look) -> &'static str {
    match look {
        Look::Unknown => "? ",
        Look::Error => "! ",
        Look::Proved | Look::Vacuous | Look::Refuted => "",
    }
}

/// The class of a cell.
fn class(look: Look) -> &'static str {
    match look {
        Look::Proved => "proved",
        Look::Vacuous => "vacuous",
        Look::Refuted => "refuted",
        Look::Unknown => "unknown",
        Look::Error => "error",
    }
}

/// Where a panel stands.
struct Place {
    x: usize,
    y: usize,
    width: usize,
    height: usize,
    /// Room for the names of the rows.
    margin: usize,
}

/// The panels from left to right and from top to bottom.
fn places(panels: &[&Panel]) -> Vec<Place> {
    let (mut x, mut y, mut tallest) = (0, 0, 0);
    let mut places = Vec::new();
    for panel in panels {
        let columns = panel.columns.as_ref().map_or(1, |(_, values)| values.len());
        let names = panel.rows.1.iter().chain([&panel.rows.0]);
        let longest = names.map(|name| name.chars().count().min(LONGEST)).max().unwrap_or(0);
        let margin = longest * CHARACTER + 18;
        let cells = (columns * SIDE).max(6 * SIDE);
        let width = margin + cells + GAP;
        let height = HEAD + panel.squares.len() * SIDE + GAP / 2;
        if x > 0 && x + width > WIDEST {
            (x, y, tallest) = (0, y + tallest, 0);
        }
        places.push(Place { x, y, width, height, margin });
        x += width;
        tallest = tallest.max(height);
    }
    places
}

/// What the other parameters are, as far as there is room.
fn heading(panel: &Panel, place: &Place) -> Markup {
    let fixed = panel.fixed.iter().map(|(name, value)| format!("{name} = {value}"));
    let fixed = fixed.collect::<Vec<_>>().join(", ");
    let whole = match (panel.settings, fixed.is_empty()) {
        (0 | 1, _) => fixed,
        (n, true) => format!("{n} settings"),
        (n, false) => format!("{n} settings with {fixed}"),
    };
    let said = cut(&whole, (place.width - GAP / 2) / CHARACTER);
    html! {
        @if said != whole { title { (whole) } }
        (said)
    }
}

/// The cells that are wanted, neighbours in a row as one rectangle.
fn shape(panel: &Panel, wanted: &dyn Fn(&Square) -> bool) -> String {
    let mut path = String::new();
    for (y, row) in panel.squares.iter().enumerate() {
        let is_wanted = |square: &Option<Square>| square.as_ref().is_some_and(wanted);
        let mut x = 0;
        for run in row.chunk_by(|a, b| is_wanted(a) == is_wanted(b)) {
            if run.first().is_some_and(is_wanted) {
                let (left, width) = (x * SIDE, run.len() * SIDE);
                // Writing to a string cannot fail.
                let _ = write!(path, "M{left} {}h{width}v{SIDE}h-{width}z", y * SIDE);
            }
            x += run.len();
        }
    }
    path
}

/// The lines between the cells, those that do not exist among them.
fn grid(panel: &Panel) -> String {
    let rows = panel.squares.len();
    let columns = panel.squares.first().map_or(0, Vec::len);
    let across = (0..=rows).map(|y| format!("M0 {}h{}", y * SIDE, columns * SIDE));
    let down = (0..=columns).map(|x| format!("M{} 0v{}", x * SIDE, rows * SIDE));
    across.chain(down).collect()
}

/// The edges at which a proved cell meets a refuted one.
fn between(panel: &Panel) -> String {
    let side = |x: usize, y: usize| panel.squares.get(y)?.get(x)?.as_ref()?.look.side();
    let differ = |a: Option<bool>, b: Option<bool>| a.is_some() && b.is_some() && a != b;
    let mut path = String::new();
    for (y, row) in panel.squares.iter().enumerate() {
        for x in 0..row.len() {
            if differ(side(x, y), side(x + 1, y)) {
                let _ = write!(path, "M{} {}v{SIDE}", (x + 1) * SIDE, y * SIDE);
            }
            if differ(side(x, y), side(x, y + 1)) {
                let _ = write!(path, "M{} {}h{SIDE}", x * SIDE, (y + 1) * SIDE);
            }
        }
    }
    path
}
