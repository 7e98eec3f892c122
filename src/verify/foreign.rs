//! Files of other tools: every property decided, in the vocabulary of the file.
//!
//! The same engines race as for institutions. A proof is proved again by a fresh solver; a run is
//! executed again by evaluating terms, since there is no interpreter behind such a file. What terms
//! cannot say (Horn clauses over arrays or bit-vectors, or with several predicates in a body) goes to
//! Spacer as text, and its answer is checked clause by clause.

use std::path::Path;
use std::time::Instant;

use indexmap::IndexMap;
use serde_json::Value as Json;

use super::decide::{Decision, kind, size};
use super::forever::Forever;
use super::symbolic::Asked;
use super::{EngineName, Options, entries};
use crate::engine::horn::answer::Fact;
use crate::engine::horn::clauses::Clauses;
use crate::engine::horn::{Found, solve};
use crate::engine::portfolio::{Contender, Finish, race};
use crate::engine::{Budget, Outcome, Proof};
use crate::evidence::recheck::{Check, recheck};
use crate::evidence::{clauses as checked, execute};
use crate::exchange::Foreign;
use crate::report::events::Events;
use crate::report::outcome::{
    Certificate, Entry, InstitutionReport, PeriodReport, Report, TraceKind, TraceReport, Verdict,
};
use crate::report::values::number;
use crate::solver::horn::Settings;
use crate::system::liveness::{Lasso, Live};
use crate::system::{Problem, System, Valuation};
use crate::term::Var;
use crate::types::core::Value;

/// A run of a foreign problem.
enum Run {
    /// Of a transition system.
    Values(Valuation),
    /// Of Horn clauses.
    Facts(Vec<Fact>),
}

/// A property of a file.
struct Property<'a> {
    name: &'a str,
    problem: Option<&'a Problem>,
    clauses: Option<&'a Clauses>,
    options: &'a Options,
    events: &'a dyn Events,
    cancel: &'a (dyn Fn() -> bool + Sync),
}

/// Decides every property of a file, or those asked for, and adds them to the report.
pub fn verify_foreign(
    path: &Path,
    foreign: &Foreign,
    options: &Options,
    events: &dyn Events,
    cancel: &(dyn Fn() -> bool + Sync),
    report: &mut Report,
) {
    let start = Instant::now();
    let file = path.display().to_string();
    let institution =
        path.file_stem().map_or_else(|| file.clone(), |stem| stem.to_string_lossy().into_owned());
    report.institutions.push(InstitutionReport {
        name: institution.clone(),
        title: institution.clone(),
        file: file.clone(),
        ..InstitutionReport::default()
    });
    let wanted = |name: &str| options.claims.is_empty() || options.claims.iter().any(|c| c == name);
    let blank = |name: &str| Entry {
        institution: institution.clone(),
        id: name.to_owned(),
        home: file.clone(),
        file: file.clone(),
        line: 1,
        column: 1,
        ..Entry::default()
    };
    let mut decide = |name: &str, work: &dyn Fn(&mut Entry)| {
        if !wanted(name) || cancel() {
            return;
        }
        events.claim_started(&institution, name);
        let started = Instant::now();
        let mut entry = blank(name);
        work(&mut entry);
        entry.seconds = started.elapsed().as_secs_f64();
        entry.as_expected = entry.verdict == Verdict::Proved;
        events.claim_decided(&entry);
        report.entries.push(entry);
    };
    for (name, problem, clauses) in questions(foreign) {
        let property = Property { name, problem, clauses, options, events, cancel };
        decide(name, &|entry| property.decide(entry));
    }
    for (name, live) in &foreign.live {
        decide(name, &|entry| recurs(live, options, events, cancel, entry));
    }
    report.interrupted |= cancel();
    report.seconds += start.elapsed().as_secs_f64();
}

/// The questions of a file.
fn questions(foreign: &Foreign) -> Vec<(&str, Option<&Problem>, Option<&Clauses>)> {
    let mut questions: Vec<(&str, Option<&Problem>, Option<&Clauses>)> =
        foreign.problems.iter().map(|(name, p)| (name.as_str(), Some(p), None)).collect();
    for (name, clauses) in &foreign.clauses {
        match questions.iter_mut().find(|(other, ..)| other == name) {
            Some((_, _, text)) => *text = Some(clauses),
            None => questions.push((name, None, Some(clauses))),
        }
    }
    questions
}

