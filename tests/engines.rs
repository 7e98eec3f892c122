//! The engines agree: explicit search, IC3, k-induction and bounded model checking, in both encodings, on
//! random specs, for every claim, scenario and kind of defect; every run replays, every proof is
//! proved again.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

mod support;

use std::time::{Duration, Instant};

use support::{limits, models, random};
use yamen::engine::{Budget, Outcome, bmc, ic3, induction, ranges};
use yamen::evidence::recheck::{Check, recheck};
use yamen::interp::explicit::{self, Question as Explicit};
use yamen::interp::replay::{Goal, replay};
use yamen::solver::context::interruptible;
use yamen::solver::z3::{Encoding, Z3};
use yamen::system::property::{Prepared, Question};
use yamen::system::{Problem, StateVar, System};
use yamen::term::{Pool, Term, Var};
use yamen::types::core::{Claim, Model};
use yamen::types::defect::DefectKind;

/// Specs in the default run; more with `YAMEN_SPECS`.
const SPECS: u64 = 500;
/// Time for one symbolic engine on one question.
const PATIENCE: Duration = Duration::from_secs(5);
/// Periods that bounded model checking looks ahead when there is nothing to find.
const DEPTH: u32 = 12;
/// Every how many specs the integer encoding is tried as well, and proofs are proved again.
const SPARSE: u64 = 5;

#[derive(Debug, Default, Clone, Copy)]
struct Tally {
    questions: usize,
    reached: usize,
    unreachable: usize,
    rechecked: usize,
    undecided: usize,
    /// Questions whose bounds were taken away and found again.
    ranged: usize,
}

/// What the explicit search says: the length of a shortest run, or that there is none.
enum Truth {
    Found(usize),
    Holds,
    Unknown,
}

fn truth(model: &Model, question: &Explicit<'_>) -> Truth {
    match explicit::search(model, question, &limits(20_000), &mut |_| {}) {
        explicit::Outcome::Holds { .. } => Truth::Holds,
        explicit::Outcome::Found { kind: Some(_), .. } if !about_defects(question) => {
            Truth::Unknown
        }
        explicit::Outcome::Found { trace, .. } => Truth::Found(trace.periods.len()),
        _ => Truth::Unknown,
    }
}

fn about_defects(question: &Explicit<'_>) -> bool {
    matches!(question, Explicit::Defects | Explicit::Defect(_))
}

struct Trial<'a> {
    prepared: &'a Prepared<'a>,
    problem: &'a Problem,
    goal: Goal<'a>,
    what: String,
    sparse: bool,
    may_end: bool,
}

