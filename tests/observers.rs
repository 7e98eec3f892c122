//! Observers: what belief sets prove gets a certificate that holds, on random specs and on one where what is
//! known is worked out by hand; one whose machine, table or worlds were changed is rejected, with the place named.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

mod support;

use std::collections::BTreeSet;
use std::path::Path;

use support::{limits, model, models, random};
use yamen::evidence::worlds::{Facts, Fault, Worlds, show};
use yamen::govern;
use yamen::govern::load::load_text;
use yamen::interp::explicit::beliefs::contexts::sights;
use yamen::interp::explicit::beliefs::observer::{Followed, follow};
use yamen::interp::explicit::beliefs::{self, Answer};
use yamen::interp::explicit::{self, Outcome, Question::Claim as Explicit};
use yamen::report::events::Silent;
use yamen::report::outcome::{Entry, Verdict};
use yamen::solver::z3::{Encoding, Z3};
use yamen::system::property::{Prepared, Question};
use yamen::twin;
use yamen::twin::observed::slice::sliced;
use yamen::twin::observed::{Machine, observe, see};
use yamen::types::core::{Claim, Expr, ExprKind, Model, Property, SortId, Value};
use yamen::verify::{Options, verify};

/// Random specs in the default run; more with `YAMEN_SPECS`.
const SPECS: u64 = 40;

/// Nurse 0 may report at any time, nurse 1 by day only; the manager sees whether it is night and whether
/// somebody reports.
const WARD: &str = "institution ward \"A ward\"\nposition Manager\nposition Nurse[2]\n\
    env night : bool\nchoice report[x in Nurse] : bool by x when not night or x = 0\n\
    assume one : count(x in Nurse : report[x]) <= 1\nstate reported[Nurse] : bool = false\n\
    state reports : 0..9 = 0\n\
    rule record for x in Nurse when report[x] : reported[x]' = true\n\
    rule tally when some x in Nurse : report[x] : reports' = min(reports + 1, 9)\n\
    sees Manager : night, some x in Nurse : report[x]\n\
    claim first always reported[0]\n\
    claim second always reported[1]\n";

struct Stage {
    model: Model,
    sees: Vec<Expr>,
    pieces: Vec<Expr>,
    followed: Followed,
}

impl Stage {
    fn new() -> Stage {
        let model = model(WARD);
        let pieces: Vec<Expr> = model.claims.iter().map(|claim| body(&claim.property)).collect();
        let manager = model.sorts.iter().position(|sort| sort.name == "Manager").unwrap();
        let sees = sights(&model, (SortId(u32::try_from(manager).unwrap()), 0));
        let kept: Vec<Expr> = sees.iter().chain(&pieces).cloned().collect();
        let (model, held) = sliced(&model, &kept);
        let followed = follow(&model, (&sees, &pieces), &held, &limits(1000)).unwrap();
        Stage { model, sees, pieces, followed }
    }

    fn machine(&self) -> Machine {
        let Followed { views, after, known, .. } = self.followed.clone();
        Machine { views, after, known, first: 0 }
    }

    fn worlds(&self) -> Worlds {
        let reasons = self.followed.reasons.clone();
        Worlds { worlds: reasons.worlds, before: reasons.before, lacks: reasons.lacks }
    }

    fn claim(&self, p: Expr) -> Claim {
        let (span, ty) = (p.span, p.ty);
        let property = Expr { kind: Box::new(ExprKind::Property(Property::Always(p))), ty, span };
        Claim { property, ..self.model.claims[0].clone() }
    }

