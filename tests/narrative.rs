//! Stories of every shipped spec: they are there, they have no sign of logic in them, and each time the
//! same report is told the same way.

#![allow(clippy::expect_used, reason = "tests")]

#[path = "support/files.rs"]
mod files;

use std::path::Path;

use yamen::govern::{self, files::Disk};
use yamen::report::events::Silent;
use yamen::report::narrative::{self, Conjuncts, Story};
use yamen::report::outcome::Report;
use yamen::syntax::ast::Institution;
use yamen::syntax::source::SourceMap;
use yamen::verify::{EngineName, Options, conjuncts, verify};

fn decided(path: &Path, options: &Options) -> (SourceMap, Vec<Institution>, Report) {
    let loaded = govern::load::load(&[path.to_owned()], &Disk);
    let cores: Vec<Institution> =
        loaded.institutions.iter().map(|i| govern::elaborate(i).0).collect();
    let verified = verify(&loaded.sources, &cores, options, &Silent, &|| false);
    (loaded.sources, cores, verified.expect("a legal spec").report)
}

/// What is told besides the words of a source and of the spec's documentation.
fn signs(story: &Story) -> Option<&String> {
    let signed = |text: &&String| {
        let ours = !text.contains('“');
        ours && text.contains(['=', '<', '>', '≤', '≥', '→', '∧', '∨', '¬', '_', '`', '\''])
    };
    story.parts.iter().flat_map(|part| &part.paragraphs).find(signed)
}

#[test]
fn every_shipped_spec_is_told_without_a_sign() {
    let mut told = 0;
    let mut signed: Vec<String> = Vec::new();
    for path in files::below("specs", "yamen") {
        let options = Options { needs: false, ..Options::default() };
        let (_, cores, report) = decided(&path, &options);
        let stories = narrative::stories(&report, &cores, &Conjuncts::new());
        assert_eq!(stories.len(), report.entries.len(), "{}", path.display());
        assert_eq!(stories, narrative::stories(&report, &cores, &Conjuncts::new()));
        for story in &stories {
            assert!(!story.parts.is_empty(), "{} {}", path.display(), story.id);
            let documented =
                cores.iter().flat_map(|core| &core.items).filter_map(|i| i.doc.as_ref());
            if let Some(text) = signs(story)
                && !documented
                    .into_iter()
                    .any(|doc| text.contains(doc.lines().next().unwrap_or(" ")))
            {
                signed.push(format!("{} {}: {text}", path.display(), story.id));
            }
            told += 1;
        }
    }
    assert!(signed.is_empty(), "{signed:#?}");
    assert!(told > 100, "{told}");
}

/// The run that is told is found by the explicit search, which always finds the same.
#[test]
fn the_explicit_search_always_tells_the_same_story() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("specs/overreaction/signals.yamen");
    let options =
        Options { needs: false, engine: Some(EngineName::Explicit), ..Options::default() };
    let tell = || {
        let (sources, cores, report) = decided(&path, &options);
        let claims = ["ovr_2_both".to_owned()];
        let mut parts = Conjuncts::new();
        for core in &cores {
            let found = conjuncts::decided(&sources, core, &claims, &options, &|| false);
            parts.extend(found.into_iter().map(|(id, e)| ((core.name.text.clone(), id), e)));
        }
        narrative::text(&narrative::stories(&report, &cores, &parts), 100)
    };
    let first = tell();
    assert_eq!(first, tell());
    assert!(first.contains("The sentences one by one"), "{first}");
}
