//! Linear clauses as a transition system.
//!
//! A state is a predicate, its *location*, with a tuple. The tuples of all predicates share slots,
//! one bank for each sort; slots that a predicate does not use are 0 or false. A step is a clause,
//! which an input chooses, and the values of those of its variables that nothing determines; they
//! share slots too. A query is bad where its body holds.

use rustc_hash::FxHashMap;

use super::clause::{Atom, Linear, LinearClauses};
use crate::exchange::vmt;
use crate::system::{Problem, StateVar, System};
use crate::term::{Node, Pool, Role, Sort, Term, Var};

/// The question whether a query's body can be reached.
pub(super) fn problem(mut clauses: LinearClauses) -> Problem {
    let used = used(&clauses);
    let mut builder = Builder::new(&mut clauses, &used);
    builder.add_all();
    builder.finish()
}

/// The predicates that occur, in order of declaration.
fn used(clauses: &LinearClauses) -> Vec<usize> {
    let atoms = clauses.clauses.iter().flat_map(|c| c.from.iter().chain(&c.to));
    let mut used: Vec<usize> = atoms.map(|a| a.predicate).collect();
    used.sort_unstable();
    used.dedup();
    used
}

/// Slots of each sort, made as they are needed.
#[derive(Default)]
struct Bank {
    slots: Vec<Var>,
}

impl Bank {
    /// The slots for sorts in order, each used once.
    fn take(&mut self, pool: &mut Pool, sorts: &[Sort], name: &str, role: Role) -> Vec<Var> {
        let mut free = self.slots.clone();
        let mut taken = Vec::new();
        for sort in sorts {
            let found = free.iter().position(|v| pool.var_info(*v).sort == *sort);
            taken.push(match found {
                Some(at) => free.remove(at),
                None => {
                    let fresh =
                        pool.declare(&format!("{name}{}", self.slots.len()), *sort, None, role);
                    self.slots.push(fresh);
                    fresh
                }
            });
        }
        taken
    }
}

struct Builder<'c> {
    clauses: &'c mut LinearClauses,
    location: Option<Var>,
    /// Place and slots of each predicate that occurs.
    slots: FxHashMap<usize, (usize, Vec<Var>)>,
    states: Bank,
    inputs: Bank,
    first: Bank,
    init: Vec<Term>,
    /// What each step needs, and what it leads to.
    steps: Vec<(Term, FxHashMap<Var, Term>)>,
    bad: Vec<Term>,
}

