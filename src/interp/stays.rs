//! Claims that something is, or stays, possible, as a list of what.

use super::progress::ground::instances;
use crate::types::core::{Binary, Expr, ExprKind, LocalId, Model, Property, Quant};
use crate::types::visit::substitute;

/// What stays possible by a claim that says nothing else: `always possible p`, alone or joined by
/// `and` and `all`. `None` for any other claim.
pub fn targets(model: &Model, property: &Expr) -> Option<Vec<Expr>> {
    parts(model, property, &|part| match part.kind.as_ref() {
        ExprKind::Property(Property::AlwaysPossible(p)) => Some(p.clone()),
        _ => None,
    })
}

/// The parts of a claim that says `possible p` and nothing else, alone or joined by `and` and `all`. `None`
/// for any other claim.
pub fn reached(model: &Model, property: &Expr) -> Option<Vec<Expr>> {
    parts(model, property, &|part| match part.kind.as_ref() {
        ExprKind::Property(Property::Possible(_)) => Some(part.clone()),
        _ => None,
    })
}

/// What each part of a claim is, for parts joined by `and` and `all`; `None` if one is nothing that is sought.
fn parts(
    model: &Model,
    property: &Expr,
    sought: &dyn Fn(&Expr) -> Option<Expr>,
) -> Option<Vec<Expr>> {
    match property.kind.as_ref() {
        ExprKind::Binary(Binary::And, one, other) => {
            let mut both = parts(model, one, sought)?;
            both.extend(parts(model, other, sought)?);
            Some(both)
        }
        ExprKind::Quantified(Quant::All, local, domain, body) => {
            let mut all = Vec::new();
            for value in instances(model, domain) {
                all.extend(parts(model, &substitute(body, &[(*local, value)]), sought)?);
            }
            Some(all)
        }
        ExprKind::Call(define, args) => {
            let define = model.defines.get(define.index())?;
            let by: Vec<(LocalId, Expr)> =
                define.args.iter().map(|(local, _)| *local).zip(args.iter().cloned()).collect();
            parts(model, &substitute(&define.body, &by), sought)
        }
        _ => sought(property).map(|part| vec![part]),
    }
}
