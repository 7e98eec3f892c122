//! One period, exactly as the language reference, section 1, says.
//!
//! A valuation of a period's inputs is *no step* when it breaks a type, a restriction or an
//! assumption that has a value, or draws outside a set; otherwise it is *defective* when anything
//! in it has no value or a write contradicts another or leaves its range; otherwise it is a step,
//! unless the state it leads to breaks an assumption over state. A write that `overrides` makes
//! void is still evaluated: a division by zero in it is a defect, its value is not.

use crate::syntax::source::Span;
use crate::types::core::{
    Assume, CellId, Chosen, Expr, InputId, Level, Model, RuleId, TickId, Update, Value,
};
use crate::types::defect::DefectKind;
use crate::types::layout::{Layout, member_name, members, value_name};
use crate::types::trace::Inputs;

use super::evaluate::{Faults, Next, Reading, Scope};
use super::next::{Firing, Instance, draw_id};
use super::value::fits;
use crate::types::level::level;

/// A model made ready to be run.
pub struct Interpreter<'m> {
    /// The model.
    pub model: &'m Model,
    /// Its layout.
    pub layout: Layout,
    /// Its rules with their variables bound.
    pub(super) instances: Vec<Instance>,
    writers: Vec<Vec<(usize, usize)>>,
    /// Assumptions in force, and whether each speaks of states rather than steps.
    pub(super) assumptions: Vec<(&'m Assume, bool)>,
}

/// A period that is a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The state at its end.
    pub next: Vec<Value>,
    /// The rule instances that fired.
    pub fired: Vec<(RuleId, Vec<u32>)>,
    /// The ticks that occurred.
    pub ticks: Vec<TickId>,
}

/// What a valuation breaks, so that it is no step, or a state, so that it is none of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// What is broken.
    pub what: Broken,
    /// The name of the parameter, cell, choice, rule or assumption.
    pub name: String,
    /// Where it stands.
    pub span: Span,
    /// What is wrong, in the spec's words.
    pub text: String,
}

/// What may be broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Broken {
    /// A value is not of its type, or there are too few or too many.
    Type,
    /// `where` of a parameter.
    Parameter,
    /// `where` of a choice or environment input.
    Restriction,
    /// A value other than the `else` value although there is no choice.
    NoChoice,
    /// A value drawn outside the set that a rule writes from.
    Draw,
    /// An assumption.
    Assumption,
    /// An assumption over state, in the state that the step leads to.
    AssumptionAfter,
    /// A cell's first value.
    Initial,
    /// An `init` constraint.
    Init,
    /// Something cannot be evaluated at all.
    Unreadable,
}

/// A defect that a step shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Defect {
    /// Its kind.
    pub kind: DefectKind,
    /// Where it arises.
    pub span: Span,
    /// What is wrong, in the spec's words.
    pub text: String,
}

/// Why a valuation is not a step of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StepFault {
    /// It is no step.
    NotAStep(Violation),
    /// It would be one, were it not defective. Never empty; in the order of [`DefectKind::ALL`].
    Defective(Vec<Defect>),
}

impl<'m> Interpreter<'m> {
    /// Makes a model ready, under its own assumptions.
    pub fn new(model: &'m Model) -> Interpreter<'m> {
        Interpreter::assuming(model, &[])
    }

    /// Makes a model ready, under its own assumptions and these.
    pub fn assuming(model: &'m Model, more: &'m [Assume]) -> Interpreter<'m> {
        let mut interpreter = Interpreter {
            model,
            layout: Layout::new(model),
            instances: Vec::new(),
            writers: vec![Vec::new(); model.cells.len()],
            assumptions: Vec::new(),
        };
        for (n, rule) in (0..).zip(&model.rules) {
            let sorts: Vec<_> = rule.binders.iter().map(|(_, sort)| *sort).collect();
            for (place, member) in members(model, &sorts).into_iter().enumerate() {
                interpreter.add(Instance { rule: RuleId(n), member, place });
            }
        }
        for assume in model.assumes.iter().chain(more) {
            let over_state = level(model, &assume.condition) <= Level::State;
            interpreter.assumptions.push((assume, over_state));
        }
        interpreter
    }

    fn add(&mut self, instance: Instance) {
        let n = self.instances.len();
        let rule = self.model.rules.get(instance.rule.index());
        for (u, update) in rule.into_iter().flat_map(|rule| rule.updates.iter().enumerate()) {
            if let Some(writers) = self.writers.get_mut(update.cell.index()) {
                writers.push((n, u));
            }
        }
        self.instances.push(instance);
    }

