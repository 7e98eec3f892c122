//! `yamen lsp`: specs in an editor, by the Language Server Protocol (version 3.17).
//!
//! One thread reads messages and answers them; texts are small and checked in milliseconds, so that
//! nothing but verification runs beside it. Messages about a text follow the last change by a short
//! pause, and a question about a text is answered after its changes are taken in. A verdict is told
//! only for the text it was decided for: after any change it is called one of the past.

mod answers;
mod jobs;
mod lens;
mod names;
mod rename;
mod text;
mod workspace;

use std::collections::BTreeMap;
use std::str::FromStr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use lsp_server::{Connection, ErrorCode, Message, Notification, Request, RequestId, Response};
use lsp_types::{
    CodeLensOptions, CompletionOptions, ExecuteCommandOptions, HoverProviderCapability,
    InitializeParams, OneOf, Position, PublishDiagnosticsParams, RenameOptions, ServerCapabilities,
    TextDocumentSyncCapability, TextDocumentSyncKind, Uri, WorkDoneProgressOptions,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use jobs::{Done, Job};
use workspace::Workspace;

/// How long after a change its text is checked.
const PAUSE: Duration = Duration::from_millis(20);
/// How often it is asked whether a verification has ended.
const TICK: Duration = Duration::from_millis(10);
/// How long verifications may take to stop when the editor leaves.
const LEAVE: Duration = Duration::from_secs(2);

/// The command behind the lens of a claim: `[uri, institution, claim]`.
pub const VERIFY: &str = "yamen.verify";

/// Serves one editor until it leaves.
///
/// # Errors
/// The connection broke, in words.
pub fn serve(connection: &Connection) -> Result<(), String> {
    let capabilities = serde_json::to_value(capabilities()).map_err(|error| error.to_string())?;
    let wishes = connection.initialize(capabilities).map_err(|error| error.to_string())?;
    let wishes: InitializeParams =
        serde_json::from_value(wishes).map_err(|error| error.to_string())?;
    let mut server = Server::new(connection, &wishes);
    let result = server.listen();
    server.leave();
    result
}

fn capabilities() -> ServerCapabilities {
    let progress = WorkDoneProgressOptions { work_done_progress: Some(true) };
    ServerCapabilities {
        text_document_sync: Some(TextDocumentSyncCapability::Kind(TextDocumentSyncKind::FULL)),
        hover_provider: Some(HoverProviderCapability::Simple(true)),
        definition_provider: Some(OneOf::Left(true)),
        references_provider: Some(OneOf::Left(true)),
        document_symbol_provider: Some(OneOf::Left(true)),
        document_formatting_provider: Some(OneOf::Left(true)),
        rename_provider: Some(OneOf::Right(RenameOptions {
            prepare_provider: Some(true),
            work_done_progress_options: WorkDoneProgressOptions::default(),
        })),
        completion_provider: Some(CompletionOptions {
            trigger_characters: Some(vec![".".to_owned()]),
            ..CompletionOptions::default()
        }),
        code_lens_provider: Some(CodeLensOptions { resolve_provider: Some(false) }),
        execute_command_provider: Some(ExecuteCommandOptions {
            commands: vec![VERIFY.to_owned()],
            work_done_progress_options: progress,
        }),
        ..ServerCapabilities::default()
    }
}

/// What an editor can do.
#[derive(Clone, Copy, Debug, Default)]
struct Abilities {
    progress: bool,
    refresh: bool,
}

struct Server<'a> {
    connection: &'a Connection,
    abilities: Abilities,
    workspace: Workspace,
    /// Texts to be checked, and when.
    due: BTreeMap<String, (Uri, Instant)>,
    jobs: Vec<Job>,
    done: Arc<Mutex<Vec<Done>>>,
    asked: u64,
}

