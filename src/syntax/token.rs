//! Text to tokens.
//!
//! The lexer never fails: what it cannot read becomes a diagnostic and is left
//! out, so that the parser sees only tokens it knows. Operators of other
//! languages (`==`, `&&`, `=>`, `≤`) become the token they mean here, marked
//! [`Token::foreign`]; the parser reports one when it uses it and goes on.
//! Comments are kept aside for the formatter.

use logos::Logos;

use super::diagnostic::Diagnostic;
use super::source::{FileId, Span};

/// The largest file that is read; spans are 32 bits wide and no institution is this long.
pub const MAX_BYTES: usize = 64 << 20;

/// After so many messages about one file the rest are left out.
pub const MAX_DIAGNOSTICS: usize = 100;

/// The kinds of token.
#[derive(Logos, Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[logos(skip r"[ \t\r\n\x0C\u{FEFF}\u{00A0}]+")]
pub enum Kind {
    /// An identifier, dotted or not.
    #[regex(r"[\p{XID_Start}_]\p{XID_Continue}*(\.[\p{XID_Start}_]\p{XID_Continue}*)*")]
    Name,
    /// `12`
    #[regex(r"[0-9]+")]
    Int,
    /// `0.5`
    #[regex(r"[0-9]+\.[0-9]+")]
    Real,
    /// `12abc`, `1e5`: reported, then read as a number.
    #[regex(r"[0-9]+(\.[0-9]+)?[\p{XID_Start}_]\p{XID_Continue}*")]
    BadNumber,
    /// `"words"`
    #[regex(r#""([^"\\\n]|\\[^\n])*""#)]
    Text,
    /// `"words` up to the end of its line: reported, then read as a text.
    #[regex(r#""([^"\\\n]|\\[^\n])*\\?"#)]
    UnclosedText,
    /// `// words`
    #[regex(r"//[^\n]*", allow_greedy = true)]
    Comment,
    /// `/* words */`: reported, then kept as a comment.
    #[token("/*", block_comment)]
    BlockComment,

    /// `(`
    #[token("(")]
    OpenRound,
    /// `)`
    #[token(")")]
    CloseRound,
    /// `[`
    #[token("[")]
    OpenSquare,
    /// `]`
    #[token("]")]
    CloseSquare,
    /// `{`
    #[token("{")]
    OpenCurly,
    /// `}`
    #[token("}")]
    CloseCurly,
    /// `,`
    #[token(",")]
    Comma,
    /// `;`
    #[token(";")]
    Semicolon,
    /// `:`
    #[token(":")]
    Colon,
    /// `'`
    #[token("'")]
    Prime,
    /// `..`
    #[token("..")]
    DotDot,
    /// `=`
    #[token("=")]
    Eq,
    /// `!=`
    #[token("!=")]
    Ne,
    /// `<`
    #[token("<")]
    Lt,
    /// `<=`
    #[token("<=")]
    Le,
    /// `>`
    #[token(">")]
    Gt,
    /// `>=`
    #[token(">=")]
    Ge,
    /// `+`
    #[token("+")]
    Plus,
    /// `-`
    #[token("-")]
    Minus,
    /// `*`
    #[token("*")]
    Star,
    /// `/`
    #[token("/")]
    Slash,
    /// An operator of another language; the lexer turns it into what it means.
    #[regex(r"==|=>|->|<->|<=>|<>|=<|:=|&&?|\|\|?|!|~|%|/\\|\\/|\^|[≤≥≠∧∨¬→⇒↔⇔∀∃∈×÷−…’]|\.\.\.")]
    Foreign,

    /// `and`
    #[token("and")]
    And,
    /// `or`
    #[token("or")]
    Or,
    /// `not`
    #[token("not")]
    Not,
    /// `implies`
    #[token("implies")]
    Implies,
    /// `iff`
    #[token("iff")]
    Iff,
    /// `if`
    #[token("if")]
    If,
    /// `then`
    #[token("then")]
    Then,
    /// `else`
    #[token("else")]
    Else,
    /// `true`
    #[token("true")]
    True,
    /// `false`
    #[token("false")]
    False,
    /// `all`
    #[token("all")]
    All,
    /// `some`
    #[token("some")]
    Some,
    /// `count`
    #[token("count")]
    Count,
    /// `sum`
    #[token("sum")]
    Sum,
    /// `min`
    #[token("min")]
    Min,
    /// `max`
    #[token("max")]
    Max,
    /// `abs`
    #[token("abs")]
    Abs,
    /// `mod`
    #[token("mod")]
    Mod,
    /// `in`
    #[token("in")]
    In,
    /// `always`
    #[token("always")]
    Always,
    /// `never`
    #[token("never")]
    Never,
    /// `eventually`
    #[token("eventually")]
    Eventually,
    /// `next`
    #[token("next")]
    Next,
    /// `once`
    #[token("once")]
    Once,
    /// `historically`
    #[token("historically")]
    Historically,
    /// `previously`
    #[token("previously")]
    Previously,
    /// `since`
    #[token("since")]
    Since,
    /// `until`
    #[token("until")]
    Until,
    /// `within`
    #[token("within")]
    Within,
    /// `recurs`
    #[token("recurs")]
    Recurs,
    /// `settles`
    #[token("settles")]
    Settles,
    /// `possible`
    #[token("possible")]
    Possible,
    /// `valid`
    #[token("valid")]
    Valid,
    /// `when`
    #[token("when")]
    When,
    /// `where`
    #[token("where")]
    Where,
    /// `for`
    #[token("for")]
    For,
    /// `by`
    #[token("by")]
    By,
    /// The end of the file.
    End,
}

