//! Random runs by the interpreter.
//!
//! A period's inputs are drawn uniformly from all that are a step when there are few enough to
//! look at all of them. Otherwise inputs are drawn one after the other, each kept only if some
//! step goes with what was drawn before, so that a run never strays into a period that a better
//! draw would have left open. The same seed gives the same run.

use std::ops::ControlFlow;

use crate::types::core::{Chosen, Model, Param, Type, Value};
use crate::types::domain;
use crate::types::trace::{Inputs, Period, Trace};

use super::evaluate::{Reading, Scope};
use super::replay::{Departure, Goal, replay};
use super::step::{Defect, Interpreter, Step, StepFault, Violation};
use super::valuations::{Fixed, Unfinished, valuations};
use super::value::{Values, cardinality, integer, lowest, nth};

/// Most beginnings of valuations looked at for a uniform draw.
const UNIFORM_BOUND: u64 = 20_000;
/// Most beginnings looked at to find one step.
const FIRST_BOUND: u64 = 4_000;
/// How many first states are tried.
const FIRST_STATES: usize = 20_000;
/// Values of unbounded types are drawn from `0..SMALL`.
const SMALL: u64 = 10;

/// An input slot and the value it is to take.
pub type Wish = (usize, Value);

/// Why a run cannot begin.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoStart {
    /// A parameter has no value and infinitely many to choose from.
    #[error("parameter `{0}` has no value and no finite range")]
    Parameter(String),
    /// No first state was found; what the last one tried breaks.
    #[error("no first state was found in {FIRST_STATES} tries; the last: {0}")]
    State(String),
}

/// Why a run cannot go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Halt {
    /// Nothing may be chosen.
    Stuck,
    /// Whatever is chosen shows a defect, such as these.
    Defective(Vec<Defect>),
    /// No step was found, and not everything was looked at.
    NotFound,
}

/// A run in the making.
pub struct Simulation<'m> {
    /// The interpreter.
    pub interpreter: Interpreter<'m>,
    random: Random,
    params: Vec<Value>,
    state: Vec<Value>,
    periods: Vec<Period>,
}

