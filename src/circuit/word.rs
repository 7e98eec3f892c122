//! Words of bits: arithmetic as circuits.
//!
//! A word is its bits, least significant first. The same bits are read as an
//! unsigned number or in two's complement, as the operation says.

use super::graph::{Edge, Graph};

/// Bits, least significant first; never empty where a sign is asked for.
pub type Word = Vec<Edge>;

/// The lowest `width` bits of a constant in two's complement.
pub fn constant(value: i64, width: usize) -> Word {
    (0..width).map(|n| Edge::constant(value >> n.min(63) & 1 == 1)).collect()
}

/// The bit above all others in two's complement.
pub fn sign(word: &[Edge]) -> Edge {
    word.last().copied().unwrap_or(Edge::FALSE)
}

/// Cuts, or extends by copies of `fill`.
pub fn resize(word: &[Edge], width: usize, fill: Edge) -> Word {
    let padding = std::iter::repeat_n(fill, width.saturating_sub(word.len()));
    word.iter().copied().take(width).chain(padding).collect()
}

/// Cuts, or extends by the sign.
pub fn signed(word: &[Edge], width: usize) -> Word {
    resize(word, width, sign(word))
}

impl Graph {
    /// All bits equal.
    pub fn word_eq(&mut self, a: &[Edge], b: &[Edge]) -> Edge {
        let equal: Vec<Edge> = a.iter().zip(b).map(|(a, b)| self.iff(*a, *b)).collect();
        self.all(equal)
    }

    /// `a < b`, or `a <= b` when `or_equal`, unsigned.
    pub fn word_less(&mut self, a: &[Edge], b: &[Edge], or_equal: bool) -> Edge {
        let start = Edge::constant(or_equal);
        a.iter().zip(b).fold(start, |below, (a, b)| {
            let differ = self.xor(*a, *b);
            self.ite(differ, *b, below)
        })
    }

    /// As [`Graph::word_less`], in two's complement.
    pub fn word_signed_less(&mut self, a: &[Edge], b: &[Edge], or_equal: bool) -> Edge {
        let flip = |word: &[Edge]| {
            let mut word = word.to_vec();
            if let Some(sign) = word.last_mut() {
                *sign = !*sign;
            }
            word
        };
        self.word_less(&flip(a), &flip(b), or_equal)
    }

    /// `if c then a else b`
    pub fn word_ite(&mut self, c: Edge, a: &[Edge], b: &[Edge]) -> Word {
        a.iter().zip(b).map(|(a, b)| self.ite(c, *a, *b)).collect()
    }

    /// Sum with a carry in, modulo the width.
    pub fn word_sum(&mut self, a: &[Edge], b: &[Edge], carry: Edge) -> Word {
        let mut carry = carry;
        let mut sum = Vec::with_capacity(a.len());
        for (a, b) in a.iter().zip(b) {
            let differ = self.xor(*a, *b);
            sum.push(self.xor(differ, carry));
            carry = self.ite(differ, carry, *a);
        }
        sum
    }

    /// `a + b` modulo the width.
    pub fn word_add(&mut self, a: &[Edge], b: &[Edge]) -> Word {
        self.word_sum(a, b, Edge::FALSE)
    }

    /// `a - b` modulo the width.
    pub fn word_sub(&mut self, a: &[Edge], b: &[Edge]) -> Word {
        let complement: Word = b.iter().map(|e| !*e).collect();
        self.word_sum(a, &complement, Edge::TRUE)
    }

    /// `-a` modulo the width.
    pub fn word_neg(&mut self, a: &[Edge]) -> Word {
        let zero = vec![Edge::FALSE; a.len()];
        self.word_sub(&zero, a)
    }

    /// The absolute value, as an unsigned number of the same width.
    pub fn word_abs(&mut self, a: &[Edge]) -> Word {
        let negated = self.word_neg(a);
        self.word_ite(sign(a), &negated, a)
    }

    /// `a * b` modulo the width.
    pub fn word_mul(&mut self, a: &[Edge], b: &[Edge]) -> Word {
        let width = a.len();
        let mut product = vec![Edge::FALSE; width];
        for (shift, bit) in b.iter().enumerate().take(width) {
            if *bit == Edge::FALSE {
                continue;
            }
            let mut row = vec![Edge::FALSE; shift];
            row.extend(a.iter().take(width - shift).map(|a| self.and(*a, *bit)));
            product = self.word_add(&product, &row);
        }
        product
    }

    /// Unsigned quotient and remainder by long division; all ones and `a` where `b` is zero.
    pub fn word_divide(&mut self, a: &[Edge], b: &[Edge]) -> (Word, Word) {
        let width = a.len();
        // One bit more, so that the shifted remainder cannot wrap.
        let divisor = resize(b, width + 1, Edge::FALSE);
        let mut rest = vec![Edge::FALSE; width + 1];
        let mut quotient = vec![Edge::FALSE; width];
        for (place, bit) in quotient.iter_mut().zip(a).rev() {
            rest.pop();
            rest.insert(0, *bit);
            let fits = self.word_less(&divisor, &rest, true);
            let less = self.word_sub(&rest, &divisor);
            rest = self.word_ite(fits, &less, &rest);
            *place = fits;
        }
        rest.truncate(width);
        (quotient, rest)
    }

