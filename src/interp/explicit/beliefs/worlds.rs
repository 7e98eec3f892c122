//! Belief sets: for a judge, the set of worlds in which it may be, given what it has seen.
//!
//! A *world* is a state, what operators on the past remember there, and, for each judge whose
//! knowledge is spoken of there, that judge's belief set in turn. At first a judge may be in any
//! first world; after a period, in any world that some world of its set leads to by a step that
//! looks to it as the actual one does. This is the subset construction of synchronous perfect
//! recall, nested as deeply as the claim nests `knows`. `C knows p` in a period rests on the set at
//! its beginning: *p* must hold in every world of it, whatever step that world takes.

use std::rc::Rc;

use indexmap::IndexMap;
use rustc_hash::FxHashMap;

use super::atlas::{Atlas, Step, Stop, Way};
use super::contexts::{ACTUAL, Context, Source};
use crate::interp::progress::formula::Truth;

/// A world of a context.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct World {
    /// The state.
    pub state: u32,
    /// What the past operators remember.
    pub memory: Vec<bool>,
    /// The belief sets of the judges spoken of.
    pub beliefs: Vec<u32>,
}

/// All belief sets met so far, in every context.
pub struct Worlds {
    contexts: Vec<Context>,
    size: usize,
    most: usize,
}

/// The reason where a property has no value that it needs.
pub fn undefined() -> Stop {
    Stop::because(
        "the property has no value in some period: it divides by zero or uses a bad index",
    )
}

fn lost() -> Stop {
    Stop::because("a belief set went missing; please report this")
}

impl Worlds {
    /// Nothing met yet.
    pub(super) fn new(contexts: Vec<Context>, most: usize) -> Worlds {
        Worlds { contexts, size: 0, most }
    }

    fn context(&self, context: usize) -> Result<&Context, Stop> {
        self.contexts.get(context).ok_or_else(lost)
    }

    fn context_mut(&mut self, context: usize) -> Result<&mut Context, Stop> {
        self.contexts.get_mut(context).ok_or_else(lost)
    }

    /// The worlds of a set.
    ///
    /// # Errors
    /// There is no such set.
    pub fn set(&self, context: usize, set: u32) -> Result<Rc<[u32]>, Stop> {
        let found = self.context(context)?.sets.get_index(set as usize);
        found.cloned().ok_or_else(lost)
    }

    /// The context of one of the actual run's judges.
    ///
    /// # Errors
    /// There is no such judge.
    pub fn judge(&self, judge: usize) -> Result<usize, Stop> {
        self.context(ACTUAL)?.judges.get(judge).map(|(_, inner)| *inner).ok_or_else(lost)
    }

    fn world(&self, context: usize, world: u32) -> Result<World, Stop> {
        let found = self.context(context)?.worlds.get_index(world as usize);
        found.cloned().ok_or_else(lost)
    }

    /// The belief sets with which runs begin.
    ///
    /// # Errors
    /// The limits are exceeded.
    pub fn first(&mut self, context: usize, states: &[u32]) -> Result<Vec<u32>, Stop> {
        let judges = self.context(context)?.judges.clone();
        let mut sets = Vec::with_capacity(judges.len());
        for (_, inner) in judges {
            let beliefs = self.first(inner, states)?;
            let memory = self.context(inner)?.monitor.start().memory;
            let mut worlds = Vec::with_capacity(states.len());
            for state in states {
                let world =
                    World { state: *state, memory: memory.clone(), beliefs: beliefs.clone() };
                worlds.push(self.keep(inner, world)?);
            }
            sets.push(self.keep_set(inner, worlds)?);
        }
        Ok(sets)
    }

    fn keep(&mut self, context: usize, world: World) -> Result<u32, Stop> {
        let size = 48 + world.memory.len() + 4 * world.beliefs.len();
        let (n, new) = self.context_mut(context)?.worlds.insert_full(world);
        self.grow(if new { size } else { 0 })?;
        u32::try_from(n).map_err(|_| lost())
    }

    fn keep_set(&mut self, context: usize, mut worlds: Vec<u32>) -> Result<u32, Stop> {
        worlds.sort_unstable();
        worlds.dedup();
        let size = 48 + 4 * worlds.len();
        let (n, new) = self.context_mut(context)?.sets.insert_full(worlds.into());
        self.grow(if new { size } else { 0 })?;
        u32::try_from(n).map_err(|_| lost())
    }

    fn grow(&mut self, by: usize) -> Result<(), Stop> {
        self.size += by;
        if self.size > self.most {
            return Err(Stop::Because(format!("more than {} bytes of belief sets", self.most)));
        }
        Ok(())
    }

