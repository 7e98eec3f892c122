//! Problems from and to other tools' formats.
//!
//! A reader gives [`Foreign`]: questions about finite and infinite runs over the same [`Problem`]s that institutions
//! are elaborated to, so that every engine and every check of evidence applies to them. There is no
//! institution behind them, hence no interpreter to replay a run: [`execute`](crate::evidence::execute)
//! evaluates the terms instead.
//!
//! One file per format, with a reader, a writer, or both; [`read`] and [`write()`] choose among them.

pub mod aiger;
pub mod btor2;
pub mod chc;
#[cfg(test)]
mod circuit_tests;
mod functional;
pub mod remarks;
pub mod smv;
pub mod vmt;

use std::path::Path;

use self::btor2::{Circuits, Fault};
use crate::circuit::blast::blast;
use crate::engine::horn::clauses::Clauses;
use crate::syntax::diagnostic::Diagnostic;
use crate::syntax::source::{FileId, SourceMap, Span};
use crate::system::Problem;
use crate::system::liveness::Live;
use crate::term::smtlib::sexpr::Trouble;

/// A format of exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// VMT-LIB: SMT-LIB with annotations for transition systems.
    Vmt,
    /// Constrained Horn clauses in SMT-LIB.
    Chc,
    /// BTOR2: bit-vectors, without arrays.
    Btor2,
    /// AIGER: and-inverter graphs.
    Aiger,
    /// The language of NuSMV; only written.
    Smv,
}

impl Format {
    /// All formats.
    pub const ALL: [Format; 5] =
        [Format::Vmt, Format::Chc, Format::Btor2, Format::Aiger, Format::Smv];

    /// Its name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Format::Vmt => "vmt",
            Format::Chc => "chc",
            Format::Btor2 => "btor2",
            Format::Aiger => "aiger",
            Format::Smv => "smv",
        }
    }

    /// The endings of its files.
    pub fn endings(self) -> &'static [&'static str] {
        match self {
            Format::Vmt => &["vmt"],
            Format::Chc => &["smt2", "chc"],
            Format::Btor2 => &["btor2", "btor"],
            Format::Aiger => &["aag", "aig"],
            Format::Smv => &["smv"],
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
    /// Its liveness questions by name: no infinite run meets these again and again.
    pub live: Vec<(String, Live)>,
    /// The same questions as Horn clauses by name, if they are such; also those that terms cannot say.
    pub clauses: Vec<(String, Clauses)>,
}

/// Reads a file of another tool; binary AIGER is for [`read_binary`].
///
/// # Errors
/// What is wrong with it, and where.
pub fn read(sources: &SourceMap, file: FileId, format: Format) -> Result<Foreign, Box<Diagnostic>> {
    let text = sources.get(file).map_or("", |source| source.text.as_str());
    let words = |foreign: Result<Foreign, Trouble>| {
        foreign.map_err(|trouble| Box::new(diagnostic(file, format, trouble)))
    };
    let bits = |circuits: Result<Circuits, Fault>| match circuits {
        Ok(circuits) => Ok(circuits.questions()),
        Err(fault) => Err(Box::new(on_line(file, text, format, &fault))),
    };
    match format {
        Format::Vmt => words(vmt::read(text)),
        Format::Chc => words(chc::read(text)),
        Format::Btor2 => bits(btor2::circuits(text)),
        Format::Aiger => bits(aiger::circuits(text.as_bytes())),
        Format::Smv => {
            let message = "this format is written and not read";
            let nowhere = Span { file, start: 0, end: 0 };
            Err(Box::new(Diagnostic::error("wrong-format", nowhere, message)))
        }
    }
}

/// Reads a binary file of another tool.
///
/// # Errors
/// What is wrong with it.
pub fn read_binary(bytes: &[u8]) -> Result<Foreign, Fault> {
    Ok(aiger::circuits(bytes)?.questions())
}

/// Writes a problem; `name` is the property's. AIGER is written as binary where that is wanted.
///
/// # Errors
/// What of the problem the format cannot say.
pub fn write(
    problem: &Problem,
    name: &str,
    format: Format,
    binary: bool,
) -> Result<Vec<u8>, String> {
    let circuit = || match blast(problem) {
        Ok(blasted) => Ok(blasted.circuit),
        Err(why) => Err(format!("`{name}` has no form in bits: {why}")),
    };
    match format {
        Format::Vmt => vmt::write(problem, name).map(String::into_bytes),
        Format::Chc => chc::write(problem, name).map(String::into_bytes),
        Format::Btor2 => Ok(btor2::write(&circuit()?).into_bytes()),
        Format::Aiger => Ok(aiger::write(&circuit()?, binary)),
        Format::Smv => Err("a model is written as SMV with its claims as they are".to_owned()),
    }
}

/// What is wrong, at its line.
fn on_line(file: FileId, text: &str, format: Format, fault: &Fault) -> Diagnostic {
    let lines = text.split_inclusive('\n').take(fault.line.saturating_sub(1));
    let start = lines.map(str::len).sum::<usize>();
    let line = text.get(start..).and_then(|rest| rest.lines().next()).unwrap_or_default();
    let trouble =
        Trouble { at: start..start + line.len(), message: fault.message.clone(), help: None };
    diagnostic(file, format, trouble)
}

fn diagnostic(file: FileId, format: Format, trouble: Trouble) -> Diagnostic {
    let [start, end] =
        [trouble.at.start, trouble.at.end].map(|n| u32::try_from(n).unwrap_or(u32::MAX));
    let code = match format {
        Format::Vmt => "wrong-vmt",
        Format::Chc => "wrong-chc",
        Format::Btor2 => "wrong-btor2",
        Format::Aiger => "wrong-aiger",
        Format::Smv => "wrong-format",
    };
    // A whole definition may be meant; its first line says enough.
    let span = Span { file, start, end: end.min(start.saturating_add(80)) };
    let diagnostic = Diagnostic::error(code, span, trouble.message);
    match trouble.help {
        Some(help) => diagnostic.help(help),
        None => diagnostic,
    }
}
