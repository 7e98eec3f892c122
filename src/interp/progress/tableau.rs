//! What an infinite run may still do to satisfy a formula, period by period.
//!
//! Given the truths of a period, a formula is expanded into alternatives (Couvreur, *On-the-fly
//! verification of linear temporal logic*, 1999): each says what must hold from the next period on,
//! and which eventualities it has put off. A run satisfies the formula iff it can take alternatives
//! for ever without putting one and the same eventuality off from some period on.

use std::collections::BTreeSet;

use super::formula::{FALSE, Formula, Node, TRUE, Truth};
use super::ground::{Fair, Unsupported, ground_fairly, ground_marks};
use super::{Monitor, Standing};
use crate::types::core::{Expr, Model};

/// A way to go on.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Alternative {
    /// What must hold from the next period on.
    pub next: Formula,
    /// The eventualities put off.
    pub put_off: BTreeSet<Formula>,
}

/// A property whose satisfaction is sought, with the fairness of the model.
pub struct Sought {
    /// Its formulas and atoms; it starts with what is sought.
    pub monitor: Monitor,
    /// Justice and compassion.
    pub fairness: Vec<Fair>,
}

/// What is sought of an infinite run.
#[derive(Clone, Copy, Debug)]
pub enum Wish<'m> {
    /// That it violates this property.
    Violates(&'m Expr),
    /// That this holds some time.
    Meets(&'m Expr),
    /// Nothing but that it is fair.
    Fair,
}

impl Sought {
    /// Makes a wish ready.
    ///
    /// # Errors
    /// The fragment that it needs.
    pub fn new(model: &Model, wish: Wish<'_>) -> Result<Sought, Unsupported> {
        let property = match wish {
            Wish::Violates(property) | Wish::Meets(property) => Some(property),
            Wish::Fair => None,
        };
        let (mut grounded, fairness) = ground_fairly(model, property)?;
        grounded.start = match wish {
            Wish::Violates(_) => grounded.formulas.not(grounded.start),
            Wish::Meets(_) => grounded.formulas.eventually(grounded.start),
            Wish::Fair => TRUE,
        };
        Ok(Sought { monitor: Monitor::of(grounded), fairness })
    }

    /// All runs, with these conditions about present and past as marks in place of fairness.
    ///
    /// # Errors
    /// The fragment that they need.
    pub fn marking(model: &Model, targets: &[Expr]) -> Result<Sought, Unsupported> {
        let (grounded, fairness) = ground_marks(model, targets)?;
        Ok(Sought { monitor: Monitor::of(grounded), fairness })
    }
}

impl Monitor {
    /// The ways to go on after a period, and what it makes of every atom.
    ///
    /// # Errors
    /// An atom whose truth is not known.
    pub fn alternatives(
        &mut self,
        at: &Standing,
        truths: &[Truth],
    ) -> Result<Vec<(Standing, BTreeSet<Formula>)>, u32> {
        let mut truths = truths.to_vec();
        let remembered = self.recall(&at.memory, &mut truths);
        if let Some(unknown) = truths.iter().position(|truth| *truth == Truth::Unknown) {
            return Err(u32::try_from(unknown).unwrap_or(u32::MAX));
        }
        let memory: Vec<bool> = remembered.into_iter().map(|kept| kept == Truth::True).collect();
        let mut expansion = Expansion { monitor: self, truths: &truths };
        let alternatives = expansion.expand(at.formula);
        let alternatives = alternatives.into_iter().map(|alternative| {
            let standing = Standing { formula: alternative.next, memory: memory.clone() };
            (standing, alternative.put_off)
        });
        Ok(alternatives.collect())
    }

    /// Whether a formula about the present (and past) holds, given the period's truths.
    pub fn holds_now(&mut self, at: &Standing, formula: Formula, truths: &[Truth]) -> bool {
        let mut truths = truths.to_vec();
        self.recall(&at.memory, &mut truths);
        self.present(formula, &truths) == Truth::True
    }
}

struct Expansion<'a> {
    monitor: &'a mut Monitor,
    truths: &'a [Truth],
}

