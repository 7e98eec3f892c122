//! The rules of the house, read off the files themselves.
//!
//! Each rule is a function from a path and a text to complaints (`tidy/rules.rs`), so that
//! `tidy/planted.rs` can show that it fails on a planted violation; here they meet the real files.
//! They read text, not syntax trees: `rustfmt`, which `make lint` insists on, makes that enough.

#![allow(clippy::expect_used, clippy::panic, reason = "tests")]

#[path = "tidy/code.rs"]
mod code;
#[path = "tidy/commands.rs"]
mod commands;
#[path = "tidy/planted.rs"]
mod planted;
#[path = "tidy/rules.rs"]
mod rules;

use std::fs;
use std::path::{Path, PathBuf};

use rules::{Complaint, Rule};

/// The repository.
fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The text of a file of the repository.
fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The Rust files below a folder of the repository, in order; none if there is no such folder.
fn rust_files(folder: &str) -> Vec<String> {
    let mut files = Vec::new();
    let mut waiting = vec![root().join(folder)];
    while let Some(next) = waiting.pop() {
        if next.is_dir() {
            waiting.extend(children(&next));
        } else if next.extension().is_some_and(|extension| extension == "rs") {
            let path = next.strip_prefix(root()).expect("files lie in the repository");
            files.push(path.to_string_lossy().into_owned());
        }
    }
    files.sort();
    files
}

fn children(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("a folder can be read");
    entries.map(|entry| entry.expect("an entry can be read").path()).collect()
}

/// Fails with every complaint that a rule has about the files of some folders.
fn hold(folders: &[&str], rule: Rule) {
    let files = folders.iter().flat_map(|folder| rust_files(folder)).collect::<Vec<_>>();
    assert!(!files.is_empty(), "no files to check under {folders:?}");
    let complaints = files.iter().flat_map(|path| rule(path, &read(path))).collect::<Vec<_>>();
    none(&complaints);
}

fn none(complaints: &[Complaint]) {
    let list = complaints.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
    assert!(complaints.is_empty(), "the house's rules are broken:\n{list}");
}

const EVERYTHING: [&str; 6] =
    ["src", "tests", "benches", "examples", "fuzz/fuzz_targets", "build.rs"];

#[test]
fn every_file_opens_by_saying_what_it_is() {
    hold(&EVERYTHING, rules::opens_with_its_purpose);
}

#[test]
fn only_the_solver_names_the_z3_crate() {
    hold(&["src"], rules::names_z3_only_in_the_solver);
}

#[test]
fn only_the_command_line_prints_or_exits() {
    hold(&["src"], rules::prints_only_in_the_command_line);
}

#[test]
fn modules_use_only_those_before_them() {
    hold(&["src"], rules::uses_only_earlier_layers);
}

#[test]
fn engines_know_no_governance_word() {
    hold(&["src"], rules::keeps_governance_out_of_the_engines);
}

#[test]
fn files_are_short() {
    hold(&EVERYTHING, rules::is_a_short_file);
}

#[test]
fn functions_are_short() {
    hold(&EVERYTHING, rules::has_short_functions);
}

#[test]
fn nothing_is_left_for_later() {
    hold(&EVERYTHING, rules::leaves_nothing_for_later);
}

#[test]
fn the_oldest_libz3_is_the_same_everywhere() {
    let places = ["build.rs", "scripts/libz3.py", "src/solver/version.rs"];
    let texts = places.map(|path| (path, read(path)));
    none(&rules::agrees_on_the_oldest_libz3(&texts));
}

#[test]
fn the_readme_says_what_ci_runs() {
    none(&commands::readme_follows_ci(&read("README.md"), &read(".ci/run")));
}

#[test]
fn the_commands_are_targets_of_the_makefile() {
    let texts = [("README.md", read("README.md")), ("CONTRIBUTING.md", read("CONTRIBUTING.md"))];
    none(&commands::names_only_targets(&texts, &read("Makefile")));
}
