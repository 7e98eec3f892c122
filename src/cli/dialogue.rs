//! `yamen run --interactive`: a run as a conversation.
//!
//! In each period it tells the state, what every post sees of it, and which claims the run has broken so far; then
//! it asks for each choice that is open, and for what nature draws. Whether the run breaks a claim is
//! for the interpreter's replay to say, which decides the same for `verify`. Questions and answers go by
//! lines, so that a file of answers plays a run again.

use std::io::{self, BufRead};
use std::path::Path;

use super::console;
use super::run::{halted, written};
use crate::interp::observe::{Observer, observers, seen};
use crate::interp::progress::Monitor;
use crate::interp::replay::{Goal, refuted_by, replay};
use crate::interp::simulate::{Simulation, Wish};
use crate::syntax::ast::InputKind;
use crate::types::core::{Claim, ClaimKind, ExprKind, Model, Property, Value};
use crate::types::layout::value_name;
use crate::types::trace::Trace;
use crate::verify::traces;

/// What `:help` says.
const HELP: &str = "\
  a value       choose it, or let nature draw it
  nothing       leave it to chance
  :undo         take the last period back
  :play N       play N periods by chance; 1 without N
  :save FILE    write the run so far to a file that `yamen replay` and `--from` read
  :quit         end the run here; so does the end of input
";

/// A conversation about one run.
pub struct Dialogue<'a> {
    model: &'a Model,
    file: &'a Path,
    steps: u32,
    wishes: &'a [Wish],
    posts: Vec<Observer>,
    /// The claims that one finite run may decide.
    claims: Vec<&'a Claim>,
    /// Which of them it has decided, and in how many periods.
    decided: Vec<(usize, &'a Claim)>,
}

/// What the user wants.
enum Wanted {
    /// The period with these choices.
    Period(Vec<Wish>),
    /// So many periods by chance.
    Play(u32),
    Undo,
    End,
}

/// What came of one question.
enum Answer {
    Value(Value),
    Chance,
    Other(Wanted),
}

