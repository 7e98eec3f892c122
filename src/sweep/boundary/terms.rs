//! Numbers over the parameters: sums, products, least and greatest, quotients rounded up.
//!
//! Values are whole numbers: those of the parameters times a scale, a square, so that products of two
//! parameters that are fractions stay whole. A term that is not whole or too large somewhere is dropped.

use std::ops::Range;

use num_rational::Ratio;
use num_traits::Signed;
use rustc_hash::FxHashSet;

use super::{Point, Sample};

/// The most terms kept.
const MOST_TERMS: usize = 24_000;

/// What a term is made of; terms are named by their places in [`Terms`].
#[derive(Clone, Copy, Debug)]
pub enum Shape {
    /// The nth parameter.
    Param(usize),
    /// A number, scaled.
    Literal(i64),
    /// An operation on two terms.
    Binary(Operation, usize, usize),
}

/// Operations on numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// `a + b`
    Sum,
    /// `a - b`
    Difference,
    /// `a * b`
    Product,
    /// `min(a, b)`
    Min,
    /// `max(a, b)`
    Max,
    /// `(a + b - 1) / b`
    Ceiling,
}

impl Operation {
    const ALL: [Operation; 6] = [
        Operation::Product,
        Operation::Sum,
        Operation::Difference,
        Operation::Min,
        Operation::Max,
        Operation::Ceiling,
    ];

    /// What it adds to the size of its arguments.
    fn size(self) -> usize {
        if self == Operation::Ceiling { 4 } else { 1 }
    }

    fn commutes(self) -> bool {
        !matches!(self, Operation::Difference | Operation::Ceiling)
    }

    fn apply(self, a: i64, b: i64, scale: i64) -> Option<i64> {
        match self {
            Operation::Sum => a.checked_add(b),
            Operation::Difference => a.checked_sub(b),
            Operation::Product => {
                let product = a.checked_mul(b)?;
                (product % scale == 0).then(|| product / scale)
            }
            Operation::Min => Some(a.min(b)),
            Operation::Max => Some(a.max(b)),
            Operation::Ceiling => {
                (scale == 1 && b > 0).then(|| a.checked_add(b - 1).map(|sum| sum.div_euclid(b)))?
            }
        }
    }
}

/// A term with its values at the points looked at.
#[derive(Clone, Debug)]
pub struct Term {
    /// What it is made of.
    pub shape: Shape,
    /// How long it is to read.
    pub size: usize,
    /// Its values.
    pub values: Box<[i64]>,
}

impl Term {
    /// Whether it mentions no parameter.
    pub fn is_literal(&self) -> bool {
        matches!(self.shape, Shape::Literal(_))
    }
}

/// All terms found so far, no two with the same values.
#[derive(Debug)]
pub struct Terms {
    /// In order of size.
    pub all: Vec<Term>,
    seen: FxHashSet<Box<[i64]>>,
    scale: i64,
}

impl Terms {
    /// The terms of size 1: parameters and small numbers; larger numbers of the domain have size 2.
    pub fn new(samples: &[&Sample], scale: i64, domain: &[Ratio<i64>]) -> Terms {
        let mut terms = Terms { all: Vec::new(), seen: FxHashSet::default(), scale };
        let width = samples.first().map_or(0, |(points, _)| points.len());
        for n in 0..width {
            let values: Option<Box<[i64]>> =
                samples.iter().map(|(points, _)| scaled(points.get(n)?, scale)).collect();
            if let Some(values) = values {
                terms.add(Shape::Param(n), 1, values);
            }
        }
        let small = (0..=3).map(|number: i64| (Ratio::from(number), 1));
        let large = domain.iter().filter(|n| !n.is_integer() || n.is_negative() || **n > 3.into());
        for (number, size) in small.chain(large.map(|number| (*number, 2))) {
            if let Some(value) = scaled(&Point::Number(number), scale) {
                let values = vec![value; samples.len()].into_boxed_slice();
                terms.add(Shape::Literal(value), size, values);
            }
        }
        terms.all.sort_by_key(|term| term.size);
        terms
    }

    fn add(&mut self, shape: Shape, size: usize, values: Box<[i64]>) {
        if !self.seen.contains(&values) {
            self.seen.insert(values.clone());
            self.all.push(Term { shape, size, values });
        }
    }

