//! That a coalition which does not see everything cannot force its goal, shown row by row.
//!
//! [`crate::interp::game::spoil`] has the table, the theorem, and what has to be so of the table by itself. The
//! rest is about states and steps, in a model whose ghosts ([`crate::twin::spoiled`]) say what is planned and seen.
//! [`there`] asks whether all that the table tells of is there: the worlds of the first row are first states,
//! each world looks as its row says, each world after a reply has a step to it from the one before. Each of these is
//! one check, of a state or a step all of whose cells are given, which must be satisfiable. [`complete`] asks whether
//! anything else is: a plan that is possible in all worlds of a row and has no reply there. These must be
//! unsatisfiable.

use std::collections::BTreeMap;

use super::worlds::{Fault, same};
use crate::engine::unroll::Unrolling;
use crate::interp::game::goal::Goal;
use crate::interp::game::sight::Sight;
use crate::interp::game::spoil::{Reply, Row, Spoiler};
use crate::solver::{Answer, Literal, Solver};
use crate::system::Problem;
use crate::system::property::Prepared;
use crate::term::{Pool, Term, Var};
use crate::twin::spoiled::{Named, Telling, moves, told};
use crate::types::core::{Model, Value};

/// A game as questions to a solver.
#[derive(Clone, Debug)]
pub struct Stage {
    /// A problem of the model with [all ghosts](told).
    told: Problem,
    /// The question about that model whether a state looks as its ghosts say.
    looks: Problem,
    /// A problem of the model with [plans](moves) alone.
    moves: Problem,
    /// How many choices the coalition has.
    slots: usize,
    /// How many cells the model has without ghosts.
    cells: usize,
}

impl Stage {
    /// The game of a coalition that owns these input slots and sees this; `None` if it cannot be put to a solver.
    pub fn new(model: &Model, owned: &[usize], goal: &Goal, sights: &[Sight]) -> Option<Stage> {
        let named = |before: bool| {
            let some = sights.iter().filter(move |sight| sight.before == before);
            some.map(|sight| -> Named<'_> { (&sight.words, &sight.expr) }).collect()
        };
        let (before, after) = (named(true), named(false));
        let telling = Telling { states: &goal.states, before, after, tick: goal.tick() };
        let told = told(model, owned, &telling)?;
        let prepared = Prepared::new(&told.model);
        Some(Stage {
            looks: prepared.target(&told.looks, &[])?,
            told: prepared.first_state(),
            moves: Prepared::new(&moves(model, owned)?).first_state(),
            slots: owned.len(),
            cells: prepared.layout.cells.len().checked_sub(told.ghosts)?,
        })
    }

    /// Whether bits suffice for all of it.
    pub fn is_finite(&self) -> bool {
        let all = [&self.told, &self.looks, &self.moves];
        all.iter().all(|problem| problem.system.is_finite(&[problem.bad]))
    }
}

/// What is to be shown.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    /// The game.
    pub stage: &'a Stage,
    /// What the coalition is to force.
    pub goal: &'a Goal,
    /// The table.
    pub spoiler: &'a Spoiler,
}

