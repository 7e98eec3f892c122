//! Specs as tests: what the shipped specs, the verdict folders, the documents and the mutations say
//! is what the tool says. A new test is a file, not code.
//!
//! - `tests/verdicts/{proved,refuted,defect,vacuous,unknown,error}/`: the folder is the verdict.
//! - `specs/`: every verdict is as expected, here and after `expand`; quotes are verbatim.
//! - `specs/README.md`: no row of the interview and no claim is lost; `make catalogue-check` compares the verdicts.
//! - `docs/*.md`, `README.md`: every ```` ```yamen ```` block is a spec that verifies as it says; those of
//!   `docs/errors.md` give the error of their section.
//! - `tests/mutations.toml`: without what a claim needs, it is not proved any more.

#![allow(clippy::expect_used, clippy::panic, reason = "tests")]

#[path = "support/files.rs"]
mod files;

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use files::{below, root};
use libtest_mimic::{Arguments, Failed, Trial};
use yamen::govern::{self, files::Disk, load::Loaded};
use yamen::report::events::Silent;
use yamen::report::outcome::{Entry, EntryKind, Report, Verdict};
use yamen::syntax::ast::Institution;
use yamen::syntax::diagnostic::Severity;
use yamen::verify::{Options, verify};

/// What came of a text: the codes of its errors, or a report.
type Outcome = Result<Report, BTreeSet<String>>;

fn main() {
    let arguments = Arguments::from_args();
    let mut trials = Vec::new();
    trials.extend(verdict_folders());
    trials.extend(shipped_specs());
    trials.push(Trial::test(
        "specs/README.md lists every row and every claim",
        catalogue_is_complete,
    ));
    trials.extend(documents());
    trials.extend(mutations());
    libtest_mimic::run(&arguments, trials).exit();
}

/// What proofs need takes longer than the proofs, and has tests of its own (tests/needs.rs).
fn options() -> Options {
    Options { timeout: Duration::from_secs(60), needs: false, ..Options::default() }
}

fn name(path: &Path) -> String {
    path.strip_prefix(root()).unwrap_or(path).display().to_string()
}

fn core(loaded: &Loaded) -> (Vec<Institution>, BTreeSet<String>) {
    let mut errors: BTreeSet<String> = BTreeSet::new();
    let mut note = |found: &[yamen::syntax::diagnostic::Diagnostic]| {
        let bad = found.iter().filter(|d| d.severity == Severity::Error);
        errors.extend(bad.map(|d| d.code.to_owned()));
    };
    note(&loaded.diagnostics);
    let mut institutions = Vec::new();
    for institution in &loaded.institutions {
        let (core, found) = govern::elaborate(institution);
        note(&found);
        institutions.push(core);
    }
    (institutions, errors)
}

fn decide(path: &Path, text: &str, options: &Options) -> Outcome {
    let loaded = govern::load::load_text(path, text, &Disk);
    let (institutions, errors) = core(&loaded);
    if !errors.is_empty() {
        return Err(errors);
    }
    verify(&loaded.sources, &institutions, options, &Silent, &|| false)
        .map(|verified| verified.report)
        .map_err(|found| {
            let bad = found.iter().filter(|d| d.severity == Severity::Error);
            bad.map(|d| d.code.to_owned()).collect()
        })
}

fn words(entry: &Entry) -> String {
    format!(
        "{}.{} is {}{}: {:?}",
        entry.institution,
        entry.id,
        entry.verdict.word(),
        if entry.vacuous { ", vacuous" } else { "" },
        entry.reason
    )
}

fn fail(text: impl Into<String>) -> Result<(), Failed> {
    Err(Failed::from(text.into()))
}

/// No evidence may have failed its own check, whatever the verdict.
fn evidence_holds(report: &Report) -> Result<(), Failed> {
    match report.entries.iter().find(|e| e.evidence_failed) {
        Some(entry) => fail(format!("evidence failed: {}", words(entry))),
        None => Ok(()),
    }
}

// --- tests/verdicts -----------------------------------------------------------------------------

