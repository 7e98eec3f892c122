//! `yamen run`: a run by the interpreter, at random or as the user chooses.

use std::collections::BTreeMap;
use std::io::{self, BufRead};
use std::path::PathBuf;

use super::Failure;
use super::console::{self, Sink, print};
use super::exit::Exit;
use super::options::{Setting, setting};
use super::specs::Specs;
use crate::interp::replay::{Goal, replay};
use crate::interp::simulate::{Halt, Simulation, Wish};
use crate::report::diagnostics::Trouble;
use crate::report::itf::{self, Subject};
use crate::report::outcome::TraceReport;
use crate::report::text;
use crate::syntax::ast::InputKind;
use crate::types::core::{Model, Type, Value};
use crate::types::layout::{Slot, member_name, value_name};
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
    /// Ask for every choice that is open; an empty answer leaves it to chance.
    #[arg(long)]
    interactive: bool,
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
    let given = specs.assignment(&arguments.set, false)?;
    let (model, _) = specs.model(&given)?;
    let wishes = wishes(&model, &arguments.choose)?;
    let mut sink = arguments.out_itf.as_deref().map(|path| Sink::open(Some(path))).transpose()?;
    let mut simulation = Simulation::new(&model, arguments.seed)
        .map_err(|error| Failure::usage(Trouble::new("no-run", error.to_string())))?;
    let end = play(&mut simulation, arguments, &wishes);
    let trace = simulation.trace();
    let replayed = replay(&model, Goal::Run, &trace).map_err(|departure| {
        let message = format!("the run does not replay: {departure}");
        Failure::Internal(Trouble::new("replay", message))
    })?;
    let report = traces::report(&model, &replayed);
    print(&told(&report, &end))?;
    if let Some(sink) = &mut sink {
        let file = arguments.file.display().to_string();
        let subject = Subject {
            institution: &model.name,
            file: &file,
            yamen: crate::VERSION,
            ..Subject::default()
        };
        sink.write(&itf::of_trace(&subject, &traces::params(&model, &trace.params), &report))?;
    }
    Ok(if end.is_some() { Exit::NotAsExpected } else { Exit::AsExpected })
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
    let mut denied: BTreeMap<usize, (Value, Vec<String>)> = BTreeMap::new();
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
    for period in 0..arguments.steps {
        let mut all = wishes.to_vec();
        if arguments.interactive && !ask(simulation, period, &mut all) {
            return None;
        }
        match simulation.step(&all) {
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

fn halted(period: u32, halt: &Halt) -> String {
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

/// Asks for every choice with several possible values; false at the end of input.
fn ask(simulation: &Simulation<'_>, period: u32, fixed: &mut Vec<Wish>) -> bool {
    let model = simulation.interpreter.model;
    console::warn(&format!("period {period}\n"));
    for (at, slot) in simulation.interpreter.layout.inputs.iter().enumerate() {
        let is_choice =
            model.inputs.get(slot.of.index()).is_some_and(|input| input.kind == InputKind::Choice);
        if !is_choice || fixed.iter().any(|(slot, _)| *slot == at) {
            continue;
        }
        let options = simulation.options(fixed, at);
        if options.len() < 2 {
            continue;
        }
        match answer(model, &slot.name, &options) {
            Answer::Value(value) => fixed.push((at, value)),
            Answer::Chance => {}
            Answer::End => return false,
        }
    }
    true
}

enum Answer {
    Value(Value),
    Chance,
    End,
}

/// Asks until the answer can be understood.
fn answer(model: &Model, name: &str, options: &[Value]) -> Answer {
    let names: Vec<String> = options.iter().map(|value| value_name(model, value)).collect();
    loop {
        console::warn(&format!("  {name} ({})? ", names.join(", ")));
        let mut line = String::new();
        if !matches!(io::stdin().lock().read_line(&mut line), Ok(bytes) if bytes > 0) {
            console::warn("\n");
            return Answer::End;
        }
        let word = line.trim();
        if word.is_empty() {
            return Answer::Chance;
        }
        let chosen = names.iter().position(|name| name == word);
        match chosen.and_then(|at| options.get(at)) {
            Some(value) => return Answer::Value(value.clone()),
            None => console::warn("  answer with one of these, or leave it to chance\n"),
        }
    }
}

/// The choices wished for, by slot.
fn wishes(model: &Model, choose: &[Setting]) -> Result<Vec<Wish>, Failure> {
    let layout = crate::types::layout::Layout::new(model);
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
