//! Two runs as one story: what happens, what would have happened, and that the judge could not tell.

use crate::report::outcome::{Entry, PeriodReport, TraceKind, TraceReport};
use crate::syntax::ast::{Expr, ExprKind, UnaryOp};

use super::glossary::Glossary;
use super::reading::reading;
use super::run::{Narrator, departures, sights, together};
use super::words::{capital, human, list, never, post, small, split};

/// The whole story.
pub(super) fn pair(
    trace: &TraceReport,
    twin: &[PeriodReport],
    glossary: &Glossary<'_>,
    entry: &Entry,
) -> Vec<String> {
    let narrator =
        |periods| Narrator { glossary, periods, loop_start: trace.loop_start, judges: &[] };
    let (one, other) = (narrator(&trace.periods), narrator(twin));
    let who = judges(&trace.judges);
    let deviation = trace.kind == TraceKind::Deviation;
    let mut told = vec![match deviation {
        true => format!(
            "All others do the same in two runs. In the first {who} does as practised; in the other it \
             departs from that."
        ),
        false => format!("Two runs begin, and {who} cannot tell which of them is the real one."),
    }];
    told.extend(one.start());
    let steps = one.steps().max(other.steps());
    let committed = committed(glossary, entry, &trace.periods);
    let periods: Vec<Vec<String>> = (0..steps)
        .map(|n| {
            let mut sentences = one.period(n);
            if committed == Some(n) && !deviation {
                sentences.push(format!("It is this that {who} is to know of."));
            }
            sentences.extend(in_the_other(&one, &other, n));
            if !deviation {
                sentences.extend(looks(trace, twin, n));
            }
            sentences
        })
        .collect();
    told.extend(together(&periods));
    if let Some(start) = trace.loop_start {
        told.push(format!("{}.", super::repeats(start, trace.periods.len())));
    }
    told.push(match deviation {
        true => format!("In sum, departing has earned {who} more."),
        false => innocent(glossary, entry, &who, trace.loop_start.is_some()),
    });
    told
}

/// "the centre", "the centre and the board"
fn judges(judges: &[String]) -> String {
    match judges {
        [] => "the judge".to_owned(),
        judges => list(&judges.iter().map(|judge| post(judge)).collect::<Vec<_>>(), "and"),
    }
}

/// What the other run has different in a period.
fn in_the_other(one: &Narrator<'_>, other: &Narrator<'_>, n: usize) -> Option<String> {
    let (first, second) = (one.periods.get(n)?, other.periods.get(n)?);
    let mut differs = second.clone();
    let departing = departures(first, second);
    differs.choices.retain(|name, _| departing.contains_key(name));
    let mut told = other.acts(&differs, None);
    let changes = |narrator: &Narrator<'_>, period: &PeriodReport| {
        let next =
            narrator.periods.get(n + 1).or_else(|| narrator.periods.get(narrator.loop_start?));
        let changes = next.map(|next| narrator.changes(&period.state, &next.state));
        changes.unwrap_or_default().into_iter().map(|(_, change)| change).collect::<Vec<_>>()
    };
    let here = changes(one, first);
    let there = changes(other, second);
    let own: Vec<String> = there.iter().filter(|change| !here.contains(change)).cloned().collect();
    if !own.is_empty() {
        told.push(format!("{}.", capital(&list(&own, "and"))));
    } else if !here.is_empty() && there.is_empty() {
        told.push("Nothing changes by that.".to_owned());
    }
    (!told.is_empty()).then(|| format!("In the other run {}", small(&told.join(" "))))
}

/// What the judges see of both.
fn looks(trace: &TraceReport, twin: &[PeriodReport], n: usize) -> Vec<String> {
    let (Some(one), Some(two)) = (trace.periods.get(n), twin.get(n)) else { return Vec::new() };
    let of_judge = |judge: &String| {
        let (seen, also) = (one.seen.get(judge)?, two.seen.get(judge)?);
        let who = capital(&post(judge));
        Some(match (seen == also, seen.is_empty()) {
            (true, true) => format!("{who} sees nothing of either."),
            (true, false) => {
                format!("{who} sees the same in both: {}.", list(&sights(seen), "and"))
            }
            (false, _) => format!("{who} does not see the same any more, but too late."),
        })
    };
    trace.judges.iter().filter_map(of_judge).collect()
}

