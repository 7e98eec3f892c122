//! Why a verb could not do its work, and how that is told.

use std::io;
use std::path::Path;

use crate::report::diagnostics::{self, Trouble};
use crate::syntax::diagnostic::Diagnostic;
use crate::syntax::source::SourceMap;

use super::console;
use super::exit::Exit;

/// Why a verb could not do its work.
#[derive(Debug)]
pub enum Failure {
    /// Wrong use or a wrong spec; nothing was done.
    Usage {
        /// What has no place in a file.
        troubles: Vec<Trouble>,
        /// What has.
        diagnostics: Vec<Diagnostic>,
        /// The files.
        sources: Box<SourceMap>,
    },
    /// The work was done or begun, but cannot be brought to an end.
    Internal(Trouble),
}

impl Failure {
    /// One thing wrong with the use of the program.
    pub fn usage(trouble: Trouble) -> Failure {
        Failure::Usage {
            troubles: vec![trouble],
            diagnostics: Vec::new(),
            sources: Box::default(),
        }
    }

    /// A place that cannot be written, found out before any work.
    pub fn unwritable(path: &Path, error: &io::Error) -> Failure {
        let message = format!("cannot write `{}`: {}", path.display(), reason(error));
        Failure::usage(Trouble::new("unwritable", message))
    }

    /// Output that could not be written after the work was done.
    pub fn output(place: &str, error: &io::Error) -> Failure {
        let message = format!("cannot write {place}: {}", reason(error));
        Failure::Internal(Trouble::new("output-lost", message))
    }

    /// How the program ends.
    pub fn exit(&self) -> Exit {
        match self {
            Failure::Usage { .. } => Exit::Usage,
            Failure::Internal(_) => Exit::Internal,
        }
    }

    /// Tells it on standard error, and to scripts on standard output.
    pub fn tell(&self, to_script: bool) {
        let width = console::width();
        let (troubles, messages, sources) = match self {
            Failure::Usage { troubles, diagnostics, sources } => {
                (troubles.as_slice(), diagnostics.as_slice(), Some(sources.as_ref()))
            }
            Failure::Internal(trouble) => (std::slice::from_ref(trouble), [].as_slice(), None),
        };
        let empty = SourceMap::default();
        let sources = sources.unwrap_or(&empty);
        if to_script {
            let object = diagnostics::json(troubles, messages, sources, crate::VERSION);
            let _ = console::print(&format!("{object}\n"));
        }
        for trouble in troubles {
            console::warn(&diagnostics::trouble(trouble, width));
        }
        console::warn(&diagnostics::text(messages, sources, width));
    }
}

/// An error of the system in its own words, without the number of the call.
pub fn reason(error: &io::Error) -> String {
    let text = error.to_string();
    let words = text.split(" (os error").next().unwrap_or_default();
    let mut characters = words.chars();
    let first = characters.next().map(|c| c.to_lowercase().to_string()).unwrap_or_default();
    first + characters.as_str()
}
