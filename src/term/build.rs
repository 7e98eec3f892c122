//! The constructors: the only way to make a term.
//!
//! Each folds what it can: constants, units and zeros, equal and complementary
//! arguments, comparisons that intervals decide. Every rule is an equivalence
//! under all assignments within the variables' bounds; a division by a term
//! that may be zero is never folded.

use num_bigint::BigInt;
use num_integer::Integer;
use num_rational::BigRational;
use num_traits::{One, Signed, Zero};

use super::{Node, Pool, Sort, Term, Var};

impl Pool {
    /// A truth value.
    pub fn bool(&mut self, value: bool) -> Term {
        self.intern(Node::Bool(value), Sort::Bool)
    }

    /// `true`
    pub fn top(&mut self) -> Term {
        self.bool(true)
    }

    /// `false`
    pub fn bottom(&mut self) -> Term {
        self.bool(false)
    }

    /// An integer.
    pub fn int(&mut self, value: impl Into<BigInt>) -> Term {
        self.intern(Node::Int(value.into()), Sort::Int)
    }

    /// A rational.
    pub fn real(&mut self, value: BigRational) -> Term {
        self.intern(Node::Real(value), Sort::Real)
    }

    /// A variable.
    pub fn var(&mut self, var: Var) -> Term {
        let sort = self.var_info(var).sort;
        self.intern(Node::Var(var), sort)
    }

    /// The truth value of a constant term.
    pub fn as_bool(&self, term: Term) -> Option<bool> {
        match self.node(term) {
            Node::Bool(b) => Some(*b),
            _ => None,
        }
    }

    /// The number of a constant integer term.
    pub fn as_int(&self, term: Term) -> Option<&BigInt> {
        match self.node(term) {
            Node::Int(n) => Some(n),
            _ => None,
        }
    }

    fn as_real(&self, term: Term) -> Option<&BigRational> {
        match self.node(term) {
            Node::Real(r) => Some(r),
            _ => None,
        }
    }

    /// `not a`
    pub fn not(&mut self, a: Term) -> Term {
        match *self.node(a) {
            Node::Bool(b) => self.bool(!b),
            Node::Not(inner) => inner,
            _ => self.intern(Node::Not(a), Sort::Bool),
        }
    }

    /// Conjunction.
    pub fn and(&mut self, terms: impl IntoIterator<Item = Term>) -> Term {
        match self.junction(terms, true) {
            Err(constant) => self.bool(constant),
            Ok(list) => match list.as_slice() {
                [] => self.top(),
                [one] => *one,
                _ => self.intern(Node::And(list), Sort::Bool),
            },
        }
    }

    /// Disjunction.
    pub fn or(&mut self, terms: impl IntoIterator<Item = Term>) -> Term {
        match self.junction(terms, false) {
            Err(constant) => self.bool(constant),
            Ok(list) => match list.as_slice() {
                [] => self.bottom(),
                [one] => *one,
                _ => self.intern(Node::Or(list), Sort::Bool),
            },
        }
    }

    /// Flattens, sorts and dedups; `Err(zero)` when the zero of the junction occurs.
    fn junction(
        &self,
        terms: impl IntoIterator<Item = Term>,
        unit: bool,
    ) -> Result<Vec<Term>, bool> {
        let mut list = Vec::new();
        for term in terms {
            match (self.node(term), unit) {
                (Node::Bool(b), _) if *b == unit => {}
                (Node::Bool(_), _) => return Err(!unit),
                (Node::And(inner), true) | (Node::Or(inner), false) => list.extend(inner),
                _ => list.push(term),
            }
        }
        list.sort_unstable();
        list.dedup();
        let complementary = list.iter().any(|t| match self.node(*t) {
            Node::Not(inner) => list.binary_search(inner).is_ok(),
            _ => false,
        });
        if complementary { Err(!unit) } else { Ok(list) }
    }

    /// `a implies b`
    pub fn implies(&mut self, a: Term, b: Term) -> Term {
        let not_a = self.not(a);
        self.or([not_a, b])
    }

    /// `a iff b`
    pub fn iff(&mut self, a: Term, b: Term) -> Term {
        self.eq(a, b)
    }

    /// `if c then a else b`
    pub fn ite(&mut self, c: Term, a: Term, b: Term) -> Term {
        if a == b {
            return a;
        }
        match *self.node(c) {
            Node::Bool(true) => return a,
            Node::Bool(false) => return b,
            Node::Not(inner) => return self.ite(inner, b, a),
            _ => {}
        }
        let sort = self.sort(a);
        match (sort, self.as_bool(a), self.as_bool(b)) {
            (Sort::Bool, Some(true), _) => self.or([c, b]),
            (Sort::Bool, Some(false), _) => {
                let not_c = self.not(c);
                self.and([not_c, b])
            }
            (Sort::Bool, _, Some(true)) => self.implies(c, a),
            (Sort::Bool, _, Some(false)) => self.and([c, a]),
            _ => self.intern(Node::Ite(c, a, b), sort),
        }
    }

