//! Who moves where in a period: the events of all promotions and rotations together.
//!
//! One ladder's arrivals are another's departures, so tenure, newcomers and
//! ties must look at all of them. Each function says, in core words, when
//! something happens at post `x` of some sort.

use super::holding;
use super::make::Make;
use super::subject::Who;
use super::table::Table;
use super::walk::{self, Bound};
use crate::syntax::ast::{BinaryOp, Expr, ExprKind, Promotion, Quantifier};

/// A promotion with its subject read and its target filled in.
pub struct Ladder<'a> {
    /// The declaration.
    pub promotion: &'a Promotion,
    /// From which posts.
    pub who: Who,
    /// To which post.
    pub to: Expr,
    /// Of which sort that is, where its words show it.
    pub target: Option<String>,
}

impl<'a> Ladder<'a> {
    /// Reads one promotion.
    pub fn of(promotion: &'a Promotion, table: &Table) -> Self {
        let who = Who::of(&promotion.from, table);
        let to = who.lift(&promotion.to, table, &[]);
        let target = holding::target_sort(&to, &who.sort, table);
        Ladder { promotion, who, to, target }
    }

    /// Every promotion of the institution.
    pub fn all(table: &'a Table) -> Vec<Self> {
        table.ladders.iter().map(|p| Ladder::of(p, table)).collect()
    }

    /// `P.promoted` at the subject.
    pub fn promoted(&self, make: Make) -> Expr {
        make.at(format!("{}.promoted", self.promotion.name.text), &self.who.place)
    }

    /// The holder of post `x` of the ladder's own sort is promoted.
    fn leaves(&self, x: &Expr, make: Make) -> Expr {
        let name = format!("{}.promoted", self.promotion.name.text);
        if !self.who.place.is_empty() {
            return make.at(name, std::slice::from_ref(x));
        }
        let event = make.name(name);
        match self.promotion.from.member {
            Some(_) => make.and([make.eq(x.clone(), self.who.me.clone()), event]),
            None => event,
        }
    }

    /// Somebody is promoted into post `x` of the target's sort. The one who moves has a variable of
    /// its own, since `x` may speak of the subject's.
    fn fills(&self, x: &Expr, make: Make, table: &Table) -> Expr {
        let only = self.target.as_ref().is_some_and(|target| table.single(target));
        let var = table.word("mover");
        let mover = make.name(&var);
        let there = match only {
            true => make.bool(true),
            false => make.eq(self.to_from(&mover), x.clone()),
        };
        if self.who.place.is_empty() {
            return make.and([self.promoted(make), there]);
        }
        let name = format!("{}.promoted", self.promotion.name.text);
        let body = make.and([make.at(name, &[mover]), there]);
        make.quantified(Quantifier::Some, &var, &self.who.sort, body)
    }

    /// The target as seen from another member of the subject's family.
    pub fn to_from(&self, other: &Expr) -> Expr {
        let mut to = self.to.clone();
        if let Some(var) = self.who.var() {
            substitute(&mut to, var, other, &[]);
        }
        to
    }
}

/// Puts a value in the place of a free variable.
pub fn substitute(expr: &mut Expr, var: &str, value: &Expr, scope: &[Bound]) {
    walk::children(expr, scope, &mut |child, scope| substitute(child, var, value, scope));
    let here = matches!(&*expr.kind, ExprKind::Name(name) if name.text == var);
    if here && !scope.iter().any(|bound| bound.name == var) {
        *expr = value.clone();
    }
}

/// Does an expression read this variable freely?
pub fn reads(expr: &Expr, var: &str) -> bool {
    fn look(expr: &mut Expr, var: &str, scope: &[Bound], found: &mut bool) {
        let here = matches!(&*expr.kind, ExprKind::Name(name) if name.text == var);
        *found |= here && !scope.iter().any(|bound| bound.name == var);
        walk::children(expr, scope, &mut |child, scope| look(child, var, scope, found));
    }
    let mut found = false;
    look(&mut expr.clone(), var, &[], &mut found);
    found
}

/// Somebody is promoted into post `x` in this period.
pub fn filled(sort: &str, x: &Expr, make: Make, table: &Table) -> Expr {
    let ladders = Ladder::all(table);
    let into = ladders.iter().filter(|ladder| ladder.target.as_deref() == Some(sort));
    make.or(into.map(|ladder| ladder.fills(x, make, table)))
}

/// The holder of post `x` is promoted in this period.
pub fn left(sort: &str, x: &Expr, make: Make, table: &Table) -> Expr {
    let ladders = Ladder::all(table);
    let from = ladders.iter().filter(|ladder| ladder.who.sort == sort);
    make.or(from.map(|ladder| ladder.leaves(x, make)))
}

/// The posts of a sort rotate in this period.
pub fn rotates(sort: &str, make: Make, table: &Table) -> Expr {
    let here = table.rotations.iter().filter(|rotate| rotate.post.text == sort);
    make.or(here.map(|rotate| make.name(format!("{}.rotates", rotate.post.text))))
}

/// Post `x` has another holder from the next period on.
pub fn changed(sort: &str, x: &Expr, make: Make, table: &Table) -> Expr {
    let moves = [left, filled].map(|happens| happens(sort, x, make, table));
    make.or(moves.into_iter().chain([rotates(sort, make, table)]))
}

/// The holder of post `x` loses it without gaining another.
pub fn displaced(sort: &str, x: &Expr, make: Make, table: &Table) -> Expr {
    let filled = filled(sort, x, make, table);
    match &*filled.kind {
        ExprKind::Bool(false) => filled,
        _ => make.and([filled, make.negate(left(sort, x, make, table))]),
    }
}

/// The posts whose rotations bring in newcomers from among some persons, in order.
pub fn newcomers_by_rotation<'a>(persons: &str, table: &'a Table) -> Vec<&'a str> {
    let several = table.held.iter().filter(|(_, by)| by == persons).count() > 1;
    let posts = table.rotations.iter().map(|rotate| rotate.post.text.as_str());
    posts
        .filter(|post| several && table.single(post) && table.persons_in(post) == Some(persons))
        .collect()
}

/// The newcomer of a rotating post, if there is one in this period, is somebody else.
pub fn not_the_newcomer_of(post: &str, newcomer: &Expr, make: Make) -> Expr {
    let other = make.name(format!("{post}.newcomer"));
    let differs = make.binary(BinaryOp::Ne, other, newcomer.clone());
    make.binary(BinaryOp::Implies, make.name(format!("{post}.rotates")), differs)
}

/// `a < b` for two members of one family.
pub fn earlier(a: Expr, b: Expr, make: Make) -> Expr {
    make.binary(BinaryOp::Lt, a, b)
}
