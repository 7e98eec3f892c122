//! The boundary for whole ranges of parameters: proved with the swept parameters as symbols.
//!
//! A boundary is read off cells. Here it is put to the engines: the defaults of the swept parameters are taken out
//! of the institution, their ranges and the formula are written as its condition, and the claim is decided for
//! all values at once, those of other parameters being what they are for the cells. Parameters that shape the
//! model are taken value by value. Where a claim without states is meant to fail, its negation is proved. Parameters
//! that refute the formula become one more point for the search of the boundary, and the next formula is put to the
//! engines: counterexample-guided refinement (Clarke et al., CAV 2000), over parameters.
//!
//! That no run refutes a claim for any of the values is one question. That for each of them some run does is none:
//! there the region says how many cells were refuted, and whether there are other values at all. Trusts the engines and
//! their certificates as `verify` does.

use std::collections::BTreeMap;

use itertools::Itertools;
use serde::Serialize;
use serde_json::Value as Json;

use super::boundary::{Point, Sample, boundary};
use super::decide::Question;
use super::grid::{Grid, LEFT_OUT, Over, Params, Values, assigned, key};
use super::outcome::{CellVerdict, Sweep, samples};
use crate::report::events::Silent;
use crate::report::outcome::{Entry, EntryKind, Verdict};
use crate::report::values::words;
use crate::syntax::ast::{BinaryOp, Claim, Decl, Expr, ExprKind, Institution, Param, UnaryOp};
use crate::syntax::diagnostic::Severity;
use crate::syntax::parser::parse;
use crate::syntax::source::FileId;
use crate::types::core::Type;
use crate::verify::{Options, verify};

/// How many formulas are put to the engines.
const ROUNDS: usize = 8;
/// The entry that says that there is no first state.
const NO_START: &str = "initial_state";

/// A set of parameters, and what shows the verdict there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Region {
    /// Which parameters, as a formula of the language.
    #[serde(rename = "where")]
    pub formula: String,
    /// Proved or refuted; unknown where neither a proof nor cells settle it.
    pub verdict: CellVerdict,
    /// Whether it was proved for all values of the ranges at once; if not, cells alone speak for it.
    pub proved_at_once: bool,
    /// The certificate's kind, where there is one.
    pub certificate: Option<String>,
    /// Whether the certificate was checked.
    pub checked: bool,
    /// How many cells of the grid lie in it.
    pub cells: usize,
    /// Whether the ranges have values that are no cell, so that without a proof these are open.
    pub more_values: bool,
    /// Why it was not proved at once.
    pub reason: Option<String>,
}

/// What was found of the ranges.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Regions {
    /// The ranges, as a formula.
    pub ranges: String,
    /// Where the claim holds.
    pub proved: Region,
    /// Where it does not.
    pub refuted: Region,
    /// How many formulas before it fitted all cells, and failed between them.
    pub refined: usize,
}

/// What asks about ranges.
pub struct Asker<'a> {
    /// The claim and its spec.
    pub question: &'a Question<'a>,
    /// The grid.
    pub grid: &'a Grid,
    /// The axes as they were asked for.
    pub over: &'a [Over],
    /// Set from outside to stop.
    pub cancel: &'a (dyn Fn() -> bool + Sync),
}

/// What a question about all values came to.
enum Answer {
    Holds(Option<String>, bool),
    /// It fails at these parameters.
    Fails(Vec<Point>),
    Open(String),
}

