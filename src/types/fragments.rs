//! Which kind of question a property is.
//!
//! Each fragment is decided in a way of its own, so a property that mixes them
//! in a manner no engine could decide is an error before any solving. Within
//! linear time, a property is *safety* if every violation shows after finitely
//! many periods; this is decided by syntax, as usual: in negation normal form
//! no operator promises something without a deadline (Sistla 1994, Manna and
//! Pnueli's canonical forms).

use crate::syntax::diagnostic::Diagnostic;
use crate::syntax::source::Span;

use super::core::{
    Binary, Coalition, DefineId, Expr, ExprKind, Level, Model, Property, Quant, Type, Unary,
};
use super::level::Levels;
use super::places::operator;
use super::visit::{children, deep};

/// The fragments, from the nearest to the farthest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Fragment {
    /// `valid`, `consistent`, `inconsistent`: one query over parameters.
    Static,
    /// Violations show after finitely many periods of one run.
    Safety,
    /// `possible p`: some run reaches it.
    Reachability,
    /// Linear time under fairness.
    Temporal,
    /// `always possible p`.
    Branching,
    /// Claims of knowledge: two runs, or belief sets.
    Knowledge,
    /// Claims of strategy: a game.
    Strategy,
    /// Claims of incentives: two runs with payoffs.
    Incentives,
}

impl Fragment {
    /// Its name in messages.
    pub fn name(self) -> &'static str {
        match self {
            Fragment::Static => "static",
            Fragment::Safety => "safety",
            Fragment::Reachability => "scenario",
            Fragment::Temporal => "temporal",
            Fragment::Branching => "branching",
            Fragment::Knowledge => "knowledge",
            Fragment::Strategy => "strategy",
            Fragment::Incentives => "incentives",
        }
    }
}

/// The fragment of a well-formed property; for many of one model, keep a [`Kinds`].
pub fn fragment(model: &Model, property: &Expr) -> Fragment {
    Kinds::new(model).fragment(model, property)
}

/// What kind of question each definition of a model poses, worked out once.
#[derive(Clone, Debug, Default)]
pub struct Kinds {
    levels: Levels,
    facts: Vec<Facts>,
}

/// What the classifier asks of a definition.
#[derive(Clone, Copy, Debug)]
struct Facts {
    /// Some operator of claims occurs in it.
    property: bool,
    knows: bool,
    safe: bool,
    cosafe: bool,
    fragment: Fragment,
    /// Lies in some fragment.
    sound: bool,
    /// Lies within linear time.
    linear: bool,
    future: Option<&'static str>,
}

/// The facts of a definition without any operator of claims.
const PLAIN: Facts = Facts {
    property: false,
    knows: false,
    safe: true,
    cosafe: true,
    fragment: Fragment::Safety,
    sound: true,
    linear: true,
    future: None,
};

impl Kinds {
    /// Classifies the definitions of a model.
    pub fn new(model: &Model) -> Kinds {
        let mut kinds = Kinds::default();
        for define in &model.defines {
            kinds.push(model, &define.body);
        }
        kinds
    }

    /// The fragment of a well-formed property of that model.
    pub fn fragment(&self, model: &Model, property: &Expr) -> Fragment {
        Classifier { model, kinds: self }.fragment(property)
    }

    /// Records the next definition.
    pub(crate) fn push(&mut self, model: &Model, body: &Expr) {
        let facts = Classifier { model, kinds: self }.facts_of(body);
        self.levels.push(body);
        self.facts.push(facts);
    }
}

/// A property outside every fragment.
pub(crate) struct Outside {
    span: Span,
    fragment: &'static str,
    message: String,
    help: &'static str,
}

impl Outside {
    pub(crate) fn diagnostic(self) -> Diagnostic {
        Diagnostic::error("fragment", self.span, self.message)
            .note(format!("this misses the {} fragment", self.fragment))
            .help(self.help)
    }
}

/// Classifies the properties of one model.
pub(crate) struct Classifier<'m> {
    pub(crate) model: &'m Model,
    pub(crate) kinds: &'m Kinds,
}

