//! Frames, and the questions asked of them.
//!
//! Frame k holds all states that k steps can reach, and perhaps more. A lemma is
//! kept in the last frame where it is known to hold and is in the solvers of
//! that frame and all before it.

use super::cube::Cube;
use super::relation::{Relation, add_clause_of, first_states};
use crate::circuit::{Circuit, Edge};
use crate::engine::Budget;
use crate::solver::sat::{Cdcl, Question};

/// Conflicts between looks at the clock.
const PATIENCE: u64 = 1000;
/// Clauses that later ones made superfluous before a frame's solver is built anew.
const WASTE: usize = 300;

/// Why the search stopped without an answer.
#[derive(Clone, Debug)]
pub(super) struct Stopped(pub(super) String);

/// One frame.
struct Frame {
    /// Steps from the frame's states.
    solver: Cdcl,
    /// Lemmas that are not known to hold in the next frame.
    lemmas: Vec<Cube>,
    superfluous: usize,
}

/// The answer to a question of relative induction.
pub(super) enum Answer {
    /// No state of the frame outside the cube steps into it; this part of the cube was enough.
    Blocked(Cube),
    /// This state steps into the cube under these inputs.
    Reached(State),
}

/// Part of a state, and the inputs that matter.
pub(super) struct State {
    pub(super) latches: Vec<Edge>,
    pub(super) inputs: Vec<Edge>,
}

/// Counters, for tests and measurements.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Effort {
    /// Questions of relative induction.
    pub steps: u64,
    /// Questions whether a state can be lifted.
    pub lifts: u64,
    /// Lemmas added.
    pub lemmas: u64,
    /// Frames.
    pub frames: u32,
}

/// All frames over a relation.
pub(super) struct Frames<'c, 'b> {
    pub(super) relation: Relation<'c>,
    frames: Vec<Frame>,
    /// The last frame's states, without step constraints: bad ones are looked for here.
    last: Cdcl,
    lifting: Cdcl,
    first: Cdcl,
    budget: Budget<'b>,
    domain: Vec<u32>,
    activity: Vec<f64>,
    increment: f64,
    pub(super) effort: Effort,
}

impl<'c, 'b> Frames<'c, 'b> {
    pub(super) fn new(circuit: &'c Circuit, budget: Budget<'b>) -> Self {
        let mut relation = Relation::new(circuit);
        let mut initial = relation.steps.clone();
        let mut last = relation.states.clone();
        let mut domain = Vec::new();
        relation.domain(circuit.init.iter().copied(), &mut domain);
        for node in &domain {
            initial.always_in_domain(*node);
            last.always_in_domain(*node);
        }
        crate::solver::sat::add_gates(&mut initial, &circuit.graph, circuit.init.iter().copied());
        crate::solver::sat::add_gates(&mut last, &circuit.graph, circuit.init.iter().copied());
        for edge in circuit.init.iter().flat_map(|e| circuit.graph.conjuncts(*e)) {
            add_clause_of(&mut initial, circuit, edge);
            add_clause_of(&mut last, circuit, edge);
        }
        let frames = vec![Frame { solver: initial, lemmas: Vec::new(), superfluous: 0 }];
        let lifting = relation.states.clone();
        let mut all = Frames {
            first: first_states(circuit),
            lifting,
            last,
            frames,
            budget,
            domain,
            activity: vec![0.0; circuit.graph.len()],
            increment: 1.0,
            effort: Effort::default(),
            relation,
        };
        for solver in [&mut all.first, &mut all.lifting, &mut all.last] {
            solver.patience = PATIENCE;
        }
        all
    }

