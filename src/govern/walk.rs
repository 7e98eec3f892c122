//! Walks over syntax trees: every expression of a declaration, every child of
//! an expression, each with the variables it is under.
//!
//! One mutable walk serves both for reading (which names does this institution
//! mention?) and for rewriting (what does a bare name stand for here?). It is
//! guarded against deep nesting, so whoever recurses through it need not be.

use crate::syntax::ast::{
    Binder, Claim, Coalition, Deadline, Decl, Expr, ExprKind, Initial, Name, Set, Subject, Type,
    TypeKind, Update, Written,
};

/// A variable in scope, with the sort it runs over when that is plain to see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bound {
    /// The variable.
    pub name: String,
    /// The sort.
    pub sort: Option<String>,
}

/// What a walk does at an expression under some variables.
pub type Visit<'a> = dyn FnMut(&mut Expr, &[Bound]) + 'a;

/// Calls `visit` on the direct children of an expression, under `scope` and what it binds itself.
pub fn children(expr: &mut Expr, scope: &[Bound], visit: &mut Visit) {
    stacker::maybe_grow(64 * 1024, 1024 * 1024, || children_of(&mut expr.kind, scope, visit));
}

fn children_of(kind: &mut ExprKind, scope: &[Bound], visit: &mut Visit) {
    match kind {
        ExprKind::Bool(_)
        | ExprKind::Int(_)
        | ExprKind::Real(_)
        | ExprKind::Name(_)
        | ExprKind::AccountableSound(_)
        | ExprKind::AccountableComplete(_)
        | ExprKind::Error => {}
        ExprKind::Index(_, list)
        | ExprKind::Call(_, list)
        | ExprKind::Consistent(list)
        | ExprKind::Inconsistent(list) => list.iter_mut().for_each(|e| visit(e, scope)),
        ExprKind::Prime(a) | ExprKind::Unary(_, a) => visit(a, scope),
        ExprKind::Range(a, b)
        | ExprKind::Binary(_, a, b)
        | ExprKind::Knows(a, b)
        | ExprKind::Deniable(a, b) => [a, b].into_iter().for_each(|e| visit(e, scope)),
        ExprKind::If(a, b, c) => [a, b, c].into_iter().for_each(|e| visit(e, scope)),
        ExprKind::Quantified(_, var, set, body) => {
            let sort = sort_of_set(set);
            in_set(set, scope, visit);
            visit(body, &with(scope, var, sort));
        }
        ExprKind::In(a, set) => {
            visit(a, scope);
            in_set(set, scope, visit);
        }
        ExprKind::Within(deadline, a) => {
            visit(&mut deadline.bound, scope);
            visit(a, scope);
        }
        ExprKind::LeadsTo(a, b, deadline) | ExprKind::Detects(a, b, deadline) => {
            [a, b].into_iter().for_each(|e| visit(e, scope));
            in_deadline(deadline.as_mut(), scope, visit);
        }
        ExprKind::Smallest(var, body) => visit(body, &with(scope, var, None)),
        ExprKind::Attributes { judge, fault, culprit, within } => {
            visit(judge, scope);
            visit(fault, &with(scope, culprit, None));
            within.iter_mut().for_each(|e| visit(e, scope));
        }
        ExprKind::Force { coalition, goal, within, .. } => {
            in_coalition(coalition, scope, visit);
            visit(goal, scope);
            in_deadline(within.as_mut(), scope, visit);
        }
        ExprKind::NoDeviation { coalition, within, margin } => {
            coalition.iter_mut().for_each(|e| visit(e, scope));
            visit(&mut within.bound, scope);
            margin.iter_mut().for_each(|e| visit(e, scope));
        }
    }
}

fn in_set(set: &mut Set, scope: &[Bound], visit: &mut Visit) {
    match set {
        Set::Elements(list, _) => list.iter_mut().for_each(|e| visit(e, scope)),
        Set::Range(low, high) => {
            visit(low, scope);
            visit(high, scope);
        }
        Set::Sort(_) => {}
    }
}

fn in_deadline(deadline: Option<&mut Deadline>, scope: &[Bound], visit: &mut Visit) {
    deadline.into_iter().for_each(|d| visit(&mut d.bound, scope));
}

