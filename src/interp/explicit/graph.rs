//! A ground program as a graph of operations on whole numbers, each written once and folded.
//!
//! Every node knows the interval its value lies in (so that what can never overflow needs no
//! check, and a comparison decided by intervals is no operation at all) and its *stage*: 0 when it
//! rests on the state alone, `k` when it also rests on the `k`th drawn value. A search then works
//! out each node once per state or per value that it rests on, not once per successor.
//!
//! What the search cannot compute is a *bar*: a node that bars the program when it is needed, and
//! does no harm when it is not.

use indexmap::IndexSet;
use rustc_hash::FxHashMap;

/// A node of its [`Graph`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Ref(pub u32);

/// An operation. Truth values are 0 and 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Op {
    /// A constant.
    Const(i64),
    /// A cell or drawn value, by number.
    Variable(u32),
    /// What cannot be computed, by number of its reason.
    Bar(u32),
    /// Sum.
    Add(Ref, Ref),
    /// Difference.
    Sub(Ref, Ref),
    /// Product.
    Mul(Ref, Ref),
    /// Euclidean quotient; 0 where the divisor is 0.
    Div(Ref, Ref),
    /// Euclidean remainder; 0 where the divisor is 0.
    Mod(Ref, Ref),
    /// The smaller.
    Min(Ref, Ref),
    /// The larger.
    Max(Ref, Ref),
    /// Less.
    Lt(Ref, Ref),
    /// Less or equal.
    Le(Ref, Ref),
    /// Equal.
    Eq(Ref, Ref),
    /// Both.
    And(Ref, Ref),
    /// Either.
    Or(Ref, Ref),
    /// Negation.
    Not(Ref),
    /// A conditional.
    If(Ref, Ref, Ref),
    /// The nth of a list of nodes; the first outside it.
    Pick(u32, Ref),
    /// The nth of a table of constants; the first outside it.
    Lookup(u32, Ref),
}

/// A node.
#[derive(Clone, Copy, Debug)]
pub struct Node {
    /// Its operation.
    pub op: Op,
    /// Least value.
    pub lo: i64,
    /// Greatest value.
    pub hi: i64,
    /// The last drawn value it rests on.
    pub stage: u32,
}

/// Why a program cannot be run by this search.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Bar {
    /// Something has infinitely many values.
    Infinite(String),
    /// Numbers beyond 64 bits may arise.
    Overflow,
    /// A value may rest on itself; only the slow search follows such reads.
    Cycle,
}

/// Operations on numbers.
#[derive(Clone, Debug, Default)]
pub struct Graph {
    nodes: Vec<Node>,
    index: FxHashMap<Op, Ref>,
    lists: IndexSet<Vec<Ref>>,
    tables: IndexSet<Vec<i64>>,
    bars: Vec<Bar>,
}

/// Most nodes of a program.
pub const LIMIT: usize = 4_000_000;

impl Graph {
    /// The number of nodes.
    pub fn size(&self) -> usize {
        self.nodes.len()
    }

    /// A node.
    pub fn node(&self, at: Ref) -> Node {
        let absent = Node { op: Op::Const(0), lo: 0, hi: 0, stage: 0 };
        self.nodes.get(at.0 as usize).copied().unwrap_or(absent)
    }

    /// The constant a node is, if it is one.
    pub fn known(&self, at: Ref) -> Option<i64> {
        match self.node(at).op {
            Op::Const(n) => Some(n),
            _ => None,
        }
    }

    /// A list of nodes that a [`Op::Pick`] picks from.
    pub fn list(&self, list: u32) -> &[Ref] {
        self.lists.get_index(list as usize).map_or(&[], Vec::as_slice)
    }

    /// A table that a [`Op::Lookup`] looks up.
    pub fn table(&self, table: u32) -> &[i64] {
        self.tables.get_index(table as usize).map_or(&[], Vec::as_slice)
    }

    /// A bar's reason.
    pub fn reason(&self, bar: u32) -> Option<&Bar> {
        self.bars.get(bar as usize)
    }

