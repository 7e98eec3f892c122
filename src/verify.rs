//! Stands in for the use case until the engines are here: nothing is decided.

pub mod traces;

use std::collections::BTreeMap;
use std::time::Duration;

use crate::report::events::Events;
use crate::report::outcome::{Entry, InstitutionReport, Report};
use crate::solver::version;
use crate::syntax::ast::Institution;
use crate::syntax::diagnostic::Diagnostic;
use crate::syntax::source::SourceMap;
use crate::types::{Assignment, check};

/// An engine that can be asked for by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EngineName {
    /// Explicit-state breadth-first search by the interpreter.
    Explicit,
    /// Bounded model checking.
    Bmc,
    /// k-induction.
    Induction,
}

impl EngineName {
    /// All engines.
    pub const ALL: [EngineName; 3] = [EngineName::Explicit, EngineName::Bmc, EngineName::Induction];

    /// Its name on the command line and in reports.
    pub fn name(self) -> &'static str {
        match self {
            EngineName::Explicit => "explicit",
            EngineName::Bmc => "bmc",
            EngineName::Induction => "k-induction",
        }
    }
}

/// What to verify, and how.
#[derive(Clone, Debug)]
pub struct Options {
    /// Only these claims; all when empty.
    pub claims: Vec<String>,
    /// Parameter values by name, as written.
    pub set: BTreeMap<String, String>,
    /// Decide for all values of all parameters at once.
    pub for_all_params: bool,
    /// Time for each claim.
    pub timeout: Duration,
    /// Look only so many periods ahead; never a proof.
    pub depth: Option<u32>,
    /// Use this engine only.
    pub engine: Option<EngineName>,
    /// How many engines may run at once.
    pub jobs: usize,
    /// The solver's seed.
    pub seed: u64,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            claims: Vec::new(),
            set: BTreeMap::new(),
            for_all_params: false,
            timeout: Duration::from_secs(60),
            depth: None,
            engine: None,
            jobs: std::thread::available_parallelism().map_or(2, usize::from),
            seed: 0,
        }
    }
}

/// A verification that came to an end, with the warnings found on the way.
#[derive(Clone, Debug)]
pub struct Verified {
    /// The verdicts.
    pub report: Report,
    /// Warnings about the specs.
    pub warnings: Vec<Diagnostic>,
}

/// Decides every claim, scenario and obligation of the institutions.
///
/// # Errors
/// The diagnostics of specs that cannot be verified at all; then nothing was.
pub fn verify(
    sources: &SourceMap,
    institutions: &[Institution],
    options: &Options,
    events: &dyn Events,
    cancel: &(dyn Fn() -> bool + Sync),
) -> Result<Verified, Vec<Diagnostic>> {
    let mut report = Report {
        yamen: crate::VERSION.to_owned(),
        solver: version::full_version().to_lowercase(),
        seed: options.seed,
        ..Report::default()
    };
    let given = Assignment { values: options.set.clone(), all: options.for_all_params };
    for institution in institutions {
        let Some(model) = check(institution, &given).model else { continue };
        report.institutions.push(InstitutionReport {
            name: model.name.clone(),
            title: model.title.clone(),
            file: sources.path(model.span.file).display().to_string(),
            base: model.base.clone(),
        });
        for claim in &model.claims {
            let (line, column) = sources.position(claim.span);
            let entry = Entry {
                institution: model.name.clone(),
                id: claim.name.clone(),
                title: claim.title.clone(),
                file: sources.path(claim.span.file).display().to_string(),
                line,
                column,
                reason: Some("there are no engines yet".to_owned()),
                ..Entry::default()
            };
            events.claim_decided(&entry);
            report.entries.push(entry);
        }
    }
    report.interrupted = cancel();
    Ok(Verified { report, warnings: Vec::new() })
}
