//! Best replies that are not the only ones.

use crate::types::core::{Binary, Prescribed, RuleId, Value};
use crate::types::layout::{offset, value_name};

use super::evaluate::{Reading, Scope};
use super::operate::binary;
use super::step::Interpreter;
use super::value::{cardinality, nth};

/// Most values that are compared.
const MOST: u64 = 1 << 12;

/// Of a practice that fired, the choices for which several values were best, and these values, in words.
pub fn ties(
    interpreter: &Interpreter<'_>,
    params: &[Value],
    state: &[Value],
    inputs: &[Value],
    (rule, member): (RuleId, &[u32]),
) -> Vec<String> {
    let model = interpreter.model;
    let Some(practice) = model.rules.get(rule.index()) else { return Vec::new() };
    let reading = Reading { inputs: Some(inputs), ..interpreter.reading(params, state) };
    let mut all = Vec::new();
    for prescription in &practice.prescribes {
        let Prescribed::BestReply { .. } = prescription.value else { continue };
        let Some(input) = model.inputs.get(prescription.input.index()) else { continue };
        let mut scope = Scope::members(practice.binders.iter().copied(), member);
        let Ok(at) = reading.member(&input.index, &prescription.index, &mut scope) else {
            continue;
        };
        let slot = interpreter.layout.input(prescription.input) + offset(model, &input.index, &at);
        let binders = input.binders.iter().copied().zip(input.index.iter().copied());
        let mut own = Scope::members(binders, &at);
        let holds = |e: &Option<_>, reading: &Reading<'_>, own: &mut Scope| {
            e.as_ref().is_none_or(|e| reading.holds(e, own) == Ok(true))
        };
        if !holds(&input.when, &reading, &mut own) {
            continue;
        }
        let owner = input.owner.as_ref().and_then(|owner| reading.value(owner, &mut own).ok());
        let Some(Value::Member(sort, post)) = owner else { continue };
        let mut best: Option<(Value, Vec<String>)> = None;
        for n in 0..cardinality(model, input.ty).unwrap_or(0).min(MOST) {
            let Some(value) = nth(input.ty, n) else { continue };
            let mut instead = inputs.to_vec();
            if let Some(place) = instead.get_mut(slot) {
                *place = value.clone();
            }
            let reading = Reading { inputs: Some(&instead), ..reading };
            if !holds(&input.condition, &reading, &mut own) {
                continue;
            }
            let Some(pays) = payoff(&reading, sort, post) else { continue };
            let name = value_name(model, &value);
            let than = |op, most: &Value| binary(op, &pays, most) == Ok(Value::Bool(true));
            match &mut best {
                Some((most, names)) if than(Binary::Eq, most) => names.push(name),
                Some((most, _)) if !than(Binary::Gt, most) => {}
                _ => best = Some((pays, vec![name])),
            }
        }
        if let Some((_, names)) = best.filter(|(_, names)| names.len() > 1) {
            all.push(names.join(" or "));
        }
    }
    all
}

/// What a post gains in a period.
fn payoff(reading: &Reading<'_>, sort: crate::types::core::SortId, post: u32) -> Option<Value> {
    let own = reading.model.payoffs.iter().filter(|payoff| payoff.owner == sort);
    let mut sum: Option<Value> = None;
    for payoff in own {
        let mut scope = Scope::of([(payoff.binder, Value::Member(sort, post))]);
        let value = reading.value(&payoff.value, &mut scope).ok()?;
        sum = match sum {
            None => Some(value),
            Some(sum) => binary(Binary::Add, &sum, &value).ok(),
        };
    }
    sum
}
