//! Why a verb could not do its work, and how that is told.

use std::io;
use std::path::Path;
use std::sync::LazyLock;

use crate::report::diagnostics::{self, Trouble};
use crate::report::findings::{self, Finding};
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
        Failure::Usage { troubles: vec![trouble], diagnostics: Vec::new(), sources: Box::default() }
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

    /// Tells it on standard error.
    pub fn tell(&self) {
        let (troubles, messages, sources) = self.parts();
        for trouble in troubles {
            console::warn(&diagnostics::trouble(trouble));
        }
        console::warn(&diagnostics::text(messages, sources));
    }

    /// The same for scripts, as a JSON object and the end of its line.
    pub fn json(&self) -> String {
        let (troubles, messages, sources) = self.parts();
        diagnostics::json(troubles, messages, sources, crate::VERSION) + "\n"
    }

    /// The same as findings.
    pub fn findings(&self) -> Vec<Finding<'_>> {
        let (troubles, messages, sources) = self.parts();
        findings::of_messages(troubles, messages, sources)
    }

    fn parts(&self) -> (&[Trouble], &[Diagnostic], &SourceMap) {
        static NO_SOURCES: LazyLock<SourceMap> = LazyLock::new(SourceMap::default);
        match self {
            Failure::Usage { troubles, diagnostics, sources } => (troubles, diagnostics, sources),
            Failure::Internal(trouble) => (std::slice::from_ref(trouble), &[], &NO_SOURCES),
        }
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
