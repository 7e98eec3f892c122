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

use self::shape::{Names, Parts, Scoped};
use super::Foreign;
use crate::engine::horn::clauses::{Clause, Clauses};
use crate::system::Problem;
use crate::term::smtlib::sexpr::{Sexpr, Sexprs, Trouble};
use crate::term::smtlib::symbol;

/// The name of the only question that clauses ask.
pub const QUESTION: &str = "safe";

/// Reads a file.
///
/// # Errors
/// What is wrong with it, and where.
pub fn read(text: &str) -> Result<Foreign, Trouble> {
    let sexprs = Sexprs::parse(text)?;
    let mut clauses = Clauses { arrays: text.contains("(Array"), ..Clauses::default() };
    let (mut asserted, mut predicates) = (Vec::new(), Names::default());
    for command in sexprs.roots() {
        asserted.extend(command_of(&sexprs, *command, &mut clauses, &mut predicates)?);
    }
    if asserted.is_empty() {
        let end = text.len();
        let trouble = Trouble::new(end.saturating_sub(1)..end, "the file has no clauses");
        return Err(trouble.help("write them as `(assert (forall (…) (=> body head)))`"));
    }
    let mut parts = Vec::new();
    for formula in asserted {
        parts.extend(shape::clauses(&sexprs, &predicates, formula)?);
    }
    for part in &parts {
        clauses.clauses.push(text_of(&sexprs, part));
    }
    let problem = clause::read(&sexprs, &clauses, &parts)?;
    let problems = problem.map(|linear| (QUESTION.to_owned(), system::problem(linear)));
    Ok(Foreign {
        problems: problems.into_iter().collect(),
        clauses: Some(clauses),
        ..Foreign::default()
    })
}

/// Takes a command in; returns what it asserts.
fn command_of<'t>(
    sexprs: &Sexprs<'t>,
    command: Sexpr,
    clauses: &mut Clauses,
    predicates: &mut Names<'t>,
) -> Result<Option<Sexpr>, Trouble> {
    let place = sexprs.place(command);
    match sexprs.call(command) {
        Some(("assert", [body])) => Ok(Some(*body)),
        Some((
            "set-logic" | "set-info" | "set-option" | "check-sat" | "get-model" | "get-proof"
            | "exit",
            _,
        )) => Ok(None),
        Some(("declare-fun", [name, sorts, range])) if sexprs.atom(*range) == Some("Bool") => {
            let (Some(name), Some(sorts)) = (sexprs.atom(*name), sexprs.list(*sorts)) else {
                return Err(Trouble::new(place, "a predicate has a name and a list of sorts"));
            };
            let sorts = sorts.iter().map(|s| sexprs.text(*s).to_owned()).collect();
            clauses.predicates.push((name.to_owned(), sorts));
            predicates.insert(name);
            Ok(None)
        }
        Some(("declare-fun" | "declare-const", _)) => {
            let trouble = Trouble::new(place, "only predicates are declared in Horn clauses");
            Err(trouble.help("quantify it in each clause that uses it"))
        }
        Some((
            "define-fun" | "define-sort" | "declare-datatypes" | "declare-datatype"
            | "declare-sort",
            _,
        )) => {
            clauses.preamble += sexprs.text(command);
            clauses.preamble.push('\n');
            Ok(None)
        }
        _ => {
            let short: String = sexprs.text(command).chars().take(40).collect();
            let trouble = Trouble::new(place, format!("`{short}` is not supported"));
            Err(trouble.help("a file of Horn clauses declares predicates and asserts clauses"))
        }
    }
}

fn text_of(sexprs: &Sexprs<'_>, parts: &Parts) -> Clause {
    let pair = |item: &Sexpr| match sexprs.list(*item) {
        Some([name, sort]) => Some((sexprs.text(*name).to_owned(), sexprs.text(*sort).to_owned())),
        _ => None,
    };
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
        variables: parts.variables.iter().filter_map(pair).collect(),
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