fn in_coalition(coalition: &mut Coalition, scope: &[Bound], visit: &mut Visit) {
    match coalition {
        Coalition::Named(members) => members.iter_mut().for_each(|e| visit(e, scope)),
        Coalition::SomeOf(_, size) | Coalition::NoneOf(_, size) => visit(size, scope),
    }
}

fn sort_of_set(set: &Set) -> Option<String> {
    match set {
        Set::Sort(name) => Some(name.text.clone()),
        _ => None,
    }
}

fn with(scope: &[Bound], var: &Name, sort: Option<String>) -> Vec<Bound> {
    let mut inner = scope.to_vec();
    inner.push(Bound { name: var.text.clone(), sort });
    inner
}

/// The names an expression itself reads, not those of its children: values, calls, sorts, ticks.
pub fn own_names(expr: &Expr) -> Vec<&Name> {
    match &*expr.kind {
        ExprKind::Name(name) | ExprKind::Index(name, _) | ExprKind::Call(name, _) => vec![name],
        ExprKind::Quantified(_, _, Set::Sort(sort), _) | ExprKind::In(_, Set::Sort(sort)) => {
            vec![sort]
        }
        ExprKind::Within(Deadline { tick: Some(tick), .. }, _)
        | ExprKind::LeadsTo(_, _, Some(Deadline { tick: Some(tick), .. }))
        | ExprKind::Detects(_, _, Some(Deadline { tick: Some(tick), .. }))
        | ExprKind::Force { within: Some(Deadline { tick: Some(tick), .. }), .. } => vec![tick],
        ExprKind::AccountableSound(Some(name)) | ExprKind::AccountableComplete(Some(name)) => {
            vec![name]
        }
        ExprKind::Force {
            coalition: Coalition::SomeOf(name, _) | Coalition::NoneOf(name, _),
            ..
        } => vec![name],
        _ => Vec::new(),
    }
}

/// The variables of index places or binders.
pub fn bound(binders: &[Binder]) -> Vec<Bound> {
    binders
        .iter()
        .filter_map(|b| {
            let var = b.var.as_ref()?;
            Some(Bound { name: var.text.clone(), sort: Some(b.sort.text.clone()) })
        })
        .collect()
}

fn bound_subject(subject: &Subject) -> Vec<Bound> {
    let Some(var) = &subject.var else { return Vec::new() };
    vec![Bound { name: var.text.clone(), sort: Some(subject.sort.text.clone()) }]
}

/// Calls `visit` on every outermost expression of a declaration.
// table
pub fn expressions(decl: &mut Decl, visit: &mut Visit) {
    match decl {
        Decl::Institution { .. }
        | Decl::Source { .. }
        | Decl::Use { .. }
        | Decl::Enum { .. }
        | Decl::Holds { .. }
        | Decl::Reform(_)
        | Decl::Error => {}
        Decl::Param(param) => {
            param.ty.iter_mut().for_each(|ty| in_type(ty, visit));
            optional([&mut param.value, &mut param.condition], &[], visit);
        }
        Decl::Position { posts: families } | Decl::Hierarchy { levels: families } => {
            families.iter_mut().for_each(|f| optional([&mut f.size], &[], visit));
        }
        Decl::Chain { family } | Decl::Person { family } => {
            optional([&mut family.size], &[], visit);
        }
        Decl::State(state) => {
            in_type(&mut state.ty, visit);
            let scope: Vec<Bound> = state.cells.iter().flat_map(|c| bound(&c.index)).collect();
            match &mut state.initial {
                Some(Initial::Is(value)) => visit(value, &scope),
                Some(Initial::In(set)) => in_set(set, &scope, visit),
                None => {}
            }
        }
        Decl::Init { condition, .. } => visit(condition, &[]),
        Decl::Define(define) => {
            let mut scope = bound(&define.index);
            for arg in &mut define.args {
                arg.ty.iter_mut().for_each(|ty| in_type(ty, visit));
                let sort = arg.ty.as_ref().and_then(sort_of_type);
                scope.push(Bound { name: arg.name.text.clone(), sort });
            }
            visit(&mut define.body, &scope);
        }
        Decl::Input(input) => {
            in_type(&mut input.ty, visit);
            let scope: Vec<Bound> = input.names.iter().flat_map(|c| bound(&c.index)).collect();
            let parts = [&mut input.owner, &mut input.when, &mut input.condition];
            optional(parts, &scope, visit);
            optional([&mut input.otherwise], &scope, visit);
        }
        Decl::Sees { judge, seen } => {
            let scope = bound_subject(judge);
            optional([&mut judge.member], &[], visit);
            seen.iter_mut().for_each(|e| visit(e, &scope));
        }
        Decl::Rule(rule) => {
            let scope = bound(&rule.binders);
            optional([&mut rule.guard], &scope, visit);
            rule.updates.iter_mut().for_each(|u| in_update(u, &scope, visit));
        }
        Decl::Tick { when, .. } => visit(when, &[]),
        Decl::Payoff { owner, value } => {
            let scope = bound_subject(owner);
            optional([&mut owner.member], &[], visit);
            visit(value, &scope);
        }
        Decl::Assume(named) => visit(&mut named.condition, &[]),
        Decl::Fair(fair) => {
            optional([&mut fair.premise], &[], visit);
            visit(&mut fair.recurs, &[]);
        }
        Decl::Lemma(claim) | Decl::Scenario(claim) | Decl::Claim(claim) => in_claim(claim, visit),
        Decl::Norm(_)
        | Decl::Accountability(_)
        | Decl::Promotion(_)
        | Decl::Rotate(_)
        | Decl::Campaign(_) => in_governance(decl, visit),
    }
}

