//! Interned temporal formulas and their progression through one period.
//!
//! Progression (Bacchus and Kabanza, *Planning for temporally extended goals*, 1998): a formula
//! holds of a run from period `i` iff the formula progressed through period `i` holds from `i + 1`.
//! A formula that has become false is refuted by the periods so far, whatever follows.
//! Simplification keeps the formulas few: conjunctions are sets, and of two deadlines on one
//! thing the stricter (or in a disjunction the laxer) is kept.

use rustc_hash::FxHashMap;

/// A formula of its [`Formulas`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Formula(u32);

/// What a formula says.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Node {
    /// Nothing.
    True,
    /// A contradiction.
    False,
    /// The atom is true in the current period.
    Atom(u32),
    /// The atom was true in the period just progressed through, where its truth was not known.
    Pending(u32),
    /// Negation.
    Not(Formula),
    /// Conjunction, sorted and without repetition.
    And(Vec<Formula>),
    /// Disjunction, sorted and without repetition.
    Or(Vec<Formula>),
    /// In the next period.
    Next(Formula),
    /// From now on.
    Always(Formula),
    /// Some time from now on.
    Eventually(Formula),
    /// The first until the second, which comes.
    Until(Formula, Formula),
    /// Now, or before so many more periods (or ticks, see [`Formulas::within`]) have passed.
    Within(u32, Option<u32>, Formula),
}

/// Whether an atom holds in a period.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Truth {
    /// It does.
    True,
    /// It does not.
    False,
    /// Not known, or without value.
    Unknown,
}

impl From<bool> for Truth {
    fn from(b: bool) -> Truth {
        if b { Truth::True } else { Truth::False }
    }
}

/// A table of formulas, each kept once.
#[derive(Clone, Debug)]
pub struct Formulas {
    nodes: Vec<Node>,
    index: FxHashMap<Node, Formula>,
}

impl Default for Formulas {
    fn default() -> Formulas {
        let mut formulas = Formulas { nodes: Vec::new(), index: FxHashMap::default() };
        formulas.intern(Node::False);
        formulas.intern(Node::True);
        formulas
    }
}

/// The false formula.
pub const FALSE: Formula = Formula(0);
/// The true formula.
pub const TRUE: Formula = Formula(1);

impl Formulas {
    fn intern(&mut self, node: Node) -> Formula {
        if let Some(&formula) = self.index.get(&node) {
            return formula;
        }
        let formula = Formula(u32::try_from(self.nodes.len()).unwrap_or(u32::MAX));
        self.nodes.push(node.clone());
        self.index.insert(node, formula);
        formula
    }

    /// What a formula says.
    pub fn node(&self, formula: Formula) -> &Node {
        self.nodes.get(formula.0 as usize).unwrap_or(&Node::False)
    }

    /// A truth value.
    pub fn constant(&self, value: bool) -> Formula {
        if value { TRUE } else { FALSE }
    }

    /// An atom.
    pub fn atom(&mut self, atom: u32) -> Formula {
        self.intern(Node::Atom(atom))
    }

    /// Negation, pushed inwards where that helps to compare formulas.
    pub fn not(&mut self, formula: Formula) -> Formula {
        match self.node(formula).clone() {
            Node::True => FALSE,
            Node::False => TRUE,
            Node::Not(inner) => inner,
            Node::And(parts) => {
                let parts = parts.into_iter().map(|part| self.not(part)).collect();
                self.or(parts)
            }
            Node::Or(parts) => {
                let parts = parts.into_iter().map(|part| self.not(part)).collect();
                self.and(parts)
            }
            Node::Next(inner) => {
                let inner = self.not(inner);
                self.next(inner)
            }
            Node::Always(inner) => {
                let inner = self.not(inner);
                self.eventually(inner)
            }
            Node::Eventually(inner) => {
                let inner = self.not(inner);
                self.always(inner)
            }
            _ => self.intern(Node::Not(formula)),
        }
    }

    /// Conjunction.
    pub fn and(&mut self, parts: Vec<Formula>) -> Formula {
        self.join(parts, true)
    }

    /// Disjunction.
    pub fn or(&mut self, parts: Vec<Formula>) -> Formula {
        self.join(parts, false)
    }

