//! Declarations that nothing reads.

use std::collections::{BTreeMap, BTreeSet};

use crate::syntax::diagnostic::Diagnostic;
use crate::syntax::source::Span;
use crate::types::core::{
    Chosen, Domain, Expr, ExprKind, Model, Property, Set, SortId, SortKind, Type, Value,
};
use crate::types::visit::{Reads, expressions, walk};

/// A declaration: where it stands, what it is and its name.
type Declared = (Span, &'static str, String);

/// Remarks on declarations that no model reads.
pub fn unused(models: &[Model]) -> Vec<Diagnostic> {
    let mut used: BTreeMap<Declared, bool> = BTreeMap::new();
    for model in models {
        for (declared, is_used) in uses(model) {
            *used.entry(declared).or_insert(false) |= is_used;
        }
    }
    let own = |span: Span| models.iter().any(|model| model.span.file == span.file);
    used.into_iter()
        .filter(|((span, _, name), is_used)| !is_used && own(*span) && !is_exempt(name))
        .map(|((span, what, name), _)| remark(span, what, &name))
        .collect()
}

/// Dotted names and `holder` come from governance words; `_` says that it is meant.
fn is_exempt(name: &str) -> bool {
    name.starts_with('_') || name.contains('.') || name == "holder"
}

fn remark(span: Span, what: &'static str, name: &str) -> Diagnostic {
    let verb = if what == "source" { "quotes" } else { "reads" };
    Diagnostic::warning("unused", span, format!("nothing {verb} the {what} `{name}`"))
        .help("drop it, or begin its name with `_` if it is meant to be there")
}

/// Every declaration of a model, and whether something reads it.
fn uses(model: &Model) -> Vec<(Declared, bool)> {
    let expressions = expressions(model);
    let mut reads = Reads::default();
    for expr in &expressions {
        reads.enter(model, expr);
    }
    let sorts = sorts(model, &expressions);
    let mut all = Vec::new();
    for (param, id) in model.params.iter().zip((0..).map(crate::types::core::ParamId)) {
        let used = param.structural || reads.params.contains(&id);
        all.push(((param.span, "parameter", param.name.clone()), used));
    }
    for (cell, id) in model.cells.iter().zip((0..).map(crate::types::core::CellId)) {
        let used = reads.cells.contains(&id) || reads.primed.contains(&id);
        all.push(((cell.span, "state", cell.name.clone()), used));
    }
    for (input, id) in model.inputs.iter().zip((0..).map(crate::types::core::InputId)) {
        all.push(((input.span, "choice", input.name.clone()), reads.inputs.contains(&id)));
    }
    // One definition may have several instances, one for each type of its arguments.
    for (define, id) in model.defines.iter().zip((0..).map(crate::types::core::DefineId)) {
        all.push(((define.span, "definition", define.name.clone()), reads.defines.contains(&id)));
    }
    for (tick, id) in model.ticks.iter().zip((0..).map(crate::types::core::TickId)) {
        all.push(((tick.span, "tick", tick.name.clone()), reads.ticks.contains(&id)));
    }
    for (sort, id) in model.sorts.iter().zip((0..).map(SortId)) {
        all.push(((sort.span, kind(&sort.kind), sort.name.clone()), sorts.contains(&id)));
    }
    all
}

fn kind(kind: &SortKind) -> &'static str {
    match kind {
        SortKind::Enum(_) => "enum",
        SortKind::Index { person: true, .. } => "person",
        SortKind::Index { .. } => "position",
    }
}

/// The sorts that anything is of, is indexed by or speaks of.
fn sorts(model: &Model, expressions: &[&Expr]) -> BTreeSet<SortId> {
    let mut sorts = BTreeSet::new();
    let mut types: Vec<Type> = model.params.iter().map(|param| param.ty).collect();
    for cell in &model.cells {
        types.push(cell.ty);
        sorts.extend(&cell.index);
        if let Some(Chosen::In(Set::Sort(sort))) = &cell.initial {
            sorts.insert(*sort);
        }
    }
    for input in &model.inputs {
        types.push(input.ty);
        sorts.extend(&input.index);
    }
    types.extend(model.defines.iter().flat_map(|define| define.args.iter().map(|(_, ty)| *ty)));
    sorts.extend(model.rules.iter().flat_map(|rule| rule.binders.iter().map(|(_, sort)| *sort)));
    sorts.extend(model.sees.iter().map(|sees| sees.judge));
    sorts.extend(model.payoffs.iter().map(|payoff| payoff.owner));
    let bodies = model.defines.iter().map(|define| &define.body);
    for expr in expressions.iter().copied().chain(bodies) {
        walk(expr, &mut |part| {
            types.push(part.ty);
            sorts.extend(mentioned(part));
        });
    }
    sorts.extend(types.into_iter().filter_map(|ty| match ty {
        Type::Finite(sort) => Some(sort),
        _ => None,
    }));
    // A hierarchy is used as a whole.
    loop {
        let above = |(sort, id): (&crate::types::core::Sort, SortId)| match sort.kind {
            SortKind::Index { under: Some(above), .. } => Some((id, above)),
            _ => None,
        };
        let links: Vec<(SortId, SortId)> =
            model.sorts.iter().zip((0..).map(SortId)).filter_map(above).collect();
        let before = sorts.len();
        for (below, above) in links {
            if sorts.contains(&below) || sorts.contains(&above) {
                sorts.extend([below, above]);
            }
        }
        if sorts.len() == before {
            return sorts;
        }
    }
}

/// Sorts that a node names itself.
fn mentioned(expr: &Expr) -> Vec<SortId> {
    match expr.kind.as_ref() {
        ExprKind::Const(Value::Member(sort, _))
        | ExprKind::Quantified(_, _, Domain::Sort(sort), _)
        | ExprKind::In(_, Set::Sort(sort))
        | ExprKind::Property(Property::Attributes { sort, .. }) => vec![*sort],
        ExprKind::Property(Property::Force { coalition, .. }) => match coalition {
            crate::types::core::Coalition::SomeOf(sort, _)
            | crate::types::core::Coalition::NoneOf(sort, _) => vec![*sort],
            crate::types::core::Coalition::Named(_) => Vec::new(),
        },
        ExprKind::Table(rows, _) => rows
            .iter()
            .flatten()
            .filter_map(|value| match value {
                Value::Member(sort, _) => Some(*sort),
                _ => None,
            })
            .collect(),
        _ => Vec::new(),
    }
}
