//! A strategy as a plan: in which situation what is done, or how the others answer.

use indexmap::IndexMap;
use serde_json::Value;

use crate::report::outcome::{StrategyAnswer, StrategyMove, StrategyReport, StrategyRow};

use super::glossary::Glossary;
use super::run::{Narrator, sights};
use super::words::{Done, act, human, list, post, split, value};

/// Longer plans are cut.
const MOST_ROWS: usize = 24;

/// The whole plan.
pub(super) fn plan(strategy: &StrategyReport, glossary: &Glossary<'_>) -> Vec<String> {
    let teller = Teller { strategy, glossary };
    let mut told = vec![teller.opening()];
    let rows: Vec<(usize, &StrategyRow)> =
        strategy.rows.iter().enumerate().filter(|(_, row)| !row.moves.is_empty()).collect();
    told.extend(rows.iter().take(MOST_ROWS).map(|(n, row)| teller.row(*n, row)));
    if rows.len() > MOST_ROWS {
        told.push(format!("And so on for {} more situations.", rows.len() - MOST_ROWS));
    }
    told
}

struct Teller<'a> {
    strategy: &'a StrategyReport,
    glossary: &'a Glossary<'a>,
}

impl Teller<'_> {
    fn who(&self) -> String {
        match self.strategy.coalition.as_slice() {
            [] => "nobody".to_owned(),
            members => list(&members.iter().map(|member| post(member)).collect::<Vec<_>>(), "and"),
        }
    }

    fn opening(&self) -> String {
        let sight = if self.strategy.unseen { ", going by what they see alone" } else { "" };
        match self.strategy.spoils {
            false => format!(
                "Whatever the others do, this is how {} brings it about{sight}:",
                self.who()
            ),
            true => {
                format!("Whatever {} tries, the others have an answer{sight}:", self.who())
            }
        }
    }

    fn row(&self, n: usize, row: &StrategyRow) -> String {
        let left = row.left.map(|left| format!(", with {left} left")).unwrap_or_default();
        let when = match (self.strategy.unseen, row.states.first()) {
            (false, Some(state)) if state.is_empty() => "Always".to_owned(),
            (false, Some(state)) => format!("When {}", self.narrator().state(state)),
            _ => {
                let opens = if self.strategy.first.contains(&n) { "At first" } else { "Then" };
                let seen = if row.seen.is_empty() {
                    String::new()
                } else {
                    format!(", seeing {}", list(&sights(&row.seen), "and"))
                };
                format!("{}. {opens}{seen}", n + 1)
            }
        };
        let moves: Vec<String> = row.moves.iter().map(|made| self.made(made)).collect();
        format!("{when}{left}: {}.", moves.join("; "))
    }

    fn made(&self, made: &StrategyMove) -> String {
        let chosen = self.chosen(&made.choose);
        let answers: Vec<String> = made.answers.iter().map(|answer| self.answer(answer)).collect();
        match (self.strategy.spoils, answers.is_empty()) {
            (false, true) => chosen,
            (false, false) => format!("{chosen}; {}", answers.join("; ")),
            (true, _) => format!("if {chosen}, {}", list(&answers, "or")),
        }
    }

    fn chosen(&self, choices: &IndexMap<String, Value>) -> String {
        if choices.is_empty() {
            return format!("{} does as it likes", self.who());
        }
        let deeds: Vec<String> =
            choices.iter().map(|(name, value)| self.deed(name, value)).collect();
        format!("{} {}", self.who(), list(&deeds, "and"))
    }

    fn deed(&self, name: &str, chosen: &Value) -> String {
        let (base, _) = split(name);
        let members = list(&self.glossary.members(name), "and");
        match chosen {
            Value::Bool(true) => act(base, &members, Done::Yes),
            Value::Bool(false) => act(base, &members, Done::No),
            chosen => format!("chooses {} as {}", value(chosen), self.glossary.place(name)),
        }
    }

    fn answer(&self, answer: &StrategyAnswer) -> String {
        let mut told: Vec<String> = Vec::new();
        let deeds: Vec<String> =
            answer.choices.iter().map(|(name, value)| self.deed(name, value)).collect();
        if !deeds.is_empty() {
            told.push(format!("the other side {}", list(&deeds, "and")));
        }
        let chance = answer.env.iter().chain(&answer.draws);
        let chance: Vec<String> =
            chance.map(|(name, drawn)| format!("{} for {}", value(drawn), human(name))).collect();
        if !chance.is_empty() {
            told.push(format!("chance brings {}", list(&chance, "and")));
        }
        if !answer.seen.is_empty() {
            told.push(format!("what is seen is {}", list(&sights(&answer.seen), "and")));
        }
        if let Some(row) = answer.row {
            told.push(format!("on to {}", row + 1));
        }
        if told.is_empty() { "nothing need be done".to_owned() } else { told.join(", ") }
    }

    fn narrator(&self) -> Narrator<'_> {
        Narrator { glossary: self.glossary, periods: &[], loop_start: None, judges: &[] }
    }
}
