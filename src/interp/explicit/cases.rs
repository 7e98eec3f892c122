//! Parameters without a value, taken value by value.

use super::{Limits, Outcome};
use crate::interp::value::{cardinality, nth};
use crate::types::core::Model;

/// Most valuations of parameters.
const CASES: u64 = 20_000;

/// The outcome for all values of the parameters that have none: the first run found, or that there
/// is none for any of them.
pub(super) fn for_all(
    model: &Model,
    limits: &Limits<'_>,
    mut search: impl FnMut(&Model) -> Outcome,
) -> Outcome {
    let open: Vec<usize> = (0..model.params.len())
        .filter(|n| model.params.get(*n).is_some_and(|param| param.value.is_none()))
        .collect();
    if open.is_empty() {
        return search(model);
    }
    let mut sizes = Vec::new();
    for n in &open {
        let Some(param) = model.params.get(*n) else { continue };
        match cardinality(model, param.ty) {
            Some(size) if size <= CASES => sizes.push(size),
            _ => {
                let reason = format!("`{}` has no value, and too many it may have", param.name);
                return Outcome::NotFinite { reason };
            }
        }
    }
    let count = sizes.iter().try_fold(1u64, |all, size| all.checked_mul(*size));
    let Some(count) = count.filter(|count| *count <= CASES) else {
        let reason = "the parameters have too many values to try them one by one".to_owned();
        return Outcome::NotFinite { reason };
    };
    let (mut all_states, mut deepest) = (0, 0);
    let mut case = model.clone();
    for number in 0..count {
        if limits.over() {
            return Outcome::Cancelled;
        }
        let mut rest = number;
        for (n, size) in open.iter().zip(&sizes) {
            if let Some(param) = case.params.get_mut(*n) {
                param.value = nth(param.ty, rest % size);
                rest /= size;
            }
        }
        match search(&case) {
            Outcome::Holds { states, depth } => {
                all_states += states;
                deepest = deepest.max(depth);
            }
            other => return other,
        }
    }
    Outcome::Holds { states: all_states, depth: deepest }
}
