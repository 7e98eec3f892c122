//! Linear clauses over terms, with predicates that need not be resolved away.
//!
//! A clause is linear if its body has at most one predicate. A predicate that no clause leads from
//! to itself can be resolved away: each clause into it joined with each clause out of it. Doing so
//! where it does not make more clauses leaves few, long steps (large-block encoding, Beyer et
//! al. 2009).

use rustc_hash::{FxHashMap, FxHashSet};

use super::shape::{Parts, Scoped, binding};
use super::{Clauses, arities};
use crate::term::smtlib::read::{Read, Reader, Unreadable};
use crate::term::smtlib::sexpr::{Sexpr, Sexprs, Trouble};
use crate::term::{Node, Pool, Role, Sort, Term, Var};

/// A predicate applied to terms.
#[derive(Clone, Debug)]
pub(super) struct Atom {
    pub(super) predicate: usize,
    pub(super) arguments: Vec<Term>,
}

/// `∃ variables: from ∧ constraint` leads to `to`; `from` is missing in facts, `to` in queries.
#[derive(Clone, Debug)]
pub(super) struct Linear {
    pub(super) variables: Vec<Var>,
    pub(super) from: Option<Atom>,
    pub(super) constraint: Term,
    pub(super) to: Option<Atom>,
}

/// All clauses.
pub(super) struct LinearClauses {
    pub(super) pool: Pool,
    pub(super) predicates: Vec<(String, Vec<Sort>)>,
    pub(super) clauses: Vec<Linear>,
}

/// Reads clauses as terms; `None` where terms or linearity do not suffice.
pub(super) fn read(
    sexprs: &Sexprs<'_>,
    text: &Clauses,
    parts: &[Parts],
) -> Result<Option<LinearClauses>, Trouble> {
    let mut file = File {
        sexprs,
        reader: Reader::new(sexprs, Pool::new()),
        index: text
            .predicates
            .iter()
            .enumerate()
            .map(|(n, (name, _))| (name.as_str(), n))
            .collect(),
        arity: arities(text),
        abbreviations: Vec::new(),
        clauses: Vec::new(),
    };
    let outcome = file.all(text, parts);
    match outcome {
        Ok(predicates) => {
            let mut clauses =
                LinearClauses { pool: file.reader.pool, predicates, clauses: file.clauses };
            clauses.resolve();
            Ok(Some(clauses))
        }
        Err(Unreadable::Beyond(_)) => Ok(None),
        Err(Unreadable::Wrong(trouble)) => Err(trouble),
    }
}

struct File<'t> {
    sexprs: &'t Sexprs<'t>,
    reader: Reader<'t>,
    index: FxHashMap<&'t str, usize>,
    arity: FxHashMap<&'t str, usize>,
    /// Names that a `let` gave to what has predicates in it.
    abbreviations: Vec<(&'t str, Sexpr)>,
    clauses: Vec<Linear>,
}

/// The names that a `let` bound, and how many abbreviations there were before.
struct Opened<'t> {
    names: Vec<&'t str>,
    kept: usize,
}

impl<'t> File<'t> {
    fn all(&mut self, text: &Clauses, parts: &[Parts]) -> Read<Vec<(String, Vec<Sort>)>> {
        if !text.preamble.is_empty() {
            return Err(self.beyond(parts.first().map(|p| p.at)));
        }
        let mut predicates = Vec::new();
        for (name, sorts) in &text.predicates {
            let sorts: Option<Vec<Sort>> = sorts.iter().map(|s| named(s)).collect();
            let Some(sorts) = sorts else { return Err(self.beyond(parts.first().map(|p| p.at))) };
            self.reader.reserve(name);
            predicates.push((name.clone(), sorts));
        }
        for part in parts {
            self.clause(part, &predicates)?;
        }
        Ok(predicates)
    }

    fn beyond(&self, at: Option<Sexpr>) -> Unreadable {
        let place = at.map_or(0..0, |at| self.sexprs.place(at));
        Unreadable::Beyond(Trouble::new(place, "not a linear clause over Bool, Int and Real"))
    }

