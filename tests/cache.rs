//! Evidence kept from one run to the next: it gives the verdicts that engines give, it saves them work, and
//! whatever is done to the files, no verdict changes.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

#[path = "support/files.rs"]
mod files;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;

use yamen::govern::{self, files::Disk};
use yamen::report::events::Silent;
use yamen::report::outcome::{Entry, Report};
use yamen::verify::cache::Cache;
use yamen::verify::{Options, verify};

/// A folder of its own, empty.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("cache-{name}"));
    let _ = std::fs::remove_dir_all(&folder);
    folder
}

/// Specs of every kind of claim, every other one of them.
fn specs() -> Vec<PathBuf> {
    let kinds = ["proved", "refuted", "vacuous"];
    let all =
        kinds.iter().flat_map(|kind| files::below(&format!("tests/verdicts/{kind}"), "yamen"));
    all.step_by(2).collect()
}

fn decided(spec: &Path, cache: Option<Arc<Cache>>) -> Report {
    let loaded = govern::load::load(&[spec.to_path_buf()], &Disk);
    let institutions: Vec<_> =
        loaded.institutions.iter().map(|one| govern::elaborate(one).0).collect();
    let options = Options { cache, ..Options::default() };
    let found = verify(&loaded.sources, &institutions, &options, &Silent, &|| false);
    found.unwrap_or_else(|wrong| panic!("{}: {wrong:?}", spec.display())).report
}

fn open(folder: &Path) -> Arc<Cache> {
    Arc::new(Cache::new(folder.to_path_buf()).keeping_all())
}

/// What must not depend on what is kept. What a proof needs is left out: it is worked out as far as
/// there is time.
fn verdicts(report: &Report) -> Vec<String> {
    let entries = report.entries.iter().chain(&report.obligations);
    let of =
        |e: &Entry| format!("{} {} {} {}", e.institution, e.id, e.verdict.word(), e.as_expected);
    entries.map(of).collect()
}

/// All that is said of evidence.
fn evidence(report: &Report) -> Vec<String> {
    let of = |e: &Entry| format!("{:?} {:?} {:?} {:?}", e.engine, e.certificate, e.trace, e.notes);
    report.entries.iter().map(of).collect()
}

fn kept(folder: &Path) -> Vec<PathBuf> {
    let inner = std::fs::read_dir(folder).into_iter().flatten();
    let files = inner.flat_map(|inner| std::fs::read_dir(inner.unwrap().path()).unwrap());
    let mut files: Vec<PathBuf> = files.map(|file| file.unwrap().path()).collect();
    files.sort();
    files
}

#[test]
fn a_second_run_uses_what_the_first_kept_and_says_the_same() {
    let mut used = 0;
    for (n, spec) in specs().iter().enumerate() {
        let folder = folder(&format!("twice-{n}"));
        let (first, second) = (open(&folder), open(&folder));
        let before = decided(spec, Some(first));
        let after = decided(spec, Some(Arc::clone(&second)));
        assert_eq!(verdicts(&before), verdicts(&after), "{}", spec.display());
        assert_eq!(second.notes(), Vec::<String>::new(), "{}", spec.display());
        for (one, other) in before.entries.iter().zip(&after.entries) {
            assert_eq!(one.trace.is_some(), other.trace.is_some(), "{}", spec.display());
        }
        used += second.used();
    }
    assert!(used >= 60, "{used}");
}

/// Where every answer was kept, a third run prints what the second printed.
#[test]
fn what_is_kept_is_told_alike_each_time() {
    for name in ["tests/verdicts/refuted/leads_to.yamen", "tests/verdicts/proved/lemma.yamen"] {
        let (folder, spec) = (folder("alike"), files::root().join(name));
        decided(&spec, Some(open(&folder)));
        let second = decided(&spec, Some(open(&folder)));
        let third = decided(&spec, Some(open(&folder)));
        assert_eq!(evidence(&second), evidence(&third), "{name}");
    }
}

/// What is done to the texts of kept evidence; each must leave the verdicts as they were.
type Harm = fn(&str) -> String;

#[test]
fn spoilt_files_change_no_verdict() {
    let harms: [(&str, Harm); 6] = [
        ("nothing", |_| String::new()),
        ("half", |text| text.chars().take(text.len() / 2).collect()),
        ("other values", |text| text.replace("\"t\"", "\"f\"").replace("\"i0\"", "\"i1\"")),
        ("shorter", |text| text.replacen("],null]]", "]]", 1).replacen("\"i0\",", "", 1)),
        ("anything goes", |text| cut(text, "\"clauses\":[", "]", "\"true\"")),
        ("a nought below", |text| text.replace("\"i1\"", "\"r1/0\"")),
    ];
    for (n, spec) in specs().iter().enumerate().filter(|(n, _)| n % 4 == 0) {
        let folder = folder(&format!("spoilt-{n}"));
        let honest = verdicts(&decided(spec, Some(open(&folder))));
        for (what, harm) in &harms {
            for file in kept(&folder) {
                let text = std::fs::read_to_string(&file).unwrap();
                std::fs::write(&file, harm(&text)).unwrap();
            }
            let again = verdicts(&decided(spec, Some(open(&folder))));
            assert_eq!(honest, again, "{what}: {}", spec.display());
        }
    }
}

