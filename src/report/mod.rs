//! From verdicts to what people and scripts read: one file per format.

pub mod diagnostics;
pub mod events;
mod fold;
pub mod html;
pub mod itf;
pub mod json;
pub mod outcome;
mod table;
pub mod text;
pub mod values;
