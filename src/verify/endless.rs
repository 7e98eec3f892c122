//! Claims about infinite runs: the search for a fair lasso against proofs that there is none.
//!
//! Side by side: the interpreter's search for fair cycles, a ranking, k-liveness, and liveness to
//! safety. A lasso is replayed, and in finite models a shorter one is looked for; a proof is proved
//! again. Where no infinite run is fair, every temporal claim is true of nothing: that is vacuous.

use std::sync::OnceLock;
use std::time::{Duration, Instant};

use super::alone::look_ahead;
use super::decide::{CERTIFIED, Decision, MAX_STATES, limits, searched};
use super::forever::Forever;
use super::institution::Investigation;
use super::neighbours::{self, BRIEFLY, FEW};
use super::{EngineName, Options, cache, entries};
use crate::engine::liveness::Reduced;
use crate::engine::portfolio::{Contender, Finish, race};
use crate::engine::{Budget, Outcome, Proof};
use crate::interp::again::again;
use crate::interp::apart::NOT_ALL_REPEATS;
use crate::interp::closing::close;
use crate::interp::explicit;
use crate::interp::explicit::Limits;
use crate::interp::explicit::fair::{self, Closing, Question as Explicit};
use crate::interp::progress::tableau::Wish;
use crate::interp::replay::{self, Goal, replay};
use crate::report::events::Events;
use crate::report::outcome::{Entry, Premise, Verdict};
use crate::system::Valuation;
use crate::system::cone::Cone;
use crate::system::liveness::{Lasso, Live};
use crate::system::property::Prepared;
use crate::types::core::{Assume, Claim, Expr, Model, Value};
use crate::types::trace::Trace;

/// How long a shorter lasso is looked for.
const SHORTEN: Duration = Duration::from_millis(600);
/// How long a fair run is looked for that shows that a proof says something.
const SHOWN: Duration = Duration::from_secs(5);

/// A question about infinite runs, and who may answer it.
pub(super) struct Endless<'a> {
    /// The model and its system.
    pub(super) prepared: &'a Prepared<'a>,
    /// The question to the symbolic engines.
    pub(super) live: &'a Live,
    /// The same to the explicit search.
    pub(super) wish: Wish<'a>,
    /// A claim's own hypotheses.
    pub(super) assumes: &'a [Assume],
    /// What a lasso must show when it is replayed.
    pub(super) goal: Goal<'a>,
    /// Whether a certificate is looked for where all states have been visited.
    pub(super) certify: bool,
    /// Whether a loop may come back but for cells that the question does not rest on.
    pub(super) loose: bool,
    /// Whether somebody reads the run, so that a shorter one is looked for.
    pub(super) read: bool,
    /// Options of the run.
    pub(super) options: &'a Options,
    /// Told of progress.
    pub(super) events: &'a dyn Events,
    /// Set from outside to stop.
    pub(super) cancel: &'a (dyn Fn() -> bool + Sync),
    /// What the question rests on, once somebody has looked.
    pub(super) cone: OnceLock<Option<(Live, Cone)>>,
}

