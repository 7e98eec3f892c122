//! A game's positions and steps by the interpreter alone.
//!
//! This is what strategies are replayed with: states are whole, steps are those of
//! [`Interpreter::step`], and nothing of the compiled search is used.

use std::ops::ControlFlow;

use rustc_hash::FxHashMap;

use super::alike::Alike;
use super::goal::Goal;
use super::sight::Sight;
use crate::interp::evaluate::{Known, Reading, Scope};
use crate::interp::explicit::Limits;
use crate::interp::step::Interpreter;
use crate::interp::valuations::{Fixed, Unfinished, valuations_until};
use crate::interp::value::{cardinality, lowest, nth};
use crate::types::core::{Chosen, Level, Value};
use crate::types::trace::Inputs;

use crate::types::level::level;

/// Why a replay was not finished: too much to enumerate, no time left, or the strategy is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// There is too much to enumerate.
    TooMany,
    /// It is no longer wanted, or its time is up.
    Over,
    /// The strategy is not what it claims to be, and how.
    Wrong(String),
}

/// What was seen; `None` where an expression has no value.
pub type Seen = Vec<Option<Value>>;

/// A step of a state.
#[derive(Clone, Debug)]
pub struct PlainStep {
    /// What was drawn.
    pub inputs: Inputs,
    /// The state at the end.
    pub next: Vec<Value>,
    /// The goal's tick occurs.
    pub tick: bool,
    /// What the coalition sees once the period is over.
    pub after: Seen,
    /// What it chose: of each of its slots the value, or nothing where there was no choice.
    pub chosen: Vec<Option<Value>>,
}

/// The interpreter as a game.
pub struct Plain<'m> {
    /// The interpreter.
    pub interpreter: &'m Interpreter<'m>,
    /// The parameters.
    pub params: &'m [Value],
    /// The goal.
    pub goal: &'m Goal,
    /// The coalition's input slots.
    pub owned: &'m [usize],
    /// What the coalition sees, if that counts.
    pub sights: &'m [Sight],
    /// The coalition need not know whether there is a choice.
    pub blind: bool,
    /// How many more steps may be enumerated.
    pub budget: u64,
    /// Until when.
    pub limits: &'m Limits<'m>,
    /// Which states are taken for the same.
    pub alike: Alike,
}

