//! S-expressions with their places.
//!
//! All nodes live in one vector, so that text nested a million deep neither overflows the stack
//! when it is read nor when it is dropped.

use std::ops::Range;

/// What is wrong with a text, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// Where, in bytes.
    pub at: Range<usize>,
    /// What is wrong.
    pub message: String,
    /// The way out.
    pub help: Option<String>,
}

impl Trouble {
    /// Something wrong at a place.
    pub fn new(at: Range<usize>, message: impl Into<String>) -> Trouble {
        Trouble { at, message: message.into(), help: None }
    }

    /// The way out.
    #[must_use]
    pub fn help(mut self, text: impl Into<String>) -> Trouble {
        self.help = Some(text.into());
        self
    }
}

/// An expression of some [`Sexprs`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Sexpr(u32);

#[derive(Clone, Debug)]
enum Node {
    Atom(Range<usize>),
    List(Range<usize>, Vec<Sexpr>),
}

/// The expressions of a text.
#[derive(Clone, Debug)]
pub struct Sexprs<'t> {
    text: &'t str,
    nodes: Vec<Node>,
    roots: Vec<Sexpr>,
}

impl<'t> Sexprs<'t> {
    /// Reads all expressions of a text.
    ///
    /// # Errors
    /// A bracket or a quotation without its other half.
    pub fn parse(text: &'t str) -> Result<Sexprs<'t>, Trouble> {
        let mut sexprs = Sexprs { text, nodes: Vec::new(), roots: Vec::new() };
        let mut open: Vec<(usize, Vec<Sexpr>)> = Vec::new();
        let mut at = 0;
        while let Some((token, end)) = token(text, at)? {
            at = end;
            let node = match text.get(token.clone()) {
                Some("(") => {
                    open.push((token.start, Vec::new()));
                    continue;
                }
                Some(")") => match open.pop() {
                    Some((start, items)) => Node::List(start..end, items),
                    None => {
                        let trouble = Trouble::new(token, "this `)` closes nothing");
                        return Err(trouble.help("delete it, or open it with `(`"));
                    }
                },
                _ => Node::Atom(token),
            };
            let sexpr = Sexpr(u32::try_from(sexprs.nodes.len()).unwrap_or(u32::MAX));
            sexprs.nodes.push(node);
            match open.last_mut() {
                Some((_, items)) => items.push(sexpr),
                None => sexprs.roots.push(sexpr),
            }
        }
        match open.pop() {
            Some((start, _)) => Err(Trouble::new(start..start + 1, "this `(` is never closed")
                .help("close it with `)`; the file may be cut off")),
            None => Ok(sexprs),
        }
    }

    /// The expressions that stand in no other.
    pub fn roots(&self) -> &[Sexpr] {
        &self.roots
    }

    /// Where an expression stands.
    pub fn place(&self, sexpr: Sexpr) -> Range<usize> {
        match self.nodes.get(sexpr.0 as usize) {
            Some(Node::Atom(place) | Node::List(place, _)) => place.clone(),
            None => 0..0,
        }
    }

    /// The text of an expression.
    pub fn text(&self, sexpr: Sexpr) -> &'t str {
        self.text.get(self.place(sexpr)).unwrap_or_default()
    }

    /// An atom: a symbol without its bars, a numeral, a keyword, a string with its quotes.
    pub fn atom(&self, sexpr: Sexpr) -> Option<&'t str> {
        match self.nodes.get(sexpr.0 as usize) {
            Some(Node::Atom(place)) => {
                let text = self.text.get(place.clone())?;
                Some(text.strip_prefix('|').and_then(|t| t.strip_suffix('|')).unwrap_or(text))
            }
            _ => None,
        }
    }

    /// All atoms, as [`Sexprs::atom`] gives them.
    pub fn atoms(&self) -> impl Iterator<Item = &'t str> + '_ {
        (0..self.nodes.len()).filter_map(|n| self.atom(Sexpr(u32::try_from(n).ok()?)))
    }

    /// The atoms of an expression, in no particular order.
    pub fn atoms_in(&self, sexpr: Sexpr) -> impl Iterator<Item = &'t str> + '_ {
        let mut open = vec![sexpr];
        std::iter::from_fn(move || {
            loop {
                let next = open.pop()?;
                match self.atom(next) {
                    Some(atom) => return Some(atom),
                    None => open.extend(self.list(next).unwrap_or_default()),
                }
            }
        })
    }

    /// The items of a list.
    pub fn list(&self, sexpr: Sexpr) -> Option<&[Sexpr]> {
        match self.nodes.get(sexpr.0 as usize) {
            Some(Node::List(_, items)) => Some(items),
            _ => None,
        }
    }

    /// The first atom of a list, and what follows.
    pub fn call(&self, sexpr: Sexpr) -> Option<(&'t str, &[Sexpr])> {
        let (head, rest) = self.list(sexpr)?.split_first()?;
        Some((self.atom(*head)?, rest))
    }
}

/// The next token at or after `at`, and where the one after it may begin.
fn token(text: &str, mut at: usize) -> Result<Option<(Range<usize>, usize)>, Trouble> {
    loop {
        let rest = text.get(at..).unwrap_or_default();
        let Some(first) = rest.chars().next() else { return Ok(None) };
        let to = |end: usize| Ok(Some((at..at + end, at + end)));
        match first {
            ';' => at += rest.find('\n').unwrap_or(rest.len()),
            c if c.is_whitespace() => at += c.len_utf8(),
            '(' | ')' => return to(1),
            '|' | '"' => {
                let Some(length) = quoted(rest, first) else {
                    let what = if first == '|' { "this quoted symbol" } else { "this string" };
                    let trouble = Trouble::new(at..at + 1, format!("{what} is never closed"));
                    return Err(trouble.help(format!("close it with `{first}`")));
                };
                return to(length);
            }
            _ => {
                let stops = |c: char| c.is_whitespace() || "()|\";".contains(c);
                return to(rest.find(stops).unwrap_or(rest.len()));
            }
        }
    }
}

/// The length of a quotation; a doubled quotation mark is one mark of a string.
fn quoted(rest: &str, mark: char) -> Option<usize> {
    let mut from = 1;
    loop {
        let end = from + rest.get(from..)?.find(mark)? + 1;
        if mark == '"' && rest.get(end..).is_some_and(|rest| rest.starts_with('"')) {
            from = end + 1;
        } else {
            return Some(end);
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn lists_atoms_and_comments_are_read() {
        let sexprs = Sexprs::parse("(a |b c| ; no\n (1 \"x\"\"y\")) d").unwrap();
        let [list, last] = *sexprs.roots() else { panic!("two roots") };
        let (head, rest) = sexprs.call(list).unwrap();
        assert_eq!((head, sexprs.atom(rest[0])), ("a", Some("b c")));
        assert_eq!(sexprs.text(rest[1]), "(1 \"x\"\"y\")");
        assert_eq!(sexprs.atom(last), Some("d"));
    }

    #[test]
    fn what_is_not_closed_is_told_with_its_place() {
        for (text, at) in [("(a (b)", 0), ("a)", 1), ("(a |b)", 3), ("\"a", 0)] {
            assert_eq!(Sexprs::parse(text).unwrap_err().at.start, at, "{text}");
        }
    }

    #[test]
    fn depth_is_no_danger() {
        let deep = "(".repeat(200_000) + &")".repeat(200_000);
        assert_eq!(Sexprs::parse(&deep).unwrap().roots().len(), 1);
    }
}
