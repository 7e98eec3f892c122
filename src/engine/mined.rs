//! Invariants mined place by place, and induction strengthened by them.
//!
//! The strongest equations and ranges that contain all reachable states are climbed to from below
//! (symbolic abstraction, Reps, Sagiv and Yorsh 2004; Thakur and Reps 2012): a solver is asked for a
//! step from what is known to what is not, its state is taken in, until there is none. What is known
//! then is inductive. If it does not exclude bad states, the next round looks at more: places told apart by the
//! problem's own atoms, remainders, sums and differences of pairs. Each round may use what
//! earlier ones proved, and in the end k-induction may.
//!
//! This finds what property-directed search often diverges on: relations between counters that no
//! counterexample suggests.

mod abstraction;
mod hull;
mod linear;

use std::collections::{BTreeMap, VecDeque};

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::One;
use rustc_hash::FxHashMap;

use self::abstraction::{Abstraction, Key, Shape};
use self::linear::Vocabulary;
use super::{Budget, Invariant, Outcome, Proof, induction};
use crate::solver::{Answer, Literal, Solver};
use crate::system::Problem;
use crate::term::{Node, Sort, Term, Var};
use crate::types::core::Value;

/// Most places of one abstraction.
const MOST_PLACES: usize = 160;
/// Most cells whose values tell places apart.
const MOST_CELLS: usize = 16;
/// Most values of a bounded number that tells places apart.
const MOST_VALUES: i64 = 64;
/// Most numbers whose pairs are looked at.
const MOST_PAIRED: usize = 14;
/// After so many questions a solver is made anew; what it was asked before only weighs on it.
const FRESH_AFTER: u32 = 300;

/// Decides by mined invariants, then by k-induction relative to them.
pub fn run<S: Solver>(
    problem: &Problem,
    solver: impl Fn() -> S,
    budget: Budget<'_>,
    progress: &mut dyn FnMut(u32),
) -> Outcome {
    let mut known = problem.clone();
    let vocabulary = linear::vocabulary(problem);
    let mut mined = Vec::new();
    let mut last: Option<Shape> = None;
    for round in Round::ALL {
        let shape = round.shape(&mut known, &vocabulary);
        if last.as_ref() == Some(&shape) {
            continue;
        }
        last = Some(shape.clone());
        let climbed = Climb::new(&mut known, shape, &solver, budget, progress).run();
        if let Some(reason) = budget.exhausted() {
            return Outcome::Unknown(reason);
        }
        let Some(clauses) = climbed else { continue };
        mined.extend(&clauses);
        known.system.lemmas.extend(&clauses);
        if excluded(&known, solver()) && budget.exhausted().is_none() {
            let pool = known.system.pool;
            return Outcome::Unreachable(Proof::Invariant(Invariant { pool, clauses: mined }));
        }
    }
    if mined.is_empty() {
        return Outcome::Unknown("nothing was mined".to_owned());
    }
    match induction::run(&known, &solver, budget, progress) {
        Outcome::Unreachable(Proof::Induction { k, simple_path }) => {
            let lemmas = Invariant { pool: known.system.pool, clauses: mined };
            Outcome::Unreachable(Proof::Strengthened { lemmas, k, simple_path })
        }
        // The end of all runs was shown with lemmas that its check does not know.
        Outcome::Unreachable(_) => Outcome::Unknown("no run goes on".to_owned()),
        other => other,
    }
}

/// Whether the lemmas exclude bad states.
fn excluded<S: Solver>(problem: &Problem, mut solver: S) -> bool {
    let pool = &problem.system.pool;
    for lemma in &problem.system.lemmas {
        solver.assert(pool, *lemma, 0);
    }
    solver.check(pool, &[Literal { term: problem.bad, at: 0, positive: true }]) == Answer::Unsat
}

/// What a round looks at.
#[derive(Clone, Copy, Debug)]
struct Round {
    pairs: bool,
    remainders: bool,
    /// How many atoms tell places apart.
    splits: usize,
}

impl Round {
    const ALL: [Round; 5] = [
        Round { pairs: false, remainders: false, splits: 0 },
        Round { pairs: false, remainders: false, splits: 4 },
        Round { pairs: false, remainders: true, splits: 0 },
        Round { pairs: true, remainders: false, splits: 0 },
        Round { pairs: true, remainders: false, splits: 8 },
    ];

