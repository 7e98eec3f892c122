//! The sweep as text: a map of letters for every two parameters, what needs a look, the boundary.

use indexmap::IndexMap;
use itertools::Itertools;
use serde_json::Value as Json;

use super::grid::Params;
use super::outcome::{Cell, CellVerdict, Sweep};
use super::regions::Regions;
use crate::report::values::words;

/// Where the cells of two axes are shown, the others having one value each.
#[derive(Debug)]
pub struct Panel<'a> {
    /// The others with their values.
    pub fixed: Vec<(&'a str, &'a Json)>,
    /// The axis that runs downwards.
    pub rows: (&'a str, &'a [Json]),
    /// The axis that runs across, unless there is only one.
    pub columns: Option<(&'a str, &'a [Json])>,
    /// Row by row; nothing where a cell is left out or missing.
    pub cells: Vec<Vec<Option<&'a Cell>>>,
}

/// All panels of a sweep. The two axes with the most values are shown in each.
pub fn panels(sweep: &Sweep) -> Vec<Panel<'_>> {
    let over = &sweep.head.over;
    let by_size =
        || over.iter().enumerate().sorted_by_key(|(n, (_, v))| (usize::MAX - v.len(), *n));
    let shown: Vec<usize> = by_size().take(2).map(|(n, _)| n).sorted().collect();
    let axis = |n: usize| over.get_index(n).map(|(name, v)| (name.as_str(), v.as_slice()));
    let Some(rows) = shown.first().and_then(|n| axis(*n)) else { return Vec::new() };
    let columns = shown.get(1).and_then(|n| axis(*n));
    let others = over.iter().enumerate().filter(|(n, _)| !shown.contains(n));
    let others: Vec<(&str, &Vec<Json>)> = others.map(|(_, (n, v))| (n.as_str(), v)).collect();
    let cells: IndexMap<Vec<String>, &Cell> =
        sweep.cells.iter().map(|cell| (key(over, &cell.params), cell)).collect();
    let choices = others.iter().map(|(name, values)| values.iter().map(move |v| (*name, v)));
    let choices: Vec<Vec<(&str, &Json)>> = if others.is_empty() {
        vec![Vec::new()]
    } else {
        choices.multi_cartesian_product().collect()
    };
    let panel = |fixed: Vec<(&'_ str, &'_ Json)>| {
        let at = |pairs: &[(&str, &Json)]| {
            let all = pairs.iter().map(|(n, v)| ((*n).to_owned(), (*v).clone()));
            cells.get(&key(over, &all.collect())).copied()
        };
        let across: Vec<Option<&Json>> = match columns {
            Some((_, values)) => values.iter().map(Some).collect(),
            None => vec![None],
        };
        let row = |down: &Json| {
            let cell = |across: &Option<&Json>| {
                let column = columns.map(|(name, _)| name).zip(*across);
                at(&fixed.iter().copied().chain([(rows.0, down)]).chain(column).collect::<Vec<_>>())
            };
            across.iter().map(cell).collect()
        };
        rows.1.iter().map(row).collect::<Vec<Vec<Option<&Cell>>>>()
    };
    choices
        .into_iter()
        .map(|fixed| Panel { cells: panel(fixed.clone()), fixed, rows, columns })
        .collect()
}

fn key(over: &IndexMap<String, Vec<Json>>, params: &Params) -> Vec<String> {
    over.keys().map(|name| params.get(name).map(Json::to_string).unwrap_or_default()).collect()
}

/// `notice = 1, shelf = 2`
fn place<'a>(params: impl IntoIterator<Item = (&'a str, &'a Json)>) -> String {
    params.into_iter().map(|(name, value)| format!("{name} = {}", words(value))).join(", ")
}

