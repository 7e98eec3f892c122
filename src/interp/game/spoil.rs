//! The answers to a coalition that does not see everything, with all that makes them answers.
//!
//! A row is a set of *worlds*, positions that look the same to the coalition; it has a reply to each of its
//! moves, and the worlds after it each come from one before. That is what the replay of a spoiling strategy
//! ([`super::check`]) lays out, written down so that it can be checked world by world. [`Spoiler::fits`] says what
//! has to be so of the table by itself; what has to be so of its states and steps is for a solver to say.
//!
//! *Theorem.* If both are so, the coalition cannot force its goal.
//!
//! *Proof.* Take any strategy of the coalition, which may rest on what it has seen. Begin in the first row. In a
//! row, the strategy says the same in all worlds, since they look alike and so does what led to them; if what it says
//! is a move, there is a reply to it, and if it is none, the coalition has lost. Go to the reply's row. By
//! induction each world of a row ends a play of the strategy which looks like all the others, since it has a world
//! before it. The measures do the rest: of a goal that is to come, no world meets it as long as it counts; of
//! one to be kept, measures fall, so that a row comes in which it is broken; of one that is to recur, rows where
//! nothing is owing cease, and from then on each world that owes comes from one that does and is no mark, so
//! that (by König's lemma) some play meets none any more. ∎

use std::collections::BTreeSet;

use super::check::{Belief, Check, Met, Options, Position, Taken};
use super::goal::{Aim, Goal, Label};
use super::plain::{Fault, Numbers, Plain, Seen};
use crate::interp::value::cardinality;
use crate::types::core::Value;

/// Most worlds that are written down.
const MOST: usize = 20_000;

/// A position of the game.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct World {
    /// The state, by slot.
    pub cells: Vec<Value>,
    /// The countdown, 0 if there is none.
    pub left: u32,
    /// What is true of the goal's states.
    pub truths: Vec<bool>,
    /// For a goal that recurs: the play has not met it since the last row in which none owed.
    pub owes: bool,
}

/// What leads to a world.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The world before, by its number in the row before.
    pub world: usize,
    /// The goal's tick occurs on the way.
    pub tick: bool,
}

/// The reply to a move.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// The move: of each of the coalition's slots the value, or nothing where there is no choice.
    pub plan: Vec<Option<Value>>,
    /// What the coalition sees once the period is over.
    pub after: Vec<Value>,
    /// The row that comes next.
    pub row: usize,
    /// What leads to each of its worlds.
    pub from: Vec<Origin>,
}

/// Worlds that look the same to the coalition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The worlds.
    pub worlds: Vec<World>,
    /// What the coalition sees before it moves.
    pub before: Vec<Value>,
    /// The play is decided against the coalition.
    pub lost: bool,
    /// How far it is to the end; for a goal that is to come, how far it is from the beginning.
    pub measure: u32,
    /// The replies, one for each move.
    pub replies: Vec<Reply>,
}

/// All rows; plays begin in the first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Spoiler {
    /// The rows.
    pub rows: Vec<Row>,
}

/// What the coalition cannot tell apart with its row in the strategy; without one if the play is lost.
type Node = (Belief, Option<usize>);

/// Writes down what a replay lays out.
///
/// # Errors
/// Why not.
pub fn spoiler(check: Check<'_, '_>) -> Result<Spoiler, String> {
    let laid = Laying { check, nodes: Numbers::new(), depths: Vec::new(), worlds: 0 }.run();
    laid.map_err(|fault| match fault {
        Fault::TooMany => "there is too much to replay".to_owned(),
        Fault::Over => "no time was left to replay it".to_owned(),
        Fault::Wrong(text) => text,
    })
}

fn no<T>(text: impl Into<String>) -> Result<T, Fault> {
    Err(Fault::Wrong(text.into()))
}

/// What is seen, where all of it has a value.
fn valued(seen: &Seen) -> Result<Vec<Value>, Fault> {
    let all: Option<Vec<Value>> = seen.iter().cloned().collect();
    all.map_or_else(|| no("something that is seen has no value"), Ok)
}

struct Laying<'a, 'm> {
    check: Check<'a, 'm>,
    nodes: Numbers<Node>,
    depths: Vec<u32>,
    worlds: usize,
}

