//! All first states, one after the other, by trying all values of cells that have no single one.

use super::evaluate::Scope;
use super::step::Interpreter;
use super::valuations::Unfinished;
use super::value::{cardinality, nth};
use crate::types::core::{Chosen, Model, Type, Value};

/// What is called for every first state; it says whether to go on.
pub type Visitor<'v> = dyn FnMut(&[Value]) -> bool + 'v;

/// Visits every state in which a run may begin.
///
/// # Errors
/// When not all of them were visited.
pub fn beginnings(
    interpreter: &Interpreter<'_>,
    params: &[Value],
    visit: &mut Visitor<'_>,
) -> Result<(), Unfinished> {
    draw(interpreter, params, &mut Vec::new(), visit)
}

fn draw(
    interpreter: &Interpreter<'_>,
    params: &[Value],
    state: &mut Vec<Value>,
    visit: &mut Visitor<'_>,
) -> Result<(), Unfinished> {
    let Some(slot) = interpreter.layout.cells.get(state.len()) else {
        let begins = interpreter.initial(params, state).is_ok();
        return if !begins || visit(state) { Ok(()) } else { Err(Unfinished::Stopped) };
    };
    let infinite = || Unfinished::Infinite(slot.name.clone());
    let at = state.len();
    for value in candidates(interpreter, params, state).ok_or_else(infinite)? {
        state.push(value);
        draw(interpreter, params, state, visit)?;
        state.truncate(at);
    }
    Ok(())
}

/// The values that the next cell may take. What cannot be read yet, since it rests on a later cell,
/// is tried and checked at the end.
fn candidates(
    interpreter: &Interpreter<'_>,
    params: &[Value],
    state: &[Value],
) -> Option<Vec<Value>> {
    let slot = interpreter.layout.cells.get(state.len())?;
    let cell = interpreter.model.cells.get(slot.of.index())?;
    let binders = cell.binders.iter().copied().zip(cell.index.iter().copied());
    let mut scope = Scope::members(binders, &slot.member);
    let reading = interpreter.reading(params, state);
    let known = match &cell.initial {
        Some(Chosen::Is(expr)) => reading.value(expr, &mut scope).ok().map(|value| vec![value]),
        Some(Chosen::In(set)) => {
            let values = reading.set(set, &mut scope).ok();
            values.map(|values| (0..).map_while(|n| values.nth(n)).take(1 << 16).collect())
        }
        None => None,
    };
    known.or_else(|| all(interpreter.model, slot.ty))
}

/// All values of a finite type, if they are not too many.
fn all(model: &Model, ty: Type) -> Option<Vec<Value>> {
    let len = cardinality(model, ty).filter(|len| *len <= 1 << 20)?;
    (0..len).map(|n| nth(ty, n)).collect()
}
