//! Runs of a transition system executed again.
//!
//! A problem that comes from another tool's file has no institution behind it and hence no
//! interpreter. Its runs are checked by evaluating the system's own terms at the run's values: the
//! first state is one, every step is one and leads to the next state, the last period is bad. No
//! solver takes part; what is trusted is the reader of the format and [`Pool::evaluate`].
//!
//! [`Pool::evaluate`]: crate::term::Pool::evaluate

use rustc_hash::FxHashMap;

use crate::system::{Problem, Valuation};
use crate::term::{Term, Var};
use crate::types::core::Value;

/// Executes a run; says where it departs from the problem, if it does.
///
/// # Errors
/// The departure, in words.
pub fn execute(problem: &Problem, run: &Valuation) -> Result<(), String> {
    let periods: Vec<FxHashMap<Var, Value>> =
        (0..run.periods.len()).map(|at| values(problem, run, at)).collect();
    let Some(last) = periods.len().checked_sub(1) else {
        return Err("the run is empty".to_owned());
    };
    for (at, values) in periods.iter().enumerate() {
        within_bounds(problem, values)
            .map_err(|name| format!("in period {at}, `{name}` is outside its range"))?;
    }
    if let Some(values) = periods.first() {
        let first = problem.system.init.iter().all(|t| holds(problem, *t, values));
        if !first {
            return Err("period 0 is no first state".to_owned());
        }
    }
    for (at, (before, after)) in periods.iter().zip(periods.iter().skip(1)).enumerate() {
        step(problem, before, after).map_err(|why| format!("in period {at}, {why}"))?;
    }
    match periods.last() {
        Some(values) if holds(problem, problem.bad, values) => Ok(()),
        _ => Err(format!("period {last} is not what was asked for")),
    }
}

/// The values of a period's variables; inputs that a run leaves out have none.
fn values(problem: &Problem, run: &Valuation, at: usize) -> FxHashMap<Var, Value> {
    let system = &problem.system;
    let mut values: FxHashMap<Var, Value> =
        system.rigid.iter().copied().zip(run.rigid.iter().cloned()).collect();
    if let Some((state, inputs)) = run.periods.get(at) {
        values.extend(system.states.iter().map(|s| s.var).zip(state.iter().cloned()));
        let inputs = inputs.iter().flatten().cloned();
        values.extend(system.inputs.iter().copied().zip(inputs));
    }
    values
}

fn within_bounds(problem: &Problem, values: &FxHashMap<Var, Value>) -> Result<(), String> {
    for (var, value) in values {
        let info = problem.system.pool.var_info(*var);
        if let (Some((lo, hi)), Value::Int(n)) = (info.bounds, value)
            && (*n < lo.into() || *n > hi.into())
        {
            return Err(info.name.clone());
        }
    }
    Ok(())
}

fn holds(problem: &Problem, term: Term, values: &FxHashMap<Var, Value>) -> bool {
    problem.system.pool.evaluate(term, values) == Some(Value::Bool(true))
}

fn step(
    problem: &Problem,
    before: &FxHashMap<Var, Value>,
    after: &FxHashMap<Var, Value>,
) -> Result<(), String> {
    let system = &problem.system;
    let mut memo = FxHashMap::default();
    for term in &system.step {
        if system.pool.evaluate_with(*term, before, &mut memo) != Some(Value::Bool(true)) {
            return Err("the draws make no valid step".to_owned());
        }
    }
    for state in &system.states {
        let next = system.pool.evaluate_with(state.next, before, &mut memo);
        if next.is_none() || next.as_ref() != after.get(&state.var) {
            let name = &system.pool.var_info(state.var).name;
            return Err(format!("the step does not lead to the next value of `{name}`"));
        }
    }
    Ok(())
}