impl Laying<'_, '_> {
    fn run(mut self) -> Result<Spoiler, Fault> {
        let (begin, alike) = self.check.beginning()?;
        let first = match self.check.belief(alike.iter().cloned())? {
            Some(belief) => (belief, Some(begin)),
            None => self.lost(alike.iter())?,
        };
        self.number(first, 0);
        let mut spoiler = Spoiler::default();
        while let Some(node) = self.nodes.all.get(spoiler.rows.len()).cloned() {
            let row = self.row(&node, spoiler.rows.len())?;
            spoiler.rows.push(row);
        }
        let aim = self.check.plain.goal.aim();
        match spoiler.measure(aim, &self.depths) {
            true => Ok(spoiler),
            false => no("the plays go round without end"),
        }
    }

    fn number(&mut self, node: Node, depth: u32) -> usize {
        let number = self.nodes.of(node);
        if number == self.depths.len() {
            self.depths.push(depth);
        }
        number
    }

    /// One lost world of these.
    fn lost<'p>(&self, mut all: impl Iterator<Item = &'p Position>) -> Result<Node, Fault> {
        let lost = |position: &&Position| matches!(self.label(position), Ok(Label::Lost));
        let Some(world) = all.find(lost) else { return no("no play is lost") };
        Ok(((BTreeSet::from([world.clone()]), BTreeSet::new()), None))
    }

    fn label(&self, (state, left): &Position) -> Result<Label, Fault> {
        let truths = self.check.plain.truths(state)?;
        Ok(self.check.plain.goal.label(&truths, *left))
    }

    fn row(&mut self, node: &Node, number: usize) -> Result<Row, Fault> {
        let ((all, owing), row) = node;
        let Some((state, _)) = all.first() else { return no("a row has no world") };
        let before = valued(&self.check.plain.before(state))?;
        let mut worlds = Vec::new();
        for position in all {
            let truths = self.check.plain.truths(&position.0)?;
            let (cells, left, owes) = (position.0.clone(), position.1, owing.contains(position));
            worlds.push(World { cells, left, truths, owes });
        }
        self.worlds += worlds.len();
        if self.worlds > MOST {
            return no(format!("it has more than {MOST} worlds"));
        }
        let depth = self.depths.get(number).copied().unwrap_or(0);
        let mut replies = Vec::new();
        if let Some(row) = row.filter(|_| is_due(self.check.plain.goal.aim(), depth)) {
            let (all, options) = self.check.met(&node.0, row)?;
            self.are_all(&options)?;
            for met in all {
                replies.push(self.reply(met, depth + 1)?);
            }
        }
        Ok(Row { worlds, before, lost: row.is_none(), measure: 0, replies })
    }

    /// The game knows no plan by which a choice is never there, since no restriction lets it be; a solver would.
    fn are_all(&self, options: &[Options]) -> Result<(), Fault> {
        let Plain { interpreter, owned, .. } = &self.check.plain;
        for (slot, options) in owned.iter().zip(options) {
            let known = options.as_ref().map_or(0, BTreeSet::len) as u64;
            let place = interpreter.layout.inputs.get(*slot);
            let all = place.and_then(|place| cardinality(interpreter.model, place.ty));
            if known > 0 && all != Some(known) {
                return no("a choice that may lapse is restricted");
            }
        }
        Ok(())
    }

    fn reply(&mut self, met: Met, depth: u32) -> Result<Reply, Fault> {
        let node = match (self.check.told(&met.steps)?, met.answer.row) {
            (Some(belief), row @ Some(_)) => (belief, row),
            (Some(_), None) => return no("an answer leads nowhere"),
            (None, _) => self.lost(met.steps.iter().map(|step| &step.next))?,
        };
        let (all, owing) = &node.0;
        let from = all.iter().map(|next| origin(&met.steps, next, owing.contains(next)));
        let Some(from) = from.collect() else { return no("nothing leads to a world") };
        let after = valued(&met.answer.after)?;
        Ok(Reply { plan: met.plan, after, row: self.number(node, depth), from })
    }
}

/// What leads to a position; from one that owes if it does.
fn origin(steps: &[Taken], next: &Position, owes: bool) -> Option<Origin> {
    let leads = |step: &&Taken| step.next == *next && (step.owes || !owes);
    let step = steps.iter().find(leads)?;
    Some(Origin { world: step.from, tick: step.tick })
}

/// Whether moves are to be answered so far from the beginning.
fn is_due(aim: Aim, depth: u32) -> bool {
    !matches!(aim, Aim::Come(Some(bound)) if depth >= bound)
}

impl Row {
    fn owing(&self) -> bool {
        self.worlds.iter().any(|world| world.owes)
    }

    /// The coalition's moves in it must be answered.
    pub fn is_due(&self, aim: Aim) -> bool {
        !self.lost && is_due(aim, self.measure)
    }

