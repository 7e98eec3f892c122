//! What a proof needs: which rules, practices, assumptions and fairness.
//!
//! Each is left out in turn and the claim decided again. What the claim does not survive is *needed*. If
//! all that is needed, on its own, carries the proof, that is the answer. Else some of the rest can
//! stand in for each other, and leaving out one after another (deletion, as for minimal unsatisfiable
//! subsets: Chinneck and Dravnieks 1991) ends in a minimal set that does carry it.
//!
//! Rules do not act monotonically: without a rule more may go wrong, or less. So what is said is what a
//! reader can try: without one that is listed the claim is not proved any more, in the whole
//! institution or in that of the listed ones alone; without one that is not listed it still is. A
//! claim is not proved either where the rest has a defect.

use std::cell::Cell;
use std::time::{Duration, Instant};

use indexmap::IndexSet;
use itertools::Itertools;

use super::alone::decide_alone;
use super::cache;
use super::decide::Decision;
use super::endless::Endless;
use super::institution::{Investigation, STEP_KINDS};
use crate::engine::lanes::RACING;
use crate::engine::{Budget, Outcome};
use crate::report::outcome::{Entry, Needs, Verdict};
use crate::syntax::ast::RuleKind;
use crate::system::Problem;
use crate::system::property::{Asked, Beyond, Prepared, Question};
use crate::twin;
use crate::types::core::{Claim, ClaimKind, Expr, ExprKind, Model, Rule, Value};

/// How long all of it may take for one claim.
const PATIENCE: Duration = Duration::from_secs(2);
/// How long a claim about infinite runs may take without something that its proof may need.
const ENDLESS: Duration = Duration::from_secs(1);

/// Something that can be left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Part {
    Rule(usize),
    Assumption(usize),
    /// An assumption of the claim itself.
    Premise(usize),
    Fairness(usize),
}

/// The parts left out.
type Without = IndexSet<Part>;

/// The trials for one claim.
struct Trials<'a> {
    investigation: &'a Investigation<'a>,
    claim: usize,
    until: Instant,
    /// A trial was given up before it said anything: what is undecided then is not needed.
    hasty: Cell<bool>,
}

impl Investigation<'_> {
    /// Says what the proof of the nth claim needs.
    pub(super) fn needs(&self, n: usize, entry: &mut Entry) {
        let model = self.group.model();
        let Some(claim) = model.claims.get(n) else { return };
        let wanted = self.options.needs && entry.verdict == Verdict::Proved;
        if !wanted || entry.trace.is_some() {
            return;
        }
        let until = Instant::now() + PATIENCE;
        let trials = Trials { investigation: self, claim: n, until, hasty: Cell::new(false) };
        if trials.survives(&Without::new()) != Some(true) {
            // Of a fragment that is decided otherwise, or only just.
            return;
        }
        match trials.minimal(&parts(model, claim)) {
            Some((needed, others)) => say(entry, model, claim, &needed, &others),
            None => entry.notes.push("what the proof needs was not worked out in time".to_owned()),
        }
    }
}

