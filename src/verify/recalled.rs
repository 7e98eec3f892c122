//! Proofs of an institution's claims, tried again where part of the institution is left out.
//!
//! What was hard to prove is seldom hard to prove again: the invariant found with all rules mostly is one without
//! a rule that the proof does not need. A fresh solver says whether it is, unless it has said so of the very same
//! question; if not, engines are asked as if there were none. So nothing is taken over, and a guess that is
//! wrong costs time alone.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::cache::content;
use super::neighbours::adopted;
use crate::engine::{Budget, Proof};
use crate::evidence::recheck::{Check, recheck};
use crate::system::Problem;
use crate::types::core::{Claim, Model};

/// An invariant on bits with fewer clauses than this is found as fast as it is proved again.
const WORTH: usize = 64;

/// The proofs of one institution.
#[derive(Debug, Default)]
pub(super) struct Recalled {
    proofs: Mutex<BTreeMap<String, Arc<Kept>>>,
}

/// A proof that was proved again.
#[derive(Debug)]
struct Kept {
    proof: Proof,
    /// What it is a proof of.
    of: content::Hash,
}

impl Recalled {
    /// Keeps the proof of a claim, which was proved again, if it was dear.
    pub(super) fn keep(&self, model: &Model, claim: &Claim, problem: &Problem, proof: &Proof) {
        let dear = match proof {
            Proof::Invariant(invariant) => {
                invariant.clauses.len() >= WORTH || !problem.system.is_finite(&[problem.bad])
            }
            Proof::Induction { .. } | Proof::Strengthened { .. } => true,
            _ => false,
        };
        if dear {
            let mut proofs = self.proofs.lock().unwrap_or_else(PoisonError::into_inner);
            let kept = Kept { proof: proof.clone(), of: content::of(problem) };
            proofs.insert(key(model, claim), Arc::new(kept));
        }
    }

    /// Whether the proof kept of a claim proves this.
    pub(super) fn proves(
        &self,
        model: &Model,
        claim: &Claim,
        problem: &Problem,
        budget: Budget<'_>,
    ) -> bool {
        let proofs = self.proofs.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = proofs.get(&key(model, claim)).cloned();
        drop(proofs);
        kept.is_some_and(|kept| {
            let holds = |proof| matches!(recheck(problem, &proof, budget), Check::Holds(_));
            kept.of == content::of(problem) || adopted(problem, &kept.proof).is_some_and(holds)
        })
    }
}

fn key(model: &Model, claim: &Claim) -> String {
    format!("{} {}", model.name, claim.name)
}