impl Property<'_> {
    fn decide(&self, entry: &mut Entry) {
        let contenders = self.contenders();
        let jobs = self.options.jobs.max(contenders.len());
        match race(contenders, jobs, self.cancel) {
            Finish::Won(engine, outcome) | Finish::Open(engine, outcome) => {
                entry.engine = Some(engine.to_owned());
                self.conclude(entry, outcome);
            }
            Finish::Disagreement(one, other, _) => {
                fail(entry, format!("engines `{one}` and `{other}` disagree; please report this"));
            }
        }
    }

    fn contenders(&self) -> Vec<Contender<'_, Run>> {
        let deadline = Instant::now() + self.options.timeout;
        let mut contenders = Vec::new();
        if let Some(problem) = self.problem {
            let asked = Asked {
                problem,
                whole: None,
                options: self.options,
                events: self.events,
                deadline,
            };
            let horn = [EngineName::Horn, EngineName::HornGuided];
            for engine in asked.engines() {
                match self.clauses {
                    // The clauses themselves say more to Spacer than a system made of them.
                    Some(clauses) if horn.contains(&engine) => {
                        contenders.push(self.text(clauses, engine, deadline));
                    }
                    _ => contenders.push(asked.contender(engine, Run::Values)),
                }
            }
        } else if let Some(clauses) = self.clauses {
            for engine in [EngineName::Horn, EngineName::HornGuided] {
                if self.options.engine.is_none_or(|only| only == engine) {
                    contenders.push(self.text(clauses, engine, deadline));
                }
            }
        }
        contenders
    }

    /// Spacer on the clauses as they are.
    fn text<'b>(
        &'b self,
        clauses: &'b Clauses,
        engine: EngineName,
        deadline: Instant,
    ) -> Contender<'b, Run> {
        let second = engine == EngineName::HornGuided;
        let seed = self.options.solver_seed();
        let run = move |cancel: &(dyn Fn() -> bool + Sync)| {
            let budget = Budget { cancel, deadline: Some(deadline), depth: None, seed };
            let settings = Settings {
                quantified: second && clauses.arrays,
                guided: second && !clauses.arrays,
                inline: false,
                seed,
            };
            self.events.progress(engine.name());
            match solve(clauses, settings, budget) {
                Found::Nothing(reason) => Outcome::Unknown(reason),
                Found::Interpreted(found) => match checked::interpreted(clauses, &found, budget) {
                    Check::Holds(_) => Outcome::Unreachable(Proof::Interpretation(found)),
                    check => Outcome::Unknown(thrown_away("interpretation", &check)),
                },
                Found::Derived(facts) => match checked::derived(clauses, &facts, budget) {
                    Check::Holds(_) => Outcome::Reached(Run::Facts(facts)),
                    check => Outcome::Unknown(thrown_away("derivation", &check)),
                },
            }
        };
        Contender { name: engine.name(), run: Box::new(run) }
    }

    fn conclude(&self, entry: &mut Entry, outcome: Outcome<Run>) {
        match outcome {
            Outcome::Reached(Run::Values(run)) => self.executed(entry, &run),
            Outcome::Reached(Run::Facts(facts)) => {
                entry.verdict = Verdict::Refuted;
                entry.trace = Some(derivation(self.clauses, &facts));
            }
            Outcome::Unreachable(proof) => self.rechecked(entry, &proof),
            Outcome::Bounded(depth) => {
                entry.verdict = Verdict::HoldsToDepth(depth);
                entry.depth = Some(depth);
                entry.reason = Some("only looked so far ahead; this is no proof".to_owned());
            }
            Outcome::Unknown(reason) => {
                entry.engine = None;
                entry.reason = Some(reason);
            }
        }
    }

    fn executed(&self, entry: &mut Entry, run: &Valuation) {
        let Some(problem) = self.problem else { return };
        match execute::execute(problem, run) {
            Ok(()) => {
                entry.verdict = Verdict::Refuted;
                entry.depth = u32::try_from(run.periods.len().saturating_sub(1)).ok();
                entry.trace = Some(trace(&problem.system, run));
            }
            Err(departure) => {
                fail(entry, format!("the run that was found does not execute: {departure}"));
            }
        }
    }

    fn rechecked(&self, entry: &mut Entry, proof: &Proof) {
        let deadline = Some(Instant::now() + self.options.timeout);
        let budget = Budget { cancel: self.cancel, deadline, depth: None, seed: 1 };
        let check = match (proof, self.problem, self.clauses) {
            (Proof::Interpretation(found), _, Some(clauses)) => {
                checked::interpreted(clauses, found, budget)
            }
            (_, Some(problem), _) => recheck(problem, proof, budget),
            _ => Check::NotApplicable,
        };
        let certificate = |by: &[&str], detail: String| Certificate {
            kind: kind(proof).to_owned(),
            checked: !by.is_empty(),
            by: by.iter().map(|who| (*who).to_owned()).collect(),
            detail: Some(detail),
            obligations: Vec::new(),
        };
        entry.certificate = Some(match check {
            Check::Holds(how) => certificate(&["z3"], how),
            Check::Open(reason) => certificate(&[], format!("not checked again: {reason}")),
            Check::NotApplicable => certificate(&[], size(proof)),
            Check::Fails(reason) => {
                let name = self.name;
                return fail(entry, format!("the proof of `{name}` does not check: {reason}"));
            }
        });
        entry.verdict = Verdict::Proved;
    }
}

