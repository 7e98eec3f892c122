//! Constrained Horn clauses as text, and a problem as such clauses.
//!
//! A problem becomes three clauses over one predicate, its arguments the parameters and state
//! variables: first states are in it, steps lead from it into it, bad states are not in it. Bounds
//! and lemmas hold in every state of every run; they are stated with what a step needs.

use std::collections::BTreeMap;

use crate::solver::horn::QUERY;
use crate::system::Problem;
use crate::term::smtlib::{Symbols, sort, symbol, term, within};
use crate::term::{Pool, Term, Var};

/// The only predicate of a problem's clauses.
pub const STATE: &str = "state";

/// Clauses as text; satisfiable iff nothing is reached that must not be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Clauses {
    /// Definitions, and declarations of sorts.
    pub preamble: String,
    /// Predicates, with the sorts of their arguments.
    pub predicates: Vec<(String, Vec<String>)>,
    /// What the arguments of predicates are called, where that is known.
    pub names: BTreeMap<String, Vec<String>>,
    /// The clauses.
    pub clauses: Vec<Clause>,
    /// Whether arrays occur, which ask for other settings of the solver.
    pub arrays: bool,
}

/// A clause as text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clause {
    /// Its variables with their sorts.
    pub variables: Vec<(String, String)>,
    /// What it needs; a conjunction that may mention predicates.
    pub body: String,
    /// What it then reaches: a predicate's application; `None` for what must not be.
    pub head: Option<String>,
}

impl Clause {
    /// `∀ variables: body ⇒ head`, with the name of what must not be reached.
    pub fn text(&self, query: &str) -> String {
        let head = self.head.as_deref().unwrap_or(query);
        let matrix = format!("(=> {}\n  {head})", self.body);
        match self.variables.is_empty() {
            true => matrix,
            false => format!("(forall ({}) {matrix})", pairs(&self.variables)),
        }
    }
}

impl Clauses {
    /// The clauses as rules for Spacer.
    pub fn rules(&self) -> String {
        let mut text = format!("{}(declare-rel {QUERY} ())\n", self.preamble);
        for (name, sorts) in &self.predicates {
            text += &format!("(declare-rel {} ({}))\n", symbol(name), sorts.join(" "));
        }
        for clause in &self.clauses {
            text += &format!("(rule {})\n", clause.text(QUERY));
        }
        text
    }

    /// The clauses of a problem.
    pub fn of(problem: &Problem) -> Clauses {
        let mut problem = problem.clone();
        let system = &mut problem.system;
        let symbols = Symbols::new(&system.pool);
        let name = |v: Var| symbols.current(v);
        let mut arguments: Vec<(Var, Option<Term>)> =
            system.rigid.iter().map(|v| (*v, None)).collect();
        arguments.extend(system.states.iter().map(|s| (s.var, Some(s.next))));
        let pool = &mut system.pool;
        let primed = |(var, next): &(Var, Option<Term>)| match next {
            Some(_) => symbols.next(*var),
            None => name(*var),
        };
        let sort_of = |pool: &Pool, var: Var| sort(pool.var_info(var).sort).to_owned();
        let (mut variables, mut known, mut moves) = (Vec::new(), Vec::new(), Vec::new());
        for var in arguments.iter().map(|(var, _)| *var).chain(system.inputs.iter().copied()) {
            variables.push((name(var), sort_of(pool, var)));
            known.extend(within(&name(var), pool.var_info(var).bounds));
        }
        known.extend(system.lemmas.iter().map(|t| term(pool, *t, &name)));
        let mut stepped = variables.clone();
        for argument in &arguments {
            let (var, Some(value)) = argument else { continue };
            stepped.push((primed(argument), sort_of(pool, *var)));
            moves.push(format!("(= {} {})", primed(argument), term(pool, *value, &name)));
            moves.extend(within(&primed(argument), pool.var_info(*var).bounds));
        }
        let mut conjunction = |list: &[Term]| {
            let all = pool.and(list.iter().copied());
            term(pool, all, &name)
        };
        let [init, step, bad] =
            [&system.init, &system.step, &vec![problem.bad]].map(|list| conjunction(list));
        let state: Vec<String> = arguments.iter().map(|(var, _)| name(*var)).collect();
        let next: Vec<String> = arguments.iter().map(primed).collect();
        let (state, next) = (applied(STATE, &state), applied(STATE, &next));
        let body = |first: Vec<String>, more: &[String]| {
            let all: Vec<&String> = first.iter().chain(&known).chain(more).collect();
            format!("(and true {})", itertools::join(all, "\n    "))
        };
        let sorts = arguments.iter().map(|(var, _)| sort_of(&system.pool, *var)).collect();
        let clauses = vec![
            Clause {
                variables: variables.clone(),
                body: body(vec![init], &[]),
                head: Some(state.clone()),
            },
            Clause {
                variables: stepped,
                body: body(vec![state.clone(), step], &moves),
                head: Some(next),
            },
            Clause { variables, body: body(vec![state, bad], &[]), head: None },
        ];
        Clauses { predicates: vec![(STATE.to_owned(), sorts)], clauses, ..Clauses::default() }
    }
}

/// `(name arguments)`
fn applied(name: &str, arguments: &[String]) -> String {
    if arguments.is_empty() { name.to_owned() } else { format!("({name} {})", arguments.join(" ")) }
}

/// `(name sort)` for each.
pub fn pairs(variables: &[(String, String)]) -> String {
    itertools::join(variables.iter().map(|(name, sort)| format!("({name} {sort})")), " ")
}
