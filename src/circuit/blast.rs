//! From terms to circuits, and from bits back to values and terms.
//!
//! Every integer term becomes as many bits in two's complement as its interval
//! needs (`term::bounds`), so that no operation wraps; bits that the interval
//! fixes, such as the sign of a number that is never negative, are constants
//! and not latches. A variable's bounds are assumed wherever it occurs: those of
//! inputs in every step, those of state variables in every state, and a step whose
//! next value leaves them is none.

use num_bigint::BigInt;
use num_traits::ToPrimitive;
use rustc_hash::FxHashMap;

use super::graph::{Edge, Graph, Values};
use super::word::{self, Word};
use super::{Circuit, Input, Latch, Run};
use crate::system::{Problem, Valuation};
use crate::term::{Node, Pool, Sort, Term, Var, children};
use crate::types::core::Value;

/// The most valuations that a quantifier is expanded to.
const MAX_EXPANSION: u64 = 4096;
/// The most bits of a number.
const MAX_WIDTH: usize = 62;

/// Why a problem has no circuit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unblastable {
    /// A number without an interval, or a real.
    Unbounded,
    /// A quantifier over too many valuations.
    TooManyValuations,
}

impl std::fmt::Display for Unblastable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Unblastable::Unbounded => "a number has no bounds",
            Unblastable::TooManyValuations => "a quantifier ranges over too many valuations",
        })
    }
}

/// A problem as a circuit, with the bits of its variables.
#[derive(Clone, Debug)]
pub struct Blasted {
    /// The circuit; parameters are latches that keep their value.
    pub circuit: Circuit,
    rigid: Vec<Bits>,
    states: Vec<Bits>,
    inputs: Vec<Bits>,
    on_step: bool,
}

/// A variable's bits; constants where its bounds fix them.
#[derive(Clone, Debug)]
pub struct Bits {
    /// The variable.
    pub var: Var,
    /// Its bits: leaves and constants.
    pub word: Word,
    bounds: Option<(i64, i64)>,
}

/// Blasts a problem.
///
/// # Errors
/// When some number has no bounds, or a quantifier ranges over too much.
pub fn blast(problem: &Problem) -> Result<Blasted, Unblastable> {
    let system = &problem.system;
    let pool = &system.pool;
    let mut blaster = Blaster::default();
    let mut declare = |vars: &mut dyn Iterator<Item = Var>| {
        vars.map(|v| blaster.declare(pool, v)).collect::<Result<Vec<Bits>, _>>()
    };
    let rigid = declare(&mut system.rigid.iter().copied())?;
    let states = declare(&mut system.states.iter().map(|s| s.var))?;
    let inputs = declare(&mut system.inputs.iter().copied())?;
    let mut circuit = Circuit::default();
    for bits in &rigid {
        let keep = bits.word.clone();
        circuit.latches.extend(latches(pool, bits, &keep));
    }
    let drawn: Vec<Edge> = inputs.iter().map(|bits| blaster.inside(bits)).collect();
    circuit.inputs = inputs.iter().flat_map(|bits| input_bits(pool, bits)).collect();
    circuit.init = blaster.terms(pool, &system.init)?;
    circuit.always = blaster.terms(pool, &system.lemmas)?;
    let known: Vec<Edge> = rigid.iter().chain(&states).map(|bits| blaster.inside(bits)).collect();
    circuit.always.extend(known);
    circuit.step = blaster.terms(pool, &system.step)?;
    circuit.step.extend(&drawn);
    for (bits, state) in states.iter().zip(&system.states) {
        let next = blaster.word(pool, state.next)?;
        let (next, fits) = blaster.fitted(bits, &next);
        circuit.step.push(fits);
        circuit.latches.extend(latches(pool, bits, &next));
    }
    circuit.bad = blaster.bool(pool, problem.bad)?;
    if problem.on_step {
        let drawn = blaster.graph.all(drawn);
        circuit.bad = blaster.graph.and(circuit.bad, drawn);
    }
    circuit.graph = blaster.graph;
    Ok(Blasted { circuit, rigid, states, inputs, on_step: problem.on_step })
}

