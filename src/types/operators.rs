//! Conversions between types, and the operators that need them.
//!
//! Nothing converts in silence but a range or a member of an index sort to its
//! number and a whole number to a real; each conversion leaves a node, or is
//! worked out at once on a literal. Where a real number is wanted or met, the
//! arithmetic is that of reals: `param p : real = 1/2` is a half.

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::ToPrimitive;

use crate::syntax::ast::{self, BinaryOp};
use crate::syntax::diagnostic::Diagnostic;
use crate::syntax::source::Span;

use super::Checker;
use super::core::{
    Binary, Conversion, Expr, ExprKind, Quant, SortId, SortKind, Type, Unary, Value,
};
use super::messages::{Why, describe};
use super::params::literal;
use super::visit::deep;

impl Checker<'_> {
    /// An expression of a type, inferred under it.
    pub(crate) fn expect(&mut self, e: &ast::Expr, ty: Type, why: Why) -> Option<Expr> {
        let typed = self.infer(e, Some(ty))?;
        self.coerce(typed, ty, why)
    }

    /// A truth value.
    pub(crate) fn expect_truth(&mut self, e: &ast::Expr, why: Why) -> Option<Expr> {
        self.expect(e, Type::Bool, why)
    }

    /// A whole number.
    pub(crate) fn expect_int(&mut self, e: &ast::Expr) -> Option<Expr> {
        self.expect(e, Type::Int, Why::new(e.span, ""))
    }

    /// Converts an expression to a type; a place of range type takes any whole number.
    pub(crate) fn coerce(&mut self, e: Expr, ty: Type, why: Why) -> Option<Expr> {
        let ty = if let Type::Range(..) = ty { Type::Int } else { ty };
        match (e.ty, ty) {
            (from, to) if from == to => Some(e),
            (Type::Range(..), Type::Int) => Some(convert(e, Conversion::RangeToInt, ty)),
            (Type::Int | Type::Range(..), Type::Real) => Some(to_real(e)),
            (Type::Finite(sort), Type::Int | Type::Real) if self.is_index(sort) => {
                let number = member_to_int(e);
                self.coerce(number, ty, why)
            }
            (Type::Bool, Type::Int | Type::Real) if self.scope.bool_counts => {
                let number = convert(e, Conversion::BoolToInt, Type::Int);
                self.coerce(number, ty, why)
            }
            _ => self.mismatch(&e, ty, why),
        }
    }

    pub(crate) fn is_index(&self, sort: SortId) -> bool {
        matches!(self.sort_kind(sort), Some(SortKind::Index { .. }))
    }

    /// A member of a sort in an index place, where a number counts members from 0.
    pub(crate) fn index(&mut self, e: &ast::Expr, sort: SortId, why: Why) -> Option<Expr> {
        let typed = self.infer(e, Some(Type::Finite(sort)))?;
        self.as_member(typed, sort, why)
    }

    pub(crate) fn as_member(&mut self, e: Expr, sort: SortId, why: Why) -> Option<Expr> {
        let target = Type::Finite(sort);
        if e.ty == target || !self.is_index(sort) || !matches!(e.ty, Type::Int | Type::Range(..)) {
            return self.coerce(e, target, why);
        }
        let number = self.coerce(e, Type::Int, why)?;
        let size = self.size(sort)?;
        if let Some(Value::Int(n)) = literal(&number) {
            if let Some(k) = n.to_u32().filter(|k| *k < size) {
                let kind = ExprKind::Const(Value::Member(sort, k));
                return Some(Self::node(kind, target, number.span));
            }
            let name = self.sort_name(sort);
            self.problems.push(
                Diagnostic::warning(
                    "index-outside",
                    number.span,
                    format!("there is no `{name}[{n}]`: its members are 0..{}", size - 1),
                )
                .label("reading it is a defect"),
            );
        }
        Some(convert(number, Conversion::IntToMember(sort), target))
    }

    fn mismatch(&mut self, e: &Expr, wanted: Type, why: Why) -> Option<Expr> {
        let (want, found) = (describe(&self.model, wanted), describe(&self.model, e.ty));
        let mut diagnostic =
            Diagnostic::error("type-mismatch", e.span, format!("expected {want}, found {found}"))
                .label(format!("this is {found}"));
        if !why.text.is_empty() {
            diagnostic = diagnostic.also(why.span, why.text);
        }
        if let Some(help) = self.way_out(e, wanted) {
            diagnostic = diagnostic.help(help);
        }
        self.problems.fail(diagnostic)
    }

    fn way_out(&self, e: &Expr, wanted: Type) -> Option<String> {
        match (e.ty, wanted) {
            (Type::Bool, Type::Int | Type::Real) => {
                Some("count it: `if … then 1 else 0`".to_owned())
            }
            (Type::Int | Type::Range(..) | Type::Real, Type::Bool) => {
                Some("compare it with something, as in `… > 0`".to_owned())
            }
            (Type::Finite(_), Type::Bool) => {
                Some("compare it with a member, as in `… = member`".to_owned())
            }
            (Type::Real, Type::Int) => Some("make the place `real`".to_owned()),
            (Type::Int | Type::Range(..), Type::Finite(sort)) if self.is_index(sort) => {
                Some(format!("name the member: `{}[…]`", self.sort_name(sort)))
            }
            (Type::Finite(_), Type::Finite(_)) => {
                Some("members of two sorts are never the same".to_owned())
            }
            _ => None,
        }
    }

    /// A number: whole or real.
    pub(crate) fn number(&mut self, e: Expr, why: Why) -> Option<Expr> {
        match e.ty {
            Type::Real => Some(e),
            Type::Finite(sort) if !self.is_index(sort) => self.mismatch(&e, Type::Int, why),
            _ => self.coerce(e, Type::Int, why),
        }
    }

    /// Two numbers of one type.
    pub(crate) fn numbers(&mut self, a: Expr, b: Expr, why: Why) -> Option<(Expr, Expr)> {
        let (a, b) = (self.number(a, why)?, self.number(b, why)?);
        let ty = if a.ty == Type::Real || b.ty == Type::Real { Type::Real } else { Type::Int };
        Some((self.coerce(a, ty, why)?, self.coerce(b, ty, why)?))
    }

    /// Two values of one type, whatever type it is.
    pub(crate) fn unify(&mut self, a: Expr, b: Expr, why: Why) -> Option<(Expr, Expr)> {
        if a.ty == b.ty && !matches!(a.ty, Type::Range(..)) {
            return Some((a, b));
        }
        if self.numeric(a.ty) && self.numeric(b.ty) && !self.two_families(a.ty, b.ty) {
            return self.numbers(a, b, why);
        }
        let (first, second) = (describe(&self.model, a.ty), describe(&self.model, b.ty));
        let mut diagnostic =
            Diagnostic::error("type-mismatch", b.span, format!("expected {first}, found {second}"))
                .label(format!("this is {second}"))
                .also(a.span, format!("this is {first}"));
        if let Some(help) = self.way_out(&b, a.ty) {
            diagnostic = diagnostic.help(help);
        }
        self.problems.fail(diagnostic)
    }

    fn numeric(&self, ty: Type) -> bool {
        match ty {
            Type::Int | Type::Real | Type::Range(..) => true,
            Type::Bool => self.scope.bool_counts,
            Type::Finite(sort) => self.is_index(sort),
        }
    }

    fn two_families(&self, a: Type, b: Type) -> bool {
        matches!((a, b), (Type::Finite(s), Type::Finite(t)) if s != t)
    }

    /// Infers two sides that will have one type; an enumerator waits for the other side.
    pub(crate) fn infer_pair(
        &mut self,
        a: &ast::Expr,
        b: &ast::Expr,
        hint: Option<Type>,
    ) -> Option<(Expr, Expr)> {
        if self.waits(a) && !self.waits(b) {
            let b = self.infer(b, hint)?;
            let a = self.infer(a, Some(b.ty))?;
            return Some((a, b));
        }
        let first = self.infer(a, hint);
        if first.is_none() && self.waits(b) {
            return None;
        }
        let second = self.infer(b, first.as_ref().map(|e| e.ty).or(hint));
        Some((first?, second?))
    }

    /// Whether only the type expected can tell what an expression is.
    pub(crate) fn waits(&self, e: &ast::Expr) -> bool {
        match &*e.kind {
            ast::ExprKind::Name(name) => {
                self.names.enumerators.contains_key(name.text.as_str())
                    && !self.scope.locals.iter().any(|l| l.name == name.text)
            }
            ast::ExprKind::If(_, a, b) => self.waits(a) && self.waits(b),
            _ => false,
        }
    }

    /// `a + b` and its like.
    pub(crate) fn arithmetic(
        &mut self,
        op: Binary,
        a: &ast::Expr,
        b: &ast::Expr,
        hint: Option<Type>,
        span: Span,
    ) -> Option<Expr> {
        let real = hint == Some(Type::Real) && op != Binary::Mod;
        let hint = Some(if real { Type::Real } else { Type::Int });
        let (a, b) = (self.infer(a, hint), self.infer(b, hint));
        self.join_numbers(op, a?, b?, span)
    }

    pub(crate) fn join_numbers(
        &mut self,
        op: Binary,
        a: Expr,
        b: Expr,
        span: Span,
    ) -> Option<Expr> {
        let (a, b) = self.numbers(a, b, Why::new(span, "arithmetic takes numbers"))?;
        if op == Binary::Mod && a.ty == Type::Real {
            return self.problems.fail(
                Diagnostic::error("type-mismatch", span, "`mod` takes whole numbers")
                    .label("one side is a real number"),
            );
        }
        let ty = a.ty;
        Some(Self::node(ExprKind::Binary(op, a, b), ty, span))
    }

    /// `a < b` and its like.
    pub(crate) fn order(
        &mut self,
        op: Binary,
        a: &ast::Expr,
        b: &ast::Expr,
        span: Span,
    ) -> Option<Expr> {
        let (a, b) = self.infer_pair(a, b, None)?;
        if self.two_families(a.ty, b.ty) {
            return self.unify(a, b, Why::new(span, "")).map(|(a, _)| a);
        }
        let (a, b) = self.numbers(a, b, Why::new(span, "only numbers are ordered"))?;
        Some(Self::node(ExprKind::Binary(op, a, b), Type::Bool, span))
    }

    /// `a = b` and `a != b`.
    pub(crate) fn equality(
        &mut self,
        op: Binary,
        a: &ast::Expr,
        b: &ast::Expr,
        span: Span,
    ) -> Option<Expr> {
        let (a, b) = self.infer_pair(a, b, None)?;
        let (a, b) = self.unify(a, b, Why::new(span, "both sides have one type"))?;
        Some(Self::node(ExprKind::Binary(op, a, b), Type::Bool, span))
    }

    /// `a and b` and its like.
    pub(crate) fn connective(
        &mut self,
        op: Binary,
        a: &ast::Expr,
        b: &ast::Expr,
        span: Span,
    ) -> Option<Expr> {
        let text = match op {
            Binary::And => "`and` joins truth values",
            Binary::Or => "`or` joins truth values",
            Binary::Implies => "`implies` joins truth values",
            _ => "`iff` joins truth values",
        };
        let why = Why::new(span, text);
        let (a, b) = (self.expect_truth(a, why), self.expect_truth(b, why));
        Some(Self::node(ExprKind::Binary(op, a?, b?), Type::Bool, span))
    }

    /// `-e`, folded on a literal.
    pub(crate) fn negate(&mut self, e: &ast::Expr, hint: Option<Type>, span: Span) -> Option<Expr> {
        let hint = hint.filter(|ty| *ty == Type::Real).or(Some(Type::Int));
        let e = self.infer(e, hint)?;
        let e = self.number(e, Why::new(span, "`-` takes a number"))?;
        let ty = e.ty;
        let kind = match literal(&e) {
            Some(Value::Int(n)) => ExprKind::Const(Value::Int(-n)),
            Some(Value::Real(r)) => ExprKind::Const(Value::Real(-r)),
            _ => ExprKind::Unary(Unary::Neg, e),
        };
        Some(Self::node(kind, ty, span))
    }
}

