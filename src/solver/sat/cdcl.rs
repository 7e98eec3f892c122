//! The solver: assignment, propagation, search.

#![expect(clippy::indexing_slicing, reason = "literals and clauses are within the arrays")]

use super::Question;
use super::clauses::{Clause, Clauses};
use super::order::Order;
use crate::circuit::Edge;

/// No clause.
pub(super) const NONE: Clause = u32::MAX;
/// In the domain of every question.
const ALWAYS: u32 = u32::MAX;
/// Conflicts before the first restart.
const RESTART: u64 = 64;

/// A clause seen from one of its two watched literals.
#[derive(Clone, Copy, Debug)]
pub(super) struct Watch {
    clause: Clause,
    /// Some other literal of it: while it is true, the clause need not be looked at.
    blocker: Edge,
}

/// A solver over the variables `0..n`.
#[derive(Clone, Debug)]
pub struct Cdcl {
    /// Whether the clauses alone were not found contradictory.
    consistent: bool,
    /// By literal: 1 true, -1 false, 0 open.
    values: Vec<i8>,
    pub(super) levels: Vec<u32>,
    pub(super) reasons: Vec<Clause>,
    pub(super) trail: Vec<Edge>,
    pub(super) limits: Vec<usize>,
    head: usize,
    pub(super) watches: Vec<Vec<Watch>>,
    pub(super) clauses: Clauses,
    pub(super) learnts: Vec<Clause>,
    pub(super) most_learnts: usize,
    pub(super) clause_increment: f32,
    pub(super) order: Order,
    phases: Vec<bool>,
    domain: Vec<u32>,
    stamp: u32,
    always: Vec<u32>,
    /// Variables that have a value as soon as those they are defined by do.
    defined: Vec<bool>,
    /// By variable: the question in which a conflict last spoke of it.
    spoken_of: Vec<u32>,
    /// Which of `always` may still be open; those before it are assigned.
    cursor: usize,
    restricted: bool,
    /// The variable that switches the clause of one question on; the last of all.
    pub(super) switch: Edge,
    temporary: Vec<Clause>,
    pub(super) seen: Vec<bool>,
    pub(super) learnt: Vec<Edge>,
    pub(super) core: Vec<Edge>,
    /// Conflicts after which a question is given up.
    pub patience: u64,
    /// Conflicts so far.
    pub conflicts: u64,
    /// Questions so far.
    pub questions: u64,
    /// Literals propagated so far.
    pub propagations: u64,
}

impl Cdcl {
    /// A solver without clauses.
    pub fn new(variables: usize) -> Cdcl {
        let all = variables + 1;
        Cdcl {
            consistent: true,
            values: vec![0; 2 * all],
            levels: vec![0; all],
            reasons: vec![NONE; all],
            trail: Vec::new(),
            limits: Vec::new(),
            head: 0,
            watches: vec![Vec::new(); 2 * all],
            clauses: Clauses::default(),
            learnts: Vec::new(),
            most_learnts: 2000,
            clause_increment: 1.0,
            order: Order::new(all),
            phases: vec![false; all],
            domain: vec![0; all],
            stamp: 0,
            always: Vec::new(),
            defined: vec![false; all],
            spoken_of: vec![0; all],
            cursor: 0,
            restricted: false,
            switch: Edge::to(variables as u32),
            temporary: Vec::new(),
            seen: vec![false; all],
            learnt: Vec::new(),
            core: Vec::new(),
            patience: u64::MAX,
            conflicts: 0,
            questions: 0,
            propagations: 0,
        }
    }

    /// Whether the clauses alone are contradictory, as far as is known.
    pub fn is_contradictory(&self) -> bool {
        !self.consistent
    }

