//! A run as a story: in each period who did what, under which rule or practice, what came of it, and
//! who saw what.
//!
//! What nobody does is said once, and again only when it ceases: a story tells news. A choice that
//! nothing reads in a period, since no rule that could heed it fires, is left out.

use std::collections::{BTreeMap, BTreeSet};

use indexmap::{IndexMap, IndexSet};
use serde_json::Value;

use crate::report::irrelevant::after;
use crate::report::outcome::PeriodReport;

use super::glossary::Glossary;
use super::words::{self, Done, act, capital, human, list, post, split};

/// Longer lists of members are cut.
const MOST_MEMBERS: usize = 6;

/// A run to be told.
pub(super) struct Narrator<'a> {
    pub glossary: &'a Glossary<'a>,
    pub periods: &'a [PeriodReport],
    /// The period to which the last one leads back.
    pub loop_start: Option<usize>,
    /// Whose view is told.
    pub judges: &'a [String],
}

impl Narrator<'_> {
    /// "At the start evidence is 0 and countdown is 0."
    pub(super) fn start(&self) -> Option<String> {
        let state = self.periods.first()?.bearing().state;
        if state.is_empty() {
            return None;
        }
        Some(format!("At the start {}.", self.state(&state)))
    }

    /// How many periods have something happen in them.
    pub(super) fn steps(&self) -> usize {
        let ends_in_state = self.loop_start.is_none()
            && self.periods.last().is_some_and(PeriodReport::is_state_only);
        if ends_in_state { self.periods.len() - 1 } else { self.periods.len() }
    }

    /// What happens in a period, in sentences; what does not bear on the verdict is left out.
    pub(super) fn period(&self, n: usize) -> Vec<String> {
        let Some(whole) = self.periods.get(n) else { return Vec::new() };
        let period = &whole.bearing();
        let before = n.checked_sub(1).and_then(|before| self.periods.get(before));
        let before = before.map(PeriodReport::bearing);
        let next = after(self.periods, n, self.loop_start);
        let acts = PeriodReport { rules: whole.rules.clone(), ..period.clone() };
        let mut told = self.acts(&acts, before.as_ref());
        told.extend(self.chance(period, before.as_ref()));
        let period = &PeriodReport { state: whole.state.clone(), ..period.clone() };
        told.extend(self.effects(period, next.as_ref()));
        if told.is_empty() && !whole.irrelevant.is_empty() {
            told.push("Nothing happens that bears on this.".to_owned());
        }
        let ticks: Vec<String> = period.ticks.iter().map(|tick| human(tick)).collect();
        if !ticks.is_empty() {
            told.push(format!("The period counts as {}.", article(&list(&ticks, "and"))));
        }
        for judge in self.judges {
            told.extend(self.view(period, judge));
        }
        told
    }

    /// Who did what: a sentence for each post.
    pub(super) fn acts(&self, period: &PeriodReport, before: Option<&PeriodReport>) -> Vec<String> {
        let fired: BTreeSet<&str> = period.rules.iter().map(|rule| split(&rule.name).0).collect();
        let matters = self.glossary.matters(&fired);
        let mut by_owner: IndexMap<&str, Vec<String>> = IndexMap::new();
        for (name, value) in &period.choices {
            let (base, _) = split(name);
            if !matters.contains(base) {
                continue;
            }
            let owner = period.owners.get(name).map_or("", String::as_str);
            let earlier = before.and_then(|before| before.choices.get(name));
            if let Some(deed) = self.deed(name, value, owner, earlier) {
                by_owner.entry(owner).or_default().push(deed + &self.under(period, name));
            }
        }
        let sentence = |(owner, deeds): (&str, Vec<String>)| {
            let who = if owner.is_empty() { "somebody".to_owned() } else { post(owner) };
            format!("{} {}.", capital(&who), list(&words::merged(deeds), "and"))
        };
        by_owner.into_iter().map(sentence).collect()
    }

    /// What somebody does; nothing if it is what was said last: that it is not done.
    fn deed(
        &self,
        name: &str,
        value: &Value,
        owner: &str,
        earlier: Option<&Value>,
    ) -> Option<String> {
        let (base, _) = split(name);
        let object = self.object(name, owner);
        if let Some((campaign, "launch")) = self.glossary.campaign(base) {
            let campaign = format!("the campaign {}", human(campaign));
            return match (value, earlier) {
                (Value::Bool(true), _) => Some(format!("opens {campaign}")),
                (_, None) => Some(format!("does not open {campaign}")),
                _ => None,
            };
        }
        match (value, earlier) {
            (Value::Bool(true), _) => Some(act(base, &object, Done::Yes)),
            (Value::Bool(false), None) => Some(act(base, &object, Done::No)),
            (Value::Bool(false), Some(Value::Bool(true))) => Some(act(base, &object, Done::Ceased)),
            (Value::Bool(false), _) => None,
            (value, _) => {
                let of = if object.is_empty() { object } else { format!(" of {object}") };
                Some(format!("chooses {} as {}{of}", words::value(value), human(base)))
            }
        }
    }

    /// Whom a choice is about, if not its owner.
    fn object(&self, name: &str, owner: &str) -> String {
        let own = post(owner);
        let members = self.glossary.members(name);
        list(&members.into_iter().filter(|member| *member != own).collect::<Vec<_>>(), "and")
    }

    /// The practice that prescribes a choice.
    fn under(&self, period: &PeriodReport, name: &str) -> String {
        let (choice, _) = split(name);
        let prescribing =
            period.rules.iter().find(|rule| self.glossary.prescribes(split(&rule.name).0, choice));
        let Some(rule) = prescribing else { return String::new() };
        let practice = self.glossary.rule_phrase(split(&rule.name).0);
        match rule.ties.first() {
            Some(ties) => format!(", by {practice} (it leaves open {})", words::spelt(ties)),
            None => format!(", by {practice}"),
        }
    }

    /// What nature drew.
    fn chance(&self, period: &PeriodReport, before: Option<&PeriodReport>) -> Option<String> {
        let mut drawn: Vec<String> = Vec::new();
        for (name, value) in &period.env {
            let earlier = before.and_then(|before| before.env.get(name));
            let place = self.glossary.place(name);
            match (value, earlier) {
                (Value::Bool(true), _) => drawn.push(place),
                (Value::Bool(false), None | Some(Value::Bool(true))) => {
                    drawn.push(format!("no {place}"))
                }
                (Value::Bool(false), _) => {}
                (value, _) => drawn.push(format!("{} as {place}", words::value(value))),
            }
        }
        for (name, value) in &period.draws {
            let cell = name.split_once('.').map_or(name.as_str(), |(_, cell)| cell);
            drawn.push(format!("{} for {}", words::value(value), human(split(cell).0)));
        }
        (!drawn.is_empty()).then(|| format!("Chance brings {}.", list(&drawn, "and")))
    }

    /// What the rules and practices did.
    fn effects(&self, period: &PeriodReport, next: Option<&PeriodReport>) -> Vec<String> {
        let fired: IndexSet<&str> = period.rules.iter().map(|rule| split(&rule.name).0).collect();
        let mut by_rules: IndexMap<Vec<&str>, Vec<String>> = IndexMap::new();
        let mut idle = fired.clone();
        for (base, change) in next.iter().flat_map(|next| self.changes(&period.state, &next.state))
        {
            let writers: Vec<&str> = fired
                .iter()
                .copied()
                .filter(|rule| self.glossary.writes(rule).contains(&base))
                .collect();
            writers.iter().for_each(|rule| {
                idle.shift_remove(rule);
            });
            by_rules.entry(writers).or_default().push(change);
        }
        let mut told: Vec<String> = by_rules
            .into_iter()
            .map(|(rules, changes)| match rules.as_slice() {
                [] => format!("{}.", capital(&list(&changes, "and"))),
                rules if self.of_campaign(rules) => {
                    format!("{}.", capital(&list(&changes, "and")))
                }
                rules => format!("By {}, {}.", self.phrase(rules), list(&changes, "and")),
            })
            .collect();
        if next.is_some() {
            told.extend(idle.iter().filter_map(|rule| self.idle(rule, &period.state)));
        }
        told
    }

    /// Whether the rules are those by which a campaign runs, which go without saying.
    fn of_campaign(&self, rules: &[&str]) -> bool {
        rules.iter().all(|rule| self.glossary.campaign(rule).is_some())
    }

    fn phrase(&self, rules: &[&str]) -> String {
        list(&rules.iter().map(|rule| self.glossary.rule_phrase(rule)).collect::<Vec<_>>(), "and")
    }

    /// A rule that fired and changed nothing.
    fn idle(&self, rule: &str, state: &IndexMap<String, Value>) -> Option<String> {
        let written = self.glossary.writes(rule);
        if written.is_empty() {
            return None;
        }
        let stays = |cell: &&str| match state.get(*cell) {
            Some(Value::Bool(true)) => format!("{} holding", human(cell)),
            Some(Value::Bool(false)) => format!("{} not holding", human(cell)),
            Some(value) => format!("{} at {}", human(cell), words::value(value)),
            None => format!("{} as it is", human(cell)),
        };
        let stay: Vec<String> = written.iter().map(stays).collect();
        Some(format!(
            "{} leaves {}.",
            capital(&self.glossary.rule_phrase(rule)),
            list(&stay, "and")
        ))
    }

    /// The cells that change, each with what becomes of it; members that change alike together.
    pub(super) fn changes<'b>(
        &self,
        before: &'b IndexMap<String, Value>,
        after: &IndexMap<String, Value>,
    ) -> Vec<(&'b str, String)> {
        let mut alike: IndexMap<(&str, String), Vec<String>> = IndexMap::new();
        for (name, old) in before {
            let Some(new) = after.get(name).filter(|new| *new != old) else { continue };
            let (base, _) = split(name);
            let members = list(&self.glossary.members(name), "and");
            alike.entry((base, becomes(base, old, new))).or_default().push(members);
        }
        let told = |((base, becomes), members): ((&'b str, String), Vec<String>)| {
            let of = match several(&members) {
                members if members.is_empty() => String::new(),
                members => format!(" of {members}"),
            };
            (base, subject(base, &of) + &becomes)
        };
        alike.into_iter().map(told).collect()
    }

    /// "All that the centre sees: launch yes, visiting no."
    pub(super) fn view(&self, period: &PeriodReport, judge: &str) -> Option<String> {
        let seen = period.seen.get(judge)?;
        let who = capital(&post(judge));
        Some(match seen.is_empty() {
            true => format!("{who} sees nothing."),
            false => format!("{who} sees {}.", list(&sights(seen), "and")),
        })
    }

    /// Cells and their values; members with the same value together.
    pub(super) fn state(&self, state: &IndexMap<String, Value>) -> String {
        let mut alike: IndexMap<(&str, String), Vec<String>> = IndexMap::new();
        for (name, value) in state {
            let (base, _) = split(name);
            let members = list(&self.glossary.members(name), "and");
            alike.entry((base, is(base, value))).or_default().push(members);
        }
        let told = alike.into_iter().map(|((base, is), members)| {
            let of = match several(&members) {
                members if members.is_empty() => String::new(),
                members => format!(" of {members}"),
            };
            subject(base, &of) + &is
        });
        list(&told.collect::<Vec<_>>(), "and")
    }
}

