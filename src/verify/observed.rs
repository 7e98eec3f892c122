//! A certificate for claims of knowledge that belief sets prove.
//!
//! The belief sets become observers ([`crate::twin::observed`] says why that is right, and what has to be shown).
//! For each observer: that its table never says too much is an ordinary claim about the observed model, that it
//! never says too little are facts about single steps. The claim itself, with each piece of knowledge looked
//! up, is an ordinary claim about the model with all its observers. All of it is decided, checked again and
//! written down as other claims are; the search by which the belief sets were found is believed in nothing.

use std::time::{Duration, Instant};

use super::Options;
use super::decide::Decision;
use super::institution::Investigation;
use crate::engine::Budget;
use crate::evidence::recheck::{Check, recheck_worlds};
use crate::evidence::scripts::{self, Obligation};
use crate::evidence::worlds::{Facts, Worlds};
use crate::interp::explicit::beliefs::atlas::Stop;
use crate::interp::explicit::beliefs::claim::{Epistemic, Knowing, Post, written_out};
use crate::interp::explicit::beliefs::contexts::sights;
use crate::interp::explicit::beliefs::observer::{Followed, Reasons, follow};
use crate::interp::explicit::cases::Cases;
use crate::interp::explicit::{Limits, parameters_hold};
use crate::interp::replay::{Goal, refuted_by};
use crate::interp::step::Interpreter;
use crate::report::outcome::{Certificate, Entry, Verdict};
use crate::syntax::ast::InputKind;
use crate::syntax::source::Span;
use crate::system::Problem;
use crate::system::property::{Beyond, Prepared, Question};
use crate::twin::observed::past::remembered;
use crate::twin::observed::slice::sliced;
use crate::twin::observed::{Machine, observe};
use crate::types::core::{
    Binary, Claim, Expr, ExprKind, Input, InputId, Model, Property, Set, Type, Unary, Value,
};
use crate::types::visit::{rewrite_all, walk};

/// The kind of these certificates.
const KIND: &str = "observers";
/// Time for each thing that has to be shown.
const SHOWN: Duration = Duration::from_secs(20);
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

/// A model that grows by its observers.
struct Grown<'a> {
    model: Model,
    defect_free: bool,
    written: &'a Epistemic,
    /// What stands for each piece of knowledge, once there is an observer of it.
    tables: Vec<Option<Expr>>,
    /// The claim, without hypotheses of its own: they are the model's now.
    claim: Claim,
}

impl Investigation<'_> {
    /// Shows a claim that belief sets prove in a way that others can check.
    pub(super) fn by_observers(
        &self,
        prepared: &Prepared<'_>,
        claim: &Claim,
    ) -> Result<Certificate, Missing> {
        let options = Options {
            certificates: true,
            needs: false,
            neighbours: None,
            timeout: self.options.timeout.min(SHOWN),
            ..self.options.clone()
        };
        if options.engine.is_some() || options.depth.is_some() || options.search_suffices {
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
        let observer = observe(&mut stage, &sees, &machine, span);
        let claim = grown.asked(always(observer.is_right(&bodies)));
        self.ordinary(&stage, grown.defect_free, &claim, (&name, shown))?;
        self.facts(&stage, grown, (&machine, &bodies), followed.reasons, (&name, shown))?;
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
        stage: &Model,
        grown: &Grown<'_>,
        (machine, bodies): (&Machine, &[Expr]),
        reasons: Reasons,
        (name, shown): (&str, &mut Shown),
    ) -> Result<(), Missing> {
        let mut prepared = Prepared::new(stage);
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
            Check::NotApplicable => {}
        }
        shown.add(&format!("{name}-worlds"), scripts::of_worlds(&facts));
        Ok(())
    }
}

