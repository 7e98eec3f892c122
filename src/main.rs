//! The `yamen` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    yamen::cli::main()
}
