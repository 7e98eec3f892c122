//! Which learnt clauses are kept, and the copying that gives memory back.

#![expect(clippy::indexing_slicing, reason = "literals and clauses are within the arrays")]

use super::cdcl::{Cdcl, NONE};
use crate::circuit::Edge;

impl Cdcl {
    pub(super) fn scale_clauses(&mut self) {
        for n in 0..self.learnts.len() {
            let clause = self.learnts[n];
            let activity = self.clauses.activity(clause) * 1e-20;
            self.clauses.set_activity(clause, activity);
        }
        self.clause_increment *= 1e-20;
    }

    /// Deletes the less active half of what was learnt.
    pub(super) fn forget(&mut self) {
        let mut learnts = std::mem::take(&mut self.learnts);
        learnts.retain(|clause| !self.clauses.is_deleted(*clause));
        learnts.sort_by(|a, b| {
            self.clauses.activity(*b).total_cmp(&self.clauses.activity(*a)).then(a.cmp(b))
        });
        let half = learnts.len() / 2;
        let mut kept = Vec::with_capacity(learnts.len());
        for (n, clause) in learnts.into_iter().enumerate() {
            let first = self.clauses.literal(clause, 0);
            let is_reason = self.value_of(first) > 0 && self.reasons[first.index()] == clause;
            if n < half || is_reason || self.clauses.len(clause) == 2 {
                kept.push(clause);
            } else {
                self.clauses.delete(clause);
            }
        }
        self.most_learnts = self.most_learnts.max(kept.len() + kept.len() / 10 + 500);
        self.learnts = kept;
    }

    /// Copies the clauses that are still needed; at level 0.
    pub(super) fn collect(&mut self) {
        let old = std::mem::take(&mut self.clauses);
        self.watches.iter_mut().for_each(Vec::clear);
        self.reasons.iter_mut().for_each(|reason| *reason = NONE);
        self.learnts.clear();
        let mut kept: Vec<Edge> = Vec::new();
        for clause in old.iter() {
            if old.literals(clause).any(|l| self.value_of(l) > 0) {
                continue;
            }
            kept.clear();
            kept.extend(old.literals(clause).filter(|l| self.value_of(*l) == 0));
            let copy = self.clauses.add(&kept, old.is_learnt(clause));
            self.clauses.set_activity(copy, old.activity(clause));
            self.attach(copy);
            if old.is_learnt(clause) {
                self.learnts.push(copy);
            }
        }
    }
}
