//! The organisation chart of a run, period by period: what each post does and stands at, with a slider.
//!
//! The first period is drawn here; the script puts the values of other periods in its place, and brings the
//! slider and the buttons. Whoever has no script has the table, which says the same.

use maud::{Markup, PreEscaped, html};
use serde_json::json;

use super::chart::{Chart, Line, MOST_POSTS, in_words};
use super::posts::posts;
use super::swimlane::class;
use super::tracks::{Track, shown};
use super::words::cut;
use crate::types::core::Model;

/// How many values a box has room for.
const MOST_LINES: usize = 6;
/// How many characters a line of a box has room for.
const LONGEST: usize = 23;
/// Values beside the chart.
const MOST_SHARED: usize = 16;

/// The chart with its slider; nothing where no post has anything that changes.
pub fn stepper(model: &Model, tracks: &[Track], periods: usize) -> Markup {
    let posts = posts(model);
    let moving: Vec<&Track> = shown(tracks)
        .into_iter()
        .filter(|track| !["rule", "practice"].contains(&track.kind))
        .collect();
    let alive = moving.iter().any(|track| track.moves());
    let of = |name: &str| {
        let own = moving.iter().enumerate().filter(move |(_, track)| track.lane == name);
        own.map(|(slot, _)| slot).take(MOST_LINES).collect::<Vec<usize>>()
    };
    let slots: Vec<Vec<usize>> = posts.iter().map(|post| of(&post.name)).collect();
    let lines = slots.iter().map(Vec::len).max().unwrap_or(0);
    if posts.len() < 2 || posts.len() > MOST_POSTS || lines == 0 || periods < 2 || !alive {
        return html! {};
    }
    let shared: Vec<usize> = moving
        .iter()
        .enumerate()
        .filter(|(_, track)| posts.iter().all(|post| post.name != track.lane))
        .map(|(slot, _)| slot)
        .take(MOST_SHARED)
        .collect();
    let chart = Chart::new(&posts, lines);
    let (width, height) = chart.size;
    html! {
        figure.stepper data-last=(periods - 1) {
            figcaption { "The posts, period by period. What changed since the period before is marked." }
            @if !shared.is_empty() {
                dl.shared { @for slot in shared { (beside(slot, &moving)) } }
            }
            div.scroll tabindex="0" role="region" aria-label="The posts in a period" {
                svg.chart role="img" aria-labelledby="stepper-title stepper-words" width=(width) height=(height)
                    viewBox={ "0 0 " (width) " " (height) } {
                    title id="stepper-title" { "Organisation chart, period by period" }
                    desc id="stepper-words" { (in_words(&posts)) " The values stand in the table of the run." }
                    (chart.drawn(&|at| {
                        let own = slots.get(at).map(Vec::as_slice).unwrap_or_default();
                        own.iter().filter_map(|slot| inside(*slot, &moving)).collect()
                    }))
                }
            }
            script type="application/json" { (PreEscaped(data(&moving, periods))) }
        }
    }
}

/// A value in a box.
fn inside(slot: usize, tracks: &[&Track]) -> Option<Line> {
    let track = tracks.get(slot)?;
    let text = cut(&format!("{} = {}", short(track), text(track, 0)), LONGEST);
    Some(Line { slot, class: format!("seg {}", tone(track, 0)), text })
}

/// A value that is nobody's.
fn beside(slot: usize, tracks: &[&Track]) -> Markup {
    html! {
        @if let Some(track) = tracks.get(slot) {
            div data-slot=(slot) class={ "seg " (tone(track, 0)) } {
                dt { (cut(&track.name, 40)) }
                dd { (cut(&text(track, 0), 40)) }
            }
        }
    }
}

/// The name of a value in the box of its owner: `known` of `known[2]`.
fn short(track: &Track) -> &str {
    super::tracks::family(&track.name)
}

fn text(track: &Track, period: usize) -> String {
    track.at(period).map_or_else(|| "–".to_owned(), |segment| segment.text.clone())
}

fn tone(track: &Track, period: usize) -> String {
    track.at(period).map_or_else(|| "off".to_owned(), |segment| class(segment.tone))
}

/// The values of all periods: of each track its name, the values that occur, how each looks, and which of them stands
/// in which period. A `<` would end the script, so it is written as JSON may write it.
fn data(tracks: &[&Track], periods: usize) -> String {
    let one = |track: &&Track| {
        let mut looks: Vec<(String, String)> = Vec::new();
        let mut at = |period: usize| {
            let look = (cut(&text(track, period), 40), tone(track, period));
            looks.iter().position(|known| *known == look).unwrap_or_else(|| {
                looks.push(look);
                looks.len() - 1
            })
        };
        let which: Vec<usize> = (0..periods).map(&mut at).collect();
        json!([short(track), looks, which])
    };
    let all: Vec<_> = tracks.iter().map(one).collect();
    json!(all).to_string().replace('<', "\\u003c")
}
