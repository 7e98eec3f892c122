//! A model in which only what matters moves.
//!
//! Cells that neither what is asked nor a restriction, an assumption or a fairness reads, directly or through what
//! is written to other cells, are held fast at a value: their first values and updates go, all else
//! stays (the cone of influence of Clarke, Grumberg and Peled, *Model Checking*, 1999, §13.1, on the typed core).
//! Where the model is free of defects, each run of the slice is one of the model with these cells
//! forgotten, and each run of the model becomes one of the slice.

use num_bigint::BigInt;
use num_rational::BigRational;

use crate::types::core::{CellId, Chosen, Expr, ExprKind, Model, Type, Update, Value};
use crate::types::visit::{Reads, chosen_children};

/// The model with all cells held fast that these expressions do not rest on, and which ones these are.
pub fn sliced(model: &Model, kept: &[Expr]) -> (Model, Vec<bool>) {
    let mut reads = Reads::default();
    let mut enter = |e: &Expr| reads.enter(model, e);
    kept.iter().for_each(&mut enter);
    model.inits.iter().for_each(&mut enter);
    model.assumes.iter().for_each(|assume| enter(&assume.condition));
    for input in &model.inputs {
        let all = [&input.when, &input.condition, &input.otherwise];
        all.into_iter().flatten().for_each(&mut enter);
    }
    for fair in &model.fairness {
        fair.premise.iter().chain([&fair.recurs]).for_each(&mut enter);
    }
    let mut live = vec![false; model.cells.len()];
    while let Some(cell) = next(&reads, &live) {
        if let Some(place) = live.get_mut(cell.index()) {
            *place = true;
        }
        follow(model, cell, &mut reads);
    }
    (held_fast(model, &live), live.iter().map(|live| !live).collect())
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

fn held_fast(model: &Model, live: &[bool]) -> Model {
    let is_live = |cell: &CellId| live.get(cell.index()) != Some(&false);
    let mut held = model.clone();
    for (cell, live) in held.cells.iter_mut().zip(live) {
        if !live {
            let kind = Box::new(ExprKind::Const(lowest(cell.ty)));
            cell.initial = Some(Chosen::Is(Expr { kind, ty: cell.ty, span: cell.span }));
        }
    }
    for rule in &mut held.rules {
        rule.updates.retain(|update: &Update| is_live(&update.cell));
    }
    held
}

/// The value at which a cell is held.
pub fn lowest(ty: Type) -> Value {
    match ty {
        Type::Bool => Value::Bool(false),
        Type::Int => Value::Int(BigInt::from(0)),
        Type::Range(lo, _) => Value::Int(BigInt::from(lo)),
        Type::Real => Value::Real(BigRational::from_integer(BigInt::from(0))),
        Type::Finite(sort) => Value::Member(sort, 0),
    }
}
