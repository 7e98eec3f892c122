//! Parameters without a value, taken value by value.

use super::{Limits, Outcome};
use crate::interp::value::{cardinality, nth};
use crate::types::core::Model;

/// Most valuations of parameters.
const CASES: u64 = 20_000;

/// The parameters that have no value, and how many values each may have.
pub struct Cases {
    open: Vec<(usize, u64)>,
    /// How many valuations there are.
    pub count: u64,
}

impl Cases {
    /// The valuations of a model's open parameters.
    ///
    /// # Errors
    /// Why they cannot be tried one by one.
    pub fn of(model: &Model) -> Result<Cases, String> {
        let mut open = Vec::new();
        for (n, param) in model.params.iter().enumerate().filter(|(_, p)| p.value.is_none()) {
            match cardinality(model, param.ty) {
                Some(size) if size <= CASES => open.push((n, size)),
                _ => {
                    return Err(format!(
                        "`{}` has no value, and too many it may have: give it one with `--set`",
                        param.name
                    ));
                }
            }
        }
        let count = open.iter().try_fold(1u64, |all, (_, size)| all.checked_mul(*size));
        let count = count.filter(|count| *count <= CASES).ok_or_else(|| {
            "the parameters have too many values to try them one by one".to_owned()
        })?;
        Ok(Cases { open, count })
    }

    /// Gives the open parameters of a model the values of a case.
    pub fn give(&self, number: u64, model: &mut Model) {
        let mut rest = number;
        for (n, size) in &self.open {
            if let Some(param) = model.params.get_mut(*n) {
                param.value = nth(param.ty, rest % size);
                rest /= size;
            }
        }
    }
}

/// The outcome for all values of the parameters that have none: the first run found, or that there
/// is none for any of them.
pub(super) fn for_all(
    model: &Model,
    limits: &Limits<'_>,
    mut search: impl FnMut(&Model) -> Outcome,
) -> Outcome {
    if model.params.iter().all(|param| param.value.is_some()) {
        return search(model);
    }
    let cases = match Cases::of(model) {
        Ok(cases) => cases,
        Err(reason) => return Outcome::NotFinite { reason },
    };
    let (mut all_states, mut deepest) = (0, 0);
    let mut case = model.clone();
    for number in 0..cases.count {
        if limits.over() {
            return Outcome::Cancelled;
        }
        cases.give(number, &mut case);
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
