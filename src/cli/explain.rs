//! `yamen explain`: verdicts told in words, and what becomes of them without each part of a spec.

use std::path::PathBuf;
use std::sync::atomic::Ordering;
use std::time::Duration;

use super::console::{self, Sink};
use super::exit::Exit;
use super::specs::Specs;
use super::verify::Question;
use super::{Failure, guard};
use crate::report::events::Silent;
use crate::report::narrative::{self, Conjuncts};
use crate::report::outcome::{Entry, EntryKind, Report};
use crate::report::without;
use crate::verify::without::table;
use crate::verify::{EngineName, Options, conjuncts, verify};

/// How long the search for the run to tell may take for each claim.
const SEARCH: Duration = Duration::from_secs(20);

/// Arguments of `explain`.
#[derive(Clone, Debug, clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    question: Question,
    /// Take out each rule, practice, assumption and fairness in turn, and decide every claim again.
    #[arg(long)]
    without_each: bool,
    /// What to print.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// Write it to a file instead of standard output.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// What an explanation is printed as.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// Text for people.
    #[default]
    Text,
    /// One JSON object; schema/yamen.explain.v1.schema.json, or schema/yamen.without.v1.schema.json.
    Json,
}

/// Verifies, and tells.
///
/// # Errors
/// Nothing could be verified, or the text cannot be written.
pub fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let mut sink = Sink::open(arguments.out.as_deref())?;
    let (mut report, specs) = arguments.question.decided(!arguments.without_each)?;
    let text = if arguments.without_each {
        removed(arguments, &specs, &report)
    } else {
        settle(&arguments.question.options(), &specs, &mut report);
        told(arguments, &specs, &report)
    };
    sink.write(&text)?;
    Ok(Exit::of(&report))
}

fn told(arguments: &Arguments, specs: &Specs, report: &Report) -> String {
    let stories =
        narrative::stories(report, &specs.institutions, &joined(arguments, specs, report));
    match arguments.format {
        Format::Text => narrative::text(&stories, console::width()),
        Format::Json => narrative::json(&stories) + "\n",
    }
}

/// What became of each part of claims that join several.
fn joined(arguments: &Arguments, specs: &Specs, report: &Report) -> Conjuncts {
    let cancel = guard::interruptible();
    let cancelled = || cancel.load(Ordering::SeqCst);
    let options = arguments.question.options();
    let mut found = Conjuncts::new();
    for core in &specs.institutions {
        let name = &core.name.text;
        let here = report.entries.iter().filter(|entry| entry.institution == *name);
        let claims: Vec<String> = here.map(|entry| entry.id.clone()).collect();
        let parts = conjuncts::decided(&specs.sources, core, &claims, &options, &cancelled);
        found.extend(parts.into_iter().map(|(claim, parts)| ((name.clone(), claim), parts)));
    }
    found
}

fn removed(arguments: &Arguments, specs: &Specs, report: &Report) -> String {
    let tables = tables(&arguments.question.options(), specs, report);
    match arguments.format {
        Format::Text => without::text(&tables, console::width()),
        Format::Json => without::json(&tables) + "\n",
    }
}

/// What becomes of all claims without each part of their institution.
pub(super) fn tables(options: &Options, specs: &Specs, report: &Report) -> Vec<without::Table> {
    let cancel = guard::interruptible();
    let cancelled = || cancel.load(Ordering::SeqCst);
    let tables = specs.institutions.iter();
    let tables = tables.map(|core| table(&specs.sources, core, report, options, &cancelled));
    tables.filter(|table| !table.claims.is_empty()).collect()
}

/// Engines race, and different ones find different runs. The run that is told is that of the explicit
/// search, which always finds the same, where it decides likewise in time.
fn settle(options: &Options, specs: &Specs, report: &mut Report) {
    let shown = |entry: &&Entry| entry.trace.is_some();
    let claims: Vec<String> = report
        .entries
        .iter()
        .filter(shown)
        .filter(|entry| entry.kind != EntryKind::Defect)
        .map(|entry| entry.id.clone())
        .collect();
    if claims.is_empty() || options.engine.is_some() || options.depth.is_some() {
        return;
    }
    let again = Options {
        claims,
        needs: false,
        engine: Some(EngineName::Explicit),
        timeout: options.timeout.min(SEARCH),
        ..options.clone()
    };
    let cancel = guard::interruptible();
    let cancelled = || cancel.load(Ordering::SeqCst);
    let found = verify(&specs.sources, &specs.institutions, &again, &Silent, &cancelled);
    let Ok(found) = found else { return };
    for entry in report.entries.iter_mut().filter(|entry| entry.trace.is_some()) {
        let same = found.report.entries.iter().find(|other| {
            (&other.institution, &other.id, other.kind)
                == (&entry.institution, &entry.id, entry.kind)
        });
        let alike = |other: &&Entry| {
            (other.verdict, other.smallest, &other.params)
                == (entry.verdict, entry.smallest, &entry.params)
        };
        if let Some(trace) = same.filter(alike).and_then(|other| other.trace.clone()) {
            entry.trace = Some(trace);
        }
    }
}
