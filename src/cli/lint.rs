//! `yamen lint`: what is no error but deserves a look.

use super::Failure;
use super::console::print;
use super::exit::Exit;
use super::options::{MessageFormat, Paths, Setting, setting};
use super::specs::Specs;
use crate::govern::suggest::nearest;
use crate::lint::{lint, pages};
use crate::report::diagnostics;

/// Arguments of `lint`.
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
    /// Print what is said of the code of a remark or an error, and read no specs.
    #[arg(long, value_name = "CODE", value_parser = section)]
    explain: Option<&'static str>,
}

/// The section on a code. There are too many codes to list all of them in a message or the help.
fn section(code: &str) -> Result<&'static str, String> {
    let known = || pages::remarks().into_iter().chain(pages::errors());
    pages::section(code).ok_or_else(|| match nearest(code, known()) {
        Some(near) => format!("there is no such code; did you mean `{near}`?"),
        None => "there is no such code; docs/lint.md and docs/errors.md have all".to_owned(),
    })
}

/// Prints what was found; the exit code says whether there was anything.
///
/// # Errors
/// A spec is wrong, or the output cannot be written.
pub fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    if let Some(section) = arguments.explain {
        return print(&format!("{section}\n")).map(|()| Exit::AsExpected);
    }
    let mut specs = Specs::load(&arguments.paths.paths);
    let given = specs.assignment(&arguments.set, false)?;
    let models = specs.check(&given);
    let json = arguments.format == MessageFormat::Json;
    if specs.has_errors() && !json {
        return Err(specs.into_failure());
    }
    specs.add(lint(&models));
    let clean = specs.diagnostics.is_empty();
    let exit = match (specs.has_errors(), clean) {
        (true, _) => Exit::Usage,
        (false, true) => Exit::AsExpected,
        (false, false) => Exit::NotAsExpected,
    };
    print(&match (json, clean) {
        (true, _) => {
            diagnostics::json(&[], &specs.diagnostics, &specs.sources, crate::VERSION) + "\n"
        }
        (false, true) => "nothing to remark\n".to_owned(),
        (false, false) => diagnostics::text(&specs.diagnostics, &specs.sources),
    })?;
    Ok(exit)
}
