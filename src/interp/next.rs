//! The end of a period, on demand: all enabled rule instances fire at once, and a right side that
//! reads `y'` makes the value of `y'` known first. A value asked for while it is being worked out
//! rests on itself: a cyclic read.

use std::cell::RefCell;

use crate::syntax::source::Span;
use crate::types::core::{Chosen, RuleId, Update, Value};
use crate::types::defect::DefectKind;
use crate::types::layout::{DrawId, offset, value_name};

use super::evaluate::{Evaluated, Faults, Next, Reading, Scope, both};
use super::step::Interpreter;
use super::value::Values;

/// One rule with its variables bound.
#[derive(Clone, Debug)]
pub struct Instance {
    /// The rule.
    pub rule: RuleId,
    /// The members its variables stand for.
    pub member: Vec<u32>,
    /// The place of `member` in row-major order.
    pub place: usize,
}

/// Something worked out at most once, and never while it is being worked out.
#[derive(Clone, Debug)]
enum Memo<T> {
    Unknown,
    InProgress,
    Known(Result<T, Faults>),
}

/// One period's firing.
pub struct Firing<'a> {
    interpreter: &'a Interpreter<'a>,
    params: &'a [Value],
    state: &'a [Value],
    inputs: &'a [Value],
    draws: &'a [Value],
    guards: RefCell<Vec<Memo<bool>>>,
    targets: RefCell<Vec<Vec<Memo<usize>>>>,
    /// Kept once known; what rests on itself is noticed where cells are read.
    values: RefCell<Vec<Vec<Memo<Value>>>>,
    cells: RefCell<Vec<Memo<Value>>>,
}

/// A write that counts or is void.
struct Write {
    instance: usize,
    update: usize,
}

