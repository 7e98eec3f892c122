//! Games against a plain minimax on random small arenas, and deviations against enumeration.
//!
//! Both references are written anew from the language reference. They know nothing of the compiled search, its
//! attractors and its sets of states, nor of the models of pairs. Every strategy that is found is replayed.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::expect_used,
    reason = "tests"
)]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::ops::ControlFlow;

use support::random::Random;
use yamen::interp::deviations::{self, Claimed};
use yamen::interp::evaluate::{Known, Reading, Scope};
use yamen::interp::explicit::{self, Outcome, Question};
use yamen::interp::game::goal::Form;
use yamen::interp::game::{self, Force};
use yamen::interp::step::Interpreter;
use yamen::interp::valuations::{Fixed, valuations};
use yamen::twin::deviation::{Asked, Deviation, asked};
use yamen::types::core::{Claim, Model, Value};
use yamen::types::trace::Inputs;

fn cases(default: u64) -> u64 {
    std::env::var("YAMEN_GAMES").ok().and_then(|n| n.parse().ok()).unwrap_or(default)
}

type State = Vec<Value>;

/// A step by the interpreter.
#[derive(Clone, Debug)]
struct Step {
    inputs: Vec<Value>,
    next: State,
    tick: bool,
}

/// The institution, executed.
struct Arena<'m> {
    interpreter: Interpreter<'m>,
    params: Vec<Value>,
    known: BTreeMap<State, Vec<Step>>,
}

impl<'m> Arena<'m> {
    fn new(model: &'m Model) -> Arena<'m> {
        let params = model.params.iter().map(|p| p.value.clone().unwrap()).collect();
        Arena { interpreter: Interpreter::new(model), params, known: BTreeMap::new() }
    }

    fn steps(&mut self, state: &State) -> Vec<Step> {
        if let Some(known) = self.known.get(state) {
            return known.clone();
        }
        let mut steps = Vec::new();
        let mut visit = |inputs: &Inputs, step: Result<yamen::interp::step::Step, _>| {
            if let Ok(step) = step {
                let tick = !step.ticks.is_empty();
                steps.push(Step { inputs: inputs.inputs.clone(), next: step.next, tick });
            }
            ControlFlow::Continue(())
        };
        let fixed = Fixed::default();
        valuations(&self.interpreter, &self.params, state, &fixed, 1 << 20, &mut visit).unwrap();
        self.known.insert(state.clone(), steps.clone());
        steps
    }

    /// States are small numbers and truth values: all are tried.
    fn firsts(&self) -> Vec<State> {
        let mut all: Vec<State> = vec![Vec::new()];
        for slot in &self.interpreter.layout.cells {
            let size = yamen::interp::value::cardinality(self.interpreter.model, slot.ty).unwrap();
            let values: Vec<Value> =
                (0..size).map(|n| yamen::interp::value::nth(slot.ty, n).unwrap()).collect();
            all = all
                .into_iter()
                .flat_map(|s| values.iter().map(move |v| [s.clone(), vec![v.clone()]].concat()))
                .collect();
        }
        all.retain(|state| self.interpreter.initial(&self.params, state).is_ok());
        all
    }

    fn holds(&self, state: &State, p: &yamen::types::core::Expr) -> bool {
        self.interpreter.reading(&self.params, state).holds(p, &mut Scope::default()).unwrap()
    }
}

/// A state, and how much of a deadline has run.
type Node = (State, u32);

/// The game by minimax over all positions.
struct Minimax<'a, 'm> {
    arena: Arena<'m>,
    force: &'a Force,
    owned: Vec<usize>,
}

impl Minimax<'_, '_> {
    fn truths(&self, state: &State) -> (bool, bool) {
        let states = &self.force.goal.states;
        let p = self.arena.holds(state, &states[0]);
        (p, states.get(1).map_or(p, |q| self.arena.holds(state, q)))
    }

