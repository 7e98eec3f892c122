//! One play under a strategy, as an example.

use super::check::goes;
use super::goal::Label;
use super::plain::{Plain, PlainStep};
use super::table::{Answer, Row, Table};
use crate::interp::valuations::Fixed;
use crate::types::core::Value;
use crate::types::trace::{Period, Trace};

/// Most periods of an example.
const LONGEST: usize = 12;

/// A play under a strategy, as long as something new happens in it.
pub fn example(mut plain: Plain<'_>, table: &Table) -> Option<Trace> {
    let row = table.rows.get(*table.first.first()?)?;
    let left = plain.goal.countdown().unwrap_or(0);
    let begins = |state: &Vec<Value>| match row.states.first() {
        Some(first) => first.cells.iter().all(|(slot, value)| state.get(*slot) == Some(value)),
        None => true,
    };
    let mut state = plain.firsts().ok()?.into_iter().find(begins)?;
    let mut at = (left, table.first.first().copied());
    let mut periods = Vec::new();
    let mut met = Vec::new();
    while periods.len() < LONGEST && !met.contains(&(state.clone(), at)) {
        let truths = plain.truths(&state).ok()?;
        let row = at.1.and_then(|n| table.rows.get(n));
        let Some(row) = row.filter(|_| plain.goal.label(&truths, at.0) == Label::Open) else {
            break;
        };
        met.push((state.clone(), at));
        let Some((step, answer)) = taken(&mut plain, table, row, &state) else { break };
        let left = plain.goal.next(&truths, at.0, step.tick);
        let next = match table.unseen {
            true => answer.and_then(|answer| answer.row),
            false => table.rows.iter().position(|row| {
                row.states.iter().any(|known| {
                    let same = |(slot, value): &(usize, Value)| step.next.get(*slot) == Some(value);
                    known.left == left && known.cells.iter().all(same)
                })
            }),
        };
        periods.push(Period { state, inputs: Some(step.inputs) });
        (state, at) = (step.next, (left, next));
    }
    periods.push(Period { state, inputs: None });
    Some(Trace { params: plain.params.to_vec(), periods, loop_start: None })
}

/// A step under a row, one that changes something if there is one, and the answer it is.
fn taken(
    plain: &mut Plain<'_>,
    table: &Table,
    row: &Row,
    state: &[Value],
) -> Option<(PlainStep, Option<Answer>)> {
    let mut taken: Option<(PlainStep, Option<Answer>)> = None;
    for made in &row.moves {
        let steps = plain.steps(state, &made.plan, &Fixed::default()).ok()?;
        for step in steps {
            let answer = made.answers.iter().find(|answer| match table.unseen {
                true => answer.after == step.after && answer.before == plain.before(&step.next),
                false => goes(answer, &step),
            });
            if answer.is_none() && (table.spoils || table.unseen) {
                continue;
            }
            let changes = step.next != state;
            if taken.is_none() || changes {
                taken = Some((step, answer.cloned()));
            }
            if changes {
                return taken;
            }
        }
    }
    taken
}
