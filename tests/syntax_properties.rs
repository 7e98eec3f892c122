//! What must hold of any text and any tree: reading never fails, printing reads back.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

use proptest::prelude::*;
use proptest::sample::select;

use yamen::syntax::ast::{
    BinaryOp, Claim, Coalition, Deadline, Decl, Deontic, Expr, ExprKind, File, Item, Name, Norm,
    Quantifier, Rule, RuleKind, Set, Subject, UnaryOp, Update, Written,
};
use yamen::syntax::printer::{format, print, same};
use yamen::syntax::source::{FileId, Span};
use yamen::syntax::token::lex;
use yamen::syntax::{Parsed, parse};

const KITCHEN_SINK: &str = include_str!("fixtures/kitchen_sink.yamen");

fn read(text: &str) -> Parsed {
    parse(FileId(0), text)
}

/// Formats, and checks all that formatting promises.
fn check_format(text: &str) {
    let first = read(text);
    if !first.diagnostics.is_empty() {
        return;
    }
    let once = format(&first, text);
    let second = read(&once);
    assert!(second.diagnostics.is_empty(), "{:?}\n{text}\n{once}", second.diagnostics);
    assert!(same(&first.file, &second.file), "meaning changed\n{text}\n{once}");
    assert_eq!(
        words_of_comments(&first, text),
        words_of_comments(&second, &once),
        "{text}\n{once}"
    );
    assert_eq!(format(&second, &once), once, "not idempotent\n{text}");
}

/// The words of all comments, sorted: one behind another on a line is the same comment.
fn words_of_comments(parsed: &Parsed, text: &str) -> Vec<String> {
    let comments = parsed.comments.list.iter();
    let texts = comments.map(|c| &text[c.span.start as usize..c.span.end as usize]);
    let mut words: Vec<String> = texts
        .flat_map(str::split_whitespace)
        .map(|word| word.trim_matches('/').to_string())
        .filter(|word| !word.is_empty())
        .collect();
    words.sort();
    words
}

#[test]
fn kitchen_sink_reads_and_formats() {
    let parsed = read(KITCHEN_SINK);
    assert!(parsed.diagnostics.is_empty(), "{:?}", parsed.diagnostics);
    check_format(KITCHEN_SINK);
    let printed = print(&parsed.file);
    let again = read(&printed);
    assert!(again.diagnostics.is_empty(), "{:?}\n{printed}", again.diagnostics);
    assert!(same(&parsed.file, &again.file));
}

#[test]
fn kitchen_sink_layout() {
    let parsed = read(KITCHEN_SINK);
    insta::assert_snapshot!("formatted", format(&parsed, KITCHEN_SINK));
    insta::assert_snapshot!("printed", print(&parsed.file));
}

#[test]
fn every_prefix_of_a_spec_reads() {
    for (at, _) in KITCHEN_SINK.char_indices().step_by(7) {
        let _ = read(&KITCHEN_SINK[..at]);
    }
}

#[test]
fn any_token_may_be_missing() {
    let tokens = lex(FileId(0), KITCHEN_SINK).tokens;
    for token in tokens.iter().step_by(3) {
        let (before, after) = (token.start as usize, token.end as usize);
        let _ = read(&format!("{} {}", &KITCHEN_SINK[..before], &KITCHEN_SINK[after..]));
    }
}

// --- Random text ---------------------------------------------------------------