impl Endless<'_> {
    /// Decides it: reached means that there is such a run.
    pub(super) fn decide(&self, time: Duration) -> Decision {
        let deadline = Instant::now() + time;
        if let Some(decision) = self.in_turn(deadline).or_else(|| self.of_few_states(deadline)) {
            return decision;
        }
        let asked = self.asked();
        if let Some(kept) = self.cached(asked.as_ref()) {
            return kept;
        }
        let decision = self.raced(deadline, asked.as_ref());
        self.keep(asked.as_ref(), &decision, None);
        decision
    }

    /// All engines side by side.
    fn raced(&self, deadline: Instant, asked: Option<&cache::Asked<'_>>) -> Decision {
        let lasso = self.narrow().lasso();
        let finish = race(self.contenders(&lasso, deadline), 4, self.cancel);
        self.concluded(finish, deadline, asked)
    }

    fn concluded(
        &self,
        finish: Finish<Trace>,
        deadline: Instant,
        asked: Option<&cache::Asked<'_>>,
    ) -> Decision {
        match finish {
            Finish::Won(engine, Outcome::Reached(trace)) => {
                let trace = self.shorter(trace, deadline);
                match replay(self.prepared.model, self.goal, &trace) {
                    Ok(run) => Decision::Reached { engine, run: Box::new(run) },
                    Err(departure) => Decision::Failed {
                        reason: format!(
                            "the run that `{engine}` found does not replay: {departure}"
                        ),
                    },
                }
            }
            Finish::Won(engine, Outcome::Unreachable(proof)) => {
                self.proved(engine, &self.of_whole(proof), asked)
            }
            Finish::Won(engine, Outcome::Bounded(depth))
            | Finish::Open(engine, Outcome::Bounded(depth)) => Decision::Bounded { engine, depth },
            Finish::Won(_, Outcome::Unknown(reason))
            | Finish::Open(_, Outcome::Unknown(reason)) => Decision::Unknown { reason },
            Finish::Open(..) => Decision::Unknown { reason: "nothing was decided".to_owned() },
            Finish::Disagreement(one, other, _) => Decision::Failed {
                reason: format!("engines `{one}` and `{other}` disagree; please report this"),
            },
        }
    }

    /// Where cells share their evidence: the decision by a neighbour's lasso, or by a search of a model
    /// with few states.
    fn in_turn(&self, deadline: Instant) -> Option<Decision> {
        let neighbours = self.options.neighbours.as_deref()?;
        let (model, goal) = (self.prepared.model, self.goal);
        if let Some(run) = neighbours.shown(model, goal, self.assumes) {
            return Some(Decision::Reached { engine: neighbours::ENGINE, run: Box::new(run) });
        }
        let search = self.explicit(deadline, FEW);
        match neighbours::search(search, self.options.certificates, self.cancel)? {
            Finish::Won(engine, Outcome::Unreachable(proof)) => {
                Some(self.rechecked(engine, &proof))
            }
            Finish::Won(engine, Outcome::Reached(trace)) => match replay(model, goal, &trace) {
                Ok(run) => {
                    neighbours.keep_run(model, goal, &run.trace);
                    Some(Decision::Reached { engine, run: Box::new(run) })
                }
                Err(departure) => Some(Decision::Failed {
                    reason: format!("the run that `{engine}` found does not replay: {departure}"),
                }),
            },
            _ => None,
        }
    }

    /// Where a search is enough, or nothing but the answer is wanted: its decision, if there are few
    /// states.
    fn of_few_states(&self, deadline: Instant) -> Option<Decision> {
        let alone = self.options.engine.is_none() && self.options.depth.is_none();
        let first = self.options.searches_first() || alone && !self.read;
        let soon = deadline.min(Instant::now() + BRIEFLY);
        let search = first.then(|| self.explicit(soon, FEW))?;
        let finish = neighbours::search(search, self.options.certificates, self.cancel)?;
        Some(self.concluded(finish, deadline, None))
    }

    fn contenders<'b>(&'b self, lasso: &'b Lasso, deadline: Instant) -> Vec<Contender<'b, Trace>> {
        let bounded = self.options.depth.is_some();
        let (explicit, proofs) = match self.options.engine {
            Some(EngineName::Explicit) => (true, false),
            Some(EngineName::Bmc) => (false, false),
            Some(_) => (false, true),
            None => (!bounded, !bounded),
        };
        let mut contenders = Vec::new();
        // The explicit search leaves nothing that others could check.
        let only_search = self.options.engine == Some(EngineName::Explicit);
        if explicit && (only_search || !self.options.certificates) {
            contenders.push(self.explicit(deadline, MAX_STATES));
        }
        let forever = self.forever(deadline);
        if proofs {
            contenders.push(forever.ranking(|run| self.trace(&run)));
            contenders.push(forever.counting(|run| self.trace(&run)));
        }
        if self.options.engine != Some(EngineName::Explicit) {
            contenders.push(self.looping(lasso, proofs, deadline));
        }
        contenders
    }

    fn forever(&self, deadline: Instant) -> Forever<'_> {
        let (live, options, events) = (self.narrow(), self.options, self.events);
        Forever { live, options, events, deadline }
    }

    /// The part of the question that it rests on, if that is not all. On bits, circuits see to it.
    fn cone(&self) -> Option<&(Live, Cone)> {
        let find = || {
            let finite = self.live.system.is_finite(&self.live.justice);
            if finite { None } else { self.live.cone() }
        };
        self.cone.get_or_init(find).as_ref()
    }

    /// The question to symbolic engines.
    fn narrow(&self) -> &Live {
        self.cone().map_or(self.live, |(live, _)| live)
    }

    /// What symbolic engines found, as a run of the model.
    fn trace(&self, run: &Valuation) -> Trace {
        match self.cone() {
            Some((_, cone)) => {
                self.once_more(self.prepared.trace(&cone.back(&self.live.system, run)))
            }
            None => self.prepared.trace(run),
        }
    }

    /// The same choices, with the values of what was left out.
    fn once_more(&self, trace: Trace) -> Trace {
        again(self.prepared.model, self.assumes, &trace).unwrap_or(trace)
    }

    /// A lasso that symbolic engines found, as one of the model.
    fn lasso(&self, lasso: &Lasso, run: &Valuation) -> Trace {
        let start = lasso.start(run);
        match self.cone() {
            Some((_, cone)) => {
                self.once_more(self.prepared.lasso(start, &cone.back(&self.live.system, run)))
            }
            None => self.prepared.lasso(start, run),
        }
    }

    fn looping<'b>(
        &'b self,
        lasso: &'b Lasso,
        prove: bool,
        deadline: Instant,
    ) -> Contender<'b, Trace> {
        let forever = self.forever(deadline);
        let prove = prove && forever.is_finite();
        forever.looping(lasso, prove, |outcome| self.closed(lasso, outcome))
    }

    fn seed(&self) -> u32 {
        self.options.solver_seed()
    }

    fn explicit(&self, deadline: Instant, max_states: usize) -> Contender<'_, Trace> {
        let run = move |cancel: &(dyn Fn() -> bool + Sync)| {
            let usual = limits(deadline, cancel, self.prepared.defect_free);
            let limits = Limits { max_states, ..usual };
            let mut progress =
                |p: explicit::Progress| self.events.progress(&format!("{} states", p.states));
            let closing = if self.loose { Closing::WhereItMatters } else { Closing::Everywhere };
            let question = Explicit::Run(self.wish, closing);
            let model = self.prepared.model;
            searched(fair::search(model, question, self.assumes, &limits, &mut progress))
        };
        Contender { name: EngineName::Explicit.name(), run: Box::new(run) }
    }

    /// A lasso in every cell, also those that the question does not rest on.
    fn closed(&self, lasso: &Lasso, outcome: Outcome) -> Outcome<Trace> {
        let asked: Vec<&Expr> = replay::asked(self.goal).into_iter().collect();
        let asked = self.loose.then_some(asked.as_slice());
        match outcome.map(|run| self.lasso(lasso, &run)) {
            Outcome::Reached(trace) => {
                match close(self.prepared.model, self.assumes, asked, &trace) {
                    Some(trace) => Outcome::Reached(trace),
                    None => Outcome::Unknown(NOT_ALL_REPEATS.to_owned()),
                }
            }
            other => other,
        }
    }

    /// The shortest lasso of a finite model, if it is found in a moment: no shorter one has as few
    /// periods before and in the loop together.
    fn shorter(&self, trace: Trace, deadline: Instant) -> Trace {
        if !self.read || self.options.engine.is_some() {
            return trace;
        }
        let lasso = self.narrow().lasso();
        let finite = lasso.problem.system.is_finite(&[lasso.problem.bad]);
        let Some(depth) = u32::try_from(trace.periods.len()).ok().and_then(|n| n.checked_sub(1))
        else {
            return trace;
        };
        if !finite || depth == 0 {
            return trace;
        }
        let deadline = Some(deadline.min(Instant::now() + SHORTEN));
        let cancel = self.cancel;
        let budget = Budget { cancel, deadline, depth: Some(depth), seed: self.seed() };
        let found = look_ahead(&lasso.problem, budget, &mut |_| {});
        let found = match self.closed(&lasso, found) {
            Outcome::Reached(found) if found.periods.len() < trace.periods.len() => found,
            _ => return trace,
        };
        match replay(self.prepared.model, self.goal, &found) {
            Ok(_) => found,
            Err(_) => trace,
        }
    }

    /// A proof that can be checked elsewhere, if one is found soon after the search has ended.
    fn proved(
        &self,
        engine: &'static str,
        proof: &Proof,
        asked: Option<&cache::Asked<'_>>,
    ) -> Decision {
        let kept = |engine, proof| {
            let decision = self.rechecked(engine, proof);
            self.keep(asked, &decision, Some(proof));
            decision
        };
        if !matches!(proof, Proof::Enumerated { .. }) || !self.certify {
            return kept(engine, proof);
        }
        let (deadline, lasso) = (Instant::now() + CERTIFIED, self.narrow().lasso());
        let forever = self.forever(deadline);
        let contenders = vec![
            forever.ranking(|run| self.trace(&run)),
            forever.counting(|run| self.trace(&run)),
            self.looping(&lasso, true, deadline),
        ];
        if let Finish::Won(certified, Outcome::Unreachable(found)) =
            race(contenders, 3, self.cancel)
            && let decided @ Decision::Unreachable { .. } = kept(certified, &self.of_whole(found))
        {
            return decided;
        }
        self.rechecked(engine, proof)
    }

    /// A proof of the narrow question proves the whole one, and is checked as such.
    pub(super) fn rechecked(&self, engine: &'static str, proof: &Proof) -> Decision {
        let forever = Forever { live: self.live, ..self.forever(Instant::now()) };
        forever.rechecked(engine, proof, self.cancel)
    }

    /// What engines found of the narrow question, as a proof of the whole one.
    fn of_whole(&self, proof: Proof) -> Proof {
        match (proof, self.cone()) {
            (Proof::Reduced(reduced), Some(_)) => {
                let problem = reduced.reduction.of(self.live);
                Proof::Reduced(Box::new(Reduced { problem, ..*reduced }))
            }
            (proof, _) => proof,
        }
    }
}

