//! How long messages take to follow a keystroke: a spec of 2,000 lines in the language server.
//!
//! `cargo bench --bench editing` holds a session in this process over channels, changes one character at a
//! time, and waits for the messages about each text. It prints the median and the longest, with the
//! server's pause after a keystroke in them, and where the time goes. The limit is 100 ms.

#![allow(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a measurement"
)]

use std::path::Path;
use std::time::{Duration, Instant};

use lsp_server::{Connection, Message, Notification, Request};
use serde_json::{Value, json};
use yamen::govern::{self, files::Disk, load::load_text};
use yamen::syntax::parse;
use yamen::syntax::source::FileId;
use yamen::types::{self, Assignment};

/// How many lines the spec has at least.
const LINES: usize = 2_000;
/// How many keystrokes are measured.
const STROKES: usize = 40;
/// How long messages may take to follow a keystroke.
const LIMIT: Duration = Duration::from_millis(100);

/// One office of many: what a spec is full of.
const OFFICE: &str = r#"
/// Who takes what comes in at office N.
position ClerkN
position CheckN

state waitingN : 0..3 = 0
state askedN : bool = false
choice takeN : bool by ClerkN
choice askN : bool by CheckN
sees CheckN : waitingN
define fullN = waitingN = 3

rule arriveN when not takeN and waitingN < 3 :
  waitingN' = waitingN + 1
rule serveN when takeN and waitingN > 0 :
  waitingN' = waitingN - 1
rule recallN when askN : askedN' = true

claim boundedN "at most three wait at office N"
  quote source "No more than three."
  always waitingN <= 3
  expect proved
"#;

fn main() {
    let text = spec();
    println!("{} lines, {} bytes", text.lines().count(), text.len());
    phases(&text);
    let mut times = keystrokes(&text);
    times.sort_unstable();
    let (median, longest) = (times[times.len() / 2], times[times.len() - 1]);
    println!("messages follow a keystroke after {median:.1?}, at most {longest:.1?}");
    let word = if median <= LIMIT { "within" } else { "over" };
    println!("{word} the limit of {LIMIT:?}");
}

/// The spec.
fn spec() -> String {
    let mut text = "institution many \"Many offices\"\nsource source \"A rule book\"\n".to_owned();
    for n in 0.. {
        if text.lines().count() >= LINES {
            break;
        }
        text.push_str(&OFFICE.replace('N', &n.to_string()));
    }
    text
}

/// Where the time goes: the parts of what the server does, each by itself.
fn phases(text: &str) {
    let path = Path::new("many.yamen");
    measured("parse", || parse(FileId(0), text).file.items.len());
    measured("load", || load_text(path, text, &Disk).institutions.len());
    let loaded = load_text(path, text, &Disk);
    let institution = loaded.institutions.first().expect("an institution");
    measured("write out", || govern::elaborate(institution).0.items.len());
    let core = govern::elaborate(institution).0;
    measured("check", || types::check(&core, &Assignment::default()).diagnostics.len());
}

fn measured(what: &str, work: impl Fn() -> usize) {
    let fastest = (0..5).map(|_| {
        let start = Instant::now();
        std::hint::black_box(work());
        start.elapsed()
    });
    println!("  {what:<10}{:>9.1?}", fastest.min().unwrap_or_default());
}

/// The times from a change to the messages about it.
fn keystrokes(text: &str) -> Vec<Duration> {
    let (server, editor) = Connection::memory();
    let serving = std::thread::spawn(move || yamen::lsp::serve(&server));
    let uri = "file:///many.yamen";
    ask(&editor, 1, "initialize", json!({"capabilities": {}}));
    tell(&editor, "initialized", json!({}));
    let document = json!({"uri": uri, "languageId": "yamen", "version": 0, "text": text});
    tell(&editor, "textDocument/didOpen", json!({"textDocument": document}));
    await_messages(&editor);
    let times = (0..STROKES).map(|n| {
        let text = text.replacen("Many offices", &format!("Many offices{}", "x".repeat(n)), 1);
        let start = Instant::now();
        let document = json!({"uri": uri, "version": n + 1});
        let change = json!({"textDocument": document, "contentChanges": [{"text": text}]});
        tell(&editor, "textDocument/didChange", change);
        await_messages(&editor);
        start.elapsed()
    });
    let times = times.collect();
    ask(&editor, 2, "shutdown", Value::Null);
    tell(&editor, "exit", Value::Null);
    serving.join().expect("the server ends").expect("the connection holds");
    times
}

fn tell(editor: &Connection, method: &str, params: Value) {
    let message = Notification::new(method.to_owned(), params);
    editor.sender.send(message.into()).expect("the server listens");
}

fn ask(editor: &Connection, id: i32, method: &str, params: Value) {
    let message = Request::new(id.into(), method.to_owned(), params);
    editor.sender.send(message.into()).expect("the server listens");
    while !matches!(receive(editor), Message::Response(_)) {}
}

fn await_messages(editor: &Connection) {
    loop {
        if let Message::Notification(told) = receive(editor)
            && told.method == "textDocument/publishDiagnostics"
        {
            return;
        }
    }
}

fn receive(editor: &Connection) -> Message {
    editor.receiver.recv_timeout(Duration::from_secs(60)).expect("the server answers")
}