/// Decides whether no infinite run meets all justice again and again.
fn recurs(
    live: &Live,
    options: &Options,
    events: &dyn Events,
    cancel: &(dyn Fn() -> bool + Sync),
    entry: &mut Entry,
) {
    let deadline = Instant::now() + options.timeout;
    let forever = Forever { live, options, events, deadline };
    let lasso = live.lasso();
    let contenders = vec![
        forever.ranking(|run| run),
        forever.counting(|run| run),
        forever.looping(&lasso, forever.is_finite(), |outcome| outcome),
    ];
    match race(contenders, 3, cancel) {
        Finish::Won(engine, Outcome::Reached(run)) => {
            closes(&live.system, &lasso, engine, &run, entry)
        }
        Finish::Won(engine, Outcome::Unreachable(proof)) => {
            entries::absence(entry, &forever.rechecked(engine, &proof, cancel));
        }
        Finish::Won(engine, Outcome::Bounded(depth))
        | Finish::Open(engine, Outcome::Bounded(depth)) => {
            entries::absence(entry, &Decision::Bounded { engine, depth });
        }
        Finish::Won(_, Outcome::Unknown(reason)) | Finish::Open(_, Outcome::Unknown(reason)) => {
            entry.reason = Some(reason);
        }
        Finish::Open(..) => entry.reason = Some("nothing was decided".to_owned()),
        Finish::Disagreement(one, other, _) => {
            fail(entry, format!("engines `{one}` and `{other}` disagree; please report this"));
        }
    }
}

/// A lasso, executed again.
fn closes(system: &System, lasso: &Lasso, engine: &str, run: &Valuation, entry: &mut Entry) {
    if let Err(departure) = execute::execute(&lasso.problem, run) {
        return fail(entry, format!("the lasso that was found does not execute: {departure}"));
    }
    // The system of the file comes first in that with the lasso's own variables.
    let mut told = trace(system, run);
    told.periods.pop();
    told.loop_start = lasso.start(run);
    told.kind = TraceKind::Lasso;
    entry.depth = u32::try_from(told.periods.len()).ok();
    entry.engine = Some(engine.to_owned());
    entry.trace = Some(told);
    entry.verdict = Verdict::Refuted;
}

fn thrown_away(what: &str, check: &Check) -> String {
    match check {
        Check::Fails(reason) | Check::Open(reason) => {
            format!("the {what} that Spacer found was thrown away: {reason}")
        }
        Check::Holds(_) | Check::NotApplicable => format!("the {what} was thrown away"),
    }
}

fn fail(entry: &mut Entry, reason: String) {
    entry.verdict = Verdict::Unknown;
    entry.evidence_failed = true;
    entry.reason = Some(reason);
}

/// A run in the words of the file; what is drawn is told as nature's.
fn trace(system: &System, run: &Valuation) -> TraceReport {
    let named = |vars: Vec<Var>, values: &[Value]| -> IndexMap<String, Json> {
        let names = vars.into_iter().map(|v| system.pool.var_info(v).name.clone());
        names.zip(values.iter().map(number)).collect()
    };
    let periods = run.periods.iter().map(|(state, inputs)| PeriodReport {
        state: named(system.states.iter().map(|s| s.var).collect(), state),
        env: inputs.as_ref().map(|values| named(system.inputs.clone(), values)).unwrap_or_default(),
        ..PeriodReport::default()
    });
    retold(periods.collect())
}

fn retold(periods: Vec<PeriodReport>) -> TraceReport {
    TraceReport { periods, replayed: true, foreign: true, ..TraceReport::default() }
}

/// A derivation, one fact in each period.
fn derivation(clauses: Option<&Clauses>, facts: &[Fact]) -> TraceReport {
    let periods = facts.iter().map(|fact| {
        let names = clauses.and_then(|clauses| clauses.names.get(&fact.predicate));
        let called = |n: usize| {
            let name = names.and_then(|names| names.get(n)).cloned();
            name.unwrap_or_else(|| format!("{}.{n}", fact.predicate))
        };
        let arguments = fact.arguments.iter().enumerate();
        let state = arguments.map(|(n, value)| (called(n), Json::from(value.as_str())));
        let mut state: IndexMap<String, Json> = state.collect();
        if state.is_empty() {
            state.insert(fact.predicate.clone(), Json::Bool(true));
        }
        PeriodReport { state, ..PeriodReport::default() }
    });
    retold(periods.collect())
}
