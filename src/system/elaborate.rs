//! From typed core to transition system.
//!
//! All state slots, input slots and draw slots of the [`Layout`] become
//! variables in the same order, so that a valuation of the system reads back as
//! a trace of the model. What can go wrong in a period is collected as
//! obligations; the step constraint excludes it, so that no run goes through a
//! defective step.

use std::collections::BTreeSet;

use rustc_hash::FxHashMap;

use super::expression::{Fault, Valued};
use super::{StateVar, System};
use crate::syntax::source::Span;
use crate::term::{Bounds, Pool, Role, Sort, Term, Var};
use crate::types::core::{
    Assume, CellId, Chosen, DefineId, Expr, InputId, Level, LocalId, Model, ParamId, RuleId,
    SortId, Type,
};
use crate::types::defect::DefectKind;
use crate::types::layout::{self, Layout};
use crate::types::level;

/// Something that must never happen.
#[derive(Clone, Debug)]
pub struct Obligation {
    /// What kind of defect it would be.
    pub kind: DefectKind,
    /// Where in the spec it comes from.
    pub span: Span,
    /// When it happens: over state and inputs, or state alone for a stuck period.
    pub when: Term,
}

/// A system with all that the verifier needs to know about it.
#[derive(Clone, Debug)]
pub struct Elaborated {
    /// The system.
    pub system: System,
    /// The parameters' terms: constants or rigid variables.
    pub params: Vec<Term>,
    /// Which draws are allowed from a state, defective or not; a conjunction.
    pub allowed: Vec<Term>,
    /// What a step that is not defective must lead to; a conjunction.
    pub after: Vec<Term>,
    /// Defects of first states (faults of their own constraints).
    pub at_start: Vec<Obligation>,
    /// Defects of steps.
    pub on_step: Vec<Obligation>,
    /// Cells whose `'` reads form a cycle, by slot name; then nothing else is meaningful.
    pub cycle: Option<Vec<String>>,
}

/// The state of an elaboration.
#[derive(Clone)]
pub(super) struct Elaborator<'m> {
    pub(super) model: &'m Model,
    pub(super) layout: Layout,
    pub(super) pool: Pool,
    pub(super) calls: FxHashMap<(DefineId, Vec<Term>), Valued>,
    pub(super) nexts: Vec<Next>,
    pub(super) guards: FxHashMap<(RuleId, usize), Valued>,
    pub(super) targets: FxHashMap<(RuleId, usize, usize), Vec<Valued>>,
    pub(super) writers: Vec<Vec<(RuleId, usize)>>,
    pub(super) cycle: Option<Vec<String>>,
    /// Slots whose `'` was read since this was last cleared.
    pub(super) ends: BTreeSet<usize>,
    params: Vec<Term>,
    cells: Vec<Term>,
    inputs: Vec<Term>,
    draws: Vec<Term>,
    locals: FxHashMap<LocalId, Term>,
}

/// How far the next value of a slot has been worked out.
#[derive(Clone, Debug)]
pub(super) enum Next {
    Unknown,
    InProgress,
    Known(Term),
}

/// Elaborates a model. Parameters with a value become constants, the others rigid variables.
pub fn elaborate(model: &Model) -> Elaborated {
    Elaborator::new(model).run(model).0
}

/// Elaborates a model and a claim's property and hypotheses in the same pool; see
/// [`super::property`].
pub(super) fn elaborate_with<'m>(model: &'m Model) -> (Elaborated, Elaborator<'m>) {
    Elaborator::new(model).run(model)
}

