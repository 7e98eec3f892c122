//! Declarations of the core, in the order of the language reference.

use crate::syntax::ast::{self, Decl, Item};
use crate::syntax::diagnostic::Diagnostic;
use crate::syntax::printer::expression;
use crate::syntax::source::Span;

use super::Checker;
use super::core::{
    Assume, Binary, Cell, CellId, Chosen, Expr, ExprKind, Fairness, Payoff, Rule, RuleId, Sees,
    SortId, Tick, TickId, Type, Update, Value,
};
use super::layout::{member_name, members};
use super::messages::{Why, suggest};
use super::names::Symbol;
use super::params::literal;
use super::places::Place;
use super::visit::reads;

impl<'a> Checker<'a> {
    /// Checks the whole institution.
    pub(crate) fn institution(&mut self) {
        for sort in 0..u32::try_from(self.model.sorts.len()).unwrap_or(u32::MAX) {
            self.size(SortId(sort));
        }
        self.declare_params();
        self.declare_defines();
        for at in 0..self.names.cells.len() {
            let cell = self.apart(|c| c.cell(at));
            self.model.cells.extend(cell);
        }
        for at in 0..self.names.inputs.len() {
            let input = self.apart(|c| c.input(at));
            self.model.inputs.extend(input);
        }
        for at in 0..self.names.tick_list.len() {
            let tick = self.apart(|c| c.tick(at));
            self.model.ticks.extend(tick);
        }
        for at in 0..self.names.rule_list.len() {
            let rule = self.apart(|c| c.rule(at));
            self.model.rules.extend(rule);
        }
        for item in &self.tree.items {
            self.apart(|c| c.item(item));
        }
        if !self.problems.poisoned {
            self.circular_ticks();
        }
        self.settle_params();
    }

    fn item(&mut self, item: &'a Item) {
        match &item.decl {
            Decl::Source { name, title } => {
                self.model.sources.push((name.text.clone(), title.text.clone()));
            }
            Decl::Init { condition, .. } => {
                let typed = self.expect_truth(condition, Why::new(item.span, ""));
                let typed = self.placed(typed, Place::state("the first state"));
                self.model.inits.extend(typed);
            }
            Decl::Sees { judge, seen } => {
                let sees = self.sees(item, judge, seen);
                self.model.sees.extend(sees);
            }
            Decl::Payoff { owner, value } => {
                let payoff = self.payoff(item, owner, value);
                self.model.payoffs.extend(payoff);
            }
            Decl::Assume(named) => {
                let assume = self.assume(named, item.span);
                self.model.assumes.extend(assume);
            }
            Decl::Fair(fair) => {
                let fair = self.fair(fair, item.span);
                self.model.fairness.extend(fair);
            }
            Decl::Lemma(claim) | Decl::Scenario(claim) | Decl::Claim(claim) => {
                self.claim_item(item, claim);
            }
            Decl::Institution { .. }
            | Decl::Use { .. }
            | Decl::Holds { .. }
            | Decl::Norm(_)
            | Decl::Accountability(_)
            | Decl::Promotion(_)
            | Decl::Rotate(_)
            | Decl::Campaign(_)
            | Decl::Reform(_) => self.not_elaborated(item),
            Decl::Param(_)
            | Decl::Enum { .. }
            | Decl::Position { .. }
            | Decl::Hierarchy { .. }
            | Decl::Chain { .. }
            | Decl::Person { .. }
            | Decl::State(_)
            | Decl::Define(_)
            | Decl::Input(_)
            | Decl::Rule(_)
            | Decl::Tick { .. }
            | Decl::Error => {}
        }
    }

    fn not_elaborated(&mut self, item: &Item) {
        self.problems.push(
            Diagnostic::error(
                "not-elaborated",
                item.span,
                "this declaration should have been written out in the core before checking",
            )
            .note("this is a fault of yamen, not of the spec"),
        );
    }

