//! Claims that depend on a cell which `saturate` clamps: the clamp may hide what it cuts off.

use std::collections::BTreeSet;

use crate::syntax::diagnostic::Diagnostic;
use crate::types::cone::cone;
use crate::types::core::{Cell, CellId, Claim, Expr, ExprKind, Model};
use crate::types::visit::{Reads, chosen_children, walk};

/// Remarks on the claims of a model.
pub fn saturating(model: &Model) -> Vec<Diagnostic> {
    let clamped = clamped(model);
    if clamped.is_empty() {
        return Vec::new();
    }
    model.claims.iter().filter_map(|claim| remark(model, claim, &clamped)).collect()
}

/// The saturated cells on which a claim depends, by name.
pub fn saturated_below(model: &Model, claim: &Claim) -> Vec<String> {
    below(model, claim, &clamped(model)).into_iter().map(|cell| cell.name.clone()).collect()
}

/// Those of these cells on which a claim depends.
fn below<'m>(model: &'m Model, claim: &Claim, clamped: &BTreeSet<CellId>) -> Vec<&'m Cell> {
    let assumed = claim.assumes.iter().map(|assume| &assume.condition);
    let depends = cone(model, assumed.chain([&claim.property]));
    let cells = (0..).map(CellId).zip(&model.cells).zip(depends);
    let below = cells.filter(|((id, _), depends)| *depends && clamped.contains(id));
    below.map(|((_, cell), _)| cell).collect()
}

/// The cells to which something saturated is written.
fn clamped(model: &Model) -> BTreeSet<CellId> {
    let updates = model.rules.iter().flat_map(|rule| &rule.updates);
    let clamped = updates
        .filter(|update| chosen_children(&update.value).into_iter().any(|e| clamps(model, e)));
    clamped.map(|update| update.cell).collect()
}

/// Whether an expression saturates, itself or through a definition.
fn clamps(model: &Model, expr: &Expr) -> bool {
    let mut found = false;
    let mut look = |expr: &Expr| {
        walk(expr, &mut |part| found |= matches!(part.kind.as_ref(), ExprKind::Saturate(..)));
    };
    look(expr);
    let mut reads = Reads::default();
    reads.enter(model, expr);
    let bodies = reads.defines.iter().filter_map(|id| model.defines.get(id.index()));
    bodies.for_each(|define| look(&define.body));
    found
}

fn remark(model: &Model, claim: &Claim, clamped: &BTreeSet<CellId>) -> Option<Diagnostic> {
    let cells = below(model, claim, clamped);
    let names: Vec<String> = cells.iter().map(|cell| format!("`{}`", cell.name)).collect();
    let first = names.first()?;
    let (subject, verb) = match names.len() {
        1 => (first.clone(), "is"),
        _ => (names.join(", "), "are"),
    };
    let message = format!("`{}` depends on {subject}, which {verb} saturated", claim.name);
    let mut diagnostic = Diagnostic::warning("saturated", claim.span, message)
        .note("`saturate` cuts off what lies beyond its range, and the verdict may rest on that");
    for cell in cells {
        diagnostic = diagnostic.also(cell.span, "declared here");
    }
    Some(diagnostic)
}
