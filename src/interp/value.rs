//! Values and the types they inhabit.
//!
//! Everything here is exact: integers without bound, rationals for reals.

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{ToPrimitive, Zero};

use crate::types::core::{Model, SortId, Type, Value};

/// The truth value of a value, if it is one.
pub fn truth(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(b) => Some(*b),
        _ => None,
    }
}

/// The number of an integer value or of a member of a sort.
pub fn number(value: &Value) -> Option<BigInt> {
    match value {
        Value::Int(n) => Some(n.clone()),
        Value::Member(_, i) => Some(BigInt::from(*i)),
        _ => None,
    }
}

/// An integer value.
pub fn integer(n: impl Into<BigInt>) -> Value {
    Value::Int(n.into())
}

/// The number of members of a sort; 0 for a sort that does not exist.
pub fn size(model: &Model, sort: SortId) -> u32 {
    model.sorts.get(sort.index()).map_or(0, crate::types::core::Sort::size)
}

/// Whether a value belongs to a type.
pub fn fits(model: &Model, ty: Type, value: &Value) -> bool {
    match (ty, value) {
        (Type::Bool, Value::Bool(_))
        | (Type::Int, Value::Int(_))
        | (Type::Real, Value::Real(_)) => true,
        (Type::Range(lo, hi), Value::Int(n)) => *n >= BigInt::from(lo) && *n <= BigInt::from(hi),
        (Type::Finite(sort), Value::Member(of, i)) => *of == sort && *i < size(model, sort),
        _ => false,
    }
}

/// How many values a type has; `None` when it has infinitely many.
pub fn cardinality(model: &Model, ty: Type) -> Option<u64> {
    match ty {
        Type::Bool => Some(2),
        Type::Range(lo, hi) => u64::try_from(i128::from(hi) - i128::from(lo) + 1).ok(),
        Type::Finite(sort) => Some(u64::from(size(model, sort))),
        Type::Int | Type::Real => None,
    }
}

/// The nth value of a finite type, from its lowest.
pub fn nth(ty: Type, n: u64) -> Option<Value> {
    match ty {
        Type::Bool => Some(Value::Bool(n > 0)),
        Type::Range(lo, _) => Some(integer(i128::from(lo) + i128::from(n))),
        Type::Finite(sort) => Some(Value::Member(sort, u32::try_from(n).ok()?)),
        Type::Int | Type::Real => None,
    }
}

/// The value that stands where nothing matters: `false`, the first member, the lowest number, 0.
pub fn lowest(ty: Type) -> Value {
    match ty {
        Type::Real => Value::Real(BigRational::zero()),
        Type::Int => Value::Int(BigInt::zero()),
        _ => nth(ty, 0).unwrap_or(Value::Bool(false)),
    }
}

/// A set of values, evaluated.
#[derive(Clone, Debug)]
pub enum Values {
    /// These.
    Elements(Vec<Value>),
    /// `lo..=hi`, empty when `lo > hi`.
    Range(BigInt, BigInt),
    /// The members of a sort of that size.
    Sort(SortId, u32),
}

impl Values {
    /// Whether the set has this member.
    pub fn contains(&self, value: &Value) -> bool {
        match (self, value) {
            (Values::Elements(elements), _) => elements.contains(value),
            (Values::Range(lo, hi), Value::Int(n)) => lo <= n && n <= hi,
            (Values::Sort(sort, size), Value::Member(of, i)) => sort == of && i < size,
            _ => false,
        }
    }

    /// How many members, repetitions counted; `None` when there are more than 2^64.
    pub fn len(&self) -> Option<u64> {
        match self {
            Values::Elements(elements) => u64::try_from(elements.len()).ok(),
            Values::Range(lo, hi) if lo > hi => Some(0),
            Values::Range(lo, hi) => (hi - lo + BigInt::from(1)).to_u64(),
            Values::Sort(_, size) => Some(u64::from(*size)),
        }
    }

    /// Whether there is no member.
    pub fn is_empty(&self) -> bool {
        self.len() == Some(0)
    }

    /// The nth member, from the first or lowest.
    pub fn nth(&self, n: u64) -> Option<Value> {
        match self {
            Values::Elements(elements) => elements.get(usize::try_from(n).ok()?).cloned(),
            Values::Range(lo, hi) => {
                let value = lo + BigInt::from(n);
                (value <= *hi).then_some(Value::Int(value))
            }
            Values::Sort(sort, size) => {
                let i = u32::try_from(n).ok()?;
                (i < *size).then_some(Value::Member(*sort, i))
            }
        }
    }
}
