//! All positions of a game on a finite model, from the compiled program of the explicit search.
//!
//! A position is a state with the goal's countdown. Every valuation of a period that is a step is split into the
//! coalition's part, its *move*, and the rest, by which the others and nature answer. What the coalition chooses
//! is a plan: where a choice turns out not to be there (its `when` reads what others choose), its `else` value
//! stands, whatever was planned, and every plan goes with that step. A move that goes with no step is none.
//! Positions that are won or lost are not followed.

use std::ops::ControlFlow;

use indexmap::IndexSet;
use rustc_hash::FxHashMap;

use super::goal::{Goal, Label};
use super::solve::{Graph, NONE};
use crate::interp::explicit::build::{Built, Watch, Watched};
use crate::interp::explicit::drawn::Source;
use crate::interp::explicit::program::Leaf;
use crate::interp::explicit::search::read;
use crate::interp::explicit::{Limits, Progress};

/// A packed state and the countdown.
pub type Position<const W: usize> = ([u64; W], u32);

/// Why there is no arena.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unfinished {
    /// More than the limits allow.
    TooLarge(String),
    /// No longer wanted, or out of time.
    Over,
    /// The goal has no value in some state.
    NoValue,
}

/// One choice of the coalition.
#[derive(Clone, Copy, Debug)]
pub struct Seat {
    /// Its input slot.
    pub slot: usize,
    register: u32,
    free: u32,
    /// Whether there is a choice is known once the state is.
    early: bool,
}

/// What the coalition chose in a step; `None` where there was no choice and any plan will do.
pub type Pattern = Vec<Option<i64>>;

/// What an expression was seen to be; `None` where it has no value.
pub type View = Vec<Option<i64>>;

/// A step, as the coalition sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Step {
    /// The number of its pattern.
    pub pattern: u32,
    /// What was seen only once it was over, by number.
    pub after: u32,
    /// Where it leads.
    pub to: u32,
}

/// What is asked of the compiled program beside steps: the goal's states, its tick, and what the coalition sees.
#[derive(Clone, Debug, Default)]
pub struct Watching {
    /// How many states the goal has.
    pub states: usize,
    /// Whether a tick follows them.
    pub tick: bool,
    /// After these: what is seen before the coalition moves, then what is seen once the period is over.
    pub before: usize,
}

/// The positions of a game.
pub struct Arena<'a, const W: usize> {
    /// The compiled program.
    pub built: &'a Built,
    goal: &'a Goal,
    pub(super) limits: &'a Limits<'a>,
    watching: Watching,
    /// The coalition's choices.
    pub seats: Vec<Seat>,
    /// Plans count wherever there is no choice, since the coalition need not know.
    blind: bool,
    numbers: FxHashMap<Position<W>, u32>,
    /// The positions in the order in which they were met.
    pub nodes: Vec<Position<W>>,
    /// How many of them are first.
    pub first: u32,
    /// What each is.
    pub labels: Vec<Label>,
    /// Those that count for a goal that recurs.
    pub marks: Vec<bool>,
    /// What is seen in each before the coalition moves, by number.
    pub before: Vec<u32>,
    /// The steps from each position, sorted; offsets and steps.
    pub offsets: Vec<usize>,
    /// The steps.
    pub steps: Vec<Step>,
    patterns: IndexSet<Pattern>,
    /// Everything seen.
    pub views: IndexSet<View>,
    truths: Vec<bool>,
    left: u32,
    tried: u32,
    stop: Option<Unfinished>,
}

struct First<'r, 'a, const W: usize>(&'r mut Arena<'a, W>);

impl<const W: usize> Leaf<W> for First<'_, '_, W> {
    fn tried(&mut self) -> ControlFlow<()> {
        self.0.try_on()
    }

    fn leaf(&mut self, _: &[i64], key: [u64; W]) -> ControlFlow<()> {
        let left = self.0.goal.countdown().unwrap_or(0);
        self.0.meet((key, left));
        ControlFlow::Continue(())
    }
}

