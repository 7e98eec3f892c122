//! The two searches agree: the compiled program and the interpreter itself, on random specs, for
//! every claim, scenario and kind of defect; and everything found replays.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod support;

use std::time::{Duration, Instant};

use proptest::prelude::*;
use rayon::prelude::*;
use support::{limits, models, random};
use yamen::interp::explicit::{Limits, Outcome, Question, search, search_by_reference};
use yamen::interp::replay::{Goal, replay};
use yamen::types::core::Model;
use yamen::types::defect::DefectKind;

/// Specs in the default run; more with `YAMEN_SPECS`.
fn cases(default: u32) -> u32 {
    std::env::var("YAMEN_SPECS").ok().and_then(|n| n.parse().ok()).unwrap_or(default)
}

#[derive(Debug, Default)]
struct Tally {
    holds: usize,
    found: usize,
    defects: usize,
    other: usize,
}

impl Tally {
    fn and(mut self, other: &Tally) -> Tally {
        self.holds += other.holds;
        self.found += other.found;
        self.defects += other.defects;
        self.other += other.other;
        self
    }
}

/// Compares the searches on one question.
fn compare(
    model: &Model,
    question: &Question<'_>,
    goal: Option<Goal<'_>>,
    limits: &Limits<'_>,
    tally: &mut Tally,
) -> Result<Outcome, String> {
    let fast = search(model, question, limits, &mut |_| {});
    let deadline = Some(Instant::now() + Duration::from_secs(2));
    let limits = &Limits { deadline, ..*limits };
    let slow = search_by_reference(
        model,
        question,
        &Limits { defect_free: false, ..*limits },
        &mut |_| {},
    );
    match (&fast, &slow) {
        (Outcome::Holds { .. }, Outcome::Holds { .. }) => tally.holds += 1,
        (Outcome::Found { trace: a, kind: k }, Outcome::Found { trace: b, kind: l })
            if a.periods.len() == b.periods.len() && (k.is_some() == l.is_some()) =>
        {
            tally.found += 1;
            tally.defects += usize::from(k.is_some());
            if a.periods.is_empty() {
                return Ok(fast);
            }
            for trace in [a, b] {
                let goal = match (goal, k) {
                    (Some(_), Some(_)) => continue,
                    (Some(goal), None) => goal,
                    (None, Some(_)) if std::ptr::eq(trace, b) => Goal::Defect(l.unwrap()),
                    (None, Some(kind)) => Goal::Defect(*kind),
                    (None, None) => return Err("a defect without kind".to_owned()),
                };
                if let Err(departure) = replay(model, goal, trace) {
                    let told = support::outline(model, &fast);
                    return Err(format!("{} departs: {departure}\n{told}", named(question)));
                }
                let mut bare = trace.clone();
                let last = bare.periods.len() - 1;
                for period in &mut bare.periods[..last] {
                    period.inputs.as_mut().unwrap().draws.clear();
                }
                if let Err(departure) = replay(model, goal, &bare) {
                    let told = support::outline(model, &fast);
                    return Err(format!("{} without draws: {departure}\n{told}", named(question)));
                }
            }
        }
        (Outcome::TooLarge { .. }, _)
        | (Outcome::Cancelled, _)
        | (_, Outcome::TooLarge { .. } | Outcome::NotFinite { .. } | Outcome::Cancelled) => {
            tally.other += 1;
        }
        (a, b) => {
            let (a, b) = (support::outline(model, a), support::outline(model, b));
            return Err(format!("{}\n{a}\nbut by reference\n{b}", named(question)));
        }
    }
    Ok(fast)
}

fn named(question: &Question<'_>) -> String {
    match question {
        Question::Claim(claim) => format!("claim {}", claim.name),
        Question::Reach(_) => "a premise".to_owned(),
        Question::Defects => "defects".to_owned(),
        Question::Defect(kind) => format!("defect {kind}"),
    }
}

/// Checks the spec of a seed; what disagrees is shown by as few lines as still show it.
fn agree(seed: u64, tally: &mut Tally) -> Result<(), String> {
    let text = random::spec(seed);
    let model = match models(&text) {
        Ok(mut models) => models.remove(0),
        Err(errors) => return Err(format!("seed {seed}: {errors}\n{text}")),
    };
    let Err(first) = agree_on(&model, tally) else { return Ok(()) };
    let (text, error) = support::fewest_lines(&text, first, |text| {
        let model = models(text).ok()?.pop()?;
        agree_on(&model, &mut Tally::default()).err()
    });
    Err(format!("seed {seed}: {error}\n{text}"))
}

fn agree_on(model: &Model, tally: &mut Tally) -> Result<(), String> {
    let limits = limits(3000);
    let all = compare(model, &Question::Defects, None, &limits, tally)?;
    for kind in DefectKind::ALL {
        compare(model, &Question::Defect(kind), None, &limits, tally)?;
    }
    let sound = matches!(all, Outcome::Holds { .. });
    for claim in &model.claims {
        let question = Question::Claim(claim);
        let goal = Some(Goal::Claim(claim));
        compare(model, &question, goal, &limits, tally)?;
        if sound {
            let limits = Limits { defect_free: true, ..limits };
            compare(model, &question, goal, &limits, tally)?;
        }
    }
    Ok(())
}

#[test]
fn searches_agree_on_random_specs() {
    let count = cases(150);
    let first = std::env::var("YAMEN_SEED").ok().and_then(|n| n.parse().ok()).unwrap_or(0);
    let one = |seed| {
        if std::env::var("YAMEN_SEED").is_ok() {
            println!("seed {seed}");
        }
        let mut tally = Tally::default();
        agree(seed, &mut tally).map(|()| tally)
    };
    let seeds = (first..first + u64::from(count)).into_par_iter();
    let tally = seeds.map(one).try_reduce(Tally::default, |one, other| Ok(one.and(&other)));
    match tally {
        Ok(tally) => println!("{count} specs: {tally:?}"),
        Err(error) => panic!("{error}"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(30), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn searches_agree_on_any_seed(seed in any::<u64>()) {
        agree(seed, &mut Tally::default()).map_err(TestCaseError::fail)?;
    }
}

/// Specs on which the searches once disagreed.
const ONCE: [&str; 3] = [
    "institution single_value
position Centre, Post[1]
state x[Post] : 0..1 = 0
state open : bool = false
choice who : Post by Centre when open
choice tell[k in Post] : bool by k when not open
rule a for i in Post when not tell[i] : x[0]' in {1, 0}
rule b for i in Post when true : x[0]' = 0, open' = tell[i]",
    "institution masked_cycle
position Centre
state x : bool
choice c : bool by Centre
rule a when c : x' = ((x' or c) implies (c implies c))",
    "institution mixed_levels
state x : 0..2 = 2
rule a when true : x' = 1
rule b when true : x' = 2
tick beat when true
claim now (x = 2) leads to (x = 0) within 0 beat",
];

#[test]
fn searches_agree_where_they_once_did_not() {
    for text in ONCE {
        let model = support::model(text);
        agree_on(&model, &mut Tally::default()).unwrap_or_else(|error| panic!("{error}\n{text}"));
    }
}
