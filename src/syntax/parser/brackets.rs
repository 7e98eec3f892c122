//! Which bracket closes which, so that the parser can step over what it cannot read.
//!
//! Found once for the whole file, before parsing; a round or square bracket
//! never reaches into the next declaration, whatever its author forgot.

use super::super::token::{Kind, Token};
use super::words::is_declaration_word;

/// For every token that opens a bracket, the token that closes it.
pub(super) fn mates(text: &str, tokens: &[Token]) -> Vec<Option<u32>> {
    let mut matcher = Matcher { mates: vec![None; tokens.len()], ..Matcher::default() };
    for (at, token) in tokens.iter().enumerate() {
        if token.kind == Kind::Name {
            if token.first_on_line && begins_declaration(text, token, tokens.get(at + 1)) {
                matcher.forget();
            }
        } else if let Some(close) = token.kind.closed_by() {
            matcher.open(at, close);
        } else {
            matcher.close(at, token.kind);
        }
    }
    matcher.mates
}

fn begins_declaration(text: &str, token: &Token, next: Option<&Token>) -> bool {
    next.is_some_and(|next| matches!(next.kind, Kind::Name | Kind::Text))
        && text.get(token.start as usize..token.end as usize).is_some_and(is_declaration_word)
}

#[derive(Default)]
struct Matcher {
    mates: Vec<Option<u32>>,
    /// Brackets still open, each with what closes it.
    open: Vec<(usize, Kind)>,
    /// How many of them are `{`.
    curly: usize,
}

impl Matcher {
    fn open(&mut self, at: usize, close: Kind) {
        self.open.push((at, close));
        self.curly += usize::from(close == Kind::CloseCurly);
    }

    fn close(&mut self, at: usize, kind: Kind) {
        if kind == Kind::CloseCurly {
            if self.curly == 0 {
                return;
            }
            self.forget();
            self.curly -= 1;
        } else if self.open.last().is_none_or(|(_, close)| *close != kind) {
            return;
        }
        let mate = self.open.pop().and_then(|(opened, _)| self.mates.get_mut(opened));
        if let Some(mate) = mate {
            *mate = u32::try_from(at).ok();
        }
    }

    /// Gives up round and square brackets left open since the last `{`.
    fn forget(&mut self) {
        while self.open.last().is_some_and(|(_, close)| *close != Kind::CloseCurly) {
            self.open.pop();
        }
    }
}
