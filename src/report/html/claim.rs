//! A claim's page, in the order of the argument: quote, claim, verdict, needs, evidence, run.

use maud::{Markup, PreEscaped, html};

use super::book::{Book, Case, House};
use super::page::Frame;
use super::words::{assignment, badge, count, cut, paragraphs, surprise, ticked, title};
use super::{assumptions, front, phase, reading, run};
use crate::report::outcome::{Certificate, Entry};
use crate::report::text::entry::{decided, reason, standing};
use crate::syntax::source::SourceMap;
use crate::types::core::Model;
use crate::types::visit::reads;

/// The file with what becomes of an institution's claims without each part.
pub fn trials(house: &House<'_>) -> String {
    format!("{}.without.json", house.data)
}

/// The page.
pub fn page(book: &Book<'_>, house: &House<'_>, case: &Case<'_>) -> String {
    let entry = case.entry;
    let name = title(entry);
    let trail = vec![(house.told.title.clone(), format!("../{}", house.page))];
    let frame = Frame { title: &cut(&name, 70), up: "../", trail };
    let data = format!("../{}", case.data);
    let contents = html! {
        p.kicker { (kind(entry)) " " code { (cut(&entry.id, 200)) } }
        h1 dir="auto" { (capital(&name)) }
        (quotes(entry))
        (verdict(case))
        (formal(book, house, case))
        (assumptions::section(house, case, &format!("../{}", trials(house))))
        (phase::sections(case, &|n| format!("../{}", case.cells(n))))
        (evidence(entry))
        (told(case))
        @match &entry.trace {
            Some(trace) => (run::section(house, entry, trace, &data)),
            None => p { a.download href=(data) download { "Download what was decided (JSON)" } },
        }
        (elsewhere(book, house, case))
        (neighbours(house, case))
    };
    frame.around(book.report, &contents)
}

fn kind(entry: &Entry) -> &'static str {
    use crate::report::outcome::EntryKind;
    match entry.kind {
        EntryKind::Claim => "Claim",
        EntryKind::Scenario => "Scenario",
        EntryKind::Lemma => "Lemma",
        EntryKind::Defect => "Defect of the spec",
    }
}

fn quotes(entry: &Entry) -> Markup {
    html! {
        @for (source, text) in &entry.quotes {
            figure.quotation {
                blockquote dir="auto" { "“" (text) "”" }
                figcaption { bdi { (source) } }
            }
        }
        @if let Some(wording) = &entry.wording {
            p.muted { "The claim renders the word “" bdi { (wording) } "”." }
        }
    }
}

fn verdict(case: &Case<'_>) -> Markup {
    let entry = case.entry;
    let everywhere = entry.for_all.as_ref();
    let all = everywhere.map(|which| format!(", for all {which}")).unwrap_or_default();
    // The parameters have a sentence of their own.
    let said = standing(entry).replacen(&all, "", usize::from(!all.is_empty()));
    html! {
        section class={ "answer " (super::words::class(entry)) } aria-label="Verdict" {
            p.big { (badge(entry)) (surprise(entry)) }
            p {
                @if !said.is_empty() { (capital(&said)) "." }
                @if let Some(k) = entry.smallest { " The least value is " strong { (k) } "." }
            }
            @if let Some(which) = everywhere { p.everywhere { "This is so for all " (conditions(which)) "." } }
            @if let Some(reason) = reason(entry) { p { (ticked(&capital(&reason))) "." } }
            @if let Some(core) = &entry.core { p { "Minimal core, no part of which can be left out: " (names(core)) } }
            p.muted { (expected(case)) }
            @for note in &entry.notes { p.note { "Note: " (ticked(note)) } }
        }
    }
}

/// `n where n >= 2`, with its formulas as code.
fn conditions(which: &str) -> Markup {
    html! {
        @match which.split_once(" where ") {
            Some((names, condition)) => { code { (names) } " where " code { (condition) } },
            None => code { (which) },
        }
    }
}

fn expected(case: &Case<'_>) -> Markup {
    let entry = case.entry;
    html! {
        @match case.written.and_then(|claim| claim.expect.as_ref()) {
            Some(expect) => {
                "Its author expects it to be " (front::verdict_word(expect.verdict))
                @if let Some(when) = &expect.when {
                    " exactly when " code { (crate::syntax::printer::expression(when)) }
                }
                "."
            }
            None => @if case.written.is_some() { "Its author states no other expectation than a proof." },
        }
        @if !entry.params.is_empty() { " Decided at " code { (assignment(&entry.params)) } "." }
    }
}

