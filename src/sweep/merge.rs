//! Several parts of one sweep put together.
//!
//! Parts are journals, or reports in JSON, of the same question. A cell that two of them have decided has to
//! have one verdict: two would mean that one of them is wrong. What no part has is told.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use indexmap::IndexMap;
use serde::Deserialize;

use super::grid::key;
use super::journal::{self, Fault};
use super::outcome::{Cell, Head, SCHEMA, Sweep};
use crate::report::values::words;

/// Why parts cannot be put together.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// There are none.
    #[error("there is nothing to merge")]
    Nothing,
    /// A part cannot be used.
    #[error("`{0}` {1}")]
    Part(PathBuf, Fault),
    /// Two verdicts for a cell.
    #[error("`{0}` says otherwise than the parts before it of {1}")]
    Contradiction(PathBuf, String),
}

/// The cells so far, by their values.
type Known = IndexMap<Vec<String>, Cell>;

/// What of a report is read back.
#[derive(Deserialize)]
struct Part {
    #[serde(flatten)]
    head: Head,
    cells: Vec<Cell>,
    outside: Vec<Cell>,
}

/// Parts put together.
#[derive(Debug)]
pub struct Merged {
    /// The sweep.
    pub sweep: Sweep,
    /// The shards that the parts are; a part that is none is not among them.
    shards: BTreeSet<String>,
}

impl Merged {
    /// What no part has, in words; nothing if the sweep is whole.
    pub fn missing(&self) -> Option<String> {
        let head = &self.sweep.head;
        let all = head.size + head.beyond;
        let missing = all.saturating_sub(self.sweep.cells.len() + self.sweep.outside.len());
        let shards = absent(&self.shards);
        let which = match shards.as_slice() {
            [] => String::new(),
            [one] => format!(": shard {one} is not there"),
            many => format!(": shards {} are not there", many.join(", ")),
        };
        (missing > 0).then(|| format!("{missing} of {all} cells are missing{which}"))
    }
}

/// The shards that are not among these, if these are of one division.
fn absent(shards: &BTreeSet<String>) -> Vec<String> {
    let divided: Option<Vec<(usize, usize)>> = (shards.iter())
        .map(|shard| {
            let (number, of) = shard.split_once('/')?;
            Some((number.parse().ok()?, of.parse().ok()?))
        })
        .collect();
    let divided = divided.unwrap_or_default();
    let Some((_, of)) = divided.first().copied() else { return Vec::new() };
    if divided.iter().any(|(_, other)| *other != of) {
        return Vec::new();
    }
    let there = |number: &usize| divided.iter().any(|(one, _)| one == number);
    (1..=of).filter(|number| !there(number)).map(|number| format!("{number}/{of}")).collect()
}

/// Puts the parts together.
///
/// # Errors
/// A part cannot be read, is of another sweep, or contradicts another.
pub fn merge(paths: &[PathBuf]) -> Result<Merged, Refusal> {
    let mut shards = BTreeSet::new();
    let mut whole: Option<(Head, Known)> = None;
    for path in paths {
        let refused = |fault| Refusal::Part(path.clone(), fault);
        let (head, cells) = part(path).map_err(refused)?;
        shards.extend(head.shard.clone());
        let head = Head { schema: SCHEMA.to_owned(), shard: None, ..head };
        match &mut whole {
            None => whole = Some((head, Known::new())),
            Some((first, _)) => journal::same(first, &head).map_err(refused)?,
        }
        if let Some((_, all)) = &mut whole {
            add(all, cells).map_err(|place| Refusal::Contradiction(path.clone(), place))?;
        }
    }
    let (head, cells) = whole.ok_or(Refusal::Nothing)?;
    Ok(Merged { sweep: Sweep::conclude(head, cells.into_values()), shards })
}

fn part(path: &Path) -> Result<(Head, Vec<Cell>), Fault> {
    let text = std::fs::read_to_string(path)?;
    if let Ok(Part { head, mut cells, outside }) = serde_json::from_str::<Part>(&text) {
        cells.extend(outside);
        return if head.schema == SCHEMA { Ok((head, cells)) } else { Err(Fault::Damaged(1)) };
    }
    let whole = text.rfind('\n').map_or(0, |end| end + 1);
    journal::read(text.get(..whole).unwrap_or_default())?.ok_or(Fault::Damaged(1))
}

/// Adds cells; those that are there already must say the same. A verdict replaces `unknown`.
fn add(all: &mut Known, more: Vec<Cell>) -> Result<(), String> {
    for cell in more {
        match all.get_mut(&key(&cell.params)) {
            None => drop(all.insert(key(&cell.params), cell)),
            Some(known) if known.verdict == cell.verdict => {}
            Some(known) if !known.is_decided() => *known = cell,
            Some(_) if !cell.is_decided() => {}
            Some(known) => {
                let place = known.params.iter().map(|(n, v)| format!("{n} = {}", words(v)));
                return Err(place.collect::<Vec<_>>().join(", "));
            }
        }
    }
    Ok(())
}
