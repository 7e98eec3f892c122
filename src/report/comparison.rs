//! An institution and its reforms, claim by claim: verdict, where it is expected, the least number,
//! what a proof needs, and where a reform flips a verdict.

use std::fmt::Write;

use comfy_table::{ContentArrangement, Table};
use serde::Serialize;

use super::outcome::{Entry, EntryKind, Needs, Report};
use super::text::{verdict_words, wrap::indented, wrap::paragraph};
use super::without::STYLE;

/// The name of the JSON's shape.
pub const SCHEMA: &str = "yamen.compare/1";

/// An institution and its reforms.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Comparison {
    /// The base first, then its reforms.
    pub institutions: Vec<Compared>,
    /// What any of them claims.
    pub claims: Vec<Claimed>,
}

/// One of the institutions.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Compared {
    /// Its name.
    pub name: String,
    /// What it is called.
    pub title: String,
    /// What it is a reform of.
    pub base: Option<String>,
}

/// A claim in all of them.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Claimed {
    /// Its name.
    pub id: String,
    /// What it says.
    pub title: Option<String>,
    /// Claim, scenario or lemma.
    pub kind: EntryKind,
    /// A cell for each institution that has it, in their order.
    pub cells: Vec<Cell>,
}

/// A claim in one of them.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Cell {
    /// The institution.
    pub institution: String,
    /// The verdict.
    pub verdict: String,
    /// Proved, but its premise cannot occur.
    pub vacuous: bool,
    /// The verdict is the expected one.
    pub as_expected: bool,
    /// Where its author expects a proof or a refutation, as the spec has it.
    pub boundary: Option<String>,
    /// Of `smallest k`: the least `k`.
    pub smallest: Option<u32>,
    /// What its proof needs.
    pub needs: Option<Needs>,
    /// A reform whose verdict is another one than the base's.
    pub flips: bool,
    /// The verdict as people read it.
    #[serde(skip)]
    pub words: String,
}

/// Puts the institutions of a report side by side, each base with its reforms. `boundary` says where
/// a claim of an institution is expected to hold, in the words of the spec.
pub fn comparisons(
    report: &Report,
    boundary: &dyn Fn(&str, &str) -> Option<String>,
) -> Vec<Comparison> {
    let root = |name: &str| {
        let mut name = name;
        // A reform of a reform belongs to the first of them; no longer chain than there are institutions.
        for _ in &report.institutions {
            let found = report.institutions.iter().find(|one| one.name == name);
            let base = found.and_then(|one| one.base.as_deref());
            let known = base.filter(|base| report.institutions.iter().any(|one| one.name == *base));
            let Some(base) = known else { break };
            name = base;
        }
        name.to_owned()
    };
    let mut found: Vec<(String, Comparison)> = Vec::new();
    for institution in &report.institutions {
        let root = root(&institution.name);
        let compared = Compared {
            name: institution.name.clone(),
            title: institution.title.clone(),
            base: institution.base.clone(),
        };
        match found.iter_mut().find(|(name, _)| *name == root) {
            Some((_, comparison)) => comparison.institutions.push(compared),
            None => {
                found.push((root, Comparison { institutions: vec![compared], claims: Vec::new() }))
            }
        }
    }
    found.into_iter().map(|(_, comparison)| filled(comparison, report, boundary)).collect()
}

fn filled(
    mut comparison: Comparison,
    report: &Report,
    boundary: &dyn Fn(&str, &str) -> Option<String>,
) -> Comparison {
    for institution in &comparison.institutions {
        let here = report.entries.iter().filter(|entry| entry.institution == institution.name);
        for entry in here.filter(|entry| entry.kind != EntryKind::Defect) {
            let at = comparison.claims.iter().position(|claim| claim.id == entry.id);
            let base = institution.base.as_ref().and_then(|base| {
                report.entries.iter().find(|one| one.institution == *base && one.id == entry.id)
            });
            let cell = cell(entry, base, boundary(&entry.institution, &entry.id));
            match at.and_then(|at| comparison.claims.get_mut(at)) {
                Some(claim) => claim.cells.push(cell),
                None => comparison.claims.push(Claimed {
                    id: entry.id.clone(),
                    title: entry.title.clone(),
                    kind: entry.kind,
                    cells: vec![cell],
                }),
            }
        }
    }
    comparison
}

