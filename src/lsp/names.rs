//! Who declares which name, and who reads it: the ground of hover, definition, references, rename.
//!
//! Names are looked up as the checker does, but on the tree that was read, so that this works in
//! specs with errors and in governance words. What a governance word brings (`rectify.active`)
//! belongs to the word: its occurrences count for the part before the dot. Nothing is trusted to
//! this index: a rename is tried out by the checker before it is offered.

use std::collections::BTreeMap;

use crate::govern::load::Loaded;
use crate::govern::walk;
use crate::syntax::ast::{
    Binder, Change, Decl, Expr, ExprKind, Initial, Institution, Item, Name, Set, Subject, Type,
    TypeKind, Written,
};
use crate::syntax::source::Span;

/// What kind of thing a name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A variable, in its scope.
    Variable,
    /// A parameter.
    Param,
    /// A cell of the state.
    State,
    /// A choice or environment input.
    Input,
    /// A definition.
    Define,
    /// A post, family, person sort or enum.
    Sort,
    /// A norm, accountability, promotion or campaign.
    Word,
    /// A tick.
    Tick,
    /// A member of an enum, or a campaign's trigger.
    Member,
    /// A rule or practice.
    Rule,
    /// A claim, scenario or lemma.
    Claim,
    /// An assumption, fairness or initial condition.
    Assumption,
    /// A source of quotes.
    Source,
    /// An institution or reform.
    Institution,
}

impl Kind {
    /// Whether an expression can read it.
    fn is_read(self) -> bool {
        self <= Kind::Rule
    }

    /// In which order names are looked up: values, ticks, members, rules.
    fn rank(self) -> u32 {
        match self {
            Kind::Tick => 1,
            Kind::Member => 2,
            Kind::Rule => 3,
            _ => 0,
        }
    }
}

/// A declared name.
#[derive(Clone, Debug)]
pub struct Declaration {
    /// The name.
    pub name: String,
    /// What it is.
    pub kind: Kind,
    /// The name's place.
    pub at: Span,
    /// The whole declaration; a variable's scope.
    pub whole: Span,
}

/// A place where a name stands.
#[derive(Clone, Debug)]
pub struct Occurrence {
    /// The whole name, for finding what is under a cursor.
    pub whole: Span,
    /// The part of it that is the declared name.
    pub at: Span,
    /// What it may stand for; several where several enums share a member.
    pub targets: Vec<usize>,
}

/// All names of some institutions.
#[derive(Clone, Debug, Default)]
pub struct Names {
    /// What is declared.
    pub declarations: Vec<Declaration>,
    /// Every place where a name stands, declarations included; each once.
    pub occurrences: Vec<Occurrence>,
    by_place: BTreeMap<(Span, Kind), usize>,
    seen: BTreeMap<Span, usize>,
}

/// The names of an institution: those declared, by name.
type Table = BTreeMap<String, Vec<usize>>;

impl Names {
    /// The names of what was loaded, and of the items of the file asked for.
    pub fn of(loaded: &Loaded, items: &[Item]) -> Names {
        let mut names = Names::default();
        let mut institutions = Table::new();
        let mut tables: BTreeMap<&str, Table> = BTreeMap::new();
        for institution in &loaded.institutions {
            names.institution(institution, &mut institutions);
            let table = names.declare_all(&institution.items);
            tables.insert(&institution.name.text, table);
        }
        for institution in &loaded.institutions {
            let table = tables.get(institution.name.text.as_str()).cloned().unwrap_or_default();
            institution.items.iter().for_each(|item| names.references(item, &table));
        }
        if loaded.institutions.is_empty() {
            let table = names.declare_all(items);
            items.iter().for_each(|item| names.references(item, &table));
        }
        for item in items {
            if let Decl::Reform(reform) = &item.decl {
                names.reference(&reform.base, &institutions, |kind| kind == Kind::Institution);
                let table = tables.get(reform.base.text.as_str()).cloned().unwrap_or_default();
                for change in &reform.changes {
                    match change {
                        Change::Drop { name, .. } => names.reference(name, &table, |_| true),
                        Change::Expect { claim, .. } => {
                            names.reference(claim, &table, |kind| kind == Kind::Claim);
                        }
                        Change::Override(_) | Change::Add(_) => {}
                    }
                }
            }
        }
        names.occurrences.sort_by_key(|occurrence| occurrence.whole);
        names
    }

