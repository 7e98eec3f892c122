//! How a claim speaks of knowledge, and whether a pair of runs can refute it.
//!
//! Detection is written out by its meaning, conjunctions are taken apart, and quantifiers at the top
//! are stripped. What is left must speak of knowledge once, in a positive place: its violation then
//! needs one alike run without `p`, or, if `p` is stable, the alike run of the last period that counts.

use super::Unfit;
use super::make;
use crate::types::core::{
    Binary, Deadline, DefineId, Domain, Expr, ExprKind, Level, LocalId, Model, Property, Quant,
    Unary,
};
use crate::types::level::Levels;
use crate::types::visit::{children, children_mut, deep, speaks_of_knowledge, substitute};

/// A part of a claim: it holds iff all its parts do.
#[derive(Clone, Debug)]
pub(super) struct Part {
    /// Quantifiers in front of it, outermost first.
    pub(super) binders: Vec<(LocalId, Domain)>,
    /// What it says.
    pub(super) body: Expr,
}

impl Part {
    /// The part with another body, under its quantifiers.
    pub(super) fn closed(&self, body: Expr) -> Expr {
        let under =
            |body, (local, domain): &(LocalId, Domain)| make::all(*local, domain.clone(), body);
        self.binders.iter().rev().fold(body, under)
    }
}

/// Where a part speaks of knowledge.
#[derive(Clone, Debug)]
pub(super) struct Known {
    /// Who knows.
    pub(super) judge: Expr,
    /// What.
    pub(super) fact: Expr,
    /// It may have to be known in one of several periods.
    pub(super) several: bool,
    /// The violation is over in the period in which the knowledge is missing.
    pub(super) last: bool,
}

fn body_of(model: &Model, define: DefineId) -> Option<&Expr> {
    model.defines.get(define.index()).map(|define| &define.body)
}

/// Detection by its meaning, and definitions that speak of knowledge in place.
pub(super) fn written_out(model: &Model, e: &Expr) -> Expr {
    deep(|| {
        if !speaks_of_knowledge(model, e) {
            return e.clone();
        }
        if let ExprKind::Call(define, args) = &*e.kind
            && let Some(define) = model.defines.get(define.index())
        {
            let locals = define.args.iter().map(|(local, _)| *local);
            let by: Vec<(LocalId, Expr)> = locals.zip(args.iter().cloned()).collect();
            return written_out(model, &substitute(&define.body, &by));
        }
        let mut out = e.clone();
        for part in children_mut(&mut out) {
            *part = written_out(model, part);
        }
        match &*out.kind {
            ExprKind::Property(Property::Detects(judge, fault, deadline)) => {
                let (judge, fault) = (judge.clone(), fault.clone());
                make::property(comes_to_be_known(judge, fault, *deadline), e.span)
            }
            _ => out,
        }
    })
}

/// `f leads to (C knows once f)`, which is what detection says.
pub(super) fn comes_to_be_known(judge: Expr, fault: Expr, deadline: Option<Deadline>) -> Property {
    let span = fault.span;
    let once = make::property(Property::Once(fault.clone()), span);
    Property::LeadsTo(fault, make::property(Property::Knows(judge, once), span), deadline)
}

/// The conjuncts of a written-out property.
pub(super) fn parts(model: &Model, e: &Expr) -> Vec<Part> {
    deep(|| {
        let whole = || vec![Part { binders: Vec::new(), body: e.clone() }];
        let under = |inner: &Expr, wrap: &dyn Fn(Expr) -> Expr| -> Vec<Part> {
            let parts = parts(model, inner).into_iter();
            parts.map(|part| Part { body: wrap(part.body), ..part }).collect()
        };
        match &*e.kind {
            _ if !speaks_of_knowledge(model, e) => whole(),
            ExprKind::Binary(Binary::And, a, b) => {
                let mut all = parts(model, a);
                all.extend(parts(model, b));
                all
            }
            ExprKind::Binary(Binary::Implies, a, b) if !speaks_of_knowledge(model, a) => {
                under(b, &|b| make::binary(Binary::Implies, a.clone(), b))
            }
            ExprKind::Quantified(Quant::All, local, domain, body) if is_rigid(model, domain) => {
                let mut all = parts(model, body);
                all.iter_mut().for_each(|part| part.binders.insert(0, (*local, domain.clone())));
                all
            }
            ExprKind::Property(Property::Always(p)) => {
                under(p, &|p| make::property(Property::Always(p), e.span))
            }
            _ => whole(),
        }
    })
}

/// Whether a domain is the same in all periods.
fn is_rigid(model: &Model, domain: &Domain) -> bool {
    let levels = Levels::new(model);
    match domain {
        Domain::Elements(elements) => elements.iter().all(|e| levels.of(e) == Level::Rigid),
        Domain::Sort(_) => true,
        Domain::Range(lo, hi) => lo <= hi,
    }
}

/// The one place where a part speaks of knowledge.
///
/// # Errors
/// Why no single alike run refutes it.
pub(super) fn known(model: &Model, e: &Expr) -> Result<Known, Unfit> {
    let mut walk = Walk { model, found: None };
    walk.enter(e, At { positive: true, several: false, last: true })?;
    walk.found.ok_or(Unfit("it does not say who knows what"))
}

