//! The rules: each from a path and a text to its complaints.

use std::fmt;

use crate::code::{Word, code_of, indentation_of, without_tests, words};

/// What is wrong, and where.
#[derive(Debug, PartialEq, Eq)]
pub struct Complaint {
    /// The file.
    pub path: String,
    /// The line, counted from one.
    pub line: usize,
    /// What is wrong and what to do.
    pub message: String,
}

impl fmt::Display for Complaint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.path, self.line, self.message)
    }
}

/// A rule of the house.
pub type Rule = fn(&str, &str) -> Vec<Complaint>;

/// A complaint about the line with this index.
pub fn complaint(path: &str, index: usize, message: impl Into<String>) -> Complaint {
    Complaint { path: path.to_owned(), line: index + 1, message: message.into() }
}

/// The layers of the house, each of which uses only those before it.
const LAYERS: [&str; 18] = [
    "syntax", "govern", "types", "twin", "interp", "term", "system", "circuit", "solver", "engine",
    "evidence", "exchange", "lint", "report", "verify", "sweep", "lsp", "cli",
];

/// What the interpreter, being the second opinion, may use.
const FOR_THE_INTERPRETER: [&str; 3] = ["syntax", "types", "interp"];

/// Layers that solve problems without knowing what institution they came from.
const BLIND_LAYERS: [&str; 4] = ["term", "circuit", "solver", "engine"];

const GOVERNANCE_WORDS: [&str; 12] = [
    "accountability",
    "accountable",
    "campaign",
    "chain",
    "hierarchy",
    "norm",
    "person",
    "promotion",
    "reform",
    "rotation",
    "sanction",
    "superior",
];

const PRINTING: [&str; 5] = ["print", "println", "eprint", "eprintln", "dbg"];

/// Files that do nothing but declare the types others share; they may be longer.
const DECLARATIONS: [&str; 2] = ["src/syntax/ast.rs", "src/types/core.rs"];

/// The folder or file right under `src` that a path belongs to.
fn layer_of(path: &str) -> Option<&str> {
    let inside = path.strip_prefix("src/")?;
    let layer = inside.split('/').next()?;
    Some(layer.strip_suffix(".rs").unwrap_or(layer))
}

/// Is the file nothing but tests?
fn is_tests(path: &str) -> bool {
    path.ends_with("/tests.rs") || path.contains("/tests/") || path.ends_with("_tests.rs")
}

/// The code outside tests, line by line.
fn shipped_lines(path: &str, text: &str) -> Vec<String> {
    if is_tests(path) {
        return Vec::new();
    }
    without_tests(&code_of(text)).lines().map(str::to_owned).collect()
}

/// Complains of every word of the shipped code that `wrong` finds fault with.
fn about_words(path: &str, text: &str, wrong: impl Fn(&Word) -> Option<String>) -> Vec<Complaint> {
    let lines = shipped_lines(path, text);
    let found = lines.iter().enumerate().flat_map(|(index, line)| {
        let faults = words(line).iter().filter_map(&wrong).collect::<Vec<_>>();
        faults.into_iter().map(move |fault| complaint(path, index, fault))
    });
    found.collect()
}

/// Every file opens with `//!`.
pub fn opens_with_its_purpose(path: &str, text: &str) -> Vec<Complaint> {
    if text.starts_with("//!") {
        Vec::new()
    } else {
        vec![complaint(path, 0, "open the file with `//!`: what it is and what it trusts")]
    }
}

/// Only `src/solver` names the z3 crate.
pub fn names_z3_only_in_the_solver(path: &str, text: &str) -> Vec<Complaint> {
    if layer_of(path) == Some("solver") {
        return Vec::new();
    }
    about_words(path, text, |word| {
        let is_crate = ["z3", "z3_sys"].contains(&word.name) && names_a_crate(word);
        is_crate.then(|| format!("only src/solver may name the `{}` crate", word.name))
    })
}

/// Does the word stand where a crate's name would, rather than as part of a longer path?
fn names_a_crate(word: &Word) -> bool {
    let outer = word.before.trim_end_matches(' ').strip_suffix("::");
    let is_root = outer.is_none_or(|path| !path.ends_with(crate::code::is_word));
    let in_list = word.before.trim_start().starts_with("use ");
    let declared = word.before.ends_with("use ") || word.before.ends_with("extern crate ");
    is_root && (word.after.starts_with("::") || declared || in_list && word.before.ends_with('{'))
}

