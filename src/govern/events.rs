//! Ticks read by governance words.
//!
//! A rule cannot read an event, since rule firings are events as well. But a
//! tick is a condition with a name, so where a norm counts it, or a trigger
//! waits for it, its condition is written instead.

use super::table::Table;
use super::walk::{self, Bound};
use crate::syntax::ast::{Decl, Expr, ExprKind};

/// How deep the condition of a tick may name other ticks.
const DEPTH: u32 = 16;

/// Puts the conditions of ticks in the place of their names.
pub fn write_out(decl: &mut Decl, table: &Table) {
    if matches!(decl, Decl::Tick { .. }) || table.ticks.is_empty() {
        return;
    }
    walk::expressions(decl, &mut |expr, scope| rewrite(expr, scope, table, DEPTH));
}

fn rewrite(expr: &mut Expr, scope: &[Bound], table: &Table, depth: u32) {
    walk::children(expr, scope, &mut |child, scope| rewrite(child, scope, table, depth));
    let ExprKind::Name(name) = &*expr.kind else { return };
    let hidden = scope.iter().any(|bound| bound.name == name.text);
    if hidden || table.declared.contains(&name.text) {
        return;
    }
    let Some(condition) = table.ticks.get(&name.text).filter(|_| depth > 0) else { return };
    let mut condition = Expr { kind: condition.kind.clone(), span: expr.span };
    rewrite(&mut condition, &[], table, depth - 1);
    *expr = condition;
}
