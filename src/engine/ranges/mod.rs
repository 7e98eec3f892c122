//! Ranges of unbounded numbers, so that bits suffice where a system is finite without saying so.
//!
//! Intervals that hold in all first states and are kept by every step (Cousot and Cousot 1976, 1977): a
//! condition narrows the intervals of what it compares before a branch is evaluated; what keeps growing is
//! widened to the next number that the system mentions, and at last to no bound at all. If all numbers end up
//! bounded, the same system with these bounds is decided on bits. The way back: a run is one of the system
//! as it was, and an invariant is one together with the ranges. Neither depends on this file being right:
//! runs are replayed and invariants proved again, in the system as it was.

mod interval;

use rustc_hash::FxHashSet;

use self::interval::{Boxed, Interval};
use super::{Invariant, Outcome, Proof};
use crate::system::{Problem, StateVar, System};
use crate::term::{Bounds, Node, Pool, Sort, Term, Var, children};

/// Rounds in which intervals grow as they like.
const EXACT: u32 = 4;
/// Rounds after which what still grows has no bound.
const LAST: u32 = 40;

/// A problem with bounds on all its numbers, in place of one without.
pub struct Ranged {
    /// The problem with bounds; its lists are in the order of the problem's as it was.
    pub problem: Problem,
    /// What was found of state variables, as they were.
    found: Vec<(Var, i64, i64)>,
}

/// The problem with bounds, if some are found for all its numbers.
pub fn infer(problem: &Problem) -> Option<Ranged> {
    let system = &problem.system;
    let found = fixpoint(problem)?;
    let mut pool = Pool::new();
    for n in 0..system.pool.variable_count() {
        let var = Var(u32::try_from(n).ok()?);
        let info = system.pool.var_info(var).clone();
        let inferred = || found.get(n).copied().and_then(Interval::bounds);
        let bounds = info.bounds.or_else(inferred).filter(|_| info.sort == Sort::Int);
        pool.declare(&info.name, info.sort, bounds, info.role);
    }
    let states = system.states.iter().map(|state| state.var);
    let missing = states.clone().filter(|var| system.pool.var_info(*var).bounds.is_none());
    let ranges = missing.filter_map(|var| {
        let (lo, hi) = pool.var_info(var).bounds?;
        Some((var, lo, hi))
    });
    let ranges = ranges.collect();
    let problem = with_bounds(problem, pool)?;
    let finite = problem.system.is_finite(&[problem.bad]);
    finite.then_some(Ranged { problem, found: ranges })
}

/// The same problem over a pool whose variables have bounds.
fn with_bounds(problem: &Problem, mut pool: Pool) -> Option<Problem> {
    let system = &problem.system;
    let nexts: Vec<Term> = system.states.iter().map(|state| state.next).collect();
    let bad = [problem.bad];
    let lists = [&nexts, &system.init, &system.step, &system.lemmas, bad.as_slice()];
    let mut lists = pool.redeclared(&system.pool, lists)?.into_iter();
    let (nexts, init, step) = (lists.next()?, lists.next()?, lists.next()?);
    let (lemmas, bad) = (lists.next()?, *lists.next()?.first()?);
    let of = |(state, next): (&StateVar, Term)| StateVar { var: state.var, next };
    let states = system.states.iter().zip(nexts).map(of).collect();
    let (rigid, inputs) = (system.rigid.clone(), system.inputs.clone());
    let system = System { pool, rigid, states, inputs, init, step, lemmas };
    Some(Problem { system, bad, on_step: problem.on_step })
}

impl Ranged {
    /// What an outcome says of the problem as it was.
    pub fn back(&self, problem: &Problem, outcome: Outcome) -> Outcome {
        let Outcome::Unreachable(proof) = outcome else { return outcome };
        let Proof::Invariant(invariant) = proof else {
            return Outcome::Unknown("the proof has no way back from ranges".to_owned());
        };
        let mut pool = problem.system.pool.clone();
        let Some(mut lists) = pool.redeclared(&invariant.pool, [invariant.clauses.as_slice()])
        else {
            return Outcome::Unknown("the invariant has no way back from ranges".to_owned());
        };
        let mut clauses = lists.pop().unwrap_or_default();
        for (var, lo, hi) in &self.found {
            let term = pool.var(*var);
            clauses.push(pool.between(term, *lo, *hi));
        }
        Outcome::Unreachable(Proof::Invariant(Invariant { pool, clauses }))
    }
}

