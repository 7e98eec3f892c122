//! What is said not to bear on a violation does not: on random specs, the first values, choices and
//! draws that are left aside are changed, the run is executed again, and as long as it is a run it
//! agrees on all that is kept, and violates the claim in the same period.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

mod support;

use std::collections::BTreeSet;

use support::{claim, limits, model, models, random};
use yamen::interp::bearing::{Bears, bearing};
use yamen::interp::explicit::fair::{self, Closing, Question as Endless};
use yamen::interp::explicit::{self, Question};
use yamen::interp::progress::tableau::Wish;
use yamen::interp::replay::{Goal, replay};
use yamen::interp::simulate::Simulation;
use yamen::interp::step::{Interpreter, Step, rule_name};
use yamen::syntax::source::Span;
use yamen::types::core::{
    Binary, CellId, Claim, Expr, ExprKind, Model, Property, SortId, Type, Value,
};
use yamen::types::layout::{Layout, value_name};
use yamen::types::trace::{Inputs, Period, Trace};

/// Specs in the default run; more with `YAMEN_SPECS`.
const SPECS: u64 = 200;
/// How often each run is changed.
const CHANGES: u64 = 6;
/// How long the runs are that are drawn.
const PERIODS: usize = 5;
/// How often a lasso is gone round until it has to close.
const ROUNDS: usize = 40;

#[derive(Debug, Default, Clone, Copy)]
struct Tally {
    /// Runs that were looked into, and those of them that nothing can be told of.
    runs: usize,
    whole: usize,
    /// Values that are kept and left aside.
    kept: usize,
    aside: usize,
    /// Changed runs that are runs, and those that are none.
    lawful: usize,
    unlawful: usize,
    lassos: usize,
}

fn agree(seed: u64, tally: &mut Tally) -> Result<(), String> {
    for text in [random::spec(seed), random::temporal(seed)] {
        let model = models(&text).map_err(|errors| format!("{errors}\n{text}"))?.remove(0);
        let Err(first) = agree_on(&model, seed, tally) else { continue };
        let (text, error) = support::fewest_lines(&text, first, |text| {
            let model = models(text).ok()?.pop()?;
            agree_on(&model, seed, &mut Tally::default()).err()
        });
        return Err(format!("seed {seed}: {error}\n{text}"));
    }
    Ok(())
}

fn agree_on(model: &Model, seed: u64, tally: &mut Tally) -> Result<(), String> {
    for claim in &model.claims {
        let mut found =
            vec![explicit::search(model, &Question::Claim(claim), &limits(5_000), &mut |_| {})];
        let wish = Endless::Run(Wish::Violates(&claim.property), Closing::Everywhere);
        found.push(fair::search(model, wish, &claim.assumes, &limits(5_000), &mut |_| {}));
        for outcome in found {
            if let explicit::Outcome::Found { trace, kind: None } = outcome {
                Trial { model, claim, seed }
                    .run(&trace, tally)
                    .map_err(|error| format!("claim {}: {error}", claim.name))?;
            }
        }
    }
    drawn(model, seed, tally)
}

/// Runs drawn at random, with each of their last values as what ought not to be.
fn drawn(model: &Model, seed: u64, tally: &mut Tally) -> Result<(), String> {
    let Ok(mut simulation) = Simulation::new(model, seed) else { return Ok(()) };
    for _ in 0..PERIODS {
        if simulation.step(&[]).is_err() {
            break;
        }
    }
    let trace = simulation.trace();
    let last = trace.periods.len() - 1;
    for (slot, value) in trace.periods[last].state.iter().enumerate() {
        let claim = not_so(model, last, slot, value);
        Trial { model, claim: &claim, seed }
            .run(&trace, tally)
            .map_err(|error| format!("slot {slot} in period {last}: {error}"))?;
    }
    Ok(())
}

