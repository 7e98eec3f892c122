//! That something is not known: worlds in which a judge may be, shown one by one.
//!
//! The second condition of the theorem of [`crate::twin::observed`]. For each state of an observer there is
//! a list of worlds. [`show`] goes through all that has to be so: those of the first state are first
//! states; for every entry of the machine each world after it has one before it, with a step of which the judge sees
//! what the entry says; where something is not known, it fails in some world. What is missing from the lists is
//! named; each of the others is one check of a state or a step, all of whose cells are given, which must be
//! satisfiable. The observer itself has no part in these checks: many of its states share a world, and what
//! is so of a step is asked once.

use std::collections::BTreeMap;

use rustc_hash::FxHashSet;

use crate::engine::unroll::Unrolling;
use crate::solver::{Answer, Literal, Solver};
use crate::system::Problem;
use crate::term::{Pool, Term};
use crate::twin::observed::Machine;
use crate::types::core::Value;

/// The worlds of an observer, and what leads to each.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Worlds {
    /// Of each state of the machine: the values of all cells but the one of what was seen last.
    pub worlds: Vec<Vec<Vec<Value>>>,
    /// For a state, a view and the number of a world of the state after it: the number of a world that leads
    /// there.
    pub before: BTreeMap<(u32, u32, u32), u32>,
    /// For a piece of knowledge and a state in which it is not known: the number of a world that lacks it.
    pub lacks: BTreeMap<(u32, u32), u32>,
}

/// What is to be shown.
#[derive(Clone, Debug)]
pub struct Facts<'a> {
    /// A problem of the model with a [cell](crate::twin::observed::see) of what was seen last.
    pub problem: &'a Problem,
    /// For each piece of knowledge, the question about that model where it fails.
    pub fails: &'a [Problem],
    /// The observer.
    pub machine: &'a Machine,
    /// The worlds.
    pub worlds: &'a Worlds,
}

/// What is not so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Something that is needed is not there, or not so.
    Wrong(String),
    /// Something was not decided.
    Open(String),
}

