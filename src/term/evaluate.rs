//! Values of terms under an assignment, exactly, without any solver.
//!
//! Division by zero is zero on integers, as the encoders fix it; on reals it has no value here, and
//! neither have quantifiers.

use num_bigint::BigInt;
use num_integer::Integer;
use num_rational::BigRational;
use num_traits::{Signed, Zero};
use rustc_hash::FxHashMap;

use super::{Node, Pool, Term, Var, children};
use crate::types::core::Value;

impl Pool {
    /// That a variable has a value.
    pub fn equals(&mut self, var: Var, value: &Value) -> Term {
        let term = self.var(var);
        match (value, self.constant(value)) {
            (Value::Bool(true), _) => term,
            (Value::Bool(false), _) => self.not(term),
            (_, Some(constant)) => self.eq(term, constant),
            (_, None) => self.top(),
        }
    }

    /// A value as a term; `None` for members, which are numbers here.
    pub fn constant(&mut self, value: &Value) -> Option<Term> {
        Some(match value {
            Value::Bool(b) => self.bool(*b),
            Value::Int(n) => self.int(n.clone()),
            Value::Real(r) => self.real(r.clone()),
            Value::Member(..) => return None,
        })
    }

    /// The value of a term; `None` if a variable has none, or the term has none.
    pub fn evaluate(&self, term: Term, values: &FxHashMap<Var, Value>) -> Option<Value> {
        self.evaluate_with(term, values, &mut FxHashMap::default())
    }

    /// As [`Pool::evaluate`], with a memo to be reused for the same values.
    pub fn evaluate_with(
        &self,
        term: Term,
        values: &FxHashMap<Var, Value>,
        memo: &mut FxHashMap<Term, Value>,
    ) -> Option<Value> {
        let mut todo = vec![(term, false)];
        while let Some((t, ready)) = todo.pop() {
            if memo.contains_key(&t) {
                continue;
            }
            let node = self.node(t);
            if ready {
                let value = match node {
                    Node::Var(v) => values.get(v).cloned()?,
                    node => self.evaluate_node(node, memo)?,
                };
                memo.insert(t, value);
            } else if matches!(node, Node::Forall(..)) {
                return None;
            } else {
                todo.push((t, true));
                todo.extend(children(node).into_iter().map(|c| (c, false)));
            }
        }
        memo.get(&term).cloned()
    }

    fn evaluate_node(&self, node: &Node, memo: &FxHashMap<Term, Value>) -> Option<Value> {
        let of = |t: &Term| memo.get(t);
        let truth = |t: &Term| match of(t)? {
            Value::Bool(b) => Some(*b),
            _ => None,
        };
        let value = match node {
            Node::Bool(b) => Value::Bool(*b),
            Node::Int(n) => Value::Int(n.clone()),
            Node::Real(r) => Value::Real(r.clone()),
            Node::Not(a) => Value::Bool(!truth(a)?),
            Node::And(list) => {
                Value::Bool(list.iter().map(truth).collect::<Option<Vec<_>>>()?.iter().all(|b| *b))
            }
            Node::Or(list) => {
                Value::Bool(list.iter().map(truth).collect::<Option<Vec<_>>>()?.iter().any(|b| *b))
            }
            Node::Ite(c, a, b) => of(if truth(c)? { a } else { b })?.clone(),
            Node::Eq(a, b) => Value::Bool(of(a)? == of(b)?),
            Node::Le(a, b) => match (of(a)?, of(b)?) {
                (Value::Int(a), Value::Int(b)) => Value::Bool(a <= b),
                (Value::Real(a), Value::Real(b)) => Value::Bool(a <= b),
                _ => return None,
            },
            Node::Add(list) => list
                .iter()
                .map(|t| of(t).cloned())
                .reduce(|a, b| arithmetic(&a?, &b?, |a, b| a + b, |a, b| a + b))??,
            Node::Mul(a, b) => arithmetic(of(a)?, of(b)?, |a, b| a * b, |a, b| a * b)?,
            Node::Div(a, b) => euclid(of(a)?, of(b)?)?.0,
            Node::Mod(a, b) => euclid(of(a)?, of(b)?)?.1,
            Node::RealDiv(a, b) => match (of(a)?, of(b)?) {
                (Value::Real(a), Value::Real(b)) if !b.is_zero() => Value::Real(a / b),
                _ => return None,
            },
            Node::ToReal(a) => match of(a)? {
                Value::Int(n) => Value::Real(BigRational::from_integer(n.clone())),
                _ => return None,
            },
            Node::Var(_) | Node::Forall(..) => return None,
        };
        Some(value)
    }
}

fn arithmetic(
    a: &Value,
    b: &Value,
    whole: impl Fn(&BigInt, &BigInt) -> BigInt,
    part: impl Fn(&BigRational, &BigRational) -> BigRational,
) -> Option<Value> {
    match (a, b) {
        (Value::Int(a), Value::Int(b)) => Some(Value::Int(whole(a, b))),
        (Value::Real(a), Value::Real(b)) => Some(Value::Real(part(a, b))),
        _ => None,
    }
}

fn euclid(a: &Value, b: &Value) -> Option<(Value, Value)> {
    let (Value::Int(a), Value::Int(b)) = (a, b) else { return None };
    if b.is_zero() {
        return Some((Value::Int(BigInt::zero()), Value::Int(BigInt::zero())));
    }
    let (q, r) = a.div_mod_floor(b);
    // Floor division has the divisor's sign in the remainder.
    let (q, r) = if r.is_negative() { (q + 1, r - b) } else { (q, r) };
    Some((Value::Int(q), Value::Int(r)))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::super::{Role, Sort};
    use super::*;

    #[test]
    fn division_is_euclidean_and_by_zero_zero() {
        let mut pool = Pool::new();
        let [x, y] = ["x", "y"].map(|name| pool.declare(name, Sort::Int, None, Role::State));
        let (a, b) = (pool.var(x), pool.var(y));
        let (quotient, remainder) = (pool.div(a, b), pool.modulo(a, b));
        for (m, n, q, r) in
            [(7, 2, 3, 1), (-7, 2, -4, 1), (7, -2, -3, 1), (-7, -2, 4, 1), (7, 0, 0, 0)]
        {
            let values =
                FxHashMap::from_iter([(x, Value::Int(m.into())), (y, Value::Int(n.into()))]);
            assert_eq!(pool.evaluate(quotient, &values), Some(Value::Int(q.into())), "{m} / {n}");
            assert_eq!(
                pool.evaluate(remainder, &values),
                Some(Value::Int(r.into())),
                "{m} mod {n}"
            );
        }
    }
}
