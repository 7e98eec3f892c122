//! The part of a system that a question rests on.
//!
//! A state variable matters if a step's constraint or the question reads it, directly or through the next values
//! of others that matter (the cone of influence of Clarke, Grumberg and Peled, *Model Checking*, 1999, §13.1). A
//! first value that ties a variable to one that matters makes it matter too, unless it is given as a function.
//! What is left out only follows along: each run of the system is one of its cone with values forgotten, so what
//! the cone cannot do the system cannot. The variables keep their numbers and terms their handles, hence an
//! invariant of the cone is one of the system, where it is proved again. A run of the cone has values that mean
//! nothing where variables were left out, until the interpreter makes its choices once more.

use std::collections::BTreeSet;

use num_bigint::BigInt;

use super::liveness::Live;
use super::{Problem, System, Valuation};
use crate::term::{Node, Sort, Term, Var};
use crate::types::core::Value;

/// What was left out of a system, as a way back for runs.
#[derive(Clone, Debug)]
pub struct Cone {
    /// For each state variable of the system, a value in place of the one that was left out.
    states: Vec<Option<Value>>,
    /// The same for inputs.
    inputs: Vec<Option<Value>>,
    /// First values of variables that were left out, where the system gives them.
    first: Vec<(Var, Given)>,
}

/// A first value.
#[derive(Clone, Copy, Debug)]
enum Given {
    Truth(bool),
    /// What this is in the first state.
    As(Term),
}

impl Problem {
    /// The same question to the part of the system that it rests on; none if that is all of it.
    pub fn cone(&self) -> Option<(Problem, Cone)> {
        let (system, cone) = self.system.cone(&[self.bad])?;
        Some((Problem { system, ..*self }, cone))
    }
}

impl Live {
    /// The same question to the part of the system that it rests on; none if that is all of it.
    pub fn cone(&self) -> Option<(Live, Cone)> {
        let (system, cone) = self.system.cone(&self.justice)?;
        Some((Live { system, justice: self.justice.clone(), fault: None }, cone))
    }
}

impl System {
    fn cone(&self, roots: &[Term]) -> Option<(System, Cone)> {
        let needed = self.needed(roots);
        if self.states.iter().all(|state| needed.contains(&state.var)) {
            return None;
        }
        let within =
            |term: &&Term| self.pool.variables([**term]).iter().all(|var| needed.contains(var));
        let system = System {
            states: self.states.iter().filter(|s| needed.contains(&s.var)).copied().collect(),
            inputs: self.inputs.iter().filter(|var| needed.contains(var)).copied().collect(),
            init: self.init.iter().filter(within).copied().collect(),
            lemmas: self.lemmas.iter().filter(within).copied().collect(),
            ..self.clone()
        };
        let without = |var: Var| (!needed.contains(&var)).then(|| self.any(var));
        let states = self.states.iter().map(|state| without(state.var)).collect();
        let inputs = self.inputs.iter().map(|var| without(*var)).collect();
        let given = self.init.iter().filter_map(|term| self.given(*term));
        let first = given.filter(|(var, _)| !needed.contains(var)).collect();
        Some((system, Cone { states, inputs, first }))
    }

    /// The variables that these terms rest on.
    fn needed(&self, roots: &[Term]) -> BTreeSet<Var> {
        let terms = self.step.iter().chain(roots).copied();
        let mut needed: BTreeSet<Var> = self.pool.variables(terms).into_iter().collect();
        needed.extend(&self.rigid);
        type Tied = (Option<(Var, Given)>, Vec<Var>);
        let init: Vec<Tied> =
            self.init.iter().map(|t| (self.given(*t), self.pool.variables([*t]))).collect();
        loop {
            let before = needed.len();
            let inside = self.states.iter().filter(|state| needed.contains(&state.var));
            let more = self.pool.variables(inside.map(|state| state.next));
            needed.extend(more);
            for (given, vars) in &init {
                let ties = given.is_none_or(|(var, _)| needed.contains(&var));
                if ties {
                    needed.extend(vars);
                }
            }
            if needed.len() == before {
                return needed;
            }
        }
    }

    /// The state variable whose first value this conjunct gives as a function of the rest, and the function.
    fn given(&self, term: Term) -> Option<(Var, Given)> {
        let var = |term: Term| match self.pool.node(term) {
            Node::Var(var) => Some(*var),
            _ => None,
        };
        let (given, value) = match self.pool.node(term) {
            Node::Var(var) => (*var, Given::Truth(true)),
            Node::Not(inner) => (var(*inner)?, Given::Truth(false)),
            Node::Eq(one, other) => match (var(*one), var(*other)) {
                (Some(var), None) => (var, Given::As(*other)),
                (None, Some(var)) => (var, Given::As(*one)),
                _ => return None,
            },
            _ => return None,
        };
        self.states.iter().any(|state| state.var == given).then_some((given, value))
    }

    /// Some value of a variable.
    fn any(&self, var: Var) -> Value {
        let info = self.pool.var_info(var);
        match info.sort {
            Sort::Bool => Value::Bool(false),
            Sort::Int => Value::Int(BigInt::from(info.bounds.map_or(0, |(lo, _)| lo))),
            Sort::Real => Value::Real(num_rational::BigRational::from_integer(BigInt::from(0))),
        }
    }
}

impl Cone {
    /// A run of the cone as one of the system. What was left out has the first value that it is given, if it is
    /// given one, and any value otherwise.
    pub fn back(&self, system: &System, run: &Valuation) -> Valuation {
        let periods = run.periods.iter().map(|(state, inputs)| {
            let inputs = inputs.as_ref().map(|inputs| filled(&self.inputs, inputs));
            (filled(&self.states, state), inputs)
        });
        let mut run = Valuation { rigid: run.rigid.clone(), periods: periods.collect() };
        // A first value may rest on that of another variable, and this on a third.
        for _ in 0..=self.first.len() {
            if !self.begin(system, &mut run) {
                break;
            }
        }
        run
    }

    /// Gives first values by the others; says whether any has changed.
    fn begin(&self, system: &System, run: &mut Valuation) -> bool {
        let Some((state, _)) = run.periods.first_mut() else { return false };
        let vars = system.rigid.iter().copied().chain(system.states.iter().map(|s| s.var));
        let values = vars.zip(run.rigid.iter().chain(state.iter()).cloned()).collect();
        let mut changed = false;
        for (var, given) in &self.first {
            let value = match given {
                Given::Truth(truth) => Some(Value::Bool(*truth)),
                Given::As(term) => system.pool.evaluate(*term, &values),
            };
            let at = system.states.iter().position(|state| state.var == *var);
            let place = at.and_then(|at| state.get_mut(at));
            if let (Some(place), Some(value)) = (place, value)
                && *place != value
            {
                *place = value;
                changed = true;
            }
        }
        changed
    }
}

/// What was kept in its places, and what was left out in the others.
fn filled(places: &[Option<Value>], kept: &[Value]) -> Vec<Value> {
    let mut kept = kept.iter();
    places
        .iter()
        .filter_map(|left_out| left_out.as_ref().or_else(|| kept.next()).cloned())
        .collect()
}