    /// The nodes that a node rests on.
    pub fn operands(&self, op: Op) -> Vec<Ref> {
        match op {
            Op::Const(_) | Op::Variable(_) | Op::Bar(_) => vec![],
            Op::Not(a) | Op::Lookup(_, a) => vec![a],
            Op::Add(a, b)
            | Op::Sub(a, b)
            | Op::Mul(a, b)
            | Op::Div(a, b)
            | Op::Mod(a, b)
            | Op::Min(a, b)
            | Op::Max(a, b)
            | Op::Lt(a, b)
            | Op::Le(a, b)
            | Op::Eq(a, b)
            | Op::And(a, b)
            | Op::Or(a, b) => vec![a, b],
            Op::If(a, b, c) => vec![a, b, c],
            Op::Pick(list, a) => self.list(list).iter().copied().chain([a]).collect(),
        }
    }

    pub(super) fn put(&mut self, op: Op, lo: i64, hi: i64) -> Ref {
        if let Some(&at) = self.index.get(&op) {
            return at;
        }
        let stage = self.operands(op).into_iter().map(|at| self.node(at).stage).max().unwrap_or(0);
        self.push(Node { op, lo, hi, stage })
    }

    fn push(&mut self, node: Node) -> Ref {
        let at = Ref(u32::try_from(self.nodes.len()).unwrap_or(u32::MAX));
        self.nodes.push(node);
        self.index.insert(node.op, at);
        at
    }

    /// A constant.
    pub fn constant(&mut self, n: i64) -> Ref {
        self.put(Op::Const(n), n, n)
    }

    /// A truth value.
    pub fn truth(&mut self, b: bool) -> Ref {
        self.constant(i64::from(b))
    }

    /// A cell (`stage` 0) or a drawn value.
    pub fn variable(&mut self, number: u32, lo: i64, hi: i64, stage: u32) -> Ref {
        if lo == hi {
            return self.constant(lo);
        }
        self.push(Node { op: Op::Variable(number), lo, hi, stage })
    }

    /// What cannot be computed.
    pub fn bar(&mut self, reason: Bar) -> Ref {
        let found = self.bars.iter().position(|bar| *bar == reason);
        let bar = found.unwrap_or_else(|| {
            self.bars.push(reason);
            self.bars.len() - 1
        });
        self.put(Op::Bar(u32::try_from(bar).unwrap_or(u32::MAX)), i64::MIN, i64::MAX)
    }

    /// The bar that an unbounded operand passes on.
    pub(super) fn barred(&mut self, operands: &[Ref]) -> Option<Ref> {
        let bar = operands.iter().find(|at| matches!(self.node(**at).op, Op::Bar(_)));
        bar.copied()
    }

    pub(super) fn bounded(&mut self, op: Op, lo: i128, hi: i128) -> Ref {
        match (i64::try_from(lo), i64::try_from(hi)) {
            (Ok(lo), Ok(hi)) if lo == hi => self.constant(lo),
            (Ok(lo), Ok(hi)) => self.put(op, lo, hi),
            _ => self.bar(Bar::Overflow),
        }
    }

    pub(super) fn ends(&self, at: Ref) -> (i128, i128) {
        let node = self.node(at);
        (node.lo.into(), node.hi.into())
    }

    /// Sum.
    pub fn add(&mut self, a: Ref, b: Ref) -> Ref {
        if let Some(bar) = self.barred(&[a, b]) {
            return bar;
        }
        let ((al, ah), (bl, bh)) = (self.ends(a), self.ends(b));
        match (self.known(a), self.known(b)) {
            (Some(0), _) => b,
            (_, Some(0)) => a,
            _ => self.bounded(Op::Add(a.min(b), a.max(b)), al + bl, ah + bh),
        }
    }

    /// Difference.
    pub fn sub(&mut self, a: Ref, b: Ref) -> Ref {
        if let Some(bar) = self.barred(&[a, b]) {
            return bar;
        }
        if a == b {
            return self.constant(0);
        }
        if self.known(b) == Some(0) {
            return a;
        }
        let ((al, ah), (bl, bh)) = (self.ends(a), self.ends(b));
        self.bounded(Op::Sub(a, b), al - bh, ah - bl)
    }

    /// Product.
    pub fn mul(&mut self, a: Ref, b: Ref) -> Ref {
        if let Some(bar) = self.barred(&[a, b]) {
            return bar;
        }
        match (self.known(a), self.known(b)) {
            (Some(1), _) => return b,
            (_, Some(1)) => return a,
            _ => {}
        }
        let ((al, ah), (bl, bh)) = (self.ends(a), self.ends(b));
        let corners = [al * bl, al * bh, ah * bl, ah * bh];
        let lo = corners.into_iter().min().unwrap_or(0);
        let hi = corners.into_iter().max().unwrap_or(0);
        self.bounded(Op::Mul(a.min(b), a.max(b)), lo, hi)
    }

