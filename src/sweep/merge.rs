//! Several parts of one sweep put together.
//!
//! Parts are journals, or reports in JSON, of the same question. A cell that two of them have decided has to
//! have one verdict: two would mean that one of them is wrong.

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

/// Puts the parts together.
///
/// # Errors
/// A part cannot be read, is of another sweep, or contradicts another.
pub fn merge(paths: &[PathBuf]) -> Result<Sweep, Refusal> {
    let mut whole: Option<(Head, Known)> = None;
    for path in paths {
        let refused = |fault| Refusal::Part(path.clone(), fault);
        let (head, cells) = part(path).map_err(refused)?;
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
    Ok(Sweep::conclude(head, cells.into_values()))
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
