//! What a proof is said to need, tried from outside: for every proved claim of `specs/`, each
//! declaration is taken out of the text's tree and everything is verified anew.
//!
//! Without one that is listed the claim is not proved any more: in the whole institution, or where only
//! the listed ones are left. Without one that is not listed it is proved as before.

#![allow(clippy::expect_used, clippy::panic, reason = "tests")]

#[path = "support/files.rs"]
mod files;

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Mutex;
use std::time::Duration;

use yamen::govern::{self, files::Disk};
use yamen::report::events::Silent;
use yamen::report::outcome::{Entry, Report, Verdict};
use yamen::syntax::ast::{Decl, Institution};
use yamen::syntax::source::SourceMap;
use yamen::verify::{Options, verify};

/// Twenty claims in six variants with forty parts each: ten minutes by itself.
const LONG: &str = "governance/three_levels.yamen";

#[test]
#[ignore = "more than a minute on two cores: `make test-needs`"]
fn needs_of_every_proved_claim_of_the_specs() {
    let mut all = files::below("specs", "yamen");
    all.retain(|path| !path.ends_with(LONG));
    // Threads of their own: one of a pool would do other files' work while it waits for engines.
    let all = Mutex::new(all.into_iter());
    let next = || all.lock().expect("no thread panics with it").next();
    let one =
        || std::iter::from_fn(next).map(|path| tally_of(&path)).fold(Tally::default(), Tally::and);
    let tally = std::thread::scope(|scope| {
        let others: Vec<_> = (1..cores()).map(|_| scope.spawn(one)).collect();
        let others = others.into_iter().map(|other| other.join().expect("its panic is told"));
        others.fold(one(), Tally::and)
    });
    println!("{tally:?}");
    assert!(tally.claims >= 40 && tally.listed >= 60 && tally.unlisted >= 60, "{tally:?}");
}

#[derive(Debug, Default)]
struct Tally {
    claims: usize,
    listed: usize,
    unlisted: usize,
    /// Trials in which the rest of the spec speaks of what was taken out.
    impossible: usize,
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

fn tally_of(path: &Path) -> Tally {
    let mut tally = Tally::default();
    let loaded = govern::load::load(&[path.to_owned()], &Disk);
    for institution in &loaded.institutions {
        let core = govern::elaborate(institution).0;
        tally.institution(&loaded.sources, &core);
    }
    tally
}

impl Tally {
    fn and(self, other: Tally) -> Tally {
        Tally {
            claims: self.claims + other.claims,
            listed: self.listed + other.listed,
            unlisted: self.unlisted + other.unlisted,
            impossible: self.impossible + other.impossible,
        }
    }

    fn institution(&mut self, sources: &SourceMap, core: &Institution) {
        let Some(report) = decide(sources, core, None) else {
            panic!("{} is wrong", core.name.text)
        };
        for entry in report.entries.iter().filter(|e| e.verdict == Verdict::Proved) {
            self.claim(sources, core, entry);
        }
    }

    fn claim(&mut self, sources: &SourceMap, core: &Institution, entry: &Entry) {
        let Some(needs) = &entry.needs else { return };
        let listed: BTreeSet<&str> =
            [&needs.rules, &needs.practices, &needs.assumptions, &needs.fairness]
                .into_iter()
                .flatten()
                .map(String::as_str)
                .collect();
        let all = droppable(core, &entry.id);
        let unlisted: Vec<&str> =
            all.iter().map(String::as_str).filter(|name| !listed.contains(name)).collect();
        self.claims += 1;
        for name in listed.iter().copied() {
            let alone = proved(sources, core, &entry.id, &[name]);
            let among_few = || {
                let more: Vec<&str> = unlisted.iter().copied().chain([name]).collect();
                proved(sources, core, &entry.id, &more)
            };
            match alone {
                None => self.impossible += 1,
                Some(true) if among_few() != Some(false) => {
                    panic!("{}.{} is said to need `{name}`", core.name.text, entry.id)
                }
                Some(_) => self.listed += 1,
            }
        }
        for name in &unlisted {
            match proved(sources, core, &entry.id, &[name]) {
                None => self.impossible += 1,
                Some(false) => {
                    panic!("{}.{} is not said to need `{name}`", core.name.text, entry.id)
                }
                Some(true) => self.unlisted += 1,
            }
        }
    }
}

/// Names of what may be taken out: rules, practices, assumptions, fairness.
fn droppable(core: &Institution, claim: &str) -> Vec<String> {
    let mut names = Vec::new();
    for item in &core.items {
        match &item.decl {
            Decl::Rule(rule) => names.push(rule.name.text.clone()),
            Decl::Assume(assume) => names.push(assume.name.text.clone()),
            Decl::Fair(fair) => names.push(fair.name.text.clone()),
            Decl::Claim(declared) if declared.name.text == claim => {
                names.extend(declared.assumes.iter().map(|assume| assume.name.text.clone()));
            }
            _ => {}
        }
    }
    names
}

/// Whether the claim is proved without these; `None` if what is left is no legal spec.
fn proved(sources: &SourceMap, core: &Institution, claim: &str, without: &[&str]) -> Option<bool> {
    let mut rest = core.clone();
    rest.items.retain(|item| match &item.decl {
        Decl::Rule(rule) => !without.contains(&rule.name.text.as_str()),
        Decl::Assume(assume) => !without.contains(&assume.name.text.as_str()),
        Decl::Fair(fair) => !without.contains(&fair.name.text.as_str()),
        _ => true,
    });
    for item in &mut rest.items {
        match &mut item.decl {
            Decl::Rule(rule) => {
                rule.overrides.retain(|name| !without.contains(&name.text.as_str()));
            }
            Decl::Claim(declared) if declared.name.text == claim => {
                declared.assumes.retain(|assume| !without.contains(&assume.name.text.as_str()));
            }
            _ => {}
        }
    }
    let report = decide(sources, &rest, Some(claim))?;
    let entry = report.entries.iter().find(|entry| entry.id == claim);
    Some(entry.is_some_and(|entry| entry.verdict == Verdict::Proved))
}

fn decide(sources: &SourceMap, core: &Institution, claim: Option<&str>) -> Option<Report> {
    let claims = claim.into_iter().map(str::to_owned).collect();
    let options = Options { claims, timeout: Duration::from_secs(10), ..Options::default() };
    let verified = verify(sources, std::slice::from_ref(core), &options, &Silent, &|| false);
    verified.ok().map(|verified| verified.report)
}
