//! Random circuits, and the truth about them by visiting all states; terms against their circuits.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::expect_used,
    clippy::panic,
    reason = "tests"
)]

use std::collections::BTreeSet;

use rustc_hash::FxHashMap;

use super::blast::{Bits, blast};
use super::reduce::reduce;
use super::terms::{self, Speaker};
use super::{Circuit, Edge, Input, Latch};
use crate::system::{Problem, StateVar, System};
use crate::term::{Pool, Role, Sort, Term, Var};

/// Numbers that look random (xorshift; Marsaglia 2003).
pub(crate) struct Numbers(u64);

impl Numbers {
    pub(crate) fn seeded(seed: u64) -> Numbers {
        let mut numbers = Numbers(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
        for _ in 0..10 {
            numbers.below(2);
        }
        numbers
    }

    pub(crate) fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % limit
    }

    pub(crate) fn pick<T: Copy>(&mut self, list: &[T]) -> T {
        list[self.below(list.len())]
    }
}

/// A circuit with a few latches and inputs, sometimes with formulas for first states and steps.
pub(crate) fn circuit(seed: u64) -> Circuit {
    let mut numbers = Numbers::seeded(seed);
    let mut circuit = Circuit::default();
    let (latches, inputs) = (2 + numbers.below(4), numbers.below(4));
    let mut edges = vec![Edge::FALSE];
    for n in 0..latches {
        let leaf = circuit.graph.leaf();
        edges.push(leaf);
        circuit.latches.push(Latch { leaf, next: Edge::FALSE, name: format!("s{n}") });
    }
    let states = {
        let mut state_edges = edges.clone();
        grow(&mut circuit, &mut state_edges, 4, &mut numbers);
        state_edges
    };
    for n in 0..inputs {
        let leaf = circuit.graph.leaf();
        edges.push(leaf);
        circuit.inputs.push(Input { leaf, name: format!("i{n}") });
    }
    grow(&mut circuit, &mut edges, 14, &mut numbers);
    let late = edges[latches..].to_vec();
    for n in 0..latches {
        circuit.latches[n].next = literal(&late, &mut numbers);
        if numbers.below(4) > 0 {
            let value = numbers.below(3) == 0;
            circuit.init.push(circuit.latches[n].leaf ^ !value);
        }
    }
    if numbers.below(3) == 0 {
        circuit.init.push(literal(&states, &mut numbers));
    }
    for _ in 0..numbers.below(3) {
        circuit.step.push(literal(&edges, &mut numbers));
    }
    let (a, b) = (literal(&states, &mut numbers), literal(&states, &mut numbers));
    circuit.bad = circuit.graph.and(a, b);
    if numbers.below(3) == 0 {
        let c = literal(&edges, &mut numbers);
        circuit.bad = circuit.graph.and(circuit.bad, c);
    }
    circuit
}

fn literal(edges: &[Edge], numbers: &mut Numbers) -> Edge {
    numbers.pick(edges) ^ (numbers.below(2) == 1)
}

fn grow(circuit: &mut Circuit, edges: &mut Vec<Edge>, count: usize, numbers: &mut Numbers) {
    for _ in 0..count {
        let (a, b) = (literal(edges, numbers), literal(edges, numbers));
        let edge = match numbers.below(3) {
            0 => circuit.graph.xor(a, b),
            _ => circuit.graph.and(a, b),
        };
        edges.push(edge);
    }
}

pub(crate) fn bits(n: usize, width: usize) -> Vec<bool> {
    (0..width).map(|k| n >> k & 1 == 1).collect()
}

/// The reachable states, and the fewest periods of a bad run.
pub(crate) fn truth(circuit: &Circuit) -> (BTreeSet<Vec<bool>>, Option<usize>) {
    let (width, drawn) = (circuit.latches.len(), circuit.inputs.len());
    let holds = |state: &[bool], edges: &[Edge]| {
        let values = circuit.values(state, &vec![false; drawn]);
        edges.iter().all(|e| values.of(*e))
    };
    let mut layer: Vec<Vec<bool>> = (0..1 << width)
        .map(|n| bits(n, width))
        .filter(|s| holds(s, &circuit.init) && holds(s, &circuit.always))
        .collect();
    let mut seen: BTreeSet<Vec<bool>> = layer.iter().cloned().collect();
    let (mut depth, mut shortest) = (1, None);
    while !layer.is_empty() {
        let mut later = Vec::new();
        for state in &layer {
            for n in 0..1 << drawn {
                let values = circuit.values(state, &bits(n, drawn));
                if values.of(circuit.bad) {
                    shortest = shortest.or(Some(depth));
                }
                let next: Vec<bool> = circuit.latches.iter().map(|l| values.of(l.next)).collect();
                if circuit.step.iter().all(|e| values.of(*e)) && seen.insert(next.clone()) {
                    later.push(next);
                }
            }
        }
        layer = later;
        depth += 1;
    }
    (seen, shortest)
}