impl<'m> Classifier<'m> {
    fn facts_of(&self, body: &Expr) -> Facts {
        if !self.has_property(body) {
            return PLAIN;
        }
        Facts {
            property: true,
            knows: self.knows(body),
            safe: self.safe(body, true),
            cosafe: self.safe(body, false),
            fragment: self.fragment(body),
            sound: self.check(body).is_ok(),
            linear: self.check_linear(body).is_ok(),
            future: self.first_future(body).map(|(_, spelt)| spelt),
        }
    }

    fn has_property(&self, e: &Expr) -> bool {
        deep(|| match &*e.kind {
            ExprKind::Property(_) => true,
            ExprKind::Call(define, _)
                if self.facts(*define).is_some_and(|facts| facts.property) =>
            {
                true
            }
            _ => children(e).into_iter().any(|part| self.has_property(part)),
        })
    }

    pub(crate) fn level(&self, e: &Expr) -> Level {
        self.kinds.levels.of(e)
    }

    /// The fragment of a property that [`Classifier::check`] passes.
    pub(crate) fn fragment(&self, e: &Expr) -> Fragment {
        deep(|| match &*e.kind {
            ExprKind::Binary(Binary::And, a, b) => self.fragment(a).max(self.fragment(b)),
            ExprKind::Quantified(Quant::All, _, _, body) => self.fragment(body),
            ExprKind::Call(define, _) => {
                self.facts(*define).map_or(Fragment::Safety, |facts| facts.fragment)
            }
            ExprKind::Property(property) => self.of_property(property, e),
            _ => self.linear(e),
        })
    }

    fn of_property(&self, property: &Property, e: &Expr) -> Fragment {
        match property {
            Property::Valid(_) | Property::Consistent(_) | Property::Inconsistent(_) => {
                Fragment::Static
            }
            Property::Possible(p) => {
                if self.knows(p) {
                    Fragment::Knowledge
                } else {
                    Fragment::Reachability
                }
            }
            Property::AlwaysPossible(p) => {
                if self.knows(p) {
                    Fragment::Knowledge
                } else {
                    Fragment::Branching
                }
            }
            Property::AccountableSound(_) => Fragment::Safety,
            Property::Force { .. } => Fragment::Strategy,
            Property::NoDeviation { .. } => Fragment::Incentives,
            Property::Smallest(_, p) => self.fragment(p),
            _ => self.linear(e),
        }
    }

    fn linear(&self, e: &Expr) -> Fragment {
        if self.knows(e) {
            Fragment::Knowledge
        } else if self.safe(e, true) {
            Fragment::Safety
        } else {
            Fragment::Temporal
        }
    }