fn verdict_folders() -> Vec<Trial> {
    let folders = ["proved", "refuted", "defect", "vacuous", "unknown", "error"];
    folders
        .into_iter()
        .flat_map(|folder| {
            let paths = below(&format!("tests/verdicts/{folder}"), "yamen");
            assert!(!paths.is_empty(), "no specs in tests/verdicts/{folder}");
            paths
                .into_iter()
                .map(move |path| Trial::test(name(&path), move || verdict_of_folder(folder, &path)))
        })
        .collect()
}

fn verdict_of_folder(folder: &str, path: &Path) -> Result<(), Failed> {
    let bytes = std::fs::read(path)?;
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let outcome = decide(path, &text, &options());
    if folder == "error" {
        let first = text.lines().next().unwrap_or_default();
        return expects_error(first.trim_start_matches("// error:").trim(), outcome);
    }
    let report = outcome.map_err(|codes| Failed::from(format!("errors: {codes:?}")))?;
    evidence_holds(&report)?;
    match folder {
        "defect" => has_defect(&text, &report),
        _ => all_are(folder, &report),
    }
}

fn expects_error(code: &str, outcome: Outcome) -> Result<(), Failed> {
    match outcome {
        Err(codes) if codes.contains(code) => Ok(()),
        Err(codes) => fail(format!("expected the error `{code}`, found {codes:?}")),
        Ok(_) => fail(format!("expected the error `{code}`, but it was verified")),
    }
}

/// The defect named by `// defect: kind` in the first line was found, with a trace where one exists.
fn has_defect(text: &str, report: &Report) -> Result<(), Failed> {
    let first = text.lines().next().unwrap_or_default();
    let kind = first.trim_start_matches("// defect:").trim();
    let found = report.entries.iter().find(|e| e.kind == EntryKind::Defect && e.id == kind);
    let Some(entry) = found else {
        let all: Vec<String> = report.entries.iter().map(words).collect();
        return fail(format!("no defect `{kind}`; {all:?}"));
    };
    if entry.verdict != Verdict::Refuted {
        return fail(words(entry));
    }
    let needs_no_trace = ["initial_state", "cyclic_read"].contains(&kind);
    if !needs_no_trace && !entry.trace.as_ref().is_some_and(|t| t.replayed) {
        return fail(format!("the defect `{kind}` has no replayed witness"));
    }
    match report
        .entries
        .iter()
        .find(|e| e.kind != EntryKind::Defect && e.verdict == Verdict::Proved)
    {
        Some(green) => fail(format!("proved in spite of the defect: {}", words(green))),
        None => Ok(()),
    }
}

fn all_are(folder: &str, report: &Report) -> Result<(), Failed> {
    if report.entries.is_empty() {
        return fail("nothing was decided");
    }
    for entry in &report.entries {
        let right = match folder {
            "proved" => entry.verdict == Verdict::Proved && !entry.vacuous,
            "refuted" => entry.verdict == Verdict::Refuted,
            "vacuous" => entry.verdict == Verdict::Proved && entry.vacuous,
            _ => entry.verdict == Verdict::Unknown && entry.reason.is_some(),
        };
        // Lemmas and scenarios that prepare a refuted claim may hold; the folder is about claims.
        if !right && (entry.kind == EntryKind::Claim || folder == "proved") {
            return fail(words(entry));
        }
    }
    Ok(())
}

// --- specs --------------------------------------------------------------------------------------

fn shipped_specs() -> Vec<Trial> {
    let mut trials = Vec::new();
    for path in below("specs", "yamen").into_iter().chain(below("examples", "yamen")) {
        let [a, b] = [path.clone(), path.clone()];
        trials.push(Trial::test(format!("{} as expected", name(&path)), move || as_expected(&a)));
        trials.push(Trial::test(format!("{} expanded", name(&path)), move || same_expanded(&b)));
    }
    trials
}

fn as_expected(path: &Path) -> Result<(), Failed> {
    let text = std::fs::read_to_string(path)?;
    let report =
        decide(path, &text, &options()).map_err(|codes| Failed::from(format!("{codes:?}")))?;
    evidence_holds(&report)?;
    match report.entries.iter().find(|e| !e.as_expected) {
        Some(entry) => fail(format!("not as expected: {}", words(entry))),
        None => Ok(()),
    }
}

