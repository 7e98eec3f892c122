//! What the elaboration writes: core declarations and messages.

use crate::syntax::ast::Item;
use crate::syntax::diagnostic::Diagnostic;

/// Core declarations in order, and what was found wrong on the way.
#[derive(Debug, Default)]
pub struct Output {
    /// The declarations.
    pub items: Vec<Item>,
    /// The messages.
    pub diagnostics: Vec<Diagnostic>,
    /// Rules that void every other write to the cells they write.
    pub supreme: Vec<String>,
}

impl Output {
    /// Adds a declaration.
    pub fn push(&mut self, item: Item) {
        self.items.push(item);
    }

    /// Adds a message.
    pub fn report(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    /// A generated line, followed by what the user wrote about the construct.
    pub fn doc(&self, item: &Item, line: String) -> String {
        match &item.doc {
            Some(doc) => format!("{line}\n{doc}"),
            None => line,
        }
    }
}
