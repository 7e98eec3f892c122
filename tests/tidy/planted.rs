//! Every rule fails on a planted violation and lets its neighbours pass.

use crate::code::{code_of, without_tests};
use crate::{commands, rules};

/// The lines a rule complains of.
fn lines(rule: rules::Rule, path: &str, text: &str) -> Vec<usize> {
    rule(path, text).into_iter().map(|complaint| complaint.line).collect()
}

const NONE: [usize; 0] = [];

#[test]
fn code_is_seen_without_comments_and_literals() {
    let text =
        "let a = \"x\\\"// y\"; // z\nlet b = '\"'; /* c /* d */ e */ let f: &'a str = r#\"g\"#;";
    let code = code_of(text);
    assert_eq!(
        code.split_whitespace().collect::<Vec<_>>().join(" "),
        "let a = ; let b = ; let f: &'a str = ;"
    );
    assert_eq!(code.lines().count(), 2);
}

#[test]
fn code_is_seen_without_tests() {
    let text = "fn a() {}\n#[cfg(test)]\n#[allow(x)]\nmod tests {\n    fn b() {}\n}\nfn c() {}\n#[cfg(test)]\nmod more;\nfn d() {}\n";
    let kept = without_tests(text);
    let shown = kept.lines().enumerate().filter(|(_, line)| !line.is_empty()).map(|(i, _)| i);
    assert_eq!(shown.collect::<Vec<_>>(), [0, 6, 9]);
}

#[test]
fn a_file_without_its_purpose_is_found() {
    assert_eq!(lines(rules::opens_with_its_purpose, "src/a.rs", "use x;\n"), [1]);
    assert_eq!(lines(rules::opens_with_its_purpose, "src/a.rs", "/// Not it.\n"), [1]);
    assert_eq!(lines(rules::opens_with_its_purpose, "src/a.rs", "//! It.\n"), NONE);
}

#[test]
fn the_z3_crate_is_found_outside_the_solver() {
    let rule = rules::names_z3_only_in_the_solver;
    for planted in [
        "use z3::Solver;",
        "let a = z3::Config::new();",
        "use ::z3::ast;",
        "use z3;",
        "use {z3::A};",
        "extern crate z3;",
        "fn f(s: &z3_sys::Z3_ast) {}",
    ] {
        assert_eq!(lines(rule, "src/engine/bmc.rs", planted), [1], "{planted}");
        assert_eq!(lines(rule, "src/solver/z3.rs", planted), NONE, "{planted}");
    }
    for innocent in [
        "// z3::Solver",
        "let a = \"z3::x\";",
        "use crate::solver::z3::Link;",
        "z3.check();",
        "mod z3;",
    ] {
        assert_eq!(lines(rule, "src/engine/bmc.rs", innocent), NONE, "{innocent}");
    }
}

#[test]
fn printing_is_found_outside_the_command_line() {
    let rule = rules::prints_only_in_the_command_line;
    for planted in [
        "println!(\"a\");",
        "eprintln!();",
        "print!(\"a\");",
        "dbg!(a);",
        "std::process::exit(1);",
        "process::abort();",
        "let out = std::io::stdout();",
    ] {
        assert_eq!(lines(rule, "src/report/text.rs", planted), [1], "{planted}");
        assert_eq!(lines(rule, "src/cli/mod.rs", planted), NONE, "{planted}");
        assert_eq!(lines(rule, "src/main.rs", planted), NONE, "{planted}");
        let tested = format!("#[cfg(test)]\nmod tests {{\n    {planted}\n}}\n");
        assert_eq!(lines(rule, "src/report/text.rs", &tested), NONE, "{planted}");
    }
    for innocent in
        ["writeln!(out)", "// println!()", "fn print() {}", "loop_exit(1)", "\"println!\""]
    {
        assert_eq!(lines(rule, "src/report/text.rs", innocent), NONE, "{innocent}");
    }
}

#[test]
fn uses_of_later_layers_are_found() {
    let rule = rules::uses_only_earlier_layers;
    let planted = [
        ("src/syntax/a.rs", "use crate::types::core::Model;"),
        ("src/types/a.rs", "fn f() -> crate::engine::Verdict {}"),
        ("src/types/a.rs", "use crate::{syntax::ast, cli::Options};"),
        ("src/types/a.rs", "use crate::{\n    syntax::{a, b},\n    term::Term,\n};"),
        ("src/types/a.rs", "use super::super::engine::Verdict;"),
        ("src/types/mod.rs", "use super::engine::Verdict;"),
        ("src/verify.rs", "use crate::cli::Options;"),
        ("src/interp/a.rs", "use crate::govern::expand;"),
        ("src/interp/a.rs", "use crate::term::Term;"),
        ("src/interp/a/b.rs", "use super::super::super::solver::z3;"),
    ];
    for (path, text) in planted {
        assert_eq!(lines(rule, path, text), [1], "{path}: {text}");
    }
    let innocent = [
        ("src/term/a.rs", "use crate::types::core::Model;"),
        ("src/interp/a.rs", "use crate::types::core::Model;\nuse crate::syntax::source::Span;"),
        ("src/interp/a.rs", "use super::step;\nuse crate::interp::state;"),
        ("src/lib.rs", "use crate::cli::run;"),
        ("src/types/a/b.rs", "use super::super::term;"),
        ("src/types/a.rs", "#[cfg(test)]\nmod tests {\n    use crate::cli::run;\n}\n"),
        ("src/cli/mod.rs", "use crate::{engine, verify::verify};"),
    ];
    for (path, text) in innocent {
        assert_eq!(lines(rule, path, text), NONE, "{path}: {text}");
    }
}

