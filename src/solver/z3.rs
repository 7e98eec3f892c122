//! Z3 behind the [`Solver`] trait.
//!
//! Two encodings of the same terms. *Words*: integers and reals as Z3 has them.
//! *Bits*: for systems whose every integer term has an interval, each becomes a
//! signed bit-vector just wide enough for its interval, so that no operation
//! can overflow; the `QF_FD` solver then works on finite domains only. Either
//! way a variable is declared together with its bounds.
//!
//! This file is the only one that names the `z3` crate's terms. The encoding is
//! trusted only so far: traces are replayed by the interpreter, proofs are
//! checked again by a fresh solver with the other encoding where it can.

use num_bigint::BigInt;
use num_rational::BigRational;
use rustc_hash::FxHashMap;
use z3::ast::{Ast, BV, Bool, Int, Real};
use z3::{Model, Params, SatResult};

use super::context::undisturbed;
use super::{Answer, Literal, Solver};
use crate::term::{Node, Pool, Role, Sort, Term, Var};
use crate::types::core::Value;

/// How integers are put to Z3.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// As bit-vectors; every integer term must have bounds.
    Bits,
    /// As integers.
    Words,
}

/// A term in Z3.
#[derive(Clone, Debug)]
enum Coded {
    Bool(Bool),
    Bits(BV),
    Int(Int),
    Real(Real),
}

/// A Z3 solver.
pub struct Z3 {
    solver: z3::Solver,
    encoding: Encoding,
    coded: FxHashMap<(Term, u32), Coded>,
    variables: FxHashMap<(Var, u32), Coded>,
    model: Option<Model>,
    assumed: Vec<Bool>,
}

impl Z3 {
    /// A solver in this thread's context. `special` asks for the finite-domain solver where the
    /// encoding allows it; a proof is checked again without it.
    pub fn new(encoding: Encoding, special: bool, seed: u32) -> Z3 {
        let solver = match (encoding, special) {
            (Encoding::Bits, true) => z3::Solver::new_for_logic("QF_FD"),
            (Encoding::Bits, false) => z3::Solver::new_for_logic("QF_BV"),
            (Encoding::Words, _) => None,
        };
        let solver = solver.unwrap_or_default();
        let mut params = Params::new();
        params.set_u32("random_seed", seed);
        // Z3 would put a handler of its own in place of the program's, and swallow the interrupt.
        params.set_bool("ctrl_c", false);
        solver.set_params(&params);
        Z3 {
            solver,
            encoding,
            coded: FxHashMap::default(),
            variables: FxHashMap::default(),
            model: None,
            assumed: Vec::new(),
        }
    }

    fn bool(&mut self, pool: &Pool, term: Term, at: u32) -> Bool {
        match self.code(pool, term, at) {
            Coded::Bool(b) => b,
            // Terms are well sorted; a number here would be a bug of the constructors.
            _ => Bool::from_bool(false),
        }
    }

    /// The Z3 form of a term at a period; children first, without recursion.
    fn code(&mut self, pool: &Pool, term: Term, at: u32) -> Coded {
        let mut todo = vec![(term, false)];
        while let Some((t, ready)) = todo.pop() {
            if self.coded.contains_key(&(t, at)) {
                continue;
            }
            let node = pool.node(t);
            if ready || matches!(node, Node::Forall(..)) {
                let coded = self.code_node(pool, t, at);
                self.coded.insert((t, at), coded);
            } else {
                todo.push((t, true));
                todo.extend(crate::term::children(node).into_iter().map(|c| (c, false)));
            }
        }
        self.coded.get(&(term, at)).cloned().unwrap_or_else(|| Coded::Bool(Bool::from_bool(false)))
    }

