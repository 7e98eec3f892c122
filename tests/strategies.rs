//! Claims of strategy, verified whole: beside numbers that grow for ever, against a clock, and beside defects;
//! and `possible` joined with `possible`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

mod support;

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use yamen::interp::explicit::Limits;
use yamen::interp::game::{self, plain::Fault};
use yamen::report::events::Silent;
use yamen::report::outcome::{Entry, Verdict};
use yamen::verify::{Options, verify};

/// Time for a test to end in, on a machine that has much else to do.
const SOON: Duration = Duration::from_secs(20);

fn entries(text: &str, timeout: u64, cancel: &(dyn Fn() -> bool + Sync)) -> Vec<Entry> {
    let files = yamen::govern::files::Memory::default();
    let loaded = yamen::govern::load::load_text(Path::new("test.yamen"), text, &files);
    let institutions: Vec<_> =
        loaded.institutions.iter().map(|i| yamen::govern::elaborate(i).0).collect();
    let timeout = Duration::from_secs(timeout);
    let options = Options { needs: false, timeout, ..Options::default() };
    let verified = verify(&loaded.sources, &institutions, &options, &Silent, cancel).unwrap();
    verified.report.entries
}

fn entry<'e>(entries: &'e [Entry], id: &str) -> &'e Entry {
    entries.iter().find(|entry| entry.id == id).unwrap()
}

/// Two numbers that the claims do not rest on: one grows for ever, nothing is said of how the other begins.
const BESIDE: &str = "institution beside
position Leader, Assembly
state protected : bool = true
state n : int = 0
state first : int
choice repeal : bool by Leader
choice consent : bool by Assembly
rule repeal_protection when repeal and consent : protected' = false
rule grow : n' = n + first * first + 1
claim both {Leader, Assembly} can force not protected within 1
claim keeps {Leader} can force always protected
claim keeps_unseen {Leader} can force always protected unseen
claim alone {Leader} cannot force not protected
claim blind {Leader} cannot force not protected unseen
";

#[test]
fn numbers_on_which_nothing_rests_add_no_positions() {
    let start = Instant::now();
    let all = entries(BESIDE, 60, &|| false);
    for id in ["both", "keeps", "keeps_unseen", "alone", "blind"] {
        let entry = entry(&all, id);
        assert_eq!(entry.verdict, Verdict::Proved, "{id}: {:?}", entry.reason);
        let certificate = entry.certificate.as_ref().unwrap();
        assert!(certificate.checked, "{id}: {certificate:?}");
        let detail = certificate.detail.as_ref().unwrap();
        assert!(!detail.contains("nothing else shows it"), "{id}: {detail}");
    }
    assert!(start.elapsed() < SOON, "{:?}", start.elapsed());
}

/// Ten thousand million positions.
const LARGE: &str = "institution large
position Leader
state w : 0..99 = 0
state x : 0..99 = 0
state y : 0..99 = 0
state z : 0..99 = 0
state u : 0..99 = 0
choice go : 0..3 by Leader
env wind : 0..3
rule move_w : w' = (w + go) mod 100
rule move_x : x' = (x + wind) mod 100
rule move_y : y' = (y + go * wind) mod 100
rule move_z : z' = (z + go + wind) mod 100
rule move_u : u' = (u + wind * wind) mod 100
claim far {Leader} can force w + x + y + z + u = 480
";

#[test]
fn positions_are_laid_out_no_longer_than_there_is_time() {
    let start = Instant::now();
    let all = entries(LARGE, 1, &|| false);
    let far = entry(&all, "far");
    assert_eq!((far.verdict, far.reason.as_deref()), (Verdict::Unknown, Some("timeout")));
    assert!(start.elapsed() < SOON, "{:?}", start.elapsed());
}

#[test]
fn positions_are_laid_out_no_longer_than_they_are_wanted() {
    let start = Instant::now();
    entries(LARGE, 600, &|| start.elapsed() > Duration::from_secs(1));
    assert!(start.elapsed() < SOON, "{:?}", start.elapsed());
}