/// The claim as it was decided, with a reading and the words used in it.
fn formal(book: &Book<'_>, house: &House<'_>, case: &Case<'_>) -> Markup {
    let entry = case.entry;
    html! {
        section {
            h2 { @if case.item.is_some() { "The claim, made precise" } @else { "Where it is" } }
            @if let Some(doc) = case.doc { (paragraphs(doc)) }
            @if let Some(claim) = case.written {
                p.reading { span.muted { "In plain words: " } (reading::sentence(&claim.property)) "." }
                @for assume in &claim.assumes {
                    p.reading {
                        span.muted { "Given " code { (assume.name.text) } ": " }
                        (reading::sentence(&assume.condition)) "."
                    }
                }
            }
            p.muted { "From " code { (entry.file) ":" (entry.line) } "." }
            @if let Some((base, same)) = elder(book, house, case) {
                p { "As written, with what it speaks about: " a href={ "../" (same.page) } { bdi { (base.told.title) } } "." }
            } @else {
                @if let Some(item) = case.item { pre tabindex="0" { code { (book.sources.text(item.span)) } } }
                @if let (Some(model), Some(claim)) = (house.model, case.typed) {
                    (glossary(book.sources, model, &claim.property))
                }
            }
        }
    }
}

/// The claim in the institution that this one has it from, word for word.
fn elder<'b, 'a>(
    book: &'b Book<'a>,
    house: &House<'a>,
    case: &Case<'a>,
) -> Option<(&'b House<'a>, &'b Case<'a>)> {
    let place = case.item?.span;
    let same = |other: &&Case<'a>| other.item.is_some_and(|item| item.span == place);
    let variants = book.variants(house).into_iter().filter(|other| other.page != house.page);
    let first =
        variants.filter_map(|other| Some((other, other.cases.iter().find(same)?))).next()?;
    // Only the one that is read first has the words.
    (book.houses.iter().position(|one| one.page == first.0.page)
        < book.houses.iter().position(|one| one.page == house.page))
    .then_some(first)
}

/// What the names of a property stand for, where their declarations say.
fn glossary(sources: &SourceMap, model: &Model, property: &crate::types::core::Expr) -> Markup {
    let read = reads(model, property);
    let cells = read.cells.iter().chain(&read.primed).filter_map(|id| model.cells.get(id.index()));
    let cells = cells.map(|cell| (&cell.name, &cell.doc, cell.span));
    let inputs = read.inputs.iter().filter_map(|id| model.inputs.get(id.index()));
    let inputs = inputs.map(|input| (&input.name, &input.doc, input.span));
    let params = read.params.iter().filter_map(|id| model.params.get(id.index()));
    let params = params.map(|param| (&param.name, &param.doc, param.span));
    let mut rows: Vec<(&String, &Option<String>, String)> = Vec::new();
    for (name, doc, span) in cells.chain(inputs).chain(params) {
        if !rows.iter().any(|(known, ..)| *known == name) {
            rows.push((name, doc, cut(sources.text(span), 300)));
        }
    }
    html! {
        @if !rows.is_empty() {
            details {
                summary { "What it speaks about" }
                dl.glossary {
                    @for (name, doc, declared) in rows {
                        dt { code { (name) } }
                        dd {
                            @if let Some(doc) = doc { (ticked(doc)) " " }
                            code { (declared) }
                        }
                    }
                }
            }
        }
    }
}

/// Parts of a story that this page tells otherwise.
const TOLD_OTHERWISE: [&str; 6] = [
    "What is claimed",
    "What came of it",
    "Why it may be believed",
    "What it rests on",
    "What it does without",
    "Elsewhere",
];

/// What happens, in prose.
fn told(case: &Case<'_>) -> Markup {
    let parts = case.story.map(|story| story.parts.as_slice()).unwrap_or_default();
    html! {
        @for part in parts.iter().filter(|part| !TOLD_OTHERWISE.contains(&part.heading)) {
            section.story {
                h2 { (part.heading) }
                @for paragraph in &part.paragraphs { p dir="auto" { (paragraph) } }
            }
        }
    }
}

