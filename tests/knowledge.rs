//! Claims of knowledge: belief sets, pairs of runs (searched explicitly, and proved symbolically) and a
//! plain enumeration of all short runs agree on random specs with random views; what is found is
//! followed again by the interpreter.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

mod support;

#[path = "support/enumerated.rs"]
mod enumerated;

use std::time::{Duration, Instant};

use enumerated::Enumerated;
use support::{limits, models, random};
use yamen::engine::{Budget, Outcome as Found, ic3};
use yamen::interp::explicit::beliefs::{self, Answer, Evidence};
use yamen::interp::explicit::fair::{self, Closing, Question as Endless};
use yamen::interp::explicit::{
    self, Limits, Outcome, Question::Claim as Explicit, Question::Defects,
};
use yamen::interp::knowing::{Doubt, decides, refutes};
use yamen::interp::pairs;
use yamen::interp::progress::tableau::Wish;
use yamen::system::property::{Prepared, Question};
use yamen::twin;
use yamen::types::core::{Claim, ExprKind, Model, Property, Value};
use yamen::types::layout::Layout;

/// Specs in the default run; more with `YAMEN_SPECS`.
const SPECS: u64 = 800;
/// Time for a symbolic engine on one claim.
const PATIENCE: Duration = Duration::from_secs(2);
/// What takes longer is told.
const SLOW: Duration = Duration::from_secs(3);
/// Periods to which all runs are enumerated.
const DEPTH: usize = 3;

#[derive(Debug, Default, Clone, Copy)]
struct Tally {
    specs: usize,
    claims: usize,
    hold: usize,
    fail: usize,
    followed: usize,
    pairs: usize,
    pairs_replayed: usize,
    symbolic: usize,
    enumerated: usize,
    undecided: usize,
}

fn within(states: usize) -> Limits<'static> {
    Limits { deadline: Some(Instant::now() + PATIENCE), ..limits(states) }
}

fn agree(seed: u64, spec: fn(u64) -> String, tally: &mut Tally) -> Result<(), String> {
    let text = spec(seed);
    let model = models(&text).map_err(|errors| format!("seed {seed}: {errors}\n{text}"))?.remove(0);
    let Err(first) = agree_on(&model, tally) else { return Ok(()) };
    let (text, error) = support::fewest_lines(&text, first, |text| {
        let model = models(text).ok()?.pop()?;
        agree_on(&model, &mut Tally::default()).err()
    });
    Err(format!("seed {seed}: {error}\n{text}"))
}

fn agree_on(model: &Model, tally: &mut Tally) -> Result<(), String> {
    // Where a run may get stuck, no proof counts.
    let sound = explicit::search(model, &Defects, &within(3000), &mut |_| {});
    if !matches!(sound, Outcome::Holds { .. }) {
        return Ok(());
    }
    tally.specs += 1;
    let runs = Enumerated::new(model, DEPTH);
    for claim in &model.claims {
        decide(model, claim, runs.as_ref(), tally).map_err(|e| format!("{}: {e}", claim.name))?;
    }
    Ok(())
}

fn decide(
    model: &Model,
    claim: &Claim,
    runs: Option<&Enumerated<'_>>,
    tally: &mut Tally,
) -> Result<(), String> {
    tally.claims += 1;
    let holds = match beliefs::decide(model, claim, &within(3000), &mut |_| {}) {
        Answer::Proved(_) => {
            tally.hold += 1;
            None
        }
        Answer::Refuted(evidence) => {
            tally.fail += 1;
            Some(evidence)
        }
        Answer::Unknown(_) | Answer::Cancelled => {
            tally.undecided += 1;
            return Ok(());
        }
    };
    if let Some(evidence) = &holds {
        match refutes(model, claim, &evidence.run, &evidence.testimonies) {
            Ok(_) => tally.followed += 1,
            Err(Doubt::TooMany) => {}
            Err(Doubt::Departs(departure)) => return Err(format!("does not replay: {departure}")),
        }
    }
    if let Some(runs) = runs {
        by_definition(runs, claim, holds.as_deref(), tally)?;
    }
    by_pairs(model, claim, holds.is_none(), tally)
}

