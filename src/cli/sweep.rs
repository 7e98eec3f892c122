//! `yamen sweep`: a claim over a grid of parameters, and its boundary.

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use clap::builder::{StringValueParser, TypedValueParser};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use sha2::{Digest, Sha256};

use super::console::{self, Sink};
use super::exit::Exit;
use super::options::{Setting, seconds, setting};
use super::specs::Specs;
use super::{Failure, guard};
use crate::report::diagnostics::Trouble;
use crate::solver::version;
use crate::sweep::decide::Question;
use crate::sweep::grid::{Grid, Over, Params, Values, key, lay_out};
use crate::sweep::journal::{Fault, Journal};
use crate::sweep::merge::merge;
use crate::sweep::outcome::{Cell, CellVerdict, Head, SCHEMA, Sweep};
use crate::sweep::regions::Asker;
use crate::sweep::{map, svg};
use crate::syntax::ast::{Decl, Expected, Institution};
use crate::syntax::source::SourceMap;
use crate::types::core::Claim;
use crate::verify::Options;

/// Arguments of `sweep`.
#[derive(Clone, Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub struct Arguments {
    #[command(subcommand)]
    merge: Option<Part>,
    /// The spec.
    #[arg(value_name = "FILE", required = true)]
    file: Option<PathBuf>,
    /// The claim, scenario or lemma to decide.
    #[arg(long, value_name = "ID", required = true)]
    claim: Option<String>,
    /// The institution; without it the one that has the claim and is no reform.
    #[arg(long, value_name = "NAME")]
    institution: Option<String>,
    /// A parameter to sweep over: P=LO..HI, P=A,B,C, or P alone for all values of its type; repeatable.
    #[arg(long, value_name = "P=VALUES", value_parser = over(), required = true)]
    over: Vec<Over>,
    /// Give another parameter a value; repeatable.
    #[arg(long, value_name = "P=V", value_parser = setting())]
    set: Vec<Setting>,
    /// How many cells are decided at once; as many as there are processors without it.
    #[arg(long, value_name = "N")]
    jobs: Option<NonZeroUsize>,
    /// Time for each question of a cell.
    #[arg(long, value_name = "SECONDS", default_value = "60", value_parser = seconds())]
    timeout: f64,
    /// The seed of the solver's choices.
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
    /// Keep what is decided in this file, and go on from there if it exists.
    #[arg(long, value_name = "FILE")]
    resume: Option<PathBuf>,
    /// Decide only every Nth cell, beginning with the Ith; see `sweep merge`.
    #[arg(long, value_name = "I/N", value_parser = shard())]
    shard: Option<Shard>,
    /// Take no search of states for a proof: engines prove, and their certificates are checked. Slower.
    #[arg(long)]
    certified: bool,
    /// Decide no cells outside the grid to check the boundary on.
    #[arg(long)]
    no_outside: bool,
    /// Prove the boundary for all values of the ranges at once, the swept parameters being symbols.
    #[arg(long, conflicts_with = "shard")]
    regions: bool,
    /// What to print.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// Write the report to a file instead of standard output.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Say in JSON and comma-separated values how long each cell took; then no two reports are the same.
    #[arg(long)]
    times: bool,
    /// Do not show progress.
    #[arg(long)]
    no_progress: bool,
}

/// Verbs below `sweep`.
#[derive(Clone, Debug, clap::Subcommand)]
enum Part {
    /// Put the shards of a sweep together, from their journals or JSON reports.
    Merge(Merging),
}

/// Arguments of `sweep merge`.
#[derive(Clone, Debug, clap::Args)]
struct Merging {
    /// Journals (`--resume`), or reports (`--format json`).
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    /// What to print; JSON where it goes to a file that is not said to be otherwise.
    #[arg(long, value_enum)]
    format: Option<Format>,
    /// Write the report to a file instead of standard output.
    #[arg(long, short, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Say in JSON and comma-separated values how long each cell took.
    #[arg(long)]
    times: bool,
}

/// What a sweep is printed as.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// Maps and conclusions for people.
    #[default]
    Text,
    /// One JSON object; its schema is schema/yamen.sweep.v1.schema.json.
    Json,
    /// Comma-separated values, a line for each cell.
    Csv,
    /// A phase diagram.
    Svg,
}

impl Format {
    fn written(self, sweep: &mut Sweep, times: bool) -> String {
        if !times && self != Format::Text {
            sweep.forget_times();
        }
        match self {
            Format::Text => map::text(sweep),
            Format::Json => sweep.json(),
            Format::Csv => sweep.csv(),
            Format::Svg => svg::svg(sweep),
        }
    }
}

