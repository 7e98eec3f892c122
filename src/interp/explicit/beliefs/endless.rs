//! Claims about infinite runs that speak of knowledge, and about what stays possible.
//!
//! The same graph as [`super::super::unfold`] lays out, with belief sets in its nodes: a belief set
//! follows from the steps taken, so an infinite, fair run of the product is one of the model, with
//! what its judges know along it.

use indexmap::IndexSet;
use rustc_hash::FxHashMap;

use super::super::components::{Edge, Graph};
use super::super::standings::{Moves, Standings, bit};
use super::super::walk::walk;
use super::super::{Limits, Progress};
use super::atlas::{Step, Stop};
use super::contexts::ACTUAL;
use super::product::{Found, Node, Nodes, Search};
use super::worlds::undefined;
use crate::interp::progress::formula::Truth;
use crate::interp::progress::tableau::Sought;

struct Unfolding<'u, 's> {
    search: &'u mut Search<'s>,
    standings: Standings,
    moves: FxHashMap<(u32, Vec<Truth>), Moves>,
    nodes: Nodes,
    graph: Graph,
    marks: IndexSet<u128>,
}

/// What is asked of the graph.
pub enum Asked {
    /// A fair run of the kind that is sought.
    Lasso,
    /// A state from which one of so many marks cannot be reached.
    Trap(usize),
}

/// Lays the graph out and looks for what is asked.
///
/// # Errors
/// Why it was not found, nor shown not to be.
pub fn endless(
    search: &mut Search<'_>,
    sought: Sought,
    asked: &Asked,
    limits: &Limits<'_>,
    progress: &mut dyn FnMut(Progress),
) -> Result<(Nodes, Option<Found>), Stop> {
    let mut unfolding = Unfolding {
        search,
        standings: Standings::new(sought),
        moves: FxHashMap::default(),
        nodes: Nodes::default(),
        graph: Graph::default(),
        marks: IndexSet::new(),
    };
    unfolding.lay_out(limits, progress)?;
    let found = match asked {
        Asked::Lasso => unfolding.lasso()?,
        Asked::Trap(marks) => unfolding.trap(*marks),
    };
    Ok((unfolding.nodes, found))
}

impl Unfolding<'_, '_> {
    fn lay_out(
        &mut self,
        limits: &Limits<'_>,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<(), Stop> {
        self.search.begin(&mut self.nodes)?;
        let mut at = 0;
        while at < self.nodes.size() {
            self.nodes.look(at, limits, progress)?;
            if self.graph.edges.len().saturating_mul(8) > limits.max_memory {
                return Err(Stop::because("more steps than memory allows"));
            }
            self.graph.offsets.push(self.graph.edges.len());
            self.expand(u32::try_from(at).unwrap_or(u32::MAX))?;
            at += 1;
        }
        self.graph.offsets.push(self.graph.edges.len());
        self.graph.marks = self.marks.iter().copied().collect();
        if self.standings.exceeds_marks() {
            return Err(Stop::because("the property has more than 128 eventualities"));
        }
        Ok(())
    }

    fn expand(&mut self, n: u32) -> Result<(), Stop> {
        let Some(node) = self.nodes.get(n) else { return Ok(()) };
        let mut edges = Vec::new();
        let mut moved: Option<(u32, Moves, Vec<u32>)> = None;
        for step in self.search.atlas.steps(node.state)?.iter() {
            if moved.as_ref().is_none_or(|(label, ..)| *label != step.label) {
                let label = self.search.atlas.label(step.label);
                let truths = self.search.truths(&node, &label.truths)?;
                let moves = self.moves(node.standing, truths)?;
                let (beliefs, views) = (&node.beliefs, &label.views);
                let search = &mut *self.search;
                let after = search.worlds.after(search.atlas, ACTUAL, beliefs, views)?;
                moved = Some((step.label, moves, after));
            }
            let Some((_, moves, beliefs)) = &moved else { continue };
            for (standing, marks) in moves {
                let next = Node { state: step.to, standing: *standing, beliefs: beliefs.clone() };
                let to = self.nodes.meet(next, Some((n, *step)));
                let (marks, _) = self.marks.insert_full(*marks);
                edges.push(Edge { to, marks: u32::try_from(marks).unwrap_or(u32::MAX) });
            }
        }
        edges.sort_unstable();
        edges.dedup();
        self.graph.edges.extend(edges);
        Ok(())
    }

    fn moves(&mut self, standing: u32, truths: Vec<Truth>) -> Result<Moves, Stop> {
        if let Some(known) = self.moves.get(&(standing, truths.clone())) {
            return Ok(known.clone());
        }
        let moves = self.standings.moves(standing, &truths).ok_or_else(undefined)?;
        self.moves.insert((standing, truths), moves.clone());
        Ok(moves)
    }

    fn lasso(&mut self) -> Result<Option<Found>, Stop> {
        let conditions = self.standings.conditions();
        let Some(component) = self.graph.fair_component(&conditions) else { return Ok(None) };
        let stem = |n: u32| self.nodes.depth_of(n);
        let lasso = walk(&self.graph, &component, &conditions, stem);
        let (mut nodes, mut steps) = self.nodes.stem(lasso.start);
        let round = steps.len();
        for step in &lasso.steps {
            steps.push(self.step(step.from, step.to, step.marks)?);
            nodes.push(step.to);
        }
        // The last step leads back to where the loop begins.
        nodes.pop();
        Ok(Some(Found { nodes, steps, last: None, round: Some(round) }))
    }

    /// The step of the model that an edge of the graph stands for.
    fn step(&mut self, from: u32, to: u32, marks: Option<u128>) -> Result<Step, Stop> {
        let lost = || Stop::because("a step that was found is not found again");
        let (node, target) =
            (self.nodes.get(from).ok_or_else(lost)?, self.nodes.get(to).ok_or_else(lost)?);
        for step in self.search.atlas.steps(node.state)?.iter() {
            if step.to != target.state {
                continue;
            }
            let label = self.search.atlas.label(step.label);
            let truths = self.search.truths(&node, &label.truths)?;
            let search = &mut *self.search;
            let after = search.worlds.after(search.atlas, ACTUAL, &node.beliefs, &label.views)?;
            let is_way = |(standing, of): &(u32, u128)| {
                *standing == target.standing && marks.is_none_or(|wanted| wanted == *of)
            };
            if after == target.beliefs && self.moves(node.standing, truths)?.iter().any(is_way) {
                return Ok(*step);
            }
        }
        Err(lost())
    }

    /// A shortest way to a node from which one of so many marks cannot be reached.
    fn trap(&self, marks: usize) -> Option<Found> {
        let lost = (0..marks).filter_map(|n| {
            let mark = bit(2 * u32::try_from(n).ok()?);
            self.graph.can_reach(mark).iter().position(|can| !can)
        });
        let (nodes, steps) = self.nodes.stem(u32::try_from(lost.min()?).ok()?);
        Some(Found { nodes, steps, last: None, round: None })
    }
}
