//! Wider ranges for cells that saturate.
//!
//! A counter that is clamped can make a claim about growth true by clipping.
//! So a claim that was proved is decided again, in models in which every
//! `saturate` reaches further and further, and with it the cells it feeds; if
//! its verdict is another one there, the first said more about the clamp than
//! about the institution. A clamp that matters only beyond the last round goes
//! unnoticed.

use super::decide::Decision;
use super::institution::Investigation;
use super::knowledge::Answer;
use super::{entries, traces};
use crate::interp::explicit::Question as Explicit;
use crate::interp::replay::Goal;
use crate::report::outcome::{Entry, TraceReport};
use crate::system::property::{Beyond, Prepared, Question};
use crate::types::core::{Chosen, Claim, DefineId, Expr, ExprKind, Model, Type};
use crate::types::visit;

/// How many times a saturating range is more than doubled before a proof counts as free of it.
const ROUNDS: u32 = 4;

/// The interval that saturated values of an expression fill, if any.
type Hull = Option<(i64, i64)>;

impl Investigation<'_> {
    /// A proof that rests on a clamp is not one about the institution.
    pub(super) fn is_not_clipped(&self, prepared: &Prepared<'_>, claim: &Claim, entry: &mut Entry) {
        let mut model = prepared.model.clone();
        for round in 1..=ROUNDS {
            let Some(wider) = widen(&model) else { return };
            model = wider;
            match self.decided_in(&model, claim) {
                Wider::Same if round < ROUNDS => {}
                Wider::Same => {
                    entry.notes.push("also holds with wider saturating ranges".to_owned());
                }
                Wider::Refuted(trace) => {
                    entries::undecided(
                        entry,
                        "it holds only because a cell saturates: with a wider range it is refuted",
                    );
                    entry.notes.push("the trace is one with the wider range".to_owned());
                    entry.trace = Some(*trace);
                    return;
                }
                Wider::Open => {
                    entry.notes.push("not decided with wider saturating ranges".to_owned());
                    return;
                }
            }
        }
    }

    /// The same claim of another model.
    fn decided_in(&self, model: &Model, claim: &Claim) -> Wider {
        let prepared = Prepared::new(model);
        let decision = match prepared.question(claim) {
            Question::Never(asked) => {
                let explicit = Some(Explicit::Claim(claim));
                let goal = Goal::Claim(claim);
                self.inquiry(&prepared, &asked.problem, explicit, goal).decide()
            }
            Question::Forever(live) => {
                self.endless(&prepared, claim, &live).decide(self.options.timeout)
            }
            Question::Beyond(Beyond::Knowledge) => {
                return match self.by_pairs(&prepared, claim, &mut Entry::default()) {
                    Some(Answer::Holds { .. }) => Wider::Same,
                    Some(Answer::Refuted { shown, .. }) => Wider::Refuted(Box::new(shown.trace)),
                    _ => Wider::Open,
                };
            }
            _ => return Wider::Open,
        };
        match decision {
            Decision::Unreachable { .. } => Wider::Same,
            Decision::Reached { run, .. } => Wider::Refuted(Box::new(traces::report(model, &run))),
            _ => Wider::Open,
        }
    }
}

/// What became of a claim with wider ranges.
enum Wider {
    Same,
    Refuted(Box<TraceReport>),
    Open,
}

/// The model with every saturated range more than twice as wide, upwards, and downwards too
/// unless it starts at 0 (a floor that is meant). `None` if nothing saturates.
fn widen(model: &Model) -> Option<Model> {
    let mut wider = model.clone();
    let mut hulls: Vec<Hull> = Vec::new();
    // A definition refers only to earlier ones, so their hulls are known.
    for define in &mut wider.defines {
        let hull = stretch(&mut define.body, &hulls);
        hulls.push(hull);
    }
    let mut found = false;
    for rule in &mut wider.rules {
        for update in &mut rule.updates {
            let Chosen::Is(value) = &mut update.value else { continue };
            let Some(hull) = stretch(value, &hulls) else { continue };
            found = true;
            if let Some(cell) = wider.cells.get_mut(update.cell.index()) {
                cell.ty = cover(cell.ty, hull);
            }
        }
    }
    found.then_some(wider)
}

/// Widens what saturates in an expression; returns the hull of it and of the definitions it calls.
fn stretch(e: &mut Expr, defines: &[Hull]) -> Hull {
    let mut hull = None;
    visit::rewrite(e, &mut |e| match &mut *e.kind {
        ExprKind::Saturate(_, lo, hi) => {
            let more = hi.saturating_sub(*lo).saturating_add(2);
            *hi = hi.saturating_add(more);
            if *lo != 0 {
                *lo = lo.saturating_sub(more);
            }
            hull = join(hull, Some((*lo, *hi)));
        }
        ExprKind::Call(DefineId(n), _) => {
            hull = join(hull, defines.get(*n as usize).copied().flatten());
        }
        _ => {}
    });
    hull
}

fn join(one: Hull, other: Hull) -> Hull {
    match (one, other) {
        (Some((a, b)), Some((c, d))) => Some((a.min(c), b.max(d))),
        (one, other) => one.or(other),
    }
}

fn cover(ty: Type, (lo, hi): (i64, i64)) -> Type {
    match ty {
        Type::Range(a, b) => Type::Range(a.min(lo), b.max(hi)),
        other => other,
    }
}
