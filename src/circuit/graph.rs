//! And-inverter graphs with structural hashing (Kuehlmann and Krohm 1997).
//!
//! Every Boolean function is a conjunction of two edges, each possibly
//! negated. Equal conjunctions are one node, and the rules of two levels
//! (Brummayer and Biere 2006) fold what they can on the way in. A node's
//! children have smaller numbers than itself, so that counting up is a
//! topological order.

use std::ops::{BitXor, Not};

use rustc_hash::FxHashMap;

/// An edge to a node, possibly negated; also the literal that SAT solvers use for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Edge(u32);

impl Edge {
    /// The constant false, node 0.
    pub const FALSE: Edge = Edge(0);
    /// The constant true.
    pub const TRUE: Edge = Edge(1);

    /// The edge to a node.
    pub const fn to(node: u32) -> Edge {
        Edge(node << 1)
    }

    /// The edge with this [`Edge::code`].
    pub const fn from_code(code: usize) -> Edge {
        Edge(code as u32)
    }

    /// The constant edge of a truth value.
    pub const fn constant(value: bool) -> Edge {
        Edge(value as u32)
    }

    /// The node it leads to.
    pub const fn node(self) -> u32 {
        self.0 >> 1
    }

    /// The node it leads to, as an index.
    pub const fn index(self) -> usize {
        (self.0 >> 1) as usize
    }

    /// Whether it negates.
    pub const fn is_negated(self) -> bool {
        self.0 & 1 == 1
    }

    /// Twice the node, plus one if negated: as AIGER has it.
    pub const fn code(self) -> usize {
        self.0 as usize
    }

    /// The same edge without negation.
    pub const fn positive(self) -> Edge {
        Edge(self.0 & !1)
    }

    /// Its truth value if it is constant.
    pub const fn known(self) -> Option<bool> {
        match self.0 {
            0 => Some(false),
            1 => Some(true),
            _ => None,
        }
    }
}

impl Not for Edge {
    type Output = Edge;

    fn not(self) -> Edge {
        Edge(self.0 ^ 1)
    }
}

impl BitXor<bool> for Edge {
    type Output = Edge;

    /// Negates when the flag is set.
    fn bitxor(self, negate: bool) -> Edge {
        Edge(self.0 ^ u32::from(negate))
    }
}

/// What a node is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Gate {
    /// The constant false; node 0 only.
    False,
    /// An input or a latch.
    Leaf,
    /// A conjunction.
    And(Edge, Edge),
}

/// A graph.
#[derive(Clone, Debug)]
pub struct Graph {
    gates: Vec<Gate>,
    known: FxHashMap<(Edge, Edge), u32>,
}

impl Default for Graph {
    fn default() -> Self {
        Graph { gates: vec![Gate::False], known: FxHashMap::default() }
    }
}

impl Graph {
    /// How many nodes there are; the constant counts.
    pub fn len(&self) -> usize {
        self.gates.len()
    }

    /// Whether there is nothing but the constant.
    pub fn is_empty(&self) -> bool {
        self.gates.len() <= 1
    }

    /// What a node is.
    pub fn gate(&self, node: u32) -> Gate {
        self.gates.get(node as usize).copied().unwrap_or(Gate::False)
    }