/// Every `of`th cell, beginning with the `number`th.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Shard {
    number: usize,
    of: usize,
}

/// Reads `I/N`.
fn shard() -> impl TypedValueParser<Value = Shard> {
    StringValueParser::new().try_map(|text: String| {
        let parts = text.split_once('/').and_then(|(number, of)| {
            Some(Shard { number: number.trim().parse().ok()?, of: of.trim().parse().ok()? })
        });
        let sound = |shard: &Shard| (1..=shard.of).contains(&shard.number);
        parts.filter(sound).ok_or("write it as I/N with I from 1 to N, for example 2/4")
    })
}

/// Reads `P`, `P=LO..HI` or `P=A,B,C`.
fn over() -> impl TypedValueParser<Value = Over> {
    StringValueParser::new().try_map(|text: String| {
        let (name, values) = match text.split_once('=') {
            None => (text.trim(), Values::All),
            Some((name, values)) => (name.trim(), values_of(values)?),
        };
        if name.is_empty() {
            return Err("write it as P=LO..HI, P=A,B,C or P".to_owned());
        }
        Ok(Over { name: name.to_owned(), values })
    })
}

fn values_of(text: &str) -> Result<Values, String> {
    if let Some((low, high)) = text.split_once("..") {
        let number = |end: &str| end.trim().parse::<i64>().ok();
        return match (number(low), number(high)) {
            (Some(low), Some(high)) if low <= high && high.abs_diff(low) < 1_000_000 => {
                Ok(Values::Range(low, high))
            }
            _ => Err(format!("`{text}` is no range of whole numbers, such as 0..4")),
        };
    }
    let listed: Vec<String> = text.split(',').map(|value| value.trim().to_owned()).collect();
    if listed.iter().any(String::is_empty) {
        return Err("a value is missing; write it as P=A,B,C".to_owned());
    }
    Ok(Values::Listed(listed))
}

/// Sweeps, or merges, and prints.
///
/// # Errors
/// Nothing could be decided, the journal cannot be used, or the report cannot be written.
pub fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    if let Some(Part::Merge(merging)) = &arguments.merge {
        return merged(merging);
    }
    version::check().map_err(|old| Failure::usage(Trouble::new("old-solver", old.to_string())))?;
    let (Some(file), Some(claim)) = (&arguments.file, &arguments.claim) else {
        return Err(Failure::usage(Trouble::new("usage", "a file and a claim are needed")));
    };
    let mut sink = Sink::open(arguments.out.as_deref())?;
    let mut specs = Specs::load(std::slice::from_ref(file));
    if specs.has_errors() {
        return Err(specs.into_failure());
    }
    choose(&mut specs, arguments.institution.as_deref(), claim)?;
    let (mut sweep, interrupted) = swept(arguments, file, claim, specs)?;
    sink.write(&arguments.format.written(&mut sweep, arguments.times))?;
    Ok(if interrupted { Exit::Interrupted } else { exit(&sweep) })
}

fn swept(
    arguments: &Arguments,
    file: &Path,
    claim: &str,
    mut specs: Specs,
) -> Result<(Sweep, bool), Failure> {
    let set = settings(arguments, &specs)?;
    let Some(institution) = specs.institutions.first().cloned() else {
        return Err(specs.into_failure());
    };
    let grid = match lay_out(&institution, &arguments.over, &set, !arguments.no_outside) {
        Ok(grid) => grid,
        Err(diagnostics) => {
            specs.add(diagnostics);
            return Err(specs.into_failure());
        }
    };
    let claimed = grid.model.claims.iter().find(|one| one.name == claim);
    let head = head(arguments, file, &set, &grid, (claim, claimed), &specs.sources);
    let question = Question {
        sources: &specs.sources,
        institution: &institution,
        claim,
        expects: claimed.is_some_and(|claim| claim.expect.is_some()),
        set: &set,
        options: Options {
            timeout: Duration::from_secs_f64(arguments.timeout),
            seed: arguments.seed,
            certificates: arguments.certified,
            neighbours: Some(Arc::default()),
            ..Options::default()
        },
    };
    decided(arguments, head, &grid, &question)
}

