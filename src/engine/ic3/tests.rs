//! IC3 against visiting all states; its proofs proved again, and corrupted ones rejected.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::expect_used,
    clippy::panic,
    reason = "tests"
)]

use super::{Verdict, decide, run};
use crate::circuit::reduce::reduce;
use crate::circuit::sample_tests::{bits, circuit, truth};
use crate::circuit::{Circuit, Edge};
use crate::engine::{Budget, Invariant, Outcome, Proof};
use crate::evidence::recheck::{Check, recheck};
use crate::system::{Problem, StateVar, System};
use crate::term::{Pool, Role, Sort, Term, Var};
use crate::types::core::Value;

const BUDGET: Budget<'static> = Budget { cancel: &|| false, deadline: None, depth: None, seed: 0 };

/// Whether the clauses hold at first, are kept by steps, and exclude bad states.
fn proves(circuit: &Circuit, clauses: &[Vec<Edge>]) -> bool {
    let (width, drawn) = (circuit.latches.len(), circuit.inputs.len());
    let holds = |state: &[bool], parts: &[Edge]| {
        let values = circuit.values(state, &vec![false; drawn]);
        parts.iter().all(|e| values.of(*e))
    };
    let inside = |state: &[bool]| {
        let values = circuit.values(state, &vec![false; drawn]);
        clauses.iter().all(|clause| clause.iter().any(|e| values.of(*e)))
    };
    (0..1usize << width).map(|n| bits(n, width)).all(|state| {
        let first = !holds(&state, &circuit.init) || inside(&state);
        let kept = !inside(&state)
            || (0..1usize << drawn).all(|n| {
                let values = circuit.values(&state, &bits(n, drawn));
                let next: Vec<bool> = circuit.latches.iter().map(|l| values.of(l.next)).collect();
                let valid = circuit.step.iter().all(|e| values.of(*e));
                !values.of(circuit.bad) && (!valid || inside(&next))
            });
        first && kept
    })
}

#[test]
fn agrees_with_visiting_all_states() {
    let (mut safe, mut reached) = (0, 0);
    for seed in 0..4000 {
        let whole = circuit(seed);
        let shortest = truth(&whole).1;
        let reduced = reduce(&whole);
        for small in [&reduced.circuit, &whole] {
            match decide(small, BUDGET, &mut |_| {}).0 {
                Verdict::Safe(clauses) => {
                    assert_eq!(shortest, None, "seed {seed}");
                    assert!(proves(small, &clauses), "seed {seed}: no proof");
                    safe += 1;
                }
                Verdict::Unsafe(run) => {
                    assert!(small.accepts(&run), "seed {seed}: no run");
                    assert!(shortest.is_some_and(|s| s <= run.periods.len()), "seed {seed}");
                    reached += 1;
                }
                Verdict::Open(reason) => panic!("seed {seed}: {reason}"),
            }
        }
        match decide(&reduced.circuit, BUDGET, &mut |_| {}).0 {
            Verdict::Safe(clauses) => {
                assert!(proves(&whole, &reduced.clauses(&clauses)), "seed {seed}: on the whole");
            }
            Verdict::Unsafe(run) => {
                assert!(whole.accepts(&reduced.run(&whole, &run)), "seed {seed}: on the whole");
            }
            Verdict::Open(_) => {}
        }
    }
    assert!(safe > 1000 && reached > 1000, "{safe} and {reached}");
}

/// A counter that goes up by an input 0..2 when a parameter allows, from any of its first values to 6.
struct Counter {
    pool: Pool,
    count: Var,
    limit: Var,
    by: Var,
}

impl Counter {
    fn new() -> Counter {
        let mut pool = Pool::new();
        let count = pool.declare("count", Sort::Int, Some((0, 9)), Role::State);
        let limit = pool.declare("limit", Sort::Int, Some((3, 6)), Role::Rigid);
        let by = pool.declare("by", Sort::Int, Some((0, 2)), Role::Input);
        Counter { pool, count, limit, by }
    }