/// Compares with what all short runs say.
fn by_definition(
    runs: &Enumerated<'_>,
    claim: &Claim,
    evidence: Option<&Evidence>,
    tally: &mut Tally,
) -> Result<(), String> {
    let Some(shortest) = runs.violation(&claim.property) else { return Ok(()) };
    tally.enumerated += 1;
    match (shortest, evidence) {
        (Some(_), None) => Err("proved, but a short run refutes it".to_owned()),
        (found, Some(evidence)) if evidence.run.loop_start.is_none() => {
            let length = evidence.run.periods.len();
            match found {
                Some(shortest) if shortest != length => {
                    Err(format!("a run of {length} periods, but the shortest has {shortest}"))
                }
                None if length <= DEPTH => {
                    Err(format!("refuted in {length} periods, but by no short run"))
                }
                _ => Ok(()),
            }
        }
        _ => Ok(()),
    }
}

/// Compares with pairs of runs, where they decide.
fn by_pairs(model: &Model, claim: &Claim, holds: bool, tally: &mut Tally) -> Result<(), String> {
    let Ok(parts) = twin::questions(model, claim) else { return Ok(()) };
    let mut all = true;
    for part in &parts {
        match part {
            twin::Question::Plain(part) => match searched(model, part) {
                Some(found) => all &= found.is_none(),
                None => return Ok(()),
            },
            twin::Question::Pairs(twin) => {
                if let Some(stable) = &twin.stable
                    && !matches!(searched(model, stable), Some(None))
                {
                    return Ok(());
                }
                let Some(found) = searched(&twin.model, &twin.claim) else { return Ok(()) };
                symbolically(twin, found.is_none(), tally)?;
                if let Some(trace) = &found {
                    let (judged, alike) = twin.halves(model, trace);
                    pairs::replay(model, claim, &judged, &alike)
                        .map_err(|departure| format!("the pair does not replay: {departure}"))?;
                    tally.pairs_replayed += 1;
                }
                all &= found.is_none();
            }
        }
    }
    tally.pairs += 1;
    if all == holds {
        return Ok(());
    }
    let say = |holds| if holds { "proved" } else { "refuted" };
    Err(format!("{} by belief sets, but {} by pairs", say(holds), say(all)))
}

/// What the explicit search says: a run that refutes, if there is one; `None` if it is not decided.
fn searched(model: &Model, claim: &Claim) -> Option<Option<yamen::types::trace::Trace>> {
    match explicit::search(model, &Explicit(claim), &within(60_000), &mut |_| {}) {
        Outcome::Holds { .. } => Some(None),
        Outcome::Found { trace, kind: None } => Some(Some(trace)),
        Outcome::Unsupported { .. } => {
            let question = Endless::Run(Wish::Violates(&claim.property), Closing::Everywhere);
            match fair::search(model, question, &claim.assumes, &within(60_000), &mut |_| {}) {
                Outcome::Holds { .. } => Some(None),
                Outcome::Found { trace, .. } => Some(Some(trace)),
                _ => None,
            }
        }
        _ => None,
    }
}

/// The model of pairs, put to IC3.
fn symbolically(twin: &twin::Twin, holds: bool, tally: &mut Tally) -> Result<(), String> {
    let prepared = Prepared::new(&twin.model);
    let Question::Never(asked) = prepared.question(&twin.claim) else { return Ok(()) };
    if asked.fault.is_some() {
        return Ok(());
    }
    let deadline = Some(Instant::now() + PATIENCE);
    let budget = Budget { cancel: &|| false, deadline, depth: None, seed: 0 };
    let proved = match ic3::run(&asked.problem, budget, &mut |_| {}) {
        Found::Unreachable(_) => true,
        Found::Reached(_) => false,
        _ => return Ok(()),
    };
    tally.symbolic += 1;
    if proved == holds { Ok(()) } else { Err(format!("explicit pairs: {holds}, IC3: {proved}")) }
}

/// Seeds in two halves, side by side.
fn trial(name: &str, spec: fn(u64) -> String, specs: u64) {
    let (count, halves) = support::in_halves(specs, |seed, tally| {
        let start = Instant::now();
        agree(seed, spec, tally)?;
        if start.elapsed() > SLOW {
            println!("{name}: seed {seed} took {:?}", start.elapsed());
        }
        Ok(())
    });
    for tally in halves {
        println!("{name}: {count} specs, half of them: {tally:?}, no disagreement");
        // Fewer than the usual number may be asked for by hand.
        assert!(count < specs || tally.claims >= 50 && tally.pairs > 0, "{tally:?}");
    }
}