    /// All nodes in topological order.
    pub fn gates(&self) -> impl Iterator<Item = (u32, Gate)> + '_ {
        (0..).zip(self.gates.iter().copied())
    }

    /// A new leaf.
    pub fn leaf(&mut self) -> Edge {
        self.push(Gate::Leaf)
    }

    fn push(&mut self, gate: Gate) -> Edge {
        let node = u32::try_from(self.gates.len()).unwrap_or(u32::MAX);
        self.gates.push(gate);
        Edge::to(node)
    }

    /// `a and b`
    pub fn and(&mut self, a: Edge, b: Edge) -> Edge {
        let (a, b) = (a.min(b), a.max(b));
        if let Some(folded) = self.folded(a, b) {
            return folded;
        }
        if let Some(&node) = self.known.get(&(a, b)) {
            return Edge::to(node);
        }
        let edge = self.push(Gate::And(a, b));
        self.known.insert((a, b), edge.node());
        edge
    }

    /// The edge that `a and b` folds to without a new node; `a <= b`.
    fn folded(&mut self, a: Edge, b: Edge) -> Option<Edge> {
        if a == Edge::FALSE || a == !b {
            return Some(Edge::FALSE);
        }
        if a == Edge::TRUE || a == b {
            return Some(b);
        }
        self.absorbed(a, b).or_else(|| self.absorbed(b, a)).or_else(|| self.contradicted(a, b))
    }

    /// Rules that look below `b`.
    fn absorbed(&mut self, a: Edge, b: Edge) -> Option<Edge> {
        let Gate::And(c, d) = self.gate(b.node()) else { return None };
        if b.is_negated() {
            // a and not (a and d) = a and not d; a and not (not a and d) = a
            match (c == a, d == a) {
                (true, _) => return Some(self.and(a, !d)),
                (_, true) => return Some(self.and(a, !c)),
                _ => {}
            }
            (c == !a || d == !a).then_some(a)
        } else if c == a || d == a {
            Some(b)
        } else {
            (c == !a || d == !a).then_some(Edge::FALSE)
        }
    }

    /// (a and b) and (c and d) with a complement across is false.
    fn contradicted(&self, a: Edge, b: Edge) -> Option<Edge> {
        if a.is_negated() || b.is_negated() {
            return None;
        }
        let (Gate::And(p, q), Gate::And(r, s)) = (self.gate(a.node()), self.gate(b.node())) else {
            return None;
        };
        (p == !r || p == !s || q == !r || q == !s).then_some(Edge::FALSE)
    }

    /// `a or b`
    pub fn or(&mut self, a: Edge, b: Edge) -> Edge {
        !self.and(!a, !b)
    }

    /// `a implies b`
    pub fn implies(&mut self, a: Edge, b: Edge) -> Edge {
        !self.and(a, !b)
    }

    /// `a iff b`
    pub fn iff(&mut self, a: Edge, b: Edge) -> Edge {
        !self.xor(a, b)
    }

    /// `a` or `b`, but not both.
    pub fn xor(&mut self, a: Edge, b: Edge) -> Edge {
        match (a.known(), b.known()) {
            (Some(a), _) => return b ^ a,
            (_, Some(b)) => return a ^ b,
            _ => {}
        }
        // Negations move to the top, so that equal functions are built alike.
        let negate = a.is_negated() != b.is_negated();
        let (a, b) = (a.positive(), b.positive());
        let neither = self.and(!a, !b);
        let both = self.and(a, b);
        self.and(!neither, !both) ^ negate
    }

    /// `if c then a else b`
    pub fn ite(&mut self, c: Edge, a: Edge, b: Edge) -> Edge {
        match c.known() {
            Some(true) => return a,
            Some(false) => return b,
            None if a == b => return a,
            None if a == !b => return self.iff(c, a),
            None => {}
        }
        let then = self.and(c, a);
        let otherwise = self.and(!c, b);
        self.or(then, otherwise)
    }

    /// Conjunction, as a balanced tree.
    pub fn all(&mut self, edges: impl IntoIterator<Item = Edge>) -> Edge {
        let mut layer: Vec<Edge> = edges.into_iter().collect();
        layer.sort_unstable();
        layer.dedup();
        while layer.len() > 1 {
            layer = layer
                .chunks(2)
                .map(|pair| match *pair {
                    [a, b] => self.and(a, b),
                    [a] => a,
                    _ => Edge::TRUE,
                })
                .collect();
        }
        layer.first().copied().unwrap_or(Edge::TRUE)
    }

    /// Disjunction, as a balanced tree.
    pub fn any(&mut self, edges: impl IntoIterator<Item = Edge>) -> Edge {
        !self.all(edges.into_iter().map(|e| !e))
    }

    /// The conjuncts of an edge: what its topmost conjunctions join.
    pub fn conjuncts(&self, edge: Edge) -> Vec<Edge> {
        let mut found = Vec::new();
        let mut todo = vec![edge];
        while let Some(edge) = todo.pop() {
            match self.gate(edge.node()) {
                Gate::And(a, b) if !edge.is_negated() => todo.extend([a, b]),
                _ => found.push(edge),
            }
        }
        found.sort_unstable();
        found.dedup();
        found
    }

    /// Which nodes the edges depend on: marks by node.
    pub fn cone(&self, edges: impl IntoIterator<Item = Edge>) -> Vec<bool> {
        let mut marked = vec![false; self.gates.len()];
        let mut todo: Vec<u32> = edges.into_iter().map(Edge::node).collect();
        while let Some(node) = todo.pop() {
            match marked.get_mut(node as usize) {
                Some(mark) if !*mark => *mark = true,
                _ => continue,
            }
            if let Gate::And(a, b) = self.gate(node) {
                todo.extend([a.node(), b.node()]);
            }
        }
        marked
    }

    /// The values of all nodes; `leaf` says those of the leaves.
    pub fn evaluate(&self, mut leaf: impl FnMut(u32) -> bool) -> Values {
        let mut values = Values(Vec::with_capacity(self.gates.len()));
        for (node, gate) in self.gates() {
            let value = match gate {
                Gate::False => false,
                Gate::Leaf => leaf(node),
                Gate::And(a, b) => values.of(a) && values.of(b),
            };
            values.0.push(value);
        }
        values
    }
}

/// Truth values of all nodes of a graph.
#[derive(Clone, Debug)]
pub struct Values(Vec<bool>);

impl Values {
    /// The value of an edge.
    pub fn of(&self, edge: Edge) -> bool {
        self.0.get(edge.index()).copied().unwrap_or(false) != edge.is_negated()
    }
}

/// Rebuilds the functions of one graph in another.
pub struct Copier {
    images: Vec<Option<Edge>>,
}

impl Copier {
    /// A copier that knows only the constant.
    pub fn new(from: &Graph) -> Copier {
        let mut images = vec![None; from.len()];
        if let Some(first) = images.first_mut() {
            *first = Some(Edge::FALSE);
        }
        Copier { images }
    }

    /// Says what a node becomes.
    pub fn set(&mut self, node: u32, image: Edge) {
        if let Some(place) = self.images.get_mut(node as usize) {
            *place = Some(image);
        }
    }

    /// What an edge has become, if it has been rebuilt.
    pub fn image(&self, edge: Edge) -> Option<Edge> {
        let image = self.images.get(edge.index()).copied().flatten()?;
        Some(image ^ edge.is_negated())
    }

    /// Rebuilds an edge; leaves without an image become new leaves.
    pub fn copy(&mut self, from: &Graph, into: &mut Graph, edge: Edge) -> Edge {
        let mut todo = vec![edge.node()];
        while let Some(&node) = todo.last() {
            if self.image(Edge::to(node)).is_some() {
                todo.pop();
                continue;
            }
            let image = match from.gate(node) {
                Gate::False => Edge::FALSE,
                Gate::Leaf => into.leaf(),
                Gate::And(a, b) => match (self.image(a), self.image(b)) {
                    (Some(a), Some(b)) => into.and(a, b),
                    _ => {
                        todo.extend([a.node(), b.node()]);
                        continue;
                    }
                },
            };
            self.set(node, image);
            todo.pop();
        }
        self.image(edge).unwrap_or(Edge::FALSE)
    }
}
