//! Expressions over several lines, where one is not enough.
//!
//! Broken before operators, so that each line begins with the word that says
//! how it joins the one above; whatever fits on the rest of its line stays on it.

use std::fmt::{self, Write};

use super::super::ast::{BinaryOp, Expr, ExprKind, UnaryOp};
use super::super::depth::long_chain;
use super::WIDTH;
use super::expressions::{
    Place, WHOLE, binary_level, binary_word, binders, due_place, flat, leads_to_places,
    needs_parentheses, operand_places, prefix_place, unary_word, write_binders,
};
use super::properties::within_head;

/// Counts characters up to a limit, and refuses more.
struct Ruler {
    left: usize,
}

impl Write for Ruler {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let width = text.chars().count();
        self.left = self.left.checked_sub(width).ok_or(fmt::Error)?;
        Ok(())
    }
}

/// Does what is written fit into so many columns?
pub(super) fn fits(width: usize, write: impl FnOnce(&mut dyn Write) -> fmt::Result) -> bool {
    write(&mut Ruler { left: width }).is_ok()
}

/// How many columns of the last line are taken.
pub(super) fn column(out: &str) -> usize {
    out.rsplit('\n').next().unwrap_or("").chars().count()
}

/// Writes an expression at the end of `out`, its further lines at `indent`; `after` columns
/// must stay free behind it.
pub(super) fn tall(
    out: &mut String,
    expr: &Expr,
    place: Place,
    indent: usize,
    after: usize,
) -> fmt::Result {
    stacker::maybe_grow(64 * 1024, 1024 * 1024, || {
        let room = WIDTH.saturating_sub(column(out) + after);
        if fits(room, |ruler| flat(ruler, expr, place)) {
            return flat(out, expr, place);
        }
        if needs_parentheses(expr, place) {
            out.push('(');
            broken(out, expr, WHOLE, indent + 2, after + 1)?;
            out.push(')');
            return Ok(());
        }
        broken(out, expr, place, indent, after)
    })
}

fn broken(out: &mut String, expr: &Expr, place: Place, indent: usize, after: usize) -> fmt::Result {
    match expr.kind.as_ref() {
        ExprKind::Binary(..) => lines(out, expr, place, indent, after),
        ExprKind::Unary(op, operand) if *op != UnaryOp::Neg => {
            write!(out, "{} ", unary_word(*op))?;
            tall(out, operand, prefix_place(expr, operand, place), indent + 2, after)
        }
        ExprKind::Within(due, body) => {
            within_head(out, due)?;
            tall(out, body, due_place(body, place), indent + 2, after)
        }
        ExprKind::If(condition, yes, no) => {
            out.push_str("if ");
            tall(out, condition, WHOLE, indent + 2, 0)?;
            new_line(out, indent);
            out.push_str("then ");
            tall(out, yes, WHOLE, indent + 2, 0)?;
            new_line(out, indent);
            out.push_str("else ");
            tall(out, no, WHOLE, indent + 2, after)
        }
        ExprKind::Quantified(..) => quantified(out, expr, place, indent, after),
        ExprKind::LeadsTo(left, right, None) => {
            let (left_place, right_place) = leads_to_places(left, right, place);
            tall(out, left, left_place, indent + 2, 0)?;
            new_line(out, indent);
            out.push_str("leads to ");
            tall(out, right, right_place, indent + 2, after)
        }
        _ => flat(out, expr, place),
    }
}

fn quantified(
    out: &mut String,
    expr: &Expr,
    place: Place,
    indent: usize,
    after: usize,
) -> fmt::Result {
    use super::super::ast::Quantifier::{All, Some as SomeOf};
    let Some((quantifier @ (All | SomeOf), binders, body)) = binders(expr) else {
        return flat(out, expr, place);
    };
    out.push_str(if quantifier == All { "all " } else { "some " });
    write_binders(out, &binders)?;
    new_line(out, indent + 2);
    tall(out, body, WHOLE, indent + 2, after)
}

/// A chain of one operator, one operand on each line.
fn lines(out: &mut String, expr: &Expr, place: Place, indent: usize, after: usize) -> fmt::Result {
    let operands = operands(expr, place);
    let end = operands.len().saturating_sub(1);
    for (at, (op, operand, place)) in operands.into_iter().enumerate() {
        if let Some(op) = op {
            new_line(out, indent);
            write!(out, "{} ", binary_word(op))?;
        }
        tall(out, operand, place, indent + 2, if at == end { after } else { 0 })?;
    }
    Ok(())
}

type Operand<'e> = (Option<BinaryOp>, &'e Expr, Place);

/// The operands that are written without parentheses between them, each with its operator.
fn operands(expr: &Expr, place: Place) -> Vec<Operand<'_>> {
    if let Some((op, list)) = long_chain(expr) {
        let (left, right) = operand_places(op, place);
        let end = list.len().saturating_sub(1);
        let one = |(at, operand)| match at {
            0 => (None, operand, left),
            _ => (Some(op), operand, Place { last: right.last && at == end, ..right }),
        };
        return list.into_iter().enumerate().map(one).collect();
    }
    let ExprKind::Binary(op, ..) = expr.kind.as_ref() else {
        return vec![(None, expr, place)];
    };
    if *op == BinaryOp::Implies { rightward(expr, place) } else { leftward(expr, place) }
}

/// `a implies b implies c`
fn rightward(expr: &Expr, place: Place) -> Vec<Operand<'_>> {
    let mut list = Vec::new();
    let (mut at, mut place, mut before) = (expr, place, None);
    while let ExprKind::Binary(op @ BinaryOp::Implies, left, right) = at.kind.as_ref() {
        let (left_place, right_place) = operand_places(*op, place);
        list.push((before, left, left_place));
        (at, place, before) = (right, right_place, Some(*op));
    }
    list.push((before, at, place));
    list
}

/// `a + b - c`
fn leftward(expr: &Expr, place: Place) -> Vec<Operand<'_>> {
    let mut list = Vec::new();
    let (mut at, mut place) = (expr, place);
    let mut level = None;
    while let ExprKind::Binary(op, left, right) = at.kind.as_ref() {
        let same = level.is_none_or(|level| level == binary_level(*op));
        if !same || needs_parentheses(at, place) || (level.is_some() && long_chain(at).is_some()) {
            break;
        }
        level = Some(binary_level(*op));
        let (left_place, right_place) = operand_places(*op, place);
        list.push((Some(*op), right, right_place));
        (at, place) = (left, left_place);
    }
    list.push((None, at, place));
    list.reverse();
    list
}

pub(super) fn new_line(out: &mut String, indent: usize) {
    out.push('\n');
    out.extend(std::iter::repeat_n(' ', indent));
}
