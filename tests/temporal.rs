//! Claims about infinite runs: the explicit search for fair cycles and every symbolic road agree on
//! random specs with random fairness and random formulas; every lasso replays, every proof is proved
//! again.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

mod support;

use std::path::Path;
use std::time::{Duration, Instant};

use support::{limits, models, random};
use yamen::engine::{Budget, Outcome, Proof, bmc, ic3, ranking, ways};
use yamen::evidence::recheck::{Check, recheck, recheck_ranking};
use yamen::interp::closing::close;
use yamen::interp::explicit::fair::{self, Closing, Question as Explicit};
use yamen::interp::explicit::{self, Question::Defects};
use yamen::interp::progress::tableau::Wish;
use yamen::interp::replay::{Goal, replay};
use yamen::interp::stays::targets;
use yamen::report::events::Silent;
use yamen::report::outcome::{Entry, Verdict};
use yamen::solver::context::interruptible;
use yamen::solver::z3::{Encoding, Z3};
use yamen::system::Problem;
use yamen::system::liveness::Live;
use yamen::system::property::{Prepared, Question};
use yamen::types::Assignment;
use yamen::types::core::{Claim, Expr, Model};
use yamen::verify::{Options, verify};

/// Specs in the default run; more with `YAMEN_SPECS`.
const SPECS: u64 = 100;
/// Time for one symbolic road on one claim.
const PATIENCE: Duration = Duration::from_secs(2);
/// Periods that are looked ahead where there is no lasso.
const DEPTH: u32 = 8;
/// The largest count tried by k-liveness.
const COUNTS: u32 = 3;

#[derive(Debug, Default, Clone, Copy)]
struct Tally {
    claims: usize,
    holds: usize,
    lassos: usize,
    found_by_bmc: usize,
    proved_by_lasso: usize,
    proved_by_count: usize,
    rechecked: usize,
    ranked: usize,
    traps: usize,
    no_traps: usize,
    ways: usize,
    undecided: usize,
}

fn agree(seed: u64, tally: &mut Tally) -> Result<(), String> {
    let text = random::temporal(seed);
    let model = models(&text).map_err(|errors| format!("seed {seed}: {errors}\n{text}"))?.remove(0);
    let Err(first) = agree_on(&model, tally) else { return Ok(()) };
    let (text, error) = support::fewest_lines(&text, first, |text| {
        let model = models(text).ok()?.pop()?;
        agree_on(&model, &mut Tally::default()).err()
    });
    Err(format!("seed {seed}: {error}\n{text}"))
}

fn agree_on(model: &Model, tally: &mut Tally) -> Result<(), String> {
    let prepared = Prepared::new(model);
    if prepared.elaborated.cycle.is_some() {
        return Ok(());
    }
    for claim in &model.claims {
        if let Some(targets) = targets(model, &claim.property) {
            stays(&prepared, claim, &targets, tally)
                .map_err(|error| format!("claim {}: {error}", claim.name))?;
        }
        let Question::Forever(live) = prepared.question(claim) else { continue };
        if live.fault.is_some() {
            continue;
        }
        compare(&prepared, claim, &live, tally)
            .map_err(|error| format!("claim {}: {error}", claim.name))?;
    }
    Ok(())
}

fn compare(
    prepared: &Prepared<'_>,
    claim: &Claim,
    live: &Live,
    tally: &mut Tally,
) -> Result<(), String> {
    tally.claims += 1;
    let model = prepared.model;
    let question = Explicit::Run(Wish::Violates(&claim.property), Closing::Everywhere);
    let truth = fair::search(model, question, &claim.assumes, &limits(20_000), &mut |_| {});
    let goal = Goal::Claim(claim);
    let fails = match &truth {
        explicit::Outcome::Found { trace, .. } => {
            replay(model, goal, trace).map_err(|departure| {
                let told = support::outline(model, &truth);
                format!("the explicit lasso departs: {departure}\n{told}\n{:?}", trace.loop_start)
            })?;
            tally.lassos += 1;
            true
        }
        explicit::Outcome::Holds { .. } => {
            tally.holds += 1;
            false
        }
        other => return Err(format!("explicitly {other:?}")),
    };
    let lasso = live.lasso();
    let depth = if fails { None } else { Some(DEPTH) };
    match run(&lasso.problem, Road::Bmc, depth) {
        Outcome::Reached(_) if !fails => return Err("a lasso, but explicitly none".to_owned()),
        Outcome::Reached(valuation) => {
            let trace = prepared.lasso(lasso.start(&valuation), &valuation);
            let closed = close(model, &claim.assumes, None, &trace);
            let trace = closed.ok_or("the symbolic lasso does not close")?;
            let replayed = replay(model, goal, &trace);
            replayed.map_err(|departure| format!("the symbolic lasso departs: {departure}"))?;
            tally.found_by_bmc += 1;
        }
        Outcome::Unreachable(proof) if fails => {
            return Err(format!("no lasso by {proof:?}, but explicitly one"));
        }
        _ => tally.undecided += usize::from(fails),
    }
    ranked(live, fails, tally)?;
    proved(live, lasso.problem, fails, tally)
}

