//! A strategy as a table, with values in the place of packed numbers.
//!
//! A coalition that sees everything has one row for each state that can come about; one that does not has rows
//! for what it may have seen, each with the states it may then be in. A row has one move if the strategy is the
//! coalition's, and every move of the coalition with an answer if it is the others'.

use super::plain::Seen;
use crate::types::core::Value;

/// Values by slot.
pub type Slots = Vec<(usize, Value)>;

/// A state, of which the cells that count are kept, and the countdown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Situation {
    /// Cells by slot.
    pub cells: Slots,
    /// The countdown, 0 if there is none.
    pub left: u32,
}

/// What comes of a move.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// What the others and nature choose and draw, by input slot and by draw slot.
    pub inputs: Slots,
    /// See `inputs`.
    pub draws: Slots,
    /// What the coalition sees once the period is over.
    pub after: Seen,
    /// What it sees before its next move.
    pub before: Seen,
    /// The state that it leads to, where everything is seen.
    pub to: Option<Situation>,
    /// The row that comes next; none if the play is decided, or rows are found by their state.
    pub row: Option<usize>,
}

/// A move of the coalition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Move {
    /// What it chooses, by input slot; nothing where any value will do.
    pub plan: Vec<(usize, Option<Value>)>,
    /// What may come of it, where that counts.
    pub answers: Vec<Answer>,
}

/// A row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The states that are possible; one if the coalition sees everything.
    pub states: Vec<Situation>,
    /// What it sees before it moves.
    pub seen: Seen,
    /// The moves.
    pub moves: Vec<Move>,
}

/// A strategy.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    /// It is the others', against the coalition.
    pub spoils: bool,
    /// Its rows are told by what was seen.
    pub unseen: bool,
    /// Its rows; [`Table::first`] says where plays begin.
    pub rows: Vec<Row>,
    /// The rows of the first periods; for the others' strategy just one.
    pub first: Vec<usize>,
}
