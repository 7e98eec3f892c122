//! The solver: what the engines ask of it, and the only place that names the `z3` crate.

pub mod version;
