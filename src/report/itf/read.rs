//! Reading a trace back, by the types of the model.

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::Zero;
use serde_json::{Map, Value as Json};

use crate::types::core::{Model, Param, SortKind, Type, Value};
use crate::types::layout::{Layout, Slot, member_name, value_name};
use crate::types::trace::{Inputs, Period, Trace};

/// Why a trace cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ItfError {
    /// No JSON at all.
    #[error("this is not JSON: {0}")]
    NotJson(String),
    /// JSON of another shape.
    #[error("this is not a trace in ITF: {0}")]
    NotItf(String),
    /// A variable has no value.
    #[error("`{name}` has no value in state {state}")]
    Missing {
        /// The variable.
        name: String,
        /// The state, from 0.
        state: usize,
    },
    /// A variable has a value that is none of its own.
    #[error("`{name}` is {found} in state {state}, but must be {expected}")]
    IllTyped {
        /// The variable.
        name: String,
        /// The state, from 0.
        state: usize,
        /// What it must be.
        expected: String,
        /// What it is.
        found: String,
    },
    /// A value for something that the model does not have.
    #[error("state {state} has a value for `{name}`, which `{institution}` does not have")]
    Unknown {
        /// The name.
        name: String,
        /// The state, from 0.
        state: usize,
        /// The model.
        institution: String,
    },
    /// The loop leads nowhere.
    #[error("the run loops back to state {to}, but there are only {states} states")]
    Loop {
        /// Where to.
        to: u64,
        /// How many states there are.
        states: usize,
    },
}

type Result<T> = std::result::Result<T, ItfError>;

/// What a trace says it is of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Header {
    /// The institution's name, if it is written.
    pub institution: Option<String>,
    /// The claim's name, if it is written.
    pub claim: Option<String>,
    /// The file of the other run of a pair, if it is one.
    pub twin: Option<String>,
    /// The file of the run that this is the other one of, if it is.
    pub twin_of: Option<String>,
    /// Parameters and their values, spelled as the spec spells them.
    pub params: Vec<(String, String)>,
}

/// Reads what a trace is of; needed before the model can be built.
pub fn header(text: &str) -> Result<Header> {
    let object = parse(text)?;
    let meta = |key: &str| {
        let word = object.get("#meta")?.get(key)?.as_str()?;
        (!word.is_empty()).then(|| word.to_owned())
    };
    let first = states(&object)?.first().copied();
    let names =
        object.get("params").and_then(Json::as_array).map(Vec::as_slice).unwrap_or_default();
    let params = names.iter().filter_map(|name| {
        let name = name.as_str()?;
        Some((name.to_owned(), spelled(first?.get(name)?)))
    });
    Ok(Header {
        institution: meta("institution"),
        claim: meta("claim"),
        twin: meta("twin"),
        twin_of: meta("twin-of"),
        params: params.collect(),
    })
}

/// Reads a trace of the model.
pub fn read(text: &str, model: &Model, layout: &Layout) -> Result<Trace> {
    let object = parse(text)?;
    let states = states(&object)?;
    let loop_start = loop_start(&object, states.len())?;
    let reader = Reader { model, layout };
    let Some(first) = states.first() else {
        return Err(ItfError::NotItf("it has no states".to_owned()));
    };
    let params =
        model.params.iter().map(|param| reader.param(param, first)).collect::<Result<_>>()?;
    let mut periods = Vec::with_capacity(states.len());
    for (index, state) in states.iter().enumerate() {
        reader.reject_unknown(state, index)?;
        let moves = index + 1 < states.len() || loop_start.is_some();
        periods.push(reader.period(state, index, moves)?);
    }
    Ok(Trace { params, periods, loop_start })
}

fn parse(text: &str) -> Result<Map<String, Json>> {
    match serde_json::from_str(text) {
        Ok(Json::Object(object)) => Ok(object),
        Ok(_) => Err(ItfError::NotItf("it is not an object".to_owned())),
        Err(error) => Err(ItfError::NotJson(error.to_string())),
    }
}

fn states(object: &Map<String, Json>) -> Result<Vec<&Map<String, Json>>> {
    let Some(states) = object.get("states").and_then(Json::as_array) else {
        return Err(ItfError::NotItf("it has no list `states`".to_owned()));
    };
    let state = |(index, state): (usize, _)| {
        let wrong = || ItfError::NotItf(format!("state {index} is not an object"));
        Json::as_object(state).ok_or_else(wrong)
    };
    states.iter().enumerate().map(state).collect()
}

fn loop_start(object: &Map<String, Json>, states: usize) -> Result<Option<usize>> {
    let Some(value) = object.get("loop").filter(|value| !value.is_null()) else { return Ok(None) };
    let Some(to) = value.as_u64() else {
        return Err(ItfError::NotItf("`loop` is not the number of a state".to_owned()));
    };
    match usize::try_from(to).ok().filter(|start| *start < states) {
        Some(start) => Ok(Some(start)),
        None => Err(ItfError::Loop { to, states }),
    }
}

struct Reader<'a> {
    model: &'a Model,
    layout: &'a Layout,
}