    /// By how much measures fall on the way from it.
    fn falls(&self, aim: Aim) -> u32 {
        match aim {
            Aim::Come(_) => 0,
            Aim::Keep(_) => 1,
            Aim::Recur => u32::from(!self.owing()),
        }
    }
}

impl Spoiler {
    /// How many worlds it has.
    pub fn worlds(&self) -> usize {
        self.rows.iter().map(|row| row.worlds.len()).sum()
    }

    /// Finds measures; `false` if there are none.
    fn measure(&mut self, aim: Aim, depths: &[u32]) -> bool {
        if let Aim::Come(_) = aim {
            self.rows.iter_mut().zip(depths).for_each(|(row, depth)| row.measure = *depth);
            return true;
        }
        (0..=self.rows.len()).any(|_| !self.climb(aim))
    }

    /// Makes measures as large as what comes after asks for; whether any has changed.
    fn climb(&mut self, aim: Aim) -> bool {
        let mut measures: Vec<u32> = self.rows.iter().map(|row| row.measure).collect();
        let mut changed = false;
        for (n, row) in self.rows.iter_mut().enumerate().rev() {
            let after = row.replies.iter().filter_map(|reply| measures.get(reply.row));
            let measure = after.max().map_or(0, |most| most + row.falls(aim));
            changed |= measure != row.measure;
            row.measure = measure;
            if let Some(place) = measures.get_mut(n) {
                *place = measure;
            }
        }
        changed
    }

    /// Whether the rows and replies fit together.
    ///
    /// # Errors
    /// Which does not.
    pub fn fits(&self, goal: &Goal) -> Result<(), String> {
        let Some(first) = self.rows.first() else { return Err("there is no row".to_owned()) };
        let late = match goal.aim() {
            Aim::Come(Some(_)) => first.measure > 0,
            Aim::Keep(Some(bound)) => first.measure > bound,
            _ => false,
        };
        let start = goal.countdown().unwrap_or(0);
        if late || first.worlds.iter().any(|world| world.left != start) {
            return Err("row 0 is no beginning".to_owned());
        }
        for (n, row) in self.rows.iter().enumerate() {
            row.fits(goal).map_err(|what| format!("row {n}: {what}"))?;
            for (m, reply) in row.replies.iter().enumerate() {
                let leads = self.leads(goal, row, reply);
                leads.map_err(|what| format!("row {n}: reply {m}: {what}"))?;
            }
        }
        Ok(())
    }

    fn leads(&self, goal: &Goal, row: &Row, reply: &Reply) -> Result<(), String> {
        let Some(to) = self.rows.get(reply.row) else { return Err("it leads nowhere".to_owned()) };
        if reply.from.len() != to.worlds.len() {
            return Err("not each world has one before it".to_owned());
        }
        let aim = goal.aim();
        let far = match aim {
            Aim::Come(None) => false,
            Aim::Come(Some(_)) => to.measure > row.measure.saturating_add(1),
            Aim::Keep(_) | Aim::Recur => to.measure.saturating_add(row.falls(aim)) > row.measure,
        };
        if far {
            return Err(format!("row {} is too far", reply.row));
        }
        for (n, (world, origin)) in to.worlds.iter().zip(&reply.from).enumerate() {
            let Some(before) = row.worlds.get(origin.world) else {
                return Err(format!("what leads to world {n} is not there"));
            };
            if world.left != goal.next(&before.truths, before.left, origin.tick) {
                return Err(format!("the countdown of world {n} is not what it comes to"));
            }
            if world.owes && row.owing() && !before.owes {
                return Err(format!("world {n} owes, but what leads to it does not"));
            }
        }
        Ok(())
    }
}

impl Row {
    fn fits(&self, goal: &Goal) -> Result<(), String> {
        if self.worlds.is_empty() {
            return Err("it has no world".to_owned());
        }
        if !self.replies.is_empty() && !self.is_due(goal.aim()) {
            return Err("nothing is to be answered in it".to_owned());
        }
        let label = if self.lost { Label::Lost } else { Label::Open };
        for (n, world) in self.worlds.iter().enumerate() {
            if world.truths.len() != goal.states.len() {
                return Err(format!("not all is said of the goal in world {n}"));
            }
            if goal.label(&world.truths, world.left) != label {
                return Err(format!("world {n} is decided otherwise"));
            }
            if world.owes && goal.mark(&world.truths) {
                return Err(format!("world {n} owes nothing"));
            }
        }
        Ok(())
    }
}
