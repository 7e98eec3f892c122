//! Organisation charts: a box for each post, a line to the post above it.
//!
//! Levels are rows from the top down; a long chain of single posts goes from left to right instead.

use maud::{Markup, html};

use super::posts::Post;
use super::words::{count, cut};

/// Charts of more posts are not drawn.
pub const MOST_POSTS: usize = 40;
/// A chain of more levels than this lies down.
const DEEPEST: usize = 4;
const WIDTH: usize = 168;
const GAP: usize = 22;
const LINE: usize = 17;
const HEAD: usize = 30;
const LEVEL_GAP: usize = 40;
/// How many characters fit in a box.
const LONGEST: usize = 24;

/// A value in a box.
pub struct Line {
    /// Which of the values that move.
    pub slot: usize,
    /// How it looks.
    pub class: String,
    /// What it says.
    pub text: String,
}

/// Where the boxes of a chart are.
pub struct Chart<'a> {
    posts: &'a [Post],
    places: Vec<(usize, usize)>,
    lying: bool,
    box_height: usize,
    /// The size of the picture.
    pub size: (usize, usize),
}

impl<'a> Chart<'a> {
    /// A chart whose boxes have room for so many lines below the name.
    pub fn new(posts: &'a [Post], lines: usize) -> Chart<'a> {
        let box_height = HEAD + lines * LINE + if lines > 0 { 8 } else { 0 };
        let levels = posts.iter().map(|post| post.level + 1).max().unwrap_or(0);
        let on = |level: usize| posts.iter().filter(move |post| post.level == level).count();
        let widest = (0..levels).map(on).max().unwrap_or(0);
        let lying = widest == 1 && levels > DEEPEST;
        let mut used = vec![0usize; levels];
        let place = |post: &Post| {
            let Some(before) = used.get_mut(post.level) else { return (0, 0) };
            *before += 1;
            if lying {
                return (2 + post.level * (WIDTH + LEVEL_GAP), 2);
            }
            let room = widest * (WIDTH + GAP);
            let share = room / on(post.level).max(1);
            let x = (*before - 1) * share + (share - WIDTH) / 2;
            (x, 2 + post.level * (box_height + LEVEL_GAP))
        };
        let places = posts.iter().map(place).collect();
        let size = match lying {
            true => (levels * (WIDTH + LEVEL_GAP), box_height + 4),
            false => (widest * (WIDTH + GAP), levels * (box_height + LEVEL_GAP) + 4 - LEVEL_GAP),
        };
        Chart { posts, places, lying, box_height, size }
    }

    /// The lines between the boxes, and the boxes; `line` gives what stands in a box below the name.
    pub fn drawn(&self, contents: &dyn Fn(usize) -> Vec<Line>) -> Markup {
        html! {
            g.reporting {
                @for (at, post) in self.posts.iter().enumerate() {
                    @if let Some(above) = post.superior { path d=(self.edge(at, above)) {} }
                }
            }
            @for (at, (post, (x, y))) in self.posts.iter().zip(&self.places).enumerate() {
                svg x=(x) y=(y) {
                    rect.frame height=(self.box_height) {}
                    text.name x=(WIDTH / 2) y="20" { (cut(&post.name, LONGEST)) }
                    @for (n, line) in contents(at).iter().enumerate() {
                        svg.(line.class) x="10" y=(HEAD + (n + 1) * LINE - 4) data-slot=(line.slot) { rect {} text { (line.text) } }
                    }
                }
            }
        }
    }

    fn edge(&self, from: usize, to: usize) -> String {
        let at = |n: usize| self.places.get(n).copied().unwrap_or_default();
        let ((x, y), (up_x, up_y)) = (at(from), at(to));
        if self.lying {
            let middle = y + HEAD / 2;
            return format!("M{} {middle}H{x}", up_x + WIDTH);
        }
        let bottom = up_y + self.box_height;
        let turn = bottom + LEVEL_GAP / 2;
        format!("M{} {bottom}V{turn}H{}V{y}", up_x + WIDTH / 2, x + WIDTH / 2)
    }
}

/// The chart of an institution as it is written.
pub fn plain(posts: &[Post]) -> Markup {
    if posts.is_empty() || posts.len() > MOST_POSTS {
        return html! { (listed(posts)) };
    }
    let chart = Chart::new(posts, 0);
    let (width, height) = chart.size;
    html! {
        div.scroll tabindex="0" role="region" aria-label="Organisation chart" {
            svg.chart role="img" aria-labelledby="chart-title chart-words" width=(width) height=(height)
                viewBox={ "0 0 " (width) " " (height) } {
                title id="chart-title" { "Organisation chart" }
                desc id="chart-words" { (in_words(posts)) " The list has them all." }
                (chart.drawn(&|_| Vec::new()))
            }
        }
        details { summary { "The chart as a list" } (listed(posts)) }
    }
}

/// The chart as comma-separated values.
pub fn csv(posts: &[Post]) -> String {
    let quoted = |name: &str| format!("\"{}\"", name.replace('"', "\"\""));
    let line = |post: &Post| {
        let above = post.superior.and_then(|above| posts.get(above));
        let above = above.map(|above| quoted(&above.name)).unwrap_or_default();
        format!("{},{above},{}\n", quoted(&post.name), post.level)
    };
    "post,reports to,level\n".to_owned() + &posts.iter().map(line).collect::<String>()
}

/// How large it is, in a sentence.
pub fn in_words(posts: &[Post]) -> String {
    let levels = posts.iter().map(|post| post.level + 1).max().unwrap_or(0);
    let (posts, levels) = (count(posts.len(), "post", "posts"), count(levels, "level", "levels"));
    format!("{posts} on {levels}, each below the one it reports to.")
}

fn listed(posts: &[Post]) -> Markup {
    html! {
        ul.plain {
            @for post in posts {
                li {
                    bdi { (post.name) }
                    @if let Some(above) = post.superior.and_then(|above| posts.get(above)) {
                        span.muted { " reports to " } bdi { (above.name) }
                    }
                }
            }
        }
    }
}
