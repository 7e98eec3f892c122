//! A model's claims of linear time as formulas over one system, to be written out for others.

use super::System;
use super::elaborate::Elaborator;
use super::formula::Formula;
use super::property::{Prepared, extend, reader};
use crate::term::Term;
use crate::types::core::{Claim, ExprKind, Property};
use crate::types::fragments::{Fragment, fragment};

/// A system with formulas over it.
#[derive(Clone, Debug)]
pub struct Linear {
    /// The system, with memory cells for operators on the past.
    pub system: System,
    /// What recurs.
    pub justice: Vec<Term>,
    /// What recurs if something else does: premise first.
    pub compassion: Vec<(Term, Term)>,
    /// Claims by name.
    pub claims: Vec<(String, Written)>,
}

/// A claim over a system.
#[derive(Clone, Debug)]
pub enum Written {
    /// True of all runs, if what is given holds in all their periods.
    Always {
        /// In negation normal form.
        formula: Formula,
        /// Hypotheses.
        given: Vec<Term>,
    },
    /// Some run reaches it.
    Possible(Term),
    /// From every state that can be reached.
    StaysPossible(Term),
    /// Of another fragment.
    Beyond,
}

impl<'m> Prepared<'m> {
    /// All claims over one system.
    pub fn linear(&self) -> Linear {
        let mut elaborator = self.elaborator.clone();
        let mut system = self.elaborated.system.clone();
        let mut claims = Vec::new();
        for claim in &self.model.claims {
            let written = written(&mut elaborator, &mut system, claim);
            claims.push((claim.name.clone(), written));
        }
        let (mut justice, mut compassion) = (Vec::new(), Vec::new());
        for fairness in &self.model.fairness {
            let recurs = elaborator.expr(&fairness.recurs).term;
            match &fairness.premise {
                None => justice.push(recurs),
                Some(premise) => compassion.push((elaborator.expr(premise).term, recurs)),
            }
        }
        system.pool = elaborator.pool;
        Linear { system, justice, compassion, claims }
    }
}

fn written<'m>(elaborator: &mut Elaborator<'m>, system: &mut System, claim: &'m Claim) -> Written {
    if fragment(elaborator.model, &claim.property) == Fragment::Static {
        return Written::Beyond;
    }
    let (states, steps) = elaborator.assumptions(&claim.assumes, &mut Vec::new());
    let given: Vec<Term> = states.into_iter().chain(steps).collect();
    let mut reader = reader(elaborator);
    let formula = match &*claim.property.kind {
        ExprKind::Property(Property::Possible(p) | Property::AlwaysPossible(p)) => {
            reader.formula(p, true)
        }
        _ => reader.formula(&claim.property, true),
    };
    let (memories, _, _) = reader.parts();
    extend(system, &memories);
    let Ok(formula) = formula else { return Written::Beyond };
    match (&*claim.property.kind, formula.flat(&mut elaborator.pool), given.is_empty()) {
        (ExprKind::Property(Property::Possible(_)), Some(p), true) => Written::Possible(p),
        (ExprKind::Property(Property::AlwaysPossible(_)), Some(p), true) => {
            Written::StaysPossible(p)
        }
        (ExprKind::Property(Property::Possible(_) | Property::AlwaysPossible(_)), ..) => {
            Written::Beyond
        }
        _ => Written::Always { formula, given },
    }
}
