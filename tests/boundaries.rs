//! The boundaries of the catalogue, found again: on the whole grid each is what the spec expects.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

use std::path::Path;
use std::process::Command;

use serde::Deserialize;
use serde_json::Value;

/// The claims that must be among them.
const CLAIMS: [&str; 13] = [
    "DET-1", "DET-3", "DET-4", "DET-5", "PRO-2", "CAM-2", "OVR-1", "OVR-3", "CYC-2", "CYC-4",
    "AUD-1", "DAO-1", "INC-3",
];

#[derive(Deserialize)]
struct List {
    sweep: Vec<Sweep>,
}

#[derive(Deserialize)]
struct Sweep {
    name: String,
    file: String,
    claim: String,
    over: Vec<String>,
    #[serde(default)]
    set: Vec<String>,
    boundary: String,
}

fn read(name: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap()
}

fn list() -> Vec<Sweep> {
    toml::from_str::<List>(&read("specs/boundaries.toml")).unwrap().sweep
}

/// The report of a sweep.
fn swept(sweep: &Sweep) -> Value {
    let mut command = Command::new(env!("CARGO_BIN_EXE_yamen"));
    command.current_dir(env!("CARGO_MANIFEST_DIR")).args([
        "sweep",
        &sweep.file,
        "--claim",
        &sweep.claim,
    ]);
    for (option, values) in [("--over", &sweep.over), ("--set", &sweep.set)] {
        for value in values {
            command.args([option, value]);
        }
    }
    let output = command.args(["--format", "json", "--timeout", "300"]).output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(0), "{} {}: {errors}", sweep.name, sweep.claim);
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn each_boundary_is_what_the_spec_expects() {
    let mut wrong = Vec::new();
    for sweep in list() {
        let report = swept(&sweep);
        let summary = &report["summary"];
        // Cells that are not decided would count neither for the boundary nor against it.
        let whole = ["unknown", "errors", "missing"].iter().all(|what| summary[what] == 0);
        let outside = report["matches_outside"] != false;
        if !(whole && outside && report["matches"] == true && report["boundary"] == sweep.boundary)
        {
            let told =
                [&report["boundary"], &report["matches"], &report["matches_outside"], summary];
            wrong.push(format!("{} {}: {told:?}", sweep.name, sweep.claim));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn none_is_left_out() {
    let list = list();
    for claim in CLAIMS {
        assert!(list.iter().any(|sweep| sweep.name == claim), "{claim}");
    }
}

#[test]
fn the_documentation_has_the_same_list() {
    let documentation = read("docs/sweep.md");
    for Sweep { name, file, claim, boundary, .. } in list() {
        let file = file.trim_start_matches("specs/");
        let line = format!("| {name} | `{claim}` in `{file}` | `{boundary}` |");
        assert!(documentation.contains(&line), "docs/sweep.md lacks\n{line}");
    }
}