fn is_free(bit: &Edge) -> bool {
    bit.known().is_none()
}

/// The free bits of a variable with their next values.
fn latches(pool: &Pool, bits: &Bits, next: &[Edge]) -> Vec<Latch> {
    let name = |n: usize| bit_name(pool, bits, n);
    let pairs = bits.word.iter().zip(next).enumerate().filter(|(_, (bit, _))| is_free(bit));
    pairs.map(|(n, (leaf, next))| Latch { leaf: *leaf, next: *next, name: name(n) }).collect()
}

fn input_bits(pool: &Pool, bits: &Bits) -> Vec<Input> {
    let free = bits.word.iter().enumerate().filter(|(_, bit)| is_free(bit));
    free.map(|(n, leaf)| Input { leaf: *leaf, name: bit_name(pool, bits, n) }).collect()
}

/// `x` for a truth value, `x.0`, `x.1`, … for the bits of a number.
fn bit_name(pool: &Pool, bits: &Bits, n: usize) -> String {
    let name = &pool.var_info(bits.var).name;
    if bits.bounds.is_none() { name.clone() } else { format!("{name}.{n}") }
}

/// Bits needed for every value of `lo..=hi` in two's complement.
fn width(lo: i64, hi: i64) -> usize {
    let bits = |n: i64| 65 - if n < 0 { (!n).leading_zeros() } else { n.leading_zeros() };
    bits(lo).max(bits(hi)) as usize
}

/// Builds terms in a graph.
#[derive(Default)]
struct Blaster {
    graph: Graph,
    variables: FxHashMap<Var, Word>,
    done: FxHashMap<Term, Word>,
}

impl Blaster {
    fn declare(&mut self, pool: &Pool, var: Var) -> Result<Bits, Unblastable> {
        let info = pool.var_info(var);
        let (word, bounds) = match (info.sort, info.bounds) {
            (Sort::Bool, _) => (vec![self.graph.leaf()], None),
            (Sort::Int, Some((lo, hi))) => (self.free_word(lo, hi)?, Some((lo, hi))),
            _ => return Err(Unblastable::Unbounded),
        };
        self.variables.insert(var, word.clone());
        Ok(Bits { var, word, bounds })
    }

    /// Leaves, but for the upper bits on which all values agree.
    fn free_word(&mut self, lo: i64, hi: i64) -> Result<Word, Unblastable> {
        let width = bounded_width(lo, hi)?;
        let differing = 64 - (lo ^ hi).leading_zeros() as usize;
        let fixed = word::constant(lo, width);
        Ok((0..width)
            .zip(fixed)
            .map(|(n, fixed)| if n < differing { self.graph.leaf() } else { fixed })
            .collect())
    }

    /// That a variable lies within its bounds.
    fn inside(&mut self, bits: &Bits) -> Edge {
        let Some((lo, hi)) = bits.bounds else { return Edge::TRUE };
        let width = bits.word.len();
        let [lo, hi] = [lo, hi].map(|n| word::constant(n, width));
        let above = self.graph.word_signed_less(&lo, &bits.word, true);
        let below = self.graph.word_signed_less(&bits.word, &hi, true);
        self.graph.and(above, below)
    }

    /// A value cut to a variable's width, and whether it is within the variable's bounds.
    fn fitted(&mut self, bits: &Bits, value: &[Edge]) -> (Word, Edge) {
        if bits.bounds.is_none() {
            return (value.to_vec(), Edge::TRUE);
        }
        let width = value.len().max(bits.word.len());
        let wide = Bits { word: word::signed(value, width), ..bits.clone() };
        let fits = self.inside(&wide);
        (word::signed(value, bits.word.len()), fits)
    }

    fn terms(&mut self, pool: &Pool, terms: &[Term]) -> Result<Vec<Edge>, Unblastable> {
        terms.iter().map(|t| self.bool(pool, *t)).collect()
    }

    fn bool(&mut self, pool: &Pool, term: Term) -> Result<Edge, Unblastable> {
        self.word(pool, term).map(|word| word.first().copied().unwrap_or(Edge::FALSE))
    }

