//! Places as the protocol counts them: lines from 0, and columns in units of UTF-16.

use std::path::{Path, PathBuf};
use std::str::FromStr;

use lsp_types::{Position, Range, Uri};

use crate::report::sarif;
use crate::syntax::source::Span;

/// Where the lines of a text begin.
#[derive(Clone, Debug, Default)]
pub struct Lines {
    starts: Vec<usize>,
}

impl Lines {
    /// The lines of a text.
    pub fn of(text: &str) -> Lines {
        let ends = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        Lines { starts: std::iter::once(0).chain(ends.map(|(at, _)| at + 1)).collect() }
    }

    /// The place of a byte.
    pub fn position(&self, text: &str, byte: usize) -> Position {
        let line = self.starts.partition_point(|start| *start <= byte).saturating_sub(1);
        let start = self.starts.get(line).copied().unwrap_or(0);
        let before = text.get(start..byte.min(text.len())).unwrap_or_default();
        Position { line: number(line), character: number(before.encode_utf16().count()) }
    }

    /// The byte of a place; a column past the end of its line is the end.
    pub fn offset(&self, text: &str, position: Position) -> usize {
        let line = position.line as usize;
        let Some(start) = self.starts.get(line).copied() else { return text.len() };
        let end = self.starts.get(line + 1).map_or(text.len(), |next| next - 1);
        let (mut left, mut at) = (position.character as usize, start);
        for character in text.get(start..end).unwrap_or_default().chars() {
            if left < character.len_utf16() {
                break;
            }
            left -= character.len_utf16();
            at += character.len_utf8();
        }
        at
    }

    /// The range of a span.
    pub fn range(&self, text: &str, span: Span) -> Range {
        let start = self.position(text, span.start as usize);
        Range { start, end: self.position(text, span.end as usize) }
    }

    /// All of the text.
    pub fn all(&self, text: &str) -> Range {
        Range { start: Position::default(), end: self.position(text, text.len()) }
    }
}

fn number(value: usize) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}

/// The path of a `file:` address; anything else, such as an unsaved buffer's, as it is.
pub fn path_of(uri: &Uri) -> PathBuf {
    let text = uri.as_str();
    let Some(path) = text.strip_prefix("file://") else { return PathBuf::from(text) };
    let path = decoded(path);
    let drive = path.get(2..3) == Some(":") && path.starts_with('/');
    PathBuf::from(if drive { path.get(1..).unwrap_or_default() } else { &path })
}

/// The address of a path.
pub fn uri_of(path: &Path) -> Option<Uri> {
    let text = path.display().to_string();
    // A single letter is a drive.
    let letters = |scheme: &str| scheme.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    if text.split_once(':').is_some_and(|(scheme, _)| scheme.len() > 1 && letters(scheme)) {
        return Uri::from_str(&text).ok();
    }
    let whole = std::path::absolute(path).ok()?;
    Uri::from_str(&sarif::uri(&whole.display().to_string())).ok()
}

/// Percent signs undone; bytes that are no text are replaced.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let code = after.get(..2).and_then(|code| std::str::from_utf8(code).ok());
        match (first, code.and_then(|code| u8::from_str_radix(code, 16).ok())) {
            (b'%', Some(byte)) => {
                bytes.push(byte);
                rest = after.get(2..).unwrap_or_default();
            }
            (byte, _) => {
                bytes.push(*byte);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn columns_count_as_the_protocol_does() {
        let text = "a\u{1f600}b\r\nzweite é!\n";
        let lines = Lines::of(text);
        for (byte, line, character) in [(0, 0, 0), (5, 0, 3), (8, 1, 0), (17, 1, 8)] {
            let position = Position { line, character };
            assert_eq!(lines.position(text, byte), position);
            assert_eq!(lines.offset(text, position), byte);
        }
        assert_eq!(lines.offset(text, Position { line: 0, character: 99 }), 7);
        assert_eq!(lines.offset(text, Position { line: 9, character: 0 }), text.len());
    }

    #[test]
    fn addresses_and_paths_are_inverse() {
        let path = Path::new("/a b/ü%:c.yamen");
        let uri = uri_of(path).unwrap();
        assert_eq!(uri.as_str(), "file:///a%20b/%C3%BC%25%3Ac.yamen");
        assert_eq!(path_of(&uri), path);
        let untitled = Uri::from_str("untitled:Untitled-1").unwrap();
        assert_eq!(uri_of(&path_of(&untitled)), Some(untitled));
    }
}
