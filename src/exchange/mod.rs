//! Problems from and to other tools' formats.
//!
//! A reader gives [`Foreign`]: reachability questions over the same [`Problem`]s that institutions
//! are elaborated to, so that every engine and every check of evidence applies to them. There is no
//! institution behind them, hence no interpreter to replay a run: [`execute`](crate::evidence::execute)
//! evaluates the terms instead.
//!
//! One file per format, with a reader, a writer, or both; [`read`] and [`write`] choose among them.

pub mod aiger;
pub mod btor2;
pub mod chc;
#[cfg(test)]
mod circuit_tests;
mod functional;
pub mod vmt;

use std::path::Path;

use crate::circuit::Circuit;
use crate::circuit::blast::blast;
use crate::engine::horn::clauses::Clauses;
use crate::syntax::diagnostic::Diagnostic;
use crate::syntax::source::{FileId, SourceMap, Span};
use crate::system::Problem;
use crate::term::smtlib::sexpr::Trouble;

/// A format of exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// VMT-LIB: SMT-LIB with annotations for transition systems.
    Vmt,
    /// Constrained Horn clauses in SMT-LIB.
    Chc,
    /// BTOR2, without arrays.
    Btor2,
    /// AIGER; read in both its forms, written in ASCII ([`aiger::write`] also writes the binary one).
    Aiger,
}

impl Format {
    /// All formats.
    pub const ALL: [Format; 4] = [Format::Vmt, Format::Chc, Format::Btor2, Format::Aiger];

    /// Its name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Format::Vmt => "vmt",
            Format::Chc => "chc",
            Format::Btor2 => "btor2",
            Format::Aiger => "aiger",
        }
    }

    /// The endings of its files.
    pub fn endings(self) -> &'static [&'static str] {
        match self {
            Format::Vmt => &["vmt"],
            Format::Chc => &["smt2", "chc"],
            Format::Btor2 => &["btor2", "btor"],
            Format::Aiger => &["aag", "aig"],
        }
    }

    /// The format of a file, by its ending.
    pub fn of_path(path: &Path) -> Option<Format> {
        let ending = path.extension()?.to_str()?.to_ascii_lowercase();
        Format::ALL.into_iter().find(|format| format.endings().contains(&ending.as_str()))
    }
}

/// What a file of another tool asks.
#[derive(Clone, Debug, Default)]
pub struct Foreign {
    /// Its reachability questions by name.
    pub problems: Vec<(String, Problem)>,
    /// Its liveness questions by name: `F G p`, with `p` in the place of what is bad.
    pub live: Vec<(String, Problem)>,
    /// Its clauses, if it is a set of Horn clauses: one question, also where `problems` is empty
    /// because terms cannot say it.
    pub clauses: Option<Clauses>,
}

/// Reads a file of another tool.
///
/// # Errors
/// What is wrong with it, and where.
pub fn read(sources: &SourceMap, file: FileId, format: Format) -> Result<Foreign, Diagnostic> {
    let text = sources.get(file).map_or("", |source| source.text.as_str());
    let foreign = match format {
        Format::Vmt => vmt::read(text),
        Format::Chc => chc::read(text),
        Format::Btor2 => over_bits(btor2::read(text), text),
        // The text of an AIGER file has a character for each byte; see `text_of_bytes`.
        Format::Aiger => {
            let bytes: Vec<u8> = text.chars().map(|c| u8::try_from(c).unwrap_or(b'?')).collect();
            over_bits(aiger::read(&bytes), text)
        }
    };
    foreign.map_err(|trouble| diagnostic(file, format, trouble))
}

/// Writes a problem; `name` is the property's.
///
/// # Errors
/// What of the problem the format cannot say.
pub fn write(problem: &Problem, name: &str, format: Format) -> Result<String, String> {
    match format {
        Format::Vmt => vmt::write(problem, name),
        Format::Chc => chc::write(problem, name),
        Format::Btor2 => circuit_of(problem).map(|circuit| btor2::write(&circuit)),
        Format::Aiger => circuit_of(problem)
            .map(|circuit| String::from_utf8_lossy(&aiger::write(&circuit, false)).into_owned()),
    }
}

fn circuit_of(problem: &Problem) -> Result<Circuit, String> {
    blast(problem).map(|blasted| blasted.circuit).map_err(|reason| reason.to_string())
}

/// Bytes that need not be text, a character for each: how a binary file becomes a source.
pub fn text_of_bytes(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| char::from(*byte)).collect()
}

/// Reachability questions over single bits, or what is wrong with a line.
fn over_bits(
    problems: Result<Vec<(String, Problem)>, btor2::Fault>,
    text: &str,
) -> Result<Foreign, Trouble> {
    match problems {
        Ok(problems) => Ok(Foreign { problems, ..Foreign::default() }),
        Err(fault) => {
            let before = text.split_inclusive('\n').take(fault.line.saturating_sub(1));
            let start: usize = before.map(str::len).sum();
            let line = text.get(start..).and_then(|rest| rest.lines().next()).unwrap_or("");
            Err(Trouble::new(start..start + line.len(), fault.message))
        }
    }
}

fn diagnostic(file: FileId, format: Format, trouble: Trouble) -> Diagnostic {
    let [start, end] =
        [trouble.at.start, trouble.at.end].map(|n| u32::try_from(n).unwrap_or(u32::MAX));
    let code = match format {
        Format::Vmt => "wrong-vmt",
        Format::Chc => "wrong-chc",
        Format::Btor2 => "wrong-btor2",
        Format::Aiger => "wrong-aiger",
    };
    // A whole definition may be meant; its first line says enough.
    let span = Span { file, start, end: end.min(start.saturating_add(80)) };
    let diagnostic = Diagnostic::error(code, span, trouble.message);
    match trouble.help {
        Some(help) => diagnostic.help(help),
        None => diagnostic,
    }
}
