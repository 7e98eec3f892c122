//! Simulation: one run, drawn at random.
//!
//! Where a period has few valuations, all are looked at and one is drawn uniformly; otherwise
//! values are tried at random, unbounded numbers near the constants of the model and the present
//! state, until one is a step. The same seed gives the same run.

use std::ops::ControlFlow;

use num_bigint::BigInt;
use num_rational::BigRational;

use crate::types::core::{Chosen, Domain, Expr, ExprKind, Model, Type, Value};
use crate::types::trace::{Inputs, Period, Trace};

use super::evaluate::Scope;
use super::reads::parts;
use super::step::{Defect, Interpreter, Step, StepFault};
use super::valuations::{Fixed, Offer, sampled, valuations};
use super::value::{Values, cardinality, nth};

/// SplitMix64 (Steele, Lea and Flood, *Fast splittable pseudorandom number generators*, 2014).
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    /// Numbers that depend on the seed alone.
    pub fn new(seed: u64) -> Random {
        Random(seed)
    }

    fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `n`; 0 if `n` is 0.
    pub fn below(&mut self, n: u64) -> u64 {
        self.draw().checked_rem(n).unwrap_or(0)
    }

    fn shuffle<T>(&mut self, values: &mut [T]) {
        for n in (1..values.len()).rev() {
            let other = usize::try_from(self.below(n as u64 + 1)).unwrap_or(0);
            values.swap(n, other);
        }
    }
}

/// What came of a period.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Moved {
    /// A step; the state is now its end.
    Step(Inputs, Step),
    /// There is no step: nothing may be chosen.
    Stuck,
    /// There would be steps, but not with the choices that were fixed.
    Forbidden,
    /// Every valuation is defective; here is one.
    Defective(Inputs, Vec<Defect>),
    /// No step was found within the bound.
    Unsure,
}

/// A run in the making.
pub struct Simulator<'m> {
    interpreter: Interpreter<'m>,
    params: Vec<Value>,
    state: Vec<Value>,
    periods: Vec<Period>,
    random: Random,
    fixed: Fixed,
    numbers: Vec<BigInt>,
}

/// Most valuations that are all looked at.
const FEW: u64 = 4096;
/// Most beginnings of valuations tried at random.
const TRIES: u64 = 100_000;
/// Most values tried for one slot.
const VALUES: usize = 12;

impl<'m> Simulator<'m> {
    /// A run in a first state drawn at random; `None` if none was found.
    pub fn new(model: &'m Model, params: Vec<Value>, seed: u64) -> Option<Simulator<'m>> {
        let mut simulator = Simulator {
            interpreter: Interpreter::new(model),
            params,
            state: Vec::new(),
            periods: Vec::new(),
            random: Random::new(seed),
            fixed: Fixed::default(),
            numbers: constants(model),
        };
        let mut state = Vec::new();
        simulator.begin(&mut state, &mut TRIES.clone()).then(|| {
            simulator.state = state;
            simulator
        })
    }

    /// The interpreter.
    pub fn interpreter(&self) -> &Interpreter<'m> {
        &self.interpreter
    }

    /// The present state.
    pub fn state(&self) -> &[Value] {
        &self.state
    }

    /// The run so far.
    pub fn trace(&self) -> Trace {
        let mut periods = self.periods.clone();
        periods.push(Period { state: self.state.clone(), inputs: None });
        Trace { params: self.params.clone(), periods, loop_start: None }
    }

    /// Fixes a choice, or every member of a family, wherever there is a choice at all. Whether
    /// there is one of that name.
    pub fn choose(&mut self, name: &str, value: &Value) -> bool {
        let mut found = false;
        let family = |of: &crate::types::core::InputId| {
            let input = self.interpreter.model.inputs.get(of.index());
            input.is_some_and(|input| input.name == name)
        };
        for (n, slot) in self.interpreter.layout.inputs.iter().enumerate() {
            if slot.name == name || family(&slot.of) {
                self.fixed.inputs.retain(|(at, _)| *at != n);
                self.fixed.inputs.push((n, value.clone()));
                found = true;
            }
        }
        found
    }