/// Leads fresh solvers through all of it, and looks at the table; how many checks there were.
///
/// # Errors
/// The first that fails.
pub fn show<S: Solver>(
    facts: &Facts<'_>,
    fresh: &mut dyn FnMut(&'static str) -> S,
) -> Result<usize, Fault> {
    facts.spoiler.fits(facts.goal).map_err(Fault::Wrong)?;
    Ok(there(facts, fresh)? + complete(facts, fresh)?)
}

/// A check.
struct Asked {
    what: String,
    assumed: Vec<Literal>,
}

fn wrong<T>(text: String) -> Result<T, Fault> {
    Err(Fault::Wrong(text))
}

/// That all that the table tells of is there; every check must be satisfiable.
///
/// # Errors
/// The first that fails.
pub fn there<S: Solver>(
    facts: &Facts<'_>,
    fresh: &mut dyn FnMut(&'static str) -> S,
) -> Result<usize, Fault> {
    let mut told = facts.stage.told.clone();
    let (first, steps) = {
        let mut laying = Laying::new(facts, &mut told);
        (laying.first()?, laying.steps()?)
    };
    let mut looks = facts.stage.looks.clone();
    let seen = Laying::new(facts, &mut looks).looks()?;
    let mut start = Unrolling::new(&told, fresh("first"), true);
    put(&mut start.solver, &told.system.pool, &first, &Answer::Sat)?;
    let mut one = Unrolling::new(&looks, fresh("looks"), false);
    put(&mut one.solver, &looks.system.pool, &seen, &Answer::Sat)?;
    let mut step = Unrolling::new(&told, fresh("steps"), false);
    step.extend();
    put(&mut step.solver, &told.system.pool, &steps, &Answer::Sat)?;
    Ok(first.len() + seen.len() + steps.len())
}

/// That nothing else is there; every check must be unsatisfiable.
///
/// # Errors
/// The first that fails.
pub fn complete<S: Solver>(
    facts: &Facts<'_>,
    fresh: &mut dyn FnMut(&'static str) -> S,
) -> Result<usize, Fault> {
    let mut moves = facts.stage.moves.clone();
    let mut laying = Laying::new(facts, &mut moves);
    let (plans, planned) = (laying.plans()?, laying.planned());
    let pool = &moves.system.pool;
    let mut count = 0;
    // Each period is one world; a plan is the same in all of them.
    for (worlds, asked) in plans {
        let mut solver = fresh("plans");
        for at in 0..worlds {
            moves.system.step.iter().for_each(|term| solver.assert(pool, *term, at));
            for (var, term) in planned.iter().filter(|_| at + 1 < worlds) {
                solver.assert_next(pool, *var, *term, at);
            }
        }
        put(&mut solver, pool, &asked, &Answer::Unsat)?;
        count += asked.len();
    }
    Ok(count)
}

fn put<S: Solver>(
    solver: &mut S,
    pool: &Pool,
    all: &[Asked],
    wanted: &Answer,
) -> Result<(), Fault> {
    for asked in all {
        solver.note(&asked.what);
        match solver.check(pool, &asked.assumed) {
            Answer::Unknown(reason) => return Err(Fault::Open(reason)),
            answer if answer != *wanted => {
                return wrong(format!("it is not so that {}", asked.what));
            }
            _ => {}
        }
    }
    Ok(())
}

fn number(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

fn literal(term: Term, at: u32) -> Literal {
    Literal { term, at, positive: true }
}

/// The table as conditions on the variables of a problem.
struct Laying<'f> {
    facts: &'f Facts<'f>,
    problem: &'f mut Problem,
    vars: Vec<Var>,
}

impl<'f> Laying<'f> {
    fn new(facts: &'f Facts<'f>, problem: &'f mut Problem) -> Self {
        let vars = problem.system.states.iter().map(|state| state.var).collect();
        Laying { facts, problem, vars }
    }

    fn rows(&self) -> impl Iterator<Item = (usize, &'f Row)> + use<'f> {
        self.facts.spoiler.rows.iter().enumerate()
    }

    /// That ghosts from the nth on have these values.
    fn ghosts<'v>(
        &mut self,
        from: usize,
        values: impl ExactSizeIterator<Item = &'v Value>,
        at: u32,
    ) -> Result<Vec<Literal>, Fault> {
        let vars: Vec<Var> =
            self.vars.iter().skip(self.facts.stage.cells + from).copied().collect();
        if vars.len() < values.len() {
            return wrong("the model has too few cells".to_owned());
        }
        let pool = &mut self.problem.system.pool;
        let same = vars.iter().zip(values).map(|(var, value)| same(pool, *var, value));
        Ok(same.map(|term| literal(term, at)).collect())
    }

    /// That the state of a period is a world.
    fn world(&mut self, (r, row): (usize, &Row), w: usize, at: u32) -> Result<Vec<Literal>, Fault> {
        let cells = row.worlds.get(w).map(|world| world.cells.as_slice()).unwrap_or_default();
        if cells.len() != self.facts.stage.cells || self.vars.len() < cells.len() {
            return wrong(format!("world {w} of row {r} does not give every cell"));
        }
        let pool = &mut self.problem.system.pool;
        let same = self.vars.iter().zip(cells).map(|(var, value)| same(pool, *var, value));
        Ok(same.map(|term| literal(term, at)).collect())
    }

    fn first(&mut self) -> Result<Vec<Asked>, Fault> {
        let mut all = Vec::new();
        for (r, row) in self.rows().take(1) {
            for w in 0..row.worlds.len() {
                let what = format!("world {w} of row {r} is a first state");
                all.push(Asked { what, assumed: self.world((r, row), w, 0)? });
            }
        }
        Ok(all)
    }

    fn looks(&mut self) -> Result<Vec<Asked>, Fault> {
        let mut all = Vec::new();
        let bad = literal(self.problem.bad, 0);
        for (r, row) in self.rows() {
            for (w, world) in row.worlds.iter().enumerate() {
                let mut assumed = self.world((r, row), w, 0)?;
                let truths: Vec<Value> = world.truths.iter().map(|t| Value::Bool(*t)).collect();
                let seen: Vec<&Value> = truths.iter().chain(&row.before).collect();
                assumed.extend(self.ghosts(2 * self.facts.stage.slots, seen.into_iter(), 0)?);
                assumed.push(bad);
                let owes = if world.owes { ", which owes," } else { "" };
                let end = match row.lost {
                    true => "lost".to_owned(),
                    false => format!("measure {}", row.measure),
                };
                let left = match self.facts.goal.countdown() {
                    Some(_) => format!(", countdown {}", world.left),
                    None => String::new(),
                };
                let what = format!("world {w}{owes} looks like row {r} ({end}{left})");
                all.push(Asked { what, assumed });
            }
        }
        Ok(all)
    }

    fn steps(&mut self) -> Result<Vec<Asked>, Fault> {
        let mut all = Vec::new();
        for (r, row) in self.rows() {
            let seen = 2 * self.facts.stage.slots + self.facts.goal.states.len() + row.before.len();
            for (m, reply) in row.replies.iter().enumerate() {
                let Some(to) = self.facts.spoiler.rows.get(reply.row) else {
                    return wrong(format!("row {r}: reply {m}: it leads nowhere"));
                };
                let plan = self.plan((r, m), reply)?;
                for (w, origin) in reply.from.iter().enumerate() {
                    let mut assumed = self.world((r, row), origin.world, 0)?;
                    assumed.extend(self.world((reply.row, to), w, 1)?);
                    assumed.extend(&plan);
                    let tick = Value::Bool(origin.tick);
                    let tick = self.facts.goal.tick().is_some().then_some(&tick);
                    let after: Vec<&Value> = reply.after.iter().chain(tick).collect();
                    assumed.extend(self.ghosts(seen, after.into_iter(), 0)?);
                    let (from, next) = (origin.world, reply.row);
                    let what = format!(
                        "with plan {m} of row {r} its world {from} leads to world {w} of row {next}"
                    );
                    all.push(Asked { what, assumed });
                }
            }
        }
        Ok(all)
    }

    /// That a step goes with a plan: where nothing is planned there is no choice.
    fn plan(&mut self, (r, m): (usize, usize), reply: &Reply) -> Result<Vec<Literal>, Fault> {
        if reply.plan.len() != self.facts.stage.slots {
            return wrong(format!("row {r}: plan {m} does not tell of every choice"));
        }
        let mut all = Vec::new();
        for (slot, planned) in reply.plan.iter().enumerate() {
            let none = Value::Bool(false);
            let (ghost, value) = match planned {
                Some(value) => (2 * slot, value),
                None => (2 * slot + 1, &none),
            };
            all.extend(self.ghosts(ghost, std::iter::once(value), 0)?);
        }
        Ok(all)
    }

    /// The variables of what is planned.
    fn planned(&mut self) -> Vec<(Var, Term)> {
        let plans =
            self.vars.iter().skip(self.facts.stage.cells).step_by(2).take(self.facts.stage.slots);
        let pool = &mut self.problem.system.pool;
        plans.map(|var| (*var, pool.var(*var))).collect()
    }

    /// That no other plan is possible in all worlds of a row; by their number.
    fn plans(&mut self) -> Result<BTreeMap<u32, Vec<Asked>>, Fault> {
        let mut all: BTreeMap<u32, Vec<Asked>> = BTreeMap::new();
        let aim = self.facts.goal.aim();
        for (r, row) in self.rows().filter(|(_, row)| row.is_due(aim)) {
            let mut assumed = Vec::new();
            for w in 0..row.worlds.len() {
                assumed.extend(self.world((r, row), w, number(w))?);
            }
            for (m, reply) in row.replies.iter().enumerate() {
                let some = reply.plan.iter().enumerate();
                let mut planned = Vec::new();
                for (slot, value) in some.filter_map(|(slot, value)| Some((slot, value.as_ref()?)))
                {
                    planned.extend(self.ghosts(2 * slot, std::iter::once(value), 0)?);
                }
                self.plan((r, m), reply)?;
                let all = planned.iter().map(|literal| literal.term);
                let term = self.problem.system.pool.and(all);
                assumed.push(Literal { term, at: 0, positive: false });
            }
            let what = format!("in row {r} no other plan is possible");
            all.entry(number(row.worlds.len())).or_default().push(Asked { what, assumed });
        }
        Ok(all)
    }
}