/// For each variable, its interval in every period of every run; `None` if that was too much work.
fn fixpoint(problem: &Problem) -> Option<Vec<Interval>> {
    let system = &problem.system;
    let numbers = numbers(problem);
    let mut boxed = Boxed::new(&system.pool);
    if !boxed.assume_all(system.init.iter().chain(&system.lemmas))? {
        return None;
    }
    let mut state = boxed.ranges().to_vec();
    for input in &system.inputs {
        set(&mut state, *input, declared(&system.pool, *input));
    }
    let mut round = 0;
    loop {
        let mut boxed = Boxed::over(&system.pool, state.clone());
        let goes_on = boxed.assume_all(system.step.iter().chain(&system.lemmas))?;
        let mut next = state.clone();
        for one in system.states.iter().filter(|_| goes_on) {
            let after = boxed.value(one.next)?;
            if let (Some(range), Some(after)) = (next.get_mut(one.var.0 as usize), after) {
                *range = grown(*range, range.join(after), round, &numbers);
            }
        }
        if next != state {
            state = next;
            round += 1;
            continue;
        }
        return with_draws(problem, state, (goes_on, boxed.ranges()));
    }
}

/// With the intervals of draws, given those of states in every period and what steps leave of them.
fn with_draws(
    problem: &Problem,
    mut state: Vec<Interval>,
    in_step: (bool, &[Interval]),
) -> Option<Vec<Interval>> {
    let system = &problem.system;
    let mut bad = Boxed::over(&system.pool, state.clone());
    let ends = bad.assume_all(std::iter::once(&problem.bad))?;
    let read = system.pool.variables([problem.bad]);
    for input in &system.inputs {
        // Steps need not be possible where the run is bad.
        let at_end = (ends && read.contains(input), bad.ranges());
        draw(&mut state, *input, [in_step, at_end]);
    }
    Some(state)
}

/// What a draw is in a step, or where the run is bad, if either can be.
fn draw(state: &mut [Interval], input: Var, drawn: [(bool, &[Interval]); 2]) {
    let possible = drawn.into_iter().filter(|(possible, _)| *possible);
    let ranges = possible.filter_map(|(_, ranges)| ranges.get(input.0 as usize).copied());
    if let Some(range) = ranges.reduce(Interval::join) {
        set(state, input, range);
    }
}

fn set(state: &mut [Interval], var: Var, range: Interval) {
    if let Some(place) = state.get_mut(var.0 as usize) {
        *place = range;
    }
}

fn declared(pool: &Pool, var: Var) -> Interval {
    Interval::of(pool.var_info(var).bounds)
}

/// An interval that has grown, widened so that this comes to an end.
fn grown(old: Interval, new: Interval, round: u32, numbers: &[i64]) -> Interval {
    if old == new || round < EXACT {
        return new;
    }
    let known = |n: Option<i64>| n.filter(|_| round < LAST);
    let below = |n: i64| numbers.iter().rev().find(|m| **m <= n).copied();
    let above = |n: i64| numbers.iter().find(|m| **m >= n).copied();
    Interval {
        lo: if new.lo == old.lo { old.lo } else { known(new.lo).and_then(below) },
        hi: if new.hi == old.hi { old.hi } else { known(new.hi).and_then(above) },
    }
}

/// The whole numbers that a problem mentions, and those beside them, in order.
fn numbers(problem: &Problem) -> Vec<i64> {
    let system = &problem.system;
    let nexts = system.states.iter().map(|state| state.next);
    let mut todo: Vec<Term> = system.init.iter().chain(&system.step).copied().collect();
    todo.extend(nexts.chain([problem.bad]));
    let (mut seen, mut found) = (FxHashSet::default(), Vec::new());
    while let Some(term) = todo.pop() {
        if !seen.insert(term) {
            continue;
        }
        let node = system.pool.node(term);
        if let (Node::Int(_), Some(n)) = (node, system.pool.point(term)) {
            found.extend([n.saturating_sub(1), n, n.saturating_add(1)]);
        }
        todo.extend(children(node));
    }
    found.sort_unstable();
    found.dedup();
    found
}

impl Interval {
    fn of(bounds: Bounds) -> Interval {
        let (lo, hi) = bounds.unzip();
        Interval { lo, hi }
    }

    fn bounds(self) -> Bounds {
        self.lo.zip(self.hi)
    }
}
