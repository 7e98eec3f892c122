//! Tokens to tree: recursive descent, with precedence climbing for expressions.
//!
//! [`parse`] never fails: what it cannot read is a diagnostic and an `Error`
//! node. A function of the parser that returns `Err(Stop)` has already said
//! why; whoever can resume does so: a bracket at its closing one, a file at the
//! next declaration. So independent errors are all reported, and none echoes.
//!
//! One idea governs the words: only those that could begin or join expressions
//! are reserved, all others count only where their construct is looked for.

mod brackets;
mod claims;
mod cursor;
mod declarations;
mod expressions;
mod governance;
mod operands;
mod properties;
mod rules;
mod types;
mod words;

use super::ast;
use super::diagnostic::Diagnostic;
use super::source::FileId;
use super::token::{Comments, MAX_DIAGNOSTICS, lex};
use cursor::Parser;
pub(in crate::syntax) use expressions::level;

/// What was read.
#[derive(Clone, Debug, Default)]
pub struct Parsed {
    /// The tree; [`ast::Decl::Error`] where a declaration could not be read.
    pub file: ast::File,
    /// The comments, for the formatter.
    pub comments: Comments,
    /// What is wrong, in the order of the text.
    pub diagnostics: Vec<Diagnostic>,
}

/// Reads a file.
pub fn parse(file: FileId, text: &str) -> Parsed {
    let lexed = lex(file, text);
    let mut parser = Parser::new(file, text, &lexed);
    let items = parser.file();
    let mut diagnostics = parser.into_diagnostics();
    diagnostics.extend(lexed.diagnostics);
    diagnostics.sort_by_key(|diagnostic| diagnostic.primary.0.start);
    if diagnostics.len() >= MAX_DIAGNOSTICS {
        diagnostics.truncate(MAX_DIAGNOSTICS);
        diagnostics.extend(diagnostics.last().map(too_many));
    }
    Parsed { file: ast::File { items }, comments: lexed.comments, diagnostics }
}

fn too_many(last: &Diagnostic) -> Diagnostic {
    let message = format!("reading stopped after {MAX_DIAGNOSTICS} messages");
    Diagnostic::error("too-many-errors", last.primary.0, message)
        .help("mend the first ones; the others may go with them")
}

#[cfg(test)]
#[allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::expect_used,
    clippy::panic,
    reason = "tests"
)]
mod tests;
