//! Terms as SMT-LIB 2.7 text (Barrett, Fontaine and Tinelli).
//!
//! Terms are graphs; as trees they may be exponentially larger. A node that is used more than once
//! is therefore named by a `let`, one `let` for all named nodes of one height, so that the text is
//! linear in the graph and nests no deeper than it. What variables are called is the caller's
//! choice: current and next states, periods or primes are a naming function each.
//!
//! [`sexpr`] and [`read`] go the other way. Nothing here is trusted by verdicts; whoever checks a
//! printed obligation checks the printer too.

pub mod read;
pub mod sexpr;

use std::collections::BTreeSet;
use std::fmt::Write;

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::Signed;
use rustc_hash::{FxHashMap, FxHashSet};

use super::{Bounds, Node, Pool, Sort, Term, Var, children};

/// What a variable is called; the result is printed as it is, so quote it with [`symbol`].
pub type Naming<'a> = &'a dyn Fn(Var) -> String;

/// The name of a sort.
pub fn sort(sort: Sort) -> &'static str {
    match sort {
        Sort::Bool => "Bool",
        Sort::Int => "Int",
        Sort::Real => "Real",
    }
}

/// A name as a symbol: as it is where SMT-LIB allows it, else between bars.
pub fn symbol(name: &str) -> String {
    let simple = |c: char| c.is_ascii_alphanumeric() || "~!@$%^&*_-+=<>.?/".contains(c);
    let starts_well = name.chars().next().is_some_and(|c| !c.is_ascii_digit() && c != '.');
    if starts_well && name.chars().all(simple) && !is_reserved(name) {
        return name.to_owned();
    }
    // Neither bars nor backslashes can be quoted.
    format!("|{}|", name.replace(['|', '\\'], "_"))
}

fn is_reserved(name: &str) -> bool {
    const RESERVED: [&str; 30] = [
        "!", "_", "as", "let", "exists", "forall", "match", "par", "true", "false", "not", "and",
        "or", "xor", "ite", "distinct", "div", "mod", "abs", "to_real", "to_int", "is_int", "+",
        "-", "*", "/", "=", "=>", "<", "<=",
    ];
    RESERVED.contains(&name) || [">", ">=", "select", "store", "assert"].contains(&name)
}

/// A symbol for each variable of a pool, all different: its own name where no earlier variable
/// has it, else with a number behind it. `next` is the symbol with `.next` behind it.
#[derive(Clone, Debug)]
pub struct Symbols {
    current: Vec<String>,
    next: Vec<String>,
}

impl Symbols {
    /// Chooses the symbols.
    pub fn new(pool: &Pool) -> Symbols {
        let mut taken = BTreeSet::new();
        let mut symbols = Symbols { current: Vec::new(), next: Vec::new() };
        for info in &pool.vars {
            let plain = info.name.replace(['|', '\\'], "_");
            let numbered = |n: usize| if n == 0 { plain.clone() } else { format!("{plain}#{n}") };
            let free =
                |name: &String| !taken.contains(name) && !taken.contains(&format!("{name}.next"));
            let name = (0..).map(numbered).find(free).unwrap_or_default();
            let next = format!("{name}.next");
            symbols.current.push(symbol(&name));
            symbols.next.push(symbol(&next));
            taken.extend([name, next]);
        }
        symbols
    }

    /// The symbol of a variable in the current state.
    pub fn current(&self, var: Var) -> String {
        self.current.get(var.0 as usize).cloned().unwrap_or_default()
    }

    /// The symbol of a state variable in the next state.
    pub fn next(&self, var: Var) -> String {
        self.next.get(var.0 as usize).cloned().unwrap_or_default()
    }
}

/// An integer numeral.
pub fn integer(n: &BigInt) -> String {
    if n.is_negative() { format!("(- {})", n.magnitude()) } else { n.to_string() }
}

/// A rational numeral of sort `Real`.
pub fn rational(r: &BigRational) -> String {
    let size = if r.is_integer() {
        format!("{}.0", r.numer().magnitude())
    } else {
        format!("(/ {}.0 {}.0)", r.numer().magnitude(), r.denom())
    };
    if r.is_negative() { format!("(- {size})") } else { size }
}

/// That a variable keeps its bounds, as text; `None` where it has none.
pub fn within(name: &str, bounds: Bounds) -> Option<String> {
    let (lo, hi) = bounds?;
    let [lo, hi] = [lo, hi].map(|n| integer(&n.into()));
    Some(format!("(and (<= {lo} {name}) (<= {name} {hi}))"))
}

/// A term as text.
pub fn term(pool: &Pool, term: Term, name: Naming<'_>) -> String {
    Printer { pool, name, scope: 0 }.whole(term)
}

