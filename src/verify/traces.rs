//! Replayed runs in the words of the spec.

use std::collections::BTreeSet;

use indexmap::{IndexMap, IndexSet};
use serde_json::Value as Json;

use crate::interp::bearing::{Bears, bearing};
use crate::interp::evaluate::{Reading, Scope};
use crate::interp::game::Played;
use crate::interp::game::sight::post_name;
use crate::interp::game::table::{Answer, Row};
use crate::interp::pairs::Pair;
use crate::interp::replay::{Goal, Replayed, Told, replay};
use crate::interp::step::Interpreter;
use crate::interp::ties::ties;
use crate::report::irrelevant::Irrelevant;
use crate::report::outcome::{
    FiredRule, PeriodReport, StrategyAnswer, StrategyMove, StrategyReport, StrategyRow, TraceKind,
    TraceReport,
};
use crate::report::values::json;
use crate::syntax::ast::InputKind;
use crate::types::core::{Claim, Input, Model, Value};
use crate::types::layout::{Layout, Slot, value_name};
use crate::types::trace::{Period, Trace};

/// The trace of a report.
pub fn report(model: &Model, replayed: &Replayed) -> TraceReport {
    let teller =
        Teller { model, interpreter: Interpreter::new(model), params: &replayed.trace.params };
    let periods = replayed.trace.periods.iter().enumerate();
    TraceReport {
        kind: if replayed.trace.loop_start.is_some() { TraceKind::Lasso } else { TraceKind::Path },
        loop_start: replayed.trace.loop_start,
        apart: replayed.apart.clone(),
        periods: periods.map(|(n, p)| teller.period(p, replayed.periods.get(n))).collect(),
        twin: None,
        strategy: None,
        judges: Vec::new(),
        replayed: true,
        foreign: false,
    }
}

/// The trace of a report, with what of it does not bear on what it shows of a claim.
pub(super) fn shown(model: &Model, claim: &Claim, replayed: &Replayed) -> TraceReport {
    let mut trace = report(model, replayed);
    let layout = Layout::new(model);
    for (n, bears) in
        bearing(model, &claim.property, &replayed.trace).into_iter().flatten().enumerate()
    {
        let Some(period) = trace.periods.get_mut(n) else { continue };
        let told = replayed.periods.get(n);
        period.irrelevant = irrelevant(&layout, period, told, &bears);
    }
    trace
}

/// What a period has besides what bears.
fn irrelevant(
    layout: &Layout,
    period: &PeriodReport,
    told: Option<&Told>,
    bears: &Bears,
) -> Irrelevant {
    fn names<Id>(slots: &[Slot<Id>], bears: &BTreeSet<usize>) -> IndexSet<String> {
        let aside = slots.iter().enumerate().filter(|(n, _)| !bears.contains(n));
        aside.map(|(_, slot)| slot.name.clone()).collect()
    }
    let inputs = names(&layout.inputs, &bears.inputs);
    let of = |values: &IndexMap<String, Json>, names: &IndexSet<String>| {
        values.keys().filter(|name| names.contains(*name)).cloned().collect()
    };
    let fired = told.into_iter().flat_map(|told| &told.fired);
    let idle = fired.filter(|(rule, member, _)| !bears.fired.contains(&(*rule, member.clone())));
    let ticks = told.into_iter().flat_map(|told| &told.ticks);
    Irrelevant {
        state: of(&period.state, &names(&layout.cells, &bears.cells)),
        choices: of(&period.choices, &inputs),
        env: of(&period.env, &inputs),
        draws: of(&period.draws, &names(&layout.draws, &bears.draws)),
        rules: idle.map(|(_, _, name)| name.clone()).collect(),
        ticks: ticks
            .filter(|(t, _)| !bears.ticks.contains(t))
            .map(|(_, name)| name.clone())
            .collect(),
    }
}

