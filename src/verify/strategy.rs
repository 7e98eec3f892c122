//! Claims about what a coalition can force.
//!
//! The interpreter's game solver says who wins, and how; the winner's strategy has been replayed against
//! everything the other side can do. Where the strategy is told by the state alone it is also put to the other
//! engines: with it as an assumption, every run must meet the goal (or miss it), which is an ordinary claim with
//! an ordinary certificate. Fairness plays no part: hostile others need not be fair.

use std::time::{Duration, Instant};

use super::decide::{Decision, limits};
use super::institution::{Investigation, STEP_KINDS};
use super::{EngineName, Options, entries, traces, watched};
use crate::interp::explicit::cases::Cases;
use crate::interp::explicit::{Progress, Question as Explicit};
use crate::interp::game::plain::Fault;
use crate::interp::game::{self, Answer, Force, Played, restrict};
use crate::interp::replay::{Goal, replay};
use crate::report::outcome::{Certificate, Entry, TraceKind, Verdict};
use crate::system::property::{Prepared, Question};
use crate::types::core::{Claim, Model, Value};

/// Time for the other engines to prove what is already replayed.
pub(super) const CONFIRMING: Duration = Duration::from_secs(5);

/// The institution without its practices.
pub(super) struct Arena<'a> {
    pub(super) model: &'a Model,
    pub(super) defect_free: bool,
}

/// A question with its answer.
type Decided = (Force, Answer);

/// The games that were played.
#[derive(Default)]
struct Games {
    /// The first answer by which the claim fails, else the last one.
    last: Option<Decided>,
    /// How many there were.
    tried: usize,
    /// Those before the last in which a coalition that does not see everything cannot force its goal.
    beaten: Vec<(Force, Played)>,
}

