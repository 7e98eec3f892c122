//! The transition relation, as the solvers of IC3 see it.
//!
//! There are no primed variables: the next value of a latch is an edge of the
//! same graph, so that "the cube holds in the next state" is assumed directly.
//! This file also says which nodes a question depends on.

use crate::circuit::{Circuit, Edge, Gate};
use crate::solver::sat::{Cdcl, Question, add_gates};

/// No latch, or no child.
const NONE: u32 = u32::MAX;

/// A circuit with what IC3 asks of it all the time.
pub(super) struct Relation<'c> {
    pub(super) circuit: &'c Circuit,
    /// By node: the place of its latch.
    latches: Vec<u32>,
    /// By node: its children.
    children: Vec<[u32; 2]>,
    /// By latch: its only first value, if it has one.
    reset: Vec<Option<bool>>,
    /// Whether first states are more than resets.
    pub(super) is_entangled: bool,
    /// Step constraints that read latches and do not follow from others.
    pub(super) mixed: Vec<Edge>,
    /// By node: the constraints that bind where this leaf is read; see `constrain`.
    guards: Vec<Vec<Edge>>,
    /// Gates and what is known of every state.
    pub(super) states: Cdcl,
    /// The same with the step constraints.
    pub(super) steps: Cdcl,
    /// By input: a value such that together they satisfy the constraints on inputs alone.
    pub(super) defaults: Vec<bool>,
    stamps: Vec<u32>,
    stamp: u32,
}

impl<'c> Relation<'c> {
    pub(super) fn new(circuit: &'c Circuit) -> Self {
        let size = circuit.graph.len();
        let mut latches = vec![NONE; size];
        for (n, latch) in (0..).zip(&circuit.latches) {
            if let Some(place) = latches.get_mut(latch.leaf.index()) {
                *place = n;
            }
        }
        let children = circuit
            .graph
            .gates()
            .map(|(_, gate)| match gate {
                Gate::And(a, b) => [a.node(), b.node()],
                _ => [NONE; 2],
            })
            .collect();
        let states = gates_and_knowledge(circuit);
        let mut relation = Relation {
            circuit,
            latches,
            children,
            reset: circuit.reset(),
            is_entangled: !circuit.entangled_init().is_empty(),
            mixed: Vec::new(),
            guards: vec![Vec::new(); size],
            steps: states.clone(),
            states,
            defaults: Vec::new(),
            stamps: vec![0; size],
            stamp: 0,
        };
        relation.constrain();
        relation
    }

    /// Sorts the constraints. Those on inputs alone, and what is known of every state, bind only
    /// where a question touches them: together they can be satisfied, so what does not share a
    /// leaf with the question, even through others, has no say in it. Step constraints that follow from these are left
    /// out. The rest is in the domain of every question.
    fn constrain(&mut self) {
        let graph = &self.circuit.graph;
        let known: Vec<Edge> =
            self.circuit.always.iter().flat_map(|e| graph.conjuncts(*e)).collect();
        let steps: Vec<Edge> = self.circuit.step.iter().flat_map(|e| graph.conjuncts(*e)).collect();
        let mut cone = Vec::new();
        let (mut alone, mut mixed) = (Vec::new(), Vec::new());
        for edge in known {
            self.cone([edge], &mut cone);
            self.guard(edge, &cone);
        }
        for edge in steps {
            self.cone([edge], &mut cone);
            if cone.iter().any(|node| self.is_latch(*node)) {
                mixed.push(edge);
            } else {
                alone.push(edge);
                self.guard(edge, &cone);
                add_clause_of(&mut self.steps, self.circuit, edge);
            }
        }
        self.choose_defaults(&alone);
        for edge in mixed {
            self.domain([edge], &mut cone);
            let question = Question { assumed: &[!edge], clause: &[], domain: Some(&cone) };
            if self.steps.solve(question) == Some(true) {
                self.mixed.push(edge);
            }
        }
        for edge in &self.mixed {
            add_clause_of(&mut self.steps, self.circuit, *edge);
        }
        self.domain(self.mixed.clone(), &mut cone);
        cone.iter().for_each(|node| self.steps.always_in_domain(*node));
    }

    /// Lets a constraint with this cone bind wherever one of its leaves is in the domain.
    fn guard(&mut self, edge: Edge, cone: &[u32]) {
        for node in cone {
            let is_leaf = self.children.get(*node as usize) == Some(&[NONE; 2]);
            if let Some(guards) = self.guards.get_mut(*node as usize).filter(|_| is_leaf) {
                guards.push(edge);
            }
        }
    }

    fn choose_defaults(&mut self, constraints: &[Edge]) {
        let mut solver = Cdcl::new(self.circuit.graph.len());
        add_gates(&mut solver, &self.circuit.graph, constraints.iter().copied());
        let question = Question { assumed: constraints, ..Question::default() };
        if solver.solve(question) == Some(false) {
            // No step at all.
            self.steps.add(&[]);
        }
        let inputs = self.circuit.inputs.iter();
        self.defaults = inputs.map(|i| solver.value(i.leaf) == Some(true)).collect();
    }