    /// Whether the coalition has won, or lost, whatever comes.
    fn decided(&self, (state, run): &Node) -> Option<bool> {
        let (p, q) = self.truths(state);
        let by_tick = self.force.goal.within.filter(|within| within.tick.is_some());
        let late = by_tick.is_some_and(|within| *run >= within.bound);
        match self.force.goal.form {
            Form::Reach | Form::Until if q => Some(true),
            Form::Until if !p => Some(false),
            Form::Reach | Form::Until => late.then_some(false),
            Form::Always if !p => Some(false),
            Form::Always => late.then_some(true),
            Form::Recurs => {
                let within = self.force.goal.within?;
                (!p && *run >= within.bound).then_some(false)
            }
        }
    }

    fn after(&self, (state, run): &Node, step: &Step) -> Node {
        let Some(within) = self.force.goal.within else { return (step.next.clone(), 0) };
        let counts = within.tick.is_none() || step.tick;
        let run = match self.force.goal.form {
            Form::Recurs if self.truths(state).0 => 0,
            Form::Recurs => run + u32::from(counts),
            _ if within.tick.is_some() => run + u32::from(step.tick),
            _ => 0,
        };
        (step.next.clone(), run)
    }

    /// Moves, each with where the others can let it lead.
    fn moves(&mut self, node: &Node) -> Vec<BTreeSet<Node>> {
        let mut moves: BTreeMap<Vec<Value>, BTreeSet<Node>> = BTreeMap::new();
        for step in self.arena.steps(&node.0) {
            let chosen = self.owned.iter().map(|slot| step.inputs[*slot].clone()).collect();
            moves.entry(chosen).or_default().insert(self.after(node, &step));
        }
        moves.into_values().collect()
    }

    fn wins(&mut self) -> bool {
        let firsts: Vec<Node> = self.arena.firsts().into_iter().map(|state| (state, 0)).collect();
        let mut graph: BTreeMap<Node, Vec<BTreeSet<Node>>> = BTreeMap::new();
        let mut queue = firsts.clone();
        while let Some(node) = queue.pop() {
            if graph.contains_key(&node) {
                continue;
            }
            let moves = match self.decided(&node) {
                Some(_) => Vec::new(),
                None => self.moves(&node),
            };
            queue.extend(moves.iter().flatten().cloned());
            graph.insert(node, moves);
        }
        let within = self.force.goal.within;
        let rounds = within.filter(|w| w.tick.is_none()).map(|w| w.bound);
        let ticks = within.is_some_and(|w| w.tick.is_some());
        let won = match self.force.goal.form {
            Form::Reach | Form::Until if !ticks => self.come(&graph, rounds),
            Form::Recurs if within.is_none() => self.recur(&graph),
            Form::Recurs => self.keep(&graph, None),
            _ => self.keep(&graph, rounds),
        };
        firsts.iter().all(|node| won.contains(node))
    }

    fn come(
        &self,
        graph: &BTreeMap<Node, Vec<BTreeSet<Node>>>,
        rounds: Option<u32>,
    ) -> BTreeSet<Node> {
        let is = |node: &&Node| self.decided(node) == Some(true);
        let mut won: BTreeSet<Node> = graph.keys().filter(is).cloned().collect();
        for _ in 0..rounds.unwrap_or(u32::try_from(graph.len()).unwrap()) {
            let more = graph.iter().filter(|(node, moves)| {
                self.decided(node).is_none() && moves.iter().any(|ends| ends.is_subset(&won))
            });
            let more: Vec<Node> = more.map(|(node, _)| node.clone()).collect();
            won.extend(more);
        }
        won
    }

    fn keep(
        &self,
        graph: &BTreeMap<Node, Vec<BTreeSet<Node>>>,
        rounds: Option<u32>,
    ) -> BTreeSet<Node> {
        let safe = |node: &&Node| self.decided(node) != Some(false);
        let mut kept: BTreeSet<Node> = graph.keys().filter(safe).cloned().collect();
        for _ in 0..rounds.unwrap_or(u32::try_from(graph.len()).unwrap()) {
            let still = kept.iter().filter(|node| {
                self.decided(node) == Some(true)
                    || graph[*node].iter().any(|ends| ends.is_subset(&kept))
            });
            kept = still.cloned().collect();
        }
        kept
    }

