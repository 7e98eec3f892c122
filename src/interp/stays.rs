//! Claims that something stays possible, as a list of what stays possible.

use super::progress::ground::instances;
use crate::types::core::{Binary, Expr, ExprKind, LocalId, Model, Property, Quant};
use crate::types::visit::substitute;

/// What stays possible by a claim that says nothing else: `always possible p`, alone or joined by
/// `and` and `all`. `None` for any other claim.
pub fn targets(model: &Model, property: &Expr) -> Option<Vec<Expr>> {
    match property.kind.as_ref() {
        ExprKind::Property(Property::AlwaysPossible(p)) => Some(vec![p.clone()]),
        ExprKind::Binary(Binary::And, one, other) => {
            let mut both = targets(model, one)?;
            both.extend(targets(model, other)?);
            Some(both)
        }
        ExprKind::Quantified(Quant::All, local, domain, body) => {
            let mut all = Vec::new();
            for value in instances(model, domain) {
                all.extend(targets(model, &substitute(body, &[(*local, value)]))?);
            }
            Some(all)
        }
        ExprKind::Call(define, args) => {
            let define = model.defines.get(define.index())?;
            let by: Vec<(LocalId, Expr)> =
                define.args.iter().map(|(local, _)| *local).zip(args.iter().cloned()).collect();
            targets(model, &substitute(&define.body, &by))
        }
        _ => None,
    }
}
