//! Rules to next-value terms.
//!
//! For a slot with writes (enabled when `g1`, value `v1`), … the next value is
//! `if g1 then v1 else if g2 then v2 … else x`. Two enabled writes contradict
//! each other iff some enabled one differs from that term, which takes one
//! comparison per write instead of one per pair. A `'` read asks for another
//! slot's next term on demand; a slot asked for while it is being worked out
//! closes a cycle.

use std::collections::BTreeSet;

use super::elaborate::{Elaborator, Next, Obligation, obligation, sort_of};
use super::expression::{Fault, Valued, sound};
use crate::syntax::source::Span;
use crate::term::{Bounds, Sort, Term};
use crate::types::core::{Chosen, Expr, RuleId, Set, SortId, Type};
use crate::types::defect::DefectKind;
use crate::types::layout::{self, DrawId};
use crate::types::visit;

/// One possible write to a slot.
#[derive(Clone, Copy)]
struct Write {
    rule: RuleId,
    span: Span,
    when: Term,
    value: Term,
    /// Guard, target and value can be evaluated.
    defined: Term,
}

impl Elaborator<'_> {
    /// The next values of all slots; defects of writing go to `obligations`.
    pub(super) fn next_states(&mut self, obligations: &mut Vec<Obligation>) -> Vec<Term> {
        let next: Vec<Term> = (0..self.layout.cells.len()).map(|slot| self.next(slot)).collect();
        for slot in 0..next.len() {
            self.write_defects(slot, obligations);
        }
        self.rule_faults(obligations);
        next
    }

    /// The value of a slot at the end of the period.
    pub(super) fn next(&mut self, slot: usize) -> Term {
        match self.nexts.get(slot) {
            Some(Next::Known(term)) => return *term,
            Some(Next::InProgress) => {
                self.note_cycle();
                return self.cell(slot);
            }
            _ => {}
        }
        self.set_next(slot, Next::InProgress);
        let writes = self.writes(slot);
        let unchanged = self.cell(slot);
        let term = writes
            .iter()
            .rev()
            .fold(unchanged, |rest, write| self.pool.ite(write.when, write.value, rest));
        self.set_next(slot, Next::Known(term));
        term
    }

    fn set_next(&mut self, slot: usize, next: Next) {
        if let Some(place) = self.nexts.get_mut(slot) {
            *place = next;
        }
    }

    fn note_cycle(&mut self) {
        let names = self.nexts.iter().zip(&self.layout.cells);
        let open = names.filter(|(next, _)| matches!(next, Next::InProgress));
        let names: Vec<String> = open.map(|(_, slot)| slot.name.clone()).collect();
        self.cycle.get_or_insert(names);
    }

    /// The effective writes to a slot: not voided by an enabled overriding rule.
    fn writes(&mut self, slot: usize) -> Vec<Write> {
        let writes = self.candidates(slot);
        let mut effective = Vec::new();
        for write in &writes {
            let voiding: Vec<Term> = writes
                .iter()
                .filter(|other| self.overrides(other.rule, write.rule))
                .map(|other| other.when)
                .collect();
            let void = self.pool.or(voiding);
            let live = self.pool.not(void);
            let when = self.pool.and([write.when, live]);
            if self.pool.as_bool(when) != Some(false) {
                effective.push(Write { when, ..*write });
            }
        }
        effective
    }

    fn overrides(&self, rule: RuleId, other: RuleId) -> bool {
        self.model.rules.get(rule.index()).is_some_and(|r| r.overrides.contains(&other))
    }

    /// All writes that could reach a slot.
    fn candidates(&mut self, slot: usize) -> Vec<Write> {
        let Some(place) = self.layout.cells.get(slot).cloned() else { return Vec::new() };
        let writers = self.writers.get(place.of.index()).cloned().unwrap_or_default();
        let mut writes = Vec::new();
        for (rule, update) in writers {
            for instance in 0..self.instances_of(rule) {
                let target = self.target(rule, update, instance);
                let terms: Vec<Term> = target.iter().map(|t| t.term).collect();
                let here = self.indexes(&terms, &place.member);
                if self.pool.as_bool(here) == Some(false) {
                    continue;
                }
                let guard = self.guard(rule, instance);
                let when = self.pool.and([guard.term, here]);
                if self.pool.as_bool(when) == Some(false) {
                    continue;
                }
                let (value, span) = self.written(rule, update, instance);
                let faults = guard.faults.iter().chain(&value.faults);
                let faults = faults.chain(target.iter().flat_map(|t| &t.faults));
                let fault = self.pool.or(faults.map(|f| f.when));
                let defined = self.pool.not(fault);
                writes.push(Write { rule, span, when, value: value.term, defined });
            }
        }
        writes
    }

    /// Contradictions between values that exist, and values out of range where there is no
    /// contradiction: what two rules contend for has no value yet that could be out of range.
    fn write_defects(&mut self, slot: usize, obligations: &mut Vec<Obligation>) {
        let next = self.next(slot);
        let bounds = self.layout.cells.get(slot).and_then(|s| sort_of(self.model, s.ty).1);
        let writes = self.writes(slot);
        let known = self.known_if_agreed(slot, &writes);
        let mut contradictions = Vec::new();
        for write in &writes {
            let differs = self.pool.ne(write.value, next);
            let when = self.pool.and([write.when, write.defined, known, differs]);
            contradictions.push(when);
            self.oblige(DefectKind::ContradictoryWrites, write.span, when, obligations);
        }
        let Some((lo, hi)) = bounds else { return };
        let contradiction = self.pool.or(contradictions);
        let agreed = self.pool.not(contradiction);
        for write in &writes {
            let inside = self.pool.between(write.value, lo, hi);
            let outside = self.pool.not(inside);
            let when = self.pool.and([write.when, write.defined, known, agreed, outside]);
            self.oblige(DefectKind::RangeOverrun, write.span, when, obligations);
        }
    }

    /// The slot has a next value, unless enabled writes contradict each other.
    fn known_if_agreed(&mut self, slot: usize, writes: &[Write]) -> Term {
        let unchanged = self.pool.top();
        let defined = writes
            .iter()
            .rev()
            .fold(unchanged, |rest, write| self.pool.ite(write.when, write.defined, rest));
        let targets = self.targets_known(slot);
        self.pool.and([defined, targets])
    }

    /// As [`Elaborator::next`], for an expression that reads it.
    pub(super) fn end(&mut self, slot: usize) -> Term {
        self.ends.insert(slot);
        self.next(slot)
    }

    /// Some of these slots has no value at the end of the period.
    pub(super) fn ends_unknown(&mut self, slots: &BTreeSet<usize>) -> Term {
        let mut unknown = Vec::new();
        for &slot in slots {
            let next = self.next(slot);
            let writes = self.writes(slot);
            let known = self.known_if_agreed(slot, &writes);
            unknown.push(self.pool.not(known));
            for write in &writes {
                let differs = self.pool.ne(write.value, next);
                unknown.push(self.pool.and([write.when, write.defined, differs]));
            }
        }
        self.pool.or(unknown)
    }

    /// No enabled write to the slot's cell has a bad index (it might have meant this slot), and
    /// of every rule that may write it is known whether it is enabled.
    fn targets_known(&mut self, slot: usize) -> Term {
        let cell = self.layout.cells.get(slot).map(|place| place.of.index());
        let writers = cell.and_then(|cell| self.writers.get(cell)).cloned().unwrap_or_default();
        let mut unknown = Vec::new();
        for (rule, update) in writers {
            for instance in 0..self.instances_of(rule) {
                let target = self.target(rule, update, instance);
                let faults: Vec<Term> =
                    target.iter().flat_map(|t| &t.faults).map(|f| f.when).collect();
                let fault = self.pool.or(faults);
                let guard = self.guard(rule, instance);
                unknown.push(self.pool.and([guard.term, fault]));
                unknown.extend(guard.faults.iter().map(|f| f.when));
            }
        }
        let unknown = self.pool.or(unknown);
        self.pool.not(unknown)
    }

    fn oblige(&self, kind: DefectKind, span: Span, when: Term, into: &mut Vec<Obligation>) {
        if self.pool.as_bool(when) != Some(false) {
            into.push(Obligation { kind, span, when });
        }
    }

    /// Division by zero and bad indexes in guards, targets and values.
    fn rule_faults(&mut self, obligations: &mut Vec<Obligation>) {
        for n in (0..).take(self.model.rules.len()) {
            let rule = RuleId(n);
            for instance in 0..self.instances_of(rule) {
                let guard = self.guard(rule, instance);
                obligations.extend(guard.faults.into_iter().map(obligation));
                let mut faults: Vec<Fault> = Vec::new();
                for update in 0..self.updates_of(rule) {
                    let target = self.target(rule, update, instance);
                    faults.extend(target.into_iter().flat_map(|t| t.faults));
                    faults.extend(self.written(rule, update, instance).0.faults);
                }
                let mut guarded = Vec::new();
                self.guarded(guard.term, faults, &mut guarded);
                obligations.extend(guarded.into_iter().map(obligation));
            }
        }
    }

    /// Draws lie in their sets when their rule fires.
    pub(super) fn draw_restrictions(&mut self, obligations: &mut Vec<Obligation>) -> Vec<Term> {
        let mut constraints = Vec::new();
        for n in (0..).take(self.model.rules.len()) {
            let rule = RuleId(n);
            for update in 0..self.updates_of(rule) {
                let Some(set) = self.drawn_from(rule, update) else { continue };
                for instance in 0..self.instances_of(rule) {
                    let guard = self.guard(rule, instance);
                    self.bind_instance(rule, instance);
                    let draw = self.draw_of(rule, update, instance);
                    let member = self.member(draw, &set);
                    constraints.push(self.pool.implies(guard.term, member.term));
                    let mut faults = Vec::new();
                    self.guarded(guard.term, member.faults, &mut faults);
                    obligations.extend(faults.into_iter().map(obligation));
                }
            }
        }
        constraints
    }

    /// The bounds of a draw: those of its set if known, else none.
    pub(super) fn draw_bounds(&mut self, rule: RuleId, update: u32, ty: Type) -> (Sort, Bounds) {
        let (sort, declared) = sort_of(self.model, ty);
        if !matches!(ty, Type::Range(..)) {
            return (sort, declared);
        }
        let Some(set) = self.drawn_from(rule, update as usize) else { return (sort, declared) };
        if self.rests_on_a_later_draw(&set) {
            return (sort, None);
        }
        let mut hull: Bounds = None;
        for instance in 0..self.instances_of(rule) {
            self.bind_instance(rule, instance);
            let terms: Vec<Term> = match &set {
                Set::Sort(_) => return (sort, declared),
                Set::Range(lo, hi) => vec![self.expr(lo).term, self.expr(hi).term],
                Set::Elements(list) => list.iter().map(|e| self.expr(e).term).collect(),
            };
            for term in terms {
                let Some((lo, hi)) = self.pool.bounds(term) else { return (sort, None) };
                hull = hull.map_or(Some((lo, hi)), |(a, b)| Some((a.min(lo), b.max(hi))));
            }
        }
        (sort, hull.or(declared))
    }

    /// Whether a set reads the end of a cell that rests on a draw which is not declared yet, perhaps
    /// this one itself: a cycle, which is found later.
    fn rests_on_a_later_draw(&self, set: &Set) -> bool {
        let first = visit::reads_all(self.model, visit::set_children(set));
        let mut todo: Vec<_> = first.primed.into_iter().collect();
        let mut seen = BTreeSet::new();
        while let Some(cell) = todo.pop() {
            if !seen.insert(cell) {
                continue;
            }
            for (rule, update) in self.writers.get(cell.index()).into_iter().flatten() {
                let Some(writer) = self.model.rules.get(rule.index()) else { continue };
                let Some(written) = writer.updates.get(*update) else { continue };
                let id = DrawId { rule: *rule, update: u32::try_from(*update).unwrap_or(u32::MAX) };
                let is_drawn = matches!(written.value, Chosen::In(_));
                if is_drawn && self.layout.draw(id) >= self.draws_declared() {
                    return true;
                }
                let read = visit::chosen_children(&written.value).into_iter();
                let read = read.chain(&written.index).chain([&writer.guard]);
                todo.extend(visit::reads_all(self.model, read).primed);
            }
        }
        false
    }

    fn drawn_from(&self, rule: RuleId, update: usize) -> Option<Set> {
        match &self.model.rules.get(rule.index())?.updates.get(update)?.value {
            Chosen::In(set) => Some(set.clone()),
            Chosen::Is(_) => None,
        }
    }

    /// Whether an instance of a rule is enabled.
    pub(super) fn guard(&mut self, rule: RuleId, instance: usize) -> Valued {
        if let Some(known) = self.guards.get(&(rule, instance)) {
            return known.clone();
        }
        self.bind_instance(rule, instance);
        let guard = match self.model.rules.get(rule.index()) {
            Some(rule) => self.expr(&rule.guard),
            None => sound(self.pool.bottom()),
        };
        self.guards.insert((rule, instance), guard.clone());
        guard
    }

    fn target(&mut self, rule: RuleId, update: usize, instance: usize) -> Vec<Valued> {
        let key = (rule, update, instance);
        if let Some(known) = self.targets.get(&key) {
            return known.clone();
        }
        self.bind_instance(rule, instance);
        let index: &[Expr] = self
            .model
            .rules
            .get(rule.index())
            .and_then(|r| r.updates.get(update))
            .map_or(&[], |u| &u.index);
        let target: Vec<Valued> = index.iter().map(|e| self.expr(e)).collect();
        self.targets.insert(key, target.clone());
        target
    }

    /// The value an instance writes, and where the write stands.
    fn written(&mut self, rule: RuleId, update: usize, instance: usize) -> (Valued, Span) {
        self.bind_instance(rule, instance);
        let found = self.model.rules.get(rule.index()).and_then(|r| r.updates.get(update));
        let Some(found) = found else { return (sound(self.pool.bottom()), Span::default()) };
        let value = match &found.value {
            Chosen::Is(e) => self.expr(e),
            // The set is looked at here too, so that a draw from a set that reads its own target's
            // end is a cycle like any other.
            Chosen::In(set) => {
                let term = self.draw_of(rule, update, instance);
                Valued { term, faults: self.member(term, set).faults }
            }
        };
        (value, found.span)
    }

    fn draw_of(&self, rule: RuleId, update: usize, instance: usize) -> Term {
        let id = DrawId { rule, update: u32::try_from(update).unwrap_or(u32::MAX) };
        self.draw(self.layout.draw(id) + instance)
    }

    fn updates_of(&self, rule: RuleId) -> usize {
        self.model.rules.get(rule.index()).map_or(0, |r| r.updates.len())
    }

    /// The sorts a rule's binders run over.
    pub(super) fn binder_sorts(&self, rule: RuleId) -> Vec<SortId> {
        let rule = self.model.rules.get(rule.index());
        rule.map(|r| r.binders.iter().map(|(_, sort)| *sort).collect()).unwrap_or_default()
    }

    fn instances_of(&self, rule: RuleId) -> usize {
        self.binder_sorts(rule).iter().map(|s| self.size(*s) as usize).product()
    }

    fn bind_instance(&mut self, rule: RuleId, instance: usize) {
        let sorts = self.binder_sorts(rule);
        let members = layout::members(self.model, &sorts);
        let Some(member) = members.get(instance) else { return };
        let Some(rule) = self.model.rules.get(rule.index()) else { return };
        let locals: Vec<_> = rule.binders.iter().map(|(local, _)| *local).collect();
        self.bind_members(&locals, member);
    }
}
