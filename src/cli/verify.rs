//! `yamen verify`: the main job, and how its report is printed.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use clap::builder::{PossibleValuesParser, StringValueParser, TypedValueParser};

use super::console::{self, Sink};
use super::exit::Exit;
use super::options::{Paths, Setting, seconds, setting};
use super::progress::Progress;
use super::specs::Specs;
use super::{Failure, certify, foreign, guard, lock};
use crate::exchange;
use crate::report::diagnostics::{self, Trouble};
use crate::report::events::{Events, Silent};
use crate::report::lock::Change;
use crate::report::outcome::{Entry, Report};
use crate::report::text::{TextOptions, Traces};
use crate::report::{self, findings, github, itf, json, junit, sarif, text};
use crate::solver::version;
use crate::syntax::diagnostic::Diagnostic;
use crate::syntax::source::SourceMap;
use crate::types::Assignment;
use crate::verify::cache::{self, Cache};
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
    /// Decide for all values of all parameters at once, but for those that are given one.
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
    #[command(flatten)]
    caching: Caching,
}

/// Where evidence is kept from one run to the next.
#[derive(Clone, Debug, clap::Args)]
struct Caching {
    /// Keep evidence in this folder, and check what is there before engines are asked; without it in
    /// `$YAMEN_CACHE`, or the user's folder for such things.
    #[arg(long, value_name = "DIR")]
    cache: Option<PathBuf>,
    /// Ask engines whatever is kept, and keep nothing.
    #[arg(long, conflicts_with = "cache")]
    no_cache: bool,
}

impl Caching {
    fn opened(&self) -> Option<Arc<Cache>> {
        let folder = self.cache.clone().or_else(cache::usual).filter(|_| !self.no_cache);
        folder.map(|folder| Arc::new(Cache::new(folder)))
    }
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
    /// Write the report in another format as well; repeatable.
    #[arg(long, value_name = "FORMAT=FILE", value_parser = also())]
    also: Vec<(Format, PathBuf)>,
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
    /// Be content with a search of all states: look for no proof that another program could check.
    #[arg(long, conflicts_with = "certificates")]
    search_suffices: bool,
    #[command(flatten)]
    lock: lock::Locking,
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
    /// SARIF 2.1.0: verdicts that are not as expected, with the rules of their runs.
    Sarif,
    /// JUnit's XML: a case for each claim.
    Junit,
    /// Commands that GitHub shows as annotations.
    Github,
}

impl Format {
    /// What stands in place of a report where nothing could be verified; text has nothing.
    fn failure(self, failure: &Failure) -> String {
        match self {
            Format::Text => String::new(),
            Format::Json | Format::Jsonl => failure.json(),
            Format::Sarif => sarif::messages(&failure.findings(), crate::VERSION),
            Format::Junit => junit::messages(&failure.findings()),
            Format::Github => github::findings_only(&failure.findings()),
        }
    }
}

/// A report, and what was said of its specs.
struct Decided {
    report: Report,
    messages: Vec<Diagnostic>,
    sources: SourceMap,
}

/// Which runs text tells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
enum TraceChoice {
    /// Those of all refutations and scenarios.
    #[default]
    All,
    /// The same, with what does not bear on the verdict.
    Whole,
    /// Those of verdicts that are not the expected ones.
    Unexpected,
    /// None.
    None,
}

