//! What some run shows, at every value of the parameters.
//!
//! A run that reaches something does so at some values of the parameters that have none. A claim is about all
//! of them: so each valuation is asked by itself. A scenario is content with one.

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
use crate::types::core::{Claim, ClaimKind, Model, Param, ParamId, Value};

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
        let Some(valuations) = valuations(model, claim, &found) else {
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
        entry.notes.push(match count {
            1 => "the run does not depend on the parameters that have no value".to_owned(),
            _ => format!("a run reaches it at each of {count} values of the parameters"),
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

/// All values of the parameters that are allowed and that a claim rests on, if they are few; the others have the
/// values at which it was found.
fn valuations(model: &Model, claim: &Claim, found: &[Value]) -> Option<Vec<Vec<Value>>> {
    let hypotheses = || claim.assumes.iter().map(|assume| &assume.condition);
    let bearing = parameters(model, hypotheses().chain([&claim.property]));
    let values = |(param, value): (ParamId, &Value)| match model.params.get(param.index()) {
        Some(Param { value: None, .. }) if bearing.contains(&param) => types::domain(model, param),
        _ => Some(vec![value.clone()]),
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
        own().chain(hypotheses()).all(|c| holds(model, c, params) != Some(false))
    };
    Some(values.into_iter().multi_cartesian_product().filter(allowed).collect())
}
