//! What a sweep comes to: its head, its cells, and what is concluded from them.
//!
//! The head and the cells are all that is ever written down of a sweep; everything else, boundary and
//! comparison with the expectation included, is a function of them. So a resumed run, and shards that
//! were merged, end in the same file as a run that nothing disturbed.

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::boundary::{Boundary, Point, Sample, boundary};
use super::grid::{Params, order};
use super::regions::Regions;
use crate::report::values::words;

/// The name of the shape of the report.
pub const SCHEMA: &str = "yamen.sweep/1";

/// What is swept, and how. Two sweeps with equal heads (but for the shard) decide the same cells.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Head {
    /// The shape: [`SCHEMA`] or that of the journal.
    pub schema: String,
    /// Yamen's version.
    pub yamen: String,
    /// The solver and its version.
    pub solver: String,
    /// The solver's seed.
    pub seed: u64,
    /// The time for each cell, in seconds.
    pub timeout: f64,
    /// Whether a search of states is not taken for a proof, so that engines leave certificates.
    pub certified: bool,
    /// The spec.
    pub file: String,
    /// A hash of the spec's text and of all that it uses.
    pub hash: String,
    /// The institution.
    pub institution: String,
    /// The claim.
    pub claim: String,
    /// What the claim says, in words.
    pub title: Option<String>,
    /// The swept parameters and their values.
    pub over: IndexMap<String, Vec<Json>>,
    /// Parameters with one value for all cells.
    pub set: IndexMap<String, String>,
    /// How many cells there are, those ruled out not counted.
    pub size: usize,
    /// How many cells the conditions of the parameters rule out.
    pub left_out: usize,
    /// How many cells beyond the ends of the grid are decided as well.
    pub beyond: usize,
    /// Where the spec expects a proof, in its own words.
    pub expected: Option<String>,
    /// Which part of the cells this is, such as `1/4`; absent for all.
    pub shard: Option<String>,
}

/// What a cell came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CellVerdict {
    /// The claim holds there.
    Proved,
    /// It does not.
    Refuted,
    /// It was not decided.
    Unknown,
    /// The spec cannot be checked there.
    Error,
}

/// A decided cell.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cell {
    /// The values of the swept parameters.
    pub params: Params,
    /// The verdict.
    pub verdict: CellVerdict,
    /// Proved, but its premise cannot occur.
    pub vacuous: bool,
    /// What the spec expects there: proved, refuted or vacuous.
    pub expected: Option<String>,
    /// Whether the verdict is that; without an expectation nothing is compared.
    pub as_expected: Option<bool>,
    /// The least bound, for a claim that asks for one.
    pub smallest: Option<u32>,
    /// Why it is not decided, or cannot be checked.
    pub reason: Option<String>,
    /// Evidence was found that failed its own check.
    pub evidence_failed: bool,
    /// How long it took; not told where reports are to be the same from run to run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seconds: Option<f64>,
}

impl Cell {
    /// Proved or refuted.
    pub fn is_decided(&self) -> bool {
        matches!(self.verdict, CellVerdict::Proved | CellVerdict::Refuted)
    }

    /// Its letter in maps and tables.
    pub fn letter(&self) -> char {
        match self.verdict {
            CellVerdict::Proved if self.vacuous => 'v',
            CellVerdict::Proved => 'P',
            CellVerdict::Refuted => 'R',
            CellVerdict::Unknown => '?',
            CellVerdict::Error => '!',
        }
    }
}

/// How many cells came to what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Summary {
    /// Cells of the grid that were settled.
    pub cells: usize,
    /// Of them proved, vacuously or not.
    pub proved: usize,
    /// Of them proved vacuously.
    pub vacuous: usize,
    /// Of them refuted.
    pub refuted: usize,
    /// Of them not decided.
    pub unknown: usize,
    /// Of them that cannot be checked.
    pub errors: usize,
    /// Cells of the grid that this run has not come to, or that other shards decide.
    pub missing: usize,
    /// The sum over all cells.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seconds: Option<f64>,
}

/// The whole sweep.
#[derive(Clone, Debug, Serialize)]
pub struct Sweep {
    /// What was swept.
    #[serde(flatten)]
    pub head: Head,
    /// The cells of the grid, in order.
    pub cells: Vec<Cell>,
    /// Cells one step beyond its ends, in order.
    pub outside: Vec<Cell>,
    /// The smallest formula that separates proved from refuted cells.
    pub boundary: Option<String>,
    /// How many cells outside the grid it was checked on.
    pub checked_outside: usize,
    /// How many smaller formulas fit the grid and failed outside.
    pub coincidences: usize,
    /// Whether the verdicts of the whole grid are the expected ones; absent without an expectation,
    /// and where cells are missing that might say no.
    pub matches: Option<bool>,
    /// The same for the cells outside.
    pub matches_outside: Option<bool>,
    /// Counts.
    pub summary: Summary,
    /// What was proved for all values of the ranges at once, if that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub regions: Option<Regions>,
}

