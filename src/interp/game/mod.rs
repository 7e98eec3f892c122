//! Games: what a coalition of posts can force, whatever all others and nature do.
//!
//! In each period the coalition's choices are fixed first, as a function of the state (with `unseen`: of what its
//! members have seen). Then all other choices, environment and draws are made by hostile others, who see them. So
//! the coalition can force a goal iff there is a move such that for all answers there is a move …: the alternating
//! reading of Alur, Henzinger and Kupferman (2002) with concurrent moves of others taken as hostile. First
//! states are nature's. A step must exist: a move that goes with no answer is none, and a state without a
//! step is lost. All restrictions hold for both sides.
//!
//! `arena` lays out positions by the compiled search, `solve` finds who wins, `belief` does so for
//! coalitions that do not see everything; `extract` writes the winner's strategy down, and `check` replays it
//! by the interpreter.

pub mod alike;
pub mod arena;
pub mod belief;
pub mod check;
pub mod extract;
pub mod goal;
pub mod judge;
pub mod plain;
pub mod play;
pub mod restrict;
pub mod sight;
pub mod solve;
pub mod spoil;
pub mod table;

use self::alike::Alike;
use self::arena::{Arena, Unfinished, Watching, open_game};
use self::belief::beliefs;
use self::check::{Check, Replayed};
use self::extract::Extract;
use self::goal::Goal;
use self::plain::{Fault, Plain};
use self::sight::{Post, Sight, coalitions, owned, sights};
use self::solve::solve;
use self::spoil::Spoiler;
use self::table::Table;
use super::explicit::build::build_watching;
use super::explicit::graph::Bar;
use super::explicit::{Limits, Progress, parameters_hold};
use super::progress::ground::instances;
use super::step::Interpreter;
use crate::types::core::{
    Assume, Binary, Coalition, Expr, ExprKind, Level, LocalId, Model, Property, Quant, Type, Value,
};
use crate::types::level::level;
use crate::types::trace::Trace;
use crate::types::visit::substitute;

/// One question: can a coalition force a goal?
#[derive(Clone, Debug)]
pub struct Force {
    /// Who.
    pub coalition: Coalition,
    /// It is claimed that they can.
    pub can: bool,
    /// What.
    pub goal: Goal,
    /// They move on what they see only.
    pub unseen: bool,
}

/// The questions of a claim that says nothing else: `… can force p`, alone or joined by `and` and `all`. `None`
/// for any other claim.
pub fn questions(model: &Model, property: &Expr) -> Option<Vec<Force>> {
    match property.kind.as_ref() {
        ExprKind::Property(Property::Force { coalition, can, goal, within, unseen }) => {
            let goal = Goal::read(model, goal, *within)?;
            let (coalition, can, unseen) = (coalition.clone(), *can, *unseen);
            Some(vec![Force { coalition, can, goal, unseen }])
        }
        ExprKind::Binary(Binary::And, one, other) => {
            let mut both = questions(model, one)?;
            both.extend(questions(model, other)?);
            Some(both)
        }
        ExprKind::Quantified(Quant::All, local, domain, body) => {
            let mut all = Vec::new();
            for value in instances(model, domain) {
                all.extend(questions(model, &substitute(body, &[(*local, value)]))?);
            }
            Some(all)
        }
        ExprKind::Call(define, args) => {
            let define = model.defines.get(define.index())?;
            let by: Vec<(LocalId, Expr)> =
                define.args.iter().map(|(local, _)| *local).zip(args.iter().cloned()).collect();
            questions(model, &substitute(&define.body, &by))
        }
        _ => None,
    }
}

/// A game that was played out.
#[derive(Clone, Debug)]
pub struct Played {
    /// The parameters.
    pub params: Vec<Value>,
    /// The members of the coalition.
    pub posts: Vec<Post>,
    /// Their input slots.
    pub owned: Vec<usize>,
    /// What they see, if that counts.
    pub sights: Vec<Sight>,
    /// They can force the goal from every first state.
    pub wins: bool,
    /// How many positions there are.
    pub positions: usize,
    /// How many sets of positions that look alike, if that counts.
    pub beliefs: Option<usize>,
    /// From how many of how many first states they can.
    pub from: (usize, usize),
    /// The winner's strategy, unless it is too long.
    pub table: Option<Table>,
    /// What became of its replay.
    pub replay: Result<Replayed, Fault>,
    /// Periods or ticks are counted.
    pub counts: bool,
    /// One play under it.
    pub example: Option<Trace>,
}

/// The answer to a question.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The claim holds.
    pub holds: bool,
    /// The game that shows it: for `some coalition` the one that can, or the largest that cannot.
    pub shown: Played,
    /// The games of coalitions that cannot, before the one shown; the first [`KEPT`] of them.
    pub beaten: Vec<Played>,
    /// How many coalitions were tried.
    pub tried: usize,
    /// The strategies against (or for) all of them were replayed.
    pub replayed: bool,
}

