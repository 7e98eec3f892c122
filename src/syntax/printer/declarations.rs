//! Declarations as parts.

use super::super::ast::{
    Arg, Binder, Campaign, Change, Claim, Decl, Define, Deontic, Expected, Fair, Family, Indexed,
    Initial, Input, InputKind, Lasts, Name, Norm, Param, Promotion, Reform, Rotate, Rule, RuleKind,
    State, Subject, Ties, TiesFate, Type, TypeKind, Update, Written,
};
use super::super::ast::{Deadline, Expect, Expr};
use super::expressions::{ENCLOSED, OPERAND, Place, WHOLE, bracketed, flat, range};
use super::parts::{Part, Parts, quoted};
use super::properties::{captures_within, deadline};

/// The parts of a declaration that is no reform; `before` is `override ` or nothing.
pub(super) fn parts<'e>(before: &str, decl: &'e Decl, end: u32) -> Parts<'e> {
    let part = |word: &str| Part::new(format!("{before}{word} "));
    match decl {
        Decl::Institution { name, title } => {
            let head = part("institution").name(name);
            Parts::new(match title {
                Some(title) => head.words(" ").text(title),
                None => head,
            })
        }
        Decl::Source { name, title } => {
            Parts::new(part("source").name(name).words(" ").text(title))
        }
        Decl::Use { path } => Parts::new(part("use").text(path)),
        Decl::Param(param) => param_parts(part("param"), param),
        Decl::Enum { name, members } => enum_parts(part("enum").name(name), members, end),
        Decl::Position { posts } => Parts::new(families(part("position"), posts, ", ")),
        Decl::Hierarchy { levels } => Parts::new(families(part("hierarchy"), levels, " > ")),
        Decl::Chain { family } => Parts::new(families(part("chain"), [family], "")),
        Decl::Person { family } => Parts::new(families(part("person"), [family], "")),
        Decl::Holds { posts, person } => {
            Parts::new(names(part("holds"), posts).words(" by ").name(person))
        }
        Decl::State(state) => state_parts(part("state"), state),
        Decl::Init { name: Some(name), condition } => {
            headed(part("init").name(name).words(" :"), condition)
        }
        Decl::Init { name: None, condition } => Parts::new(part("init").expr(condition)),
        Decl::Define(define) => define_parts(part("define"), define),
        Decl::Input(input) => input_parts(before, input),
        Decl::Sees { judge, seen } => sees_parts(part("sees"), judge, seen),
        Decl::Rule(rule) => rule_parts(before, rule),
        Decl::Norm(norm) => norm_parts(part("norm"), norm),
        Decl::Accountability(it) => {
            let head = subject(part("accountability").name(&it.name).words(" of "), &it.subject);
            let mut parts = Parts::new(head.words(" to ").expr_at(&it.judge, OPERAND));
            parts.clause("for", Some(&it.fault));
            parts.push(Part::new("sanction ").expr_at(&it.sanction, OPERAND));
            parts
        }
        Decl::Promotion(promotion) => promotion_parts(part("promotion"), promotion),
        Decl::Rotate(Rotate { post, every, ties }) => {
            let head = part("rotate").name(post).words(" every ").expr_at(every, OPERAND);
            let mut parts = Parts::new(head);
            ties_parts(&mut parts, ties);
            parts
        }
        Decl::Campaign(campaign) => campaign_parts(part("campaign"), campaign, end),
        Decl::Tick { name, when } => {
            let mut parts = Parts::new(part("tick").name(name));
            parts.clause("when", Some(when));
            parts
        }
        Decl::Payoff { owner, value } => headed(subject(part("payoff"), owner).words(" ="), value),
        Decl::Assume(named) => {
            headed(part("assume").name(&named.name).words(" :"), &named.condition)
        }
        Decl::Fair(fair) => fair_parts(part("fair"), fair),
        Decl::Lemma(claim) => claim_parts(part("lemma"), claim, " :"),
        Decl::Scenario(claim) => claim_parts(part("scenario"), claim, " :"),
        Decl::Claim(claim) => claim_parts(part("claim"), claim, ""),
        Decl::Reform(reform) => Parts::new(Part::new(reform_head(before, reform))),
        Decl::Error => Parts::new(Part::new("// unreadable")),
    }
}

/// The parts of a change that is no declaration.
pub(super) fn change_parts(change: &Change) -> Parts<'_> {
    match change {
        Change::Drop { kind, name } => {
            Parts::new(Part::new("drop ").name(kind).words(" ").name(name))
        }
        Change::Expect { claim, expect } => {
            Parts::new(expect_part(Part::new("expect ").name(claim).words(" "), expect))
        }
        Change::Override(_) | Change::Add(_) => Parts::new(Part::new("")),
    }
}