/// That a cell has another value than this in a period.
fn not_so(model: &Model, period: usize, slot: usize, value: &Value) -> Claim {
    let place = &Layout::new(model).cells[slot];
    let of = |kind, ty| Expr { kind: Box::new(kind), ty, span: Span::default() };
    let member = |(sort, i): (&SortId, &u32)| {
        of(ExprKind::Const(Value::Member(*sort, *i)), Type::Finite(*sort))
    };
    let cell: CellId = place.of;
    let index = model.cells[cell.index()].index.iter().zip(&place.member).map(member).collect();
    let read = of(ExprKind::Cell { cell, index, primed: false }, place.ty);
    let differs = ExprKind::Binary(Binary::Ne, read, of(ExprKind::Const(value.clone()), place.ty));
    let next = |e| of(ExprKind::Property(Property::Next(e)), Type::Bool);
    let property = (0..period).fold(of(differs, Type::Bool), |e, _| next(e));
    Claim {
        kind: yamen::types::core::ClaimKind::Claim,
        name: "drawn".to_owned(),
        title: None,
        quotes: Vec::new(),
        wording: None,
        assumes: Vec::new(),
        property,
        solve: None,
        expect: None,
        doc: None,
        span: Span::default(),
    }
}

/// A run that violates a claim, to be changed.
struct Trial<'a> {
    model: &'a Model,
    claim: &'a Claim,
    seed: u64,
}

impl Trial<'_> {
    fn run(&self, trace: &Trace, tally: &mut Tally) -> Result<(), String> {
        let replayed = replay(self.model, Goal::Claim(self.claim), trace);
        let trace = replayed.map_err(|departure| format!("departs: {departure}"))?.trace;
        if trace.periods.is_empty() {
            return Ok(());
        }
        tally.runs += 1;
        let Some(bears) = bearing(self.model, &self.claim.property, &trace) else {
            tally.whole += 1;
            return Ok(());
        };
        let total: usize = trace.periods.iter().map(|p| p.state.len()).sum();
        let kept: usize = bears.iter().map(|b| b.cells.len()).sum();
        tally.kept += kept;
        tally.aside += total - kept;
        tally.lassos += usize::from(trace.loop_start.is_some());
        self.is_so(&trace, &bears, &trace)?;
        for n in 0..CHANGES {
            let mut random = random::Random::new(self.seed * 1000 + n);
            let few = n % 2 == 0;
            match self.changed(&trace, &bears, few, &mut random) {
                Some(changed) => {
                    tally.lawful += 1;
                    self.is_so(&trace, &bears, &changed)?;
                }
                None => tally.unlawful += 1,
            }
        }
        Ok(())
    }

    /// The run with other values where they are said not to matter; nothing if that is no run.
    fn changed(
        &self,
        trace: &Trace,
        bears: &[Bears],
        few: bool,
        random: &mut random::Random,
    ) -> Option<Trace> {
        let interpreter = Interpreter::assuming(self.model, &self.claim.assumes);
        let layout = &interpreter.layout;
        let mut other =
            |values: &mut [Value], kept: &BTreeSet<usize>, ty: &dyn Fn(usize) -> Type| {
                for (slot, at) in values.iter_mut().enumerate() {
                    if !kept.contains(&slot) && random.chance(if few { 15 } else { 60 }) {
                        *at = value(self.model, ty(slot), random)?;
                    }
                }
                Some(())
            };
        let mut state = trace.periods[0].state.clone();
        other(&mut state, &bears[0].cells, &|slot| layout.cells[slot].ty)?;
        interpreter.initial(&trace.params, &state).ok()?;
        let mut inputs = Vec::new();
        for (period, bears) in trace.periods.iter().zip(bears) {
            let Some(mut drawn) = period.inputs.clone() else { continue };
            other(&mut drawn.inputs, &bears.inputs, &|slot| layout.inputs[slot].ty)?;
            other(&mut drawn.draws, &bears.draws, &|slot| layout.draws[slot].ty)?;
            inputs.push(drawn);
        }
        executed(&interpreter, trace, state, &inputs)
    }

    /// A run agrees with another on what is kept, and violates the claim no later.
    fn is_so(&self, trace: &Trace, bears: &[Bears], changed: &Trace) -> Result<(), String> {
        let layout = Layout::new(self.model);
        // Where the periods show it by themselves, nothing is said of what repeats.
        let path = Trace { loop_start: None, ..trace.clone() };
        let repeats = bearing(self.model, &self.claim.property, &path).is_none();
        let rounds = if repeats { changed.periods.len() } else { trace.periods.len() };
        for (n, period) in changed.periods.iter().enumerate().take(rounds) {
            let at = original(trace, n);
            for slot in bears.get(at).into_iter().flat_map(|bears| &bears.cells) {
                let (is, was) = (&period.state[*slot], &trace.periods[at].state[*slot]);
                if is != was {
                    let name = &layout.cells[*slot].name;
                    let (is, was) = (value_name(self.model, is), value_name(self.model, was));
                    return Err(
                        self.fails(changed, &format!("period {n}: {name} is {is}, was {was}"))
                    );
                }
            }
        }
        match replay(self.model, Goal::Claim(self.claim), changed) {
            Ok(replayed) => {
                for (n, bears) in bears.iter().enumerate().take(replayed.periods.len()) {
                    let fired = &replayed.periods[n].fired;
                    let fires = |kept: &_| fired.iter().any(|(r, m, _)| (*r, m.clone()) == *kept);
                    if !bears.fired.iter().all(fires) {
                        return Err(
                            self.fails(changed, &format!("period {n}: a kept rule does not fire"))
                        );
                    }
                }
                Ok(())
            }
            // A loop that is not fair is none; what is judged on the run itself is judged all the same.
            Err(departure) if departure.text.starts_with("the loop is not fair") => Ok(()),
            Err(departure) => Err(self.fails(changed, &format!("departs: {departure}"))),
        }
    }

    fn fails(&self, changed: &Trace, why: &str) -> String {
        let outcome = explicit::Outcome::Found { trace: changed.clone(), kind: None };
        format!("{why}\n{}", support::outline(self.model, &outcome))
    }
}

