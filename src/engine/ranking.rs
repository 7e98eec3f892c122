//! Ranking: why justice cannot be met for ever.
//!
//! Consider the steps that an infinite run takes again and again. They satisfy the step constraint;
//! and if some measure never grows on them, then the steps on which it falls while it is not negative
//! are not among them (a lexicographic ranking, found component by component as in Bradley, Manna and
//! Sipma 2005). A condition on states that recurs and is never lost holds from some period on. A bit
//! that never changes may be taken to have either value. Once no step that is left meets some
//! justice, no infinite run meets it again and again. Measures are mined from the system's own cells
//! and comparisons; every step of the argument is one query over one period, in any arithmetic. Steps
//! that answered a query before are kept and tried on the next ones, as in Houdini (Flanagan and Leino
//! 2001): most measures grow on a step that is at hand.

use rustc_hash::FxHashMap;

use super::{Budget, Outcome, Proof};
use crate::solver::{Answer, Literal, Solver};
use crate::system::liveness::Live;
use crate::term::{Node, Pool, Role, Sort, Term, Var, children};
use crate::types::core::Value;

/// Most measures tried.
const MEASURES: usize = 240;
/// Most bits on whose value a case distinction is made, one within the other.
const SPLITS: usize = 5;
/// Most steps kept to be tried on later queries.
const KEPT: usize = 64;

/// An argument that some justice is not met for ever.
#[derive(Clone)]
pub struct Ranking {
    /// Where its terms live: a clone of the system's pool, grown.
    pub pool: Pool,
    /// The argument.
    pub moves: Vec<Move>,
}

impl std::fmt::Debug for Ranking {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Ranking in {} steps", self.length())
    }
}

impl PartialEq for Ranking {
    /// Of the same question.
    fn eq(&self, other: &Self) -> bool {
        self.moves == other.moves
    }
}

impl Eq for Ranking {}

impl Ranking {
    /// How many steps it takes.
    pub fn length(&self) -> usize {
        length(&self.moves)
    }
}

fn length(moves: &[Move]) -> usize {
    let one = |one: &Move| match one {
        Move::Split(_, yes, no) => 1 + length(yes) + length(no),
        _ => 1,
    };
    moves.iter().map(one).sum()
}

/// A step of the argument about the steps taken again and again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Move {
    /// This recurs and is never lost: it holds.
    Stays(Term),
    /// This never grows: it does not fall while it is not negative.
    Falls(Term),
    /// This never changes: it is true, or it is false.
    Split(Term, Vec<Move>, Vec<Move>),
    /// This justice is not met.
    Never(Term),
}

/// Looks for a ranking.
pub fn run<S: Solver>(live: &Live, fresh: impl Fn() -> S, budget: Budget<'_>) -> Outcome {
    let mut system = Steps::new(live, live.system.pool.clone());
    let (cells, distances) = (cells(&mut system), distances(&mut system));
    let bits = system.bits();
    let mut search = Search { system, measures: cells, bits, fresh: &fresh, budget };
    let mut found = search.argue(&[], SPLITS);
    if found.is_none() && !distances.is_empty() {
        search.measures.extend(distances);
        found = search.argue(&[], SPLITS);
    }
    match found {
        Some(moves) => {
            let ranking = Ranking { pool: search.system.pool, moves };
            Outcome::Unreachable(Proof::Ranking(ranking))
        }
        None => {
            let reason = budget.exhausted();
            Outcome::Unknown(reason.unwrap_or_else(|| "no ranking found".to_owned()))
        }
    }
}

/// Goes through a ranking again.
///
/// # Errors
/// The answer that is not as it should be.
pub fn check<S: Solver>(
    live: &Live,
    ranking: &Ranking,
    fresh: &dyn Fn() -> S,
) -> Result<(), Answer> {
    let system = Steps::new(live, ranking.pool.clone());
    Checking { system, fresh }.follow(&ranking.moves, &[])
}

/// The steps of a system as terms over one period.
struct Steps<'l> {
    live: &'l Live,
    pool: Pool,
    next: FxHashMap<Var, Term>,
    memo: FxHashMap<Term, Term>,
}