impl Trials<'_> {
    /// What is needed, and what is needed only because nothing else of the rest is there.
    fn minimal(&self, parts: &[Part]) -> Option<(Vec<Part>, Vec<Part>)> {
        let mut needed = Vec::new();
        let mut spare = Without::new();
        for part in parts {
            if self.survives(&Without::from_iter([*part]))? {
                spare.insert(*part);
            } else {
                needed.push(*part);
            }
        }
        if spare.len() <= 1 || self.survives(&spare)? {
            return Some((needed, Vec::new()));
        }
        let mut without = Without::new();
        let mut others = Vec::new();
        for part in spare {
            without.insert(part);
            if !self.survives(&without)? {
                without.swap_remove(&part);
                others.push(part);
            }
        }
        Some((needed, others))
    }

    /// Whether the claim is proved without these; `None` when there is no more time.
    fn survives(&self, without: &Without) -> Option<bool> {
        for model in self.investigation.group.models() {
            if Instant::now() >= self.until || (self.investigation.cancel)() {
                return None;
            }
            let rest = remaining(model, self.claim, without);
            let mut prepared = Prepared::new(&rest);
            if !self.is_sound(&prepared) {
                // A defect that is not excluded before time is over need not be there.
                return (Instant::now() < self.until).then_some(false);
            }
            prepared.defect_free = true;
            self.learn_lemmas(&mut prepared);
            let claim = rest.claims.get(self.claim)?;
            if !self.is_proved(&prepared, claim) {
                return (Instant::now() < self.until && !self.hasty.get()).then_some(false);
            }
        }
        Some(true)
    }

    /// Without anything but assumptions there are only more first states, so those are not asked for.
    fn is_sound(&self, prepared: &Prepared<'_>) -> bool {
        prepared.elaborated.cycle.is_none()
            && prepared.defects(&STEP_KINDS).is_none_or(|problem| self.is_unreachable(&problem))
    }

    fn learn_lemmas(&self, prepared: &mut Prepared<'_>) {
        let model = prepared.model;
        let lemmas = model.claims.iter().take(self.claim).filter(|c| c.kind == ClaimKind::Lemma);
        for lemma in lemmas {
            if self.is_proved(prepared, lemma) {
                prepared.learn(lemma);
            }
        }
    }

    fn is_proved(&self, prepared: &Prepared<'_>, claim: &Claim) -> bool {
        match prepared.question(claim) {
            Question::Never(Asked { problem, fault }) => {
                fault.is_none_or(|fault| self.is_unreachable(&fault))
                    && (self.is_recalled(prepared.model, claim, &problem)
                        || self.is_unreachable(&problem))
            }
            Question::Forever(live) => {
                live.fault.as_ref().is_none_or(|fault| self.is_unreachable(fault))
                    && self.no_run(&Endless {
                        read: false,
                        ..self.investigation.endless(prepared, claim, &live)
                    })
            }
            Question::Beyond(Beyond::Knowledge) => self.is_known(prepared, claim),
            _ => false,
        }
    }

    /// No infinite run; where that is undecided when time is over, nothing is known.
    fn no_run(&self, question: &Endless<'_>) -> bool {
        let begun = Instant::now();
        let time = self.until.saturating_duration_since(begun).min(ENDLESS);
        match question.decide(time) {
            Decision::Unreachable { .. } => true,
            Decision::Reached { .. } => false,
            _ => {
                self.hasty.set(self.hasty.get() || begun.elapsed() >= time);
                false
            }
        }
    }

    /// The parts of a claim about knowledge, one after the other.
    fn is_known(&self, prepared: &Prepared<'_>, claim: &Claim) -> bool {
        let Ok(parts) = twin::questions(prepared.model, claim) else {
            return self.investigation.is_believed(prepared.model, claim, self.until);
        };
        parts.iter().all(|part| match part {
            twin::Question::Plain(part) => self.is_proved(prepared, part),
            twin::Question::Pairs(twin) => {
                let stable = |claim: &Claim| self.is_proved(prepared, claim);
                let both = Prepared::new(&twin.model);
                twin.stable.as_ref().is_none_or(stable) && self.is_proved(&both, &twin.claim)
            }
        })
    }

    /// Whether the proof of the whole institution's claim proves this as well.
    fn is_recalled(&self, model: &Model, claim: &Claim, problem: &Problem) -> bool {
        self.investigation.recalled.proves(model, claim, problem, self.budget())
    }

    fn budget(&self) -> Budget<'_> {
        let Investigation { cancel, options, .. } = self.investigation;
        Budget { cancel, deadline: Some(self.until), depth: None, seed: options.solver_seed() }
    }

    fn is_unreachable(&self, problem: &Problem) -> bool {
        let (investigation, budget) = (self.investigation, self.budget());
        // In a lane, which keeps its Z3 context: see `engine::lanes`.
        let cache = investigation.options.cache.as_deref();
        let decide = || decide_alone(problem, budget, &mut |_| {});
        let outcome = RACING.run(|| cache::alone(cache, problem, budget, decide));
        matches!(outcome, Some(Outcome::Unreachable(_)))
    }
}

