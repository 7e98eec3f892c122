//! Norms as sentences with the parts that Crawford and Ostrom (1995) name: attributes, deontic, aim,
//! conditions, or else.

use maud::{Markup, html};

use crate::syntax::ast::{Deontic, Expr, Norm, Subject};
use crate::syntax::printer::expression;

/// A norm as a row: its name, the sentence, and its parts.
pub fn row(norm: &Norm) -> Markup {
    html! {
        tr {
            th scope="row" { code { (norm.name.text) } }
            td { (sentence(norm)) }
            td { (subject(&norm.subject)) }
            td { (deontic(norm.deontic)) }
            td { (code(&norm.aim)) (deadline(norm)) }
            td { @match &norm.condition { Some(when) => (code(when)), None => "always" } }
            td {
                @match &norm.sanction {
                    Some(sanction) => (code(sanction)),
                    None => span.muted { "nothing" },
                }
            }
        }
    }
}

/// The headings of the rows.
pub fn headings() -> Markup {
    html! {
        tr {
            th scope="col" { "Norm" }
            th scope="col" { "In a sentence" }
            th scope="col" { "Attributes" }
            th scope="col" { "Deontic" }
            th scope="col" { "Aim" }
            th scope="col" { "Conditions" }
            th scope="col" { "Or else" }
        }
    }
}

fn sentence(norm: &Norm) -> Markup {
    html! {
        (subject(&norm.subject)) " " strong { (deontic(norm.deontic)) } " " (code(&norm.aim)) (deadline(norm))
        @if let Some(when) = &norm.condition { ", when " (code(when)) }
        @if let Some(sanction) = &norm.sanction { ", or else " (code(sanction)) }
        "."
    }
}

/// Whom something is about.
pub fn subject(subject: &Subject) -> Markup {
    html! {
        code {
            (subject.sort.text)
            @if let Some(member) = &subject.member { "[" (expression(member)) "]" }
        }
        @if let Some(var) = &subject.var { " " code { (var.text) } }
    }
}

fn deontic(deontic: Deontic) -> &'static str {
    match deontic {
        Deontic::Must => "must",
        Deontic::MustNot => "must not",
        Deontic::May => "may",
    }
}

fn deadline(norm: &Norm) -> Markup {
    html! {
        @if let Some(within) = &norm.within {
            " within " (code(&within.bound))
            @match &within.tick { Some(tick) => { " " (tick.text) }, None => " periods" }
        }
    }
}

fn code(e: &Expr) -> Markup {
    html! { code { (expression(e)) } }
}
