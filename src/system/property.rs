//! Claims, scenarios and defects as questions to the engines.
//!
//! Everything of the safety fragment becomes one question: can a bad state or
//! step be reached? For `always p` it is `not p`; for other safety claims a
//! monitor accepts exactly the finite runs that violate them; for a scenario it
//! is the state it wants. Static claims become satisfiability questions about
//! parameters.

use super::elaborate::{self, Elaborated, Elaborator, Obligation};
use super::enabled;
use super::formula::{Memory, Reader};
use super::liveness::Live;
use super::monitors::Monitor;
use super::{Problem, StateVar, System, Valuation};
use crate::term::Term;
use crate::types::core::{
    Assume, Binary, Claim, Expr, ExprKind, Level, Model, Property, Quant, Value,
};
use crate::types::defect::DefectKind;
use crate::types::layout::Layout;
use crate::types::level;
use crate::types::trace::{Inputs, Period, Trace};

pub use super::formula::{Beyond, Formula};

/// What a claim asks.
#[derive(Clone, Debug)]
pub enum Question {
    /// Proved iff bad cannot be reached.
    Never(Asked),
    /// Proved iff it can be reached.
    Reach(Asked),
    /// Proved iff no infinite, fair run violates it.
    Forever(Box<Live>),
    /// A question about parameters alone.
    Static(Static),
    /// Of no fragment that is decided.
    Beyond(Beyond),
}

/// A reachability question, with the faults of the property's own expressions.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The question.
    pub problem: Problem,
    /// Where the property itself has no value (division by zero, bad index), if that may be.
    pub fault: Option<Problem>,
}

/// A question about parameters.
#[derive(Clone, Debug)]
pub struct Static {
    /// Terms and parameters.
    pub system: System,
    /// What the parameters satisfy by declaration.
    pub given: Vec<Term>,
    /// What is asked.
    pub asked: StaticAsked,
}

/// The three static properties.
#[derive(Clone, Debug)]
pub enum StaticAsked {
    /// True for all parameters; with the premise if it is an implication.
    Valid(Term, Option<Term>),
    /// True together for some parameters.
    Consistent(Vec<Term>),
    /// Not true together for any.
    Inconsistent(Vec<Term>),
}

/// A model ready to be asked about.
pub struct Prepared<'m> {
    /// The model.
    pub model: &'m Model,
    /// Its slots.
    pub layout: Layout,
    /// Its system and obligations.
    pub elaborated: Elaborated,
    /// The obligations were decided and hold.
    pub defect_free: bool,
    /// What was learned: claims about every state that were proved.
    pub learned: Vec<Claim>,
    pub(super) elaborator: Elaborator<'m>,
}

impl Clone for Prepared<'_> {
    fn clone(&self) -> Self {
        Prepared {
            model: self.model,
            layout: self.layout.clone(),
            elaborated: self.elaborated.clone(),
            defect_free: self.defect_free,
            learned: self.learned.clone(),
            elaborator: self.elaborator.clone(),
        }
    }
}

impl<'m> Prepared<'m> {
    /// Elaborates a model.
    pub fn new(model: &'m Model) -> Self {
        let (elaborated, elaborator) = elaborate::elaborate_with(model);
        Prepared {
            model,
            layout: elaborator.layout.clone(),
            elaborated,
            defect_free: false,
            learned: Vec::new(),
            elaborator,
        }
    }

    /// What a claim asks.
    pub fn question(&self, claim: &Claim) -> Question {
        match &*claim.property.kind {
            ExprKind::Property(Property::Possible(p)) => self.reach(p, &claim.assumes),
            ExprKind::Property(Property::Valid(p)) => self.valid(p),
            ExprKind::Property(Property::Consistent(list)) => {
                self.parameters(list, StaticAsked::Consistent)
            }
            ExprKind::Property(Property::Inconsistent(list)) => {
                self.parameters(list, StaticAsked::Inconsistent)
            }
            _ => self.never(claim),
        }
    }

    /// Can `p` be reached, now or in the words of a premise?
    pub fn reach(&self, p: &Expr, assumes: &[Assume]) -> Question {
        let mut elaborator = self.elaborator.clone();
        let mut reader = reader(&mut elaborator);
        match reader.formula(p, true) {
            Err(beyond) => Question::Beyond(beyond),
            Ok(formula) => Question::Reach(self.asked(
                reader.parts(),
                &mut elaborator,
                Formula::Eventually(Box::new(formula)),
                assumes,
            )),
        }
    }

