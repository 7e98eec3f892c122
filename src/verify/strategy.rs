//! Claims about what a coalition can force.
//!
//! The interpreter's game solver says who wins, and how; the winner's strategy has been replayed against
//! everything the other side can do. Where the strategy is told by the state alone it is also put to the other
//! engines: with it as an assumption, every run must meet the goal (or miss it), which is an ordinary claim with
//! an ordinary certificate. Fairness plays no part: hostile others need not be fair.

use std::time::Instant;

use super::confirmed::Arena;
use super::decide::{Decision, limits};
use super::institution::{Investigation, STEP_KINDS};
use super::{entries, traces};
use crate::interp::explicit::cases::Cases;
use crate::interp::explicit::{Progress, Question as Explicit};
use crate::interp::game::plain::Fault;
use crate::interp::game::{self, Answer, Force, Played};
use crate::interp::replay::{Goal, replay};
use crate::report::outcome::{Certificate, Entry, TraceKind, Verdict};
use crate::system::property::Prepared;
use crate::types::core::{Claim, Model, Value};

/// A question with its answer.
type Decided = (Force, Answer);

/// The games that were played.
#[derive(Default)]
struct Games {
    /// The first answer by which the claim fails, else the last one.
    last: Option<Decided>,
    /// How many there were.
    tried: usize,
    /// On how many of them a proof rests.
    rests: usize,
    /// Those of them before the last, as far as they are kept.
    before: Vec<(Force, Played)>,
}

impl Games {
    /// Keeps what a proof rests on before there is another last game.
    fn keep(&mut self, force: &Force, answer: &mut Answer) {
        let last = self.last.take().map(|(force, answer)| (force, answer.shown));
        let beaten = std::mem::take(&mut answer.beaten);
        let beaten = beaten.into_iter().filter(|_| !answer.shown.wins);
        let all = last.into_iter().chain(beaten.map(|played| (force.clone(), played)));
        let room = game::KEPT.saturating_sub(self.before.len());
        self.before.extend(all.take(room));
    }
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
            Ok(games) => self.tell(&arena, claim, &games, entry),
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
                games.rests += if answer.shown.wins { 1 } else { answer.tried };
                games.keep(force, &mut answer);
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
        games: &Games,
        entry: &mut Entry,
    ) -> Option<Vec<Value>> {
        let (force, answer) = games.last.as_ref()?;
        let played = &answer.shown;
        if let Err(Fault::Wrong(how)) = &played.replay {
            entries::failed(entry, format!("the strategy that was found does not replay: {how}"));
            return None;
        }
        let verdict = if answer.holds { Verdict::Proved } else { Verdict::Refuted };
        entry.verdict = verdict;
        entry.engine = Some("attractor".to_owned());
        entry.reason = Some(outcome(arena.model, force, answer));
        notes(entry, played, games.tried);
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
        // A refutation rests on one game, a proof on all.
        let before = games.before.iter().filter(|_| answer.holds);
        let mut all: Vec<(&Force, &Played)> = before.map(|(f, played)| (f, played)).collect();
        all.push((force, played));
        let rests = if answer.holds { games.rests } else { 1 };
        if let Err(place) = self.confirm(arena, claim, (&all, rests), &mut certificate) {
            entries::failed(entry, place);
            return None;
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
        Err(Fault::Over) => (false, format!("{positions}; no time was left to replay it")),
        Err(_) => (false, format!("{positions}; too many to replay")),
    };
    let by = if checked { vec!["yamen".to_owned()] } else { Vec::new() };
    Certificate { kind, checked, by, detail: Some(detail), obligations: Vec::new() }
}