/// The core's operator for one of values; `None` for a temporal one.
pub(crate) fn binary(op: BinaryOp) -> Option<Binary> {
    Some(match op {
        BinaryOp::Iff => Binary::Iff,
        BinaryOp::Implies => Binary::Implies,
        BinaryOp::Or => Binary::Or,
        BinaryOp::And => Binary::And,
        BinaryOp::Eq => Binary::Eq,
        BinaryOp::Ne => Binary::Ne,
        BinaryOp::Lt => Binary::Lt,
        BinaryOp::Le => Binary::Le,
        BinaryOp::Gt => Binary::Gt,
        BinaryOp::Ge => Binary::Ge,
        BinaryOp::Add => Binary::Add,
        BinaryOp::Sub => Binary::Sub,
        BinaryOp::Mul => Binary::Mul,
        BinaryOp::Div => Binary::Div,
        BinaryOp::Mod => Binary::Mod,
        BinaryOp::Until | BinaryOp::Since => return None,
    })
}

fn convert(e: Expr, how: Conversion, ty: Type) -> Expr {
    let span = e.span;
    Expr { kind: Box::new(ExprKind::Convert(how, e)), ty, span }
}

/// The number of a member.
fn member_to_int(e: Expr) -> Expr {
    if let Some(Value::Member(_, k)) = literal(&e) {
        let kind = ExprKind::Const(Value::Int(BigInt::from(*k)));
        return Expr { kind: Box::new(kind), ty: Type::Int, span: e.span };
    }
    convert(e, Conversion::MemberToInt, Type::Int)
}

