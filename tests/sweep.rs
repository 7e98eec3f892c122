//! Sweeps from outside: resumed, in shards, by a driver of several processes; the report's schema.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

const SPEC: &str = "specs/detection/inspection.yamen";
const GRID: [&str; 8] =
    ["--claim", "det_1", "--over", "notice=0..2", "--over", "shelf=1..3", "--over", "captured"];

fn yamen(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_yamen"));
    command.args(arguments).current_dir(env!("CARGO_MANIFEST_DIR")).env("COLUMNS", "100");
    command
}

fn sweep(more: &[&str]) -> Output {
    let all: Vec<&str> =
        ["sweep", SPEC].into_iter().chain(GRID).chain(more.iter().copied()).collect();
    yamen(&all).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn succeeded(output: Output) -> String {
    assert_eq!(output.status.code(), Some(0), "{}{}", text(&output.stdout), text(&output.stderr));
    text(&output.stdout)
}

/// A folder of its own for a test.
fn folder(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("yamen-sweep-{name}-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

fn path(folder: &Path, name: &str) -> String {
    folder.join(name).to_str().unwrap().to_owned()
}

/// The report without what differs from run to run.
fn stable(report: &str) -> Value {
    let mut report: Value = serde_json::from_str(report).unwrap();
    for list in ["cells", "outside"] {
        for cell in report[list].as_array_mut().unwrap() {
            cell["seconds"] = Value::Null;
        }
    }
    report["summary"]["seconds"] = Value::Null;
    report
}

#[test]
fn the_report_fits_its_schema() {
    let report = succeeded(sweep(&["--format", "json"]));
    let object: Value = serde_json::from_str(&report).unwrap();
    let schema = format!("{}/schema/yamen.sweep.v1.schema.json", env!("CARGO_MANIFEST_DIR"));
    let schema: Value = serde_json::from_slice(&std::fs::read(schema).unwrap()).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let errors: Vec<String> = validator.iter_errors(&object).map(|e| e.to_string()).collect();
    assert!(errors.is_empty(), "{errors:#?}");
    assert_eq!(object["schema"], "yamen.sweep/1");
    assert_eq!(object["matches"], true);
    assert_eq!(object["boundary"], "notice < shelf and not captured");
    assert_eq!(object["over"]["notice"], serde_json::json!([0, 1, 2]));
    assert_eq!(object["cells"].as_array().unwrap().len(), 18);
    assert!(object["checked_outside"].as_u64().unwrap() > 0);
}

#[test]
fn a_killed_sweep_is_resumed() {
    let folder = folder("killed");
    let journal = path(&folder, "journal");
    let whole = stable(&succeeded(sweep(&["--format", "json"])));
    let arguments = ["sweep", SPEC].into_iter().chain(GRID);
    let arguments: Vec<&str> = arguments.chain(["--jobs", "1", "--resume", &journal]).collect();
    let mut child = yamen(&arguments).stdout(Stdio::null()).spawn().unwrap();
    let start = Instant::now();
    let lines = || std::fs::read_to_string(&journal).unwrap_or_default().lines().count();
    while lines() < 4 && start.elapsed() < Duration::from_secs(60) {
        std::thread::sleep(Duration::from_millis(5));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let kept = std::fs::read_to_string(&journal).unwrap();
    assert!(kept.lines().count() >= 4, "{kept}");
    // As if the last line had been cut short.
    std::fs::write(&journal, format!("{kept}{{\"params\":{{\"noti")).unwrap();
    let resumed = succeeded(sweep(&["--format", "json", "--resume", &journal]));
    assert_eq!(stable(&resumed), whole);
    let whole_lines = &kept[..=kept.rfind('\n').unwrap()];
    assert!(std::fs::read_to_string(&journal).unwrap().starts_with(whole_lines));
    let again = succeeded(sweep(&["--format", "json", "--resume", &journal]));
    assert_eq!(again, resumed, "from a full journal the file is the same to the byte");
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn a_journal_of_another_sweep_is_refused() {
    let folder = folder("other");
    let journal = path(&folder, "journal");
    succeeded(sweep(&["--resume", &journal]));
    let other = sweep(&["--resume", &journal, "--timeout", "5"]);
    assert_eq!(other.status.code(), Some(2));
    assert!(
        text(&other.stderr).contains("belongs to another sweep: the time for each cell is `60`")
    );
    std::fs::write(&journal, "nothing of the kind\n").unwrap();
    let damaged = sweep(&["--resume", &journal]);
    assert_eq!(damaged.status.code(), Some(2));
    assert!(text(&damaged.stderr).contains("damaged, in line 1"), "{}", text(&damaged.stderr));
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn shards_make_a_whole() {
    let folder = folder("shards");
    let whole = stable(&succeeded(sweep(&["--format", "json"])));
    let (one, two) = (path(&folder, "one.json"), path(&folder, "two.journal"));
    succeeded(sweep(&["--shard", "1/2", "--format", "json", "--out", &one]));
    let part: Value = serde_json::from_slice(&std::fs::read(&one).unwrap()).unwrap();
    assert_eq!((&part["boundary"], &part["matches"]), (&Value::Null, &Value::Null));
    succeeded(sweep(&["--shard", "2/2", "--resume", &two]));
    let merged = path(&folder, "merged.json");
    succeeded(yamen(&["sweep", "merge", &one, &two, "-o", &merged]).output().unwrap());
    assert_eq!(stable(&std::fs::read_to_string(&merged).unwrap()), whole);
    let alone = succeeded(yamen(&["sweep", "merge", &one]).output().unwrap());
    assert!(alone.contains("9 not come to"), "{alone}");
    std::fs::remove_dir_all(&folder).unwrap();
}

/// The driver of `examples/scale-out`, one of whose workers is killed.
#[test]
#[cfg(unix)]
fn a_driver_survives_a_killed_worker() {
    let folder = folder("driver");
    let out = path(&folder, "merged.json");
    let work = path(&folder, "work");
    let mut driver = Command::new("python3");
    driver.arg("examples/scale-out/driver.py");
    driver.args(["--yamen", env!("CARGO_BIN_EXE_yamen"), "--shards", "2", "--work", &work]);
    driver.args(["--out", &out, "--kill-one-after", "2", "--", SPEC]).args(GRID);
    let output = driver.current_dir(env!("CARGO_MANIFEST_DIR")).output().unwrap();
    let told = succeeded(output.clone()) + &text(&output.stderr);
    assert!(told.contains("was ended by signal 9; resuming"), "{told}");
    let whole = stable(&succeeded(sweep(&["--format", "json"])));
    assert_eq!(stable(&std::fs::read_to_string(&out).unwrap()), whole);
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn the_picture_tells_verdicts_apart_without_colour() {
    let picture = succeeded(sweep(&["--format", "svg"]));
    for part in ["role=\"img\"", "<title id=", "<desc id=", "<circle", "M", "notice &lt; shelf"] {
        assert!(picture.contains(part), "{part}: {picture}");
    }
    assert_eq!(picture.matches("<svg").count(), picture.matches("</svg>").count());
}

#[test]
fn comma_separated_values_have_a_line_for_each_cell() {
    let table = succeeded(sweep(&["--format", "csv"]));
    let mut lines = table.lines();
    let headings = "notice,shelf,captured,verdict,vacuous,expected,smallest,seconds,reason";
    assert_eq!(lines.next(), Some(headings));
    assert!(lines.next().unwrap().starts_with("0,1,false,proved,false,proved,,"));
    assert_eq!(lines.count(), 17);
}

/// Unknown stays unknown, and says so by the exit code.
#[test]
#[cfg(unix)]
fn an_interrupt_keeps_what_was_decided() {
    let folder = folder("interrupt");
    let journal = path(&folder, "journal");
    let arguments = ["sweep", SPEC].into_iter().chain(GRID);
    let arguments: Vec<&str> =
        arguments.chain(["--jobs", "1", "--format", "json", "--resume", &journal]).collect();
    let child = yamen(&arguments).stdout(Stdio::piped()).spawn().unwrap();
    let start = Instant::now();
    let lines = || std::fs::read_to_string(&journal).unwrap_or_default().lines().count();
    while lines() < 3 && start.elapsed() < Duration::from_secs(60) {
        std::thread::sleep(Duration::from_millis(5));
    }
    Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["summary"]["unknown"], 0);
    assert!(report["summary"]["missing"].as_u64().unwrap() > 0);
    assert_eq!(report["boundary"], Value::Null);
    std::fs::remove_dir_all(&folder).unwrap();
}
