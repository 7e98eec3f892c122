//! The words that begin declarations, and the words people write for them.

use super::super::token::Kind;
use super::cursor::Parser;

/// Every word that begins a declaration, with the form of that declaration.
pub(super) const DECLARATIONS: &[(&str, &str)] = &[
    ("institution", "institution NAME \"TITLE\""),
    ("source", "source NAME \"TITLE\""),
    ("use", "use \"FILE\""),
    ("param", "param NAME : TYPE = VALUE where CONDITION"),
    ("enum", "enum NAME { FIRST, SECOND }"),
    ("position", "position NAME, FAMILY[SIZE]"),
    ("hierarchy", "hierarchy TOP > MIDDLE[SIZE] > BOTTOM[SIZE]"),
    ("chain", "chain FAMILY[SIZE]"),
    ("person", "person SORT[SIZE]"),
    ("holds", "holds POST, POST by SORT"),
    ("state", "state NAME[FAMILY] : TYPE = VALUE"),
    ("init", "init NAME : CONDITION"),
    ("define", "define NAME(ARGUMENT) = EXPRESSION"),
    ("choice", "choice NAME[FAMILY] : TYPE by OWNER when CONDITION where CONDITION else VALUE"),
    ("env", "env NAME[FAMILY] : TYPE when CONDITION where CONDITION else VALUE"),
    ("sees", "sees POST : EXPRESSION, EXPRESSION"),
    ("rule", "rule NAME for MEMBER in FAMILY overrides RULE when CONDITION : CELL' = VALUE"),
    ("practice", "practice NAME for MEMBER in FAMILY when CONDITION : CELL' = VALUE"),
    ("norm", "norm NAME : POST must ACT when CONDITION within PERIODS or else SANCTION"),
    ("accountability", "accountability NAME of POST to JUDGE for FAULT sanction SANCTION"),
    ("promotion", "promotion NAME from FAMILY to POST when CONDITION by DECIDER ties CELL lapse"),
    ("rotate", "rotate POST every PERIODS ties CELL lapse"),
    (
        "campaign",
        "campaign NAME { trigger NAME when CONDITION by POST announced N before lasts until CONDITION at most N gap N }",
    ),
    ("tick", "tick NAME when CONDITION"),
    ("payoff", "payoff POST = VALUE"),
    ("assume", "assume NAME : CONDITION"),
    ("fair", "fair NAME : infinitely often CONDITION"),
    ("lemma", "lemma NAME : PROPERTY"),
    ("scenario", "scenario NAME : possible CONDITION"),
    ("claim", "claim NAME \"TITLE\" PROPERTY expect proved"),
    ("reform", "reform NAME of INSTITUTION { drop rule NAME }"),
];

/// What other languages call these things.
const SYNONYMS: &[(&str, &str)] = &[
    ("var", "state"),
    ("variable", "state"),
    ("cell", "state"),
    ("const", "param"),
    ("constant", "param"),
    ("parameter", "param"),
    ("action", "rule"),
    ("transition", "rule"),
    ("event", "tick"),
    ("def", "define"),
    ("fun", "define"),
    ("function", "define"),
    ("let", "define"),
    ("val", "define"),
    ("macro", "define"),
    ("property", "claim"),
    ("assert", "claim"),
    ("theorem", "claim"),
    ("invariant", "claim"),
    ("check", "claim"),
    ("spec", "claim"),
    ("role", "position"),
    ("actor", "position"),
    ("agent", "position"),
    ("office", "position"),
    ("post", "position"),
    ("type", "enum"),
    ("sort", "enum"),
    ("input", "env"),
    ("environment", "env"),
    ("import", "use"),
    ("include", "use"),
    ("fairness", "fair"),
    ("justice", "fair"),
    ("axiom", "assume"),
    ("constraint", "assume"),
    ("assumption", "assume"),
    ("module", "institution"),
    ("system", "institution"),
    ("model", "institution"),
    ("initial", "init"),
    ("utility", "payoff"),
    ("observes", "sees"),
    ("variant", "reform"),
];

