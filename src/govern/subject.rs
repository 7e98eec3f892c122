//! Whom a governance word is about, and what bare names mean in its clauses.
//!
//! Inside a clause about a family `F`, the name of a family over exactly `F`
//! that is written without an index means its member at the subject: in `norm
//! duty : County must report when deviates`, `deviates` is `deviates[c]`. The
//! family's own name is the subject itself, and `superior` its superior. A
//! variable bound in between hides all three.

use super::make::Make;
use super::table::{SortKind, Table};
use super::walk::{self, Bound};
use crate::syntax::ast::{BinaryOp, Binder, Expr, ExprKind, Name, Quantifier, Subject};

/// The subject of a governance word.
#[derive(Clone, Debug)]
pub struct Who {
    /// The sort of posts.
    pub sort: String,
    /// The variable over them and its sort, unless the subject is one post.
    pub binders: Vec<Binder>,
    /// The index of generated families at the subject; empty if it is one post.
    pub place: Vec<Expr>,
    /// The subject itself.
    pub me: Expr,
}

impl Who {
    /// Reads a subject.
    pub fn of(subject: &Subject, table: &Table) -> Self {
        let sort = subject.sort.text.clone();
        let make = Make { span: subject.sort.span };
        if let Some(member) = &subject.member {
            let me = make.expr(ExprKind::Index(subject.sort.clone(), vec![member.clone()]));
            return Who { sort, binders: Vec::new(), place: Vec::new(), me };
        }
        if table.single(&sort) && subject.var.is_none() {
            let me = make.expr(ExprKind::Name(subject.sort.clone()));
            return Who { sort, binders: Vec::new(), place: Vec::new(), me };
        }
        let var = subject.var.clone().unwrap_or_else(|| make.id(table.fresh(&sort)));
        let me = make.expr(ExprKind::Name(var.clone()));
        let binders = vec![Binder { var: Some(var), sort: subject.sort.clone() }];
        Who { sort, binders, place: vec![me.clone()], me }
    }

    /// A family of posts, seen from one of its members.
    pub fn member(sort: &str, make: Make, table: &Table) -> Self {
        let subject = Subject { var: None, sort: make.id(sort), member: None };
        Who::of(&subject, table)
    }

    /// The variable's name, if the subject is a family.
    pub fn var(&self) -> Option<&str> {
        let binder = self.binders.first()?;
        Some(binder.var.as_ref()?.text.as_str())
    }

    /// `c != 0` where the subject runs over a chain and looks to its superior: the top has none.
    pub fn not_the_top(&self, target: &Expr, table: &Table, make: Make) -> Expr {
        let looks_up = matches!(&*target.kind, ExprKind::Call(f, _) if f.text == "superior");
        let chain = table.sorts.get(&self.sort).is_some_and(|s| s.kind == SortKind::Chain);
        if !looks_up || !chain || self.place.is_empty() {
            return make.bool(true);
        }
        make.binary(BinaryOp::Ne, self.me.clone(), make.int(0))
    }

    /// A body about the subject, said of all of them (or of some).
    pub fn for_all(&self, body: Expr, make: Make, quantifier: Quantifier) -> Expr {
        match self.binders.first() {
            Some(Binder { var: Some(var), sort }) => {
                make.quantified(quantifier, &var.text, &sort.text, body)
            }
            _ => body,
        }
    }

    /// A clause with its bare names filled in; `words` are bare names of the clause's own.
    pub fn lift(&self, clause: &Expr, table: &Table, words: &[(&str, String)]) -> Expr {
        let mut clause = clause.clone();
        Lift { who: self, table, words }.rewrite(&mut clause, &[]);
        clause
    }
}

struct Lift<'a> {
    who: &'a Who,
    table: &'a Table,
    words: &'a [(&'a str, String)],
}

impl Lift<'_> {
    fn rewrite(&self, expr: &mut Expr, scope: &[Bound]) {
        walk::children(expr, scope, &mut |child, scope| self.rewrite(child, scope));
        let ExprKind::Name(name) = &*expr.kind else { return };
        if scope.iter().any(|bound| bound.name == name.text) {
            return;
        }
        if let Some(kind) = self.meaning(name) {
            *expr.kind = kind;
        }
    }

    fn meaning(&self, name: &Name) -> Option<ExprKind> {
        let me = || self.who.me.clone();
        let text = name.text.as_str();
        if Some(text) == self.who.var() {
            return None;
        }
        if text == self.who.sort {
            return Some(*me().kind);
        }
        if text == "superior" && !self.table.declared.contains(text) {
            return Some(ExprKind::Call(name.clone(), vec![me()]));
        }
        if text == "holder" && self.table.persons_in(&self.who.sort).is_some() {
            let cell = Name { text: self.table.holder(&self.who.sort), span: name.span };
            return Some(ExprKind::Index(cell, vec![me()]));
        }
        let word = self.words.iter().find(|(word, _)| *word == text).map(|(_, full)| full);
        let full = word.map_or(text, String::as_str);
        let renamed = Name { text: full.to_owned(), span: name.span };
        match self.table.index.get(full).map(Vec::as_slice) {
            Some([sort]) if *sort == self.who.sort => Some(ExprKind::Index(renamed, vec![me()])),
            _ => word.map(|_| ExprKind::Name(renamed)),
        }
    }
}
