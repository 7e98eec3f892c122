//! What the lexer tells apart.

use super::*;

fn kinds(text: &str) -> Vec<Kind> {
    lex(FileId(0), text).tokens.into_iter().map(|token| token.kind).collect()
}

#[test]
fn numbers_ranges_and_dotted_names_are_told_apart() {
    use Kind::{DotDot, End, Int, Name, Real};
    assert_eq!(kinds("0..4"), [Int, DotDot, Int, End]);
    assert_eq!(kinds("0.5..1.5"), [Real, DotDot, Real, End]);
    assert_eq!(kinds("a.b..c.d"), [Name, DotDot, Name, End]);
    assert_eq!(kinds("n..é"), [Name, DotDot, Name, End]);
}

#[test]
fn reserved_words_are_reserved_and_no_others() {
    assert!(["and", "by", "within", "valid"].into_iter().all(is_reserved));
    assert!(
        !["report", "leads", "a", "andy", "and.a", "", "a b", "=="].into_iter().any(is_reserved)
    );
}

#[test]
fn comments_are_kept_aside() {
    let lexed = lex(FileId(0), "a // b\n/// c \n//// d\ne /// f");
    let comments: Vec<_> = lexed
        .comments
        .list
        .iter()
        .map(|c| (c.doc, c.own_line, c.span.end - c.span.start))
        .collect();
    assert_eq!(comments, [(false, false, 4), (true, true, 5), (false, true, 6), (false, false, 5)]);
    assert_eq!(lexed.tokens.len(), 3);
}

#[test]
fn a_run_of_invalid_bytes_is_one_message() {
    let lexed = lex(FileId(0), "a\0\0\0b $ \u{7}");
    assert_eq!(lexed.diagnostics.len(), 3);
    assert_eq!(lexed.diagnostics[0].primary.0.end, 4);
    assert_eq!(lexed.tokens.len(), 3);
}