/// Does the word begin a declaration where one is looked for?
pub(super) fn is_declaration_word(word: &str) -> bool {
    DECLARATIONS.iter().any(|(known, _)| *known == word)
}

/// How a declaration that begins with this word is written.
pub(super) fn form_of(word: &str) -> &'static str {
    DECLARATIONS.iter().find(|(known, _)| *known == word).map_or("", |(_, form)| form)
}

/// The declaration word that was probably meant.
pub(super) fn meant_declaration(word: &str) -> Option<&'static str> {
    let lower = word.to_lowercase();
    let synonym = SYNONYMS.iter().find(|(other, _)| *other == lower).map(|(_, word)| *word);
    synonym.or_else(|| nearest(&lower, DECLARATIONS.iter().map(|(known, _)| *known)))
}

/// The nearest of some words, if it is near enough to be what was meant.
pub(super) fn nearest(
    word: &str,
    known: impl Iterator<Item = &'static str>,
) -> Option<&'static str> {
    // Comparing costs the product of the lengths, and no known word is long.
    if word.len() > 32 {
        return None;
    }
    known
        .map(|candidate| (strsim::damerau_levenshtein(word, candidate), candidate))
        .filter(|(distance, candidate)| *distance <= (candidate.len() / 3).clamp(1, 3))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

impl Parser<'_> {
    /// Does a declaration begin at this token: its word, followed by what it needs?
    pub(super) fn begins_declaration(&self, at: usize) -> bool {
        if self.kind_at(at) != Kind::Name || !is_declaration_word(self.word_at(at)) {
            return false;
        }
        let next = self.kind_at(at + 1);
        match self.word_at(at) {
            "use" => next == Kind::Text,
            "init" => self.first_on_line(at) && self.begins_expression(at + 1),
            _ if next == Kind::Name => true,
            // A reserved word in place of the name is a mistake made inside the declaration.
            _ => self.first_on_line(at) && next.is_reserved() && !joins(next),
        }
    }

    /// Does a declaration, and nothing else, begin with the next token?
    pub(super) fn declares_on_a_new_line(&self) -> bool {
        self.first_on_line(self.at)
            && matches!(self.kind_at(self.at + 1), Kind::Name | Kind::Text)
            && self.begins_declaration(self.at)
            && self.word_infix(self.at + 1).is_none()
    }

    /// Can an expression begin at this token?
    pub(super) fn begins_expression(&self, at: usize) -> bool {
        use Kind::{
            Abs, All, Always, Count, Eventually, False, Historically, If, Int, Max, Min, Minus,
            Name, Never, Next, Not, Once, OpenCurly, OpenRound, Possible, Previously, Real, Recurs,
            Settles, Some, Sum, True, Valid, Within,
        };
        matches!(
            self.kind_at(at),
            Name | Int
                | Real
                | OpenRound
                | OpenCurly
                | Minus
                | Not
                | If
                | True
                | False
                | All
                | Some
                | Count
                | Sum
                | Min
                | Max
                | Abs
                | Always
                | Never
                | Eventually
                | Next
                | Once
                | Historically
                | Previously
                | Within
                | Recurs
                | Settles
                | Possible
                | Valid
        )
    }

    /// Does a clause of a claim begin at this token, `expect proved`, `quote zhou "…"`?
    pub(super) fn begins_claim_clause(&self, at: usize) -> bool {
        match self.word_at(at) {
            "expect" => matches!(self.kind_at(at + 1), Kind::Name | Kind::True | Kind::False),
            "solve" => self.kind_at(at + 1) == Kind::For,
            "quote" => matches!(self.kind_at(at + 1), Kind::Name | Kind::Text),
            "wording" => self.kind_at(at + 1) == Kind::Text,
            _ => false,
        }
    }
}

/// Reserved words that join what stands before and after them.
fn joins(kind: Kind) -> bool {
    use Kind::{And, By, Else, For, Iff, Implies, In, Mod, Or, Since, Then, Until, When, Where};
    matches!(
        kind,
        And | Or | Implies | Iff | Until | Since | In | Mod | Then | Else | When | Where | For | By
    )
}