/// A ranking counts only where there is no lasso, and checks.
fn ranked(live: &Live, fails: bool, tally: &mut Tally) -> Result<(), String> {
    if let Outcome::Unreachable(Proof::Ranking(ranking)) = rank(live) {
        if fails {
            return Err(format!("{ranking:?}, but explicitly there is a lasso"));
        }
        let budget = Budget { cancel: &|| false, deadline: None, depth: None, seed: 7 };
        match recheck_ranking(live, &ranking, budget) {
            Check::Holds(_) => tally.ranked += 1,
            other => return Err(format!("{ranking:?} does not check: {other:?}")),
        }
    }
    Ok(())
}

/// IC3 on both reductions: liveness to safety decides, k-liveness proves.
fn proved(live: &Live, lasso: Problem, fails: bool, tally: &mut Tally) -> Result<(), String> {
    let mut problems = vec![(lasso, true)];
    problems.extend((0..=COUNTS).map(|bound| (live.counted(bound), false)));
    for (problem, by_lasso) in &problems {
        let outcome = run(problem, Road::Ic3, None);
        if *by_lasso && !fails && matches!(outcome, Outcome::Reached(_)) {
            return Err("a lasso by IC3, but explicitly none".to_owned());
        }
        tally.undecided += usize::from(*by_lasso && !outcome.is_decided());
        if let Outcome::Unreachable(proof) = outcome {
            if fails {
                return Err(format!("proved by {proof:?}, but explicitly there is a lasso"));
            }
            tally.proved_by_lasso += usize::from(*by_lasso);
            tally.proved_by_count += usize::from(!by_lasso);
            let deadline = Some(Instant::now() + PATIENCE);
            let budget = Budget { cancel: &|| false, deadline, depth: None, seed: 7 };
            match recheck(problem, &proof, budget) {
                Check::Fails(reason) => return Err(format!("{proof:?} does not check: {reason}")),
                Check::Holds(_) => tally.rechecked += 1,
                _ => {}
            }
            if !by_lasso {
                break;
            }
        }
    }
    Ok(())
}

/// What stays possible: where it does not, a symbolic search from the state found agrees; where it
/// does, one from the first states does.
fn stays(
    prepared: &Prepared<'_>,
    claim: &Claim,
    targets: &[Expr],
    tally: &mut Tally,
) -> Result<(), String> {
    let model = prepared.model;
    let [target] = targets else { return Ok(()) };
    let question = Explicit::Stays(targets);
    let truth = fair::search(model, question, &claim.assumes, &limits(20_000), &mut |_| {});
    match &truth {
        explicit::Outcome::Found { trace, .. } => {
            replay(model, Goal::Run, trace)
                .map_err(|departure| format!("the way to a trap departs: {departure}"))?;
            let state = &trace.periods.last().unwrap().state;
            let Some(problem) = prepared.reach_from(target, &claim.assumes, state) else {
                return Ok(());
            };
            // A state from which no step leads on is a trap for whatever is asked.
            let sound = explicit::search(model, &Defects, &limits(20_000), &mut |_| {});
            if !matches!(sound, explicit::Outcome::Holds { .. }) {
                return Ok(());
            }
            tally.traps += 1;
            if let Outcome::Reached(_) = run(&problem, Road::Bmc, Some(DEPTH)) {
                return Err("a way out of what is no trap".to_owned());
            }
            match prepared.target(target, &claim.assumes).map(|problem| led(&problem)) {
                Some(Outcome::Unreachable(_)) => Err("ways lead out of a trap".to_owned()),
                Some(Outcome::Unknown(reason)) => Err(format!("ways: {reason}")),
                _ => Ok(()),
            }
        }
        explicit::Outcome::Holds { states, .. } => {
            let Question::Reach(asked) = prepared.reach(target, &claim.assumes) else {
                return Ok(());
            };
            if asked.fault.is_some() || *states == 0 {
                return Ok(());
            }
            tally.no_traps += 1;
            if let Outcome::Unreachable(_) = run(&asked.problem, Road::Ic3, None) {
                return Err("it stays possible, but is not".to_owned());
            }
            match prepared.target(target, &claim.assumes).map(|problem| (led(&problem), problem)) {
                Some((Outcome::Unreachable(proof), problem)) => {
                    tally.ways += 1;
                    forged(&problem, &proof)
                }
                Some((Outcome::Reached(_), _)) => {
                    Err("ways find a trap, but there is none".to_owned())
                }
                Some((other, _)) => Err(format!("ways: {other:?}")),
                None => Ok(()),
            }
        }
        other => Err(format!("explicitly {other:?}")),
    }
}

