//! One institution: obligations first, then lemmas, scenarios and claims.
//!
//! A proof is reported only where the obligations hold: in a model without
//! first states, or one that gets stuck, everything is true of the runs that do
//! not exist. Refutations stand on their own replayed run.

use std::sync::OnceLock;
use std::time::Instant;

use super::cases::Group;
use super::decide::{Decision, Inquiry};
use super::entries::{self, merge};
use super::expectation::{Expectation, expectation, met, narrowed};
use super::recalled::Recalled;
use super::{Options, counts, solved, statics, traces};
use crate::interp::explicit::Question as Explicit;
use crate::interp::replay::Goal;
use crate::report::events::Events;
use crate::report::outcome::{Entry, EntryKind, Premise, Report, Verdict};
use crate::syntax::ast::Expected;
use crate::syntax::source::SourceMap;
use crate::system::Problem;
use crate::system::property::{Asked, Beyond, Prepared, Question};
use crate::types::core::{Claim, ClaimKind, Expr, ExprKind, Model, Type, Value};
use crate::types::defect::DefectKind;
use crate::types::visit::speaks_of_knowledge;

/// Defects of steps: everything but the first state and cycles, which are looked at on their own.
pub(super) const STEP_KINDS: [DefectKind; 5] = [
    DefectKind::StuckPeriod,
    DefectKind::ContradictoryWrites,
    DefectKind::RangeOverrun,
    DefectKind::DivisionByZero,
    DefectKind::BadIndex,
];

/// The work on one institution.
pub(super) struct Investigation<'a> {
    pub(super) sources: &'a SourceMap,
    pub(super) group: &'a Group,
    pub(super) options: &'a Options,
    pub(super) events: &'a dyn Events,
    pub(super) cancel: &'a (dyn Fn() -> bool + Sync),
    /// Proofs so far.
    pub(super) recalled: &'a Recalled,
}

/// A case with what its obligations came to.
struct Case<'a> {
    prepared: Prepared<'a>,
    /// Why no proof counts, if so.
    unsound: Option<String>,
}

/// Why nothing is decided where cells wait for each other.
const CYCLE: &str = "the reads form a cycle";