impl Plain<'_> {
    fn spend(&mut self, steps: u64) -> Result<(), Fault> {
        self.budget = self.budget.checked_sub(steps).ok_or(Fault::TooMany)?;
        if self.limits.over() { Err(Fault::Over) } else { Ok(()) }
    }

    /// All first states, as far as they differ in what counts.
    ///
    /// # Errors
    /// When there are too many, or no time is left.
    pub fn firsts(&mut self) -> Result<Vec<Vec<Value>>, Fault> {
        let mut all = Vec::new();
        self.first(&mut Vec::new(), &mut all)?;
        Ok(all)
    }

    fn first(&mut self, state: &mut Vec<Value>, all: &mut Vec<Vec<Value>>) -> Result<(), Fault> {
        self.spend(1)?;
        let interpreter = self.interpreter;
        let Some(slot) = interpreter.layout.cells.get(state.len()) else {
            if interpreter.initial(self.params, state).is_ok() {
                all.push(state.clone());
            }
            return Ok(());
        };
        let Some(cell) = interpreter.model.cells.get(slot.of.index()) else { return Ok(()) };
        let binders = cell.binders.iter().copied().zip(cell.index.iter().copied());
        let mut scope = Scope::members(binders, &slot.member);
        let reading = interpreter.reading(self.params, state);
        let every = || {
            let len = cardinality(interpreter.model, slot.ty).filter(|len| *len <= 1 << 16);
            let len = len.ok_or(Fault::TooMany)?;
            Ok((0..len).filter_map(|n| nth(slot.ty, n)).collect::<Vec<Value>>())
        };
        let counts = self.alike.counts(state.len());
        // What rests on a later cell is tried freely, and checked once the state is whole.
        let candidates = match &cell.initial {
            Some(Chosen::Is(expr)) => match reading.value(expr, &mut scope) {
                Ok(value) => vec![value],
                Err(_) => every()?,
            },
            Some(Chosen::In(set)) => match reading.set(set, &mut scope) {
                Ok(values) => {
                    let most = if counts { 1 << 16 } else { 1 };
                    (0..).map_while(|n| values.nth(n)).take(most).collect()
                }
                Err(_) => every()?,
            },
            None if !counts => vec![lowest(slot.ty)],
            None => every()?,
        };
        let at = state.len();
        for value in candidates {
            state.push(value);
            self.first(state, all)?;
            state.truncate(at);
        }
        Ok(())
    }

    /// The truths of the goal's states.
    ///
    /// # Errors
    /// When one has no value.
    pub fn truths(&self, state: &[Value]) -> Result<Vec<bool>, Fault> {
        let reading = self.interpreter.reading(self.params, state);
        let holds = |p| reading.holds(p, &mut Scope::default());
        let truths: Result<Vec<bool>, _> = self.goal.states.iter().map(holds).collect();
        truths.map_err(|_| Fault::Wrong("the goal has no value in some state".to_owned()))
    }

    /// What the coalition sees before it moves.
    pub fn before(&self, state: &[Value]) -> Seen {
        let reading = self.interpreter.reading(self.params, state);
        view(&reading, self.sights, true)
    }

    /// Whether there is a choice of an owned slot, if the state alone tells.
    fn open(&self, state: &[Value], slot: usize) -> Option<bool> {
        let place = self.interpreter.layout.inputs.get(slot)?;
        let input = self.interpreter.model.inputs.get(place.of.index())?;
        let Some(when) = &input.when else { return Some(true) };
        if level(self.interpreter.model, when) > Level::State {
            return None;
        }
        let binders = input.binders.iter().copied().zip(input.index.iter().copied());
        let mut scope = Scope::members(binders, &place.member);
        self.interpreter.reading(self.params, state).holds(when, &mut scope).ok()
    }

    /// All steps of a state that go with a plan for some of the owned slots.
    ///
    /// # Errors
    /// When there are too many, or no time is left.
    pub fn steps(
        &mut self,
        state: &[Value],
        plan: &[(usize, Option<Value>)],
        reply: &Fixed,
    ) -> Result<Vec<PlainStep>, Fault> {
        let mut fixed = reply.clone();
        for (slot, planned) in plan {
            if let (Some(value), Some(true)) = (planned, self.open(state, *slot)) {
                fixed.inputs.push((*slot, value.clone()));
            }
        }
        let mut found = Vec::new();
        let (interpreter, params, limits) = (self.interpreter, self.params, self.limits);
        let mut visit = |inputs: &Inputs, step: Result<crate::interp::step::Step, _>| {
            if let Ok(step) = step {
                found.push((inputs.clone(), step));
            }
            ControlFlow::Continue(())
        };
        let bound = self.budget.min(1 << 22);
        let over = || limits.over();
        valuations_until(interpreter, params, state, &fixed, bound, &over, &mut visit)
            .map_err(|why| if why == Unfinished::Stopped { Fault::Over } else { Fault::TooMany })?;
        self.spend(1 + found.len() as u64)?;
        let steps = found.into_iter().map(|(inputs, step)| self.told(state, inputs, step));
        let goes = |step: &PlainStep| {
            plan.iter().all(|(slot, planned)| {
                let at = self.owned.iter().position(|owned| owned == slot);
                let chosen = at.and_then(|at| step.chosen.get(at)).and_then(Option::as_ref);
                planned.is_none() || chosen.is_none() || chosen == planned.as_ref()
            })
        };
        Ok(steps.filter(goes).collect())
    }

    fn told(&self, state: &[Value], inputs: Inputs, step: crate::interp::step::Step) -> PlainStep {
        let known = Known(&step.next);
        let reading = Reading {
            inputs: Some(&inputs.inputs),
            next: Some(&known),
            ..self.interpreter.reading(self.params, state)
        };
        let after = view(&reading, self.sights, false);
        let tick = self.goal.tick().is_some_and(|tick| step.ticks.contains(&tick));
        let chosen = self.owned.iter().map(|slot| self.chosen(&reading, state, *slot, &inputs));
        let chosen = chosen.collect();
        PlainStep { next: step.next, tick, after, chosen, inputs }
    }

    fn chosen(
        &self,
        reading: &Reading<'_>,
        state: &[Value],
        slot: usize,
        inputs: &Inputs,
    ) -> Option<Value> {
        let value = inputs.inputs.get(slot).cloned();
        if let Some(open) = self.open(state, slot) {
            return if open || !self.blind { value } else { None };
        }
        let place = self.interpreter.layout.inputs.get(slot)?;
        let input = self.interpreter.model.inputs.get(place.of.index())?;
        let binders = input.binders.iter().copied().zip(input.index.iter().copied());
        let mut scope = Scope::members(binders, &place.member);
        let when = input.when.as_ref()?;
        reading.holds(when, &mut scope).ok().filter(|open| *open).and(value)
    }
}

fn view(reading: &Reading<'_>, sights: &[Sight], before: bool) -> Seen {
    let sights = sights.iter().filter(|sight| sight.before == before);
    sights.map(|sight| reading.value(&sight.expr, &mut Scope::default()).ok()).collect()
}

/// Numbers for things met.
pub struct Numbers<T> {
    known: FxHashMap<T, usize>,
    /// The things, by number.
    pub all: Vec<T>,
}

impl<T: Clone + Eq + std::hash::Hash> Numbers<T> {
    /// Nothing met.
    pub fn new() -> Self {
        Numbers { known: FxHashMap::default(), all: Vec::new() }
    }

    /// The number of a thing.
    pub fn of(&mut self, thing: T) -> usize {
        let next = self.all.len();
        let number = *self.known.entry(thing.clone()).or_insert(next);
        if number == next {
            self.all.push(thing);
        }
        number
    }
}

impl<T: Clone + Eq + std::hash::Hash> Default for Numbers<T> {
    fn default() -> Self {
        Numbers::new()
    }
}