/// The whole sweep as text.
pub fn text(sweep: &Sweep) -> String {
    let head = &sweep.head;
    let title = head.title.as_ref().map(|title| format!("  \"{title}\"")).unwrap_or_default();
    let mut text = format!("{} {}{title}\n{}\n", head.institution, head.claim, head.file);
    if !head.set.is_empty() {
        text +=
            &format!("with {}\n", head.set.iter().map(|(n, v)| format!("{n} = {v}")).join(", "));
    }
    text += &maps(sweep);
    text += &remarks(sweep);
    text += &format!("{}\n", counts(sweep));
    text + &conclusions(sweep) + &sweep.regions.as_ref().map(regions).unwrap_or_default()
}

/// The maps in letters, and what these mean.
pub fn maps(sweep: &Sweep) -> String {
    let maps: String = panels(sweep).iter().map(|panel| format!("\n{}", drawn(panel))).collect();
    format!("{maps}\n{}\n", legend(sweep))
}

fn letter(cell: Option<&Cell>) -> char {
    cell.map_or('·', Cell::letter)
}

fn drawn(panel: &Panel<'_>) -> String {
    let mut text = String::new();
    if !panel.fixed.is_empty() {
        text += &format!("  {}\n", place(panel.fixed.iter().copied()));
    }
    let rows: Vec<String> = panel.rows.1.iter().map(words).collect();
    let (heading, columns) = match panel.columns {
        Some((name, values)) => {
            (format!("{} / {name}", panel.rows.0), values.iter().map(words).collect())
        }
        None => (panel.rows.0.to_owned(), vec![String::new()]),
    };
    let width = |texts: &[String]| texts.iter().map(|t| t.chars().count()).max().unwrap_or(0);
    let (margin, column) = (width(&rows).max(heading.chars().count()), width(&columns).max(1));
    let line = |first: &str, rest: Vec<String>| {
        let rest = rest.iter().map(|one| format!(" {one:>column$}")).join("");
        format!("  {first:>margin$} {rest}").trim_end().to_owned() + "\n"
    };
    text += &line(&heading, columns);
    for (row, cells) in rows.iter().zip(&panel.cells) {
        text += &line(row, cells.iter().map(|cell| letter(*cell).to_string()).collect());
    }
    text
}

/// What the letters mean, as far as they occur.
fn legend(sweep: &Sweep) -> String {
    let all = [
        ('P', "proved"),
        ('v', "proved, but vacuous"),
        ('R', "refuted"),
        ('?', "unknown"),
        ('!', "cannot be checked"),
    ];
    let occurs = |letter: char| sweep.cells.iter().any(|cell| cell.letter() == letter);
    let meanings = all.into_iter().filter(|(letter, _)| occurs(*letter));
    let mut parts: Vec<String> = meanings.map(|(l, meaning)| format!("{l} {meaning}")).collect();
    match (sweep.head.left_out > 0, sweep.summary.missing > 0) {
        (true, true) => parts.push("· left out or not come to".to_owned()),
        (true, false) => parts.push("· left out by a condition of the parameters".to_owned()),
        (false, true) => parts.push("· not come to".to_owned()),
        (false, false) => {}
    }
    parts.join("; ")
}

/// How many cells are listed one by one.
const LISTED: usize = 20;

/// Cells that are not decided, or not as expected.
fn remarks(sweep: &Sweep) -> String {
    let needs_a_look = |cell: &&Cell| !cell.is_decided() || cell.as_expected == Some(false);
    let all: Vec<&Cell> = sweep.cells.iter().filter(needs_a_look).collect();
    let mut text = String::new();
    for cell in all.iter().take(LISTED) {
        let params = place(cell.params.iter().map(|(name, value)| (name.as_str(), value)));
        let verdict = match cell.verdict {
            CellVerdict::Proved if cell.vacuous => "proved, but vacuous",
            CellVerdict::Proved => "proved",
            CellVerdict::Refuted => "refuted",
            CellVerdict::Unknown => "unknown",
            CellVerdict::Error => "cannot be checked",
        };
        let expected = cell.expected.as_ref().filter(|_| cell.is_decided());
        let expected = expected.map(|e| format!(", expected {e}")).unwrap_or_default();
        let reason = cell.reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
        text += &format!("  {params}: {verdict}{expected}{reason}\n");
    }
    if all.len() > LISTED {
        text += &format!("  and {} more\n", all.len() - LISTED);
    }
    text
}