/// `reform name of base "title"`
pub(super) fn reform_head(before: &str, reform: &Reform) -> String {
    let title =
        reform.title.as_ref().map_or(String::new(), |title| format!(" {}", quoted(&title.text)));
    format!("{before}reform {} of {}{title}", reform.name.text, reform.base.text)
}

/// A head, and an expression that follows it.
fn headed<'e>(head: Part<'e>, expr: &'e Expr) -> Parts<'e> {
    let mut parts = Parts::new(head);
    parts.push(Part::default().expr(expr));
    parts
}

// --- Sorts, parameters, state ------------------------------------------------

fn names<'e>(mut part: Part<'e>, names: &'e [Name]) -> Part<'e> {
    for (at, name) in names.iter().enumerate() {
        part = if at > 0 { part.words(", ").name(name) } else { part.name(name) };
    }
    part
}

fn families<'e>(
    mut part: Part<'e>,
    families: impl IntoIterator<Item = &'e Family>,
    between: &str,
) -> Part<'e> {
    for (at, family) in families.into_iter().enumerate() {
        part = if at > 0 { part.words(between) } else { part }.name(&family.name);
        if let Some(size) = &family.size {
            part = part.words("[").expr(size).words("]");
        }
    }
    part
}

fn ty<'e>(part: Part<'e>, ty: &'e Type) -> Part<'e> {
    let part = part.ending(ty.span);
    match &ty.kind {
        TypeKind::Bool => part.words("bool"),
        TypeKind::Int => part.words("int"),
        TypeKind::Real => part.words("real"),
        TypeKind::Range(low, high) => part.written(|out| range(out, low, high)),
        TypeKind::Named(name) => part.name(name),
        TypeKind::Error => part.words("unreadable"),
    }
}

fn param_parts<'e>(head: Part<'e>, param: &'e Param) -> Parts<'e> {
    let mut head = head.name(&param.name);
    if let Some(given) = &param.ty {
        head = ty(head.words(" : "), given);
    }
    if let Some(value) = &param.value {
        head = head.words(" = ").expr(value);
    }
    let mut parts = Parts::new(head);
    parts.clause("where", param.condition.as_ref());
    parts
}

fn enum_parts<'e>(head: Part<'e>, members: &'e [Name], end: u32) -> Parts<'e> {
    let mut parts = Parts::new(head.words(" {"));
    let last = members.len().saturating_sub(1);
    for (at, member) in members.iter().enumerate() {
        let part = Part::default().name(member);
        parts.push(if at < last { part.words(",") } else { part });
    }
    parts.push(Part::closing("}", end));
    parts
}

fn indexed<'e>(mut part: Part<'e>, list: &'e [Indexed]) -> Part<'e> {
    for (at, one) in list.iter().enumerate() {
        part = if at > 0 { part.words(", ") } else { part }.name(&one.name);
        part = index_places(part, &one.index);
    }
    part
}

fn index_places<'e>(part: Part<'e>, index: &'e [Binder]) -> Part<'e> {
    if index.is_empty() { part } else { binders(part.words("["), index).words("]") }
}

fn binders<'e>(mut part: Part<'e>, binders: &'e [Binder]) -> Part<'e> {
    for (at, binder) in binders.iter().enumerate() {
        part = if at > 0 { part.words(", ") } else { part };
        if let Some(var) = &binder.var {
            part = part.name(var).words(" in ");
        }
        part = part.name(&binder.sort);
    }
    part
}

fn subject<'e>(part: Part<'e>, subject: &'e Subject) -> Part<'e> {
    if let Some(member) = &subject.member {
        return part.name(&subject.sort).words("[").expr(member).words("]");
    }
    let part = match &subject.var {
        Some(var) => part.name(var).words(" in "),
        None => part,
    };
    part.name(&subject.sort)
}

fn state_parts<'e>(head: Part<'e>, state: &'e State) -> Parts<'e> {
    let head = ty(indexed(head, &state.cells).words(" : "), &state.ty);
    Parts::new(match &state.initial {
        None => head,
        Some(Initial::Is(value)) => head.words(" = ").expr(value),
        Some(Initial::In(set)) => head.words(" in ").set(set),
    })
}

