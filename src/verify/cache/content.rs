//! What a question depends on, as a number.
//!
//! Terms are hashed from the leaves upwards, variables by name, sort and range, so that the number does not
//! depend on what else a pool holds. Of the system only the cone counts: the target, what restricts first
//! states and steps, and the next values of all that these read, read in turn.

use std::collections::BTreeSet;

use rustc_hash::FxHashMap;
use sha2::{Digest, Sha256};

use crate::solver::version;
use crate::system::Problem;
use crate::term::{Node, Pool, Term, Var, children};
use crate::verify::{EngineName, Options};

/// A hash.
pub(in crate::verify) type Hash = [u8; 32];

/// A hash in letters.
pub(super) fn hex(hash: &[u8]) -> String {
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The settings that a decision rests on, and whose programs they were.
pub(super) fn settings(options: &Options) -> String {
    let engine = options.engine.map_or("all", EngineName::name);
    format!(
        "{} {} {engine} {:?} {} {} {}",
        crate::VERSION,
        version::full_version(),
        options.depth,
        options.seed,
        options.certificates,
        options.search_suffices,
    )
}

/// The content of a problem's cone.
pub(in crate::verify) fn of(problem: &Problem) -> Hash {
    let system = &problem.system;
    let mut terms = Terms { pool: &system.pool, known: FxHashMap::default() };
    let mut hash = Sha256::new();
    hash.update([u8::from(problem.on_step)]);
    hash.update(terms.hash(problem.bad));
    for list in [&system.init, &system.step, &system.lemmas] {
        let list: BTreeSet<Hash> = list.iter().map(|term| terms.hash(*term)).collect();
        hash.update((list.len() as u64).to_le_bytes());
        list.iter().for_each(|one| hash.update(one));
    }
    let next: BTreeSet<[Hash; 2]> =
        cone(problem).into_iter().map(|(var, next)| [terms.var(var), terms.hash(next)]).collect();
    next.iter().flatten().for_each(|one| hash.update(one));
    hash.finalize().into()
}

/// The state variables that the question reads, directly or through others, with their next values.
fn cone(problem: &Problem) -> Vec<(Var, Term)> {
    let system = &problem.system;
    let next: FxHashMap<Var, Term> = system.states.iter().map(|s| (s.var, s.next)).collect();
    let all = [problem.bad].into_iter();
    let all = all.chain(system.init.iter().chain(&system.step).chain(&system.lemmas).copied());
    let mut todo: Vec<Term> = all.collect();
    let mut met = BTreeSet::new();
    let mut cone = Vec::new();
    while !todo.is_empty() {
        let read = system.pool.variables(std::mem::take(&mut todo));
        let new = read.into_iter().filter(|var| met.insert(*var));
        let new: Vec<(Var, Term)> = new.filter_map(|var| Some((var, *next.get(&var)?))).collect();
        todo.extend(new.iter().map(|(_, next)| *next));
        cone.extend(new);
    }
    cone
}

/// The hashes of a pool's terms.
struct Terms<'a> {
    pool: &'a Pool,
    known: FxHashMap<Term, Hash>,
}

impl Terms<'_> {
    fn var(&self, var: Var) -> Hash {
        let info = self.pool.var_info(var);
        let about = format!("{:?} {:?} {:?} {}", info.sort, info.bounds, info.role, info.name);
        Sha256::digest(about).into()
    }

    /// From the leaves upwards, without recursion: terms can be deep.
    fn hash(&mut self, term: Term) -> Hash {
        let mut todo = vec![term];
        while let Some(&term) = todo.last() {
            let below = children(self.pool.node(term));
            let unknown: Vec<Term> =
                below.into_iter().filter(|child| !self.known.contains_key(child)).collect();
            if unknown.is_empty() {
                todo.pop();
                let hash = self.node(term);
                self.known.insert(term, hash);
            } else {
                todo.extend(unknown);
            }
        }
        self.known.get(&term).copied().unwrap_or_default()
    }

    /// The hash of a node whose children have theirs. The order of what is joined does not count: it is
    /// that in which the pool met the terms.
    fn node(&self, term: Term) -> Hash {
        let node = self.pool.node(term);
        let mut hash = Sha256::new();
        hash.update(format!("{:?} ", self.pool.sort(term)));
        match node {
            Node::Bool(value) => hash.update(format!("bool {value}")),
            Node::Int(value) => hash.update(format!("int {value}")),
            Node::Real(value) => hash.update(format!("real {value}")),
            Node::Var(var) => hash.update(self.var(*var)),
            Node::Forall(vars, _) => vars.iter().for_each(|var| hash.update(self.var(*var))),
            node => hash.update(shape(node)),
        }
        let of = |child: &Term| self.known.get(child).copied().unwrap_or_default();
        let mut below: Vec<Hash> = children(node).iter().map(of).collect();
        if matches!(node, Node::And(_) | Node::Or(_) | Node::Add(_)) {
            below.sort_unstable();
        }
        below.iter().for_each(|one| hash.update(one));
        hash.finalize().into()
    }
}

/// The name of an operator.
fn shape(node: &Node) -> &'static str {
    match node {
        Node::Not(_) => "not",
        Node::And(_) => "and",
        Node::Or(_) => "or",
        Node::Ite(..) => "ite",
        Node::Eq(..) => "eq",
        Node::Le(..) => "le",
        Node::Add(_) => "add",
        Node::Mul(..) => "mul",
        Node::Div(..) => "div",
        Node::Mod(..) => "mod",
        Node::RealDiv(..) => "real div",
        Node::ToReal(_) => "to real",
        Node::Bool(_) | Node::Int(_) | Node::Real(_) | Node::Var(_) | Node::Forall(..) => "",
    }
}
