//! Parameters: their types, given and default values, and conditions.
//!
//! A value given on the command line is read by the parameter's type. A
//! parameter that shapes the model (a size, a bound, a deadline) always has a
//! value, if need be the first of its type; any other without a value is
//! checked for all its values.

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{ToPrimitive, Zero};

use crate::syntax::diagnostic::Diagnostic;
use crate::syntax::source::Span;

use super::constants::{Constants, STEPS, Unknown};
use super::core::{Expr, ExprKind, Model, Param, ParamId, Sort, SortKind, Type, Value};
use super::layout::value_name;
use super::messages::{Why, describe, suggest};
use super::places::Place;
use super::{Checker, Demand, Lazy};

/// A parameter type with more values than this is not enumerated.
const ENUMERABLE: i64 = 100_000;

impl<'a> Checker<'a> {
    fn param_source(
        &self,
        param: ParamId,
    ) -> Option<(&'a crate::syntax::ast::Item, &'a crate::syntax::ast::Param)> {
        self.names.params.get(param.index()).copied()
    }

    /// The type of a parameter.
    pub(crate) fn param_type(&mut self, param: ParamId) -> Option<Type> {
        match self.params.get(param.index()) {
            Some(Lazy::Done(ty)) => return *ty,
            Some(Lazy::Busy) => return self.cycle(Demand::Param(param)),
            Some(Lazy::Todo) => {}
            None => return None,
        }
        let (_, source) = self.param_source(param)?;
        self.set_param(param, Lazy::Busy);
        let name = &source.name;
        let ty = self.demand(Demand::Param(param), &name.text, name.span, |c| {
            match (&source.ty, &source.value) {
                (Some(ty), _) => c.type_of(ty),
                (None, Some(value)) => c.infer(value, None).map(|e| e.ty),
                (None, None) => c.problems.fail(
                    Diagnostic::error(
                        "parameter-needs-type",
                        name.span,
                        format!("parameter `{}` has no type", name.text),
                    )
                    .help(format!("write it: `param {} : int`", name.text)),
                ),
            }
        });
        self.set_param(param, Lazy::Done(ty));
        ty
    }

    fn set_param(&mut self, param: ParamId, ty: Lazy<Type>) {
        if let Some(place) = self.params.get_mut(param.index()) {
            *place = ty;
        }
    }

    fn set_value(&mut self, param: ParamId, value: Lazy<Option<Value>>) {
        if let Some(place) = self.values.get_mut(param.index()) {
            *place = value;
        }
    }

    /// The given or default value, if there is one; the outer `None` is a failure.
    fn given_value(&mut self, param: ParamId) -> Option<Option<Value>> {
        match self.values.get(param.index()) {
            Some(Lazy::Done(value)) => return value.clone(),
            Some(Lazy::Busy) => return self.cycle(Demand::ParamValue(param)),
            Some(Lazy::Todo) => {}
            None => return None,
        }
        let (_, source) = self.param_source(param)?;
        self.set_value(param, Lazy::Busy);
        let name = &source.name;
        let value = self
            .demand(Demand::ParamValue(param), &name.text, name.span, |c| c.work_out_value(param));
        self.set_value(param, Lazy::Done(value.clone()));
        value
    }

    fn work_out_value(&mut self, param: ParamId) -> Option<Option<Value>> {
        let (_, source) = self.param_source(param)?;
        let ty = self.param_type(param)?;
        let given = self.given.values.get(source.name.text.as_str());
        let default = match &source.value {
            Some(e) => {
                let typed = self.expect(e, ty, Why::new(source.name.span, "declared here"));
                let typed = self.placed(typed, Place::rigid("a parameter's default"))?;
                if given.is_some() {
                    None
                } else {
                    let what = "a parameter's default";
                    let value =
                        self.evaluate_default(&typed, what, |constants, e| constants.value(e));
                    Some((value?, e.span))
                }
            }
            None => None,
        };
        let (value, span, whose) = match (given, default) {
            (Some(text), _) => (self.read(param, ty, text)?, source.name.span, "the given value"),
            (None, Some((value, span))) => (value, span, "the default"),
            (None, None) => return Some(None),
        };
        if in_type(ty, &value) {
            return Some(Some(value));
        }
        let message = format!(
            "{whose} of `{}`, {}, is not {}",
            source.name.text,
            value_name(&self.model, &value),
            describe(&self.model, ty)
        );
        self.problems.fail(
            Diagnostic::error("bad-parameter-value", span, message)
                .also(source.ty.as_ref().map_or(source.name.span, |t| t.span), "its type"),
        )
    }

    fn read(&mut self, param: ParamId, ty: Type, text: &str) -> Option<Value> {
        let (_, source) = self.param_source(param)?;
        match parse(&self.model, ty, text) {
            Some(value) => Some(value),
            None => {
                let message = format!(
                    "`{}={text}` is given, but {text} is not {}",
                    source.name.text,
                    describe(&self.model, ty)
                );
                self.problems.fail(
                    Diagnostic::error("bad-parameter-value", source.name.span, message)
                        .label("declared here")
                        .help(examples(&self.model, ty)),
                )
            }
        }
    }

