//! Names in expressions: what each stands for where it stands.
//!
//! In order: a variable, a value, a tick, an enumerator, the firing of a rule.
//! Where an enum is expected, its enumerators come before the values.

use crate::syntax::ast::{self, Name};
use crate::syntax::diagnostic::Diagnostic;
use crate::syntax::source::Span;

use super::core::{CellId, Domain, Expr, ExprKind, LocalId, Quant, RuleId, SortId, Type, Value};
use super::messages::{Why, alternatives, suggest};
use super::names::Symbol;
use super::{Checker, Demand, Lazy, Signature};

/// The largest family of cells or inputs.
const MOST_MEMBERS: u64 = 100_000;

impl Checker<'_> {
    /// A bare name.
    pub(crate) fn name(&mut self, name: &Name, hint: Option<Type>) -> Option<Expr> {
        let (text, span) = (name.text.as_str(), name.span);
        if let Some(local) = self.scope.locals.iter().rev().find(|l| l.name == text) {
            return Some(Self::node(ExprKind::Local(local.id), local.ty, span));
        }
        if let Some(Type::Finite(sort)) = hint
            && let Some(member) = self.enumerator_of(text, sort)
        {
            return Some(self.member(sort, member, span));
        }
        if let Some((symbol, _)) = self.names.values.get(text) {
            return self.value(*symbol, name);
        }
        if let Some((tick, _)) = self.names.ticks.get(text) {
            return Some(Self::node(ExprKind::Tick(*tick), Type::Bool, span));
        }
        if let Some(found) = self.names.enumerators.get(text) {
            return match found.as_slice() {
                [(sort, member)] => Some(self.member(*sort, *member, span)),
                several => {
                    let sorts: Vec<SortId> = several.iter().map(|(sort, _)| *sort).collect();
                    self.ambiguous(name, &sorts)
                }
            };
        }
        if let Some((rule, _)) = self.names.rules.get(text) {
            return self.fired_somewhere(*rule, span);
        }
        self.qualified(name)
    }

    fn member(&self, sort: SortId, member: u32, span: Span) -> Expr {
        Self::node(ExprKind::Const(Value::Member(sort, member)), Type::Finite(sort), span)
    }

    fn enumerator_of(&self, text: &str, sort: SortId) -> Option<u32> {
        let found = self.names.enumerators.get(text)?;
        found.iter().find(|(of, _)| *of == sort).map(|(_, member)| *member)
    }

    fn ambiguous(&mut self, name: &Name, sorts: &[SortId]) -> Option<Expr> {
        let full: Vec<String> =
            sorts.iter().map(|s| format!("{}.{}", self.sort_name(*s), name.text)).collect();
        self.problems.fail(
            Diagnostic::error(
                "ambiguous-name",
                name.span,
                format!("`{}` is a member of several enums", name.text),
            )
            .help(format!("write {}", alternatives(&full))),
        )
    }

    /// `Conduct.collude`, or an unknown name.
    fn qualified(&mut self, name: &Name) -> Option<Expr> {
        if let Some((sort_name, member)) = name.text.rsplit_once('.')
            && let Some(sort) = self.names.sorts.get(sort_name).copied()
            && !self.is_index(sort)
        {
            if let Some(number) = self.enumerator_of(member, sort) {
                return Some(self.member(sort, number, name.span));
            }
            let message = format!("`{sort_name}` has no member `{member}`");
            let members = match self.sort_kind(sort) {
                Some(super::core::SortKind::Enum(members)) => members.clone(),
                _ => Vec::new(),
            };
            let otherwise = format!("its members are {}", alternatives(&members));
            let diagnostic = suggest(
                Diagnostic::error("unknown-name", name.span, message),
                member,
                members.iter().map(String::as_str),
                &otherwise,
            );
            return self.problems.unknown(&name.text, diagnostic);
        }
        self.unknown_name(name)
    }

    fn unknown_name<T>(&mut self, name: &Name) -> Option<T> {
        let text = name.text.as_str();
        let (message, otherwise) = if self.names.sorts.contains_key(text) {
            (format!("`{text}` is an enum, not a value"), "name one of its members".to_owned())
        } else {
            let ways =
                "declare it, for instance with `state`, `param`, `choice`, `env` or `define`";
            (format!("there is no `{text}` here"), ways.to_owned())
        };
        let locals = self.scope.locals.iter().map(|l| l.name.as_str());
        let names = locals
            .chain(self.names.values.keys().copied())
            .chain(self.names.ticks.keys().copied())
            .chain(self.names.enumerators.keys().copied())
            .chain(self.names.rules.keys().copied());
        let diagnostic =
            suggest(Diagnostic::error("unknown-name", name.span, message), text, names, &otherwise);
        self.problems.unknown(text, diagnostic)
    }

    fn value(&mut self, symbol: Symbol, name: &Name) -> Option<Expr> {
        match symbol {
            Symbol::Param(param) => {
                let ty = self.param_type(param)?;
                Some(Self::node(ExprKind::Param(param), ty, name.span))
            }
            Symbol::Define(define) => self.apply_define(define, name, &[], None, name.span),
            Symbol::Post(sort) if self.size(sort).is_none() => None,
            Symbol::Post(sort) if self.is_single(sort) => Some(self.member(sort, 0, name.span)),
            Symbol::Post(_) => {
                let text = &name.text;
                self.problems.fail(
                    Diagnostic::error(
                        "missing-index",
                        name.span,
                        format!("`{text}` is a family of posts, not one of them"),
                    )
                    .help(format!(
                        "name a member, `{text}[0]`, or quantify: `all x in {text} : …`"
                    )),
                )
            }
            Symbol::Cell(_) | Symbol::Input(_) => self.member_of(symbol, name, &[], name.span),
        }
    }

    /// A cell's or input's index sorts and type.
    pub(crate) fn signature(&mut self, symbol: Symbol) -> Option<Signature> {
        match symbol {
            Symbol::Cell(cell) => self.cell_signature(cell),
            Symbol::Input(input) => {
                let (demand, at) = (Demand::Input(input.0), input.index());
                match self.inputs.get(at)? {
                    Lazy::Done(signature) => return signature.clone(),
                    Lazy::Busy => return self.cycle(demand),
                    Lazy::Todo => {}
                }
                let (_, source, indexed) = *self.names.inputs.get(at)?;
                *self.inputs.get_mut(at)? = Lazy::Busy;
                let found = self.demand(demand, &indexed.name.text, indexed.name.span, |c| {
                    c.work_out_signature(indexed, &source.ty)
                });
                *self.inputs.get_mut(at)? = Lazy::Done(found.clone());
                found
            }
            _ => None,
        }
    }

    fn cell_signature(&mut self, cell: CellId) -> Option<Signature> {
        let (demand, at) = (Demand::Cell(cell.0), cell.index());
        match self.cells.get(at)? {
            Lazy::Done(signature) => return signature.clone(),
            Lazy::Busy => return self.cycle(demand),
            Lazy::Todo => {}
        }
        let (_, source, indexed) = *self.names.cells.get(at)?;
        *self.cells.get_mut(at)? = Lazy::Busy;
        let found = self.demand(demand, &indexed.name.text, indexed.name.span, |c| {
            c.work_out_signature(indexed, &source.ty)
        });
        *self.cells.get_mut(at)? = Lazy::Done(found.clone());
        found
    }

    fn work_out_signature(&mut self, indexed: &ast::Indexed, ty: &ast::Type) -> Option<Signature> {
        let sorts: Vec<Option<SortId>> = indexed
            .index
            .iter()
            .map(|binder| {
                let sort = self.sort(&binder.sort)?;
                self.size(sort).map(|_| sort)
            })
            .collect();
        let ty = self.type_of(ty);
        let index: Vec<SortId> = sorts.into_iter().collect::<Option<_>>()?;
        self.few_members(indexed, &index)?;
        Some(Signature { index, ty: ty? })
    }

    fn few_members(&mut self, indexed: &ast::Indexed, index: &[SortId]) -> Option<()> {
        let mut members = 1_u64;
        for sort in index {
            members = members.saturating_mul(u64::from(self.size(*sort)?));
        }
        if members <= MOST_MEMBERS {
            return Some(());
        }
        let message =
            format!("`{}` has {members} members, more than {MOST_MEMBERS}", indexed.name.text);
        self.problems.fail(
            Diagnostic::error("too-large", indexed.name.span, message)
                .help("index it by fewer or smaller sorts"),
        )
    }

    /// A cell or input at a member.
    fn member_of(
        &mut self,
        symbol: Symbol,
        name: &Name,
        index: &[ast::Expr],
        span: Span,
    ) -> Option<Expr> {
        let signature = self.signature(symbol)?;
        if index.is_empty()
            && let (Symbol::Input(input), Some((own, binders))) = (symbol, &self.scope.own)
            && input == *own
        {
            let index = self.locals_of(&binders.clone(), &signature.index, span);
            return Some(Self::node(ExprKind::Input { input, index }, signature.ty, span));
        }
        let index = self.index_places(name, &signature.index, index, span)?;
        let kind = match symbol {
            Symbol::Cell(cell) => ExprKind::Cell { cell, index, primed: false },
            Symbol::Input(input) => ExprKind::Input { input, index },
            _ => return None,
        };
        Some(Self::node(kind, signature.ty, span))
    }

    /// Variables of finite sorts as expressions.
    pub(crate) fn locals_of(&self, locals: &[LocalId], sorts: &[SortId], span: Span) -> Vec<Expr> {
        locals
            .iter()
            .zip(sorts)
            .map(|(local, sort)| Self::node(ExprKind::Local(*local), Type::Finite(*sort), span))
            .collect()
    }

    /// The expressions inside brackets, as many as there are index places.
    pub(crate) fn index_places(
        &mut self,
        name: &Name,
        sorts: &[SortId],
        index: &[ast::Expr],
        span: Span,
    ) -> Option<Vec<Expr>> {
        if sorts.len() != index.len() {
            return self.wrong_places(name, sorts, index.len(), span);
        }
        let why = Why::new(name.span, "its index says who");
        let typed: Vec<Option<Expr>> =
            sorts.iter().zip(index).map(|(sort, e)| self.index(e, *sort, why)).collect();
        typed.into_iter().collect()
    }

    fn wrong_places<T>(
        &mut self,
        name: &Name,
        sorts: &[SortId],
        given: usize,
        span: Span,
    ) -> Option<T> {
        let text = &name.text;
        let places: Vec<&str> = sorts.iter().map(|s| self.sort_name(*s)).collect();
        let spelling = format!("`{text}[{}]`", places.join(", "));
        let (code, message, help) = match (sorts.len(), given) {
            (0, _) => (
                "not-indexed",
                format!("`{text}` is not a family"),
                format!("write `{text}` without an index"),
            ),
            (_, 0) => (
                "missing-index",
                format!("`{text}` is a family, {spelling}"),
                format!("say whose: `{text}[…]`, or quantify over {}", alternatives(&places)),
            ),
            (wanted, given) => (
                "wrong-index",
                format!("`{text}` has {wanted} index places, not {given}"),
                format!("it is {spelling}"),
            ),
        };
        self.problems.fail(Diagnostic::error(code, span, message).help(help))
    }

    /// `known[c]`, `busy[c]`, `County[2]`, `learn[c]`, `holder[x]`
    pub(crate) fn indexed(&mut self, name: &Name, index: &[ast::Expr], span: Span) -> Option<Expr> {
        let text = name.text.as_str();
        match self.names.values.get(text).map(|(symbol, _)| *symbol) {
            Some(symbol @ (Symbol::Cell(_) | Symbol::Input(_))) => {
                return self.member_of(symbol, name, index, span);
            }
            Some(Symbol::Define(define)) => {
                return self.apply_define(define, name, index, Some('['), span);
            }
            Some(Symbol::Post(sort)) => return self.post_member(sort, name, index, span),
            Some(Symbol::Param(_)) => return self.wrong_places(name, &[], index.len(), span),
            None => {}
        }
        if self.names.overloads.contains_key(text) {
            let (cell, ty, index) = self.overload(name, index, span)?;
            return Some(Self::node(ExprKind::Cell { cell, index, primed: false }, ty, span));
        }
        match self.names.rules.get(text) {
            Some((rule, _)) => self.fired(*rule, name, index, span),
            None => self.unknown_name(name),
        }
    }

    /// The cell that `holder[x]` means by the sort of `x`, its type, and the typed index.
    pub(crate) fn overload(
        &mut self,
        name: &Name,
        index: &[ast::Expr],
        span: Span,
    ) -> Option<(CellId, Type, Vec<Expr>)> {
        let choices = self.names.overloads.get(name.text.as_str()).cloned().unwrap_or_default();
        let [only] = index else {
            let sort = self.names.sorts.get(choices.first()?.0).copied()?;
            return self.wrong_places(name, &[sort], index.len(), span);
        };
        let of = self.infer(only, None)?;
        if let Type::Finite(sort) = of.ty
            && let Some((_, cell)) = choices.iter().find(|(s, _)| *s == self.sort_name(sort))
        {
            let signature = self.cell_signature(*cell)?;
            let [place] = signature.index.as_slice() else {
                return self.wrong_places(name, &signature.index, 1, span);
            };
            let of = self.as_member(of, *place, Why::new(name.span, "its index says who"))?;
            return Some((*cell, signature.ty, vec![of]));
        }
        let sorts: Vec<&str> = choices.iter().map(|(sort, _)| *sort).collect();
        let message = format!("`{}` is known for {} only", name.text, alternatives(&sorts));
        self.problems.fail(Diagnostic::error("wrong-index", only.span, message))
    }

    fn post_member(
        &mut self,
        sort: SortId,
        name: &Name,
        index: &[ast::Expr],
        span: Span,
    ) -> Option<Expr> {
        let mut members = self.index_places(name, &[sort], index, span)?;
        let member = members.pop()?;
        Some(Expr { span, ..member })
    }

    /// The binders of a rule.
    pub(crate) fn rule_sorts(&mut self, rule: RuleId) -> Option<Vec<SortId>> {
        let (_, source) = *self.names.rule_list.get(rule.index())?;
        source.binders.iter().map(|binder| self.sort(&binder.sort)).collect()
    }

    fn fired(
        &mut self,
        rule: RuleId,
        name: &Name,
        index: &[ast::Expr],
        span: Span,
    ) -> Option<Expr> {
        let sorts = self.rule_sorts(rule)?;
        let index = self.index_places(name, &sorts, index, span)?;
        Some(Self::node(ExprKind::Fired(rule, index), Type::Bool, span))
    }

    /// A rule's name alone: some instance of it fires.
    fn fired_somewhere(&mut self, rule: RuleId, span: Span) -> Option<Expr> {
        let sorts = self.rule_sorts(rule)?;
        let locals: Vec<LocalId> = sorts.iter().map(|_| self.fresh()).collect();
        let index = self.locals_of(&locals, &sorts, span);
        let fired = Self::node(ExprKind::Fired(rule, index), Type::Bool, span);
        Some(locals.iter().zip(&sorts).rev().fold(fired, |body, (local, sort)| {
            let kind = ExprKind::Quantified(Quant::Some, *local, Domain::Sort(*sort), body);
            Self::node(kind, Type::Bool, span)
        }))
    }

    /// `x'`, `known[c]'`
    pub(crate) fn prime(&mut self, inner: &ast::Expr, span: Span) -> Option<Expr> {
        let typed = self.infer(inner, None)?;
        let ty = typed.ty;
        if let ExprKind::Cell { cell, index, .. } = *typed.kind {
            let kind = ExprKind::Cell { cell, index, primed: true };
            return Some(Self::node(kind, ty, span));
        }
        self.problems.fail(
            Diagnostic::error(
                "prime-of-non-state",
                span,
                "only state has a value at the period's end",
            )
            .label("`'` stands after a state's name")
            .help("use the value without `'`, or put `'` on the state inside it"),
        )
    }
}