/// What a judge sees, one thing after the other.
pub(super) fn sights(seen: &IndexMap<String, Value>) -> Vec<String> {
    let sight = |(what, value): (&String, &Value)| match value {
        Value::Bool(true) => words::spelt(what),
        Value::Bool(false) => format!("no {}", words::spelt(what)),
        value => format!("{} at {}", words::spelt(what), words::value(value)),
    };
    seen.iter().map(sight).collect()
}

/// Periods with the same sentences are told together: "Periods 1 to 4. …"
pub(super) fn together(told: &[Vec<String>]) -> Vec<String> {
    let mut lines: Vec<(usize, usize, String)> = Vec::new();
    for (n, sentences) in told.iter().enumerate() {
        let text = match sentences.is_empty() {
            true => "Nothing happens.".to_owned(),
            false => sentences.join(" "),
        };
        match lines.last_mut() {
            Some((_, last, same)) if *same == text => *last = n,
            _ => lines.push((n, n, text)),
        }
    }
    let line = |(first, last, text): (usize, usize, String)| match last == first {
        true => format!("Period {first}. {text}"),
        false => format!("Periods {first} to {last}. {text}"),
    };
    lines.into_iter().map(line).collect()
}

/// The phase of a campaign is told as the campaign's own doing.
fn subject(base: &str, of: &str) -> String {
    match base.strip_suffix(".phase") {
        Some(campaign) => format!("the campaign {}{of} ", human(campaign)),
        None => format!("{}{of} ", human(base)),
    }
}

