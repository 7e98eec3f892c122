//! Truth of the present and memory of the past, for whoever follows runs that nobody watches.
//!
//! What a post knows rests on all runs that look alike to it. Along each of them the operators on
//! the past are remembered, and nothing is demanded.

use super::Monitor;
use super::formula::{Formula, Truth};
use super::ground::{Unsupported, ground_marks};
use crate::types::core::{Expr, Model};

impl Monitor {
    /// A monitor that demands nothing, with these conditions about present and past.
    ///
    /// # Errors
    /// The fragment that they need.
    pub fn watching(
        model: &Model,
        conditions: &[Expr],
    ) -> Result<(Monitor, Vec<Formula>), Unsupported> {
        let (grounded, marks) = ground_marks(model, conditions)?;
        Ok((Monitor::of(grounded), marks.iter().map(|mark| mark.recurs).collect()))
    }

    /// The truth of a condition about present and past, given what is remembered and the truths of
    /// the period.
    pub fn now(&mut self, memory: &[bool], condition: Formula, truths: &[Truth]) -> Truth {
        let mut truths = truths.to_vec();
        self.recall(memory, &mut truths);
        self.present(condition, &truths)
    }

    /// What is remembered after a period; `None` where it rests on an atom without value.
    pub fn remember(&mut self, memory: &[bool], truths: &[Truth]) -> Option<Vec<bool>> {
        let mut truths = truths.to_vec();
        let kept = self.recall(memory, &mut truths).into_iter().map(|truth| match truth {
            Truth::True => Some(true),
            Truth::False => Some(false),
            Truth::Unknown => None,
        });
        kept.collect()
    }
}
