//! Collecting the names of an institution, in any order of declaration.
//!
//! Values (parameters, cells, inputs, definitions, posts), sorts, rules, ticks,
//! claims and hypotheses each have a space of their own; enumerators may be
//! shared and are told apart by the type expected. Nothing is typed here.

use std::collections::BTreeMap;

use crate::syntax::ast::{self, Decl, Item, Name};
use crate::syntax::diagnostic::Diagnostic;
use crate::syntax::source::Span;

use super::core::{CellId, InputId, ParamId, RuleId, Sort, SortId, SortKind, TickId};
use super::messages::Problems;

/// What a value name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Symbol {
    Param(ParamId),
    Cell(CellId),
    Input(InputId),
    /// Number of the `define` in the tree, not yet of an instance.
    Define(u32),
    Post(SortId),
}

impl Symbol {
    /// What it is, in words.
    pub(crate) fn what(self) -> &'static str {
        match self {
            Symbol::Param(_) => "a parameter",
            Symbol::Cell(_) => "state",
            Symbol::Input(_) => "a choice or environment input",
            Symbol::Define(_) => "a definition",
            Symbol::Post(_) => "a post",
        }
    }
}

/// How many members a sort has, as written.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct SizeSource<'a> {
    /// Its own number of members.
    pub(crate) own: Option<&'a ast::Expr>,
    /// How many under each member of this sort above it.
    pub(crate) each: Option<(SortId, Option<&'a ast::Expr>)>,
}

/// All names and the declarations they lead to, by id.
#[derive(Debug, Default)]
pub(crate) struct Names<'a> {
    pub(crate) values: BTreeMap<&'a str, (Symbol, Span)>,
    pub(crate) sorts: BTreeMap<&'a str, SortId>,
    pub(crate) enumerators: BTreeMap<&'a str, Vec<(SortId, u32)>>,
    pub(crate) rules: BTreeMap<&'a str, (RuleId, Span)>,
    pub(crate) ticks: BTreeMap<&'a str, (TickId, Span)>,
    pub(crate) sources: BTreeMap<&'a str, Span>,
    /// `holder` of `holder.Province`, `holder.County`, …: the cell for each sort.
    pub(crate) overloads: BTreeMap<&'a str, Vec<(&'a str, CellId)>>,
    pub(crate) sort_list: Vec<Sort>,
    pub(crate) sizes: Vec<SizeSource<'a>>,
    pub(crate) params: Vec<(&'a Item, &'a ast::Param)>,
    pub(crate) cells: Vec<(&'a Item, &'a ast::State, &'a ast::Indexed)>,
    pub(crate) inputs: Vec<(&'a Item, &'a ast::Input, &'a ast::Indexed)>,
    pub(crate) defines: Vec<(&'a Item, &'a ast::Define)>,
    pub(crate) rule_list: Vec<(&'a Item, &'a ast::Rule)>,
    pub(crate) tick_list: Vec<(&'a Item, &'a Name, &'a ast::Expr)>,
}

/// The next id of a list.
fn next<T>(list: &[T]) -> u32 {
    u32::try_from(list.len()).unwrap_or(u32::MAX)
}

/// Collects the names of an institution's declarations.
pub(crate) fn collect<'a>(items: &'a [Item], problems: &mut Problems) -> Names<'a> {
    let mut collector = Collector { names: Names::default(), problems, others: BTreeMap::new() };
    for item in items {
        collector.sorts(item);
    }
    for item in items {
        collector.hierarchy(item);
    }
    for item in items {
        collector.item(item);
    }
    collector.overloads();
    collector.names
}

struct Collector<'a, 'p> {
    names: Names<'a>,
    problems: &'p mut Problems,
    /// Claims, hypotheses and fairness: space and name.
    others: BTreeMap<(&'static str, &'a str), Span>,
}

