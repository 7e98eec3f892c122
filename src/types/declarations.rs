//! Declarations of the core, in the order of the language reference.

use crate::syntax::ast::{self, Decl, Item};
use crate::syntax::diagnostic::Diagnostic;
use crate::syntax::source::Span;

use super::Checker;
use super::core::{
    Assume, Cell, CellId, Chosen, Expr, ExprKind, Fairness, Rule, RuleId, SortId, Tick, TickId,
    Type, Update, Value,
};
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
            self.bind_practices();
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
    pub(crate) fn bind_new(&mut self, var: &ast::Name, ty: Type) -> super::core::LocalId {
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
        let (mut updates, mut prescribes) = (Vec::new(), Vec::new());
        for update in &source.updates {
            match &update.value {
                ast::Written::Is(_) | ast::Written::In(_) => updates.push(self.update(update)),
                _ => prescribes.push(self.prescription(update)),
            }
        }
        let overrides: Vec<Option<RuleId>> =
            source.overrides.iter().map(|name| self.overridden(source, name)).collect();
        Some(Rule {
            name: source.name.text.clone(),
            kind: source.kind,
            binders: binders.into_iter().zip(sorts).collect(),
            guard: guard?,
            updates: updates.into_iter().collect::<Option<_>>()?,
            prescribes: prescribes.into_iter().collect::<Option<_>>()?,
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
        let (cell, ty, index) = self.updated_member(update)?;
        let at = self.names.cells.get(cell.index()).map_or(update.span, |c| c.1.ty.span);
        let value = match &update.value {
            ast::Written::Is(e) => self.chosen_value(e, ty, at),
            ast::Written::In(set) => self.chosen_set(set, ty, at),
            ast::Written::Chosen(_) | ast::Written::BestReply(_) => return self.problems.silent(),
        };
        let place = Place::rule("what a rule writes");
        let value = self.placed_chosen(value?, place)?;
        let index: Vec<Option<Expr>> =
            index?.into_iter().map(|e| self.placed(Some(e), place)).collect();
        let index: Vec<Expr> = index.into_iter().collect::<Option<_>>()?;
        Some(Update { cell, index, value, span: update.span })
    }

    /// What is written: its cell, its type, and which member, if that could be typed.
    fn updated_member(
        &mut self,
        update: &ast::Update,
    ) -> Option<(CellId, Type, Option<Vec<Expr>>)> {
        let name = &update.cell;
        if !self.names.values.contains_key(name.text.as_str())
            && self.names.overloads.contains_key(name.text.as_str())
        {
            let (cell, ty, index) = self.overload(name, &update.index, update.span)?;
            return Some((cell, ty, Some(index)));
        }
        let cell = self.updated_cell(update)?;
        let signature = self.signature(Symbol::Cell(cell))?;
        let index = self.index_places(name, &signature.index, &update.index, update.span);
        Some((cell, signature.ty, index))
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
        Some(Assume { name: named.name.text.clone(), practice: None, condition, span })
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
}

/// The governance construct that a written-out rule comes from: its documentation begins with it.
fn origin(rule: &ast::Rule, doc: Option<&str>) -> Option<String> {
    let (construct, _) = rule.name.text.rsplit_once('.')?;
    let (from, _) = doc?.split_once(':')?;
    from.ends_with(&format!("`{construct}`")).then(|| from.to_owned())
}
