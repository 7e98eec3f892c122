//! What a narrator looks up in the spec: who stands behind a name, what a rule writes, what its
//! documentation says.
//!
//! It is filled from the elaborated tree, so it has the names that reports use.

use std::collections::{BTreeMap, BTreeSet};

use crate::govern::walk;
use crate::syntax::ast::{
    Binder, Claim, Decl, Expr, Input, Institution, Item, Rule, RuleKind, Written,
};

use super::words;

/// The spec, by name.
pub struct Glossary<'a> {
    institution: &'a Institution,
    docs: BTreeMap<&'a str, &'a str>,
    /// The sorts that cells, choices and definitions are indexed by.
    indexes: BTreeMap<&'a str, Vec<&'a str>>,
    rules: BTreeMap<&'a str, &'a Rule>,
    sorts: BTreeSet<&'a str>,
    inputs: BTreeMap<&'a str, &'a Input>,
    defines: BTreeMap<&'a str, &'a Expr>,
}

impl<'a> Glossary<'a> {
    /// Of an elaborated institution.
    pub fn new(institution: &'a Institution) -> Glossary<'a> {
        let mut glossary = Glossary {
            institution,
            docs: BTreeMap::new(),
            indexes: BTreeMap::new(),
            rules: BTreeMap::new(),
            sorts: BTreeSet::new(),
            inputs: BTreeMap::new(),
            defines: BTreeMap::new(),
        };
        for item in &institution.items {
            glossary.add(item);
        }
        glossary
    }

    fn add(&mut self, item: &'a Item) {
        let mut names: Vec<&'a str> = Vec::new();
        match &item.decl {
            Decl::State(state) => {
                for cell in &state.cells {
                    names.push(&cell.name.text);
                    self.indexes.insert(&cell.name.text, sorts(&cell.index));
                }
            }
            Decl::Input(input) => {
                for one in &input.names {
                    names.push(&one.name.text);
                    self.indexes.insert(&one.name.text, sorts(&one.index));
                    self.inputs.insert(&one.name.text, input);
                }
            }
            Decl::Define(define) => {
                names.push(&define.name.text);
                self.indexes.insert(&define.name.text, sorts(&define.index));
                self.defines.insert(&define.name.text, &define.body);
            }
            Decl::Rule(rule) => {
                names.push(&rule.name.text);
                self.rules.insert(&rule.name.text, rule);
            }
            Decl::Position { posts } | Decl::Hierarchy { levels: posts } => {
                self.sorts.extend(posts.iter().map(|post| post.name.text.as_str()));
            }
            Decl::Chain { family } | Decl::Person { family } => {
                self.sorts.insert(&family.name.text);
            }
            Decl::Param(param) => names.push(&param.name.text),
            Decl::Assume(assume) => names.push(&assume.name.text),
            Decl::Fair(fair) => names.push(&fair.name.text),
            Decl::Claim(claim) | Decl::Lemma(claim) | Decl::Scenario(claim) => {
                names.push(&claim.name.text);
            }
            _ => {}
        }
        if let Some(doc) = &item.doc {
            self.docs.extend(names.into_iter().map(|name| (name, doc.as_str())));
        }
    }

    /// Its institution.
    pub(super) fn institution(&self) -> &'a Institution {
        self.institution
    }

    /// What the spec says of a name, as sentences.
    pub(super) fn doc(&self, name: &str) -> Option<String> {
        self.docs.get(name).map(|doc| words::sentence(doc)).filter(|doc| !doc.is_empty())
    }

