//! Every error has a code with a section in `docs/errors.md`, whose example gives that error.
//!
//! An example is a spec, or a command with the files it reads: a ```` ```yamen ```` block is `spec.yamen`, a
//! ```` ```text NAME ```` block the file of that name, with `\xNN` for a byte that is no text. A ```` ```console ````
//! block shows all that is printed, but for what `…` stands for.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

#[path = "support/files.rs"]
mod files;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use yamen::lint::pages;

/// A helper that is handed the code of an error: the call that hides it, and where the codes stand.
struct Helper {
    /// The file and the argument of the call.
    call: (&'static str, &'static str),
    /// The file or folder with the codes.
    below: &'static str,
    /// What stands before a code, and the beginning of the code.
    before: &'static str,
}

const fn helper(
    call: (&'static str, &'static str),
    below: &'static str,
    before: &'static str,
) -> Helper {
    Helper { call, below, before }
}

/// All of them; a call that no helper explains fails the test.
const HELPERS: [Helper; 7] = [
    helper(("src/cli/lock.rs", "change.code"), "src/report/lock.rs", "change(\""),
    helper(("src/exchange/mod.rs", "code"), "src/exchange/mod.rs", "=> \"wrong-"),
    helper(("src/govern/load.rs", "code"), "src/govern/load.rs", "bad(\""),
    helper(("src/syntax/parser/cursor.rs", "code"), "src/syntax/parser", "report_missing(\""),
    helper(
        ("src/syntax/parser/declarations.rs", "code"),
        "src/syntax/parser/declarations.rs",
        "error(\"",
    ),
    helper(("src/types/places.rs", "culprit.code"), "src/types/places.rs", "=> (\""),
    helper(("src/types/references.rs", "code"), "src/types/references.rs", "=> (\""),
];

/// No example shows these: they need a broken disk, a library of long ago or an editor that goes away, or
/// what is read from text is refused before under another code.
const NOT_SHOWN: [&str; 9] = [
    "empty-sort",
    "misplaced",
    "not-elaborated",
    "old-solver",
    "output-lost",
    "parameter-needs-type",
    "replay",
    "unknown-accountability",
    "usage",
];

/// The sources below a path with the blank after a bracket taken out, and without tests.
fn sources(path: &str) -> Vec<(String, String)> {
    let all = files::below(if path.ends_with(".rs") { "src" } else { path }, "rs");
    let named = all.into_iter().map(|file| {
        let name = file.strip_prefix(files::root()).unwrap().to_str().unwrap().to_owned();
        (name, shipped(&std::fs::read_to_string(&file).unwrap()))
    });
    named
        .filter(|(name, _)| name.starts_with(path))
        .filter(|(name, _)| !name.ends_with("tests.rs") && !name.contains("/tests/"))
        .collect()
}

/// A text without its modules of tests; those in files of their own leave what follows them.
fn shipped(text: &str) -> String {
    let mut parts = text.split("#[cfg(test)]\n");
    let mut kept = parts.next().unwrap().to_owned();
    for part in parts {
        let at = part.find(['{', ';']).unwrap();
        if part[at..].starts_with(';') {
            kept.push_str(part);
        }
    }
    kept.split_whitespace().collect::<Vec<_>>().join(" ").replace("( ", "(")
}

/// What stands behind each occurrence of a text, up to one of the characters.
fn behind<'t>(text: &'t str, before: &str, end: &[char]) -> Vec<&'t str> {
    text.split(before).skip(1).filter_map(|rest| rest.split(end).next()).collect()
}

