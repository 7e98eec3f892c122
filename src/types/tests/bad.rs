//! What is refused, and at which words.

use super::{bad, warns};

#[test]
fn unknown_names_with_a_suggestion() {
    let outcome = bad(
        "state countdown : 0..3 = 0 rule r when contdown = 1 : countdown' = 0",
        &[("unknown-name", "contdown")],
    );
    assert_eq!(outcome.first().1, "did you mean `countdown`?");
    let outcome = bad("state x : Condcut enum Conduct { a }", &[("unknown-sort", "Condcut")]);
    assert_eq!(outcome.first().1, "did you mean `Conduct`?");
    let outcome = bad("state shelf : bool rule r : shef' = true", &[("unknown-name", "shef")]);
    assert_eq!(outcome.first().1, "did you mean `shelf`?");
}

#[test]
fn one_error_silences_its_echoes() {
    bad(
        "define a = nowhere + 1 define b = a * 2 state x : 0..b = 0
         rule r when x > a and nowhere = 2 : x' = b",
        &[("unknown-name", "nowhere")],
    );
}

#[test]
fn independent_errors_are_all_reported() {
    bad(
        "state x : bool = 3 state y : int = true rule r when y : x' = y",
        &[
            ("type-mismatch", "3"),
            ("type-mismatch", "true"),
            ("type-mismatch", "y"),
            ("type-mismatch", "y"),
        ],
    );
}

#[test]
fn duplicates() {
    let outcome = bad("state x : bool define x = 1", &[("duplicate-name", "x")]);
    assert_eq!(outcome.checked.diagnostics[0].secondary[0].1, "first declared here");
    bad("enum E { a, a }", &[("duplicate-name", "a")]);
    bad("state x : bool rule r : x' = true rule r : x' = true", &[("duplicate-name", "r")]);
    bad("position P position P", &[("duplicate-name", "P")]);
    bad(
        "position P[2] state t[P] : bool rule r for a in P, a in P : t[a]' = true",
        &[("duplicate-name", "a")],
    );
    bad("state x : bool claim c : never x lemma c : never x", &[("duplicate-name", "c")]);
}

#[test]
fn a_rule_and_a_tick_share_a_name() {
    super::good("state x : bool rule visit when x : x' = false tick visit when x");
}

#[test]
fn words_of_a_mismatch() {
    let outcome = bad("state x : 0..3 define d = x and true", &[("type-mismatch", "x")]);
    let (message, help) = outcome.first();
    assert_eq!(message, "expected a truth value, found a number in 0..3");
    assert_eq!(help, "compare it with something, as in `… > 0`");
    assert_eq!(outcome.checked.diagnostics[0].secondary[0].1, "`and` joins truth values");
    let outcome = bad("state x : bool define d = x + 1", &[("type-mismatch", "x")]);
    assert_eq!(outcome.first().0, "expected a whole number, found a truth value");
    assert_eq!(outcome.first().1, "count it: `if … then 1 else 0`");
}

#[test]
fn enums_are_no_numbers() {
    bad(
        "enum E { a, b } state e : E define d = e < b define f = e + 1 define g = e = 1",
        &[("type-mismatch", "e"), ("type-mismatch", "e"), ("type-mismatch", "1")],
    );
}

#[test]
fn families_do_not_mix() {
    bad(
        "position A[2], B[2] state t[A] : bool define d = all b in B : t[b]
         define e = A[0] = B[0] define f = A[1] < B[1]",
        &[("type-mismatch", "b"), ("type-mismatch", "B[0]"), ("type-mismatch", "B[1]")],
    );
}

#[test]
fn ambiguous_enumerators() {
    let outcome = bad(
        "enum A { x, y } enum B { y, z } define f(u) = u = u define d = f(y)",
        &[("ambiguous-name", "y")],
    );
    assert_eq!(outcome.first().1, "write `A.y` or `B.y`");
    bad("enum A { x, y } define d = A.w = A.x", &[("unknown-name", "A.w")]);
}

