//! Exact evaluation of typed expressions in one period of a run.
//!
//! Strict operators evaluate all their operands, so that a period shows every fault it has;
//! `and`, `or`, `implies`, `if`, `all` and `some` stop where the language reference says the rest
//! does not count. What a faulted operand guards does not count either.

use crate::syntax::source::Span;
use crate::types::core::{
    Binary, CellId, Domain, Expr, ExprKind, InputId, LocalId, Model, Quant, RuleId, Set, SortId,
    TickId, Unary, Value,
};
use crate::types::defect::DefectKind;
use crate::types::layout::{Layout, offset, value_name};

use super::operate::{Undefined, binary, convert, saturate, unary};
use super::value::{Values, integer, number, size, truth};

/// Why an expression has no value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The defect; `None` when it cannot be read here: no inputs, no next state, a temporal
    /// operator, or an ill-sorted expression, which a checked model never has.
    pub kind: Option<DefectKind>,
    /// Where it arose.
    pub span: Span,
    /// What went wrong, in the spec's words.
    pub text: String,
}

/// One or more faults.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Faults(pub Vec<Fault>);

impl Faults {
    /// A defect.
    pub fn defect(kind: DefectKind, span: Span, text: impl Into<String>) -> Faults {
        Faults(vec![Fault { kind: Some(kind), span, text: text.into() }])
    }

    /// Something that cannot be read here.
    pub fn unreadable(span: Span, text: impl Into<String>) -> Faults {
        Faults(vec![Fault { kind: None, span, text: text.into() }])
    }

    /// Both.
    #[must_use]
    pub fn and(mut self, other: Faults) -> Faults {
        for fault in other.0 {
            if !self.0.contains(&fault) {
                self.0.push(fault);
            }
        }
        self
    }
}

/// A value, or why there is none.
pub type Evaluated = Result<Value, Faults>;

/// The values of bound variables, innermost last.
#[derive(Clone, Debug, Default)]
pub struct Scope {
    bindings: Vec<(LocalId, Value)>,
}

impl Scope {
    /// A scope with these bindings.
    pub fn of(bindings: impl IntoIterator<Item = (LocalId, Value)>) -> Scope {
        Scope { bindings: bindings.into_iter().collect() }
    }

    /// A scope that binds each variable to a member of its sort.
    pub fn members(binders: impl IntoIterator<Item = (LocalId, SortId)>, member: &[u32]) -> Scope {
        Scope::of(
            binders
                .into_iter()
                .zip(member)
                .map(|((local, sort), &i)| (local, Value::Member(sort, i))),
        )
    }

    fn get(&self, local: LocalId) -> Option<&Value> {
        self.bindings.iter().rev().find(|(l, _)| *l == local).map(|(_, value)| value)
    }

    /// With one more variable bound.
    pub(super) fn with<T>(
        &mut self,
        local: LocalId,
        value: Value,
        body: impl FnOnce(&mut Scope) -> T,
    ) -> T {
        self.bindings.push((local, value));
        let result = body(self);
        self.bindings.pop();
        result
    }
}

/// How `x'` is read.
pub trait Next {
    /// The value of a cell slot at the end of the period.
    fn next(&self, slot: usize, span: Span) -> Evaluated;
}

/// A next state that is known.
pub struct Known<'a>(pub &'a [Value]);

impl Next for Known<'_> {
    fn next(&self, slot: usize, span: Span) -> Evaluated {
        self.0.get(slot).cloned().ok_or_else(|| Faults::unreadable(span, "no such cell"))
    }
}

/// All that an expression may read in one period.
#[derive(Clone, Copy)]
pub struct Reading<'a> {
    /// The model.
    pub model: &'a Model,
    /// Its layout.
    pub layout: &'a Layout,
    /// Values of the parameters.
    pub params: &'a [Value],
    /// The state at the start of the period.
    pub state: &'a [Value],
    /// The period's draws, unless it is only a state.
    pub inputs: Option<&'a [Value]>,
    /// The state at its end, unless it is only a state.
    pub next: Option<&'a dyn Next>,
}

