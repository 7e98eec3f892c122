//! The assumption table: what becomes of each claim when one part of the institution is taken out.
//!
//! Every verdict in it was decided in what was left. What cannot be taken out, because the rest speaks of
//! it, has no verdict.

use std::fmt::Write;

use comfy_table::{ContentArrangement, ContentLineStyle, LineStyle, Table as Drawn, TableStyle};
use serde::Serialize;

use super::outcome::Entry;
use super::text::{verdict_words, wrap::indented, wrap::paragraph};

/// The name of the JSON's shape.
pub const SCHEMA: &str = "yamen.without/1";

/// The look of tables that people read.
pub(super) const STYLE: TableStyle = TableStyle::new()
    .header_lines(ContentLineStyle::none().junction('│'))
    .header_separator(LineStyle::none().fill('─').junction('┼'))
    .content_lines(ContentLineStyle::none().junction('│'));

/// One institution's table.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Table {
    /// The institution.
    pub institution: String,
    /// What it is called.
    pub title: String,
    /// Its claims, with the verdicts in the whole institution.
    pub claims: Vec<Claimed>,
    /// A row for each part.
    pub rows: Vec<Row>,
    /// Stopped before all rows were decided.
    pub interrupted: bool,
}

/// A claim and its verdict in the whole institution.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Claimed {
    /// Its name.
    pub id: String,
    /// What it says.
    pub title: Option<String>,
    /// Its verdict.
    pub verdict: String,
    /// Proved, but its premise cannot occur.
    pub vacuous: bool,
    /// The verdict as people read it.
    #[serde(skip)]
    pub words: String,
}

impl Claimed {
    /// What an entry says.
    pub fn of(entry: &Entry) -> Claimed {
        Claimed {
            id: entry.id.clone(),
            title: entry.title.clone(),
            verdict: entry.verdict.word().to_owned(),
            vacuous: entry.vacuous,
            words: verdict_words(entry),
        }
    }
}

/// What is taken out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Removal {
    /// What it is.
    pub kind: Kind,
    /// Its name.
    pub name: String,
}

/// What can be taken out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A formal rule.
    Rule,
    /// An informal one.
    Practice,
    /// An assumption, of the institution or of a claim.
    Assumption,
    /// A fairness constraint.
    Fairness,
}

impl Kind {
    /// Its word.
    pub fn word(self) -> &'static str {
        match self {
            Kind::Rule => "rule",
            Kind::Practice => "practice",
            Kind::Assumption => "assumption",
            Kind::Fairness => "fairness",
        }
    }
}

/// What becomes of the claims without a part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Row {
    /// The part.
    pub removal: Removal,
    /// The claims it bears on, in order.
    pub outcomes: Vec<Outcome>,
}

/// What becomes of one claim.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Outcome {
    /// The claim.
    pub claim: String,
    /// Its verdict; `impossible` where there is no such spec.
    pub verdict: String,
    /// How deep a bounded search got.
    pub depth: Option<u32>,
    /// Proved, but its premise cannot occur.
    pub vacuous: bool,
    /// The verdict is another one than in the whole institution.
    pub changes: bool,
    /// Why there is no verdict.
    pub reason: Option<String>,
}

impl Outcome {
    /// There is no verdict, for this reason.
    pub fn impossible(claim: &str, reason: &str) -> Outcome {
        Outcome {
            claim: claim.to_owned(),
            verdict: "impossible".to_owned(),
            reason: Some(reason.to_owned()),
            ..Outcome::default()
        }
    }

    /// The verdict as people read it.
    pub fn words(&self) -> String {
        match (self.verdict.as_str(), self.vacuous, self.depth) {
            ("impossible", ..) => "cannot be taken out".to_owned(),
            ("proved", true, _) => "proved, vacuous".to_owned(),
            ("holds_to_depth", _, Some(depth)) => format!("holds to depth {depth}"),
            (verdict, ..) => verdict.to_owned(),
        }
    }

    fn mark(&self) -> String {
        match (&self.reason, self.changes) {
            (Some(reason), _) => reason.replace('`', ""),
            (None, true) => "changes".to_owned(),
            (None, false) => String::new(),
        }
    }
}

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    yamen: &'static str,
    tables: &'a [Table],
}

/// The tables as JSON.
pub fn json(tables: &[Table]) -> String {
    let document = Document { schema: SCHEMA, yamen: crate::VERSION, tables };
    serde_json::to_string_pretty(&document)
        .unwrap_or_else(|error| format!("{{\"error\":\"{error}\"}}"))
}

/// The tables as text.
pub fn text(tables: &[Table], width: usize) -> String {
    let bold = anstyle::Style::new().bold();
    let mut out = String::new();
    for table in tables {
        let _ = writeln!(out, "{bold}{} \"{}\"{bold:#}", table.institution, table.title);
        for claim in &table.claims {
            let title =
                claim.title.as_ref().map(|title| format!(" \"{title}\"")).unwrap_or_default();
            let head = format!("{}{title}: {}", claim.id, claim.words);
            let _ = writeln!(out, "\n{}", paragraph(&head, width, 2, 2));
            let rows = drawn(table, claim, width.saturating_sub(4));
            let none = || "    there is nothing to take out".to_owned();
            let _ = writeln!(out, "{}", rows.map_or_else(none, |rows| indented(&rows, 4)));
        }
        if table.interrupted {
            out.push_str("\n  interrupted: only what had been decided is told\n");
        }
        out.push('\n');
    }
    out
}

fn drawn(table: &Table, claim: &Claimed, width: usize) -> Option<String> {
    let rows: Vec<(&Removal, &Outcome)> = table
        .rows
        .iter()
        .filter_map(|row| {
            let outcome = row.outcomes.iter().find(|outcome| outcome.claim == claim.id)?;
            Some((&row.removal, outcome))
        })
        .collect();
    if rows.is_empty() {
        return None;
    }
    let mut drawn = Drawn::new();
    drawn.load_style(STYLE);
    drawn.set_content_arrangement(ContentArrangement::Dynamic);
    drawn.set_width(u16::try_from(width).unwrap_or(u16::MAX));
    drawn.set_header(["without", "verdict", ""]);
    for (removal, outcome) in rows {
        let part = format!("{} {}", removal.kind.word(), removal.name);
        drawn.add_row([part, outcome.words(), outcome.mark()]);
    }
    Some(drawn.trim_fmt())
}
