//! The states of a model with their steps, each step with what it makes true and what each judge
//! sees of it; laid out state by state, as they are asked for.

use std::ops::ControlFlow;
use std::rc::Rc;

use indexmap::IndexSet;

use super::super::build::{Built, Watch, Watched, build_watching};
use super::super::first::typed;
use super::super::graph::Bar;
use super::super::program::Leaf;
use super::super::search::{read, truth};
use super::super::store::Store;
use super::super::trace::Path;
use super::super::{Limits, Prepared};
use crate::interp::apart::NOT_ALL_REPEATS;
use crate::interp::progress::formula::Truth;
use crate::types::core::{Expr, Type, Value};
use crate::types::trace::{Period, Trace};

/// Why something was not worked out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stop {
    /// For this reason.
    Because(String),
    /// No longer wanted, or out of time.
    Over,
}

impl Stop {
    /// For a reason.
    pub fn because(reason: impl Into<String>) -> Stop {
        Stop::Because(reason.into())
    }
}

/// A kind of step.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Label {
    /// The truths of the conditions watched.
    pub truths: Vec<Truth>,
    /// For each judge, the number of what it sees.
    pub views: Vec<u32>,
}

/// A step of a kind to a state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Step {
    /// The number of its label.
    pub label: u32,
    /// The state that it leads to.
    pub to: u32,
}

/// The states and steps of a model.
pub trait Atlas {
    /// The first states.
    ///
    /// # Errors
    /// Why they are not known.
    fn first(&mut self) -> Result<Vec<u32>, Stop>;
    /// The steps of a state, each once.
    ///
    /// # Errors
    /// Why they are not known.
    fn steps(&mut self, state: u32) -> Result<Rc<[Step]>, Stop>;
    /// The truths of the conditions watched, as far as a state settles them.
    ///
    /// # Errors
    /// Why they are not known.
    fn facts(&mut self, state: u32) -> Result<Rc<[Truth]>, Stop>;
    /// What a number of a label stands for.
    fn label(&self, number: u32) -> Rc<Label>;
    /// How many states have been met.
    fn size(&self) -> usize;
    /// What a number of a view stands for; `None` if something in it has no value.
    fn seen(&self, view: u32) -> Option<Vec<Value>>;
    /// The cells of a state that are kept, by slot.
    fn cells(&self, state: u32) -> Vec<(usize, Value)>;
    /// The run that starts in a state and takes these steps; the last one may lead anywhere if it
    /// is only its kind that counts. `round` says where the steps of a loop begin.
    ///
    /// # Errors
    /// Why it cannot be told.
    fn tell(&mut self, way: &Way) -> Result<Trace, Stop>;
}

/// A way through the states.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Way {
    /// Where it starts.
    pub first: u32,
    /// The steps that it takes.
    pub steps: Vec<Step>,
    /// The kind of a last step.
    pub last: Option<u32>,
    /// Of a loop: how many steps lead to it.
    pub round: Option<usize>,
}

/// What is to be watched along the runs of a model.
#[derive(Clone, Debug, Default)]
pub struct Watching {
    /// Conditions, each with whether it speaks of states alone.
    pub conditions: Vec<(Expr, bool)>,
    /// For each judge, what it sees.
    pub views: Vec<Vec<Expr>>,
    /// What is to be kept in states though nothing else rests on it.
    pub kept: Vec<Expr>,
}