    /// What stands at a byte of a file.
    pub fn at(&self, place: Span) -> Option<&Occurrence> {
        let touches = |whole: Span| {
            whole.file == place.file && whole.start <= place.start && place.start <= whole.end
        };
        self.occurrences.iter().find(|occurrence| touches(occurrence.whole))
    }

    /// Every place where one of these declarations is meant.
    pub fn of_targets(&self, targets: &[usize]) -> impl Iterator<Item = &Occurrence> {
        let meant = |occurrence: &&Occurrence| {
            occurrence.targets.iter().any(|target| targets.contains(target))
        };
        self.occurrences.iter().filter(meant)
    }

    fn institution(&mut self, institution: &Institution, table: &mut Table) {
        let Institution { name, span, .. } = institution;
        let index = self.declare(name, Kind::Institution, *span);
        table.entry(name.text.clone()).or_default().push(index);
    }

    fn declare(&mut self, name: &Name, kind: Kind, whole: Span) -> usize {
        let index = *self.by_place.entry((name.span, kind)).or_insert(self.declarations.len());
        if index == self.declarations.len() {
            self.declarations.push(Declaration {
                name: name.text.clone(),
                kind,
                at: name.span,
                whole,
            });
        }
        self.occurs(name.span, name.span, vec![index]);
        index
    }

    /// Institutions share parts: a place is kept once, for all that it may mean in any of them.
    fn occurs(&mut self, whole: Span, at: Span, targets: Vec<usize>) {
        let index = *self.seen.entry(whole).or_insert(self.occurrences.len());
        match self.occurrences.get_mut(index) {
            Some(known) => {
                known.targets.extend(targets);
                known.targets.sort_unstable();
                known.targets.dedup();
            }
            None => self.occurrences.push(Occurrence { whole, at, targets }),
        }
    }

    fn declare_all(&mut self, items: &[Item]) -> Table {
        let mut table = Table::new();
        for item in items {
            for (name, kind) in declared(&item.decl) {
                let index = self.declare(name, kind, item.span);
                let known = table.entry(name.text.clone()).or_default();
                if !known.contains(&index) {
                    known.push(index);
                }
            }
        }
        table
    }

    /// Looks a name up; of a dotted name that nobody declares, what stands before a dot.
    fn reference(&mut self, name: &Name, table: &Table, wanted: impl Fn(Kind) -> bool) {
        let mut text = name.text.as_str();
        loop {
            let known = table.get(text).map(Vec::as_slice).unwrap_or_default();
            let found = known.iter().filter_map(|index| {
                let kind = self.declarations.get(*index)?.kind;
                wanted(kind).then_some((kind.rank(), *index))
            });
            let found: Vec<(u32, usize)> = found.collect();
            if let Some(first) = found.iter().map(|(rank, _)| *rank).min() {
                let targets = found.iter().filter(|(rank, _)| *rank == first);
                let targets = targets.map(|(_, index)| *index).collect();
                let width = u32::try_from(text.len()).unwrap_or(0);
                let at = Span { end: name.span.start + width, ..name.span };
                return self.occurs(name.span, at, targets);
            }
            match text.rsplit_once('.') {
                Some((before, _)) => text = before,
                None => return,
            }
        }
    }

    /// Every name that a declaration reads.
    fn references(&mut self, item: &Item, table: &Table) {
        let mut scope = Scope { names: self, table, variables: Vec::new() };
        scope.variables(&item.decl, item.span);
        scope.words(&item.decl);
        let mut decl = item.decl.clone();
        walk::expressions(&mut decl, &mut |expr, _| scope.expression(expr));
    }
}

