//! Violations as reachability.
//!
//! The negation of a safety claim is a formula that a finite run can make true
//! for good (Kupferman and Vardi 2001). The monitor guesses how: for each
//! future operator it keeps what is *owed* from this period on, and an input
//! guesses whether to put an obligation off to the next period. A run violates
//! the claim iff some guesses lead to a period in which everything owed is
//! paid and nothing is put off. Guesses only restrict, so that the monitor
//! accepts no run that does not violate the claim.
//!
//! For `always (p implies within 3 q)` this is one bit (still looking for the
//! trigger) and one counter (periods without `q` still to come).

use rustc_hash::FxHashMap;

use super::formula::{Formula, Memory};
use crate::term::{Pool, Role, Sort, Term, Var};

/// What is added to a system to watch for a violation.
#[derive(Debug, Default)]
pub(super) struct Monitor {
    /// What is owed.
    pub(super) memories: Vec<Memory>,
    /// Guesses.
    pub(super) guesses: Vec<Var>,
    /// What the guesses and debts require of a period.
    pub(super) requirements: Vec<Term>,
    /// What a period must satisfy to be the last, if nothing is put off.
    settled: Vec<Term>,
}

impl Monitor {
    /// Watches for `violation` from period 0; returns the monitor and the term that accepts.
    pub(super) fn new(pool: &mut Pool, violation: &Formula) -> (Monitor, Term) {
        let mut monitor = Monitor::default();
        let start = monitor.bit(pool, "start", true);
        let started = pool.var(start);
        let now = monitor.now(pool, violation, started);
        monitor.requirement(pool, started, now);
        let never = pool.bottom();
        monitor.next(start, never);
        let settled = pool.and(monitor.settled.iter().copied());
        let off: FxHashMap<Var, Term> = monitor.guesses.iter().map(|g| (*g, never)).collect();
        let accepts = pool.substitute(settled, &off);
        (monitor, accepts)
    }

    /// A term that holds in a period iff the formula is true from there on as guessed. `wanted`
    /// says whether anyone asks in that period; only then may something be put off, so that the
    /// monitor rests between a claim's occasions (induction needs that, soundness does not).
    fn now(&mut self, pool: &mut Pool, formula: &Formula, wanted: Term) -> Term {
        match formula {
            Formula::Atom(term) => *term,
            Formula::And(parts) => {
                let parts: Vec<Term> = parts.iter().map(|p| self.now(pool, p, wanted)).collect();
                pool.and(parts)
            }
            Formula::Or(parts) => {
                let parts: Vec<Term> = parts.iter().map(|p| self.now(pool, p, wanted)).collect();
                pool.or(parts)
            }
            Formula::Next(f) => {
                let (owed, put_off) = self.debt(pool, "next", wanted);
                let f = self.now(pool, f, owed);
                self.requirement(pool, owed, f);
                put_off
            }
            Formula::Eventually(f) => {
                let (owed, put_off) = self.lasting_debt(pool, "eventually", wanted);
                let asked = self.asked(pool, wanted, owed, put_off);
                let f = self.now(pool, f, asked);
                let now = pool.or([f, put_off]);
                self.requirement(pool, owed, now);
                now
            }
            Formula::Until(a, b) => {
                let (owed, put_off) = self.lasting_debt(pool, "until", wanted);
                let asked = self.asked(pool, wanted, owed, put_off);
                let still = pool.or([wanted, owed]);
                let a = self.now(pool, a, still);
                let b = self.now(pool, b, asked);
                let on = pool.and([a, put_off]);
                let now = pool.or([b, on]);
                self.requirement(pool, owed, now);
                now
            }
            Formula::AllFor(bound, tick, f) => self.all_for(pool, *bound, *tick, f, wanted),
            Formula::SomeWithin(bound, f) => self.some_within(pool, *bound, f, wanted),
        }
    }

    /// Wanted or owed, and not put off.
    fn asked(&self, pool: &mut Pool, wanted: Term, owed: Term, put_off: Term) -> Term {
        let here = pool.not(put_off);
        let any = pool.or([wanted, owed]);
        pool.and([any, here])
    }