    // table: one arm per kind of node
    fn code_node(&mut self, pool: &Pool, term: Term, at: u32) -> Coded {
        let node = pool.node(term);
        match node {
            Node::Bool(b) => Coded::Bool(Bool::from_bool(*b)),
            Node::Int(n) => self.number(pool, term, n),
            Node::Real(r) => Coded::Real(Real::from_big_rational(r)),
            Node::Var(v) => self.variable(pool, *v, at),
            Node::Not(a) => Coded::Bool(self.bool(pool, *a, at).not()),
            Node::And(list) => Coded::Bool(Bool::and(&self.bools(pool, list, at))),
            Node::Or(list) => Coded::Bool(Bool::or(&self.bools(pool, list, at))),
            Node::Ite(c, a, b) => {
                let c = self.bool(pool, *c, at);
                let (a, b) = self.pair(pool, *a, *b, at);
                self.fit(pool, term, choose(&c, a, b))
            }
            Node::Eq(a, b) => {
                let (a, b) = self.pair(pool, *a, *b, at);
                Coded::Bool(equal(&a, &b))
            }
            Node::Le(a, b) => match self.pair(pool, *a, *b, at) {
                (Coded::Bits(a), Coded::Bits(b)) => Coded::Bool(a.bvsle(&b)),
                (Coded::Int(a), Coded::Int(b)) => Coded::Bool(a.le(&b)),
                (Coded::Real(a), Coded::Real(b)) => Coded::Bool(a.le(&b)),
                _ => Coded::Bool(Bool::from_bool(false)),
            },
            Node::Add(list) => self.sum(pool, term, list, at),
            Node::Mul(a, b) => self.product(pool, term, *a, *b, at),
            Node::Div(a, b) | Node::Mod(a, b) => self.division(pool, term, *a, *b, at),
            Node::RealDiv(a, b) => match (self.code(pool, *a, at), self.code(pool, *b, at)) {
                (Coded::Real(a), Coded::Real(b)) => Coded::Real(a / b),
                (other, _) => other,
            },
            Node::ToReal(a) => match self.code(pool, *a, at) {
                Coded::Int(a) => Coded::Real(a.to_real()),
                Coded::Bits(a) => Coded::Real(a.to_int(true).to_real()),
                other => other,
            },
            Node::Forall(vars, body) => self.forall(pool, vars, *body, at),
        }
    }

    fn bools(&mut self, pool: &Pool, list: &[Term], at: u32) -> Vec<Bool> {
        list.iter().map(|t| self.bool(pool, *t, at)).collect()
    }

    fn number(&self, pool: &Pool, term: Term, n: &BigInt) -> Coded {
        match (self.encoding, pool.point(term)) {
            (Encoding::Bits, Some(n)) => Coded::Bits(BV::from_i64(n, width(n, n))),
            _ => Coded::Int(Int::from_big_int(n)),
        }
    }

    fn variable(&mut self, pool: &Pool, var: Var, at: u32) -> Coded {
        let info = pool.var_info(var);
        let at = if info.role == Role::Rigid { 0 } else { at };
        if let Some(known) = self.variables.get(&(var, at)) {
            return known.clone();
        }
        let name = format!("{}#{}@{at}", info.name, var.0);
        let coded = match (info.sort, self.encoding, info.bounds) {
            (Sort::Bool, ..) => Coded::Bool(Bool::new_const(name)),
            (Sort::Real, ..) => Coded::Real(Real::new_const(name)),
            (Sort::Int, Encoding::Bits, Some((lo, hi))) => {
                Coded::Bits(BV::new_const(name, width(lo, hi)))
            }
            (Sort::Int, ..) => Coded::Int(Int::new_const(name)),
        };
        if info.role != Role::Bound
            && let Some(inside) = inside(&coded, info.bounds)
        {
            self.solver.assert(&inside);
        }
        self.variables.insert((var, at), coded.clone());
        coded
    }

    /// Two numbers of one width, or two terms of one sort.
    fn pair(&mut self, pool: &Pool, a: Term, b: Term, at: u32) -> (Coded, Coded) {
        match (self.code(pool, a, at), self.code(pool, b, at)) {
            (Coded::Bits(a), Coded::Bits(b)) => {
                let size = a.get_size().max(b.get_size());
                (Coded::Bits(widen(&a, size)), Coded::Bits(widen(&b, size)))
            }
            other => other,
        }
    }

    /// Cuts a bit-vector to the width of the term's interval, which contains its value.
    fn fit(&self, pool: &Pool, term: Term, coded: Coded) -> Coded {
        match (coded, pool.bounds(term)) {
            (Coded::Bits(bits), Some((lo, hi))) => Coded::Bits(resize(&bits, width(lo, hi))),
            (coded, _) => coded,
        }
    }

