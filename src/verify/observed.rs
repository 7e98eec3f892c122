//! A certificate for claims of knowledge that belief sets prove.
//!
//! The belief sets become observers ([`crate::twin::observed`] says why that is right, and what has to be shown).
//! For each observer: that its table never says too much is an ordinary claim about the observed model, that it
//! never says too little are facts about single steps. The claim itself, with each piece of knowledge looked
//! up, is an ordinary claim about the model with all its observers. All of it is decided, checked again and
//! written down as other claims are; the search by which the belief sets were found is believed in nothing.

mod grown;

use std::time::Instant;

use self::grown::{Grown, all, always, either_way, truth};
use super::Options;
use super::decide::Decision;
use super::institution::Investigation;
use crate::engine::Budget;
use crate::evidence::recheck::{Check, recheck_worlds};
use crate::evidence::scripts::{self, Obligation};
use crate::evidence::worlds::{Facts, Worlds};
use crate::interp::explicit::beliefs::atlas::Stop;
use crate::interp::explicit::beliefs::claim::{Post, written_out};
use crate::interp::explicit::beliefs::contexts::sights;
use crate::interp::explicit::beliefs::observer::{Followed, Reasons, follow};
use crate::interp::explicit::cases::Cases;
use crate::interp::explicit::{Limits, parameters_hold};
use crate::interp::replay::{Goal, refuted_by};
use crate::interp::step::Interpreter;
use crate::report::outcome::{Certificate, Entry, Verdict};
use crate::system::Problem;
use crate::system::property::{Beyond, Prepared, Question};
use crate::twin::observed::slice::sliced;
use crate::twin::observed::{Machine, observe, see};
use crate::types::core::{Claim, Expr, ExprKind, Model, Set, Value};

/// The kind of these certificates.
const KIND: &str = "observers";
/// Most states in all belief sets of an observer together.
const LARGEST: usize = 200_000;
/// Most valuations of parameters, each of which needs observers of its own.
const CASES: u64 = 64;

/// Why there is no certificate.
pub(super) enum Missing {
    /// It was not found or is not looked for, and why.
    Because(String),
    /// Another engine contradicts the search.
    Contradicted(String),
}

impl From<String> for Missing {
    fn from(reason: String) -> Missing {
        Missing::Because(reason)
    }
}

impl From<Stop> for Missing {
    fn from(stop: Stop) -> Missing {
        match stop {
            Stop::Because(reason) => Missing::Because(reason),
            Stop::Over => Missing::Because("out of time, or interrupted".to_owned()),
        }
    }
}

/// What was shown so far.
#[derive(Default)]
struct Shown {
    obligations: Vec<Obligation>,
    /// Names of what is shown now come behind this.
    prefix: String,
    observers: usize,
    states: usize,
    facts: Vec<String>,
}

impl Shown {
    fn add(&mut self, name: &str, obligations: Vec<Obligation>) {
        let prefix = &self.prefix;
        let named = obligations.into_iter();
        let named = named.map(|o| Obligation { name: format!("{prefix}{name}-{}", o.name), ..o });
        self.obligations.extend(named);
    }
}

