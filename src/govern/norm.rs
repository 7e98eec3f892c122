//! Norms: what must, must not or may be done, watched but not enforced.
//!
//! The grammar is ADICO (Crawford and Ostrom 1995): attributes, deontic, aim,
//! conditions, or else. A norm deletes no step. A counter `N.left` watches its
//! deadline, `N.breached` says that this period breaks it, `N.violated`
//! remembers, and `N.sanction` sets the cell of its *or else*.
//!
//! # The counter, derived
//!
//! Write `aim(j)`, `cond(j)`, `T(j)` for what holds in period `j`, `left(j)` for
//! the counter at the start of `j`.
//!
//! *Obligation, `within b`.* `cond(i)` makes the act due in one of `i ..= i+b`.
//! If it does not come in `i`, set `left(i+1) = b`. In `j` with `left(j) = r > 0`
//! there are `r` periods to go, `j` included, so `left(i+m) = b-m+1`, and the
//! last period, `j = i+b`, is the one with `left(j) = 1`. It is broken there iff
//! `not aim(j)`. With `b = 0` it is broken in `i` itself iff `not aim(i)`. While
//! a deadline runs, a new `cond` leaves the counter alone: the older deadline
//! is the earlier one, and the act that meets it meets the newer ones as well,
//! so the first breach is found exactly where `cond implies within b aim` first
//! fails. After a breach in `j` the watch restarts with `cond(j)`.
//!
//! *Obligation, `within k T`.* Due no later than the period after the one in
//! which `T` occurs for the `k`-th time, `i` counted. Let `left - 1` be the
//! ticks still to come: `left(i+1) = k + 1 - T(i)`, `left(j+1) = left(j) - T(j)`
//! while `left(j) > 1`. When it is 1 the `k`-th tick has passed in `j-1`, `j`
//! is the last period, and it is broken there iff `not aim(j)`.
//!
//! *Prohibition and permission.* `cond(i)` forbids (permits) the act in
//! `i ..= i+b`, or up to the period after the `k`-th tick. Here the newest
//! `cond` governs, since its window ends last: `left(j+1)` is set anew by
//! `cond(j)` and counts down otherwise; `j` lies in a window iff `cond(j)` or
//! `left(j) > 0`.

use super::make::{Make, literal};
use super::output::Output;
use super::subject::Who;
use super::table::Table;
use crate::syntax::ast::{BinaryOp, Deontic, Expr, ExprKind, File, Item, Norm, Update, Written};
use crate::syntax::diagnostic::Diagnostic;
use crate::syntax::printer::print;

/// Writes a norm out.
pub fn elaborate(norm: &Norm, item: &Item, table: &Table, out: &mut Output) {
    let who = Who::of(&norm.subject, table);
    let make = Make { span: item.span };
    let name = &norm.name.text;
    let condition = norm.condition.as_ref().map(|c| who.lift(c, table, &[]));
    let watch = Watch {
        make,
        deontic: norm.deontic,
        aim: who.lift(&norm.aim, table, &[]),
        condition: condition.unwrap_or_else(|| make.bool(true)),
        clock: Clock::of(norm, make),
        left: make.at(format!("{name}.left"), &who.place),
        who,
    };
    let origin = format!("norm `{name}`");
    watch.counter(name, &origin, out);
    if norm.deontic == Deontic::May {
        watch.permission(norm, item, &origin, out);
        return;
    }
    watch.breach(name, item, &origin, out);
    watch.sanction(norm, &origin, table, out);
}

/// How the deadline runs.
enum Clock {
    /// No delay: the act is due, forbidden or permitted in the same period.
    Now,
    /// `within bound`
    Periods(Expr),
    /// `within bound TICK`; the tick read as a truth value.
    Ticks(Expr, Expr),
}

impl Clock {
    fn of(norm: &Norm, make: Make) -> Self {
        let Some(deadline) = &norm.within else { return Clock::Now };
        let bound = deadline.bound.clone();
        match &deadline.tick {
            _ if literal(&bound) == Some(0) => Clock::Now,
            None => Clock::Periods(bound),
            Some(tick) => Clock::Ticks(bound, make.expr(ExprKind::Name(tick.clone()))),
        }
    }
}

