//! A proof as an argument: what it rests on, what it does without, and why it may be believed.
//!
//! What it rests on was tried by leaving each part out (`verify::needs`); what is said here is no more
//! than that.

use crate::report::outcome::{Certificate, EntryKind, Needs, Premise, Verdict};
use crate::syntax::ast::{Decl, Expr, ExprKind, Item, Rule, TypeKind, UnaryOp, Written};

use super::glossary::Glossary;
use super::reading::{is_arithmetic, reading};
use super::words::{capital, human, list, sentence};
use super::{Part, Teller};

impl Teller<'_> {
    /// Why it holds, or why nothing can be found against it.
    pub(super) fn argument(&self) -> Vec<Part> {
        let entry = self.entry;
        let mut parts = Vec::new();
        if let Some(core) = &entry.core {
            parts.push(self.contradiction(core));
        }
        if let (Verdict::Proved, Some(needs)) = (entry.verdict, &entry.needs) {
            parts.push(self.rests_on(needs));
            parts.extend(self.does_without(needs));
        }
        let holds = entry.verdict == Verdict::Proved
            || entry.kind == EntryKind::Scenario && entry.verdict == Verdict::Refuted;
        if let (true, Some(certificate)) = (holds, &entry.certificate) {
            let mut paragraphs = vec![believed(certificate)];
            paragraphs.extend(self.premise());
            parts.push(Part { heading: "Why it may be believed", paragraphs });
        }
        parts
    }

    fn premise(&self) -> Option<String> {
        let text = match self.entry.premise? {
            Premise::CanOccur => {
                "What it speaks of does come about in some run, so that it is no empty promise."
            }
            Premise::CannotOccur => {
                "What it speaks of never comes about in any run: it holds as any promise holds that is \
                 never called upon."
            }
            Premise::NotShown => "Whether what it speaks of can come about was not shown.",
        };
        Some(text.to_owned())
    }

    fn rests_on(&self, needs: &Needs) -> Part {
        let named = |kind: &str, names: &[String]| {
            let one = |name: &String| format!("The {kind} {}: {}", human(name), self.says(name));
            names.iter().map(one).collect::<Vec<_>>()
        };
        let mut paragraphs = named("rule", &needs.rules);
        paragraphs.extend(named("practice", &needs.practices));
        paragraphs.extend(named("assumption", &needs.assumptions));
        paragraphs.extend(named("fairness", &needs.fairness));
        if paragraphs.is_empty() {
            paragraphs.push(
                "It needs none of the rules, practices and assumptions: it follows from what the words \
                 mean and from how things begin."
                    .to_owned(),
            );
        } else {
            paragraphs.push(match paragraphs.len() {
                1 => "It was left out, and without it there is no proof.".to_owned(),
                _ => "Each of these was left out in turn, and without it there is no proof: not in the \
                      whole institution, or not where only these are left."
                    .to_owned(),
            });
        }
        Part { heading: "What it rests on", paragraphs }
    }

    /// What a declaration says: its documentation, or its content in words.
    fn says(&self, name: &str) -> String {
        let written_out = name.contains('.');
        if let Some(doc) = self.glossary.doc(name).filter(|_| !written_out) {
            return doc;
        }
        let items = &self.glossary.institution().items;
        let own = self.glossary.claim(&self.entry.id).into_iter().flat_map(|claim| &claim.assumes);
        let assumed = own
            .filter(|assume| assume.name.text == name)
            .map(|assume| format!("{}.", reading(&assume.condition, self.glossary)));
        let said = items.iter().filter_map(|item| declared(item, name, self.glossary));
        said.chain(assumed).next().unwrap_or_else(|| "see the spec.".to_owned())
    }

    /// The rest of the institution.
    fn does_without(&self, needs: &Needs) -> Option<Part> {
        let needed = |name: &str| {
            [&needs.rules, &needs.practices, &needs.assumptions, &needs.fairness]
                .into_iter()
                .flatten()
                .any(|one| one == name)
        };
        let spare = self.glossary.institution().items.iter().filter_map(|item| match &item.decl {
            Decl::Rule(rule) if !needed(&rule.name.text) => {
                Some(self.glossary.rule_phrase(&rule.name.text))
            }
            Decl::Assume(assume) if !needed(&assume.name.text) => {
                Some(format!("the assumption {}", human(&assume.name.text)))
            }
            Decl::Fair(fair) if !needed(&fair.name.text) => {
                Some(format!("the fairness {}", human(&fair.name.text)))
            }
            _ => None,
        });
        let spare: Vec<String> = spare.collect();
        let paragraphs = vec![format!("{}.", capital(&list(&spare, "and")))];
        (!spare.is_empty()).then_some(Part { heading: "What it does without", paragraphs })
    }

    /// Sentences that cannot all be kept.
    fn contradiction(&self, core: &[String]) -> Part {
        let mut paragraphs = vec!["Taken one by one, each of these may be kept:".to_owned()];
        let claim = self.glossary.claim(&self.entry.id);
        for name in core {
            let said = self.glossary.doc(name).unwrap_or_else(|| {
                let parts = claim.map(|claim| members(&claim.property)).unwrap_or_default();
                let part = parts.iter().find(|part| is_named(part, name));
                let words = part.map_or_else(|| human(name), |part| reading(part, self.glossary));
                sentence(&words)
            });
            paragraphs.push(format!("{}: “{}”", capital(&human(name)), said.trim_end_matches('.')));
        }
        paragraphs.push(
            "Together they contradict each other, whatever the parameters; leave out any one, and the \
             others agree."
                .to_owned(),
        );
        Part { heading: "The contradiction", paragraphs }
    }
}

