//! Expressions to text, with the fewest parentheses that read back as the same tree.
//!
//! What decides about parentheses is the [`Place`] of an expression: how
//! tightly the operator around it binds, whether it begins a whole expression
//! (there `always` reaches to the end), and whether it is the last in it
//! (there `if`, `all` and `not` cannot swallow what follows).

use std::fmt::{self, Write};

use super::super::ast::{BinaryOp, Expr, ExprKind, Name, Quantifier, Set, UnaryOp};
use super::super::depth::long_chain;
use super::super::parser::level;
use super::properties::property;

/// Where an expression stands.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    /// The loosest level that needs no parentheses here.
    pub level: u8,
    /// It begins a whole expression.
    pub leading: bool,
    /// Nothing follows it in the whole expression.
    pub last: bool,
}

/// A whole expression, as after `:`, `=`, `(` or `when`.
pub(super) const WHOLE: Place = Place { level: level::ANY, leading: true, last: true };

/// An operand between other words, such as a bound.
pub(super) const OPERAND: Place = Place { level: level::ADD, leading: false, last: false };

impl Place {
    /// The left operand at `level`.
    pub(super) fn left(self, level: u8) -> Place {
        Place { level, leading: self.leading, last: false }
    }

    /// The right operand at `level`.
    pub(super) fn right(self, level: u8) -> Place {
        Place { level, leading: false, last: self.last }
    }
}

/// How an expression joins its neighbours.
enum Shape {
    /// Operands that bind at this level.
    Level(u8),
    /// A prefix that binds like `not`.
    Prefix,
    /// A prefix that reaches to the end where it leads.
    Reaching,
    /// A prefix that always reaches to the end.
    Open,
    /// A sentence of its own, in parentheses anywhere but at the beginning.
    Sentence,
}

fn shape(expr: &Expr) -> Shape {
    use UnaryOp::{Historically, Neg, Next, Not, Once, Previously};
    match expr.kind.as_ref() {
        ExprKind::LeadsTo(..) => Shape::Level(level::LEADS_TO),
        ExprKind::Binary(op, ..) => Shape::Level(binary_level(*op)),
        ExprKind::In(..)
        | ExprKind::Knows(..)
        | ExprKind::Detects(..)
        | ExprKind::Deniable(..)
        | ExprKind::Attributes { .. } => Shape::Level(level::COMPARE),
        ExprKind::Unary(Neg, _) => Shape::Level(level::NEGATE),
        ExprKind::Int(number) | ExprKind::Real(number) if number.starts_with('-') => {
            Shape::Level(level::NEGATE)
        }
        ExprKind::Unary(Not | Next | Once | Historically | Previously, _) => Shape::Prefix,
        ExprKind::Within(..) => Shape::Prefix,
        ExprKind::Unary(..) => Shape::Reaching,
        ExprKind::If(..) | ExprKind::Quantified(Quantifier::All | Quantifier::Some, ..) => {
            Shape::Open
        }
        ExprKind::Force { .. } | ExprKind::NoDeviation { .. } | ExprKind::Smallest(..) => {
            Shape::Sentence
        }
        _ => Shape::Level(u8::MAX),
    }
}

/// Does the expression need parentheses at this place?
pub(super) fn needs_parentheses(expr: &Expr, place: Place) -> bool {
    match shape(expr) {
        Shape::Level(level) => level < place.level,
        Shape::Prefix => level::NOT < place.level && !place.last,
        Shape::Reaching if place.leading => !place.last,
        Shape::Reaching => level::NOT < place.level && !place.last,
        Shape::Open => !place.last,
        Shape::Sentence => !(place.leading && place.last),
    }
}

pub(super) fn binary_level(op: BinaryOp) -> u8 {
    use BinaryOp::{
        Add, And, Div, Eq, Ge, Gt, Iff, Implies, Le, Lt, Mod, Mul, Ne, Or, Since, Sub, Until,
    };
    match op {
        Iff => level::IFF,
        Implies => level::IMPLIES,
        Or => level::OR,
        And => level::AND,
        Until | Since => level::UNTIL,
        Eq | Ne | Lt | Le | Gt | Ge => level::COMPARE,
        Add | Sub => level::ADD,
        Mul | Div | Mod => level::MULTIPLY,
    }
}

/// The places of a binary operator's operands.
pub(super) fn operand_places(op: BinaryOp, place: Place) -> (Place, Place) {
    let level = binary_level(op);
    match level {
        level::IMPLIES => (place.left(level + 1), place.right(level)),
        level::UNTIL | level::COMPARE => (place.left(level + 1), place.right(level + 1)),
        _ => (place.left(level), place.right(level + 1)),
    }
}

pub(super) fn binary_word(op: BinaryOp) -> &'static str {
    match op {
        BinaryOp::Iff => "iff",
        BinaryOp::Implies => "implies",
        BinaryOp::Or => "or",
        BinaryOp::And => "and",
        BinaryOp::Until => "until",
        BinaryOp::Since => "since",
        BinaryOp::Eq => "=",
        BinaryOp::Ne => "!=",
        BinaryOp::Lt => "<",
        BinaryOp::Le => "<=",
        BinaryOp::Gt => ">",
        BinaryOp::Ge => ">=",
        BinaryOp::Add => "+",
        BinaryOp::Sub => "-",
        BinaryOp::Mul => "*",
        BinaryOp::Div => "/",
        BinaryOp::Mod => "mod",
    }
}

