//! Names, sorts and checking: from syntax tree to typed core.
//!
//! [`check`] takes one elaborated institution, in which the governance words
//! are already written out, and gives its typed [`Model`] or the reasons why
//! there is none. Typing is bidirectional: an expression is inferred under the
//! type its place expects, so that shared enumerators find their enum and
//! whole numbers become real where a real is wanted; every conversion leaves a
//! node. Declarations refer to each other in any order, so types, sizes and
//! definitions are worked out on demand, and a definition in terms of itself
//! is found when it asks for itself.

mod claims;
pub mod cone;
pub mod constants;
pub mod core;
mod declarations;
pub mod defect;
mod defines;
mod expressions;
pub mod fragments;
mod inputs;
pub mod layout;
pub mod level;
mod messages;
mod names;
mod observers;
mod operators;
pub mod params;
mod places;
pub mod practices;
mod properties;
mod quotients;
mod references;
mod sets;
mod sorts;
pub mod trace;
pub mod visit;

pub(crate) use messages::describe;

use std::collections::{BTreeMap, BTreeSet};

use crate::syntax::ast;
use crate::syntax::diagnostic::Diagnostic;
use crate::syntax::source::Span;

use self::core::{Define, DefineId, Expr, InputId, LocalId, Model, ParamId, SortId, Type, Value};
use self::messages::Problems;
use self::names::Names;

pub use self::fragments::{Fragment, Kinds, fragment};
pub use self::level::{Levels, level};
pub use self::params::domain;
pub use self::visit::{Reads, children, reads, reads_all, walk};

/// Which parameters have which values.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Assignment {
    /// Given values, by name, as written on the command line.
    pub values: BTreeMap<String, String>,
    /// Check for all values of every parameter that does not shape the model.
    pub all: bool,
}

/// The outcome of checking an institution.
#[derive(Clone, Debug)]
pub struct Checked {
    /// The typed model; present only if nothing is wrong.
    pub model: Option<Model>,
    /// Errors and warnings, in the order of the text.
    pub diagnostics: Vec<Diagnostic>,
}

/// Checks an elaborated institution at the given parameter values.
pub fn check(institution: &ast::Institution, given: &Assignment) -> Checked {
    let mut problems = Problems::default();
    let names = names::collect(&institution.items, &mut problems);
    let mut checker = Checker::new(institution, given, names, problems);
    checker.institution();
    let whole = !checker.problems.poisoned;
    if whole {
        quotients::rounded(&checker.model).into_iter().for_each(|one| checker.problems.push(one));
    }
    let diagnostics = checker.problems.finish();
    Checked { model: whole.then_some(checker.model), diagnostics }
}

/// Something worked out on demand.
#[derive(Clone, Debug)]
pub(crate) enum Lazy<T> {
    /// Not asked for yet.
    Todo,
    /// Being worked out: whoever asks now is part of a cycle.
    Busy,
    /// Worked out; `None` if that failed.
    Done(Option<T>),
}

/// What is being worked out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Demand {
    Size(SortId),
    Param(ParamId),
    ParamValue(ParamId),
    Cell(u32),
    Input(u32),
    Define(u32),
}

/// A cell's or input's index sorts and type.
#[derive(Clone, Debug)]
pub(crate) struct Signature {
    pub(crate) index: Vec<SortId>,
    pub(crate) ty: Type,
}

/// A variable in scope.
#[derive(Clone, Debug)]
pub(crate) struct Local {
    pub(crate) name: String,
    pub(crate) id: LocalId,
    pub(crate) ty: Type,
}

/// The checker: the tree on one side, the growing model on the other.
pub(crate) struct Checker<'a> {
    pub(crate) tree: &'a ast::Institution,
    pub(crate) given: &'a Assignment,
    pub(crate) names: Names<'a>,
    pub(crate) problems: Problems,
    /// Sorts and definitions are final as soon as they are asked for; the rest is filled in at the end.
    pub(crate) model: Model,
    pub(crate) sizes: Vec<Lazy<u32>>,
    pub(crate) params: Vec<Lazy<Type>>,
    pub(crate) values: Vec<Lazy<Option<Value>>>,
    pub(crate) cells: Vec<Lazy<Signature>>,
    pub(crate) inputs: Vec<Lazy<Signature>>,
    pub(crate) instances: BTreeMap<(u32, Vec<defines::ArgType>), Option<DefineId>>,
    pub(crate) effects: Vec<places::Effects>,
    pub(crate) kinds: Kinds,
    pub(crate) demanded: Vec<(Demand, String, Span)>,
    pub(crate) structural: BTreeSet<ParamId>,
    pub(crate) tables: sorts::Tables,
    pub(crate) scope: Scope,
}

/// What an expression may mention besides the declared names.
#[derive(Clone, Debug, Default)]
pub(crate) struct Scope {
    pub(crate) locals: Vec<Local>,
    /// Truth values count as 0 and 1 here (payoffs).
    pub(crate) bool_counts: bool,
    /// The input whose own clauses these are: its bare name is the member at these variables.
    pub(crate) own: Option<(InputId, Vec<LocalId>)>,
    /// The `k` of `smallest k`.
    pub(crate) sought: Option<LocalId>,
    /// Deadlines that were found to be `k`.
    pub(crate) found: u32,
}

