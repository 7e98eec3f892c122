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
    /// What holds again and again on an infinite run on which nothing is put off for ever.
    pub(super) justice: Vec<Term>,
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

    /// Watches, for ever, for `violation` from period 0: an infinite run satisfies it iff some
    /// guesses meet the requirements in every period and the justice again and again (a symbolic
    /// tableau, Clarke, Grumberg and Hamaguchi 1997, for formulas in negation normal form).
    pub(super) fn forever(pool: &mut Pool, violation: &Formula) -> Monitor {
        let mut monitor = Monitor::default();
        let mut rest = Vec::new();
        for part in violation.conjuncts() {
            if !monitor.plain(pool, part) {
                rest.push(part.clone());
            }
        }
        if !rest.is_empty() {
            let start = monitor.bit(pool, "start", true);
            let started = pool.var(start);
            let now = monitor.now(pool, &Formula::And(rest), started);
            monitor.requirement(pool, started, now);
            let never = pool.bottom();
            monitor.next(start, never);
        }
        monitor.justice.retain(|term| pool.as_bool(*term) != Some(true));
        monitor
    }

    /// Formulas that need no tableau: `always p`, `always eventually p`, and what becomes true in
    /// one period and stays so, as the violations of responses do. False for others.
    fn plain(&mut self, pool: &mut Pool, formula: &Formula) -> bool {
        if let Formula::Always(f) = formula {
            let recurs = match &**f {
                Formula::Eventually(f) => f.flat(pool),
                _ => None,
            };
            if let Some(recurs) = recurs {
                self.justice.push(recurs);
                return true;
            }
            if let Some(f) = f.flat(pool) {
                self.requirements.push(f);
                return true;
            }
        }
        let mut turns = Vec::new();
        if !formula.turns(pool, &mut turns) {
            return false;
        }
        self.turn(pool, &turns);
        true
    }

    /// Some day one of these: the first now, and the second from then on. One bit each; which and
    /// when is guessed.
    fn turn(&mut self, pool: &mut Pool, turns: &[(Term, Term)]) {
        let bits: Vec<Var> = turns.iter().map(|_| self.bit(pool, "turned", false)).collect();
        let turned: Vec<Term> = bits.iter().map(|bit| pool.var(*bit)).collect();
        let any = pool.or(turned.iter().copied());
        let none = pool.not(any);
        for ((bit, turned), (now, hold)) in bits.iter().zip(turned).zip(turns) {
            let turn = self.guess(pool, "turn", none);
            let begins = pool.and([*now, *hold]);
            let begins = pool.implies(turn, begins);
            let keeps = pool.implies(turned, *hold);
            self.requirements.extend([begins, keeps]);
            let next = pool.or([turned, turn]);
            self.next(*bit, next);
        }
        self.justice.push(any);
    }

    /// A bit that may be set at any time, and then for good: `p` holds no more.
    pub(super) fn ceases(&mut self, pool: &mut Pool, p: Term) -> Term {
        let bit = self.bit(pool, "ceased", false);
        let ceased = pool.var(bit);
        let open = pool.not(ceased);
        let guess = self.guess(pool, "cease", open);
        let none = pool.not(p);
        let kept = pool.implies(ceased, none);
        self.requirements.push(kept);
        let next = pool.or([ceased, guess]);
        self.next(bit, next);
        ceased
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
                self.recurs(pool, owed, f);
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
                self.recurs(pool, owed, b);
                now
            }
            Formula::Always(f) => {
                let (owed, put_off) = self.lasting_debt(pool, "always", wanted);
                let still = pool.or([wanted, owed]);
                let f = self.now(pool, f, still);
                let now = pool.and([f, put_off]);
                self.requirement(pool, owed, now);
                now
            }
            Formula::Release(a, b) => {
                let (owed, put_off) = self.lasting_debt(pool, "release", wanted);
                let asked = self.asked(pool, wanted, owed, put_off);
                let still = pool.or([wanted, owed]);
                let a = self.now(pool, a, asked);
                let b = self.now(pool, b, still);
                let free = pool.or([a, put_off]);
                let now = pool.and([b, free]);
                self.requirement(pool, owed, now);
                now
            }
            Formula::AllFor(bound, tick, f) => self.all_for(pool, *bound, *tick, f, wanted),
            Formula::SomeWithin(bound, f) => self.some_within(pool, *bound, f, wanted),
            Formula::SomeBefore(bound, tick, f) => self.some_before(pool, *bound, *tick, f, wanted),
        }
    }

    /// On an infinite run, what is owed is not owed for ever without this.
    fn recurs(&mut self, pool: &mut Pool, owed: Term, paid: Term) {
        let recurs = pool.implies(owed, paid);
        self.justice.push(recurs);
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
        self.recurs(pool, owed, tick);
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

    /// `f` no later than the period after the one in which the tick comes for the `bound`th time,
    /// if it comes so often. The counter holds the ticks still to come, -1 when nothing is owed; an
    /// earlier start has the earlier deadline. Without ticks nothing is due, hence no justice.
    fn some_before(
        &mut self,
        pool: &mut Pool,
        bound: u32,
        tick: Term,
        f: &Formula,
        wanted: Term,
    ) -> Term {
        if bound == 0 {
            return self.now(pool, f, wanted);
        }
        let (left, counter) = self.counter(pool, bound);
        let put_off = self.guess(pool, "wait", wanted);
        let [none, zero, full, one_less] =
            [-1, 0, i64::from(bound), i64::from(bound) - 1].map(|n| pool.int(n));
        let owed = pool.le(zero, counter);
        let asked = pool.or([wanted, owed]);
        let f = self.now(pool, f, asked);
        let counted = pool.add([counter, none], Sort::Int);
        let down = pool.ite(tick, counted, counter);
        let start = pool.ite(tick, one_less, full);
        let fresh = pool.ite(put_off, start, none);
        let kept = pool.ite(owed, down, fresh);
        let next = pool.ite(f, none, kept);
        self.next(left, next);
        let last = pool.eq(counter, zero);
        let due = pool.implies(last, f);
        self.requirements.push(due);
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