impl<const W: usize> Leaf<W> for Arena<'_, W> {
    #[inline]
    fn tried(&mut self) -> ControlFlow<()> {
        self.try_on()
    }

    #[inline]
    fn leaf(&mut self, registers: &[i64], key: [u64; W]) -> ControlFlow<()> {
        if self.built.is_defective(registers) || !self.built.is_lawful(registers) {
            return ControlFlow::Continue(());
        }
        let left = self.goal.next(&self.truths, self.left, self.ticks(registers));
        let pattern = self.pattern(registers);
        let (pattern, _) = self.patterns.insert_full(pattern);
        let skip = self.watching.states + usize::from(self.watching.tick) + self.watching.before;
        let after = self.view(registers, skip, usize::MAX);
        let to = self.meet((key, left));
        self.steps.push(Step { pattern: number(pattern), after, to });
        ControlFlow::Continue(())
    }
}

fn number(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(NONE)
}

/// The value of a watched expression, if it has one.
fn value(registers: &[i64], watched: Watched) -> Option<i64> {
    (read(registers, watched.ok) != 0).then(|| read(registers, watched.value))
}

impl<'a, const W: usize> Arena<'a, W> {
    /// Nothing met yet. `owns` says which input slots are the coalition's.
    pub fn new(
        built: &'a Built,
        goal: &'a Goal,
        limits: &'a Limits<'a>,
        watching: Watching,
        owns: &dyn Fn(usize) -> bool,
        blind: bool,
    ) -> Self {
        let variables = built.step.variables().zip(built.step.freedom());
        let seats = variables.filter_map(|((source, register, _), (free, early))| match source {
            Source::Input(slot) if owns(slot) => Some(Seat { slot, register, free, early }),
            _ => None,
        });
        Arena {
            built,
            goal,
            limits,
            watching,
            seats: seats.collect(),
            blind,
            numbers: FxHashMap::default(),
            nodes: Vec::new(),
            first: 0,
            labels: Vec::new(),
            marks: Vec::new(),
            before: Vec::new(),
            offsets: Vec::new(),
            steps: Vec::new(),
            patterns: IndexSet::new(),
            views: IndexSet::new(),
            truths: Vec::new(),
            left: 0,
            tried: 0,
            stop: None,
        }
    }

