//! Games shown again in a way that others can check: all on which a verdict rests.
//!
//! Where a strategy is told by the state alone, or by what a winning coalition sees, it is made an assumption, with which
//! every run must meet the goal (or miss it): an ordinary claim. Where a coalition that does not see everything
//! cannot force its goal, the answers to all of its plans are a table of worlds ([`crate::interp::game::spoil`] says
//! why that is right, and what has to be shown); what it tells of states and steps is put to a fresh solver, and
//! written down, check by check. There neither the solver of games nor the replay is believed in anything.

use std::time::{Duration, Instant};

use super::decide::{Decision, limits};
use super::institution::Investigation;
use super::{EngineName, Options, watched};
use crate::engine::Budget;
use crate::evidence::recheck::{Check, recheck_spoiling};
use crate::evidence::scripts::{self, Obligation};
use crate::evidence::spoiling::{Facts, Stage};
use crate::interp::game::{self, Force, Played, restrict};
use crate::interp::replay::Goal;
use crate::report::outcome::Certificate;
use crate::system::property::{Prepared, Question};
use crate::twin::observed::slice::sliced;
use crate::types::core::{Claim, Expr, Model, Type};

/// Time for others to show what is already replayed.
const CONFIRMING: Duration = Duration::from_secs(5);

/// The institution without its practices.
pub(super) struct Arena<'a> {
    pub(super) model: &'a Model,
    pub(super) defect_free: bool,
}

/// Why a game is not shown.
enum Missing {
    /// There is nothing to say of it.
    Silently,
    /// Why not.
    Because(String),
    /// Another engine, or a solver, contradicts it.
    Wrong(String),
}

impl From<String> for Missing {
    fn from(reason: String) -> Missing {
        Missing::Because(reason)
    }
}

/// A game that was shown.
struct Shown {
    how: String,
    by: Vec<String>,
    obligations: Vec<Obligation>,
}

impl Investigation<'_> {
    /// Shows all games on which a verdict rests; there are so many of them, of which these were kept.
    ///
    /// # Errors
    /// What contradicts one.
    pub(super) fn confirm(
        &self,
        arena: &Arena<'_>,
        claim: &Claim,
        (games, rests): (&[(&Force, &Played)], usize),
        certificate: &mut Certificate,
    ) -> Result<(), String> {
        let shown = match games.len() == rests {
            true => self.all_games(arena, claim, games),
            false => Err(Missing::Because("there are too many games to show again".to_owned())),
        };
        let more = match shown {
            Err(Missing::Wrong(place)) => return Err(place),
            Err(Missing::Silently) => return Ok(()),
            Err(Missing::Because(reason)) => format!("nothing else shows it: {reason}"),
            Ok(all) => together(all, certificate),
        };
        let detail = certificate.detail.take().unwrap_or_default();
        certificate.detail = Some(format!("{detail}; {more}"));
        Ok(())
    }

    fn all_games(
        &self,
        arena: &Arena<'_>,
        claim: &Claim,
        games: &[(&Force, &Played)],
    ) -> Result<Vec<Shown>, Missing> {
        let timeout = self.options.timeout;
        let patience = if self.options.certificates { timeout } else { timeout.min(CONFIRMING) };
        let deadline = Instant::now() + patience;
        let show = |(force, played): &(&Force, &Played)| match &played.replay {
            Err(_) => Err(Missing::Silently),
            Ok(_) if force.unseen && !played.wins => {
                self.by_table(&table_model(arena, claim, force, played), (force, played), deadline)
            }
            Ok(_) => self.by_assumption(arena, claim, (force, played), deadline),
        };
        games.iter().map(show).collect()
    }

    /// Lets the other engines prove the claim that the strategy makes an ordinary one.
    fn by_assumption(
        &self,
        arena: &Arena<'_>,
        claim: &Claim,
        (force, played): (&Force, &Played),
        deadline: Instant,
    ) -> Result<Shown, Missing> {
        let narrowed = restrict::restricted(arena.model, claim, force, played)
            .or_else(|| watched::restricted(arena.model, claim, force, played));
        let (model, claim) = narrowed.ok_or(Missing::Silently)?;
        let mut narrowed = Prepared::new(&model);
        narrowed.defect_free = arena.defect_free;
        let left = deadline.saturating_duration_since(Instant::now());
        let options = Options {
            timeout: left.min(CONFIRMING),
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
            _ => return Err(Missing::Silently),
        };
        match found {
            Decision::Reached { .. } => Err(Missing::Wrong(
                "with the strategy, another engine finds a play that is lost".to_owned(),
            )),
            Decision::Unreachable { engine, certificate } if certificate.checked => Ok(Shown {
                how: format!(
                    "with it as an assumption {engine} proves the rest by {}",
                    certificate.kind
                ),
                by: certificate.by,
                obligations: certificate.obligations,
            }),
            _ => Err(Missing::Silently),
        }
    }

    /// Has a table of the answers checked world by world.
    fn by_table(
        &self,
        model: &Model,
        (force, played): (&Force, &Played),
        deadline: Instant,
    ) -> Result<Shown, Missing> {
        let options = self.options;
        if options.engine.is_some() || options.neighbours.is_some() || options.search_suffices {
            return Err(Missing::Silently);
        }
        let spoiler =
            game::spoiler(model, force, &[], played, &limits(deadline, self.cancel, false))?;
        let stage = Stage::new(model, &played.owned, &force.goal, &played.sights);
        let none = || Missing::Because("the game cannot be put to a solver".to_owned());
        let stage = stage.ok_or_else(none)?;
        let facts = Facts { stage: &stage, goal: &force.goal, spoiler: &spoiler };
        let deadline = Some(deadline);
        let budget = Budget { cancel: self.cancel, deadline, depth: None, seed: 1 };
        let how = match recheck_spoiling(&facts, budget) {
            Check::Holds(how) => how,
            Check::Fails(place) => {
                return Err(Missing::Wrong(format!("a solver contradicts the answers: {place}")));
            }
            Check::Open(reason) => return Err(Missing::Because(reason)),
            Check::NotApplicable => return Err(Missing::Silently),
        };
        let (rows, worlds) = (spoiler.rows.len(), spoiler.worlds());
        let wanted = options.certificates;
        Ok(Shown {
            how: format!("{rows} rows with {worlds} worlds, {how}"),
            by: vec!["z3".to_owned()],
            obligations: if wanted { scripts::of_spoiling(&facts) } else { Vec::new() },
        })
    }
}

