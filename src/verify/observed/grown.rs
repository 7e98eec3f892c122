//! A model that grows by observers until nothing in a claim speaks of knowledge any more.

use crate::interp::explicit::beliefs::claim::{Epistemic, Knowing, Post};
use crate::syntax::ast::InputKind;
use crate::syntax::source::Span;
use crate::twin::observed::past::remembered;
use crate::types::core::{
    Binary, Claim, Expr, ExprKind, Input, InputId, Model, Property, Type, Unary, Value,
};
use crate::types::visit::{rewrite_all, walk};

/// A model that grows by its observers.
pub(super) struct Grown<'a> {
    /// The model so far.
    pub(super) model: Model,
    /// It is known to be free of defects.
    pub(super) defect_free: bool,
    /// The claim written out.
    pub(super) written: &'a Epistemic,
    /// What stands for each piece of knowledge, once there is an observer of it.
    pub(super) tables: Vec<Option<Expr>>,
    /// The claim, without hypotheses of its own: they are the model's now.
    pub(super) claim: Claim,
}

impl<'a> Grown<'a> {
    /// A model without observers yet.
    pub(super) fn new(
        model: &Model,
        claim: &Claim,
        defect_free: bool,
        written: &'a Epistemic,
    ) -> Grown<'a> {
        let mut model = model.clone();
        model.assumes.extend(claim.assumes.iter().cloned());
        model.claims.clear();
        model.payoffs.clear();
        let claim = Claim { assumes: Vec::new(), expect: None, ..claim.clone() };
        let mut grown = Grown { model, defect_free, written, tables: Vec::new(), claim };
        for knowing in &written.known {
            let table = grown.by_nobody(knowing);
            grown.tables.push(table);
        }
        grown
    }

    /// Where there is no such post, nothing is said of what it knows: anything may be so.
    fn by_nobody(&mut self, knowing: &Knowing) -> Option<Expr> {
        if knowing.judge.is_some() {
            return None;
        }
        let number = self.model.inputs.len();
        self.model.inputs.push(Input {
            name: format!("nobody{number}~"),
            kind: InputKind::Env,
            index: Vec::new(),
            ty: Type::Bool,
            binders: Vec::new(),
            owner: None,
            when: None,
            condition: None,
            otherwise: None,
            doc: None,
            span: self.claim.span,
        });
        let input = InputId(u32::try_from(number).unwrap_or(u32::MAX));
        let kind = ExprKind::Input { input, index: Vec::new() };
        Some(Expr { kind: Box::new(kind), ty: Type::Bool, span: self.claim.span })
    }

    /// A claim of that name about the grown model.
    pub(super) fn asked(&self, property: Expr) -> Claim {
        Claim { property, ..self.claim.clone() }
    }

    /// How deep other knowledge is nested in a piece of it.
    fn rank(&self, number: usize) -> Result<usize, String> {
        let Some(knowing) = self.written.known.get(number) else {
            return Err("a piece of knowledge is missing".to_owned());
        };
        let mut rank = 0;
        for inner in numbers(&knowing.body) {
            // A piece rests only on earlier ones.
            if inner >= number || self.written.known.get(inner).is_none_or(|k| k.judge.is_none()) {
                return Err("somebody who is no post is said to know something known".to_owned());
            }
            rank = rank.max(1 + self.rank(inner)?);
        }
        Ok(rank)
    }

    /// The posts that know something, by how deep it is nested, innermost first.
    pub(super) fn posts(&self) -> Result<Vec<(usize, Post)>, String> {
        let mut posts = Vec::new();
        for (number, knowing) in self.written.known.iter().enumerate() {
            if let Some(post) = knowing.judge {
                posts.push((self.rank(number)?, post));
            }
        }
        posts.sort_unstable();
        posts.dedup();
        Ok(posts)
    }

    /// The numbers of what a post knows at a rank.
    pub(super) fn known(&self, (rank, post): (usize, Post)) -> Result<Vec<usize>, String> {
        let mut all = Vec::new();
        for (number, knowing) in self.written.known.iter().enumerate() {
            if knowing.judge == Some(post) && self.rank(number)? == rank {
                all.push(number);
            }
        }
        Ok(all)
    }

    /// The bodies of these pieces, with inner knowledge looked up.
    pub(super) fn bodies(&self, numbers: &[usize]) -> Result<Vec<Expr>, String> {
        let known = numbers.iter().filter_map(|n| self.written.known.get(*n));
        known.map(|knowing| self.looked_up(&knowing.body)).collect()
    }

    /// An expression with its numbered knowledge looked up.
    pub(super) fn looked_up(&self, e: &Expr) -> Result<Expr, String> {
        let (mut out, mut missing) = (e.clone(), false);
        rewrite_all(&mut out, &mut |part| {
            if let Some(number) = number(part) {
                match self.tables.get(number) {
                    Some(Some(table)) => *part = table.clone(),
                    _ => missing = true,
                }
            }
        });
        if missing { Err("a piece of knowledge has no observer".to_owned()) } else { Ok(out) }
    }

    /// What is known, about one period alone: what it says of the past is remembered in cells.
    pub(super) fn of_one_period(&mut self, bodies: &[Expr]) -> Result<Vec<Expr>, String> {
        let plain = bodies.iter().map(|body| remembered(&mut self.model, body));
        plain.collect::<Option<_>>().ok_or_else(|| "what is known speaks of the future".to_owned())
    }
}

/// The number that stands for a piece of knowledge.
fn number(e: &Expr) -> Option<usize> {
    let ExprKind::Property(Property::Knows(_, what)) = &*e.kind else { return None };
    match &*what.kind {
        ExprKind::Const(Value::Int(n)) => usize::try_from(n).ok(),
        _ => None,
    }
}

fn numbers(e: &Expr) -> Vec<usize> {
    let mut all = Vec::new();
    walk(e, &mut |part| all.extend(number(part)));
    all
}

/// A truth value.
pub(super) fn truth(kind: ExprKind, span: Span) -> Expr {
    Expr { kind: Box::new(kind), ty: Type::Bool, span }
}

/// `always p`
pub(super) fn always(p: Expr) -> Expr {
    let span = p.span;
    truth(ExprKind::Property(Property::Always(p)), span)
}

/// True wherever it has a value.
pub(super) fn either_way(p: Expr) -> Expr {
    let span = p.span;
    let not = truth(ExprKind::Unary(Unary::Not, p.clone()), span);
    truth(ExprKind::Binary(Binary::Or, p, not), span)
}

/// All of these.
pub(super) fn all(parts: impl IntoIterator<Item = Expr>, span: Span) -> Expr {
    let both = |a, b| truth(ExprKind::Binary(Binary::And, a, b), span);
    let all = parts.into_iter().reduce(both);
    all.unwrap_or_else(|| truth(ExprKind::Const(Value::Bool(true)), span))
}