    /// The value of a parameter that shapes the model.
    pub(crate) fn structural_value(&mut self, param: ParamId, at: Span) -> Option<Value> {
        if let Some(value) = self.given_value(param)? {
            return Some(value);
        }
        let (_, source) = self.param_source(param)?;
        let ty = self.param_type(param)?;
        let condition = self.condition(param);
        let values = values_of(&self.model.sorts, ty).unwrap_or_default();
        let first = values.into_iter().find(|v| self.may_be(param, v, condition.as_ref()));
        if first.is_none() {
            return self.problems.fail(
                Diagnostic::error(
                    "parameter-needs-value",
                    source.name.span,
                    format!("parameter `{}` needs a value: it shapes the model", source.name.text),
                )
                .also(at, "its value is needed here")
                .help(format!("give a default, or `--set {}=…`", source.name.text)),
            );
        }
        self.set_value(param, Lazy::Done(Some(first.clone())));
        self.structural.insert(param);
        first
    }

    /// The condition of a parameter, typed.
    fn condition(&mut self, param: ParamId) -> Option<Expr> {
        let (_, source) = self.param_source(param)?;
        let condition = source.condition.as_ref()?;
        let typed = self.apart(|c| {
            c.expect(condition, Type::Bool, Why::new(source.name.span, "a condition of it"))
        });
        self.placed(typed, Place::rigid("the condition of a parameter"))
    }

    fn may_be(&self, param: ParamId, value: &Value, condition: Option<&Expr>) -> bool {
        condition.is_none_or(|condition| allowed(&self.model, param, value, condition))
    }

    /// Fills in the model's parameters.
    pub(crate) fn declare_params(&mut self) {
        let names = &self.names.values;
        for given in self.given.values.keys() {
            if self.names.params.iter().any(|(_, p)| p.name.text == *given) {
                continue;
            }
            let message = match names.get(given.as_str()) {
                Some((symbol, _)) => format!("`{given}` is {}, not a parameter", symbol.what()),
                None => format!("there is no parameter `{given}`"),
            };
            let all = self.names.params.iter().map(|(_, p)| p.name.text.as_str());
            let diagnostic = Diagnostic::error("unknown-parameter", self.tree.span, message);
            self.problems.push(suggest(diagnostic, given, all, ""));
        }
        for i in 0..self.names.params.len() {
            let param = ParamId(u32::try_from(i).unwrap_or(u32::MAX));
            let ty = self.param_type(param);
            let value = self.given_value(param);
            let (Some((item, source)), Some(ty)) = (self.param_source(param), ty) else { continue };
            let condition = self.condition(param);
            self.model.params.push(Param {
                name: source.name.text.clone(),
                ty,
                condition,
                value: value.flatten(),
                structural: false,
                doc: item.doc.clone(),
                span: item.span,
            });
        }
    }

    /// Marks the parameters that shape the model and checks all conditions; the last thing done.
    pub(crate) fn settle_params(&mut self) {
        if self.model.params.len() != self.names.params.len() {
            return;
        }
        for (i, param) in (0..).zip(&mut self.model.params) {
            param.structural = self.structural.contains(&ParamId(i));
            if let Some(Lazy::Done(Some(value))) = self.values.get(i as usize) {
                param.value.clone_from(value);
            }
            // What is given is kept: only the others are for all values.
            if self.given.all && !param.structural && !self.given.values.contains_key(&param.name) {
                param.value = None;
            }
        }
        for i in 0..self.model.params.len() {
            self.check_condition(i);
        }
    }

    fn check_condition(&mut self, i: usize) {
        let Some(param) = self.model.params.get(i) else { return };
        let Some(condition) = &param.condition else { return };
        let outcome = constants(&self.model, &|p| {
            self.model.params.get(p.index()).and_then(|p| p.value.clone())
        })
        .truth(condition);
        let values: Vec<String> = mentioned(&self.model, condition);
        let diagnostic = match outcome {
            Ok(false) => Diagnostic::error(
                "parameter-condition",
                condition.span,
                format!("the condition of `{}` does not hold", param.name),
            )
            .label(format!("false at {}", values.join(", ")))
            .help("choose other values, or weaken the condition"),
            Err(Unknown::Undefined(why)) => Diagnostic::error(
                "undefined-constant",
                condition.span,
                format!("the condition of `{}` has no value: {why}", param.name),
            ),
            _ => return,
        };
        self.problems.push(diagnostic);
    }
}

/// `notice = 2` for each parameter that an expression mentions and that has a value.
fn mentioned(model: &Model, e: &Expr) -> Vec<String> {
    let read = super::visit::reads(model, e).params;
    read.iter()
        .filter_map(|p| model.params.get(p.index()))
        .filter_map(|p| p.value.as_ref().map(|v| format!("{} = {}", p.name, value_name(model, v))))
        .collect()
}