    fn join(&mut self, parts: Vec<Formula>, and: bool) -> Formula {
        let (neutral, absorbing) = if and { (TRUE, FALSE) } else { (FALSE, TRUE) };
        let mut set = Vec::new();
        for part in parts {
            match (and, self.node(part)) {
                (true, Node::And(inner)) | (false, Node::Or(inner)) => set.extend(inner.clone()),
                _ if part == absorbing => return absorbing,
                _ if part == neutral => {}
                _ => set.push(part),
            }
        }
        set.sort_unstable();
        set.dedup();
        let opposed = |part: &Formula| match self.node(*part) {
            Node::Not(inner) => set.binary_search(inner).is_ok(),
            _ => false,
        };
        if set.iter().any(opposed) {
            return absorbing;
        }
        self.keep_decisive(&mut set, and);
        match set.as_slice() {
            [] => neutral,
            [only] => *only,
            _ => self.intern(if and { Node::And(set) } else { Node::Or(set) }),
        }
    }

    /// Of several deadlines on one thing, keeps the strictest in a conjunction, the laxest in a
    /// disjunction; the other way round under a negation.
    fn keep_decisive(&self, set: &mut Vec<Formula>, and: bool) {
        let mut decisive: FxHashMap<(bool, Option<u32>, Formula), (u32, Formula)> =
            FxHashMap::default();
        for &part in set.iter() {
            let Some((negated, left, tick, body)) = self.deadline(part) else { continue };
            let kept = decisive.entry((negated, tick, body)).or_insert((left, part));
            if (left < kept.0) == (and != negated) {
                *kept = (left, part);
            }
        }
        set.retain(|&part| match self.deadline(part) {
            Some((negated, _, tick, body)) => {
                decisive.get(&(negated, tick, body)).is_none_or(|kept| kept.1 == part)
            }
            None => true,
        });
    }

    fn deadline(&self, formula: Formula) -> Option<(bool, u32, Option<u32>, Formula)> {
        match *self.node(formula) {
            Node::Within(left, tick, body) => Some((false, left, tick, body)),
            Node::Not(inner) => match *self.node(inner) {
                Node::Within(left, tick, body) => Some((true, left, tick, body)),
                _ => None,
            },
            _ => None,
        }
    }

    /// In the next period.
    pub fn next(&mut self, formula: Formula) -> Formula {
        if formula == TRUE || formula == FALSE { formula } else { self.intern(Node::Next(formula)) }
    }

    /// From now on.
    pub fn always(&mut self, formula: Formula) -> Formula {
        match self.node(formula) {
            Node::True | Node::False | Node::Always(_) => formula,
            _ => self.intern(Node::Always(formula)),
        }
    }

    /// Some time from now on.
    pub fn eventually(&mut self, formula: Formula) -> Formula {
        match self.node(formula) {
            Node::True | Node::False | Node::Eventually(_) => formula,
            _ => self.intern(Node::Eventually(formula)),
        }
    }

    /// The first until the second, which comes.
    pub fn until(&mut self, first: Formula, second: Formula) -> Formula {
        match (first, second) {
            (_, TRUE) | (_, FALSE) | (FALSE, _) => second,
            (TRUE, _) => self.eventually(second),
            _ => self.intern(Node::Until(first, second)),
        }
    }

    /// Now or in one of the `left` periods after it; with a tick (an atom), no later than the
    /// period after the one in which it occurs for the `left`th time, and nothing is due if it
    /// does not occur so often.
    pub fn within(&mut self, left: u32, tick: Option<u32>, body: Formula) -> Formula {
        let vain = body == FALSE && tick.is_none();
        if left == 0 || body == TRUE || vain {
            return body;
        }
        self.intern(Node::Within(left, tick, body))
    }

    /// The formula that must hold from the next period on.
    pub fn progress(&mut self, formula: Formula, truths: &[Truth]) -> Formula {
        stacker::maybe_grow(64 * 1024, 1024 * 1024, || self.progress_node(formula, truths))
    }