    fn sum(&mut self, pool: &Pool, term: Term, list: &[Term], at: u32) -> Coded {
        let parts: Vec<Coded> = list.iter().map(|t| self.code(pool, *t, at)).collect();
        let ints: Vec<Int> = parts.iter().filter_map(as_int).collect();
        let reals: Vec<Real> = parts.iter().filter_map(as_real).collect();
        if ints.len() == list.len() {
            return Coded::Int(Int::add(&ints));
        }
        if reals.len() == list.len() {
            return Coded::Real(Real::add(&reals));
        }
        // Modular addition at the width of the sum's own interval: wraps on the way, right at the end.
        let (lo, hi) = pool.bounds(term).unwrap_or((0, 0));
        let size = width(lo, hi);
        let parts = parts.iter().filter_map(as_bits).map(|b| resize(&b, size));
        match parts.reduce(|a, b| a.bvadd(&b)) {
            Some(sum) => Coded::Bits(sum),
            None => Coded::Int(Int::from_i64(0)),
        }
    }

    fn product(&mut self, pool: &Pool, term: Term, a: Term, b: Term, at: u32) -> Coded {
        match (self.code(pool, a, at), self.code(pool, b, at)) {
            (Coded::Int(a), Coded::Int(b)) => Coded::Int(Int::mul(&[a, b])),
            (Coded::Real(a), Coded::Real(b)) => Coded::Real(Real::mul(&[a, b])),
            (Coded::Bits(a), Coded::Bits(b)) => {
                let (lo, hi) = pool.bounds(term).unwrap_or((0, 0));
                let size = width(lo, hi);
                Coded::Bits(resize(&a, size).bvmul(resize(&b, size)))
            }
            (other, _) => other,
        }
    }

    /// Euclidean division, fixed to zero where the divisor is zero (the step is a defect).
    fn division(&mut self, pool: &Pool, term: Term, a: Term, b: Term, at: u32) -> Coded {
        let remainder = matches!(pool.node(term), Node::Mod(..));
        match self.pair(pool, a, b, at) {
            (Coded::Int(a), Coded::Int(b)) => {
                let zero = Int::from_i64(0);
                let value = if remainder { a.modulo(&b) } else { a.div(&b) };
                Coded::Int(b.eq(&zero).ite(&zero, &value))
            }
            (Coded::Bits(a), Coded::Bits(b)) => {
                let value = euclid(&a, &b, remainder);
                self.fit(pool, term, Coded::Bits(value))
            }
            (other, _) => other,
        }
    }

    fn forall(&mut self, pool: &Pool, vars: &[Var], body: Term, at: u32) -> Coded {
        // The variables may be inputs that also occur free elsewhere: bound copies live at a period
        // of their own, which nothing else uses.
        let own = u32::MAX - self.variables.len() as u32;
        let mut inner = Z3 {
            solver: self.solver.clone(),
            encoding: self.encoding,
            coded: FxHashMap::default(),
            variables: self.variables.clone(),
            model: None,
            assumed: Vec::new(),
        };
        let mut bounds = Vec::new();
        let mut bound = Vec::new();
        for var in vars {
            let copy = inner.bound_copy(pool, *var, own);
            bounds.extend(inside(&copy, pool.var_info(*var).bounds));
            inner.variables.insert((*var, at), copy.clone());
            bound.push(copy);
        }
        let body = inner.bool(pool, body, at);
        for (key, coded) in inner.variables {
            if !vars.contains(&key.0) {
                self.variables.entry(key).or_insert(coded);
            }
        }
        let body = Bool::and(&bounds).implies(&body);
        let asts: Vec<&dyn Ast> = bound
            .iter()
            .map(|coded| match coded {
                Coded::Bool(b) => b as &dyn Ast,
                Coded::Bits(b) => b as &dyn Ast,
                Coded::Int(b) => b as &dyn Ast,
                Coded::Real(b) => b as &dyn Ast,
            })
            .collect();
        Coded::Bool(z3::ast::forall_const(&asts, &[], &body))
    }

    fn bound_copy(&self, pool: &Pool, var: Var, own: u32) -> Coded {
        let info = pool.var_info(var);
        let name = format!("{}#{}!{own}", info.name, var.0);
        match (info.sort, self.encoding, info.bounds) {
            (Sort::Bool, ..) => Coded::Bool(Bool::new_const(name)),
            (Sort::Real, ..) => Coded::Real(Real::new_const(name)),
            (Sort::Int, Encoding::Bits, Some((lo, hi))) => {
                Coded::Bits(BV::new_const(name, width(lo, hi)))
            }
            (Sort::Int, ..) => Coded::Int(Int::new_const(name)),
        }
    }
}

