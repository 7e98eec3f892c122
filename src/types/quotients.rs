//! Quotients of whole numbers that do not come out even.
//!
//! Whole numbers divide as in SMT-LIB, so `2 / 3` is 0 unless something real stands beside it. Whether
//! that is so is known only when the whole expression has its types; hence a pass over the model.

use num_bigint::BigInt;
use num_traits::Zero;

use super::constants::euclidean;
use super::core::{Binary, Expr, ExprKind, Model, Type, Value};
use super::visit::{expressions, walk};
use crate::syntax::diagnostic::Diagnostic;

/// A remark on each quotient of two whole constants that leaves a remainder.
pub(super) fn rounded(model: &Model) -> Vec<Diagnostic> {
    let mut remarks = Vec::new();
    let bodies = model.defines.iter().map(|define| &define.body);
    for expr in expressions(model).into_iter().chain(bodies) {
        walk(expr, &mut |part| remarks.extend(remark(part)));
    }
    remarks
}

fn remark(e: &Expr) -> Option<Diagnostic> {
    let ExprKind::Binary(Binary::Div, a, b) = &*e.kind else { return None };
    let (Type::Int, Some(n), Some(by)) = (e.ty, constant(a), constant(b)) else { return None };
    if by.is_zero() {
        return None;
    }
    let (quotient, remainder) = euclidean(n, by);
    if remainder.is_zero() {
        return None;
    }
    let message = format!("`{n} / {by}` is {quotient}: whole numbers divide without a fraction");
    let help = format!("write `{n}.0 / {by}` for the fraction");
    Some(Diagnostic::warning("rounded-quotient", e.span, message).help(help))
}

fn constant(e: &Expr) -> Option<&BigInt> {
    match &*e.kind {
        ExprKind::Const(Value::Int(n)) => Some(n),
        _ => None,
    }
}
