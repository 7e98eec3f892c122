//! The front page: every claim, by family, with its verdict; search and filters.
//!
//! The list is complete without the script; the script only hides what is not asked for.

use maud::{Markup, html};

use super::book::{Book, Case, House};
use super::page::Frame;
use super::words::{assignment, badge, class, count, cut, surprise, title};
use crate::report::outcome::{EntryKind, Report};
use crate::syntax::ast::{Expect, Expected};
use crate::syntax::printer::expression;

/// Longer quotes are cut here; the claim's page has them whole.
const LONGEST_QUOTE: usize = 320;

/// The page.
pub fn page(book: &Book<'_>) -> String {
    let frame = Frame { title: "All claims", up: "", trail: Vec::new() };
    let contents = html! {
        h1 { "What is claimed, and what holds" }
        (summary(book.report))
        (overview(book))
        (filters(book))
        @for (n, (family, houses)) in book.families().into_iter().enumerate() {
            section.family id={ "family-" (n) } data-family=(family) {
                h2 { bdi { (family) } }
                @for house in houses { (institution(book, house)) }
            }
        }
        p #nothing hidden { "No claim matches. Empty the search or choose other filters." }
    };
    frame.around(book.report, &contents)
}

fn summary(report: &Report) -> Markup {
    let summary = report.summary();
    let defects = report.entries.iter().filter(|e| e.kind == EntryKind::Defect).count();
    html! {
        p.lead {
            (count(summary.claims - defects, "claim", "claims")) " about "
            (count(report.institutions.len(), "institution", "institutions")) ". "
            @if summary.not_as_expected + summary.unknown == 0 {
                "Every verdict is the one its author expects."
            } @else {
                (summary.as_expected) " verdicts are as expected, "
                strong { (summary.not_as_expected) " are not" } ", "
                (summary.unknown) " could not be decided."
            }
        }
        @if report.interrupted {
            p.warning { "The verification was interrupted: only what had been decided is told." }
        }
    }
}

/// A mark per claim, by family: the whole report at a glance.
fn overview(book: &Book<'_>) -> Markup {
    html! {
        section.overview aria-label="All verdicts at a glance" {
            @for (n, (family, houses)) in book.families().into_iter().enumerate() {
                div.strip {
                    a.name href={ "#family-" (n) } { bdi { (family) } }
                    span.marks aria-hidden="true" {
                        @for case in houses.iter().flat_map(|house| &house.cases) { (mark(case)) }
                    }
                }
            }
            p.legend {
                span.mark.proved aria-hidden="true" {} " proved "
                span.mark.refuted aria-hidden="true" {} " refuted "
                span.mark.vacuous aria-hidden="true" {} " proved, but says nothing "
                span.mark.unknown aria-hidden="true" {} " not decided "
                span.mark.proved.odd aria-hidden="true" {} " ringed: not as expected"
            }
        }
    }
}

fn mark(case: &Case<'_>) -> Markup {
    let entry = case.entry;
    let said = format!("{}: {}", cut(&title(entry), 100), class(entry));
    let odd = !entry.as_expected;
    // The list below has the same links with words; these are for the eye and the mouse.
    html! { a.mark.(class(entry)).odd[odd] href=(case.page) title=(said) tabindex="-1" {} }
}

fn filters(book: &Book<'_>) -> Markup {
    html! {
        form.filters role="search" aria-label="Find claims" {
            label.wide { span { "Search" }
                input #search type="search" placeholder="words, names, quotes" autocomplete="off";
            }
            label { span { "Verdict" }
                select #verdict {
                    option value="" { "all" }
                    option value="proved" { "proved" }
                    option value="refuted" { "refuted" }
                    option value="vacuous" { "proved, vacuous" }
                    option value="unknown" { "not decided" }
                }
            }
            label { span { "Expectation" }
                select #expected {
                    option value="" { "all" }
                    option value="yes" { "as expected" }
                    option value="no" { "not as expected" }
                }
            }
            label { span { "Family" }
                select #family {
                    option value="" { "all" }
                    @for family in book.families().keys() { option value=(family) { (family) } }
                }
            }
            output #shown aria-live="polite" { (count(book.report.entries.len(), "entry", "entries")) }
        }
    }
}

fn institution(book: &Book<'_>, house: &House<'_>) -> Markup {
    html! {
        div.house {
            h3 {
                a href=(house.page) { bdi { (house.told.title) } }
                @if let Some(base) = &house.told.base {
                    span.muted {
                        " a reform of " bdi { (book.house(base).map_or(base.as_str(), |base| &base.told.title)) }
                    }
                }
            }
            @if house.cases.is_empty() { p.muted { "Nothing is claimed of it." } }
            ul.claims { @for case in &house.cases { (row(book, house, case)) } }
        }
    }
}

fn row(book: &Book<'_>, house: &House<'_>, case: &Case<'_>) -> Markup {
    let base = house.told.base.as_deref().and_then(|base| book.house(base));
    let inherited = base.is_some_and(|base| {
        let mut same = base.cases.iter().filter(|other| other.entry.id == case.entry.id);
        same.any(|other| other.entry.quotes == case.entry.quotes)
    });
    let entry = case.entry;
    let verdict = class(entry);
    let expected = if entry.as_expected { "yes" } else { "no" };
    html! {
        li data-verdict=(verdict) data-expected=(expected) {
            div.verdict { (badge(entry)) (surprise(entry)) }
            div.said {
                a.title href=(case.page) dir="auto" { (title(entry)) }
                div.muted { code { (cut(&entry.id, 80)) } (boundary(case)) }
                @for (source, text) in entry.quotes.iter().take(1).filter(|_| !inherited) {
                    p.quote dir="auto" { "“" (cut(text, LONGEST_QUOTE)) "” " }
                    p.muted.source { bdi { (cut(source, 160)) } }
                }
            }
        }
    }
}

/// ` · expected proved when notice < shelf`
fn boundary(case: &Case<'_>) -> Markup {
    html! {
        (expected(case))
        @if !case.entry.params.is_empty() { " · at " (cut(&assignment(&case.entry.params), 160)) }
    }
}

/// The same without the parameters' values.
pub fn expected(case: &Case<'_>) -> Markup {
    html! {
        @if let Some(expect) = case.written.and_then(|claim| claim.expect.as_ref()) {
            " · expected " (verdict_word(expect.verdict)) (when(expect))
        }
        @if let Some(which) = &case.entry.for_all { " · for all " code { (cut(which, 160)) } }
    }
}

fn when(expect: &Expect) -> Markup {
    html! { @if let Some(when) = &expect.when { " exactly when " code { (expression(when)) } } }
}

/// The word of an expectation.
pub fn verdict_word(expected: Expected) -> &'static str {
    match expected {
        Expected::Proved => "proved",
        Expected::Refuted => "refuted",
        Expected::Vacuous => "proved, vacuous",
    }
}