fn define_parts<'e>(head: Part<'e>, define: &'e Define) -> Parts<'e> {
    let mut head = head.name(&define.name);
    if !define.args.is_empty() {
        head = head.words("(");
        for (at, Arg { name, ty: given }) in define.args.iter().enumerate() {
            head = if at > 0 { head.words(", ") } else { head }.name(name);
            if let Some(given) = given {
                head = ty(head.words(" : "), given);
            }
        }
        head = head.words(")");
    }
    headed(index_places(head, &define.index).words(" ="), &define.body)
}

fn input_parts<'e>(before: &str, input: &'e Input) -> Parts<'e> {
    let word = if input.kind == InputKind::Choice { "choice" } else { "env" };
    let head = indexed(Part::new(format!("{before}{word} ")), &input.names).words(" : ");
    let mut parts = Parts::new(ty(head, &input.ty));
    if let Some(owner) = &input.owner {
        parts.push(Part::new("by ").expr_at(owner, OPERAND));
    }
    parts.clause("when", input.when.as_ref());
    parts.clause("where", input.condition.as_ref());
    parts.clause("else", input.otherwise.as_ref());
    parts
}

fn sees_parts<'e>(head: Part<'e>, judge: &'e Subject, seen: &'e [Expr]) -> Parts<'e> {
    let mut parts = Parts::new(subject(head, judge).words(" :"));
    let last = seen.len().saturating_sub(1);
    for (at, expr) in seen.iter().enumerate() {
        let part = Part::default().expr(expr);
        parts.push(if at < last { part.words(",") } else { part });
    }
    parts
}

// --- Rules and norms -----------------------------------------------------------

fn rule_parts<'e>(before: &str, rule: &'e Rule) -> Parts<'e> {
    let word = if rule.kind == RuleKind::Rule { "rule" } else { "practice" };
    let mut head = Part::new(format!("{before}{word} ")).name(&rule.name);
    if !rule.binders.is_empty() {
        head = binders(head.words(" for "), &rule.binders);
    }
    if !rule.overrides.is_empty() {
        head = names(head.words(" overrides "), &rule.overrides);
    }
    let mut parts = Parts::new(head);
    parts.clause("when", rule.guard.as_ref());
    parts.close_last(" :");
    let last = rule.updates.len().saturating_sub(1);
    for (at, update) in rule.updates.iter().enumerate() {
        let part = update_part(update);
        parts.push(if at < last { part.words(",") } else { part });
    }
    parts
}

fn update_part(update: &Update) -> Part<'_> {
    let best = matches!(update.value, Written::BestReply(_));
    let part = if best { Part::new("best reply ") } else { Part::default() };
    let mut part = part.name(&update.cell);
    if !update.index.is_empty() {
        part = part.written(|out| bracketed(out, "", '[', &update.index, ']'));
    }
    match &update.value {
        Written::Is(value) => part.words("' = ").expr(value),
        Written::In(set) => part.words("' in ").set(set),
        Written::Chosen(value) => part.words(" = ").expr(value),
        Written::BestReply(None) => part,
        Written::BestReply(Some(ties)) => part.words(" ties to ").expr(ties),
    }
}

fn norm_parts<'e>(head: Part<'e>, norm: &'e Norm) -> Parts<'e> {
    let head = subject(head.name(&norm.name).words(" : "), &norm.subject);
    let word = match norm.deontic {
        Deontic::Must => " must ",
        Deontic::MustNot => " must not ",
        Deontic::May => " may ",
    };
    // `must (not p)` is a duty, `must not p` a prohibition.
    let negated = norm.deontic == Deontic::Must && begins_with_not(&norm.aim);
    let aim_due = norm.within.as_ref().filter(|_| norm.condition.is_none());
    let place = clause_place(&norm.aim, aim_due, negated);
    let mut parts = Parts::new(head.words(word).expr_at(&norm.aim, place));
    if let Some(condition) = &norm.condition {
        let place = clause_place(condition, norm.within.as_ref(), false);
        parts.push(Part::new("when ").expr_at(condition, place));
    }
    if let Some(due) = &norm.within {
        parts.push(due_part(due));
    }
    parts.clause("or else", norm.sanction.as_ref());
    parts
}

fn begins_with_not(aim: &Expr) -> bool {
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _ = flat(&mut text, aim, WHOLE);
    text.starts_with("not ")
}

/// In parentheses if the deadline behind it would be read as part of it.
fn clause_place(expr: &Expr, due: Option<&Deadline>, parentheses: bool) -> Place {
    let captured = due.is_some() && captures_within(expr);
    if captured || parentheses { ENCLOSED } else { WHOLE }
}