    /// `f` now and in every period until `bound` ticks have passed, and one more. The counter holds
    /// the ticks still to come, -1 when nothing is owed; a later start has the later deadline.
    fn all_for(
        &mut self,
        pool: &mut Pool,
        bound: u32,
        tick: Option<Term>,
        f: &Formula,
        wanted: Term,
    ) -> Term {
        if bound == 0 {
            return self.now(pool, f, wanted);
        }
        let tick = tick.unwrap_or_else(|| pool.top());
        let (left, counter) = self.counter(pool, bound);
        let put_off = self.guess(pool, "go on", wanted);
        let [none, zero, full, one_less] =
            [-1, 0, i64::from(bound), i64::from(bound) - 1].map(|n| pool.int(n));
        let (owed, more) = (pool.le(zero, counter), pool.lt(zero, counter));
        let asked = pool.or([wanted, owed]);
        let f = self.now(pool, f, asked);
        let counted = pool.add([counter, none], Sort::Int);
        let down = pool.ite(tick, counted, counter);
        let start = pool.ite(tick, one_less, full);
        let kept = pool.ite(more, down, none);
        let next = pool.ite(put_off, start, kept);
        self.next(left, next);
        self.requirement(pool, owed, f);
        let done = pool.le(counter, zero);
        self.settled.push(done);
        pool.and([f, put_off])
    }

    /// `f` in this period or one of the next `bound`. The counter holds the periods left after this
    /// one, -1 when nothing is owed; an earlier start has the earlier deadline.
    fn some_within(&mut self, pool: &mut Pool, bound: u32, f: &Formula, wanted: Term) -> Term {
        if bound == 0 {
            return self.now(pool, f, wanted);
        }
        let (left, counter) = self.counter(pool, bound);
        let put_off = self.guess(pool, "wait", wanted);
        let [none, zero, full] = [-1, 0, i64::from(bound) - 1].map(|n| pool.int(n));
        let (owed, more) = (pool.le(zero, counter), pool.lt(zero, counter));
        let asked = pool.or([wanted, owed]);
        let f = self.now(pool, f, asked);
        let counted = pool.add([counter, none], Sort::Int);
        let fresh = pool.ite(put_off, full, none);
        let kept = pool.ite(more, counted, fresh);
        let next = pool.ite(f, none, kept);
        self.next(left, next);
        let last = pool.eq(counter, zero);
        let due = pool.implies(last, f);
        self.requirements.push(due);
        let paid = pool.implies(owed, f);
        self.settled.push(paid);
        pool.or([f, put_off])
    }

    /// If owed, `f` is required of every period, the last included.
    fn requirement(&mut self, pool: &mut Pool, owed: Term, f: Term) {
        let paid = pool.implies(owed, f);
        self.requirements.push(paid);
        self.settled.push(paid);
    }

    /// A bit that is owed next period iff a guess puts it off in this one.
    fn debt(&mut self, pool: &mut Pool, name: &str, wanted: Term) -> (Term, Term) {
        let put_off = self.guess(pool, name, wanted);
        let var = self.bit(pool, name, false);
        self.next(var, put_off);
        (pool.var(var), put_off)
    }

    /// As [`Monitor::debt`], for what may be put off again while it is owed.
    fn lasting_debt(&mut self, pool: &mut Pool, name: &str, wanted: Term) -> (Term, Term) {
        let var = self.bit(pool, name, false);
        let owed = pool.var(var);
        let open = pool.or([wanted, owed]);
        let put_off = self.guess(pool, name, open);
        self.next(var, put_off);
        (owed, put_off)
    }

    /// A guess that may be true only where something asks for it.
    fn guess(&mut self, pool: &mut Pool, name: &str, wanted: Term) -> Term {
        let var = pool.declare(&format!("put off {name}"), Sort::Bool, None, Role::Input);
        self.guesses.push(var);
        let guess = pool.var(var);
        let idle = pool.implies(guess, wanted);
        self.requirements.push(idle);
        guess
    }

    fn bit(&mut self, pool: &mut Pool, name: &str, first: bool) -> Var {
        let var = pool.declare(&format!("owed {name}"), Sort::Bool, None, Role::State);
        let value = pool.var(var);
        let first = pool.bool(first);
        let first = pool.eq(value, first);
        self.memories.push(Memory { var, first, next: value });
        var
    }

    fn counter(&mut self, pool: &mut Pool, bound: u32) -> (Var, Term) {
        let bounds = Some((-1, i64::from(bound)));
        let var = pool.declare("periods owed", Sort::Int, bounds, Role::State);
        let value = pool.var(var);
        let none = pool.int(-1);
        let first = pool.eq(value, none);
        self.memories.push(Memory { var, first, next: value });
        (var, value)
    }

    fn next(&mut self, var: Var, next: Term) {
        if let Some(memory) = self.memories.iter_mut().find(|m| m.var == var) {
            memory.next = next;
        }
    }
}