/// Most games that are kept behind one answer.
pub const KEPT: usize = 64;

/// Most steps that a replay enumerates.
const REPLAY: u64 = 4_000_000;

/// Decides a question at given parameters; `None` if no run begins at them.
///
/// # Errors
/// Why it is not decided.
pub fn decide(
    model: &Model,
    force: &Force,
    assumes: &[Assume],
    limits: &Limits<'_>,
    progress: &mut dyn FnMut(Progress),
) -> Result<Option<Answer>, String> {
    let value = |param: &crate::types::core::Param| {
        param.value.clone().ok_or_else(|| format!("`{}` has no value", param.name))
    };
    let params = model.params.iter().map(value).collect::<Result<Vec<Value>, String>>()?;
    let interpreter = Interpreter::assuming(model, assumes);
    if !parameters_hold(&interpreter, &params) {
        return Ok(None);
    }
    let all = coalitions(&interpreter, &params, &force.coalition)
        .ok_or_else(|| "the coalitions cannot be told, or are too many".to_owned())?;
    let named = matches!(force.coalition, Coalition::Named(_));
    let none = matches!(force.coalition, Coalition::NoneOf(..));
    let (mut shown, mut tried, mut replayed) = (None, 0, true);
    let mut beaten = Vec::new();
    for posts in all {
        let game = Game { interpreter: &interpreter, params: &params, force, limits };
        let played = game.play(posts, progress)?;
        if played.from.1 == 0 {
            // No run begins, so that there is nothing to force.
            return Ok(None);
        }
        tried += 1;
        replayed &= played.replay.is_ok();
        let (stop, failed) = (played.wins, matches!(played.replay, Err(Fault::Wrong(_))));
        let room = beaten.len() < KEPT;
        beaten.extend(shown.replace(played).filter(|_| room));
        if stop || failed {
            break;
        }
    }
    let shown = shown.ok_or_else(|| "there is no coalition".to_owned())?;
    let holds = match (named, none) {
        (true, _) => shown.wins == force.can,
        (_, true) => !shown.wins,
        _ => shown.wins == force.can,
    };
    Ok(Some(Answer {
        holds,
        replayed: replayed || shown.wins && shown.replay.is_ok(),
        shown,
        beaten,
        tried,
    }))
}

/// The answers to a coalition that cannot force its goal by what it sees, world by world.
///
/// # Errors
/// Why there is no such table.
pub fn spoiler(
    model: &Model,
    force: &Force,
    assumes: &[Assume],
    played: &Played,
    limits: &Limits<'_>,
) -> Result<Spoiler, String> {
    let table = played.table.as_ref().filter(|table| table.unseen && table.spoils);
    let Some(table) = table else { return Err("no answers were written down".to_owned()) };
    let interpreter = Interpreter::assuming(model, assumes);
    let plain = Plain {
        interpreter: &interpreter,
        params: &played.params,
        goal: &force.goal,
        owned: &played.owned,
        sights: &played.sights,
        blind: force.unseen,
        budget: REPLAY,
        limits,
        // Each world is to be a state as it comes about, so that a solver can look at the step to it.
        alike: Alike::none(&interpreter),
    };
    spoil::spoiler(Check { plain, table })
}

struct Game<'a> {
    interpreter: &'a Interpreter<'a>,
    params: &'a [Value],
    force: &'a Force,
    limits: &'a Limits<'a>,
}

impl Game<'_> {
    fn play(&self, posts: Vec<Post>, progress: &mut dyn FnMut(Progress)) -> Result<Played, String> {
        let model = self.interpreter.model;
        let goal = &self.force.goal;
        let sights = if self.force.unseen { sights(model, &posts) } else { Vec::new() };
        let mut watched = goal.states.clone();
        if let (Some(tick), Some(like)) = (goal.tick(), goal.states.first()) {
            let kind = Box::new(ExprKind::Tick(tick));
            watched.push(Expr { kind, ty: Type::Bool, span: like.span });
        }
        let watching = Watching {
            states: goal.states.len(),
            tick: goal.tick().is_some(),
            before: sights.iter().filter(|sight| sight.before).count(),
        };
        watched.extend(sights.iter().map(|sight| sight.expr.clone()));
        let told = |expr: &Expr| (expr.clone(), level(model, expr) <= Level::State);
        let closed: Vec<(Expr, bool)> = watched.iter().map(told).collect();
        let built = build_watching(self.interpreter, self.params, &closed, self.limits.defect_free)
            .map_err(|bar| barred(&bar))?;
        if built.step.depth() > 4000 || built.first.depth() > 100_000 {
            return Err("more than 4000 things are drawn in a period".to_owned());
        }
        let table = Laid { game: self, built: &built, watched: &watched, watching, posts, sights };
        let stack = 4096 * (built.step.depth() + built.first.depth() + 256);
        stacker::maybe_grow(stack, 2 * stack, || match built.words {
            0..=1 => table.play::<1>(progress),
            2 => table.play::<2>(progress),
            3..=4 => table.play::<4>(progress),
            5..=16 => table.play::<16>(progress),
            17..=64 => table.play::<64>(progress),
            _ => Err("a state takes more than 4096 bits".to_owned()),
        })
    }
}

