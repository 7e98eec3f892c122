//! Re-execution of a trace, without any solver.
//!
//! Whatever an engine claims to have found is believed only after this: the first state is
//! initial, every period is a step that leads where the trace says, a lasso closes and is fair,
//! and what the trace is to show is so: the claim is violated, the scenario reached, the defect
//! there.

use std::ops::ControlFlow;

use crate::types::core::{Assume, Claim, Expr, ExprKind, Model, Property, RuleId, TickId, Value};
use crate::types::defect::DefectKind;
use crate::types::layout::value_name;
use crate::types::trace::{Inputs, Period, Trace};

use super::apart::Repeats;
use super::draws::draws;
use super::evaluate::{Known, Reading, Scope};
use super::observe::{observers, seen};
use super::progress::formula::Truth;
use super::progress::{Monitor, Standing, Verdict3, lasso};
use super::step::{Defect, Interpreter, StepFault, Violation, rule_name};
use super::valuations::{Fixed, Unfinished, valuations};

/// What a trace is to show.
#[derive(Clone, Copy, Debug)]
pub enum Goal<'m> {
    /// A violation of the claim; a run that reaches it, if the claim says `possible`; parameters
    /// that decide it, if it is static.
    Claim(&'m Claim),
    /// A run whose last period satisfies this.
    Reach(&'m Expr),
    /// A defect in its last period.
    Defect(DefectKind),
    /// Nothing but a run.
    Run,
}

/// What a period was found to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// The rule instances that fired, and their names.
    pub fired: Vec<(RuleId, Vec<u32>, String)>,
    /// The ticks that occurred, and their names.
    pub ticks: Vec<(TickId, String)>,
    /// What each observer saw: its name, and what in the words of the spec.
    pub seen: Vec<(String, Vec<(String, Value)>)>,
}

/// A trace that is what it claims to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replayed {
    /// The trace with every draw filled in.
    pub trace: Trace,
    /// Its periods.
    pub periods: Vec<Told>,
    /// The defects in which it ends.
    pub defects: Vec<Defect>,
    /// Cells that need not come back with the loop, and do not.
    pub apart: Vec<String>,
}

/// Where and how a trace is not what it claims to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Departure {
    /// The period.
    pub period: usize,
    /// The rule, restriction, assumption, cell or claim.
    pub name: String,
    /// What the interpreter expects there.
    pub expected: Option<String>,
    /// What the trace has.
    pub found: Option<String>,
    /// What is wrong, in the spec's words.
    pub text: String,
}

impl std::fmt::Display for Departure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "period {}: {}", self.period, self.text)
    }
}

impl Departure {
    pub(super) fn new(
        period: usize,
        name: impl Into<String>,
        text: impl Into<String>,
    ) -> Departure {
        let (name, text) = (name.into(), text.into());
        Departure { period, name, expected: None, found: None, text }
    }

    fn violation(period: usize, violation: Violation) -> Departure {
        Departure::new(period, violation.name, violation.text)
    }
}

/// Most beginnings of valuations looked at to make sure that a period is stuck.
const STUCK_BOUND: u64 = 1 << 20;

struct Replay<'a> {
    model: &'a Model,
    interpreter: Interpreter<'a>,
    trace: &'a Trace,
    told: Vec<Told>,
    defects: Vec<Defect>,
    monitored: Option<Monitored>,
    /// A lasso must meet the model's fairness.
    fair: bool,
    /// What a loop must repeat; without it everything.
    repeats: Option<Repeats<'a>>,
    apart: Vec<String>,
}

/// The property on its way through the trace.
struct Monitored {
    monitor: Monitor,
    at: Standing,
    truths: Vec<Vec<Truth>>,
    violated: bool,
}

