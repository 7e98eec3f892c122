//! What is known about the states at each place: equations and ranges that contain all of them.
//!
//! A *place* is a valuation of some terms: truth values, a location, later also atoms of the problem.
//! At each place the states lie in an affine subspace, and within ranges of some linear forms. Both
//! grow by one state at a time; ranges that keep growing jump to the next constant of the problem and
//! then to infinity (widening, Cousot and Cousot 1977), so that they do not grow for ever. Where it is asked
//! for, the remainders of forms are known as well (congruences, Granger 1989): the modulus that all values seen
//! have one remainder by only ever shrinks to one of its divisors.

use std::collections::BTreeMap;

use num_bigint::BigInt;
use num_integer::Integer;
use num_rational::BigRational;
use num_traits::One;
use rustc_hash::FxHashMap;

use super::hull::Hull;
use super::linear::{constant, scale, sum};
use crate::term::{Pool, Sort, Term, Var};
use crate::types::core::Value;

/// How often a range grows to what was seen, and then to the next constant.
const EXACT: u32 = 2;
const STEPPED: u32 = 6;

/// What is looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Shape {
    /// Terms whose values are the places.
    pub(super) places: Vec<Term>,
    /// Numbers that equations are sought between.
    pub(super) dimensions: Vec<Term>,
    /// Linear forms whose ranges are sought.
    pub(super) forms: Vec<Vec<(Term, BigRational)>>,
    /// Whether their remainders are sought too.
    pub(super) remainders: bool,
    /// Where ranges stop on their way to infinity, ascending.
    pub(super) stops: Vec<BigRational>,
}

/// What is known at one place.
#[derive(Clone, Debug)]
struct Place {
    hull: Hull,
    ranges: Vec<Range>,
    remainders: Vec<Remainder>,
    /// The same as a term, once it has been made.
    term: Option<Term>,
}

#[derive(Clone, Debug)]
struct Range {
    low: Option<BigRational>,
    high: Option<BigRational>,
    grown: [u32; 2],
}

/// All values are `value` modulo `modulus`; 0 where there was one value.
#[derive(Clone, Debug)]
struct Remainder {
    value: BigInt,
    modulus: BigInt,
}

/// A key that orders places.
pub(super) type Key = Vec<(bool, BigRational)>;

/// All places that were reached so far.
#[derive(Clone, Debug)]
pub(super) struct Abstraction {
    pub(super) shape: Shape,
    places: BTreeMap<Key, Place>,
    /// The forms as terms.
    sums: Vec<Term>,
}

/// A number, or a truth value as 0 or 1.
fn number(value: &Value) -> (bool, BigRational) {
    match value {
        Value::Bool(b) => (true, BigRational::from_integer(i32::from(*b).into())),
        Value::Int(n) => (false, BigRational::from_integer(n.clone())),
        Value::Real(r) => (false, r.clone()),
        Value::Member(_, n) => (false, BigRational::from_integer((*n).into())),
    }
}

impl Abstraction {
    /// Nothing was reached yet.
    pub(super) fn new(pool: &mut Pool, shape: Shape) -> Abstraction {
        let sums = shape.forms.iter().map(|form| sum(pool, form)).collect();
        Abstraction { shape, places: BTreeMap::new(), sums }
    }

    /// The places, in order.
    pub(super) fn keys(&self) -> Vec<Key> {
        self.places.keys().cloned().collect()
    }

    /// How many places there are.
    pub(super) fn len(&self) -> usize {
        self.places.len()
    }

    /// Makes it contain a state; returns the state's place, or `None` if a value is missing.
    pub(super) fn include(&mut self, pool: &Pool, state: &FxHashMap<Var, Value>) -> Option<Key> {
        let mut memo = FxHashMap::default();
        let mut numbers = |terms: &[Term]| -> Option<Key> {
            let mut value = |t: &Term| pool.evaluate_with(*t, state, &mut memo);
            terms.iter().map(|t| value(t).as_ref().map(number)).collect()
        };
        let key = numbers(&self.shape.places)?;
        let plain = |key: Key| -> Vec<BigRational> { key.into_iter().map(|(_, n)| n).collect() };
        let point = plain(numbers(&self.shape.dimensions)?);
        let values = plain(numbers(&self.sums)?);
        match self.places.get_mut(&key) {
            Some(place) => place.include(&point, &values, &self.shape.stops),
            None => {
                let ranges = values.iter().map(Range::of).collect();
                let remainders = match self.shape.remainders {
                    true => values.iter().map(Remainder::of).collect(),
                    false => Vec::new(),
                };
                let place = Place { hull: Hull::new(point), ranges, remainders, term: None };
                self.places.insert(key.clone(), place);
            }
        }
        Some(key)
    }

    /// That the state is at a place and as is known there.
    pub(super) fn at(&mut self, pool: &mut Pool, key: &Key) -> Term {
        let known = match self.places.get(key) {
            Some(Place { term: Some(term), .. }) => *term,
            Some(place) => {
                let facts = place.facts(pool, &self.shape.dimensions, &self.sums);
                let here = self.here(pool, key);
                pool.and(facts.into_iter().chain([here]))
            }
            None => pool.bottom(),
        };
        if let Some(place) = self.places.get_mut(key) {
            place.term = Some(known);
        }
        known
    }

