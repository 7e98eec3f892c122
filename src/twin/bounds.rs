//! The least and greatest value of a whole-number expression, by intervals over the declared types.

use num_bigint::BigInt;

use crate::types::core::{
    Binary, Conversion, Domain, Expr, ExprKind, Model, Quant, Type, Unary, Value,
};
use crate::types::visit::deep;

/// Both ends included.
pub(super) type Bounds = (BigInt, BigInt);

fn of_type(model: &Model, ty: Type) -> Option<Bounds> {
    match ty {
        Type::Range(lo, hi) => Some((lo.into(), hi.into())),
        Type::Finite(sort) => {
            let size = model.sorts.get(sort.index())?.size();
            Some((0.into(), BigInt::from(size) - 1))
        }
        Type::Bool => Some((0.into(), 1.into())),
        Type::Int | Type::Real => None,
    }
}

/// Its bounds, if it plainly has some.
pub(super) fn bounds(model: &Model, e: &Expr) -> Option<Bounds> {
    deep(|| match &*e.kind {
        ExprKind::Const(Value::Int(n)) => Some((n.clone(), n.clone())),
        ExprKind::Const(Value::Member(_, n)) => Some(((*n).into(), (*n).into())),
        ExprKind::Param(param) => {
            let declared = model.params.get(param.index())?;
            match &declared.value {
                Some(Value::Int(n)) => Some((n.clone(), n.clone())),
                _ => of_type(model, declared.ty),
            }
        }
        ExprKind::Unary(Unary::Neg, a) => bounds(model, a).map(|(lo, hi)| (-hi, -lo)),
        ExprKind::Binary(op, a, b) if e.ty == Type::Int => {
            binary(*op, bounds(model, a)?, bounds(model, b)?)
        }
        ExprKind::If(_, a, b) => {
            let ((a, b), (c, d)) = (bounds(model, a)?, bounds(model, b)?);
            Some((a.min(c), b.max(d)))
        }
        ExprKind::Saturate(_, lo, hi) => Some(((*lo).into(), (*hi).into())),
        ExprKind::Quantified(Quant::Count, _, domain, _) => Some((0.into(), size(model, domain)?)),
        ExprKind::Quantified(Quant::Sum, _, domain, body) => {
            let (size, (lo, hi)) = (size(model, domain)?, bounds(model, body)?);
            Some(((lo * &size).min(0.into()), (hi * size).max(0.into())))
        }
        ExprKind::Quantified(Quant::Min | Quant::Max, _, _, body) => bounds(model, body),
        ExprKind::Convert(Conversion::RangeToInt | Conversion::MemberToInt, a) => bounds(model, a),
        ExprKind::Convert(Conversion::BoolToInt, _) => Some((0.into(), 1.into())),
        ExprKind::Cell { .. } | ExprKind::Input { .. } | ExprKind::Local(_) => of_type(model, e.ty),
        _ => None,
    })
}

fn size(model: &Model, domain: &Domain) -> Option<BigInt> {
    match domain {
        Domain::Sort(sort) => Some(model.sorts.get(sort.index())?.size().into()),
        Domain::Range(lo, hi) => Some(BigInt::from((i128::from(*hi) - i128::from(*lo) + 1).max(0))),
        Domain::Elements(all) => Some(all.len().into()),
    }
}

fn binary(op: Binary, (a, b): Bounds, (c, d): Bounds) -> Option<Bounds> {
    match op {
        Binary::Add => Some((a + c, b + d)),
        Binary::Sub => Some((a - d, b - c)),
        Binary::Mul => {
            let ends = [&a * &c, &a * &d, &b * &c, &b * &d];
            Some((ends.iter().min()?.clone(), ends.iter().max()?.clone()))
        }
        Binary::Min => Some((a.min(c), b.min(d))),
        Binary::Max => Some((a.max(c), b.max(d))),
        Binary::Mod if c > 0.into() => Some((0.into(), d - 1)),
        Binary::Div if c > 0.into() => Some((a.min(0.into()), b.max(0.into()))),
        _ => None,
    }
}
