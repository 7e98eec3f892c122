//! Functions of few leaves, built anew.
//!
//! Small ranges and their arithmetic become many gates over a few bits: `(turn + 2) mod 12 = 5` is an adder, a
//! division and a comparison, and nothing but a function of four bits. Each function of at most six leaves is
//! known by its truth table, which is one word (Mishchenko, Chatterjee and Brayton, *DAG-aware AIG rewriting*,
//! DAC 2006, do so for cuts), and is built again from it by Shannon's expansion, in the order of the leaves. Equal
//! functions become one node, and what its gates were built from is left out where nothing else reads it. A
//! function whose own gates are no more than that stays as it is.
//!
//! Leaves stay in their order. Trusts nothing: what comes of a circuit is checked against the problem.

use super::graph::{Copier, Edge, Gate, Graph};
use super::{Circuit, Input, Latch};

/// The most leaves a truth table may have.
const MOST: usize = 6;
/// The truth table of each leaf of a table.
const LEAVES: [u64; MOST] = [
    0xAAAA_AAAA_AAAA_AAAA,
    0xCCCC_CCCC_CCCC_CCCC,
    0xF0F0_F0F0_F0F0_F0F0,
    0xFF00_FF00_FF00_FF00,
    0xFFFF_0000_FFFF_0000,
    0xFFFF_FFFF_0000_0000,
];

/// A function of a few leaves: bit n is its value where leaf i has the value of bit i of n. What is beyond its
/// leaves does not matter to it.
#[derive(Clone, Copy, Debug)]
struct Table {
    bits: u64,
    leaves: [u32; MOST],
    count: usize,
}

/// The same circuit with fewer gates, or with as many.
pub fn compact(circuit: &Circuit) -> Circuit {
    let from = &circuit.graph;
    let tables = tables(from);
    let mut into = Graph::default();
    let mut copier = Copier::new(from);
    for (leaf, _) in from.gates().filter(|(_, gate)| *gate == Gate::Leaf) {
        copier.set(leaf, into.leaf());
    }
    let mut copy = |edge| copied(from, &tables, &mut copier, &mut into, edge);
    let mut all = |edges: &[Edge]| edges.iter().map(|edge| copy(*edge)).collect::<Vec<Edge>>();
    let [init, step, always] = [&circuit.init, &circuit.step, &circuit.always].map(|e| all(e));
    let next = all(&circuit.latches.iter().map(|latch| latch.next).collect::<Vec<Edge>>());
    let bad = all(&[circuit.bad]).first().copied().unwrap_or(circuit.bad);
    let image = |leaf: Edge| copier.image(leaf).unwrap_or(Edge::FALSE);
    let latches = circuit.latches.iter().zip(next);
    let latches = latches
        .map(|(latch, next)| Latch { leaf: image(latch.leaf), next, name: latch.name.clone() })
        .collect();
    let inputs = circuit.inputs.iter();
    let inputs =
        inputs.map(|i| Input { leaf: image(i.leaf), name: i.name.clone() }).collect::<Vec<_>>();
    if into.len() >= from.len() {
        return circuit.clone();
    }
    Circuit { graph: into, latches, inputs, init, step, always, bad }
}

/// Builds an edge in the other graph, and what it depends on before it.
fn copied(
    from: &Graph,
    tables: &[Option<Table>],
    copier: &mut Copier,
    into: &mut Graph,
    edge: Edge,
) -> Edge {
    let mut todo = vec![edge.node()];
    while let Some(&node) = todo.last() {
        if copier.image(Edge::to(node)).is_some() {
            todo.pop();
            continue;
        }
        let table = tables.get(node as usize).copied().flatten();
        let image = match (table.filter(|t| t.is_cheaper(from, node)), from.gate(node)) {
            (Some(table), Gate::And(..)) => {
                let leaf = |n: &u32| copier.image(Edge::to(*n)).unwrap_or(Edge::FALSE);
                let leaves: Vec<Edge> = table.leaves().iter().map(leaf).collect();
                expanded(into, table.bits, &leaves)
            }
            (None, Gate::And(a, b)) => match (copier.image(a), copier.image(b)) {
                (Some(a), Some(b)) => into.and(a, b),
                _ => {
                    todo.extend([a.node(), b.node()]);
                    continue;
                }
            },
            // These have their images already.
            (_, Gate::Leaf | Gate::False) => Edge::FALSE,
        };
        copier.set(node, image);
        todo.pop();
    }
    copier.image(edge).unwrap_or(Edge::FALSE)
}

/// The truth tables of all nodes, none where one has too many leaves.
fn tables(graph: &Graph) -> Vec<Option<Table>> {
    let mut tables: Vec<Option<Table>> = Vec::with_capacity(graph.len());
    for (node, gate) in graph.gates() {
        let of = |edge: Edge| {
            let table = tables.get(edge.index()).copied().flatten()?;
            Some(if edge.is_negated() { Table { bits: !table.bits, ..table } } else { table })
        };
        let table = match gate {
            Gate::False => Some(Table { bits: 0, leaves: [0; MOST], count: 0 }),
            Gate::Leaf => Some(Table::leaf(node)),
            Gate::And(a, b) => of(a).zip(of(b)).and_then(|(a, b)| a.and(b)),
        };
        tables.push(table);
    }
    tables
}

impl Table {
    fn leaf(node: u32) -> Table {
        let [bits, ..] = LEAVES;
        Table { bits, leaves: [node; MOST], count: 1 }
    }

    fn leaves(&self) -> &[u32] {
        self.leaves.get(..self.count).unwrap_or(&[])
    }