    /// What is known at a place.
    pub(super) fn facts(&self, pool: &mut Pool, key: &Key) -> Term {
        let place = self.places.get(key);
        let facts = place.map(|place| place.facts(pool, &self.shape.dimensions, &self.sums));
        pool.and(facts.unwrap_or_default())
    }

    /// That the state is at a place.
    pub(super) fn here(&self, pool: &mut Pool, key: &Key) -> Term {
        let mut equal = Vec::new();
        for (term, (truth, value)) in self.shape.places.iter().zip(key) {
            equal.push(match (truth, value.is_integer()) {
                (true, _) if *value == BigRational::from_integer(1.into()) => *term,
                (true, _) => pool.not(*term),
                (false, true) if pool.sort(*term) == Sort::Int => {
                    let value = pool.int(value.to_integer());
                    pool.eq(*term, value)
                }
                (false, _) => {
                    let value = pool.real(value.clone());
                    pool.eq(*term, value)
                }
            });
        }
        pool.and(equal)
    }

    /// That the state is as is known at some place.
    pub(super) fn anywhere(&mut self, pool: &mut Pool) -> Term {
        let places: Vec<Term> = self.keys().iter().map(|key| self.at(pool, key)).collect();
        pool.or(places)
    }

    /// The same as clauses: where a state may be, and what holds there.
    pub(super) fn clauses(&self, pool: &mut Pool) -> Vec<Term> {
        let mut clauses = Vec::new();
        let mut places = Vec::new();
        for (key, place) in &self.places {
            let here = self.here(pool, key);
            places.push(here);
            for fact in place.facts(pool, &self.shape.dimensions, &self.sums) {
                clauses.push(pool.implies(here, fact));
            }
        }
        clauses.push(pool.or(places));
        clauses.retain(|clause| pool.as_bool(*clause) != Some(true));
        clauses
    }
}

impl Place {
    fn include(&mut self, point: &[BigRational], values: &[BigRational], stops: &[BigRational]) {
        self.term = None;
        self.hull.include(point);
        for (range, value) in self.ranges.iter_mut().zip(values) {
            range.include(value, stops);
        }
        for (remainder, value) in self.remainders.iter_mut().zip(values) {
            remainder.include(value);
        }
    }

    fn facts(&self, pool: &mut Pool, dimensions: &[Term], sums: &[Term]) -> Vec<Term> {
        let mut facts = Vec::new();
        for (coefficients, value) in self.hull.equations() {
            let Some(scale) = scale(coefficients.iter()) else { continue };
            let form: Vec<(Term, BigRational)> = dimensions
                .iter()
                .zip(coefficients)
                .filter(|(_, c)| *c != BigRational::default())
                .map(|(t, c)| (*t, c * &scale))
                .collect();
            let left = sum(pool, &form);
            let right = constant(pool, left, &(value * &scale), false);
            facts.push(pool.eq(left, right));
        }
        for (range, left) in self.ranges.iter().zip(sums) {
            if let Some(low) = &range.low {
                let low = constant(pool, *left, low, true);
                facts.push(pool.le(low, *left));
            }
            if let Some(high) = &range.high {
                let high = constant(pool, *left, high, false);
                facts.push(pool.le(*left, high));
            }
        }
        for (remainder, left) in self.remainders.iter().zip(sums) {
            if pool.sort(*left) == Sort::Int && remainder.modulus > BigInt::one() {
                let modulus = pool.int(remainder.modulus.clone());
                let value = pool.int(remainder.value.mod_floor(&remainder.modulus));
                let rest = pool.modulo(*left, modulus);
                facts.push(pool.eq(rest, value));
            }
        }
        facts
    }
}

impl Range {
    fn of(value: &BigRational) -> Range {
        Range { low: Some(value.clone()), high: Some(value.clone()), grown: [0, 0] }
    }

    fn include(&mut self, value: &BigRational, stops: &[BigRational]) {
        let [down, up] = &mut self.grown;
        if self.low.as_ref().is_some_and(|low| value < low) {
            *down += 1;
            self.low = match *down {
                n if n <= EXACT => Some(value.clone()),
                n if n <= STEPPED => stops.iter().rev().find(|s| *s <= value).cloned(),
                _ => None,
            };
        }
        if self.high.as_ref().is_some_and(|high| value > high) {
            *up += 1;
            self.high = match *up {
                n if n <= EXACT => Some(value.clone()),
                n if n <= STEPPED => stops.iter().find(|s| *s >= value).cloned(),
                _ => None,
            };
        }
    }
}

impl Remainder {
    fn of(value: &BigRational) -> Remainder {
        Remainder { value: value.to_integer(), modulus: BigInt::default() }
    }

    fn include(&mut self, value: &BigRational) {
        self.modulus = self.modulus.gcd(&(value.to_integer() - &self.value));
    }
}
