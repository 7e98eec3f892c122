//! What a judge sees in both runs, and whether that is the same.

use super::Unfit;
use super::copy::Second;
use super::make;
use super::share::determined;
use crate::types::core::{Binary, Expr, ExprKind, Model, Property, SortId, Type, Value};
use crate::types::visit::{children, deep, substitute};

/// All that a judge sees, with the judge in the place of the observer.
fn seen(model: &Model, judge: &Expr) -> Vec<(Option<Expr>, Expr)> {
    let Type::Finite(sort) = judge.ty else { return Vec::new() };
    let mut all = Vec::new();
    for sees in model.sees.iter().filter(|sees| sees.judge == sort) {
        let only = match (sees.only, &*judge.kind) {
            (Some(only), ExprKind::Const(Value::Member(_, member))) if only != *member => continue,
            (Some(_), ExprKind::Const(_)) | (None, _) => None,
            (Some(only), _) => Some(is_member(judge, sort, only)),
        };
        let by = [(sees.binder, judge.clone())];
        let these = sees.seen.iter().map(|(_, e)| (only.clone(), substitute(e, &by)));
        all.extend(these);
    }
    all
}

fn is_member(judge: &Expr, sort: SortId, member: u32) -> Expr {
    let value = ExprKind::Const(Value::Member(sort, member));
    let member = Expr { kind: Box::new(value), ty: judge.ty, span: judge.span };
    make::binary(Binary::Eq, judge.clone(), member)
}

/// Whether a post sees anything at all.
pub fn sees_anything(model: &Model, judge: &Expr) -> bool {
    !seen(model, judge).is_empty()
}

/// What the judge sees in this period is the same in both runs.
pub(super) fn alike(model: &Model, second: &Second, judge: &Expr, shared: &[bool]) -> Expr {
    let mut parts = Vec::new();
    for (only, e) in seen(model, judge) {
        if determined(model, [&e], shared) {
            continue;
        }
        let other = second.expr(&e);
        let same = make::equal(e, other);
        parts.push(match only {
            Some(only) => make::binary(Binary::Implies, only, same),
            None => same,
        });
    }
    make::and(parts, judge.span)
}

/// `always` that all the judge sees is equal to itself: this has a value iff that has.
///
/// # Errors
/// A judge whose place is computed.
pub(super) fn values(model: &Model, judge: &Expr) -> Result<Expr, Unfit> {
    let itself = |e: Expr| make::equal(e.clone(), e);
    let seen = seen(model, judge).into_iter().map(|(only, e)| match only {
        Some(only) => make::binary(Binary::Implies, only, itself(e)),
        None => itself(e),
    });
    let all = make::and(seen.filter(may_fail), judge.span);
    let all = make::binary(Binary::Implies, defined(judge)?, all);
    Ok(make::property(Property::Always(all), judge.span))
}

/// Whether an expression may have no value, by its looks.
fn may_fail(e: &Expr) -> bool {
    deep(|| {
        let here = match &*e.kind {
            ExprKind::Binary(Binary::Div | Binary::Mod, _, by) => {
                !matches!(&*by.kind, ExprKind::Const(_))
            }
            ExprKind::Convert(crate::types::core::Conversion::IntToMember(_), _)
            | ExprKind::Call(..)
            | ExprKind::Fired(..)
            | ExprKind::Tick(_) => true,
            ExprKind::Table(rows, _) => rows.iter().any(Option::is_none),
            _ => false,
        };
        here || children(e).into_iter().any(may_fail)
    })
}

/// Whether there is such a judge: `superior` of the top is none.
///
/// # Errors
/// A judge whose place is computed.
pub(super) fn defined(judge: &Expr) -> Result<Expr, Unfit> {
    deep(|| match &*judge.kind {
        ExprKind::Table(rows, args) => {
            let mut parts: Vec<Expr> = Vec::new();
            for arg in args {
                parts.push(defined(arg)?);
            }
            if rows.iter().any(Option::is_none) {
                let rows = rows.iter().map(|row| Some(Value::Bool(row.is_some())));
                let table = ExprKind::Table(std::sync::Arc::new(rows.collect()), args.clone());
                parts.push(make::truth(table, judge.span));
            }
            Ok(make::and(parts, judge.span))
        }
        ExprKind::Const(_) | ExprKind::Cell { .. } | ExprKind::Local(_) | ExprKind::Param(_) => {
            Ok(make::constant(true, judge.span))
        }
        _ => Err(Unfit("who judges is computed in a way that is not followed")),
    })
}