/// Words and marks of the language, and some that are none.
fn word() -> impl Strategy<Value = String> {
    let tokens: Vec<String> = lex(FileId(0), KITCHEN_SINK)
        .tokens
        .iter()
        .map(|token| KITCHEN_SINK[token.start as usize..token.end as usize].to_string())
        .chain(
            ["\0", "\"", "==", "=>", "// c\n", "/// d\n", "/*", "\n", "é", "€", "'", "..."]
                .map(String::from),
        )
        .collect();
    select(tokens)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn any_soup_of_tokens_reads(words in prop::collection::vec(word(), 0..80)) {
        let text = words.join(" ");
        let parsed = read(&text);
        for diagnostic in &parsed.diagnostics {
            let span = diagnostic.primary.0;
            prop_assert!(span.start <= span.end && span.end as usize <= text.len());
            prop_assert!(text.is_char_boundary(span.start as usize));
            prop_assert!(diagnostic.help.is_some() || diagnostic.code == "invalid-character");
        }
        let mut sources = yamen::syntax::source::SourceMap::default();
        sources.add("soup", text.clone());
        let _ = yamen::syntax::render::render(&sources, &parsed.diagnostics, true);
        let _ = yamen::syntax::render::messages(&sources, &parsed.diagnostics);
        check_format(&text);
    }

    #[test]
    fn any_text_reads(text in "\\PC{0,200}") {
        let _ = read(&text);
    }

    #[test]
    fn comments_anywhere_are_kept(places in prop::collection::vec((0usize..2000, any::<bool>()), 1..8)) {
        let tokens = lex(FileId(0), KITCHEN_SINK).tokens;
        let mut text = KITCHEN_SINK.to_string();
        let mut places: Vec<(usize, bool)> = places.into_iter().map(|(at, own)| (at % tokens.len(), own)).collect();
        places.sort();
        places.dedup_by_key(|(at, _)| *at);
        for (number, (at, own)) in places.into_iter().enumerate().rev() {
            let before = if own { "\n" } else { " " };
            text.insert_str(tokens[at].start as usize, &format!("{before}// words{number}\n"));
        }
        check_format(&text);
    }
}

// --- Random trees --------------------------------------------------------------

fn at_nowhere(kind: ExprKind) -> Expr {
    Expr { kind: Box::new(kind), span: Span::default() }
}

fn name() -> impl Strategy<Value = Name> {
    select(vec!["a", "b", "rectify.active", "report", "visit", "Centre", "a_long_name_of_a_cell"])
        .prop_map(|text| Name { text: text.to_string(), span: Span::default() })
}

fn leaf() -> impl Strategy<Value = Expr> {
    prop_oneof![
        4 => name().prop_map(ExprKind::Name),
        1 => any::<bool>().prop_map(ExprKind::Bool),
        2 => (0u8..20).prop_map(|number| ExprKind::Int(number.to_string())),
        1 => Just(ExprKind::Real("0.5".to_string())),
    ]
    .prop_map(at_nowhere)
}

fn unary() -> impl Strategy<Value = UnaryOp> {
    use UnaryOp::*;
    select(vec![
        Not,
        Neg,
        Always,
        Never,
        Eventually,
        Next,
        Once,
        Historically,
        Previously,
        Recurs,
        Settles,
        Possible,
        AlwaysPossible,
        Valid,
    ])
}

fn binary() -> impl Strategy<Value = BinaryOp> {
    use BinaryOp::*;
    select(vec![
        Iff, Implies, Or, And, Until, Since, Eq, Ne, Lt, Le, Gt, Ge, Add, Sub, Mul, Div, Mod,
    ])
}

fn quantifier() -> impl Strategy<Value = Quantifier> {
    use Quantifier::*;
    select(vec![All, Some, Count, Sum, Min, Max])
}

/// A number, alone or with something added.
fn bound() -> impl Strategy<Value = Expr> {
    let sum = (leaf(), leaf()).prop_map(|(a, b)| ExprKind::Binary(BinaryOp::Sub, a, b));
    let call = (name(), leaf()).prop_map(|(f, a)| ExprKind::Call(f, vec![a]));
    prop_oneof![2 => leaf(), 1 => sum.prop_map(at_nowhere), 1 => call.prop_map(at_nowhere)]
}

fn deadline() -> impl Strategy<Value = Deadline> {
    (bound(), prop::option::of(name())).prop_map(|(bound, tick)| Deadline { bound, tick })
}

