//! A loop through a fair component that meets its conditions one after the other.

use std::collections::VecDeque;

use rustc_hash::FxHashMap;

use super::components::{Component, Conditions, Edge, Graph};

/// A step; any of that way where the marks do not matter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// From this node.
    pub from: u32,
    /// To this one.
    pub to: u32,
    /// With these marks.
    pub marks: Option<u128>,
}

/// A loop.
#[derive(Clone, Debug)]
pub struct Loop {
    /// Where it starts and ends.
    pub start: u32,
    /// Its steps; never empty.
    pub steps: Vec<Step>,
}

/// How many nodes of a component are tried as the start of a loop.
const STARTS: usize = 48;

/// A short loop with a short way to it, whose length `stem` gives.
pub fn walk(
    graph: &Graph,
    component: &Component,
    conditions: &Conditions,
    stem: impl Fn(u32) -> usize,
) -> Loop {
    let walker = Walker { graph, component, wanted: Wanted::new(component, conditions) };
    let mut best: Option<(usize, Loop)> = None;
    for start in component.nodes.iter().take(STARTS) {
        let way = stem(*start);
        if best.as_ref().is_some_and(|(length, _)| way >= *length) {
            continue;
        }
        if let Some(steps) = walker.round(*start) {
            let length = way + steps.len();
            if best.as_ref().is_none_or(|(shortest, _)| length < *shortest) {
                best = Some((length, Loop { start: *start, steps }));
            }
        }
    }
    let nowhere = Loop { start: component.nodes.first().copied().unwrap_or(0), steps: Vec::new() };
    best.map_or(nowhere, |(_, found)| found)
}

/// Marks that some step of the loop must have, and marks that some step must lack.
#[derive(Clone, Copy)]
struct Wanted {
    some: u128,
    missing: u128,
}

impl Wanted {
    fn new(component: &Component, conditions: &Conditions) -> Wanted {
        let owed = conditions.compassion.iter().filter(|(premise, recurs)| {
            component.some & premise != 0 && component.some & recurs != 0
        });
        let some = owed.fold(conditions.some, |all, (_, recurs)| all | recurs);
        Wanted { some, missing: conditions.missing & component.some }
    }

    fn is_met(self) -> bool {
        self.some == 0 && self.missing == 0
    }

    fn helps(self, marks: u128) -> bool {
        self.some & marks != 0 || self.missing & !marks != 0
    }

    fn after(self, marks: u128) -> Wanted {
        Wanted { some: self.some & !marks, missing: self.missing & marks }
    }
}

struct Walker<'a> {
    graph: &'a Graph,
    component: &'a Component,
    wanted: Wanted,
}

impl Walker<'_> {
    fn round(&self, start: u32) -> Option<Vec<Step>> {
        let (mut at, mut wanted) = (start, self.wanted);
        let mut steps = Vec::new();
        while !wanted.is_met() || steps.is_empty() || at != start {
            let more = if wanted.is_met() {
                self.nearest(at, |step| step.to == start)
            } else {
                self.nearest(at, |step| wanted.helps(step.marks.unwrap_or(0)))
            }?;
            for step in &more {
                wanted = wanted.after(step.marks.unwrap_or(0));
            }
            at = more.last()?.to;
            steps.extend(more);
        }
        Some(steps)
    }

    fn steps(&self, from: u32) -> impl Iterator<Item = Step> + '_ {
        let allowed = move |edge: &Edge| {
            let marks = self.graph.marks(*edge);
            (marks & self.component.forbidden == 0
                && self.component.nodes.binary_search(&edge.to).is_ok())
            .then_some(Step { from, to: edge.to, marks: Some(marks) })
        };
        self.graph.from(from).iter().filter_map(allowed)
    }

    /// A shortest way that ends in such a step.
    fn nearest(&self, from: u32, is: impl Fn(&Step) -> bool) -> Option<Vec<Step>> {
        let mut by: FxHashMap<u32, Option<Step>> = FxHashMap::default();
        by.insert(from, None);
        let mut queue = VecDeque::from([from]);
        while let Some(node) = queue.pop_front() {
            for step in self.steps(node) {
                if is(&step) {
                    return Some(back(&by, step));
                }
                if let std::collections::hash_map::Entry::Vacant(place) = by.entry(step.to) {
                    place.insert(Some(step));
                    queue.push_back(step.to);
                }
            }
        }
        None
    }
}

fn back(by: &FxHashMap<u32, Option<Step>>, last: Step) -> Vec<Step> {
    let before = |step: &Step| by.get(&step.from).copied().flatten();
    let mut steps: Vec<Step> = std::iter::successors(Some(last), before).collect();
    steps.reverse();
    steps
}
