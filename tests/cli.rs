//! The command line: transcripts under `tests/cli/`, and what a transcript cannot show.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

#[path = "cli/questions.rs"]
mod questions;

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

/// A command that runs in `tests/cli`.
fn yamen(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_yamen"));
    command.args(arguments).current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cli"));
    command.env_remove("NO_COLOR").env_remove("CLICOLOR_FORCE").env("COLUMNS", "100");
    command
}

fn output(arguments: &[&str]) -> Output {
    yamen(arguments).output().unwrap()
}

fn code(output: &Output) -> i32 {
    output.status.code().unwrap_or_else(|| panic!("killed: {output:?}"))
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// Checks a JSON object against a shipped schema.
fn check(schema: &str, part: Option<&str>, object: &Value) {
    let path = format!("{}/schema/{schema}", env!("CARGO_MANIFEST_DIR"));
    let mut schema: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    if let Some(part) = part {
        schema.as_object_mut().unwrap().retain(|key, _| key.starts_with('$'));
        schema["$ref"] = Value::String(part.to_owned());
    }
    let validator = jsonschema::validator_for(&schema).unwrap();
    let errors: Vec<String> = validator.iter_errors(object).map(|e| e.to_string()).collect();
    assert!(errors.is_empty(), "{errors:#?}");
}

#[test]
fn transcripts() {
    let cases = trycmd::TestCases::new();
    cases.case("tests/cli/*.md").case("docs/ci.md").case("docs/formats.md").env("COLUMNS", "100");
}

/// A defect of the spec is none of ours, and nothing decided is not nothing wrong.
#[test]
fn a_cycle_of_reads_and_a_file_without_institution_are_the_users_to_mend() {
    let cyclic = output(&["verify", "../verdicts/defect/cyclic_read.yamen"]);
    assert_eq!(code(&cyclic), 1);
    assert!(!String::from_utf8_lossy(&cyclic.stdout).contains("failed its own check"));
    let parts = Path::new(env!("CARGO_TARGET_TMPDIR")).join("parts.yamen");
    std::fs::write(&parts, "state n : 0..3 = 0\nclaim a always n = 7 expect proved\n").unwrap();
    let parts = output(&["verify", parts.to_str().unwrap()]);
    assert_eq!(code(&parts), 2);
    assert!(stderr(&parts).contains("no-institution"), "{}", stderr(&parts));
}

/// What verdicts about an exported file say of the claim is written into the file, and told.
#[test]
fn exports_say_what_verdicts_about_them_mean() {
    let spec = Path::new(env!("CARGO_TARGET_TMPDIR")).join("remarks.yamen");
    let text = "institution remarks\nstate n : 0..6 = 0\nenv more : 0..2\n\
        rule grow : n' = saturate(n + more - 1, 0..6)\nstate late : bool = false\n\
        rule delay when more = 2 : late' = true\n\
        claim reached possible late\nclaim low always n < 8\nclaim plain always (once more = 2 or not late)\n";
    std::fs::write(&spec, text).unwrap();
    let says = |claim: &str, format: &str, words: &str| {
        let arguments = ["export", spec.to_str().unwrap(), "--claim", claim, "--to", format];
        let output = output(&arguments);
        assert_eq!(code(&output), 0, "{}", stderr(&output));
        let file = String::from_utf8(output.stdout.clone()).unwrap();
        (file.contains(words), stderr(&output).contains(words), file)
    };
    let run = "`reached` says that some run reaches something";
    let clipped = "`low` depends on `n`, saturated";
    for (format, mark) in [("vmt", "; "), ("chc", "; "), ("btor2", "; "), ("smv", "-- ")] {
        for (claim, words) in [("reached", run), ("low", clipped)] {
            let (written, told, file) = says(claim, format, words);
            assert!(written && told, "{claim} as {format}: {file}");
            assert!(file.starts_with(&format!("{mark}{words}")), "{file}");
        }
        let (.., file) = says("plain", format, "");
        assert!(!file.contains("saturated") && !file.contains("says that"), "{file}");
    }
    let (written, told, file) = says("reached", "aiger", run);
    assert!(written && told && file.contains(&format!("\nc\n{run}")), "{file}");
    // The files are read as before: a run is found where one is asked for.
    for ending in ["vmt", "smt2", "btor2", "aag"] {
        let to = match ending {
            "smt2" => "chc",
            "aag" => "aiger",
            same => same,
        };
        let file = spec.with_extension(ending);
        let (from, path) = (spec.to_str().unwrap(), file.to_str().unwrap());
        let written = output(&["export", from, "--claim", "reached", "--to", to, "-o", path]);
        assert_eq!(code(&written), 0, "{}", stderr(&written));
        let read = output(&["verify", path]);
        assert_eq!(code(&read), 1, "{ending}: {}", stderr(&read));
    }
}

#[test]
fn json_fits_its_schema() {
    for (spec, exit) in [("visits", 1), ("clash", 1), ("two", 0), ("covered", 0)] {
        let output = output(&["verify", &format!("specs/{spec}.yamen"), "--format", "json"]);
        assert_eq!(code(&output), exit, "{}", stderr(&output));
        let object: Value = serde_json::from_slice(&output.stdout).unwrap();
        check("yamen.verify.v1.schema.json", None, &object);
        assert_eq!(object["schema"], "yamen.verify/1");
    }
}

/// Two departures are needed, and one post can do both; the search by itself takes one of each.
#[test]
fn the_run_shown_departs_by_as_few_hands_as_it_can() {
    let output = output(&["verify", "specs/clerks.yamen", "--format", "json"]);
    let object: Value = serde_json::from_slice(&output.stdout).unwrap();
    let trace = &object["claims"][0]["trace"];
    let mut hands = Vec::new();
    for period in trace["periods"].as_array().unwrap() {
        for (choice, value) in period["choices"].as_object().into_iter().flatten() {
            if value == true {
                hands.push(period["owners"][choice].as_str().unwrap().to_owned());
            }
        }
    }
    assert_eq!(hands.len(), 2, "{hands:?}");
    assert_eq!(hands[0], hands[1]);
}

/// `YAMEN_WRITE=1 cargo test --test cli reference` writes it anew.
#[test]
fn the_reference_of_the_command_line_is_current() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/cli.md");
    let told = clap_markdown::help_markdown::<yamen::cli::Cli>();
    if std::env::var_os("YAMEN_WRITE").is_some() {
        std::fs::write(&page, &told).unwrap();
    }
    let written = std::fs::read_to_string(&page).unwrap_or_default();
    assert!(written == told, "docs/cli.md is not what the command says of itself");
}

