//! Walking over typed expressions, and what an expression reads.
//!
//! [`children`] is the one place that knows the shape of every node; walks,
//! levels, read sets and lints are folds over it, so that a new kind of node
//! needs one new line.

use std::collections::BTreeSet;

use super::core::{
    CellId, Chosen, Coalition, DefineId, Domain, Expr, ExprKind, InputId, LocalId, Model, ParamId,
    Property, Set, TickId,
};

/// Grows the stack when a deep expression needs it.
pub(crate) fn deep<T>(f: impl FnOnce() -> T) -> T {
    stacker::maybe_grow(64 * 1024, 1024 * 1024, f)
}

/// The direct parts of an expression, in the order written.
pub fn children(e: &Expr) -> Vec<&Expr> {
    match &*e.kind {
        ExprKind::Const(_) | ExprKind::Param(_) | ExprKind::Local(_) | ExprKind::Tick(_) => {
            Vec::new()
        }
        ExprKind::Cell { index, .. } | ExprKind::Input { index, .. } => index.iter().collect(),
        ExprKind::Call(_, args) | ExprKind::Fired(_, args) | ExprKind::Table(_, args) => {
            args.iter().collect()
        }
        ExprKind::Unary(_, a) | ExprKind::Saturate(a, ..) | ExprKind::Convert(_, a) => vec![a],
        ExprKind::Binary(_, a, b) => vec![a, b],
        ExprKind::If(c, a, b) => vec![c, a, b],
        ExprKind::Quantified(_, _, domain, body) => {
            let mut parts: Vec<&Expr> = match domain {
                Domain::Elements(elements) => elements.iter().collect(),
                Domain::Sort(_) | Domain::Range(..) => Vec::new(),
            };
            parts.push(body);
            parts
        }
        ExprKind::In(a, set) => std::iter::once(a).chain(set_children(set)).collect(),
        ExprKind::Property(property) => property_children(property),
    }
}

/// The expressions of a set.
pub fn set_children(set: &Set) -> Vec<&Expr> {
    match set {
        Set::Elements(elements) => elements.iter().collect(),
        Set::Range(lo, hi) => vec![lo, hi],
        Set::Sort(_) => Vec::new(),
    }
}

/// The expressions of a value or set.
pub fn chosen_children(chosen: &Chosen) -> Vec<&Expr> {
    match chosen {
        Chosen::Is(e) => vec![e],
        Chosen::In(set) => set_children(set),
    }
}

fn property_children(property: &Property) -> Vec<&Expr> {
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
        Property::AccountableSound(_) | Property::AccountableComplete(_) => Vec::new(),
        Property::Force { coalition, goal, .. } => {
            let mut parts: Vec<&Expr> = match coalition {
                Coalition::Named(posts) => posts.iter().collect(),
                Coalition::SomeOf(..) | Coalition::NoneOf(..) => Vec::new(),
            };
            parts.push(goal);
            parts
        }
        Property::NoDeviation { coalition, margin, .. } => {
            coalition.iter().chain(margin.iter()).collect()
        }
        Property::Consistent(parts) | Property::Inconsistent(parts) => parts.iter().collect(),
    }
}

/// Calls `visit` on the expression and all its parts, outermost first; definitions are not entered.
pub fn walk<'e>(e: &'e Expr, visit: &mut dyn FnMut(&'e Expr)) {
    deep(|| {
        visit(e);
        for part in children(e) {
            walk(part, visit);
        }
    });
}