    /// Adds a clause for good.
    pub fn add(&mut self, literals: &[Edge]) {
        self.settle();
        let mut kept: Vec<Edge> = Vec::with_capacity(literals.len());
        for literal in literals {
            match self.value_of(*literal) {
                1.. => return,
                0 => kept.push(*literal),
                _ => {}
            }
        }
        kept.sort_unstable();
        kept.dedup();
        if kept.windows(2).any(|pair| pair[0] == !pair[1]) {
            return;
        }
        match kept.as_slice() {
            [] => self.consistent = false,
            [unit] => {
                self.enqueue(*unit, NONE);
                self.consistent &= self.propagate().is_none();
            }
            _ => {
                let clause = self.clauses.add(&kept, false);
                self.attach(clause);
            }
        }
    }

    /// Says that clauses give a variable its value once others have theirs. It is decided only where
    /// conflicts speak of it.
    pub fn define(&mut self, variable: u32) {
        self.defined[variable as usize] = true;
    }

    /// Puts a variable into the domain of every question.
    pub fn always_in_domain(&mut self, variable: u32) {
        if self.domain[variable as usize] != ALWAYS {
            self.domain[variable as usize] = ALWAYS;
            self.always.push(variable);
        }
    }

    /// The value of a literal after a satisfiable question, if the question's domain has it.
    pub fn value(&self, literal: Edge) -> Option<bool> {
        match self.value_of(literal) {
            0 => None,
            sign => Some(sign > 0),
        }
    }

    /// Assumptions that were enough for the last unsatisfiable answer.
    pub fn core(&self) -> &[Edge] {
        &self.core
    }

    /// Decides a question; `None` when patience ran out.
    pub fn solve(&mut self, question: Question<'_>) -> Option<bool> {
        self.settle();
        self.questions += 1;
        self.core.clear();
        if !self.consistent {
            return Some(false);
        }
        let mut assumed = Vec::with_capacity(question.assumed.len() + 1);
        if !question.clause.is_empty() {
            if !self.add_temporary(question.clause) {
                return Some(false);
            }
            assumed.push(self.switch);
        }
        assumed.extend(question.assumed);
        self.enter_domain(question.domain);
        let start = self.conflicts;
        let mut round = 0;
        loop {
            let allowed = RESTART * luby(round);
            let answer = self.search(&assumed, allowed);
            if answer.is_some() {
                return answer;
            }
            if self.conflicts - start >= self.patience {
                self.backtrack(0);
                return None;
            }
            round += 1;
        }
    }

    /// Adds `clause or not switch`; false when the clause is plainly false.
    fn add_temporary(&mut self, clause: &[Edge]) -> bool {
        let mut kept = Vec::with_capacity(clause.len() + 1);
        for literal in clause {
            match self.value_of(*literal) {
                1.. => return true,
                0 => kept.push(*literal),
                _ => {}
            }
        }
        if kept.is_empty() {
            return false;
        }
        kept.push(!self.switch);
        let clause = self.clauses.add(&kept, false);
        self.attach(clause);
        self.temporary.push(clause);
        true
    }

    fn enter_domain(&mut self, domain: Option<&[u32]>) {
        self.restricted = domain.is_some();
        self.order.clear();
        self.stamp += 1;
        let Some(domain) = domain else {
            for variable in 0..self.switch.node() {
                self.consider(variable);
            }
            return;
        };
        for &variable in domain {
            let place = &mut self.domain[variable as usize];
            if *place != ALWAYS {
                *place = self.stamp;
            }
            self.consider(variable);
        }
        self.domain[self.switch.index()] = self.stamp;
        self.cursor = 0;
    }

    fn consider(&mut self, variable: u32) {
        if self.values[2 * variable as usize] == 0 && !self.defined[variable as usize] {
            self.order.insert(variable);
        }
    }

    /// A conflict speaks of a variable: it may be worth deciding.
    pub(super) fn speak_of(&mut self, variable: u32) {
        self.order.bump(variable);
        if self.in_domain(variable as usize) {
            self.spoken_of[variable as usize] = self.stamp;
            self.order.insert(variable);
        }
    }

    pub(super) fn in_domain(&self, variable: usize) -> bool {
        let stamp = self.domain[variable];
        stamp == self.stamp || stamp == ALWAYS
    }

