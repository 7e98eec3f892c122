//! Loading: paths to institutions, each with all its declarations.
//!
//! A folder stands for every `.yamen` file below it. `use "path"` is read
//! relative to the file that says it; it splices the *parts* of that file (the
//! declarations before its first institution) and makes its institutions known
//! as bases of reforms. What several ways lead to is taken once, so that cycles
//! of `use` do no harm. Only institutions of the files asked for are verified.
//!
//! Bad input is data: whatever cannot be read is a diagnostic, and everything
//! else is loaded all the same.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use super::files::{Files, MAX_BYTES};
use super::gather::Library;
use crate::syntax::ast::{Decl, Institution, Item, Text};
use crate::syntax::diagnostic::{Diagnostic, Severity};
use crate::syntax::parse;
use crate::syntax::source::{FileId, SourceMap, Span};

/// What was loaded.
#[derive(Clone, Debug, Default)]
pub struct Loaded {
    /// Every file read, those that could not be read included (with the text read so far).
    pub sources: SourceMap,
    /// The files asked for, in order.
    pub files: Vec<FileId>,
    /// The institutions and reforms of those files, governance words and all.
    pub institutions: Vec<Institution>,
    /// What is wrong.
    pub diagnostics: Vec<Diagnostic>,
}

impl Loaded {
    /// Is anything wrong that must be mended first?
    pub fn has_errors(&self) -> bool {
        self.diagnostics.iter().any(|d| d.severity == Severity::Error)
    }
}

/// Loads the institutions of some files and folders.
pub fn load(paths: &[PathBuf], files: &dyn Files) -> Loaded {
    let mut loader = Loader::new(files);
    let mut roots = Vec::new();
    for path in paths {
        for file in loader.files_of(path) {
            let index = loader.read(&file, None);
            roots.extend(index.filter(|index| !roots.contains(index)));
        }
    }
    loader.finish(&roots)
}

/// Loads one file whose text is at hand, such as an editor's buffer; `use` reads from `files`.
pub fn load_text(path: &Path, text: &str, files: &dyn Files) -> Loaded {
    let mut loader = Loader::new(files);
    let root = loader.take(path, text.as_bytes().to_vec());
    loader.finish(root.as_slice())
}

struct Loader<'a> {
    files: &'a dyn Files,
    sources: SourceMap,
    /// Files by identity; `None` for those that could not be read.
    known: BTreeMap<PathBuf, Option<usize>>,
    library: Library,
    diagnostics: Vec<Diagnostic>,
}

impl<'a> Loader<'a> {
    fn new(files: &'a dyn Files) -> Self {
        Loader {
            files,
            sources: SourceMap::default(),
            known: BTreeMap::new(),
            library: Library::default(),
            diagnostics: Vec::new(),
        }
    }

    fn finish(mut self, roots: &[usize]) -> Loaded {
        let institutions = self.library.institutions(roots, &mut self.diagnostics);
        let ids = roots.iter().filter_map(|root| self.library.id(*root)).collect();
        Loaded { sources: self.sources, files: ids, institutions, diagnostics: self.diagnostics }
    }

    /// The specs that a path given by the user stands for.
    fn files_of(&mut self, path: &Path) -> Vec<PathBuf> {
        if !self.files.is_folder(path) {
            return vec![path.to_owned()];
        }
        let mut found = Vec::new();
        let mut seen = Vec::new();
        self.walk(path, &mut seen, &mut found);
        if found.is_empty() {
            let span = self.nowhere(path);
            let message = format!("there is no `.yamen` file in `{}`", path.display());
            self.diagnostics.push(
                Diagnostic::error("no-specs", span, message)
                    .help("give a folder with specs, or a `.yamen` file"),
            );
        }
        found
    }

    /// Every spec below a folder, sorted; hidden folders are passed over, links followed once.
    fn walk(&mut self, folder: &Path, seen: &mut Vec<PathBuf>, found: &mut Vec<PathBuf>) {
        let identity = self.files.identity(folder);
        if seen.contains(&identity) {
            return;
        }
        seen.push(identity);
        let mut entries = match self.files.list(folder) {
            Ok(entries) => entries,
            Err(error) => {
                let span = self.nowhere(folder);
                self.diagnostics.push(unreadable(folder, &error, span));
                return;
            }
        };
        entries.sort();
        for entry in entries.into_iter().filter(|entry| !hidden(entry)) {
            if self.files.is_folder(&entry) {
                stacker::maybe_grow(64 * 1024, 1024 * 1024, || self.walk(&entry, seen, found));
            } else if entry.extension().is_some_and(|extension| extension == "yamen") {
                found.push(entry);
            }
        }
    }

    /// A place for messages about something that has no text.
    fn nowhere(&mut self, path: &Path) -> Span {
        Span { file: self.sources.add(path, ""), start: 0, end: 0 }
    }