#[test]
fn reduction_keeps_the_answer() {
    let mut smaller = 0;
    for seed in 0..2000 {
        let circuit = circuit(seed);
        let reduced = reduce(&circuit);
        smaller += usize::from(reduced.circuit.latches.len() < circuit.latches.len());
        let (states, shortest) = truth(&circuit);
        assert_eq!(shortest, truth(&reduced.circuit).1, "seed {seed}");
        for clause in reduced.clauses(&[]) {
            let holds = |state: &Vec<bool>| {
                let values = circuit.values(state, &vec![false; circuit.inputs.len()]);
                clause.iter().any(|e| values.of(*e))
            };
            assert!(states.iter().all(holds), "seed {seed}: an equality fails");
        }
    }
    assert!(smaller > 500, "{smaller}");
}

#[test]
fn circuits_are_the_problems_they_become() {
    for seed in 0..500 {
        let circuit = circuit(seed);
        let again = blast(&terms::problem(&circuit)).unwrap();
        assert_eq!(truth(&circuit).1, truth(&again.circuit).1, "seed {seed}");
    }
}

/// A problem whose target is a random term over a few variables.
fn question(seed: u64) -> Problem {
    let mut numbers = Numbers::seeded(seed);
    let mut pool = Pool::new();
    let mut vars = Vec::new();
    for n in 0..2 {
        vars.push(pool.declare(&format!("b{n}"), Sort::Bool, None, Role::State));
    }
    for n in 0..3 {
        let lo = numbers.below(9) as i64 - 5;
        let bounds = Some((lo, lo + numbers.below(7) as i64));
        vars.push(pool.declare(&format!("x{n}"), Sort::Int, bounds, Role::State));
    }
    let mut truths: Vec<Term> = vars[..2].iter().map(|v| pool.var(*v)).collect();
    let mut sums: Vec<Term> = vars[2..].iter().map(|v| pool.var(*v)).collect();
    for _ in 0..14 {
        grow_terms(&mut pool, &mut truths, &mut sums, &vars, &mut numbers);
    }
    let bad = *truths.last().unwrap();
    let states = vars
        .iter()
        .map(|var| {
            let keep = pool.var(*var);
            StateVar { var: *var, next: keep }
        })
        .collect();
    let system = System {
        pool,
        rigid: Vec::new(),
        states,
        inputs: Vec::new(),
        init: Vec::new(),
        step: Vec::new(),
        lemmas: Vec::new(),
    };
    Problem { system, bad, on_step: false }
}

fn grow_terms(
    pool: &mut Pool,
    truths: &mut Vec<Term>,
    sums: &mut Vec<Term>,
    vars: &[Var],
    numbers: &mut Numbers,
) {
    let [p, q] = [0, 1].map(|_| numbers.pick(truths));
    let [a, b] = [0, 1].map(|_| numbers.pick(sums));
    let small =
        |pool: &Pool, t: Term| pool.bounds(t).is_some_and(|(lo, hi)| lo > -2000 && hi < 2000);
    let sum = match numbers.below(7) {
        0 => pool.add([a, b], Sort::Int),
        1 => pool.mul(a, b),
        2 => pool.div(a, b),
        3 => pool.modulo(a, b),
        4 => pool.ite(p, a, b),
        5 => pool.min(a, b),
        _ => pool.int(numbers.below(11) as i64 - 5),
    };
    if small(pool, sum) {
        sums.push(sum);
    }
    let truth = match numbers.below(7) {
        0 => pool.eq(a, b),
        1 => pool.le(a, b),
        2 => pool.and([p, q]),
        3 => pool.or([p, q]),
        4 => pool.iff(p, q),
        5 => pool.forall(vec![vars[2]], p),
        _ => pool.not(p),
    };
    truths.push(truth);
}

