//! Sweeps from outside: resumed, in shards, by a driver of several processes; the report's schema.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::Value;
use yamen::govern::files::Disk;
use yamen::govern::{self, load::load};
use yamen::report::events::Silent;
use yamen::report::outcome::Verdict;
use yamen::sweep::decide::Question;
use yamen::sweep::grid::{Over, Params, Values, assigned, lay_out};
use yamen::sweep::outcome::CellVerdict;
use yamen::verify::{Options, verify};

const SPEC: &str = "specs/detection/inspection.yamen";
const GRID: [&str; 8] =
    ["--claim", "det_1", "--over", "notice=0..2", "--over", "shelf=1..3", "--over", "captured"];

/// Enough cells that a sweep can be ended in its midst.
const LARGE: [&str; 11] = [
    "specs/cycles/perpetual.yamen",
    "--claim",
    "cyc_1",
    "--over",
    "deviation_limit",
    "--over",
    "backlog_limit",
    "--over",
    "deviation_threshold",
    "--over",
    "backlog_threshold",
];
const CELLS: usize = 900;

fn large(more: &[&str]) -> Command {
    yamen(&["sweep"].into_iter().chain(LARGE).chain(more.iter().copied()).collect::<Vec<_>>())
}

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
    let whole = succeeded(large(&["--format", "json"]).output().unwrap());
    let mut child =
        large(&["--jobs", "1", "--resume", &journal]).stdout(Stdio::null()).spawn().unwrap();
    wait_for(&journal, 20);
    child.kill().unwrap();
    child.wait().unwrap();
    let kept = std::fs::read_to_string(&journal).unwrap();
    assert!((20..CELLS).contains(&kept.lines().count()), "{}", kept.lines().count());
    // As if the last line had been cut short.
    std::fs::write(&journal, format!("{kept}{{\"params\":{{\"devi")).unwrap();
    let resumed = succeeded(large(&["--format", "json", "--resume", &journal]).output().unwrap());
    assert!(resumed == whole, "the same file as an undisturbed run, to the byte");
    let whole_lines = &kept[..=kept.rfind('\n').unwrap()];
    assert!(std::fs::read_to_string(&journal).unwrap().starts_with(whole_lines));
    let timed = ["--format", "json", "--times", "--resume", &journal];
    let again = succeeded(large(&timed).output().unwrap());
    let once_more = succeeded(large(&timed).output().unwrap());
    assert!(again == once_more, "from a full journal the times are the same too");
    assert!(again.contains("\"seconds\"") && !whole.contains("\"seconds\""));
    std::fs::remove_dir_all(&folder).unwrap();
}

/// Waits until a journal has so many lines.
fn wait_for(journal: &str, lines: usize) {
    let start = Instant::now();
    let there = || std::fs::read_to_string(journal).unwrap_or_default().lines().count();
    while there() < lines && start.elapsed() < Duration::from_secs(60) {
        std::thread::sleep(Duration::from_millis(2));
    }
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
    let whole = succeeded(sweep(&["--format", "json"]));
    let (one, two) = (path(&folder, "one.json"), path(&folder, "two.journal"));
    succeeded(sweep(&["--shard", "1/2", "--format", "json", "--out", &one]));
    let part: Value = serde_json::from_slice(&std::fs::read(&one).unwrap()).unwrap();
    assert_eq!((&part["boundary"], &part["matches"]), (&Value::Null, &Value::Null));
    succeeded(sweep(&["--shard", "2/2", "--resume", &two]));
    let merged = path(&folder, "merged.json");
    succeeded(yamen(&["sweep", "merge", &one, &two, "-o", &merged]).output().unwrap());
    assert_eq!(std::fs::read_to_string(&merged).unwrap(), whole);
    std::fs::remove_dir_all(&folder).unwrap();
}