/// Lays a model out, and hands that to somebody.
///
/// # Errors
/// Why it cannot be laid out.
pub fn chart<T>(
    prepared: &Prepared<'_>,
    watching: &Watching,
    limits: &Limits<'_>,
    search: impl FnOnce(&mut dyn Atlas) -> Result<T, Stop>,
) -> Result<T, Stop> {
    let seen = watching.views.iter().flatten().map(|expr| (expr.clone(), false));
    let kept = watching.kept.iter().map(|expr| (expr.clone(), true));
    let all: Vec<(Expr, bool)> =
        watching.conditions.iter().cloned().chain(seen).chain(kept).collect();
    let built = build_watching(prepared.interpreter, prepared.params, &all, limits.defect_free);
    let built = built.map_err(|bar| Stop::Because(reason(&bar)))?;
    let Watch::Monitor(watched) = &built.watch else {
        return Err(Stop::because("nothing is watched"));
    };
    if built.step.depth() > 4000 || built.first.depth() > 100_000 {
        return Err(Stop::because("more than 4000 things are drawn in a period"));
    }
    let (conditions, seen) = watched.split_at(watching.conditions.len().min(watched.len()));
    let mut rest = seen.iter().copied();
    let views = watching.views.iter().map(|view| rest.by_ref().take(view.len()).collect());
    let views: Vec<Vec<Watched>> = views.collect();
    let types = watching.views.iter().map(|view| view.iter().map(|e| e.ty).collect());
    let parts = Parts { conditions: conditions.to_vec(), views, types: types.collect() };
    let stack = 4096 * (built.step.depth() + built.first.depth() + 256);
    let (built, words) = (&built, built.words);
    stacker::maybe_grow(stack, 2 * stack, || match words {
        0..=1 => search(&mut Charted::<1>::new(prepared, built, parts, limits)),
        2 => search(&mut Charted::<2>::new(prepared, built, parts, limits)),
        3..=4 => search(&mut Charted::<4>::new(prepared, built, parts, limits)),
        5..=8 => search(&mut Charted::<8>::new(prepared, built, parts, limits)),
        9..=64 => search(&mut Charted::<64>::new(prepared, built, parts, limits)),
        _ => Err(Stop::because("a state takes more than 4096 bits")),
    })
}

fn reason(bar: &Bar) -> String {
    match bar {
        Bar::Infinite(what) => format!("`{what}` has infinitely many values"),
        Bar::Overflow => "numbers beyond 64 bits may arise, or too many cases".to_owned(),
        Bar::Cycle => "a value may rest on itself".to_owned(),
    }
}

/// The registers of what is watched.
struct Parts {
    conditions: Vec<Watched>,
    views: Vec<Vec<Watched>>,
    types: Vec<Vec<Type>>,
}

/// What a judge sees: where it has a value, and which.
type View = (usize, Vec<Option<i64>>);

struct Charted<'a, const W: usize> {
    prepared: &'a Prepared<'a>,
    built: &'a Built,
    parts: Parts,
    limits: &'a Limits<'a>,
    keys: IndexSet<[u64; W]>,
    known: Vec<Option<Known>>,
    labels: IndexSet<Rc<Label>>,
    views: IndexSet<View>,
    registers: Vec<i64>,
    edges: usize,
}

/// What is known of a state that was asked about.
#[derive(Clone)]
struct Known {
    steps: Rc<[Step]>,
    facts: Rc<[Truth]>,
}

/// How often draws were tried; time and the user's patience are looked at now and then.
#[derive(Default)]
struct Tries {
    tried: u32,
    over: bool,
}

impl Tries {
    fn one_more(&mut self, limits: &Limits<'_>) -> ControlFlow<()> {
        self.tried = self.tried.wrapping_add(1);
        if self.tried & 0xffff == 0 && limits.over() {
            self.over = true;
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    }
}

/// The leaves of one state.
struct Leaves<'c, 'a, const W: usize> {
    chart: &'c mut Charted<'a, W>,
    found: Vec<Step>,
    tries: Tries,
}

impl<const W: usize> Leaf<W> for Leaves<'_, '_, W> {
    fn tried(&mut self) -> ControlFlow<()> {
        self.tries.one_more(self.chart.limits)
    }

    fn leaf(&mut self, registers: &[i64], key: [u64; W]) -> ControlFlow<()> {
        let built = self.chart.built;
        if built.is_defective(registers) || !built.is_lawful(registers) {
            return ControlFlow::Continue(());
        }
        let label = self.chart.number(registers);
        let to = self.chart.meet(key);
        self.found.push(Step { label, to });
        if self.found.len() & 0xffff == 0 {
            self.found.sort_unstable();
            self.found.dedup();
        }
        ControlFlow::Continue(())
    }
}

/// First states.
struct First<'c, 'a, const W: usize> {
    chart: &'c mut Charted<'a, W>,
    tries: Tries,
}

impl<const W: usize> Leaf<W> for First<'_, '_, W> {
    fn tried(&mut self) -> ControlFlow<()> {
        self.tries.one_more(self.chart.limits)
    }

    fn leaf(&mut self, _: &[i64], key: [u64; W]) -> ControlFlow<()> {
        self.chart.meet(key);
        ControlFlow::Continue(())
    }
}

/// A step between two states of a kind.
struct Find<'c, 'a, const W: usize> {
    chart: &'c mut Charted<'a, W>,
    label: u32,
    to: Option<[u64; W]>,
    registers: Option<(Vec<i64>, [u64; W])>,
}

impl<const W: usize> Leaf<W> for Find<'_, '_, W> {
    fn tried(&mut self) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }

