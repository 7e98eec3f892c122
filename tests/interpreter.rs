//! The interpreter on small institutions: steps, defects, time, replay, lassos, simulation.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::expect_used,
    clippy::panic,
    reason = "tests"
)]

mod support;

use support::{claim, limits, model};
use yamen::interp::draws::draws;
use yamen::interp::explicit::{Limits, Outcome, Question, search, search_by_reference};
use yamen::interp::replay::{Goal, replay};
use yamen::interp::simulate::{Halt, Simulation};
use yamen::interp::step::{Broken, Interpreter, StepFault};
use yamen::types::core::{Model, Value};
use yamen::types::defect::DefectKind;
use yamen::types::trace::{Inputs, Period, Trace};

fn int(n: i64) -> Value {
    Value::Int(n.into())
}

fn bool(b: bool) -> Value {
    Value::Bool(b)
}

fn found(outcome: Outcome) -> (Trace, Option<DefectKind>) {
    match outcome {
        Outcome::Found { trace, kind } => (trace, kind),
        other => panic!("nothing found: {other:?}"),
    }
}

fn ask(model: &Model, question: Question<'_>) -> Outcome {
    let fast = search(model, &question, &limits(100_000), &mut |_| {});
    let slow = search_by_reference(model, &question, &limits(100_000), &mut |_| {});
    match (&fast, &slow) {
        (Outcome::Found { trace: a, kind: k }, Outcome::Found { trace: b, kind: l }) => {
            assert_eq!((a.periods.len(), k), (b.periods.len(), l));
        }
        _ => assert_eq!(std::mem::discriminant(&fast), std::mem::discriminant(&slow)),
    }
    fast
}

/// How many periods the shortest violation of a claim has; `None` if it holds.
fn periods(model: &Model, name: &str) -> Option<usize> {
    let claim = claim(model, name);
    match ask(model, Question::Claim(claim)) {
        Outcome::Holds { .. } => None,
        Outcome::Found { trace, kind: None } => {
            replay(model, Goal::Claim(claim), &trace).unwrap_or_else(|d| panic!("{name}: {d}"));
            Some(trace.periods.len())
        }
        other => panic!("{name}: {other:?}"),
    }
}

/// Counts 0, 1, 2, … up to 9 and stays there; a tick in every third period, from period 2.
const CLOCK: &str = "
institution clock
state n : 0..9 = 0
rule tally when n < 9 : n' = n + 1
tick third when n mod 3 = 2
";

fn clock(claims: &str) -> Model {
    model(&format!("{CLOCK}{claims}"))
}

#[test]
fn a_deadline_counts_the_present_period() {
    let m = clock(
        "claim now always (n = 2 implies within 0 (n = 2))
         claim soon always (n = 2 implies within 2 (n = 4))
         claim late always (n = 2 implies within 1 (n = 4))
         claim response (n = 2) leads to (n = 4) within 1",
    );
    assert_eq!(periods(&m, "now"), None);
    assert_eq!(periods(&m, "soon"), None);
    // n = 2 in period 2, the deadline passes in period 3.
    assert_eq!(periods(&m, "late"), Some(4));
    assert_eq!(periods(&m, "response"), Some(4));
}

#[test]
fn a_deadline_in_ticks_ends_in_the_period_after_the_last_tick() {
    let m = clock(
        "claim in_time always (n = 1 implies within 1 third (n = 3))
         claim too_late always (n = 1 implies within 1 third (n = 4))
         claim own_tick always (n = 2 implies within 1 third (n = 3))
         claim second always (n = 2 implies within 2 third (n = 6))
         claim nothing_due always (n = 9 implies within 1 third (n = 0))",
    );
    assert_eq!(periods(&m, "in_time"), None);
    assert_eq!(periods(&m, "too_late"), Some(4));
    assert_eq!(periods(&m, "own_tick"), None);
    assert_eq!(periods(&m, "second"), None);
    assert_eq!(periods(&m, "nothing_due"), None);
}

