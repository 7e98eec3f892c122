//! What a coalition is to force, and when a play has decided it.
//!
//! Four goals, each with or without a deadline: come to `p`; keep `p`; keep `p` until `q` comes; come to
//! `p` again and again. A deadline in periods is a bound on the length of plays, except for `recurs`, where it
//! runs anew from every period; one in ticks is met as everywhere in the language: the goal is due in the
//! period after the tick's last occurrence that counts, and if the tick does not occur so often, nothing is due.
//! Both of these are told by a countdown that each position carries.

use crate::types::core::{Deadline, Expr, ExprKind, Level, Model, Property, TickId};

use crate::types::level::level;

/// The form of a goal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Come to `p`.
    Reach,
    /// Keep `p`.
    Always,
    /// Keep `p` until `q`, which comes.
    Until,
    /// Come to `p` again and again.
    Recurs,
}

/// A goal over states.
#[derive(Clone, Debug)]
pub struct Goal {
    /// Its form.
    pub form: Form,
    /// `p`, and for [`Form::Until`] `q`.
    pub states: Vec<Expr>,
    /// By when.
    pub within: Option<Deadline>,
}

/// What a position is to the coalition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Label {
    /// Nothing is decided yet.
    Open,
    /// The goal is met, whatever comes.
    Won,
    /// The goal is missed, whatever comes.
    Lost,
}

/// What an infinite play through open positions is to the coalition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Aim {
    /// Lost: a won position must come, within so many periods.
    Come(Option<u32>),
    /// Won: no lost position may come, within so many periods.
    Keep(Option<u32>),
    /// Won iff marked positions recur.
    Recur,
}

impl Goal {
    /// Reads a goal; `None` if it is not about states.
    pub fn read(model: &Model, goal: &Expr, within: Option<Deadline>) -> Option<Goal> {
        let (form, states) = match goal.kind.as_ref() {
            ExprKind::Property(Property::Always(p)) => (Form::Always, vec![p.clone()]),
            ExprKind::Property(Property::Eventually(p)) => (Form::Reach, vec![p.clone()]),
            ExprKind::Property(Property::Until(p, q)) => (Form::Until, vec![p.clone(), q.clone()]),
            ExprKind::Property(Property::Recurs(p)) => (Form::Recurs, vec![p.clone()]),
            _ => (Form::Reach, vec![goal.clone()]),
        };
        let fits = states.iter().all(|state| level(model, state) <= Level::State);
        fits.then_some(Goal { form, states, within })
    }

    /// The tick that its deadline counts.
    pub fn tick(&self) -> Option<TickId> {
        self.within.and_then(|within| within.tick)
    }

    /// Where the countdown starts; `None` if there is none.
    pub fn countdown(&self) -> Option<u32> {
        let within = self.within?;
        (within.tick.is_some() || self.form == Form::Recurs).then_some(within.bound)
    }

    /// How plays are judged.
    pub fn aim(&self) -> Aim {
        let bound = self.within.map(|within| within.bound);
        match (self.form, self.countdown()) {
            (_, Some(_)) => Aim::Keep(None),
            (Form::Reach | Form::Until, None) => Aim::Come(bound),
            (Form::Always, None) => Aim::Keep(bound),
            (Form::Recurs, None) => Aim::Recur,
        }
    }

    /// What a position is, from the truths of the goal's states and the countdown.
    pub fn label(&self, truths: &[bool], left: u32) -> Label {
        let due = self.countdown().is_some() && left == 0;
        let p = truths.first().copied().unwrap_or(false);
        let q = truths.get(1).copied().unwrap_or(p);
        match self.form {
            Form::Reach | Form::Until if q => Label::Won,
            Form::Until if !p => Label::Lost,
            Form::Always if !p => Label::Lost,
            Form::Always if due => Label::Won,
            Form::Recurs if p => Label::Open,
            Form::Reach | Form::Until | Form::Recurs if due => Label::Lost,
            _ => Label::Open,
        }
    }

    /// Whether a position counts for a goal that recurs.
    pub fn mark(&self, truths: &[bool]) -> bool {
        self.form == Form::Recurs && truths.first().copied().unwrap_or(false)
    }

    /// The countdown after a step from a position.
    pub fn next(&self, truths: &[bool], left: u32, tick: bool) -> u32 {
        match self.countdown() {
            None => 0,
            Some(bound) if self.mark(truths) => bound,
            Some(_) if tick || self.tick().is_none() => left.saturating_sub(1),
            Some(_) => left,
        }
    }
}