/// The period of a run that a period of the changed run is a repetition of.
fn original(trace: &Trace, n: usize) -> usize {
    match trace.loop_start {
        Some(start) if n >= trace.periods.len() => {
            start + (n - start) % (trace.periods.len() - start)
        }
        _ => n,
    }
}

/// Executes a run with the same inputs; a lasso is gone round until it closes.
fn executed(
    interpreter: &Interpreter<'_>,
    trace: &Trace,
    first: Vec<Value>,
    inputs: &[Inputs],
) -> Option<Trace> {
    let mut periods: Vec<Period> = Vec::new();
    let mut state = first;
    let most = trace.periods.len() * if trace.loop_start.is_some() { ROUNDS } else { 1 };
    for n in 0..most {
        let at = original(trace, n);
        if trace.loop_start == Some(at) {
            let same = |(m, p): (usize, &Period)| original(trace, m) == at && p.state == state;
            if let Some(back) = periods.iter().enumerate().position(same) {
                return Some(Trace {
                    params: trace.params.clone(),
                    periods,
                    loop_start: Some(back),
                });
            }
        }
        let Some(drawn) = inputs.get(at) else {
            interpreter.state(&trace.params, &state).ok()?;
            periods.push(Period { state: state.clone(), inputs: None });
            break;
        };
        let step: Step = interpreter.step(&trace.params, &state, drawn).ok()?;
        periods.push(Period { state, inputs: Some(drawn.clone()) });
        state = step.next;
    }
    let whole = trace.loop_start.is_none();
    whole.then(|| Trace { params: trace.params.clone(), periods, loop_start: None })
}

/// A value of a type.
fn value(model: &Model, ty: Type, random: &mut random::Random) -> Option<Value> {
    let size = yamen::interp::value::cardinality(model, ty)?;
    yamen::interp::value::nth(ty, random.below(usize::try_from(size).ok()?) as u64)
}

#[test]
fn what_is_left_aside_does_not_matter() {
    let (count, halves) = support::in_halves(SPECS, agree);
    for tally in halves {
        println!("{count} specs, half of them: {tally:?}");
        assert!(count < 100 || tally.lawful > 10 * tally.whole, "{tally:?}");
        assert!(count < 100 || tally.aside > 500, "{tally:?}");
    }
}

