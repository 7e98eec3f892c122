//! Constrained Horn clauses in SMT-LIB (`(set-logic HORN)`, chc-comp.github.io).
//!
//! Predicates are sets of reachable tuples: a clause `∀x. body ⇒ P(x)` adds to them, a clause
//! `∀x. body ⇒ false` says what must not be reached. The clauses are satisfiable iff nothing is
//! reached that must not be.
//!
//! Linear clauses over Bool, Int and Real are read as a transition system (`chc::system`), so that
//! every engine applies. All others, over arrays or bit-vectors say, stay text ([`Clauses`]) for a
//! solver of Horn clauses, whose answers are checked clause by clause.

mod clause;
mod shape;
mod system;

use rustc_hash::FxHashMap;

use self::shape::{Names, Parts, Scoped, Variables};
use super::Foreign;
use crate::engine::horn::clauses::{Clause, Clauses};
use crate::system::Problem;
use crate::term::smtlib::sexpr::{Sexpr, Sexprs, Trouble};
use crate::term::smtlib::symbol;

/// The name of the only question that clauses ask.
const QUESTION: &str = "safe";

/// Reads a file.
///
/// # Errors
/// What is wrong with it, and where.
pub fn read(text: &str) -> Result<Foreign, Trouble> {
    let sexprs = Sexprs::parse(text)?;
    let mut clauses = Clauses { arrays: text.contains("(Array"), ..Clauses::default() };
    let mut said = Said::default();
    for command in sexprs.roots() {
        command_of(&sexprs, *command, &mut clauses, &mut said)?;
    }
    let Said { predicates, variables, formulas } = said;
    if formulas.is_empty() {
        let end = text.len();
        let trouble = Trouble::new(end.saturating_sub(1)..end, "the file has no clauses");
        return Err(trouble.help("write them as `(assert (forall (…) (=> body head)))`"));
    }
    let mut parts = Vec::new();
    for said in formulas {
        parts.extend(shape::clauses(&sexprs, &predicates, &variables, said)?);
    }
    for part in &parts {
        clauses.clauses.push(text_of(&sexprs, part));
    }
    let problem = clause::read(&sexprs, &clauses, &parts)?;
    let problems = problem.map(|linear| (QUESTION.to_owned(), system::problem(linear)));
    Ok(Foreign {
        problems: problems.into_iter().collect(),
        clauses: vec![(QUESTION.to_owned(), clauses)],
        ..Foreign::default()
    })
}

/// What the commands of a file say.
#[derive(Default)]
struct Said<'t> {
    predicates: Names<'t>,
    /// Variables of all rules, with their sorts.
    variables: Variables,
    /// What is to hold, or, if `false`, not to be reached.
    formulas: Vec<(Sexpr, bool)>,
}

/// Takes a command in. Besides SMT-LIB's, Z3 has commands of its own: `declare-rel`, `declare-var`, `rule`, `query`.
fn command_of<'t>(
    sexprs: &Sexprs<'t>,
    command: Sexpr,
    clauses: &mut Clauses,
    said: &mut Said<'t>,
) -> Result<(), Trouble> {
    let place = sexprs.place(command);
    match sexprs.call(command) {
        Some(("assert", [formula]) | ("rule", [formula, ..])) => {
            said.formulas.push((*formula, true))
        }
        Some(("query", [formula, ..])) => said.formulas.push((*formula, false)),
        Some(("declare-var", [name, sort])) => said.variables.push((*name, *sort)),
        Some((
            "set-logic" | "set-info" | "set-option" | "check-sat" | "get-model" | "get-proof"
            | "exit",
            _,
        )) => {}
        Some(("declare-fun", [name, sorts, range])) if sexprs.atom(*range) == Some("Bool") => {
            predicate(sexprs, (*name, *sorts), place, clauses, said)?;
        }
        Some(("declare-rel", [name, sorts, ..])) => {
            predicate(sexprs, (*name, *sorts), place, clauses, said)?;
        }
        Some(("declare-fun" | "declare-const", _)) => {
            let trouble = Trouble::new(place, "only predicates are declared in Horn clauses");
            return Err(trouble.help("quantify it in each clause that uses it"));
        }
        Some((
            "define-fun" | "define-sort" | "declare-datatypes" | "declare-datatype"
            | "declare-sort",
            _,
        )) => {
            clauses.preamble += sexprs.text(command);
            clauses.preamble.push('\n');
        }
        _ => {
            let short: String = sexprs.text(command).chars().take(40).collect();
            let trouble = Trouble::new(place, format!("`{short}` is not supported"));
            let help = "a file of Horn clauses declares predicates and asserts clauses";
            return Err(trouble.help(help));
        }
    }
    Ok(())
}

fn predicate<'t>(
    sexprs: &Sexprs<'t>,
    (name, sorts): (Sexpr, Sexpr),
    place: std::ops::Range<usize>,
    clauses: &mut Clauses,
    said: &mut Said<'t>,
) -> Result<(), Trouble> {
    let (Some(name), Some(sorts)) = (sexprs.atom(name), sexprs.list(sorts)) else {
        return Err(Trouble::new(place, "a predicate has a name and a list of sorts"));
    };
    let sorts = sorts.iter().map(|s| sexprs.text(*s).to_owned()).collect();
    clauses.predicates.push((name.to_owned(), sorts));
    said.predicates.insert(name);
    Ok(())
}

fn text_of(sexprs: &Sexprs<'_>, parts: &Parts) -> Clause {
    let text = |sexpr: Sexpr| sexprs.text(sexpr).to_owned();
    let assumed = parts.body.iter().map(|(part, holds)| match holds {
        true => part.text(sexprs),
        false => format!("(not {})", part.text(sexprs)),
    });
    let body = match assumed.collect::<Vec<_>>().as_slice() {
        [] => "true".to_owned(),
        [one] => one.clone(),
        several => format!("(and {})", several.join(" ")),
    };
    Clause {
        variables: parts.variables.iter().map(|(name, sort)| (text(*name), text(*sort))).collect(),
        body,
        head: parts.head.as_ref().map(|head| applied(sexprs, head)),
    }
}

/// A predicate applied, each argument within the bindings that it needs.
fn applied(sexprs: &Sexprs<'_>, head: &Scoped) -> String {
    let Some([name, arguments @ ..]) = sexprs.list(head.sexpr) else {
        return sexprs.text(head.sexpr).to_owned();
    };
    let arguments = arguments.iter().map(|argument| head.with(*argument).text(sexprs));
    format!("({} {})", sexprs.text(*name), itertools::join(arguments, " "))
}

/// Writes a problem's clauses.
///
/// # Errors
/// None: the format can say every problem.
pub fn write(problem: &Problem, name: &str) -> Result<String, String> {
    let clauses = Clauses::of(problem);
    let mut text = format!("; {name}, written by yamen {}\n", env!("CARGO_PKG_VERSION"));
    text += "(set-logic HORN)\n";
    for (name, sorts) in &clauses.predicates {
        text += &format!("(declare-fun {} ({}) Bool)\n", symbol(name), sorts.join(" "));
    }
    for clause in &clauses.clauses {
        text += &format!("(assert {})\n", clause.text("false"));
    }
    Ok(text + "(check-sat)\n")
}

/// The declared sorts of predicates, by name, where terms have them.
fn arities(clauses: &Clauses) -> FxHashMap<&str, usize> {
    clauses.predicates.iter().map(|(name, sorts)| (name.as_str(), sorts.len())).collect()
}
