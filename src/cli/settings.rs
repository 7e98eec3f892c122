//! `yamen.toml`: what a project's people would otherwise type each time.
//!
//! Settings become the default values of the options that they are named after, so that the command
//! line wins, `--help` shows them, and no verb knows of the file. A key that is not known is an
//! error with its place: a slip of the pen in a timeout or a path must not quietly change what is
//! verified.

use std::path::{Path, PathBuf};

use clap::Command;
use serde::Deserialize;
use toml::Spanned;

use super::Failure;
use super::failure::reason;
use super::options::MOST_SECONDS;
use crate::report::diagnostics::Trouble;
use crate::syntax::diagnostic::Diagnostic;
use crate::syntax::source::{FileId, SourceMap, Span};

/// The name of the file.
const NAME: &str = "yamen.toml";

/// What may stand in the file.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Settings {
    paths: Option<Spanned<Vec<PathBuf>>>,
    timeout: Option<Spanned<f64>>,
    jobs: Option<Spanned<i64>>,
    seed: Option<Spanned<i64>>,
    color: Option<Spanned<String>>,
    cache: Option<Spanned<PathBuf>>,
    #[serde(default)]
    verify: Verify,
}

/// What only `verify` takes.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Verify {
    format: Option<Spanned<String>>,
    traces: Option<Spanned<String>>,
    lock_file: Option<Spanned<PathBuf>>,
}

/// Every key, for suggestions.
const KEYS: [&str; 10] = [
    "paths",
    "timeout",
    "jobs",
    "seed",
    "color",
    "cache",
    "verify",
    "format",
    "traces",
    "lock-file",
];

/// A default that a setting gives to an option: of one verb, or of all that have it.
struct Preset {
    verb: Option<&'static str>,
    option: &'static str,
    values: Vec<String>,
    span: std::ops::Range<usize>,
}

/// The command with the settings of the project as its defaults, and what is wrong with them.
pub fn apply(command: Command) -> (Command, Option<Failure>) {
    let Some((path, above)) = find() else { return (command, None) };
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) => {
            let message = format!("cannot read `{}`: {}", path.display(), reason(&error));
            return (command, Some(Failure::usage(Trouble::new("unreadable", message))));
        }
    };
    match read(&text, &above, &command) {
        Ok(defaults) => (defaults.iter().fold(command, with), None),
        Err(diagnostics) => {
            let mut sources = SourceMap::default();
            sources.add(path, text);
            let sources = Box::new(sources);
            (command, Some(Failure::Usage { troubles: Vec::new(), diagnostics, sources }))
        }
    }
}

/// The file in this folder or the nearest above it, and the way up to it.
fn find() -> Option<(PathBuf, PathBuf)> {
    let here = std::env::current_dir().ok()?;
    let height = here.ancestors().position(|folder| folder.join(NAME).is_file())?;
    let above: PathBuf = std::iter::repeat_n("..", height).collect();
    Some((above.join(NAME), above))
}

/// Reads settings; paths in them start from their folder.
fn read(text: &str, above: &Path, command: &Command) -> Result<Vec<Preset>, Vec<Diagnostic>> {
    let settings: Settings = toml::from_str(text).map_err(|error| vec![wrong(&error)])?;
    let mut all = Vec::new();
    let mut add = |verb, option, values: Vec<String>, span| {
        all.push(Preset { verb, option, values, span });
    };
    if let Some(paths) = &settings.paths {
        add(None, "paths", paths.get_ref().iter().map(|p| under(above, p)).collect(), paths.span());
    }
    let numbers = [("jobs", &settings.jobs), ("seed", &settings.seed)];
    for (option, number) in numbers {
        if let Some(number) = number {
            add(None, option, vec![number.get_ref().to_string()], number.span());
        }
    }
    if let Some(timeout) = &settings.timeout {
        add(None, "timeout", vec![timeout.get_ref().to_string()], timeout.span());
    }
    if let Some(folder) = &settings.cache {
        add(None, "cache", vec![under(above, folder.get_ref())], folder.span());
    }
    let Verify { format, traces, lock_file } = &settings.verify;
    let verify = Some("verify");
    let words =
        [(None, "color", &settings.color), (verify, "format", format), (verify, "traces", traces)];
    for (verb, option, word) in words {
        if let Some(word) = word {
            add(verb, option, vec![word.get_ref().clone()], word.span());
        }
    }
    if let Some(file) = lock_file {
        add(verify, "lock_file", vec![under(above, file.get_ref())], file.span());
    }
    let faults: Vec<Diagnostic> = all.iter().filter_map(|one| fault(one, command)).collect();
    if faults.is_empty() { Ok(all) } else { Err(faults) }
}

