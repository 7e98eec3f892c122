//! `yamen expand`: the core spec, with governance words written out.

use std::path::PathBuf;

use super::Failure;
use super::console::{Sink, warn};
use super::exit::Exit;
use super::specs::Specs;
use crate::report::diagnostics;
use crate::syntax::ast::{Decl, File, Institution, Item};
use crate::syntax::printer::print;
use crate::types::Assignment;

/// Arguments of `expand`.
#[derive(Clone, Debug, clap::Args)]
pub struct Arguments {
    /// The spec.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Only this institution.
    #[arg(long, value_name = "NAME")]
    institution: Option<String>,
    /// Write to a file instead of standard output.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// Prints a spec in the core language that says the same.
///
/// # Errors
/// The spec is wrong, or the output cannot be written.
pub fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let mut specs = Specs::load(std::slice::from_ref(&arguments.file));
    if let Some(name) = &arguments.institution {
        specs.only(Some(name))?;
    }
    specs.check(&Assignment::default());
    if specs.has_errors() {
        return Err(specs.into_failure());
    }
    warn(&diagnostics::text(&specs.diagnostics, &specs.sources));
    let mut sink = Sink::open(arguments.out.as_deref())?;
    sink.write(&print(&file(&specs.institutions)))?;
    Ok(Exit::AsExpected)
}

/// One file with all institutions, each with all its declarations. A reform comes as an
/// institution of its own, since what it shares with its base is written out.
fn file(institutions: &[Institution]) -> File {
    let mut items = Vec::new();
    for institution in institutions {
        let (name, title) = (institution.name.clone(), institution.title.clone());
        let (doc, span) = (institution.doc.clone(), institution.span);
        items.push(Item { doc, span, decl: Decl::Institution { name, title } });
        items.extend(institution.items.iter().cloned());
    }
    File { items }
}
