//! What stands after a verdict: plain data that every output format reads.
//!
//! Nothing here refers back to a model or a solver. Names and values are spelled as the spec
//! spells them, so a format has only to lay them out. Whoever fills an [`Entry`] vouches that a
//! trace has been replayed (`replayed`) and that a certificate says truly who checked it.

use indexmap::IndexMap;
use serde_json::Value;

use crate::evidence::scripts::Obligation;
use crate::syntax::ast::{Expected, RuleKind};
use crate::syntax::source::{SourceMap, Span};

use super::irrelevant::Irrelevant;

/// The outcome of one run over any number of institutions.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// Yamen's version.
    pub yamen: String,
    /// The solver and its version, such as `z3 5.4.1`.
    pub solver: String,
    /// The seed that was used.
    pub seed: u64,
    /// The institutions, in the order read.
    pub institutions: Vec<InstitutionReport>,
    /// Claims, scenarios, lemmas, and defects that were found or not decided.
    pub entries: Vec<Entry>,
    /// Obligations that hold; their kind is [`EntryKind::Defect`].
    pub obligations: Vec<Entry>,
    /// Stopped by the user before everything was decided.
    pub interrupted: bool,
    /// Wall-clock time of the whole run.
    pub seconds: f64,
}

/// An institution that was looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InstitutionReport {
    /// Its name.
    pub name: String,
    /// Its title, or its name.
    pub title: String,
    /// The file that declares it.
    pub file: String,
    /// The institution it is a reform of.
    pub base: Option<String>,
    /// Where its rules and practices are declared, by name; of those that a governance word brings,
    /// the place of that word.
    pub rules: IndexMap<String, Place>,
    /// Where its claims, scenarios and lemmas stand, by name.
    pub claims: IndexMap<String, Place>,
}

/// A place in a file, and what stands there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// The file.
    pub file: String,
    /// Its first line, from 1.
    pub line: usize,
    /// The column of its first character, from 1.
    pub column: usize,
    /// Its last line.
    pub end_line: usize,
    /// One past the column of its last character.
    pub end_column: usize,
    /// What stands there.
    pub text: String,
}

impl Place {
    /// The place of a span, and its text.
    pub fn of(sources: &SourceMap, span: Span) -> Place {
        let (line, column) = sources.position(span);
        let (end_line, end_column) = sources.position(Span { start: span.end, ..span });
        Place {
            file: sources.path(span.file).display().to_string(),
            line,
            column,
            end_line,
            end_column,
            text: sources.text(span).to_owned(),
        }
    }
}

/// What an entry is about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum EntryKind {
    /// Something claimed.
    #[default]
    Claim,
    /// A run the user wants to see.
    Scenario,
    /// An auxiliary invariant.
    Lemma,
    /// A defect of the spec itself, such as `stuck_period`: refuted when the defect was found.
    Defect,
}

/// What was decided.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// For all runs, of any length.
    Proved,
    /// A replayed trace (or a model of the parameters) shows the contrary.
    Refuted,
    /// No refutation within so many periods; never counts as proved.
    HoldsToDepth(u32),
    /// Not decided; the entry's `reason` says why.
    #[default]
    Unknown,
}

impl Verdict {
    /// Proved or refuted.
    pub fn is_decided(self) -> bool {
        matches!(self, Verdict::Proved | Verdict::Refuted)
    }

    /// The word of the machine-readable formats.
    pub fn word(self) -> &'static str {
        match self {
            Verdict::Proved => "proved",
            Verdict::Refuted => "refuted",
            Verdict::HoldsToDepth(_) => "holds_to_depth",
            Verdict::Unknown => "unknown",
        }
    }
}

/// Whether the premise of an implication, response or norm can ever hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Premise {
    /// Some run reaches it.
    CanOccur,
    /// No run reaches it: a proof is vacuous.
    CannotOccur,
    /// Neither was shown.
    NotShown,
}