fn led(problem: &Problem) -> Outcome {
    let deadline = Some(Instant::now() + PATIENCE);
    let budget = Budget { cancel: &|| false, deadline, depth: None, seed: 0 };
    let encoding =
        if problem.system.is_finite(&[problem.bad]) { Encoding::Bits } else { Encoding::Words };
    let decide = |problem: &Problem, budget: Budget<'_>| ic3::run(problem, budget, &mut |_| {});
    interruptible(&|| false, deadline, || {
        ways::run(problem, || Z3::new(encoding, true, 0), decide, budget, &mut |_| {})
    })
}

/// The ways check; without them the proof that nothing lies outside does not: each was made because a
/// state that can be reached lay outside.
fn forged(problem: &Problem, proof: &Proof) -> Result<(), String> {
    let budget = Budget { cancel: &|| false, deadline: None, depth: None, seed: 0 };
    let Proof::Ways(ways) = proof else { return Err("a proof of another kind".to_owned()) };
    match recheck(problem, proof, budget) {
        Check::Holds(_) => {}
        other => return Err(format!("ways do not check: {other:?}")),
    }
    let mut without = ways.clone();
    without.ways.clear();
    match recheck(problem, &Proof::Ways(without), budget) {
        Check::Holds(_) if !ways.ways.is_empty() => Err("nobody missed the ways".to_owned()),
        _ => Ok(()),
    }
}

fn rank(live: &Live) -> Outcome {
    let encoding =
        if live.system.is_finite(&live.justice) { Encoding::Bits } else { Encoding::Words };
    let deadline = Some(Instant::now() + PATIENCE);
    let budget = Budget { cancel: &|| false, deadline, depth: None, seed: 0 };
    interruptible(&|| false, deadline, || ranking::run(live, || Z3::new(encoding, true, 0), budget))
}

#[derive(Clone, Copy)]
enum Road {
    Bmc,
    Ic3,
}

fn run(problem: &Problem, road: Road, depth: Option<u32>) -> Outcome {
    let encoding =
        if problem.system.is_finite(&[problem.bad]) { Encoding::Bits } else { Encoding::Words };
    let solver = || Z3::new(encoding, true, 0);
    let deadline = Some(Instant::now() + PATIENCE);
    let budget = Budget { cancel: &|| false, deadline, depth, seed: 0 };
    interruptible(&|| false, deadline, || match road {
        Road::Bmc => bmc::run(problem, solver(), budget, &mut |_| {}),
        Road::Ic3 => ic3::run(problem, budget, &mut |_| {}),
    })
}

#[test]
fn roads_agree_on_random_temporal_claims() {
    let (count, halves) = support::in_halves(SPECS, agree);
    for tally in halves {
        println!("{count} specs, half of them: {tally:?}, no disagreement");
        // Fewer than the usual number may be asked for by hand.
        assert!(count < SPECS || tally.claims >= 150 && tally.ways > 0, "{tally:?}");
    }
}

// --- known false greens -------------------------------------------------------------------------

/// Verifies a text; every entry that is not an obligation that holds.
fn entries(text: &str) -> Vec<Entry> {
    let files = yamen::govern::files::Memory::default();
    let loaded = yamen::govern::load::load_text(Path::new("test.yamen"), text, &files);
    assert!(loaded.diagnostics.is_empty(), "{:?}", loaded.diagnostics);
    let institutions: Vec<_> =
        loaded.institutions.iter().map(|i| yamen::govern::elaborate(i).0).collect();
    let options = Options { timeout: Duration::from_secs(20), ..Options::default() };
    verify(&loaded.sources, &institutions, &options, &Silent, &|| false).unwrap().report.entries
}

