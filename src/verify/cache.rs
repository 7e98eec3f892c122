//! Evidence of earlier runs, kept in files: what was found before is tried before engines are asked.
//!
//! A question is known by the content of what it depends on (`content`), the settings, and the versions
//! of Yamen and Z3. Kept is the evidence alone, never a verdict: a run is executed again by the
//! interpreter, an invariant or a bound of k-induction is proved again by a fresh solver, as if an engine
//! had found it just now. So whoever writes into the folder can cost time, but cannot make a claim true; and
//! answers that leave nothing to check, such as a search of all states, are not kept.

pub(super) mod content;
mod form;
mod store;

use std::path::PathBuf;
use std::time::Instant;

use sha2::{Digest, Sha256};

pub use self::store::{Cache, default_folder};

use self::form::{Form, Written};
use super::EngineName;
use super::decide::{Decision, Inquiry};
use super::endless::Endless;
use crate::engine::{Budget, Outcome, Proof};
use crate::evidence::execute::execute;
use crate::evidence::recheck::{Check, recheck};
use crate::interp::again::again;
use crate::interp::replay::{Goal, Replayed, replay};
use crate::system::Problem;
use crate::types::core::{Assume, Model};
use crate::types::trace::Trace;

/// The names that engines give themselves beyond [`EngineName`].
const OTHERS: [&str; 3] = ["ranking", "k-liveness", "liveness-to-safety"];

/// A question's place in the cache, and when it was put.
pub(super) struct Asked<'a> {
    cache: &'a Cache,
    key: String,
    since: Instant,
}

impl<'a> Asked<'a> {
    fn new(cache: &'a Cache, kind: &str, parts: &[&[u8]]) -> Asked<'a> {
        let mut hash = Sha256::new();
        for part in [&b"yamen evidence 1"[..], kind.as_bytes()].iter().chain(parts) {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part);
        }
        Asked { cache, key: content::hex(&hash.finalize()), since: Instant::now() }
    }

    /// What is kept, as `read` takes it; what `read` does not take is of no use and is told of.
    fn found<T>(&self, read: impl FnOnce(Written) -> Option<T>) -> Option<T> {
        let kept = self.cache.read(&self.key)?;
        let found = read(kept);
        if found.is_none() {
            self.cache.useless();
        }
        found
    }

    fn keep(&self, engine: &str, form: Option<Form>) {
        if let Some(form) = form.filter(|_| self.since.elapsed() >= self.cache.worth()) {
            self.cache.write(&self.key, &Written { engine: engine.to_owned(), form });
        }
    }
}

/// The engine of this name.
fn engine(name: &str) -> Option<&'static str> {
    let names = EngineName::ALL.map(EngineName::name);
    names.into_iter().chain(OTHERS).find(|known| *known == name)
}

/// A run of this model that shows what it is to show.
fn shown(model: &Model, goal: Goal<'_>, assumes: &[Assume], run: &Trace) -> Option<Replayed> {
    let fixed = model.params.iter().all(|param| param.value.is_some());
    let run = if fixed { again(model, assumes, run)? } else { run.clone() };
    replay(model, goal, &run).ok()
}

/// What a question is about, besides its content.
fn goal(model: &Model, goal: Goal<'_>) -> String {
    let about = match goal {
        Goal::Claim(claim) => format!("claim {}", claim.name),
        Goal::Reach(_) => "reach".to_owned(),
        Goal::Defect(kind) => kind.id().to_owned(),
        Goal::Run => "run".to_owned(),
    };
    format!("{} {about}", model.name)
}

