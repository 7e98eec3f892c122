//! Whether the plays under a strategy are what the strategy is for: conditions on the finite graph of these plays,
//! checked without any of the attractors by which the strategy was found.

use super::goal::{Aim, Label};
use super::plain::Fault;
use crate::interp::explicit::Limits;

/// The plays that a strategy leaves, as a graph.
#[derive(Clone, Debug, Default)]
pub struct Plays {
    /// Where plays begin.
    pub first: Vec<usize>,
    /// Where each position may lead; nowhere if it is decided.
    pub next: Vec<Vec<usize>>,
    /// What each is.
    pub labels: Vec<Label>,
    /// Those that count for a goal that recurs.
    pub marks: Vec<bool>,
}

impl Plays {
    fn label(&self, at: usize) -> Label {
        self.labels.get(at).copied().unwrap_or(Label::Open)
    }

    fn next(&self, at: usize) -> &[usize] {
        self.next.get(at).map_or(&[], Vec::as_slice)
    }

    fn marked(&self, at: usize) -> bool {
        self.marks.get(at) == Some(&true)
    }

    /// Whether all plays are won by the coalition, or (`spoils`) by the others.
    ///
    /// # Errors
    /// What is wrong with them, or that no time is left.
    pub fn judge(&self, aim: Aim, spoils: bool, limits: &Limits<'_>) -> Result<(), Fault> {
        let wrong = |how: &str| Fault::Wrong(how.to_owned());
        self.judged(aim, spoils).map_err(wrong)?;
        match (aim, spoils) {
            (Aim::Recur, true) => self.ceases(limits),
            _ => Ok(()),
        }
    }

    /// All but that marks cease.
    fn judged(&self, aim: Aim, spoils: bool) -> Result<(), &'static str> {
        let (shunned, sought) = match spoils {
            false => (Label::Lost, Label::Won),
            true => (Label::Won, Label::Lost),
        };
        match (aim, spoils) {
            (Aim::Come(bound), false) | (Aim::Keep(bound), true) => {
                self.avoids(shunned, None)?;
                self.comes(sought, bound, |_| true)
            }
            (Aim::Keep(bound), false) | (Aim::Come(bound), true) => self.avoids(shunned, bound),
            (Aim::Recur, false) => {
                self.avoids(shunned, None)?;
                self.comes(sought, None, |at| !self.marked(at))
            }
            (Aim::Recur, true) => self.avoids(shunned, None),
        }
    }

    /// No position of this kind comes about, within so many periods.
    fn avoids(&self, label: Label, bound: Option<u32>) -> Result<(), &'static str> {
        let mut met = vec![false; self.labels.len()];
        let mut layer = self.first.clone();
        let mut depth = 0;
        while !layer.is_empty() && bound.is_none_or(|bound| depth <= bound) {
            let mut after = Vec::new();
            for at in layer {
                if self.label(at) == label {
                    return Err("a play comes to what it is to avoid");
                }
                if met.get_mut(at).is_some_and(|met| !std::mem::replace(met, true)) {
                    after.extend_from_slice(self.next(at));
                }
            }
            (layer, depth) = (after, depth + 1);
        }
        Ok(())
    }

    /// Every play through positions that count comes to a position of this kind, or to one that does not count,
    /// within so many periods: there is no cycle, no end and no way too long among the others.
    fn comes(
        &self,
        label: Label,
        bound: Option<u32>,
        counts: impl Fn(usize) -> bool,
    ) -> Result<(), &'static str> {
        #[derive(Clone, Copy, PartialEq)]
        enum Colour {
            White,
            Grey,
            Black(u32),
        }
        let over = |at: usize| self.label(at) == label;
        let mut colours = vec![Colour::White; self.labels.len()];
        let roots = (0..self.labels.len()).filter(|at| counts(*at) && !over(*at));
        for root in roots {
            let mut stack = vec![(root, 0)];
            while let Some((at, n)) = stack.pop() {
                if colours.get(at) == Some(&Colour::White) && self.next(at).is_empty() {
                    return Err("a play ends before it comes to what it is to come to");
                }
                let Some(colour) = colours.get_mut(at) else { continue };
                if let Colour::Black(_) = colour {
                    continue;
                }
                *colour = Colour::Grey;
                if let Some(next) = self.next(at).get(n).copied() {
                    stack.push((at, n + 1));
                    if over(next) || !counts(next) {
                        continue;
                    }
                    match colours.get(next) {
                        Some(Colour::Grey) => return Err("a play goes round without end"),
                        Some(Colour::White) => stack.push((next, 0)),
                        _ => {}
                    }
                    continue;
                }
                let rank = |next: &usize| match colours.get(*next) {
                    Some(Colour::Black(rank)) => *rank,
                    _ => 0,
                };
                let longest = self.next(at).iter().map(rank).max().unwrap_or(0) + 1;
                if let Some(colour) = colours.get_mut(at) {
                    *colour = Colour::Black(longest);
                }
            }
        }
        let late = |at: &usize| match (colours.get(*at), bound) {
            (Some(Colour::Black(rank)), Some(bound)) => *rank > bound,
            _ => false,
        };
        if self.first.iter().any(late) { Err("a play takes too long") } else { Ok(()) }
    }

    /// No marked position lies on a cycle.
    fn ceases(&self, limits: &Limits<'_>) -> Result<(), Fault> {
        for root in (0..self.labels.len()).filter(|at| self.marked(*at)) {
            if limits.over() {
                return Err(Fault::Over);
            }
            let mut met = vec![false; self.labels.len()];
            let mut stack: Vec<usize> = self.next(root).to_vec();
            while let Some(at) = stack.pop() {
                if at == root {
                    let how = "a play comes again and again to what it is to cease";
                    return Err(Fault::Wrong(how.to_owned()));
                }
                if met.get_mut(at).is_some_and(|met| !std::mem::replace(met, true)) {
                    stack.extend_from_slice(self.next(at));
                }
            }
        }
        Ok(())
    }
}