    pub(super) fn circuit(&self) -> &'c Circuit {
        self.relation.circuit
    }

    /// The number of the last frame.
    pub(super) fn depth(&self) -> usize {
        self.frames.len() - 1
    }

    /// Opens a new last frame.
    pub(super) fn extend(&mut self) {
        let mut solver = self.relation.steps.clone();
        solver.patience = PATIENCE;
        self.frames.push(Frame { solver, lemmas: Vec::new(), superfluous: 0 });
        self.last = self.relation.states.clone();
        self.last.patience = PATIENCE;
        self.effort.frames += 1;
    }

    pub(super) fn lemmas(&self, frame: usize) -> &[Cube] {
        self.frames.get(frame).map_or(&[], |f| &f.lemmas)
    }

    /// The last frame in which a known lemma excludes the cube, from `frame` on.
    pub(super) fn excluded(&self, cube: &Cube, frame: usize) -> Option<usize> {
        let later = self.frames.iter().enumerate().skip(frame).rev();
        later
            .filter(|(_, f)| f.lemmas.iter().any(|lemma| lemma.subsumes(cube)))
            .map(|(n, _)| n)
            .next()
    }

    /// Adds a lemma that holds in the frames up to `frame`.
    pub(super) fn add(&mut self, cube: &Cube, frame: usize) {
        self.effort.lemmas += 1;
        self.bump(cube);
        let clause = cube.clause();
        self.relation.domain(clause.iter().copied(), &mut self.domain);
        for (n, f) in self.frames.iter_mut().enumerate().take(frame + 1).skip(1) {
            let before = f.lemmas.len();
            f.lemmas.retain(|lemma| !cube.subsumes(lemma));
            f.superfluous += before - f.lemmas.len();
            assert_lemma(&mut f.solver, &clause, &self.domain);
            if n == frame {
                f.lemmas.push(cube.clone());
            }
        }
        if frame == self.depth() {
            assert_lemma(&mut self.last, &clause, &self.domain);
        }
        if self.frames.get(1).is_some_and(|f| f.superfluous > WASTE) {
            self.rebuild();
        }
    }

    /// Builds the frames' solvers anew, without superfluous clauses.
    fn rebuild(&mut self) {
        let mut clauses: Vec<Vec<Edge>> = Vec::new();
        for frame in self.frames.iter_mut().skip(1).rev() {
            clauses.extend(frame.lemmas.iter().map(Cube::clause));
            frame.superfluous = 0;
            frame.solver = self.relation.steps.clone();
            frame.solver.patience = PATIENCE;
            for clause in &clauses {
                self.relation.domain(clause.iter().copied(), &mut self.domain);
                assert_lemma(&mut frame.solver, clause, &self.domain);
            }
        }
    }

    /// Moves a lemma that was found to hold in the next frame as well.
    pub(super) fn promote(&mut self, lemma: &Cube, smaller: &Cube, frame: usize) {
        if let Some(f) = self.frames.get_mut(frame) {
            f.lemmas.retain(|other| other != lemma);
        }
        if lemma != smaller {
            return self.add(smaller, frame + 1);
        }
        let clause = lemma.clause();
        self.relation.domain(clause.iter().copied(), &mut self.domain);
        if let Some(f) = self.frames.get_mut(frame + 1) {
            f.lemmas.retain(|other| !lemma.subsumes(other));
            f.lemmas.push(lemma.clone());
            assert_lemma(&mut f.solver, &clause, &self.domain);
        }
        if frame + 1 == self.depth() {
            assert_lemma(&mut self.last, &clause, &self.domain);
        }
    }

    fn bump(&mut self, cube: &Cube) {
        for literal in cube.literals() {
            if let Some(activity) = self.activity.get_mut(literal.index()) {
                *activity += self.increment;
            }
        }
        self.increment *= 1.05;
        if self.increment > 1e100 {
            self.activity.iter_mut().for_each(|a| *a /= 1e100);
            self.increment /= 1e100;
        }
    }

    /// The literals of a cube, those of the rarest latches in lemmas first.
    pub(super) fn by_activity(&self, cube: &Cube) -> Vec<Edge> {
        let mut literals = cube.literals().to_vec();
        let activity = |l: &Edge| self.activity.get(l.index()).copied().unwrap_or(0.0);
        literals.sort_by(|a, b| activity(a).total_cmp(&activity(b)).then(a.cmp(b)));
        literals
    }

    /// A bad state of the last frame.
    pub(super) fn bad(&mut self) -> Result<Option<State>, Stopped> {
        let bad = self.circuit().bad;
        self.relation.domain([bad], &mut self.domain);
        let question = Question { assumed: &[bad], clause: &[], domain: Some(&self.domain) };
        if !solve(&mut self.last, question, self.budget)? {
            return Ok(None);
        }
        Ok(Some(read(&self.last, self.relation.circuit)))
    }

    /// Can a state of `frame` outside the cube (or any state of it, if not `strengthened`) step into the cube?
    pub(super) fn step_into(
        &mut self,
        cube: &Cube,
        frame: usize,
        strengthened: bool,
    ) -> Result<Answer, Stopped> {
        self.effort.steps += 1;
        let mut literals = self.by_activity(cube);
        literals.reverse();
        let assumed: Vec<Edge> = literals.iter().map(|l| self.relation.next(*l)).collect();
        let clause = if strengthened { cube.clause() } else { Vec::new() };
        let roots = assumed.iter().chain(&clause).copied();
        self.relation.domain(roots, &mut self.domain);
        let Some(f) = self.frames.get_mut(frame) else {
            return Err(Stopped("no such frame".to_owned()));
        };
        let question = Question { assumed: &assumed, clause: &clause, domain: Some(&self.domain) };
        if solve(&mut f.solver, question, self.budget)? {
            return Ok(Answer::Reached(read(&f.solver, self.relation.circuit)));
        }
        let mut core = f.solver.core().to_vec();
        core.sort_unstable();
        let in_core = |next: &Edge| core.binary_search(next).is_ok();
        let needed = literals.iter().zip(&assumed).filter(|(_, next)| in_core(next));
        let needed = Cube::new(needed.map(|(l, _)| *l).collect());
        Ok(Answer::Blocked(self.without_first(needed, cube)?))
    }

    /// Whether some first state is in the cube.
    pub(super) fn meets_first(&mut self, cube: &Cube) -> Result<bool, Stopped> {
        if cube.literals().iter().any(|l| self.relation.is_never_first(*l)) {
            return Ok(false);
        }
        if self.relation.is_reset(cube.literals()) {
            return Ok(true);
        }
        solve(&mut self.first, about_first(cube), self.budget)
    }

    /// Adds literals of `whole`, which has no first state, to `part` until neither has it.
    fn without_first(&mut self, part: Cube, whole: &Cube) -> Result<Cube, Stopped> {
        if !self.meets_first(&part)? {
            return Ok(part);
        }
        let mut literals = part.literals().to_vec();
        match whole.literals().iter().find(|l| self.relation.is_never_first(**l)) {
            Some(literal) => literals.push(*literal),
            None => match solve(&mut self.first, about_first(whole), self.budget)? {
                true => return Ok(whole.clone()),
                false => literals.extend(self.first.core()),
            },
        }
        Ok(Cube::new(literals))
    }

    /// Part of a state that steps into the target (or is bad, without one) under the same inputs
    /// whatever the rest of the state (Chockler et al. 2011).
    pub(super) fn lifted(&mut self, state: &State, target: Option<&Cube>) -> Result<Cube, Stopped> {
        self.effort.lifts += 1;
        let mut wanted: Vec<Edge> = match target {
            Some(cube) => cube.literals().iter().map(|l| self.relation.next(*l)).collect(),
            None => vec![self.circuit().bad],
        };
        if target.is_some() {
            wanted.extend(&self.relation.mixed);
        }
        let clause: Vec<Edge> = wanted.iter().map(|e| !*e).collect();
        self.relation.domain(wanted.iter().copied(), &mut self.domain);
        let mut latches = self.by_activity(&Cube::new(state.latches.clone()));
        latches.reverse();
        let mut assumed = state.inputs.clone();
        assumed.extend(&latches);
        let question = Question { assumed: &assumed, clause: &clause, domain: Some(&self.domain) };
        if solve(&mut self.lifting, question, self.budget)? {
            return Ok(Cube::new(state.latches.clone()));
        }
        let core = self.lifting.core();
        let is_latch = |l: &Edge| self.relation.is_latch(l.node());
        Ok(Cube::new(core.iter().copied().filter(is_latch).collect()))
    }

    /// Whether there is a first state at all.
    pub(super) fn starts(&mut self) -> Result<bool, Stopped> {
        solve(&mut self.first, Question::default(), self.budget)
    }

    /// A first state in the cube, as the values of all latches.
    pub(super) fn first_state(&mut self, cube: &Cube) -> Result<Option<Vec<bool>>, Stopped> {
        if !solve(&mut self.first, about_first(cube), self.budget)? {
            return Ok(None);
        }
        let latches = self.relation.circuit.latches.iter();
        Ok(Some(latches.map(|l| self.first.value(l.leaf) == Some(true)).collect()))
    }

    /// The values of all inputs, those that do not matter by default.
    pub(super) fn inputs(&self, literals: &[Edge]) -> Vec<bool> {
        let circuit = self.relation.circuit;
        let drawn = circuit.inputs.iter().zip(&self.relation.defaults);
        drawn
            .map(|(input, default)| {
                let literal = literals.iter().find(|l| l.node() == input.leaf.node());
                literal.map_or(*default, |l| !l.is_negated())
            })
            .collect()
    }

    pub(super) fn pause(&self) -> Result<(), Stopped> {
        self.budget.exhausted().map_or(Ok(()), |reason| Err(Stopped(reason)))
    }
}

/// Whether a first state is in the cube. Nothing but what all first states rest on has a say in it.
fn about_first(cube: &Cube) -> Question<'_> {
    Question { assumed: cube.literals(), domain: Some(&[]), ..Question::default() }
}

fn solve(solver: &mut Cdcl, question: Question<'_>, budget: Budget<'_>) -> Result<bool, Stopped> {
    loop {
        if let Some(answer) = solver.solve(question) {
            return Ok(answer);
        }
        if let Some(reason) = budget.exhausted() {
            return Err(Stopped(reason));
        }
    }
}

/// Asserts a lemma, and puts what it touches into the domain of every question.
fn assert_lemma(solver: &mut Cdcl, clause: &[Edge], domain: &[u32]) {
    solver.add(clause);
    domain.iter().for_each(|node| solver.always_in_domain(*node));
}

/// The literals of the latches and inputs to which the solver gave a value.
fn read(solver: &Cdcl, circuit: &Circuit) -> State {
    let literal = |leaf: Edge| solver.value(leaf).map(|value| leaf ^ !value);
    State {
        latches: circuit.latches.iter().filter_map(|l| literal(l.leaf)).collect(),
        inputs: circuit.inputs.iter().filter_map(|i| literal(i.leaf)).collect(),
    }
}
