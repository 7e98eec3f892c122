//! Re-execution of a run and a deviation from it.
//!
//! Both runs are executed. They begin in the same state and are the same up to some period; from then on the
//! coalition does as it likes in the second, while all others, environment and draws do what they did in the
//! first, wherever they have the choice in both and it is allowed in both. What the coalition gains is added up in both.
//! How the runs were found does not matter here.

use crate::types::core::{Assume, Deadline, Expr, Model, SortId, Value};
use crate::types::layout::value_name;
use crate::types::trace::{Inputs, Trace};

use super::evaluate::{Known, Reading, Scope};
use super::next::Firing;
use super::operate::binary;
use super::replay::{Departure, Replayed, rerun};
use super::step::Interpreter;
use super::value::integer;
use crate::types::core::Binary;

/// What is claimed not to be.
#[derive(Clone, Copy, Debug)]
pub struct Claimed<'a> {
    /// The claim's own hypotheses.
    pub assumes: &'a [Assume],
    /// Who deviates.
    pub posts: &'a [(SortId, u32)],
    /// For how long.
    pub within: Deadline,
    /// By more than this it must pay.
    pub margin: Option<&'a Expr>,
}

/// A deviation that pays.
#[derive(Clone, Debug)]
pub struct Deviation {
    /// The run in which all follow their practices.
    pub run: Replayed,
    /// The run in which the coalition does not.
    pub other: Replayed,
    /// The first period in which they may differ.
    pub from: usize,
    /// What the coalition gains in either.
    pub gains: (Value, Value),
}

fn departs(period: usize, text: impl Into<String>) -> Departure {
    Departure { period, name: String::new(), expected: None, found: None, text: text.into() }
}

/// Re-executes both runs and checks that the deviation pays.
///
/// # Errors
/// Where they depart.
pub fn replay(
    model: &Model,
    claimed: &Claimed<'_>,
    run: &Trace,
    other: &Trace,
    from: usize,
) -> Result<Deviation, Departure> {
    let run = rerun(model, claimed.assumes, false, run)?;
    let mut free = model.clone();
    free.assumes.retain(|assume| assume.practice.is_none());
    let other = rerun(&free, claimed.assumes, false, other)?;
    if run.trace.params != other.trace.params {
        return Err(departs(0, "the parameters differ"));
    }
    let pair = Pair { model, free: Interpreter::new(&free), claimed, run: &run, other: &other };
    pair.same_before(from)?;
    for n in 0..run.trace.periods.len() {
        pair.coupled(n, n < from)?;
    }
    let gains = pair.gains(from)?;
    let deviation = Deviation { from, gains, run: run.clone(), other: other.clone() };
    pair.pays(&deviation.gains)?;
    Ok(deviation)
}

struct Pair<'a> {
    model: &'a Model,
    free: Interpreter<'a>,
    claimed: &'a Claimed<'a>,
    run: &'a Replayed,
    other: &'a Replayed,
}

