//! Runs, as flat vectors of values in the order of a [`Layout`](super::layout::Layout).

use super::core::Value;

/// The values of a period's inputs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inputs {
    /// Choices and environment, by input slot.
    pub inputs: Vec<Value>,
    /// Nondeterministic writes, by draw slot; meaningless where the rule does not fire.
    pub draws: Vec<Value>,
}

/// One period: the state at its start, and what was drawn in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Period {
    /// By cell slot.
    pub state: Vec<Value>,
    /// Absent in the last period of a path that ends in a state.
    pub inputs: Option<Inputs>,
}

/// A run, or the beginning of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trace {
    /// Parameter values, in the model's order.
    pub params: Vec<Value>,
    /// Its periods; never empty.
    pub periods: Vec<Period>,
    /// For a lasso: the last period's step leads back to this one.
    pub loop_start: Option<usize>,
}
