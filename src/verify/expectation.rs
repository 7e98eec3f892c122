//! What an author expects of a claim, at the parameters it was decided at.

use crate::interp::evaluate::Scope;
use crate::interp::step::Interpreter;
use crate::report::outcome::{Entry, Verdict};
use crate::syntax::ast::Expected;
use crate::types::core::{Assume, Binary, Claim, Expr, ExprKind, Model, Property, Value};

/// What is expected at some parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Expectation {
    /// Nothing was written: a proof is expected, but not stated as such.
    Unstated,
    /// This verdict.
    Stated(Expected),
    /// It depends on parameters that were left symbolic.
    Depends,
}

/// What is expected of a claim at these parameters; `None` where one was left symbolic.
pub(super) fn expectation(model: &Model, claim: &Claim, params: Option<&[Value]>) -> Expectation {
    let Some(expect) = &claim.expect else { return Expectation::Unstated };
    let Some(when) = &expect.when else { return Expectation::Stated(expect.verdict) };
    match params.and_then(|params| holds(model, when, params)) {
        Some(true) => Expectation::Stated(expect.verdict),
        Some(false) => Expectation::Stated(opposite(expect.verdict)),
        None => Expectation::Depends,
    }
}

/// The verdict expected where the condition of an expectation does not hold.
fn opposite(verdict: Expected) -> Expected {
    match verdict {
        Expected::Refuted => Expected::Proved,
        Expected::Proved | Expected::Vacuous => Expected::Refuted,
    }
}

/// A condition over parameters, evaluated by the interpreter.
pub(super) fn holds(model: &Model, condition: &Expr, params: &[Value]) -> Option<bool> {
    let interpreter = Interpreter::new(model);
    interpreter.reading(params, &[]).holds(condition, &mut Scope::default()).ok()
}

/// Whether an entry's verdict is what is expected.
pub(super) fn met(entry: &Entry, expectation: Expectation) -> bool {
    match (expectation, entry.verdict) {
        (Expectation::Unstated, verdict) => verdict == Verdict::Proved && !entry.vacuous,
        (Expectation::Stated(Expected::Proved), Verdict::Proved) => !entry.vacuous,
        (Expectation::Stated(Expected::Vacuous), Verdict::Proved) => entry.vacuous,
        (Expectation::Stated(Expected::Refuted), Verdict::Refuted) => true,
        _ => false,
    }
}

/// The claim where a condition over parameters holds.
pub(super) fn narrowed(claim: &Claim, when: &Expr) -> Claim {
    let mut narrowed = Claim { expect: None, ..claim.clone() };
    match &mut *narrowed.property.kind {
        // What is about parameters alone has no runs that a hypothesis could be about.
        ExprKind::Property(Property::Valid(p)) => {
            let both = ExprKind::Binary(Binary::Implies, when.clone(), p.clone());
            *p = Expr { kind: Box::new(both), ..p.clone() };
        }
        _ => narrowed.assumes.push(Assume {
            name: "the expected region".to_owned(),
            practice: None,
            condition: when.clone(),
            span: when.span,
        }),
    }
    narrowed
}
