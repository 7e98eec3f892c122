//! What is said of each code: the sections of `docs/lint.md` and `docs/errors.md`, which the program carries
//! with it.

/// The page of the remarks.
const REMARKS: &str = include_str!("../../docs/lint.md");
/// The page of the errors.
const ERRORS: &str = include_str!("../../docs/errors.md");

/// The codes of remarks that have a section, in the order of the page.
pub fn remarks() -> Vec<&'static str> {
    sections(REMARKS).map(|(code, _)| code).collect()
}

/// The codes of errors that have a section, in the order of the page.
pub fn errors() -> Vec<&'static str> {
    sections(ERRORS).map(|(code, _)| code).collect()
}

/// The section on a code, without its heading.
pub fn section(code: &str) -> Option<&'static str> {
    let mut all = sections(REMARKS).chain(sections(ERRORS));
    all.find(|(other, _)| *other == code).map(|(_, text)| text.trim())
}

fn sections(page: &'static str) -> impl Iterator<Item = (&'static str, &'static str)> {
    page.split("\n## `").skip(1).filter_map(|section| section.split_once('`'))
}