fn members(e: &Expr) -> &[Expr] {
    match &*e.kind {
        ExprKind::Consistent(all) | ExprKind::Inconsistent(all) => all,
        _ => &[],
    }
}

fn is_named(e: &Expr, name: &str) -> bool {
    matches!(&*e.kind, ExprKind::Name(own) if own.text == name)
}

/// What a declaration of this name says.
fn declared(item: &Item, name: &str, glossary: &Glossary<'_>) -> Option<String> {
    match &item.decl {
        Decl::Rule(rule) if rule.name.text == name => Some(rule_words(rule, glossary)),
        Decl::Assume(assume) if assume.name.text == name => {
            Some(format!("{}.", reading(&assume.condition, glossary)))
        }
        Decl::Fair(fair) if fair.name.text == name => {
            let recurs = reading(&fair.recurs, glossary);
            Some(match &fair.premise {
                Some(premise) => {
                    let premise = reading(premise, glossary);
                    format!("if again and again {premise}, then again and again {recurs}.")
                }
                None => format!("again and again {recurs}."),
            })
        }
        _ => None,
    }
}

/// "when launch and notice is more than 0, countdown becomes notice."
fn rule_words(rule: &Rule, glossary: &Glossary<'_>) -> String {
    let updates = rule.updates.iter().map(|update| {
        let mut cell = human(&update.cell.text);
        if !update.index.is_empty() {
            let index: Vec<String> = update.index.iter().map(|e| reading(e, glossary)).collect();
            cell = format!("{cell} of {}", list(&index, "and"));
        }
        match &update.value {
            Written::Is(e) => format!("{cell} becomes {}", assigned(e, glossary)),
            Written::In(_) => format!("{cell} becomes one of several values"),
            Written::Chosen(e) => format!("{cell} is chosen as {}", reading(e, glossary)),
            Written::BestReply(_) => format!("{cell} is chosen as pays best"),
        }
    });
    let updates = list(&updates.collect::<Vec<_>>(), "and");
    match &rule.guard {
        Some(guard) => format!("when {}, {updates}.", reading(guard, glossary)),
        None => format!("{updates}."),
    }
}

/// What a cell becomes: a truth value is told as a question.
fn assigned(e: &Expr, glossary: &Glossary<'_>) -> String {
    match &*e.kind {
        ExprKind::Bool(true) => "true".to_owned(),
        ExprKind::Bool(false) => "false".to_owned(),
        ExprKind::Unary(UnaryOp::Not, a) => format!("the opposite of {}", reading(a, glossary)),
        ExprKind::Name(name) if is_truth(&name.text, glossary) => {
            format!("whether {}", reading(e, glossary))
        }
        ExprKind::Binary(op, ..) if !is_arithmetic(*op) => {
            format!("whether {}", reading(e, glossary))
        }
        _ => reading(e, glossary),
    }
}

fn is_truth(name: &str, glossary: &Glossary<'_>) -> bool {
    glossary.input(name).is_some_and(|input| matches!(input.ty.kind, TypeKind::Bool))
}

/// Who checked the proof. Which engine found it, and how, differs from run to run and is not told.
fn believed(certificate: &Certificate) -> String {
    match (certificate.checked, certificate.by.as_slice()) {
        (false, _) if certificate.kind == "explicit-search" => {
            "All states that can be reached were visited; nobody has checked this again.".to_owned()
        }
        (false, _) => "Nobody has checked the proof again.".to_owned(),
        (true, []) => "The proof was checked again.".to_owned(),
        (true, by) => format!("The proof was checked again by {}.", list(by, "and")),
    }
}
