//! Claims about knowledge as claims about pairs of runs, and the replay of pairs, on small models.
//!
//! Here the pairs are found by the explicit search of the model of pairs, and what is written down and
//! read again is looked at: every seen value that is changed in one of the runs must be noticed.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "tests"
)]

mod support;

use std::path::Path;

use yamen::govern;
use yamen::interp::explicit::{self, Limits, Outcome, Progress, Question as Explicit};
use yamen::interp::pairs;
use yamen::report::events::Silent;
use yamen::report::itf;
use yamen::report::outcome::{Entry, Verdict};
use yamen::twin::{Question, Twin, Unfit, questions};
use yamen::types::core::{Claim, Model, Value};
use yamen::types::layout::Layout;
use yamen::types::trace::Trace;
use yamen::verify::{Options, verify};

const MODEL: &str = "
institution i
position Centre, Site[2]
param p : 0..3 = 1
state swing : bool = true
rule swinging : swing' = not swing
state day : 0..6 = p
rule pass when swing : day' = (day + 1) mod 7
state after : 0..6 = 0
rule follow : after' = day
state busy : 0..6 = 0
rule work when act[0] : busy' = day
state known[Site] : bool = false
state secret : 0..2
choice act[s in Site] : bool by s
rule learn for s in Site when act[s] : known[s]' = true
tick night when swing
sees Centre : known[1], day
sees s in Site : act[s]
";

fn model(claims: &str) -> Model {
    support::model(&format!("{MODEL}{claims}\n"))
}

fn parts(claim: &str) -> Result<Vec<Question>, Unfit> {
    let model = model(&format!("claim c {claim}"));
    questions(&model, &model.claims[0])
}

fn twin(model: &Model) -> Box<Twin> {
    match questions(model, &model.claims[0]).expect("a question about pairs").remove(0) {
        Question::Pairs(twin) => twin,
        Question::Plain(_) => panic!("it speaks of knowledge"),
    }
}

fn names(model: &Model) -> Vec<&str> {
    model.cells.iter().map(|cell| cell.name.as_str()).collect()
}

#[test]
fn what_goes_the_same_way_in_all_runs_is_kept_once() {
    let model = model("claim c always (Centre knows once act[0])");
    let twin = twin(&model);
    let second: Vec<&str> =
        names(&twin.model).into_iter().filter(|name| name.ends_with('~')).collect();
    assert_eq!(second, ["busy~", "known~", "secret~", "parted~"]);
}

#[test]
fn quantifiers_in_front_become_cells_that_nobody_writes() {
    let model = model(
        "claim c all s in Site, n in 1..3 : always (act[s] implies within n - n (s knows act[s]))"
            .replace("within n - n", "within 0")
            .as_str(),
    );
    let twin = twin(&model);
    let members: Vec<&str> =
        names(&twin.model).into_iter().filter(|name| name.starts_with("member")).collect();
    assert_eq!(members, ["member0~", "member1~"]);
}

#[test]
fn conjunctions_are_taken_apart() {
    let found = parts("always (day < 7 and (act[0] implies Centre knows day < 7))").unwrap();
    assert!(matches!(found.as_slice(), [Question::Plain(_), Question::Pairs(_)]));
    let found = parts("(Centre knows secret = 1) and (Site[0] knows secret = 2)").unwrap();
    assert!(matches!(found.as_slice(), [Question::Pairs(_), Question::Pairs(_)]));
}

#[test]
fn under_a_deadline_what_may_cease_must_be_shown_to_last() {
    let stable = |claim: &str| match parts(claim).unwrap().remove(0) {
        Question::Pairs(twin) => twin.stable.is_some(),
        Question::Plain(_) => panic!("it speaks of knowledge"),
    };
    assert!(stable("always (act[0] implies within 2 (Centre knows known[0]))"));
    assert!(stable("act[0] leads to (Centre knows known[0])"));
    assert!(!stable("Centre detects act[0] within 2"));
    assert!(!stable("always (act[0] implies Centre knows known[0])"));
    assert!(!stable("always (act[0] implies within 0 (Centre knows known[0]))"));
}

#[test]
fn what_no_two_runs_decide_is_said() {
    for (claim, word) in [
        ("never (Centre knows secret = 1)", "denies"),
        ("always ((Centre knows secret = 1) implies act[0])", "denies"),
        ("always (Centre knows (Site[0] knows secret = 1))", "about knowledge"),
        ("always ((Centre knows secret = 1) or (Centre knows secret = 2))", "several"),
        ("(secret = 1) deniable to Centre", "two runs"),
        ("always (secret = 1 iff (Centre knows secret = 1))", "operator"),
    ] {
        let Err(Unfit(reason)) = parts(claim) else { panic!("{claim} is about pairs") };
        assert!(reason.contains(word), "{claim}: {reason}");
    }
}

/// Only the parts of a pair that end the violation may prune: here the first run must go on.
#[test]
fn a_violation_that_goes_on_after_the_views_have_parted_is_found() {
    // After a turn the centre knows of it, and then the deed must be repeated, which it need not be.
    let text = "
institution i
position Centre, Site
choice act : bool by Site
sees Centre : act
claim c always (act implies within 2 ((Centre knows once act) and act))";
    let (_, judged, alike) = found(&support::model(text)).expect("it is refuted");
    assert_ne!(judged, alike);
}

