//! Re-execution of two runs that are to look the same to a judge.
//!
//! A claim of knowledge is refuted by a run together with another that looks the same to the judge and
//! does not have what is to be known. Both are executed, what the judge saw is compared period by
//! period, and the claim is judged on the first run, with `C knows p` read as *p of the second run
//! here, or the views differed before here*. Where knowledge stands in a positive place this is fair:
//! if the reading is false, the second run shows that it is not known; if it is true where nothing is
//! known, the claim is only harder to refute. How the pair was found does not matter here.

use std::collections::BTreeMap;

use crate::types::core::{
    Claim, Deadline, Expr, ExprKind, LocalId, Model, Property, TickId, Value,
};
use crate::types::trace::Trace;
use crate::types::visit::{children, children_mut, speaks_of_knowledge};

use super::evaluate::{Known, Reading, Scope};
use super::progress::formula::Truth;
use super::progress::ground::Atom;
use super::progress::{Monitor, Verdict3, lasso};
use super::replay::{Departure, Replayed, rerun};
use super::step::Interpreter;

mod marks;

use marks::{Mark, Marking};

/// Two runs that refute a claim of knowledge.
#[derive(Clone, Debug)]
pub struct Pair {
    /// The run that is judged.
    pub judged: Replayed,
    /// The run that looks the same.
    pub alike: Replayed,
    /// The posts whose knowledge is spoken of, as the spec spells them.
    pub judges: Vec<String>,
    /// The first period after which the views differ, if there is one.
    pub parted: Option<usize>,
    /// For `smallest k`: the largest `k` that the pair refutes; none if it refutes every one.
    pub bound: Option<u32>,
}

/// The largest `k` of `smallest k` that a finite pair is tried for.
const MOST: u32 = 1 << 12;

/// Whether a claim is judged on two runs, or on one that may be its own other.
pub fn is_judged_on_pairs(model: &Model, claim: &Claim) -> bool {
    let sought = matches!(claim.property.kind.as_ref(), ExprKind::Property(Property::Smallest(..)));
    sought || speaks_of_knowledge(model, &claim.property)
}

/// Re-executes two runs and checks that they refute the claim.
///
/// # Errors
/// Where they depart.
pub fn replay(
    model: &Model,
    claim: &Claim,
    judged: &Trace,
    alike: &Trace,
) -> Result<Pair, Departure> {
    if judged.periods.len() != alike.periods.len() || judged.loop_start != alike.loop_start {
        return Err(Departure::new(0, "", "the two runs are not of one length and one loop"));
    }
    if judged.params != alike.params {
        return Err(Departure::new(0, "", "the two runs have different parameters"));
    }
    let (property, sought) = match claim.property.kind.as_ref() {
        ExprKind::Property(Property::Smallest(_, p)) => (p, true),
        _ => (&claim.property, false),
    };
    // Detection without a deadline is about fair runs with all ticks, both of them.
    let unbounded = detects_without_deadline(model, property);
    let one = rerun(model, &claim.assumes, !sought, judged)?;
    let other = rerun(model, &claim.assumes, unbounded, alike).map_err(of_second)?;
    let mut pair =
        Pair { judged: one, alike: other, judges: Vec::new(), parted: None, bound: None };
    if unbounded {
        let ticks = (0..).zip(&model.ticks).map(|(n, _)| TickId(n));
        recur(model, &pair, &ticks.collect::<Vec<_>>())?;
    }
    let looping = judged.loop_start.is_some();
    match (sought, looping) {
        (false, _) => refutes(model, claim, property, &mut pair)?,
        (true, true) => {
            let ticks: Vec<TickId> = counted(property).into_iter().collect();
            recur(model, &Pair { alike: pair.judged.clone(), ..pair.clone() }, &ticks)?;
            refutes(model, claim, &at_bound(property, None), &mut pair)?;
        }
        (true, false) => {
            refutes(model, claim, &at_bound(property, Some(0)), &mut pair)?;
            let mut bound = 0;
            while bound < MOST
                && refutes(model, claim, &at_bound(property, Some(bound + 1)), &mut pair).is_ok()
            {
                bound += 1;
            }
            pair.bound = Some(bound);
        }
    }
    Ok(pair)
}

fn of_second(departure: Departure) -> Departure {
    Departure { text: format!("the run that looks the same: {}", departure.text), ..departure }
}

/// Whether detection without a deadline is claimed.
fn detects_without_deadline(model: &Model, e: &Expr) -> bool {
    match e.kind.as_ref() {
        ExprKind::Property(Property::Detects(_, _, None)) => true,
        ExprKind::Call(define, _) => {
            let define = model.defines.get(define.index());
            define.is_some_and(|define| detects_without_deadline(model, &define.body))
        }
        _ => children(e).into_iter().any(|part| detects_without_deadline(model, part)),
    }
}