pub(super) fn unary_word(op: UnaryOp) -> &'static str {
    match op {
        UnaryOp::Not => "not",
        UnaryOp::Neg => "-",
        UnaryOp::Always => "always",
        UnaryOp::Never => "never",
        UnaryOp::Eventually => "eventually",
        UnaryOp::Next => "next",
        UnaryOp::Once => "once",
        UnaryOp::Historically => "historically",
        UnaryOp::Previously => "previously",
        UnaryOp::Recurs => "recurs",
        UnaryOp::Settles => "settles",
        UnaryOp::Possible => "possible",
        UnaryOp::AlwaysPossible => "always possible",
        UnaryOp::Valid => "valid",
    }
}

/// In parentheses, whatever it is.
pub(super) const ENCLOSED: Place = Place { level: u8::MAX, leading: false, last: false };

/// The place itself, or parentheses that no reading needs but the reader: around whatever is
/// joined more loosely than `level`.
pub(super) fn clear(operand: &Expr, place: Place, level: u8) -> Place {
    match shape(operand) {
        Shape::Level(own) if own < level => ENCLOSED,
        _ => place,
    }
}

/// The place of a prefix's operand: `not (x = 1)`, `always (p implies q)`, but `always x <= 1`.
pub(super) fn prefix_place(expr: &Expr, operand: &Expr, place: Place) -> Place {
    match shape(expr) {
        // `always possible p` is one property, `always (possible p)` another.
        Shape::Reaching if is_always(expr) && is_possible(operand) => ENCLOSED,
        Shape::Reaching if place.leading => clear(operand, WHOLE, level::COMPARE),
        Shape::Level(_) => place.right(level::NEGATE),
        _ => clear(operand, place.right(level::NOT), level::NEGATE),
    }
}

fn is_always(expr: &Expr) -> bool {
    matches!(expr.kind.as_ref(), ExprKind::Unary(UnaryOp::Always, _))
}

fn is_possible(expr: &Expr) -> bool {
    matches!(expr.kind.as_ref(), ExprKind::Unary(UnaryOp::Possible, _))
}

/// The place of what is due `within b`.
pub(super) fn due_place(body: &Expr, place: Place) -> Place {
    if begins_with_minus(body) {
        return ENCLOSED;
    }
    clear(body, place.right(level::NOT), level::NEGATE)
}

/// The places of the two sides of `leads to`.
pub(super) fn leads_to_places(left: &Expr, right: &Expr, place: Place) -> (Place, Place) {
    let of = |side, at| clear(side, at, level::UNTIL);
    (of(left, place.left(level::IFF)), of(right, place.right(level::IFF)))
}

/// Does the text of the expression begin with `-`?
fn begins_with_minus(expr: &Expr) -> bool {
    let mut at = expr;
    loop {
        at = match at.kind.as_ref() {
            ExprKind::Unary(UnaryOp::Neg, _) => return true,
            ExprKind::Int(number) | ExprKind::Real(number) => return number.starts_with('-'),
            ExprKind::Binary(_, left, _)
            | ExprKind::In(left, _)
            | ExprKind::LeadsTo(left, ..)
            | ExprKind::Knows(left, _)
            | ExprKind::Detects(left, ..)
            | ExprKind::Deniable(left, _) => left,
            _ => return false,
        };
    }
}

/// Writes an expression on one line.
pub(super) fn flat(out: &mut dyn Write, expr: &Expr, place: Place) -> fmt::Result {
    stacker::maybe_grow(64 * 1024, 1024 * 1024, || {
        if needs_parentheses(expr, place) {
            out.write_char('(')?;
            bare(out, expr, WHOLE)?;
            out.write_char(')')
        } else {
            bare(out, expr, place)
        }
    })
}

/// Writes an expression that needs no parentheses.
fn bare(out: &mut dyn Write, expr: &Expr, place: Place) -> fmt::Result {
    match expr.kind.as_ref() {
        ExprKind::Bool(value) => write!(out, "{value}"),
        ExprKind::Int(number) | ExprKind::Real(number) => out.write_str(number),
        ExprKind::Name(name) => out.write_str(&name.text),
        ExprKind::Index(name, index) => bracketed(out, &name.text, '[', index, ']'),
        ExprKind::Call(name, arguments) => bracketed(out, &name.text, '(', arguments, ')'),
        ExprKind::Range(low, high) => range(out, low, high),
        ExprKind::Prime(cell) => {
            flat(out, cell, OPERAND.right(u8::MAX))?;
            out.write_char('\'')
        }
        ExprKind::Unary(UnaryOp::Neg, operand) => negation(out, expr, operand, place),
        ExprKind::Unary(op, operand) => {
            write!(out, "{} ", unary_word(*op))?;
            flat(out, operand, prefix_place(expr, operand, place))
        }
        ExprKind::Binary(op, left, right) => binary(out, expr, (*op, left, right), place),
        ExprKind::If(condition, yes, no) => {
            out.write_str("if ")?;
            flat(out, condition, WHOLE)?;
            out.write_str(" then ")?;
            flat(out, yes, WHOLE)?;
            out.write_str(" else ")?;
            flat(out, no, WHOLE)
        }
        ExprKind::Quantified(..) => quantified(out, expr),
        ExprKind::In(element, set) => {
            flat(out, element, place.left(level::ADD))?;
            out.write_str(" in ")?;
            write_set(out, set)
        }
        _ => property(out, expr, place),
    }
}