    pub(super) fn value_of(&self, literal: Edge) -> i8 {
        self.values[literal.code()]
    }

    fn enqueue(&mut self, literal: Edge, reason: Clause) {
        self.values[literal.code()] = 1;
        self.values[(!literal).code()] = -1;
        self.levels[literal.index()] = self.limits.len() as u32;
        self.reasons[literal.index()] = reason;
        self.trail.push(literal);
    }

    pub(super) fn attach(&mut self, clause: Clause) {
        let [a, b] = [0, 1].map(|n| self.clauses.literal(clause, n));
        self.watches[a.code()].push(Watch { clause, blocker: b });
        self.watches[b.code()].push(Watch { clause, blocker: a });
    }

    /// Back to level 0 without the clause of the last question and what was learnt from it.
    fn settle(&mut self) {
        self.backtrack(0);
        if !self.temporary.is_empty() {
            for clause in std::mem::take(&mut self.temporary) {
                self.clauses.delete(clause);
            }
            // The switch may have been learnt to be off; that, too, was for one question only.
            if self.value_of(self.switch) != 0 {
                let switch = self.switch;
                self.trail.retain(|literal| literal.node() != switch.node());
                self.values[switch.code()] = 0;
                self.values[(!switch).code()] = 0;
                self.head = self.head.min(self.trail.len());
            }
            self.learnts.retain(|clause| !self.clauses.is_deleted(*clause));
        }
        if self.clauses.is_wasteful() {
            self.collect();
        }
    }

    pub(super) fn backtrack(&mut self, level: usize) {
        let Some(&start) = self.limits.get(level) else { return };
        for n in (start..self.trail.len()).rev() {
            let literal = self.trail[n];
            self.values[literal.code()] = 0;
            self.values[(!literal).code()] = 0;
            self.phases[literal.index()] = !literal.is_negated();
            let variable = literal.index();
            let own = !self.restricted || self.domain[variable] == self.stamp;
            let apt = !self.defined[variable] || self.spoken_of[variable] == self.stamp;
            if own && apt {
                self.order.insert(literal.node());
            }
        }
        self.cursor = 0;
        self.trail.truncate(start);
        self.limits.truncate(level);
        self.head = start;
    }

    /// Unit propagation; the clause that became false, if one did.
    fn propagate(&mut self) -> Option<Clause> {
        // What holds for good is propagated everywhere.
        let restricted = self.restricted && !self.limits.is_empty();
        while self.head < self.trail.len() {
            let falsified = !self.trail[self.head];
            self.head += 1;
            self.propagations += 1;
            let mut watches = std::mem::take(&mut self.watches[falsified.code()]);
            let conflict = self.visit(falsified, &mut watches, restricted);
            self.watches[falsified.code()] = watches;
            if conflict.is_some() {
                self.head = self.trail.len();
                return conflict;
            }
        }
        None
    }

    /// Looks at the clauses that watch a literal which has become false.
    fn visit(
        &mut self,
        falsified: Edge,
        watches: &mut Vec<Watch>,
        restricted: bool,
    ) -> Option<Clause> {
        let (mut from, mut to) = (0, 0);
        let mut conflict = None;
        while from < watches.len() {
            let watch = watches[from];
            from += 1;
            let skip = self.value_of(watch.blocker) > 0
                || restricted && !self.in_domain(watch.blocker.index());
            if skip {
                watches[to] = watch;
                to += 1;
                continue;
            }
            let clause = watch.clause;
            if self.clauses.is_deleted(clause) {
                continue;
            }
            if self.clauses.literal(clause, 0) == falsified {
                self.clauses.swap(clause, 0, 1);
            }
            let first = self.clauses.literal(clause, 0);
            let blocked = Watch { clause, blocker: first };
            if self.value_of(first) <= 0 && self.rewatch(clause, blocked) {
                continue;
            }
            watches[to] = blocked;
            to += 1;
            match self.value_of(first) {
                0 => self.enqueue(first, clause),
                ..0 => {
                    conflict = Some(clause);
                    break;
                }
                _ => {}
            }
        }
        watches.copy_within(from.., to);
        watches.truncate(watches.len() - (from - to));
        conflict
    }

