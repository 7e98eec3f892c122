//! `yamen doctor`: what this program runs with, and how to mend what is missing.

use std::io::IsTerminal;

use super::exit::Exit;
use super::{Failure, console};
use crate::solver::version;

/// Says what was found; libz3 decides whether all is well.
///
/// # Errors
/// Standard output cannot be written.
pub fn run() -> Result<Exit, Failure> {
    let checked = version::check();
    let mut lines = vec![
        row("yamen", crate::VERSION),
        row("built with", option_env!("YAMEN_RUSTC").unwrap_or("not recorded")),
        row("machine", &format!("{} {}", std::env::consts::ARCH, std::env::consts::OS)),
        row("processors", &processors()),
        row("libz3", &version::full_version()),
        row("  loaded from", &loaded_from("libz3").unwrap_or_else(|| "not known".to_owned())),
        row("  needed", &format!("{} or newer", version::MINIMUM)),
        row("evidence kept", &kept()),
        row("standard output", terminal(std::io::stdout().is_terminal())),
        row("standard error", terminal(std::io::stderr().is_terminal())),
        row("width of text", &format!("{} columns", console::width())),
    ];
    let (verdict, exit) = match checked {
        Ok(_) => ("nothing is missing".to_owned(), Exit::AsExpected),
        Err(error) => (format!("not usable: {error}"), Exit::Usage),
    };
    lines.push(verdict);
    console::print(&(lines.join("\n") + "\n"))?;
    Ok(exit)
}

fn row(what: &str, is: &str) -> String {
    format!("{what:<17}{is}")
}

fn kept() -> String {
    let folder = crate::verify::cache::usual();
    folder.map_or_else(|| "nowhere".to_owned(), |folder| format!("in {}", folder.display()))
}

fn processors() -> String {
    std::thread::available_parallelism()
        .map_or_else(|_| "not known".to_owned(), |count| count.to_string())
}

fn terminal(is_one: bool) -> &'static str {
    if is_one { "a terminal" } else { "no terminal: no colours unless --color always" }
}

/// The file of a loaded library, as the system tells (on Linux).
fn loaded_from(library: &str) -> Option<String> {
    let maps = std::fs::read_to_string("/proc/self/maps").ok()?;
    let paths = maps.lines().filter_map(|line| line.find('/').and_then(|at| line.get(at..)));
    let named = |path: &&str| path.rsplit('/').next().is_some_and(|name| name.starts_with(library));
    paths.into_iter().find(named).map(str::to_owned)
}