fn under(above: &Path, path: &Path) -> String {
    above.join(path).display().to_string()
}

/// What is wrong with a value.
fn fault(setting: &Preset, command: &Command) -> Option<Diagnostic> {
    let value = setting.values.first().map_or("", String::as_str);
    let at = |message: String| Diagnostic::error("wrong-setting", place(&setting.span), message);
    match setting.option {
        "paths" if setting.values.is_empty() => {
            Some(at("`paths` names no path".to_owned()).help("leave it out, or name a folder"))
        }
        "timeout" => {
            let seconds: f64 = value.parse().unwrap_or_default();
            let fine = seconds > 0.0 && seconds <= MOST_SECONDS;
            let message = || format!("`timeout` is more than 0 and at most {MOST_SECONDS} seconds");
            (!fine).then(|| at(message()))
        }
        "jobs" if value.parse::<i64>().is_ok_and(|jobs| jobs < 1) => {
            Some(at("`jobs` is at least 1".to_owned()))
        }
        "seed" if value.starts_with('-') => Some(at("`seed` is not negative".to_owned())),
        option => {
            let words = words_of(setting.verb, option, command);
            let known = words.is_empty() || words.iter().any(|word| word == value);
            let message = || format!("`{option}` is none of the words it may be: `{value}`");
            (!known).then(|| suggested(at(message()), value, &words))
        }
    }
}

/// The words that an option takes, if it takes words.
fn words_of(verb: Option<&str>, option: &str, command: &Command) -> Vec<String> {
    let command = match verb {
        Some(verb) => command.find_subcommand(verb),
        None => Some(command),
    };
    let mut arguments = command.into_iter().flat_map(Command::get_arguments);
    let found = arguments.find(|argument| argument.get_id() == option);
    let values = found.map(clap::Arg::get_possible_values).unwrap_or_default();
    values.iter().map(|value| value.get_name().to_owned()).collect()
}

/// An error of the reader in our words.
fn wrong(error: &toml::de::Error) -> Diagnostic {
    let span = place(&error.span().unwrap_or_default());
    let message = error.message().trim();
    let Some(rest) = message.strip_prefix("unknown field `") else {
        return Diagnostic::error("wrong-settings", span, message.to_owned());
    };
    let key = rest.split('`').next().unwrap_or_default();
    let known: Vec<String> = KEYS.iter().map(|key| (*key).to_owned()).collect();
    let listed = rest.split_once("expected ").map(|(_, listed)| listed);
    let near = nearest(key, &known).is_some();
    let diagnostic =
        Diagnostic::error("unknown-setting", span, format!("there is no setting `{key}` here"));
    match (near, listed) {
        (false, Some(listed)) => diagnostic.help(format!("there is {listed}")),
        _ => suggested(diagnostic, key, &known),
    }
}

fn suggested(diagnostic: Diagnostic, wrong: &str, known: &[String]) -> Diagnostic {
    match nearest(wrong, known) {
        Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
        None => diagnostic.help(format!("there are {}", known.join(", "))),
    }
}

