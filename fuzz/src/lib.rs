//! The front of the house, compiled by itself: text to diagnostics, typed core and transition
//! system. The modules are the crate's own files, under their own names, so that fuzzing needs no
//! solver and its instrumented build takes a fraction of the whole crate's. What the targets call
//! `yamen` is this crate.

#![allow(unused_imports, reason = "the modules left out are those that use them")]

#[path = "../../src/govern/mod.rs"]
pub mod govern;
#[path = "../../src/lint/mod.rs"]
pub mod lint;
#[path = "../../src/syntax/mod.rs"]
pub mod syntax;
#[path = "../../src/system/mod.rs"]
pub mod system;
#[path = "../../src/term/mod.rs"]
pub mod term;
#[path = "../../src/types/mod.rs"]
pub mod types;
