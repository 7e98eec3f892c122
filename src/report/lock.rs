//! The verdict lock: what was decided, in a file that is reviewed together with the specs.
//!
//! An expectation says what a claim's author wants; the lock says what the tool answered, so that
//! every change of an answer shows in a review, also where nothing is expected, or where `expect`
//! was changed along with the rules. The file is JSON, sorted, one line to a claim, so that two
//! branches merge like text. A claim's words go in as a hash of their text without its white space.
//! Obligations that hold are not locked; a defect that appears is.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::findings::{self, Finding};
use super::outcome::{Entry, EntryKind, Report};
use super::text;
use crate::syntax::diagnostic::Severity;

/// The name of the shape.
pub const SCHEMA: &str = "yamen.lock/1";

/// Under which circumstances the verdicts were reached.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    /// Parameter values that were set.
    pub set: BTreeMap<String, String>,
    /// All values of all parameters were asked for.
    pub for_all_params: bool,
    /// How far it was looked ahead, if not without bound.
    pub depth: Option<u32>,
}

/// A locked verdict.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Locked {
    /// The institution.
    pub institution: String,
    /// The claim's name, or the kind of the defect.
    pub claim: String,
    /// The verdict in words: `proved`, `proved, vacuous`, `refuted`, `defect`, …
    pub verdict: String,
    /// Of `smallest k`: the least `k`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub smallest: Option<u32>,
    /// The formula over parameters that the verdict gives.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub holds_iff: Option<String>,
    /// The hash of the claim's words; absent where it has none, as for a defect.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub words: Option<String>,
}

/// A lock.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lock {
    schema: String,
    /// The paths that were verified.
    pub paths: Vec<String>,
    /// How they were.
    pub asked: Asked,
    /// What was answered.
    pub verdicts: Vec<Locked>,
}

/// What differs from a lock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The institution.
    pub institution: String,
    /// The claim.
    pub claim: String,
    /// `verdict-moved`, `verdict-new`, `verdict-gone` or `claim-reworded`.
    pub code: &'static str,
    /// In words.
    pub message: String,
}

/// What to do about a change.
pub const WAY_OUT: &str =
    "if this is meant, write the lock anew with `yamen verify --lock`, and have it reviewed";

impl Lock {
    /// What a report's verdicts are locked as.
    pub fn new(report: &Report, paths: Vec<String>, asked: Asked) -> Lock {
        let mut verdicts: Vec<Locked> =
            report.entries.iter().map(|entry| locked(report, entry)).collect();
        verdicts.sort();
        Lock { schema: SCHEMA.to_owned(), paths, asked, verdicts }
    }

    /// Reads a lock.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    pub fn read(text: &str) -> Result<Lock, String> {
        let lock: Lock = serde_json::from_str(text).map_err(|error| error.to_string())?;
        if lock.schema == SCHEMA {
            return Ok(lock);
        }
        Err(format!("its schema is `{}`, and this version writes `{SCHEMA}`", lock.schema))
    }

    /// The lock as a file.
    pub fn written(&self) -> String {
        let line = |locked: &Locked| format!("    {}", json(locked));
        let lines: Vec<String> = self.verdicts.iter().map(line).collect();
        format!(
            "{{\n  \"schema\": \"{SCHEMA}\",\n  \"paths\": {},\n  \"asked\": {},\n  \"verdicts\": [\n{}\n  ]\n}}\n",
            json(&self.paths),
            json(&self.asked),
            lines.join(",\n")
        )
    }

    /// What differs in a later lock of the same question. Where only part of what was locked was
    /// verified again, the rest is not called gone.
    pub fn changes(&self, later: &Lock, seen: impl Fn(&Locked) -> bool) -> Vec<Change> {
        let (before, now) = (self.by_name(), later.by_name());
        let names: BTreeSet<(&str, &str)> = before.keys().chain(now.keys()).copied().collect();
        let nothing = Vec::new();
        names
            .into_iter()
            .flat_map(|name| {
                let before: Vec<&Locked> = before.get(&name).unwrap_or(&nothing).to_vec();
                let now = now.get(&name).unwrap_or(&nothing);
                let again = before.iter().copied().filter(|locked| seen(locked)).collect();
                between(name, again, now)
            })
            .collect()
    }

    fn by_name(&self) -> BTreeMap<(&str, &str), Vec<&Locked>> {
        let mut all: BTreeMap<(&str, &str), Vec<&Locked>> = BTreeMap::new();
        for locked in &self.verdicts {
            let name = (locked.institution.as_str(), locked.claim.as_str());
            all.entry(name).or_default().push(locked);
        }
        all
    }
}

