//! Promotion: how a post is filled from below.
//!
//! Whoever meets the condition is a candidate, if somebody decides, with that
//! one's choice; `P.promoted[c]` is the event. At most one is promoted into one
//! post in a period: of several candidates the first. `P.tenure[c]` counts the
//! periods for which post `c` has had the same holder.
//!
//! Where persons hold the posts, the promoted takes the higher post, and a
//! newcomer the one left, unless somebody is promoted into that one in turn.
//! A newcomer is anybody who holds no post after the moves: without a post
//! before, or displaced by a promotion. No two newcomers are the same person.
//! In a period in which posts of either sort rotate, nobody is promoted.

use super::counting::{self, Reach};
use super::holding;
use super::make::{Draw, Make};
use super::moves::{self, Ladder};
use super::output::Output;
use super::table::{SortKind, Table};
use super::ties::{self, Move};
use crate::syntax::ast::{BinaryOp, Expr, ExprKind, Item, Promotion, Quantifier};
use crate::syntax::diagnostic::Diagnostic;

/// Writes a promotion out.
pub fn elaborate(
    promotion: &Promotion,
    item: &Item,
    items: &[Item],
    table: &Table,
    out: &mut Output,
) {
    let make = Make { span: item.span };
    let steps = Steps { ladder: Ladder::of(promotion, table), make, table };
    steps.tenure(items, out);
    steps.candidates(out);
    steps.promoted(item, out);
    steps.persons(out);
    steps.ties(out);
}

struct Steps<'a> {
    ladder: Ladder<'a>,
    make: Make,
    table: &'a Table,
}

