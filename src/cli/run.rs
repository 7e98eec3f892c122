//! `yamen run`: a run by the interpreter, at random or as the user chooses.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::Failure;
use super::console::{self, Sink, print};
use super::dialogue::Dialogue;
use super::exit::Exit;
use super::options::{Setting, setting};
use super::specs::Specs;
use crate::interp::replay::{Goal, replay};
use crate::interp::simulate::{Halt, Simulation, Wish};
use crate::report::diagnostics::Trouble;
use crate::report::itf::{self, Subject};
use crate::report::outcome::TraceReport;
use crate::report::text;
use crate::types::core::{Model, Type, Value};
use crate::types::layout::{Layout, Slot, member_name, value_name};
use crate::types::trace::Trace;
use crate::verify::traces;

/// Arguments of `run`.
#[derive(Clone, Debug, clap::Args)]
pub struct Arguments {
    /// The spec.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Which institution, if the file has several.
    #[arg(long, value_name = "NAME")]
    institution: Option<String>,
    /// How many periods to play.
    #[arg(long, value_name = "N", default_value_t = 10)]
    steps: u32,
    /// The seed of what is drawn: the same seed gives the same run.
    #[arg(long, value_name = "S", default_value_t = 0)]
    seed: u64,
    /// Choose this value wherever that is possible, for example report[2]=true; repeatable.
    #[arg(long, value_name = "NAME=VALUE", value_parser = setting())]
    choose: Vec<Setting>,
    /// Ask for every choice that is open, tell what posts see and which claims are broken, and take
    /// periods back; `:help` says how.
    #[arg(long)]
    interactive: bool,
    /// Go on from the end of this run, as `--out-itf` and `:save` write it; parameters have the values that they
    /// have there.
    #[arg(long, value_name = "TRACE", conflicts_with = "set")]
    from: Option<PathBuf>,
    /// Give a parameter a value; repeatable.
    #[arg(long, value_name = "P=V", value_parser = setting())]
    set: Vec<Setting>,
    /// Also write the run to a file, as a trace that `replay` reads.
    #[arg(long, value_name = "FILE")]
    out_itf: Option<PathBuf>,
}

/// Plays and prints a run.
///
/// # Errors
/// The spec or a choice is wrong, or the run cannot be written.
pub fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let mut specs = Specs::load(std::slice::from_ref(&arguments.file));
    specs.only(arguments.institution.as_deref())?;
    let given = specs.assignment(&settings(arguments)?, false)?;
    let (model, _) = specs.model(&given)?;
    let wishes = wishes(&model, &arguments.choose)?;
    let mut sink = arguments.out_itf.as_deref().map(|path| Sink::open(Some(path))).transpose()?;
    let mut simulation = begun(&model, arguments)?;
    let end = match arguments.interactive {
        true => Dialogue::new(&model, &arguments.file, arguments.steps, &wishes)
            .hold(&mut simulation)
            .map_err(|error| Failure::output("the run", &error))?,
        false => play(&mut simulation, arguments, &wishes),
    };
    let trace = simulation.trace();
    let replayed = replay(&model, Goal::Run, &trace).map_err(|departure| {
        let message = format!("the run does not replay: {departure}");
        Failure::Internal(Trouble::new("replay", message))
    })?;
    let report = traces::report(&model, &replayed);
    print(&told(&report, &end))?;
    if let Some(sink) = &mut sink {
        sink.write(&written(&model, &arguments.file, &trace, &report))?;
    }
    Ok(if end.is_some() { Exit::NotAsExpected } else { Exit::AsExpected })
}

/// The run as a file that `replay` reads.
pub(super) fn written(model: &Model, file: &Path, trace: &Trace, report: &TraceReport) -> String {
    let file = file.display().to_string();
    let (institution, yamen) = (model.name.as_str(), crate::VERSION);
    let subject = Subject { institution, file: &file, yamen, ..Subject::default() };
    itf::of_trace(&subject, &traces::params(model, &trace.params), report)
}

/// The values of parameters: those of the run that is gone on from, or those that are given.
fn settings(arguments: &Arguments) -> Result<Vec<Setting>, Failure> {
    let Some(path) = &arguments.from else { return Ok(arguments.set.clone()) };
    let header = itf::header(&super::replay::read(path)?);
    let header = header.map_err(|error| wrong(path, &error.to_string()))?;
    Ok(header.params.into_iter().map(|(name, value)| Setting { name, value }).collect())
}

fn wrong(path: &Path, error: &str) -> Failure {
    Failure::usage(Trouble::new("wrong-trace", format!("`{}`: {error}", path.display())))
}

