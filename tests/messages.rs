//! The messages about specs that cannot be read, as a person sees them.
//!
//! Each case is a mistake somebody makes; the snapshot is what they are told.
//! `cargo insta review` shows what changed.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use yamen::syntax::render::render;
use yamen::syntax::source::SourceMap;

/// What a person is told about a text.
fn told(text: &str) -> String {
    let mut sources = SourceMap::default();
    let file = sources.add("spec.yamen", text);
    let parsed = yamen::syntax::parse(file, text);
    assert!(!parsed.diagnostics.is_empty(), "a mistake goes unnoticed: {text}");
    render(&sources, &parsed.diagnostics, false)
}

/// Declares a test for each mistake.
macro_rules! gallery {
    ($($name:ident: $text:expr;)*) => {
        $(#[test]
        fn $name() {
            insta::with_settings!({ description => $text, omit_expression => true }, {
                insta::assert_snapshot!(told($text));
            });
        })*
    };
}

gallery! {
    arrow_for_implies: "claim a always (p => q)";
    arrow_for_colon: "rule visit when countdown = 1 => countdown' = 0";
    double_equals: "define a = x == 1 && !y || z <> 2";
    unicode_operators: "define a = x ≤ 1 ∧ ¬y";
    missing_colon: "rule visit when countdown = 1 countdown' = 0";
    missing_prime: "rule visit : countdown = 0, report := found";
    missing_quote: "source zhou \"Interview\nclaim a \"title always p\n  always p";
    misspelt_declaration: "sate x : bool\nstate y : bool\ninvariant z x = 1";
    misspelt_declaration_after_deadline: "norm n : A must b within 2\nsate x : bool";
    misspelt_declarations_in_a_row: "sate a : bool\nsate b : bool\nstate c : bool\nclam d \"title\"\n  always c\nclam e always c";
    reserved_name: "state count : int\ndefine next = 1";
    unclosed_parenthesis: "define a = (b and (c or d)\nstate e : bool";
    stray_parenthesis: "define a = (b and c))\nstate e : bool";
    missing_operator_in_parentheses: "define a = (b c) and (d e)\nstate f : boo l";
    missing_else: "define a = if b then c";
    chained_comparison: "define a = 0 < b < c";
    condition_after_updates: "rule r : x' = 1 when p";
    size_in_parentheses: "position County(3)";
    member_not_named: "rule r for County : x[County]' = 1";
    index_by_number: "state x[3] : bool";
    set_out_of_place: "claim a always {b, c}";
    smallest_of_a_set: "claim a smallest k in 0..3 : within k p";
    default_after_condition: "param n : int where n > 0 = 3";
    verdict_true: "claim a always p\n  expect true";
    unknown_verdict: "claim a always p expect prove";
    claim_without_property: "claim a \"nothing\"\nclaim b always p";
    repeated_clause: "choice a : bool by B when c when d";
    norm_without_deontic: "norm n : County should report";
    wrong_campaign_clause: "campaign c { triger t when p }";
    unfinished_enum: "enum A { b, c\nstate d : bool";
    members_without_commas: "enum A { b c d }";
    single_quotes: "institution a 'title'";
    double_prime: "rule r when x'' = 1 : y' = 1";
    prime_on_parentheses: "rule r when (x + y)' = 1 : y' = 1";
    number_and_name: "define a = 2b + 1e5";
    other_comments: "# a comment\n/* another */ state x : bool";
    nul_bytes: "state a : bool\0\0\nstate b : int";
    dots_left_in: "state a : bool\n...\nstate b : int";
    assume_after_property: "claim a\n  always p\n  assume calm : not shock\n  expect proved";
    empty_rule: "rule r when p :\nstate a : bool";
    several_errors: "param a : = 1\nstate b bool\nrule c when : d' = 1\nclaim e always\nenum F {}";
    wrong_words_in_reform: "reform a of b {\n  dorp rule c\n  institution d\n  rule e : f = 1\n}";
    range_as_value: "define a = f(0..3)";
    end_of_file: "rule r when";
}
