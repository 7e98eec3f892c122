//! One question, decided: engines side by side, then the evidence checked.

use std::sync::OnceLock;
use std::time::{Duration, Instant};

use super::neighbours::{self, BRIEFLY, FEW};
use super::recalled::Recalled;
use super::symbolic::Asked;
use super::{EngineName, Options, cache};
use crate::engine::liveness::Reduction;
use crate::engine::portfolio::{Contender, Finish, race};
use crate::engine::{Budget, Outcome, Proof};
use crate::evidence::recheck::{Check, recheck};
use crate::evidence::scripts::{self, Obligation};
use crate::interp::again::again;
use crate::interp::explicit::{self, Limits};
use crate::interp::replay::{Goal, Replayed, replay};
use crate::report::events::Events;
use crate::report::outcome::Certificate;
use crate::system::cone::Cone;
use crate::system::property::Prepared;
use crate::system::{Problem, Valuation};
use crate::types::trace::Trace;

/// Most states an explicit search stores.
pub(super) const MAX_STATES: usize = 20_000_000;
/// Most memory an explicit search uses, in bytes.
pub(super) const MAX_MEMORY: usize = 4 << 30;

/// What an explicit search may spend.
pub(super) fn limits(
    deadline: Instant,
    cancel: &(dyn Fn() -> bool + Sync),
    defect_free: bool,
) -> Limits<'_> {
    let deadline = Some(deadline);
    Limits { max_states: MAX_STATES, max_memory: MAX_MEMORY, deadline, cancel, defect_free }
}

/// How long a certificate is looked for once all states have been visited.
pub(super) const CERTIFIED: Duration = Duration::from_millis(1500);

/// How many engines run at once at least: one that proves, one that visits states, one that finds
/// shortest runs.
const SIDE_BY_SIDE: usize = 3;

