//! The typed core: an institution with every name resolved and every sort checked.
//!
//! A [`Model`] is the symbolic transition system of the language reference,
//! still with its families, quantifiers and definitions: parameters (rigid),
//! cells (state), inputs (choices and environment, drawn anew each period),
//! rules (which all fire at once), hypotheses and claims. Governance words are
//! gone; sizes and type bounds are numbers. Two roads lead on from here and
//! share nothing below this file but [`super::layout`]: the interpreter, and
//! the elaboration into terms.
//!
//! Whoever holds a `Model` may trust: every id is in range, every expression is
//! well sorted with exactly the sorts written here, the only implicit
//! conversions are explicit [`ExprKind::Convert`] nodes, temporal operators
//! occur only in claims' properties (and defines used there).

mod expression;

pub use expression::{
    Binary, Coalition, Conversion, Deadline, Domain, Expr, ExprKind, Level, Property, Quant, Unary,
};

use std::collections::BTreeSet;

use num_bigint::BigInt;
use num_rational::BigRational;

use crate::syntax::ast::{Expected, InputKind, RuleKind};
use crate::syntax::source::Span;

/// Declares an index newtype.
macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(pub u32);

        impl $name {
            /// As an index into the model's list.
            pub fn index(self) -> usize {
                self.0 as usize
            }
        }
    };
}

id!(/** A finite sort. */ SortId);
id!(/** A parameter. */ ParamId);
id!(/** A state cell or family of cells. */ CellId);
id!(/** A choice or environment input, or a family of them. */ InputId);
id!(/** A definition. */ DefineId);
id!(/** A rule or practice. */ RuleId);
id!(/** A tick. */ TickId);
id!(/** A bound variable; unique in its model, bound by exactly one binder, define argument or quantifier. */ LocalId);

/// An institution, typed.
#[derive(Clone, Debug)]
pub struct Model {
    /// Its name.
    pub name: String,
    /// Its title, or its name.
    pub title: String,
    /// Its documentation.
    pub doc: Option<String>,
    /// The institution this one is a reform of.
    pub base: Option<String>,
    /// The header.
    pub span: Span,
    /// Finite sorts.
    pub sorts: Vec<Sort>,
    /// Parameters.
    pub params: Vec<Param>,
    /// State.
    pub cells: Vec<Cell>,
    /// Choices and environment.
    pub inputs: Vec<Input>,
    /// Definitions; one refers only to earlier ones.
    pub defines: Vec<Define>,
    /// Constraints on the first state besides the cells' own.
    pub inits: Vec<Expr>,
    /// Rules and practices.
    pub rules: Vec<Rule>,
    /// Hypotheses that restrict every period of every run.
    pub assumes: Vec<Assume>,
    /// Justice and compassion.
    pub fairness: Vec<Fairness>,
    /// Events that deadlines count.
    pub ticks: Vec<Tick>,
    /// What posts observe.
    pub sees: Vec<Sees>,
    /// Payoffs per period.
    pub payoffs: Vec<Payoff>,
    /// Claims, scenarios and lemmas, in the order written.
    pub claims: Vec<Claim>,
    /// Quoted sources: name and title.
    pub sources: Vec<(String, String)>,
    /// Number of [`LocalId`]s in use.
    pub locals: u32,
}

/// A finite sort.
#[derive(Clone, Debug)]
pub struct Sort {
    /// Its name.
    pub name: String,
    /// What it is.
    pub kind: SortKind,
    /// Where it is declared.
    pub span: Span,
}

/// Kinds of finite sort.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SortKind {
    /// An enum with its members' names, in order.
    Enum(Vec<String>),
    /// A post (`single`), a family of posts or persons: members `0..size-1`.
    /// `size` is at least 1.
    Index {
        /// Number of members.
        size: u32,
        /// Declared without a size, so that its name is its only member.
        single: bool,
        /// The sort just above it in a hierarchy or chain, if any.
        under: Option<SortId>,
        /// Persons rather than posts.
        person: bool,
    },
}

impl Sort {
    /// Number of members.
    pub fn size(&self) -> u32 {
        match &self.kind {
            SortKind::Enum(members) => u32::try_from(members.len()).unwrap_or(u32::MAX),
            SortKind::Index { size, .. } => *size,
        }
    }
}