/// Everything that bears on a run or a verdict, definitions left out: they count if entered.
pub fn expressions(model: &Model) -> Vec<&Expr> {
    let mut all: Vec<&Expr> = Vec::new();
    all.extend(model.params.iter().filter_map(|param| param.condition.as_ref()));
    all.extend(
        model.cells.iter().filter_map(|cell| cell.initial.as_ref()).flat_map(chosen_children),
    );
    for input in &model.inputs {
        let parts = [&input.owner, &input.when, &input.condition, &input.otherwise];
        all.extend(parts.into_iter().flatten());
    }
    all.extend(&model.inits);
    for rule in &model.rules {
        all.push(&rule.guard);
        for update in &rule.updates {
            all.extend(&update.index);
            all.extend(chosen_children(&update.value));
        }
    }
    all.extend(model.assumes.iter().map(|assume| &assume.condition));
    for fairness in &model.fairness {
        all.extend(&fairness.premise);
        all.push(&fairness.recurs);
    }
    all.extend(model.sees.iter().flat_map(|sees| sees.seen.iter().map(|(_, expr)| expr)));
    all.extend(model.payoffs.iter().map(|payoff| &payoff.value));
    for claim in &model.claims {
        all.extend(claim.assumes.iter().map(|assume| &assume.condition));
        all.push(&claim.property);
        all.extend(claim.expect.iter().filter_map(|expect| expect.when.as_ref()));
    }
    all
}

/// Whether an expression speaks of what somebody knows, itself or by a definition it calls.
pub fn speaks_of_knowledge(model: &Model, e: &Expr) -> bool {
    deep(|| match &*e.kind {
        ExprKind::Property(property) if property.is_epistemic() => true,
        ExprKind::Call(define, args) => {
            let body = model.defines.get(define.index()).map(|define| &define.body);
            args.iter().chain(body).any(|part| speaks_of_knowledge(model, part))
        }
        _ => children(e).into_iter().any(|part| speaks_of_knowledge(model, part)),
    })
}

/// What an expression reads, through definitions and ticks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reads {
    /// Parameters.
    pub params: BTreeSet<ParamId>,
    /// Cells read at the start of the period.
    pub cells: BTreeSet<CellId>,
    /// Cells read at its end, `'`.
    pub primed: BTreeSet<CellId>,
    /// Choices and environment.
    pub inputs: BTreeSet<InputId>,
    /// Ticks, whether read or counted by a deadline.
    pub ticks: BTreeSet<TickId>,
    /// Rules whose firing is read; their guards are read as well.
    pub fired: BTreeSet<super::core::RuleId>,
    /// Definitions entered.
    pub defines: BTreeSet<DefineId>,
    /// Posts whose knowledge is spoken of; what they see is not entered.
    pub knows: bool,
}

/// What an expression reads, through definitions, ticks and the guards of rules it names.
pub fn reads(model: &Model, e: &Expr) -> Reads {
    let mut reads = Reads::default();
    reads.enter(model, e);
    reads
}

/// What several expressions read together.
pub fn reads_all<'e>(model: &Model, all: impl IntoIterator<Item = &'e Expr>) -> Reads {
    let mut reads = Reads::default();
    for e in all {
        reads.enter(model, e);
    }
    reads
}

impl Reads {
    /// Adds what `e` reads.
    pub fn enter(&mut self, model: &Model, e: &Expr) {
        deep(|| {
            self.note(model, e);
            for part in children(e) {
                self.enter(model, part);
            }
        });
    }

    fn note(&mut self, model: &Model, e: &Expr) {
        match &*e.kind {
            ExprKind::Param(id) => drop(self.params.insert(*id)),
            ExprKind::Cell { cell, primed: false, .. } => drop(self.cells.insert(*cell)),
            ExprKind::Cell { cell, primed: true, .. } => drop(self.primed.insert(*cell)),
            ExprKind::Input { input, .. } => drop(self.inputs.insert(*input)),
            ExprKind::Tick(id) => self.enter_tick(model, *id),
            ExprKind::Fired(id, _) if self.fired.insert(*id) => {
                if let Some(rule) = model.rules.get(id.index()) {
                    self.enter(model, &rule.guard);
                }
            }
            ExprKind::Call(id, _) if self.defines.insert(*id) => {
                if let Some(define) = model.defines.get(id.index()) {
                    self.enter(model, &define.body);
                }
            }
            ExprKind::Property(property) => self.note_property(model, property),
            _ => {}
        }
    }

    fn note_property(&mut self, model: &Model, property: &Property) {
        self.knows |= property.is_epistemic();
        if let Some(tick) = property.deadline().and_then(|d| d.tick) {
            self.enter_tick(model, tick);
        }
    }

