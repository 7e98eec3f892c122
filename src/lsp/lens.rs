//! The lens over each claim: what was decided of it, and the way to have it decided.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use lsp_server::{ErrorCode, RequestId};
use lsp_types::{CodeLens, Command, NumberOrString};
use serde_json::{Value, json};

use super::VERIFY;
use super::answers::standing_words;
use super::jobs::{Done, Job};
use super::workspace::{Document, Standing, Workspace};
use crate::report::text::verdict;
use crate::syntax::ast::{Claim, Decl, Institution};
use crate::syntax::diagnostic::Severity;

/// A lens for each claim of each institution; a reform's over the claims it shares, too.
pub fn lenses(document: &Document) -> Vec<CodeLens> {
    let institutions = &document.analysis.institutions;
    let mut all: Vec<CodeLens> = institutions
        .iter()
        .flat_map(|institution| {
            claims(document, institution).map(move |claim| lens(document, institution, claim))
        })
        .collect();
    all.sort_by_key(|lens| (lens.range.start.line, lens.range.start.character));
    all
}

/// The claims of an institution that stand in this text.
fn claims<'a>(
    document: &'a Document,
    institution: &'a Institution,
) -> impl Iterator<Item = &'a Claim> {
    institution.items.iter().filter_map(|item| match &item.decl {
        Decl::Claim(claim) | Decl::Lemma(claim) | Decl::Scenario(claim) => {
            (claim.name.span.file == document.analysis.file).then_some(claim)
        }
        _ => None,
    })
}

fn lens(document: &Document, institution: &Institution, claim: &Claim) -> CodeLens {
    let (institution, id) = (&institution.name.text, &claim.name.text);
    let several = document.analysis.institutions.len() > 1;
    let place = if several { format!(" in {institution}") } else { String::new() };
    let standing = document.verdicts.get(&(institution.clone(), id.clone()));
    let title = match standing {
        None => format!("verify{place}"),
        Some(Standing { entry, stale: true, .. }) => {
            format!("verify{place} (before the last change: {})", verdict(entry))
        }
        Some(Standing { entry, stale: false, .. }) => {
            let mark = if entry.as_expected { "✓" } else { "✗" };
            format!("{mark} {}{place}: verify again", verdict(entry))
        }
    };
    let arguments = vec![json!(document.uri), json!(institution), json!(id)];
    CodeLens {
        range: document.lines.range(&document.text, claim.name.span),
        command: Some(Command { title, command: VERIFY.to_owned(), arguments: Some(arguments) }),
        data: None,
    }
}

/// What is to be decided where a lens was pressed.
///
/// # Errors
/// There is no such claim, or the text has errors.
pub fn job(
    (document, version): (&Document, u64),
    institution: &str,
    claim: &str,
    request: RequestId,
    token: NumberOrString,
) -> Result<Job, String> {
    let analysis = &document.analysis;
    let mut errors = analysis.diagnostics.iter().filter(|d| d.severity == Severity::Error);
    if let Some(error) = errors.next() {
        return Err(format!("mend the spec first: {}", error.message));
    }
    let mut institutions = analysis.institutions.iter();
    let found = institutions.find(|one| one.name.text == institution);
    let found = found.ok_or_else(|| format!("there is no institution `{institution}`"))?;
    if !claims(document, found).any(|known| known.name.text == claim) {
        return Err(format!("`{institution}` has no claim `{claim}`"));
    }
    Ok(Job {
        request,
        token,
        uri: document.uri.clone(),
        version,
        claim: claim.to_owned(),
        institution: found.clone(),
        sources: analysis.sources.clone(),
        cancel: Arc::new(AtomicBool::new(false)),
    })
}

impl Job {
    /// Nobody wants to know any more.
    pub fn stop(&self) {
        self.cancel.store(true, Ordering::SeqCst);
    }
}

/// Keeps what a job found, and says it to who asked.
///
/// # Errors
/// It was cancelled, or could not be decided at all.
pub fn settle(workspace: &mut Workspace, done: &Done) -> Result<Value, (ErrorCode, String)> {
    let failed = |reason: &String| (ErrorCode::RequestFailed, reason.clone());
    let report = done.outcome.as_ref().map_err(failed)?;
    if report.interrupted {
        return Err((ErrorCode::RequestCanceled, "cancelled".to_owned()));
    }
    let institution = &done.job.institution.name.text;
    let entry = report.entries.iter().find(|entry| entry.id == done.job.claim);
    let entry = entry.ok_or_else(|| failed(&format!("`{}` was not decided", done.job.claim)))?;
    let about = report.institutions.first().cloned().unwrap_or_default();
    let mut standing = Standing { entry: entry.clone(), institution: about, stale: false };
    standing.stale = workspace.version != done.job.version;
    if let Some(document) = workspace.get_mut(&done.job.uri) {
        let key = (institution.clone(), done.job.claim.clone());
        document.verdicts.insert(key, standing.clone());
    }
    let defects = report.entries.iter().filter(|other| other.id != entry.id && !other.as_expected);
    Ok(json!({
        "institution": institution,
        "claim": entry.id,
        "verdict": entry.verdict.word(),
        "as_expected": entry.as_expected,
        "seconds": entry.seconds,
        "words": standing_words(institution, &standing),
        "also": defects.map(|other| other.id.clone()).collect::<Vec<_>>(),
    }))
}
