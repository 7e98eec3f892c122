//! States that differ in nothing on which a game rests.
//!
//! Where the model is free of defects, the cells outside the [`cone`] of a game's goal, of what its coalition sees
//! and of all restrictions change neither which moves and answers there are nor what becomes of a play. So of all
//! states that agree on the cone one stands for all of them. It is the first that was met: a state that comes
//! about, in which no step is defective. A count that grows for ever thus adds no positions to a replay.

use rustc_hash::FxHashMap;

use super::goal::Goal;
use super::sight::Sight;
use crate::interp::step::Interpreter;
use crate::types::cone::cone;
use crate::types::core::{Expr, Value};

/// Which states are taken for the same.
pub struct Alike {
    /// By cell slot: whether the game rests on it.
    live: Vec<bool>,
    /// The state that stands for all that agree on these cells.
    first: FxHashMap<Vec<Value>, Vec<Value>>,
}

impl Alike {
    /// Each state for itself.
    pub fn none(interpreter: &Interpreter<'_>) -> Alike {
        Alike { live: vec![true; interpreter.layout.cells.len()], first: FxHashMap::default() }
    }

    /// Those that agree on what a game rests on, in a model without defects.
    pub fn in_game(interpreter: &Interpreter<'_>, goal: &Goal, sights: &[Sight]) -> Alike {
        let live = cone(interpreter.model, asked(interpreter, goal, sights));
        let of = interpreter.layout.cells.iter().map(|slot| slot.of.index());
        let live = of.map(|cell| live.get(cell) != Some(&false)).collect();
        Alike { live, first: FxHashMap::default() }
    }

    /// Whether the game rests on a cell.
    pub fn counts(&self, slot: usize) -> bool {
        self.live.get(slot) != Some(&false)
    }

    /// The state that stands for this one.
    pub fn one(&mut self, state: Vec<Value>) -> Vec<Value> {
        if self.live.iter().all(|live| *live) {
            return state;
        }
        let kept = state.iter().zip(&self.live).filter(|(_, live)| **live);
        let kept = kept.map(|(value, _)| value.clone()).collect();
        self.first.entry(kept).or_insert(state).clone()
    }
}

/// What decides which steps there are, and what they come to.
fn asked<'e>(
    interpreter: &'e Interpreter<'_>,
    goal: &'e Goal,
    sights: &'e [Sight],
) -> impl Iterator<Item = &'e Expr> {
    let model = interpreter.model;
    let tick = goal.tick().and_then(|tick| model.ticks.get(tick.index()));
    let assumed = interpreter.assumptions.iter().map(|(assume, _)| &assume.condition);
    let seen = sights.iter().map(|sight| &sight.expr);
    goal.states.iter().chain(seen).chain(assumed).chain(&model.inits).chain(tick.map(|t| &t.when))
}
