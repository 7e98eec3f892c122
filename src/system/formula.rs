//! Claims as formulas in negation normal form.
//!
//! Atoms are terms of one period; past operators have become terms already,
//! with the help of memory cells (every past formula is determined by a finite
//! memory, Lichtenstein, Pnueli and Zuck 1985). What remains is the future.

use super::elaborate::{Elaborator, Obligation, obligation};
use crate::term::{Pool, Role, Sort, Term, Var};
use crate::types::core::{Binary, Deadline, Expr, ExprKind, Level, Property, Quant, Unary};
use crate::types::level;

/// A formula about the periods from now on, negation only in atoms.
#[derive(Clone, Debug)]
pub enum Formula {
    /// About this period.
    Atom(Term),
    /// All of these.
    And(Vec<Formula>),
    /// Some of these.
    Or(Vec<Formula>),
    /// In the next period.
    Next(Box<Formula>),
    /// In some period from now on.
    Eventually(Box<Formula>),
    /// The first until the second, which comes.
    Until(Box<Formula>, Box<Formula>),
    /// In every period up to the deadline.
    AllFor(u32, Option<Term>, Box<Formula>),
    /// In some period up to the deadline, counted in periods.
    SomeWithin(u32, Box<Formula>),
    /// In some period up to the deadline, counted in ticks; nothing is due if they do not come.
    SomeBefore(u32, Term, Box<Formula>),
    /// In every period from now on.
    Always(Box<Formula>),
    /// The second up to and including a period in which the first holds, or for good.
    Release(Box<Formula>, Box<Formula>),
}

impl Formula {
    /// Whether a finite run makes it true for good, if any run makes it true.
    pub(super) fn is_cosafe(&self) -> bool {
        match self {
            Formula::Atom(_) => true,
            Formula::And(parts) | Formula::Or(parts) => parts.iter().all(Formula::is_cosafe),
            Formula::Next(f)
            | Formula::Eventually(f)
            | Formula::AllFor(_, _, f)
            | Formula::SomeWithin(_, f) => f.is_cosafe(),
            Formula::Until(a, b) => a.is_cosafe() && b.is_cosafe(),
            Formula::SomeBefore(..) | Formula::Always(_) | Formula::Release(..) => false,
        }
    }

    /// Whether it holds of a run iff it holds of each of its rests.
    fn is_lasting(&self) -> bool {
        match self {
            Formula::Always(f) => matches!(**f, Formula::Eventually(_)),
            Formula::Eventually(f) => matches!(**f, Formula::Always(_)),
            Formula::And(parts) | Formula::Or(parts) => parts.iter().all(Formula::is_lasting),
            _ => false,
        }
    }

    /// What it is the conjunction of.
    pub(super) fn conjuncts(&self) -> Vec<&Formula> {
        match self {
            Formula::And(parts) => parts.iter().flat_map(Formula::conjuncts).collect(),
            _ => vec![self],
        }
    }

    /// Whether it says: some day one of these, the first now and the second from then on.
    pub(super) fn turns(&self, pool: &mut Pool, into: &mut Vec<(Term, Term)>) -> bool {
        match self {
            Formula::Or(parts) => parts.iter().all(|part| part.turns(pool, into)),
            Formula::Eventually(f) => f.turns_now(pool, into),
            _ => false,
        }
    }

    fn turns_now(&self, pool: &mut Pool, into: &mut Vec<(Term, Term)>) -> bool {
        if let Some(now) = self.flat(pool) {
            let always = pool.top();
            into.push((now, always));
            return true;
        }
        if let Formula::Or(parts) = self {
            return parts.iter().all(|part| part.turns_now(pool, into));
        }
        let (mut now, mut hold) = (Vec::new(), Vec::new());
        for part in self.conjuncts() {
            match (part, part.flat(pool)) {
                (_, Some(term)) => now.push(term),
                (Formula::Always(f), None) => match f.flat(pool) {
                    Some(term) => hold.push(term),
                    None => return false,
                },
                _ => return false,
            }
        }
        into.push((pool.and(now), pool.and(hold)));
        true
    }

