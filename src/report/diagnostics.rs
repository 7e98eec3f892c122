//! Messages about a spec, for people and for scripts.
//!
//! One diagnostic value, two renderings: with the words of the file underlined, and as the JSON of
//! `schema/yamen.diagnostics.v1.schema.json`. Only the lines that a message speaks of are laid
//! out, so a message about a file of ten megabytes costs no more than one about ten lines.

use annotate_snippets::{AnnotationKind, Element, Group, Level, Origin, Renderer, Snippet};
use serde::Serialize;

use crate::syntax::diagnostic::{Diagnostic, Severity};
use crate::syntax::source::{FileId, SourceMap, Span};

/// The name of the JSON shape.
pub const SCHEMA: &str = "yamen.diagnostics/1";
/// More messages than this are only counted in text.
const MOST_SHOWN: usize = 50;
/// Lines longer than this are not shown.
const LONGEST_SHOWN: usize = 4_000;

/// Something wrong that has no place in a file, such as a file that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// A stable kebab-case code.
    pub code: &'static str,
    /// What is wrong.
    pub message: String,
    /// The way out.
    pub help: Option<String>,
}

impl Trouble {
    /// Something wrong.
    pub fn new(code: &'static str, message: impl Into<String>) -> Trouble {
        Trouble { code, message: message.into(), help: None }
    }

    /// The way out.
    #[must_use]
    pub fn help(mut self, text: impl Into<String>) -> Trouble {
        self.help = Some(text.into());
        self
    }
}

/// The messages as text with ANSI colours.
pub fn text(diagnostics: &[Diagnostic], sources: &SourceMap, width: usize) -> String {
    let renderer = Renderer::styled().term_width(width);
    let shown = diagnostics.iter().take(MOST_SHOWN);
    let mut parts: Vec<String> =
        shown.map(|diagnostic| renderer.render(&[group(diagnostic, sources)])).collect();
    if diagnostics.len() > MOST_SHOWN {
        parts.push(format!("and {} more", diagnostics.len() - MOST_SHOWN));
    }
    parts.iter().map(|part| format!("{part}\n\n")).collect()
}

/// A trouble as text with ANSI colours.
pub fn trouble(trouble: &Trouble, width: usize) -> String {
    let title = Level::ERROR.primary_title(trouble.message.as_str());
    let mut group = Group::with_title(title);
    if let Some(help) = &trouble.help {
        group = group.element(Level::HELP.message(help.as_str()));
    }
    format!("{}\n", Renderer::styled().term_width(width).render(&[group]))
}

fn level(severity: Severity) -> Level<'static> {
    match severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    }
}

fn group<'a>(diagnostic: &'a Diagnostic, sources: &'a SourceMap) -> Group<'a> {
    let title = level(diagnostic.severity).primary_title(diagnostic.message.as_str());
    let mut group = Group::with_title(title.id(diagnostic.code));
    for file in files(diagnostic) {
        group = group.element(excerpt(file, diagnostic, sources));
    }
    let notes = diagnostic.notes.iter().map(|note| Level::NOTE.message(note.as_str()));
    let help = diagnostic.help.iter().map(|help| Level::HELP.message(help.as_str()));
    group.elements(notes.chain(help))
}

/// The files it speaks of, its own first.
fn files(diagnostic: &Diagnostic) -> Vec<FileId> {
    let mut files = vec![diagnostic.primary.0.file];
    for (span, _) in &diagnostic.secondary {
        if !files.contains(&span.file) {
            files.push(span.file);
        }
    }
    files
}

/// The lines of one file that it speaks of, or only their place if they are too long.
fn excerpt<'a>(file: FileId, diagnostic: &'a Diagnostic, sources: &'a SourceMap) -> Element<'a> {
    let primary = [(AnnotationKind::Primary, &diagnostic.primary)].into_iter();
    let context = diagnostic.secondary.iter().map(|place| (AnnotationKind::Context, place));
    let places: Vec<_> =
        primary.chain(context).filter(|(_, (span, _))| span.file == file).collect();
    let path = sources.path(file).display().to_string();
    let whole = sources.get(file).map_or("", |source| source.text.as_str());
    let spans = || places.iter().map(|(_, (span, _))| *span);
    let first = spans().min_by_key(|span| span.start).unwrap_or_default();
    let last = spans().map(|span| span.end as usize).max().unwrap_or(0);
    let (line, column) = sources.position(first);
    let (from, to) = lines_around(whole, first.start as usize, last);
    let Some(text) = whole.get(from..to).filter(|text| is_showable(text)) else {
        return Origin::path(path).line(line).char_column(column).into();
    };
    let mut snippet = Snippet::source(text).line_start(line).path(path);
    for (kind, (span, label)) in places {
        let place = within(text, from, *span);
        let label = (!label.is_empty()).then_some(label.as_str());
        snippet = snippet.annotation(kind.span(place).label(label));
    }
    snippet.into()
}

