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
    Entry, EntryKind, FiredRule, InstitutionReport, Needs, PeriodReport, Report, TraceKind,
    TraceReport, Verdict,
};
use crate::report::phase::{Look, Panel, Phase, Square};
use crate::report::without::{self, Kind, Removal, Row, Table};
use crate::syntax::ast::{Decl, Item, RuleKind};
use crate::types::{self, Assignment};

const HOSTILE: &str = "<script>alert('x')</script>\u{202e}&\"'><img src=x onerror=alert(1)>";

/// The report of specs, with the verdicts that `decide` makes up.
fn reported(loaded: &load::Loaded, decide: &dyn Fn(&mut Entry)) -> Vec<Page> {
    with_more(loaded, decide, &[], &[])
}

/// The same with sweeps, and with what was taken out.
fn with_more(
    loaded: &load::Loaded,
    decide: &dyn Fn(&mut Entry),
    phases: &[Phase],
    without: &[Table],
) -> Vec<Page> {
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
        phases,
        without,
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
    // What looks like an attribute in a text is none.
    let tags = page.text.split('<').skip(1).filter_map(|rest| rest.split('>').next());
    let ends = tags.flat_map(|tag| tag.split(" href=").skip(1).chain(tag.split(" src=").skip(1)));
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

/// The page, or the data, at a path.
fn at<'p>(pages: &'p [Page], path: &str) -> &'p str {
    &pages.iter().find(|page| page.path == path).unwrap_or_else(|| panic!("no {path}")).text
}

/// Two rows over three columns: refuted, vacuous, proved; refuted, not decided, nothing.
fn swept() -> Phase {
    let square = |look: Look| Some(Square { look, odd: look == Look::Vacuous });
    Phase {
        institution: "two".to_owned(),
        claim: "one".to_owned(),
        over: vec![HOSTILE.to_owned(), "b".to_owned()],
        panels: vec![Panel {
            fixed: vec![(HOSTILE.to_owned(), HOSTILE.to_owned())],
            settings: 3,
            rows: ("b".to_owned(), vec!["0".to_owned(), HOSTILE.to_owned()]),
            columns: Some((HOSTILE.to_owned(), ["x", "y", HOSTILE].map(str::to_owned).to_vec())),
            squares: vec![
                vec![square(Look::Refuted), square(Look::Vacuous), square(Look::Proved)],
                vec![square(Look::Refuted), square(Look::Unknown), None],
            ],
        }],
        counts: "5 cells".to_owned(),
        boundary: Some(format!("b < {HOSTILE}")),
        expected: Some("b < 2".to_owned()),
        matches: Some(false),
        whole: true,
        map: HOSTILE.to_owned(),
        csv: "b,verdict\n".to_owned(),
        ..Phase::default()
    }
}

#[test]
fn sweeps_are_drawn_on_the_page_of_their_claim() {
    let pages = with_more(&spec(TWO), &|_| {}, &[swept()], &[]);
    let page = at(&pages, "claim/two.one.html");
    assert!(page.contains("<svg class=phases") && page.contains("<desc id=phase-0-words>"));
    assert!(page.contains("Proved exactly where <code>b &lt; &lt;script&gt;"));
    assert!(page.contains("not as its author expects"));
    // Neighbours are one shape; vacuous cells are hatched; nothing is drawn where there is no cell.
    assert!(
        page.contains("<path d=\"M0 0h26v26h-26zM0 26h26v26h-26z\" fill=\"url(#refuted-0)\"/>")
    );
    assert!(page.contains("<path d=\"M26 0h26v26h-26z\" fill=\"url(#vacuous-0)\"/>"));
    // The boundary runs between proved and refuted cells only, not round those without a verdict.
    assert!(page.contains("<path class=between d=\"M26 0v26\"/>"));
    assert!(page.contains("<path class=odd d=\"M26 0h26v26h-26z\">"));
    assert!(page.contains("href=../data/cells/two.one.0.csv"));
    assert_eq!(at(&pages, "data/cells/two.one.0.csv"), "b,verdict\n");
    assert!(!page.contains("<script>") && !page.contains("<img"));
}

#[test]
fn a_sweep_of_something_else_is_drawn_nowhere() {
    let other = Phase { institution: "three".to_owned(), ..swept() };
    let pages = with_more(&spec(TWO), &|_| {}, &[other], &[]);
    assert!(pages.iter().all(|page| !page.text.contains("class=phases")));
}

const PARTS: &str = "institution two \"Two\" position County[2] state known[County] : bool = false \
                     rule tell when true : known[0]' = true practice rest when known[0] : known[1]' = true \
                     rule idle when known[1] : known[1]' = true assume calm : not known[1] \
                     claim one \"one\" assume still : not known[0] always not known[0]";

fn needing(entry: &mut Entry) {
    let rules = vec!["tell".to_owned()];
    entry.needs = Some(Needs { rules, assumptions: vec!["still".to_owned()], ..Needs::default() });
}

#[test]
fn the_assumption_table_has_each_part_of_the_institution_and_of_the_claim() {
    let pages = reported(&spec(PARTS), &needing);
    let page = at(&pages, "claim/two.one.html");
    let row = |name: &str, kind: &str| {
        format!("<th scope=row><code>{name}</code><td>{kind}<td class=yes>needs it")
    };
    assert!(page.contains(&row("tell", "rule")) && page.contains(&row("still", "assumption")));
    assert!(
        page.contains("<code>idle</code>, <code>rest</code>, <code>calm</code>")
            || page.contains("<code>rest</code>, <code>idle</code>, <code>calm</code>")
    );
    assert!(page.contains("1 rule, 1 practice, 1 assumption<td class=no>does without each"));
}

