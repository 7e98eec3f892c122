//! IC3, or property-directed reachability, on bits.
//!
//! Frames F0 ⊆ F1 ⊆ … over-approximate what 0, 1, … steps reach. A bad state of
//! the last frame is an obligation: it is blocked by a clause that is inductive
//! relative to the frame before, or a state of that frame steps into it and becomes an
//! obligation itself. When two frames are equal, they are an inductive
//! invariant; when an obligation holds a first state, there is a run.
//! (Bradley 2011; Eén, Mishchenko and Brayton 2011; Hassan, Bradley and
//! Somenzi 2013 for generalisation.)
//!
//! The problem is blasted and reduced once. The invariant comes back in terms over the
//! problem's variables, to be proved again; the run comes back with all inputs, to
//! be replayed. Neither depends on this file or its solver being right.

mod cube;
mod frames;
mod generalise;
mod relation;
#[cfg(test)]
mod tests;

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use cube::Cube;
pub use frames::Effort;
use frames::{Answer, Frames, State, Stopped};

use super::{Budget, Invariant, Outcome, Proof};
use crate::circuit::blast::blast;
use crate::circuit::reduce::reduce;
use crate::circuit::terms::Speaker;
use crate::circuit::{Circuit, Edge, Run};
use crate::system::Problem;

/// What IC3 found about a circuit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The clauses (over latches) are, together with what is known of every state, an inductive
    /// invariant without bad states.
    Safe(Vec<Vec<Edge>>),
    /// A run to a bad state, not necessarily shortest.
    Unsafe(Run),
    /// Stopped before it knew, and why.
    Open(String),
}

/// Decides a finite problem.
pub fn run(problem: &Problem, budget: Budget<'_>, progress: &mut dyn FnMut(u32)) -> Outcome {
    let blasted = match blast(problem) {
        Ok(blasted) => blasted,
        Err(reason) => return Outcome::Unknown(reason.to_string()),
    };
    let reduced = reduce(&blasted.circuit);
    match decide(&reduced.circuit, budget, progress).0 {
        Verdict::Safe(clauses) => {
            let speaker = Speaker::new(&blasted);
            let mut pool = problem.system.pool.clone();
            let clauses = reduced.clauses(&clauses);
            let clauses = clauses.iter().map(|c| speaker.clause(&mut pool, c)).collect();
            Outcome::Unreachable(Proof::Invariant(Invariant { pool, clauses }))
        }
        Verdict::Unsafe(run) => {
            Outcome::Reached(blasted.valuation(&reduced.run(&blasted.circuit, &run)))
        }
        Verdict::Open(reason) => Outcome::Unknown(reason),
    }
}

/// Decides a circuit as it is; `reduce` it first.
pub fn decide(
    circuit: &Circuit,
    budget: Budget<'_>,
    progress: &mut dyn FnMut(u32),
) -> (Verdict, Effort) {
    let mut search = Search {
        frames: Frames::new(circuit, budget),
        obligations: Vec::new(),
        queue: BinaryHeap::new(),
    };
    let verdict = search.run(progress).unwrap_or_else(|stopped| Verdict::Open(stopped.0));
    (verdict, search.frames.effort)
}

/// A cube whose states all lead to a bad one, wanted to be excluded from a frame.
struct Obligation {
    cube: Cube,
    /// Inputs under which all its states step into the parent's cube, or are bad.
    inputs: Vec<Edge>,
    parent: Option<usize>,
    /// Steps to the bad state.
    distance: usize,
}

struct Search<'c, 'b> {
    frames: Frames<'c, 'b>,
    obligations: Vec<Obligation>,
    /// By frame, then distance; the last part is the obligation's place.
    queue: BinaryHeap<Reverse<(usize, usize, usize)>>,
}

impl Search<'_, '_> {
    fn run(&mut self, progress: &mut dyn FnMut(u32)) -> Result<Verdict, Stopped> {
        if !self.frames.starts()? {
            return Ok(Verdict::Safe(vec![Vec::new()]));
        }
        loop {
            while let Some(state) = self.frames.bad()? {
                let found = self.bad_state(&state)?;
                if let Some(found) = found.map_or_else(|| self.block_all(), |f| Ok(Some(f)))? {
                    return Ok(found);
                }
            }
            self.frames.pause()?;
            self.frames.extend();
            progress(u32::try_from(self.frames.depth()).unwrap_or(u32::MAX));
            if let Some(frame) = self.propagate()? {
                return Ok(Verdict::Safe(self.invariant(frame)));
            }
            if let Some(found) = self.block_all()? {
                return Ok(found);
            }
        }
    }

