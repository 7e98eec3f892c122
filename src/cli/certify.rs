//! `yamen certify`: proofs written down so that somebody else's program can check them.
//!
//! A folder for each proved claim, `INSTITUTION/CLAIM` (`INSTITUTION@FILE/CLAIM` where several files declare an
//! institution of that name), with the scripts of its proof or the run that
//! shows it, and a manifest that says what must come of them. The absence of defects, on which every
//! proof rests, has a folder of its own, `INSTITUTION/defects`; one more for each other proof of it, where it
//! took several. The index lists all of them, so that none can be taken away unnoticed.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use super::Failure;
use super::console::print;
use super::exit::Exit;
use super::verify;
use crate::evidence::index::{self, Index, Indexed, Unchecked};
use crate::evidence::manifest::{self, Listed, Manifest, Must};
use crate::report::itf;
use crate::report::outcome::{Entry, EntryKind, Report, Verdict};

/// Arguments of `certify`.
#[derive(Clone, Debug, clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    question: verify::Question,
    /// Where to write; a folder for each claim is made in it.
    #[arg(short, long, value_name = "DIR")]
    out: PathBuf,
}

/// Verifies, and writes the certificates of all that was proved.
///
/// # Errors
/// Nothing could be verified, or the folder cannot be written.
pub fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let report = arguments.question.certified(&arguments.out)?;
    let written = write(&report, &arguments.out)?;
    let place = arguments.out.display();
    let mut text = format!("{} in `{place}`\n", certificates(written.certificates));
    if written.removed > 0 {
        let removed = certificates(written.removed);
        text.push_str(&format!("{removed} of an earlier run removed: not proved by this one\n"));
    }
    for Unchecked { folder, engine } in &written.unchecked {
        let claim = folder.replace('/', ".");
        text.push_str(&format!(
            "{claim}: proved by {engine} alone, which leaves nothing to check\n"
        ));
    }
    print(&text)?;
    Ok(Exit::of(&report))
}

fn certificates(count: usize) -> String {
    if count == 1 { "1 certificate".to_owned() } else { format!("{count} certificates") }
}

/// What was written.
pub struct Written {
    certificates: usize,
    /// Certificates of an earlier run that this one did not write again.
    removed: usize,
    unchecked: Vec<Unchecked>,
}

/// Writes the certificates of all that was proved, and the index.
///
/// # Errors
/// The folder cannot be written.
pub fn write(report: &Report, folder: &Path) -> Result<Written, Failure> {
    let planned = planned(report);
    let mut index = Index {
        schema: index::SCHEMA.to_owned(),
        yamen: report.yamen.clone(),
        certificates: Vec::new(),
        unchecked: unchecked(report),
    };
    for one in &planned {
        index.certificates.push(write_one(report, one, &planned, folder)?);
    }
    let unchecked = index.unchecked.clone();
    let removed = tidy(report, &mut index, folder)?;
    put(&folder.join(index::FILE), &index.json())?;
    Ok(Written { certificates: planned.len(), removed, unchecked })
}

/// A certificate to be.
struct Planned<'r> {
    entry: &'r Entry,
    /// Its folder's name, within the institution's.
    name: String,
    pieces: Vec<Piece>,
}

/// The certificates of all that was proved.
fn planned(report: &Report) -> Vec<Planned<'_>> {
    let mut planned: Vec<Planned<'_>> = Vec::new();
    for entry in proved(report) {
        let pieces = evidence(entry, report);
        let beside = || planned.iter().filter(|other| are_of_one(other.entry, entry));
        let mut excluded = beside().filter(|other| other.entry.kind == EntryKind::Defect);
        let name = match (entry.kind, excluded.next()) {
            (EntryKind::Defect, None) => "defects".to_owned(),
            (EntryKind::Defect, Some(_)) => format!("defects-{}", entry.id),
            _ => name(entry),
        };
        // All kinds of defects may have been excluded at once, by one proof.
        let again = entry.kind == EntryKind::Defect && beside().any(|other| other.pieces == pieces);
        if !pieces.is_empty() && !again {
            planned.push(Planned { entry, name, pieces });
        }
    }
    planned
}

fn proved(report: &Report) -> impl Iterator<Item = &Entry> {
    let proved = report.entries.iter().filter(|entry| entry.verdict == Verdict::Proved);
    proved.chain(&report.obligations)
}

/// What was proved and leaves nothing to check.
fn unchecked(report: &Report) -> Vec<Unchecked> {
    let mut unchecked: Vec<Unchecked> = Vec::new();
    for entry in proved(report).filter(|entry| evidence(entry, report).is_empty()) {
        // That nothing in a spec can go wrong is read off it, which needs no proof.
        let is_search = |entry: &Entry| entry.certificate.as_ref().is_some_and(|c| !c.checked);
        if entry.kind == EntryKind::Defect && !is_search(entry) {
            continue;
        }
        let name = if entry.kind == EntryKind::Defect { "defects".to_owned() } else { name(entry) };
        let engine = entry.engine.clone().unwrap_or_else(|| "nobody".to_owned());
        let one = Unchecked { folder: format!("{}/{name}", place(report, entry)), engine };
        if !unchecked.contains(&one) {
            unchecked.push(one);
        }
    }
    unchecked
}

/// The name of a claim's folder; what is called as those about defects are must not take their place.
fn name(entry: &Entry) -> String {
    if entry.id == "defects" { "claim-defects".to_owned() } else { entry.id.clone() }
}

fn are_of_one(one: &Entry, other: &Entry) -> bool {
    (&one.home, &one.institution) == (&other.home, &other.institution)
}