#[test]
fn explanations_and_comparisons_fit_their_schemas() {
    let verbs: [(&[&str], &str, &str); 3] = [
        (&["explain"], "yamen.explain.v1.schema.json", "yamen.explain/1"),
        (&["explain", "--without-each"], "yamen.without.v1.schema.json", "yamen.without/1"),
        (&["compare"], "yamen.compare.v1.schema.json", "yamen.compare/1"),
    ];
    for (verb, schema, name) in verbs {
        for spec in ["visits", "two", "covered"] {
            let spec = format!("specs/{spec}.yamen");
            let arguments = [verb, &[spec.as_str(), "--format", "json"]].concat();
            let output = output(&arguments);
            let object: Value = serde_json::from_slice(&output.stdout).unwrap();
            check(schema, None, &object);
            assert_eq!(object["schema"], name);
        }
    }
}

#[test]
fn lines_fit_the_schema_of_a_line() {
    let output = output(&["verify", "specs/visits.yamen", "--format", "jsonl"]);
    assert_eq!(code(&output), 1);
    let text = String::from_utf8(output.stdout).unwrap();
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    for line in &lines {
        check("yamen.verify.v1.schema.json", Some("#/$defs/line"), line);
    }
    assert_eq!(lines.last().unwrap()["summary"]["claims"], lines.len() - 1);
}