/// All these ticks occur in the loop of both runs.
fn recur(model: &Model, pair: &Pair, ticks: &[TickId]) -> Result<(), Departure> {
    let Some(back) = pair.judged.trace.loop_start else { return Ok(()) };
    for run in [&pair.judged, &pair.alike] {
        for tick in ticks {
            let occurs = |told: &super::replay::Told| told.ticks.iter().any(|(t, _)| t == tick);
            if !run.periods.iter().skip(back).any(occurs) {
                let name = model.ticks.get(tick.index()).map_or("", |tick| tick.name.as_str());
                let text = format!("the tick `{name}` does not come again");
                return Err(Departure::new(back, name, text));
            }
        }
    }
    Ok(())
}

/// The tick that the sought deadline counts.
fn counted(e: &Expr) -> Option<TickId> {
    let own = match e.kind.as_ref() {
        ExprKind::Property(property) => property.deadline(),
        _ => None,
    };
    match own {
        Some(deadline) if deadline.bound == Deadline::SOUGHT => deadline.tick,
        _ => children(e).into_iter().find_map(counted),
    }
}

/// The property with this number for the bound that is sought, or with no bound.
fn at_bound(e: &Expr, bound: Option<u32>) -> Expr {
    let mut e = e.clone();
    for part in children_mut(&mut e) {
        *part = at_bound(part, bound);
    }
    if let ExprKind::Property(property) = e.kind.as_mut() {
        match (property, bound) {
            (
                Property::Within(deadline, _)
                | Property::LeadsTo(_, _, Some(deadline))
                | Property::Detects(_, _, Some(deadline)),
                Some(bound),
            ) if deadline.bound == Deadline::SOUGHT => deadline.bound = bound,
            (Property::LeadsTo(_, _, deadline) | Property::Detects(_, _, deadline), None)
                if deadline.is_some_and(|deadline| deadline.bound == Deadline::SOUGHT) =>
            {
                *deadline = None;
            }
            (property @ Property::Within(..), None) => {
                if let Property::Within(deadline, p) = &*property
                    && deadline.bound == Deadline::SOUGHT
                {
                    *property = Property::Eventually(p.clone());
                }
            }
            _ => {}
        }
    }
    e
}

/// Judges the claim on the pair.
fn refutes(
    model: &Model,
    claim: &Claim,
    property: &Expr,
    pair: &mut Pair,
) -> Result<(), Departure> {
    let interpreter = Interpreter::assuming(model, &claim.assumes);
    let params = pair.judged.trace.params.clone();
    let mut marking = Marking {
        model,
        reading: interpreter.reading(&params, &[]),
        judges: Vec::new(),
        marks: BTreeMap::new(),
        next: model.locals,
    };
    let unreadable = |text: &'static str| Departure::new(0, "", text);
    let property = marking.property(property, true).map_err(unreadable)?;
    let Marking { judges, marks, .. } = marking;
    let mut monitor = Monitor::new(model, &property).map_err(|unsupported| {
        let text = format!("this property cannot be replayed: {}", unsupported.fragment);
        Departure::new(0, "", text)
    })?;
    let parted = judges.iter().map(|judge| first_difference(pair, judge)).collect::<Vec<_>>();
    // One judge is enough where only one fails to know; the others are then taken to know it all.
    let one = (0..judges.len()).map(|n| vec![n]);
    let everybody = (0..judges.len()).collect::<Vec<_>>();
    for blind in one.chain([everybody]) {
        let marks = Marks { marks: &marks, parted: &parted, blind: &blind };
        let truths = (0..pair.judged.trace.periods.len())
            .map(|n| truths(&interpreter, &monitor, &marks, pair, n))
            .collect::<Result<Vec<_>, _>>()?;
        let first = blind.iter().filter_map(|n| parted.get(*n).copied().flatten()).min();
        let in_loop = pair.judged.trace.loop_start.zip(first).is_some_and(|(back, n)| n >= back);
        if !in_loop && shows(&mut monitor, &truths, pair) {
            pair.judges = blind.iter().filter_map(|n| judges.get(*n).cloned()).collect();
            pair.parted = first;
            return Ok(());
        }
    }
    let judge = judges.iter().zip(&parted).find_map(|(judge, n)| Some((judge, (*n)?)));
    Err(match judge {
        Some((judge, n)) => sees_more(pair, judge, n),
        None => {
            let last = pair.judged.trace.periods.len().saturating_sub(1);
            Departure::new(last, "", "the two runs do not refute the claim")
        }
    })
}

/// What marks stand for, and who is to be shown not to know.
struct Marks<'a> {
    marks: &'a BTreeMap<LocalId, Mark>,
    /// Of each judge, the first period in which the views differ.
    parted: &'a [Option<usize>],
    blind: &'a [usize],
}