/// All states of a problem without constraints: values by variable, and as bits.
fn states(problem: &Problem, blasted: &super::blast::Blasted) -> Vec<(Vec<i64>, Vec<bool>)> {
    let stored: Vec<&Bits> = blasted.stored().collect();
    let mut all: Vec<(Vec<i64>, Vec<bool>)> = vec![Default::default()];
    for (bits, state) in stored.iter().zip(&problem.system.states) {
        let (lo, hi) = problem.system.pool.var_info(state.var).bounds.unwrap_or((0, 1));
        let extended = all.iter().flat_map(|(values, state)| {
            (lo..=hi).map(move |value| {
                let free = bits.word.iter().enumerate().filter(|(_, bit)| bit.known().is_none());
                let more = free.map(|(n, _)| value >> n & 1 == 1);
                let values = values.iter().copied().chain([value]).collect();
                (values, state.iter().copied().chain(more).collect())
            })
        });
        all = extended.collect();
    }
    all
}

fn constants(pool: &mut Pool, problem: &Problem, values: &[i64]) -> FxHashMap<Var, Term> {
    let vars = problem.system.states.iter().map(|s| s.var);
    vars.zip(values)
        .map(|(var, value)| {
            let truth = pool.var_info(var).sort == Sort::Bool;
            (var, if truth { pool.bool(*value == 1) } else { pool.int(*value) })
        })
        .collect()
}

#[test]
fn circuits_compute_what_terms_say() {
    let mut compared = 0;
    for seed in 0..150 {
        let problem = question(seed);
        let Ok(blasted) = blast(&problem) else { panic!("seed {seed}") };
        let mut pool = problem.system.pool.clone();
        for (values, state) in states(&problem, &blasted) {
            let map = constants(&mut pool, &problem, &values);
            let folded = pool.substitute(problem.bad, &map);
            let computed = blasted.circuit.values(&state, &[]).of(blasted.circuit.bad);
            // What divides by zero, and quantifiers, do not fold.
            if let Some(expected) = pool.as_bool(folded) {
                assert_eq!(computed, expected, "seed {seed} at {values:?}");
                compared += 1;
            }
        }
    }
    assert!(compared > 30_000, "{compared}");
}

#[test]
fn quantifiers_are_expanded() {
    let mut pool = Pool::new();
    let free = pool.declare("x", Sort::Int, Some((0, 3)), Role::State);
    let bound = pool.declare("y", Sort::Int, Some((-1, 2)), Role::Bound);
    let (x, y) = (pool.var(free), pool.var(bound));
    let body = pool.le(y, x);
    let bad = pool.forall(vec![bound], body);
    let states = vec![StateVar { var: free, next: x }];
    let system = System {
        pool,
        rigid: Vec::new(),
        states,
        inputs: Vec::new(),
        init: Vec::new(),
        step: Vec::new(),
        lemmas: Vec::new(),
    };
    let blasted = blast(&Problem { system, bad, on_step: false }).unwrap();
    let holds = |n: usize| blasted.circuit.values(&bits(n, 2), &[]).of(blasted.circuit.bad);
    assert_eq!((0..4).map(holds).collect::<Vec<_>>(), [false, false, true, true]);
}

#[test]
fn clauses_are_said_in_words() {
    for seed in 0..150 {
        let problem = question(seed);
        let blasted = blast(&problem).unwrap();
        let speaker = Speaker::new(&blasted);
        let mut pool = problem.system.pool.clone();
        let mut numbers = Numbers::seeded(seed);
        let leaves: Vec<Edge> = blasted.circuit.latches.iter().map(|l| l.leaf).collect();
        for _ in 0..4 {
            let clause: Vec<Edge> =
                (0..1 + numbers.below(5)).map(|_| literal(&leaves, &mut numbers)).collect();
            let term = speaker.clause(&mut pool, &clause);
            for (values, state) in states(&problem, &blasted) {
                let map = constants(&mut pool, &problem, &values);
                let said = pool.substitute(term, &map);
                let computed = blasted.circuit.values(&state, &[]);
                let expected = clause.iter().any(|e| computed.of(*e));
                assert_eq!(pool.as_bool(said), Some(expected), "seed {seed} at {values:?}");
            }
        }
    }
}
