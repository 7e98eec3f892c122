//! Why a cell has its value at the start of a period, and why a choice was made.
//!
//! A cell that a rule wrote has what that rule wrote, unless one that overrides it wrote as well. A
//! cell that no rule wrote has the value it had, for want of every write: the rule was not enabled,
//! or wrote another member, or would have written the very same. Writes that contradict each other
//! are no step, so one write is enough. A choice also comes with the state that let it be made, a
//! draw with the set that it was drawn from: without that the run were none, and readers ask.

use std::collections::BTreeSet;

use crate::types::core::{Chosen, Prescribed, Prescription, Rule, RuleId, Update, Value};
use crate::types::layout::offset;

use super::super::evaluate::{Reading, Scope};
use super::super::next::Instance;
use super::super::value::{cardinality, nth};
use super::reads::{Reads, Why, cheapest};
use super::{Item, Run, Slice, What};

/// Most values of a best reply that are looked into.
const MOST_COMPARED: u64 = 64;

/// What something that is kept rests on; nothing if that cannot be told.
pub(super) fn of(run: &Run<'_>, slice: &Slice, item: Item) -> Option<BTreeSet<Item>> {
    match item.what {
        What::Cell(slot) => {
            let mut all = Reads::default();
            for period in run.before(item.period) {
                all = all.and(Writes::to(run.why(slice, period)?, slot)?.cause()?);
            }
            Some(all.items)
        }
        What::Input(slot) => Some(choice(&run.why(slice, item.period)?, slot)?.items),
        What::Draw(_) | What::Fired(_) | What::Tick(_) => Some(BTreeSet::new()),
    }
}

/// A write that a rule instance could make.
#[derive(Clone, Copy)]
struct Write<'a> {
    n: usize,
    u: usize,
    instance: &'a Instance,
    rule: &'a Rule,
    update: &'a Update,
}

impl Write<'_> {
    fn scope(&self) -> Scope {
        Scope::members(self.rule.binders.iter().copied(), &self.instance.member)
    }
}

/// The writes to a cell in one period.
struct Writes<'a> {
    why: Why<'a>,
    slot: usize,
    /// Those that any rule instance could make to the cell's family.
    all: Vec<Write<'a>>,
    /// Which of them are made to the slot.
    made: Vec<Write<'a>>,
}