/// What is kept of a run that a shortest search finds against a claim, by name, period by period.
fn kept(text: &str) -> Vec<Vec<String>> {
    let model = model(text);
    let claim = claim(&model, "c");
    let mut found = explicit::search(&model, &Question::Claim(claim), &limits(5_000), &mut |_| {});
    if !matches!(found, explicit::Outcome::Found { .. }) {
        let wish = Endless::Run(Wish::Violates(&claim.property), Closing::Everywhere);
        found = fair::search(&model, wish, &claim.assumes, &limits(5_000), &mut |_| {});
    }
    let explicit::Outcome::Found { trace, .. } = found else { panic!("{found:?}") };
    let replayed = replay(&model, Goal::Claim(claim), &trace).unwrap();
    let bears = bearing(&model, &claim.property, &replayed.trace).unwrap();
    let layout = Layout::new(&model);
    let names = |bears: &Bears| {
        let cells = bears.cells.iter().map(|slot| layout.cells[*slot].name.clone());
        let inputs = bears.inputs.iter().map(|slot| layout.inputs[*slot].name.clone());
        let draws = bears.draws.iter().map(|slot| layout.draws[*slot].name.clone());
        let fired = bears.fired.iter();
        let fired = fired.map(|(rule, member)| format!("by {}", rule_name(&model, *rule, member)));
        let ticks =
            bears.ticks.iter().map(|tick| format!("tick {}", model.ticks[tick.index()].name));
        cells.chain(inputs).chain(draws).chain(fired).chain(ticks).collect()
    };
    bears.iter().map(names).collect()
}

#[test]
fn the_side_that_decides_is_kept() {
    let periods = kept(
        "institution sides
         position P
         state x : 0..3 = 0
         state y : bool = true
         state z : 0..3 = 0
         choice idle : bool by P
         rule up when x < 3 : x' = x + 1
         rule grow when z < 3 and idle : z' = z + 1
         claim c always (x < 2 or z > 2 and y)",
    );
    // That `z > 2` is false suffices, or that `y` is; `y`, which nothing writes, is false in no period.
    assert_eq!(periods.len(), 3);
    assert_eq!(periods[2], ["x", "z"]);
    assert_eq!(periods[1], ["x", "z", "idle", "by up"]);
}

#[test]
fn a_write_that_would_change_nothing_is_no_reason() {
    let periods = kept(
        "institution latch
         position P
         state broken : bool = false
         state n : 0..2 = 0
         choice hit : bool by P
         rule break when hit : broken' = true
         rule grow when n < 2 : n' = n + 1
         claim c always (n = 2 implies not broken)",
    );
    // Broken once, it stays broken whether or not it is hit again.
    let hits = periods.iter().filter(|period| period.contains(&"hit".to_owned())).count();
    assert_eq!(hits, 1, "{periods:?}");
    assert_eq!(periods[2], ["broken", "n"]);
}

#[test]
fn what_overrides_and_what_is_drawn_is_kept() {
    let periods = kept(
        "institution draws
         position P
         state x : 0..5 = 0
         state other : 0..5 = 0
         choice calm : bool by P
         rule usual when true : x' = 0
         rule special overrides usual when calm : x' in 1..5
         rule noise when true : other' in 0..5
         claim c never x = 4",
    );
    assert_eq!(periods[0], ["calm", "special.x", "by special"]);
    assert_eq!(periods[1], ["x"]);
}

#[test]
fn the_practice_behind_a_choice_is_kept() {
    let periods = kept(
        "institution habits
         position P
         position Q
         state fear : bool = true
         state weather : bool
         state told : bool = false
         choice hush : bool by P
         choice shout : bool by Q when weather else false
         rule tell when not hush : told' = true
         practice cower when fear : hush = true
         claim c always next told",
    );
    assert_eq!(periods[0], ["fear", "told", "hush", "by cower"]);
    assert_eq!(periods[1], ["told"]);
}