/// What was decided about a reachability question, with evidence that was checked.
#[derive(Clone, Debug)]
pub(super) enum Decision {
    /// It can be reached by this run, which the interpreter re-executed.
    Reached { engine: &'static str, run: Box<Replayed> },
    /// It cannot be reached.
    Unreachable { engine: &'static str, certificate: Certificate },
    /// It cannot be reached in so many periods.
    Bounded { engine: &'static str, depth: u32 },
    /// Nothing was decided, and why.
    Unknown { reason: String },
    /// The evidence did not survive its check, and how.
    Failed { reason: String },
}

/// A question and who may answer it.
pub(super) struct Inquiry<'a> {
    /// The model and its system.
    pub(super) prepared: &'a Prepared<'a>,
    /// The question to the symbolic engines.
    pub(super) problem: &'a Problem,
    /// The same question to the explicit search; `None` if it has no such form.
    pub(super) explicit: Option<explicit::Question<'a>>,
    /// What a run must show when it is replayed.
    pub(super) goal: Goal<'a>,
    /// Options of the run.
    pub(super) options: &'a Options,
    /// Told of progress.
    pub(super) events: &'a dyn Events,
    /// Set from outside to stop.
    pub(super) cancel: &'a (dyn Fn() -> bool + Sync),
    /// Where proofs of claims are kept.
    pub(super) recalled: &'a Recalled,
    /// What the question rests on, once somebody has looked.
    pub(super) cone: OnceLock<Option<(Problem, Cone)>>,
}

/// How the engines came to an end.
enum Ended {
    /// With an answer whose evidence is still to be checked, or none.
    Finished(Finish<Trace>),
    /// With evidence that was checked already.
    Decided(Decision),
}

impl Inquiry<'_> {
    /// Decides it.
    pub(super) fn decide(&self) -> Decision {
        if let Some(shown) = self.shown_by_neighbours() {
            return shown;
        }
        let asked = self.asked();
        if let Some(kept) = self.cached(asked.as_ref()) {
            return kept;
        }
        match self.finish() {
            Ended::Decided(decision) => decision,
            Ended::Finished(finish) => self.concluded(finish, asked.as_ref()),
        }
    }

    fn concluded(&self, finish: Finish<Trace>, asked: Option<&cache::Asked<'_>>) -> Decision {
        match finish {
            Finish::Won(engine, Outcome::Reached(trace)) => {
                let decision = self.replayed(engine, &self.simplest(trace));
                self.remember(&decision, None);
                self.keep_run(asked, &decision);
                decision
            }
            Finish::Won(engine, Outcome::Unreachable(proof)) => {
                let (proof, decision) = self.certified(&proof).unwrap_or_else(|| {
                    let decision = self.rechecked(engine, &proof);
                    (proof, decision)
                });
                self.keep_proof(asked, &decision, &proof);
                decision
            }
            Finish::Won(engine, Outcome::Bounded(depth))
            | Finish::Open(engine, Outcome::Bounded(depth)) => Decision::Bounded { engine, depth },
            Finish::Open(_, Outcome::Unknown(reason))
            | Finish::Won(_, Outcome::Unknown(reason)) => Decision::Unknown { reason },
            Finish::Open(..) => Decision::Unknown { reason: "nothing was decided".to_owned() },
            // Before a period that cannot be gone through, the step that a claim asks about may be
            // missing for one engine and immaterial for the other; no proof counts there anyway.
            Finish::Disagreement(engine, _, trace) if self.may_end() => {
                self.replayed(engine, &trace)
            }
            Finish::Disagreement(one, other, _) => Decision::Failed {
                reason: format!("engines `{one}` and `{other}` disagree; please report this"),
            },
        }
    }

    /// A proof that can be checked, if one is found soon after a search of all states has ended.
    fn certified(&self, proof: &Proof) -> Option<(Proof, Decision)> {
        let alone = self.options.engine.is_none() && self.options.neighbours.is_none();
        let wanted = alone && !self.options.searches_first() && matches!(self.goal, Goal::Claim(_));
        if !wanted || !matches!(proof, Proof::Enumerated { .. }) {
            return None;
        }
        let deadline = Instant::now() + CERTIFIED;
        match race(self.symbolic(deadline), SIDE_BY_SIDE, self.cancel) {
            Finish::Won(engine, Outcome::Unreachable(found)) => {
                let decision = self.rechecked(engine, &found);
                matches!(decision, Decision::Unreachable { .. }).then_some((found, decision))
            }
            _ => None,
        }
    }

    /// Whether runs of the claim's model may come to an end.
    fn may_end(&self) -> bool {
        !self.prepared.defect_free && matches!(self.goal, Goal::Claim(_) | Goal::Reach(_))
    }

    /// Decides it if the answer is no; a run that was found is not looked at.
    pub(super) fn excluded(&self) -> Option<Decision> {
        let asked = self.asked();
        if let Some(kept @ Decision::Unreachable { .. }) = self.cached(asked.as_ref()) {
            return Some(kept);
        }
        let finish = match self.finish() {
            Ended::Decided(decision) => return Some(decision),
            Ended::Finished(finish) => finish,
        };
        match finish {
            Finish::Won(engine, Outcome::Unreachable(proof)) => {
                let decision = self.rechecked(engine, &proof);
                self.keep_proof(asked.as_ref(), &decision, &proof);
                Some(decision)
            }
            Finish::Won(engine, Outcome::Bounded(depth))
            | Finish::Open(engine, Outcome::Bounded(depth)) => {
                Some(Decision::Bounded { engine, depth })
            }
            _ => None,
        }
    }

    /// All engines side by side; where cells share their evidence, first in turns what costs least.
    fn finish(&self) -> Ended {
        let deadline = Instant::now() + self.options.timeout;
        let soon = deadline.min(Instant::now() + BRIEFLY);
        let first = match self.takes_turns() {
            true => self.of_few_states(deadline),
            false if self.options.searches_first() => self.of_few_states(soon),
            false => None,
        };
        if let Some(finish) = first {
            return Ended::Finished(finish);
        }
        if self.takes_turns() {
            if let Some(decision) = self.proved_by_neighbours() {
                return Ended::Decided(decision);
            }
            let first = self.symbolic(deadline).into_iter().next();
            let while_alone = self.options.timeout / 4;
            let alone = first.and_then(|one| neighbours::alone(one, while_alone, self.cancel));
            if let Some(finish) = alone {
                return Ended::Finished(finish);
            }
        }
        let jobs = self.options.jobs.max(SIDE_BY_SIDE);
        Ended::Finished(race(self.contenders(deadline), jobs, self.cancel))
    }

    /// The answer of a search, if there are few states.
    fn of_few_states(&self, deadline: Instant) -> Option<Finish<Trace>> {
        let search = self.explicit(self.explicit?, deadline, FEW);
        neighbours::search(search, self.options.certificates, self.cancel)
    }

    fn symbolic(&self, deadline: Instant) -> Vec<Contender<'_, Trace>> {
        let (options, events) = (self.options, self.events);
        let (problem, whole) = match self.cone() {
            Some((cone, _)) => (cone, Some(self.problem)),
            None => (self.problem, None),
        };
        let asked = Asked { problem, whole, options, events, deadline };
        let engines = asked.engines().into_iter();
        engines.map(|engine| asked.contender(engine, |run| self.trace(&run))).collect()
    }

