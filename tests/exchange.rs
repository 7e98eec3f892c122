//! Other tools' formats: what is written is read as the same question, what is wrong is told with
//! its place and a way out, and engines' answers about it are checked.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use std::path::Path;
use std::time::{Duration, Instant};

use yamen::engine::{Budget, Invariant, Outcome, Proof, horn, mined};
use yamen::evidence::execute::execute;
use yamen::evidence::recheck::{Check, recheck};
use yamen::exchange::{Foreign, Format, read, write};
use yamen::report::events::Silent;
use yamen::report::outcome::{Entry, Verdict};
use yamen::solver::context::interruptible;
use yamen::solver::z3::{Encoding, Z3};
use yamen::syntax::diagnostic::Diagnostic;
use yamen::syntax::source::SourceMap;
use yamen::system::Problem;
use yamen::types::core::Value;
use yamen::verify::foreign::verify_foreign;
use yamen::verify::{Options, blank};

const NOW: Budget<'static> = Budget { cancel: &|| false, deadline: None, depth: None, seed: 0 };

fn parsed(text: &str, format: Format) -> Result<Foreign, Box<Diagnostic>> {
    let mut sources = SourceMap::default();
    let file = sources.add("test", text);
    read(&sources, file, format)
}

fn entries(foreign: &Foreign) -> Vec<Entry> {
    entries_within(foreign, Duration::from_secs(60))
}

fn entries_within(foreign: &Foreign, timeout: Duration) -> Vec<Entry> {
    let options = Options { timeout, ..Options::default() };
    let mut report = blank(&options);
    verify_foreign(Path::new("test.vmt"), foreign, &options, &Silent, &|| false, &mut report);
    assert!(report.entries.iter().all(|entry| !entry.evidence_failed), "{:?}", report.entries);
    report.entries
}

fn verdict(foreign: &Foreign) -> Verdict {
    entries(foreign).first().expect("a question").verdict
}

/// Two counters that a draw moves together; `bad` is over `x`, `y` and the draw `up`.
fn counters(good: &str) -> String {
    format!(
        "(declare-fun x () Int) (declare-fun x! () Int) (define-fun .x () Int (! x :next x!))
         (declare-fun y () Int) (declare-fun y! () Int) (define-fun .y () Int (! y :next y!))
         (declare-fun up () Bool)
         (define-fun .init () Bool (! (and (= x 0) (= y 0)) :init true))
         (define-fun .trans () Bool (! (and (= x! (ite up (+ x 1) x)) (= (- y! y) (- x! x))) :trans true))
         (define-fun .equal () Bool (! {good} :invar-property 0))"
    )
}

/// A counter that falls from `init` while `step` says so; `settled` is to hold from some period on.
fn falling(init: &str, step: &str, settled: &str, seconds: u64) -> Entry {
    let text = format!(
        "(declare-fun x () Int) (declare-fun x! () Int) (define-fun .x () Int (! x :next x!))
         (declare-fun stop () Bool)
         (define-fun .init () Bool (! {init} :init true))
         (define-fun .trans () Bool (! (= x! (ite {step} (- x 1) x)) :trans true))
         (define-fun .settles () Bool (! {settled} :live-property 0))"
    );
    let foreign = parsed(&text, Format::Vmt).unwrap();
    entries_within(&foreign, Duration::from_secs(seconds)).remove(0)
}

#[test]
fn live_properties_are_decided_for_all_infinite_runs() {
    let settles = falling("(>= x 20)", "(> x 0)", "(<= x 0)", 60);
    assert_eq!(settles.verdict, Verdict::Proved, "{:?}", settles.reason);
    assert!(settles.certificate.unwrap().checked);
    let stopped = falling("(= x 20)", "(and (> x 0) (not stop))", "(<= x 5)", 60);
    assert_eq!(stopped.verdict, Verdict::Refuted, "{:?}", stopped.reason);
    let lasso = stopped.trace.unwrap();
    assert!(lasso.loop_start.is_some_and(|start| start < lasso.periods.len()), "{lasso:?}");
    // That it fails for ever cannot be seen in a run that only falls.
    let falls = falling("(= x 20)", "true", "(> x 100)", 5);
    assert_ne!(falls.verdict, Verdict::Proved);
}