impl Pair<'_> {
    fn same_before(&self, from: usize) -> Result<(), Departure> {
        let pairs = self.run.trace.periods.iter().zip(&self.other.trace.periods);
        for (n, (one, other)) in pairs.enumerate().take(from + 1) {
            if one.state != other.state {
                return Err(departs(n, "the runs part before the deviation"));
            }
        }
        Ok(())
    }

    fn period<'p>(&self, of: &'p Replayed, n: usize) -> Option<(&'p [Value], &'p Inputs)> {
        let period = of.trace.periods.get(n)?;
        Some((period.state.as_slice(), period.inputs.as_ref()?))
    }

    fn params(&self) -> &[Value] {
        &self.run.trace.params
    }

    fn next<'p>(&self, of: &'p Replayed, n: usize) -> &'p [Value] {
        of.trace.periods.get(n + 1).map_or(&[], |period| period.state.as_slice())
    }

    /// Whether the coalition chooses a slot.
    fn ours(&self, slot: usize) -> bool {
        let layout = &self.free.layout;
        let owner = layout.inputs.get(slot).and_then(|place| {
            let input = self.model.inputs.get(place.of.index())?;
            let binders = input.binders.iter().copied().zip(input.index.iter().copied());
            let mut scope = Scope::members(binders, &place.member);
            let reading = self.free.reading(self.params(), &[]);
            reading.value(input.owner.as_ref()?, &mut scope).ok()
        });
        match owner {
            Some(Value::Member(sort, n)) => self.claimed.posts.contains(&(sort, n)),
            _ => false,
        }
    }

    /// All but the coalition do in both runs the same, where they can.
    fn coupled(&self, n: usize, before: bool) -> Result<(), Departure> {
        let (Some(one), Some(other)) = (self.period(self.run, n), self.period(self.other, n))
        else {
            return Ok(());
        };
        for (slot, place) in self.free.layout.inputs.iter().enumerate() {
            let (Some(a), Some(b)) = (one.1.inputs.get(slot), other.1.inputs.get(slot)) else {
                continue;
            };
            if a == b || self.ours(slot) && !before {
                continue;
            }
            if self.can(n, self.run, one, slot, None)
                && self.can(n, self.other, other, slot, Some(a))
            {
                let text = format!("`{}` differs between the runs", place.name);
                return Err(departs(n, text));
            }
        }
        self.drawn(n, one, other)
    }

    /// Whether there is a choice of a slot, and whether a value would be allowed.
    fn can(
        &self,
        n: usize,
        of: &Replayed,
        (state, drawn): (&[Value], &Inputs),
        slot: usize,
        value: Option<&Value>,
    ) -> bool {
        let Some(place) = self.free.layout.inputs.get(slot) else { return false };
        let Some(input) = self.model.inputs.get(place.of.index()) else { return false };
        let mut inputs = drawn.inputs.clone();
        if let (Some(value), Some(at)) = (value, inputs.get_mut(slot)) {
            *at = value.clone();
        }
        let known = Known(self.next(of, n));
        let reading = |inputs| Reading {
            inputs: Some(inputs),
            next: Some(&known),
            ..self.free.reading(self.params(), state)
        };
        let binders = input.binders.iter().copied().zip(input.index.iter().copied());
        let mut scope = Scope::members(binders, &place.member);
        let own = reading(&drawn.inputs);
        let holds = |e: Option<&Expr>, reading: &Reading<'_>, scope: &mut Scope| {
            e.is_none_or(|e| reading.holds(e, scope) == Ok(true))
        };
        holds(input.when.as_ref(), &own, &mut scope)
            && (value.is_none() || holds(input.condition.as_ref(), &reading(&inputs), &mut scope))
    }

    /// Draws of rules that fire in both runs are the same, where the sets allow it.
    fn drawn(
        &self,
        n: usize,
        one: (&[Value], &Inputs),
        other: (&[Value], &Inputs),
    ) -> Result<(), Departure> {
        let firing = |(state, drawn): (&[Value], &Inputs)| {
            (state.to_vec(), drawn.inputs.clone(), drawn.draws.clone())
        };
        let ((s, i, d), (t, j, e)) = (firing(one), firing(other));
        let params = self.params();
        let first = Firing::new(&self.free, params, &s, &i, &d);
        let second = Firing::new(&self.free, params, &t, &j, &e);
        for (at, instance) in self.free.instances.iter().enumerate() {
            for u in 0..self.free.updates(instance.rule).len() {
                let Some(slot) = self.free.draw_slot(instance, u) else { continue };
                let both = first.enabled(at) == Ok(true) && second.enabled(at) == Ok(true);
                let (Some(a), Some(b)) = (d.get(slot), e.get(slot)) else { continue };
                let Some(Ok(set)) = second.drawn_from(at, u) else { continue };
                if both && a != b && set.contains(a) {
                    let name = self.free.instance_name(instance);
                    return Err(departs(
                        n,
                        format!("the draw of `{name}` differs between the runs"),
                    ));
                }
            }
        }
        Ok(())
    }

    fn gains(&self, from: usize) -> Result<(Value, Value), Departure> {
        let (mut first, mut second) = (integer(0), integer(0));
        let mut left = self.claimed.within.bound;
        let mut n = from;
        while left > 0 {
            let (Some(one), Some(other)) = (self.period(self.run, n), self.period(self.other, n))
            else {
                return Err(departs(n, "the runs end before the time is over"));
            };
            first = sum(&first, &self.gain(n, self.run, one)?, n)?;
            second = sum(&second, &self.gain(n, self.other, other)?, n)?;
            let counts = match self.claimed.within.tick {
                None => true,
                Some(tick) => {
                    let told = self.run.periods.get(n);
                    told.is_some_and(|told| told.ticks.iter().any(|(t, _)| *t == tick))
                }
            };
            left -= u32::from(counts);
            n += 1;
        }
        Ok((first, second))
    }

    /// What the coalition gains in a period.
    fn gain(
        &self,
        n: usize,
        of: &Replayed,
        (state, drawn): (&[Value], &Inputs),
    ) -> Result<Value, Departure> {
        let known = Known(self.next(of, n));
        let reading = Reading {
            inputs: Some(&drawn.inputs),
            next: Some(&known),
            ..self.free.reading(self.params(), state)
        };
        let mut all = integer(0);
        for (sort, post) in self.claimed.posts {
            for payoff in self.model.payoffs.iter().filter(|payoff| payoff.owner == *sort) {
                let mut scope = Scope::of([(payoff.binder, Value::Member(*sort, *post))]);
                let value = reading.value(&payoff.value, &mut scope);
                let value = value.map_err(|_| departs(n, "a payoff has no value"))?;
                all = sum(&all, &value, n)?;
            }
        }
        Ok(all)
    }

    fn pays(&self, (first, second): &(Value, Value)) -> Result<(), Departure> {
        let margin = match self.claimed.margin {
            None => integer(0),
            Some(margin) => {
                let reading = self.free.reading(self.params(), &[]);
                let value = reading.value(margin, &mut Scope::default());
                value.map_err(|_| departs(0, "the margin has no value"))?
            }
        };
        let needed = sum(first, &margin, 0)?;
        let (a, b) = alike(second, &needed);
        if binary(Binary::Gt, &a, &b) == Ok(Value::Bool(true)) {
            return Ok(());
        }
        let (first, second) = (value_name(self.model, first), value_name(self.model, second));
        Err(departs(0, format!("the deviation does not pay: {second} instead of {first}")))
    }
}

/// Both as whole numbers, or both as reals.
fn alike(a: &Value, b: &Value) -> (Value, Value) {
    let real = |value: &Value| match value {
        Value::Int(n) => Value::Real(num_rational::BigRational::from_integer(n.clone())),
        other => other.clone(),
    };
    match (a, b) {
        (Value::Int(_), Value::Int(_)) => (a.clone(), b.clone()),
        _ => (real(a), real(b)),
    }
}

fn sum(a: &Value, b: &Value, n: usize) -> Result<Value, Departure> {
    let (a, b) = alike(a, b);
    binary(Binary::Add, &a, &b).map_err(|_| departs(n, "gains cannot be added"))
}
