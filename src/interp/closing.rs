//! Loops that close but for cells that nothing rests on.
//!
//! Whoever finds a loop may look at some cells only. Repeated with the same choices, the loop leads
//! the others where it will; if they come back, the run is a lasso after some more rounds.

use super::step::Interpreter;
use crate::types::core::{Assume, Model, Value};
use crate::types::trace::{Period, Trace};

/// Most periods of a run that is to close.
const LONGEST: usize = 4096;

/// The lasso that goes round the loop until every cell repeats; `None` if that takes too long, or if
/// it is no run.
pub fn close(model: &Model, assumes: &[Assume], trace: &Trace) -> Option<Trace> {
    let start = trace.loop_start?;
    let interpreter = Interpreter::assuming(model, assumes);
    let round = trace.periods.get(start..).filter(|round| !round.is_empty())?;
    let mut periods = trace.periods.get(..start)?.to_vec();
    let mut state = round.first()?.state.clone();
    let mut starts: Vec<(usize, Vec<Value>)> = Vec::new();
    while periods.len() < LONGEST {
        if let Some((start, _)) = starts.iter().find(|(_, known)| *known == state) {
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
