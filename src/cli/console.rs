//! The terminal: where text goes, in which colours, and how wide it is.
//!
//! A reader who has seen enough and closes the pipe is no error: what remains is dropped and the
//! exit code stays that of the verdicts.

use std::io::{self, IsTerminal, Write};
use std::path::Path;

use super::Failure;

/// Used where the width of the terminal cannot be told, as in a pipe.
const DEFAULT_WIDTH: usize = 100;
/// Text is never set narrower.
const LEAST_WIDTH: usize = 40;

/// When to colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Color {
    /// On a terminal, unless `NO_COLOR` says otherwise.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

impl Color {
    /// Makes every stream follow the choice.
    pub fn apply(self) {
        match self {
            Color::Auto => anstream::ColorChoice::Auto,
            Color::Always => anstream::ColorChoice::Always,
            Color::Never => anstream::ColorChoice::Never,
        }
        .write_global();
    }
}

/// Prints text, colours and all, on standard output.
///
/// # Errors
/// Standard output cannot be written for another reason than a closed pipe.
pub fn print(text: &str) -> Result<(), Failure> {
    let mut stdout = anstream::stdout().lock();
    closed_pipe_is_fine(stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()))
        .map_err(|error| Failure::output("standard output", &error))
}

/// Prints text on standard error, as far as that is possible.
pub fn warn(text: &str) {
    let _ = anstream::stderr().lock().write_all(text.as_bytes());
}

fn closed_pipe_is_fine(result: io::Result<()>) -> io::Result<()> {
    match result {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}

/// The width to set text to.
pub fn width() -> usize {
    let columns = || std::env::var("COLUMNS").ok()?.parse().ok();
    let size = || terminal_size::terminal_size().map(|(width, _)| usize::from(width.0));
    columns().or_else(size).unwrap_or(DEFAULT_WIDTH).max(LEAST_WIDTH)
}

/// Whether a person watches standard error.
pub fn is_watched() -> bool {
    io::stderr().is_terminal()
}

/// Where a report goes: standard output or a file.
pub enum Sink {
    /// Standard output.
    Standard,
    /// A file, with its path in words.
    File(std::fs::File, String),
}

impl Sink {
    /// Opens the file, or standard output if there is none, so that a place that cannot be written
    /// is known before any work is done.
    ///
    /// # Errors
    /// The file cannot be created.
    pub fn open(path: Option<&Path>) -> Result<Sink, Failure> {
        let Some(path) = path else { return Ok(Sink::Standard) };
        match std::fs::File::create(path) {
            Ok(file) => Ok(Sink::File(file, format!("`{}`", path.display()))),
            Err(error) => Err(Failure::unwritable(path, &error)),
        }
    }

    /// Writes bytes as they are.
    ///
    /// # Errors
    /// They cannot be written.
    pub fn write_bytes(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        match self {
            Sink::Standard => {
                let mut stdout = io::stdout().lock();
                closed_pipe_is_fine(stdout.write_all(bytes).and_then(|()| stdout.flush()))
                    .map_err(|error| Failure::output("standard output", &error))
            }
            Sink::File(file, path) => {
                file.write_all(bytes).map_err(|error| Failure::output(path, &error))
            }
        }
    }

    /// Writes text; a file gets no colours.
    ///
    /// # Errors
    /// It cannot be written, as when a disk is full.
    pub fn write(&mut self, text: &str) -> Result<(), Failure> {
        match self {
            Sink::Standard => print(text),
            Sink::File(file, path) => {
                let plain = anstream::adapter::strip_str(text).to_string();
                file.write_all(plain.as_bytes()).map_err(|error| Failure::output(path, &error))
            }
        }
    }
}
