//! Whole ranges of parameters with their verdicts, as a report.
//!
//! What is in it is found by [`divide`](super::divide).

use serde::Serialize;

use super::outcome::{CellVerdict, Head};

/// The name of the shape of the report.
pub const SCHEMA: &str = "yamen.regions/1";
/// A set of parameters with one verdict.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Region {
    /// Proved, refuted, or unknown.
    pub verdict: CellVerdict,
    /// Which parameters, as a formula of the language.
    #[serde(rename = "where")]
    pub formula: String,
    /// How many cells of the grid lie in it.
    pub cells: usize,
    /// What shows it.
    pub evidence: String,
    /// Whether the proof was proved again, or the run executed again at each of the cells.
    pub checked: bool,
}

/// What came of it.
#[derive(Clone, Debug, Serialize)]
pub struct Regions {
    /// What was swept.
    #[serde(flatten)]
    pub head: Head,
    /// The regions, in the order in which they were found.
    pub regions: Vec<Region>,
    /// How many cells of the grid lie in no region.
    pub missing: usize,
    /// The smallest formula that says where it is proved, if all is decided.
    pub boundary: Option<String>,
    /// Whether each cell of the grid is as expected; absent without an expectation, and where cells
    /// are not decided that might say no.
    pub matches: Option<bool>,
}

impl Regions {
    /// Whether every cell of the grid lies in a region that is proved or refuted.
    pub fn is_complete(&self) -> bool {
        self.missing == 0 && self.regions.iter().all(|r| r.verdict != CellVerdict::Unknown)
    }

    /// The report as one JSON object, indented.
    pub fn json(&self) -> String {
        serde_json::to_string_pretty(self)
            .unwrap_or_else(|error| format!("{{\"error\":\"{error}\"}}"))
            + "\n"
    }

    /// The report for people.
    pub fn text(&self) -> String {
        let head = &self.head;
        let title = head.title.as_ref().map(|words| format!("  \"{words}\"")).unwrap_or_default();
        let mut text = format!("{} {}{title}\n{}\n", head.institution, head.claim, head.file);
        for region in &self.regions {
            let word = match region.verdict {
                CellVerdict::Proved => "proved",
                CellVerdict::Refuted => "refuted",
                _ => "unknown",
            };
            let cells = if region.cells == 1 { "cell" } else { "cells" };
            text += &format!("\n  {word} where {}\n", region.formula);
            text += &format!("    {}; {} {cells} of the grid\n", region.evidence, region.cells);
        }
        if self.missing > 0 {
            text += &format!("\n  {} cells of the grid were not come to\n", self.missing);
        }
        if let Some(boundary) = &self.boundary {
            text += &format!("\nboundary: proved iff {boundary}\n");
        }
        if let Some(expected) = &head.expected {
            text += &format!("expected: proved iff {expected}\n");
            text += match self.matches {
                Some(true) => "  as it is at all cells of the grid\n",
                Some(false) => "  and that is not so at some cell of the grid\n",
                None => "  which is not settled for all cells of the grid\n",
            };
        }
        text
    }
}
