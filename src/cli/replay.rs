//! `yamen replay`: a trace re-executed by the interpreter, without any solver.

use std::path::{Path, PathBuf};

use super::Failure;
use super::console::print;
use super::exit::Exit;
use super::failure::reason;
use super::options::Setting;
use super::specs::Specs;
use crate::interp::pairs::{self, Pair};
use crate::interp::replay::{Departure, Goal, replay};
use crate::report::diagnostics::Trouble;
use crate::report::itf::{self, ItfError};
use crate::types::core::Model;
use crate::types::defect::DefectKind;
use crate::types::layout::Layout;

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
    let (goal, shows) = goal(&model, arguments.claim.as_deref(), header.claim.as_deref())?;
    let periods = trace.periods.len();
    let count = if periods == 1 { "1 state".to_owned() } else { format!("{periods} states") };
    let name = &model.name;
    if let Goal::Claim(claim) = goal
        && pairs::is_judged_on_pairs(&model, claim)
    {
        let other = match &header.twin {
            Some(file) => {
                let path = arguments.trace.with_file_name(file);
                itf::read(&read(&path)?, &model, &layout).map_err(wrong)?
            }
            None => trace.clone(),
        };
        let replayed = pairs::replay(&model, claim, &trace, &other);
        return Ok(replayed.map_or_else(
            |departure| Err(told(&departure)),
            |pair| Ok(format!("replayed: {} of `{name}` with {count}{shows}\n", kind(&pair))),
        ));
    }
    Ok(replay(&model, goal, &trace).map_or_else(
        |departure| Err(told(&departure)),
        |_| Ok(format!("replayed: a run of `{name}` with {count}{shows}\n")),
    ))
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

fn read(path: &Path) -> Result<String, Failure> {
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
