//! Claims that depend on a cell which `saturate` clamps: the clamp may hide what it cuts off.

use std::collections::BTreeSet;

use crate::syntax::diagnostic::Diagnostic;
use crate::types::core::{CellId, Claim, Expr, ExprKind, Model};
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
    let (depends, clamped) = (cone(model, claim), clamped(model));
    let cells = depends.intersection(&clamped).filter_map(|id| model.cells.get(id.index()));
    cells.map(|cell| cell.name.clone()).collect()
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
    let depends = cone(model, claim);
    let names: Vec<String> = depends
        .intersection(clamped)
        .filter_map(|id| model.cells.get(id.index()))
        .map(|cell| format!("`{}`", cell.name))
        .collect();
    let places = depends.intersection(clamped).filter_map(|id| model.cells.get(id.index()));
    let first = names.first()?;
    let (subject, verb) = match names.len() {
        1 => (first.clone(), "is"),
        _ => (names.join(", "), "are"),
    };
    let message = format!("`{}` depends on {subject}, which {verb} saturated", claim.name);
    let mut diagnostic = Diagnostic::warning("saturated", claim.span, message)
        .note("`saturate` cuts off what lies beyond its range, and the verdict may rest on that");
    for cell in places {
        diagnostic = diagnostic.also(cell.span, "declared here");
    }
    Some(diagnostic)
}

/// The cells that bear on a claim: those it reads, and those that bear on what is written to them
/// or on which runs there are.
fn cone(model: &Model, claim: &Claim) -> BTreeSet<CellId> {
    let mut reads = Reads::default();
    reads.enter(model, &claim.property);
    for assume in claim.assumes.iter().chain(&model.assumes) {
        reads.enter(model, &assume.condition);
    }
    loop {
        let cells: BTreeSet<CellId> = reads.cells.union(&reads.primed).copied().collect();
        let inputs = reads.inputs.clone();
        for rule in &model.rules {
            if rule.updates.iter().any(|update| cells.contains(&update.cell)) {
                reads.enter(model, &rule.guard);
                for update in rule.updates.iter().filter(|update| cells.contains(&update.cell)) {
                    let parts = update.index.iter().chain(chosen_children(&update.value));
                    parts.for_each(|part| reads.enter(model, part));
                }
            }
        }
        for input in inputs.iter().filter_map(|id| model.inputs.get(id.index())) {
            let parts = [&input.when, &input.condition, &input.otherwise];
            parts.into_iter().flatten().for_each(|part| reads.enter(model, part));
        }
        let now: BTreeSet<CellId> = reads.cells.union(&reads.primed).copied().collect();
        if now == cells && reads.inputs == inputs {
            return now;
        }
    }
}