    fn cell(&mut self, at: usize) -> Option<Cell> {
        let (item, state, indexed) = *self.names.cells.get(at)?;
        let id = CellId(u32::try_from(at).unwrap_or(u32::MAX));
        let signature = self.signature(Symbol::Cell(id))?;
        let binders = self.bind_places(&indexed.index, &signature.index);
        let initial = match &state.initial {
            None => None,
            Some(ast::Initial::Is(e)) => {
                let chosen = self.chosen_value(e, signature.ty, state.ty.span)?;
                Some(self.first_value(chosen, signature.ty)?)
            }
            Some(ast::Initial::In(set)) => {
                let chosen = self.chosen_set(set, signature.ty, state.ty.span)?;
                Some(self.placed_chosen(chosen, Place::rigid("a first value"))?)
            }
        };
        Some(Cell {
            name: indexed.name.text.clone(),
            index: signature.index,
            ty: signature.ty,
            binders,
            initial,
            doc: item.doc.clone(),
            span: item.span,
        })
    }

    /// A first value that is a number as written lies in its range.
    fn first_value(&mut self, chosen: Chosen, ty: Type) -> Option<Chosen> {
        let chosen = self.placed_chosen(chosen, Place::rigid("a first value"))?;
        if let (Chosen::Is(e), Type::Range(lo, hi)) = (&chosen, ty)
            && let Some(Value::Int(n)) = literal(e)
            && (*n < lo.into() || *n > hi.into())
        {
            let message = format!("the first value, {n}, lies outside {lo}..{hi}");
            return self.problems.fail(
                Diagnostic::error("out-of-range", e.span, message)
                    .help("choose another first value, or widen the range"),
            );
        }
        Some(chosen)
    }

    pub(crate) fn placed_chosen(&mut self, chosen: Chosen, place: Place) -> Option<Chosen> {
        use super::core::Set;
        match chosen {
            Chosen::Is(e) => self.placed(Some(e), place).map(Chosen::Is),
            Chosen::In(Set::Sort(sort)) => Some(Chosen::In(Set::Sort(sort))),
            Chosen::In(Set::Range(lo, hi)) => {
                let (lo, hi) = (self.placed(Some(*lo), place), self.placed(Some(*hi), place));
                Some(Chosen::In(Set::Range(Box::new(lo?), Box::new(hi?))))
            }
            Chosen::In(Set::Elements(all)) => {
                let all: Vec<Option<Expr>> =
                    all.into_iter().map(|e| self.placed(Some(e), place)).collect();
                let all: Option<Vec<Expr>> = all.into_iter().collect();
                Some(Chosen::In(Set::Elements(all?)))
            }
        }
    }

    /// Binds the variables of index places; a place without one gets a nameless variable.
    pub(crate) fn bind_places(
        &mut self,
        places: &[ast::Binder],
        sorts: &[SortId],
    ) -> Vec<super::core::LocalId> {
        places
            .iter()
            .zip(sorts)
            .map(|(place, sort)| match &place.var {
                Some(var) => self.bind_new(var, Type::Finite(*sort)),
                None => self.fresh(),
            })
            .collect()
    }

    /// Binds a variable that no other of this declaration has the name of.
    fn bind_new(&mut self, var: &ast::Name, ty: Type) -> super::core::LocalId {
        if self.scope.locals.iter().any(|l| l.name == var.text) {
            let message = format!("two variables are called `{}`", var.text);
            self.problems.push(Diagnostic::error("duplicate-name", var.span, message));
        }
        self.bind(&var.text, ty)
    }

    fn tick(&mut self, at: usize) -> Option<Tick> {
        let (item, name, when) = *self.names.tick_list.get(at)?;
        let typed = self.expect_truth(when, Why::new(name.span, "a tick occurs or does not"));
        let when = self.placed(typed, Place::period("a tick"))?;
        Some(Tick { name: name.text.clone(), when, span: item.span })
    }