/// Leads fresh solvers through all of it; how many checks there were.
///
/// # Errors
/// The first that fails.
pub fn show<S: Solver>(
    facts: &Facts<'_>,
    fresh: &mut dyn FnMut(&'static str) -> S,
) -> Result<usize, Fault> {
    if facts.worlds.worlds.iter().all(Vec::is_empty) {
        return facts.lacking(fresh);
    }
    Ok(facts.beginnings(fresh)? + facts.steps(fresh)? + facts.lacking(fresh)?)
}

fn wrong<T>(text: String) -> Result<T, Fault> {
    Err(Fault::Wrong(text))
}

/// A problem with its worlds as terms.
struct Laid {
    problem: Problem,
    worlds: Vec<Vec<Vec<Term>>>,
    /// What was seen last, by number.
    saw: Vec<Term>,
}

/// The conditions of a state at a period.
fn at(terms: &[Term], at: u32) -> impl Iterator<Item = Literal> {
    terms.iter().map(move |term| Literal { term: *term, at, positive: true })
}

impl Facts<'_> {
    /// The worlds as conditions on the state variables of a problem.
    fn laid(&self, problem: &Problem) -> Result<Laid, Fault> {
        let mut problem = problem.clone();
        let vars: Vec<_> = problem.system.states.iter().map(|state| state.var).collect();
        let Some((saw, plain)) = vars.split_last() else {
            return wrong("the model has no cells".to_owned());
        };
        let pool = &mut problem.system.pool;
        let mut worlds = Vec::new();
        for (set, all) in (0u32..).zip(&self.worlds.worlds) {
            let mut laid = Vec::new();
            for (n, values) in all.iter().enumerate() {
                if values.len() != plain.len() {
                    return wrong(format!("world {n} of set {set} does not give every cell"));
                }
                let cells = plain.iter().zip(values).map(|(var, value)| same(pool, *var, value));
                laid.push(cells.collect());
            }
            worlds.push(laid);
        }
        let views = 0..self.machine.views.len();
        let saw = views.map(|view| same(pool, *saw, &Value::Int(view.into()))).collect();
        Ok(Laid { problem, worlds, saw })
    }

    /// The worlds of the first state are first states.
    fn beginnings<S: Solver>(
        &self,
        fresh: &mut dyn FnMut(&'static str) -> S,
    ) -> Result<usize, Fault> {
        let laid = self.laid(self.problem)?;
        let first = self.machine.first;
        let Some(worlds) = laid.worlds.get(first as usize).filter(|worlds| !worlds.is_empty())
        else {
            return Ok(0);
        };
        let mut start = Unrolling::new(&laid.problem, fresh("first"), true);
        for (n, world) in worlds.iter().enumerate() {
            let assumed: Vec<Literal> = at(world, 0).collect();
            let answer = start.solver.check(&laid.problem.system.pool, &assumed);
            so(answer, || format!("world {n} of set {first} is no first state"))?;
        }
        Ok(worlds.len())
    }

    /// Every world after an entry has one before it.
    fn steps<S: Solver>(&self, fresh: &mut dyn FnMut(&'static str) -> S) -> Result<usize, Fault> {
        let laid = self.laid(self.problem)?;
        let mut step = Unrolling::new(&laid.problem, fresh("steps"), false);
        step.extend();
        let mut asked = FxHashSet::default();
        for (set, after) in (0u32..).zip(&self.machine.after) {
            for (view, to) in after {
                for n in 0..laid.worlds.get(*to as usize).map_or(0, Vec::len) {
                    let assumed = self.step(&laid, (set, *view, *to), n)?;
                    if !asked.insert(assumed.clone()) {
                        continue;
                    }
                    let answer = step.solver.check(&laid.problem.system.pool, &assumed);
                    so(answer, || {
                        format!(
                            "no step that looks like view {view} leads from set {set} to world {n} \
                             of set {to}"
                        )
                    })?;
                }
            }
        }
        Ok(asked.len())
    }

    /// The conditions of a step to the nth world of a set.
    fn step(
        &self,
        laid: &Laid,
        (set, view, to): (u32, u32, u32),
        n: usize,
    ) -> Result<Vec<Literal>, Fault> {
        let number = u32::try_from(n).unwrap_or(u32::MAX);
        let before = self.worlds.before.get(&(set, view, number));
        let world = |set: u32, n: usize| laid.worlds.get(set as usize).and_then(|all| all.get(n));
        let (Some(from), Some(to), Some(saw)) = (
            before.and_then(|before| world(set, *before as usize)),
            world(to, n),
            laid.saw.get(view as usize),
        ) else {
            return wrong(format!(
                "no world of set {set} is given that leads to world {n} of set {to} by view {view}"
            ));
        };
        Ok(at(from, 0).chain(at(to, 1)).chain(at(&[*saw], 1)).collect())
    }

    /// What is not known fails in some world.
    fn lacking<S: Solver>(&self, fresh: &mut dyn FnMut(&'static str) -> S) -> Result<usize, Fault> {
        let mut count = 0;
        for (piece, known) in (0u32..).zip(&self.machine.known) {
            let sets = (0u32..).zip(known).filter(|(_, known)| !**known);
            let sets: Vec<u32> = sets.map(|(set, _)| set).collect();
            if sets.is_empty() {
                continue;
            }
            let Some(problem) = self.fails.get(piece as usize) else {
                return wrong(format!("there is no question where piece {piece} fails"));
            };
            let laid = self.laid(problem)?;
            let mut now = Unrolling::new(&laid.problem, fresh("lacks"), false);
            let bad = Literal { term: laid.problem.bad, at: 0, positive: true };
            let mut asked = FxHashSet::default();
            for set in sets {
                let n = self.worlds.lacks.get(&(piece, set)).copied();
                let worlds = laid.worlds.get(set as usize);
                let Some((n, world)) = n.and_then(|n| Some((n, worlds?.get(n as usize)?))) else {
                    return wrong(format!(
                        "no world of set {set} is given that lacks piece {piece}"
                    ));
                };
                let assumed: Vec<Literal> = at(world, 0).chain([bad]).collect();
                if !asked.insert(assumed.clone()) {
                    continue;
                }
                let answer = now.solver.check(&laid.problem.system.pool, &assumed);
                so(answer, || format!("piece {piece} holds in world {n} of set {set}"))?;
            }
            count += asked.len();
        }
        Ok(count)
    }
}

/// That a variable has a value.
pub(super) fn same(pool: &mut Pool, var: crate::term::Var, value: &Value) -> Term {
    match value {
        Value::Member(_, n) => pool.equals(var, &Value::Int((*n).into())),
        value => pool.equals(var, value),
    }
}

fn so(answer: Answer, otherwise: impl FnOnce() -> String) -> Result<(), Fault> {
    match answer {
        Answer::Sat => Ok(()),
        Answer::Unsat => wrong(otherwise()),
        Answer::Unknown(reason) => Err(Fault::Open(reason)),
    }
}
