//! The choices of a run made once more, at other parameters.
//!
//! Where a run refutes a claim at some values of the parameters, the same choices and draws often do so at
//! others. The states are worked out anew from them; whether the run that comes of it shows anything is
//! for [`replay`](super::replay) to say.

use crate::types::core::{Assume, Chosen, Model, Param, Value};
use crate::types::trace::{Period, Trace};

use super::evaluate::Scope;
use super::step::Interpreter;

/// Most values of a set that are looked through.
const MOST: u64 = 1 << 16;

/// The run of this model with the choices and draws of another one's, as far as they can be made, at its own
/// parameters, or the other's where it leaves them open; `None` where a parameter has no value.
pub fn again(model: &Model, assumes: &[Assume], trace: &Trace) -> Option<Trace> {
    let interpreter = Interpreter::assuming(model, assumes);
    let own = model.params.iter().enumerate();
    let value =
        |(n, param): (usize, &Param)| param.value.clone().or_else(|| trace.params.get(n).cloned());
    let params: Vec<Value> = own.map(value).collect::<Option<_>>()?;
    let mut state = first(&interpreter, &params, &trace.periods.first()?.state);
    let mut periods = Vec::with_capacity(trace.periods.len());
    for period in &trace.periods {
        let inputs = period.inputs.clone();
        let step = inputs.as_ref().map(|inputs| interpreter.step(&params, &state, inputs));
        periods.push(Period { state: state.clone(), inputs });
        match step {
            Some(Ok(step)) => state = step.next,
            // What goes wrong here may be what the run is to show.
            Some(Err(_)) | None => break,
        }
    }
    let loop_start = trace.loop_start.filter(|_| periods.len() == trace.periods.len());
    Some(Trace { params, periods, loop_start })
}

/// A first state: what the parameters settle, and for the rest what the other run began with, where that may be.
fn first(interpreter: &Interpreter<'_>, params: &[Value], other: &[Value]) -> Vec<Value> {
    let mut state = other.to_vec();
    // A first value may rest on that of another cell, so that one pass need not be enough.
    for _ in 0..2 {
        for (at, slot) in interpreter.layout.cells.iter().enumerate() {
            let Some(cell) = interpreter.model.cells.get(slot.of.index()) else { continue };
            let Some(initial) = &cell.initial else { continue };
            let binders = cell.binders.iter().copied().zip(cell.index.iter().copied());
            let mut scope = Scope::members(binders, &slot.member);
            let reading = interpreter.reading(params, &state);
            let value = match initial {
                Chosen::Is(expr) => reading.value(expr, &mut scope).ok(),
                Chosen::In(set) => {
                    let values = reading.set(set, &mut scope).ok();
                    let begun = |value: &Value| state.get(at) == Some(value);
                    values.and_then(|values| {
                        let mut all = (0..MOST).map_while(|n| values.nth(n));
                        if all.clone().any(|value| begun(&value)) { None } else { all.next() }
                    })
                }
            };
            if let (Some(place), Some(value)) = (state.get_mut(at), value) {
                *place = value;
            }
        }
    }
    state
}
