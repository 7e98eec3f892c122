//! Sequential circuits: the bits below a finite system.
//!
//! A [`Circuit`] is latches and inputs over an and-inverter [`Graph`], with the
//! same shape as a [`Problem`](crate::system::Problem): which first states there are, which inputs make a
//! valid step, what holds in every state, and what is bad. [`blast`] makes one from a
//! problem and knows the way back; [`reduce`] makes a smaller one and knows
//! the way back; [`terms`] says it in terms again.

pub mod blast;
mod compact;
pub mod graph;
pub mod reduce;
#[cfg(test)]
pub(crate) mod sample_tests;
pub mod terms;
pub mod word;

use rustc_hash::FxHashSet;

pub use graph::{Edge, Gate, Graph};

/// A latch: one bit of the state.
#[derive(Clone, Debug)]
pub struct Latch {
    /// Its value now: a leaf, positive.
    pub leaf: Edge,
    /// Its value in the next state.
    pub next: Edge,
    /// Its name in foreign files.
    pub name: String,
}

/// An input: one bit drawn anew every step.
#[derive(Clone, Debug)]
pub struct Input {
    /// Its value: a leaf, positive.
    pub leaf: Edge,
    /// Its name in foreign files.
    pub name: String,
}

/// A sequential circuit with a target.
///
/// A run is s0, i0, s1, i1, …, sn, in such that `init` holds in s0, `always` in every state, and
/// `step` in every (sj, ij) with j < n; it is bad if `bad` holds in (sn, in).
#[derive(Clone, Debug, Default)]
pub struct Circuit {
    /// The functions.
    pub graph: Graph,
    /// The state's bits.
    pub latches: Vec<Latch>,
    /// The inputs' bits.
    pub inputs: Vec<Input>,
    /// Which first states there are: a conjunction over latches.
    pub init: Vec<Edge>,
    /// Which steps are valid: a conjunction over latches and inputs.
    pub step: Vec<Edge>,
    /// What is known of every state of every run: a conjunction over latches.
    pub always: Vec<Edge>,
    /// The target, over latches and inputs.
    pub bad: Edge,
}

/// The bits of a run: for each period the latches' values and the inputs', in the circuit's order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// The periods; the last one's inputs make the target true where it reads them.
    pub periods: Vec<(Vec<bool>, Vec<bool>)>,
}

impl Default for Edge {
    fn default() -> Self {
        Edge::FALSE
    }
}

impl Circuit {
    /// The first states' value of each latch that `init` fixes by a literal of its own.
    pub fn reset(&self) -> Vec<Option<bool>> {
        let mut fixed = vec![None; self.graph.len()];
        for edge in self.init_conjuncts() {
            if let Some(place) = fixed.get_mut(edge.index()) {
                *place = Some(!edge.is_negated());
            }
        }
        let of = |latch: &Latch| fixed.get(latch.leaf.index()).copied().flatten();
        self.latches.iter().map(of).collect()
    }

    /// The conjuncts of `init` that are not literals; false where literals contradict each other.
    pub fn entangled_init(&self) -> Vec<Edge> {
        let parts: Vec<Edge> = self.init_conjuncts().collect();
        let asserted: FxHashSet<Edge> = parts.iter().copied().collect();
        if parts.iter().any(|e| asserted.contains(&!*e)) {
            return vec![Edge::FALSE];
        }
        let is_literal = |e: &Edge| self.graph.gate(e.node()) == Gate::Leaf;
        parts.into_iter().filter(|e| !is_literal(e) && *e != Edge::TRUE).collect()
    }

    /// What `init` joins.
    pub fn init_conjuncts(&self) -> impl Iterator<Item = Edge> + '_ {
        self.init.iter().flat_map(|e| self.graph.conjuncts(*e))
    }

    /// Whether the bits are a run of the circuit that ends badly.
    pub fn accepts(&self, run: &Run) -> bool {
        let mut expected: Option<Vec<bool>> = None;
        let last = run.periods.len().wrapping_sub(1);
        for (n, (state, inputs)) in run.periods.iter().enumerate() {
            let values = self.values(state, inputs);
            let all = |edges: &[Edge]| edges.iter().all(|e| values.of(*e));
            let continues = expected.as_ref().is_none_or(|e| e == state);
            let starts = n > 0 || all(&self.init);
            let ends = if n == last { values.of(self.bad) } else { all(&self.step) };
            if !(continues && starts && ends && all(&self.always)) {
                return false;
            }
            expected = Some(self.latches.iter().map(|l| values.of(l.next)).collect());
        }
        !run.periods.is_empty()
    }

    /// The values of all nodes in a state under inputs.
    pub fn values(&self, state: &[bool], inputs: &[bool]) -> graph::Values {
        let mut leaves = vec![false; self.graph.len()];
        let latches = self.latches.iter().map(|l| l.leaf).zip(state);
        let inputs = self.inputs.iter().map(|i| i.leaf).zip(inputs);
        for (leaf, value) in latches.chain(inputs) {
            if let Some(place) = leaves.get_mut(leaf.index()) {
                *place = *value;
            }
        }
        self.graph.evaluate(|node| leaves.get(node as usize).copied().unwrap_or(false))
    }
}
