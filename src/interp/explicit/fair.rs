//! Infinite, fair runs of finite models, and what stays possible.
//!
//! All states and standings of the property are laid out as a graph ([`super::unfold`]). An infinite
//! run stays in one strongly connected component from some period on (Tarjan 1972). Justice and
//! eventualities ask for a step of the component; compassion whose promise no step of the component
//! keeps forbids the steps that satisfy its premise, and what is left is searched again (Emerson and
//! Lei 1987). What is found is walked as a lasso: a shortest way to the component, and a loop in it
//! that meets one condition after the other.

use std::ops::ControlFlow;

use super::build::{Built, build};
use super::graph::Bar;
use super::program::Leaf;
use super::store::{NONE, Store};
use super::trace::Path;
use super::unfold::{Node, Unfinished, Unfolding};
use super::walk::{Loop, Step, walk};
use super::{Limits, Outcome, Prepared, Progress, cases};
use crate::interp::apart::NOT_ALL_REPEATS;
use crate::interp::closing::close;
use crate::interp::progress::tableau::{Sought, Wish};
use crate::interp::step::Interpreter;
use crate::types::core::{Assume, Expr, Model, Value};
use crate::types::trace::{Period, Trace};

/// What is asked.
#[derive(Clone, Copy)]
pub enum Question<'m> {
    /// Whether there is an infinite, fair run like this, and where its loop is to come back.
    Run(Wish<'m>, Closing),
    /// Whether from every state that can be reached, each of these can be reached; found is a state
    /// from which one cannot.
    Stays(&'m [Expr]),
}

/// Where a loop comes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Closing {
    /// In every cell.
    Everywhere,
    /// In cells that the question rests on, and in others that could not go on otherwise.
    WhereItMatters,
}

/// Searches a model under the hypotheses of a claim, for all values of parameters that have none.
pub fn search(
    model: &Model,
    question: Question<'_>,
    assumes: &[Assume],
    limits: &Limits<'_>,
    progress: &mut dyn FnMut(Progress),
) -> Outcome {
    cases::for_all(model, limits, |model| {
        let outcome = search_at(model, question, assumes, limits, progress);
        closed(model, question, assumes, outcome)
    })
}

/// The same, a loop of what was looked at gone round until it comes back.
fn closed(model: &Model, question: Question<'_>, assumes: &[Assume], outcome: Outcome) -> Outcome {
    let (trace, kind, wish, closing) = match (outcome, question) {
        (Outcome::Found { trace, kind }, Question::Run(wish, closing)) => {
            (trace, kind, wish, closing)
        }
        (outcome, _) => return outcome,
    };
    let asked: &[&Expr] = match &wish {
        Wish::Violates(e) | Wish::Meets(e) => &[e],
        Wish::Fair => &[],
    };
    let asked = (closing == Closing::WhereItMatters).then_some(asked);
    match close(model, assumes, asked, &trace) {
        Some(trace) => Outcome::Found { trace, kind },
        None => Outcome::TooLarge { reason: NOT_ALL_REPEATS.to_owned() },
    }
}

fn search_at(
    model: &Model,
    question: Question<'_>,
    assumes: &[Assume],
    limits: &Limits<'_>,
    progress: &mut dyn FnMut(Progress),
) -> Outcome {
    let params = match parameters(model) {
        Ok(params) => params,
        Err(reason) => return Outcome::NotFinite { reason },
    };
    let sought = match question {
        Question::Run(wish, _) => Sought::new(model, wish),
        Question::Stays(targets) => Sought::marking(model, targets),
    };
    let sought = match sought {
        Ok(sought) => sought,
        Err(unsupported) => return Outcome::Unsupported { fragment: unsupported.fragment },
    };
    let interpreter = Interpreter::assuming(model, assumes);
    let prepared = Prepared {
        interpreter: &interpreter,
        params: &params,
        monitor: Some(sought.monitor.clone()),
        defects: Vec::new(),
    };
    match job(&prepared, question, sought, limits, progress) {
        Ok(outcome) => outcome,
        Err(Bar::Infinite(what)) => {
            Outcome::NotFinite { reason: format!("`{what}` has infinitely many values") }
        }
        Err(Bar::Overflow) => {
            let reason = "numbers beyond 64 bits may arise, or too many cases".to_owned();
            Outcome::NotFinite { reason }
        }
        Err(Bar::Cycle) => {
            let reason = "a value may rest on itself".to_owned();
            Outcome::NotFinite { reason }
        }
    }
}

