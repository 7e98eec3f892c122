//! What governance words mean, told by specs whose claims pin their boundaries down.
//!
//! Every verdict on `tests/governance/*.yamen`, and on the whole specs of the
//! language reference, is the expected one; and what `expand` prints of each
//! institution verifies to the same verdicts.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "tests")]

use std::fs;
use std::path::{Path, PathBuf};

use yamen::govern::files::{Disk, Memory};
use yamen::govern::load::{Loaded, load, load_text};
use yamen::govern::{elaborate, expand};
use yamen::report::events::Silent;
use yamen::report::outcome::Report;
use yamen::syntax::ast::Institution;
use yamen::verify::{Options, verify};

/// The elaborated institutions of a file that has nothing wrong.
fn cores(loaded: &Loaded) -> Vec<Institution> {
    assert!(!loaded.has_errors(), "{:?}", loaded.diagnostics);
    let core = |institution| {
        let (core, diagnostics) = elaborate(institution);
        assert_eq!(diagnostics, []);
        core
    };
    loaded.institutions.iter().map(core).collect()
}

fn report(loaded: &Loaded, institutions: &[Institution]) -> Report {
    let never = || false;
    let verified = verify(&loaded.sources, institutions, &Options::default(), &Silent, &never);
    verified.unwrap_or_else(|diagnostics| panic!("{diagnostics:?}")).report
}

/// Institution, claim and verdict, in order.
fn verdicts(report: &Report) -> Vec<String> {
    let line =
        |e: &yamen::report::outcome::Entry| format!("{} {} {:?}", e.institution, e.id, e.verdict);
    report.entries.iter().map(line).collect()
}

fn holds_as_expected(loaded: &Loaded) {
    let cores = cores(loaded);
    let whole = report(loaded, &cores);
    for entry in &whole.entries {
        assert!(entry.as_expected, "{} {}: {:?}", entry.institution, entry.id, entry.verdict);
    }
    let mut expanded = Vec::new();
    for core in &cores {
        let text = expand(core);
        let none = Memory::new(Vec::<(PathBuf, Vec<u8>)>::new());
        let again = load_text("expanded.yamen".as_ref(), &text, &none);
        expanded.extend(verdicts(&report(&again, &self::cores(&again))));
    }
    assert_eq!(verdicts(&whole), expanded);
}

fn specs() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/governance");
    let entries = fs::read_dir(folder).expect("the folder can be read");
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

#[test]
fn governance_words_mean_what_the_reference_says() {
    for path in specs() {
        println!("{}", path.display());
        holds_as_expected(&load(&[path], &Disk));
    }
}

#[test]
fn every_spec_of_the_language_reference_verifies() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/language.md");
    let text = fs::read_to_string(path).expect("the reference can be read");
    let blocks: Vec<&str> =
        text.split("```yamen\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    assert!(blocks.len() >= 10);
    for block in blocks {
        println!("{block}");
        holds_as_expected(&load_text("language.yamen".as_ref(), block, &Disk));
    }
}
