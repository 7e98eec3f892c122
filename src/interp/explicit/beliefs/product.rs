//! Runs together with what the judges believe along them.
//!
//! A node is a state, what the property still demands there, and the belief set of each judge that
//! the property speaks of. Claims that are refuted in finitely many periods are searched breadth
//! first, so that a run found is a shortest one.

use std::rc::Rc;

use indexmap::IndexSet;

use super::super::monitor::{Monitors, Moved};
use super::super::{Limits, Progress};
use super::atlas::{Atlas, Step, Stop, Way};
use super::claim::{About, Knowing};
use super::contexts::{ACTUAL, Piece};
use super::worlds::{Worlds, undefined};
use super::{Post, Visited};
use crate::interp::progress::formula::Truth;
use crate::interp::progress::{Monitor, Verdict3};
use crate::types::core::Value;
use crate::types::trace::Trace;

/// A state, the number of a standing, and belief sets.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Node {
    /// The state.
    pub state: u32,
    /// What the property still demands.
    pub standing: u32,
    /// The belief set of each judge.
    pub beliefs: Vec<u32>,
}

/// What the property demands after a step, and the belief sets.
type Onward = (u32, Vec<u32>);

/// The nodes met so far, each with the step by which it was first reached.
#[derive(Default)]
pub struct Nodes {
    nodes: IndexSet<Node>,
    parents: Vec<Option<(u32, Step)>>,
    depths: Vec<u32>,
}

impl Nodes {
    /// The number of a node, kept if it is new.
    pub fn meet(&mut self, node: Node, by: Option<(u32, Step)>) -> u32 {
        let (n, new) = self.nodes.insert_full(node);
        if new {
            let before = by.and_then(|(from, _)| self.depths.get(from as usize).copied());
            self.parents.push(by);
            self.depths.push(before.map_or(0, |depth| depth + 1));
        }
        u32::try_from(n).unwrap_or(u32::MAX)
    }

    /// A node.
    pub fn get(&self, n: u32) -> Option<Node> {
        self.nodes.get_index(n as usize).cloned()
    }

    /// How many.
    pub fn size(&self) -> usize {
        self.nodes.len()
    }

    /// The longest of the shortest ways to them.
    pub fn depth(&self) -> usize {
        self.depths.last().copied().unwrap_or(0) as usize
    }

    /// The length of a shortest way to a node.
    pub fn depth_of(&self, n: u32) -> usize {
        self.depths.get(n as usize).copied().unwrap_or(0) as usize
    }

    /// The nodes on a shortest way to one, itself the last, and the steps between them.
    pub fn stem(&self, to: u32) -> (Vec<u32>, Vec<Step>) {
        let (mut nodes, mut steps, mut at) = (vec![to], Vec::new(), to);
        while let Some(Some((from, step))) = self.parents.get(at as usize) {
            nodes.push(*from);
            steps.push(*step);
            at = *from;
        }
        nodes.reverse();
        steps.reverse();
        (nodes, steps)
    }

    /// Whether the search may go on.
    ///
    /// # Errors
    /// Why not.
    pub fn look(
        &self,
        at: usize,
        limits: &Limits<'_>,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<(), Stop> {
        let states = self.nodes.len();
        if at & 0x3f == 0 {
            progress(Progress { states, depth: self.depth(), frontier: states - at });
            if limits.over() {
                return Err(Stop::Over);
            }
        }
        if states > limits.max_states {
            let most = limits.max_states;
            return Err(Stop::Because(format!("more than {most} states with belief sets")));
        }
        Ok(())
    }
}

/// How a run that was found ends.
#[derive(Clone, Debug)]
pub struct Found {
    /// The nodes that it goes through.
    pub nodes: Vec<u32>,
    /// The steps between them, and after the last one if they repeat.
    pub steps: Vec<Step>,
    /// The label of a last step that may lead anywhere.
    pub last: Option<u32>,
    /// Of a loop: the place of the node where it begins.
    pub round: Option<usize>,
}

