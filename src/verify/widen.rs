//! Wider ranges for cells that saturate.
//!
//! A counter that is clamped can make a claim about growth true by clipping.
//! [`widen`] gives the model in which every `saturate` reaches further, and
//! with it the cells it feeds; if a claim's verdict is another one there, the
//! first verdict said more about the clamp than about the institution.

use crate::types::core::{Chosen, DefineId, Expr, ExprKind, Model, Type};
use crate::types::visit;

/// The interval that saturated values of an expression fill, if any.
type Hull = Option<(i64, i64)>;

/// The model with every saturated range more than twice as wide, upwards, and downwards too
/// unless it starts at 0 (a floor that is meant). `None` if nothing saturates.
pub(super) fn widen(model: &Model) -> Option<Model> {
    let mut wider = model.clone();
    let mut hulls: Vec<Hull> = Vec::new();
    // A definition refers only to earlier ones, so their hulls are known.
    for define in &mut wider.defines {
        let hull = stretch(&mut define.body, &hulls);
        hulls.push(hull);
    }
    let mut found = false;
    for rule in &mut wider.rules {
        for update in &mut rule.updates {
            let Chosen::Is(value) = &mut update.value else { continue };
            let Some(hull) = stretch(value, &hulls) else { continue };
            found = true;
            if let Some(cell) = wider.cells.get_mut(update.cell.index()) {
                cell.ty = cover(cell.ty, hull);
            }
        }
    }
    found.then_some(wider)
}

/// Widens what saturates in an expression; returns the hull of it and of the definitions it calls.
fn stretch(e: &mut Expr, defines: &[Hull]) -> Hull {
    let mut hull = None;
    visit::rewrite(e, &mut |e| match &mut *e.kind {
        ExprKind::Saturate(_, lo, hi) => {
            let more = hi.saturating_sub(*lo).saturating_add(2);
            *hi = hi.saturating_add(more);
            if *lo != 0 {
                *lo = lo.saturating_sub(more);
            }
            hull = join(hull, Some((*lo, *hi)));
        }
        ExprKind::Call(DefineId(n), _) => {
            hull = join(hull, defines.get(*n as usize).copied().flatten());
        }
        _ => {}
    });
    hull
}

fn join(one: Hull, other: Hull) -> Hull {
    match (one, other) {
        (Some((a, b)), Some((c, d))) => Some((a.min(c), b.max(d))),
        (one, other) => one.or(other),
    }
}

fn cover(ty: Type, (lo, hi): (i64, i64)) -> Type {
    match ty {
        Type::Range(a, b) => Type::Range(a.min(lo), b.max(hi)),
        other => other,
    }
}
