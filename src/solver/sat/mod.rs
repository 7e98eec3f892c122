//! A small CDCL solver for many small questions about one circuit.
//!
//! It is MiniSat's algorithm (Eén and Sörensson 2003): two watched literals,
//! first unique implication points, activities, saved phases, restarts, and
//! failed assumptions as cores. Two things make it fit IC3's questions (Su, Yang and
//! Ci 2024): it decides and propagates only in the *domain* of a question,
//! the nodes on which its answer depends; and a clause may be added for one question
//! only. [Decision 5](../../../docs/decisions/0005-own-sat-solver.md) has the measurements.
//!
//! A variable is a node of the circuit's graph, a literal an [`Edge`].
//! Nothing here is trusted: what is proved with it is proved again by Z3, what
//! is refuted is replayed.

mod analyse;
mod cdcl;
mod clauses;
mod order;
#[cfg(test)]
mod tests;
mod upkeep;

pub use cdcl::Cdcl;

use crate::circuit::{Edge, Gate, Graph};

/// What is asked of a [`Cdcl`] solver.
#[derive(Clone, Copy, Debug, Default)]
pub struct Question<'a> {
    /// Literals assumed.
    pub assumed: &'a [Edge],
    /// A clause that holds for this question only; none if empty.
    pub clause: &'a [Edge],
    /// The variables on which the answer depends, beside those that are always in the domain; all
    /// if `None`.
    pub domain: Option<&'a [u32]>,
}

/// Adds the gates below some edges as clauses (Tseitin 1968).
pub fn add_gates(solver: &mut Cdcl, graph: &Graph, edges: impl IntoIterator<Item = Edge>) {
    let marked = graph.cone(edges);
    solver.add(&[Edge::TRUE]);
    for (node, gate) in graph.gates() {
        if let (Gate::And(a, b), Some(true)) = (gate, marked.get(node as usize)) {
            let output = Edge::to(node);
            solver.add(&[!output, a]);
            solver.add(&[!output, b]);
            solver.add(&[output, !a, !b]);
            solver.define(node);
        }
    }
}
