//! Wider ranges for cells that saturate.
//!
//! A counter that is clamped can make a claim about growth true by clipping.
//! [`widen`] gives the model in which every `saturate` reaches further, and
//! with it the cells it feeds; if a claim's verdict is another one there, the
//! first verdict said more about the clamp than about the institution.

use crate::types::core::{Chosen, Expr, ExprKind, Model, Type};
use crate::types::visit;

/// The model with every saturated range one and a bit times its length wider, upwards, and
/// downwards too unless it starts at 0 (a floor that is meant). `None` if nothing saturates.
pub(super) fn widen(model: &Model) -> Option<Model> {
    let mut wider = model.clone();
    let mut found = false;
    for n in 0..wider.rules.len() {
        let Some(rule) = wider.rules.get_mut(n) else { continue };
        let mut hulls = Vec::new();
        for update in &mut rule.updates {
            let mut hull = None;
            for e in chosen(&mut update.value) {
                visit::rewrite(e, &mut |e| widen_node(e, &mut hull));
            }
            hulls.extend(hull.map(|hull| (update.cell, hull)));
        }
        for (cell, hull) in hulls {
            found = true;
            if let Some(cell) = wider.cells.get_mut(cell.index()) {
                cell.ty = cover(cell.ty, hull);
            }
        }
    }
    found.then_some(wider)
}

fn chosen(chosen: &mut Chosen) -> Vec<&mut Expr> {
    match chosen {
        Chosen::Is(e) => vec![e],
        Chosen::In(_) => Vec::new(),
    }
}

fn widen_node(e: &mut Expr, hull: &mut Option<(i64, i64)>) {
    if let ExprKind::Saturate(_, lo, hi) = &mut *e.kind {
        let more = hi.saturating_sub(*lo).saturating_add(2);
        *hi = hi.saturating_add(more);
        if *lo != 0 {
            *lo = lo.saturating_sub(more);
        }
        *hull = Some(hull.map_or((*lo, *hi), |(a, b)| (a.min(*lo), b.max(*hi))));
    }
}

fn cover(ty: Type, (lo, hi): (i64, i64)) -> Type {
    match ty {
        Type::Range(a, b) => Type::Range(a.min(lo), b.max(hi)),
        other => other,
    }
}