#[test]
fn errors_are_an_object_too() {
    for arguments in [
        ["verify", "specs/broken.yamen", "--format", "json"],
        ["verify", "specs/none.yamen", "--format", "jsonl"],
        ["typecheck", "specs/broken.yamen", "--format", "json"],
    ] {
        let output = output(&arguments);
        assert_eq!(code(&output), 2, "{arguments:?}");
        let object: Value = serde_json::from_slice(&output.stdout).unwrap();
        check("yamen.diagnostics.v1.schema.json", None, &object);
        assert!(!object["diagnostics"].as_array().unwrap().is_empty());
    }
}

/// The claim's place, and those of the rules in its run; the words of errors where there are any.
#[test]
fn sarif_points_at_the_broken_claim_and_the_rules_of_its_run() {
    let output = output(&["verify", "specs/visits.yamen", "--format", "sarif"]);
    assert_eq!(code(&output), 1, "{}", stderr(&output));
    let log: Value = serde_json::from_slice(&output.stdout).unwrap();
    let results = log["runs"][0]["results"].as_array().unwrap();
    let result = results.iter().find(|result| result["ruleId"] == "refuted").unwrap();
    let place = &result["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "specs/visits.yamen");
    assert_eq!(place["region"]["startLine"], 26);
    let related = result["relatedLocations"].as_array().unwrap();
    let lines = related.iter().map(|one| &one["physicalLocation"]["region"]["startLine"]);
    let lines: Vec<u64> = lines.map(|line| line.as_u64().unwrap()).collect();
    let text = std::fs::read_to_string(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/cli/specs/visits.yamen"
    ));
    let text = text.unwrap();
    let rules = |line: &u64| text.lines().nth(*line as usize - 1).unwrap().starts_with("rule ");
    assert!(!lines.is_empty() && lines.iter().all(rules), "{lines:?}");
}

#[test]
fn errors_have_the_shape_of_the_format() {
    for (format, part) in [
        ("sarif", "\"executionSuccessful\": false"),
        ("junit", "<error type="),
        ("github", "::error file=specs/broken.yamen,line="),
    ] {
        let output = output(&["verify", "specs/broken.yamen", "--format", format]);
        assert_eq!(code(&output), 2, "{format}");
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(text.contains(part), "{text}");
    }
}

