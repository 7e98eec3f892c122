//! Cells that any two runs have in common.
//!
//! A cell whose first value is fixed, and which is written only by what is fixed in its turn, goes
//! the same way in all runs with the same parameters: calendars, terms of office, tables. It is kept
//! once. Being seen is not enough: what a judge sees is equal until the views part, but the last
//! period may be the one in which they do.

use crate::types::core::{CellId, Chosen, Expr, Model};
use crate::types::visit::{chosen_children, reads_all};

/// For each cell, whether all runs agree on it: the greatest such set.
pub(super) fn shared(model: &Model) -> Vec<bool> {
    let fixed = |chosen: &Option<Chosen>| match chosen {
        Some(Chosen::Is(e)) => determined(model, [e], &[]),
        _ => false,
    };
    let mut same: Vec<bool> = model.cells.iter().map(|cell| fixed(&cell.initial)).collect();
    loop {
        let before = same.iter().filter(|same| **same).count();
        for rule in &model.rules {
            for update in &rule.updates {
                let is = matches!(update.value, Chosen::Is(_));
                let read = chosen_children(&update.value).into_iter().chain(&update.index);
                if !is || !determined(model, read.chain([&rule.guard]), &same) {
                    forget(&mut same, update.cell);
                }
            }
        }
        if same.iter().filter(|same| **same).count() == before {
            return same;
        }
    }
}

fn forget(same: &mut [bool], cell: CellId) {
    if let Some(place) = same.get_mut(cell.index()) {
        *place = false;
    }
}

/// Whether expressions rest on parameters and these cells alone.
pub(super) fn determined<'e>(
    model: &Model,
    all: impl IntoIterator<Item = &'e Expr>,
    same: &[bool],
) -> bool {
    let reads = reads_all(model, all);
    let is_same = |cell: &CellId| same.get(cell.index()) == Some(&true);
    reads.inputs.is_empty() && reads.cells.iter().chain(&reads.primed).all(is_same)
}
