//! `yamen report`: verifies, and writes what came of it as pages for a browser.

use std::path::{Path, PathBuf};

use super::exit::Exit;
use super::specs::Specs;
use super::verify::Question;
use super::{Failure, console, explain, sweep};
use crate::report::diagnostics::Trouble;
use crate::report::html::{Material, Page, pages};
use crate::report::narrative::{self, Conjuncts};
use crate::report::phase::Phase;
use crate::sweep::merge::merge;
use crate::sweep::outcome::Sweep;
use crate::sweep::phase::phase;
use crate::syntax::ast::Institution;
use crate::types;

/// Arguments of `report`.
#[derive(Clone, Debug, clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    question: Question,
    /// The folder to write the pages to; open its index.html. What it has of the same names is
    /// written over.
    #[arg(short, long, value_name = "DIR")]
    out: PathBuf,
    /// Draw the sweep in this file, or the sweeps in the JSON files of this folder, on the pages of
    /// their claims, as `yamen sweep --format json --out FILE` writes them; repeatable.
    #[arg(long, value_name = "PATH")]
    sweeps: Vec<PathBuf>,
    /// Take out each rule, practice, assumption and fairness in turn, and say on the pages of the
    /// claims what becomes of them. This verifies the specs once more for each.
    #[arg(long)]
    without_each: bool,
}

/// Verifies and writes the pages.
///
/// # Errors
/// Nothing could be verified, or the pages cannot be written.
pub fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let folder = &arguments.out;
    std::fs::create_dir_all(folder).map_err(|error| Failure::unwritable(folder, &error))?;
    let phases = match arguments.sweeps.as_slice() {
        [] => Vec::new(),
        paths => drawn(&arguments.question.loaded(), read(paths)?)?,
    };
    let (report, specs) = arguments.question.decided(true)?;
    let without = match arguments.without_each {
        true => explain::tables(&arguments.question.options(), &specs, &report),
        false => Vec::new(),
    };
    let given = arguments.question.assignment(&specs)?;
    let models: Vec<_> = specs
        .institutions
        .iter()
        .filter_map(|institution| types::check(institution, &given).model)
        .collect();
    let stories = narrative::stories(&report, &specs.institutions, &Conjuncts::new());
    let pages = pages(Material {
        report: &report,
        written: &specs.written,
        models: &models,
        stories: &stories,
        phases: &phases,
        without: &without,
        sources: &specs.sources,
    });
    write(folder, &pages)?;
    let front = folder.join("index.html");
    console::print(&format!("{} files written; open {}\n", pages.len(), front.display()))?;
    Ok(Exit::of(&report))
}

/// The sweeps in files, and in the JSON files of folders.
fn read(paths: &[PathBuf]) -> Result<Vec<(PathBuf, Sweep)>, Failure> {
    let mut files = Vec::new();
    for path in paths {
        if path.is_dir() {
            files.extend(listed(path)?);
        } else {
            files.push(path.clone());
        }
    }
    let read = |file: PathBuf| match merge(std::slice::from_ref(&file)) {
        Ok(merged) => Ok((file, merged.sweep)),
        Err(refusal) => Err(Failure::usage(Trouble::new("sweep", refusal.to_string()))),
    };
    files.into_iter().map(read).collect()
}

fn listed(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let unreadable = |error: std::io::Error| {
        let message = format!("`{}` cannot be read: {error}", folder.display());
        Failure::usage(Trouble::new("sweep", message))
    };
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        if path.extension().is_some_and(|extension| extension == "json") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// What is drawn of the sweeps of these specs. A sweep of a text that is another one now says nothing of it.
fn drawn(specs: &Specs, sweeps: Vec<(PathBuf, Sweep)>) -> Result<Vec<Phase>, Failure> {
    let mut phases = Vec::new();
    for (path, mut sweep) in sweeps {
        let named = |one: &&Institution| one.name.text == sweep.head.institution;
        let files: Vec<PathBuf> = (specs.written.iter().filter(named))
            .map(|one| specs.sources.path(one.span.file).to_owned())
            .collect();
        let is_of = |file: &PathBuf| {
            sweep::hash(&Specs::load(std::slice::from_ref(file)).sources) == sweep.head.hash
        };
        if files.iter().any(is_of) {
            sweep.forget_times();
            phases.push(phase(&sweep));
        } else if let Some(file) = files.first() {
            let (path, file) = (path.display(), file.display());
            let message = format!("`{path}` is a sweep of another text of `{file}`");
            let trouble = Trouble::new("sweep", message);
            return Err(Failure::usage(trouble.help("sweep again, or remove it")));
        }
    }
    Ok(phases)
}

fn write(folder: &Path, pages: &[Page]) -> Result<(), Failure> {
    for page in pages {
        let path = folder.join(&page.path);
        let failed = |error| Failure::output(&format!("`{}`", path.display()), &error);
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent).map_err(failed)?;
        }
        std::fs::write(&path, &page.text).map_err(failed)?;
    }
    Ok(())
}
