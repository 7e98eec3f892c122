//! What posts see, and what they gain.
//!
//! Observation is spelt in the words of the spec, so that a trace can say who
//! saw what; a family named without an index is all its members.

use crate::syntax::ast::{self, Item};
use crate::syntax::printer::expression;

use super::Checker;
use super::core::{Binary, Expr, ExprKind, LocalId, Payoff, Sees, SortId, Type, Value};
use super::layout::{member_name, members};
use super::messages::Why;
use super::names::Symbol;
use super::places::Place;

impl Checker<'_> {
    /// The sort, variable and single member that a subject names.
    fn subject(&mut self, subject: &ast::Subject) -> Option<(SortId, LocalId, Option<u32>)> {
        let sort = self.post_sort(&subject.sort)?;
        let binder = match &subject.var {
            Some(var) => self.bind_new(var, Type::Finite(sort)),
            None => self.fresh(),
        };
        let Some(member) = &subject.member else { return Some((sort, binder, None)) };
        let typed = self.index(member, sort, Why::new(subject.sort.span, "its members"));
        let typed = self.placed(typed, Place::rigid("whose this is"))?;
        match self.evaluate(&typed, "whose this is", |constants, e| constants.value(e))? {
            Value::Member(_, k) => Some((sort, binder, Some(k))),
            _ => self.problems.silent(),
        }
    }

    pub(crate) fn sees(
        &mut self,
        item: &Item,
        judge: &ast::Subject,
        seen: &[ast::Expr],
    ) -> Option<Sees> {
        let (sort, binder, only) = self.subject(judge)?;
        let mut all = Vec::new();
        for e in seen {
            all.push(self.seen(e));
        }
        let all: Vec<Vec<(String, Expr)>> = all.into_iter().collect::<Option<_>>()?;
        let seen = all.into_iter().flatten().collect();
        Some(Sees { judge: sort, binder, only, seen, span: item.span })
    }

    /// What is seen, with the words of the spec; a family without index is all its members.
    fn seen(&mut self, e: &ast::Expr) -> Option<Vec<(String, Expr)>> {
        let (bare, primed) = match &*e.kind {
            ast::ExprKind::Prime(inner) => (inner, true),
            _ => (e, false),
        };
        if let ast::ExprKind::Name(name) = &*bare.kind
            && let Some(sorts) = self.family_sorts(name)
        {
            return self.whole_family(name, &sorts?, primed);
        }
        let typed = self.infer(e, None);
        let typed = self.placed(typed, Place::period("what a post sees"))?;
        Some(vec![(expression(e), typed)])
    }

    /// The index sorts of a family's name; the outer `None` if it is no family.
    fn family_sorts(&mut self, name: &ast::Name) -> Option<Option<Vec<SortId>>> {
        if self.scope.locals.iter().any(|l| l.name == name.text) {
            return None;
        }
        let symbol = self.names.values.get(name.text.as_str())?.0;
        let indexed = match symbol {
            Symbol::Cell(id) => self.names.cells.get(id.index()).map(|c| &c.2.index),
            Symbol::Input(id) => self.names.inputs.get(id.index()).map(|c| &c.2.index),
            Symbol::Define(id) => self.names.defines.get(id as usize).map(|d| &d.1.index),
            Symbol::Param(_) | Symbol::Post(_) => None,
        }?;
        if indexed.is_empty() {
            return None;
        }
        Some(indexed.iter().map(|binder| self.sort(&binder.sort)).collect())
    }

    fn whole_family(
        &mut self,
        name: &ast::Name,
        sorts: &[SortId],
        primed: bool,
    ) -> Option<Vec<(String, Expr)>> {
        let span = name.span;
        let mut entries = Vec::new();
        for member in members(&self.model, sorts) {
            let tree = self.member_tree(name, sorts, &member, primed);
            let typed = self.infer(&tree, None);
            let typed = self.placed(typed, Place::period("what a post sees"))?;
            let inside: Vec<String> =
                sorts.iter().zip(&member).map(|(s, &i)| member_name(&self.model, *s, i)).collect();
            let mark = if primed { "'" } else { "" };
            entries.push((
                format!("{}[{}]{mark}", name.text, inside.join(", ")),
                Expr { span, ..typed },
            ));
        }
        Some(entries)
    }

    /// `name[2, Mayor]` as if it had been written.
    fn member_tree(
        &self,
        name: &ast::Name,
        sorts: &[SortId],
        member: &[u32],
        primed: bool,
    ) -> ast::Expr {
        let span = name.span;
        let tree = |kind| ast::Expr { kind: Box::new(kind), span };
        let index = sorts
            .iter()
            .zip(member)
            .map(|(sort, i)| match self.is_index(*sort) {
                true => tree(ast::ExprKind::Int(i.to_string())),
                false => tree(ast::ExprKind::Name(ast::Name {
                    text: format!(
                        "{}.{}",
                        self.sort_name(*sort),
                        member_name(&self.model, *sort, *i)
                    ),
                    span,
                })),
            })
            .collect();
        let indexed = tree(ast::ExprKind::Index(name.clone(), index));
        if primed { tree(ast::ExprKind::Prime(indexed)) } else { indexed }
    }

    pub(crate) fn payoff(
        &mut self,
        item: &Item,
        owner: &ast::Subject,
        value: &ast::Expr,
    ) -> Option<Payoff> {
        let (sort, binder, only) = self.subject(owner)?;
        self.scope.bool_counts = true;
        let why = Why::new(owner.sort.span, "a payoff is a number");
        let value = self.infer(value, None).and_then(|e| self.number(e, why));
        let value = self.placed(value, Place::period("a payoff"))?;
        let value = match only {
            None => value,
            Some(k) => self.only_for(sort, binder, k, value),
        };
        Some(Payoff { owner: sort, binder, value, span: item.span })
    }

    /// The value for one member, nothing for the others.
    fn only_for(&self, sort: SortId, binder: LocalId, k: u32, value: Expr) -> Expr {
        let (span, ty) = (value.span, value.ty);
        let member = Type::Finite(sort);
        let own = Self::node(ExprKind::Local(binder), member, span);
        let only = Self::node(ExprKind::Const(Value::Member(sort, k)), member, span);
        let is = Self::node(ExprKind::Binary(Binary::Eq, own, only), Type::Bool, span);
        Self::node(ExprKind::If(is, value, self.least(ty, span)), ty, span)
    }
}
