//! Clauses in the ways that they are written: `∀x. body ⇒ head`, found in what a file asserts.
//!
//! The walk goes down through what is claimed (`let`, `=>`, `or`, `not`, annotations, names that a `let` gave)
//! to the predicate that is claimed, of which a Horn clause has at most one, and leaves what is assumed whole.
//! Where several are claimed at once (`and`), each makes a clause. A constraint that is claimed is assumed not
//! to hold. Each part carries the bindings of every `let` around it.

use std::cell::RefCell;
use std::rc::Rc;

use itertools::Itertools;
use rustc_hash::{FxHashMap, FxHashSet};

use crate::term::smtlib::sexpr::{Sexpr, Sexprs, Trouble};

/// Names of predicates.
pub(super) type Names<'t> = FxHashSet<&'t str>;

/// Variables with their sorts.
pub(super) type Variables = Vec<(Sexpr, Sexpr)>;

/// An expression, with the bindings of each `let` around it, outermost first.
#[derive(Clone, Debug)]
pub(super) struct Scoped {
    pub(super) sexpr: Sexpr,
    pub(super) lets: Vec<Sexpr>,
}

/// A clause in its parts.
#[derive(Clone, Debug)]
pub(super) struct Parts {
    pub(super) at: Sexpr,
    pub(super) variables: Variables,
    /// What is assumed: to hold, or not to.
    pub(super) body: Vec<(Scoped, bool)>,
    /// A predicate applied; `None` for `false`.
    pub(super) head: Option<Scoped>,
}

/// What is assumed in a formula, and the predicates that are claimed of which one must hold.
#[derive(Clone, Debug, Default)]
struct Implied {
    body: Vec<(Scoped, bool)>,
    heads: Vec<Scoped>,
}

/// The clauses that something makes which holds, or else is not to be reached; none if it says nothing. Variables
/// that all rules of the file share are its variables if they occur.
///
/// # Errors
/// It is not made of Horn clauses.
pub(super) fn clauses<'t>(
    sexprs: &Sexprs<'t>,
    predicates: &Names<'t>,
    shared: &[(Sexpr, Sexpr)],
    (asserted, holds): (Sexpr, bool),
) -> Result<Vec<Parts>, Trouble> {
    let walk = Walk { sexprs, predicates, asserted, bearing: RefCell::default() };
    let (own, implied) = match holds {
        true => walk.asserted()?,
        false => (Variables::new(), walk.denied(Scoped::new(asserted))?),
    };
    let mut variables = occurring(sexprs, shared, asserted);
    variables.extend(own);
    let clause = |Implied { body, mut heads }| match heads.len() {
        0 | 1 => Ok(Parts { at: asserted, variables: variables.clone(), body, head: heads.pop() }),
        _ => Err(walk.no_clause()),
    };
    implied.into_iter().map(clause).collect()
}

/// Those of the variables that occur in something.
fn occurring(sexprs: &Sexprs<'_>, shared: &[(Sexpr, Sexpr)], sexpr: Sexpr) -> Variables {
    let used: FxHashSet<&str> = sexprs.atoms_in(sexpr).collect();
    let occurs = |(name, _): &&(Sexpr, Sexpr)| sexprs.atom(*name).is_some_and(|n| used.contains(n));
    shared.iter().filter(occurs).copied().collect()
}

impl Scoped {
    fn new(sexpr: Sexpr) -> Scoped {
        Scoped { sexpr, lets: Vec::new() }
    }

    /// Another expression with the same bindings around it.
    pub(super) fn with(&self, sexpr: Sexpr) -> Scoped {
        Scoped { sexpr, lets: self.lets.clone() }
    }

    /// Its text, within those of the bindings that it needs.
    pub(super) fn text(&self, sexprs: &Sexprs<'_>) -> String {
        let mut needed: FxHashSet<&str> = sexprs.atoms_in(self.sexpr).collect();
        let mut around = Vec::new();
        for list in self.lets.iter().rev() {
            let items = sexprs.list(*list).unwrap_or_default();
            let used =
                |item: &&Sexpr| binding(sexprs, **item).is_some_and(|(n, _)| needed.contains(n));
            let used: Vec<Sexpr> = items.iter().filter(used).copied().collect();
            let bound: Vec<_> = used.iter().filter_map(|item| binding(sexprs, *item)).collect();
            bound.iter().for_each(|(name, _)| _ = needed.remove(name));
            bound.iter().for_each(|(_, value)| needed.extend(sexprs.atoms_in(*value)));
            if !used.is_empty() {
                around.push(itertools::join(used.iter().map(|item| sexprs.text(*item)), " "));
            }
        }
        let open: String = around.iter().rev().map(|items| format!("(let ({items}) ")).collect();
        format!("{open}{}{}", sexprs.text(self.sexpr), ")".repeat(around.len()))
    }
}