impl Solver for Z3 {
    fn assert(&mut self, pool: &Pool, term: Term, at: u32) {
        let term = self.bool(pool, term, at);
        self.solver.assert(&term);
    }

    fn assert_literal(&mut self, pool: &Pool, literal: Literal) {
        let term = self.bool(pool, literal.term, literal.at);
        self.solver.assert(if literal.positive { term } else { term.not() });
    }

    fn assert_next(&mut self, pool: &Pool, var: Var, next: Term, at: u32) {
        let value = self.code(pool, next, at);
        let target = self.variable(pool, var, at + 1);
        let (a, b) = match (target, value) {
            (Coded::Bits(a), Coded::Bits(b)) => {
                let size = a.get_size().max(b.get_size());
                (Coded::Bits(widen(&a, size)), Coded::Bits(widen(&b, size)))
            }
            other => other,
        };
        self.solver.assert(equal(&a, &b));
    }

    fn assert_distinct(&mut self, pool: &Pool, vars: &[Var], one: u32, other: u32) {
        let differ: Vec<Bool> = vars
            .iter()
            .map(|v| {
                let (a, b) = (self.variable(pool, *v, one), self.variable(pool, *v, other));
                equal(&a, &b).not()
            })
            .collect();
        self.solver.assert(Bool::or(&differ));
    }

    fn check(&mut self, pool: &Pool, assumptions: &[Literal]) -> Answer {
        self.assumed = assumptions
            .iter()
            .map(|l| {
                let term = self.bool(pool, l.term, l.at);
                if l.positive { term } else { term.not() }
            })
            .collect();
        self.model = None;
        match self.solver.check_assumptions(&self.assumed) {
            SatResult::Sat => match undisturbed(|| self.solver.get_model()) {
                Some(model) => {
                    self.model = model;
                    Answer::Sat
                }
                None => Answer::Unknown("interrupted".to_owned()),
            },
            SatResult::Unsat => Answer::Unsat,
            SatResult::Unknown => {
                Answer::Unknown(self.solver.get_reason_unknown().unwrap_or_default())
            }
        }
    }

    fn value(&mut self, pool: &Pool, var: Var, at: u32) -> Value {
        let coded = self.variable(pool, var, at);
        let Some(model) = &self.model else { return Value::Bool(false) };
        let value = match &coded {
            Coded::Bool(b) => model.eval(b, true).and_then(|b| b.as_bool()).map(Value::Bool),
            Coded::Bits(b) => model.eval(b, true).and_then(|v| signed(&v)).map(Value::Int),
            Coded::Int(i) => model
                .eval(i, true)
                .and_then(|i| i.to_string().replace(['(', ')', ' '], "").parse().ok())
                .map(Value::Int),
            Coded::Real(r) => model.eval(r, true).and_then(|r| rational(&r)).map(Value::Real),
        };
        // A variable that Z3 left open takes any value within its bounds.
        let info = pool.var_info(var);
        let value = value.unwrap_or(match info.sort {
            Sort::Bool => Value::Bool(false),
            Sort::Int => Value::Int(0.into()),
            Sort::Real => Value::Real(BigRational::from_integer(0.into())),
        });
        match (value, info.bounds) {
            (Value::Int(n), Some((lo, hi))) => Value::Int(n.clamp(lo.into(), hi.into())),
            (value, _) => value,
        }
    }

    fn core(&mut self) -> Vec<usize> {
        let core = self.solver.get_unsat_core();
        (0..).zip(&self.assumed).filter(|(_, a)| core.contains(a)).map(|(n, _)| n).collect()
    }
}

/// Bits needed for every value of `lo..=hi`, signed.
fn width(lo: i64, hi: i64) -> u32 {
    let bits = |n: i64| 65 - if n < 0 { (!n).leading_zeros() } else { n.leading_zeros() };
    bits(lo).max(bits(hi)).max(1)
}

fn widen(bits: &BV, size: u32) -> BV {
    match size.checked_sub(bits.get_size()) {
        None | Some(0) => bits.clone(),
        Some(more) => bits.sign_ext(more),
    }
}

