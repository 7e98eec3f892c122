//! VMT-LIB over arrays and bit-vectors: what terms cannot say becomes Horn clauses in text, for Spacer.
//!
//! One predicate holds of the states that are reached: first states are in it, steps lead from it into it,
//! states that lack the property are not in it. A definition stands around each clause that needs it, as a
//! `let`.

use rustc_hash::FxHashSet;

use super::{named, no_property};
use crate::engine::horn::clauses::{Clause, Clauses};
use crate::exchange::Foreign;
use crate::term::Pool;
use crate::term::smtlib::read::Reader;
use crate::term::smtlib::sexpr::{Sexpr, Sexprs, Trouble};

/// Whether a file declares something of a sort with arguments: an array or a bit-vector.
pub(super) fn is_needed(sexprs: &Sexprs<'_>) -> bool {
    sexprs.roots().iter().any(|command| match sexprs.call(*command) {
        Some(("declare-fun" | "declare-const", rest)) => {
            rest.last().is_some_and(|sort| sexprs.call(*sort).is_some())
        }
        _ => false,
    })
}

/// Reads a file.
///
/// # Errors
/// What is wrong with it, and where.
pub(super) fn read<'t>(sexprs: &'t Sexprs<'t>, end: usize) -> Result<Foreign, Trouble> {
    let mut file = Texts::new(sexprs);
    for command in sexprs.roots() {
        file.command(*command)?;
    }
    if file.properties.is_empty() {
        return Err(no_property(end));
    }
    let asked = file.properties.iter().map(|(name, good)| (name.clone(), file.clauses(*good)));
    Ok(Foreign { clauses: asked.collect(), ..Foreign::default() })
}

/// What a file says.
struct Texts<'t> {
    sexprs: &'t Sexprs<'t>,
    reader: Reader<'t>,
    /// Everything declared, with its sort.
    variables: Vec<(Sexpr, Sexpr)>,
    /// Definitions in order, with what they stand for.
    definitions: Vec<(Sexpr, Sexpr)>,
    /// Definitions with arguments, and of sorts.
    preamble: String,
    /// State variables with their next values.
    pairs: Vec<(Sexpr, Sexpr)>,
    init: Vec<Sexpr>,
    trans: Vec<Sexpr>,
    properties: Vec<(String, Sexpr)>,
}

