//! The journal: a file with a line for the sweep and a line for each decided cell.
//!
//! A line is on disk before the next cell is begun in its worker's place, so that whatever ends the
//! program, what was decided is kept. A last line that was not written to its end is dropped; anything
//! else that is not as it should be is an error, since verdicts are taken from here on trust. A journal is
//! locked while it is open, so that no two sweeps write into one; the lock goes with the process, however
//! that ends.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;

use super::outcome::{Cell, Head};

/// The name of the shape of its first line.
pub const SCHEMA: &str = "yamen.sweep-journal/1";

/// Why a journal cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// It cannot be read or written.
    #[error("cannot be read or written: {0}")]
    Io(#[from] io::Error),
    /// Another process has it open.
    #[error("is being written by another sweep")]
    InUse,
    /// It is not a journal, or damaged.
    #[error("is not a journal of a sweep, or damaged, in line {0}")]
    Damaged(usize),
    /// It belongs to another sweep.
    #[error("belongs to another sweep: {what} is `{there}` there and `{here}` here")]
    Other {
        /// What differs.
        what: &'static str,
        /// In the journal.
        there: String,
        /// In this sweep.
        here: String,
    },
}

/// An open journal, at its end.
#[derive(Debug)]
pub struct Journal {
    file: File,
}

impl Journal {
    /// Opens the journal of a sweep, or begins it, and gives the cells that were decided.
    ///
    /// # Errors
    /// It cannot be read or written, is in use, is damaged, or belongs to another sweep.
    pub fn open(path: &Path, head: &Head) -> Result<(Journal, Vec<Cell>), Fault> {
        let mut file =
            OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)?;
        file.try_lock().map_err(|fault| match fault {
            TryLockError::WouldBlock => Fault::InUse,
            TryLockError::Error(fault) => Fault::Io(fault),
        })?;
        let mut text = String::new();
        file.read_to_string(&mut text)?;
        let whole = text.rfind('\n').map_or(0, |end| end + 1);
        let lines = text.get(..whole).unwrap_or_default();
        let head = Head { schema: SCHEMA.to_owned(), ..head.clone() };
        let cells = match read(lines)? {
            Some((there, cells)) => {
                same(&there, &head)?;
                cells
            }
            None => Vec::new(),
        };
        file.set_len(whole as u64)?;
        file.seek(SeekFrom::End(0))?;
        let mut journal = Journal { file };
        if whole == 0 {
            journal.line(&head)?;
        }
        Ok((journal, cells))
    }

    /// Writes a decided cell; it is on disk when this returns.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn add(&mut self, cell: &Cell) -> io::Result<()> {
        self.line(cell)
    }

    fn line(&mut self, object: &impl serde::Serialize) -> io::Result<()> {
        let mut line = serde_json::to_string(object)?;
        line.push('\n');
        self.file.write_all(line.as_bytes())?;
        self.file.sync_data()
    }
}

/// Reads the whole lines of a journal; nothing where there is none.
///
/// # Errors
/// A line is not what it should be.
pub fn read(lines: &str) -> Result<Option<(Head, Vec<Cell>)>, Fault> {
    let mut lines = lines.lines().enumerate();
    let Some((_, first)) = lines.next() else { return Ok(None) };
    let head: Head = serde_json::from_str(first).map_err(|_| Fault::Damaged(1))?;
    if head.schema != SCHEMA {
        return Err(Fault::Damaged(1));
    }
    let cell = |(n, line)| serde_json::from_str(line).map_err(|_| Fault::Damaged(n + 1));
    Ok(Some((head, lines.map(cell).collect::<Result<Vec<Cell>, Fault>>()?)))
}

/// Whether two heads are those of one sweep; the spec may lie elsewhere, if its text is the same.
///
/// # Errors
/// The first difference.
pub fn same(there: &Head, here: &Head) -> Result<(), Fault> {
    let parts: [(&'static str, String, String); 14] = [
        ("Yamen's version", there.yamen.clone(), here.yamen.clone()),
        ("the solver", there.solver.clone(), here.solver.clone()),
        ("the hash of the spec", there.hash.clone(), here.hash.clone()),
        ("the institution", there.institution.clone(), here.institution.clone()),
        ("the claim", there.claim.clone(), here.claim.clone()),
        ("the grid", json(&there.over), json(&here.over)),
        ("what is set", json(&there.set), json(&here.set)),
        ("the time for each cell", there.timeout.to_string(), here.timeout.to_string()),
        ("`--certified`", there.certified.to_string(), here.certified.to_string()),
        ("the seed", there.seed.to_string(), here.seed.to_string()),
        ("the number of cells", there.size.to_string(), here.size.to_string()),
        ("the number of cells outside", there.beyond.to_string(), here.beyond.to_string()),
        ("the number left out", there.left_out.to_string(), here.left_out.to_string()),
        ("the shard", shard(there), shard(here)),
    ];
    match parts.into_iter().find(|(_, there, here)| there != here) {
        Some((what, there, here)) => Err(Fault::Other { what, there, here }),
        None => Ok(()),
    }
}

fn shard(head: &Head) -> String {
    head.shard.clone().unwrap_or_else(|| "all".to_owned())
}

fn json(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}
