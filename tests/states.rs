//! State graphs of small models against the searches: the same states as far away, and states that violate a claim
//! just where a search finds that it fails.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod support;

use std::path::Path;

use support::limits;
use yamen::govern::{self, files::Disk};
use yamen::interp::explicit::reach::{Bounds, Graph, reach, violating};
use yamen::interp::explicit::{Outcome, Question, search_by_reference};
use yamen::types::core::Model;
use yamen::types::{Assignment, check};

const SMALL: Bounds = Bounds { states: 40, steps: 120, tries: 4096 };

/// The models of the shipped specs and of those that the tests have verdicts of.
fn models() -> Vec<Model> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folders = ["specs", "tests/verdicts/proved", "tests/verdicts/refuted"];
    let loaded = govern::load::load(&folders.map(|folder| root.join(folder)), &Disk);
    let cores = loaded.institutions.iter().map(|written| govern::elaborate(written).0);
    cores.filter_map(|core| check(&core, &Assignment::default()).model).collect()
}

fn small() -> Vec<(Model, Graph)> {
    let with_graph =
        |model: Model| Some(reach(&model, &SMALL)).flatten().map(|graph| (model, graph));
    models().into_iter().filter_map(with_graph).collect()
}

#[test]
fn graphs_have_the_states_that_the_search_meets() {
    let mut compared = 0;
    for (model, graph) in small() {
        let found = search_by_reference(&model, &Question::Defects, &limits(1000), &mut |_| {});
        let Outcome::Holds { states, depth } = found else { continue };
        assert_eq!(graph.states.len(), states, "{}", model.name);
        let furthest = graph.states.iter().map(|met| met.distance).max().unwrap_or(0);
        assert_eq!(furthest, depth, "{}", model.name);
        let within = graph
            .steps
            .iter()
            .all(|step| graph.states[step.to].distance <= graph.states[step.from].distance + 1);
        assert!(within, "{}: a step leads further than the distance says", model.name);
        compared += 1;
    }
    assert!(compared > 30, "only {compared} models are small");
}

#[test]
fn states_violate_a_claim_just_where_it_fails() {
    let (mut holding, mut failing) = (0, 0);
    for (model, graph) in small() {
        for claim in &model.claims {
            let Some(violating) = violating(&model, claim, &graph) else { continue };
            match search_by_reference(
                &model,
                &Question::Claim(claim),
                &limits(100_000),
                &mut |_| {},
            ) {
                Outcome::Holds { .. } => {
                    holding += 1;
                    assert!(violating.is_empty(), "{} {}", model.name, claim.name);
                }
                Outcome::Found { trace, kind: None } => {
                    failing += 1;
                    let end = trace.periods.len() - 1;
                    let first = violating.iter().map(|n| graph.states[*n].distance).min();
                    assert_eq!(first, Some(end), "{} {}", model.name, claim.name);
                }
                other => panic!("{} {}: {other:?}", model.name, claim.name),
            }
        }
    }
    assert!(holding > 5 && failing > 5, "{holding} hold, {failing} fail");
}

#[test]
fn what_is_not_small_has_no_graph() {
    let model =
        support::model("institution i state n : 0..60 = 0 rule up when n < 60 : n' = n + 1");
    assert_eq!(reach(&model, &SMALL), None);
    let wider = Bounds { states: 61, ..SMALL };
    let graph = reach(&model, &wider).unwrap();
    assert_eq!((graph.states.len(), graph.steps.len(), graph.states[60].distance), (61, 61, 60));
    assert_eq!(reach(&model, &Bounds { steps: 60, ..wider }), None);
    assert_eq!(reach(&model, &Bounds { tries: 10, ..wider }), None);
    let drawn = support::model("institution i state n : 0..9000 init n >= 0");
    assert_eq!(reach(&drawn, &Bounds { states: 10_000, ..SMALL }), None);
    let open = support::model("institution i param k : int state n : bool = k > 0");
    assert_eq!(reach(&open, &SMALL), None, "parameters without a value");
}

#[test]
fn steps_know_how_many_ways_there_are_and_one_of_them() {
    let text = "institution i position P state n : bool = false choice a : bool by P choice b : bool by P \
                rule go when a or b : n' = true";
    let model = support::model(text);
    let graph = reach(&model, &SMALL).unwrap();
    let told: Vec<_> = graph.steps.iter().map(|step| (step.from, step.to, step.ways)).collect();
    assert_eq!(told, [(0, 0, 1), (0, 1, 3), (1, 1, 4)]);
    let example = &graph.steps[1].example.inputs;
    assert!(example.contains(&yamen::types::core::Value::Bool(true)));
}
