//! What engines ask of a solver, and who answers.
//!
//! Engines speak of terms *at* periods; a [`Solver`] knows how to put those to
//! a real solver. Nothing is ever retracted: what should hold only for one
//! question is passed as an assumption, so that solvers can keep what they
//! learn.

pub mod context;
pub mod horn;
pub mod sat;
pub mod smtlib;
pub mod version;
mod watch;
pub mod z3;

use crate::term::{Pool, Term, Var};
use crate::types::core::Value;

/// A term at a period, as it is or negated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Literal {
    /// A Boolean term.
    pub term: Term,
    /// Its period; immaterial for terms over parameters alone.
    pub at: u32,
    /// Whether the term is meant, or its negation.
    pub positive: bool,
}

/// A solver's answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Satisfiable; values can be read.
    Sat,
    /// Unsatisfiable; the core can be read.
    Unsat,
    /// Neither, and why.
    Unknown(String),
}

/// An incremental solver over one [`Pool`].
pub trait Solver {
    /// Asserts a Boolean term at a period.
    fn assert(&mut self, pool: &Pool, term: Term, at: u32);

    /// Asserts a literal.
    fn assert_literal(&mut self, pool: &Pool, literal: Literal);

    /// Asserts that a variable at period `at + 1` equals a term at period `at`.
    fn assert_next(&mut self, pool: &Pool, var: Var, next: Term, at: u32);

    /// Asserts that two variables' vectors at two periods differ somewhere.
    fn assert_distinct(&mut self, pool: &Pool, vars: &[Var], one: u32, other: u32);

    /// Says what the next check is about; for those who write checks down.
    fn note(&mut self, _: &str) {}

    /// Checks satisfiability under assumptions.
    fn check(&mut self, pool: &Pool, assumptions: &[Literal]) -> Answer;

    /// The value of a variable at a period, after [`Answer::Sat`].
    fn value(&mut self, pool: &Pool, var: Var, at: u32) -> Value;

    /// Positions of the assumptions that the last [`Answer::Unsat`] used.
    fn core(&mut self) -> Vec<usize>;
}