    /// Its term, if it speaks of this period alone.
    pub(super) fn flat(&self, pool: &mut Pool) -> Option<Term> {
        match self {
            Formula::Atom(term) => Some(*term),
            Formula::And(parts) => {
                let parts: Option<Vec<Term>> = parts.iter().map(|p| p.flat(pool)).collect();
                parts.map(|parts| pool.and(parts))
            }
            Formula::Or(parts) => {
                let parts: Option<Vec<Term>> = parts.iter().map(|p| p.flat(pool)).collect();
                parts.map(|parts| pool.or(parts))
            }
            _ => None,
        }
    }
}

/// `always eventually f`. What holds of a run iff it holds of all its rests stands for itself:
/// `recurs (p and recurs q)` is `(recurs p) and (recurs q)`.
fn recurs(f: Formula) -> Formula {
    let again = |f: Formula| Formula::Always(Box::new(Formula::Eventually(Box::new(f))));
    match f {
        Formula::And(parts) => {
            let (lasting, rest): (Vec<_>, Vec<_>) =
                parts.into_iter().partition(Formula::is_lasting);
            Formula::And(lasting.into_iter().chain([again(Formula::And(rest))]).collect())
        }
        f => again(f),
    }
}

/// `eventually always f`, likewise.
fn settles(f: Formula) -> Formula {
    let for_good = |f: Formula| Formula::Eventually(Box::new(Formula::Always(Box::new(f))));
    match f {
        Formula::Or(parts) => {
            let (lasting, rest): (Vec<_>, Vec<_>) =
                parts.into_iter().partition(Formula::is_lasting);
            Formula::Or(lasting.into_iter().chain([for_good(Formula::Or(rest))]).collect())
        }
        f => for_good(f),
    }
}

/// Why a property is not decided by the safety engines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beyond {
    /// It speaks of infinite runs.
    Temporal,
    /// It asks what can still be reached from everywhere.
    Branching,
    /// It asks what someone can know.
    Knowledge,
    /// It asks what someone can force.
    Strategy,
    /// It asks what pays.
    Incentives,
}

/// A memory cell that a property needs.
#[derive(Clone, Copy, Debug)]
pub(super) struct Memory {
    pub(super) var: Var,
    pub(super) first: Term,
    pub(super) next: Term,
}

/// Reads a property; collects what it needs along the way.
pub(super) struct Reader<'e, 'm> {
    pub(super) elaborator: &'e mut Elaborator<'m>,
    /// Memory cells of past operators.
    pub(super) memories: Vec<Memory>,
    /// Faults in the property's own expressions.
    pub(super) faults: Vec<Obligation>,
    /// Whether an atom reads inputs.
    pub(super) on_step: bool,
}

impl Reader<'_, '_> {
    fn pool(&mut self) -> &mut Pool {
        &mut self.elaborator.pool
    }

    /// The formula of `e`, or of its negation.
    pub(super) fn formula(&mut self, e: &Expr, positive: bool) -> Result<Formula, Beyond> {
        if level::level(self.elaborator.model, e) < Level::Temporal {
            let term = self.atom(e);
            return Ok(Formula::Atom(if positive { term } else { self.pool().not(term) }));
        }
        match &*e.kind {
            ExprKind::Unary(Unary::Not, a) => self.formula(a, !positive),
            ExprKind::Binary(op, a, b) => self.connective(*op, a, b, positive),
            ExprKind::If(c, a, b) => {
                let then = [self.formula(c, false)?, self.formula(a, positive)?];
                let or_else = [self.formula(c, true)?, self.formula(b, positive)?];
                Ok(Formula::And(vec![Formula::Or(then.into()), Formula::Or(or_else.into())]))
            }
            ExprKind::Quantified(quant, local, domain, body) => {
                let mut parts = Vec::new();
                for instance in self.elaborator.instances(domain) {
                    self.elaborator.bind(*local, instance.term);
                    parts.push(self.formula(body, positive)?);
                }
                let all = (*quant == Quant::All) == positive;
                Ok(if all { Formula::And(parts) } else { Formula::Or(parts) })
            }
            ExprKind::Call(define, args) => {
                let Some(definition) = self.elaborator.model.defines.get(define.index()) else {
                    return Err(Beyond::Temporal);
                };
                for ((local, _), arg) in definition.args.iter().zip(args) {
                    let value = self.elaborator.expr(arg).term;
                    self.elaborator.bind(*local, value);
                }
                self.formula(&definition.body, positive)
            }
            ExprKind::Property(property) => self.property(property, positive),
            _ => Err(Beyond::Temporal),
        }
    }

