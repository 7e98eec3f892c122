//! The checker's messages: collected, sorted and silenced in one place.
//!
//! An expression that could not be typed is `None` (it is *poisoned*): whoever
//! gets one passes it on in silence, so that one mistake gives one message.

use std::collections::BTreeSet;

use crate::syntax::diagnostic::{Diagnostic, Severity};
use crate::syntax::source::Span;

use super::core::{Model, SortKind, Type};

/// The diagnostics found so far.
#[derive(Debug, Default)]
pub(crate) struct Problems {
    all: Vec<Diagnostic>,
    /// Something failed, whether or not it was this checker's to say so.
    pub(crate) poisoned: bool,
    /// Some declaration could not be read, so that a missing name may be an echo.
    pub(crate) unread: bool,
    unknown: BTreeSet<String>,
}

impl Problems {
    /// Records a diagnostic.
    pub(crate) fn push(&mut self, diagnostic: Diagnostic) {
        self.poisoned |= diagnostic.severity == Severity::Error;
        self.all.push(diagnostic);
    }

    /// Records a diagnostic and gives the poisoned result.
    pub(crate) fn fail<T>(&mut self, diagnostic: Diagnostic) -> Option<T> {
        self.push(diagnostic);
        None
    }

    /// Gives the poisoned result without a message: someone else has said why.
    pub(crate) fn silent<T>(&mut self) -> Option<T> {
        self.poisoned = true;
        None
    }

    /// An unknown name, reported at its first use only.
    pub(crate) fn unknown<T>(&mut self, name: &str, diagnostic: Diagnostic) -> Option<T> {
        self.poisoned = true;
        if !self.unread && self.unknown.insert(name.to_owned()) {
            self.push(diagnostic);
        }
        None
    }

    /// The diagnostics in the order of the text, without repetitions.
    pub(crate) fn finish(mut self) -> Vec<Diagnostic> {
        self.all.sort_by_key(|d| d.primary.0);
        self.all.dedup_by(|later, first| {
            later.code == first.code
                && later.primary.0 == first.primary.0
                && later.message == first.message
        });
        self.all
    }
}

/// Why a type is expected: the place that asks for it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Why {
    /// Where.
    pub(crate) span: Span,
    /// In words, such as "`and` joins truth values".
    pub(crate) text: &'static str,
}

impl Why {
    pub(crate) fn new(span: Span, text: &'static str) -> Why {
        Why { span, text }
    }
}

/// A type in the words of the language.
pub(crate) fn describe(model: &Model, ty: Type) -> String {
    match ty {
        Type::Bool => "a truth value".to_owned(),
        Type::Int => "a whole number".to_owned(),
        Type::Real => "a real number".to_owned(),
        Type::Range(lo, hi) => format!("a number in {lo}..{hi}"),
        Type::Finite(sort) => match model.sorts.get(sort.index()).map(|s| (&s.name, &s.kind)) {
            Some((name, SortKind::Index { single: true, .. })) => format!("the post `{name}`"),
            Some((name, SortKind::Index { .. })) => format!("a member of `{name}`"),
            Some((name, SortKind::Enum(_))) => format!("a `{name}`"),
            None => "a value".to_owned(),
        },
    }
}

/// `a`, `b` or `c`, for a short list of alternatives.
pub(crate) fn alternatives<S: AsRef<str>>(names: &[S]) -> String {
    let quoted: Vec<String> = names.iter().map(|n| format!("`{}`", n.as_ref())).collect();
    match quoted.split_last() {
        None => String::new(),
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} or {last}", rest.join(", ")),
    }
}

/// The candidate nearest to a misspelt name, if one is near enough.
pub(crate) fn nearest<'n>(
    name: &str,
    candidates: impl IntoIterator<Item = &'n str>,
) -> Option<&'n str> {
    let limit = match name.chars().count() {
        0..=2 => 0,
        length => (length / 3).max(1),
    };
    let lower = name.to_lowercase();
    candidates
        .into_iter()
        .filter(|c| *c != name)
        .map(|c| (strsim::damerau_levenshtein(&lower, &c.to_lowercase()), c))
        .filter(|(distance, _)| *distance <= limit)
        .min()
        .map(|(_, c)| c)
}

/// Adds "did you mean" to a diagnostic, or else the other way out.
pub(crate) fn suggest<'n>(
    diagnostic: Diagnostic,
    name: &str,
    candidates: impl IntoIterator<Item = &'n str>,
    otherwise: &str,
) -> Diagnostic {
    match nearest(name, candidates) {
        Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
        None if otherwise.is_empty() => diagnostic,
        None => diagnostic.help(otherwise),
    }
}
