//! Relations made functions.
//!
//! Other formats say with a relation T(s, i, s') which steps there are; a [`System`] has one
//! next-value term for each state variable. A conjunct `x' = t` of T defines x', as long as the
//! definitions do not go in circles; every other primed variable becomes an input that is drawn,
//! and what is left of T is the constraint on the draws. Nothing is lost either way: a step of the
//! relation is a step of the functions, with the drawn values as witnesses.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::system::{StateVar, System};
use crate::term::{Node, Pool, Term, Var};

/// A relation between a state and the next.
pub(super) struct Relation {
    /// Its terms.
    pub(super) pool: Pool,
    /// State variables with their primed ones.
    pub(super) states: Vec<(Var, Var)>,
    /// Variables that are drawn in every step.
    pub(super) inputs: Vec<Var>,
    /// First states.
    pub(super) init: Vec<Term>,
    /// Steps.
    pub(super) trans: Vec<Term>,
}

impl Relation {
    /// The system with these steps, and what the primed variables have become in it.
    pub(super) fn functional(mut self) -> (System, FxHashMap<Var, Term>) {
        let trans = self.pool.and(self.trans.iter().copied());
        let conjuncts = self.pool.conjuncts(trans);
        let (definitions, rest) = self.definitions(&conjuncts);
        let primed = self.resolve(&definitions);
        let mut memo = FxHashMap::default();
        let mut step = Vec::new();
        for term in rest {
            let term = self.pool.substitute_with(term, &primed, &mut memo);
            step.extend(self.pool.conjuncts(term));
        }
        step.retain(|term| self.pool.as_bool(*term) != Some(true));
        let mut inputs = self.inputs.clone();
        inputs
            .extend(self.states.iter().map(|(_, next)| *next).filter(|v| !primed.contains_key(v)));
        let states = self.states.clone();
        let next = |pool: &mut Pool, next: Var| match primed.get(&next) {
            Some(term) => *term,
            None => pool.var(next),
        };
        let pool = &mut self.pool;
        let states =
            states.into_iter().map(|(var, v)| StateVar { var, next: next(pool, v) }).collect();
        let system = System {
            pool: self.pool,
            rigid: Vec::new(),
            states,
            inputs,
            init: self.init,
            step,
            lemmas: Vec::new(),
        };
        (system, primed)
    }

    /// Which conjuncts define a primed variable, without circles; and the other conjuncts.
    fn definitions(&mut self, conjuncts: &[Term]) -> (Vec<(Var, Term)>, Vec<Term>) {
        let primes: FxHashSet<Var> = self.states.iter().map(|(_, next)| *next).collect();
        let mut uses: FxHashMap<Var, Vec<Var>> = FxHashMap::default();
        let (mut definitions, mut rest) = (Vec::new(), Vec::new());
        for conjunct in conjuncts {
            let found = self.readings(*conjunct).into_iter().find(|(var, term)| {
                primes.contains(var) && !uses.contains_key(var) && {
                    let used = self.pool.variables([*term]);
                    !reaches(&uses, &used, *var)
                }
            });
            match found {
                Some((var, term)) => {
                    let used = self.pool.variables([term]);
                    uses.insert(var, used.into_iter().filter(|v| primes.contains(v)).collect());
                    definitions.push((var, term));
                }
                None => rest.push(*conjunct),
            }
        }
        (definitions, rest)
    }

    /// The ways to read a conjunct as a definition.
    fn readings(&mut self, conjunct: Term) -> Vec<(Var, Term)> {
        match *self.pool.node(conjunct) {
            Node::Var(var) => vec![(var, self.pool.top())],
            Node::Not(inner) => match *self.pool.node(inner) {
                Node::Var(var) => vec![(var, self.pool.bottom())],
                // not (x' = t) on truth values defines x' too
                Node::Eq(a, b) => {
                    let mut readings = Vec::new();
                    for (a, b) in [(a, b), (b, a)] {
                        if let (Node::Var(var), crate::term::Sort::Bool) =
                            (self.pool.node(a), self.pool.sort(a))
                        {
                            let var = *var;
                            readings.push((var, self.pool.not(b)));
                        }
                    }
                    readings
                }
                _ => Vec::new(),
            },
            Node::Eq(a, b) => {
                let variable = |t: Term| match self.pool.node(t) {
                    Node::Var(var) => Some(*var),
                    _ => None,
                };
                let mut readings: Vec<(Var, Term)> = [(variable(a), b), (variable(b), a)]
                    .into_iter()
                    .filter_map(|(v, t)| Some((v?, t)))
                    .collect();
                // not x' = t
                for (a, b) in [(a, b), (b, a)] {
                    if let Node::Not(inner) = *self.pool.node(a)
                        && let Node::Var(var) = *self.pool.node(inner)
                    {
                        readings.push((var, self.pool.not(b)));
                    }
                }
                readings
            }
            _ => Vec::new(),
        }
    }

    /// The defining terms without primed variables that are defined themselves.
    fn resolve(&mut self, definitions: &[(Var, Term)]) -> FxHashMap<Var, Term> {
        let terms: FxHashMap<Var, Term> = definitions.iter().copied().collect();
        let mut resolved: FxHashMap<Var, Term> = FxHashMap::default();
        let mut todo: Vec<(Var, bool)> = definitions.iter().map(|(v, _)| (*v, false)).collect();
        while let Some((var, ready)) = todo.pop() {
            let Some(term) = terms.get(&var).copied() else { continue };
            if resolved.contains_key(&var) {
                continue;
            }
            if ready {
                let term = self.pool.substitute(term, &resolved);
                resolved.insert(var, term);
            } else {
                todo.push((var, true));
                let used = self.pool.variables([term]);
                todo.extend(used.into_iter().map(|v| (v, false)));
            }
        }
        resolved
    }
}

/// Whether the definitions lead from some of these variables to `wanted`.
fn reaches(uses: &FxHashMap<Var, Vec<Var>>, from: &[Var], wanted: Var) -> bool {
    let mut seen = FxHashSet::default();
    let mut todo = from.to_vec();
    while let Some(var) = todo.pop() {
        if var == wanted {
            return true;
        }
        if seen.insert(var) {
            todo.extend(uses.get(&var).into_iter().flatten());
        }
    }
    false
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
mod tests {
    use super::*;
    use crate::term::{Role, Sort};

    #[test]
    fn definitions_are_followed_and_circles_are_drawn() {
        let mut pool = Pool::new();
        let mut state = |name: &str| {
            let var = pool.declare(name, Sort::Int, None, Role::State);
            (var, pool.declare(&format!("{name}'"), Sort::Int, None, Role::Input))
        };
        let states = vec![state("x"), state("y"), state("z")];
        let [x, xp, yp, zp] =
            [states[0].0, states[0].1, states[1].1, states[2].1].map(|v| pool.var(v));
        let one = pool.int(1);
        let (more, again) = (pool.add([x, one], Sort::Int), pool.add([yp, one], Sort::Int));
        // x' = x + 1, y' = x', z' = y' + 1, x' = z' (a circle, hence a constraint)
        let trans = vec![pool.eq(xp, more), pool.eq(yp, xp), pool.eq(zp, again), pool.eq(xp, zp)];
        let relation = Relation { pool, states, inputs: Vec::new(), init: Vec::new(), trans };
        let (system, _) = relation.functional();
        // Whichever of the equations became a constraint, at most one variable is drawn.
        assert!(system.inputs.len() <= 1);
        assert!(!system.step.is_empty());
    }
}
