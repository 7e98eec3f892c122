//! Every rule, practice, assumption and fairness taken out of the spec in turn, and all claims decided
//! anew in what is left.
//!
//! What is taken out is taken out of the tree, before types are checked, so that what is decided is a
//! spec that one could have written; nothing is remembered from the whole institution. Where the rest
//! speaks of what was taken out there is no such spec, and it is said so. Unlike `needs`, which asks
//! what a proof rests on, this gives verdicts, and of refuted claims as well.

use crate::report::events::Silent;
use crate::report::outcome::{Entry, EntryKind, Report, Verdict};
use crate::report::without::{Claimed, Kind, Outcome, Removal, Row, Table};
use crate::syntax::ast::{Claim, Decl, Institution, Item, RuleKind};
use crate::syntax::diagnostic::{Diagnostic, Severity};
use crate::syntax::source::SourceMap;

use super::{Options, verify};

/// What can be taken out of an institution, those parts aside that only a claim assumes.
pub fn parts(core: &Institution) -> Vec<Removal> {
    let part = |item: &Item| match &item.decl {
        Decl::Rule(rule) => {
            let practice = rule.kind == RuleKind::Practice;
            let kind = if practice { Kind::Practice } else { Kind::Rule };
            Some(Removal { kind, name: rule.name.text.clone() })
        }
        Decl::Assume(assume) => {
            Some(Removal { kind: Kind::Assumption, name: assume.name.text.clone() })
        }
        Decl::Fair(fair) => Some(Removal { kind: Kind::Fairness, name: fair.name.text.clone() }),
        _ => None,
    };
    core.items.iter().filter_map(part).collect()
}

/// What a claim assumes for itself.
pub fn premises(core: &Institution, claim: &str) -> Vec<Removal> {
    let assumed = core.items.iter().filter_map(claimed).filter(|one| one.name.text == claim);
    let names = assumed.flat_map(|claim| &claim.assumes).map(|assume| assume.name.text.clone());
    names.map(|name| Removal { kind: Kind::Assumption, name }).collect()
}

fn claimed(item: &Item) -> Option<&Claim> {
    match &item.decl {
        Decl::Claim(claim) | Decl::Scenario(claim) | Decl::Lemma(claim) => Some(claim),
        _ => None,
    }
}

/// The institution without the declarations of these names, and a claim without its own assumptions
/// of these names.
pub fn without(core: &Institution, claim: Option<&str>, names: &[&str]) -> Institution {
    let is_out = |name: &str| names.contains(&name);
    let mut rest = core.clone();
    rest.items.retain(|item| match &item.decl {
        Decl::Rule(rule) => !is_out(&rule.name.text),
        Decl::Assume(assume) => !is_out(&assume.name.text),
        Decl::Fair(fair) => !is_out(&fair.name.text),
        _ => true,
    });
    for item in &mut rest.items {
        match &mut item.decl {
            Decl::Rule(rule) => rule.overrides.retain(|name| !is_out(&name.text)),
            Decl::Claim(one) | Decl::Scenario(one) | Decl::Lemma(one)
                if claim == Some(one.name.text.as_str()) =>
            {
                one.assumes.retain(|assume| !is_out(&assume.name.text));
            }
            _ => {}
        }
    }
    rest
}

/// The table of an institution, whose verdicts in the whole are in the report.
pub fn table(
    sources: &SourceMap,
    core: &Institution,
    whole: &Report,
    options: &Options,
    cancel: &(dyn Fn() -> bool + Sync),
) -> Table {
    let entries: Vec<&Entry> = of(whole, &core.name.text).collect();
    let trials = Trials { sources, core, options, cancel };
    let all: Vec<String> = entries.iter().map(|entry| entry.id.clone()).collect();
    let parts = parts(core);
    let mut rows: Vec<Row> = Vec::new();
    for removal in parts {
        if cancel() {
            break;
        }
        rows.push(Row { outcomes: trials.outcomes(&entries, &removal, &all, None), removal });
    }
    for entry in &entries {
        for removal in premises(core, &entry.id) {
            if cancel() {
                break;
            }
            let only = std::slice::from_ref(&entry.id);
            let outcomes = trials.outcomes(&[*entry], &removal, only, Some(&entry.id));
            rows.push(Row { removal, outcomes });
        }
    }
    Table {
        institution: core.name.text.clone(),
        title: core
            .title
            .as_ref()
            .map_or_else(|| core.name.text.clone(), |title| title.text.clone()),
        claims: entries.iter().map(|entry| Claimed::of(entry)).collect(),
        rows,
        interrupted: cancel(),
    }
}

/// The claims, scenarios and lemmas of an institution.
fn of<'a>(report: &'a Report, institution: &'a str) -> impl Iterator<Item = &'a Entry> {
    let here = move |entry: &&Entry| entry.institution == institution;
    report.entries.iter().filter(here).filter(|entry| entry.kind != EntryKind::Defect)
}

struct Trials<'a> {
    sources: &'a SourceMap,
    core: &'a Institution,
    options: &'a Options,
    cancel: &'a (dyn Fn() -> bool + Sync),
}

impl Trials<'_> {
    /// What becomes of these claims without this.
    fn outcomes(
        &self,
        entries: &[&Entry],
        removal: &Removal,
        claims: &[String],
        own: Option<&str>,
    ) -> Vec<Outcome> {
        let rest = without(self.core, own, &[&removal.name]);
        let options = Options {
            claims: claims.to_vec(),
            needs: false,
            certificates: false,
            ..self.options.clone()
        };
        let verified =
            verify(self.sources, std::slice::from_ref(&rest), &options, &Silent, self.cancel);
        let outcome = |entry: &&Entry| match &verified {
            Ok(verified) => {
                let found =
                    of(&verified.report, &self.core.name.text).find(|one| one.id == entry.id);
                match found {
                    Some(found) => decided(entry, found),
                    None => Outcome::impossible(&entry.id, "it was stopped"),
                }
            }
            Err(diagnostics) => Outcome::impossible(&entry.id, &first_error(diagnostics)),
        };
        entries.iter().map(outcome).collect()
    }
}

fn decided(before: &Entry, after: &Entry) -> Outcome {
    let verdict = |entry: &Entry| (entry.verdict, entry.vacuous);
    let open = after.verdict == Verdict::Unknown;
    Outcome {
        claim: before.id.clone(),
        verdict: after.verdict.word().to_owned(),
        depth: match after.verdict {
            Verdict::HoldsToDepth(depth) => Some(depth),
            _ => None,
        },
        vacuous: after.vacuous,
        changes: verdict(before) != verdict(after),
        reason: after.reason.clone().filter(|_| open),
    }
}

fn first_error(diagnostics: &[Diagnostic]) -> String {
    let error = diagnostics.iter().find(|d| d.severity == Severity::Error);
    error.map_or_else(|| "what is left is no legal spec".to_owned(), |d| d.message.clone())
}
