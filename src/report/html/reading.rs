//! Properties in plain words: the temporal and epistemic frame is told, what it speaks about stays in the
//! spec's own words.
//!
//! The reading is an aid; the formal text stands beside it and is what was decided.

use maud::{Markup, html};

use crate::syntax::ast::{BinaryOp, Coalition, Deadline, Expr, ExprKind, Quantifier, Set, UnaryOp};
use crate::syntax::printer::expression;

/// The sentence, without its full stop.
pub fn sentence(property: &Expr) -> Markup {
    stacker::maybe_grow(64 * 1024, 1024 * 1024, || match &*property.kind {
        ExprKind::Unary(op, p) if framed(*op) => frame(*op, p),
        ExprKind::LeadsTo(p, q, deadline) => html! {
            "In every run: whenever " (clause(p)) ", then " (by_when(deadline.as_ref())) (clause(q))
        },
        ExprKind::Binary(BinaryOp::And, p, q) if speaks(p) || speaks(q) => html! {
            (sentence(p)) "; and: " (sentence(q))
        },
        ExprKind::Smallest(k, p) => html! {
            "The least " code { (k.text) } " for which this holds is sought: " (sentence(p))
        },
        ExprKind::Force { coalition, can, goal, within, unseen } => html! {
            (members(coalition)) @if *can { " can bring it about" } @else { " cannot bring it about" }
            ", whatever everybody else does, that " @if within.is_some() { (by_when(within.as_ref())) } (goal_words(goal))
            @if *unseen { ", moving on no more than what they see" }
        },
        ExprKind::NoDeviation { coalition, within, margin } => html! {
            "In no run would " (listed(coalition)) " have earned "
            @if let Some(margin) = margin { "more than " (code(margin)) " more" } @else { "more" }
            " by departing from the practices for " (code(&within.bound)) " periods"
        },
        ExprKind::AccountableSound(_) => {
            html! { "Nobody is sanctioned who did not break the rule" }
        }
        ExprKind::AccountableComplete(_) => html! {
            "Every breach of the rule comes to be known by somebody who can sanction it"
        },
        ExprKind::Consistent(all) => html! { "These can hold together: " (listed(all)) },
        ExprKind::Inconsistent(all) => html! { "These can never hold together: " (listed(all)) },
        ExprKind::Detects(..) | ExprKind::Deniable(..) | ExprKind::Attributes { .. } => {
            html! { "In every run: " (clause(property)) }
        }
        _ => html! { (clause(property)) },
    })
}

/// Operators that say of which runs and periods something is said.
fn framed(op: UnaryOp) -> bool {
    !matches!(op, UnaryOp::Not | UnaryOp::Neg | UnaryOp::Next | UnaryOp::Previously)
}

fn frame(op: UnaryOp, p: &Expr) -> Markup {
    let words = match op {
        UnaryOp::Always => "In every period of every run: ",
        UnaryOp::Never => "In no period of any run: ",
        UnaryOp::Eventually => "In every run the day comes on which ",
        UnaryOp::Recurs => "In every run, again and again without end: ",
        UnaryOp::Settles => "Every run comes to a period from which on, for good, ",
        UnaryOp::Possible => "Some run reaches a period in which ",
        UnaryOp::AlwaysPossible => "Whatever has happened so far, it stays possible that ",
        UnaryOp::Valid => "For all values of the parameters: ",
        UnaryOp::Once => "It was so before, or is now: ",
        UnaryOp::Historically => "It has always been so: ",
        UnaryOp::Not | UnaryOp::Neg | UnaryOp::Next | UnaryOp::Previously => "",
    };
    html! { (words) (clause(p)) }
}

/// What a coalition brings about: a plain condition is reached.
fn goal_words(goal: &Expr) -> Markup {
    match &*goal.kind {
        ExprKind::Unary(UnaryOp::Always, p) => html! { "for ever " (clause(p)) },
        _ => clause(goal),
    }
}

