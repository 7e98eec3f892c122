//! `yamen man`: the manual page, made from the same description as the help.

use std::path::PathBuf;

use clap::{Command, CommandFactory};
use clap_mangen::Man;

use super::console::Sink;
use super::exit::Exit;
use super::{Cli, Failure};

/// Arguments of `man`.
#[derive(Clone, Debug, clap::Args)]
pub struct Arguments {
    /// Write a page for Yamen and one for each verb to this folder; without it the page of Yamen
    /// itself is printed.
    #[arg(short = 'o', long, value_name = "DIR")]
    out: Option<PathBuf>,
}

/// Prints the page, or writes all of them.
///
/// # Errors
/// They cannot be written.
pub fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let mut command = Cli::command();
    command.build();
    let Some(folder) = &arguments.out else {
        Sink::Standard.write_bytes(&page(&command)?)?;
        return Ok(Exit::AsExpected);
    };
    std::fs::create_dir_all(folder).map_err(|error| Failure::unwritable(folder, &error))?;
    let verbs = command.get_subcommands().filter(|verb| verb.get_name() != "help");
    for command in std::iter::once(&command).chain(verbs) {
        let name = command.get_display_name().unwrap_or_else(|| command.get_name());
        let path = folder.join(format!("{name}.1"));
        Sink::open(Some(&path))?.write_bytes(&page(command)?)?;
    }
    Ok(Exit::AsExpected)
}

/// A page, in troff.
fn page(command: &Command) -> Result<Vec<u8>, Failure> {
    let mut page = Vec::new();
    let name = command.get_display_name().unwrap_or_else(|| command.get_name()).to_owned();
    let man = Man::new(command.clone().name(name));
    man.render(&mut page).map_err(|error| Failure::output("the page", &error))?;
    Ok(page)
}