/// Only `src/cli` and `src/main.rs` print or exit.
pub fn prints_only_in_the_command_line(path: &str, text: &str) -> Vec<Complaint> {
    if matches!(layer_of(path), Some("cli" | "main")) {
        return Vec::new();
    }
    about_words(path, text, |word| {
        let prints = PRINTING.contains(&word.name) && word.after.starts_with('!');
        let streams = ["stdout", "stderr"].contains(&word.name) && word.after.starts_with("()");
        let leaves = ["exit", "abort"].contains(&word.name) && word.before.ends_with("process::");
        (prints || streams || leaves)
            .then(|| format!("`{}`: only src/cli may print or exit; return a value", word.name))
    })
}

/// A layer uses only those before it; the interpreter only the typed core and what it is made of.
pub fn uses_only_earlier_layers(path: &str, text: &str) -> Vec<Complaint> {
    let Some(layer) = layer_of(path).filter(|layer| !["lib", "main"].contains(layer)) else {
        return Vec::new();
    };
    let Some(rank) = LAYERS.iter().position(|name| *name == layer) else {
        return vec![complaint(path, 0, format!("`{layer}` is no layer of tests/tidy/rules.rs"))];
    };
    let allowed = |used: &str| match LAYERS.iter().position(|name| *name == used) {
        None => true,
        Some(_) if layer == "interp" => FOR_THE_INTERPRETER.contains(&used),
        Some(other) => other <= rank,
    };
    let code = shipped_lines(path, text).join("\n");
    let uses = roots_used(path, &code);
    let wrong = uses.into_iter().filter(|(_, used)| !allowed(used));
    wrong
        .map(|(index, used)| complaint(path, index, format!("`{layer}` may not use `{used}`")))
        .collect()
}

/// The modules right under the crate's root that the code names, with the index of the line.
fn roots_used(path: &str, code: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (at, _) in code.match_indices("::") {
        let (before, after) = (code.get(..at).unwrap_or(""), code.get(at + 2..).unwrap_or(""));
        if leads_to_the_root(path, before) {
            let index = before.matches('\n').count();
            found.extend(first_names(after).into_iter().map(|name| (index, name)));
        }
    }
    found
}

/// Does the path that ends here, `crate` or enough of `super::super`, stand for the crate's root?
fn leads_to_the_root(path: &str, before: &str) -> bool {
    let start = before.rfind(|c| !(crate::code::is_word(c) || c == ':')).map_or(0, |at| at + 1);
    let segments = before.get(start..).unwrap_or("").split("::").collect::<Vec<_>>();
    segments == ["crate"]
        || segments.len() >= depth_of(path) && segments.iter().all(|s| *s == "super")
}

/// How many modules a file lies below the crate's root.
fn depth_of(path: &str) -> usize {
    path.trim_start_matches("src/").trim_end_matches("/mod.rs").split('/').count()
}

/// The first name of what follows a `::`, or of each entry if that is a list in braces.
fn first_names(after: &str) -> Vec<String> {
    let name =
        |text: &str| text.chars().take_while(|c| crate::code::is_word(*c)).collect::<String>();
    let Some(list) = after.strip_prefix('{') else { return vec![name(after)] };
    let mut names = Vec::new();
    let mut entry = String::new();
    let mut depth = 1;
    for c in list.chars() {
        depth += match c {
            '{' => 1,
            '}' => -1,
            _ => 0,
        };
        if depth == 0 || (depth == 1 && c == ',') {
            names.push(name(entry.trim_start()));
            entry.clear();
        } else {
            entry.push(c);
        }
        if depth == 0 {
            break;
        }
    }
    names
}

/// No engine, nor what lies below the engines, has a governance word in its names.
pub fn keeps_governance_out_of_the_engines(path: &str, text: &str) -> Vec<Complaint> {
    if !layer_of(path).is_some_and(|layer| BLIND_LAYERS.contains(&layer)) {
        return Vec::new();
    }
    about_words(path, text, |word| {
        let is_adaptor = word.name == "chain" && word.before.ends_with(['.', ':']);
        let known = parts_of(word.name).into_iter().find(|part| is_governance_word(part));
        known
            .filter(|_| !is_adaptor)
            .map(|part| format!("`{}`: no engine may know the word `{part}`", word.name))
    })
}

fn is_governance_word(part: &str) -> bool {
    let singular = part.strip_suffix('s').unwrap_or(part);
    GOVERNANCE_WORDS.iter().any(|word| *word == part || *word == singular)
}

