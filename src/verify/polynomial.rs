//! Polynomials over parameters with rational coefficients, and quotients of them, as the spec would write them.

use std::collections::BTreeMap;

use num_bigint::BigInt;
use num_integer::Integer;
use num_rational::BigRational;
use num_traits::{One, Signed, Zero};

use crate::syntax::source::Span;
use crate::types::core::{Binary, Conversion, Expr, ExprKind, Model, ParamId, Type, Unary, Value};

/// Parameters with their powers.
type Monomial = BTreeMap<ParamId, u32>;

/// A sum of monomials, none with coefficient zero.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Polynomial(BTreeMap<Monomial, BigRational>);

/// A quotient.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Quotient {
    pub(super) above: Polynomial,
    pub(super) below: Polynomial,
}

impl Polynomial {
    pub(super) fn constant(n: BigRational) -> Polynomial {
        let mut all = BTreeMap::new();
        if !n.is_zero() {
            all.insert(Monomial::new(), n);
        }
        Polynomial(all)
    }

    fn param(param: ParamId) -> Polynomial {
        Polynomial(BTreeMap::from([(Monomial::from([(param, 1)]), BigRational::one())]))
    }

    pub(super) fn is_zero(&self) -> bool {
        self.0.is_empty()
    }

    fn is_one(&self) -> bool {
        *self == Polynomial::constant(BigRational::one())
    }

    pub(super) fn plus(&self, other: &Polynomial) -> Polynomial {
        let mut sum = self.0.clone();
        for (monomial, n) in &other.0 {
            let entry = sum.entry(monomial.clone()).or_insert_with(BigRational::zero);
            *entry += n;
        }
        sum.retain(|_, n| !n.is_zero());
        Polynomial(sum)
    }

    pub(super) fn times(&self, other: &Polynomial) -> Polynomial {
        let mut product = Polynomial::default();
        for (one, n) in &self.0 {
            for (two, m) in &other.0 {
                let mut monomial = one.clone();
                for (param, power) in two {
                    *monomial.entry(*param).or_insert(0) += power;
                }
                product = product.plus(&Polynomial(BTreeMap::from([(monomial, n * m)])));
            }
        }
        product
    }

    pub(super) fn minus(&self) -> Polynomial {
        Polynomial(self.0.iter().map(|(monomial, n)| (monomial.clone(), -n)).collect())
    }

    /// `a` and `b` of `a * x + b`; none if `x` occurs in higher powers.
    pub(super) fn linear(&self, x: ParamId) -> Option<(Polynomial, Polynomial)> {
        let (mut slope, mut rest) = (Polynomial::default(), Polynomial::default());
        for (monomial, n) in &self.0 {
            let mut monomial = monomial.clone();
            let into = match monomial.remove(&x) {
                None => &mut rest,
                Some(1) => &mut slope,
                Some(_) => return None,
            };
            into.0.insert(monomial, n.clone());
        }
        Some((slope, rest))
    }

    fn scaled(&self, by: &BigRational) -> Polynomial {
        self.times(&Polynomial::constant(by.clone()))
    }

    /// In words: positive terms first.
    fn words(&self, model: &Model) -> String {
        let (plus, minus): (Vec<_>, Vec<_>) =
            self.0.iter().rev().partition(|(_, n)| n.is_positive());
        let mut text = String::new();
        for (monomial, n) in plus.into_iter().chain(minus) {
            let sign = match (text.is_empty(), n.is_negative()) {
                (true, false) => "",
                (true, true) => "-",
                (false, false) => " + ",
                (false, true) => " - ",
            };
            text.push_str(sign);
            text.push_str(&term(model, monomial, &n.abs()));
        }
        if text.is_empty() { "0".to_owned() } else { text }
    }

    /// As a real expression.
    pub(super) fn expr(&self, span: Span) -> Expr {
        let real = |kind| Expr { kind: Box::new(kind), ty: Type::Real, span };
        let constant = |n: &BigRational| real(ExprKind::Const(Value::Real(n.clone())));
        let mut sum = constant(&BigRational::zero());
        for (monomial, n) in &self.0 {
            let mut product = constant(n);
            for (param, power) in monomial {
                for _ in 0..*power {
                    let factor = real(ExprKind::Param(*param));
                    product = real(ExprKind::Binary(Binary::Mul, product, factor));
                }
            }
            sum = real(ExprKind::Binary(Binary::Add, sum, product));
        }
        sum
    }
}