impl Investigation<'_> {
    /// What a coalition can force; returns the parameters of a refutation.
    pub(super) fn force(
        &self,
        prepared: &Prepared<'_>,
        claim: &Claim,
        entry: &mut Entry,
    ) -> Option<Vec<Value>> {
        let params = self.forced(prepared, claim, entry);
        if entry.verdict == Verdict::Proved {
            self.is_not_clipped(prepared, claim, entry);
        }
        params
    }

    /// The verdict alone, as far as ranges reach.
    pub(super) fn forced(
        &self,
        prepared: &Prepared<'_>,
        claim: &Claim,
        entry: &mut Entry,
    ) -> Option<Vec<Value>> {
        let Some(questions) = game::questions(prepared.model, &claim.property) else {
            entries::undecided(entry, "this mixture of claims is not decided by this version");
            return None;
        };
        // Nobody is bound by practices in a game. What they kept from happening may be a defect.
        let mut model = prepared.model.clone();
        model.assumes.retain(|assume| assume.practice.is_none());
        let bound = model.assumes.len() < prepared.model.assumes.len();
        if bound && !self.is_free_of_defects(&Prepared::new(&model)) {
            let reason = "practices bind nobody in a game, and without them the spec has a defect, or \
                          that it has none is not decided";
            entries::undecided(entry, reason);
            return None;
        }
        let arena = Arena { model: &model, defect_free: prepared.defect_free };
        match self.games(&arena, claim, &questions) {
            Err(reason) => {
                entries::undecided(entry, &reason);
                None
            }
            Ok(Games { last: None, .. }) => {
                entry.verdict = Verdict::Proved;
                entry.vacuous = true;
                entry.reason = Some("no run begins at any of these parameters".to_owned());
                None
            }
            Ok(Games { last: Some(last), tried, beaten }) => {
                self.tell(&arena, claim, &last, (tried, &beaten), entry)
            }
        }
    }

    /// Whether no step is defective and no period stuck.
    fn is_free_of_defects(&self, prepared: &Prepared<'_>) -> bool {
        let Some(problem) = prepared.defects(&STEP_KINDS) else { return true };
        let inquiry = self.inquiry(prepared, &problem, Some(Explicit::Defects), Goal::Run);
        matches!(inquiry.excluded(), Some(Decision::Unreachable { .. }))
    }

    /// Plays until the claim fails.
    fn games(
        &self,
        arena: &Arena<'_>,
        claim: &Claim,
        questions: &[Force],
    ) -> Result<Games, String> {
        let deadline = Instant::now() + self.options.timeout;
        let limits = limits(deadline, self.cancel, arena.defect_free);
        let mut progress = |p: Progress| self.events.progress(&format!("{} positions", p.states));
        let cases = Cases::of(arena.model)?;
        let mut case = arena.model.clone();
        let (mut games, mut replayed) = (Games::default(), true);
        for number in 0..cases.count {
            cases.give(number, &mut case);
            for force in questions {
                let answer = game::decide(&case, force, &claim.assumes, &limits, &mut progress)?;
                let Some(mut answer) = answer else { continue };
                games.tried += answer.tried;
                let wrong = matches!(answer.shown.replay, Err(Fault::Wrong(_)));
                let fails = !answer.holds || wrong;
                // A proof rests on all games, a refutation on one.
                replayed &= answer.replayed;
                answer.replayed = if answer.holds { replayed } else { answer.replayed };
                let before =
                    games.last.take().filter(|(force, answer)| force.unseen && !answer.shown.wins);
                games.beaten.extend(before.map(|(force, answer)| (force, answer.shown)));
                let beaten = std::mem::take(&mut answer.beaten).into_iter();
                games.beaten.extend(beaten.map(|played| (force.clone(), played)));
                games.last = Some((force.clone(), answer));
                if fails {
                    return Ok(games);
                }
            }
        }
        Ok(games)
    }

    fn tell(
        &self,
        arena: &Arena<'_>,
        claim: &Claim,
        (force, answer): &Decided,
        (tried, beaten): (usize, &[(Force, Played)]),
        entry: &mut Entry,
    ) -> Option<Vec<Value>> {
        let played = &answer.shown;
        if let Err(Fault::Wrong(how)) = &played.replay {
            entries::failed(entry, format!("the strategy that was found does not replay: {how}"));
            return None;
        }
        let verdict = if answer.holds { Verdict::Proved } else { Verdict::Refuted };
        entry.verdict = verdict;
        entry.engine = Some("attractor".to_owned());
        entry.reason = Some(outcome(arena.model, force, answer));
        notes(entry, played, tried);
        if verdict == Verdict::Refuted {
            entry.params = traces::params(arena.model, &played.params);
        }
        let mut certificate = replayed(played);
        certificate.checked &= answer.replayed;
        if answer.tried > 1 && !played.wins {
            let how = if answer.replayed { "each" } else { "not each" };
            let detail = certificate.detail.take().unwrap_or_default();
            let tried = answer.tried;
            certificate.detail =
                Some(format!("{how} of {tried} coalitions answered in replay; the last: {detail}"));
        }
        if played.replay.is_ok() && !self.confirm(arena, claim, force, played, &mut certificate) {
            entries::failed(
                entry,
                "with the strategy, another engine finds a play that is lost".to_owned(),
            );
            return None;
        }
        if force.unseen && !played.wins && certificate.checked {
            // A refutation rests on one game, a proof on all.
            let mut games: Vec<(&Force, &Played)> = vec![(force, played)];
            if answer.holds {
                games.splice(..0, beaten.iter().map(|(force, played)| (force, played)));
            }
            let all = !answer.holds || games.len() == tried;
            if let Err(place) = self.spoiled(arena, claim, (&games, all), &mut certificate) {
                entries::failed(entry, format!("a solver does not confirm the answers: {place}"));
                return None;
            }
        }
        entry.certificate = Some(certificate);
        self.show(arena.model, played, entry);
        (verdict == Verdict::Refuted).then(|| played.params.clone())
    }

    /// The strategy and a play under it.
    fn show(&self, model: &Model, played: &Played, entry: &mut Entry) {
        let Some(example) = &played.example else { return };
        let Ok(run) = replay(model, Goal::Run, example) else { return };
        let mut trace = traces::report(model, &run);
        trace.kind = TraceKind::Strategy;
        trace.strategy = traces::strategy(model, played).map(Box::new);
        entry.trace = Some(trace);
    }

    /// Lets the other engines prove the claim that the strategy makes an ordinary one. `false` if they refute it.
    fn confirm(
        &self,
        arena: &Arena<'_>,
        claim: &Claim,
        force: &Force,
        played: &Played,
        certificate: &mut Certificate,
    ) -> bool {
        let narrowed = restrict::restricted(arena.model, claim, force, played)
            .or_else(|| watched::restricted(arena.model, claim, force, played));
        let Some((model, claim)) = narrowed else { return true };
        let mut narrowed = Prepared::new(&model);
        narrowed.defect_free = arena.defect_free;
        let options = Options {
            timeout: self.options.timeout.min(CONFIRMING),
            engine: self.options.engine.filter(|engine| *engine != EngineName::Explicit),
            ..self.options.clone()
        };
        let short = Investigation { options: &options, ..*self };
        let found = match narrowed.question(&claim) {
            Question::Never(asked) => {
                short.inquiry(&narrowed, &asked.problem, None, Goal::Claim(&claim)).decide()
            }
            Question::Forever(live) => {
                short.endless(&narrowed, &claim, &live).decide(options.timeout)
            }
            _ => return true,
        };
        match found {
            Decision::Reached { .. } => return false,
            Decision::Unreachable { engine, certificate: found } if found.checked => {
                let detail = certificate.detail.take().unwrap_or_default();
                certificate.detail = Some(format!(
                    "{detail}; with it as an assumption {engine} proves the rest by {}",
                    found.kind
                ));
                certificate.by.extend(found.by);
                certificate.obligations = found.obligations;
            }
            _ => {}
        }
        true
    }
}

