//! Conjunctions and disjunctions of up to three parts, in order of size: atoms, and pairs of short ones.
//!
//! What is true wherever the target is can only be a part of a conjunction, what is false wherever the
//! target is false only of a disjunction; and of two such parts one whose truth lies between the other's
//! and the target's makes the other superfluous, if it is no longer. So few parts remain to be combined.

use itertools::Itertools;
use num_rational::Ratio;

use super::atoms::{Atom, Atoms, bits, everywhere};
use super::terms::Terms;
use super::{Point, Sample};

/// The longest formula.
const MOST_SIZE: usize = 17;
/// The longest atom, and the longest term in one.
const MOST_ATOM: usize = 9;
/// The longest atom of a pair, and how many of them are paired.
const MOST_PAIRED: (usize, usize) = (3, 1000);
/// The most combinations of one size that are tried.
const MOST_TRIED: usize = 4_000_000;

/// A formula, its atoms named by their places.
#[derive(Clone, Debug)]
enum Formula {
    Atom(usize),
    And(Vec<Formula>),
    Or(Vec<Formula>),
}

/// A search among the formulas over some points.
pub struct Search<'a> {
    names: &'a [String],
    samples: &'a [&'a Sample],
    terms: Terms,
    atoms: Atoms,
    target: u128,
    everywhere: u128,
    most: i64,
    /// Pairs joined by `and`, and by `or`, once they have been looked for.
    pairs: Option<[Vec<Part>; 2]>,
}

/// A formula that fits the points, with all it is made of.
pub struct Found<'a> {
    names: &'a [String],
    terms: Terms,
    atoms: Atoms,
    formula: Formula,
}

/// A part: which atom or pair, its size, and the points where it still matters.
#[derive(Clone, Copy)]
struct Part {
    atom: usize,
    pair: Option<usize>,
    size: usize,
    matters: u128,
}