    /// The bits of a term; children first, without recursion.
    fn word(&mut self, pool: &Pool, term: Term) -> Result<Word, Unblastable> {
        let mut todo = vec![(term, false)];
        while let Some((t, ready)) = todo.pop() {
            if self.done.contains_key(&t) {
                continue;
            }
            let node = pool.node(t);
            if ready || matches!(node, Node::Forall(..)) {
                let word = self.build(pool, t)?;
                self.done.insert(t, word);
            } else {
                todo.push((t, true));
                todo.extend(children(node).into_iter().map(|c| (c, false)));
            }
        }
        Ok(self.built(term))
    }

    fn built(&self, term: Term) -> Word {
        self.done.get(&term).cloned().unwrap_or_default()
    }

    fn bit(&self, term: Term) -> Edge {
        self.done.get(&term).and_then(|word| word.first()).copied().unwrap_or(Edge::FALSE)
    }

    // table: one arm per kind of node
    fn build(&mut self, pool: &Pool, term: Term) -> Result<Word, Unblastable> {
        let bit = |edge: Edge| Ok(vec![edge]);
        match pool.node(term) {
            Node::Bool(b) => bit(Edge::constant(*b)),
            Node::Int(n) => number(n),
            Node::Var(v) => self.variables.get(v).cloned().ok_or(Unblastable::Unbounded),
            Node::Not(a) => bit(!self.bit(*a)),
            Node::And(list) => {
                let parts: Vec<Edge> = list.iter().map(|t| self.bit(*t)).collect();
                bit(self.graph.all(parts))
            }
            Node::Or(list) => {
                let parts: Vec<Edge> = list.iter().map(|t| self.bit(*t)).collect();
                bit(self.graph.any(parts))
            }
            Node::Ite(c, a, b) => {
                let (a, b) = self.pair(*a, *b);
                let word = self.graph.word_ite(self.bit(*c), &a, &b);
                fit(pool, term, word)
            }
            Node::Eq(a, b) => {
                let (a, b) = self.pair(*a, *b);
                bit(self.graph.word_eq(&a, &b))
            }
            Node::Le(a, b) => {
                let (a, b) = self.pair(*a, *b);
                bit(self.graph.word_signed_less(&a, &b, true))
            }
            Node::Add(list) => self.sum(pool, term, list),
            Node::Mul(a, b) => {
                let width = width_of(pool, term)?;
                let [a, b] = [*a, *b].map(|t| word::signed(&self.built(t), width));
                Ok(self.graph.word_mul(&a, &b))
            }
            Node::Div(a, b) => {
                let (quotient, _) = self.graph.word_euclid(&self.built(*a), &self.built(*b));
                fit(pool, term, quotient)
            }
            Node::Mod(a, b) => {
                let (_, rest) = self.graph.word_euclid(&self.built(*a), &self.built(*b));
                fit(pool, term, rest)
            }
            Node::Forall(vars, body) => self.forall(pool, vars, *body).and_then(bit),
            Node::Real(_) | Node::RealDiv(..) | Node::ToReal(_) => Err(Unblastable::Unbounded),
        }
    }

    /// Two words of one width: truth values as they are, numbers extended by their sign.
    fn pair(&self, a: Term, b: Term) -> (Word, Word) {
        let (a, b) = (self.built(a), self.built(b));
        let width = a.len().max(b.len());
        (word::signed(&a, width), word::signed(&b, width))
    }

    /// Modular addition at the width of the sum's own interval: right at the end.
    fn sum(&mut self, pool: &Pool, term: Term, list: &[Term]) -> Result<Word, Unblastable> {
        let width = width_of(pool, term)?;
        let mut sum = word::constant(0, width);
        for part in list {
            let part = word::signed(&self.built(*part), width);
            sum = self.graph.word_add(&sum, &part);
        }
        Ok(sum)
    }

