//! What several test files share: specs from text, and random specs.

#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::expect_used,
    clippy::panic,
    reason = "tests"
)]

pub mod random;

use std::path::Path;

use yamen::govern;
use yamen::interp::explicit::{Limits, Outcome};
use yamen::syntax::diagnostic::Severity;
use yamen::types::core::{Claim, Model, Value};
use yamen::types::layout::{Layout, value_name};
use yamen::types::{Assignment, check};

/// The models of a text, or what is wrong with it.
pub fn models(text: &str) -> Result<Vec<Model>, String> {
    let files = govern::files::Memory::default();
    let loaded = govern::load::load_text(Path::new("test.yamen"), text, &files);
    let mut errors: Vec<String> = Vec::new();
    let mut models = Vec::new();
    let mut note = |diagnostics: &[yamen::syntax::diagnostic::Diagnostic]| {
        for d in diagnostics.iter().filter(|d| d.severity == Severity::Error) {
            let at = loaded.sources.text(d.primary.0);
            errors.push(format!("{}: {} at `{at}` {}", d.code, d.message, d.primary.1));
        }
    };
    note(&loaded.diagnostics);
    for institution in &loaded.institutions {
        let (core, diagnostics) = govern::elaborate(institution);
        note(&diagnostics);
        let checked = check(&core, &Assignment::default());
        note(&checked.diagnostics);
        models.extend(checked.model);
    }
    if errors.is_empty() { Ok(models) } else { Err(errors.join("\n")) }
}

/// The only model of a text that is right.
pub fn model(text: &str) -> Model {
    let mut models = models(text).unwrap_or_else(|errors| panic!("{errors}\nin\n{text}"));
    assert_eq!(models.len(), 1, "one institution");
    models.remove(0)
}

/// A claim by name.
pub fn claim<'m>(model: &'m Model, name: &str) -> &'m Claim {
    model.claims.iter().find(|claim| claim.name == name).expect("the claim exists")
}

/// An outcome in a few lines.
pub fn outline(model: &Model, outcome: &Outcome) -> String {
    let Outcome::Found { trace, kind } = outcome else { return format!("{outcome:?}") };
    let layout = Layout::new(model);
    let mut text = format!("found {kind:?}");
    for (n, period) in trace.periods.iter().enumerate() {
        let state = line(model, layout.cells.iter().map(|slot| &slot.name), &period.state);
        text += &format!("\n  {n}: {state}");
        if let Some(inputs) = &period.inputs {
            let drawn = line(model, layout.inputs.iter().map(|slot| &slot.name), &inputs.inputs);
            let draws = line(model, layout.draws.iter().map(|slot| &slot.name), &inputs.draws);
            text += &format!(" | {drawn}| {draws}");
        }
    }
    text
}

fn line<'a>(model: &Model, names: impl Iterator<Item = &'a String>, values: &[Value]) -> String {
    names.zip(values).map(|(name, value)| format!("{name}={} ", value_name(model, value))).collect()
}

/// Leaves out lines of a text for as long as it still fails, and returns what is left.
pub fn fewest_lines(
    text: &str,
    error: String,
    fails: impl Fn(&str) -> Option<String>,
) -> (String, String) {
    let mut lines: Vec<&str> = text.lines().collect();
    let mut error = error;
    let mut n = lines.len();
    while n > 0 {
        n -= 1;
        let mut fewer = lines.clone();
        fewer.remove(n);
        if let Some(still) = fails(&fewer.join("\n")) {
            (lines, error) = (fewer, still);
        }
    }
    (lines.join("\n"), error)
}

/// Limits that no small model reaches.
pub fn limits(max_states: usize) -> Limits<'static> {
    Limits {
        max_states,
        max_memory: 1 << 31,
        deadline: None,
        cancel: &|| false,
        defect_free: false,
    }
}

/// Tries seeds in two halves, side by side, and gives what each half counted. `YAMEN_SEED` and
/// `YAMEN_SPECS` say from which seed, and how many.
pub fn in_halves<Tally: Default + Send>(
    count: u64,
    agree: impl Fn(u64, &mut Tally) -> Result<(), String> + Sync,
) -> (u64, [Tally; 2]) {
    let number = |name: &str, default: u64| {
        std::env::var(name).ok().and_then(|n| n.parse().ok()).unwrap_or(default)
    };
    let (first, count) = (number("YAMEN_SEED", 0), number("YAMEN_SPECS", count));
    let half = |rest: u64| -> Result<Tally, String> {
        let mut tally = Tally::default();
        for seed in (first..first + count).filter(|seed| seed % 2 == rest) {
            agree(seed, &mut tally)?;
        }
        Ok(tally)
    };
    let halves = std::thread::scope(|scope| {
        [0, 1]
            .map(|rest| {
                let half = &half;
                scope.spawn(move || half(rest))
            })
            .map(|half| half.join().unwrap())
    });
    (count, halves.map(|half| half.unwrap_or_else(|error| panic!("{error}"))))
}
