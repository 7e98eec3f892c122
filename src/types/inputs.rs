//! Choices and environment: who draws what, when, and within which limits.

use crate::syntax::ast::{self, InputKind};
use crate::syntax::diagnostic::Diagnostic;

use super::Checker;
use super::core::{Expr, ExprKind, Input, InputId, LocalId, SortId, SortKind, Type};
use super::messages::{Why, describe};
use super::names::Symbol;
use super::places::Place;

impl<'a> Checker<'a> {
    pub(crate) fn input(&mut self, at: usize) -> Option<Input> {
        let (item, source, indexed) = *self.names.inputs.get(at)?;
        let id = InputId(u32::try_from(at).unwrap_or(u32::MAX));
        let signature = self.signature(Symbol::Input(id))?;
        let binders = self.bind_places(&indexed.index, &signature.index);
        let owner = self.owner(source, indexed, &signature.index, &binders);
        self.scope.own = Some((id, binders.clone()));
        let when = self.clause(source.when.as_ref(), indexed, "when there is a choice");
        let condition = self.clause(source.condition.as_ref(), indexed, "what may be chosen");
        let otherwise = self.otherwise(source, signature.ty);
        let (when, condition) = (when?, condition?);
        Some(Input {
            name: indexed.name.text.clone(),
            kind: source.kind,
            index: signature.index,
            ty: signature.ty,
            binders,
            owner: owner?,
            otherwise: otherwise?.filter(|_| when.is_some()),
            when,
            condition,
            doc: item.doc.clone(),
            span: item.span,
        })
    }

    /// A truth value over state and draws; the outer `None` is a failure.
    fn clause(
        &mut self,
        e: Option<&ast::Expr>,
        indexed: &ast::Indexed,
        what: &'static str,
    ) -> Option<Option<Expr>> {
        let Some(e) = e else { return Some(None) };
        let typed = self.expect_truth(e, Why::new(indexed.name.span, "a condition of it"));
        self.placed(typed, Place::drawn(what)).map(Some)
    }

    fn otherwise(&mut self, source: &ast::Input, ty: Type) -> Option<Option<Expr>> {
        let Some(e) = &source.otherwise else {
            return Some(source.when.is_some().then(|| self.least(ty, source.ty.span)));
        };
        if source.when.is_none() {
            self.problems.push(
                Diagnostic::warning("idle-else", e.span, "this value is never taken")
                    .help("`else` is taken where `when` is false; there is no `when`"),
            );
        }
        let typed = self.expect(e, ty, Why::new(source.ty.span, "declared here"));
        self.placed(typed, Place::drawn("the value taken without a choice")).map(Some)
    }

    /// Who chooses; the outer `None` is a failure.
    fn owner(
        &mut self,
        source: &ast::Input,
        indexed: &ast::Indexed,
        sorts: &[SortId],
        binders: &[LocalId],
    ) -> Option<Option<Expr>> {
        let name = &indexed.name;
        match (source.kind, &source.owner) {
            (InputKind::Env, None) => Some(None),
            (InputKind::Env, Some(owner)) => self.problems.fail(
                Diagnostic::error(
                    "owned-environment",
                    owner.span,
                    format!("`{}` is drawn by nature, not by a post", name.text),
                )
                .help("write `choice` instead of `env`, or leave `by` out"),
            ),
            (InputKind::Choice, None) => self.problems.fail(
                Diagnostic::error(
                    "choice-without-owner",
                    name.span,
                    format!("nobody makes the choice `{}`", name.text),
                )
                .help("say whose it is with `by`, or write `env` for what nature draws"),
            ),
            (InputKind::Choice, Some(owner)) => {
                if let Some(own) = self.owner_by_index(owner, sorts, binders) {
                    return Some(Some(own));
                }
                let typed = self.owner_post(owner);
                self.placed(typed, Place::rigid("the owner of a choice")).map(Some)
            }
        }
    }

    /// `choice report[County] : bool by County`: each member its own.
    fn owner_by_index(
        &self,
        owner: &ast::Expr,
        sorts: &[SortId],
        binders: &[LocalId],
    ) -> Option<Expr> {
        let ast::ExprKind::Name(name) = &*owner.kind else { return None };
        if self.scope.locals.iter().any(|l| l.name == name.text) {
            return None;
        }
        let Some((Symbol::Post(sort), _)) = self.names.values.get(name.text.as_str()) else {
            return None;
        };
        let (_, local) = sorts.iter().zip(binders).find(|(s, _)| *s == sort)?;
        Some(Self::node(ExprKind::Local(*local), Type::Finite(*sort), owner.span))
    }

    fn owner_post(&mut self, owner: &ast::Expr) -> Option<Expr> {
        let typed = self.infer(owner, None)?;
        if let Type::Finite(sort) = typed.ty
            && let Some(SortKind::Index { person: false, .. }) = self.sort_kind(sort)
        {
            return Some(typed);
        }
        let found = describe(&self.model, typed.ty);
        self.problems.fail(
            Diagnostic::error("not-a-post", owner.span, format!("expected a post, found {found}"))
                .label("`by` names the post that chooses")
                .help("declare it with `position`"),
        )
    }
}