    /// The truths of a context's atoms in a period that makes these conditions true.
    ///
    /// # Errors
    /// The limits are exceeded.
    pub fn truths(
        &mut self,
        atlas: &mut dyn Atlas,
        context: usize,
        conditions: &[Truth],
        beliefs: &[u32],
    ) -> Result<Vec<Truth>, Stop> {
        let here = self.context(context)?;
        let (sources, judges) = (here.sources.clone(), here.judges.clone());
        let mut truths = Vec::with_capacity(sources.len());
        for source in sources {
            truths.push(match source {
                Source::Condition(n) => conditions.get(n).copied().unwrap_or(Truth::Unknown),
                Source::Elsewhere => Truth::Unknown,
                Source::Known(judge, place) => {
                    let (_, inner) = judges.get(judge).copied().ok_or_else(lost)?;
                    let set = beliefs.get(judge).copied().ok_or_else(lost)?;
                    self.known(atlas, inner, set, place)?
                }
            });
        }
        Ok(truths)
    }

    /// Whether a judge with this belief set knows something.
    ///
    /// # Errors
    /// The limits are exceeded.
    pub fn known(
        &mut self,
        atlas: &mut dyn Atlas,
        context: usize,
        set: u32,
        place: usize,
    ) -> Result<Truth, Stop> {
        if let Some(known) = self.context(context)?.known.get(&(set, place)) {
            return Ok(*known);
        }
        let mut known = Truth::True;
        for world in self.set(context, set)?.iter() {
            match self.holds(atlas, context, *world, place)?.0 {
                Truth::False => {
                    known = Truth::False;
                    break;
                }
                Truth::Unknown => known = Truth::Unknown,
                Truth::True => {}
            }
        }
        self.context_mut(context)?.known.insert((set, place), known);
        Ok(known)
    }

    /// Whether something holds in a world, whatever step it takes; if not because of a step, its
    /// label.
    ///
    /// # Errors
    /// The limits are exceeded.
    pub fn holds(
        &mut self,
        atlas: &mut dyn Atlas,
        context: usize,
        world: u32,
        place: usize,
    ) -> Result<(Truth, Option<u32>), Stop> {
        let World { state, memory, beliefs } = self.world(context, world)?;
        let facts = atlas.facts(state)?;
        match self.now(atlas, context, place, (&memory, &beliefs), &facts)? {
            Truth::Unknown => {}
            settled => return Ok((settled, None)),
        }
        let (mut all, mut before) = (Truth::True, None);
        for step in atlas.steps(state)?.iter() {
            if before.replace(step.label) == Some(step.label) {
                continue;
            }
            let label = atlas.label(step.label);
            match self.now(atlas, context, place, (&memory, &beliefs), &label.truths)? {
                Truth::False => return Ok((Truth::False, Some(step.label))),
                Truth::Unknown => all = Truth::Unknown,
                Truth::True => {}
            }
        }
        Ok((all, None))
    }

    fn now(
        &mut self,
        atlas: &mut dyn Atlas,
        context: usize,
        place: usize,
        (memory, beliefs): (&[bool], &[u32]),
        conditions: &[Truth],
    ) -> Result<Truth, Stop> {
        let truths = self.truths(atlas, context, conditions, beliefs)?;
        let here = self.context_mut(context)?;
        let body = here.bodies.get(place).copied().ok_or_else(lost)?;
        Ok(here.monitor.now(memory, body, &truths))
    }

    /// The belief sets of a context's judges after a step of this kind.
    ///
    /// # Errors
    /// The limits are exceeded.
    pub fn after(
        &mut self,
        atlas: &mut dyn Atlas,
        context: usize,
        beliefs: &[u32],
        views: &[u32],
    ) -> Result<Vec<u32>, Stop> {
        let judges = self.context(context)?.judges.clone();
        let mut sets = Vec::with_capacity(judges.len());
        for ((view, inner), set) in judges.into_iter().zip(beliefs) {
            let seen = views.get(view).copied().ok_or_else(lost)?;
            let after = self.outcomes(atlas, inner, *set)?;
            sets.push(after.get(&seen).copied().ok_or_else(lost)?);
        }
        Ok(sets)
    }

    /// What becomes of a belief set, by what the judge sees.
    fn outcomes(
        &mut self,
        atlas: &mut dyn Atlas,
        context: usize,
        set: u32,
    ) -> Result<Rc<FxHashMap<u32, u32>>, Stop> {
        if let Some(known) = self.context(context)?.after.get(&set) {
            return Ok(known.clone());
        }
        let view = self.context(context)?.view;
        let mut by_view: IndexMap<u32, Vec<u32>> = IndexMap::new();
        for world in self.set(context, set)?.iter() {
            let mut found: Vec<(u32, u32)> = Vec::new();
            self.steps(atlas, context, *world, &mut |_, seen, to| found.push((seen, to)), view)?;
            for (seen, to) in found {
                by_view.entry(seen).or_default().push(to);
            }
        }
        let mut after = FxHashMap::default();
        for (seen, worlds) in by_view {
            after.insert(seen, self.keep_set(context, worlds)?);
        }
        let after = Rc::new(after);
        self.context_mut(context)?.after.insert(set, after.clone());
        Ok(after)
    }