    /// Whether the observer never says too much, by a search, and never too little, by Z3.
    fn check(&self, machine: &Machine, worlds: &Worlds) -> Result<usize, String> {
        let mut observed = self.model.clone();
        let span = observed.span;
        let observer = observe(&mut observed, &self.sees, machine, span);
        let claim = self.claim(observer.is_right(&self.pieces));
        match explicit::search(&observed, &Explicit(&claim), &limits(10_000), &mut |_| {}) {
            Outcome::Holds { .. } => {}
            Outcome::Found { .. } => return Err("says too much".to_owned()),
            other => panic!("{other:?}"),
        }
        let mut seeing = self.model.clone();
        see(&mut seeing, &self.sees, machine, span);
        let prepared = Prepared::new(&seeing);
        let fails = self.pieces.iter().map(|p| match prepared.question(&self.claim(p.clone())) {
            Question::Never(asked) => asked.problem,
            other => panic!("{other:?}"),
        });
        let (fails, problem) = (fails.collect::<Vec<_>>(), prepared.first_state());
        let facts = Facts { problem: &problem, fails: &fails, machine, worlds };
        match show(&facts, &mut |_| Z3::new(Encoding::Bits, false, 0)) {
            Ok(count) => Ok(count),
            Err(Fault::Wrong(place)) => Err(place),
            Err(Fault::Open(reason)) => panic!("{reason}"),
        }
    }
}