fn parameters(model: &Model) -> Result<Vec<Value>, String> {
    let value = |param: &crate::types::core::Param| {
        param.value.clone().ok_or_else(|| format!("`{}` has no value", param.name))
    };
    model.params.iter().map(value).collect()
}

fn job(
    prepared: &Prepared<'_>,
    question: Question<'_>,
    sought: Sought,
    limits: &Limits<'_>,
    progress: &mut dyn FnMut(Progress),
) -> Result<Outcome, Bar> {
    let monitor = prepared.monitor.as_ref();
    let built = build(prepared.interpreter, prepared.params, monitor, limits.defect_free, true)?;
    if built.step.depth() > 4000 || built.first.depth() > 100_000 {
        let reason = "more than 4000 things are drawn in a period".to_owned();
        return Ok(Outcome::TooLarge { reason });
    }
    let words = built.words;
    let job = Job { prepared, built: &built, limits, question };
    let stack = 4096 * (built.step.depth() + built.first.depth() + 256);
    Ok(stacker::maybe_grow(stack, 2 * stack, || match words {
        0..=1 => job.run::<1>(sought, progress),
        2 => job.run::<2>(sought, progress),
        3 => job.run::<3>(sought, progress),
        4 => job.run::<4>(sought, progress),
        5..=8 => job.run::<8>(sought, progress),
        9..=16 => job.run::<16>(sought, progress),
        17..=64 => job.run::<64>(sought, progress),
        _ => Outcome::TooLarge { reason: "a state takes more than 4096 bits".to_owned() },
    }))
}

struct Job<'a> {
    prepared: &'a Prepared<'a>,
    built: &'a Built,
    limits: &'a Limits<'a>,
    question: Question<'a>,
}

impl Job<'_> {
    fn run<const W: usize>(&self, sought: Sought, progress: &mut dyn FnMut(Progress)) -> Outcome {
        let mut unfolding = Unfolding::<W>::new(self.built, self.limits, sought);
        if super::params_hold(self.prepared) {
            match unfolding.run(progress) {
                Ok(()) => {}
                Err(Unfinished::TooLarge(reason)) => return Outcome::TooLarge { reason },
                Err(Unfinished::Over) => return Outcome::Cancelled,
            }
        }
        let holds = Outcome::Holds { states: unfolding.nodes.len(), depth: depth(&unfolding) };
        let (stem, lasso) = match self.question {
            Question::Run(..) => {
                let conditions = unfolding.conditions();
                let Some(component) = unfolding.graph.fair_component(&conditions) else {
                    return holds;
                };
                let lasso =
                    walk(&unfolding.graph, &component, &conditions, |n| stem(&unfolding, n).len());
                (stem(&unfolding, lasso.start), Some(lasso))
            }
            Question::Stays(targets) => {
                let lost = (0..targets.len()).filter_map(|n| {
                    let marks = 1u128.checked_shl(2 * u32::try_from(n).ok()?)?;
                    unfolding.graph.can_reach(marks).iter().position(|can| !can)
                });
                let Some(lost) = lost.min() else { return holds };
                (stem(&unfolding, u32::try_from(lost).unwrap_or(NONE)), None)
            }
        };
        let store = Store::default();
        let path = Path {
            prepared: self.prepared,
            built: self.built,
            place: None,
            store: &store,
            monitors: None,
        };
        Telling { unfolding, path }.tell(&stem, lasso)
    }
}