impl Reading<'_> {
    /// The value of an expression.
    ///
    /// # Errors
    /// Its faults.
    pub fn value(&self, expr: &Expr, scope: &mut Scope) -> Evaluated {
        stacker::maybe_grow(64 * 1024, 1024 * 1024, || self.evaluate(expr, scope))
    }

    /// The truth of a boolean expression.
    ///
    /// # Errors
    /// Its faults.
    pub fn holds(&self, expr: &Expr, scope: &mut Scope) -> Result<bool, Faults> {
        let value = self.value(expr, scope)?;
        truth(&value).ok_or_else(|| Faults::unreadable(expr.span, "not a truth value"))
    }

    fn evaluate(&self, expr: &Expr, scope: &mut Scope) -> Evaluated {
        let span = expr.span;
        match expr.kind.as_ref() {
            ExprKind::Const(value) => Ok(value.clone()),
            ExprKind::Param(param) => found(self.params.get(param.index()), span),
            ExprKind::Local(local) => found(scope.get(*local), span),
            ExprKind::Cell { cell, index, primed } => self.cell(*cell, index, *primed, span, scope),
            ExprKind::Input { input, index } => self.input(*input, index, span, scope),
            ExprKind::Call(define, args) => self.call(define.index(), args, span, scope),
            ExprKind::Fired(rule, index) => self.fired(*rule, index, span, scope),
            ExprKind::Tick(tick) => self.tick(*tick, span),
            ExprKind::Unary(op, e) => {
                let value = self.value(e, scope)?;
                self.defined(unary(*op, &value), span)
            }
            ExprKind::Binary(op, l, r) => self.binary(*op, l, r, span, scope),
            ExprKind::If(c, t, e) => {
                let branch = if self.holds(c, scope)? { t } else { e };
                self.value(branch, scope)
            }
            ExprKind::Quantified(quant, local, domain, body) => {
                self.quantified(*quant, *local, domain, body, span, scope)
            }
            ExprKind::In(e, set) => {
                let (value, values) = both(self.value(e, scope), self.set(set, scope))?;
                Ok(Value::Bool(values.contains(&value)))
            }
            ExprKind::Saturate(e, lo, hi) => {
                let value = self.value(e, scope)?;
                self.defined(saturate(&value, *lo, *hi), span)
            }
            ExprKind::Table(table, index) => self.table(table, index, span, scope),
            ExprKind::Convert(conversion, e) => {
                let value = self.value(e, scope)?;
                let name = || value_name(self.model, &value);
                convert(self.model, *conversion, &value)
                    .map_err(|undefined| explain(undefined, span, &name()))
            }
            ExprKind::Property(_) => {
                Err(Faults::unreadable(span, "a temporal operator says nothing of one period"))
            }
        }
    }

    fn defined(&self, value: Result<Value, Undefined>, span: Span) -> Evaluated {
        value.map_err(|undefined| explain(undefined, span, ""))
    }

    fn binary(&self, op: Binary, l: &Expr, r: &Expr, span: Span, scope: &mut Scope) -> Evaluated {
        let decided = match op {
            Binary::And => Some((false, false)),
            Binary::Or => Some((true, true)),
            Binary::Implies => Some((false, true)),
            _ => None,
        };
        if let Some((left, result)) = decided {
            if self.holds(l, scope)? == left {
                return Ok(Value::Bool(result));
            }
            return self.holds(r, scope).map(Value::Bool);
        }
        let (left, right) = both(self.value(l, scope), self.value(r, scope))?;
        self.defined(binary(op, &left, &right), span)
    }

    /// The members of a set.
    ///
    /// # Errors
    /// The faults of its elements or bounds.
    pub fn set(&self, set: &Set, scope: &mut Scope) -> Result<Values, Faults> {
        match set {
            Set::Elements(elements) => self.all(elements, scope).map(Values::Elements),
            Set::Range(lo, hi) => match both(self.value(lo, scope), self.value(hi, scope))? {
                (Value::Int(a), Value::Int(b)) => Ok(Values::Range(a, b)),
                _ => Err(Faults::unreadable(lo.span.to(hi.span), "not whole numbers")),
            },
            Set::Sort(sort) => Ok(Values::Sort(*sort, size(self.model, *sort))),
        }
    }

    /// The values of several expressions, all of which count.
    fn all(&self, exprs: &[Expr], scope: &mut Scope) -> Result<Vec<Value>, Faults> {
        let mut values = Ok(Vec::with_capacity(exprs.len()));
        for expr in exprs {
            values = both(values, self.value(expr, scope)).map(|(mut values, value)| {
                values.push(value);
                values
            });
        }
        values
    }

    /// The members that index expressions name.
    ///
    /// # Errors
    /// Their faults, and bad indexes.
    pub fn member(
        &self,
        sorts: &[SortId],
        index: &[Expr],
        scope: &mut Scope,
    ) -> Result<Vec<u32>, Faults> {
        let mut member = Ok(Vec::with_capacity(sorts.len()));
        for (&sort, expr) in sorts.iter().zip(index) {
            let place =
                self.value(expr, scope).and_then(|value| self.place(sort, &value, expr.span));
            member = both(member, place).map(|(mut member, i)| {
                member.push(i);
                member
            });
        }
        member
    }

    fn place(&self, sort: SortId, value: &Value, span: Span) -> Result<u32, Faults> {
        number(value)
            .and_then(|n| u32::try_from(n).ok())
            .filter(|i| *i < size(self.model, sort))
            .ok_or_else(|| {
                let family = self.model.sorts.get(sort.index()).map_or("", |s| s.name.as_str());
                let text = format!("`{family}` has no member {}", value_name(self.model, value));
                Faults::defect(DefectKind::BadIndex, span, text)
            })
    }

    fn cell(
        &self,
        cell: CellId,
        index: &[Expr],
        primed: bool,
        span: Span,
        scope: &mut Scope,
    ) -> Evaluated {
        let Some(declared) = self.model.cells.get(cell.index()) else {
            return Err(Faults::unreadable(span, "no such cell"));
        };
        let member = self.member(&declared.index, index, scope)?;
        let slot = self.layout.cell(cell) + offset(self.model, &declared.index, &member);
        match (primed, self.next) {
            (false, _) => found(self.state.get(slot), span),
            (true, Some(next)) => next.next(slot, span),
            (true, None) => Err(Faults::unreadable(span, "the last period has no end")),
        }
    }

    fn input(&self, input: InputId, index: &[Expr], span: Span, scope: &mut Scope) -> Evaluated {
        let Some(declared) = self.model.inputs.get(input.index()) else {
            return Err(Faults::unreadable(span, "no such choice"));
        };
        let member = self.member(&declared.index, index, scope)?;
        let slot = self.layout.input(input) + offset(self.model, &declared.index, &member);
        let Some(inputs) = self.inputs else {
            return Err(Faults::unreadable(span, "nothing is chosen in the last period"));
        };
        found(inputs.get(slot), span)
    }

    fn call(&self, define: usize, args: &[Expr], span: Span, scope: &mut Scope) -> Evaluated {
        let Some(define) = self.model.defines.get(define) else {
            return Err(Faults::unreadable(span, "no such definition"));
        };
        let values = self.all(args, scope)?;
        let bindings = define.args.iter().map(|(local, _)| *local).zip(values);
        self.value(&define.body, &mut Scope::of(bindings))
    }

    fn fired(&self, rule: RuleId, index: &[Expr], span: Span, scope: &mut Scope) -> Evaluated {
        let Some(rule) = self.model.rules.get(rule.index()) else {
            return Err(Faults::unreadable(span, "no such rule"));
        };
        if self.inputs.is_none() {
            return Err(Faults::unreadable(span, "no rule fires in the last period"));
        }
        let sorts: Vec<SortId> = rule.binders.iter().map(|(_, sort)| *sort).collect();
        let member = self.member(&sorts, index, scope)?;
        let mut inside = Scope::members(rule.binders.iter().copied(), &member);
        self.holds(&rule.guard, &mut inside).map(Value::Bool)
    }

    fn tick(&self, tick: TickId, span: Span) -> Evaluated {
        let Some(tick) = self.model.ticks.get(tick.index()) else {
            return Err(Faults::unreadable(span, "no such tick"));
        };
        if self.inputs.is_none() {
            return Err(Faults::unreadable(span, "no tick occurs in the last period"));
        }
        self.holds(&tick.when, &mut Scope::default()).map(Value::Bool)
    }

    fn table(
        &self,
        table: &[Option<Value>],
        index: &[Expr],
        span: Span,
        scope: &mut Scope,
    ) -> Evaluated {
        let values = self.all(index, scope)?;
        let mut at = 0usize;
        for value in &values {
            let Value::Member(sort, i) = value else {
                return Err(Faults::unreadable(span, "not a member of a family"));
            };
            at = at * size(self.model, *sort) as usize + *i as usize;
        }
        table.get(at).cloned().flatten().ok_or_else(|| {
            let names: Vec<String> = values.iter().map(|v| value_name(self.model, v)).collect();
            let text = format!("there is none for `{}`", names.join(", "));
            Faults::defect(DefectKind::BadIndex, span, text)
        })
    }

    /// The members of a quantifier's domain.
    ///
    /// # Errors
    /// The faults of its elements.
    pub fn domain(&self, domain: &Domain, scope: &mut Scope) -> Result<Values, Faults> {
        match domain {
            Domain::Sort(sort) => Ok(Values::Sort(*sort, size(self.model, *sort))),
            Domain::Range(lo, hi) => Ok(Values::Range((*lo).into(), (*hi).into())),
            Domain::Elements(elements) => self.all(elements, scope).map(Values::Elements),
        }
    }

    fn quantified(
        &self,
        quant: Quant,
        local: LocalId,
        domain: &Domain,
        body: &Expr,
        span: Span,
        scope: &mut Scope,
    ) -> Evaluated {
        let values = self.domain(domain, scope)?;
        let members = (0..).map_while(|n| values.nth(n));
        match quant {
            Quant::All | Quant::Some => {
                let sought = quant == Quant::Some;
                for value in members {
                    if scope.with(local, value, |scope| self.holds(body, scope))? == sought {
                        return Ok(Value::Bool(sought));
                    }
                }
                Ok(Value::Bool(!sought))
            }
            _ => {
                let mut folded = Ok(None);
                for value in members {
                    let term = scope.with(local, value, |scope| self.value(body, scope));
                    folded = both(folded, term).and_then(|(sum, term)| {
                        self.defined(accumulate(quant, sum, term), span).map(Some)
                    });
                }
                folded.map(|value| value.unwrap_or_else(|| nothing(quant, body)))
            }
        }
    }
}