    /// Forgets all fixed choices.
    pub fn release(&mut self) {
        self.fixed = Fixed::default();
    }

    /// Draws a first state, cell by cell, going back where a constraint fails.
    fn begin(&mut self, state: &mut Vec<Value>, left: &mut u64) -> bool {
        let Some(fewer) = left.checked_sub(1) else { return false };
        *left = fewer;
        let Some(slot) = self.interpreter.layout.cells.get(state.len()) else {
            return self.interpreter.initial(&self.params, state).is_ok();
        };
        if !self.lawful(state) {
            return false;
        }
        let ty = slot.ty;
        let initial = self.first_values(state);
        let values = match initial {
            Some(values) => sample(self.interpreter.model, &mut self.random, &self.numbers, Offer::Among(&values)),
            None => sample(self.interpreter.model, &mut self.random, &self.numbers, Offer::Any(ty)),
        };
        let at = state.len();
        for value in values {
            state.push(value);
            if self.begin(state, left) {
                return true;
            }
            state.truncate(at);
        }
        false
    }

    /// No constraint that already has a value is broken.
    fn lawful(&self, state: &[Value]) -> bool {
        let model = self.interpreter.model;
        let reading = self.interpreter.reading(&self.params, state);
        let assumed = self.interpreter.assumptions.iter().filter(|(_, over_state)| *over_state);
        let all = model.inits.iter().chain(assumed.map(|(assume, _)| &assume.condition));
        all.into_iter().all(|c| reading.holds(c, &mut Scope::default()) != Ok(false))
    }

    fn first_values(&self, state: &[Value]) -> Option<Values> {
        let slot = self.interpreter.layout.cells.get(state.len())?;
        let cell = self.interpreter.model.cells.get(slot.of.index())?;
        let binders = cell.binders.iter().copied().zip(cell.index.iter().copied());
        let mut scope = Scope::members(binders, &slot.member);
        let reading = self.interpreter.reading(&self.params, state);
        match cell.initial.as_ref()? {
            Chosen::Is(e) => reading.value(e, &mut scope).ok().map(|v| Values::Elements(vec![v])),
            Chosen::In(set) => reading.set(set, &mut scope).ok(),
        }
    }

    /// Goes on for one period.
    pub fn step(&mut self) -> Moved {
        let fixed = self.fixed.clone();
        let moved = self.attempt(&fixed);
        if moved == Moved::Stuck && !fixed.inputs.is_empty() {
            let free = self.attempt(&Fixed::default());
            return if free == Moved::Stuck { free } else { Moved::Forbidden };
        }
        if let Moved::Step(inputs, step) = &moved {
            let next = step.next.clone();
            let state = std::mem::replace(&mut self.state, next);
            self.periods.push(Period { state, inputs: Some(inputs.clone()) });
        }
        moved
    }

    fn attempt(&mut self, fixed: &Fixed) -> Moved {
        let mut found = Found::default();
        let few = {
            let mut visit = |inputs: &Inputs, step| found.take(inputs, step);
            let (interpreter, params) = (&self.interpreter, &self.params);
            valuations(interpreter, params, &self.state, fixed, FEW, &mut visit)
        };
        if few.is_ok() {
            return found.draw(&mut self.random, Moved::Stuck);
        }
        let mut first = Found::default();
        {
            let (random, numbers) = (&mut self.random, &self.numbers);
            let mut numbers = numbers.clone();
            numbers.extend(self.state.iter().filter_map(super::value::number).take(8));
            let model = self.interpreter.model;
            let mut sampler = |offer: Offer<'_>| sample(model, random, &numbers, offer);
            let mut visit = |inputs: &Inputs, step: Result<Step, StepFault>| {
                let good = step.is_ok();
                let _ = first.take(inputs, step);
                if good { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            };
            let at = (self.params.as_slice(), self.state.as_slice());
            // Whether it went through all that was sampled says nothing: only what it found does.
            let _ = sampled(&self.interpreter, at, fixed, TRIES, &mut sampler, &mut visit);
        }
        if first.steps.is_empty() && !found.steps.is_empty() {
            first = found;
        }
        first.draw(&mut self.random, Moved::Unsure)
    }
}

/// Valuations found.
#[derive(Default)]
struct Found {
    steps: Vec<(Inputs, Step)>,
    defective: Option<(Inputs, Vec<Defect>)>,
}

impl Found {
    fn take(&mut self, inputs: &Inputs, step: Result<Step, StepFault>) -> ControlFlow<()> {
        match step {
            Ok(step) => self.steps.push((inputs.clone(), step)),
            Err(StepFault::Defective(defects)) => {
                self.defective.get_or_insert((inputs.clone(), defects));
            }
            Err(StepFault::NotAStep(_)) => {}
        }
        ControlFlow::Continue(())
    }

