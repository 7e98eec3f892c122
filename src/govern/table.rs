//! What an institution declares, read off its syntax: just enough to write
//! governance words out, far from a type check.
//!
//! Three questions are answered here. Which names are families over exactly one
//! sort, so that a norm may write them without their index? How many members
//! has a sort, and who is above it? Which names does anybody mention, so that
//! a counter nobody reads need not exist? Whatever is unknown or wrong is left
//! to the checker, which reads the declarations this stage writes.

use std::collections::{BTreeMap, BTreeSet};

use indexmap::IndexMap;

use super::make::Make;
use super::walk::{self, Bound};
use crate::syntax::ast::{
    Binder, Deadline, Decl, Expr, ExprKind, Family, Item, Name, Promotion, Rotate, State, Subject,
    Type,
};
use crate::syntax::source::Span;

/// What kind of sort.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SortKind {
    /// Posts of a `position` or `hierarchy`.
    Post,
    /// The layers of a `chain`.
    Chain,
    /// Persons.
    Person,
}

/// A post, family of posts, or sort of persons.
#[derive(Clone, Debug)]
pub struct Sort {
    /// What it is.
    pub kind: SortKind,
    /// Number of members, `None` for a single post.
    pub size: Option<Expr>,
    /// The sort just above it.
    pub above: Option<String>,
    /// Where it is declared.
    pub span: Span,
}

/// What became known of an institution's names.
#[derive(Clone, Debug, Default)]
pub struct Table {
    /// The index sorts of cells, inputs and indexed definitions, generated ones included.
    pub index: BTreeMap<String, Vec<String>>,
    /// State cells: their index sorts and type.
    pub states: BTreeMap<String, (Vec<String>, Type)>,
    /// The types of parameters.
    pub params: BTreeMap<String, Option<Type>>,
    /// The members of enums.
    pub enums: BTreeMap<String, Vec<String>>,
    /// Posts and persons, in order.
    pub sorts: IndexMap<String, Sort>,
    /// Held posts in order, each with its persons: `holds Province by Official`.
    pub held: Vec<(String, String)>,
    /// Every name that any expression reads.
    pub mentioned: BTreeSet<String>,
    /// The variables bound inside of governance words and choices, which are written out again.
    pub variables: BTreeSet<String>,
    /// Every declared name of a value.
    pub declared: BTreeSet<String>,
    /// The conditions of ticks, those of campaigns included.
    pub ticks: BTreeMap<String, Expr>,
    /// All promotions.
    pub ladders: Vec<Promotion>,
    /// All rotations.
    pub rotations: Vec<Rotate>,
    /// Does some claim say `accountable sound` or `accountable complete`?
    pub accountable: bool,
}

impl Table {
    /// Reads the declarations of an institution.
    pub fn of(items: &[Item]) -> Self {
        let mut table = Table::default();
        items.iter().for_each(|item| table.sorts_of(item));
        items.iter().for_each(|item| table.names_of(item));
        items.iter().for_each(|item| table.mentions_of(item));
        for (sort, _) in table.held.clone() {
            table.index.insert(table.holder(&sort), vec![sort]);
        }
        table
    }

    /// Is this a post without a size, whose name is its only member?
    pub fn single(&self, sort: &str) -> bool {
        self.sorts.get(sort).is_some_and(|s| s.size.is_none())
    }

    /// Does anybody read this name?
    pub fn read(&self, name: &str) -> bool {
        self.mentioned.contains(name)
    }

    /// The sorts that `holds` seats persons in, and who: the persons of one sort.
    pub fn persons_in(&self, sort: &str) -> Option<&str> {
        self.held.iter().find(|(post, _)| post == sort).map(|(_, person)| person.as_str())
    }

    /// The cell that tells who holds the posts of a sort.
    pub fn holder(&self, sort: &str) -> String {
        if self.held.len() == 1 { "holder".into() } else { format!("holder.{sort}") }
    }

    /// A variable name, made from the sort's, that nothing else in the institution bears.
    pub fn fresh(&self, sort: &str) -> String {
        let lower = sort.replace('.', "_").to_lowercase();
        let initial: String = lower.chars().take(1).collect();
        [initial, lower.clone()]
            .into_iter()
            .find(|name| !self.taken(name))
            .unwrap_or_else(|| self.word(&lower))
    }

    /// A variable for an inner quantifier: this word, or the word with a number.
    pub fn word(&self, word: &str) -> String {
        std::iter::once(word.to_owned())
            .chain((1..).map(|n| format!("{word}_{n}")))
            .find(|name| !self.taken(name))
            .unwrap_or_else(|| word.to_owned())
    }

    fn taken(&self, name: &str) -> bool {
        self.mentioned.contains(name)
            || self.variables.contains(name)
            || self.declared.contains(name)
            || reserved(name)
    }

    fn sorts_of(&mut self, item: &Item) {
        match &item.decl {
            Decl::Position { posts } => {
                posts.iter().for_each(|f| self.sort(f, SortKind::Post, f.size.clone(), None));
            }
            Decl::Hierarchy { levels } => self.levels(levels),
            Decl::Chain { family } => {
                let above = Some(family.name.text.clone());
                self.sort(family, SortKind::Chain, family.size.clone(), above);
            }
            Decl::Person { family } => {
                self.sort(family, SortKind::Person, family.size.clone(), None);
            }
            _ => {}
        }
    }

    /// Sizes multiply down a hierarchy: `Province[2] > County[3]` has six counties.
    fn levels(&mut self, levels: &[Family]) {
        let mut above: Option<String> = None;
        let mut total: Option<Expr> = None;
        for level in levels {
            let make = Make { span: level.name.span };
            total = match (total, level.size.clone()) {
                (Some(a), Some(b)) => Some(make.times(a, b)),
                (a, b) => b.or(a),
            };
            self.sort(level, SortKind::Post, total.clone(), above.clone());
            if let Some(sort) = self.sorts.get_mut(&level.name.text) {
                sort.above = above;
            }
            above = Some(level.name.text.clone());
        }
    }

