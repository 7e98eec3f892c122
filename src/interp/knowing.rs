//! What posts know along a run, worked out anew by plain enumeration.
//!
//! A run that refutes a claim of knowledge is evidence only together with all runs that look alike:
//! so they are followed here once more, period by period, by [`Interpreter::step`] and
//! `observe`(super::observe), without the compiled program and the belief sets of the search that
//! found the run. A belief set is what it is by definition: all ends of runs that begin anywhere,
//! take any steps, and have shown the judge what it saw.

mod inquest;

use super::explicit::beliefs::Testimony;
use super::explicit::beliefs::claim::{attributed_within, written_out};
use super::progress::Monitor;
use super::progress::formula::Truth;
use super::progress::ground::Unsupported;
use super::replay::{Departure, Replayed, refuted_by, rerun};
use super::step::Interpreter;
use crate::types::core::{Claim, ExprKind, Model, Property};
use crate::types::trace::Trace;

use self::inquest::{Inquest, Missing};

/// Why a run was not found to be evidence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Doubt {
    /// It departs from what it claims to be.
    Departs(Departure),
    /// Too many runs look alike to try them all.
    TooMany,
}

impl From<Departure> for Doubt {
    fn from(departure: Departure) -> Doubt {
        Doubt::Departs(departure)
    }
}

fn departs(period: usize, text: impl Into<String>) -> Doubt {
    let text = text.into();
    Doubt::Departs(Departure { period, name: String::new(), expected: None, found: None, text })
}

fn beyond(unsupported: &Unsupported) -> Doubt {
    departs(0, format!("this property cannot be replayed: {}", unsupported.fragment))
}

/// Checks that a run violates a claim (reaches what one that says `possible` wants), that all runs
/// which look alike to its judges are as the claim needs them, and that the testimonies are true.
///
/// # Errors
/// Where something is not so.
pub fn refutes(
    model: &Model,
    claim: &Claim,
    trace: &Trace,
    testimonies: &[Testimony],
) -> Result<Replayed, Doubt> {
    let replayed = rerun(model, &claim.assumes, true, trace)?;
    let interpreter = Interpreter::assuming(model, &claim.assumes);
    let params = replayed.trace.params.clone();
    let written = written_out(&interpreter, &params, &refuted_by(&claim.property));
    let written = written.map_err(|unsupported| beyond(&unsupported))?;
    let mut inquest = Inquest::new(&interpreter, &params);
    inquest.begin()?;
    let monitor = Monitor::new(model, &written.property);
    let monitor = monitor.map_err(|unsupported| beyond(&unsupported))?;
    let mut actual = inquest.place(&written, monitor, Vec::new(), None)?;
    let known = inquest.follow(&mut actual, &replayed.trace)?;
    for testimony in testimonies {
        let Some(truth) = known.get(testimony.period).and_then(|k| k.get(&testimony.number)) else {
            return Err(departs(testimony.period, "nothing is known or unknown in this period"));
        };
        if *truth != Truth::from(testimony.known) {
            return Err(departs(testimony.period, "what is said to be known is not"));
        }
        if let Some(other) = &testimony.other {
            let Testimony { judge, number, period, .. } = *testimony;
            let ends = Missing { judge, number, period };
            inquest.looks_alike(&written, claim, &replayed.trace, ends, other)?;
        }
    }
    Ok(replayed)
}

/// Checks that a run decides a claim, by itself or with another that looks the same to some judge.
///
/// # Errors
/// Where something is not so.
pub fn decides(
    model: &Model,
    claim: &Claim,
    trace: &Trace,
    other: Option<&Trace>,
) -> Result<Replayed, Doubt> {
    // Of an attribution that leaves the size of the set open, some size is refuted.
    let members = match claim.property.kind.as_ref() {
        ExprKind::Property(Property::Attributes { sort, .. }) => super::value::size(model, *sort),
        _ => 0,
    };
    let sizes = (1..members).rev();
    let sizes = sizes.map_while(|size| attributed_within(&claim.property, size));
    let mut claims: Vec<Claim> =
        sizes.map(|property| Claim { property, ..claim.clone() }).collect();
    claims.push(claim.clone());
    let mut doubt = None;
    for claim in &claims {
        match with_other(model, claim, trace, other) {
            Ok(replayed) => return Ok(replayed),
            Err(other) => doubt = doubt.or(Some(other)),
        }
    }
    Err(doubt.unwrap_or(Doubt::TooMany))
}

fn with_other(
    model: &Model,
    claim: &Claim,
    trace: &Trace,
    other: Option<&Trace>,
) -> Result<Replayed, Doubt> {
    let replayed = refutes(model, claim, trace, &[])?;
    let Some(other) = other else { return Ok(replayed) };
    let interpreter = Interpreter::assuming(model, &claim.assumes);
    let params = replayed.trace.params.clone();
    let written = written_out(&interpreter, &params, &refuted_by(&claim.property));
    let written = written.map_err(|unsupported| beyond(&unsupported))?;
    let period = replayed.trace.periods.len().saturating_sub(1);
    let mut doubt = departs(period, "nobody is said to know anything");
    for (number, knowing) in written.known.iter().enumerate() {
        let Some(judge) = knowing.judge else { continue };
        let mut inquest = Inquest::new(&interpreter, &params);
        inquest.begin()?;
        let ends = Missing { judge, number, period };
        match inquest.looks_alike(&written, claim, &replayed.trace, ends, other) {
            Ok(()) => return Ok(replayed),
            Err(found) => doubt = found,
        }
    }
    Err(doubt)
}