    fn recur(&self, graph: &BTreeMap<Node, Vec<BTreeSet<Node>>>) -> BTreeSet<Node> {
        let mut outer: BTreeSet<Node> = graph.keys().cloned().collect();
        loop {
            let mut inner: BTreeSet<Node> = BTreeSet::new();
            loop {
                let more = graph.iter().filter(|(node, moves)| {
                    let again =
                        self.truths(&node.0).0 && moves.iter().any(|ends| ends.is_subset(&outer));
                    again || moves.iter().any(|ends| ends.is_subset(&inner))
                });
                let next: BTreeSet<Node> = more.map(|(node, _)| node.clone()).collect();
                if next == inner {
                    break;
                }
                inner = next;
            }
            if inner == outer {
                return outer;
            }
            outer = inner;
        }
    }

    /// What the coalition sees: of a state before it moves, or of a period that is over.
    fn seen(&self, state: &State, step: Option<&Step>) -> Vec<Value> {
        let model = self.arena.interpreter.model;
        let base = self.arena.interpreter.reading(&self.arena.params, state);
        let known = step.map(|step| Known(&step.next));
        let reading = match (&known, step) {
            (Some(known), Some(step)) => {
                Reading { inputs: Some(&step.inputs), next: Some(known), ..base }
            }
            _ => base,
        };
        let all = model.sees.iter().flat_map(|sees| {
            assert_eq!(model.sorts[sees.judge.index()].name, "A");
            sees.seen.iter()
        });
        let level = yamen::types::core::Level::State;
        all.filter(|(_, e)| step.is_some() || yamen::types::level::level(model, e) <= level)
            .map(|(_, e)| reading.value(e, &mut Scope::default()).unwrap())
            .collect()
    }

    /// Whether a set of positions that look alike is won in so many rounds: every plan, for each thing that may be
    /// seen, tried in turn.
    fn blindly(&mut self, alike: &BTreeSet<Node>, rounds: u32) -> bool {
        let keep = self.force.goal.form == Form::Always;
        let mut open = BTreeSet::new();
        for node in alike {
            match self.decided(node) {
                Some(false) => return false,
                Some(true) => {}
                None => {
                    open.insert(node.clone());
                }
            }
        }
        if open.is_empty() {
            return true;
        }
        if rounds == 0 {
            return keep;
        }
        let mut plans = BTreeSet::new();
        for node in &open {
            for step in self.arena.steps(&node.0) {
                let plan: Vec<Value> = self.owned.iter().map(|s| step.inputs[*s].clone()).collect();
                plans.insert(plan);
            }
        }
        'plans: for plan in plans {
            let mut classes: BTreeMap<(Vec<Value>, Vec<Value>), BTreeSet<Node>> = BTreeMap::new();
            for node in &open {
                let mut goes = false;
                for step in self.arena.steps(&node.0) {
                    let chosen: Vec<Value> =
                        self.owned.iter().map(|s| step.inputs[*s].clone()).collect();
                    if chosen != plan {
                        continue;
                    }
                    goes = true;
                    let next = self.after(node, &step);
                    let seen = (self.seen(&node.0, Some(&step)), self.seen(&next.0, None));
                    classes.entry(seen).or_default().insert(next);
                }
                if !goes {
                    continue 'plans;
                }
            }
            if classes.values().all(|class| self.blindly(class, rounds - 1)) {
                return true;
            }
        }
        false
    }

    fn wins_blindly(&mut self) -> bool {
        let rounds = self.force.goal.within.unwrap().bound;
        let mut classes: BTreeMap<Vec<Value>, BTreeSet<Node>> = BTreeMap::new();
        for state in self.arena.firsts() {
            classes.entry(self.seen(&state, None)).or_default().insert((state, 0));
        }
        classes.values().all(|class| self.blindly(class, rounds))
    }
}