fn tree() -> impl Strategy<Value = Expr> {
    leaf().prop_recursive(6, 48, 3, |inner| {
        let one = inner.clone();
        let list = || prop::collection::vec(inner.clone(), 1..3);
        let set = prop_oneof![
            list().prop_map(|elements| Set::Elements(elements, Span::default())),
            (one.clone(), one.clone())
                .prop_map(|(low, high)| Set::Range(Box::new(low), Box::new(high))),
            name().prop_map(Set::Sort),
        ]
        .boxed();
        let due = deadline().boxed();
        let coalition = prop_oneof![
            list().prop_map(Coalition::Named),
            (name(), one.clone()).prop_map(|(family, size)| Coalition::SomeOf(family, size)),
            (name(), one.clone()).prop_map(|(family, size)| Coalition::NoneOf(family, size)),
        ];
        let two = || (one.clone(), one.clone());
        let core = prop_oneof![
            6 => (binary(), two()).prop_map(|(op, (a, b))| ExprKind::Binary(op, a, b)),
            4 => (unary(), one.clone()).prop_map(|(op, a)| ExprKind::Unary(op, a)),
            1 => (two(), one.clone()).prop_map(|((a, b), c)| ExprKind::If(a, b, c)),
            2 => (quantifier(), name(), set.clone(), one.clone())
                .prop_map(|(q, x, set, body)| ExprKind::Quantified(q, x, set, body)),
            1 => (one.clone(), set).prop_map(|(a, set)| ExprKind::In(a, set)),
            1 => (name(), list()).prop_map(|(f, list)| ExprKind::Index(f, list)),
            1 => (name(), prop::collection::vec(one.clone(), 0..3))
                .prop_map(|(f, list)| ExprKind::Call(f, list)),
            1 => name().prop_map(|x| ExprKind::Prime(at_nowhere(ExprKind::Name(x)))),
        ];
        let properties = prop_oneof![
            2 => (due.clone(), one.clone()).prop_map(|(due, a)| ExprKind::Within(due, a)),
            2 => (two(), prop::option::of(due.clone()))
                .prop_map(|((a, b), due)| ExprKind::LeadsTo(a, b, due)),
            2 => (two(), prop::option::of(due.clone()))
                .prop_map(|((a, b), due)| ExprKind::Detects(a, b, due)),
            1 => two().prop_map(|(a, b)| ExprKind::Knows(a, b)),
            1 => two().prop_map(|(a, b)| ExprKind::Deniable(a, b)),
            1 => (two(), name(), prop::option::of(one.clone())).prop_map(
                |((judge, fault), culprit, within)| ExprKind::Attributes {
                    judge, fault, culprit, within
                }
            ),
            1 => (name(), one.clone()).prop_map(|(k, a)| ExprKind::Smallest(k, a)),
            1 => list().prop_map(ExprKind::Consistent),
            1 => (coalition, any::<bool>(), one.clone(), prop::option::of(due.clone()), any::<bool>())
                .prop_map(|(coalition, can, goal, within, unseen)| ExprKind::Force {
                    coalition, can, goal, within, unseen
                }),
            1 => (list(), due, prop::option::of(one.clone())).prop_map(
                |(coalition, within, margin)| ExprKind::NoDeviation { coalition, within, margin }
            ),
        ];
        prop_oneof![2 => core, 1 => properties].prop_map(at_nowhere)
    })
}

fn item(decl: Decl) -> Item {
    Item { doc: None, span: Span::default(), decl }
}

fn claim(property: Expr) -> Item {
    item(Decl::Claim(Claim {
        name: Name { text: "c".to_string(), span: Span::default() },
        title: None,
        quotes: Vec::new(),
        wording: None,
        assumes: Vec::new(),
        property,
        solve: Some(Name { text: "q".to_string(), span: Span::default() }),
        expect: None,
    }))
}

/// A practice that prescribes one choice and is a best reply about another.
fn practice(guard: Option<Expr>, value: Expr, index: Option<Expr>, ties: Option<Expr>) -> Item {
    let name = |text: &str| Name { text: text.to_string(), span: Span::default() };
    let update = |cell: &str, value: Written| Update {
        cell: name(cell),
        index: index.iter().cloned().collect(),
        value,
        span: Span::default(),
    };
    let updates = vec![update("a", Written::Chosen(value)), update("b", Written::BestReply(ties))];
    let (binders, overrides) = (Vec::new(), Vec::new());
    let kind = RuleKind::Practice;
    item(Decl::Rule(Rule { kind, name: name("p"), binders, overrides, guard, updates }))
}

fn norm(
    aim: Expr,
    condition: Option<Expr>,
    within: Option<Deadline>,
    sanction: Option<Expr>,
) -> Item {
    let name = |text: &str| Name { text: text.to_string(), span: Span::default() };
    let subject = Subject { var: None, sort: name("County"), member: None };
    let deontic = Deontic::Must;
    item(Decl::Norm(Norm { name: name("n"), subject, deontic, aim, condition, within, sanction }))
}