    /// `a = b`
    pub fn eq(&mut self, a: Term, b: Term) -> Term {
        if a == b {
            return self.top();
        }
        let (a, b) = (a.min(b), a.max(b));
        if let Some(known) = self.decided_eq(a, b) {
            return self.bool(known);
        }
        if self.sort(a) == Sort::Bool {
            match (self.as_bool(a), self.as_bool(b)) {
                (Some(true), _) => return b,
                (_, Some(true)) => return a,
                (Some(false), _) => return self.not(b),
                (_, Some(false)) => return self.not(a),
                _ => {}
            }
        }
        match self.eq_of_conditional(a, b) {
            Some(term) => term,
            None => self.intern(Node::Eq(a, b), Sort::Bool),
        }
    }

    fn decided_eq(&self, a: Term, b: Term) -> Option<bool> {
        match (self.node(a), self.node(b)) {
            (Node::Int(m), Node::Int(n)) => return Some(m == n),
            (Node::Real(m), Node::Real(n)) => return Some(m == n),
            (Node::Not(x), _) if *x == b => return Some(false),
            (_, Node::Not(x)) if *x == a => return Some(false),
            _ => {}
        }
        let ((a, b), (c, d)) = (self.bounds(a)?, self.bounds(b)?);
        (b < c || d < a).then_some(false)
    }

    /// `(if c then m else n) = k` for constants: `c`, `not c`, true or false.
    fn eq_of_conditional(&mut self, a: Term, b: Term) -> Option<Term> {
        let constant = |pool: &Pool, t: Term| matches!(pool.node(t), Node::Int(_) | Node::Real(_));
        let (cond, k) = match (self.node(a), self.node(b)) {
            (Node::Ite(..), _) if constant(self, b) => (a, b),
            (_, Node::Ite(..)) if constant(self, a) => (b, a),
            _ => return None,
        };
        let Node::Ite(c, x, y) = *self.node(cond) else { return None };
        (constant(self, x) || constant(self, y)).then(|| {
            let (x, y) = (self.eq(x, k), self.eq(y, k));
            self.ite(c, x, y)
        })
    }

    /// `a != b`
    pub fn ne(&mut self, a: Term, b: Term) -> Term {
        let equal = self.eq(a, b);
        self.not(equal)
    }

    /// `a <= b`
    pub fn le(&mut self, a: Term, b: Term) -> Term {
        if a == b {
            return self.top();
        }
        match (self.node(a), self.node(b)) {
            (Node::Int(m), Node::Int(n)) => {
                let known = m <= n;
                return self.bool(known);
            }
            (Node::Real(m), Node::Real(n)) => {
                let known = m <= n;
                return self.bool(known);
            }
            _ => {}
        }
        if let (Some((a_lo, a_hi)), Some((b_lo, b_hi))) = (self.bounds(a), self.bounds(b)) {
            if a_hi <= b_lo {
                return self.top();
            }
            if a_lo > b_hi {
                return self.bottom();
            }
        }
        self.intern(Node::Le(a, b), Sort::Bool)
    }

    /// `a < b`
    pub fn lt(&mut self, a: Term, b: Term) -> Term {
        let ge = self.le(b, a);
        self.not(ge)
    }

    /// `lo <= a <= hi`
    pub fn between(&mut self, a: Term, lo: i64, hi: i64) -> Term {
        let (lo, hi) = (self.int(lo), self.int(hi));
        let (above, below) = (self.le(lo, a), self.le(a, hi));
        self.and([above, below])
    }

    /// The sum of numbers of one sort.
    pub fn add(&mut self, terms: impl IntoIterator<Item = Term>, sort: Sort) -> Term {
        let mut list = Vec::new();
        let (mut whole, mut part) = (BigInt::zero(), BigRational::zero());
        let mut todo: Vec<Term> = terms.into_iter().collect();
        while let Some(term) = todo.pop() {
            match self.node(term) {
                Node::Int(n) => whole += n,
                Node::Real(r) => part += r,
                Node::Add(inner) => todo.extend(inner),
                _ => list.push(term),
            }
        }
        if !whole.is_zero() {
            list.push(self.int(whole));
        }
        if !part.is_zero() {
            list.push(self.real(part));
        }
        list.sort_unstable();
        match (list.as_slice(), sort) {
            ([], Sort::Real) => self.real(BigRational::zero()),
            ([], _) => self.int(0),
            ([one], _) => *one,
            _ => self.intern(Node::Add(list), sort),
        }
    }

