//! A property read aloud: every construct of the language in plain words, without a sign.
//!
//! The words follow the tree, so what is read is what is decided. Where words alone would leave open
//! what belongs together, "either", "both" and commas say so.

use crate::syntax::ast::{
    BinaryOp, Coalition, Deadline, Expr, ExprKind, Quantifier, Set, TypeKind, UnaryOp,
};

use super::glossary::Glossary;
use super::words::{deed, human, list, no_deed, post};

/// An expression in words.
pub(super) fn reading(e: &Expr, glossary: &Glossary<'_>) -> String {
    stacker::maybe_grow(64 * 1024, 1024 * 1024, || Reader { glossary }.expr(e))
}

struct Reader<'a> {
    glossary: &'a Glossary<'a>,
}

impl Reader<'_> {
    fn all(&self, list: &[Expr]) -> Vec<String> {
        list.iter().map(|e| self.expr(e)).collect()
    }

    // table
    fn expr(&self, e: &Expr) -> String {
        match &*e.kind {
            ExprKind::Bool(true) => "yes".to_owned(),
            ExprKind::Bool(false) => "no".to_owned(),
            ExprKind::Int(digits) | ExprKind::Real(digits) => digits.clone(),
            ExprKind::Name(name) if self.glossary.is_sort(&name.text) => post(&name.text),
            ExprKind::Name(name) => self.name(&name.text, &[], true),
            ExprKind::Index(name, index) if self.glossary.is_sort(&name.text) => {
                format!("{} {}", human(&name.text), list(&self.all(index), "and"))
            }
            ExprKind::Index(name, args) if self.chosen(&name.text, args).is_some() => {
                self.name(&name.text, args, true)
            }
            ExprKind::Index(name, args) | ExprKind::Call(name, args) => {
                format!("{} of {}", human(&name.text), list(&self.all(args), "and"))
            }
            ExprKind::Range(lo, hi) => format!("{} to {}", self.expr(lo), self.expr(hi)),
            ExprKind::Prime(a) => format!("{} afterwards", self.expr(a)),
            ExprKind::Unary(op, a) => self.unary(*op, a),
            ExprKind::Binary(op, a, b) => self.binary(*op, a, b),
            ExprKind::If(c, a, b) => {
                format!("({} if {}, else {})", self.expr(a), self.expr(c), self.expr(b))
            }
            ExprKind::Quantified(quantifier, name, set, body) => {
                let body = self.expr(body);
                let (name, set) = (human(&name.text), self.set(set));
                match quantifier {
                    Quantifier::All => format!("for every {name} of {set}, {body}"),
                    Quantifier::Some => format!("for some {name} of {set}, {body}"),
                    Quantifier::Count => format!("the number of {name} of {set} with {body}"),
                    Quantifier::Sum => format!("the sum over every {name} of {set} of {body}"),
                    Quantifier::Min => format!("the least, over every {name} of {set}, of {body}"),
                    Quantifier::Max => format!("the most, over every {name} of {set}, of {body}"),
                }
            }
            ExprKind::In(a, set) => format!("{} is one of {}", self.expr(a), self.set(set)),
            ExprKind::Within(deadline, a) => {
                format!("{} {}", self.deadline(deadline), self.inner(a))
            }
            ExprKind::LeadsTo(a, b, deadline) => {
                let when =
                    deadline.as_ref().map_or("sooner or later".to_owned(), |d| self.deadline(d));
                format!("whenever {}, then {when} {}", self.expr(a), self.inner(b))
            }
            ExprKind::Knows(judge, a) => {
                format!("{} knows that {}", self.expr(judge), self.inner(a))
            }
            ExprKind::Detects(judge, a, deadline) => {
                let when = deadline.as_ref().map(|d| format!(" {}", self.deadline(d)));
                let judge = self.expr(judge);
                format!(
                    "whenever {}, {judge} comes to know of it{}",
                    self.expr(a),
                    when.unwrap_or_default()
                )
            }
            ExprKind::Smallest(name, a) => {
                format!("{} being the least number for which it is so: {}", name.text, self.expr(a))
            }
            ExprKind::Deniable(a, judge) => {
                format!("{} can be denied to {}", self.expr(a), self.expr(judge))
            }
            ExprKind::Attributes { judge, fault, within, .. } => {
                let most = within.as_ref().map(|most| format!(" but for {}", self.expr(most)));
                let judge = self.expr(judge);
                format!(
                    "{judge} can tell who it was that {}{}",
                    self.expr(fault),
                    most.unwrap_or_default()
                )
            }
            ExprKind::AccountableSound(_) => {
                "nobody is sanctioned who has not violated anything".to_owned()
            }
            ExprKind::AccountableComplete(_) => {
                "every violation comes to be known by one who can sanction it".to_owned()
            }
            ExprKind::Force { coalition, can, goal, within, unseen } => {
                let when = within.as_ref().map(|d| format!(" {}", self.deadline(d)));
                let able = if *can { "can bring it about" } else { "cannot bring it about" };
                let sight = if *unseen { ", moving on what they see," } else { "" };
                let who = self.coalition(coalition);
                format!("{who} {able}{}{sight} that {}", when.unwrap_or_default(), self.expr(goal))
            }
            ExprKind::NoDeviation { coalition, within, .. } => {
                let who = list(&self.all(coalition), "and");
                format!(
                    "it does not pay {who} {} to depart from the practices",
                    self.deadline(within)
                )
            }
            ExprKind::Consistent(all) => {
                format!("{} can hold together", list(&self.all(all), "and"))
            }
            ExprKind::Inconsistent(all) => {
                format!("{} cannot all hold together", list(&self.all(all), "and"))
            }
            ExprKind::Error => "what could not be read".to_owned(),
        }
    }

    fn unary(&self, op: UnaryOp, a: &Expr) -> String {
        let inner = self.inner(a);
        match op {
            UnaryOp::Not if self.denied(a).is_some() => self.denied(a).unwrap_or_default(),
            UnaryOp::Not if is_compound(a) => format!("it is not so that {}", self.expr(a)),
            UnaryOp::Not => format!("not {inner}"),
            UnaryOp::Neg => format!("minus {inner}"),
            UnaryOp::Always => format!("in every period, {}", self.expr(a)),
            UnaryOp::Never => format!("in no period {inner}"),
            UnaryOp::Eventually => format!("sooner or later {inner}"),
            UnaryOp::Next => format!("in the next period {inner}"),
            UnaryOp::Once => format!("at some time so far {inner}"),
            UnaryOp::Historically => format!("at all times so far {inner}"),
            UnaryOp::Previously => format!("in the period before {inner}"),
            UnaryOp::Recurs => format!("again and again {inner}"),
            UnaryOp::Settles => format!("from some period on, for good, {inner}"),
            UnaryOp::Possible => format!("some run comes to where {inner}"),
            UnaryOp::AlwaysPossible => {
                format!("whatever has happened, it stays possible that {inner}")
            }
            UnaryOp::Valid => format!("for all values of the parameters, {}", self.expr(a)),
        }
    }

    fn binary(&self, op: BinaryOp, a: &Expr, b: &Expr) -> String {
        let (left, right) = (self.operand(a, op, true), self.operand(b, op, false));
        let between = match op {
            BinaryOp::Implies => return format!("if {}, then {}", self.expr(a), self.expr(b)),
            BinaryOp::And if is_property(a) || is_property(b) => {
                return format!("{}; and {}", self.expr(a), self.expr(b));
            }
            BinaryOp::And => {
                let (left, right) = (self.among(a, BinaryOp::And), self.among(b, BinaryOp::And));
                return format!("{left} and {right}");
            }
            BinaryOp::Or => {
                let (left, right) = (self.among(a, BinaryOp::Or), self.among(b, BinaryOp::Or));
                let joins = |e: &Expr| matches!(&*e.kind, ExprKind::Binary(BinaryOp::And, ..));
                let comma = if joins(a) || joins(b) { "," } else { "" };
                return format!("{left}{comma} or {right}");
            }
            BinaryOp::Eq if left.ends_with(" is") => return format!("{left} {right}"),
            BinaryOp::Iff => "exactly when",
            BinaryOp::Until => "until",
            BinaryOp::Since => "ever since",
            BinaryOp::Eq => "is",
            BinaryOp::Ne => "is not",
            BinaryOp::Lt => "is less than",
            BinaryOp::Le => "is at most",
            BinaryOp::Gt => "is more than",
            BinaryOp::Ge => "is at least",
            BinaryOp::Add => "plus",
            BinaryOp::Sub => "minus",
            BinaryOp::Mul => "times",
            BinaryOp::Div => "divided by",
            BinaryOp::Mod => "modulo",
        };
        format!("{left} {between} {right}")
    }

    /// An operand of `and` or `or`: a chain of the same needs no marks.
    fn among(&self, e: &Expr, op: BinaryOp) -> String {
        match &*e.kind {
            ExprKind::Binary(inner, ..) if *inner == op => self.expr(e),
            _ => self.inner(e),
        }
    }

    /// An operand of an operator; sums within products and the like are bracketed.
    fn operand(&self, e: &Expr, op: BinaryOp, left: bool) -> String {
        match &*e.kind {
            ExprKind::Binary(inner, ..) if is_arithmetic(op) && is_arithmetic(*inner) => {
                let chain = left && matches!(inner, BinaryOp::Add | BinaryOp::Sub);
                let sum = matches!(op, BinaryOp::Add | BinaryOp::Sub);
                let bare = sum && (chain || *inner == BinaryOp::Mul);
                if bare { self.expr(e) } else { format!("({})", self.expr(e)) }
            }
            _ => self.inner(e),
        }
    }

    /// An operand, marked so that one hears where it ends.
    fn inner(&self, e: &Expr) -> String {
        match &*e.kind {
            ExprKind::Binary(BinaryOp::And, ..) => format!("both {}", self.expr(e)),
            ExprKind::Binary(BinaryOp::Or, ..) => format!("either {}", self.expr(e)),
            ExprKind::Binary(BinaryOp::Implies | BinaryOp::Iff, ..) => {
                format!("({})", self.expr(e))
            }
            _ => self.expr(e),
        }
    }

    /// A name as what it says: "the centre launches", "the campaign rectify is under way".
    fn name(&self, name: &str, index: &[Expr], so: bool) -> String {
        if let Some(owner) = self.chosen(name, index) {
            let told = if so { deed(&owner, name) } else { no_deed(&owner, name) };
            return told.unwrap_or_else(|| human(name));
        }
        let not = if so { "" } else { "not " };
        let campaign = self.glossary.campaign(name);
        let told = campaign.and_then(|(campaign, part)| {
            let campaign = format!("the campaign {}", human(campaign));
            match (part, so) {
                ("active", _) => Some(format!("{campaign} is {not}under way")),
                ("announced", _) => Some(format!("{campaign} is {not}announced")),
                ("starts", true) => Some(format!("{campaign} starts")),
                ("starts", false) => Some(format!("{campaign} does not start")),
                ("ends", true) => Some(format!("{campaign} ends")),
                ("ends", false) => Some(format!("{campaign} does not end")),
                _ => None,
            }
        });
        told.unwrap_or_else(|| format!("{not}{}", human(name)))
    }

    /// Whose choice a name is, if its name says what is done.
    fn chosen(&self, name: &str, index: &[Expr]) -> Option<String> {
        let input = self.glossary.input(name)?;
        let owner = input.owner.as_ref().filter(|_| matches!(input.ty.kind, TypeKind::Bool))?;
        deed("", name)?;
        let ExprKind::Name(owner) = &*owner.kind else { return None };
        let one = input.names.iter().find(|one| one.name.text == name)?;
        let at = one
            .index
            .iter()
            .position(|binder| binder.var.as_ref().is_some_and(|var| var.text == owner.text));
        match at {
            Some(at) if index.len() == 1 => Some(self.expr(index.get(at)?)),
            None if index.is_empty() && self.glossary.is_sort(&owner.text) => {
                Some(post(&owner.text))
            }
            _ => None,
        }
    }

    /// "the campaign is not under way", "the site does not collude", "signal is not calm"
    fn denied(&self, e: &Expr) -> Option<String> {
        match &*e.kind {
            ExprKind::Name(name) if !self.glossary.is_sort(&name.text) => {
                Some(self.name(&name.text, &[], false))
            }
            ExprKind::Index(name, index) if self.chosen(&name.text, index).is_some() => {
                Some(self.name(&name.text, index, false))
            }
            ExprKind::Binary(BinaryOp::Eq, a, b) => Some(self.binary(BinaryOp::Ne, a, b)),
            _ => None,
        }
    }

    fn set(&self, set: &Set) -> String {
        match set {
            Set::Elements(elements, _) => list(&self.all(elements), "or"),
            Set::Range(lo, hi) => format!("{} to {}", self.expr(lo), self.expr(hi)),
            Set::Sort(name) => human(&name.text),
        }
    }

    fn deadline(&self, deadline: &Deadline) -> String {
        let (bound, tick) = (self.expr(&deadline.bound), deadline.tick.as_ref());
        let unit = tick.map_or("period".to_owned(), |tick| human(&tick.text));
        match bound.as_str() {
            "1" => format!("within 1 {unit}"),
            _ => format!("within {bound} {unit}s"),
        }
    }

    fn coalition(&self, coalition: &Coalition) -> String {
        match coalition {
            Coalition::Named(members) => list(&self.all(members), "and"),
            Coalition::SomeOf(sort, most) => {
                format!("some {} of up to {}", human(&sort.text), self.expr(most))
            }
            Coalition::NoneOf(sort, most) => {
                format!("no {} of up to {}", human(&sort.text), self.expr(most))
            }
        }
    }
}

pub(super) fn is_arithmetic(op: BinaryOp) -> bool {
    use BinaryOp::{Add, Div, Mod, Mul, Sub};
    matches!(op, Add | Sub | Mul | Div | Mod)
}

/// Says something of more than one period, so that it needs a clause of its own.
fn is_property(e: &Expr) -> bool {
    match &*e.kind {
        ExprKind::LeadsTo(..) | ExprKind::Detects(..) => true,
        ExprKind::Unary(op, _) => !matches!(op, UnaryOp::Not | UnaryOp::Neg),
        ExprKind::Binary(BinaryOp::And | BinaryOp::Or, a, b) => is_property(a) || is_property(b),
        ExprKind::Quantified(_, _, _, body) => is_property(body),
        _ => false,
    }
}

fn is_compound(e: &Expr) -> bool {
    matches!(&*e.kind, ExprKind::Binary(op, ..) if matches!(op,
        BinaryOp::And | BinaryOp::Or | BinaryOp::Implies | BinaryOp::Iff))
}
