//! Clauses in one array.
//!
//! A clause is a header (its length and two flags), an activity, and its
//! literals; it is referred to by the place of its header.

#![expect(clippy::indexing_slicing, reason = "references come from `Clauses::add`")]

use crate::circuit::Edge;

const LEARNT: u32 = 1;
const DELETED: u32 = 2;
const HEAD: usize = 2;

/// Where a clause is.
pub(super) type Clause = u32;

/// The array.
#[derive(Clone, Debug, Default)]
pub(super) struct Clauses {
    words: Vec<u32>,
    wasted: usize,
}

impl Clauses {
    pub(super) fn add(&mut self, literals: &[Edge], learnt: bool) -> Clause {
        let at = self.words.len() as u32;
        self.words.push((literals.len() as u32) << 2 | u32::from(learnt));
        self.words.push(0);
        self.words.extend(literals.iter().map(|l| l.code() as u32));
        at
    }

    pub(super) fn delete(&mut self, clause: Clause) {
        if !self.is_deleted(clause) {
            self.words[clause as usize] |= DELETED;
            self.wasted += self.len(clause) + HEAD;
        }
    }

    pub(super) fn len(&self, clause: Clause) -> usize {
        (self.words[clause as usize] >> 2) as usize
    }

    pub(super) fn is_deleted(&self, clause: Clause) -> bool {
        self.words[clause as usize] & DELETED != 0
    }

    pub(super) fn is_learnt(&self, clause: Clause) -> bool {
        self.words[clause as usize] & LEARNT != 0
    }

    pub(super) fn activity(&self, clause: Clause) -> f32 {
        f32::from_bits(self.words[clause as usize + 1])
    }

    pub(super) fn set_activity(&mut self, clause: Clause, activity: f32) {
        self.words[clause as usize + 1] = activity.to_bits();
    }

    pub(super) fn literal(&self, clause: Clause, n: usize) -> Edge {
        Edge::from_code(self.words[clause as usize + HEAD + n] as usize)
    }

    pub(super) fn literals(&self, clause: Clause) -> impl Iterator<Item = Edge> + '_ {
        let start = clause as usize + HEAD;
        let end = start + self.len(clause);
        self.words[start..end].iter().map(|code| Edge::from_code(*code as usize))
    }

    pub(super) fn swap(&mut self, clause: Clause, a: usize, b: usize) {
        let start = clause as usize + HEAD;
        self.words.swap(start + a, start + b);
    }

    /// Whether enough is deleted to be worth the copying.
    pub(super) fn is_wasteful(&self) -> bool {
        self.wasted > 4096 && self.wasted * 3 > self.words.len()
    }

    /// All clauses that are not deleted, in order.
    pub(super) fn iter(&self) -> impl Iterator<Item = Clause> + '_ {
        let mut at = 0;
        std::iter::from_fn(move || {
            while at < self.words.len() {
                let clause = at as Clause;
                at += HEAD + self.len(clause);
                if !self.is_deleted(clause) {
                    return Some(clause);
                }
            }
            None
        })
    }
}
