//! What an expression reads: its immediate parts, and the widest thing among them.

use crate::types::core::{Coalition, Domain, Expr, ExprKind, Level, LocalId, Model, Property, Set};

/// The immediate subexpressions, in the order written.
pub fn parts(expr: &Expr) -> Vec<&Expr> {
    match expr.kind.as_ref() {
        ExprKind::Const(_) | ExprKind::Param(_) | ExprKind::Local(_) | ExprKind::Tick(_) => vec![],
        ExprKind::Cell { index, .. } | ExprKind::Input { index, .. } => index.iter().collect(),
        ExprKind::Call(_, args) | ExprKind::Fired(_, args) | ExprKind::Table(_, args) => {
            args.iter().collect()
        }
        ExprKind::Unary(_, e) | ExprKind::Saturate(e, _, _) | ExprKind::Convert(_, e) => vec![e],
        ExprKind::Binary(_, l, r) => vec![l, r],
        ExprKind::If(c, t, e) => vec![c, t, e],
        ExprKind::Quantified(_, _, domain, body) => {
            let mut parts: Vec<&Expr> = match domain {
                Domain::Elements(elements) => elements.iter().collect(),
                _ => vec![],
            };
            parts.push(body);
            parts
        }
        ExprKind::In(e, set) => [e].into_iter().chain(set_parts(set)).collect(),
        ExprKind::Property(property) => property_parts(property),
    }
}

/// The expressions of a set.
pub fn set_parts(set: &Set) -> Vec<&Expr> {
    match set {
        Set::Elements(elements) => elements.iter().collect(),
        Set::Range(lo, hi) => vec![lo, hi],
        Set::Sort(_) => vec![],
    }
}

fn property_parts(property: &Property) -> Vec<&Expr> {
    match property {
        Property::Always(p)
        | Property::Never(p)
        | Property::Eventually(p)
        | Property::Next(p)
        | Property::Once(p)
        | Property::Historically(p)
        | Property::Previously(p)
        | Property::Recurs(p)
        | Property::Settles(p)
        | Property::Within(_, p)
        | Property::Possible(p)
        | Property::AlwaysPossible(p)
        | Property::Smallest(_, p)
        | Property::Valid(p) => vec![p],
        Property::Until(p, q)
        | Property::Since(p, q)
        | Property::LeadsTo(p, q, _)
        | Property::Knows(p, q)
        | Property::Detects(p, q, _)
        | Property::Deniable(p, q) => vec![p, q],
        Property::Attributes { judge, fault, .. } => vec![judge, fault],
        Property::AccountableSound(_) | Property::AccountableComplete(_) => vec![],
        Property::Force { coalition, goal, .. } => {
            let mut parts: Vec<&Expr> = match coalition {
                Coalition::Named(members) => members.iter().collect(),
                _ => vec![],
            };
            parts.push(goal);
            parts
        }
        Property::NoDeviation { coalition, margin, .. } => coalition.iter().chain(margin).collect(),
        Property::Consistent(ps) | Property::Inconsistent(ps) => ps.iter().collect(),
    }
}

/// The widest thing an expression reads, definitions followed.
pub fn level(model: &Model, expr: &Expr) -> Level {
    stacker::maybe_grow(64 * 1024, 1024 * 1024, || {
        let own = match expr.kind.as_ref() {
            ExprKind::Cell { primed: false, .. } => Level::State,
            ExprKind::Cell { primed: true, .. }
            | ExprKind::Input { .. }
            | ExprKind::Fired(..)
            | ExprKind::Tick(_) => Level::Step,
            ExprKind::Call(define, _) => model
                .defines
                .get(define.index())
                .map_or(Level::Rigid, |define| level(model, &define.body)),
            ExprKind::Property(_) => Level::Temporal,
            _ => Level::Rigid,
        };
        parts(expr).into_iter().map(|part| level(model, part)).fold(own, Level::max)
    })
}

/// The expression with variables replaced by closed expressions.
pub fn substitute(expr: &Expr, by: &[(LocalId, Expr)]) -> Expr {
    stacker::maybe_grow(64 * 1024, 1024 * 1024, || {
        if let ExprKind::Local(local) = expr.kind.as_ref() {
            let bound = by.iter().rev().find(|(l, _)| l == local);
            return bound.map_or_else(|| expr.clone(), |(_, e)| e.clone());
        }
        let mut result = expr.clone();
        for part in parts_mut(&mut result) {
            *part = substitute(part, by);
        }
        result
    })
}

/// The immediate subexpressions, to be changed; of properties, those that speak of runs.
pub fn parts_mut(expr: &mut Expr) -> Vec<&mut Expr> {
    match expr.kind.as_mut() {
        ExprKind::Const(_) | ExprKind::Param(_) | ExprKind::Local(_) | ExprKind::Tick(_) => vec![],
        ExprKind::Cell { index, .. } | ExprKind::Input { index, .. } => index.iter_mut().collect(),
        ExprKind::Call(_, args) | ExprKind::Fired(_, args) | ExprKind::Table(_, args) => {
            args.iter_mut().collect()
        }
        ExprKind::Unary(_, e) | ExprKind::Saturate(e, _, _) | ExprKind::Convert(_, e) => vec![e],
        ExprKind::Binary(_, l, r) => vec![l, r],
        ExprKind::If(c, t, e) => vec![c, t, e],
        ExprKind::Quantified(_, _, domain, body) => {
            let mut parts: Vec<&mut Expr> = match domain {
                Domain::Elements(elements) => elements.iter_mut().collect(),
                _ => vec![],
            };
            parts.push(body);
            parts
        }
        ExprKind::In(e, set) => {
            let mut parts = vec![e];
            match set {
                Set::Elements(elements) => parts.extend(elements),
                Set::Range(lo, hi) => parts.extend([lo.as_mut(), hi.as_mut()]),
                Set::Sort(_) => {}
            }
            parts
        }
        ExprKind::Property(property) => property_parts_mut(property),
    }
}

/// Those of the operators about runs and about knowledge.
fn property_parts_mut(property: &mut Property) -> Vec<&mut Expr> {
    match property {
        Property::Always(p)
        | Property::Never(p)
        | Property::Eventually(p)
        | Property::Next(p)
        | Property::Once(p)
        | Property::Historically(p)
        | Property::Previously(p)
        | Property::Recurs(p)
        | Property::Settles(p)
        | Property::Within(_, p)
        | Property::Possible(p)
        | Property::AlwaysPossible(p)
        | Property::Smallest(_, p) => vec![p],
        Property::Until(p, q)
        | Property::Since(p, q)
        | Property::LeadsTo(p, q, _)
        | Property::Knows(p, q)
        | Property::Detects(p, q, _)
        | Property::Deniable(p, q) => vec![p, q],
        Property::Attributes { judge, fault, .. } => vec![judge, fault],
        Property::Force { coalition: Coalition::Named(members), goal, .. } => {
            members.iter_mut().chain([goal]).collect()
        }
        Property::Force { goal, .. } => vec![goal],
        Property::NoDeviation { coalition, margin, .. } => {
            coalition.iter_mut().chain(margin).collect()
        }
        _ => vec![],
    }
}