/// Serialising these structs cannot fail: all their keys are strings.
fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

fn locked(report: &Report, entry: &Entry) -> Locked {
    let holds = |note: &String| {
        let words = note.strip_prefix("it holds iff ").or(note.strip_prefix("proved where "));
        words.map(str::to_owned)
    };
    let mut institutions = report.institutions.iter().filter(|i| i.name == entry.institution);
    let place = institutions.find_map(|institution| institution.claims.get(&entry.id));
    Locked {
        institution: entry.institution.clone(),
        claim: entry.id.clone(),
        verdict: text::verdict(entry),
        smallest: entry.smallest,
        holds_iff: entry.notes.iter().find_map(holds),
        words: place.filter(|_| entry.kind != EntryKind::Defect).map(|place| hash(&place.text)),
    }
}

/// Sixteen digits tell a claim's wordings apart.
fn hash(text: &str) -> String {
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    Sha256::digest(words.as_bytes()).iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

/// What differs between what was locked of a name and what is there now.
fn between(
    (institution, claim): (&str, &str),
    mut before: Vec<&Locked>,
    now: &[&Locked],
) -> Vec<Change> {
    let mut now = now.to_vec();
    // Defects of one kind share a name; those that are the same on both sides are no change.
    before.retain(|old| match now.iter().position(|new| new == old) {
        Some(at) => {
            now.remove(at);
            false
        }
        None => true,
    });
    let change = |code, what: String| Change {
        institution: institution.to_owned(),
        claim: claim.to_owned(),
        code,
        message: format!("`{institution}.{claim}` {what}"),
    };
    let (mut before, mut now) = (before.into_iter(), now.into_iter());
    let mut changes = Vec::new();
    loop {
        changes.push(match (before.next(), now.next()) {
            (Some(old), Some(new)) if answer(old) == answer(new) => {
                change("claim-reworded", format!("is still {}, but its words changed", answer(old)))
            }
            (Some(old), Some(new)) => {
                let also = if old.words == new.words { "" } else { ", and its words changed" };
                let what = format!("was {} and is now {}{also}", answer(old), answer(new));
                change("verdict-moved", what)
            }
            (Some(old), None) => {
                change("verdict-gone", format!("was {} and is not there any more", answer(old)))
            }
            (None, Some(new)) => {
                change("verdict-new", format!("is {} and is not in the lock", answer(new)))
            }
            (None, None) => return changes,
        });
    }
}

/// The whole answer: `proved, smallest k = 3`.
fn answer(locked: &Locked) -> String {
    let smallest = locked.smallest.map(|k| format!(", smallest k = {k}")).unwrap_or_default();
    let iff = locked.holds_iff.as_ref().map(|iff| format!(", iff {iff}")).unwrap_or_default();
    format!("{}{smallest}{iff}", locked.verdict)
}

/// Changes as findings, each where its claim stands.
pub fn findings<'a>(report: &'a Report, changes: &'a [Change]) -> Vec<Finding<'a>> {
    let place = |change: &Change| {
        let mut entries = report.entries.iter();
        let found = entries
            .find(|entry| (&entry.institution, &entry.id) == (&change.institution, &change.claim));
        found.map(|entry| findings::place(report, entry))
    };
    changes
        .iter()
        .map(|change| Finding {
            code: change.code,
            severity: Severity::Error,
            title: change.message.clone(),
            message: format!("{}\nhelp: {WAY_OUT}", change.message),
            place: place(change),
            related: Vec::new(),
            entry: None,
        })
        .collect()
}
