//! Certificates hold as written, and are rejected, with the place named, when anything in them was
//! changed: a file, the list of files, what must come of them, or the run.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use yamen::evidence::manifest::digest;

/// A lemma, a claim that needs it, a claim by itself, and a run.
const SPEC: &str = r#"
institution desk "A desk"
position Clerk
state waiting : int = 0
state handled : int = 0
choice answer : bool by Clerk when waiting > 0
env arrives : bool
rule come when arrives and not answer : waiting' = waiting + 1
rule go when answer and not arrives : waiting' = waiting - 1, handled' = handled + 1
rule pass when answer and arrives : handled' = handled + 1
lemma sane always waiting >= 0
claim counted "what was handled is not negative" always handled >= 0
scenario busy possible waiting = 2 and handled = 1
"#;

/// A clerk who does not know which of two files is asked for.
const GUESS: &str = r#"
institution desk "A desk"
position Clerk
state asked : 0..1
state found : bool = false
choice file : 0..1 by Clerk
rule ask : asked' in 0..1
rule find when file = asked : found' = true
claim luck "the clerk cannot make sure of the file" {Clerk} cannot force found unseen
"#;

/// A folder of its own for each test, with the certificates of the spec.
struct Certified {
    root: PathBuf,
}

impl Certified {
    fn new(name: &str) -> Certified {
        Certified::of(name, SPEC)
    }

    fn of(name: &str, spec: &str) -> Certified {
        let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join("certificates").join(name);
        let _ = fs::remove_dir_all(&root);
        fs::create_dir_all(&root).unwrap();
        fs::write(root.join("desk.yamen"), spec).unwrap();
        let certified = Certified { root };
        let output = certified.yamen(&["certify", "desk.yamen", "-o", "out"]);
        assert!(output.status.success(), "{output:?}");
        certified
    }

    fn yamen(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_yamen"));
        command.current_dir(&self.root).args(arguments).output().unwrap()
    }

    fn check(&self) -> (Option<i32>, String) {
        self.check_folder("out")
    }

    fn check_folder(&self, folder: &str) -> (Option<i32>, String) {
        let solver = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support/z3.py");
        let solver = format!("python3 {}", solver.display());
        let output = self.yamen(&["check-certificate", folder, "--solver", &solver]);
        (output.status.code(), String::from_utf8(output.stdout).unwrap())
    }

    fn path(&self, file: &str) -> PathBuf {
        self.root.join("out/desk").join(file)
    }

    /// Replaces text in a file, which must be there.
    fn edit(&self, file: &str, from: &str, to: &str) {
        let text = fs::read_to_string(self.path(file)).unwrap();
        assert!(text.contains(from), "{from} in {file}:\n{text}");
        fs::write(self.path(file), text.replacen(from, to, 1)).unwrap();
    }

    /// Replaces text in a file and makes what lists it agree, as a forger would.
    fn forge(&self, folder: &str, file: &str, from: &str, to: &str) {
        let path = format!("{folder}/{file}");
        let old = digest(&fs::read(self.path(&path)).unwrap());
        self.edit(&path, from, to);
        let new = digest(&fs::read(self.path(&path)).unwrap());
        match file {
            "manifest.json" => self.edit("../index.json", &old, &new),
            _ => self.forge(folder, "manifest.json", &old, &new),
        }
    }

    /// Does something to the index.
    fn index(&self, change: impl FnOnce(&mut serde_json::Value)) {
        let path = self.root.join("out/index.json");
        let mut index = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
        change(&mut index);
        fs::write(path, index.to_string()).unwrap();
    }

    fn rejected(&self, place: &str, why: &str) {
        let (code, told) = self.check();
        assert_eq!(code, Some(1), "{told}");
        let fails = |line: &str| line.starts_with("fails") && line.contains(place);
        let told_so = told.lines().any(|line| fails(line) && line.contains(why));
        assert!(told_so, "{place}, {why}: {told}");
    }
}

/// The scripts of a claim.
fn scripts(certified: &Certified, claim: &str) -> Vec<String> {
    let files = fs::read_dir(certified.path(claim)).unwrap();
    let names = files.map(|file| file.unwrap().file_name().into_string().unwrap());
    names.filter(|name| name.ends_with(".smt2")).collect()
}

/// The first script of a claim.
fn script(certified: &Certified, claim: &str) -> String {
    scripts(certified, claim).into_iter().min().unwrap()
}

