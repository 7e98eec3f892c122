//! What of a run bears on the verdict that it shows: a dynamic slice.
//!
//! Backwards from the periods in which the violation shows, everything is kept whose value it rests
//! on: what the property reads, what the rules read that wrote that, what kept other rules from
//! writing it, the practices by which a choice was made (Korel and Laski, *Dynamic program slicing*,
//! 1988; Agrawal and Horgan, 1990). The one idea is that a kept value comes with reads that
//! *suffice* for it: every run that follows the rules, at the same parameters, and agrees with this
//! one on the first values, choices and draws that are kept, agrees on all that is kept, and so is a
//! violation as well. Assumptions and fairness are not followed: they say which runs there are.
//!
//! It works on the interpreter's own evaluation of a replayed run and decides nothing. Where it
//! cannot tell (a property that is not judged on one run, too much to look through) it says so, and
//! everything is kept.

mod causes;
mod reads;
mod violation;

use std::collections::BTreeSet;

use crate::types::core::{Expr, Model, RuleId, TickId, Value};
use crate::types::trace::{Inputs, Trace};

use self::reads::Why;
use super::evaluate::{Known, Next, Reading};
use super::replay::refuted_by;
use super::step::Interpreter;

/// Something in a period of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Item {
    /// The period.
    period: usize,
    /// What of it.
    what: What,
}

/// What a period has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum What {
    /// The value of a cell's slot at its start.
    Cell(usize),
    /// A choice, or what the environment did.
    Input(usize),
    /// A nondeterministic write.
    Draw(usize),
    /// A rule instance fired.
    Fired(usize),
    /// A tick occurred.
    Tick(TickId),
}

/// What of a period bears.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bears {
    /// Cells at its start, by slot.
    pub cells: BTreeSet<usize>,
    /// Choices and environment, by slot.
    pub inputs: BTreeSet<usize>,
    /// Nondeterministic writes, by slot.
    pub draws: BTreeSet<usize>,
    /// Rule instances that fired.
    pub fired: BTreeSet<(RuleId, Vec<u32>)>,
    /// Ticks that occurred.
    pub ticks: BTreeSet<TickId>,
}

/// Most expressions that are looked at for one run.
const MOST: u64 = 1 << 22;

/// What bears on the violation of a property (on reaching what one that says `possible` wants),
/// period by period; nothing if that cannot be told. The run has been replayed, its draws are there.
pub fn bearing(model: &Model, property: &Expr, trace: &Trace) -> Option<Vec<Bears>> {
    // Where the periods by themselves show it, it does not matter that they repeat.
    let path = trace.loop_start.map(|_| Trace { loop_start: None, ..trace.clone() });
    let short = path.and_then(|path| sliced(model, property, &path));
    short.or_else(|| sliced(model, property, trace))
}

fn sliced(model: &Model, property: &Expr, trace: &Trace) -> Option<Vec<Bears>> {
    let interpreter = Interpreter::new(model);
    let ends = ends(&interpreter, trace)?;
    let ends: Vec<Option<Known<'_>>> = ends.iter().map(|end| end.as_deref().map(Known)).collect();
    let run = Run { interpreter: &interpreter, trace, ends: &ends };
    let mut slice = Slice { kept: BTreeSet::new(), left: std::cell::Cell::new(MOST) };
    let mut open = violation::shows(&run, &slice, &refuted_by(property))?;
    slice.kept.clone_from(&open);
    while let Some(item) = open.pop_last() {
        for cause in causes::of(&run, &slice, item)? {
            if slice.kept.insert(cause) {
                open.insert(cause);
            }
        }
    }
    Some(told(&run, &slice.kept))
}

/// The state at the end of each period that has one.
fn ends(interpreter: &Interpreter<'_>, trace: &Trace) -> Option<Vec<Option<Vec<Value>>>> {
    let end = |(n, period): (usize, &crate::types::trace::Period)| {
        let Some(inputs) = &period.inputs else { return Some(None) };
        match trace.periods.get(n + 1).or_else(|| trace.periods.get(trace.loop_start?)) {
            Some(after) => Some(Some(after.state.clone())),
            None => Some(Some(interpreter.step(&trace.params, &period.state, inputs).ok()?.next)),
        }
    };
    trace.periods.iter().enumerate().map(end).collect()
}

/// By period, what is kept.
fn told(run: &Run<'_>, kept: &BTreeSet<Item>) -> Vec<Bears> {
    let mut periods = vec![Bears::default(); run.trace.periods.len()];
    for item in kept {
        let Some(period) = periods.get_mut(item.period) else { continue };
        match item.what {
            What::Cell(slot) => drop(period.cells.insert(slot)),
            What::Input(slot) => drop(period.inputs.insert(slot)),
            What::Draw(slot) => drop(period.draws.insert(slot)),
            What::Tick(tick) => drop(period.ticks.insert(tick)),
            What::Fired(n) => {
                let instance = run.interpreter.instances.get(n);
                period.fired.extend(instance.map(|i| (i.rule, i.member.clone())));
            }
        }
    }
    periods
}

/// A run that is looked into.
struct Run<'a> {
    interpreter: &'a Interpreter<'a>,
    trace: &'a Trace,
    ends: &'a [Option<Known<'a>>],
}

impl<'a> Run<'a> {
    fn inputs(&self, period: usize) -> Option<&'a Inputs> {
        self.trace.periods.get(period)?.inputs.as_ref()
    }

    /// The period that begins with the state in which this one ends; past the run's end there may
    /// be one that is its state alone.
    fn after(&self, period: usize) -> usize {
        match self.trace.loop_start {
            Some(start) if period + 1 >= self.trace.periods.len() => start,
            _ => period + 1,
        }
    }

    /// The periods that end in the state with which this one begins.
    fn before(&self, period: usize) -> impl Iterator<Item = usize> + use<> {
        let last = self.trace.periods.len().saturating_sub(1);
        let back = (self.trace.loop_start == Some(period)).then_some(last);
        period.checked_sub(1).into_iter().chain(back)
    }

    /// What expressions of a period may read.
    fn reading(&self, period: usize) -> Option<Reading<'a>> {
        let state = &self.trace.periods.get(period)?.state;
        let end = self.ends.get(period).and_then(Option::as_ref);
        Some(Reading {
            inputs: self.inputs(period).map(|drawn| drawn.inputs.as_slice()),
            next: end.map(|end| end as &dyn Next),
            ..self.interpreter.reading(&self.trace.params, state)
        })
    }

    /// What suffices for the values of a period's expressions.
    fn why<'w>(&'w self, slice: &'w Slice, period: usize) -> Option<Why<'w>> {
        Some(Why { run: self, slice, reading: self.reading(period)?, period })
    }
}

/// What is kept so far.
struct Slice {
    kept: BTreeSet<Item>,
    /// How many expressions may still be looked at.
    left: std::cell::Cell<u64>,
}

impl Slice {
    /// What keeping these as well would cost: a later cell has causes of its own.
    fn cost(&self, items: &BTreeSet<Item>) -> usize {
        let cost = |item: &Item| match item.what {
            What::Cell(_) if item.period > 0 => 2,
            What::Cell(_) | What::Input(_) | What::Draw(_) => 1,
            What::Fired(_) | What::Tick(_) => 0,
        };
        items.iter().filter(|item| !self.kept.contains(item)).map(cost).sum()
    }

    /// Pays for looking at one more expression.
    fn pays(&self) -> Option<()> {
        self.left.set(self.left.get().checked_sub(1)?);
        Some(())
    }
}