impl Reader<'_> {
    fn param(&self, param: &Param, first: &Map<String, Json>) -> Result<Value> {
        let value = first.get(&param.name);
        let missing = || ItfError::Missing { name: param.name.clone(), state: 0 };
        self.value(&param.name, param.ty, value.ok_or_else(missing)?, 0)
    }

    fn period(&self, state: &Map<String, Json>, index: usize, moves: bool) -> Result<Period> {
        let cells = self.layout.cells.iter().map(|slot| self.required(slot, state, index));
        let cells = cells.collect::<Result<_>>()?;
        let empty = Map::new();
        let meta = state.get("#meta").and_then(Json::as_object).unwrap_or(&empty);
        let group = |key: &str| meta.get(key).and_then(Json::as_object).unwrap_or(&empty);
        if !moves && !meta.contains_key("choices") && !meta.contains_key("env") {
            return Ok(Period { state: cells, inputs: None });
        }
        let drawn = group("choices").iter().chain(group("env"));
        let drawn: Map<String, Json> = drawn.map(|(k, v)| (k.clone(), v.clone())).collect();
        let inputs = self.layout.inputs.iter().map(|slot| self.required(slot, &drawn, index));
        let draws = self.layout.draws.iter().map(|slot| self.draw(slot, group("draws"), index));
        let inputs =
            Inputs { inputs: inputs.collect::<Result<_>>()?, draws: draws.collect::<Result<_>>()? };
        Ok(Period { state: cells, inputs: Some(inputs) })
    }

    fn required<Id>(
        &self,
        slot: &Slot<Id>,
        from: &Map<String, Json>,
        state: usize,
    ) -> Result<Value> {
        let missing = || ItfError::Missing { name: slot.name.clone(), state };
        self.value(&slot.name, slot.ty, from.get(&slot.name).ok_or_else(missing)?, state)
    }

    /// A draw of a rule that did not fire need not be there; its value means nothing.
    fn draw<Id>(&self, slot: &Slot<Id>, from: &Map<String, Json>, state: usize) -> Result<Value> {
        match from.get(&slot.name) {
            Some(value) => self.value(&slot.name, slot.ty, value, state),
            None => Ok(lowest(slot.ty)),
        }
    }

    fn reject_unknown(&self, state: &Map<String, Json>, index: usize) -> Result<()> {
        let known = |name: &str| {
            name.starts_with('#')
                || self.layout.cells.iter().any(|slot| slot.name == name)
                || self.model.params.iter().any(|param| param.name == name)
        };
        match state.keys().find(|name| !known(name)) {
            None => Ok(()),
            Some(name) => Err(ItfError::Unknown {
                name: name.clone(),
                state: index,
                institution: self.model.name.clone(),
            }),
        }
    }

    fn value(&self, name: &str, ty: Type, json: &Json, state: usize) -> Result<Value> {
        self.typed(ty, json).ok_or_else(|| ItfError::IllTyped {
            name: name.to_owned(),
            state,
            expected: self.described(ty),
            found: format!("`{}`", spelled(json)),
        })
    }

    fn typed(&self, ty: Type, json: &Json) -> Option<Value> {
        match ty {
            Type::Bool => json.as_bool().map(Value::Bool),
            Type::Int => integer(json).map(Value::Int),
            Type::Range(lo, hi) => integer(json)
                .filter(|n| *n >= BigInt::from(lo) && *n <= BigInt::from(hi))
                .map(Value::Int),
            Type::Real => spelled(json).parse().ok().map(Value::Real),
            Type::Finite(sort) => {
                let size = self.model.sorts.get(sort.index())?.size();
                let text = spelled(json);
                let is_it = |i: &u32| {
                    value_name(self.model, &Value::Member(sort, *i)) == text
                        || member_name(self.model, sort, *i) == text
                };
                (0..size).find(is_it).map(|i| Value::Member(sort, i))
            }
        }
    }

    fn described(&self, ty: Type) -> String {
        match ty {
            Type::Bool => "`true` or `false`".to_owned(),
            Type::Int => "an integer".to_owned(),
            Type::Range(lo, hi) => format!("an integer in {lo}..{hi}"),
            Type::Real => "a rational number such as `1/2`".to_owned(),
            Type::Finite(id) => match self.model.sorts.get(id.index()) {
                Some(sort) if matches!(sort.kind, SortKind::Enum(_)) => {
                    format!("a member of `{}`", sort.name)
                }
                Some(sort) => format!("a member of `{}` (it has {})", sort.name, sort.size()),
                None => "a member of a sort".to_owned(),
            },
        }
    }
}

/// Any value of a type.
fn lowest(ty: Type) -> Value {
    match ty {
        Type::Bool => Value::Bool(false),
        Type::Int => Value::Int(BigInt::zero()),
        Type::Range(lo, _) => Value::Int(BigInt::from(lo)),
        Type::Real => Value::Real(BigRational::zero()),
        Type::Finite(sort) => Value::Member(sort, 0),
    }
}

fn integer(json: &Json) -> Option<BigInt> {
    match json {
        Json::Bool(_) => None,
        other => spelled(other).parse().ok(),
    }
}

/// A value of the format as the spec spells it.
fn spelled(json: &Json) -> String {
    match json {
        Json::String(text) => text.clone(),
        Json::Object(object) => match object.get("#bigint") {
            Some(Json::String(digits)) => digits.clone(),
            _ => json.to_string(),
        },
        other => other.to_string(),
    }
}
