//! A strategy replayed: against every answer of the others if it is the coalition's, against every move of the
//! coalition if it is theirs.
//!
//! The interpreter enumerates what the other side can do; what the plays come to is judged by [`super::judge`].
//! An observing strategy is followed by what is seen alone; against one, all states are kept that the coalition
//! cannot tell apart.

use std::collections::BTreeSet;

use rustc_hash::FxHashMap;

use super::arena::plans;
use super::goal::{Aim, Label};
use super::judge::Plays;
use super::plain::{Fault, Numbers, Plain, PlainStep};
use super::table::{Answer, Move, Row, Slots, Table};
use crate::interp::valuations::Fixed;
use crate::types::core::Value;

/// A whole state and the countdown.
pub(super) type Position = (Vec<Value>, u32);

/// A strategy under replay.
pub struct Check<'a, 'm> {
    /// The interpreter.
    pub plain: Plain<'m>,
    /// The strategy.
    pub table: &'a Table,
}

/// How much was replayed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Replayed {
    /// Positions.
    pub positions: usize,
    /// Steps.
    pub steps: usize,
}

/// What the coalition cannot tell apart: all positions, and those that owe a visit to a mark.
pub(super) type Belief = (BTreeSet<Position>, BTreeSet<Position>);

/// What it cannot tell apart, and the row; none if a play among them is lost.
type Alike = Option<(Belief, usize)>;

/// A step from one of the positions that the coalition cannot tell apart.
pub(super) struct Taken {
    /// Which of them.
    pub(super) from: usize,
    /// The goal's tick occurs in it.
    pub(super) tick: bool,
    /// The play still owes a visit to a mark, unless it leads to one.
    pub(super) owes: bool,
    /// Where it leads.
    pub(super) next: Position,
}

/// What may be chosen, where there may also be no choice.
pub(super) type Options = Option<BTreeSet<Value>>;

/// A move of the coalition that was answered.
pub(super) struct Met {
    /// Of each of its slots the value, or nothing where there is no choice.
    pub(super) plan: Vec<Option<Value>>,
    /// The answer.
    pub(super) answer: Answer,
    /// The steps that go with the move and are seen as the answer says.
    pub(super) steps: Vec<Taken>,
}

fn wrong<T>(text: impl Into<String>) -> Result<T, Fault> {
    Err(Fault::Wrong(text.into()))
}

/// The cells that a table keeps, of a whole state.
fn kept(like: &Slots, state: &[Value]) -> Vec<Value> {
    like.iter().filter_map(|(slot, _)| state.get(*slot).cloned()).collect()
}

impl Check<'_, '_> {
    /// Replays it.
    ///
    /// # Errors
    /// When there is too much to replay, or how it fails.
    pub fn run(mut self) -> Result<Replayed, Fault> {
        let plays = match (self.table.unseen, self.table.spoils) {
            (false, false) => self.open(),
            (false, true) => self.open_spoiled(),
            (true, false) => self.unseen(),
            (true, true) => self.unseen_spoiled(),
        }?;
        let steps = plays.next.iter().map(Vec::len).sum();
        let positions = plays.labels.len();
        plays.judge(self.plain.goal.aim(), self.table.spoils, self.plain.limits)?;
        Ok(Replayed { positions, steps })
    }

    fn label(&self, (state, left): &Position) -> Result<(Label, bool), Fault> {
        let truths = self.plain.truths(state)?;
        Ok((self.plain.goal.label(&truths, *left), self.plain.goal.mark(&truths)))
    }

    fn after(&mut self, (state, left): &Position, step: &PlainStep) -> Result<Position, Fault> {
        let truths = self.plain.truths(state)?;
        let next = self.plain.alike.one(step.next.clone());
        Ok((next, self.plain.goal.next(&truths, *left, step.tick)))
    }

    pub(super) fn start(&mut self) -> Result<Vec<Position>, Fault> {
        let left = self.plain.goal.countdown().unwrap_or(0);
        let all = self.plain.firsts()?.into_iter();
        Ok(all.map(|state| (self.plain.alike.one(state), left)).collect())
    }

    /// So deep do plays have to be followed.
    fn deepest(&self) -> u32 {
        match (self.plain.goal.aim(), self.table.spoils) {
            (Aim::Keep(Some(bound)), false) | (Aim::Come(Some(bound)), true) => bound,
            _ => u32::MAX,
        }
    }