#[test]
fn a_module_that_is_no_layer_is_found() {
    assert_eq!(lines(rules::uses_only_earlier_layers, "src/utils/mod.rs", "//! x"), [1]);
    assert_eq!(lines(rules::uses_only_earlier_layers, "src/helpers.rs", "//! x"), [1]);
}

#[test]
fn governance_words_are_found_in_engines() {
    let rule = rules::keeps_governance_out_of_the_engines;
    for planted in
        ["fn norm_breach() {}", "struct CampaignPhase;", "let norms = 1;", "a.superior()"]
    {
        assert_eq!(lines(rule, "src/engine/bmc.rs", planted), [1], "{planted}");
        assert_eq!(lines(rule, "src/govern/norm.rs", planted), NONE, "{planted}");
    }
    for innocent in ["a.iter().chain(b)", "std::iter::chain(a, b)", "fn normalise() {}", "// norm"]
    {
        assert_eq!(lines(rule, "src/engine/bmc.rs", innocent), NONE, "{innocent}");
    }
}

#[test]
fn long_files_are_found() {
    let long = "let a = 1;\n".repeat(501);
    assert_eq!(lines(rules::is_a_short_file, "src/a.rs", &long), [1]);
    assert_eq!(lines(rules::is_a_short_file, "tests/a.rs", &long), NONE);
    assert_eq!(lines(rules::is_a_short_file, "tests/a.rs", &long.repeat(2)), [1]);
    let spaced = "let a = 1;\n\n".repeat(500);
    assert_eq!(lines(rules::is_a_short_file, "src/a.rs", &spaced), NONE);
}

#[test]
fn long_functions_are_found() {
    let rule = rules::has_short_functions;
    let function =
        |head: &str, inside: usize| format!("{head} {{\n{}}}\n", "    a();\n".repeat(inside));
    assert_eq!(lines(rule, "src/a.rs", &function("fn f()", 68)), NONE);
    assert_eq!(lines(rule, "src/a.rs", &function("fn f()", 69)), [1]);
    assert_eq!(lines(rule, "src/a.rs", &function("pub(crate) const fn f()", 69)), [1]);
    assert_eq!(lines(rule, "src/a.rs", &function("pub fn f(\n    a: u8,\n)", 67)), [1]);
    assert_eq!(lines(rule, "src/a.rs", &function("// table\n#[inline]\nfn f()", 69)), NONE);
    assert_eq!(lines(rule, "src/a.rs", &function("// tables\nfn f()", 69)), [2]);
    let short_then_long = format!("fn g() {{}}\n{}", function("impl X", 90));
    assert_eq!(lines(rule, "src/a.rs", &short_then_long), NONE);
    let method =
        "impl X {\n    fn f() {\n".to_owned() + &"        a();\n".repeat(80) + "    }\n}\n";
    assert_eq!(lines(rule, "src/a.rs", &method), [2]);
}

#[test]
fn work_left_for_later_is_found() {
    let marked = format!("//! x\n// {}: more\n", concat!("TO", "DO"));
    assert_eq!(lines(rules::leaves_nothing_for_later, "src/a.rs", &marked), [2]);
    assert_eq!(lines(rules::leaves_nothing_for_later, "src/a.rs", "// todos os dias"), NONE);
}

#[test]
fn disagreement_on_the_oldest_libz3_is_found() {
    let say = |text: &str| ("a", text.to_owned());
    let agree = [say("const MINIMUM: &str = \"4.13.3\";"), say("MINIMUM = (4, 13, 3)")];
    assert_eq!(rules::agrees_on_the_oldest_libz3(&agree), []);
    let differ = [say("MINIMUM = (4, 13, 3)"), say("MINIMUM = (4, 8, 12)")];
    assert_eq!(rules::agrees_on_the_oldest_libz3(&differ).len(), 1);
    assert_eq!(rules::agrees_on_the_oldest_libz3(&[say("nothing")]).len(), 1);
}

#[test]
fn a_readme_that_departs_from_ci_is_found() {
    let ci = "step make lint\nstep make test\nstep make verify\n";
    let readme = |commands: &str| format!("# Yamen\n```sh\n{commands}\n```\n");
    let complaints = |commands: &str| commands::readme_follows_ci(&readme(commands), ci).len();
    assert_eq!(complaints("make verify   # proves\nmake test"), 0);
    assert_eq!(complaints("make verify\nmake test\nmake lint\nyamen verify a.yamen"), 0);
    assert_eq!(complaints("make test\nmake verify"), 1);
    assert_eq!(complaints("make verify\nmake test\nmake install"), 1);
    assert_eq!(
        commands::readme_follows_ci(&readme("make verify\nmake test"), "step make test\n").len(),
        1
    );
}

#[test]
fn a_command_that_is_no_target_is_found() {
    let makefile = "test: z3 ## run\n\tcargo test\n";
    let told = |text: &str| commands::names_only_targets(&[("a", text.to_owned())], makefile).len();
    assert_eq!(told("Run `make test`.\n```sh\nmake test\n```\n"), 0);
    assert_eq!(told("Run `make tests`.\n```sh\nmake check\n```\n"), 2);
}