    /// A tick that occurs when itself occurs says nothing.
    fn circular_ticks(&mut self) {
        for at in 0..self.model.ticks.len() {
            let Some(tick) = self.model.ticks.get(at) else { continue };
            let id = TickId(u32::try_from(at).unwrap_or(u32::MAX));
            if reads(&self.model, &tick.when).ticks.contains(&id) {
                let message = format!("tick `{}` depends on itself", tick.name);
                self.problems.push(Diagnostic::error("cyclic-definition", tick.span, message));
            }
        }
    }

    fn rule(&mut self, at: usize) -> Option<Rule> {
        let (item, source) = *self.names.rule_list.get(at)?;
        let sorts = self.rule_sorts(RuleId(u32::try_from(at).unwrap_or(u32::MAX)))?;
        let binders = self.bind_places(&source.binders, &sorts);
        let guard = match &source.guard {
            Some(guard) => {
                let why = Why::new(source.name.span, "a rule fires or does not");
                let typed = self.expect_truth(guard, why);
                self.placed(typed, Place::rule("a rule's condition"))
            }
            None => {
                Some(Self::node(ExprKind::Const(Value::Bool(true)), Type::Bool, source.name.span))
            }
        };
        let updates: Vec<Option<Update>> =
            source.updates.iter().map(|update| self.update(update)).collect();
        let overrides: Vec<Option<RuleId>> =
            source.overrides.iter().map(|name| self.overridden(source, name)).collect();
        Some(Rule {
            name: source.name.text.clone(),
            kind: source.kind,
            binders: binders.into_iter().zip(sorts).collect(),
            guard: guard?,
            updates: updates.into_iter().collect::<Option<_>>()?,
            overrides: overrides.into_iter().collect::<Option<_>>()?,
            origin: origin(source, item.doc.as_deref()),
            doc: item.doc.clone(),
            span: item.span,
        })
    }

    fn overridden(&mut self, rule: &ast::Rule, name: &ast::Name) -> Option<RuleId> {
        if name.text == rule.name.text {
            let message = format!("rule `{}` overrides itself", name.text);
            return self.problems.fail(Diagnostic::error("self-override", name.span, message));
        }
        if let Some((id, _)) = self.names.rules.get(name.text.as_str()) {
            return Some(*id);
        }
        let message = format!("there is no rule `{}`", name.text);
        let diagnostic = suggest(
            Diagnostic::error("unknown-rule", name.span, message),
            &name.text,
            self.names.rules.keys().copied(),
            "`overrides` names a rule or practice of this institution",
        );
        self.problems.fail(diagnostic)
    }

    fn update(&mut self, update: &ast::Update) -> Option<Update> {
        let cell = self.updated_cell(update)?;
        let signature = self.signature(Symbol::Cell(cell))?;
        let at = self.names.cells.get(cell.index()).map_or(update.span, |c| c.1.ty.span);
        let index = self.index_places(&update.cell, &signature.index, &update.index, update.span);
        let value = match &update.value {
            ast::Written::Is(e) => self.chosen_value(e, signature.ty, at),
            ast::Written::In(set) => self.chosen_set(set, signature.ty, at),
        };
        let place = Place::rule("what a rule writes");
        let value = self.placed_chosen(value?, place)?;
        let index: Vec<Option<Expr>> =
            index?.into_iter().map(|e| self.placed(Some(e), place)).collect();
        let index: Vec<Expr> = index.into_iter().collect::<Option<_>>()?;
        Some(Update { cell, index, value, span: update.span })
    }

