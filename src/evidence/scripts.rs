//! A proof as SMT-LIB scripts, for solvers that are not ours.
//!
//! One script for each obligation; every `check-sat` in it must answer `unsat`.
//! Variables are called as in the spec, with the period behind them, so that a
//! reader can tell what is being asked. Lemmas that a proof rests on are asserted
//! in it and have certificates of their own.

use std::cell::RefCell;
use std::rc::Rc;

use super::obligations::show;
use super::spoiling;
use super::worlds::{self, Facts};
use crate::engine::Proof;
use crate::engine::ranking::{self, Ranking};
use crate::solver::smtlib::Script;
use crate::solver::{Answer, Solver};
use crate::system::Problem;
use crate::system::liveness::Live;
use crate::term::{Pool, Term};

/// What a solver must answer to each check of a script.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Expect {
    /// There is a model.
    Sat,
    /// There is none.
    #[default]
    Unsat,
}

/// An obligation as text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Obligation {
    /// What it is: `initiation`, `step`, …
    pub name: String,
    /// The script.
    pub text: String,
    /// What every check of it must answer.
    pub expect: Expect,
}

/// The obligations of a proof.
pub fn of_proof(problem: &Problem, proof: &Proof) -> Vec<Obligation> {
    collect(|fresh| show(problem, proof, fresh))
}

/// The obligations of a ranking.
pub fn of_ranking(live: &Live, ranking: &Ranking) -> Vec<Obligation> {
    collect(|fresh| {
        let fresh = RefCell::new(fresh);
        Some(ranking::check(live, ranking, &|| (fresh.borrow_mut())("ranking")))
    })
}

/// That something is not known.
pub fn of_worlds(facts: &Facts<'_>) -> Vec<Obligation> {
    collect_all(Expect::Sat, |fresh| Some(worlds::show(facts, fresh)))
}

/// That a coalition which does not see everything cannot force its goal.
pub fn of_spoiling(facts: &spoiling::Facts<'_>) -> Vec<Obligation> {
    let mut all = collect_all(Expect::Sat, |fresh| Some(spoiling::there(facts, fresh)));
    let there = all.len();
    all.extend(collect_all(Expect::Unsat, |fresh| Some(spoiling::complete(facts, fresh))));
    for (n, obligation) in all.iter_mut().enumerate().skip(there) {
        let name = obligation.name.split_once('-').map_or("", |(_, name)| name);
        obligation.name = format!("{}-{name}", n + 1);
    }
    all
}

/// Whether terms over parameters hold together.
pub fn of_terms(pool: &Pool, terms: &[Term], name: &str, expect: Expect) -> Obligation {
    let answer = if expect == Expect::Sat { "satisfiable" } else { "unsatisfiable" };
    let mut script = Script::new(&[format!("{name}: every check must be {answer}")]);
    terms.iter().for_each(|term| script.assert(pool, *term, 0));
    script.check(pool, &[]);
    let text = script.text().borrow().clone();
    Obligation { name: format!("1-{name}"), text, expect }
}

/// Has all scripts written that `lead` asks for.
fn collect(
    lead: impl FnOnce(&mut dyn FnMut(&'static str) -> Script) -> Option<Result<(), Answer>>,
) -> Vec<Obligation> {
    collect_all(Expect::Unsat, lead)
}

/// The same, every check of which must answer this.
fn collect_all<T>(
    expect: Expect,
    lead: impl FnOnce(&mut dyn FnMut(&'static str) -> Script) -> Option<T>,
) -> Vec<Obligation> {
    let mut scripts: Vec<(&'static str, Rc<RefCell<String>>)> = Vec::new();
    let answer = if expect == Expect::Sat { "satisfiable" } else { "unsatisfiable" };
    // A script takes every obligation to hold, so there is no other answer.
    let _ = lead(&mut |name| {
        let script = Script::new(&[format!("{name}: every check must be {answer}")]);
        let script = if expect == Expect::Sat { script.satisfiable() } else { script };
        scripts.push((name, script.text()));
        script
    });
    let asked = scripts.into_iter().filter(|(_, text)| text.borrow().contains("(check-sat)"));
    asked
        .enumerate()
        .map(|(n, (name, text))| Obligation {
            name: format!("{}-{name}", n + 1),
            text: text.borrow().clone(),
            expect,
        })
        .collect()
}