/// What no part has is not known, however well the others end.
#[test]
fn a_missing_shard_is_named() {
    let folder = folder("missing");
    let one = path(&folder, "one.json");
    succeeded(sweep(&["--shard", "1/3", "--format", "json", "--out", &one]));
    let alone = yamen(&["sweep", "merge", &one]).output().unwrap();
    assert_eq!(alone.status.code(), Some(4));
    assert!(text(&alone.stdout).contains("not come to"), "{}", text(&alone.stdout));
    let told = text(&alone.stderr);
    assert!(told.contains("cells are missing: shards 2/3, 3/3 are not there"), "{told}");
    let two = path(&folder, "two.journal");
    succeeded(sweep(&["--shard", "2/3", "--resume", &two]));
    let told = text(&yamen(&["sweep", "merge", &one, &two]).output().unwrap().stderr);
    assert!(told.contains("shard 3/3 is not there"), "{told}");
    // A shard that is there, but did not come to its end.
    let three = path(&folder, "three.journal");
    succeeded(sweep(&["--shard", "3/3", "--resume", &three]));
    let journal = std::fs::read_to_string(&three).unwrap();
    let cut = journal.trim_end().rfind('\n').unwrap() + 1;
    std::fs::write(&three, &journal[..cut]).unwrap();
    let parts = ["sweep", "merge", &one, &two, &three, "--format", "json"];
    let merged = yamen(&parts).output().unwrap();
    assert_eq!(merged.status.code(), Some(4));
    let told = text(&merged.stderr);
    assert!(told.contains("1 of") && told.contains("cells are missing\n"), "{told}");
    std::fs::remove_dir_all(&folder).unwrap();
}

/// The driver of `examples/scale-out`, one of whose workers is killed.
#[test]
#[cfg(unix)]
fn a_driver_survives_a_killed_worker() {
    let told = driven("driver", "python3", "driver.py");
    assert!(told.contains("was ended by signal 9; resuming"), "{told}");
}

/// The same with Dask's scheduler and two of its worker processes.
#[test]
#[ignore = "needs Dask, which `make test-scale-out` installs"]
#[cfg(unix)]
fn dask_survives_a_killed_worker() {
    let python = std::env::var("YAMEN_DASK_PYTHON").expect("a Python that has Dask");
    let told = driven("dask", &python, "dask_driver.py");
    assert!(told.contains("killing the worker"), "{told}");
    assert_eq!(told.matches("was decided by worker").count(), 2, "{told}");
}

/// What a driver says of a sweep in two shards; what it writes is what a single process writes.
fn driven(name: &str, python: &str, driver: &str) -> String {
    let folder = folder(name);
    let out = path(&folder, "merged.json");
    let work = path(&folder, "work");
    let mut command = Command::new(python);
    command.arg(format!("examples/scale-out/{driver}"));
    command.args(["--yamen", env!("CARGO_BIN_EXE_yamen"), "--shards", "2", "--work", &work]);
    command.args(["--out", &out, "--kill-one-after", "20", "--"]).args(LARGE);
    let output = command.current_dir(env!("CARGO_MANIFEST_DIR")).output().unwrap();
    let told = succeeded(output.clone()) + &text(&output.stderr);
    let whole = succeeded(large(&["--format", "json"]).output().unwrap());
    assert!(std::fs::read_to_string(&out).unwrap() == whole, "the same file, to the byte");
    std::fs::remove_dir_all(&folder).unwrap();
    told
}

/// Two processes on one journal would each decide what the other does.
#[test]
fn a_journal_in_use_is_refused() {
    let folder = folder("in-use");
    let journal = path(&folder, "journal");
    let held = std::fs::File::create(&journal).unwrap();
    held.lock().unwrap();
    let refused = sweep(&["--resume", &journal]);
    assert_eq!(refused.status.code(), Some(2));
    let told = text(&refused.stderr);
    assert!(told.contains("is being written by another sweep"), "{told}");
    assert!(told.contains("--shard"), "{told}");
    drop(held);
    succeeded(sweep(&["--resume", &journal]));
    std::fs::remove_dir_all(&folder).unwrap();
}