/// The nodes on a shortest way to one, itself the last.
fn stem<const W: usize>(unfolding: &Unfolding<'_, W>, node: u32) -> Vec<u32> {
    let before =
        |at: &u32| unfolding.parents.get(*at as usize).copied().filter(|parent| *parent != NONE);
    let mut way: Vec<u32> = std::iter::successors(Some(node), before).collect();
    way.reverse();
    way
}

fn depth<const W: usize>(unfolding: &Unfolding<'_, W>) -> usize {
    let last = u32::try_from(unfolding.nodes.len()).unwrap_or(NONE);
    last.checked_sub(1).map_or(0, |last| stem(unfolding, last).len() - 1)
}

/// Nodes as a run with all its values.
struct Telling<'a, const W: usize> {
    unfolding: Unfolding<'a, W>,
    path: Path<'a, W>,
}

impl<const W: usize> Telling<'_, W> {
    fn tell(mut self, stem: &[u32], lasso: Option<Loop>) -> Outcome {
        let first = stem.first().and_then(|n| self.node(*n)).map_or([0; W], |node| node.0);
        let mut state = self.path.first(first);
        let mut periods = Vec::new();
        for pair in stem.windows(2) {
            let [from, to] = pair else { continue };
            let step = Step { from: *from, to: *to, marks: None };
            state = self.period(&mut periods, state, &step);
        }
        let params = self.path.prepared.params.to_vec();
        let Some(lasso) = lasso else {
            periods.push(Period { state, inputs: None });
            let trace = Trace { params, periods, loop_start: None };
            return Outcome::Found { trace, kind: None };
        };
        // What the property does not rest on may take more rounds to repeat.
        let loop_start = Some(periods.len());
        for step in &lasso.steps {
            state = self.period(&mut periods, state, step);
        }
        Outcome::Found { trace: Trace { params, periods, loop_start }, kind: None }
    }

    fn node(&self, n: u32) -> Option<Node<W>> {
        self.unfolding.nodes.get(n as usize).copied()
    }

    /// Adds the period of a step; returns the state it leads to.
    fn period(&mut self, periods: &mut Vec<Period>, state: Vec<Value>, step: &Step) -> Vec<Value> {
        let registers = self.registers(step).unwrap_or_default();
        let fixed = self.path.fixed(&self.path.built.step, &registers);
        let kept = self.node(step.to).map(|node| self.path.cells(&node.0)).unwrap_or_default();
        let (inputs, next) = self.path.fill(&state, &fixed, Some(&kept), None);
        periods.push(Period { state, inputs: Some(inputs) });
        next
    }

    /// A valuation that takes a step.
    fn registers(&mut self, step: &Step) -> Option<Vec<i64>> {
        let (from, to) = (self.node(step.from)?, self.node(step.to)?);
        let program = &self.path.built.step;
        let mut registers = program.registers();
        program.load(&from.0, &mut registers);
        let key = program.begin(&mut registers)?;
        let built = self.path.built;
        let unfolding = &mut self.unfolding;
        let mut find =
            Find { built, unfolding, standing: from.1, to, marks: step.marks, registers: None };
        let _ = program.extend(1, &mut registers, key, &mut find);
        find.registers
    }
}

struct Find<'f, 'a, const W: usize> {
    built: &'f Built,
    unfolding: &'f mut Unfolding<'a, W>,
    standing: u32,
    to: Node<W>,
    marks: Option<u128>,
    registers: Option<Vec<i64>>,
}

impl<const W: usize> Leaf<W> for Find<'_, '_, W> {
    fn tried(&mut self) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }

    fn leaf(&mut self, registers: &[i64], key: [u64; W]) -> ControlFlow<()> {
        if key != self.to.0
            || self.built.is_defective(registers)
            || !self.built.is_lawful(registers)
        {
            return ControlFlow::Continue(());
        }
        let moves = self.unfolding.moves(self.standing, registers).unwrap_or_default();
        let wanted = |(standing, marks): &(u32, u128)| {
            *standing == self.to.1 && self.marks.is_none_or(|wanted| wanted == *marks)
        };
        if moves.iter().any(wanted) {
            self.registers = Some(registers.to_vec());
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    }
}
