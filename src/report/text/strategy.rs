//! A strategy in words: in which situation what is chosen, or what is answered to what.
//!
//! What is the same in all situations is said once, above them.

use indexmap::IndexMap;
use serde_json::Value;

use crate::report::outcome::{StrategyAnswer, StrategyMove, StrategyReport, StrategyRow};
use crate::report::values::words;

use super::wrap::paragraph;

/// Longer tables are cut.
const MOST_ROWS: usize = 24;

/// The table, each line behind so many spaces, ending in an empty line.
pub fn strategy(strategy: &StrategyReport, width: usize, indent: usize) -> String {
    let mut lines = vec![(0, heading(strategy))];
    let shared = shared(&strategy.rows);
    if !shared.is_empty() && !strategy.unseen {
        lines.push((2, format!("throughout {}", assignment(&shared))));
    }
    let told: Vec<(usize, &StrategyRow)> =
        strategy.rows.iter().enumerate().filter(|(_, row)| !row.moves.is_empty()).collect();
    for (n, row) in told.iter().take(MOST_ROWS) {
        lines.extend(row_lines(strategy, *n, row, &shared));
    }
    if told.len() > MOST_ROWS {
        lines.push((2, format!("… and {} more situations", told.len() - MOST_ROWS)));
    }
    let text = lines.into_iter().map(|(more, line)| paragraph(&line, width, indent + more, 4));
    format!("{}\n\n", text.collect::<Vec<_>>().join("\n"))
}

fn heading(strategy: &StrategyReport) -> String {
    let who = match strategy.coalition.as_slice() {
        [] => "nobody".to_owned(),
        members => members.join(" and "),
    };
    match strategy.spoils {
        false => format!("the strategy of {who}:"),
        true => format!("how the others answer {who}:"),
    }
}

/// The cells that have the same value in every row.
fn shared(rows: &[StrategyRow]) -> IndexMap<String, Value> {
    let mut states = rows.iter().filter(|row| !row.moves.is_empty()).flat_map(|row| &row.states);
    let mut shared = states.next().cloned().unwrap_or_default();
    for state in states {
        shared.retain(|name, value| state.get(name) == Some(value));
    }
    shared
}

fn row_lines(
    strategy: &StrategyReport,
    n: usize,
    row: &StrategyRow,
    shared: &IndexMap<String, Value>,
) -> Vec<(usize, String)> {
    let mut when = match (strategy.unseen, row.states.first()) {
        (false, Some(state)) => {
            let own = state.iter().filter(|(name, _)| !shared.contains_key(*name));
            let own: IndexMap<String, Value> =
                own.map(|(name, value)| (name.clone(), value.clone())).collect();
            if own.is_empty() { "always".to_owned() } else { format!("when {}", assignment(&own)) }
        }
        _ if strategy.first.contains(&n) => {
            format!("{}. at first{}", n + 1, seeing(", seeing ", &row.seen))
        }
        _ => format!("{}. then{}", n + 1, seeing(", seeing ", &row.seen)),
    };
    if let Some(left) = row.left {
        when = format!("{when} with {left} left");
    }
    match (strategy.spoils, row.moves.as_slice()) {
        (false, [only]) => {
            let mut lines = vec![(2, format!("{when}: choose {}", chosen(only)))];
            lines.extend(only.answers.iter().filter_map(|answer| Some((4, goes_on(answer)?))));
            lines
        }
        (_, moves) => {
            let mut lines = vec![(2, format!("{when}:"))];
            lines.extend(moves.iter().map(|made| {
                let answers: Vec<String> = made.answers.iter().map(answered).collect();
                (4, format!("to {} they answer {}", chosen(made), answers.join(" or ")))
            }));
            lines
        }
    }
}

fn seeing(before: &str, seen: &IndexMap<String, Value>) -> String {
    if seen.is_empty() { String::new() } else { format!("{before}{}", assignment(seen)) }
}

fn chosen(made: &StrategyMove) -> String {
    if made.choose.is_empty() { "anything".to_owned() } else { assignment(&made.choose) }
}

fn goes_on(answer: &StrategyAnswer) -> Option<String> {
    let next = answer.row? + 1;
    let seen = if answer.seen.is_empty() {
        "in any case".to_owned()
    } else {
        format!("having seen {}", assignment(&answer.seen))
    };
    Some(format!("{seen}: go on with {next}"))
}

fn answered(answer: &StrategyAnswer) -> String {
    let mut all = answer.choices.clone();
    all.extend(answer.env.clone());
    all.extend(answer.draws.clone());
    match (all.is_empty(), answer.row) {
        (false, _) => assignment(&all),
        (true, Some(row)) => {
            let seen = seeing(" in such a way that it sees ", &answer.seen);
            format!("{}, {}", seen.trim_start(), row + 1).trim_start_matches(", ").to_owned()
        }
        (true, None) => "nothing".to_owned(),
    }
}

fn assignment(values: &IndexMap<String, Value>) -> String {
    let one = |(name, value): (&String, &Value)| format!("{name} = {}", words(value));
    values.iter().map(one).collect::<Vec<_>>().join(", ")
}
