//! Replayed runs in the words of the spec.

use indexmap::IndexMap;
use serde_json::Value as Json;

use crate::interp::evaluate::Scope;
use crate::interp::pairs::Pair;
use crate::interp::replay::{Replayed, Told};
use crate::interp::step::Interpreter;
use crate::report::outcome::{FiredRule, PeriodReport, TraceKind, TraceReport};
use crate::report::values::json;
use crate::syntax::ast::InputKind;
use crate::types::core::{Input, Model, Value};
use crate::types::layout::{Layout, value_name};
use crate::types::trace::Period;

/// The trace of a report.
pub fn report(model: &Model, replayed: &Replayed) -> TraceReport {
    let teller =
        Teller { model, interpreter: Interpreter::new(model), params: &replayed.trace.params };
    let periods = replayed.trace.periods.iter().enumerate();
    TraceReport {
        kind: if replayed.trace.loop_start.is_some() { TraceKind::Lasso } else { TraceKind::Path },
        loop_start: replayed.trace.loop_start,
        periods: periods.map(|(n, p)| teller.period(p, replayed.periods.get(n))).collect(),
        twin: None,
        judges: Vec::new(),
        replayed: true,
    }
}

/// A pair of runs for a report.
pub fn pair(model: &Model, pair: &Pair) -> TraceReport {
    let one = report(model, &pair.judged);
    let kind = if one.loop_start.is_some() { TraceKind::PairLasso } else { TraceKind::Pair };
    TraceReport {
        kind,
        twin: Some(report(model, &pair.alike).periods),
        judges: pair.judges.clone(),
        ..one
    }
}

/// Parameter values by name.
pub fn params(model: &Model, values: &[Value]) -> IndexMap<String, Json> {
    model.params.iter().zip(values).map(|(p, v)| (p.name.clone(), json(model, v))).collect()
}

/// Parameter values of a case, those left symbolic left out.
pub(super) fn fixed_params(model: &Model) -> IndexMap<String, Json> {
    let fixed = model.params.iter().filter_map(|p| Some((p, p.value.as_ref()?)));
    fixed.map(|(p, v)| (p.name.clone(), json(model, v))).collect()
}

struct Teller<'a> {
    model: &'a Model,
    interpreter: Interpreter<'a>,
    params: &'a [Value],
}

impl Teller<'_> {
    fn layout(&self) -> &Layout {
        &self.interpreter.layout
    }

    fn period(&self, period: &Period, told: Option<&Told>) -> PeriodReport {
        let names = self.layout().cells.iter().map(|slot| slot.name.clone());
        let values = period.state.iter().map(|value| json(self.model, value));
        let mut report =
            PeriodReport { state: names.zip(values).collect(), ..PeriodReport::default() };
        self.inputs(period, &mut report);
        if let Some(told) = told {
            self.told(period, told, &mut report);
        }
        report
    }

    fn inputs(&self, period: &Period, report: &mut PeriodReport) {
        let Some(drawn) = &period.inputs else { return };
        for (slot, value) in self.layout().inputs.iter().zip(&drawn.inputs) {
            let Some(input) = self.model.inputs.get(slot.of.index()) else { continue };
            let value = json(self.model, value);
            match input.kind {
                InputKind::Env => report.env.insert(slot.name.clone(), value),
                InputKind::Choice => {
                    if let Some(owner) = self.owner(input, &slot.member, period) {
                        report.owners.insert(slot.name.clone(), owner);
                    }
                    report.choices.insert(slot.name.clone(), value)
                }
            };
        }
    }

    /// The post that chooses, as the spec spells it.
    fn owner(&self, input: &Input, member: &[u32], period: &Period) -> Option<String> {
        let reading = self.interpreter.reading(self.params, &period.state);
        let binders = input.binders.iter().copied().zip(input.index.iter().copied());
        let mut scope = Scope::members(binders, member);
        let value = reading.value(input.owner.as_ref()?, &mut scope).ok()?;
        Some(value_name(self.model, &value))
    }

    fn told(&self, period: &Period, told: &Told, report: &mut PeriodReport) {
        for (rule, member, name) in &told.fired {
            let Some(declared) = self.model.rules.get(rule.index()) else { continue };
            let origin = declared.origin.clone();
            report.rules.push(FiredRule { name: name.clone(), kind: declared.kind, origin });
            let Some(drawn) = &period.inputs else { continue };
            for (slot, value) in self.layout().draws.iter().zip(&drawn.draws) {
                if slot.of.rule == *rule && slot.member == *member {
                    report.draws.insert(slot.name.clone(), json(self.model, value));
                }
            }
        }
        report.ticks = told.ticks.iter().map(|(_, name)| name.clone()).collect();
        report.seen = told
            .seen
            .iter()
            .map(|(who, what)| {
                let what = what.iter().map(|(words, v)| (words.clone(), json(self.model, v)));
                (who.clone(), what.collect())
            })
            .collect();
    }
}