impl<'l> Steps<'l> {
    fn new(live: &'l Live, pool: Pool) -> Self {
        let next = live.system.states.iter().map(|s| (s.var, s.next)).collect();
        Steps { live, pool, next, memo: FxHashMap::default() }
    }

    /// A term over states at the end of the period.
    fn after(&mut self, term: Term) -> Term {
        self.pool.substitute_with(term, &self.next, &mut self.memo)
    }

    fn justice(&mut self) -> Vec<Term> {
        match self.live.justice.as_slice() {
            [] => vec![self.pool.top()],
            some => some.to_vec(),
        }
    }

    /// Whether a term reads no inputs.
    fn is_of_state(&self, term: Term) -> bool {
        let vars = self.pool.variables([term]);
        vars.iter().all(|v| self.pool.var_info(*v).role != Role::Input)
    }

    /// A solver that knows what every step of every run satisfies.
    fn solver<S: Solver>(&mut self, fresh: &dyn Fn() -> S, more: &[Term]) -> S {
        let mut solver = fresh();
        let lemmas = self.live.system.lemmas.clone();
        let after: Vec<Term> = lemmas.iter().map(|lemma| self.after(*lemma)).collect();
        let steps = self.live.system.step.iter();
        for term in steps.chain(&lemmas).chain(&after).chain(more) {
            solver.assert(&self.pool, *term, 0);
        }
        // What variables may be at the end of the period.
        for state in &self.live.system.states {
            if let Some((lo, hi)) = self.pool.var_info(state.var).bounds {
                let inside = self.pool.between(state.next, lo, hi);
                solver.assert(&self.pool, inside, 0);
            }
        }
        solver
    }

    /// `r' > r`
    fn grows(&mut self, measure: Term) -> Term {
        let after = self.after(measure);
        self.pool.lt(measure, after)
    }

    /// `r' < r and r >= 0`
    fn falls(&mut self, measure: Term) -> Term {
        let after = self.after(measure);
        let zero = self.pool.int(0);
        let (less, positive) = (self.pool.lt(after, measure), self.pool.le(zero, measure));
        self.pool.and([less, positive])
    }

    /// `p and not p'`
    fn lost(&mut self, p: Term) -> Term {
        let after = self.after(p);
        let gone = self.pool.not(after);
        self.pool.and([p, gone])
    }

    /// The bits of the state, as terms.
    fn bits(&mut self) -> Vec<Term> {
        let vars: Vec<Var> = self.live.system.states.iter().map(|s| s.var).collect();
        let bools = vars.into_iter().filter(|v| self.pool.var_info(*v).sort == Sort::Bool);
        let bools: Vec<Var> = bools.collect();
        bools.into_iter().map(|v| self.pool.var(v)).collect()
    }
}

struct Search<'s, 'l, S> {
    system: Steps<'l>,
    measures: Vec<Term>,
    bits: Vec<Term>,
    fresh: &'s dyn Fn() -> S,
    budget: Budget<'s>,
}

impl<S: Solver> Search<'_, '_, S> {
    fn argue(&mut self, given: &[Term], splits: usize) -> Option<Vec<Move>> {
        let mut given = given.to_vec();
        let mut left_over = LeftOver::new(self.system.solver(self.fresh, &given));
        let mut moves = Vec::new();
        let mut measures = self.measures.clone();
        let mut waiting: Vec<Term> = self.system.justice();
        waiting.retain(|justice| self.system.is_of_state(*justice));
        loop {
            for justice in self.system.justice() {
                if self.unsat(&mut left_over, justice)? {
                    moves.push(Move::Never(justice));
                    return Some(moves);
                }
            }
            let mut more: Vec<(Move, Term)> = Vec::new();
            let mut left = Vec::new();
            for justice in std::mem::take(&mut waiting) {
                let lost = self.system.lost(justice);
                if self.unsat(&mut left_over, lost)? {
                    more.push((Move::Stays(justice), justice));
                } else {
                    left.push(justice);
                }
            }
            waiting = left;
            for measure in std::mem::take(&mut measures) {
                let grows = self.system.grows(measure);
                if !self.unsat(&mut left_over, grows)? {
                    measures.push(measure);
                    continue;
                }
                let falls = self.system.falls(measure);
                if !self.unsat(&mut left_over, falls)? {
                    let none = self.system.pool.not(falls);
                    more.push((Move::Falls(measure), none));
                }
            }
            if more.is_empty() {
                return self.split(&mut left_over, &given, moves, splits);
            }
            for (one, term) in more {
                left_over.narrow(&self.system.pool, term);
                given.push(term);
                moves.push(one);
            }
        }
    }