    fn clause(&mut self, part: &Parts, predicates: &[(String, Vec<Sort>)]) -> Read<()> {
        let (mut names, mut variables) = (Vec::new(), Vec::new());
        for (name, sort) in &part.variables {
            variables.push(self.reader.declare(*name, *sort, Role::Bound)?);
            names.push(self.reader.name(*name)?);
        }
        let (mut atoms, mut constraints) = (Vec::new(), Vec::new());
        for (scoped, holds) in &part.body {
            self.within(scoped, |file| match holds {
                true => file.body(scoped.sexpr, predicates, &mut atoms, &mut constraints),
                false => {
                    let term = file.truth(scoped.sexpr)?;
                    constraints.push(file.reader.pool.not(term));
                    Ok(())
                }
            })?;
        }
        let to = match &part.head {
            None => None,
            Some(head) => self.within(head, |file| file.atom(head.sexpr, predicates))?,
        };
        names.iter().for_each(|name| self.reader.forget(name));
        if atoms.len() > 1 {
            return Err(self.beyond(Some(part.at)));
        }
        let constraint = self.reader.pool.and(constraints);
        self.clauses.push(Linear { variables, from: atoms.pop(), constraint, to });
        Ok(())
    }

    /// Does something where the bindings around an expression are known.
    fn within<T>(&mut self, at: &Scoped, work: impl FnOnce(&mut Self) -> Read<T>) -> Read<T> {
        let mut opened = Vec::new();
        for list in &at.lets {
            opened.push(self.open(*list)?);
        }
        let result = work(self);
        opened.into_iter().rev().for_each(|opened| self.close(opened));
        result
    }

    /// Binds the names of a `let`; what has predicates in it is kept as it is written. So that this means the
    /// same wherever it is used, no name is then given twice.
    fn open(&mut self, list: Sexpr) -> Read<Opened<'t>> {
        let sexprs = self.sexprs;
        let kept = self.abbreviations.len();
        let (mut names, mut terms) = (Vec::new(), Vec::new());
        for item in sexprs.list(list).unwrap_or_default() {
            let Some((name, value)) = binding(sexprs, *item) else {
                return Err(self.reader.wrong(*item, "a name is bound as `(name expression)`"));
            };
            let whole = self.mentions(value);
            let taken = self.reader.knows(name) && (whole || !self.abbreviations.is_empty());
            if taken || self.index.contains_key(name) {
                return Err(self.beyond(Some(*item)));
            }
            names.push(name);
            match whole {
                true => self.abbreviations.push((name, value)),
                false => terms.push((name, self.reader.term(value)?)),
            }
        }
        let whole = self.abbreviations.iter().skip(kept);
        whole.for_each(|(name, _)| self.reader.reserve(name));
        terms.into_iter().for_each(|(name, term)| self.reader.bind(name, term));
        Ok(Opened { names, kept })
    }

    fn close(&mut self, opened: Opened<'t>) {
        opened.names.iter().for_each(|name| self.reader.forget(name));
        self.abbreviations.truncate(opened.kept);
    }

    /// Whether a predicate occurs, or a name that stands for something with predicates.
    fn mentions(&self, sexpr: Sexpr) -> bool {
        let abbreviated = |atom| self.abbreviations.iter().any(|(name, _)| *name == atom);
        self.sexprs.atoms_in(sexpr).any(|atom| self.index.contains_key(atom) || abbreviated(atom))
    }

    fn truth(&mut self, sexpr: Sexpr) -> Read<Term> {
        let term = self.reader.term(sexpr)?;
        self.reader.coerced(sexpr, term, Sort::Bool)
    }

    /// Predicates and constraints of a body, through conjunctions and `let`s.
    fn body(
        &mut self,
        sexpr: Sexpr,
        predicates: &[(String, Vec<Sort>)],
        atoms: &mut Vec<Atom>,
        constraints: &mut Vec<Term>,
    ) -> Read<()> {
        if let Some(atom) = self.atom(sexpr, predicates)? {
            atoms.push(atom);
            return Ok(());
        }
        let sexprs = self.sexprs;
        stacker::maybe_grow(64 * 1024, 1024 * 1024, || match sexprs.call(sexpr) {
            Some(("and", list)) => {
                list.iter().try_for_each(|part| self.body(*part, predicates, atoms, constraints))
            }
            Some(("let", [list, inner])) => {
                let opened = self.open(*list)?;
                let result = self.body(*inner, predicates, atoms, constraints);
                self.close(opened);
                result
            }
            _ => match self.abbreviated(sexpr) {
                Some(value) => self.body(value, predicates, atoms, constraints),
                None => {
                    constraints.push(self.truth(sexpr)?);
                    Ok(())
                }
            },
        })
    }

    /// What has predicates in it and is named here.
    fn abbreviated(&self, sexpr: Sexpr) -> Option<Sexpr> {
        let atom = self.sexprs.atom(sexpr)?;
        self.abbreviations.iter().find(|(name, _)| *name == atom).map(|(_, value)| *value)
    }

    fn atom(&mut self, sexpr: Sexpr, predicates: &[(String, Vec<Sort>)]) -> Read<Option<Atom>> {
        let sexprs = self.sexprs;
        let (name, rest) = match (sexprs.atom(sexpr), sexprs.call(sexpr)) {
            (Some(name), _) => (name, &[][..]),
            (None, Some(call)) => call,
            _ => return Ok(None),
        };
        let Some(index) = self.index.get(name).copied() else { return Ok(None) };
        if self.arity.get(name) != Some(&rest.len()) {
            let wanted = self.arity.get(name).copied().unwrap_or(0);
            return Err(self.reader.wrong(sexpr, &format!("`{name}` has {wanted} arguments")));
        }
        let sorts = predicates.get(index).map(|(_, sorts)| sorts.as_slice()).unwrap_or_default();
        let mut arguments = Vec::new();
        for (argument, sort) in rest.iter().zip(sorts) {
            let term = self.reader.term(*argument)?;
            arguments.push(self.reader.coerced(*argument, term, *sort)?);
        }
        Ok(Some(Atom { predicate: index, arguments }))
    }
}

