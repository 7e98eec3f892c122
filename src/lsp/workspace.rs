//! The texts that an editor has open, over those on disk, and what is known of each.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use lsp_types::Uri;

use super::names::Names;
use super::text::{Lines, path_of};
use crate::govern;
use crate::govern::files::{Disk, Files};
use crate::govern::load::load_text;
use crate::report::outcome::{Entry, InstitutionReport};
use crate::syntax::ast::{File, Institution, Item};
use crate::syntax::diagnostic::{Diagnostic, Severity};
use crate::syntax::source::{FileId, SourceMap, Span};
use crate::syntax::{parse, printer};
use crate::types::core::Model;
use crate::types::{self, Assignment};

/// How many specs of a folder are looked through for a name.
const MOST_FILES: usize = 2000;

/// What an editor has open, and where its project is.
#[derive(Debug, Default)]
pub struct Workspace {
    /// The project's folders.
    roots: Vec<PathBuf>,
    /// Counts the changes of any text.
    pub version: u64,
    documents: BTreeMap<String, Document>,
}

/// An open text.
#[derive(Debug)]
pub struct Document {
    /// Its address, as the editor writes it.
    pub uri: Uri,
    /// Its path.
    pub path: PathBuf,
    /// Its text.
    pub text: String,
    /// Where its lines begin.
    pub lines: Lines,
    /// What is known of this very text.
    pub analysis: Analysis,
    /// What was decided of its claims, by institution and name.
    pub verdicts: BTreeMap<(String, String), Standing>,
}

/// What was decided of a claim.
#[derive(Clone, Debug)]
pub struct Standing {
    /// The report's entry.
    pub entry: Entry,
    /// The institution, with the places of its rules.
    pub institution: InstitutionReport,
    /// Some text changed since.
    pub stale: bool,
}

/// What is known of a text.
#[derive(Clone, Debug, Default)]
pub struct Analysis {
    /// The text and all that it uses.
    pub sources: SourceMap,
    /// The text itself.
    pub file: FileId,
    /// Its declarations.
    pub items: Vec<Item>,
    /// Its institutions, with governance words written out.
    pub institutions: Vec<Institution>,
    /// The models of those without errors.
    pub models: Vec<Model>,
    /// What is wrong.
    pub diagnostics: Vec<Diagnostic>,
    /// Its names.
    pub names: Names,
}

impl Analysis {
    /// Reads and checks a text; what it uses comes from `files`.
    pub fn of(path: &Path, text: &str, files: &dyn Files) -> Analysis {
        let mut analysis = Analysis::names_of(path, text, files);
        let faulty = analysis.has_errors();
        for institution in &analysis.institutions {
            if !faulty {
                let checked = types::check(institution, &Assignment::default());
                analysis.models.extend(checked.model);
                analysis.diagnostics.extend(checked.diagnostics);
            }
        }
        analysis.diagnostics.sort_by_key(|diagnostic| diagnostic.primary.0);
        analysis.diagnostics.dedup();
        analysis
    }

    /// Reads a text as far as its names, without types.
    pub fn names_of(path: &Path, text: &str, files: &dyn Files) -> Analysis {
        let loaded = load_text(path, text, files);
        let file = loaded.files.first().copied().unwrap_or_default();
        let items = parse(file, text).file.items;
        let names = Names::of(&loaded, &items);
        let mut analysis = Analysis {
            sources: loaded.sources,
            file,
            items,
            names,
            diagnostics: loaded.diagnostics,
            ..Analysis::default()
        };
        for institution in &loaded.institutions {
            let (core, found) = govern::elaborate(institution);
            analysis.institutions.push(core);
            analysis.diagnostics.extend(found);
        }
        analysis
    }

    /// Whether anything must be mended before it can be verified.
    pub fn has_errors(&self) -> bool {
        self.diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error)
    }

    /// The declaration of a core name that a governance word brings.
    pub fn written_out(&self, name: &str) -> Option<&Item> {
        let mut items = self.institutions.iter().flat_map(|institution| &institution.items);
        items.find(|item| {
            super::names::declared(&item.decl).iter().any(|(declared, _)| declared.text == name)
        })
    }

    /// A byte of the text as a place.
    pub fn place(&self, byte: usize) -> Span {
        let byte = u32::try_from(byte).unwrap_or(u32::MAX);
        Span { file: self.file, start: byte, end: byte }
    }
}

/// A declaration in its canonical layout, without its documentation.
pub fn printed(item: &Item) -> String {
    let item = Item { doc: None, ..item.clone() };
    printer::print(&File { items: vec![item] }).trim_end().to_owned()
}