/// The last one, which is about steps.
fn last_script(certified: &Certified, claim: &str) -> String {
    scripts(certified, claim).into_iter().max().unwrap()
}

/// Specs whose proofs rest on what posts know, or on strategies: all others are proved by engines that write
/// down why.
#[test]
fn every_proved_claim_has_a_certificate() {
    let out = Path::new(env!("CARGO_TARGET_TMPDIR")).join("certificates/specs");
    let _ = fs::remove_dir_all(&out);
    let specs = ["chain", "hospital", "audit", "treasury", "detection/evasion.yamen"];
    let mut command = Command::new(env!("CARGO_BIN_EXE_yamen"));
    command.current_dir(env!("CARGO_MANIFEST_DIR")).arg("certify").arg("-o").arg(&out);
    let output = command.args(specs.map(|spec| format!("specs/{spec}"))).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let told = String::from_utf8(output.stdout).unwrap();
    let alone = told.lines().filter(|line| line.ends_with("leaves nothing to check"));
    let alone: Vec<&str> = alone.filter_map(|line| line.split(':').next()).collect();
    assert_eq!(alone, [""; 0], "{told}");
    let worlds = out.join("culprit/acc_5/observer-1-worlds-2-steps.smt2");
    assert!(fs::read_to_string(worlds).unwrap().contains("every check must be satisfiable"));
    let plans = out.join("evasion/det_2b/4-plans.smt2");
    assert!(fs::read_to_string(plans).unwrap().contains("; in row 0 no other plan is possible"));
}

#[test]
fn certificates_hold_as_written() {
    let (code, told) = Certified::new("as_written").check();
    assert_eq!(code, Some(0), "{told}");
    assert!(told.starts_with("4 of 4 certificates hold"), "{told}");
}

#[test]
fn a_changed_script_is_rejected() {
    let certified = Certified::new("changed_script");
    let file = script(&certified, "counted");
    certified.edit(
        &format!("counted/{file}"),
        "(set-logic ALL)",
        "(set-logic ALL)\n(assert false)",
    );
    certified.rejected(&file, "not the file that was certified");
}

#[test]
fn a_script_that_asks_for_less_is_rejected() {
    let certified = Certified::new("asks_less");
    let file = last_script(&certified, "counted");
    certified.forge("counted", &file, "(assert (= handled@1", "(assert (distinct handled@1");
    certified.rejected(&file, "is sat, not unsat");
}

/// Each script of a table against a coalition that does not see everything, with something in it changed.
#[test]
fn a_changed_table_is_rejected() {
    let scripts = [
        (
            "1-first",
            "(assert (not found@0))\n(check-sat)",
            "(assert found@0)\n(check-sat)",
            "unsat, not sat",
        ),
        ("2-looks", "(assert (not |goal 0~@0|))", "(assert |goal 0~@0|)", "unsat, not sat"),
        ("3-steps", "(assert (not found@1))", "(assert found@1)", "unsat, not sat"),
        ("4-plans", "(assert (not (= |plan file~@0| 0)))\n", "", "sat, not unsat"),
    ];
    for (script, from, to, why) in scripts {
        let certified = Certified::of(&format!("table_{script}"), GUESS);
        assert_eq!(certified.check().0, Some(0));
        let file = format!("{script}.smt2");
        certified.forge("luck", &file, from, to);
        certified.rejected(&file, why);
    }
}

#[test]
fn a_script_without_checks_is_rejected() {
    let certified = Certified::new("no_checks");
    let file = script(&certified, "counted");
    let text = fs::read_to_string(certified.path(&format!("counted/{file}"))).unwrap();
    for _ in 0..text.matches("(check-sat)").count() {
        certified.forge("counted", &file, "(check-sat)", "");
    }
    certified.rejected(&file, "checks nothing");
}

#[test]
fn a_script_that_is_missing_is_rejected() {
    let certified = Certified::new("missing_script");
    let file = script(&certified, "counted");
    fs::remove_file(certified.path(&format!("counted/{file}"))).unwrap();
    certified.rejected(&file, "no such file");
}

#[test]
fn an_empty_list_of_files_is_rejected() {
    let certified = Certified::new("empty_list");
    let text = fs::read_to_string(certified.path("counted/manifest.json")).unwrap();
    let mut manifest: serde_json::Value = serde_json::from_str(&text).unwrap();
    manifest["files"] = serde_json::json!([]);
    certified.forge("counted", "manifest.json", &text, &manifest.to_string());
    certified.rejected("counted", "lists no file");
}