impl<'a> Checker<'a> {
    fn new(
        tree: &'a ast::Institution,
        given: &'a Assignment,
        mut names: Names<'a>,
        problems: Problems,
    ) -> Self {
        let sorts = std::mem::take(&mut names.sort_list);
        Checker {
            sizes: vec![Lazy::Todo; sorts.len()],
            params: vec![Lazy::Todo; names.params.len()],
            values: vec![Lazy::Todo; names.params.len()],
            cells: vec![Lazy::Todo; names.cells.len()],
            inputs: vec![Lazy::Todo; names.inputs.len()],
            instances: BTreeMap::new(),
            effects: Vec::new(),
            kinds: Kinds::default(),
            demanded: Vec::new(),
            structural: BTreeSet::new(),
            tables: sorts::Tables::default(),
            scope: Scope::default(),
            model: empty_model(tree, sorts),
            tree,
            given,
            names,
            problems,
        }
    }

    /// A fresh variable.
    pub(crate) fn fresh(&mut self) -> LocalId {
        let id = LocalId(self.model.locals);
        self.model.locals += 1;
        id
    }

    /// Brings a variable into scope.
    pub(crate) fn bind(&mut self, name: &str, ty: Type) -> LocalId {
        let id = self.fresh();
        self.scope.locals.push(Local { name: name.to_owned(), id, ty });
        id
    }

    /// Runs `inside` and then forgets the variables it bound.
    pub(crate) fn scoped<T>(&mut self, inside: impl FnOnce(&mut Self) -> T) -> T {
        let depth = self.scope.locals.len();
        let result = inside(self);
        self.scope.locals.truncate(depth);
        result
    }

    /// Runs `inside` in a scope of its own, as for another declaration.
    pub(crate) fn apart<T>(&mut self, inside: impl FnOnce(&mut Self) -> T) -> T {
        let saved = std::mem::take(&mut self.scope);
        let result = inside(self);
        self.scope = saved;
        result
    }

    /// Works out what is demanded, unless it is being worked out already: then it is its own cause.
    pub(crate) fn demand<T>(
        &mut self,
        what: Demand,
        name: &str,
        span: Span,
        work: impl FnOnce(&mut Self) -> Option<T>,
    ) -> Option<T> {
        self.demanded.push((what, name.to_owned(), span));
        let result = visit::deep(|| self.apart(work));
        self.demanded.pop();
        result
    }

    /// Reports a definition in terms of itself.
    pub(crate) fn cycle<T>(&mut self, what: Demand) -> Option<T> {
        let from = self.demanded.iter().position(|(demand, ..)| *demand == what).unwrap_or(0);
        let round: Vec<(String, Span)> =
            self.demanded.iter().skip(from).map(|(_, name, span)| (name.clone(), *span)).collect();
        let Some((first, span)) = round.first().cloned() else { return self.problems.silent() };
        let path: Vec<String> =
            round.iter().chain(round.first()).map(|(name, _)| format!("`{name}`")).collect();
        let mut diagnostic = Diagnostic::error(
            "cyclic-definition",
            span,
            format!("`{first}` depends on itself: {}", path.join(" needs ")),
        )
        .help("break the circle: let one of them be state that a rule writes");
        for (name, span) in round.iter().skip(1) {
            diagnostic = diagnostic.also(*span, format!("`{name}` takes part"));
        }
        self.problems.fail(diagnostic)
    }

    /// The size-independent facts of a sort.
    pub(crate) fn sort_kind(&self, sort: SortId) -> Option<&core::SortKind> {
        self.model.sorts.get(sort.index()).map(|s| &s.kind)
    }

    /// The name of a sort.
    pub(crate) fn sort_name(&self, sort: SortId) -> &str {
        self.model.sorts.get(sort.index()).map_or("", |s| &s.name)
    }

    /// A definition, once it is final.
    pub(crate) fn add_define(&mut self, define: Define) -> DefineId {
        let id = DefineId(u32::try_from(self.model.defines.len()).unwrap_or(u32::MAX));
        let effects = self.effects_of(&define.body);
        self.effects.push(effects);
        self.kinds.push(&self.model, &define.body);
        self.model.defines.push(define);
        id
    }

    /// A typed node.
    pub(crate) fn node(kind: core::ExprKind, ty: Type, span: Span) -> Expr {
        Expr { kind: Box::new(kind), ty, span }
    }
}

fn empty_model(tree: &ast::Institution, sorts: Vec<core::Sort>) -> Model {
    Model {
        name: tree.name.text.clone(),
        title: tree.title.as_ref().map_or_else(|| tree.name.text.clone(), |t| t.text.clone()),
        doc: tree.doc.clone(),
        base: tree.base.clone(),
        span: tree.span,
        sorts,
        params: Vec::new(),
        cells: Vec::new(),
        inputs: Vec::new(),
        defines: Vec::new(),
        inits: Vec::new(),
        rules: Vec::new(),
        assumes: Vec::new(),
        fairness: Vec::new(),
        ticks: Vec::new(),
        sees: Vec::new(),
        payoffs: Vec::new(),
        claims: Vec::new(),
        sources: Vec::new(),
        locals: 0,
    }
}

#[cfg(test)]
#[allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::expect_used,
    clippy::panic,
    reason = "tests"
)]
mod tests;
