//! How far a generated counter need count.
//!
//! A counter that nothing can stop would make a finite institution infinite.
//! But if every reader only compares it with constants of at most `m`, then all
//! values above `m` look alike to every reader, and counting stops at `m + 1`:
//! the quotient is a bisimulation, so no verdict changes. A reader that does
//! anything else with it gets the unbounded integer.

use super::make::{Make, literal};
use super::table::Table;
use super::walk;
use crate::syntax::ast::{BinaryOp, Decl, Expr, ExprKind, Item, Type, TypeKind};

/// How a counter is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// By nobody.
    Unread,
    /// Only in comparisons with constants below this number.
    Below(u32),
    /// In some other way.
    Unbounded,
}

/// How these items read a counter, which goes by any of these names.
pub fn reach(items: &[Item], table: &Table, names: &[&str]) -> Reach {
    let mut reading = Reading { table, names, reach: Reach::Unread };
    for item in items {
        let mut decl = item.decl.clone();
        if let Decl::Rule(rule) = &decl {
            let written = rule.updates.iter().any(|u| names.contains(&u.cell.text.as_str()));
            reading.note(if written { Reach::Unbounded } else { Reach::Unread });
        }
        walk::expressions(&mut decl, &mut |expr, _| reading.read(expr));
    }
    reading.reach
}

struct Reading<'a> {
    table: &'a Table,
    names: &'a [&'a str],
    reach: Reach,
}

impl Reading<'_> {
    fn read(&mut self, expr: &mut Expr) {
        if let ExprKind::Binary(op, left, right) = &*expr.kind
            && comparison(*op)
        {
            let constant = match (self.counter(left), self.counter(right)) {
                (true, false) => self.constant(right),
                (false, true) => self.constant(left),
                _ => None,
            };
            if let Some(constant) = constant {
                self.note(Reach::Below(constant.saturating_add(1)));
                return;
            }
        }
        if self.counter(expr) {
            self.note(Reach::Unbounded);
        }
        walk::children(expr, &[], &mut |child, _| self.read(child));
    }

    fn note(&mut self, new: Reach) {
        self.reach = match (self.reach, new) {
            (Reach::Unread, other) | (other, Reach::Unread) => other,
            (Reach::Below(a), Reach::Below(b)) => Reach::Below(a.max(b)),
            _ => Reach::Unbounded,
        };
    }

    fn counter(&self, expr: &Expr) -> bool {
        match &*expr.kind {
            ExprKind::Name(name) | ExprKind::Index(name, _) => {
                self.names.contains(&name.text.as_str())
            }
            ExprKind::Prime(inner) => self.counter(inner),
            _ => false,
        }
    }

    /// The greatest value of a literal, or of a parameter of a range type.
    fn constant(&self, expr: &Expr) -> Option<u32> {
        let ExprKind::Name(name) = &*expr.kind else { return literal(expr) };
        match self.table.params.get(&name.text)? {
            Some(Type { kind: TypeKind::Range(_, high), .. }) => literal(high),
            _ => None,
        }
    }
}

fn comparison(op: BinaryOp) -> bool {
    use BinaryOp::{Eq, Ge, Gt, Le, Lt, Ne};
    matches!(op, Eq | Ne | Lt | Le | Gt | Ge)
}

/// The type of a counter.
pub fn counter_type(make: Make, reach: Reach) -> Type {
    match reach {
        Reach::Below(cap) => make.up_to(make.int(cap)),
        _ => make.ty(TypeKind::Int),
    }
}

/// One more, as far as anybody reads.
pub fn counted(make: Make, reach: Reach, counter: Expr) -> Expr {
    let more = make.plus(counter, make.int(1));
    match reach {
        Reach::Below(cap) => make.call("min", vec![more, make.int(cap)]),
        _ => more,
    }
}