    fn updated_cell(&mut self, update: &ast::Update) -> Option<CellId> {
        let (text, span) = (update.cell.text.as_str(), update.cell.span);
        match self.names.values.get(text) {
            Some((Symbol::Cell(cell), _)) => return Some(*cell),
            Some((symbol, declared)) => {
                let message = format!("`{text}` is {}: a rule cannot write it", symbol.what());
                let help = match symbol {
                    Symbol::Input(_) => "its owner draws it anew every period; write a state cell",
                    Symbol::Param(_) => "a parameter never changes; declare `state` instead",
                    _ => "a rule writes state cells",
                };
                let declared = *declared;
                return self.problems.fail(
                    Diagnostic::error("update-of-non-state", span, message)
                        .also(declared, "declared here")
                        .help(help),
                );
            }
            None => {}
        }
        if self.names.overloads.contains_key(text) {
            return self.overload(&update.cell, &update.index);
        }
        let cells = self.names.cells.iter().map(|(_, _, c)| c.name.text.as_str());
        let message = format!("there is no state `{text}`");
        let diagnostic = suggest(
            Diagnostic::error("unknown-name", span, message),
            text,
            cells,
            "declare it with `state`",
        );
        self.problems.unknown(text, diagnostic)
    }

    pub(crate) fn assume(&mut self, named: &ast::Named, span: Span) -> Option<Assume> {
        let typed = self.expect_truth(&named.condition, Why::new(named.name.span, ""));
        let condition = self.placed(typed, Place::period("an assumption"))?;
        Some(Assume { name: named.name.text.clone(), condition, span })
    }

    fn fair(&mut self, fair: &ast::Fair, span: Span) -> Option<Fairness> {
        let place = Place::period("a fairness condition");
        let why = Why::new(fair.name.span, "");
        let recurs = self.expect_truth(&fair.recurs, why);
        let recurs = self.placed(recurs, place);
        let premise = match &fair.premise {
            Some(premise) => {
                let premise = self.expect_truth(premise, why);
                Some(self.placed(premise, place)?)
            }
            None => None,
        };
        Some(Fairness { name: fair.name.text.clone(), premise, recurs: recurs?, span })
    }

    /// The sort, variable and single member that a subject names.
    fn subject(
        &mut self,
        subject: &ast::Subject,
    ) -> Option<(SortId, super::core::LocalId, Option<u32>)> {
        let sort = self.post_sort(&subject.sort)?;
        let binder = match &subject.var {
            Some(var) => self.bind_new(var, Type::Finite(sort)),
            None => self.fresh(),
        };
        let Some(member) = &subject.member else { return Some((sort, binder, None)) };
        let typed = self.index(member, sort, Why::new(subject.sort.span, "its members"));
        let typed = self.placed(typed, Place::rigid("whose this is"))?;
        match self.evaluate(&typed, "whose this is", |constants, e| constants.value(e))? {
            Value::Member(_, k) => Some((sort, binder, Some(k))),
            _ => self.problems.silent(),
        }
    }

    fn sees(&mut self, item: &Item, judge: &ast::Subject, seen: &[ast::Expr]) -> Option<Sees> {
        let (sort, binder, only) = self.subject(judge)?;
        let mut all = Vec::new();
        for e in seen {
            all.push(self.seen(e));
        }
        let all: Vec<Vec<(String, Expr)>> = all.into_iter().collect::<Option<_>>()?;
        let seen = all.into_iter().flatten().collect();
        Some(Sees { judge: sort, binder, only, seen, span: item.span })
    }

    /// What is seen, with the words of the spec; a family without index is all its members.
    fn seen(&mut self, e: &ast::Expr) -> Option<Vec<(String, Expr)>> {
        let (bare, primed) = match &*e.kind {
            ast::ExprKind::Prime(inner) => (inner, true),
            _ => (e, false),
        };
        if let ast::ExprKind::Name(name) = &*bare.kind
            && let Some(sorts) = self.family_sorts(name)
        {
            return self.whole_family(name, &sorts?, primed);
        }
        let typed = self.infer(e, None);
        let typed = self.placed(typed, Place::period("what a post sees"))?;
        Some(vec![(expression(e), typed)])
    }