/// One thing that was to be decided, and what came of it.
#[derive(Clone, Debug, Default)]
pub struct Entry {
    /// The institution's name.
    pub institution: String,
    /// The file that declares the institution; its claims may stand in another one.
    pub home: String,
    /// The claim's name, or the defect's kind, such as `stuck_period`.
    pub id: String,
    /// What it is about.
    pub kind: EntryKind,
    /// What it says, in words.
    pub title: Option<String>,
    /// The file it stands in.
    pub file: String,
    /// Its line, from 1.
    pub line: usize,
    /// Its column, from 1.
    pub column: usize,
    /// The parameter values it was decided at; in a refutation for all parameters, the witness's.
    pub params: IndexMap<String, Value>,
    /// The parameters that it was decided for all values of, with their conditions, such as `n where n >= 2`.
    pub for_all: Option<String>,
    /// What was decided.
    pub verdict: Verdict,
    /// How deep a bounded search got, or the length of the shortest refutation.
    pub depth: Option<u32>,
    /// Why it is unknown, or what the defect is.
    pub reason: Option<String>,
    /// What its author expects.
    pub expected: Option<Expected>,
    /// The verdict is the expected one.
    pub as_expected: bool,
    /// Proved, but its premise cannot occur.
    pub vacuous: bool,
    /// Whether its premise can occur, if it has one.
    pub premise: Option<Premise>,
    /// The engine that decided it.
    pub engine: Option<String>,
    /// Time spent on it.
    pub seconds: f64,
    /// What the proof needs.
    pub needs: Option<Needs>,
    /// The proof's certificate.
    pub certificate: Option<Certificate>,
    /// The evidence failed its own check, so that there is no verdict.
    pub evidence_failed: bool,
    /// Remarks, such as what saturating a cell changes.
    pub notes: Vec<String>,
    /// Quotes: the source's title, and the words.
    pub quotes: Vec<(String, String)>,
    /// The word of the quote that the property renders.
    pub wording: Option<String>,
    /// The minimal core of an `inconsistent` claim.
    pub core: Option<Vec<String>>,
    /// Of `smallest k`: the least `k`.
    pub smallest: Option<u32>,
    /// The run that refutes the claim, or that a scenario asked for; of `smallest k`, what refutes
    /// the `k` below the least.
    pub trace: Option<TraceReport>,
}

impl Entry {
    /// Neither proved nor refuted.
    pub fn is_undecided(&self) -> bool {
        !self.verdict.is_decided()
    }
}

/// What a proof needs.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Needs {
    /// Formal rules.
    pub rules: Vec<String>,
    /// Practices.
    pub practices: Vec<String>,
    /// Assumptions.
    pub assumptions: Vec<String>,
    /// Fairness.
    pub fairness: Vec<String>,
}

/// Why a proof may be believed.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Certificate {
    /// `inductive-invariant`, `k-induction`, `explicit-search`, …
    pub kind: String,
    /// It was re-checked.
    pub checked: bool,
    /// By whom.
    pub by: Vec<String>,
    /// More about it, such as the bound of a k-induction.
    pub detail: Option<String>,
    /// Its obligations as scripts, when they were asked for.
    #[serde(skip)]
    pub obligations: Vec<Obligation>,
}

/// The shape of a trace.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum TraceKind {
    /// A finite run.
    #[default]
    Path,
    /// A run that repeats for ever.
    Lasso,
    /// Two runs that look alike.
    Pair,
    /// Two runs that look alike for ever.
    PairLasso,
    /// A coalition's moves against hostile others.
    Strategy,
    /// A run, and one in which a coalition deviates from its practices and gains by it.
    Deviation,
}

/// A run, as evidence.
#[derive(Clone, Debug, Default)]
pub struct TraceReport {
    /// Its shape.
    pub kind: TraceKind,
    /// For a lasso: the period to which the last one leads back.
    pub loop_start: Option<usize>,
    /// Cells in which a lasso does not come back, since nothing it shows rests on them.
    pub apart: Vec<String>,
    /// Its periods. The last is a state only (no choices, no rules) unless the trace is a lasso.
    pub periods: Vec<PeriodReport>,
    /// The other run of a pair.
    pub twin: Option<Vec<PeriodReport>>,
    /// The strategy of which the run is an example.
    pub strategy: Option<Box<StrategyReport>>,
    /// Who is to know, in a pair.
    pub judges: Vec<String>,
    /// It has been executed again: by the interpreter, or where there is none by evaluating terms.
    pub replayed: bool,
    /// It is a run of another tool's file, which the interpreter does not read.
    pub foreign: bool,
}

