//! Evaluating constant expressions at the parameters' values, exactly.
//!
//! Sizes, type bounds, deadlines and quantifier ranges are numbers of the
//! model, not terms of it, so they are worked out here with unbounded integers
//! and rationals. Only rigid expressions have a value; anything else is
//! [`Unknown`], as is an operation without a result.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{One, Signed, ToPrimitive, Zero};

use super::core::{
    Binary, Conversion, Define, Domain, Expr, ExprKind, LocalId, ParamId, Quant, Set, Sort, SortId,
    Type, Unary, Value,
};
use super::visit::{children, deep};

/// Why a constant expression has no value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unknown {
    /// It reads a parameter whose value is not fixed.
    Param(ParamId),
    /// It divides by zero or indexes outside a sort.
    Undefined(&'static str),
    /// It is not constant.
    NotConstant,
}

type Result<T> = std::result::Result<T, Unknown>;

/// What a constant expression is evaluated in.
pub struct Constants<'a> {
    /// Definitions, earlier ones first.
    pub defines: &'a [Define],
    /// Sorts, whose sizes are final.
    pub sorts: &'a [Sort],
    /// The parameters' values.
    pub params: &'a dyn Fn(ParamId) -> Option<Value>,
    /// Steps left before an evaluation is given up.
    pub steps: std::cell::Cell<u32>,
}

/// Steps enough for any constant that a spec has use for.
pub const STEPS: u32 = 5_000_000;

type Locals = BTreeMap<LocalId, Value>;