/// A random arena: next states are linear in everything, modulo a small number.
fn arena(random: &mut Random, blind: bool) -> String {
    let n = 3 + random.below(4);
    let mut text = format!(
        "institution g\nposition A, B\nstate s : 0..{} in {{0, {}}}\nstate h : 0..1 in {{0, {}}}\n",
        n - 1,
        random.below(n),
        random.below(2),
    );
    let k = |random: &mut Random, below: usize| random.below(below);
    let when = if !blind && random.chance(25) {
        format!(" when s != {}", k(random, n))
    } else {
        String::new()
    };
    let _ = writeln!(text, "choice a : 0..1 by A{when}");
    if random.chance(40) {
        text.push_str("choice c : 0..1 by A\n");
    } else {
        text.push_str("choice c : 0..1 by B\n");
    }
    let condition = if random.chance(25) {
        format!(" where s != {} or b = 1", k(random, n))
    } else {
        String::new()
    };
    let _ = writeln!(text, "choice b : 0..1 by B{condition}\nenv e : 0..1");
    let terms: Vec<String> = ["s", "a", "b", "c", "e", "h", "s * a", "a * h", "a * b"]
        .iter()
        .map(|name| (name, k(random, 3)))
        .filter(|(_, factor)| *factor > 0)
        .map(|(name, factor)| format!("{factor} * {name}"))
        .collect();
    let sum = if terms.is_empty() { "s + 1".to_owned() } else { terms.join(" + ") };
    let _ = writeln!(text, "rule go : s' = ({sum} + {}) mod {n}", k(random, n));
    match random.below(3) {
        0 => text.push_str("rule hide : h' in {0, 1}\n"),
        1 => text.push_str("rule hide when e = 1 : h' = 1 - h\n"),
        _ => text.push_str("rule hide when s != 0 : h' in 0..a\n"),
    }
    let _ = writeln!(text, "tick t when s = {} or e = 1 and b = 1", k(random, n));
    let sights = ["s", "h", "s > 1", "b", "e", "s' > 0", "a + h"];
    let seen: Vec<&str> = sights.iter().copied().filter(|_| random.chance(35)).collect();
    if !seen.is_empty() {
        let _ = writeln!(text, "sees A : {}", seen.join(", "));
    }
    text
}

fn goal(random: &mut Random) -> String {
    let p = |random: &mut Random| match random.below(4) {
        0 => format!("(s = {})", random.below(4)),
        1 => format!("(s > {})", random.below(3)),
        2 => format!("(s != {})", random.below(4)),
        _ => format!("(s != {} or h = 1)", random.below(4)),
    };
    let one = p(random);
    match random.below(4) {
        0 => one,
        1 => format!("always {one}"),
        2 => format!("{one} until {}", p(random)),
        _ => format!("recurs {one}"),
    }
}

fn owned(model: &Model) -> Vec<usize> {
    let interpreter = Interpreter::new(model);
    let slots = interpreter.layout.inputs.iter().enumerate();
    slots
        .filter(|(_, slot)| {
            let input = &model.inputs[slot.of.index()];
            let owner = input.owner.as_ref();
            owner.is_some_and(|owner| format!("{:?}", owner.ty) == format!("{:?}", sort_a(model)))
        })
        .map(|(n, _)| n)
        .collect()
}

fn sort_a(model: &Model) -> yamen::types::core::Type {
    let n = model.sorts.iter().position(|sort| sort.name == "A").unwrap();
    yamen::types::core::Type::Finite(yamen::types::core::SortId(u32::try_from(n).unwrap()))
}

#[derive(Debug, Default)]
struct Tally {
    can: usize,
    cannot: usize,
    unseen_can: usize,
    unseen_cannot: usize,
    replayed: usize,
}

