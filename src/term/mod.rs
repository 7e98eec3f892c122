//! Terms: the formulas that solvers see.
//!
//! Terms are hash-consed in a [`Pool`], so that equal terms are one term and a
//! comparison is a comparison of numbers. They are born well-formed: nodes are
//! private and only the constructors of [`build`] make them, which check sorts
//! in debug builds, fold constants, and keep conjunctions flat and sorted.
//! Each integer term carries an interval that contains its value in every
//! assignment within the variables' bounds; the encoder needs it to choose
//! widths, and folding uses it (`x <= 5` is true for `x : 0..5`).
//!
//! Only three sorts exist: finite sorts of the language are integers with
//! bounds here, and whether those become bit-vectors is the solver's affair.

pub mod bounds;
pub mod build;
pub mod evaluate;
pub mod smtlib;
pub mod transform;

use indexmap::IndexSet;
use num_bigint::BigInt;
use num_rational::BigRational;
use rustc_hash::FxBuildHasher;

pub use bounds::Bounds;

/// A sort of terms.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Sort {
    /// Truth values.
    Bool,
    /// Integers.
    Int,
    /// Reals.
    Real,
}

/// A term of some [`Pool`]; meaningless in any other, except in clones made after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Term(u32);

/// A variable of some [`Pool`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Var(pub u32);

/// What a variable stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// A parameter: one value for the whole run.
    Rigid,
    /// A state cell.
    State,
    /// Drawn anew every period.
    Input,
    /// Bound by a quantifier.
    Bound,
}

/// A variable's declaration.
#[derive(Clone, Debug)]
pub struct VarInfo {
    /// Its name in the words of the spec.
    pub name: String,
    /// Its sort.
    pub sort: Sort,
    /// For integers: values it never leaves; assumed wherever it is used.
    pub bounds: Bounds,
    /// What it stands for.
    pub role: Role,
}

/// The shape of a term.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Node {
    /// A truth value.
    Bool(bool),
    /// An integer.
    Int(BigInt),
    /// A rational.
    Real(BigRational),
    /// A variable.
    Var(Var),
    /// Negation; never of a negation.
    Not(Term),
    /// Conjunction of two or more; flat, sorted, without complements.
    And(Vec<Term>),
    /// Disjunction of two or more; flat, sorted, without complements.
    Or(Vec<Term>),
    /// A conditional of any sort.
    Ite(Term, Term, Term),
    /// Equality of two terms of one sort.
    Eq(Term, Term),
    /// `a <= b` on numbers.
    Le(Term, Term),
    /// A sum of two or more.
    Add(Vec<Term>),
    /// A product of two.
    Mul(Term, Term),
    /// Euclidean quotient; anything when the divisor is zero.
    Div(Term, Term),
    /// Euclidean remainder; anything when the divisor is zero.
    Mod(Term, Term),
    /// Quotient of reals; anything when the divisor is zero.
    RealDiv(Term, Term),
    /// An integer as a real.
    ToReal(Term),
    /// For all values of the bound variables (within their bounds).
    Forall(Vec<Var>, Term),
}

/// A store of terms and variables.
#[derive(Clone, Debug, Default)]
pub struct Pool {
    nodes: IndexSet<Node, FxBuildHasher>,
    sorts: Vec<Sort>,
    bounds: Vec<Bounds>,
    vars: Vec<VarInfo>,
}

impl Pool {
    /// An empty store.
    pub fn new() -> Pool {
        Pool::default()
    }

    /// Declares a variable.
    pub fn declare(&mut self, name: &str, sort: Sort, bounds: Bounds, role: Role) -> Var {
        let var = Var(u32::try_from(self.vars.len()).unwrap_or(u32::MAX));
        self.vars.push(VarInfo { name: name.to_owned(), sort, bounds, role });
        var
    }

    /// How many variables are declared.
    pub fn variable_count(&self) -> usize {
        self.vars.len()
    }

    /// Says what a variable stands for, where a format declares it before that is known.
    pub fn set_role(&mut self, var: Var, role: Role) {
        if let Some(info) = self.vars.get_mut(var.0 as usize) {
            info.role = role;
        }
    }

    /// A variable's declaration.
    ///
    /// # Panics
    /// When the variable is of another pool.
    #[expect(clippy::indexing_slicing, reason = "variables come from this pool's `declare`")]
    pub fn var_info(&self, var: Var) -> &VarInfo {
        &self.vars[var.0 as usize]
    }

    /// The shape of a term.
    ///
    /// # Panics
    /// When the term is of another pool.
    #[expect(clippy::indexing_slicing, reason = "terms come from this pool's constructors")]
    pub fn node(&self, term: Term) -> &Node {
        &self.nodes[term.0 as usize]
    }

    /// The sort of a term.
    ///
    /// # Panics
    /// When the term is of another pool.
    #[expect(clippy::indexing_slicing, reason = "terms come from this pool's constructors")]
    pub fn sort(&self, term: Term) -> Sort {
        self.sorts[term.0 as usize]
    }

    /// An interval that contains every value of an integer term.
    ///
    /// # Panics
    /// When the term is of another pool.
    #[expect(clippy::indexing_slicing, reason = "terms come from this pool's constructors")]
    pub fn bounds(&self, term: Term) -> Bounds {
        self.bounds[term.0 as usize]
    }

    /// The number of different terms so far.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether no term has been made.
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    fn intern(&mut self, node: Node, sort: Sort) -> Term {
        let (at, new) = self.nodes.insert_full(node);
        if new {
            let bounds = self.bounds_of_new(at, sort);
            self.sorts.push(sort);
            self.bounds.push(bounds);
        }
        Term(u32::try_from(at).unwrap_or(u32::MAX))
    }
}

/// The terms directly below a node, in order.
pub fn children(node: &Node) -> Vec<Term> {
    match node {
        Node::Bool(_) | Node::Int(_) | Node::Real(_) | Node::Var(_) => Vec::new(),
        Node::Not(a) | Node::ToReal(a) | Node::Forall(_, a) => vec![*a],
        Node::And(list) | Node::Or(list) | Node::Add(list) => list.clone(),
        Node::Ite(a, b, c) => vec![*a, *b, *c],
        Node::Eq(a, b)
        | Node::Le(a, b)
        | Node::Mul(a, b)
        | Node::Div(a, b)
        | Node::Mod(a, b)
        | Node::RealDiv(a, b) => vec![*a, *b],
    }
}