    fn leaf(&mut self, registers: &[i64], key: [u64; W]) -> ControlFlow<()> {
        let built = self.chart.built;
        if self.to.is_some_and(|to| to != key)
            || built.is_defective(registers)
            || !built.is_lawful(registers)
            || self.chart.number(registers) != self.label
        {
            return ControlFlow::Continue(());
        }
        self.registers = Some((registers.to_vec(), key));
        ControlFlow::Break(())
    }
}

/// Most periods of a lasso whose loop is repeated until all cells repeat.
const LONGEST: usize = 4096;

impl<'a, const W: usize> Charted<'a, W> {
    fn new(
        prepared: &'a Prepared<'a>,
        built: &'a Built,
        parts: Parts,
        limits: &'a Limits<'a>,
    ) -> Self {
        Charted {
            prepared,
            built,
            parts,
            limits,
            keys: IndexSet::new(),
            known: Vec::new(),
            labels: IndexSet::new(),
            views: IndexSet::new(),
            registers: built.step.registers(),
            edges: 0,
        }
    }

    fn meet(&mut self, key: [u64; W]) -> u32 {
        let (n, new) = self.keys.insert_full(key);
        if new {
            self.known.push(None);
        }
        u32::try_from(n).unwrap_or(u32::MAX)
    }

    /// The number of the label of a step with these registers.
    fn number(&mut self, registers: &[i64]) -> u32 {
        let truths = self.parts.conditions.iter().map(|atom| truth(registers, atom)).collect();
        let mut views = Vec::with_capacity(self.parts.views.len());
        for (judge, view) in self.parts.views.iter().enumerate() {
            let value =
                |at: &Watched| (read(registers, at.ok) != 0).then(|| read(registers, at.value));
            let (n, _) = self.views.insert_full((judge, view.iter().map(value).collect()));
            views.push(u32::try_from(n).unwrap_or(u32::MAX));
        }
        let (n, _) = self.labels.insert_full(Rc::new(Label { truths, views }));
        u32::try_from(n).unwrap_or(u32::MAX)
    }

    fn known(&mut self, state: u32) -> Result<Known, Stop> {
        if let Some(Some(known)) = self.known.get(state as usize) {
            return Ok(known.clone());
        }
        self.look()?;
        let Some(key) = self.keys.get_index(state as usize).copied() else {
            return Err(Stop::because("no such state"));
        };
        let mut registers = std::mem::take(&mut self.registers);
        let step = &self.built.step;
        step.load(&key, &mut registers);
        let begun = step.begin(&mut registers);
        let settled = |atom: &Watched| {
            if atom.over_state { truth(&registers, atom) } else { Truth::Unknown }
        };
        let facts: Rc<[Truth]> = self.parts.conditions.iter().map(settled).collect();
        let mut leaves = Leaves { chart: self, found: Vec::new(), tries: Tries::default() };
        if let Some(key) = begun {
            let _ = step.extend(1, &mut registers, key, &mut leaves);
        }
        let (mut steps, over) = (leaves.found, leaves.tries.over);
        self.registers = registers;
        if over {
            return Err(Stop::Over);
        }
        steps.sort_unstable();
        steps.dedup();
        self.edges += steps.len();
        let known = Known { steps: steps.into(), facts };
        if let Some(place) = self.known.get_mut(state as usize) {
            *place = Some(known.clone());
        }
        Ok(known)
    }

    fn look(&self) -> Result<(), Stop> {
        if self.limits.over() {
            return Err(Stop::Over);
        }
        let states = self.keys.len();
        if states > self.limits.max_states {
            return Err(Stop::Because(format!("more than {} states", self.limits.max_states)));
        }
        if states * (16 * W + 64) + self.edges * 8 > self.limits.max_memory {
            let reason = format!("more than {} bytes of states", self.limits.max_memory);
            return Err(Stop::Because(reason));
        }
        Ok(())
    }

    /// The registers of a step of a kind, and the state that it leads to.
    fn registers(&mut self, from: u32, step: Step, anywhere: bool) -> Option<(Vec<i64>, [u64; W])> {
        let key = self.keys.get_index(from as usize).copied()?;
        let to = if anywhere { None } else { self.keys.get_index(step.to as usize).copied() };
        let program = &self.built.step;
        let mut registers = program.registers();
        program.load(&key, &mut registers);
        let key = program.begin(&mut registers)?;
        let mut find = Find { chart: self, label: step.label, to, registers: None };
        let _ = program.extend(1, &mut registers, key, &mut find);
        find.registers
    }