#[test]
fn games_agree_with_a_plain_minimax() {
    let mut tally = Tally::default();
    for seed in 0..cases(320) {
        let mut random = Random::new(seed);
        let unseen = random.chance(40);
        let mut text = arena(&mut random, unseen);
        let within = match random.below(if unseen { 2 } else { 4 }) {
            0 => format!(" within {}", random.below(4)),
            1 if unseen => " within 3".to_owned(),
            1 => format!(" within {} t", 1 + random.below(2)),
            _ => String::new(),
        };
        let mut goal = goal(&mut random);
        while unseen && goal.starts_with("recurs") {
            goal = self::goal(&mut random);
        }
        let sees = if unseen { " unseen" } else { "" };
        let _ = writeln!(text, "claim x {{A}} can force ({goal}){within}{sees}");
        let model = match support::models(&text) {
            Ok(mut models) => models.remove(0),
            Err(errors) => panic!("{errors}\n{text}"),
        };
        let force =
            game::questions(&model, &model.claims[0].property).expect("a question").remove(0);
        let limits = support::limits(1 << 20);
        let answer = game::decide(&model, &force, &[], &limits, &mut |_| {}).unwrap().unwrap();
        let mut plain = Minimax { arena: Arena::new(&model), force: &force, owned: owned(&model) };
        let wins = if unseen { plain.wins_blindly() } else { plain.wins() };
        assert_eq!(answer.shown.wins, wins, "seed {seed}\n{text}");
        assert!(answer.shown.replay.is_ok(), "seed {seed}: {:?}\n{text}", answer.shown.replay);
        tally.replayed += 1;
        match (unseen, wins) {
            (false, true) => tally.can += 1,
            (false, false) => tally.cannot += 1,
            (true, true) => tally.unseen_can += 1,
            (true, false) => tally.unseen_cannot += 1,
        }
    }
    println!("games: {tally:?}, no disagreement");
    assert!(tally.can > 20 && tally.cannot > 20 && tally.unseen_can > 5 && tally.unseen_cannot > 5);
}

/// The most that a coalition gains by deviating, over all runs and all deviations of so many periods.
struct Enumeration<'m> {
    bound: Arena<'m>,
    free: Arena<'m>,
    model: &'m Model,
    owned: Vec<usize>,
}

impl Enumeration<'_> {
    fn payoff(&self, state: &State, step: &Step) -> i64 {
        let known = Known(&step.next);
        let reading = Reading {
            inputs: Some(&step.inputs),
            next: Some(&known),
            ..self.bound.interpreter.reading(&self.bound.params, state)
        };
        let mut scope = Scope::default();
        match reading.value(&self.model.payoffs[0].value, &mut scope).unwrap() {
            Value::Int(n) => i64::try_from(n).unwrap(),
            other => panic!("{other:?}"),
        }
    }

    fn best(&mut self, one: &State, other: &State, periods: u32) -> Option<i64> {
        if periods == 0 {
            return Some(0);
        }
        let mut best = None;
        for a in self.bound.steps(one) {
            for b in self.free.steps(other) {
                if !self.coupled(one, other, &a, &b) {
                    continue;
                }
                let Some(rest) = self.best(&a.next, &b.next, periods - 1) else { continue };
                let gain = self.payoff(other, &b) - self.payoff(one, &a) + rest;
                best = best.max(Some(gain));
            }
        }
        best
    }

    /// All others and nature do the same where they can. In these specs only `b` may not be there, or not allowed.
    fn coupled(&self, one: &State, other: &State, a: &Step, b: &Step) -> bool {
        (0..a.inputs.len()).all(|slot| {
            let place = &self.bound.interpreter.layout.inputs[slot];
            let input = &self.model.inputs[place.of.index()];
            let free = |state: &State, inputs: &[Value], e: &Option<yamen::types::core::Expr>| {
                let reading = Reading {
                    inputs: Some(inputs),
                    ..self.bound.interpreter.reading(&self.bound.params, state)
                };
                e.as_ref().is_none_or(|e| reading.holds(e, &mut Scope::default()).unwrap())
            };
            let mut taken = b.inputs.clone();
            taken[slot] = a.inputs[slot].clone();
            self.owned.contains(&slot)
                || !free(one, &a.inputs, &input.when)
                || !free(other, &b.inputs, &input.when)
                || !free(other, &taken, &input.condition)
                || a.inputs[slot] == b.inputs[slot]
        })
    }
}