    fn progress_node(&mut self, formula: Formula, truths: &[Truth]) -> Formula {
        match self.node(formula).clone() {
            Node::True | Node::False | Node::Pending(_) => formula,
            Node::Atom(atom) => match truths.get(atom as usize) {
                Some(Truth::True) => TRUE,
                Some(Truth::False) => FALSE,
                _ => self.intern(Node::Pending(atom)),
            },
            Node::Not(inner) => {
                let inner = self.progress(inner, truths);
                self.not(inner)
            }
            Node::And(parts) => {
                let parts = parts.into_iter().map(|part| self.progress(part, truths)).collect();
                self.and(parts)
            }
            Node::Or(parts) => {
                let parts = parts.into_iter().map(|part| self.progress(part, truths)).collect();
                self.or(parts)
            }
            Node::Next(inner) => inner,
            Node::Always(inner) => {
                let now = self.progress(inner, truths);
                self.and(vec![now, formula])
            }
            Node::Eventually(inner) => {
                let now = self.progress(inner, truths);
                self.or(vec![now, formula])
            }
            Node::Until(first, second) => {
                let now = self.progress(second, truths);
                let meanwhile = self.progress(first, truths);
                let rest = self.and(vec![meanwhile, formula]);
                self.or(vec![now, rest])
            }
            Node::Within(left, tick, body) => {
                let now = self.progress(body, truths);
                let later = self.later(left, tick, body, truths);
                self.or(vec![now, later])
            }
        }
    }

    fn later(&mut self, left: u32, tick: Option<u32>, body: Formula, truths: &[Truth]) -> Formula {
        let sooner = self.within(left.saturating_sub(1), tick, body);
        let Some(tick) = tick else { return sooner };
        let same = self.within(left, Some(tick), body);
        match truths.get(tick as usize) {
            Some(Truth::True) => sooner,
            Some(Truth::False) => same,
            _ => {
                let ticked = self.intern(Node::Pending(tick));
                let unticked = self.not(ticked);
                let one = self.and(vec![ticked, sooner]);
                let other = self.and(vec![unticked, same]);
                self.or(vec![one, other])
            }
        }
    }

    /// An atom whose truth was not known where it mattered.
    pub fn pending(&self, formula: Formula) -> Option<u32> {
        match self.node(formula) {
            Node::Pending(atom) => Some(*atom),
            Node::True | Node::False | Node::Atom(_) => None,
            Node::And(parts) | Node::Or(parts) => parts.iter().find_map(|part| self.pending(*part)),
            Node::Not(f)
            | Node::Next(f)
            | Node::Always(f)
            | Node::Eventually(f)
            | Node::Within(_, _, f) => self.pending(*f),
            Node::Until(f, g) => self.pending(*f).or_else(|| self.pending(*g)),
        }
    }

    /// The atoms that a formula speaks of, deadlines' ticks included.
    pub fn atoms(&self, formula: Formula) -> Vec<u32> {
        match self.node(formula) {
            Node::True | Node::False => vec![],
            Node::Atom(atom) | Node::Pending(atom) => vec![*atom],
            Node::And(parts) | Node::Or(parts) => {
                parts.iter().flat_map(|part| self.atoms(*part)).collect()
            }
            Node::Not(f) | Node::Next(f) | Node::Always(f) | Node::Eventually(f) => self.atoms(*f),
            Node::Until(f, g) => [self.atoms(*f), self.atoms(*g)].concat(),
            Node::Within(_, tick, f) => tick.iter().copied().chain(self.atoms(*f)).collect(),
        }
    }

    /// Whether every violation shows in finitely many periods: no eventuality counts positively.
    pub fn is_safety(&self, formula: Formula, positive: bool) -> bool {
        match self.node(formula) {
            Node::True | Node::False | Node::Atom(_) | Node::Pending(_) => true,
            Node::Not(inner) => self.is_safety(*inner, !positive),
            Node::And(parts) | Node::Or(parts) => {
                parts.iter().all(|part| self.is_safety(*part, positive))
            }
            Node::Next(inner) | Node::Within(_, None, inner) => self.is_safety(*inner, positive),
            Node::Always(inner) | Node::Within(_, Some(_), inner) => {
                positive && self.is_safety(*inner, positive)
            }
            Node::Eventually(inner) => !positive && self.is_safety(*inner, positive),
            Node::Until(first, second) => {
                !positive && self.is_safety(*first, positive) && self.is_safety(*second, positive)
            }
        }
    }

    /// Whether the formula speaks of one period only.
    pub fn is_present(&self, formula: Formula) -> bool {
        match self.node(formula) {
            Node::True | Node::False | Node::Atom(_) | Node::Pending(_) => true,
            Node::Not(inner) => self.is_present(*inner),
            Node::And(parts) | Node::Or(parts) => parts.iter().all(|part| self.is_present(*part)),
            _ => false,
        }
    }
}
