//! What the operators mean, on exact values.
//!
//! Integer division is Euclidean as in SMT-LIB: `a = b*q + r` with `0 <= r < |b|`.

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{One, Signed, Zero};

use super::value::{integer, size, truth};
use crate::types::core::{Binary, Conversion, Model, Unary, Value};
use crate::types::defect::DefectKind;

/// Why an operator has no value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Undefined {
    /// It is a defect of the spec.
    Defect(DefectKind),
    /// Its operands are not of its sorts, which a checked model never shows.
    IllSorted,
}

type Operated = Result<Value, Undefined>;

/// Quotient and remainder with `0 <= r < |b|`; `b` is not zero.
pub fn euclid(a: &BigInt, b: &BigInt) -> (BigInt, BigInt) {
    let remainder = ((a % b) + b.abs()) % b.abs();
    ((a - &remainder) / b, remainder)
}

/// A unary operator.
pub fn unary(op: Unary, value: &Value) -> Operated {
    match (op, value) {
        (Unary::Not, Value::Bool(b)) => Ok(Value::Bool(!b)),
        (Unary::Neg, Value::Int(n)) => Ok(Value::Int(-n)),
        (Unary::Neg, Value::Real(r)) => Ok(Value::Real(-r)),
        (Unary::Abs, Value::Int(n)) => Ok(Value::Int(n.abs())),
        (Unary::Abs, Value::Real(r)) => Ok(Value::Real(r.abs())),
        _ => Err(Undefined::IllSorted),
    }
}

/// A binary operator whose two sides both count.
pub fn binary(op: Binary, left: &Value, right: &Value) -> Operated {
    match op {
        Binary::Eq => return Ok(Value::Bool(left == right)),
        Binary::Ne => return Ok(Value::Bool(left != right)),
        Binary::And | Binary::Or | Binary::Implies | Binary::Iff => {
            return logical(op, left, right);
        }
        _ => {}
    }
    match (left, right) {
        (Value::Int(a), Value::Int(b)) => integers(op, a, b),
        (Value::Real(a), Value::Real(b)) => reals(op, a, b),
        (Value::Member(s, a), Value::Member(t, b)) if s == t => {
            integers(op, &BigInt::from(*a), &BigInt::from(*b))
        }
        _ => Err(Undefined::IllSorted),
    }
}

fn logical(op: Binary, left: &Value, right: &Value) -> Operated {
    let (Some(a), Some(b)) = (truth(left), truth(right)) else { return Err(Undefined::IllSorted) };
    Ok(Value::Bool(match op {
        Binary::And => a && b,
        Binary::Or => a || b,
        Binary::Implies => !a || b,
        _ => a == b,
    }))
}

fn integers(op: Binary, a: &BigInt, b: &BigInt) -> Operated {
    if matches!(op, Binary::Div | Binary::Mod) && b.is_zero() {
        return Err(Undefined::Defect(DefectKind::DivisionByZero));
    }
    Ok(match op {
        Binary::Add => Value::Int(a + b),
        Binary::Sub => Value::Int(a - b),
        Binary::Mul => Value::Int(a * b),
        Binary::Div => Value::Int(euclid(a, b).0),
        Binary::Mod => Value::Int(euclid(a, b).1),
        Binary::Min => Value::Int(a.min(b).clone()),
        Binary::Max => Value::Int(a.max(b).clone()),
        _ => return order(op, a, b),
    })
}

fn reals(op: Binary, a: &BigRational, b: &BigRational) -> Operated {
    if matches!(op, Binary::Div) && b.is_zero() {
        return Err(Undefined::Defect(DefectKind::DivisionByZero));
    }
    Ok(match op {
        Binary::Add => Value::Real(a + b),
        Binary::Sub => Value::Real(a - b),
        Binary::Mul => Value::Real(a * b),
        Binary::Div => Value::Real(a / b),
        Binary::Min => Value::Real(a.min(b).clone()),
        Binary::Max => Value::Real(a.max(b).clone()),
        _ => return order(op, a, b),
    })
}

fn order<T: PartialOrd>(op: Binary, a: &T, b: &T) -> Operated {
    Ok(Value::Bool(match op {
        Binary::Lt => a < b,
        Binary::Le => a <= b,
        Binary::Gt => a > b,
        Binary::Ge => a >= b,
        _ => return Err(Undefined::IllSorted),
    }))
}

/// A conversion.
pub fn convert(model: &Model, conversion: Conversion, value: &Value) -> Operated {
    match (conversion, value) {
        (Conversion::RangeToInt, Value::Int(n)) => Ok(Value::Int(n.clone())),
        (Conversion::IntToReal, Value::Int(n)) => Ok(Value::Real(BigRational::from(n.clone()))),
        (Conversion::MemberToInt, Value::Member(_, i)) => Ok(integer(*i)),
        (Conversion::IntToMember(sort), Value::Int(n)) => u32::try_from(n)
            .ok()
            .filter(|i| *i < size(model, sort))
            .map(|i| Value::Member(sort, i))
            .ok_or(Undefined::Defect(DefectKind::BadIndex)),
        (Conversion::BoolToInt, Value::Bool(b)) => {
            Ok(Value::Int(if *b { BigInt::one() } else { BigInt::zero() }))
        }
        _ => Err(Undefined::IllSorted),
    }
}

/// A number clamped to `lo..=hi`.
pub fn saturate(value: &Value, lo: i64, hi: i64) -> Operated {
    match value {
        Value::Int(n) => {
            Ok(Value::Int(n.clone().max(BigInt::from(lo)).min(BigInt::from(hi.max(lo)))))
        }
        Value::Real(r) => {
            let (lo, hi) = (BigInt::from(lo), BigInt::from(hi.max(lo)));
            Ok(Value::Real(r.clone().max(BigRational::from(lo)).min(BigRational::from(hi))))
        }
        _ => Err(Undefined::IllSorted),
    }
}