    /// The rows by the states they are for.
    fn by_state(&self) -> FxHashMap<(Vec<Value>, u32), usize> {
        let states = self.table.rows.iter().enumerate().flat_map(|(n, row)| {
            row.states.iter().map(move |state| {
                let cells = state.cells.iter().map(|(_, value)| value.clone()).collect();
                ((cells, state.left), n)
            })
        });
        states.collect()
    }

    fn cells(&self) -> Slots {
        let state = self.table.rows.iter().find_map(|row| row.states.first());
        state.map(|state| state.cells.clone()).unwrap_or_default()
    }

    pub(super) fn row(&self, n: usize) -> Result<&Row, Fault> {
        self.table.rows.get(n).map_or_else(|| wrong("a row is missing"), Ok)
    }

    /// Lays out plays whose positions are things of some kind.
    fn lay_out<T: Clone + Eq + std::hash::Hash>(
        &mut self,
        first: Vec<T>,
        label: impl Fn(&Self, &T) -> Result<(Label, bool), Fault>,
        mut next: impl FnMut(&mut Self, &T) -> Result<Option<Vec<T>>, Fault>,
    ) -> Result<Plays, Fault> {
        let (mut numbers, mut plays) = (Numbers::new(), Plays::default());
        let mut depths: Vec<u32> = Vec::new();
        let deepest = self.deepest();
        plays.first = first.into_iter().map(|thing| numbers.of(thing)).collect();
        depths.resize(numbers.all.len(), 0);
        let mut at = 0;
        while let Some(thing) = numbers.all.get(at).cloned() {
            let (mut is, mark) = label(self, &thing)?;
            let mut ends: Vec<usize> = Vec::new();
            let depth = depths.get(at).copied().unwrap_or(0);
            if is == Label::Open && depth < deepest {
                match next(self, &thing)? {
                    Some(things) => ends.extend(things.into_iter().map(|thing| numbers.of(thing))),
                    None => is = Label::Lost,
                }
            }
            depths.resize(numbers.all.len(), depth.saturating_add(1));
            ends.sort_unstable();
            ends.dedup();
            plays.labels.push(is);
            plays.marks.push(mark);
            plays.next.push(ends);
            at += 1;
        }
        Ok(plays)
    }

    fn open(&mut self) -> Result<Plays, Fault> {
        let (rows, cells) = (self.by_state(), self.cells());
        let first = self.start()?;
        self.lay_out(first, Self::label, |check, position| {
            let Some(row) = rows.get(&(kept(&cells, &position.0), position.1)) else {
                return wrong("the strategy says nothing of a state that comes about");
            };
            let moves = check.row(*row)?.moves.clone();
            let [only] = moves.as_slice() else { return wrong("a row has no move") };
            let steps = check.plain.steps(&position.0, &only.plan, &Fixed::default())?;
            if steps.is_empty() {
                return wrong("a move of the strategy is none");
            }
            let after = steps.iter().map(|step| check.after(position, step));
            after.collect::<Result<Vec<Position>, Fault>>().map(Some)
        })
    }

    fn open_spoiled(&mut self) -> Result<Plays, Fault> {
        let (rows, cells) = (self.by_state(), self.cells());
        let beginning = self.table.first.first().copied().unwrap_or(0);
        let begins = self.row(beginning).ok().and_then(|row| row.states.first().cloned());
        let mut first = self.start()?;
        first.retain(|(state, _)| {
            begins.as_ref().is_none_or(|begins| {
                begins.cells.iter().all(|(slot, value)| state.get(*slot) == Some(value))
            })
        });
        first.truncate(1);
        if first.is_empty() {
            return wrong("the strategy begins in no first state");
        }
        self.lay_out(first, Self::label, |check, position| {
            let steps = check.plain.steps(&position.0, &[], &Fixed::default())?;
            if steps.is_empty() {
                return Ok(None);
            }
            let Some(row) = rows.get(&(kept(&cells, &position.0), position.1)) else {
                return wrong("the answers say nothing of a state that comes about");
            };
            let row = check.row(*row)?.clone();
            let mut after = Vec::new();
            for plan in check.plans(steps.iter())? {
                let fits = steps.iter().filter(|step| goes_with(&plan, &step.chosen));
                let answer = check.answer(&row, &plan)?;
                let step = fits.into_iter().find(|step| goes(answer, step));
                let Some(step) = step else { return wrong("an answer to a move is none") };
                after.push(check.after(position, step)?);
            }
            Ok(Some(after))
        })
    }

