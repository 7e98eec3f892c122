//! Whole ranges of parameters at once: where a claim holds and where not, as formulas.
//!
//! The swept parameters are left symbolic, and the claim is decided for all their values. A proof settles all that is
//! left. A run settles more than its own parameters: all at which its choices decide the same
//! (`verify::region`); these are taken out, and the claim is decided for the rest, until nothing is left. It is
//! the printed formula that is read back and put to the engines, so that what a reader sees is what was
//! decided. Parameters that shape the model are taken value by value.
//!
//! A proof of a region is checked like that of a claim. That a run's choices decide in all of its region is not
//! taken from the formula: the claim is decided anew at each cell of the grid that lies in it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use indexmap::IndexMap;
use rustc_hash::FxHashMap;
use serde_json::Value as Json;

use super::boundary::{Point, boundary};
use super::decide::Question;
use super::grid::{Grid, Over, Params, Values, assigned};
use super::outcome::{Cell, CellVerdict, Head};
use super::regions::{Region, Regions};
use crate::interp::evaluate::Scope;
use crate::interp::step::Interpreter;
use crate::report::events::Silent;
use crate::report::outcome::{Entry, EntryKind, Verdict};
use crate::report::values::words as shown;
use crate::syntax::ast::{BinaryOp, Decl, Expected, Expr, ExprKind, Institution};
use crate::syntax::parser::parse;
use crate::term::Var;
use crate::term::words::words;
use crate::types::core::{Type, Value};
use crate::types::{self, Assignment, params};
use crate::verify::region::{Recorder, Region as Found};
use crate::verify::{Options, verify};

/// How many regions are looked for beside one value of all parameters that shape the model.
const MOST: usize = 200;

/// What a question about a region came to.
enum Settled {
    /// Decided for all parameters of it.
    Whole(Region),
    /// Decided by a run at these parameters, and perhaps in all of a region.
    Part(CellVerdict, Option<Found>, Params),
    /// There are no parameters left.
    Nothing,
}

/// Divides the grid.
pub struct Division<'a> {
    /// The claim and its spec.
    pub question: &'a Question<'a>,
    /// The grid.
    pub grid: &'a Grid,
    /// The axes as they were asked for.
    pub over: &'a [Over],
    /// How many cells are decided at once.
    pub workers: usize,
    /// Set from outside to stop.
    pub cancel: &'a (dyn Fn() -> bool + Sync),
}

impl Division<'_> {
    /// Finds the regions.
    pub fn run(&self, head: Head) -> Regions {
        let mut regions = Vec::new();
        let mut decided: Vec<(Params, bool)> = Vec::new();
        let mut missing = 0;
        for (shape, cells) in self.cases().into_values() {
            let case = Case { division: self, whole: self.range(&shape), shape };
            missing += case.divide(cells, &mut regions, &mut decided);
        }
        let points = |params: &Params| params.values().map(Point::of).collect::<Option<Vec<_>>>();
        let samples: Vec<_> = decided
            .iter()
            .filter_map(|(params, proved)| Some((points(params)?, *proved)))
            .collect();
        let names: Vec<String> = head.over.keys().cloned().collect();
        let whole = samples.len() == self.grid.cells.len();
        let found = if whole { boundary(&names, &samples, &[]) } else { None };
        let matches = self.matches(&decided, whole);
        Regions { head, regions, missing, boundary: found.map(|found| found.formula), matches }
    }

    /// Compares with what the spec expects at each cell.
    fn matches(&self, decided: &[(Params, bool)], whole: bool) -> Option<bool> {
        for (params, proved) in decided {
            let values = assigned(self.question.set, params);
            let given = Assignment { values, all: false };
            let model = types::check(self.question.institution, &given).model?;
            let claim = model.claims.iter().find(|claim| claim.name == self.question.claim)?;
            let expect = claim.expect.as_ref()?;
            let interpreter = Interpreter::new(&model);
            let values: Vec<Value> =
                model.params.iter().map(|p| p.value.clone()).collect::<Option<_>>()?;
            let reading = interpreter.reading(&values, &[]);
            let met = |when| reading.holds(when, &mut Scope::default()).ok();
            let met = expect.when.as_ref().map_or(Some(true), met)?;
            let expected = met == (expect.verdict != Expected::Refuted);
            if expected != *proved {
                return Some(false);
            }
        }
        whole.then_some(true)
    }

    fn shapes(&self, name: &str) -> bool {
        self.grid.model.params.iter().any(|param| param.name == name && param.structural)
    }

    /// The cells of the grid by the values of those parameters that shape the model.
    fn cases(&self) -> IndexMap<String, (Params, Vec<&Params>)> {
        let mut cases: IndexMap<String, (Params, Vec<&Params>)> = IndexMap::new();
        for cell in &self.grid.cells {
            let shape: Params = cell
                .iter()
                .filter(|(name, _)| self.shapes(name))
                .map(|(name, value)| (name.clone(), value.clone()))
                .collect();
            let key = point(&shape);
            cases.entry(key).or_insert_with(|| (shape, Vec::new())).1.push(cell);
        }
        cases
    }

    /// The whole range of the axes, as far as their types do not say it.
    fn range(&self, shape: &Params) -> Vec<String> {
        let mut parts: Vec<String> = Vec::new();
        for (axis, values) in self.over.iter().zip(self.grid.over.values()) {
            let name = &axis.name;
            match (shape.get(name), &axis.values) {
                (Some(value), _) => parts.push(equation(name, value)),
                (None, Values::All) => {}
                (None, Values::Range(low, high)) => {
                    parts.push(format!("{low} <= {name} and {name} <= {high}"))
                }
                (None, Values::Listed(_)) => {
                    let each: Vec<String> = values.iter().map(|v| equation(name, v)).collect();
                    parts.push(if each.len() > 1 {
                        format!("({})", each.join(" or "))
                    } else {
                        each.concat()
                    });
                }
            }
        }
        parts
    }
}