    /// `a - b`
    pub fn sub(&mut self, a: Term, b: Term) -> Term {
        let minus = self.neg(b);
        let sort = self.sort(a);
        if a == b {
            return self.add([], sort);
        }
        self.add([a, minus], sort)
    }

    /// `-a`
    pub fn neg(&mut self, a: Term) -> Term {
        let minus_one = match self.sort(a) {
            Sort::Real => self.real(-BigRational::one()),
            _ => self.int(-1),
        };
        self.mul(minus_one, a)
    }

    /// `a * b`
    pub fn mul(&mut self, a: Term, b: Term) -> Term {
        let (a, b) = if self.is_number(b) { (b, a) } else { (a, b) };
        let sort = self.sort(a);
        match (self.node(a), self.node(b)) {
            (Node::Int(m), Node::Int(n)) => {
                let product = m * n;
                return self.int(product);
            }
            (Node::Real(m), Node::Real(n)) => {
                let product = m * n;
                return self.real(product);
            }
            (Node::Int(m), _) if m.is_zero() => return a,
            (Node::Real(m), _) if m.is_zero() => return a,
            (Node::Int(m), _) if m.is_one() => return b,
            (Node::Real(m), _) if m.is_one() => return b,
            (Node::Int(_) | Node::Real(_), Node::Add(list)) => {
                // c * (x + y) = c*x + c*y keeps sums flat, so that differences cancel.
                let list: Vec<Term> = list.clone();
                let scaled: Vec<Term> = list.into_iter().map(|t| self.mul(a, t)).collect();
                return self.add(scaled, sort);
            }
            (Node::Int(_) | Node::Real(_), Node::Mul(x, y)) if self.is_number(*x) => {
                let (x, y) = (*x, *y);
                let coefficient = self.mul(a, x);
                return self.mul(coefficient, y);
            }
            _ => {}
        }
        let (a, b) = if self.is_number(a) { (a, b) } else { (a.min(b), a.max(b)) };
        self.intern(Node::Mul(a, b), sort)
    }

    fn is_number(&self, term: Term) -> bool {
        matches!(self.node(term), Node::Int(_) | Node::Real(_))
    }

    /// The Euclidean quotient of integers.
    pub fn div(&mut self, a: Term, b: Term) -> Term {
        match (self.as_int(a), self.as_int(b)) {
            (Some(m), Some(n)) if !n.is_zero() => {
                let quotient = euclid(m, n).0;
                self.int(quotient)
            }
            (_, Some(n)) if n.is_one() => a,
            _ => self.intern(Node::Div(a, b), Sort::Int),
        }
    }

    /// The Euclidean remainder of integers.
    pub fn modulo(&mut self, a: Term, b: Term) -> Term {
        match (self.as_int(a), self.as_int(b)) {
            (Some(m), Some(n)) if !n.is_zero() => {
                let remainder = euclid(m, n).1;
                self.int(remainder)
            }
            _ => self.intern(Node::Mod(a, b), Sort::Int),
        }
    }

    /// The quotient of reals.
    pub fn real_div(&mut self, a: Term, b: Term) -> Term {
        match (self.as_real(a), self.as_real(b)) {
            (Some(m), Some(n)) if !n.is_zero() => {
                let quotient = m / n;
                self.real(quotient)
            }
            (_, Some(n)) if !n.is_zero() => {
                let inverse = n.recip();
                let inverse = self.real(inverse);
                self.mul(inverse, a)
            }
            _ => self.intern(Node::RealDiv(a, b), Sort::Real),
        }
    }

    /// An integer as a real.
    pub fn to_real(&mut self, a: Term) -> Term {
        match self.node(a) {
            Node::Int(n) => {
                let n = BigRational::from_integer(n.clone());
                self.real(n)
            }
            _ => self.intern(Node::ToReal(a), Sort::Real),
        }
    }

    /// The smaller of two.
    pub fn min(&mut self, a: Term, b: Term) -> Term {
        let c = self.le(a, b);
        self.ite(c, a, b)
    }

    /// The larger of two.
    pub fn max(&mut self, a: Term, b: Term) -> Term {
        let c = self.le(a, b);
        self.ite(c, b, a)
    }

    /// `p` for all values of the variables.
    pub fn forall(&mut self, vars: Vec<Var>, body: Term) -> Term {
        if vars.is_empty() || self.as_bool(body).is_some() {
            return body;
        }
        self.intern(Node::Forall(vars, body), Sort::Bool)
    }
}

/// Euclidean quotient and remainder: `a = b*q + r` with `0 <= r < |b|`.
fn euclid(a: &BigInt, b: &BigInt) -> (BigInt, BigInt) {
    let (q, r) = a.div_mod_floor(b);
    // Floor division has the divisor's sign in r; for b < 0 move r up by |b|.
    if r.is_negative() { (q + 1, r - b) } else { (q, r) }
}