/// Rationals are swept like whole numbers, and what is solved for is the boundary.
#[test]
fn real_parameters_have_a_boundary() {
    let mut command = yamen(&["sweep", "specs/incentives/inspections.yamen"]);
    command.args([
        "--claim",
        "inc_3_chance",
        "--over",
        "second=0,1/4,1/2,1",
        "--over",
        "reward=0..2",
    ]);
    command.args(["--over", "answer=0,4", "--set", "penalty=4", "--set", "efficiency=1/2"]);
    let report = succeeded(command.args(["--format", "json"]).output().unwrap());
    let object: Value = serde_json::from_str(&report).unwrap();
    assert_eq!(object["matches"], true, "{report}");
    assert_eq!(object["matches_outside"], true, "{report}");
    assert_eq!(object["boundary"], "second * (answer + 2) >= 2 - reward");
}

/// The regions of a sweep over a spec of a few lines.
fn regions(name: &str, spec: &str, more: &[&str]) -> Value {
    let folder = folder(name);
    let file = path(&folder, "a.yamen");
    std::fs::write(&file, spec).unwrap();
    let usual = ["sweep", &file, "--claim", "c", "--regions", "--format", "json"];
    let output = yamen(&[&usual[..], more].concat()).output().unwrap();
    let report: Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|_| panic!("{}", text(&output.stderr)));
    std::fs::remove_dir_all(&folder).unwrap();
    report["regions"].clone()
}

const BRIBE: &str = "institution a\nparam second : real where second >= 0 and second <= 1\n\
                     param answer : real where answer >= 0\nparam reward : real = 0\n\
                     claim c valid (reward + second * answer >= (1 - second) * 2)";

/// Both sides of a claim about parameters alone are proved for all reals. What is set counts: with the
/// default of `reward` the boundary is another one.
#[test]
fn regions_of_real_parameters_are_proved() {
    let over = ["--over", "second=0,1/4,1/2,1", "--over", "answer=0,1,2", "--set", "reward=1"];
    let found = regions("reals", BRIBE, &over);
    assert_eq!(found["ranges"], "0 <= second and second <= 1 and 0 <= answer and answer <= 2");
    for side in ["proved", "refuted"] {
        let region = &found[side];
        assert_eq!(region["verdict"], side, "{found:#}");
        assert_eq!(region["proved_at_once"], true, "{found:#}");
    }
}

/// On two cells a formula fits that is wrong between them; parameters there lead to the right one.
#[test]
fn formulas_that_fail_between_cells_are_refined() {
    let spec = "institution a\nparam q : real\nclaim c valid (2 * q >= 1)";
    let found = regions("refined", spec, &["--over", "q=0,1"]);
    assert!(found["refined"].as_u64().unwrap() > 0, "{found:#}");
    assert_eq!(found["proved"]["proved_at_once"], true, "{found:#}");
    assert_eq!(found["refuted"]["proved_at_once"], true, "{found:#}");
}

/// A claim about runs: one side is proved for all values, with a certificate; the other is cell by cell.
#[test]
fn regions_of_claims_about_runs() {
    let spec = "institution a\nparam limit : 0..9 = 9\nparam need : 0..9 = 5\nparam extra : 0..3 = 0\n\
                position P\nstate x : 0..30 = 0\nchoice go : bool by P\n\
                rule r when go and x < need : x' = x + 1\nclaim c always (x <= limit + extra)";
    let over = ["--over", "limit=0..9", "--over", "need=2..9"];
    let found = regions("runs", spec, &[&over[..], &["--set", "extra=1"]].concat());
    let proved = &found["proved"];
    assert_eq!((&proved["verdict"], &proved["proved_at_once"]), (&"proved".into(), &true.into()));
    assert_eq!(proved["checked"], true, "{found:#}");
    assert!(proved["certificate"].is_string(), "{found:#}");
    let refuted = &found["refuted"];
    assert_eq!(
        (&refuted["verdict"], &refuted["proved_at_once"]),
        (&"refuted".into(), &false.into())
    );
    assert_eq!(refuted["more_values"], false, "{found:#}");
    // Wrongly widened to all values of `need`, or with the default of `extra`, it would be another.
    assert_eq!(proved["where"], "limit + 1 >= need", "{found:#}");
}