    fn try_on(&mut self) -> ControlFlow<()> {
        self.tried = self.tried.wrapping_add(1);
        if self.tried & 0xffff == 0 && self.limits.over() {
            self.stop = Some(Unfinished::Over);
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    }

    fn meet(&mut self, position: Position<W>) -> u32 {
        let next = number(self.nodes.len());
        let found = *self.numbers.entry(position).or_insert(next);
        if found == next {
            self.nodes.push(position);
        }
        found
    }

    fn atom(&self, n: usize) -> Option<Watched> {
        match &self.built.watch {
            Watch::Monitor(atoms) => atoms.get(n).copied(),
            _ => None,
        }
    }

    fn ticks(&self, registers: &[i64]) -> bool {
        let tick = self.watching.tick.then(|| self.atom(self.watching.states)).flatten();
        tick.is_some_and(|tick| value(registers, tick) == Some(1))
    }

    /// The countdown after a step from a position.
    pub fn countdown(&self, node: u32, registers: &[i64]) -> u32 {
        let left = self.nodes.get(node as usize).map_or(0, |position| position.1);
        let marked = self.marks.get(node as usize).copied().unwrap_or(false);
        self.goal.next(&[marked], left, self.ticks(registers))
    }

    /// What the coalition chose in a step with these registers.
    pub fn pattern(&self, registers: &[i64]) -> Pattern {
        let chosen = |seat: &Seat| {
            let any = (self.blind || !seat.early) && read(registers, seat.free) == 0;
            (!any).then(|| read(registers, seat.register))
        };
        self.seats.iter().map(chosen).collect()
    }

    /// Of which seats there is a choice in a position, as far as the state tells.
    pub fn open(&self, node: u32) -> Vec<bool> {
        let mut registers = self.built.step.registers();
        if let Some((key, _)) = self.nodes.get(node as usize) {
            self.built.step.load(key, &mut registers);
            let _ = self.built.step.begin::<W>(&mut registers);
        }
        self.seats.iter().map(|seat| !seat.early || read(&registers, seat.free) != 0).collect()
    }

    /// A pattern by number.
    pub fn pattern_of(&self, pattern: u32) -> &[Option<i64>] {
        self.patterns.get_index(pattern as usize).map_or(&[], Vec::as_slice)
    }

    fn view(&mut self, registers: &[i64], skip: usize, take: usize) -> u32 {
        let Watch::Monitor(atoms) = &self.built.watch else { return 0 };
        let view: View =
            atoms.iter().skip(skip).take(take).map(|atom| value(registers, *atom)).collect();
        if let Some(found) = self.views.get_index_of(&view) {
            return number(found);
        }
        number(self.views.insert_full(view).0)
    }

    /// Lays out all positions.
    ///
    /// # Errors
    /// Why not.
    pub fn run(&mut self, progress: &mut dyn FnMut(Progress)) -> Result<(), Unfinished> {
        let first = &self.built.first;
        let mut registers = first.registers();
        if let Some(key) = first.begin(&mut registers) {
            let _ = first.extend(1, &mut registers, key, &mut First(self));
        }
        self.first = number(self.nodes.len());
        let mut registers = self.built.step.registers();
        let mut at = 0;
        while at < self.nodes.len() && self.stop.is_none() {
            self.look(at, progress)?;
            self.follow(at, &mut registers)?;
            at += 1;
        }
        self.offsets.push(self.steps.len());
        self.stop.clone().map_or(Ok(()), Err)
    }

    fn follow(&mut self, at: usize, registers: &mut [i64]) -> Result<(), Unfinished> {
        let start = self.steps.len();
        self.offsets.push(start);
        let Some((key, left)) = self.nodes.get(at).copied() else { return Ok(()) };
        let step = &self.built.step;
        step.load(&key, registers);
        let begun = step.begin(registers);
        self.truths.clear();
        for n in 0..self.watching.states {
            let truth = self.atom(n).and_then(|atom| value(registers, atom));
            self.truths.push(truth.ok_or(Unfinished::NoValue)? != 0);
        }
        self.left = left;
        let label = self.goal.label(&self.truths, left);
        self.labels.push(label);
        self.marks.push(self.goal.mark(&self.truths));
        let skip = self.watching.states + usize::from(self.watching.tick);
        let before = self.view(registers, skip, self.watching.before);
        self.before.push(before);
        if let (Some(key), Label::Open) = (begun, label) {
            let _ = step.extend(1, registers, key, self);
        }
        let mut steps = self.steps.split_off(start);
        steps.sort_unstable();
        steps.dedup();
        self.steps.extend(steps);
        Ok(())
    }

    fn look(&self, at: usize, progress: &mut dyn FnMut(Progress)) -> Result<(), Unfinished> {
        if at & 0x3ff != 0 {
            return Ok(());
        }
        let states = self.nodes.len();
        progress(Progress { states, depth: 0, frontier: states - at });
        if self.limits.over() {
            return Err(Unfinished::Over);
        }
        let bytes = states * (16 * W + 40) + self.steps.len() * 24;
        if states > self.limits.max_states || bytes > self.limits.max_memory {
            return Err(Unfinished::TooLarge(format!("more than {states} positions")));
        }
        Ok(())
    }

    /// The steps from a position.
    pub fn steps_of(&self, node: u32) -> &[Step] {
        let at = |n: usize| self.offsets.get(n).copied().unwrap_or(0);
        self.steps.get(at(node as usize)..at(node as usize + 1)).unwrap_or(&[])
    }
}

/// The plans that a coalition may make where its steps have these patterns: every combination of what it
/// chooses in some of them. `None` if there are too many.
pub fn plans<'p, T: Clone + Eq + Ord + std::hash::Hash + 'p>(
    seats: usize,
    patterns: impl Iterator<Item = &'p [Option<T>]>,
) -> Option<Vec<Vec<Option<T>>>> {
    let mut values: Vec<Vec<T>> = vec![Vec::new(); seats];
    let mut whole: IndexSet<&[Option<T>]> = IndexSet::new();
    let mut complete = true;
    for pattern in patterns {
        if !whole.insert(pattern) {
            continue;
        }
        complete &= pattern.iter().all(Option::is_some);
        for (values, chosen) in values.iter_mut().zip(pattern) {
            if let Some(chosen) = chosen.as_ref().filter(|chosen| !values.contains(chosen)) {
                values.push(chosen.clone());
            }
        }
    }
    if complete || whole.len() == 1 {
        return Some(whole.into_iter().map(<[Option<T>]>::to_vec).collect());
    }
    let mut plans: Vec<Vec<Option<T>>> = vec![Vec::new()];
    for mut values in values {
        values.sort_unstable();
        let options: Vec<Option<T>> =
            if values.is_empty() { vec![None] } else { values.into_iter().map(Some).collect() };
        if plans.len().saturating_mul(options.len()) > MOST_PLANS {
            return None;
        }
        let with = |plan: &Vec<Option<T>>, o: &Option<T>| {
            plan.iter().cloned().chain([o.clone()]).collect::<Vec<Option<T>>>()
        };
        plans = plans.iter().flat_map(|plan| options.iter().map(move |o| with(plan, o))).collect();
    }
    Some(plans)
}

/// Most plans in one position.
const MOST_PLANS: usize = 1 << 14;

/// Whether a step with this pattern goes with a plan.
pub fn goes(plan: &[Option<i64>], pattern: &[Option<i64>]) -> bool {
    plan.iter().zip(pattern).all(|(planned, chosen)| chosen.is_none() || planned == chosen)
}

/// The game in which the coalition sees everything: its graph, and the plan behind each move.
///
/// # Errors
/// Why there is none.
pub fn open_game<const W: usize>(
    arena: &Arena<'_, W>,
) -> Result<(Graph, Vec<Pattern>, Vec<u32>), Unfinished> {
    let mut graph =
        Graph { labels: arena.labels.clone(), marks: arena.marks.clone(), ..Graph::default() };
    let (mut known, mut of_move): (IndexSet<Pattern>, Vec<u32>) = (IndexSet::new(), Vec::new());
    for node in 0..number(arena.nodes.len()) {
        if node & 0x3ff == 0 && arena.limits.over() {
            return Err(Unfinished::Over);
        }
        graph.moves.push(number(of_move.len()));
        let steps = arena.steps_of(node);
        let late = |step: &Step| arena.pattern_of(step.pattern).iter().any(Option::is_none);
        if steps.iter().any(late) {
            let patterns = steps.iter().map(|step| arena.pattern_of(step.pattern));
            let plans = plans(arena.seats.len(), patterns)
                .ok_or_else(|| Unfinished::TooLarge("too many plans in one state".to_owned()))?;
            for plan in plans {
                let fits = |step: &&Step| goes(&plan, arena.pattern_of(step.pattern));
                let mut ends: Vec<u32> = steps.iter().filter(fits).map(|step| step.to).collect();
                ends.sort_unstable();
                ends.dedup();
                if ends.is_empty() {
                    continue;
                }
                graph.ends.push(number(graph.edges.len()));
                graph.edges.extend(ends);
                of_move.push(number(known.insert_full(plan).0));
            }
            continue;
        }
        // Steps are sorted by pattern, then (nothing is seen afterwards) by where they lead.
        for group in steps.chunk_by(|one, other| one.pattern == other.pattern) {
            graph.ends.push(number(graph.edges.len()));
            let start = graph.edges.len();
            for step in group {
                if graph.edges.len() == start || graph.edges.last() != Some(&step.to) {
                    graph.edges.push(step.to);
                }
            }
            let Some(first) = group.first() else { continue };
            let pattern = arena.pattern_of(first.pattern);
            let place = known.get_index_of(pattern);
            let place = place.unwrap_or_else(|| known.insert_full(pattern.to_vec()).0);
            of_move.push(number(place));
        }
    }
    graph.moves.push(number(of_move.len()));
    graph.ends.push(number(graph.edges.len()));
    Ok((graph, known.into_iter().collect(), of_move))
}
