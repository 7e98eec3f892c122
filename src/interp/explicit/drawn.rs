//! What a search draws: choices, environment, nondeterministic writes, and first values of cells.
//!
//! Variables are made on demand: a draw comes after what its rule's guard and set read, a choice
//! after what its `when` and `else` read, so that whether there is a choice at all is known before
//! its values are tried. Where that goes round in a circle the choice is tried freely and checked
//! afterwards.

use crate::types::core::{Chosen, LocalId, Set};

use super::graph::{Bar, Ref};
use super::rules::{Compiler, Memo, number, put};
use super::term::{Bindings, Safe, Term};
use crate::interp::value::size;

/// What a drawn value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The first value of a cell slot.
    Cell(usize),
    /// An input slot.
    Input(usize),
    /// A draw slot.
    Draw(usize),
}

/// The values that a variable may take.
#[derive(Clone, Debug)]
pub enum Domain {
    /// `lo..=hi`.
    Between(Ref, Ref),
    /// These, of which only those within `lo..=hi` count where bounds are given.
    Among(Vec<Ref>),
}

/// A variable that the search draws.
#[derive(Clone, Debug)]
pub struct Drawn {
    /// What it is.
    pub source: Source,
    /// Its node.
    pub node: Ref,
    /// 1 where it is free; otherwise it is `otherwise`.
    pub free: Ref,
    /// Its only value where it is not free; without one there is no valuation at all.
    pub otherwise: Option<Ref>,
    /// Its values where it is free.
    pub domain: Domain,
    /// Values outside these are no values of its type.
    pub bounds: Option<(i64, i64)>,
    /// The denominator of its values.
    pub scale: i64,
    /// Some value can always be drawn, whatever the state.
    pub sure: bool,
}

