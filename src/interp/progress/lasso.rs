//! Properties on a lasso: a run that repeats its loop for ever.
//!
//! A run of finitely many different periods satisfies or violates every property outright. The
//! loop is unrolled until what the past operators remember repeats; after that every subformula
//! has one truth value per position, found by walking to where it is decided.

use rustc_hash::FxHashMap;

use super::Monitor;
use super::formula::{Formula, Node, Truth};

/// The unrolled run.
struct Lasso<'a> {
    monitor: &'a Monitor,
    periods: Vec<Vec<Truth>>,
    back: usize,
    known: FxHashMap<(Formula, usize), bool>,
}

/// Whether a property holds of a lasso whose periods have these truths.
///
/// # Errors
/// An atom whose truth matters and is not known.
pub fn holds(monitor: &mut Monitor, truths: &[Vec<Truth>], back: usize) -> Result<bool, u32> {
    let (periods, back) = unroll(monitor, truths, back);
    let start = monitor.start().formula;
    let mut lasso = Lasso { monitor, periods, back, known: FxHashMap::default() };
    lasso.at(start, 0)
}

/// Unrolls the loop until the memory of the past at its start has been met before.
fn unroll(monitor: &mut Monitor, truths: &[Vec<Truth>], back: usize) -> (Vec<Vec<Truth>>, usize) {
    let mut memory = monitor.start().memory;
    let mut met: Vec<(Vec<bool>, usize)> = Vec::new();
    let mut periods: Vec<Vec<Truth>> = Vec::new();
    let mut at = 0;
    loop {
        if at == back {
            if let Some((_, start)) = met.iter().find(|(seen, _)| *seen == memory) {
                return (periods, *start);
            }
            met.push((memory.clone(), periods.len()));
        }
        let Some(period) = truths.get(at) else { return (periods, back) };
        let mut period = period.clone();
        let kept = monitor.recall(&memory, &mut period);
        memory = kept.into_iter().map(|truth| truth == Truth::True).collect();
        periods.push(period);
        at = if at + 1 < truths.len() { at + 1 } else { back };
    }
}

impl Lasso<'_> {
    fn after(&self, at: usize) -> usize {
        if at + 1 < self.periods.len() { at + 1 } else { self.back }
    }

    /// All positions from one on, each once.
    fn from(&self, at: usize) -> std::ops::Range<usize> {
        at.min(self.back)..self.periods.len()
    }

    fn at(&mut self, formula: Formula, at: usize) -> Result<bool, u32> {
        if let Some(&value) = self.known.get(&(formula, at)) {
            return Ok(value);
        }
        let value = stacker::maybe_grow(64 * 1024, 1024 * 1024, || self.decide(formula, at))?;
        self.known.insert((formula, at), value);
        Ok(value)
    }

    fn decide(&mut self, formula: Formula, at: usize) -> Result<bool, u32> {
        match self.monitor.formulas().node(formula).clone() {
            Node::True => Ok(true),
            Node::False => Ok(false),
            Node::Atom(atom) | Node::Pending(atom) => {
                match self.periods.get(at).and_then(|period| period.get(atom as usize)) {
                    Some(Truth::True) => Ok(true),
                    Some(Truth::False) => Ok(false),
                    _ => Err(atom),
                }
            }
            Node::Not(inner) => self.at(inner, at).map(|value| !value),
            Node::And(parts) => self.every(parts.into_iter().map(|part| (part, at))),
            Node::Or(parts) => self.any(parts.into_iter().map(|part| (part, at))),
            Node::Next(inner) => {
                let after = self.after(at);
                self.at(inner, after)
            }
            Node::Always(inner) => {
                let range = self.from(at);
                self.every(range.map(|at| (inner, at)))
            }
            Node::Eventually(inner) => {
                let range = self.from(at);
                self.any(range.map(|at| (inner, at)))
            }
            Node::Until(first, second) => self.until(first, second, at),
            Node::Within(left, tick, body) => self.within(left, tick, body, at),
        }
    }

    fn every(&mut self, parts: impl Iterator<Item = (Formula, usize)>) -> Result<bool, u32> {
        for (part, at) in parts {
            if !self.at(part, at)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn any(&mut self, parts: impl Iterator<Item = (Formula, usize)>) -> Result<bool, u32> {
        for (part, at) in parts {
            if self.at(part, at)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn until(&mut self, first: Formula, second: Formula, at: usize) -> Result<bool, u32> {
        let mut here = at;
        for _ in 0..2 * self.periods.len() {
            if self.at(second, here)? {
                return Ok(true);
            }
            if !self.at(first, here)? {
                return Ok(false);
            }
            here = self.after(here);
        }
        Ok(false)
    }

    /// Walks until the deadline; a whole loop without a tick means that nothing is due.
    fn within(
        &mut self,
        left: u32,
        tick: Option<u32>,
        body: Formula,
        at: usize,
    ) -> Result<bool, u32> {
        let (mut here, mut left, mut idle) = (at, left, 0);
        loop {
            if self.at(body, here)? {
                return Ok(true);
            }
            if left == 0 {
                return Ok(false);
            }
            let counted = tick.is_none_or(|tick| {
                let truth = self.periods.get(here).and_then(|period| period.get(tick as usize));
                truth == Some(&Truth::True)
            });
            idle = if counted && tick.is_some() { 0 } else { idle + 1 };
            if counted {
                left -= 1;
            }
            if idle > 2 * self.periods.len() {
                return Ok(tick.is_some());
            }
            here = self.after(here);
        }
    }
}
