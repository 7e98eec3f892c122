//! Nondeterministic writes, told from the state that they led to.
//!
//! Of a period whose end is known, every draw that counts can be read off the next state. A draw
//! that an overriding rule makes void may be any member of its set.

use crate::types::core::{Model, Value};
use crate::types::trace::{Inputs, Trace};

use super::evaluate::{Known, Next, Reading, Scope};
use super::step::Interpreter;
use super::value::lowest;

/// The trace with every missing draw filled in. Draws are missing where their number is not the
/// layout's; those that are there are left alone.
pub fn draws(model: &Model, trace: &Trace) -> Trace {
    let interpreter = Interpreter::new(model);
    let mut filled = trace.clone();
    for (n, period) in filled.periods.iter_mut().enumerate() {
        let Some(inputs) = &mut period.inputs else { continue };
        if inputs.draws.len() == interpreter.layout.draws.len() {
            continue;
        }
        let after = trace.periods.get(n + 1).or_else(|| trace.periods.get(trace.loop_start?));
        let next = after.map(|period| period.state.as_slice());
        inputs.draws = period_draws(&interpreter, &trace.params, &period.state, inputs, next);
    }
    filled
}

fn period_draws(
    interpreter: &Interpreter<'_>,
    params: &[Value],
    state: &[Value],
    inputs: &Inputs,
    next: Option<&[Value]>,
) -> Vec<Value> {
    let known = next.map(Known);
    let reading = Reading {
        inputs: Some(&inputs.inputs),
        next: known.as_ref().map(|known| known as &dyn Next),
        ..interpreter.reading(params, state)
    };
    let mut draws: Vec<Value> =
        interpreter.layout.draws.iter().map(|slot| lowest(slot.ty)).collect();
    for instance in &interpreter.instances {
        let Some(rule) = interpreter.model.rules.get(instance.rule.index()) else { continue };
        let mut scope = Scope::members(rule.binders.iter().copied(), &instance.member);
        if reading.holds(&rule.guard, &mut scope) != Ok(true) {
            continue;
        }
        for u in 0..rule.updates.len() {
            let Some(place) = interpreter.draw_slot(instance, u) else { continue };
            let drawn = drawn(interpreter, &reading, rule.updates.get(u), &mut scope);
            if let (Some(draw), Some(value)) = (draws.get_mut(place), drawn) {
                *draw = value;
            }
        }
    }
    draws
}

/// What an update wrote: the cell's next value if its set has that, else any member.
fn drawn(
    interpreter: &Interpreter<'_>,
    reading: &Reading<'_>,
    update: Option<&crate::types::core::Update>,
    scope: &mut Scope,
) -> Option<Value> {
    let update = update?;
    let crate::types::core::Chosen::In(set) = &update.value else { return None };
    let values = reading.set(set, scope).ok()?;
    let cell = interpreter.model.cells.get(update.cell.index())?;
    let member = reading.member(&cell.index, &update.index, scope).ok()?;
    let slot = interpreter.layout.cell(update.cell)
        + crate::types::layout::offset(interpreter.model, &cell.index, &member);
    let written = reading.next.and_then(|next| next.next(slot, update.span).ok());
    written.filter(|value| values.contains(value)).or_else(|| values.nth(0))
}
