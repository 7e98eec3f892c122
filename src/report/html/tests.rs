//! Tests: hostile specs appear as text, every claim has its page, every link leads somewhere, and large
//! reports stay small.

use std::collections::BTreeSet;
use std::path::Path;

use indexmap::IndexMap;
use serde_json::{Value, json};

use super::{Material, Page, pages};
use crate::govern::{self, files::Disk, load};
use crate::report::narrative;
use crate::report::outcome::{
    Entry, EntryKind, FiredRule, InstitutionReport, PeriodReport, Report, TraceKind, TraceReport,
    Verdict,
};
use crate::syntax::ast::{Decl, Item, RuleKind};
use crate::types::{self, Assignment};

const HOSTILE: &str = "<script>alert('x')</script>\u{202e}&\"'><img src=x onerror=alert(1)>";

/// The report of specs, with the verdicts that `decide` makes up.
fn reported(loaded: &load::Loaded, decide: &dyn Fn(&mut Entry)) -> Vec<Page> {
    let mut report = Report { yamen: "0.0.0".to_owned(), ..Report::default() };
    let (mut models, mut cores) = (Vec::new(), Vec::new());
    for written in &loaded.institutions {
        let file = loaded.sources.path(written.span.file).display().to_string();
        report.institutions.push(InstitutionReport {
            name: written.name.text.clone(),
            title: written
                .title
                .as_ref()
                .map_or_else(|| written.name.text.clone(), |t| t.text.clone()),
            file: file.clone(),
            base: written.base.clone(),
            ..InstitutionReport::default()
        });
        report.entries.extend(written.items.iter().filter_map(|item| {
            let mut entry = entry(item)?;
            entry.institution.clone_from(&written.name.text);
            entry.file.clone_from(&file);
            decide(&mut entry);
            Some(entry)
        }));
        let core = govern::elaborate(written).0;
        models.extend(types::check(&core, &Assignment::default()).model);
        cores.push(core);
    }
    let stories = narrative::stories(&report, &cores, &narrative::Conjuncts::new());
    pages(Material {
        report: &report,
        written: &loaded.institutions,
        models: &models,
        stories: &stories,
        phases: &[],
        without: &[],
        sources: &loaded.sources,
    })
}

fn entry(item: &Item) -> Option<Entry> {
    let (kind, claim) = match &item.decl {
        Decl::Claim(claim) => (EntryKind::Claim, claim),
        Decl::Scenario(claim) => (EntryKind::Scenario, claim),
        Decl::Lemma(claim) => (EntryKind::Lemma, claim),
        _ => return None,
    };
    Some(Entry {
        id: claim.name.text.clone(),
        kind,
        title: claim.title.as_ref().map(|title| title.text.clone()),
        verdict: Verdict::Proved,
        as_expected: true,
        quotes: claim.quotes.iter().map(|(s, t)| (s.text.clone(), t.text.clone())).collect(),
        ..Entry::default()
    })
}

fn spec(text: &str) -> load::Loaded {
    load::load_text(Path::new("specs/family/one.yamen"), text, &Disk)
}

/// A lasso of so many periods in which two counties do this and that.
fn run(periods: usize) -> TraceReport {
    let period = |n: usize| {
        let map = |pairs: &[(&str, Value)]| -> IndexMap<String, Value> {
            pairs.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect()
        };
        PeriodReport {
            state: map(&[
                ("tie", json!(n % 5)),
                ("known[0]", json!(n.is_multiple_of(2))),
                ("known[1]", json!(n > 7)),
            ]),
            choices: map(&[(
                "act[0]",
                json!(if n.is_multiple_of(3) { "collude" } else { HOSTILE }),
            )]),
            owners: [("act[0]".to_owned(), "County[0]".to_owned())].into_iter().collect(),
            ..PeriodReport::default()
        }
    };
    TraceReport {
        kind: TraceKind::Lasso,
        loop_start: Some(periods / 2),
        periods: (0..periods).map(period).collect(),
        replayed: true,
        ..TraceReport::default()
    }
}

