//! Why a run violates a property: which of the property's atoms, in which periods, suffice for it.
//!
//! Each part of the property is true, false or not yet decided at each period (Kleene's tables); of
//! a part that is decided, those of its own parts are followed that decide it. A deadline missed
//! rests on what did not come, and on the ticks that were counted.

use rustc_hash::FxHashMap;

use crate::types::core::{Expr, Model};

use super::super::evaluate::Scope;
use super::super::progress::Monitor;
use super::super::progress::formula::{Formula, Node, Truth};
use super::super::progress::ground::{Atom, Past};
use super::reads::{Reads, cheapest};
use super::{Item, Run, Slice};

/// What the violation of a property by a run rests on.
pub(super) fn shows(
    run: &Run<'_>,
    slice: &Slice,
    property: &Expr,
) -> Option<std::collections::BTreeSet<Item>> {
    let model: &Model = run.interpreter.model;
    let monitor = Monitor::new(model, property).ok()?;
    let is_past = |atom: &Atom| matches!(atom, Atom::Past(..));
    if run.trace.loop_start.is_some() && monitor.atoms().iter().any(is_past) {
        // What was is another thing each time round the loop.
        return None;
    }
    let periods = 0..run.trace.periods.len();
    let truths = periods.map(|n| Some(monitor.truths(&run.reading(n)?).0));
    let truths: Vec<Vec<Truth>> = truths.collect::<Option<_>>()?;
    let start = monitor.start().formula;
    let mut look = Look { run, slice, monitor: &monitor, truths, known: FxHashMap::default() };
    (look.truth(start, 0) == Truth::False).then_some(())?;
    Some(look.why(start, 0, false)?.items)
}

struct Look<'a> {
    run: &'a Run<'a>,
    slice: &'a Slice,
    monitor: &'a Monitor,
    truths: Vec<Vec<Truth>>,
    known: FxHashMap<(Formula, usize), Truth>,
}

