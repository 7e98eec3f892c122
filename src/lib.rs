//! Yamen: a formal verification tool for institutions.
//!
//! The modules read as the pipeline; see ARCHITECTURE.md.

pub mod cli;
pub mod govern;
pub mod interp;
pub mod lint;
pub mod report;
pub mod solver;
pub mod syntax;
pub mod types;
pub mod verify;

/// Yamen's version.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");
