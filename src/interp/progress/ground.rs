//! From a claim's property to a formula over atoms: quantifiers over temporal operators are
//! written out, definitions that hold temporal operators are put in place, and each largest part
//! that speaks of one period alone becomes an atom.

use crate::types::core::{
    Binary, Domain, Expr, ExprKind, Level, LocalId, Model, Property, Quant, Type, Unary, Value,
};
use crate::types::layout::members;

use super::formula::{Formula, Formulas, TRUE};
use crate::types::level::level;
use crate::types::visit::substitute;

/// A property that progression does not decide.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unsupported {
    /// The fragment that it needs, as the language reference calls it.
    pub fragment: &'static str,
}

/// Something true or false in each period.
#[derive(Clone, Debug)]
pub enum Atom {
    /// An expression over that period.
    Present {
        /// The expression; closed.
        expr: Expr,
        /// It reads no inputs, `'`, ticks or firings.
        over_state: bool,
    },
    /// Something about the periods up to that one.
    Past(Past, Formula, Formula),
    /// Something that a post knows, by its number: whoever judges a period says whether it does.
    Known(u32),
}

/// Operators on the past.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Past {
    /// The right side was, and the left ever since.
    Since,
    /// The left side was, some time up to now.
    Once,
    /// The left side was, up to now.
    Historically,
    /// The left side was in the period before.
    Previously,
}

/// A property made ready.
pub struct Grounded {
    /// Its formulas.
    pub formulas: Formulas,
    /// Its atoms; those about the past rest on earlier ones.
    pub atoms: Vec<Atom>,
    /// What is to hold from period 0.
    pub start: Formula,
}

/// Most formulas that a property may be written out to.
const LIMIT: usize = 200_000;

struct Grounder<'m> {
    model: &'m Model,
    formulas: Formulas,
    atoms: Vec<Atom>,
    ticks: Vec<Option<u32>>,
}

/// Makes a property ready.
///
/// # Errors
/// The fragment that it needs, if progression does not decide it.
pub fn ground(model: &Model, property: &Expr) -> Result<Grounded, Unsupported> {
    let mut grounder = Grounder::new(model);
    let start = grounder.formula(property)?;
    Ok(grounder.finish(start))
}

/// A fairness condition over atoms: what recurs, if its premise does.
#[derive(Clone, Copy, Debug)]
pub struct Fair {
    /// The premise of compassion; none for justice.
    pub premise: Option<Formula>,
    /// What recurs.
    pub recurs: Formula,
}

/// Makes a property (or none, which is true) ready together with the model's fairness.
///
/// # Errors
/// As [`ground`].
pub fn ground_fairly(
    model: &Model,
    property: Option<&Expr>,
) -> Result<(Grounded, Vec<Fair>), Unsupported> {
    let mut grounder = Grounder::new(model);
    let start = property.map_or(Ok(TRUE), |property| grounder.formula(property))?;
    let mut fairness = Vec::new();
    for fair in &model.fairness {
        let premise = fair.premise.as_ref().map(|premise| grounder.formula(premise)).transpose()?;
        fairness.push(Fair { premise, recurs: grounder.formula(&fair.recurs)? });
    }
    Ok((grounder.finish(start), fairness))
}

/// Makes conditions about present and past ready, to be watched along all runs.
///
/// # Errors
/// As [`ground`].
pub fn ground_marks(model: &Model, marks: &[Expr]) -> Result<(Grounded, Vec<Fair>), Unsupported> {
    let mut grounder = Grounder::new(model);
    let mut conditions = Vec::new();
    for mark in marks {
        conditions.push(Fair { premise: None, recurs: grounder.formula(mark)? });
    }
    Ok((grounder.finish(TRUE), conditions))
}

impl<'m> Grounder<'m> {
    fn new(model: &'m Model) -> Self {
        Grounder {
            model,
            formulas: Formulas::default(),
            atoms: Vec::new(),
            ticks: vec![None; model.ticks.len()],
        }
    }

    fn finish(self, start: Formula) -> Grounded {
        Grounded { formulas: self.formulas, atoms: self.atoms, start }
    }
}

