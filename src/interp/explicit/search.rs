//! The breadth-first search itself.
//!
//! States stand in the order in which they were met; each is unpacked, judged on its own, and its
//! valuations are tried. The first thing found is therefore at the end of a shortest run.

use std::ops::ControlFlow;

use super::build::{Built, Watch, Watched, build};
use super::graph::Bar;
use super::monitor::{Monitors, Moved};
use super::program::Leaf;
use super::store::{NONE, Store};
use super::trace::{Ending, Path};
use super::{Limits, Outcome, Prepared, Progress};
use crate::interp::progress::formula::Truth;
use crate::types::defect::DefectKind;

/// Where the monitor's number stands in a packed state.
#[derive(Clone, Copy)]
pub struct Place {
    /// Which word.
    pub word: usize,
    /// From which bit.
    pub shift: u32,
}

impl Place {
    /// The monitor's number in a packed state.
    pub fn get<const W: usize>(self, key: &[u64; W]) -> u32 {
        (key.get(self.word).copied().unwrap_or(0) >> self.shift) as u32
    }

    /// A packed state with the monitor's number in it.
    pub fn put<const W: usize>(self, mut key: [u64; W], standing: u32) -> [u64; W] {
        if let Some(word) = key.get_mut(self.word) {
            *word |= u64::from(standing) << self.shift;
        }
        key
    }
}

/// Searches, or says what bars the search.
///
/// # Errors
/// What the compiled program cannot follow.
pub fn search(
    prepared: &Prepared<'_>,
    limits: &Limits<'_>,
    progress: &mut dyn FnMut(Progress),
) -> Result<Outcome, Bar> {
    let defect_free = limits.defect_free && prepared.defects.is_empty();
    let interpreter = prepared.interpreter;
    let built = build(interpreter, prepared.params, prepared.monitor.as_ref(), defect_free, false)?;
    let place = matches!(built.watch, Watch::Monitor(_)).then(|| place(&built));
    let words = built.words.max(place.map_or(1, |place| place.word + 1)).max(1);
    if built.step.depth() > 4000 || built.first.depth() > 100_000 {
        let reason = "more than 4000 things are drawn in a period".to_owned();
        return Ok(Outcome::TooLarge { reason });
    }
    let job = Job { prepared, built: &built, limits, place };
    let stack = 4096 * (built.step.depth() + built.first.depth() + 256);
    Ok(stacker::maybe_grow(stack, 2 * stack, || match words {
        1 => job.run::<1>(progress),
        2 => job.run::<2>(progress),
        3 => job.run::<3>(progress),
        4 => job.run::<4>(progress),
        5..=8 => job.run::<8>(progress),
        9..=16 => job.run::<16>(progress),
        17..=64 => job.run::<64>(progress),
        _ => Outcome::TooLarge { reason: "a state takes more than 4096 bits".to_owned() },
    }))
}

/// The monitor's 32 bits come after the last cell.
fn place(built: &Built) -> Place {
    let end = built.fields.iter().map(|field| (field.word, field.shift + field.bits)).max();
    match end {
        None => Place { word: 0, shift: 0 },
        Some((word, shift)) if shift <= 32 => Place { word, shift },
        Some((word, _)) => Place { word: word + 1, shift: 0 },
    }
}

struct Job<'a> {
    prepared: &'a Prepared<'a>,
    built: &'a Built,
    limits: &'a Limits<'a>,
    place: Option<Place>,
}

/// Why the search of one state broke off.
enum Stop {
    Found(Ending),
    TooMany,
    TooMuch,
    Over,
}

/// The search in progress: what a leaf needs at hand.
struct Run<'a, const W: usize> {
    job: &'a Job<'a>,
    store: Store<W>,
    monitors: Option<Monitors>,
    /// The state whose valuations are tried, and the standing of the property in it.
    parent: u32,
    standing: u32,
    /// It has a valuation.
    moved: bool,
    tried: u32,
    stop: Option<Stop>,
}

/// First states.
struct First<'r, 'a, const W: usize>(&'r mut Run<'a, W>);

impl<const W: usize> Leaf<W> for First<'_, '_, W> {
    fn tried(&mut self) -> ControlFlow<()> {
        self.0.try_on()
    }