    fn shape(self, problem: &mut Problem, vocabulary: &Vocabulary) -> Shape {
        let (cells, numbers) = cells(problem);
        let mut dimensions = numbers;
        dimensions.extend(&vocabulary.parts);
        let one = BigRational::one();
        let mut forms: Vec<Vec<(Term, BigRational)>> =
            dimensions.iter().map(|t| vec![(*t, one.clone())]).collect();
        forms.extend(vocabulary.forms.iter().filter(|form| form.len() > 1).cloned());
        if self.pairs && dimensions.len() <= MOST_PAIRED {
            for (n, a) in dimensions.iter().enumerate() {
                for b in dimensions.iter().skip(n + 1) {
                    forms.push(vec![(*a, one.clone()), (*b, -one.clone())]);
                    forms.push(vec![(*a, one.clone()), (*b, one.clone())]);
                }
            }
        }
        forms.iter_mut().for_each(|form| form.sort());
        forms.sort();
        forms.dedup();
        let mut places = cells;
        places.extend(splits(problem, vocabulary).into_iter().take(self.splits));
        Shape { places, dimensions, forms, remainders: self.remainders, stops: stops(vocabulary) }
    }
}

/// State variables that tell places apart, and those that count.
fn cells(problem: &mut Problem) -> (Vec<Term>, Vec<Term>) {
    let system = &mut problem.system;
    let (mut cells, mut numbers) = (Vec::new(), Vec::new());
    let rigid = system.rigid.iter().copied();
    for var in rigid.chain(system.states.iter().map(|s| s.var)) {
        let info = system.pool.var_info(var).clone();
        let term = system.pool.var(var);
        let few = |(lo, hi): (i64, i64)| hi.saturating_sub(lo) < MOST_VALUES;
        match (info.sort, info.bounds) {
            (Sort::Bool, _) => cells.push(term),
            (Sort::Int, Some(bounds)) if few(bounds) => cells.push(term),
            _ => numbers.push(term),
        }
    }
    if cells.len() > MOST_CELLS {
        cells.clear();
    }
    (cells, numbers)
}

/// Atoms that tell places apart: first those whose variables never change.
fn splits(problem: &Problem, vocabulary: &Vocabulary) -> Vec<Term> {
    let system = &problem.system;
    let constant = |var: &Var| {
        let state = system.states.iter().find(|s| s.var == *var);
        state.is_none_or(|s| matches!(system.pool.node(s.next), Node::Var(v) if v == var))
    };
    let (mut still, moving): (Vec<Term>, Vec<Term>) = vocabulary
        .atoms
        .iter()
        .partition(|atom| system.pool.variables([**atom]).iter().all(constant));
    still.extend(moving);
    still
}

/// Constants of the problem and their neighbours, ascending.
fn stops(vocabulary: &Vocabulary) -> Vec<BigRational> {
    let around = |n: &BigInt| [n - 1, n.clone(), n + 1, -n.clone()];
    let mut stops: Vec<BigInt> = vocabulary.constants.iter().flat_map(around).collect();
    stops.extend([-1, 0, 1].map(BigInt::from));
    stops.sort();
    stops.dedup();
    stops.into_iter().map(BigRational::from_integer).collect()
}

/// One climb to a fixed point.
struct Climb<'a, 'b, S, Make> {
    problem: &'a mut Problem,
    abstraction: Abstraction,
    make: &'a Make,
    /// Holds a step from period 0 to period 1.
    step: S,
    /// Where steps from each place lead.
    targets: BTreeMap<Key, Vec<Key>>,
    /// Where the last step led.
    last: Option<Key>,
    asked: u32,
    budget: Budget<'b>,
    progress: &'a mut dyn FnMut(u32),
}

impl<'a, 'b, S: Solver, Make: Fn() -> S> Climb<'a, 'b, S, Make> {
    fn new(
        problem: &'a mut Problem,
        shape: Shape,
        make: &'a Make,
        budget: Budget<'b>,
        progress: &'a mut dyn FnMut(u32),
    ) -> Self {
        let abstraction = Abstraction::new(&mut problem.system.pool, shape);
        let step = stepping(problem, make());
        let targets = BTreeMap::new();
        Climb { problem, abstraction, make, step, targets, last: None, asked: 0, budget, progress }
    }

    /// The clauses of the fixed point; `None` where it cannot be reached.
    fn run(mut self) -> Option<Vec<Term>> {
        self.first_states()?;
        let mut waiting: VecDeque<Key> = self.abstraction.keys().into();
        while let Some(key) = waiting.pop_front() {
            for grown in self.settle(&key)? {
                if !waiting.contains(&grown) {
                    waiting.push_back(grown);
                }
            }
        }
        Some(self.abstraction.clauses(&mut self.problem.system.pool))
    }

