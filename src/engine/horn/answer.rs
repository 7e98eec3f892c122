//! What Spacer answers, taken apart: interpretations and derivations.
//!
//! Both are read from Z3's text. A derivation is a tree of hyper-resolutions; its nodes, premises
//! before conclusions, are ground facts. An interpretation is a conjunction of equivalences
//! `∀x. P(x) = φ`. Whatever does not look like that is left out, which can only make a check fail.

use rustc_hash::FxHashMap;

use crate::term::smtlib::sexpr::{Sexpr, Sexprs, Trouble};

/// A ground fact of a derivation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// Its predicate.
    pub predicate: String,
    /// Its arguments, as text.
    pub arguments: Vec<String>,
    /// Where the facts stand that it follows from.
    pub premises: Vec<usize>,
}

/// A predicate's interpretation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interpretation {
    /// The predicate.
    pub predicate: String,
    /// Names of its arguments with their sorts, as text.
    pub parameters: Vec<(String, String)>,
    /// When it holds, as text over the names.
    pub body: String,
}

/// The facts of a derivation, in an order in which each follows from earlier ones.
///
/// # Errors
/// The text is no S-expression.
pub fn derivation(text: &str) -> Result<Vec<Fact>, Trouble> {
    let sexprs = Sexprs::parse(text)?;
    let mut reader = Answer { sexprs: &sexprs, facts: Vec::new(), known: FxHashMap::default() };
    for root in sexprs.roots() {
        reader.fact(*root, &[]);
    }
    Ok(reader.facts)
}

/// The interpretations in an answer.
///
/// # Errors
/// The text is no S-expression.
pub fn interpretations(text: &str) -> Result<Vec<Interpretation>, Trouble> {
    let sexprs = Sexprs::parse(text)?;
    let reader = Answer { sexprs: &sexprs, facts: Vec::new(), known: FxHashMap::default() };
    let mut found = Vec::new();
    for root in sexprs.roots() {
        reader.interpretation(*root, &[], &[], &mut found);
    }
    Ok(found)
}

struct Answer<'t> {
    sexprs: &'t Sexprs<'t>,
    facts: Vec<Fact>,
    known: FxHashMap<usize, Option<usize>>,
}

