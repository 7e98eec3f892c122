//! Of the shortest runs that show something, one with the fewest departures from defaults, and of
//! those one in which the fewest posts depart.
//!
//! A choice departs if it is not its `else` value, or where none is written, not `false`, the first name or
//! the lowest number; nature's draws likewise. What departs in the run that is left is what it takes. The
//! question whether fewer do is an ordinary one: the system counts them, and its periods. Nature is no post.

use std::time::{Duration, Instant};

use itertools::Itertools;

use super::alone::{decide_alone, look_ahead};
use super::decide::Inquiry;
use crate::engine::lanes::RACING;
use crate::engine::{Budget, Outcome};
use crate::interp::evaluate::Scope;
use crate::interp::replay::{Goal, replay};
use crate::interp::step::Interpreter;
use crate::system::{Problem, StateVar};
use crate::term::{Pool, Role, Sort, Term, Var};
use crate::types::core::{Expr, ExprKind, Input, InputId, LocalId, Type, Value};
use crate::types::layout::Slot;
use crate::types::trace::Trace;
use crate::types::visit::substitute;

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
        let fewer = |Measure { departures, .. }: Measure| {
            Some(Measure { departures: departures.checked_sub(1)?, actors: usize::MAX })
        };
        while let Some(simpler) = self.simpler(&best, fewer, deadline) {
            best = simpler;
        }
        let by_fewer = |Measure { departures, actors }: Measure| {
            Some(Measure { departures, actors: actors.checked_sub(1)? })
        };
        while let Some(simpler) = self.simpler(&best, by_fewer, deadline) {
            best = simpler;
        }
        best
    }

    /// A run of the same length within smaller bounds, if there is one and it is found in time.
    fn simpler(
        &self,
        trace: &Trace,
        smaller: impl Fn(Measure) -> Option<Measure>,
        deadline: Instant,
    ) -> Option<Trace> {
        let owners = self.owners(trace);
        let most = smaller(self.measure(trace, &owners))?;
        let problem = self.counted(u32::try_from(trace.periods.len()).ok()?, most, &owners)?;
        let last = u32::try_from(trace.periods.len().checked_sub(1)?).ok()?;
        let (cancel, seed) = (self.cancel, self.options.solver_seed());
        let budget = Budget { cancel, deadline: Some(deadline), depth: Some(last), seed };
        let found = RACING.run(|| match problem.system.is_finite(&[problem.bad]) {
            true => decide_alone(&problem, budget, &mut |_| {}),
            false => look_ahead(&problem, budget, &mut |_| {}),
        });
        let Some(Outcome::Reached(run)) = found else { return None };
        let simpler = self.prepared.trace(&run);
        let is_simpler = simpler.periods.len() <= trace.periods.len()
            && self.measure(&simpler, &owners).is_within(most);
        let replays = || replay(self.prepared.model, self.goal, &simpler).is_ok();
        (is_simpler && replays()).then_some(simpler)
    }

    fn measure(&self, trace: &Trace, owners: &[Option<Value>]) -> Measure {
        let defaults = self.defaults();
        let mut actors: Vec<&Value> = Vec::new();
        let mut departures = 0;
        for drawn in trace.periods.iter().filter_map(|period| period.inputs.as_ref()) {
            for ((value, usual), owner) in drawn.inputs.iter().zip(&defaults).zip(owners) {
                if value != usual {
                    departures += 1;
                    actors.extend(owner);
                }
            }
        }
        Measure { departures, actors: actors.into_iter().unique().count() }
    }

    /// The post that makes each choice; none for nature's.
    fn owners(&self, trace: &Trace) -> Vec<Option<Value>> {
        let model = self.prepared.model;
        let interpreter = Interpreter::assuming(model, &[]);
        let reading = interpreter.reading(&trace.params, &[]);
        let owner = |slot: &Slot<InputId>| {
            let input = model.inputs.get(slot.of.index())?;
            let owner = input.owner.as_ref()?;
            let places = input.binders.iter().zip(&input.index).zip(&slot.member);
            let by: Vec<(LocalId, Expr)> = places
                .map(|((local, sort), n)| {
                    let kind = Box::new(ExprKind::Const(Value::Member(*sort, *n)));
                    (*local, Expr { kind, ty: Type::Finite(*sort), span: owner.span })
                })
                .collect();
            reading.value(&substitute(owner, &by), &mut Scope::default()).ok()
        };
        self.prepared.layout.inputs.iter().map(owner).collect()
    }

    /// The default of each input slot.
    fn defaults(&self) -> Vec<Value> {
        let slots = self.prepared.layout.inputs.iter();
        let inputs = &self.prepared.model.inputs;
        slots.filter_map(|slot| inputs.get(slot.of.index()).map(usual)).collect()
    }

    /// The question of this inquiry within these bounds, and within so many periods.
    fn counted(&self, periods: u32, bounds: Measure, owners: &[Option<Value>]) -> Option<Problem> {
        let mut problem = self.problem.clone();
        if bounds.actors < usize::MAX {
            self.few_actors(&mut problem, i64::try_from(bounds.actors).ok()?, owners);
        }
        let (system, most) = (&mut problem.system, i64::try_from(bounds.departures).ok()?);
        let pool = &mut system.pool;
        let (zero, one) = (pool.int(0), pool.int(1));
        let mut departed = Vec::new();
        for (var, usual) in system.inputs.iter().zip(self.defaults()) {
            let differs = differs(pool, *var, &usual);
            departed.push(pool.ite(differs, one, zero));
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

    /// A bit for each post says that it has departed; no more than `most` may be set.
    fn few_actors(&self, problem: &mut Problem, most: i64, owners: &[Option<Value>]) {
        let (system, defaults) = (&mut problem.system, self.defaults());
        let (zero, one) = (system.pool.int(0), system.pool.int(1));
        let mut acted = Vec::new();
        for actor in owners.iter().flatten().unique() {
            let own = system.inputs.clone().into_iter().zip(&defaults).zip(owners);
            let own = own.filter(|(_, owner)| owner.as_ref() == Some(actor));
            let mut departs: Vec<Term> =
                own.map(|((var, usual), _)| differs(&mut system.pool, var, usual)).collect();
            let var = system.pool.declare("has departed", Sort::Bool, None, Role::State);
            let before = system.pool.var(var);
            departs.push(before);
            let next = system.pool.or(departs);
            let never = system.pool.not(before);
            system.init.push(never);
            system.states.push(StateVar { var, next });
            let in_all = if problem.on_step { next } else { before };
            acted.push(system.pool.ite(in_all, one, zero));
        }
        let (actors, bound) = (system.pool.add(acted, Sort::Int), system.pool.int(most));
        let few = system.pool.le(actors, bound);
        problem.bad = system.pool.and([problem.bad, few]);
    }
}

/// How much a run departs from defaults: how often, and by how many posts.
#[derive(Clone, Copy)]
struct Measure {
    departures: usize,
    actors: usize,
}

impl Measure {
    fn is_within(self, most: Measure) -> bool {
        self.departures <= most.departures && self.actors <= most.actors
    }
}

/// The draw is not the usual one.
fn differs(pool: &mut Pool, var: Var, usual: &Value) -> Term {
    let usual = match usual {
        Value::Member(_, n) => Value::Int((*n).into()),
        other => other.clone(),
    };
    let same = pool.equals(var, &usual);
    pool.not(same)
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