impl<'a> Dialogue<'a> {
    /// About at most so many periods, with wishes that hold in all of them.
    pub fn new(model: &'a Model, file: &'a Path, steps: u32, wishes: &'a [Wish]) -> Dialogue<'a> {
        let decidable = |claim: &&Claim| Monitor::new(model, &refuted_by(&claim.property)).is_ok();
        Dialogue {
            model,
            file,
            steps,
            wishes,
            posts: observers(model),
            claims: model.claims.iter().filter(decidable).collect(),
            decided: Vec::new(),
        }
    }

    /// Holds it; returns why the run ended early, if it did.
    ///
    /// # Errors
    /// The answers cannot be read.
    pub fn hold(mut self, simulation: &mut Simulation<'_>) -> io::Result<Option<String>> {
        let mut halt: Option<String> = None;
        let mut left = self.steps;
        self.judge(&simulation.trace());
        while left > 0 {
            self.tell(simulation);
            let wanted = match &halt {
                Some(words) => stuck(words)?,
                None => self.ask(simulation)?,
            };
            halt = match wanted {
                Wanted::End => break,
                Wanted::Undo => {
                    left += u32::from(self.undo(simulation));
                    None
                }
                Wanted::Period(wishes) => self.play(simulation, &wishes, 1, &mut left),
                Wanted::Play(periods) => self.play(simulation, self.wishes, periods, &mut left),
            };
        }
        Ok(halt)
    }

    /// Plays some periods; says why there is no next one, if there is none.
    fn play(
        &mut self,
        simulation: &mut Simulation<'_>,
        wishes: &[Wish],
        periods: u32,
        left: &mut u32,
    ) -> Option<String> {
        for _ in 0..periods.min(*left) {
            if let Err(halt) = simulation.step(wishes) {
                return Some(halted(simulation.played(), &halt));
            }
            *left -= 1;
            self.judge(&simulation.trace());
        }
        None
    }

    fn undo(&mut self, simulation: &mut Simulation<'_>) -> bool {
        let undone = simulation.undo();
        if !undone {
            console::warn("  this is the first period\n");
        }
        self.decided.retain(|(periods, _)| *periods <= simulation.played());
        undone
    }

    /// Finds the claims that the run so far decides.
    fn judge(&mut self, run: &Trace) {
        let periods = run.periods.len().saturating_sub(1);
        for claim in &self.claims {
            let known = self.decided.iter().any(|(_, other)| std::ptr::eq(*other, *claim));
            if !known && replay(self.model, Goal::Claim(claim), run).is_ok() {
                self.decided.push((periods, claim));
            }
        }
    }

    fn tell(&self, simulation: &Simulation<'_>) {
        let named =
            |(name, value): (String, Value)| format!("{name} = {}", value_name(self.model, &value));
        let slots = simulation.interpreter.layout.cells.iter().map(|slot| slot.name.clone());
        let state: Vec<String> = slots.zip(simulation.state().iter().cloned()).map(named).collect();
        let mut out = format!("period {}\n  state: {}\n", simulation.played(), state.join(", "));
        for post in &self.posts {
            let sights = seen(&simulation.reading(), post.sort, post.member);
            let sights: Vec<String> = sights.into_iter().map(named).collect();
            if !sights.is_empty() {
                out.push_str(&format!("  {} sees: {}\n", post.name, sights.join(", ")));
            }
        }
        for (periods, claim) in &self.decided {
            let word = if is_sought(claim) { "shown" } else { "broken" };
            out.push_str(&format!("  {word} after {}: {}\n", counted(*periods), claim.name));
        }
        console::warn(&out);
    }

    /// Asks for everything with several possible values.
    fn ask(&self, simulation: &Simulation<'_>) -> io::Result<Wanted> {
        let mut fixed = self.wishes.to_vec();
        let mut asked = false;
        for (at, slot) in simulation.interpreter.layout.inputs.iter().enumerate() {
            let Some(input) = self.model.inputs.get(slot.of.index()) else { continue };
            if fixed.iter().any(|(slot, _)| *slot == at) {
                continue;
            }
            let options = simulation.options(&fixed, at);
            if options.len() < 2 {
                continue;
            }
            let owner = traces::owner(&simulation.reading(), input, &slot.member);
            let who = match (input.kind, owner) {
                (InputKind::Choice, Some(owner)) => format!("{owner} chooses"),
                (InputKind::Choice, None) => "somebody chooses".to_owned(),
                _ => "nature draws".to_owned(),
            };
            asked = true;
            match self.answer(simulation, &format!("  {who} {}", slot.name), &options)? {
                Answer::Value(value) => fixed.push((at, value)),
                Answer::Chance => {}
                Answer::Other(wanted) => return Ok(wanted),
            }
        }
        if asked {
            return Ok(Wanted::Period(fixed));
        }
        match self.answer(simulation, "  nothing is open; an empty line goes on", &[])? {
            Answer::Other(wanted) => Ok(wanted),
            Answer::Value(_) | Answer::Chance => Ok(Wanted::Period(fixed)),
        }
    }

    /// Asks until the answer can be understood.
    fn answer(
        &self,
        simulation: &Simulation<'_>,
        question: &str,
        options: &[Value],
    ) -> io::Result<Answer> {
        let names: Vec<String> = options.iter().map(|v| value_name(self.model, v)).collect();
        let among =
            if names.is_empty() { String::new() } else { format!(" ({})", names.join(", ")) };
        loop {
            let Some(line) = prompted(&format!("{question}{among}? "))? else {
                return Ok(Answer::Other(Wanted::End));
            };
            let word = line.trim();
            if word.is_empty() {
                return Ok(Answer::Chance);
            }
            let chosen = names.iter().position(|name| name == word);
            if let Some(value) = chosen.and_then(|at| options.get(at)) {
                return Ok(Answer::Value(value.clone()));
            }
            match command(word) {
                Some(wanted) => return Ok(Answer::Other(wanted)),
                None => self.other(simulation, word),
            }
        }
    }

    /// What is neither a value nor ends the period.
    fn other(&self, simulation: &Simulation<'_>, word: &str) {
        match word.split_once(char::is_whitespace) {
            _ if word == ":help" => console::warn(HELP),
            Some((":save", path)) => self.save(simulation, Path::new(path.trim())),
            _ => console::warn(
                "  answer with one of these, or leave it to chance; `:help` says more\n",
            ),
        }
    }

    fn save(&self, simulation: &Simulation<'_>, path: &Path) {
        let trace = simulation.trace();
        let text =
            replay(self.model, Goal::Run, &trace).map_err(|e| e.to_string()).and_then(|run| {
                let text =
                    written(self.model, self.file, &trace, &traces::report(self.model, &run));
                std::fs::write(path, text).map_err(|error| error.to_string())
            });
        console::warn(&match text {
            Ok(()) => format!("  saved to {}\n", path.display()),
            Err(why) => format!("  not saved: {why}\n"),
        });
    }
}

/// A claim that asks for a run, rather than forbids one.
fn is_sought(claim: &Claim) -> bool {
    let possible = matches!(&*claim.property.kind, ExprKind::Property(Property::Possible(_)));
    claim.kind == ClaimKind::Scenario || possible
}

fn counted(periods: usize) -> String {
    if periods == 1 { "1 period".to_owned() } else { format!("{periods} periods") }
}

/// A line of input after a question; nothing at its end.
fn prompted(question: &str) -> io::Result<Option<String>> {
    console::warn(question);
    let mut line = String::new();
    if io::stdin().lock().read_line(&mut line)? == 0 {
        console::warn("\n");
        return Ok(None);
    }
    Ok(Some(line))
}

fn command(word: &str) -> Option<Wanted> {
    let mut words = word.split_whitespace();
    match (words.next()?, words.next(), words.next()) {
        (":undo", None, None) => Some(Wanted::Undo),
        (":quit", None, None) => Some(Wanted::End),
        (":play", None, None) => Some(Wanted::Play(1)),
        (":play", Some(periods), None) => periods.parse().ok().map(Wanted::Play),
        _ => None,
    }
}

/// Where the run cannot go on, it may be taken back.
fn stuck(words: &str) -> io::Result<Wanted> {
    console::warn(&format!("  {words}\n"));
    loop {
        let Some(line) = prompted("  :undo or :quit? ")? else { return Ok(Wanted::End) };
        match command(line.trim()) {
            Some(wanted @ (Wanted::Undo | Wanted::End)) => return Ok(wanted),
            _ => console::warn("  the run cannot go on from here\n"),
        }
    }
}
