//! `yamen fmt`: the canonical layout.

use std::path::{Path, PathBuf};

use super::Failure;
use super::console::print;
use super::exit::Exit;
use super::options::Paths;
use crate::govern::files::Disk;
use crate::govern::load::load;
use crate::syntax::diagnostic::{Diagnostic, Severity};
use crate::syntax::parse;
use crate::syntax::printer::format;
use crate::syntax::source::{FileId, SourceMap};

/// Arguments of `fmt`.
#[derive(Clone, Debug, clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    paths: Paths,
    /// Change nothing; say which files have another layout, and exit with 1 if there are any.
    #[arg(long)]
    check: bool,
}

/// Lays the files out, or says which would change. A file with syntax errors is left as it is.
///
/// # Errors
/// A file cannot be read or written.
pub fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let (sources, files, faults) = read(&arguments.paths.paths);
    let mut changed = Vec::new();
    for file in files {
        let Some(source) = sources.get(file) else { continue };
        if faults.iter().any(|fault| fault.primary.0.file == file) {
            continue;
        }
        let laid_out = format(&parse(file, &source.text), &source.text);
        if laid_out != source.text {
            changed.push(source.path.clone());
            if !arguments.check {
                replace(&source.path, &laid_out)?;
            }
        }
    }
    print(&told(&changed, arguments.check))?;
    if !faults.is_empty() {
        return Err(Failure::Usage {
            troubles: Vec::new(),
            diagnostics: faults,
            sources: Box::new(sources),
        });
    }
    Ok(if arguments.check && !changed.is_empty() { Exit::NotAsExpected } else { Exit::AsExpected })
}

/// The files, and the errors that stand in the way: those of their own syntax, and files that
/// cannot be read. What is wrong with names or with files they use does not matter here.
fn read(paths: &[PathBuf]) -> (SourceMap, Vec<FileId>, Vec<Diagnostic>) {
    let loaded = load(paths, &Disk);
    let mut faults: Vec<Diagnostic> = Vec::new();
    for file in &loaded.files {
        let text = loaded.sources.get(*file).map_or("", |source| source.text.as_str());
        faults.extend(parse(*file, text).diagnostics);
    }
    let unread = |diagnostic: &&Diagnostic| !loaded.files.contains(&diagnostic.primary.0.file);
    faults.extend(loaded.diagnostics.iter().filter(unread).cloned());
    faults.retain(|fault| fault.severity == Severity::Error);
    (loaded.sources, loaded.files, faults)
}

fn told(changed: &[PathBuf], check: bool) -> String {
    let verb = if check { "would change" } else { "changed" };
    changed.iter().map(|path| format!("{verb} {}\n", path.display())).collect()
}

/// Writes beside the file (a link's target) and renames, so that a full disk costs nobody a spec.
fn replace(path: &Path, text: &str) -> Result<(), Failure> {
    let path = &path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let mut beside = path.as_os_str().to_owned();
    beside.push(".new");
    let beside = PathBuf::from(beside);
    let place = format!("`{}`", path.display());
    let result = std::fs::write(&beside, text)
        .and_then(|()| std::fs::set_permissions(&beside, std::fs::metadata(path)?.permissions()))
        .and_then(|()| std::fs::rename(&beside, path));
    result.map_err(|error| {
        let _ = std::fs::remove_file(&beside);
        Failure::output(&place, &error)
    })
}
