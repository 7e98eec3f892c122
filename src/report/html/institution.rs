//! An institution's page: what it is, its posts, its rules beside practices and norms, who sees what, its
//! parameters, its claims, and its reforms side by side.

use maud::{Markup, html};

use super::book::{Book, Case, House};
use super::page::Frame;
use super::states::States;
use super::words::{badge, cut, linked, paragraphs, surprise, ticked, title};
use super::{chart, matrix, norms, posts};
use crate::report::outcome::EntryKind;
use crate::syntax::ast::{Decl, Item, RuleKind};
use crate::syntax::source::SourceMap;
use crate::types::core::{Model, Param, Type};
use crate::types::layout::value_name;

/// The file with the posts.
pub fn posts(house: &House<'_>) -> String {
    format!("{}.posts.csv", house.data)
}

/// The file with the states.
pub fn states(house: &House<'_>) -> String {
    format!("{}.states.json", house.data)
}

/// The page.
pub fn page(book: &Book<'_>, house: &House<'_>, graph: Option<&States<'_>>) -> String {
    let told = house.told;
    let frame = Frame { title: &told.title, up: "../", trail: Vec::new() };
    let items = house.written.map(|written| written.items.as_slice()).unwrap_or_default();
    let contents = html! {
        h1 { bdi { (told.title) } }
        p.muted {
            "Institution " code { (cut(&told.name, 200)) } " in " code { (told.file) }
            @if let Some(base) = &told.base { ", a reform of " (link(book, base)) }
        }
        @if let Some(doc) = house.written.and_then(|written| written.doc.as_ref()) {
            (paragraphs(doc))
        }
        (about(book, house))
        (claims(book, house))
        @if let Some(model) = house.model {
            (organisation(book, house, model))
            (parameters(model))
        }
        @if let Some(graph) = graph { (reachable(book, house, graph)) }
        (rules(book.sources, items))
        (obligations(book.sources, items))
        @if let Some(model) = house.model { (matrix::section(model, items)) }
        (listed(book.sources, items, "What pays whom", &|decl| matches!(decl, Decl::Payoff { .. })))
        (listed(book.sources, items, "What is assumed", &is_assumed))
        (variants(book, house))
        (source(book, house))
    };
    frame.around(book.report, &contents)
}

/// A link to an institution's page from another page of the same depth.
pub fn link(book: &Book<'_>, name: &str) -> Markup {
    html! {
        @match book.house(name) {
            Some(house) => a href={ "../" (house.page) } { bdi { (house.told.title) } },
            None => code { (name) },
        }
    }
}

/// The remarks with which the file opens, where its author says what the model is about.
fn about(book: &Book<'_>, house: &House<'_>) -> Markup {
    let source = house.written.and_then(|written| book.sources.get(written.span.file));
    let source = source.filter(|_| in_file_of_base(book, house).is_none());
    let opening = source.map(|source| opening(&source.text)).unwrap_or_default();
    html! {
        @if !opening.is_empty() {
            section.about aria-label="What the author says of this model" { (paragraphs(&opening)) }
        }
    }
}

/// The institution that this one is a reform of, if both stand in one file.
fn in_file_of_base<'b, 'a>(book: &'b Book<'a>, house: &House<'a>) -> Option<&'b House<'a>> {
    let base = house.told.base.as_deref().and_then(|base| book.house(base))?;
    (base.told.file == house.told.file).then_some(base)
}

/// The `//` lines at the head of a file, without their slashes.
fn opening(text: &str) -> String {
    let lines = text.lines().map_while(|line| line.strip_prefix("//"));
    let lines = lines.filter(|line| !line.starts_with('/'));
    let lines: Vec<&str> = lines.map(|line| line.strip_prefix(' ').unwrap_or(line)).collect();
    lines.join("\n").trim().to_owned()
}

fn claims(book: &Book<'_>, house: &House<'_>) -> Markup {
    let base = elder(book, house);
    html! {
        section {
            h2 { "What is claimed" }
            @if house.cases.is_empty() { p { "Nothing is claimed of it." } }
            ul.claims {
                @for case in &house.cases {
                    li {
                        div.verdict { (badge(case.entry)) (surprise(case.entry)) }
                        div.said {
                            a.title href={ "../" (case.page) } dir="auto" { (title(case.entry)) }
                            div.muted { code { (cut(&case.entry.id, 80)) } (super::front::expected(case)) (otherwise(base, case)) }
                        }
                    }
                }
            }
        }
    }
}