impl Answer<'_> {
    /// The expression that a name stands for, with the scopes it stands in; the scopes are the
    /// lists of names of the `let`s around.
    fn meaning<'s>(&self, name: &str, scopes: &'s [Sexpr]) -> Option<(Sexpr, &'s [Sexpr])> {
        let (innermost, outer) = scopes.split_last()?;
        let bindings = self.sexprs.list(*innermost).unwrap_or_default();
        let bound = bindings.iter().find_map(|binding| match self.sexprs.list(*binding) {
            Some([key, value]) if self.sexprs.atom(*key) == Some(name) => Some(*value),
            _ => None,
        });
        match bound {
            Some(value) => Some((value, outer)),
            None => self.meaning(name, outer),
        }
    }

    /// What an expression is once names and `let`s are looked through.
    fn bare<'s>(&self, sexpr: Sexpr, scopes: &'s [Sexpr]) -> (Sexpr, &'s [Sexpr]) {
        match self.sexprs.atom(sexpr).and_then(|name| self.meaning(name, scopes)) {
            Some((value, outer)) => self.bare(value, outer),
            None => (sexpr, scopes),
        }
    }

    /// Adds the fact that a proof ends in; returns where it stands.
    fn fact(&mut self, proof: Sexpr, scopes: &[Sexpr]) -> Option<usize> {
        stacker::maybe_grow(64 * 1024, 1024 * 1024, || {
            let (proof, scopes) = self.bare(proof, scopes);
            let at = self.sexprs.place(proof).start;
            if let Some(known) = self.known.get(&at) {
                return *known;
            }
            let fact = self.fact_of(proof, scopes);
            self.known.insert(at, fact);
            fact
        })
    }

    fn fact_of(&mut self, proof: Sexpr, scopes: &[Sexpr]) -> Option<usize> {
        let sexprs = self.sexprs;
        let items = sexprs.list(proof)?;
        if let Some(("let", [bindings, body])) = sexprs.call(proof) {
            let mut inner = scopes.to_vec();
            inner.push(*bindings);
            return self.fact(*body, &inner);
        }
        let (head, rest) = items.split_first()?;
        let step = match sexprs.atom(*head) {
            Some("mp" | "asserted") => true,
            Some(_) => return None,
            None => sexprs.list(*head).is_some_and(|head| {
                head.iter().any(|word| sexprs.atom(*word) == Some("hyper-res"))
            }),
        };
        let (conclusion, before) = rest.split_last()?;
        if !step {
            return None;
        }
        let premises: Vec<usize> = before.iter().filter_map(|p| self.fact(*p, scopes)).collect();
        let (predicate, arguments) = self.ground(*conclusion, scopes)?;
        self.facts.push(Fact { predicate, arguments, premises });
        Some(self.facts.len() - 1)
    }

    /// A predicate's application as its name and arguments; not a clause or a constant.
    fn ground(&self, atom: Sexpr, scopes: &[Sexpr]) -> Option<(String, Vec<String>)> {
        let (atom, scopes) = self.bare(atom, scopes);
        if let Some(name) = self.sexprs.atom(atom) {
            return (name != "false" && name != "true").then(|| (name.to_owned(), Vec::new()));
        }
        match self.sexprs.call(atom)? {
            ("forall" | "=>" | "let" | "not" | "and" | "or" | "=", _) => None,
            (name, rest) => {
                Some((name.to_owned(), rest.iter().map(|a| self.wrapped(*a, scopes)).collect()))
            }
        }
    }

    /// The text of an expression with the `let`s around it, if it has any use for them.
    fn wrapped(&self, sexpr: Sexpr, scopes: &[Sexpr]) -> String {
        let text = self.sexprs.text(sexpr).to_owned();
        if !text.contains("a!") {
            return text;
        }
        scopes
            .iter()
            .rev()
            .fold(text, |text, scope| format!("(let {} {text})", self.sexprs.text(*scope)))
    }

    fn interpretation(
        &self,
        answer: Sexpr,
        scopes: &[Sexpr],
        parameters: &[(String, String)],
        found: &mut Vec<Interpretation>,
    ) {
        stacker::maybe_grow(64 * 1024, 1024 * 1024, || {
            let (answer, scopes) = self.bare(answer, scopes);
            match self.sexprs.call(answer) {
                Some(("let", [bindings, body])) => {
                    let mut inner = scopes.to_vec();
                    inner.push(*bindings);
                    self.interpretation(*body, &inner, parameters, found);
                }
                Some(("and", list)) if parameters.is_empty() => {
                    list.iter().for_each(|part| self.interpretation(*part, scopes, &[], found));
                }
                Some(("!", [inner, ..])) => self.interpretation(*inner, scopes, parameters, found),
                Some(("forall", [variables, body])) => {
                    let variables = self.sexprs.list(*variables).unwrap_or_default();
                    let parameters = variables.iter().filter_map(|v| match self.sexprs.list(*v) {
                        Some([name, sort]) => Some((
                            self.sexprs.text(*name).to_owned(),
                            self.sexprs.text(*sort).to_owned(),
                        )),
                        _ => None,
                    });
                    let parameters: Vec<(String, String)> = parameters.collect();
                    self.interpretation(*body, scopes, &parameters, found);
                }
                Some(("=", [atom, body])) => {
                    let body = self.wrapped(*body, scopes);
                    self.equivalence(*atom, scopes, parameters, body, found);
                }
                Some(("not", [atom])) => {
                    self.equivalence(*atom, scopes, parameters, "false".to_owned(), found);
                }
                _ => self.equivalence(answer, scopes, parameters, "true".to_owned(), found),
            }
        });
    }

    /// Takes `P(x) = body` in, with the parameters in the order of the predicate's arguments.
    fn equivalence(
        &self,
        atom: Sexpr,
        scopes: &[Sexpr],
        parameters: &[(String, String)],
        body: String,
        found: &mut Vec<Interpretation>,
    ) {
        let Some((predicate, arguments)) = self.ground(atom, scopes) else { return };
        let sorted = arguments
            .iter()
            .map(|argument| parameters.iter().find(|(name, _)| name == argument).cloned());
        if let Some(parameters) = sorted.collect::<Option<Vec<_>>>() {
            found.push(Interpretation { predicate, parameters, body });
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn facts_come_after_their_premises() {
        let text = "(let ((a!1 (forall ((A Int)) (=> (P A) (P (+ A 1)))))
              (a!2 (asserted (P 0))))
          (let ((a!3 ((_ hyper-res 0 0 0 1) (asserted a!1) a!2 (P 1))))
            (mp ((_ hyper-res 0 0 0 1) (asserted (=> (P 1) query!)) a!3 query!)
                (asserted (=> query! false)) false)))";
        let facts = derivation(text).unwrap();
        let seen: Vec<(&str, &[usize])> =
            facts.iter().map(|f| (f.predicate.as_str(), f.premises.as_slice())).collect();
        assert_eq!(seen, [("P", &[][..]), ("P", &[0][..]), ("query!", &[1][..])]);
        assert_eq!(facts[1].arguments, ["1"]);
    }

    #[test]
    fn interpretations_keep_the_names_around_them() {
        let text = "(let ((a!1 (+ 1 2))) (and (forall ((A Int) (B Bool)) (! (= (P B A) (= A a!1)) :weight 0)) (not q)))";
        let found = interpretations(text).unwrap();
        assert_eq!(found[0].parameters[0], ("B".to_owned(), "Bool".to_owned()));
        assert_eq!(found[0].body, "(let ((a!1 (+ 1 2))) (= A a!1))");
        assert_eq!((found[1].predicate.as_str(), found[1].body.as_str()), ("q", "false"));
    }
}