pub(super) fn in_parentheses(out: &mut dyn Write, expr: &Expr) -> fmt::Result {
    out.write_char('(')?;
    flat(out, expr, WHOLE)?;
    out.write_char(')')
}

fn negation(out: &mut dyn Write, expr: &Expr, operand: &Expr, place: Place) -> fmt::Result {
    out.write_char('-')?;
    if begins_with_minus(operand) {
        return in_parentheses(out, operand);
    }
    flat(out, operand, prefix_place(expr, operand, place))
}

fn binary(
    out: &mut dyn Write,
    expr: &Expr,
    (op, left, right): (BinaryOp, &Expr, &Expr),
    place: Place,
) -> fmt::Result {
    let (left_place, right_place) = operand_places(op, place);
    let Some((op, operands)) = long_chain(expr) else {
        flat(out, left, left_place)?;
        write!(out, " {} ", binary_word(op))?;
        return flat(out, right, right_place);
    };
    let end = operands.len().saturating_sub(1);
    for (at, operand) in operands.into_iter().enumerate() {
        if at == 0 {
            flat(out, operand, left_place)?;
            continue;
        }
        write!(out, " {} ", binary_word(op))?;
        flat(out, operand, Place { last: right_place.last && at == end, ..right_place })?;
    }
    Ok(())
}

pub(super) fn bracketed(
    out: &mut dyn Write,
    before: &str,
    open: char,
    elements: &[Expr],
    close: char,
) -> fmt::Result {
    out.write_str(before)?;
    out.write_char(open)?;
    for (at, element) in elements.iter().enumerate() {
        if at > 0 {
            out.write_str(", ")?;
        }
        flat(out, element, WHOLE)?;
    }
    out.write_char(close)
}

pub(super) fn range(out: &mut dyn Write, low: &Expr, high: &Expr) -> fmt::Result {
    flat(out, low, OPERAND)?;
    out.write_str("..")?;
    flat(out, high, OPERAND)
}

pub(super) fn write_set(out: &mut dyn Write, set: &Set) -> fmt::Result {
    match set {
        Set::Elements(elements, _) => bracketed(out, "", '{', elements, '}'),
        Set::Range(low, high) => range(out, low, high),
        Set::Sort(name) => out.write_str(&name.text),
    }
}

/// A quantifier, what it binds, and its body.
type Bound<'e> = (Quantifier, Vec<(&'e Name, &'e Set)>, &'e Expr);

/// A quantifier with the ones right below it that are written together with it.
pub(super) fn binders(expr: &Expr) -> Option<Bound<'_>> {
    let ExprKind::Quantified(first, name, set, body) = expr.kind.as_ref() else { return None };
    let (mut quantifier, mut body) = (*first, body);
    let mut binders = vec![(name, set)];
    while let ExprKind::Quantified(inner, name, set, deeper) = body.kind.as_ref() {
        // `count` of pairs is the sum of counts.
        let joins = *inner == quantifier && quantifier != Quantifier::Count
            || *inner == Quantifier::Count && quantifier == Quantifier::Sum;
        if !joins {
            break;
        }
        quantifier = *inner;
        binders.push((name, set));
        body = deeper;
    }
    Some((quantifier, binders, body))
}

/// `all x in S, y in T :`, without the `(` of an aggregate.
pub(super) fn write_binders(out: &mut dyn Write, binders: &[(&Name, &Set)]) -> fmt::Result {
    for (at, (name, set)) in binders.iter().enumerate() {
        let comma = if at > 0 { ", " } else { "" };
        write!(out, "{comma}{} in ", name.text)?;
        write_set(out, set)?;
    }
    out.write_str(" :")
}

fn quantified(out: &mut dyn Write, expr: &Expr) -> fmt::Result {
    let Some((quantifier, binders, body)) = binders(expr) else { return Ok(()) };
    let (word, close) = match quantifier {
        Quantifier::All => ("all ", ""),
        Quantifier::Some => ("some ", ""),
        Quantifier::Count => ("count(", ")"),
        Quantifier::Sum => ("sum(", ")"),
        Quantifier::Min => ("min(", ")"),
        Quantifier::Max => ("max(", ")"),
    };
    out.write_str(word)?;
    write_binders(out, &binders)?;
    out.write_char(' ')?;
    flat(out, body, WHOLE)?;
    out.write_str(close)
}
