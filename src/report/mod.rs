//! From verdicts to what people and scripts read: one file per format.

pub mod comparison;
pub mod diagnostics;
pub mod events;
pub mod findings;
mod fold;
pub mod github;
pub mod html;
pub mod irrelevant;
pub mod itf;
pub mod json;
pub mod junit;
pub mod lock;
pub mod narrative;
pub mod outcome;
pub mod phase;
pub mod sarif;
mod table;
pub mod text;
pub mod values;
pub mod without;