    /// The question whether `p`, about the present alone, can be reached.
    pub fn target(&self, p: &Expr, assumes: &[Assume]) -> Option<Problem> {
        if level::level(self.model, p) >= Level::Temporal {
            return None;
        }
        match self.reach(p, assumes) {
            Question::Reach(Asked { problem, fault: None }) => Some(problem),
            _ => None,
        }
    }

    /// The question whether `p`, about the present alone, can be reached from a state.
    pub fn reach_from(&self, p: &Expr, assumes: &[Assume], state: &[Value]) -> Option<Problem> {
        if !self.system().rigid.is_empty() {
            return None;
        }
        let mut problem = self.target(p, assumes)?;
        problem.system.init.clear();
        for (cell, value) in self.elaborated.system.states.iter().zip(state) {
            let pool = &mut problem.system.pool;
            let value = match value {
                Value::Member(_, i) => Value::Int((*i).into()),
                other => other.clone(),
            };
            let same = pool.equals(cell.var, &value);
            problem.system.init.push(same);
        }
        Some(problem)
    }

    fn system(&self) -> &System {
        &self.elaborated.system
    }

    fn never(&self, claim: &Claim) -> Question {
        let mut elaborator = self.elaborator.clone();
        let mut reader = reader(&mut elaborator);
        match reader.formula(&claim.property, false) {
            Err(beyond) => Question::Beyond(beyond),
            Ok(violation) if violation.is_cosafe() => Question::Never(self.asked(
                reader.parts(),
                &mut elaborator,
                violation,
                &claim.assumes,
            )),
            Ok(violation) => Question::Forever(Box::new(self.forever(
                reader.parts(),
                &mut elaborator,
                &violation,
                &claim.assumes,
            ))),
        }
    }

    /// Builds the question whether `target` can come true.
    fn asked(
        &self,
        (memories, faults, on_step): (Vec<Memory>, Vec<Obligation>, bool),
        elaborator: &mut Elaborator<'m>,
        target: Formula,
        assumes: &[Assume],
    ) -> Asked {
        let mut system = self.elaborated.system.clone();
        let (init, step) = self.assumed(elaborator, assumes);
        system.init.extend(init);
        system.step.extend(step);
        extend(&mut system, &memories);
        let (monitor, bad) = watch(elaborator, target);
        extend(&mut system, &monitor.memories);
        system.inputs.extend(&monitor.guesses);
        system.pool = elaborator.pool.clone();
        let fault = self.fault(&system, &faults, on_step);
        let valid = system.step.clone();
        system.step.extend(&monitor.requirements);
        let problem = Problem { bad: reached(&mut system, bad, &valid, on_step), system, on_step };
        Asked { problem, fault }
    }

    pub(super) fn fault(
        &self,
        system: &System,
        faults: &[Obligation],
        on_step: bool,
    ) -> Option<Problem> {
        if faults.is_empty() {
            return None;
        }
        let mut system = system.clone();
        let bad = system.pool.or(faults.iter().map(|f| f.when));
        let valid = system.step.clone();
        let bad = reached(&mut system, bad, &valid, on_step);
        Some(Problem { system, bad, on_step })
    }

    /// A claim's own hypotheses as constraints on first states and on steps.
    pub(super) fn assumed(
        &self,
        elaborator: &mut Elaborator<'m>,
        assumes: &[Assume],
    ) -> (Vec<Term>, Vec<Term>) {
        let (states, mut steps) = elaborator.assumptions(assumes, &mut Vec::new());
        let next: Vec<Term> = self.elaborated.system.states.iter().map(|s| s.next).collect();
        steps.extend(elaborator.after(&states, &next));
        steps.extend(states.iter().copied());
        (states, steps)
    }

    /// The premise of a claim, if it has one that the engines can look for: when it can be
    /// reached, a proof of the claim says something.
    pub fn premise(&self, claim: &Claim) -> Option<(Expr, Problem)> {
        let premise = premise(self.model, &claim.property)?;
        match self.reach(&premise, &claim.assumes) {
            Question::Reach(asked) => Some((premise, asked.problem)),
            _ => None,
        }
    }

