//! Strongly connected components of a marked graph, and fair ones among them.

/// A step to a node; its marks are a number of the graph's table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Edge {
    /// To which node.
    pub to: u32,
    /// Which marks.
    pub marks: u32,
}

/// A graph; the steps of a node stand together.
#[derive(Clone, Debug, Default)]
pub struct Graph {
    /// All steps.
    pub edges: Vec<Edge>,
    /// Where the steps of each node begin; one more than there are nodes.
    pub offsets: Vec<usize>,
    /// Sets of marks by number.
    pub marks: Vec<u128>,
}

/// What must hold of the steps that are taken for ever.
#[derive(Clone, Debug, Default)]
pub struct Conditions {
    /// Each of these marks is on some step.
    pub some: u128,
    /// Each of these marks is missing on some step.
    pub missing: u128,
    /// Where the first mark is on some step, the second is.
    pub compassion: Vec<(u128, u128)>,
}

/// A component that can be walked for ever, without steps that have a forbidden mark.
#[derive(Clone, Debug)]
pub struct Component {
    /// Its nodes.
    pub nodes: Vec<u32>,
    /// Marks of steps that are not taken.
    pub forbidden: u128,
    /// The marks on some step.
    pub some: u128,
    /// The marks on every step.
    pub every: u128,
}

impl Graph {
    /// The number of nodes.
    pub fn size(&self) -> usize {
        self.offsets.len().saturating_sub(1)
    }

    /// The steps of a node.
    pub fn from(&self, node: u32) -> &[Edge] {
        let start = self.offsets.get(node as usize).copied().unwrap_or(0);
        let end = self.offsets.get(node as usize + 1).copied().unwrap_or(start);
        self.edges.get(start..end).unwrap_or(&[])
    }

    /// The marks of a step.
    pub fn marks(&self, edge: Edge) -> u128 {
        self.marks.get(edge.marks as usize).copied().unwrap_or(0)
    }

    /// The fair component that has the least node, if there is one.
    pub fn fair_component(&self, conditions: &Conditions) -> Option<Component> {
        let all: Vec<u32> = (0..u32::try_from(self.size()).unwrap_or(u32::MAX)).collect();
        let mut regions = vec![0u32; self.size()];
        let mut region = 0;
        let mut todo = vec![(all, 0u128)];
        let mut best: Option<Component> = None;
        while let Some((nodes, forbidden)) = todo.pop() {
            region += 1;
            for node in &nodes {
                if let Some(place) = regions.get_mut(*node as usize) {
                    *place = region;
                }
            }
            let within = |edge: &Edge| {
                regions.get(edge.to as usize) == Some(&region) && self.marks(*edge) & forbidden == 0
            };
            for nodes in Tarjan::new(self, &nodes, &within).run() {
                let Some(component) = self.component(nodes, forbidden) else { continue };
                let refused = conditions.some & !component.some != 0
                    || conditions.missing & component.every != 0;
                if refused {
                    continue;
                }
                let broken = conditions.compassion.iter().filter(|(premise, recurs)| {
                    component.some & premise != 0 && component.some & recurs == 0
                });
                let more = broken.fold(0, |all, (premise, _)| all | premise);
                if more != 0 {
                    todo.push((component.nodes, forbidden | more));
                } else if best.as_ref().is_none_or(|best| least(best) > least(&component)) {
                    best = Some(component);
                }
            }
        }
        best
    }

    /// The steps inside a set of nodes; `None` if there are none.
    fn component(&self, mut nodes: Vec<u32>, forbidden: u128) -> Option<Component> {
        nodes.sort_unstable();
        let (mut some, mut every, mut any) = (0, u128::MAX, false);
        for node in &nodes {
            for edge in self.from(*node) {
                let marks = self.marks(*edge);
                if marks & forbidden == 0 && nodes.binary_search(&edge.to).is_ok() {
                    (some, every, any) = (some | marks, every & marks, true);
                }
            }
        }
        any.then_some(Component { nodes, forbidden, some, every })
    }

