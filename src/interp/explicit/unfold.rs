//! All states of a finite model together with what a property still demands, as a marked graph.
//!
//! States come from the compiled program, alternatives of the property from its tableau. A step is
//! marked with the fairness conditions that it meets and the eventualities that it puts off.

use std::ops::ControlFlow;

use indexmap::IndexSet;
use rustc_hash::FxHashMap;

use super::build::{Built, Watch};
use super::components::{Conditions, Edge, Graph};
use super::program::Leaf;
use super::search::truth;
use super::standings::{Moves, Standings};
use super::store::NONE;
use super::{Limits, Progress};
use crate::interp::progress::formula::Truth;
use crate::interp::progress::tableau::Sought;

/// A packed state and the number of a standing.
pub type Node<const W: usize> = ([u64; W], u32);

/// Why the graph was not finished.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unfinished {
    /// More than the limits allow.
    TooLarge(String),
    /// No longer wanted, or out of time.
    Over,
}

/// Truths of up to 128 atoms.
type Mask = u128;

/// The graph in the making, and all that is needed to walk it afterwards.
pub struct Unfolding<'a, const W: usize> {
    built: &'a Built,
    limits: &'a Limits<'a>,
    standings: Standings,
    moves: FxHashMap<(u32, Mask), Moves>,
    numbers: FxHashMap<Node<W>, u32>,
    /// The nodes, in the order in which they were met.
    pub nodes: Vec<Node<W>>,
    /// From which node each was first met.
    pub parents: Vec<u32>,
    /// The steps.
    pub graph: Graph,
    marks: IndexSet<u128>,
    at: u32,
    tried: u32,
    stop: Option<Unfinished>,
}

/// First states.
struct First<'u, 'a, const W: usize>(&'u mut Unfolding<'a, W>);

impl<const W: usize> Leaf<W> for First<'_, '_, W> {
    fn tried(&mut self) -> ControlFlow<()> {
        self.0.try_on()
    }

    fn leaf(&mut self, _: &[i64], key: [u64; W]) -> ControlFlow<()> {
        self.0.meet((key, 0));
        ControlFlow::Continue(())
    }
}

impl<const W: usize> Leaf<W> for Unfolding<'_, W> {
    fn tried(&mut self) -> ControlFlow<()> {
        self.try_on()
    }

    fn leaf(&mut self, registers: &[i64], key: [u64; W]) -> ControlFlow<()> {
        if self.built.is_defective(registers) || !self.built.is_lawful(registers) {
            return ControlFlow::Continue(());
        }
        let standing = self.nodes.get(self.at as usize).map_or(0, |node| node.1);
        let Some(moves) = self.moves(standing, registers) else {
            let reason = "the property has no value in some period".to_owned();
            return self.stop(Unfinished::TooLarge(reason));
        };
        for (standing, marks) in moves {
            let to = self.meet((key, standing));
            let (marks, _) = self.marks.insert_full(marks);
            let marks = u32::try_from(marks).unwrap_or(u32::MAX);
            self.graph.edges.push(Edge { to, marks });
        }
        ControlFlow::Continue(())
    }
}

impl<'a, const W: usize> Unfolding<'a, W> {
    /// Nothing met yet.
    pub fn new(built: &'a Built, limits: &'a Limits<'a>, sought: Sought) -> Self {
        Unfolding {
            built,
            limits,
            standings: Standings::new(sought),
            moves: FxHashMap::default(),
            numbers: FxHashMap::default(),
            nodes: Vec::new(),
            parents: Vec::new(),
            graph: Graph::default(),
            marks: IndexSet::new(),
            at: NONE,
            tried: 0,
            stop: None,
        }
    }

    fn try_on(&mut self) -> ControlFlow<()> {
        self.tried = self.tried.wrapping_add(1);
        if self.tried & 0xffff == 0 && self.limits.over() {
            return self.stop(Unfinished::Over);
        }
        ControlFlow::Continue(())
    }