/// What a judge knows or does not know at some point of a run.
#[derive(Clone, Debug)]
pub struct Testimony {
    /// Who.
    pub judge: Post,
    /// The number of what, among the pieces of knowledge of the claim written out.
    pub number: usize,
    /// What.
    pub about: About,
    /// The members that the quantified variables around it stand for.
    pub members: Vec<Value>,
    /// In which period.
    pub period: usize,
    /// Whether it knows.
    pub known: bool,
    /// In how many states it may be, given what it saw.
    pub states: usize,
    /// A run that looks the same to it and does not have it, if it does not know.
    pub other: Option<Trace>,
}

/// A search under way.
pub struct Search<'s> {
    /// The states.
    pub atlas: &'s mut dyn Atlas,
    /// The belief sets.
    pub worlds: Worlds,
    /// What the property speaks of.
    pub pieces: Vec<Piece>,
    /// Every piece of knowledge of the claim.
    pub known: Vec<Knowing>,
}

impl Search<'_> {
    /// The first nodes, of a standing with number 0.
    ///
    /// # Errors
    /// Why they are not known.
    pub fn begin(&mut self, nodes: &mut Nodes) -> Result<(), Stop> {
        let states = self.atlas.first()?;
        let beliefs = self.worlds.first(ACTUAL, &states)?;
        for state in states {
            nodes.meet(Node { state, standing: 0, beliefs: beliefs.clone() }, None);
        }
        Ok(())
    }

    /// The truths of the property's atoms in a period with these conditions.
    ///
    /// # Errors
    /// The limits are exceeded.
    pub fn truths(&mut self, node: &Node, conditions: &[Truth]) -> Result<Vec<Truth>, Stop> {
        self.worlds.truths(self.atlas, ACTUAL, conditions, &node.beliefs)
    }

    /// A run that violates a safety property.
    ///
    /// # Errors
    /// Why none was found, nor shown not to be.
    pub fn violation(
        &mut self,
        monitor: &Monitor,
        limits: &Limits<'_>,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<(Nodes, Option<Found>), Stop> {
        let (mut nodes, mut monitors) = (Nodes::default(), Monitors::new(monitor));
        self.begin(&mut nodes)?;
        let mut at = 0;
        while at < nodes.size() {
            nodes.look(at, limits, progress)?;
            let n = u32::try_from(at).unwrap_or(u32::MAX);
            if let Some(last) = self.expand(n, &mut nodes, &mut monitors)? {
                let (way, steps) = nodes.stem(n);
                let found = Found { nodes: way, steps, last, round: None };
                return Ok((nodes, Some(found)));
            }
            at += 1;
        }
        Ok((nodes, None))
    }

    /// Follows a node; the outer `Some` says that the property is violated there, by its state or
    /// by a step with this label.
    fn expand(
        &mut self,
        n: u32,
        nodes: &mut Nodes,
        monitors: &mut Monitors,
    ) -> Result<Option<Option<u32>>, Stop> {
        let Some(node) = nodes.get(n) else { return Ok(None) };
        let facts = self.atlas.facts(node.state)?;
        let truths = self.truths(&node, &facts)?;
        if monitors.violated(node.standing, truths.iter().copied()) {
            return Ok(Some(None));
        }
        let mut moved: Option<(u32, Option<Onward>)> = None;
        for step in self.atlas.steps(node.state)?.iter() {
            if moved.as_ref().is_none_or(|(label, _)| *label != step.label) {
                let label = self.atlas.label(step.label);
                let truths = self.truths(&node, &label.truths)?;
                let onward = match monitors.step(node.standing, truths.iter().copied()) {
                    Moved::Violated => return Ok(Some(Some(step.label))),
                    Moved::Satisfied => None,
                    Moved::Undefined(_) => return Err(undefined()),
                    Moved::To(standing) => {
                        let (beliefs, views) = (&node.beliefs, &label.views);
                        let after = self.worlds.after(self.atlas, ACTUAL, beliefs, views)?;
                        Some((standing, after))
                    }
                };
                moved = Some((step.label, onward));
            }
            if let Some((_, Some((standing, beliefs)))) = &moved {
                let (standing, beliefs) = (*standing, beliefs.clone());
                nodes.meet(Node { state: step.to, standing, beliefs }, Some((n, *step)));
            }
        }
        Ok(None)
    }

    /// What the search looked at.
    pub fn visited(&self, nodes: &Nodes) -> Visited {
        Visited {
            states: self.atlas.size(),
            nodes: nodes.size(),
            depth: nodes.depth(),
            largest: self.worlds.largest(),
        }
    }

    /// The run that was found.
    ///
    /// # Errors
    /// Why it cannot be told.
    pub fn run(&mut self, nodes: &Nodes, found: &Found) -> Result<Trace, Stop> {
        let first = found.nodes.first().and_then(|n| nodes.get(*n));
        self.atlas.tell(&Way {
            first: first.map_or(0, |node| node.state),
            steps: found.steps.clone(),
            last: found.last,
            round: found.round,
        })
    }

    /// The pieces of knowledge because of which a run that was found violates the property: without
    /// any of the others, it still does.
    ///
    /// # Errors
    /// The limits are exceeded.
    pub fn decisive(
        &mut self,
        monitor: &Monitor,
        nodes: &Nodes,
        found: &Found,
    ) -> Result<Vec<Piece>, Stop> {
        let mut monitor = monitor.clone();
        let mut standing = monitor.start();
        let mut truths = Vec::new();
        let labels = found.steps.iter().map(|step| Some(step.label)).chain([found.last]);
        for (n, label) in found.nodes.iter().zip(labels) {
            let Some(node) = nodes.get(*n) else { return Ok(self.pieces.clone()) };
            let conditions: Rc<[Truth]> = match label {
                Some(label) => self.atlas.label(label).truths.clone().into(),
                None => self.atlas.facts(node.state)?,
            };
            if !truths.is_empty() {
                standing = monitor.progress(&standing, &truths).map_err(|_| undefined())?;
            }
            truths = self.truths(&node, &conditions)?;
        }
        let mut decisive = Vec::new();
        for piece in self.pieces.iter().rev() {
            let mut without = truths.clone();
            if let Some(place) = without.get_mut(piece.atom) {
                *place = Truth::Unknown;
            }
            if monitor.judge(&standing, &without) == Verdict3::Violated {
                truths = without;
            } else {
                decisive.push(*piece);
            }
        }
        decisive.reverse();
        Ok(decisive)
    }

    /// What the judges know of these pieces at the last node of a run.
    ///
    /// # Errors
    /// The limits are exceeded.
    pub fn testimonies(
        &mut self,
        nodes: &Nodes,
        found: &Found,
        pieces: &[Piece],
    ) -> Result<Vec<Testimony>, Stop> {
        let on_step = found.last.is_some() || found.round.is_some();
        let mut all = Vec::new();
        for piece in pieces {
            let Some(knowing) = self.known.get(piece.number).cloned() else { continue };
            let Some(judge) = knowing.judge else { continue };
            let context = self.worlds.judge(piece.judge)?;
            let sets: Vec<u32> = found
                .nodes
                .iter()
                .filter_map(|n| nodes.get(*n)?.beliefs.get(piece.judge).copied())
                .collect();
            let Some(set) = sets.last().copied() else { continue };
            let known = match self.worlds.known(self.atlas, context, set, piece.place)? {
                Truth::Unknown => continue,
                known => known == Truth::True,
            };
            let other = if known {
                None
            } else {
                let labels: Vec<u32> = found.steps.iter().map(|step| step.label).collect();
                let place = piece.place;
                let way =
                    self.worlds.alike(self.atlas, context, (&sets, &labels), place, on_step)?;
                way.map(|way| self.atlas.tell(&way)).transpose()?
            };
            let states = self.worlds.states(context, set)?;
            let (number, period) = (piece.number, sets.len() - 1);
            let (about, members) = (knowing.about, knowing.members);
            all.push(Testimony { judge, number, about, members, period, known, states, other });
        }
        Ok(all)
    }
}
