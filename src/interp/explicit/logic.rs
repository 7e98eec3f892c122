//! Conditions in a [`Graph`]: comparisons, truth values and conditionals.
//!
//! Much of what a rule may do wrong is seen here not to happen: guards that exclude each other, and
//! numbers that a guard keeps in range. Such a check then costs the search nothing.

use super::graph::{Graph, Op, Ref};

impl Graph {
    /// Less.
    pub fn lt(&mut self, a: Ref, b: Ref) -> Ref {
        if let Some(bar) = self.barred(&[a, b]) {
            return bar;
        }
        let ((al, ah), (bl, bh)) = (self.ends(a), self.ends(b));
        if ah < bl {
            return self.truth(true);
        }
        if a == b || al >= bh {
            return self.truth(false);
        }
        self.put(Op::Lt(a, b), 0, 1)
    }

    /// Less or equal.
    pub fn le(&mut self, a: Ref, b: Ref) -> Ref {
        if let Some(bar) = self.barred(&[a, b]) {
            return bar;
        }
        let ((al, ah), (bl, bh)) = (self.ends(a), self.ends(b));
        if a == b || ah <= bl {
            return self.truth(true);
        }
        if al > bh {
            return self.truth(false);
        }
        self.put(Op::Le(a, b), 0, 1)
    }

    /// Equal.
    pub fn eq(&mut self, a: Ref, b: Ref) -> Ref {
        if let Some(bar) = self.barred(&[a, b]) {
            return bar;
        }
        if a == b {
            return self.truth(true);
        }
        let ((al, ah), (bl, bh)) = (self.ends(a), self.ends(b));
        if ah < bl || bh < al {
            return self.truth(false);
        }
        let truths = (al, ah, bl, bh) == (0, 1, 0, 1) || (al, ah) == (0, 1) && bl == bh;
        match (truths, self.known(a), self.known(b)) {
            (true, _, Some(1)) => a,
            (true, _, Some(0)) => self.not(a),
            (_, Some(n), None) if self.ends(b) == (0, 1) => {
                if n == 1 {
                    b
                } else {
                    self.not(b)
                }
            }
            _ => self.put(Op::Eq(a.min(b), a.max(b)), 0, 1),
        }
    }

    /// Negation.
    pub fn not(&mut self, a: Ref) -> Ref {
        match self.node(a).op {
            Op::Const(n) => self.truth(n == 0),
            Op::Not(inner) => inner,
            Op::Lt(x, y) => self.le(y, x),
            Op::Le(x, y) => self.lt(y, x),
            Op::Bar(_) => a,
            _ => self.put(Op::Not(a), 0, 1),
        }
    }

    /// Both.
    pub fn and(&mut self, a: Ref, b: Ref) -> Ref {
        match (self.known(a), self.known(b)) {
            (Some(0), _) => return a,
            (_, Some(0)) => return b,
            (Some(_), _) => return b,
            (_, Some(_)) => return a,
            _ if a == b => return a,
            _ => {}
        }
        if let Some(bar) = self.barred(&[a, b]) {
            return bar;
        }
        if self.exclude(a, b) {
            return self.truth(false);
        }
        self.put(Op::And(a.min(b), a.max(b)), 0, 1)
    }

    /// Whether two conditions are seen not to hold together: a conjunct of one is the negation of
    /// one of the other, or they want different values of one thing. Guards of rules that exclude
    /// each other mostly do so.
    fn exclude(&self, a: Ref, b: Ref) -> bool {
        let (mut left, mut right) = (Vec::new(), Vec::new());
        self.conjuncts(a, &mut left);
        self.conjuncts(b, &mut right);
        left.iter().any(|x| right.iter().any(|y| self.opposed(*x, *y)))
    }

    fn conjuncts(&self, of: Ref, into: &mut Vec<Ref>) {
        match self.node(of).op {
            Op::And(a, b) if into.len() < 12 => {
                self.conjuncts(a, into);
                self.conjuncts(b, into);
            }
            _ => into.push(of),
        }
    }

    fn opposed(&self, x: Ref, y: Ref) -> bool {
        match (self.node(x).op, self.node(y).op) {
            (Op::Not(inner), _) if inner == y => true,
            (_, Op::Not(inner)) if inner == x => true,
            (Op::Lt(a, b), Op::Le(c, d) | Op::Lt(c, d)) | (Op::Le(a, b), Op::Lt(c, d)) => {
                a == d && b == c
            }
            (Op::Eq(a, b), Op::Eq(c, d)) => {
                let differ =
                    |m: Ref, n: Ref| self.known(m).zip(self.known(n)).is_some_and(|(m, n)| m != n);
                a == c && differ(b, d)
                    || b == d && differ(a, c)
                    || a == d && differ(b, c)
                    || b == c && differ(a, d)
            }
            _ => false,
        }
    }

    /// Either.
    pub fn or(&mut self, a: Ref, b: Ref) -> Ref {
        match (self.known(a), self.known(b)) {
            (Some(0), _) => return b,
            (_, Some(0)) => return a,
            (Some(_), _) => return a,
            (_, Some(_)) => return b,
            _ if a == b => return a,
            _ => {}
        }
        if let Some(bar) = self.barred(&[a, b]) {
            return bar;
        }
        if self.not(a) == b {
            return self.truth(true);
        }
        self.put(Op::Or(a.min(b), a.max(b)), 0, 1)
    }

