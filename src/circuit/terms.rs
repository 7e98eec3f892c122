//! Circuits in terms: clauses over latches in the words of the spec, and whole
//! circuits as problems over truth values.
//!
//! A clause over latches speaks of a few variables. What it says of one of
//! them is a set of values, written as comparisons; only variables with many
//! values are spoken of bit by bit, a bit being `x div 2^n mod 2 = 1`.

use rustc_hash::FxHashMap;

use super::Circuit;
use super::blast::{Bits, Blasted};
use super::graph::{Edge, Gate};
use crate::system::liveness::Live;
use crate::system::{Problem, StateVar, System};
use crate::term::{Pool, Role, Sort, Term};

/// Up to how many values a set of them is written as comparisons.
const MAX_VALUES: u64 = 256;

/// Says clauses over latches in terms over the variables.
pub struct Speaker<'b> {
    blasted: &'b Blasted,
    /// For each latch's node, its variable's place and its bit.
    places: FxHashMap<u32, (usize, usize)>,
}

impl<'b> Speaker<'b> {
    /// A speaker for a blasted problem.
    pub fn new(blasted: &'b Blasted) -> Self {
        let mut places = FxHashMap::default();
        for (at, bits) in blasted.stored().enumerate() {
            let free = bits.word.iter().enumerate().filter(|(_, bit)| bit.known().is_none());
            places.extend(free.map(|(n, bit)| (bit.node(), (at, n))));
        }
        Speaker { blasted, places }
    }

    /// The disjunction of some latches' literals, as a term of a clone of the problem's pool.
    pub fn clause(&self, pool: &mut Pool, clause: &[Edge]) -> Term {
        let mut by_variable: Vec<(usize, Vec<(usize, bool)>)> = Vec::new();
        let mut sorted: Vec<(usize, usize, bool)> = clause
            .iter()
            .filter_map(|e| self.places.get(&e.node()).map(|(at, n)| (*at, *n, !e.is_negated())))
            .collect();
        sorted.sort_unstable();
        for (at, n, wanted) in sorted {
            match by_variable.last_mut() {
                Some((last, bits)) if *last == at => bits.push((n, wanted)),
                _ => by_variable.push((at, vec![(n, wanted)])),
            }
        }
        let stored: Vec<&Bits> = self.blasted.stored().collect();
        let mut parts = Vec::new();
        for (at, wanted) in by_variable {
            parts.extend(stored.get(at).map(|bits| some_bit(pool, bits, &wanted)));
        }
        pool.or(parts)
    }
}

/// That some of a variable's bits are as wanted.
fn some_bit(pool: &mut Pool, bits: &Bits, wanted: &[(usize, bool)]) -> Term {
    let var = pool.var(bits.var);
    let Some((lo, hi)) = bits.bounds() else {
        let parts = wanted.iter().map(|(_, wanted)| if *wanted { var } else { pool.not(var) });
        let parts: Vec<Term> = parts.collect();
        return pool.or(parts);
    };
    if hi.abs_diff(lo) >= MAX_VALUES {
        let parts: Vec<Term> =
            wanted.iter().map(|(n, wanted)| bit_is(pool, var, *n, *wanted)).collect();
        return pool.or(parts);
    }
    let allowed = |value: i64| wanted.iter().any(|(n, wanted)| (value >> n & 1 == 1) == *wanted);
    let inside = intervals(lo, hi, allowed);
    let outside = intervals(lo, hi, |value| !allowed(value));
    // Whichever is fewer words.
    if inside.len() <= outside.len() {
        one_of(pool, var, (lo, hi), &inside)
    } else {
        let excluded = one_of(pool, var, (lo, hi), &outside);
        pool.not(excluded)
    }
}

fn bit_is(pool: &mut Pool, var: Term, n: usize, wanted: bool) -> Term {
    let power = pool.int(1i64 << n);
    let shifted = pool.div(var, power);
    let (two, one) = (pool.int(2), pool.int(1));
    let bit = pool.modulo(shifted, two);
    let set = pool.eq(bit, one);
    if wanted { set } else { pool.not(set) }
}

/// The maximal intervals of `lo..=hi` that satisfy a predicate.
fn intervals(lo: i64, hi: i64, holds: impl Fn(i64) -> bool) -> Vec<(i64, i64)> {
    let mut found: Vec<(i64, i64)> = Vec::new();
    for value in (lo..=hi).filter(|v| holds(*v)) {
        match found.last_mut() {
            Some((_, end)) if *end + 1 == value => *end = value,
            _ => found.push((value, value)),
        }
    }
    found
}

