//! Claims about parameters alone: one satisfiability question each.
//!
//! `valid p` is proved iff `not p` has no solution among the parameters;
//! `inconsistent {…}` comes with a minimal core, found by deletion: leaving out
//! any clause of it, the rest can be satisfied (Marques-Silva 2010). Answers
//! are asked for again from a fresh solver, and witnesses are replayed.

use std::time::Instant;

use super::entries;
use super::institution::Investigation;
use super::traces;
use crate::evidence::scripts::{self, Expect};
use crate::interp::replay::{Goal, replay};
use crate::report::outcome::{Certificate, Entry, Premise, Verdict};
use crate::solver::context::interruptible;
use crate::solver::z3::{Encoding, Z3};
use crate::solver::{Answer, Literal, Solver};
use crate::system::Valuation;
use crate::system::property::{Prepared, Question, Static, StaticAsked};
use crate::term::Term;
use crate::types::core::{Claim, Expr, ExprKind, Property, Value};

/// Decides a static claim; returns the parameters of a witness.
pub(super) fn decide(
    investigation: &Investigation<'_>,
    prepared: &Prepared<'_>,
    claim: &Claim,
    asked: &Static,
    entry: &mut Entry,
) -> Option<Vec<Value>> {
    let query = Query { investigation, prepared, asked };
    entry.engine = Some("z3".to_owned());
    match &asked.asked {
        StaticAsked::Valid(term, premise) => {
            let negation = [(*term, false)];
            let answer = query.solve(&negation);
            let witness = query.conclude(&answer, Verdict::Proved, claim, entry);
            query.certify(&negation, &answer, entry);
            if let (Verdict::Proved, Some(premise)) = (entry.verdict, premise) {
                let found = query.solve(&[(*premise, true)]).premise();
                entry.premise = Some(found);
                entry.vacuous = found == Premise::CannotOccur;
            }
            witness
        }
        StaticAsked::Consistent(terms) => {
            let answer = query.solve(&all(terms));
            let witness = query.conclude(&answer, Verdict::Refuted, claim, entry);
            query.certify(&all(terms), &answer, entry);
            query.core(terms, &answer, claim, entry);
            witness
        }
        StaticAsked::Inconsistent(terms) => {
            let answer = query.solve(&all(terms));
            let witness = query.conclude(&answer, Verdict::Proved, claim, entry);
            query.certify(&all(terms), &answer, entry);
            query.core(terms, &answer, claim, entry);
            witness
        }
    }
}

/// Whether a condition holds for all parameters; `None` if not decided.
pub(super) fn holds_for_all(
    investigation: &Investigation<'_>,
    prepared: &Prepared<'_>,
    condition: &Expr,
) -> Option<bool> {
    let Question::Static(asked) = prepared.condition(condition) else { return None };
    let StaticAsked::Valid(term, _) = asked.asked else { return None };
    let query = Query { investigation, prepared, asked: &asked };
    match query.solve(&[(term, false)]) {
        Solved::Sat(_) => Some(false),
        Solved::Unsat => Some(true),
        Solved::Unknown(_) => None,
    }
}

fn all(terms: &[Term]) -> Vec<(Term, bool)> {
    terms.iter().map(|t| (*t, true)).collect()
}

/// An answer, with values of the symbolic parameters.
#[derive(Clone, Debug)]
enum Solved {
    Sat(Vec<Value>),
    Unsat,
    Unknown(String),
}

impl Solved {
    fn premise(&self) -> Premise {
        match self {
            Solved::Sat(_) => Premise::CanOccur,
            Solved::Unsat => Premise::CannotOccur,
            Solved::Unknown(_) => Premise::NotShown,
        }
    }
}

struct Query<'a> {
    investigation: &'a Investigation<'a>,
    prepared: &'a Prepared<'a>,
    asked: &'a Static,
}

