//! A certificate for claims that a coalition which does not see everything cannot force its goal.
//!
//! The answers to all of its plans are a table of worlds ([`crate::interp::game::spoil`] says why that is right, and
//! what has to be shown). What the table tells of states and steps is put to a fresh solver, and written
//! down, check by check. Neither the solver of games nor the replay is believed in anything.

use std::time::Instant;

use super::institution::Investigation;
use super::strategy::{Arena, CONFIRMING};
use crate::engine::Budget;
use crate::evidence::recheck::{Check, recheck_spoiling};
use crate::evidence::scripts::{self, Obligation};
use crate::evidence::spoiling::{Facts, Stage};
use crate::interp::game::{self, Force, Played};
use crate::report::outcome::Certificate;
use crate::types::core::{Claim, Model};

/// Most games that are shown again.
const MOST: usize = 64;

/// Why a game is not shown.
enum Missing {
    /// There is no table, or it was not checked in time.
    Because(String),
    /// It is not so.
    Wrong(String),
}

impl From<String> for Missing {
    fn from(reason: String) -> Missing {
        Missing::Because(reason)
    }
}

/// How much was shown, and the scripts that say so.
#[derive(Default)]
struct Shown {
    rows: usize,
    worlds: usize,
    how: Vec<String>,
    obligations: Vec<Obligation>,
}

impl Investigation<'_> {
    /// Shows games that coalitions lose in a way that others can check; `all`: the verdict rests on no others.
    ///
    /// # Errors
    /// What a solver says is not so.
    pub(super) fn spoiled(
        &self,
        arena: &Arena<'_>,
        claim: &Claim,
        (games, all): (&[(&Force, &Played)], bool),
        certificate: &mut Certificate,
    ) -> Result<(), String> {
        let options = self.options;
        let short_of_time = options.neighbours.is_some() || options.search_suffices;
        if options.engine.is_some() || short_of_time {
            return Ok(());
        }
        let shown = match all && games.len() <= MOST {
            true => self.all_spoiled(arena, claim, games),
            false => {
                Err(Missing::Because("the claim rests on too many games, or other ones".to_owned()))
            }
        };
        let detail = certificate.detail.take().unwrap_or_default();
        let more = match shown {
            Err(Missing::Wrong(place)) => return Err(place),
            Err(Missing::Because(reason)) => format!("not told world by world: {reason}"),
            Ok(shown) => {
                certificate.by.push("z3".to_owned());
                certificate.obligations = shown.obligations;
                let (rows, worlds) = (shown.rows, shown.worlds);
                match shown.how.as_slice() {
                    [how] => format!("{rows} rows with {worlds} worlds, {how}"),
                    games => format!("{rows} rows with {worlds} worlds in {} games", games.len()),
                }
            }
        };
        certificate.detail = Some(format!("{detail}; {more}"));
        Ok(())
    }

    fn all_spoiled(
        &self,
        arena: &Arena<'_>,
        claim: &Claim,
        games: &[(&Force, &Played)],
    ) -> Result<Shown, Missing> {
        let timeout = self.options.timeout;
        let patience = if self.options.certificates { timeout } else { timeout.min(CONFIRMING) };
        let (deadline, mut shown) = (Instant::now() + patience, Shown::default());
        for (n, (force, played)) in games.iter().enumerate() {
            let name = if games.len() > 1 { format!("game-{}-", n + 1) } else { String::new() };
            let model = at_parameters(arena.model, claim, played);
            self.game(&model, (force, played), (&name, deadline), &mut shown)?;
        }
        Ok(shown)
    }

    /// One game.
    fn game(
        &self,
        model: &Model,
        (force, played): (&Force, &Played),
        (name, deadline): (&str, Instant),
        shown: &mut Shown,
    ) -> Result<(), Missing> {
        let spoiler = game::spoiler(model, force, &[], played)?;
        let stage = Stage::new(model, &played.owned, &force.goal, &played.sights);
        let none = || Missing::Because("the game cannot be put to a solver".to_owned());
        let stage = stage.ok_or_else(none)?;
        let facts = Facts { stage: &stage, goal: &force.goal, spoiler: &spoiler };
        let deadline = Some(deadline);
        let budget = Budget { cancel: self.cancel, deadline, depth: None, seed: 1 };
        match recheck_spoiling(&facts, budget) {
            Check::Holds(how) => shown.how.push(how),
            Check::Fails(place) => return Err(Missing::Wrong(place)),
            Check::Open(reason) => return Err(Missing::Because(reason)),
            Check::NotApplicable => {
                return Err(Missing::Because("nothing can be checked".to_owned()));
            }
        }
        (shown.rows, shown.worlds) =
            (shown.rows + spoiler.rows.len(), shown.worlds + spoiler.worlds());
        if self.options.certificates {
            let scripts = scripts::of_spoiling(&facts).into_iter();
            let named = scripts.map(|o| Obligation { name: format!("{name}{}", o.name), ..o });
            shown.obligations.extend(named);
        }
        Ok(())
    }
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
