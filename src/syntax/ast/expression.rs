//! Expressions and properties, with their operators.

use super::super::source::Span;
use super::{Deadline, Name, Set};

/// An expression; properties are expressions too.
#[derive(Clone, Debug)]
pub struct Expr {
    /// What it says.
    pub kind: Box<ExprKind>,
    /// Where it stands.
    pub span: Span,
}

/// Unary operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnaryOp {
    /// `not p`
    Not,
    /// `-e`
    Neg,
    /// `always p`
    Always,
    /// `never p`
    Never,
    /// `eventually p`
    Eventually,
    /// `next p`
    Next,
    /// `once p`
    Once,
    /// `historically p`
    Historically,
    /// `previously p`
    Previously,
    /// `recurs p`
    Recurs,
    /// `settles p`
    Settles,
    /// `possible p`
    Possible,
    /// `always possible p`
    AlwaysPossible,
    /// `valid p`
    Valid,
}

/// Binary operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BinaryOp {
    /// `iff`
    Iff,
    /// `implies`, right associative
    Implies,
    /// `or`
    Or,
    /// `and`
    And,
    /// `p until q`
    Until,
    /// `p since q`
    Since,
    /// `=`
    Eq,
    /// `!=`
    Ne,
    /// `<`
    Lt,
    /// `<=`
    Le,
    /// `>`
    Gt,
    /// `>=`
    Ge,
    /// `+`
    Add,
    /// `-`
    Sub,
    /// `*`
    Mul,
    /// `/`
    Div,
    /// `mod`
    Mod,
}

/// Quantifiers over finite sets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quantifier {
    /// `all x in S : p`
    All,
    /// `some x in S : p`
    Some,
    /// `count(x in S : p)`
    Count,
    /// `sum(x in S : e)`
    Sum,
    /// `min(x in S : e)`
    Min,
    /// `max(x in S : e)`
    Max,
}

/// What a coalition is.
#[derive(Clone, Debug)]
pub enum Coalition {
    /// `{A, B[1]}`
    Named(Vec<Expr>),
    /// `some coalition of County up to 2`
    SomeOf(Name, Expr),
    /// `no coalition of County up to 2`
    NoneOf(Name, Expr),
}

/// An expression or a property.
#[derive(Clone, Debug)]
pub enum ExprKind {
    /// `true`, `false`
    Bool(bool),
    /// `12`
    Int(String),
    /// `0.5`
    Real(String),
    /// A name, dotted or not.
    Name(Name),
    /// `known[superior(c)]`, `pair[a, b]`
    Index(Name, Vec<Expr>),
    /// `superior(c)`, `min(a, b)`, `near(x, y)`, `saturate(e, lo..hi)`
    Call(Name, Vec<Expr>),
    /// `lo..hi`, only as an argument of `saturate`
    Range(Expr, Expr),
    /// `x'`, `known[c]'`
    Prime(Expr),
    /// A unary operator or property.
    Unary(UnaryOp, Expr),
    /// A binary operator or property.
    Binary(BinaryOp, Expr, Expr),
    /// `if c then a else b`
    If(Expr, Expr, Expr),
    /// A quantifier.
    Quantified(Quantifier, Name, Set, Expr),
    /// `e in S`
    In(Expr, Set),
    /// `within b [TICK] q`
    Within(Deadline, Expr),
    /// `p leads to q [within b [TICK]]`
    LeadsTo(Expr, Expr, Option<Deadline>),
    /// `Centre knows p`
    Knows(Expr, Expr),
    /// `Centre detects f [within k [TICK]]`
    Detects(Expr, Expr, Option<Deadline>),
    /// `smallest k : property` where the bound is written `k`
    Smallest(Name, Expr),
    /// `f deniable to Centre`, preceded by `always`, `sometimes` or `never` if wanted
    Deniable(Expr, Expr),
    /// `Centre attributes f[i] to i within s`
    Attributes {
        /// Who attributes.
        judge: Expr,
        /// What was done, by `culprit`.
        fault: Expr,
        /// The variable that names who did it.
        culprit: Name,
        /// The largest set of suspects.
        within: Option<Expr>,
    },
    /// `accountable sound [name]`
    AccountableSound(Option<Name>),
    /// `accountable complete [name]`
    AccountableComplete(Option<Name>),
    /// `{A, B} can force p [within b] [unseen]`, `cannot force`
    Force {
        /// Who acts together.
        coalition: Coalition,
        /// `can`, or `cannot`.
        can: bool,
        /// What they bring about.
        goal: Expr,
        /// By when.
        within: Option<Deadline>,
        /// They act on what their members see.
        unseen: bool,
    },
    /// `no deviation by {A} pays within T [by more than d]`
    NoDeviation {
        /// Who might deviate together.
        coalition: Vec<Expr>,
        /// Over how many periods payoffs are summed.
        within: Deadline,
        /// The least gain that counts.
        margin: Option<Expr>,
    },
    /// `consistent {a, b}`
    Consistent(Vec<Expr>),
    /// `inconsistent {a, b}`
    Inconsistent(Vec<Expr>),
    /// Tokens that could not be read.
    Error,
}