impl<'a> Search<'a> {
    /// Before the first formula. `domain` has the numbers that parameters take.
    pub fn new(
        names: &'a [String],
        samples: &'a [&'a Sample],
        scale: i64,
        domain: &[Ratio<i64>],
    ) -> Search<'a> {
        let everywhere = everywhere(samples.len());
        Search {
            names,
            samples,
            terms: Terms::new(samples, scale, domain),
            atoms: Atoms::new(everywhere),
            target: bits(samples.iter().map(|(_, proved)| *proved)),
            everywhere,
            most: domain.last().map_or(0, |most| most.floor().to_integer()),
            pairs: None,
        }
    }

    /// The first formula that is true at the proved points and false at the others.
    pub fn run(mut self) -> Option<Found<'a>> {
        let formula = (1..=MOST_SIZE).find_map(|size| self.of_size(size))?;
        Some(Found { names: self.names, terms: self.terms, atoms: self.atoms, formula })
    }

    fn of_size(&mut self, size: usize) -> Option<Formula> {
        if size <= MOST_ATOM {
            if let Some(term) = size.checked_sub(2).filter(|term| *term >= 2) {
                self.terms.grow(term);
            }
            let from = self.atoms.all.len();
            self.atoms.grow(size, self.samples, &self.terms, self.most);
            let fits = |atom: &Atom| atom.truth == self.target;
            if let Some(at) = self.atoms.all.iter().skip(from).position(fits) {
                return Some(Formula::Atom(from + at));
            }
        }
        let (above, below) = (self.above(self.target), self.below(self.target));
        let refuted = self.everywhere & !self.target;
        let found = cover(&above, refuted, size, 3)
            .map(|parts| Formula::And(named(&parts)))
            .or_else(|| cover(&below, self.target, size, 3).map(|parts| Formula::Or(named(&parts))))
            .or_else(|| self.mixed(&above, size, true))
            .or_else(|| self.mixed(&below, size, false));
        found.or_else(|| self.paired(above, below, size))
    }

    /// `(a and b) or (c and d) or …`, or `(a or b) and (c or d) and …`; some of the parts may be atoms.
    fn paired(&mut self, above: Vec<Part>, below: Vec<Part>, size: usize) -> Option<Formula> {
        if size <= 2 * MOST_PAIRED.0 + 1 {
            return None;
        }
        if self.pairs.is_none() {
            self.pairs = Some([self.pairs(true), self.pairs(false)]);
        }
        let [both, either] = self.pairs.as_ref()?;
        let refuted = self.everywhere & !self.target;
        let of_them = |atoms: Vec<Part>, pairs: &[Part], goal| {
            let all: Vec<Part> = pairs.iter().copied().chain(atoms).collect();
            cover(&all, goal, size, 3)
        };
        let formula = |parts: &[Part], join: fn(Vec<Formula>) -> Formula| -> Vec<Formula> {
            let part = |part: &Part| match part.pair {
                None => Formula::Atom(part.atom),
                Some(other) => join(vec![Formula::Atom(part.atom), Formula::Atom(other)]),
            };
            parts.iter().map(part).collect()
        };
        of_them(below, both, self.target)
            .map(|parts| Formula::Or(formula(&parts, Formula::And)))
            .or_else(|| {
                let parts = of_them(above, either, refuted)?;
                Some(Formula::And(formula(&parts, Formula::Or)))
            })
    }

    /// Pairs of short atoms that are true only where the target is (`and`), or wherever it is (`or`).
    fn pairs(&self, conjunction: bool) -> Vec<Part> {
        let (longest, most) = MOST_PAIRED;
        let short = self.atoms.all.iter().enumerate().filter(|(_, atom)| atom.size <= longest);
        let short: Vec<(usize, &Atom)> = short.take(most).collect();
        let matters = |a: &Atom, b: &Atom| match conjunction {
            true => Some(a.truth & b.truth).filter(|truth| truth & !self.target == 0),
            false => Some(a.truth | b.truth)
                .filter(|truth| truth & self.target == self.target)
                .map(|truth| self.everywhere & !truth),
        };
        let mut found: Vec<Part> = Vec::new();
        for [(n, a), (m, b)] in short.iter().array_combinations() {
            let alone = matters(a, a).is_some() || matters(b, b).is_some();
            if let Some(matters) = matters(a, b).filter(|matters| *matters != 0 && !alone) {
                found.push(Part { atom: *n, pair: Some(*m), size: a.size + b.size + 1, matters });
            }
        }
        found.sort_by_key(|part| (part.size, std::cmp::Reverse(part.matters.count_ones())));
        found.into_iter().fold(Vec::new(), |mut kept: Vec<Part>, part| {
            if kept.iter().all(|other| part.matters & !other.matters != 0) {
                kept.push(part);
            }
            kept
        })
    }

    /// Atoms true wherever the target is; what matters is where else they are false.
    fn above(&self, target: u128) -> Vec<Part> {
        let matters = |atom: &Atom| {
            (atom.truth & target == target).then_some(self.everywhere & !target & !atom.truth)
        };
        self.parts(matters)
    }

    /// Atoms false wherever the target is; what matters is where they are true.
    fn below(&self, target: u128) -> Vec<Part> {
        self.parts(|atom| (atom.truth & !target == 0).then_some(atom.truth))
    }

    /// Atoms for which something matters, without those that a shorter one makes superfluous.
    fn parts(&self, matters: impl Fn(&Atom) -> Option<u128>) -> Vec<Part> {
        let mut kept: Vec<Part> = Vec::new();
        for (n, atom) in self.atoms.all.iter().enumerate() {
            let Some(matters) = matters(atom).filter(|matters| *matters != 0) else { continue };
            if kept.iter().all(|part| part.size > atom.size || matters & !part.matters != 0) {
                kept.retain(|part| part.size < atom.size || part.matters & !matters != 0);
                kept.push(Part { atom: n, pair: None, size: atom.size, matters });
            }
        }
        kept
    }

    /// `a and (b or c)`, or `a or (b and c)`.
    fn mixed(&self, outer: &[Part], size: usize, conjunction: bool) -> Option<Formula> {
        let refuted = self.everywhere & !self.target;
        for part in outer {
            let Some(rest) = size.checked_sub(part.size + 1).filter(|rest| *rest >= 3) else {
                continue;
            };
            let inner = if conjunction {
                // Where `a` is true and the target is not, neither may be true.
                let left = refuted & !part.matters;
                let parts =
                    self.parts(|atom| (atom.truth & left == 0).then_some(atom.truth & self.target));
                cover(&parts, self.target, rest, 2)
            } else {
                // Where the target is true and `a` is not, both have to be.
                let left = self.target & !part.matters;
                let parts =
                    self.parts(|atom| (atom.truth & left == left).then_some(refuted & !atom.truth));
                cover(&parts, refuted, rest, 2)
            };
            if let Some(parts) = inner {
                let inner = named(&parts);
                let outer = Formula::Atom(part.atom);
                return Some(if conjunction {
                    Formula::And(vec![outer, Formula::Or(inner)])
                } else {
                    Formula::Or(vec![outer, Formula::And(inner)])
                });
            }
        }
        None
    }
}