#[test]
fn a_closed_pipe_is_no_error() {
    let mut child = yamen(&["verify", "specs/visits.yamen"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(code(&output), 1);
    assert_eq!(stderr(&output), "");
}

#[test]
#[cfg(target_os = "linux")]
fn a_full_disk_is_told() {
    let full = ["verify", "specs/two.yamen", "--out", "/dev/full"];
    let output = output(&full);
    assert_eq!(code(&output), 3);
    assert!(stderr(&output).contains("cannot write `/dev/full`: no space left on device"));
    let stdout = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let output = yamen(&["verify", "specs/two.yamen"]).stdout(stdout).output().unwrap();
    assert_eq!(code(&output), 3);
    assert!(stderr(&output).contains("cannot write standard output"));
}

#[test]
fn colours_come_only_where_they_are_wanted() {
    let colours = |arguments: &[&str]| output(arguments).stdout.contains(&0x1b);
    assert!(!colours(&["verify", "specs/two.yamen"]));
    assert!(!colours(&["verify", "specs/two.yamen", "--color", "never"]));
    assert!(colours(&["verify", "specs/two.yamen", "--color", "always"]));
}

#[test]
fn a_file_gets_the_report_without_colours() {
    let folder = std::env::temp_dir().join(format!("yamen-cli-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join("report.txt");
    let path = file.to_str().unwrap();
    let output =
        output(&["verify", "specs/two.yamen", "--out", path, "--color", "always", "--no-progress"]);
    assert_eq!(code(&output), 0);
    assert!(output.stdout.is_empty());
    let text = std::fs::read_to_string(&file).unwrap();
    assert!(text.contains("2 claims: 2 as expected"), "{text}");
    assert!(!text.contains('\u{1b}'));
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn every_trace_replays() {
    let folder = std::env::temp_dir().join(format!("yamen-itf-{}", std::process::id()));
    let path = folder.to_str().unwrap();
    output(&["verify", "specs/visits.yamen", "--out-itf", path, "--format", "json"]);
    let traces: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|e| e.unwrap().path()).collect();
    assert_eq!(traces.len(), 2, "{traces:?}");
    for trace in traces {
        let object = serde_json::from_slice(&std::fs::read(&trace).unwrap()).unwrap();
        check("yamen.itf.v1.schema.json", None, &object);
        let output = output(&["replay", "specs/visits.yamen", trace.to_str().unwrap()]);
        assert_eq!(code(&output), 0, "{}", stderr(&output));
    }
    std::fs::remove_dir_all(&folder).unwrap();
}

/// A folder of its own, which goes when the test ends.
struct Folder(std::path::PathBuf);

impl Folder {
    fn new(name: &str) -> Folder {
        let folder = std::env::temp_dir().join(format!("yamen-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        Folder(folder)
    }

    fn write(&self, file: &str, text: &str) {
        std::fs::write(self.0.join(file), text).unwrap();
    }

    fn run(&self, arguments: &[&str]) -> Output {
        yamen(arguments).current_dir(&self.0).output().unwrap()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A shipped spec is locked; then one of its rules is changed.
#[test]
fn a_changed_rule_moves_locked_verdicts() {
    let folder = Folder::new("lock");
    let shipped = concat!(env!("CARGO_MANIFEST_DIR"), "/specs/campaigns/guard.yamen");
    let text = std::fs::read_to_string(shipped).unwrap();
    folder.write("guard.yamen", &text);
    let missing = folder.run(&["verify", "guard.yamen", "--locked"]);
    assert_eq!(code(&missing), 2);
    assert!(stderr(&missing).contains("yamen verify --lock"), "{}", stderr(&missing));

    let plain = ["verify", "guard.yamen", "--no-needs", "--traces", "none"];
    let with = |more: &[&str]| folder.run(&[&plain[..], more].concat());
    assert_eq!(code(&with(&["--lock"])), 0);
    let lock = std::fs::read_to_string(folder.0.join("yamen.lock")).unwrap();
    assert_eq!(lock.matches("\"verdict\":\"proved\"").count(), 2, "{lock}");
    check("yamen.lock.v1.schema.json", None, &serde_json::from_str(&lock).unwrap());
    assert_eq!(code(&with(&["--lock"])), 0);
    let again = std::fs::read_to_string(folder.0.join("yamen.lock")).unwrap();
    assert_eq!(lock, again);
    assert_eq!(code(&with(&["--locked"])), 0);

    let changed = text.replace("min(aligned + pace, cohort)", "aligned");
    assert_ne!(changed, text);
    folder.write("guard.yamen", &changed);
    let moved = with(&["--locked", "--also", "sarif=out.sarif", "--also", "github=out.txt"]);
    assert_eq!(code(&moved), 1);
    let told = stderr(&moved);
    assert!(told.contains("`guard.cam_2` was proved and is now refuted"), "{told}");
    // The reforms' answers are what they were.
    assert!(!told.contains("hasty") && !told.contains("pendulum"), "{told}");
    for (file, words) in [("out.sarif", "verdict-moved"), ("out.txt", "proved and is now refuted")]
    {
        let text = std::fs::read_to_string(folder.0.join(file)).unwrap();
        assert!(text.contains(words), "{text}");
    }

    // Reworded, gone, new; and a lock for another question.
    let renamed =
        text.replace("claim cam_2", "claim cam_3").replace("expect cam_2", "expect cam_3");
    folder.write("guard.yamen", &renamed);
    let told = stderr(&with(&["--locked"]));
    assert!(told.contains("verdict-gone") && told.contains("verdict-new"), "{told}");
    folder.write(
        "guard.yamen",
        &text.replace("leads to aligned = cohort", "leads to aligned >= cohort"),
    );
    assert!(stderr(&with(&["--locked"])).contains("its words changed"));
    folder.write("guard.yamen", &text);
    assert_eq!(code(&with(&["--locked", "--set", "pace=2"])), 2);
    folder.write("yamen.lock", &lock.replace("yamen.lock/1", "yamen.lock/9"));
    assert_eq!(code(&with(&["--locked"])), 2);
}

/// Settings count from the folder above, the command line wins, and slips are errors.
#[test]
fn a_project_has_settings() {
    let folder = Folder::new("settings");
    folder.write("one.yamen", "institution one\nstate x : bool\nclaim c : always x or not x\n");
    folder.write("yamen.toml", "paths = [\"one.yamen\"]\n[verify]\nformat = \"json\"\n");
    let output = folder.run(&["verify"]);
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    let object: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(object["claims"][0]["file"], "one.yamen");
    let output = folder.run(&["verify", "--format", "text"]);
    assert!(String::from_utf8_lossy(&output.stdout).contains("1 claim: 1 as expected"));
    let below = folder.0.join("below");
    std::fs::create_dir_all(&below).unwrap();
    let output = yamen(&["typecheck"]).current_dir(&below).output().unwrap();
    assert_eq!(code(&output), 0, "{}", stderr(&output));

    folder.write("yamen.toml", "paths = [\"one.yamen\"]\ntimout = 3\n");
    let output = folder.run(&["verify"]);
    assert_eq!(code(&output), 2);
    let told = stderr(&output);
    for part in ["yamen.toml:2:1", "there is no setting `timout` here", "did you mean `timeout`?"] {
        assert!(told.contains(part), "{told}");
    }
    assert_eq!(code(&folder.run(&["completions", "bash"])), 0);
}

#[test]
fn manual_pages_name_every_option() {
    let folder = Folder::new("man");
    assert_eq!(code(&folder.run(&["man", "-o", "pages"])), 0);
    let page = std::fs::read_to_string(folder.0.join("pages/yamen-verify.1")).unwrap();
    assert!(page.contains("lock\\-file") && page.contains(".TH yamen-verify 1"), "{page}");
    let output = folder.run(&["man"]);
    assert!(String::from_utf8_lossy(&output.stdout).contains("yamen\\-typecheck(1)"));
}

/// The steps of the action, with the program that is there.
#[test]
#[cfg(unix)]
fn the_action_verifies() {
    let folder = Folder::new("action");
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/scripts/action.sh");
    let spec = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cli/specs/visits.yamen");
    let mut command = Command::new("bash");
    command.args([script, "verify"]).current_dir(&folder.0);
    command.env("YAMEN_PROGRAM", env!("CARGO_BIN_EXE_yamen")).env("YAMEN_PATHS", spec);
    command.env("YAMEN_SARIF", "a b.sarif").env("YAMEN_ARGUMENTS", "--no-needs\n--claim=clean");
    let output = command.output().unwrap();
    assert_eq!(code(&output), 1, "{}", stderr(&output));
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.starts_with("::error file="), "{text}");
    assert!(folder.0.join("a b.sarif").is_file());
    let output = command.env("YAMEN_ARGUMENTS", "--claim=caught").output().unwrap();
    assert_eq!(code(&output), 0, "{}", stderr(&output));
}

/// A run to a trap refutes that something stays possible; it is re-executed as the run it is.
#[test]
fn a_run_to_a_trap_replays() {
    let folder = std::env::temp_dir().join(format!("yamen-trap-{}", std::process::id()));
    let path = folder.to_str().unwrap();
    let spec = concat!(env!("CARGO_MANIFEST_DIR"), "/specs/governor/threshold.yamen");
    output(&["verify", spec, "--claim", "dao_2", "--out-itf", path]);
    let trace = folder.join("high_cap.dao_2.itf.json");
    let output = output(&["replay", spec, trace.to_str().unwrap()]);
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    assert!(String::from_utf8_lossy(&output.stdout).contains("to where nothing leads on"));
    std::fs::remove_dir_all(&folder).unwrap();
}

/// The first SIGINT ends the search and prints what was decided.
#[test]
#[cfg(unix)]
fn an_interrupt_prints_what_was_decided() {
    let mut child = yamen(&["verify", "specs/long.yamen", "--format", "jsonl", "--timeout", "60"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    let mut first = String::new();
    stdout.read_line(&mut first).unwrap();
    let decided: Value = serde_json::from_str(&first).unwrap();
    assert_eq!(decided["id"], "quick");
    let killed = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(killed.success());
    let mut rest = String::new();
    stdout.read_to_string(&mut rest).unwrap();
    let closing: Value = serde_json::from_str(rest.lines().last().unwrap()).unwrap();
    assert_eq!(closing["interrupted"], true);
    assert_eq!(child.wait().unwrap().code(), Some(130));
}

/// A run held as a conversation: the answers are all there from the start.
fn played(spec: &str, more: &[&str], answers: &str) -> (i32, String, String) {
    let mut command = yamen(&["run", spec, "--interactive"]);
    command.args(more).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), answers.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let told = String::from_utf8(output.stdout.clone()).unwrap();
    (code(&output), told, stderr(&output))
}

/// The parts of a conversation that begin a period.
fn periods(conversation: &str) -> Vec<&str> {
    conversation.split("period ").skip(1).collect()
}

#[test]
fn an_interactive_run_tells_asks_takes_back_and_saves() {
    let saved = Path::new(env!("CARGO_TARGET_TMPDIR")).join("played.itf.json");
    let saved = saved.to_str().unwrap();
    let answers = format!("true\nadopt\nadapt\nadapt\n:undo\ncomply\n:save {saved}\n:quit\n");
    let (code, told, said) = played("specs/visits.yamen", &[], &answers);
    assert_eq!(code, 0, "{said}");
    let periods = periods(&said);
    assert_eq!(periods.len(), 5, "{said}");
    assert!(periods[0].contains("Inspectorate chooses announce (false, true)? "), "{said}");
    assert!(periods[0].contains("answer with one of these"), "{said}");
    assert!(periods[1].contains("state: countdown = 1, found = false"), "{said}");
    assert!(!periods[1].contains("announce"), "{said}");
    assert!(periods[2].contains("broken after 2 periods: clean"), "{said}");
    assert!(periods[2].contains("shown after 2 periods: caught"), "{said}");
    assert!(!periods[3].contains("broken") && !periods[4].contains("broken"), "{said}");
    assert!(told.contains("comply") && told.contains("at the end"), "{told}");

    let replayed = output(&["replay", "specs/visits.yamen", saved]);
    assert_eq!(self::code(&replayed), 0, "{replayed:?}");
    let again = ["--from", saved];
    let (_, _, said) = played("specs/visits.yamen", &again, ":undo\nadapt\n:undo\n:undo\n:undo\n");
    assert!(said.contains("broken after 2 periods: clean"), "{said}");
    assert!(said.contains("this is the first period"), "{said}");
}

#[test]
fn an_interactive_run_shows_what_posts_see_and_where_it_is_stuck() {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("seen.yamen");
    let spec = "institution seen \"Sight\"\nposition Clerk, Judge\nstate n : 0..3 = 0\n\
                choice step : 1..2 by Clerk where n + step <= 3\nsees Judge : n\n\
                rule walk : n' = n + step\nclaim low always n <= 3\n";
    std::fs::write(&path, spec).unwrap();
    let path = path.to_str().unwrap();
    let (code, _, said) = played(path, &[], "2\n\n\n:undo\n:play 5\n:quit\n");
    assert!(said.contains("Judge sees: n = 2"), "{said}");
    assert_eq!(said.matches("the run is stuck").count(), 2, "{said}");
    assert_eq!(code, 1, "{said}");
}