#[test]
fn reports_with_regions_fit_the_schema() {
    let report = succeeded(sweep(&["--format", "json", "--regions"]));
    let object: Value = serde_json::from_str(&report).unwrap();
    let schema = format!("{}/schema/yamen.sweep.v1.schema.json", env!("CARGO_MANIFEST_DIR"));
    let schema: Value = serde_json::from_slice(&std::fs::read(schema).unwrap()).unwrap();
    assert!(jsonschema::validator_for(&schema).unwrap().is_valid(&object), "{report}");
    assert!(object["regions"]["proved"]["cells"].as_u64().unwrap() > 0);
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
    let headings = "notice,shelf,captured,verdict,vacuous,expected,smallest,reason";
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
    let arguments = ["--jobs", "1", "--format", "json", "--resume", &journal];
    let child = large(&arguments).stdout(Stdio::piped()).spawn().unwrap();
    wait_for(&journal, 20);
    Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["summary"]["unknown"], 0);
    assert!(report["summary"]["missing"].as_u64().unwrap() > 0);
    assert_eq!(report["boundary"], Value::Null);
    std::fs::remove_dir_all(&folder).unwrap();
}

/// What cells are told by their neighbours is what each comes to on its own, with all engines side by side.
#[test]
fn neighbours_change_no_verdict() {
    for (file, claim, axes) in [
        (SPEC, "det_1", [("notice", 0, 3), ("shelf", 1, 3)]),
        ("specs/cycles/lawful_band.yamen", "cyc_4", [("need", 0, 3), ("band", 0, 2)]),
        ("specs/detection/resonance.yamen", "det_3_in_time", [("term", 2, 4), ("gap", 2, 4)]),
        ("specs/campaigns/guard.yamen", "cam_2", [("cohort", 1, 3), ("gap", 1, 3)]),
    ] {
        let loaded = load(&[file.into()], &Disk);
        let (institution, _) = govern::elaborate(&loaded.institutions[0]);
        let axis = |(name, low, high): (&str, i64, i64)| Over {
            name: name.to_owned(),
            values: Values::Range(low, high),
        };
        let grid = lay_out(&institution, &axes.map(axis), &BTreeMap::new(), false).unwrap();
        let alone = |params: &Params| {
            let (claims, set) = (vec![claim.to_owned()], assigned(&BTreeMap::new(), params));
            let options = Options { claims, set, needs: false, ..Options::default() };
            let institutions = std::slice::from_ref(&institution);
            let verified = verify(&loaded.sources, institutions, &options, &Silent, &|| false);
            verified.unwrap().report.entries[0].verdict
        };
        for certificates in [false, true] {
            let neighbours = Some(Arc::default());
            let options = Options { certificates, neighbours, ..Options::default() };
            let (sources, institution) = (&loaded.sources, &institution);
            let (expects, set) = (true, &BTreeMap::new());
            let cells = Mutex::new(Vec::new());
            let question = Question { sources, institution, claim, expects, set, options };
            let take = |cell| {
                cells.lock().unwrap().push(cell);
                Result::<(), ()>::Ok(())
            };
            let all: Vec<_> = grid.cells.iter().collect();
            question.decide(&all, 2, &take, &|| false).unwrap();
            let cells = std::mem::take(&mut *cells.lock().unwrap());
            for cell in cells {
                let verdict = match alone(&cell.params) {
                    Verdict::Proved => CellVerdict::Proved,
                    Verdict::Refuted => CellVerdict::Refuted,
                    _ => CellVerdict::Unknown,
                };
                assert_eq!(cell.verdict, verdict, "{claim} at {:?}", cell.params);
                assert_eq!(cell.as_expected, Some(true), "{claim} at {:?}", cell.params);
            }
        }
    }
}