impl<'a> Firing<'a> {
    /// The firing of a period, nothing worked out yet.
    pub fn new(
        interpreter: &'a Interpreter<'a>,
        params: &'a [Value],
        state: &'a [Value],
        inputs: &'a [Value],
        draws: &'a [Value],
    ) -> Firing<'a> {
        let instances = &interpreter.instances;
        Firing {
            interpreter,
            params,
            state,
            inputs,
            draws,
            guards: RefCell::new(vec![Memo::Unknown; instances.len()]),
            targets: RefCell::new(by_update(interpreter)),
            values: RefCell::new(by_update(interpreter)),
            cells: RefCell::new(vec![Memo::Unknown; interpreter.layout.cells.len()]),
        }
    }

    /// What expressions of this period may read.
    pub fn reading(&'a self) -> Reading<'a> {
        Reading {
            model: self.interpreter.model,
            layout: &self.interpreter.layout,
            params: self.params,
            state: self.state,
            inputs: Some(self.inputs),
            next: Some(self),
        }
    }

    fn scope(&self, instance: &Instance) -> Scope {
        let rule = self.interpreter.model.rules.get(instance.rule.index());
        Scope::members(rule.into_iter().flat_map(|r| r.binders.iter().copied()), &instance.member)
    }

    /// Whether an instance is enabled.
    pub fn enabled(&self, n: usize) -> Result<bool, Faults> {
        let read = |firing: &Firing<'_>| firing.guards.borrow().get(n).cloned();
        match read(self) {
            Some(Memo::Known(result)) => return result,
            Some(Memo::Unknown) => {}
            _ => return Err(self.cycle(n)),
        }
        put(&self.guards, n, Memo::InProgress);
        let result = self.guard(n);
        put(&self.guards, n, Memo::Known(result.clone()));
        result
    }

    fn guard(&self, n: usize) -> Result<bool, Faults> {
        let Some(instance) = self.interpreter.instances.get(n) else { return Ok(false) };
        let Some(rule) = self.interpreter.model.rules.get(instance.rule.index()) else {
            return Ok(false);
        };
        self.reading().holds(&rule.guard, &mut self.scope(instance))
    }

    fn cycle(&self, n: usize) -> Faults {
        let instance = self.interpreter.instances.get(n);
        let name = instance.map(|i| self.interpreter.instance_name(i)).unwrap_or_default();
        let span = instance
            .and_then(|i| self.interpreter.model.rules.get(i.rule.index()))
            .map_or(Span::default(), |rule| rule.span);
        Faults::defect(DefectKind::CyclicRead, span, format!("rule `{name}` rests on itself"))
    }

    /// The slot that an update of an enabled instance writes.
    pub fn target(&self, n: usize, u: usize) -> Result<usize, Faults> {
        let memo = self.targets.borrow().get(n).and_then(|targets| targets.get(u)).cloned();
        match memo {
            Some(Memo::Known(result)) => return result,
            Some(Memo::Unknown) => {}
            _ => return Err(self.cycle(n)),
        }
        put_update(&self.targets, n, u, Memo::InProgress);
        let result = self.slot(n, u);
        put_update(&self.targets, n, u, Memo::Known(result.clone()));
        result
    }

    fn update(&self, n: usize, u: usize) -> Option<(&'a Instance, &'a Update)> {
        let instance = self.interpreter.instances.get(n)?;
        Some((instance, self.interpreter.updates(instance.rule).get(u)?))
    }

    fn slot(&self, n: usize, u: usize) -> Result<usize, Faults> {
        let missing = || Faults::unreadable(Span::default(), "no such update");
        let (instance, update) = self.update(n, u).ok_or_else(missing)?;
        let model = self.interpreter.model;
        let cell = model.cells.get(update.cell.index()).ok_or_else(missing)?;
        let mut scope = self.scope(instance);
        let member = self.reading().member(&cell.index, &update.index, &mut scope)?;
        Ok(self.interpreter.layout.cell(update.cell) + offset(model, &cell.index, &member))
    }

    /// The value an update of an enabled instance writes, or that was drawn for it.
    pub fn written(&self, n: usize, u: usize) -> Evaluated {
        if let Some(Memo::Known(result)) = self.values.borrow().get(n).and_then(|v| v.get(u)) {
            return result.clone();
        }
        let result = self.evaluated(n, u);
        put_update(&self.values, n, u, Memo::Known(result.clone()));
        result
    }

    fn evaluated(&self, n: usize, u: usize) -> Evaluated {
        let missing = || Faults::unreadable(Span::default(), "no such update");
        let (instance, update) = self.update(n, u).ok_or_else(missing)?;
        match &update.value {
            Chosen::Is(expr) => self.reading().value(expr, &mut self.scope(instance)),
            Chosen::In(set) => {
                // A draw rests on its set, which must not rest on the draw.
                self.reading().set(set, &mut self.scope(instance))?;
                let slot = self.interpreter.draw_slot(instance, u);
                let drawn = slot.and_then(|slot| self.draws.get(slot)).cloned();
                drawn.ok_or_else(|| Faults::unreadable(update.span, "no value was drawn"))
            }
        }
    }

    /// The set that an update's value is drawn from, for updates that have one.
    pub fn drawn_from(&self, n: usize, u: usize) -> Option<Result<Values, Faults>> {
        let (instance, update) = self.update(n, u)?;
        let Chosen::In(set) = &update.value else { return None };
        Some(self.reading().set(set, &mut self.scope(instance)))
    }

    /// The updates of enabled instances that write a slot.
    fn writes(&self, slot: usize) -> Result<Vec<Write>, Faults> {
        let mut writes = Ok(Vec::new());
        for &(n, u) in self.interpreter.writers(slot) {
            let hit = match self.enabled(n) {
                Ok(true) => self.target(n, u).map(|target| target == slot),
                other => other,
            };
            writes = both(writes, hit).map(|(mut writes, hit)| {
                if hit {
                    writes.push(Write { instance: n, update: u });
                }
                writes
            });
        }
        writes
    }

    fn rule(&self, write: &Write) -> Option<RuleId> {
        self.interpreter.instances.get(write.instance).map(|instance| instance.rule)
    }

    /// The writes to a slot that no overriding rule makes void.
    fn live(&self, slot: usize) -> Result<Vec<Write>, Faults> {
        let writes = self.writes(slot)?;
        let void: Vec<RuleId> = writes
            .iter()
            .filter_map(|write| self.interpreter.model.rules.get(self.rule(write)?.index()))
            .flat_map(|rule| rule.overrides.iter().copied())
            .collect();
        let counts = |write: &Write| self.rule(write).is_some_and(|rule| !void.contains(&rule));
        Ok(writes.into_iter().filter(counts).collect())
    }

    fn cell(&self, slot: usize, span: Span) -> Evaluated {
        let mut values: Result<Vec<(Value, Write)>, Faults> = Ok(Vec::new());
        for write in self.live(slot)? {
            let value = self.written(write.instance, write.update);
            values = both(values, value).map(|(mut values, value)| {
                values.push((value, write));
                values
            });
        }
        let values = values?;
        let Some((first, _)) = values.first() else {
            return self
                .state
                .get(slot)
                .cloned()
                .ok_or_else(|| Faults::unreadable(span, "no such cell"));
        };
        if values.iter().all(|(value, _)| value == first) {
            return Ok(first.clone());
        }
        Err(self.contradiction(slot, &values))
    }

    fn contradiction(&self, slot: usize, values: &[(Value, Write)]) -> Faults {
        let model = self.interpreter.model;
        let name = self.interpreter.layout.cells.get(slot).map_or("", |slot| slot.name.as_str());
        let words: Vec<String> = values
            .iter()
            .filter_map(|(value, write)| {
                let instance = self.interpreter.instances.get(write.instance)?;
                let rule = self.interpreter.instance_name(instance);
                Some(format!("`{rule}` writes {}", value_name(model, value)))
            })
            .collect();
        let span = values
            .last()
            .and_then(|(_, write)| self.update(write.instance, write.update))
            .map_or(Span::default(), |(_, update)| update.span);
        let text = format!("{} to `{name}`", words.join(", "));
        Faults::defect(DefectKind::ContradictoryWrites, span, text)
    }

    /// The first live write to a slot: its rule's name and where it stands.
    pub fn author(&self, slot: usize) -> Option<(String, Span)> {
        let live = self.live(slot).ok()?;
        let write = live.first()?;
        let (instance, update) = self.update(write.instance, write.update)?;
        Some((self.interpreter.instance_name(instance), update.span))
    }
}

