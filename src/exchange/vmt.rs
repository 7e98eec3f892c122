//! VMT-LIB: transition systems in SMT-LIB 2 (vmt-lib.fbk.eu).
//!
//! `(define-fun .x () Int (! x :next x'))` pairs a variable with its next value; `:init true`,
//! `:trans true`, `:invar-property n` and `:live-property n` mark the formulas. A declared variable
//! that has no next value and is none is drawn anew in every step. An invariant property holds in
//! every state that can be reached, whether or not a step leads on. Where arrays or bit-vectors are declared,
//! the file becomes Horn clauses in text (`beyond`).

mod beyond;

use rustc_hash::{FxHashMap, FxHashSet};

use super::Foreign;
use super::functional::Relation;
use crate::system::liveness::Live;
use crate::system::{Problem, StateVar, System};
use crate::term::smtlib::read::{Attributes, Reader};
use crate::term::smtlib::sexpr::{Sexpr, Sexprs, Trouble};
use crate::term::smtlib::{Symbols, sort, symbol, term, within};
use crate::term::{Node, Pool, Role, Term, Var};

/// Reads a file.
///
/// # Errors
/// What is wrong with it, and where.
pub fn read(text: &str) -> Result<Foreign, Trouble> {
    let sexprs = Sexprs::parse(text)?;
    if beyond::is_needed(&sexprs) {
        return beyond::read(&sexprs, text.len());
    }
    let mut file = File::new(&sexprs);
    for command in sexprs.roots() {
        file.command(*command)?;
    }
    file.finish(text.len())
}

struct File<'t> {
    sexprs: &'t Sexprs<'t>,
    reader: Reader<'t>,
    declared: Vec<Var>,
    pairs: Vec<(Var, Var)>,
    init: Vec<Term>,
    trans: Vec<Term>,
    properties: Vec<(String, Term)>,
    live: Vec<(String, Term)>,
}