impl Asker<'_> {
    /// The regions on both sides of the boundary of a sweep; nothing if it has none.
    pub fn regions(&self, sweep: &Sweep) -> Option<Regions> {
        let mut formula = sweep.boundary.clone()?;
        let mut grid = samples(&sweep.head, &sweep.cells);
        let beyond = samples(&sweep.head, &sweep.outside);
        let names: Vec<String> = sweep.head.over.keys().cloned().collect();
        let mut refined = 0;
        loop {
            let (inside, outside) = (self.holds(&formula), self.fails(&formula));
            let lessons: Vec<Sample> = [(&inside, false), (&outside, true)]
                .into_iter()
                .filter_map(|(answer, verdict)| match answer {
                    Answer::Fails(point) => Some((point.clone(), verdict)),
                    _ => None,
                })
                .filter(|lesson| grid.iter().all(|known| known.0 != lesson.0))
                .collect();
            let next = (refined < ROUNDS && !lessons.is_empty() && !(self.cancel)()).then(|| {
                grid.extend(lessons);
                boundary(&names, &grid, &beyond)
            });
            match next.flatten() {
                Some(found) if found.formula != formula => formula = found.formula,
                _ => return Some(self.told(sweep, &formula, (inside, outside), refined)),
            }
            refined += 1;
        }
    }

    fn told(
        &self,
        sweep: &Sweep,
        formula: &str,
        (inside, outside): (Answer, Answer),
        refined: usize,
    ) -> Regions {
        let negated = format!("not ({formula})");
        Regions {
            ranges: joined(&self.ranges()),
            proved: self.region(sweep, formula, CellVerdict::Proved, inside),
            refuted: self.region(sweep, &negated, CellVerdict::Refuted, outside),
            refined,
        }
    }

    fn region(&self, sweep: &Sweep, formula: &str, side: CellVerdict, answer: Answer) -> Region {
        let cells = sweep.cells.iter().filter(|cell| cell.verdict == side).count();
        let decided = sweep.cells.iter().all(super::outcome::Cell::is_decided);
        let more_values = self.has_more_values() || !decided;
        let (certificate, checked, reason, failed) = match answer {
            Answer::Holds(certificate, checked) => (certificate, checked, None, None),
            Answer::Open(reason) => (None, false, Some(reason), Some(more_values)),
            Answer::Fails(_) => {
                let reason = "it is not so between the cells".to_owned();
                (None, false, Some(reason), Some(true))
            }
        };
        Region {
            formula: formula.to_owned(),
            verdict: if failed == Some(true) { CellVerdict::Unknown } else { side },
            proved_at_once: failed.is_none(),
            certificate,
            checked,
            cells,
            more_values,
            reason,
        }
    }

    /// Whether the ranges have values that the grid does not: those of reals.
    fn has_more_values(&self) -> bool {
        self.over.iter().any(|axis| self.param_type(&axis.name) == Some(Type::Real))
    }

    fn param_type(&self, name: &str) -> Option<Type> {
        self.grid.model.params.iter().find(|param| param.name == name).map(|param| param.ty)
    }

    /// Whether the claim holds wherever the formula does.
    fn holds(&self, formula: &str) -> Answer {
        if formula == "false" {
            return Answer::Holds(None, true);
        }
        self.put(formula, false)
    }

    /// Whether it fails wherever the formula does not.
    fn fails(&self, formula: &str) -> Answer {
        match formula {
            "true" => Answer::Holds(None, true),
            _ if self.is_static() => self.put(&format!("not ({formula})"), true),
            _ => {
                Answer::Open("that a run refutes it at each value is no single question".to_owned())
            }
        }
    }

    fn claim(&self) -> Option<&Claim> {
        self.question.institution.items.iter().find_map(|item| match &item.decl {
            Decl::Claim(claim) | Decl::Lemma(claim) if claim.name.text == self.question.claim => {
                Some(claim)
            }
            _ => None,
        })
    }

    fn is_static(&self) -> bool {
        let valid =
            |claim: &Claim| matches!(*claim.property.kind, ExprKind::Unary(UnaryOp::Valid, _));
        self.claim().is_some_and(valid)
    }

    /// Puts the claim, or its negation, to the engines for all values of a region.
    fn put(&self, formula: &str, negated: bool) -> Answer {
        let Some(institution) = self.restricted(formula, negated) else {
            return Answer::Open("only claims and lemmas are asked about ranges".to_owned());
        };
        if self.grid.over.keys().all(|name| self.shapes(name)) {
            let reason = "each parameter shapes the model, and is taken value by value anyhow";
            return Answer::Open(reason.to_owned());
        }
        let mut whole: Option<(Option<String>, bool)> = None;
        for shape in self.grid.cells.iter().map(|cell| self.shape(cell)).unique_by(key) {
            match self.at(&institution, &shape) {
                Some(Answer::Holds(kind, checked)) => {
                    let (first, all) = whole.unwrap_or((kind, true));
                    whole = Some((first, all && checked));
                }
                Some(other) => return other,
                None => {}
            }
        }
        let (kind, checked) = whole.unwrap_or((None, true));
        Answer::Holds(kind, checked)
    }

    fn shapes(&self, name: &str) -> bool {
        self.grid.model.params.iter().any(|param| param.name == name && param.structural)
    }

    /// The values of those parameters of a cell that shape the model.
    fn shape(&self, cell: &Params) -> Params {
        let shaping = cell.iter().filter(|(name, _)| self.shapes(name));
        shaping.map(|(name, value)| (name.clone(), value.clone())).collect()
    }

    /// The answer for a shape; none where no parameter of the region has it.
    fn at(&self, institution: &Institution, shape: &Params) -> Option<Answer> {
        let question = self.question;
        let options = Options {
            claims: vec![question.claim.to_owned()],
            set: assigned(question.set, shape),
            needs: false,
            certificates: true,
            neighbours: None,
            ..question.options.clone()
        };
        let institutions = std::slice::from_ref(institution);
        match verify(question.sources, institutions, &options, &Silent, self.cancel) {
            Ok(verified) => {
                let entries = &verified.report.entries;
                // Without a first state at any parameter there is none of the region.
                let empty = |e: &Entry| e.id == NO_START && e.verdict == Verdict::Refuted;
                let wanted = |e: &&Entry| e.id == question.claim && e.kind != EntryKind::Defect;
                if entries.iter().any(empty) {
                    return None;
                }
                let open = || Answer::Open("it was not decided".to_owned());
                Some(entries.iter().find(wanted).map_or_else(open, |entry| self.read(entry)))
            }
            Err(diagnostics) => {
                let errors = || diagnostics.iter().filter(|d| d.severity == Severity::Error);
                if errors().all(|diagnostic| diagnostic.code == LEFT_OUT) {
                    return None;
                }
                let first = errors().map(|diagnostic| diagnostic.message.clone()).next();
                Some(Answer::Open(first.unwrap_or_default()))
            }
        }
    }

    fn read(&self, entry: &Entry) -> Answer {
        let open =
            || Answer::Open(entry.reason.clone().unwrap_or_else(|| "not decided".to_owned()));
        match entry.verdict {
            Verdict::Proved => {
                let certificate = entry.certificate.as_ref();
                let checked = certificate.is_some_and(|certificate| certificate.checked);
                Answer::Holds(certificate.map(|certificate| certificate.kind.clone()), checked)
            }
            Verdict::Refuted => {
                let axes = self.grid.over.keys();
                let at = axes.map(|name| entry.params.get(name).and_then(Point::of));
                at.collect::<Option<Vec<Point>>>().map_or_else(open, Answer::Fails)
            }
            Verdict::HoldsToDepth(_) | Verdict::Unknown => open(),
        }
    }

    /// The institution with the swept parameters open, but for their ranges and a formula.
    fn restricted(&self, formula: &str, negated: bool) -> Option<Institution> {
        self.claim()?;
        let mut institution = self.question.institution.clone();
        let condition = joined(&[self.ranges(), vec![format!("({formula})")]].concat());
        let condition = self.read_condition(&condition)?;
        let narrowed: BTreeMap<&str, &Values> =
            self.over.iter().map(|axis| (axis.name.as_str(), &axis.values)).collect();
        let mut last = None;
        for item in &mut institution.items {
            match &mut item.decl {
                Decl::Param(param) if narrowed.contains_key(param.name.text.as_str()) => {
                    param.value = None;
                    self.narrow(param);
                    last = Some(param);
                }
                Decl::Claim(claim) | Decl::Lemma(claim)
                    if claim.name.text == self.question.claim =>
                {
                    claim.expect = None;
                    claim.solve = None;
                    if negated {
                        negate(&mut claim.property);
                    }
                }
                _ => {}
            }
        }
        let last = last?;
        last.condition = Some(match last.condition.take() {
            None => condition,
            Some(own) => both(own, condition),
        });
        Some(institution)
    }

    /// A type that is a range is narrowed to the values that are swept.
    fn narrow(&self, param: &mut Param) {
        let swept = self.over.iter().find(|axis| axis.name == param.name.text);
        if let (Some(Type::Range(..)), Some(Over { values: Values::Range(low, high), .. })) =
            (self.param_type(&param.name.text), swept)
            && let Some(read) = declared(self.file(), &format!("param region : {low}..{high}"))
        {
            param.ty = read.ty;
        }
    }

    fn file(&self) -> FileId {
        self.question.institution.span.file
    }

    fn read_condition(&self, formula: &str) -> Option<Expr> {
        declared(self.file(), &format!("param region : bool where {formula}"))?.condition
    }

    /// The ranges of the axes, as far as their types do not say them.
    fn ranges(&self) -> Vec<String> {
        let said = |axis: &Over| {
            let name = &axis.name;
            let values = self.grid.over.get(name)?;
            match &axis.values {
                Values::All => None,
                Values::Range(low, high) => Some(format!("{low} <= {name} and {name} <= {high}")),
                Values::Listed(_) if self.param_type(name) == Some(Type::Real) => {
                    between(name, values)
                }
                Values::Listed(_) => {
                    let each: Vec<String> = values.iter().map(|v| equation(name, v)).collect();
                    Some(format!("({})", each.join(" or ")))
                }
            }
        };
        self.over.iter().filter_map(said).collect()
    }
}