/// The institution that this one has its posts from.
pub fn posts_of<'b, 'a>(book: &'b Book<'a>, house: &House<'a>) -> Option<&'b House<'a>> {
    let own = house.model.map(posts::posts);
    elder(book, house).filter(|base| base.model.map(posts::posts) == own)
}

/// The institution that this one has its states from.
pub fn states_of<'b, 'a>(
    book: &'b Book<'a>,
    house: &House<'a>,
    graph: &States<'_>,
) -> Option<&'b House<'a>> {
    elder(book, house).filter(|base| graph.is_that_of(base))
}

/// The institution that this one is a reform of.
fn elder<'b, 'a>(book: &'b Book<'a>, house: &House<'a>) -> Option<&'b House<'a>> {
    house.told.base.as_deref().and_then(|base| book.house(base))
}

/// The states, or where they are told already.
fn reachable(book: &Book<'_>, house: &House<'_>, graph: &States<'_>) -> Markup {
    html! {
        @match states_of(book, house, graph) {
            Some(base) => section { h2 { "All its states" } p { "They are those of " (link(book, &base.told.name)) ", joined by the same steps." } },
            None => (graph.section(&format!("../{}", states(house)))),
        }
    }
}

/// What the verdict is in the institution that this one is a reform of, where it is another.
fn otherwise(base: Option<&House<'_>>, case: &Case<'_>) -> Markup {
    let verdict = super::words::class;
    let other = base.and_then(|base| base.cases.iter().find(|one| one.entry.id == case.entry.id));
    html! {
        @if let Some(other) = other.filter(|other| verdict(other.entry) != verdict(case.entry)) {
            " · without the reform " (linked(other.entry, &format!("../{}", other.page)))
        }
    }
}

fn organisation(book: &Book<'_>, house: &House<'_>, model: &Model) -> Markup {
    let all = posts::posts(model);
    let base = posts_of(book, house);
    html! {
        @if !all.is_empty() {
            section {
                h2 { "Posts" }
                @if let Some(base) = base {
                    p { "They are those of " (link(book, &base.told.name)) "." }
                } @else {
                    (chart::plain(&all))
                    p { a.download href={ "../" (self::posts(house)) } download { "Download the posts (CSV)" } }
                }
            }
        }
    }
}

fn parameters(model: &Model) -> Markup {
    html! {
        @if !model.params.is_empty() {
            section {
                h2 { "Parameters" }
                div.scroll tabindex="0" role="region" aria-label="Parameters" {
                    table {
                        thead { tr {
                            th scope="col" { "Parameter" } th scope="col" { "Meaning" }
                            th scope="col" { "Values" } th scope="col" { "Decided at" }
                        } }
                        tbody { @for param in &model.params { (parameter(model, param)) } }
                    }
                }
            }
        }
    }
}

fn parameter(model: &Model, param: &Param) -> Markup {
    html! {
        tr {
            th scope="row" { code { (param.name) } }
            td { @if let Some(doc) = &param.doc { (ticked(doc)) } }
            td { (type_words(model, param.ty)) }
            td {
                @match &param.value {
                    Some(value) => code { (value_name(model, value)) },
                    None => "all its values",
                }
            }
        }
    }
}

fn type_words(model: &Model, ty: Type) -> String {
    match ty {
        Type::Bool => "true or false".to_owned(),
        Type::Int => "whole numbers".to_owned(),
        Type::Real => "real numbers".to_owned(),
        Type::Range(low, high) => format!("{low} to {high}"),
        Type::Finite(sort) => {
            let sort = model.sorts.get(sort.index());
            sort.map(|sort| sort.name.clone()).unwrap_or_default()
        }
    }
}

/// Formal rules on one side, what people do on the other.
fn rules(sources: &SourceMap, items: &[Item]) -> Markup {
    let of = |kind: RuleKind| {
        let is = move |item: &&Item| matches!(&item.decl, Decl::Rule(rule) if rule.kind == kind);
        items.iter().filter(is).collect::<Vec<_>>()
    };
    let (formal, informal) = (of(RuleKind::Rule), of(RuleKind::Practice));
    html! {
        @if !formal.is_empty() || !informal.is_empty() {
            section {
                h2 { "Rules and practices" }
                div.beside {
                    div { h3 { "Formal rules" } (declarations(sources, &formal)) }
                    div { h3 { "Practices, the rules in use" } (declarations(sources, &informal)) }
                }
            }
        }
    }
}