/// The name and the value of `(name value)`.
pub(super) fn binding<'t>(sexprs: &Sexprs<'t>, item: Sexpr) -> Option<(&'t str, Sexpr)> {
    match *sexprs.list(item)? {
        [name, value] => Some((sexprs.atom(name)?, value)),
        _ => None,
    }
}

struct Walk<'s, 't> {
    sexprs: &'s Sexprs<'t>,
    predicates: &'s Names<'t>,
    asserted: Sexpr,
    /// For each `let` that was entered: the names around its inside that stand for something with predicates.
    bearing: RefCell<FxHashMap<Sexpr, Rc<Names<'t>>>>,
}

type Walked<T> = Result<T, Trouble>;

impl<'t> Walk<'_, 't> {
    /// The variables of all `forall` in front, and what follows them; `not exists` is `forall not`.
    fn asserted(&self) -> Walked<(Variables, Vec<Implied>)> {
        let (mut variables, mut matrix) = (Vec::new(), self.asserted);
        loop {
            let (list, inner, holds) = match self.sexprs.call(matrix) {
                Some(("forall", [list, inner])) => (*list, *inner, true),
                Some(("not", [inner])) => match self.sexprs.call(*inner) {
                    Some(("exists", [list, inner])) => (*list, *inner, false),
                    _ => break,
                },
                Some(("!", [inner, ..])) => {
                    matrix = *inner;
                    continue;
                }
                _ => break,
            };
            for item in self.sexprs.list(list).unwrap_or_default() {
                self.is_no_predicate(*item)?;
                let Some([name, sort]) = self.sexprs.list(*item) else {
                    let trouble =
                        Trouble::new(self.sexprs.place(*item), "no variable with its sort");
                    return Err(trouble.help("declare it as `(name Sort)`"));
                };
                variables.push((*name, *sort));
            }
            if !holds {
                return Ok((variables, self.denied(Scoped::new(inner))?));
            }
            matrix = inner;
        }
        Ok((variables, self.claimed(Scoped::new(matrix))?))
    }

    /// What must hold together for a formula to hold.
    fn claimed(&self, at: Scoped) -> Walked<Vec<Implied>> {
        stacker::maybe_grow(64 * 1024, 1024 * 1024, || match self.sexprs.call(at.sexpr) {
            Some(("let", [list, inner])) => self.claimed(self.opened(at, *list, *inner)?),
            Some(("!", [inner, ..])) => self.claimed(at.with(*inner)),
            Some(("not", [inner])) => self.denied(at.with(*inner)),
            Some(("=>", [premises @ .., conclusion])) => {
                let premises = premises.iter().map(|premise| self.denied(at.with(*premise)));
                let conclusion = self.claimed(at.with(*conclusion));
                self.either(premises.chain([conclusion]).collect::<Walked<_>>()?)
            }
            Some(("or", list)) if self.mentions(&at) => {
                let parts = list.iter().map(|part| self.claimed(at.with(*part)));
                self.either(parts.collect::<Walked<_>>()?)
            }
            Some(("and", list)) if self.mentions(&at) => {
                let parts = list.iter().map(|part| self.claimed(at.with(*part)));
                Ok(parts.collect::<Walked<Vec<_>>>()?.concat())
            }
            _ => self.single(at),
        })
    }

    /// What must hold together for a formula not to hold.
    fn denied(&self, at: Scoped) -> Walked<Vec<Implied>> {
        match self.sexprs.call(at.sexpr) {
            Some(("not", [inner])) if self.mentions(&at) => self.claimed(at.with(*inner)),
            _ => {
                self.is_positive(at.clone())?;
                Ok(vec![assumed(at, true)])
            }
        }
    }

    /// Whether predicates occur in no other way than joined by `and` and `or`: what they hold of is known only
    /// from below, so that nothing may rest on their not holding.
    fn is_positive(&self, at: Scoped) -> Walked<()> {
        if !self.mentions(&at) {
            return Ok(());
        }
        stacker::maybe_grow(64 * 1024, 1024 * 1024, || match self.sexprs.call(at.sexpr) {
            Some(("let", [list, inner])) => self.is_positive(self.opened(at, *list, *inner)?),
            Some(("and" | "or", parts)) => {
                parts.iter().try_for_each(|part| self.is_positive(at.with(*part)))
            }
            Some(("!", [inner, ..]) | ("exists", [_, inner])) => self.is_positive(at.with(*inner)),
            Some((name, arguments)) if self.predicates.contains(name) => {
                let nested = arguments.iter().any(|argument| self.mentions(&at.with(*argument)));
                if nested { Err(self.no_clause()) } else { Ok(()) }
            }
            Some(_) => Err(self.no_clause()),
            None => match self.sexprs.atom(at.sexpr) {
                Some(name) if self.predicates.contains(name) => Ok(()),
                Some(name) => self.named(&at, name).map_or(Ok(()), |at| self.is_positive(at)),
                None => Err(self.no_clause()),
            },
        })
    }

    /// A predicate, a constraint, or the name of something.
    fn single(&self, at: Scoped) -> Walked<Vec<Implied>> {
        let (name, called) = match self.sexprs.call(at.sexpr) {
            Some((name, _)) => (name, true),
            None => (self.sexprs.atom(at.sexpr).unwrap_or_default(), false),
        };
        if self.predicates.contains(name) {
            self.is_positive(at.clone())?;
            return Ok(vec![Implied { heads: vec![at], ..Implied::default() }]);
        }
        match (name, called) {
            ("true", false) => Ok(Vec::new()),
            ("false", false) => Ok(vec![Implied::default()]),
            _ if !self.mentions(&at) => Ok(vec![assumed(at, false)]),
            (_, false) => {
                self.named(&at, name).map_or_else(|| Err(self.no_clause()), |at| self.claimed(at))
            }
            _ => Err(self.no_clause()),
        }
    }

    /// What the nearest `let` says a name stands for, in the scope of that `let`.
    fn named(&self, at: &Scoped, name: &str) -> Option<Scoped> {
        at.lets.iter().enumerate().rev().find_map(|(outer, list)| {
            let mut items = self.sexprs.list(*list)?.iter();
            let (_, value) = items
                .find_map(|item| binding(self.sexprs, *item).filter(|(bound, _)| *bound == name))?;
            Some(Scoped { sexpr: value, lets: at.lets.get(..outer)?.to_vec() })
        })
    }

    /// The inside of a `let`.
    fn opened(&self, at: Scoped, list: Sexpr, inner: Sexpr) -> Walked<Scoped> {
        let around = self.bearing(&at);
        let mut within = Names::clone(&around);
        for item in self.sexprs.list(list).unwrap_or_default() {
            self.is_no_predicate(*item)?;
            let Some((name, value)) = binding(self.sexprs, *item) else { continue };
            match self.any(value, &around) {
                true => within.insert(name),
                false => within.remove(name),
            };
        }
        self.bearing.borrow_mut().insert(list, Rc::new(within));
        let Scoped { mut lets, .. } = at;
        lets.push(list);
        Ok(Scoped { sexpr: inner, lets })
    }

    fn bearing(&self, at: &Scoped) -> Rc<Names<'t>> {
        let known = self.bearing.borrow();
        at.lets.last().and_then(|list| known.get(list)).cloned().unwrap_or_default()
    }

    /// Whether a predicate occurs, or a name that stands for something with predicates.
    fn mentions(&self, at: &Scoped) -> bool {
        self.any(at.sexpr, &self.bearing(at))
    }

    fn any(&self, sexpr: Sexpr, bearing: &Names<'t>) -> bool {
        let bears = |atom| self.predicates.contains(atom) || bearing.contains(atom);
        self.sexprs.atoms_in(sexpr).any(bears)
    }

    fn is_no_predicate(&self, item: Sexpr) -> Walked<()> {
        let name = self.sexprs.list(item).and_then(|list| self.sexprs.atom(*list.first()?));
        match name.filter(|name| self.predicates.contains(name)) {
            Some(name) => {
                let message = format!("`{name}` is the name of a predicate");
                Err(Trouble::new(self.sexprs.place(item), message).help("choose another name here"))
            }
            None => Ok(()),
        }
    }

    fn no_clause(&self) -> Trouble {
        let place = self.sexprs.place(self.asserted);
        Trouble::new(place, "this is not written as a Horn clause")
            .help("write `(forall (…) (=> body head))`, one head in each")
    }

    /// One of these must hold.
    fn either(&self, parts: Vec<Vec<Implied>>) -> Walked<Vec<Implied>> {
        let many = parts.iter().try_fold(1usize, |product, part| product.checked_mul(part.len()));
        if many.is_none_or(|many| many > MOST) {
            return Err(self.no_clause());
        }
        let one = |choice: Vec<Implied>| choice.into_iter().reduce(merged).unwrap_or_default();
        Ok(parts.into_iter().multi_cartesian_product().map(one).collect())
    }
}

/// Clauses that one assertion may make.
const MOST: usize = 4096;

/// Something that is assumed, and nothing that is claimed.
fn assumed(what: Scoped, holds: bool) -> Implied {
    Implied { body: vec![(what, holds)], heads: Vec::new() }
}

fn merged(mut one: Implied, other: Implied) -> Implied {
    one.body.extend(other.body);
    one.heads.extend(other.heads);
    one
}