impl Query<'_> {
    /// Solves for the parameters in a fresh context.
    fn solve(&self, literals: &[(Term, bool)]) -> Solved {
        let deadline = Instant::now() + self.investigation.options.timeout;
        let cancel = self.investigation.cancel;
        let work = || interruptible(cancel, Some(deadline), || self.solve_here(literals));
        let solved = std::thread::scope(|scope| scope.spawn(work).join());
        match solved {
            // What was read while the solver was interrupted is worth nothing.
            Ok(_) if cancel() => Solved::Unknown("interrupted".to_owned()),
            Ok(_) if Instant::now() >= deadline => Solved::Unknown("timeout".to_owned()),
            Ok(solved) => solved,
            Err(_) => Solved::Unknown("the solver's thread stopped".to_owned()),
        }
    }

    fn solve_here(&self, literals: &[(Term, bool)]) -> Solved {
        let system = &self.asked.system;
        let mut solver = Z3::new(Encoding::Words, false, 0);
        for term in &self.asked.given {
            solver.assert(&system.pool, *term, 0);
        }
        for (term, positive) in literals {
            solver
                .assert_literal(&system.pool, Literal { term: *term, at: 0, positive: *positive });
        }
        match solver.check(&system.pool, &[]) {
            Answer::Unsat => Solved::Unsat,
            Answer::Unknown(reason) => Solved::Unknown(reason),
            Answer::Sat => {
                let rigid = system.rigid.iter();
                Solved::Sat(rigid.map(|v| solver.value(&system.pool, *v, 0)).collect())
            }
        }
    }

    /// The verdict when there is no solution is `if_none`, else the opposite, with the solution.
    fn conclude(
        &self,
        answer: &Solved,
        if_none: Verdict,
        claim: &Claim,
        entry: &mut Entry,
    ) -> Option<Vec<Value>> {
        match answer {
            Solved::Unknown(reason) => {
                entries::undecided(entry, reason);
                None
            }
            Solved::Unsat => {
                entry.verdict = if_none;
                entry.certificate = Some(Certificate {
                    kind: "unsatisfiable".to_owned(),
                    checked: true,
                    by: vec!["z3".to_owned()],
                    detail: Some("no parameters satisfy the negation".to_owned()),
                    obligations: Vec::new(),
                });
                None
            }
            Solved::Sat(values) => self.witness(values, if_none, claim, entry),
        }
    }

    /// Writes a proof's question down for other solvers, with the parameters that answer it.
    fn certify(&self, literals: &[(Term, bool)], answer: &Solved, entry: &mut Entry) {
        if entry.verdict != Verdict::Proved || !self.investigation.options.certificates {
            return;
        }
        let mut system = self.asked.system.clone();
        let mut asserted = self.asked.given.clone();
        let (expect, name) = match answer {
            Solved::Sat(values) => {
                let pairs = system.rigid.iter().zip(values);
                asserted.extend(pairs.map(|(var, value)| system.pool.equals(*var, value)));
                (Expect::Sat, "witness")
            }
            _ => (Expect::Unsat, "negation"),
        };
        for (term, positive) in literals {
            asserted.push(if *positive { *term } else { system.pool.not(*term) });
        }
        let obligations = vec![scripts::of_terms(&system.pool, &asserted, name, expect)];
        let certificate = entry.certificate.get_or_insert_with(|| Certificate {
            kind: "parameters".to_owned(),
            checked: true,
            by: vec!["yamen".to_owned()],
            ..Certificate::default()
        });
        certificate.obligations = obligations;
    }

    fn witness(
        &self,
        values: &[Value],
        if_none: Verdict,
        claim: &Claim,
        entry: &mut Entry,
    ) -> Option<Vec<Value>> {
        let valuation = Valuation { rigid: values.to_vec(), periods: vec![(Vec::new(), None)] };
        let trace = self.prepared.trace(&valuation);
        entry.params = traces::params(self.prepared.model, &trace.params);
        match replay(self.prepared.model, Goal::Claim(claim), &trace) {
            Ok(_) => {
                entry.verdict = match if_none {
                    Verdict::Proved => Verdict::Refuted,
                    _ => Verdict::Proved,
                };
                Some(trace.params)
            }
            Err(departure) => {
                entries::failed(entry, format!("the parameters found do not replay: {departure}"));
                None
            }
        }
    }

    /// A minimal set of clauses that cannot hold together, in the words of the spec.
    fn core(&self, terms: &[Term], answer: &Solved, claim: &Claim, entry: &mut Entry) {
        if !matches!(answer, Solved::Unsat) {
            return;
        }
        let mut kept: Vec<usize> = (0..terms.len()).collect();
        for n in 0..terms.len() {
            let without: Vec<usize> = kept.iter().copied().filter(|k| *k != n).collect();
            let clauses: Vec<(Term, bool)> =
                without.iter().filter_map(|k| Some((*terms.get(*k)?, true))).collect();
            if matches!(self.solve(&clauses), Solved::Unsat) {
                kept = without;
            }
        }
        let words = clauses(claim);
        let sources = self.investigation.sources;
        entry.core = Some(
            kept.iter()
                .filter_map(|k| words.get(*k))
                .map(|e| sources.text(e.span).to_owned())
                .collect(),
        );
    }
}

/// The clauses of a (in)consistency claim.
fn clauses(claim: &Claim) -> &[Expr] {
    match &*claim.property.kind {
        ExprKind::Property(Property::Consistent(list) | Property::Inconsistent(list)) => list,
        _ => &[],
    }
}