/// Adds one member's term to what the quantifier has so far.
fn accumulate(quant: Quant, sum: Option<Value>, term: Value) -> Result<Value, Undefined> {
    let term = match (quant, term) {
        (Quant::Count, Value::Bool(b)) => integer(i32::from(b)),
        (_, term) => term,
    };
    let Some(sum) = sum else { return Ok(term) };
    let op = match quant {
        Quant::Min => Binary::Min,
        Quant::Max => Binary::Max,
        _ => Binary::Add,
    };
    binary(op, &sum, &term)
}

/// The count or sum over nothing.
fn nothing(quant: Quant, body: &Expr) -> Value {
    match quant {
        Quant::Count => integer(0),
        _ => super::value::lowest(match body.ty {
            crate::types::core::Type::Real => crate::types::core::Type::Real,
            _ => crate::types::core::Type::Int,
        }),
    }
}

/// Both values, or all faults of either.
pub fn both<A, B>(a: Result<A, Faults>, b: Result<B, Faults>) -> Result<(A, B), Faults> {
    match (a, b) {
        (Ok(a), Ok(b)) => Ok((a, b)),
        (Err(a), Err(b)) => Err(a.and(b)),
        (Err(faults), _) | (_, Err(faults)) => Err(faults),
    }
}

fn found(value: Option<&Value>, span: Span) -> Evaluated {
    value.cloned().ok_or_else(|| Faults::unreadable(span, "nothing has a value here"))
}

fn explain(undefined: Undefined, span: Span, value: &str) -> Faults {
    match undefined {
        Undefined::Defect(kind @ DefectKind::BadIndex) => {
            Faults::defect(kind, span, format!("{value} is no member of the family"))
        }
        Undefined::Defect(kind) => Faults::defect(kind, span, kind.description()),
        Undefined::IllSorted => Faults::unreadable(span, "an operator's operands do not fit it"),
    }
}

/// The negation of a boolean expression, at the same place.
pub fn negation(expr: &Expr) -> Expr {
    Expr { kind: Box::new(ExprKind::Unary(Unary::Not, expr.clone())), ..expr.clone() }
}
