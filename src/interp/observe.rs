//! What each post sees in a period.

use crate::types::core::{Model, SortId, Value};
use crate::types::layout::{members, value_name};

use super::evaluate::{Reading, Scope};

/// A post that observes, and its name as the spec spells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observer {
    /// Its sort.
    pub sort: SortId,
    /// Which member.
    pub member: u32,
    /// Its name: `Centre`, `County[2]`.
    pub name: String,
}

/// All posts that see anything, in the order of the sorts.
pub fn observers(model: &Model) -> Vec<Observer> {
    let sorts = (0..u32::try_from(model.sorts.len()).unwrap_or(u32::MAX)).map(SortId);
    let all = sorts
        .flat_map(|sort| members(model, &[sort]).into_iter().flatten().map(move |i| (sort, i)));
    all.filter(|(sort, i)| {
        let of = |sees: &crate::types::core::Sees| {
            sees.judge == *sort && sees.only.is_none_or(|only| only == *i)
        };
        model.sees.iter().any(of)
    })
    .map(|(sort, member)| {
        let name = value_name(model, &Value::Member(sort, member));
        Observer { sort, member, name }
    })
    .collect()
}

/// What a post sees, in the words of the spec; what has no value in this period is left out.
pub fn seen(reading: &Reading<'_>, sort: SortId, member: u32) -> Vec<(String, Value)> {
    let model = reading.model;
    let of = model
        .sees
        .iter()
        .filter(|sees| sees.judge == sort && sees.only.is_none_or(|only| only == member));
    of.flat_map(|sees| {
        let scope = Scope::of([(sees.binder, Value::Member(sort, member))]);
        sees.seen.iter().filter_map(move |(words, expr)| {
            let value = reading.value(expr, &mut scope.clone()).ok()?;
            Some((words.clone(), value))
        })
    })
    .collect()
}
