//! A strategy of a coalition that does not see everything, as an assumption.
//!
//! Where the coalition is in its strategy rests on what it has seen. An observer ([`crate::twin::observed`]) of
//! that is added to the model: its state says what row the coalition was in and what it saw once the period
//! was over; with what it sees at the beginning of the next, that tells the row. So what it does is a condition on one
//! period again, and that every run meets the goal is an ordinary claim. That there is always such a step
//! is for the replay to say.

use std::collections::BTreeMap;

use indexmap::IndexSet;

use crate::interp::game::plain::Seen;
use crate::interp::game::table::Table;
use crate::interp::game::{Force, Played, restrict};
use crate::twin::observed::{Machine, Observer, observe};
use crate::types::core::{Binary, Claim, Expr, ExprKind, Model, Type, Value};

/// The model with an observer and the strategy as an assumption, and the claim that must then hold.
/// `None` where the strategy is none of this kind, or too long.
pub(super) fn restricted(
    model: &Model,
    claim: &Claim,
    force: &Force,
    played: &Played,
) -> Option<(Model, Claim)> {
    let table = played.table.as_ref().filter(|table| table.unseen && !table.spoils)?;
    let plan = Plan::of(table)?;
    let sees: Vec<Expr> = played.sights.iter().map(|sight| sight.expr.clone()).collect();
    let mut model = model.clone();
    let observer = observe(&mut model, &sees, &plan.machine(table.rows.len()), claim.span);
    let rows: Vec<Expr> =
        (0..table.rows.len()).map(|row| plan.is_in(row, &observer, &sees)).collect();
    restrict::restricted_by(&model, claim, force, played, &rows)
}

type Values = Vec<Value>;

/// A strategy by what is seen.
struct Plan {
    /// What is seen before a move.
    before: IndexSet<Values>,
    /// What is seen after one.
    after: IndexSet<Values>,
    /// Where the coalition has been: at first nowhere, later in a row, and what it saw after its move there.
    places: IndexSet<Option<(usize, usize)>>,
    /// The row at a place, by what is seen before the move.
    rows: BTreeMap<(usize, usize), usize>,
}

fn values(seen: &Seen) -> Option<Values> {
    seen.iter().cloned().collect()
}

impl Plan {
    /// `None` if something that is seen has no value.
    fn of(table: &Table) -> Option<Plan> {
        let (before, after, rows) = (IndexSet::new(), IndexSet::new(), BTreeMap::new());
        let mut plan = Plan { before, after, places: IndexSet::new(), rows };
        plan.places.insert(None);
        for row in &table.first {
            let (before, _) = plan.before.insert_full(values(&table.rows.get(*row)?.seen)?);
            plan.rows.insert((0, before), *row);
        }
        for (from, row) in table.rows.iter().enumerate() {
            for answer in row.moves.iter().flat_map(|made| &made.answers) {
                let (after, _) = plan.after.insert_full(values(&answer.after)?);
                let (before, _) = plan.before.insert_full(values(&answer.before)?);
                let (place, _) = plan.places.insert_full(Some((from, after)));
                plan.rows.extend(answer.row.map(|row| ((place, before), row)));
            }
        }
        Some(plan)
    }

    /// It goes from place to place; it knows nothing but, for each row and each thing seen before the move, at which
    /// places the two go together.
    fn machine(&self, rows: usize) -> Machine {
        let mut views = Vec::new();
        let mut steps = vec![BTreeMap::new(); self.places.len()];
        for (b, before) in self.before.iter().enumerate() {
            for (a, after) in self.after.iter().enumerate() {
                let view = u32::try_from(views.len()).unwrap_or(u32::MAX);
                views.push(before.iter().chain(after).cloned().collect());
                for (place, steps) in steps.iter_mut().enumerate() {
                    let row = self.rows.get(&(place, b));
                    let to = row.and_then(|row| self.places.get_index_of(&Some((*row, a))));
                    if let Some(to) = to.and_then(|to| u32::try_from(to).ok()) {
                        steps.insert(view, to);
                    }
                }
            }
        }
        let is = |row: usize, b: usize| -> Vec<bool> {
            (0..self.places.len()).map(|place| self.rows.get(&(place, b)) == Some(&row)).collect()
        };
        let seen = 0..self.before.len();
        let pairs = (0..rows).flat_map(|row| seen.clone().map(move |b| (row, b)));
        let known = pairs.map(|(row, b)| is(row, b)).collect();
        Machine { views, after: steps, first: 0, known }
    }

    /// That the coalition is in a row.
    fn is_in(&self, row: usize, observer: &Observer, sees: &[Expr]) -> Expr {
        let span = observer.follows.span;
        let truth = |kind| Expr { kind: Box::new(kind), ty: Type::Bool, span };
        let and = |a: Expr, b: Expr| truth(ExprKind::Binary(Binary::And, a, b));
        let mut parts = vec![];
        for (b, before) in self.before.iter().enumerate() {
            let Some(known) = observer.known.get(row * self.before.len() + b) else { continue };
            if !self.rows.iter().any(|((_, seen), to)| *seen == b && *to == row) {
                continue;
            }
            let seen = sees.iter().zip(before).map(|(e, value)| {
                let kind = Box::new(ExprKind::Const(value.clone()));
                let value = Expr { kind, ty: e.ty, span };
                truth(ExprKind::In(e.clone(), crate::types::core::Set::Elements(vec![value])))
            });
            parts.push(seen.fold(and(observer.follows.clone(), known.clone()), and));
        }
        let some = |a, b| truth(ExprKind::Binary(Binary::Or, a, b));
        let none = truth(ExprKind::Const(Value::Bool(false)));
        parts.into_iter().reduce(some).unwrap_or(none)
    }
}