    /// Euclidean quotient and remainder in two's complement, zero where `b` is zero.
    pub fn word_euclid(&mut self, a: &[Edge], b: &[Edge]) -> (Word, Word) {
        // One bit more, for the most negative number and its absolute value.
        let width = a.len().max(b.len()) + 1;
        let (a, b) = (signed(a, width), signed(b, width));
        let (size_a, size_b) = (self.word_abs(&a), self.word_abs(&b));
        let (quotient, rest) = self.word_divide(&size_a, &size_b);
        let zero = vec![Edge::FALSE; width];
        let exact = self.word_eq(&rest, &zero);
        let fractional = self.and(sign(&a), !exact);
        // a < 0 and inexact: one more of |b|, so that the remainder is not negative.
        let quotient = self.word_sum(&quotient, &zero, fractional);
        let complement = self.word_sub(&size_b, &rest);
        let rest = self.word_ite(fractional, &complement, &rest);
        let opposite = self.xor(sign(&a), sign(&b));
        let negated = self.word_neg(&quotient);
        let quotient = self.word_ite(opposite, &negated, &quotient);
        let by_zero = self.word_eq(&b, &zero);
        (self.word_ite(by_zero, &zero, &quotient), self.word_ite(by_zero, &zero, &rest))
    }
}

/// The ways to shift.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shift {
    /// Up; zeros come in.
    Left,
    /// Down; zeros come in.
    Right,
    /// Down; the sign comes in.
    Arithmetic,
    /// Up; what goes out comes in.
    RotateLeft,
    /// Down; what goes out comes in.
    RotateRight,
}

impl Graph {
    /// Shifts by an unsigned number of places.
    pub fn word_shift(&mut self, a: &[Edge], places: &[Edge], shift: Shift) -> Word {
        let width = a.len();
        let rotates = matches!(shift, Shift::RotateLeft | Shift::RotateRight);
        let mut word = a.to_vec();
        for (n, bit) in places.iter().enumerate() {
            // Rotations count modulo the width; shifts lose everything beyond it.
            let power = power_modulo(n, width);
            let by = if rotates {
                power
            } else {
                1usize.checked_shl(n as u32).unwrap_or(width).min(width)
            };
            let moved = moved(&word, by, shift);
            word = self.word_ite(*bit, &moved, &word);
        }
        word
    }

    /// Quotient in two's complement, truncated; as SMT-LIB's `bvsdiv`.
    pub fn word_signed_divide(&mut self, a: &[Edge], b: &[Edge]) -> Word {
        let (size_a, size_b) = (self.word_abs(a), self.word_abs(b));
        let (quotient, _) = self.word_divide(&size_a, &size_b);
        let opposite = self.xor(sign(a), sign(b));
        let negated = self.word_neg(&quotient);
        self.word_ite(opposite, &negated, &quotient)
    }

    /// Remainder with the dividend's sign; as SMT-LIB's `bvsrem`.
    pub fn word_signed_rest(&mut self, a: &[Edge], b: &[Edge]) -> Word {
        let (size_a, size_b) = (self.word_abs(a), self.word_abs(b));
        let (_, rest) = self.word_divide(&size_a, &size_b);
        let negated = self.word_neg(&rest);
        self.word_ite(sign(a), &negated, &rest)
    }

    /// Remainder with the divisor's sign; as SMT-LIB's `bvsmod`.
    pub fn word_signed_modulo(&mut self, a: &[Edge], b: &[Edge]) -> Word {
        let rest = self.word_signed_rest(a, b);
        let zero = vec![Edge::FALSE; a.len()];
        let exact = self.word_eq(&rest, &zero);
        let opposite = self.xor(sign(a), sign(b));
        let adjusts = self.and(opposite, !exact);
        let sum = self.word_add(&rest, b);
        self.word_ite(adjusts, &sum, &rest)
    }
}

/// `2^n` modulo the width.
fn power_modulo(n: usize, width: usize) -> usize {
    (0..n).fold(1 % width.max(1), |power, _| power * 2 % width.max(1))
}

fn moved(word: &[Edge], by: usize, shift: Shift) -> Word {
    let width = word.len();
    let place = |n: usize| match shift {
        Shift::Left => n.checked_sub(by).and_then(|n| word.get(n).copied()).unwrap_or(Edge::FALSE),
        Shift::Right => word.get(n + by).copied().unwrap_or(Edge::FALSE),
        Shift::Arithmetic => word.get(n + by).copied().unwrap_or(sign(word)),
        Shift::RotateLeft => word.get((n + width - by) % width).copied().unwrap_or(Edge::FALSE),
        Shift::RotateRight => word.get((n + by) % width).copied().unwrap_or(Edge::FALSE),
    };
    (0..width).map(place).collect()
}
