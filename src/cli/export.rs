//! `yamen export`: a claim, or a property of another tool's file, in another tool's format.

use std::path::{Path, PathBuf};

use super::console::Sink;
use super::exit::Exit;
use super::options::{Setting, setting};
use super::specs::Specs;
use super::{Failure, foreign};
use crate::exchange::{self, Format};
use crate::report::diagnostics::Trouble;
use crate::system::Problem;
use crate::system::property::{Prepared, Question};

/// Arguments of `export`.
#[derive(Clone, Debug, clap::Args)]
pub struct Arguments {
    /// The spec, or a file of another tool.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Which claim or property; the only one there is without it.
    #[arg(long, value_name = "ID")]
    claim: Option<String>,
    /// The format to write: vmt, chc.
    #[arg(long, value_name = "FORMAT", value_parser = foreign::format())]
    to: Format,
    /// Read the file as another tool's format, whatever it is called.
    #[arg(long, value_name = "FORMAT", value_parser = foreign::format())]
    from: Option<Format>,
    /// Which institution; the only one there is without it.
    #[arg(long, value_name = "NAME")]
    institution: Option<String>,
    /// Give a parameter a value; repeatable.
    #[arg(long, value_name = "P=V", value_parser = setting())]
    set: Vec<Setting>,
    /// Write to a file instead of standard output.
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// Exports a claim.
///
/// # Errors
/// The file is wrong, there is no such claim, or the format cannot say it.
pub fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let (files, _) = foreign::split(std::slice::from_ref(&arguments.file), arguments.from);
    let (name, problem) = match files.is_empty() {
        true => of_spec(arguments)?,
        false => of_file(arguments, &files)?,
    };
    let text = exchange::write(&problem, &name, arguments.to)
        .map_err(|why| Failure::usage(Trouble::new("cannot-export", why)))?;
    Sink::open(arguments.output.as_deref())?.write(&text)?;
    Ok(Exit::AsExpected)
}

/// The question that a claim of a spec asks.
fn of_spec(arguments: &Arguments) -> Result<(String, Problem), Failure> {
    let mut specs = Specs::load(std::slice::from_ref(&arguments.file));
    specs.only(arguments.institution.as_deref())?;
    let given = specs.assignment(&arguments.set, false)?;
    let (model, _) = specs.model(&given)?;
    let names: Vec<&str> = model.claims.iter().map(|claim| claim.name.as_str()).collect();
    let name = chosen(arguments, &names)?;
    let Some(claim) = model.claims.iter().find(|claim| claim.name == name) else {
        return Err(unknown(arguments, &name, &names));
    };
    let prepared = Prepared::new(&model);
    match prepared.question(claim) {
        Question::Never(asked) | Question::Reach(asked) => Ok((name, asked.problem)),
        Question::Static(_) => {
            let message =
                format!("`{name}` is about parameters alone; there is no system to export");
            Err(Failure::usage(Trouble::new("cannot-export", message)))
        }
        Question::Beyond(_) => {
            let message = format!("`{name}` is not a question about reachable states");
            let trouble = Trouble::new("cannot-export", message);
            Err(Failure::usage(
                trouble.help("export claims of the form `always …` or `possible …`"),
            ))
        }
    }
}

/// A property of another tool's file.
fn of_file(
    arguments: &Arguments,
    files: &[(PathBuf, Format)],
) -> Result<(String, Problem), Failure> {
    let mut problems: Vec<(String, Problem)> =
        foreign::load(files)?.into_iter().flat_map(|(_, foreign)| foreign.problems).collect();
    let names: Vec<&str> = problems.iter().map(|(name, _)| name.as_str()).collect();
    let name = chosen(arguments, &names)?;
    match problems.iter().position(|(known, _)| *known == name) {
        Some(at) => Ok(problems.swap_remove(at)),
        None => Err(unknown(arguments, &name, &names)),
    }
}

/// The name that was asked for, or the only one there is.
fn chosen(arguments: &Arguments, names: &[&str]) -> Result<String, Failure> {
    match (&arguments.claim, names) {
        (Some(name), _) => Ok(name.clone()),
        (None, [one]) => Ok((*one).to_owned()),
        (None, []) => {
            let path = arguments.file.display();
            let message = format!("`{path}` has no claim that can be exported");
            Err(Failure::usage(Trouble::new("cannot-export", message)))
        }
        (None, _) => {
            let message = format!("there are several claims: {}", listed(names));
            let trouble = Trouble::new("several-claims", message);
            Err(Failure::usage(trouble.help("say which with --claim ID")))
        }
    }
}

fn unknown(arguments: &Arguments, name: &str, names: &[&str]) -> Failure {
    let path: &Path = &arguments.file;
    let message = format!("there is no claim `{name}` in `{}`", path.display());
    let trouble = Trouble::new("unknown-claim", message);
    Failure::usage(trouble.help(format!("there are {}", listed(names))))
}

fn listed(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}