impl Look<'_> {
    /// The period after one, if the run has it.
    fn after(&self, at: usize) -> Option<usize> {
        let after = self.run.after(at);
        (after < self.truths.len()).then_some(after)
    }

    /// All periods from one on, each once.
    fn from(&self, at: usize) -> std::ops::Range<usize> {
        at.min(self.run.trace.loop_start.unwrap_or(at))..self.truths.len()
    }

    fn is_endless(&self) -> bool {
        self.run.trace.loop_start.is_some()
    }

    /// Periods from one on, in order, until the run ends or its loop was gone through twice.
    fn walk(&self, at: usize) -> Vec<usize> {
        let walk = std::iter::successors(Some(at), |at| self.after(*at));
        walk.take(2 * self.truths.len() + 1).collect()
    }

    fn truth(&mut self, formula: Formula, at: usize) -> Truth {
        if let Some(truth) = self.known.get(&(formula, at)) {
            return *truth;
        }
        let truth = stacker::maybe_grow(64 * 1024, 1024 * 1024, || self.decide(formula, at));
        self.known.insert((formula, at), truth);
        truth
    }

    fn decide(&mut self, formula: Formula, at: usize) -> Truth {
        match self.monitor.formulas().node(formula).clone() {
            Node::True => Truth::True,
            Node::False => Truth::False,
            Node::Atom(atom) => self.atom(atom, at),
            Node::Pending(_) => Truth::Unknown,
            Node::Not(inner) => not(self.truth(inner, at)),
            Node::And(parts) => self.every(parts.into_iter().map(|part| (part, at)), true),
            Node::Or(parts) => self.any(parts.into_iter().map(|part| (part, at)), true),
            Node::Next(inner) => match self.after(at) {
                Some(after) => self.truth(inner, after),
                None => Truth::Unknown,
            },
            Node::Always(inner) => {
                self.every(self.from(at).map(|at| (inner, at)), self.is_endless())
            }
            Node::Eventually(inner) => {
                self.any(self.from(at).map(|at| (inner, at)), self.is_endless())
            }
            Node::Until(first, second) => self.until(first, second, at),
            Node::Within(left, tick, body) => self.within(left, tick, body, at),
        }
    }

    fn atom(&mut self, atom: u32, at: usize) -> Truth {
        match self.monitor.atoms().get(atom as usize) {
            Some(Atom::Past(op, left, right)) => self.past(*op, *left, *right, at),
            _ => self.given(atom, at),
        }
    }

    fn given(&self, atom: u32, at: usize) -> Truth {
        let truths = self.truths.get(at).and_then(|truths| truths.get(atom as usize));
        truths.copied().unwrap_or(Truth::Unknown)
    }

    /// A conjunction; `whole` says that there are no parts but these.
    fn every(&mut self, parts: impl Iterator<Item = (Formula, usize)>, whole: bool) -> Truth {
        let mut all = if whole { Truth::True } else { Truth::Unknown };
        for (part, at) in parts {
            match self.truth(part, at) {
                Truth::False => return Truth::False,
                Truth::Unknown => all = Truth::Unknown,
                Truth::True => {}
            }
        }
        all
    }

    fn any(&mut self, parts: impl Iterator<Item = (Formula, usize)>, whole: bool) -> Truth {
        let mut all = if whole { Truth::False } else { Truth::Unknown };
        for (part, at) in parts {
            match self.truth(part, at) {
                Truth::True => return Truth::True,
                Truth::Unknown => all = Truth::Unknown,
                Truth::False => {}
            }
        }
        all
    }

    fn until(&mut self, first: Formula, second: Formula, at: usize) -> Truth {
        for at in self.walk(at) {
            match (self.truth(second, at), self.truth(first, at)) {
                (Truth::True, _) => return Truth::True,
                (Truth::False, Truth::False) => return Truth::False,
                (Truth::False, Truth::True) => {}
                _ => return Truth::Unknown,
            }
        }
        if self.is_endless() { Truth::False } else { Truth::Unknown }
    }

    /// Not decided where a deadline is not known to have passed, or may pass by ticks not known.
    fn within(&mut self, left: u32, tick: Option<u32>, body: Formula, at: usize) -> Truth {
        let mut left = left;
        for at in self.walk(at) {
            match self.truth(body, at) {
                Truth::False if left == 0 => return Truth::False,
                Truth::False => {}
                other => return other,
            }
            match tick.map_or(Truth::True, |tick| self.given(tick, at)) {
                Truth::True => left -= 1,
                Truth::False => {}
                Truth::Unknown => return Truth::Unknown,
            }
        }
        self.unmet(tick)
    }

    /// What a deadline comes to that did not pass on the way.
    fn unmet(&self, tick: Option<u32>) -> Truth {
        match tick {
            _ if !self.is_endless() => Truth::Unknown,
            None => Truth::False,
            Some(tick) => {
                let back = self.run.trace.loop_start.unwrap_or(0);
                let ticks = (back..self.truths.len()).map(|at| self.given(tick, at));
                let never = ticks.into_iter().all(|truth| truth == Truth::False);
                if never { Truth::True } else { Truth::Unknown }
            }
        }
    }

    /// Of the past, which is there as a whole.
    fn past(&mut self, op: Past, left: Formula, right: Formula, at: usize) -> Truth {
        match op {
            Past::Once => self.any((0..=at).map(|at| (left, at)), true),
            Past::Historically => self.every((0..=at).map(|at| (left, at)), true),
            Past::Previously => match at.checked_sub(1) {
                Some(before) => self.truth(left, before),
                None => Truth::False,
            },
            Past::Since => {
                for at in (0..=at).rev() {
                    match (self.truth(right, at), self.truth(left, at)) {
                        (Truth::True, _) => return Truth::True,
                        (Truth::False, Truth::False) => return Truth::False,
                        (Truth::False, Truth::True) => {}
                        _ => return Truth::Unknown,
                    }
                }
                Truth::False
            }
        }
    }

    /// What suffices for a formula to be true, or false, which it is.
    fn why(&mut self, formula: Formula, at: usize, truth: bool) -> Option<Reads> {
        self.slice.pays()?;
        stacker::maybe_grow(64 * 1024, 1024 * 1024, || self.look(formula, at, truth))
    }

    fn look(&mut self, formula: Formula, at: usize, truth: bool) -> Option<Reads> {
        match self.monitor.formulas().node(formula).clone() {
            Node::True | Node::False => Some(Reads::default()),
            Node::Atom(atom) => self.why_atom(atom, at, truth),
            Node::Pending(_) => None,
            Node::Not(inner) => self.why(inner, at, !truth),
            Node::And(parts) if truth => self.why_all(parts.into_iter().map(|p| (p, at)), true),
            Node::And(parts) => self.why_one(parts.into_iter().map(|p| (p, at)), false),
            Node::Or(parts) if truth => self.why_one(parts.into_iter().map(|p| (p, at)), true),
            Node::Or(parts) => self.why_all(parts.into_iter().map(|p| (p, at)), false),
            Node::Next(inner) => self.why(inner, self.after(at)?, truth),
            Node::Always(inner) if truth => self.why_all(self.from(at).map(|n| (inner, n)), true),
            Node::Always(inner) => self.why_first(inner, self.from(at), false),
            Node::Eventually(inner) if truth => self.why_first(inner, self.from(at), true),
            Node::Eventually(inner) => self.why_all(self.from(at).map(|n| (inner, n)), false),
            Node::Until(first, second) => {
                let walk = self.walk(at);
                self.why_walked(first, second, walk.into_iter())
            }
            Node::Within(left, tick, body) => self.why_within(left, tick, body, at),
        }
    }

    fn why_atom(&mut self, atom: u32, at: usize, truth: bool) -> Option<Reads> {
        match self.monitor.atoms().get(atom as usize)? {
            Atom::Present { expr, .. } => {
                self.run.why(self.slice, at)?.value(expr, &mut Scope::default())
            }
            Atom::Past(op, left, right) => self.why_past(*op, *left, *right, at, truth),
            Atom::Known(_) => None,
        }
    }

    fn why_all(
        &mut self,
        parts: impl Iterator<Item = (Formula, usize)>,
        truth: bool,
    ) -> Option<Reads> {
        let mut all = Reads::default();
        for (part, at) in parts {
            all = all.and(self.why(part, at, truth)?);
        }
        Some(all)
    }

    /// One of the parts that decide suffices.
    fn why_one(
        &mut self,
        parts: impl Iterator<Item = (Formula, usize)>,
        truth: bool,
    ) -> Option<Reads> {
        let mut deciding = Vec::new();
        for (part, at) in parts {
            if self.truth(part, at) == Truth::from(truth) {
                deciding.push(self.why(part, at, truth)?);
            }
        }
        cheapest(self.slice, deciding)
    }

    /// The first period in which something is so.
    fn why_first(
        &mut self,
        inner: Formula,
        mut periods: std::ops::Range<usize>,
        truth: bool,
    ) -> Option<Reads> {
        let first = periods.find(|at| self.truth(inner, *at) == Truth::from(truth))?;
        self.why(inner, first, truth)
    }

    /// Along some periods: the first was so until the second, or neither was, or the second never.
    fn why_walked(
        &mut self,
        first: Formula,
        second: Formula,
        periods: impl Iterator<Item = usize>,
    ) -> Option<Reads> {
        let truth = |look: &mut Self, of, at| look.truth(of, at) == Truth::True;
        let periods: Vec<usize> = periods.collect();
        let comes = periods.iter().position(|at| truth(self, second, *at));
        let fails = periods.iter().position(|at| !truth(self, first, *at));
        match (comes, fails) {
            (Some(comes), fails) if fails.is_none_or(|fails| comes <= fails) => {
                let (before, rest) = periods.split_at(comes);
                let kept = self.why_all(before.iter().map(|at| (first, *at)), true)?;
                Some(kept.and(self.why(second, *rest.first()?, true)?))
            }
            (_, fails) => {
                let end = fails.map_or(periods.len(), |fails| fails + 1);
                let absent = periods.iter().take(end).map(|at| (second, *at));
                let all = self.why_all(absent, false)?;
                match fails.and_then(|fails| periods.get(fails)) {
                    Some(at) => Some(all.and(self.why(first, *at, false)?)),
                    None => Some(all),
                }
            }
        }
    }

    /// In time: what came, and that the deadline had not passed. Too late: that it did not come
    /// while the deadline passed.
    fn why_within(
        &mut self,
        left: u32,
        tick: Option<u32>,
        body: Formula,
        at: usize,
    ) -> Option<Reads> {
        let late = self.within(left, tick, body, at) == Truth::False;
        let (mut left, mut all) = (left, Reads::default());
        for at in self.walk(at) {
            if self.truth(body, at) == Truth::True {
                return Some(all.and(self.why(body, at, true)?));
            }
            if late {
                all = all.and(self.why(body, at, false)?);
            }
            if left == 0 {
                break;
            }
            let ticks = tick.is_none_or(|tick| self.given(tick, at) == Truth::True);
            left -= u32::from(ticks);
            if let Some(tick) = tick.filter(|_| ticks == late) {
                all = all.and(self.why_atom(tick, at, ticks)?);
            }
        }
        Some(all)
    }

    fn why_past(
        &mut self,
        op: Past,
        left: Formula,
        right: Formula,
        at: usize,
        truth: bool,
    ) -> Option<Reads> {
        let so_far = (0..=at).map(|at| (left, at));
        match op {
            Past::Once | Past::Historically if truth == (op == Past::Historically) => {
                self.why_all(so_far, truth)
            }
            Past::Once | Past::Historically => self.why_one(so_far, truth),
            Past::Previously => match at.checked_sub(1) {
                Some(before) => self.why(left, before, truth),
                None => Some(Reads::default()),
            },
            Past::Since => self.why_walked(left, right, (0..=at).rev()),
        }
    }
}

fn not(truth: Truth) -> Truth {
    match truth {
        Truth::True => Truth::False,
        Truth::False => Truth::True,
        Truth::Unknown => Truth::Unknown,
    }
}
