//! A claim over a grid of parameters: its verdict map, and the boundary between proved and refuted.
//!
//! Every cell is decided by the ordinary verification of the one claim, with all obligations; nothing
//! is guessed from neighbours, and a cell that is not decided stays unknown. What was decided is
//! written to a journal cell by cell, so that a run can be resumed, and shards of it merged. The
//! boundary is searched for among formulas in order of size (`boundary`).

pub mod boundary;
pub mod decide;
pub mod grid;
pub mod journal;
pub mod map;
pub mod merge;
pub mod outcome;
pub mod phase;
pub mod regions;
pub mod svg;