    fn valid(&self, p: &Expr) -> Question {
        let mut elaborator = self.elaborator.clone();
        let term = elaborator.expr(p).term;
        let premise = match &*p.kind {
            ExprKind::Binary(Binary::Implies, a, _) => Some(elaborator.expr(a).term),
            _ => None,
        };
        self.about_parameters(elaborator, StaticAsked::Valid(term, premise))
    }

    fn parameters(&self, list: &[Expr], asked: impl Fn(Vec<Term>) -> StaticAsked) -> Question {
        let mut elaborator = self.elaborator.clone();
        let terms = list.iter().map(|e| elaborator.expr(e).term).collect();
        self.about_parameters(elaborator, asked(terms))
    }

    fn about_parameters(&self, mut elaborator: Elaborator<'m>, asked: StaticAsked) -> Question {
        let given = self
            .model
            .params
            .iter()
            .filter_map(|p| p.condition.as_ref())
            .map(|c| elaborator.expr(c).term)
            .collect();
        let system = System { pool: elaborator.pool, ..self.elaborated.system.clone() };
        Question::Static(Static { system, given, asked })
    }

    /// A condition over parameters, to be decided for those left symbolic.
    pub fn condition(&self, p: &Expr) -> Question {
        self.valid(p)
    }

    /// The question whether defects of these kinds can happen; `None` when they plainly cannot.
    pub fn defects(&self, kinds: &[DefectKind]) -> Option<Problem> {
        let mut system = self.elaborated.system.clone();
        let wanted = |o: &&Obligation| kinds.contains(&o.kind);
        let on_step: Vec<Term> =
            self.elaborated.on_step.iter().filter(wanted).map(|o| o.when).collect();
        let mut bad = Vec::new();
        let defective = system.pool.or(on_step);
        let is_step = system.pool.as_bool(defective) != Some(false);
        if is_step {
            let allowed = system.pool.and(self.elaborated.allowed.iter().copied());
            bad.push(system.pool.and([allowed, defective]));
        }
        if kinds.contains(&DefectKind::StuckPeriod) {
            let allowed = self.with_consequences(&mut system);
            let enabled = enabled::enabled(&mut system, &allowed);
            bad.push(system.pool.not(enabled));
        }
        let bad = system.pool.or(bad);
        (system.pool.as_bool(bad) != Some(false)).then_some(Problem {
            system,
            bad,
            on_step: is_step,
        })
    }

    /// Which draws make a period that is no dead end: allowed, and defective or leading to a state
    /// that the assumptions admit.
    fn with_consequences(&self, system: &mut System) -> Vec<Term> {
        let mut allowed = self.elaborated.allowed.clone();
        if !self.elaborated.after.is_empty() {
            let admitted = system.pool.and(self.elaborated.after.iter().copied());
            let defects = self.elaborated.on_step.iter().map(|o| o.when);
            let goes_on = system.pool.or(defects.chain([admitted]));
            allowed.push(goes_on);
        }
        allowed
    }

    /// The question whether there is a first state at all.
    pub fn first_state(&self) -> Problem {
        let mut system = self.elaborated.system.clone();
        let bad = system.pool.top();
        Problem { system, bad, on_step: false }
    }

    /// Lets the engines use a lemma that was proved, if it is plainly about every state.
    pub fn learn(&mut self, lemma: &Claim) {
        let ExprKind::Property(Property::Always(p)) = &*lemma.property.kind else { return };
        if level::level(self.model, p) <= Level::State && lemma.assumes.is_empty() {
            let term = self.elaborator.expr(p).term;
            self.elaborated.system.lemmas.push(term);
            self.elaborated.system.pool = self.elaborator.pool.clone();
            self.learned.push(lemma.clone());
        }
    }

    /// A run that ends where its loop starts again, as a lasso of the model.
    pub fn lasso(&self, start: Option<usize>, valuation: &Valuation) -> Trace {
        let mut trace = self.trace(valuation);
        trace.periods.pop();
        trace.loop_start = start;
        trace
    }