fn resize(bits: &BV, size: u32) -> BV {
    if bits.get_size() > size { bits.extract(size - 1, 0) } else { widen(bits, size) }
}

fn choose(c: &Bool, a: Coded, b: Coded) -> Coded {
    match (a, b) {
        (Coded::Bool(a), Coded::Bool(b)) => Coded::Bool(c.ite(&a, &b)),
        (Coded::Bits(a), Coded::Bits(b)) => Coded::Bits(c.ite(&a, &b)),
        (Coded::Int(a), Coded::Int(b)) => Coded::Int(c.ite(&a, &b)),
        (Coded::Real(a), Coded::Real(b)) => Coded::Real(c.ite(&a, &b)),
        (other, _) => other,
    }
}

fn equal(a: &Coded, b: &Coded) -> Bool {
    match (a, b) {
        (Coded::Bool(a), Coded::Bool(b)) => a.eq(b),
        (Coded::Bits(a), Coded::Bits(b)) => a.eq(b),
        (Coded::Int(a), Coded::Int(b)) => a.eq(b),
        (Coded::Real(a), Coded::Real(b)) => a.eq(b),
        _ => Bool::from_bool(false),
    }
}

/// Euclidean quotient or remainder from truncated ones: where the truncated remainder is
/// negative, add |b| to it and move the quotient one step away.
fn euclid(a: &BV, b: &BV, remainder: bool) -> BV {
    // One bit more, for the most negative number divided by -1.
    let size = a.get_size() + 1;
    let (a, b) = (widen(a, size), widen(b, size));
    let [zero, one] = [0, 1].map(|n| BV::from_i64(n, size));
    let rest = a.bvsrem(&b);
    let negative = rest.bvslt(&zero);
    let divisor_positive = zero.bvslt(&b);
    let value = if remainder {
        let size = divisor_positive.ite(&b, &b.bvneg());
        negative.ite(&rest.bvadd(&size), &rest)
    } else {
        let quotient = a.bvsdiv(&b);
        let step = divisor_positive.ite(&one.bvneg(), &one);
        negative.ite(&quotient.bvadd(&step), &quotient)
    };
    b.eq(&zero).ite(&zero, &value)
}

/// That a number lies within bounds, unless its width says so already.
fn inside(coded: &Coded, bounds: crate::term::Bounds) -> Option<Bool> {
    let (lo, hi) = bounds?;
    match coded {
        Coded::Bits(bits) => {
            let size = bits.get_size();
            let [lo, hi] = [lo, hi].map(|n| BV::from_i64(n, size));
            Some(Bool::and(&[lo.bvsle(bits), bits.bvsle(&hi)]))
        }
        Coded::Int(n) => {
            let [lo, hi] = [lo, hi].map(Int::from_i64);
            Some(Bool::and(&[lo.le(n), n.le(&hi)]))
        }
        _ => None,
    }
}

fn as_int(coded: &Coded) -> Option<Int> {
    match coded {
        Coded::Int(i) => Some(i.clone()),
        _ => None,
    }
}

fn as_real(coded: &Coded) -> Option<Real> {
    match coded {
        Coded::Real(r) => Some(r.clone()),
        _ => None,
    }
}

fn as_bits(coded: &Coded) -> Option<BV> {
    match coded {
        Coded::Bits(b) => Some(b.clone()),
        _ => None,
    }
}

/// A bit-vector numeral as a signed number.
fn signed(bits: &BV) -> Option<BigInt> {
    let size = bits.get_size();
    let n = bits.as_u64()?;
    let half = 1u128 << (size - 1);
    let n = u128::from(n);
    Some(if n >= half { BigInt::from(n) - BigInt::from(half << 1) } else { BigInt::from(n) })
}

/// A real numeral, printed by Z3 as `(/ 1.0 2.0)`, `(- 3.0)` or `1.0`.
fn rational(real: &Real) -> Option<BigRational> {
    let text = real.to_string();
    let negative = text.contains("(- ");
    let mut numbers = text
        .split(['(', ')', ' '])
        .filter_map(|word| word.trim_end_matches(".0").parse::<BigInt>().ok());
    let numerator = numbers.next()?;
    let denominator = numbers.next().unwrap_or_else(|| 1.into());
    let value = BigRational::new(numerator, denominator);
    Some(if negative { -value } else { value })
}
