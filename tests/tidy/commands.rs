//! The commands that people are told to run are those that CI runs.

use crate::rules::{Complaint, complaint};

/// README's first two commands.
const FIRST: [&str; 2] = ["make verify", "make test"];

/// README begins with the two commands, and CI runs every `make` and `cargo` command it has.
pub fn readme_follows_ci(readme: &str, ci: &str) -> Vec<Complaint> {
    let told = told_commands(readme);
    let run = steps(ci);
    let mut complaints = Vec::new();
    if !told.iter().map(|(_, command)| *command).take(2).eq(FIRST) {
        complaints.push(complaint("README.md", 0, format!("the first commands must be {FIRST:?}")));
    }
    for (index, command) in told {
        let builds = command.starts_with("make ") || command.starts_with("cargo ");
        if builds && !run.contains(&command) {
            complaints.push(complaint("README.md", index, format!("CI does not run `{command}`")));
        }
    }
    complaints
}

/// The lines of the shell blocks of a Markdown text, without comments, with their indices.
fn told_commands(markdown: &str) -> Vec<(usize, &str)> {
    let mut commands = Vec::new();
    let mut in_shell = false;
    for (index, line) in markdown.lines().enumerate() {
        let line = line.trim();
        if let Some(language) = line.strip_prefix("```") {
            in_shell = !in_shell && ["sh", "bash", "console", "shell"].contains(&language);
        } else if in_shell {
            let command = line.split('#').next().unwrap_or("").trim().trim_start_matches("$ ");
            commands.extend((!command.is_empty()).then_some((index, command)));
        }
    }
    commands
}

/// What the script's lines `step COMMAND` run.
fn steps(ci: &str) -> Vec<&str> {
    ci.lines().filter_map(|line| line.trim().strip_prefix("step ")).collect()
}

/// Every `make` command in the shell blocks, or between backticks, is a target.
pub fn names_only_targets(texts: &[(&str, String)], makefile: &str) -> Vec<Complaint> {
    let targets = makefile.lines().filter_map(|line| line.split_once(':').map(|(name, _)| name));
    let targets = targets.collect::<Vec<_>>();
    let mut complaints = Vec::new();
    for (path, text) in texts {
        for (index, target) in made_targets(text) {
            if !targets.contains(&target) {
                let message = format!("`make {target}` is no target of the Makefile");
                complaints.push(complaint(path, index, message));
            }
        }
    }
    complaints
}

/// The targets that a Markdown text tells to make.
fn made_targets(markdown: &str) -> Vec<(usize, &str)> {
    let quoted = markdown.lines().enumerate().flat_map(|(index, line)| {
        line.split('`').skip(1).step_by(2).map(move |command| (index, command))
    });
    let commands = told_commands(markdown).into_iter().chain(quoted);
    let made =
        commands.filter_map(|(index, command)| Some((index, command.strip_prefix("make ")?)));
    made.filter_map(|(index, rest)| Some((index, rest.split_whitespace().next()?))).collect()
}