    fn path<'p>(&self, store: &'p Store<W>) -> Path<'p, W>
    where
        'a: 'p,
    {
        Path { prepared: self.prepared, built: self.built, place: None, store, monitors: None }
    }

    /// Adds a period; returns the state at its end.
    fn period(
        &mut self,
        path: &Path<'_, W>,
        periods: &mut Vec<Period>,
        state: Vec<Value>,
        (from, step, anywhere): (u32, Step, bool),
    ) -> Result<Vec<Value>, Stop> {
        let Some((registers, key)) = self.registers(from, step, anywhere) else {
            return Err(Stop::because("a step that was found is not found again"));
        };
        let fixed = path.fixed(&self.built.step, &registers);
        let kept = path.cells(&key);
        let (inputs, next) = path.fill(&state, &fixed, Some(&kept), None);
        periods.push(Period { state, inputs: Some(inputs) });
        Ok(next)
    }
}

impl<const W: usize> Atlas for Charted<'_, W> {
    fn first(&mut self) -> Result<Vec<u32>, Stop> {
        let first = &self.built.first;
        let mut registers = first.registers();
        let key = first.begin(&mut registers);
        let mut leaves = First { chart: self, tries: Tries::default() };
        if let Some(key) = key {
            let _ = first.extend(1, &mut registers, key, &mut leaves);
        }
        if leaves.tries.over {
            return Err(Stop::Over);
        }
        let states = u32::try_from(self.keys.len()).unwrap_or(u32::MAX);
        Ok((0..states).collect())
    }

    fn steps(&mut self, state: u32) -> Result<Rc<[Step]>, Stop> {
        self.known(state).map(|known| known.steps)
    }

    fn facts(&mut self, state: u32) -> Result<Rc<[Truth]>, Stop> {
        self.known(state).map(|known| known.facts)
    }

    fn label(&self, number: u32) -> Rc<Label> {
        let none = || Rc::new(Label { truths: Vec::new(), views: Vec::new() });
        self.labels.get_index(number as usize).cloned().unwrap_or_else(none)
    }

    fn size(&self) -> usize {
        self.keys.len()
    }

    fn seen(&self, view: u32) -> Option<Vec<Value>> {
        let (judge, numbers) = self.views.get_index(view as usize)?;
        let places = self.parts.views.get(*judge)?.iter().zip(self.parts.types.get(*judge)?);
        let value = |((at, ty), n): ((&Watched, &Type), &Option<i64>)| typed(*ty, (*n)?, at.scale);
        places.zip(numbers).map(value).collect()
    }

    fn cells(&self, state: u32) -> Vec<(usize, Value)> {
        let store = Store::default();
        let key = self.keys.get_index(state as usize).copied().unwrap_or([0; W]);
        self.path(&store).cells(&key)
    }

    fn tell(&mut self, way: &Way) -> Result<Trace, Stop> {
        let store = Store::default();
        let mut path = self.path(&store);
        let key = self.keys.get_index(way.first as usize).copied().unwrap_or([0; W]);
        let mut state = path.first(key);
        let (mut periods, mut at) = (Vec::new(), way.first);
        let stem = way.round.unwrap_or(way.steps.len());
        for step in way.steps.iter().take(stem) {
            state = self.period(&path, &mut periods, state, (at, *step, false))?;
            at = step.to;
        }
        let params = self.prepared.params.to_vec();
        let Some(round) = way.round else {
            match way.last {
                Some(label) => {
                    self.period(&path, &mut periods, state, (at, Step { label, to: 0 }, true))?;
                }
                None => periods.push(Period { state, inputs: None }),
            }
            return Ok(Trace { params, periods, loop_start: None });
        };
        // What the claim does not rest on may take more rounds to repeat.
        let mut starts: Vec<(usize, Vec<Value>)> = Vec::new();
        while periods.len() <= LONGEST {
            if let Some((start, _)) = starts.iter().find(|(_, known)| *known == state) {
                return Ok(Trace { params, periods, loop_start: Some(*start) });
            }
            starts.push((periods.len(), state.clone()));
            for step in way.steps.iter().skip(round) {
                state = self.period(&path, &mut periods, state, (at, *step, false))?;
                at = step.to;
            }
        }
        Err(Stop::because(NOT_ALL_REPEATS))
    }
}
