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
mod system;

use rustc_hash::FxHashMap;

use super::Foreign;
use crate::engine::horn::clauses::{Clause, Clauses};
use crate::system::Problem;
use crate::term::smtlib::sexpr::{Sexpr, Sexprs, Trouble};
use crate::term::smtlib::symbol;

/// The name of the only question that clauses ask.
pub const QUESTION: &str = "safe";

/// A clause in its parts.
struct Parts {
    at: Sexpr,
    variables: Option<Sexpr>,
    body: Option<Sexpr>,
    /// `None` for `false`.
    head: Option<Sexpr>,
}

/// Reads a file.
///
/// # Errors
/// What is wrong with it, and where.
pub fn read(text: &str) -> Result<Foreign, Trouble> {
    let sexprs = Sexprs::parse(text)?;
    let mut clauses = Clauses { arrays: text.contains("(Array"), ..Clauses::default() };
    let mut parts = Vec::new();
    for command in sexprs.roots() {
        if let Some(body) = command_of(&sexprs, *command, &mut clauses)? {
            parts.push(split(&sexprs, body)?);
        }
    }
    if parts.is_empty() {
        let end = text.len();
        let trouble = Trouble::new(end.saturating_sub(1)..end, "the file has no clauses");
        return Err(trouble.help("write them as `(assert (forall (…) (=> body head)))`"));
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
fn command_of(
    sexprs: &Sexprs<'_>,
    command: Sexpr,
    clauses: &mut Clauses,
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

/// `∀x. body ⇒ head` in the ways that it is written.
fn split(sexprs: &Sexprs<'_>, asserted: Sexpr) -> Result<Parts, Trouble> {
    let mut parts = Parts { at: asserted, variables: None, body: None, head: Some(asserted) };
    let negated = match sexprs.call(asserted) {
        Some(("forall", [variables, matrix])) => {
            parts.variables = Some(*variables);
            parts.head = Some(*matrix);
            None
        }
        Some(("not", [inner])) => Some(*inner),
        _ => None,
    };
    if let Some(("exists", [variables, body])) = negated.and_then(|inner| sexprs.call(inner)) {
        return Ok(Parts { variables: Some(*variables), body: Some(*body), head: None, ..parts });
    }
    let Some(matrix) = parts.head else { return Ok(parts) };
    match sexprs.call(matrix) {
        Some(("=>", [body, head])) => {
            parts.body = Some(*body);
            parts.head = (sexprs.atom(*head) != Some("false")).then_some(*head);
        }
        Some(("not", [body])) => (parts.body, parts.head) = (Some(*body), None),
        Some(("or" | "and" | "=" | "ite" | "forall" | "exists" | "let", _)) => {
            let trouble =
                Trouble::new(sexprs.place(asserted), "this is not written as a Horn clause");
            return Err(trouble.help("write `(forall (…) (=> body head))`, one head in each"));
        }
        _ => {}
    }
    Ok(parts)
}

fn text_of(sexprs: &Sexprs<'_>, parts: &Parts) -> Clause {
    let variables = parts.variables.and_then(|list| sexprs.list(list)).unwrap_or_default();
    let pair = |item: &Sexpr| match sexprs.list(*item) {
        Some([name, sort]) => Some((sexprs.text(*name).to_owned(), sexprs.text(*sort).to_owned())),
        _ => None,
    };
    Clause {
        variables: variables.iter().filter_map(pair).collect(),
        body: parts.body.map_or("true", |body| sexprs.text(body)).to_owned(),
        head: parts.head.map(|head| sexprs.text(head).to_owned()),
    }
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