    /// The updates of a rule.
    pub(super) fn updates(&self, rule: RuleId) -> &'m [Update] {
        self.model.rules.get(rule.index()).map_or(&[], |rule| rule.updates.as_slice())
    }

    /// The instances and updates that may write a slot.
    pub(super) fn writers(&self, slot: usize) -> &[(usize, usize)] {
        let cell = self.layout.cells.get(slot).map_or(CellId(u32::MAX), |slot| slot.of);
        self.writers.get(cell.index()).map_or(&[], Vec::as_slice)
    }

    /// The slot of the draw that belongs to update `u` of an instance.
    pub(super) fn draw_slot(&self, instance: &Instance, u: usize) -> Option<usize> {
        let Chosen::In(_) = self.updates(instance.rule).get(u)?.value else { return None };
        self.layout.draw(draw_id(instance.rule, u)).checked_add(instance.place)
    }

    /// A rule instance as the spec would spell it: `learn`, `learn[2]`.
    pub(super) fn instance_name(&self, instance: &Instance) -> String {
        rule_name(self.model, instance.rule, &instance.member)
    }

    /// What expressions over a state alone may read.
    pub fn reading<'a>(&'a self, params: &'a [Value], state: &'a [Value]) -> Reading<'a> {
        let (model, layout) = (self.model, &self.layout);
        Reading { model, layout, params, state, inputs: None, next: None }
    }

    /// Executes one period.
    ///
    /// # Errors
    /// Why it is not a step of any run.
    pub fn step(
        &self,
        params: &[Value],
        state: &[Value],
        inputs: &Inputs,
    ) -> Result<Step, StepFault> {
        let firing = Firing::new(self, params, state, &inputs.inputs, &inputs.draws);
        let mut check = Check::default();
        self.check_inputs(&firing, &inputs.inputs, &mut check);
        self.check_assumptions(&firing.reading(), true, Broken::Assumption, &mut check);
        self.check_assumptions(&firing.reading(), false, Broken::Assumption, &mut check);
        self.check_draws(&firing, &inputs.draws, &mut check);
        let fired = self.fire(&firing, &mut check);
        let next = self.ends(&firing, &mut check);
        check.verdict()?;
        let mut after = Check::default();
        let reading = self.reading(params, &next);
        self.check_assumptions(&reading, true, Broken::AssumptionAfter, &mut after);
        after.violation().map_or(Ok(()), |violation| Err(StepFault::NotAStep(violation)))?;
        let ticks = self.ticks(&firing.reading());
        Ok(Step { next, fired, ticks })
    }

    fn check_inputs(&self, firing: &Firing<'_>, inputs: &[Value], check: &mut Check) {
        if inputs.len() != self.layout.inputs.len() {
            check.violates(Broken::Type, "", Span::default(), "a choice is missing".to_owned());
        }
        for (slot, value) in self.layout.inputs.iter().zip(inputs) {
            let Some(input) = self.model.inputs.get(slot.of.index()) else { continue };
            if !fits(self.model, slot.ty, value) {
                let shown = value_name(self.model, value);
                let text = format!("`{shown}` is no value of `{}`", slot.name);
                check.violates(Broken::Type, &slot.name, input.span, text);
                continue;
            }
            let binders = input.binders.iter().copied().zip(input.index.iter().copied());
            let mut scope = Scope::members(binders, &slot.member);
            self.check_input(&firing.reading(), slot.of, (&slot.name, value), &mut scope, check);
        }
    }

    /// Checks `when`, `where` and `else` of one input.
    fn check_input(
        &self,
        reading: &Reading<'_>,
        input: InputId,
        (name, value): (&str, &Value),
        scope: &mut Scope,
        check: &mut Check,
    ) {
        let Some(input) = self.model.inputs.get(input.index()) else { return };
        let shown = || value_name(self.model, value);
        let free = input.when.as_ref().map_or(Ok(true), |when| reading.holds(when, scope));
        let Some(free) = check.value(free) else { return };
        if free {
            let Some(condition) = &input.condition else { return };
            if check.value(reading.holds(condition, scope)) == Some(false) {
                let text = format!("`{name}` may not be {} here", shown());
                check.violates(Broken::Restriction, name, condition.span, text);
            }
            return;
        }
        let Some(otherwise) = &input.otherwise else { return };
        let Some(due) = check.value(reading.value(otherwise, scope)) else { return };
        if due != *value {
            let due = value_name(self.model, &due);
            let text = format!("there is no choice: `{name}` is {due} here, not {}", shown());
            check.violates(Broken::NoChoice, name, input.span, text);
        }
    }

    /// Checks the assumptions over states, or those over steps.
    pub(super) fn check_assumptions(
        &self,
        reading: &Reading<'_>,
        over_state: bool,
        broken: Broken,
        check: &mut Check,
    ) {
        for (assume, _) in self.assumptions.iter().filter(|(_, of)| *of == over_state) {
            let holds = reading.holds(&assume.condition, &mut Scope::default());
            if check.value(holds) == Some(false) {
                let text = format!("assumption `{}` does not hold", assume.name);
                check.violates(broken, &assume.name, assume.span, text);
            }
        }
    }

    fn check_draws(&self, firing: &Firing<'_>, draws: &[Value], check: &mut Check) {
        for (n, instance) in self.instances.iter().enumerate() {
            for (u, update) in self.updates(instance.rule).iter().enumerate() {
                let Some(slot) = self.draw_slot(instance, u) else { continue };
                let Ok(true) = firing.enabled(n) else { continue };
                let Some(Ok(values)) = firing.drawn_from(n, u) else { continue };
                if draws.get(slot).is_some_and(|value| values.contains(value)) {
                    continue;
                }
                let name = self.instance_name(instance);
                let shown =
                    draws.get(slot).map_or("nothing".to_owned(), |v| value_name(self.model, v));
                let text = format!("rule `{name}` may not write {shown} here");
                check.violates(Broken::Draw, &name, update.span, text);
            }
        }
    }

    /// Evaluates every guard, and every update of the enabled instances.
    fn fire(&self, firing: &Firing<'_>, check: &mut Check) -> Vec<(RuleId, Vec<u32>)> {
        let mut fired = Vec::new();
        for (n, instance) in self.instances.iter().enumerate() {
            if check.value(firing.enabled(n)) != Some(true) {
                continue;
            }
            for u in 0..self.updates(instance.rule).len() {
                check.value(firing.target(n, u));
                if let Some(values) = firing.drawn_from(n, u) {
                    check.value(values);
                } else {
                    check.value(firing.written(n, u));
                }
            }
            fired.push((instance.rule, instance.member.clone()));
        }
        fired
    }

    fn ends(&self, firing: &Firing<'_>, check: &mut Check) -> Vec<Value> {
        let mut next = Vec::with_capacity(self.layout.cells.len());
        for (n, slot) in self.layout.cells.iter().enumerate() {
            let Some(value) = check.value(firing.next(n, Span::default())) else { continue };
            if !fits(self.model, slot.ty, &value) {
                let (rule, span) = firing.author(n).unwrap_or_default();
                let shown = value_name(self.model, &value);
                let text = format!("`{rule}` writes {shown} to `{}`, outside its range", slot.name);
                check.defects.push(Defect { kind: DefectKind::RangeOverrun, span, text });
            }
            next.push(value);
        }
        next
    }

    /// The ticks that occur; one that has no value does not.
    fn ticks(&self, reading: &Reading<'_>) -> Vec<TickId> {
        (0..)
            .zip(&self.model.ticks)
            .filter(|(_, tick)| reading.holds(&tick.when, &mut Scope::default()) == Ok(true))
            .map(|(n, _)| TickId(n))
            .collect()
    }

    /// Whether parameters and state may begin a run.
    ///
    /// # Errors
    /// The first thing that they break.
    pub fn initial(&self, params: &[Value], state: &[Value]) -> Result<(), Violation> {
        self.state(params, state)?;
        let mut check = Check::default();
        let reading = self.reading(params, state);
        for (slot, value) in self.layout.cells.iter().zip(state) {
            let Some(cell) = self.model.cells.get(slot.of.index()) else { continue };
            let Some(initial) = &cell.initial else { continue };
            let binders = cell.binders.iter().copied().zip(cell.index.iter().copied());
            let mut scope = Scope::members(binders, &slot.member);
            let begins = match initial {
                Chosen::Is(expr) => reading.value(expr, &mut scope).map(|first| first == *value),
                Chosen::In(set) => reading.set(set, &mut scope).map(|set| set.contains(value)),
            };
            if check.value(begins) != Some(true) {
                let shown = value_name(self.model, value);
                let text = format!("`{}` cannot begin as {shown}", slot.name);
                check.violates(Broken::Initial, &slot.name, cell.span, text);
            }
        }
        for init in &self.model.inits {
            self.check_condition(&reading, init, Broken::Init, "init", &mut check);
        }
        check.violation().map_or(Ok(()), Err)
    }

    /// Whether parameters and state may occur in a run: types, conditions on parameters,
    /// assumptions over state.
    ///
    /// # Errors
    /// The first thing that they break.
    pub fn state(&self, params: &[Value], state: &[Value]) -> Result<(), Violation> {
        let mut check = Check::default();
        if params.len() != self.model.params.len() || state.len() != self.layout.cells.len() {
            check.violates(Broken::Type, "", Span::default(), "a value is missing".to_owned());
        }
        let reading = self.reading(params, state);
        for (param, value) in self.model.params.iter().zip(params) {
            if !fits(self.model, param.ty, value) {
                let text =
                    format!("{} is no value of `{}`", value_name(self.model, value), param.name);
                check.violates(Broken::Type, &param.name, param.span, text);
            }
            if let Some(condition) = &param.condition {
                self.check_condition(
                    &reading,
                    condition,
                    Broken::Parameter,
                    &param.name,
                    &mut check,
                );
            }
        }
        for (slot, value) in self.layout.cells.iter().zip(state) {
            if !fits(self.model, slot.ty, value) {
                let text =
                    format!("{} is no value of `{}`", value_name(self.model, value), slot.name);
                check.violates(Broken::Type, &slot.name, Span::default(), text);
            }
        }
        self.check_assumptions(&reading, true, Broken::Assumption, &mut check);
        check.violation().map_or(Ok(()), Err)
    }

    fn check_condition(
        &self,
        reading: &Reading<'_>,
        condition: &Expr,
        broken: Broken,
        name: &str,
        check: &mut Check,
    ) {
        if check.value(reading.holds(condition, &mut Scope::default())) != Some(true) {
            let text = format!("the condition on `{name}` does not hold");
            check.violates(broken, name, condition.span, text);
        }
    }
}

