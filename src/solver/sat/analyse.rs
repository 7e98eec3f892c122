//! What is learnt from a conflict, and which assumptions are to blame.

#![expect(clippy::indexing_slicing, reason = "literals and clauses are within the arrays")]

use super::cdcl::{Cdcl, NONE};
use super::clauses::Clause;
use crate::circuit::Edge;

impl Cdcl {
    /// Derives the first-UIP clause into `learnt`, its asserting literal first; the level to go
    /// back to (Zhang et al. 2001).
    pub(super) fn analyse(&mut self, conflict: Clause) -> usize {
        self.learnt.clear();
        self.learnt.push(Edge::FALSE);
        let current = self.limits.len() as u32;
        let mut clause = conflict;
        let mut open = 0usize;
        let mut at = self.trail.len();
        let mut resolved: Option<Edge> = None;
        let asserting = loop {
            self.bump_clause(clause);
            for n in 0..self.clauses.len(clause) {
                let literal = self.clauses.literal(clause, n);
                let variable = literal.index();
                if Some(literal) == resolved || self.seen[variable] || self.levels[variable] == 0 {
                    continue;
                }
                self.seen[variable] = true;
                self.speak_of(literal.node());
                if self.levels[variable] >= current {
                    open += 1;
                } else {
                    self.learnt.push(literal);
                }
            }
            loop {
                at -= 1;
                if self.seen[self.trail[at].index()] {
                    break;
                }
            }
            let literal = self.trail[at];
            self.seen[literal.index()] = false;
            open -= 1;
            if open == 0 {
                break !literal;
            }
            resolved = Some(literal);
            clause = self.reasons[literal.index()];
        };
        self.learnt[0] = asserting;
        self.minimise();
        self.place_second()
    }

    fn bump_clause(&mut self, clause: Clause) {
        if self.clauses.is_learnt(clause) {
            let activity = self.clauses.activity(clause) + self.clause_increment;
            self.clauses.set_activity(clause, activity);
        }
    }

    /// Leaves out literals that the others imply (Sörensson and Biere 2009, locally).
    fn minimise(&mut self) {
        let learnt = std::mem::take(&mut self.learnt);
        let mut kept = Vec::with_capacity(learnt.len());
        for (n, literal) in learnt.iter().enumerate() {
            if n == 0 || !self.is_implied(*literal) {
                kept.push(*literal);
            }
        }
        for literal in &learnt {
            self.seen[literal.index()] = false;
        }
        self.learnt = kept;
    }

    fn is_implied(&self, literal: Edge) -> bool {
        let reason = self.reasons[literal.index()];
        reason != NONE
            && self.clauses.literals(reason).all(|other| {
                other.node() == literal.node()
                    || self.seen[other.index()]
                    || self.levels[other.index()] == 0
            })
    }

    /// Puts a literal of the highest other level second, and returns that level.
    fn place_second(&mut self) -> usize {
        let levels = &self.levels;
        let highest = (1..self.learnt.len()).max_by_key(|n| levels[self.learnt[*n].index()]);
        let Some(highest) = highest else { return 0 };
        self.learnt.swap(1, highest);
        self.levels[self.learnt[1].index()] as usize
    }

    /// Which assumptions make this one fail: all are decisions, so follow reasons back to those.
    pub(super) fn blame(&mut self, failed: Edge) {
        self.core.clear();
        if failed != self.switch {
            self.core.push(failed);
        }
        if self.levels[failed.index()] == 0 {
            return;
        }
        self.seen[failed.index()] = true;
        let start = self.limits.first().copied().unwrap_or(self.trail.len());
        for n in (start..self.trail.len()).rev() {
            let literal = self.trail[n];
            if !self.seen[literal.index()] {
                continue;
            }
            self.seen[literal.index()] = false;
            let reason = self.reasons[literal.index()];
            if reason == NONE {
                // `failed` may itself have been assumed in its negation.
                if literal.node() != self.switch.node() {
                    self.core.push(literal);
                }
                continue;
            }
            for m in 0..self.clauses.len(reason) {
                let other = self.clauses.literal(reason, m);
                if other.node() != literal.node() && self.levels[other.index()] > 0 {
                    self.seen[other.index()] = true;
                }
            }
        }
    }
}