fn nearest<'a>(wrong: &str, known: &'a [String]) -> Option<&'a String> {
    let near = known.iter().map(|other| (strsim::jaro_winkler(wrong, other), other));
    let near = near.filter(|(nearness, _)| *nearness > 0.8);
    near.max_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, other)| other)
}

/// The settings are the only file of their map.
fn place(range: &std::ops::Range<usize>) -> Span {
    let byte = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    Span { file: FileId(0), start: byte(range.start), end: byte(range.end) }
}

/// The command with one default changed, in every verb that has the option.
fn with(command: Command, setting: &Preset) -> Command {
    let command = changed(command, setting, setting.verb.is_none());
    let verbs: Vec<String> =
        command.get_subcommands().map(|verb| verb.get_name().to_owned()).collect();
    verbs
        .into_iter()
        .filter(|verb| setting.verb.is_none_or(|wanted| wanted == verb))
        .fold(command, |command, verb| {
            command.mut_subcommand(verb, |verb| changed(verb, setting, true))
        })
}

fn changed(command: Command, setting: &Preset, wanted: bool) -> Command {
    let has = command.get_arguments().any(|argument| argument.get_id() == setting.option);
    if !(has && wanted) {
        return command;
    }
    let values: Vec<clap::builder::OsStr> = setting.values.iter().map(Into::into).collect();
    command.mut_arg(setting.option, |argument| argument.default_values(values))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::expect_used, reason = "tests")]
mod tests {
    use clap::{CommandFactory, FromArgMatches};

    use super::*;
    use crate::cli::Cli;

    fn defaults(text: &str) -> Result<Command, Vec<Diagnostic>> {
        let command = Cli::command();
        let read = read(text, Path::new(".."), &command)?;
        Ok(read.iter().fold(command, with))
    }

    fn parsed(text: &str, arguments: &[&str]) -> String {
        let matches = defaults(text).unwrap().try_get_matches_from(arguments).unwrap();
        format!("{:?}", Cli::from_arg_matches(&matches).unwrap())
    }

    #[test]
    fn settings_are_defaults_and_the_command_line_wins() {
        let text = "paths = [\"rules\"]\ntimeout = 7.5\njobs = 3\n[verify]\nformat = \"junit\"\n";
        let plain = parsed(text, &["yamen", "verify"]);
        for part in ["[\"../rules\"]", "timeout: 7.5", "jobs: Some(3)", "format: Junit"] {
            assert!(plain.contains(part), "{part} in {plain}");
        }
        let given = parsed(text, &["yamen", "verify", "a", "--timeout", "9", "--format", "json"]);
        for part in ["[\"a\"]", "timeout: 9.0", "format: Json"] {
            assert!(given.contains(part), "{part} in {given}");
        }
        assert!(parsed(text, &["yamen", "typecheck"]).contains("[\"../rules\"]"));
        assert!(parsed(text, &["yamen", "lint"]).contains("format: Text"));
    }

    #[test]
    fn what_is_wrong_has_a_place_and_a_way_out() {
        for (text, place, code, help) in [
            ("timout = 3", "timout", "unknown-setting", "did you mean `timeout`?"),
            ("[verify]\nfromat = \"json\"", "fromat", "unknown-setting", "did you mean `format`?"),
            ("[verify]\nformat = \"xml\"", "\"xml\"", "wrong-setting", "there are text, json"),
            ("color = \"alwyas\"", "\"alwyas\"", "wrong-setting", "did you mean `always`?"),
        ] {
            let found = defaults(text).unwrap_err().remove(0);
            let span = found.primary.0;
            assert_eq!(&text[span.start as usize..span.end as usize], place);
            assert_eq!(found.code, code, "{text}");
            assert!(found.help.as_ref().unwrap().contains(help), "{found:?}");
        }
        for text in ["timeout = 0", "jobs = 0", "seed = -1", "paths = []", "jobs = \"2\"", "= 3"] {
            assert!(defaults(text).is_err(), "{text}");
        }
    }
}