impl<'a> Server<'a> {
    fn new(connection: &'a Connection, wishes: &InitializeParams) -> Server<'a> {
        let window = wishes.capabilities.window.as_ref();
        let lens = wishes.capabilities.workspace.as_ref().and_then(|all| all.code_lens.as_ref());
        let folders = wishes.workspace_folders.iter().flatten();
        Server {
            connection,
            abilities: Abilities {
                progress: window.and_then(|window| window.work_done_progress).unwrap_or(false),
                refresh: lens.and_then(|lens| lens.refresh_support).unwrap_or(false),
            },
            workspace: Workspace::new(folders.map(|folder| text::path_of(&folder.uri)).collect()),
            due: BTreeMap::new(),
            jobs: Vec::new(),
            done: Arc::default(),
            asked: 0,
        }
    }

    fn listen(&mut self) -> Result<(), String> {
        loop {
            match self.connection.receiver.recv_timeout(self.patience()) {
                Ok(Message::Request(request)) => {
                    let leaves = self.connection.handle_shutdown(&request);
                    if leaves.map_err(|error| error.to_string())? {
                        return Ok(());
                    }
                    self.request(request);
                }
                Ok(Message::Notification(notification)) => self.notification(notification),
                Ok(Message::Response(_)) => {}
                Err(error) if error.is_timeout() => {}
                Err(_) => return Ok(()),
            }
            self.check_due();
            self.take_in_verdicts();
        }
    }

    /// How long to wait for a message.
    fn patience(&self) -> Duration {
        let now = Instant::now();
        let due = self.due.values().map(|(_, due)| due.saturating_duration_since(now)).min();
        let jobs = (!self.jobs.is_empty()).then_some(TICK);
        due.into_iter().chain(jobs).min().unwrap_or(Duration::from_secs(3600))
    }

    /// Stops what is running, so that nothing runs on while the program ends.
    fn leave(&mut self) {
        self.jobs.iter().for_each(Job::stop);
        let start = Instant::now();
        while !self.jobs.is_empty() && start.elapsed() < LEAVE {
            std::thread::sleep(TICK);
            self.take_in_verdicts();
        }
    }

    fn send(&self, message: impl Into<Message>) {
        // A broken connection is noticed when it is next read.
        let _ = self.connection.sender.send(message.into());
    }

    fn notify(&self, method: &str, params: impl Serialize) {
        self.send(Notification::new(method.to_owned(), params));
    }

    fn ask(&mut self, method: &str, params: impl Serialize) {
        self.asked += 1;
        let id = RequestId::from(format!("yamen-{}", self.asked));
        self.send(Request::new(id, method.to_owned(), params));
    }

    fn notification(&mut self, notification: Notification) {
        let params = notification.params;
        match notification.method.as_str() {
            "textDocument/didOpen" => {
                if let Some(params) = read::<lsp_types::DidOpenTextDocumentParams>(params) {
                    let document = params.text_document;
                    self.workspace.set(&document.uri, document.text);
                    self.changed(&document.uri);
                }
            }
            "textDocument/didChange" => {
                if let Some(params) = read::<lsp_types::DidChangeTextDocumentParams>(params)
                    && let Some(change) = params.content_changes.into_iter().next_back()
                {
                    self.workspace.set(&params.text_document.uri, change.text);
                    self.changed(&params.text_document.uri);
                }
            }
            "textDocument/didClose" => {
                if let Some(params) = read::<lsp_types::DidCloseTextDocumentParams>(params) {
                    let uri = params.text_document.uri;
                    self.workspace.close(&uri);
                    self.due.remove(uri.as_str());
                    self.publish(&uri, Vec::new());
                }
            }
            "textDocument/didSave" | "workspace/didChangeWatchedFiles" => {
                self.workspace.age();
                self.all_due();
            }
            "$/cancelRequest" => self.cancel_request(&params),
            "window/workDoneProgress/cancel" => {
                let token = params.get("token").cloned().unwrap_or_default();
                let token = read(token);
                let of_token = self.jobs.iter().filter(|job| Some(&job.token) == token.as_ref());
                of_token.for_each(Job::stop);
            }
            _ => {}
        }
    }

    fn cancel_request(&self, params: &Value) {
        let id = params.get("id").cloned().unwrap_or_default();
        let id: Option<RequestId> = read(id);
        self.jobs.iter().filter(|job| Some(&job.request) == id.as_ref()).for_each(Job::stop);
    }

    /// A text changed, and with it what uses it.
    fn changed(&mut self, uri: &Uri) {
        self.all_due();
        // A text that was waiting keeps its turn, so that steady typing cannot put it off for ever.
        let due = Instant::now() + PAUSE;
        self.due.entry(uri.as_str().to_owned()).or_insert_with(|| (uri.clone(), due));
    }

    fn all_due(&mut self) {
        let due = Instant::now() + PAUSE;
        let others =
            self.workspace.open().filter(|document| document.analysis.sources.iter().count() > 1);
        let others: Vec<Uri> = others.map(|document| document.uri.clone()).collect();
        for uri in others {
            self.due.entry(uri.as_str().to_owned()).or_insert((uri, due));
        }
    }

    fn check_due(&mut self) {
        let now = Instant::now();
        let due = self.due.values().filter(|(_, due)| *due <= now);
        let due: Vec<Uri> = due.map(|(uri, _)| uri.clone()).collect();
        due.iter().for_each(|uri| self.check(uri));
    }

    fn check(&mut self, uri: &Uri) {
        if self.due.remove(uri.as_str()).is_some() {
            self.workspace.analyse(uri);
            let messages = self.workspace.get(uri).map(answers::messages).unwrap_or_default();
            self.publish(uri, messages);
        }
    }

    fn publish(&self, uri: &Uri, diagnostics: Vec<lsp_types::Diagnostic>) {
        let params = PublishDiagnosticsParams { uri: uri.clone(), diagnostics, version: None };
        self.notify("textDocument/publishDiagnostics", params);
    }

    fn request(&mut self, request: Request) {
        let Request { id, method, params } = request;
        if let Some(uri) = address(&params) {
            self.check(&uri);
        }
        if method == "workspace/executeCommand" {
            if let Err(message) = self.execute(id.clone(), params) {
                self.send(Response::new_err(id, ErrorCode::RequestFailed as i32, message));
            }
            return;
        }
        let response = match self.answer(&method, &params) {
            Ok(value) => Response::new_ok(id, value),
            Err((code, message)) => Response::new_err(id, code as i32, message),
        };
        self.send(response);
    }

    /// The answer to a question about a text; nothing for a text that is not open.
    fn answer(&self, method: &str, params: &Value) -> Result<Value, (ErrorCode, String)> {
        let unknown = || (ErrorCode::MethodNotFound, format!("{method} is not served"));
        let wrong = || (ErrorCode::InvalidParams, format!("wrong parameters of {method}"));
        let question = method.strip_prefix("textDocument/").ok_or_else(unknown)?;
        let uri = address(params).ok_or_else(wrong)?;
        let Some(document) = self.workspace.get(&uri) else { return Ok(Value::Null) };
        let position = params.get("position").cloned().and_then(read::<Position>);
        let position = || position.ok_or_else(wrong);
        Ok(match question {
            "hover" => json!(answers::hover(document, position()?)),
            "definition" => json!(answers::definition(document, position()?)),
            "references" => {
                let with = params.pointer("/context/includeDeclaration").and_then(Value::as_bool);
                let with = with.unwrap_or(true);
                json!(rename::references(&self.workspace, document, position()?, with))
            }
            "prepareRename" => {
                let found = rename::renamable(document, position()?);
                json!(found.map(|(range, name)| json!({"range": range, "placeholder": name})))
            }
            "rename" => {
                let name = params.get("newName").and_then(Value::as_str).ok_or_else(wrong)?;
                let edit = rename::rename(&self.workspace, document, position()?, name);
                json!(edit.map_err(|reason| (ErrorCode::RequestFailed, reason))?)
            }
            "completion" => json!(answers::completions(document, position()?)),
            "documentSymbol" => json!(answers::symbols(document)),
            "formatting" => json!(answers::layout(document)),
            "codeLens" => json!(lens::lenses(document)),
            _ => return Err(unknown()),
        })
    }

    /// Starts what a lens asks for.
    fn execute(&mut self, request: RequestId, params: Value) -> Result<(), String> {
        let params: lsp_types::ExecuteCommandParams =
            read(params).ok_or("wrong parameters of workspace/executeCommand")?;
        if params.command != VERIFY {
            return Err(format!("there is no command `{}`", params.command));
        }
        let arguments: Vec<&str> = params.arguments.iter().filter_map(Value::as_str).collect();
        let [uri, institution, claim] = arguments.as_slice() else {
            return Err(format!("`{VERIFY}` takes the address, the institution and the claim"));
        };
        let uri = Uri::from_str(uri).map_err(|error| error.to_string())?;
        self.check(&uri);
        let document = self.workspace.get(&uri).ok_or("this text is not open")?;
        let given = params.work_done_progress_params.work_done_token;
        let fresh = given.is_none();
        let token = given.unwrap_or_else(|| {
            lsp_types::NumberOrString::String(format!("yamen-verify-{request}"))
        });
        let job =
            lens::job((document, self.workspace.version), institution, claim, request, token)?;
        if fresh && self.abilities.progress {
            self.ask("window/workDoneProgress/create", json!({"token": job.token}));
        }
        self.jobs.push(job.clone());
        let (sender, done) = (self.connection.sender.clone(), Arc::clone(&self.done));
        let shows = !fresh || self.abilities.progress;
        let tell = move |message| {
            if shows {
                let _ = sender.send(message);
            }
        };
        jobs::start(job, tell, move |ended| {
            done.lock().unwrap_or_else(PoisonError::into_inner).push(ended);
        });
        Ok(())
    }

    /// Keeps the verdicts of jobs that have ended, and answers who asked for them.
    fn take_in_verdicts(&mut self) {
        let ended: Vec<Done> =
            self.done.lock().unwrap_or_else(PoisonError::into_inner).drain(..).collect();
        for done in ended {
            self.jobs.retain(|job| job.request != done.job.request);
            let request = done.job.request.clone();
            match lens::settle(&mut self.workspace, &done) {
                Ok(value) => self.send(Response::new_ok(request, value)),
                Err((code, message)) => self.send(Response::new_err(request, code as i32, message)),
            }
            let messages = self.workspace.get(&done.job.uri).map(answers::messages);
            messages.into_iter().for_each(|messages| self.publish(&done.job.uri, messages));
            if self.abilities.refresh {
                self.ask("workspace/codeLens/refresh", Value::Null);
            }
        }
    }
}

/// The text that a question is about.
fn address(params: &Value) -> Option<Uri> {
    let uri = params.pointer("/textDocument/uri").and_then(Value::as_str)?;
    Uri::from_str(uri).ok()
}

fn read<T: DeserializeOwned>(value: Value) -> Option<T> {
    serde_json::from_value(value).ok()
}