/// Decides what is not in the journal.
fn decided(
    arguments: &Arguments,
    head: Head,
    grid: &Grid,
    question: &Question<'_>,
) -> Result<(Sweep, bool), Failure> {
    let (journal, known) = match &arguments.resume {
        Some(path) => {
            let (journal, known) = Journal::open(path, &head).map_err(|f| unusable(path, &f))?;
            (Some(journal), known)
        }
        None => (None, Vec::new()),
    };
    let mine = part(grid, arguments.shard);
    let done: BTreeSet<Vec<String>> = known.iter().map(|cell| key(&cell.params)).collect();
    let open = |params: &&Params| !done.contains(&key(params));
    let todo: Vec<&Params> = mine.iter().copied().filter(open).collect();
    let bar = bar(mine.len(), mine.len() - todo.len(), arguments.no_progress);
    let settled = Mutex::new((journal, known));
    let take = |cell: Cell| {
        let mut settled = settled.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(journal) = &mut settled.0 {
            journal.add(&cell)?;
        }
        settled.1.push(cell);
        bar.inc(1);
        std::io::Result::Ok(())
    };
    let cancel = guard::interruptible();
    let cancelled = || cancel.load(Ordering::SeqCst);
    let workers = arguments.jobs.map_or(question.options.jobs, NonZeroUsize::get);
    let result = question.decide(&todo, workers, &take, &cancelled);
    bar.finish_and_clear();
    result.map_err(|error| Failure::output("the journal", &error))?;
    let (_, cells) = settled.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    let interrupted = cells.len() < mine.len();
    let mut sweep = Sweep::conclude(head, cells);
    if arguments.regions && !interrupted {
        let asker = Asker { question, grid, over: &arguments.over, cancel: &cancelled };
        sweep.regions = asker.regions(&sweep);
    }
    Ok((sweep, interrupted))
}

/// The cells that are this run's to decide.
fn part(grid: &Grid, shard: Option<Shard>) -> Vec<&Params> {
    let all = grid.cells.iter().chain(&grid.outside);
    let Some(Shard { number, of }) = shard else { return all.collect() };
    all.skip(number.saturating_sub(1)).step_by(of.max(1)).collect()
}

fn bar(cells: usize, known: usize, hidden: bool) -> ProgressBar {
    if hidden || !console::is_watched() {
        return ProgressBar::hidden();
    }
    let target = ProgressDrawTarget::stderr();
    let bar = ProgressBar::with_draw_target(Some(cells as u64), target);
    let template = "{spinner} {pos}/{len} cells, {elapsed}, about {eta} left {wide_bar}";
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    bar.set_position(known as u64);
    bar.reset_eta();
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}

fn head(
    arguments: &Arguments,
    file: &Path,
    set: &BTreeMap<String, String>,
    grid: &Grid,
    (name, claim): (&str, Option<&Claim>),
    sources: &SourceMap,
) -> Head {
    let usual = crate::verify::blank(&Options { seed: arguments.seed, ..Options::default() });
    Head {
        schema: SCHEMA.to_owned(),
        yamen: usual.yamen,
        solver: usual.solver,
        seed: usual.seed,
        timeout: arguments.timeout,
        certified: arguments.certified,
        file: file.display().to_string(),
        hash: hash(sources),
        institution: grid.model.name.clone(),
        claim: name.to_owned(),
        title: claim.and_then(|claim| claim.title.clone()),
        over: grid.over.clone(),
        set: set.iter().map(|(name, value)| (name.clone(), value.clone())).collect(),
        size: grid.cells.len(),
        left_out: grid.left_out,
        beyond: grid.outside.len(),
        expected: claim.and_then(|claim| expected(claim, sources)),
        shard: arguments.shard.map(|Shard { number, of }| format!("{number}/{of}")),
    }
}

/// Where a proof is expected, in the words of the spec.
fn expected(claim: &Claim, sources: &SourceMap) -> Option<String> {
    let expect = claim.expect.as_ref()?;
    let proof = expect.verdict != Expected::Refuted;
    Some(match &expect.when {
        None => proof.to_string(),
        Some(when) => {
            let words = sources.text(when.span).split_whitespace().collect::<Vec<_>>().join(" ");
            if proof { words } else { format!("not ({words})") }
        }
    })
}

