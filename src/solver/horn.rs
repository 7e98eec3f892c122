//! Spacer (Komuravelli, Gurfinkel and Chaki 2014), Z3's solver of constrained Horn clauses.
//!
//! Clauses go in as text and answers come out as text: an interpretation of the predicates, or a
//! derivation of the query from ground facts. Nothing in an answer is to be believed. Spacer has
//! returned interpretations that do not hold (Z3 issue 6716), was unsound with datatypes (2641, 7611)
//! and hung when reused (7624): so there are no datatypes, every question has a fresh context, and
//! both kinds of answers are checked by others before anyone hears of them.
//!
//! Clauses are not inlined and arguments not sliced off, so that answers speak of the predicates as
//! they were given.

use super::context::undisturbed;
use z3::{Fixedpoint, FuncDecl, Params, SatResult, Sort};

/// What Spacer says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Horn {
    /// The query cannot be derived; an interpretation of the predicates, as Z3 prints it.
    Unreachable(String),
    /// The query can be derived; the derivation, as Z3 prints it.
    Reachable(String),
    /// Neither, and why.
    Unknown(String),
}

/// How Spacer is to work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// For arrays: quantified generalisation, which finds invariants over all elements.
    pub quantified: bool,
    /// Global guidance, for invariants that local generalisation does not come to.
    pub guided: bool,
    /// Join clauses first; then derivations leave predicates out.
    pub inline: bool,
    /// Seed of its choices.
    pub seed: u32,
}

/// The name of the query's predicate.
pub const QUERY: &str = "query!";

/// Asks whether [`QUERY`] can be derived from rules in Z3's text: `(declare-rel …)`, `(rule …)`.
/// To be called in a fresh thread, whose context is fresh too, within
/// [`interruptible`](super::context::interruptible).
pub fn solve(rules: &str, settings: Settings) -> Horn {
    let fixedpoint = Fixedpoint::new();
    fixedpoint.set_params(&params(settings));
    if let Err(reason) = fixedpoint.from_string(rules) {
        return Horn::Unknown(reason);
    }
    // Asked by its declaration, Spacer gives interpretations that leave predicates out.
    let Some(query) = FuncDecl::new(QUERY, &[], &Sort::bool()).apply(&[]).as_bool() else {
        return Horn::Unknown("the query is no formula".to_owned());
    };
    let answer = fixedpoint.query(&query);
    let text = || undisturbed(|| fixedpoint.get_answer().map(|answer| answer.to_string()));
    let told = |tell: fn(String) -> Horn| match text() {
        Some(answer) => tell(answer.unwrap_or_default()),
        None => Horn::Unknown("interrupted".to_owned()),
    };
    match answer {
        SatResult::Sat => told(Horn::Reachable),
        SatResult::Unsat => told(Horn::Unreachable),
        SatResult::Unknown => Horn::Unknown(fixedpoint.get_reason_unknown()),
    }
}

fn params(settings: Settings) -> Params {
    let mut params = Params::new();
    params.set_symbol("engine", "spacer");
    params.set_u32("spacer.random_seed", settings.seed);
    // Z3 would put a handler of its own in place of the program's, and swallow the interrupt.
    params.set_bool("ctrl_c", false);
    if !settings.inline {
        params.set_bool("xform.inline_eager", false);
        params.set_bool("xform.inline_linear", false);
        params.set_bool("xform.slice", false);
    }
    if settings.guided {
        params.set_bool("spacer.global", true);
    }
    if settings.quantified {
        params.set_bool("spacer.q3.use_qgen", true);
        params.set_bool("spacer.ground_pobs", false);
        params.set_bool("spacer.mbqi", false);
        params.set_bool("spacer.use_euf_gen", true);
    }
    params
}

/// Whether a script of definitions and assertions is satisfiable; `None` if Z3 does not say, or
/// does not read all of it: `assertions` is how many it must find.
pub fn satisfiable(script: &str, assertions: usize) -> Option<bool> {
    let solver = z3::Solver::new();
    let mut params = Params::new();
    params.set_bool("ctrl_c", false);
    solver.set_params(&params);
    solver.from_string(script);
    if solver.get_assertions().len() < assertions {
        return None;
    }
    match solver.check() {
        SatResult::Sat => Some(true),
        SatResult::Unsat => Some(false),
        SatResult::Unknown => None,
    }
}

#[cfg(test)]
#[allow(clippy::panic, reason = "tests")]
mod tests {
    use super::super::context::interruptible;
    use super::*;
    use std::time::{Duration, Instant};

    const SETTINGS: Settings =
        Settings { quantified: false, guided: false, inline: false, seed: 0 };

    fn counter(bad: &str) -> String {
        format!(
            "(declare-rel state (Int)) (declare-rel {QUERY} ())
             (rule (state 0))
             (rule (forall ((x Int)) (=> (state x) (state (+ x 2)))))
             (rule (forall ((x Int)) (=> (and (state x) {bad}) {QUERY})))"
        )
    }

    #[test]
    fn what_cannot_be_reached_has_an_interpretation() {
        let answer = std::thread::spawn(|| solve(&counter("(< x 0)"), SETTINGS)).join();
        let Ok(Horn::Unreachable(text)) = answer else { panic!("{answer:?}") };
        assert!(text.contains("state"), "{text}");
    }

    #[test]
    fn what_can_be_reached_has_a_derivation() {
        let answer = std::thread::spawn(|| solve(&counter("(= x 4)"), SETTINGS)).join();
        let Ok(Horn::Reachable(text)) = answer else { panic!("{answer:?}") };
        assert!(text.contains("(state 4)"), "{text}");
    }

    /// Interrupts come at 5 ms, so the pauses before let them fall into all of the work: the
    /// search, and the writing of the answer, in which one made Z3 read through a null pointer.
    #[test]
    fn an_interrupt_at_any_time_leaves_an_answer_or_a_reason() {
        for round in 0..240 {
            let rules = counter(if round % 2 == 0 { "(< x 0)" } else { "(= x 40)" });
            let work = || {
                std::thread::sleep(Duration::from_micros(round * 21));
                solve(&rules, SETTINGS)
            };
            let soon = Some(Instant::now() + Duration::from_millis(1));
            let answer = std::thread::scope(|scope| {
                scope.spawn(|| interruptible(&|| false, soon, work)).join()
            });
            match answer {
                Ok(Horn::Unreachable(text) | Horn::Reachable(text)) => assert!(!text.is_empty()),
                Ok(Horn::Unknown(_)) => {}
                Err(_) => panic!("round {round}"),
            }
        }
    }

    #[test]
    fn a_script_that_is_not_read_says_nothing() {
        let asked = |script: &'static str| std::thread::spawn(|| satisfiable(script, 1)).join();
        assert_eq!(asked("(assert true)").ok(), Some(Some(true)));
        assert_eq!(asked("(assert false)").ok(), Some(Some(false)));
        assert_eq!(asked("(assert (nonsense))").ok(), Some(None));
    }
}