    /// Takes in what steps from a place lead to, until it is known; returns the places that grew.
    /// The places that steps lead to are found once, so that most questions are about few facts.
    fn settle(&mut self, key: &Key) -> Option<Vec<Key>> {
        let mut grown = Vec::new();
        let mut targets = self.targets.remove(key).unwrap_or_default();
        let mut at = 0;
        loop {
            let found = match targets.get(at) {
                Some(target) => self.grows(key, target)?,
                None => self.discovers(key, &targets)?,
            };
            match found {
                // When the place itself has grown, all has to be asked again.
                Some(place) if place == *key => at = 0,
                Some(place) if !grown.contains(&place) => grown.push(place.clone()),
                Some(_) => {}
                None if at < targets.len() => at += 1,
                None => break,
            }
            if let Some(place) = self.last.take()
                && !targets.contains(&place)
            {
                targets.push(place);
            }
        }
        self.targets.insert(key.clone(), targets);
        Some(grown)
    }

    /// A step to a known place that leads outside what is known there.
    fn grows(&mut self, key: &Key, target: &Key) -> Option<Option<Key>> {
        let pool = &mut self.problem.system.pool;
        let (here, facts) =
            (self.abstraction.here(pool, target), self.abstraction.facts(pool, target));
        self.leaves(key, &[(here, true), (facts, false)])
    }

    /// A step to a place that is not among these.
    fn discovers(&mut self, key: &Key, targets: &[Key]) -> Option<Option<Key>> {
        let pool = &mut self.problem.system.pool;
        let known: Vec<Term> = targets.iter().map(|t| self.abstraction.here(pool, t)).collect();
        let known = pool.or(known);
        self.leaves(key, &[(known, false)])
    }

    /// Takes all first states in.
    fn first_states(&mut self) -> Option<()> {
        let mut solver = (self.make)();
        let system = &self.problem.system;
        for term in system.init.iter().chain(&system.lemmas) {
            solver.assert(&system.pool, *term, 0);
        }
        loop {
            let known = self.abstraction.anywhere(&mut self.problem.system.pool);
            let outside = Literal { term: known, at: 0, positive: false };
            match solver.check(&self.problem.system.pool, &[outside]) {
                Answer::Unsat => return self.may_go_on(),
                Answer::Unknown(_) => return None,
                Answer::Sat => self.take(&mut solver, 0).map(|_| ())?,
            }
        }
    }

    /// The place of a state of that kind that a step from a place leads to, taken in.
    fn leaves(&mut self, key: &Key, to: &[(Term, bool)]) -> Option<Option<Key>> {
        self.may_go_on()?;
        self.asked += 1;
        (self.progress)(self.asked);
        if self.asked.is_multiple_of(FRESH_AFTER) {
            self.step = stepping(self.problem, (self.make)());
        }
        let pool = &mut self.problem.system.pool;
        let from = self.abstraction.at(pool, key);
        let mut question = vec![Literal { term: from, at: 0, positive: true }];
        question.extend(to.iter().map(|(term, positive)| Literal {
            term: *term,
            at: 1,
            positive: *positive,
        }));
        match self.step.check(pool, &question) {
            Answer::Unsat => self.may_go_on().map(|()| None),
            Answer::Unknown(_) => None,
            Answer::Sat => {
                let mut state = FxHashMap::default();
                for var in arguments(self.problem) {
                    state.insert(var, self.step.value(&self.problem.system.pool, var, 1));
                }
                let place = self.include(&state)?;
                self.last = Some(place.clone());
                Some(Some(place))
            }
        }
    }

    fn take(&mut self, solver: &mut S, at: u32) -> Option<Key> {
        let mut state = FxHashMap::default();
        for var in arguments(self.problem) {
            state.insert(var, solver.value(&self.problem.system.pool, var, at));
        }
        self.include(&state)
    }

    fn include(&mut self, state: &FxHashMap<Var, Value>) -> Option<Key> {
        let key = self.abstraction.include(&self.problem.system.pool, state)?;
        (self.abstraction.len() <= MOST_PLACES).then_some(key)
    }

    fn may_go_on(&self) -> Option<()> {
        self.budget.exhausted().is_none().then_some(())
    }
}

fn arguments(problem: &Problem) -> Vec<Var> {
    let system = &problem.system;
    system.rigid.iter().copied().chain(system.states.iter().map(|s| s.var)).collect()
}

/// A solver that holds one step, and the lemmas on both of its sides.
fn stepping<S: Solver>(problem: &Problem, mut solver: S) -> S {
    let system = &problem.system;
    for lemma in &system.lemmas {
        solver.assert(&system.pool, *lemma, 0);
        solver.assert(&system.pool, *lemma, 1);
    }
    for term in &system.step {
        solver.assert(&system.pool, *term, 0);
    }
    for state in &system.states {
        solver.assert_next(&system.pool, state.var, state.next, 0);
    }
    solver
}
