//! Of the shortest runs that show something, one with the fewest departures from defaults.
//!
//! A choice departs if it is not its `else` value, or where none is written, not `false`, the first name or
//! the lowest number; nature's draws likewise. What departs in the run that is left is what it takes. The
//! question whether fewer departures do is an ordinary one: the system counts them, and its periods.

use std::time::{Duration, Instant};

use super::alone::{decide_alone, look_ahead};
use super::decide::Inquiry;
use crate::engine::lanes::RACING;
use crate::engine::{Budget, Outcome};
use crate::interp::replay::{Goal, replay};
use crate::system::{Problem, StateVar};
use crate::term::{Role, Sort, Term};
use crate::types::core::{ExprKind, Input, Type, Value};
use crate::types::trace::Trace;

/// How long a simpler run may be looked for.
const PATIENCE: Duration = Duration::from_millis(300);

impl Inquiry<'_> {
    /// The run, or a simpler one of its length.
    pub(super) fn simplest(&self, trace: Trace) -> Trace {
        let shown = matches!(self.goal, Goal::Claim(_) | Goal::Defect(_));
        if !shown || self.options.engine.is_some() || self.takes_turns() {
            return trace;
        }
        let deadline = Instant::now() + PATIENCE;
        let mut best = trace;
        while let Some(simpler) = self.simpler(&best, deadline) {
            best = simpler;
        }
        best
    }

    /// A run of the same length with fewer departures, if there is one and it is found in time.
    fn simpler(&self, trace: &Trace, deadline: Instant) -> Option<Trace> {
        let departures = self.departures(trace);
        let fewer = departures.checked_sub(1)?;
        let problem = self.counted(u32::try_from(trace.periods.len()).ok()?, fewer)?;
        let last = u32::try_from(trace.periods.len().checked_sub(1)?).ok()?;
        let (cancel, seed) = (self.cancel, self.options.solver_seed());
        let budget = Budget { cancel, deadline: Some(deadline), depth: Some(last), seed };
        let found = RACING.run(|| match problem.system.is_finite(&[problem.bad]) {
            true => decide_alone(&problem, budget, &mut |_| {}),
            false => look_ahead(&problem, budget, &mut |_| {}),
        });
        let Some(Outcome::Reached(run)) = found else { return None };
        let simpler = self.prepared.trace(&run);
        let is_simpler =
            simpler.periods.len() <= trace.periods.len() && self.departures(&simpler) < departures;
        let replays = || replay(self.prepared.model, self.goal, &simpler).is_ok();
        (is_simpler && replays()).then_some(simpler)
    }

    fn departures(&self, trace: &Trace) -> usize {
        let defaults = self.defaults();
        let inputs = trace.periods.iter().filter_map(|period| period.inputs.as_ref());
        inputs
            .map(|drawn| {
                drawn.inputs.iter().zip(&defaults).filter(|(value, usual)| value != usual).count()
            })
            .sum()
    }

    /// The default of each input slot.
    fn defaults(&self) -> Vec<Value> {
        let slots = self.prepared.layout.inputs.iter();
        let inputs = &self.prepared.model.inputs;
        slots.filter_map(|slot| inputs.get(slot.of.index()).map(usual)).collect()
    }

    /// The question of this inquiry with at most `most` departures, within so many periods.
    fn counted(&self, periods: u32, most: usize) -> Option<Problem> {
        let mut problem = self.problem.clone();
        let (system, most) = (&mut problem.system, i64::try_from(most).ok()?);
        let pool = &mut system.pool;
        let (zero, one) = (pool.int(0), pool.int(1));
        let mut departed = Vec::new();
        for (var, usual) in system.inputs.iter().zip(self.defaults()) {
            let usual = match usual {
                Value::Member(_, n) => Value::Int(n.into()),
                other => other,
            };
            let same = pool.equals(*var, &usual);
            departed.push(pool.ite(same, zero, one));
        }
        let now = pool.add(departed, Sort::Int);
        let count = pool.declare("departures", Sort::Int, Some((0, most + 1)), Role::State);
        let time = pool.declare("periods", Sort::Int, Some((0, i64::from(periods))), Role::State);
        let (counted, passed) = (pool.var(count), pool.var(time));
        let total = pool.add([counted, now], Sort::Int);
        let (cap, end) = (pool.int(most + 1), pool.int(periods));
        let (next_count, later) = (pool.min(total, cap), pool.add([passed, one], Sort::Int));
        let next_time = pool.min(later, end);
        let in_all = if problem.on_step { total } else { counted };
        let bound = pool.int(most);
        let few: [Term; 3] = [problem.bad, pool.le(in_all, bound), pool.lt(passed, end)];
        problem.bad = pool.and(few);
        system.init.extend([pool.eq(counted, zero), pool.eq(passed, zero)]);
        system.states.push(StateVar { var: count, next: next_count });
        system.states.push(StateVar { var: time, next: next_time });
        Some(problem)
    }
}

/// What an input is where nobody departs from anything.
fn usual(input: &Input) -> Value {
    match (input.otherwise.as_ref().map(|e| &*e.kind), input.ty) {
        (Some(ExprKind::Const(value)), _) => value.clone(),
        (_, Type::Bool) => Value::Bool(false),
        (_, Type::Int) => Value::Int(0.into()),
        (_, Type::Real) => Value::Real(num_rational::BigRational::from_integer(0.into())),
        (_, Type::Range(lo, _)) => Value::Int(lo.into()),
        (_, Type::Finite(sort)) => Value::Member(sort, 0),
    }
}
