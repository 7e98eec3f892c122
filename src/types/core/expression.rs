//! Expressions and properties of the typed core, with their operators.

use super::{
    CellId, DefineId, InputId, LocalId, ParamId, RuleId, Set, SortId, TickId, Type, Value,
};
use crate::syntax::source::Span;

/// A typed expression or property.
#[derive(Clone, Debug)]
pub struct Expr {
    /// What it says.
    pub kind: Box<ExprKind>,
    /// Its type; properties are [`Type::Bool`].
    pub ty: Type,
    /// Where it stands.
    pub span: Span,
}

/// Unary operators on values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Unary {
    /// Negation of a truth value.
    Not,
    /// Negation of a number.
    Neg,
    /// Absolute value.
    Abs,
}

/// Binary operators on values. Arithmetic and order take two `Int` or two `Real`; `Eq` takes two
/// of one type ([`Type::Range`] is converted to `Int` first).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Binary {
    /// Evaluated left to right; the right side counts only if the left is true.
    And,
    /// The right side counts only if the left is false.
    Or,
    /// The right side counts only if the left is true.
    Implies,
    /// Equal truth values.
    Iff,
    /// Equality.
    Eq,
    /// Inequality.
    Ne,
    /// Less.
    Lt,
    /// Less or equal.
    Le,
    /// Greater.
    Gt,
    /// Greater or equal.
    Ge,
    /// Sum.
    Add,
    /// Difference.
    Sub,
    /// Product.
    Mul,
    /// Quotient: exact on reals; on integers the Euclidean one of SMT-LIB (`a = b*q + r`,
    /// `0 <= r < |b|`). Division by zero is a defect.
    Div,
    /// Remainder `r` of that division.
    Mod,
    /// The smaller.
    Min,
    /// The larger.
    Max,
}

/// Quantifiers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Quant {
    /// Conjunction, in order, short circuit.
    All,
    /// Disjunction, in order, short circuit.
    Some,
    /// How many; `Int`.
    Count,
    /// Sum; `Int` or `Real`.
    Sum,
    /// Least; the set is not empty.
    Min,
    /// Greatest; the set is not empty.
    Max,
}

/// What a quantifier ranges over.
#[derive(Clone, Debug)]
pub enum Domain {
    /// The members of a sort; the variable has [`Type::Finite`].
    Sort(SortId),
    /// Integers between two numbers, as known at check time; the variable has [`Type::Range`],
    /// or the body is never reached when the range is empty.
    Range(i64, i64),
    /// These values; the variable has their type.
    Elements(Vec<Expr>),
}

/// Implicit conversions, made explicit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Conversion {
    /// Range to int: the same number.
    RangeToInt,
    /// Int to real: the same number.
    IntToReal,
    /// A member of an index sort to its number.
    MemberToInt,
    /// A number to a member of a sort; outside `0..size` is a bad-index defect.
    IntToMember(SortId),
    /// `true` to 1, `false` to 0 (payoffs only).
    BoolToInt,
}

/// `within bound [tick]`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deadline {
    /// How many.
    pub bound: u32,
    /// What is counted; periods when absent.
    pub tick: Option<TickId>,
}

impl Deadline {
    /// The bound of a deadline inside `smallest k` that is `k` itself.
    pub const SOUGHT: u32 = u32::MAX;
}

/// A coalition of posts.
#[derive(Clone, Debug)]
pub enum Coalition {
    /// These members.
    Named(Vec<Expr>),
    /// Some coalition of up to this many members.
    SomeOf(SortId, u32),
    /// No coalition of up to this many members.
    NoneOf(SortId, u32),
}