/// The codes that are written at the place of the error, and the calls that hide theirs.
fn written() -> (BTreeSet<String>, BTreeSet<(String, String)>) {
    let (mut codes, mut hidden) = (BTreeSet::new(), BTreeSet::new());
    for (name, text) in sources("src") {
        // In other layers `Trouble` is what is wrong with a text of SMT-LIB, and has no code.
        let troubles = name.starts_with("src/cli") || name.starts_with("src/report");
        let makers = ["Diagnostic::error(", "Trouble::new("];
        for maker in makers.into_iter().take(1 + usize::from(troubles)) {
            for argument in behind(&text, maker, &[',']) {
                match argument.strip_prefix('"') {
                    Some(code) => drop(codes.insert(code.trim_end_matches('"').to_owned())),
                    // It passes a diagnostic on.
                    None if argument == "diagnostic.code" => {}
                    None => drop(hidden.insert((name.clone(), argument.to_owned()))),
                }
            }
        }
    }
    (codes, hidden)
}

/// The codes that a helper is handed.
fn handed(helper: &Helper) -> BTreeSet<String> {
    let start = helper.before.rsplit('"').next().unwrap();
    let texts = sources(helper.below);
    assert!(!texts.is_empty(), "{}", helper.below);
    let found = texts.iter().flat_map(|(_, text)| behind(text, helper.before, &['"']));
    found.map(|code| format!("{start}{code}")).collect()
}

/// The codes of the errors in the sources, outside tests.
fn in_the_sources() -> BTreeSet<String> {
    let (mut codes, hidden) = written();
    let calls = HELPERS.iter().map(|h| (h.call.0.to_owned(), h.call.1.to_owned()));
    assert_eq!(
        hidden,
        calls.collect(),
        "calls that hide a code, and those that `HELPERS` explains"
    );
    codes.extend(HELPERS.iter().flat_map(handed));
    codes
}

fn section(code: &str) -> &'static str {
    pages::section(code).unwrap()
}

/// The blocks of a section: what stands behind the three strokes, and the text.
fn blocks(section: &'static str) -> Vec<(&'static str, &'static str)> {
    let blocks = section.split("```").skip(1).step_by(2);
    blocks.map(|block| block.split_once('\n').unwrap()).collect()
}

/// A fresh folder with the files of a section.
fn folder(code: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("errors").join(code);
    if folder.exists() {
        std::fs::remove_dir_all(&folder).unwrap();
    }
    std::fs::create_dir_all(&folder).unwrap();
    for (kind, text) in blocks(section(code)) {
        let name = if kind == "yamen" { Some("spec.yamen") } else { kind.strip_prefix("text ") };
        if let Some(name) = name {
            std::fs::write(folder.join(name), bytes(text)).unwrap();
        }
    }
    folder
}

/// A text with the bytes that `\xNN` stands for.
fn bytes(text: &str) -> Vec<u8> {
    let mut parts = text.split("\\x");
    let mut all = parts.next().unwrap().as_bytes().to_vec();
    for part in parts {
        all.push(u8::from_str_radix(&part[..2], 16).unwrap());
        all.extend(&part.as_bytes()[2..]);
    }
    all
}

/// What a command prints in a folder, with no settings of the user's.
fn yamen(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_yamen"));
    command.args(arguments).current_dir(folder).stdin(Stdio::null());
    command.env("NO_COLOR", "1").env("COLUMNS", "100").env_remove("CLICOLOR_FORCE");
    command.env("YAMEN_CACHE", folder.join("cache")).output().unwrap()
}

fn codes_of(output: &Output) -> Vec<String> {
    let found: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let said = found["diagnostics"].as_array().unwrap_or_else(|| panic!("no error: {found:#}"));
    said.iter().map(|one| one["code"].as_str().unwrap().to_owned()).collect()
}

/// The commands of a console block, each with what it shows.
fn commands(console: &'static str) -> Vec<(Vec<&'static str>, &'static str)> {
    let parts = console.strip_prefix("$ yamen").unwrap().split("\n$ yamen");
    let parts = parts.map(|part| part.split_once('\n').unwrap_or((part, "")));
    parts.map(|(line, shown)| (line.split_whitespace().collect(), shown.trim_end())).collect()
}

/// Whether a text is what is shown, where `…` stands for anything.
fn is_shown(shown: &str, text: &str) -> bool {
    let text = text.trim_end();
    match shown.split_once("…\n") {
        None => shown == text,
        Some((before, after)) => text.starts_with(before) && text.ends_with(after),
    }
}

