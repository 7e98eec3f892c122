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
pub mod smv;
pub mod vmt;

use std::path::Path;

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
}

impl Format {
    /// All formats.
    pub const ALL: [Format; 2] = [Format::Vmt, Format::Chc];

    /// Its name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Format::Vmt => "vmt",
            Format::Chc => "chc",
        }
    }

    /// The endings of its files.
    pub fn endings(self) -> &'static [&'static str] {
        match self {
            Format::Vmt => &["vmt"],
            Format::Chc => &["smt2", "chc"],
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
    }
}

fn diagnostic(file: FileId, format: Format, trouble: Trouble) -> Diagnostic {
    let [start, end] =
        [trouble.at.start, trouble.at.end].map(|n| u32::try_from(n).unwrap_or(u32::MAX));
    let code = match format {
        Format::Vmt => "wrong-vmt",
        Format::Chc => "wrong-chc",
    };
    // A whole definition may be meant; its first line says enough.
    let span = Span { file, start, end: end.min(start.saturating_add(80)) };
    let diagnostic = Diagnostic::error(code, span, trouble.message);
    match trouble.help {
        Some(help) => diagnostic.help(help),
        None => diagnostic,
    }
}
