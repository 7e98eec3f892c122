//! Values of a model as the machine-readable formats spell them.

use num_bigint::BigInt;
use num_traits::ToPrimitive;
use serde_json::Value as Json;

use crate::types::core::{Model, Value};
use crate::types::layout::value_name;

/// The largest integer that every reader of JSON keeps exact.
const SAFE_INTEGER: u64 = (1 << 53) - 1;

/// A value as JSON: booleans; integers as numbers while every reader keeps them exact, else as
/// strings; reals as such a number when integral, else as `"1/2"`; members as the spec spells them.
pub fn json(model: &Model, value: &Value) -> Json {
    match value {
        Value::Member(..) => Json::String(value_name(model, value)),
        value => number(value),
    }
}

/// A truth value or number as JSON; a member, which only its model can name, by its place.
pub fn number(value: &Value) -> Json {
    match value {
        Value::Bool(b) => Json::Bool(*b),
        Value::Int(n) => integer(n),
        Value::Real(r) if r.is_integer() => integer(r.numer()),
        Value::Real(r) => Json::String(r.to_string()),
        Value::Member(_, place) => Json::from(*place),
    }
}

/// An integer as JSON.
fn integer(n: &BigInt) -> Json {
    match n.to_i64() {
        Some(small) if small.unsigned_abs() <= SAFE_INTEGER => Json::from(small),
        _ => Json::String(n.to_string()),
    }
}

/// A JSON value as a person reads it: strings without quotes.
pub fn words(value: &Json) -> String {
    match value {
        Json::String(text) => text.clone(),
        other => other.to_string(),
    }
}