impl Inquiry<'_> {
    /// The question's place, if answers are kept.
    pub(super) fn asked(&self) -> Option<Asked<'_>> {
        let cache = self.options.cache.as_deref()?;
        let about = goal(self.prepared.model, self.goal);
        let content = content::of(self.problem);
        let settings = content::settings(self.options);
        let parts = [about.as_bytes(), settings.as_bytes(), &content[..]];
        Some(Asked::new(cache, "inquiry", &parts))
    }

    /// The decision by what is kept, checked like what an engine finds.
    pub(super) fn cached(&self, asked: Option<&Asked<'_>>) -> Option<Decision> {
        asked?.found(|Written { engine: name, form }| {
            let engine = engine(&name)?;
            match form {
                Form::Run(run) => {
                    let assumes = match self.goal {
                        Goal::Claim(claim) => claim.assumes.as_slice(),
                        _ => &[],
                    };
                    let model = self.prepared.model;
                    let run = shown(model, self.goal, assumes, &run.read()?)?;
                    Some(Decision::Reached { engine, run: Box::new(run) })
                }
                Form::Proof(proof) => believed(self.rechecked(engine, &proof.read(self.problem)?)),
                _ => None,
            }
        })
    }

    /// Keeps a run that was replayed, unless a replay does not say all that was asked.
    pub(super) fn keep_run(&self, asked: Option<&Asked<'_>>, decision: &Decision) {
        let (Some(asked), Decision::Reached { engine, run }) = (asked, decision) else { return };
        let says_all = match self.goal {
            Goal::Claim(_) | Goal::Defect(_) => true,
            // Under which hypotheses something is reached, a replay does not know; a search does neither.
            Goal::Reach(_) => self.explicit.is_some(),
            Goal::Run => false,
        };
        if says_all {
            asked.keep(engine, Some(Form::run(&run.trace)));
        }
    }

    /// Keeps a proof that was proved again.
    pub(super) fn keep_proof(&self, asked: Option<&Asked<'_>>, decision: &Decision, proof: &Proof) {
        if let (Some(asked), Decision::Unreachable { engine, certificate }) = (asked, decision)
            && certificate.checked
        {
            asked.keep(engine, Form::proof(proof));
        }
    }
}

/// A proof that was proved again; what was not counts for nothing.
fn believed(decision: Decision) -> Option<Decision> {
    match &decision {
        Decision::Unreachable { certificate, .. } if certificate.checked => Some(decision),
        _ => None,
    }
}

impl Endless<'_> {
    /// The question's place, if answers are kept.
    pub(super) fn asked(&self) -> Option<Asked<'_>> {
        let cache = self.options.cache.as_deref()?;
        let about = goal(self.prepared.model, self.goal);
        let content = content::of(&self.live.lasso().problem);
        let settings = content::settings(self.options);
        let parts = [about.as_bytes(), settings.as_bytes(), &content[..]];
        Some(Asked::new(cache, "endless", &parts))
    }

    /// The decision by what is kept.
    pub(super) fn cached(&self, asked: Option<&Asked<'_>>) -> Option<Decision> {
        asked?.found(|Written { engine: name, form }| {
            let engine = engine(&name)?;
            match form {
                Form::Run(run) => {
                    let run = shown(self.prepared.model, self.goal, self.assumes, &run.read()?)?;
                    Some(Decision::Reached { engine, run: Box::new(run) })
                }
                Form::Reduced(reduced) => {
                    believed(self.rechecked(engine, &reduced.read(self.live)?))
                }
                _ => None,
            }
        })
    }

    /// Keeps what was checked; a run without a goal shows nothing.
    pub(super) fn keep(
        &self,
        asked: Option<&Asked<'_>>,
        decision: &Decision,
        proof: Option<&Proof>,
    ) {
        let Some(asked) = asked else { return };
        match (decision, proof) {
            (Decision::Reached { engine, run }, _) if !matches!(self.goal, Goal::Run) => {
                asked.keep(engine, Some(Form::run(&run.trace)));
            }
            (Decision::Unreachable { engine, certificate }, Some(Proof::Reduced(reduced)))
                if certificate.checked =>
            {
                asked.keep(engine, Form::reduced(reduced));
            }
            _ => {}
        }
    }
}

/// What one engine alone says of a problem, or what is kept of it: runs are executed again on the terms,
/// proofs proved again.
pub(super) fn alone(
    cache: Option<&Cache>,
    problem: &Problem,
    budget: Budget<'_>,
    decide: impl FnOnce() -> Outcome,
) -> Outcome {
    let Some(cache) = cache else { return decide() };
    let asked = Asked::new(cache, "alone", &[&content::of(problem)[..]]);
    let kept = asked.found(|Written { form, .. }| match form {
        Form::Valuation(run) => {
            let run = run.read()?;
            execute(problem, &run).is_ok().then_some(Some(Outcome::Reached(run)))
        }
        Form::Proof(proof) => {
            let proof = proof.read(problem)?;
            match recheck(problem, &proof, budget) {
                Check::Holds(_) => Some(Some(Outcome::Unreachable(proof))),
                // There was no time to say.
                Check::Open(_) => Some(None),
                _ => None,
            }
        }
        _ => None,
    });
    kept.flatten().unwrap_or_else(|| {
        let outcome = decide();
        match &outcome {
            Outcome::Reached(run) => asked.keep("", Some(Form::valuation(run))),
            Outcome::Unreachable(proof) => asked.keep("", Form::proof(proof)),
            _ => {}
        }
        outcome
    })
}

/// Where evidence is kept unless the user says otherwise: a folder of the user's, if there is one.
pub fn usual() -> Option<PathBuf> {
    default_folder(|name| std::env::var_os(name))
}