    /// Reads a file once, and all that it uses; `from` is the path of the `use` that asks for it.
    fn read(&mut self, path: &Path, from: Option<&Text>) -> Option<usize> {
        let identity = self.files.identity(path);
        if let Some(known) = self.known.get(&identity) {
            return *known;
        }
        let outcome = match self.files.is_folder(path) {
            true => Err(io::Error::other("it is a folder")),
            false => self.files.read(path),
        };
        let bytes = match outcome {
            Ok(bytes) => bytes,
            Err(error) => {
                let span = from.map_or_else(|| self.nowhere(path), |text| text.span);
                self.diagnostics.push(unreadable(path, &error, span));
                self.known.insert(identity, None);
                return None;
            }
        };
        stacker::maybe_grow(64 * 1024, 1024 * 1024, || self.take(path, bytes))
    }

    /// Parses the bytes of a file.
    fn take(&mut self, path: &Path, bytes: Vec<u8>) -> Option<usize> {
        let identity = self.files.identity(path);
        let text = match text_of(bytes) {
            Ok(text) => text,
            Err(bad) => {
                let file = self.sources.add(path, bad.text);
                let span = Span { file, start: bad.start, end: bad.end };
                self.diagnostics.push(Diagnostic { primary: (span, bad.label), ..bad.diagnostic });
                self.known.insert(identity, None);
                return None;
            }
        };
        let id = self.sources.add(path, text.clone());
        let parsed = parse(id, &text);
        self.diagnostics.extend(parsed.diagnostics);
        let index = self.library.add(id, Vec::new());
        self.known.insert(identity, Some(index));
        let items = self.follow(path, parsed.file.items, index);
        self.library.fill(index, items);
        Some(index)
    }

    /// Reads what a file uses.
    fn follow(&mut self, path: &Path, items: Vec<Item>, index: usize) -> Vec<Item> {
        let folder = path.parent().unwrap_or(Path::new("")).to_owned();
        for item in &items {
            if let Decl::Use { path } = &item.decl {
                let named = super::files::normal(&folder.join(&path.text));
                // The folder that one is in has no other name.
                let here = named.as_os_str().is_empty();
                let used = self.read(if here { Path::new(".") } else { &named }, Some(path));
                self.library.link(index, item.span, used);
            }
        }
        items
    }
}

fn hidden(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'))
}

fn unreadable(path: &Path, error: &io::Error, span: Span) -> Diagnostic {
    let shown = path.display();
    match error.kind() {
        io::ErrorKind::NotFound => {
            Diagnostic::error("missing-file", span, format!("`{shown}` does not exist")).help(
                "check the path; `use` paths start from the folder of the file that says them",
            )
        }
        io::ErrorKind::PermissionDenied => Diagnostic::error(
            "unreadable-file",
            span,
            format!("`{shown}` may not be read: permission denied"),
        )
        .help("ask for the right to read it"),
        _ => {
            Diagnostic::error("unreadable-file", span, format!("`{shown}` cannot be read: {error}"))
                .help("give a `.yamen` file, or a folder with such files")
        }
    }
}

/// Why some bytes are no text, and as much of the text as there is.
struct BadText {
    text: String,
    start: u32,
    end: u32,
    label: String,
    diagnostic: Diagnostic,
}

fn text_of(bytes: Vec<u8>) -> Result<String, Box<BadText>> {
    if bytes.len() > MAX_BYTES {
        let most = MAX_BYTES / (1024 * 1024);
        let message = format!("this file is too large: a spec has at most {most} MiB");
        return Err(bad("file-too-large", String::new(), 0, "", message));
    }
    let text = match String::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => {
            let at = error.utf8_error().valid_up_to();
            let byte = error.as_bytes().get(at).copied().unwrap_or_default();
            let text = String::from_utf8_lossy(error.as_bytes()).into_owned();
            let message = format!("this file is not UTF-8 text: byte {byte:#04x} at offset {at}");
            return Err(bad("not-utf-8", text, at, "not UTF-8 from here", message));
        }
    };
    match text.find('\0') {
        Some(at) => {
            let message = format!("this file holds a NUL byte, at offset {at}, so it is no text");
            Err(bad("nul-byte", text, at, "here", message))
        }
        None => Ok(text.strip_prefix('\u{feff}').map_or(text.clone(), str::to_owned)),
    }
}

fn bad(code: &'static str, text: String, at: usize, label: &str, message: String) -> Box<BadText> {
    let help = match code {
        "file-too-large" => "divide it, and share what is common by `use`",
        _ => "save it as UTF-8 text",
    };
    let start = u32::try_from(at).unwrap_or(u32::MAX);
    let width = text.get(at..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
    let end = start.saturating_add(u32::try_from(width).unwrap_or(0));
    let diagnostic = Diagnostic::error(code, Span::default(), message).help(help);
    Box::new(BadText { text, start, end, label: label.to_owned(), diagnostic })
}