    /// Watches another literal of the clause that is not false, if there is one.
    fn rewatch(&mut self, clause: Clause, watch: Watch) -> bool {
        for n in 2..self.clauses.len(clause) {
            let literal = self.clauses.literal(clause, n);
            if self.value_of(literal) >= 0 {
                self.clauses.swap(clause, 1, n);
                self.watches[literal.code()].push(watch);
                return true;
            }
        }
        false
    }

    /// Searches until an answer or a number of conflicts.
    fn search(&mut self, assumed: &[Edge], allowed: u64) -> Option<bool> {
        let until = self.conflicts + allowed;
        loop {
            if let Some(conflict) = self.propagate() {
                self.conflicts += 1;
                if self.limits.is_empty() {
                    self.consistent = false;
                    return Some(false);
                }
                self.learn(conflict);
                continue;
            }
            if self.conflicts >= until {
                self.backtrack(0);
                return None;
            }
            if self.learnts.len() > self.most_learnts {
                self.forget();
            }
            match self.next_decision(assumed) {
                Decision::Take(literal) => {
                    self.limits.push(self.trail.len());
                    self.enqueue(literal, NONE);
                }
                Decision::Failed(literal) => {
                    self.blame(literal);
                    return Some(false);
                }
                Decision::Complete => return Some(true),
            }
        }
    }

    fn next_decision(&mut self, assumed: &[Edge]) -> Decision {
        while let Some(&literal) = assumed.get(self.limits.len()) {
            match self.value_of(literal) {
                0 => return Decision::Take(literal),
                // Already true: a level of its own all the same, so that levels count assumptions.
                1.. => self.limits.push(self.trail.len()),
                _ => return Decision::Failed(literal),
            }
        }
        while let Some(variable) = self.order.pop() {
            if self.values[2 * variable as usize] == 0 {
                let positive = self.phases[variable as usize];
                return Decision::Take(Edge::to(variable) ^ !positive);
            }
        }
        // What lies outside the question comes last, and without an order: only what conflicts
        // have bumped is in the heap.
        while let Some(&variable) = self.always.get(self.cursor).filter(|_| self.restricted) {
            self.cursor += 1;
            if self.values[2 * variable as usize] == 0 && !self.defined[variable as usize] {
                return Decision::Take(Edge::to(variable) ^ !self.phases[variable as usize]);
            }
        }
        Decision::Complete
    }

    /// Learns from a conflict and goes back to where the learnt clause says something.
    fn learn(&mut self, conflict: Clause) {
        let level = self.analyse(conflict);
        self.backtrack(level);
        let learnt = std::mem::take(&mut self.learnt);
        let (first, rest) = (learnt[0], &learnt[1..]);
        if rest.is_empty() {
            self.enqueue(first, NONE);
        } else {
            let clause = self.clauses.add(&learnt, true);
            self.clauses.set_activity(clause, self.clause_increment);
            self.attach(clause);
            self.learnts.push(clause);
            if learnt.contains(&!self.switch) {
                self.temporary.push(clause);
            }
            self.enqueue(first, clause);
        }
        self.learnt = learnt;
        self.order.decay();
        self.clause_increment /= 0.999;
        if self.clause_increment > 1e20 {
            self.scale_clauses();
        }
    }
}

/// What to do next.
enum Decision {
    Take(Edge),
    Failed(Edge),
    Complete,
}

/// 1, 1, 2, 1, 1, 2, 4, … (Luby, Sinclair and Zuckerman 1993).
fn luby(n: u64) -> u64 {
    let (mut size, mut exponent) = (1u64, 0u32);
    while size < n + 1 {
        exponent += 1;
        size = 2 * size + 1;
    }
    let mut n = n;
    while size - 1 != n {
        size = (size - 1) / 2;
        exponent -= 1;
        n %= size;
    }
    1 << exponent
}
