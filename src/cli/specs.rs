//! From paths to institutions in the core language, or to everything that is wrong with them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use crate::govern;
use crate::govern::files::Disk;
use crate::govern::load::load;
use crate::report::diagnostics::Trouble;
use crate::syntax::ast::{Decl, Institution, Item};
use crate::syntax::diagnostic::{Diagnostic, Severity};
use crate::syntax::source::{FileId, SourceMap};
use crate::types::core::Model;
use crate::types::{self, Assignment};

use super::Failure;
use super::options::Setting;

/// Institutions with their governance words written out.
pub struct Specs {
    /// Every file read.
    pub sources: SourceMap,
    /// The files asked for.
    pub files: Vec<FileId>,
    /// Their institutions, as their authors wrote them.
    pub written: Vec<Institution>,
    /// Their institutions.
    pub institutions: Vec<Institution>,
    /// Everything found wrong so far, errors among it.
    pub diagnostics: Vec<Diagnostic>,
}

impl Specs {
    /// Loads the specs and goes as far with them as their errors allow.
    pub fn load(paths: &[PathBuf]) -> Specs {
        let loaded = load(paths, &Disk);
        let mut specs = Specs {
            sources: loaded.sources,
            files: loaded.files,
            written: loaded.institutions,
            institutions: Vec::new(),
            diagnostics: loaded.diagnostics,
        };
        for institution in &specs.written {
            let (core, found) = govern::elaborate(institution);
            specs.institutions.push(core);
            specs.diagnostics.extend(found);
        }
        specs
    }

    /// Parameter values as the checker takes them.
    ///
    /// # Errors
    /// No institution has a parameter of that name, or one is set twice.
    pub fn assignment(&self, settings: &[Setting], all: bool) -> Result<Assignment, Failure> {
        let known = self.parameters();
        if let Some(message) = set_twice(settings) {
            return Err(Failure::usage(Trouble::new("twice", message)));
        }
        for Setting { name, .. } in settings {
            if !known.contains(name.as_str()) && !self.institutions.is_empty() {
                return Err(Failure::usage(unknown_parameter(name, &known)));
            }
        }
        let values = settings.iter().map(|setting| (setting.name.clone(), setting.value.clone()));
        Ok(Assignment { values: values.collect::<BTreeMap<_, _>>(), all })
    }

    /// Whether there is any institution.
    ///
    /// # Errors
    /// There is none.
    pub fn has_some(&self) -> Result<(), Failure> {
        if self.institutions.is_empty() {
            let trouble = Trouble::new("no-institution", "there is no institution in this file");
            return Err(Failure::usage(trouble.help("begin one with `institution NAME`")));
        }
        Ok(())
    }

    /// Keeps one institution only: the one of that name, or the only one there is.
    ///
    /// # Errors
    /// There is none of that name, or several without a name given.
    pub fn only(&mut self, name: Option<&str>) -> Result<(), Failure> {
        let names: Vec<String> =
            self.institutions.iter().map(|institution| institution.name.text.clone()).collect();
        let listed = || names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
        let wanted = match (name, names.as_slice()) {
            (Some(name), all) if all.iter().any(|one| one == name) => name.to_owned(),
            (None, [one]) => one.clone(),
            (_, []) if self.has_errors() => return Ok(()),
            (_, []) => return self.has_some(),
            (Some(name), _) => {
                let message = format!("there is no institution `{name}` in this file");
                let trouble = Trouble::new("unknown-institution", message);
                return Err(Failure::usage(trouble.help(format!("there are {}", listed()))));
            }
            (None, _) => {
                let message = format!("this file has several institutions: {}", listed());
                let trouble = Trouble::new("several-institutions", message);
                return Err(Failure::usage(trouble.help("say which with --institution NAME")));
            }
        };
        self.institutions.retain(|institution| institution.name.text == wanted);
        Ok(())
    }

    /// The model of the only institution.
    ///
    /// # Errors
    /// Something is wrong with the spec.
    pub fn model(mut self, given: &Assignment) -> Result<(Model, SourceMap), Failure> {
        let models = self.check(given);
        match models.into_iter().next() {
            Some(model) if !self.has_errors() => Ok((model, self.sources)),
            _ => Err(self.into_failure()),
        }
    }

    fn parameters(&self) -> BTreeSet<&str> {
        let items = self.institutions.iter().flat_map(|institution| &institution.items);
        items.filter_map(parameter).collect()
    }

    /// Types every institution of a file without errors so far, and adds what is found wrong.
    pub fn check(&mut self, given: &Assignment) -> Vec<Model> {
        let faulty: BTreeSet<FileId> = self
            .diagnostics
            .iter()
            .filter(|diagnostic| diagnostic.severity == Severity::Error)
            .map(|diagnostic| diagnostic.primary.0.file)
            .collect();
        let mut models = Vec::new();
        for institution in &self.institutions {
            if !faulty.contains(&institution.span.file) {
                let checked = types::check(institution, given);
                models.extend(checked.model);
                self.diagnostics.extend(checked.diagnostics);
            }
        }
        self.settle();
        models
    }

    /// In the order of the files, each message once.
    fn settle(&mut self) {
        let mut kept: Vec<Diagnostic> = Vec::new();
        for diagnostic in self.diagnostics.drain(..) {
            if !kept.contains(&diagnostic) {
                kept.push(diagnostic);
            }
        }
        kept.sort_by_key(|diagnostic| diagnostic.primary.0);
        self.diagnostics = kept;
    }

    /// Adds messages.
    pub fn add(&mut self, diagnostics: Vec<Diagnostic>) {
        self.diagnostics.extend(diagnostics);
        self.settle();
    }

    /// Whether anything is wrong that must be mended first.
    pub fn has_errors(&self) -> bool {
        self.diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error)
    }

    /// These specs as the reason for which nothing was done.
    pub fn into_failure(mut self) -> Failure {
        self.settle();
        Failure::Usage {
            troubles: Vec::new(),
            diagnostics: self.diagnostics,
            sources: Box::new(self.sources),
        }
    }
}

/// The name of a parameter's declaration.
fn parameter(item: &Item) -> Option<&str> {
    match &item.decl {
        Decl::Param(param) => Some(param.name.text.as_str()),
        _ => None,
    }
}

/// Two values for one parameter, of which nobody can say which is meant.
fn set_twice(settings: &[Setting]) -> Option<String> {
    settings.iter().enumerate().find_map(|(n, Setting { name, value })| {
        let before = settings.iter().take(n).find(|earlier| earlier.name == *name)?;
        Some(format!("`{name}` is set twice: to `{}` and to `{value}`", before.value))
    })
}

fn unknown_parameter(name: &str, known: &BTreeSet<&str>) -> Trouble {
    let trouble = Trouble::new("unknown-parameter", format!("there is no parameter `{name}`"));
    let near = known
        .iter()
        .map(|other| (strsim::jaro_winkler(name, other), other))
        .filter(|(nearness, _)| *nearness > 0.8)
        .max_by(|a, b| a.0.total_cmp(&b.0));
    match near {
        Some((_, other)) => trouble.help(format!("did you mean `{other}`?")),
        None if known.is_empty() => trouble.help("these specs have no parameters"),
        None => {
            let names: Vec<String> = known.iter().map(|name| format!("`{name}`")).collect();
            trouble.help(format!("there are {}", names.join(", ")))
        }
    }
}