    /// Calls with every step of a world: the step, what the judge sees of it, the world after it.
    fn steps(
        &mut self,
        atlas: &mut dyn Atlas,
        context: usize,
        world: u32,
        found: &mut dyn FnMut(Step, u32, u32),
        view: usize,
    ) -> Result<(), Stop> {
        let World { state, memory, beliefs } = self.world(context, world)?;
        let mut moved: Option<(u32, u32, Vec<bool>, Vec<u32>)> = None;
        for step in atlas.steps(state)?.iter() {
            let same = moved.take().filter(|(label, ..)| *label == step.label);
            let (label, seen, memory, beliefs) = match same {
                Some(same) => same,
                None => {
                    let label = atlas.label(step.label);
                    let seen = label.views.get(view).copied().ok_or_else(lost)?;
                    let kept = self.remember(atlas, context, (&memory, &beliefs), &label.truths)?;
                    let sets = self.after(atlas, context, &beliefs, &label.views)?;
                    (step.label, seen, kept, sets)
                }
            };
            let after = World { state: step.to, memory: memory.clone(), beliefs: beliefs.clone() };
            let to = self.keep(context, after)?;
            found(*step, seen, to);
            moved = Some((label, seen, memory, beliefs));
        }
        Ok(())
    }

    fn remember(
        &mut self,
        atlas: &mut dyn Atlas,
        context: usize,
        (memory, beliefs): (&[bool], &[u32]),
        conditions: &[Truth],
    ) -> Result<Vec<bool>, Stop> {
        if memory.is_empty() {
            return Ok(Vec::new());
        }
        let truths = self.truths(atlas, context, conditions, beliefs)?;
        self.context_mut(context)?.monitor.remember(memory, &truths).ok_or_else(undefined)
    }
}

/// Evidence.
impl Worlds {
    /// The size of the largest belief set.
    pub fn largest(&self) -> usize {
        let sets = self.contexts.iter().flat_map(|context| &context.sets);
        sets.map(|set| set.len()).max().unwrap_or(0)
    }

    /// In how many states a judge with this set may be.
    ///
    /// # Errors
    /// There is no such set.
    pub fn states(&self, context: usize, set: u32) -> Result<usize, Stop> {
        let worlds = self.set(context, set)?;
        let mut states: Vec<u32> = Vec::with_capacity(worlds.len());
        for world in worlds.iter() {
            states.push(self.world(context, *world)?.state);
        }
        states.sort_unstable();
        states.dedup();
        Ok(states.len())
    }

    /// A way that looks to a judge like one along which it had these belief sets and which took
    /// steps with these labels, and which ends where something that it may know does not hold.
    /// `on_step`: the way ends in a step, if there is any.
    ///
    /// # Errors
    /// The limits are exceeded.
    pub fn alike(
        &mut self,
        atlas: &mut dyn Atlas,
        context: usize,
        (sets, labels): (&[u32], &[u32]),
        place: usize,
        on_step: bool,
    ) -> Result<Option<Way>, Stop> {
        let Some((last, before)) = sets.split_last() else { return Ok(None) };
        let mut end = None;
        for world in self.set(context, *last)?.iter() {
            if let (Truth::False, label) = self.holds(atlas, context, *world, place)? {
                end = Some((*world, label));
                break;
            }
        }
        let Some((mut at, mut last)) = end else { return Ok(None) };
        if on_step && last.is_none() {
            let state = self.world(context, at)?.state;
            last = atlas.steps(state)?.first().map(|step| step.label);
        }
        let view = self.context(context)?.view;
        let mut steps = Vec::new();
        for (set, label) in before.iter().zip(labels).rev() {
            let wanted = atlas.label(*label).views.get(view).copied();
            let mut by = None;
            for world in self.set(context, *set)?.iter() {
                let mut see = |step: Step, seen: u32, to: u32| {
                    if to == at && Some(seen) == wanted {
                        by = Some((*world, step));
                    }
                };
                self.steps(atlas, context, *world, &mut see, view)?;
                if by.is_some() {
                    break;
                }
            }
            let Some((from, step)) = by else { return Ok(None) };
            steps.push(step);
            at = from;
        }
        steps.reverse();
        let first = self.world(context, at)?.state;
        Ok(Some(Way { first, steps, last, round: None }))
    }
}