impl<'m> Simulation<'m> {
    /// Begins a run.
    ///
    /// # Errors
    /// Why it cannot begin.
    pub fn new(model: &'m Model, seed: u64) -> Result<Simulation<'m>, NoStart> {
        let interpreter = Interpreter::new(model);
        let mut random = Random(seed);
        let mut reason = String::new();
        for _ in 0..FIRST_STATES {
            let params = parameters(model, &mut random)?;
            let state = first_state(&interpreter, &params, &mut random);
            match interpreter.initial(&params, &state) {
                Ok(()) => {
                    let periods = Vec::new();
                    return Ok(Simulation { interpreter, random, params, state, periods });
                }
                Err(Violation { text, .. }) => reason = text,
            }
        }
        Err(NoStart::State(reason))
    }

    /// A run that goes on from the end of another.
    ///
    /// # Errors
    /// Where that one departs from the model.
    pub fn after(model: &'m Model, seed: u64, trace: &Trace) -> Result<Simulation<'m>, Departure> {
        let trace = replay(model, Goal::Run, &Trace { loop_start: None, ..trace.clone() })?.trace;
        let interpreter = Interpreter::new(model);
        let (mut periods, params) = (trace.periods, trace.params);
        let state = periods.pop().map(|last| last.state).unwrap_or_default();
        Ok(Simulation { interpreter, random: Random(seed), params, state, periods })
    }

    /// Takes the last period back; false if there is none.
    pub fn undo(&mut self) -> bool {
        let Some(last) = self.periods.pop() else { return false };
        self.state = last.state;
        true
    }

    /// How many periods were played.
    pub fn played(&self) -> usize {
        self.periods.len()
    }

    /// What can be read in the state it has come to.
    pub fn reading(&self) -> Reading<'_> {
        self.interpreter.reading(&self.params, &self.state)
    }

    /// The state it has come to, by cell slot.
    pub fn state(&self) -> &[Value] {
        &self.state
    }

    /// The run so far, with the state it has come to.
    pub fn trace(&self) -> Trace {
        let mut periods = self.periods.clone();
        periods.push(Period { state: self.state.clone(), inputs: None });
        Trace { params: self.params.clone(), periods, loop_start: None }
    }

    /// Plays a period; wishes are granted, in their order, as far as a step goes with them.
    /// Returns which were not.
    ///
    /// # Errors
    /// Why there is no step.
    pub fn step(&mut self, wishes: &[Wish]) -> Result<Vec<Wish>, Halt> {
        let mut fixed = Vec::new();
        let mut denied = Vec::new();
        for wish in wishes {
            fixed.push(wish.clone());
            if !self.may_go_with(&fixed) {
                denied.extend(fixed.pop());
            }
        }
        let (inputs, step) = match self.draw(fixed.clone()) {
            // Beside an unbounded input a wish is granted before it is known to be possible.
            Err(_) if !fixed.is_empty() => {
                denied = wishes.to_vec();
                self.draw(Vec::new())?
            }
            drawn => drawn?,
        };
        let state = std::mem::replace(&mut self.state, step.next);
        self.periods.push(Period { state, inputs: Some(inputs) });
        Ok(denied)
    }

    /// Whether some step goes with what is fixed, or an unbounded input leaves that open.
    fn may_go_with(&mut self, fixed: &[Wish]) -> bool {
        if self.first(fixed).is_some() {
            return true;
        }
        let mut sample = Sample { drawn: None, seen: 0, defects: Vec::new() };
        matches!(self.visit(fixed, FIRST_BOUND, &mut sample), Err(Unfinished::Infinite(_)))
    }

    /// The values that an input slot may take in this period beside what is fixed; empty for a
    /// type too large to list.
    pub fn options(&self, fixed: &[Wish], slot: usize) -> Vec<Value> {
        let Some(ty) = self.interpreter.layout.inputs.get(slot).map(|slot| slot.ty) else {
            return Vec::new();
        };
        let count = cardinality(self.interpreter.model, ty).filter(|count| *count <= 100);
        let may = |value: &Value| {
            let mut all = fixed.to_vec();
            all.push((slot, value.clone()));
            self.first(&all).is_some()
        };
        (0..count.unwrap_or(0)).filter_map(|n| nth(ty, n)).filter(may).collect()
    }

    /// Draws a step.
    fn draw(&mut self, mut fixed: Vec<Wish>) -> Result<(Inputs, Step), Halt> {
        for _ in 0..=self.interpreter.layout.inputs.len() {
            let mut sample = Sample { drawn: None, seen: 0, defects: Vec::new() };
            let end = self.visit(&fixed, UNIFORM_BOUND, &mut sample);
            match (end, sample.drawn) {
                (Ok(()), Some(step)) => return Ok(step),
                (Ok(()), None) if sample.defects.is_empty() => return Err(Halt::Stuck),
                (Ok(()), None) => return Err(Halt::Defective(sample.defects)),
                (Err(Unfinished::Infinite(name)), _) => self.bound(&name, &mut fixed)?,
                (Err(_), found) => return self.one_by_one(fixed, found),
            }
        }
        Err(Halt::NotFound)
    }

    /// Gives an input of an unbounded type some small value.
    fn bound(&mut self, name: &str, fixed: &mut Vec<Wish>) -> Result<(), Halt> {
        let slots = &self.interpreter.layout.inputs;
        let Some(at) = slots.iter().position(|slot| slot.name == name) else {
            return Err(Halt::NotFound);
        };
        let ty = slots.get(at).map_or(Type::Bool, |slot| slot.ty);
        let start = self.random.below(SMALL);
        for n in 0..SMALL {
            fixed.push((at, small(ty, (start + n) % SMALL)));
            // More unbounded inputs may come after this one: then it may stay.
            let mut sample = Sample { drawn: None, seen: 0, defects: Vec::new() };
            match self.visit(fixed, FIRST_BOUND, &mut sample) {
                Err(Unfinished::Infinite(_)) => return Ok(()),
                _ if sample.drawn.is_some() => return Ok(()),
                _ => drop(fixed.pop()),
            }
        }
        Err(Halt::NotFound)
    }

    /// Draws input after input, keeping what some step goes with.
    fn one_by_one(
        &mut self,
        mut fixed: Vec<Wish>,
        mut found: Option<(Inputs, Step)>,
    ) -> Result<(Inputs, Step), Halt> {
        let slots = self.interpreter.layout.inputs.len();
        for at in self.random.order(slots) {
            let Some(ty) = self.interpreter.layout.inputs.get(at).map(|slot| slot.ty) else {
                continue;
            };
            let Some(count) = cardinality(self.interpreter.model, ty) else { continue };
            let Some(value) = nth(ty, self.random.below(count)) else { continue };
            if fixed.iter().any(|(slot, _)| *slot == at) {
                continue;
            }
            fixed.push((at, value));
            match self.first(&fixed) {
                Some(step) => found = Some(step),
                None => drop(fixed.pop()),
            }
        }
        found.or_else(|| self.first(&fixed)).ok_or(Halt::NotFound)
    }

    /// Some step that goes with what is fixed, if one is soon found.
    fn first(&self, fixed: &[Wish]) -> Option<(Inputs, Step)> {
        let mut found = None;
        let mut visit = |inputs: &Inputs, step: Result<Step, StepFault>| match step {
            Ok(step) => {
                found = Some((inputs.clone(), step));
                ControlFlow::Break(())
            }
            Err(_) => ControlFlow::Continue(()),
        };
        let _ = valuations(
            &self.interpreter,
            &self.params,
            &self.state,
            &Fixed { inputs: fixed.to_vec(), draws: Vec::new() },
            FIRST_BOUND,
            &mut visit,
        );
        found
    }

    /// Looks at steps and keeps each with equal chance.
    fn visit(&mut self, fixed: &[Wish], bound: u64, sample: &mut Sample) -> Result<(), Unfinished> {
        let random = &mut self.random;
        let mut visit = |inputs: &Inputs, step: Result<Step, StepFault>| {
            match step {
                Ok(step) => {
                    sample.seen += 1;
                    if random.below(sample.seen) == 0 {
                        sample.drawn = Some((inputs.clone(), step));
                    }
                }
                Err(StepFault::Defective(defects)) => sample.defects = defects,
                Err(StepFault::NotAStep(_)) => {}
            }
            ControlFlow::Continue(())
        };
        let fixed = Fixed { inputs: fixed.to_vec(), draws: Vec::new() };
        valuations(&self.interpreter, &self.params, &self.state, &fixed, bound, &mut visit)
    }
}

/// What a look at the steps of a period gave.
struct Sample {
    drawn: Option<(Inputs, Step)>,
    seen: u64,
    defects: Vec<Defect>,
}

/// Values of the parameters: their own, or any of their type.
fn parameters(model: &Model, random: &mut Random) -> Result<Vec<Value>, NoStart> {
    let one = |(id, param): (u32, &Param)| match &param.value {
        Some(value) => Ok(value.clone()),
        None => {
            let values = domain(model, crate::types::core::ParamId(id)).unwrap_or_default();
            let nth = usize::try_from(random.below(values.len() as u64)).unwrap_or(0);
            values.get(nth).cloned().ok_or_else(|| NoStart::Parameter(param.name.clone()))
        }
    };
    (0..).zip(&model.params).map(one).collect()
}

/// A state that may be a first one: cells with a given value have that.
fn first_state(interpreter: &Interpreter<'_>, params: &[Value], random: &mut Random) -> Vec<Value> {
    let layout = &interpreter.layout;
    let any = |ty: Type, random: &mut Random| match cardinality(interpreter.model, ty) {
        Some(count) => nth(ty, random.below(count)).unwrap_or_else(|| lowest(ty)),
        None => small(ty, random.below(SMALL)),
    };
    let mut state: Vec<Value> = layout.cells.iter().map(|slot| any(slot.ty, random)).collect();
    // A first value may rest on that of another cell, so that one pass need not be enough.
    for pass in 0..3 {
        for (at, slot) in layout.cells.iter().enumerate() {
            let Some(cell) = interpreter.model.cells.get(slot.of.index()) else { continue };
            let binders = cell.binders.iter().copied().zip(cell.index.iter().copied());
            let mut scope = Scope::members(binders, &slot.member);
            let reading = interpreter.reading(params, &state);
            let value = match &cell.initial {
                Some(Chosen::Is(expr)) => reading.value(expr, &mut scope).ok(),
                Some(Chosen::In(set)) if pass == 0 => {
                    reading.set(set, &mut scope).ok().and_then(|set| random.member(&set))
                }
                _ => None,
            };
            if let (Some(place), Some(value)) = (state.get_mut(at), value) {
                *place = value;
            }
        }
    }
    state
}

/// A small value of an unbounded type.
fn small(ty: Type, n: u64) -> Value {
    match ty {
        Type::Real => Value::Real(num_rational::BigRational::from_integer(n.into())),
        _ => integer(n),
    }
}

/// Splitmix64 (Steele, Lea and Flood 2014): enough for a simulation, and the same everywhere.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `count`; 0 when there is none.
    fn below(&mut self, count: u64) -> u64 {
        let wide = u128::from(self.next()) * u128::from(count);
        u64::try_from(wide >> 64).unwrap_or(0)
    }

    fn member(&mut self, set: &Values) -> Option<Value> {
        set.nth(self.below(set.len()?))
    }

    /// The numbers below `count` in some order.
    fn order(&mut self, count: usize) -> Vec<usize> {
        let mut keyed: Vec<(u64, usize)> = (0..count).map(|n| (self.next(), n)).collect();
        keyed.sort_unstable();
        keyed.into_iter().map(|(_, n)| n).collect()
    }
}
