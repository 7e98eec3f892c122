//! `yamen verify`: the main job, and how its report is printed.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::Ordering;
use std::time::Duration;

use clap::builder::{PossibleValuesParser, TypedValueParser};

use super::console::{self, Sink};
use super::exit::Exit;
use super::options::{Paths, Setting, seconds, setting};
use super::progress::Progress;
use super::specs::Specs;
use super::{Failure, certify, foreign, guard};
use crate::exchange;
use crate::report::diagnostics::{self, Trouble};
use crate::report::events::{Events, Silent};
use crate::report::outcome::{Entry, Report};
use crate::report::text::{TextOptions, Traces};
use crate::report::{itf, json, text};
use crate::solver::version;
use crate::types::Assignment;
use crate::verify::foreign::verify_foreign;
use crate::verify::{EngineName, Options, Verified, blank, verify};

/// What is to be decided, and how.
#[derive(Clone, Debug, clap::Args)]
pub struct Question {
    #[command(flatten)]
    paths: Paths,
    /// Decide only this claim, scenario or lemma; repeatable.
    #[arg(long, value_name = "ID")]
    claim: Vec<String>,
    /// Give a parameter a value; repeatable.
    #[arg(long, value_name = "P=V", value_parser = setting())]
    set: Vec<Setting>,
    /// Decide for all values of all parameters at once.
    #[arg(long)]
    for_all_params: bool,
    /// Time for each claim.
    #[arg(long, value_name = "SECONDS", default_value = "60", value_parser = seconds())]
    timeout: f64,
    /// Look only this many periods ahead; what then holds is never called proved.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(..=1_000_000))]
    depth: Option<u32>,
    /// Use only this engine; without it they run side by side.
    #[arg(long, value_name = "NAME", value_parser = engine())]
    engine: Option<EngineName>,
    /// How many engines may run at once; as many as there are processors without it.
    #[arg(long, value_name = "N")]
    jobs: Option<NonZeroUsize>,
    /// The seed of the solver's choices.
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
}

/// Arguments of `verify`.
#[derive(Clone, Debug, clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    question: Question,
    /// Read the files as another tool's format, whatever they are called: vmt, chc.
    #[arg(long, value_name = "FORMAT", value_parser = foreign::format())]
    from: Option<exchange::Format>,
    /// What to print.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// Which runs text tells.
    #[arg(long, value_enum, default_value_t)]
    traces: TraceChoice,
    /// Write the report to a file instead of standard output.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Write every run to this folder as INSTITUTION.ID.itf.json.
    #[arg(long, value_name = "DIR")]
    out_itf: Option<PathBuf>,
    /// Write the proofs of proved claims to this folder; see `certify`.
    #[arg(long, value_name = "DIR")]
    certificates: Option<PathBuf>,
    /// Do not work out which rules, assumptions and fairness each proof needs.
    #[arg(long)]
    no_needs: bool,
    /// Do not show progress.
    #[arg(long)]
    no_progress: bool,
}

/// What a report is printed as.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// Text for people.
    #[default]
    Text,
    /// One JSON object; its schema is schema/yamen.verify.v1.schema.json.
    Json,
    /// A JSON object per line: each claim as it is decided, then the summary.
    Jsonl,
}

/// Which runs text tells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
enum TraceChoice {
    /// Those of all refutations and scenarios.
    #[default]
    All,
    /// Those of verdicts that are not the expected ones.
    Unexpected,
    /// None.
    None,
}

impl From<TraceChoice> for Traces {
    fn from(choice: TraceChoice) -> Traces {
        match choice {
            TraceChoice::All => Traces::All,
            TraceChoice::Unexpected => Traces::Unexpected,
            TraceChoice::None => Traces::None,
        }
    }
}

/// Reads the name of an engine.
fn engine() -> impl TypedValueParser<Value = EngineName> {
    let named = |name: &str| EngineName::ALL.into_iter().find(|engine| engine.name() == name);
    PossibleValuesParser::new(EngineName::ALL.map(EngineName::name))
        .try_map(move |name| named(&name).ok_or("no such engine"))
}

