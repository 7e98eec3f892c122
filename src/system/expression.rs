//! Typed expressions to terms.
//!
//! Every expression yields its value and the conditions under which it has
//! none: division by zero, an index outside its range. The conditions follow
//! the short-circuit order of the language (`y != 0 and x / y > 1` is always
//! defined). Quantifiers over finite sorts are written out; definitions are
//! inlined once per tuple of argument terms.

use num_rational::BigRational;

use super::elaborate::Elaborator;
use crate::syntax::source::Span;
use crate::term::{Sort, Term};
use crate::types::core::{
    Binary, Conversion, Domain, Expr, ExprKind, Quant, Set, SortId, Type, Unary, Value,
};
use crate::types::defect::DefectKind;
use crate::types::layout;

/// A way in which an evaluation can fail.
#[derive(Clone, Debug)]
pub struct Fault {
    /// Division by zero or a bad index.
    pub kind: DefectKind,
    /// The expression that fails.
    pub span: Span,
    /// When it fails.
    pub when: Term,
}

/// A value and the ways in which it can fail to exist.
#[derive(Clone, Debug)]
pub struct Valued {
    /// The value, anything where some fault's condition holds.
    pub term: Term,
    /// Faults, each with its condition.
    pub faults: Vec<Fault>,
}

impl Elaborator<'_> {
    /// The value of an expression without temporal operators.
    pub(super) fn expr(&mut self, e: &Expr) -> Valued {
        stacker::maybe_grow(64 * 1024, 1024 * 1024, || self.expr_inner(e))
    }

    // table: one arm per kind of expression
    fn expr_inner(&mut self, e: &Expr) -> Valued {
        match &*e.kind {
            ExprKind::Const(value) => sound(self.constant(value)),
            ExprKind::Param(p) => sound(self.param(*p)),
            ExprKind::Local(l) => sound(self.local(*l)),
            ExprKind::Cell { cell, index, primed } => {
                let base = self.layout.cell(*cell);
                let sorts = self.model.cells.get(cell.index()).map(|c| c.index.clone());
                let sorts = sorts.unwrap_or_default();
                self.select(&sorts, index, |this, offset| {
                    sound(if *primed { this.end(base + offset) } else { this.cell(base + offset) })
                })
            }
            ExprKind::Input { input, index } => {
                let base = self.layout.input(*input);
                let sorts = self.model.inputs.get(input.index()).map(|i| i.index.clone());
                let sorts = sorts.unwrap_or_default();
                self.select(&sorts, index, |this, offset| sound(this.input(base + offset)))
            }
            ExprKind::Call(define, args) => self.call(*define, args),
            ExprKind::Fired(rule, index) => {
                let sorts = self.binder_sorts(*rule);
                self.select(&sorts, index, |this, offset| this.guard(*rule, offset))
            }
            ExprKind::Tick(tick) => match self.model.ticks.get(tick.index()) {
                Some(tick) => self.expr(&tick.when),
                None => sound(self.pool.bottom()),
            },
            ExprKind::Unary(op, a) => self.unary(*op, a),
            ExprKind::Binary(op, a, b) => self.binary(*op, a, b, e.span),
            ExprKind::If(c, a, b) => self.conditional(c, a, b),
            ExprKind::Quantified(quant, local, domain, body) => {
                let instances = self.instances(domain);
                self.quantified(*quant, e.ty, instances, |this, value| {
                    this.bind(*local, value);
                    this.expr(body)
                })
            }
            ExprKind::In(a, set) => {
                let a = self.expr(a);
                let mut member = self.member(a.term, set);
                member.faults.splice(0..0, a.faults);
                member
            }
            ExprKind::Saturate(a, lo, hi) => {
                let a = self.expr(a);
                let (lo, hi) = (self.pool.int(*lo), self.pool.int(*hi));
                let below = self.pool.min(a.term, hi);
                Valued { term: self.pool.max(below, lo), faults: a.faults }
            }
            ExprKind::Table(table, index) => self.table(table, index, e),
            ExprKind::Convert(conversion, a) => self.convert(*conversion, a, e.span),
            // The checker lets no property in here.
            ExprKind::Property(_) => sound(self.pool.bottom()),
        }
    }

    /// A constant as a term: members are their numbers.
    pub(super) fn constant(&mut self, value: &Value) -> Term {
        match value {
            Value::Bool(b) => self.pool.bool(*b),
            Value::Int(n) => self.pool.int(n.clone()),
            Value::Real(r) => self.pool.real(r.clone()),
            Value::Member(_, i) => self.pool.int(*i),
        }
    }

    fn call(&mut self, define: crate::types::core::DefineId, args: &[Expr]) -> Valued {
        let args: Vec<Valued> = args.iter().map(|a| self.expr(a)).collect();
        let key: Vec<Term> = args.iter().map(|a| a.term).collect();
        let mut faults: Vec<Fault> = args.into_iter().flat_map(|a| a.faults).collect();
        let body = match self.calls.get(&(define, key.clone())) {
            Some(known) => known.clone(),
            None => {
                let Some(definition) = self.model.defines.get(define.index()) else {
                    return sound(self.pool.bottom());
                };
                for ((local, _), term) in definition.args.iter().zip(&key) {
                    self.bind(*local, *term);
                }
                let body = self.expr(&definition.body);
                self.calls.insert((define, key), body.clone());
                body
            }
        };
        faults.extend(body.faults);
        Valued { term: body.term, faults }
    }

    fn unary(&mut self, op: Unary, a: &Expr) -> Valued {
        let Valued { term, faults } = self.expr(a);
        let term = match op {
            Unary::Not => self.pool.not(term),
            Unary::Neg => self.pool.neg(term),
            Unary::Abs => {
                let minus = self.pool.neg(term);
                self.pool.max(term, minus)
            }
        };
        Valued { term, faults }
    }

    fn binary(&mut self, op: Binary, a: &Expr, b: &Expr, span: Span) -> Valued {
        let a = self.expr(a);
        let b = self.expr(b);
        let (x, y) = (a.term, b.term);
        let mut faults = a.faults;
        let known = self.has_value(&faults);
        let reached = match op {
            Binary::And | Binary::Implies => self.pool.and([known, x]),
            Binary::Or => {
                let open = self.pool.not(x);
                self.pool.and([known, open])
            }
            _ => self.pool.top(),
        };
        self.guarded(reached, b.faults, &mut faults);
        if matches!(op, Binary::Div | Binary::Mod) {
            let zero = match self.pool.sort(y) {
                Sort::Real => self.pool.real(BigRational::from_integer(0.into())),
                _ => self.pool.int(0),
            };
            let (known, is_zero) = (self.has_value(&faults), self.pool.eq(y, zero));
            let when = self.pool.and([known, is_zero]);
            self.fault(DefectKind::DivisionByZero, span, when, &mut faults);
        }
        Valued { term: self.operate(op, x, y), faults }
    }

    // table: one arm per operator
    fn operate(&mut self, op: Binary, x: Term, y: Term) -> Term {
        let pool = &mut self.pool;
        match op {
            Binary::And => pool.and([x, y]),
            Binary::Or => pool.or([x, y]),
            Binary::Implies => pool.implies(x, y),
            Binary::Iff | Binary::Eq => pool.eq(x, y),
            Binary::Ne => pool.ne(x, y),
            Binary::Lt => pool.lt(x, y),
            Binary::Le => pool.le(x, y),
            Binary::Gt => pool.lt(y, x),
            Binary::Ge => pool.le(y, x),
            Binary::Add => {
                let sort = pool.sort(x);
                pool.add([x, y], sort)
            }
            Binary::Sub => pool.sub(x, y),
            Binary::Mul => pool.mul(x, y),
            Binary::Div if pool.sort(x) == Sort::Real => pool.real_div(x, y),
            Binary::Div => pool.div(x, y),
            Binary::Mod => pool.modulo(x, y),
            Binary::Min => pool.min(x, y),
            Binary::Max => pool.max(x, y),
        }
    }

    fn conditional(&mut self, c: &Expr, a: &Expr, b: &Expr) -> Valued {
        let c = self.expr(c);
        let a = self.expr(a);
        let b = self.expr(b);
        let mut faults = c.faults;
        let known = self.has_value(&faults);
        let then = self.pool.and([known, c.term]);
        self.guarded(then, a.faults, &mut faults);
        let not = self.pool.not(c.term);
        let otherwise = self.pool.and([known, not]);
        self.guarded(otherwise, b.faults, &mut faults);
        Valued { term: self.pool.ite(c.term, a.term, b.term), faults }
    }

    /// The values a quantified variable takes, with the faults of listing them.
    pub(super) fn instances(&mut self, domain: &Domain) -> Vec<Valued> {
        match domain {
            Domain::Sort(sort) => (0..self.size(*sort)).map(|i| sound(self.pool.int(i))).collect(),
            Domain::Range(lo, hi) => (*lo..=*hi).map(|i| sound(self.pool.int(i))).collect(),
            Domain::Elements(list) => list.iter().map(|e| self.expr(e)).collect(),
        }
    }

    fn quantified(
        &mut self,
        quant: Quant,
        ty: Type,
        instances: Vec<Valued>,
        mut body: impl FnMut(&mut Self, Term) -> Valued,
    ) -> Valued {
        let mut faults = Vec::new();
        let mut terms: Vec<Term> = Vec::new();
        let mut reached = self.pool.top();
        for instance in instances {
            let value = body(self, instance.term);
            self.guarded(reached, instance.faults, &mut faults);
            self.guarded(reached, value.faults, &mut faults);
            terms.push(value.term);
            reached = match quant {
                Quant::All => self.pool.and([reached, value.term]),
                Quant::Some => {
                    let not = self.pool.not(value.term);
                    self.pool.and([reached, not])
                }
                _ => reached,
            };
        }
        Valued { term: self.fold(quant, ty, terms), faults }
    }

    fn fold(&mut self, quant: Quant, ty: Type, terms: Vec<Term>) -> Term {
        let sort = if ty == Type::Real { Sort::Real } else { Sort::Int };
        match quant {
            Quant::All => self.pool.and(terms),
            Quant::Some => self.pool.or(terms),
            Quant::Sum => self.pool.add(terms, sort),
            Quant::Count => {
                let (one, zero) = (self.pool.int(1), self.pool.int(0));
                let ones: Vec<Term> =
                    terms.into_iter().map(|t| self.pool.ite(t, one, zero)).collect();
                self.pool.add(ones, Sort::Int)
            }
            Quant::Min | Quant::Max => {
                let least = quant == Quant::Min;
                let pick = |this: &mut Self, a, b| {
                    if least { this.pool.min(a, b) } else { this.pool.max(a, b) }
                };
                let mut terms = terms.into_iter();
                let first = terms.next().unwrap_or_else(|| self.pool.int(0));
                terms.fold(first, |a, b| pick(self, a, b))
            }
        }
    }

    /// Whether a term is in a set.
    pub(super) fn member(&mut self, x: Term, set: &Set) -> Valued {
        match set {
            Set::Sort(_) => sound(self.pool.top()),
            Set::Range(lo, hi) => {
                let (lo, hi) = (self.expr(lo), self.expr(hi));
                let above = self.pool.le(lo.term, x);
                let below = self.pool.le(x, hi.term);
                let mut faults = lo.faults;
                faults.extend(hi.faults);
                Valued { term: self.pool.and([above, below]), faults }
            }
            Set::Elements(list) => {
                let elements: Vec<Valued> = list.iter().map(|e| self.expr(e)).collect();
                let faults = elements.iter().flat_map(|e| e.faults.clone()).collect();
                let equal: Vec<Term> = elements.iter().map(|e| self.pool.eq(x, e.term)).collect();
                Valued { term: self.pool.or(equal), faults }
            }
        }
    }

    /// A member of a family at an index that may itself be computed.
    pub(super) fn select(
        &mut self,
        sorts: &[SortId],
        index: &[Expr],
        mut at: impl FnMut(&mut Self, usize) -> Valued,
    ) -> Valued {
        let index: Vec<Valued> = index.iter().map(|e| self.expr(e)).collect();
        let terms: Vec<Term> = index.iter().map(|i| i.term).collect();
        let mut faults: Vec<Fault> = index.into_iter().flat_map(|i| i.faults).collect();
        let known = self.has_value(&faults);
        let mut chosen: Option<Valued> = None;
        for member in layout::members(self.model, sorts).into_iter().rev() {
            let here = self.indexes(&terms, &member);
            if self.pool.as_bool(here) == Some(false) {
                continue;
            }
            let mut value = at(self, layout::offset(self.model, sorts, &member));
            if self.pool.as_bool(here) == Some(true) {
                faults.extend(value.faults);
                return Valued { term: value.term, faults };
            }
            let mut conditional = Vec::new();
            let reached = self.pool.and([known, here]);
            self.guarded(reached, std::mem::take(&mut value.faults), &mut conditional);
            chosen = Some(match chosen {
                None => Valued { term: value.term, faults: conditional },
                Some(rest) => {
                    conditional.extend(rest.faults);
                    Valued { term: self.pool.ite(here, value.term, rest.term), faults: conditional }
                }
            });
        }
        // Every member excluded: the index is out of range, which is a fault already.
        let chosen = chosen.unwrap_or_else(|| at(self, 0));
        faults.extend(chosen.faults);
        Valued { term: chosen.term, faults }
    }

    /// Whether index terms name this member.
    pub(super) fn indexes(&mut self, terms: &[Term], member: &[u32]) -> Term {
        let equal: Vec<Term> = terms
            .iter()
            .zip(member)
            .map(|(t, i)| {
                let i = self.pool.int(*i);
                self.pool.eq(*t, i)
            })
            .collect();
        self.pool.and(equal)
    }

    fn table(&mut self, table: &[Option<Value>], index: &[Expr], e: &Expr) -> Valued {
        let sorts: Vec<SortId> = index
            .iter()
            .filter_map(|i| match i.ty {
                Type::Finite(sort) => Some(sort),
                _ => None,
            })
            .collect();
        self.select(&sorts, index, |this, offset| match table.get(offset) {
            Some(Some(value)) => sound(this.constant(value)),
            _ => {
                let top = this.pool.top();
                let fault = Fault { kind: DefectKind::BadIndex, span: e.span, when: top };
                let anything =
                    if e.ty == Type::Bool { this.pool.bottom() } else { this.pool.int(0) };
                Valued { term: anything, faults: vec![fault] }
            }
        })
    }

    fn convert(&mut self, conversion: Conversion, a: &Expr, span: Span) -> Valued {
        let Valued { term, mut faults } = self.expr(a);
        let term = match conversion {
            Conversion::RangeToInt | Conversion::MemberToInt => term,
            Conversion::IntToReal => self.pool.to_real(term),
            Conversion::BoolToInt => {
                let (one, zero) = (self.pool.int(1), self.pool.int(0));
                self.pool.ite(term, one, zero)
            }
            Conversion::IntToMember(sort) => {
                let size = i64::from(self.size(sort));
                let inside = self.pool.between(term, 0, size - 1);
                let (known, outside) = (self.has_value(&faults), self.pool.not(inside));
                let when = self.pool.and([known, outside]);
                self.fault(DefectKind::BadIndex, span, when, &mut faults);
                term
            }
        };
        Valued { term, faults }
    }

    /// That none of these faults occurs: what rests on a value is looked at only where there is one.
    fn has_value(&mut self, faults: &[Fault]) -> Term {
        let any = self.pool.or(faults.iter().map(|fault| fault.when));
        self.pool.not(any)
    }

    /// Records a fault unless it cannot happen.
    fn fault(&mut self, kind: DefectKind, span: Span, when: Term, into: &mut Vec<Fault>) {
        if self.pool.as_bool(when) != Some(false) {
            into.push(Fault { kind, span, when });
        }
    }

    /// Faults that count only where `reached` holds.
    pub(super) fn guarded(&mut self, reached: Term, faults: Vec<Fault>, into: &mut Vec<Fault>) {
        for fault in faults {
            let when = self.pool.and([reached, fault.when]);
            self.fault(fault.kind, fault.span, when, into);
        }
    }
}

/// A value that always exists.
pub(super) fn sound(term: Term) -> Valued {
    Valued { term, faults: Vec::new() }
}