/// The variables that are in scope somewhere in a declaration.
struct Scope<'a> {
    names: &'a mut Names,
    table: &'a Table,
    /// With the place where each is known; later ones are further in.
    variables: Vec<(String, Span, usize)>,
}

impl Scope<'_> {
    fn variable(&mut self, name: &Name, whole: Span) {
        let index = self.names.declare(name, Kind::Variable, whole);
        self.variables.push((name.text.clone(), whole, index));
    }

    fn read(&mut self, name: &Name) {
        let within = |whole: &Span| whole.start <= name.span.start && name.span.end <= whole.end;
        let mut known = self.variables.iter().rev();
        match known.find(|(text, whole, _)| *text == name.text && within(whole)) {
            Some((_, _, index)) => self.names.occurs(name.span, name.span, vec![*index]),
            None => self.names.reference(name, self.table, Kind::is_read),
        }
    }

    fn sort(&mut self, name: &Name) {
        self.names.reference(name, self.table, |kind| kind == Kind::Sort);
    }

    /// The variables of a declaration's head.
    fn variables(&mut self, decl: &Decl, whole: Span) {
        let binders: Vec<&Binder> = match decl {
            Decl::State(state) => state.cells.iter().flat_map(|cell| &cell.index).collect(),
            Decl::Input(input) => input.names.iter().flat_map(|name| &name.index).collect(),
            Decl::Define(define) => define.index.iter().collect(),
            Decl::Rule(rule) => rule.binders.iter().collect(),
            _ => Vec::new(),
        };
        for binder in binders {
            self.sort(&binder.sort);
            binder.var.iter().for_each(|var| self.variable(var, whole));
        }
        if let Decl::Define(define) = decl {
            for argument in &define.args {
                argument.ty.iter().for_each(|ty| self.in_type(ty));
                self.variable(&argument.name, whole);
            }
        }
        let subject: Option<&Subject> = match decl {
            Decl::Sees { judge, .. } => Some(judge),
            Decl::Payoff { owner, .. } => Some(owner),
            Decl::Norm(norm) => Some(&norm.subject),
            Decl::Accountability(accountability) => Some(&accountability.subject),
            Decl::Promotion(promotion) => Some(&promotion.from),
            _ => None,
        };
        if let Some(subject) = subject {
            self.sort(&subject.sort);
            subject.var.iter().for_each(|var| self.variable(var, whole));
        }
    }

    /// Names that stand outside expressions.
    fn words(&mut self, decl: &Decl) {
        match decl {
            Decl::Param(param) => param.ty.iter().for_each(|ty| self.in_type(ty)),
            Decl::State(state) => {
                self.in_type(&state.ty);
                if let Some(Initial::In(Set::Sort(sort))) = &state.initial {
                    self.sort(sort);
                }
            }
            Decl::Input(input) => self.in_type(&input.ty),
            Decl::Holds { posts, person } => {
                posts.iter().chain([person]).for_each(|name| self.sort(name));
            }
            Decl::Rule(rule) => {
                let is_rule = |kind| kind == Kind::Rule;
                for other in &rule.overrides {
                    self.names.reference(other, self.table, is_rule);
                }
                for update in &rule.updates {
                    self.read(&update.cell);
                    if let Written::In(Set::Sort(sort)) = &update.value {
                        self.sort(sort);
                    }
                }
            }
            Decl::Norm(norm) => {
                let tick = norm.within.iter().filter_map(|within| within.tick.as_ref());
                tick.for_each(|tick| self.tick(tick));
            }
            Decl::Promotion(promotion) => {
                promotion.ties.iter().for_each(|ties| self.read(&ties.cell));
            }
            Decl::Rotate(rotate) => {
                self.sort(&rotate.post);
                rotate.ties.iter().for_each(|ties| self.read(&ties.cell));
            }
            Decl::Claim(claim) | Decl::Lemma(claim) | Decl::Scenario(claim) => {
                for (source, _) in &claim.quotes {
                    self.names.reference(source, self.table, |kind| kind == Kind::Source);
                }
                claim.solve.iter().for_each(|param| self.read(param));
            }
            _ => {}
        }
    }

    fn tick(&mut self, name: &Name) {
        // A campaign or a rule counts as a tick where it is named as one.
        self.names.reference(name, self.table, |kind| {
            matches!(kind, Kind::Tick | Kind::Word | Kind::Rule | Kind::Define)
        });
    }

    fn in_type(&mut self, ty: &Type) {
        if let TypeKind::Named(name) = &ty.kind {
            self.sort(name);
        }
    }

    fn expression(&mut self, expr: &mut Expr) {
        match &*expr.kind {
            ExprKind::Quantified(_, var, ..) | ExprKind::Smallest(var, _) => {
                self.variable(var, expr.span);
            }
            ExprKind::Attributes { culprit, .. } => self.variable(culprit, expr.span),
            ExprKind::NoDeviation { within, .. } => {
                let tick = within.tick.clone();
                tick.iter().for_each(|tick| self.tick(tick));
            }
            _ => {}
        }
        for name in walk::own_names(expr) {
            self.read(name);
        }
        walk::children(expr, &[], &mut |child, _| self.expression(child));
    }
}

