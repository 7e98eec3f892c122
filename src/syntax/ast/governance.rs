//! Governance words: norms, accountability, careers, campaigns. The elaborator rewrites them in the core's words.

use super::{Expr, Name};

/// Of whom something is said: `Centre`, `County`, `c in County`, `County[2]`.
#[derive(Clone, Debug)]
pub struct Subject {
    /// The variable, if one is named.
    pub var: Option<Name>,
    /// The post or family.
    pub sort: Name,
    /// A single member, `County[2]`.
    pub member: Option<Expr>,
}

/// What a norm demands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deontic {
    /// `must`
    Must,
    /// `must not`
    MustNot,
    /// `may`
    May,
}

/// An ADICO statement (Crawford and Ostrom 1995).
#[derive(Clone, Debug)]
pub struct Norm {
    /// The name.
    pub name: Name,
    /// Attributes: whom it binds.
    pub subject: Subject,
    /// Deontic.
    pub deontic: Deontic,
    /// Aim: the act, a boolean expression.
    pub aim: Expr,
    /// Conditions.
    pub condition: Option<Expr>,
    /// How long the act may take.
    pub within: Option<Deadline>,
    /// Or else: the sanction, a boolean cell that the violation sets.
    pub sanction: Option<Expr>,
}

/// `within bound [TICK]`
#[derive(Clone, Debug)]
pub struct Deadline {
    /// How many periods or ticks.
    pub bound: Expr,
    /// What is counted; periods when absent.
    pub tick: Option<Name>,
}

/// `accountability name of County to superior for p sanction s`
#[derive(Clone, Debug)]
pub struct Accountability {
    /// The name.
    pub name: Name,
    /// Who answers.
    pub subject: Subject,
    /// To whom: `superior`, a post, or an expression over the subject.
    pub judge: Expr,
    /// For what.
    pub fault: Expr,
    /// The sanction: an existing boolean name, or a new choice of the judge.
    pub sanction: Expr,
}

/// What becomes of the ties of someone who moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TiesFate {
    /// They fall back to their lowest value.
    Lapse,
    /// They go with the person.
    Follow,
}

/// `ties name lapse|follow`
#[derive(Clone, Debug)]
pub struct Ties {
    /// The cell that counts them.
    pub cell: Name,
    /// What becomes of it.
    pub fate: TiesFate,
}

/// `promotion name from County to superior when p by superior ties t lapse`
#[derive(Clone, Debug)]
pub struct Promotion {
    /// The name.
    pub name: Name,
    /// From which posts.
    pub from: Subject,
    /// To which post: `superior` or an expression over the subject.
    pub to: Expr,
    /// Who is eligible.
    pub condition: Option<Expr>,
    /// Who decides; without it promotion follows from eligibility.
    pub decider: Option<Expr>,
    /// What becomes of ties.
    pub ties: Vec<Ties>,
}

/// `rotate Inspector every r ties t lapse`
#[derive(Clone, Debug)]
pub struct Rotate {
    /// The posts whose holders change.
    pub post: Name,
    /// Every how many periods.
    pub every: Expr,
    /// What becomes of ties.
    pub ties: Vec<Ties>,
}

/// `campaign name { trigger … by … announced … lasts … gap … }`
#[derive(Clone, Debug)]
pub struct Campaign {
    /// The name.
    pub name: Name,
    /// `trigger name when p`
    pub triggers: Vec<(Name, Expr)>,
    /// Whose decision the launch is; automatic when absent.
    pub launcher: Option<Expr>,
    /// Periods between announcement and start.
    pub announced: Option<Expr>,
    /// When it ends.
    pub lasts: Lasts,
    /// The longest it may last (a sunset), `at most L`.
    pub at_most: Option<Expr>,
    /// Periods of rest after it.
    pub gap: Option<Expr>,
}

/// How long a campaign is active.
#[derive(Clone, Debug)]
pub enum Lasts {
    /// One period, when nothing is said.
    OnePeriod,
    /// `lasts n`
    Periods(Expr),
    /// `lasts until p`
    Until(Expr),
}