    fn leaf(&mut self, _: &[i64], key: [u64; W]) -> ControlFlow<()> {
        self.0.meet(key, 0)
    }
}

impl<const W: usize> Leaf<W> for Run<'_, W> {
    #[inline]
    fn tried(&mut self) -> ControlFlow<()> {
        self.try_on()
    }

    #[inline]
    fn leaf(&mut self, registers: &[i64], key: [u64; W]) -> ControlFlow<()> {
        if self.job.built.is_defective(registers) {
            self.moved = true;
            return self.defect(registers);
        }
        if !self.job.built.is_lawful(registers) {
            return ControlFlow::Continue(());
        }
        self.moved = true;
        self.judge(registers, key)
    }
}

impl<const W: usize> Run<'_, W> {
    #[inline]
    fn try_on(&mut self) -> ControlFlow<()> {
        self.tried = self.tried.wrapping_add(1);
        if self.tried & 0xffff == 0 && self.job.limits.over() {
            return self.stop(Stop::Over);
        }
        ControlFlow::Continue(())
    }

    fn stop(&mut self, stop: Stop) -> ControlFlow<()> {
        self.stop = Some(stop);
        ControlFlow::Break(())
    }

    /// A defective step: the answer, if it is what is sought. Several kinds may occur at once.
    fn defect(&mut self, registers: &[i64]) -> ControlFlow<()> {
        let sought = &self.job.prepared.defects;
        let shown = self.job.built.defects.iter();
        let shown = shown.filter(|(_, register)| read(registers, *register) != 0);
        let kind = shown.map(|(kind, _)| *kind).filter(|kind| sought.contains(kind)).min();
        match kind {
            Some(kind) => {
                let ending = Ending::Step(self.parent, registers.to_vec(), Some(kind));
                self.stop(Stop::Found(ending))
            }
            None => ControlFlow::Continue(()),
        }
    }

    #[inline]
    fn judge(&mut self, registers: &[i64], key: [u64; W]) -> ControlFlow<()> {
        match &self.job.built.watch {
            Watch::Nothing | Watch::Invariant(_, true) => self.meet(key, 0),
            Watch::Invariant(register, false) => {
                if read(registers, *register) != 0 {
                    return self.meet(key, 0);
                }
                let ending = Ending::Step(self.parent, registers.to_vec(), None);
                self.stop(Stop::Found(ending))
            }
            Watch::Monitor(atoms) => self.step(atoms, registers, key),
        }
    }

    fn step(&mut self, atoms: &[Watched], registers: &[i64], key: [u64; W]) -> ControlFlow<()> {
        let Some(monitors) = &mut self.monitors else { return ControlFlow::Continue(()) };
        let truths = atoms.iter().map(|atom| truth(registers, atom));
        match monitors.step(self.standing, truths) {
            Moved::To(standing) => self.meet(key, standing),
            Moved::Satisfied => ControlFlow::Continue(()),
            Moved::Violated => {
                let ending = Ending::Step(self.parent, registers.to_vec(), None);
                self.stop(Stop::Found(ending))
            }
            Moved::Undefined(atom) => {
                let ending = Ending::Undefined(self.parent, registers.to_vec(), atom);
                self.stop(Stop::Found(ending))
            }
        }
    }

    /// Keeps a state.
    #[inline]
    fn meet(&mut self, key: [u64; W], standing: u32) -> ControlFlow<()> {
        let key = self.job.place.map_or(key, |place| place.put(key, standing));
        if self.store.note(key, self.parent) { self.settle() } else { ControlFlow::Continue(()) }
    }

    /// Adds the states met, and looks at the limits.
    fn settle(&mut self) -> ControlFlow<()> {
        self.store.settle();
        let states = self.store.size();
        if states >= self.job.limits.max_states || states >= NONE as usize - 1024 {
            return self.stop(Stop::TooMany);
        }
        if self.store.bytes() > self.job.limits.max_memory {
            return self.stop(Stop::TooMuch);
        }
        ControlFlow::Continue(())
    }

    /// Whether a state violates the property on its own.
    fn violated(&mut self, registers: &[i64]) -> bool {
        match &self.job.built.watch {
            Watch::Nothing | Watch::Invariant(_, false) => false,
            Watch::Invariant(register, true) => read(registers, *register) == 0,
            Watch::Monitor(atoms) => {
                let Some(monitors) = &mut self.monitors else { return false };
                let truths = atoms.iter().map(|atom| {
                    if atom.over_state { truth(registers, atom) } else { Truth::Unknown }
                });
                monitors.violated(self.standing, truths)
            }
        }
    }
}