/// From the least of some numbers to the greatest.
fn between(name: &str, values: &[Json]) -> Option<String> {
    let numbers = values.iter().map(|value| match Point::of(value)? {
        Point::Number(number) => Some(number),
        _ => None,
    });
    let numbers = numbers.collect::<Option<Vec<_>>>()?;
    let (least, most) = (numbers.iter().min()?, numbers.iter().max()?);
    Some(format!("{least} <= {name} and {name} <= {most}"))
}

/// That a parameter has a value.
fn equation(name: &str, value: &Json) -> String {
    match value {
        Json::Bool(true) => name.to_owned(),
        Json::Bool(false) => format!("not {name}"),
        other => format!("{name} = {}", words(other)),
    }
}

fn joined(parts: &[String]) -> String {
    if parts.is_empty() { "true".to_owned() } else { parts.join(" and ") }
}

/// The one parameter of a text.
fn declared(file: FileId, text: &str) -> Option<Param> {
    let read = parse(file, text);
    let mut items = read.file.items.into_iter().filter(|_| read.diagnostics.is_empty());
    match (items.next()?.decl, items.next()) {
        (Decl::Param(param), None) => Some(param),
        _ => None,
    }
}

fn both(one: Expr, other: Expr) -> Expr {
    let span = one.span;
    Expr { kind: Box::new(ExprKind::Binary(BinaryOp::And, one, other)), span }
}

/// `valid p` becomes `valid not p`.
fn negate(property: &mut Expr) {
    let span = property.span;
    if let ExprKind::Unary(UnaryOp::Valid, inner) = &mut *property.kind {
        let not = ExprKind::Unary(UnaryOp::Not, inner.clone());
        *inner = Expr { kind: Box::new(not), span };
    }
}