/// Extends `/*` to its `*/`, or to the end of the file.
fn block_comment(lexer: &mut logos::Lexer<'_, Kind>) {
    let rest = lexer.remainder();
    lexer.bump(rest.find("*/").map_or(rest.len(), |at| at + 2));
}

impl Kind {
    /// Is it a reserved word? They are the last kinds but one.
    pub fn is_reserved(self) -> bool {
        let at = self as u8;
        (Kind::And as u8..Kind::End as u8).contains(&at)
    }

    /// The bracket that closes this one, if it opens any.
    pub fn closed_by(self) -> Option<Kind> {
        match self {
            Kind::OpenRound => Some(Kind::CloseRound),
            Kind::OpenSquare => Some(Kind::CloseSquare),
            Kind::OpenCurly => Some(Kind::CloseCurly),
            _ => None,
        }
    }
}

/// Is the word reserved, so that it cannot be a name?
pub fn is_reserved(word: &str) -> bool {
    let mut lexer = Kind::lexer(word);
    matches!(lexer.next(), Some(Ok(kind)) if kind.is_reserved()) && lexer.next().is_none()
}

/// A token: its kind, its bytes, and what stands before it.
#[derive(Clone, Copy, Debug)]
pub struct Token {
    /// Its kind.
    pub kind: Kind,
    /// Written as in another language.
    pub foreign: bool,
    /// First on its line, comments aside.
    pub first_on_line: bool,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

/// A comment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Comment {
    /// From its `//` to the end of its line, white space at the end left out.
    pub span: Span,
    /// A `///` comment on a line of its own: it documents the next declaration.
    pub doc: bool,
    /// Nothing but white space stands before it on its line.
    pub own_line: bool,
}

/// All comments of a file, in order.
#[derive(Clone, Debug, Default)]
pub struct Comments {
    /// The comments.
    pub list: Vec<Comment>,
}

/// What the lexer found.
#[derive(Clone, Debug, Default)]
pub struct Lexed {
    /// The tokens, the last of kind [`Kind::End`].
    pub tokens: Vec<Token>,
    /// The comments.
    pub comments: Comments,
    /// What could not be read.
    pub diagnostics: Vec<Diagnostic>,
}

/// What an operator of another language means here, and how it is written.
pub fn meaning(text: &str) -> Option<(Kind, &'static str)> {
    Some(match text {
        "==" | ":=" => (Kind::Eq, "="),
        "=>" | "->" | "→" | "⇒" => (Kind::Implies, "implies"),
        "<->" | "<=>" | "↔" | "⇔" => (Kind::Iff, "iff"),
        "&" | "&&" | "/\\" | "∧" => (Kind::And, "and"),
        "|" | "||" | "\\/" | "∨" => (Kind::Or, "or"),
        "!" | "~" | "¬" => (Kind::Not, "not"),
        "<>" | "≠" => (Kind::Ne, "!="),
        "=<" | "≤" => (Kind::Le, "<="),
        "≥" => (Kind::Ge, ">="),
        "%" => (Kind::Mod, "mod"),
        "∀" => (Kind::All, "all"),
        "∃" => (Kind::Some, "some"),
        "∈" => (Kind::In, "in"),
        "×" => (Kind::Star, "*"),
        "÷" => (Kind::Slash, "/"),
        "−" => (Kind::Minus, "-"),
        "…" => (Kind::DotDot, ".."),
        "’" => (Kind::Prime, "'"),
        _ => return None,
    })
}

/// Reads a text into tokens; never fails.
pub fn lex(file: FileId, text: &str) -> Lexed {
    let mut lexer = Lexer { file, text, ..Lexer::default() };
    if text.len() > MAX_BYTES {
        lexer.too_large();
    } else {
        lexer.run();
    }
    lexer.finish()
}

/// The state of [`lex`].
#[derive(Default)]
struct Lexer<'t> {
    file: FileId,
    text: &'t str,
    lexed: Lexed,
    /// End of the last token or comment.
    end: usize,
    /// No token since the last new line.
    fresh: bool,
}