/// The words that a name is made of: `NormBreach` and `norm_breach` are both norm and breach.
fn parts_of(name: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    for c in name.chars() {
        if c == '_' || c.is_uppercase() {
            parts.push(String::new());
        }
        if let Some(part) = parts.last_mut() {
            part.extend(c.to_lowercase().filter(|c| *c != '_'));
        }
    }
    parts
}

/// At most 500 lines that are not blank; 1,000 for tests and for declarations of shared types.
pub fn is_a_short_file(path: &str, text: &str) -> Vec<Complaint> {
    let roomy = path.starts_with("tests/") || DECLARATIONS.contains(&path);
    let limit = if roomy { 1_000 } else { 500 };
    let lines = text.lines().filter(|line| !line.trim().is_empty()).count();
    if lines <= limit {
        return Vec::new();
    }
    vec![complaint(path, 0, format!("{lines} lines, {limit} are the limit: divide the file"))]
}

/// At most 70 lines to a function, unless a comment `// table` above it says that it is a table.
pub fn has_short_functions(path: &str, text: &str) -> Vec<Complaint> {
    let code = code_of(text);
    let lines = code.lines().collect::<Vec<_>>();
    let original = text.lines().collect::<Vec<_>>();
    let starts = lines.iter().enumerate().filter(|(_, line)| starts_function(line));
    let long = starts.filter_map(|(index, line)| {
        let length = length_of_function(&lines, index, indentation_of(line));
        (length > 70 && !is_marked_table(&original, index)).then(|| {
            complaint(path, index, format!("a function of {length} lines, 70 are the limit"))
        })
    });
    long.collect()
}

/// Does a function start on this line: `fn` after nothing but its qualifiers?
fn starts_function(line: &str) -> bool {
    let Some((qualifiers, _)) = line.trim_start().split_once("fn ") else { return false };
    qualifiers.split_whitespace().all(|word| {
        word.starts_with("pub")
            || ["const", "async", "unsafe", "extern"].contains(&word)
            || word.ends_with(')')
    })
}

/// From the line with `fn` to the closing brace, which rustfmt puts under its start.
fn length_of_function(lines: &[&str], start: usize, indentation: usize) -> usize {
    let body = lines.iter().skip(start);
    let ends =
        |line: &&&str| indentation_of(line) == indentation && line.trim_end().ends_with(['}', ';']);
    body.clone().position(|line| ends(&line)).map_or(0, |last| last + 1)
}

/// Is there a `// table` among the attributes and comments above the function?
fn is_marked_table(lines: &[&str], start: usize) -> bool {
    let above = lines.iter().take(start).rev().map(|line| line.trim());
    let mut belonging = above.take_while(|line| line.starts_with("//") || line.starts_with("#["));
    belonging.any(|line| line == "// table" || line.starts_with("// table:"))
}

/// Nothing is marked as still to do.
pub fn leaves_nothing_for_later(path: &str, text: &str) -> Vec<Complaint> {
    let marks = [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X")];
    let lines = text.lines().enumerate();
    let found = lines.flat_map(|(index, line)| {
        let marked = words(line).into_iter().filter(|word| marks.contains(&word.name));
        marked
            .map(|word| complaint(path, index, format!("`{}`: do it now or file it", word.name)))
            .collect::<Vec<_>>()
    });
    found.collect()
}

/// The files that know the oldest libz3 say the same.
pub fn agrees_on_the_oldest_libz3(texts: &[(&str, String)]) -> Vec<Complaint> {
    let stated = texts.iter().map(|(path, text)| (path, oldest_libz3(text))).collect::<Vec<_>>();
    let Some((_, first)) = stated.first() else { return Vec::new() };
    let wrong = stated.iter().filter(|(_, numbers)| numbers.len() != 3 || numbers != first);
    wrong
        .map(|(path, numbers)| {
            complaint(path, 0, format!("its oldest libz3 is {numbers:?}, not {first:?}"))
        })
        .collect()
}

/// The numbers on the line that sets `MINIMUM`.
fn oldest_libz3(text: &str) -> Vec<String> {
    let sets = |line: &&str| line.contains("MINIMUM") && line.contains(" = ");
    let value = text.lines().find(sets).and_then(|line| line.rsplit_once(" = "));
    let numbers = value.map_or("", |(_, value)| value).split(|c: char| !c.is_ascii_digit());
    numbers.filter(|number| !number.is_empty()).map(str::to_owned).collect()
}
