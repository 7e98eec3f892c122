//! The ground program of a model at given parameters: cells, drawn values, guards, and each cell's
//! end of period as one expression over them.
//!
//! Variables are made on demand: a draw comes after what its rule's guard and set read, a choice
//! after what its `when` and `else` read, so that whether there is a choice at all is known before
//! its values are tried. Where that goes round in a circle the choice is tried freely and checked
//! afterwards.

use crate::types::core::{Chosen, LocalId, Model, RuleId, Set, Type, Value};
use crate::types::layout::{Layout, offset};

use super::graph::{Bar, Graph, Ref};
use super::term::{Bindings, Safe, Term};
use crate::interp::next::Instance;
use crate::interp::step::Interpreter;
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

/// Something worked out at most once, and never while it is being worked out.
#[derive(Clone, Copy, Debug)]
enum Memo<T> {
    Unknown,
    InProgress,
    Known(T),
}

/// A cell's end of period.
#[derive(Clone, Copy, Debug)]
pub struct End {
    /// Its value.
    pub term: Term,
    /// 1 where two live writes contradict each other.
    pub contradiction: Ref,
    /// 1 where it is written outside its range.
    pub overrun: Ref,
}

/// The compiler of one model.
pub struct Compiler<'m> {
    /// The model.
    pub model: &'m Model,
    /// Its layout.
    pub layout: &'m Layout,
    /// The parameters.
    pub params: Vec<Value>,
    /// The operations.
    pub graph: Graph,
    /// The drawn variables, in the order in which they are drawn.
    pub drawn: Vec<Drawn>,
    /// Input slots that are tried freely although `when` may leave no choice.
    pub unguarded: Vec<usize>,
    /// The program is too large.
    pub too_large: bool,
    interpreter: &'m Interpreter<'m>,
    first: bool,
    cells: Vec<Memo<Term>>,
    inputs: Vec<Memo<Term>>,
    draws: Vec<Memo<Term>>,
    guards: Vec<Memo<Term>>,
    ends: Vec<Memo<End>>,
}

