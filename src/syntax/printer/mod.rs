//! Tree to text: the one canonical layout.
//!
//! [`format()`] lays out what a person wrote: comments keep their place as near
//! as the layout allows, and one blank line stays where there were some.
//! [`print()`] lays out a tree that has no text, such as an expanded spec. Both
//! write what reads back as the same tree ([`same`]); formatting twice is
//! formatting once.

mod declarations;
mod expressions;
mod layout;
mod parts;
mod properties;
mod tall;

use std::fmt::Write;

use super::ast::{Expr, File};
use super::diagnostic::Severity;
use super::parser::Parsed;
use layout::Layout;

/// Lines are broken where they would be longer.
pub const WIDTH: usize = 100;

/// The canonical layout of a file; a file with errors comes back as it is.
pub fn format(parsed: &Parsed, text: &str) -> String {
    if parsed.diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error) {
        return text.to_string();
    }
    Layout::of_text(text, &parsed.comments).file(&parsed.file)
}

/// An expression on one line.
pub fn expression(expr: &Expr) -> String {
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _ = expressions::flat(&mut text, expr, expressions::WHOLE);
    text
}

/// The canonical layout of a tree.
pub fn print(file: &File) -> String {
    Layout::of_tree().file(file)
}

/// Do two trees say the same, wherever they say it?
///
/// Compares the whole of both trees with only their spans blotted out, so that
/// no field can be forgotten.
pub fn same(first: &File, second: &File) -> bool {
    without_spans(first) == without_spans(second)
}

fn without_spans(file: &File) -> String {
    // The derived `Debug` recurses as deep as the tree is high.
    stacker::grow(64 << 20, || {
        let mut text = Blotter::default();
        // Writing to a string cannot fail.
        let _ = write!(text, "{file:?}");
        text.out
    })
}

/// Drops `Span { … }` from the `Debug` text of a tree.
#[derive(Default)]
struct Blotter {
    out: String,
    /// Inside so many braces of a span.
    inside: usize,
}

impl Write for Blotter {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        if self.inside == 0 && text == "Span" {
            self.inside = 1;
            return Ok(());
        }
        if self.inside == 0 {
            self.out.push_str(text);
            return Ok(());
        }
        // `inside` is one more than the number of braces now open.
        for character in text.chars() {
            match character {
                '{' => self.inside += 1,
                '}' if self.inside == 2 => self.inside = 0,
                '}' => self.inside -= 1,
                _ => {}
            }
        }
        Ok(())
    }
}