    fn body(&self, define: DefineId) -> Option<&'m Expr> {
        self.model.defines.get(define.index()).map(|d| &d.body)
    }

    fn facts(&self, define: DefineId) -> Option<&'m Facts> {
        self.kinds.facts.get(define.index())
    }

    /// Whether an expression speaks of what someone knows.
    fn knows(&self, e: &Expr) -> bool {
        deep(|| match &*e.kind {
            ExprKind::Property(property) if property.is_epistemic() => true,
            ExprKind::Call(define, args) => {
                args.iter().any(|arg| self.knows(arg))
                    || self.facts(*define).is_some_and(|facts| facts.knows)
            }
            _ => children(e).into_iter().any(|part| self.knows(part)),
        })
    }

    /// Whether each violation (of its negation, if not `positive`) shows after finitely many periods.
    fn safe(&self, e: &Expr, positive: bool) -> bool {
        if self.level(e) != Level::Temporal {
            return true;
        }
        deep(|| match &*e.kind {
            ExprKind::Unary(Unary::Not, p) => self.safe(p, !positive),
            ExprKind::Binary(Binary::And | Binary::Or, a, b) => {
                self.safe(a, positive) && self.safe(b, positive)
            }
            ExprKind::Binary(Binary::Implies, a, b) => {
                self.safe(a, !positive) && self.safe(b, positive)
            }
            ExprKind::Quantified(Quant::All | Quant::Some, _, _, body) => self.safe(body, positive),
            ExprKind::Call(define, _) => self
                .facts(*define)
                .is_none_or(|facts| if positive { facts.safe } else { facts.cosafe }),
            ExprKind::If(c, a, b) => {
                self.both(c) && self.safe(a, positive) && self.safe(b, positive)
            }
            ExprKind::Property(property) => self.safe_property(property, positive),
            _ => children(e).into_iter().all(|part| self.both(part)),
        })
    }

    fn both(&self, e: &Expr) -> bool {
        self.safe(e, true) && self.safe(e, false)
    }

    fn safe_property(&self, property: &Property, positive: bool) -> bool {
        match property {
            Property::Always(p) => positive && self.safe(p, true),
            Property::Never(p) => positive && self.safe(p, false),
            Property::Eventually(p) => !positive && self.safe(p, false),
            Property::Next(p) => self.safe(p, positive),
            Property::Until(p, q) => !positive && self.safe(p, false) && self.safe(q, false),
            Property::Within(deadline, p) => {
                (positive || deadline.tick.is_none()) && self.safe(p, positive)
            }
            Property::LeadsTo(p, q, deadline) => {
                positive && deadline.is_some() && self.safe(p, false) && self.safe(q, true)
            }
            Property::Once(p) | Property::Historically(p) | Property::Previously(p) => self.both(p),
            Property::Since(p, q) => self.both(p) && self.both(q),
            _ => false,
        }
    }

    /// Whether a property lies in some fragment.
    pub(crate) fn check(&self, e: &Expr) -> Result<(), Outside> {
        deep(|| match &*e.kind {
            ExprKind::Binary(Binary::And, a, b) => self.check(a).and_then(|()| self.check(b)),
            ExprKind::Quantified(Quant::All, _, _, body) => self.check(body),
            ExprKind::Call(define, _) if self.facts(*define).is_some_and(|facts| !facts.sound) => {
                self.body(*define).map_or(Ok(()), |body| self.check(body))
            }
            ExprKind::Call(..) => Ok(()),
            ExprKind::Property(
                Property::Valid(_)
                | Property::Consistent(_)
                | Property::Inconsistent(_)
                | Property::AccountableSound(_)
                | Property::AccountableComplete(_)
                | Property::NoDeviation { .. },
            ) => Ok(()),
            ExprKind::Property(Property::Possible(p) | Property::AlwaysPossible(p)) => {
                self.no_future(p)
            }
            ExprKind::Property(Property::Force { coalition, can: false, .. })
                if !matches!(coalition, Coalition::Named(_)) =>
            {
                Err(Outside {
                    span: e.span,
                    fragment: "strategy",
                    message: "a coalition that is sought can force something".to_owned(),
                    help: "write `no coalition of … up to … can force …`",
                })
            }
            ExprKind::Property(Property::Force { goal, .. }) => self.goal(goal),
            ExprKind::Property(Property::Smallest(_, p)) => self.check(p),
            _ => self.check_linear(e),
        })
    }

    /// Within linear time: connectives, time and knowledge.
    fn check_linear(&self, e: &Expr) -> Result<(), Outside> {
        if !self.has_property(e) {
            return Ok(());
        }
        deep(|| match &*e.kind {
            ExprKind::Unary(Unary::Not, p) => self.check_linear(p),
            ExprKind::Binary(Binary::And | Binary::Or | Binary::Implies | Binary::Iff, a, b) => {
                self.check_linear(a).and_then(|()| self.check_linear(b))
            }
            ExprKind::Quantified(Quant::All | Quant::Some, _, _, body) => self.check_linear(body),
            ExprKind::If(c, a, b) if e.ty == Type::Bool => {
                [c, a, b].into_iter().try_for_each(|part| self.check_linear(part))
            }
            ExprKind::Call(define, args) => {
                args.iter().try_for_each(|arg| self.past_only(arg))?;
                match self.body(*define) {
                    Some(body) if self.facts(*define).is_some_and(|facts| !facts.linear) => {
                        self.check_linear(body)
                    }
                    _ => Ok(()),
                }
            }
            ExprKind::Property(property) => self.check_linear_property(property, e),
            _ => children(e).into_iter().try_for_each(|part| self.past_only(part)),
        })
    }

    fn check_linear_property(&self, property: &Property, e: &Expr) -> Result<(), Outside> {
        match property {
            Property::Always(_)
            | Property::Never(_)
            | Property::Eventually(_)
            | Property::Next(_)
            | Property::Until(..)
            | Property::Recurs(_)
            | Property::Settles(_)
            | Property::Within(..)
            | Property::LeadsTo(..) => {
                children(e).into_iter().try_for_each(|part| self.check_linear(part))
            }
            Property::Once(_)
            | Property::Historically(_)
            | Property::Previously(_)
            | Property::Since(..)
            | Property::Knows(..)
            | Property::Detects(..)
            | Property::Deniable(..)
            | Property::Attributes { .. } => {
                children(e).into_iter().try_for_each(|part| self.no_future(part))
            }
            Property::Possible(_) | Property::AlwaysPossible(_) => Err(outside(
                e,
                "branching",
                property,
                "claim it by itself, or under `and` and `all`",
            )),
            Property::Force { .. } => Err(outside(
                e,
                "strategy",
                property,
                "claim it by itself, or under `and` and `all`",
            )),
            Property::NoDeviation { .. } => Err(outside(
                e,
                "incentives",
                property,
                "claim it by itself, or under `and` and `all`",
            )),
            Property::Valid(_) | Property::Consistent(_) | Property::Inconsistent(_) => {
                Err(outside(e, "static", property, "claim it by itself, or under `and` and `all`"))
            }
            Property::Smallest(..)
            | Property::AccountableSound(_)
            | Property::AccountableComplete(_) => Err(outside(
                e,
                "knowledge",
                property,
                "claim it by itself, or under `and` and `all`",
            )),
        }
    }

    /// No operator about what is yet to come, nor about other runs than those that look alike.
    fn no_future(&self, e: &Expr) -> Result<(), Outside> {
        self.check_linear(e)?;
        self.first_future(e).map_or(Ok(()), |(at, spelt)| {
            Err(Outside {
                span: at,
                fragment: "knowledge and past-time",
                message: format!(
                    "`{spelt}` speaks of the future where only past and present count"
                ),
                help: "keep `once`, `historically`, `previously` and `since` here",
            })
        })
    }

    fn first_future(&self, e: &Expr) -> Option<(Span, &'static str)> {
        deep(|| match &*e.kind {
            ExprKind::Property(
                Property::Once(_)
                | Property::Historically(_)
                | Property::Previously(_)
                | Property::Since(..)
                | Property::Knows(..)
                | Property::Deniable(..),
            ) => children(e).into_iter().find_map(|part| self.first_future(part)),
            ExprKind::Property(property) => Some((e.span, operator(property))),
            ExprKind::Call(define, _) => {
                self.facts(*define).and_then(|facts| facts.future).map(|spelt| (e.span, spelt))
            }
            _ => children(e).into_iter().find_map(|part| self.first_future(part)),
        })
    }

    /// Under arithmetic and comparison, past operators are truth values like others.
    fn past_only(&self, e: &Expr) -> Result<(), Outside> {
        match self.first_beyond(e) {
            None => Ok(()),
            Some((span, spelt)) => Err(Outside {
                span,
                fragment: "temporal",
                message: format!("`{spelt}` stands under an operator on values"),
                help: "join temporal operators by `and`, `or`, `not`, `implies`, `iff`, `all` and `some` only",
            }),
        }
    }

    fn first_beyond(&self, e: &Expr) -> Option<(Span, &'static str)> {
        match &*e.kind {
            ExprKind::Property(property @ Property::Knows(..)) => {
                Some((e.span, operator(property)))
            }
            _ => self.first_future(e),
        }
    }

    /// `p`, `always p`, `p until q` or `recurs p`, over state predicates.
    fn goal(&self, goal: &Expr) -> Result<(), Outside> {
        let parts = match &*goal.kind {
            ExprKind::Property(
                Property::Always(_)
                | Property::Recurs(_)
                | Property::Until(..)
                | Property::Eventually(_),
            ) => children(goal),
            _ => vec![goal],
        };
        parts.into_iter().filter(|part| self.level(part) > Level::State).try_for_each(|part| {
            Err(Outside {
                span: part.span,
                fragment: "strategy",
                message:
                    "a coalition can force a state, `always p`, `p until q` or `recurs p`, where \
                          `p` and `q` speak of the state alone"
                        .to_owned(),
                help: "keep what is chosen, and the past that matters, in state cells, and let the \
                       goal read them",
            })
        })
    }
}

fn outside(e: &Expr, fragment: &'static str, property: &Property, help: &'static str) -> Outside {
    Outside {
        span: e.span,
        fragment,
        message: format!("`{}` stands where nothing can decide it", operator(property)),
        help,
    }
}
