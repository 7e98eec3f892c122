//! `yamen export`: a claim, or a property of another tool's file, in another tool's format.

use std::path::{Path, PathBuf};

use super::console::{self, Sink};
use super::exit::Exit;
use super::options::{Setting, setting};
use super::specs::Specs;
use super::{Failure, foreign};
use crate::exchange::remarks::with_remarks;
use crate::exchange::{self, Format, smv};
use crate::lint::saturation::saturated_below;
use crate::report::diagnostics::Trouble;
use crate::system::Problem;
use crate::system::property::{Beyond, Prepared, Question};
use crate::twin;
use crate::types::core::{Claim, Model};

/// Arguments of `export`.
#[derive(Clone, Debug, clap::Args)]
pub struct Arguments {
    /// The spec, or a file of another tool.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Which claim or property; the only one there is without it.
    #[arg(long, value_name = "ID")]
    claim: Option<String>,
    /// The format to write.
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
    /// Write to a file instead of standard output; AIGER in binary if it ends in `.aig`.
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// Exports a claim.
///
/// # Errors
/// The file is wrong, there is no such claim, or the format cannot say it.
pub fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let (files, _) = foreign::split(std::slice::from_ref(&arguments.file), arguments.from);
    let cannot = |why: String| Failure::usage(Trouble::new("cannot-export", why));
    let binary =
        arguments.output.as_ref().is_some_and(|path| path.extension() == Some("aig".as_ref()));
    let bytes = match files.is_empty() {
        true => of_spec(arguments, binary)?,
        false => {
            let (name, problem) = of_file(arguments, &files)?;
            exchange::write(&problem, &name, arguments.to, binary).map_err(cannot)?
        }
    };
    Sink::open(arguments.output.as_deref())?.write_bytes(&bytes)?;
    Ok(Exit::AsExpected)
}

/// A claim of a spec, in the format that was asked for.
fn of_spec(arguments: &Arguments, binary: bool) -> Result<Vec<u8>, Failure> {
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
    let cannot = |why: String| Failure::usage(Trouble::new("cannot-export", why));
    let (written, asks_for_run) = match arguments.to {
        Format::Smv => {
            let written = smv::write(&prepared, &[name]).map_err(|why| cannot(why.to_string()))?;
            let asks_for_run = matches!(prepared.question(claim), Question::Reach(_));
            (written.into_bytes(), asks_for_run)
        }
        format => {
            let (problem, asks_for_run) = question(&prepared, claim).map_err(cannot)?;
            let written = exchange::write(&problem, &name, format, binary).map_err(cannot)?;
            (written, asks_for_run)
        }
    };
    let remarks = remarks(&model, claim, asks_for_run);
    remarks.iter().for_each(|remark| console::warn(&format!("note: {remark}\n")));
    Ok(with_remarks(written, arguments.to, &remarks))
}

/// What the verdict about a file says of the claim that it was written from, where that is not the same.
fn remarks(model: &Model, claim: &Claim, asks_for_run: bool) -> Vec<String> {
    let name = &claim.name;
    let mut remarks = Vec::new();
    if asks_for_run {
        remarks.push(format!(
            "`{name}` says that some run reaches something; the file asks that none does: what is `refuted` of \
             the file (unsafe, reachable) is `proved` of `{name}`, and the other way round"
        ));
    }
    let cells = saturated_below(model, claim);
    if !cells.is_empty() {
        remarks.push(format!(
            "`{name}` depends on {}, saturated: the file asks about the ranges as they are; `yamen verify` also \
             tries wider ones, and counts no proof that they refute",
            listed(&cells.iter().map(String::as_str).collect::<Vec<_>>())
        ));
    }
    remarks
}

/// The question that a claim asks, as one about reachable states, and whether the claim is that one is reached.
fn question(prepared: &Prepared<'_>, claim: &Claim) -> Result<(Problem, bool), String> {
    let name = &claim.name;
    match prepared.question(claim) {
        Question::Never(asked) => Ok((asked.problem, false)),
        Question::Reach(asked) => Ok((asked.problem, true)),
        // Liveness to safety: a bad state closes a fair lasso that breaks the claim.
        Question::Forever(live) => Ok((live.lasso().problem, false)),
        Question::Static(_) => {
            Err(format!("`{name}` is about parameters alone; there is no system to export"))
        }
        Question::Beyond(Beyond::Knowledge) => of_pairs(prepared, claim),
        Question::Beyond(_) => Err(format!("`{name}` is not a question about single runs")),
    }
}

/// A claim about knowledge, as one about pairs of runs.
fn of_pairs(prepared: &Prepared<'_>, claim: &Claim) -> Result<(Problem, bool), String> {
    let name = &claim.name;
    let parts = twin::questions(prepared.model, claim)
        .map_err(|unfit| format!("`{name}` is not a question about pairs of runs: {}", unfit.0))?;
    match parts.as_slice() {
        [twin::Question::Pairs(twin)] => question(&Prepared::new(&twin.model), &twin.claim),
        _ => Err(format!("`{name}` says several things; give each a claim of its own")),
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
