//! The parser's place in the tokens, and how it reports and resumes.

use super::super::ast::{Decl, Item, Name, Text};
use super::super::depth::{MAX_HEIGHT, MAX_NESTING};
use super::super::diagnostic::Diagnostic;
use super::super::source::{FileId, Span};
use super::super::token::{Comment, Kind, Lexed, MAX_DIAGNOSTICS, Token, meaning};
use super::brackets::mates;

/// Reading stopped here; a diagnostic already says why.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stop;

/// What reading a construct gives.
pub(super) type Parse<T> = Result<T, Stop>;

/// A parser over the tokens of one file.
pub(super) struct Parser<'t> {
    pub(super) file: FileId,
    text: &'t str,
    tokens: &'t [Token],
    mates: Vec<Option<u32>>,
    docs: std::iter::Peekable<std::vec::IntoIter<&'t Comment>>,
    lexer_diagnostics: &'t [Diagnostic],
    /// The next token.
    pub(super) at: usize,
    diagnostics: Vec<Diagnostic>,
    /// The token at which reading last stopped: one place, one message.
    stopped_at: Option<usize>,
    nesting: usize,
    /// It was said of this declaration that it is nested too deep.
    too_deep: bool,
    /// The height of the expression read last.
    pub(super) height: usize,
    /// How the declaration being read is written.
    pub(super) form: &'static str,
    /// Inside the braces of a reform.
    pub(super) in_reform: bool,
    /// In the `where` of a parameter that has no default so far.
    pub(super) in_param: bool,
    /// Reading the condition of a rule, where `=>` is meant as `:`.
    pub(super) in_guard: bool,
    /// Reading the bound of `within`, where `n (` is no call.
    pub(super) in_bound: bool,
}

impl<'t> Parser<'t> {
    pub(super) fn new(file: FileId, text: &'t str, lexed: &'t Lexed) -> Self {
        let docs: Vec<&Comment> = lexed.comments.list.iter().filter(|c| c.doc).collect();
        Parser {
            file,
            text,
            tokens: &lexed.tokens,
            mates: mates(text, &lexed.tokens),
            docs: docs.into_iter().peekable(),
            lexer_diagnostics: &lexed.diagnostics,
            at: 0,
            diagnostics: Vec::new(),
            stopped_at: None,
            nesting: 0,
            too_deep: false,
            height: 0,
            form: "",
            in_reform: false,
            in_param: false,
            in_guard: false,
            in_bound: false,
        }
    }

    pub(super) fn into_diagnostics(self) -> Vec<Diagnostic> {
        self.diagnostics
    }

    // --- Looking ---------------------------------------------------------

    pub(super) fn token_at(&self, at: usize) -> Token {
        let end = Token { kind: Kind::End, foreign: false, first_on_line: true, start: 0, end: 0 };
        self.tokens.get(at).or(self.tokens.last()).copied().unwrap_or(end)
    }

    pub(super) fn kind_at(&self, at: usize) -> Kind {
        self.token_at(at).kind
    }

    pub(super) fn kind(&self) -> Kind {
        self.kind_at(self.at)
    }

    pub(super) fn is(&self, kind: Kind) -> bool {
        self.kind() == kind
    }