fn names(all: &[String]) -> Markup {
    html! { @for (n, name) in all.iter().enumerate() { @if n > 0 { ", " } code { (name) } } }
}

fn evidence(entry: &Entry) -> Markup {
    html! {
        @if let Some(said) = decided(entry) {
            section {
                h2 { "Evidence" }
                p { (capital(&said)) "." }
                @if let Some(Certificate { kind, .. }) = &entry.certificate { p.muted { (meaning(kind)) } }
            }
        }
    }
}

/// What a kind of certificate shows.
fn meaning(kind: &str) -> &'static str {
    match kind {
        "inductive-invariant" => {
            "The invariant holds at the start, no period ends it, and the claim follows from it."
        }
        "k-induction" => {
            "It holds in the first k periods, and after any k in which it held in the next."
        }
        "explicit-search" => "Every state that any run can reach was visited.",
        _ => "",
    }
}

/// The same claim under the reforms of its institution, where its verdict is another in some, and how many
/// leave it as it is.
fn elsewhere(book: &Book<'_>, house: &House<'_>, case: &Case<'_>) -> Markup {
    let variants = book.variants(house);
    let same = variants.iter().filter_map(|other| {
        let found = other.cases.iter().find(|found| found.entry.id == case.entry.id)?;
        (found.page != case.page).then_some((other, found))
    });
    let verdict = super::words::class(case.entry);
    let (alike, unlike): (Vec<_>, Vec<_>) =
        same.partition(|(_, found)| super::words::class(found.entry) == verdict);
    html! {
        @if !unlike.is_empty() && case.item.is_some() {
            section {
                h2 { "In variants of the institution" }
                @for (verdict, found) in by_verdict(&unlike) {
                    p {
                        (verdict) " in "
                        @for (n, (other, found)) in found.iter().take(MOST_VARIANTS).enumerate() {
                            @if n > 0 { ", " }
                            a href={ "../" (found.page) } { bdi { (other.told.title) } }
                        }
                        @if found.len() > MOST_VARIANTS { " and " (found.len() - MOST_VARIANTS) " more" }
                    }
                }
                @if let Some(first) = variants.first() {
                    p {
                        @if !alike.is_empty() { "The same in " (count(alike.len(), "other", "others")) ". " }
                        a href={ "../" (first.page) } { "All variants" }
                    }
                }
            }
        }
    }
}

/// How many variants with one verdict are named.
const MOST_VARIANTS: usize = 6;

/// A variant, and the claim in it.
type Variant<'b, 'a> = (&'b &'b House<'a>, &'b Case<'a>);

/// The badge of each verdict with the variants in which it is that.
fn by_verdict<'v, 'b, 'a>(
    unlike: &'v [Variant<'b, 'a>],
) -> Vec<(Markup, Vec<&'v Variant<'b, 'a>>)> {
    let mut groups: Vec<(String, Vec<&Variant<'b, 'a>>)> = Vec::new();
    for variant in unlike {
        let verdict = badge(variant.1.entry).into_string();
        match groups.iter_mut().find(|(known, _)| *known == verdict) {
            Some((_, all)) => all.push(variant),
            None => groups.push((verdict, vec![variant])),
        }
    }
    groups.into_iter().map(|(verdict, all)| (PreEscaped(verdict), all)).collect()
}

fn neighbours(house: &House<'_>, case: &Case<'_>) -> Markup {
    let at = house.cases.iter().position(|other| other.page == case.page).unwrap_or(0);
    let before = at.checked_sub(1).and_then(|at| house.cases.get(at));
    let after = house.cases.get(at + 1);
    html! {
        nav.neighbours aria-label="Other claims" {
            @if let Some(other) = before { a href={ "../" (other.page) } { "← " bdi { (cut(&title(other.entry), 36)) } } }
            @if let Some(other) = after { a.after href={ "../" (other.page) } { bdi { (cut(&title(other.entry), 36)) } " →" } }
        }
    }
}

/// With a capital letter.
fn capital(text: &str) -> String {
    let mut characters = text.chars();
    let first = characters.next().map(|c| c.to_uppercase().to_string()).unwrap_or_default();
    first + characters.as_str()
}
