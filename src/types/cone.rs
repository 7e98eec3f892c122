//! What a question to a model rests on.
//!
//! The cells that a question, a restriction, an assumption or a fairness reads, directly or through what is written
//! to other such cells (the cone of influence of Clarke, Grumberg and Peled, *Model Checking*, 1999, §13.1, on
//! the typed core). Where the model is free of defects, the others only follow along.

use std::collections::BTreeSet;

use super::core::{CellId, Expr, Model, ParamId};
use super::visit::{Reads, chosen_children, reads};

/// For each cell, whether these expressions rest on it.
pub fn cone<'e>(model: &Model, asked: impl IntoIterator<Item = &'e Expr>) -> Vec<bool> {
    rest(model, asked).0
}

/// The parameters that these expressions rest on, or whether there is a run at all. Two that some
/// condition speaks of together are taken for one.
pub fn parameters<'e>(
    model: &'e Model,
    asked: impl IntoIterator<Item = &'e Expr>,
) -> BTreeSet<ParamId> {
    let mut params = rest(model, asked.into_iter().chain(&model.inits)).1.params;
    let conditions = (0..).map(ParamId).zip(&model.params);
    let joined: Vec<BTreeSet<ParamId>> = conditions
        .filter_map(|(id, param)| Some((id, reads(model, param.condition.as_ref()?).params)))
        .map(|(id, mut params)| {
            params.insert(id);
            params
        })
        .collect();
    let more = |params: &BTreeSet<ParamId>| {
        let touched = joined.iter().filter(|all| !all.is_disjoint(params));
        touched.flatten().copied().find(|param| !params.contains(param))
    };
    while let Some(param) = more(&params) {
        params.insert(param);
    }
    params
}

/// For each cell, whether these expressions rest on it; and all that is read.
fn rest<'e>(model: &Model, asked: impl IntoIterator<Item = &'e Expr>) -> (Vec<bool>, Reads) {
    let mut reads = Reads::default();
    asked.into_iter().for_each(|e| reads.enter(model, e));
    restrict(model, &mut reads);
    let mut live = vec![false; model.cells.len()];
    while let Some(cell) = next(&reads, &live) {
        if let Some(place) = live.get_mut(cell.index()) {
            *place = true;
        }
        follow(model, cell, &mut reads);
    }
    (live, reads)
}

/// Adds what says which steps there are, and which runs are fair.
fn restrict(model: &Model, reads: &mut Reads) {
    let mut enter = |e: &Expr| reads.enter(model, e);
    model.assumes.iter().for_each(|assume| enter(&assume.condition));
    for input in &model.inputs {
        let all = [&input.when, &input.condition, &input.otherwise];
        all.into_iter().flatten().for_each(&mut enter);
    }
    for fair in &model.fairness {
        fair.premise.iter().chain([&fair.recurs]).for_each(&mut enter);
    }
}

/// A cell that is read and was not followed yet.
fn next(reads: &Reads, live: &[bool]) -> Option<CellId> {
    let mut all = reads.cells.iter().chain(&reads.primed);
    all.find(|cell| live.get(cell.index()) == Some(&false)).copied()
}

/// Adds what the values of a cell rest on.
fn follow(model: &Model, cell: CellId, reads: &mut Reads) {
    let initial = model.cells.get(cell.index()).and_then(|cell| cell.initial.as_ref());
    initial.iter().flat_map(|chosen| chosen_children(chosen)).for_each(|e| reads.enter(model, e));
    for rule in &model.rules {
        for update in rule.updates.iter().filter(|update| update.cell == cell) {
            let read = chosen_children(&update.value).into_iter().chain(&update.index);
            read.chain([&rule.guard]).for_each(|e| reads.enter(model, e));
        }
    }
}
