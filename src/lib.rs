//! Yamen: a formal verification tool for institutions.
//!
//! The modules read as the pipeline; see ARCHITECTURE.md.

pub mod govern;
pub mod syntax;
pub mod types;