fn due_part(due: &Deadline) -> Part<'_> {
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _ = deadline(&mut text, due);
    let end = due.tick.as_ref().map_or(due.bound.span, |tick| tick.span);
    Part::new(text.trim_start()).ending(end)
}

// --- Careers and campaigns -----------------------------------------------------

fn promotion_parts<'e>(head: Part<'e>, it: &'e Promotion) -> Parts<'e> {
    let head = subject(head.name(&it.name).words(" from "), &it.from);
    let mut parts = Parts::new(head.words(" to ").expr_at(&it.to, OPERAND));
    parts.clause("when", it.condition.as_ref());
    if let Some(decider) = &it.decider {
        parts.push(Part::new("by ").expr_at(decider, OPERAND));
    }
    ties_parts(&mut parts, &it.ties);
    parts
}

fn ties_parts<'e>(parts: &mut Parts<'e>, ties: &'e [Ties]) {
    for (at, Ties { cell, fate }) in ties.iter().enumerate() {
        let word = if at == 0 { "ties " } else { "" };
        let fate = if *fate == TiesFate::Lapse { "lapse" } else { "follow" };
        let comma = if at + 1 < ties.len() { "," } else { "" };
        parts.push(Part::new(word).name(cell).words(format!(" {fate}{comma}")));
    }
}

fn campaign_parts<'e>(head: Part<'e>, it: &'e Campaign, end: u32) -> Parts<'e> {
    let mut parts = Parts::new(head.name(&it.name).words(" {"));
    for (name, condition) in &it.triggers {
        parts.push(Part::new("trigger ").name(name).words(" when ").expr(condition));
    }
    let mut clause = |before: &str, expr: Option<&'e Expr>, after: &str| {
        if let Some(expr) = expr {
            parts.push(Part::new(before).expr_at(expr, OPERAND).words(after));
        }
    };
    clause("by ", it.launcher.as_ref(), "");
    clause("announced ", it.announced.as_ref(), " before");
    match &it.lasts {
        Lasts::OnePeriod => {}
        Lasts::Periods(periods) => clause("lasts ", Some(periods), ""),
        Lasts::Until(condition) => parts.push(Part::new("lasts until ").expr(condition)),
    }
    let mut clause = |before: &str, expr: Option<&'e Expr>| {
        if let Some(expr) = expr {
            parts.push(Part::new(before).expr_at(expr, OPERAND));
        }
    };
    clause("at most ", it.at_most.as_ref());
    clause("gap ", it.gap.as_ref());
    parts.always_broken = parts.list.len() > 2;
    parts.push(Part::closing("}", end));
    parts
}

// --- Claims --------------------------------------------------------------------

fn fair_parts<'e>(head: Part<'e>, fair: &'e Fair) -> Parts<'e> {
    let mut parts = Parts::new(head.name(&fair.name).words(" :"));
    parts.clause("if infinitely often", fair.premise.as_ref());
    let word = if fair.premise.is_some() { "then infinitely often" } else { "infinitely often" };
    parts.clause(word, Some(&fair.recurs));
    parts
}

fn claim_parts<'e>(head: Part<'e>, claim: &'e Claim, colon: &str) -> Parts<'e> {
    let mut head = head.name(&claim.name);
    if let Some(title) = &claim.title {
        head = head.words(" ").text(title);
    }
    let mut parts = Parts::new(head.words(colon));
    for (source, words) in &claim.quotes {
        parts.push(Part::new("quote ").name(source).words(" ").text(words));
    }
    if let Some(wording) = &claim.wording {
        parts.push(Part::new("wording ").text(wording));
    }
    for assume in &claim.assumes {
        parts.push(Part::new("assume ").name(&assume.name).words(" : ").expr(&assume.condition));
    }
    parts.push(Part::default().expr(&claim.property));
    if let Some(param) = &claim.solve {
        parts.push(Part::new("solve for ").name(param));
    }
    if let Some(expect) = &claim.expect {
        parts.push(expect_part(Part::new("expect "), expect));
    }
    parts.always_broken = colon.is_empty();
    parts
}

fn expect_part<'e>(part: Part<'e>, expect: &'e Expect) -> Part<'e> {
    let part = part.ending(expect.span).words(match expect.verdict {
        Expected::Proved => "proved",
        Expected::Refuted => "refuted",
        Expected::Vacuous => "vacuous",
    });
    match &expect.when {
        Some(when) => part.words(" when ").expr(when),
        None => part,
    }
}
