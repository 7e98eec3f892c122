//! Properties judged on the periods of a run, one after the other.
//!
//! A [`Monitor`] holds what a property still demands ([`Standing`]): a formula, progressed through
//! each period, and one remembered truth value per operator on the past (Havelund and Rosu,
//! *Synthesizing monitors for safety properties*, 2002). What is judged on a state alone needs no
//! inputs: an atom that is not known yet is left pending, and the verdict falls as soon as it no
//! longer matters.

pub mod formula;
pub mod ground;
pub mod knowledge;
pub mod lasso;
pub mod tableau;

use crate::types::core::{Expr, Model};

use self::formula::{FALSE, Formula, Formulas, TRUE, Truth};
use self::ground::{Atom, Grounded, Past, Unsupported, ground};
use super::evaluate::{Faults, Reading, Scope};
use super::value::truth;

/// What the periods so far say of a property.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict3 {
    /// No continuation satisfies it.
    Violated,
    /// Every continuation satisfies it.
    Satisfied,
    /// It depends.
    Open,
}

/// What a property still demands.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Standing {
    /// From the current period on.
    pub formula: Formula,
    /// Remembered values of the operators on the past, in the order of their atoms.
    pub memory: Vec<bool>,
}

/// A property made ready to be judged.
#[derive(Clone)]
pub struct Monitor {
    formulas: Formulas,
    atoms: Vec<Atom>,
    start: Standing,
}

impl Monitor {
    /// Makes a property ready.
    ///
    /// # Errors
    /// The fragment that it needs, if progression does not decide it.
    pub fn new(model: &Model, property: &Expr) -> Result<Monitor, Unsupported> {
        ground(model, property).map(Monitor::of)
    }

    /// Of a property that was made ready.
    fn of(grounded: Grounded) -> Monitor {
        let memory = grounded.atoms.iter().filter_map(|atom| match atom {
            Atom::Past(op, _, _) => Some(*op == Past::Historically),
            Atom::Present { .. } | Atom::Known(_) => None,
        });
        let start = Standing { formula: grounded.start, memory: memory.collect() };
        Monitor { formulas: grounded.formulas, atoms: grounded.atoms, start }
    }

    /// Before period 0.
    pub fn start(&self) -> Standing {
        self.start.clone()
    }

    /// The atoms.
    pub fn atoms(&self) -> &[Atom] {
        &self.atoms
    }

    /// The formulas.
    pub fn formulas(&self) -> &Formulas {
        &self.formulas
    }

    /// Whether every violation shows in finitely many periods.
    pub fn is_safety(&self) -> bool {
        self.formulas.is_safety(self.start.formula, true)
    }

    /// Whether it is judged on states alone (`true`), or on whole periods alone (`false`), and not
    /// partly on either.
    pub fn judged_on_states(&self) -> Option<bool> {
        let mut levels = Vec::new();
        self.levels(self.start.formula, &mut levels);
        let first = levels.first().copied().unwrap_or(true);
        levels.iter().all(|level| *level == first).then_some(first)
    }

    /// Whether each atom of a formula speaks of states alone.
    fn levels(&self, formula: Formula, levels: &mut Vec<bool>) {
        for atom in self.formulas.atoms(formula) {
            match self.atoms.get(atom as usize) {
                Some(Atom::Present { over_state, .. }) => levels.push(*over_state),
                Some(Atom::Past(_, left, right)) => {
                    self.levels(*left, levels);
                    self.levels(*right, levels);
                }
                Some(Atom::Known(_)) => levels.push(true),
                None => {}
            }
        }
    }

    /// Whether it demands the same of every period and remembers nothing.
    pub fn is_invariant(&self) -> bool {
        let same = match self.formulas.node(self.start.formula) {
            formula::Node::Always(body) => self.formulas.is_present(*body),
            _ => false,
        };
        same && self.start.memory.is_empty()
    }

    /// The truth of the atoms over one period, with the faults of those that have no value.
    /// Atoms that the reading does not reach are unknown.
    pub fn truths(&self, reading: &Reading<'_>) -> (Vec<Truth>, Vec<(u32, Faults)>) {
        let mut faults = Vec::new();
        let mut truths = Vec::with_capacity(self.atoms.len());
        for (n, atom) in (0..).zip(&self.atoms) {
            let Atom::Present { expr, over_state } = atom else {
                truths.push(Truth::Unknown);
                continue;
            };
            if !over_state && reading.inputs.is_none() {
                truths.push(Truth::Unknown);
                continue;
            }
            match reading.value(expr, &mut Scope::default()) {
                Ok(value) => truths.push(truth(&value).map_or(Truth::Unknown, Truth::from)),
                Err(fault) => {
                    truths.push(Truth::Unknown);
                    faults.push((n, fault));
                }
            }
        }
        (truths, faults)
    }

