//! Rotation: `rotate Inspector every r`.
//!
//! `Inspector.term` counts the periods served since the last change, from 0 to
//! `r-1`; in the period in which it is `r-1` the posts rotate, so that
//! everybody serves exactly `r` periods. Where persons hold the posts, they
//! shift by one, the last to the first; a single post goes to the next person
//! in order, or to anybody without a post if those persons hold others too.

use super::holding;
use super::make::{Draw, Make, literal};
use super::moves;
use super::output::Output;
use super::suggest::suggest;
use super::table::Table;
use super::ties::{self, Move};
use crate::syntax::ast::{BinaryOp, Expr, Item, Rotate};
use crate::syntax::diagnostic::Diagnostic;

/// Writes a rotation out.
pub fn elaborate(rotate: &Rotate, item: &Item, table: &Table, out: &mut Output) {
    let sort = &rotate.post.text;
    if !table.sorts.contains_key(sort) {
        let message = format!("there is no post `{sort}` to rotate");
        let unknown = Diagnostic::error("unknown-post", rotate.post.span, message);
        let known = table.sorts.keys().map(String::as_str);
        out.report(suggest(unknown, sort, known));
        return;
    }
    if literal(&rotate.every) == Some(0) {
        out.report(
            Diagnostic::error("rotation-without-term", rotate.every.span, "a term of no periods")
                .help("write at least 1: `every 1` changes the holders in every period"),
        );
    }
    let rotation = Rotation { rotate, make: Make { span: item.span }, table };
    rotation.calendar(item, out);
    rotation.holders(out);
    rotation.ties(out);
}

struct Rotation<'a> {
    rotate: &'a Rotate,
    make: Make,
    table: &'a Table,
}

impl Rotation<'_> {
    fn name(&self, part: &str) -> String {
        format!("{}.{part}", self.rotate.post.text)
    }

    fn doc(&self, words: &str) -> String {
        format!("rotation `{}`: {words}", self.rotate.post.text)
    }

    fn rotates(&self) -> Expr {
        self.make.name(self.name("rotates"))
    }

    fn calendar(&self, item: &Item, out: &mut Output) {
        let make = self.make;
        let last = make.minus(self.rotate.every.clone(), make.int(1));
        let (term, rotates) = (self.name("term"), self.name("rotates"));
        let doc = out.doc(item, self.doc("periods served since the last change"));
        out.push(make.state(&term, &[], make.up_to(last.clone()), make.int(0), doc));
        let doc = self.doc("the posts change hands at the end of this period");
        out.push(make.define(&rotates, &[], make.eq(make.name(&term), last), doc));
        let more = make.plus(make.name(&term), make.int(1));
        let value = make.choose(self.rotates(), make.int(0), more);
        let doc = self.doc("counts the term");
        let updates = vec![make.update(&term, &[], value)];
        out.push(make.rule(&self.name("serve"), &[], make.bool(true), updates, doc));
    }

    fn holders(&self, out: &mut Output) {
        let sort = &self.rotate.post.text;
        let Some(person) = self.table.persons_in(sort) else { return };
        let make = self.make;
        let cell = self.table.holder(sort);
        let who = holding::indexed(sort, make, self.table);
        let value = match self.shifted(&who.me) {
            Some(source) => make.at(&cell, &[source]),
            None if self.alone(person) => {
                let now = make.at(&cell, &who.place);
                let next = make.plus(now, make.int(1));
                let size = self.table.sorts.get(person).and_then(|s| s.size.clone());
                let persons = size.unwrap_or_else(|| make.int(1));
                make.at(person, &[make.binary(BinaryOp::Mod, next, persons)])
            }
            None => {
                self.newcomer(person, out);
                make.name(self.name("newcomer"))
            }
        };
        let update = make.update(&cell, &who.place, value);
        let doc = self.doc("its holders change");
        let guard = self.rotates();
        out.push(make.rule(&self.name("rotate"), &who.binders, guard, vec![update], doc));
    }

    /// Nobody else's post is held by these persons.
    fn alone(&self, person: &str) -> bool {
        self.table.held.iter().filter(|(_, by)| by == person).count() == 1
    }

    /// The post before `x`, around the end; none if there is but one post.
    fn shifted(&self, x: &Expr) -> Option<Expr> {
        let make = self.make;
        let size = self.table.sorts.get(&self.rotate.post.text)?.size.clone()?;
        let before = make.binary(BinaryOp::Sub, x.clone(), make.int(1));
        Some(make.binary(BinaryOp::Mod, before, size))
    }

    /// Whoever takes over a single post: a person without any.
    fn newcomer(&self, person: &str, out: &mut Output) {
        let make = self.make;
        let name = self.name("newcomer");
        let newcomer = make.name(&name);
        let free = |sort: &str, x: &Expr| moves::displaced(sort, x, make, self.table);
        let seatless = holding::in_no_post(&newcomer, person, make, self.table, free);
        let earlier = moves::newcomers_by_rotation(person, self.table).into_iter();
        let earlier = earlier.take_while(|post| *post != self.rotate.post.text);
        let distinct = earlier.map(|post| moves::not_the_newcomer_of(post, &newcomer, make));
        let condition = make.and(std::iter::once(seatless).chain(distinct));
        let draw = Draw { owner: None, when: Some(self.rotates()), condition: Some(condition) };
        let doc = self.doc("who takes over");
        out.push(make.input(&name, &[], make.of_sort(person), draw, doc));
    }

    fn ties(&self, out: &mut Output) {
        let who = super::subject::Who::member(&self.rotate.post.text, self.make, self.table);
        let moving = Move {
            origin: format!("rotation `{}`", self.rotate.post.text),
            prefix: &self.rotate.post.text,
            event: self.rotates(),
            to: None,
            source: self.shifted(&who.me),
            vacated: None,
            who: &who,
        };
        for clause in &self.rotate.ties {
            ties::elaborate(clause, &moving, self.make, self.table, out);
        }
    }
}
