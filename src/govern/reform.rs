//! Reforms: a variant of an institution drops, overrides and adds declarations.
//!
//! The changes are made to the syntax of the base, governance words and all, in
//! the order written; an overriding declaration stands where the overridden one
//! stood. Claims are inherited with their expectations. What a dropped
//! declaration leaves behind in the air is found by the checker.

use super::suggest;
use super::table::Table;
use crate::syntax::ast::{
    Change, Claim, Decl, Expect, InputKind, Item, Name, Param, Reform, RuleKind,
};
use crate::syntax::diagnostic::{Diagnostic, Severity};
use crate::syntax::source::Span;

/// The base's declarations with the changes made to them.
pub fn apply(
    reform: &Reform,
    mut items: Vec<Item>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<Item> {
    for change in &reform.changes {
        let made = match change {
            Change::Drop { kind, name } => drop(kind, name, reform, &mut items),
            Change::Override(item) => replace(item, reform, &mut items),
            Change::Add(item) => add(item, reform, &mut items),
            Change::Expect { claim, expect } => expected(claim, expect, reform, &mut items),
        };
        diagnostics.extend(made.err().map(|problem| *problem));
    }
    diagnostics.extend(in_the_air(reform, &items));
    items
}

/// What is dropped and still read: the checker will miss it, and this says where it went.
fn in_the_air(reform: &Reform, items: &[Item]) -> Vec<Diagnostic> {
    let table = Table::of(items);
    let declared =
        |name: &str| items.iter().any(|item| names(&item.decl).1.iter().any(|n| n.text == name));
    let read = |name: &str| {
        let dotted = format!("{name}.");
        table.mentioned.iter().any(|m| m == name || m.starts_with(&dotted))
    };
    let dropped = reform.changes.iter().filter_map(|change| match change {
        Change::Drop { name, .. } if read(&name.text) && !declared(&name.text) => Some(name),
        _ => None,
    });
    dropped
        .map(|name| {
            let message =
                format!("reform `{}` drops `{}`, which is still read", reform.name.text, name.text);
            let note = Diagnostic::warning("dropped-but-read", name.span, message)
                .label("dropped here")
                .help("drop or override what reads it as well");
            Diagnostic { severity: Severity::Note, ..note }
        })
        .collect()
}

/// Made, or why not.
type Made = Result<(), Box<Diagnostic>>;

/// The keyword of a declaration and the names it declares.
pub fn names(decl: &Decl) -> (&'static str, Vec<&Name>) {
    match decl {
        Decl::Institution { name, .. } => ("institution", vec![name]),
        Decl::Source { name, .. } => ("source", vec![name]),
        Decl::Use { .. } => ("use", vec![]),
        Decl::Param(param) => ("param", vec![&param.name]),
        Decl::Enum { name, .. } => ("enum", vec![name]),
        Decl::Position { posts } => ("position", posts.iter().map(|p| &p.name).collect()),
        Decl::Hierarchy { levels } => ("hierarchy", levels.iter().map(|p| &p.name).collect()),
        Decl::Chain { family } => ("chain", vec![&family.name]),
        Decl::Person { family } => ("person", vec![&family.name]),
        Decl::Holds { posts, .. } => ("holds", posts.iter().collect()),
        Decl::State(state) => ("state", state.cells.iter().map(|c| &c.name).collect()),
        Decl::Init { name, .. } => ("init", name.iter().collect()),
        Decl::Define(define) => ("define", vec![&define.name]),
        Decl::Input(input) => {
            let word = match input.kind {
                InputKind::Choice => "choice",
                InputKind::Env => "env",
            };
            (word, input.names.iter().map(|c| &c.name).collect())
        }
        Decl::Sees { judge, .. } => ("sees", vec![&judge.sort]),
        Decl::Rule(rule) => match rule.kind {
            RuleKind::Rule => ("rule", vec![&rule.name]),
            RuleKind::Practice => ("practice", vec![&rule.name]),
        },
        Decl::Norm(norm) => ("norm", vec![&norm.name]),
        Decl::Accountability(a) => ("accountability", vec![&a.name]),
        Decl::Promotion(promotion) => ("promotion", vec![&promotion.name]),
        Decl::Rotate(rotate) => ("rotate", vec![&rotate.post]),
        Decl::Campaign(campaign) => ("campaign", vec![&campaign.name]),
        Decl::Tick { name, .. } => ("tick", vec![name]),
        Decl::Payoff { owner, .. } => ("payoff", vec![&owner.sort]),
        Decl::Assume(named) => ("assume", vec![&named.name]),
        Decl::Fair(fair) => ("fair", vec![&fair.name]),
        Decl::Lemma(claim) => ("lemma", vec![&claim.name]),
        Decl::Scenario(claim) => ("scenario", vec![&claim.name]),
        Decl::Claim(claim) => ("claim", vec![&claim.name]),
        Decl::Reform(reform) => ("reform", vec![&reform.name]),
        Decl::Error => ("", vec![]),
    }
}

/// Kinds that share a name space, so that adding one with a known name is a slip.
fn space(kind: &str) -> &str {
    match kind {
        "param" | "state" | "choice" | "env" | "define" => "value",
        "rule" | "practice" => "rule",
        "claim" | "scenario" | "lemma" => "claim",
        "enum" | "position" | "hierarchy" | "chain" | "person" => "sort",
        other => other,
    }
}

/// Kinds of which several declarations may stand beside each other.
fn additive(kind: &str) -> bool {
    matches!(kind, "sees" | "use" | "init" | "")
}

fn find(items: &[Item], kind: &str, name: &str) -> Option<usize> {
    items.iter().position(|item| {
        let (word, declared) = names(&item.decl);
        word == kind && declared.iter().any(|n| n.text == name)
    })
}

fn drop(kind: &Name, name: &Name, reform: &Reform, items: &mut Vec<Item>) -> Made {
    let at = find(items, &kind.text, &name.text).ok_or_else(|| {
        Box::new(nothing_to(&format!("drop {}", kind.text), kind, name, reform, items))
    })?;
    // `sees`, `init` and others may be declared several times for one name: all go.
    let mut at = Some(at);
    while let Some(index) = at {
        remove(items, index, &name.text);
        at = find(items, &kind.text, &name.text);
    }
    Ok(())
}

/// Takes one name out of a declaration, and the declaration itself if it was the only one.
fn remove(items: &mut Vec<Item>, index: usize, name: &str) -> Option<usize> {
    let item = items.get_mut(index)?;
    let left = match &mut item.decl {
        Decl::State(state) => keep(&mut state.cells, |cell| cell.name.text != name),
        Decl::Input(input) => keep(&mut input.names, |cell| cell.name.text != name),
        Decl::Position { posts } => keep(posts, |post| post.name.text != name),
        Decl::Holds { posts, .. } => keep(posts, |post| post.text != name),
        _ => 0,
    };
    if left > 0 {
        return Some(index + 1);
    }
    items.remove(index);
    Some(index)
}

fn keep<T>(list: &mut Vec<T>, wanted: impl FnMut(&T) -> bool) -> usize {
    list.retain(wanted);
    list.len()
}

fn replace(new: &Item, reform: &Reform, items: &mut Vec<Item>) -> Made {
    let (kind, declared) = names(&new.decl);
    let kind_name = Name { text: kind.to_owned(), span: new.span };
    for name in &declared {
        if find(items, kind, &name.text).is_none() {
            let action = format!("override {kind}");
            return Err(Box::new(nothing_to(&action, &kind_name, name, reform, items)));
        }
    }
    let mut place = items.len();
    for (count, name) in declared.iter().enumerate() {
        if let Some(index) = find(items, kind, &name.text)
            && let Some(after) = remove(items, index, &name.text)
            && count == 0
        {
            place = after;
        }
    }
    items.insert(place.min(items.len()), new.clone());
    Ok(())
}

fn add(new: &Item, reform: &Reform, items: &mut Vec<Item>) -> Made {
    if let Decl::Param(param) = &new.decl
        && param.ty.is_none()
    {
        return retune(param, reform, items);
    }
    let (kind, declared) = names(&new.decl);
    for name in declared.iter().filter(|_| !additive(kind)) {
        if let Some((word, span)) = clash(items, kind, &name.text) {
            return Err(Box::new(exists(kind, word, name, span, reform)));
        }
    }
    items.push(new.clone());
    Ok(())
}

fn clash(items: &[Item], kind: &str, name: &str) -> Option<(&'static str, Span)> {
    items.iter().find_map(|item| {
        let (word, declared) = names(&item.decl);
        let old = declared.iter().find(|n| n.text == name)?;
        (space(word) == space(kind)).then_some((word, old.span))
    })
}

fn exists(kind: &str, word: &str, name: &Name, span: Span, reform: &Reform) -> Diagnostic {
    let (text, base) = (&name.text, &reform.base.text);
    let message = format!("`{base}` already has a {word} named `{text}`");
    let help = match kind == word {
        true => format!("write `override {kind} {text} …` to replace it"),
        false => format!("write `drop {word} {text}` first, or choose another name"),
    };
    Diagnostic::error("already-declared", name.span, message).also(span, "declared here").help(help)
}

/// `param k = 2`: another default (or condition) for a parameter of the base.
fn retune(new: &Param, reform: &Reform, items: &mut [Item]) -> Made {
    let text = &new.name.text;
    let old = items.iter_mut().find_map(|item| match &mut item.decl {
        Decl::Param(param) if param.name.text == *text => Some(param),
        _ => None,
    });
    if let Some(old) = old {
        if new.value.is_some() {
            old.value.clone_from(&new.value);
        }
        if new.condition.is_some() {
            old.condition.clone_from(&new.condition);
        }
        return Ok(());
    }
    let kind = Name { text: "param".into(), span: new.name.span };
    let missing = nothing_to("set param", &kind, &new.name, reform, items);
    let typed = format!("to add a parameter, give it a type: `param {text} : int = …`");
    Err(Box::new(if missing.help.is_some() { missing } else { missing.help(typed) }))
}

fn expected(claim: &Name, expect: &Expect, reform: &Reform, items: &mut [Item]) -> Made {
    let found = items.iter_mut().find_map(|item| claim_of(&mut item.decl, &claim.text));
    match found {
        Some(old) => {
            old.expect = Some(expect.clone());
            Ok(())
        }
        None => {
            let kind = Name { text: "claim".into(), span: claim.span };
            Err(Box::new(nothing_to("expect claim", &kind, claim, reform, items)))
        }
    }
}

fn claim_of<'a>(decl: &'a mut Decl, name: &str) -> Option<&'a mut Claim> {
    match decl {
        Decl::Claim(claim) | Decl::Scenario(claim) | Decl::Lemma(claim)
            if claim.name.text == name =>
        {
            Some(claim)
        }
        _ => None,
    }
}

/// The base has nothing of that kind and name: what it has instead.
fn nothing_to(
    action: &str,
    kind: &Name,
    name: &Name,
    reform: &Reform,
    items: &[Item],
) -> Diagnostic {
    let text = &name.text;
    let message = format!("cannot {action} `{text}`: `{}` has none", reform.base.text);
    let missing = Diagnostic::error("nothing-to-change", name.span, message)
        .also(reform.base.span, "the base");
    let declared = || items.iter().map(|item| names(&item.decl));
    let elsewhere = declared()
        .find(|(_, declared)| declared.iter().any(|n| n.text == *text))
        .map(|(word, _)| word);
    if let Some(word) = elsewhere {
        return missing.help(format!("`{text}` is a {word} there: write `{word} {text}`"));
    }
    let same_kind = declared()
        .filter(|(word, _)| space(word) == space(&kind.text))
        .flat_map(|(_, declared)| declared)
        .map(|n| n.text.as_str());
    suggest::suggest(missing, text, same_kind)
}
