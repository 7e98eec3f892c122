//! The ground program of a model at given parameters: cells, drawn values, guards, and each cell's
//! end of period as one expression over them.
//!
//! Everything is worked out on demand and once. What is asked for while it is being worked out may
//! rest on itself; such a program is barred, and the search by the interpreter takes over.

use crate::types::core::{Chosen, Model, RuleId, Type, Value};
use crate::types::layout::{Layout, offset};

use super::drawn::Drawn;
use super::graph::{Bar, Graph, Ref};
use super::term::{Bindings, Safe, Term};
use crate::interp::next::Instance;
use crate::interp::step::Interpreter;
use crate::interp::value::size;

/// Something worked out at most once, and never while it is being worked out.
#[derive(Clone, Copy, Debug)]
pub(super) enum Memo<T> {
    /// Not asked for yet.
    Unknown,
    /// Being worked out.
    InProgress,
    /// Worked out.
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
    /// Something may rest on itself, even if its value turned out not to matter: a step in which
    /// it does is defective all the same.
    pub cyclic: bool,
    /// The program is too large.
    pub too_large: bool,
    interpreter: &'m Interpreter<'m>,
    pub(super) first: bool,
    pub(super) cells: Vec<Memo<Term>>,
    pub(super) inputs: Vec<Memo<Term>>,
    pub(super) draws: Vec<Memo<Term>>,
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
            cyclic: false,
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

    /// What may rest on itself.
    pub(super) fn cycle(&mut self) -> Term {
        self.cyclic = true;
        self.barred(Bar::Cycle)
    }

    pub(super) fn barred(&mut self, bar: Bar) -> Term {
        let node = self.graph.bar(bar);
        self.plain(node)
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
            _ => return self.cycle(),
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
                let term = self.cycle();
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

    /// Where two live writes have different values. Few are compared in pairs, since rules that
    /// exclude each other then drop out; many with the value that is written.
    fn differs(&mut self, written: Term, live: &[(Ref, Term)]) -> Ref {
        let mut differs = self.graph.truth(false);
        for (n, (hit, value)) in live.iter().enumerate() {
            let value = self.rescale(*value, written.scale);
            let yes = self.graph.truth(true);
            let others: Vec<(Ref, Term)> = match live.get(..n) {
                Some([]) | None => continue,
                Some(earlier) if live.len() <= 8 => earlier.to_vec(),
                Some(_) => vec![(yes, written)],
            };
            for (other_hit, other) in others {
                let other = self.rescale(other, written.scale);
                let both = self.graph.and(*hit, other_hit);
                let same = self.graph.eq(value.value, other.value);
                let differ = self.graph.not(same);
                let contradicts = self.graph.and(both, differ);
                differs = self.graph.or(differs, contradicts);
            }
        }
        differs
    }

    fn finish(
        &mut self,
        slot: usize,
        term: Term,
        written: Ref,
        live: &[(Ref, Term)],
        safe: Safe,
    ) -> End {
        let differs = self.differs(term, live);
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

/// Puts a result on record.
pub(super) fn put<T>(memos: &mut [Memo<T>], n: usize, memo: Memo<T>) {
    if let Some(place) = memos.get_mut(n) {
        *place = memo;
    }
}

/// A number of 32 bits.
pub(super) fn number(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}
