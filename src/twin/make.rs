//! Small typed expressions, as the checker would have made them.

use crate::syntax::source::Span;
use crate::types::core::{
    Binary, CellId, Conversion, Domain, Expr, ExprKind, LocalId, Property, Quant, SortId, Type,
    Unary, Value,
};

/// A node of truth values.
pub(super) fn truth(kind: ExprKind, span: Span) -> Expr {
    Expr { kind: Box::new(kind), ty: Type::Bool, span }
}

pub(super) fn property(property: Property, span: Span) -> Expr {
    truth(ExprKind::Property(property), span)
}

pub(super) fn constant(value: bool, span: Span) -> Expr {
    truth(ExprKind::Const(Value::Bool(value)), span)
}

pub(super) fn not(e: Expr) -> Expr {
    let span = e.span;
    truth(ExprKind::Unary(Unary::Not, e), span)
}

pub(super) fn binary(op: Binary, a: Expr, b: Expr) -> Expr {
    let span = a.span;
    truth(ExprKind::Binary(op, a, b), span)
}

/// All of these; `true` if there are none.
pub(super) fn and(parts: impl IntoIterator<Item = Expr>, span: Span) -> Expr {
    let all = parts.into_iter().reduce(|a, b| binary(Binary::And, a, b));
    all.unwrap_or_else(|| constant(true, span))
}

/// Some of these; `false` if there are none.
pub(super) fn or(parts: impl IntoIterator<Item = Expr>, span: Span) -> Expr {
    let some = parts.into_iter().reduce(|a, b| binary(Binary::Or, a, b));
    some.unwrap_or_else(|| constant(false, span))
}

/// A variable over a sort.
pub(super) fn local(local: LocalId, sort: SortId, span: Span) -> Expr {
    Expr { kind: Box::new(ExprKind::Local(local)), ty: Type::Finite(sort), span }
}

/// The value of a plain cell.
pub(super) fn cell(cell: CellId, ty: Type, primed: bool, span: Span) -> Expr {
    Expr { kind: Box::new(ExprKind::Cell { cell, index: Vec::new(), primed }), ty, span }
}

/// The same value.
pub(super) fn equal(a: Expr, b: Expr) -> Expr {
    match a.ty {
        Type::Bool => binary(Binary::Iff, a, b),
        Type::Range(..) => binary(Binary::Eq, whole(a), whole(b)),
        _ => binary(Binary::Eq, a, b),
    }
}

pub(super) fn whole(e: Expr) -> Expr {
    let span = e.span;
    Expr { kind: Box::new(ExprKind::Convert(Conversion::RangeToInt, e)), ty: Type::Int, span }
}

/// `all local in domain : body`
pub(super) fn all(local: LocalId, domain: Domain, body: Expr) -> Expr {
    let span = body.span;
    truth(ExprKind::Quantified(Quant::All, local, domain, body), span)
}