/// Verifies and prints the report.
///
/// # Errors
/// Nothing could be verified, or the report cannot be written.
pub fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let sink = Mutex::new(Sink::open(arguments.out.as_deref())?);
    let result = verified(arguments, &sink);
    if let (Err(failure), true) = (&result, arguments.format != Format::Text) {
        write(&sink, &failure.json())?;
    }
    let report = result?;
    write(&sink, &written(&report, arguments))?;
    if let Some(folder) = &arguments.out_itf {
        write_traces(&report, folder)?;
    }
    if let Some(folder) = &arguments.certificates {
        certify::write(&report, folder)?;
    }
    Ok(Exit::of(&report))
}

fn verified(arguments: &Arguments, sink: &Mutex<Sink>) -> Result<Report, Failure> {
    version::check().map_err(|old| Failure::usage(Trouble::new("old-solver", old.to_string())))?;
    if let Some(folder) = &arguments.out_itf {
        let unwritable = |error| Failure::unwritable(folder, &error);
        std::fs::create_dir_all(folder).map_err(unwritable)?;
    }
    if let Some(folder) = &arguments.certificates {
        let unwritable = |error| Failure::unwritable(folder, &error);
        std::fs::create_dir_all(folder).map_err(unwritable)?;
    }
    let (foreign, paths) = foreign::split(&arguments.question.paths.paths, arguments.from);
    if paths.is_empty() {
        return foreign_only(arguments, sink, &foreign);
    }
    if let Some((path, _)) = foreign.first() {
        let message = format!("`{}` is another tool's file, and others are specs", path.display());
        let trouble = Trouble::new("mixed-files", message);
        return Err(Failure::usage(trouble.help("verify them in two runs")));
    }
    let events = Listener::new(arguments, sink);
    Ok(institutions(&arguments.question, &options(arguments), &events)?.0)
}

/// Verifies the institutions of the specs, and gives them back with what came of it.
fn institutions(
    question: &Question,
    options: &Options,
    events: &dyn Events,
) -> Result<(Report, Specs), Failure> {
    let mut specs = Specs::load(&question.paths.paths);
    let given = question.assignment(&specs)?;
    if specs.has_errors() {
        // Not to be verified; but then all that is wrong is told at once.
        specs.check(&given);
        return Err(specs.into_failure());
    }
    let cancel = guard::interruptible();
    let cancelled = || cancel.load(Ordering::SeqCst);
    match verify(&specs.sources, &specs.institutions, options, events, &cancelled) {
        Ok(Verified { report, warnings }) => {
            specs.add(warnings);
            events.finished();
            console::warn(&diagnostics::text(&specs.diagnostics, &specs.sources));
            Ok((report, specs))
        }
        Err(diagnostics) => {
            specs.add(diagnostics);
            Err(specs.into_failure())
        }
    }
}

impl Question {
    /// Verifies the specs, with the obligations of every proof, which are to be written to this
    /// folder.
    ///
    /// # Errors
    /// Nothing can be verified, or the folder cannot be made.
    pub fn certified(&self, folder: &Path) -> Result<Report, Failure> {
        std::fs::create_dir_all(folder).map_err(|error| Failure::unwritable(folder, &error))?;
        let options = Options { certificates: true, needs: false, ..self.options() };
        Ok(institutions(self, &options, &*watched())?.0)
    }

    /// Verifies the specs, and gives them back with what came of it.
    ///
    /// # Errors
    /// Nothing can be verified.
    pub fn told(&self) -> Result<(Report, Specs), Failure> {
        let options = Options { needs: true, ..self.options() };
        institutions(self, &options, &*watched())
    }

    /// The parameter values asked for.
    ///
    /// # Errors
    /// The specs have no parameter of some name.
    pub fn assignment(&self, specs: &Specs) -> Result<Assignment, Failure> {
        specs.assignment(&self.set, self.for_all_params)
    }

    fn options(&self) -> Options {
        let set = self.set.iter().map(|setting| (setting.name.clone(), setting.value.clone()));
        let usual = Options::default();
        Options {
            claims: self.claim.clone(),
            set: set.collect(),
            for_all_params: self.for_all_params,
            timeout: Duration::from_secs_f64(self.timeout),
            depth: self.depth,
            engine: self.engine,
            jobs: self.jobs.map_or(usual.jobs, NonZeroUsize::get),
            seed: self.seed,
            ..usual
        }
    }
}