    /// The index sorts of a family's name; the outer `None` if it is no family.
    fn family_sorts(&mut self, name: &ast::Name) -> Option<Option<Vec<SortId>>> {
        if self.scope.locals.iter().any(|l| l.name == name.text) {
            return None;
        }
        let symbol = self.names.values.get(name.text.as_str())?.0;
        let indexed = match symbol {
            Symbol::Cell(id) => self.names.cells.get(id.index()).map(|c| &c.2.index),
            Symbol::Input(id) => self.names.inputs.get(id.index()).map(|c| &c.2.index),
            Symbol::Define(id) => self.names.defines.get(id as usize).map(|d| &d.1.index),
            Symbol::Param(_) | Symbol::Post(_) => None,
        }?;
        if indexed.is_empty() {
            return None;
        }
        Some(indexed.iter().map(|binder| self.sort(&binder.sort)).collect())
    }

    fn whole_family(
        &mut self,
        name: &ast::Name,
        sorts: &[SortId],
        primed: bool,
    ) -> Option<Vec<(String, Expr)>> {
        let span = name.span;
        let mut entries = Vec::new();
        for member in members(&self.model, sorts) {
            let tree = self.member_tree(name, sorts, &member, primed);
            let typed = self.infer(&tree, None);
            let typed = self.placed(typed, Place::period("what a post sees"))?;
            let inside: Vec<String> =
                sorts.iter().zip(&member).map(|(s, &i)| member_name(&self.model, *s, i)).collect();
            let mark = if primed { "'" } else { "" };
            entries.push((
                format!("{}[{}]{mark}", name.text, inside.join(", ")),
                Expr { span, ..typed },
            ));
        }
        Some(entries)
    }

    /// `name[2, Mayor]` as if it had been written.
    fn member_tree(
        &self,
        name: &ast::Name,
        sorts: &[SortId],
        member: &[u32],
        primed: bool,
    ) -> ast::Expr {
        let span = name.span;
        let tree = |kind| ast::Expr { kind: Box::new(kind), span };
        let index = sorts
            .iter()
            .zip(member)
            .map(|(sort, i)| match self.is_index(*sort) {
                true => tree(ast::ExprKind::Int(i.to_string())),
                false => tree(ast::ExprKind::Name(ast::Name {
                    text: format!(
                        "{}.{}",
                        self.sort_name(*sort),
                        member_name(&self.model, *sort, *i)
                    ),
                    span,
                })),
            })
            .collect();
        let indexed = tree(ast::ExprKind::Index(name.clone(), index));
        if primed { tree(ast::ExprKind::Prime(indexed)) } else { indexed }
    }

    fn payoff(&mut self, item: &Item, owner: &ast::Subject, value: &ast::Expr) -> Option<Payoff> {
        let (sort, binder, only) = self.subject(owner)?;
        self.scope.bool_counts = true;
        let why = Why::new(owner.sort.span, "a payoff is a number");
        let value = self.infer(value, None).and_then(|e| self.number(e, why));
        let value = self.placed(value, Place::period("a payoff"))?;
        let value = match only {
            None => value,
            Some(k) => self.only_for(sort, binder, k, value),
        };
        Some(Payoff { owner: sort, binder, value, span: item.span })
    }

    /// The value for one member, nothing for the others.
    fn only_for(&self, sort: SortId, binder: super::core::LocalId, k: u32, value: Expr) -> Expr {
        let (span, ty) = (value.span, value.ty);
        let member = Type::Finite(sort);
        let own = Self::node(ExprKind::Local(binder), member, span);
        let only = Self::node(ExprKind::Const(Value::Member(sort, k)), member, span);
        let is = Self::node(ExprKind::Binary(Binary::Eq, own, only), Type::Bool, span);
        Self::node(ExprKind::If(is, value, self.least(ty, span)), ty, span)
    }
}

/// The governance construct that a written-out rule comes from: its documentation begins with it.
fn origin(rule: &ast::Rule, doc: Option<&str>) -> Option<String> {
    let (construct, _) = rule.name.text.rsplit_once('.')?;
    let (from, _) = doc?.split_once(':')?;
    from.ends_with(&format!("`{construct}`")).then(|| from.to_owned())
}
