//! `yamen replay`: a trace re-executed by the interpreter, without any solver.

use std::path::{Path, PathBuf};

use super::Failure;
use super::console::print;
use super::exit::Exit;
use super::failure::reason;
use super::options::Setting;
use super::specs::Specs;
use crate::interp::deviations::{self, Claimed};
use crate::interp::game;
use crate::interp::knowing::{self, Doubt};
use crate::interp::pairs::{self, Pair};
use crate::interp::replay::{Departure, Goal, replay};
use crate::interp::stays;
use crate::report::diagnostics::Trouble;
use crate::report::itf::{self, ItfError};
use crate::twin::{
    self,
    deviation::{self, Asked},
};
use crate::types::core::{Claim, ExprKind, Model, Property};
use crate::types::defect::DefectKind;
use crate::types::layout::Layout;
use crate::types::trace::Trace;

/// The longest trace that is read, in bytes.
const MOST_BYTES: u64 = 1 << 30;

/// Arguments of `replay`.
#[derive(Clone, Debug, clap::Args)]
pub struct Arguments {
    /// The spec.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The trace, as `verify` and `run` write it with --out-itf.
    #[arg(value_name = "TRACE")]
    trace: PathBuf,
    /// Which institution; the one that the trace names without it.
    #[arg(long, value_name = "NAME")]
    institution: Option<String>,
    /// Which claim the run is to decide; the one that the trace names without it.
    #[arg(long, value_name = "ID")]
    claim: Option<String>,
}

/// Replays a trace.
///
/// # Errors
/// The spec or the trace cannot be read.
pub fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    match outcome(arguments)? {
        Ok(text) => print(&text).map(|()| Exit::AsExpected),
        Err(text) => print(&text).map(|()| Exit::NotAsExpected),
    }
}

/// Replays the trace of a certificate: what it shows, or where it departs.
///
/// # Errors
/// The spec or the trace cannot be read.
pub(super) fn of_certificate(
    file: PathBuf,
    trace: PathBuf,
    institution: &str,
    claim: &str,
) -> Result<Result<String, String>, Failure> {
    let (institution, claim) = (Some(institution.to_owned()), Some(claim.to_owned()));
    outcome(&Arguments { file, trace, institution, claim })
}

fn outcome(arguments: &Arguments) -> Result<Result<String, String>, Failure> {
    let wrong = |error: ItfError| {
        let message = format!("`{}`: {error}", arguments.trace.display());
        Failure::usage(Trouble::new("wrong-trace", message))
    };
    let text = read(&arguments.trace)?;
    let header = itf::header(&text).map_err(wrong)?;
    let mut specs = Specs::load(std::slice::from_ref(&arguments.file));
    specs.only(arguments.institution.as_deref().or(header.institution.as_deref()))?;
    let settings: Vec<Setting> =
        header.params.into_iter().map(|(name, value)| Setting { name, value }).collect();
    let given = specs.assignment(&settings, false)?;
    let (model, _) = specs.model(&given)?;
    let layout = Layout::new(&model);
    let trace = itf::read(&text, &model, &layout).map_err(wrong)?;
    if let (Some(first), None) = (&header.twin_of, &arguments.claim) {
        return Ok(other_run(&model, &trace, header.claim.as_deref(), first));
    }
    let (goal, shows) = goal(&model, arguments.claim.as_deref(), header.claim.as_deref())?;
    let twin = || -> Result<Option<Trace>, Failure> {
        let Some(file) = &header.twin else { return Ok(None) };
        let path = arguments.trace.with_file_name(file);
        Ok(Some(itf::read(&read(&path)?, &model, &layout).map_err(wrong)?))
    };
    Ok(shown(&model, goal, &of(&model, &trace), &trace, twin()?.as_ref())
        .map(|what| format!("replayed: {what}{shows}\n")))
}

/// ``of `desk` with 4 states``
fn of(model: &Model, trace: &Trace) -> String {
    match trace.periods.len() {
        1 => format!("of `{}` with 1 state", model.name),
        periods => format!("of `{}` with {periods} states", model.name),
    }
}

/// The other run of a pair by itself: it is a run, and decides nothing without the first one.
fn other_run(
    model: &Model,
    trace: &Trace,
    claim: Option<&str>,
    first: &str,
) -> Result<String, String> {
    let claim = claim.and_then(|id| model.claims.iter().find(|claim| claim.name == id));
    let deviates = |claim: &Claim| deviation::asked(model, &claim.property).is_some();
    let is_deviation = claim.is_some_and(deviates);
    // Who deviates is not bound by practices; whether the others keep theirs is judged with the first run.
    let bound = if is_deviation { without_practices(model) } else { model.clone() };
    replay(&bound, Goal::Run, trace).map_err(|departure| told(&departure))?;
    let what = claim.map_or("the claim".to_owned(), |claim| format!("`{}`", claim.name));
    let run = of(model, trace);
    Ok(format!(
        "replayed: a run {run}, the other one of a pair\n\
         {what} is decided by both: replay `{first}`, which names this one\n"
    ))
}

/// The model with practices that bind nobody.
fn without_practices(model: &Model) -> Model {
    let mut free = model.clone();
    free.assumes.retain(|assume| assume.practice.is_none());
    free
}

