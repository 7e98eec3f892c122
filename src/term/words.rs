//! Terms over parameters in the words of the language, so that they can be read, and read back.

use super::{Node, Pool, Sort, Term};

/// How tightly an expression binds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Level {
    Or,
    And,
    Compared,
    Sum,
    Product,
    Single,
}

/// The longest text that is still of use.
const LONGEST: usize = 2_000;

/// The term as a formula of the language; `None` where it has no such form, or too long a one.
pub fn words(pool: &Pool, term: Term) -> Option<String> {
    let mut room = LONGEST;
    worded(pool, term, &mut room).map(|(text, _)| text)
}

fn worded(pool: &Pool, term: Term, room: &mut usize) -> Option<(String, Level)> {
    *room = room.checked_sub(1)?;
    let mut at = |term: Term, level: Level| {
        let (text, own) = worded(pool, term, room)?;
        Some(if own < level { format!("({text})") } else { text })
    };
    let mut list = |terms: &[Term], level: Level, word: &str| {
        let parts = terms.iter().map(|t| at(*t, level)).collect::<Option<Vec<_>>>()?;
        Some(parts.join(word))
    };
    Some(match pool.node(term) {
        Node::Bool(value) => (value.to_string(), Level::Single),
        Node::Int(value) => (value.to_string(), Level::Sum),
        Node::Real(value) => (value.to_string(), Level::Product),
        Node::Var(var) => (pool.var_info(*var).name.clone(), Level::Single),
        Node::Not(inner) => match pool.node(*inner) {
            Node::Le(a, b) => (compared(*b, "<", *a, &mut at)?, Level::Compared),
            Node::Eq(a, b) if pool.sort(*a) != Sort::Bool => {
                (compared(*a, "!=", *b, &mut at)?, Level::Compared)
            }
            _ => (format!("not {}", at(*inner, Level::Single)?), Level::Compared),
        },
        Node::And(terms) => (list(terms, Level::Compared, " and ")?, Level::And),
        Node::Or(terms) => (list(terms, Level::And, " or ")?, Level::Or),
        Node::Ite(c, a, b) => {
            let [c, a, b] = [at(*c, Level::Or)?, at(*a, Level::Or)?, at(*b, Level::Or)?];
            (format!("(if {c} then {a} else {b})"), Level::Single)
        }
        Node::Eq(a, b) if pool.sort(*a) == Sort::Bool => {
            let [a, b] = [at(*a, Level::Single)?, at(*b, Level::Single)?];
            (format!("({a} iff {b})"), Level::Single)
        }
        Node::Eq(a, b) => (compared(*a, "=", *b, &mut at)?, Level::Compared),
        Node::Le(a, b) => (compared(*a, "<=", *b, &mut at)?, Level::Compared),
        Node::Add(terms) => (list(terms, Level::Product, " + ")?, Level::Sum),
        Node::Mul(a, b) => (list(&[*a, *b], Level::Single, " * ")?, Level::Product),
        Node::Div(a, b) | Node::RealDiv(a, b) => {
            (list(&[*a, *b], Level::Single, " / ")?, Level::Product)
        }
        Node::Mod(a, b) => (list(&[*a, *b], Level::Single, " mod ")?, Level::Product),
        Node::ToReal(a) => return worded(pool, *a, room),
        Node::Forall(..) => return None,
    })
}

fn compared(
    a: Term,
    op: &str,
    b: Term,
    at: &mut dyn FnMut(Term, Level) -> Option<String>,
) -> Option<String> {
    Some(format!("{} {op} {}", at(a, Level::Sum)?, at(b, Level::Sum)?))
}