/// A hash of all files that were read, in order.
pub(super) fn hash(sources: &SourceMap) -> String {
    let mut hasher = Sha256::new();
    for source in sources.iter() {
        hasher.update((source.text.len() as u64).to_le_bytes());
        hasher.update(source.text.as_bytes());
    }
    hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The values that are set; no parameter may be both set and swept, nor swept twice.
fn settings(arguments: &Arguments, specs: &Specs) -> Result<BTreeMap<String, String>, Failure> {
    let swept = arguments.over.iter().map(|over| &over.name);
    let mut all: Vec<Setting> = arguments.set.clone();
    for name in swept {
        if all.iter().any(|setting| setting.name == *name) {
            let message = format!("`{name}` is given values twice");
            return Err(Failure::usage(Trouble::new("twice", message)));
        }
        all.push(Setting { name: name.clone(), value: String::new() });
    }
    let mut given = specs.assignment(&all, false)?.values;
    given.retain(|name, _| arguments.set.iter().any(|setting| setting.name == *name));
    Ok(given)
}

/// Keeps the institution that is meant: the named one, or the one that has the claim and is no reform.
fn choose(specs: &mut Specs, name: Option<&str>, claim: &str) -> Result<(), Failure> {
    let claims = |institution: &Institution| -> Vec<String> {
        let items = institution.items.iter();
        items
            .filter_map(|item| match &item.decl {
                Decl::Claim(one) => Some(one.name.text.clone()),
                Decl::Scenario(one) => Some(one.name.text.clone()),
                Decl::Lemma(one) => Some(one.name.text.clone()),
                _ => None,
            })
            .collect()
    };
    if let Some(name) = name {
        specs.only(Some(name))?;
    }
    let known: Vec<String> = specs.institutions.iter().flat_map(claims).collect();
    let has = |institution: &&Institution| claims(institution).iter().any(|one| one == claim);
    let mut fitting: Vec<&Institution> = specs.institutions.iter().filter(has).collect();
    if fitting.len() > 1 {
        fitting.retain(|institution| institution.base.is_none());
    }
    match fitting.as_slice() {
        [one] => {
            let name = one.name.text.clone();
            specs.only(Some(&name))
        }
        [] if known.iter().any(|one| one == claim) => specs.only(None),
        [] => Err(Failure::usage(unknown_claim(claim, &known))),
        _ => specs.only(None),
    }
}

fn unknown_claim(claim: &str, known: &[String]) -> Trouble {
    let trouble =
        Trouble::new("unknown-claim", format!("there is no claim, scenario or lemma `{claim}`"));
    let near =
        known.iter().max_by(|a, b| strsim::jaro(a, claim).total_cmp(&strsim::jaro(b, claim)));
    match near {
        Some(near) => trouble.help(format!("did you mean `{near}`?")),
        None => trouble,
    }
}

fn unusable(path: &Path, fault: &Fault) -> Failure {
    let trouble = Trouble::new("journal", format!("`{}` {fault}", path.display()));
    Failure::usage(match fault {
        Fault::Io(_) => trouble,
        Fault::InUse => trouble.help(
            "wait until that sweep has ended, give each process a journal of its own, or divide the \
             work with `--shard` and put it together with `yamen sweep merge`",
        ),
        _ => trouble.help("name another file, or remove this one to begin anew"),
    })
}

fn merged(merging: &Merging) -> Result<Exit, Failure> {
    let mut merged = merge(&merging.files)
        .map_err(|refusal| Failure::usage(Trouble::new("merge", refusal.to_string())))?;
    let usual = if merging.out.is_some() { Format::Json } else { Format::Text };
    let mut sink = Sink::open(merging.out.as_deref())?;
    let missing = merged.missing();
    let sweep = &mut merged.sweep;
    sink.write(&merging.format.unwrap_or(usual).written(sweep, merging.times))?;
    // A part of the cells may be as expected, and the rest is still not known.
    Ok(match (exit(sweep), missing) {
        (exit, None) => exit,
        (exit, Some(missing)) => {
            console::warn(&format!("warning: {missing}\n"));
            if exit == Exit::AsExpected { Exit::Unknown } else { exit }
        }
    })
}

/// How a sweep ends. What failed its own check outweighs all, then verdicts that are not as expected.
fn exit(sweep: &Sweep) -> Exit {
    let all = || sweep.cells.iter().chain(&sweep.outside);
    let unexpected =
        |cell: &Cell| cell.verdict == CellVerdict::Error || cell.as_expected == Some(false);
    if all().any(|cell| cell.evidence_failed) {
        Exit::Internal
    } else if sweep.cells.iter().any(|c| c.verdict != CellVerdict::Unknown && unexpected(c)) {
        Exit::NotAsExpected
    } else if sweep.summary.unknown > 0 {
        Exit::Unknown
    } else {
        Exit::AsExpected
    }
}
