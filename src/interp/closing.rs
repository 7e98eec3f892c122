//! Loops that close but for cells that nothing rests on.
//!
//! Whoever finds a loop may look at some cells only. Repeated with the same choices, the loop leads
//! the others where it will; if they come back, or need not ([`apart`](super::apart)), the run is a
//! lasso after some more rounds.

use super::apart::Repeats;
use super::step::Interpreter;
use crate::types::core::{Assume, Expr, Model, Value};
use crate::types::trace::{Period, Trace};

/// Most periods of a run that is to close.
const LONGEST: usize = 4096;

/// The lasso that goes round the loop until every cell repeats that must; `None` if that takes too long,
/// or if it is no run. Without a question every cell must.
pub fn close(
    model: &Model,
    assumes: &[Assume],
    asked: Option<&[&Expr]>,
    trace: &Trace,
) -> Option<Trace> {
    let start = trace.loop_start?;
    let interpreter = Interpreter::assuming(model, assumes);
    let round = trace.periods.get(start..).filter(|round| !round.is_empty())?;
    let mut periods = trace.periods.get(..start)?.to_vec();
    let mut state = round.first()?.state.clone();
    let asked = asked.map(|asked| Repeats::new(model, assumes, asked.iter().copied()));
    let repeats = |one: &[Value], other: &[Value]| match &asked {
        Some(asked) => asked.apart(&interpreter.layout, one, other).is_some(),
        None => one == other,
    };
    let mut starts: Vec<(usize, Vec<Value>)> = Vec::new();
    while periods.len() < LONGEST {
        if let Some((start, _)) = starts.iter().find(|(_, known)| repeats(known, &state)) {
            let loop_start = Some(*start);
            return Some(Trace { params: trace.params.clone(), periods, loop_start });
        }
        starts.push((periods.len(), state.clone()));
        for period in round {
            let inputs = period.inputs.clone()?;
            let step = interpreter.step(&trace.params, &state, &inputs).ok()?;
            periods.push(Period { state, inputs: Some(inputs) });
            state = step.next;
        }
    }
    None
}
