//! `yamen completions SHELL`: a script that completes verbs and options.

use clap::CommandFactory;
use clap_complete::Shell;

use super::exit::Exit;
use super::{Cli, Failure, console};

/// Arguments of `completions`.
#[derive(Clone, Debug, clap::Args)]
pub struct Arguments {
    /// The shell to complete for.
    pub shell: Shell,
}

/// Prints the script.
///
/// # Errors
/// Standard output cannot be written.
pub fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut Cli::command(), "yamen", &mut script);
    console::print(&String::from_utf8_lossy(&script))?;
    Ok(Exit::AsExpected)
}