    /// The conjunction of the body over all values of the variables within their bounds.
    fn forall(&mut self, pool: &Pool, vars: &[Var], body: Term) -> Result<Edge, Unblastable> {
        let mut assignments: Vec<Vec<Word>> = vec![Vec::new()];
        for var in vars {
            let values = values_of(pool, *var)?;
            if (assignments.len() * values.len()) as u64 > MAX_EXPANSION {
                return Err(Unblastable::TooManyValuations);
            }
            let extended = assignments.iter().flat_map(|known| {
                values.iter().map(|v| known.iter().chain([v]).cloned().collect::<Vec<Word>>())
            });
            assignments = extended.collect();
        }
        let (variables, done) = (self.variables.clone(), std::mem::take(&mut self.done));
        let mut parts = Vec::new();
        for assignment in assignments {
            self.variables.extend(vars.iter().copied().zip(assignment));
            self.done.clear();
            parts.push(self.bool(pool, body)?);
        }
        (self.variables, self.done) = (variables, done);
        Ok(self.graph.all(parts))
    }
}

fn bounded_width(lo: i64, hi: i64) -> Result<usize, Unblastable> {
    Some(width(lo, hi)).filter(|w| *w <= MAX_WIDTH).ok_or(Unblastable::Unbounded)
}

fn width_of(pool: &Pool, term: Term) -> Result<usize, Unblastable> {
    let (lo, hi) = pool.bounds(term).ok_or(Unblastable::Unbounded)?;
    bounded_width(lo, hi)
}

/// Cuts a number to the width of the term's interval, which contains its value.
fn fit(pool: &Pool, term: Term, word: Word) -> Result<Word, Unblastable> {
    match pool.sort(term) {
        Sort::Bool => Ok(word),
        _ => width_of(pool, term).map(|width| word::signed(&word, width)),
    }
}

fn number(n: &BigInt) -> Result<Word, Unblastable> {
    let n = n.to_i64().ok_or(Unblastable::Unbounded)?;
    bounded_width(n, n).map(|width| word::constant(n, width))
}

/// All values of a bound variable, as words.
fn values_of(pool: &Pool, var: Var) -> Result<Vec<Word>, Unblastable> {
    let info = pool.var_info(var);
    match (info.sort, info.bounds) {
        (Sort::Bool, _) => Ok(vec![vec![Edge::FALSE], vec![Edge::TRUE]]),
        (Sort::Int, Some((lo, hi))) if hi.abs_diff(lo) < MAX_EXPANSION => {
            let width = bounded_width(lo, hi)?;
            Ok((lo..=hi).map(|n| word::constant(n, width)).collect())
        }
        (Sort::Int, Some(_)) => Err(Unblastable::TooManyValuations),
        _ => Err(Unblastable::Unbounded),
    }
}

impl Blasted {
    /// A run of bits as values of the problem's variables.
    pub fn valuation(&self, run: &Run) -> Valuation {
        let mut rigid = Vec::new();
        let mut periods = Vec::new();
        for (n, (state, inputs)) in run.periods.iter().enumerate() {
            let values = self.circuit.values(state, inputs);
            let read = |list: &[Bits]| list.iter().map(|bits| bits.value(&values)).collect();
            if n == 0 {
                rigid = read(&self.rigid);
            }
            let drawn = n + 1 < run.periods.len() || self.on_step;
            periods.push((read(&self.states), drawn.then(|| read(&self.inputs))));
        }
        Valuation { rigid, periods }
    }

    /// The variables whose bits are latches.
    pub fn stored(&self) -> impl Iterator<Item = &Bits> {
        self.rigid.iter().chain(&self.states)
    }
}

impl Bits {
    fn value(&self, values: &Values) -> Value {
        let bits = self.word.iter().map(|bit| values.of(*bit));
        match self.bounds {
            None => Value::Bool(bits.into_iter().any(|bit| bit)),
            // Within the bounds already where they are assumed; elsewhere immaterial.
            Some((lo, hi)) => Value::Int(number_of(bits.collect()).clamp(lo, hi).into()),
        }
    }

    /// The bounds, for a number.
    pub fn bounds(&self) -> Option<(i64, i64)> {
        self.bounds
    }
}

/// Bits in two's complement as a number.
fn number_of(bits: Vec<bool>) -> i64 {
    let negative = bits.last().copied().unwrap_or(false);
    let start = if negative { -1 } else { 0 };
    bits.iter().rev().fold(start, |n, bit| (n << 1) | i64::from(*bit))
}