impl Lexer<'_> {
    fn run(&mut self) {
        self.fresh = true;
        for (kind, range) in Kind::lexer(self.text).spanned() {
            let gap = self.text.get(self.end..range.start).unwrap_or("");
            self.fresh |= gap.contains('\n');
            match kind {
                Ok(Kind::Comment | Kind::BlockComment) => self.comment(range.clone()),
                Ok(kind) => self.token(kind, range.clone()),
                Err(()) => self.invalid(range.clone()),
            }
            self.end = range.end;
        }
    }

    fn span(&self, range: &std::ops::Range<usize>) -> Span {
        let byte = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        Span { file: self.file, start: byte(range.start), end: byte(range.end) }
    }

    fn report(&mut self, diagnostic: impl FnOnce() -> Diagnostic) {
        if self.lexed.diagnostics.len() < MAX_DIAGNOSTICS {
            self.lexed.diagnostics.push(diagnostic());
        }
    }

    fn comment(&mut self, mut range: std::ops::Range<usize>) {
        let text = self.text.get(range.clone()).unwrap_or("");
        range.end = range.start + text.trim_end().len();
        let span = self.span(&range);
        if text.starts_with("/*") {
            self.report(|| {
                Diagnostic::error("foreign-comment", span, "`/* … */` is not a comment here")
                    .help("begin each line of the comment with `//`")
            });
        }
        let doc = self.fresh && text.starts_with("///") && !text.starts_with("////");
        self.lexed.comments.list.push(Comment { span, doc, own_line: self.fresh });
    }

    fn token(&mut self, kind: Kind, range: std::ops::Range<usize>) {
        let span = self.span(&range);
        let text = self.text.get(range).unwrap_or("");
        let (kind, foreign) = match kind {
            Kind::Foreign => match meaning(text) {
                Some((meant, _)) => (meant, true),
                None => return self.report(|| meaningless(text, span)),
            },
            Kind::BadNumber => {
                self.report(|| bad_number(text, span));
                (Kind::Int, false)
            }
            Kind::UnclosedText => {
                self.report(|| unclosed_text(span));
                (Kind::Text, false)
            }
            kind => (kind, false),
        };
        let first_on_line = std::mem::take(&mut self.fresh);
        let token = Token { kind, foreign, first_on_line, start: span.start, end: span.end };
        self.lexed.tokens.push(token);
    }

    /// Bytes that no token begins with; a run of them is one message.
    fn invalid(&mut self, range: std::ops::Range<usize>) {
        let text = self.text.get(range.clone()).unwrap_or("");
        let span = self.span(&range);
        self.fresh = false;
        match self.lexed.diagnostics.last_mut() {
            Some(last) if last.code == "invalid-character" && last.primary.0.end == span.start => {
                last.primary.0.end = span.end;
            }
            _ => self.report(|| invalid_character(text, span)),
        }
    }

    fn too_large(&mut self) {
        let message = format!(
            "the file has {} bytes, more than the {MAX_BYTES} that are read",
            self.text.len()
        );
        let span = self.span(&(0..0));
        self.report(|| {
            Diagnostic::error("file-too-large", span, message)
                .help("split it into several files; `use \"FILE\"` shares the common parts")
        });
    }

    fn finish(mut self) -> Lexed {
        let span = self.span(&(self.text.len()..self.text.len()));
        self.lexed.tokens.push(Token {
            kind: Kind::End,
            foreign: false,
            first_on_line: true,
            start: span.start,
            end: span.end,
        });
        self.lexed
    }
}

fn meaningless(text: &str, span: Span) -> Diagnostic {
    match text {
        "..." => Diagnostic::error("invalid-character", span, "`...` says nothing here")
            .help("write what was left out, or take the dots away"),
        "^" => Diagnostic::error("invalid-character", span, "there is no power operator `^`")
            .help("multiply: `x * x`"),
        _ => Diagnostic::error("invalid-character", span, format!("`{text}` has no meaning")),
    }
}

fn bad_number(text: &str, span: Span) -> Diagnostic {
    let digits = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, rest) = text.split_at(digits);
    Diagnostic::error("bad-number", span, format!("`{text}` is neither a number nor a name"))
        .help(format!("a name begins with a letter; if you meant the number, write `{number}` and a space before `{rest}`"))
}

fn unclosed_text(span: Span) -> Diagnostic {
    Diagnostic::error("unclosed-text", span, "the closing `\"` is missing on this line")
        .label("this text does not end")
        .help("close the text with `\"`; a text stands on one line, and a quote inside it is written `\\\"`")
}

fn invalid_character(text: &str, span: Span) -> Diagnostic {
    let first = text.chars().next().unwrap_or('\u{FFFD}');
    let error = |message: String| Diagnostic::error("invalid-character", span, message);
    match first {
        '\0' => error("the file holds NUL bytes".to_string())
            .help("is it a text file? save it as UTF-8"),
        '“' | '”' | '„' | '«' | '»' => {
            error(format!("`{first}` does not begin a text")).help("use straight quotes: `\"`")
        }
        '#' => error("`#` does not begin a comment".to_string()).help("write `//`"),
        '\u{FFFD}' => {
            error("the text is not valid UTF-8 here".to_string()).help("save the file as UTF-8")
        }
        c if c.is_control() => {
            error(format!("the control character U+{:04X} has no meaning", u32::from(c)))
                .help("delete it")
        }
        c => error(format!("the character `{c}` has no meaning"))
            .help("delete it; names are letters, digits and `_`"),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
mod tests;
