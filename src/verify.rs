//! The use case itself: institutions in, checked verdicts out.
//!
//! For each institution: build its model at the wanted parameters; decide the
//! obligations that make any verdict meaningful; prove its lemmas; decide its
//! scenarios and claims, each by engines side by side; check every answer's
//! evidence; compare it with what its author expects. Nothing is printed here:
//! progress goes to [`Events`], the result is a [`Report`].

mod alone;
mod beliefs;
pub mod cache;
mod cases;
mod confirmed;
pub mod conjuncts;
mod counts;
mod decide;
mod endless;
mod entries;
mod everywhere;
mod expectation;
pub mod foreign;
mod forever;
mod incentives;
mod institution;
mod knowledge;
mod needs;
pub mod neighbours;
mod observed;
mod polynomial;
mod recalled;
mod several;
mod simplest;
mod smallest;
mod solved;
mod statics;
mod stays;
mod strategy;
mod symbolic;
pub mod traces;
mod watched;
mod widen;
pub mod without;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use self::cache::Cache;
use self::neighbours::Neighbours;
use self::recalled::Recalled;
use crate::engine::lanes::{CHECKING, RACING};
use crate::lint::observation::observers;
use crate::report::events::Events;
use crate::report::outcome::{InstitutionReport, Report};
use crate::solver::{context, version};
use crate::syntax::ast::Institution;
use crate::syntax::diagnostic::{Diagnostic, Severity};
use crate::syntax::source::SourceMap;

/// An engine that can be asked for by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EngineName {
    /// Explicit-state breadth-first search by the interpreter.
    Explicit,
    /// Bounded model checking.
    Bmc,
    /// k-induction.
    Induction,
    /// IC3 on bits, for finite systems.
    Ic3,
    /// Mined invariants, and k-induction relative to them.
    Mined,
    /// Property-directed reachability over words, by Spacer.
    Horn,
    /// The same with global guidance; on arrays, with quantified generalisation.
    HornGuided,
}

impl EngineName {
    /// All engines.
    pub const ALL: [EngineName; 7] = [
        EngineName::Explicit,
        EngineName::Bmc,
        EngineName::Induction,
        EngineName::Ic3,
        EngineName::Mined,
        EngineName::Horn,
        EngineName::HornGuided,
    ];

    /// Its name on the command line and in reports.
    pub fn name(self) -> &'static str {
        match self {
            EngineName::Explicit => "explicit",
            EngineName::Bmc => "bmc",
            EngineName::Induction => "k-induction",
            EngineName::Ic3 => "ic3",
            EngineName::Mined => "mined",
            EngineName::Horn => "horn",
            EngineName::HornGuided => "horn-guided",
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
    /// Write down the obligations of every proof; only engines whose proofs have some are asked.
    pub certificates: bool,
    /// Whether a search that visited all states is enough, with no proof that others could check.
    pub search_suffices: bool,
    /// Work out what each proof needs.
    pub needs: bool,
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
    /// Evidence shared by the cells of a sweep. With it only verdicts are looked for: engines take
    /// turns, cheapest first, and runs are not made simpler.
    pub neighbours: Option<Arc<Neighbours>>,
    /// Evidence of earlier runs, tried before engines are asked.
    pub cache: Option<Arc<Cache>>,
}

impl Options {
    /// Whether a search of few states comes before all else.
    pub(crate) fn searches_first(&self) -> bool {
        self.search_suffices && !self.certificates && self.engine.is_none() && self.depth.is_none()
    }

    /// The seed as solvers take it.
    pub(crate) fn solver_seed(&self) -> u32 {
        u32::try_from(self.seed & u64::from(u32::MAX)).unwrap_or(0)
    }
}

impl Default for Options {
    fn default() -> Self {
        Options {
            claims: Vec::new(),
            set: BTreeMap::new(),
            for_all_params: false,
            certificates: false,
            search_suffices: false,
            needs: true,
            timeout: Duration::from_secs(60),
            depth: None,
            engine: None,
            jobs: std::thread::available_parallelism().map_or(2, usize::from),
            seed: 0,
            neighbours: None,
            cache: None,
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

/// A report about nothing yet.
pub fn blank(options: &Options) -> Report {
    Report {
        yamen: env!("CARGO_PKG_VERSION").to_owned(),
        solver: version::check().map_or_else(|old| old.found, |version| format!("z3 {version}")),
        seed: options.seed,
        ..Report::default()
    }
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
    let start = Instant::now();
    let (groups, mut diagnostics) = cases::build(institutions, options);
    diagnostics.extend(groups.iter().flat_map(|group| observers(group.model())));
    if diagnostics.iter().any(|d| d.severity == Severity::Error) {
        return Err(diagnostics);
    }
    CHECKING.warm(context::prepare);
    let mut report = blank(options);
    events.started(groups.iter().map(|group| group.work(options)).sum());
    for group in &groups {
        report.institutions.push(InstitutionReport {
            name: group.name().to_owned(),
            title: group.title().to_owned(),
            file: sources.path(group.span().file).display().to_string(),
            base: group.base().map(str::to_owned),
            rules: entries::rules(sources, group.model()),
            claims: entries::claims(sources, group.model()),
        });
        let recalled = &Recalled::default();
        let investigation =
            institution::Investigation { sources, group, options, events, cancel, recalled };
        investigation.run(&mut report);
        if cancel() {
            break;
        }
    }
    report.interrupted = cancel();
    report.seconds = start.elapsed().as_secs_f64();
    RACING.settle();
    CHECKING.settle();
    events.finished();
    Ok(Verified { report, warnings: diagnostics })
}