#[test]
fn every_error_has_a_section_and_every_section_an_error() {
    let told: BTreeSet<String> = pages::errors().into_iter().map(str::to_owned).collect();
    assert_eq!(told, in_the_sources());
    assert!(told.len() >= 130, "{told:?}");
    assert_eq!(told.len(), pages::errors().len(), "a code has two sections");
    let remarks: BTreeSet<String> = pages::remarks().into_iter().map(str::to_owned).collect();
    assert!(told.is_disjoint(&remarks), "a code is an error and a remark");
}

#[test]
fn a_spec_gives_the_error_of_its_section() {
    let with = |code: &&str, wanted: &str| blocks(section(code)).iter().any(|b| b.0 == wanted);
    let all = pages::errors();
    let specs = all.iter().filter(|code| with(code, "yamen") && !with(code, "console"));
    let mut tried = 0;
    for code in specs {
        let output = yamen(&folder(code), &["verify", "spec.yamen", "--format", "json"]);
        assert_eq!(output.status.code(), Some(2), "{code}: {output:?}");
        let found = codes_of(&output);
        assert!(found.iter().all(|one| one == code), "{code}: {found:?}");
        tried += 1;
    }
    assert!(tried >= 90, "{tried}");
}

#[test]
fn a_command_prints_the_error_of_its_section() {
    let mut tried = 0;
    for code in pages::errors() {
        let Some((_, console)) = blocks(section(code)).into_iter().find(|b| b.0 == "console")
        else {
            continue;
        };
        let (folder, mut last) = (folder(code), String::new());
        for (arguments, shown) in commands(console) {
            let output = yamen(&folder, &arguments);
            last = [output.stdout, output.stderr].map(|s| String::from_utf8(s).unwrap()).concat();
            assert!(is_shown(shown, &last), "{code}: shown is\n{shown}\nand printed\n{last}");
        }
        assert!(last.contains(&format!("error[{code}]: ")), "{code}: {last}");
        tried += 1;
    }
    assert!(tried >= 35, "{tried}");
}

/// What is too long for a page.
#[test]
fn long_files_give_their_errors() {
    let deep = ["institution a\ndefine b = ", &"(".repeat(501), "true", &")".repeat(501)].concat();
    let wrong = ["institution a\n", &"state b = bool\n".repeat(101)].concat();
    let large = " ".repeat((64 << 20) + 1);
    let long = [("too-deep", deep), ("too-many-errors", wrong), ("file-too-large", large)];
    for (code, text) in &long {
        let folder = folder(code);
        std::fs::write(folder.join("spec.yamen"), text).unwrap();
        let output = yamen(&folder, &["verify", "spec.yamen", "--format", "json"]);
        assert_eq!(output.status.code(), Some(2), "{code}");
        assert!(codes_of(&output).iter().any(|one| one == code), "{code}");
        std::fs::remove_dir_all(folder).unwrap();
    }
    let shown = |code: &&str| !blocks(section(code)).is_empty();
    let bare: BTreeSet<&str> = pages::errors().into_iter().filter(|code| !shown(code)).collect();
    let excused = NOT_SHOWN.into_iter().chain(long.iter().map(|(code, _)| *code)).collect();
    assert_eq!(bare, excused, "sections without an example, and those that may be");
}

#[test]
fn a_code_is_explained_and_another_refused() {
    let here = files::root();
    let text = |output: Vec<u8>| String::from_utf8(output).unwrap();
    let told = text(yamen(here, &["lint", "--explain", "missing-prime"]).stdout);
    assert!(told.contains("at the end of the period") && told.contains("rule shut"), "{told}");
    assert!(!told.contains("possible p"), "{told}");
    for (wrong, meant) in [("mising-prime", "`missing-prime`"), ("unusde", "`unused`")] {
        let output = yamen(here, &["lint", "--explain", wrong]);
        assert_eq!(output.status.code(), Some(2));
        let told = text(output.stderr);
        assert!(told.contains(meant) && told.lines().count() < 6, "{told}");
    }
}