/// The expansion is a legal spec with the same verdicts.
fn same_expanded(path: &Path) -> Result<(), Failed> {
    let text = std::fs::read_to_string(path)?;
    let loaded = govern::load::load_text(path, &text, &Disk);
    let verdicts = |report: &Report| -> BTreeSet<(String, String, &'static str, bool)> {
        let entry = |e: &Entry| (e.institution.clone(), e.id.clone(), e.verdict.word(), e.vacuous);
        report.entries.iter().map(entry).collect()
    };
    let before =
        decide(path, &text, &options()).map_err(|codes| Failed::from(format!("{codes:?}")))?;
    let mut after = BTreeSet::new();
    for institution in &loaded.institutions {
        let expanded = govern::expand(&govern::elaborate(institution).0);
        let report = decide(Path::new("expanded.yamen"), &expanded, &options())
            .map_err(|codes| Failed::from(format!("the expansion has errors {codes:?}")))?;
        after.extend(verdicts(&report));
    }
    let before = verdicts(&before);
    if before == after {
        Ok(())
    } else {
        fail(format!("verdicts differ: {:?}", before.symmetric_difference(&after)))
    }
}

/// The rows of the interview.
#[derive(serde::Deserialize)]
struct Rows {
    row: Vec<Row>,
}

#[derive(serde::Deserialize)]
struct Row {
    number: u32,
    models: String,
}

/// Each row has a line with a claim, unless it is background; each claim and scenario has a line.
fn catalogue_is_complete() -> Result<(), Failed> {
    let page = std::fs::read_to_string(root().join("specs/README.md"))?;
    let rows: Rows = toml::from_str(&std::fs::read_to_string(root().join("specs/rows.toml"))?)?;
    for Row { number, models } in rows.row {
        let start = format!("| {number} | “");
        let line = page.lines().find(|line| line.starts_with(&start));
        let line = line.ok_or(format!("row {number} is lost"))?;
        if !models.is_empty() && !line.contains("](") {
            return fail(format!("row {number} has no claim"));
        }
    }
    for path in below("specs", "yamen") {
        let text = std::fs::read_to_string(&path)?;
        let claims = text.lines().filter_map(|line| {
            line.strip_prefix("claim ")
                .or_else(|| line.strip_prefix("scenario "))?
                .split(' ')
                .next()
        });
        let stem = name(&path.with_extension(""));
        let stem = stem.trim_start_matches("specs/");
        for claim in claims {
            let listed = |line: &str| {
                line.contains(&format!("[`{stem}`]")) && line.contains(&format!("| `{claim}`"))
            };
            if !page.lines().any(listed) {
                return fail(format!("{stem}: `{claim}` is not listed; run `make catalogue`"));
            }
        }
    }
    Ok(())
}

// --- documents ----------------------------------------------------------------------------------

fn documents() -> Vec<Trial> {
    let pages = below("docs", "md").into_iter().chain([root().join("README.md")]);
    let mut trials = Vec::new();
    for page in pages {
        let text = std::fs::read_to_string(&page).expect("a page of the repository");
        for (line, block) in blocks(&text) {
            let page = page.clone();
            let wanted = page.ends_with("docs/errors.md").then(|| error_of(&text, line)).flatten();
            trials.push(Trial::test(format!("{}:{line}", name(&page)), move || {
                let outcome = decide(&page, &block, &options());
                match wanted {
                    Some(code) => expects_error(&code, outcome),
                    None => as_the_page_says(outcome),
                }
            }));
        }
    }
    trials
}

fn as_the_page_says(outcome: Outcome) -> Result<(), Failed> {
    let report = outcome.map_err(|codes| Failed::from(format!("errors: {codes:?}")))?;
    evidence_holds(&report)?;
    // A block without expectations shows a form, or a refutation that the text tells of.
    let wrong = |e: &&Entry| !e.as_expected && e.expected.is_some();
    match report.entries.iter().find(wrong) {
        Some(entry) => fail(format!("not as expected: {}", words(entry))),
        None => Ok(()),
    }
}

