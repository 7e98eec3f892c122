//! The built program finds its libz3 by itself, and refuses one that is too old.
//!
//! An old library is played by a small one that is loaded first and answers for it. Only on Linux
//! and with a shared libz3, where this can be done.

#![cfg(all(target_os = "linux", not(feature = "vendored"), not(feature = "gh-release")))]
#![allow(clippy::unwrap_used, reason = "tests")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The program, with nothing of our environment, in the root folder.
fn yamen() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_yamen"));
    command.env_clear().current_dir("/");
    command
}

/// A library that says it is the libz3 of Debian 12.
fn old_library() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let (source, library) = (folder.join("old_libz3.c"), folder.join("old_libz3.so"));
    let code = "const char *Z3_get_full_version(void) { return \"Z3 4.8.12.0\"; }\n";
    std::fs::write(&source, code).unwrap();
    let mut compiler = Command::new("cc");
    compiler.args(["-shared", "-fPIC", "-o"]).args([&library, &source]);
    assert!(compiler.status().unwrap().success());
    library
}

fn text(output: &Output) -> String {
    let both = [output.stdout.as_slice(), output.stderr.as_slice()].concat();
    String::from_utf8(both).unwrap()
}

#[test]
fn the_program_runs_from_any_folder_without_environment() {
    let output = yamen().arg("doctor").output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", text(&output));
    assert!(text(&output).contains("libz3"), "{}", text(&output));
}

#[test]
fn a_libz3_that_is_too_old_is_refused_with_a_way_out() {
    let library = old_library();
    let specs = concat!(env!("CARGO_MANIFEST_DIR"), "/specs");
    for (verb, arguments) in [("doctor", vec![]), ("verify", vec![specs])] {
        let mut command = yamen();
        let output =
            command.arg(verb).args(arguments).env("LD_PRELOAD", &library).output().unwrap();
        let said = text(&output);
        assert_eq!(output.status.code(), Some(2), "{verb}: {said}");
        let words = said.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(words.contains("`Z3 4.8.12.0`"), "{verb}: {said}");
        assert!(words.contains("`make z3`"), "{verb}: {said}");
        assert!(!words.contains("panicked") && !words.contains("backtrace"), "{verb}: {said}");
    }
}

/// The wheel leaves libz3 to the package that the build takes it from.
#[test]
fn the_wheel_depends_on_the_libz3_that_is_linked() {
    let read = |name| std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name));
    let pinned = read("scripts/libz3-wheel.txt").unwrap();
    let package = pinned.lines().find_map(|line| line.strip_suffix(" \\")).unwrap();
    let project = read("pyproject.toml").unwrap();
    assert!(project.contains(&format!("dependencies = [\"{package}\"]")), "{package}\n{project}");
    let maturin = read("scripts/maturin-wheel.txt").unwrap();
    let maturin = maturin.lines().find_map(|line| line.strip_suffix(" \\")).unwrap();
    assert!(project.contains(&format!("requires = [\"{maturin}\"]")), "{maturin}\n{project}");
}