fn reads_back(items: Vec<Item>) -> Result<(), TestCaseError> {
    let file = File { items };
    let printed = print(&file);
    let parsed = read(&printed);
    prop_assert!(parsed.diagnostics.is_empty(), "{:?}\n{printed}", parsed.diagnostics);
    prop_assert!(same(&file, &parsed.file), "{printed}\n{}", print(&parsed.file));
    prop_assert_eq!(format(&parsed, &printed), print(&file));
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, ..ProptestConfig::default() })]

    #[test]
    fn any_tree_reads_back(first in tree(), second in tree()) {
        reads_back(vec![claim(first), claim(second)])?;
    }

    #[test]
    fn any_practice_reads_back(
        guard in prop::option::of(tree()),
        value in tree(),
        index in prop::option::of(tree()),
        ties in prop::option::of(tree()),
    ) {
        reads_back(vec![practice(guard, value, index, ties)])?;
    }

    #[test]
    fn any_norm_reads_back(
        aim in tree(),
        condition in prop::option::of(tree()),
        due in prop::option::of(deadline()),
        sanction in prop::option::of(tree()),
    ) {
        reads_back(vec![norm(aim, condition, due, sanction)])?;
    }
}

// --- Size ------------------------------------------------------------------------

/// Reads a text that nests or repeats very much; the reading must end, and its tree must drop.
fn survives(text: &str) -> Parsed {
    let parsed = read(text);
    let _ = format(&parsed, text);
    parsed
}

#[test]
fn deep_nesting_is_a_message() {
    let n = 100_000;
    for (open, close) in [("(", ")"), ("a[", "]"), ("f(", ")"), ("x in {", "}"), ("(a - ", ")")] {
        let parsed = survives(&format!("define d = {}x{}", open.repeat(n), close.repeat(n)));
        assert_eq!(parsed.diagnostics.len(), 1, "{open}: {:?}", parsed.diagnostics);
        assert_eq!(parsed.diagnostics[0].code, "too-deep");
        survives(&format!("define d = {}", open.repeat(n)));
        survives(&format!("define d = {}", close.repeat(n)));
    }
    let prefixes = [
        "not ",
        "-",
        "if a then b else ",
        "if ",
        "all x in S : ",
        "within 1 ",
        "a implies ",
        "a knows ",
        "always ",
        "smallest k : ",
        "{A} can force ",
    ];
    for prefix in prefixes {
        let parsed = survives(&format!("define d = {}x", prefix.repeat(n)));
        assert_eq!(parsed.diagnostics.len(), 1, "{prefix}: {:?}", parsed.diagnostics);
        assert_eq!(parsed.diagnostics[0].code, "too-deep");
    }
}

#[test]
fn long_chains_are_balanced() {
    let n = 100_000;
    for joint in [" and ", " or ", " + ", " * "] {
        let text = format!("define d = {}", vec!["a"; n].join(joint));
        let parsed = survives(&text);
        assert!(parsed.diagnostics.is_empty(), "{joint}: {:?}", parsed.diagnostics);
    }
    let parsed = survives(&format!("define d = {}", vec!["a"; n].join(" - ")));
    assert_eq!(parsed.diagnostics[0].code, "too-deep");
    for length in [63, 64, 65, 66, 127, 128, 129, 200] {
        check_format(&format!("define d = {}", vec!["a"; length].join(" and ")));
        let inner = vec!["a"; length].join(" + ");
        check_format(&format!("define d = ({inner} + b) - ({inner}) + c + ({inner})"));
    }
}

#[test]
fn large_files_are_read() {
    let many = "state a : bool = false\n".repeat(100_000);
    assert!(read(&many).diagnostics.is_empty());
    assert!(read(&"x [ ".repeat(1_000_000)).diagnostics.len() < 200);
    assert!(read(&"$ a ".repeat(1_000_000)).diagnostics.len() < 200);
    assert!(read(&"claim c\n".repeat(200_000)).diagnostics.len() < 200);
    assert_eq!(read(&"\0".repeat(10_000_000)).diagnostics.len(), 1);
    let line = format!("define d = \"{}\"", "a".repeat(10_000_000));
    let mut sources = yamen::syntax::source::SourceMap::default();
    sources.add("line", line.clone());
    let rendered = yamen::syntax::render::render(&sources, &read(&line).diagnostics, false);
    assert!(rendered.len() < 2_000, "{}", rendered.len());
}

#[test]
fn a_file_too_large_is_not_read() {
    let text = " ".repeat(yamen::syntax::token::MAX_BYTES + 1);
    let parsed = read(&text);
    assert_eq!(parsed.diagnostics[0].code, "file-too-large");
}
