//! SMT-LIB 2 expressions as terms.
//!
//! The sorts are Bool, Int and Real; arrays, bit-vectors and uninterpreted functions have no terms
//! here and are told as [`Unreadable::Beyond`], so that the caller may hand the text to a solver that
//! knows them. Definitions are expanded; a name is looked up in its nearest scope.

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{One, Zero};
use rustc_hash::FxHashMap;

use super::sexpr::{Sexpr, Sexprs, Trouble};
use crate::term::{Pool, Role, Sort, Term, Var};

/// Why an expression is no term.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unreadable {
    /// It is wrong.
    Wrong(Trouble),
    /// It may be right, but uses what terms do not have; named for the reader.
    Beyond(Trouble),
}

impl Unreadable {
    /// The trouble either way.
    pub fn trouble(self) -> Trouble {
        match self {
            Unreadable::Wrong(trouble) | Unreadable::Beyond(trouble) => trouble,
        }
    }
}

/// The result of reading.
pub type Read<T> = Result<T, Unreadable>;

/// What a name stands for.
#[derive(Clone, Debug)]
enum Meaning {
    Term(Term),
    Function(Vec<Var>, Term),
    /// Known to the file, but no term: an uninterpreted function or a predicate.
    Other,
}

/// Attributes of an annotated expression: keyword without colon, and value.
pub type Attributes = Vec<(String, Option<Sexpr>)>;

/// Reads expressions of one text.
#[derive(Clone, Debug)]
pub struct Reader<'t> {
    /// The text.
    pub source: &'t Sexprs<'t>,
    /// Where the terms are made.
    pub pool: Pool,
    meanings: FxHashMap<String, Vec<Meaning>>,
}

