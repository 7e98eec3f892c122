//! Parameters: given, default, symbolic.

use crate::syntax::diagnostic::Severity;

use super::super::core::{ParamId, Type, Value};
use super::super::{Assignment, domain};
use super::{bad, given, good, run_with};

#[track_caller]
fn refused(text: &str, assignment: &Assignment, expected: &[(&str, &str)]) -> super::Outcome {
    let outcome = run_with(text, assignment);
    let found = outcome.found(Severity::Error);
    let found: Vec<(&str, &str)> = found.iter().map(|(c, t)| (*c, t.as_str())).collect();
    assert_eq!(found, expected, "{:#?}", outcome.checked.diagnostics);
    outcome
}

#[track_caller]
fn values(text: &str, assignment: &Assignment) -> Vec<Option<Value>> {
    let outcome = run_with(text, assignment);
    assert!(outcome.checked.diagnostics.is_empty(), "{:#?}", outcome.checked.diagnostics);
    outcome.checked.model.unwrap().params.into_iter().map(|p| p.value).collect()
}

fn int(n: i64) -> Option<Value> {
    Some(Value::Int(n.into()))
}

const ALL_KINDS: &str = "enum E { a, b } position P[3], Q
    param t : bool = true param n : int = 1 param k : 0..4 = 2 param r : real = 1
    param e : E = a param p : P = P[1] param q : Q = Q";

#[test]
fn values_are_read_by_type() {
    let set = given(
        &[
            ("t", "false"),
            ("n", "-7"),
            ("k", "4"),
            ("r", "-0.25"),
            ("e", "E.b"),
            ("p", "P[2]"),
            ("q", "Q"),
        ],
        false,
    );
    let found = values(ALL_KINDS, &set);
    assert_eq!(found[0], Some(Value::Bool(false)));
    assert_eq!(found[1], int(-7));
    assert_eq!(found[3], Some(Value::Real("-1/4".parse().unwrap())));
    assert!(matches!(found[4], Some(Value::Member(_, 1))));
    assert!(matches!(found[5], Some(Value::Member(_, 2))));
    let short = values(ALL_KINDS, &given(&[("e", "b"), ("p", "0"), ("r", "1/3")], false));
    assert!(matches!(short[5], Some(Value::Member(_, 0))));
}

#[test]
fn values_of_the_wrong_kind() {
    for (name, text) in [("t", "yes"), ("n", "1.5"), ("k", "5"), ("r", "x"), ("e", "c"), ("p", "3")]
    {
        let outcome = run_with(ALL_KINDS, &given(&[(name, text)], false));
        let found = outcome.found(Severity::Error);
        assert_eq!(found.len(), 1, "{name}={text}: {found:?}");
        assert_eq!(found[0].0, "bad-parameter-value");
    }
}

#[test]
fn unknown_parameters() {
    let text = "param notice : 0..4 = 2 state shelf : bool";
    let outcome = refused(text, &given(&[("notise", "1")], false), &[("unknown-parameter", "")]);
    assert_eq!(outcome.first().1, "did you mean `notice`?");
    let outcome = refused(text, &given(&[("shelf", "1")], false), &[("unknown-parameter", "")]);
    assert_eq!(outcome.first().0, "`shelf` is state, not a parameter");
}

#[test]
fn defaults_and_conditions() {
    bad("param k : 0..4 = 5", &[("bad-parameter-value", "5")]);
    bad("param k : 0..4 = 2 where k > 2", &[("parameter-condition", "k > 2")]);
    bad("param k : 0..4 = true", &[("type-mismatch", "true")]);
    bad("state x : int param k : int = x", &[("reads-state", "x")]);
    let text = "param a : 0..9 = 1 where a < b param b : 0..9 = 5";
    good(text);
    refused(text, &given(&[("b", "1")], false), &[("parameter-condition", "a < b")]);
}

#[test]
fn without_a_value_for_all() {
    let text = "param free : int param n : 2..5 position P[n] param k : 0..3 = 1";
    assert_eq!(values(text, &Assignment::default()), [None, int(2), int(1)]);
    assert_eq!(values(text, &given(&[("n", "4")], true)), [None, int(4), None]);
    bad("param n : int position P[n]", &[("parameter-needs-value", "n")]);
}

#[test]
fn first_value_that_the_condition_allows() {
    assert_eq!(
        values("param n : 0..9 where n mod 4 = 3 position P[n]", &Assignment::default()),
        [int(3)]
    );
}

#[test]
fn defaults_over_others() {
    let text = "param n : 1..9 = 3 param m : 1..20 = n * 2 state x : 0..m = 0";
    let outcome = run_with(text, &given(&[("n", "4")], false));
    let model = outcome.checked.model.unwrap();
    assert_eq!(model.cells[0].ty, Type::Range(0, 8));
    assert!(!model.params[0].structural && model.params[1].structural);
}

#[test]
fn what_shapes_the_model() {
    let text = "param size : 1..3 = 2 param bound : 0..9 = 3 param due : 0..3 = 1
        param width : 0..3 = 1 param free : 0..3 = 1 param top : 1..9 = 4
        position P[size] define b = bound + 1 state x : 0..b = 0
        rule r when x < free : x' = saturate(x + free, 0..top)
        claim c : always (x = free implies within due x = 0)
        claim d : always (all i in 0..width : x != i or free > 0)";
    let shaping: Vec<String> =
        good(text).params.into_iter().filter(|p| p.structural).map(|p| p.name).collect();
    assert_eq!(shaping, ["size", "bound", "due", "width", "top"]);
}

#[test]
fn domains() {
    let model = good(
        "enum E { a, b } param t : bool = true param k : -1..3 = 0 where k != 2 and k < m
         param m : int = 7 param e : E = a",
    );
    let count = |i| domain(&model, ParamId(i)).map(|v| v.len());
    assert_eq!((count(0), count(1), count(2), count(3)), (Some(2), Some(4), None, Some(2)));
}