/// A rule instance as the spec would spell it: `learn`, `learn[2]`.
pub fn rule_name(model: &Model, rule: RuleId, member: &[u32]) -> String {
    let Some(rule) = model.rules.get(rule.index()) else { return String::new() };
    let names: Vec<String> = rule
        .binders
        .iter()
        .zip(member)
        .map(|((_, sort), &i)| member_name(model, *sort, i))
        .collect();
    if names.is_empty() {
        rule.name.clone()
    } else {
        format!("{}[{}]", rule.name, names.join(", "))
    }
}

/// What the checks of a period or state have found so far.
#[derive(Default)]
pub(super) struct Check {
    violations: Vec<Violation>,
    defects: Vec<Defect>,
}

impl Check {
    /// The value, or its faults put on record.
    fn value<T>(&mut self, value: Result<T, Faults>) -> Option<T> {
        let faults = match value {
            Ok(value) => return Some(value),
            Err(faults) => faults,
        };
        for fault in faults.0 {
            match fault.kind {
                Some(kind) => {
                    self.defects.push(Defect { kind, span: fault.span, text: fault.text });
                }
                None => self.violates(Broken::Unreadable, "", fault.span, fault.text),
            }
        }
        None
    }

    fn violates(&mut self, what: Broken, name: &str, span: Span, text: String) {
        self.violations.push(Violation { what, name: name.to_owned(), span, text });
    }

    /// The first violation. An assumption over state that has no value is none: the state may
    /// occur, and its period is defective.
    pub(super) fn violation(self) -> Option<Violation> {
        self.violations.into_iter().next()
    }

    fn verdict(&mut self) -> Result<(), StepFault> {
        if let Some(violation) = self.violations.first() {
            return Err(StepFault::NotAStep(violation.clone()));
        }
        if self.defects.is_empty() {
            return Ok(());
        }
        let mut defects: Vec<Defect> = Vec::new();
        for defect in self.defects.drain(..) {
            if !defects.contains(&defect) {
                defects.push(defect);
            }
        }
        defects.sort_by_key(|defect| defect.kind);
        Err(StepFault::Defective(defects))
    }
}
