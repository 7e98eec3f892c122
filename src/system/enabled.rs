//! Removing inputs: can a step be taken from a state?
//!
//! A period is stuck iff no draw satisfies the restrictions, an existential
//! question about the inputs inside a reachability question about states. The
//! restrictions fall apart into groups that share no input; a group of finite
//! inputs is expanded over their values (Shannon), an unbounded number between
//! bounds is projected away (Fourier and Motzkin), and only the rest is left as
//! a quantifier for the solver.

use rustc_hash::FxHashMap;

use super::System;
use crate::term::{Node, Pool, Sort, Term, Var};

/// How many valuations of one group are expanded.
const LIMIT: u64 = 4096;

/// A term over rigid and state variables, true iff some draw is allowed; with the given
/// restrictions (a conjunction).
pub fn enabled(system: &mut System, allowed: &[Term]) -> Term {
    let inputs = system.inputs.clone();
    let pool = &mut system.pool;
    let conjuncts: Vec<Term> = allowed.iter().flat_map(|t| pool.conjuncts(*t)).collect();
    let groups = groups(pool, &conjuncts, &inputs);
    let parts: Vec<Term> =
        groups.into_iter().map(|(vars, terms)| exists(pool, &vars, &terms)).collect();
    pool.and(parts)
}

/// Conjuncts grouped by the inputs they share; conjuncts without inputs form groups of their own.
fn groups(pool: &Pool, conjuncts: &[Term], inputs: &[Var]) -> Vec<(Vec<Var>, Vec<Term>)> {
    let mut groups: Vec<(Vec<Var>, Vec<Term>)> = Vec::new();
    for term in conjuncts {
        let vars = pool.variables([*term]);
        let mut group: (Vec<Var>, Vec<Term>) =
            (vars.into_iter().filter(|v| inputs.binary_search(v).is_ok()).collect(), vec![*term]);
        let (touching, apart) = std::mem::take(&mut groups).into_iter().partition(
            |(vars, _): &(Vec<Var>, Vec<Term>)| vars.iter().any(|v| group.0.contains(v)),
        );
        groups = apart;
        for (vars, terms) in touching {
            group.0.extend(vars);
            group.1.extend(terms);
        }
        group.0.sort_unstable();
        group.0.dedup();
        groups.push(group);
    }
    groups
}

/// `exists vars. and(terms)`
fn exists(pool: &mut Pool, vars: &[Var], terms: &[Term]) -> Term {
    let mut conjuncts = terms.to_vec();
    let mut left = Vec::new();
    for var in vars {
        let infinite =
            pool.var_info(*var).sort != Sort::Bool && pool.var_info(*var).bounds.is_none();
        match infinite.then(|| project(pool, *var, &conjuncts)).flatten() {
            Some(without) => conjuncts = without,
            None => left.push(*var),
        }
    }
    let body = pool.and(conjuncts);
    expand_or_quantify(pool, &left, body)
}

fn expand_or_quantify(pool: &mut Pool, vars: &[Var], body: Term) -> Term {
    if pool.as_bool(body).is_some() {
        return body;
    }
    match valuations(pool, vars) {
        Some(count) if count <= LIMIT => expand(pool, vars, body),
        _ => {
            let no = pool.not(body);
            let none = pool.forall(vars.to_vec(), no);
            pool.not(none)
        }
    }
}

/// A bound that a conjunct sets to a variable.
enum Limit {
    Lower(Term, bool),
    Upper(Term, bool),
}

/// Conjuncts without an unbounded number, if it occurs in them only as `x <= t`, `t <= x`, their
/// negations or `x = t`: then it exists iff every lower bound is below every upper one (Fourier
/// and Motzkin; exact for integers too, since no coefficient is left).
fn project(pool: &mut Pool, var: Var, conjuncts: &[Term]) -> Option<Vec<Term>> {
    let (mut kept, mut lower, mut upper) = (Vec::new(), Vec::new(), Vec::new());
    for conjunct in conjuncts {
        if !pool.variables([*conjunct]).contains(&var) {
            kept.push(*conjunct);
            continue;
        }
        for limit in limits(pool, var, *conjunct)? {
            match limit {
                Limit::Lower(t, strict) => lower.push((t, strict)),
                Limit::Upper(t, strict) => upper.push((t, strict)),
            }
        }
    }
    for (low, low_strict) in &lower {
        for (high, high_strict) in &upper {
            kept.push(below(pool, *low, *high, *low_strict, *high_strict));
        }
    }
    Some(kept)
}

/// A number between the two exists.
fn below(pool: &mut Pool, low: Term, high: Term, low_strict: bool, high_strict: bool) -> Term {
    match pool.sort(low) {
        Sort::Int => {
            // Between a < x < b there must be room for an integer: a + 1 <= b - 1.
            let room = i64::from(low_strict) + i64::from(high_strict);
            let room = pool.int(room);
            let low = pool.add([low, room], Sort::Int);
            pool.le(low, high)
        }
        _ if low_strict || high_strict => pool.lt(low, high),
        _ => pool.le(low, high),
    }
}

/// What a conjunct says of a variable, if it is nothing but bounds.
fn limits(pool: &Pool, var: Var, conjunct: Term) -> Option<Vec<Limit>> {
    let is_var = |t: Term| matches!(pool.node(t), Node::Var(v) if *v == var);
    let free = |t: Term| !pool.variables([t]).contains(&var);
    match *pool.node(conjunct) {
        Node::Le(a, b) if is_var(a) && free(b) => Some(vec![Limit::Upper(b, false)]),
        Node::Le(a, b) if is_var(b) && free(a) => Some(vec![Limit::Lower(a, false)]),
        Node::Eq(a, b) if is_var(a) && free(b) => {
            Some(vec![Limit::Lower(b, false), Limit::Upper(b, false)])
        }
        Node::Eq(a, b) if is_var(b) && free(a) => {
            Some(vec![Limit::Lower(a, false), Limit::Upper(a, false)])
        }
        Node::Not(inner) => match *pool.node(inner) {
            Node::Le(a, b) if is_var(a) && free(b) => Some(vec![Limit::Lower(b, true)]),
            Node::Le(a, b) if is_var(b) && free(a) => Some(vec![Limit::Upper(a, true)]),
            _ => None,
        },
        _ => None,
    }
}

/// How many valuations finite variables have.
fn valuations(pool: &Pool, vars: &[Var]) -> Option<u64> {
    vars.iter().try_fold(1u64, |count, var| {
        let info = pool.var_info(*var);
        let size = match info.sort {
            Sort::Bool => 2,
            _ => {
                let (lo, hi) = info.bounds?;
                u64::try_from(hi.checked_sub(lo)?.checked_add(1)?).ok()?
            }
        };
        count.checked_mul(size)
    })
}

fn expand(pool: &mut Pool, vars: &[Var], body: Term) -> Term {
    let Some((var, rest)) = vars.split_first() else { return body };
    if pool.as_bool(body).is_some() {
        return body;
    }
    let values: Vec<Term> = match (pool.var_info(*var).sort, pool.var_info(*var).bounds) {
        (Sort::Bool, _) => vec![pool.top(), pool.bottom()],
        (_, Some((lo, hi))) => (lo..=hi).map(|n| pool.int(n)).collect(),
        _ => return body,
    };
    let mut cases = Vec::new();
    for value in values {
        let map = FxHashMap::from_iter([(*var, value)]);
        let case = pool.substitute(body, &map);
        let case = expand(pool, rest, case);
        if pool.as_bool(case) == Some(true) {
            return case;
        }
        cases.push(case);
    }
    pool.or(cases)
}