#[test]
fn what_a_visit_reports_in_its_own_period_is_in_time() {
    let m = model(
        "institution visits
         position Site
         state reported : bool = false
         state day : 0..3 = 0
         choice report : bool by Site where report = (day = 2)
         rule pass when day < 3 : day' = day + 1
         rule file when report : reported' = true
         tick visit when day = 2
         claim det always (within 1 visit reported)
         claim strict always (day = 0 implies within 0 visit reported)",
    );
    assert_eq!(periods(&m, "det"), None);
    assert_eq!(periods(&m, "strict"), Some(1));
}

#[test]
fn the_past_begins_with_period_0() {
    let m = clock(
        "claim before always (previously (n = 3) iff n = 4)
         claim at_first never (previously true and n = 0)
         claim first historically (n = 0)
         claim ever always (n >= 3 implies once (n = 3))
         claim hist always (n < 3 iff historically (n < 3))
         claim since_3 always ((n >= 3) iff ((n > 2) since (n = 3)))
         claim nested always (n = 5 implies once (n = 4 and previously (n = 3)))",
    );
    for name in ["before", "at_first", "first", "ever", "hist", "since_3", "nested"] {
        assert_eq!(periods(&m, name), None, "{name}");
    }
}

#[test]
fn next_until_and_initial_claims() {
    let m = clock(
        "claim start n = 0
         claim second next (n = 1)
         claim wrong next (n = 2)
         claim step always (n < 9 implies n' = n + 1)
         claim fires always (tally iff n < 9)",
    );
    assert_eq!(periods(&m, "start"), None);
    assert_eq!(periods(&m, "second"), None);
    assert_eq!(periods(&m, "wrong"), Some(2));
    assert_eq!(periods(&m, "step"), None);
    assert_eq!(periods(&m, "fires"), None);
}

#[test]
fn claims_over_draws_need_the_last_period_s_draws() {
    let m = model(
        "institution draws
         position Centre
         state x : 0..3 = 0
         choice up : bool by Centre
         rule rise when up and x < 3 : x' = x + 1
         claim state always (x < 2)
         claim step always not (up and x = 1)
         claim prime always (x' < 2)",
    );
    let trace = |name| found(ask(&m, Question::Claim(claim(&m, name)))).0;
    assert!(trace("state").periods.last().unwrap().inputs.is_none());
    assert_eq!(trace("state").periods.len(), 3);
    assert!(trace("step").periods.last().unwrap().inputs.is_some());
    assert_eq!(trace("step").periods.len(), 2);
    assert_eq!(trace("prime").periods.len(), 2);
}

#[test]
fn all_enabled_rules_fire_at_once_and_may_read_the_end() {
    let m = model(
        "institution swap
         state a : 0..3 = 1
         state b : 0..3 = 2
         state total : 0..9 = 0
         rule swap when true : a' = b, b' = a
         rule add when true : total' = a' + b'
         claim swapped always (total = 0 or total = 3)
         claim turn never (a = 2 and b = 2)",
    );
    assert_eq!(periods(&m, "swapped"), None);
    assert_eq!(periods(&m, "turn"), None);
}

#[test]
fn overriding_writes_void_the_others() {
    let m = model(
        "institution override
         state x : 0..5 = 0
         rule usual when x < 5 : x' = x + 1
         rule reset overrides usual when x = 3 : x' = 0
         claim low always (x <= 3)",
    );
    assert_eq!(periods(&m, "low"), None);
    assert!(matches!(ask(&m, Question::Defects), Outcome::Holds { states: 1.., .. }));
}

/// Kinds of defect, the periods of a shortest run to one, and a spec that has it.
const DEFECTS: [(DefectKind, usize, &str); 8] = [
    (
        DefectKind::ContradictoryWrites,
        2,
        "state x : 0..3 = 0
            rule a when x = 1 : x' = 2
            rule b when x <= 1 : x' = x + (1 - x) * (1 - x)",
    ),
    (
        DefectKind::RangeOverrun,
        4,
        "state x : 0..3 = 0
            rule a when true : x' = x + 1",
    ),
    (
        DefectKind::DivisionByZero,
        3,
        "state x : 0..3 = 2
            state y : 0..9 = 1
            rule a when x > 0 : x' = x - 1
            rule b when true : y' = 4 / x",
    ),
    (
        DefectKind::BadIndex,
        2,
        "position P[2]
            state x : 0..3 = 0
            state y[P] : bool = false
            rule a when x < 3 : x' = x + 1, y[x + 1]' = true",
    ),
    (
        DefectKind::CyclicRead,
        1,
        "state x : 0..3 = 0
            state y : 0..3 = 0
            rule a when true : x' = y'
            rule b when true : y' = x'",
    ),
    (
        DefectKind::StuckPeriod,
        3,
        "position C
            state x : 0..3 = 0
            choice c : 0..3 by C where c + x < 2
            rule a when true : x' = x + 1",
    ),
    (
        DefectKind::StuckPeriod,
        2,
        "state x : 0..3 = 0
            rule a when true : x' = x + 1
            assume low : x < 2",
    ),
    (
        DefectKind::StuckPeriod,
        2,
        "state x : 0..3 = 1
            rule down when true : x' in 0..x - 1",
    ),
];

#[test]
fn every_kind_of_defect_is_found_and_replays() {
    for (kind, periods, body) in DEFECTS {
        let m = model(&format!("institution defective\n{body}"));
        let (trace, seen) = found(ask(&m, Question::Defects));
        assert_eq!((seen, trace.periods.len()), (Some(kind), periods), "{body}");
        let replayed = replay(&m, Goal::Defect(kind), &trace).unwrap_or_else(|d| panic!("{d}"));
        assert!(replayed.defects.iter().any(|defect| defect.kind == kind));
        let other = DefectKind::InitialState;
        assert!(replay(&m, Goal::Defect(other), &trace).is_err());
        assert!(matches!(ask(&m, Question::Defect(other)), Outcome::Holds { .. }));
    }
}

#[test]
fn a_model_without_first_state_is_a_defect() {
    let m = model("institution none\nstate x : 0..3 = 0\ninit x = 1");
    let (trace, kind) = found(ask(&m, Question::Defects));
    assert_eq!((kind, trace.periods.len()), (Some(DefectKind::InitialState), 0));
}

#[test]
fn contradictory_writes_are_told_in_the_words_of_the_spec() {
    let m = model(
        "institution two
         position P[2]
         state x[P] : 0..3 = 0
         rule a for p in P when true : x[p]' = 1
         rule b when true : x[1]' = 2",
    );
    let interpreter = Interpreter::new(&m);
    let state = vec![int(0), int(0)];
    let inputs = Inputs { inputs: vec![], draws: vec![] };
    let Err(StepFault::Defective(defects)) = interpreter.step(&[], &state, &inputs) else {
        panic!("defective")
    };
    assert_eq!(defects[0].text, "`a[1]` writes 1, `b` writes 2 to `x[1]`");
}

#[test]
fn steps_say_which_restriction_they_break() {
    let m = model(
        "institution bounds
         position Centre
         state x : 0..3 = 0
         choice c : 0..3 by Centre when x = 0 where c != 2 else 1
         assume careful : x' < 3
         rule follow when true : x' = c",
    );
    let interpreter = Interpreter::new(&m);
    let broken = |x: i64, c: i64| {
        let inputs = Inputs { inputs: vec![int(c)], draws: vec![] };
        match interpreter.step(&[], &[int(x)], &inputs) {
            Err(StepFault::NotAStep(violation)) => Some(violation.what),
            Ok(_) => None,
            Err(other) => panic!("{other:?}"),
        }
    };
    assert_eq!(broken(0, 1), None);
    assert_eq!(broken(0, 2), Some(Broken::Restriction));
    assert_eq!(broken(0, 3), Some(Broken::Assumption));
    assert_eq!(broken(0, 4), Some(Broken::Type));
    assert_eq!(broken(1, 1), None);
    assert_eq!(broken(1, 0), Some(Broken::NoChoice));
}

#[test]
fn departures_name_the_period_and_the_cell() {
    let m = clock("claim low always (n < 3)");
    let goal = Goal::Claim(claim(&m, "low"));
    let (mut trace, _) = found(ask(&m, Question::Claim(claim(&m, "low"))));
    trace.periods[2].state[0] = int(7);
    let departure = replay(&m, goal, &trace).unwrap_err();
    assert_eq!((departure.period, departure.name.as_str()), (1, "n"));
    assert_eq!(departure.expected.as_deref(), Some("2"));
    assert_eq!(departure.found.as_deref(), Some("7"));
    trace.periods.truncate(2);
    let departure = replay(&m, goal, &trace).unwrap_err();
    assert!(departure.text.contains("does not show") || departure.text.contains("chosen"));
    trace.periods[0].state[0] = int(1);
    assert_eq!(replay(&m, goal, &trace).unwrap_err().period, 0);
}

#[test]
fn draws_are_told_from_the_next_state() {
    let m = model(
        "institution lots
         position P[2]
         state x[P] : 0..3 = 0
         rule any for p in P when true : x[p]' in 0..3
         scenario s : possible (x[0] = 2 and x[1] = 3)",
    );
    let s = claim(&m, "s");
    let (trace, _) = found(ask(&m, Question::Claim(s)));
    let mut bare = trace.clone();
    bare.periods[0].inputs.as_mut().unwrap().draws.clear();
    assert_eq!(draws(&m, &bare), trace);
    replay(&m, Goal::Claim(s), &bare).unwrap();
}

#[test]
fn lassos_close_are_fair_and_decide_liveness() {
    let m = model(
        "institution light
         position Centre
         state on : bool = false
         choice press : bool by Centre
         rule toggle when press : on' = not on
         fair used : infinitely often press
         claim recurs_on recurs on
         claim settles_off settles (not on)
         claim lit eventually on",
    );
    let period = |on, press| Period {
        state: vec![bool(on)],
        inputs: Some(Inputs { inputs: vec![bool(press)], draws: vec![] }),
    };
    let blink = Trace {
        params: vec![],
        periods: vec![period(false, true), period(true, true)],
        loop_start: Some(0),
    };
    let idle = Trace { params: vec![], periods: vec![period(false, false)], loop_start: Some(0) };
    replay(&m, Goal::Claim(claim(&m, "settles_off")), &blink).unwrap();
    replay(&m, Goal::Claim(claim(&m, "recurs_on")), &blink).unwrap_err();
    replay(&m, Goal::Run, &blink).unwrap();
    let unfair = replay(&m, Goal::Claim(claim(&m, "lit")), &idle).unwrap_err();
    assert_eq!(unfair.name, "used");
    let mut open = blink;
    open.periods[1].inputs = Some(Inputs { inputs: vec![bool(false)], draws: vec![] });
    assert_eq!(replay(&m, Goal::Run, &open).unwrap_err().name, "on");
}

#[test]
fn reports_come_from_the_replay() {
    let m = model(
        "institution seen
         position Centre, Site[2]
         state x[Site] : bool = false
         choice tell[s in Site] : bool by s
         sees Centre : tell[0], x[1]
         sees s in Site : x[s]
         rule grow for s in Site when tell[s] : x[s]' = true
         tick news when tell[1]
         claim none never (x[0] and x[1])",
    );
    let goal = Goal::Claim(claim(&m, "none"));
    let (trace, _) = found(ask(&m, Question::Claim(claim(&m, "none"))));
    let replayed = replay(&m, goal, &trace).unwrap();
    let first = &replayed.periods[0];
    assert_eq!(
        first.fired.iter().map(|f| f.2.as_str()).collect::<Vec<_>>(),
        ["grow[0]", "grow[1]"]
    );
    assert_eq!(first.ticks[0].1, "news");
    let names: Vec<&str> = first.seen.iter().map(|(who, _)| who.as_str()).collect();
    assert_eq!(names, ["Centre", "Site[0]", "Site[1]"]);
    assert_eq!(first.seen[0].1.len(), 2);
    assert_eq!(replayed.periods[1].seen[0].1, [("x[1]".to_owned(), bool(true))]);
}

#[test]
fn simulation_is_reproducible_and_replays() {
    let m = model(
        "institution walk
         position Centre
         state x : 0..90 = 0
         choice pace : 0..2 by Centre
         env shock : int where shock > 2 and shock < 8
         rule go when true : x' = x + pace + shock mod 2",
    );
    let run = |seed| {
        let mut simulation = Simulation::new(&m, seed).expect("a first state");
        for _ in 0..10 {
            simulation.step(&[]).expect("a step");
        }
        simulation.trace()
    };
    assert_eq!(run(7), run(7));
    assert_ne!(run(7), run(8));
    replay(&m, Goal::Run, &run(7)).unwrap_or_else(|d| panic!("{d}"));
    let mut simulation = Simulation::new(&m, 1).expect("a first state");
    assert_eq!(simulation.step(&[(0, int(2))]), Ok(vec![]));
    assert_eq!(simulation.trace().periods[0].inputs.as_ref().unwrap().inputs[0], int(2));
    assert_eq!(simulation.step(&[(0, int(3))]), Ok(vec![(0, int(3))]));
}

#[test]
fn simulation_says_when_it_is_stuck_or_defective() {
    let m = model("institution end\nstate x : 0..3 = 1\nrule down when true : x' in 0..x - 1");
    let mut simulation = Simulation::new(&m, 0).unwrap();
    simulation.step(&[]).expect("a step");
    assert_eq!(simulation.step(&[]), Err(Halt::Stuck));
    let m = model("institution over\nstate x : 0..3 = 3\nrule up when true : x' = x + 1");
    let mut simulation = Simulation::new(&m, 0).unwrap();
    assert!(matches!(simulation.step(&[]), Err(Halt::Defective(..))));
}

#[test]
fn unbounded_cells_outside_the_cone_do_no_harm() {
    let m = model(
        "institution counter
         state n : int = 0
         state x : bool = false
         rule tally when true : n' = n + 1
         rule flip when not x : x' = true
         claim set always (x or not x')
         claim small always (n < 5)",
    );
    let ask = |name| search(&m, &Question::Claim(claim(&m, name)), &limits(100), &mut |_| {});
    assert!(matches!(ask("set"), Outcome::Found { .. }));
    let Outcome::NotFinite { reason } = ask("small") else { panic!("not finite") };
    assert_eq!(reason, "`n` has infinitely many values");
}

#[test]
fn limits_and_fragments_are_named() {
    let m = clock("claim later eventually (n = 9)\nclaim low always (n < 100)");
    let outcome = search(&m, &Question::Claim(claim(&m, "later")), &limits(100), &mut |_| {});
    assert_eq!(outcome, Outcome::Unsupported { fragment: "temporal" });
    let wide = model(
        "institution wide
         position P[12]
         state x[P] : bool
         rule keep for p in P when x[p] : x[p]' = not x[p]
         claim few always (count(p in P : x[p]) < 12)
         claim many never (count(p in P : x[p]) = 13)",
    );
    let small = Limits { max_states: 100, ..limits(100) };
    let few = search(&wide, &Question::Claim(claim(&wide, "few")), &small, &mut |_| {});
    assert!(matches!(few, Outcome::TooLarge { .. }));
    let cancelled = Limits { cancel: &|| true, ..limits(1 << 20) };
    let few = search(&wide, &Question::Claim(claim(&wide, "few")), &cancelled, &mut |_| {});
    assert_eq!(few, Outcome::Cancelled);
}

#[test]
fn real_numbers_are_exact() {
    let m = model(
        "institution shares
         param share : real = 0.3
         param fine : real = 2
         state n : 0..10 = 0
         rule grow when n < 10 : n' = n + 1
         claim third always (share * n + fine / 4 < 3.5)
         claim exact always (share * n <= 3.0)",
    );
    assert_eq!(periods(&m, "exact"), None);
    assert_eq!(periods(&m, "third"), Some(11));
}

#[test]
fn a_wish_where_there_is_no_choice_is_denied() {
    let m = model(
        "institution closed
         position Centre
         state open : bool = false
         choice speak : bool by Centre when open
         rule say when speak : open' = false",
    );
    let mut simulation = Simulation::new(&m, 0).unwrap();
    assert_eq!(simulation.step(&[(0, bool(true))]), Ok(vec![(0, bool(true))]));
    assert_eq!(simulation.step(&[(0, bool(false))]), Ok(vec![]));
}
