//! What may be read where.
//!
//! A size is fixed before the run; a guard sees the period but not its own
//! firing; a fairness condition does not speak of the future. Each place of a
//! spec allows certain effects, and the first part of an expression that goes
//! beyond them is named, through definitions.

use crate::syntax::diagnostic::Diagnostic;
use crate::syntax::source::Span;

use super::Checker;
use super::core::{Expr, ExprKind, Property};
use super::visit::{children, deep};

/// A set of things that an expression may do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Effects(u8);

impl Effects {
    pub(crate) const NONE: Effects = Effects(0);
    /// Reads cells at the start of the period.
    pub(crate) const STATE: Effects = Effects(1);
    /// Reads choices or environment.
    pub(crate) const INPUT: Effects = Effects(2);
    /// Reads cells at the end of the period.
    pub(crate) const PRIME: Effects = Effects(4);
    /// Reads ticks or rule firings.
    pub(crate) const EVENT: Effects = Effects(8);
    /// Speaks of other periods, runs or judges.
    pub(crate) const TEMPORAL: Effects = Effects(16);

    const fn with(self, other: Effects) -> Effects {
        Effects(self.0 | other.0)
    }

    fn beyond(self, allowed: Effects) -> bool {
        self.0 & !allowed.0 != 0
    }
}

/// Where an expression stands.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    /// In words, such as "the size of a family".
    pub(crate) what: &'static str,
    /// What it may do.
    allowed: Effects,
}

impl Place {
    /// Known before the run.
    pub(crate) const fn rigid(what: &'static str) -> Place {
        Place { what, allowed: Effects::NONE }
    }

    /// Over one state.
    pub(crate) const fn state(what: &'static str) -> Place {
        Place { what, allowed: Effects::STATE }
    }

    /// Over the state and the period's draws.
    pub(crate) const fn drawn(what: &'static str) -> Place {
        Place { what, allowed: Effects::STATE.with(Effects::INPUT) }
    }

    /// Within a rule.
    pub(crate) const fn rule(what: &'static str) -> Place {
        Place { what, allowed: Effects::STATE.with(Effects::INPUT).with(Effects::PRIME) }
    }

    /// Over everything that happens in one period.
    pub(crate) const fn period(what: &'static str) -> Place {
        let rule = Effects::STATE.with(Effects::INPUT).with(Effects::PRIME);
        Place { what, allowed: rule.with(Effects::EVENT) }
    }
}

