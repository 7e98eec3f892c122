//! References and rename, over every spec of the project.
//!
//! A declaration is the same in two specs if it stands at the same byte of the same file. A rename
//! is offered only if it is harmless: the new name is new to every spec it touches, and none of them
//! has an error more after it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use lsp_types::{Location, Position, TextEdit, Uri, WorkspaceEdit};

use super::names::Kind;
use super::text::{Lines, uri_of};
use super::workspace::{Analysis, Changed, Document, Overlay, Workspace};
use crate::govern::files::{Disk, Files};
use crate::syntax::diagnostic::Severity;
use crate::syntax::source::Span;
use crate::syntax::token::is_reserved;

/// A place in a file, by the file's identity.
type Place = (PathBuf, u32, u32);

/// The declarations under a cursor, wherever they are, and whether they stay within this text.
struct Meant {
    name: String,
    places: BTreeSet<Place>,
    local: bool,
}

fn place(analysis: &Analysis, span: Span) -> Place {
    (Disk.identity(analysis.sources.path(span.file)), span.start, span.end)
}

fn meant(document: &Document, position: Position) -> Option<Meant> {
    let analysis = &document.analysis;
    let offset = document.lines.offset(&document.text, position);
    let occurrence = analysis.names.at(analysis.place(offset))?;
    let targets = occurrence.targets.iter();
    let known: Vec<_> =
        targets.filter_map(|target| analysis.names.declarations.get(*target)).collect();
    Some(Meant {
        name: known.first()?.name.clone(),
        places: known.iter().map(|declaration| place(analysis, declaration.at)).collect(),
        local: known.iter().all(|declaration| declaration.kind == Kind::Variable),
    })
}

/// What is known of every spec in which the declarations may be meant.
fn analyses(workspace: &Workspace, document: &Document, meant: &Meant) -> Vec<Analysis> {
    let files = Overlay(workspace);
    let one = |path: &Path, text: &str| Analysis::names_of(path, text, &files);
    if meant.local {
        return vec![one(&document.path, &document.text)];
    }
    let specs = workspace.specs();
    let named =
        specs.iter().filter(|(_, text)| text.contains(&meant.name) || text.contains("use \""));
    named.map(|(path, text)| one(path, text)).collect()
}

/// Every place where the declarations are meant: the file, its text, and the part that is the name.
fn places(analyses: &[Analysis], meant: &Meant) -> BTreeMap<Place, (PathBuf, String)> {
    let mut found = BTreeMap::new();
    for analysis in analyses {
        let declarations = analysis.names.declarations.iter().enumerate();
        let targets: Vec<usize> = declarations
            .filter(|(_, declaration)| meant.places.contains(&place(analysis, declaration.at)))
            .map(|(index, _)| index)
            .collect();
        for occurrence in analysis.names.of_targets(&targets) {
            let Some(source) = analysis.sources.get(occurrence.at.file) else { continue };
            let entry = found.entry(place(analysis, occurrence.at));
            entry.or_insert_with(|| (source.path.clone(), source.text.clone()));
        }
    }
    found
}

/// Every place where what is under the cursor is meant.
pub fn references(
    workspace: &Workspace,
    document: &Document,
    position: Position,
    with_declaration: bool,
) -> Vec<Location> {
    let Some(meant) = meant(document, position) else { return Vec::new() };
    let analyses = analyses(workspace, document, &meant);
    let found = places(&analyses, &meant).into_iter();
    let wanted = found.filter(|(place, _)| with_declaration || !meant.places.contains(place));
    let located = wanted.filter_map(|((_, start, end), (path, text))| {
        let range = Lines::of(&text).range(&text, Span { start, end, ..Span::default() });
        Some(Location { uri: address(workspace, &path)?, range })
    });
    located.collect()
}

/// The address of a file as the editor writes it, if it is open.
fn address(workspace: &Workspace, path: &Path) -> Option<Uri> {
    let identity = Disk.identity(path);
    let mut open = workspace.open();
    let open = open.find(|document| Disk.identity(&document.path) == identity);
    open.map(|document| document.uri.clone()).or_else(|| uri_of(path))
}

