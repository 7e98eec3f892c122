//! Accountability: who may sanction whom for what, and its two claims.
//!
//! `A.violated` and `A.sanctioned` remember faults and sanctions. A sanction
//! that nobody declared becomes a choice of the judge. The claims are written
//! out here, so that no later stage knows the words:
//!
//! - *sound*: whoever is sanctioned had violated, or violates in this period:
//!   `always (all c : sanction[c] implies A.violated[c] or fault(c))`;
//! - *complete*: a violation comes to be known by one who can sanction it:
//!   `always (all c : A.violated[c] implies eventually (judge knows
//!   A.violated[c] and can))`, where `can` is the `when` of the sanction if it
//!   is a choice with one, and true otherwise.
//!
//! In a chain the top has no superior, so a clause about `superior` spares it.

use indexmap::IndexMap;

use super::make::{Draw, Make};
use super::moves;
use super::output::Output;
use super::subject::Who;
use super::table::Table;
use super::walk;
use crate::syntax::ast::{
    Accountability, BinaryOp, Binder, Decl, Expr, ExprKind, Input, InputKind, Item, Name,
    Quantifier, UnaryOp,
};
use crate::syntax::diagnostic::Diagnostic;

/// What the claims about one accountability need.
#[derive(Clone, Debug)]
pub struct Account {
    who: Who,
    judge: Expr,
    fault: Expr,
    sanction: Expr,
    can: Expr,
}

/// All accountabilities of an institution, by name.
pub type Accounts = IndexMap<String, Account>;

/// Reads every accountability, before any claim is rewritten.
pub fn accounts(items: &[Item], table: &Table) -> Accounts {
    let read = |item: &Item| match &item.decl {
        Decl::Accountability(a) => Some((a.name.text.clone(), account(a, item, items, table))),
        _ => None,
    };
    items.iter().filter_map(read).collect()
}

fn account(a: &Accountability, item: &Item, items: &[Item], table: &Table) -> Account {
    let who = Who::of(&a.subject, table);
    let make = Make { span: item.span };
    let sanction = match generated(a, table) {
        Some(name) => Make { span: name.span }.at(&name.text, &who.place),
        None => who.lift(&a.sanction, table, &[]),
    };
    let judge = who.lift(&a.judge, table, &[]);
    let can = match generated(a, table) {
        Some(_) => who.not_the_top(&judge, table, make),
        None => availability(&sanction, items).unwrap_or_else(|| make.bool(true)),
    };
    let fault = who.lift(&a.fault, table, &[]);
    Account { judge, fault, sanction, can, who }
}

/// The name of a sanction that nobody declares.
fn generated<'a>(a: &'a Accountability, table: &Table) -> Option<&'a Name> {
    match &*a.sanction.kind {
        ExprKind::Name(name)
            if !table.index.contains_key(&name.text) && !table.declared.contains(&name.text) =>
        {
            Some(name)
        }
        _ => None,
    }
}

/// The `when` of a choice, at the member that an expression reads.
fn availability(sanction: &Expr, items: &[Item]) -> Option<Expr> {
    let (name, index) = match &*sanction.kind {
        ExprKind::Name(name) => (name, &[][..]),
        ExprKind::Index(name, index) => (name, index.as_slice()),
        _ => return None,
    };
    let choice = items.iter().find_map(|item| match &item.decl {
        Decl::Input(input) if input.kind == InputKind::Choice => declares(input, &name.text),
        _ => None,
    })?;
    let (input, binders) = choice;
    let mut when = input.when.clone()?;
    for (binder, value) in binders.iter().zip(index) {
        if let Some(var) = &binder.var {
            moves::substitute(&mut when, &var.text, value, &[]);
        }
    }
    Some(when)
}

fn declares<'a>(input: &'a Input, name: &str) -> Option<(&'a Input, &'a [Binder])> {
    let cell = input.names.iter().find(|cell| cell.name.text == name)?;
    Some((input, &cell.index))
}

/// Writes an accountability out.
pub fn elaborate(a: &Accountability, item: &Item, table: &Table, all: &Accounts, out: &mut Output) {
    let Some(account) = all.get(&a.name.text) else { return };
    let name = &a.name.text;
    if let Some(sanction) = generated(a, table) {
        declare(sanction, name, account, item, out);
    }
    let (violated, sanctioned) = (format!("{name}.violated"), format!("{name}.sanctioned"));
    if table.read(&violated) || table.accountable {
        let fault = account.fault.clone();
        let watch = [&violated, "watch", "at fault"];
        latch(watch, fault, account, item, name, out);
    }
    if table.read(&sanctioned) {
        let sanction = account.sanction.clone();
        latch([&sanctioned, "record", "sanctioned"], sanction, account, item, name, out);
    }
}