impl Grounder<'_> {
    fn formula(&mut self, expr: &Expr) -> Result<Formula, Unsupported> {
        stacker::maybe_grow(64 * 1024, 1024 * 1024, || self.ground(expr))
    }

    fn ground(&mut self, expr: &Expr) -> Result<Formula, Unsupported> {
        if self.atoms.len() > LIMIT {
            return Err(Unsupported { fragment: "too many cases to write out" });
        }
        let level = level(self.model, expr);
        if level < Level::Temporal {
            return Ok(self.present(expr, level <= Level::State));
        }
        match expr.kind.as_ref() {
            ExprKind::Unary(Unary::Not, inner) => {
                let inner = self.formula(inner)?;
                Ok(self.formulas.not(inner))
            }
            ExprKind::Binary(op, left, right) => self.binary(*op, left, right),
            ExprKind::If(condition, then, otherwise) => {
                let c = self.formula(condition)?;
                let (t, e) = (self.formula(then)?, self.formula(otherwise)?);
                Ok(self.conditional(c, t, e))
            }
            ExprKind::Quantified(quant @ (Quant::All | Quant::Some), local, domain, body) => {
                let mut parts = Vec::new();
                for value in instances(self.model, domain) {
                    parts.push(self.formula(&substitute(body, &[(*local, value)]))?);
                }
                let all = *quant == Quant::All;
                Ok(if all { self.formulas.and(parts) } else { self.formulas.or(parts) })
            }
            ExprKind::Call(define, args) => {
                let Some(define) = self.model.defines.get(define.index()) else {
                    return Err(Unsupported { fragment: "temporal" });
                };
                let by: Vec<(LocalId, Expr)> =
                    define.args.iter().map(|(local, _)| *local).zip(args.iter().cloned()).collect();
                self.formula(&substitute(&define.body, &by))
            }
            ExprKind::Property(property) => self.property(property),
            _ => Err(Unsupported { fragment: "temporal" }),
        }
    }

    fn present(&mut self, expr: &Expr, over_state: bool) -> Formula {
        match expr.kind.as_ref() {
            ExprKind::Const(Value::Bool(value)) => return self.formulas.constant(*value),
            ExprKind::Tick(tick) => {
                let atom = self.tick(*tick);
                return self.formulas.atom(atom);
            }
            _ => {}
        }
        let atom = self.add(Atom::Present { expr: expr.clone(), over_state });
        self.formulas.atom(atom)
    }

    fn add(&mut self, atom: Atom) -> u32 {
        self.atoms.push(atom);
        u32::try_from(self.atoms.len() - 1).unwrap_or(u32::MAX)
    }

    /// One atom per tick, since deadlines are compared by it.
    fn tick(&mut self, tick: crate::types::core::TickId) -> u32 {
        if let Some(Some(atom)) = self.ticks.get(tick.index()) {
            return *atom;
        }
        let span = self.model.ticks.get(tick.index()).map(|tick| tick.span).unwrap_or_default();
        let expr = Expr { kind: Box::new(ExprKind::Tick(tick)), ty: Type::Bool, span };
        let atom = self.add(Atom::Present { expr, over_state: false });
        if let Some(place) = self.ticks.get_mut(tick.index()) {
            *place = Some(atom);
        }
        atom
    }

    fn conditional(&mut self, c: Formula, t: Formula, e: Formula) -> Formula {
        let not_c = self.formulas.not(c);
        let one = self.formulas.or(vec![not_c, t]);
        let other = self.formulas.or(vec![c, e]);
        self.formulas.and(vec![one, other])
    }

    fn binary(&mut self, op: Binary, left: &Expr, right: &Expr) -> Result<Formula, Unsupported> {
        let (l, r) = (self.formula(left)?, self.formula(right)?);
        let not_r = self.formulas.not(r);
        match op {
            Binary::And => Ok(self.formulas.and(vec![l, r])),
            Binary::Or => Ok(self.formulas.or(vec![l, r])),
            Binary::Implies => {
                let not_l = self.formulas.not(l);
                Ok(self.formulas.or(vec![not_l, r]))
            }
            Binary::Iff | Binary::Eq => Ok(self.conditional(l, r, not_r)),
            Binary::Ne => Ok(self.conditional(l, not_r, r)),
            _ => Err(Unsupported { fragment: "temporal" }),
        }
    }

    fn property(&mut self, property: &Property) -> Result<Formula, Unsupported> {
        match property {
            Property::Always(p) => self.formula(p).map(|p| self.formulas.always(p)),
            Property::Never(p) => {
                let p = self.formula(p)?;
                let p = self.formulas.not(p);
                Ok(self.formulas.always(p))
            }
            Property::Eventually(p) => self.formula(p).map(|p| self.formulas.eventually(p)),
            Property::Next(p) => self.formula(p).map(|p| self.formulas.next(p)),
            Property::Until(p, q) => {
                let (p, q) = (self.formula(p)?, self.formula(q)?);
                Ok(self.formulas.until(p, q))
            }
            Property::Recurs(p) => {
                let p = self.formula(p)?;
                let p = self.formulas.eventually(p);
                Ok(self.formulas.always(p))
            }
            Property::Settles(p) => {
                let p = self.formula(p)?;
                let p = self.formulas.always(p);
                Ok(self.formulas.eventually(p))
            }
            Property::Within(deadline, p) => {
                let p = self.formula(p)?;
                let tick = deadline.tick.map(|tick| self.tick(tick));
                Ok(self.formulas.within(deadline.bound, tick, p))
            }
            Property::LeadsTo(p, q, deadline) => self.leads_to(p, q, deadline.as_ref()),
            Property::Since(p, q) => self.past(Past::Since, p, q),
            Property::Once(p) => self.past(Past::Once, p, p),
            Property::Historically(p) => self.past(Past::Historically, p, p),
            Property::Previously(p) => self.past(Past::Previously, p, p),
            Property::Knows(_, number) => {
                let unsupported = Unsupported { fragment: fragment(property) };
                let atom = self.known(numbered(number).ok_or(unsupported)?);
                Ok(self.formulas.atom(atom))
            }
            other => Err(Unsupported { fragment: fragment(other) }),
        }
    }

    /// One atom per piece of knowledge.
    fn known(&mut self, number: u32) -> u32 {
        let is_it = |atom: &Atom| matches!(atom, Atom::Known(n) if *n == number);
        match self.atoms.iter().position(is_it) {
            Some(atom) => u32::try_from(atom).unwrap_or(u32::MAX),
            None => self.add(Atom::Known(number)),
        }
    }

    fn leads_to(
        &mut self,
        p: &Expr,
        q: &Expr,
        deadline: Option<&crate::types::core::Deadline>,
    ) -> Result<Formula, Unsupported> {
        let (p, q) = (self.formula(p)?, self.formula(q)?);
        let not_p = self.formulas.not(p);
        let due = match deadline {
            Some(deadline) => {
                let tick = deadline.tick.map(|tick| self.tick(tick));
                self.formulas.within(deadline.bound, tick, q)
            }
            None => self.formulas.eventually(q),
        };
        let response = self.formulas.or(vec![not_p, due]);
        Ok(self.formulas.always(response))
    }

    fn past(&mut self, op: Past, p: &Expr, q: &Expr) -> Result<Formula, Unsupported> {
        let (left, right) = if op == Past::Since {
            (self.formula(p)?, self.formula(q)?)
        } else {
            let p = self.formula(p)?;
            (p, p)
        };
        if !self.formulas.is_present(left) || !self.formulas.is_present(right) {
            return Err(Unsupported { fragment: "a future operator under one on the past" });
        }
        let atom = self.add(Atom::Past(op, left, right));
        Ok(self.formulas.atom(atom))
    }
}

