//! The states of a small model as a picture: a box for each that some run reaches, in layers by how many periods
//! it takes to get there, and an arrow for each step.
//!
//! The interpreter lays them out anew, so that the picture rests on no engine's word. States in which a claim about
//! states is false are marked; there are some just where the claim is refuted.

use indexmap::IndexMap;
use maud::{Markup, html};
use serde::Serialize;
use serde_json::Value as Json;

use super::book::House;
use super::layers::Layers;
use super::words::{count, cut};
use crate::interp::explicit::reach::{Bounds, Graph, reach, violating};
use crate::report::values::json;
use crate::types::core::{Model, Value};
use crate::types::layout::{Layout, value_name};

/// The name of the JSON's shape.
const SCHEMA: &str = "yamen.states/1";
/// What is still drawn.
const SMALL: Bounds = Bounds { states: 40, steps: 120, tries: 4096 };
/// How many values a box has room for, and how many characters each.
const MOST_LINES: usize = 5;
const LONGEST: usize = 23;
/// The style sheet has it too.
const WIDTH: usize = 164;
/// Where texts begin in a box; the style sheet has it too.
const INDENT: usize = 10;
const HEAD: usize = 22;
const LINE: usize = 16;

/// A small model's states.
pub struct States<'a> {
    house: &'a House<'a>,
    model: &'a Model,
    graph: Graph,
    /// The cells whose values differ between states, by their places.
    moving: Vec<usize>,
    /// The names of all cells.
    names: Vec<String>,
    /// For each state, the claims that are false in it.
    broken: Vec<Vec<String>>,
}

