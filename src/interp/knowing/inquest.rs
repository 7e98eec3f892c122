//! All runs that look alike, followed period by period.

use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::rc::Rc;

use rustc_hash::FxHashMap;

use super::{Doubt, beyond, departs};
use crate::interp::beginnings::beginnings;
use crate::interp::draws::draws;
use crate::interp::evaluate::{Known, Reading};
use crate::interp::explicit::beliefs::claim::{Epistemic, Post};
use crate::interp::observe::seen;
use crate::interp::progress::formula::{Formula, Truth};
use crate::interp::progress::ground::Atom;
use crate::interp::progress::{Monitor, Verdict3, lasso};
use crate::interp::replay::rerun;
use crate::interp::step::{Interpreter, Step};
use crate::interp::valuations::{Fixed, valuations};
use crate::types::core::{Claim, Expr, Value};
use crate::types::trace::{Inputs, Period, Trace};

/// Most valuations tried in all.
const MOST: u64 = 4_000_000;
/// Most rounds of a loop walked until what is believed repeats.
const ROUNDS: usize = 512;

/// What a judge does not know, and when.
#[derive(Clone, Copy)]
pub(super) struct Missing {
    /// Who.
    pub(super) judge: Post,
    /// The number of the piece of knowledge.
    pub(super) number: usize,
    /// In which period.
    pub(super) period: usize,
}

/// Where things are true: the run itself, or the runs that look alike to a judge.
pub(super) struct Place {
    monitor: Monitor,
    bodies: Vec<Formula>,
    judge: Option<Post>,
    /// For each atom about knowledge: its number, the inner place, and which of its bodies.
    known: Vec<(usize, u32, usize, usize)>,
    inner: Vec<Place>,
}

/// The end of a run that looks alike.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct World {
    state: Vec<Value>,
    memory: Vec<bool>,
    beliefs: Vec<Beliefs>,
}

type Beliefs = Rc<BTreeSet<World>>;

/// What is known in a period, by number.
pub(super) type Pieces = FxHashMap<usize, Truth>;

/// The valuations of a period and where they lead.
type Steps = Rc<Vec<(Inputs, Vec<Value>)>>;

pub(super) struct Inquest<'a> {
    interpreter: &'a Interpreter<'a>,
    params: &'a [Value],
    first: Vec<Vec<Value>>,
    steps: FxHashMap<Vec<Value>, Steps>,
    left: u64,
}