impl Investigation<'_> {
    /// Shows a claim that belief sets prove in a way that others can check.
    pub(super) fn by_observers(
        &self,
        prepared: &Prepared<'_>,
        claim: &Claim,
    ) -> Result<Certificate, Missing> {
        let options =
            Options { certificates: true, needs: false, neighbours: None, ..self.options.clone() };
        let short_of_time = self.options.neighbours.is_some() || options.search_suffices;
        if options.engine.is_some() || options.depth.is_some() || short_of_time {
            return Err(Missing::Because("it was not asked for".to_owned()));
        }
        let short = Investigation { options: &options, ..*self };
        let cases = Cases::of(prepared.model)?;
        if cases.count > CASES {
            return Err(Missing::Because("there are too many valuations of parameters".to_owned()));
        }
        let (mut case, mut shown) = (prepared.model.clone(), Shown::default());
        for number in 0..cases.count {
            cases.give(number, &mut case);
            if cases.count > 1 {
                shown.prefix = format!("case-{number}-");
            }
            short.case(&case, prepared.defect_free, claim, &mut shown)?;
        }
        if !self.options.certificates {
            shown.obligations.clear();
        }
        Ok(certificate(shown))
    }

    /// The claim at given parameters.
    fn case(
        &self,
        model: &Model,
        defect_free: bool,
        claim: &Claim,
        shown: &mut Shown,
    ) -> Result<(), Missing> {
        let interpreter = Interpreter::assuming(model, &claim.assumes);
        let params: Vec<Value> = model.params.iter().filter_map(|p| p.value.clone()).collect();
        if !parameters_hold(&interpreter, &params) {
            return Ok(());
        }
        let written = written_out(&interpreter, &params, &refuted_by(&claim.property))
            .map_err(|unsupported| unsupported.fragment.to_owned())?;
        let mut grown = Grown::new(model, claim, defect_free, &written);
        for who in grown.posts()? {
            self.observer(&mut grown, who, shown)?;
        }
        let claim = grown.asked(grown.looked_up(&written.property)?);
        let (model, _) = sliced(&grown.model, std::slice::from_ref(&claim.property));
        self.ordinary(&model, defect_free, &claim, ("claim", shown))
    }

    /// An observer of what a post knows, nested so deep.
    fn observer(
        &self,
        grown: &mut Grown<'_>,
        who: (usize, Post),
        shown: &mut Shown,
    ) -> Result<(), Missing> {
        let name = format!("observer-{}", shown.observers + 1);
        let (sees, numbers) = (sights(&grown.model, who.1), grown.known(who)?);
        let bodies = grown.bodies(&numbers)?;
        self.has_values(grown, &sees, &bodies, (&name, shown))?;
        let bodies = grown.of_one_period(&bodies)?;
        let kept: Vec<Expr> = sees.iter().chain(&bodies).cloned().collect();
        let (mut stage, held) = sliced(&grown.model, &kept);
        let deadline = Instant::now() + self.options.timeout;
        let limits = Limits { max_states: LARGEST, ..self.limits(grown.defect_free, deadline) };
        let followed = follow(&stage, (&sees, &bodies), &held, &limits)?;
        let (machine, span) = (machine(&followed), grown.claim.span);
        let mut seeing = stage.clone();
        see(&mut seeing, &sees, &machine, span);
        self.facts(&seeing, grown, (&machine, &bodies), followed.reasons, (&name, shown))?;
        let observer = observe(&mut stage, &sees, &machine, span);
        let claim = grown.asked(always(observer.is_right(&bodies)));
        self.ordinary(&stage, grown.defect_free, &claim, (&name, shown))?;
        let observer = observe(&mut grown.model, &sees, &machine, span);
        for (number, known) in numbers.iter().zip(observer.known) {
            if let Some(table) = grown.tables.get_mut(*number) {
                *table = Some(known);
            }
        }
        shown.observers += 1;
        shown.states += machine.after.len();
        Ok(())
    }

    /// That all that a judge sees, and what it may know, has a value in every period.
    fn has_values(
        &self,
        grown: &Grown<'_>,
        sees: &[Expr],
        bodies: &[Expr],
        (name, shown): (&str, &mut Shown),
    ) -> Result<(), Missing> {
        let same = |e: &Expr| {
            let set = Set::Elements(vec![e.clone()]);
            truth(ExprKind::In(e.clone(), set), e.span)
        };
        let parts = sees.iter().map(same).chain(bodies.iter().cloned().map(either_way));
        let claim = grown.asked(always(all(parts, grown.claim.span)));
        let (model, _) = sliced(&grown.model, std::slice::from_ref(&claim.property));
        let mut prepared = Prepared::new(&model);
        prepared.defect_free = grown.defect_free;
        let fault = match prepared.question(&claim) {
            Question::Never(asked) => asked.fault,
            _ => return Err("what is known is of no fragment that is decided".to_owned().into()),
        };
        self.valued(&prepared, fault.as_ref(), (&format!("{name}-value"), shown))
    }

    /// That a fault cannot be reached.
    fn valued(
        &self,
        prepared: &Prepared<'_>,
        fault: Option<&Problem>,
        (name, shown): (&str, &mut Shown),
    ) -> Result<(), Missing> {
        let Some(fault) = fault else { return Ok(()) };
        let decision = self.inquiry(prepared, fault, None, Goal::Run).decide();
        match decision {
            Decision::Reached { .. } => Err("something has no value".to_owned().into()),
            other => decided(other, name, shown),
        }
    }

    /// A claim without knowledge.
    fn ordinary(
        &self,
        model: &Model,
        defect_free: bool,
        claim: &Claim,
        (name, shown): (&str, &mut Shown),
    ) -> Result<(), Missing> {
        let mut prepared = Prepared::new(model);
        prepared.defect_free = defect_free;
        let value = format!("{name}-value");
        match prepared.question(claim) {
            Question::Never(asked) => {
                self.valued(&prepared, asked.fault.as_ref(), (&value, shown))?;
                let goal = Goal::Claim(claim);
                let inquiry = self.inquiry(&prepared, &asked.problem, None, goal);
                decided(inquiry.decide(), name, shown)
            }
            Question::Forever(live) => {
                self.valued(&prepared, live.fault.as_ref(), (&value, shown))?;
                let endless = self.endless(&prepared, claim, &live);
                decided(endless.decide(self.options.timeout), name, shown)
            }
            Question::Beyond(Beyond::Branching) => {
                let mut entry = Entry::default();
                self.stays(&prepared, claim, &mut entry);
                stayed(entry, name, shown)
            }
            _ => Err("with observers it is of no fragment that is decided".to_owned().into()),
        }
    }

    /// What is not known, world by world.
    fn facts(
        &self,
        seeing: &Model,
        grown: &Grown<'_>,
        (machine, bodies): (&Machine, &[Expr]),
        reasons: Reasons,
        (name, shown): (&str, &mut Shown),
    ) -> Result<(), Missing> {
        let mut prepared = Prepared::new(seeing);
        prepared.defect_free = grown.defect_free;
        let mut fails = Vec::new();
        for body in bodies {
            match prepared.question(&grown.asked(always(body.clone()))) {
                Question::Never(asked) => fails.push(asked.problem),
                _ => return Err("what is known is no question of one period".to_owned().into()),
            }
        }
        let problem = prepared.first_state();
        let worlds =
            Worlds { worlds: reasons.worlds, before: reasons.before, lacks: reasons.lacks };
        let facts = Facts { problem: &problem, fails: &fails, machine, worlds: &worlds };
        let deadline = Some(Instant::now() + self.options.timeout);
        let budget = Budget { cancel: self.cancel, deadline, depth: None, seed: 1 };
        match recheck_worlds(&facts, budget) {
            Check::Holds(how) => shown.facts.push(how),
            Check::Fails(place) => return Err(Missing::Contradicted(place)),
            Check::Open(reason) => return Err(format!("not checked again: {reason}").into()),
            Check::NotApplicable => return Err("its worlds cannot be checked".to_owned().into()),
        }
        shown.add(&format!("{name}-worlds"), scripts::of_worlds(&facts));
        Ok(())
    }
}

