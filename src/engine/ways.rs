//! Ways back: why something can be reached from wherever a run may be.
//!
//! `always possible p` (AG EF p) holds iff every reachable state lies on some way to `p`. A *way* is a cube of
//! states with draws that lead all of them, in one period, to `p` or into an earlier way; since the draws are
//! written down, that needs no quantifier: it is one query over one period. What is left is that no
//! reachable state lies outside all ways, which is an ordinary question of safety. Ways are made where
//! they are missing: from a reachable state without one, a shortest run to `p` or to a way is looked for,
//! and each of its steps becomes a way, widened by the unsatisfiable core as IC3 widens predecessors
//! (Hassan, Bradley and Somenzi 2012 prove CTL so). Where there is no such run, the state is a trap.
//!
//! Nothing here is believed: `evidence::obligations` goes through the ways again.

use rustc_hash::FxHashMap;

use super::{Budget, Outcome, Proof};
use crate::solver::{Answer, Literal, Solver};
use crate::system::{Problem, Valuation};
use crate::term::{Pool, Role, Sort, Term, Var};
use crate::types::core::Value;

/// Most ways that are made.
const LIMIT: usize = 400;

/// States from which these draws lead on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Way {
    /// A conjunction over states and rigid variables.
    pub cube: Vec<Term>,
    /// What is drawn.
    pub draws: Vec<(Var, Value)>,
}

/// Ways from all reachable states.
#[derive(Clone)]
pub struct Ways {
    /// Where its terms live: a clone of the problem's pool, grown.
    pub pool: Pool,
    /// In order: each leads to the target or into those before it.
    pub ways: Vec<Way>,
    /// That no reachable state lies outside them.
    pub proof: Proof,
}

impl std::fmt::Debug for Ways {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} ways, {:?}", self.ways.len(), self.proof)
    }
}

impl PartialEq for Ways {
    /// Of the same problem.
    fn eq(&self, other: &Self) -> bool {
        self.ways == other.ways && self.proof == other.proof
    }
}

impl Eq for Ways {}

/// Looks for ways to the target from all reachable states. A run that is returned leads to a state from
/// which `decide` says that there is none.
pub fn run<S: Solver>(
    target: &Problem,
    fresh: impl Fn() -> S,
    decide: impl Fn(&Problem, Budget<'_>) -> Outcome,
    budget: Budget<'_>,
    progress: &mut dyn FnMut(u32),
) -> Outcome {
    let mut map = Map { target, pool: target.system.pool.clone(), ways: Vec::new() };
    loop {
        if let Some(reason) = budget.exhausted() {
            return Outcome::Unknown(reason);
        }
        progress(u32::try_from(map.ways.len()).unwrap_or(u32::MAX));
        let run = match decide(&map.outside(), budget) {
            Outcome::Unreachable(proof) => {
                let ways = Ways { pool: map.pool, ways: map.ways, proof };
                return Outcome::Unreachable(Proof::Ways(Box::new(ways)));
            }
            Outcome::Reached(run) => run,
            other => return other,
        };
        let Some((state, _)) = run.periods.last() else { return unknown("an empty run") };
        let onward = match decide(&map.onward(&run.rigid, state), budget) {
            Outcome::Reached(onward) => onward,
            Outcome::Unreachable(_) => return Outcome::Reached(run),
            other => return other,
        };
        if map.ways.len() + onward.periods.len() > LIMIT {
            return unknown("too many ways to write down");
        }
        if !map.pave(&onward, &fresh) {
            return unknown("a way was found that cannot be written down");
        }
    }
}

fn unknown(reason: &str) -> Outcome {
    Outcome::Unknown(reason.to_owned())
}

impl Ways {
    /// What has to be impossible for the nth way: a state of the cube that the draws do not lead on. The
    /// terms live in the pool that comes with them. `None` if the way says more than what is drawn.
    pub fn failure(&self, target: &Problem, n: usize) -> Option<(Pool, Vec<Term>)> {
        let (way, earlier) = (self.ways.get(n)?, self.ways.get(..n)?.to_vec());
        let mut map = Map { target, pool: self.pool.clone(), ways: earlier };
        if !way.draws.iter().all(|(var, _)| map.pool.var_info(*var).role == Role::Input) {
            return None;
        }
        let astray = map.astray(&way.draws);
        Some((map.pool, way.cube.iter().copied().chain([astray]).collect()))
    }

    /// The question whether a run leads outside all ways.
    pub fn outside(&self, target: &Problem) -> Problem {
        Map { target, pool: self.pool.clone(), ways: self.ways.clone() }.outside()
    }
}

/// Ways so far.
struct Map<'t> {
    target: &'t Problem,
    pool: Pool,
    ways: Vec<Way>,
}

