//! The sweep as a phase diagram in SVG.
//!
//! Verdicts differ in colour and in shape, so that neither is needed to tell them apart; the colours are
//! those of Okabe and Ito, which people who see colours differently tell apart. Title and description
//! say the same in words to whoever does not see the picture.

use std::fmt::Write;

use super::map::{Panel, conclusions, panels};
use super::outcome::{Cell, CellVerdict, Sweep};
use crate::report::values::words;

/// The side of a cell.
const SIDE: usize = 28;
/// Room at the left for the names of rows, and above for those of columns.
const MARGIN: (usize, usize) = (110, 64);
/// Room between panels.
const GAP: usize = 24;
/// The picture is not made wider than this for the sake of panels side by side.
const WIDEST: usize = 1000;
/// The height of a line of text.
const LINE: usize = 18;

/// The picture.
pub fn svg(sweep: &Sweep) -> String {
    let panels = panels(sweep);
    let size = panels.first().map_or((0, 0), |panel| {
        let columns = panel.columns.map_or(1, |(_, values)| values.len());
        (MARGIN.0 + columns * SIDE + GAP, MARGIN.1 + panel.rows.1.len() * SIDE + GAP)
    });
    let across = (WIDEST / size.0.max(1)).clamp(1, panels.len().max(1));
    let down = panels.len().div_ceil(across);
    let caption = caption(sweep);
    let longest = caption.iter().map(|line| line.chars().count()).max().unwrap_or(0);
    let width = (across * size.0).max(longest * 8 + 2 * GAP).max(320);
    let top = 2 * LINE + GAP;
    let bottom = top + down * size.1;
    let height = bottom + (caption.len() + 6) * LINE;
    let mut text = opening(sweep, width, height);
    for (n, panel) in panels.iter().enumerate() {
        let at = ((n % across) * size.0, top + (n / across) * size.1);
        text += &panel_at(panel, at);
    }
    text += &legend(bottom + LINE);
    for (n, line) in caption.iter().enumerate() {
        text += &label(GAP, bottom + (n + 6) * LINE, "start", line);
    }
    text + "</svg>\n"
}

fn opening(sweep: &Sweep, width: usize, height: usize) -> String {
    let head = &sweep.head;
    let title = format!("{} of {}", head.claim, head.institution);
    let summary = &sweep.summary;
    let description = format!(
        "Verdicts over {}: {} proved, of them {} vacuous, {} refuted, {} unknown. {}",
        head.over.keys().cloned().collect::<Vec<_>>().join(", "),
        summary.proved,
        summary.vacuous,
        summary.refuted,
        summary.unknown,
        conclusions(sweep).split_whitespace().collect::<Vec<_>>().join(" ")
    );
    let heading = head.title.as_ref().map_or(title.clone(), |words| format!("{title}: {words}"));
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" aria-labelledby=\"title description\" \
         viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" \
         font-family=\"sans-serif\" font-size=\"13\" fill=\"#111\">\n\
         <title id=\"title\">{}</title>\n<desc id=\"description\">{}</desc>\n\
         <defs><pattern id=\"hatch\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\" \
         patternTransform=\"rotate(45)\"><rect width=\"6\" height=\"6\" fill=\"#cfe6f5\"/>\
         <line x1=\"0\" y1=\"0\" x2=\"0\" y2=\"6\" stroke=\"#0072b2\" stroke-width=\"3\"/></pattern></defs>\n\
         <rect width=\"{width}\" height=\"{height}\" fill=\"#fff\"/>\n{}",
        escaped(&title),
        escaped(&description),
        label(GAP, GAP + LINE / 2, "start", &heading)
    )
}

/// The boundary and the expectation, in words.
fn caption(sweep: &Sweep) -> Vec<String> {
    conclusions(sweep).lines().map(str::to_owned).collect()
}