/// Shows progress where somebody watches.
fn watched() -> Box<dyn Events> {
    if console::is_watched() { Box::new(Progress::new()) } else { Box::new(Silent) }
}

/// Decides the properties of other tools' files.
fn foreign_only(
    arguments: &Arguments,
    sink: &Mutex<Sink>,
    files: &[(PathBuf, exchange::Format)],
) -> Result<Report, Failure> {
    if let Some(setting) = arguments.question.set.first() {
        let message =
            format!("there is no parameter `{}`: other tools' files have none", setting.name);
        return Err(Failure::usage(Trouble::new("unknown-parameter", message)));
    }
    let read = foreign::load(files)?;
    let cancel = guard::interruptible();
    let events = Listener::new(arguments, sink);
    let cancelled = || cancel.load(Ordering::SeqCst);
    let options = options(arguments);
    let mut report = blank(&options);
    events.started(read.iter().map(|(_, f)| f.problems.len().max(1) + f.live.len()).sum());
    for (path, foreign) in &read {
        verify_foreign(path, foreign, &options, &events, &cancelled, &mut report);
    }
    events.finished();
    Ok(report)
}

fn options(arguments: &Arguments) -> Options {
    let certificates = arguments.certificates.is_some();
    Options { certificates, needs: !arguments.no_needs, ..arguments.question.options() }
}

/// The report, or what of it remains to be printed.
fn written(report: &Report, arguments: &Arguments) -> String {
    match arguments.format {
        Format::Text => {
            let options = TextOptions { width: console::width(), traces: arguments.traces.into() };
            text::report(report, &options)
        }
        Format::Json => json::report(report) + "\n",
        Format::Jsonl => json::closing_line(report) + "\n",
    }
}

fn write(sink: &Mutex<Sink>, text: &str) -> Result<(), Failure> {
    match sink.lock() {
        Ok(mut sink) => sink.write(text),
        Err(poisoned) => poisoned.into_inner().write(text),
    }
}

/// Shows progress, and writes each claim as it is decided where that is wanted.
struct Listener<'a> {
    progress: Box<dyn Events + 'a>,
    lines: Option<&'a Mutex<Sink>>,
}

impl<'a> Listener<'a> {
    fn new(arguments: &Arguments, sink: &'a Mutex<Sink>) -> Listener<'a> {
        let watched = console::is_watched() && !arguments.no_progress;
        Listener {
            progress: if watched { Box::new(Progress::new()) } else { Box::new(Silent) },
            lines: (arguments.format == Format::Jsonl).then_some(sink),
        }
    }
}

impl Events for Listener<'_> {
    fn started(&self, total: usize) {
        self.progress.started(total);
    }

    fn claim_started(&self, institution: &str, id: &str) {
        self.progress.claim_started(institution, id);
    }

    fn progress(&self, text: &str) {
        self.progress.progress(text);
    }

    fn claim_decided(&self, entry: &Entry) {
        if let Some(sink) = self.lines {
            // A place that cannot be written is found again, and told, at the closing line.
            let _ = write(sink, &(json::line(entry) + "\n"));
        }
        self.progress.claim_decided(entry);
    }

    fn obligation_holds(&self, entry: &Entry) {
        self.progress.obligation_holds(entry);
    }

    fn finished(&self) {
        self.progress.finished();
    }
}

/// Writes every run to a file of its own; defects of one kind are told apart by their line.
fn write_traces(report: &Report, folder: &Path) -> Result<(), Failure> {
    let mut taken = std::collections::BTreeSet::new();
    for entry in &report.entries {
        let Some((run, twin)) = itf::of_entry(entry, &report.yamen) else { continue };
        let plain = format!("{}.{}", entry.institution, entry.id);
        let name = match taken.insert(plain.clone()) {
            true => plain,
            false => format!("{plain}.{}", entry.line),
        };
        for (suffix, text) in [("", Some(run)), (".twin", twin)] {
            let Some(text) = text else { continue };
            let path = folder.join(format!("{name}{suffix}.itf.json"));
            std::fs::write(&path, text)
                .map_err(|error| Failure::output(&format!("`{}`", path.display()), &error))?;
        }
    }
    Ok(())
}