fn in_governance(decl: &mut Decl, visit: &mut Visit) {
    match decl {
        Decl::Norm(norm) => {
            let scope = bound_subject(&norm.subject);
            optional([&mut norm.subject.member], &[], visit);
            visit(&mut norm.aim, &scope);
            in_deadline(norm.within.as_mut(), &scope, visit);
            optional([&mut norm.condition, &mut norm.sanction], &scope, visit);
        }
        Decl::Accountability(a) => {
            let scope = bound_subject(&a.subject);
            optional([&mut a.subject.member], &[], visit);
            let parts = [&mut a.judge, &mut a.fault, &mut a.sanction];
            parts.into_iter().for_each(|e| visit(e, &scope));
        }
        Decl::Promotion(p) => {
            let scope = bound_subject(&p.from);
            optional([&mut p.from.member], &[], visit);
            visit(&mut p.to, &scope);
            optional([&mut p.condition, &mut p.decider], &scope, visit);
        }
        Decl::Rotate(rotate) => visit(&mut rotate.every, &[]),
        Decl::Campaign(c) => {
            c.triggers.iter_mut().for_each(|(_, when)| visit(when, &[]));
            optional([&mut c.launcher, &mut c.announced, &mut c.at_most, &mut c.gap], &[], visit);
            match &mut c.lasts {
                crate::syntax::ast::Lasts::Periods(e) | crate::syntax::ast::Lasts::Until(e) => {
                    visit(e, &[]);
                }
                crate::syntax::ast::Lasts::OnePeriod => {}
            }
        }
        _ => {}
    }
}

fn in_claim(claim: &mut Claim, visit: &mut Visit) {
    claim.assumes.iter_mut().for_each(|a| visit(&mut a.condition, &[]));
    visit(&mut claim.property, &[]);
    if let Some(expect) = &mut claim.expect {
        optional([&mut expect.when], &[], visit);
    }
}

fn in_update(update: &mut Update, scope: &[Bound], visit: &mut Visit) {
    update.index.iter_mut().for_each(|e| visit(e, scope));
    match &mut update.value {
        Written::Is(value) => visit(value, scope),
        Written::In(set) => in_set(set, scope, visit),
        Written::Chosen(value) => visit(value, scope),
        Written::BestReply(ties) => ties.iter_mut().for_each(|ties| visit(ties, scope)),
    }
}

fn in_type(ty: &mut Type, visit: &mut Visit) {
    if let TypeKind::Range(low, high) = &mut ty.kind {
        visit(low, &[]);
        visit(high, &[]);
    }
}

/// The sort a type names.
pub fn sort_of_type(ty: &Type) -> Option<String> {
    match &ty.kind {
        TypeKind::Named(name) => Some(name.text.clone()),
        _ => None,
    }
}

fn optional<const N: usize>(parts: [&mut Option<Expr>; N], scope: &[Bound], visit: &mut Visit) {
    parts.into_iter().flatten().for_each(|e| visit(e, scope));
}