fn verdict(text: &str, id: &str) -> Entry {
    let found = entries(text).into_iter().find(|entry| entry.id == id);
    found.unwrap_or_else(|| panic!("no entry `{id}`"))
}

/// A stuck model makes nothing true of infinite runs (pono#377, #380, #457).
#[test]
fn a_stuck_model_proves_nothing() {
    let text = "institution stuck
position P
state x : 0..2 = 0
choice c : bool by P where x < 2
rule r when true : x' = x + 1
claim c eventually (x = 5)";
    let entry = verdict(text, "c");
    assert_eq!(entry.verdict, Verdict::Unknown);
    assert!(entry.reason.unwrap().contains("stuck_period"));
}

/// Two fairness conditions are both met in the loop, not one of them (hw-cbmc#2007).
#[test]
fn both_fairness_conditions_count() {
    let text = "institution two
position P, Q
state a : bool = false
state b : bool = false
choice p : bool by P
choice q : bool by Q
rule ra when p : a' = true
rule rb when q : b' = true
fair fp : infinitely often p
fair fq : infinitely often q
claim both eventually (a and b)
claim one_of_two eventually (a and not b)
claim alternate recurs (p and q)";
    assert_eq!(verdict(text, "both").verdict, Verdict::Proved);
    assert_eq!(verdict(text, "one_of_two").verdict, Verdict::Refuted);
    let entry = verdict(text, "alternate");
    assert_eq!(entry.verdict, Verdict::Refuted);
    let trace = entry.trace.unwrap();
    let in_loop = &trace.periods[trace.loop_start.unwrap()..];
    for choice in ["p", "q"] {
        assert!(in_loop.iter().any(|period| period.choices[choice] == true), "{choice}");
    }
}

/// Past operators in period 0: nothing was before.
#[test]
fn nothing_was_before_period_0() {
    let text = "institution past
position P
state x : bool = true
choice c : bool by P
claim no_yesterday not previously true
claim yesterday_later next previously true
claim since_now always (x since x)
claim always_so historically x leads to once x
claim ever recurs previously x
claim wrong eventually (previously x and not once x)
  expect refuted";
    for id in ["no_yesterday", "yesterday_later", "since_now", "always_so", "ever"] {
        assert_eq!(verdict(text, id).verdict, Verdict::Proved, "{id}");
    }
    assert_eq!(verdict(text, "wrong").verdict, Verdict::Refuted);
}

/// Compassion is more than justice: what is enabled again and again, but not for good.
#[test]
fn compassion_is_more_than_justice() {
    let model = |fair: &str| {
        format!(
            "institution door
position P
state open : bool = false
state through : bool = false
choice go : bool by P
rule swing when true : open' = not open
rule pass when open and go : through' = true
{fair}
claim in_time eventually through"
        )
    };
    let weak = model("fair goes : infinitely often (go or not open)");
    assert_eq!(verdict(&weak, "in_time").verdict, Verdict::Refuted);
    let strong = model("fair goes : if infinitely often open then infinitely often (open and go)");
    let entry = verdict(&strong, "in_time");
    assert_eq!(entry.verdict, Verdict::Proved);
    assert_eq!(entry.needs.map(|needs| needs.fairness), Some(vec!["goes".to_owned()]));
    let vain = model("fair goes : if infinitely often go then infinitely often (open and go)");
    assert_eq!(verdict(&vain, "in_time").verdict, Verdict::Refuted);
}

/// Where no run is fair, everything holds of none: that is vacuous, and not as expected.
#[test]
fn unfair_models_prove_vacuously() {
    let text = "institution unfair
position P
state x : bool = false
choice c : bool by P
fair vain : infinitely often x
claim again recurs c
claim response c leads to x";
    for id in ["again", "response"] {
        let entry = verdict(text, id);
        assert_eq!(entry.verdict, Verdict::Proved, "{id}");
        assert!(entry.vacuous && !entry.as_expected, "{id}");
        assert!(entry.notes.iter().any(|note| note.contains("no infinite run")), "{id}");
    }
}