    fn draw(mut self, random: &mut Random, otherwise: Moved) -> Moved {
        let n = usize::try_from(random.below(self.steps.len() as u64)).unwrap_or(0);
        if n < self.steps.len() {
            let (inputs, step) = self.steps.swap_remove(n);
            return Moved::Step(inputs, step);
        }
        match self.defective {
            Some((inputs, defects)) => Moved::Defective(inputs, defects),
            None => otherwise,
        }
    }
}

/// Some values of an offer, in random order.
fn sample(model: &Model, random: &mut Random, numbers: &[BigInt], offer: Offer<'_>) -> Vec<Value> {
    match offer {
        Offer::Any(Type::Int) => {
            (0..VALUES).map(|_| Value::Int(near(random, numbers))).collect()
        }
        Offer::Any(Type::Real) => (0..VALUES)
            .map(|_| {
                let half = BigRational::new(random.below(5).into(), 2.into());
                Value::Real(BigRational::from(near(random, numbers)) + half)
            })
            .collect(),
        Offer::Any(ty) => some(random, cardinality(model, ty), |n| nth(ty, n)),
        Offer::Among(values) => some(random, values.len(), |n| values.nth(n)),
    }
}

fn some(
    random: &mut Random,
    len: Option<u64>,
    value: impl Fn(u64) -> Option<Value>,
) -> Vec<Value> {
    let len = len.unwrap_or(u64::MAX);
    let mut picked: Vec<u64> = if len <= VALUES as u64 {
        (0..len).collect()
    } else {
        (0..VALUES).map(|_| random.below(len)).collect()
    };
    random.shuffle(&mut picked);
    picked.into_iter().filter_map(value).collect()
}

/// A number near one that matters.
fn near(random: &mut Random, numbers: &[BigInt]) -> BigInt {
    let n = usize::try_from(random.below(numbers.len() as u64)).unwrap_or(0);
    let base = numbers.get(n).cloned().unwrap_or_default();
    base + BigInt::from(random.below(5)) - BigInt::from(2)
}

/// The whole numbers that a model mentions.
fn constants(model: &Model) -> Vec<BigInt> {
    let mut found = std::collections::BTreeSet::from([BigInt::from(0), BigInt::from(1)]);
    let rules = model.rules.iter().flat_map(|rule| {
        let written = rule.updates.iter().filter_map(|update| match &update.value {
            Chosen::Is(expr) => Some(expr),
            Chosen::In(_) => None,
        });
        std::iter::once(&rule.guard).chain(written)
    });
    let inputs = model.inputs.iter().flat_map(|input| input.condition.iter().chain(&input.when));
    let defines = model.defines.iter().map(|define| &define.body);
    for expr in rules.chain(inputs).chain(defines) {
        mentioned(expr, &mut found);
    }
    found.into_iter().collect()
}

fn mentioned(expr: &Expr, found: &mut std::collections::BTreeSet<BigInt>) {
    stacker::maybe_grow(64 * 1024, 1024 * 1024, || {
        match expr.kind.as_ref() {
            ExprKind::Const(Value::Int(n)) => {
                found.insert(n.clone());
            }
            ExprKind::Quantified(_, _, Domain::Range(lo, hi), _) => {
                found.extend([BigInt::from(*lo), BigInt::from(*hi)]);
            }
            _ => {}
        }
        parts(expr).into_iter().for_each(|part| mentioned(part, found));
    });
}
