//! Diagnostics for people (with the lines they are about) and for programs.
//!
//! Only the lines that matter are handed to the renderer, and of a very long
//! line only the columns around the place, so that a message about a ten-megabyte
//! line costs no more than one about a short line.

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

use super::diagnostic::{Diagnostic, Severity};
use super::source::{Source, SourceMap, Span};

/// Longer lines are cut around the place.
const LONG_LINE: usize = 240;

/// So many bytes of a long line stay on either side of the place.
const AROUND: usize = 80;

/// Of a place that runs over many lines, so many lines are shown.
const MOST_LINES: usize = 6;

/// Renders messages for a terminal, a blank line between them.
pub fn render(sources: &SourceMap, diagnostics: &[Diagnostic], colour: bool) -> String {
    let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
    let renderer = renderer.decor_style(DecorStyle::Ascii);
    let mut out = String::new();
    for (at, diagnostic) in diagnostics.iter().enumerate() {
        if at > 0 {
            out.push('\n');
        }
        out.push_str(&render_one(sources, diagnostic, &renderer));
        out.push('\n');
    }
    out
}

fn render_one(sources: &SourceMap, diagnostic: &Diagnostic, renderer: &Renderer) -> String {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    };
    let title = level.primary_title(diagnostic.message.as_str()).id(diagnostic.code);
    let mut group = Group::with_title(title);
    let excerpts = excerpts(sources, diagnostic);
    let places: Vec<_> = excerpts.iter().filter_map(|e| e.places(sources, diagnostic)).collect();
    for excerpt in excerpts {
        group = group.element(excerpt.snippet());
    }
    for note in &diagnostic.notes {
        group = group.element(Level::NOTE.message(note.as_str()));
    }
    if let Some(help) = &diagnostic.help {
        group = group.element(Level::HELP.message(help.as_str()));
    }
    let mut said = renderer.render(&[group]);
    for (shown, meant) in places {
        said = said.replacen(&shown, &meant, 1);
    }
    said
}

/// A few lines of a file with the places in them.
struct Excerpt {
    path: String,
    /// Number of the first line.
    line: usize,
    text: String,
    /// Where the text begins in the file.
    start: usize,
    /// Parts of a long line are left out.
    cut: bool,
    marks: Vec<Mark>,
}

/// A place in an excerpt.
struct Mark {
    primary: bool,
    range: std::ops::Range<usize>,
    label: String,
}

impl Excerpt {
    /// The place as the renderer counts it, from where the line is cut, and as the file has it.
    fn places(&self, sources: &SourceMap, diagnostic: &Diagnostic) -> Option<(String, String)> {
        let mark = self.marks.iter().find(|mark| mark.primary && self.cut)?;
        let column = self.text.get(..mark.range.start)?.chars().count() + 1;
        let (line, meant) = sources.position(diagnostic.primary.0);
        let place = |column: usize| format!("{}:{line}:{column}", self.path);
        Some((place(column), place(meant)))
    }

    fn snippet(self) -> Snippet<'static, annotate_snippets::Annotation<'static>> {
        let mut snippet = Snippet::source(self.text).line_start(self.line).path(self.path);
        for mark in self.marks {
            let kind = if mark.primary { AnnotationKind::Primary } else { AnnotationKind::Context };
            let annotation = kind.span(mark.range);
            snippet = snippet.annotation(if mark.label.is_empty() {
                annotation
            } else {
                annotation.label(mark.label)
            });
        }
        snippet
    }
}

/// The lines to show: one excerpt for places near each other, else one for each.
fn excerpts(sources: &SourceMap, diagnostic: &Diagnostic) -> Vec<Excerpt> {
    let primary = std::iter::once((true, &diagnostic.primary));
    let secondary = diagnostic.secondary.iter().map(|place| (false, place));
    let mut excerpts: Vec<(Span, Excerpt)> = Vec::new();
    for (primary, (span, label)) in primary.chain(secondary) {
        let Some(source) = sources.get(span.file) else { continue };
        let near = excerpts.iter_mut().find_map(|(shown, excerpt)| {
            let both = together(source, *shown, excerpt, *span)?;
            *shown = shown.to(*span);
            *excerpt = both;
            Some(excerpt)
        });
        if let Some(excerpt) = near {
            let range = excerpt.place(source, *span);
            excerpt.marks.push(Mark { primary, range, label: label.clone() });
        } else {
            excerpts.push((*span, excerpt(source, *span, primary, label)));
        }
    }
    excerpts.into_iter().map(|(_, excerpt)| excerpt).collect()
}