/// The names that a declaration declares.
// table
pub fn declared(decl: &Decl) -> Vec<(&Name, Kind)> {
    match decl {
        Decl::Institution { .. } | Decl::Use { .. } | Decl::Holds { .. } | Decl::Error => {
            Vec::new()
        }
        Decl::Sees { .. } | Decl::Payoff { .. } | Decl::Rotate(_) | Decl::Reform(_) => Vec::new(),
        Decl::Source { name, .. } => vec![(name, Kind::Source)],
        Decl::Param(param) => vec![(&param.name, Kind::Param)],
        Decl::Enum { name, members } => {
            let members = members.iter().map(|member| (member, Kind::Member));
            std::iter::once((name, Kind::Sort)).chain(members).collect()
        }
        Decl::Position { posts: families } | Decl::Hierarchy { levels: families } => {
            families.iter().map(|family| (&family.name, Kind::Sort)).collect()
        }
        Decl::Chain { family } | Decl::Person { family } => vec![(&family.name, Kind::Sort)],
        Decl::State(state) => state.cells.iter().map(|cell| (&cell.name, Kind::State)).collect(),
        Decl::Init { name, .. } => name.iter().map(|name| (name, Kind::Assumption)).collect(),
        Decl::Define(define) => vec![(&define.name, Kind::Define)],
        Decl::Input(input) => input.names.iter().map(|name| (&name.name, Kind::Input)).collect(),
        Decl::Rule(rule) => vec![(&rule.name, Kind::Rule)],
        Decl::Norm(norm) => vec![(&norm.name, Kind::Word)],
        Decl::Accountability(accountability) => vec![(&accountability.name, Kind::Word)],
        Decl::Promotion(promotion) => vec![(&promotion.name, Kind::Word)],
        Decl::Campaign(campaign) => {
            let triggers = campaign.triggers.iter().map(|(name, _)| (name, Kind::Member));
            std::iter::once((&campaign.name, Kind::Word)).chain(triggers).collect()
        }
        Decl::Tick { name, .. } => vec![(name, Kind::Tick)],
        Decl::Assume(named) => vec![(&named.name, Kind::Assumption)],
        Decl::Fair(fair) => vec![(&fair.name, Kind::Assumption)],
        Decl::Lemma(claim) | Decl::Scenario(claim) | Decl::Claim(claim) => {
            let own = claim.assumes.iter().map(|assume| (&assume.name, Kind::Assumption));
            std::iter::once((&claim.name, Kind::Claim)).chain(own).collect()
        }
    }
}
