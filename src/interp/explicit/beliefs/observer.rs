//! The belief sets of one judge written out as a machine, and why each may be what it is.
//!
//! The states of the machine are sets of states of the model, all that can come about by anything the judge may
//! see ([`follow`]). Where something is not known in a set, some state of it lacks it; from there the
//! steps are followed backwards until every state that was needed has one before it, for every way in which
//! the judge may come to the set. No more states than that are kept of each.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use indexmap::IndexSet;

use super::super::{Limits, Prepared};
use super::atlas::{Atlas, Stop, Watching, chart};
use super::worlds::undefined;
use crate::interp::progress::formula::Truth;
use crate::interp::step::Interpreter;
use crate::interp::value::{cardinality, lowest};
use crate::types::core::{CellId, Expr, ExprKind, Level, Model, Type, Value};
use crate::types::layout::{Layout, members};
use crate::types::level::level;

/// Why a set is what it is: some of its states, each with one before it for every way into the set.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reasons {
    /// Of each set, the states that are needed, by the values of all cells.
    pub worlds: Vec<Vec<Vec<Value>>>,
    /// For a set, a view and the number of a world of the set after it: the number of a world that leads there.
    pub before: BTreeMap<(u32, u32, u32), u32>,
    /// For a piece of knowledge and a set in which it is not known: the number of a world that lacks it.
    pub lacks: BTreeMap<(u32, u32), u32>,
}

/// The belief sets of a judge as a machine; its first state is number 0.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Followed {
    /// What may be seen in a period, by number.
    pub views: Vec<Vec<Value>>,
    /// For each set, which comes after it, by the number of what is seen.
    pub after: Vec<BTreeMap<u32, u32>>,
    /// For each piece of knowledge, in which sets it is known.
    pub known: Vec<Vec<bool>>,
    /// Why.
    pub reasons: Reasons,
    /// The size of the largest set.
    pub largest: usize,
}

/// What a judge who sees this may be in, and whether it then knows these, each about one period alone.
/// Cells held fast are not followed.
///
/// # Errors
/// Why it is not worked out.
pub fn follow(
    model: &Model,
    (sees, pieces): (&[Expr], &[Expr]),
    held: &[bool],
    limits: &Limits<'_>,
) -> Result<Followed, Stop> {
    let params: Option<Vec<Value>> = model.params.iter().map(|p| p.value.clone()).collect();
    let params = params.ok_or_else(|| Stop::because("a parameter has no value"))?;
    let interpreter = Interpreter::new(model);
    let prepared =
        Prepared { interpreter: &interpreter, params: &params, monitor: None, defects: Vec::new() };
    let told = |e: &Expr| (e.clone(), level(model, e) <= Level::State);
    let conditions = pieces.iter().map(told).collect();
    let watching = Watching { conditions, views: vec![sees.to_vec()], kept: cells(model, held) };
    chart(&prepared, &watching, limits, |atlas| {
        let (sets, after) = (IndexSet::new(), Vec::new());
        let mut following = Following { atlas, sets, after, limits, size: 0 };
        following.lay_out()?;
        let known = following.known(pieces.len())?;
        let (reasons, numbers) = following.reasons(&known)?;
        let views = following.views()?;
        let worlds =
            numbers.iter().map(|set| set.iter().map(|n| following.values(model, held, *n)));
        let worlds: Result<Vec<Vec<Vec<Value>>>, Stop> = worlds.map(Iterator::collect).collect();
        let largest = following.sets.iter().map(|set| set.len()).max().unwrap_or(0);
        let (after, reasons) = (following.after, Reasons { worlds: worlds?, ..reasons });
        Ok(Followed { views, after, known, reasons, largest })
    })
}

