//! A model in which only what matters moves.
//!
//! Cells outside the [`cone`] of what is asked are held fast at a value: their first values and updates go, all
//! else stays.
//! Where the model is free of defects, each run of the slice is one of the model with these cells
//! forgotten, and each run of the model becomes one of the slice.

use num_bigint::BigInt;
use num_rational::BigRational;

use crate::types::cone::cone;
use crate::types::core::{CellId, Chosen, Expr, ExprKind, Model, Type, Update, Value};

/// The model with all cells held fast that these expressions do not rest on, and which ones these are.
pub fn sliced(model: &Model, kept: &[Expr]) -> (Model, Vec<bool>) {
    let live = cone(model, kept.iter().chain(&model.inits));
    (held_fast(model, &live), live.iter().map(|live| !live).collect())
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
