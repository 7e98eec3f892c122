//! What becomes of the ties of someone who moves: `ties t lapse`, `ties t follow`.
//!
//! `lapse`: in the period of the move, the member of `t` at the post that
//! changes hands goes to its lowest value, whatever other rule would write
//! there. `follow`: the tie goes with the person. Where `t` is indexed by the
//! family within which people move, its members move as they do; where the
//! post is another one, the tie stays what it is, since nothing ends it.

use super::make::Make;
use super::output::Output;
use super::subject::Who;
use super::suggest::suggest;
use super::table::Table;
use crate::syntax::ast::{Binder, Expr, Ties, TiesFate, Type, TypeKind};
use crate::syntax::diagnostic::Diagnostic;

/// A kind of move.
pub struct Move<'a> {
    /// What it is, for documentation: promotion `ladder`.
    pub origin: String,
    /// The prefix of its rules.
    pub prefix: &'a str,
    /// The post that changes hands.
    pub who: &'a Who,
    /// When.
    pub event: Expr,
    /// The other post it concerns, and its sort: where the mover goes.
    pub to: Option<(&'a Expr, &'a str)>,
    /// The member whose tie comes to the post, where people move within one family.
    pub source: Option<Expr>,
    /// When the post is left to somebody new from outside.
    pub vacated: Option<Expr>,
}

/// Writes one `ties` clause out.
pub fn elaborate(ties: &Ties, moving: &Move, make: Make, table: &Table, out: &mut Output) {
    let name = &ties.cell.text;
    let Some((index, ty)) = table.states.get(name) else {
        let message = format!("`{name}` is not a state cell, so no tie can lapse or follow there");
        let unknown = Diagnostic::error("tie-not-a-cell", ties.cell.span, message);
        out.report(suggest(unknown, name, table.states.keys().map(String::as_str)));
        return;
    };
    let Some(place) = place(index, moving) else {
        let sort = &moving.who.sort;
        let message = format!("`{name}` has no member at a post of `{sort}`");
        out.report(
            Diagnostic::error("tie-not-at-post", ties.cell.span, message)
                .help(format!("index it by the post that changes hands: `{name}[{sort}]`")),
        );
        return;
    };
    let tie = Tie { name, index, lowest: lowest(ty, make, table), moving, make, table };
    match ties.fate {
        TiesFate::Lapse => tie.lapse(&place, out),
        TiesFate::Follow => tie.follow(&place, out),
    }
}

/// Which index places of a tie are posts that change hands, and the post there.
struct Places {
    at: Vec<usize>,
    post: Expr,
    /// The cell has no index: it is about the post in question.
    plain: bool,
}

fn place(index: &[String], moving: &Move) -> Option<Places> {
    let positions = |sort: &str| -> Vec<usize> {
        index.iter().enumerate().filter(|(_, s)| *s == sort).map(|(at, _)| at).collect()
    };
    let own = positions(&moving.who.sort);
    if index.is_empty() || !own.is_empty() {
        return Some(Places { at: own, post: moving.who.me.clone(), plain: index.is_empty() });
    }
    let (to, sort) = moving.to?;
    let at = positions(sort);
    (!at.is_empty()).then(|| Places { at, post: to.clone(), plain: false })
}

struct Tie<'a> {
    name: &'a str,
    index: &'a [String],
    lowest: Expr,
    moving: &'a Move<'a>,
    make: Make,
    table: &'a Table,
}

impl Tie<'_> {
    fn lapse(&self, places: &Places, out: &mut Output) {
        let event = &self.moving.event;
        if places.plain {
            self.rule("lapse", event, (&[], &[]), self.lowest.clone(), out);
        }
        for at in &places.at {
            let (others, index) = self.member(*at, &places.post);
            let part = self.part("lapse", places, *at);
            self.rule(&part, event, (&others, &index), self.lowest.clone(), out);
        }
    }

    fn follow(&self, places: &Places, out: &mut Output) {
        for at in &places.at {
            let (others, index) = self.member(*at, &places.post);
            if let Some(source) = &self.moving.source {
                let (_, from) = self.member(*at, source);
                let value = self.make.at(self.name, &from);
                let part = self.part("follow", places, *at);
                self.rule(&part, &self.moving.event, (&others, &index), value, out);
            }
            if let Some(vacated) = &self.moving.vacated {
                let part = self.part("lapse", places, *at);
                self.rule(&part, vacated, (&others, &index), self.lowest.clone(), out);
            }
        }
        let arrives = self.moving.to.filter(|(_, sort)| *sort == self.moving.who.sort);
        if let (Some((to, _)), None) = (arrives, &self.moving.source) {
            for at in &places.at {
                let (others, index) = self.member(*at, to);
                let (_, from) = self.member(*at, &places.post);
                let value = self.make.at(self.name, &from);
                let part = self.part("follow", places, *at);
                self.rule(&part, &self.moving.event, (&others, &index), value, out);
            }
        }
    }

    fn part(&self, word: &str, places: &Places, at: usize) -> String {
        if places.at.len() > 1 { format!("{word}_{at}") } else { word.to_owned() }
    }

    /// The member with a post in one index place, and variables for the other places.
    fn member(&self, at: usize, post: &Expr) -> (Vec<Binder>, Vec<Expr>) {
        let mut others = Vec::new();
        let index = self.index.iter().enumerate().map(|(place, sort)| {
            if place == at {
                return post.clone();
            }
            let var = self.table.word(&format!("other_{place}"));
            others.push(self.make.binder(&var, sort));
            self.make.name(var)
        });
        let index = index.collect();
        (others, index)
    }

    fn rule(
        &self,
        part: &str,
        guard: &Expr,
        (others, index): (&[Binder], &[Expr]),
        value: Expr,
        out: &mut Output,
    ) {
        // One dot only, so that the rule's origin shows in its name.
        let cell = self.name.replace('.', "_");
        let name = format!("{}.{part}_{cell}", self.moving.prefix);
        let binders: Vec<Binder> = self.moving.who.binders.iter().chain(others).cloned().collect();
        let update = self.make.update(self.name, index, value);
        let doc = format!("{}: what becomes of `{}`", self.moving.origin, self.name);
        out.supreme.push(name.clone());
        out.push(self.make.rule(&name, &binders, guard.clone(), vec![update], doc));
    }
}

/// The lowest value of a type: `false`, the first name, the lowest number, 0.
pub fn lowest(ty: &Type, make: Make, table: &Table) -> Expr {
    match &ty.kind {
        TypeKind::Bool | TypeKind::Error => make.bool(false),
        TypeKind::Int | TypeKind::Real => make.int(0),
        TypeKind::Range(low, _) => (**low).clone(),
        TypeKind::Named(name) => match table.enums.get(&name.text).and_then(|m| m.first()) {
            Some(first) => make.name(first),
            None if table.single(&name.text) => make.name(&name.text),
            None => make.at(&name.text, &[make.int(0)]),
        },
    }
}
