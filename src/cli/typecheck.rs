//! `yamen typecheck`: syntax, names and types only.

use super::Failure;
use super::console::{self, print};
use super::exit::Exit;
use super::options::{MessageFormat, Paths, Setting, setting};
use super::specs::Specs;
use crate::report::diagnostics;

/// Arguments of `typecheck`.
#[derive(Clone, Debug, clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    paths: Paths,
    /// Give a parameter a value; repeatable.
    #[arg(long, value_name = "P=V", value_parser = setting())]
    set: Vec<Setting>,
    /// What to print.
    #[arg(long, value_enum, default_value_t)]
    format: MessageFormat,
}

/// Checks the specs and prints what is wrong.
///
/// # Errors
/// Something is wrong, or the output cannot be written.
pub fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let mut specs = Specs::load(&arguments.paths.paths);
    let given = specs.assignment(&arguments.set, false)?;
    let models = specs.check(&given);
    if arguments.format == MessageFormat::Json {
        let json = diagnostics::json(&[], &specs.diagnostics, &specs.sources, crate::VERSION);
        print(&(json + "\n"))?;
        return Ok(if specs.has_errors() { Exit::Usage } else { Exit::AsExpected });
    }
    if specs.has_errors() {
        return Err(specs.into_failure());
    }
    console::warn(&diagnostics::text(&specs.diagnostics, &specs.sources));
    let plural =
        |count: usize, word: &str| format!("{count} {word}{}", if count == 1 { "" } else { "s" });
    let (files, warnings) = (specs.files.len(), specs.diagnostics.len());
    print(&format!(
        "{} in {}: no errors, {}\n",
        plural(models.len(), "institution"),
        plural(files, "file"),
        plural(warnings, "warning"),
    ))?;
    Ok(Exit::AsExpected)
}