/// The grid at one value of all parameters that shape the model.
struct Case<'a> {
    division: &'a Division<'a>,
    shape: Params,
    /// The conditions on the other axes.
    whole: Vec<String>,
}

impl Case<'_> {
    /// Adds regions until no cell is left; returns how many were not come to.
    fn divide(
        &self,
        mut left: Vec<&Params>,
        regions: &mut Vec<Region>,
        decided: &mut Vec<(Params, bool)>,
    ) -> usize {
        let mut parts = self.whole.clone();
        for round in 0..MOST {
            if left.is_empty() || (self.division.cancel)() {
                break;
            }
            let settled = self.settle(&joined(&parts), round);
            let (mut region, inside) = match settled {
                Settled::Nothing => break,
                Settled::Whole(region) => (region, std::mem::take(&mut left)),
                Settled::Part(verdict, found, at) => {
                    let (inside, region) = self.part(verdict, found, &at, &left);
                    left.retain(|cell| !inside.contains(cell));
                    parts.push(format!("not ({})", region.formula));
                    let formula = joined(&[self.whole.clone(), vec![region.formula]].concat());
                    (Region { formula, ..region }, inside)
                }
            };
            region.cells = inside.len();
            if region.verdict != CellVerdict::Unknown {
                let proved = region.verdict == CellVerdict::Proved;
                decided.extend(inside.iter().map(|cell| ((*cell).clone(), proved)));
            }
            let goes_on = !inside.is_empty();
            regions.push(self.named(region));
            if !goes_on {
                break;
            }
        }
        left.len()
    }

    /// Says at which values of the parameters that shape the model a region lies.
    fn named(&self, region: Region) -> Region {
        let own = self.shape.iter().map(|(name, value)| equation(name, value));
        let all: Vec<String> = own.filter(|part| !region.formula.contains(part)).collect();
        let formula = joined(&[all, vec![region.formula.clone()]].concat());
        Region { formula, ..region }
    }

    /// Decides the claim for all parameters of a formula.
    fn settle(&self, formula: &str, round: usize) -> Settled {
        let question = self.division.question;
        let recorder = Arc::new(Recorder::default());
        let options = Options {
            claims: vec![question.claim.to_owned()],
            set: self.others(),
            for_all_params: true,
            needs: false,
            neighbours: None,
            recorder: Some(Arc::clone(&recorder)),
            ..question.options.clone()
        };
        let open = |reason: String| {
            Settled::Whole(Region {
                verdict: CellVerdict::Unknown,
                formula: formula.to_owned(),
                cells: 0,
                evidence: reason,
                checked: false,
            })
        };
        let Some(institution) = self.restricted(formula) else {
            return open("the formula cannot be put to the engines".to_owned());
        };
        let institutions = std::slice::from_ref(&institution);
        let cancel = self.division.cancel;
        let verified = match verify(question.sources, institutions, &options, &Silent, cancel) {
            Ok(verified) => verified,
            Err(diagnostics) => {
                let message = diagnostics.into_iter().map(|diagnostic| diagnostic.message).next();
                return open(message.unwrap_or_default());
            }
        };
        let entries = &verified.report.entries;
        let no_start = |e: &Entry| e.id == "initial_state" && e.verdict == Verdict::Refuted;
        if round > 0 && entries.iter().any(no_start) {
            return Settled::Nothing;
        }
        let wanted = |e: &&Entry| e.id == question.claim && e.kind != EntryKind::Defect;
        let Some(entry) = entries.iter().find(wanted) else {
            return open("the claim was not decided".to_owned());
        };
        let verdict = match entry.verdict {
            Verdict::Proved => CellVerdict::Proved,
            Verdict::Refuted => CellVerdict::Refuted,
            Verdict::HoldsToDepth(_) | Verdict::Unknown => {
                return open(entry.reason.clone().unwrap_or_default());
            }
        };
        let axes = self.division.grid.over.keys();
        let at: Option<Params> =
            axes.map(|name| Some((name.clone(), entry.params.get(name)?.clone()))).collect();
        // Of what a proof says only fixed parameters are told.
        let symbolic = self.shape.len() < self.division.grid.over.len();
        match at.filter(|_| symbolic) {
            Some(at) => Settled::Part(verdict, self.among(recorder.take(), entry), at),
            None => {
                let (evidence, checked) = evidence(entry);
                let formula = formula.to_owned();
                Settled::Whole(Region { verdict, formula, cells: 0, evidence, checked })
            }
        }
    }

    /// The values of all parameters that are not swept symbolically.
    fn others(&self) -> BTreeMap<String, String> {
        let grid = self.division.grid;
        let swept = |name: &str| grid.over.contains_key(name);
        let fixed = grid.model.params.iter().filter(|param| !swept(&param.name)).filter_map(|p| {
            let value = crate::report::values::json(&grid.model, p.value.as_ref()?);
            Some((p.name.clone(), shown(&value)))
        });
        let mut all: BTreeMap<String, String> = fixed.collect();
        all.extend(self.division.question.set.clone());
        assigned(&all, &self.shape)
    }

    /// The institution with a condition on its parameters.
    fn restricted(&self, formula: &str) -> Option<Institution> {
        let mut institution = self.division.question.institution.clone();
        let last = self.division.grid.over.keys().next_back()?;
        let more = condition(institution.span.file, formula)?;
        let param = institution.items.iter_mut().rev().find_map(|item| match &mut item.decl {
            Decl::Param(param) if param.name.text == *last => Some(param),
            _ => None,
        })?;
        param.condition = Some(match param.condition.take() {
            None => more,
            Some(own) => {
                let span = own.span;
                Expr { kind: Box::new(ExprKind::Binary(BinaryOp::And, own, more)), span }
            }
        });
        Some(institution)
    }

    /// A region over the swept parameters alone: others keep the values of the run.
    fn among(&self, found: Option<Found>, entry: &Entry) -> Option<Found> {
        let mut found = found?;
        let mut fixed = FxHashMap::default();
        for var in found.pool.variables([found.term]) {
            let name = found.pool.var_info(var).name.clone();
            if !self.division.grid.over.contains_key(&name) {
                let value = self.value(&name, entry.params.get(&name)?)?;
                fixed.insert(var, found.pool.constant(&value)?);
            }
        }
        found.term = found.pool.substitute(found.term, &fixed);
        Some(found)
    }

    /// A value of a parameter as terms have it; none for members of sorts, which formulas do not name.
    fn value(&self, name: &str, value: &Json) -> Option<Value> {
        let model = &self.division.grid.model;
        let param = model.params.iter().find(|param| param.name == name)?;
        match param.ty {
            Type::Finite(_) => None,
            ty => params::parse(model, ty, &shown(value)),
        }
    }

    fn holds(&self, found: &Found, params: &Params) -> Option<bool> {
        let vars = found.pool.variables([found.term]);
        let named = |var: &Var| {
            let name = &found.pool.var_info(*var).name;
            Some((*var, self.value(name, params.get(name)?)?))
        };
        let values = vars.iter().map(named).collect::<Option<FxHashMap<Var, Value>>>()?;
        match found.pool.evaluate(found.term, &values)? {
            Value::Bool(holds) => Some(holds),
            _ => None,
        }
    }

    /// What a run settles: the cells of its region where each was decided so on its own, else those of its
    /// own parameters.
    fn part<'c>(
        &self,
        verdict: CellVerdict,
        found: Option<Found>,
        at: &Params,
        left: &[&'c Params],
    ) -> (Vec<&'c Params>, Region) {
        let evidence = |cells: usize| {
            let point = point(at);
            if cells == 0 {
                format!("by a run at {point}, which lies off the grid")
            } else {
                format!("by the choices of a run at {point}; decided again at each cell")
            }
        };
        let whole = found.filter(|found| self.holds(found, at) == Some(true)).and_then(|found| {
            let formula = words(&found.pool, found.term)?;
            let inside: Vec<&Params> =
                left.iter().copied().filter(|c| self.holds(&found, c) == Some(true)).collect();
            self.all_are(verdict, &inside).then_some((formula, inside))
        });
        let (formula, inside) = whole.unwrap_or_else(|| {
            let inside: Vec<&Params> = left.iter().copied().filter(|cell| *cell == at).collect();
            (point(at), inside)
        });
        let cells = inside.len();
        (inside, Region { verdict, formula, cells, evidence: evidence(cells), checked: true })
    }

    /// Whether all cells have the verdict, each decided on its own.
    fn all_are(&self, verdict: CellVerdict, cells: &[&Params]) -> bool {
        let settled: Mutex<Vec<Cell>> = Mutex::default();
        let take = |cell: Cell| {
            settled.lock().unwrap_or_else(PoisonError::into_inner).push(cell);
            Result::<(), ()>::Ok(())
        };
        let division = self.division;
        let done = division.question.decide(cells, division.workers, &take, division.cancel);
        let settled = settled.into_inner().unwrap_or_else(PoisonError::into_inner);
        done.is_ok() && settled.len() == cells.len() && settled.iter().all(|c| c.verdict == verdict)
    }
}