/// A sort of values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Type {
    /// Truth values.
    Bool,
    /// Integers, without bound.
    Int,
    /// Real numbers (rationals in evidence).
    Real,
    /// Integers `lo..=hi`, `lo <= hi`. Expressions have this type only as declared places
    /// (cells, inputs, parameters, locals); arithmetic yields [`Type::Int`].
    Range(i64, i64),
    /// Members of an enum or index sort.
    Finite(SortId),
}

/// A value.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Value {
    /// A truth value.
    Bool(bool),
    /// An integer (of [`Type::Int`] or [`Type::Range`]).
    Int(BigInt),
    /// A rational.
    Real(BigRational),
    /// The nth member of a finite sort.
    Member(SortId, u32),
}

/// A rigid parameter.
#[derive(Clone, Debug)]
pub struct Param {
    /// Its name.
    pub name: String,
    /// Its type.
    pub ty: Type,
    /// Which values it may take, over itself and other parameters.
    pub condition: Option<Expr>,
    /// The value it is checked at, given or default; `None`: for all its values.
    pub value: Option<Value>,
    /// Its value shapes sorts, type bounds or deadlines, so this model is right
    /// for that value only: `value` is then always present.
    pub structural: bool,
    /// Documentation.
    pub doc: Option<String>,
    /// Where it is declared.
    pub span: Span,
}

/// A state cell, or one per member of the index sorts.
#[derive(Clone, Debug)]
pub struct Cell {
    /// Its name.
    pub name: String,
    /// The sorts it is indexed by; empty for a plain cell.
    pub index: Vec<SortId>,
    /// The type of each member.
    pub ty: Type,
    /// Variables, one per index place, that `initial` may mention.
    pub binders: Vec<LocalId>,
    /// Its first value; any of the type when absent.
    pub initial: Option<Chosen>,
    /// Documentation.
    pub doc: Option<String>,
    /// Where it is declared.
    pub span: Span,
}

/// One value, or any of a set.
#[derive(Clone, Debug)]
pub enum Chosen {
    /// This value.
    Is(Expr),
    /// Any member of this set.
    In(Set),
}

/// A set of values.
#[derive(Clone, Debug)]
pub enum Set {
    /// These.
    Elements(Vec<Expr>),
    /// `lo..=hi`; empty when `lo > hi`. Both are [`Type::Int`].
    Range(Box<Expr>, Box<Expr>),
    /// Every member.
    Sort(SortId),
}

/// Drawn anew every period.
#[derive(Clone, Debug)]
pub struct Input {
    /// Its name.
    pub name: String,
    /// By a post, or by nature.
    pub kind: InputKind,
    /// The sorts it is indexed by.
    pub index: Vec<SortId>,
    /// The type of each member.
    pub ty: Type,
    /// Variables, one per index place, for the expressions below.
    pub binders: Vec<LocalId>,
    /// The post that chooses, an expression of an index sort.
    pub owner: Option<Expr>,
    /// When there is a choice; it takes `otherwise` when this is false.
    pub when: Option<Expr>,
    /// Which values may be drawn when there is a choice; it reads the input itself like any other.
    pub condition: Option<Expr>,
    /// The value when there is no choice; present iff `when` is.
    pub otherwise: Option<Expr>,
    /// Documentation.
    pub doc: Option<String>,
    /// Where it is declared.
    pub span: Span,
}

/// A definition, with arguments or index places alike in `args`.
#[derive(Clone, Debug)]
pub struct Define {
    /// Its name.
    pub name: String,
    /// Its arguments and their types.
    pub args: Vec<(LocalId, Type)>,
    /// Its body.
    pub body: Expr,
    /// Documentation.
    pub doc: Option<String>,
    /// Where it is declared.
    pub span: Span,
}

/// A rule or practice; one instance per valuation of its binders.
#[derive(Clone, Debug)]
pub struct Rule {
    /// Its name.
    pub name: String,
    /// Formal or informal.
    pub kind: RuleKind,
    /// Variables and the sorts they run over.
    pub binders: Vec<(LocalId, SortId)>,
    /// When it fires.
    pub guard: Expr,
    /// What it writes.
    pub updates: Vec<Update>,
    /// Choices that it prescribes, if it is a practice. [`Model::assumes`] says so as well.
    pub prescribes: Vec<Prescription>,
    /// Rules whose writes to a member are void where an enabled instance of this one writes it too.
    pub overrides: Vec<RuleId>,
    /// The governance construct it comes from, such as "campaign `rectify`".
    pub origin: Option<String>,
    /// Documentation.
    pub doc: Option<String>,
    /// Where it is declared.
    pub span: Span,
}

