//! The same search by the interpreter itself: states as values, steps by
//! [`Interpreter::step`](crate::interp::step::Interpreter::step). Slow, simple, and independent of
//! the compiled program; nothing is left out of the state.

use std::ops::ControlFlow;

use indexmap::IndexMap;

use super::trace::no_beginning;
use super::{Limits, Outcome, Prepared, Progress};
use crate::interp::beginnings::beginnings;
use crate::interp::evaluate::{Known, Reading};
use crate::interp::progress::formula::TRUE;
use crate::interp::progress::{Monitor, Standing, Verdict3};
use crate::interp::step::StepFault;
use crate::interp::valuations::{Fixed, Unfinished, valuations};
use crate::types::core::Value;
use crate::types::defect::DefectKind;
use crate::types::trace::{Inputs, Period, Trace};

/// A state and what the property demands of it.
type Node = (Vec<Value>, Option<Standing>);

/// The states met, each with the one it was first reached from and the valuation that led here.
type Met = IndexMap<Node, Option<(usize, Inputs)>>;

struct Run<'a> {
    prepared: &'a Prepared<'a>,
    monitor: Option<Monitor>,
    met: Met,
}

/// What was found: in which state, by which valuation if any, and of which kind.
type Found = (usize, Option<Inputs>, Option<DefectKind>);

/// Searches.
pub fn search(
    prepared: &Prepared<'_>,
    limits: &Limits<'_>,
    progress: &mut dyn FnMut(Progress),
) -> Outcome {
    let monitor = prepared.monitor.clone();
    let mut run = Run { prepared, monitor, met: Met::new() };
    if let Err(reason) = run.begin(limits) {
        return reason;
    }
    if run.met.is_empty() && prepared.defects.contains(&DefectKind::InitialState) {
        return no_beginning(prepared);
    }
    let (mut at, mut depth, mut level) = (0, 0, run.met.len());
    while at < run.met.len() {
        if at == level {
            (depth, level) = (depth + 1, run.met.len());
        }
        if limits.over() {
            return Outcome::Cancelled;
        }
        if run.met.len() >= limits.max_states {
            return Outcome::TooLarge { reason: format!("more than {} states", limits.max_states) };
        }
        progress(Progress { states: run.met.len(), depth, frontier: run.met.len() - at });
        match run.expand(at, limits) {
            Ok(None) => {}
            Ok(Some(found)) => return run.found(found),
            Err(Unfinished::Infinite(what)) => {
                let reason = format!("`{what}` has infinitely many values");
                return Outcome::NotFinite { reason };
            }
            Err(Unfinished::Stopped) => return Outcome::Cancelled,
            Err(_) => {
                let reason = "too many valuations of one period".to_owned();
                return Outcome::TooLarge { reason };
            }
        }
        at += 1;
    }
    Outcome::Holds { states: run.met.len(), depth }
}

impl Run<'_> {
    /// Every first state.
    fn begin(&mut self, limits: &Limits<'_>) -> Result<(), Outcome> {
        let (monitor, met) = (&self.monitor, &mut self.met);
        let mut visit = |state: &[Value]| {
            let standing = monitor.as_ref().map(Monitor::start);
            met.entry((state.to_vec(), standing)).or_insert(None);
            !limits.over()
        };
        let prepared = self.prepared;
        beginnings(prepared.interpreter, prepared.params, &mut visit).map_err(|unfinished| {
            match unfinished {
                Unfinished::Infinite(name) => {
                    Outcome::NotFinite { reason: format!("`{name}` has infinitely many values") }
                }
                _ => Outcome::Cancelled,
            }
        })
    }

    fn expand(&mut self, at: usize, limits: &Limits<'_>) -> Result<Option<Found>, Unfinished> {
        let Some((node, _)) = self.met.get_index(at) else { return Ok(None) };
        let (state, standing) = node.clone();
        let (interpreter, params) = (self.prepared.interpreter, self.prepared.params);
        let sought = self.prepared.defects.clone();
        if let (Some(monitor), Some(standing)) = (&mut self.monitor, &standing) {
            let (truths, _) = monitor.truths(&interpreter.reading(params, &state));
            if monitor.judge(standing, &truths) == Verdict3::Violated {
                return Ok(Some((at, None, None)));
            }
        }
        let (mut moved, mut found, mut tried) = (false, None, 0u32);
        let (monitor, met) = (&mut self.monitor, &mut self.met);
        let mut visit = |inputs: &Inputs, step: Result<crate::interp::step::Step, StepFault>| {
            moved = true;
            tried = tried.wrapping_add(1);
            if tried.is_multiple_of(256) && limits.over() {
                return ControlFlow::Break(());
            }
            let next = match step {
                Ok(step) => step.next,
                Err(StepFault::Defective(defects)) => {
                    let kind = defects.iter().map(|d| d.kind).find(|kind| sought.contains(kind));
                    let Some(kind) = kind else { return ControlFlow::Continue(()) };
                    found = Some((at, Some(inputs.clone()), Some(kind)));
                    return ControlFlow::Break(());
                }
                Err(_) => return ControlFlow::Continue(()),
            };
            let mut onward = None;
            if let (Some(monitor), Some(standing)) = (monitor.as_mut(), &standing) {
                let known = Known(&next);
                let reading = Reading {
                    inputs: Some(&inputs.inputs),
                    next: Some(&known),
                    ..interpreter.reading(params, &state)
                };
                let (truths, faults) = monitor.truths(&reading);
                match monitor.progress(standing, &truths) {
                    Ok(after) if monitor.verdict(&after) == Verdict3::Violated => {
                        found = Some((at, Some(inputs.clone()), None));
                        return ControlFlow::Break(());
                    }
                    Ok(after) if after.formula == TRUE => return ControlFlow::Continue(()),
                    Ok(after) => onward = Some(after),
                    Err(atom) => {
                        let fault = faults.iter().find(|(of, _)| *of == atom);
                        let kind = fault.and_then(|(_, f)| f.0.iter().find_map(|f| f.kind));
                        found = Some((at, Some(inputs.clone()), kind));
                        return ControlFlow::Break(());
                    }
                }
            }
            met.entry((next, onward)).or_insert_with(|| Some((at, inputs.clone())));
            ControlFlow::Continue(())
        };
        let all = valuations(interpreter, params, &state, &Fixed::default(), 1 << 24, &mut visit);
        match all {
            Ok(()) if !moved && sought.contains(&DefectKind::StuckPeriod) => {
                Ok(Some((at, None, Some(DefectKind::StuckPeriod))))
            }
            Ok(()) => Ok(found),
            Err(Unfinished::Stopped) if found.is_some() => Ok(found),
            Err(unfinished) => Err(unfinished),
        }
    }

    fn found(&self, (at, inputs, kind): Found) -> Outcome {
        let state = |at: usize| self.met.get_index(at).map(|((state, _), _)| state.clone());
        let mut periods = vec![Period { state: state(at).unwrap_or_default(), inputs }];
        let mut here = at;
        while let Some((_, Some((parent, inputs)))) = self.met.get_index(here) {
            let inputs = Some(inputs.clone());
            periods.push(Period { state: state(*parent).unwrap_or_default(), inputs });
            here = *parent;
        }
        periods.reverse();
        let trace = Trace { params: self.prepared.params.to_vec(), periods, loop_start: None };
        Outcome::Found { trace, kind }
    }
}
