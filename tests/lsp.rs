//! The language server: a scripted session over standard input and output, as an editor holds it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

/// How long an answer may take before a test gives up.
const PATIENCE: Duration = Duration::from_secs(120);

/// An editor, as far as the tests need one.
struct Editor {
    child: Child,
    input: ChildStdin,
    messages: Receiver<Value>,
    kept: VecDeque<Value>,
    asked: i64,
}

impl Editor {
    /// Starts the server in a project's folder.
    fn start(folder: &Path) -> Editor {
        let mut child = Command::new(env!("CARGO_BIN_EXE_yamen"))
            .arg("lsp")
            .current_dir(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let input = child.stdin.take().unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let (sender, messages) = channel();
        std::thread::spawn(move || {
            while let Some(message) = read(&mut output) {
                if sender.send(message).is_err() {
                    break;
                }
            }
        });
        let mut editor = Editor { child, input, messages, kept: VecDeque::new(), asked: 0 };
        let capabilities = json!({
            "window": {"workDoneProgress": true},
            "workspace": {"codeLens": {"refreshSupport": true}},
        });
        let folders = json!([{"uri": uri(folder), "name": "project"}]);
        let answer = editor.ask(
            "initialize",
            json!({"processId": null, "capabilities": capabilities, "workspaceFolders": folders}),
        );
        assert_eq!(answer["capabilities"]["hoverProvider"], true);
        editor.tell("initialized", json!({}));
        editor
    }

    fn write(&mut self, message: &Value) {
        let body = message.to_string();
        write!(self.input, "Content-Length: {}\r\n\r\n{body}", body.len()).unwrap();
        self.input.flush().unwrap();
    }

    fn tell(&mut self, method: &str, params: Value) {
        self.write(&json!({"jsonrpc": "2.0", "method": method, "params": params}));
    }

    /// Sends a request and gives its number.
    fn send(&mut self, method: &str, params: Value) -> i64 {
        self.asked += 1;
        let id = self.asked;
        self.write(&json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params}));
        id
    }

    /// The next message that is wanted; others are kept for later.
    fn wait(&mut self, wanted: impl Fn(&Value) -> bool) -> Value {
        if let Some(at) = self.kept.iter().position(&wanted) {
            return self.kept.remove(at).unwrap();
        }
        let start = Instant::now();
        loop {
            let left = PATIENCE.saturating_sub(start.elapsed());
            let message = self.messages.recv_timeout(left).expect("an answer");
            if wanted(&message) {
                return message;
            }
            self.kept.push_back(message);
        }
    }

    fn answer(&mut self, id: i64) -> Value {
        self.wait(|message| message["id"] == id && message.get("method").is_none())
    }

    fn ask(&mut self, method: &str, params: Value) -> Value {
        let id = self.send(method, params);
        let answer = self.answer(id);
        assert!(answer.get("error").is_none(), "{method}: {answer}");
        answer["result"].clone()
    }

    fn open(&mut self, uri: &str, text: &str) {
        let document = json!({"uri": uri, "languageId": "yamen", "version": 1, "text": text});
        self.tell("textDocument/didOpen", json!({"textDocument": document}));
    }

    fn change(&mut self, uri: &str, text: &str) {
        let document = json!({"uri": uri, "version": 2});
        let changes = json!([{"text": text}]);
        self.tell(
            "textDocument/didChange",
            json!({"textDocument": document, "contentChanges": changes}),
        );
    }

    fn diagnostics(&mut self, uri: &str) -> Vec<Value> {
        let message = self.wait(|message| {
            message["method"] == "textDocument/publishDiagnostics"
                && message["params"]["uri"] == uri
        });
        message["params"]["diagnostics"].as_array().unwrap().clone()
    }

    fn leave(mut self) {
        self.ask("shutdown", Value::Null);
        self.tell("exit", Value::Null);
        assert_eq!(self.child.wait().unwrap().code(), Some(0));
    }
}