/// What the trace shows, `run` saying which it is; or where it departs.
fn shown(
    model: &Model,
    goal: Goal<'_>,
    run: &str,
    trace: &Trace,
    other: Option<&Trace>,
) -> Result<String, String> {
    let plain = |model: &Model, goal: Goal<'_>| {
        replay(model, goal, trace).map(drop).map_err(|departure| told(&departure))
    };
    let Goal::Claim(claim) = goal else {
        return plain(model, goal).map(|()| format!("a run {run}"));
    };
    if let (Some(asked), Some(other)) = (deviation::asked(model, &claim.property), other) {
        return deviates(model, claim, &asked, trace, other)
            .map(|()| format!("a run {run}, and a deviation that pays,"));
    }
    if game::questions(model, &claim.property).is_some() {
        // Nobody is bound by practices in a game.
        let free = without_practices(model);
        return plain(&free, Goal::Run).map(|()| format!("a play {run}, under the strategy"));
    }
    if pairs::is_judged_on_pairs(model, claim) {
        return knowledge(model, claim, trace, other).map(|kind| format!("{kind} {run}"));
    }
    if stays::targets(model, &claim.property).is_some() {
        // That nothing leads on from its end is no matter of one run: the verdict's certificate says so.
        return plain(model, Goal::Run).map(|()| format!("a run {run} to where nothing leads on,"));
    }
    plain(model, goal).map(|()| format!("a run {run}"))
}

/// Whether two runs are a deviation that pays, from the first period in which they may differ.
fn deviates(
    model: &Model,
    claim: &Claim,
    asked: &[Asked],
    run: &Trace,
    other: &Trace,
) -> Result<(), String> {
    let mut departs = None;
    for question in asked {
        let claimed = Claimed {
            assumes: &claim.assumes,
            posts: &question.posts,
            within: question.within,
            margin: question.margin.as_ref(),
        };
        for from in 0..run.periods.len() {
            match deviations::replay(model, &claimed, run, other, from) {
                Ok(_) => return Ok(()),
                Err(departure) => departs = departs.or(Some(departure)),
            }
        }
    }
    Err(departs.map_or_else(|| "nothing is claimed of deviations\n".to_owned(), |d| told(&d)))
}

/// Two runs, or one with all that look alike: what they are, or where they depart.
fn knowledge(
    model: &Model,
    claim: &Claim,
    trace: &Trace,
    other: Option<&Trace>,
) -> Result<String, String> {
    let smallest = matches!(&*claim.property.kind, ExprKind::Property(Property::Smallest(..)));
    let mut departs = None;
    if smallest || twin::questions(model, claim).is_ok() {
        match pairs::replay(model, claim, trace, other.unwrap_or(trace)) {
            Ok(pair) => return Ok(kind(&pair)),
            Err(departure) => departs = Some(departure),
        }
    }
    match knowing::decides(model, claim, trace, other) {
        Ok(_) if other.is_some() => Ok("a run, and one that looks the same,".to_owned()),
        Ok(_) => Ok("a run, with all that look the same,".to_owned()),
        Err(Doubt::Departs(departure)) => Err(told(departs.as_ref().unwrap_or(&departure))),
        Err(Doubt::TooMany) => Err(departs.map_or_else(
            || "too many runs look alike to follow them all\n".to_owned(),
            |departure| told(&departure),
        )),
    }
}

/// What two runs are.
fn kind(pair: &Pair) -> String {
    match pair.judges.as_slice() {
        _ if pair.judged.trace == pair.alike.trace => "a run".to_owned(),
        [] => "a pair of runs".to_owned(),
        judges => format!("a pair of runs that look the same to {},", judges.join(" and ")),
    }
}

/// Where a trace departs, in words.
fn told(departure: &Departure) -> String {
    let mut text = format!("departs in {departure}\n");
    for (what, value) in [("expected", &departure.expected), ("in the trace", &departure.found)] {
        if let Some(value) = value {
            text.push_str(&format!("  {what}: {value}\n"));
        }
    }
    text
}

/// What the run is to show, and that in words.
fn goal<'m>(
    model: &'m Model,
    asked: Option<&str>,
    named: Option<&str>,
) -> Result<(Goal<'m>, String), Failure> {
    let Some(id) = asked.or(named) else { return Ok((Goal::Run, String::new())) };
    if let Some(claim) = model.claims.iter().find(|claim| claim.name == id) {
        return Ok((Goal::Claim(claim), format!(" that decides `{id}`")));
    }
    if let Some(kind) = DefectKind::from_id(id) {
        return Ok((Goal::Defect(kind), format!(" that ends in a defect: {}", kind.description())));
    }
    let message = format!("there is no claim `{id}` in `{}`", model.name);
    Err(Failure::usage(Trouble::new("unknown-claim", message)))
}

pub(super) fn read(path: &Path) -> Result<String, Failure> {
    let unreadable = |why: String| {
        let message = format!("cannot read `{}`: {why}", path.display());
        Failure::usage(Trouble::new("unreadable-trace", message))
    };
    let length = std::fs::metadata(path).map_err(|error| unreadable(reason(&error)))?.len();
    if length > MOST_BYTES {
        return Err(unreadable("it is larger than a gigabyte".to_owned()));
    }
    std::fs::read_to_string(path).map_err(|error| unreadable(reason(&error)))
}
