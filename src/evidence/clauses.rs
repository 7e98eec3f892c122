//! Answers about Horn clauses, checked clause by clause.
//!
//! An interpretation satisfies the clauses if for each of them no values satisfy the body and not
//! the head. A derivation derives the query if each of its facts is the head of some clause whose
//! body holds when its predicates are no more than the fact's premises. Both are put to a fresh solver
//! in the context of checks, as text: this is how arrays and bit-vectors, which no term stands for, are
//! checked too.

use super::recheck::Check;
use crate::engine::Budget;
use crate::engine::horn::answer::{Fact, Interpretation};
use crate::engine::horn::clauses::{Clause, Clauses, pairs};
use crate::engine::lanes::CHECKING;
use crate::solver::context::interruptible;
use crate::solver::horn::{QUERY, satisfiable};
use crate::term::smtlib::sexpr::{Sexpr, Sexprs};
use crate::term::smtlib::symbol;

/// Whether the interpretations satisfy every clause. Predicates that an answer says nothing about
/// may hold of everything or of nothing, whichever the clauses allow.
pub fn interpreted(clauses: &Clauses, found: &[Interpretation], budget: Budget<'_>) -> Check {
    match satisfied(clauses, found, "true", budget) {
        Check::Fails(_) => satisfied(clauses, found, "false", budget),
        check => check,
    }
}

/// The same, with the others holding as is said.
fn satisfied(
    clauses: &Clauses,
    found: &[Interpretation],
    others: &str,
    budget: Budget<'_>,
) -> Check {
    let mut definitions = clauses.preamble.clone();
    for (name, sorts) in &clauses.predicates {
        definitions += &match found.iter().find(|i| i.predicate == *name) {
            Some(i) if i.parameters.iter().map(|(_, sort)| sort).eq(sorts) => {
                defined(name, &i.parameters, &i.body)
            }
            _ => defined(name, &numbered(sorts), others),
        };
    }
    for (n, clause) in clauses.clauses.iter().enumerate() {
        let head = clause.head.as_deref().unwrap_or("false");
        let (constants, body) = (constants(clause), &clause.body);
        let values = format!("{definitions}{constants}(assert {body})\n(assert (not {head}))\n");
        let whole = format!("{definitions}(assert (not {}))\n", clause.text("false"));
        // The two ways to put it are one to a logician, but not to a solver.
        let answer = asked(&values, 2, budget).or_else(|| asked(&whole, 1, budget));
        match answer {
            Some(false) => {}
            Some(true) => return Check::Fails(format!("clause {} is not satisfied", n + 1)),
            None => return Check::Open(format!("clause {} was not decided", n + 1)),
        }
    }
    Check::Holds(format!("each of {} clauses", clauses.clauses.len()))
}

/// Whether the facts derive the query.
pub fn derived(clauses: &Clauses, facts: &[Fact], budget: Budget<'_>) -> Check {
    let Some(end) = facts.iter().rposition(|fact| fact.predicate == QUERY) else {
        return Check::Fails("the derivation does not come to an end".to_owned());
    };
    let mut needed = vec![end];
    let mut seen = Vec::new();
    while let Some(at) = needed.pop() {
        if seen.contains(&at) {
            continue;
        }
        seen.push(at);
        let Some(fact) = facts.get(at) else { continue };
        // Premises come first, so that no fact rests on itself.
        if fact.premises.iter().any(|p| *p >= at) {
            return Check::Fails("the derivation goes in a circle".to_owned());
        }
        let follows = follows(clauses, facts, fact, budget);
        if follows != Some(true) {
            let fact = format!("({} {})", fact.predicate, fact.arguments.join(" "));
            return match follows {
                Some(_) => Check::Fails(format!("`{fact}` follows by no clause")),
                None => Check::Open(format!("whether `{fact}` follows was not decided")),
            };
        }
        needed.extend(&fact.premises);
    }
    Check::Holds(format!("each of {} facts", seen.len()))
}

/// Whether a fact follows from its premises by some clause.
fn follows(clauses: &Clauses, facts: &[Fact], fact: &Fact, budget: Budget<'_>) -> Option<bool> {
    let mut definitions = clauses.preamble.clone();
    for (name, sorts) in &clauses.predicates {
        let premises = fact.premises.iter().filter_map(|p| facts.get(*p));
        let tuples = premises.filter(|p| p.predicate == *name).map(|premise| {
            let values = premise.arguments.iter().enumerate();
            let equal = values.map(|(n, v)| format!("(= x!{n} {v})"));
            format!("(and true {})", itertools::join(equal, " "))
        });
        // Spacer leaves out premises that follow from nothing.
        let given =
            clauses.clauses.iter().filter_map(|clause| unconditional(clauses, clause, name));
        let body = itertools::join(tuples.chain(given), " ");
        definitions += &defined(name, &numbered(sorts), &format!("(or false {body})"));
    }
    let mut undecided = false;
    for clause in &clauses.clauses {
        let Some(goal) = reached(clause, fact) else { continue };
        let script = format!(
            "{definitions}{}(assert {})\n(assert {goal})\n",
            constants(clause),
            clause.body
        );
        match asked(&script, 2, budget) {
            Some(true) => return Some(true),
            Some(false) => {}
            None => undecided = true,
        }
    }
    (!undecided).then_some(false)
}