fn panel_at(panel: &Panel<'_>, (left, top): (usize, usize)) -> String {
    let (x, y) = (left + MARGIN.0, top + MARGIN.1);
    let fixed: Vec<String> =
        panel.fixed.iter().map(|(n, v)| format!("{n} = {}", words(v))).collect();
    let mut text = label(x, top + LINE, "start", &fixed.join(", "));
    if let Some((name, values)) = panel.columns {
        text += &label(x, top + 2 * LINE, "start", name);
        for (n, value) in values.iter().enumerate() {
            text += &label(x + n * SIDE + SIDE / 2, y - 6, "middle", &words(value));
        }
    }
    text += &label(x - 8, y - 6, "end", panel.rows.0);
    for (n, (value, cells)) in panel.rows.1.iter().zip(&panel.cells).enumerate() {
        let row = y + n * SIDE;
        text += &label(x - 8, row + SIDE / 2 + 5, "end", &words(value));
        for (m, cell) in cells.iter().enumerate() {
            text += &square(cell.map(Look::of), x + m * SIDE, row);
        }
    }
    text
}

/// How a cell looks.
#[derive(Clone, Copy)]
enum Look {
    Proved,
    Vacuous,
    Refuted,
    Unknown,
    Error,
}

impl Look {
    fn of(cell: &Cell) -> Look {
        match cell.verdict {
            CellVerdict::Proved if cell.vacuous => Look::Vacuous,
            CellVerdict::Proved => Look::Proved,
            CellVerdict::Refuted => Look::Refuted,
            CellVerdict::Unknown => Look::Unknown,
            CellVerdict::Error => Look::Error,
        }
    }
}

/// A square with its colour and its shape; dotted and empty where there is no cell.
fn square(look: Option<Look>, x: usize, y: usize) -> String {
    let (fill, stroke) = match look {
        Some(Look::Proved) => ("#0072b2", "#fff"),
        Some(Look::Vacuous) => ("url(#hatch)", "#fff"),
        Some(Look::Refuted) => ("#e69f00", "#fff"),
        Some(Look::Unknown | Look::Error) => ("#ccc", "#fff"),
        None => ("none", "#aaa\" stroke-dasharray=\"2 3"),
    };
    let mut text = format!(
        "<rect x=\"{x}\" y=\"{y}\" width=\"{SIDE}\" height=\"{SIDE}\" fill=\"{fill}\" stroke=\"{stroke}\"/>"
    );
    let (cx, cy) = (x + SIDE / 2, y + SIDE / 2);
    // Writing to a string cannot fail.
    let _ = match look {
        Some(Look::Proved) => {
            write!(text, "<circle cx=\"{cx}\" cy=\"{cy}\" r=\"5\" fill=\"#fff\"/>")
        }
        Some(Look::Vacuous) => write!(
            text,
            "<circle cx=\"{cx}\" cy=\"{cy}\" r=\"5\" fill=\"#fff\" stroke=\"#0072b2\" stroke-width=\"2\"/>"
        ),
        Some(Look::Refuted) => write!(
            text,
            "<path d=\"M{} {}l10 10m0 -10l-10 10\" stroke=\"#111\" stroke-width=\"2.5\"/>",
            cx - 5,
            cy - 5
        ),
        Some(Look::Unknown) => write!(text, "{}", label(cx, cy + 5, "middle", "?").trim_end()),
        Some(Look::Error) => write!(text, "{}", label(cx, cy + 5, "middle", "!").trim_end()),
        None => Ok(()),
    };
    text + "\n"
}

fn legend(y: usize) -> String {
    let all = [
        (Look::Proved, "proved"),
        (Look::Vacuous, "vacuous"),
        (Look::Refuted, "refuted"),
        (Look::Unknown, "unknown"),
    ];
    let one = |(n, (look, word)): (usize, (Look, &str))| {
        let x = GAP + n * 76;
        let text = label(x + SIDE / 2, y + SIDE + LINE, "middle", word);
        square(Some(look), x, y) + &text
    };
    all.into_iter().enumerate().map(one).collect()
}

fn label(x: usize, y: usize, anchor: &str, words: &str) -> String {
    if words.is_empty() {
        return String::new();
    }
    format!("<text x=\"{x}\" y=\"{y}\" text-anchor=\"{anchor}\">{}</text>\n", escaped(words))
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