impl Investigation<'_> {
    /// Decides everything and adds it to the report.
    pub(super) fn run(&self, report: &mut Report) {
        let mut cases: Vec<Case<'_>> = Vec::new();
        let mut obligations: Vec<Vec<Entry>> = Vec::new();
        for model in self.group.models() {
            let mut prepared = Prepared::new(model);
            let entries = self.obligations(&prepared);
            let unsound = counts::unsound(&entries);
            prepared.defect_free = unsound.is_none();
            cases.push(Case { prepared, unsound });
            obligations.push(entries);
        }
        for n in 0..DefectKind::ALL.len() {
            let kind = obligations.iter().filter_map(|entries| entries.get(n).cloned()).collect();
            self.file_obligation(merge(kind), report);
        }
        let wanted = self.group.wanted(self.options);
        let (lemmas, others): (Vec<usize>, Vec<usize>) =
            wanted.into_iter().partition(|n| self.is_lemma(*n));
        for n in lemmas.into_iter().chain(others) {
            if (self.cancel)() {
                return;
            }
            let entries = cases.iter_mut().map(|case| self.claim(case, n)).collect();
            let mut entry = merge(entries);
            self.needs(n, &mut entry);
            self.events.claim_decided(&entry);
            report.entries.push(entry);
        }
    }

    fn is_lemma(&self, n: usize) -> bool {
        self.group.model().claims.get(n).is_some_and(|claim| claim.kind == ClaimKind::Lemma)
    }

    fn file_obligation(&self, entry: Entry, report: &mut Report) {
        if entry.verdict == Verdict::Proved {
            self.events.obligation_holds(&entry);
            report.obligations.push(entry);
        } else {
            self.events.claim_decided(&entry);
            report.entries.push(entry);
        }
    }

    /// One entry for each kind of defect, in the order of [`DefectKind::ALL`].
    fn obligations(&self, prepared: &Prepared<'_>) -> Vec<Entry> {
        let start = Instant::now();
        let mut entries: Vec<Entry> = DefectKind::ALL
            .iter()
            .map(|kind| entries::obligation(self.sources, prepared.model, *kind))
            .collect();
        let all_clear = match &prepared.elaborated.cycle {
            Some(_) => None,
            None => self.no_defect(prepared),
        };
        for (kind, entry) in DefectKind::ALL.into_iter().zip(&mut entries) {
            match (kind, &prepared.elaborated.cycle, &all_clear) {
                (DefectKind::CyclicRead, Some(cells), _) => entries::cyclic(entry, cells),
                (DefectKind::CyclicRead, None, _) => entries::holds(entry, "order of reads"),
                (_, Some(_), _) => entries::undecided(entry, CYCLE),
                (DefectKind::InitialState, ..) => self.first_state(prepared, entry),
                (_, _, Some(decision)) => entries::absence(entry, decision),
                (_, _, None) => self.defect(prepared, kind, entry),
            }
            entry.seconds = start.elapsed().as_secs_f64();
        }
        entries
    }

    /// That no step is defective and no period stuck, if one question settles it.
    fn no_defect(&self, prepared: &Prepared<'_>) -> Option<Decision> {
        let Some(problem) = prepared.defects(&STEP_KINDS) else {
            return Some(entries::nothing_to_check());
        };
        self.inquiry(prepared, &problem, Some(Explicit::Defects), Goal::Run).excluded()
    }

    fn first_state(&self, prepared: &Prepared<'_>, entry: &mut Entry) {
        let problem = prepared.first_state();
        let any = Expr {
            kind: Box::new(ExprKind::Const(Value::Bool(true))),
            ty: Type::Bool,
            span: prepared.model.span,
        };
        // Any engine shows it at once; in turns the search costs least.
        let explicit = self.options.neighbours.as_ref().map(|_| Explicit::Reach(&any));
        match self.inquiry(prepared, &problem, explicit, Goal::Run).decide() {
            Decision::Reached { engine, .. } => entries::holds(entry, engine),
            Decision::Unreachable { .. } | Decision::Bounded { .. } => {
                entry.verdict = Verdict::Refuted;
                entry.reason = Some(DefectKind::InitialState.description().to_owned());
            }
            other => entries::open(entry, &other),
        }
    }

    fn defect(&self, prepared: &Prepared<'_>, kind: DefectKind, entry: &mut Entry) {
        let Some(problem) = prepared.defects(&[kind]) else {
            return entries::absence(entry, &entries::nothing_to_check());
        };
        let inquiry =
            self.inquiry(prepared, &problem, Some(Explicit::Defect(kind)), Goal::Defect(kind));
        match inquiry.decide() {
            Decision::Reached { engine, run } => {
                entry.verdict = Verdict::Refuted;
                entry.engine = Some(engine.to_owned());
                let found = run.defects.iter().find(|d| d.kind == kind);
                entry.reason =
                    Some(found.map_or_else(|| kind.description().to_owned(), |d| d.text.clone()));
                if let Some(defect) = found {
                    entries::place(entry, self.sources, defect.span);
                }
                entry.params = traces::params(prepared.model, &run.trace.params);
                entry.trace = Some(traces::report(prepared.model, &run));
            }
            Decision::Failed { reason } => entries::failed(entry, reason),
            other => entries::absence(entry, &other),
        }
    }

    fn claim(&self, case: &mut Case<'_>, n: usize) -> Entry {
        let start = Instant::now();
        let model = case.prepared.model;
        let Some(claim) = model.claims.get(n) else { return Entry::default() };
        self.events.claim_started(&model.name, &claim.name);
        let mut entry = entries::claim(self.sources, model, claim);
        match &case.prepared.elaborated.cycle {
            Some(_) => entries::undecided(&mut entry, CYCLE),
            None => self.answer(case, claim, &mut entry),
        }
        if let Some(reason) = &case.unsound
            && counts::rests_on_all_runs(&entry)
        {
            entries::undecided(&mut entry, reason);
        }
        if entry.verdict == Verdict::Proved && !claim.asks_for_one() {
            entry.for_all = entries::for_all(self.sources, model);
        }
        let has_own_certificate = claim.kind == ClaimKind::Lemma;
        if entry.verdict == Verdict::Proved && (has_own_certificate || !self.options.certificates) {
            // Whatever was proved of every state helps with what comes after it.
            case.prepared.learn(claim);
        }
        entry.seconds = start.elapsed().as_secs_f64();
        entry
    }

    fn answer(&self, case: &Case<'_>, claim: &Claim, entry: &mut Entry) {
        let prepared = &case.prepared;
        let mut witness = fixed(prepared.model);
        match prepared.question(claim) {
            Question::Beyond(Beyond::Branching)
                if !speaks_of_knowledge(prepared.model, &claim.property) =>
            {
                witness = self.stays(prepared, claim, entry).or(witness);
            }
            Question::Beyond(Beyond::Strategy) => {
                witness = self.force(prepared, claim, entry).or(witness);
            }
            Question::Beyond(Beyond::Knowledge | Beyond::Branching) => {
                witness = self.known(prepared, claim, entry).or(witness);
            }
            Question::Beyond(Beyond::Incentives) => {
                witness = self.deviations(prepared, claim, entry).or(witness);
            }
            Question::Beyond(beyond) => entries::undecided(entry, beyond_reason(beyond)),
            Question::Forever(live) => {
                witness = self.forever(prepared, claim, &live, entry).or(witness);
            }
            Question::Static(asked) => {
                witness = statics::decide(self, prepared, claim, &asked, entry).or(witness);
                solved::region(self, prepared, claim, entry);
            }
            Question::Never(asked) => {
                if let Some(params) = self.never(prepared, claim, &asked, entry) {
                    witness = Some(params);
                }
            }
            Question::Reach(asked) => {
                if let Some(params) = self.reach(prepared, claim, &asked, entry) {
                    witness = Some(params);
                }
            }
        }
        self.expect(case, claim, witness.as_deref(), entry);
    }

    /// A universal claim; returns the parameters of a refutation.
    fn never(
        &self,
        prepared: &Prepared<'_>,
        claim: &Claim,
        asked: &Asked,
        entry: &mut Entry,
    ) -> Option<Vec<Value>> {
        if !self.has_value(prepared, asked.fault.as_ref(), entry) {
            return None;
        }
        let explicit = Some(Explicit::Claim(claim));
        let inquiry = self.inquiry(prepared, &asked.problem, explicit, Goal::Claim(claim));
        let params = entries::universal(entry, prepared.model, claim, inquiry.decide());
        if entry.verdict == Verdict::Proved {
            self.says_something(prepared, claim, entry);
            self.is_not_clipped(prepared, claim, entry);
        }
        params
    }

    /// A scenario or `possible`; returns the parameters of the run.
    pub(super) fn reach(
        &self,
        prepared: &Prepared<'_>,
        claim: &Claim,
        asked: &Asked,
        entry: &mut Entry,
    ) -> Option<Vec<Value>> {
        if !self.has_value(prepared, asked.fault.as_ref(), entry) {
            return None;
        }
        let explicit = Some(Explicit::Claim(claim));
        match self.inquiry(prepared, &asked.problem, explicit, Goal::Claim(claim)).decide() {
            Decision::Reached { engine, run } => {
                entries::decided(entry, engine, prepared.model, claim, &run);
                entry.verdict = Verdict::Proved;
                self.everywhere(prepared, claim, asked, run.trace.params.clone(), entry)
            }
            Decision::Unreachable { engine, certificate } => {
                entry.verdict = Verdict::Refuted;
                entry.engine = Some(engine.to_owned());
                entry.certificate = Some(certificate);
                entry.reason = Some("no run reaches it".to_owned());
                None
            }
            Decision::Bounded { depth, .. } => {
                entry.depth = Some(depth);
                entries::undecided(entry, &format!("no run reaches it in {depth} periods"));
                None
            }
            Decision::Failed { reason } => {
                entries::failed(entry, reason);
                None
            }
            other => {
                entries::open(entry, &other);
                None
            }
        }
    }

    /// Whether the property can be evaluated in every period that matters.
    pub(super) fn has_value(
        &self,
        prepared: &Prepared<'_>,
        fault: Option<&Problem>,
        entry: &mut Entry,
    ) -> bool {
        let Some(fault) = fault else { return true };
        match self.inquiry(prepared, fault, None, Goal::Run).decide() {
            Decision::Unreachable { .. } => true,
            Decision::Reached { run, .. } => {
                let reason = format!(
                    "the property has no value in period {}: it divides by zero or uses a bad index",
                    run.trace.periods.len().saturating_sub(1)
                );
                entries::undecided(entry, &reason);
                entry.trace = Some(traces::report(prepared.model, &run));
                false
            }
            other => {
                entries::open(entry, &other);
                false
            }
        }
    }

    /// Vacuity: can the premise occur?
    pub(super) fn says_something(&self, prepared: &Prepared<'_>, claim: &Claim, entry: &mut Entry) {
        let Some((premise, problem)) = prepared.premise(claim) else { return };
        let explicit = claim.assumes.is_empty().then_some(Explicit::Reach(&premise));
        let inquiry = self.inquiry(prepared, &problem, explicit, Goal::Reach(&premise));
        let found = match inquiry.decide() {
            Decision::Reached { .. } => Premise::CanOccur,
            Decision::Unreachable { .. } => Premise::CannotOccur,
            _ => Premise::NotShown,
        };
        entry.premise = Some(found);
        entry.vacuous = found == Premise::CannotOccur;
    }

    /// Compares the verdict with what is expected.
    fn expect(&self, case: &Case<'_>, claim: &Claim, params: Option<&[Value]>, entry: &mut Entry) {
        match expectation(case.prepared.model, claim, params) {
            Expectation::Depends => self.expect_by_region(case, claim, entry),
            stated => {
                if let Expectation::Stated(expected) = stated {
                    entry.expected = Some(expected);
                }
                entry.as_expected = met(entry, stated);
                let symbolic = fixed(case.prepared.model).is_none();
                if entry.as_expected && symbolic && entry.verdict == Verdict::Refuted {
                    self.refuted_only_outside(case, claim, entry);
                }
            }
        }
    }

    /// Proved for all parameters, expected only for some: as expected iff those are all.
    fn expect_by_region(&self, case: &Case<'_>, claim: &Claim, entry: &mut Entry) {
        let Some(when) = claim.expect.as_ref().and_then(|e| e.when.as_ref()) else { return };
        entry.expected = Some(Expected::Proved);
        if entry.verdict != Verdict::Proved {
            entry.as_expected = false;
            return;
        }
        let everywhere = statics::holds_for_all(self, &case.prepared, when);
        entry.as_expected = everywhere == Some(true) && !entry.vacuous;
        if everywhere == Some(false) {
            entry.notes.push(
                "proved for all parameters, also where the expectation says refuted".to_owned(),
            );
        }
    }

    /// Refuted at parameters where that is expected: it must be proved where a proof is.
    fn refuted_only_outside(&self, case: &Case<'_>, claim: &Claim, entry: &mut Entry) {
        let Some(expect) = &claim.expect else { return };
        let (Some(when), Expected::Proved) = (&expect.when, expect.verdict) else { return };
        let narrowed = narrowed(claim, when);
        let mut inside = entries::claim(self.sources, case.prepared.model, &narrowed);
        match case.prepared.question(&narrowed) {
            Question::Never(asked) => {
                self.never(&case.prepared, &narrowed, &asked, &mut inside);
            }
            Question::Forever(live) => {
                self.forever_in_short(&case.prepared, &narrowed, &live, &mut inside);
            }
            Question::Reach(asked) => {
                self.reach(&case.prepared, &narrowed, &asked, &mut inside);
            }
            Question::Beyond(Beyond::Branching)
                if !speaks_of_knowledge(case.prepared.model, &claim.property) =>
            {
                self.stays(&case.prepared, &narrowed, &mut inside);
            }
            Question::Beyond(Beyond::Strategy) => {
                self.force(&case.prepared, &narrowed, &mut inside);
            }
            Question::Beyond(Beyond::Incentives) => {
                self.deviations(&case.prepared, &narrowed, &mut inside);
            }
            Question::Beyond(Beyond::Knowledge | Beyond::Branching) => {
                self.known(&case.prepared, &narrowed, &mut inside);
            }
            Question::Static(asked) => {
                statics::decide(self, &case.prepared, &narrowed, &asked, &mut inside);
            }
            _ => return,
        }
        let words = self.sources.text(when.span);
        match inside.verdict {
            Verdict::Proved => entry.notes.push(format!("proved where {words}")),
            other => {
                entry.as_expected = false;
                entry
                    .notes
                    .push(format!("expected proved where {words}, but it is {}", other.word()));
                entry.trace = inside.trace.or(entry.trace.take());
            }
        }
    }

    /// A question to the engines.
    pub(super) fn inquiry<'b>(
        &'b self,
        prepared: &'b Prepared<'b>,
        problem: &'b Problem,
        explicit: Option<Explicit<'b>>,
        goal: Goal<'b>,
    ) -> Inquiry<'b> {
        Inquiry {
            prepared,
            problem,
            explicit,
            goal,
            options: self.options,
            events: self.events,
            cancel: self.cancel,
            recalled: self.recalled,
            cone: OnceLock::new(),
        }
    }
}

/// The values of all parameters, if none was left symbolic.
fn fixed(model: &Model) -> Option<Vec<Value>> {
    model.params.iter().map(|p| p.value.clone()).collect()
}

fn beyond_reason(beyond: Beyond) -> &'static str {
    match beyond {
        Beyond::Temporal => {
            "temporal claim about infinite runs: not decided by this version, which decides \
             safety claims"
        }
        Beyond::Branching => {
            "claim about what stays possible from every state: not decided by this version"
        }
        Beyond::Knowledge => "claim about knowledge or detection: not decided by this version",
        Beyond::Strategy => "claim about what a coalition can force: not decided by this version",
        Beyond::Incentives => "claim about what pays: not decided by this version",
    }
}

/// Whether entries of this kind are claims in the sense of the exit code.
pub(super) fn entry_kind(kind: ClaimKind) -> EntryKind {
    match kind {
        ClaimKind::Claim => EntryKind::Claim,
        ClaimKind::Scenario => EntryKind::Scenario,
        ClaimKind::Lemma => EntryKind::Lemma,
    }
}