/// Adds what shows these games to a certificate; how, in words.
fn together(all: Vec<Shown>, certificate: &mut Certificate) -> String {
    let several = all.len() > 1;
    let mut how = Vec::new();
    for (n, shown) in all.into_iter().enumerate() {
        let prefix = if several { format!("game-{}-", n + 1) } else { String::new() };
        let named = shown.obligations.into_iter();
        let named = named.map(|o| Obligation { name: format!("{prefix}{}", o.name), ..o });
        certificate.obligations.extend(named);
        for by in shown.by {
            if !certificate.by.contains(&by) {
                certificate.by.push(by);
            }
        }
        how.push(shown.how);
    }
    match how.as_slice() {
        [one] => one.clone(),
        games => {
            let last = games.last().cloned().unwrap_or_default();
            format!("all {} games were shown again, the last: {last}", games.len())
        }
    }
}

/// The model in which a table of answers is looked at. Numbers without bounds on which nothing of the game
/// rests would make ever new worlds, so that they are held fast where the model is free of defects.
fn table_model(arena: &Arena<'_>, claim: &Claim, force: &Force, played: &Played) -> Model {
    let model = at_parameters(arena.model, claim, played);
    let tick = force.goal.tick().and_then(|tick| model.ticks.get(tick.index()));
    let seen = played.sights.iter().map(|sight| &sight.expr);
    let asked = force.goal.states.iter().chain(seen).chain(tick.map(|tick| &tick.when));
    let asked: Vec<Expr> = asked.cloned().collect();
    let (slice, held) = sliced(&model, &asked);
    let mut cells = model.cells.iter().zip(&held);
    let grows = cells.any(|(cell, held)| *held && matches!(cell.ty, Type::Int | Type::Real));
    if arena.defect_free && grows { slice } else { model }
}

/// The model of a game: at its parameters, with the claim's hypotheses, without what plays no part.
fn at_parameters(model: &Model, claim: &Claim, played: &Played) -> Model {
    let mut model = model.clone();
    model.fairness.clear();
    model.claims.clear();
    model.payoffs.clear();
    model.assumes.extend(claim.assumes.iter().cloned());
    for (param, value) in model.params.iter_mut().zip(&played.params) {
        param.value = Some(value.clone());
    }
    model
}