    pub(super) fn is_latch(&self, node: u32) -> bool {
        self.latches.get(node as usize).is_some_and(|n| *n != NONE)
    }

    /// The next value of a literal over a latch.
    pub(super) fn next(&self, literal: Edge) -> Edge {
        let place = self.latches.get(literal.index()).copied().unwrap_or(NONE);
        let latch = self.circuit.latches.get(place as usize);
        latch.map_or(Edge::FALSE, |latch| latch.next) ^ literal.is_negated()
    }

    /// Whether the literal is false in every first state, by the resets alone.
    pub(super) fn is_never_first(&self, literal: Edge) -> bool {
        let place = self.latches.get(literal.index()).copied().unwrap_or(NONE);
        let reset = self.reset.get(place as usize).copied().flatten();
        reset.is_some_and(|value| value == literal.is_negated())
    }

    /// Whether a cube without literals as above surely has first states, if there are any.
    pub(super) fn is_reset(&self, literals: &[Edge]) -> bool {
        let value = |l: &Edge| {
            let place = self.latches.get(l.index()).copied().unwrap_or(NONE);
            self.reset.get(place as usize).copied().flatten()
        };
        !self.is_entangled
            && (self.circuit.always.is_empty() || literals.iter().all(|l| value(l).is_some()))
    }

    /// The nodes that some edges depend on.
    fn cone(&mut self, edges: impl IntoIterator<Item = Edge>, found: &mut Vec<u32>) {
        self.walk(edges, found, |_, _, _| {});
    }

    /// The nodes on which a step's answer depends: those below the edges, and the constraints on
    /// the inputs among them.
    pub(super) fn domain(&mut self, edges: impl IntoIterator<Item = Edge>, found: &mut Vec<u32>) {
        self.walk(edges, found, Self::visit_guards);
    }

    /// Visits the nodes below some edges, and with each what else it calls for.
    fn walk(
        &mut self,
        edges: impl IntoIterator<Item = Edge>,
        found: &mut Vec<u32>,
        call: impl Fn(&mut Self, u32, &mut Vec<u32>),
    ) {
        found.clear();
        self.stamp += 1;
        for edge in edges {
            self.visit(edge.node(), found);
        }
        let mut at = 0;
        while let Some(&node) = found.get(at) {
            at += 1;
            for child in self.children.get(node as usize).copied().unwrap_or([NONE; 2]) {
                if child != NONE {
                    self.visit(child, found);
                }
            }
            call(self, node, found);
        }
    }

    fn visit_guards(&mut self, node: u32, found: &mut Vec<u32>) {
        let guards = self.guards.get_mut(node as usize).map(std::mem::take).unwrap_or_default();
        for guard in &guards {
            self.visit(guard.node(), found);
        }
        if let Some(place) = self.guards.get_mut(node as usize) {
            *place = guards;
        }
    }

    fn visit(&mut self, node: u32, found: &mut Vec<u32>) {
        if let Some(stamp) = self.stamps.get_mut(node as usize)
            && *stamp != self.stamp
        {
            *stamp = self.stamp;
            found.push(node);
        }
    }
}

/// The gates that any question may need, and what holds in every state.
fn gates_and_knowledge(circuit: &Circuit) -> Cdcl {
    let mut solver = Cdcl::new(circuit.graph.len());
    let next = circuit.latches.iter().map(|l| l.next);
    let constraints = circuit.step.iter().chain(&circuit.always).copied();
    add_gates(&mut solver, &circuit.graph, next.chain(constraints).chain([circuit.bad]));
    for edge in circuit.always.iter().flat_map(|e| circuit.graph.conjuncts(*e)) {
        add_clause_of(&mut solver, circuit, edge);
    }
    solver
}

/// Asserts an edge, as a clause where it is a disjunction.
pub(super) fn add_clause_of(solver: &mut Cdcl, circuit: &Circuit, edge: Edge) {
    if edge.is_negated() {
        let clause: Vec<Edge> = circuit.graph.conjuncts(!edge).into_iter().map(|e| !e).collect();
        solver.add(&clause);
    } else {
        solver.add(&[edge]);
    }
}

/// A solver for first states: what they rest on is in the domain of every question.
pub(super) fn first_states(circuit: &Circuit) -> Cdcl {
    let mut solver = Cdcl::new(circuit.graph.len());
    let parts = || circuit.init.iter().chain(&circuit.always).copied();
    add_gates(&mut solver, &circuit.graph, parts());
    parts().for_each(|edge| solver.add(&[edge]));
    let marked = circuit.graph.cone(parts());
    for (node, _) in (0..).zip(marked).filter(|(_, marked)| *marked) {
        solver.always_in_domain(node);
    }
    solver
}