/// A search for lassos that finds none proves nothing of infinitely many states (quint#1501).
#[test]
fn no_lasso_is_no_proof_of_infinitely_many_states() {
    let text = "institution growing
position P
state x : int = 0
state y : int = 0
choice c : int by P where c > 0 and c * c > x + y
rule r when true : x' = x + c, y' = y + 1
claim c eventually (x * x * x - y = 0 - 1)";
    let model = support::model(text);
    let prepared = Prepared::new(&model);
    let Question::Forever(live) = prepared.question(&model.claims[0]) else { panic!("temporal") };
    let lasso = live.lasso();
    let proof = Outcome::Unreachable(Proof::Induction { k: 0, simple_path: false });
    let said = yamen::engine::liveness::lasso(&lasso.problem, proof);
    assert!(matches!(said, Outcome::Unknown(_)), "{said:?}");
}

/// Deadlines counted in ticks that need not come.
#[test]
fn ticks_that_do_not_come() {
    let text = "institution ticks
position P
state x : bool = false
choice t : bool by P
tick beat when t
claim due eventually within 1 beat x
claim due_fairly (not x) leads to within 2 beat x
  expect refuted
claim or_rest settles (not t) or recurs t";
    assert_eq!(verdict(text, "due").verdict, Verdict::Refuted);
    assert_eq!(verdict(text, "due_fairly").verdict, Verdict::Refuted);
    assert_eq!(verdict(text, "or_rest").verdict, Verdict::Proved);
}

/// CYC-1: proved in all 225 cells, refuted beyond what can be reached and without fairness.
#[test]
fn the_cycle_is_perpetual_in_all_225_cells() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("specs/cycles/perpetual.yamen");
    let text = std::fs::read_to_string(path).unwrap();
    let mut proved = 0;
    for limits in (1..=5).flat_map(|d| (1..=5).map(move |b| (d, b))) {
        for thresholds in (1..=limits.0 + 1).flat_map(|d| (1..=limits.1 + 1).map(move |b| (d, b))) {
            let files = yamen::govern::files::Memory::default();
            let loaded = yamen::govern::load::load_text(Path::new("test.yamen"), &text, &files);
            let (core, _) = yamen::govern::elaborate(&loaded.institutions[0]);
            let values = [
                ("deviation_limit", limits.0),
                ("backlog_limit", limits.1),
                ("deviation_threshold", thresholds.0),
                ("backlog_threshold", thresholds.1),
            ];
            let values = values.map(|(name, value)| (name.to_owned(), value.to_string()));
            let given = Assignment { values: values.into(), all: false };
            let model = yamen::types::check(&core, &given).model.unwrap();
            let claim = support::claim(&model, "cyc_1");
            let question = Explicit::Run(Wish::Violates(&claim.property), Closing::Everywhere);
            let outcome = fair::search(&model, question, &[], &limits_of(), &mut |_| {});
            let reachable = thresholds.0 <= limits.0 && thresholds.1 <= limits.1;
            assert_eq!(matches!(outcome, explicit::Outcome::Holds { .. }), reachable);
            proved += usize::from(reachable);
        }
    }
    assert_eq!(proved, 225);
}

/// A ranking is found for the cycle, which needs case distinctions.
#[test]
fn the_cycle_has_a_ranking() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("specs/cycles/perpetual.yamen");
    let text = std::fs::read_to_string(path).unwrap();
    let files = yamen::govern::files::Memory::default();
    let loaded = yamen::govern::load::load_text(Path::new("test.yamen"), &text, &files);
    let (core, _) = yamen::govern::elaborate(&loaded.institutions[0]);
    let names = ["deviation_limit", "backlog_limit", "deviation_threshold", "backlog_threshold"];
    let values = names.map(|name| (name.to_owned(), "3".to_owned()));
    let given = Assignment { values: values.into(), all: false };
    let model = yamen::types::check(&core, &given).model.unwrap();
    let prepared = Prepared::new(&model);
    let Question::Forever(live) = prepared.question(support::claim(&model, "cyc_1")) else {
        panic!("temporal")
    };
    let start = Instant::now();
    let budget = Budget { cancel: &|| false, deadline: None, depth: None, seed: 0 };
    let outcome = ranking::run(&live, || Z3::new(Encoding::Bits, true, 0), budget);
    println!("{outcome:?} in {:?}", start.elapsed());
    assert!(matches!(outcome, Outcome::Unreachable(Proof::Ranking(_))), "{outcome:?}");
}

fn limits_of() -> yamen::interp::explicit::Limits<'static> {
    limits(100_000)
}