/// When a clause puts `x!0`, … into a predicate by itself; `None` for other clauses.
fn unconditional(clauses: &Clauses, clause: &Clause, predicate: &str) -> Option<String> {
    let sexprs = Sexprs::parse(clause.head.as_deref()?).ok()?;
    let (name, arguments) = application(&sexprs)?;
    if name != predicate || mentions(clauses, &clause.body) {
        return None;
    }
    let equal = arguments.iter().enumerate().map(|(n, a)| format!("(= x!{n} {})", sexprs.text(*a)));
    let matrix = format!("(and {} {})", clause.body, itertools::join(equal, " "));
    Some(match clause.variables.is_empty() {
        true => matrix,
        false => format!("(exists ({}) {matrix})", pairs(&clause.variables)),
    })
}

/// Whether a body needs any predicate; a body that cannot be read may.
fn mentions(clauses: &Clauses, body: &str) -> bool {
    Sexprs::parse(body).map_or(true, |sexprs| {
        sexprs.atoms().any(|atom| clauses.predicates.iter().any(|(name, _)| name == atom))
    })
}

/// The name and arguments of the only expression.
fn application<'t, 's>(sexprs: &'s Sexprs<'t>) -> Option<(&'t str, &'s [Sexpr])> {
    let root = *sexprs.roots().first()?;
    match sexprs.atom(root) {
        Some(name) => Some((name, &[])),
        None => sexprs.call(root),
    }
}

/// That a clause's head is the fact; `None` if it cannot be.
fn reached(clause: &Clause, fact: &Fact) -> Option<String> {
    let Some(head) = &clause.head else {
        return (fact.predicate == QUERY).then(|| "true".to_owned());
    };
    let sexprs = Sexprs::parse(head).ok()?;
    let (name, arguments) = application(&sexprs)?;
    if name != fact.predicate || arguments.len() != fact.arguments.len() {
        return None;
    }
    let equal = arguments.iter().zip(&fact.arguments);
    let equal = equal.map(|(argument, value)| format!("(= {} {value})", sexprs.text(*argument)));
    Some(format!("(and true {})", itertools::join(equal, " ")))
}

fn defined(name: &str, parameters: &[(String, String)], body: &str) -> String {
    format!("(define-fun {} ({}) Bool {body})\n", symbol(name), pairs(parameters))
}

fn numbered(sorts: &[String]) -> Vec<(String, String)> {
    sorts.iter().enumerate().map(|(n, sort)| (format!("x!{n}"), sort.clone())).collect()
}

fn constants(clause: &Clause) -> String {
    let declared = clause.variables.iter().map(|(n, s)| format!("(declare-fun {n} () {s})\n"));
    declared.collect()
}

/// Satisfiability, by a fresh solver in the context of checks.
fn asked(script: &str, assertions: usize, budget: Budget<'_>) -> Option<bool> {
    let work = || interruptible(budget.cancel, budget.deadline, || satisfiable(script, assertions));
    let answer = CHECKING.run(work).flatten();
    if budget.exhausted().is_some() { None } else { answer }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
mod tests {
    use super::*;
    use crate::engine::horn::{Found, solve};
    use crate::solver::horn::Settings;

    const NOW: Budget<'static> = Budget { cancel: &|| false, deadline: None, depth: None, seed: 0 };
    const SETTINGS: Settings =
        Settings { quantified: false, guided: false, inline: false, seed: 0 };

    fn clauses(bad: &str) -> Clauses {
        let x = vec![("x".to_owned(), "Int".to_owned())];
        let clause = |body: &str, head: Option<&str>| Clause {
            variables: x.clone(),
            body: body.to_owned(),
            head: head.map(str::to_owned),
        };
        Clauses {
            predicates: vec![("P".to_owned(), vec!["Int".to_owned()])],
            clauses: vec![
                clause("(= x 0)", Some("(P x)")),
                clause("(P x)", Some("(P (+ x 2))")),
                clause(&format!("(and (P x) {bad})"), None),
            ],
            ..Clauses::default()
        }
    }

    #[test]
    fn an_interpretation_is_checked_and_a_corrupted_one_rejected() {
        let clauses = clauses("(< x 0)");
        let Found::Interpreted(mut found) = solve(&clauses, SETTINGS, NOW) else { panic!("safe") };
        assert!(matches!(interpreted(&clauses, &found, NOW), Check::Holds(_)));
        let p = found.iter().position(|i| i.predicate == "P").unwrap();
        found[p].body = "(<= x 100)".replace('x', &found[p].parameters[0].0);
        assert!(matches!(interpreted(&clauses, &found, NOW), Check::Fails(_)));
        found[p].body = "(nonsense)".to_owned();
        assert!(!matches!(interpreted(&clauses, &found, NOW), Check::Holds(_)));
    }

    #[test]
    fn a_derivation_is_checked_and_a_corrupted_one_rejected() {
        let clauses = clauses("(= x 4)");
        let Found::Derived(mut facts) = solve(&clauses, SETTINGS, NOW) else { panic!("unsafe") };
        assert!(matches!(derived(&clauses, &facts, NOW), Check::Holds(_)), "{facts:?}");
        let two = facts.iter().position(|f| f.arguments == ["2"]).unwrap();
        facts[two].arguments = vec!["3".to_owned()];
        assert!(matches!(derived(&clauses, &facts, NOW), Check::Fails(_)));
        facts.retain(|f| f.predicate != QUERY);
        assert!(matches!(derived(&clauses, &facts, NOW), Check::Fails(_)));
    }
}