    /// The part of the question that it rests on, if that is not all. On bits, circuits see to it.
    fn cone(&self) -> Option<&(Problem, Cone)> {
        let find = || {
            let finite = self.problem.system.is_finite(&[self.problem.bad]);
            if finite { None } else { self.problem.cone() }
        };
        self.cone.get_or_init(find).as_ref()
    }

    /// What symbolic engines found, as a run of the model.
    fn trace(&self, run: &Valuation) -> Trace {
        let Some((_, cone)) = self.cone() else { return self.prepared.trace(run) };
        let trace = self.prepared.trace(&cone.back(&self.problem.system, run));
        let assumes = match self.goal {
            Goal::Claim(claim) => claim.assumes.as_slice(),
            _ => &[],
        };
        again(self.prepared.model, assumes, &trace).unwrap_or(trace)
    }

    fn contenders(&self, deadline: Instant) -> Vec<Contender<'_, Trace>> {
        let options = self.options;
        // What the explicit search has no form for is left to the other engines.
        let only_search = options.engine == Some(EngineName::Explicit) && self.explicit.is_some();
        let mut contenders = if only_search { Vec::new() } else { self.symbolic(deadline) };
        // The first engine of a race has a thread at once; the search is second.
        let search = only_search
            || options.engine.is_none() && options.depth.is_none() && !options.certificates;
        if let (true, Some(question)) = (search, self.explicit) {
            let search = self.explicit(question, deadline, MAX_STATES);
            contenders.insert(contenders.len().min(1), search);
        }
        contenders
    }

    fn explicit<'b>(
        &'b self,
        question: explicit::Question<'b>,
        deadline: Instant,
        max_states: usize,
    ) -> Contender<'b, Trace> {
        let about_defects =
            matches!(question, explicit::Question::Defects | explicit::Question::Defect(_));
        let run = move |cancel: &(dyn Fn() -> bool + Sync)| {
            let usual = limits(deadline, cancel, self.prepared.defect_free);
            let limits = Limits { max_states, ..usual };
            let mut progress =
                |p: explicit::Progress| self.events.progress(&format!("{} states", p.states));
            match explicit::search(self.prepared.model, &question, &limits, &mut progress) {
                explicit::Outcome::Found { kind: Some(_), .. } if !about_defects => {
                    Outcome::Unknown("the property has no value in some period".to_owned())
                }
                outcome => searched(outcome),
            }
        };
        Contender { name: EngineName::Explicit.name(), run: Box::new(run) }
    }

    /// No refutation is reported before the interpreter has re-executed it.
    fn replayed(&self, engine: &'static str, trace: &Trace) -> Decision {
        match replay(self.prepared.model, self.goal, trace) {
            Ok(replayed) => Decision::Reached { engine, run: Box::new(replayed) },
            Err(departure) => Decision::Failed {
                reason: format!("the run that `{engine}` found does not replay: {departure}"),
            },
        }
    }

    pub(super) fn rechecked(&self, engine: &'static str, proof: &Proof) -> Decision {
        let deadline = Some(Instant::now() + self.options.timeout);
        let budget = Budget { cancel: self.cancel, deadline, depth: None, seed: 1 };
        let wanted = self.options.certificates;
        let scripts = if wanted { scripts::of_proof(self.problem, proof) } else { Vec::new() };
        let decision = certificate(engine, proof, recheck(self.problem, proof, budget), scripts);
        self.remember(&decision, Some(proof));
        if let (Goal::Claim(claim), Decision::Unreachable { certificate, .. }) =
            (self.goal, &decision)
            && certificate.checked
        {
            self.recalled.keep(self.prepared.model, claim, self.problem, proof);
        }
        decision
    }
}

