//! Cells decided one by one, each by the ordinary verification of the one claim.
//!
//! Workers take cells in order. What a worker has decided is handed over, and is safe with whoever takes
//! it, before the worker begins another cell. A cell whose decision was interrupted is not handed over.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::{Builder, ScopedJoinHandle, scope};
use std::time::Instant;

use super::grid::{Params, assigned};
use super::outcome::{Cell, CellVerdict};
use crate::report::events::Silent;
use crate::report::outcome::{Entry, EntryKind, Verdict};
use crate::syntax::ast::{Expected, Institution};
use crate::syntax::diagnostic::Severity;
use crate::syntax::source::SourceMap;
use crate::verify::{Options, verify};

/// The stack of a worker; deep expressions are walked in it.
const STACK: usize = 8 << 20;

/// What every cell has in common.
pub struct Question<'a> {
    /// The files.
    pub sources: &'a SourceMap,
    /// The institution.
    pub institution: &'a Institution,
    /// The claim.
    pub claim: &'a str,
    /// Whether the spec says what it expects.
    pub expects: bool,
    /// Parameters with one value for all cells.
    pub set: &'a BTreeMap<String, String>,
    /// How cells are verified.
    pub options: Options,
}

/// Takes decided cells; an error ends the work.
pub type Take<'a, E> = dyn Fn(Cell) -> Result<(), E> + Sync + 'a;

impl Question<'_> {
    /// Decides the cells with so many workers.
    ///
    /// # Errors
    /// A decided cell could not be taken.
    pub fn decide<E: Send>(
        &self,
        cells: &[&Params],
        workers: usize,
        take: &Take<'_, E>,
        cancel: &(dyn Fn() -> bool + Sync),
    ) -> Result<(), E> {
        let next = AtomicUsize::new(0);
        let fault: Mutex<Option<E>> = Mutex::new(None);
        let faulty = || fault.lock().map_or(true, |fault| fault.is_some());
        let work = || {
            while !cancel() && !faulty() {
                let Some(params) = cells.get(next.fetch_add(1, Ordering::Relaxed)) else { break };
                let cell = self.cell(params, cancel);
                if cancel() {
                    break;
                }
                if let (Err(error), Ok(mut fault)) = (take(cell), fault.lock()) {
                    *fault = Some(error);
                }
            }
        };
        scope(|scope| {
            let start = |_| Builder::new().stack_size(STACK).spawn_scoped(scope, work).ok();
            let others: Vec<ScopedJoinHandle<'_, ()>> =
                (1..workers.min(cells.len())).filter_map(start).collect();
            work();
            // Waiting for the thread itself: its solver's context goes with it.
            others.into_iter().for_each(|worker| drop(worker.join()));
        });
        fault.into_inner().unwrap_or_default().map_or(Ok(()), Err)
    }

    /// Decides a cell.
    fn cell(&self, params: &Params, cancel: &(dyn Fn() -> bool + Sync)) -> Cell {
        let start = Instant::now();
        let options = Options {
            claims: vec![self.claim.to_owned()],
            set: assigned(self.set, params),
            needs: false,
            ..self.options.clone()
        };
        let institution = std::slice::from_ref(self.institution);
        let mut cell = match verify(self.sources, institution, &options, &Silent, cancel) {
            Ok(verified) => {
                let entries = verified.report.entries.iter();
                let wanted = |e: &&Entry| e.id == self.claim && e.kind != EntryKind::Defect;
                self.settled(entries.clone().find(wanted), entries)
            }
            Err(diagnostics) => {
                let errors = diagnostics.into_iter().filter(|d| d.severity == Severity::Error);
                let reason = errors.map(|diagnostic| diagnostic.message).next();
                let as_expected = self.expects.then_some(false);
                Cell { verdict: CellVerdict::Error, as_expected, reason, ..blank() }
            }
        };
        cell.params.clone_from(params);
        cell.seconds = Some((start.elapsed().as_secs_f64() * 1e6).round() / 1e6);
        cell
    }

    /// What the entry of the claim comes to.
    fn settled<'b>(&self, entry: Option<&Entry>, mut all: impl Iterator<Item = &'b Entry>) -> Cell {
        let Some(entry) = entry else { return blank() };
        let verdict = match entry.verdict {
            Verdict::Proved => CellVerdict::Proved,
            Verdict::Refuted => CellVerdict::Refuted,
            Verdict::HoldsToDepth(_) | Verdict::Unknown => CellVerdict::Unknown,
        };
        let decided = verdict != CellVerdict::Unknown;
        Cell {
            verdict,
            vacuous: entry.vacuous,
            expected: entry.expected.filter(|_| self.expects).map(|e| word(e).to_owned()),
            as_expected: self.expects.then_some(entry.as_expected),
            smallest: entry.smallest,
            reason: entry.reason.clone().filter(|_| !decided),
            evidence_failed: all.any(|entry| entry.evidence_failed),
            ..blank()
        }
    }
}

fn blank() -> Cell {
    Cell {
        params: Params::new(),
        verdict: CellVerdict::Unknown,
        vacuous: false,
        expected: None,
        as_expected: None,
        smallest: None,
        reason: None,
        evidence_failed: false,
        seconds: None,
    }
}

fn word(expected: Expected) -> &'static str {
    match expected {
        Expected::Proved => "proved",
        Expected::Refuted => "refuted",
        Expected::Vacuous => "vacuous",
    }
}