impl<'a> Collector<'a, '_> {
    fn sorts(&mut self, item: &'a Item) {
        match &item.decl {
            Decl::Enum { name, members } => self.enumeration(name, members),
            Decl::Position { posts } => posts.iter().for_each(|p| self.family(p, false)),
            Decl::Person { family } => self.family(family, true),
            Decl::Chain { family } => {
                self.family(family, false);
                let sort = self.names.sorts.get(family.name.text.as_str()).copied();
                if let Some(sort) = sort {
                    self.set_under(sort, sort, family.name.span);
                }
            }
            _ => {}
        }
    }

    fn enumeration(&mut self, name: &'a Name, members: &'a [Name]) {
        let names: Vec<String> = members.iter().map(|m| m.text.clone()).collect();
        let Some(sort) = self.sort(name, SortKind::Enum(names), SizeSource::default()) else {
            return;
        };
        let mut seen: BTreeMap<&str, Span> = BTreeMap::new();
        for (i, member) in (0..).zip(members) {
            if let Some(first) = seen.insert(&member.text, member.span) {
                self.twice(&member.text, member.span, first);
                continue;
            }
            self.names.enumerators.entry(&member.text).or_default().push((sort, i));
        }
        if members.is_empty() {
            let message = format!("enum `{}` has no members", name.text);
            self.problems.push(Diagnostic::error("empty-sort", name.span, message));
        }
    }

    fn family(&mut self, family: &'a ast::Family, person: bool) {
        let kind = SortKind::Index { size: 1, single: family.size.is_none(), under: None, person };
        let size = SizeSource { own: family.size.as_ref(), each: None };
        if let Some(sort) = self.sort(&family.name, kind, size) {
            self.value(&family.name, Symbol::Post(sort));
        }
    }

    fn sort(&mut self, name: &'a Name, kind: SortKind, size: SizeSource<'a>) -> Option<SortId> {
        if let Some(first) = self.names.sorts.get(name.text.as_str()) {
            let first = self.names.sort_list.get(first.index()).map(|s| s.span);
            self.twice(&name.text, name.span, first.unwrap_or(name.span));
            return None;
        }
        let id = SortId(next(&self.names.sort_list));
        self.names.sort_list.push(Sort { name: name.text.clone(), kind, span: name.span });
        self.names.sizes.push(size);
        self.names.sorts.insert(&name.text, id);
        Some(id)
    }

    fn hierarchy(&mut self, item: &'a Item) {
        let Decl::Hierarchy { levels } = &item.decl else { return };
        let mut above: Option<SortId> = None;
        for level in levels {
            above = self.level(level, above).or(above);
        }
    }

    /// One level of a hierarchy: declares its sort unless that is done elsewhere.
    fn level(&mut self, level: &'a ast::Family, above: Option<SortId>) -> Option<SortId> {
        let declared = self.names.sorts.get(level.name.text.as_str()).copied();
        let sort = match declared {
            Some(sort) => {
                self.redeclared(level, sort);
                sort
            }
            None => {
                self.family(level, false);
                self.names.sorts.get(level.name.text.as_str()).copied()?
            }
        };
        if let Some(above) = above {
            self.set_under(sort, above, level.name.span);
            if declared.is_none()
                && let Some(size) = self.names.sizes.get_mut(sort.index())
            {
                *size = SizeSource { own: None, each: Some((above, level.size.as_ref())) };
            }
        }
        Some(sort)
    }

    fn redeclared(&mut self, level: &ast::Family, sort: SortId) {
        let Some(first) = self.names.sort_list.get(sort.index()).map(|s| s.span) else { return };
        let Some(size) = &level.size else { return };
        let message = format!("`{}` is given a size twice", level.name.text);
        self.problems.push(
            Diagnostic::error("duplicate-name", size.span, message)
                .also(first, "declared here")
                .help("leave the size out of one of the two declarations"),
        );
    }

    fn set_under(&mut self, sort: SortId, above: SortId, span: Span) {
        let Some(declared) = self.names.sort_list.get_mut(sort.index()) else { return };
        let (name, first) = (declared.name.clone(), declared.span);
        match &mut declared.kind {
            SortKind::Index { under: under @ None, person: false, .. } => *under = Some(above),
            SortKind::Index { under: Some(_), .. } => self.problems.push(
                Diagnostic::error("two-superiors", span, format!("`{name}` has two superiors"))
                    .also(first, "already placed in a line of command")
                    .help("name a post only once below another"),
            ),
            _ => self.problems.push(
                Diagnostic::error("not-a-post", span, format!("`{name}` is not a post"))
                    .also(first, "declared here"),
            ),
        }
    }

    fn item(&mut self, item: &'a Item) {
        match &item.decl {
            Decl::Source { name, .. } => self.source(name),
            Decl::Param(param) => {
                let id = ParamId(next(&self.names.params));
                self.value(&param.name, Symbol::Param(id));
                self.names.params.push((item, param));
            }
            Decl::State(state) => self.cells(item, state),
            Decl::Input(input) => self.inputs(item, input),
            Decl::Define(define) => {
                let id = next(&self.names.defines);
                self.value(&define.name, Symbol::Define(id));
                self.names.defines.push((item, define));
            }
            Decl::Rule(rule) => self.rule(item, rule),
            Decl::Tick { name, when } => self.tick(item, name, when),
            Decl::Assume(assume) => self.other("assumption", &assume.name),
            Decl::Fair(fair) => self.other("fairness", &fair.name),
            Decl::Lemma(claim) | Decl::Scenario(claim) | Decl::Claim(claim) => {
                self.other("claim", &claim.name);
            }
            Decl::Error => {
                self.problems.poisoned = true;
                self.problems.unread = true;
            }
            _ => {}
        }
    }

    fn cells(&mut self, item: &'a Item, state: &'a ast::State) {
        for cell in &state.cells {
            let id = CellId(next(&self.names.cells));
            self.value(&cell.name, Symbol::Cell(id));
            self.names.cells.push((item, state, cell));
        }
    }

    fn inputs(&mut self, item: &'a Item, input: &'a ast::Input) {
        for name in &input.names {
            let id = InputId(next(&self.names.inputs));
            self.value(&name.name, Symbol::Input(id));
            self.names.inputs.push((item, input, name));
        }
    }

    fn rule(&mut self, item: &'a Item, rule: &'a ast::Rule) {
        let id = RuleId(next(&self.names.rule_list));
        self.names.rule_list.push((item, rule));
        let entry = (id, rule.name.span);
        match self.names.rules.get(rule.name.text.as_str()) {
            Some((_, first)) => self.twice(&rule.name.text, rule.name.span, *first),
            None => drop(self.names.rules.insert(&rule.name.text, entry)),
        }
    }

    fn tick(&mut self, item: &'a Item, name: &'a Name, when: &'a ast::Expr) {
        let id = TickId(next(&self.names.tick_list));
        self.names.tick_list.push((item, name, when));
        match self.names.ticks.get(name.text.as_str()) {
            Some((_, first)) => self.twice(&name.text, name.span, *first),
            None => drop(self.names.ticks.insert(&name.text, (id, name.span))),
        }
    }

    fn source(&mut self, name: &'a Name) {
        match self.names.sources.get(name.text.as_str()) {
            Some(first) => self.twice(&name.text, name.span, *first),
            None => drop(self.names.sources.insert(&name.text, name.span)),
        }
    }

    fn value(&mut self, name: &'a Name, symbol: Symbol) {
        match self.names.values.get(name.text.as_str()) {
            Some((_, first)) => self.twice(&name.text, name.span, *first),
            None => drop(self.names.values.insert(&name.text, (symbol, name.span))),
        }
    }

    fn other(&mut self, space: &'static str, name: &'a Name) {
        match self.others.get(&(space, name.text.as_str())) {
            Some(first) => self.twice(&name.text, name.span, *first),
            None => drop(self.others.insert((space, &name.text), name.span)),
        }
    }

    fn twice(&mut self, name: &str, span: Span, first: Span) {
        self.problems.push(
            Diagnostic::error("duplicate-name", span, format!("`{name}` is declared twice"))
                .label("declared again")
                .also(first, "first declared here")
                .help("rename or remove one of them"),
        );
    }

    fn overloads(&mut self) {
        for (name, (symbol, _)) in &self.names.values {
            let Symbol::Cell(cell) = symbol else { continue };
            let Some((base, sort)) = name.rsplit_once('.') else { continue };
            if self.names.sorts.contains_key(sort) {
                self.names.overloads.entry(base).or_default().push((sort, *cell));
            }
        }
    }
}