impl Investigation<'_> {
    /// A claim about infinite runs; returns the parameters of a refutation.
    pub(super) fn forever(
        &self,
        prepared: &Prepared<'_>,
        claim: &Claim,
        live: &Live,
        entry: &mut Entry,
    ) -> Option<Vec<Value>> {
        if !self.has_value(prepared, live.fault.as_ref(), entry) {
            return None;
        }
        let certify = self.options.engine.is_none() && !self.options.search_suffices;
        let question = Endless { certify, ..self.endless(prepared, claim, live) };
        let decision = question.decide(self.options.timeout);
        let params = entries::universal(entry, prepared.model, claim, decision);
        match entry.verdict {
            Verdict::Refuted => fairness(entry, prepared.model),
            Verdict::Proved => {
                self.speaks_of_some_run(prepared, claim, entry);
                self.is_not_clipped(prepared, claim, entry);
            }
            Verdict::HoldsToDepth(_) | Verdict::Unknown => {}
        }
        params
    }

    /// The verdict alone, without what is looked for once a proof is at hand.
    pub(super) fn forever_in_short(
        &self,
        prepared: &Prepared<'_>,
        claim: &Claim,
        live: &Live,
        entry: &mut Entry,
    ) {
        match self.endless(prepared, claim, live).decide(self.options.timeout) {
            Decision::Reached { engine, run } => {
                entries::decided(entry, engine, prepared.model, claim, &run);
            }
            other => entries::absence(entry, &other),
        }
    }

    pub(super) fn endless<'b>(
        &'b self,
        prepared: &'b Prepared<'b>,
        claim: &'b Claim,
        live: &'b Live,
    ) -> Endless<'b> {
        Endless {
            prepared,
            live,
            wish: Wish::Violates(&claim.property),
            assumes: &claim.assumes,
            goal: Goal::Claim(claim),
            certify: false,
            loose: true,
            read: true,
            options: self.options,
            events: self.events,
            cancel: self.cancel,
            cone: OnceLock::new(),
        }
    }

    /// Vacuity: is there a fair run, and one on which the premise occurs?
    pub(super) fn speaks_of_some_run(
        &self,
        prepared: &Prepared<'_>,
        claim: &Claim,
        entry: &mut Entry,
    ) {
        let premise = prepared.premise(claim).map(|(premise, _)| premise);
        let found = self.fair_run(prepared, claim, premise.as_ref());
        if premise.is_some() || found == Premise::CannotOccur {
            entry.premise = Some(found);
        }
        if found != Premise::CannotOccur {
            return;
        }
        entry.vacuous = true;
        if premise.is_none() || self.fair_run(prepared, claim, None) == Premise::CannotOccur {
            entry.notes.push("no infinite run of this model is fair".to_owned());
        }
    }

    fn fair_run(
        &self,
        prepared: &Prepared<'_>,
        claim: &Claim,
        premise: Option<&crate::types::core::Expr>,
    ) -> Premise {
        let Some(live) = prepared.some_fair_run(premise, &claim.assumes) else {
            return Premise::NotShown;
        };
        let wish = premise.map_or(Wish::Fair, Wish::Meets);
        let asked = self.endless(prepared, claim, &live);
        let question = Endless { wish, goal: Goal::Run, read: false, ..asked };
        match question.decide(self.options.timeout.min(SHOWN)) {
            Decision::Reached { .. } => Premise::CanOccur,
            Decision::Unreachable { .. } => Premise::CannotOccur,
            _ => Premise::NotShown,
        }
    }
}

/// Notes the names of a model's fairness.
fn fairness(entry: &mut Entry, model: &Model) {
    let names: Vec<String> = model.fairness.iter().map(|f| format!("`{}`", f.name)).collect();
    if !names.is_empty() {
        entry.notes.push(format!("the run is fair to {}", names.join(", ")));
    }
}