/// The code of the section that this line is in, unless a command of the section gives the error.
fn error_of(page: &str, line: usize) -> Option<String> {
    let heads: Vec<&str> = page.lines().take(line).collect();
    let head = heads.iter().rposition(|text| text.starts_with("## `"))?;
    let mut rest = page.lines().skip(head + 1).take_while(|text| !text.starts_with("## "));
    let code = heads.get(head)?.trim_start_matches("## ").trim_matches('`');
    (!rest.any(|text| text == "```console")).then(|| code.to_owned())
}

/// The contents of the ```` ```yamen ```` blocks of a page, with their lines.
fn blocks(text: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut open: Option<(usize, String)> = None;
    for (n, line) in (1..).zip(text.lines()) {
        match &mut open {
            Some(_) if line.trim() == "```" => found.extend(open.take()),
            Some((_, block)) => {
                block.push_str(line);
                block.push('\n');
            }
            None if line.trim() == "```yamen" => open = Some((n, String::new())),
            None => {}
        }
    }
    found
}

// --- mutations ----------------------------------------------------------------------------------

#[derive(serde::Deserialize)]
struct Mutations {
    mutation: Vec<Mutation>,
}

#[derive(serde::Deserialize)]
struct Mutation {
    spec: String,
    institution: Option<String>,
    claim: String,
    drops: String,
    find: String,
    replace: String,
    /// Before; proved if it is not said.
    before: Option<String>,
    verdict: String,
}

fn mutations() -> Vec<Trial> {
    let text = std::fs::read_to_string(root().join("tests/mutations.toml")).expect("the mutations");
    let all: Mutations = toml::from_str(&text).expect("a list of mutations");
    let mut trials = vec![Trial::test("every spec with a proof has a mutation", {
        let specs: BTreeSet<String> = all.mutation.iter().map(|m| m.spec.clone()).collect();
        move || all_covered(&specs)
    })];
    trials.extend(all.mutation.into_iter().map(|m| {
        Trial::test(format!("{} {} without {}", m.spec, m.claim, m.drops), move || flips(&m))
    }));
    trials
}

fn flips(mutation: &Mutation) -> Result<(), Failed> {
    let path = root().join(&mutation.spec);
    let text = std::fs::read_to_string(&path)?;
    if text.matches(&mutation.find).count() != 1 {
        return fail(format!("`{}` does not occur exactly once", mutation.find));
    }
    let options = Options { claims: vec![mutation.claim.clone()], ..options() };
    let verdict = |text: &str| -> Result<(Verdict, bool), Failed> {
        let report = decide(&path, text, &options)
            .map_err(|codes| Failed::from(format!("errors: {codes:?}")))?;
        evidence_holds(&report)?;
        let wanted = |e: &&Entry| {
            e.id == mutation.claim
                && mutation.institution.as_ref().is_none_or(|name| *name == e.institution)
        };
        let entry = report.entries.iter().find(wanted).ok_or("no such claim")?;
        Ok((entry.verdict, entry.vacuous))
    };
    let (before, vacuous) = verdict(&text)?;
    let wanted = mutation.before.as_deref().unwrap_or("proved");
    if before.word() != wanted || vacuous {
        return fail(format!("it is not {wanted} before"));
    }
    let (after, vacuous) = verdict(&text.replace(&mutation.find, &mutation.replace))?;
    let right = match mutation.verdict.as_str() {
        "vacuous" => after == Verdict::Proved && vacuous,
        word => after.word() == word,
    };
    if right { Ok(()) } else { fail(format!("it is {} after", after.word())) }
}

/// A spec whose claims are proved, but none of which is known to depend on anything, is suspect.
fn all_covered(mutated: &BTreeSet<String>) -> Result<(), Failed> {
    for path in below("specs", "yamen") {
        let text = std::fs::read_to_string(&path)?;
        if text.contains("expect proved") && !mutated.contains(&name(&path)) {
            return fail(format!("{} has no mutation", name(&path)));
        }
    }
    Ok(())
}