impl Trial<'_> {
    fn has_deadlines(&self) -> bool {
        self.problem.system.inputs.len() > self.prepared.elaborated.system.inputs.len()
    }

    fn run(&self, truth: &Truth, tally: &mut Tally) -> Result<(), String> {
        let encodings: &[Encoding] =
            if self.sparse { &[Encoding::Bits, Encoding::Words] } else { &[Encoding::Bits] };
        for encoding in encodings {
            if *encoding == Encoding::Bits && !self.problem.system.is_finite(&[self.problem.bad]) {
                continue;
            }
            let solver = || Z3::new(*encoding, true, 0);
            let deadline = Some(Instant::now() + PATIENCE);
            let budget = Budget { cancel: &|| false, deadline, depth: None, seed: 0 };
            let found = interruptible(&|| false, deadline, || {
                induction::run(self.problem, solver, budget, &mut |_| {})
            });
            self.compare("k-induction", *encoding, truth, &found, tally)?;
            let budget = Budget { depth: Some(DEPTH), ..budget };
            let found = interruptible(&|| false, deadline, || {
                bmc::run(self.problem, solver(), budget, &mut |_| {})
            });
            self.compare("bmc", *encoding, truth, &found, tally)?;
        }
        let deadline = Some(Instant::now() + PATIENCE);
        let budget = Budget { cancel: &|| false, deadline, depth: None, seed: 0 };
        let found = ic3::run(self.problem, budget, &mut |_| {});
        self.compare("ic3", Encoding::Bits, truth, &found, tally)?;
        self.run_without_bounds(truth, budget, tally)
    }

    /// The same where no number is known to have bounds, and they have to be found.
    fn run_without_bounds(
        &self,
        truth: &Truth,
        budget: Budget<'_>,
        tally: &mut Tally,
    ) -> Result<(), String> {
        let Some(problem) = without_bounds(self.problem) else { return Ok(()) };
        let Some(ranged) = ranges::infer(&problem) else { return Ok(()) };
        tally.ranged += 1;
        let found = ranged.back(&problem, ic3::run(&ranged.problem, budget, &mut |_| {}));
        let what = format!("{} without bounds", self.what);
        let Trial { prepared, goal, sparse, may_end, .. } = *self;
        let again = Trial { prepared, problem: &problem, goal, what, sparse, may_end };
        again.compare("ic3", Encoding::Bits, truth, &found, tally)
    }

    fn compare(
        &self,
        engine: &str,
        encoding: Encoding,
        truth: &Truth,
        found: &Outcome,
        tally: &mut Tally,
    ) -> Result<(), String> {
        tally.questions += 1;
        let says = |text: String| Err(format!("{}, {engine} with {encoding:?}: {text}", self.what));
        match (truth, found) {
            (Truth::Holds, Outcome::Reached(_)) => says("a run, but explicitly none".to_owned()),
            // Where runs come to an end, the last period's step may be missing for a claim that
            // speaks of steps; no proof counts in such a model.
            (Truth::Found(_), Outcome::Unreachable(_)) if self.may_end => Ok(()),
            (Truth::Found(_), Outcome::Unreachable(proof)) => {
                says(format!("{proof:?}, but explicitly there is a run"))
            }
            (Truth::Found(length), Outcome::Bounded(depth)) if *length <= *depth as usize => {
                says(format!("none in {depth} periods, but explicitly one of length {length}"))
            }
            (truth, Outcome::Reached(valuation)) => {
                tally.reached += 1;
                let trace = self.prepared.trace(valuation);
                // A deadline that nothing can meet is known to be missed before it comes.
                if let Truth::Found(length) = truth
                    && (trace.periods.len() < *length
                        || trace.periods.len() > *length
                            && !self.has_deadlines()
                            && engine != "ic3")
                {
                    let other = trace.periods.len();
                    return says(format!(
                        "a run of {other} periods, but the shortest has {length}"
                    ));
                }
                match replay(self.prepared.model, self.goal, &trace) {
                    Ok(_) => Ok(()),
                    Err(departure) => says(format!("does not replay: {departure}")),
                }
            }
            (_, Outcome::Unreachable(proof)) => {
                tally.unreachable += 1;
                if !self.sparse && engine != "ic3" {
                    return Ok(());
                }
                let deadline = Some(Instant::now() + PATIENCE);
                let budget = Budget { cancel: &|| false, deadline, depth: None, seed: 7 };
                match recheck(self.problem, proof, budget) {
                    Check::Fails(reason) => says(format!("{proof:?} does not check: {reason}")),
                    Check::Holds(_) => {
                        tally.rechecked += 1;
                        Ok(())
                    }
                    _ => Ok(()),
                }
            }
            _ => {
                tally.undecided += 1;
                Ok(())
            }
        }
    }
}

/// The problem with its numbers' bounds as conditions on first states and draws; `None` if there are none.
fn without_bounds(problem: &Problem) -> Option<Problem> {
    let old = &problem.system;
    let mut pool = Pool::new();
    let vars: Vec<Var> = (0..old.pool.variable_count()).map(|n| Var(n as u32)).collect();
    let infos: Vec<_> = vars.iter().map(|var| old.pool.var_info(*var).clone()).collect();
    infos.iter().find(|info| info.bounds.is_some())?;
    for info in &infos {
        pool.declare(&info.name, info.sort, None, info.role);
    }
    let mut adopted = |terms: &[Term]| pool.redeclared(&old.pool, [terms]).unwrap().remove(0);
    let nexts = adopted(&old.states.iter().map(|state| state.next).collect::<Vec<_>>());
    let (mut init, mut step) = (adopted(&old.init), adopted(&old.step));
    let (lemmas, bad) = (adopted(&old.lemmas), adopted(&[problem.bad])[0]);
    let within = |pool: &mut Pool, var: &Var| {
        let (lo, hi) = infos[var.0 as usize].bounds?;
        let term = pool.var(*var);
        Some(pool.between(term, lo, hi))
    };
    let first = old.states.iter().map(|state| state.var).chain(old.rigid.clone());
    init.extend(first.filter_map(|var| within(&mut pool, &var)));
    let drawn: Vec<Term> = old.inputs.iter().filter_map(|var| within(&mut pool, var)).collect();
    let bad = if problem.on_step { pool.and(drawn.iter().copied().chain([bad])) } else { bad };
    step.extend(drawn);
    let states = old.states.iter().zip(nexts).map(|(s, next)| StateVar { var: s.var, next });
    let (rigid, inputs, states) = (old.rigid.clone(), old.inputs.clone(), states.collect());
    let system = System { pool, rigid, states, inputs, init, step, lemmas };
    Some(Problem { system, bad, on_step: problem.on_step })
}

