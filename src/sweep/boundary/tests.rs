//! Known boundaries, found again from their tables of truth; and what is printed means what was meant.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

use std::collections::BTreeMap;

use super::*;
use crate::govern;
use crate::govern::files::Memory;
use crate::govern::load::load;
use crate::interp::evaluate::Scope;
use crate::interp::step::Interpreter;
use crate::types::{self, Assignment};

/// Numbers from and to, by name.
type Axes<'a> = [(&'a str, i64, i64)];

fn names(axes: &Axes<'_>) -> Vec<String> {
    axes.iter().map(|(name, ..)| (*name).to_owned()).collect()
}

fn points(axes: &Axes<'_>) -> Vec<Vec<i64>> {
    axes.iter().fold(vec![Vec::new()], |all, (_, low, high)| {
        let longer = |one: &Vec<i64>| {
            let one = one.clone();
            (*low..=*high).map(move |n| one.iter().copied().chain([n]).collect())
        };
        all.iter().flat_map(longer).collect()
    })
}

/// Axes whose ends are 0 and 1 and whose names begin with `is_` are truth values.
fn samples(axes: &Axes<'_>, holds: impl Fn(&[i64]) -> bool) -> Vec<Sample> {
    let point = |(n, (name, ..)): (&i64, &(&str, i64, i64))| match name.starts_with("is_") {
        true => Point::Truth(*n == 1),
        false => Point::Number((*n).into()),
    };
    let sample = |p: Vec<i64>| (p.iter().zip(axes).map(point).collect(), holds(&p));
    points(axes).into_iter().map(sample).collect()
}

/// The value of a formula in the language of specs, by the checker and the interpreter.
fn spoken(formula: &str, axes: &Axes<'_>, point: &[Point]) -> bool {
    let value = |point: &Point| match point {
        Point::Truth(truth) => ("bool", truth.to_string()),
        Point::Number(number) if number.is_integer() => ("int", number.to_string()),
        Point::Number(number) => ("real", number.to_string()),
        Point::Member(name) => ("Kind", name.clone()),
    };
    let mut text = "institution a\nenum Kind { low, high }\n".to_owned();
    let mut values = BTreeMap::new();
    for ((name, ..), point) in axes.iter().zip(point) {
        let (ty, value) = value(point);
        text += &format!("param {name} : {ty}\n");
        values.insert((*name).to_owned(), value);
    }
    text += &format!("claim c always true expect proved when {formula}\n");
    let loaded = load(&["a.yamen".into()], &Memory::new([("a.yamen", text.as_str())]));
    let institution = govern::elaborate(&loaded.institutions[0]).0;
    let checked = types::check(&institution, &Assignment { values, all: false });
    let model = checked.model.unwrap_or_else(|| panic!("{text}{:?}", checked.diagnostics));
    let params: Vec<_> = model.params.iter().map(|p| p.value.clone().unwrap()).collect();
    let when = model.claims[0].expect.as_ref().unwrap().when.clone().unwrap();
    Interpreter::new(&model).reading(&params, &[]).holds(&when, &mut Scope::default()).unwrap()
}

fn found(axes: &Axes<'_>, holds: impl Fn(&[i64]) -> bool) -> String {
    let grid = samples(axes, holds);
    let found = boundary(&names(axes), &grid, &[]).unwrap();
    for (point, proved) in &grid {
        assert_eq!(spoken(&found.formula, axes, point), *proved, "{} at {point:?}", found.formula);
    }
    found.formula
}

#[test]
fn a_comparison_and_a_truth_value() {
    let axes = [("notice", 0, 4), ("shelf", 1, 5), ("is_captured", 0, 1)];
    let formula = found(&axes, |p| p[0] < p[1] && p[2] == 0);
    assert_eq!(formula, "notice < shelf and not is_captured");
}

#[test]
fn products() {
    let axes = [("sites", 1, 6), ("reach", 1, 3), ("campaigns", 1, 6)];
    assert_eq!(found(&axes, |p| p[0] <= p[1] * p[2]), "reach * campaigns >= sites");
    let axes = [("cohort", 1, 5), ("pace", 1, 3), ("gap", 1, 5)];
    assert_eq!(found(&axes, |p| p[2] * p[1] >= p[0]), "pace * gap >= cohort");
    assert_eq!(found(&axes, |p| (p[2] + 1) * p[1] >= p[0]), "pace * gap >= cohort - pace");
}

#[test]
fn least_and_sums() {
    let axes = [("senior", 1, 5), ("junior", 1, 5), ("maturity", 1, 5)];
    assert_eq!(found(&axes, |p| p[0].min(p[1]) <= p[2]), "min(senior, junior) <= maturity");
    let axes = [("layers", 0, 4), ("patience", 1, 4), ("bound", 0, 9)];
    assert_eq!(found(&axes, |p| p[2] >= p[0] + p[1]), "layers + patience <= bound");
}

#[test]
fn two_cases() {
    let axes = [("m", 1, 6), ("t", 0, 3), ("is_frame", 0, 1)];
    let holds = |p: &[i64]| if p[2] == 1 { p[0] > 2 * p[1] } else { p[0] > p[1] };
    assert_eq!(found(&axes, holds), "m > t and (2 * t < m or not is_frame)");
}

