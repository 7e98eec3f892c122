//! Properties to text: deadlines, knowledge, coalitions.

use std::fmt::{self, Write};

use super::super::ast::{Coalition, Deadline, Expr, ExprKind, Name, Quantifier};
use super::super::parser::level;
use super::expressions::{
    ENCLOSED, OPERAND, Place, WHOLE, bracketed, clear, due_place, flat, in_parentheses,
    leads_to_places,
};

/// Writes a property whose words are no operators.
pub(super) fn property(out: &mut dyn Write, expr: &Expr, place: Place) -> fmt::Result {
    match expr.kind.as_ref() {
        ExprKind::Within(due, body) => {
            within_head(out, due)?;
            flat(out, body, due_place(body, place))
        }
        ExprKind::LeadsTo(left, right, due) => {
            let (left_place, right_place) = leads_to_places(left, right, place);
            flat(out, left, left_place)?;
            out.write_str(" leads to ")?;
            before_deadline(out, right, right_place, due.as_ref())
        }
        ExprKind::Detects(judge, fault, due) => {
            flat(out, judge, place.left(level::ADD))?;
            out.write_str(" detects ")?;
            let place = clear(fault, place.right(level::COMPARE), level::ADD);
            before_deadline(out, fault, place, due.as_ref())
        }
        ExprKind::Knows(judge, fact) => {
            flat(out, judge, place.left(level::ADD))?;
            out.write_str(" knows ")?;
            flat(out, fact, clear(fact, place.right(level::COMPARE), level::ADD))
        }
        ExprKind::Deniable(fact, judge) => {
            flat(out, fact, place.left(level::ADD))?;
            out.write_str(" deniable to ")?;
            flat(out, judge, OPERAND)
        }
        ExprKind::Attributes { judge, fault, culprit, within } => {
            flat(out, judge, place.left(level::ADD))?;
            out.write_str(" attributes ")?;
            flat(out, fault, OPERAND)?;
            write!(out, " to {}", culprit.text)?;
            let Some(bound) = within else { return Ok(()) };
            out.write_str(" within ")?;
            flat(out, bound, OPERAND)
        }
        ExprKind::Smallest(name, body) => {
            write!(out, "smallest {} : ", name.text)?;
            flat(out, body, WHOLE)
        }
        ExprKind::AccountableSound(name) => accountable(out, "sound", name.as_ref()),
        ExprKind::AccountableComplete(name) => accountable(out, "complete", name.as_ref()),
        ExprKind::Consistent(elements) => bracketed(out, "consistent ", '{', elements, '}'),
        ExprKind::Inconsistent(elements) => bracketed(out, "inconsistent ", '{', elements, '}'),
        ExprKind::Force { .. } => force(out, expr),
        ExprKind::NoDeviation { coalition, within, margin } => {
            bracketed(out, "no deviation by ", '{', coalition, '}')?;
            out.write_str(" pays")?;
            deadline(out, within)?;
            let Some(margin) = margin else { return Ok(()) };
            out.write_str(" by more than ")?;
            flat(out, margin, OPERAND)
        }
        _ => out.write_str("unreadable"),
    }
}

/// Would a `within` written behind the expression be read as part of it?
pub(super) fn captures_within(expr: &Expr) -> bool {
    let mut at = expr;
    loop {
        at = match at.kind.as_ref() {
            ExprKind::Within(..)
            | ExprKind::LeadsTo(..)
            | ExprKind::Detects(..)
            | ExprKind::Attributes { .. }
            | ExprKind::Force { .. }
            | ExprKind::NoDeviation { .. }
            | ExprKind::AccountableSound(_)
            | ExprKind::AccountableComplete(_) => return true,
            ExprKind::Unary(_, right)
            | ExprKind::Binary(_, _, right)
            | ExprKind::If(_, _, right)
            | ExprKind::Knows(_, right)
            | ExprKind::Smallest(_, right)
            | ExprKind::Quantified(Quantifier::All | Quantifier::Some, _, _, right) => right,
            _ => return false,
        };
    }
}

// --- Deadlines and coalitions ----------------------------------------------

/// `within b [TICK] `, up to what is due.
pub(super) fn within_head(out: &mut dyn Write, due: &Deadline) -> fmt::Result {
    out.write_str("within ")?;
    flat(out, &due.bound, OPERAND)?;
    if let Some(tick) = &due.tick {
        write!(out, " {}", tick.text)?;
    }
    out.write_char(' ')
}

/// ` within b [TICK]`
pub(super) fn deadline(out: &mut dyn Write, due: &Deadline) -> fmt::Result {
    out.write_str(" within ")?;
    flat(out, &due.bound, OPERAND)?;
    match &due.tick {
        Some(tick) => write!(out, " {}", tick.text),
        None => Ok(()),
    }
}

/// Writes an expression and the deadline behind it, kept apart.
pub(super) fn before_deadline(
    out: &mut dyn Write,
    expr: &Expr,
    place: Place,
    due: Option<&Deadline>,
) -> fmt::Result {
    let Some(due) = due else { return flat(out, expr, place) };
    if place.level == ENCLOSED.level || captures_within(expr) {
        in_parentheses(out, expr)?;
    } else {
        flat(out, expr, Place { last: true, ..place })?;
    }
    deadline(out, due)
}

fn accountable(out: &mut dyn Write, word: &str, name: Option<&Name>) -> fmt::Result {
    write!(out, "accountable {word}")?;
    match name {
        Some(name) => write!(out, " {}", name.text),
        None => Ok(()),
    }
}

fn force(out: &mut dyn Write, expr: &Expr) -> fmt::Result {
    let ExprKind::Force { coalition, can, goal, within, unseen } = expr.kind.as_ref() else {
        return Ok(());
    };
    match coalition {
        Coalition::Named(members) => bracketed(out, "", '{', members, '}')?,
        Coalition::SomeOf(family, size) => up_to(out, "some", family, size)?,
        Coalition::NoneOf(family, size) => up_to(out, "no", family, size)?,
    }
    out.write_str(if *can { " can force " } else { " cannot force " })?;
    let mut place = clear(goal, WHOLE, level::UNTIL);
    if *unseen && captures_within(goal) {
        place = ENCLOSED;
    }
    before_deadline(out, goal, place, within.as_ref())?;
    out.write_str(if *unseen { " unseen" } else { "" })
}

fn up_to(out: &mut dyn Write, word: &str, family: &Name, size: &Expr) -> fmt::Result {
    write!(out, "{word} coalition of {} up to ", family.text)?;
    flat(out, size, OPERAND)
}