fn is_showable(text: &str) -> bool {
    text.lines().all(|line| line.len() <= LONGEST_SHOWN)
}

/// Whole lines from one byte to another.
fn lines_around(text: &str, first: usize, last: usize) -> (usize, usize) {
    let from = text.get(..first).and_then(|before| before.rfind('\n')).map_or(0, |at| at + 1);
    let rest = text.get(last..).and_then(|after| after.find('\n'));
    (from, rest.map_or(text.len(), |at| last + at))
}

/// A span as a range of the excerpt.
fn within(text: &str, from: usize, span: Span) -> std::ops::Range<usize> {
    let place = |byte: u32| {
        let at = (byte as usize).saturating_sub(from).min(text.len());
        (at..=text.len()).find(|at| text.is_char_boundary(*at)).unwrap_or(at)
    };
    place(span.start)..place(span.end)
}

#[derive(Serialize)]
struct Output<'a> {
    schema: &'static str,
    yamen: &'a str,
    diagnostics: Vec<Object<'a>>,
}

#[derive(Serialize)]
struct Object<'a> {
    code: &'static str,
    severity: Severity,
    message: &'a str,
    #[serde(flatten)]
    place: OptionalPlace,
    label: Option<&'a str>,
    related: Vec<Related<'a>>,
    notes: &'a [String],
    help: Option<&'a str>,
}

#[derive(Default, Serialize)]
struct OptionalPlace {
    file: Option<String>,
    line: Option<usize>,
    column: Option<usize>,
    end_line: Option<usize>,
    end_column: Option<usize>,
}

#[derive(Serialize)]
struct Related<'a> {
    #[serde(flatten)]
    place: OptionalPlace,
    label: &'a str,
}

/// Troubles and messages as one JSON object, indented.
pub fn json(
    troubles: &[Trouble],
    diagnostics: &[Diagnostic],
    sources: &SourceMap,
    yamen: &str,
) -> String {
    let troubles = troubles.iter().map(|trouble| Object {
        code: trouble.code,
        severity: Severity::Error,
        message: &trouble.message,
        place: OptionalPlace::default(),
        label: None,
        related: Vec::new(),
        notes: &[],
        help: trouble.help.as_deref(),
    });
    let all = troubles.chain(diagnostics.iter().map(|diagnostic| object(diagnostic, sources)));
    let output = Output { schema: SCHEMA, yamen, diagnostics: all.collect() };
    serde_json::to_string_pretty(&output).unwrap_or_default()
}

fn object<'a>(diagnostic: &'a Diagnostic, sources: &SourceMap) -> Object<'a> {
    let (span, label) = &diagnostic.primary;
    Object {
        code: diagnostic.code,
        severity: diagnostic.severity,
        message: &diagnostic.message,
        place: place(*span, sources),
        label: (!label.is_empty()).then_some(label),
        related: diagnostic
            .secondary
            .iter()
            .map(|(span, label)| Related { place: place(*span, sources), label })
            .collect(),
        notes: &diagnostic.notes,
        help: diagnostic.help.as_deref(),
    }
}

fn place(span: Span, sources: &SourceMap) -> OptionalPlace {
    if sources.get(span.file).is_none() {
        return OptionalPlace::default();
    }
    let (line, column) = sources.position(span);
    let (end_line, end_column) = sources.position(Span { start: span.end, ..span });
    OptionalPlace {
        file: Some(sources.path(span.file).display().to_string()),
        line: Some(line),
        column: Some(column),
        end_line: Some(end_line),
        end_column: Some(end_column),
    }
}