impl Steps<'_> {
    fn name(&self, part: &str) -> String {
        format!("{}.{part}", self.ladder.promotion.name.text)
    }

    fn doc(&self, words: &str) -> String {
        format!("promotion `{}`: {words}", self.ladder.promotion.name.text)
    }

    /// A value of the promotion's own, at its subject.
    fn here(&self, part: &str) -> Expr {
        self.make.at(self.name(part), &self.ladder.who.place)
    }

    /// The same, at another member of the family.
    fn at(&self, part: &str, other: &Expr) -> Expr {
        match self.ladder.who.place.is_empty() {
            true => self.make.name(self.name(part)),
            false => self.make.at(self.name(part), std::slice::from_ref(other)),
        }
    }

    fn tenure(&self, items: &[Item], out: &mut Output) {
        let (make, who) = (self.make, &self.ladder.who);
        let name = self.name("tenure");
        let own = !self.table.declared.contains("tenure");
        let names: &[&str] = if own { &[&name, "tenure"] } else { &[&name] };
        let reach = counting::reach(items, self.table, names);
        if reach == Reach::Unread {
            return;
        }
        let ty = counting::counter_type(make, reach);
        let doc = self.doc("periods for which the post has had the same holder");
        out.push(make.state(&name, &who.binders, ty, make.int(0), doc));
        let changed = moves::changed(&who.sort, &who.me, make, self.table);
        let more = counting::counted(make, reach, self.here("tenure"));
        let value = make.choose(changed, make.int(0), more);
        let updates = vec![make.update(&name, &who.place, value)];
        let doc = self.doc("counts the time in the post");
        out.push(make.rule(&self.name("serve"), &who.binders, make.bool(true), updates, doc));
    }

    /// The clause of conditions, and the choice if somebody decides.
    fn candidates(&self, out: &mut Output) {
        let (make, who, promotion) = (self.make, &self.ladder.who, self.ladder.promotion);
        let own = [("tenure", self.name("tenure"))];
        let words = if self.table.declared.contains("tenure") { &[][..] } else { &own[..] };
        let below = who.not_the_top(&self.ladder.to, self.table, make);
        let condition = promotion.condition.as_ref().map(|c| who.lift(c, self.table, words));
        let settled = make.negate(self.rotating());
        let eligible = make.and([below.clone(), settled].into_iter().chain(condition));
        let Some(decider) = &promotion.decider else {
            let doc = self.doc("meets the condition in this period");
            out.push(make.define(&self.name("eligible"), &who.binders, eligible, doc));
            return;
        };
        let decider = who.lift(decider, self.table, &[]);
        let above = who.not_the_top(&decider, self.table, make);
        let owner = make.choose(above, decider, who.me.clone());
        let draw = Draw { owner: Some(owner), when: Some(eligible), condition: None };
        let doc = self.doc("whom the one who decides puts forward");
        out.push(make.input(&self.name("promote"), &who.binders, make.ty_bool(), draw, doc));
    }

    /// Where persons move, a rotation of either sort comes first.
    fn rotating(&self) -> Expr {
        let make = self.make;
        if self.table.persons_in(&self.ladder.who.sort).is_none() {
            return make.bool(false);
        }
        let mut sorts = vec![self.ladder.who.sort.as_str()];
        sorts.extend(self.ladder.target.as_deref().filter(|t| *t != self.ladder.who.sort));
        make.or(sorts.into_iter().map(|sort| moves::rotates(sort, make, self.table)))
    }

    fn promoted(&self, item: &Item, out: &mut Output) {
        let (make, who) = (self.make, &self.ladder.who);
        let part = if self.ladder.promotion.decider.is_some() { "promote" } else { "eligible" };
        let body = make.and([self.here(part), make.negate(self.preceded(part))]);
        let doc = out.doc(item, self.doc("moves up in this period"));
        out.push(make.define(&self.name("promoted"), &who.binders, body, doc));
    }

    /// An earlier candidate goes to the same post.
    fn preceded(&self, part: &str) -> Expr {
        let (make, who) = (self.make, &self.ladder.who);
        let chain =
            self.table.sorts.get(&who.sort).is_some_and(|sort| sort.kind == SortKind::Chain);
        let upward = matches!(&*self.ladder.to.kind, ExprKind::Call(f, _) if f.text == "superior");
        let Some(var) = who.var().filter(|_| !(chain && upward)) else { return make.bool(false) };
        let name = self.table.word("rival");
        let rival = make.name(&name);
        let earlier = make.binary(BinaryOp::Lt, rival.clone(), who.me.clone());
        let same = match moves::reads(&self.ladder.to, var) {
            true => make.eq(self.ladder.to_from(&rival), self.ladder.to.clone()),
            false => make.bool(true),
        };
        let body = make.and([earlier, same, self.at(part, &rival)]);
        make.quantified(Quantifier::Some, &name, &who.sort, body)
    }

    fn persons(&self, out: &mut Output) {
        let (make, who, table) = (self.make, &self.ladder.who, self.table);
        let Some(person) = table.persons_in(&who.sort) else {
            self.unseated(out);
            return;
        };
        let target = self.ladder.target.as_deref();
        let Some(target) = target.filter(|t| table.persons_in(t) == Some(person)) else {
            self.nowhere(person, out);
            return;
        };
        let above = make.at(table.holder(target), std::slice::from_ref(&self.ladder.to));
        let ExprKind::Index(cell, index) = *above.kind else { return };
        let seat = std::slice::from_ref(&who.me);
        let mover = make.at(table.holder(&who.sort), seat);
        let update = make.update(&cell.text, &index, mover);
        let doc = self.doc("the promoted takes the higher post");
        let guard = self.here("promoted");
        out.push(make.rule(&self.name("move"), &who.binders, guard, vec![update], doc));

        let doc = self.doc("the post is left to a newcomer in this period");
        let filled = moves::filled(&who.sort, &who.me, make, table);
        let vacated = make.and([self.here("promoted"), make.negate(filled)]);
        out.push(make.define(&self.name("vacated"), &who.binders, vacated, doc));
        self.newcomer(person, out);
        let doc = self.doc("a newcomer takes the post left");
        let update = make.update(&table.holder(&who.sort), seat, self.here("newcomer"));
        let guard = self.here("vacated");
        out.push(make.rule(&self.name("arrive"), &who.binders, guard, vec![update], doc));
    }

    fn newcomer(&self, person: &str, out: &mut Output) {
        let (make, who, table) = (self.make, &self.ladder.who, self.table);
        let newcomer = self.here("newcomer");
        let free = |sort: &str, x: &Expr| moves::displaced(sort, x, make, table);
        let seatless = holding::in_no_post(&newcomer, person, make, table, free);
        let condition = make.and([seatless].into_iter().chain(self.distinct(person, &newcomer)));
        let when = Some(self.here("vacated"));
        let draw = Draw { owner: None, when, condition: Some(condition) };
        let doc = self.doc("who comes into the post left");
        out.push(make.input(&self.name("newcomer"), &who.binders, make.of_sort(person), draw, doc));
    }

    /// Not the newcomer of an earlier post, ladder or rotation.
    fn distinct(&self, person: &str, newcomer: &Expr) -> Vec<Expr> {
        let (make, table) = (self.make, self.table);
        let own = &self.ladder.promotion.name.text;
        let rotated = moves::newcomers_by_rotation(person, table).into_iter();
        let mut parts: Vec<Expr> =
            rotated.map(|post| moves::not_the_newcomer_of(post, newcomer, make)).collect();
        let ladders = Ladder::all(table);
        for ladder in ladders.iter().filter(|l| table.persons_in(&l.who.sort) == Some(person)) {
            let name = &ladder.promotion.name.text;
            let last = name == own;
            if last && ladder.who.place.is_empty() {
                break;
            }
            let var = table.word("earlier");
            let before = make.name(&var);
            let place: &[Expr] =
                if ladder.who.place.is_empty() { &[] } else { std::slice::from_ref(&before) };
            let taken = make.at(format!("{name}.vacated"), place);
            let earlier = match last {
                true => moves::earlier(before.clone(), self.ladder.who.me.clone(), make),
                false => make.bool(true),
            };
            let other = make.at(format!("{name}.newcomer"), place);
            let differs = make.binary(BinaryOp::Ne, other, newcomer.clone());
            let body = make.binary(BinaryOp::Implies, make.and([earlier, taken]), differs);
            parts.push(match place.is_empty() {
                true => body,
                false => make.quantified(Quantifier::All, &var, &ladder.who.sort, body),
            });
            if last {
                break;
            }
        }
        parts
    }

    /// Nobody holds the lower posts: fine, unless somebody holds the higher ones.
    fn unseated(&self, out: &mut Output) {
        let Some(target) = &self.ladder.target else { return };
        let Some(person) = self.table.persons_in(target) else { return };
        let from = &self.ladder.promotion.from.sort;
        let message = format!("`{target}` is held by `{person}`, but `{}` is not", from.text);
        out.report(
            Diagnostic::error("promotion-without-holder", from.span, message)
                .note("who moves up must be somebody")
                .help(format!("write `holds {target}, {} by {person}`", from.text)),
        );
    }

    fn nowhere(&self, person: &str, out: &mut Output) {
        let from = &self.ladder.who.sort;
        let to = &self.ladder.promotion.to;
        let message = format!("`{from}` is held by `{person}`, but the post above it is not");
        let help = match &self.ladder.target {
            Some(target) => format!("write `holds {target}, {from} by {person}`"),
            None => "name the higher post by `superior`, or by a post".to_owned(),
        };
        out.report(
            Diagnostic::error("promotion-without-holder", to.span, message)
                .note("who moves up must sit somewhere")
                .help(help),
        );
    }

    fn ties(&self, out: &mut Output) {
        let (make, who) = (self.make, &self.ladder.who);
        let target = self.ladder.target.as_deref();
        let within = target == Some(who.sort.as_str());
        let vacated = || {
            let filled = moves::filled(&who.sort, &who.me, make, self.table);
            make.and([self.here("promoted"), make.negate(filled)])
        };
        let moving = Move {
            origin: format!("promotion `{}`", self.ladder.promotion.name.text),
            prefix: &self.ladder.promotion.name.text,
            who,
            event: self.here("promoted"),
            to: target.map(|sort| (&self.ladder.to, sort)),
            source: None,
            vacated: within.then(vacated),
        };
        for clause in &self.ladder.promotion.ties {
            ties::elaborate(clause, &moving, make, self.table, out);
        }
    }
}