/// What was found, in words.
fn outcome(model: &Model, force: &Force, answer: &Answer) -> String {
    let played = &answer.shown;
    let who: Vec<String> =
        played.posts.iter().map(|post| game::sight::post_name(model, *post)).collect();
    let who = if who.is_empty() { "nobody".to_owned() } else { who.join(" and ") };
    let verb = if played.wins { "can" } else { "cannot" };
    let unseen = if force.unseen { ", by what they see alone" } else { "" };
    match force.coalition {
        crate::types::core::Coalition::Named(_) => format!("{who} {verb} force it{unseen}"),
        _ if played.wins => format!("{who} can force it{unseen}"),
        _ => format!(
            "none of {} coalitions can force it{unseen}; the answers shown are those to {who}",
            answer.tried
        ),
    }
}

fn notes(entry: &mut Entry, played: &Played, tried: usize) {
    let (won, all) = played.from;
    if won > 0 && won < all {
        let kind = if played.beliefs.is_some() { "kinds of first state" } else { "first states" };
        entry.notes.push(format!("the coalition can force it from {won} of {all} {kind}"));
    }
    if tried > 1 {
        entry.notes.push(format!("{tried} games were played"));
    }
}

/// What stands behind the verdict so far.
fn replayed(played: &Played) -> Certificate {
    let kind = if played.wins { "strategy" } else { "spoiling-strategy" }.to_owned();
    let positions = match played.beliefs {
        Some(beliefs) => format!("{beliefs} sets of {} positions", played.positions),
        None => format!("{} positions", played.positions),
    };
    let (checked, detail) = match &played.replay {
        Ok(replayed) => (
            true,
            format!(
                "{positions}; {} positions and {} steps under it replayed",
                replayed.positions, replayed.steps
            ),
        ),
        Err(_) => (false, format!("{positions}; too many to replay")),
    };
    let by = if checked { vec!["yamen".to_owned()] } else { Vec::new() };
    Certificate { kind, checked, by, detail: Some(detail), obligations: Vec::new() }
}