fn found(model: &Model) -> Option<(Claim, Trace, Trace)> {
    let twin = twin(model);
    let limits = Limits {
        max_states: 100_000,
        max_memory: 1 << 28,
        deadline: None,
        cancel: &|| false,
        defect_free: false,
    };
    let question = Explicit::Claim(&twin.claim);
    match explicit::search(&twin.model, &question, &limits, &mut |_: Progress| {}) {
        Outcome::Found { trace, kind: None } => {
            let (judged, alike) = twin.halves(model, &trace);
            let claim = model.claims[0].clone();
            pairs::replay(model, &claim, &judged, &alike).expect("the pair replays");
            Some((claim, judged, alike))
        }
        Outcome::Holds { .. } => None,
        other => panic!("{other:?}"),
    }
}

#[test]
fn detection_in_time_and_too_late() {
    let within = |k: u32| {
        let claim = format!("claim c all s in Site : Centre detects act[s] within {k}");
        found(&model(&claim)).is_some()
    };
    assert!(within(3), "the centre does not see what the first site does");
    let within =
        |k: u32| found(&model(&format!("claim c Centre detects act[1] within {k}"))).is_some();
    assert!(within(0) && within(1));
    assert!(
        !within(2),
        "what is known to be so is seen in the next period and known in the one after"
    );
}

/// Every value that the judge sees, changed in the second run alone, is noticed, and so is a second
/// run that has the fault.
#[test]
fn a_pair_that_is_changed_does_not_replay() {
    let model = model("claim c Centre detects act[0] within 3");
    let (claim, judged, alike) = found(&model).expect("the centre does not see the first site");
    let layout = Layout::new(&model);
    let seen = layout.cells.iter().position(|slot| slot.name == "known[1]").unwrap();
    for n in 0..alike.periods.len() {
        let mut other = alike.clone();
        let value = &mut other.periods[n].state[seen];
        *value = Value::Bool(*value != Value::Bool(true));
        assert!(pairs::replay(&model, &claim, &judged, &other).is_err(), "period {n}");
    }
    let departure = pairs::replay(&model, &claim, &judged, &judged).unwrap_err();
    assert!(departure.text.contains("do not refute"), "{}", departure.text);
}

/// A run in which the second site acts as well is a run, but the centre sees it.
#[test]
fn views_that_differ_are_named() {
    let model = model("claim c Centre detects act[0] within 3");
    let (claim, judged, alike) = found(&model).unwrap();
    let layout = Layout::new(&model);
    let acts = layout.inputs.iter().position(|slot| slot.name == "act[1]").unwrap();
    let knows = layout.cells.iter().position(|slot| slot.name == "known[1]").unwrap();
    let with = |run: &Trace, acting: bool| {
        let mut run = run.clone();
        for (n, period) in run.periods.iter_mut().enumerate() {
            period.state[knows] = Value::Bool(acting && n > 0);
            if let Some(drawn) = &mut period.inputs {
                drawn.inputs[acts] = Value::Bool(acting);
            }
        }
        run
    };
    let quiet = with(&judged, false);
    pairs::replay(&model, &claim, &quiet, &with(&alike, false)).expect("alike");
    let departure = pairs::replay(&model, &claim, &quiet, &with(&alike, true)).unwrap_err();
    assert_eq!((departure.period, departure.name.as_str()), (1, "known[1]"));
}

fn verified(text: &str) -> (Model, Entry) {
    let files = govern::files::Memory::default();
    let loaded = govern::load::load_text(Path::new("test.yamen"), text, &files);
    let institutions: Vec<_> =
        loaded.institutions.iter().map(|institution| govern::elaborate(institution).0).collect();
    let options = Options::default();
    let verified = verify(&loaded.sources, &institutions, &options, &Silent, &|| false);
    let report = verified.expect("a spec").report;
    (support::model(text), report.entries.into_iter().next().expect("an entry"))
}

/// What `--out-itf` writes, `replay` reads; a changed value in either file is noticed.
#[test]
fn pairs_are_written_and_read_again() {
    let text = format!("{MODEL}\nclaim c smallest k : Centre detects act[0] within k night");
    let (model, entry) = verified(&text);
    assert_eq!(entry.verdict, Verdict::Refuted, "{:?}", entry.reason);
    let (one, other) = itf::of_entry(&entry, "0").expect("a trace");
    let other = other.expect("the other run");
    let header = itf::header(&one).unwrap();
    assert_eq!(header.twin.as_deref(), Some("i.c.twin.itf.json"));
    let layout = Layout::new(&model);
    let read = |text: &str| itf::read(text, &model, &layout).expect("a trace");
    let claim = &model.claims[0];
    let pair = pairs::replay(&model, claim, &read(&one), &read(&other)).expect("it replays");
    assert_eq!((pair.judges, pair.bound), (vec!["Centre".to_owned()], None));
    let false_value = "\"known[1]\": false";
    assert!(other.contains(false_value));
    let changed = other.replacen(false_value, "\"known[1]\": true", 1);
    assert!(pairs::replay(&model, claim, &read(&one), &read(&changed)).is_err());
}

#[test]
fn the_least_bound_comes_with_its_proof_and_the_pair_below_it() {
    let text = format!("{MODEL}\nclaim c smallest k : Centre detects act[1] within k");
    let (model, entry) = verified(&text);
    assert_eq!((entry.verdict, entry.smallest), (Verdict::Proved, Some(2)), "{:?}", entry.reason);
    let (one, other) = itf::of_entry(&entry, "0").expect("the pair that refutes k = 1");
    let layout = Layout::new(&model);
    let read = |text: &str| itf::read(text, &model, &layout).expect("a trace");
    let other = read(&other.expect("the other run"));
    let pair = pairs::replay(&model, &model.claims[0], &read(&one), &other).expect("it replays");
    assert_eq!(pair.bound, Some(1));
}