#[test]
fn what_was_taken_out_stands_in_the_assumption_table() {
    let outcome = |verdict: &str, changes: bool, reason: Option<&str>| without::Outcome {
        claim: "one".to_owned(),
        verdict: verdict.to_owned(),
        changes,
        reason: reason.map(str::to_owned),
        ..without::Outcome::default()
    };
    let row = |kind: Kind, name: &str, outcome: without::Outcome| Row {
        removal: Removal { kind, name: name.to_owned() },
        outcomes: vec![outcome],
    };
    let table = Table {
        institution: "two".to_owned(),
        rows: vec![
            row(Kind::Rule, "tell", outcome("refuted", true, None)),
            row(Kind::Practice, "rest", outcome("proved", false, None)),
            row(Kind::Assumption, "calm", outcome("impossible", false, Some(HOSTILE))),
        ],
        ..Table::default()
    };
    let pages = with_more(&spec(PARTS), &needing, &[], &[table]);
    let page = at(&pages, "claim/two.one.html");
    assert!(page.contains("<span class=\"badge refuted\">refuted</span> <strong>changes</strong>"));
    assert!(page.contains(
        "<code>rest</code><td>practice<td class=no>does without<td><span class=\"badge proved\">"
    ));
    assert!(page.contains("cannot be taken out<span class=muted>: &lt;script&gt;"));
    assert!(!page.contains("<script>") && !page.contains("<img"));
    let data: Value =
        serde_json::from_str(at(&pages, "data/institution/two.without.json")).unwrap();
    assert_eq!(data["tables"][0]["institution"], "two");
    assert!(page.contains("href=../data/institution/two.without.json"));
}

#[test]
fn small_models_have_a_state_graph_and_its_data_fits_the_schema() {
    let text = "institution line \"Line\" position P state n : 0..2 = 0 choice go : bool by P \
                rule up when go and n < 2 : n' = n + 1 claim low always n < 2 claim some_way possible n = 1";
    let pages = reported(&spec(text), &|_| {});
    let page = at(&pages, "institution/line.html");
    assert!(page.contains("3 states can be reached, by 5 steps"));
    assert!(
        page.contains("<title id=states-title>")
            && page.contains("in 1 some claim about states is false")
    );
    assert_eq!(page.matches("<svg class=\"state violates\"").count(), 1);
    assert_eq!(page.matches("<svg class=\"state first\"").count(), 1);
    assert!(page.contains("State 2: n = 2; violates low"));
    let data: Value =
        serde_json::from_str(at(&pages, "data/institution/line.states.json")).unwrap();
    let schema = include_str!("../../../schema/yamen.states.v1.schema.json");
    let validator = jsonschema::validator_for(&serde_json::from_str(schema).unwrap()).unwrap();
    let errors: Vec<String> = validator.iter_errors(&data).map(|e| e.to_string()).collect();
    assert!(errors.is_empty(), "{errors:#?}");
    assert_eq!(data["states"][2], json!({"distance": 2, "values": [2], "violates": ["low"]}));
    assert_eq!(data["steps"][1], json!({"from": 0, "to": 1, "ways": 1, "example": [true]}));
    assert_eq!(at(&pages, "data/institution/line.posts.csv"), "post,reports to,level\n\"P\",,0\n");
}

#[test]
fn large_models_have_no_state_graph() {
    let pages = reported(
        &spec("institution i state n : 0..99 = 0 rule up when n < 99 : n' = n + 1"),
        &|_| {},
    );
    assert!(!at(&pages, "institution/i.html").contains("All its states"));
    assert!(pages.iter().all(|page| !page.path.ends_with(".states.json")));
}

#[test]
fn verdicts_about_all_parameters_say_of_which() {
    let pages = reported(&spec(TWO), &|entry| {
        entry.for_all = Some(format!("n where n < {HOSTILE}"));
    });
    let page = at(&pages, "claim/two.one.html");
    assert!(page.contains("This is so for all <code>n</code> where <code>n &lt; &lt;script&gt;"));
    assert_eq!(page.matches("for all").count(), 1);
    assert!(at(&pages, "index.html").contains(" · for all <code>n where n &lt; &lt;script&gt;"));
    assert!(!page.contains("<script>"));
}

#[test]
fn what_a_reform_leaves_as_it_is_stands_with_its_base() {
    let text = "institution line \"Line\" param k : 0..2 = 2 position P, Q state n : 0..2 = 0 \
                choice go : bool by P rule up when go and n < k : n' = n + 1 claim low always n < 2\n\
                reform same of line \"Same\" { claim high always n >= 0 }\n\
                reform other of line \"Other\" { param k = 1 }";
    let loaded = spec(text);
    assert!(!loaded.has_errors(), "{:?}", loaded.diagnostics);
    let pages = reported(&loaded, &|entry| {
        let refuted = entry.id == "low" && entry.institution == "line";
        entry.verdict = if refuted { Verdict::Refuted } else { Verdict::Proved };
    });
    let page = at(&pages, "institution/same.html");
    assert!(page.contains("They are those of <a href=../institution/line.html>"));
    assert!(page.contains("joined by the same steps"));
    assert!(!page.contains("class=graph") && !page.contains("<svg class=chart"));
    assert!(
        page.contains("without the reform <a class=\"badge refuted\" href=../claim/line.low.html>")
    );
    assert!(pages.iter().all(|page| !page.path.starts_with("data/institution/same.")));
    assert!(!at(&pages, "institution/other.html").contains("joined by the same steps"));
    assert!(at(&pages, "claim/same.low.html").contains("href=../claim/line.low.html"));
    assert!(at(&pages, "claim/line.low.html").contains("always n &lt; 2</code></pre>"));
}