const TWO: &str = "institution two \"Two\" position County[2] state known[County] : bool = false \
                   claim one \"one\" always not known[0] expect proved when true";

/// The addresses that a page leads to, from its own folder.
fn addresses(page: &Page) -> Vec<String> {
    let folder = page.path.rsplit_once('/').map(|(folder, _)| folder).unwrap_or_default();
    let ends = page.text.split(" href=").skip(1).chain(page.text.split(" src=").skip(1));
    let found = ends.filter_map(|rest| match rest.strip_prefix('"') {
        Some(quoted) => quoted.split('"').next(),
        None => rest.split([' ', '>']).next(),
    });
    let whole = found.filter(|to| !to.starts_with(['#']) && !to.starts_with("data:")).map(|to| {
        match to.strip_prefix("../") {
            Some(above) => above.to_owned(),
            None if folder.is_empty() => to.to_owned(),
            None => format!("{folder}/{to}"),
        }
    });
    whole.collect()
}

#[test]
fn every_claim_of_the_shipped_specs_has_a_page_and_every_link_leads_somewhere() {
    let loaded = load::load(&[Path::new(env!("CARGO_MANIFEST_DIR")).join("specs")], &Disk);
    let claims: usize =
        loaded.institutions.iter().map(|one| one.items.iter().filter_map(entry).count()).sum();
    let pages = reported(&loaded, &|entry| entry.trace = Some(run(6)));
    let paths: BTreeSet<&str> = pages.iter().map(|page| page.path.as_str()).collect();
    assert_eq!(paths.len(), pages.len(), "two pages of one name");
    let own = paths.iter().filter(|path| path.starts_with("claim/")).count();
    assert_eq!(own, claims);
    assert!(claims > 50);
    for page in pages.iter().filter(|page| page.path.ends_with(".html")) {
        let split: Vec<String> = addresses(page);
        assert!(split.len() > 2, "{} leads nowhere", page.path);
        for to in split {
            assert!(paths.contains(to.as_str()), "{} leads to {to}", page.path);
        }
    }
}

#[test]
fn hostile_words_appear_as_text() {
    let long = "x".repeat(5000);
    let quoted = HOSTILE.replace('"', "\\\"");
    let text = format!(
        "institution bad \"{quoted}\"\nsource who \"{quoted}\"\nposition County[2]\n\
         state known[County] : bool = false\nstate tie : 0..4 = 0\n/// {HOSTILE}\n\
         claim one \"{quoted}\"\n  quote who \"{quoted}{long}\"\n  wording \"{quoted}\"\n  always not known[0]\n",
    );
    let loaded = spec(&text);
    assert!(!loaded.has_errors(), "{:?}", loaded.diagnostics);
    let pages = reported(&loaded, &|entry| {
        entry.trace = Some(run(6));
        entry.reason = Some(HOSTILE.to_owned());
        entry.notes = vec![HOSTILE.to_owned()];
        entry.core = Some(vec![HOSTILE.to_owned()]);
        entry.params.insert("p".to_owned(), json!(HOSTILE));
    });
    for page in pages.iter().filter(|page| page.path.ends_with(".html")) {
        let inside =
            page.text.replace("<script src=", "").replace("<script type=application/json>", "");
        assert!(!inside.contains("<script"), "{}", page.path);
        assert!(!page.text.contains("<img"), "{}", page.path);
        assert!(!page.text.contains("\" onerror"), "{}", page.path);
    }
    let claim = pages.iter().find(|page| page.path == "claim/bad.one.html").unwrap();
    assert!(claim.text.contains("&lt;script&gt;alert('x')&lt;/script&gt;"));
    assert!(claim.text.contains(&long));
}

#[test]
fn long_names_and_same_names_get_pages_of_their_own() {
    let name = "n".repeat(5000);
    let loaded = spec(&format!(
        "institution {name}\nstate x : bool = false\nclaim c always not x\nclaim C always not x\n"
    ));
    let pages = reported(&loaded, &|_| {});
    assert_eq!(pages.iter().filter(|page| page.path.starts_with("claim/")).count(), 2);
    assert!(pages.iter().all(|page| page.path.len() < 120));
}

