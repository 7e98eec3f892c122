//! The syntax tree: what a `.yamen` file says, before any name is resolved.
//!
//! One node per construct of the language, in the order of the language
//! reference. Every node carries the span it was read from, so that a message
//! about it, at whatever stage it arises, can point at the words of the file.
//! The tree is also the meeting place of the governance elaborator, which
//! rewrites governance words into core declarations of this same tree, and of
//! the printer, which turns any tree back into a legal spec.

mod expression;
mod governance;

pub use expression::{BinaryOp, Coalition, Expr, ExprKind, Quantifier, UnaryOp};
pub use governance::{
    Accountability, Campaign, Deadline, Deontic, Lasts, Norm, Promotion, Rotate, Subject, Ties,
    TiesFate,
};

use super::source::Span;

/// A name as written; dotted names (`rectify.active`) are one name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name {
    /// The text, segments joined by `.` without white space.
    pub text: String,
    /// Where it stands.
    pub span: Span,
}

/// A string literal, unescaped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    /// The contents between the quotes.
    pub text: String,
    /// The literal with its quotes.
    pub span: Span,
}

/// A whole file: declarations in the order written.
///
/// Declarations that follow an [`Decl::Institution`] header belong to it, up
/// to the next header; those before the first header are *parts*, shared by
/// every institution of the file and by whoever `use`s the file.
#[derive(Clone, Debug, Default)]
pub struct File {
    /// The declarations.
    pub items: Vec<Item>,
}

/// One institution, elaborated: the declarations of the core, in order.
#[derive(Clone, Debug)]
pub struct Institution {
    /// Its name.
    pub name: Name,
    /// What it is called.
    pub title: Option<Text>,
    /// Its `///` documentation.
    pub doc: Option<String>,
    /// The institution this one is a reform of.
    pub base: Option<String>,
    /// Its declarations, the shared parts of its file included.
    pub items: Vec<Item>,
    /// The header.
    pub span: Span,
}

/// A declaration with its documentation.
#[derive(Clone, Debug)]
pub struct Item {
    /// The `///` lines above it, joined by new lines.
    pub doc: Option<String>,
    /// From its first to its last token.
    pub span: Span,
    /// What it declares.
    pub decl: Decl,
}

/// A declaration.
#[derive(Clone, Debug)]
pub enum Decl {
    /// `institution name "title"`
    Institution {
        /// Its name.
        name: Name,
        /// What it is called.
        title: Option<Text>,
    },
    /// `source name "title"`
    Source {
        /// How quotes refer to it.
        name: Name,
        /// What it is.
        title: Text,
    },
    /// `use "path"`
    Use {
        /// The file, relative to this one.
        path: Text,
    },
    /// `param name : type = value where condition`
    Param(Param),
    /// `enum name { a, b }`
    Enum {
        /// The sort.
        name: Name,
        /// Its values, in order.
        members: Vec<Name>,
    },
    /// `position Centre, County[n]`
    Position {
        /// Single posts and families.
        posts: Vec<Family>,
    },
    /// `hierarchy Centre > Province[2] > County[3]`
    Hierarchy {
        /// From the top down.
        levels: Vec<Family>,
    },
    /// `chain Layer[n]`
    Chain {
        /// The layers, from the top down.
        family: Family,
    },
    /// `person Official[4]`
    Person {
        /// The sort of persons.
        family: Family,
    },
    /// `holds Province, County by Official`
    Holds {
        /// The posts they hold.
        posts: Vec<Name>,
        /// The sort of persons.
        person: Name,
    },
    /// `state a, tie[County] : type = value`
    State(State),
    /// `init p`, `init name : p`
    Init {
        /// Its name, if it has one.
        name: Option<Name>,
        /// What holds at first.
        condition: Expr,
    },
    /// `define name(args) = e`
    Define(Define),
    /// `choice …` and `env …`
    Input(Input),
    /// `sees Centre : e, e`, `sees c in County : e`
    Sees {
        /// Who observes.
        judge: Subject,
        /// What they observe in a period.
        seen: Vec<Expr>,
    },
    /// `rule …` and `practice …`
    Rule(Rule),
    /// `norm …`
    Norm(Norm),
    /// `accountability name of County to superior for deviates sanction demote`
    Accountability(Accountability),
    /// `promotion …`
    Promotion(Promotion),
    /// `rotate Inspector every r`
    Rotate(Rotate),
    /// `campaign name { … }`
    Campaign(Campaign),
    /// `tick name when p`
    Tick {
        /// The event.
        name: Name,
        /// In which periods it occurs.
        when: Expr,
    },
    /// `payoff Site = e`, `payoff s in Site = e`
    Payoff {
        /// Whose payoff.
        owner: Subject,
        /// How much, per period.
        value: Expr,
    },
    /// `assume name : p`
    Assume(Named),
    /// `fair name : infinitely often p`
    Fair(Fair),
    /// `lemma name : property`
    Lemma(Claim),
    /// `scenario name : property`
    Scenario(Claim),
    /// `claim name "title" … property expect …`
    Claim(Claim),
    /// `reform name of base { … }`
    Reform(Reform),
    /// Tokens that could not be read; a diagnostic says why.
    Error,
}