    /// A run of the system as a trace of the model: monitors left out, members back to their sorts.
    pub fn trace(&self, valuation: &Valuation) -> Trace {
        let typed = |values: &[Value], types: Vec<crate::types::core::Type>| -> Vec<Value> {
            types.into_iter().zip(values).map(|(ty, value)| member(ty, value)).collect()
        };
        let periods = valuation.periods.iter().map(|(state, inputs)| Period {
            state: typed(state, self.layout.cells.iter().map(|s| s.ty).collect()),
            inputs: inputs.as_ref().map(|values| Inputs {
                inputs: typed(values, self.layout.inputs.iter().map(|s| s.ty).collect()),
                draws: typed(
                    values.get(self.layout.inputs.len()..).unwrap_or(&[]),
                    self.layout.draws.iter().map(|s| s.ty).collect(),
                ),
            }),
        });
        let mut rigid = valuation.rigid.iter();
        let params = self.model.params.iter().map(|p| match &p.value {
            Some(value) => value.clone(),
            None => rigid.next().map_or(Value::Bool(false), |value| member(p.ty, value)),
        });
        Trace { params: params.collect(), periods: periods.collect(), loop_start: None }
    }
}

/// A value read as one of a type.
fn member(ty: crate::types::core::Type, value: &Value) -> Value {
    match (ty, value) {
        (crate::types::core::Type::Finite(sort), Value::Int(n)) => {
            Value::Member(sort, u32::try_from(n).unwrap_or(0))
        }
        _ => value.clone(),
    }
}

pub(super) fn reader<'e, 'm>(elaborator: &'e mut Elaborator<'m>) -> Reader<'e, 'm> {
    Reader { elaborator, memories: Vec::new(), faults: Vec::new(), on_step: false }
}

impl Reader<'_, '_> {
    pub(super) fn parts(self) -> (Vec<Memory>, Vec<Obligation>, bool) {
        (self.memories, self.faults, self.on_step)
    }
}

/// The monitor for a target, none when it is a plain condition on some period.
fn watch(elaborator: &mut Elaborator<'_>, target: Formula) -> (Monitor, Term) {
    let mut reader = reader(elaborator);
    let plain = match &target {
        Formula::Eventually(inner) => reader.flat(inner),
        Formula::Or(parts) => {
            let parts: Option<Vec<Term>> = parts
                .iter()
                .map(|part| match part {
                    Formula::Eventually(inner) => reader.flat(inner),
                    _ => None,
                })
                .collect();
            parts.map(|parts| elaborator.pool.or(parts))
        }
        _ => None,
    };
    match plain {
        Some(term) => (Monitor::default(), term),
        None => Monitor::new(&mut elaborator.pool, &target),
    }
}

/// A target on a step counts only if the step is one.
fn reached(system: &mut System, bad: Term, valid: &[Term], on_step: bool) -> Term {
    if !on_step {
        return bad;
    }
    let valid = system.pool.and(valid.iter().copied());
    system.pool.and([valid, bad])
}

pub(super) fn extend(system: &mut System, memories: &[Memory]) {
    system.states.extend(memories.iter().map(|m| StateVar { var: m.var, next: m.next }));
    system.init.extend(memories.iter().map(|m| m.first));
}

/// The condition under which a universal claim says something: antecedents of its implications.
pub fn premise(model: &Model, e: &Expr) -> Option<Expr> {
    let rebuilt = |kind: ExprKind| Expr { kind: Box::new(kind), ty: e.ty, span: e.span };
    match &*e.kind {
        ExprKind::Property(Property::Always(p)) => premise(model, p),
        ExprKind::Property(
            Property::LeadsTo(p, ..) | Property::Detects(_, p, _) | Property::Deniable(p, _),
        ) => Some(p.clone()),
        ExprKind::Property(Property::Smallest(_, p)) => premise(model, p),
        ExprKind::Binary(Binary::Implies, a, b) => match premise(model, b) {
            Some(inner) if level::level(model, b) < Level::Temporal => {
                Some(rebuilt(ExprKind::Binary(Binary::And, a.clone(), inner)))
            }
            _ => Some(a.clone()),
        },
        ExprKind::Quantified(Quant::All, local, domain, body) => {
            let inner = premise(model, body)?;
            Some(rebuilt(ExprKind::Quantified(Quant::Some, *local, domain.clone(), inner)))
        }
        ExprKind::Binary(Binary::And, a, b) => match (premise(model, a), premise(model, b)) {
            (Some(a), Some(b)) => Some(rebuilt(ExprKind::Binary(Binary::Or, a, b))),
            _ => None,
        },
        _ => None,
    }
}
