//! Evidence: nothing that a solver says becomes a verdict before it was checked.
//!
//! Runs are re-executed by the interpreter ([`crate::interp`]); proofs are
//! proved again by a fresh solver ([`recheck`]).

pub mod recheck;