/// Whether the periods so far violate the property, or the lasso does.
fn shows(monitor: &mut Monitor, truths: &[Vec<Truth>], pair: &Pair) -> bool {
    let mut at = monitor.start();
    for (n, period) in truths.iter().enumerate() {
        if monitor.judge(&at, period) == Verdict3::Violated {
            return true;
        }
        if pair.judged.trace.periods.get(n).is_none_or(|period| period.inputs.is_none()) {
            return false;
        }
        match monitor.progress(&at, period) {
            Ok(next) if monitor.verdict(&next) == Verdict3::Violated => return true,
            Ok(next) => at = next,
            Err(_) => return false,
        }
    }
    match pair.judged.trace.loop_start {
        Some(back) => lasso::holds(monitor, truths, back) == Ok(false),
        None => false,
    }
}

/// The first period in which a judge does not see the same in both runs.
fn first_difference(pair: &Pair, judge: &str) -> Option<usize> {
    (0..pair.judged.periods.len()).find(|n| {
        let whole = pair.judged.trace.periods.get(*n).is_some_and(|p| p.inputs.is_some());
        whole && view(&pair.judged, judge, *n) != view(&pair.alike, judge, *n)
    })
}

fn view<'a>(run: &'a Replayed, judge: &str, n: usize) -> Option<&'a Vec<(String, Value)>> {
    run.periods.get(n)?.seen.iter().find(|(who, _)| who == judge).map(|(_, what)| what)
}

/// What a judge sees differently in a period.
fn sees_more(pair: &Pair, judge: &str, n: usize) -> Departure {
    let none = Vec::new();
    let one = view(&pair.judged, judge, n).unwrap_or(&none);
    let other = view(&pair.alike, judge, n).unwrap_or(&none);
    let differs = one.iter().find(|seen| !other.contains(seen)).or(other.first());
    let words = differs.map_or("", |(words, _)| words.as_str());
    let text = format!("`{judge}` does not see the same in both runs: `{words}`");
    Departure::new(n, words, text)
}

/// The truths of a period of the first run, marks read off the pair.
fn truths(
    interpreter: &Interpreter<'_>,
    monitor: &Monitor,
    marks: &Marks<'_>,
    pair: &Pair,
    n: usize,
) -> Result<Vec<Truth>, Departure> {
    let mut bound: Vec<(LocalId, Value)> = Vec::new();
    for (local, mark) in marks.marks {
        let truth = match mark {
            Mark::Parted(judge) if marks.blind.contains(judge) => {
                let first = marks.parted.get(*judge).copied().flatten();
                Truth::from(first.is_some_and(|first| first < n))
            }
            Mark::Parted(_) => Truth::True,
            Mark::Second(expr) => second(interpreter, pair, expr, n)?,
        };
        match truth {
            Truth::True => bound.push((*local, Value::Bool(true))),
            Truth::False => bound.push((*local, Value::Bool(false))),
            Truth::Unknown => {}
        }
    }
    in_period(interpreter, &pair.judged.trace, n, &mut |reading| {
        let (mut truths, _) = monitor.truths(reading);
        for (truth, atom) in truths.iter_mut().zip(monitor.atoms()) {
            let Atom::Present { expr, .. } = atom else { continue };
            if mentions(expr, marks.marks) {
                let held = reading.holds(expr, &mut Scope::of(bound.iter().cloned()));
                *truth = held.map_or(Truth::Unknown, Truth::from);
            }
        }
        truths
    })
}

/// Whether a mark occurs in an expression.
fn mentions(e: &Expr, marks: &BTreeMap<LocalId, Mark>) -> bool {
    match e.kind.as_ref() {
        ExprKind::Local(local) => marks.contains_key(local),
        _ => children(e).into_iter().any(|part| mentions(part, marks)),
    }
}

/// Whether something holds in a period of the second run.
fn second(
    interpreter: &Interpreter<'_>,
    pair: &Pair,
    expr: &Expr,
    n: usize,
) -> Result<Truth, Departure> {
    in_period(interpreter, &pair.alike.trace, n, &mut |reading| {
        reading.holds(expr, &mut Scope::default()).map_or(Truth::Unknown, Truth::from)
    })
}

/// Reads something in a period of a run.
fn in_period<T>(
    interpreter: &Interpreter<'_>,
    trace: &Trace,
    n: usize,
    read: &mut dyn FnMut(&Reading<'_>) -> T,
) -> Result<T, Departure> {
    let missing = || Departure::new(n, "", "there is no such period");
    let period = trace.periods.get(n).ok_or_else(missing)?;
    let state = interpreter.reading(&trace.params, &period.state);
    let Some(inputs) = &period.inputs else { return Ok(read(&state)) };
    let step = interpreter.step(&trace.params, &period.state, inputs);
    let step = step.map_err(|_| Departure::new(n, "", "this period is no step"))?;
    let known = Known(&step.next);
    Ok(read(&Reading { inputs: Some(&inputs.inputs), next: Some(&known), ..state }))
}
