//! Intervals of terms under intervals of variables, and what conditions say about these.

use num_integer::Integer;
use num_traits::ToPrimitive;
use rustc_hash::FxHashMap;

use crate::term::{Node, Pool, Sort, Term, Var};

/// Most evaluations; after that it is too much work.
const PATIENCE: u32 = 1 << 20;
/// Most alternatives that are looked at one by one.
const ALTERNATIVES: usize = 16;

/// Whole numbers from `lo` to `hi`; `None` is no bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Interval {
    pub(super) lo: Option<i64>,
    pub(super) hi: Option<i64>,
}

impl Interval {
    pub(super) const ALL: Interval = Interval { lo: None, hi: None };

    fn point(n: i64) -> Interval {
        Interval { lo: Some(n), hi: Some(n) }
    }

    /// The least interval around both.
    pub(super) fn join(self, other: Interval) -> Interval {
        let lo = self.lo.zip(other.lo).map(|(a, b)| a.min(b));
        let hi = self.hi.zip(other.hi).map(|(a, b)| a.max(b));
        Interval { lo, hi }
    }

    fn is_empty(self) -> bool {
        self.lo.zip(self.hi).is_some_and(|(lo, hi)| lo > hi)
    }

    fn plus(self, other: Interval) -> Interval {
        let sum = |a: Option<i64>, b: Option<i64>| a.zip(b).and_then(|(a, b)| a.checked_add(b));
        Interval { lo: sum(self.lo, other.lo), hi: sum(self.hi, other.hi) }
    }

    fn times(self, factor: i64) -> Interval {
        let by = |n: Option<i64>| n.and_then(|n| n.checked_mul(factor));
        match factor {
            0 => Interval::point(0),
            f if f > 0 => Interval { lo: by(self.lo), hi: by(self.hi) },
            _ => Interval { lo: by(self.hi), hi: by(self.lo) },
        }
    }
}

/// Intervals of variables, narrowed and widened again as branches are gone into and left.
pub(super) struct Boxed<'p> {
    pool: &'p Pool,
    ranges: Vec<Interval>,
    trail: Vec<(usize, Interval, u32)>,
    /// Names the present intervals; new ones get a new name.
    version: u32,
    versions: u32,
    known: FxHashMap<(Term, u32), Option<Interval>>,
    work: u32,
}

impl<'p> Boxed<'p> {
    /// Under the variables' declared bounds.
    pub(super) fn new(pool: &'p Pool) -> Self {
        let count = u32::try_from(pool.variable_count()).unwrap_or(u32::MAX);
        let declared = (0..count).map(|n| Interval::of(pool.var_info(Var(n)).bounds));
        Boxed::over(pool, declared.collect())
    }

    /// Under these intervals.
    pub(super) fn over(pool: &'p Pool, ranges: Vec<Interval>) -> Self {
        let (trail, known) = (Vec::new(), FxHashMap::default());
        Boxed { pool, ranges, trail, version: 0, versions: 0, known, work: 0 }
    }

    pub(super) fn ranges(&self) -> &[Interval] {
        &self.ranges
    }