impl<'m> Elaborator<'m> {
    fn new(model: &'m Model) -> Self {
        let layout = Layout::new(model);
        let mut pool = Pool::new();
        let params = model.params.iter().map(|p| param_term(&mut pool, p)).collect();
        let declare = |name: &str, ty: Type, role: Role, pool: &mut Pool| {
            let (sort, bounds) = sort_of(model, ty);
            let var = pool.declare(name, sort, bounds, role);
            pool.var(var)
        };
        let cells = layout.cells.iter();
        let cells: Vec<Term> =
            cells.map(|s| declare(&s.name, s.ty, Role::State, &mut pool)).collect();
        let inputs = layout.inputs.iter();
        let inputs: Vec<Term> =
            inputs.map(|s| declare(&s.name, s.ty, Role::Input, &mut pool)).collect();
        let writers = writers(model);
        let nexts = vec![Next::Unknown; cells.len()];
        Elaborator {
            model,
            layout,
            pool,
            calls: FxHashMap::default(),
            nexts,
            guards: FxHashMap::default(),
            targets: FxHashMap::default(),
            writers,
            cycle: None,
            ends: BTreeSet::new(),
            params,
            cells,
            inputs,
            draws: Vec::new(),
            locals: FxHashMap::default(),
        }
    }

    fn run(mut self, model: &'m Model) -> (Elaborated, Self) {
        self.declare_draws();
        let mut on_step = Vec::new();
        let mut at_start = Vec::new();
        let params = self.param_conditions();
        let (states, steps) = self.assumptions(&model.assumes, &mut on_step);
        let mut init = self.initial(&mut at_start);
        init.extend(params);
        init.extend(states.iter().copied());
        let mut allowed = self.restrictions(&mut on_step);
        allowed.extend(steps);
        allowed.extend(self.draw_restrictions(&mut on_step));
        let next = self.next_states(&mut on_step);
        let mut after = self.after(&states, &next);
        // What no rule can change holds already.
        after.retain(|term| !states.contains(term));
        let mut step = allowed.clone();
        step.extend(after.iter().copied());
        step.extend(
            on_step
                .iter()
                .map(|o: &Obligation| o.when)
                .collect::<Vec<_>>()
                .into_iter()
                .map(|when| self.pool.not(when)),
        );
        let vars = |terms: &[Term], pool: &Pool| pool.variables(terms.iter().copied());
        let states: Vec<StateVar> = self
            .cells
            .iter()
            .zip(&next)
            .flat_map(|(cell, next)| {
                vars(&[*cell], &self.pool).into_iter().map(|var| StateVar { var, next: *next })
            })
            .collect();
        let mut inputs: Vec<Var> = Vec::new();
        for term in self.inputs.iter().chain(&self.draws) {
            inputs.extend(vars(&[*term], &self.pool));
        }
        let rigid = vars(&self.params, &self.pool);
        let system = System {
            pool: self.pool.clone(),
            rigid,
            states,
            inputs,
            init,
            step,
            lemmas: Vec::new(),
        };
        let elaborated = Elaborated {
            system,
            params: self.params.clone(),
            allowed,
            after,
            at_start,
            on_step,
            cycle: self.cycle.clone(),
        };
        (elaborated, self)
    }

    /// Draws take the bounds of the set they are drawn from, so that an overrun can be seen.
    fn declare_draws(&mut self) {
        let slots = self.layout.draws.clone();
        for slot in slots {
            let (sort, bounds) = self.draw_bounds(slot.of.rule, slot.of.update, slot.ty);
            let var = self.pool.declare(&slot.name, sort, bounds, Role::Input);
            let term = self.pool.var(var);
            self.draws.push(term);
        }
    }

    fn param_conditions(&mut self) -> Vec<Term> {
        let conditions: Vec<Expr> =
            self.model.params.iter().filter_map(|p| p.condition.clone()).collect();
        conditions.iter().map(|c| self.expr(c).term).collect()
    }

    /// Assumptions over state, and over steps.
    pub(super) fn assumptions(
        &mut self,
        assumes: &[Assume],
        obligations: &mut Vec<Obligation>,
    ) -> (Vec<Term>, Vec<Term>) {
        let (mut states, mut steps) = (Vec::new(), Vec::new());
        for assume in assumes {
            let of_states = level::level(self.model, &assume.condition) <= Level::State;
            let (Valued { term, faults }, ends) = self.with_ends(&assume.condition);
            obligations.extend(faults.into_iter().map(obligation));
            if of_states {
                states.push(term);
            } else {
                // Where what it reads of the period's end has no value, the defect counts, not this.
                let unknown = self.ends_unknown(&ends);
                steps.push(self.pool.or([term, unknown]));
            }
        }
        (states, steps)
    }