/// However late a game is called off, it ends, and says that its strategy was not replayed.
#[test]
fn replays_end_when_they_are_called_off() {
    let text = "institution small\nposition A\nstate x : 0..3 = 0\nchoice go : 0..1 by A\n\
        rule run : x' = (x + go) mod 4\nclaim c {A} can force recurs x = 3\n\
        claim d {A} can force always x < 3\nclaim e {A} can force recurs x = 3 unseen\n";
    let model = support::models(text).unwrap().remove(0);
    for claim in &model.claims {
        let force = game::questions(&model, &claim.property).unwrap().remove(0);
        let (mut open, mut unreplayed) = (0, 0);
        for calls in 0.. {
            let asked = AtomicUsize::new(0);
            let cancel = || asked.fetch_add(1, Ordering::Relaxed) >= calls;
            let limits = Limits { cancel: &cancel, ..support::limits(1 << 20) };
            match game::decide(&model, &force, &[], &limits, &mut |_| {}) {
                Err(reason) => {
                    assert_eq!(reason, "timeout");
                    open += 1;
                }
                Ok(answer) => match answer.unwrap().shown.replay {
                    Err(fault) => {
                        assert_eq!(fault, Fault::Over);
                        unreplayed += 1;
                    }
                    Ok(_) => break,
                },
            }
        }
        assert!(open > 0 && unreplayed > 1, "{}: {open}, {unreplayed}", claim.name);
    }
}

/// The others cannot answer by a step that is defective, whether or not a mended rule would let them.
#[test]
fn no_strategy_counts_beside_a_defect() {
    let text = "institution broken
position Leader
state n : 0..3 = 0
state done : bool = false
choice act : bool by Leader
env risk : bool
rule grow when risk : n' = n + 1
rule finish when act : done' = true
claim can {Leader} can force done within 1
claim cannot {Leader} cannot force done
claim must {Leader} can force n = 2
claim must_not {Leader} cannot force n = 2
claim back always possible not done
claim runs never done
";
    let all = entries(text, 60, &|| false);
    assert_eq!(entry(&all, "range_overrun").verdict, Verdict::Refuted);
    for id in ["can", "cannot", "must", "must_not", "back"] {
        let entry = entry(&all, id);
        assert_eq!(entry.verdict, Verdict::Unknown, "{id}: {:?}", entry.reason);
        assert!(entry.reason.as_ref().unwrap().starts_with("no proof counts"), "{id}");
    }
    // What a run shows, it shows anyway.
    assert_eq!(entry(&all, "runs").verdict, Verdict::Refuted);
}

#[test]
fn joined_possibilities_are_asked_one_by_one() {
    let text = "institution joined
position Clerk[3]
state served[Clerk] : bool = false
state round : 0..2 = 0
choice serve[c in Clerk] : bool by c
rule mark for c in Clerk when serve[c] and c != 2 : served[c]' = true
rule turn : round' = (round + 1) mod 3
claim both (possible served[0]) and (possible round = 2)
claim every all c in Clerk : possible (c != 2 implies served[c])
claim not_every all c in Clerk : possible served[c]
claim mixed (possible served[0]) and (always round < 3)
claim one possible served[2]
claim two (possible served[0]) and (possible served[1])
";
    let all = entries(text, 60, &|| false);
    for (id, count) in [("both", 2), ("every", 3), ("two", 2)] {
        let entry = entry(&all, id);
        assert_eq!(entry.verdict, Verdict::Proved, "{id}: {:?}", entry.reason);
        assert!(entry.trace.is_some(), "{id}");
        let note = format!("each of {count} parts is reached by a run of its own");
        assert!(
            entry.notes.iter().any(|found| found.starts_with(&note)),
            "{id}: {:?}",
            entry.notes
        );
    }
    let not_every = entry(&all, "not_every");
    assert_eq!(not_every.verdict, Verdict::Refuted);
    assert_eq!(not_every.reason.as_deref(), Some("part 3 of 3: no run reaches it"));
    assert!(not_every.certificate.as_ref().unwrap().checked && not_every.trace.is_none());
    assert_eq!(entry(&all, "mixed").verdict, Verdict::Unknown);
}

#[test]
fn a_possibility_says_whether_it_rests_on_the_parameters() {
    let text = "institution open
param p : 0..5 where p > 3
param q : 0..5 where q > 4
param r : int
state x : bool = false
state y : bool = false
state z : bool = false
rule first when p > 3 : x' = true
rule second when q > 4 : y' = true
rule third : z' = true
claim two possible x
claim one possible y
claim none possible z
";
    let all = entries(text, 60, &|| false);
    for (id, note) in [
        ("two", "a run reaches it at each of 2 values of the parameters"),
        ("one", "a run reaches it at the only values that are allowed"),
        ("none", "the run does not depend on the parameters that have no value"),
    ] {
        let entry = entry(&all, id);
        assert_eq!(entry.verdict, Verdict::Proved, "{id}: {:?}", entry.reason);
        assert_eq!(entry.notes, [note], "{id}");
    }
}