fn constants<'a>(model: &'a Model, params: &'a dyn Fn(ParamId) -> Option<Value>) -> Constants<'a> {
    Constants { defines: &model.defines, sorts: &model.sorts, params, steps: STEPS.into() }
}

/// Whether a condition allows a value, whatever the other parameters are.
fn allowed(model: &Model, param: ParamId, value: &Value, condition: &Expr) -> bool {
    let only = |p: ParamId| (p == param).then(|| value.clone());
    constants(model, &only).truth(condition) != Ok(false)
}

/// The values of a parameter of finite type, in order, as far as its condition allows them
/// whatever the other parameters are; `None` for an infinite or very large type.
pub fn domain(model: &Model, param: ParamId) -> Option<Vec<Value>> {
    let declared = model.params.get(param.index())?;
    let mut values = values_of(&model.sorts, declared.ty)?;
    if let Some(condition) = &declared.condition {
        values.retain(|value| allowed(model, param, value, condition));
    }
    Some(values)
}

fn values_of(sorts: &[Sort], ty: Type) -> Option<Vec<Value>> {
    match ty {
        Type::Bool => Some(vec![Value::Bool(false), Value::Bool(true)]),
        Type::Range(lo, hi) if hi.checked_sub(lo)? < ENUMERABLE => {
            Some((lo..=hi).map(|n| Value::Int(n.into())).collect())
        }
        Type::Finite(sort) => {
            let size = sorts.get(sort.index())?.size();
            Some((0..size).map(|i| Value::Member(sort, i)).collect())
        }
        Type::Int | Type::Real | Type::Range(..) => None,
    }
}

fn in_type(ty: Type, value: &Value) -> bool {
    match (ty, value) {
        (Type::Range(lo, hi), Value::Int(n)) => *n >= lo.into() && *n <= hi.into(),
        _ => true,
    }
}

/// Reads a value of a type as the command line gives it: `true`, `3`, `0.5`, `1/2`, `collude`,
/// `Conduct.collude`, `County[2]` or `2`.
pub fn parse(model: &Model, ty: Type, text: &str) -> Option<Value> {
    let text = text.trim();
    match ty {
        Type::Bool => text.parse().ok().map(Value::Bool),
        Type::Int | Type::Range(..) => text.parse::<BigInt>().ok().map(Value::Int),
        Type::Real => rational(text).map(Value::Real),
        Type::Finite(sort) => {
            let declared = model.sorts.get(sort.index())?;
            let inner = text.strip_prefix(declared.name.as_str());
            let number = match &declared.kind {
                SortKind::Enum(members) => {
                    let name = inner.and_then(|rest| rest.strip_prefix('.')).unwrap_or(text);
                    members.iter().position(|m| m == name)?.to_u32()?
                }
                SortKind::Index { single: true, .. } if inner == Some("") => 0,
                SortKind::Index { .. } => inner
                    .and_then(|rest| rest.strip_prefix('[')?.strip_suffix(']'))
                    .unwrap_or(text)
                    .trim()
                    .parse()
                    .ok()?,
            };
            (number < declared.size()).then_some(Value::Member(sort, number))
        }
    }
}

/// `1`, `0.5` or `1/2`.
pub(crate) fn rational(text: &str) -> Option<BigRational> {
    if let Some((above, below)) = text.split_once('/') {
        let below: BigInt = below.trim().parse().ok()?;
        let above: BigInt = above.trim().parse().ok()?;
        return (!below.is_zero()).then(|| BigRational::new(above, below));
    }
    let Some((whole, part)) = text.split_once('.') else {
        return text.parse().ok().map(BigRational::from_integer);
    };
    if !part.chars().all(|c| c.is_ascii_digit()) {
        return None;
    }
    let digits: BigInt = format!("{whole}{part}").parse().ok()?;
    let scale = u32::try_from(part.len()).ok()?;
    Some(BigRational::new(digits, BigInt::from(10).pow(scale)))
}

fn examples(model: &Model, ty: Type) -> String {
    match ty {
        Type::Bool => "write `true` or `false`".to_owned(),
        Type::Int => "write a whole number, such as `3`".to_owned(),
        Type::Real => "write a number, such as `0.5` or `1/2`".to_owned(),
        Type::Range(lo, hi) => format!("write a number from {lo} to {hi}"),
        Type::Finite(_) => {
            let all = values_of(&model.sorts, ty).unwrap_or_default();
            let names: Vec<String> = all.iter().take(8).map(|v| value_name(model, v)).collect();
            format!("write {}", super::messages::alternatives(&names))
        }
    }
}

/// Whether an expression is a number as written.
pub(crate) fn literal(e: &Expr) -> Option<&Value> {
    if let ExprKind::Const(value) = &*e.kind { Some(value) } else { None }
}
