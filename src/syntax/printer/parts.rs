//! A declaration in parts: what stays together when it is broken over lines.

use std::fmt::{self, Write};

use super::super::ast::{Expr, Name, Set, Text};
use super::super::source::Span;
use super::expressions::{Place, WHOLE, flat, write_set};
use super::tall::tall;

/// Words or an expression.
enum Piece<'e> {
    Words(String),
    Expr(&'e Expr, Place),
}

/// A run of words and expressions that stays on one line if it can.
#[derive(Default)]
pub(super) struct Part<'e> {
    pieces: Vec<Piece<'e>>,
    /// The last byte of its text that a span tells; comments before it stay before it.
    pub end: u32,
    /// Stands under the head rather than indented (`}`).
    pub outdented: bool,
}

impl<'e> Part<'e> {
    pub(super) fn new(words: impl Into<String>) -> Self {
        Part { pieces: vec![Piece::Words(words.into())], ..Part::default() }
    }

    /// Adds words.
    pub(super) fn words(mut self, words: impl Into<String>) -> Self {
        self.pieces.push(Piece::Words(words.into()));
        self
    }

    /// Adds a name.
    pub(super) fn name(self, name: &Name) -> Self {
        self.ending(name.span).words(name.text.clone())
    }

    /// Adds a text in quotes.
    pub(super) fn text(self, text: &Text) -> Self {
        self.ending(text.span).words(quoted(&text.text))
    }

    /// Adds a whole expression.
    pub(super) fn expr(self, expr: &'e Expr) -> Self {
        self.expr_at(expr, WHOLE)
    }

    /// Adds an expression at a place.
    pub(super) fn expr_at(mut self, expr: &'e Expr, place: Place) -> Self {
        self.pieces.push(Piece::Expr(expr, place));
        self.ending(expr.span)
    }

    /// Adds a set.
    pub(super) fn set(self, set: &Set) -> Self {
        let span = match set {
            Set::Elements(_, span) => *span,
            Set::Range(_, high) => high.span,
            Set::Sort(name) => name.span,
        };
        self.ending(span).written(|out| write_set(out, set))
    }

    /// Adds what is written.
    pub(super) fn written(mut self, write: impl FnOnce(&mut String) -> fmt::Result) -> Self {
        let mut words = String::new();
        // Writing to a string cannot fail.
        let _ = write(&mut words);
        self.pieces.push(Piece::Words(words));
        self
    }

    /// The part reaches at least to the end of this span.
    pub(super) fn ending(mut self, span: Span) -> Self {
        self.end = self.end.max(span.end);
        self
    }

    /// The bracket that ends a declaration.
    pub(super) fn closing(bracket: &str, end: u32) -> Self {
        Part { end, outdented: true, ..Part::new(bracket) }
    }

    /// Writes the part on one line.
    pub(super) fn flat(&self, out: &mut dyn Write) -> fmt::Result {
        for piece in &self.pieces {
            match piece {
                Piece::Words(words) => out.write_str(words)?,
                Piece::Expr(expr, place) => flat(out, expr, *place)?,
            }
        }
        Ok(())
    }

    /// Writes the part, broken where it must be; further lines at `indent`.
    pub(super) fn tall(&self, out: &mut String, indent: usize) -> fmt::Result {
        for (at, piece) in self.pieces.iter().enumerate() {
            match piece {
                Piece::Words(words) => out.push_str(words),
                Piece::Expr(expr, place) => {
                    let after = match self.pieces.get(at + 1) {
                        Some(Piece::Words(words)) if at + 2 == self.pieces.len() => words.len(),
                        _ => 0,
                    };
                    tall(out, expr, *place, indent, after)?;
                }
            }
        }
        Ok(())
    }
}

/// A text in quotes, with what must be escaped escaped.
pub(super) fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            other => out.push(other),
        }
    }
    out.push('"');
    out
}

/// A declaration's parts, and how they are laid out.
pub(super) struct Parts<'e> {
    pub list: Vec<Part<'e>>,
    /// Broken over lines even if it fits on one.
    pub always_broken: bool,
}

impl<'e> Parts<'e> {
    pub(super) fn new(head: Part<'e>) -> Self {
        Parts { list: vec![head], always_broken: false }
    }

    pub(super) fn push(&mut self, part: Part<'e>) {
        self.list.push(part);
    }

    /// Adds words to the part that is now last.
    pub(super) fn close_last(&mut self, words: &str) {
        if let Some(last) = self.list.pop() {
            self.list.push(last.words(words));
        }
    }

    /// Adds the keyword and the expression of a clause, if there is one.
    pub(super) fn clause(&mut self, word: &str, expr: Option<&'e Expr>) {
        if let Some(expr) = expr {
            self.push(Part::new(format!("{word} ")).expr(expr));
        }
    }

    /// Writes all parts on one line.
    pub(super) fn flat(&self, out: &mut dyn Write) -> fmt::Result {
        for (at, part) in self.list.iter().enumerate() {
            if at > 0 {
                out.write_char(' ')?;
            }
            part.flat(out)?;
        }
        Ok(())
    }
}