impl<'a> Grown<'a> {
    fn new(model: &Model, claim: &Claim, defect_free: bool, written: &'a Epistemic) -> Grown<'a> {
        let mut model = model.clone();
        model.assumes.extend(claim.assumes.iter().cloned());
        model.claims.clear();
        model.payoffs.clear();
        let claim = Claim { assumes: Vec::new(), expect: None, ..claim.clone() };
        let mut grown = Grown { model, defect_free, written, tables: Vec::new(), claim };
        for knowing in &written.known {
            let table = grown.by_nobody(knowing);
            grown.tables.push(table);
        }
        grown
    }

    /// Where there is no such post, nothing is said of what it knows: anything may be so.
    fn by_nobody(&mut self, knowing: &Knowing) -> Option<Expr> {
        if knowing.judge.is_some() {
            return None;
        }
        let number = self.model.inputs.len();
        self.model.inputs.push(Input {
            name: format!("nobody{number}~"),
            kind: InputKind::Env,
            index: Vec::new(),
            ty: Type::Bool,
            binders: Vec::new(),
            owner: None,
            when: None,
            condition: None,
            otherwise: None,
            doc: None,
            span: self.claim.span,
        });
        let input = InputId(u32::try_from(number).unwrap_or(u32::MAX));
        let kind = ExprKind::Input { input, index: Vec::new() };
        Some(Expr { kind: Box::new(kind), ty: Type::Bool, span: self.claim.span })
    }

    /// A claim of that name about the grown model.
    fn asked(&self, property: Expr) -> Claim {
        Claim { property, ..self.claim.clone() }
    }

    /// How deep other knowledge is nested in a piece of it.
    fn rank(&self, number: usize) -> Result<usize, String> {
        let Some(knowing) = self.written.known.get(number) else {
            return Err("a piece of knowledge is missing".to_owned());
        };
        let mut rank = 0;
        for inner in numbers(&knowing.body) {
            // A piece rests only on earlier ones.
            if inner >= number || self.written.known.get(inner).is_none_or(|k| k.judge.is_none()) {
                return Err("somebody who is no post is said to know something known".to_owned());
            }
            rank = rank.max(1 + self.rank(inner)?);
        }
        Ok(rank)
    }

    /// The posts that know something, by how deep it is nested, innermost first.
    fn posts(&self) -> Result<Vec<(usize, Post)>, String> {
        let mut posts = Vec::new();
        for (number, knowing) in self.written.known.iter().enumerate() {
            if let Some(post) = knowing.judge {
                posts.push((self.rank(number)?, post));
            }
        }
        posts.sort_unstable();
        posts.dedup();
        Ok(posts)
    }

    /// The numbers of what a post knows at a rank.
    fn known(&self, (rank, post): (usize, Post)) -> Result<Vec<usize>, String> {
        let mut all = Vec::new();
        for (number, knowing) in self.written.known.iter().enumerate() {
            if knowing.judge == Some(post) && self.rank(number)? == rank {
                all.push(number);
            }
        }
        Ok(all)
    }

    /// The bodies of these pieces, with inner knowledge looked up.
    fn bodies(&self, numbers: &[usize]) -> Result<Vec<Expr>, String> {
        let known = numbers.iter().filter_map(|n| self.written.known.get(*n));
        known.map(|knowing| self.looked_up(&knowing.body)).collect()
    }

    /// An expression with its numbered knowledge looked up.
    fn looked_up(&self, e: &Expr) -> Result<Expr, String> {
        let (mut out, mut missing) = (e.clone(), false);
        rewrite_all(&mut out, &mut |part| {
            if let Some(number) = number(part) {
                match self.tables.get(number) {
                    Some(Some(table)) => *part = table.clone(),
                    _ => missing = true,
                }
            }
        });
        if missing { Err("a piece of knowledge has no observer".to_owned()) } else { Ok(out) }
    }

    /// What is known, about one period alone: what it says of the past is remembered in cells.
    fn of_one_period(&mut self, bodies: &[Expr]) -> Result<Vec<Expr>, String> {
        let plain = bodies.iter().map(|body| remembered(&mut self.model, body));
        plain.collect::<Option<_>>().ok_or_else(|| "what is known speaks of the future".to_owned())
    }
}

/// The number that stands for a piece of knowledge.
fn number(e: &Expr) -> Option<usize> {
    let ExprKind::Property(Property::Knows(_, what)) = &*e.kind else { return None };
    match &*what.kind {
        ExprKind::Const(Value::Int(n)) => usize::try_from(n).ok(),
        _ => None,
    }
}

fn numbers(e: &Expr) -> Vec<usize> {
    let mut all = Vec::new();
    walk(e, &mut |part| all.extend(number(part)));
    all
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

fn truth(kind: ExprKind, span: Span) -> Expr {
    Expr { kind: Box::new(kind), ty: Type::Bool, span }
}

fn always(p: Expr) -> Expr {
    let span = p.span;
    truth(ExprKind::Property(Property::Always(p)), span)
}

/// True wherever it has a value.
fn either_way(p: Expr) -> Expr {
    let span = p.span;
    let not = truth(ExprKind::Unary(Unary::Not, p.clone()), span);
    truth(ExprKind::Binary(Binary::Or, p, not), span)
}

fn all(parts: impl IntoIterator<Item = Expr>, span: Span) -> Expr {
    let both = |a, b| truth(ExprKind::Binary(Binary::And, a, b), span);
    let all = parts.into_iter().reduce(both);
    all.unwrap_or_else(|| truth(ExprKind::Const(Value::Bool(true)), span))
}
