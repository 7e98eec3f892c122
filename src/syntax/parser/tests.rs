//! How expressions group, and what only the parser's eyes can tell apart.

use super::super::ast::{Change, Decl, Expected, ExprKind, File, Subject, TypeKind, Written};
use super::super::diagnostic::Severity;
use super::super::printer::print;
use super::super::source::FileId;
use super::{Parsed, parse};

fn read(text: &str) -> File {
    let Parsed { file, diagnostics, .. } = parse(FileId(0), text);
    let wrong = diagnostics.iter().any(|one| one.severity == Severity::Error);
    assert!(!wrong, "{diagnostics:?}\n{text}");
    file
}

/// The property with a parenthesis around every operand that is no name.
fn grouped(property: &str) -> String {
    let file = read(&format!("claim c {property}"));
    let Decl::Claim(claim) = &file.items[0].decl else { panic!("no claim") };
    shown(&claim.property.kind)
}

fn shown(kind: &ExprKind) -> String {
    let of = |expr: &super::super::ast::Expr| shown(&expr.kind);
    match kind {
        ExprKind::Name(name) => name.text.clone(),
        ExprKind::Int(number) => number.clone(),
        ExprKind::Binary(op, a, b) => format!("({} {op:?} {})", of(a), of(b)),
        ExprKind::Unary(op, a) => format!("({op:?} {})", of(a)),
        ExprKind::Within(due, a) => {
            let tick = due.tick.as_ref().map_or(String::new(), |tick| format!(" {}", tick.text));
            format!("(within {}{tick} {})", of(&due.bound), of(a))
        }
        ExprKind::LeadsTo(a, b, due) => {
            format!("({} leads {} {})", of(a), of(b), if due.is_some() { "due" } else { "" })
        }
        ExprKind::Knows(a, b) => format!("({} knows {})", of(a), of(b)),
        ExprKind::Deniable(a, b) => format!("({} deniable {})", of(a), of(b)),
        ExprKind::Index(name, index) => format!("{}[{}]", name.text, of(&index[0])),
        ExprKind::Call(name, list) => {
            format!("{}({})", name.text, list.iter().map(of).collect::<Vec<_>>().join(","))
        }
        ExprKind::If(a, b, c) => format!("(if {} {} {})", of(a), of(b), of(c)),
        ExprKind::Quantified(q, name, _, body) => format!("({q:?} {} {})", name.text, of(body)),
        other => format!("{other:?}"),
    }
}

#[test]
fn operators_group_by_precedence() {
    assert_eq!(grouped("a or b and c"), "(a Or (b And c))");
    assert_eq!(grouped("a implies b implies c"), "(a Implies (b Implies c))");
    assert_eq!(grouped("a iff b implies c or d"), "(a Iff (b Implies (c Or d)))");
    assert_eq!(grouped("not a = 1 and b"), "((Not (a Eq 1)) And b)");
    assert_eq!(grouped("a - b - c * -d"), "((a Sub b) Sub (c Mul (Neg d)))");
    assert_eq!(grouped("not a until b and c"), "((Not (a Until b)) And c)");
    assert_eq!(grouped("a = 1 deniable to b or c"), "(((a Eq 1) deniable b) Or c)");
    assert_eq!(grouped("a or b leads to c iff d within 3"), "((a Or b) leads (c Iff d) due)");
    assert_eq!(grouped("A knows B knows a = 1"), "(A knows (B knows (a Eq 1)))");
}

#[test]
fn temporal_words_reach_far_only_where_they_lead() {
    assert_eq!(grouped("always a implies b"), "(Always (a Implies b))");
    assert_eq!(grouped("(always a implies b) and c"), "((Always (a Implies b)) And c)");
    assert_eq!(grouped("a and always b implies c"), "((a And (Always b)) Implies c)");
    assert_eq!(grouped("always possible a and b"), "(AlwaysPossible (a And b))");
    assert_eq!(grouped("all x in S : always a or b"), "(All x (Always (a Or b)))");
    assert_eq!(grouped("once a and b"), "((Once a) And b)");
    assert_eq!(grouped("a and if b then c else d or e"), "(a And (if b c (d Or e)))");
}