fn named(sort: &str) -> Option<Sort> {
    [Sort::Bool, Sort::Int, Sort::Real].into_iter().find(|s| crate::term::smtlib::sort(*s) == sort)
}

impl LinearClauses {
    /// Resolves predicates away, fewest new clauses first, as long as that makes no more of them.
    fn resolve(&mut self) {
        loop {
            let worth = (0..self.predicates.len()).filter_map(|p| Some((self.cost(p)?, p))).min();
            match worth {
                Some((_, predicate)) => self.resolve_away(predicate),
                None => break,
            }
        }
    }

    /// How many clauses more there would be; `None` where a predicate must or should stay.
    fn cost(&self, predicate: usize) -> Option<i64> {
        let is = |atom: &Option<Atom>| atom.as_ref().is_some_and(|a| a.predicate == predicate);
        let [mut into, mut out] = [0i64, 0];
        for clause in &self.clauses {
            let (from, to) = (is(&clause.from), is(&clause.to));
            if from && to {
                return None;
            }
            into += i64::from(to);
            out += i64::from(from);
        }
        let more = into * out - into - out;
        (into + out > 0 && more <= 0).then_some(more)
    }

    fn resolve_away(&mut self, predicate: usize) {
        let is = |atom: &Option<Atom>| atom.as_ref().is_some_and(|a| a.predicate == predicate);
        let clauses = std::mem::take(&mut self.clauses);
        let (into, rest): (Vec<_>, Vec<_>) = clauses.into_iter().partition(|c| is(&c.to));
        let (out, rest): (Vec<_>, Vec<_>) = rest.into_iter().partition(|c| is(&c.from));
        self.clauses = rest;
        for first in &into {
            for second in &out {
                let (first, second) = (self.renamed(first), self.renamed(second));
                let joined = self.joined(first, second);
                if self.pool.as_bool(joined.constraint) != Some(false) {
                    self.clauses.push(joined);
                }
            }
        }
    }