impl<'t> File<'t> {
    fn new(sexprs: &'t Sexprs<'t>) -> File<'t> {
        File {
            sexprs,
            reader: Reader::new(sexprs, Pool::new()),
            declared: Vec::new(),
            pairs: Vec::new(),
            init: Vec::new(),
            trans: Vec::new(),
            properties: Vec::new(),
            live: Vec::new(),
        }
    }

    fn command(&mut self, command: Sexpr) -> Result<(), Trouble> {
        let at = || self.sexprs.place(command);
        let Some((head, rest)) = self.sexprs.call(command) else {
            return Err(Trouble::new(at(), "a command such as `(define-fun …)` is expected here"));
        };
        match (head, rest) {
            ("set-info" | "set-logic" | "set-option" | "check-sat" | "exit", _) => Ok(()),
            ("declare-const", [name, sort]) => self.declare(*name, *sort),
            ("declare-fun", [name, parameters, sort]) => {
                if self.sexprs.list(*parameters).is_some_and(|list| !list.is_empty()) {
                    let trouble = Trouble::new(at(), "functions with arguments are not supported");
                    return Err(trouble.help("model the function by a state variable per argument"));
                }
                self.declare(*name, *sort)
            }
            ("define-fun", rest) => {
                let defined = self.reader.define(rest, command).map_err(|u| u.trouble())?;
                let name = rest.first().and_then(|n| self.sexprs.atom(*n)).unwrap_or_default();
                match defined {
                    Some((term, attributes)) => self.annotated(name, term, &attributes, command),
                    None => Ok(()),
                }
            }
            // Some writers annotate in assertions; what is asserted without a mark says nothing
            // about the system.
            ("assert", [body]) => match self.reader.annotated(*body) {
                Some((inner, attributes)) => {
                    let term = self.reader.term(inner).map_err(|u| u.trouble())?;
                    self.annotated("property", term, &attributes, command)
                }
                None => Ok(()),
            },
            _ => {
                let trouble = Trouble::new(at(), format!("the command `{head}` is not supported"));
                Err(trouble.help("a VMT file declares, defines and annotates; nothing else"))
            }
        }
    }

    fn declare(&mut self, name: Sexpr, sort: Sexpr) -> Result<(), Trouble> {
        let var = self.reader.declare(name, sort, Role::Input).map_err(|u| u.trouble())?;
        self.declared.push(var);
        Ok(())
    }

    fn annotated(
        &mut self,
        name: &str,
        term: Term,
        attributes: &Attributes,
        at: Sexpr,
    ) -> Result<(), Trouble> {
        for (key, value) in attributes {
            match key.as_str() {
                "next" => {
                    let next = value.map(|v| self.reader.term(v)).transpose();
                    let next = next.map_err(|u| u.trouble())?;
                    match (self.variable(Some(term)), self.variable(next)) {
                        (Some(current), Some(next)) => self.pairs.push((current, next)),
                        _ => {
                            let trouble = Trouble::new(
                                self.sexprs.place(at),
                                "`:next` pairs two declared variables",
                            );
                            return Err(trouble.help("write `(! x :next x_next)`"));
                        }
                    }
                }
                "init" => self.init.push(term),
                "trans" => self.trans.push(term),
                "invar-property" => {
                    let name = named(self.sexprs, name, *value);
                    self.properties.push((name, term));
                }
                "live-property" => {
                    let name = named(self.sexprs, name, *value);
                    self.live.push((name, term));
                }
                "ltl-property" => {
                    let trouble =
                        Trouble::new(self.sexprs.place(at), "`:ltl-property` is not supported");
                    return Err(trouble.help("state it as `:invar-property` or `:live-property`"));
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn variable(&self, term: Option<Term>) -> Option<Var> {
        match self.reader.pool.node(term?) {
            Node::Var(var) => Some(*var),
            _ => None,
        }
    }

    fn finish(mut self, end: usize) -> Result<Foreign, Trouble> {
        if self.properties.is_empty() && self.live.is_empty() {
            return Err(no_property(end));
        }
        let next: FxHashSet<Var> = self.pairs.iter().map(|(_, next)| *next).collect();
        let current: FxHashSet<Var> = self.pairs.iter().map(|(current, _)| *current).collect();
        let drawn = |v: &&Var| !next.contains(v) && !current.contains(v);
        let inputs: Vec<Var> = self.declared.iter().filter(drawn).copied().collect();
        for (var, _) in &self.pairs {
            self.reader.pool.set_role(*var, Role::State);
        }
        let relation = Relation {
            pool: self.reader.pool,
            states: self.pairs,
            inputs,
            init: self.init,
            trans: self.trans,
        };
        let (mut system, primed) = relation.functional();
        let mut memo = FxHashMap::default();
        let mut fails = |list: Vec<(String, Term)>| -> Vec<(String, Term)> {
            let mut named = Vec::new();
            for (name, good) in list {
                let good = system.pool.substitute_with(good, &primed, &mut memo);
                named.push((name, system.pool.not(good)));
            }
            named
        };
        let (bad, again) = (fails(self.properties), fails(self.live));
        let problem = |(name, bad): (String, Term)| (name, problem(&system, bad));
        // `F G p` fails where `p` fails again and again.
        let live = |(name, fails)| {
            (name, Live { system: system.clone(), justice: vec![fails], fault: None })
        };
        Ok(Foreign {
            problems: bad.into_iter().map(problem).collect(),
            live: again.into_iter().map(live).collect(),
            ..Foreign::default()
        })
    }
}

/// The name of the definition without the dot that writers put before it, else the number.
fn named(sexprs: &Sexprs<'_>, name: &str, value: Option<Sexpr>) -> String {
    let number = value.and_then(|v| sexprs.atom(v)).unwrap_or("0");
    let plain = name.trim_start_matches('.');
    if plain.is_empty() || plain == "prop" || plain == "property" {
        format!("property_{number}")
    } else {
        plain.to_owned()
    }
}

fn no_property(end: usize) -> Trouble {
    let trouble = Trouble::new(end.saturating_sub(1)..end, "the file states no property");
    trouble.help("mark one: `(define-fun .p () Bool (! formula :invar-property 0))`")
}

/// A target of a system; the last period of its runs, which may be the first, has inputs if these
/// matter there.
pub(super) fn problem(system: &System, bad: Term) -> Problem {
    let inputs: FxHashSet<Var> = system.inputs.iter().copied().collect();
    let read = system.pool.variables(system.init.iter().copied().chain([bad]));
    let on_step = read.iter().any(|v| inputs.contains(v));
    Problem { system: system.clone(), bad, on_step }
}

/// Writes a problem.
///
/// # Errors
/// None: the format can say every problem.
pub fn write(problem: &Problem, name: &str) -> Result<String, String> {
    let mut system = problem.system.clone();
    let symbols = Symbols::new(&system.pool);
    let mut text = format!("; written by yamen {}\n", env!("CARGO_PKG_VERSION"));
    let mut bounds = Vec::new();
    let rigid: Vec<StateVar> = system
        .rigid
        .clone()
        .into_iter()
        .map(|var| StateVar { var, next: system.pool.var(var) })
        .collect();
    let states: Vec<StateVar> = system.states.iter().copied().chain(rigid).collect();
    for state in &states {
        let (current, next) = (symbols.current(state.var), symbols.next(state.var));
        let info = system.pool.var_info(state.var);
        let sort = sort(info.sort);
        text += &format!("(declare-fun {current} () {sort})\n(declare-fun {next} () {sort})\n");
        let pair = symbol(&format!(".{}", info.name));
        text += &format!("(define-fun {pair} () {sort} (! {current} :next {next}))\n");
        bounds.extend(within(&current, info.bounds));
    }
    for var in &system.inputs {
        let info = system.pool.var_info(*var);
        text += &format!("(declare-fun {} () {})\n", symbols.current(*var), sort(info.sort));
        bounds.extend(within(&symbols.current(*var), info.bounds));
    }
    // Lemmas and bounds hold in every state of every run: they are part of what a state is.
    bounds.extend(system.lemmas.iter().map(|t| term(&system.pool, *t, &|v| symbols.current(v))));
    let printed = |pool: &Pool, t: Term| term(pool, t, &|v| symbols.current(v));
    let init = system.pool.and(system.init.iter().copied());
    let init = all(&bounds, [printed(&system.pool, init)]);
    let step = system.pool.and(system.step.iter().copied());
    let mut moves = vec![printed(&system.pool, step)];
    for state in &states {
        let value = printed(&system.pool, state.next);
        moves.push(format!("(= {} {value})", symbols.next(state.var)));
    }
    let trans = all(&bounds, moves);
    let good = system.pool.not(problem.bad);
    let good = printed(&system.pool, good);
    let good = if bounds.is_empty() { good } else { format!("(=> {} {good})", all(&bounds, [])) };
    text += &format!("(define-fun .init () Bool (! {init} :init true))\n");
    text += &format!("(define-fun .trans () Bool (! {trans} :trans true))\n");
    text += &format!(
        "(define-fun {} () Bool (! {good} :invar-property 0))\n",
        symbol(&format!(".{name}"))
    );
    Ok(text)
}

/// A conjunction of texts.
fn all(one: &[String], more: impl IntoIterator<Item = String>) -> String {
    let parts: Vec<String> = one.iter().cloned().chain(more).collect();
    format!("(and true {})", parts.join("\n  "))
}
