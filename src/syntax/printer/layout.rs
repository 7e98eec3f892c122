//! Lines, blank lines and comments.
//!
//! A comment on a line of its own stays before the declaration or the part of
//! one that it precedes; one behind some text stays behind it. A comment in
//! the midst of a part goes before that part. None is ever left out, since the
//! list of them is walked once, in order, and each is written where it is met.

use super::super::ast::{Change, Decl, File, Item, Reform};
use super::super::token::{Comment, Comments};
use super::WIDTH;
use super::declarations::{change_parts, parts, reform_head};
use super::parts::{Part, Parts};
use super::tall::fits;

/// What stands on lines of its own: a declaration, or a change of a reform.
struct Entry<'e> {
    start: u32,
    end: u32,
    /// Written before the declaration, `override `.
    before: &'static str,
    doc: Option<&'e str>,
    body: Body<'e>,
}

enum Body<'e> {
    Decl(&'e Decl),
    Change(&'e Change),
}

/// A layout in the making.
pub(super) struct Layout<'t> {
    /// The text the tree was read from, if any.
    text: Option<&'t str>,
    comments: std::iter::Peekable<std::slice::Iter<'t, Comment>>,
    out: String,
    /// Where in the text the last thing written ended.
    at: u32,
    /// Nothing was written in this block yet.
    fresh: bool,
}

impl<'t> Layout<'t> {
    pub(super) fn of_text(text: &'t str, comments: &'t Comments) -> Self {
        let comments = comments.list.iter().peekable();
        Layout { text: Some(text), comments, out: String::new(), at: 0, fresh: true }
    }

    pub(super) fn of_tree() -> Self {
        let none: &[Comment] = &[];
        let comments = none.iter().peekable();
        Layout { text: None, comments, out: String::new(), at: 0, fresh: true }
    }

    pub(super) fn file(mut self, file: &File) -> String {
        let entries: Vec<Entry<'_>> = file.items.iter().map(|item| entry(item, "")).collect();
        self.block(&entries, 0, u32::MAX);
        self.out
    }