fn one_of(pool: &mut Pool, var: Term, (lo, hi): (i64, i64), sets: &[(i64, i64)]) -> Term {
    let parts: Vec<Term> = sets
        .iter()
        .map(|&(a, b)| {
            let (first, last) = (pool.int(a), pool.int(b));
            match (a == b, a == lo, b == hi) {
                (true, ..) => pool.eq(var, first),
                (_, true, true) => pool.top(),
                (_, true, _) => pool.le(var, last),
                (_, _, true) => pool.le(first, var),
                _ => pool.between(var, a, b),
            }
        })
        .collect();
    pool.or(parts)
}

/// A circuit as a problem over truth values; latches and inputs keep their names.
///
/// What is known of every state (`always`) becomes a lemma.
pub fn problem(circuit: &Circuit) -> Problem {
    let (mut system, bad) = system(circuit, &[circuit.bad]);
    let bad = bad.first().copied().unwrap_or_else(|| system.pool.bottom());
    let leaves = circuit.graph.cone([circuit.bad]);
    let reads = |edge: Edge| leaves.get(edge.index()).copied().unwrap_or(false);
    let on_step = circuit.inputs.iter().any(|i| reads(i.leaf));
    Problem { system, bad, on_step }
}

/// The question whether an infinite run of a circuit meets each of these again and again.
pub fn live(circuit: &Circuit, justice: &[Edge]) -> Live {
    let (system, justice) = system(circuit, justice);
    Live { system, justice, fault: None }
}

/// A circuit as a system over truth values, and some of its edges as terms.
fn system(circuit: &Circuit, edges: &[Edge]) -> (System, Vec<Term>) {
    let mut pool = Pool::new();
    let mut image: Vec<Term> = vec![pool.bottom(); circuit.graph.len()];
    let mut vars = Vec::new();
    let latches = circuit.latches.iter().map(|l| (l.leaf, &l.name, Role::State));
    let inputs = circuit.inputs.iter().map(|i| (i.leaf, &i.name, Role::Input));
    for (leaf, name, role) in latches.chain(inputs) {
        let var = pool.declare(name, Sort::Bool, None, role);
        vars.push(var);
        if let Some(place) = image.get_mut(leaf.index()) {
            *place = pool.var(var);
        }
    }
    for (node, gate) in circuit.graph.gates() {
        if let Gate::And(a, b) = gate {
            let term = conjunction(circuit, &mut pool, &image, (a, b));
            if let Some(place) = image.get_mut(node as usize) {
                *place = term;
            }
        }
    }
    let mut term = |edge: Edge| edge_term(&mut pool, &image, edge);
    let mut terms = |edges: &[Edge]| edges.iter().map(|e| term(*e)).collect::<Vec<Term>>();
    let next = terms(&circuit.latches.iter().map(|l| l.next).collect::<Vec<Edge>>());
    let (init, step) = (terms(&circuit.init), terms(&circuit.step));
    let (lemmas, edges) = (terms(&circuit.always), terms(edges));
    let drawn = vars.split_off(circuit.latches.len());
    let states = vars.into_iter().zip(next).map(|(var, next)| StateVar { var, next }).collect();
    let rigid = Vec::new();
    (System { pool, rigid, states, inputs: drawn, init, step, lemmas }, edges)
}

fn edge_term(pool: &mut Pool, image: &[Term], edge: Edge) -> Term {
    let term = image.get(edge.index()).copied().unwrap_or_else(|| pool.bottom());
    if edge.is_negated() { pool.not(term) } else { term }
}

/// A conjunction of two edges; what is plainly a choice or a comparison is said as one.
fn conjunction(circuit: &Circuit, pool: &mut Pool, image: &[Term], (a, b): (Edge, Edge)) -> Term {
    if let Some((c, x, y)) = choice(circuit, a, b) {
        let [c, x, y] = [c, x, y].map(|e| edge_term(pool, image, e));
        let chosen = if x == pool.not(y) { pool.iff(c, x) } else { pool.ite(c, x, y) };
        return pool.not(chosen);
    }
    let [a, b] = [a, b].map(|e| edge_term(pool, image, e));
    pool.and([a, b])
}

/// `not (c and x) and not (not c and y)` is `not (if c then x else y)`.
fn choice(circuit: &Circuit, a: Edge, b: Edge) -> Option<(Edge, Edge, Edge)> {
    if !(a.is_negated() && b.is_negated()) {
        return None;
    }
    let (Gate::And(p, q), Gate::And(r, s)) =
        (circuit.graph.gate(a.node()), circuit.graph.gate(b.node()))
    else {
        return None;
    };
    [(p, q, r, s), (p, q, s, r), (q, p, r, s), (q, p, s, r)]
        .into_iter()
        .find(|(c, _, d, _)| *c == !*d)
        .map(|(c, x, _, y)| (c, x, y))
}
