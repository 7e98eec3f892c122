//! The past, remembered in cells.
//!
//! Each operator on the past becomes a cell that is written in every period, so that what is left speaks
//! of one period alone (Havelund and Rosu, *Synthesizing monitors for safety properties*, 2002).

use super::{name_of, writing};
use crate::twin::make;
use crate::types::core::{Binary, Cell, Chosen, Expr, ExprKind, Model, Property, Type};
use crate::types::visit::{children_mut, deep};

/// The expression without operators on the past, which cells of the model remember; `None` if it
/// speaks of anything else but one period.
pub fn remembered(model: &mut Model, e: &Expr) -> Option<Expr> {
    deep(|| {
        let mut out = e.clone();
        for part in children_mut(&mut out) {
            *part = remembered(model, part)?;
        }
        let (p, op, q) = match &*out.kind {
            ExprKind::Property(Property::Once(p)) => (p, Binary::Or, None),
            ExprKind::Property(Property::Historically(p)) => (p, Binary::And, None),
            ExprKind::Property(Property::Since(p, q)) => (p, Binary::And, Some(q)),
            ExprKind::Property(Property::Previously(p)) => {
                let (cell, before) = cell(model, false, e);
                write(model, cell, p.clone());
                return Some(before);
            }
            ExprKind::Property(_) => return None,
            _ => return Some(out),
        };
        let (cell, before) = cell(model, op == Binary::And && q.is_none(), e);
        let so_far = make::binary(op, p.clone(), before);
        let now = match q {
            Some(q) => make::binary(Binary::Or, q.clone(), so_far),
            None => so_far,
        };
        write(model, cell, now.clone());
        Some(now)
    })
}

/// A new cell, and its value at the beginning of a period.
fn cell(model: &mut Model, first: bool, e: &Expr) -> (crate::types::core::CellId, Expr) {
    model.cells.push(Cell {
        name: name_of(&format!("past{}", model.cells.len())),
        index: Vec::new(),
        ty: Type::Bool,
        binders: Vec::new(),
        initial: Some(Chosen::Is(make::constant(first, e.span))),
        doc: None,
        span: e.span,
    });
    let cell = crate::twin::last_cell(model);
    (cell, make::cell(cell, Type::Bool, false, e.span))
}

fn write(model: &mut Model, cell: crate::types::core::CellId, value: Expr) {
    let (name, span) = (name_of(&format!("remember{}", cell.0)), value.span);
    model.rules.push(writing(name, (cell, value), span));
}
