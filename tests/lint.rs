//! Every remark has a code with a section in `docs/lint.md`, whose example gives that remark.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

#[path = "support/files.rs"]
mod files;

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, Output};

use yamen::lint::pages;

/// The codes of the warnings in the sources, outside tests.
fn in_the_sources() -> BTreeSet<String> {
    let mut codes = BTreeSet::new();
    for path in files::below("src", "rs") {
        let text = std::fs::read_to_string(&path).unwrap();
        let code = text.split("#[cfg(test)]").next().unwrap();
        let warnings = code.split("Diagnostic::warning(").skip(1);
        let named =
            warnings.filter_map(|rest| rest.trim_start().strip_prefix('"')?.split_once('"'));
        codes.extend(named.map(|(code, _)| code.to_owned()));
    }
    codes
}

fn lint(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_yamen"));
    command.arg("lint").args(arguments).output().unwrap()
}

#[test]
fn every_remark_has_a_section_and_every_section_a_remark() {
    let told: BTreeSet<String> = pages::remarks().into_iter().map(str::to_owned).collect();
    assert_eq!(told, in_the_sources());
    assert!(told.len() >= 10, "{told:?}");
}

#[test]
fn the_example_of_a_section_gives_its_remark() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("lint");
    std::fs::create_dir_all(&folder).unwrap();
    for code in pages::remarks() {
        let section = pages::section(code).unwrap();
        let example = section.split("```").nth(1).unwrap();
        let example = example.trim_start_matches(char::is_alphabetic);
        let path = folder.join(format!("{code}.yamen"));
        std::fs::write(&path, example).unwrap();
        let output = lint(&[path.to_str().unwrap(), "--format", "json"]);
        // One of them goes with an error.
        let exit = if code == "dropped-but-read" { 2 } else { 1 };
        assert_eq!(output.status.code(), Some(exit), "{code}: {output:?}");
        let found: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        let said = found["diagnostics"].as_array().unwrap();
        assert!(said.iter().any(|one| one["code"] == code), "{code}: {found:#}");
    }
}

#[test]
fn a_code_is_explained_and_another_refused() {
    let output = lint(&["--explain", "unused"]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("begin its name with `_`") && text.contains("mood"), "{text}");
    assert!(!text.contains("saturate"), "{text}");
    let output = lint(&["--explain", "unsued"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8(output.stderr).unwrap().contains("unused"));
}