/// A run at its beginning, or at the end of one that was saved.
fn begun<'m>(model: &'m Model, arguments: &Arguments) -> Result<Simulation<'m>, Failure> {
    let Some(path) = &arguments.from else {
        return Simulation::new(model, arguments.seed)
            .map_err(|error| Failure::usage(Trouble::new("no-run", error.to_string())));
    };
    let text = super::replay::read(path)?;
    let trace = itf::read(&text, model, &Layout::new(model));
    let trace = trace.map_err(|error| wrong(path, &error.to_string()))?;
    let after = Simulation::after(model, arguments.seed, &trace);
    after.map_err(|error| wrong(path, &error.to_string()))
}

fn told(report: &TraceReport, end: &Option<String>) -> String {
    let mut out = text::run(report, console::width());
    if let Some(end) = end {
        out.push_str(end);
        out.push('\n');
    }
    out
}

/// Plays the periods; returns why the run ended early, if it did.
fn play(simulation: &mut Simulation<'_>, arguments: &Arguments, wishes: &[Wish]) -> Option<String> {
    let mut denied = BTreeMap::new();
    let end = periods(simulation, arguments, wishes, &mut denied);
    for (slot, (value, periods)) in denied {
        deny(simulation, slot, &value, &periods);
    }
    end
}

/// The same, noting which wishes were denied, and in which periods.
fn periods(
    simulation: &mut Simulation<'_>,
    arguments: &Arguments,
    wishes: &[Wish],
    denied: &mut BTreeMap<usize, (Value, Vec<String>)>,
) -> Option<String> {
    for _ in 0..arguments.steps {
        let period = simulation.played();
        match simulation.step(wishes) {
            Ok(not_granted) => {
                for (slot, value) in not_granted {
                    let (_, periods) = denied.entry(slot).or_insert((value, Vec::new()));
                    periods.push(period.to_string());
                }
            }
            Err(halt) => return Some(halted(period, &halt)),
        }
    }
    None
}

pub(super) fn halted(period: usize, halt: &Halt) -> String {
    match halt {
        Halt::Stuck => format!("the run is stuck: nothing may be chosen in period {period}"),
        Halt::NotFound => format!("no way on was found in period {period}"),
        Halt::Defective(defects) => {
            let what: Vec<&str> = defects.iter().map(|defect| defect.text.as_str()).collect();
            format!("every way on is defective in period {period}: {}", what.join("; "))
        }
    }
}

fn deny(simulation: &Simulation<'_>, slot: usize, value: &Value, periods: &[String]) {
    let value = value_name(simulation.interpreter.model, value);
    let name = simulation.interpreter.layout.inputs.get(slot).map_or("", |slot| &slot.name);
    let word = if periods.len() == 1 { "period" } else { "periods" };
    console::warn(&format!("`{name}` cannot be {value} in {word} {}\n", periods.join(", ")));
}

/// The choices wished for, by slot.
fn wishes(model: &Model, choose: &[Setting]) -> Result<Vec<Wish>, Failure> {
    let layout = Layout::new(model);
    let wish = |Setting { name, value }: &Setting| {
        let Some(at) = layout.inputs.iter().position(|slot| slot.name == *name) else {
            let names: Vec<String> =
                layout.inputs.iter().map(|slot| format!("`{}`", slot.name)).collect();
            let message = format!("there is no choice `{name}` in `{}`", model.name);
            let trouble = Trouble::new("unknown-choice", message);
            return Err(Failure::usage(match names.is_empty() {
                true => trouble.help("nothing is chosen in it"),
                false => trouble.help(format!("there are {}", names.join(", "))),
            }));
        };
        let read = layout.inputs.get(at).and_then(|slot| Some((at, value_of(model, slot, value)?)));
        read.ok_or_else(|| {
            let message = format!("`{value}` is no value of `{name}`");
            Failure::usage(Trouble::new("wrong-value", message))
        })
    };
    choose.iter().map(wish).collect()
}

/// A value as the command line spells it.
fn value_of<Id>(model: &Model, slot: &Slot<Id>, text: &str) -> Option<Value> {
    match slot.ty {
        Type::Bool => text.parse().ok().map(Value::Bool),
        Type::Int => text.parse().ok().map(Value::Int),
        Type::Real => text.parse().ok().map(Value::Real),
        Type::Range(lo, hi) => {
            let n: i64 = text.parse().ok()?;
            (lo..=hi).contains(&n).then(|| Value::Int(n.into()))
        }
        Type::Finite(sort) => (0..model.sorts.get(sort.index())?.size())
            .map(|i| (i, Value::Member(sort, i)))
            .find(|(i, value)| {
                value_name(model, value) == text || member_name(model, sort, *i) == text
            })
            .map(|(_, value)| value),
    }
}