impl<'c> Builder<'c> {
    fn new(clauses: &'c mut LinearClauses, used: &[usize]) -> Builder<'c> {
        let mut states = Bank::default();
        let mut slots = FxHashMap::default();
        let last = i64::try_from(used.len()).unwrap_or(i64::MAX) - 1;
        let location = (used.len() > 1)
            .then(|| clauses.pool.declare("location", Sort::Int, Some((0, last)), Role::State));
        let single = used.len() == 1;
        for (place, predicate) in used.iter().enumerate() {
            let Some((name, sorts)) = clauses.predicates.get(*predicate).cloned() else { continue };
            let prefix = if single { format!("{name}.") } else { "slot.".to_owned() };
            let taken = states.take(&mut clauses.pool, &sorts, &prefix, Role::State);
            slots.insert(*predicate, (place, taken));
        }
        Builder {
            clauses,
            location,
            slots,
            states,
            inputs: Bank::default(),
            first: Bank::default(),
            init: Vec::new(),
            steps: Vec::new(),
            bad: Vec::new(),
        }
    }

    fn add_all(&mut self) {
        for clause in std::mem::take(&mut self.clauses.clauses) {
            let (clause, mut needs) = self.entered(&clause);
            let clause = self.clauses.eliminate(clause);
            let (fact, query) = (clause.from.is_none(), clause.to.is_none());
            let clause = self.drawn(&clause, fact && !query);
            needs.push(clause.constraint);
            match (&clause.from, &clause.to) {
                (_, None) => self.query(&clause, needs),
                (None, Some(to)) => self.fact(to, needs),
                (Some(_), Some(to)) => self.step(to, needs),
            }
        }
    }

    /// The clause with the slots in place of its body's arguments, and what that needs.
    fn entered(&mut self, clause: &Linear) -> (Linear, Vec<Term>) {
        let Some(from) = clause.from.clone() else { return (self.begun(clause), Vec::new()) };
        let (place, slots) = self.slots.get(&from.predicate).cloned().unwrap_or_default();
        let mut needs = self.at(place).into_iter().collect::<Vec<_>>();
        let (mut map, mut equal) = (FxHashMap::default(), Vec::new());
        for (slot, argument) in slots.iter().zip(&from.arguments) {
            let value = self.clauses.pool.var(*slot);
            match self.clauses.pool.node(*argument) {
                Node::Var(var) if !map.contains_key(var) => {
                    map.insert(*var, value);
                }
                _ => equal.push((value, *argument)),
            }
        }
        let left = clause.variables.iter().copied().filter(|v| !map.contains_key(v)).collect();
        let mut entered = self.clauses.substituted(clause, &map, left);
        let mut constraints = vec![entered.constraint];
        for (value, argument) in equal {
            let argument = self.clauses.pool.substitute(argument, &map);
            constraints.push(self.clauses.pool.eq(value, argument));
        }
        entered.constraint = self.clauses.pool.and(constraints);
        needs.retain(|t| self.clauses.pool.as_bool(*t) != Some(true));
        (entered, needs)
    }

    /// A fact with the slots in place of variables that are its head's arguments.
    fn begun(&mut self, clause: &Linear) -> Linear {
        let Some(to) = &clause.to else { return clause.clone() };
        let (_, slots) = self.slots.get(&to.predicate).cloned().unwrap_or_default();
        let mut map = FxHashMap::default();
        for (slot, argument) in slots.iter().zip(&to.arguments) {
            if let Node::Var(var) = *self.clauses.pool.node(*argument)
                && !map.contains_key(&var)
            {
                map.insert(var, self.clauses.pool.var(*slot));
            }
        }
        let left = clause.variables.iter().copied().filter(|v| !map.contains_key(v)).collect();
        self.clauses.substituted(clause, &map, left)
    }

    /// That the state is at a location.
    fn at(&mut self, place: usize) -> Option<Term> {
        let pool = &mut self.clauses.pool;
        let location = pool.var(self.location?);
        let place = pool.int(place);
        Some(pool.eq(location, place))
    }

    /// Inputs in place of the variables that are left.
    fn drawn(&mut self, clause: &Linear, first: bool) -> Linear {
        let pool = &mut self.clauses.pool;
        let sorts: Vec<Sort> = clause.variables.iter().map(|v| pool.var_info(*v).sort).collect();
        let (bank, name) = match first {
            true => (&mut self.first, "first."),
            false => (&mut self.inputs, "draw."),
        };
        let slots = bank.take(pool, &sorts, name, Role::Input);
        let values: Vec<Term> = slots.iter().map(|v| pool.var(*v)).collect();
        let map = clause.variables.iter().copied().zip(values).collect();
        self.clauses.substituted(clause, &map, Vec::new())
    }

    fn query(&mut self, clause: &Linear, needs: Vec<Term>) {
        let holds = self.clauses.pool.and(needs);
        // A query without predicates is bad from the start, if it can be.
        debug_assert!(clause.to.is_none());
        self.bad.push(holds);
    }

    /// What the state variables are in the head.
    fn values(&mut self, to: &Atom) -> FxHashMap<Var, Term> {
        let (place, slots) = self.slots.get(&to.predicate).cloned().unwrap_or_default();
        let mut values: FxHashMap<Var, Term> =
            slots.into_iter().zip(to.arguments.iter().copied()).collect();
        let pool = &mut self.clauses.pool;
        for slot in &self.states.slots {
            let sort = pool.var_info(*slot).sort;
            values.entry(*slot).or_insert_with(|| match sort {
                Sort::Bool => pool.bottom(),
                sort => pool.add([], sort),
            });
        }
        if let Some(location) = self.location {
            values.insert(location, pool.int(place));
        }
        values
    }

    fn fact(&mut self, to: &Atom, mut needs: Vec<Term>) {
        let values = self.values(to);
        for var in self.variables() {
            let Some(value) = values.get(&var) else { continue };
            let pool = &mut self.clauses.pool;
            let current = pool.var(var);
            needs.push(pool.eq(current, *value));
        }
        let holds = self.clauses.pool.and(needs);
        self.init.push(holds);
    }

    fn step(&mut self, to: &Atom, needs: Vec<Term>) {
        let values = self.values(to);
        let holds = self.clauses.pool.and(needs);
        self.steps.push((holds, values));
    }

    /// All state variables.
    fn variables(&self) -> Vec<Var> {
        self.location.iter().chain(&self.states.slots).copied().collect()
    }

    fn finish(self) -> Problem {
        let variables = self.variables();
        let pool = &mut self.clauses.pool;
        let last = i64::try_from(self.steps.len()).unwrap_or(i64::MAX) - 1;
        let chooser =
            (last > 0).then(|| pool.declare("clause", Sort::Int, Some((0, last)), Role::Input));
        let chosen: Vec<Term> = (0..self.steps.len())
            .map(|n| match chooser {
                Some(chooser) => {
                    let (chooser, n) = (pool.var(chooser), pool.int(n));
                    pool.eq(chooser, n)
                }
                None => pool.top(),
            })
            .collect();
        let mut enabled = Vec::new();
        for (chosen, (needs, _)) in chosen.iter().zip(&self.steps) {
            enabled.push(pool.and([*chosen, *needs]));
        }
        let step = pool.or(enabled);
        let mut states = Vec::new();
        for var in variables {
            let mut next = pool.var(var);
            let count = chosen.len();
            for (n, (chosen, (_, values))) in chosen.iter().zip(&self.steps).enumerate().rev() {
                let value = values.get(&var).copied().unwrap_or(next);
                // The last clause needs no test: one of them is chosen.
                next = if n + 1 == count { value } else { pool.ite(*chosen, value, next) };
            }
            states.push(StateVar { var, next });
        }
        let init = pool.or(self.init);
        let bad = pool.or(self.bad);
        let mut inputs: Vec<Var> = chooser.into_iter().collect();
        inputs.extend(&self.inputs.slots);
        inputs.extend(&self.first.slots);
        let pool = std::mem::take(&mut self.clauses.pool);
        let system = System {
            pool,
            rigid: Vec::new(),
            states,
            inputs,
            init: vec![init],
            step: vec![step],
            lemmas: Vec::new(),
        };
        vmt::problem(&system, bad)
    }
}