impl<'t> Reader<'t> {
    /// A reader with no names.
    pub fn new(source: &'t Sexprs<'t>, pool: Pool) -> Reader<'t> {
        Reader { source, pool, meanings: FxHashMap::default() }
    }

    /// Gives a name a meaning, until [`Reader::forget`].
    pub fn bind(&mut self, name: &str, term: Term) {
        self.meanings.entry(name.to_owned()).or_default().push(Meaning::Term(term));
    }

    /// Makes a name known that stands for no term.
    pub fn reserve(&mut self, name: &str) {
        self.meanings.entry(name.to_owned()).or_default().push(Meaning::Other);
    }

    /// Takes a name's nearest meaning away.
    pub fn forget(&mut self, name: &str) {
        if let Some(list) = self.meanings.get_mut(name) {
            list.pop();
        }
    }

    /// Whether a name has a meaning.
    pub fn knows(&self, name: &str) -> bool {
        self.meanings.get(name).is_some_and(|list| !list.is_empty())
    }

    /// Reads `(declare-fun name () Sort)`'s rest and declares a variable.
    ///
    /// # Errors
    /// The name is taken or the sort is none of ours.
    pub fn declare(&mut self, name: Sexpr, sort: Sexpr, role: Role) -> Read<Var> {
        let text = self.name(name)?;
        let sort = self.sort(sort)?;
        let var = self.pool.declare(text, sort, None, role);
        let term = self.pool.var(var);
        self.bind(text, term);
        Ok(var)
    }

    /// An atom that names something.
    ///
    /// # Errors
    /// It is a list.
    pub fn name(&self, sexpr: Sexpr) -> Read<&'t str> {
        self.source.atom(sexpr).ok_or_else(|| self.wrong(sexpr, "a name is expected here"))
    }

    /// A sort.
    ///
    /// # Errors
    /// Another sort than Bool, Int and Real.
    pub fn sort(&self, sexpr: Sexpr) -> Read<Sort> {
        match self.source.atom(sexpr) {
            Some("Bool") => Ok(Sort::Bool),
            Some("Int") => Ok(Sort::Int),
            Some("Real") => Ok(Sort::Real),
            _ => {
                let message = format!("the sort `{}` is not supported here", self.short(sexpr));
                let trouble = Trouble::new(self.source.place(sexpr), message);
                Err(Unreadable::Beyond(trouble.help("use Bool, Int or Real")))
            }
        }
    }

    /// Reads `(define-fun name (parameters) Sort body)`'s rest; returns the body's term and its
    /// attributes if there are no parameters.
    ///
    /// # Errors
    /// Something in it is no term.
    pub fn define(&mut self, rest: &[Sexpr], at: Sexpr) -> Read<Option<(Term, Attributes)>> {
        let [name, parameters, sort, body] = *rest else {
            return Err(
                self.wrong(at, "a definition is `(define-fun name (parameters) Sort body)`")
            );
        };
        let name = self.name(name)?;
        let sort = self.sort(sort)?;
        let (names, vars) = self.binders(parameters)?;
        let (body, attributes) = match self.annotated(body) {
            Some((inner, attributes)) => (inner, attributes),
            None => (body, Vec::new()),
        };
        let term = self.term(body);
        names.iter().for_each(|name| self.forget(name));
        let term = self.coerced(body, term?, sort)?;
        let meaning =
            if vars.is_empty() { Meaning::Term(term) } else { Meaning::Function(vars, term) };
        let plain = matches!(meaning, Meaning::Term(_));
        self.meanings.entry(name.to_owned()).or_default().push(meaning);
        Ok(plain.then_some((term, attributes)))
    }

    /// Declares the variables of `((x Int) …)` and binds their names.
    ///
    /// # Errors
    /// It is not of that form or a sort is none of ours.
    pub fn binders(&mut self, list: Sexpr) -> Read<(Vec<&'t str>, Vec<Var>)> {
        let source = self.source;
        let Some(items) = source.list(list) else {
            return Err(self.wrong(list, "a list of variables with sorts is expected here"));
        };
        let (mut names, mut vars) = (Vec::new(), Vec::new());
        for item in items {
            let Some([name, sort]) = source.list(*item) else {
                return Err(self.wrong(*item, "a variable is declared as `(name Sort)`"));
            };
            vars.push(self.declare(*name, *sort, Role::Bound)?);
            names.push(self.name(*name)?);
        }
        Ok((names, vars))
    }

    /// The expression and attributes of `(! expression :key value …)`.
    pub fn annotated(&self, sexpr: Sexpr) -> Option<(Sexpr, Attributes)> {
        let (head, rest) = self.source.call(sexpr)?;
        let (inner, rest) = (head == "!").then(|| rest.split_first())??;
        let mut attributes = Attributes::new();
        for item in rest {
            match (self.source.atom(*item).and_then(|a| a.strip_prefix(':')), attributes.last_mut())
            {
                (Some(key), _) => attributes.push((key.to_owned(), None)),
                (None, Some((_, value))) => *value = Some(*item),
                (None, None) => {}
            }
        }
        Some((*inner, attributes))
    }

    /// Reads an expression.
    ///
    /// # Errors
    /// It is no term.
    pub fn term(&mut self, sexpr: Sexpr) -> Read<Term> {
        stacker::maybe_grow(64 * 1024, 1024 * 1024, || match self.source.atom(sexpr) {
            Some(atom) => self.leaf(sexpr, atom),
            None => self.list(sexpr),
        })
    }

    fn leaf(&mut self, sexpr: Sexpr, atom: &str) -> Read<Term> {
        match self.meanings.get(atom).and_then(|list| list.last()) {
            Some(Meaning::Term(term)) => return Ok(*term),
            Some(_) => return Err(self.beyond(sexpr, &format!("`{atom}` is not a value here"))),
            None => {}
        }
        match atom {
            "true" => Ok(self.pool.top()),
            "false" => Ok(self.pool.bottom()),
            _ if atom.starts_with('#') => Err(self.beyond(sexpr, "bit-vectors are not read here")),
            _ => match number(atom) {
                Some(Number::Int(n)) => Ok(self.pool.int(n)),
                Some(Number::Real(r)) => Ok(self.pool.real(r)),
                None => {
                    let message = format!("`{atom}` has not been declared");
                    let trouble = Trouble::new(self.source.place(sexpr), message);
                    let help = format!("declare it before: `(declare-fun {atom} () Int)`");
                    Err(Unreadable::Wrong(trouble.help(help)))
                }
            },
        }
    }

    fn list(&mut self, sexpr: Sexpr) -> Read<Term> {
        let source = self.source;
        let Some((head, rest)) = source.call(sexpr) else {
            return Err(self.beyond(sexpr, "this is not an expression over Bool, Int and Real"));
        };
        match self.meanings.get(head).and_then(|list| list.last()).cloned() {
            Some(Meaning::Function(vars, body)) => return self.expand(sexpr, &vars, body, rest),
            Some(Meaning::Other) => {
                return Err(self.beyond(sexpr, &format!("`{head}` is not interpreted")));
            }
            _ => {}
        }
        match head {
            "let" => self.scoped(sexpr, rest),
            "!" => match rest.first() {
                Some(inner) => self.term(*inner),
                None => Err(self.wrong(sexpr, "nothing is annotated here")),
            },
            "forall" | "exists" => self.quantified(sexpr, head == "forall", rest),
            _ => {
                let arguments = rest.iter().map(|a| self.term(*a)).collect::<Read<Vec<Term>>>()?;
                self.operation(sexpr, head, arguments)
            }
        }
    }

    fn expand(&mut self, at: Sexpr, vars: &[Var], body: Term, rest: &[Sexpr]) -> Read<Term> {
        if vars.len() != rest.len() {
            let message = format!("{} arguments are expected here", vars.len());
            return Err(self.wrong(at, &message));
        }
        let mut map = FxHashMap::default();
        for (var, argument) in vars.iter().zip(rest) {
            let term = self.term(*argument)?;
            let sort = self.pool.var_info(*var).sort;
            map.insert(*var, self.coerced(*argument, term, sort)?);
        }
        Ok(self.pool.substitute(body, &map))
    }

    /// `(let ((x e) …) body)`: the `e` are read before any `x` is bound.
    fn scoped(&mut self, at: Sexpr, rest: &[Sexpr]) -> Read<Term> {
        let [_, body] = *rest else {
            return Err(self.wrong(at, "a `let` has a list of names and a body"));
        };
        let names = self.open(at, rest)?;
        let body = self.term(body);
        names.iter().for_each(|name| self.forget(name));
        body
    }

    /// Binds the names of a `let`; the caller forgets them.
    fn open(&mut self, at: Sexpr, rest: &[Sexpr]) -> Read<Vec<&'t str>> {
        let source = self.source;
        let Some(items) = rest.first().and_then(|list| source.list(*list)) else {
            return Err(self.wrong(at, "a `let` has a list of names and a body"));
        };
        let mut bindings = Vec::new();
        for item in items {
            let Some([name, value]) = source.list(*item) else {
                return Err(self.wrong(*item, "a name is bound as `(name expression)`"));
            };
            bindings.push((self.name(*name)?, self.term(*value)?));
        }
        bindings.iter().for_each(|(name, term)| self.bind(name, *term));
        Ok(bindings.into_iter().map(|(name, _)| name).collect())
    }

    fn quantified(&mut self, at: Sexpr, all: bool, rest: &[Sexpr]) -> Read<Term> {
        let [binders, body] = *rest else {
            return Err(self.wrong(at, "a quantifier has a list of variables and a body"));
        };
        let (names, vars) = self.binders(binders)?;
        let body = self.term(body);
        names.iter().for_each(|name| self.forget(name));
        let body = body?;
        // exists x: p = not forall x: not p
        let body = if all { body } else { self.pool.not(body) };
        let term = self.pool.forall(vars, body);
        Ok(if all { term } else { self.pool.not(term) })
    }

    // table: one arm per operator
    fn operation(&mut self, at: Sexpr, head: &str, mut list: Vec<Term>) -> Read<Term> {
        let arithmetic = matches!(head, "+" | "-" | "*" | "/" | "<" | "<=" | ">" | ">=");
        if arithmetic || matches!(head, "=" | "distinct" | "ite") {
            self.unify(head, &mut list);
        }
        self.check_sorts(at, head, &list)?;
        let real = list.first().is_some_and(|t| self.pool.sort(*t) == Sort::Real);
        let sort = if real { Sort::Real } else { Sort::Int };
        let pool = &mut self.pool;
        let term = match (head, list.as_slice()) {
            ("not", [a]) => pool.not(*a),
            ("and", _) => pool.and(list),
            ("or", _) => pool.or(list),
            ("xor", [first, rest @ ..]) => rest.iter().fold(*first, |a, b| pool.ne(a, *b)),
            ("=>", [rest @ .., last]) => rest.iter().rev().fold(*last, |b, a| pool.implies(*a, b)),
            ("ite", [c, a, b]) => pool.ite(*c, *a, *b),
            ("=", [_, _, ..]) => linked(pool, &list, Pool::eq),
            ("<=", [_, _, ..]) => linked(pool, &list, Pool::le),
            ("<", [_, _, ..]) => linked(pool, &list, Pool::lt),
            (">=", [_, _, ..]) => linked(pool, &list, |pool, a, b| pool.le(b, a)),
            (">", [_, _, ..]) => linked(pool, &list, |pool, a, b| pool.lt(b, a)),
            ("distinct", [_, _, ..]) => {
                let mut differ = Vec::new();
                for (n, a) in list.iter().enumerate() {
                    differ.extend(list.iter().skip(n + 1).map(|b| pool.ne(*a, *b)));
                }
                pool.and(differ)
            }
            ("+", [_, ..]) => pool.add(list, sort),
            ("-", [a]) => pool.neg(*a),
            ("-", [first, rest @ ..]) => rest.iter().fold(*first, |a, b| pool.sub(a, *b)),
            ("*", [first, rest @ ..]) => rest.iter().fold(*first, |a, b| pool.mul(a, *b)),
            ("/", [first, rest @ ..]) => {
                let first = if real { *first } else { pool.to_real(*first) };
                rest.iter().fold(first, |a, b| {
                    let b = if real { *b } else { pool.to_real(*b) };
                    pool.real_div(a, b)
                })
            }
            ("div", [first, rest @ ..]) => rest.iter().fold(*first, |a, b| pool.div(a, *b)),
            ("mod", [a, b]) => pool.modulo(*a, *b),
            ("abs", [a]) => {
                let (zero, minus) = (pool.add([], sort), pool.neg(*a));
                let positive = pool.le(zero, *a);
                pool.ite(positive, *a, minus)
            }
            ("to_real", [a]) => {
                if real {
                    *a
                } else {
                    pool.to_real(*a)
                }
            }
            _ => {
                let message = format!("`{head}` with {} arguments is not supported", list.len());
                return Err(self.beyond(at, &message));
            }
        };
        Ok(term)
    }

    /// Integers among reals become reals.
    fn unify(&mut self, head: &str, list: &mut [Term]) {
        let skip = usize::from(head == "ite");
        let real = list.iter().skip(skip).any(|t| self.pool.sort(*t) == Sort::Real);
        if real {
            for term in list.iter_mut().skip(skip) {
                if self.pool.sort(*term) == Sort::Int {
                    *term = self.pool.to_real(*term);
                }
            }
        }
    }

    fn check_sorts(&self, at: Sexpr, head: &str, list: &[Term]) -> Read<()> {
        let sorts: Vec<Sort> = list.iter().map(|t| self.pool.sort(*t)).collect();
        let all = |good: fn(&Sort) -> bool| sorts.iter().all(good);
        let same = |list: &[Sort]| list.windows(2).all(|pair| pair.first() == pair.last());
        let fits = match head {
            "not" | "and" | "or" | "xor" | "=>" => all(|s| *s == Sort::Bool),
            "=" | "distinct" => same(&sorts),
            "ite" => match sorts.split_first() {
                Some((first, rest)) => *first == Sort::Bool && same(rest),
                None => false,
            },
            "div" | "mod" => all(|s| *s == Sort::Int),
            "+" | "-" | "*" | "/" | "<" | "<=" | ">" | ">=" | "abs" | "to_real" => {
                all(|s| *s != Sort::Bool)
            }
            _ => true,
        };
        if fits {
            Ok(())
        } else {
            Err(self.wrong(at, &format!("the sorts under `{head}` do not fit")))
        }
    }

    /// A term as one of the sort that is wanted.
    ///
    /// # Errors
    /// It has another sort.
    pub fn coerced(&mut self, at: Sexpr, term: Term, wanted: Sort) -> Read<Term> {
        match (self.pool.sort(term), wanted) {
            (Sort::Int, Sort::Real) => Ok(self.pool.to_real(term)),
            (found, wanted) if found == wanted => Ok(term),
            (found, wanted) => {
                let (found, wanted) = (super::sort(found), super::sort(wanted));
                Err(self.wrong(at, &format!("this is of sort {found}, and {wanted} is wanted")))
            }
        }
    }

    /// Something wrong at an expression.
    pub fn wrong(&self, at: Sexpr, message: &str) -> Unreadable {
        Unreadable::Wrong(Trouble::new(self.source.place(at), message))
    }

    fn beyond(&self, at: Sexpr, message: &str) -> Unreadable {
        Unreadable::Beyond(Trouble::new(self.source.place(at), message))
    }

    fn short(&self, sexpr: Sexpr) -> String {
        self.source.text(sexpr).chars().take(60).collect()
    }
}