/// Places at most this far apart are shown in one excerpt; the lines between are folded.
const NEAR: usize = 20_000;

/// The excerpt widened to another place of the same file, if that is near.
fn together(source: &Source, shown: Span, excerpt: &Excerpt, span: Span) -> Option<Excerpt> {
    let both = shown.to(span);
    if shown.file != span.file || (both.end - both.start) as usize > NEAR || excerpt.cut {
        return None;
    }
    let (line, start) = first_line(&source.text, both.start as usize);
    let end = floor(&source.text, both.end as usize);
    let end = source.text.get(end..)?.find('\n').map_or(source.text.len(), |at| end + at);
    if end - start > 2 * NEAR {
        return None;
    }
    let text = source.text.get(start..end)?.to_string();
    let moved = excerpt.start - start;
    let marks = excerpt.marks.iter().map(|mark| Mark {
        primary: mark.primary,
        range: mark.range.start + moved..mark.range.end + moved,
        label: mark.label.clone(),
    });
    let marks = marks.collect();
    Some(Excerpt { path: excerpt.path.clone(), line, text, start, cut: false, marks })
}

impl Excerpt {
    /// Where a place is in an excerpt that is not cut.
    fn place(&self, source: &Source, span: Span) -> std::ops::Range<usize> {
        let at = |byte: u32| {
            floor(&source.text, byte as usize).saturating_sub(self.start).min(self.text.len())
        };
        at(span.start)..at(span.end).max(at(span.start))
    }
}

/// The number of the line a byte is on, and where that line begins.
fn first_line(text: &str, at: usize) -> (usize, usize) {
    let at = floor(text, at);
    let start = text.get(..at).and_then(|before| before.rfind('\n')).map_or(0, |at| at + 1);
    (text.get(..start).map_or(0, |before| before.matches('\n').count()) + 1, start)
}

fn excerpt(source: &Source, span: Span, primary: bool, label: &str) -> Excerpt {
    let text = source.text.as_str();
    let start = floor(text, span.start as usize);
    let end = floor(text, span.end as usize).max(start);
    let (line, line_start) = first_line(text, start);
    let line_end = last_line_end(text, start, end);
    let path = source.path.display().to_string();
    let long = line_end - line_start > LONG_LINE * MOST_LINES;
    let (from, to) = if long {
        (floor(text, start.saturating_sub(AROUND)).max(line_start), cut(text, start, line_end))
    } else {
        (line_start, line_end)
    };
    let before = if from > line_start { "…" } else { "" };
    let after = if to < line_end { "…" } else { "" };
    let shown = text.get(from..to).unwrap_or("");
    let place = |at: usize| at.clamp(from, to) - from + before.len();
    let mark = Mark { primary, range: place(start)..place(end), label: label.to_string() };
    let text = format!("{before}{shown}{after}");
    let cut = !(before.is_empty() && after.is_empty());
    Excerpt { path, line, text, start: from, cut, marks: vec![mark] }
}

/// Where a cut line ends.
fn cut(text: &str, start: usize, line_end: usize) -> usize {
    let to = floor(text, start.saturating_add(2 * AROUND)).min(line_end);
    let newline = text.get(start..to).and_then(|shown| shown.find('\n'));
    newline.map_or(to, |at| start + at)
}

/// The end of the last line to show of a place.
fn last_line_end(text: &str, start: usize, end: usize) -> usize {
    let mut at = start;
    for _ in 0..MOST_LINES {
        let rest = text.get(at..).unwrap_or("");
        let line_end = rest.find('\n').map_or(text.len(), |newline| at + newline);
        if line_end >= end || line_end == text.len() {
            return line_end;
        }
        at = line_end + 1;
    }
    at.saturating_sub(1).max(start)
}