    /// Adds the terms of this size, all smaller ones being there.
    pub fn grow(&mut self, size: usize) {
        let before = self.all.len();
        for operation in Operation::ALL {
            for left in 0..before {
                let Some(rest) = self.rest(operation, left, size) else { continue };
                let from = if operation.commutes() { left } else { 0 };
                for right in self.of_size(rest) {
                    if (from..before).contains(&right) {
                        self.combine(operation, left, right, size);
                    }
                    if self.all.len() >= MOST_TERMS {
                        return;
                    }
                }
            }
        }
    }

    /// The places of the terms of a size.
    pub fn of_size(&self, size: usize) -> Range<usize> {
        let start = self.all.partition_point(|term| term.size < size);
        start..self.all.partition_point(|term| term.size <= size)
    }

    /// Whether values are those of the parameters, not multiples of them.
    pub fn are_whole(&self) -> bool {
        self.scale == 1
    }

    /// The size that is left for the right side.
    fn rest(&self, operation: Operation, left: usize, size: usize) -> Option<usize> {
        let taken = self.all.get(left)?.size + operation.size();
        size.checked_sub(taken).filter(|rest| *rest > 0)
    }

    fn combine(&mut self, operation: Operation, left: usize, right: usize, size: usize) {
        let (Some(a), Some(b)) = (self.all.get(left), self.all.get(right)) else { return };
        if a.is_literal() && b.is_literal() {
            return;
        }
        let scale = self.scale;
        let pairs = a.values.iter().zip(&b.values);
        let values: Option<Box<[i64]>> =
            pairs.map(|(a, b)| operation.apply(*a, *b, scale)).collect();
        let Some(values) = values else { return };
        let constant = values.iter().all(|value| Some(value) == values.first());
        if !constant {
            self.add(Shape::Binary(operation, left, right), size, values);
        }
    }

    /// The value of a term at any point.
    pub fn value(&self, term: usize, points: &[Point]) -> Option<i64> {
        match self.all.get(term)?.shape {
            Shape::Param(n) => scaled(points.get(n)?, self.scale),
            Shape::Literal(value) => Some(value),
            Shape::Binary(operation, a, b) => {
                operation.apply(self.value(a, points)?, self.value(b, points)?, self.scale)
            }
        }
    }

    /// The term in the language of specs.
    pub fn text(&self, term: usize, names: &[String]) -> String {
        self.written(term, names, Strength::Sum)
    }

    fn written(&self, term: usize, names: &[String], least: Strength) -> String {
        let Some(Term { shape, .. }) = self.all.get(term) else { return String::new() };
        let (text, strength) = match *shape {
            Shape::Param(n) => (names.get(n).cloned().unwrap_or_default(), Strength::Atom),
            Shape::Literal(value) => number(value, self.scale),
            Shape::Binary(operation, a, b) => self.operation(operation, a, b, names),
        };
        if strength < least { format!("({text})") } else { text }
    }

    fn operation(
        &self,
        operation: Operation,
        a: usize,
        b: usize,
        names: &[String],
    ) -> (String, Strength) {
        let write = |term, least| self.written(term, names, least);
        use Strength::{Atom, Product, Sum};
        match operation {
            Operation::Sum => (format!("{} + {}", write(a, Sum), write(b, Sum)), Sum),
            Operation::Difference => (format!("{} - {}", write(a, Sum), write(b, Product)), Sum),
            Operation::Product if self.all.get(b).is_some_and(Term::is_literal) => {
                (format!("{} * {}", write(b, Product), write(a, Product)), Product)
            }
            Operation::Product => {
                (format!("{} * {}", write(a, Product), write(b, Product)), Product)
            }
            Operation::Min => (format!("min({}, {})", write(a, Sum), write(b, Sum)), Atom),
            Operation::Max => (format!("max({}, {})", write(a, Sum), write(b, Sum)), Atom),
            Operation::Ceiling => {
                let sum = format!("({} + {} - 1)", write(a, Sum), write(b, Sum));
                (format!("({sum} / {})", write(b, Atom)), Atom)
            }
        }
    }
}

/// How strongly the parts of a text hang together.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Strength {
    Sum,
    Product,
    Atom,
}

fn number(value: i64, scale: i64) -> (String, Strength) {
    let number = Ratio::new(value, scale);
    match (number.is_integer(), number.is_negative()) {
        (true, false) => (number.to_string(), Strength::Atom),
        (true, true) => (number.to_string(), Strength::Sum),
        (false, _) => (format!("({} / {})", number.numer(), number.denom()), Strength::Atom),
    }
}

fn scaled(point: &Point, scale: i64) -> Option<i64> {
    let number = point.number()?;
    number.numer().checked_mul(scale / number.denom())
}