impl Compiler<'_> {
    /// A cell at the start of the period.
    pub fn cell_now(&mut self, slot: usize) -> Term {
        match self.cells.get(slot).copied() {
            Some(Memo::Known(term)) => term,
            Some(Memo::Unknown) if self.first => {
                put(&mut self.cells, slot, Memo::InProgress);
                self.draw_cell(slot)
            }
            Some(Memo::InProgress) => self.cycle(),
            _ => self.barred(Bar::Infinite("a cell".to_owned())),
        }
    }

    fn draw_cell(&mut self, slot: usize) -> Term {
        let (model, layout) = (self.model, self.layout);
        let Some(place) = layout.cells.get(slot) else {
            return self.barred(Bar::Infinite("a cell".to_owned()));
        };
        let Some(cell) = model.cells.get(place.of.index()) else {
            return self.barred(Bar::Infinite(place.name.clone()));
        };
        let mut bound = self.members(&cell.binders, &place.member);
        let bounds = self.bounds(place.ty);
        let yes = self.graph.truth(true);
        let drawn = match &cell.initial {
            Some(Chosen::Is(expr)) => {
                let term = self.term(expr, &mut bound, false);
                let ok = self.ok(term.safe);
                let domain = Domain::Among(vec![term.value]);
                self.drawn(Source::Cell(slot), ok, domain, bounds, term.scale)
            }
            Some(Chosen::In(set)) => {
                let (domain, scale, safe) = self.domain(set, &mut bound);
                let ok = self.ok(safe);
                self.drawn(Source::Cell(slot), ok, domain, bounds, scale)
            }
            None => {
                let Some((lo, hi)) = bounds else {
                    let term = self.barred(Bar::Infinite(place.name.clone()));
                    put(&mut self.cells, slot, Memo::Known(term));
                    return term;
                };
                let (lo, hi) = (self.graph.constant(lo), self.graph.constant(hi));
                self.drawn(Source::Cell(slot), yes, Domain::Between(lo, hi), bounds, 1)
            }
        };
        let sure = self.graph.known(drawn.free) == Some(1)
            && self.never_empty(&drawn.domain)
            && self.fits(&drawn.domain, bounds);
        let term = self.make(Drawn { sure, ..drawn });
        put(&mut self.cells, slot, Memo::Known(term));
        term
    }

    fn drawn(
        &mut self,
        source: Source,
        free: Ref,
        domain: Domain,
        bounds: Option<(i64, i64)>,
        scale: i64,
    ) -> Drawn {
        let node = self.graph.constant(0);
        let sure = false;
        Drawn { source, node, free, otherwise: None, domain, bounds, scale, sure }
    }

    /// Gives a drawn variable its node and number, after everything it rests on.
    fn make(&mut self, mut drawn: Drawn) -> Term {
        let refs = match &drawn.domain {
            Domain::Between(lo, hi) => vec![*lo, *hi],
            Domain::Among(elements) => elements.clone(),
        };
        let nodes: Vec<_> =
            refs.into_iter().chain(drawn.otherwise).map(|at| self.graph.node(at)).collect();
        let mut lo = nodes.iter().map(|node| node.lo).min().unwrap_or(0);
        let mut hi = nodes.iter().map(|node| node.hi).max().unwrap_or(0);
        if let Some((least, most)) = drawn.bounds {
            (lo, hi) = (lo.max(least), hi.min(most));
        }
        if drawn.sure && lo >= hi {
            let value = self.graph.constant(lo);
            return Term { scale: drawn.scale, ..self.plain(value) };
        }
        let stage = number(self.drawn.len() + 1);
        let number = number(self.layout.cells.len() + self.drawn.len());
        // A variable of one value is still drawn where it may have none.
        let hi = hi.max(lo.saturating_add(1));
        drawn.node = self.graph.variable(number, lo, hi, stage);
        let term = Term { scale: drawn.scale, ..self.plain(drawn.node) };
        self.drawn.push(drawn);
        term
    }

    /// The members of a set as a domain.
    fn domain(&mut self, set: &Set, bound: &mut Bindings) -> (Domain, i64, Safe) {
        match set {
            Set::Elements(elements) => {
                let terms: Vec<Term> =
                    elements.iter().map(|e| self.term(e, bound, false)).collect();
                let scale = terms.iter().fold(1i64, |s, t| num_integer::Integer::lcm(&s, &t.scale));
                let mut safe = self.always_safe();
                let mut values = Vec::new();
                for term in terms {
                    safe = self.both_safe(safe, term.safe);
                    values.push(self.rescale(term, scale).value);
                }
                (Domain::Among(values), scale, safe)
            }
            Set::Range(lo, hi) => {
                let (lo, hi) = (self.term(lo, bound, false), self.term(hi, bound, false));
                let safe = self.both_safe(lo.safe, hi.safe);
                (Domain::Between(lo.value, hi.value), 1, safe)
            }
            Set::Sort(sort) => {
                let lo = self.graph.constant(0);
                let hi = self.graph.constant(i64::from(size(self.model, *sort)) - 1);
                (Domain::Between(lo, hi), 1, self.always_safe())
            }
        }
    }

    /// Whether a domain has a member in every state.
    fn never_empty(&self, domain: &Domain) -> bool {
        match domain {
            Domain::Between(lo, hi) => self.graph.node(*lo).hi <= self.graph.node(*hi).lo,
            Domain::Among(elements) => !elements.is_empty(),
        }
    }

    /// Whether all of a domain's members are within bounds.
    fn fits(&self, domain: &Domain, bounds: Option<(i64, i64)>) -> bool {
        let Some((lo, hi)) = bounds else { return true };
        let inside = |at: &Ref| self.graph.node(*at).lo >= lo && self.graph.node(*at).hi <= hi;
        match domain {
            Domain::Between(lo, hi) => inside(lo) && inside(hi),
            Domain::Among(elements) => elements.iter().all(inside),
        }
    }

    /// Variables bound to members.
    pub fn members(&mut self, binders: &[LocalId], member: &[u32]) -> Bindings {
        let mut bound = Bindings::new();
        for (local, &i) in binders.iter().zip(member) {
            let value = self.graph.constant(i64::from(i));
            let term = self.plain(value);
            bound.push((*local, term));
        }
        bound
    }

    /// This period's value of an input slot.
    pub fn input_now(&mut self, slot: usize) -> Term {
        match self.inputs.get(slot).copied() {
            Some(Memo::Known(term)) => term,
            Some(Memo::Unknown) => {
                put(&mut self.inputs, slot, Memo::InProgress);
                self.draw_input(slot)
            }
            Some(Memo::InProgress) => {
                self.unguarded.push(slot);
                self.draw_freely(slot)
            }
            None => self.barred(Bar::Infinite("a choice".to_owned())),
        }
    }

    fn draw_input(&mut self, slot: usize) -> Term {
        let (model, layout) = (self.model, self.layout);
        let when = layout.inputs.get(slot).and_then(|place| {
            let input = model.inputs.get(place.of.index())?;
            Some((place, input, input.when.as_ref()?, input.otherwise.as_ref()?))
        });
        let Some((place, input, when, otherwise)) = when else { return self.draw_freely(slot) };
        let mut bound = self.members(&input.binders, &place.member);
        let when = self.term(when, &mut bound, false);
        let otherwise = self.term(otherwise, &mut bound, false);
        if let Some(Memo::Known(term)) = self.inputs.get(slot).copied() {
            return term;
        }
        let Some((lo, hi)) = self.bounds(place.ty) else { return self.draw_freely(slot) };
        let no_choice = self.fails(when);
        let ok = self.ok(otherwise.safe);
        let forced = self.graph.and(no_choice, ok);
        let free = self.graph.not(forced);
        let due = self.graph.node(otherwise.value);
        let sure = due.lo >= lo && due.hi <= hi;
        if sure && self.graph.known(free) == Some(0) {
            let term = self.plain(otherwise.value);
            put(&mut self.inputs, slot, Memo::Known(term));
            return term;
        }
        let (low, high) = (self.graph.constant(lo), self.graph.constant(hi));
        let domain = Domain::Between(low, high);
        let drawn = self.drawn(Source::Input(slot), free, domain, Some((lo, hi)), 1);
        let term = self.make(Drawn { otherwise: Some(otherwise.value), sure, ..drawn });
        put(&mut self.inputs, slot, Memo::Known(term));
        term
    }

    fn draw_freely(&mut self, slot: usize) -> Term {
        let layout = self.layout;
        let place = layout.inputs.get(slot);
        let bounds = place.and_then(|place| self.bounds(place.ty));
        let term = match bounds {
            Some((lo, hi)) => {
                let yes = self.graph.truth(true);
                let (low, high) = (self.graph.constant(lo), self.graph.constant(hi));
                let domain = Domain::Between(low, high);
                let drawn = self.drawn(Source::Input(slot), yes, domain, bounds, 1);
                self.make(Drawn { sure: true, ..drawn })
            }
            None => {
                let name = place.map(|place| place.name.clone()).unwrap_or_default();
                self.barred(Bar::Infinite(name))
            }
        };
        put(&mut self.inputs, slot, Memo::Known(term));
        term
    }

    pub(super) fn draw(&mut self, slot: usize, n: usize, set: &Set, bound: &mut Bindings) -> Term {
        match self.draws.get(slot).copied() {
            Some(Memo::Known(term)) => return term,
            Some(Memo::Unknown) => {}
            _ => return self.cycle(),
        }
        put(&mut self.draws, slot, Memo::InProgress);
        let guard = self.guard(n);
        let (domain, scale, safe) = self.domain(set, bound);
        let (enabled, ok) = (self.holds(guard), self.ok(safe));
        let free = self.graph.and(enabled, ok);
        let sure = self.never_empty(&domain);
        let drawn = self.drawn(Source::Draw(slot), free, domain, None, scale);
        // Where the rule is idle its draw is not looked at: any member does.
        let idle = match &drawn.domain {
            Domain::Between(lo, _) => Some(*lo),
            Domain::Among(elements) => elements.first().copied(),
        };
        let idle = idle.unwrap_or(drawn.node);
        let term = self.make(Drawn { sure, otherwise: Some(idle), ..drawn });
        let term = Term { safe, ..term };
        put(&mut self.draws, slot, Memo::Known(term));
        term
    }
}