/// Everything that the formulas of the module's head speak of.
struct Watch {
    make: Make,
    deontic: Deontic,
    aim: Expr,
    condition: Expr,
    clock: Clock,
    left: Expr,
    who: Who,
}

impl Watch {
    fn counter(&self, name: &str, origin: &str, out: &mut Output) {
        let make = self.make;
        let (most, what) = match &self.clock {
            Clock::Now => return,
            Clock::Periods(bound) => (bound.clone(), "periods"),
            Clock::Ticks(bound, _) => {
                (make.plus(bound.clone(), make.int(1)), "1 more than the ticks")
            }
        };
        let end = match self.deontic {
            Deontic::Must => format!("left before `{name}` is broken"),
            Deontic::MustNot => format!("for which `{name}` still forbids the act"),
            Deontic::May => format!("for which `{name}` still permits the act"),
        };
        let doc = format!("{origin}: {what} {end}; 0 when no deadline runs");
        let left = format!("{name}.left");
        out.push(make.state(&left, &self.who.binders, make.up_to(most), make.int(0), doc));
    }

    /// The counter at the end of the period.
    fn next(&self) -> Expr {
        let make = self.make;
        let (opened, ticked) = match &self.clock {
            Clock::Now => return make.int(0),
            Clock::Periods(bound) => (bound.clone(), make.bool(true)),
            Clock::Ticks(bound, tick) => {
                let more = make.plus(bound.clone(), make.int(1));
                let fewer = make.choose(tick.clone(), bound.clone(), more);
                let none = make.int(0);
                let opened = match literal(bound) {
                    Some(_) => fewer,
                    None => make.choose(make.eq(bound.clone(), none.clone()), none, fewer),
                };
                (opened, tick.clone())
            }
        };
        let running = make.binary(BinaryOp::Gt, self.left.clone(), make.int(1));
        let fewer = make.minus(self.left.clone(), make.int(1));
        let counted = make.choose(ticked, fewer, self.left.clone());
        let none = make.int(0);
        match self.deontic {
            // if aim then 0 else if left > 1 then left - 1 else if cond then b else 0
            Deontic::Must => {
                let open = make.choose(self.condition.clone(), opened, none.clone());
                make.choose(self.aim.clone(), none, make.choose(running, counted, open))
            }
            // if cond then b else if left > 1 then left - 1 else 0
            Deontic::MustNot | Deontic::May => {
                let late = make.choose(running, counted, none);
                make.choose(self.condition.clone(), opened, late)
            }
        }
    }

    /// In a window of the norm: its condition holds, or held not too long ago.
    fn in_force(&self) -> Expr {
        let make = self.make;
        match self.clock {
            Clock::Now => self.condition.clone(),
            _ => make.or([self.condition.clone(), self.open()]),
        }
    }

    fn open(&self) -> Expr {
        self.make.binary(BinaryOp::Gt, self.left.clone(), self.make.int(0))
    }

    /// This period breaks the norm.
    fn breached(&self) -> Expr {
        let make = self.make;
        if self.deontic == Deontic::MustNot {
            return make.and([self.in_force(), self.aim.clone()]);
        }
        let last = make.eq(self.left.clone(), make.int(1));
        let due = match &self.clock {
            Clock::Now => self.condition.clone(),
            Clock::Periods(bound) | Clock::Ticks(bound, _) if literal(bound).is_some() => last,
            Clock::Periods(bound) | Clock::Ticks(bound, _) => {
                let at_once = make.eq(bound.clone(), make.int(0));
                make.or([last, make.and([at_once, self.condition.clone()])])
            }
        };
        make.and([due, make.not(self.aim.clone())])
    }

