//! `valid p solve for q`: the values of a parameter for which a static claim holds, as an inequality.
//!
//! Every comparison of `p` is brought to `a * q + b` on one side, where `a` and `b` are free of `q`; the sign of
//! `a` under the conditions of the parameters is asked of the solver, and `q` stands alone. What was found is
//! asked back: `p iff region` must be valid, and the region so never rests on the algebra here.

use num_rational::BigRational;
use num_traits::{One, Zero};

use super::institution::Investigation;
use super::polynomial::{Polynomial, Quotient};
use super::statics;
use crate::report::outcome::Entry;
use crate::syntax::source::Span;
use crate::system::property::Prepared;
use crate::types::core::{Binary, Claim, Expr, ExprKind, Model, ParamId, Property, Type, Unary};
use crate::types::practices::inlined;

/// Part of the region, and how tightly its words bind.
struct Region {
    words: String,
    expr: Expr,
    joins: Option<Binary>,
}

struct Solving<'a> {
    investigation: &'a Investigation<'a>,
    prepared: &'a Prepared<'a>,
    model: &'a Model,
    param: ParamId,
    span: Span,
}

/// Adds to the entry for which values of the parameter the claim holds, if it asks.
pub(super) fn region(
    investigation: &Investigation<'_>,
    prepared: &Prepared<'_>,
    claim: &Claim,
    entry: &mut Entry,
) {
    let Some(param) = claim.solve else { return };
    let ExprKind::Property(Property::Valid(p)) = &*claim.property.kind else { return };
    let model = prepared.model;
    let name = model.params.get(param.index()).map_or("", |param| param.name.as_str());
    let open = model.params.get(param.index()).is_some_and(|param| param.value.is_none());
    if !open {
        entry.notes.push(format!("`{name}` has a value, so that nothing is solved for it"));
        return;
    }
    let solving = Solving { investigation, prepared, model, param, span: p.span };
    let found = solving.region(&inlined(model, p), true);
    let note = match found.and_then(|region| solving.asked_back(p, region)) {
        Ok(words) => format!("it holds iff {words}"),
        Err(reason) => format!("not solved for `{name}`: {reason}"),
    };
    entry.notes.push(note);
}

impl Solving<'_> {
    fn truth(&self, kind: ExprKind) -> Expr {
        Expr { kind: Box::new(kind), ty: Type::Bool, span: self.span }
    }

    fn binary(&self, op: Binary, a: Expr, b: Expr) -> Expr {
        self.truth(ExprKind::Binary(op, a, b))
    }

    /// The region, if the solver agrees that it is the one.
    fn asked_back(&self, p: &Expr, region: Region) -> Result<String, String> {
        let same = self.binary(Binary::Iff, p.clone(), region.expr);
        match statics::holds_for_all(self.investigation, self.prepared, &same) {
            Some(true) => Ok(region.words),
            Some(false) => Err("what was found is not the same".to_owned()),
            None => Err(format!("whether it is `{}` was not decided", region.words)),
        }
    }

    fn region(&self, p: &Expr, positive: bool) -> Result<Region, String> {
        match &*p.kind {
            ExprKind::Unary(Unary::Not, inner) => self.region(inner, !positive),
            ExprKind::Binary(op @ (Binary::And | Binary::Or), a, b) => {
                let op = match (op, positive) {
                    (Binary::And, true) | (Binary::Or, false) => Binary::And,
                    _ => Binary::Or,
                };
                Ok(self.joined(op, self.region(a, positive)?, self.region(b, positive)?))
            }
            ExprKind::Binary(Binary::Implies, a, b) => {
                let op = if positive { Binary::Or } else { Binary::And };
                Ok(self.joined(op, self.region(a, !positive)?, self.region(b, positive)?))
            }
            ExprKind::Binary(
                op @ (Binary::Lt | Binary::Le | Binary::Gt | Binary::Ge | Binary::Eq | Binary::Ne),
                a,
                b,
            ) => {
                let op = if positive { *op } else { opposite(*op) };
                self.comparison(op, a, b)
            }
            _ => Err("it is not made of comparisons alone".to_owned()),
        }
    }

    fn joined(&self, op: Binary, a: Region, b: Region) -> Region {
        let word = if op == Binary::And { "and" } else { "or" };
        let side = |region: &Region| match region.joins {
            Some(inner) if inner != op => format!("({})", region.words),
            _ => region.words.clone(),
        };
        let words = format!("{} {word} {}", side(&a), side(&b));
        Region { words, expr: self.binary(op, a.expr, b.expr), joins: Some(op) }
    }

    /// The sign of a polynomial under the conditions of the parameters.
    fn sign(&self, p: &Polynomial) -> Option<bool> {
        let zero = Polynomial::constant(BigRational::zero()).expr(self.span);
        let is = |op| {
            let claim = self.binary(op, p.expr(self.span), zero.clone());
            statics::holds_for_all(self.investigation, self.prepared, &claim) == Some(true)
        };
        match (is(Binary::Gt), is(Binary::Lt)) {
            (true, _) => Some(true),
            (_, true) => Some(false),
            _ => None,
        }
    }

    fn comparison(&self, op: Binary, a: &Expr, b: &Expr) -> Result<Region, String> {
        let read =
            |e| Quotient::read(self.model, e).ok_or("it is no arithmetic of real parameters");
        let difference = read(a)?.less(&read(b)?);
        let below = self.sign(&difference.below);
        let below = below.ok_or("it divides by what may have either sign")?;
        let op = if below { op } else { mirrored(op) };
        let linear = difference.above.linear(self.param);
        let (slope, rest) = linear.ok_or("the parameter does not occur linearly")?;
        if slope.is_zero() {
            let one = Polynomial::constant(BigRational::one());
            let shown = Quotient { above: rest.clone(), below: one };
            let words = format!("{} {} 0", shown.words(self.model), sign_word(op));
            let expr = self.binary(op, rest.expr(self.span), Polynomial::default().expr(self.span));
            return Ok(Region { words, expr, joins: None });
        }
        let rises = self.sign(&slope).ok_or("its slope may have either sign")?;
        let op = if rises { op } else { mirrored(op) };
        let bound = Quotient { above: rest.minus(), below: slope };
        let name = self.model.params.get(self.param.index()).map_or("", |p| p.name.as_str());
        let words = format!("{name} {} {}", sign_word(op), bound.words(self.model));
        let real = |kind| Expr { kind: Box::new(kind), ty: Type::Real, span: self.span };
        let quotient = real(ExprKind::Binary(
            Binary::Div,
            bound.above.expr(self.span),
            bound.below.expr(self.span),
        ));
        let expr = self.binary(op, real(ExprKind::Param(self.param)), quotient);
        Ok(Region { words, expr, joins: None })
    }
}

fn opposite(op: Binary) -> Binary {
    match op {
        Binary::Lt => Binary::Ge,
        Binary::Le => Binary::Gt,
        Binary::Gt => Binary::Le,
        Binary::Ge => Binary::Lt,
        Binary::Eq => Binary::Ne,
        _ => Binary::Eq,
    }
}

fn mirrored(op: Binary) -> Binary {
    match op {
        Binary::Lt => Binary::Gt,
        Binary::Le => Binary::Ge,
        Binary::Gt => Binary::Lt,
        Binary::Ge => Binary::Le,
        other => other,
    }
}

fn sign_word(op: Binary) -> &'static str {
    match op {
        Binary::Lt => "<",
        Binary::Le => "<=",
        Binary::Gt => ">",
        Binary::Ge => ">=",
        Binary::Eq => "=",
        _ => "!=",
    }
}