    /// A case distinction on a bit that never changes and may be either.
    fn split(
        &mut self,
        left_over: &mut LeftOver<S>,
        given: &[Term],
        mut moves: Vec<Move>,
        splits: usize,
    ) -> Option<Vec<Move>> {
        let splits = splits.checked_sub(1)?;
        for bit in self.bits.clone() {
            let not = self.system.pool.not(bit);
            let (lost, gained) = (self.system.lost(bit), self.system.lost(not));
            let changes = self.system.pool.or([lost, gained]);
            if !self.unsat(left_over, changes)?
                || self.unsat(left_over, bit)?
                || self.unsat(left_over, not)?
            {
                continue;
            }
            let with = |term: Term| -> Vec<Term> { given.iter().copied().chain([term]).collect() };
            let yes = self.argue(&with(bit), splits)?;
            let no = self.argue(&with(not), splits)?;
            moves.push(Move::Split(bit, yes, no));
            return Some(moves);
        }
        None
    }

    /// Whether no step that is left satisfies this; `None` when it is not known, or time is up.
    fn unsat(&self, left_over: &mut LeftOver<S>, term: Term) -> Option<bool> {
        if self.budget.exhausted().is_some() {
            return None;
        }
        let pool = &self.system.pool;
        if pool.as_bool(term) == Some(false) {
            return Some(true);
        }
        if left_over.has(pool, term) {
            return Some(false);
        }
        match left_over.solver.check(pool, &[Literal { term, at: 0, positive: true }]) {
            Answer::Unsat => Some(true),
            Answer::Sat => {
                left_over.keep(pool, self.system.live);
                Some(false)
            }
            Answer::Unknown(_) => self.budget.exhausted().is_none().then_some(false),
        }
    }
}

/// The steps that may still be taken again and again: a solver for them, and some of them.
struct LeftOver<S> {
    solver: S,
    steps: Vec<Sample>,
}

/// A step, and what terms were found to be on it.
struct Sample {
    values: FxHashMap<Var, Value>,
    known: FxHashMap<Term, Value>,
}

impl Sample {
    fn satisfies(&mut self, pool: &Pool, term: Term) -> bool {
        pool.evaluate_with(term, &self.values, &mut self.known) == Some(Value::Bool(true))
    }
}

impl<S: Solver> LeftOver<S> {
    fn new(solver: S) -> Self {
        LeftOver { solver, steps: Vec::new() }
    }

    /// Leaves only the steps that satisfy this.
    fn narrow(&mut self, pool: &Pool, term: Term) {
        self.solver.assert(pool, term, 0);
        self.steps.retain_mut(|step| step.satisfies(pool, term));
    }

    /// Whether a step at hand satisfies this.
    fn has(&mut self, pool: &Pool, term: Term) -> bool {
        self.steps.iter_mut().any(|step| step.satisfies(pool, term))
    }

    /// Keeps the step that the solver has just found.
    fn keep(&mut self, pool: &Pool, live: &Live) {
        let system = &live.system;
        let states = system.states.iter().map(|state| state.var);
        let vars = system.rigid.iter().copied().chain(states).chain(system.inputs.iter().copied());
        let values = vars.map(|var| (var, self.solver.value(pool, var, 0))).collect();
        if self.steps.len() == KEPT {
            self.steps.remove(0);
        }
        self.steps.push(Sample { values, known: FxHashMap::default() });
    }
}

struct Checking<'s, 'l, S> {
    system: Steps<'l>,
    fresh: &'s dyn Fn() -> S,
}