/// The number of a piece of knowledge that stands for itself; see [`Atom::Known`].
fn numbered(expr: &Expr) -> Option<u32> {
    match expr.kind.as_ref() {
        ExprKind::Const(Value::Int(n)) => u32::try_from(n).ok(),
        _ => None,
    }
}

/// The values that a quantified variable takes, as closed expressions.
pub fn instances(model: &Model, domain: &Domain) -> Vec<Expr> {
    let constant = |value: Value, ty| Expr {
        kind: Box::new(ExprKind::Const(value)),
        ty,
        span: crate::syntax::source::Span::default(),
    };
    match domain {
        Domain::Sort(sort) => members(model, &[*sort])
            .into_iter()
            .flatten()
            .map(|i| constant(Value::Member(*sort, i), Type::Finite(*sort)))
            .collect(),
        Domain::Range(lo, hi) => {
            (*lo..=*hi).map(|n| constant(Value::Int(n.into()), Type::Range(*lo, *hi))).collect()
        }
        Domain::Elements(elements) => elements.clone(),
    }
}

/// The fragment that an operator belongs to.
pub fn fragment(property: &Property) -> &'static str {
    match property {
        Property::Possible(_) | Property::AlwaysPossible(_) => "scenario",
        Property::Knows(..) => "knowledge",
        Property::Detects(..) | Property::Smallest(..) => "detection",
        Property::Deniable(..) | Property::Attributes { .. } => "deniability and attribution",
        Property::AccountableSound(_) | Property::AccountableComplete(_) => "accountability",
        Property::Force { .. } => "strategy",
        Property::NoDeviation { .. } => "incentives",
        Property::Valid(_) | Property::Consistent(_) | Property::Inconsistent(_) => "static",
        _ => "temporal",
    }
}
