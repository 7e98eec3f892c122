//! Claims about infinite runs: the explicit search for fair cycles and every symbolic road agree on
//! random specs with random fairness and random formulas; every lasso replays, every proof is proved
//! again.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod support;

use std::time::{Duration, Instant};

use support::{limits, models, random};
use yamen::engine::{Budget, Outcome, Proof, bmc, induction, ranking};
use yamen::evidence::recheck::{Check, recheck, recheck_ranking};
use yamen::interp::closing::close;
use yamen::interp::explicit;
use yamen::interp::explicit::fair::{self, Question as Explicit};
use yamen::interp::progress::tableau::Wish;
use yamen::interp::replay::{Goal, replay};
use yamen::interp::stays::targets;
use yamen::solver::z3::{Encoding, Z3, interruptible};
use yamen::system::Problem;
use yamen::system::liveness::Live;
use yamen::system::property::{Prepared, Question};
use yamen::types::core::{Claim, Expr, Model};
use yamen::types::defect::DefectKind;

/// Specs in the default run; more with `YAMEN_SPECS`.
const SPECS: u64 = 100;
/// Time for one symbolic road on one claim.
const PATIENCE: Duration = Duration::from_millis(400);
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
    let question = Explicit::Run(Wish::Violates(&claim.property));
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
            let trace = prepared.lasso(&lasso, &valuation);
            let closed = close(model, &claim.assumes, &trace);
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
    let mut problems = vec![(lasso.problem, true)];
    problems.extend((0..=COUNTS).map(|bound| (live.counted(bound), false)));
    for (problem, by_lasso) in &problems {
        if let Outcome::Unreachable(proof) = run(problem, Road::Induction, Some(DEPTH)) {
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
            if replay(model, Goal::Defect(DefectKind::StuckPeriod), trace).is_ok() {
                return Ok(());
            }
            tally.traps += 1;
            match run(&problem, Road::Bmc, Some(DEPTH)) {
                Outcome::Reached(_) => Err("a way out of what is no trap".to_owned()),
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
            match run(&asked.problem, Road::Induction, None) {
                Outcome::Unreachable(_) => Err("it stays possible, but is not".to_owned()),
                _ => Ok(()),
            }
        }
        other => Err(format!("explicitly {other:?}")),
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
    Induction,
}

fn run(problem: &Problem, road: Road, depth: Option<u32>) -> Outcome {
    let encoding =
        if problem.system.is_finite(&[problem.bad]) { Encoding::Bits } else { Encoding::Words };
    let solver = || Z3::new(encoding, true, 0);
    let deadline = Some(Instant::now() + PATIENCE);
    let budget = Budget { cancel: &|| false, deadline, depth, seed: 0 };
    interruptible(&|| false, deadline, || match road {
        Road::Bmc => bmc::run(problem, solver(), budget, &mut |_| {}),
        Road::Induction => induction::run(problem, solver, budget, &mut |_| {}),
    })
}

#[test]
fn roads_agree_on_random_temporal_claims() {
    let number = |name: &str, default: u64| {
        std::env::var(name).ok().and_then(|n| n.parse().ok()).unwrap_or(default)
    };
    let (first, count) = (number("YAMEN_SEED", 0), number("YAMEN_SPECS", SPECS));
    let halves = std::thread::scope(|scope| {
        let halves: Vec<_> = (0..2)
            .map(|half| {
                scope.spawn(move || -> Result<Tally, String> {
                    let mut tally = Tally::default();
                    for seed in (first..first + count).filter(|seed| seed % 2 == half) {
                        agree(seed, &mut tally)?;
                    }
                    Ok(tally)
                })
            })
            .collect();
        halves.into_iter().map(|half| half.join().unwrap()).collect::<Vec<_>>()
    });
    for half in halves {
        match half {
            Ok(tally) => println!("{count} specs, half of them: {tally:?}, no disagreement"),
            Err(error) => panic!("{error}"),
        }
    }
}
