//! The checker, tested from text: what is accepted, what is refused, and at which words.

mod bad;
mod good;
mod parameters;
mod properties;
mod sketches;
mod speed;

use crate::syntax::ast::{Decl, Institution, Name};
use crate::syntax::diagnostic::Severity;
use crate::syntax::parse;
use crate::syntax::source::{SourceMap, Span};

use super::core::Model;
use super::{Assignment, Checked, check};

/// A text, read and checked.
struct Outcome {
    sources: SourceMap,
    checked: Checked,
}

/// The declarations of a text as one institution.
fn institution(sources: &mut SourceMap, text: &str) -> Institution {
    let file = sources.add("test.yamen", text);
    let parsed = parse(file, text);
    assert!(parsed.diagnostics.is_empty(), "does not parse: {:#?}", parsed.diagnostics);
    let name = Name { text: "test".to_owned(), span: Span::default() };
    let span = Span { file, start: 0, end: 0 };
    let mut institution =
        Institution { name, title: None, doc: None, base: None, items: Vec::new(), span };
    for item in parsed.file.items {
        match item.decl {
            Decl::Institution { name, title } => {
                (institution.name, institution.title) = (name, title)
            }
            _ => institution.items.push(item),
        }
    }
    institution
}

fn run_with(text: &str, given: &Assignment) -> Outcome {
    let mut sources = SourceMap::default();
    let tree = institution(&mut sources, text);
    let checked = check(&tree, given);
    Outcome { sources, checked }
}

fn run(text: &str) -> Outcome {
    run_with(text, &Assignment::default())
}

fn given(values: &[(&str, &str)], all: bool) -> Assignment {
    let values = values.iter().map(|(p, v)| ((*p).to_owned(), (*v).to_owned())).collect();
    Assignment { values, all }
}

impl Outcome {
    /// Code and words of each diagnostic of a severity.
    fn found(&self, severity: Severity) -> Vec<(&'static str, String)> {
        let all = self.checked.diagnostics.iter().filter(|d| d.severity == severity);
        all.map(|d| (d.code, self.sources.text(d.primary.0).to_owned())).collect()
    }

    /// The message and help of the first diagnostic.
    fn first(&self) -> (String, String) {
        let first = self.checked.diagnostics.first().expect("a diagnostic");
        (first.message.clone(), first.help.clone().unwrap_or_default())
    }
}

/// The model of a text that is right.
#[track_caller]
fn good(text: &str) -> Model {
    let outcome = run(text);
    assert!(outcome.checked.diagnostics.is_empty(), "{:#?}", outcome.checked.diagnostics);
    outcome.checked.model.expect("a model")
}

/// Exactly these errors, by code and words.
#[track_caller]
fn bad(text: &str, expected: &[(&str, &str)]) -> Outcome {
    let outcome = run(text);
    let found = outcome.found(Severity::Error);
    let found: Vec<(&str, &str)> = found.iter().map(|(c, t)| (*c, t.as_str())).collect();
    assert_eq!(found, expected, "{:#?}", outcome.checked.diagnostics);
    assert!(outcome.checked.model.is_none());
    outcome
}

/// A model, and exactly these warnings.
#[track_caller]
fn warns(text: &str, expected: &[(&str, &str)]) -> Model {
    let outcome = run(text);
    assert_eq!(outcome.found(Severity::Error), Vec::new(), "{:#?}", outcome.checked.diagnostics);
    let found = outcome.found(Severity::Warning);
    let found: Vec<(&str, &str)> = found.iter().map(|(c, t)| (*c, t.as_str())).collect();
    assert_eq!(found, expected);
    outcome.checked.model.expect("a model")
}
