//! Messages about a spec, for people and for scripts.
//!
//! What has a place in a file is laid out by [`crate::syntax::render`]; what has none, such as a
//! file that cannot be read, is a [`Trouble`]. For scripts both go into one object, whose shape is
//! `schema/yamen.diagnostics.v1.schema.json`.

use anstyle::{AnsiColor, Style};
use serde::Serialize;

use crate::syntax::diagnostic::{Diagnostic, Severity};
use crate::syntax::render::{Message, messages, render};
use crate::syntax::source::SourceMap;

/// The name of the JSON shape.
pub const SCHEMA: &str = "yamen.diagnostics/1";
/// More messages than this are only counted in text.
const MOST_SHOWN: usize = 50;

/// Something wrong that has no place in a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Trouble {
    /// A stable kebab-case code.
    pub code: &'static str,
    /// How bad it is: an error.
    pub severity: Severity,
    /// What is wrong.
    pub message: String,
    /// The way out.
    pub help: Option<String>,
}

impl Trouble {
    /// Something wrong.
    pub fn new(code: &'static str, message: impl Into<String>) -> Trouble {
        Trouble { code, severity: Severity::Error, message: message.into(), help: None }
    }

    /// The way out.
    #[must_use]
    pub fn help(mut self, text: impl Into<String>) -> Trouble {
        self.help = Some(text.into());
        self
    }
}

/// The messages as text with ANSI colours, an empty line after each.
pub fn text(diagnostics: &[Diagnostic], sources: &SourceMap) -> String {
    let mut out: String =
        diagnostics.iter().take(MOST_SHOWN).map(|diagnostic| one(diagnostic, sources)).collect();
    if diagnostics.len() > MOST_SHOWN {
        out.push_str(&format!("and {} more\n", diagnostics.len() - MOST_SHOWN));
    }
    out
}

/// A message about a file without text has no lines to show.
fn one(diagnostic: &Diagnostic, sources: &SourceMap) -> String {
    let file = diagnostic.primary.0.file;
    if sources.get(file).is_some_and(|source| !source.text.is_empty()) {
        return render(sources, std::slice::from_ref(diagnostic), true) + "\n";
    }
    let help = diagnostic.help.clone();
    trouble(&Trouble { help, ..Trouble::new(diagnostic.code, &diagnostic.message) })
}

/// A trouble as text with ANSI colours.
pub fn trouble(trouble: &Trouble) -> String {
    let bold = Style::new().bold();
    let red = bold.fg_color(Some(AnsiColor::BrightRed.into()));
    let blue = bold.fg_color(Some(AnsiColor::BrightCyan.into()));
    let (code, message) = (trouble.code, on_one_line(&trouble.message));
    let mut out = format!("{red}error[{code}]{red:#}{bold}: {message}{bold:#}\n");
    if let Some(help) = &trouble.help {
        out.push_str(&format!("{blue}help{blue:#}: {}\n", on_one_line(help)));
    }
    out + "\n"
}

/// Text of the user's without what could move the cursor about.
fn on_one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

#[derive(Serialize)]
struct Output<'a> {
    schema: &'static str,
    yamen: &'a str,
    diagnostics: Vec<Object<'a>>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Object<'a> {
    Trouble(&'a Trouble),
    Message(Message),
}

/// Troubles and messages as one JSON object, indented.
pub fn json(
    troubles: &[Trouble],
    diagnostics: &[Diagnostic],
    sources: &SourceMap,
    yamen: &str,
) -> String {
    let placed = messages(sources, diagnostics).into_iter().map(Object::Message);
    let all = troubles.iter().map(Object::Trouble).chain(placed);
    let output = Output { schema: SCHEMA, yamen, diagnostics: all.collect() };
    serde_json::to_string_pretty(&output).unwrap_or_default()
}
