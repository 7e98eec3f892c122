//! Linear forms of terms, and what a problem's atoms say about which forms matter.

use std::collections::{BTreeMap, BTreeSet};

use num_bigint::BigInt;
use num_integer::Integer;
use num_rational::BigRational;
use num_traits::{One, Signed, Zero};
use rustc_hash::FxHashSet;

use crate::system::Problem;
use crate::term::{Node, Pool, Sort, Term, Var, children};

/// `Σ coefficient · term`, without a constant.
pub(super) type Form = BTreeMap<Term, BigRational>;

/// What a problem speaks about.
#[derive(Clone, Debug, Default)]
pub(super) struct Vocabulary {
    /// Forms that atoms compare with constants, first coefficient positive.
    pub(super) forms: BTreeSet<Vec<(Term, BigRational)>>,
    /// Constants that occur.
    pub(super) constants: BTreeSet<BigInt>,
    /// Atoms about states alone, few variables first.
    pub(super) atoms: Vec<Term>,
    /// Remainders and quotients of state terms.
    pub(super) parts: Vec<Term>,
}

/// Collects what a problem's step, bad states and next values speak about.
pub(super) fn vocabulary(problem: &Problem) -> Vocabulary {
    let system = &problem.system;
    let pool = &system.pool;
    let stateful: FxHashSet<Var> =
        system.rigid.iter().copied().chain(system.states.iter().map(|s| s.var)).collect();
    let mut vocabulary = Vocabulary::default();
    let mut seen = FxHashSet::default();
    let mut todo: Vec<Term> = system.states.iter().map(|s| s.next).collect();
    todo.extend(system.step.iter().chain(&system.init).chain([&problem.bad]));
    let mut atoms: Vec<(usize, Term)> = Vec::new();
    while let Some(term) = todo.pop() {
        if !seen.insert(term) {
            continue;
        }
        let variables = || pool.variables([term]);
        let of_state = || variables().iter().all(|v| stateful.contains(v));
        match pool.node(term) {
            Node::Int(n) => {
                vocabulary.constants.insert(n.clone());
            }
            Node::Le(a, b) | Node::Eq(a, b) if pool.sort(*a) != Sort::Bool && of_state() => {
                atoms.push((variables().len(), term));
                vocabulary.forms.extend(normal(pool, *a, *b));
            }
            Node::Mod(..) | Node::Div(..) if of_state() => vocabulary.parts.push(term),
            _ => {}
        }
        todo.extend(children(pool.node(term)));
    }
    atoms.sort_unstable();
    vocabulary.atoms = atoms.into_iter().map(|(_, atom)| atom).collect();
    vocabulary.parts.sort_unstable();
    vocabulary
}

/// The form of `a - b` with integer coefficients without a common divisor, the first positive.
fn normal(pool: &Pool, a: Term, b: Term) -> Option<Vec<(Term, BigRational)>> {
    let mut form = Form::new();
    let one = BigRational::one();
    collect(pool, a, &one, &mut form)?;
    collect(pool, b, &-one, &mut form)?;
    form.retain(|_, c| !c.is_zero());
    let first = form.values().next()?.clone();
    let scale = scale(form.values())? * BigRational::from_integer(first.signum().to_integer());
    Some(form.into_iter().map(|(t, c)| (t, c * &scale)).collect())
}

/// What makes all numbers integers without a common divisor.
pub(super) fn scale<'n>(
    numbers: impl Iterator<Item = &'n BigRational> + Clone,
) -> Option<BigRational> {
    let multiple = numbers.clone().fold(BigInt::one(), |m, n| m.lcm(n.denom()));
    let whole = numbers.map(|n| (n * BigRational::from_integer(multiple.clone())).to_integer());
    let divisor = whole.fold(BigInt::zero(), |d, n| d.gcd(&n));
    (!divisor.is_zero()).then(|| BigRational::new(multiple, divisor))
}

/// Adds `factor · term` to a form; `None` where the term is not linear.
fn collect(pool: &Pool, term: Term, factor: &BigRational, form: &mut Form) -> Option<()> {
    match pool.node(term) {
        Node::Int(_) | Node::Real(_) => Some(()),
        Node::Var(_) | Node::Mod(..) | Node::Div(..) => {
            *form.entry(term).or_default() += factor;
            Some(())
        }
        Node::Add(list) => list.iter().try_for_each(|t| collect(pool, *t, factor, form)),
        Node::Mul(a, b) => {
            let a = match pool.node(*a) {
                Node::Int(n) => BigRational::from_integer(n.clone()),
                Node::Real(r) => r.clone(),
                _ => return None,
            };
            collect(pool, *b, &(factor * a), form)
        }
        _ => None,
    }
}

/// `Σ coefficient · term` as a term; of reals if any of them is, or any coefficient is a fraction.
pub(super) fn sum(pool: &mut Pool, form: &[(Term, BigRational)]) -> Term {
    let whole = form.iter().all(|(t, c)| pool.sort(*t) == Sort::Int && c.is_integer());
    let mut parts = Vec::new();
    for (term, coefficient) in form {
        let (factor, term) = match whole {
            true => (pool.int(coefficient.to_integer()), *term),
            false => {
                let real = pool.sort(*term) == Sort::Real;
                let term = if real { *term } else { pool.to_real(*term) };
                (pool.real(coefficient.clone()), term)
            }
        };
        parts.push(pool.mul(factor, term));
    }
    pool.add(parts, if whole { Sort::Int } else { Sort::Real })
}

/// A constant of the sort of a term that [`sum`] made.
pub(super) fn constant(pool: &mut Pool, like: Term, value: &BigRational, up: bool) -> Term {
    match pool.sort(like) {
        Sort::Int => {
            let whole = if up { value.ceil() } else { value.floor() };
            pool.int(whole.to_integer())
        }
        _ => pool.real(value.clone()),
    }
}