    fn permission(&self, norm: &Norm, item: &Item, origin: &str, out: &mut Output) {
        let make = self.make;
        let name = &norm.name.text;
        let line = format!("{origin}: the act is permitted in this period\n{}", sentence(item));
        let doc = out.doc(item, line);
        let permitted = format!("{name}.permitted");
        out.push(make.define(&permitted, &self.who.binders, self.in_force(), doc));
        if !matches!(self.clock, Clock::Now) {
            let update = make.update(&format!("{name}.left"), &self.who.place, self.next());
            let guard = self.in_force();
            let doc = format!("{origin}: counts how long the permission lasts");
            out.push(make.rule(&watch(name), &self.who.binders, guard, vec![update], doc));
        }
        if let Some(sanction) = &norm.sanction {
            out.report(
                Diagnostic::error(
                    "sanctioned-permission",
                    sanction.span,
                    format!("`{name}` permits, so there is nothing to sanction"),
                )
                .also(norm.name.span, "this norm says `may`")
                .help("write `must` or `must not`, or leave out `or else`"),
            );
        }
    }

    fn breach(&self, name: &str, item: &Item, origin: &str, out: &mut Output) {
        let make = self.make;
        let (breached, violated) = (format!("{name}.breached"), format!("{name}.violated"));
        let binders = &self.who.binders;
        let doc = format!("{origin}: this period breaks it");
        out.push(make.define(&breached, binders, self.breached(), doc));
        let line = format!("{origin}: broken in some period before this one\n{}", sentence(item));
        let doc = out.doc(item, line);
        out.push(make.state(&violated, binders, make.ty_bool(), make.bool(false), doc));
        let now = make.at(&breached, &self.who.place);
        let (guard, updates, doc) = match self.clock {
            Clock::Now => (now, vec![self.latch(&violated, make.bool(true))], "remembers a breach"),
            _ => {
                let old = make.at(&violated, &self.who.place);
                let watched = make.update(&format!("{name}.left"), &self.who.place, self.next());
                let guard = make.or([self.open(), self.condition.clone()]);
                let latch = self.latch(&violated, make.or([old, now]));
                (guard, vec![watched, latch], "counts the deadline and remembers a breach")
            }
        };
        out.push(make.rule(&watch(name), binders, guard, updates, format!("{origin}: {doc}")));
    }

    fn latch(&self, cell: &str, value: Expr) -> Update {
        self.make.update(cell, &self.who.place, value)
    }

    fn sanction(&self, norm: &Norm, origin: &str, table: &Table, out: &mut Output) {
        let Some(sanction) = &norm.sanction else { return };
        let make = self.make;
        let name = &norm.name.text;
        let sanction = self.who.lift(sanction, table, &[]);
        let (cell, index) = match *sanction.kind {
            ExprKind::Name(cell) => (cell, Vec::new()),
            ExprKind::Index(cell, index) => (cell, index),
            _ => {
                out.report(not_a_cell(name, "this is not a cell", &sanction));
                return;
            }
        };
        let known = table.index.contains_key(&cell.text) || table.params.contains_key(&cell.text);
        if known && !table.states.contains_key(&cell.text) {
            let sanction = make.expr(ExprKind::Name(cell));
            out.report(not_a_cell(name, "no rule can set this: it is not a state cell", &sanction));
            return;
        }
        let update =
            Update { cell, index, value: Written::Is(make.bool(true)), span: sanction.span };
        let guard = make.at(format!("{name}.breached"), &self.who.place);
        let doc = format!("{origin}: or else");
        out.push(make.rule(
            &format!("{name}.sanction"),
            &self.who.binders,
            guard,
            vec![update],
            doc,
        ));
    }
}

/// The norm as an ADICO sentence, in its author's words.
fn sentence(item: &Item) -> String {
    let item = Item { doc: None, ..item.clone() };
    let text = print(&File { items: vec![item] });
    let words: Vec<&str> = text.split_whitespace().collect();
    let words = words.join(" ");
    words.split_once(" : ").map_or(words.clone(), |(_, sentence)| sentence.to_owned())
}

fn watch(name: &str) -> String {
    format!("{name}.watch")
}

fn not_a_cell(norm: &str, label: &str, sanction: &Expr) -> Diagnostic {
    Diagnostic::error(
        "sanction-not-a-cell",
        sanction.span,
        format!("the sanction of norm `{norm}` must be a boolean cell that a breach sets"),
    )
    .label(label)
    .help(
        "declare `state punished : bool = false` and write `or else punished`; \
         for a sanction that somebody decides on, use `accountability`",
    )
}