impl<'t> Texts<'t> {
    fn new(sexprs: &'t Sexprs<'t>) -> Texts<'t> {
        Texts {
            sexprs,
            reader: Reader::new(sexprs, Pool::new()),
            variables: Vec::new(),
            definitions: Vec::new(),
            preamble: String::new(),
            pairs: Vec::new(),
            init: Vec::new(),
            trans: Vec::new(),
            properties: Vec::new(),
        }
    }

    fn command(&mut self, command: Sexpr) -> Result<(), Trouble> {
        let sexprs = self.sexprs;
        let at = sexprs.place(command);
        match sexprs.call(command) {
            Some(("set-info" | "set-logic" | "set-option" | "check-sat" | "exit", _)) => {}
            Some(("declare-const", [name, sort])) => self.variables.push((*name, *sort)),
            Some(("declare-fun", [name, none, sort])) if sexprs.list(*none) == Some(&[]) => {
                self.variables.push((*name, *sort));
            }
            Some(("define-fun", [name, none, _, body])) if sexprs.list(*none) == Some(&[]) => {
                let inner = self.marked(sexprs.atom(*name).unwrap_or_default(), *body, command)?;
                self.definitions.push((*name, inner));
            }
            Some(("define-fun" | "define-sort", _)) => {
                self.preamble += sexprs.text(command);
                self.preamble.push('\n');
            }
            Some(("assert", [body])) => _ = self.marked("property", *body, command)?,
            _ => {
                let short: String = sexprs.text(command).chars().take(40).collect();
                let trouble = Trouble::new(at, format!("`{short}` is not supported"));
                return Err(trouble
                    .help("beside arrays and bit-vectors a file declares, defines and annotates"));
            }
        }
        Ok(())
    }

    /// Takes in what an expression is marked as; returns it without the marks.
    fn marked(&mut self, name: &str, body: Sexpr, at: Sexpr) -> Result<Sexpr, Trouble> {
        let Some((inner, attributes)) = self.reader.annotated(body) else { return Ok(body) };
        for (key, value) in attributes {
            match (key.as_str(), value) {
                ("next", Some(next)) => self.pairs.push((inner, next)),
                ("init", _) => self.init.push(inner),
                ("trans", _) => self.trans.push(inner),
                ("invar-property", value) => {
                    self.properties.push((named(self.sexprs, name, value), inner));
                }
                ("next" | "live-property" | "ltl-property", _) => {
                    let message =
                        format!("`:{key}` is not supported beside arrays and bit-vectors");
                    let trouble = Trouble::new(self.sexprs.place(at), message);
                    return Err(trouble.help("state it as `:invar-property`"));
                }
                _ => {}
            }
        }
        Ok(inner)
    }

    /// The question whether a state that lacks a property is reached.
    fn clauses(&self, good: Sexpr) -> Clauses {
        let sexprs = self.sexprs;
        let text = |sexpr: Sexpr| sexprs.text(sexpr).to_owned();
        let pairs =
            |list: &[(Sexpr, Sexpr)]| list.iter().map(|(a, b)| (text(*a), text(*b))).collect();
        let variables: Vec<(String, String)> = pairs(&self.variables);
        let [now, next] = [0, 1].map(|which| {
            let terms = self.pairs.iter().map(|(now, next)| [*now, *next]);
            itertools::join(terms.filter_map(|pair| pair.get(which).map(|t| text(*t))), " ")
        });
        let predicate = self.free_name();
        let [now, next] = [now, next].map(|arguments| match arguments.as_str() {
            "" => predicate.clone(),
            arguments => format!("({predicate} {arguments})"),
        });
        let clause = |before: Option<&String>, terms: &[(Sexpr, bool)], head: Option<&String>| {
            let holds = self.conjunction(terms);
            let body =
                before.map_or_else(|| holds.clone(), |state| format!("(and {state} {holds})"));
            Clause { variables: variables.clone(), body, head: head.cloned() }
        };
        let holding = |terms: &[Sexpr]| terms.iter().map(|t| (*t, true)).collect::<Vec<_>>();
        // A property that speaks of next values is about steps.
        let step = if self.reads_next(good) { holding(&self.trans) } else { Vec::new() };
        let bad: Vec<(Sexpr, bool)> = step.into_iter().chain([(good, false)]).collect();
        let clauses = vec![
            clause(None, &holding(&self.init), Some(&now)),
            clause(Some(&now), &holding(&self.trans), Some(&next)),
            clause(Some(&now), &bad, None),
        ];
        let sort_of = |name: &Sexpr| {
            let declared = self.variables.iter();
            let mut same = declared.filter(|(other, _)| sexprs.atom(*other) == sexprs.atom(*name));
            same.next().map_or_else(|| "Bool".to_owned(), |(_, sort)| text(*sort))
        };
        let sorts = self.pairs.iter().map(|(now, _)| sort_of(now)).collect();
        let names =
            self.pairs.iter().map(|(now, _)| sexprs.atom(*now).unwrap_or_default().to_owned());
        Clauses {
            preamble: self.preamble.clone(),
            names: [(predicate.clone(), names.collect())].into(),
            predicates: vec![(predicate, sorts)],
            clauses,
            arrays: self.variables.iter().any(|(_, sort)| sexprs.text(*sort).contains("Array")),
        }
    }

    /// Formulas, to hold or not to, joined by `and`, within the definitions that they need.
    fn conjunction(&self, terms: &[(Sexpr, bool)]) -> String {
        let sexprs = self.sexprs;
        let parts = terms.iter().map(|(term, holds)| match holds {
            true => sexprs.text(*term).to_owned(),
            false => format!("(not {})", sexprs.text(*term)),
        });
        let body = format!("(and true {})", itertools::join(parts, " "));
        let needed = self.needed(terms.iter().map(|(term, _)| *term));
        let lets = needed.iter().map(|(name, value)| {
            format!("(let (({} {})) ", sexprs.text(*name), sexprs.text(*value))
        });
        format!("{}{body}{}", lets.collect::<String>(), ")".repeat(needed.len()))
    }

    /// The definitions that terms need, in order.
    fn needed(&self, terms: impl Iterator<Item = Sexpr>) -> Vec<(Sexpr, Sexpr)> {
        let sexprs = self.sexprs;
        let mut atoms: FxHashSet<&str> = terms.flat_map(|term| sexprs.atoms_in(term)).collect();
        let mut needed = Vec::new();
        for (name, value) in self.definitions.iter().rev() {
            if sexprs.atom(*name).is_some_and(|name| atoms.contains(name)) {
                atoms.extend(sexprs.atoms_in(*value));
                needed.push((*name, *value));
            }
        }
        needed.reverse();
        needed
    }

    fn reads_next(&self, term: Sexpr) -> bool {
        let sexprs = self.sexprs;
        let next: FxHashSet<_> = self.pairs.iter().map(|(_, next)| sexprs.atom(*next)).collect();
        let terms = self.needed([term].into_iter()).into_iter().map(|(_, value)| value);
        let mut atoms = terms.chain([term]).flat_map(|term| sexprs.atoms_in(term));
        atoms.any(|atom| next.contains(&Some(atom)))
    }

    /// A name for the predicate that the file does not use.
    fn free_name(&self) -> String {
        let used: FxHashSet<&str> = self.sexprs.atoms().collect();
        let mut name = "reached".to_owned();
        while used.contains(name.as_str()) {
            name.push('!');
        }
        name
    }
}
