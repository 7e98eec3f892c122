//! Claims about what someone knows who sees nothing, or who sees the very fault.

use crate::syntax::diagnostic::Diagnostic;
use crate::types::core::{Claim, Expr, ExprKind, Model, Property, SortId, Type};
use crate::types::visit::{children, substitute, walk};

/// Remarks on the claims of a model.
pub fn observers(model: &Model) -> Vec<Diagnostic> {
    let mut remarks: Vec<Diagnostic> = Vec::new();
    for claim in &model.claims {
        for (judge, fault) in judgements(model, claim) {
            let Type::Finite(sort) = judge.ty else { continue };
            let remark = match model.sees.iter().any(|sees| sees.judge == sort) {
                false => Some(blind(model, sort, judge)),
                true => fault.and_then(|fault| plain(model, sort, judge, fault)),
            };
            remarks.extend(remark.filter(|remark| !remarks.contains(remark)));
        }
    }
    remarks
}

/// Who is spoken of as knowing something, and the fault that is to be detected.
fn judgements<'m>(model: &'m Model, claim: &'m Claim) -> Vec<(&'m Expr, Option<&'m Expr>)> {
    let mut found = Vec::new();
    let mut read = crate::types::Reads::default();
    read.enter(model, &claim.property);
    let bodies = read.defines.iter().filter_map(|id| model.defines.get(id.index()));
    for e in bodies.map(|define| &define.body).chain([&claim.property]) {
        walk(e, &mut |part| match &*part.kind {
            ExprKind::Property(Property::Knows(judge, fact)) => {
                found.push((judge, event(fact)));
            }
            ExprKind::Property(
                Property::Detects(judge, fault, _)
                | Property::Deniable(fault, judge)
                | Property::Attributes { judge, fault, .. },
            ) => found.push((judge, Some(fault))),
            _ => {}
        });
    }
    found
}

/// The `f` of `once f`.
fn event(fact: &Expr) -> Option<&Expr> {
    match &*fact.kind {
        ExprKind::Property(Property::Once(event)) => Some(event),
        _ => None,
    }
}

fn blind(model: &Model, sort: SortId, judge: &Expr) -> Diagnostic {
    let name = model.sorts.get(sort.index()).map_or("", |sort| sort.name.as_str());
    Diagnostic::warning("sees-nothing", judge.span, format!("`{name}` sees nothing"))
        .note("who sees nothing knows only what is so in every run")
        .help(format!("say what it observes: `sees {name} : …`"))
}

/// The fault stands among what the judge sees.
fn plain(model: &Model, sort: SortId, judge: &Expr, fault: &Expr) -> Option<Diagnostic> {
    let here = model.sees.iter().filter(|sees| sees.judge == sort);
    let seen = here.flat_map(|sees| {
        let by = [(sees.binder, judge.clone())];
        sees.seen.iter().map(move |(words, e)| (words, substitute(e, &by)))
    });
    let (words, _) = seen.into_iter().find(|(_, e)| is_same(e, fault))?;
    let name = model.sorts.get(sort.index()).map_or("", |sort| sort.name.as_str());
    Some(
        Diagnostic::warning(
            "sees-the-fault",
            judge.span,
            format!("`{name}` sees the fault itself: `{words}`"),
        )
        .note("whatever happens is then known in the period after it")
        .help("let it see what the fault leaves behind, or what is reported of it"),
    )
}

/// Whether two expressions read the same member of a cell, choice or definition, and nothing else.
fn is_same(a: &Expr, b: &Expr) -> bool {
    let same = match (&*a.kind, &*b.kind) {
        (ExprKind::Cell { cell: a, .. }, ExprKind::Cell { cell: b, .. }) => a == b,
        (ExprKind::Input { input: a, .. }, ExprKind::Input { input: b, .. }) => a == b,
        (ExprKind::Call(a, _), ExprKind::Call(b, _)) => a == b,
        _ => false,
    };
    let (a, b) = (children(a), children(b));
    same && a.len() == b.len() && a.iter().zip(&b).all(|(a, b)| is_same_member(a, b))
}

/// Whether an index is the same. A variable in the claim may be any member, also one that is seen.
fn is_same_member(seen: &Expr, asked: &Expr) -> bool {
    match (&*seen.kind, &*asked.kind) {
        (ExprKind::Const(a), ExprKind::Const(b)) => a == b,
        (ExprKind::Const(_), ExprKind::Local(_)) => true,
        (ExprKind::Local(a), ExprKind::Local(b)) => a == b,
        _ => false,
    }
}