    /// Every plan for all owned slots that goes with a step.
    fn plans<'s>(
        &self,
        steps: impl Iterator<Item = &'s PlainStep>,
    ) -> Result<Vec<Vec<Option<Value>>>, Fault> {
        let steps: Vec<&PlainStep> = steps.collect();
        let patterns = steps.iter().map(|step| step.chosen.as_slice());
        let mut all = plans(self.plain.owned.len(), patterns).ok_or(Fault::TooMany)?;
        all.retain(|plan| steps.iter().any(|step| goes_with(plan, &step.chosen)));
        Ok(all)
    }

    /// The answer to a plan, of which the row may keep only a part.
    fn answer<'r>(&self, row: &'r Row, plan: &[Option<Value>]) -> Result<&'r Answer, Fault> {
        let same = |made: &&Move| {
            made.plan.iter().all(|(slot, value)| {
                let at = self.plain.owned.iter().position(|owned| owned == slot);
                let planned = at.and_then(|at| plan.get(at)).and_then(Option::as_ref);
                value.is_none() || planned.is_none() || planned == value.as_ref()
            })
        };
        let found = row.moves.iter().find(same).and_then(|made| made.answers.first());
        found.map_or_else(|| wrong("there is no answer to a move"), Ok)
    }

    fn unseen(&mut self) -> Result<Plays, Fault> {
        let mut first = Vec::new();
        for position in self.start()? {
            let seen = self.plain.before(&position.0);
            let begins = |n: &&usize| self.table.rows.get(**n).is_some_and(|row| row.seen == seen);
            let row = self.table.first.iter().find(begins).copied();
            // What is decided at once needs no row.
            first.push((position, row));
        }
        let label = |check: &Self, (position, _): &(Position, Option<usize>)| check.label(position);
        self.lay_out(first, label, |check, (position, row)| {
            let Some(row) = row else { return wrong("the strategy says nothing of what is seen") };
            let moves = check.row(*row)?.moves.clone();
            let [only] = moves.as_slice() else { return wrong("a row has no move") };
            let steps = check.plain.steps(&position.0, &only.plan, &Fixed::default())?;
            if steps.is_empty() {
                return wrong("a move of the strategy is none");
            }
            let mut after = Vec::new();
            for step in &steps {
                let next = check.after(position, step)?;
                let before = check.plain.before(&next.0);
                let seen = |a: &&Answer| a.after == step.after && a.before == before;
                let row = only.answers.iter().find(seen).and_then(|answer| answer.row);
                after.push((next, row));
            }
            Ok(Some(after))
        })
    }

    pub(super) fn belief(
        &self,
        of: impl Iterator<Item = Position>,
    ) -> Result<Option<Belief>, Fault> {
        let (mut all, mut owing) = (BTreeSet::new(), BTreeSet::new());
        for position in of {
            match self.label(&position)? {
                (Label::Lost, _) => return Ok(None),
                (Label::Won, _) => {}
                (Label::Open, marked) => {
                    if !marked {
                        owing.insert(position.clone());
                    }
                    all.insert(position);
                }
            }
        }
        Ok(Some((all, owing)))
    }

    /// The first row of a strategy against the coalition, and the first states that look like it.
    pub(super) fn beginning(&mut self) -> Result<(usize, Vec<Position>), Fault> {
        let begin = self.table.first.first().copied().unwrap_or(0);
        let seen = self.row(begin)?.seen.clone();
        let start = self.start()?;
        let alike = start.into_iter().filter(|(state, _)| self.plain.before(state) == seen);
        let alike: Vec<Position> = alike.collect();
        if alike.is_empty() {
            wrong("no first state is seen like this")
        } else {
            Ok((begin, alike))
        }
    }

    fn unseen_spoiled(&mut self) -> Result<Plays, Fault> {
        let (begin, alike) = self.beginning()?;
        let first = self.belief(alike.into_iter())?.map(|belief| (belief, begin));
        let label = |_: &Self, thing: &Option<(Belief, usize)>| {
            Ok(match thing {
                None => (Label::Lost, false),
                Some(((all, _), _)) if all.is_empty() => (Label::Won, false),
                Some(((_, owing), _)) => (Label::Open, owing.is_empty()),
            })
        };
        self.lay_out(vec![first], label, |check, thing| match thing {
            Some((belief, row)) => check.answered(belief, *row),
            None => Ok(None),
        })
    }

    /// What the coalition can no longer tell apart after each of its moves and the answer to it.
    fn answered(&mut self, alike: &Belief, row: usize) -> Result<Option<Vec<Alike>>, Fault> {
        let mut after = Vec::new();
        for met in self.met(alike, row)?.0 {
            let Some(belief) = self.told(&met.steps)? else {
                after.push(None);
                continue;
            };
            let Some(next) = met.answer.row else { return wrong("an answer leads nowhere") };
            after.push(Some((belief, next)));
        }
        Ok((!after.is_empty()).then_some(after))
    }

    /// Every move of the coalition from what it cannot tell apart, with the answer to it; and for each of its
    /// slots what may be chosen, where there may be no choice in any of the positions.
    pub(super) fn met(
        &mut self,
        (all, owing): &Belief,
        row: usize,
    ) -> Result<(Vec<Met>, Vec<Options>), Fault> {
        let row = self.row(row)?.clone();
        let mut steps: Vec<(&Position, Vec<PlainStep>)> = Vec::new();
        let mut options = vec![Some(BTreeSet::new()); self.plain.owned.len()];
        for position in all {
            let from = self.plain.steps(&position.0, &[], &Fixed::default())?;
            for (slot, options) in options.iter_mut().enumerate() {
                let mut chosen = from.iter().map(|step| step.chosen.get(slot).cloned().flatten());
                let lapses = chosen.clone().any(|chosen| chosen.is_none());
                *options = options.take().filter(|_| lapses);
                if let Some(options) = options {
                    options.extend(chosen.by_ref().flatten());
                }
            }
            steps.push((position, from));
        }
        let mut met = Vec::new();
        for plan in self.plans(steps.iter().flat_map(|(_, steps)| steps))? {
            let fits = |step: &&PlainStep| goes_with(&plan, &step.chosen);
            if !steps.iter().all(|(_, steps)| steps.iter().any(|step| fits(&step))) {
                continue;
            }
            let answer = self.answer(&row, &plan)?.clone();
            let seen = (answer.after.clone(), answer.before.clone());
            let mut alike = Vec::new();
            for (from, (position, all)) in steps.iter().enumerate() {
                for step in all.iter().filter(fits) {
                    let next = self.after(position, step)?;
                    let owes = owing.is_empty() || owing.contains(*position);
                    if (&step.after, &self.plain.before(&next.0)) == (&seen.0, &seen.1) {
                        alike.push(Taken { from, tick: step.tick, owes, next });
                    }
                }
            }
            if alike.is_empty() {
                return wrong("an answer to a move cannot be seen");
            }
            met.push(Met { plan, answer, steps: alike });
        }
        Ok((met, options))
    }

    /// What the coalition cannot tell apart after steps that look alike; `None` if a play among them is lost.
    pub(super) fn told(&self, steps: &[Taken]) -> Result<Option<Belief>, Fault> {
        let belief = self.belief(steps.iter().map(|step| step.next.clone()))?;
        Ok(belief.map(|(all, mut owing)| {
            owing.retain(|position| steps.iter().any(|step| step.owes && step.next == *position));
            (all, owing)
        }))
    }
}

fn goes_with(plan: &[Option<Value>], chosen: &[Option<Value>]) -> bool {
    plan.iter().zip(chosen).all(|(planned, chosen)| chosen.is_none() || planned == chosen)
}

/// Whether a step is what the others answer.
pub fn goes(answer: &Answer, step: &PlainStep) -> bool {
    let all = |slots: &Slots, values: &[Value]| {
        slots.iter().all(|(slot, value)| values.get(*slot) == Some(value))
    };
    all(&answer.inputs, &step.inputs.inputs) && all(&answer.draws, &step.inputs.draws)
}
