//! Inferring the type of an expression under the type its place expects.

use num_bigint::BigInt;

use crate::syntax::ast::{self, BinaryOp, ExprKind as Tree, Quantifier, UnaryOp};
use crate::syntax::diagnostic::Diagnostic;
use crate::syntax::source::Span;

use super::Checker;
use super::core::{Binary, Domain, Expr, ExprKind, Quant, Type, Unary, Value};
use super::messages::Why;
use super::operators::binary;
use super::params::rational;
use super::visit::deep;

impl Checker<'_> {
    /// Types an expression. The hint only settles what would otherwise be open (which enum, whole
    /// or real); whether the result has that type is for the caller to see to.
    pub(crate) fn infer(&mut self, e: &ast::Expr, hint: Option<Type>) -> Option<Expr> {
        deep(|| self.infer_here(e, hint))
    }

    fn infer_here(&mut self, e: &ast::Expr, hint: Option<Type>) -> Option<Expr> {
        let span = e.span;
        match &*e.kind {
            Tree::Bool(b) => Some(Self::node(ExprKind::Const(Value::Bool(*b)), Type::Bool, span)),
            Tree::Int(text) => self.whole_literal(text, hint, span),
            Tree::Real(text) => match rational(text) {
                Some(r) => Some(Self::node(ExprKind::Const(Value::Real(r)), Type::Real, span)),
                None => self.problems.silent(),
            },
            Tree::Name(name) => self.name(name, hint),
            Tree::Index(name, index) => self.indexed(name, index, span),
            Tree::Call(name, args) => self.call(name, args, hint, span),
            Tree::Prime(inner) => self.prime(inner, span),
            Tree::Unary(UnaryOp::Not, p) => {
                let p = self.expect_truth(p, Why::new(span, "`not` takes a truth value"))?;
                Some(Self::node(ExprKind::Unary(Unary::Not, p), Type::Bool, span))
            }
            Tree::Unary(UnaryOp::Neg, a) => self.negate(a, hint, span),
            Tree::Binary(op, a, b) => self.binary(*op, a, b, hint, span),
            Tree::If(c, a, b) => self.conditional(c, a, b, hint, span),
            Tree::Quantified(quantifier, name, set, body) => {
                self.quantified(*quantifier, name, set, body, hint, span)
            }
            Tree::In(a, set) => self.membership(a, set, span),
            Tree::Range(..) => self.problems.fail(
                Diagnostic::error("misplaced-range", span, "a range is not a value")
                    .help("write `x in lo..hi`, or `saturate(e, lo..hi)`"),
            ),
            Tree::Error => self.problems.silent(),
            _ => self.property(e),
        }
    }

    fn whole_literal(&mut self, text: &str, hint: Option<Type>, span: Span) -> Option<Expr> {
        let Ok(n) = text.parse::<BigInt>() else { return self.problems.silent() };
        Some(match hint {
            Some(Type::Real) => {
                Self::node(ExprKind::Const(Value::Real(n.into())), Type::Real, span)
            }
            _ => Self::node(ExprKind::Const(Value::Int(n)), Type::Int, span),
        })
    }

    fn binary(
        &mut self,
        op: BinaryOp,
        a: &ast::Expr,
        b: &ast::Expr,
        hint: Option<Type>,
        span: Span,
    ) -> Option<Expr> {
        let Some(value_op) = binary(op) else { return self.until_since(op, a, b, span) };
        match value_op {
            Binary::And | Binary::Or | Binary::Implies | Binary::Iff => {
                self.connective(value_op, a, b, span)
            }
            Binary::Eq | Binary::Ne => self.equality(value_op, a, b, span),
            Binary::Lt | Binary::Le | Binary::Gt | Binary::Ge => self.order(value_op, a, b, span),
            _ => self.arithmetic(value_op, a, b, hint, span),
        }
    }

    fn conditional(
        &mut self,
        c: &ast::Expr,
        a: &ast::Expr,
        b: &ast::Expr,
        hint: Option<Type>,
        span: Span,
    ) -> Option<Expr> {
        let c = self.expect_truth(c, Why::new(span, "the condition of `if`"));
        let (a, b) = self.infer_pair(a, b, hint)?;
        let (a, b) = self.unify(a, b, Why::new(span, "both branches have one type"))?;
        let ty = a.ty;
        Some(Self::node(ExprKind::If(c?, a, b), ty, span))
    }

    fn quantified(
        &mut self,
        quantifier: Quantifier,
        name: &ast::Name,
        set: &ast::Set,
        body: &ast::Expr,
        hint: Option<Type>,
        span: Span,
    ) -> Option<Expr> {
        let (domain, ty) = self.domain_of(set)?;
        if matches!((quantifier, &domain), (Quantifier::Min | Quantifier::Max, Domain::Range(lo, hi)) if lo > hi)
        {
            let message = "there is no least or greatest of an empty set";
            return self.problems.fail(Diagnostic::error("empty-set", span, message));
        }
        let quant = quant(quantifier);
        self.scoped(|c| {
            let local = c.bind(&name.text, ty);
            let body = c.quantified_body(quant, body, hint, span)?;
            let ty = match quant {
                Quant::All | Quant::Some => Type::Bool,
                Quant::Count => Type::Int,
                Quant::Sum | Quant::Min | Quant::Max => body.ty,
            };
            Some(Self::node(ExprKind::Quantified(quant, local, domain, body), ty, span))
        })
    }

    fn quantified_body(
        &mut self,
        quant: Quant,
        body: &ast::Expr,
        hint: Option<Type>,
        span: Span,
    ) -> Option<Expr> {
        match quant {
            Quant::All | Quant::Some => {
                self.expect_truth(body, Why::new(span, "quantifiers take truth values"))
            }
            Quant::Count => {
                self.expect_truth(body, Why::new(span, "`count` counts where something is true"))
            }
            Quant::Sum | Quant::Min | Quant::Max => {
                let body = self.infer(body, hint.filter(|ty| *ty == Type::Real))?;
                self.number(body, Why::new(span, "this takes numbers"))
            }
        }
    }
}

fn quant(quantifier: Quantifier) -> Quant {
    match quantifier {
        Quantifier::All => Quant::All,
        Quantifier::Some => Quant::Some,
        Quantifier::Count => Quant::Count,
        Quantifier::Sum => Quant::Sum,
        Quantifier::Min => Quant::Min,
        Quantifier::Max => Quant::Max,
    }
}
