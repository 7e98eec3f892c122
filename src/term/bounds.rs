//! Interval arithmetic on integer terms.
//!
//! The interval of a term contains its value under every assignment that
//! respects the variables' bounds (Moore 1966). Sums and products that would
//! leave 64 bits lose their bound, which is always sound.

use num_traits::ToPrimitive;

use super::{Node, Pool, Sort, Term};

/// `Some((lo, hi))` when every value lies in `lo..=hi`; `None` when nothing is known.
pub type Bounds = Option<(i64, i64)>;

impl Pool {
    /// Bounds of a node just interned at `at`, from those of its children.
    pub(super) fn bounds_of_new(&self, at: usize, sort: Sort) -> Bounds {
        if sort != Sort::Int {
            return None;
        }
        match self.nodes.get_index(at)? {
            Node::Int(n) => n.to_i64().map(|n| (n, n)),
            Node::Var(v) => self.var_info(*v).bounds,
            Node::Ite(c, a, b) => self.bounds_of_choice(*c, *a, *b),
            Node::Add(list) => list.iter().try_fold((0i64, 0i64), |(lo, hi), t| {
                let (a, b) = self.bounds(*t)?;
                Some((lo.checked_add(a)?, hi.checked_add(b)?))
            }),
            Node::Mul(a, b) => product(self.bounds(*a)?, self.bounds(*b)?),
            Node::Div(a, b) => quotient(self.bounds(*a)?, self.bounds(*b)?),
            Node::Mod(_, b) => remainder(self.bounds(*b)?),
            _ => None,
        }
    }

    /// The hull of the branches, or less when the conditional is a minimum or maximum.
    fn bounds_of_choice(&self, c: Term, a: Term, b: Term) -> Bounds {
        let (left, right) = (self.bounds(a), self.bounds(b));
        let hull = || {
            let ((a, b), (c, d)) = (left?, right?);
            Some((a.min(c), b.max(d)))
        };
        match *self.node(c) {
            // if a <= b then a else b
            Node::Le(p, q) if (p, q) == (a, b) => {
                let ((a, b), (c, d)) = (left?, right?);
                Some((a.min(c), b.min(d)))
            }
            // if b <= a then a else b
            Node::Le(p, q) if (p, q) == (b, a) => {
                let ((a, b), (c, d)) = (left?, right?);
                Some((a.max(c), b.max(d)))
            }
            _ => hull(),
        }
    }

    /// The single value of an integer term whose interval is a point.
    pub fn point(&self, term: Term) -> Option<i64> {
        self.bounds(term).and_then(|(lo, hi)| (lo == hi).then_some(lo))
    }
}

fn product((a, b): (i64, i64), (c, d): (i64, i64)) -> Bounds {
    let corners = [a.checked_mul(c)?, a.checked_mul(d)?, b.checked_mul(c)?, b.checked_mul(d)?];
    Some((*corners.iter().min()?, *corners.iter().max()?))
}

/// `|a div b| <= |a|` when `b` is not zero, except that Euclid rounds a negative dividend away
/// from zero, which never exceeds `|a|` either; with `b = 0` anything goes, so that the encoder
/// fixes it to zero (the step is a defect anyway).
fn quotient((a, b): (i64, i64), _: (i64, i64)) -> Bounds {
    let size = a.checked_abs()?.max(b.checked_abs()?);
    Some((size.checked_neg()?, size))
}

/// `0 <= r < |b|`, and 0 where the encoder fixes division by zero.
fn remainder((a, b): (i64, i64)) -> Bounds {
    let size = a.checked_abs()?.max(b.checked_abs()?);
    Some((0, size.checked_sub(1)?.max(0)))
}
