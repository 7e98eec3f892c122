//! What the server says about a text: messages, hover, definition, references, symbols, words to
//! complete, layout. Pure functions of what is known of the text.

use std::path::Path;

use lsp_types::{
    CompletionItem, CompletionItemKind, Diagnostic as Message, DiagnosticRelatedInformation,
    DiagnosticSeverity, DocumentSymbol, Hover, HoverContents, Location, MarkupContent, MarkupKind,
    NumberOrString, Position, Range, SymbolKind, TextEdit,
};

use super::names::{Declaration, Kind, declared};
use super::text::{Lines, uri_of};
use super::workspace::{Analysis, Document, Standing, printed};
use crate::report::findings::of_report;
use crate::report::outcome::{Place, Report};
use crate::report::text::{sentences, verdict};
use crate::syntax::ast::{Decl, Item};
use crate::syntax::diagnostic::{Diagnostic, Severity};
use crate::syntax::source::Span;
use crate::syntax::{parse, printer};

/// How many lines of a declaration a hover shows.
const MOST_LINES: usize = 16;

/// Every message about a text. What is wrong in a file that it uses is told at its `use`.
pub fn messages(document: &Document) -> Vec<Message> {
    let analysis = &document.analysis;
    let mut all: Vec<Message> =
        analysis.diagnostics.iter().map(|diagnostic| message(document, diagnostic)).collect();
    let standings = document.verdicts.values().filter(|standing| !standing.stale);
    all.extend(standings.flat_map(|standing| unexpected(document, standing)));
    all
}

fn message(document: &Document, diagnostic: &Diagnostic) -> Message {
    let analysis = &document.analysis;
    let (span, label) = &diagnostic.primary;
    let own = span.file == analysis.file;
    let place = if own { *span } else { first_use(analysis) };
    let away = (!own).then(|| (*span, diagnostic.message.clone()));
    let labelled = (own && !label.is_empty()).then(|| (*span, label.clone()));
    let related = away.into_iter().chain(labelled).chain(diagnostic.secondary.iter().cloned());
    let related = related.filter_map(|(span, words)| {
        Some(DiagnosticRelatedInformation { location: location(document, span)?, message: words })
    });
    let notes = diagnostic.notes.iter().map(|note| format!("\nnote: {note}"));
    let help = diagnostic.help.iter().map(|help| format!("\nhelp: {help}"));
    let text = if own {
        diagnostic.message.clone()
    } else {
        let path = analysis.sources.path(span.file).display().to_string();
        format!("in `{path}`: {}", diagnostic.message)
    };
    Message {
        range: document.lines.range(&document.text, place),
        severity: Some(severity(diagnostic.severity)),
        code: Some(NumberOrString::String(diagnostic.code.to_owned())),
        source: Some("yamen".to_owned()),
        message: notes.chain(help).fold(text, |all, more| all + &more),
        related_information: Some(related.collect()),
        ..Message::default()
    }
}

fn severity(severity: Severity) -> DiagnosticSeverity {
    match severity {
        Severity::Error => DiagnosticSeverity::ERROR,
        Severity::Warning => DiagnosticSeverity::WARNING,
        Severity::Note => DiagnosticSeverity::INFORMATION,
    }
}

fn first_use(analysis: &Analysis) -> Span {
    let mut items = analysis.items.iter();
    let used = items.find(|item| matches!(item.decl, Decl::Use { .. }));
    used.map_or(analysis.place(0), |item| item.span)
}

/// A verdict that is not the expected one, where its claim stands, with the rules of its run.
fn unexpected(document: &Document, standing: &Standing) -> Option<Message> {
    let (entries, institutions) =
        (vec![standing.entry.clone()], vec![standing.institution.clone()]);
    let report = Report { entries, institutions, ..Report::default() };
    let finding = of_report(&report).into_iter().next()?;
    let place = finding.place?;
    let related = finding.related.into_iter().filter_map(|(place, message)| {
        let location =
            Location { uri: uri_of(Path::new(&place.file))?, range: first_line_of(&place) };
        Some(DiagnosticRelatedInformation { location, message })
    });
    let line = document.text.lines().nth(place.line.saturating_sub(1)).unwrap_or_default();
    let start = first_line_of(&place).start;
    let end = Position { character: count(line.encode_utf16().count()), ..start };
    Some(Message {
        range: Range { start, end },
        severity: Some(severity(finding.severity)),
        code: Some(NumberOrString::String(finding.code.to_owned())),
        source: Some("yamen verify".to_owned()),
        message: finding.message,
        related_information: Some(related.collect()),
        ..Message::default()
    })
}