    /// The text of a token.
    pub(super) fn word_at(&self, at: usize) -> &'t str {
        let token = self.token_at(at);
        self.text.get(token.start as usize..token.end as usize).unwrap_or("")
    }

    pub(super) fn is_word_at(&self, at: usize, word: &str) -> bool {
        self.kind_at(at) == Kind::Name && self.word_at(at) == word
    }

    pub(super) fn is_word(&self, word: &str) -> bool {
        self.is_word_at(self.at, word)
    }

    pub(super) fn first_on_line(&self, at: usize) -> bool {
        self.token_at(at).first_on_line
    }

    /// How far the token is from the beginning of its line, if it is the first there.
    pub(super) fn indentation(&self, at: usize) -> Option<usize> {
        let start = self.token_at(at).start as usize;
        let before = self.text.get(..start).filter(|_| self.first_on_line(at))?;
        Some(start - before.rfind('\n').map_or(0, |newline| newline + 1))
    }

    /// Does the token follow the one before without white space?
    pub(super) fn adjacent(&self, at: usize) -> bool {
        at > 0 && self.token_at(at - 1).end == self.token_at(at).start
    }

    /// The token that closes the bracket opened at this token.
    pub(super) fn mate(&self, at: usize) -> Option<usize> {
        self.mates.get(at).copied().flatten().map(|mate| mate as usize)
    }

    pub(super) fn span_at(&self, at: usize) -> Span {
        let token = self.token_at(at);
        Span { file: self.file, start: token.start, end: token.end }
    }

    /// From a token to the one read last.
    pub(super) fn span_since(&self, start: usize) -> Span {
        let last = self.at.saturating_sub(1).max(start);
        self.span_at(start).to(self.span_at(last))
    }

    // --- Moving ----------------------------------------------------------

    /// Steps over a token; one written as in another language is reported.
    pub(super) fn bump(&mut self) {
        if self.token_at(self.at).foreign {
            self.report_foreign();
        }
        self.skip();
    }

    /// Steps over a token in silence.
    pub(super) fn skip(&mut self) {
        if self.at + 1 < self.tokens.len() {
            self.at += 1;
        }
    }

    pub(super) fn eat(&mut self, kind: Kind) -> bool {
        let found = self.is(kind);
        if found {
            self.bump();
        }
        found
    }

    pub(super) fn eat_word(&mut self, word: &str) -> bool {
        let found = self.is_word(word);
        if found {
            self.skip();
        }
        found
    }

    pub(super) fn expect(&mut self, kind: Kind, what: &str) -> Parse<()> {
        if self.eat(kind) { Ok(()) } else { self.unexpected(what) }
    }

    pub(super) fn expect_word(&mut self, word: &str) -> Parse<()> {
        if self.eat_word(word) { Ok(()) } else { self.unexpected(&format!("`{word}`")) }
    }

    /// A name; `what` says of what.
    pub(super) fn name(&mut self, what: &str) -> Parse<Name> {
        match self.kind() {
            Kind::Name => Ok(self.take_name()),
            kind if kind.is_reserved() && !self.token_at(self.at).foreign => self.reserved(what),
            _ => self.unexpected(what),
        }
    }

    /// The name that is known to stand here.
    pub(super) fn take_name(&mut self) -> Name {
        let name = Name { text: self.word_at(self.at).to_string(), span: self.span_at(self.at) };
        self.skip();
        name
    }

    pub(super) fn text(&mut self, what: &str) -> Parse<Text> {
        if !self.is(Kind::Text) {
            return self.unexpected(what);
        }
        let (start, span) = (self.at, self.span_at(self.at));
        let text = self.unescape(self.word_at(start), span);
        self.skip();
        Ok(Text { text, span })
    }

    pub(super) fn optional_text(&mut self) -> Parse<Option<Text>> {
        if self.is(Kind::Text) { self.text("a text").map(Some) } else { Ok(None) }
    }

    fn unescape(&mut self, literal: &str, span: Span) -> String {
        let inner = literal.strip_prefix('"').unwrap_or(literal);
        let inner = inner.strip_suffix('"').unwrap_or(inner);
        let mut text = String::with_capacity(inner.len());
        let mut characters = inner.chars();
        while let Some(character) = characters.next() {
            if character != '\\' {
                text.push(character);
                continue;
            }
            match characters.next() {
                Some('n') => text.push('\n'),
                Some('t') => text.push('\t'),
                Some(quoted @ ('"' | '\\')) => text.push(quoted),
                other => {
                    let shown = other.map_or(String::new(), String::from);
                    let message = format!("`\\{shown}` is not an escape");
                    self.report(
                        Diagnostic::error("bad-escape", span, message)
                            .help("the escapes are `\\\"`, `\\\\`, `\\n` and `\\t`"),
                    );
                    text.extend(other);
                }
            }
        }
        text
    }

    // --- Nesting ---------------------------------------------------------

    /// One level deeper, on as much stack as that takes.
    pub(super) fn descend<T>(&mut self, read: impl FnOnce(&mut Self) -> Parse<T>) -> Parse<T> {
        if self.nesting >= MAX_NESTING {
            return self.too_deep("brackets and prefixes", MAX_NESTING);
        }
        self.nesting += 1;
        let result = stacker::maybe_grow(64 * 1024, 1024 * 1024, || read(self));
        self.nesting -= 1;
        result
    }

    /// Notes that the expression just built is this high.
    pub(super) fn grow_to(&mut self, height: usize) -> Parse<()> {
        self.height = height;
        if height > MAX_HEIGHT {
            return self.too_deep("operators", MAX_HEIGHT);
        }
        Ok(())
    }

    /// Said once for each declaration.
    fn too_deep<T>(&mut self, what: &str, limit: usize) -> Parse<T> {
        if std::mem::replace(&mut self.too_deep, true) {
            return Err(Stop);
        }
        let message = "this is nested too deep to be read";
        let diagnostic = Diagnostic::error("too-deep", self.span_at(self.at), message)
            .note(format!("{what} may nest {limit} deep"))
            .help("name the inner parts by `define`");
        self.stop(diagnostic)
    }

    /// Reads what stands in brackets; if that fails, resumes at the closing one with `instead`.
    pub(super) fn bracketed<T>(
        &mut self,
        instead: impl FnOnce() -> T,
        read: impl FnOnce(&mut Self) -> Parse<T>,
    ) -> Parse<T> {
        let open = self.at;
        let close = self.kind().closed_by().unwrap_or(Kind::End);
        self.skip();
        let outer = (self.in_bound, self.in_guard, self.nesting);
        (self.in_bound, self.in_guard) = (false, false);
        let result = read(self).and_then(|value| self.close(open, close).map(|()| value));
        (self.in_bound, self.in_guard, self.nesting) = outer;
        match (result, self.mate(open)) {
            (Ok(value), _) => Ok(value),
            (Err(Stop), Some(mate)) => {
                self.at = mate + 1;
                self.height = 1;
                Ok(instead())
            }
            (Err(Stop), None) => Err(Stop),
        }
    }

    fn close(&mut self, open: usize, close: Kind) -> Parse<()> {
        if self.eat(close) {
            return Ok(());
        }
        let (opening, closing) = match close {
            Kind::CloseRound => ("(", ")"),
            Kind::CloseSquare => ("[", "]"),
            _ => ("{", "}"),
        };
        if self.mate(open).is_some() {
            let found = self.found();
            let message = format!("expected `{closing}`, found {found}");
            let diagnostic = Diagnostic::error("unexpected-token", self.span_at(self.at), message)
                .also(self.span_at(open), format!("this `{opening}` is still open"))
                .help(format!("is an operator or a `,` missing before {found}?"));
            return self.stop(diagnostic);
        }
        let message = format!("this `{opening}` is never closed");
        let diagnostic = Diagnostic::error("unclosed-bracket", self.span_at(open), message)
            .also(self.span_at(self.at), format!("`{closing}` was expected before this"))
            .help(format!("write `{closing}` where it ends"));
        self.stop(diagnostic)
    }

    // --- Reporting -------------------------------------------------------

    /// Adds a message and goes on.
    pub(super) fn report(&mut self, diagnostic: Diagnostic) {
        if self.diagnostics.len() < MAX_DIAGNOSTICS {
            self.diagnostics.push(diagnostic);
        } else {
            // Nobody reads on; do not make a garbled file cost more than a good one.
            self.at = self.tokens.len().saturating_sub(1);
        }
    }

    /// Adds a message, unless one about this place was given, and stops.
    pub(super) fn stop<T>(&mut self, diagnostic: Diagnostic) -> Parse<T> {
        if self.stopped_at != Some(self.at) && !self.lexer_spoke() {
            self.report(diagnostic);
        }
        self.stopped_at = Some(self.at);
        Err(Stop)
    }

    /// Did the lexer already complain of this token or of what was left out before it?
    fn lexer_spoke(&self) -> bool {
        let from = if self.at > 0 { self.token_at(self.at - 1).start } else { 0 };
        let to = self.token_at(self.at).end;
        let first = self.lexer_diagnostics.partition_point(|d| d.primary.0.start < from);
        self.lexer_diagnostics.get(first).is_some_and(|d| d.primary.0.start < to.max(1))
    }

    /// What stands here, in words.
    pub(super) fn found(&self) -> String {
        let word = self.word_at(self.at);
        match self.kind() {
            Kind::End => "the end of the file".to_string(),
            Kind::Text => "a text".to_string(),
            kind if kind.is_reserved() && !self.token_at(self.at).foreign => {
                format!("the reserved word `{word}`")
            }
            _ => format!("`{}`", shorten(word)),
        }
    }

    pub(super) fn unexpected<T>(&mut self, what: &str) -> Parse<T> {
        let message = format!("expected {what}, found {}", self.found());
        let mut diagnostic = Diagnostic::error("unexpected-token", self.span_at(self.at), message);
        if self.is(Kind::Prime) && what.contains("text") {
            diagnostic = diagnostic.help("a text stands in double quotes: `\"…\"`");
        } else if !self.form.is_empty() {
            diagnostic = diagnostic.help(format!("the form is `{}`", self.form));
        }
        self.stop(diagnostic)
    }

    fn reserved<T>(&mut self, what: &str) -> Parse<T> {
        let word = self.word_at(self.at);
        let message = format!("expected {what}, found the reserved word `{word}`");
        let diagnostic = Diagnostic::error("reserved-word", self.span_at(self.at), message)
            .help(format!("choose another name, such as `{word}_` or `the_{word}`"));
        self.stop(diagnostic)
    }

    fn report_foreign(&mut self) {
        let word = self.word_at(self.at);
        let Some((_, here)) = meaning(word) else { return };
        self.report(
            Diagnostic::error(
                "foreign-operator",
                self.span_at(self.at),
                format!("`{word}` is written `{here}` here"),
            )
            .help(format!("write `{here}`")),
        );
    }

    /// A message about something missing just before the next token; reading goes on.
    pub(super) fn report_missing(&mut self, code: &'static str, message: String, help: String) {
        let span = self.span_at(self.at);
        self.report(Diagnostic::error(code, span, message).help(help));
    }

    // --- Declarations ----------------------------------------------------

    /// All declarations of the file.
    pub(super) fn file(&mut self) -> Vec<Item> {
        let mut items = Vec::new();
        loop {
            self.separators();
            match self.kind() {
                Kind::End => return items,
                Kind::CloseCurly => {
                    let span = self.span_at(self.at);
                    self.report(
                        Diagnostic::error("unexpected-token", span, "this `}` closes nothing")
                            .help("delete it, or write the `{` it belongs to"),
                    );
                    self.skip();
                }
                _ => items.push(self.item()),
            }
        }
    }

    /// Optional `;` and `,` between declarations.
    pub(super) fn separators(&mut self) {
        while matches!(self.kind(), Kind::Semicolon | Kind::Comma) {
            self.skip();
        }
    }

    /// A declaration with its documentation; [`Decl::Error`] if it cannot be read.
    pub(super) fn item(&mut self) -> Item {
        let doc = self.doc();
        let start = self.at;
        self.too_deep = false;
        let decl = self.declaration().unwrap_or_else(|Stop| {
            self.resume(start);
            Decl::Error
        });
        Item { doc, span: self.span_since(start), decl }
    }

    /// The `///` lines just above the next token; separators between them and it do not count.
    pub(super) fn doc(&mut self) -> Option<String> {
        let separates = |at: &usize| matches!(self.kind_at(*at), Kind::Semicolon | Kind::Comma);
        let last = (0..self.at).rev().find(|at| !separates(at));
        let after = last.map_or(0, |at| self.token_at(at).end);
        let before = self.token_at(self.at).start;
        let mut lines: Vec<&str> = Vec::new();
        while let Some(comment) = self.docs.next_if(|comment| comment.span.start < before) {
            let span = comment.span;
            if span.start >= after {
                let line = self.text.get(span.start as usize..span.end as usize).unwrap_or("");
                let line = line.strip_prefix("///").unwrap_or(line);
                lines.push(line.strip_prefix(' ').unwrap_or(line));
            }
        }
        if lines.is_empty() { None } else { Some(lines.join("\n")) }
    }

    /// Skips to where a declaration begins, or to the brace that ends a reform.
    fn resume(&mut self, start: usize) {
        if self.at == start {
            self.skip();
        }
        let indentation = self.indentation(start);
        let meant = |parser: &Self| {
            indentation.is_some()
                && parser.indentation(parser.at) == indentation
                && parser.misspelt_declaration(parser.at).is_some()
        };
        while !self.is(Kind::End) && !self.resumes_here() && !meant(self) {
            match self.mate(self.at) {
                Some(mate) => self.at = mate + 1,
                None => self.skip(),
            }
        }
    }

    fn resumes_here(&self) -> bool {
        let after_separator =
            self.at > 0 && matches!(self.kind_at(self.at - 1), Kind::Semicolon | Kind::CloseCurly);
        if self.in_reform {
            let change = matches!(self.word_at(self.at), "drop" | "override" | "expect");
            if self.is(Kind::CloseCurly) || (change && self.first_on_line(self.at)) {
                return true;
            }
        }
        (self.first_on_line(self.at) || after_separator) && self.begins_declaration(self.at)
    }
}

/// The beginning of a long word.
fn shorten(word: &str) -> String {
    if word.chars().count() <= 40 {
        return word.to_string();
    }
    word.chars().take(40).chain(std::iter::once('…')).collect()
}
