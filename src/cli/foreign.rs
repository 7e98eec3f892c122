//! Files of other tools, as verbs take them.

use std::path::{Path, PathBuf};

use clap::builder::{PossibleValuesParser, TypedValueParser};

use super::Failure;
use super::failure::reason;
use crate::exchange::{self, Foreign, Format};
use crate::report::diagnostics::Trouble;
use crate::syntax::source::SourceMap;

/// Reads the name of a format.
pub fn format() -> impl TypedValueParser<Value = Format> {
    let named = |name: &str| Format::ALL.into_iter().find(|format| format.name() == name);
    PossibleValuesParser::new(Format::ALL.map(Format::name))
        .try_map(move |name| named(&name).ok_or("no such format"))
}

/// The files of other tools, by their endings or all of them in a format that was given; and the
/// other paths.
pub fn split(paths: &[PathBuf], from: Option<Format>) -> (Vec<(PathBuf, Format)>, Vec<PathBuf>) {
    let (mut foreign, mut rest) = (Vec::new(), Vec::new());
    for path in paths {
        match from.or_else(|| Format::of_path(path)) {
            Some(format) if !path.is_dir() => foreign.push((path.clone(), format)),
            _ => rest.push(path.clone()),
        }
    }
    (foreign, rest)
}

/// Reads the files.
///
/// # Errors
/// Everything that is wrong with them.
pub fn load(files: &[(PathBuf, Format)]) -> Result<Vec<(PathBuf, Foreign)>, Failure> {
    let mut sources = SourceMap::default();
    let (mut read, mut troubles, mut diagnostics) = (Vec::new(), Vec::new(), Vec::new());
    for (path, format) in files {
        if let (Format::Aiger, Ok(bytes)) = (format, std::fs::read(path))
            && bytes.starts_with(b"aig ")
        {
            match exchange::read_binary(&bytes) {
                Ok(foreign) => read.push((path.clone(), foreign)),
                Err(fault) => {
                    let message = format!("`{}`: {fault}", path.display());
                    troubles.push(Trouble::new("wrong-aiger", message));
                }
            }
            continue;
        }
        match text(path) {
            Ok(text) => {
                let file = sources.add(path, text);
                match exchange::read(&sources, file, *format) {
                    Ok(foreign) => read.push((path.clone(), foreign)),
                    Err(diagnostic) => diagnostics.push(*diagnostic),
                }
            }
            Err(trouble) => troubles.push(trouble),
        }
    }
    if troubles.is_empty() && diagnostics.is_empty() {
        return Ok(read);
    }
    Err(Failure::Usage { troubles, diagnostics, sources: Box::new(sources) })
}

fn text(path: &Path) -> Result<String, Trouble> {
    let bytes = std::fs::read(path).map_err(|error| {
        let message = format!("cannot read `{}`: {}", path.display(), reason(&error));
        Trouble::new("unreadable", message)
    })?;
    String::from_utf8(bytes).map_err(|_| {
        let message = format!("`{}` is not text in UTF-8", path.display());
        Trouble::new("unreadable", message).help("save it as UTF-8")
    })
}