/// Where a place begins; columns of declarations are few and plain.
fn first_line_of(place: &Place) -> Range {
    let line = count(place.line.saturating_sub(1));
    let start = Position { line, character: count(place.column.saturating_sub(1)) };
    Range { start, end: start }
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// A span as a place that an editor can open.
pub fn location(document: &Document, span: Span) -> Option<Location> {
    if span.file == document.analysis.file {
        let range = document.lines.range(&document.text, span);
        return Some(Location { uri: document.uri.clone(), range });
    }
    let source = document.analysis.sources.get(span.file)?;
    let range = Lines::of(&source.text).range(&source.text, span);
    Some(Location { uri: uri_of(&source.path)?, range })
}

fn under(document: &Document, position: Position) -> Span {
    document.analysis.place(document.lines.offset(&document.text, position))
}

/// What a name is: its declaration, its documentation, its type, the last verdict about it.
pub fn hover(document: &Document, position: Position) -> Option<Hover> {
    let analysis = &document.analysis;
    let occurrence = analysis.names.at(under(document, position))?;
    let text = analysis.sources.text(occurrence.whole);
    let parts: Vec<String> = match analysis.written_out(text) {
        Some(item) if occurrence.whole != occurrence.at => vec![about_item(analysis, text, item)],
        _ => {
            let targets = occurrence.targets.iter();
            let known = targets.filter_map(|target| analysis.names.declarations.get(*target));
            known.map(|declaration| about(document, declaration)).collect()
        }
    };
    let value = parts.join("\n\n---\n\n");
    (!value.is_empty()).then(|| Hover {
        contents: HoverContents::Markup(MarkupContent { kind: MarkupKind::Markdown, value }),
        range: Some(document.lines.range(&document.text, occurrence.whole)),
    })
}

fn about(document: &Document, declaration: &Declaration) -> String {
    let analysis = &document.analysis;
    if declaration.kind == Kind::Variable {
        return format!("`{}`: a variable of this declaration", declaration.name);
    }
    let mut items = analysis.items.iter().chain(used_items(analysis));
    let item = items.find(|item| item.span == declaration.whole);
    let mut text = match item {
        Some(item) => about_item(analysis, &declaration.name, item),
        None => fenced(analysis.sources.text(declaration.whole)),
    };
    if declaration.kind == Kind::Claim {
        let of_claim = document.verdicts.iter().filter(|((_, id), _)| *id == declaration.name);
        for ((institution, _), standing) in of_claim {
            text.push_str(&format!("\n\n{}", standing_words(institution, standing)));
        }
    }
    text
}

/// Items of the files that a text uses are found among those of its institutions.
fn used_items(analysis: &Analysis) -> impl Iterator<Item = &Item> {
    analysis.institutions.iter().flat_map(|institution| &institution.items)
}

fn about_item(analysis: &Analysis, name: &str, item: &Item) -> String {
    let mut text = fenced(&printed(item));
    let defines = analysis.models.iter().flat_map(|model| {
        let named = model.defines.iter().filter(|define| define.name == name);
        named.map(move |define| crate::types::describe(model, define.body.ty))
    });
    if let (Decl::Define(_), Some(ty)) = (&item.decl, defines.into_iter().next()) {
        text.push_str(&format!("\n\n{ty}"));
    }
    if let Some(doc) = &item.doc {
        text.push_str(&format!("\n\n{doc}"));
    }
    text
}

fn fenced(text: &str) -> String {
    let lines: Vec<&str> = text.lines().take(MOST_LINES).collect();
    let more = if text.lines().count() > MOST_LINES { "\n…" } else { "" };
    format!("```yamen\n{}{more}\n```", lines.join("\n"))
}

/// A verdict in a sentence; one of an earlier text says so.
pub fn standing_words(institution: &str, standing: &Standing) -> String {
    let entry = &standing.entry;
    let stale = if standing.stale { ", before the last change" } else { "" };
    let words = sentences(entry).join("; ");
    format!("**{}**{stale} (in `{institution}`): {words}", verdict(entry))
}

/// Where a name is declared.
pub fn definition(document: &Document, position: Position) -> Vec<Location> {
    let analysis = &document.analysis;
    let Some(occurrence) = analysis.names.at(under(document, position)) else { return Vec::new() };
    let targets = occurrence.targets.iter();
    let known = targets.filter_map(|target| analysis.names.declarations.get(*target));
    known.filter_map(|declaration| location(document, declaration.at)).collect()
}

/// The declarations of a text, as an outline.
#[expect(deprecated, reason = "the protocol's type has a deprecated field that must be filled")]
pub fn symbols(document: &Document) -> Vec<DocumentSymbol> {
    let range = |span| document.lines.range(&document.text, span);
    let symbol = |name: &str, detail: Option<&str>, kind, whole, at| DocumentSymbol {
        name: name.to_owned(),
        detail: detail.map(str::to_owned),
        kind,
        tags: None,
        deprecated: None,
        range: range(whole),
        selection_range: range(at),
        children: Some(Vec::new()),
    };
    let mut all: Vec<DocumentSymbol> = Vec::new();
    let mut inside = false;
    for item in &document.analysis.items {
        let header = match &item.decl {
            Decl::Institution { name, title } => Some((name, title)),
            Decl::Reform(reform) => Some((&reform.name, &reform.title)),
            _ => None,
        };
        if let Some((name, title)) = header {
            let title = title.as_ref().map(|title| title.text.as_str());
            all.push(symbol(&name.text, title, SymbolKind::MODULE, item.span, name.span));
            inside = matches!(item.decl, Decl::Institution { .. });
            continue;
        }
        let names = declared(&item.decl).into_iter().filter(|(_, kind)| *kind != Kind::Member);
        let symbols = names.map(|(name, kind)| {
            let title = match &item.decl {
                Decl::Claim(claim) => claim.title.as_ref().map(|title| title.text.as_str()),
                _ => None,
            };
            symbol(&name.text, title, symbol_kind(kind), item.span, name.span)
        });
        match all.last_mut().filter(|_| inside) {
            Some(institution) => {
                institution.range.end = range(item.span).end;
                institution.children.iter_mut().for_each(|all| all.extend(symbols.clone()));
            }
            None => all.extend(symbols),
        }
    }
    all
}

fn symbol_kind(kind: Kind) -> SymbolKind {
    match kind {
        Kind::Param => SymbolKind::CONSTANT,
        Kind::State | Kind::Variable => SymbolKind::VARIABLE,
        Kind::Input | Kind::Tick => SymbolKind::EVENT,
        Kind::Define => SymbolKind::FUNCTION,
        Kind::Sort => SymbolKind::CLASS,
        Kind::Word => SymbolKind::NAMESPACE,
        Kind::Member => SymbolKind::ENUM_MEMBER,
        Kind::Rule => SymbolKind::METHOD,
        Kind::Claim => SymbolKind::INTERFACE,
        Kind::Assumption => SymbolKind::PROPERTY,
        Kind::Source => SymbolKind::STRING,
        Kind::Institution => SymbolKind::MODULE,
    }
}

/// Words that open a declaration.
const OPENING: [&str; 29] = [
    "institution",
    "source",
    "use",
    "param",
    "enum",
    "position",
    "hierarchy",
    "chain",
    "person",
    "holds",
    "state",
    "init",
    "define",
    "choice",
    "env",
    "sees",
    "rule",
    "practice",
    "norm",
    "accountability",
    "promotion",
    "rotate",
    "campaign",
    "tick",
    "payoff",
    "assume",
    "fair",
    "scenario",
    "claim",
];

/// Words within one.
const WITHIN: [&str; 46] = [
    "always",
    "never",
    "eventually",
    "possible",
    "recurs",
    "settles",
    "valid",
    "next",
    "once",
    "historically",
    "previously",
    "since",
    "until",
    "within",
    "leads to",
    "and",
    "or",
    "not",
    "implies",
    "iff",
    "if",
    "then",
    "else",
    "all",
    "some",
    "count",
    "sum",
    "min",
    "max",
    "mod",
    "in",
    "when",
    "where",
    "by",
    "for",
    "true",
    "false",
    "bool",
    "int",
    "real",
    "knows",
    "detects",
    "deniable to",
    "expect proved",
    "expect refuted",
    "overrides",
];

/// What may be written at a place: the words that open a declaration at the start of a line, else
/// the names of the text and the words that stand within.
pub fn completions(document: &Document, position: Position) -> Vec<CompletionItem> {
    let offset = document.lines.offset(&document.text, position);
    let before = document.text.get(..offset).unwrap_or_default();
    let line = before.rsplit('\n').next().unwrap_or_default();
    let starts = line.chars().all(|c| c.is_alphanumeric() || c == '_');
    let word = |word: &&str| CompletionItem {
        label: (*word).to_owned(),
        kind: Some(CompletionItemKind::KEYWORD),
        ..CompletionItem::default()
    };
    if starts {
        return OPENING.iter().map(word).collect();
    }
    let analysis = &document.analysis;
    let mut names: Vec<CompletionItem> = analysis
        .names
        .declarations
        .iter()
        .filter(|declaration| {
            let place = analysis.place(offset);
            let scope =
                declaration.whole.start <= place.start && place.start <= declaration.whole.end;
            declaration.kind != Kind::Variable || scope
        })
        .map(|declaration| CompletionItem {
            label: declaration.name.clone(),
            kind: Some(completion_kind(declaration.kind)),
            detail: first_line(analysis, declaration),
            ..CompletionItem::default()
        })
        .collect();
    names.extend(brought(analysis));
    names.sort_by(|a, b| a.label.cmp(&b.label));
    names.dedup_by(|a, b| a.label == b.label);
    names.extend(WITHIN.iter().map(word));
    names
}

/// Names that governance words bring, such as `rectify.active`.
fn brought(analysis: &Analysis) -> impl Iterator<Item = CompletionItem> {
    used_items(analysis).flat_map(|item| {
        let names = declared(&item.decl).into_iter().filter(|(name, _)| name.text.contains('.'));
        names.map(|(name, kind)| CompletionItem {
            label: name.text.clone(),
            kind: Some(completion_kind(kind)),
            detail: item.doc.as_ref().and_then(|doc| doc.lines().next()).map(str::to_owned),
            ..CompletionItem::default()
        })
    })
}

fn completion_kind(kind: Kind) -> CompletionItemKind {
    match kind {
        Kind::Param => CompletionItemKind::CONSTANT,
        Kind::Define => CompletionItemKind::FUNCTION,
        Kind::Sort => CompletionItemKind::CLASS,
        Kind::Member => CompletionItemKind::ENUM_MEMBER,
        Kind::Rule => CompletionItemKind::METHOD,
        Kind::Word | Kind::Institution => CompletionItemKind::MODULE,
        _ => CompletionItemKind::VARIABLE,
    }
}

fn first_line(analysis: &Analysis, declaration: &Declaration) -> Option<String> {
    let text = analysis.sources.text(declaration.whole);
    text.lines().next().map(str::to_owned)
}

/// The canonical layout, as one edit; nothing while the text has errors of syntax.
pub fn layout(document: &Document) -> Vec<TextEdit> {
    let parsed = parse(document.analysis.file, &document.text);
    let broken = parsed.diagnostics.iter().any(|found| found.severity == Severity::Error);
    let laid_out = printer::format(&parsed, &document.text);
    if broken || laid_out == document.text {
        return Vec::new();
    }
    vec![TextEdit { range: document.lines.all(&document.text), new_text: laid_out }]
}