/// The text with what stands between two others replaced.
fn cut(text: &str, from: &str, to: &str, by: &str) -> String {
    let Some((head, tail)) = text.split_once(from) else { return text.to_owned() };
    let rest = tail.split_once(to).map_or("", |(_, rest)| rest);
    format!("{head}{from}{by}{to}{rest}")
}

#[test]
fn evidence_of_other_questions_changes_no_verdict() {
    let (mine, others) = (folder("mine"), folder("others"));
    let proved = files::root().join("tests/verdicts/proved/leads_to.yamen");
    let proved = if proved.exists() { proved } else { specs()[0].clone() };
    for spec in specs().iter().filter(|spec| spec.ends_with("leads_to.yamen")) {
        let honest = verdicts(&decided(spec, Some(open(&mine))));
        decided(&proved, Some(open(&others)));
        let foreign = kept(&others);
        for (n, file) in kept(&mine).iter().enumerate() {
            std::fs::copy(&foreign[n % foreign.len()], file).unwrap();
        }
        let cache = open(&mine);
        assert_eq!(honest, verdicts(&decided(spec, Some(Arc::clone(&cache)))));
        assert!(cache.notes().iter().any(|note| note.contains("did not check")), "{cache:?}");
    }
}

/// A spec with two counters, of which the claim reads one.
fn counters(first: &str, second: &str) -> String {
    format!(
        "institution pair \"Two counters\"\nstate a : 0..9 = 0\nstate b : 0..9 = 0\n\
         rule one when a < {first} : a' = a + 1\nrule two when b < {second} : b' = b + 1\n\
         claim low \"a stays low\"\n  always a <= 5\n"
    )
}

#[test]
fn only_what_a_claim_depends_on_matters() {
    let folder = folder("cone");
    std::fs::create_dir_all(&folder).unwrap();
    let spec = folder.join("pair.yamen");
    let cache = folder.join("kept");
    let used_after = |text: String, claims: &str| {
        std::fs::write(&spec, text).unwrap();
        let kept = open(&cache);
        let report = decided(&spec, Some(Arc::clone(&kept)));
        let entry = report.entries.iter().find(|entry| entry.id == "low").unwrap();
        assert_eq!(entry.verdict.word(), claims);
        kept.used()
    };
    used_after(counters("5", "5"), "proved");
    let same = used_after(counters("5", "5"), "proved");
    let beside = used_after(counters("5", "6"), "proved");
    assert!(same > 0 && beside > 0 && beside <= same, "{same} {beside}");
    used_after(counters("6", "5"), "refuted");
}

/// The program on a spec, with a cache.
fn yamen(spec: &str, more: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_yamen"));
    command.args(["verify", spec, "--format", "json", "--no-progress"]).args(more);
    command.current_dir(files::root()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

#[test]
fn processes_may_share_a_folder() {
    let folder = folder("shared");
    let arguments = ["--cache", folder.to_str().unwrap()];
    let spec = "tests/cli/specs/visits.yamen";
    let all: Vec<_> = (0..3).map(|_| yamen(spec, &arguments).spawn().unwrap()).collect();
    for one in all {
        let output = one.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        assert!(output.stderr.is_empty(), "{output:?}");
    }
    for file in kept(&folder) {
        let text = std::fs::read(&file).unwrap();
        assert!(serde_json::from_slice::<serde_json::Value>(&text).is_ok(), "{}", file.display());
    }
}

#[test]
fn a_folder_that_cannot_be_written_is_done_without() {
    let folder = folder("unwritable");
    std::fs::write(&folder, "a file, no folder").unwrap();
    let path = folder.to_str().unwrap();
    let spec = "tests/cli/specs/visits.yamen";
    let output = yamen(spec, &["--cache", path]).output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("note: no more answers are kept in"), "{said}");
    std::fs::remove_file(&folder).unwrap();
    let output = yamen(spec, &["--no-cache"]).env("YAMEN_CACHE", path).output().unwrap();
    assert_eq!((output.status.code(), output.stderr.len()), (Some(1), 0));
    assert!(!folder.exists());
}