fn linked(
    pool: &mut Pool,
    list: &[Term],
    mut relate: impl FnMut(&mut Pool, Term, Term) -> Term,
) -> Term {
    let mut links = Vec::new();
    for (a, b) in list.iter().zip(list.iter().skip(1)) {
        links.push(relate(pool, *a, *b));
    }
    pool.and(links)
}

enum Number {
    Int(BigInt),
    Real(BigRational),
}

fn number(atom: &str) -> Option<Number> {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    match atom.split_once('.') {
        None => digits(atom).then(|| atom.parse().ok().map(Number::Int))?,
        Some((whole, part)) => {
            if !digits(whole) || !digits(part) {
                return None;
            }
            let mut scale = BigInt::one();
            for _ in 0..part.len() {
                scale *= 10;
            }
            let numerator: BigInt = format!("{whole}{part}").parse().ok()?;
            let whole =
                if scale.is_zero() { return None } else { BigRational::new(numerator, scale) };
            Some(Number::Real(whole))
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::super::{Symbols, term};
    use super::*;

    fn read(text: &str) -> Result<String, Unreadable> {
        let sexprs = Sexprs::parse(text).unwrap();
        let mut reader = Reader::new(&sexprs, Pool::new());
        for (name, sort) in
            [("x", Sort::Int), ("y", Sort::Int), ("r", Sort::Real), ("p", Sort::Bool)]
        {
            let var = reader.pool.declare(name, sort, None, Role::State);
            let variable = reader.pool.var(var);
            reader.bind(name, variable);
        }
        let read = reader.term(sexprs.roots()[0])?;
        let symbols = Symbols::new(&reader.pool);
        Ok(term(&reader.pool, read, &|v| symbols.current(v)))
    }

    #[test]
    fn what_is_printed_is_read_as_the_same() {
        let texts = [
            "(and (<= x y) p)",
            "(let ((a (+ x y)) (b p)) (or b (<= a 3)))",
            "(= r (/ 1.0 3.0))",
            "(ite p (- x) (mod y 3))",
            "(forall ((i Int)) (<= i x))",
            "(< x y 7)",
            "(distinct x y 3)",
            "(=> p (> r 1))",
        ];
        for text in texts {
            let once = read(text).unwrap();
            assert_eq!(read(&once).unwrap(), once, "{text}");
        }
    }

    #[test]
    fn inner_names_hide_outer_ones() {
        assert_eq!(read("(let ((x y)) (let ((y x)) (= x y)))").unwrap(), "true");
        assert_eq!(read("(let ((x y) (y x)) (= x y))").unwrap(), read("(= x y)").unwrap());
    }

    #[test]
    fn what_is_beyond_terms_is_told_from_what_is_wrong() {
        assert!(matches!(read("(select x 1)"), Err(Unreadable::Beyond(_))));
        assert!(matches!(read("#b101"), Err(Unreadable::Beyond(_))));
        assert!(matches!(read("(+ x z)"), Err(Unreadable::Wrong(_))));
        assert!(matches!(read("(and x p)"), Err(Unreadable::Wrong(_))));
    }
}