#[test]
fn cycles_name_their_members() {
    let outcome = bad("define a = b + 1 define b = c define c = a", &[("cyclic-definition", "a")]);
    assert_eq!(outcome.first().0, "`a` depends on itself: `a` needs `b` needs `c` needs `a`");
    bad("param n : 0..n = 1", &[("cyclic-definition", "n")]);
    bad("position P[k] define k = count(p in P : true)", &[("cyclic-definition", "P")]);
    bad("param a : int = b param b : int = a", &[("cyclic-definition", "a")]);
    bad(
        "tick a when b tick b when a",
        &[("cyclic-definition", "tick a when b"), ("cyclic-definition", "tick b when a")],
    );
}

#[test]
fn sizes_and_bounds() {
    let outcome = bad("param n : int = 0 position P[n]", &[("bad-size", "n")]);
    assert_eq!(outcome.first().0, "`P` has 0 members, but a family has at least 1");
    bad("state x : 3..1", &[("empty-range", "3..1")]);
    bad("state y : int state x : 0..y", &[("reads-state", "y")]);
    bad("param k : int = 0 state x : 0..1 / k", &[("undefined-constant", "1 / k")]);
    bad("position P[100000000000]", &[("bad-size", "100000000000")]);
    bad("state x : 0..99999999999999999999", &[("too-large", "99999999999999999999")]);
    bad("define d = all i in 0..2 : all j in 0..i : j = i", &[("not-constant", "i")]);
    bad("define d = max(i in 1..0 : i)", &[("empty-set", "max(i in 1..0 : i)")]);
}

#[test]
fn first_values() {
    bad("state x : 0..3 = 4", &[("out-of-range", "4")]);
    bad("state x : bool state y : bool = x", &[("reads-state", "x")]);
    bad("position P choice c : bool by P init c", &[("reads-input", "c")]);
    bad("state x : bool init x'", &[("reads-next-state", "x'")]);
}

#[test]
fn primes_stand_after_state() {
    bad(
        "env e : bool param p : bool = true define d = e' or p'",
        &[("prime-of-non-state", "e'"), ("prime-of-non-state", "p'")],
    );
    bad("state x : bool position P choice c : bool by P when x'", &[("reads-next-state", "x'")]);
}

#[test]
fn index_arity() {
    bad(
        "position P[2] state t[P] : bool state s : bool
         define a = t define b = s[0] define c = t[0, 1] rule r : t' = true",
        &[
            ("missing-index", "t"),
            ("not-indexed", "s[0]"),
            ("wrong-index", "t[0, 1]"),
            ("missing-index", "t' = true"),
        ],
    );
    bad("position P[2] define d = P = P", &[("missing-index", "P"), ("missing-index", "P")]);
}

#[test]
fn index_outside_its_family_is_warned_about() {
    warns("position P[2] state t[P] : bool define d = t[2]", &[("index-outside", "2")]);
}

#[test]
fn updates_write_state() {
    bad(
        "position P choice c : bool by P param p : bool define d = true
         rule r : c' = true rule s : p' = true rule t : d' = true",
        &[("update-of-non-state", "c"), ("update-of-non-state", "p"), ("update-of-non-state", "d")],
    );
    bad("state x : bool rule r : x' in 0..1", &[("type-mismatch", "0..1")]);
}

#[test]
fn rules_do_not_read_firings() {
    let outcome = bad(
        "state x : bool rule a when x : x' = false rule b when a : x' = true",
        &[("reads-event", "a")],
    );
    assert!(outcome.first().0.contains("whether the rule `a` fires"));
    bad(
        "state x : bool tick t when x define seen = t rule b when seen : x' = true",
        &[("reads-event", "seen")],
    );
}

#[test]
fn no_time_in_rules() {
    bad("state x : bool rule a when once x : x' = false", &[("temporal-operator", "once x")]);
    bad("state x : bool assume a : always x", &[("temporal-operator", "always x")]);
    bad(
        "state x : bool position P sees P : previously x",
        &[("temporal-operator", "previously x")],
    );
}