impl Workspace {
    /// A project in these folders, nothing open.
    pub fn new(roots: Vec<PathBuf>) -> Workspace {
        Workspace { roots, ..Workspace::default() }
    }

    /// Takes in a text that was opened or changed. Verdicts of all open texts are then of the past:
    /// a text may use another.
    pub fn set(&mut self, uri: &Uri, text: String) {
        let text = text.strip_prefix('\u{feff}').map_or(text.clone(), str::to_owned);
        let path = path_of(uri);
        let known = self.documents.remove(uri.as_str());
        let verdicts = known.map(|known| known.verdicts).unwrap_or_default();
        let document = Document {
            uri: uri.clone(),
            lines: Lines::of(&text),
            analysis: Analysis::default(),
            path,
            text,
            verdicts,
        };
        self.documents.insert(uri.as_str().to_owned(), document);
        self.age();
    }

    /// Checks a text anew.
    pub fn analyse(&mut self, uri: &Uri) {
        let Some(document) = self.documents.get(uri.as_str()) else { return };
        let analysis = Analysis::of(&document.path, &document.text, &Overlay(self));
        if let Some(document) = self.documents.get_mut(uri.as_str()) {
            document.analysis = analysis;
        }
    }

    /// Verdicts so far are of texts that may not be these any more.
    pub fn age(&mut self) {
        self.version += 1;
        for document in self.documents.values_mut() {
            document.verdicts.values_mut().for_each(|standing| standing.stale = true);
        }
    }

    /// Forgets a text; what is on disk counts again.
    pub fn close(&mut self, uri: &Uri) {
        self.documents.remove(uri.as_str());
    }

    /// An open text.
    pub fn get(&self, uri: &Uri) -> Option<&Document> {
        self.documents.get(uri.as_str())
    }

    /// An open text, to be changed.
    pub fn get_mut(&mut self, uri: &Uri) -> Option<&mut Document> {
        self.documents.get_mut(uri.as_str())
    }

    /// All open texts.
    pub fn open(&self) -> impl Iterator<Item = &Document> {
        self.documents.values()
    }

    /// Every spec of the project: those that are open, and those below its folders.
    pub fn specs(&self) -> Vec<(PathBuf, String)> {
        let mut specs: BTreeMap<PathBuf, (PathBuf, String)> = BTreeMap::new();
        let mut folders = self.roots.clone();
        while let Some(folder) = folders.pop() {
            for path in Disk.list(&folder).unwrap_or_default() {
                let hidden =
                    path.file_name().is_none_or(|name| name.to_string_lossy().starts_with('.'));
                if hidden || path.is_symlink() || specs.len() >= MOST_FILES {
                    continue;
                }
                if Disk.is_folder(&path) {
                    folders.push(path);
                } else if path.extension().is_some_and(|extension| extension == "yamen")
                    && let Ok(text) = std::fs::read_to_string(&path)
                {
                    specs.insert(Disk.identity(&path), (path, text));
                }
            }
        }
        for document in self.documents.values() {
            let opened = (document.path.clone(), document.text.clone());
            specs.insert(Disk.identity(&document.path), opened);
        }
        specs.into_values().collect()
    }
}

/// Open texts over those on disk.
pub struct Overlay<'a>(pub &'a Workspace);

impl Files for Overlay<'_> {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        let identity = Disk.identity(path);
        let mut documents = self.0.documents.values();
        match documents.find(|document| Disk.identity(&document.path) == identity) {
            Some(document) => Ok(document.text.clone().into_bytes()),
            None => Disk.read(path),
        }
    }

    fn list(&self, folder: &Path) -> io::Result<Vec<PathBuf>> {
        Disk.list(folder)
    }

    fn is_folder(&self, path: &Path) -> bool {
        Disk.is_folder(path)
    }

    fn identity(&self, path: &Path) -> PathBuf {
        Disk.identity(path)
    }
}

/// Some texts over others, to try out a change.
pub struct Changed<'a> {
    /// What lies below.
    pub below: &'a dyn Files,
    /// The changed texts, by identity.
    pub texts: &'a BTreeMap<PathBuf, String>,
}

impl Files for Changed<'_> {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        match self.texts.get(&self.identity(path)) {
            Some(text) => Ok(text.clone().into_bytes()),
            None => self.below.read(path),
        }
    }

    fn list(&self, folder: &Path) -> io::Result<Vec<PathBuf>> {
        self.below.list(folder)
    }

    fn is_folder(&self, path: &Path) -> bool {
        self.below.is_folder(path)
    }

    fn identity(&self, path: &Path) -> PathBuf {
        self.below.identity(path)
    }
}