impl<'m> Compiler<'m> {
    /// A compiler of steps, or (`first`) of first states, in which cells are drawn.
    pub fn new(interpreter: &'m Interpreter<'m>, params: &[Value], first: bool) -> Compiler<'m> {
        let layout = &interpreter.layout;
        let mut compiler = Compiler {
            model: interpreter.model,
            layout,
            params: params.to_vec(),
            graph: Graph::default(),
            drawn: Vec::new(),
            unguarded: Vec::new(),
            too_large: false,
            interpreter,
            first,
            cells: vec![Memo::Unknown; layout.cells.len()],
            inputs: vec![Memo::Unknown; layout.inputs.len()],
            draws: vec![Memo::Unknown; layout.draws.len()],
            guards: vec![Memo::Unknown; interpreter.instances.len()],
            ends: vec![Memo::Unknown; layout.cells.len()],
        };
        if !first {
            compiler.declare_cells();
        }
        compiler
    }

    fn declare_cells(&mut self) {
        let layout = self.layout;
        for (n, slot) in layout.cells.iter().enumerate() {
            let node = match self.bounds(slot.ty) {
                Some((lo, hi)) => self.graph.variable(number(n), lo, hi, 0),
                None => self.graph.bar(Bar::Infinite(slot.name.clone())),
            };
            let term = self.plain(node);
            put(&mut self.cells, n, Memo::Known(term));
        }
    }

    /// The least and greatest number of a finite type.
    pub fn bounds(&self, ty: Type) -> Option<(i64, i64)> {
        match ty {
            Type::Bool => Some((0, 1)),
            Type::Range(lo, hi) => Some((lo, hi)),
            Type::Finite(sort) => Some((0, i64::from(size(self.model, sort)) - 1)),
            Type::Int | Type::Real => None,
        }
    }

    fn barred(&mut self, bar: Bar) -> Term {
        let node = self.graph.bar(bar);
        self.plain(node)
    }

    /// A cell at the start of the period.
    pub fn cell_now(&mut self, slot: usize) -> Term {
        match self.cells.get(slot).copied() {
            Some(Memo::Known(term)) => term,
            Some(Memo::Unknown) if self.first => {
                put(&mut self.cells, slot, Memo::InProgress);
                self.draw_cell(slot)
            }
            Some(Memo::InProgress) => self.barred(Bar::Cycle),
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

    /// The number of a rule's first instance.
    pub fn first_instance(&self, rule: RuleId) -> usize {
        let instances = &self.interpreter.instances;
        instances.partition_point(|instance| instance.rule < rule)
    }

    /// The variables of an instance, bound.
    pub fn bindings(&mut self, instance: &Instance) -> Bindings {
        let model = self.model;
        let Some(rule) = model.rules.get(instance.rule.index()) else { return Bindings::new() };
        let binders: Vec<_> = rule.binders.iter().map(|(local, _)| *local).collect();
        self.members(&binders, &instance.member)
    }

    /// The guard of an instance.
    pub fn guard(&mut self, n: usize) -> Term {
        match self.guards.get(n).copied() {
            Some(Memo::Known(term)) => return term,
            Some(Memo::Unknown) => {}
            _ => return self.barred(Bar::Cycle),
        }
        put(&mut self.guards, n, Memo::InProgress);
        let interpreter = self.interpreter;
        let rule = interpreter.instances.get(n).and_then(|instance| {
            Some((instance, interpreter.model.rules.get(instance.rule.index())?))
        });
        let term = match rule {
            Some((instance, rule)) => {
                let mut bound = self.bindings(instance);
                self.term(&rule.guard, &mut bound, false)
            }
            None => self.barred(Bar::Infinite("a rule".to_owned())),
        };
        put(&mut self.guards, n, Memo::Known(term));
        term
    }

    /// The value that an update of an instance writes.
    pub fn written(&mut self, n: usize, u: usize) -> Term {
        let interpreter = self.interpreter;
        let Some(instance) = interpreter.instances.get(n) else {
            return self.barred(Bar::Infinite("a rule".to_owned()));
        };
        let Some(update) = interpreter.updates(instance.rule).get(u) else {
            return self.barred(Bar::Infinite("an update".to_owned()));
        };
        let mut bound = self.bindings(instance);
        match &update.value {
            Chosen::Is(expr) => self.term(expr, &mut bound, false),
            Chosen::In(set) => {
                let slot = interpreter.draw_slot(instance, u).unwrap_or(usize::MAX);
                self.draw(slot, n, set, &mut bound)
            }
        }
    }

    fn draw(&mut self, slot: usize, n: usize, set: &Set, bound: &mut Bindings) -> Term {
        match self.draws.get(slot).copied() {
            Some(Memo::Known(term)) => return term,
            Some(Memo::Unknown) => {}
            _ => return self.barred(Bar::Cycle),
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

    /// Where an update of an instance writes a slot, and the safety of its index.
    pub fn hits(&mut self, n: usize, u: usize, slot: Option<usize>) -> (Ref, Safe) {
        let interpreter = self.interpreter;
        let update = interpreter.instances.get(n).and_then(|instance| {
            let update = interpreter.updates(instance.rule).get(u)?;
            Some((instance, update, interpreter.model.cells.get(update.cell.index())?))
        });
        let Some((instance, update, cell)) = update else {
            return (self.graph.truth(false), self.always_safe());
        };
        let mut bound = self.bindings(instance);
        let (at, safe) = self.index(&cell.index, &update.index, &mut bound, false);
        let Some(member) = slot.and_then(|slot| self.layout.cells.get(slot)) else {
            return (self.graph.truth(true), safe);
        };
        let place = offset(self.model, &cell.index, &member.member);
        let place = self.graph.constant(i64::try_from(place).unwrap_or(i64::MAX));
        (self.graph.eq(at, place), safe)
    }

    /// The value of a slot at the end of the period.
    pub fn next(&mut self, slot: usize) -> End {
        match self.ends.get(slot).copied() {
            Some(Memo::Known(end)) => return end,
            Some(Memo::Unknown) => {}
            _ => {
                let term = self.barred(Bar::Cycle);
                return End { term, contradiction: term.value, overrun: term.value };
            }
        }
        put(&mut self.ends, slot, Memo::InProgress);
        let end = self.end(slot);
        put(&mut self.ends, slot, Memo::Known(end));
        end
    }

    fn end(&mut self, slot: usize) -> End {
        let interpreter = self.interpreter;
        let (hits, mut safe) = self.all_hits(slot);
        let void: Vec<(RuleId, Ref)> = hits
            .iter()
            .filter_map(|(n, _, hit)| Some((interpreter.instances.get(*n)?.rule, *hit)))
            .collect();
        let (mut written, mut term) = (self.graph.truth(false), self.cell_now(slot));
        let mut live = Vec::new();
        for (n, u, hit) in hits {
            let live_hit = self.live(n, hit, &void);
            if self.graph.known(live_hit) == Some(0) {
                continue;
            }
            let value = self.written(n, u);
            let counted = self.safe_if(live_hit, value.safe);
            safe = self.both_safe(safe, counted);
            written = self.graph.or(written, live_hit);
            live.push((live_hit, value));
        }
        for (hit, value) in live.iter().rev() {
            let condition = self.plain(*hit);
            let unguarded = Term { safe: self.always_safe(), ..*value };
            let rest = Term { safe: self.always_safe(), ..term };
            term = self.conditional(condition, unguarded, rest);
        }
        self.finish(slot, term, written, &live, safe)
    }

    /// The enabled updates that may write a slot.
    fn all_hits(&mut self, slot: usize) -> (Vec<(usize, usize, Ref)>, Safe) {
        let interpreter = self.interpreter;
        let mut safe = self.always_safe();
        let mut hits = Vec::new();
        for &(n, u) in interpreter.writers(slot) {
            let guard = self.guard(n);
            let enabled = self.holds(guard);
            let (hit, index) = self.hits(n, u, Some(slot));
            let index_safe = self.safe_if(enabled, index);
            let both = self.both_safe(guard.safe, index_safe);
            safe = self.both_safe(safe, both);
            let ok = self.ok(index);
            let named = self.graph.and(hit, ok);
            let hit = self.graph.and(enabled, named);
            if self.graph.known(hit) != Some(0) {
                hits.push((n, u, hit));
            }
        }
        (hits, safe)
    }

    /// Where a hit counts: no rule that overrides its own writes the slot.
    fn live(&mut self, n: usize, hit: Ref, all: &[(RuleId, Ref)]) -> Ref {
        let interpreter = self.interpreter;
        let Some(rule) = interpreter.instances.get(n).map(|instance| instance.rule) else {
            return hit;
        };
        let mut live = hit;
        for (other, theirs) in all {
            let declared = interpreter.model.rules.get(other.index());
            if declared.is_some_and(|declared| declared.overrides.contains(&rule)) {
                let silent = self.graph.not(*theirs);
                live = self.graph.and(live, silent);
            }
        }
        live
    }

    fn finish(
        &mut self,
        slot: usize,
        term: Term,
        written: Ref,
        live: &[(Ref, Term)],
        safe: Safe,
    ) -> End {
        let mut differs = self.graph.truth(false);
        for (hit, value) in live.iter().skip(1) {
            let value = self.rescale(*value, term.scale);
            let same = self.graph.eq(value.value, term.value);
            let other = self.graph.not(same);
            let contradicts = self.graph.and(*hit, other);
            differs = self.graph.or(differs, contradicts);
        }
        let ok = self.ok(safe);
        let contradiction = self.graph.and(ok, differs);
        let agree = self.graph.not(contradiction);
        let bounds = self.layout.cells.get(slot).and_then(|slot| self.bounds(slot.ty));
        let outside = match bounds {
            Some((lo, hi)) => {
                let (lo, hi) = (self.graph.constant(lo), self.graph.constant(hi));
                let above = self.graph.le(lo, term.value);
                let below = self.graph.le(term.value, hi);
                let inside = self.graph.and(above, below);
                self.graph.not(inside)
            }
            None => self.graph.truth(false),
        };
        let settled = self.graph.and(ok, agree);
        let lapse = self.graph.and(written, outside);
        let overrun = self.graph.and(settled, lapse);
        let writes = self.graph.and(safe.writes, agree);
        let term = Term { safe: Safe { writes, ..safe }, ..term };
        End { term, contradiction, overrun }
    }
}

fn put<T>(memos: &mut [Memo<T>], n: usize, memo: Memo<T>) {
    if let Some(place) = memos.get_mut(n) {
        *place = memo;
    }
}

fn number(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}
