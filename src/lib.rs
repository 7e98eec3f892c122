//! Yamen: a formal verification tool for institutions.
//!
//! The modules read as the pipeline; see ARCHITECTURE.md.

pub mod syntax;

pub mod govern;

pub mod types;

pub mod twin;

pub mod lint;

pub mod interp;

pub mod term;

pub mod system;

pub mod circuit;

pub mod solver;

pub mod engine;

pub mod evidence;

pub mod exchange;

pub mod report;

pub mod verify;

pub mod sweep;

pub mod lsp;

pub mod cli;

/// Yamen's version.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");
