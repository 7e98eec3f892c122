//! Infinite runs as questions about finite ones.
//!
//! A temporal claim is refuted iff some infinite run meets each of finitely many conditions again
//! and again ([`Live`]: the system with a tableau for the negated claim, and its justice, that of
//! the institution included; compassion is turned into justice by guessing when its premise has
//! ceased for good). Two reductions make ordinary reachability questions of it:
//!
//! - *Liveness to safety* (Biere, Artho and Schuppan 2002): guess where the loop starts, keep a copy
//!   of that state, and ask for a state equal to it with all justice met since. A run found is a
//!   lasso in any system; that none exists excludes infinite runs in finite systems only.
//! - *k-liveness* (Claessen and Sörensson 2012): count how often all justice has been met. If the
//!   count cannot pass some bound, no infinite run meets it for ever; true of any system.

use std::collections::BTreeSet;

use super::{Problem, StateVar, System, Valuation};
use crate::term::{Role, Sort, Term, Var};

/// Is there an infinite run that meets all justice again and again?
#[derive(Clone, Debug)]
pub struct Live {
    /// The system, with a tableau.
    pub system: System,
    /// Over states and inputs; may be empty.
    pub justice: Vec<Term>,
    /// Where the property itself has no value, if that may be.
    pub fault: Option<Problem>,
}

/// The question whether there is a lasso, and how to read the answer.
#[derive(Clone, Debug)]
pub struct Lasso {
    /// Reached at the period in which the state at the start of the loop recurs.
    pub problem: Problem,
    /// Which state variable says that the loop has started.
    saved: usize,
}

impl Live {
    /// Liveness to safety.
    pub fn lasso(&self) -> Lasso {
        let mut system = self.system.clone();
        let save = system.pool.declare("loop starts here", Sort::Bool, None, Role::Input);
        let (saved, in_loop_before) = bit(&mut system, "in the loop");
        let starts = system.pool.var(save);
        let in_loop = system.pool.or([starts, in_loop_before]);
        let mut closed = vec![in_loop_before];
        for state in self.relevant() {
            closed.push(copy(&mut system, &state, starts, in_loop_before));
        }
        for justice in &self.justice {
            let (var, seen) = bit(&mut system, "met in the loop");
            let here = system.pool.and([in_loop, *justice]);
            let next = system.pool.or([seen, here]);
            system.states.push(StateVar { var, next });
            closed.push(seen);
        }
        let at = system.states.len();
        system.states.push(StateVar { var: saved, next: in_loop });
        system.inputs.push(save);
        let bad = system.pool.and(closed);
        Lasso { problem: Problem { system, bad, on_step: false }, saved: at }
    }

    /// k-liveness: can all justice be met more than `bound` times?
    pub fn counted(&self, bound: u32) -> Problem {
        let mut system = self.system.clone();
        let met = self.round(&mut system);
        let most = i64::from(bound) + 1;
        let var = system.pool.declare("rounds", Sort::Int, Some((0, most)), Role::State);
        let count = system.pool.var(var);
        let [zero, one, full] = [0, 1, most].map(|n| system.pool.int(n));
        let first = system.pool.eq(count, zero);
        system.init.push(first);
        let more = system.pool.add([count, one], Sort::Int);
        let more = system.pool.min(more, full);
        let next = system.pool.ite(met, more, count);
        system.states.push(StateVar { var, next });
        let bad = system.pool.eq(count, full);
        Problem { system, bad, on_step: false }
    }

    /// The event that all justice has been met since it last was; one bit for each condition.
    fn round(&self, system: &mut System) -> Term {
        if let [] | [_] = self.justice.as_slice() {
            return self.justice.first().copied().unwrap_or_else(|| system.pool.top());
        }
        let bits: Vec<(Var, Term)> =
            self.justice.iter().map(|_| bit(system, "met in this round")).collect();
        let met: Vec<Term> = bits
            .iter()
            .zip(&self.justice)
            .map(|((_, before), justice)| system.pool.or([*before, *justice]))
            .collect();
        let all = system.pool.and(met.iter().copied());
        let open = system.pool.not(all);
        for ((var, _), met) in bits.into_iter().zip(met) {
            let next = system.pool.and([met, open]);
            system.states.push(StateVar { var, next });
        }
        all
    }

    /// The state variables that the constraints or the justice rest on: whether a loop can be
    /// repeated for ever depends on no others.
    fn relevant(&self) -> Vec<StateVar> {
        let pool = &self.system.pool;
        let terms = self.system.step.iter().chain(&self.justice).copied();
        let mut needed: BTreeSet<Var> = pool.variables(terms).into_iter().collect();
        loop {
            let inside = self.system.states.iter().filter(|s| needed.contains(&s.var));
            let more = pool.variables(inside.map(|s| s.next));
            let before = needed.len();
            needed.extend(more);
            if needed.len() == before {
                break;
            }
        }
        let states = self.system.states.iter();
        states.filter(|s| needed.contains(&s.var)).copied().collect()
    }
}

impl Lasso {
    /// The period in which the loop of a run starts.
    pub fn start(&self, run: &Valuation) -> Option<usize> {
        let in_loop = |state: &[crate::types::core::Value]| {
            state.get(self.saved) == Some(&crate::types::core::Value::Bool(true))
        };
        run.periods.iter().position(|(state, _)| in_loop(state))?.checked_sub(1)
    }
}

/// A bit that is false at first; its next value is for the caller to add.
fn bit(system: &mut System, name: &str) -> (Var, Term) {
    let var = system.pool.declare(name, Sort::Bool, None, Role::State);
    let value = system.pool.var(var);
    let first = system.pool.not(value);
    system.init.push(first);
    (var, value)
}

/// A copy of a variable's value at the start of the loop; returns whether the value is the same.
fn copy(system: &mut System, state: &StateVar, starts: Term, in_loop_before: Term) -> Term {
    let info = system.pool.var_info(state.var).clone();
    let name = format!("{} at the start of the loop", info.name);
    let var = system.pool.declare(&name, info.sort, info.bounds, Role::State);
    let (value, copy) = (system.pool.var(state.var), system.pool.var(var));
    let outside = system.pool.not(in_loop_before);
    let taken = system.pool.and([starts, outside]);
    let next = system.pool.ite(taken, value, copy);
    system.states.push(StateVar { var, next });
    // Any value at first would do; one that is determined leaves fewer states.
    let first = system.pool.eq(copy, value);
    system.init.push(first);
    system.pool.eq(value, copy)
}
