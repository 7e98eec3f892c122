//! All valuations of a period's inputs, one after the other.
//!
//! Inputs take their values in the order of the layout, then the draws. A restriction or
//! assumption is looked at as soon as what it reads has a value, so that a hopeless beginning is
//! not finished. What remains is judged by [`Interpreter::step`].

use std::ops::ControlFlow;

use crate::types::core::{Type, Value};
use crate::types::trace::Inputs;

use super::evaluate::{Faults, Scope};
use super::next::Firing;
use super::step::{Interpreter, Step, StepFault};
use super::value::{cardinality, lowest, nth};

/// Why the valuations were not all looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unfinished {
    /// An input has infinitely many values, or a draw rests on a later one: its name.
    Infinite(String),
    /// More beginnings than the bound.
    TooMany,
    /// The visitor asked to stop, or it is over.
    Stopped,
}

/// Slots whose value is given beforehand.
#[derive(Clone, Debug, Default)]
pub struct Fixed {
    /// Input slots.
    pub inputs: Vec<(usize, Value)>,
    /// Draw slots.
    pub draws: Vec<(usize, Value)>,
}

/// What is called for every valuation that breaks no restriction or assumption.
pub type Visitor<'v> = dyn FnMut(&Inputs, Result<Step, StepFault>) -> ControlFlow<()> + 'v;

struct Search<'a, 'v> {
    interpreter: &'a Interpreter<'a>,
    params: &'a [Value],
    state: &'a [Value],
    fixed: &'a Fixed,
    left: u64,
    over: &'a dyn Fn() -> bool,
    visit: &'v mut Visitor<'v>,
}

/// Visits every valuation of a period's inputs that is a step or a defective one; those that break
/// a restriction are passed over. `fixed` gives some slots their value beforehand.
///
/// # Errors
/// When not all of them were visited.
pub fn valuations<'v>(
    interpreter: &Interpreter<'_>,
    params: &[Value],
    state: &[Value],
    fixed: &Fixed,
    bound: u64,
    visit: &'v mut Visitor<'v>,
) -> Result<(), Unfinished> {
    valuations_until(interpreter, params, state, fixed, bound, &|| false, visit)
}

/// The same, unless `over` says now and then that it is no longer wanted.
///
/// # Errors
/// When not all of them were visited.
pub fn valuations_until<'v>(
    interpreter: &Interpreter<'_>,
    params: &[Value],
    state: &[Value],
    fixed: &Fixed,
    bound: u64,
    over: &dyn Fn() -> bool,
    visit: &'v mut Visitor<'v>,
) -> Result<(), Unfinished> {
    let mut search = Search { interpreter, params, state, fixed, left: bound, over, visit };
    search.extend(&mut Inputs { inputs: Vec::new(), draws: Vec::new() })
}

/// The values a slot may take: so many of a kind.
enum Candidates {
    One(Value),
    Of(Type, u64),
    Among(super::value::Values, u64),
}

impl Candidates {
    fn nth(&self, n: u64) -> Option<Value> {
        match self {
            Candidates::One(value) => (n == 0).then(|| value.clone()),
            Candidates::Of(ty, len) => (n < *len).then(|| nth(*ty, n)).flatten(),
            Candidates::Among(values, len) => (n < *len).then(|| values.nth(n)).flatten(),
        }
    }
}

impl Search<'_, '_> {
    fn extend(&mut self, drawn: &mut Inputs) -> Result<(), Unfinished> {
        stacker::maybe_grow(64 * 1024, 1024 * 1024, || {
            self.left = self.left.checked_sub(1).ok_or(Unfinished::TooMany)?;
            if self.left & 0x3ff == 0 && (self.over)() {
                return Err(Unfinished::Stopped);
            }
            let layout = &self.interpreter.layout;
            if drawn.inputs.len() < layout.inputs.len() {
                self.input(drawn)
            } else if drawn.draws.len() < layout.draws.len() {
                self.draw(drawn)
            } else {
                self.finish(drawn)
            }
        })
    }

    fn finish(&mut self, drawn: &Inputs) -> Result<(), Unfinished> {
        let step = self.interpreter.step(self.params, self.state, drawn);
        if matches!(step, Err(StepFault::NotAStep(_))) {
            return Ok(());
        }
        match (self.visit)(drawn, step) {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(()) => Err(Unfinished::Stopped),
        }
    }

    fn input(&mut self, drawn: &mut Inputs) -> Result<(), Unfinished> {
        let at = drawn.inputs.len();
        let candidates = self.input_candidates(drawn, at)?;
        let mut n = 0;
        while let Some(value) = candidates.nth(n) {
            drawn.inputs.push(value);
            if self.promising(drawn, at) {
                self.extend(drawn)?;
            }
            drawn.inputs.truncate(at);
            n += 1;
        }
        Ok(())
    }