fn read(output: &mut impl BufRead) -> Option<Value> {
    let mut length = 0;
    loop {
        let mut line = String::new();
        if output.read_line(&mut line).ok()? == 0 {
            return None;
        }
        match line.trim() {
            "" => break,
            header => {
                if let Some(value) = header.strip_prefix("Content-Length: ") {
                    length = value.parse().unwrap();
                }
            }
        }
    }
    let mut body = vec![0; length];
    output.read_exact(&mut body).ok()?;
    Some(serde_json::from_slice(&body).unwrap())
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn uri(path: &Path) -> String {
    format!("file://{}", path.display())
}

/// The place of some words in a text, moved on by so many columns.
fn place(text: &str, words: &str, onwards: usize) -> Value {
    let byte = text.find(words).unwrap_or_else(|| panic!("`{words}` is not in the text"));
    let before = &text[..byte];
    let line = before.matches('\n').count();
    let character = before.rsplit('\n').next().unwrap().encode_utf16().count() + onwards;
    json!({"line": line, "character": character})
}

fn at(uri: &str, position: &Value) -> Value {
    json!({"textDocument": {"uri": uri}, "position": position})
}

/// A shipped spec, from opening it to leaving.
#[test]
fn a_session_over_a_shipped_spec() {
    let path = root().join("specs/detection/inspection.yamen");
    let text = std::fs::read_to_string(&path).unwrap();
    let uri = uri(&path);
    let mut editor = Editor::start(&root().join("specs/detection"));
    editor.open(&uri, &text);
    assert_eq!(editor.diagnostics(&uri), Vec::<Value>::new());

    // An error while typing, and its end.
    editor.change(&uri, &text.replacen("rule ", "rul ", 1));
    let errors = editor.diagnostics(&uri);
    assert!(errors.iter().any(|error| error["severity"] == 1), "{errors:?}");
    editor.change(&uri, &text);
    assert_eq!(editor.diagnostics(&uri), Vec::<Value>::new());

    // The outline names every claim.
    let symbols = editor.ask("textDocument/documentSymbol", json!({"textDocument": {"uri": uri}}));
    let outline = symbols.to_string();
    let claims: Vec<&str> = text
        .lines()
        .filter_map(|line| line.strip_prefix("claim ")?.split([' ', ':']).next())
        .collect();
    assert!(!claims.is_empty());
    for claim in &claims {
        assert!(outline.contains(&format!("\"{claim}\"")), "{claim} in {outline}");
    }

    // A lens for each claim; one of them is pressed.
    let lenses = editor.ask("textDocument/codeLens", json!({"textDocument": {"uri": uri}}));
    let lenses = lenses.as_array().unwrap().clone();
    assert!(lenses.len() >= claims.len());
    let command = &lenses[0]["command"];
    let arguments = &command["arguments"];
    let result = editor.ask(
        "workspace/executeCommand",
        json!({"command": "yamen.verify", "arguments": arguments}),
    );
    assert_eq!(result["claim"], arguments[2]);
    assert_eq!(result["as_expected"], true, "{result}");
    let kinds = |editor: &mut Editor, kind: &str| {
        editor.wait(|message| {
            message["method"] == "$/progress" && message["params"]["value"]["kind"] == kind
        })
    };
    let begun = kinds(&mut editor, "begin");
    assert_eq!(begun["params"]["value"]["cancellable"], true);
    assert_eq!(kinds(&mut editor, "end")["params"]["token"], begun["params"]["token"]);
    editor.wait(|message| message["method"] == "workspace/codeLens/refresh");
    let after = editor.ask("textDocument/codeLens", json!({"textDocument": {"uri": uri}}));
    assert!(after[0]["command"]["title"].as_str().unwrap().starts_with('✓'), "{after}");

    // The verdict is told by hover, and is one of the past once the text changes.
    let name = arguments[2].as_str().unwrap();
    let claim = place(&text, &format!(" {name} "), 1);
    let hover = editor.ask("textDocument/hover", at(&uri, &claim)).to_string();
    assert!(hover.contains(result["verdict"].as_str().unwrap()), "{hover}");
    assert!(!hover.contains("before the last change"));
    editor.change(&uri, &format!("{text}\n"));
    let hover = editor.ask("textDocument/hover", at(&uri, &claim)).to_string();
    assert!(hover.contains("before the last change"), "{hover}");
    editor.leave();
}

const DESK: &str = "\
/// where petitions arrive
institution desk \"A desk\"

position Clerk, Office[2]

param most : 1..3 = 2

/// petitions not yet read
state pile[Office] : 0..3 = 0

choice clear : bool by Clerk

define full(o : Office) = pile[o] >= most

campaign sweep { trigger heap when some o in Office : full(o) }

rule arrive for o in Office when not clear and pile[o] < 3 : pile[o]' = pile[o] + 1
rule clearing for o in Office when clear or sweep.active : pile[o]' = 0

claim bounded \"no pile is past counting\"
  always all o in Office : pile[o] <= 3
  expect proved
";

/// A folder of its own, with some specs.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str, files: &[(&str, &str)]) -> Folder {
        let folder = std::env::temp_dir().join(format!("yamen-lsp-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        for (file, text) in files {
            std::fs::write(folder.join(file), text).unwrap();
        }
        Folder(folder.canonicalize().unwrap())
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[test]
fn names_are_told_found_and_renamed() {
    let folder = Folder::new("names", &[("desk.yamen", DESK)]);
    let uri = uri(&folder.0.join("desk.yamen"));
    let mut editor = Editor::start(&folder.0);
    editor.open(&uri, DESK);
    assert_eq!(editor.diagnostics(&uri), Vec::<Value>::new());

    let read = place(DESK, "pile[o] >= most", 1);
    let hover = editor.ask("textDocument/hover", at(&uri, &read));
    let words = hover["contents"]["value"].as_str().unwrap();
    assert!(words.contains("state pile[Office] : 0..3 = 0"), "{words}");
    assert!(words.contains("petitions not yet read"), "{words}");
    let brought = place(DESK, "sweep.active", 8);
    let hover = editor.ask("textDocument/hover", at(&uri, &brought)).to_string();
    assert!(hover.contains("campaign `sweep`"), "{hover}");

    let found = editor.ask("textDocument/definition", at(&uri, &read));
    assert_eq!(found[0]["range"]["start"], place(DESK, "pile[Office]", 0));
    let variable = place(DESK, "o] <= 3", 0);
    let found = editor.ask("textDocument/definition", at(&uri, &variable));
    assert_eq!(found[0]["range"]["start"], place(DESK, "o in Office : pile[o] <=", 0));

    let mut params = at(&uri, &read);
    params["context"] = json!({"includeDeclaration": true});
    let references = editor.ask("textDocument/references", params);
    assert_eq!(references.as_array().unwrap().len(), DESK.matches("pile[").count());

    // A rename, one that would clash, and one that is no name.
    let rename = |editor: &mut Editor, position: &Value, name: &str| {
        let mut params = at(&uri, position);
        params["newName"] = json!(name);
        let id = editor.send("textDocument/rename", params);
        editor.answer(id)
    };
    let answer = rename(&mut editor, &read, "heaps");
    let edits = answer["result"]["changes"][&uri].as_array().unwrap();
    assert_eq!(edits.len(), DESK.matches("pile[").count());
    let campaign = rename(&mut editor, &place(DESK, "sweep {", 0), "broom");
    let edits = campaign["result"]["changes"][&uri].as_array().unwrap();
    assert_eq!(edits.len(), 2, "{campaign}");
    for (name, reason) in
        [("most", "already"), ("always", "a word of the language"), ("2x", "no name")]
    {
        let answer = rename(&mut editor, &read, name);
        assert!(answer["error"]["message"].as_str().unwrap().contains(reason), "{answer}");
    }

    // Completion by place.
    let inside = place(DESK, "pile[o] <= 3", 0);
    let words = editor.ask("textDocument/completion", at(&uri, &inside)).to_string();
    for word in ["\"pile\"", "\"most\"", "\"sweep.active\"", "\"always\""] {
        assert!(words.contains(word), "{word}");
    }
    let start =
        editor.ask("textDocument/completion", at(&uri, &json!({"line": 9, "character": 0})));
    assert!(start.to_string().contains("\"claim\""));
    assert!(!start.to_string().contains("\"pile\""));

    // Layout.
    editor.change(&uri, &DESK.replace(" : 0..3 = 0", ":0..3=0"));
    let options = json!({"tabSize": 2, "insertSpaces": true});
    let layout = editor
        .ask("textDocument/formatting", json!({"textDocument": {"uri": uri}, "options": options}));
    assert_eq!(layout[0]["newText"], DESK);
    editor.leave();
}

#[test]
fn a_shared_part_is_renamed_in_every_spec_that_uses_it() {
    let part = "position Clerk\nstate pile : 0..3 = 0\nchoice clear : bool by Clerk\n";
    let user = |name: &str| {
        format!("use \"part.yamen\"\ninstitution {name}\nrule clearing when clear : pile' = 0\n")
    };
    let (one, two) = (user("one"), user("two"));
    let files = [("part.yamen", part), ("one.yamen", &*one), ("two.yamen", &*two)];
    let folder = Folder::new("parts", &files);
    let mut editor = Editor::start(&folder.0);
    let address = uri(&folder.0.join("one.yamen"));
    editor.open(&address, &one);
    editor.diagnostics(&address);
    let mut params = at(&address, &place(&one, "pile'", 0));
    params["newName"] = json!("heap");
    let edit = editor.ask("textDocument/rename", params);
    let changes = edit["changes"].as_object().unwrap();
    assert_eq!(changes.len(), 3, "{edit}");

    // What is wrong in the part is told where it is used.
    let broken = uri(&folder.0.join("part.yamen"));
    editor.open(&broken, &part.replace("0..3", "0.."));
    let errors = editor.diagnostics(&address);
    assert!(errors[0]["message"].as_str().unwrap().contains("part.yamen"), "{errors:?}");
    editor.leave();
}

/// A claim that takes for ever is cancelled at once.
#[test]
fn a_verification_is_cancelled() {
    let path = root().join("tests/cli/specs/long.yamen");
    let text = std::fs::read_to_string(&path).unwrap();
    let uri = uri(&path);
    let mut editor = Editor::start(&root().join("tests/cli/specs"));
    editor.open(&uri, &text);
    editor.diagnostics(&uri);
    let lenses = editor.ask("textDocument/codeLens", json!({"textDocument": {"uri": uri}}));
    let lenses = lenses.as_array().unwrap().clone();
    let long = lenses.iter().find(|lens| lens["command"]["arguments"][2] != "quick").unwrap();
    let arguments = long["command"]["arguments"].clone();
    let params = json!({"command": "yamen.verify", "arguments": arguments});
    let id = editor.send("workspace/executeCommand", params);
    let begun = editor.wait(|message| {
        message["method"] == "$/progress" && message["params"]["value"]["kind"] == "report"
    });
    std::thread::sleep(Duration::from_millis(500));
    let start = Instant::now();
    let token = begun["params"]["token"].clone();
    editor.tell("window/workDoneProgress/cancel", json!({"token": token}));
    let answer = editor.answer(id);
    let took = start.elapsed();
    assert_eq!(answer["error"]["code"], -32800, "{answer}");
    // The limit is 200 ms on an idle machine; tests run beside others.
    assert!(took < Duration::from_secs(2), "{took:?}");
    println!("cancelled after {took:?}");
    editor.leave();
}

/// Messages follow a keystroke in a spec of 2,000 lines.
#[test]
fn a_long_spec_is_checked_while_typing() {
    let mut text = String::from("institution long\nposition Clerk\n");
    for number in 0..500 {
        text.push_str(&format!(
            "state c{number} : 0..9 = 0\nchoice d{number} : bool by Clerk\n\
             rule r{number} when d{number} and c{number} < 9 : c{number}' = c{number} + 1\n\
             claim p{number} : always c{number} <= 9\n"
        ));
    }
    assert!(text.lines().count() >= 2000);
    let folder = Folder::new("long", &[]);
    let uri = uri(&folder.0.join("long.yamen"));
    let mut editor = Editor::start(&folder.0);
    editor.open(&uri, &text);
    assert_eq!(editor.diagnostics(&uri), Vec::<Value>::new());
    let mut longest = Duration::ZERO;
    for _ in 0..5 {
        let start = Instant::now();
        editor.change(&uri, &text.replacen("c7 + 1", "c7 + nothing", 1));
        assert_eq!(editor.diagnostics(&uri).len(), 1);
        longest = longest.max(start.elapsed());
        editor.change(&uri, &text);
        assert_eq!(editor.diagnostics(&uri), Vec::<Value>::new());
    }
    // The limit is 100 ms for a release build on an idle machine.
    assert!(longest < Duration::from_secs(5), "{longest:?}");
    println!("messages after {longest:?}");
    editor.leave();
}

/// What is no message of the protocol's, or about no open text, does not end the server.
#[test]
fn odd_messages_are_survived() {
    let folder = Folder::new("odd", &[]);
    let mut editor = Editor::start(&folder.0);
    let nowhere =
        json!({"textDocument": {"uri": "untitled:x"}, "position": {"line": 0, "character": 0}});
    assert_eq!(editor.ask("textDocument/hover", nowhere), Value::Null);
    for (method, params) in [
        ("textDocument/hover", json!({"textDocument": 3})),
        ("workspace/executeCommand", json!({"command": "rm", "arguments": []})),
        ("workspace/executeCommand", json!({"command": "yamen.verify", "arguments": [1, 2]})),
        ("no/such", json!({})),
    ] {
        let id = editor.send(method, params);
        assert!(editor.answer(id).get("error").is_some(), "{method}");
    }
    editor.tell("textDocument/didChange", json!({"nonsense": true}));
    editor.open("untitled:x", "institution x\nstate y : bool\nclaim z : always y or not y\n");
    assert_eq!(editor.diagnostics("untitled:x"), Vec::<Value>::new());
    editor.leave();
}