/// What is said to hold always.
fn body(e: &Expr) -> Expr {
    match &*e.kind {
        ExprKind::Property(Property::Always(p)) => p.clone(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn observers_are_what_is_known() {
    let stage = Stage::new();
    let machine = stage.machine();
    assert!(stage.check(&machine, &stage.worlds()).unwrap() > 5);
    // By night it was the first nurse; by day nobody knows which.
    let seen = |set: u32, night: bool, report: bool| {
        let view = vec![Value::Bool(night), Value::Bool(report)];
        let n = machine.views.iter().position(|known| *known == view).unwrap();
        machine.after[set as usize][&u32::try_from(n).unwrap()]
    };
    let by_night = seen(0, true, true);
    let by_day = seen(0, false, true);
    let known = |piece: usize, set: u32| machine.known[piece][set as usize];
    assert!(known(0, by_night) && !known(1, by_night));
    assert!(!known(0, by_day) && !known(1, by_day));
    assert!(known(0, seen(by_day, true, true)));
    assert_eq!(seen(by_day, true, false), by_day);
}

/// Each entry of the table, turned round: too much is said, or what lacks it is not given.
#[test]
fn a_changed_table_is_rejected() {
    let stage = Stage::new();
    for piece in 0..2 {
        for set in 0..stage.machine().after.len() {
            let mut machine = stage.machine();
            let known = &mut machine.known[piece][set];
            *known = !*known;
            let place = match *known {
                true => "says too much".to_owned(),
                false => format!("no world of set {set} is given that lacks piece {piece}"),
            };
            assert_eq!(stage.check(&machine, &stage.worlds()), Err(place));
        }
    }
}

/// Whether two machines say the same of all that may be seen.
fn say_the_same(one: &Machine, right: &Machine) -> bool {
    let (mut met, mut waiting) = (BTreeSet::new(), vec![(one.first, right.first)]);
    while let Some((a, b)) = waiting.pop() {
        if !met.insert((a, b)) {
            continue;
        }
        let known = |machine: &Machine, set: u32| {
            machine.known.iter().map(|known| known[set as usize]).collect::<Vec<bool>>()
        };
        if known(one, a) != known(right, b) {
            return false;
        }
        for (view, after) in &right.after[b as usize] {
            match one.after[a as usize].get(view) {
                Some(to) => waiting.push((*to, *after)),
                None => return false,
            }
        }
    }
    true
}

/// Each entry of the machine, led elsewhere or left out: where that makes a difference, it is rejected.
#[test]
fn a_changed_entry_is_rejected() {
    let stage = Stage::new();
    let right = stage.machine();
    let (mut differ, mut places) = (0, BTreeSet::new());
    for set in 0..right.after.len() {
        for (view, to) in &right.after[set] {
            for other in (0..right.states()).filter(|other| other != to) {
                let mut machine = right.clone();
                machine.after[set].insert(*view, other);
                let checked = stage.check(&machine, &stage.worlds());
                if say_the_same(&machine, &right) {
                    continue;
                }
                differ += 1;
                places.insert(checked.expect_err("what is known is not what it says"));
            }
            let mut machine = right.clone();
            machine.after[set].remove(view);
            assert_eq!(stage.check(&machine, &stage.worlds()), Err("says too much".to_owned()));
        }
    }
    assert!(differ > 10 && places.len() > 3, "{differ} {places:?}");
}

#[test]
fn a_missing_world_is_rejected() {
    let stage = Stage::new();
    let (machine, right) = (stage.machine(), stage.worlds());
    for (set, view, to) in right.before.keys() {
        let mut worlds = right.clone();
        worlds.before.remove(&(*set, *view, *to));
        let place = stage.check(&machine, &worlds).unwrap_err();
        assert!(place.starts_with(&format!("no world of set {set} is given that leads to world")));
    }
    for (piece, set) in right.lacks.keys() {
        let mut worlds = right.clone();
        worlds.lacks.remove(&(*piece, *set));
        let place = format!("no world of set {set} is given that lacks piece {piece}");
        assert_eq!(stage.check(&machine, &worlds), Err(place));
    }
}

/// A world in which the judge cannot be is none that anything leads to.
#[test]
fn a_world_that_was_added_is_rejected() {
    let stage = Stage::new();
    let (machine, right) = (stage.machine(), stage.worlds());
    let reported = stage.model.cells.iter().position(|cell| cell.name == "reported").unwrap();
    assert_eq!(reported, 0, "the slots below are those of `reported`");
    for (set, worlds) in right.worlds.iter().enumerate() {
        let Some(world) = worlds.first() else { continue };
        for (one, other) in [(false, false), (true, false), (false, true)] {
            // At first nobody has reported; in all other sets somebody has.
            if (set == 0) == (!one && !other) || set != 0 && (one || other) {
                continue;
            }
            let mut added = world.clone();
            (added[0], added[1]) = (Value::Bool(one), Value::Bool(other));
            let mut forged = right.clone();
            forged.worlds[set].push(added);
            let n = u32::try_from(forged.worlds[set].len() - 1).unwrap();
            // Whoever forges a world says also what leads to it.
            for (from, after) in (0u32..).zip(&machine.after) {
                for (view, _) in after.iter().filter(|(_, to)| **to as usize == set) {
                    forged.before.insert((from, *view, n), 0);
                }
            }
            let place = stage.check(&machine, &forged).unwrap_err();
            let named = format!("world {n} of set {set}");
            assert!(place.contains(&named), "{place}: {named}");
        }
    }
}

/// The claims of a text that belief sets prove and no pairs of runs decide.
fn believed(text: &str) -> Vec<String> {
    let Some(model) = models(text).ok().and_then(|mut models| models.pop()) else { return vec![] };
    let proved = |claim: &&Claim| {
        twin::questions(&model, claim).is_err()
            && matches!(
                beliefs::decide(&model, claim, &limits(3000), &mut |_| {}),
                Answer::Proved(_)
            )
    };
    model.claims.iter().filter(proved).map(|claim| claim.name.clone()).collect()
}

/// The entries of these claims, verified with certificates.
fn entries(text: &str, claims: Vec<String>) -> Vec<Entry> {
    let files = govern::files::Memory::default();
    let loaded = load_text(Path::new("test.yamen"), text, &files);
    let options = Options { certificates: true, needs: false, claims, ..Options::default() };
    let verified =
        verify(&loaded.sources, &loaded.institutions, &options, &Silent, &|| false).unwrap();
    verified.report.entries
}

/// What belief sets prove on random specs, observers prove again.
#[test]
fn proofs_by_belief_sets_have_certificates() {
    let spec = |seed: u64| match seed % 4 {
        3 => random::knowing::knowledge_at_last(seed),
        _ => random::knowing::knowledge(seed),
    };
    let (count, halves) = support::in_halves(SPECS, |seed, tally: &mut (usize, usize)| {
        let text = spec(seed);
        let claims = believed(&text);
        if claims.is_empty() {
            return Ok(());
        }
        for entry in entries(&text, claims) {
            let (Verdict::Proved, Some(certificate)) = (entry.verdict, &entry.certificate) else {
                continue;
            };
            tally.0 += 1;
            if !certificate.checked || certificate.kind != "observers" {
                let why = certificate.detail.clone().unwrap_or_default();
                return Err(format!("seed {seed}, {}: {why}\n{text}", entry.id));
            }
            tally.1 += certificate.obligations.len();
        }
        Ok(())
    });
    println!("{count} specs: {halves:?} proofs and scripts");
    let proofs: usize = halves.iter().map(|half| half.0).sum();
    assert!(count < SPECS || proofs > 10, "{halves:?}");
}
