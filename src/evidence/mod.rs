//! Evidence: nothing that a solver says becomes a verdict before it was checked.
//!
//! Runs of institutions are re-executed by the interpreter ([`crate::interp`]), runs of problems
//! from other tools' files by evaluating terms ([`execute`]); proofs are proved again by a fresh
//! solver ([`recheck`]); answers about Horn clauses are checked clause by clause ([`clauses`]); what is not known is shown
//! world by world ([`worlds`]).

pub mod clauses;
pub mod execute;
pub mod index;
pub mod manifest;
pub mod obligations;
pub mod recheck;
pub mod scripts;
pub mod spoiling;
pub mod worlds;