/// A part of a sentence.
fn clause(e: &Expr) -> Markup {
    stacker::maybe_grow(64 * 1024, 1024 * 1024, || match &*e.kind {
        ExprKind::Binary(BinaryOp::Implies, p, q) => {
            html! { "if " (clause(p)) ", then " (clause(q)) }
        }
        ExprKind::Binary(op @ (BinaryOp::And | BinaryOp::Or), p, q) if speaks(e) => {
            let word = if *op == BinaryOp::And { ", and " } else { ", or " };
            html! { (clause(p)) (word) (clause(q)) }
        }
        ExprKind::Unary(UnaryOp::Not, p) if speaks(p) => html! { "it is not so that " (clause(p)) },
        ExprKind::Unary(op, p) if speaks_itself(e) => html! { (adverb(*op)) (clause(p)) },
        ExprKind::Within(deadline, p) => html! { (by_when(Some(deadline))) (clause(p)) },
        ExprKind::LeadsTo(..) => sentence(e),
        ExprKind::Knows(judge, p) => html! { (code(judge)) " can know that " (clause(p)) },
        ExprKind::Detects(judge, fault, deadline) => html! {
            "once " (code(fault)) ", then " (by_when(deadline.as_ref())) (code(judge))
            " can know that it was so"
        },
        ExprKind::Deniable(fault, judge) => html! {
            (clause(fault)) " can be denied to " (code(judge))
            ": a run without it would have looked the same"
        },
        ExprKind::Attributes { judge, fault, culprit, within } => html! {
            "of whoever did it, that is " (code(fault)) ", " (code(judge)) " can narrow down "
            code { (culprit.text) }
            @if let Some(most) = within { " to at most " (code(most)) }
        },
        ExprKind::Quantified(q @ (Quantifier::All | Quantifier::Some), x, set, p) => html! {
            @if *q == Quantifier::All { "for every " } @else { "for some " }
            code { (x.text) } " in " (set_words(set)) ": " (clause(p))
        },
        _ => code(e),
    })
}

fn adverb(op: UnaryOp) -> &'static str {
    match op {
        UnaryOp::Always => "from then on always ",
        UnaryOp::Never => "from then on never ",
        UnaryOp::Eventually => "some day ",
        UnaryOp::Next => "in the next period ",
        UnaryOp::Once => "at some time up to then ",
        UnaryOp::Historically => "at all times up to then ",
        UnaryOp::Previously => "in the period before ",
        UnaryOp::Recurs => "again and again ",
        UnaryOp::Settles => "from some period on for good ",
        UnaryOp::Possible | UnaryOp::AlwaysPossible => "possibly ",
        UnaryOp::Valid => "for all parameters ",
        UnaryOp::Not | UnaryOp::Neg => "",
    }
}

/// Whether an expression is about time or knowledge itself.
fn speaks_itself(e: &Expr) -> bool {
    match &*e.kind {
        ExprKind::Unary(op, _) => !matches!(op, UnaryOp::Not | UnaryOp::Neg),
        ExprKind::Within(..)
        | ExprKind::LeadsTo(..)
        | ExprKind::Knows(..)
        | ExprKind::Detects(..)
        | ExprKind::Deniable(..)
        | ExprKind::Attributes { .. } => true,
        ExprKind::Binary(op, ..) => *op == BinaryOp::Implies,
        _ => false,
    }
}

/// Whether it or a part of it within reach of words is.
fn speaks(e: &Expr) -> bool {
    speaks_itself(e)
        || stacker::maybe_grow(64 * 1024, 1024 * 1024, || match &*e.kind {
            ExprKind::Unary(_, p) | ExprKind::Quantified(_, _, _, p) => speaks(p),
            ExprKind::Binary(_, p, q) => speaks(p) || speaks(q),
            _ => false,
        })
}

/// `within 3 visit: `, or `some day `.
fn by_when(deadline: Option<&Deadline>) -> Markup {
    html! {
        @match deadline {
            None => "some day ",
            Some(Deadline { bound, tick }) => {
                "within " (code(bound)) " "
                @match tick { Some(tick) => { code { (tick.text) } " " }, None => "periods " }
            }
        }
    }
}

fn members(coalition: &Coalition) -> Markup {
    match coalition {
        Coalition::Named(all) => listed(all),
        Coalition::SomeOf(sort, most) => html! {
            "Some coalition of up to " (code(most)) " of " code { (sort.text) }
        },
        Coalition::NoneOf(sort, most) => html! {
            "No coalition of up to " (code(most)) " of " code { (sort.text) }
        },
    }
}

fn set_words(set: &Set) -> Markup {
    match set {
        Set::Sort(sort) => html! { code { (sort.text) } },
        Set::Range(low, high) => html! { code { (expression(low)) ".." (expression(high)) } },
        Set::Elements(all, _) => html! { "{" (listed(all)) "}" },
    }
}

fn listed(all: &[Expr]) -> Markup {
    html! { @for (n, e) in all.iter().enumerate() { @if n > 0 { ", " } (code(e)) } }
}

fn code(e: &Expr) -> Markup {
    html! { code { (expression(e)) } }
}