impl Constants<'_> {
    /// The value of an expression.
    pub fn value(&self, e: &Expr) -> Result<Value> {
        self.eval(e, &mut Locals::new())
    }

    /// The value of a number that must be whole.
    pub fn integer(&self, e: &Expr) -> Result<BigInt> {
        self.value(e).and_then(integer)
    }

    /// The value of a truth value.
    pub fn truth(&self, e: &Expr) -> Result<bool> {
        self.value(e).and_then(|v| truth(&v))
    }

    /// Every parameter that the expression reads, through definitions.
    pub fn params_of(&self, e: &Expr) -> BTreeSet<ParamId> {
        let mut found = BTreeSet::new();
        self.collect(e, &mut found, &mut BTreeSet::new());
        found
    }

    fn collect(&self, e: &Expr, found: &mut BTreeSet<ParamId>, seen: &mut BTreeSet<u32>) {
        deep(|| {
            match &*e.kind {
                ExprKind::Param(id) => drop(found.insert(*id)),
                ExprKind::Call(id, _) if seen.insert(id.0) => {
                    if let Some(define) = self.defines.get(id.index()) {
                        self.collect(&define.body, found, seen);
                    }
                }
                _ => {}
            }
            for part in children(e) {
                self.collect(part, found, seen);
            }
        });
    }

    fn eval(&self, e: &Expr, locals: &mut Locals) -> Result<Value> {
        self.spend(1)?;
        deep(|| match &*e.kind {
            ExprKind::Const(value) => Ok(value.clone()),
            ExprKind::Param(id) => (self.params)(*id).ok_or(Unknown::Param(*id)),
            ExprKind::Local(id) => locals.get(id).cloned().ok_or(Unknown::NotConstant),
            ExprKind::Call(id, args) => self.call(id.index(), args, locals),
            ExprKind::Unary(op, a) => unary(*op, self.eval(a, locals)?),
            ExprKind::Binary(op, a, b) => self.binary(*op, a, b, locals),
            ExprKind::If(c, a, b) => {
                if truth(&self.eval(c, locals)?)? {
                    self.eval(a, locals)
                } else {
                    self.eval(b, locals)
                }
            }
            ExprKind::Quantified(quant, local, domain, body) => {
                self.quantified(*quant, *local, domain, body, locals)
            }
            ExprKind::In(a, set) => {
                let a = self.eval(a, locals)?;
                self.member(&a, set, locals).map(Value::Bool)
            }
            ExprKind::Saturate(a, lo, hi) => {
                let n = integer(self.eval(a, locals)?)?;
                Ok(Value::Int(n.clamp(BigInt::from(*lo), BigInt::from(*hi).max((*lo).into()))))
            }
            ExprKind::Table(table, index) => self.table(table, index, locals),
            ExprKind::Convert(how, a) => self.convert(*how, self.eval(a, locals)?),
            ExprKind::Cell { .. }
            | ExprKind::Input { .. }
            | ExprKind::Fired(..)
            | ExprKind::Tick(_)
            | ExprKind::Property(_) => Err(Unknown::NotConstant),
        })
    }

    fn spend(&self, steps: u32) -> Result<()> {
        let left = self.steps.get().checked_sub(steps);
        self.steps.set(left.unwrap_or(0));
        left.map(|_| ()).ok_or(Unknown::Undefined("it takes too long to work out"))
    }

    fn call(&self, define: usize, args: &[Expr], locals: &mut Locals) -> Result<Value> {
        let define = self.defines.get(define).ok_or(Unknown::NotConstant)?;
        let mut inner = Locals::new();
        for ((local, _), arg) in define.args.iter().zip(args) {
            inner.insert(*local, self.eval(arg, locals)?);
        }
        self.eval(&define.body, &mut inner)
    }

    fn binary(&self, op: Binary, a: &Expr, b: &Expr, locals: &mut Locals) -> Result<Value> {
        let left = self.eval(a, locals)?;
        match (op, &left) {
            (Binary::And, Value::Bool(false)) | (Binary::Or, Value::Bool(true)) => Ok(left),
            (Binary::Implies, Value::Bool(false)) => Ok(Value::Bool(true)),
            (Binary::And | Binary::Or | Binary::Implies, _) => self.eval(b, locals),
            _ => apply(op, &left, &self.eval(b, locals)?),
        }
    }

    fn table(&self, table: &[Option<Value>], index: &[Expr], locals: &mut Locals) -> Result<Value> {
        let mut at = 0_usize;
        for i in index {
            let Value::Member(sort, n) = self.eval(i, locals)? else {
                return Err(Unknown::NotConstant);
            };
            at = at * self.size(sort) as usize + n as usize;
        }
        table.get(at).cloned().flatten().ok_or(Unknown::Undefined("there is no such post"))
    }

    fn size(&self, sort: SortId) -> u32 {
        self.sorts.get(sort.index()).map_or(0, Sort::size)
    }

    fn convert(&self, how: Conversion, value: Value) -> Result<Value> {
        match (how, value) {
            (Conversion::RangeToInt, value) => Ok(value),
            (Conversion::IntToReal, Value::Int(n)) => Ok(Value::Real(BigRational::from_integer(n))),
            (Conversion::MemberToInt, Value::Member(_, i)) => Ok(Value::Int(i.into())),
            (Conversion::BoolToInt, Value::Bool(b)) => Ok(Value::Int(u32::from(b).into())),
            (Conversion::IntToMember(sort), Value::Int(n)) => n
                .to_u32()
                .filter(|i| *i < self.size(sort))
                .map(|i| Value::Member(sort, i))
                .ok_or(Unknown::Undefined("the index lies outside its sort")),
            _ => Err(Unknown::NotConstant),
        }
    }

    fn member(&self, a: &Value, set: &Set, locals: &mut Locals) -> Result<bool> {
        match set {
            Set::Sort(_) => Ok(true),
            Set::Elements(elements) => {
                for e in elements {
                    if self.eval(e, locals)? == *a {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            Set::Range(lo, hi) => {
                let (lo, hi) = (self.eval(lo, locals)?, self.eval(hi, locals)?);
                Ok(truth(&apply(Binary::Le, &lo, a)?)? && truth(&apply(Binary::Le, a, &hi)?)?)
            }
        }
    }

    fn elements(&self, domain: &Domain, locals: &mut Locals) -> Result<Vec<Value>> {
        self.spend(match domain {
            Domain::Sort(sort) => self.size(*sort),
            Domain::Range(lo, hi) => {
                u32::try_from(hi.saturating_sub(*lo).max(0)).unwrap_or(u32::MAX)
            }
            Domain::Elements(_) => 0,
        })?;
        match domain {
            Domain::Sort(sort) => {
                Ok((0..self.size(*sort)).map(|i| Value::Member(*sort, i)).collect())
            }
            Domain::Range(lo, hi) => Ok((*lo..=*hi).map(|n| Value::Int(n.into())).collect()),
            Domain::Elements(elements) => elements.iter().map(|e| self.eval(e, locals)).collect(),
        }
    }

    fn quantified(
        &self,
        quant: Quant,
        local: LocalId,
        domain: &Domain,
        body: &Expr,
        locals: &mut Locals,
    ) -> Result<Value> {
        let mut so_far: Option<Value> = None;
        for value in self.elements(domain, locals)? {
            locals.insert(local, value);
            let value = self.eval(body, locals)?;
            match (quant, &value) {
                (Quant::All, Value::Bool(false)) | (Quant::Some, Value::Bool(true)) => {
                    return Ok(value);
                }
                _ => so_far = fold(quant, so_far, value)?,
            }
        }
        so_far.map_or_else(|| empty(quant, body.ty), Ok)
    }
}

/// The value of a quantifier over no element.
fn empty(quant: Quant, ty: Type) -> Result<Value> {
    match quant {
        Quant::All => Ok(Value::Bool(true)),
        Quant::Some => Ok(Value::Bool(false)),
        Quant::Sum if ty == Type::Real => Ok(Value::Real(BigRational::zero())),
        Quant::Count | Quant::Sum => Ok(Value::Int(BigInt::zero())),
        Quant::Min | Quant::Max => Err(Unknown::Undefined("the set is empty")),
    }
}

fn fold(quant: Quant, so_far: Option<Value>, next: Value) -> Result<Option<Value>> {
    let next = match (quant, &next) {
        (Quant::Count, Value::Bool(b)) => Value::Int(u32::from(*b).into()),
        _ => next,
    };
    let Some(so_far) = so_far else { return Ok(Some(next)) };
    let op = match quant {
        Quant::All | Quant::Some => return Ok(Some(next)),
        Quant::Count | Quant::Sum => Binary::Add,
        Quant::Min => Binary::Min,
        Quant::Max => Binary::Max,
    };
    apply(op, &so_far, &next).map(Some)
}

pub(crate) fn truth(value: &Value) -> Result<bool> {
    if let Value::Bool(b) = value { Ok(*b) } else { Err(Unknown::NotConstant) }
}

fn integer(value: Value) -> Result<BigInt> {
    match value {
        Value::Int(n) => Ok(n),
        Value::Real(r) if r.is_integer() => Ok(r.to_integer()),
        _ => Err(Unknown::NotConstant),
    }
}

fn unary(op: Unary, value: Value) -> Result<Value> {
    match (op, value) {
        (Unary::Not, Value::Bool(b)) => Ok(Value::Bool(!b)),
        (Unary::Neg, Value::Int(n)) => Ok(Value::Int(-n)),
        (Unary::Neg, Value::Real(r)) => Ok(Value::Real(-r)),
        (Unary::Abs, Value::Int(n)) => Ok(Value::Int(n.abs())),
        (Unary::Abs, Value::Real(r)) => Ok(Value::Real(r.abs())),
        _ => Err(Unknown::NotConstant),
    }
}

/// A strict binary operator on two values of one type.
fn apply(op: Binary, a: &Value, b: &Value) -> Result<Value> {
    let order = match (a, b) {
        (Value::Int(x), Value::Int(y)) => x.cmp(y),
        (Value::Real(x), Value::Real(y)) => x.cmp(y),
        (Value::Bool(x), Value::Bool(y)) => x.cmp(y),
        (Value::Member(s, x), Value::Member(t, y)) if s == t => x.cmp(y),
        _ => return Err(Unknown::NotConstant),
    };
    match op {
        Binary::Eq | Binary::Iff => Ok(Value::Bool(order.is_eq())),
        Binary::Ne => Ok(Value::Bool(order.is_ne())),
        Binary::Lt => Ok(Value::Bool(order.is_lt())),
        Binary::Le => Ok(Value::Bool(order.is_le())),
        Binary::Gt => Ok(Value::Bool(order.is_gt())),
        Binary::Ge => Ok(Value::Bool(order.is_ge())),
        Binary::Min => Ok(if order.is_le() { a.clone() } else { b.clone() }),
        Binary::Max => Ok(if order.is_ge() { a.clone() } else { b.clone() }),
        _ => arithmetic(op, a, b),
    }
}

fn arithmetic(op: Binary, a: &Value, b: &Value) -> Result<Value> {
    let by_zero = Unknown::Undefined("it divides by zero");
    match (op, a, b) {
        (Binary::Add, Value::Int(x), Value::Int(y)) => Ok(Value::Int(x + y)),
        (Binary::Sub, Value::Int(x), Value::Int(y)) => Ok(Value::Int(x - y)),
        (Binary::Mul, Value::Int(x), Value::Int(y)) => Ok(Value::Int(x * y)),
        (Binary::Div | Binary::Mod, Value::Int(_), Value::Int(y)) if y.is_zero() => Err(by_zero),
        (Binary::Div, Value::Int(x), Value::Int(y)) => Ok(Value::Int(euclidean(x, y).0)),
        (Binary::Mod, Value::Int(x), Value::Int(y)) => Ok(Value::Int(euclidean(x, y).1)),
        (Binary::Add, Value::Real(x), Value::Real(y)) => Ok(Value::Real(x + y)),
        (Binary::Sub, Value::Real(x), Value::Real(y)) => Ok(Value::Real(x - y)),
        (Binary::Mul, Value::Real(x), Value::Real(y)) => Ok(Value::Real(x * y)),
        (Binary::Div, Value::Real(_), Value::Real(y)) if y.is_zero() => Err(by_zero),
        (Binary::Div, Value::Real(x), Value::Real(y)) => Ok(Value::Real(x / y)),
        _ => Err(Unknown::NotConstant),
    }
}

/// `a = b*q + r` with `0 <= r < |b|`, as in SMT-LIB; `b` is not zero.
pub(super) fn euclidean(a: &BigInt, b: &BigInt) -> (BigInt, BigInt) {
    let (quotient, remainder) = (a / b, a % b);
    if !remainder.is_negative() {
        return (quotient, remainder);
    }
    let step = if b.is_positive() { -BigInt::one() } else { BigInt::one() };
    (quotient + step, remainder + b.abs())
}