fn declarations(sources: &SourceMap, items: &[&Item]) -> Markup {
    html! {
        @if items.is_empty() { p.muted { "None are written." } }
        @for item in items {
            div.declaration {
                @if let Some(doc) = &item.doc { p { (ticked(doc)) } }
                pre tabindex="0" { code { (sources.text(item.span)) } }
            }
        }
    }
}

/// Norms as sentences, and the other words of governance as written.
fn obligations(sources: &SourceMap, items: &[Item]) -> Markup {
    let norm = |item: &Item| match &item.decl {
        Decl::Norm(norm) => Some(norm.clone()),
        _ => None,
    };
    let all: Vec<_> = items.iter().filter_map(norm).collect();
    html! {
        @if !all.is_empty() {
            section {
                h2 { "Norms" }
                div.scroll tabindex="0" role="region" aria-label="Norms" {
                    table {
                        thead { (norms::headings()) }
                        tbody { @for norm in &all { (norms::row(norm)) } }
                    }
                }
            }
        }
        (listed(sources, items, "Accountability, careers and campaigns", &is_governance))
    }
}

fn is_governance(decl: &Decl) -> bool {
    matches!(
        decl,
        Decl::Accountability(_)
            | Decl::Promotion(_)
            | Decl::Rotate(_)
            | Decl::Campaign(_)
            | Decl::Holds { .. }
    )
}

fn is_assumed(decl: &Decl) -> bool {
    matches!(decl, Decl::Assume(_) | Decl::Fair(_) | Decl::Init { .. })
}

fn listed(
    sources: &SourceMap,
    items: &[Item],
    heading: &str,
    wanted: &dyn Fn(&Decl) -> bool,
) -> Markup {
    let items: Vec<&Item> = items.iter().filter(|item| wanted(&item.decl)).collect();
    html! {
        @if !items.is_empty() {
            section { h2 { (heading) } (declarations(sources, &items)) }
        }
    }
}

/// The verdicts of an institution and its reforms side by side; a reform's own page has them with its claims.
fn variants(book: &Book<'_>, house: &House<'_>) -> Markup {
    if house.told.base.is_some() {
        return html! {};
    }
    let variants = book.variants(house);
    let mut ids: Vec<&str> = Vec::new();
    for case in variants.iter().flat_map(|variant| &variant.cases) {
        if case.entry.kind != EntryKind::Defect && !ids.contains(&case.entry.id.as_str()) {
            ids.push(&case.entry.id);
        }
    }
    html! {
        @if variants.len() > 1 && !ids.is_empty() {
            section {
                h2 { "Reforms" }
                p { "Verdicts beside those of the institution as it is." }
                div.scroll tabindex="0" role="region" aria-label="Verdicts under reforms" {
                    table.reforms {
                        thead { tr {
                            th scope="col" { "Claim" }
                            @for variant in &variants {
                                th scope="col" {
                                    @if variant.told.name == house.told.name { bdi { (variant.told.title) } }
                                    @else { (link(book, &variant.told.name)) }
                                }
                            }
                        } }
                        tbody { @for id in ids { (verdicts(id, &variants)) } }
                    }
                }
            }
        }
    }
}

fn verdicts(id: &str, variants: &[&House<'_>]) -> Markup {
    let of = |house: &&House<'_>| house.cases.iter().position(|case| case.entry.id == id);
    let words = variants.iter().find_map(|house| {
        let case = house.cases.get(of(house)?)?;
        Some(title(case.entry))
    });
    html! {
        tr {
            th scope="row" dir="auto" { (words.unwrap_or_default()) }
            @for house in variants {
                td {
                    @if let Some(case) = of(house).and_then(|at| house.cases.get(at)) {
                        (linked(case.entry, &format!("../{}", case.page)))
                    } @else { span.muted { "–" } }
                }
            }
        }
    }
}

/// The institution as its author wrote it.
fn source(book: &Book<'_>, house: &House<'_>) -> Markup {
    let source = house.written.and_then(|written| book.sources.get(written.span.file));
    html! {
        @if let Some(base) = in_file_of_base(book, house) {
            p { "The file, and what its author says of it, stand on the page of " (link(book, &base.told.name)) "." }
        } @else if let Some(source) = source {
            details {
                summary { "The whole file as written" }
                pre tabindex="0" { code { (source.text) } }
            }
        }
    }
}
