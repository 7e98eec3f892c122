//! The `yamen` command.

use std::process::ExitCode;

/// Z3 asks for megabytes before it does anything; see docs/decisions/0007-allocator.md.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    yamen::cli::main()
}
