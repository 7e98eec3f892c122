//! Who sees what: a row for each thing seen, a column for each observer, and what nobody sees.

use std::collections::BTreeSet;

use maud::{Markup, html};

use super::norms::subject;
use crate::syntax::ast::{Decl, Expr, Item, Subject};
use crate::syntax::printer::expression;
use crate::types::core::Model;
use crate::types::visit::reads_all;

/// The section; without observers it says so only where there is something to see.
pub fn section(model: &Model, items: &[Item]) -> Markup {
    let observers: Vec<(&Subject, &[Expr])> = items.iter().filter_map(observer).collect();
    let mut things: Vec<String> = Vec::new();
    for thing in observers.iter().flat_map(|(_, seen)| seen.iter()).map(expression) {
        if !things.contains(&thing) {
            things.push(thing);
        }
    }
    let hidden = hidden(model);
    html! {
        @if !things.is_empty() {
            section {
                h2 { "Who sees what" }
                p { "Whoever judges goes by what they have seen so far, and by nothing else." }
                div.scroll tabindex="0" role="region" aria-label="Who sees what" {
                    table.matrix {
                        thead { tr {
                            th scope="col" { "What" }
                            @for (who, _) in &observers { th scope="col" { (subject(who)) } }
                        } }
                        tbody { @for thing in &things { (row(thing, &observers)) } }
                    }
                }
                @if !hidden.is_empty() {
                    p { "Nobody sees: " @for (n, name) in hidden.iter().enumerate() {
                        @if n > 0 { ", " } code { (name) }
                    } "." }
                }
            }
        }
    }
}

fn observer(item: &Item) -> Option<(&Subject, &[Expr])> {
    match &item.decl {
        Decl::Sees { judge, seen } => Some((judge, seen)),
        _ => None,
    }
}

fn row(thing: &str, observers: &[(&Subject, &[Expr])]) -> Markup {
    html! {
        tr {
            th scope="row" { code { (thing) } }
            @for (_, seen) in observers {
                @if seen.iter().any(|e| expression(e) == thing) {
                    td.yes { "sees" }
                } @else {
                    td.no { "–" }
                }
            }
        }
    }
}

/// The state and the choices that no observation reads.
fn hidden(model: &Model) -> Vec<&str> {
    let seen = model.sees.iter().flat_map(|sees| sees.seen.iter().map(|(_, e)| e));
    let read = reads_all(model, seen);
    let cells: BTreeSet<usize> =
        read.cells.iter().chain(&read.primed).map(|cell| cell.index()).collect();
    let inputs: BTreeSet<usize> = read.inputs.iter().map(|input| input.index()).collect();
    let state = model.cells.iter().enumerate().filter(|(n, _)| !cells.contains(n));
    let drawn = model.inputs.iter().enumerate().filter(|(n, _)| !inputs.contains(n));
    let state = state.map(|(_, cell)| cell.name.as_str());
    state.chain(drawn.map(|(_, input)| input.name.as_str())).collect()
}
