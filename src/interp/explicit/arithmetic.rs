//! The operators on [`Term`]s, with the faults of each.
//!
//! A real number is a whole one over a fixed denominator, so that a quotient of two that are not
//! known beforehand is out of reach.

use num_integer::Integer;

use crate::types::core::{Binary, Unary};

use super::graph::{Bar, Ref};
use super::rules::Compiler;
use super::term::{Safe, Term};

impl Compiler<'_> {
    pub(super) fn unary(&mut self, op: Unary, term: Term) -> Term {
        let zero = self.graph.constant(0);
        let value = match op {
            Unary::Not => self.graph.not(term.value),
            Unary::Neg => self.graph.sub(zero, term.value),
            Unary::Abs => {
                let negated = self.graph.sub(zero, term.value);
                self.graph.max(term.value, negated)
            }
        };
        Term { value, ..term }
    }

    /// The same number over another denominator, a multiple of its own.
    pub fn rescale(&mut self, term: Term, scale: i64) -> Term {
        if term.scale == scale {
            return term;
        }
        let factor = self.graph.constant(scale.checked_div(term.scale).unwrap_or(1));
        Term { value: self.graph.mul(term.value, factor), scale, ..term }
    }

    pub(super) fn common(&mut self, a: Term, b: Term) -> (Term, Term) {
        let gcd = a.scale.gcd(&b.scale).max(1);
        let Some(scale) = (a.scale / gcd).checked_mul(b.scale) else {
            let bar = self.bar(Bar::Overflow);
            return (bar, bar);
        };
        (self.rescale(a, scale), self.rescale(b, scale))
    }

    pub(super) fn binary(&mut self, op: Binary, left: Term, right: Term, real: bool) -> Term {
        match op {
            Binary::And => return self.short(left, right, true, false),
            Binary::Or => return self.short(left, right, false, true),
            Binary::Implies => return self.short(left, right, true, true),
            Binary::Mul => return self.product(left, right),
            Binary::Div | Binary::Mod => return self.quotient(op, left, right, real),
            _ => {}
        }
        let (left, right) = self.common(left, right);
        let (a, b) = (left.value, right.value);
        let graph = &mut self.graph;
        let value = match op {
            Binary::Iff | Binary::Eq => graph.eq(a, b),
            Binary::Ne => {
                let same = graph.eq(a, b);
                graph.not(same)
            }
            Binary::Lt => graph.lt(a, b),
            Binary::Le => graph.le(a, b),
            Binary::Gt => graph.lt(b, a),
            Binary::Ge => graph.le(b, a),
            Binary::Add => graph.add(a, b),
            Binary::Sub => graph.sub(a, b),
            Binary::Min => graph.min(a, b),
            _ => graph.max(a, b),
        };
        let arithmetic = matches!(op, Binary::Add | Binary::Sub | Binary::Min | Binary::Max);
        let scale = if arithmetic { left.scale } else { 1 };
        Term { value, scale, safe: self.both_safe(left.safe, right.safe) }
    }

    /// An operator whose right side counts only where the left is `go`; else it is `stop`.
    pub(super) fn short(&mut self, left: Term, right: Term, go: bool, stop: bool) -> Term {
        let counts = if go { self.holds(left) } else { self.fails(left) };
        let guarded = self.safe_if(counts, right.safe);
        let safe = self.both_safe(left.safe, guarded);
        let value = match (go, stop) {
            (true, false) => self.graph.and(left.value, right.value),
            (false, _) => self.graph.or(left.value, right.value),
            (true, true) => self.graph.implies(left.value, right.value),
        };
        Term { value, scale: 1, safe }
    }

    fn product(&mut self, left: Term, right: Term) -> Term {
        let Some(scale) = left.scale.checked_mul(right.scale) else {
            return self.bar(Bar::Overflow);
        };
        let safe = self.both_safe(left.safe, right.safe);
        Term { value: self.graph.mul(left.value, right.value), scale, safe }
    }

    fn quotient(&mut self, op: Binary, left: Term, right: Term, real: bool) -> Term {
        let zero = self.graph.constant(0);
        let vanishes = self.graph.eq(right.value, zero);
        let there = self.graph.not(vanishes);
        let mut safe = self.both_safe(left.safe, right.safe);
        let divisible = self.safe_if_ok(right.safe, left.safe, there);
        safe.division = self.graph.and(safe.division, divisible);
        if !real {
            let value = match op {
                Binary::Div => self.graph.div(left.value, right.value),
                _ => self.graph.rem(left.value, right.value),
            };
            return Term { value, scale: 1, safe };
        }
        match self.graph.known(right.value) {
            Some(0) => Term { value: zero, scale: 1, safe },
            Some(n) => {
                let factor = right.scale.checked_mul(n.signum());
                let scale = n.checked_abs().and_then(|n| left.scale.checked_mul(n));
                let (Some(factor), Some(scale)) = (factor, scale) else {
                    return self.bar(Bar::Overflow);
                };
                let factor = self.graph.constant(factor);
                Term { value: self.graph.mul(left.value, factor), scale, safe }
            }
            None => {
                let value = self.graph.bar(Bar::Infinite("a quotient of real numbers".to_owned()));
                Term { value, scale: 1, safe }
            }
        }
    }

    /// The condition, wherever both operands have a value.
    fn safe_if_ok(&mut self, a: Safe, b: Safe, condition: Ref) -> Ref {
        let both = self.both_safe(a, b);
        let ok = self.ok(both);
        self.graph.implies(ok, condition)
    }

    /// A conditional.
    pub fn conditional(&mut self, condition: Term, then: Term, otherwise: Term) -> Term {
        let (then, otherwise) = self.common(then, otherwise);
        let (yes, no) = (self.holds(condition), self.fails(condition));
        let (one, other) = (self.safe_if(yes, then.safe), self.safe_if(no, otherwise.safe));
        let branches = self.both_safe(one, other);
        let safe = self.both_safe(condition.safe, branches);
        let value = self.graph.cond(condition.value, then.value, otherwise.value);
        Term { value, scale: then.scale, safe }
    }
}