fn deviating(random: &mut Random) -> String {
    let n = 2 + random.below(3);
    // Where no first value is given, both runs begin in the same all the same.
    let first = if random.chance(30) { String::new() } else { format!(" = {}", random.below(n)) };
    let mut text = format!(
        "institution d\nposition A, B\nstate s : 0..{}{first}\nchoice a : 0..1 by A\n",
        n - 1,
    );
    let when =
        if random.chance(30) { format!(" when s != {}", random.below(n)) } else { String::new() };
    let condition = if random.chance(30) {
        format!(" where s != {} or b = 0", random.below(n))
    } else {
        String::new()
    };
    let _ = writeln!(text, "choice b : 0..1 by B{when}{condition}\nenv e : 0..1");
    let _ = writeln!(
        text,
        "rule go : s' = (s + {} * a + {} * b + {} * e + {}) mod {n}",
        random.below(3),
        random.below(3),
        random.below(3),
        random.below(2)
    );
    let _ = writeln!(
        text,
        "payoff A = {} * s * a - {} * a + {} * b - {} * s",
        random.below(3),
        random.below(3),
        random.below(3),
        random.below(3)
    );
    let guard =
        if random.chance(40) { format!(" when s != {}", random.below(n)) } else { String::new() };
    match random.below(3) {
        0 => {
            let _ = writeln!(text, "practice p{guard} : a = {}", random.below(2));
        }
        1 => {
            let _ = writeln!(text, "sees A : s, b\npractice p{guard} : best reply a");
        }
        _ => {
            let _ = writeln!(text, "sees A : s, b\npractice p{guard} : best reply a ties to 1");
        }
    }
    if random.chance(30) {
        let _ = writeln!(text, "practice q : b = {}", random.below(2));
    }
    text
}

#[test]
fn deviations_agree_with_enumeration() {
    let (mut pays, mut never, mut skipped) = (0, 0, 0);
    for seed in 0..cases(320) {
        let mut random = Random::new(seed ^ 0x00de_71a7);
        let mut text = deviating(&mut random);
        let (periods, margin) = (1 + random.below(3), random.below(3));
        let _ = writeln!(
            text,
            "claim x no deviation by {{A}} pays within {periods} by more than {margin}"
        );
        let model = match support::models(&text) {
            Ok(mut models) => models.remove(0),
            Err(errors) => panic!("{errors}\n{text}"),
        };
        let claim = model.claims[0].clone();
        let question = asked(&model, &claim.property).expect("a question").remove(0);
        let Some(best) = enumerate(&model, u32::try_from(periods).unwrap()) else {
            skipped += 1;
            continue;
        };
        let refuted = compare(&model, &claim, &question, &text);
        assert_eq!(refuted, best > i64::try_from(margin).unwrap(), "seed {seed}: {best}\n{text}");
        if refuted { pays += 1 } else { never += 1 }
    }
    println!("deviations: {pays} pay, {never} do not, {skipped} stuck; no disagreement");
    assert!(pays > 50 && never > 50);
}

/// The best gain from any state of any run; nothing if a run gets stuck.
fn enumerate(model: &Model, periods: u32) -> Option<i64> {
    let mut unbound = model.clone();
    unbound.assumes.retain(|assume| assume.practice.is_none());
    let (bound, free) = (Arena::new(model), Arena::new(&unbound));
    let mut all = Enumeration { bound, free, model, owned: owned(model) };
    let mut queue = all.bound.firsts();
    let mut met: BTreeSet<State> = BTreeSet::new();
    let mut best: Option<i64> = None;
    while let Some(state) = queue.pop() {
        if !met.insert(state.clone()) {
            continue;
        }
        let steps = all.bound.steps(&state);
        if steps.is_empty() {
            return None;
        }
        queue.extend(steps.into_iter().map(|step| step.next));
        best = best.max(all.best(&state, &state, periods));
    }
    best
}

/// Whether the model of pairs has a deviation that pays; it is replayed.
fn compare(model: &Model, claim: &Claim, question: &Asked, text: &str) -> bool {
    let deviation =
        Deviation::new(model, claim, question).unwrap_or_else(|why| panic!("{why:?}\n{text}"));
    let limits = support::limits(1 << 20);
    match explicit::search(
        &deviation.model,
        &Question::Claim(&deviation.claim),
        &limits,
        &mut |_| {},
    ) {
        Outcome::Holds { .. } => false,
        Outcome::Found { trace, .. } => {
            let (run, other, from) = deviation.halves(model, &trace);
            let claimed = Claimed {
                assumes: &[],
                posts: &question.posts,
                within: question.within,
                margin: question.margin.as_ref(),
            };
            deviations::replay(model, &claimed, &run, &other, from)
                .unwrap_or_else(|why| panic!("{why}\n{text}"));
            true
        }
        other => panic!("{other:?}\n{text}"),
    }
}
