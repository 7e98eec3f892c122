//! The command line: the only place that prints or exits.
//!
//! One file per verb; what they share (the console, failures, loading) has files of its own. Verbs
//! return how the program is to end and never end it themselves.

mod certify;
mod check_certificate;
mod compare;
mod completions;
mod console;
mod dialogue;
mod doctor;
mod exit;
mod expand;
mod explain;
mod export;
mod failure;
mod fmt;
mod foreign;
mod found;
mod guard;
mod lint;
mod lock;
mod lsp;
mod man;
mod options;
mod progress;
mod replay;
mod report;
mod run;
mod settings;
mod specs;
mod sweep;
mod typecheck;
mod verify;

use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches};

pub use exit::Exit;
pub use failure::Failure;

/// Verifies institutions: claims about rules, posts and campaigns, proved or refuted in a model.
#[derive(Clone, Debug, clap::Parser)]
#[command(name = "yamen", version, after_help = EXIT_CODES)]
pub struct Cli {
    /// When to colour the output.
    #[arg(long, global = true, value_enum, default_value_t, value_name = "WHEN")]
    color: console::Color,
    #[command(subcommand)]
    verb: Verb,
}

/// The exit codes, for the end of the help.
const EXIT_CODES: &str = "\
Exit codes: 0 every verdict is the expected one; 1 some verdict is not, a proof is vacuous, or a \
spec has a defect; 2 wrong use, a wrong spec, or a place that cannot be written, nothing was verified; \
3 an internal error, evidence that failed its own check, or output that was lost when all was done; \
4 nothing worse than unknown; 130 interrupted.";

#[derive(Clone, Debug, clap::Subcommand)]
enum Verb {
    /// Decide every claim, scenario and obligation of specs.
    Verify(verify::Arguments),
    /// Decide a claim over a grid of parameters, and find the boundary between proved and refuted.
    Sweep(Box<sweep::Arguments>),
    /// Tell in words why a claim holds or how it fails, or what becomes of it without each part.
    Explain(explain::Arguments),
    /// Set the claims of institutions and their reforms side by side.
    Compare(compare::Arguments),
    /// Check syntax, names and types only.
    Typecheck(typecheck::Arguments),
    /// Print the core spec, with governance words written out.
    Expand(expand::Arguments),
    /// Bring specs into the canonical layout; comments are kept.
    Fmt(fmt::Arguments),
    /// Look for declarations that nothing reads, words weaker than the claim, saturating cells.
    Lint(lint::Arguments),
    /// Verify, and write verdicts, institutions and runs as pages for a browser.
    Report(Box<report::Arguments>),
    /// Simulate a run by the interpreter.
    Run(run::Arguments),
    /// Re-execute a trace without any solver, and say where it departs from the spec.
    Replay(replay::Arguments),
    /// Write the proof of every proved claim as SMT-LIB scripts for other solvers.
    Certify(certify::Arguments),
    /// Have another solver check certificates.
    CheckCertificate(check_certificate::Arguments),
    /// Write a claim in another tool's format.
    Export(export::Arguments),
    /// Say what Yamen runs with, and how to mend what is missing.
    Doctor,
    /// Print a script that completes verbs and options in a shell.
    Completions(completions::Arguments),
    /// Serve an editor, by the Language Server Protocol over standard input and output.
    Lsp,
    /// Print the manual page, or write those of all verbs to a folder.
    Man(man::Arguments),
}

impl Verb {
    /// Whether settings of the project could change what it does.
    fn takes_settings(&self) -> bool {
        !matches!(self, Verb::Doctor | Verb::Completions(_) | Verb::Lsp | Verb::Man(_))
    }

    fn run(&self) -> Result<Exit, Failure> {
        match self {
            Verb::Verify(arguments) => verify::run(arguments),
            Verb::Sweep(arguments) => sweep::run(arguments),
            Verb::Explain(arguments) => explain::run(arguments),
            Verb::Compare(arguments) => compare::run(arguments),
            Verb::Typecheck(arguments) => typecheck::run(arguments),
            Verb::Expand(arguments) => expand::run(arguments),
            Verb::Fmt(arguments) => fmt::run(arguments),
            Verb::Lint(arguments) => lint::run(arguments),
            Verb::Report(arguments) => report::run(arguments),
            Verb::Run(arguments) => run::run(arguments),
            Verb::Replay(arguments) => replay::run(arguments),
            Verb::Certify(arguments) => certify::run(arguments),
            Verb::CheckCertificate(arguments) => check_certificate::run(arguments),
            Verb::Export(arguments) => export::run(arguments),
            Verb::Doctor => doctor::run(),
            Verb::Completions(arguments) => completions::run(arguments),
            Verb::Lsp => lsp::run(),
            Verb::Man(arguments) => man::run(arguments),
        }
    }
}

/// Runs the program with the arguments it was started with.
pub fn main() -> ExitCode {
    guard::report_faults();
    let (mut command, fault) = settings::apply(Cli::command());
    let parsed = command.try_get_matches_from_mut(std::env::args_os());
    let exit = match parsed.and_then(|matches| Cli::from_arg_matches(&matches)) {
        Ok(cli) => {
            cli.color.apply();
            let fault = fault.filter(|_| cli.verb.takes_settings());
            fault.map_or_else(|| cli.verb.run(), Err).unwrap_or_else(|failure| {
                failure.tell();
                failure.exit()
            })
        }
        Err(error) => {
            let error = error.format(&mut command);
            // A closed pipe is no reason to say more.
            let _ = error.print();
            if error.use_stderr() { Exit::Usage } else { Exit::AsExpected }
        }
    };
    exit.into()
}