#[test]
fn pictures_have_words_and_long_runs_stay_small() {
    let pages = reported(&spec(TWO), &|entry| entry.trace = Some(run(200)));
    let page = pages.iter().find(|page| page.path == "claim/two.one.html").unwrap();
    assert!(page.text.contains("<title id=run-title>"));
    assert!(page.text.contains("<desc id=run-words>"));
    assert!(page.text.contains("100 to 199 repeat for ever"));
    assert!(page.text.contains("Organisation chart, period by period"));
    assert!(page.text.len() < 400_000, "{} bytes", page.text.len());
}

#[test]
fn pairs_shade_what_the_judge_sees() {
    let mut trace = run(4);
    let see = |periods: &mut Vec<PeriodReport>| {
        for period in periods {
            let view = [("report".to_owned(), json!("calm"))].into_iter().collect();
            period.seen.insert("Centre".to_owned(), view);
        }
    };
    see(&mut trace.periods);
    let mut twin = trace.periods.clone();
    twin[1].state.insert("tie".to_owned(), json!(4));
    let trace = TraceReport {
        kind: TraceKind::Pair,
        loop_start: None,
        twin: Some(twin),
        judges: vec!["Centre".to_owned()],
        ..trace
    };
    let pages = reported(&spec(TWO), &|entry| entry.trace = Some(trace.clone()));
    let page = pages.iter().find(|page| page.path == "claim/two.one.html").unwrap();
    assert!(page.text.contains("Two runs that look the same to Centre"));
    assert!(page.text.contains("class=alike"));
    assert!(page.text.contains("class=unlike"));
}

#[test]
fn properties_are_read_out_in_plain_words() {
    let text = "institution i position Centre state x : bool = false state y : bool = false sees Centre : x \
                claim a x leads to y within 2 claim b always (x implies within 3 (Centre knows y)) \
                claim c recurs x claim d {Centre} cannot force y unseen";
    let pages = reported(&spec(text), &|_| {});
    let says = |id: &str, words: &str| {
        let page = pages.iter().find(|page| page.path == format!("claim/i.{id}.html")).unwrap();
        let plain = page.text.replace("<code>", "").replace("</code>", "");
        assert!(plain.contains(words), "{id}: {plain}");
    };
    says("a", "In every run: whenever x, then within 2 periods y.");
    says("b", "In every period of every run: if x, then within 3 periods Centre can know that y.");
    says("c", "In every run, again and again without end: x.");
    says(
        "d",
        "Centre cannot bring it about, whatever everybody else does, that y, moving on no more than what they see.",
    );
}

#[test]
fn arrows_lead_from_post_to_post() {
    let text = "institution line chain Layer[3] state known[l in Layer] : bool = l = 2 \
                rule up for l in Layer when l != 0 and known[l] : known[superior(l)]' = true \
                claim c always not known[0]";
    let loaded = spec(text);
    let state = |known: [bool; 3]| PeriodReport {
        state: (0..).zip(known).map(|(n, k)| (format!("known[{n}]"), json!(k))).collect(),
        rules: (1..3)
            .filter(|n| known[*n])
            .map(|n| FiredRule {
                name: format!("up[{n}]"),
                kind: RuleKind::Rule,
                origin: None,
                ties: Vec::new(),
            })
            .collect(),
        ..PeriodReport::default()
    };
    let periods = vec![
        state([false, false, true]),
        state([false, true, true]),
        PeriodReport { rules: Vec::new(), ..state([true, true, true]) },
    ];
    let trace = TraceReport { periods, replayed: true, ..TraceReport::default() };
    let pages = reported(&loaded, &|entry| entry.trace = Some(trace.clone()));
    let page = pages.iter().find(|page| page.path == "claim/line.c.html").unwrap();
    assert!(page.text.contains("Layer[2] to Layer[1] by up[2] in period 0"));
    assert!(page.text.contains("Layer[1] to Layer[0] by up[1] in period 1"));
    assert!(!page.text.contains("by up[2] in period 1"), "what changes nothing is no message");
}
