//! Verdicts as they look: a word, with a shape and a colour from the style sheet, each of which says it alone.

use maud::{Markup, html};

use crate::report::outcome::{Entry, EntryKind, Verdict};
use crate::report::text::entry::verdict_words;
use crate::report::values::words;

/// The class of a verdict's colour, and its filter.
pub fn class(entry: &Entry) -> &'static str {
    match entry.verdict {
        Verdict::Proved if entry.vacuous => "vacuous",
        Verdict::Proved => "proved",
        Verdict::Refuted => "refuted",
        Verdict::HoldsToDepth(_) | Verdict::Unknown => "unknown",
    }
}

/// The verdict as a badge; the style sheet adds its shape.
pub fn badge(entry: &Entry) -> Markup {
    html! { span.badge.(class(entry)) { (said(entry)) } }
}

/// The same, leading somewhere.
pub fn linked(entry: &Entry, address: &str) -> Markup {
    html! { a.badge.(class(entry)) href=(address) { (said(entry)) } }
}

fn said(entry: &Entry) -> String {
    match (entry.kind, entry.verdict) {
        (EntryKind::Scenario, Verdict::Proved) => "a run exists".to_owned(),
        (EntryKind::Scenario, Verdict::Refuted) => "no run exists".to_owned(),
        _ => verdict_words(entry),
    }
}

/// Whether it is as expected, if that is worth saying.
pub fn surprise(entry: &Entry) -> Markup {
    html! {
        @if !entry.as_expected {
            span.badge.surprise { @if entry.is_undecided() { "not decided" } @else { "not as expected" } }
        }
    }
}

/// What a claim is called: its title or its name.
pub fn title(entry: &Entry) -> String {
    crate::report::text::entry::plain_title(entry).unwrap_or_else(|| entry.id.clone())
}

/// `notice = 2, shelf = 3`
pub fn assignment<'a>(
    values: impl IntoIterator<Item = (&'a String, &'a serde_json::Value)>,
) -> String {
    let one = |(name, value): (&String, &serde_json::Value)| format!("{name} = {}", words(value));
    values.into_iter().map(one).collect::<Vec<_>>().join(", ")
}

/// A count with its noun.
pub fn count(n: usize, one: &str, several: &str) -> String {
    format!("{n} {}", if n == 1 { one } else { several })
}

/// A text cut to so many characters, with a sign that it was cut.
pub fn cut(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    text.chars().take(most.saturating_sub(1)).chain(['…']).collect()
}

/// A text with the parts between backticks as code; it is escaped all the same.
pub fn ticked(text: &str) -> Markup {
    html! {
        @for (n, part) in text.split('`').enumerate() {
            @if n % 2 == 1 { code { (part) } } @else { (part) }
        }
    }
}

/// Paragraphs, told apart by empty lines.
pub fn paragraphs(text: &str) -> Markup {
    html! {
        @for paragraph in text.split("\n\n").filter(|p| !p.trim().is_empty()) {
            p { (ticked(paragraph)) }
        }
    }
}
