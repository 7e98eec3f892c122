//! A problem as three Horn clauses over one predicate, its arguments the parameters and the state
//! variables: first states are in it, steps lead from it into it, bad states are not in it.
//!
//! Bounds and lemmas hold in every state of every run; they are stated with what a step needs.

use crate::solver::horn::QUERY;
use crate::system::Problem;
use crate::term::smtlib::{Symbols, sort, term, within};
use crate::term::{Pool, Term, Var};

/// `(name arguments)`
pub fn applied(name: &str, arguments: &[String]) -> String {
    if arguments.is_empty() { name.to_owned() } else { format!("({name} {})", arguments.join(" ")) }
}

/// The only predicate.
pub const STATE: &str = "state";

/// `(forall (variables) matrix)`, or the matrix alone where there is nothing to quantify.
pub fn quantified(variables: &str, matrix: &str) -> String {
    match variables.is_empty() {
        true => matrix.to_owned(),
        false => format!("(forall ({variables}) {matrix})"),
    }
}

/// A problem's clauses over the predicate `state`, as text.
pub struct Horn {
    /// The sorts of its arguments.
    pub sorts: Vec<String>,
    /// All variables with their sorts.
    pub variables: String,
    /// The arguments before a step.
    pub current: Vec<String>,
    /// The arguments after it.
    pub next: Vec<String>,
    /// The body for first states.
    pub init: String,
    /// The body for steps.
    pub step: String,
    /// The body for bad states.
    pub bad: String,
}

impl Horn {
    /// Prints a problem.
    pub fn new(problem: &Problem) -> Horn {
        let mut problem = problem.clone();
        let system = &mut problem.system;
        // Primed variables stand for the next values, so that these are printed once.
        let mut arguments: Vec<(Var, Option<Term>)> =
            system.rigid.iter().map(|v| (*v, None)).collect();
        arguments.extend(system.states.iter().map(|s| (s.var, Some(s.next))));
        let symbols = Symbols::new(&system.pool);
        let pool = &mut system.pool;
        let name = |v: Var| symbols.current(v);
        let primed = |(v, next): &(Var, Option<Term>)| match next {
            Some(_) => symbols.next(*v),
            None => name(*v),
        };
        let sorts = arguments.iter().map(|(v, _)| sort(pool.var_info(*v).sort).to_owned());
        let sorts: Vec<String> = sorts.collect();
        let current: Vec<String> = arguments.iter().map(|(v, _)| name(*v)).collect();
        let next: Vec<String> = arguments.iter().map(primed).collect();
        let mut declared = Vec::new();
        let mut bounds = Vec::new();
        for var in arguments.iter().map(|(v, _)| v).chain(&system.inputs) {
            declared.push(format!("({} {})", name(*var), sort(pool.var_info(*var).sort)));
            bounds.extend(within(&name(*var), pool.var_info(*var).bounds));
        }
        let mut bounds_after = Vec::new();
        for argument in arguments.iter().filter(|(_, next)| next.is_some()) {
            let info = pool.var_info(argument.0);
            declared.push(format!("({} {})", primed(argument), sort(info.sort)));
            bounds_after.extend(within(&primed(argument), info.bounds));
        }
        bounds.extend(system.lemmas.iter().map(|t| term(pool, *t, &name)));
        let conjunction = |pool: &mut Pool, list: &[Term]| {
            let all = pool.and(list.iter().copied());
            term(pool, all, &name)
        };
        let state = applied(STATE, &current);
        let [init, step, bad] =
            [&system.init, &system.step, &vec![problem.bad]].map(|list| conjunction(pool, list));
        let mut moves = vec![state.clone(), step];
        moves.extend(bounds.iter().cloned());
        moves.extend(bounds_after);
        for argument in &arguments {
            if let (_, Some(value)) = argument {
                moves.push(format!("(= {} {})", primed(argument), term(pool, *value, &name)));
            }
        }
        let with_bounds = |first: Vec<String>| {
            let all: Vec<String> = first.into_iter().chain(bounds.iter().cloned()).collect();
            format!("(and true {})", all.join("\n    "))
        };
        Horn {
            sorts,
            variables: declared.join(" "),
            init: with_bounds(vec![init]),
            step: format!("(and true {})", moves.join("\n    ")),
            bad: with_bounds(vec![state, bad]),
            current,
            next,
        }
    }

    /// The clauses as rules for Spacer.
    pub fn rules(&self) -> String {
        let mut text = format!("(declare-rel {STATE} ({}))\n", self.sorts.join(" "));
        text += &format!("(declare-rel {QUERY} ())\n");
        let heads = [Some(&self.current), Some(&self.next), None];
        for (body, head) in [&self.init, &self.step, &self.bad].into_iter().zip(heads) {
            let head = head.map_or(QUERY.to_owned(), |arguments| applied(STATE, arguments));
            let clause = quantified(&self.variables, &format!("(=> {body}\n  {head})"));
            text += &format!("(rule {clause})\n");
        }
        text
    }
}