/// A name with an optional number of members: `County[n]`.
#[derive(Clone, Debug)]
pub struct Family {
    /// The sort's name.
    pub name: Name,
    /// Its size; `None` for a single post.
    pub size: Option<Expr>,
}

/// `param name : type = value where condition`
#[derive(Clone, Debug)]
pub struct Param {
    /// The parameter's name.
    pub name: Name,
    /// Its type; a reform's `param k = 2` leaves it out.
    pub ty: Option<Type>,
    /// Its default.
    pub value: Option<Expr>,
    /// What values it may take.
    pub condition: Option<Expr>,
}

/// A type as written.
#[derive(Clone, Debug)]
pub struct Type {
    /// Which type.
    pub kind: TypeKind,
    /// Where it stands.
    pub span: Span,
}

/// The types of the language.
#[derive(Clone, Debug)]
pub enum TypeKind {
    /// `bool`
    Bool,
    /// `int`
    Int,
    /// `real`
    Real,
    /// `lo..hi`
    Range(Box<Expr>, Box<Expr>),
    /// An enum, a post, a family or a person sort.
    Named(Name),
    /// Tokens that could not be read.
    Error,
}

/// One index place of an indexed declaration: `[County]` or `[c in County]`.
#[derive(Clone, Debug)]
pub struct Binder {
    /// The variable, if the declaration names one.
    pub var: Option<Name>,
    /// The finite sort it runs over.
    pub sort: Name,
}

/// `state a, b[County] : type = value`
#[derive(Clone, Debug)]
pub struct State {
    /// Each name with its index places.
    pub cells: Vec<Indexed>,
    /// The type of every one of them.
    pub ty: Type,
    /// Their first value; any value of the type when absent.
    pub initial: Option<Initial>,
}

/// A declared name with its index places.
#[derive(Clone, Debug)]
pub struct Indexed {
    /// The name.
    pub name: Name,
    /// `[County]`, `[c in County, d in Site]`; empty for a plain cell.
    pub index: Vec<Binder>,
}

/// An initial value.
#[derive(Clone, Debug)]
pub enum Initial {
    /// `= e`
    Is(Expr),
    /// `in {a, b}` or `in lo..hi`
    In(Set),
}

/// `define name(args) = e` or `define name[c in County] = e`
#[derive(Clone, Debug)]
pub struct Define {
    /// The name.
    pub name: Name,
    /// `(x, y : type)` arguments; called as `name(e, e)`.
    pub args: Vec<Arg>,
    /// `[c in County]` index places; read as `name[e]`.
    pub index: Vec<Binder>,
    /// What it stands for.
    pub body: Expr,
}

/// An argument of a `define`; without a type it takes that of each call.
#[derive(Clone, Debug)]
pub struct Arg {
    /// The name.
    pub name: Name,
    /// Its type, if written (`x : int` or `x in County`).
    pub ty: Option<Type>,
}

/// Who draws an input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InputKind {
    /// A post.
    Choice,
    /// Nature.
    Env,
}

/// `choice name[c in County] : type by owner when p where q else v`, `env …`
#[derive(Clone, Debug)]
pub struct Input {
    /// Choice or environment.
    pub kind: InputKind,
    /// Each name with its index places.
    pub names: Vec<Indexed>,
    /// The type of the drawn value.
    pub ty: Type,
    /// The owner, an expression that names a post (`Site`, `c`, `superior(c)`).
    pub owner: Option<Expr>,
    /// When there is a choice.
    pub when: Option<Expr>,
    /// Which values may be drawn.
    pub condition: Option<Expr>,
    /// The value when there is no choice.
    pub otherwise: Option<Expr>,
}