/// The name under the cursor, if it can be renamed at all.
pub fn renamable(document: &Document, position: Position) -> Option<(lsp_types::Range, String)> {
    let analysis = &document.analysis;
    let offset = document.lines.offset(&document.text, position);
    let occurrence = analysis.names.at(analysis.place(offset))?;
    let meant = meant(document, position)?;
    (meant.places.len() == 1)
        .then(|| (document.lines.range(&document.text, occurrence.at), meant.name))
}

/// The edits of a rename.
///
/// # Errors
/// Why it cannot be done, in words.
#[expect(clippy::mutable_key_type, reason = "the protocol's type is a map by address")]
pub fn rename(
    workspace: &Workspace,
    document: &Document,
    position: Position,
    new: &str,
) -> Result<WorkspaceEdit, String> {
    let meant = meant(document, position).ok_or("there is no name here")?;
    if meant.places.len() > 1 {
        return Err(format!("`{}` is declared in several places, which share it", meant.name));
    }
    check_name(new)?;
    let analyses = analyses(workspace, document, &meant);
    let found = places(&analyses, &meant);
    let mut texts: BTreeMap<PathBuf, String> = BTreeMap::new();
    let mut changes: std::collections::HashMap<Uri, Vec<TextEdit>> =
        std::collections::HashMap::new();
    // From the end, so that earlier places stay where they are.
    for ((identity, start, end), (path, text)) in found.iter().rev() {
        let changed = texts.entry(identity.clone()).or_insert_with(|| text.clone());
        changed.replace_range(*start as usize..*end as usize, new);
        let range =
            Lines::of(text).range(text, Span { start: *start, end: *end, ..Span::default() });
        let uri = address(workspace, path).ok_or("a file of this rename has no address")?;
        changes.entry(uri).or_default().push(TextEdit { range, new_text: new.to_owned() });
    }
    let files = Overlay(workspace);
    let changed = Changed { below: &files, texts: &texts };
    for before in &analyses {
        harmless(before, &files, &changed, new)?;
    }
    Ok(WorkspaceEdit { changes: Some(changes), ..WorkspaceEdit::default() })
}

fn check_name(name: &str) -> Result<(), String> {
    let mut characters = name.chars();
    let begins = characters.next().is_some_and(|first| first.is_alphabetic() || first == '_');
    if !begins || !characters.all(|c| c.is_alphanumeric() || c == '_') {
        return Err(format!(
            "`{name}` is no name: take letters, digits and `_`, a digit not first"
        ));
    }
    if is_reserved(name) {
        return Err(format!("`{name}` is a word of the language"));
    }
    Ok(())
}

/// A spec that the rename touches knows the new name only as the renamed one, and has no error more.
fn harmless(
    before: &Analysis,
    files: &dyn Files,
    changed: &Changed<'_>,
    new: &str,
) -> Result<(), String> {
    let touched = before
        .sources
        .iter()
        .any(|source| changed.texts.contains_key(&Disk.identity(&source.path)));
    if !touched {
        return Ok(());
    }
    let path = before.sources.path(before.file);
    let shown = path.display();
    let mut declared = before.names.declarations.iter();
    if declared.any(|declaration| declaration.name == new) || before.written_out(new).is_some() {
        return Err(format!("there is a `{new}` in `{shown}` already"));
    }
    let text = |files: &dyn Files| {
        files.read(path).ok().and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_default()
    };
    let errors = |files: &dyn Files| {
        let analysis = Analysis::of(path, &text(files), files);
        let errors = analysis.diagnostics.into_iter();
        errors.filter(|found| found.severity == Severity::Error).collect::<Vec<_>>()
    };
    let (was, is) = (errors(files), errors(changed));
    match is.first() {
        Some(first) if is.len() > was.len() => {
            Err(format!("`{shown}` would have an error: {}", first.message))
        }
        _ => Ok(()),
    }
}