#[test]
fn another_answer_than_needed_is_rejected() {
    let certified = Certified::new("another_answer");
    certified.forge("counted", "manifest.json", "\"unsat\"", "\"sat\"");
    certified.rejected("counted", "is unsat, not sat");
}

#[test]
fn a_manifest_that_is_none_is_rejected() {
    let certified = Certified::new("no_manifest");
    certified.forge("counted", "manifest.json", "\"schema\"", "\"scheme\"");
    certified.rejected("counted", "is no manifest");
}

#[test]
fn another_format_is_rejected() {
    let certified = Certified::new("another_format");
    certified.forge("counted", "manifest.json", "yamen.certificate/1", "yamen.certificate/9");
    certified.rejected("counted", "its format is");
}

/// Each folder that a claim rests on, taken away from a copy that has no index.
#[test]
fn what_a_claim_rests_on_must_have_a_certificate() {
    for needed in ["sane", "defects"] {
        let certified = Certified::new(&format!("no_{needed}"));
        fs::remove_dir_all(certified.path(needed)).unwrap();
        let (code, told) = certified.check_folder("out/desk");
        assert_eq!(code, Some(1), "{told}");
        assert!(told.contains(&format!("counted: it rests on `{needed}`")), "{told}");
    }
}

/// Whatever is taken away, the index knows of it.
#[test]
fn what_is_missing_is_named() {
    for folder in ["counted", "sane", "busy", "defects"] {
        let certified = Certified::new(&format!("lost_{folder}"));
        fs::remove_file(certified.path(folder).join("manifest.json")).unwrap();
        certified.rejected(folder, "its `manifest.json` is missing");
        let (code, told) = certified.check_folder("out/desk");
        assert_eq!(code, Some(1), "{told}");
        fs::remove_dir_all(certified.path(folder)).unwrap();
        certified.rejected(folder, "is listed in `index.json`, and is missing");
    }
    let certified = Certified::new("lost_all");
    fs::remove_dir_all(certified.path("")).unwrap();
    let (code, told) = certified.check();
    assert!(code == Some(1) && told.contains("0 of 4 certificates hold"), "{told}");
}

#[test]
fn another_manifest_than_the_listed_one_is_rejected() {
    let certified = Certified::new("another_manifest");
    certified.edit("counted/manifest.json", "not negative", "negative");
    certified.rejected("counted", "not the one that was certified");
}

#[test]
fn a_folder_that_is_not_listed_is_rejected() {
    let certified = Certified::new("not_listed");
    fs::create_dir(certified.path("old")).unwrap();
    for file in fs::read_dir(certified.path("sane")).unwrap() {
        let file = file.unwrap();
        fs::copy(file.path(), certified.path("old").join(file.file_name())).unwrap();
    }
    certified.rejected("old", "not listed in `index.json`");
}

#[test]
fn an_index_that_is_lost_or_none_is_missed() {
    let certified = Certified::new("index");
    certified.index(|index| index["certificates"][0]["folder"] = "../../desk".into());
    certified.rejected("out", "lists `../../desk`, which is elsewhere");
    certified.index(|index| index["schema"] = "yamen.certificates/9".into());
    certified.rejected("out", "the format of `index.json` is");
    fs::remove_file(certified.root.join("out/index.json")).unwrap();
    certified.rejected("out/desk", "no `index.json` lists it");
}

/// An institution or a claim may be handed on without the rest.
#[test]
fn folders_below_the_index_hold_by_themselves() {
    let certified = Certified::new("below");
    for (folder, count) in [("out/desk", 4), ("out/desk/counted", 1)] {
        let (code, told) = certified.check_folder(folder);
        assert_eq!(code, Some(0), "{told}");
        assert!(told.contains(&format!("{count} of {count} certificates hold")), "{told}");
        assert!(told.contains("no index says whether any is missing"), "{told}");
    }
}