impl<'a> Writes<'a> {
    fn to(why: Why<'a>, slot: usize) -> Option<Writes<'a>> {
        let interpreter = why.run.interpreter;
        let mut writes = Writes { why, slot, all: Vec::new(), made: Vec::new() };
        for &(n, u) in interpreter.writers(slot) {
            let instance = interpreter.instances.get(n)?;
            let rule = interpreter.model.rules.get(instance.rule.index())?;
            let write = Write { n, u, instance, rule, update: rule.updates.get(u)? };
            writes.all.push(write);
            if writes.enabled(&write)? && writes.target(&write)? == slot {
                writes.made.push(write);
            }
        }
        Some(writes)
    }

    fn enabled(&self, write: &Write<'_>) -> Option<bool> {
        self.why.reading.holds(&write.rule.guard, &mut write.scope()).ok()
    }

    /// The slot that a write is made to; one of a rule that does not fire may have none.
    fn target(&self, write: &Write<'_>) -> Option<usize> {
        let interpreter = self.why.run.interpreter;
        let cell = interpreter.model.cells.get(write.update.cell.index())?;
        let index = &write.update.index;
        let member = self.why.reading.member(&cell.index, index, &mut write.scope()).ok()?;
        let base = interpreter.layout.cell(write.update.cell);
        Some(base + offset(interpreter.model, &cell.index, &member))
    }

    fn guard(&self, write: &Write<'_>) -> Option<Reads> {
        self.why.value(&write.rule.guard, &mut write.scope())
    }

    fn index(&self, write: &Write<'_>) -> Option<Reads> {
        self.why.all(&write.update.index, &mut write.scope())
    }

    fn cause(&self) -> Option<Reads> {
        let void: Vec<RuleId> =
            self.made.iter().flat_map(|write| write.rule.overrides.iter().copied()).collect();
        let live = self.made.iter().filter(|write| !void.contains(&write.instance.rule));
        let written: Vec<Reads> = live.map(|write| self.written(write)).collect::<Option<_>>()?;
        match cheapest(self.why.slice, written) {
            Some(written) => Some(written),
            None if self.made.is_empty() => self.stayed(),
            None => self.void(),
        }
    }

    /// A write that counts: the rule fires, writes here, writes this, and nothing overrides it.
    fn written(&self, write: &Write<'_>) -> Option<Reads> {
        let mut reads = self.guard(write)?.and(self.index(write)?);
        reads.items.insert(self.why.item(What::Fired(write.n)));
        reads = reads.and(match &write.update.value {
            Chosen::Is(expr) => self.why.value(expr, &mut write.scope())?,
            Chosen::In(set) => {
                let draw = self.why.run.interpreter.draw_slot(write.instance, write.u)?;
                let drawn = self.why.run.inputs(self.why.period)?.draws.get(draw)?;
                let allowed = self.why.within(drawn, set, &mut write.scope())?;
                Reads::one(self.why.item(What::Draw(draw))).and(allowed)
            }
        });
        let overriding = |other: &&Write<'_>| other.rule.overrides.contains(&write.instance.rule);
        for other in self.all.iter().filter(overriding) {
            reads = reads.and(self.missed(other, None)?);
        }
        Some(reads)
    }

    /// No write: the value that was there, and why no rule wrote another.
    fn stayed(&self) -> Option<Reads> {
        let before = self.why.item(What::Cell(self.slot));
        let period = self.why.run.trace.periods.get(self.why.period)?;
        let value = period.state.get(self.slot)?;
        self.all.iter().try_fold(Reads::one(before), |reads, write| {
            Some(reads.and(self.missed(write, Some(value))?))
        })
    }

    /// Why a write is not made here, or makes no difference to a value.
    fn missed(&self, write: &Write<'_>, same: Option<&Value>) -> Option<Reads> {
        let mut reasons = Vec::new();
        if self.target(write).is_some_and(|target| target != self.slot) {
            reasons.push(self.index(write)?);
        }
        let by_name = reasons.iter().any(|reads| reads.items.is_empty());
        if let (Some(same), Chosen::Is(expr), false) = (same, &write.update.value, by_name)
            && self.why.reading.value(expr, &mut write.scope()).ok().as_ref() == Some(same)
        {
            reasons.push(self.why.value(expr, &mut write.scope())?);
        }
        if !by_name && self.enabled(write) == Some(false) {
            reasons.push(self.guard(write)?);
        }
        cheapest(self.why.slice, reasons)
    }

    /// Writes that make each other void: the value that was there, and all that decides what is written.
    fn void(&self) -> Option<Reads> {
        let before = self.why.item(What::Cell(self.slot));
        self.all.iter().try_fold(Reads::one(before), |reads, write| {
            let enabled = self.enabled(write)?;
            let index = if enabled { self.index(write)? } else { Reads::default() };
            Some(reads.and(self.guard(write)?).and(index))
        })
    }
}

/// Why a choice was made: there was none, or there was and it was allowed; a practice prescribes it.
fn choice(why: &Why<'_>, slot: usize) -> Option<Reads> {
    let interpreter = why.run.interpreter;
    let place = interpreter.layout.inputs.get(slot)?;
    let input = interpreter.model.inputs.get(place.of.index())?;
    let binders = input.binders.iter().copied().zip(input.index.iter().copied());
    let mut scope = Scope::members(binders, &place.member);
    let mut reads = Reads::default();
    if let Some(when) = &input.when {
        let free = why.reading.holds(when, &mut scope).ok()?;
        let otherwise = input.otherwise.as_ref();
        if !free {
            return why.all([when].into_iter().chain(otherwise), &mut scope);
        }
        let drawn = why.reading.inputs?.get(slot)?;
        let due = otherwise.and_then(|value| why.reading.value(value, &mut scope).ok());
        if due.as_ref() != Some(drawn) {
            reads = why.value(when, &mut scope)?;
        }
    }
    if let Some(condition) = &input.condition {
        // What others choose is no more the reason than this choice is of theirs.
        let mut allowed = why.value(condition, &mut scope)?;
        allowed.items.retain(|item| matches!(item.what, What::Cell(_)));
        reads = reads.and(allowed);
    }
    Some(reads.and(prescribed(why, slot)?))
}

/// The first practice that prescribes a choice: that it is followed, and what it goes by.
fn prescribed(why: &Why<'_>, slot: usize) -> Option<Reads> {
    let interpreter = why.run.interpreter;
    for (n, instance) in interpreter.instances.iter().enumerate() {
        let rule = interpreter.model.rules.get(instance.rule.index())?;
        if rule.prescribes.is_empty() {
            continue;
        }
        let mut scope = Scope::members(rule.binders.iter().copied(), &instance.member);
        for prescription in &rule.prescribes {
            if is_of(why, slot, prescription, &mut scope)
                && why.reading.holds(&rule.guard, &mut scope).ok()?
            {
                let mut reads = why.value(&rule.guard, &mut scope)?;
                reads = reads.and(why.all(&prescription.index, &mut scope)?);
                reads = reads.and(match &prescription.value {
                    Prescribed::Is(value) => why.value(value, &mut scope)?,
                    Prescribed::BestReply { .. } => compared(why, slot)?,
                });
                reads.items.insert(why.item(What::Fired(n)));
                return Some(reads);
            }
        }
    }
    Some(Reads::default())
}

/// Whether a prescription is of this choice.
fn is_of(why: &Why<'_>, slot: usize, prescription: &Prescription, scope: &mut Scope) -> bool {
    let interpreter = why.run.interpreter;
    let Some(input) = interpreter.model.inputs.get(prescription.input.index()) else {
        return false;
    };
    let member = why.reading.member(&input.index, &prescription.index, scope);
    let base = interpreter.layout.input(prescription.input);
    member.is_ok_and(|member| base + offset(interpreter.model, &input.index, &member) == slot)
}

/// What a best reply was found by: what its owner gains by each of the values that could be chosen.
fn compared(why: &Why<'_>, slot: usize) -> Option<Reads> {
    let (model, layout) = (why.run.interpreter.model, &why.run.interpreter.layout);
    let place = layout.inputs.get(slot)?;
    let input = model.inputs.get(place.of.index())?;
    let binders = input.binders.iter().copied().zip(input.index.iter().copied());
    let mut scope = Scope::members(binders, &place.member);
    let owner = why.reading.value(input.owner.as_ref()?, &mut scope).ok()?;
    let Value::Member(sort, _) = owner else { return None };
    let own = || model.payoffs.iter().filter(|payoff| payoff.owner == sort);
    let mut reads = Reads::default();
    for n in 0..cardinality(model, input.ty)?.min(MOST_COMPARED) {
        let mut instead = why.reading.inputs?.to_vec();
        *instead.get_mut(slot)? = nth(input.ty, n)?;
        let reading = Reading { inputs: Some(&instead), ..why.reading };
        let other = Why { reading, ..*why };
        for payoff in own() {
            let mut scope = Scope::of([(payoff.binder, owner.clone())]);
            reads = reads.and(other.value(&payoff.value, &mut scope).unwrap_or_default());
        }
    }
    Some(reads)
}