/// A register's value.
#[inline]
pub fn read(registers: &[i64], register: u32) -> i64 {
    registers.get(register as usize).copied().unwrap_or(0)
}

/// The truth of an atom.
#[inline]
pub fn truth(registers: &[i64], atom: &Watched) -> Truth {
    if read(registers, atom.ok) == 0 {
        return Truth::Unknown;
    }
    Truth::from(read(registers, atom.value) != 0)
}

impl Job<'_> {
    fn run<const W: usize>(&self, progress: &mut dyn FnMut(Progress)) -> Outcome {
        let mut run = Run::<W> {
            job: self,
            store: Store::default(),
            monitors: self.prepared.monitor.as_ref().map(Monitors::new),
            parent: NONE,
            standing: 0,
            moved: false,
            tried: 0,
            stop: None,
        };
        let mut depth = 0;
        if super::params_hold(self.prepared) {
            self.begin(&mut run);
            depth = self.follow(&mut run, progress);
        }
        self.outcome(run, depth)
    }

    fn begin<const W: usize>(&self, run: &mut Run<'_, W>) {
        let first = &self.built.first;
        let mut registers = first.registers();
        if let Some(key) = first.begin(&mut registers) {
            let _ = first.extend(1, &mut registers, key, &mut First(run));
        }
        if run.stop.is_none() {
            let _ = run.settle();
        }
    }

    /// Follows every state; returns the depth reached.
    fn follow<const W: usize>(
        &self,
        run: &mut Run<'_, W>,
        progress: &mut dyn FnMut(Progress),
    ) -> usize {
        let mut registers = self.built.step.registers();
        let (mut at, mut depth, mut level) = (0, 0, run.store.size());
        while run.stop.is_none() {
            if at == level {
                if run.settle().is_break() || at == run.store.size() {
                    break;
                }
                (depth, level) = (depth + 1, run.store.size());
            }
            if at & 0x3fff == 0 {
                let states = run.store.size();
                progress(Progress { states, depth, frontier: states - at });
                if self.limits.over() {
                    run.stop = Some(Stop::Over);
                    break;
                }
            }
            self.expand(run, at, &mut registers);
            at += 1;
        }
        depth
    }

    fn expand<const W: usize>(&self, run: &mut Run<'_, W>, at: usize, registers: &mut [i64]) {
        let step = &self.built.step;
        run.parent = u32::try_from(at).unwrap_or(NONE);
        let Some(key) = run.store.key(run.parent) else { return };
        run.standing = self.place.map_or(0, |place| place.get(&key));
        run.moved = false;
        step.load(&key, registers);
        let begun = step.begin(registers);
        if run.violated(registers) {
            run.stop = Some(Stop::Found(Ending::State(run.parent, None)));
            return;
        }
        if let Some(key) = begun {
            let _ = step.extend(1, registers, key, run);
        }
        let stuck = DefectKind::StuckPeriod;
        if !run.moved && run.stop.is_none() && self.prepared.defects.contains(&stuck) {
            run.stop = Some(Stop::Found(Ending::State(run.parent, Some(stuck))));
        }
    }

    fn outcome<const W: usize>(&self, run: Run<'_, W>, depth: usize) -> Outcome {
        let too_large = |reason: String| Outcome::TooLarge { reason };
        match run.stop {
            Some(Stop::Found(ending)) => {
                let (prepared, built, place) = (self.prepared, self.built, self.place);
                Path { prepared, built, place, store: &run.store, monitors: run.monitors }
                    .found(ending)
            }
            Some(Stop::TooMany) => {
                too_large(format!("more than {} states", self.limits.max_states))
            }
            Some(Stop::TooMuch) => {
                too_large(format!("more than {} bytes of states", self.limits.max_memory))
            }
            Some(Stop::Over) => Outcome::Cancelled,
            None if run.store.size() == 0
                && self.prepared.defects.contains(&DefectKind::InitialState) =>
            {
                super::trace::no_beginning(self.prepared)
            }
            None => Outcome::Holds { states: run.store.size(), depth },
        }
    }
}