impl From<TraceChoice> for Traces {
    fn from(choice: TraceChoice) -> Traces {
        match choice {
            TraceChoice::All => Traces::All,
            TraceChoice::Whole => Traces::Whole,
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

/// Reads `FORMAT=FILE`.
fn also() -> impl TypedValueParser<Value = (Format, PathBuf)> {
    StringValueParser::new().try_map(|text: String| {
        let (format, file) = text.split_once('=').unwrap_or((&text, ""));
        match (<Format as clap::ValueEnum>::from_str(format, false), file) {
            (Ok(Format::Jsonl), _) => Err("jsonl tells claims as they are decided; take json"),
            (Ok(format), file) if !file.is_empty() => Ok((format, PathBuf::from(file))),
            _ => Err("write it as FORMAT=FILE, for example sarif=yamen.sarif"),
        }
    })
}

/// Verifies and prints the report.
///
/// # Errors
/// Nothing could be verified, or the report cannot be written.
pub fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let sink = Mutex::new(Sink::open(arguments.out.as_deref())?);
    let more = arguments.also.iter().map(|(format, path)| Ok((*format, Sink::open(Some(path))?)));
    let mut more = more.collect::<Result<Vec<(Format, Sink)>, Failure>>()?;
    let options = options(arguments);
    let lock = arguments.lock.before(&options);
    let result = lock.and_then(|lock| Ok((verified(arguments, &sink)?, lock)));
    if let Err(failure) = &result {
        write(&sink, &arguments.format.failure(failure))?;
        more.iter_mut().try_for_each(|(format, sink)| sink.write(&format.failure(failure)))?;
    }
    let (decided, lock) = result?;
    let (report, paths) = (&decided.report, &arguments.question.paths.paths);
    let changes = lock.map(|lock| arguments.lock.changes(&lock, report, paths, &options));
    let changes = changes.unwrap_or_default();
    let written = |format| written(format, &decided, &changes, arguments);
    write(&sink, &written(arguments.format))?;
    more.iter_mut().try_for_each(|(format, sink)| sink.write(&written(*format)))?;
    lock::tell(&changes);
    arguments.lock.write(report, paths, &options)?;
    if let Some(folder) = &arguments.out_itf {
        write_traces(report, folder)?;
    }
    if let Some(folder) = &arguments.certificates {
        certify::write(report, folder)?;
    }
    Ok(lock::exit(Exit::of(report), &changes))
}

fn verified(arguments: &Arguments, sink: &Mutex<Sink>) -> Result<Decided, Failure> {
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
    institutions(&arguments.question, &options(arguments), &events)
}

/// Verifies the institutions of the specs, and gives them back with what came of it.
fn institutions(
    question: &Question,
    options: &Options,
    events: &dyn Events,
) -> Result<Decided, Failure> {
    decided(question, options, events).map(|(report, specs)| Decided {
        report,
        messages: specs.diagnostics,
        sources: specs.sources,
    })
}

/// Verifies the institutions of the specs, and gives the specs back.
fn decided(
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
    // Nothing decided must not look like nothing wrong.
    specs.has_some()?;
    let cancel = guard::interruptible();
    let cancelled = || cancel.load(Ordering::SeqCst);
    let verified = verify(&specs.sources, &specs.institutions, options, events, &cancelled);
    if let Some(cache) = &options.cache {
        cache.trim();
        cache.notes().iter().for_each(|note| console::warn(&format!("note: {note}\n")));
    }
    match verified {
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
        decided(self, &options, &*watched()).map(|(report, _)| report)
    }

    /// Verifies the specs, with what each proof needs if that is wanted, and gives them back.
    ///
    /// # Errors
    /// Nothing can be verified.
    pub fn decided(&self, needs: bool) -> Result<(Report, Specs), Failure> {
        version::check()
            .map_err(|old| Failure::usage(Trouble::new("old-solver", old.to_string())))?;
        decided(self, &Options { needs, ..self.options() }, &*watched())
    }

    /// The specs, with all that is wrong with them so far.
    pub fn loaded(&self) -> Specs {
        Specs::load(&self.paths.paths)
    }

    /// The parameter values asked for.
    ///
    /// # Errors
    /// The specs have no parameter of some name.
    pub fn assignment(&self, specs: &Specs) -> Result<Assignment, Failure> {
        specs.assignment(&self.set, self.for_all_params)
    }

    /// What is asked, as the use case takes it.
    pub fn options(&self) -> Options {
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
            cache: self.caching.opened(),
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
) -> Result<Decided, Failure> {
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
    Ok(Decided { report, messages: Vec::new(), sources: SourceMap::default() })
}

fn options(arguments: &Arguments) -> Options {
    Options {
        certificates: arguments.certificates.is_some(),
        search_suffices: arguments.search_suffices,
        needs: !arguments.no_needs,
        ..arguments.question.options()
    }
}

/// The report, or what of it remains to be printed.
fn written(format: Format, decided: &Decided, changes: &[Change], arguments: &Arguments) -> String {
    let report = &decided.report;
    let messages = || {
        let mut all = findings::of_messages(&[], &decided.messages, &decided.sources);
        all.extend(report::lock::findings(report, changes));
        all
    };
    match format {
        Format::Text => {
            let options = TextOptions { width: console::width(), traces: arguments.traces.into() };
            text::report(report, &options)
        }
        Format::Json => json::report(report) + "\n",
        Format::Jsonl => json::closing_line(report) + "\n",
        Format::Sarif => sarif::report(report, messages()),
        Format::Junit => junit::report(report, &messages()),
        Format::Github => github::report(report, &messages()),
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