impl Checker<'_> {
    /// Everything an expression does, through definitions.
    pub(crate) fn effects_of(&self, e: &Expr) -> Effects {
        deep(|| {
            children(e)
                .into_iter()
                .fold(self.own_effects(e), |sum, part| sum.with(self.effects_of(part)))
        })
    }

    fn own_effects(&self, e: &Expr) -> Effects {
        match &*e.kind {
            ExprKind::Cell { primed: false, .. } => Effects::STATE,
            ExprKind::Cell { primed: true, .. } => Effects::PRIME,
            ExprKind::Input { .. } => Effects::INPUT,
            ExprKind::Fired(..) | ExprKind::Tick(_) => Effects::EVENT,
            ExprKind::Property(_) => Effects::TEMPORAL,
            ExprKind::Call(define, _) => {
                self.effects.get(define.index()).copied().unwrap_or_default()
            }
            _ => Effects::NONE,
        }
    }

    /// Passes an expression on if its place allows all it does.
    pub(crate) fn placed(&mut self, e: Option<Expr>, place: Place) -> Option<Expr> {
        let e = e?;
        if !self.effects_of(&e).beyond(place.allowed) {
            return Some(e);
        }
        let Some(culprit) = self.culprit(&e, place.allowed) else { return self.problems.silent() };
        let diagnostic = self.misplaced(&culprit, place);
        self.problems.fail(diagnostic)
    }

    /// The first part that does more than is allowed, and where it is reached from.
    fn culprit(&self, e: &Expr, allowed: Effects) -> Option<Culprit> {
        deep(|| {
            let own = self.own_effects(e);
            if own.beyond(allowed) {
                return Some(match &*e.kind {
                    ExprKind::Call(define, _) => {
                        let body = self.model.defines.get(define.index())?;
                        let inner = self.culprit(&body.body, allowed)?;
                        Culprit { span: e.span, through: Some(inner.at()), ..inner }
                    }
                    _ => self.describe_effect(e),
                });
            }
            children(e).into_iter().find_map(|part| self.culprit(part, allowed))
        })
    }

    fn describe_effect(&self, e: &Expr) -> Culprit {
        let (code, what, way) = match &*e.kind {
            ExprKind::Cell { cell, primed: false, .. } => (
                "reads-state",
                format!("state, `{}`", self.cell_name(*cell)),
                "use parameters and numbers here",
            ),
            ExprKind::Cell { cell, .. } => (
                "reads-next-state",
                format!("the end of the period, `{}'`", self.cell_name(*cell)),
                "use the value at the start of the period, without `'`",
            ),
            ExprKind::Input { input, .. } => (
                "reads-input",
                format!("what is drawn in the period, `{}`", self.input_name(*input)),
                "keep it in a state cell that a rule writes, and read that",
            ),
            ExprKind::Fired(rule, _) => (
                "reads-event",
                format!("whether the rule `{}` fires", self.rule_name(*rule)),
                "repeat the rule's condition here, for instance by a `define`",
            ),
            ExprKind::Tick(tick) => (
                "reads-event",
                format!("the tick `{}`", self.tick_name(*tick)),
                "repeat the tick's condition here, for instance by a `define`",
            ),
            ExprKind::Property(property) => (
                "temporal-operator",
                format!("other periods, by `{}`", operator(property)),
                "remember the past in a state cell that a rule writes, or say it in a claim",
            ),
            _ => ("misplaced", "something else".to_owned(), ""),
        };
        Culprit { code, what, way, span: e.span, through: None }
    }

    fn misplaced(&self, culprit: &Culprit, place: Place) -> Diagnostic {
        let message = format!("{} cannot depend on {}", place.what, culprit.what);
        let mut diagnostic = Diagnostic::error(culprit.code, culprit.span, message);
        if let Some(through) = culprit.through {
            diagnostic = diagnostic.also(through, "through this definition");
        }
        if culprit.way.is_empty() { diagnostic } else { diagnostic.help(culprit.way) }
    }

    fn cell_name(&self, cell: super::core::CellId) -> &str {
        self.names.cells.get(cell.index()).map_or("", |(_, _, c)| &c.name.text)
    }

    fn input_name(&self, input: super::core::InputId) -> &str {
        self.names.inputs.get(input.index()).map_or("", |(_, _, c)| &c.name.text)
    }

    fn rule_name(&self, rule: super::core::RuleId) -> &str {
        self.names.rule_list.get(rule.index()).map_or("", |(_, r)| &r.name.text)
    }

    fn tick_name(&self, tick: super::core::TickId) -> &str {
        self.names.tick_list.get(tick.index()).map_or("", |(_, name, _)| &name.text)
    }
}

/// A part that does what its place does not allow.
struct Culprit {
    code: &'static str,
    what: String,
    way: &'static str,
    span: Span,
    through: Option<Span>,
}

impl Culprit {
    fn at(&self) -> Span {
        self.through.unwrap_or(self.span)
    }
}

/// How a property's outermost operator is spelt.
pub(crate) fn operator(property: &Property) -> &'static str {
    match property {
        Property::Always(_) => "always",
        Property::Never(_) => "never",
        Property::Eventually(_) => "eventually",
        Property::Next(_) => "next",
        Property::Until(..) => "until",
        Property::Since(..) => "since",
        Property::Once(_) => "once",
        Property::Historically(_) => "historically",
        Property::Previously(_) => "previously",
        Property::Recurs(_) => "recurs",
        Property::Settles(_) => "settles",
        Property::Within(..) => "within",
        Property::LeadsTo(..) => "leads to",
        Property::Possible(_) => "possible",
        Property::AlwaysPossible(_) => "always possible",
        Property::Knows(..) => "knows",
        Property::Detects(..) => "detects",
        Property::Smallest(..) => "smallest",
        Property::Deniable(..) => "deniable to",
        Property::Attributes { .. } => "attributes",
        Property::AccountableSound(_) => "accountable sound",
        Property::AccountableComplete(_) => "accountable complete",
        Property::Force { can: true, .. } => "can force",
        Property::Force { .. } => "cannot force",
        Property::NoDeviation { .. } => "no deviation",
        Property::Valid(_) => "valid",
        Property::Consistent(_) => "consistent",
        Property::Inconsistent(_) => "inconsistent",
    }
}