#[test]
fn a_tick_is_told_from_what_is_due() {
    assert_eq!(grouped("within 1 visit (a)"), "(within 1 visit a)");
    assert_eq!(grouped("within 1 visit(a)"), "(within 1 visit(a))");
    assert_eq!(grouped("within n (a)"), "(within n a)");
    assert_eq!(grouped("within n - 1 known[0]"), "(within (n Sub 1) known[0])");
    assert_eq!(grouped("within 1 A knows a"), "(within 1 (A knows a))");
    assert_eq!(grouped("within 1 visit A knows a"), "(within 1 visit (A knows a))");
    assert_eq!(grouped("within 1 visit not a"), "(within 1 visit (Not a))");
    assert_eq!(grouped("within 1 a expect proved"), "(within 1 a)");
    assert_eq!(grouped("within 1 a rule r : x' = 1"), "(within 1 a)");
    assert_eq!(grouped("within 1 a and b"), "((within 1 a) And b)");
}

#[test]
fn words_are_names_where_no_construct_needs_them() {
    let file = read(
        "state report, state, claim, tick, expect, knows : bool\n\
         rule rule when report and claim : report' = state, claim' = knows\n knows' = tick\n\
         rule next_one : campaign' = 1 claim[tick]' in {source, use}\n\
         claim claim report leads to state\n\
         claim expect always tick expect proved",
    );
    assert_eq!(file.items.len(), 5);
    let Decl::Rule(rule) = &file.items[1].decl else { panic!("no rule") };
    assert_eq!(rule.updates.len(), 3);
    let Decl::Rule(rule) = &file.items[2].decl else { panic!("no rule") };
    assert!(matches!(rule.updates[1].value, Written::In(_)));
}

#[test]
fn norms_end_where_their_clauses_do() {
    let file = read("norm n : County must a or b when c within 2 or else d\nstate e : bool");
    let Decl::Norm(norm) = &file.items[0].decl else { panic!("no norm") };
    assert!(norm.condition.is_some() && norm.sanction.is_some());
    let due = norm.within.as_ref().expect("a deadline");
    assert!(due.tick.is_none());
    let file = read("norm n : County must a within 2 visit state e : bool");
    let Decl::Norm(norm) = &file.items[0].decl else { panic!("no norm") };
    assert_eq!(norm.within.as_ref().unwrap().tick.as_ref().unwrap().text, "visit");
}

#[test]
fn subjects_bind_names_and_pick_numbers() {
    let subject = |text: &str| {
        let file = read(&format!("sees {text} : a"));
        let Decl::Sees { judge, .. } = file.items.into_iter().next().unwrap().decl else {
            panic!("no observer")
        };
        let Subject { var, sort, member } = judge;
        (var.map(|var| var.text), sort.text, member.is_some())
    };
    let c = || Some("c".to_string());
    let county = || "County".to_string();
    assert_eq!(subject("County"), (None, county(), false));
    assert_eq!(subject("c in County"), (c(), county(), false));
    assert_eq!(subject("for c in County"), (c(), county(), false));
    assert_eq!(subject("County[c]"), (c(), county(), false));
    assert_eq!(subject("County[2]"), (None, county(), true));
}

#[test]
fn an_assumption_after_the_property_is_everybodys() {
    let file = read("claim a assume mine : p always q\nassume ours : r");
    assert_eq!(file.items.len(), 2);
    let Decl::Claim(claim) = &file.items[0].decl else { panic!("no claim") };
    assert_eq!(claim.assumes.len(), 1);
}

