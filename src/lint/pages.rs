//! What is said of each code: the sections of `docs/lint.md`, which the program carries with it.

/// The page.
const PAGE: &str = include_str!("../../docs/lint.md");

/// The codes that have a section, in the order of the page.
pub fn codes() -> Vec<&'static str> {
    sections().map(|(code, _)| code).collect()
}

/// The section on a code, without its heading.
pub fn section(code: &str) -> Option<&'static str> {
    sections().find(|(other, _)| *other == code).map(|(_, text)| text.trim())
}

fn sections() -> impl Iterator<Item = (&'static str, &'static str)> {
    PAGE.split("\n## `").skip(1).filter_map(|section| section.split_once('`'))
}