/// A later run takes the place of what an earlier one wrote of the same institutions, and of nothing else.
#[test]
fn another_run_keeps_other_institutions_and_removes_what_is_gone() {
    let certified = Certified::new("again");
    let office = SPEC.replace("institution desk", "institution office");
    fs::write(certified.root.join("office.yamen"), office).unwrap();
    let output = certified.yamen(&["certify", "office.yamen", "-o", "out"]);
    assert!(output.status.success(), "{output:?}");
    let (code, told) = certified.check();
    assert!(code == Some(0) && told.starts_with("8 of 8"), "{told}");
    let shorter = SPEC.replace("claim counted", "claim numbered");
    fs::write(certified.root.join("desk.yamen"), shorter).unwrap();
    let output = certified.yamen(&["certify", "desk.yamen", "-o", "out"]);
    let told = String::from_utf8(output.stdout).unwrap();
    assert!(told.contains("1 certificate of an earlier run removed"), "{told}");
    assert!(!certified.path("counted").exists());
    let (code, told) = certified.check();
    assert!(code == Some(0) && told.starts_with("8 of 8"), "{told}");
    // An institution with another name is known by its file.
    fs::write(certified.root.join("desk.yamen"), SPEC.replace("desk", "counter")).unwrap();
    certified.yamen(&["certify", "desk.yamen", "-o", "out"]);
    assert!(!certified.path("sane").exists());
    let (code, told) = certified.check();
    assert!(code == Some(0) && told.starts_with("8 of 8"), "{told}");
}

/// Nothing can go wrong in it, so that there is nothing for proofs to rest on.
#[test]
fn where_no_defect_can_be_none_is_demanded() {
    let spec = "institution still \"Still\"\nstate x : int = 0\nrule go : x' = x + 1\n\
                claim up \"up\" always x >= 0\n";
    let certified = Certified::of("no_defects", spec);
    assert!(!certified.root.join("out/still/defects").exists());
    let (code, told) = certified.check();
    assert_eq!(code, Some(0), "{told}");
}

#[test]
fn what_left_nothing_to_check_is_told() {
    let certified = Certified::new("unchecked");
    certified.index(|index| {
        index["unchecked"] = serde_json::json!([{ "folder": "desk/luck", "engine": "explicit" }]);
    });
    let (code, told) = certified.check();
    assert_eq!(code, Some(0), "{told}");
    let line = "1 claim was proved by explicit alone: nothing to check (desk/luck)";
    assert!(told.contains(line), "{told}");
}

#[test]
fn a_file_elsewhere_is_rejected() {
    let certified = Certified::new("elsewhere");
    let file = script(&certified, "counted");
    certified.forge("counted", "manifest.json", &file, "../sane/manifest.json");
    certified.rejected("counted", "not in its folder");
}

#[test]
fn a_changed_run_is_rejected_with_its_period() {
    let certified = Certified::new("changed_run");
    let text = fs::read_to_string(certified.path("busy/run.itf.json")).unwrap();
    let mut run: serde_json::Value = serde_json::from_str(&text).unwrap();
    let last = run["states"].as_array().unwrap().len() - 1;
    let from = run["states"][last]["handled"].to_string();
    run["states"][last]["handled"] = serde_json::json!({ "#bigint": "7" });
    let changed = serde_json::to_string_pretty(&run).unwrap();
    assert_ne!(from, "7");
    let old = digest(text.as_bytes());
    fs::write(certified.path("busy/run.itf.json"), &changed).unwrap();
    certified.forge("busy", "manifest.json", &old, &digest(changed.as_bytes()));
    certified.rejected("busy", "departs in period");
}

#[test]
fn a_solver_that_is_not_there_is_named() {
    let certified = Certified::new("no_solver");
    let output = certified.yamen(&["check-certificate", "out", "--solver", "no-such-solver"]);
    assert_eq!(output.status.code(), Some(2));
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(told.contains("cannot run `no-such-solver`"), "{told}");
}

/// Two files may declare institutions of one name: none of their certificates takes another's place.
#[test]
fn institutions_of_one_name_have_folders_of_their_own() {
    let certified = Certified::new("namesakes");
    fs::write(certified.root.join("other.yamen"), SPEC).unwrap();
    fs::remove_dir_all(certified.root.join("out")).unwrap();
    let output = certified.yamen(&["certify", "desk.yamen", "other.yamen", "-o", "out"]);
    assert!(output.status.success(), "{output:?}");
    let told = String::from_utf8(output.stdout).unwrap();
    for file in ["desk@desk", "desk@other"] {
        let manifest = certified.root.join("out").join(file).join("counted/manifest.json");
        assert!(manifest.is_file(), "{}", manifest.display());
    }
    let (code, checked) = certified.check();
    let count: String = told.chars().take_while(char::is_ascii_digit).collect();
    assert!(code == Some(0) && checked.contains(&format!("{count} of {count}")), "{told}{checked}");
}