    /// State assumptions at the end of the period.
    pub(super) fn after(&mut self, states: &[Term], next: &[Term]) -> Vec<Term> {
        let mut map = FxHashMap::default();
        for (cell, next) in self.cells.iter().zip(next) {
            for var in self.pool.variables([*cell]) {
                map.insert(var, *next);
            }
        }
        let mut memo = FxHashMap::default();
        states.iter().map(|s| self.pool.substitute_with(*s, &map, &mut memo)).collect()
    }

    /// The value of an expression, and the slots whose end it reads itself.
    fn with_ends(&mut self, e: &Expr) -> (Valued, BTreeSet<usize>) {
        // Worked out beforehand, and without remembered calls, so that only its own reads are noted.
        for slot in 0..self.layout.cells.len() {
            self.next(slot);
        }
        self.calls.clear();
        self.ends.clear();
        let value = self.expr(e);
        (value, std::mem::take(&mut self.ends))
    }

    fn initial(&mut self, obligations: &mut Vec<Obligation>) -> Vec<Term> {
        let mut constraints = Vec::new();
        for (n, cell) in (0..).zip(&self.model.cells) {
            let Some(initial) = &cell.initial else { continue };
            let base = self.layout.cell(CellId(n));
            let bounds = sort_of(self.model, cell.ty).1;
            for (offset, member) in layout::members(self.model, &cell.index).iter().enumerate() {
                self.bind_members(&cell.binders, member);
                let here = self.cell(base + offset);
                let valued = self.chosen(here, initial);
                obligations.extend(valued.faults.into_iter().map(obligation));
                constraints.push(valued.term);
                if let (Chosen::Is(e), Some((lo, hi))) = (initial, bounds) {
                    // A first value outside the type leaves no first state; say so here, since
                    // the variable's own bounds would fold the comparison away.
                    let value = self.expr(e).term;
                    constraints.push(self.pool.between(value, lo, hi));
                }
            }
        }
        for init in &self.model.inits {
            let valued = self.expr(init);
            obligations.extend(valued.faults.into_iter().map(obligation));
            constraints.push(valued.term);
        }
        constraints
    }

    fn chosen(&mut self, x: Term, chosen: &Chosen) -> Valued {
        match chosen {
            Chosen::Is(e) => {
                let Valued { term, faults } = self.expr(e);
                Valued { term: self.pool.eq(x, term), faults }
            }
            Chosen::In(set) => self.member(x, set),
        }
    }

    /// What each choice and environment input may be.
    fn restrictions(&mut self, obligations: &mut Vec<Obligation>) -> Vec<Term> {
        let mut constraints = Vec::new();
        for (n, input) in (0..).zip(&self.model.inputs) {
            let base = self.layout.input(InputId(n));
            for (offset, member) in layout::members(self.model, &input.index).iter().enumerate() {
                self.bind_members(&input.binders, member);
                let here = self.input(base + offset);
                let valued = self.restriction(here, input);
                obligations.extend(valued.faults.into_iter().map(obligation));
                constraints.push(valued.term);
            }
        }
        constraints
    }

    /// `if when then condition else x = otherwise`
    fn restriction(&mut self, x: Term, input: &crate::types::core::Input) -> Valued {
        let top = self.pool.top();
        let all = |e: &Option<Expr>, this: &mut Self| match e {
            Some(e) => this.expr(e),
            None => super::expression::sound(top),
        };
        let when = all(&input.when, self);
        let condition = all(&input.condition, self);
        let otherwise = match &input.otherwise {
            Some(e) => self.expr(e),
            None => super::expression::sound(x),
        };
        let mut faults = when.faults;
        self.guarded(when.term, condition.faults, &mut faults);
        let not_when = self.pool.not(when.term);
        self.guarded(not_when, otherwise.faults, &mut faults);
        let default = self.pool.eq(x, otherwise.term);
        Valued { term: self.pool.ite(when.term, condition.term, default), faults }
    }

