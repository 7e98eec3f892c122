//! What a claim does not rest on changes no verdict: random specs are verified as they are, and with a count
//! that grows without end, what rests on it, and a number that nature draws, beside everything else.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

mod support;

use std::path::Path;
use std::time::Duration;

use support::random;
use yamen::interp::apart::Repeats;
use yamen::report::events::Silent;
use yamen::report::outcome::{Entry, EntryKind, Verdict};
use yamen::types::core::{Type, Value};
use yamen::types::layout::Layout;
use yamen::verify::{Options, verify};

/// Specs in the default run, half as many for infinite runs; more with `YAMEN_SPECS`.
const SPECS: u64 = 30;

/// Cells that no claim reads. Claims of random specs are free to read all other cells.
const IDLE: &str = "
state beside : int = 0
state beside_high : bool = false
state beside_half : real = 1.0
env beside_drawn : int
rule beside_grows : beside' = beside + 1
rule beside_tells : beside_high' = (beside > 3 and beside_half < 0.1)
rule beside_halves when beside_drawn > 0 : beside_half' = beside_half / 2.0
";

#[derive(Debug, Default)]
struct Tally {
    proved: usize,
    refuted: usize,
    lassos: usize,
    open: usize,
}

fn entries(text: &str) -> Option<Vec<Entry>> {
    let files = yamen::govern::files::Memory::default();
    let loaded = yamen::govern::load::load_text(Path::new("test.yamen"), text, &files);
    let institutions: Vec<_> =
        loaded.institutions.iter().map(|i| yamen::govern::elaborate(i).0).collect();
    let options = Options { needs: false, timeout: Duration::from_secs(5), ..Options::default() };
    let verified = verify(&loaded.sources, &institutions, &options, &Silent, &|| false).ok()?;
    Some(verified.report.entries)
}

/// Adds what came of the claims of a spec; those that the spec alone leaves open say nothing.
fn compare(text: &str, tally: &mut Tally) -> Result<(), String> {
    let with = format!("{text}{IDLE}");
    let (Some(alone), Some(beside)) = (entries(text), entries(&with)) else {
        return Err("it does not load".to_owned());
    };
    for one in alone.iter().filter(|entry| entry.kind != EntryKind::Defect) {
        let other = beside.iter().find(|entry| entry.id == one.id).ok_or("a claim is gone")?;
        if other.evidence_failed {
            return Err(format!("{}: evidence failed: {:?}", one.id, other.reason));
        }
        match (one.verdict, other.verdict) {
            (Verdict::Proved, Verdict::Proved) => tally.proved += 1,
            (Verdict::Refuted, Verdict::Refuted) => tally.refuted += 1,
            (Verdict::Proved | Verdict::Refuted, Verdict::Unknown | Verdict::HoldsToDepth(_)) => {
                tally.open += 1;
            }
            (Verdict::Unknown | Verdict::HoldsToDepth(_), _) => {}
            (one_says, other_says) => {
                return Err(format!("{}: {one_says:?}, with more beside {other_says:?}", one.id));
            }
        }
        tally.lassos += usize::from(other.notes.iter().any(|note| note.contains("comes back but")));
    }
    Ok(())
}

fn specs(usual: u64) -> u64 {
    std::env::var("YAMEN_SPECS").ok().and_then(|n| n.parse().ok()).unwrap_or(usual)
}

fn all(make: impl Fn(u64) -> String, count: u64) -> Tally {
    let mut tally = Tally::default();
    for seed in 0..count {
        let text = make(seed);
        if let Err(error) = compare(&text, &mut tally) {
            panic!("seed {seed}: {error}\n{text}");
        }
    }
    println!("{count} specs: {tally:?}");
    tally
}

#[test]
fn what_stands_beside_changes_no_safety_claim() {
    let tally = all(random::spec, specs(SPECS));
    assert!(tally.proved > 0 && tally.refuted > 0, "{tally:?}");
    assert!(tally.open * 10 <= tally.proved + tally.refuted, "{tally:?}");
}

#[test]
fn what_stands_beside_changes_no_temporal_claim() {
    let tally = all(random::temporal, specs(SPECS / 2));
    assert!(tally.lassos > 0 && tally.proved > 0, "{tally:?}");
    assert!(tally.open * 10 <= tally.proved + tally.refuted, "{tally:?}");
}