/// Two, or up to three, parts of this size together that cover all of `goal`; the longest first.
fn cover(parts: &[Part], goal: u128, size: usize, most: usize) -> Option<Vec<Part>> {
    let mut tried = 0usize;
    let mut found = cover_from(parts, goal, size, most, &mut tried)?;
    found.sort_by_key(|part| std::cmp::Reverse(part.size));
    (found.len() > 1).then_some(found)
}

fn named(parts: &[Part]) -> Vec<Formula> {
    parts.iter().map(|part| Formula::Atom(part.atom)).collect()
}

fn cover_from(
    parts: &[Part],
    goal: u128,
    size: usize,
    most: usize,
    tried: &mut usize,
) -> Option<Vec<Part>> {
    for (n, part) in parts.iter().enumerate() {
        *tried += 1;
        if *tried > MOST_TRIED {
            return None;
        }
        let left = goal & !part.matters;
        if left == 0 && part.size == size {
            return Some(vec![*part]);
        }
        let rest = size.checked_sub(part.size + 1).filter(|rest| *rest > 0);
        let after = parts.get(n + 1..).unwrap_or_default();
        if most > 1
            && left != goal
            && let Some(rest) = rest
            && let Some(mut found) = cover_from(after, left, rest, most - 1, tried)
        {
            found.push(*part);
            return Some(found);
        }
    }
    None
}

impl Found<'_> {
    /// Whether the formula holds at any point; `None` where it has no value.
    pub fn holds(&self, points: &[Point]) -> Option<bool> {
        self.evaluate(&self.formula, points)
    }

    fn evaluate(&self, formula: &Formula, points: &[Point]) -> Option<bool> {
        match formula {
            Formula::Atom(n) => self.atoms.all.get(*n)?.kind.holds(points, &self.terms),
            Formula::And(parts) => {
                parts.iter().try_fold(true, |all, part| Some(self.evaluate(part, points)? && all))
            }
            Formula::Or(parts) => parts
                .iter()
                .try_fold(false, |some, part| Some(self.evaluate(part, points)? || some)),
        }
    }

    /// The formula in the language of specs.
    pub fn text(&self) -> String {
        self.written(&self.formula, false)
    }

    fn written(&self, formula: &Formula, inside: bool) -> String {
        let (parts, word) = match formula {
            Formula::Atom(n) => {
                let atom = self.atoms.all.get(*n);
                return atom.map(|a| a.kind.text(self.names, &self.terms)).unwrap_or_default();
            }
            Formula::And(parts) => (parts, " and "),
            Formula::Or(parts) => (parts, " or "),
        };
        let texts: Vec<String> = parts.iter().map(|part| self.written(part, true)).collect();
        let text = texts.join(word);
        if inside { format!("({text})") } else { text }
    }
}