    /// Entries and the comments before, between and, up to `end`, behind them.
    fn block(&mut self, entries: &[Entry<'_>], indent: usize, end: u32) {
        self.fresh = true;
        let mut previous: Option<&Entry<'_>> = None;
        for entry in entries {
            self.comments_before(entry.start, indent);
            self.blank_line(entry.start, previous, entry);
            self.entry(entry, indent);
            (self.at, self.fresh) = (entry.end, false);
            previous = Some(entry);
        }
        self.comments_before(end, indent);
    }

    fn blank_line(&mut self, start: u32, previous: Option<&Entry<'_>>, entry: &Entry<'_>) {
        let wanted = match (self.text, previous) {
            (Some(_), _) => self.blank_between(start),
            (None, Some(previous)) => kind(previous) != kind(entry) || stands_apart(entry),
            (None, None) => false,
        };
        if wanted && !self.fresh {
            self.out.push('\n');
        }
    }

    /// Was there a blank line between the last thing written and `start`?
    fn blank_between(&self, start: u32) -> bool {
        self.text
            .and_then(|text| text.get(self.at as usize..start as usize))
            .is_some_and(|gap| gap.matches('\n').count() > 1)
    }

    fn entry(&mut self, entry: &Entry<'_>, indent: usize) {
        if self.text.is_none() {
            for line in entry.doc.iter().flat_map(|doc| doc.split('\n')) {
                let line = format!("/// {line}");
                self.line(indent, line.trim_end());
            }
        }
        if let Body::Decl(Decl::Reform(reform)) = entry.body {
            return self.reform(reform, entry, indent);
        }
        let parts = match entry.body {
            Body::Decl(decl) => parts(entry.before, decl, entry.end),
            Body::Change(change) => change_parts(change),
        };
        self.parts(&parts, indent, entry.end);
    }

    fn reform(&mut self, reform: &Reform, entry: &Entry<'_>, indent: usize) {
        let entries: Vec<Entry<'_>> = reform.changes.iter().map(change_entry).collect();
        let head = reform_head(entry.before, reform);
        if entries.is_empty() && self.comments.peek().is_none_or(|c| c.span.start >= entry.end) {
            return self.line(indent, &format!("{head} {{ }}"));
        }
        self.line(indent, &format!("{head} {{"));
        self.at = reform.title.as_ref().map_or(reform.base.span.end, |title| title.span.end);
        self.block(&entries, indent + 2, entry.end);
        self.line(indent, "}");
    }

    // --- Parts -----------------------------------------------------------

    fn parts(&mut self, parts: &Parts<'_>, indent: usize, end: u32) {
        let placed = self.place_comments(parts, end);
        let broken = parts.always_broken
            || placed.iter().skip(1).any(|place| !place.before.is_empty())
            || placed.iter().rev().skip(1).any(|place| !place.behind.is_empty())
            || !fits(WIDTH.saturating_sub(indent), |out| parts.flat(out));
        if broken && parts.list.len() > 1 {
            return self.broken(parts, &placed, indent);
        }
        for (_, text) in placed.iter().flat_map(|place| &place.before) {
            self.line(indent, text);
        }
        self.indent(indent);
        // Writing to a string cannot fail.
        if let ([part], true) = (parts.list.as_slice(), broken) {
            let _ = part.tall(&mut self.out, indent + 4);
        } else {
            let _ = parts.flat(&mut self.out);
        }
        self.out.push('\n');
        for (_, text) in placed.iter().flat_map(|place| &place.behind) {
            self.behind(text);
        }
    }

    fn broken(&mut self, parts: &Parts<'_>, placed: &[Placed], indent: usize) {
        for (at, (part, placed)) in parts.list.iter().zip(placed).enumerate() {
            let inner = if at == 0 || part.outdented { indent } else { indent + 2 };
            let deeper = if part.outdented { indent + 2 } else { inner };
            for (_, text) in &placed.before {
                self.line(deeper, text);
            }
            self.indent(inner);
            let _ = part.tall(&mut self.out, indent + 4);
            self.out.push('\n');
            for (_, text) in &placed.behind {
                self.behind(text);
            }
        }
    }

    /// Shares the comments inside a declaration out among its parts.
    fn place_comments(&mut self, parts: &Parts<'_>, end: u32) -> Vec<Placed> {
        let mut placed: Vec<Placed> = parts.list.iter().map(|_| Placed::default()).collect();
        let mut at = self.at;
        while let Some(comment) = self.comments.next_if(|comment| comment.span.start < end) {
            let start = comment.span.start;
            let text = inner_comment(self.text, comment);
            let next = following(&parts.list, start);
            let before = preceding(&parts.list, start);
            let behind = before.filter(|_| !comment.own_line).filter(|before| {
                let from = parts.list.get(*before).map_or(at, |part| part.end).max(at);
                self.ends_part(from, start)
            });
            let place = match (behind, next) {
                (Some(behind), _) => placed.get_mut(behind).map(|place| &mut place.behind),
                (None, Some(next)) => placed.get_mut(next).map(|place| &mut place.before),
                (None, None) => placed.last_mut().map(|place| &mut place.before),
            };
            if let Some(place) = place {
                place.push((start, text));
            }
            at = comment.span.end;
        }
        placed
    }

    /// Does nothing but punctuation and the last words of a part stand between these two places?
    fn ends_part(&self, from: u32, to: u32) -> bool {
        let Some(gap) = self.text.and_then(|text| text.get(from as usize..to as usize)) else {
            return false;
        };
        let mut words = gap.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
        !gap.contains('\n') && words.all(|word| LAST_WORDS.contains(&word))
    }

    // --- Lines -----------------------------------------------------------

    fn indent(&mut self, indent: usize) {
        self.out.extend(std::iter::repeat_n(' ', indent));
    }

    fn line(&mut self, indent: usize, text: &str) {
        self.indent(indent);
        self.out.push_str(text);
        self.out.push('\n');
    }

    /// Writes a comment behind the line written last.
    fn behind(&mut self, text: &str) {
        if self.out.ends_with('\n') {
            self.out.pop();
        }
        self.out.push_str("  ");
        self.out.push_str(text);
        self.out.push('\n');
    }

    /// Writes the comments that stand before a place in the text.
    fn comments_before(&mut self, end: u32, indent: usize) {
        while let Some(comment) = self.comments.next_if(|comment| comment.span.start < end) {
            let text = comment_text(self.text, comment);
            if !comment.own_line && !self.out.is_empty() {
                self.behind(text);
            } else {
                if !self.fresh && self.blank_between(comment.span.start) {
                    self.out.push('\n');
                }
                self.line(indent, text);
                self.fresh = false;
            }
            self.at = comment.span.end;
        }
    }
}

/// Words that end a part and have no span of their own in the tree.
const LAST_WORDS: [&str; 5] = ["lapse", "follow", "before", "period", "periods"];

/// The comments before a part and behind it, each with its place in the text.
#[derive(Default)]
struct Placed {
    before: Vec<(u32, String)>,
    behind: Vec<(u32, String)>,
}

/// The part that ends first after a place.
fn following(parts: &[Part<'_>], start: u32) -> Option<usize> {
    let ends = parts.iter().enumerate().filter(|(_, part)| part.end > start);
    ends.min_by_key(|(_, part)| part.end).map(|(at, _)| at)
}

/// The part that ends last before a place.
fn preceding(parts: &[Part<'_>], start: u32) -> Option<usize> {
    let ends = parts.iter().enumerate().filter(|(_, part)| part.end <= start && part.end > 0);
    ends.max_by_key(|(_, part)| part.end).map(|(at, _)| at)
}

fn comment_text<'t>(text: Option<&'t str>, comment: &Comment) -> &'t str {
    let range = comment.span.start as usize..comment.span.end as usize;
    text.and_then(|text| text.get(range)).unwrap_or("")
}

/// A comment inside a declaration documents nothing, and must not seem to once it is moved.
fn inner_comment(text: Option<&str>, comment: &Comment) -> String {
    let text = comment_text(text, comment);
    match text.strip_prefix("///").filter(|_| comment.doc) {
        Some(rest) => format!("//{rest}"),
        None => text.to_string(),
    }
}

fn entry<'e>(item: &'e Item, before: &'static str) -> Entry<'e> {
    Entry {
        start: item.span.start,
        end: item.span.end,
        before,
        doc: item.doc.as_deref(),
        body: Body::Decl(&item.decl),
    }
}

fn change_entry(change: &Change) -> Entry<'_> {
    let (start, end) = match change {
        Change::Override(item) => return entry(item, "override "),
        Change::Add(item) => return entry(item, ""),
        Change::Drop { kind, name } => (kind.span.start, name.span.end),
        Change::Expect { expect, .. } => (expect.span.start, expect.span.end),
    };
    Entry { start, end, before: "", doc: None, body: Body::Change(change) }
}

/// Declarations of one kind are written without blank lines between them.
fn kind(entry: &Entry<'_>) -> std::mem::Discriminant<Decl> {
    match entry.body {
        Body::Decl(decl) => std::mem::discriminant(decl),
        Body::Change(_) => std::mem::discriminant(&Decl::Error),
    }
}

/// Declarations that have a blank line before them in any case.
fn stands_apart(entry: &Entry<'_>) -> bool {
    matches!(entry.body, Body::Decl(Decl::Institution { .. } | Decl::Claim(_) | Decl::Reform(_)))
}