/// Whose innocence could not be told from guilt.
fn innocent(glossary: &Glossary<'_>, entry: &Entry, who: &str, for_ever: bool) -> String {
    let long = if for_ever { ", for ever" } else { "" };
    let fault = glossary.claim(&entry.id).and_then(|claim| fault(&claim.property));
    let told = match &fault {
        Some(Fault { what, once: true }) => match chooser(glossary, what) {
            Some((chooser, name)) => format!("{} that {}", article(&chooser), never(&name)),
            None => format!("A run in which it was never so that {}", reading(what, glossary)),
        },
        Some(Fault { what, once: false }) => {
            format!("A run in which it is not so that {}", reading(what, glossary))
        }
        None => "A run in which what is to be known is not so".to_owned(),
    };
    format!("{told} would have looked the same to {who}{long}.")
}

/// The first period in which the fault is chosen, or stands, where it is as simple as that.
fn committed(glossary: &Glossary<'_>, entry: &Entry, periods: &[PeriodReport]) -> Option<usize> {
    let claim = glossary.claim(&entry.id)?;
    let fault = fault(&claim.property)?;
    let (ExprKind::Name(name) | ExprKind::Index(name, _)) = &*fault.what.kind else { return None };
    let holds = |values: &indexmap::IndexMap<String, serde_json::Value>| {
        values.iter().any(|(own, value)| split(own).0 == name.text && *value == true)
    };
    periods.iter().position(|period| holds(&period.choices) || holds(&period.state))
}

/// What is to be known.
struct Fault<'a> {
    what: &'a Expr,
    /// That it was so at some time.
    once: bool,
}

/// The first thing that somebody is to know.
fn fault(e: &Expr) -> Option<Fault<'_>> {
    match &*e.kind {
        ExprKind::Knows(_, what) => Some(match &*what.kind {
            ExprKind::Unary(UnaryOp::Once, what) => Fault { what, once: true },
            _ => Fault { what, once: false },
        }),
        ExprKind::Detects(_, what, _) => Some(Fault { what, once: true }),
        ExprKind::Unary(_, a) | ExprKind::Within(_, a) | ExprKind::Smallest(_, a) => fault(a),
        ExprKind::Quantified(_, _, _, a) => fault(a),
        ExprKind::Binary(_, a, b) | ExprKind::LeadsTo(a, b, _) => fault(a).or_else(|| fault(b)),
        _ => None,
    }
}

/// Who chooses, if the fault is somebody's choice: "site" and the choice's name.
fn chooser(glossary: &Glossary<'_>, what: &Expr) -> Option<(String, String)> {
    let name = match &*what.kind {
        ExprKind::Name(name) | ExprKind::Index(name, _) => &name.text,
        _ => return None,
    };
    let input = glossary.input(name)?;
    let owner = match &*input.owner.as_ref()?.kind {
        ExprKind::Name(owner) => &owner.text,
        ExprKind::Index(owner, _) => &owner.text,
        _ => return None,
    };
    let binder = |owner: &str| {
        let index = input.names.iter().flat_map(|one| &one.index);
        let mut bound = index.filter(|binder| binder.var.as_ref().is_some_and(|v| v.text == owner));
        bound.next().map(|binder| binder.sort.text.clone())
    };
    let sort = binder(owner).unwrap_or_else(|| owner.clone());
    Some((human(split(&sort).0), name.clone()))
}

fn article(noun: &str) -> String {
    let vowel = noun.starts_with(['a', 'e', 'i', 'o', 'u']);
    format!("{} {noun}", if vowel { "An" } else { "A" })
}
