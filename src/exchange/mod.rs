//! Problems in other tools' formats.

pub mod aiger;
pub mod btor2;