/// The nearest character boundary at or before a byte.
fn floor(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// A message as programs read it.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Message {
    /// The stable code.
    pub code: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// What is wrong.
    pub message: String,
    /// The file's path.
    pub file: String,
    /// First line, from 1.
    pub line: usize,
    /// First column, from 1, in characters.
    pub column: usize,
    /// Last line.
    pub end_line: usize,
    /// One past the last column.
    pub end_column: usize,
    /// Words about the place itself, if any.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub label: String,
    /// The way out.
    pub help: Option<String>,
    /// Facts that explain it.
    pub notes: Vec<String>,
    /// Other places that matter.
    pub related: Vec<Related>,
}

/// Another place of a message.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Related {
    /// What is to be seen there.
    pub message: String,
    /// The file's path.
    pub file: String,
    /// First line, from 1.
    pub line: usize,
    /// First column, from 1, in characters.
    pub column: usize,
}

/// The messages as programs read them.
pub fn messages(sources: &SourceMap, diagnostics: &[Diagnostic]) -> Vec<Message> {
    diagnostics.iter().map(|diagnostic| message(sources, diagnostic)).collect()
}

fn message(sources: &SourceMap, diagnostic: &Diagnostic) -> Message {
    let (span, label) = &diagnostic.primary;
    let (line, column) = sources.position(*span);
    let (end_line, end_column) = sources.position(Span { start: span.end, ..*span });
    let related = diagnostic.secondary.iter().map(|(span, message)| {
        let (line, column) = sources.position(*span);
        let file = sources.path(span.file).display().to_string();
        Related { message: message.clone(), file, line, column }
    });
    Message {
        code: diagnostic.code,
        severity: diagnostic.severity,
        message: diagnostic.message.clone(),
        file: sources.path(span.file).display().to_string(),
        line,
        column,
        end_line,
        end_column,
        label: label.clone(),
        help: diagnostic.help.clone(),
        notes: diagnostic.notes.clone(),
        related: related.collect(),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
mod tests {
    use super::*;
    use crate::syntax::source::FileId;

    fn sources(text: &str) -> SourceMap {
        let mut sources = SourceMap::default();
        sources.add("spec.yamen", text);
        sources
    }

    fn span(start: u32, end: u32) -> Span {
        Span { file: FileId(0), start, end }
    }

    #[test]
    fn places_anywhere_are_shown() {
        let long = format!("{}é{}", "a".repeat(50_000), "b".repeat(50_000));
        for text in ["", "a", "é", "a\nb", "a\n", long.as_str()] {
            let sources = sources(text);
            let end = u32::try_from(text.len()).unwrap();
            for (from, to) in
                [(0, 0), (0, end), (end, end), (end / 2, end / 2 + 1), (9, 3), (end, end + 9)]
            {
                let diagnostic = Diagnostic::error("code", span(from, to), "wrong")
                    .also(span(to, from), "here")
                    .also(Span { file: FileId(7), start: 0, end: 1 }, "nowhere")
                    .note("a fact")
                    .help("mend it");
                let shown = render(&sources, std::slice::from_ref(&diagnostic), false);
                assert!(shown.starts_with("error[code]: wrong"), "{shown}");
                assert!(shown.len() < 4_000, "{}", shown.len());
                assert_eq!(messages(&sources, &[diagnostic])[0].line.min(1), 1);
            }
        }
    }

    #[test]
    fn a_cut_line_keeps_its_column() {
        let sources = sources(&format!("\n{}é{}", "a".repeat(5_000), "b".repeat(5_000)));
        let diagnostic = Diagnostic::error("code", span(5_001, 5_003), "wrong");
        for colour in [false, true] {
            let shown = render(&sources, std::slice::from_ref(&diagnostic), colour);
            assert!(shown.contains("spec.yamen:2:5001"), "{shown}");
        }
    }

    #[test]
    fn programs_read_lines_and_columns() {
        let sources = sources("state a : bool\nstate é b");
        let diagnostic = Diagnostic::warning("code", span(24, 25), "wrong").help("mend it");
        let message = &messages(&sources, &[diagnostic])[0];
        assert_eq!((message.line, message.column, message.end_column), (2, 9, 10));
        let json = serde_json::to_value(message).unwrap();
        assert_eq!(json["severity"], "warning");
        assert_eq!(json["help"], "mend it");
    }
}