    fn joined(&mut self, first: Linear, second: Linear) -> Linear {
        let given = first.to.map(|a| a.arguments).unwrap_or_default();
        let wanted = second.from.map(|a| a.arguments).unwrap_or_default();
        let (mut map, mut equal) = (FxHashMap::default(), Vec::new());
        for (given, wanted) in given.into_iter().zip(wanted) {
            match self.pool.node(wanted) {
                Node::Var(var) if !map.contains_key(var) => {
                    map.insert(*var, given);
                }
                _ => equal.push((given, wanted)),
            }
        }
        let mut constraints = vec![first.constraint];
        for (given, wanted) in equal {
            let wanted = self.pool.substitute(wanted, &map);
            constraints.push(self.pool.eq(given, wanted));
        }
        constraints.push(self.pool.substitute(second.constraint, &map));
        let to = second.to.map(|atom| self.mapped(&atom, &map));
        let mut variables = first.variables;
        variables.extend(second.variables.into_iter().filter(|v| !map.contains_key(v)));
        Linear { variables, from: first.from, constraint: self.pool.and(constraints), to }
    }

    /// A clause with variables of its own.
    fn renamed(&mut self, clause: &Linear) -> Linear {
        let mut map = FxHashMap::default();
        let mut variables = Vec::new();
        for var in &clause.variables {
            let info = self.pool.var_info(*var).clone();
            let fresh = self.pool.declare(&info.name, info.sort, None, Role::Bound);
            map.insert(*var, self.pool.var(fresh));
            variables.push(fresh);
        }
        self.substituted(clause, &map, variables)
    }

    pub(super) fn mapped(&mut self, atom: &Atom, map: &FxHashMap<Var, Term>) -> Atom {
        let pool = &mut self.pool;
        let arguments = atom.arguments.iter().map(|t| pool.substitute(*t, map)).collect();
        Atom { predicate: atom.predicate, arguments }
    }

    /// A clause with some variables replaced, and these left.
    pub(super) fn substituted(
        &mut self,
        clause: &Linear,
        map: &FxHashMap<Var, Term>,
        variables: Vec<Var>,
    ) -> Linear {
        Linear {
            variables,
            from: clause.from.as_ref().map(|a| self.mapped(a, map)),
            constraint: self.pool.substitute(clause.constraint, map),
            to: clause.to.as_ref().map(|a| self.mapped(a, map)),
        }
    }

    /// Replaces variables that an equation of the constraint defines.
    pub(super) fn eliminate(&mut self, mut clause: Linear) -> Linear {
        loop {
            let own: FxHashSet<Var> = clause.variables.iter().copied().collect();
            let conjuncts = self.pool.conjuncts(clause.constraint);
            let found = conjuncts.into_iter().find_map(|c| self.definition(c, &own));
            let Some((var, term)) = found else { return clause };
            let map = FxHashMap::from_iter([(var, term)]);
            let variables = clause.variables.iter().copied().filter(|v| *v != var).collect();
            clause = self.substituted(&clause, &map, variables);
        }
    }

    fn definition(&mut self, conjunct: Term, own: &FxHashSet<Var>) -> Option<(Var, Term)> {
        let variable = |pool: &Pool, t: Term| match pool.node(t) {
            Node::Var(var) if own.contains(var) => Some(*var),
            _ => None,
        };
        match *self.pool.node(conjunct) {
            Node::Var(var) if own.contains(&var) => Some((var, self.pool.top())),
            Node::Not(inner) => {
                let var = variable(&self.pool, inner)?;
                Some((var, self.pool.bottom()))
            }
            Node::Eq(a, b) => [(a, b), (b, a)].into_iter().find_map(|(a, b)| {
                let var = variable(&self.pool, a)?;
                (!self.pool.variables([b]).contains(&var)).then_some((var, b))
            }),
            _ => None,
        }
    }
}