#[test]
fn documentation_goes_to_the_next_declaration() {
    let file = read(
        "/// one\n/// two\nstate a : bool /// not this\nstate b : bool\n\
         reform r of i {\n/// three\noverride state a : int\n}",
    );
    let docs: Vec<_> = file.items.iter().map(|item| item.doc.as_deref()).collect();
    assert_eq!(docs, [Some("one\ntwo"), None, None]);
    let Decl::Reform(reform) = &file.items[2].decl else { panic!("no reform") };
    let Change::Override(item) = &reform.changes[0] else { panic!("no override") };
    assert_eq!(item.doc.as_deref(), Some("three"));
    let file = read("state a : bool\n/// four\n;state b : bool");
    assert_eq!(file.items[1].doc.as_deref(), Some("four"));
}

#[test]
fn a_reform_expects_of_claims() {
    let file = read(
        "reform r of i { claim a always p expect refuted expect b proved when k > 1 drop rule c, d }",
    );
    let Decl::Reform(reform) = &file.items[0].decl else { panic!("no reform") };
    assert_eq!(reform.changes.len(), 4);
    let Change::Expect { claim, expect } = &reform.changes[1] else { panic!("no expectation") };
    assert_eq!((claim.text.as_str(), expect.verdict), ("b", Expected::Proved));
}

#[test]
fn types_are_ranges_or_names() {
    let file = read("state a : 0..n - 1 = 0 state b : Conduct in {comply}");
    let Decl::State(state) = &file.items[0].decl else { panic!("no state") };
    assert!(matches!(state.ty.kind, TypeKind::Range(..)));
    assert!(state.initial.is_some());
}

#[test]
fn errors_do_not_hide_each_other() {
    let text =
        "state a : bool\nstate b bool\nclaim c always (p q)\nrule d when x y' = 1\nstate e : int";
    let parsed = parse(FileId(0), text);
    let codes: Vec<_> = parsed.diagnostics.iter().map(|diagnostic| diagnostic.code).collect();
    assert_eq!(codes, ["unexpected-token", "unexpected-token", "missing-colon"]);
    assert_eq!(parsed.file.items.len(), 5);
}

#[test]
fn the_sketches_of_the_language_are_read() {
    read(
        r#"
institution overreaction "Overreaction and immobility"
param arb     : 0..3 = 2           // sanction not tied to rules, in units of the gain
param freeze_is : Reading = immobility
enum Reading { immobility, resistance }
enum Signal { calm, push, rectify }
enum Conduct { right, over, freeze }
position Top, Local
state signal : Signal = calm
choice next_signal : Signal by Top
claim ovr_2 "overreaction or immobility forces the top to change course"
  (conduct = over or conduct = freeze) leads to course_change
  expect proved when freeze_is = immobility

institution governor "Timelocked votes"
param quorum : 1..10 = 4
param delay : 0..3 = 1
position Attacker, Canceller
claim dao_1 "nothing hostile runs while the attacker holds less than a quorum"
  never hostile_executed
  expect proved when delay > 0 and canceller_awake or snapshot
reform snapshot_voting of governor { param snapshot = true }
"#,
    );
}

#[test]
fn trees_without_text_are_spaced_by_kind() {
    let file = read("state a : bool state b : bool rule r : a' = b claim c always a");
    let printed = print(&file);
    assert_eq!(
        printed,
        "state a : bool\nstate b : bool\n\nrule r : a' = b\n\nclaim c\n  always a\n"
    );
}

#[test]
fn only_a_not_without_parentheses_is_remarked_on() {
    let remarks = |property: &str| {
        let parsed = parse(FileId(0), &format!("claim c {property}"));
        parsed.diagnostics.iter().filter(|one| one.code == "negated-until").count()
    };
    for meant in ["not (a until b)", "(not a) until b", "not a and (b since c)", "not (a or b)"] {
        assert_eq!(remarks(meant), 0, "{meant}");
    }
    for unclear in ["not a until b", "always (not (a) since (b))"] {
        assert_eq!(remarks(unclear), 1, "{unclear}");
    }
}