/// A write.
#[derive(Clone, Debug)]
pub struct Update {
    /// The cell.
    pub cell: CellId,
    /// Which member: expressions of the index sort, or [`Type::Int`] (then a bad index is a defect).
    pub index: Vec<Expr>,
    /// The value or set; a set's draw is nature's.
    pub value: Chosen,
    /// Where it stands.
    pub span: Span,
}

/// What a practice prescribes of a choice.
#[derive(Clone, Debug)]
pub struct Prescription {
    /// The choice.
    pub input: InputId,
    /// Which member, each of the index sort's type.
    pub index: Vec<Expr>,
    /// What it is to be.
    pub value: Prescribed,
    /// Where it stands.
    pub span: Span,
}

/// How a choice is prescribed.
#[derive(Clone, Debug)]
pub enum Prescribed {
    /// This value.
    Is(Expr),
    /// Whatever pays its owner most in this period, all else as drawn.
    BestReply {
        /// The value that is chosen if it is among the best.
        ties: Option<Expr>,
    },
}

/// A named hypothesis. One over state alone holds in every state of a run; one that reads inputs
/// or `'` holds in every step.
#[derive(Clone, Debug)]
pub struct Assume {
    /// Its name.
    pub name: String,
    /// It says what this practice prescribes: no hypothesis, but what people do.
    pub practice: Option<RuleId>,
    /// The condition.
    pub condition: Expr,
    /// Where it stands.
    pub span: Span,
}

/// `infinitely often premise implies infinitely often recurs`; justice when `premise` is absent.
#[derive(Clone, Debug)]
pub struct Fairness {
    /// Its name.
    pub name: String,
    /// The premise of compassion.
    pub premise: Option<Expr>,
    /// What recurs.
    pub recurs: Expr,
    /// Where it stands.
    pub span: Span,
}

/// An event that deadlines may count.
#[derive(Clone, Debug)]
pub struct Tick {
    /// Its name.
    pub name: String,
    /// When it occurs.
    pub when: Expr,
    /// Where it stands.
    pub span: Span,
}

/// What the members of a sort of posts observe each period.
#[derive(Clone, Debug)]
pub struct Sees {
    /// The posts.
    pub judge: SortId,
    /// The variable that stands for the observer.
    pub binder: LocalId,
    /// A single observer rather than all of the sort.
    pub only: Option<u32>,
    /// What is seen, with the words of the spec; whole families are written out.
    pub seen: Vec<(String, Expr)>,
    /// Where it stands.
    pub span: Span,
}

/// A payoff per period.
#[derive(Clone, Debug)]
pub struct Payoff {
    /// Whose.
    pub owner: SortId,
    /// The variable that stands for the owner.
    pub binder: LocalId,
    /// How much, a number.
    pub value: Expr,
    /// Where it stands.
    pub span: Span,
}

/// Claim, scenario or lemma.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ClaimKind {
    /// Something claimed.
    Claim,
    /// A run the user wants to see.
    Scenario,
    /// An auxiliary invariant: proved first, then used.
    Lemma,
}

/// Something to decide.
#[derive(Clone, Debug)]
pub struct Claim {
    /// Claim, scenario or lemma.
    pub kind: ClaimKind,
    /// Its name.
    pub name: String,
    /// What it says, in words.
    pub title: Option<String>,
    /// Source names and quoted words.
    pub quotes: Vec<(String, String)>,
    /// The word of the quote that the property renders.
    pub wording: Option<String>,
    /// Its own hypotheses.
    pub assumes: Vec<Assume>,
    /// The property.
    pub property: Expr,
    /// The parameter whose values are asked for.
    pub solve: Option<ParamId>,
    /// What its author expects.
    pub expect: Option<Expectation>,
    /// Documentation.
    pub doc: Option<String>,
    /// Where it stands.
    pub span: Span,
}

impl Claim {
    /// Whether one run, or one choice of parameters, is all that is asked for, so that a proof says
    /// nothing of all parameters.
    pub fn asks_for_one(&self) -> bool {
        self.kind == ClaimKind::Scenario
            || matches!(&*self.property.kind, ExprKind::Property(Property::Consistent(_)))
    }
}

/// An expected verdict.
#[derive(Clone, Debug)]
pub struct Expectation {
    /// The verdict.
    pub verdict: Expected,
    /// Over parameters: where it is expected; elsewhere the opposite.
    pub when: Option<Expr>,
}

/// Names of parameters whose value shapes a model.
pub type Structural = BTreeSet<String>;