    /// The problem whether `bad` can be reached.
    fn problem(mut self, bad: impl FnOnce(&mut Pool, [Term; 3]) -> Term, on_step: bool) -> Problem {
        let pool = &mut self.pool;
        let [count, limit, by] = [self.count, self.limit, self.by].map(|v| pool.var(v));
        let sum = pool.add([count, by], Sort::Int);
        let allowed = pool.le(sum, limit);
        let next = pool.ite(allowed, sum, count);
        let (one, three) = (pool.int(1), pool.int(3));
        let [is_one, is_three] = [pool.eq(count, one), pool.eq(count, three)];
        let first = pool.or([is_one, is_three]);
        let bad = bad(pool, [count, limit, by]);
        let moves = pool.ne(by, one);
        let system = System {
            states: vec![StateVar { var: self.count, next }],
            rigid: vec![self.limit],
            inputs: vec![self.by],
            init: vec![first],
            step: vec![moves],
            lemmas: Vec::new(),
            pool: self.pool,
        };
        Problem { system, bad, on_step }
    }
}

#[test]
fn proves_with_parameters_and_any_first_states() {
    let beyond = |pool: &mut Pool, [count, limit, _]: [Term; 3]| pool.lt(limit, count);
    let problem = Counter::new().problem(beyond, false);
    let Outcome::Unreachable(proof) = run(&problem, BUDGET, &mut |_| {}) else { panic!() };
    assert!(matches!(recheck(&problem, &proof, BUDGET), Check::Holds(_)));
}

#[test]
fn finds_runs_with_their_inputs() {
    let five = |pool: &mut Pool, [count, _, _]: [Term; 3]| {
        let five = pool.int(5);
        pool.eq(count, five)
    };
    let problem = Counter::new().problem(five, false);
    let Outcome::Reached(found) = run(&problem, BUDGET, &mut |_| {}) else { panic!() };
    let number = |value: &Value| match value {
        Value::Int(n) => i64::try_from(n).unwrap(),
        other => panic!("{other:?}"),
    };
    let limit = number(&found.rigid[0]);
    let mut expected = number(&found.periods[0].0[0]);
    assert!(expected == 1 || expected == 3);
    for (state, inputs) in &found.periods {
        assert_eq!(number(&state[0]), expected);
        if let Some(inputs) = inputs {
            let by = number(&inputs[0]);
            assert!(by == 0 || by == 2);
            expected += if expected + by <= limit { by } else { 0 };
        }
    }
    assert_eq!(number(&found.periods.last().unwrap().0[0]), 5);
}

#[test]
fn the_last_inputs_are_within_their_bounds() {
    let bold = |pool: &mut Pool, [_, _, by]: [Term; 3]| {
        let three = pool.int(3);
        let two = pool.int(2);
        let within = pool.le(three, by);
        let is_two = pool.eq(by, two);
        pool.or([within, is_two])
    };
    let problem = Counter::new().problem(bold, true);
    let Outcome::Reached(found) = run(&problem, BUDGET, &mut |_| {}) else { panic!() };
    assert_eq!(found.periods.last().unwrap().1, Some(vec![Value::Int(2.into())]));
}

#[test]
fn corrupt_proofs_are_rejected() {
    let even = |pool: &mut Pool, [count, _, _]: [Term; 3]| {
        let (two, zero) = (pool.int(2), pool.int(0));
        let rest = pool.modulo(count, two);
        pool.eq(rest, zero)
    };
    let problem = Counter::new().problem(even, false);
    let Outcome::Unreachable(Proof::Invariant(proof)) = run(&problem, BUDGET, &mut |_| {}) else {
        panic!()
    };
    let check = |clauses: Vec<Term>, pool: Pool| {
        recheck(&problem, &Proof::Invariant(Invariant { pool, clauses }), BUDGET)
    };
    assert!(matches!(check(proof.clauses.clone(), proof.pool.clone()), Check::Holds(_)));
    // Nothing at all does not exclude bad states.
    assert!(matches!(check(Vec::new(), proof.pool.clone()), Check::Fails(_)));
    // A clause that first states break, and one that steps break.
    let mut pool = proof.pool.clone();
    let count = pool.var(problem.system.states[0].var);
    for limit in [1, 3] {
        let limit = pool.int(limit);
        let clause = pool.le(count, limit);
        let clauses = proof.clauses.iter().copied().chain([clause]).collect();
        assert!(matches!(check(clauses, pool.clone()), Check::Fails(_)));
    }
}

#[test]
fn stops_when_told() {
    let budget = Budget { cancel: &|| true, ..BUDGET };
    let open = (0..200)
        .filter(|seed| matches!(decide(&circuit(*seed), budget, &mut |_| {}).0, Verdict::Open(_)));
    assert!(open.count() > 50);
}