#[test]
fn belief_sets_pairs_and_definition_agree() {
    trial("knowledge", random::knowing::knowledge, SPECS);
}

#[test]
fn belief_sets_and_pairs_agree_on_infinite_runs() {
    trial("knowledge at last", random::knowing::knowledge_at_last, SPECS / 4);
}

/// The least size of a set is sought by whoever asks, one search for each size.
#[test]
fn an_attribution_without_a_number_is_not_decided_by_one_search() {
    let text = "institution a \"A\"\nposition Centre, Post[2]\nstate f[Post] : bool = false\n\
                claim c Centre attributes f[i] to i\n";
    let model = models(text).unwrap().remove(0);
    let claim = &model.claims[0];
    assert!(matches!(
        &*claim.property.kind,
        ExprKind::Property(Property::Attributes { within: None, .. })
    ));
    let answer = beliefs::decide(&model, claim, &limits(100), &mut |_| {});
    assert!(matches!(answer, Answer::Unknown(_)));
}

const WARD: &str = "institution ward \"A ward\"\nposition Manager\nposition Nurse[2]\n\
    env night : bool\nchoice report[x in Nurse] : bool by x when not night or x = 0\n\
    assume one : count(x in Nurse : report[x]) <= 1\nstate reported[Nurse] : bool = false\n\
    rule record for x in Nurse when report[x] : reported[x]' = true\n\
    sees Manager : night, some x in Nurse : report[x]\n\
    claim never_known always (all x in Nurse : not (Manager knows reported[x]))\n\
    claim by_day always (all x in Nurse : not night implies not (Manager knows reported[x]))\n\
    scenario reports possible (some x in Nurse : reported[x])\n";

fn refuted(model: &Model, claim: &Claim) -> Box<Evidence> {
    match beliefs::decide(model, claim, &within(1000), &mut |_| {}) {
        Answer::Refuted(evidence) => evidence,
        other => panic!("{other:?}"),
    }
}

/// The same run with something else seen in its first period is no evidence: by day both nurses may
/// have reported.
#[test]
fn a_run_on_which_nothing_is_known_refutes_no_denial() {
    let model = models(WARD).unwrap().remove(0);
    let claim = support::claim(&model, "never_known");
    let evidence = refuted(&model, claim);
    decides(&model, claim, &evidence.run, None).unwrap();
    let night = Layout::new(&model).inputs.iter().position(|slot| slot.name == "night").unwrap();
    let mut other = evidence.run.clone();
    let inputs = other.periods[0].inputs.as_mut().unwrap();
    assert_eq!(inputs.inputs[night], Value::Bool(true));
    inputs.inputs[night] = Value::Bool(false);
    assert!(matches!(decides(&model, claim, &other, None), Err(Doubt::Departs(_))));
}

/// A testimony that is not true is found out, and so is a run that does not look the same.
#[test]
fn testimonies_are_checked() {
    let text = WARD.replace("not (Manager knows reported[x])", "(Manager knows not reported[x])");
    let model = models(&text).unwrap().remove(0);
    let claim = support::claim(&model, "never_known");
    let evidence = refuted(&model, claim);
    let checked = |testimonies: &[beliefs::Testimony]| {
        refutes(&model, claim, &evidence.run, testimonies).map(|_| ())
    };
    assert_eq!(checked(&evidence.testimonies), Ok(()));
    let mut false_ones = evidence.testimonies.clone();
    assert!(!false_ones.is_empty());
    for testimony in &mut false_ones {
        testimony.known = !testimony.known;
    }
    assert!(matches!(checked(&false_ones), Err(Doubt::Departs(_))));
    let mut unlike = evidence.testimonies.clone();
    let night = Layout::new(&model).inputs.iter().position(|slot| slot.name == "night").unwrap();
    for other in unlike.iter_mut().filter_map(|testimony| testimony.other.as_mut()) {
        let inputs = other.periods[0].inputs.as_mut().unwrap();
        let Value::Bool(was) = inputs.inputs[night] else { panic!("a truth value") };
        inputs.inputs[night] = Value::Bool(!was);
    }
    assert!(matches!(checked(&unlike), Err(Doubt::Departs(_))));
}
