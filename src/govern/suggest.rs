//! Did you mean: the nearest known name, when it is near enough to be a slip.

use crate::syntax::diagnostic::Diagnostic;

/// Adds the nearest of the known names as the way out.
pub fn suggest<'a>(
    diagnostic: Diagnostic,
    written: &str,
    known: impl Iterator<Item = &'a str>,
) -> Diagnostic {
    match nearest(written, known) {
        Some(name) => diagnostic.help(format!("did you mean `{name}`?")),
        None => diagnostic,
    }
}

/// The nearest name within a third of the written one's length.
pub fn nearest<'a>(written: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let limit = (written.chars().count() / 3).max(1);
    known
        .map(|name| (strsim::damerau_levenshtein(written, name), name))
        .filter(|(distance, _)| *distance <= limit)
        .min()
        .map(|(_, name)| name)
}