#[test]
fn owners_of_choices() {
    let outcome = bad("choice c : bool", &[("choice-without-owner", "c")]);
    assert!(outcome.first().1.contains("`env`"));
    bad("state x : bool choice c : bool by x", &[("not-a-post", "x")]);
    bad("person Q choice c : bool by Q", &[("not-a-post", "Q")]);
    bad("position P[2] choice c : bool by P", &[("missing-index", "P")]);
    bad("position P env e : bool by P", &[("owned-environment", "P")]);
    bad("position P[2] state k : 0..1 choice c : bool by P[k]", &[("reads-state", "k")]);
    warns("position P choice c : bool by P else true", &[("idle-else", "true")]);
}

#[test]
fn overrides_name_rules() {
    bad(
        "state x : bool rule allow : x' = true rule b overrides alow : x' = false",
        &[("unknown-rule", "alow")],
    );
    bad("state x : bool rule a overrides a : x' = true", &[("self-override", "a")]);
}

#[test]
fn lines_of_command() {
    bad("position P[2] define d = superior(P[0]) = P[1]", &[("no-superior", "superior(P[0])")]);
    bad("hierarchy A > B[2] define d = superior(A) = A", &[("no-superior", "superior(A)")]);
    bad(
        "hierarchy A > B[2] position C[2] define d = under(B[0], C[0])",
        &[("no-superior", "under(B[0], C[0])")],
    );
    bad("hierarchy A > B[2] hierarchy C > B", &[("two-superiors", "B")]);
    bad(
        "position A[2], B[3] hierarchy A > B define d = superior(B[0]) = A[0]",
        &[("uneven-hierarchy", "B")],
    );
    bad("hierarchy A > B[2] define d = superior(1) = A", &[("not-a-post", "1")]);
}

#[test]
fn calls_and_their_arguments() {
    bad(
        "position P[2] define f(x, y) = x = y define b[p in P] = p = 0 state t[P] : bool
         define d1 = f(1) define d2 = b(0) define d3 = f[1, 2] define d4 = f define d5 = t(0)
         define d6 = mox(1, 2) define d7 = abs(1, 2)",
        &[
            ("wrong-arguments", "f(1)"),
            ("wrong-arguments", "b(0)"),
            ("wrong-arguments", "f[1, 2]"),
            ("wrong-arguments", "f"),
            ("wrong-arguments", "t(0)"),
            ("unknown-name", "mox"),
            ("wrong-arguments", "abs(1, 2)"),
        ],
    );
}

#[test]
fn real_numbers_have_no_remainder() {
    bad("state x : real define d = x mod 2 = 0", &[("type-mismatch", "x mod 2")]);
    bad("state x : real state n : int rule r : n' = x", &[("type-mismatch", "x")]);
}

#[test]
fn truth_counts_in_payoffs_only() {
    bad("position P state x : bool payoff P = 2 * x define d = 2 * x", &[("type-mismatch", "x")]);
    bad("enum E { a } position P payoff P = a", &[("type-mismatch", "a")]);
}

#[test]
fn governance_must_be_gone() {
    bad("position P state x : bool norm n : P must x", &[("not-elaborated", "norm n : P must x")]);
}

#[test]
fn sources_are_declared() {
    let outcome = bad(
        "source zhou \"An interview\" state x : bool claim c quote zho \"w\" never x",
        &[("unknown-source", "zho")],
    );
    assert_eq!(outcome.first().1, "did you mean `zhou`?");
}

#[test]
fn doubling_does_not_explode() {
    let chain = |first: &str, op: &str| {
        let mut text = format!("state x : bool define d0 = {first} ");
        for i in 1..60 {
            text += &format!("define d{i} = d{} {op} d{} ", i - 1, i - 1);
        }
        text
    };
    super::good(&(chain("always x", "and") + "claim c : d59"));
    super::good(&(chain("x", "and") + "claim c : always d59"));
    bad(&(chain("1", "+") + "state y : 0..d59"), &[("undefined-constant", "d59")]);
}

#[test]
fn families_too_large_to_keep() {
    bad("position A[1000], B[1000] state t[A, B] : bool", &[("too-large", "t")]);
}