/// Re-executes a trace and checks that it shows what it is to show.
///
/// # Errors
/// Where it departs.
pub fn replay(model: &Model, goal: Goal<'_>, trace: &Trace) -> Result<Replayed, Departure> {
    let trace = &draws(model, trace);
    if let Goal::Claim(claim) = goal
        && let Some(result) = replay_static(model, claim, trace)
    {
        return result;
    }
    let assumes = match goal {
        Goal::Claim(claim) => claim.assumes.as_slice(),
        _ => &[],
    };
    let mut replay = Replay {
        model,
        interpreter: Interpreter::assuming(model, assumes),
        trace,
        told: Vec::new(),
        defects: Vec::new(),
        monitored: monitored(model, goal)?,
        fair: true,
        repeats: Some(Repeats::new(model, assumes, asked(goal))),
        apart: Vec::new(),
    };
    replay.run(goal)?;
    let Replay { told: periods, defects, apart, .. } = replay;
    Ok(Replayed { trace: trace.clone(), periods, defects, apart })
}

/// Re-executes a run under hypotheses, which need not be fair unless that is asked.
///
/// # Errors
/// Where it departs.
pub fn rerun(
    model: &Model,
    assumes: &[Assume],
    fair: bool,
    trace: &Trace,
) -> Result<Replayed, Departure> {
    let trace = &draws(model, trace);
    let mut replay = Replay {
        model,
        interpreter: Interpreter::assuming(model, assumes),
        trace,
        told: Vec::new(),
        defects: Vec::new(),
        monitored: None,
        fair,
        repeats: None,
        apart: Vec::new(),
    };
    replay.run(Goal::Run)?;
    let (periods, none) = (replay.told, Vec::new());
    Ok(Replayed { trace: trace.clone(), periods, defects: none, apart: Vec::new() })
}

/// What the answer to a goal rests on.
pub fn asked<'m>(goal: Goal<'m>) -> Option<&'m Expr> {
    match goal {
        Goal::Claim(claim) => Some(&claim.property),
        Goal::Reach(expr) => Some(expr),
        Goal::Defect(_) | Goal::Run => None,
    }
}

/// The property whose violation the goal is.
fn monitored(model: &Model, goal: Goal<'_>) -> Result<Option<Monitored>, Departure> {
    let property = match goal {
        Goal::Claim(claim) => refuted_by(&claim.property),
        Goal::Reach(expr) => never(expr),
        Goal::Defect(_) | Goal::Run => return Ok(None),
    };
    let monitor = Monitor::new(model, &property).map_err(|unsupported| {
        let text = format!("this property cannot be replayed: {}", unsupported.fragment);
        Departure::new(0, "", text)
    })?;
    let at = monitor.start();
    Ok(Some(Monitored { monitor, at, truths: Vec::new(), violated: false }))
}

/// The property that a trace for this one violates: `possible p` is witnessed by violating
/// `never p`.
pub fn refuted_by(property: &Expr) -> Expr {
    match property.kind.as_ref() {
        ExprKind::Property(Property::Possible(p)) => never(p),
        _ => property.clone(),
    }
}

/// `never p`
pub fn never(p: &Expr) -> Expr {
    Expr { kind: Box::new(ExprKind::Property(Property::Never(p.clone()))), ..p.clone() }
}

/// Claims over parameters alone: the trace's parameters decide them.
fn replay_static(
    model: &Model,
    claim: &Claim,
    trace: &Trace,
) -> Option<Result<Replayed, Departure>> {
    let (parts, sought) = match claim.property.kind.as_ref() {
        ExprKind::Property(Property::Valid(p)) => (vec![p], false),
        ExprKind::Property(Property::Consistent(ps) | Property::Inconsistent(ps)) => {
            (ps.iter().collect(), true)
        }
        _ => return None,
    };
    let interpreter = Interpreter::new(model);
    let reading = interpreter.reading(&trace.params, &[]);
    let mut scope = Scope::default();
    for (param, value) in model.params.iter().zip(&trace.params) {
        let met = param.condition.as_ref().map_or(Ok(true), |c| reading.holds(c, &mut scope));
        if met != Ok(true) || !super::value::fits(model, param.ty, value) {
            let text = format!("`{}` may not be {}", param.name, value_name(model, value));
            return Some(Err(Departure::new(0, &param.name, text)));
        }
    }
    for part in parts {
        if reading.holds(part, &mut scope) != Ok(sought) {
            let text = format!("these parameters do not decide `{}`", claim.name);
            return Some(Err(Departure::new(0, &claim.name, text)));
        }
    }
    Some(Ok(Replayed {
        trace: trace.clone(),
        periods: Vec::new(),
        defects: Vec::new(),
        apart: Vec::new(),
    }))
}