/// Who wins a game, and how.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize)]
pub struct StrategyReport {
    /// The members of the coalition.
    pub coalition: Vec<String>,
    /// The strategy is that of all others and nature, against the coalition.
    pub spoils: bool,
    /// The coalition moves on what its members see only.
    pub unseen: bool,
    /// The rows with which plays may begin, from 0.
    pub first: Vec<usize>,
    /// What to choose in which situation.
    pub rows: Vec<StrategyRow>,
}

/// A situation, and what is chosen in it.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize)]
pub struct StrategyRow {
    /// The state; several if the coalition cannot tell them apart.
    pub states: Vec<IndexMap<String, Value>>,
    /// How many periods or ticks are left, if they are counted.
    pub left: Option<u32>,
    /// What the coalition sees before it moves, if that counts.
    pub seen: IndexMap<String, Value>,
    /// One move of the coalition, or each of its moves with the answer.
    pub moves: Vec<StrategyMove>,
}

/// A move of the coalition.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize)]
pub struct StrategyMove {
    /// What it chooses; what is left out does not matter.
    pub choose: IndexMap<String, Value>,
    /// What follows, where that counts.
    pub answers: Vec<StrategyAnswer>,
}

/// What follows a move.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize)]
pub struct StrategyAnswer {
    /// What the others choose.
    pub choices: IndexMap<String, Value>,
    /// What nature draws.
    pub env: IndexMap<String, Value>,
    /// What it draws in nondeterministic writes.
    pub draws: IndexMap<String, Value>,
    /// What the coalition sees by the start of the next period.
    pub seen: IndexMap<String, Value>,
    /// The row of the next period, from 0; absent where rows are told by their state.
    pub row: Option<usize>,
}

/// One period of a run. Keys are the spec's names, members spelled out: `known[2]`.
#[derive(Clone, Debug, Default)]
pub struct PeriodReport {
    /// The state at its start.
    pub state: IndexMap<String, Value>,
    /// What the posts chose.
    pub choices: IndexMap<String, Value>,
    /// What nature drew.
    pub env: IndexMap<String, Value>,
    /// What nature drew in nondeterministic writes that took effect.
    pub draws: IndexMap<String, Value>,
    /// The rule instances that fired.
    pub rules: Vec<FiredRule>,
    /// What each post saw; empty where no claim asks.
    pub seen: IndexMap<String, IndexMap<String, Value>>,
    /// The ticks that occurred.
    pub ticks: Vec<String>,
    /// Whose each choice was.
    pub owners: IndexMap<String, String>,
    /// What of it does not bear on the verdict.
    pub irrelevant: Irrelevant,
}

impl PeriodReport {
    /// Nothing was drawn in it and nothing fired, as in the last period of a finite run.
    pub fn is_state_only(&self) -> bool {
        self.choices.is_empty() && self.env.is_empty() && self.rules.is_empty()
    }
}

/// A rule instance that fired.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FiredRule {
    /// Its name, with the values of its variables: `learn[2]`.
    pub name: String,
    /// Formal or informal.
    pub kind: RuleKind,
    /// The governance construct it comes from.
    pub origin: Option<String>,
    /// Of a best reply that was not the only one: all of them, such as `right or over`.
    pub ties: Vec<String>,
}

/// The counts of a report's last line.
#[derive(Clone, Copy, Debug, Default, PartialEq, serde::Serialize)]
pub struct Summary {
    /// How many entries.
    pub claims: usize,
    /// Those whose verdict is the expected one.
    pub as_expected: usize,
    /// Those decided otherwise than expected, vacuous proofs and defects among them.
    pub not_as_expected: usize,
    /// Those neither proved nor refuted.
    pub unknown: usize,
    /// Wall-clock time.
    pub seconds: f64,
}

impl Report {
    /// Counts its entries; every entry is in exactly one of the three groups.
    pub fn summary(&self) -> Summary {
        let mut summary =
            Summary { claims: self.entries.len(), seconds: self.seconds, ..Summary::default() };
        for entry in &self.entries {
            if entry.as_expected {
                summary.as_expected += 1;
            } else if entry.is_undecided() {
                summary.unknown += 1;
            } else {
                summary.not_as_expected += 1;
            }
        }
        summary
    }
}
