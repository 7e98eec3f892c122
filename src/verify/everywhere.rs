//! What some run shows, at every value of the parameters.
//!
//! A run that reaches something does so at some values of the parameters that have none. A claim is about all
//! of them: so each valuation is asked by itself. A scenario is content with one.

use std::collections::BTreeSet;

use itertools::Itertools;

use super::decide::Decision;
use super::expectation::holds;
use super::institution::Investigation;
use super::{entries, traces};
use crate::interp::replay::Goal;
use crate::report::outcome::{Entry, Verdict};
use crate::system::property::{Asked, Prepared};
use crate::term::Node;
use crate::types;
use crate::types::cone::parameters;
use crate::types::core::{Claim, ClaimKind, Expr, Model, Param, ParamId, Value};

/// Most valuations that are asked one by one.
const MOST: usize = 256;

impl Investigation<'_> {
    /// A run was found at some values of the parameters: is there one at all? Returns values that decide it, if
    /// not all do.
    pub(super) fn everywhere(
        &self,
        prepared: &Prepared<'_>,
        claim: &Claim,
        asked: &Asked,
        found: Vec<Value>,
        entry: &mut Entry,
    ) -> Option<Vec<Value>> {
        let model = prepared.model;
        let is_open = model.params.iter().any(|param| param.value.is_none());
        if claim.kind == ClaimKind::Scenario || !is_open {
            return Some(found);
        }
        let bearing = bearing(model, claim);
        let Some(valuations) = valuations(model, claim, &bearing, &found) else {
            entry.verdict = Verdict::Unknown;
            let reason = "a run shows it at some values of the parameters; whether one does at all values is not \
                          decided: give them values with `--set`";
            entry.reason = Some(reason.to_owned());
            return Some(found);
        };
        let count = valuations.len();
        for params in valuations.into_iter().filter(|params| *params != found) {
            match self.at(prepared, claim, asked, &params) {
                Decision::Reached { .. } => {}
                Decision::Unreachable { engine, certificate } => {
                    entry.verdict = Verdict::Refuted;
                    entry.engine = Some(engine.to_owned());
                    entry.certificate = Some(certificate);
                    entry.trace = None;
                    entry.params = traces::params(model, &params);
                    entry.reason =
                        Some("no run reaches it at these values of the parameters".to_owned());
                    return Some(params);
                }
                Decision::Failed { reason } => {
                    entries::failed(entry, reason);
                    return Some(params);
                }
                other => {
                    entries::open(entry, &other);
                    return Some(params);
                }
            }
        }
        entry.notes.push(match (bearing.is_empty(), count) {
            (true, _) => "the run does not depend on the parameters that have no value".to_owned(),
            (false, 1) => "a run reaches it at the only values that are allowed".to_owned(),
            (false, _) => format!("a run reaches it at each of {count} values of the parameters"),
        });
        None
    }

    /// The question at these values of the parameters.
    fn at(
        &self,
        prepared: &Prepared<'_>,
        claim: &Claim,
        asked: &Asked,
        params: &[Value],
    ) -> Decision {
        let mut problem = asked.problem.clone();
        let system = &mut problem.system;
        for (term, value) in prepared.elaborated.params.iter().zip(params) {
            if let Node::Var(var) = *system.pool.node(*term) {
                let equal = system.pool.equals(var, value);
                system.init.push(equal);
            }
        }
        self.inquiry(prepared, &problem, None, Goal::Claim(claim)).decide()
    }
}

/// The parameters without a value on which it rests whether some run shows a claim.
fn bearing(model: &Model, claim: &Claim) -> BTreeSet<ParamId> {
    let mut bearing = parameters(model, hypotheses(claim).chain([&claim.property]));
    let is_open = |param: &Param| param.value.is_none();
    bearing.retain(|param| model.params.get(param.index()).is_some_and(is_open));
    bearing
}

fn hypotheses(claim: &Claim) -> impl Iterator<Item = &Expr> {
    claim.assumes.iter().map(|assume| &assume.condition)
}

/// All values of these parameters that are allowed, if they are few; the others have the values at which a run
/// was found.
fn valuations(
    model: &Model,
    claim: &Claim,
    bearing: &BTreeSet<ParamId>,
    found: &[Value],
) -> Option<Vec<Vec<Value>>> {
    let values = |(param, value): (ParamId, &Value)| match bearing.contains(&param) {
        true => types::domain(model, param),
        false => Some(vec![value.clone()]),
    };
    let values: Vec<Vec<Value>> =
        (0..).map(ParamId).zip(found).map(values).collect::<Option<_>>()?;
    let count = values.iter().try_fold(1usize, |count, values| count.checked_mul(values.len()))?;
    if count > MOST {
        return None;
    }
    let own = || model.params.iter().filter_map(|param| param.condition.as_ref());
    // A hypothesis about states has no value here, and restricts no parameter.
    let allowed = |params: &Vec<Value>| {
        own().chain(hypotheses(claim)).all(|c| holds(model, c, params) != Some(false))
    };
    Some(values.into_iter().multi_cartesian_product().filter(allowed).collect())
}