/// A place on the way down.
#[derive(Clone, Copy)]
struct At {
    positive: bool,
    several: bool,
    last: bool,
}

struct Walk<'m> {
    model: &'m Model,
    found: Option<Known>,
}

impl Walk<'_> {
    fn enter(&mut self, e: &Expr, at: At) -> Result<(), Unfit> {
        deep(|| {
            if !speaks_of_knowledge(self.model, e) {
                return Ok(());
            }
            match &*e.kind {
                ExprKind::Unary(Unary::Not, p) => {
                    self.enter(p, At { positive: !at.positive, ..at })
                }
                ExprKind::Binary(op @ (Binary::And | Binary::Or | Binary::Implies), a, b) => {
                    self.connective(*op, a, b, at)
                }
                ExprKind::If(c, a, b) => {
                    self.enter(c, At { positive: false, ..at })?;
                    self.enter(a, At { last: false, ..at })?;
                    self.enter(b, At { last: false, ..at })
                }
                ExprKind::Property(property) => self.property(property, at),
                _ => Err(Unfit("it speaks of knowledge under an operator on values")),
            }
        })
    }

    fn connective(&mut self, op: Binary, a: &Expr, b: &Expr, at: At) -> Result<(), Unfit> {
        // Another part that looks ahead, or that may fail alone, may need more of the first run than
        // the pair has in common.
        let other = |e: &Expr| is_ahead(self.model, e) && !speaks_of_knowledge(self.model, e);
        let both = speaks_of_knowledge(self.model, a) && speaks_of_knowledge(self.model, b);
        let fails_alone = (op == Binary::And) == at.positive;
        let last = at.last && !fails_alone && !both && !other(a) && !other(b);
        let (at, left) = (At { last, ..at }, op == Binary::Implies);
        self.enter(a, At { positive: at.positive != left, ..at })?;
        self.enter(b, at)
    }

    fn property(&mut self, property: &Property, at: At) -> Result<(), Unfit> {
        match property {
            Property::Knows(judge, fact) => self.find(judge, fact, at),
            Property::Always(p) if at.positive => {
                self.enter(p, At { last: at.last && !at.several, ..at })
            }
            Property::Next(p) => self.enter(p, at),
            Property::Never(p) if at.positive => self.enter(p, At { positive: false, ..at }),
            Property::Within(deadline, p) if at.positive => {
                let one = deadline.bound == 0 && deadline.tick.is_none();
                self.enter(p, At { several: at.several || !one, ..at })
            }
            Property::LeadsTo(p, q, _) if at.positive => {
                self.enter(p, At { positive: false, ..at })?;
                let last = at.last && !is_ahead(self.model, p);
                self.enter(q, At { several: true, last, ..at })
            }
            Property::Eventually(p) if at.positive => self.enter(p, At { several: true, ..at }),
            Property::Recurs(p) | Property::Settles(p) if at.positive => {
                self.enter(p, At { several: true, last: false, ..at })
            }
            Property::Deniable(..) | Property::Attributes { .. } => {
                Err(Unfit("whether something can be denied is no question about two runs"))
            }
            _ => Err(Unfit("it speaks of knowledge in a place that no pair of runs decides")),
        }
    }

    fn find(&mut self, judge: &Expr, fact: &Expr, at: At) -> Result<(), Unfit> {
        if !at.positive {
            return Err(Unfit("it denies knowledge, which no pair of runs refutes"));
        }
        if speaks_of_knowledge(self.model, fact) {
            return Err(Unfit("it speaks of what someone knows about knowledge"));
        }
        if self.found.is_some() {
            return Err(Unfit("it speaks of knowledge in several places at once"));
        }
        let (judge, fact) = (judge.clone(), fact.clone());
        self.found = Some(Known { judge, fact, several: at.several, last: at.last });
        Ok(())
    }
}

/// Whether an expression speaks of periods to come.
fn is_ahead(model: &Model, e: &Expr) -> bool {
    deep(|| match &*e.kind {
        ExprKind::Property(
            Property::Once(_)
            | Property::Historically(_)
            | Property::Previously(_)
            | Property::Since(..)
            | Property::Knows(..),
        ) => children(e).into_iter().any(|part| is_ahead(model, part)),
        ExprKind::Property(_) => true,
        ExprKind::Call(define, _) => {
            body_of(model, *define).is_some_and(|body| is_ahead(model, body))
        }
        _ => children(e).into_iter().any(|part| is_ahead(model, part)),
    })
}

/// Whether something, once true, plainly stays true.
pub(super) fn is_stable(model: &Model, e: &Expr) -> bool {
    let levels = Levels::new(model);
    deep(|| match &*e.kind {
        _ if levels.of(e) == Level::Rigid => true,
        ExprKind::Property(Property::Once(_)) => true,
        ExprKind::Binary(Binary::And | Binary::Or, a, b) => {
            is_stable(model, a) && is_stable(model, b)
        }
        ExprKind::Quantified(Quant::All | Quant::Some, _, _, body) => is_stable(model, body),
        _ => false,
    })
}