impl Replay<'_> {
    fn run(&mut self, goal: Goal<'_>) -> Result<(), Departure> {
        let trace = self.trace;
        let Some(first) = trace.periods.first() else {
            return Err(Departure::new(0, "", "the trace has no period"));
        };
        self.interpreter
            .initial(&trace.params, &first.state)
            .map_err(|violation| Departure::violation(0, violation))?;
        let last = trace.periods.len() - 1;
        for (n, period) in trace.periods.iter().enumerate() {
            let after = trace.periods.get(n + 1).or_else(|| trace.periods.get(trace.loop_start?));
            match (&period.inputs, goal) {
                (Some(inputs), Goal::Defect(kind)) if n == last && trace.loop_start.is_none() => {
                    self.defective(n, period, inputs, kind)?;
                }
                (Some(inputs), _) => self.step(n, period, inputs, after)?,
                (None, _) if n == last && trace.loop_start.is_none() => self.state(n, period)?,
                (None, _) => return Err(Departure::new(n, "", "nothing is chosen in this period")),
            }
        }
        match goal {
            Goal::Defect(kind) => self.shows(kind, last),
            Goal::Run if self.fair => self.fair(),
            Goal::Run => Ok(()),
            Goal::Claim(_) | Goal::Reach(_) => self.violated(last),
        }
    }

    fn step(
        &mut self,
        n: usize,
        period: &Period,
        inputs: &Inputs,
        after: Option<&Period>,
    ) -> Result<(), Departure> {
        let step = self.interpreter.step(&self.trace.params, &period.state, inputs);
        let step = step.map_err(|fault| match fault {
            StepFault::NotAStep(violation) => Departure::violation(n, violation),
            StepFault::Defective(defects) => {
                let text = defects.first().map(|defect| defect.text.clone()).unwrap_or_default();
                Departure::new(n, "", text)
            }
        })?;
        let closes = self.trace.loop_start.is_some() && n + 1 == self.trace.periods.len();
        match after {
            Some(after) if closes => self.comes_back(n, &step.next, &after.state)?,
            Some(after) => self.leads(n, &step.next, &after.state)?,
            None => {}
        }
        let known = Known(&step.next);
        let reading = Reading {
            inputs: Some(&inputs.inputs),
            next: Some(&known),
            ..self.interpreter.reading(&self.trace.params, &period.state)
        };
        let told = self.tell(&reading, &step.fired, &step.ticks);
        judge(self.monitored.as_mut(), n, &reading, true)?;
        self.told.push(told);
        Ok(())
    }

    /// The last step leads back to where the loop starts, but for cells that nothing rests on.
    fn comes_back(&mut self, n: usize, end: &[Value], start: &[Value]) -> Result<(), Departure> {
        let layout = &self.interpreter.layout;
        let apart = self.repeats.as_ref().and_then(|repeats| repeats.apart(layout, start, end));
        let Some(apart) = apart else { return self.leads(n, end, start) };
        let cells = apart.iter().filter_map(|cell| self.model.cells.get(cell.index()));
        self.apart = cells.map(|cell| cell.name.clone()).collect();
        Ok(())
    }

    fn leads(&self, n: usize, expected: &[Value], found: &[Value]) -> Result<(), Departure> {
        for ((slot, e), f) in self.interpreter.layout.cells.iter().zip(expected).zip(found) {
            if e != f {
                let (e, f) = (value_name(self.model, e), value_name(self.model, f));
                let text = format!("`{}` ends as {e}, not as {f}", slot.name);
                let departure = Departure::new(n, &slot.name, text);
                return Err(Departure { expected: Some(e), found: Some(f), ..departure });
            }
        }
        if expected.len() == found.len() {
            return Ok(());
        }
        Err(Departure::new(n + 1, "", "a value is missing"))
    }

    fn tell(&self, reading: &Reading<'_>, fired: &[(RuleId, Vec<u32>)], ticks: &[TickId]) -> Told {
        let tick_name = |tick: &TickId| self.model.ticks.get(tick.index()).map(|t| t.name.clone());
        Told {
            fired: fired
                .iter()
                .map(|(rule, member)| (*rule, member.clone(), rule_name(self.model, *rule, member)))
                .collect(),
            ticks: ticks.iter().map(|t| (*t, tick_name(t).unwrap_or_default())).collect(),
            seen: observers(self.model)
                .into_iter()
                .map(|who| (who.name, seen(reading, who.sort, who.member)))
                .collect(),
        }
    }

    fn state(&mut self, n: usize, period: &Period) -> Result<(), Departure> {
        let params = &self.trace.params;
        let lawful = self.interpreter.state(params, &period.state);
        lawful.map_err(|violation| Departure::violation(n, violation))?;
        let reading = self.interpreter.reading(params, &period.state);
        let told = self.tell(&reading, &[], &[]);
        judge(self.monitored.as_mut(), n, &reading, false)?;
        self.told.push(told);
        Ok(())
    }

    fn violated(&mut self, last: usize) -> Result<(), Departure> {
        self.fair()?;
        let Some(of) = &mut self.monitored else { return Ok(()) };
        if of.violated {
            return Ok(());
        }
        if let Some(back) = self.trace.loop_start
            && lasso::holds(&mut of.monitor, &of.truths, back) == Ok(false)
        {
            return Ok(());
        }
        Err(Departure::new(last, "", "the run does not show what it is to show by its last period"))
    }

    /// Every fairness condition is met in the loop.
    fn fair(&self) -> Result<(), Departure> {
        let Some(back) = self.trace.loop_start else { return Ok(()) };
        for fairness in &self.model.fairness {
            let premise = match &fairness.premise {
                Some(premise) => self.occurs(premise, back)?,
                None => true,
            };
            if premise && !self.occurs(&fairness.recurs, back)? {
                let text = format!("the loop is not fair: `{}` fails", fairness.name);
                return Err(Departure::new(back, &fairness.name, text));
            }
        }
        Ok(())
    }

    /// Whether a condition holds in some period of the loop.
    fn occurs(&self, condition: &Expr, back: usize) -> Result<bool, Departure> {
        let periods = &self.trace.periods;
        for (n, period) in periods.iter().enumerate().skip(back) {
            let Some(inputs) = &period.inputs else { continue };
            let Some(after) = periods.get(n + 1).or_else(|| periods.get(back)) else { continue };
            let known = Known(&after.state);
            let reading = Reading {
                inputs: Some(&inputs.inputs),
                next: Some(&known),
                ..self.interpreter.reading(&self.trace.params, &period.state)
            };
            let holds = reading.holds(condition, &mut Scope::default());
            if holds.map_err(|_| Departure::new(n, "", "a fairness condition has no value"))? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The last period of a trace to a defective step.
    fn defective(
        &mut self,
        n: usize,
        period: &Period,
        inputs: &Inputs,
        kind: DefectKind,
    ) -> Result<(), Departure> {
        match self.interpreter.step(&self.trace.params, &period.state, inputs) {
            Ok(_) => {
                let text = format!("nothing is wrong with this period: no {}", kind.id());
                Err(Departure::new(n, kind.id(), text))
            }
            Err(StepFault::NotAStep(violation)) => Err(Departure::violation(n, violation)),
            Err(StepFault::Defective(defects)) => {
                self.defects = defects;
                let reading = Reading {
                    inputs: Some(&inputs.inputs),
                    ..self.interpreter.reading(&self.trace.params, &period.state)
                };
                let fired = self.fired(&reading);
                let told = self.tell(&reading, &fired, &[]);
                self.told.push(told);
                Ok(())
            }
        }
    }

    /// The instances whose guards hold, as far as they have a value without the period's end.
    fn fired(&self, reading: &Reading<'_>) -> Vec<(RuleId, Vec<u32>)> {
        let holds = |instance: &&super::next::Instance| {
            let Some(rule) = self.model.rules.get(instance.rule.index()) else { return false };
            let mut scope = Scope::members(rule.binders.iter().copied(), &instance.member);
            reading.holds(&rule.guard, &mut scope) == Ok(true)
        };
        let fired = self.interpreter.instances.iter().filter(holds);
        fired.map(|instance| (instance.rule, instance.member.clone())).collect()
    }

    /// The trace ends in a defect of this kind.
    fn shows(&mut self, kind: DefectKind, last: usize) -> Result<(), Departure> {
        let ends_in_state = self.trace.periods.last().is_some_and(|p| p.inputs.is_none());
        match kind {
            DefectKind::StuckPeriod if ends_in_state => self.stuck(last),
            _ if self.defects.iter().any(|defect| defect.kind == kind) => Ok(()),
            DefectKind::InitialState => Err(Departure::new(
                0,
                kind.id(),
                "no trace can show that there is no initial state",
            )),
            _ => {
                let text = format!("the trace does not end in the defect {}", kind.id());
                Err(Departure::new(last, kind.id(), text))
            }
        }
    }

    fn stuck(&mut self, last: usize) -> Result<(), Departure> {
        let Some(period) = self.trace.periods.last() else { return Ok(()) };
        let mut visit = |_: &Inputs, _| ControlFlow::Break(());
        let params = &self.trace.params;
        let (kind, free) = (DefectKind::StuckPeriod, Fixed::default());
        match valuations(&self.interpreter, params, &period.state, &free, STUCK_BOUND, &mut visit) {
            Ok(()) => {
                let text = kind.description().to_owned();
                self.defects = vec![Defect { kind, span: self.model.span, text }];
                Ok(())
            }
            Err(Unfinished::Stopped) => {
                Err(Departure::new(last, kind.id(), "this period is not stuck: it has a step"))
            }
            Err(_) => {
                let text = "cannot tell whether this period is stuck: too many choices to try";
                Err(Departure::new(last, kind.id(), text))
            }
        }
    }
}

/// Takes the property through one more period.
fn judge(
    monitored: Option<&mut Monitored>,
    n: usize,
    reading: &Reading<'_>,
    whole: bool,
) -> Result<(), Departure> {
    let Some(of) = monitored else { return Ok(()) };
    let (truths, faults) = of.monitor.truths(reading);
    of.truths.push(truths.clone());
    if of.violated || of.monitor.judge(&of.at, &truths) == Verdict3::Violated {
        of.violated = true;
        return Ok(());
    }
    if !whole {
        return Ok(());
    }
    match of.monitor.progress(&of.at, &truths) {
        Ok(at) => {
            of.violated = of.monitor.verdict(&at) == Verdict3::Violated;
            of.at = at;
            Ok(())
        }
        Err(atom) => {
            let fault = faults.into_iter().find(|(of, _)| *of == atom);
            let text = fault.and_then(|(_, faults)| faults.0.into_iter().next());
            let text = text.map_or("the property has no value".to_owned(), |fault| fault.text);
            Err(Departure::new(n, "", text))
        }
    }
}