    /// Fills in the atoms about the past, and returns what is to be remembered of this period.
    fn recall(&mut self, memory: &[bool], truths: &mut [Truth]) -> Vec<Truth> {
        let mut kept = memory.iter();
        let mut remembered = Vec::with_capacity(memory.len());
        for n in 0..self.atoms.len() {
            let Some(&Atom::Past(op, left, right)) = self.atoms.get(n) else { continue };
            let before = Truth::from(kept.next().copied().unwrap_or(false));
            let l = self.present(left, truths);
            let r = if left == right { l } else { self.present(right, truths) };
            let (now, keep) = match op {
                Past::Once => (either(l, before), either(l, before)),
                Past::Historically => (with(l, before), with(l, before)),
                Past::Previously => (before, l),
                Past::Since => {
                    let now = either(r, with(l, before));
                    (now, now)
                }
            };
            if let Some(place) = truths.get_mut(n) {
                *place = now;
            }
            remembered.push(keep);
        }
        remembered
    }

    fn present(&mut self, formula: Formula, truths: &[Truth]) -> Truth {
        match self.formulas.progress(formula, truths) {
            TRUE => Truth::True,
            FALSE => Truth::False,
            _ => Truth::Unknown,
        }
    }

    /// What the truths of one period, known in part, already decide.
    pub fn judge(&mut self, at: &Standing, truths: &[Truth]) -> Verdict3 {
        let mut truths = truths.to_vec();
        self.recall(&at.memory, &mut truths);
        match self.formulas.progress(at.formula, &truths) {
            FALSE => Verdict3::Violated,
            TRUE => Verdict3::Satisfied,
            _ => Verdict3::Open,
        }
    }

    /// What the property demands after a period.
    ///
    /// # Errors
    /// The atom whose truth matters and is not known.
    pub fn progress(&mut self, at: &Standing, truths: &[Truth]) -> Result<Standing, u32> {
        let mut truths = truths.to_vec();
        let remembered = self.recall(&at.memory, &mut truths);
        let formula = self.formulas.progress(at.formula, &truths);
        if formula == FALSE || formula == TRUE {
            return Ok(Standing { formula, memory: self.start.memory.clone() });
        }
        if let Some(atom) = self.formulas.pending(formula) {
            return Err(self.culprit(atom));
        }
        let mut memory = Vec::with_capacity(remembered.len());
        for (n, keep) in remembered.into_iter().enumerate() {
            match keep {
                Truth::True => memory.push(true),
                Truth::False => memory.push(false),
                Truth::Unknown => return Err(self.culprit(self.past(n))),
            }
        }
        Ok(Standing { formula, memory })
    }

    /// The nth atom about the past.
    fn past(&self, n: usize) -> u32 {
        let past = (0..).zip(&self.atoms).filter(|(_, atom)| matches!(atom, Atom::Past(..)));
        past.map(|(at, _)| at).nth(n).unwrap_or(u32::MAX)
    }

    /// An atom over the present that an atom without value rests on.
    fn culprit(&self, atom: u32) -> u32 {
        let mut at = atom;
        while let Some(Atom::Past(_, left, _)) = self.atoms.get(at as usize) {
            match self.formulas.pending(*left).or_else(|| first_atom(&self.formulas, *left)) {
                Some(inner) if inner < at => at = inner,
                _ => break,
            }
        }
        at
    }

    /// The verdict that a standing amounts to.
    pub fn verdict(&self, at: &Standing) -> Verdict3 {
        match at.formula {
            FALSE => Verdict3::Violated,
            TRUE => Verdict3::Satisfied,
            _ => Verdict3::Open,
        }
    }
}

fn first_atom(formulas: &Formulas, formula: Formula) -> Option<u32> {
    match formulas.node(formula) {
        formula::Node::Atom(atom) => Some(*atom),
        formula::Node::Not(inner) => first_atom(formulas, *inner),
        formula::Node::And(parts) | formula::Node::Or(parts) => {
            parts.iter().find_map(|part| first_atom(formulas, *part))
        }
        _ => None,
    }
}

fn either(a: Truth, b: Truth) -> Truth {
    match (a, b) {
        (Truth::True, _) | (_, Truth::True) => Truth::True,
        (Truth::False, Truth::False) => Truth::False,
        _ => Truth::Unknown,
    }
}

fn with(a: Truth, b: Truth) -> Truth {
    match (a, b) {
        (Truth::False, _) | (_, Truth::False) => Truth::False,
        (Truth::True, Truth::True) => Truth::True,
        _ => Truth::Unknown,
    }
}
