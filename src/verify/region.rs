//! From one run to all parameters at which the same choices show the same.
//!
//! The inputs of the run take the place of the input variables, period by period. States then become terms over the
//! parameters, and what makes them a run, and makes its end what was sought, is a condition over the
//! parameters alone: the region (symbolic execution along one path, King 1976). That it is right is not
//! taken from here: whoever uses it has the choices made again at other parameters.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use rustc_hash::FxHashMap;

use super::alone::look_ahead;
use super::decide::Inquiry;
use crate::engine::lanes::RACING;
use crate::engine::{Budget, Outcome};
use crate::interp::replay::Goal;
use crate::system::{Problem, System, Valuation};
use crate::term::{Node, Pool, Term, Var};
use crate::types::core::{Model, Value};
use crate::types::trace::Trace;

/// How long the run is looked for once more, in the words of the solver.
const PATIENCE: Duration = Duration::from_secs(5);

/// A condition over parameters.
#[derive(Clone, Debug)]
pub struct Region {
    /// Where its term lives.
    pub pool: Pool,
    /// Over variables that have the names of parameters.
    pub term: Term,
}

/// Keeps the region of the last run that decided the claim.
#[derive(Debug, Default)]
pub struct Recorder {
    last: Mutex<Option<Region>>,
}

impl Recorder {
    /// The region of the last run, which is then forgotten.
    pub fn take(&self) -> Option<Region> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Keeps a region.
    pub(super) fn keep(&self, region: Option<Region>) {
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = region;
    }
}

impl Inquiry<'_> {
    /// Records the region of a run that decides a claim, if that is wanted.
    pub(super) fn record(&self, run: &Trace) {
        let Some(recorder) = self.options.recorder.as_deref() else { return };
        if let Goal::Claim(_) = self.goal {
            recorder.keep(region(self.problem, self.prepared.model, run, self.cancel));
        }
    }
}

/// The region in which a problem's target is reached by the choices of a run that reaches it at the
/// parameters of this one.
pub(super) fn region(
    problem: &Problem,
    model: &Model,
    run: &Trace,
    cancel: &(dyn Fn() -> bool + Sync),
) -> Option<Region> {
    let mut fixed = problem.clone();
    let values = model.params.iter().zip(&run.params).filter(|(param, _)| param.value.is_none());
    for (var, (_, value)) in problem.system.rigid.iter().zip(values) {
        let value = match value {
            Value::Member(_, n) => Value::Int((*n).into()),
            other => other.clone(),
        };
        let same = fixed.system.pool.equals(*var, &value);
        fixed.system.init.push(same);
    }
    let depth = Some(u32::try_from(run.periods.len()).ok()?);
    let deadline = Some(Instant::now() + PATIENCE);
    let budget = Budget { cancel, deadline, depth, seed: 0 };
    let found = RACING.run(|| look_ahead(&fixed, budget, &mut |_| {}))?;
    let Outcome::Reached(valuation) = found else { return None };
    along(problem, &valuation)
}

/// What the parameters must satisfy for the inputs of a run to reach the target.
fn along(problem: &Problem, run: &Valuation) -> Option<Region> {
    let system = &problem.system;
    let mut pool = system.pool.clone();
    let (first, _) = run.periods.first()?;
    let mut now = beginning(system, &mut pool, first)?;
    let init = pool.and(system.init.iter().copied());
    let step = pool.and(system.step.iter().copied());
    let mut conditions = vec![pool.substitute(init, &now)];
    let last = run.periods.len().checked_sub(1)?;
    for (n, (_, inputs)) in run.periods.iter().enumerate() {
        for state in &system.states {
            if let (Some((lo, hi)), Some(term)) =
                (pool.var_info(state.var).bounds, now.get(&state.var))
            {
                conditions.push(pool.between(*term, lo, hi));
            }
        }
        for (var, value) in system.inputs.iter().zip(inputs.iter().flatten()) {
            now.insert(*var, pool.constant(value)?);
        }
        let mut memo = FxHashMap::default();
        if n == last {
            conditions.push(pool.substitute_with(problem.bad, &now, &mut memo));
            break;
        }
        conditions.push(pool.substitute_with(step, &now, &mut memo));
        let after = |state: &crate::system::StateVar, pool: &mut Pool| {
            (state.var, pool.substitute_with(state.next, &now, &mut memo))
        };
        let mut after = after;
        now = system.states.iter().map(|state| after(state, &mut pool)).collect();
    }
    let term = pool.and(conditions);
    let about_parameters = pool.variables([term]).iter().all(|var| system.rigid.contains(var));
    about_parameters.then_some(Region { pool, term })
}

/// First values: what an equation says in terms of parameters, else what the run began with.
fn beginning(system: &System, pool: &mut Pool, first: &[Value]) -> Option<FxHashMap<Var, Term>> {
    let init = pool.and(system.init.iter().copied());
    let said = pool.conjuncts(init);
    let mut now = FxHashMap::default();
    for (state, value) in system.states.iter().zip(first) {
        let rigid = |term: Term| pool.variables([term]).iter().all(|v| system.rigid.contains(v));
        let is = |term: Term| matches!(pool.node(term), Node::Var(var) if *var == state.var);
        let equation = said.iter().find_map(|term| match *pool.node(*term) {
            Node::Eq(a, b) if is(a) && rigid(b) => Some(b),
            Node::Eq(a, b) if is(b) && rigid(a) => Some(a),
            _ => None,
        });
        let begins = match equation {
            Some(term) => term,
            None => pool.constant(value)?,
        };
        now.insert(state.var, begins);
    }
    Some(now)
}
