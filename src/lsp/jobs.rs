//! Verification from the editor: one claim at a time, with progress, cancelled at any moment.
//!
//! Each job has a thread and a flag; jobs wait for each other, since the engines use all processors
//! anyway. What was decided comes back with the text it was decided for, and counts only if the
//! editor still shows that text.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, TryLockError};
use std::time::Duration;

use lsp_server::{Message, Notification, RequestId};
use lsp_types::{
    NumberOrString, ProgressParams, ProgressParamsValue, Uri, WorkDoneProgress,
    WorkDoneProgressBegin, WorkDoneProgressEnd, WorkDoneProgressReport,
};

use crate::report::events::Events;
use crate::report::outcome::Report;
use crate::syntax::ast::Institution;
use crate::syntax::source::SourceMap;
use crate::verify::{Options, verify};

/// A claim to decide.
#[derive(Clone, Debug)]
pub struct Job {
    /// The request that asked for it.
    pub request: RequestId,
    /// Under which name its progress is told.
    pub token: NumberOrString,
    /// The text.
    pub uri: Uri,
    /// The version of the editor's texts that it was started for.
    pub version: u64,
    /// The claim.
    pub claim: String,
    /// The institution, and the files it is made of.
    pub institution: Institution,
    /// The files.
    pub sources: SourceMap,
    /// Raised when nobody wants to know any more.
    pub cancel: Arc<AtomicBool>,
}

/// A job that came to its end.
#[derive(Debug)]
pub struct Done {
    /// The job.
    pub job: Job,
    /// The report, or why there is none.
    pub outcome: Result<Report, String>,
}

/// Only one job works at a time.
static WORKING: Mutex<()> = Mutex::new(());

/// Starts a job; `tell` takes messages for the editor, `done` what came of it.
pub fn start(
    job: Job,
    tell: impl Fn(Message) + Send + Sync + 'static,
    done: impl FnOnce(Done) + Send + 'static,
) {
    std::thread::spawn(move || {
        let title = format!("Verifying {}", job.claim);
        let teller = Teller { token: job.token.clone(), tell: Box::new(tell) };
        let begin = WorkDoneProgressBegin {
            title,
            cancellable: Some(true),
            ..WorkDoneProgressBegin::default()
        };
        teller.progress(WorkDoneProgress::Begin(begin));
        let turn = turn(&job);
        let outcome = decide(&job, &teller);
        drop(turn);
        let message = match &outcome {
            Ok(report) if report.interrupted => Some("cancelled".to_owned()),
            Ok(_) => None,
            Err(fault) => Some(fault.clone()),
        };
        teller.progress(WorkDoneProgress::End(WorkDoneProgressEnd { message }));
        done(Done { job, outcome });
    });
}

/// Waits for the other jobs, or until this one is cancelled.
fn turn(job: &Job) -> Option<MutexGuard<'static, ()>> {
    while !job.cancel.load(Ordering::SeqCst) {
        match WORKING.try_lock() {
            Ok(turn) => return Some(turn),
            Err(TryLockError::Poisoned(poisoned)) => return Some(poisoned.into_inner()),
            Err(TryLockError::WouldBlock) => std::thread::sleep(Duration::from_millis(20)),
        }
    }
    None
}

fn decide(job: &Job, teller: &Teller) -> Result<Report, String> {
    let options = Options { claims: vec![job.claim.clone()], needs: false, ..Options::default() };
    let cancelled = || job.cancel.load(Ordering::SeqCst);
    if cancelled() {
        return Ok(Report { interrupted: true, ..Report::default() });
    }
    let institutions = std::slice::from_ref(&job.institution);
    let verified = verify(&job.sources, institutions, &options, teller, &cancelled);
    verified.map(|verified| verified.report).map_err(|diagnostics| {
        diagnostics.first().map_or_else(String::new, |diagnostic| diagnostic.message.clone())
    })
}

/// Tells an editor how far a job is.
struct Teller {
    token: NumberOrString,
    tell: Box<dyn Fn(Message) + Send + Sync>,
}

impl Teller {
    fn progress(&self, value: WorkDoneProgress) {
        let params = ProgressParams {
            token: self.token.clone(),
            value: ProgressParamsValue::WorkDone(value),
        };
        let notification = Notification::new("$/progress".to_owned(), params);
        (self.tell)(Message::Notification(notification));
    }

    fn report(&self, message: String) {
        let message = Some(message);
        let report = WorkDoneProgressReport { message, ..WorkDoneProgressReport::default() };
        self.progress(WorkDoneProgress::Report(report));
    }
}

impl Events for Teller {
    fn claim_started(&self, _institution: &str, id: &str) {
        self.report(id.to_owned());
    }

    fn progress(&self, text: &str) {
        self.report(text.to_owned());
    }
}
