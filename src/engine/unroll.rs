//! A system laid out over periods 0, 1, 2, … in a solver.

use crate::solver::{Answer, Literal, Solver};
use crate::system::{Problem, Valuation};
use crate::term::Term;
use crate::types::core::Value;

/// An unrolling, grown one period at a time.
pub struct Unrolling<'p, S> {
    problem: &'p Problem,
    /// The solver that holds it.
    pub solver: S,
    depth: u32,
}

impl<'p, S: Solver> Unrolling<'p, S> {
    /// Period 0, a first state or (for induction) any state.
    pub fn new(problem: &'p Problem, solver: S, from_start: bool) -> Self {
        let mut unrolling = Unrolling { problem, solver, depth: 0 };
        if from_start {
            unrolling.assert_all(&problem.system.init, 0);
        }
        unrolling.assert_all(&problem.system.lemmas, 0);
        unrolling
    }

    /// The last period laid out.
    pub fn depth(&self) -> u32 {
        self.depth
    }

    /// Makes the last period a step to a new one.
    pub fn extend(&mut self) {
        let system = &self.problem.system;
        self.assert_all(&system.step, self.depth);
        for state in &system.states {
            self.solver.assert_next(&system.pool, state.var, state.next, self.depth);
        }
        self.depth += 1;
        self.assert_all(&system.lemmas, self.depth);
    }

    /// Rules out a bad state in a period already laid out.
    pub fn assert_good(&mut self, at: u32) {
        let good = Literal { term: self.problem.bad, at, positive: false };
        self.solver.assert_literal(&self.problem.system.pool, good);
    }

    /// Is the last period bad?
    pub fn check_bad(&mut self) -> Answer {
        let bad = Literal { term: self.problem.bad, at: self.depth, positive: true };
        self.solver.check(&self.problem.system.pool, &[bad])
    }

    /// Is there any run at all of this many periods?
    pub fn check_any(&mut self) -> Answer {
        self.solver.check(&self.problem.system.pool, &[])
    }

    /// The state of a period differs from all earlier ones.
    pub fn assert_new_state(&mut self, at: u32) {
        let vars: Vec<_> = self.problem.system.states.iter().map(|s| s.var).collect();
        for earlier in 0..at {
            self.solver.assert_distinct(&self.problem.system.pool, &vars, earlier, at);
        }
    }

    /// The run that a satisfiable check found.
    pub fn run(&mut self) -> Valuation {
        let system = &self.problem.system;
        let rigid = system.rigid.iter().map(|v| self.solver.value(&system.pool, *v, 0)).collect();
        let mut periods = Vec::new();
        for at in 0..=self.depth {
            let states = system.states.iter();
            let state: Vec<Value> =
                states.map(|s| self.solver.value(&system.pool, s.var, at)).collect();
            let drawn = at < self.depth || self.problem.on_step;
            let inputs = drawn.then(|| {
                let inputs = system.inputs.iter();
                inputs.map(|v| self.solver.value(&system.pool, *v, at)).collect()
            });
            periods.push((state, inputs));
        }
        Valuation { rigid, periods }
    }

    fn assert_all(&mut self, terms: &[Term], at: u32) {
        for term in terms {
            self.solver.assert(&self.problem.system.pool, *term, at);
        }
    }
}