    fn stop(&mut self, stop: Unfinished) -> ControlFlow<()> {
        self.stop = Some(stop);
        ControlFlow::Break(())
    }

    fn meet(&mut self, node: Node<W>) -> u32 {
        let next = u32::try_from(self.nodes.len()).unwrap_or(NONE);
        let number = *self.numbers.entry(node).or_insert(next);
        if number == next {
            self.nodes.push(node);
            self.parents.push(self.at);
        }
        number
    }

    /// The ways to go on from a standing through a step with these registers; `None` where an atom
    /// has no value.
    pub fn moves(&mut self, standing: u32, registers: &[i64]) -> Option<Moves> {
        let Watch::Monitor(atoms) = &self.built.watch else { return Some(vec![(standing, 0)]) };
        let truths: Vec<Truth> = atoms.iter().map(|atom| truth(registers, atom)).collect();
        let mask = mask(&truths)?;
        if let Some(known) = self.moves.get(&(standing, mask)) {
            return Some(known.clone());
        }
        let moves = self.standings.moves(standing, &truths)?;
        self.moves.insert((standing, mask), moves.clone());
        Some(moves)
    }

    /// Lays out the whole graph.
    ///
    /// # Errors
    /// Why it was not finished.
    pub fn run(&mut self, progress: &mut dyn FnMut(Progress)) -> Result<(), Unfinished> {
        let first = &self.built.first;
        let mut registers = first.registers();
        if let Some(key) = first.begin(&mut registers) {
            let _ = first.extend(1, &mut registers, key, &mut First(self));
        }
        let step = &self.built.step;
        let mut registers = step.registers();
        let mut at = 0;
        while at < self.nodes.len() && self.stop.is_none() {
            self.look(at, progress)?;
            self.graph.offsets.push(self.graph.edges.len());
            self.at = u32::try_from(at).unwrap_or(NONE);
            let Some((key, _)) = self.nodes.get(at).copied() else { break };
            step.load(&key, &mut registers);
            if let Some(key) = step.begin(&mut registers) {
                let _ = step.extend(1, &mut registers, key, self);
            }
            self.tidy();
            at += 1;
        }
        self.graph.offsets.push(self.graph.edges.len());
        self.graph.marks = self.marks.iter().copied().collect();
        if self.standings.exceeds_marks() {
            let reason = "the property has more than 128 eventualities".to_owned();
            self.stop = Some(Unfinished::TooLarge(reason));
        }
        self.stop.clone().map_or(Ok(()), Err)
    }

    /// Each step of the node just followed once.
    fn tidy(&mut self) {
        let start = self.graph.offsets.last().copied().unwrap_or(0);
        let mut steps = self.graph.edges.split_off(start.min(self.graph.edges.len()));
        steps.sort_unstable();
        steps.dedup();
        self.graph.edges.extend(steps);
    }

    fn look(&self, at: usize, progress: &mut dyn FnMut(Progress)) -> Result<(), Unfinished> {
        if at & 0x3ff == 0 {
            let states = self.nodes.len();
            progress(Progress { states, depth: 0, frontier: states - at });
            if self.limits.over() {
                return Err(Unfinished::Over);
            }
            let bytes = states * (8 * W + 24) + self.graph.edges.len() * 8;
            if states > self.limits.max_states || bytes > self.limits.max_memory {
                let reason = format!("more than {states} states and standings");
                return Err(Unfinished::TooLarge(reason));
            }
        }
        Ok(())
    }

    /// What an infinite run must meet.
    pub fn conditions(&self) -> Conditions {
        self.standings.conditions()
    }
}

fn mask(truths: &[Truth]) -> Option<Mask> {
    let mut mask = 0;
    for (n, truth) in (0..).zip(truths) {
        match truth {
            Truth::True => mask |= 1u128.checked_shl(n)?,
            Truth::False => {}
            Truth::Unknown => return None,
        }
    }
    Some(mask)
}