/// How many cells came to what.
pub fn counts(sweep: &Sweep) -> String {
    let summary = &sweep.summary;
    let mut parts = vec![
        format!("{} proved", summary.proved),
        format!("{} refuted", summary.refuted),
        format!("{} unknown", summary.unknown),
    ];
    for (count, words) in [
        (summary.vacuous, "vacuous"),
        (summary.errors, "cannot be checked"),
        (sweep.head.left_out, "left out"),
        (summary.missing, "not come to"),
    ] {
        if count > 0 {
            parts.push(format!("{count} {words}"));
        }
    }
    let plural = if summary.cells == 1 { "" } else { "s" };
    let seconds = summary.seconds.map(|seconds| format!(" ({seconds:.2} s)")).unwrap_or_default();
    format!("{} cell{plural}: {}{seconds}", summary.cells, parts.join(", "))
}

/// What is known of whole ranges, and how.
fn regions(found: &Regions) -> String {
    let mut text = format!("regions: all values where {}\n", found.ranges);
    for (word, region) in [("proved", &found.proved), ("refuted", &found.refuted)] {
        text += &format!("  {word} where {}\n", region.formula);
        let cells = format!("{} cell{}", region.cells, if region.cells == 1 { "" } else { "s" });
        let (certificate, reason) = (region.certificate.as_deref(), region.reason.as_deref());
        text += &match (region.proved_at_once, region.more_values) {
            (true, _) => {
                let checked = if region.checked { ", checked" } else { "" };
                let how =
                    certificate.map(|kind| format!(" by {kind}{checked}")).unwrap_or_default();
                format!("    shown for all values at once{how}\n")
            }
            (false, false) => {
                format!("    shown at each of its {cells}; there are no other values\n")
            }
            (false, true) => format!("    shown at its {cells} only; other values are open\n"),
        };
        if let Some(reason) = reason {
            text += &format!("    not at once: {reason}\n");
        }
    }
    if found.refined > 0 {
        let failed = if found.refined == 1 { "formula" } else { "formulas" };
        text += &format!(
            "  {} {failed} before fitted the cells and failed between them\n",
            found.refined
        );
    }
    text
}

/// The boundary, and how it and the verdicts compare with what is expected.
pub fn conclusions(sweep: &Sweep) -> String {
    let mut text = match &sweep.boundary {
        Some(formula) => format!("boundary: proved iff {formula}\n"),
        None if sweep.summary.missing > 0 || sweep.head.shard.is_some() => {
            "boundary: not looked for before all cells are there\n".to_owned()
        }
        None => "boundary: no formula of this size separates the cells\n".to_owned(),
    };
    if sweep.boundary.is_some() && sweep.summary.unknown + sweep.summary.errors > 0 {
        text += "  undecided cells aside\n";
    }
    match (&sweep.boundary, sweep.checked_outside, sweep.coincidences) {
        (None, ..) => {}
        (_, 0, _) => text += "  checked on no cell outside the grid\n",
        (_, checked, dropped) => {
            let cells = if checked == 1 { "cell" } else { "cells" };
            text += &format!("  also right on {checked} {cells} outside the grid");
            if dropped > 0 {
                text += &format!("; {dropped} smaller or as small failed there");
            }
            text += "\n";
        }
    }
    let Some(expected) = &sweep.head.expected else {
        return text + "expected: nothing is said\n";
    };
    text += &format!("expected: proved iff {expected}\n");
    text += match sweep.matches {
        Some(true) => "  as the verdicts on the whole grid are\n",
        None => "  as the verdicts are so far\n",
        Some(false)
            if sweep.cells.iter().any(|c| c.is_decided() && c.as_expected == Some(false)) =>
        {
            "  and that is not what the verdicts are\n"
        }
        Some(false) => "  which the undecided cells leave open\n",
    };
    if sweep.matches_outside == Some(false) {
        text += "  outside the grid it is not shown, or wrong\n";
    }
    text
}