    /// The campaign that a name is a part of: `rectify` of `rectify.active`.
    pub(super) fn campaign<'b>(&self, name: &'b str) -> Option<(&'b str, &'b str)> {
        let (campaign, part) = name.rsplit_once('.')?;
        let doc = self.docs.get(name)?;
        doc.starts_with(&format!("campaign `{campaign}`")).then_some((campaign, part))
    }

    /// The declaration of a claim, scenario or lemma.
    pub(super) fn claim(&self, name: &str) -> Option<&'a Claim> {
        self.institution.items.iter().find_map(|item| match &item.decl {
            Decl::Claim(c) | Decl::Lemma(c) | Decl::Scenario(c) if c.name.text == name => Some(c),
            _ => None,
        })
    }

    pub(super) fn rule(&self, name: &str) -> Option<&'a Rule> {
        self.rules.get(name).copied()
    }

    pub(super) fn input(&self, name: &str) -> Option<&'a Input> {
        self.inputs.get(name).copied()
    }

    pub(super) fn define(&self, name: &str) -> Option<&'a Expr> {
        self.defines.get(name).copied()
    }

    pub(super) fn is_sort(&self, name: &str) -> bool {
        self.sorts.contains(name)
    }

    /// The members of an indexed name: "county 2".
    pub(super) fn members(&self, name: &str) -> Vec<String> {
        let (base, members) = words::split(name);
        let sorts = self.indexes.get(base).map(Vec::as_slice).unwrap_or_default();
        let one = |(n, member): (usize, &&str)| match sorts.get(n) {
            Some(sort) if member.chars().all(|c| c.is_ascii_digit()) => {
                format!("{} {member}", words::human(sort))
            }
            _ => words::human(member),
        };
        members.iter().enumerate().map(one).collect()
    }

    /// "known of county 2"
    pub(super) fn place(&self, name: &str) -> String {
        let (base, _) = words::split(name);
        match self.members(name) {
            members if members.is_empty() => words::human(base),
            members => format!("{} of {}", words::human(base), words::list(&members, "and")),
        }
    }

    /// "the rule announce", "the practice muddle through"
    pub(super) fn rule_phrase(&self, name: &str) -> String {
        let kind = match self.rule(name).map(|rule| rule.kind) {
            Some(RuleKind::Practice) => "practice",
            _ => "rule",
        };
        format!("the {kind} {}", words::human(name))
    }

    /// The names an expression reads, those of the definitions it uses among them.
    pub(super) fn reads(&self, e: &Expr, found: &mut BTreeSet<String>) {
        let mut todo = vec![e.clone()];
        while let Some(mut e) = todo.pop() {
            for name in walk::own_names(&e) {
                if found.insert(name.text.clone())
                    && let Some(body) = self.define(&name.text)
                {
                    todo.push(body.clone());
                }
            }
            walk::children(&mut e, &[], &mut |child, _| todo.push(child.clone()));
        }
    }

    /// The names whose value matters in a period in which these rules fire.
    pub(super) fn matters(&self, fired: &BTreeSet<&str>) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        for item in &self.institution.items {
            match &item.decl {
                Decl::Rule(rule) if !fired.contains(rule.name.text.as_str()) => {
                    rule.guard.iter().for_each(|guard| self.reads(guard, &mut found));
                }
                Decl::Define(_) => {}
                decl => {
                    let mut decl = decl.clone();
                    let mut all = Vec::new();
                    walk::expressions(&mut decl, &mut |e, _| all.push(e.clone()));
                    all.iter().for_each(|e| self.reads(e, &mut found));
                }
            }
        }
        found
    }

    /// The cells that a rule writes.
    pub(super) fn writes(&self, rule: &str) -> Vec<&'a str> {
        let updates = self.rule(rule).map(|rule| rule.updates.as_slice()).unwrap_or_default();
        let written =
            updates.iter().filter(|update| matches!(update.value, Written::Is(_) | Written::In(_)));
        let mut names: Vec<&str> = written.map(|update| update.cell.text.as_str()).collect();
        names.dedup();
        names
    }

    /// Whether a practice prescribes a choice.
    pub(super) fn prescribes(&self, rule: &str, choice: &str) -> bool {
        let updates = self.rule(rule).map(|rule| rule.updates.as_slice()).unwrap_or_default();
        updates.iter().any(|update| {
            let chosen = matches!(update.value, Written::Chosen(_) | Written::BestReply(_));
            chosen && update.cell.text == choice
        })
    }
}

fn sorts(index: &[Binder]) -> Vec<&str> {
    index.iter().map(|binder| binder.sort.text.as_str()).collect()
}
