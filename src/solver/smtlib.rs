//! A solver that solves nothing: it writes down what it is asked, as an SMT-LIB script.
//!
//! Whoever drives a [`Solver`] through the obligations of a proof can drive this
//! one instead and gets them as text for any other solver: one description of
//! what has to be shown, many that can show it. Every check is written between
//! `push` and `pop` and taken to be unsatisfiable (or satisfiable, for a script of
//! that kind), which is what an obligation claims; whether that is so is for the reader of the script to find out.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fmt::Write;
use std::rc::Rc;

use super::{Answer, Literal, Solver};
use crate::term::{Pool, Role, Term, Var, smtlib};
use crate::types::core::Value;

/// A script under way.
#[derive(Clone, Debug, Default)]
pub struct Script {
    text: Rc<RefCell<String>>,
    declared: BTreeSet<(Var, u32)>,
    /// Every check of it is to be satisfiable.
    satisfiable: bool,
}

impl Script {
    /// A script that begins with these lines of comment.
    pub fn new(heading: &[String]) -> Script {
        let script = Script::default();
        heading.iter().for_each(|line| script.line(&format!("; {line}")));
        script.line("(set-logic ALL)");
        script
    }

    /// The same script, whose checks are to be satisfiable.
    pub fn satisfiable(self) -> Script {
        Script { satisfiable: true, ..self }
    }

    /// What has been written so far; also when another owner writes.
    pub fn text(&self) -> Rc<RefCell<String>> {
        Rc::clone(&self.text)
    }

    fn line(&self, line: &str) {
        let mut text = self.text.borrow_mut();
        text.push_str(line);
        text.push('\n');
    }

    /// A variable at a period, declared if it is new.
    fn declare(&mut self, pool: &Pool, var: Var, at: u32) {
        let info = pool.var_info(var);
        let at = if info.role == Role::Rigid { 0 } else { at };
        if info.role == Role::Bound || !self.declared.insert((var, at)) {
            return;
        }
        let name = name(pool, var, at);
        self.line(&format!("(declare-const {name} {})", smtlib::sort(info.sort)));
        if let Some(within) = smtlib::within(&name, info.bounds) {
            self.line(&format!("(assert {within})"));
        }
    }

    /// A term at a period, its variables declared.
    fn print(&mut self, pool: &Pool, term: Term, at: u32) -> String {
        for var in pool.variables([term]) {
            self.declare(pool, var, at);
        }
        smtlib::term(pool, term, &|var| name(pool, var, at))
    }

    fn literal(&mut self, pool: &Pool, literal: Literal) -> String {
        let text = self.print(pool, literal.term, literal.at);
        if literal.positive { text } else { format!("(not {text})") }
    }
}

/// A variable's name in the words of the spec, with its period: `known[2]@3`. The number of the
/// variable goes with it where another has the same name.
fn name(pool: &Pool, var: Var, at: u32) -> String {
    let info = pool.var_info(var);
    let shared = (0..var.0).any(|earlier| pool.var_info(Var(earlier)).name == info.name);
    let plain = if shared { format!("{}#{}", info.name, var.0) } else { info.name.clone() };
    match info.role {
        Role::Rigid | Role::Bound => smtlib::symbol(&plain),
        Role::State | Role::Input => smtlib::symbol(&format!("{plain}@{at}")),
    }
}

impl Solver for Script {
    fn assert(&mut self, pool: &Pool, term: Term, at: u32) {
        let text = self.print(pool, term, at);
        self.line(&format!("(assert {text})"));
    }

    fn assert_literal(&mut self, pool: &Pool, literal: Literal) {
        let text = self.literal(pool, literal);
        self.line(&format!("(assert {text})"));
    }

    fn assert_next(&mut self, pool: &Pool, var: Var, next: Term, at: u32) {
        self.declare(pool, var, at + 1);
        let value = self.print(pool, next, at);
        self.line(&format!("(assert (= {} {value}))", name(pool, var, at + 1)));
    }

    fn assert_distinct(&mut self, pool: &Pool, vars: &[Var], one: u32, other: u32) {
        let mut text = String::from("(assert (or false");
        for var in vars {
            self.declare(pool, *var, one);
            self.declare(pool, *var, other);
            let (a, b) = (name(pool, *var, one), name(pool, *var, other));
            // Writing to a string cannot fail.
            let _ = write!(text, " (distinct {a} {b})");
        }
        self.line(&format!("{text}))"));
    }

    fn note(&mut self, text: &str) {
        text.lines().for_each(|line| self.line(&format!("; {line}")));
    }

    fn check(&mut self, pool: &Pool, assumptions: &[Literal]) -> Answer {
        let assumed: Vec<String> = assumptions.iter().map(|l| self.literal(pool, *l)).collect();
        self.line("(push 1)");
        assumed.iter().for_each(|text| self.line(&format!("(assert {text})")));
        self.line("(check-sat)\n(pop 1)");
        if self.satisfiable { Answer::Sat } else { Answer::Unsat }
    }

    fn value(&mut self, _: &Pool, _: Var, _: u32) -> Value {
        Value::Bool(false)
    }

    fn core(&mut self) -> Vec<usize> {
        Vec::new()
    }
}