    /// Euclidean quotient.
    pub fn div(&mut self, a: Ref, b: Ref) -> Ref {
        if let Some(bar) = self.barred(&[a, b]) {
            return bar;
        }
        if let (Some(x), Some(y)) = (self.known(a), self.known(b)) {
            let quotient = x.checked_div_euclid(y).unwrap_or(0);
            return self.constant(quotient);
        }
        if self.known(b) == Some(1) {
            return a;
        }
        let ((al, ah), (bl, _)) = (self.ends(a), self.ends(b));
        if al >= 0 && bl > 0 {
            return self.bounded(Op::Div(a, b), 0, ah / bl);
        }
        let most = al.abs().max(ah.abs()) + 1;
        self.bounded(Op::Div(a, b), -most, most)
    }

    /// Euclidean remainder.
    pub fn rem(&mut self, a: Ref, b: Ref) -> Ref {
        if let Some(bar) = self.barred(&[a, b]) {
            return bar;
        }
        if let (Some(x), Some(y)) = (self.known(a), self.known(b)) {
            return self.constant(x.checked_rem_euclid(y).unwrap_or(0));
        }
        let (bl, bh) = self.ends(b);
        let most = (bl.abs().max(bh.abs()) - 1).max(0);
        self.bounded(Op::Mod(a, b), 0, most)
    }

    /// The smaller.
    pub fn min(&mut self, a: Ref, b: Ref) -> Ref {
        if let Some(bar) = self.barred(&[a, b]) {
            return bar;
        }
        let ((al, ah), (bl, bh)) = (self.ends(a), self.ends(b));
        if a == b || ah <= bl {
            return a;
        }
        if bh <= al {
            return b;
        }
        self.bounded(Op::Min(a.min(b), a.max(b)), al.min(bl), ah.min(bh))
    }

    /// The larger.
    pub fn max(&mut self, a: Ref, b: Ref) -> Ref {
        if let Some(bar) = self.barred(&[a, b]) {
            return bar;
        }
        let ((al, ah), (bl, bh)) = (self.ends(a), self.ends(b));
        if a == b || al >= bh {
            return a;
        }
        if bl >= ah {
            return b;
        }
        self.bounded(Op::Max(a.min(b), a.max(b)), al.max(bl), ah.max(bh))
    }

    /// The nth of several.
    pub fn pick(&mut self, list: Vec<Ref>, at: Ref) -> Ref {
        if let Some(n) = self.known(at) {
            let first = list.first().copied().unwrap_or(Ref(0));
            return usize::try_from(n).ok().and_then(|n| list.get(n)).copied().unwrap_or(first);
        }
        if let Some(bar) = self.barred(&[at]) {
            return bar;
        }
        if let Some(bar) = self.barred(&list) {
            return bar;
        }
        if let [only] = list.as_slice() {
            return *only;
        }
        let (mut lo, mut hi) = (i64::MAX, i64::MIN);
        for node in list.iter().map(|at| self.node(*at)) {
            (lo, hi) = (lo.min(node.lo), hi.max(node.hi));
        }
        if lo == hi {
            return self.constant(lo);
        }
        let (n, _) = self.lists.insert_full(list);
        self.put(Op::Pick(u32::try_from(n).unwrap_or(u32::MAX), at), lo, hi)
    }

    /// The nth of several constants.
    pub fn lookup(&mut self, table: Vec<i64>, at: Ref) -> Ref {
        let first = table.first().copied().unwrap_or(0);
        if let Some(n) = self.known(at) {
            let n = usize::try_from(n).ok().and_then(|n| table.get(n)).copied().unwrap_or(first);
            return self.constant(n);
        }
        if let Some(bar) = self.barred(&[at]) {
            return bar;
        }
        let lo = table.iter().copied().min().unwrap_or(0);
        let hi = table.iter().copied().max().unwrap_or(0);
        if lo == hi {
            return self.constant(lo);
        }
        let (n, _) = self.tables.insert_full(table);
        self.put(Op::Lookup(u32::try_from(n).unwrap_or(u32::MAX), at), lo, hi)
    }
}