    fn input_candidates(&self, drawn: &Inputs, at: usize) -> Result<Candidates, Unfinished> {
        let interpreter = self.interpreter;
        let Some(slot) = interpreter.layout.inputs.get(at) else { return Err(Unfinished::TooMany) };
        if let Some((_, value)) = self.fixed.inputs.iter().find(|(slot, _)| *slot == at) {
            return Ok(Candidates::One(value.clone()));
        }
        if let Some(input) = interpreter.model.inputs.get(slot.of.index())
            && let (Some(when), Some(otherwise)) = (&input.when, &input.otherwise)
        {
            let firing = self.firing(drawn);
            let binders = input.binders.iter().copied().zip(input.index.iter().copied());
            let mut scope = Scope::members(binders, &slot.member);
            if firing.reading().holds(when, &mut scope) == Ok(false)
                && let Ok(value) = firing.reading().value(otherwise, &mut scope)
            {
                return Ok(Candidates::One(value));
            }
        }
        let len = cardinality(interpreter.model, slot.ty);
        let len = len.ok_or_else(|| Unfinished::Infinite(slot.name.clone()))?;
        Ok(Candidates::Of(slot.ty, len))
    }

    fn firing<'b>(&'b self, drawn: &'b Inputs) -> Firing<'b> {
        Firing::new(self.interpreter, self.params, self.state, &drawn.inputs, &drawn.draws)
    }

    /// No restriction that already has a value is broken: the newest input's own, and the
    /// assumptions.
    fn promising(&self, drawn: &Inputs, at: usize) -> bool {
        let interpreter = self.interpreter;
        let firing = self.firing(drawn);
        let reading = firing.reading();
        let broken = |holds: Result<bool, Faults>| holds == Ok(false);
        for (assume, over_state) in &interpreter.assumptions {
            if !over_state && broken(reading.holds(&assume.condition, &mut Scope::default())) {
                return false;
            }
        }
        for slot in interpreter.layout.inputs.iter().take(at + 1) {
            let Some(input) = interpreter.model.inputs.get(slot.of.index()) else { continue };
            let Some(condition) = &input.condition else { continue };
            let binders = input.binders.iter().copied().zip(input.index.iter().copied());
            let mut scope = Scope::members(binders, &slot.member);
            let free = input.when.as_ref().map_or(Ok(true), |w| reading.holds(w, &mut scope));
            if free == Ok(true) && broken(reading.holds(condition, &mut scope)) {
                return false;
            }
        }
        true
    }

    fn draw(&mut self, drawn: &mut Inputs) -> Result<(), Unfinished> {
        let at = drawn.draws.len();
        let candidates = self.draw_candidates(drawn, at)?;
        let mut n = 0;
        while let Some(value) = candidates.nth(n) {
            drawn.draws.push(value);
            self.extend(drawn)?;
            drawn.draws.truncate(at);
            n += 1;
        }
        Ok(())
    }

    fn draw_candidates(&self, drawn: &Inputs, at: usize) -> Result<Candidates, Unfinished> {
        let interpreter = self.interpreter;
        let Some(slot) = interpreter.layout.draws.get(at) else { return Err(Unfinished::TooMany) };
        if let Some((_, value)) = self.fixed.draws.iter().find(|(slot, _)| *slot == at) {
            return Ok(Candidates::One(value.clone()));
        }
        let update = slot.of.update as usize;
        let n = interpreter
            .instances
            .iter()
            .position(|i| i.rule == slot.of.rule && i.member == slot.member);
        let idle = Candidates::One(lowest(slot.ty));
        let Some(n) = n else { return Ok(idle) };
        let firing = self.firing(drawn);
        let unreadable = |faults: &Faults| faults.0.iter().any(|fault| fault.kind.is_none());
        match firing.enabled(n) {
            Ok(true) => {}
            Err(faults) if unreadable(&faults) => {
                return Err(Unfinished::Infinite(slot.name.clone()));
            }
            _ => return Ok(idle),
        }
        match firing.drawn_from(n, update) {
            Some(Ok(values)) => {
                let len = values.len().ok_or_else(|| Unfinished::Infinite(slot.name.clone()))?;
                Ok(Candidates::Among(values, len))
            }
            Some(Err(faults)) if unreadable(&faults) => {
                Err(Unfinished::Infinite(slot.name.clone()))
            }
            _ => Ok(idle),
        }
    }
}
