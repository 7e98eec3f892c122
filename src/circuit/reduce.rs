//! Smaller circuits with the same answer.
//!
//! *Equal latches*: all latches with one first value are assumed constant; where
//! the next values disagree the class is divided, until none is. What is left
//! is an induction: equal at first, and equal next if equal now. Constant
//! latches are those of the constant's class. The comparison is by structural hashing under the
//! assumption (van Eijk 2000, with hashing for the proof), which finds at least what
//! ternary simulation does.
//!
//! *Cone of influence*: latches that neither the target nor any constraint reads, now or
//! later, are left out.
//!
//! *Small functions* are built anew, see `compact`.
//!
//! The way back: a run is replayed on the whole circuit with the same
//! inputs; an invariant is joined with the equalities that were assumed.

use rustc_hash::FxHashMap;

use super::compact::compact;
use super::graph::{Copier, Edge, Graph};
use super::{Circuit, Gate, Input, Latch, Run};

/// Rounds of refinement before equal latches are given up.
const MAX_ROUNDS: usize = 64;

/// A reduced circuit.
#[derive(Clone, Debug)]
pub struct Reduced {
    /// The smaller circuit.
    pub circuit: Circuit,
    /// By latch of the whole circuit: what it equals, in the whole circuit's graph.
    equal: Vec<Option<Edge>>,
    leaves: Vec<Edge>,
    /// By latch of the small circuit: its place in the whole.
    latches: Vec<usize>,
    /// By input of the small circuit: its place in the whole.
    inputs: Vec<usize>,
}

/// Reduces a circuit.
pub fn reduce(circuit: &Circuit) -> Reduced {
    let equal = equal_latches(circuit);
    let mut small = Circuit::default();
    let mut copier = Copier::new(&circuit.graph);
    let needed = needed_leaves(circuit, &equal);
    let is_needed = |edge: Edge| needed.get(edge.index()).copied().unwrap_or(false);
    let mut latches = Vec::new();
    for (n, (latch, equal)) in circuit.latches.iter().zip(&equal).enumerate() {
        match equal {
            // Its representative comes earlier.
            Some(edge) => {
                let image = copier.image(*edge).unwrap_or(Edge::FALSE);
                copier.set(latch.leaf.node(), image);
            }
            None if is_needed(latch.leaf) => {
                latches.push(n);
                copier.set(latch.leaf.node(), small.graph.leaf());
            }
            None => {}
        }
    }
    let mut inputs = Vec::new();
    for (n, input) in circuit.inputs.iter().enumerate().filter(|(_, i)| is_needed(i.leaf)) {
        inputs.push(n);
        copier.set(input.leaf.node(), small.graph.leaf());
    }
    let mut copy = |edge: Edge| copier.copy(&circuit.graph, &mut small.graph, edge);
    let latch = |n: &usize| circuit.latches.get(*n);
    small.latches = latches
        .iter()
        .filter_map(latch)
        .map(|l| Latch { leaf: copy(l.leaf), next: copy(l.next), name: l.name.clone() })
        .collect();
    small.inputs = inputs
        .iter()
        .filter_map(|n| circuit.inputs.get(*n))
        .map(|i| Input { leaf: copy(i.leaf), name: i.name.clone() })
        .collect();
    let kept = |edges: &[Edge], copy: &mut dyn FnMut(Edge) -> Edge| -> Vec<Edge> {
        edges.iter().map(|e| copy(*e)).filter(|e| *e != Edge::TRUE).collect()
    };
    small.init = kept(&first_values(circuit, is_needed), &mut copy);
    small.step = kept(&circuit.step, &mut copy);
    small.always = kept(&circuit.always, &mut copy);
    small.bad = copy(circuit.bad);
    let leaves = circuit.latches.iter().map(|l| l.leaf).collect();
    Reduced { circuit: compact(&small), equal, leaves, latches, inputs }
}

/// The constraints on first states, without the resets of latches that are left out.
fn first_values(circuit: &Circuit, is_needed: impl Fn(Edge) -> bool) -> Vec<Edge> {
    let is_literal = |e: &Edge| circuit.graph.gate(e.node()) == Gate::Leaf;
    let resets = circuit.init_conjuncts().filter(|e| is_literal(e) && is_needed(*e));
    resets.chain(circuit.entangled_init()).collect()
}

/// Marks all nodes that the target and the constraints depend on, now or later.
fn needed_leaves(circuit: &Circuit, equal: &[Option<Edge>]) -> Vec<bool> {
    let entangled = circuit.entangled_init();
    let constraints = circuit.step.iter().chain(&circuit.always).copied();
    let mut roots: Vec<Edge> = constraints.chain([circuit.bad]).chain(entangled).collect();
    let mut marked = circuit.graph.cone(roots.iter().copied());
    let mut done = vec![false; circuit.latches.len()];
    loop {
        let before = roots.len();
        for ((latch, equal), done) in circuit.latches.iter().zip(equal).zip(&mut done) {
            if !*done && marked.get(latch.leaf.index()).copied().unwrap_or(false) {
                *done = true;
                roots.push(equal.unwrap_or(latch.next));
            }
        }
        if roots.len() == before {
            return marked;
        }
        marked = circuit.graph.cone(roots.iter().copied());
    }
}

