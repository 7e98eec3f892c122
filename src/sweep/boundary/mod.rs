//! The smallest readable formula that is true where a claim is proved and false where it is refuted.
//!
//! Formulas are enumerated in order of size, bottom up, and of those that agree on all points looked at
//! only the first is kept: enumeration up to observational equivalence (Udupa et al., *TRANSIT*, PLDI 2013;
//! Alur et al., *Syntax-guided synthesis*, FMCAD 2013). Only some points are looked at to begin with, those
//! next to a change of verdict above all; a formula that fits them is tried on all, and where it fails
//! points are added (counterexample-guided, Solar-Lezama 2008). A formula that fits the whole grid and
//! fails on a cell beyond its ends was a coincidence, and the search goes on.
//!
//! Trusts nothing but its samples: whatever it returns was evaluated on every one of them. It says nothing
//! about values that were not decided.

mod atoms;
mod beats;
mod formulas;
mod terms;

use num_rational::Ratio;
use num_traits::ToPrimitive;
use serde_json::Value as Json;

use self::formulas::Search;

/// The most points looked at in one search; truth values over them fit in one word.
const MOST_POINTS: usize = 120;
/// How many points next to a change of verdict are looked at from the beginning.
const NEAR: usize = 56;
/// How many others.
const FAR: usize = 14;
/// How many points a failure adds.
const LESSONS: usize = 4;

/// A parameter's value, as formulas see it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Point {
    /// A truth value.
    Truth(bool),
    /// A number.
    Number(Ratio<i64>),
    /// A member of a finite sort, by its name.
    Member(String),
}

impl Point {
    /// Reads a value of the report; `None` where it is a number too large to calculate with.
    pub fn of(value: &Json) -> Option<Point> {
        match value {
            Json::Bool(truth) => Some(Point::Truth(*truth)),
            Json::Number(number) => Some(Point::Number(number.as_i64()?.into())),
            Json::String(text) => match text.parse::<Ratio<i64>>() {
                Ok(number) => Some(Point::Number(number)),
                Err(_) if text.starts_with(|c: char| c.is_ascii_digit() || c == '-') => None,
                Err(_) => Some(Point::Member(text.clone())),
            },
            _ => None,
        }
    }

    fn number(&self) -> Option<Ratio<i64>> {
        if let Point::Number(number) = self { Some(*number) } else { None }
    }
}

/// A point with its verdict: proved or not.
pub type Sample = (Vec<Point>, bool);

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Boundary {
    /// The formula, in the language of specs.
    pub formula: String,
    /// How many formulas before it fitted the grid and failed beyond its ends.
    pub coincidences: usize,
}

/// The boundary between the proved and the refuted samples of a grid, also right for those beyond it;
/// `None` where no formula within the limits of the search is.
pub fn boundary(names: &[String], grid: &[Sample], beyond: &[Sample]) -> Option<Boundary> {
    let constant = |verdict: bool| grid.iter().chain(beyond).all(|sample| sample.1 == verdict);
    if grid.is_empty() {
        return None;
    }
    if let Some(verdict) = [true, false].into_iter().find(|verdict| constant(*verdict)) {
        return Some(Boundary { formula: verdict.to_string(), coincidences: 0 });
    }
    let mut looked_at = first_look(grid);
    let mut coincidences = 0;
    while looked_at.len() <= MOST_POINTS {
        let scale = scale(grid.iter().chain(beyond))?;
        let search = Search::new(names, &looked_at, scale, &domain(grid, beyond));
        let found = search.run()?;
        let fails = |sample: &&Sample| found.holds(&sample.0) != Some(sample.1);
        let mut lessons: Vec<&Sample> = grid.iter().filter(fails).collect();
        if lessons.is_empty() {
            lessons = beyond.iter().filter(fails).collect();
            if lessons.is_empty() {
                return Some(Boundary { formula: found.text(), coincidences });
            }
            coincidences += 1;
        }
        looked_at.extend(spread(&lessons, LESSONS));
    }
    None
}

/// Points to begin with. None is beyond the grid: those are to test what was found, not to find it.
fn first_look(grid: &[Sample]) -> Vec<&Sample> {
    let at_edge = |sample: &&Sample| {
        grid.iter().any(|other| other.1 != sample.1 && differ_in_one(&sample.0, &other.0))
    };
    let (near, far): (Vec<&Sample>, Vec<&Sample>) = grid.iter().partition(at_edge);
    let mut all = spread(&near, NEAR);
    all.extend(spread(&far, FAR));
    all
}

fn differ_in_one(one: &[Point], other: &[Point]) -> bool {
    let close = |a: &Point, b: &Point| match (a.number(), b.number()) {
        (Some(a), Some(b)) => (a - b).to_f64().is_some_and(|d| d.abs() <= 1.0),
        _ => true,
    };
    let mut different = one.iter().zip(other).filter(|(a, b)| a != b);
    let first = different.next();
    different.next().is_none() && first.is_some_and(|(a, b)| close(a, b))
}

/// At most so many of them, evenly spread.
fn spread<'a>(all: &[&'a Sample], most: usize) -> Vec<&'a Sample> {
    let count = all.len();
    let kept = |n: usize| count <= most || (n * most) / count != ((n + 1) * most) / count;
    all.iter().enumerate().filter(|(n, _)| kept(*n)).map(|(_, sample)| *sample).collect()
}

/// A number that makes products of two parameters whole.
fn scale<'a>(samples: impl Iterator<Item = &'a Sample>) -> Option<i64> {
    let numbers = samples.flat_map(|(points, _)| points).filter_map(Point::number);
    let common = numbers.map(|number| *number.denom()).try_fold(1i64, |common, denominator| {
        (common / num_integer::gcd(common, denominator)).checked_mul(denominator)
    })?;
    common.checked_mul(common)
}

/// All numbers that parameters take, the grid's first.
fn domain(grid: &[Sample], beyond: &[Sample]) -> Vec<Ratio<i64>> {
    let all = grid.iter().chain(beyond).flat_map(|(points, _)| points).filter_map(Point::number);
    let mut numbers: Vec<Ratio<i64>> = all.collect();
    numbers.sort();
    numbers.dedup();
    numbers
}

#[cfg(test)]
mod tests;
