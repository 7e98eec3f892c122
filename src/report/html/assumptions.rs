//! The assumption table of a claim: each rule, practice, assumption and fairness, whether the proof needs it, and
//! what becomes of the claim without it, where that was tried.

use maud::{Markup, html};

use super::book::{Case, House};
use super::words::count;
use crate::report::outcome::Needs;
use crate::report::without::{Kind, Outcome};
use crate::syntax::ast::RuleKind;
use crate::types::core::{Claim, Model};

/// Something that can be taken out, and what is known of that.
struct Row<'a> {
    kind: Kind,
    name: &'a str,
    /// The proof needs it.
    needed: bool,
    /// What becomes of the claim without it.
    tried: Option<&'a Outcome>,
}

/// The section; nothing where nothing is known. `data` is where the trials of the institution stand.
pub fn section(house: &House<'_>, case: &Case<'_>, data: &str) -> Markup {
    let needs = case.entry.needs.as_ref();
    let rows = rows(house, case);
    let tried = rows.iter().any(|row| row.tried.is_some());
    html! {
        @if needs.is_some() || tried {
            section.needs {
                h2 { "What it needs" }
                @if let Some(needs) = needs { p { (lead(needs)) } }
                @if tried {
                    p { "Each part was also taken out of the spec, and the claim decided anew in what is left." }
                }
                @if !rows.is_empty() { (table(&rows, needs.is_some(), tried)) }
                @if tried { p { a.download href=(data) download { "Download the trials (JSON)" } } }
            }
        }
    }
}

/// What `needed` means.
fn lead(needs: &Needs) -> &'static str {
    let Needs { rules, practices, assumptions, fairness } = needs;
    match [rules, practices, assumptions, fairness].iter().all(|list| list.is_empty()) {
        true => "No rule and no assumption: it holds whatever they are.",
        false => {
            "Each was left out in turn: without a needed one the claim is no longer proved, in the whole institution \
             or in that of the needed ones alone; without any other it still is."
        }
    }
}

fn rows<'a>(house: &House<'a>, case: &Case<'a>) -> Vec<Row<'a>> {
    let needs = case.entry.needs.as_ref();
    let outcome = |kind: Kind, name: &str| {
        let rows = house.without.map(|table| table.rows.as_slice()).unwrap_or_default();
        let row = rows.iter().filter(|row| row.removal.kind == kind && row.removal.name == name);
        row.flat_map(|row| &row.outcomes).find(|outcome| outcome.claim == case.entry.id)
    };
    let mut rows: Vec<Row<'a>> = Vec::new();
    for (kind, name) in parts(house.model, case.typed) {
        if !rows.iter().any(|row| row.kind == kind && row.name == name) {
            let needed =
                needs.is_some_and(|needs| listed(needs, kind).iter().any(|one| one == name));
            rows.push(Row { kind, name, needed, tried: outcome(kind, name) });
        }
    }
    rows.sort_by_key(|row| !row.needed);
    rows
}

/// All that can be taken out of an institution, and what the claim assumes for itself.
fn parts<'a>(model: Option<&'a Model>, claim: Option<&'a Claim>) -> Vec<(Kind, &'a str)> {
    let (Some(model), Some(claim)) = (model, claim) else { return Vec::new() };
    let rules = model.rules.iter().map(|rule| match rule.kind {
        RuleKind::Rule => (Kind::Rule, rule.name.as_str()),
        RuleKind::Practice => (Kind::Practice, rule.name.as_str()),
    });
    let assumes = model.assumes.iter().chain(&claim.assumes).map(|assume| {
        let kind = if assume.practice.is_some() { Kind::Practice } else { Kind::Assumption };
        (kind, assume.name.as_str())
    });
    let fairness = model.fairness.iter().map(|fair| (Kind::Fairness, fair.name.as_str()));
    rules.chain(assumes).chain(fairness).collect()
}

fn listed(needs: &Needs, kind: Kind) -> &[String] {
    match kind {
        Kind::Rule => &needs.rules,
        Kind::Practice => &needs.practices,
        Kind::Assumption => &needs.assumptions,
        Kind::Fairness => &needs.fairness,
    }
}

fn table(rows: &[Row<'_>], proof: bool, tried: bool) -> Markup {
    let (needed, spare) = rows.split_at(rows.iter().filter(|row| row.needed).count());
    // What the proof does without is told in one line where nothing more is known of it.
    let brief = proof && !tried && spare.len() > 1;
    html! {
        div.scroll tabindex="0" role="region" aria-label="Assumption table" {
            table.parts {
                thead { tr {
                    th scope="col" { "Part" } th scope="col" { "Kind" }
                    @if proof { th scope="col" { "The proof" } }
                    @if tried { th scope="col" { "Without it" } }
                } }
                tbody {
                    @for row in if brief { needed } else { rows } { (line(row, proof, tried)) }
                    @if brief {
                        tr {
                            th scope="row" { @for (n, row) in spare.iter().enumerate() {
                                @if n > 0 { ", " } code { (row.name) }
                            } }
                            td { (kinds(spare)) }
                            td.no { "does without each" }
                        }
                    }
                }
            }
        }
    }
}

/// `3 rules, 1 practice`
fn kinds(rows: &[Row<'_>]) -> String {
    let all = [
        (Kind::Rule, "rules"),
        (Kind::Practice, "practices"),
        (Kind::Assumption, "assumptions"),
        (Kind::Fairness, "fairness"),
    ];
    let of = |kind: Kind| rows.iter().filter(|row| row.kind == kind).count();
    let told = all.into_iter().map(|(kind, several)| (of(kind), kind.word(), several));
    let told = told.filter(|(n, ..)| *n > 0).map(|(n, one, several)| count(n, one, several));
    told.collect::<Vec<_>>().join(", ")
}

fn line(row: &Row<'_>, proof: bool, tried: bool) -> Markup {
    html! {
        tr {
            th scope="row" { code { (row.name) } }
            td { (row.kind.word()) }
            @if proof { @if row.needed { td.yes { "needs it" } } @else { td.no { "does without" } } }
            @if tried { td { @if let Some(outcome) = row.tried { (after(outcome)) } @else { "–" } } }
        }
    }
}

fn after(outcome: &Outcome) -> Markup {
    let class = match outcome.verdict.as_str() {
        "proved" if outcome.vacuous => Some("vacuous"),
        "proved" => Some("proved"),
        "refuted" => Some("refuted"),
        "impossible" => None,
        _ => Some("unknown"),
    };
    html! {
        @match class {
            Some(class) => span.badge.(class) { (outcome.words()) },
            None => (outcome.words()),
        }
        @if outcome.changes { " " strong { "changes" } }
        @if let Some(reason) = &outcome.reason { span.muted { ": " (super::words::ticked(reason)) } }
    }
}
