//! From verdicts to what people and scripts read: one file per format.

pub mod events;
pub mod outcome;