    fn atom(&mut self, e: &Expr) -> Term {
        let value = self.elaborator.expr(e);
        self.faults.extend(value.faults.into_iter().map(obligation));
        self.on_step |= level::level(self.elaborator.model, e) >= Level::Step;
        value.term
    }

    fn connective(
        &mut self,
        op: Binary,
        a: &Expr,
        b: &Expr,
        positive: bool,
    ) -> Result<Formula, Beyond> {
        let conjunctive = matches!(op, Binary::And) == positive;
        match op {
            Binary::And | Binary::Or => {
                let parts = vec![self.formula(a, positive)?, self.formula(b, positive)?];
                Ok(if conjunctive { Formula::And(parts) } else { Formula::Or(parts) })
            }
            Binary::Implies => {
                let parts = vec![self.formula(a, !positive)?, self.formula(b, positive)?];
                Ok(if positive { Formula::Or(parts) } else { Formula::And(parts) })
            }
            // a iff b = (a implies b) and (b implies a); a != b on truth values is its negation.
            Binary::Iff | Binary::Eq | Binary::Ne => {
                let same = positive == (op != Binary::Ne);
                let one = vec![self.formula(a, false)?, self.formula(b, same)?];
                let two = vec![self.formula(a, true)?, self.formula(b, !same)?];
                Ok(Formula::And(vec![Formula::Or(one), Formula::Or(two)]))
            }
            _ => Err(Beyond::Temporal),
        }
    }

    // table: one arm per operator
    fn property(&mut self, property: &Property, positive: bool) -> Result<Formula, Beyond> {
        let always = |f: Formula| Formula::Always(Box::new(f));
        let eventually = |f: Formula| Formula::Eventually(Box::new(f));
        match property {
            Property::Always(p) if positive => Ok(always(self.formula(p, true)?)),
            Property::Always(p) => Ok(eventually(self.formula(p, false)?)),
            Property::Never(p) if positive => Ok(always(self.formula(p, false)?)),
            Property::Never(p) => Ok(eventually(self.formula(p, true)?)),
            Property::Eventually(p) if positive => Ok(eventually(self.formula(p, true)?)),
            Property::Eventually(p) => Ok(always(self.formula(p, false)?)),
            Property::Recurs(p) if positive => Ok(recurs(self.formula(p, true)?)),
            Property::Recurs(p) => Ok(settles(self.formula(p, false)?)),
            Property::Settles(p) if positive => Ok(settles(self.formula(p, true)?)),
            Property::Settles(p) => Ok(recurs(self.formula(p, false)?)),
            Property::Next(p) => Ok(Formula::Next(Box::new(self.formula(p, positive)?))),
            Property::Until(p, q) => {
                let p = Box::new(self.formula(p, positive)?);
                let q = Box::new(self.formula(q, positive)?);
                Ok(if positive { Formula::Until(p, q) } else { Formula::Release(p, q) })
            }
            Property::Within(deadline, q) => self.within(*deadline, q, positive),
            Property::LeadsTo(p, q, deadline) => {
                let p = self.formula(p, !positive)?;
                let answer = match deadline {
                    Some(deadline) => self.within(*deadline, q, positive)?,
                    None if positive => eventually(self.formula(q, true)?),
                    None => always(self.formula(q, false)?),
                };
                let parts = vec![p, answer];
                Ok(match positive {
                    true => always(Formula::Or(parts)),
                    false => eventually(Formula::And(parts)),
                })
            }
            Property::Once(_)
            | Property::Historically(_)
            | Property::Previously(_)
            | Property::Since(..) => {
                let term = self.past_property(property)?;
                Ok(Formula::Atom(if positive { term } else { self.pool().not(term) }))
            }
            Property::Possible(_) | Property::AlwaysPossible(_) => Err(Beyond::Branching),
            Property::Force { .. } => Err(Beyond::Strategy),
            Property::NoDeviation { .. } => Err(Beyond::Incentives),
            _ => Err(Beyond::Knowledge),
        }
    }