/// For each latch an earlier one, or a constant, that it equals in every state of every run.
fn equal_latches(circuit: &Circuit) -> Vec<Option<Edge>> {
    let reset = circuit.reset();
    // Classes by number; class 0 is the constant's, `None` a latch in a class of its own.
    let mut classes: Vec<Option<usize>> = reset.iter().map(|value| value.map(|_| 0)).collect();
    for _ in 0..MAX_ROUNDS {
        let representatives = representatives(circuit, &reset, &classes);
        let refined = refined(circuit, &reset, &classes, &representatives);
        if refined == classes {
            return representatives;
        }
        classes = refined;
    }
    vec![None; circuit.latches.len()]
}

/// For each latch the edge it is assumed to equal, none for the first of a class.
fn representatives(
    circuit: &Circuit,
    reset: &[Option<bool>],
    classes: &[Option<usize>],
) -> Vec<Option<Edge>> {
    let mut first: FxHashMap<usize, Edge> = FxHashMap::default();
    let rows = circuit.latches.iter().zip(reset).zip(classes);
    rows.map(|((latch, reset), class)| {
        let value = (*reset)?;
        match class {
            Some(0) => Some(Edge::constant(value)),
            // What has the other first value is the complement.
            Some(class) => match first.get(class) {
                Some(edge) => Some(*edge ^ value),
                None => {
                    first.insert(*class, latch.leaf ^ value);
                    None
                }
            },
            None => None,
        }
    })
    .collect()
}

/// Divides each class by the next values under the assumption.
fn refined(
    circuit: &Circuit,
    reset: &[Option<bool>],
    classes: &[Option<usize>],
    representatives: &[Option<Edge>],
) -> Vec<Option<usize>> {
    let mut graph = Graph::default();
    let mut copier = Copier::new(&circuit.graph);
    for (latch, equal) in circuit.latches.iter().zip(representatives) {
        let image = match equal {
            Some(edge) => copier.image(*edge).unwrap_or(Edge::FALSE),
            None => graph.leaf(),
        };
        copier.set(latch.leaf.node(), image);
    }
    // The constant keeps its class; other classes are numbered as they come.
    let mut numbers: FxHashMap<(usize, Edge), usize> = FxHashMap::default();
    let rows = circuit.latches.iter().zip(reset).zip(classes);
    rows.map(|((latch, reset), class)| {
        let (value, class) = ((*reset)?, (*class)?);
        let next = copier.copy(&circuit.graph, &mut graph, latch.next) ^ value;
        if class == 0 && next == Edge::FALSE {
            return Some(0);
        }
        let fresh = numbers.len() + 1;
        Some(*numbers.entry((class, next)).or_insert(fresh))
    })
    .collect()
}

impl Reduced {
    /// A run of the small circuit as one of the whole.
    pub fn run(&self, whole: &Circuit, run: &Run) -> Run {
        let mut state = self.first_state(whole, run);
        let mut periods = Vec::new();
        for (_, small) in &run.periods {
            let mut inputs = vec![false; whole.inputs.len()];
            for (place, value) in self.inputs.iter().zip(small) {
                if let Some(input) = inputs.get_mut(*place) {
                    *input = *value;
                }
            }
            let values = whole.values(&state, &inputs);
            let next = whole.latches.iter().map(|l| values.of(l.next)).collect();
            periods.push((std::mem::replace(&mut state, next), inputs));
        }
        Run { periods }
    }

    fn first_state(&self, whole: &Circuit, run: &Run) -> Vec<bool> {
        let reset = whole.reset();
        let mut state: Vec<bool> = reset.iter().map(|v| v.unwrap_or(false)).collect();
        if let Some((small, _)) = run.periods.first() {
            for (place, value) in self.latches.iter().zip(small) {
                if let Some(latch) = state.get_mut(*place) {
                    *latch = *value;
                }
            }
        }
        state
    }

    /// Clauses over the small circuit's latches, and the equalities assumed, as clauses over the
    /// whole circuit's.
    pub fn clauses(&self, clauses: &[Vec<Edge>]) -> Vec<Vec<Edge>> {
        let back: FxHashMap<u32, Edge> = self
            .circuit
            .latches
            .iter()
            .zip(&self.latches)
            .filter_map(|(small, n)| Some((small.leaf.node(), *self.leaves.get(*n)?)))
            .collect();
        let literal = |e: &Edge| back.get(&e.node()).map(|leaf| *leaf ^ e.is_negated());
        let mut found: Vec<Vec<Edge>> =
            clauses.iter().map(|clause| clause.iter().filter_map(literal).collect()).collect();
        for (leaf, equal) in self.leaves.iter().zip(&self.equal) {
            match equal.map(|edge| (edge, edge.known())) {
                Some((_, Some(value))) => found.push(vec![*leaf ^ !value]),
                Some((edge, None)) => found.extend([vec![!*leaf, edge], vec![*leaf, !edge]]),
                None => {}
            }
        }
        found
    }
}