#[test]
fn a_relation_is_decided_and_told_in_its_own_names() {
    let held = entries(&parsed(&counters("(= x y)"), Format::Vmt).unwrap());
    assert_eq!((held[0].id.as_str(), held[0].verdict), ("equal", Verdict::Proved));
    assert!(held[0].certificate.as_ref().unwrap().checked);
    let broken = entries(&parsed(&counters("(< (+ x y) 6)"), Format::Vmt).unwrap());
    let trace = broken[0].trace.as_ref().unwrap();
    assert_eq!((broken[0].verdict, trace.periods.len()), (Verdict::Refuted, 4));
    assert_eq!(trace.periods[3].state["y"], 3);
    assert_eq!(trace.periods[0].env["up"], true);
}

#[test]
fn what_is_written_is_read_as_the_same_question() {
    for (good, expected) in [("(= x y)", Verdict::Proved), ("(<= x 2)", Verdict::Refuted)] {
        let first = parsed(&counters(good), Format::Vmt).unwrap();
        assert_eq!(verdict(&first), expected, "{good}");
        let (name, problem) = &first.problems[0];
        for format in [Format::Vmt, Format::Chc] {
            let text = String::from_utf8(write(problem, name, format, false).unwrap()).unwrap();
            let again = parsed(&text, format).unwrap_or_else(|d| panic!("{}\n{text}", d.message));
            assert_eq!(verdict(&again), expected, "{format:?}: {text}");
            let (_, problem) = &again.problems[0];
            let text =
                String::from_utf8(write(problem, name, Format::Vmt, false).unwrap()).unwrap();
            assert_eq!(verdict(&parsed(&text, Format::Vmt).unwrap()), expected, "{text}");
        }
    }
}

#[test]
fn clauses_with_several_predicates_become_a_system_with_a_location() {
    let text = |goal: &str| {
        format!(
            "(set-logic HORN) (declare-fun up (Int Int) Bool) (declare-fun |go down| (Int Int) Bool)
             (assert (forall ((n Int)) (=> (>= n 0) (up 0 n))))
             (assert (forall ((i Int) (n Int)) (=> (and (up i n) (< i n)) (up (+ i 1) n))))
             (assert (forall ((i Int) (n Int)) (=> (and (up i n) (>= i n)) (|go down| i n))))
             (assert (forall ((i Int) (n Int)) (=> (and (|go down| i n) (> i 0)) (|go down| (- i 1) n))))
             (assert (forall ((i Int) (n Int)) (=> (and (|go down| i n) {goal}) false)))
             (check-sat)"
        )
    };
    let safe = parsed(&text("(> i n)"), Format::Chc).unwrap();
    assert_eq!(safe.problems.len(), 1);
    assert_eq!(verdict(&safe), Verdict::Proved);
    assert_eq!(verdict(&parsed(&text("(= i 2) (= n 3)"), Format::Chc).unwrap()), Verdict::Refuted);
}

/// Ways to write that all `x` counted up from 0 in steps of 2 satisfy `{good}`.
const WAYS: [&str; 8] = [
    "(declare-rel bad (Int)) (declare-var x Int) (declare-var y Int) (rule (up 0) first)
     (rule (let ((z (+ x 2))) (=> (and (up x) (= y z)) (up y)))) (rule (=> (and (up x) (not {good})) (bad x)))
     (query (bad y))",
    "(assert (up 0)) (assert (forall ((x Int)) (=> (up x) (up (+ x 2)))))
     (assert (forall ((x Int)) (=> (up x) {good})))",
    "(assert (=> true (up 0))) (assert (forall ((x Int) (y Int)) (=> (up x) (=> (= y (+ x 2)) (up y)))))
     (assert (forall ((x Int)) (let ((b (not {good}))) (let ((a (and (up x) b))) (=> a false)))))",
    "(assert (forall ((x Int)) (or (not (= x 0)) (up x)))) (assert (forall ((x Int)) (or (up (+ x 2)) (not (up x)))))
     (assert (forall ((x Int)) (not (and (up x) (not {good})))))",
    "(assert (and (up 0) (= 1 1))) (assert (forall ((x Int)) (forall ((y Int)) (let ((a (up y))) (=> (and (up x) (= y (+ x 2))) a)))))
     (assert (not (exists ((x Int)) (and (up x) (not {good})))))",
    "(assert (! (up 0) :named first)) (assert (forall ((x Int)) (! (=> (up x) (let ((y (+ x 2))) (up y))) :weight 0)))
     (assert (forall ((x Int)) (let ((a (=> (up x) {good}))) a)))",
    "(assert (forall ((x Int)) (let ((a (= x 0)) (b (up x))) (=> a b)))) (assert (forall ((x Int)) (=> (up x) (not (up (+ x 2))) false))) (assert (forall ((x Int)) (=> (up x) (and (up (+ x 2)) (up (+ x 4)) true))))
     (assert (forall ((x Int)) (or {good} (not (up x)))))",
    "(assert (up 0)) (assert (forall ((x Int) (y Int)) (=> (let ((x (+ x 2)) (p (up x))) (and p (= x y))) (up y))))
     (assert (forall ((x Int)) (let ((p (up x))) (let ((x 1)) (=> p {good})))))",
];