fn term(model: &Model, monomial: &Monomial, n: &BigRational) -> String {
    let mut factors: Vec<String> = Vec::new();
    if monomial.is_empty() || !n.is_one() {
        factors.push(n.to_string());
    }
    for (param, power) in monomial {
        let name = model.params.get(param.index()).map_or("", |param| param.name.as_str());
        factors.extend(std::iter::repeat_n(name.to_owned(), *power as usize));
    }
    factors.join(" * ")
}

impl Quotient {
    fn whole(above: Polynomial) -> Quotient {
        Quotient { above, below: Polynomial::constant(BigRational::one()) }
    }

    fn plus(&self, other: &Quotient) -> Quotient {
        if self.below == other.below {
            return Quotient { above: self.above.plus(&other.above), below: self.below.clone() };
        }
        let above = self.above.times(&other.below).plus(&other.above.times(&self.below));
        Quotient { above, below: self.below.times(&other.below) }
    }

    pub(super) fn less(&self, other: &Quotient) -> Quotient {
        self.plus(&Quotient { above: other.above.minus(), below: other.below.clone() })
    }

    /// In words, reduced by numbers, with the sign of the denominator's first term positive.
    pub(super) fn words(&self, model: &Model) -> String {
        let all = || self.above.0.values().chain(self.below.0.values());
        let below = all().fold(BigInt::one(), |least, n| least.lcm(n.denom()));
        let above =
            all().fold(BigInt::zero(), |most, n| most.gcd(&(n.numer() * &below / n.denom())));
        let by = if above.is_zero() { BigRational::one() } else { BigRational::new(below, above) };
        let negative = self.below.0.values().all(Signed::is_negative);
        let by = if negative { -by } else { by };
        let (above, below) = (self.above.scaled(&by), self.below.scaled(&by));
        if below.is_one() {
            return above.words(model);
        }
        let bracket = |p: &Polynomial| match p.0.len() {
            0 | 1 => p.words(model),
            _ => format!("({})", p.words(model)),
        };
        let several = below.0.keys().any(|m| m.values().sum::<u32>() > 1) || below.0.len() > 1;
        let under = if several { format!("({})", below.words(model)) } else { below.words(model) };
        format!("{} / {under}", bracket(&above))
    }

    /// Reads an arithmetic expression with definitions written out; none where it is no quotient of polynomials.
    pub(super) fn read(model: &Model, e: &Expr) -> Option<Quotient> {
        match &*e.kind {
            ExprKind::Const(Value::Int(n)) => {
                Some(Quotient::whole(Polynomial::constant(BigRational::from_integer(n.clone()))))
            }
            ExprKind::Const(Value::Real(n)) => {
                Some(Quotient::whole(Polynomial::constant(n.clone())))
            }
            ExprKind::Param(param) => {
                let declared = model.params.get(param.index())?;
                match &declared.value {
                    Some(Value::Int(n)) => Some(Quotient::whole(Polynomial::constant(
                        BigRational::from_integer(n.clone()),
                    ))),
                    Some(Value::Real(n)) => Some(Quotient::whole(Polynomial::constant(n.clone()))),
                    _ if declared.ty == Type::Real => {
                        Some(Quotient::whole(Polynomial::param(*param)))
                    }
                    _ => None,
                }
            }
            ExprKind::Convert(Conversion::IntToReal | Conversion::RangeToInt, inner) => {
                Quotient::read(model, inner)
            }
            ExprKind::Unary(Unary::Neg, inner) => {
                let inner = Quotient::read(model, inner)?;
                Some(Quotient { above: inner.above.minus(), ..inner })
            }
            ExprKind::Binary(op, a, b) => {
                let (a, b) = (Quotient::read(model, a)?, Quotient::read(model, b)?);
                match op {
                    Binary::Add => Some(a.plus(&b)),
                    Binary::Sub => Some(a.less(&b)),
                    Binary::Mul => Some(Quotient {
                        above: a.above.times(&b.above),
                        below: a.below.times(&b.below),
                    }),
                    Binary::Div if e.ty == Type::Real && !b.above.is_zero() => Some(Quotient {
                        above: a.above.times(&b.below),
                        below: a.below.times(&b.above),
                    }),
                    _ => None,
                }
            }
            _ => None,
        }
    }
}