/// Takes over what an earlier run wrote of other institutions, and removes what it wrote of these and this run
/// did not; how many certificates that were. Else they would be taken for proofs of what the spec says now.
fn tidy(report: &Report, index: &mut Index, folder: &Path) -> Result<usize, Failure> {
    // What is no index lists nothing, so that the check finds what it had listed.
    let earlier = fs::read_to_string(folder.join(index::FILE)).unwrap_or_default();
    let Ok(earlier) = Index::read(&earlier) else { return Ok(0) };
    let ours: BTreeSet<String> = report
        .institutions
        .iter()
        .map(|one| {
            let entry =
                Entry { institution: one.name.clone(), home: one.file.clone(), ..Entry::default() };
            place(report, &entry)
        })
        .collect();
    let homes: BTreeSet<&String> = report.institutions.iter().map(|one| &one.file).collect();
    // An institution that has another name now is known by its file.
    let is_at_home = |listed: &str| {
        let manifest = index::below(folder, listed)?.join(manifest::FILE);
        let manifest: Manifest = serde_json::from_str(&fs::read_to_string(manifest).ok()?).ok()?;
        Some(homes.contains(&manifest.spec))
    };
    let is_ours = |listed: &str| {
        let institution = listed.rsplit_once('/').map_or("", |(institution, _)| institution);
        ours.contains(institution) || is_at_home(listed) == Some(true)
    };
    let mut removed = 0;
    for gone in index.succeed(earlier, &is_ours) {
        let Some(gone) = index::below(folder, &gone).filter(|gone| gone.is_dir()) else { continue };
        fs::remove_dir_all(&gone).map_err(|error| failed(&gone, &error))?;
        removed += 1;
    }
    Ok(removed)
}

/// A file to be, and what must come of it.
#[derive(PartialEq)]
struct Piece {
    file: String,
    text: String,
    must: Must,
}

/// What shows that an entry is proved.
fn evidence(entry: &Entry, report: &Report) -> Vec<Piece> {
    let obligations = entry.certificate.iter().flat_map(|c| &c.obligations);
    let scripts = obligations.map(|o| Piece {
        file: format!("{}.smt2", o.name),
        text: o.text.clone(),
        must: o.expect.into(),
    });
    let run = itf::of_entry(entry, &report.yamen).filter(|_| entry.certificate.is_none());
    let run = run.map(|(run, _)| Piece {
        file: "run.itf.json".to_owned(),
        text: run,
        must: Must::Replay,
    });
    scripts.chain(run).collect()
}

fn write_one(
    report: &Report,
    planned: &Planned<'_>,
    all: &[Planned<'_>],
    folder: &Path,
) -> Result<Indexed, Failure> {
    let place = format!("{}/{}", place(report, planned.entry), planned.name);
    let folder = folder.join(&place);
    fs::create_dir_all(&folder).map_err(|error| failed(&folder, &error))?;
    let manifest = manifest(report, planned, all);
    let json = serde_json::to_string_pretty(&manifest).unwrap_or_default() + "\n";
    for piece in &planned.pieces {
        put(&folder.join(&piece.file), &piece.text)?;
    }
    put(&folder.join(manifest::FILE), &json)?;
    Ok(Indexed::new(place, &json))
}

fn put(path: &Path, text: &str) -> Result<(), Failure> {
    fs::write(path, text).map_err(|error| failed(path, &error))
}

fn failed(path: &Path, error: &std::io::Error) -> Failure {
    Failure::output(&format!("`{}`", path.display()), error)
}

/// The folder of an institution: no other one's.
fn place(report: &Report, entry: &Entry) -> String {
    let namesakes = report.institutions.iter().filter(|one| one.name == entry.institution);
    if namesakes.count() < 2 {
        return entry.institution.clone();
    }
    let plain = |c: char| if c.is_alphanumeric() || c == '_' || c == '-' { c } else { '.' };
    let file: String = Path::new(&entry.home).with_extension("").display().to_string();
    format!("{}@{}", entry.institution, file.chars().map(plain).collect::<String>())
}

/// What a proof rests on that is shown elsewhere: that there is no defect, and lemmas. Where nothing in the spec
/// can go wrong there is no certificate of it to rest on.
fn rests_on(report: &Report, planned: &Planned<'_>, all: &[Planned<'_>]) -> Vec<String> {
    let entry = planned.entry;
    if entry.certificate.is_none() || entry.kind == EntryKind::Defect {
        return Vec::new();
    }
    let beside = all.iter().filter(|other| are_of_one(other.entry, entry));
    let defects = beside.filter(|other| other.entry.kind == EntryKind::Defect);
    let lemmas = report.entries.iter().filter(|other| {
        other.kind == EntryKind::Lemma
            && other.verdict == Verdict::Proved
            && are_of_one(other, entry)
            && other.id != entry.id
    });
    defects.map(|other| other.name.clone()).chain(lemmas.map(name)).collect()
}

fn manifest(report: &Report, planned: &Planned<'_>, all: &[Planned<'_>]) -> Manifest {
    let entry = planned.entry;
    let certificate = entry.certificate.as_ref();
    Manifest {
        schema: manifest::SCHEMA.to_owned(),
        yamen: report.yamen.clone(),
        spec: entry.home.clone(),
        institution: entry.institution.clone(),
        claim: entry.id.clone(),
        title: entry.title.clone(),
        kind: certificate.map_or_else(|| "run".to_owned(), |c| c.kind.clone()),
        engine: entry.engine.clone(),
        detail: certificate.and_then(|c| c.detail.clone()),
        rests_on: rests_on(report, planned, all),
        files: (planned.pieces.iter())
            .map(|piece| Listed::new(piece.file.clone(), piece.must, &piece.text))
            .collect(),
    }
}