/// A cell that remembers an event, and the rule that sets it.
fn latch(
    [cell, rule, what]: [&str; 3],
    event: Expr,
    account: &Account,
    item: &Item,
    name: &str,
    out: &mut Output,
) {
    let make = Make { span: item.span };
    let who = &account.who;
    let origin = format!("accountability `{name}`");
    let doc = out.doc(item, format!("{origin}: {what} in some period before this one"));
    out.push(make.state(cell, &who.binders, make.ty_bool(), make.bool(false), doc));
    let update = make.update(cell, &who.place, make.bool(true));
    let doc = format!("{origin}: remembers who is {what}");
    out.push(make.rule(&format!("{name}.{rule}"), &who.binders, event, vec![update], doc));
}

/// The choice that an undeclared sanction becomes. The owner of the top's place in a chain must be
/// some post, though it never has anything to choose: itself.
fn declare(sanction: &Name, name: &str, account: &Account, item: &Item, out: &mut Output) {
    let make = Make { span: item.span };
    let declared = |item: &Item| match &item.decl {
        Decl::Input(input) => declares(input, &sanction.text).is_some(),
        _ => false,
    };
    if out.items.iter().any(declared) {
        let text = &sanction.text;
        out.report(
            Diagnostic::error(
                "sanction-declared-twice",
                sanction.span,
                format!("another accountability already makes `{text}` a choice of its judge"),
            )
            .help(format!("name this sanction otherwise, or declare `choice {text}` yourself")),
        );
        return;
    }
    let who = &account.who;
    let owner = make.choose(account.can.clone(), account.judge.clone(), who.me.clone());
    let draw = Draw { owner: Some(owner), when: Some(account.can.clone()), condition: None };
    let doc = format!("accountability `{name}`: the judge's sanction");
    out.push(make.input(&sanction.text, &who.binders, make.ty_bool(), draw, doc));
}

/// Writes `accountable sound` and `accountable complete` out, wherever they stand.
pub fn write_claims(expr: &mut Expr, accounts: &Accounts, diagnostics: &mut Vec<Diagnostic>) {
    walk::children(expr, &[], &mut |child, _| write_claims(child, accounts, diagnostics));
    let (name, sound) = match &*expr.kind {
        ExprKind::AccountableSound(name) => (name, true),
        ExprKind::AccountableComplete(name) => (name, false),
        _ => return,
    };
    let make = Make { span: expr.span };
    let wanted: Vec<(&String, &Account)> = accounts
        .iter()
        .filter(|(a, _)| name.as_ref().is_none_or(|name| name.text == **a))
        .collect();
    if wanted.is_empty() {
        diagnostics.push(unknown(name.as_ref(), accounts, make));
        return;
    }
    let part = |(name, account): (&String, &Account)| account.claim(name, sound, make);
    *expr = make.always(make.and(wanted.into_iter().map(part)));
}

impl Account {
    fn claim(&self, name: &str, sound: bool, make: Make) -> Expr {
        let violated = make.at(format!("{name}.violated"), &self.who.place);
        let body = if sound {
            let cause = make.or([violated, self.fault.clone()]);
            make.binary(BinaryOp::Implies, self.sanction.clone(), cause)
        } else {
            let knows = ExprKind::Knows(self.judge.clone(), violated.clone());
            let known = make.and([make.expr(knows), self.can.clone()]);
            let comes = make.expr(ExprKind::Unary(UnaryOp::Eventually, known));
            make.binary(BinaryOp::Implies, violated, comes)
        };
        self.who.for_all(body, make, Quantifier::All)
    }
}

fn unknown(name: Option<&Name>, accounts: &Accounts, make: Make) -> Diagnostic {
    let Some(name) = name else {
        return Diagnostic::error(
            "no-accountability",
            make.span,
            "this institution declares no `accountability` to speak of",
        )
        .help("declare one: `accountability upward of County to superior for deviates sanction demote`");
    };
    let message = format!("there is no accountability named `{}`", name.text);
    let diagnostic = Diagnostic::error("unknown-name", name.span, message);
    super::suggest::suggest(diagnostic, &name.text, accounts.keys().map(String::as_str))
}
