//! A model whose nondeterministic writes are environment inputs instead, so that an expression can speak of them.
//!
//! The inputs come after all others, in the order of the draws' slots, so that a run of one is a run of the
//! other with its values in other places.

use super::make;
use crate::syntax::ast::InputKind;
use crate::syntax::source::Span;
use crate::types::core::{
    Assume, Binary, Chosen, Domain, Expr, ExprKind, Input, InputId, LocalId, Model, Rule, Set,
    SortId, Type, Value,
};
use crate::types::visit::{set_children, set_children_mut, substitute};

/// A draw whose own conditions speak of the end of the period: when it is drawn, and from what, over the
/// variables of its input.
pub(super) struct Late {
    /// The input.
    pub(super) input: InputId,
    /// When its rule fires.
    pub(super) when: Expr,
    /// That it is in its set.
    pub(super) condition: Expr,
}

/// The model without nondeterministic writes.
pub(super) fn undrawn(model: &Model) -> (Model, Vec<Late>) {
    let (mut plain, mut late) = (model.clone(), Vec::new());
    for n in 0..plain.rules.len() {
        let Some(rule) = plain.rules.get(n).cloned() else { continue };
        let mut rewritten = rule.clone();
        for (u, update) in rule.updates.iter().enumerate() {
            let Chosen::In(set) = &update.value else { continue };
            let Some(cell) = model.cells.get(update.cell.index()) else { continue };
            let name = format!("{}.{}", rule.name, cell.name);
            let drawn = draw(&mut plain, &rule, set, (cell.ty, &name, update.span), &mut late);
            if let Some(update) = rewritten.updates.get_mut(u) {
                update.value = Chosen::Is(drawn);
            }
        }
        if let Some(place) = plain.rules.get_mut(n) {
            *place = rewritten;
        }
    }
    (plain, late)
}

/// Adds an input for a draw, and reads it at the rule's variables.
fn draw(
    model: &mut Model,
    rule: &Rule,
    set: &Set,
    (ty, name, span): (Type, &str, Span),
    late: &mut Vec<Late>,
) -> Expr {
    let index: Vec<SortId> = rule.binders.iter().map(|(_, sort)| *sort).collect();
    let binders: Vec<LocalId> = index
        .iter()
        .map(|_| {
            model.locals += 1;
            LocalId(model.locals - 1)
        })
        .collect();
    let input = InputId(u32::try_from(model.inputs.len()).unwrap_or(u32::MAX));
    let local = |(local, sort): (&LocalId, &SortId)| Expr {
        kind: Box::new(ExprKind::Local(*local)),
        ty: Type::Finite(*sort),
        span,
    };
    let read = |locals: Vec<Expr>| Expr {
        kind: Box::new(ExprKind::Input { input, index: locals }),
        ty,
        span,
    };
    let own: Vec<Expr> = binders.iter().zip(&index).map(local).collect();
    let outside: Vec<LocalId> = rule.binders.iter().map(|(local, _)| *local).collect();
    let by: Vec<(LocalId, Expr)> = outside.iter().copied().zip(own.iter().cloned()).collect();
    let mut inside = set.clone();
    set_children_mut(&mut inside).into_iter().for_each(|part| *part = substitute(part, &by));
    let guard = substitute(&rule.guard, &by);
    let own_member = make::truth(ExprKind::In(compared(read(own), set), inside), span);
    // An input's own conditions cannot speak of the end of the period.
    let early = [&rule.guard].into_iter().chain(set_children(set)).all(|e| !reads_ends(model, e));
    let mut declared = Input {
        name: name.to_owned(),
        kind: InputKind::Env,
        index: index.clone(),
        ty,
        binders,
        owner: None,
        when: None,
        condition: None,
        otherwise: None,
        doc: None,
        span,
    };
    if early {
        declared.when = Some(guard);
        declared.condition = Some(own_member);
        declared.otherwise = Some(lowest(ty, span));
    } else {
        let locals: Vec<Expr> = rule.binders.iter().map(|(l, s)| local((l, s))).collect();
        let member = make::truth(ExprKind::In(compared(read(locals), set), set.clone()), span);
        let mut condition = make::binary(Binary::Implies, rule.guard.clone(), member);
        for (local, sort) in rule.binders.iter().rev() {
            condition = make::all(*local, Domain::Sort(*sort), condition);
        }
        late.push(Late { input, when: guard, condition: own_member });
        let name = name.to_owned();
        model.assumes.push(Assume { name, practice: None, condition, span });
    }
    model.inputs.push(declared);
    let drawn = read(rule.binders.iter().map(|(l, s)| local((l, s))).collect());
    if let Type::Range(..) = ty { make::whole(drawn) } else { drawn }
}

/// A value of a range counts as a whole number where the set has such.
fn compared(e: Expr, set: &Set) -> Expr {
    let whole = match set {
        Set::Elements(all) => all.first().is_some_and(|e| e.ty == Type::Int),
        Set::Range(..) => true,
        Set::Sort(_) => false,
    };
    match (whole, e.ty) {
        (true, Type::Range(..)) => make::whole(e),
        _ => e,
    }
}

/// Whether an expression reads `'`, or whether rules fire.
fn reads_ends(model: &Model, e: &Expr) -> bool {
    let reads = crate::types::visit::reads(model, e);
    !reads.primed.is_empty() || !reads.fired.is_empty() || !reads.ticks.is_empty()
}

/// The value that stands where nothing matters.
fn lowest(ty: Type, span: Span) -> Expr {
    let value = match ty {
        Type::Bool => Value::Bool(false),
        Type::Int => Value::Int(0.into()),
        Type::Range(lo, _) => Value::Int(lo.into()),
        Type::Real => Value::Real(num_rational::BigRational::from_integer(0.into())),
        Type::Finite(sort) => Value::Member(sort, 0),
    };
    let ty = if let Type::Range(..) = ty { Type::Int } else { ty };
    Expr { kind: Box::new(ExprKind::Const(value)), ty, span }
}
