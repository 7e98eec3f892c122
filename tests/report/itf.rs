//! Traces out and in again.

use num_bigint::BigInt;
use serde_json::{Value as Json, json};
use yamen::report::itf::{self, ItfError, Subject};
use yamen::report::outcome::{PeriodReport, TraceReport};
use yamen::report::values;
use yamen::syntax::ast::InputKind;
use yamen::syntax::source::Span;
use yamen::types::core::*;
use yamen::types::layout::Layout;
use yamen::types::trace::Trace;

use crate::samples::map;

fn cell(name: &str, index: Vec<SortId>, ty: Type) -> Cell {
    Cell {
        name: name.to_owned(),
        index,
        ty,
        binders: Vec::new(),
        initial: None,
        doc: None,
        span: Span::default(),
    }
}

fn sort(name: &str, kind: SortKind) -> Sort {
    Sort { name: name.to_owned(), kind, span: Span::default() }
}

/// A model with a cell of every type.
fn model() -> Model {
    let county = SortKind::Index { size: 2, single: false, under: None, person: false };
    let phase = SortKind::Enum(vec!["idle".to_owned(), "active".to_owned()]);
    Model {
        name: "small".to_owned(),
        title: "small".to_owned(),
        doc: None,
        base: None,
        span: Span::default(),
        sorts: vec![sort("County", county), sort("Phase", phase)],
        params: vec![Param {
            name: "k".to_owned(),
            ty: Type::Range(0, 3),
            condition: None,
            value: None,
            structural: false,
            doc: None,
            span: Span::default(),
        }],
        cells: vec![
            cell("known", vec![SortId(0)], Type::Bool),
            cell("phase", Vec::new(), Type::Finite(SortId(1))),
            cell("worst", Vec::new(), Type::Finite(SortId(0))),
            cell("debt", Vec::new(), Type::Int),
            cell("rate", Vec::new(), Type::Real),
        ],
        inputs: vec![Input {
            name: "act".to_owned(),
            kind: InputKind::Choice,
            index: Vec::new(),
            ty: Type::Bool,
            binders: Vec::new(),
            owner: None,
            when: None,
            condition: None,
            otherwise: None,
            doc: None,
            span: Span::default(),
        }],
        defines: Vec::new(),
        inits: Vec::new(),
        rules: Vec::new(),
        assumes: Vec::new(),
        fairness: Vec::new(),
        ticks: Vec::new(),
        sees: Vec::new(),
        payoffs: Vec::new(),
        claims: Vec::new(),
        sources: Vec::new(),
        locals: 0,
    }
}

fn state() -> Json {
    json!({"known[0]": true, "known[1]": false, "phase": "active", "worst": "County[1]",
           "debt": "-123456789012345678901234567890", "rate": "1/3"})
}

fn trace() -> TraceReport {
    let moved = PeriodReport {
        state: map(state()),
        choices: map(json!({"act": true})),
        ..PeriodReport::default()
    };
    let last = PeriodReport { state: map(state()), ..PeriodReport::default() };
    TraceReport { periods: vec![moved, last], ..TraceReport::default() }
}

fn written(trace: &TraceReport) -> String {
    let subject = Subject {
        institution: "small",
        claim: "one",
        file: "small.yamen",
        yamen: "0.1.0",
        ..Subject::default()
    };
    itf::of_trace(&subject, &map(json!({"k": 2})), trace)
}

fn read(text: &str) -> Result<Trace, ItfError> {
    let model = model();
    itf::read(text, &model, &Layout::new(&model))
}

/// The written trace with one value of a state replaced.
fn altered(state: usize, name: &str, value: Option<Json>) -> String {
    let mut object: Json = serde_json::from_str(&written(&trace())).unwrap();
    let state = object["states"][state].as_object_mut().unwrap();
    match value {
        Some(value) => state.insert(name.to_owned(), value),
        None => state.remove(name),
    };
    object.to_string()
}

fn refused(text: &str) -> String {
    read(text).unwrap_err().to_string()
}

#[test]
fn a_trace_comes_back_as_it_went() {
    let text = written(&trace());
    let back = read(&text).unwrap();
    let model = model();
    assert_eq!(back.params, [Value::Int(BigInt::from(2))]);
    assert_eq!(back.periods[0].inputs.as_ref().unwrap().inputs, [Value::Bool(true)]);
    assert_eq!(back.periods[1].inputs, None);
    let spelled: Vec<Json> =
        back.periods[1].state.iter().map(|value| values::json(&model, value)).collect();
    assert_eq!(spelled, state().as_object().unwrap().values().cloned().collect::<Vec<_>>());
}

#[test]
fn a_lasso_keeps_its_loop() {
    let mut lasso = trace();
    lasso.periods.truncate(1);
    lasso.loop_start = Some(0);
    let back = read(&written(&lasso)).unwrap();
    assert_eq!(back.loop_start, Some(0));
    assert!(back.periods[0].inputs.is_some());
}

#[test]
fn the_header_is_read_without_a_model() {
    let header = itf::header(&written(&trace())).unwrap();
    assert_eq!(header.institution.as_deref(), Some("small"));
    assert_eq!(header.claim.as_deref(), Some("one"));
    assert_eq!(header.params, [("k".to_owned(), "2".to_owned())]);
}

#[test]
fn what_is_wrong_is_named() {
    let cases = [
        (altered(1, "debt", None), "`debt` has no value in state 1"),
        (altered(0, "k", None), "`k` has no value in state 0"),
        (
            altered(0, "known[1]", Some(json!(3))),
            "`known[1]` is `3` in state 0, but must be `true` or `false`",
        ),
        (
            altered(0, "phase", Some(json!("ended"))),
            "`phase` is `ended` in state 0, but must be a member of `Phase`",
        ),
        (
            altered(1, "worst", Some(json!("County[2]"))),
            "`worst` is `County[2]` in state 1, but must be a member of `County` (it has 2)",
        ),
        (
            altered(0, "k", Some(json!({"#bigint": "4"}))),
            "`k` is `4` in state 0, but must be an integer in 0..3",
        ),
        (
            altered(0, "extra", Some(json!(1))),
            "state 0 has a value for `extra`, which `small` does not have",
        ),
        ("[]".to_owned(), "this is not a trace in ITF: it is not an object"),
        ("{}".to_owned(), "this is not a trace in ITF: it has no list `states`"),
        ("{\"states\": []}".to_owned(), "this is not a trace in ITF: it has no states"),
        ("{\"states\": [1]}".to_owned(), "this is not a trace in ITF: state 0 is not an object"),
    ];
    for (text, message) in cases {
        assert_eq!(refused(&text), message);
    }
    assert!(refused("nonsense").starts_with("this is not JSON: "));
}

#[test]
fn a_loop_must_lead_somewhere() {
    let mut object: Json = serde_json::from_str(&written(&trace())).unwrap();
    object["loop"] = json!(7);
    let message = "the run loops back to state 7, but there are only 2 states";
    assert_eq!(refused(&object.to_string()), message);
}

#[test]
fn a_trace_fits_its_schema() {
    let schema = crate::json::schema("yamen.itf.v1.schema.json");
    crate::json::check(&schema, &serde_json::from_str(&written(&trace())).unwrap());
    let entry = crate::samples::pair();
    let (run, twin) = itf::of_entry(&entry, "0.1.0").unwrap();
    crate::json::check(&schema, &serde_json::from_str(&run).unwrap());
    crate::json::check(&schema, &serde_json::from_str(&twin.unwrap()).unwrap());
}
