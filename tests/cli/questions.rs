//! What is asked for in a way that has two meanings, or none, and runs that are given back.

use std::process::Output;

use super::{Folder, code, output, stderr};

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

#[test]
fn a_place_that_cannot_be_written_is_told_before_any_work() {
    for option in ["--out", "--out-itf"] {
        let output = output(&["verify", "specs/two.yamen", option, "specs/two.yamen/below"]);
        assert_eq!(code(&output), 2, "{option}");
        assert!(stderr(&output).contains("cannot write `specs/two.yamen/below`"), "{option}");
        assert!(output.stdout.is_empty());
    }
    let help = stdout(&output(&["--help"])).replace(char::is_whitespace, " ");
    assert!(
        help.contains("2 wrong use, a wrong spec, or a place that cannot be written"),
        "{help}"
    );
}

/// Of two values for one parameter nobody can say which is meant.
#[test]
fn a_parameter_that_is_set_twice_is_refused() {
    for verb in ["verify", "run"] {
        let twice = [verb, "specs/visits.yamen", "--set", "notice=1", "--set", "notice=2"];
        let output = output(&twice);
        assert_eq!(code(&output), 2, "{}", stderr(&output));
        let told = "error[twice]: `notice` is set twice: to `1` and to `2`";
        assert!(stderr(&output).contains(told), "{}", stderr(&output));
    }
}

/// What is set stays set where the other parameters take all values.
#[test]
fn what_is_set_is_kept_for_all_values_of_the_others() {
    let folder = Folder::new("set-for-all");
    let spec = folder.0.join("spec.yamen");
    let text = "institution a\nparam one : 0..3 = 0\nparam two : 0..3 = 0\nstate x : bool = false\n\
                claim c always (one + two <= 4)\n";
    std::fs::write(&spec, text).unwrap();
    let spec = spec.to_str().unwrap();
    let all = output(&["verify", spec, "--for-all-params"]);
    assert_eq!(code(&all), 1, "{}", stdout(&all));
    let set = output(&["verify", spec, "--for-all-params", "--set", "one=1"]);
    assert_eq!(code(&set), 0, "{}{}", stdout(&set), stderr(&set));
    let set = output(&["verify", spec, "--for-all-params", "--set", "one=2"]);
    assert_eq!(code(&set), 1, "{}", stdout(&set));
}

/// A saved run brings its parameters, also those that shape the model.
#[test]
fn a_run_goes_on_with_its_parameters() {
    let folder = Folder::new("from");
    let (spec, first) = (folder.0.join("spec.yamen"), folder.0.join("first.itf.json"));
    let text = "institution a\nparam most : 1..9 = 1\nstate x : 0..most = 0\n\
                rule up when x < most : x' = x + 1\n";
    std::fs::write(&spec, text).unwrap();
    let (spec, first) = (spec.to_str().unwrap(), first.to_str().unwrap());
    let begun = output(&["run", spec, "--set", "most=5", "--steps", "2", "--out-itf", first]);
    assert_eq!(code(&begun), 0, "{}", stderr(&begun));
    let then = output(&["run", spec, "--from", first, "--steps", "3"]);
    assert_eq!(code(&then), 0, "{}", stderr(&then));
    assert!(stdout(&then).contains('5'), "{}", stdout(&then));
    let both = output(&["run", spec, "--from", first, "--set", "most=4"]);
    assert_eq!(code(&both), 2, "{}", stdout(&both));
    assert!(stderr(&both).contains("cannot be used with"), "{}", stderr(&both));
}

/// A value that the parameter cannot have is a slip in the question, wherever it stands.
#[test]
fn a_sweep_over_a_value_that_is_none_is_refused() {
    for values in ["notice=1,9999", "notice=9999,1", "notice=1,soon"] {
        let output = output(&["sweep", "specs/visits.yamen", "--claim", "clean", "--over", values]);
        assert_eq!(code(&output), 2, "{values}: {}{}", stdout(&output), stderr(&output));
        assert!(stderr(&output).contains("bad-parameter-value"), "{}", stderr(&output));
    }
}

/// The other run of a pair is a run too; what the pair decides is not for it alone to say.
#[test]
fn the_other_run_of_a_pair_replays_by_itself() {
    let folder = Folder::new("other-run");
    let path = folder.0.to_str().unwrap();
    output(&["verify", "specs/covered.yamen", "--claim", "hidden", "--out-itf", path]);
    let trace = folder.0.join("covered.hidden.twin.itf.json");
    let replayed = || output(&["replay", "specs/covered.yamen", trace.to_str().unwrap()]);
    let output = replayed();
    assert_eq!(code(&output), 0, "{}{}", stdout(&output), stderr(&output));
    let told = stdout(&output);
    assert!(told.contains("a run of `covered` with 4 states, the other one of a pair"), "{told}");
    assert!(told.contains("replay `covered.hidden.itf.json`"), "{told}");
    let text = std::fs::read_to_string(&trace).unwrap();
    let changed = text.replacen("\"traces\": false", "\"traces\": true", 1);
    assert_ne!(text, changed);
    std::fs::write(&trace, changed).unwrap();
    assert_eq!(code(&replayed()), 1);
}