/// A whole number as a real one. A quotient in it becomes the exact one.
fn to_real(e: Expr) -> Expr {
    match &*e.kind {
        ExprKind::Const(_) => real_tree(e),
        _ if has_quotient(&e) => real_tree(e),
        _ => leaf_to_real(e),
    }
}

fn leaf_to_real(e: Expr) -> Expr {
    let e = match e.ty {
        Type::Range(..) => convert(e, Conversion::RangeToInt, Type::Int),
        _ => e,
    };
    convert(e, Conversion::IntToReal, Type::Real)
}

/// Whether the arithmetic of a whole number takes a quotient.
fn has_quotient(e: &Expr) -> bool {
    deep(|| match &*e.kind {
        ExprKind::Binary(Binary::Div, ..) => true,
        ExprKind::Binary(op, a, b) => *op != Binary::Mod && (has_quotient(a) || has_quotient(b)),
        ExprKind::Unary(_, a) => has_quotient(a),
        ExprKind::If(_, a, b) => has_quotient(a) || has_quotient(b),
        ExprKind::Quantified(Quant::Sum | Quant::Min | Quant::Max, _, _, body) => {
            has_quotient(body)
        }
        _ => false,
    })
}

/// The same arithmetic over reals.
fn real_tree(e: Expr) -> Expr {
    let Expr { kind, ty, span } = e;
    let kind = deep(|| match *kind {
        ExprKind::Const(Value::Int(n)) => {
            Ok(ExprKind::Const(Value::Real(BigRational::from_integer(n))))
        }
        ExprKind::Unary(op, a) => Ok(ExprKind::Unary(op, real_tree(a))),
        ExprKind::Binary(Binary::Mod, ..) => Err(kind),
        ExprKind::Binary(op, a, b) => Ok(ExprKind::Binary(op, real_tree(a), real_tree(b))),
        ExprKind::If(c, a, b) => Ok(ExprKind::If(c, real_tree(a), real_tree(b))),
        ExprKind::Quantified(
            quant @ (Quant::Sum | Quant::Min | Quant::Max),
            local,
            domain,
            body,
        ) => Ok(ExprKind::Quantified(quant, local, domain, real_tree(body))),
        other => Err(Box::new(other)),
    });
    match kind {
        Ok(kind) => Expr { kind: Box::new(kind), ty: Type::Real, span },
        Err(kind) => leaf_to_real(Expr { kind, ty, span }),
    }
}