struct Printer<'a> {
    pool: &'a Pool,
    name: Naming<'a>,
    /// How many quantifiers are around; keeps the names of `let`s apart.
    scope: usize,
}

/// Text of nodes that is already known: the names of shared ones, or short text.
type Known = FxHashMap<Term, String>;

impl Printer<'_> {
    fn whole(&self, root: Term) -> String {
        let layers = self.shared(root);
        let mut known = Known::default();
        let mut text = String::new();
        let depth = layers.len();
        for layer in layers {
            text.push_str("(let (");
            let mut names = Vec::new();
            for node in layer {
                let name = format!("?{}.{}", self.scope, known.len() + names.len());
                // Writing to a string cannot fail.
                let _ = write!(text, "({name} ");
                self.tree(node, &known, &mut text);
                text.push(')');
                names.push((node, name));
            }
            text.push_str(")\n");
            known.extend(names);
        }
        self.tree(root, &known, &mut text);
        text.extend(std::iter::repeat_n(')', depth));
        text
    }

    /// The nodes below `root` that are used more than once, by height.
    fn shared(&self, root: Term) -> Vec<Vec<Term>> {
        let mut uses: FxHashMap<Term, usize> = FxHashMap::default();
        let mut order = Vec::new();
        let mut seen = FxHashSet::default();
        let mut todo = vec![(root, false)];
        while let Some((node, ready)) = todo.pop() {
            if ready {
                order.push(node);
                continue;
            }
            if !seen.insert(node) {
                continue;
            }
            todo.push((node, true));
            for child in self.children(node) {
                *uses.entry(child).or_default() += 1;
                todo.push((child, false));
            }
        }
        let worth = |t: Term| uses.get(&t).is_some_and(|n| *n > 1) && !self.is_short(t);
        // Heights count shared nodes only: a node stands in the layer above those it mentions.
        let mut heights: FxHashMap<Term, usize> = FxHashMap::default();
        let mut layers: Vec<Vec<Term>> = Vec::new();
        for node in order {
            let below = self.children(node).iter().filter_map(|c| heights.get(c)).max();
            let below = below.copied().unwrap_or(0);
            if worth(node) {
                if layers.len() <= below {
                    layers.resize_with(below + 1, Vec::new);
                }
                layers.iter_mut().skip(below).take(1).for_each(|layer| layer.push(node));
                heights.insert(node, below + 1);
            } else {
                heights.insert(node, below);
            }
        }
        layers
    }

    /// Children in the same scope: a quantifier's body has one of its own.
    fn children(&self, node: Term) -> Vec<Term> {
        match self.pool.node(node) {
            Node::Forall(..) => Vec::new(),
            node => children(node),
        }
    }

    fn is_short(&self, node: Term) -> bool {
        matches!(self.pool.node(node), Node::Bool(_) | Node::Int(_) | Node::Real(_) | Node::Var(_))
    }

    /// A node as a tree, where known nodes are leaves; without recursion.
    fn tree(&self, root: Term, known: &Known, text: &mut String) {
        enum Piece {
            Node(Term),
            Text(&'static str),
        }
        let mut todo = vec![Piece::Node(root)];
        while let Some(piece) = todo.pop() {
            let node = match piece {
                Piece::Text(piece) => {
                    text.push_str(piece);
                    continue;
                }
                Piece::Node(node) => node,
            };
            if let Some(name) = known.get(&node) {
                text.push_str(name);
                continue;
            }
            let mut nest = |head: &str, list: &[Term]| {
                text.push('(');
                text.push_str(head);
                todo.push(Piece::Text(")"));
                for child in list.iter().rev() {
                    todo.push(Piece::Node(*child));
                    todo.push(Piece::Text(" "));
                }
            };
            match self.pool.node(node) {
                Node::Bool(b) => text.push_str(if *b { "true" } else { "false" }),
                Node::Int(n) => text.push_str(&integer(n)),
                Node::Real(r) => text.push_str(&rational(r)),
                Node::Var(v) => text.push_str(&(self.name)(*v)),
                Node::Forall(vars, body) => text.push_str(&self.forall(vars, *body)),
                Node::Div(a, b) | Node::Mod(a, b) if self.may_be_zero(*b) => {
                    // Both are fixed to zero there, as for every solver of this house.
                    text.push_str("(ite (= ");
                    let head = self.head(node);
                    todo.extend([
                        Piece::Text("))"),
                        Piece::Node(*b),
                        Piece::Text(" "),
                        Piece::Node(*a),
                        Piece::Text(" "),
                        Piece::Text(head),
                        Piece::Text(" 0) 0 ("),
                        Piece::Node(*b),
                    ]);
                }
                other => nest(self.head(node), &children(other)),
            }
        }
    }

    fn may_be_zero(&self, divisor: Term) -> bool {
        match self.pool.as_int(divisor) {
            Some(n) => n == &BigInt::ZERO,
            None => self.pool.bounds(divisor).is_none_or(|(lo, hi)| lo <= 0 && hi >= 0),
        }
    }

    fn head(&self, node: Term) -> &'static str {
        match self.pool.node(node) {
            Node::Not(_) => "not",
            Node::And(_) => "and",
            Node::Or(_) => "or",
            Node::Ite(..) => "ite",
            Node::Eq(..) => "=",
            Node::Le(..) => "<=",
            Node::Add(_) => "+",
            Node::Mul(..) => "*",
            Node::Div(..) => "div",
            Node::Mod(..) => "mod",
            Node::RealDiv(..) => "/",
            Node::ToReal(_) => "to_real",
            Node::Forall(..) => "forall",
            Node::Bool(_) | Node::Int(_) | Node::Real(_) | Node::Var(_) => "",
        }
    }

    fn forall(&self, vars: &[Var], body: Term) -> String {
        let inner = Printer { pool: self.pool, name: self.name, scope: self.scope + 1 };
        let body = stacker::maybe_grow(64 * 1024, 1024 * 1024, || inner.whole(body));
        let names: Vec<String> = vars.iter().map(|v| (self.name)(*v)).collect();
        let info = |v: &Var| self.pool.var_info(*v);
        let binders = vars.iter().zip(&names).map(|(v, n)| format!("({n} {})", sort(info(v).sort)));
        let bounds = vars.iter().zip(&names).filter_map(|(v, n)| within(n, info(v).bounds));
        let premises: Vec<String> = bounds.collect();
        let binders = binders.collect::<Vec<_>>().join(" ");
        match premises.is_empty() {
            true => format!("(forall ({binders}) {body})"),
            false => format!("(forall ({binders}) (=> (and {}) {body}))", premises.join(" ")),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::super::Role;
    use super::*;

    fn state(pool: &mut Pool, name: &str, bounds: Bounds) -> Term {
        let var = pool.declare(name, Sort::Int, bounds, Role::State);
        pool.var(var)
    }

    fn text(pool: &Pool, t: Term) -> String {
        let symbols = Symbols::new(pool);
        term(pool, t, &|v| symbols.current(v))
    }

    #[test]
    fn names_and_numerals_are_as_the_standard_has_them() {
        assert_eq!(symbol("phase"), "phase");
        assert_eq!(symbol("known[2]"), "|known[2]|");
        assert_eq!(symbol("let"), "|let|");
        assert_eq!(symbol("9"), "|9|");
        assert_eq!(integer(&BigInt::from(-3)), "(- 3)");
        assert_eq!(rational(&BigRational::new((-1).into(), 2.into())), "(- (/ 1.0 2.0))");
    }

    #[test]
    fn names_that_two_variables_have_are_told_apart() {
        let mut pool = Pool::new();
        let one = state(&mut pool, "x", None);
        let other = state(&mut pool, "x", None);
        let differ = pool.le(one, other);
        assert_eq!(text(&pool, differ), "(<= x x#1)".replace("x#1", "|x#1|"));
    }

    #[test]
    fn text_is_linear_in_the_graph() {
        let mut pool = Pool::new();
        let x = state(&mut pool, "x", None);
        let mut sum = x;
        for _ in 0..200 {
            sum = pool.mul(sum, sum);
        }
        let goal = pool.eq(sum, x);
        assert!(text(&pool, goal).len() < 10_000);
    }

    #[test]
    fn division_by_what_may_be_zero_is_zero() {
        let mut pool = Pool::new();
        let (x, y) = (state(&mut pool, "x", None), state(&mut pool, "y", None));
        let z = state(&mut pool, "z", Some((1, 3)));
        let (open, safe) = (pool.div(x, y), pool.modulo(x, z));
        assert_eq!(text(&pool, open), "(ite (= y 0) 0 (div x y))");
        assert_eq!(text(&pool, safe), "(mod x z)");
    }

    #[test]
    fn quantified_variables_keep_their_bounds() {
        let mut pool = Pool::new();
        let x = state(&mut pool, "x", None);
        let i = pool.declare("i", Sort::Int, Some((0, 2)), Role::Bound);
        let bound = pool.var(i);
        let body = pool.le(bound, x);
        let all = pool.forall(vec![i], body);
        let expected = "(forall ((i Int)) (=> (and (and (<= 0 i) (<= i 2))) (<= i x)))";
        assert_eq!(text(&pool, all), expected);
    }
}
