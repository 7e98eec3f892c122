//! From packed states back to a run with all its values.
//!
//! The states on the way are known; the valuation between two of them is found by trying them
//! again. What the search left out of the state or did not draw, because nothing rests on it, is
//! filled in by the interpreter.

use std::ops::ControlFlow;

use super::build::{Built, Watch};
use super::drawn::Source;
use super::first::value_of;
use super::monitor::{Monitors, Moved};
use super::program::{Leaf, Program};
use super::search::{Place, truth};
use super::store::Store;
use super::{Outcome, Prepared};
use crate::interp::evaluate::{Faults, Reading, Scope};
use crate::interp::next::Firing;
use crate::interp::progress::ground::Atom;
use crate::interp::step::StepFault;
use crate::interp::valuations::{Fixed, Unfinished, valuations};
use crate::interp::value::{fits, lowest};
use crate::types::core::{Chosen, Type, Value};
use crate::types::defect::DefectKind;
use crate::types::layout::Layout;
use crate::types::trace::{Inputs, Period, Trace};

/// Where what was found is.
#[derive(Clone, Debug)]
pub enum Ending {
    /// In a state.
    State(u32, Option<DefectKind>),
    /// In a step from a state, with these registers.
    Step(u32, Vec<i64>, Option<DefectKind>),
    /// An atom has no value in a step from a state.
    Undefined(u32, Vec<i64>, u32),
}

/// A search that has found something.
pub struct Path<'a, const W: usize> {
    /// The question.
    pub prepared: &'a Prepared<'a>,
    /// The programs.
    pub built: &'a Built,
    /// Where the monitor's number stands.
    pub place: Option<Place>,
    /// The states.
    pub store: &'a Store<W>,
    /// The monitor.
    pub monitors: Option<Monitors>,
}

/// No first state: a run without periods.
pub fn no_beginning(prepared: &Prepared<'_>) -> Outcome {
    let trace = Trace { params: prepared.params.to_vec(), periods: Vec::new(), loop_start: None };
    Outcome::Found { trace, kind: Some(DefectKind::InitialState) }
}

/// Most beginnings of valuations tried to fill in what the search left out.
const FILL: u64 = 1 << 16;

/// The valuation that leads to a state.
struct Find<'f, const W: usize> {
    target: [u64; W],
    place: Option<Place>,
    built: &'f Built,
    monitors: Option<&'f mut Monitors>,
    standing: u32,
    first: bool,
    registers: Option<Vec<i64>>,
}

impl<const W: usize> Leaf<W> for Find<'_, W> {
    fn tried(&mut self) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }

    fn leaf(&mut self, registers: &[i64], key: [u64; W]) -> ControlFlow<()> {
        let Some(standing) = self.after(registers) else { return ControlFlow::Continue(()) };
        let key = self.place.map_or(key, |place| place.put(key, standing));
        if key != self.target {
            return ControlFlow::Continue(());
        }
        self.registers = Some(registers.to_vec());
        ControlFlow::Break(())
    }
}

impl<const W: usize> Find<'_, W> {
    /// The monitor's standing after the step; `None` if it is no step that the search follows.
    fn after(&mut self, registers: &[i64]) -> Option<u32> {
        if self.first {
            return Some(0);
        }
        if self.built.is_defective(registers) || !self.built.is_lawful(registers) {
            return None;
        }
        let Watch::Monitor(atoms) = &self.built.watch else { return Some(0) };
        let truths = atoms.iter().map(|atom| truth(registers, atom));
        match self.monitors.as_mut()?.step(self.standing, truths) {
            Moved::To(standing) => Some(standing),
            _ => None,
        }
    }
}

