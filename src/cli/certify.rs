//! `yamen certify`: proofs written down so that somebody else's program can check them.
//!
//! A folder for each proved claim, `INSTITUTION/CLAIM` (`INSTITUTION@FILE/CLAIM` where several files declare an
//! institution of that name), with the scripts of its proof or the run that
//! shows it, and a manifest that says what must come of them. The absence of defects, on which every
//! proof rests, has a folder of its own, `INSTITUTION/defects`.

use std::fs;
use std::path::{Path, PathBuf};

use super::Failure;
use super::console::print;
use super::exit::Exit;
use super::verify;
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
    let mut text = format!("{} in `{}`\n", certificates(written), arguments.out.display());
    let proved = report.entries.iter().filter(|entry| entry.verdict == Verdict::Proved);
    for entry in proved.filter(|entry| evidence(entry, &report).is_empty()) {
        let engine = entry.engine.as_deref().unwrap_or("nobody");
        text.push_str(&format!(
            "{}.{}: proved by {engine} alone, which leaves nothing to check\n",
            entry.institution, entry.id
        ));
    }
    print(&text)?;
    Ok(Exit::of(&report))
}

fn certificates(count: usize) -> String {
    if count == 1 { "1 certificate".to_owned() } else { format!("{count} certificates") }
}

/// Writes the certificates of all that was proved; how many there are.
///
/// # Errors
/// The folder cannot be written.
pub fn write(report: &Report, folder: &Path) -> Result<usize, Failure> {
    let proved = report.entries.iter().filter(|entry| entry.verdict == Verdict::Proved);
    let mut written = 0;
    let mut seen: Vec<([&str; 2], Vec<Piece>)> = Vec::new();
    for entry in proved.chain(&report.obligations) {
        let pieces = evidence(entry, report);
        // All kinds of defects may have been excluded at once, by one proof.
        let of = [entry.home.as_str(), &entry.institution];
        let again = seen.iter().any(|(other, same)| *other == of && *same == pieces);
        if pieces.is_empty() || entry.kind == EntryKind::Defect && again {
            continue;
        }
        write_one(report, entry, &pieces, folder)?;
        written += 1;
        if entry.kind == EntryKind::Defect {
            seen.push((of, pieces));
        }
    }
    Ok(written)
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
    entry: &Entry,
    pieces: &[Piece],
    folder: &Path,
) -> Result<(), Failure> {
    let name = if entry.kind == EntryKind::Defect { "defects" } else { &entry.id };
    let folder = folder.join(place(report, entry)).join(name);
    let failed = |path: &Path, error: &std::io::Error| {
        Failure::output(&format!("`{}`", path.display()), error)
    };
    fs::create_dir_all(&folder).map_err(|error| failed(&folder, &error))?;
    let manifest = manifest(report, entry, pieces);
    let json = serde_json::to_string_pretty(&manifest).unwrap_or_default() + "\n";
    let listed = pieces.iter().map(|piece| (piece.file.as_str(), &piece.text));
    for (file, text) in listed.chain([(manifest::FILE, &json)]) {
        let path = folder.join(file);
        fs::write(&path, text).map_err(|error| failed(&path, &error))?;
    }
    Ok(())
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

fn manifest(report: &Report, entry: &Entry, pieces: &[Piece]) -> Manifest {
    let certificate = entry.certificate.as_ref();
    let lemmas = report.entries.iter().filter(|other| {
        other.kind == EntryKind::Lemma
            && (&other.home, &other.institution) == (&entry.home, &entry.institution)
            && other.id != entry.id
    });
    let defects = (entry.kind != EntryKind::Defect).then(|| "defects".to_owned());
    let rests_on = if entry.certificate.is_none() || entry.kind == EntryKind::Defect {
        Vec::new()
    } else {
        defects.into_iter().chain(lemmas.map(|lemma| lemma.id.clone())).collect()
    };
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
        rests_on,
        files: pieces
            .iter()
            .map(|piece| Listed::new(piece.file.clone(), piece.must, &piece.text))
            .collect(),
    }
}