    /// The nodes from which some step with all these marks can be reached.
    pub fn can_reach(&self, marks: u128) -> Vec<bool> {
        let mut back: Vec<Vec<u32>> = vec![Vec::new(); self.size()];
        let mut can = vec![false; self.size()];
        let mut todo = Vec::new();
        for node in 0..u32::try_from(self.size()).unwrap_or(u32::MAX) {
            for edge in self.from(node) {
                if self.marks(*edge) & marks == marks {
                    todo.push(node);
                }
                if let Some(into) = back.get_mut(edge.to as usize) {
                    into.push(node);
                }
            }
        }
        while let Some(node) = todo.pop() {
            let Some(place) = can.get_mut(node as usize) else { continue };
            if !std::mem::replace(place, true) {
                todo.extend(back.get(node as usize).into_iter().flatten());
            }
        }
        can
    }
}

fn least(component: &Component) -> u32 {
    component.nodes.first().copied().unwrap_or(u32::MAX)
}

/// Tarjan's algorithm, with a stack of its own.
struct Tarjan<'a, F> {
    graph: &'a Graph,
    within: &'a F,
    roots: &'a [u32],
    index: Vec<u32>,
    low: Vec<u32>,
    on_stack: Vec<bool>,
    stack: Vec<u32>,
    next: u32,
    found: Vec<Vec<u32>>,
}

const NEW: u32 = u32::MAX;

impl<'a, F: Fn(&Edge) -> bool> Tarjan<'a, F> {
    fn new(graph: &'a Graph, roots: &'a [u32], within: &'a F) -> Self {
        let size = graph.size();
        Tarjan {
            graph,
            within,
            roots,
            index: vec![NEW; size],
            low: vec![NEW; size],
            on_stack: vec![false; size],
            stack: Vec::new(),
            next: 0,
            found: Vec::new(),
        }
    }

    fn run(mut self) -> Vec<Vec<u32>> {
        for root in self.roots {
            if self.get(*root) == NEW {
                self.visit(*root);
            }
        }
        self.found
    }

    fn get(&self, node: u32) -> u32 {
        self.index.get(node as usize).copied().unwrap_or(NEW)
    }

    fn low(&self, node: u32) -> u32 {
        self.low.get(node as usize).copied().unwrap_or(NEW)
    }

    fn lower(&mut self, node: u32, to: u32) {
        if let Some(place) = self.low.get_mut(node as usize) {
            *place = to.min(*place);
        }
    }

    fn open(&mut self, node: u32) {
        let n = node as usize;
        if let (Some(index), Some(low), Some(on)) =
            (self.index.get_mut(n), self.low.get_mut(n), self.on_stack.get_mut(n))
        {
            (*index, *low, *on) = (self.next, self.next, true);
        }
        self.next += 1;
        self.stack.push(node);
    }

    fn visit(&mut self, root: u32) {
        self.open(root);
        let mut calls = vec![(root, 0usize)];
        while let Some((node, at)) = calls.last_mut() {
            let node = *node;
            let Some(edge) = self.graph.from(node).get(*at).copied() else {
                calls.pop();
                if let Some((parent, _)) = calls.last() {
                    let low = self.low(node);
                    self.lower(*parent, low);
                }
                self.close(node);
                continue;
            };
            *at += 1;
            if !(self.within)(&edge) {
                continue;
            }
            if self.get(edge.to) == NEW {
                self.open(edge.to);
                calls.push((edge.to, 0));
            } else if self.on_stack.get(edge.to as usize) == Some(&true) {
                let index = self.get(edge.to);
                self.lower(node, index);
            }
        }
    }

    fn close(&mut self, node: u32) {
        if self.low(node) != self.get(node) {
            return;
        }
        let at = self.stack.iter().rposition(|open| *open == node).unwrap_or(0);
        let component = self.stack.split_off(at);
        for node in &component {
            if let Some(place) = self.on_stack.get_mut(*node as usize) {
                *place = false;
            }
        }
        self.found.push(component);
    }
}