impl<const W: usize> Path<'_, W> {
    /// The answer.
    pub fn found(mut self, ending: Ending) -> Outcome {
        let (last, registers, kind) = match &ending {
            Ending::State(last, kind) => (*last, None, *kind),
            Ending::Step(last, registers, kind) => (*last, Some(registers), *kind),
            Ending::Undefined(last, registers, _) => (*last, Some(registers), None),
        };
        let keys = self.keys(last);
        let mut states = vec![self.first(keys.first().copied().unwrap_or([0; W]))];
        let mut periods = Vec::new();
        for pair in keys.windows(2) {
            let [from, to] = pair else { continue };
            let Some(state) = states.last().cloned() else { continue };
            let registers = self.between(from, to).unwrap_or_default();
            let fixed = self.fixed(&self.built.step, &registers);
            let kept = self.cells(to);
            let (inputs, next) = self.fill(&state, &fixed, Some(&kept), None);
            periods.push(Period { state, inputs: Some(inputs) });
            states.push(next);
        }
        let state = states.pop().unwrap_or_default();
        let inputs = registers.map(|registers| {
            let fixed = self.fixed(&self.built.step, registers);
            self.fill(&state, &fixed, None, kind).0
        });
        let kind = match (&ending, &inputs) {
            (Ending::Undefined(_, _, atom), Some(inputs)) => self.fault(&state, inputs, *atom),
            _ => kind,
        };
        periods.push(Period { state, inputs });
        let trace = Trace { params: self.prepared.params.to_vec(), periods, loop_start: None };
        Outcome::Found { trace, kind }
    }

    /// The packed states from a first one to this.
    fn keys(&self, last: u32) -> Vec<[u64; W]> {
        let path = std::iter::successors(Some(last), |at| self.store.parent(*at));
        let mut keys: Vec<[u64; W]> = path.filter_map(|at| self.store.key(at)).collect();
        keys.reverse();
        keys
    }

    fn find(
        &mut self,
        program: &Program,
        start: Option<&[u64; W]>,
        to: &[u64; W],
    ) -> Option<Vec<i64>> {
        let mut registers = program.registers();
        if let Some(from) = start {
            program.load(from, &mut registers);
        }
        let key = program.begin(&mut registers)?;
        let standing = start.and_then(|from| Some(self.place?.get(from))).unwrap_or(0);
        let mut find = Find {
            target: *to,
            place: self.place,
            built: self.built,
            monitors: self.monitors.as_mut(),
            standing,
            first: start.is_none(),
            registers: None,
        };
        let _ = program.extend(1, &mut registers, key, &mut find);
        find.registers
    }

    fn between(&mut self, from: &[u64; W], to: &[u64; W]) -> Option<Vec<i64>> {
        let built = self.built;
        self.find(&built.step, Some(from), to)
    }

    /// The values of the cells that the search kept.
    pub(super) fn cells(&self, key: &[u64; W]) -> Vec<(usize, Value)> {
        let value = |field: &super::program::Field| {
            let word = key.get(field.word).copied().unwrap_or(0);
            let raw = (word >> field.shift) & (u64::MAX >> (64 - field.bits));
            let n = (raw as i64).wrapping_add(field.lo);
            Some((field.slot, value_of(self.prepared.interpreter, Source::Cell(field.slot), n, 1)?))
        };
        self.built.fields.iter().filter_map(value).collect()
    }

    /// What was drawn, where the search drew it.
    pub(super) fn fixed(&self, program: &Program, registers: &[i64]) -> Fixed {
        let mut fixed = Fixed::default();
        for (source, register, scale) in program.variables() {
            let Some(n) = registers.get(register as usize) else { continue };
            let value = value_of(self.prepared.interpreter, source, *n, scale);
            match (source, value) {
                (Source::Input(slot), Some(value)) => fixed.inputs.push((slot, value)),
                (Source::Draw(slot), Some(value)) => fixed.draws.push((slot, value)),
                _ => {}
            }
        }
        fixed
    }

    /// The whole first state of which the search kept a part.
    pub(super) fn first(&mut self, key: [u64; W]) -> Vec<Value> {
        let interpreter = self.prepared.interpreter;
        let built = self.built;
        let registers = self.find(&built.first, None, &key).unwrap_or_default();
        let mut known: Vec<Option<Value>> = vec![None; interpreter.layout.cells.len()];
        for (source, register, scale) in built.first.variables() {
            let Some(n) = registers.get(register as usize) else { continue };
            if let Source::Cell(slot) = source
                && let Some(place) = known.get_mut(slot)
            {
                *place = value_of(interpreter, source, *n, scale);
            }
        }
        for (slot, value) in self.cells(&key) {
            if let Some(place) = known.get_mut(slot) {
                *place = Some(value);
            }
        }
        self.complete(known)
    }

    /// Gives the cells that nothing rests on a first value.
    fn complete(&self, known: Vec<Option<Value>>) -> Vec<Value> {
        let interpreter = self.prepared.interpreter;
        let slots = &interpreter.layout.cells;
        let mut state: Vec<Value> =
            slots.iter().zip(&known).map(|(s, v)| v.clone().unwrap_or(lowest(s.ty))).collect();
        for (n, (slot, known)) in slots.iter().zip(&known).enumerate() {
            let cell = interpreter.model.cells.get(slot.of.index());
            let Some((cell, initial)) = cell.and_then(|c| Some((c, c.initial.as_ref()?))) else {
                continue;
            };
            if known.is_some() {
                continue;
            }
            let binders = cell.binders.iter().copied().zip(cell.index.iter().copied());
            let mut scope = Scope::members(binders, &slot.member);
            let reading = interpreter.reading(self.prepared.params, &state);
            let value = match initial {
                Chosen::Is(expr) => reading.value(expr, &mut scope).ok(),
                Chosen::In(set) => reading.set(set, &mut scope).ok().and_then(|values| {
                    let all = (0..).map_while(|n| values.nth(n));
                    all.take(1 << 16).find(|value| fits(interpreter.model, slot.ty, value))
                }),
            };
            if let (Some(place), Some(value)) = (state.get_mut(n), value) {
                *place = value;
            }
        }
        state
    }

    /// The whole valuation of which the search drew a part, and the state it leads to.
    pub(super) fn fill(
        &self,
        state: &[Value],
        fixed: &Fixed,
        kept: Option<&[(usize, Value)]>,
        kind: Option<DefectKind>,
    ) -> (Inputs, Vec<Value>) {
        let interpreter = self.prepared.interpreter;
        let mut found = None;
        let mut visit = |inputs: &Inputs, step: Result<_, StepFault>| {
            let fits = match (&step, kind) {
                (Ok(step), None) => {
                    let step: &crate::interp::step::Step = step;
                    kept.is_none_or(|kept| {
                        kept.iter().all(|(slot, value)| step.next.get(*slot) == Some(value))
                    })
                }
                (Err(StepFault::Defective(defects)), Some(kind)) => {
                    defects.iter().any(|defect| defect.kind == kind)
                }
                _ => false,
            };
            if !fits {
                return ControlFlow::Continue(());
            }
            found = Some((inputs.clone(), step.map(|step| step.next).unwrap_or_default()));
            ControlFlow::Break(())
        };
        let params = self.prepared.params;
        let tried = valuations(interpreter, params, state, fixed, FILL, &mut visit);
        if let Err(Unfinished::Infinite(_)) = tried {
            let numbered = numbered(&interpreter.layout, fixed);
            let _ = valuations(interpreter, params, state, &numbered, FILL, &mut visit);
        }
        found.unwrap_or_else(|| self.patch(state, fixed, kept))
    }

    /// The drawn part alone, for a replay to judge.
    fn patch(
        &self,
        state: &[Value],
        fixed: &Fixed,
        kept: Option<&[(usize, Value)]>,
    ) -> (Inputs, Vec<Value>) {
        let layout = &self.prepared.interpreter.layout;
        let mut inputs = Inputs {
            inputs: layout.inputs.iter().map(|slot| lowest(slot.ty)).collect(),
            draws: layout.draws.iter().map(|slot| lowest(slot.ty)).collect(),
        };
        let mut next = state.to_vec();
        assign(&mut inputs.inputs, &fixed.inputs);
        assign(&mut inputs.draws, &fixed.draws);
        assign(&mut next, kept.unwrap_or(&[]));
        (inputs, next)
    }

    /// The kind of fault because of which an atom has no value.
    fn fault(&self, state: &[Value], inputs: &Inputs, atom: u32) -> Option<DefectKind> {
        let Some(Atom::Present { expr, .. }) =
            self.prepared.monitor.as_ref()?.atoms().get(atom as usize)
        else {
            return None;
        };
        let interpreter = self.prepared.interpreter;
        let params = self.prepared.params;
        let firing = Firing::new(interpreter, params, state, &inputs.inputs, &inputs.draws);
        let reading: Reading<'_> = firing.reading();
        let faults: Faults = reading.value(expr, &mut Scope::default()).err()?;
        faults.0.into_iter().find_map(|fault| fault.kind)
    }
}

/// The same, and one value for each number that has infinitely many.
fn numbered(layout: &Layout, fixed: &Fixed) -> Fixed {
    let mut all = fixed.clone();
    for (at, slot) in layout.inputs.iter().enumerate() {
        let is_fixed = fixed.inputs.iter().any(|(other, _)| *other == at);
        if matches!(slot.ty, Type::Int | Type::Real) && !is_fixed {
            all.inputs.push((at, lowest(slot.ty)));
        }
    }
    all
}

fn assign(values: &mut [Value], known: &[(usize, Value)]) {
    for (slot, value) in known {
        if let Some(place) = values.get_mut(*slot) {
            *place = value.clone();
        }
    }
}
