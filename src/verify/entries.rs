//! Entries of a report, from decisions.

use indexmap::IndexMap;

use super::decide::Decision;
use super::institution::entry_kind;
use super::traces;
use crate::evidence::scripts::Obligation;
use crate::interp::replay::Replayed;
use crate::report::outcome::{Certificate, Entry, EntryKind, Place, Verdict};
use crate::syntax::source::{SourceMap, Span};
use crate::types::core::{Claim, Model, Param, Rule, Value};
use crate::types::defect::DefectKind;

/// An entry for a claim, nothing decided yet.
pub(super) fn claim(sources: &SourceMap, model: &Model, claim: &Claim) -> Entry {
    let source = |name: &String| {
        let found = model.sources.iter().find(|(known, _)| known == name);
        found.map_or_else(|| name.clone(), |(_, title)| title.clone())
    };
    let mut entry = Entry {
        institution: model.name.clone(),
        home: sources.path(model.span.file).display().to_string(),
        id: claim.name.clone(),
        kind: entry_kind(claim.kind),
        title: claim.title.clone(),
        params: traces::fixed_params(model),
        quotes: claim.quotes.iter().map(|(name, words)| (source(name), words.clone())).collect(),
        wording: claim.wording.clone(),
        ..Entry::default()
    };
    place(&mut entry, sources, claim.span);
    entry
}

/// The parameters without a value, whose values a verdict is about all of, with their conditions.
pub(super) fn for_all(sources: &SourceMap, model: &Model) -> Option<String> {
    let open: Vec<&Param> = model.params.iter().filter(|param| param.value.is_none()).collect();
    if open.is_empty() {
        return None;
    }
    let words = |span: Span| sources.text(span).split_whitespace().collect::<Vec<_>>().join(" ");
    let names = open.iter().map(|param| param.name.as_str()).collect::<Vec<_>>().join(", ");
    let conditions = open.iter().filter_map(|param| param.condition.as_ref());
    let conditions: Vec<String> = conditions.map(|condition| words(condition.span)).collect();
    Some(match conditions.as_slice() {
        [] => names,
        all => format!("{names} where {}", all.join(", ")),
    })
}

/// An entry for an obligation, nothing decided yet.
pub(super) fn obligation(sources: &SourceMap, model: &Model, kind: DefectKind) -> Entry {
    let mut entry = Entry {
        institution: model.name.clone(),
        home: sources.path(model.span.file).display().to_string(),
        id: kind.id().to_owned(),
        kind: EntryKind::Defect,
        title: Some(kind.obligation().to_owned()),
        params: traces::fixed_params(model),
        ..Entry::default()
    };
    place(&mut entry, sources, model.span);
    entry
}

/// Where the rules of a model are declared.
pub(super) fn rules(sources: &SourceMap, model: &Model) -> IndexMap<String, Place> {
    let one = |rule: &Rule| (rule.name.clone(), Place::of(sources, rule.span));
    model.rules.iter().map(one).collect()
}

/// Where the claims of a model stand.
pub(super) fn claims(sources: &SourceMap, model: &Model) -> IndexMap<String, Place> {
    let one = |claim: &Claim| (claim.name.clone(), Place::of(sources, claim.span));
    model.claims.iter().map(one).collect()
}

/// Says where an entry stands.
pub(super) fn place(entry: &mut Entry, sources: &SourceMap, span: Span) {
    entry.file = sources.path(span.file).display().to_string();
    (entry.line, entry.column) = sources.position(span);
}

/// Refuted by a replayed run.
pub(super) fn refuted(entry: &mut Entry, engine: &str, model: &Model, run: &Replayed) {
    entry.verdict = Verdict::Refuted;
    entry.engine = Some(engine.to_owned());
    entry.params = traces::params(model, &run.trace.params);
    entry.depth = u32::try_from(run.trace.periods.len().saturating_sub(1)).ok();
    entry.trace = Some(traces::report(model, run));
    if !run.apart.is_empty() {
        let names = run.apart.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
        entry
            .notes
            .push(format!("the loop comes back but for {names}, which nothing here rests on"));
    }
}

/// Refuted by a replayed run that decides a claim by itself.
pub(super) fn decided(
    entry: &mut Entry,
    engine: &str,
    model: &Model,
    claim: &Claim,
    run: &Replayed,
) {
    refuted(entry, engine, model, run);
    entry.trace = Some(traces::shown(model, claim, run));
}