    /// Narrows by conditions, twice since one may help another; whether they can hold. `None` if it was too
    /// much work.
    pub(super) fn assume_all<'t>(
        &mut self,
        terms: impl Iterator<Item = &'t Term> + Clone,
    ) -> Option<bool> {
        let mut possible = true;
        for term in terms.clone().chain(terms) {
            possible &= self.assume(*term, true);
        }
        (self.work < PATIENCE).then_some(possible)
    }

    /// The interval of a number, or nothing where its branch is never taken. `None` if it was too much
    /// work.
    pub(super) fn value(&mut self, term: Term) -> Option<Option<Interval>> {
        let value = self.number(term);
        (self.work < PATIENCE).then_some(value)
    }

    fn number(&mut self, term: Term) -> Option<Interval> {
        if self.pool.sort(term) != Sort::Int || self.tired() {
            return Some(Interval::ALL);
        }
        let key = (term, self.version);
        if let Some(known) = self.known.get(&key) {
            return *known;
        }
        let value = stacker::maybe_grow(64 * 1024, 1024 * 1024, || self.evaluate(term));
        self.known.insert(key, value);
        value
    }

    fn tired(&mut self) -> bool {
        self.work += 1;
        self.work >= PATIENCE
    }

    fn evaluate(&mut self, term: Term) -> Option<Interval> {
        Some(match self.pool.node(term) {
            Node::Int(n) => n.to_i64().map_or(Interval::ALL, Interval::point),
            Node::Var(v) => self.ranges.get(v.0 as usize).copied().unwrap_or(Interval::ALL),
            Node::Add(list) => {
                let mut sum = Interval::point(0);
                for part in list {
                    sum = sum.plus(self.number(*part)?);
                }
                sum
            }
            Node::Mul(a, b) => match (self.pool.point(*a), self.pool.point(*b)) {
                (Some(factor), _) => self.number(*b)?.times(factor),
                (_, Some(factor)) => self.number(*a)?.times(factor),
                _ => Interval::of(self.pool.bounds(term)),
            },
            Node::Ite(c, a, b) => return self.either(*c, *a, *b),
            _ => Interval::of(self.pool.bounds(term)),
        })
    }

    fn either(&mut self, c: Term, a: Term, b: Term) -> Option<Interval> {
        let mut found: Option<Interval> = None;
        for (positive, branch) in [(true, a), (false, b)] {
            let mark = self.trail.len();
            let value = if self.assume(c, positive) { self.number(branch) } else { None };
            self.leave(mark);
            found = match (found, value) {
                (Some(one), Some(other)) => Some(one.join(other)),
                (one, other) => one.or(other),
            };
        }
        found
    }

    /// Narrows by a condition or its negation; `false` if it cannot hold.
    fn assume(&mut self, term: Term, positive: bool) -> bool {
        if self.tired() {
            return true;
        }
        let pool = self.pool;
        match (pool.node(term), positive) {
            (Node::Bool(b), _) => *b == positive,
            (Node::Not(a), _) => self.assume(*a, !positive),
            (Node::And(list), true) | (Node::Or(list), false) => {
                list.iter().all(|part| self.assume(*part, positive))
            }
            (Node::And(list), false) | (Node::Or(list), true) => self.one_of(list, positive),
            (Node::Le(a, b), true) => self.ordered(*a, *b, 0),
            (Node::Le(a, b), false) => self.ordered(*b, *a, 1),
            (Node::Eq(a, b), true) if pool.sort(*a) == Sort::Int => {
                self.ordered(*a, *b, 0) && self.ordered(*b, *a, 0)
            }
            (Node::Eq(a, b), false) if pool.sort(*a) == Sort::Int => {
                self.differs(*a, *b) && self.differs(*b, *a)
            }
            _ => true,
        }
    }

    /// At least one of these holds: the least intervals around what each of them leaves.
    fn one_of(&mut self, list: &[Term], positive: bool) -> bool {
        if list.len() > ALTERNATIVES {
            return true;
        }
        let mark = self.trail.len();
        let mut hull: Option<FxHashMap<usize, Interval>> = None;
        for part in list {
            if self.assume(*part, positive) {
                let changed = self.trail.get(mark..).unwrap_or_default().iter();
                let now = changed.filter_map(|(at, ..)| Some((*at, *self.ranges.get(*at)?)));
                let now: FxHashMap<usize, Interval> = now.collect();
                hull = Some(match hull {
                    None => now,
                    Some(so_far) => both(&so_far, &now),
                });
            }
            self.leave(mark);
        }
        let Some(hull) = hull else { return false };
        hull.into_iter().for_each(|(at, range)| self.set(at, range));
        true
    }

    /// `a + gap <= b`
    fn ordered(&mut self, a: Term, b: Term, gap: i64) -> bool {
        if self.pool.sort(a) != Sort::Int {
            return true;
        }
        let (Some(left), Some(right)) = (self.number(a), self.number(b)) else { return false };
        let most = right.hi.and_then(|hi| hi.checked_sub(gap));
        let least = left.lo.and_then(|lo| lo.checked_add(gap));
        most.is_none_or(|most| self.at_most(a, most))
            && least.is_none_or(|least| self.at_least(b, least))
    }

    /// `a != b`, where b is known
    fn differs(&mut self, a: Term, b: Term) -> bool {
        let (Some(left), Some(right)) = (self.number(a), self.number(b)) else { return false };
        let Some(n) = right.lo.filter(|_| right.lo == right.hi) else { return true };
        let above = left.lo != Some(n) || n.checked_add(1).is_none_or(|n| self.at_least(a, n));
        above && (left.hi != Some(n) || n.checked_sub(1).is_none_or(|n| self.at_most(a, n)))
    }

    fn at_most(&mut self, term: Term, most: i64) -> bool {
        self.within(term, Interval { lo: None, hi: Some(most) })
    }

    fn at_least(&mut self, term: Term, least: i64) -> bool {
        self.within(term, Interval { lo: Some(least), hi: None })
    }

    /// Narrows the variables of a linear term so that its value may lie in an interval.
    fn within(&mut self, term: Term, range: Interval) -> bool {
        let pool = self.pool;
        match pool.node(term) {
            Node::Var(v) => {
                let at = v.0 as usize;
                let Some(old) = self.ranges.get(at).copied() else { return true };
                let lo = old.lo.into_iter().chain(range.lo).max();
                let hi = old.hi.into_iter().chain(range.hi).min();
                let new = Interval { lo, hi };
                self.set(at, new);
                !new.is_empty()
            }
            Node::Add(list) => list.iter().enumerate().all(|(at, part)| {
                // A part may occur more than once.
                let mut rest = Interval::point(0);
                for (_, other) in list.iter().enumerate().filter(|(other, _)| *other != at) {
                    let Some(other) = self.number(*other) else { return false };
                    rest = rest.plus(other);
                }
                self.within(*part, range.plus(rest.times(-1)))
            }),
            Node::Mul(a, b) => match (pool.point(*a), pool.point(*b)) {
                (Some(factor), _) if factor != 0 => self.within(*b, divided(range, factor)),
                (_, Some(factor)) if factor != 0 => self.within(*a, divided(range, factor)),
                _ => true,
            },
            _ => match self.number(term) {
                Some(value) => !Interval {
                    lo: value.lo.into_iter().chain(range.lo).max(),
                    hi: value.hi.into_iter().chain(range.hi).min(),
                }
                .is_empty(),
                None => false,
            },
        }
    }

    fn set(&mut self, at: usize, range: Interval) {
        let Some(place) = self.ranges.get_mut(at).filter(|place| **place != range) else { return };
        self.trail.push((at, std::mem::replace(place, range), self.version));
        self.versions += 1;
        self.version = self.versions;
    }

    fn leave(&mut self, mark: usize) {
        while self.trail.len() > mark
            && let Some((at, old, version)) = self.trail.pop()
        {
            if let Some(place) = self.ranges.get_mut(at) {
                *place = old;
            }
            self.version = version;
        }
    }
}

/// What is narrowed in both.
fn both(
    one: &FxHashMap<usize, Interval>,
    other: &FxHashMap<usize, Interval>,
) -> FxHashMap<usize, Interval> {
    let join = |(at, range): (&usize, &Interval)| Some((*at, range.join(*other.get(at)?)));
    one.iter().filter_map(join).collect()
}

/// The numbers whose product with a factor lies in an interval.
fn divided(range: Interval, factor: i64) -> Interval {
    let up = |n: Option<i64>| n.map(|n| Integer::div_ceil(&n, &factor));
    let down = |n: Option<i64>| n.map(|n| Integer::div_floor(&n, &factor));
    match factor > 0 {
        true => Interval { lo: up(range.lo), hi: down(range.hi) },
        false => Interval { lo: up(range.hi), hi: down(range.lo) },
    }
}