/// Formal or informal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum RuleKind {
    /// A formal rule.
    Rule,
    /// An informal rule-in-use.
    Practice,
}

/// `rule name for c in County overrides other when p : updates`
#[derive(Clone, Debug)]
pub struct Rule {
    /// Formal or informal.
    pub kind: RuleKind,
    /// The name.
    pub name: Name,
    /// `for c in County, d in Site`; each has a variable.
    pub binders: Vec<Binder>,
    /// Rules whose writes this one replaces where both write a cell.
    pub overrides: Vec<Name>,
    /// When it fires; always, if absent.
    pub guard: Option<Expr>,
    /// What it writes.
    pub updates: Vec<Update>,
}

/// `cell[index]' = e` or `cell[index]' in S`; of a practice also `choice[index] = e` or `best reply choice[index]`
#[derive(Clone, Debug)]
pub struct Update {
    /// The cell, or the choice that a practice prescribes.
    pub cell: Name,
    /// The member written.
    pub index: Vec<Expr>,
    /// The value.
    pub value: Written,
    /// The whole update.
    pub span: Span,
}

/// The right side of an update.
#[derive(Clone, Debug)]
pub enum Written {
    /// One value.
    Is(Expr),
    /// Any value of a set.
    In(Set),
    /// Of a practice, about a choice: `choice = e`. It writes nothing.
    Chosen(Expr),
    /// Of a practice, about a choice: `best reply choice ties to e`.
    BestReply(Option<Expr>),
}

/// A finite set: `{a, b}`, `lo..hi`, or a sort.
#[derive(Clone, Debug)]
pub enum Set {
    /// `{a, b}`
    Elements(Vec<Expr>, Span),
    /// `lo..hi`, both included.
    Range(Box<Expr>, Box<Expr>),
    /// A family or an enum, `County`.
    Sort(Name),
}

/// `assume name : p`
#[derive(Clone, Debug)]
pub struct Named {
    /// The name.
    pub name: Name,
    /// The condition.
    pub condition: Expr,
}

/// `fair name : [if infinitely often p then] infinitely often q`
#[derive(Clone, Debug)]
pub struct Fair {
    /// The name.
    pub name: Name,
    /// `p` of compassion.
    pub premise: Option<Expr>,
    /// What recurs.
    pub recurs: Expr,
}

/// A claim, scenario or lemma.
#[derive(Clone, Debug)]
pub struct Claim {
    /// The name.
    pub name: Name,
    /// What it says, in words.
    pub title: Option<Text>,
    /// `quote source "words"`
    pub quotes: Vec<(Name, Text)>,
    /// `wording "have to"`
    pub wording: Option<Text>,
    /// Hypotheses of this claim alone.
    pub assumes: Vec<Named>,
    /// The property.
    pub property: Expr,
    /// `solve for q`: the parameter whose values are asked for.
    pub solve: Option<Name>,
    /// What its author expects.
    pub expect: Option<Expect>,
}

/// `expect proved|refuted|vacuous [when p]`
#[derive(Clone, Debug)]
pub struct Expect {
    /// The verdict.
    pub verdict: Expected,
    /// Over which parameters; elsewhere the opposite is expected.
    pub when: Option<Expr>,
    /// The clause.
    pub span: Span,
}

/// An expected verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Expected {
    /// Proved.
    Proved,
    /// Refuted.
    Refuted,
    /// Proved, with a premise that cannot occur.
    Vacuous,
}

/// `reform name of base "title" { … }`
#[derive(Clone, Debug)]
pub struct Reform {
    /// The variant's name.
    pub name: Name,
    /// The institution it varies.
    pub base: Name,
    /// What it is called.
    pub title: Option<Text>,
    /// What it changes.
    pub changes: Vec<Change>,
}

/// One change of a reform.
#[derive(Clone, Debug)]
pub enum Change {
    /// `drop rule fiat`: the keyword and the name.
    Drop {
        /// The declaration's word.
        kind: Name,
        /// Its name.
        name: Name,
    },
    /// `override rule dismissal …`: replaces the declaration of that kind and name.
    Override(Item),
    /// Any declaration, added; a `param` that exists takes the new default.
    Add(Item),
    /// `expect claim proved when …`
    Expect {
        /// Which claim of the base.
        claim: Name,
        /// What is expected of it in the reform.
        expect: Expect,
    },
}
