//! Generalisation: how much of the state space one blocked cube excludes.
//!
//! Literals are dropped one by one, the rarest in lemmas first, as long as the
//! rest stays inductive relative to the frame. Where it does not, the state in
//! the way is a counterexample to generalisation: it is blocked itself if
//! that is easy, otherwise the cube grows to include it (Hassan, Bradley and
//! Somenzi 2013).

use super::cube::Cube;
use super::frames::{Answer, Frames, State, Stopped};
use crate::circuit::Edge;

/// Counterexamples to generalisation blocked in a row.
const MAX_BLOCKED: usize = 3;
/// How deep the blocking of one may block others.
const MAX_DEPTH: usize = 1;

impl Frames<'_, '_> {
    /// A minimal part of the cube, which `frame - 1` does not step into, for which that still holds.
    pub(super) fn generalise(
        &mut self,
        cube: Cube,
        frame: usize,
        depth: usize,
    ) -> Result<Cube, Stopped> {
        let mut cube = cube;
        let mut needed: Vec<Edge> = Vec::new();
        for literal in self.by_activity(&cube) {
            if !cube.contains(literal) || cube.len() <= 1 {
                continue;
            }
            match self.shrink(cube.without(literal), frame, depth, &needed)? {
                Some(smaller) => cube = smaller,
                None => needed.push(literal),
            }
        }
        Ok(cube)
    }

    /// Some part of the candidate that is inductive relative to `frame - 1` and has the literals
    /// needed.
    fn shrink(
        &mut self,
        candidate: Cube,
        frame: usize,
        depth: usize,
        needed: &[Edge],
    ) -> Result<Option<Cube>, Stopped> {
        let mut candidate = candidate;
        let mut blocked = 0;
        loop {
            if self.meets_first(&candidate)? {
                return Ok(None);
            }
            let state = match self.step_into(&candidate, frame - 1, true)? {
                Answer::Blocked(part) => return Ok(Some(part)),
                Answer::Reached(state) => state,
            };
            if depth > MAX_DEPTH {
                return Ok(None);
            }
            if blocked < MAX_BLOCKED && self.block_in_passing(&state, &candidate, frame, depth)? {
                blocked += 1;
                continue;
            }
            blocked = 0;
            let joined = joined(&candidate, &state);
            if joined.len() == candidate.len() || needed.iter().any(|l| !joined.contains(*l)) {
                return Ok(None);
            }
            candidate = joined;
        }
    }

    /// Blocks a state of `frame - 1` that is in the way, if no state of the frame before steps into it.
    fn block_in_passing(
        &mut self,
        state: &State,
        target: &Cube,
        frame: usize,
        depth: usize,
    ) -> Result<bool, Stopped> {
        if frame < 2 {
            return Ok(false);
        }
        let cube = self.lifted(state, Some(target))?;
        if self.meets_first(&cube)? {
            return Ok(false);
        }
        let Answer::Blocked(part) = self.step_into(&cube, frame - 2, true)? else {
            return Ok(false);
        };
        self.learn(part, frame - 1, depth + 1)?;
        Ok(true)
    }

    /// Generalises a cube that `frame - 1` does not step into, and adds it as far out as it holds;
    /// the first frame where it may not hold.
    pub(super) fn learn(
        &mut self,
        cube: Cube,
        frame: usize,
        depth: usize,
    ) -> Result<usize, Stopped> {
        let mut cube = self.generalise(cube, frame, depth)?;
        let mut frame = frame;
        while frame < self.depth() {
            match self.step_into(&cube, frame, true)? {
                Answer::Blocked(part) => cube = part,
                Answer::Reached(_) => break,
            }
            frame += 1;
        }
        self.add(&cube, frame);
        Ok(frame + 1)
    }
}

/// The smallest cube that contains the candidate and the state.
fn joined(candidate: &Cube, state: &State) -> Cube {
    let held = |l: &&Edge| state.latches.contains(l);
    Cube::new(candidate.literals().iter().filter(held).copied().collect())
}
