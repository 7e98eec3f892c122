//! A strategy as a table: in which situation what is chosen, and what is answered.

use indexmap::IndexMap;
use maud::{Markup, html};
use serde_json::Value;

use super::words::{assignment, count, cut};
use crate::report::outcome::{StrategyMove, StrategyReport, StrategyRow};

/// Longer tables are cut; the data has all rows.
const MOST_ROWS: usize = 200;

/// The table.
pub fn table(strategy: &StrategyReport) -> Markup {
    let who = match strategy.coalition.as_slice() {
        [] => "nobody".to_owned(),
        members => members.join(" and "),
    };
    let told: Vec<(usize, &StrategyRow)> =
        strategy.rows.iter().enumerate().filter(|(_, row)| !row.moves.is_empty()).collect();
    html! {
        h3 { @if strategy.spoils { "How the others answer " } @else { "The strategy of " } bdi { (who) } }
        @if strategy.unseen { p { "It rests only on what " bdi { (who) } " sees." } }
        div.scroll tabindex="0" role="region" aria-label="Strategy" {
            table {
                thead { tr {
                    th scope="col" { "No." }
                    th scope="col" { @if strategy.unseen { "Seen so far" } @else { "Situation" } }
                    th scope="col" { "Chosen" }
                    th scope="col" { "What follows" }
                } }
                tbody { @for (n, row) in told.iter().take(MOST_ROWS) { (situation(strategy, *n, row)) } }
            }
        }
        @if told.len() > MOST_ROWS {
            p.muted { "The first of " (count(told.len(), "situation", "situations")) "." }
        }
    }
}

fn situation(strategy: &StrategyReport, n: usize, row: &StrategyRow) -> Markup {
    let state = row.states.first();
    let when = match state {
        Some(state) if !strategy.unseen => assignment(state),
        _ => assignment(&row.seen),
    };
    let first = strategy.first.contains(&n);
    html! {
        tr {
            th scope="row" { (n + 1) }
            td {
                @if first { "at first" @if !when.is_empty() { ", " } }
                @if when.is_empty() && !first { "then" } @else { (cut(&when, 600)) }
                @if let Some(left) = row.left { " (" (left) " left)" }
            }
            td { ul.plain { @for made in &row.moves { li { (chosen(made)) } } } }
            td { ul.plain { @for made in &row.moves { li { (answers(made)) } } } }
        }
    }
}

fn chosen(made: &StrategyMove) -> String {
    if made.choose.is_empty() { "anything".to_owned() } else { assignment(&made.choose) }
}

fn answers(made: &StrategyMove) -> String {
    let one = |answer: &crate::report::outcome::StrategyAnswer| {
        let parts: [&IndexMap<String, Value>; 3] = [&answer.choices, &answer.env, &answer.draws];
        let done: Vec<String> =
            parts.into_iter().filter(|part| !part.is_empty()).map(assignment).collect();
        let seen = if answer.seen.is_empty() { None } else { Some(assignment(&answer.seen)) };
        let seen = seen.map(|seen| format!("having seen {seen}"));
        let row = answer.row.map(|row| format!("go on with {}", row + 1));
        done.into_iter().chain(seen).chain(row).collect::<Vec<_>>().join(", ")
    };
    made.answers.iter().map(one).collect::<Vec<_>>().join("; or ")
}