/// The decision that a proof amounts to once it has been checked.
pub(super) fn certificate(
    engine: &'static str,
    proof: &Proof,
    check: Check,
    obligations: Vec<Obligation>,
) -> Decision {
    let certificate = |checked: bool, detail: String| {
        let by = if checked { vec!["z3".to_owned()] } else { Vec::new() };
        let kind = kind(proof).to_owned();
        Certificate { kind, checked, by, detail: Some(detail), obligations }
    };
    let detail = match check {
        Check::Holds(how) => {
            let how = match proof {
                Proof::Reduced(reduced) => format!("{}: {how}", reduction(reduced.reduction)),
                _ => how,
            };
            return Decision::Unreachable { engine, certificate: certificate(true, how) };
        }
        Check::Open(reason) => format!("not checked again: {reason}"),
        Check::NotApplicable => size(proof),
        Check::Fails(reason) => {
            let reason = format!("the proof that `{engine}` found does not check: {reason}");
            return Decision::Failed { reason };
        }
    };
    Decision::Unreachable { engine, certificate: certificate(false, detail) }
}

/// What the explicit search found, as an engine says it.
pub(super) fn searched(outcome: explicit::Outcome) -> Outcome<Trace> {
    match outcome {
        explicit::Outcome::Holds { states, depth } => {
            Outcome::Unreachable(Proof::Enumerated { states, depth })
        }
        explicit::Outcome::Found { trace, .. } => Outcome::Reached(trace),
        explicit::Outcome::Cancelled => Outcome::Unknown("timeout".to_owned()),
        explicit::Outcome::TooLarge { reason } | explicit::Outcome::NotFinite { reason } => {
            Outcome::Unknown(reason)
        }
        explicit::Outcome::Unsupported { fragment } => {
            Outcome::Unknown(format!("the explicit search does not decide {fragment}"))
        }
    }
}

fn reduction(reduction: Reduction) -> String {
    match reduction {
        Reduction::Lasso => "no lasso".to_owned(),
        Reduction::Count(k) => format!("k = {k}"),
    }
}

pub(super) fn kind(proof: &Proof) -> &'static str {
    match proof {
        Proof::Induction { .. } => "k-induction",
        Proof::Invariant(_) => "inductive-invariant",
        Proof::Strengthened { .. } => "k-induction-with-lemmas",
        Proof::Interpretation(_) => "interpreted-predicates",
        Proof::Exhausted { .. } => "bounded-runs",
        Proof::Enumerated { .. } => "explicit-search",
        Proof::Reduced(reduced) => match reduced.reduction {
            Reduction::Lasso => "liveness-to-safety",
            Reduction::Count(_) => "k-liveness",
        },
        Proof::Ranking(_) => "ranking",
        Proof::Ways(_) => "ways",
    }
}

pub(super) fn size(proof: &Proof) -> String {
    match proof {
        Proof::Enumerated { states, depth } => format!("{states} states, {depth} periods deep"),
        Proof::Induction { k, .. } => format!("k = {k}"),
        Proof::Strengthened { lemmas, k, .. } => {
            format!("k = {k} with {} lemmas", lemmas.clauses.len())
        }
        Proof::Invariant(invariant) => format!("{} clauses", invariant.clauses.len()),
        Proof::Interpretation(predicates) => format!("{} predicates", predicates.len()),
        Proof::Exhausted { depth } => format!("no run past period {depth}"),
        Proof::Reduced(reduced) => match reduced.reduction {
            Reduction::Lasso => size(&reduced.proof),
            Reduction::Count(k) => format!("k = {k}, then {}", size(&reduced.proof)),
        },
        Proof::Ways(ways) => format!("{} ways", ways.ways.len()),
        Proof::Ranking(ranking) => format!("{} steps", ranking.length()),
    }
}