impl Next for Firing<'_> {
    fn next(&self, slot: usize, span: Span) -> Evaluated {
        let memo = self.cells.borrow().get(slot).cloned();
        match memo {
            Some(Memo::Known(result)) => return result,
            Some(Memo::Unknown) => {}
            Some(Memo::InProgress) => {
                let cells = &self.interpreter.layout.cells;
                let name = cells.get(slot).map_or("", |slot| slot.name.as_str());
                let text = format!("`{name}'` rests on itself");
                return Err(Faults::defect(DefectKind::CyclicRead, span, text));
            }
            None => return Err(Faults::unreadable(span, "no such cell")),
        }
        put(&self.cells, slot, Memo::InProgress);
        let result = self.cell(slot, span);
        put(&self.cells, slot, Memo::Known(result.clone()));
        result
    }
}

fn put<T>(memos: &RefCell<Vec<Memo<T>>>, n: usize, memo: Memo<T>) {
    if let Some(place) = memos.borrow_mut().get_mut(n) {
        *place = memo;
    }
}

/// A place for each update of each instance.
fn by_update<T: Clone>(interpreter: &Interpreter<'_>) -> Vec<Vec<Memo<T>>> {
    let updates = |instance: &Instance| interpreter.updates(instance.rule).len();
    interpreter.instances.iter().map(|instance| vec![Memo::Unknown; updates(instance)]).collect()
}

fn put_update<T>(memos: &RefCell<Vec<Vec<Memo<T>>>>, n: usize, u: usize, memo: Memo<T>) {
    if let Some(place) = memos.borrow_mut().get_mut(n).and_then(|updates| updates.get_mut(u)) {
        *place = memo;
    }
}

/// The draw that belongs to update `u` of a rule.
pub fn draw_id(rule: RuleId, u: usize) -> DrawId {
    DrawId { rule, update: u32::try_from(u).unwrap_or(u32::MAX) }
}