#[test]
fn a_choice_that_there_is_not_is_explained() {
    let periods = kept(
        "institution bound
         position P
         state open : bool = false
         state done : bool = false
         choice act : bool by P when open else false
         rule do when act : done' = true
         claim c always next done",
    );
    assert_eq!(periods[0], ["open", "done", "act"]);
}

#[test]
fn a_deadline_rests_on_its_ticks() {
    let periods = kept(
        "institution late
         position P
         state asked : bool = true
         state n : 0..3 = 0
         state noise : bool = false
         choice answer : bool by P
         rule up when n < 3 : n' = n + 1
         rule hum when true : noise' = not noise
         tick beat when n = 1
         claim c always (asked implies within 1 beat answer)",
    );
    assert_eq!(periods[0], ["asked", "n", "answer", "by up"]);
    assert_eq!(periods[1], ["n", "answer", "tick beat"]);
    assert_eq!(periods[2], ["answer"]);
}

#[test]
fn a_lasso_is_followed_round() {
    let periods = kept(
        "institution round
         position P
         state lamp : bool = false
         state hum : 0..2 = 0
         choice switch : bool by P
         rule on when switch : lamp' = true
         rule turn when hum < 2 : hum' = hum + 1
         rule back when hum = 2 : hum' = 0
         claim c eventually lamp",
    );
    for period in &periods {
        assert_eq!(*period, ["lamp", "switch"]);
    }
}

#[test]
fn definitions_rest_on_what_they_read() {
    let periods = kept(
        "institution calls
         position P
         state a : 0..3 = 1
         state b : 0..3 = 1
         state i : 0..1 = 0
         define first(x, y) = if i = 0 then x else y
         claim c never first(a, b) = 1",
    );
    assert_eq!(periods[0], ["a", "i"]);
}

#[test]
fn what_is_not_judged_on_one_run_is_kept_whole() {
    let model = model(
        "institution views
         position P
         state x : bool
         sees P : x
         claim c always (x implies P knows x)",
    );
    let trace = Simulation::new(&model, 0).unwrap().trace();
    assert_eq!(bearing(&model, &claim(&model, "c").property, &trace), None);
}

#[test]
fn a_best_reply_is_explained_by_the_payoff() {
    let periods = kept(
        "institution replies
         position P
         state dear : bool = true
         state hum : bool = false
         state done : bool = false
         choice act : bool by P
         payoff P = if act and dear then -1 else 0
         sees P : dear
         practice careful : best reply act ties to true
         rule do when act : done' = true
         rule turn when true : hum' = not hum
         claim c always next done",
    );
    assert_eq!(periods[0], ["dear", "done", "act", "by careful"]);
}

#[test]
fn a_choice_comes_with_what_let_it_be_made() {
    let periods = kept(
        "institution leave
         position P
         state rank : 0..3 = 2
         state open : bool = true
         state hum : bool = false
         state x : 0..3 = 0
         choice step : 0..3 by P when open where step <= rank else 0
         rule go when true : x' = step
         rule turn when true : hum' = not hum
         claim c never x = 2",
    );
    assert_eq!(periods[0], ["rank", "open", "step", "by go"]);
    assert_eq!(periods[1], ["x"]);
}

#[test]
fn what_repeats_does_not_matter_where_the_periods_show_it() {
    let model = model(
        "institution early
         position P
         state x : 0..2 = 0
         rule up when x < 2 : x' = x + 1
         claim c always x < 1",
    );
    let claim = claim(&model, "c");
    let wish = Endless::Run(Wish::Violates(&claim.property), Closing::Everywhere);
    let found = fair::search(&model, wish, &claim.assumes, &limits(5_000), &mut |_| {});
    let explicit::Outcome::Found { trace, .. } = found else { panic!("{found:?}") };
    assert!(trace.loop_start.is_some());
    let bears = bearing(&model, &claim.property, &trace).unwrap();
    let cells: Vec<usize> = bears.iter().map(|bears| bears.cells.len()).collect();
    assert_eq!(cells, [1, 1, 0]);
}