#[test]
fn three_in_a_row() {
    let axes = [("a", 0, 4), ("b", 0, 4), ("is_c", 0, 1)];
    let formula = found(&axes, |p| p[0] == 4 || p[2] == 1 || p[1] == 0);
    assert_eq!(formula, "b = 0 or a > 3 or is_c");
}

#[test]
fn two_ways_to_be_safe() {
    let axes = [
        ("is_snapshot", 0, 1),
        ("blocks", 1, 3),
        ("is_awake", 0, 1),
        ("lock", 0, 3),
        ("reaction", 1, 3),
    ];
    let holds = |p: &[i64]| p[0] == 1 && p[1] == 1 || p[2] == 1 && p[3] >= p[4];
    let formula = found(&axes, holds);
    assert_eq!(formula, "(is_snapshot and blocks = 1) or (is_awake and lock >= reaction)");
    let formula = found(&axes, |p| (p[0] == 1 || p[1] == 1) && (p[2] == 1 || p[3] >= p[4]));
    assert_eq!(formula, "(is_awake or lock >= reaction) and (is_snapshot or blocks = 1)");
}

#[test]
fn common_divisors() {
    let axes = [("term", 1, 6), ("gap", 1, 6), ("fresh", 1, 3)];
    let formula = found(&axes, |p| num_integer::gcd(p[0], p[1]) <= p[2]);
    assert_eq!(formula, "(all d in 1..6 : term mod d = 0 and gap mod d = 0 implies d <= fresh)");
}

#[test]
fn calendars_that_meet() {
    let axes = [("term", 1, 5), ("gap", 1, 5), ("fresh", 0, 3), ("looks", 1, 4)];
    let holds =
        |p: &[i64]| (0..p[0]).all(|a| (0..p[3]).any(|j| (a + j * p[1]).rem_euclid(p[0]) < p[2]));
    let formula = found(&axes, holds);
    let rest = "(a + j * gap) mod term < fresh)";
    assert_eq!(formula, format!("(all a in 0..term - 1 : some j in 0..looks - 1 : {rest}"));
    let formula = found(&axes, |p| !holds(p));
    let rest = "(a + j * gap) mod term >= fresh)";
    assert_eq!(formula, format!("(some a in 0..term - 1 : all j in 0..looks - 1 : {rest}"));
}

#[test]
fn rounding_up() {
    let axes = [("load", 1, 9), ("capacity", 1, 4), ("trips", 1, 4), ("spare", 0, 2)];
    found(&axes, |p| (p[0] + p[1] - 1).div_euclid(p[1]) + p[3] <= p[2]);
}

#[test]
fn members_and_fractions() {
    let values = [(1, 2), (3, 4), (1, 1), (3, 2)].map(|(n, d)| Point::Number(Ratio::new(n, d)));
    let kinds = ["low", "high"].map(|kind| Point::Member(kind.to_owned()));
    let mut grid = Vec::new();
    for value in &values {
        for kind in &kinds {
            let holds = value.number().unwrap() < 1.into() && *kind == kinds[1];
            grid.push((vec![value.clone(), kind.clone()], holds));
        }
    }
    let formula = boundary(&["pay".into(), "kind".into()], &grid, &[]).unwrap().formula;
    assert_eq!(formula, "pay < 1 and kind = high");
    for (point, proved) in &grid {
        assert_eq!(spoken(&formula, &[("pay", 0, 0), ("kind", 0, 0)], point), *proved);
    }
}

#[test]
fn one_verdict_everywhere() {
    let axes = [("a", 0, 3)];
    assert_eq!(found(&axes, |_| true), "true");
    assert_eq!(found(&axes, |_| false), "false");
    assert_eq!(boundary(&names(&axes), &[], &[]), None);
}

#[test]
fn a_coincidence_is_dropped() {
    // On the grid, where b is 2, `a < b` is as right as `a <= 1`, and comes first.
    let holds = |p: &[i64]| p[0] < 2;
    let names = ["a".to_owned(), "b".to_owned()];
    let grid = samples(&[("a", 0, 3), ("b", 2, 2)], holds);
    let found = |beyond: &[Sample]| boundary(&names, &grid, beyond).unwrap();
    assert_eq!(found(&[]), Boundary { formula: "a < b".to_owned(), coincidences: 0 });
    let beyond = samples(&[("a", 0, 3), ("b", 1, 1)], holds);
    assert_eq!(found(&beyond), Boundary { formula: "a <= 1".to_owned(), coincidences: 1 });
}

#[test]
fn noise_has_no_boundary_or_one_that_fits() {
    let mut state = 7u64;
    let grid = samples(&[("a", 0, 11), ("b", 0, 11)], |_| false);
    let noisy: Vec<Sample> = grid
        .into_iter()
        .map(|(point, _)| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695);
            (point, state >> 63 == 1)
        })
        .collect();
    assert_eq!(boundary(&["a".into(), "b".into()], &noisy, &[]), None);
}
