//! Any bytes can be read, and what was read without complaint survives the formatter and the
//! printer: the same tree, and a second formatting changes nothing.
#![no_main]

use libfuzzer_sys::fuzz_target;
use yamen::syntax::parse;
use yamen::syntax::printer::{format, print, same};
use yamen::syntax::source::FileId;

fuzz_target!(|text: &str| {
    let parsed = parse(FileId(0), text);
    if !parsed.diagnostics.is_empty() {
        return;
    }
    for written in [format(&parsed, text), print(&parsed.file)] {
        let again = parse(FileId(0), &written);
        assert!(again.diagnostics.is_empty(), "{:?}\n{written}", again.diagnostics);
        assert!(same(&parsed.file, &again.file), "another tree\n{written}");
    }
    let once = format(&parsed, text);
    assert_eq!(format(&parse(FileId(0), &once), &once), once, "not idempotent");
});
