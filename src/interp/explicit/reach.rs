//! All states that any run reaches, with the steps between them, of models that have few of both.
//!
//! They are laid out breadth first by the interpreter itself, nothing left out of a state, so that a state's
//! distance is the length of a shortest run to it. Small means small: where there is more than the bounds allow
//! there is no graph, never a part of one.

use std::ops::ControlFlow;

use indexmap::{IndexMap, IndexSet};

use crate::interp::beginnings::beginnings;
use crate::interp::evaluate::Scope;
use crate::interp::step::Interpreter;
use crate::interp::valuations::{Fixed, valuations};
use crate::interp::value::cardinality;
use crate::types::core::{Chosen, Claim, ExprKind, Level, Model, Property, Value};
use crate::types::level::level;
use crate::types::trace::Inputs;

use super::parameters_hold;

/// How much of a graph is still small.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Most states.
    pub states: usize,
    /// Most pairs of states with a step from one to the other.
    pub steps: usize,
    /// Most beginnings of valuations tried, in all.
    pub tries: u64,
}

/// A model's states and steps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Graph {
    /// The parameters.
    pub params: Vec<Value>,
    /// The states in the order in which they were met, first states first.
    pub states: Vec<Met>,
    /// Pairs of states with a step from one to the other.
    pub steps: Vec<Step>,
}

/// A reachable state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Met {
    /// The values of all cells.
    pub state: Vec<Value>,
    /// How many periods it takes to get there.
    pub distance: usize,
}

/// A step from one state to another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// From.
    pub from: usize,
    /// To.
    pub to: usize,
    /// How many valuations lead there.
    pub ways: usize,
    /// One of them.
    pub example: Inputs,
}

/// The graph of a model all of whose parameters have values, if it is small.
pub fn reach(model: &Model, bounds: &Bounds) -> Option<Graph> {
    let params: Option<Vec<Value>> = model.params.iter().map(|param| param.value.clone()).collect();
    let params = params?;
    let interpreter = Interpreter::new(model);
    if !parameters_hold(&interpreter, &params) {
        return None;
    }
    let mut known = first(&interpreter, &params, bounds)?;
    let mut distances = vec![0; known.len()];
    let (mut steps, mut tries) = (Vec::new(), bounds.tries);
    let mut at = 0;
    while let Some(state) = known.get_index(at).cloned() {
        let found = leaving(&interpreter, &params, &state, &mut tries)?;
        let distance = distances.get(at).map_or(0, |distance| distance + 1);
        for (next, (ways, example)) in found {
            let (to, new) = known.insert_full(next);
            if new {
                distances.push(distance);
            }
            steps.push(Step { from: at, to, ways, example });
        }
        if known.len() > bounds.states || steps.len() > bounds.steps {
            return None;
        }
        at += 1;
    }
    let states = known.into_iter().zip(distances);
    let states = states.map(|(state, distance)| Met { state, distance }).collect();
    Some(Graph { params, states, steps })
}

fn first(
    interpreter: &Interpreter<'_>,
    params: &[Value],
    bounds: &Bounds,
) -> Option<IndexSet<Vec<Value>>> {
    if beginnings_tried(interpreter)? > bounds.tries {
        return None;
    }
    let mut known: IndexSet<Vec<Value>> = IndexSet::new();
    let mut visit = |state: &[Value]| {
        known.insert(state.to_vec());
        known.len() <= bounds.states
    };
    beginnings(interpreter, params, &mut visit).ok()?;
    Some(known)
}

/// At most how many states are tried as first ones.
fn beginnings_tried(interpreter: &Interpreter<'_>) -> Option<u64> {
    let model = interpreter.model;
    interpreter.layout.cells.iter().try_fold(1u64, |tried, slot| {
        match model.cells.get(slot.of.index())?.initial {
            Some(Chosen::Is(_)) => Some(tried),
            _ => tried.checked_mul(cardinality(model, slot.ty)?),
        }
    })
}

type Leaving = IndexMap<Vec<Value>, (usize, Inputs)>;

/// Where a state leads; a defective step leads nowhere, since no run goes through it.
fn leaving(
    interpreter: &Interpreter<'_>,
    params: &[Value],
    state: &[Value],
    tries: &mut u64,
) -> Option<Leaving> {
    let mut found = Leaving::new();
    let mut visited = 0u64;
    let mut visit = |inputs: &Inputs, step: Result<crate::interp::step::Step, _>| {
        visited += 1;
        if let Ok(step) = step {
            found.entry(step.next).or_insert_with(|| (0, inputs.clone())).0 += 1;
        }
        ControlFlow::Continue(())
    };
    valuations(interpreter, params, state, &Fixed::default(), *tries, &mut visit).ok()?;
    *tries = tries.checked_sub(visited + 1)?;
    Some(found)
}

/// Which states refute a claim on their own: those in which `p` is false, of a claim `always p` that speaks of
/// states and assumes nothing; nothing of other claims.
pub fn violating(model: &Model, claim: &Claim, graph: &Graph) -> Option<Vec<usize>> {
    let (p, wanted) = match claim.property.kind.as_ref() {
        ExprKind::Property(Property::Always(p)) => (p, true),
        ExprKind::Property(Property::Never(p)) => (p, false),
        _ => return None,
    };
    if level(model, p) > Level::State || !claim.assumes.is_empty() {
        return None;
    }
    let interpreter = Interpreter::new(model);
    let holds = |met: &Met| {
        interpreter.reading(&graph.params, &met.state).holds(p, &mut Scope::default()).ok()
    };
    let truths: Option<Vec<bool>> = graph.states.iter().map(holds).collect();
    let all = truths?.into_iter().enumerate().filter(|(_, truth)| *truth != wanted);
    Some(all.map(|(n, _)| n).collect())
}
