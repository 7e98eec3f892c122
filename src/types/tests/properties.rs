//! Claims: typing, fragments, words.

use super::super::core::{Deadline, ExprKind, Property};
use super::super::{Fragment, fragment};
use super::{bad, good, warns};

const WORLD: &str = "param n : 1..5 = 3
    position Centre, County[2], Site
    state x, y : bool state f[County] : bool state k : 0..5 = 0
    choice c : bool by Site
    rule visit when k = 1 : k' = 0
    tick visit when k = 1
    sees Centre : x
    payoff Site = k ";

/// The fragment of a claim in that world.
#[track_caller]
fn of(property: &str) -> Fragment {
    let model = good(&format!("{WORLD} claim q : {property}"));
    fragment(&model, &model.claims[0].property)
}

#[test]
fn safety() {
    for property in [
        "always (x implies y)",
        "never (x and c)",
        "x leads to y within n",
        "x leads to y within 2 visit",
        "always (x implies within 1 visit (f[0]))",
        "always (x implies once y)",
        "always (historically x or previously y)",
        "always (x since y)",
        "always (k' > k implies visit)",
        "all p in County : always (f[p] implies within n - 1 x)",
        "always x and never y",
        "not eventually x",
        "always (x implies next y)",
        "always (count(p in County : once f[p]) < 2)",
        "always (x implies not within 2 y)",
        "accountable_free",
    ] {
        let text = if property == "accountable_free" { "always x" } else { property };
        assert_eq!(of(text), Fragment::Safety, "{text}");
    }
}

#[test]
fn other_fragments() {
    for (property, expected) in [
        ("eventually x", Fragment::Temporal),
        ("x leads to y", Fragment::Temporal),
        ("recurs x", Fragment::Temporal),
        ("settles x", Fragment::Temporal),
        ("x until y", Fragment::Temporal),
        ("always (x implies not within 2 visit y)", Fragment::Temporal),
        ("(recurs x) implies recurs y", Fragment::Temporal),
        ("possible (x and not c)", Fragment::Reachability),
        ("all p in County : possible f[p]", Fragment::Reachability),
        ("always possible x", Fragment::Branching),
        ("always (x implies within 1 visit (Centre knows x))", Fragment::Knowledge),
        ("never (Centre knows not Centre knows x)", Fragment::Knowledge),
        ("possible (x and not Centre knows x)", Fragment::Knowledge),
        ("Centre detects x within 2 visit", Fragment::Knowledge),
        ("Centre detects x", Fragment::Knowledge),
        ("smallest b : Centre detects x within b", Fragment::Knowledge),
        ("smallest b : always (x implies within b visit y)", Fragment::Safety),
        ("x deniable to Centre", Fragment::Knowledge),
        ("always x deniable to Centre", Fragment::Knowledge),
        ("never (x deniable to Centre)", Fragment::Knowledge),
        ("Centre attributes f[i] to i within 1", Fragment::Knowledge),
        ("{Site, County} can force x", Fragment::Strategy),
        ("{Site} cannot force always x within 4", Fragment::Strategy),
        ("no deviation by {Site} pays within 4", Fragment::Incentives),
        ("valid n >= 1", Fragment::Static),
        ("consistent {n > 1, n < 3}", Fragment::Static),
        ("inconsistent {n > 1, n < 1}", Fragment::Static),
    ] {
        assert_eq!(of(property), expected, "{property}");
    }
}

#[test]
fn bounds_that_are_sought() {
    let model = good(&format!("{WORLD} claim q : smallest b : Centre detects x within b visit"));
    let ExprKind::Property(Property::Smallest(_, inner)) = &*model.claims[0].property.kind else {
        panic!()
    };
    let ExprKind::Property(Property::Detects(_, _, Some(deadline))) = &*inner.kind else {
        panic!()
    };
    assert_eq!(deadline.bound, Deadline::SOUGHT);
    assert!(deadline.tick.is_some());
}