/// Nothing bad can be reached, or what else became of that question.
pub(super) fn absence(entry: &mut Entry, decision: &Decision) {
    match decision {
        Decision::Unreachable { engine, certificate } => {
            holds(entry, engine);
            entry.certificate = Some(certificate.clone());
        }
        Decision::Bounded { engine, depth } => {
            entry.verdict = Verdict::HoldsToDepth(*depth);
            entry.depth = Some(*depth);
            entry.engine = Some((*engine).to_owned());
            entry.reason = Some("only looked so far ahead; this is no proof".to_owned());
        }
        other => open(entry, other),
    }
}

/// What was decided about a universal claim; returns the parameters of a refutation.
pub(super) fn universal(
    entry: &mut Entry,
    model: &Model,
    claim: &Claim,
    decision: Decision,
) -> Option<Vec<Value>> {
    match decision {
        Decision::Reached { engine, run } => {
            decided(entry, engine, model, claim, &run);
            Some(run.trace.params.clone())
        }
        other => {
            absence(entry, &other);
            None
        }
    }
}

/// It holds, by this engine.
pub(super) fn holds(entry: &mut Entry, engine: &str) {
    entry.verdict = Verdict::Proved;
    entry.engine = Some(engine.to_owned());
    // An obligation that holds is as it should be; claims are compared with expectations later.
    entry.as_expected = entry.kind == EntryKind::Defect;
}

/// The cells that wait for each other.
pub(super) fn cyclic(entry: &mut Entry, cells: &[String]) {
    entry.verdict = Verdict::Refuted;
    let names: Vec<String> = cells.iter().map(|c| format!("`{c}'`")).collect();
    entry.reason = Some(format!("these wait for each other: {}", names.join(", ")));
}

/// Not decided.
pub(super) fn undecided(entry: &mut Entry, reason: &str) {
    entry.verdict = Verdict::Unknown;
    entry.as_expected = false;
    entry.reason = Some(reason.to_owned());
}

/// Evidence that failed its own check.
pub(super) fn failed(entry: &mut Entry, reason: String) {
    undecided(entry, &reason);
    entry.evidence_failed = true;
}

/// Not decided, for the reason the decision gives.
pub(super) fn open(entry: &mut Entry, decision: &Decision) {
    match decision {
        Decision::Unknown { reason } => undecided(entry, reason),
        Decision::Failed { reason } => failed(entry, reason.clone()),
        Decision::Bounded { depth, .. } => {
            undecided(entry, &format!("nothing found in {depth} periods"));
        }
        Decision::Reached { .. } | Decision::Unreachable { .. } => {
            undecided(entry, "the question was not the one asked");
        }
    }
}

/// The decision where the spec leaves nothing that could go wrong.
pub(super) fn nothing_to_check() -> Decision {
    let certificate = Certificate {
        kind: "syntactic".to_owned(),
        checked: true,
        by: vec!["yamen".to_owned()],
        detail: Some("nothing in the spec can go wrong in this way".to_owned()),
        obligations: Vec::new(),
    };
    Decision::Unreachable { engine: "rewriting", certificate }
}

/// One entry for all cases: the worst of them, proved only if all are.
pub(super) fn merge(entries: Vec<Entry>) -> Entry {
    let cases = entries.len();
    let vacuous = entries.iter().all(|e| e.vacuous);
    let seconds = entries.iter().map(|e| e.seconds).sum();
    let as_expected = entries.iter().all(|e| e.as_expected);
    let obligations: Vec<Obligation> = if cases > 1 {
        let numbered = entries.iter().enumerate();
        numbered.flat_map(|(case, entry)| of_case(case + 1, entry)).collect()
    } else {
        Vec::new()
    };
    let worst = entries.into_iter().min_by_key(|e| (e.as_expected, rank(e.verdict)));
    let Some(mut entry) = worst else { return Entry::default() };
    if cases > 1 {
        entry.notes.push(format!("decided for each of {cases} parameter values"));
        if entry.verdict == Verdict::Proved {
            entry.params.clear();
            if let Some(certificate) = &mut entry.certificate {
                certificate.obligations = obligations;
            }
        }
    }
    entry.vacuous = vacuous && entry.verdict == Verdict::Proved;
    entry.seconds = seconds;
    entry.as_expected = as_expected;
    entry
}

/// The obligations of a case, named after it.
fn of_case(case: usize, entry: &Entry) -> Vec<Obligation> {
    let obligations = entry.certificate.iter().flat_map(|certificate| &certificate.obligations);
    obligations
        .map(|o| Obligation { name: format!("case-{case}-{}", o.name), ..o.clone() })
        .collect()
}

fn rank(verdict: Verdict) -> u32 {
    match verdict {
        Verdict::Refuted => 0,
        Verdict::Unknown => 1,
        Verdict::HoldsToDepth(_) => 2,
        Verdict::Proved => 3,
    }
}
