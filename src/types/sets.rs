//! Sets: what quantifiers range over, membership, and what a draw may be.

use crate::syntax::ast;
use crate::syntax::diagnostic::Diagnostic;
use crate::syntax::source::Span;

use super::Checker;
use super::core::{Binary, Chosen, Domain, Expr, ExprKind, Set, SortKind, Type, Value};
use super::messages::Why;

/// The bounds of a quantifier, beyond which it is a slip of the pen.
const WIDEST: i64 = 100_000;

impl Checker<'_> {
    /// What a quantifier ranges over, and the type of its variable.
    pub(crate) fn domain_of(&mut self, set: &ast::Set) -> Option<(Domain, Type)> {
        match set {
            ast::Set::Sort(name) => {
                let sort = self.sort(name)?;
                self.size(sort)?;
                Some((Domain::Sort(sort), Type::Finite(sort)))
            }
            ast::Set::Range(lo, hi) => {
                let (low, high) = (
                    self.small(lo, "the bound of a quantifier"),
                    self.small(hi, "the bound of a quantifier"),
                );
                let (low, high) = (low?, high?);
                if high.checked_sub(low).is_none_or(|width| width >= WIDEST) {
                    let message = format!("{low}..{high} is too wide to quantify over");
                    let span = lo.span.to(hi.span);
                    return self.problems.fail(Diagnostic::error("too-large", span, message));
                }
                Some((Domain::Range(low, high), Type::Range(low, high.max(low))))
            }
            ast::Set::Elements(elements, span) => {
                let elements = self.elements(elements, None, *span)?;
                let Some(ty) = elements.first().map(|e| e.ty) else {
                    let message = "there is nothing in this set";
                    return self.problems.fail(Diagnostic::error("empty-set", *span, message));
                };
                Some((Domain::Elements(elements), ty))
            }
        }
    }

    /// Elements of one type, under the type of whoever is compared with them.
    fn elements(
        &mut self,
        elements: &[ast::Expr],
        hint: Option<Type>,
        span: Span,
    ) -> Option<Vec<Expr>> {
        let open = match hint {
            None => elements.iter().position(|e| !self.waits(e)),
            Some(_) => None,
        };
        let mut known = match open.and_then(|at| elements.get(at)) {
            Some(e) => Some(self.infer(e, None)?),
            None => None,
        };
        let hint = hint.or(known.as_ref().map(|e| e.ty));
        let mut typed: Vec<Option<Expr>> = Vec::new();
        for (at, e) in elements.iter().enumerate() {
            typed.push(if Some(at) == open { known.take() } else { self.infer(e, hint) });
        }
        let typed: Vec<Expr> = typed.into_iter().collect::<Option<_>>()?;
        let why = Why::new(span, "the elements have one type");
        let mut common: Option<Expr> = None;
        for e in &typed {
            common = Some(match common {
                None => e.clone(),
                Some(first) => self.unify(first, e.clone(), why)?.0,
            });
        }
        let Some(common) = common else { return Some(typed) };
        typed.into_iter().map(|e| self.coerce(e, common.ty, why)).collect()
    }

    /// `e in S`
    pub(crate) fn membership(&mut self, e: &ast::Expr, set: &ast::Set, span: Span) -> Option<Expr> {
        match set {
            ast::Set::Elements(elements, set_span) => self.among(e, elements, *set_span, span),
            ast::Set::Range(lo, hi) => self.between(e, lo, hi, span),
            ast::Set::Sort(name) => {
                let sort = self.sort(name)?;
                let size = self.size(sort)?;
                let e = self.infer(e, Some(Type::Finite(sort)))?;
                if self.is_index(sort) && matches!(e.ty, Type::Int | Type::Range(..)) {
                    let e = self.coerce(e, Type::Int, Why::new(span, ""))?;
                    let bounds = Set::Range(
                        Box::new(whole(0, name.span)),
                        Box::new(whole(i64::from(size) - 1, name.span)),
                    );
                    return Some(Self::node(ExprKind::In(e, bounds), Type::Bool, span));
                }
                let why = Why::new(name.span, "the set's sort");
                let e = self.coerce(e, Type::Finite(sort), why)?;
                Some(Self::node(ExprKind::In(e, Set::Sort(sort)), Type::Bool, span))
            }
        }
    }

    fn among(
        &mut self,
        e: &ast::Expr,
        elements: &[ast::Expr],
        set_span: Span,
        span: Span,
    ) -> Option<Expr> {
        let why = Why::new(set_span, "the elements have one type");
        let waits = self.waits(e);
        let first = if waits { None } else { Some(self.infer(e, None)?) };
        let elements = self.elements(elements, first.as_ref().map(|e| e.ty), set_span)?;
        let hint = elements.first().map(|e| e.ty);
        let mut e = match first {
            Some(e) => e,
            None => self.infer(e, hint)?,
        };
        let mut converted = Vec::new();
        for element in elements {
            let (same, element) = self.unify(e, element, why)?;
            e = same;
            converted.push(element);
        }
        if let Type::Range(..) = e.ty {
            e = self.coerce(e, Type::Int, why)?;
        }
        let ty = e.ty;
        let converted =
            converted.into_iter().map(|x| self.coerce(x, ty, why)).collect::<Option<_>>()?;
        Some(Self::node(ExprKind::In(e, Set::Elements(converted)), Type::Bool, span))
    }

    fn between(
        &mut self,
        e: &ast::Expr,
        lo: &ast::Expr,
        hi: &ast::Expr,
        span: Span,
    ) -> Option<Expr> {
        let why = Why::new(span, "a range holds numbers");
        let (e, lo, hi) = (self.infer(e, None), self.infer(lo, None), self.infer(hi, None));
        let (e, lo) = self.numbers(e?, lo?, why)?;
        let (e, hi) = self.numbers(e, hi?, why)?;
        if e.ty == Type::Real {
            let lo = self.coerce(lo, Type::Real, why)?;
            let low = Self::node(ExprKind::Binary(Binary::Le, lo, e.clone()), Type::Bool, span);
            let high = Self::node(ExprKind::Binary(Binary::Le, e, hi), Type::Bool, span);
            return Some(Self::node(ExprKind::Binary(Binary::And, low, high), Type::Bool, span));
        }
        let set = Set::Range(Box::new(lo), Box::new(hi));
        Some(Self::node(ExprKind::In(e, set), Type::Bool, span))
    }

    /// What a place of a type may be given: a value of it.
    pub(crate) fn chosen_value(&mut self, e: &ast::Expr, ty: Type, at: Span) -> Option<Chosen> {
        self.expect(e, ty, Why::new(at, "declared here")).map(Chosen::Is)
    }

    /// What a place of a type may be given: any of a set.
    pub(crate) fn chosen_set(&mut self, set: &ast::Set, ty: Type, at: Span) -> Option<Chosen> {
        let why = Why::new(at, "declared here");
        match set {
            ast::Set::Elements(elements, span) => {
                let typed: Vec<Option<Expr>> =
                    elements.iter().map(|e| self.expect(e, ty, why)).collect();
                if typed.is_empty() {
                    let message = "there is nothing to draw from this set";
                    return self.problems.fail(Diagnostic::error("empty-set", *span, message));
                }
                typed.into_iter().collect::<Option<_>>().map(|all| Chosen::In(Set::Elements(all)))
            }
            ast::Set::Range(lo, hi) => {
                self.whole_place(ty, lo.span.to(hi.span), at)?;
                let (lo, hi) = (self.expect_int(lo), self.expect_int(hi));
                Some(Chosen::In(Set::Range(Box::new(lo?), Box::new(hi?))))
            }
            ast::Set::Sort(name) => {
                let sort = self.sort(name)?;
                self.size(sort)?;
                let any = Self::node(
                    ExprKind::Const(Value::Member(sort, 0)),
                    Type::Finite(sort),
                    name.span,
                );
                let any = self.coerce(any, ty, why)?;
                if any.ty == Type::Finite(sort) {
                    return Some(Chosen::In(Set::Sort(sort)));
                }
                let last = i64::from(self.size(sort)?) - 1;
                let bounds = (whole(0, name.span), whole(last, name.span));
                self.whole_place(ty, name.span, at)?;
                Some(Chosen::In(Set::Range(Box::new(bounds.0), Box::new(bounds.1))))
            }
        }
    }

    fn whole_place(&mut self, ty: Type, span: Span, at: Span) -> Option<()> {
        if matches!(ty, Type::Int | Type::Range(..)) {
            return Some(());
        }
        let found = super::messages::describe(&self.model, ty);
        self.problems.fail(
            Diagnostic::error("type-mismatch", span, format!("expected {found}, found a range"))
                .label("whole numbers")
                .also(at, "declared here")
                .help("list the values: `in {…, …}`"),
        )
    }

    /// The least value of a type: `false`, the first name, the lowest number.
    pub(crate) fn least(&self, ty: Type, span: Span) -> Expr {
        let value = match ty {
            Type::Bool => Value::Bool(false),
            Type::Int => Value::Int(0.into()),
            Type::Real => Value::Real(num_rational::BigRational::from_integer(0.into())),
            Type::Range(lo, _) => Value::Int(lo.into()),
            Type::Finite(sort) => Value::Member(sort, 0),
        };
        let ty = if let Type::Range(..) = ty { Type::Int } else { ty };
        Self::node(ExprKind::Const(value), ty, span)
    }

    /// The only member of a sort, if it has but one by declaration.
    pub(crate) fn is_single(&self, sort: super::core::SortId) -> bool {
        matches!(self.sort_kind(sort), Some(SortKind::Index { single: true, .. }))
    }
}

/// A whole number of the checker's own.
pub(crate) fn whole(n: i64, span: Span) -> Expr {
    Expr { kind: Box::new(ExprKind::Const(Value::Int(n.into()))), ty: Type::Int, span }
}