#[track_caller]
fn outside(property: &str, code: &str, at: &str) {
    bad(&format!("{WORLD} claim q : {property}"), &[(code, at)]);
}

#[test]
fn outside_every_fragment() {
    outside("count(p in County : eventually f[p]) > 1", "fragment", "eventually f[p]");
    outside("not possible x", "fragment", "possible x");
    outside("always (x implies possible y)", "fragment", "possible y");
    outside("always (x knows y)", "fragment", "x");
    outside("always (Centre knows eventually x)", "fragment", "eventually x");
    outside("always once eventually x", "fragment", "eventually x");
    outside("possible eventually x", "fragment", "eventually x");
    outside("x or {Site} can force x", "fragment", "{Site} can force x");
    outside("x implies valid n > 1", "fragment", "valid n > 1");
    outside("(always x) = (always y)", "fragment", "(always x)");
}

#[test]
fn deadlines() {
    outside("always (x implies within n - 9 y)", "bad-deadline", "n - 9");
    outside("always (x implies within k y)", "reads-state", "k");
    outside("x leads to y within 1 vist", "unknown-tick", "vist");
    outside("smallest b : always x", "unused-bound", "b");
}

#[test]
fn static_claims_are_over_parameters() {
    outside("valid x", "reads-state", "x");
    outside("consistent {n > 1, c}", "reads-input", "c");
}

#[test]
fn incentives_need_payoffs() {
    outside("no deviation by {Centre} pays within 4", "no-payoff", "Centre");
    outside("{x} can force y", "not-a-post", "x");
    outside("Centre attributes x to i within 1", "fragment", "i");
}

#[test]
fn expectations_are_over_parameters() {
    bad(
        &format!("{WORLD} claim q : never x expect proved when n > 1 and x"),
        &[("reads-state", "x")],
    );
}

#[test]
fn scenarios_and_lemmas() {
    let model = good(&format!("{WORLD} scenario s : x and c scenario t : possible y"));
    for claim in &model.claims {
        assert!(matches!(&*claim.property.kind, ExprKind::Property(Property::Possible(_))));
    }
    bad(&format!("{WORLD} lemma l : eventually x"), &[("fragment", "eventually x")]);
    bad(&format!("{WORLD} scenario s : always x"), &[("fragment", "always x")]);
}

#[test]
fn weak_words() {
    let claim = |words: &str, p: &str| format!("{WORLD} claim q wording \"{words}\" {p}");
    warns(&claim("tends to", "always x"), &[("weak-wording", "\"tends to\"")]);
    warns(&claim("Most of the time,", "never x"), &[("weak-wording", "\"Most of the time,\"")]);
    warns(&claim("often", "possible x"), &[]);
    warns(&claim("have to", "always x"), &[]);
    warns(&claim("pretends", "always x"), &[]);
}

#[test]
fn claims_that_name_no_time() {
    warns(&format!("{WORLD} claim q : x implies y"), &[("names-no-time", "x implies y")]);
}

#[test]
fn accountability_by_its_cells() {
    let text = format!(
        "{WORLD} state up.violated[County] : bool = false state up.sanctioned[County] : bool = false"
    );
    let model =
        good(&format!("{text} claim q : accountable complete claim r : accountable sound up"));
    let first = &model.claims[0].property;
    assert!(
        matches!(&*first.kind, ExprKind::Property(Property::AccountableComplete(a)) if a == "up")
    );
    bad(
        &format!("{text} claim q : accountable complete down"),
        &[("unknown-accountability", "down")],
    );
}

#[test]
fn definitions_may_be_temporal() {
    let text =
        format!("{WORLD} define fine = always (x implies once y) claim q : fine and never x");
    let model = good(&text);
    assert_eq!(fragment(&model, &model.claims[0].property), Fragment::Safety);
    bad(
        &format!("{WORLD} define fine = always x rule r when fine : x' = y"),
        &[("temporal-operator", "fine")],
    );
}