/// Temporal and later operators; see the language reference, section 4.
#[derive(Clone, Debug)]
pub enum Property {
    /// In every period from now on.
    Always(Expr),
    /// In no period from now on.
    Never(Expr),
    /// In some period from now on.
    Eventually(Expr),
    /// In the next period.
    Next(Expr),
    /// `p` until `q`, and `q` comes.
    Until(Expr, Expr),
    /// `q` was, and `p` ever since.
    Since(Expr, Expr),
    /// In some period up to now.
    Once(Expr),
    /// In every period up to now.
    Historically(Expr),
    /// In the period before; false in period 0.
    Previously(Expr),
    /// Again and again.
    Recurs(Expr),
    /// From some period on for good.
    Settles(Expr),
    /// No later than the deadline, counted from now.
    Within(Deadline, Expr),
    /// `always (p implies [within d] q)`, or eventually `q` without a deadline.
    LeadsTo(Expr, Expr, Option<Deadline>),
    /// Some run reaches it.
    Possible(Expr),
    /// From every reachable state some run reaches it.
    AlwaysPossible(Expr),
    /// Every run that looks the same to the judge so far has it now.
    Knows(Expr, Expr),
    /// The judge comes to know that the fault was.
    Detects(Expr, Expr, Option<Deadline>),
    /// The least `k` for which the property holds; `k` is a local of type int.
    Smallest(LocalId, Expr),
    /// Some alike run is innocent.
    Deniable(Expr, Expr),
    /// The judge can name a set of at most so many culprits.
    Attributes {
        /// Who judges.
        judge: Expr,
        /// The variable over the possible culprits.
        culprit: LocalId,
        /// Their sort.
        sort: SortId,
        /// The fault, over `culprit`.
        fault: Expr,
        /// The size of the set.
        within: Option<u32>,
    },
    /// Every sanctioned had violated: the conjunction, written out by the elaborator where it can be.
    AccountableSound(String),
    /// Every violation comes to be known by one who can sanction it.
    AccountableComplete(String),
    /// A coalition can, or cannot, force the goal.
    Force {
        /// Who.
        coalition: Coalition,
        /// Can or cannot.
        can: bool,
        /// What.
        goal: Expr,
        /// By when.
        within: Option<Deadline>,
        /// Moving on what its members see only.
        unseen: bool,
    },
    /// No joint deviation pays.
    NoDeviation {
        /// By whom.
        coalition: Vec<Expr>,
        /// Over how long.
        within: Deadline,
        /// By more than this.
        margin: Option<Expr>,
    },
    /// For all parameters.
    Valid(Expr),
    /// These hold together for some parameters.
    Consistent(Vec<Expr>),
    /// They do not.
    Inconsistent(Vec<Expr>),
}

impl Property {
    /// Whether it speaks of what somebody knows, besides what its parts speak of.
    pub fn is_epistemic(&self) -> bool {
        matches!(
            self,
            Property::Knows(..)
                | Property::Detects(..)
                | Property::Deniable(..)
                | Property::Attributes { .. }
                | Property::AccountableComplete(_)
        )
    }
}

/// Kinds of expression.
#[derive(Clone, Debug)]
pub enum ExprKind {
    /// A constant.
    Const(Value),
    /// A parameter.
    Param(ParamId),
    /// A bound variable.
    Local(LocalId),
    /// A cell's value at the start of the period, or at its end when primed.
    Cell {
        /// Which.
        cell: CellId,
        /// Which member; each of the index sort's type.
        index: Vec<Expr>,
        /// `'`
        primed: bool,
    },
    /// This period's draw.
    Input {
        /// Which.
        input: InputId,
        /// Which member.
        index: Vec<Expr>,
    },
    /// A definition applied to arguments of exactly its argument types.
    Call(DefineId, Vec<Expr>),
    /// The rule instance is enabled in this period (its guard holds).
    Fired(RuleId, Vec<Expr>),
    /// The tick occurs in this period.
    Tick(TickId),
    /// A unary operator.
    Unary(Unary, Expr),
    /// A binary operator.
    Binary(Binary, Expr, Expr),
    /// A conditional; only the chosen branch counts.
    If(Expr, Expr, Expr),
    /// A quantifier.
    Quantified(Quant, LocalId, Domain, Expr),
    /// Membership.
    In(Expr, Set),
    /// `e` clamped to `lo..=hi`; claims that depend on it are re-checked with a wider range.
    Saturate(Expr, i64, i64),
    /// A fixed table over the members of a sort (`superior`, `level`, `under`); `None` is a bad index.
    /// With two indexes the table is row-major.
    Table(std::sync::Arc<Vec<Option<Value>>>, Vec<Expr>),
    /// A conversion.
    Convert(Conversion, Expr),
    /// A property.
    Property(Property),
}

/// The widest thing an expression reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Constants and parameters.
    Rigid,
    /// Cells as well.
    State,
    /// Inputs, `'`, ticks and rule firings as well.
    Step,
    /// Temporal operators as well.
    Temporal,
}