/// A run as it is told when nothing is asked of it but that it is one; it was replayed before.
pub(super) fn plain(model: &Model, trace: &Trace) -> Replayed {
    let filled = Replayed {
        trace: trace.clone(),
        periods: Vec::new(),
        defects: Vec::new(),
        apart: Vec::new(),
    };
    replay(model, Goal::Run, trace).unwrap_or(filled)
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

/// The post that chooses a member of an input, as the spec spells it.
pub fn owner(reading: &Reading<'_>, input: &Input, member: &[u32]) -> Option<String> {
    let binders = input.binders.iter().copied().zip(input.index.iter().copied());
    let mut scope = Scope::members(binders, member);
    let value = reading.value(input.owner.as_ref()?, &mut scope).ok()?;
    Some(value_name(reading.model, &value))
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

/// A strategy in the words of the spec.
pub fn strategy(model: &Model, played: &Played) -> Option<StrategyReport> {
    let table = played.table.as_ref()?;
    let layout = Layout::new(model);
    let cell = |slot: usize| layout.cells.get(slot).map(|s| s.name.clone());
    let input = |slot: usize| layout.inputs.get(slot).map(|s| s.name.clone());
    let named = |name: &dyn Fn(usize) -> Option<String>, slots: &[(usize, Value)]| {
        let pairs = slots.iter().filter_map(|(slot, v)| Some((name(*slot)?, json(model, v))));
        pairs.collect::<IndexMap<String, Json>>()
    };
    let seen = |seen: &[Option<Value>], before: bool| {
        let sights = played.sights.iter().filter(|sight| sight.before == before).zip(seen);
        let pairs = sights.filter_map(|(s, v)| Some((s.words.clone(), json(model, v.as_ref()?))));
        pairs.collect::<IndexMap<String, Json>>()
    };
    let is_env = |slot: usize| {
        let input = layout.inputs.get(slot).and_then(|s| model.inputs.get(s.of.index()));
        input.is_some_and(|input| input.kind == InputKind::Env)
    };
    let answer = |answer: &Answer| {
        let (env, choices): (Vec<_>, Vec<_>) =
            answer.inputs.iter().cloned().partition(|(slot, _)| is_env(*slot));
        let draw = |slot: usize| layout.draws.get(slot).map(|s| s.name.clone());
        let mut all = seen(&answer.after, false);
        all.extend(seen(&answer.before, true));
        StrategyAnswer {
            choices: named(&input, &choices),
            env: named(&input, &env),
            draws: named(&draw, &answer.draws),
            seen: all,
            row: answer.row,
        }
    };
    let row = |row: &Row| StrategyRow {
        states: row.states.iter().map(|state| named(&cell, &state.cells)).collect(),
        left: row.states.first().filter(|_| played.counts).map(|state| state.left),
        seen: seen(&row.seen, true),
        moves: row
            .moves
            .iter()
            .map(|made| {
                let plan = made.plan.iter().filter_map(|(slot, v)| Some((*slot, v.clone()?)));
                StrategyMove {
                    choose: named(&input, &plan.collect::<Vec<_>>()),
                    answers: made.answers.iter().map(answer).collect(),
                }
            })
            .collect(),
    };
    Some(StrategyReport {
        coalition: played.posts.iter().map(|post| post_name(model, *post)).collect(),
        spoils: table.spoils,
        unseen: table.unseen,
        first: table.first.clone(),
        rows: table.rows.iter().map(row).collect(),
    })
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
        owner(&self.interpreter.reading(self.params, &period.state), input, member)
    }

    fn told(&self, period: &Period, told: &Told, report: &mut PeriodReport) {
        for (rule, member, name) in &told.fired {
            let Some(declared) = self.model.rules.get(rule.index()) else { continue };
            let origin = declared.origin.clone();
            let kind = declared.kind;
            let mut fired = FiredRule { name: name.clone(), kind, origin, ties: Vec::new() };
            let Some(drawn) = &period.inputs else {
                report.rules.push(fired);
                continue;
            };
            let at = (*rule, member.as_slice());
            fired.ties = ties(&self.interpreter, self.params, &period.state, &drawn.inputs, at);
            report.rules.push(fired);
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