    fn sort(&mut self, family: &Family, kind: SortKind, size: Option<Expr>, above: Option<String>) {
        self.declared.insert(family.name.text.clone());
        let sort = Sort { kind, size, above, span: family.name.span };
        self.sorts.entry(family.name.text.clone()).or_insert(sort);
    }

    fn names_of(&mut self, item: &Item) {
        match &item.decl {
            Decl::Param(param) => {
                self.declared.insert(param.name.text.clone());
                self.params.insert(param.name.text.clone(), param.ty.clone());
            }
            Decl::Enum { name, members } => {
                let members: Vec<String> = members.iter().map(|m| m.text.clone()).collect();
                self.enums.insert(name.text.clone(), members);
            }
            Decl::State(state) => self.cells(state),
            Decl::Input(input) => {
                input.names.iter().for_each(|cell| self.family(&cell.name, &cell.index));
            }
            Decl::Define(define) if define.args.is_empty() => {
                self.family(&define.name, &define.index);
            }
            Decl::Define(define) => {
                self.declared.insert(define.name.text.clone());
            }
            Decl::Holds { posts, person } => {
                for post in posts {
                    self.held.push((post.text.clone(), person.text.clone()));
                }
            }
            Decl::Norm(norm) => self.over(&norm.subject, &norm.name, NORM),
            Decl::Accountability(a) => self.over(&a.subject, &a.name, ACCOUNTABILITY),
            Decl::Promotion(promotion) => {
                self.over(&promotion.from, &promotion.name, PROMOTION);
                self.ladders.push(promotion.clone());
            }
            Decl::Rotate(rotate) => self.rotations.push(rotate.clone()),
            Decl::Campaign(campaign) => {
                let name = &campaign.name;
                let ends = Make { span: name.span }.name(format!("{}.ends", name.text));
                self.ticks.entry(name.text.clone()).or_insert(ends);
            }
            Decl::Tick { name, when } => {
                self.ticks.insert(name.text.clone(), when.clone());
            }
            _ => {}
        }
    }

    fn cells(&mut self, state: &State) {
        for cell in &state.cells {
            self.family(&cell.name, &cell.index);
            let index = self.index.get(&cell.name.text).cloned().unwrap_or_default();
            self.states.insert(cell.name.text.clone(), (index, state.ty.clone()));
        }
    }

    fn family(&mut self, name: &Name, index: &[Binder]) {
        let sorts = index.iter().map(|b| b.sort.text.clone()).collect();
        self.declared.insert(name.text.clone());
        self.index.insert(name.text.clone(), sorts);
    }

    /// The names that a governance word introduces for its subject.
    fn over(&mut self, subject: &Subject, name: &Name, parts: &[&str]) {
        let sort = &subject.sort.text;
        let index = if subject.member.is_some() || (self.single(sort) && subject.var.is_none()) {
            vec![]
        } else {
            vec![sort.clone()]
        };
        for part in parts {
            self.index.insert(format!("{}.{part}", name.text), index.clone());
        }
    }

    fn mentions_of(&mut self, item: &Item) {
        let mut item = item.clone();
        let again = super::is_governance(&item.decl) || matches!(item.decl, Decl::Input(_));
        walk::expressions(&mut item.decl, &mut |expr, scope| {
            self.mention(expr, scope);
            if again {
                self.binds(expr);
            }
        });
        let own = match &item.decl {
            Decl::Promotion(p) => p.ties.iter().map(|t| t.cell.text.clone()).collect(),
            Decl::Rotate(r) => r.ties.iter().map(|t| t.cell.text.clone()).collect(),
            Decl::Norm(norm) => norm.within.iter().filter_map(tick_of).collect(),
            Decl::Rule(rule) => rule.updates.iter().map(|u| u.cell.text.clone()).collect(),
            _ => Vec::new(),
        };
        self.mentioned.extend(own);
    }

    fn mention(&mut self, expr: &mut Expr, scope: &[Bound]) {
        self.accountable |=
            matches!(&*expr.kind, ExprKind::AccountableSound(_) | ExprKind::AccountableComplete(_));
        let names = walk::own_names(expr).into_iter().map(|name| &name.text);
        let free = names.filter(|name| !scope.iter().any(|bound| bound.name == **name));
        self.mentioned.extend(free.cloned());
        walk::children(expr, scope, &mut |child, scope| self.mention(child, scope));
    }

    fn binds(&mut self, expr: &mut Expr) {
        walk::children(expr, &[], &mut |child, scope| {
            self.variables.extend(scope.iter().map(|bound| bound.name.clone()));
            self.binds(child);
        });
    }
}

/// The values that a norm introduces.
const NORM: &[&str] = &["violated", "breached", "left", "permitted"];
/// The values that an accountability introduces.
const ACCOUNTABILITY: &[&str] = &["violated", "sanctioned"];
/// The values that a promotion introduces.
const PROMOTION: &[&str] = &["promoted", "promote", "eligible", "tenure", "vacated", "newcomer"];

fn tick_of(deadline: &Deadline) -> Option<String> {
    deadline.tick.as_ref().map(|tick| tick.text.clone())
}

/// Words that cannot be variables.
fn reserved(name: &str) -> bool {
    const WORDS: &str = "and or not implies iff if then else true false all some count sum min \
                         max abs mod in always never eventually next once historically \
                         previously since until within recurs settles possible valid when where \
                         for by";
    WORDS.split_whitespace().any(|word| word == name)
}