    fn enter_tick(&mut self, model: &Model, id: TickId) {
        if self.ticks.insert(id)
            && let Some(tick) = model.ticks.get(id.index())
        {
            self.enter(model, &tick.when);
        }
    }
}

impl Property {
    /// The deadline of the outermost operator, if it has one.
    pub fn deadline(&self) -> Option<super::core::Deadline> {
        match self {
            Property::Within(d, _) | Property::NoDeviation { within: d, .. } => Some(*d),
            Property::LeadsTo(_, _, d)
            | Property::Detects(_, _, d)
            | Property::Force { within: d, .. } => *d,
            _ => None,
        }
    }
}

/// Calls `change` on the expression and all its parts, innermost first. Properties are not entered:
/// they cannot occur where values are written.
pub fn rewrite(e: &mut Expr, change: &mut dyn FnMut(&mut Expr)) {
    deep(|| {
        if !matches!(&*e.kind, ExprKind::Property(_)) {
            for part in children_mut(e) {
                rewrite(part, change);
            }
        }
        change(e);
    });
}

/// Calls `change` on the expression and all its parts, innermost first, those of properties too.
pub fn rewrite_all(e: &mut Expr, change: &mut dyn FnMut(&mut Expr)) {
    deep(|| {
        for part in children_mut(e) {
            rewrite_all(part, change);
        }
        change(e);
    });
}

/// The expression with variables replaced by other expressions, whose own variables are free in it.
pub fn substitute(e: &Expr, by: &[(LocalId, Expr)]) -> Expr {
    let mut result = e.clone();
    rewrite_all(&mut result, &mut |part| {
        if let ExprKind::Local(local) = &*part.kind
            && let Some((_, value)) = by.iter().rev().find(|(bound, _)| bound == local)
        {
            *part = value.clone();
        }
    });
    result
}

/// The direct parts of an expression, to be changed.
pub fn children_mut(e: &mut Expr) -> Vec<&mut Expr> {
    match &mut *e.kind {
        ExprKind::Const(_) | ExprKind::Param(_) | ExprKind::Local(_) | ExprKind::Tick(_) => {
            Vec::new()
        }
        ExprKind::Cell { index, .. } | ExprKind::Input { index, .. } => index.iter_mut().collect(),
        ExprKind::Call(_, args) | ExprKind::Fired(_, args) | ExprKind::Table(_, args) => {
            args.iter_mut().collect()
        }
        ExprKind::Unary(_, a) | ExprKind::Saturate(a, ..) | ExprKind::Convert(_, a) => vec![a],
        ExprKind::Binary(_, a, b) => vec![a, b],
        ExprKind::If(c, a, b) => vec![c, a, b],
        ExprKind::Quantified(_, _, domain, body) => {
            let mut parts: Vec<&mut Expr> = match domain {
                Domain::Elements(elements) => elements.iter_mut().collect(),
                Domain::Sort(_) | Domain::Range(..) => Vec::new(),
            };
            parts.push(body);
            parts
        }
        ExprKind::In(a, set) => std::iter::once(a).chain(set_children_mut(set)).collect(),
        ExprKind::Property(property) => property_children_mut(property),
    }
}

/// The expressions of a set, to be changed.
pub fn set_children_mut(set: &mut Set) -> Vec<&mut Expr> {
    match set {
        Set::Elements(elements) => elements.iter_mut().collect(),
        Set::Range(lo, hi) => vec![lo, hi],
        Set::Sort(_) => Vec::new(),
    }
}

fn property_children_mut(property: &mut Property) -> Vec<&mut Expr> {
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
        Property::AccountableSound(_) | Property::AccountableComplete(_) => Vec::new(),
        Property::Force { coalition, goal, .. } => {
            let mut parts: Vec<&mut Expr> = match coalition {
                Coalition::Named(posts) => posts.iter_mut().collect(),
                Coalition::SomeOf(..) | Coalition::NoneOf(..) => Vec::new(),
            };
            parts.push(goal);
            parts
        }
        Property::NoDeviation { coalition, margin, .. } => {
            coalition.iter_mut().chain(margin.iter_mut()).collect()
        }
        Property::Consistent(parts) | Property::Inconsistent(parts) => parts.iter_mut().collect(),
    }
}
