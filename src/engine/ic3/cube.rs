//! Cubes: conjunctions of literals over latches, that is sets of states.

use crate::circuit::Edge;

/// A cube: sorted, without duplicates or complements. Its negation is a clause.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Cube {
    literals: Vec<Edge>,
    /// A bit for each literal, several to a bit: a quick refutation of inclusion.
    signature: u64,
}

impl Cube {
    pub(super) fn new(mut literals: Vec<Edge>) -> Cube {
        literals.sort_unstable();
        literals.dedup();
        let signature = literals.iter().fold(0, |s, l| s | 1u64 << (l.code() & 63));
        Cube { literals, signature }
    }

    pub(super) fn literals(&self) -> &[Edge] {
        &self.literals
    }

    pub(super) fn len(&self) -> usize {
        self.literals.len()
    }

    /// The cube without a literal.
    pub(super) fn without(&self, literal: Edge) -> Cube {
        Cube::new(self.literals.iter().copied().filter(|l| *l != literal).collect())
    }

    pub(super) fn contains(&self, literal: Edge) -> bool {
        self.literals.binary_search(&literal).is_ok()
    }

    /// Whether all literals are among the other's: then the clause of this one implies the other's.
    pub(super) fn subsumes(&self, other: &Cube) -> bool {
        self.len() <= other.len()
            && self.signature & !other.signature == 0
            && self.literals.iter().all(|l| other.contains(*l))
    }

    /// The clause that excludes the cube.
    pub(super) fn clause(&self) -> Vec<Edge> {
        self.literals.iter().map(|l| !*l).collect()
    }
}