/// What shows a verdict of a whole region.
fn evidence(entry: &Entry) -> (String, bool) {
    let vacuous = if entry.vacuous { "; vacuous, since its premise cannot occur" } else { "" };
    let Some(certificate) = &entry.certificate else {
        let run = entry.trace.as_ref().is_some_and(|trace| trace.replayed);
        let how = if run { "by a run that was executed again" } else { "without a certificate" };
        return (format!("{how}{vacuous}"), run);
    };
    let detail = certificate.detail.as_ref().map(|d| format!(" ({d})")).unwrap_or_default();
    let checked = if certificate.checked { ", proved again" } else { ", not checked again" };
    (format!("by {}{detail}{checked}{vacuous}", certificate.kind), certificate.checked)
}

/// A formula, read as a condition of a parameter.
fn condition(file: crate::syntax::source::FileId, formula: &str) -> Option<Expr> {
    let read = parse(file, &format!("param region : bool where {formula}"));
    let mut items = read.file.items.into_iter().filter(|_| read.diagnostics.is_empty());
    match (items.next()?.decl, items.next()) {
        (Decl::Param(param), None) => param.condition,
        _ => None,
    }
}

/// That a parameter has a value.
fn equation(name: &str, value: &Json) -> String {
    match value {
        Json::Bool(true) => name.to_owned(),
        Json::Bool(false) => format!("not {name}"),
        other => format!("{name} = {}", shown(other)),
    }
}

/// The formula of one point.
fn point(params: &Params) -> String {
    joined(&params.iter().map(|(name, value)| equation(name, value)).collect::<Vec<_>>())
}

fn joined(parts: &[String]) -> String {
    let parts: Vec<&str> = parts.iter().map(String::as_str).filter(|p| !p.is_empty()).collect();
    if parts.is_empty() { "true".to_owned() } else { parts.join(" and ") }
}