impl<'a> Inquest<'a> {
    pub(super) fn new(interpreter: &'a Interpreter<'a>, params: &'a [Value]) -> Inquest<'a> {
        let (first, steps) = (Vec::new(), FxHashMap::default());
        Inquest { interpreter, params, first, steps, left: MOST }
    }

    pub(super) fn begin(&mut self) -> Result<(), Doubt> {
        let first = &mut self.first;
        let mut visit = |state: &[Value]| {
            first.push(state.to_vec());
            first.len() < 1 << 20
        };
        beginnings(self.interpreter, self.params, &mut visit).map_err(|_| Doubt::TooMany)
    }

    pub(super) fn place(
        &self,
        written: &Epistemic,
        monitor: Monitor,
        bodies: Vec<Formula>,
        judge: Option<Post>,
    ) -> Result<Place, Doubt> {
        let mut wanted: Vec<(Post, Vec<Expr>)> = Vec::new();
        let mut known = Vec::new();
        for (at, atom) in (0u32..).zip(monitor.atoms()) {
            let Atom::Known(number) = atom else { continue };
            let number = *number as usize;
            let Some(piece) = written.known.get(number) else { continue };
            let Some(post) = piece.judge else { continue };
            let inner = wanted.iter().position(|(of, _)| *of == post).unwrap_or(wanted.len());
            if inner == wanted.len() {
                wanted.push((post, Vec::new()));
            }
            let Some((_, pieces)) = wanted.get_mut(inner) else { continue };
            known.push((number, at, inner, pieces.len()));
            pieces.push(piece.body.clone());
        }
        let mut inner = Vec::new();
        for (post, pieces) in wanted {
            let (monitor, bodies) = Monitor::watching(self.interpreter.model, &pieces)
                .map_err(|unsupported| beyond(&unsupported))?;
            inner.push(self.place(written, monitor, bodies, Some(post))?);
        }
        Ok(Place { monitor, bodies, judge, known, inner })
    }

    /// The belief sets with which every run begins.
    fn first(&self, place: &Place) -> Vec<Beliefs> {
        let of = |inner: &Place| {
            let (beliefs, memory) = (self.first(inner), inner.monitor.start().memory);
            let world = |state: &Vec<Value>| World {
                state: state.clone(),
                memory: memory.clone(),
                beliefs: beliefs.clone(),
            };
            Rc::new(self.first.iter().map(world).collect::<BTreeSet<World>>())
        };
        place.inner.iter().map(of).collect()
    }

    /// Every step of a state.
    fn steps(&mut self, state: &[Value]) -> Result<Steps, Doubt> {
        if let Some(known) = self.steps.get(state) {
            return Ok(known.clone());
        }
        let mut found = Vec::new();
        let mut tried = 0u64;
        let mut visit = |inputs: &Inputs, step: Result<Step, _>| {
            tried += 1;
            if let Ok(step) = step {
                found.push((inputs.clone(), step.next));
            }
            ControlFlow::Continue(())
        };
        let (interpreter, params) = (self.interpreter, self.params);
        let all = valuations(interpreter, params, state, &Fixed::default(), self.left, &mut visit);
        all.map_err(|_| Doubt::TooMany)?;
        self.left = self.left.saturating_sub(tried.max(1));
        let steps = Rc::new(found);
        self.steps.insert(state.to_vec(), steps.clone());
        Ok(steps)
    }

    fn spend(&mut self) -> Result<(), Doubt> {
        self.left = self.left.checked_sub(1).ok_or(Doubt::TooMany)?;
        Ok(())
    }

    fn reading<'r>(&'r self, state: &'r [Value]) -> Reading<'r> {
        self.interpreter.reading(self.params, state)
    }

    fn sight(&self, state: &[Value], inputs: &Inputs, next: &[Value], post: Post) -> Sight {
        let known = Known(next);
        let reading =
            Reading { inputs: Some(&inputs.inputs), next: Some(&known), ..self.reading(state) };
        seen(&reading, post.0, post.1)
    }

    /// The truths of a place's atoms in a period, or in a state alone.
    fn truths(
        &mut self,
        place: &mut Place,
        state: &[Value],
        step: Option<(&Inputs, &[Value])>,
        beliefs: &[Beliefs],
    ) -> Result<(Vec<Truth>, Pieces), Doubt> {
        let mut truths = match step {
            None => place.monitor.truths(&self.reading(state)).0,
            Some((inputs, next)) => {
                let known = Known(next);
                let reading = Reading {
                    inputs: Some(&inputs.inputs),
                    next: Some(&known),
                    ..self.reading(state)
                };
                place.monitor.truths(&reading).0
            }
        };
        let mut pieces = Pieces::default();
        for (number, at, inner, body) in place.known.clone() {
            let (Some(of), Some(set)) = (place.inner.get_mut(inner), beliefs.get(inner)) else {
                continue;
            };
            let truth = self.known(of, set, body)?;
            pieces.insert(number, truth);
            if let Some(slot) = truths.get_mut(at as usize) {
                *slot = truth;
            }
        }
        Ok((truths, pieces))
    }

    /// Whether something holds in all worlds of a belief set.
    fn known(&mut self, place: &mut Place, set: &Beliefs, body: usize) -> Result<Truth, Doubt> {
        let mut known = Truth::True;
        for world in set.iter() {
            match self.holds(place, world, body)? {
                Truth::False => return Ok(Truth::False),
                Truth::Unknown => known = Truth::Unknown,
                Truth::True => {}
            }
        }
        Ok(known)
    }

    /// Whether something holds in a world, whatever step it takes.
    fn holds(&mut self, place: &mut Place, world: &World, body: usize) -> Result<Truth, Doubt> {
        match self.now(place, world, None, body)? {
            Truth::Unknown => {}
            settled => return Ok(settled),
        }
        let mut all = Truth::True;
        for (inputs, next) in self.steps(&world.state)?.iter() {
            match self.now(place, world, Some((inputs, next)), body)? {
                Truth::False => return Ok(Truth::False),
                Truth::Unknown => all = Truth::Unknown,
                Truth::True => {}
            }
        }
        Ok(all)
    }

    fn now(
        &mut self,
        place: &mut Place,
        world: &World,
        step: Option<(&Inputs, &[Value])>,
        body: usize,
    ) -> Result<Truth, Doubt> {
        self.spend()?;
        let (truths, _) = self.truths(place, &world.state, step, &world.beliefs)?;
        let Some(body) = place.bodies.get(body).copied() else { return Ok(Truth::Unknown) };
        Ok(place.monitor.now(&world.memory, body, &truths))
    }

    /// The belief sets of a place's judges after a step.
    fn after(
        &mut self,
        place: &mut Place,
        beliefs: &[Beliefs],
        (state, inputs, next): (&[Value], &Inputs, &[Value]),
    ) -> Result<Vec<Beliefs>, Doubt> {
        let mut sets = Vec::with_capacity(beliefs.len());
        for (inner, set) in place.inner.iter_mut().zip(beliefs) {
            let Some(post) = inner.judge else { continue };
            let actual = self.sight(state, inputs, next, post);
            let mut after = BTreeSet::new();
            for world in set.iter() {
                for (inputs, next) in self.steps(&world.state)?.iter() {
                    self.spend()?;
                    if self.sight(&world.state, inputs, next, post) == actual {
                        after.insert(self.moved(inner, world, inputs, next)?);
                    }
                }
            }
            sets.push(Rc::new(after));
        }
        Ok(sets)
    }

    fn moved(
        &mut self,
        place: &mut Place,
        world: &World,
        inputs: &Inputs,
        next: &[Value],
    ) -> Result<World, Doubt> {
        let (truths, _) = self.truths(place, &world.state, Some((inputs, next)), &world.beliefs)?;
        let memory = place.monitor.remember(&world.memory, &truths);
        let memory = memory.ok_or_else(|| departs(0, "the property has no value"))?;
        let beliefs = self.after(place, &world.beliefs, (&world.state, inputs, next))?;
        Ok(World { state: next.to_vec(), memory, beliefs })
    }

    /// Takes the property along the run; returns what is known in each period.
    pub(super) fn follow(
        &mut self,
        actual: &mut Place,
        trace: &Trace,
    ) -> Result<Vec<Pieces>, Doubt> {
        if trace.loop_start.is_some() {
            return self.follow_for_ever(actual, trace);
        }
        let mut beliefs = self.first(actual);
        let mut standing = actual.monitor.start();
        let (mut known, mut violated) = (Vec::new(), false);
        for (n, period) in trace.periods.iter().enumerate() {
            let step = self.ended(trace, n, period)?;
            let ends = step.as_ref().map(|(inputs, next)| (inputs, next.as_slice()));
            let (truths, pieces) = self.truths(actual, &period.state, ends, &beliefs)?;
            known.push(pieces);
            violated |= actual.monitor.judge(&standing, &truths) == Verdict3::Violated;
            let Some((inputs, next)) = step else { break };
            if violated {
                continue;
            }
            standing = actual
                .monitor
                .progress(&standing, &truths)
                .map_err(|_| departs(n, "the property has no value"))?;
            beliefs = self.after(actual, &beliefs, (&period.state, &inputs, &next))?;
        }
        if violated {
            return Ok(known);
        }
        let last = trace.periods.len().saturating_sub(1);
        Err(departs(last, "the run does not show what it is to show by its last period"))
    }

    /// A period's inputs, and the state at its end.
    fn ended(
        &self,
        trace: &Trace,
        n: usize,
        period: &Period,
    ) -> Result<Option<(Inputs, Vec<Value>)>, Doubt> {
        let Some(inputs) = &period.inputs else { return Ok(None) };
        let step = self.interpreter.step(&trace.params, &period.state, inputs);
        let step = step.map_err(|_| departs(n, "this period is no step"))?;
        Ok(Some((inputs.clone(), step.next)))
    }

    /// Goes round the loop until what is believed at its start repeats.
    fn follow_for_ever(&mut self, actual: &mut Place, trace: &Trace) -> Result<Vec<Pieces>, Doubt> {
        let back = trace.loop_start.unwrap_or(0);
        let mut beliefs = self.first(actual);
        let (mut known, mut truths) = (Vec::new(), Vec::new());
        let mut met: Vec<(Vec<Beliefs>, usize)> = Vec::new();
        let mut n = 0;
        let start = loop {
            if n == back {
                if let Some((_, start)) = met.iter().find(|(sets, _)| *sets == beliefs) {
                    break *start;
                }
                if met.len() > ROUNDS {
                    return Err(Doubt::TooMany);
                }
                met.push((beliefs.clone(), truths.len()));
            }
            let Some(period) = trace.periods.get(n) else { return Err(Doubt::TooMany) };
            let Some((inputs, next)) = self.ended(trace, n, period)? else {
                return Err(departs(n, "nothing is chosen in this period"));
            };
            let ends = Some((&inputs, next.as_slice()));
            let (now, pieces) = self.truths(actual, &period.state, ends, &beliefs)?;
            truths.push(now);
            known.push(pieces);
            beliefs = self.after(actual, &beliefs, (&period.state, &inputs, &next))?;
            n = if n + 1 < trace.periods.len() { n + 1 } else { back };
        };
        match lasso::holds(&mut actual.monitor, &truths, start) {
            Ok(false) => Ok(known),
            Ok(true) => Err(departs(back, "the run does not show what it is to show")),
            Err(_) => Err(departs(back, "the property has no value")),
        }
    }

    /// A run that looks to a judge like another, and that ends where what it would know is not so.
    pub(super) fn looks_alike(
        &mut self,
        written: &Epistemic,
        claim: &Claim,
        trace: &Trace,
        missing: Missing,
        other: &Trace,
    ) -> Result<(), Doubt> {
        let model = self.interpreter.model;
        rerun(model, &claim.assumes, false, other)?;
        let other = &draws(model, other);
        let Some(piece) = written.known.get(missing.number) else { return Ok(()) };
        let (monitor, bodies) = Monitor::watching(model, std::slice::from_ref(&piece.body))
            .map_err(|unsupported| beyond(&unsupported))?;
        let mut place = self.place(written, monitor, bodies, Some(missing.judge))?;
        let mut world = World {
            state: other.periods.first().map(|period| period.state.clone()).unwrap_or_default(),
            memory: place.monitor.start().memory,
            beliefs: self.first(&place),
        };
        for n in 0..missing.period {
            let (Some(a), Some(b)) = (trace.periods.get(n), other.periods.get(n)) else {
                return Err(departs(n, "the runs are not of one length"));
            };
            let (Some(mine), Some(its)) = (self.ended(trace, n, a)?, self.ended(other, n, b)?)
            else {
                return Err(departs(n, "nothing is chosen in this period"));
            };
            let here = self.sight(&a.state, &mine.0, &mine.1, missing.judge);
            if here != self.sight(&b.state, &its.0, &its.1, missing.judge) {
                return Err(departs(n, "the two runs do not look alike"));
            }
            world = self.moved(&mut place, &world, &its.0, &its.1)?;
        }
        match self.holds(&mut place, &world, 0)? {
            Truth::False => Ok(()),
            _ => Err(departs(missing.period, "the other run has what is said not to be known")),
        }
    }
}

/// What a post sees in a period.
type Sight = Vec<(String, Value)>;