fn parts(model: &Model, claim: &Claim) -> Vec<Part> {
    let rules = (0..model.rules.len()).map(Part::Rule);
    let assumptions = (0..model.assumes.len()).map(Part::Assumption);
    let premises = (0..claim.assumes.len()).map(Part::Premise);
    let fairness = (0..model.fairness.len()).map(Part::Fairness);
    rules.chain(assumptions).chain(premises).chain(fairness).collect()
}

/// The model without these: rules that never fire, hypotheses that say nothing.
fn remaining(model: &Model, n: usize, without: &Without) -> Model {
    let mut rest = model.clone();
    let is_out = |part: Part| without.contains(&part);
    for part in without {
        match *part {
            Part::Rule(n) => say_always(rest.rules.get_mut(n).map(|rule| &mut rule.guard), false),
            Part::Assumption(n) => {
                say_always(rest.assumes.get_mut(n).map(|assume| &mut assume.condition), true);
            }
            Part::Premise(_) | Part::Fairness(_) => {}
        }
    }
    if let Some(claim) = rest.claims.get_mut(n) {
        retain(&mut claim.assumes, |n| !is_out(Part::Premise(n)));
    }
    retain(&mut rest.fairness, |n| !is_out(Part::Fairness(n)));
    rest
}

fn retain<T>(list: &mut Vec<T>, keep: impl Fn(usize) -> bool) {
    let mut n = 0..;
    list.retain(|_| n.next().is_some_and(&keep));
}

/// Puts a truth value in a condition's place.
fn say_always(condition: Option<&mut Expr>, value: bool) {
    if let Some(condition) = condition {
        *condition.kind = ExprKind::Const(Value::Bool(value));
    }
}

/// Writes it into the entry.
fn say(entry: &mut Entry, model: &Model, claim: &Claim, needed: &[Part], others: &[Part]) {
    let mut needs = Needs::default();
    for (part, name) in named(model, claim, needed.iter().chain(others)) {
        let practice = |rule: &Rule| rule.kind == RuleKind::Practice;
        let list = match part {
            Part::Rule(n) if model.rules.get(n).is_some_and(practice) => &mut needs.practices,
            Part::Rule(_) => &mut needs.rules,
            Part::Assumption(n) if model.assumes.get(n).is_some_and(|a| a.practice.is_some()) => {
                &mut needs.practices
            }
            Part::Assumption(_) | Part::Premise(_) => &mut needs.assumptions,
            Part::Fairness(_) => &mut needs.fairness,
        };
        list.push(name.to_owned());
    }
    if !model.fairness.is_empty() && needs.fairness.is_empty() {
        entry.notes.push("holds without fairness".to_owned());
    }
    if !others.is_empty() {
        let names = named(model, claim, others.iter()).map(|(_, name)| format!("`{name}`"));
        entry.notes.push(format!("something else could stand in for {}", names.format(", ")));
    }
    entry.needs = Some(needs);
}

/// The parts with their names in the spec.
fn named<'a>(
    model: &'a Model,
    claim: &'a Claim,
    parts: impl Iterator<Item = &'a Part>,
) -> impl Iterator<Item = (Part, &'a str)> {
    parts.filter_map(|part| {
        let name = match *part {
            Part::Rule(n) => &model.rules.get(n)?.name,
            Part::Assumption(n) => &model.assumes.get(n)?.name,
            Part::Premise(n) => &claim.assumes.get(n)?.name,
            Part::Fairness(n) => &model.fairness.get(n)?.name,
        };
        Some((*part, name.as_str()))
    })
}
