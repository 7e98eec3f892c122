//! Any bytes can be loaded, elaborated, checked, linted and made a transition system; whatever is
//! wrong with them is said in diagnostics whose spans lie within the text.
#![no_main]

use std::path::Path;

use libfuzzer_sys::fuzz_target;
use yamen::govern::files::Memory;
use yamen::govern::{self, load::load_text};
use yamen::syntax::diagnostic::Diagnostic;
use yamen::types::{Assignment, check};

/// Larger models only slow the search down.
const MOST_SLOTS: usize = 200;

fuzz_target!(|text: &str| {
    // Loading drops a byte order mark; spans are those of the text without it.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let loaded = load_text(Path::new("fuzz.yamen"), text, &Memory::default());
    let mut diagnostics = loaded.diagnostics.clone();
    let wrong = loaded.has_errors();
    for institution in &loaded.institutions {
        let (core, found) = govern::elaborate(institution);
        diagnostics.extend(found);
        let checked = check(&core, &Assignment::default());
        diagnostics.extend(checked.diagnostics);
        let Some(model) = checked.model.filter(|_| !wrong) else { continue };
        diagnostics.extend(yamen::lint::lint(std::slice::from_ref(&model)));
        let layout = yamen::types::layout::Layout::new(&model);
        if layout.cells.len() + layout.inputs.len() + layout.draws.len() < MOST_SLOTS {
            let _ = yamen::system::property::Prepared::new(&model);
        }
    }
    diagnostics.iter().for_each(|d| within(d, text));
});

fn within(diagnostic: &Diagnostic, text: &str) {
    let (start, end) = (diagnostic.primary.0.start as usize, diagnostic.primary.0.end as usize);
    assert!(start <= end && end <= text.len(), "{diagnostic:?}");
    assert!(text.get(start..end).is_some(), "between characters: {diagnostic:?}");
}