    fn within(&mut self, d: Deadline, q: &Expr, positive: bool) -> Result<Formula, Beyond> {
        let tick = d.tick.and_then(|t| self.elaborator.model.ticks.get(t.index()));
        let tick = tick.map(|tick| self.atom(&tick.when));
        let q = Box::new(self.formula(q, positive)?);
        match (positive, tick) {
            (false, tick) => Ok(Formula::AllFor(d.bound, tick, q)),
            (true, None) => Ok(Formula::SomeWithin(d.bound, q)),
            (true, Some(tick)) => Ok(Formula::SomeBefore(d.bound, tick, q)),
        }
    }

    /// A formula about the past and present as a term.
    fn past(&mut self, e: &Expr) -> Result<Term, Beyond> {
        match self.formula(e, true)? {
            Formula::Atom(term) => Ok(term),
            other => self.flat(&other).ok_or(Beyond::Temporal),
        }
    }

    /// The term of a formula without future operators.
    pub(super) fn flat(&mut self, formula: &Formula) -> Option<Term> {
        formula.flat(self.pool())
    }

    fn past_property(&mut self, property: &Property) -> Result<Term, Beyond> {
        match property {
            Property::Previously(p) => {
                let now = self.past(p)?;
                let before = self.remember("previously", false);
                self.settle(before, now);
                Ok(self.pool().var(before))
            }
            // once p = p, or once p before
            Property::Once(p) => {
                let p = self.past(p)?;
                self.remembered("once", false, |pool, before| pool.or([before, p]))
            }
            Property::Historically(p) => {
                let p = self.past(p)?;
                self.remembered("historically", true, |pool, before| pool.and([before, p]))
            }
            // p since q = q, or p and (p since q) before
            Property::Since(p, q) => {
                let (p, q) = (self.past(p)?, self.past(q)?);
                self.remembered("since", false, |pool, before| {
                    let still = pool.and([before, p]);
                    pool.or([q, still])
                })
            }
            _ => Err(Beyond::Temporal),
        }
    }

    /// A value that is a function of itself one period before.
    fn remembered(
        &mut self,
        name: &str,
        first: bool,
        value: impl FnOnce(&mut Pool, Term) -> Term,
    ) -> Result<Term, Beyond> {
        let memory = self.remember(name, first);
        let before = self.pool().var(memory);
        let now = value(self.pool(), before);
        self.settle(memory, now);
        Ok(now)
    }

    fn remember(&mut self, name: &str, first: bool) -> Var {
        let pool = self.pool();
        let var = pool.declare(name, Sort::Bool, None, Role::State);
        let value = pool.var(var);
        let first = pool.bool(first);
        let first = pool.eq(value, first);
        self.memories.push(Memory { var, first, next: value });
        var
    }

    fn settle(&mut self, var: Var, next: Term) {
        if let Some(memory) = self.memories.iter_mut().find(|m| m.var == var) {
            memory.next = next;
        }
    }
}