fn becomes(base: &str, old: &Value, new: &Value) -> String {
    if let (true, Some(phase)) = (base.ends_with(".phase"), new.as_str()) {
        return match phase {
            "announced" => "is announced".to_owned(),
            "active" => "gets under way".to_owned(),
            "idle" => "is over".to_owned(),
            other => format!("is {}", human(other)),
        };
    }
    match (old, new) {
        (_, Value::Bool(true)) => "comes to hold".to_owned(),
        (_, Value::Bool(false)) => "ceases to hold".to_owned(),
        (Value::Number(a), Value::Number(b)) => {
            let rises = a.as_f64().zip(b.as_f64()).is_some_and(|(a, b)| b > a);
            format!("{} from {a} to {b}", if rises { "rises" } else { "falls" })
        }
        _ => format!("goes from {} to {}", words::value(old), words::value(new)),
    }
}

fn is(base: &str, value: &Value) -> String {
    match value {
        Value::Bool(true) => "holds".to_owned(),
        Value::Bool(false) => "does not hold".to_owned(),
        Value::String(phase) if base.ends_with(".phase") && phase == "active" => {
            "is under way".to_owned()
        }
        value => format!("is {}", words::value(value)),
    }
}

/// Members as a list; empty for a plain cell.
fn several(members: &[String]) -> String {
    let named: Vec<String> = members.iter().filter(|member| !member.is_empty()).cloned().collect();
    match named.get(..MOST_MEMBERS) {
        Some(first) if named.len() > MOST_MEMBERS => {
            format!("{} and {} more", first.join(", "), named.len() - MOST_MEMBERS)
        }
        _ => list(&named, "and"),
    }
}

fn article(noun: &str) -> String {
    let vowel = noun.starts_with(['a', 'e', 'i', 'o', 'u']);
    format!("{} {noun}", if vowel { "an" } else { "a" })
}

/// What differs between two periods' choices, as the other run has them.
pub(super) fn departures(one: &PeriodReport, other: &PeriodReport) -> BTreeMap<String, Value> {
    let differs = |(name, value): (&String, &Value)| {
        (one.choices.get(name) != Some(value)).then(|| (name.clone(), value.clone()))
    };
    other.choices.iter().filter_map(differs).collect()
}