    /// The conjunction, if it has few enough leaves.
    fn and(self, other: Table) -> Option<Table> {
        if self.leaves() == other.leaves() {
            return Some(Table { bits: self.bits & other.bits, ..self });
        }
        let (one, other) = (self.with_leaves(&other)?, other.with_leaves(&self)?);
        Some(Table { bits: one.bits & other.bits, ..one })
    }

    /// The same function, of the other's leaves as well.
    fn with_leaves(mut self, other: &Table) -> Option<Table> {
        for leaf in other.leaves() {
            let Err(at) = self.leaves().binary_search(leaf) else { continue };
            if self.count == MOST {
                return None;
            }
            self.leaves.get_mut(at..=self.count)?.rotate_right(1);
            *self.leaves.get_mut(at)? = *leaf;
            for place in (at..self.count).rev() {
                self.bits = exchanged(self.bits, place);
            }
            self.count += 1;
        }
        Some(self)
    }

    /// Whether building it anew takes fewer gates than it has.
    fn is_cheaper(&self, from: &Graph, node: u32) -> bool {
        let mut scratch = Graph::default();
        let leaves: Vec<Edge> = self.leaves().iter().map(|_| scratch.leaf()).collect();
        expanded(&mut scratch, self.bits, &leaves);
        let anew = scratch.len() - 1 - leaves.len();
        has_more_gates(from, node, anew)
    }
}

/// Leaves number `place` and the one after it exchanged.
fn exchanged(bits: u64, place: usize) -> u64 {
    let at = |n: usize| LEAVES.get(n).copied().unwrap_or(0);
    let shift = 1u32 << place;
    let differ = (bits ^ (bits >> shift)) & at(place) & !at(place + 1);
    bits ^ differ ^ (differ << shift)
}

/// The function with this truth table, by Shannon's expansion from the last leaf on.
fn expanded(graph: &mut Graph, bits: u64, leaves: &[Edge]) -> Edge {
    match bits {
        0 => return Edge::FALSE,
        u64::MAX => return Edge::TRUE,
        _ => {}
    }
    let Some((leaf, rest)) = leaves.split_last() else { return Edge::FALSE };
    let mask = LEAVES.get(rest.len()).copied().unwrap_or(0);
    let shift = 1u32 << rest.len();
    let (high, low) = (bits & mask, bits & !mask);
    let (high, low) = (high | (high >> shift), low | (low << shift));
    if high == low {
        return expanded(graph, high, rest);
    }
    let (high, low) = (expanded(graph, high, rest), expanded(graph, low, rest));
    graph.ite(*leaf, high, low)
}

/// Whether the node rests on more gates than so many.
fn has_more_gates(graph: &Graph, node: u32, count: usize) -> bool {
    let mut found: Vec<u32> = Vec::with_capacity(count + 2);
    let mut todo = vec![node];
    while let Some(node) = todo.pop() {
        let Gate::And(a, b) = graph.gate(node) else { continue };
        if found.contains(&node) {
            continue;
        }
        if found.len() == count {
            return true;
        }
        found.push(node);
        todo.extend([a.node(), b.node()]);
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::circuit::sample_tests::{Numbers, circuit};

    #[test]
    fn what_is_built_anew_has_the_same_runs() {
        let mut smaller = 0;
        for seed in 0..2000 {
            let mut numbers = Numbers::seeded(seed);
            let whole = circuit(seed);
            let small = compact(&whole);
            smaller += usize::from(small.graph.len() < whole.graph.len());
            assert_eq!(small.latches.len(), whole.latches.len());
            assert_eq!(small.inputs.len(), whole.inputs.len());
            for _ in 0..20 {
                let mut bits =
                    |n: usize| (0..n).map(|_| numbers.below(2) == 1).collect::<Vec<bool>>();
                let (state, inputs) = (bits(whole.latches.len()), bits(whole.inputs.len()));
                assert_eq!(values(&small, &state, &inputs), values(&whole, &state, &inputs));
            }
        }
        assert!(smaller > 200, "{smaller} of 2000 have become smaller");
    }

    /// All that a circuit says of a state under inputs.
    fn values(circuit: &Circuit, state: &[bool], inputs: &[bool]) -> Vec<bool> {
        let values = circuit.values(state, inputs);
        let next = circuit.latches.iter().map(|l| values.of(l.next));
        let all = |edges: &[Edge]| edges.iter().all(|e| values.of(*e));
        let whole = [all(&circuit.init), all(&circuit.step), all(&circuit.always)];
        next.chain(whole).chain([values.of(circuit.bad)]).collect()
    }

    #[test]
    fn arithmetic_of_a_small_range_becomes_a_table() {
        let mut graph = Graph::default();
        let bits: Vec<Edge> = (0..4).map(|_| graph.leaf()).collect();
        // The number 5 in a way that takes many gates: as one of those that are not any other.
        let is = |graph: &mut Graph, n: usize| {
            graph.all(bits.iter().enumerate().map(|(i, bit)| *bit ^ ((n >> i) & 1 == 0)))
        };
        let others: Vec<Edge> = (0..16).filter(|n| *n != 5).map(|n| is(&mut graph, n)).collect();
        let bad = !graph.any(others);
        let latches = bits.iter().map(|b| Latch { leaf: *b, next: *b, name: String::new() });
        let latches = latches.collect();
        let small = compact(&Circuit { graph, latches, bad, ..Circuit::default() });
        assert_eq!(small.graph.len(), 1 + 4 + 3);
    }
}