impl<'a> States<'a> {
    /// The states of an institution, if it is small, and moves at all.
    pub fn of(house: &'a House<'a>) -> Option<States<'a>> {
        let model = house.model?;
        let graph = reach(model, &SMALL).filter(|graph| graph.states.len() > 1)?;
        let names: Vec<String> =
            Layout::new(model).cells.iter().map(|slot| slot.name.clone()).collect();
        let differs = |slot: &usize| {
            let first = graph.states.first().and_then(|met| met.state.get(*slot));
            graph.states.iter().any(|met| met.state.get(*slot) != first)
        };
        let moving = (0..names.len()).filter(differs).collect();
        let mut broken = vec![Vec::new(); graph.states.len()];
        for claim in &model.claims {
            for n in violating(model, claim, &graph).unwrap_or_default() {
                if let Some(claims) = broken.get_mut(n) {
                    claims.push(claim.name.clone());
                }
            }
        }
        Some(States { house, model, graph, moving, names, broken })
    }

    /// Whether another institution has the same states, joined by the same steps.
    pub fn is_that_of(&self, other: &House<'_>) -> bool {
        let joined = |graph: &Graph| -> Vec<(usize, usize)> {
            graph.steps.iter().map(|step| (step.from, step.to)).collect()
        };
        States::of(other).is_some_and(|other| {
            (&self.names, &self.graph.states, &self.broken)
                == (&other.names, &other.graph.states, &other.broken)
                && joined(&self.graph) == joined(&other.graph)
        })
    }

    /// The section of the institution's page; `data` is the address of the data behind it.
    pub fn section(&self, data: &str) -> Markup {
        let (states, steps) = (self.graph.states.len(), self.graph.steps.len());
        html! {
            section.states {
                h2 { "All its states" }
                p {
                    (count(states, "state", "states")) " can be reached, by "
                    (count(steps, "step", "steps")) " from one to another"
                    @if !self.model.params.is_empty() { ", at the parameters above" }
                    ". Each stands as far to the right as it takes periods to get there."
                }
                figure {
                    div.scroll tabindex="0" role="region" aria-label="State graph" { (self.drawn()) }
                    figcaption.legend {
                        "Heavily framed: where runs begin. A broken arrow leads back, or stays. "
                        @if self.is_broken() { span.swatch.violates {} " some claim about states is false there " }
                        @if self.moving.len() > MOST_LINES { "The list has more values. " }
                    }
                }
                details { summary { "The states as a list" } (self.list()) }
                p { a.download href=(data) download { "Download states and steps (JSON)" } }
            }
        }
    }

    fn is_broken(&self) -> bool {
        self.broken.iter().any(|claims| !claims.is_empty())
    }

    fn lines(&self) -> usize {
        self.moving.len().min(MOST_LINES)
    }

    fn drawn(&self) -> Markup {
        let size = (WIDTH, HEAD + self.lines() * LINE + 6);
        let arrows: Vec<(usize, usize)> =
            self.graph.steps.iter().map(|step| (step.from, step.to)).collect();
        let distances = self.graph.states.iter().map(|met| met.distance).collect();
        let laid = Layers::new(distances, &arrows, size);
        let (width, height) = laid.extent;
        html! {
            svg.graph style={ "--high:" (size.1) "px" } role="img" aria-labelledby="states-title states-words" width=(width) height=(height)
                viewBox={ "0 0 " (width) " " (height) } {
                title id="states-title" { "State graph" }
                desc id="states-words" { (self.description()) }
                defs {
                    marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8"
                        markerUnits="userSpaceOnUse" orient="auto" { path d="M0 0L8 4L0 8z" {} }
                }
                @for on in [true, false] {
                    g.steps.returns[!on] marker-end="url(#head)" {
                        @for (d, _) in arrows.iter().map(|(a, b)| laid.path(*a, *b)).filter(|(_, leads)| *leads == on) {
                            path d=(d) {}
                        }
                    }
                }
                @for (n, (x, y)) in laid.places.iter().enumerate() { (self.state(n, (*x, *y))) }
            }
        }
    }

    fn state(&self, n: usize, (x, y): (usize, usize)) -> Markup {
        let first = self.graph.states.get(n).is_some_and(|met| met.distance == 0);
        let broken = self.broken.get(n).map(Vec::as_slice).unwrap_or_default();
        html! {
            svg.state.first[first].violates[!broken.is_empty()] x=(x + INDENT) y=(y) {
                @if !self.says_all(n) { title { (cut(&self.told(n), 600)) } }
                rect {}
                text.name y="16" { (n) @if !broken.is_empty() { " ✕ " (cut(&broken.join(", "), 17)) } }
                @for (line, slot) in self.moving.iter().take(MOST_LINES).enumerate() {
                    text y=(HEAD + (line + 1) * LINE - 3) { (cut(&self.value(n, *slot), LONGEST)) }
                }
            }
        }
    }

    /// Whether a state's box has room for all that the picture tells of it.
    fn says_all(&self, n: usize) -> bool {
        let fits = |slot: &usize| self.value(n, *slot).chars().count() <= LONGEST;
        let broken = self.broken.get(n).is_some_and(|claims| !claims.is_empty());
        !broken && self.moving.len() <= MOST_LINES && self.moving.iter().all(fits)
    }

    /// `known[2] = true`
    fn value(&self, n: usize, slot: usize) -> String {
        let value = self.graph.states.get(n).and_then(|met| met.state.get(slot));
        let value = value.map(|value| value_name(self.model, value)).unwrap_or_default();
        format!("{} = {value}", self.names.get(slot).map_or("", String::as_str))
    }

    /// The values of a state that differ between states, and what is false in it.
    fn told(&self, n: usize) -> String {
        let values: Vec<String> = self.moving.iter().map(|slot| self.value(n, *slot)).collect();
        let broken = self.broken.get(n).filter(|claims| !claims.is_empty());
        let broken = broken.map(|claims| format!("; violates {}", claims.join(", ")));
        format!("State {n}: {}{}", values.join(", "), broken.unwrap_or_default())
    }

    fn description(&self) -> String {
        let furthest = self.graph.states.iter().map(|met| met.distance).max().unwrap_or(0);
        let broken = self.broken.iter().filter(|claims| !claims.is_empty()).count();
        format!(
            "{} reachable within {}, joined by {}; {}. The list below has them with all that differs.",
            count(self.graph.states.len(), "state", "states"),
            count(furthest, "period", "periods"),
            count(self.graph.steps.len(), "step", "steps"),
            match broken {
                0 => "no claim about states is false in any".to_owned(),
                n => format!("in {n} some claim about states is false"),
            }
        )
    }

    fn list(&self) -> Markup {
        let leads = |n: usize| {
            let to = self.graph.steps.iter().filter(move |step| step.from == n);
            to.map(|step| step.to.to_string()).collect::<Vec<_>>().join(", ")
        };
        html! {
            div.scroll tabindex="0" role="region" aria-label="States" {
                table {
                    thead { tr {
                        th scope="col" { "State" } th scope="col" { "Periods" }
                        @for slot in &self.moving { th scope="col" { (self.names.get(*slot).map_or("", String::as_str)) } }
                        th scope="col" { "Leads to" }
                        @if self.is_broken() { th scope="col" { "Violates" } }
                    } }
                    tbody {
                        @for (n, met) in self.graph.states.iter().enumerate() {
                            tr {
                                th scope="row" { (n) }
                                td { (met.distance) }
                                @for slot in &self.moving {
                                    td { @if let Some(value) = met.state.get(*slot) { (value_name(self.model, value)) } }
                                }
                                td { (leads(n)) }
                                @if self.is_broken() { td { (self.broken.get(n).map(|all| all.join(", ")).unwrap_or_default()) } }
                            }
                        }
                    }
                }
            }
        }
    }

    /// The data behind the picture; schema/yamen.states.v1.schema.json.
    pub fn json(&self) -> String {
        let spelled =
            |values: &[Value]| values.iter().map(|value| json(self.model, value)).collect();
        let params = self.model.params.iter().zip(&self.graph.params);
        let states = self.graph.states.iter().zip(&self.broken).map(|(met, broken)| State {
            distance: met.distance,
            values: spelled(&met.state),
            violates: broken,
        });
        let steps = self.graph.steps.iter().map(|step| Step {
            from: step.from,
            to: step.to,
            ways: step.ways,
            example: spelled(&step.example.inputs),
        });
        let inputs = Layout::new(self.model).inputs;
        let document = Document {
            schema: SCHEMA,
            yamen: crate::VERSION,
            institution: &self.house.told.name,
            params: params.map(|(param, v)| (param.name.as_str(), json(self.model, v))).collect(),
            cells: &self.names,
            inputs: inputs.into_iter().map(|slot| slot.name).collect(),
            states: states.collect(),
            steps: steps.collect(),
        };
        serde_json::to_string(&document).unwrap_or_default() + "\n"
    }
}

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    yamen: &'static str,
    institution: &'a str,
    params: IndexMap<&'a str, Json>,
    cells: &'a [String],
    inputs: Vec<String>,
    states: Vec<State<'a>>,
    steps: Vec<Step>,
}

#[derive(Serialize)]
struct State<'a> {
    distance: usize,
    values: Vec<Json>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    violates: &'a [String],
}

#[derive(Serialize)]
struct Step {
    from: usize,
    to: usize,
    ways: usize,
    example: Vec<Json>,
}