/// Every cell that moves.
fn cells(model: &Model, held: &[bool]) -> Vec<Expr> {
    let mut all = Vec::new();
    for (n, cell) in (0..).zip(&model.cells) {
        if held.get(n as usize) == Some(&true) {
            continue;
        }
        for member in members(model, &cell.index) {
            let place = |(sort, i): (&crate::types::core::SortId, &u32)| Expr {
                kind: Box::new(ExprKind::Const(Value::Member(*sort, *i))),
                ty: Type::Finite(*sort),
                span: cell.span,
            };
            let index = cell.index.iter().zip(&member).map(place).collect();
            let kind = Box::new(ExprKind::Cell { cell: CellId(n), index, primed: false });
            all.push(Expr { kind, ty: cell.ty, span: cell.span });
        }
    }
    all
}

struct Following<'a> {
    atlas: &'a mut dyn Atlas,
    sets: IndexSet<Rc<[u32]>>,
    after: Vec<BTreeMap<u32, u32>>,
    limits: &'a Limits<'a>,
    size: usize,
}

/// The reasons, with worlds by the numbers of their states.
type Numbered = (Reasons, Vec<Vec<u32>>);

fn lost() -> Stop {
    Stop::because("a belief set went missing; please report this")
}

impl Following<'_> {
    fn set(&self, n: u32) -> Result<Rc<[u32]>, Stop> {
        self.sets.get_index(n as usize).cloned().ok_or_else(lost)
    }

    fn keep(&mut self, mut states: Vec<u32>) -> Result<u32, Stop> {
        states.sort_unstable();
        states.dedup();
        let size = states.len();
        let (n, new) = self.sets.insert_full(states.into());
        self.size += if new { 16 + size } else { 0 };
        if self.size > self.limits.max_states {
            return Err(Stop::because("the belief sets are too large to write them out"));
        }
        u32::try_from(n).map_err(|_| lost())
    }

    /// All sets, and what comes after each.
    fn lay_out(&mut self) -> Result<(), Stop> {
        let first = self.atlas.first()?;
        if first.is_empty() {
            return Err(Stop::because("no run begins"));
        }
        self.keep(first)?;
        while let Some(set) = self.sets.get_index(self.after.len()).cloned() {
            if self.limits.over() {
                return Err(Stop::Over);
            }
            let mut by_view: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
            for state in set.iter() {
                for (view, to) in self.steps(*state)? {
                    by_view.entry(view).or_default().push(to);
                }
            }
            let mut after = BTreeMap::new();
            for (view, states) in by_view {
                after.insert(view, self.keep(states)?);
            }
            self.after.push(after);
        }
        Ok(())
    }

    /// The steps of a state: what is seen of each, and where it leads.
    fn steps(&mut self, state: u32) -> Result<Vec<(u32, u32)>, Stop> {
        let steps = self.atlas.steps(state)?;
        let seen = |label| self.atlas.label(label).views.first().copied().ok_or_else(lost);
        steps.iter().map(|step| Ok((seen(step.label)?, step.to))).collect()
    }

    /// In which sets each piece is known.
    fn known(&mut self, pieces: usize) -> Result<Vec<Vec<bool>>, Stop> {
        let mut known = vec![Vec::with_capacity(self.sets.len()); pieces];
        for set in 0..self.after.len() {
            let set = self.set(u32::try_from(set).map_err(|_| lost())?)?;
            for (piece, known) in known.iter_mut().enumerate() {
                let lacking = self.lacking(&set, piece)?;
                known.push(lacking.is_none());
            }
        }
        Ok(known)
    }

    /// A state of a set that lacks a piece.
    fn lacking(&mut self, set: &[u32], piece: usize) -> Result<Option<u32>, Stop> {
        for state in set {
            if self.lacks(*state, piece)? {
                return Ok(Some(*state));
            }
        }
        Ok(None)
    }

    /// Whether something fails in a state, or in some step of it.
    fn lacks(&mut self, state: u32, piece: usize) -> Result<bool, Stop> {
        match self.atlas.facts(state)?.get(piece) {
            Some(Truth::True) => return Ok(false),
            Some(Truth::False) => return Ok(true),
            _ => {}
        }
        for step in self.atlas.steps(state)?.iter() {
            match self.atlas.label(step.label).truths.get(piece) {
                Some(Truth::True) => {}
                Some(Truth::False) => return Ok(true),
                _ => return Err(undefined()),
            }
        }
        Ok(false)
    }

    /// Which worlds are needed, and what leads to each.
    fn reasons(&mut self, known: &[Vec<bool>]) -> Result<Numbered, Stop> {
        let mut needed = Needed::new(self.sets.len());
        for (piece, known) in (0..).zip(known) {
            for (set, known) in (0..).zip(known) {
                if !known {
                    let states = self.set(set)?;
                    let state = self.lacking(&states, piece as usize)?.ok_or_else(lost)?;
                    let world = needed.of(set, state);
                    needed.reasons.lacks.insert((piece, set), world);
                }
            }
        }
        let into = self.ways_into();
        while let Some((set, world, state)) = needed.queue.pop() {
            for (from, view) in into.get(&set).into_iter().flatten() {
                let before = self.before(*from, (*view, state), &needed)?;
                let before = needed.of(*from, before);
                needed.reasons.before.insert((*from, *view, world), before);
            }
        }
        let worlds = needed.worlds.into_iter().map(|set| set.into_iter().collect());
        Ok((needed.reasons, worlds.collect()))
    }

    /// For each set, from which sets and by which views it is come to.
    fn ways_into(&self) -> BTreeMap<u32, Vec<(u32, u32)>> {
        let mut into: BTreeMap<u32, Vec<(u32, u32)>> = BTreeMap::new();
        for (from, after) in (0..).zip(&self.after) {
            for (view, to) in after {
                into.entry(*to).or_default().push((from, *view));
            }
        }
        into
    }

    /// A state of a set with a step that looks like this, best one that is needed already.
    fn before(&mut self, set: u32, step: (u32, u32), needed: &Needed) -> Result<u32, Stop> {
        let states = self.set(set)?;
        let known = needed.worlds.get(set as usize).ok_or_else(lost)?;
        let (old, new): (Vec<u32>, Vec<u32>) = states.iter().partition(|s| known.contains(*s));
        for state in old.into_iter().chain(new) {
            if self.steps(state)?.contains(&step) {
                return Ok(state);
            }
        }
        Err(lost())
    }

    fn views(&self) -> Result<Vec<Vec<Value>>, Stop> {
        let all: BTreeSet<u32> =
            self.after.iter().flat_map(|after| after.keys().copied()).collect();
        let most = all.last().map_or(0, |last| last + 1);
        (0..most).map(|view| self.atlas.seen(view).ok_or_else(undefined)).collect()
    }

    /// The values of all cells of a state.
    fn values(&self, model: &Model, held: &[bool], state: u32) -> Result<Vec<Value>, Stop> {
        let kept: BTreeMap<usize, Value> = self.atlas.cells(state).into_iter().collect();
        let layout = Layout::new(model);
        let value = |(n, slot): (usize, &crate::types::layout::Slot<CellId>)| {
            let fixed = held.get(slot.of.index()) == Some(&true);
            match kept.get(&n) {
                Some(value) => Ok(value.clone()),
                None if fixed || cardinality(model, slot.ty) == Some(1) => Ok(lowest(slot.ty)),
                None => Err(Stop::because(format!("`{}` is not followed", slot.name))),
            }
        };
        layout.cells.iter().enumerate().map(value).collect()
    }
}

/// The worlds that are needed.
struct Needed {
    worlds: Vec<IndexSet<u32>>,
    queue: Vec<(u32, u32, u32)>,
    reasons: Reasons,
}

impl Needed {
    fn new(sets: usize) -> Needed {
        let reasons = Reasons::default();
        Needed { worlds: vec![IndexSet::new(); sets], queue: Vec::new(), reasons }
    }

    /// The number of a state among the worlds of a set.
    fn of(&mut self, set: u32, state: u32) -> u32 {
        let Some(worlds) = self.worlds.get_mut(set as usize) else { return u32::MAX };
        let (n, new) = worlds.insert_full(state);
        let n = u32::try_from(n).unwrap_or(u32::MAX);
        if new {
            self.queue.push((set, n, state));
        }
        n
    }
}