impl<S: Solver> Checking<'_, '_, S> {
    fn follow(&mut self, moves: &[Move], given: &[Term]) -> Result<(), Answer> {
        let mut given = given.to_vec();
        let mut solver = self.system.solver(self.fresh, &given);
        for one in moves {
            match one {
                Move::Never(justice) => {
                    let known = self.system.justice().contains(justice);
                    return if known {
                        self.unsat(&mut solver, *justice)
                    } else {
                        Err(Answer::Sat)
                    };
                }
                Move::Stays(p) => {
                    let known = self.system.justice().contains(p) && self.system.is_of_state(*p);
                    let lost = self.system.lost(*p);
                    self.unsat(&mut solver, lost)?;
                    if !known {
                        return Err(Answer::Sat);
                    }
                    solver.assert(&self.system.pool, *p, 0);
                    given.push(*p);
                }
                Move::Falls(measure) => {
                    let grows = self.system.grows(*measure);
                    if self.system.pool.sort(*measure) != Sort::Int
                        || !self.system.is_of_state(*measure)
                    {
                        return Err(Answer::Sat);
                    }
                    self.unsat(&mut solver, grows)?;
                    let falls = self.system.falls(*measure);
                    let not = self.system.pool.not(falls);
                    solver.assert(&self.system.pool, not, 0);
                    given.push(not);
                }
                Move::Split(bit, yes, no) => {
                    let not = self.system.pool.not(*bit);
                    let (lost, gained) = (self.system.lost(*bit), self.system.lost(not));
                    self.unsat(&mut solver, lost)?;
                    self.unsat(&mut solver, gained)?;
                    for (case, moves) in [(*bit, yes), (not, no)] {
                        let given: Vec<Term> = given.iter().copied().chain([case]).collect();
                        self.follow(moves, &given)?;
                    }
                    return Ok(());
                }
            }
        }
        Err(Answer::Sat)
    }

    fn unsat(&self, solver: &mut S, term: Term) -> Result<(), Answer> {
        match solver.check(&self.system.pool, &[Literal { term, at: 0, positive: true }]) {
            Answer::Unsat => Ok(()),
            other => Err(other),
        }
    }
}

/// The cells as measures.
fn cells(system: &mut Steps<'_>) -> Vec<Term> {
    let mut found = Vec::new();
    for state in &system.live.system.states {
        let info = system.pool.var_info(state.var).clone();
        let var = system.pool.var(state.var);
        match (info.sort, info.bounds) {
            (Sort::Bool, _) => {
                let (one, zero) = (system.pool.int(1), system.pool.int(0));
                found.push(system.pool.ite(var, one, zero));
                found.push(system.pool.ite(var, zero, one));
            }
            (Sort::Int, Some((lo, hi))) => {
                let (lo, hi) = (system.pool.int(lo), system.pool.int(hi));
                found.push(system.pool.sub(var, lo));
                found.push(system.pool.sub(hi, var));
            }
            (Sort::Int, None) => found.push(var),
            (Sort::Real, _) => {}
        }
    }
    found.truncate(MEASURES);
    found
}

/// The distances that the system's comparisons speak of, as measures.
fn distances(system: &mut Steps<'_>) -> Vec<Term> {
    let mut found = Vec::new();
    for (a, b) in comparisons(system) {
        found.push(system.pool.sub(a, b));
        found.push(system.pool.sub(b, a));
    }
    let mut seen = rustc_hash::FxHashSet::default();
    found.retain(|measure| seen.insert(*measure));
    found.truncate(MEASURES);
    found
}

/// Pairs of integers over states that are compared somewhere.
fn comparisons(system: &Steps<'_>) -> Vec<(Term, Term)> {
    let live = system.live;
    let nexts = live.system.states.iter().map(|s| s.next);
    let mut todo: Vec<Term> =
        live.justice.iter().chain(&live.system.step).copied().chain(nexts).collect();
    let mut seen = rustc_hash::FxHashSet::default();
    let mut pairs = Vec::new();
    while let Some(term) = todo.pop() {
        if !seen.insert(term) {
            continue;
        }
        let node = system.pool.node(term);
        todo.extend(children(node));
        let (Node::Le(a, b) | Node::Eq(a, b)) = node else { continue };
        if system.pool.sort(*a) == Sort::Int && system.is_of_state(term) {
            pairs.push((*a, *b));
        }
    }
    pairs
}