fn cell(entry: &Entry, base: Option<&Entry>, boundary: Option<String>) -> Cell {
    let verdict = |entry: &Entry| (entry.verdict, entry.vacuous, entry.smallest);
    Cell {
        institution: entry.institution.clone(),
        verdict: entry.verdict.word().to_owned(),
        vacuous: entry.vacuous,
        as_expected: entry.as_expected,
        boundary,
        smallest: entry.smallest,
        needs: entry.needs.clone(),
        flips: base.is_some_and(|base| verdict(base) != verdict(entry)),
        words: verdict_words(entry),
    }
}

impl Cell {
    fn words(&self) -> String {
        let least = self.smallest.map(|k| format!(", least k = {k}")).unwrap_or_default();
        let flips = if self.flips { " *" } else { "" };
        format!("{}{least}{flips}", self.words)
    }

    /// `rule a; practice b`
    fn needs(&self) -> Option<String> {
        let Needs { rules, practices, assumptions, fairness } = self.needs.as_ref()?;
        let named = |word: &str, names: &[String]| {
            (!names.is_empty()).then(|| format!("{word} {}", names.join(", ")))
        };
        let parts = [
            named("rules", rules),
            named("practices", practices),
            named("assumptions", assumptions),
            named("fairness", fairness),
        ];
        let parts: Vec<String> = parts.into_iter().flatten().collect();
        Some(if parts.is_empty() { "nothing".to_owned() } else { parts.join("; ") })
    }
}

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    yamen: &'static str,
    comparisons: &'a [Comparison],
}

/// The comparisons as JSON.
pub fn json(comparisons: &[Comparison]) -> String {
    let document = Document { schema: SCHEMA, yamen: crate::VERSION, comparisons };
    serde_json::to_string_pretty(&document)
        .unwrap_or_else(|error| format!("{{\"error\":\"{error}\"}}"))
}

/// The comparisons as text.
pub fn text(comparisons: &[Comparison], width: usize) -> String {
    let mut out = String::new();
    for comparison in comparisons {
        let bold = anstyle::Style::new().bold();
        for institution in &comparison.institutions {
            let reform = institution.base.as_ref().map(|base| format!(", a reform of {base}"));
            let (name, reform) = (&institution.name, reform.unwrap_or_default());
            let _ = writeln!(out, "{bold}{name} \"{}\"{bold:#}{reform}", institution.title);
        }
        if comparison.claims.is_empty() {
            out.push_str("\n  nothing is claimed\n\n");
            continue;
        }
        let _ =
            writeln!(out, "\n{}\n", indented(&verdicts(comparison, width.saturating_sub(2)), 2));
        out.push_str(&details(comparison, width));
    }
    let flips = comparisons.iter().flat_map(|one| &one.claims).flat_map(|claim| &claim.cells);
    if flips.clone().any(|cell| cell.flips) {
        out.push_str("* the reform's verdict is another one than its base's\n");
    }
    out
}

fn verdicts(comparison: &Comparison, width: usize) -> String {
    let mut table = Table::new();
    table.load_style(STYLE);
    table.set_content_arrangement(ContentArrangement::Dynamic);
    table.set_width(u16::try_from(width).unwrap_or(u16::MAX));
    let names = comparison.institutions.iter().map(|one| one.name.as_str());
    table.set_header(["claim"].into_iter().chain(names));
    for claim in &comparison.claims {
        let cells = comparison.institutions.iter().map(|institution| {
            let cell = claim.cells.iter().find(|cell| cell.institution == institution.name);
            cell.map_or_else(|| "–".to_owned(), Cell::words)
        });
        table.add_row([claim.id.clone()].into_iter().chain(cells));
    }
    table.trim_fmt()
}

/// The boundary of each claim, and what its proofs need.
fn details(comparison: &Comparison, width: usize) -> String {
    let mut out = String::new();
    for claim in &comparison.claims {
        let mut lines: Vec<String> = Vec::new();
        let boundaries = claim.cells.iter().filter_map(|cell| cell.boundary.as_ref());
        let mut boundaries: Vec<&String> = boundaries.collect();
        boundaries.dedup();
        lines.extend(boundaries.iter().map(|boundary| format!("expected {boundary}")));
        lines.extend(claim.cells.iter().filter_map(|cell| {
            Some(format!("in {} the proof needs {}", cell.institution, cell.needs()?))
        }));
        if !lines.is_empty() {
            let _ = writeln!(out, "  {}", claim.id);
            for line in lines {
                let _ = writeln!(out, "{}", paragraph(&line, width, 4, 2));
            }
        }
    }
    if !out.is_empty() {
        out.push('\n');
    }
    out
}
