//! `yamen report`: verifies, and writes what came of it as pages for a browser.

use std::path::{Path, PathBuf};

use super::exit::Exit;
use super::verify::Question;
use super::{Failure, console};
use crate::report::html::{Material, Page, pages};
use crate::report::narrative::{self, Conjuncts};
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
}

/// Verifies and writes the pages.
///
/// # Errors
/// Nothing could be verified, or the pages cannot be written.
pub fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let folder = &arguments.out;
    std::fs::create_dir_all(folder).map_err(|error| Failure::unwritable(folder, &error))?;
    let (report, specs) = arguments.question.decided(true)?;
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
        sources: &specs.sources,
    });
    write(folder, &pages)?;
    let front = folder.join("index.html");
    console::print(&format!("{} files written; open {}\n", pages.len(), front.display()))?;
    Ok(Exit::of(&report))
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