impl Sweep {
    /// Draws the conclusions from cells in any order.
    pub fn conclude(head: Head, cells: impl IntoIterator<Item = Cell>) -> Sweep {
        let mut all: Vec<_> =
            cells.into_iter().map(|c| (order(&head.over, &c.params), c)).collect();
        all.sort_by(|a, b| a.0.cmp(&b.0));
        all.dedup_by(|a, b| a.0 == b.0 && a.1.params == b.1.params);
        let (outside, cells): (Vec<_>, Vec<_>) = all.into_iter().partition(|(key, _)| key.0);
        let bare = |cells: Vec<(_, Cell)>| cells.into_iter().map(|(_, c)| c).collect::<Vec<Cell>>();
        let (cells, outside) = (bare(cells), bare(outside));
        let summary = summary(&head, &cells, &outside);
        let whole = summary.missing == 0 && outside.len() == head.beyond;
        let (inner, outer) = (samples(&head, &cells), samples(&head, &outside));
        let names: Vec<String> = head.over.keys().cloned().collect();
        let found = if whole { boundary(&names, &inner, &outer) } else { None };
        let (formula, coincidences) = match found {
            Some(Boundary { formula, coincidences }) => (Some(formula), coincidences),
            None => (None, 0),
        };
        Sweep {
            matches: matches(&cells, summary.missing == 0),
            matches_outside: matches(&outside, whole).filter(|_| !outside.is_empty()),
            checked_outside: if formula.is_some() { outer.len() } else { 0 },
            boundary: formula,
            coincidences,
            summary,
            regions: None,
            head,
            cells,
            outside,
        }
    }

    /// Leaves out how long it all took, the only part that differs from run to run.
    pub fn forget_times(&mut self) {
        self.summary.seconds = None;
        self.cells.iter_mut().chain(&mut self.outside).for_each(|cell| cell.seconds = None);
    }

    /// The report as one JSON object, indented.
    pub fn json(&self) -> String {
        serde_json::to_string_pretty(self)
            .unwrap_or_else(|error| format!("{{\"error\":\"{error}\"}}"))
            + "\n"
    }

    /// The cells of the grid as comma-separated values, with a line of headings.
    pub fn csv(&self) -> String {
        let names = self.head.over.keys().map(|name| quoted(name));
        let columns = ["verdict", "vacuous", "expected", "smallest", "reason"];
        let times = self.summary.seconds.map(|_| "seconds");
        let columns = columns.into_iter().chain(times).map(str::to_owned);
        let mut text = joined(names.chain(columns));
        for cell in &self.cells {
            let values = self.head.over.keys().map(|name| cell.params.get(name).map(words));
            let verdict = serde_json::to_value(cell.verdict).map(|verdict| words(&verdict)).ok();
            let rest = [
                verdict,
                Some(cell.vacuous.to_string()),
                cell.expected.clone(),
                cell.smallest.map(|least| least.to_string()),
                cell.reason.clone(),
            ];
            let seconds = times.map(|_| cell.seconds.map(|seconds| seconds.to_string()));
            text += &joined(
                values.chain(rest).chain(seconds).map(|value| quoted(&value.unwrap_or_default())),
            );
        }
        text
    }
}

fn joined(fields: impl Iterator<Item = String>) -> String {
    fields.collect::<Vec<_>>().join(",") + "\n"
}

/// A field of comma-separated values, as RFC 4180 has it.
fn quoted(field: &str) -> String {
    if field.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", field.replace('"', "\"\""))
    } else {
        field.to_owned()
    }
}

fn summary(head: &Head, cells: &[Cell], outside: &[Cell]) -> Summary {
    let count = |wanted: fn(&Cell) -> bool| cells.iter().filter(|cell| wanted(cell)).count();
    let seconds: f64 = cells.iter().chain(outside).filter_map(|cell| cell.seconds).sum();
    Summary {
        cells: cells.len(),
        proved: count(|cell| cell.verdict == CellVerdict::Proved),
        vacuous: count(|cell| cell.verdict == CellVerdict::Proved && cell.vacuous),
        refuted: count(|cell| cell.verdict == CellVerdict::Refuted),
        unknown: count(|cell| cell.verdict == CellVerdict::Unknown),
        errors: count(|cell| cell.verdict == CellVerdict::Error),
        missing: head.size.saturating_sub(cells.len()),
        seconds: Some((seconds * 1e6).round() / 1e6),
    }
}

/// A single verdict that is not the expected one decides; otherwise all have to be there.
fn matches(cells: &[Cell], whole: bool) -> Option<bool> {
    let mut all = whole.then_some(true);
    for cell in cells {
        match cell.as_expected {
            Some(false) => return Some(false),
            Some(true) => {}
            None => all = None,
        }
    }
    all
}

/// What the search for a boundary is told: the decided cells as points with their verdicts.
pub(super) fn samples(head: &Head, cells: &[Cell]) -> Vec<Sample> {
    let decided = cells.iter().filter(|cell| cell.is_decided());
    let sample = |cell: &Cell| {
        let values = head.over.keys().map(|name| cell.params.get(name).and_then(Point::of));
        Some((values.collect::<Option<Vec<Point>>>()?, cell.verdict == CellVerdict::Proved))
    };
    decided.filter_map(sample).collect()
}