impl Map<'_> {
    /// States on some way, and those of the target if it is about states.
    fn inside(&mut self) -> Term {
        let mut inside: Vec<Term> = Vec::new();
        for way in &self.ways {
            inside.push(self.pool.and(way.cube.iter().copied()));
        }
        inside.extend((!self.target.on_step).then_some(self.target.bad));
        self.pool.or(inside)
    }

    /// Can a run lead outside?
    fn outside(&mut self) -> Problem {
        let inside = self.inside();
        let bad = self.pool.not(inside);
        let mut system = self.target.system.clone();
        system.pool = self.pool.clone();
        Problem { system, bad, on_step: false }
    }

    /// Does a run lead from this state to the target, or to a way?
    fn onward(&mut self, rigid: &[Value], state: &[Value]) -> Problem {
        let mut system = self.target.system.clone();
        let inside = self.inside();
        let bad = if self.target.on_step {
            let steps = self.pool.and(system.step.iter().copied());
            let onto = self.pool.and([inside, steps]);
            self.pool.or([self.target.bad, onto])
        } else {
            inside
        };
        system.init = self.cube(rigid, state);
        system.pool = self.pool.clone();
        Problem { system, bad, on_step: self.target.on_step }
    }

    /// The state as a conjunction that can be widened: both bounds of each number on their own.
    fn cube(&mut self, rigid: &[Value], state: &[Value]) -> Vec<Term> {
        let system = &self.target.system;
        let rigid = system.rigid.iter().copied().zip(rigid);
        let states = system.states.iter().map(|s| s.var).zip(state);
        let mut cube = Vec::new();
        for (var, value) in rigid.chain(states) {
            if let (Sort::Int, Value::Int(number)) = (self.pool.var_info(var).sort, value) {
                let (var, number) = (self.pool.var(var), self.pool.int(number.clone()));
                cube.extend([self.pool.le(var, number), self.pool.le(number, var)]);
            } else {
                cube.push(self.pool.equals(var, value));
            }
        }
        cube
    }

    /// These draws do not lead to the target, nor onto a way.
    fn astray(&mut self, draws: &[(Var, Value)]) -> Term {
        let system = &self.target.system;
        let next: FxHashMap<Var, Term> = system.states.iter().map(|s| (s.var, s.next)).collect();
        let inside = self.inside();
        let lands = self.pool.substitute(inside, &next);
        let steps = self.pool.and(system.step.iter().copied());
        let mut onward = self.pool.and([steps, lands]);
        if self.target.on_step {
            onward = self.pool.or([onward, self.target.bad]);
        }
        let mut drawn = FxHashMap::default();
        for (var, value) in draws {
            drawn.extend(self.pool.constant(value).map(|constant| (*var, constant)));
        }
        let onward = self.pool.substitute(onward, &drawn);
        self.pool.not(onward)
    }

    /// Makes a way of each step of a run, from its end.
    fn pave<S: Solver>(&mut self, run: &Valuation, fresh: &impl Fn() -> S) -> bool {
        let before = self.ways.len();
        for (state, draws) in run.periods.iter().rev() {
            let Some(draws) = draws else { continue };
            let draws = self.target.system.inputs.iter().copied().zip(draws.iter().cloned());
            let (cube, draws) = (self.cube(&run.rigid, state), draws.collect::<Vec<_>>());
            let astray = self.astray(&draws);
            if let Some(cube) = self.widened(&cube, astray, fresh()) {
                self.ways.push(Way { cube, draws });
            }
        }
        self.ways.len() > before
    }

    /// As much of the cube as keeps it from going astray; `None` if all of it does not.
    fn widened<S: Solver>(&self, cube: &[Term], astray: Term, mut solver: S) -> Option<Vec<Term>> {
        for lemma in &self.target.system.lemmas {
            solver.assert(&self.pool, *lemma, 0);
        }
        solver.assert(&self.pool, astray, 0);
        let literal = |term: &Term| Literal { term: *term, at: 0, positive: true };
        let literals: Vec<Literal> = cube.iter().map(literal).collect();
        match solver.check(&self.pool, &literals) {
            Answer::Unsat => {
                let core = solver.core();
                Some(core.into_iter().filter_map(|n| cube.get(n).copied()).collect())
            }
            _ => None,
        }
    }
}
