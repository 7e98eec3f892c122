//! Rust source seen as code alone: comments, literals and tests blanked, lines kept.

/// The text with comments, strings and characters replaced by blanks, so that what is left is code
/// and every line keeps its number and its indentation.
pub fn code_of(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let previous = code.chars().next_back().unwrap_or(' ');
        let hidden = length_of_hidden(rest, previous);
        if hidden == 0 {
            code.push(first);
            rest = rest.strip_prefix(first).unwrap_or("");
        } else {
            let (blanked, after) = rest.split_at(hidden);
            code.extend(blanked.chars().map(|c| if c == '\n' { c } else { ' ' }));
            rest = after;
        }
    }
    code
}

/// How many bytes at the start of `rest` are a comment or a literal.
fn length_of_hidden(rest: &str, previous: char) -> usize {
    if rest.starts_with("//") {
        rest.find('\n').unwrap_or(rest.len())
    } else if rest.starts_with("/*") {
        length_of_block_comment(rest)
    } else if rest.starts_with('"') {
        length_of_quoted(rest, '"')
    } else if rest.starts_with('r') && !is_word(previous) {
        length_of_raw_string(rest)
    } else if rest.starts_with('\'') {
        length_of_character(rest)
    } else {
        0
    }
}

/// Block comments nest.
fn length_of_block_comment(rest: &str) -> usize {
    let mut depth = 0_usize;
    let mut at = 0;
    while let Some(here) = rest.get(at..).filter(|here| !here.is_empty()) {
        let step = if here.starts_with("/*") {
            depth += 1;
            2
        } else if here.starts_with("*/") {
            depth -= 1;
            2
        } else {
            here.chars().next().map_or(1, char::len_utf8)
        };
        at += step;
        if depth == 0 {
            return at;
        }
    }
    rest.len()
}

fn length_of_quoted(rest: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        if !escaped && c == quote {
            return at + 1;
        }
        escaped = !escaped && c == '\\';
    }
    rest.len()
}

/// `r"…"`, `r#"…"#` and so on; zero if this is another word that starts with `r`.
fn length_of_raw_string(rest: &str) -> usize {
    let after = rest.strip_prefix('r').unwrap_or(rest);
    let hashes = after.chars().take_while(|c| *c == '#').count();
    let opened = after.get(hashes..).is_some_and(|body| body.starts_with('"'));
    if !opened {
        return 0;
    }
    let start = 1 + hashes + 1;
    let closing = format!("\"{}", "#".repeat(hashes));
    let body = rest.get(start..).unwrap_or("");
    body.find(&closing).map_or(rest.len(), |at| start + at + closing.len())
}

/// A character literal; zero for a lifetime.
fn length_of_character(rest: &str) -> usize {
    let mut inside = rest.chars().skip(1);
    match (inside.next(), inside.next()) {
        (Some('\\'), _) => length_of_quoted(rest, '\''),
        (Some(c), Some('\'')) => 2 + c.len_utf8(),
        _ => 0,
    }
}

/// The code with every item under `#[cfg(test)]` blanked; expects the code of [`code_of`], laid
/// out by rustfmt, so that an item ends with a line of its own indentation.
pub fn without_tests(code: &str) -> String {
    let mut kept = String::with_capacity(code.len());
    let mut hiding: Option<usize> = None;
    let mut opened = false;
    for line in code.lines() {
        let indentation = indentation_of(line);
        if hiding.is_none() && line.trim().starts_with("#[cfg(test)]") {
            hiding = Some(indentation);
            opened = false;
        }
        match hiding {
            None => kept.push_str(line),
            Some(outer) => {
                let item = !line.trim().starts_with("#[") && !line.trim().is_empty();
                let whole = item && !opened && line.trim_end().ends_with([';', '}']);
                let closed = opened && indentation == outer && line.trim().starts_with('}');
                opened |= item && line.trim_end().ends_with('{');
                if whole || closed {
                    hiding = None;
                }
            }
        }
        kept.push('\n');
    }
    kept
}

/// How far a line is indented.
pub fn indentation_of(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

/// May this character be part of a name?
pub fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// A name in a line of code, with what stands before and after it.
pub struct Word<'a> {
    /// The line up to the name.
    pub before: &'a str,
    /// The name.
    pub name: &'a str,
    /// The line after the name.
    pub after: &'a str,
}

/// The names and keywords of a line of code.
pub fn words(line: &str) -> Vec<Word<'_>> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(start) = line.get(at..).and_then(|rest| rest.find(is_word)) {
        let start = at + start;
        let rest = line.get(start..).unwrap_or("");
        let end = start + rest.find(|c| !is_word(c)).unwrap_or(rest.len());
        let (before, name, after) = (line.get(..start), line.get(start..end), line.get(end..));
        if let (Some(before), Some(name), Some(after)) = (before, name, after) {
            found.push(Word { before, name, after });
        }
        at = end;
    }
    found
}