#[test]
fn clauses_are_found_in_all_ways_to_write_them() {
    for (number, way) in WAYS.iter().enumerate() {
        // In the last one a `let` hides the variable that the conclusion speaks of.
        let hidden = number + 1 == WAYS.len();
        for (good, expected) in [("(>= x 0)", true), ("(not (= x 6))", hidden), ("(< x 0)", false)]
        {
            let text = format!(
                "(set-logic HORN) (declare-fun up (Int) Bool) {}",
                way.replace("{good}", good)
            );
            let expected = if expected { Verdict::Proved } else { Verdict::Refuted };
            let foreign = parsed(&text, Format::Chc).expect(&text);
            assert_eq!(verdict(&foreign), expected, "{text}");
            let alone = Foreign { problems: Vec::new(), ..foreign };
            assert_eq!(verdict(&alone), expected, "as text: {text}");
        }
    }
}

#[test]
fn arrays_go_to_spacer_and_its_answers_are_checked() {
    let text = |goal: &str| {
        format!(
            "(set-logic HORN) (declare-fun p (Int (Array Int Int)) Bool)
             (assert (forall ((a (Array Int Int))) (=> (= (select a 0) 5) (p 0 a))))
             (assert (forall ((i Int) (a (Array Int Int))) (=> (and (p i a) (< i 3)) (p (+ i 1) (store a (+ i 1) i)))))
             (assert (forall ((i Int) (a (Array Int Int))) (=> (and (p i a) {goal}) false)))"
        )
    };
    let safe = parsed(&text("(not (= (select a 0) 5))"), Format::Chc).unwrap();
    assert!(safe.problems.is_empty() && safe.clauses.len() == 1);
    assert_eq!(verdict(&safe), Verdict::Proved);
    let broken = entries(&parsed(&text("(and (= i 3) (= (select a 3) 2))"), Format::Chc).unwrap());
    assert_eq!(broken[0].verdict, Verdict::Refuted);
    assert!(broken[0].trace.as_ref().unwrap().periods.len() > 3);
}

