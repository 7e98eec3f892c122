//! Property-directed reachability over integers and reals, by Spacer.
//!
//! The problem becomes three Horn clauses ([`Clauses::of`]); an interpretation of their predicate is an
//! inductive invariant, and a derivation of the query is a run: its facts are the states, and the
//! inputs between them are found again by the given solver. What Spacer says is not believed here:
//! a run is one that the solver confirmed, an invariant is for `evidence` to check.

pub mod answer;
pub mod clauses;

use self::answer::{Fact, Interpretation};
use self::clauses::{Clauses, STATE};
use super::unroll::Unrolling;
use super::{Budget, Invariant, Outcome, Proof};
use crate::solver::context::interruptible;
use crate::solver::horn::{self as spacer, Settings};
use crate::solver::{Answer, Literal, Solver};
use crate::system::Problem;
use crate::term::smtlib::read::Reader;
use crate::term::smtlib::sexpr::Sexprs;
use crate::term::{Pool, Term, Var};

/// Decides by Spacer; `guided` asks for its global guidance (Krishnan, Chen, Shoham and Gurfinkel
/// 2020), which generalises from several lemmas at once.
pub fn run<S: Solver>(
    problem: &Problem,
    solver: impl Fn() -> S,
    guided: bool,
    budget: Budget<'_>,
    progress: &mut dyn FnMut(u32),
) -> Outcome {
    progress(0);
    let settings = Settings { quantified: false, guided, inline: false, seed: budget.seed };
    match solve(&Clauses::of(problem), settings, budget) {
        Found::Interpreted(found) => match invariant(problem, found) {
            Some(invariant) => Outcome::Unreachable(Proof::Invariant(invariant)),
            None => Outcome::Unknown("the invariant that Spacer found cannot be read".to_owned()),
        },
        Found::Derived(facts) => match states(problem, &facts) {
            Some((pool, states)) => confirmed(problem, solver(), pool, &states, budget),
            None => Outcome::Unknown("the run that Spacer found cannot be read".to_owned()),
        },
        Found::Nothing(reason) => Outcome::Unknown(reason),
    }
}

/// What Spacer found out about clauses; not yet checked by anyone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// Predicates that satisfy the clauses.
    Interpreted(Vec<Interpretation>),
    /// What must not be reached, and how it is: facts, each after those it follows from.
    Derived(Vec<Fact>),
    /// Nothing, and why.
    Nothing(String),
}

/// Puts clauses to Spacer, in a thread of its own and hence in a fresh context.
pub fn solve(clauses: &Clauses, settings: Settings, budget: Budget<'_>) -> Found {
    let rules = clauses.rules();
    let work = || interruptible(budget.cancel, budget.deadline, || spacer::solve(&rules, settings));
    let answer = std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, work);
        thread.ok().and_then(|thread| thread.join().ok())
    });
    if let Some(reason) = budget.exhausted() {
        return Found::Nothing(reason);
    }
    let unreadable =
        |what: &str| Found::Nothing(format!("the {what} that Spacer found cannot be read"));
    match answer {
        Some(spacer::Horn::Unreachable(text)) => answer::interpretations(&text)
            .map_or_else(|_| unreadable("interpretation"), Found::Interpreted),
        Some(spacer::Horn::Reachable(text)) => {
            answer::derivation(&text).map_or_else(|_| unreadable("derivation"), Found::Derived)
        }
        Some(spacer::Horn::Unknown(reason)) => Found::Nothing(reason),
        None => Found::Nothing("Spacer's thread stopped".to_owned()),
    }
}

/// Spacer and Z3's printer recurse on terms.
const STACK: usize = 256 << 20;

/// The predicate's arguments: parameters and state variables.
fn arguments(problem: &Problem) -> Vec<Var> {
    let system = &problem.system;
    system.rigid.iter().copied().chain(system.states.iter().map(|s| s.var)).collect()
}

fn invariant(problem: &Problem, found: Vec<Interpretation>) -> Option<Invariant> {
    let found = found.into_iter().find(|i| i.predicate == STATE)?;
    let sexprs = Sexprs::parse(&found.body).ok()?;
    let mut reader = Reader::new(&sexprs, problem.system.pool.clone());
    let arguments = arguments(problem);
    if arguments.len() != found.parameters.len() {
        return None;
    }
    for (var, (name, _)) in arguments.iter().zip(&found.parameters) {
        let term = reader.pool.var(*var);
        reader.bind(name.trim_matches('|'), term);
    }
    let body = reader.term(*sexprs.roots().first()?).ok()?;
    let clauses = reader.pool.conjuncts(body);
    Some(Invariant { pool: reader.pool, clauses })
}

/// For each period, that the parameters and state variables have the values of Spacer's facts.
fn states(problem: &Problem, facts: &[Fact]) -> Option<(Pool, Vec<Term>)> {
    let arguments = arguments(problem);
    let mut pool = problem.system.pool.clone();
    let mut states = Vec::new();
    for fact in facts.iter().filter(|fact| fact.predicate == STATE) {
        let mut equal = Vec::new();
        for (var, text) in arguments.iter().zip(&fact.arguments) {
            let sexprs = Sexprs::parse(text).ok()?;
            let mut reader = Reader::new(&sexprs, pool);
            let root = *sexprs.roots().first()?;
            let value = reader.term(root).ok()?;
            let value = reader.coerced(root, value, reader.pool.var_info(*var).sort).ok()?;
            pool = reader.pool;
            let current = pool.var(*var);
            equal.push(pool.eq(current, value));
        }
        states.push(pool.and(equal));
    }
    Some((pool, states))
}

/// The run through these states, if the solver finds the inputs between them.
fn confirmed<S: Solver>(
    problem: &Problem,
    solver: S,
    pool: Pool,
    states: &[Term],
    budget: Budget<'_>,
) -> Outcome {
    let mut problem = problem.clone();
    problem.system.pool = pool;
    let mut unrolling = Unrolling::new(&problem, solver, true);
    for (at, state) in (0u32..).zip(states) {
        if at > 0 {
            unrolling.extend();
        }
        let literal = Literal { term: *state, at, positive: true };
        unrolling.solver.assert_literal(&problem.system.pool, literal);
    }
    match unrolling.check_bad() {
        Answer::Sat => super::bmc::reached(&mut unrolling, budget),
        _ => Outcome::Unknown("the run that Spacer found is none".to_owned()),
    }
}
