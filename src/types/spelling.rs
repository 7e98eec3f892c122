//! How an expression is spelt, for the names of what posts see.

use crate::syntax::ast::{Expr, ExprKind};

/// The words of an expression.
pub(crate) fn spelling(e: &Expr) -> String {
    match &*e.kind {
        ExprKind::Name(name) => name.text.clone(),
        ExprKind::Int(text) | ExprKind::Real(text) => text.clone(),
        ExprKind::Prime(inner) => format!("{}'", spelling(inner)),
        ExprKind::Index(name, index) => {
            let inside: Vec<String> = index.iter().map(spelling).collect();
            format!("{}[{}]", name.text, inside.join(", "))
        }
        ExprKind::Call(name, args) => {
            let inside: Vec<String> = args.iter().map(spelling).collect();
            format!("{}({})", name.text, inside.join(", "))
        }
        _ => "…".to_owned(),
    }
}