#[test]
fn relations_over_arrays_and_bit_vectors_go_to_spacer_too() {
    // Every entry written is 7, or, in the other file, a byte goes round in steps of two.
    let arrays = |good: &str| {
        format!(
            "(declare-fun a () (Array Int Int)) (declare-fun a! () (Array Int Int)) (declare-fun n () Int) (declare-fun n! () Int)
             (define-fun .a () (Array Int Int) (! a :next a!)) (define-fun .n () Int (! n :next n!))
             (define-fun .first () Bool (= (select a 0) 7))
             (define-fun .init () Bool (! (and .first (= n 0)) :init true))
             (define-fun .more () Int (+ n 1))
             (define-fun .trans () Bool (! (and (= n! .more) (= a! (store a .more 7))) :trans true))
             (define-fun .p () Bool (! (>= n 0) :invar-property 1)) (define-fun .seven () Bool (! {good} :invar-property 2))"
        )
    };
    let bytes = |good: &str| {
        format!(
            "(declare-fun x () (_ BitVec 8)) (declare-fun x! () (_ BitVec 8)) (declare-fun reached () Bool)
             (define-fun .x () (_ BitVec 8) (! x :next x!)) (define-fun .init () Bool (! (= x #x00) :init true))
             (define-fun .trans () Bool (! (= x! (ite reached x (bvadd x #x02))) :trans true))
             (define-fun .even () Bool (! {good} :invar-property 0))"
        )
    };
    let cases = [
        (arrays("(= (select a 0) 7)"), "seven", Verdict::Proved),
        (arrays("(< n 2)"), "seven", Verdict::Refuted),
        (bytes("(= (bvand x #x01) #x00)"), "even", Verdict::Proved),
        (bytes("(bvule x #x05)"), "even", Verdict::Refuted),
    ];
    for (text, name, expected) in cases {
        let foreign = parsed(&text, Format::Vmt).expect(&text);
        let entries = entries(&foreign);
        let last = entries.last().unwrap();
        assert_eq!((last.id.as_str(), last.verdict), (name, expected), "{:?}\n{text}", last.reason);
        match &last.trace {
            Some(trace) => assert!(trace.periods[1].state.contains_key(&text[13..14]), "{trace:?}"),
            None => assert!(last.certificate.as_ref().unwrap().checked),
        }
    }
    let live = bytes("true").replace("invar-property", "live-property");
    let diagnostic = parsed(&live, Format::Vmt).unwrap_err();
    assert!(diagnostic.help.is_some());
}

#[test]
fn clauses_with_two_premises_are_decided_as_text() {
    let text = "(set-logic HORN) (declare-fun f (Int Int) Bool)
        (assert (forall ((n Int)) (=> (<= n 1) (f n 1))))
        (assert (forall ((n Int) (a Int) (b Int)) (=> (and (> n 1) (f (- n 1) a) (f (- n 2) b)) (f n (+ a b)))))
        (assert (forall ((n Int) (a Int)) (=> (and (f n a) (< a 1)) false)))";
    let foreign = parsed(text, Format::Chc).unwrap();
    assert!(foreign.problems.is_empty());
    assert_eq!(verdict(&foreign), Verdict::Proved);
}

#[test]
fn what_is_wrong_is_told_with_its_place_and_a_way_out() {
    let cases = [
        (Format::Vmt, "(declare-fun x () Int", 0),
        (Format::Vmt, "(declare-fun x () String)", 18),
        (Format::Vmt, "(define-fun .p () Bool (! (< x 3) :invar-property 0))", 29),
        (Format::Vmt, "(declare-fun x () Int)", 21),
        (Format::Vmt, "(frobnicate)", 0),
        (Format::Chc, "(set-logic HORN)", 15),
        (Format::Chc, "(declare-fun p (Int) Bool) (assert (or (p 0) (p 1)))", 35),
        (Format::Chc, "(declare-fun p (Int) Bool) (assert (=> (p 0) (= (p 1) true)))", 35),
        (Format::Chc, "(declare-fun p (Int) Bool) (assert (forall ((p Int)) (= p 0)))", 44),
        (Format::Chc, "(declare-fun p (Int) Bool) (assert (=> (and (not (p 0))) (p 1)))", 35),
        (Format::Chc, "(declare-fun p (Bool) Bool) (assert (=> (p (p true)) (p false)))", 36),
        (Format::Chc, "(declare-fun p (Int) Bool) (maximize 3)", 27),
    ];
    for (format, text, at) in cases {
        let diagnostic = parsed(text, format).expect_err(text);
        assert_eq!(diagnostic.primary.0.start, at, "{text}: {}", diagnostic.message);
        assert!(diagnostic.help.is_some(), "{text}: {}", diagnostic.message);
    }
}

fn problem(good: &str) -> Problem {
    parsed(&counters(good), Format::Vmt).unwrap().problems.remove(0).1
}

fn solver() -> Z3 {
    Z3::new(Encoding::Words, true, 0)
}

fn fresh<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    let work = || interruptible(&|| false, None, work);
    std::thread::scope(|scope| scope.spawn(work).join()).unwrap()
}

#[test]
fn spacer_and_mining_find_invariants_and_corrupted_ones_are_rejected() {
    let problem = problem("(= x y)");
    let engines: [fn(&Problem) -> Outcome; 2] = [
        |p| horn::run(p, solver, false, NOW, &mut |_| {}),
        |p| mined::run(p, solver, NOW, &mut |_| {}),
    ];
    for engine in engines {
        let outcome = fresh(|| engine(&problem));
        let Outcome::Unreachable(Proof::Invariant(found)) = outcome else { panic!("{outcome:?}") };
        let checked = |invariant: Invariant| recheck(&problem, &Proof::Invariant(invariant), NOW);
        assert!(matches!(checked(found.clone()), Check::Holds(_)));
        // Too weak to exclude the bad states.
        let mut pool = found.pool.clone();
        let clauses = vec![pool.top()];
        assert!(matches!(checked(Invariant { pool, clauses }), Check::Fails(_)));
        // Not kept by steps.
        let mut pool = found.pool.clone();
        let (x, limit) = (pool.var(problem.system.states[0].var), pool.int(7));
        let mut clauses = found.clauses.clone();
        clauses.push(pool.le(x, limit));
        assert!(matches!(checked(Invariant { pool, clauses }), Check::Fails(_)));
        // Not true of first states.
        let mut pool = found.pool.clone();
        let (x, limit) = (pool.var(problem.system.states[0].var), pool.int(1));
        let mut clauses = found.clauses.clone();
        clauses.push(pool.le(limit, x));
        assert!(matches!(checked(Invariant { pool, clauses }), Check::Fails(_)));
    }
}

#[test]
fn remainders_are_mined_where_bounds_and_equations_do_not_suffice() {
    // From 4 by 6 to 10000, then out: bounds alone allow 10005, and no short unrolling says otherwise.
    let text = |end: u32| {
        format!(
            "(set-logic HORN) (declare-fun up (Int) Bool) (declare-fun out (Int) Bool) (assert (up 4))
             (assert (forall ((x Int)) (=> (and (up x) (< x 10000)) (up (+ x 6)))))
             (assert (forall ((x Int)) (=> (and (up x) (>= x 10000)) (out x))))
             (assert (forall ((x Int)) (=> (out x) (= x {end}))))"
        )
    };
    let problem = parsed(&text(10_000), Format::Chc).unwrap().problems.remove(0).1;
    let outcome = fresh(|| mined::run(&problem, solver, NOW, &mut |_| {}));
    let Outcome::Unreachable(proof) = outcome else { panic!("{outcome:?}") };
    assert!(matches!(recheck(&problem, &proof, NOW), Check::Holds(_)));
    // Wrong by one: nothing may be found.
    let problem = parsed(&text(10_001), Format::Chc).unwrap().problems.remove(0).1;
    let soon = Budget { deadline: Some(Instant::now() + Duration::from_secs(3)), ..NOW };
    let outcome = fresh(|| mined::run(&problem, solver, soon, &mut |_| {}));
    assert!(!matches!(outcome, Outcome::Unreachable(_)), "{outcome:?}");
}

#[test]
fn lemmas_of_a_strengthened_induction_must_be_invariants() {
    let problem = problem("(= x y)");
    let mut pool = problem.system.pool.clone();
    let clauses = vec![pool.not(problem.bad)];
    let proof = |lemmas| Proof::Strengthened { lemmas, k: 0, simple_path: false };
    let good = proof(Invariant { pool: pool.clone(), clauses: clauses.clone() });
    assert!(matches!(recheck(&problem, &good, NOW), Check::Holds(_)));
    let (x, limit) = (pool.var(problem.system.states[0].var), pool.int(7));
    let wrong = vec![pool.le(x, limit), clauses[0]];
    let wrong = proof(Invariant { pool, clauses: wrong });
    assert!(matches!(recheck(&problem, &wrong, NOW), Check::Fails(_)));
}

#[test]
fn a_corrupted_run_departs() {
    let problem = problem("(<= x 2)");
    let found = fresh(|| horn::run(&problem, solver, false, NOW, &mut |_| {}));
    let Outcome::Reached(run) = found else { panic!("{found:?}") };
    execute(&problem, &run).unwrap();
    for at in 0..run.periods.len() {
        let mut corrupted = run.clone();
        corrupted.periods[at].0[1] = Value::Int(77.into());
        assert!(execute(&problem, &corrupted).is_err(), "period {at}");
    }
    let mut short = run.clone();
    short.periods.pop();
    assert!(execute(&problem, &short).is_err());
}
