//! Shipped specs and random ones written as SMV: NuSMV says what we say.
//!
//! `YAMEN_NUSMV` is the command that runs NuSMV on a file, such as `NuSMV`; without one the comparison
//! is ignored, and reported as ignored.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

mod support;

use std::process::Command;

use support::{limits, models, random};
use yamen::exchange::smv;
use yamen::interp::explicit::fair::{self, Closing, Question as Endless};
use yamen::interp::explicit::{self, Question as Explicit};
use yamen::interp::progress::tableau::Wish;
use yamen::interp::stays::targets;
use yamen::system::property::{Prepared, Question};
use yamen::types::core::{Claim, Model};

/// What NuSMV says of the only specification of a text.
fn nusmv(command: &str, text: &str, name: &str) -> bool {
    let path = std::env::temp_dir().join(format!("yamen-{}-{name}.smv", std::process::id()));
    std::fs::write(&path, text).unwrap();
    let mut words = command.split_whitespace();
    let output = Command::new(words.next().unwrap()).args(words).arg(&path).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let _ = std::fs::remove_file(path);
    let verdict = |line: &str| match line {
        line if !line.starts_with("-- specification ") && !line.starts_with("-- invariant ") => {
            None
        }
        line if line.ends_with("is true") => Some(true),
        line if line.ends_with("is false") => Some(false),
        _ => None,
    };
    let found: Vec<bool> = said.lines().filter_map(verdict).collect();
    let [holds] = found.as_slice() else {
        panic!("{name}:\n{text}\n{said}\n{}", String::from_utf8_lossy(&output.stderr));
    };
    *holds
}

/// What the explicit searches say: whether the claim holds.
fn ours(model: &Model, claim: &Claim) -> Option<bool> {
    let limits = limits(50_000);
    if let Some(targets) = targets(model, &claim.property) {
        let question = Endless::Stays(&targets);
        return match fair::search(model, question, &claim.assumes, &limits, &mut |_| {}) {
            explicit::Outcome::Holds { .. } => Some(true),
            explicit::Outcome::Found { .. } => Some(false),
            _ => None,
        };
    }
    let outcome = match Prepared::new(model).question(claim) {
        Question::Forever(_) | Question::Never(_) if !model.fairness.is_empty() => {
            let question = Endless::Run(Wish::Violates(&claim.property), Closing::Everywhere);
            fair::search(model, question, &claim.assumes, &limits, &mut |_| {})
        }
        Question::Forever(_) => {
            let question = Endless::Run(Wish::Violates(&claim.property), Closing::Everywhere);
            fair::search(model, question, &claim.assumes, &limits, &mut |_| {})
        }
        Question::Never(_) => {
            explicit::search(model, &Explicit::Claim(claim), &limits, &mut |_| {})
        }
        Question::Reach(_) => {
            return match explicit::search(model, &Explicit::Claim(claim), &limits, &mut |_| {}) {
                explicit::Outcome::Found { kind: None, .. } => Some(true),
                explicit::Outcome::Holds { .. } => Some(false),
                _ => None,
            };
        }
        _ => return None,
    };
    match outcome {
        explicit::Outcome::Holds { .. } => Some(true),
        explicit::Outcome::Found { kind: None, .. } => Some(false),
        _ => None,
    }
}

fn compare(command: &str, model: &Model, name: &str) -> usize {
    let sound = explicit::search(model, &Explicit::Defects, &limits(50_000), &mut |_| {});
    if !matches!(sound, explicit::Outcome::Holds { states: 1.., .. }) {
        return 0;
    }
    let prepared = Prepared::new(model);
    if prepared.elaborated.cycle.is_some() {
        return 0;
    }
    let mut compared = 0;
    for claim in &model.claims {
        let Ok(text) = smv::write(&prepared, std::slice::from_ref(&claim.name)) else { continue };
        let Some(ours) = ours(model, claim).filter(|_| text.contains("SPEC NAME")) else {
            continue;
        };
        let theirs = nusmv(command, &text, &format!("{name}-{}", claim.name));
        let theirs = theirs != text.contains("is possible iff this is false");
        assert_eq!(ours, theirs, "{name}: claim {} holds by us: {ours}\n{text}", claim.name);
        compared += 1;
    }
    compared
}

#[test]
#[ignore = "needs NuSMV: YAMEN_NUSMV=NuSMV cargo test --test smv -- --ignored"]
fn nusmv_agrees() {
    let command = std::env::var("YAMEN_NUSMV").expect("YAMEN_NUSMV names a NuSMV");
    let specs = std::env::var("YAMEN_SPECS").ok().and_then(|n| n.parse().ok()).unwrap_or(40);
    let mut compared = 0;
    for seed in 0..specs {
        let text = random::temporal(5000 + seed);
        let model = models(&text).unwrap().remove(0);
        compared += compare(&command, &model, &format!("seed{}", 5000 + seed));
    }
    println!("{compared} claims of {specs} random specs, no disagreement");
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("specs");
    let (mut todo, mut compared) = (vec![root], 0);
    while let Some(path) = todo.pop() {
        if path.is_dir() {
            todo.extend(std::fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
        } else if path.extension().is_some_and(|e| e == "yamen") {
            let text = std::fs::read_to_string(&path).unwrap();
            let Ok(models) = models(&text) else { continue };
            for model in models {
                compared += compare(&command, &model, &model.name);
            }
        }
    }
    println!("{compared} claims of shipped specs, no disagreement");
}

#[test]
fn a_small_model_is_written() {
    let model = support::model(
        "institution small
position P
state x : 0..2 = 0
choice c : bool by P
tick beat when c
rule r when c and x < 2 : x' = x + 1
fair f : infinitely often c
claim a eventually (x = 2)
claim b (x = 1) leads to within 2 beat (x = 2)",
    );
    let text = smv::write(&Prepared::new(&model), &[]).unwrap();
    for part in ["FAIRNESS c;", "VAR\n  x : 0..2;", "LTLSPEC NAME a := (F ("] {
        assert!(text.contains(part), "{part} in\n{text}");
    }
}

/// A claim about parameters is none about runs; NuSMV would be asked something else.
#[test]
fn static_claims_are_not_written() {
    let model = support::model("institution law param q : 0..3 = 1 claim a valid q <= 3");
    let said = smv::write(&Prepared::new(&model), &["a".to_owned()]).unwrap_err();
    assert!(said.reason.contains("`a`"), "{said}");
}