    /// Makes a bad state an obligation; a run if it can be a first state.
    fn bad_state(&mut self, state: &State) -> Result<Option<Verdict>, Stopped> {
        let cube = self.frames.lifted(state, None)?;
        let depth = self.frames.depth();
        self.oblige(
            depth,
            Obligation { cube, inputs: state.inputs.clone(), parent: None, distance: 0 },
        )
    }

    fn oblige(&mut self, frame: usize, obligation: Obligation) -> Result<Option<Verdict>, Stopped> {
        let place = self.obligations.len();
        let is_first = frame == 0 || self.frames.meets_first(&obligation.cube)?;
        self.queue.push(Reverse((frame, obligation.distance, place)));
        self.obligations.push(obligation);
        if is_first { self.trace(place).map(Some) } else { Ok(None) }
    }

    /// Blocks everything in the queue up to the last frame, or finds a run.
    fn block_all(&mut self) -> Result<Option<Verdict>, Stopped> {
        while let Some(&Reverse((frame, distance, place))) = self.queue.peek() {
            if frame > self.frames.depth() {
                break;
            }
            self.queue.pop();
            self.frames.pause()?;
            let Some(obligation) = self.obligations.get(place) else { break };
            let cube = obligation.cube.clone();
            if let Some(last) = self.frames.excluded(&cube, frame) {
                self.queue.push(Reverse((last + 1, distance, place)));
                continue;
            }
            match self.frames.step_into(&cube, frame - 1, true)? {
                Answer::Blocked(part) => {
                    let next = self.frames.learn(part, frame, 0)?;
                    self.queue.push(Reverse((next, distance, place)));
                }
                Answer::Reached(state) => {
                    self.queue.push(Reverse((frame, distance, place)));
                    let lifted = self.frames.lifted(&state, Some(&cube))?;
                    let (parent, distance) = (Some(place), distance + 1);
                    let inputs = state.inputs;
                    let before = Obligation { cube: lifted, inputs, parent, distance };
                    if let Some(found) = self.oblige(frame - 1, before)? {
                        return Ok(Some(found));
                    }
                }
            }
        }
        Ok(None)
    }

    /// Pushes lemmas outwards; a frame that equals the next, if there is one.
    fn propagate(&mut self) -> Result<Option<usize>, Stopped> {
        for frame in 1..self.frames.depth() {
            self.frames.pause()?;
            for lemma in self.frames.lemmas(frame).to_vec() {
                // A lemma promoted on the way may have made this one superfluous.
                if !self.frames.lemmas(frame).contains(&lemma) {
                    continue;
                }
                if let Answer::Blocked(part) = self.frames.step_into(&lemma, frame, false)? {
                    self.frames.promote(&lemma, &part, frame);
                }
            }
            if self.frames.lemmas(frame).is_empty() {
                return Ok(Some(frame));
            }
        }
        Ok(None)
    }

    /// The lemmas that hold beyond a frame.
    fn invariant(&self, frame: usize) -> Vec<Vec<Edge>> {
        let later = (frame + 1..=self.frames.depth()).flat_map(|n| self.frames.lemmas(n));
        later.map(Cube::clause).collect()
    }

    /// The run from a first state in an obligation's cube.
    fn trace(&mut self, place: usize) -> Result<Verdict, Stopped> {
        let Some(start) = self.obligations.get(place) else {
            return Ok(Verdict::Open("the run was lost".to_owned()));
        };
        let Some(mut state) = self.frames.first_state(&start.cube.clone())? else {
            return Ok(Verdict::Open("the run has no first state".to_owned()));
        };
        let circuit = self.frames.circuit();
        let mut periods = Vec::new();
        let mut at = Some(place);
        while let Some(obligation) = at.and_then(|n| self.obligations.get(n)) {
            let inputs = self.frames.inputs(&obligation.inputs);
            let values = circuit.values(&state, &inputs);
            let next = circuit.latches.iter().map(|l| values.of(l.next)).collect();
            periods.push((std::mem::replace(&mut state, next), inputs));
            at = obligation.parent;
        }
        Ok(Verdict::Unsafe(Run { periods }))
    }
}