fn barred(bar: &Bar) -> String {
    match bar {
        Bar::Infinite(what) => format!("`{what}` has infinitely many values"),
        Bar::Overflow => "numbers beyond 64 bits may arise, or too many cases".to_owned(),
        Bar::Cycle => "a value may rest on itself".to_owned(),
    }
}

fn unfinished(why: Unfinished) -> String {
    match why {
        Unfinished::TooLarge(reason) => reason,
        Unfinished::Over => "timeout".to_owned(),
        Unfinished::NoValue => "the goal has no value in some state".to_owned(),
    }
}

/// A game with its program.
struct Laid<'a> {
    game: &'a Game<'a>,
    built: &'a super::explicit::build::Built,
    watched: &'a [Expr],
    watching: Watching,
    posts: Vec<Post>,
    sights: Vec<Sight>,
}

impl Laid<'_> {
    /// The interpreter as this game.
    fn plain<'p>(&'p self, owned: &'p [usize]) -> Plain<'p> {
        let Game { interpreter, params, force, limits } = *self.game;
        let (goal, sights) = (&force.goal, self.sights.as_slice());
        let alike = match limits.defect_free {
            true => Alike::in_game(interpreter, goal, sights),
            false => Alike::none(interpreter),
        };
        let blind = force.unseen;
        Plain { interpreter, params, goal, owned, sights, blind, budget: REPLAY, limits, alike }
    }

    fn play<const W: usize>(self, progress: &mut dyn FnMut(Progress)) -> Result<Played, String> {
        let Game { interpreter, params, force, limits } = *self.game;
        let owned = owned(interpreter, params, &self.posts);
        let owns = |slot: usize| owned.contains(&slot);
        let watching = self.watching.clone();
        let goal = &force.goal;
        let mut arena = Arena::<W>::new(self.built, goal, limits, watching, &owns, force.unseen);
        arena.run(progress).map_err(unfinished)?;
        let extract = Extract {
            arena: &arena,
            interpreter,
            watched: self.watched,
            watching: self.watching.clone(),
        };
        let (wins, from, table, alike) = if force.unseen {
            let game = beliefs(&arena, limits).map_err(unfinished)?;
            let solution = solve(&game.graph, goal.aim(), limits).map_err(unfinished)?;
            let lost: Vec<(u32, u32)> =
                game.first.iter().copied().filter(|(_, node)| !solution.wins(*node)).collect();
            let (wins, from) = (lost.is_empty(), (game.first.len() - lost.len(), game.first.len()));
            let first = if wins { game.first.as_slice() } else { lost.get(..1).unwrap_or(&[]) };
            let table = extract.unseen(&game, &solution, first, !wins);
            (wins, from, table, Some(game.nodes.len()))
        } else {
            let (graph, plans, of_move) = open_game(&arena).map_err(unfinished)?;
            let solution = solve(&graph, goal.aim(), limits).map_err(unfinished)?;
            let all: Vec<u32> = (0..arena.first).collect();
            let lost: Vec<u32> = all.iter().copied().filter(|node| !solution.wins(*node)).collect();
            let (wins, from) = (lost.is_empty(), (all.len() - lost.len(), all.len()));
            let plan = |by: u32| {
                let plan = of_move.get(by as usize).and_then(|at| plans.get(*at as usize));
                plan.cloned().unwrap_or_default()
            };
            let first = if wins { all.as_slice() } else { lost.get(..1).unwrap_or(&[]) };
            let table = extract.open(&graph, plan, &solution, first, !wins);
            (wins, from, table, None)
        };
        let plain = || self.plain(&owned);
        let replay = match &table {
            None if limits.over() => Err(Fault::Over),
            None => Err(Fault::TooMany),
            Some(table) => Check { plain: plain(), table }.run(),
        };
        let example = match (&table, &replay) {
            (Some(table), Ok(_)) => play::example(plain(), table),
            _ => None,
        };
        Ok(Played {
            params: params.to_vec(),
            posts: self.posts.clone(),
            owned: owned.clone(),
            sights: self.sights.clone(),
            wins,
            positions: arena.nodes.len(),
            beliefs: alike,
            from,
            table,
            replay,
            counts: goal.countdown().is_some(),
            example,
        })
    }
}