fn agree(seed: u64, tally: &mut Tally) -> Result<(), String> {
    let text = random::spec(seed);
    let model = models(&text).map_err(|errors| format!("seed {seed}: {errors}\n{text}"))?.remove(0);
    let sparse = seed.is_multiple_of(SPARSE);
    let Err(first) = agree_on(&model, sparse, tally) else { return Ok(()) };
    let (text, error) = support::fewest_lines(&text, first, |text| {
        let model = models(text).ok()?.pop()?;
        agree_on(&model, sparse, &mut Tally::default()).err()
    });
    Err(format!("seed {seed}: {error}\n{text}"))
}

fn agree_on(model: &Model, sparse: bool, tally: &mut Tally) -> Result<(), String> {
    let prepared = Prepared::new(model);
    if prepared.elaborated.cycle.is_some() {
        return Ok(());
    }
    for kind in DefectKind::ALL {
        defect(&prepared, kind, sparse, tally)?;
    }
    for claim in &model.claims {
        decide(&prepared, claim, sparse, tally)?;
    }
    Ok(())
}

fn defect(
    prepared: &Prepared<'_>,
    kind: DefectKind,
    sparse: bool,
    tally: &mut Tally,
) -> Result<(), String> {
    let truth = truth(prepared.model, &Explicit::Defect(kind));
    let what = format!("defect {kind}");
    match (kind, prepared.defects(&[kind])) {
        (DefectKind::InitialState, _) => {
            let problem = prepared.first_state();
            // There is a first state iff the defect is not found.
            let truth = match truth {
                Truth::Holds => Truth::Found(1),
                Truth::Found(_) => Truth::Holds,
                Truth::Unknown => Truth::Unknown,
            };
            Trial { prepared, problem: &problem, goal: Goal::Run, what, sparse, may_end: false }
                .run(&truth, tally)
        }
        (_, None) => match truth {
            Truth::Found(_) => Err(format!("{what}: found, but elaborated away")),
            _ => Ok(()),
        },
        (_, Some(problem)) => {
            let goal = Goal::Defect(kind);
            Trial { prepared, problem: &problem, goal, what, sparse, may_end: false }
                .run(&truth, tally)
        }
    }
}

fn decide(
    prepared: &Prepared<'_>,
    claim: &Claim,
    sparse: bool,
    tally: &mut Tally,
) -> Result<(), String> {
    let (Question::Never(asked) | Question::Reach(asked)) = prepared.question(claim) else {
        return Ok(());
    };
    // A property that may have no value is not decided before that is; see `verify`.
    if asked.fault.is_some() {
        return Ok(());
    }
    let truth = truth(prepared.model, &Explicit::Claim(claim));
    let what = format!("claim {}", claim.name);
    let goal = Goal::Claim(claim);
    let may_end = asked.problem.on_step
        && !matches!(self::truth(prepared.model, &Explicit::Defects), Truth::Holds);
    Trial { prepared, problem: &asked.problem, goal, what, sparse, may_end }.run(&truth, tally)
}

#[test]
fn engines_agree_on_random_specs() {
    let (count, halves) = support::in_halves(SPECS, agree);
    for tally in halves {
        assert!(count < 100 || tally.ranged > 100, "{tally:?}");
        println!("{count} specs, half of them: {tally:?}, no disagreement");
    }
}