// --- loops that need not close everywhere ---------------------------------------------------------

/// Whether rounds may go on for ever that differ in `count` alone, beside these declarations.
fn may_differ(more: &str) -> bool {
    let text = format!(
        "institution one
         position P
         state on : bool = false
         state count_ : int = 0
         choice act : bool by P
         rule turn : on' = act
         rule grow : count_' = count_ + 1
         claim asked always eventually on
         {more}"
    );
    let model = support::model(&text);
    let asked = support::claim(&model, "asked");
    let layout = Layout::new(&model);
    let zero = |ty: Type| match ty {
        Type::Bool => Value::Bool(false),
        _ => Value::Int(0.into()),
    };
    let first: Vec<Value> = layout.cells.iter().map(|slot| zero(slot.ty)).collect();
    let mut start = first.clone();
    let at = layout.cells.iter().position(|slot| slot.name == "count_").unwrap();
    start[at] = Value::Int(1.into());
    let repeats = Repeats::new(&model, &asked.assumes, [&asked.property]);
    repeats.apart(&layout, &first, &start).is_some()
}

#[test]
fn a_count_that_nothing_rests_on_need_not_come_back() {
    assert!(may_differ(""));
    assert!(may_differ("state high : bool = false\nrule tell : high' = (count_ > 3)"));
    assert!(may_differ("state twice : int = 0\nrule add when on : twice' = twice + 2 * count_"));
    assert!(may_differ("state odd : bool = false\nrule half : odd' = (count_ mod 2 = 1)"));
    assert!(may_differ("state late : bool = false\nrule wait when count_ > 3 : late' = true"));
    let seats = "position Seat[3]\nstate late[Seat] : bool = false\nstate served[Seat] : int = 0";
    let served = "rule serve for s in Seat : served[s]' = served[s] + count_";
    let rule = "rule wait for s in Seat when served[s] > 3 : late[s]' = true";
    assert!(may_differ(&format!("{seats}\n{served}\n{rule}")));
}

#[test]
fn what_restricts_runs_must_come_back() {
    assert!(!may_differ("assume few : count_ < 9"));
    assert!(!may_differ("choice more : bool by P when count_ < 9"));
    assert!(!may_differ("fair f : infinitely often count_ mod 2 = 0"));
    assert!(!may_differ("rule stop when count_ > 3 : on' = on"));
}

#[test]
fn what_may_go_wrong_later_must_come_back() {
    // A range that is passed one day, a division by what is zero once, a place that there is not.
    assert!(!may_differ("state few : 0..9 = 0\nrule fill : few' = count_"));
    assert!(!may_differ("state part : int = 0\nrule cut : part' = 9 / (count_ - 5)"));
    let seats = "position Seat[3]\nstate taken[Seat] : bool = false";
    assert!(!may_differ(&format!("{seats}\nrule sit : taken[count_]' = true")));
    assert!(!may_differ("state pick : int = 0\nrule draw : pick' in {count_}"));
    // Two rules write one day, and differ.
    let two = "state said : int = 0\nrule one : said' = 1\nrule other when count_ > 7 : said' = 2";
    assert!(!may_differ(two));
    let seats =
        "position Seat[3]\nstate late : int = 0\nrule wait for s in Seat when count_ > 7 : ";
    assert!(!may_differ(&format!("{seats} late' = if s = Seat[0] then 1 else 2")));
    let twice = "state said : int = 0\nrule one when count_ > 7 : said' = 1, said' = 2";
    assert!(!may_differ(twice));
    // What is never seen in the loop goes wrong when it comes.
    assert!(!may_differ("state few : 0..3 = 0\nrule late when count_ > 7 : few' = few + 1"));
    assert!(!may_differ("state part : int = 0\nrule late when count_ > 7 : part' = 9 / part"));
    assert!(!may_differ("state part : int = 0\nrule late when 9 / (count_ - 7) > 1 : part' = 9"));
    let hidden =
        "state said : bool = false\nrule one : said' = (on or count_ > 7 and 9 / (count_ - 8) > 0)";
    assert!(!may_differ(hidden));
}