fn machine(followed: &Followed) -> Machine {
    Machine {
        views: followed.views.clone(),
        after: followed.after.clone(),
        first: 0,
        known: followed.known.clone(),
    }
}

/// What came of a question without knowledge.
fn decided(decision: Decision, name: &str, shown: &mut Shown) -> Result<(), Missing> {
    match decision {
        Decision::Unreachable { certificate, .. } if certificate.checked => {
            shown.add(name, certificate.obligations);
            Ok(())
        }
        Decision::Unreachable { certificate, .. } => {
            let detail = certificate.detail.unwrap_or(certificate.kind);
            Err(Missing::Because(format!("{name}: {detail}")))
        }
        Decision::Reached { engine, .. } => {
            Err(Missing::Contradicted(format!("{name}: `{engine}` finds a run that refutes it")))
        }
        Decision::Failed { reason } => Err(Missing::Contradicted(reason)),
        Decision::Unknown { reason } => Err(Missing::Because(format!("{name}: {reason}"))),
        Decision::Bounded { depth, .. } => {
            Err(Missing::Because(format!("{name}: only shown for {depth} periods")))
        }
    }
}

/// What came of a claim that something stays possible.
fn stayed(entry: Entry, name: &str, shown: &mut Shown) -> Result<(), Missing> {
    match (entry.verdict, entry.certificate) {
        (Verdict::Proved, Some(certificate)) if certificate.checked => {
            shown.add(name, certificate.obligations);
            Ok(())
        }
        (Verdict::Refuted, _) => Err(Missing::Contradicted(format!("{name} is refuted"))),
        (_, _) => {
            let reason = entry.reason.unwrap_or_else(|| "nothing was decided".to_owned());
            Err(Missing::Because(format!("{name}: {reason}")))
        }
    }
}

fn certificate(shown: Shown) -> Certificate {
    let Shown { observers, states, facts, obligations, .. } = shown;
    let facts = facts.join(", ");
    Certificate {
        kind: KIND.to_owned(),
        checked: true,
        by: vec!["z3".to_owned()],
        detail: Some(format!("{observers} observers with {states} states; {facts}")),
        obligations,
    }
}