    /// The value of a parameter.
    pub(super) fn param(&self, param: ParamId) -> Term {
        self.term_at(&self.params, param.index())
    }

    /// The value of a bound variable.
    pub(super) fn local(&mut self, local: LocalId) -> Term {
        match self.locals.get(&local) {
            Some(term) => *term,
            None => self.pool.int(0),
        }
    }

    /// The value of a state slot at the start of the period.
    pub(super) fn cell(&self, slot: usize) -> Term {
        self.term_at(&self.cells, slot)
    }

    /// The value of an input slot.
    pub(super) fn input(&self, slot: usize) -> Term {
        self.term_at(&self.inputs, slot)
    }

    /// How many draws are declared so far.
    pub(super) fn draws_declared(&self) -> usize {
        self.draws.len()
    }

    /// The value of a draw slot.
    pub(super) fn draw(&self, slot: usize) -> Term {
        self.term_at(&self.draws, slot)
    }

    #[expect(clippy::indexing_slicing, reason = "slots and ids come from the model's own layout")]
    fn term_at(&self, terms: &[Term], at: usize) -> Term {
        terms[at]
    }

    /// Binds a variable; binders are unique in a model, so nothing is shadowed.
    pub(super) fn bind(&mut self, local: LocalId, value: Term) {
        self.locals.insert(local, value);
    }

    /// Binds index variables to a member's numbers.
    pub(super) fn bind_members(&mut self, binders: &[LocalId], member: &[u32]) {
        for (local, i) in binders.iter().zip(member) {
            let value = self.pool.int(*i);
            self.bind(*local, value);
        }
    }

    /// Number of members of a sort.
    pub(super) fn size(&self, sort: SortId) -> u32 {
        self.model.sorts.get(sort.index()).map_or(0, crate::types::core::Sort::size)
    }
}

/// A fault of something evaluated in every step.
pub(super) fn obligation(fault: Fault) -> Obligation {
    Obligation { kind: fault.kind, span: fault.span, when: fault.when }
}

fn param_term(pool: &mut Pool, param: &crate::types::core::Param) -> Term {
    match &param.value {
        Some(crate::types::core::Value::Bool(b)) => pool.bool(*b),
        Some(crate::types::core::Value::Int(n)) => pool.int(n.clone()),
        Some(crate::types::core::Value::Real(r)) => pool.real(r.clone()),
        Some(crate::types::core::Value::Member(_, i)) => pool.int(*i),
        None => {
            let (sort, bounds) = match param.ty {
                Type::Bool => (Sort::Bool, None),
                Type::Int => (Sort::Int, None),
                Type::Real => (Sort::Real, None),
                Type::Range(lo, hi) => (Sort::Int, Some((lo, hi))),
                // Enum parameters have a value or are enumerated as structural ones.
                Type::Finite(_) => (Sort::Int, Some((0, i64::from(u16::MAX)))),
            };
            let var = pool.declare(&param.name, sort, bounds, Role::Rigid);
            pool.var(var)
        }
    }
}

/// The sort and bounds of a declared type.
pub(super) fn sort_of(model: &Model, ty: Type) -> (Sort, Bounds) {
    match ty {
        Type::Bool => (Sort::Bool, None),
        Type::Int => (Sort::Int, None),
        Type::Real => (Sort::Real, None),
        Type::Range(lo, hi) => (Sort::Int, Some((lo, hi))),
        Type::Finite(sort) => {
            let size = model.sorts.get(sort.index()).map_or(1, crate::types::core::Sort::size);
            (Sort::Int, Some((0, i64::from(size) - 1)))
        }
    }
}

/// For each cell, the rules and updates that write it.
fn writers(model: &Model) -> Vec<Vec<(RuleId, usize)>> {
    let mut writers = vec![Vec::new(); model.cells.len()];
    for (n, rule) in (0..).zip(&model.rules) {
        for (u, update) in rule.updates.iter().enumerate() {
            if let Some(list) = writers.get_mut(update.cell.index()) {
                list.push((RuleId(n), u));
            }
        }
    }
    writers
}