impl Expansion<'_> {
    fn expand(&mut self, formula: Formula) -> BTreeSet<Alternative> {
        stacker::maybe_grow(64 * 1024, 1024 * 1024, || self.node(formula))
    }

    // table: one arm per operator
    fn node(&mut self, formula: Formula) -> BTreeSet<Alternative> {
        match self.monitor.formulas.node(formula).clone() {
            Node::True => self.then(TRUE),
            Node::False | Node::Pending(_) => BTreeSet::new(),
            Node::Atom(atom) => self.literal(atom, true),
            Node::And(parts) => {
                let all = self.then(TRUE);
                parts.into_iter().fold(all, |all, part| {
                    let part = self.expand(part);
                    self.both(all, part)
                })
            }
            Node::Or(parts) => parts.into_iter().flat_map(|part| self.expand(part)).collect(),
            Node::Next(inner) => self.then(inner),
            Node::Always(inner) => {
                let (now, on) = (self.expand(inner), self.then(formula));
                self.both(now, on)
            }
            Node::Eventually(inner) => {
                let mut ways = self.expand(inner);
                ways.extend(self.put_off(formula));
                ways
            }
            Node::Until(first, second) => {
                let (meanwhile, on) = (self.expand(first), self.put_off(formula));
                let mut ways = self.expand(second);
                ways.extend(self.both(meanwhile, on));
                ways
            }
            Node::Within(left, tick, body) => {
                let mut ways = self.expand(body);
                let later = self.later(left, tick, body);
                ways.extend(self.then(later));
                ways
            }
            Node::Not(inner) => self.negated(formula, inner),
        }
    }

    fn negated(&mut self, formula: Formula, inner: Formula) -> BTreeSet<Alternative> {
        match self.monitor.formulas.node(inner).clone() {
            Node::Atom(atom) => self.literal(atom, false),
            Node::Until(first, second) => {
                let first = self.monitor.formulas.not(first);
                let second = self.monitor.formulas.not(second);
                let mut ways = self.expand(first);
                ways.extend(self.then(formula));
                let second = self.expand(second);
                self.both(second, ways)
            }
            Node::Within(left, tick, body) => {
                let body_fails = self.monitor.formulas.not(body);
                let later = self.later(left, tick, body);
                let later = self.monitor.formulas.not(later);
                // The ticks must come, since otherwise nothing is due.
                let on = if later == formula { self.put_off(later) } else { self.then(later) };
                let now = self.expand(body_fails);
                self.both(now, on)
            }
            _ => BTreeSet::new(),
        }
    }

    fn literal(&mut self, atom: u32, positive: bool) -> BTreeSet<Alternative> {
        let wanted = Truth::from(positive);
        if self.truths.get(atom as usize) == Some(&wanted) {
            self.then(TRUE)
        } else {
            BTreeSet::new()
        }
    }

    /// A deadline as it stands after this period.
    fn later(&mut self, left: u32, tick: Option<u32>, body: Formula) -> Formula {
        let counted = tick.is_none_or(|tick| self.truths.get(tick as usize) == Some(&Truth::True));
        let left = if counted { left.saturating_sub(1) } else { left };
        self.monitor.formulas.within(left, tick, body)
    }

    fn then(&self, next: Formula) -> BTreeSet<Alternative> {
        if next == FALSE {
            return BTreeSet::new();
        }
        BTreeSet::from([Alternative { next, put_off: BTreeSet::new() }])
    }

    fn put_off(&self, next: Formula) -> BTreeSet<Alternative> {
        BTreeSet::from([Alternative { next, put_off: BTreeSet::from([next]) }])
    }

    fn both(
        &mut self,
        one: BTreeSet<Alternative>,
        other: BTreeSet<Alternative>,
    ) -> BTreeSet<Alternative> {
        let mut ways = BTreeSet::new();
        for a in &one {
            for b in &other {
                let next = self.monitor.formulas.and(vec![a.next, b.next]);
                if next != FALSE {
                    let put_off = a.put_off.union(&b.put_off).copied().collect();
                    ways.insert(Alternative { next, put_off });
                }
            }
        }
        ways
    }
}
