//! Who reaches whom: writes of a rule at one post into what belongs to another.
//!
//! That is how models say that somebody reports to somebody. Only writes that change something count, or a
//! report that is repeated every period would hide the one that told something.

use std::collections::BTreeMap;

use super::posts::owner;
use crate::interp::evaluate::Scope;
use crate::interp::step::{Interpreter, rule_name};
use crate::report::outcome::PeriodReport;
use crate::types::core::{Model, Rule, RuleId, SortId, Update, Value};
use crate::types::layout::{member_name, members};

/// Rules with more instances are passed over.
const MOST_INSTANCES: usize = 4096;
/// A picture has no more arrows.
const MOST_MESSAGES: usize = 200;

/// Something that one post told another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// In which period.
    pub period: usize,
    /// Who.
    pub from: String,
    /// Whom.
    pub to: String,
    /// By which rule.
    pub rule: String,
}

/// The messages of a run.
pub fn messages(model: &Model, periods: &[PeriodReport], loops: Option<usize>) -> Vec<Message> {
    let instances = instances(model);
    let interpreter = Interpreter::new(model);
    let given = |value: &Option<Value>| value.clone().unwrap_or(Value::Bool(false));
    let params: Vec<Value> = model.params.iter().map(|param| given(&param.value)).collect();
    let mut found = Vec::new();
    for (n, period) in periods.iter().enumerate() {
        let Some(next) = periods.get(n + 1).or_else(|| periods.get(loops?)) else { continue };
        for fired in &period.rules {
            let Some((rule, member)) = instances.get(&fired.name) else { continue };
            let binders = rule.binders.iter().copied();
            let sender =
                binders.clone().zip(member).find_map(|((_, sort), k)| owner(model, &[sort], &[*k]));
            let Some(from) = sender else { continue };
            for update in &rule.updates {
                let value = |index: &crate::types::core::Expr| {
                    let mut scope = Scope::members(binders.clone(), member);
                    interpreter.reading(&params, &[]).value(index, &mut scope).ok()
                };
                let Some((to, slot)) = target(model, update, &value) else { continue };
                if to != from && period.state.get(&slot) != next.state.get(&slot) {
                    let (from, rule) = (from.clone(), fired.name.clone());
                    found.push(Message { period: n, from, to, rule });
                }
            }
        }
    }
    found.truncate(MOST_MESSAGES);
    found
}

/// The instances of the rules that have any, by name.
fn instances(model: &Model) -> BTreeMap<String, (&Rule, Vec<u32>)> {
    let mut instances = BTreeMap::new();
    for (n, rule) in (0..).zip(&model.rules) {
        let sorts: Vec<SortId> = rule.binders.iter().map(|(_, sort)| *sort).collect();
        let sizes = sorts.iter().filter_map(|sort| model.sorts.get(sort.index()));
        let count = sizes.fold(1usize, |all, sort| all.saturating_mul(sort.size() as usize));
        if sorts.is_empty() || count > MOST_INSTANCES {
            continue;
        }
        for member in members(model, &sorts) {
            instances.insert(rule_name(model, RuleId(n), &member), (rule, member));
        }
    }
    instances
}

/// Whose the written member is, and what it is called.
fn target(
    model: &Model,
    update: &Update,
    value: &dyn Fn(&crate::types::core::Expr) -> Option<Value>,
) -> Option<(String, String)> {
    let cell = model.cells.get(update.cell.index())?;
    let mut member: Vec<u32> = Vec::new();
    for index in &update.index {
        member.push(match value(index)? {
            Value::Member(_, k) => k,
            Value::Int(n) => u32::try_from(n).ok()?,
            _ => return None,
        });
    }
    let names: Vec<String> =
        cell.index.iter().zip(&member).map(|(sort, k)| member_name(model, *sort, *k)).collect();
    let slot = format!("{}[{}]", cell.name, names.join(", "));
    Some((owner(model, &cell.index, &member)?, slot))
}