    /// The first only if the second.
    pub fn implies(&mut self, a: Ref, b: Ref) -> Ref {
        let not_a = self.not(a);
        self.or(not_a, b)
    }

    /// A conditional on numbers or truth values.
    pub fn cond(&mut self, c: Ref, t: Ref, e: Ref) -> Ref {
        match self.known(c) {
            Some(0) => return e,
            Some(_) => return t,
            None if t == e => return t,
            None => {}
        }
        if let Some(bar) = self.barred(&[c]) {
            return bar;
        }
        if let Op::Not(inner) = self.node(c).op {
            return self.cond(inner, e, t);
        }
        let (t, e) = (self.under(c, true, t), self.under(c, false, e));
        if t == e {
            return t;
        }
        match (self.known(t), self.known(e)) {
            (Some(1), Some(0)) => return c,
            (Some(0), Some(1)) => return self.not(c),
            _ => {}
        }
        // A bar in one branch still bars: which branch counts is known only when it runs.
        if let Some(bar) = self.barred(&[t, e]) {
            return bar;
        }
        let mut facts = Vec::new();
        self.conjuncts(c, &mut facts);
        let (tl, th) = self.given(&facts, true, t);
        let lone = if facts.len() == 1 { facts.as_slice() } else { &[] };
        let (el, eh) = self.given(lone, false, e);
        self.bounded(Op::If(c, t, e), tl.min(el), th.max(eh))
    }

    /// The interval of a branch, narrowed by what its condition says of the number that it moves
    /// by a constant: `x - 1` where `x > 0`.
    fn given(&self, facts: &[Ref], hold: bool, branch: Ref) -> (i128, i128) {
        let (lo, hi) = self.ends(branch);
        let (x, by) = match self.node(branch).op {
            Op::Add(a, b) => match (self.known(a), self.known(b)) {
                (Some(n), _) => (b, i128::from(n)),
                (_, Some(n)) => (a, i128::from(n)),
                _ => return (lo, hi),
            },
            Op::Sub(a, b) => match self.known(b) {
                Some(n) => (a, -i128::from(n)),
                None => return (lo, hi),
            },
            _ => (branch, 0),
        };
        let (mut least, mut most) = self.ends(x);
        for fact in facts {
            let (low, high) = self.says(*fact, hold, x);
            (least, most) = (least.max(low), most.min(high));
        }
        // Where the condition cannot hold the branch does not count; its interval stays.
        if least > most { (lo, hi) } else { (lo.max(least + by), hi.min(most + by)) }
    }

    /// Between which numbers a condition, or its negation, says that `x` is.
    fn says(&self, fact: Ref, holds: bool, x: Ref) -> (i128, i128) {
        let (all_lo, all_hi) = (i128::from(i64::MIN), i128::from(i64::MAX));
        let (lo, hi) = self.ends(x);
        let n = |at: Ref| self.known(at).map(i128::from);
        match (self.node(fact).op, holds) {
            (Op::Not(inner), _) => self.says(inner, !holds, x),
            (Op::Lt(a, b), true) | (Op::Le(b, a), false) if a == x => {
                (all_lo, n(b).map_or(all_hi, |n| n - 1))
            }
            (Op::Lt(a, b), true) | (Op::Le(b, a), false) if b == x => {
                (n(a).map_or(all_lo, |n| n + 1), all_hi)
            }
            (Op::Le(a, b), true) | (Op::Lt(b, a), false) if a == x => {
                (all_lo, n(b).unwrap_or(all_hi))
            }
            (Op::Le(a, b), true) | (Op::Lt(b, a), false) if b == x => {
                (n(a).unwrap_or(all_lo), all_hi)
            }
            (Op::Eq(a, b), _) if a == x || b == x => {
                let Some(n) = n(if a == x { b } else { a }) else { return (all_lo, all_hi) };
                match holds {
                    true => (n, n),
                    false if n == lo => (n + 1, all_hi),
                    false if n == hi => (all_lo, n - 1),
                    false => (all_lo, all_hi),
                }
            }
            _ => (all_lo, all_hi),
        }
    }

    /// A branch of a conditional, where its condition is known: an inner conditional loses what the
    /// outer one has decided.
    fn under(&mut self, c: Ref, holds: bool, branch: Ref) -> Ref {
        let Op::If(inner, t, e) = self.node(branch).op else { return branch };
        let mut conjuncts = Vec::new();
        self.conjuncts(inner, &mut conjuncts);
        let (mut rest, mut decided) = (Vec::new(), false);
        for part in conjuncts {
            let (same, opposite) = (part == c, self.opposed(part, c));
            match (holds, same, opposite) {
                (true, true, _) => decided = true,
                (false, _, true) if self.negates(part, c) => decided = true,
                (true, _, true) | (false, true, _) => return e,
                _ => rest.push(part),
            }
        }
        if !decided {
            return branch;
        }
        let yes = self.truth(true);
        let rest = rest.into_iter().fold(yes, |all, part| self.and(all, part));
        self.cond(rest, t, e)
    }

    /// Whether one condition is exactly the negation of the other.
    fn negates(&self, x: Ref, y: Ref) -> bool {
        match (self.node(x).op, self.node(y).op) {
            (Op::Not(inner), _) => inner == y,
            (_, Op::Not(inner)) => inner == x,
            (Op::Lt(a, b), Op::Le(c, d)) | (Op::Le(a, b), Op::Lt(c, d)) => a == d && b == c,
            _ => false,
        }
    }
}
