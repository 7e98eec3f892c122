//! stub
use crate::types::core::{Claim, Expr, Model};
use crate::types::defect::DefectKind;
use crate::types::trace::Trace;
use std::time::Instant;
#[derive(Clone, Copy, Debug)]
pub enum Question<'m> {
    Claim(&'m Claim),
    Reach(&'m Expr),
    Defects,
    Defect(DefectKind),
}
pub struct Limits<'a> {
    pub max_states: usize,
    pub max_memory: usize,
    pub deadline: Option<Instant>,
    pub cancel: &'a (dyn Fn() -> bool + Sync),
}
pub struct Progress {
    pub states: usize,
}
pub enum Outcome {
    Holds { states: usize, depth: usize },
    Found { trace: Trace, kind: Option<DefectKind> },
    TooLarge { reason: String },
    NotFinite { reason: String },
    Unsupported { fragment: String },
    Cancelled,
}
pub fn search(_: &Model, _: &Question<'_>, _: &Limits<'_>, _: &mut dyn FnMut(Progress)) -> Outcome {
    Outcome::NotFinite { reason: "stub".into() }
}
