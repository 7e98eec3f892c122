//! Conditions without `and` and `or`: comparisons, truth values, members, common divisors, calendars.

use itertools::Itertools;
use rustc_hash::FxHashSet;

use super::beats::Beats;
use super::terms::{Term, Terms};
use super::{Point, Sample};

/// The most comparisons of one size that are tried.
const MOST_TRIED: usize = 3_000_000;
/// The most atoms kept.
const MOST_ATOMS: usize = 200_000;
/// What a condition on common divisors adds to the size of the term it is compared with.
const DIVISORS: usize = 7;
/// The size of a condition on two calendars.
const BEATS: usize = 9;
/// Common divisors are spelled out up to this number.
const MOST_DIVISOR: i64 = 1000;

/// How two numbers compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relation {
    /// `=`
    Equal,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>=`
    GreaterOrEqual,
    /// `>`
    Greater,
    /// `!=`
    Different,
}

impl Relation {
    const ALL: [Relation; 6] = [
        Relation::Equal,
        Relation::Less,
        Relation::LessOrEqual,
        Relation::GreaterOrEqual,
        Relation::Greater,
        Relation::Different,
    ];

    fn holds(self, a: i64, b: i64) -> bool {
        match self {
            Relation::Equal => a == b,
            Relation::Less => a < b,
            Relation::LessOrEqual => a <= b,
            Relation::GreaterOrEqual => a >= b,
            Relation::Greater => a > b,
            Relation::Different => a != b,
        }
    }

    fn sign(self) -> &'static str {
        match self {
            Relation::Equal => "=",
            Relation::Less => "<",
            Relation::LessOrEqual => "<=",
            Relation::GreaterOrEqual => ">=",
            Relation::Greater => ">",
            Relation::Different => "!=",
        }
    }
}

/// What an atom says.
#[derive(Clone, Debug)]
pub enum Kind {
    /// Two terms compared.
    Compare(Relation, usize, usize),
    /// A parameter is true, or false.
    Truth(usize, bool),
    /// A parameter is this member, or is not.
    Member(usize, String, bool),
    /// No common divisor of two parameters is larger than a term, or some is; up to the last number.
    Divisors(usize, usize, usize, bool, i64),
    /// Two calendars meet in time, or do not.
    Beats(Beats),
}

/// An atom with its truth at the points looked at.
#[derive(Clone, Debug)]
pub struct Atom {
    /// What it says.
    pub kind: Kind,
    /// How long it is to read.
    pub size: usize,
    /// A bit for each point.
    pub truth: u128,
}

/// All atoms found so far, no two with the same truth.
#[derive(Debug)]
pub struct Atoms {
    /// In order of size.
    pub all: Vec<Atom>,
    seen: FxHashSet<u128>,
}

impl Atoms {
    /// None yet; what is true everywhere or nowhere will never be one.
    pub fn new(everywhere: u128) -> Atoms {
        Atoms { all: Vec::new(), seen: [0, everywhere].into_iter().collect() }
    }

    fn add(&mut self, kind: Kind, size: usize, truth: u128) {
        if self.all.len() < MOST_ATOMS && self.seen.insert(truth) {
            self.all.push(Atom { kind, size, truth });
        }
    }

    /// Adds the atoms of this size.
    pub fn grow(&mut self, size: usize, samples: &[&Sample], terms: &Terms, most: i64) {
        self.plain(size, samples);
        self.comparisons(size, terms);
        if let Some(rest) = size.checked_sub(DIVISORS) {
            self.divisors(size, rest, samples, terms, most);
        }
        if size == BEATS && terms.are_whole() {
            self.beats(samples, terms);
        }
    }

    fn plain(&mut self, size: usize, samples: &[&Sample]) {
        let width = samples.first().map_or(0, |(points, _)| points.len());
        for n in 0..width {
            let column = || samples.iter().filter_map(|(points, _)| points.get(n));
            if matches!(column().next(), Some(Point::Truth(_))) && (1..=2).contains(&size) {
                let truth = bits(column().map(|point| *point == Point::Truth(size == 1)));
                self.add(Kind::Truth(n, size == 1), size, truth);
            }
            if size == 3 {
                self.members(n, &column().collect::<Vec<_>>());
            }
        }
    }

    fn members(&mut self, n: usize, column: &[&Point]) {
        for is in [true, false] {
            for point in column {
                if let Point::Member(name) = point {
                    let truth = bits(column.iter().map(|other| (other == point) == is));
                    self.add(Kind::Member(n, name.clone(), is), 3, truth);
                }
            }
        }
    }

    fn comparisons(&mut self, size: usize, terms: &Terms) {
        let mut tried = 0;
        for (i, left) in terms.all.iter().enumerate() {
            let Some(rest) = size.checked_sub(left.size + 1) else { break };
            // The longer side comes first; of equals, the one that was found first.
            if rest > left.size || left.is_literal() {
                continue;
            }
            for j in terms.of_size(rest) {
                let Some(right) = terms.all.get(j).filter(|_| rest < left.size || j > i) else {
                    continue;
                };
                tried += 1;
                if tried > MOST_TRIED {
                    return;
                }
                self.compare((i, left), (j, right), size);
            }
        }
    }

    fn compare(&mut self, (i, left): (usize, &Term), (j, right): (usize, &Term), size: usize) {
        let (mut less, mut equal) = (0u128, 0u128);
        for (n, (a, b)) in left.values.iter().zip(&right.values).enumerate() {
            match a.cmp(b) {
                std::cmp::Ordering::Less => less |= 1 << n,
                std::cmp::Ordering::Equal => equal |= 1 << n,
                std::cmp::Ordering::Greater => {}
            }
        }
        let all = everywhere(left.values.len());
        for relation in Relation::ALL {
            let truth = match relation {
                Relation::Equal => equal,
                Relation::Less => less,
                Relation::LessOrEqual => less | equal,
                Relation::GreaterOrEqual => all & !less,
                Relation::Greater => all & !(less | equal),
                Relation::Different => all & !equal,
            };
            self.add(Kind::Compare(relation, i, j), size, truth);
        }
    }

    fn divisors(
        &mut self,
        size: usize,
        rest: usize,
        samples: &[&Sample],
        terms: &Terms,
        most: i64,
    ) {
        if most > MOST_DIVISOR {
            return;
        }
        let width = samples.first().map_or(0, |(points, _)| points.len());
        for (a, b) in (0..width).flat_map(|a| (a + 1..width).map(move |b| (a, b))) {
            let common = samples.iter().map(|(points, _)| common_divisor(points, a, b));
            let Some(common) = common.collect::<Option<Vec<i64>>>() else { continue };
            for (t, term) in terms.all.iter().enumerate() {
                if term.size != rest {
                    continue;
                }
                for at_most in [true, false] {
                    let pairs = common.iter().zip(&term.values);
                    let truth = bits(pairs.map(|(common, term)| (common <= term) == at_most));
                    self.add(Kind::Divisors(a, b, t, at_most, most), size, truth);
                }
            }
        }
    }

    fn beats(&mut self, samples: &[&Sample], terms: &Terms) {
        let width = samples.first().map_or(0, |(points, _)| points.len());
        let pairs =
            (0..width).flat_map(|a| (0..width).map(move |b| (a, b))).filter(|(a, b)| a != b);
        for (period, gap) in pairs {
            let ends = terms.of_size(1).cartesian_product(terms.of_size(1));
            for ((looks, bound), meet) in ends.cartesian_product([true, false]) {
                let beats = Beats { period, gap, looks, bound, meet };
                let truths = samples.iter().map(|(points, _)| beats.holds(points, terms));
                let Some(truths) = truths.collect::<Option<Vec<bool>>>() else { continue };
                self.add(Kind::Beats(beats), BEATS, bits(truths.into_iter()));
            }
        }
    }
}

/// All bits of so many points.
pub fn everywhere(points: usize) -> u128 {
    1u128.checked_shl(u32::try_from(points).unwrap_or(u32::MAX)).map_or(u128::MAX, |bit| bit - 1)
}

/// A bit for each.
pub fn bits(truths: impl Iterator<Item = bool>) -> u128 {
    truths.enumerate().fold(0, |word, (n, truth)| word | (u128::from(truth) << n))
}

/// The greatest common divisor of two parameters that are positive whole numbers.
fn common_divisor(points: &[Point], a: usize, b: usize) -> Option<i64> {
    let whole = |n: usize| {
        let number = points.get(n)?.number()?;
        (number.is_integer() && number.to_integer() > 0).then(|| number.to_integer())
    };
    Some(num_integer::gcd(whole(a)?, whole(b)?))
}

impl Kind {
    /// Whether it holds at a point; `None` where it has no value.
    pub fn holds(&self, points: &[Point], terms: &Terms) -> Option<bool> {
        match self {
            Kind::Compare(relation, a, b) => {
                Some(relation.holds(terms.value(*a, points)?, terms.value(*b, points)?))
            }
            Kind::Truth(n, truth) => Some(*points.get(*n)? == Point::Truth(*truth)),
            Kind::Member(n, name, is) => {
                Some((*points.get(*n)? == Point::Member(name.clone())) == *is)
            }
            Kind::Divisors(a, b, term, at_most, _) => {
                let common = common_divisor(points, *a, *b)?;
                Some((common <= terms.value(*term, points)?) == *at_most)
            }
            Kind::Beats(beats) => beats.holds(points, terms),
        }
    }

    /// In the language of specs.
    pub fn text(&self, names: &[String], terms: &Terms) -> String {
        let name = |n: &usize| names.get(*n).cloned().unwrap_or_default();
        match self {
            Kind::Compare(relation, a, b) => {
                let (a, b) = (terms.text(*a, names), terms.text(*b, names));
                format!("{a} {} {b}", relation.sign())
            }
            Kind::Truth(n, true) => name(n),
            Kind::Truth(n, false) => format!("not {}", name(n)),
            Kind::Member(n, member, is) => {
                format!("{} {} {member}", name(n), if *is { "=" } else { "!=" })
            }
            Kind::Beats(beats) => beats.text(names, terms),
            Kind::Divisors(a, b, term, at_most, most) => {
                let fresh = ["d", "divisor", "common_divisor"];
                let d = fresh.iter().find(|d| names.iter().all(|name| name != *d)).unwrap_or(&"d_");
                let divides = format!("{} mod {d} = 0 and {} mod {d} = 0", name(a), name(b));
                let term = terms.text(*term, names);
                if *at_most {
                    format!("(all {d} in 1..{most} : {divides} implies {d} <= {term})")
                } else {
                    format!("(some {d} in 1..{most} : {divides} and {d} > {term})")
                }
            }
        }
    }
}
