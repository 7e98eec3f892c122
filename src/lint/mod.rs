//! Remarks on typed models: what is no error but deserves a look.
//!
//! A declaration is unused when nothing that bears on a run or a verdict reads it, in any of the
//! institutions that share it; so what only a reform reads is used. Names that begin with `_`,
//! and those that governance words bring along, are left alone.

pub mod observation;
pub mod pages;
pub mod saturation;
mod unused;

use crate::syntax::diagnostic::Diagnostic;
use crate::types::core::Model;

/// All remarks, model by model; a remark on shared text comes once.
pub fn lint(models: &[Model]) -> Vec<Diagnostic> {
    let mut remarks = unused::unused(models);
    remarks.extend(models.iter().flat_map(saturation::saturating));
    remarks.extend(models.iter().flat_map(observation::observers));
    remarks
}
