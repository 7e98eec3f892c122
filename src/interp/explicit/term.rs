//! Typed expressions as nodes of a [`Graph`](super::graph::Graph).
//!
//! Operations are total in the graph; beside each value stands, per kind of fault, a node that is
//! 1 where the expression does not have that fault. Strict operators have the faults of all their
//! operands, short-circuit ones those of the operands that count: the same rules as in
//! [`crate::interp::evaluate`], written a second time. A real number is a whole one over a fixed
//! denominator.

use num_integer::Integer;
use num_traits::ToPrimitive;

use crate::types::core::{
    Binary, CellId, Conversion, Domain, Expr, ExprKind, InputId, LocalId, Quant, RuleId, Set,
    SortId, Type, Value,
};

use super::graph::{Bar, Ref};
use super::rules::Compiler;
use crate::interp::value::size;

/// Nodes that are 1 where there is no fault of a kind.
#[derive(Clone, Copy, Debug)]
pub struct Safe {
    /// No division by zero.
    pub division: Ref,
    /// No bad index.
    pub index: Ref,
    /// No contradictory writes to a cell whose end is read.
    pub writes: Ref,
}

/// An expression's value and safety.
#[derive(Clone, Copy, Debug)]
pub struct Term {
    /// The value, times `scale`.
    pub value: Ref,
    /// The denominator of a real number; 1 for all else.
    pub scale: i64,
    /// Where it has a value.
    pub safe: Safe,
}

/// The values of bound variables, innermost last.
pub type Bindings = Vec<(LocalId, Term)>;

impl Compiler<'_> {
    /// No fault at all.
    pub fn always_safe(&mut self) -> Safe {
        let yes = self.graph.truth(true);
        Safe { division: yes, index: yes, writes: yes }
    }

    /// A value without faults.
    pub fn plain(&mut self, value: Ref) -> Term {
        Term { value, scale: 1, safe: self.always_safe() }
    }

    /// Where both have a value.
    pub fn both_safe(&mut self, a: Safe, b: Safe) -> Safe {
        Safe {
            division: self.graph.and(a.division, b.division),
            index: self.graph.and(a.index, b.index),
            writes: self.graph.and(a.writes, b.writes),
        }
    }

    /// Where there is none of the faults, or the condition does not hold.
    pub fn safe_if(&mut self, condition: Ref, safe: Safe) -> Safe {
        Safe {
            division: self.graph.implies(condition, safe.division),
            index: self.graph.implies(condition, safe.index),
            writes: self.graph.implies(condition, safe.writes),
        }
    }

    /// 1 where there is no fault of any kind.
    pub fn ok(&mut self, safe: Safe) -> Ref {
        let some = self.graph.and(safe.division, safe.index);
        self.graph.and(some, safe.writes)
    }

    /// 1 where a boolean term has a value and it is true.
    pub fn holds(&mut self, term: Term) -> Ref {
        let ok = self.ok(term.safe);
        self.graph.and(ok, term.value)
    }

    /// 1 where a boolean term has a value and it is false.
    pub fn fails(&mut self, term: Term) -> Ref {
        let ok = self.ok(term.safe);
        let not = self.graph.not(term.value);
        self.graph.and(ok, not)
    }

    pub(super) fn bar(&mut self, bar: Bar) -> Term {
        let value = self.graph.bar(bar);
        self.plain(value)
    }

    /// The term of a constant.
    pub fn constant(&mut self, value: &Value) -> Term {
        let number = match value {
            Value::Bool(b) => Some((i64::from(*b), 1)),
            Value::Int(n) => n.to_i64().map(|n| (n, 1)),
            Value::Member(_, i) => Some((i64::from(*i), 1)),
            Value::Real(r) => r.numer().to_i64().zip(r.denom().to_i64()),
        };
        let Some((n, scale)) = number else { return self.bar(Bar::Overflow) };
        let value = self.graph.constant(n);
        Term { scale, ..self.plain(value) }
    }

    /// The term of an expression; `after` reads every cell at the end of the period.
    pub fn term(&mut self, expr: &Expr, bound: &mut Bindings, after: bool) -> Term {
        if self.graph.size() > super::graph::LIMIT {
            self.too_large = true;
            return self.bar(Bar::Overflow);
        }
        stacker::maybe_grow(64 * 1024, 1024 * 1024, || self.compile(expr, bound, after))
    }

    fn compile(&mut self, expr: &Expr, bound: &mut Bindings, after: bool) -> Term {
        match expr.kind.as_ref() {
            ExprKind::Const(value) => self.constant(value),
            ExprKind::Param(param) => match self.params.get(param.index()).cloned() {
                Some(value) => self.constant(&value),
                None => self.bar(Bar::Infinite("a parameter without value".to_owned())),
            },
            ExprKind::Local(local) => {
                let found = bound.iter().rev().find(|(l, _)| l == local).map(|(_, term)| *term);
                found.unwrap_or_else(|| self.bar(Bar::Infinite("a variable".to_owned())))
            }
            ExprKind::Cell { cell, index, primed } => {
                self.cell(*cell, index, *primed || after, bound, after)
            }
            ExprKind::Input { input, index } => self.input(*input, index, bound, after),
            ExprKind::Call(define, args) => {
                let model = self.model;
                let Some(define) = model.defines.get(define.index()) else {
                    return self.bar(Bar::Infinite("a definition".to_owned()));
                };
                let (args, safe) = self.terms(args, bound, after);
                let mut inside: Bindings =
                    define.args.iter().map(|(local, _)| *local).zip(args).collect();
                let body = self.term(&define.body, &mut inside, after);
                self.strict(body, safe)
            }
            ExprKind::Fired(rule, index) => self.fired(*rule, index, bound, after),
            ExprKind::Tick(tick) => {
                let model = self.model;
                match model.ticks.get(tick.index()) {
                    Some(tick) => self.term(&tick.when, &mut Vec::new(), after),
                    None => self.bar(Bar::Infinite("a tick".to_owned())),
                }
            }
            ExprKind::Unary(op, e) => {
                let term = self.term(e, bound, after);
                self.unary(*op, term)
            }
            ExprKind::Binary(op, l, r) => {
                let (left, right) = (self.term(l, bound, after), self.term(r, bound, after));
                self.binary(*op, left, right, l.ty == Type::Real)
            }
            ExprKind::If(c, t, e) => {
                let condition = self.term(c, bound, after);
                let (then, otherwise) = (self.term(t, bound, after), self.term(e, bound, after));
                self.conditional(condition, then, otherwise)
            }
            ExprKind::Quantified(quant, local, domain, body) => {
                self.quantified(*quant, *local, domain, body, bound, after)
            }
            ExprKind::In(e, set) => self.member_of(e, set, bound, after),
            ExprKind::Saturate(e, lo, hi) => {
                let term = self.term(e, bound, after);
                let bounds = [*lo, (*hi).max(*lo)].map(|end| end.checked_mul(term.scale));
                let [Some(lo), Some(hi)] = bounds else { return self.bar(Bar::Overflow) };
                let (lo, hi) = (self.graph.constant(lo), self.graph.constant(hi));
                let raised = self.graph.max(term.value, lo);
                Term { value: self.graph.min(raised, hi), ..term }
            }
            ExprKind::Table(table, index) => self.table(table, index, bound, after),
            ExprKind::Convert(conversion, e) => {
                let term = self.term(e, bound, after);
                self.convert(*conversion, term)
            }
            ExprKind::Property(_) => {
                self.bar(Bar::Infinite("a temporal operator within a period".to_owned()))
            }
        }
    }

    /// The term with the faults of its operands as well.
    fn strict(&mut self, term: Term, safe: Safe) -> Term {
        Term { safe: self.both_safe(safe, term.safe), ..term }
    }

    fn terms(&mut self, exprs: &[Expr], bound: &mut Bindings, after: bool) -> (Vec<Term>, Safe) {
        let mut safe = self.always_safe();
        let mut terms = Vec::with_capacity(exprs.len());
        for expr in exprs {
            let term = self.term(expr, bound, after);
            safe = self.both_safe(safe, term.safe);
            terms.push(term);
        }
        (terms, safe)
    }

    /// The offset of the member that index terms name from a family's first slot.
    fn place(&mut self, sorts: &[SortId], index: Vec<Term>, mut safe: Safe) -> (Ref, Safe) {
        let mut at = self.graph.constant(0);
        for (&sort, term) in sorts.iter().zip(index) {
            let (value, inside) = self.within(sort, term.value);
            let ok = self.ok(term.safe);
            let named = self.graph.implies(ok, inside);
            safe.index = self.graph.and(safe.index, named);
            let size = self.graph.constant(i64::from(size(self.model, sort)));
            let row = self.graph.mul(at, size);
            at = self.graph.add(row, value);
        }
        (at, safe)
    }

    /// A number held within a sort, and 1 where it was so of itself.
    fn within(&mut self, sort: SortId, value: Ref) -> (Ref, Ref) {
        let (zero, top) = (self.graph.constant(0), i64::from(size(self.model, sort)) - 1);
        let top = self.graph.constant(top);
        let above = self.graph.le(zero, value);
        let below = self.graph.le(value, top);
        let inside = self.graph.and(above, below);
        let raised = self.graph.max(value, zero);
        (self.graph.min(raised, top), inside)
    }

    /// The index of a slot of a cell, as terms.
    pub fn index(
        &mut self,
        sorts: &[SortId],
        index: &[Expr],
        bound: &mut Bindings,
        after: bool,
    ) -> (Ref, Safe) {
        let (terms, safe) = self.terms(index, bound, after);
        self.place(sorts, terms, safe)
    }

    /// One of several terms.
    fn pick(&mut self, terms: Vec<Term>, at: Ref) -> Term {
        if let Some(n) = self.graph.known(at)
            && let Some(term) = usize::try_from(n).ok().and_then(|n| terms.get(n))
        {
            return *term;
        }
        let scale = terms.iter().fold(1i64, |scale, term| scale.lcm(&term.scale));
        let terms: Vec<Term> = terms.into_iter().map(|term| self.rescale(term, scale)).collect();
        let list = |of: fn(&Term) -> Ref| terms.iter().map(of).collect::<Vec<Ref>>();
        let (values, division) = (list(|t| t.value), list(|t| t.safe.division));
        let (index, writes) = (list(|t| t.safe.index), list(|t| t.safe.writes));
        let safe = Safe {
            division: self.graph.pick(division, at),
            index: self.graph.pick(index, at),
            writes: self.graph.pick(writes, at),
        };
        Term { value: self.graph.pick(values, at), scale, safe }
    }

    fn cell(
        &mut self,
        cell: CellId,
        index: &[Expr],
        at_end: bool,
        bound: &mut Bindings,
        after: bool,
    ) -> Term {
        let model = self.model;
        let Some(declared) = model.cells.get(cell.index()) else {
            return self.bar(Bar::Infinite("a cell".to_owned()));
        };
        let (at, safe) = self.index(&declared.index, index, bound, after);
        let base = self.layout.cell(cell);
        let term = self.family(base, &declared.index, at, |compiler, slot| {
            if at_end { compiler.next(slot).term } else { compiler.cell_now(slot) }
        });
        self.strict(term, safe)
    }

    /// The member of a family at a place, of which only those that may be meant are compiled.
    fn family(
        &mut self,
        base: usize,
        sorts: &[SortId],
        at: Ref,
        member: impl Fn(&mut Self, usize) -> Term,
    ) -> Term {
        if let Some(n) = self.graph.known(at) {
            return member(self, base.saturating_add(usize::try_from(n).unwrap_or(0)));
        }
        let len = sorts.iter().fold(1, |len, sort| len * size(self.model, *sort) as usize);
        let terms = (0..len).map(|n| member(self, base.saturating_add(n))).collect();
        self.pick(terms, at)
    }

    fn input(&mut self, input: InputId, index: &[Expr], bound: &mut Bindings, after: bool) -> Term {
        let model = self.model;
        let Some(declared) = model.inputs.get(input.index()) else {
            return self.bar(Bar::Infinite("a choice".to_owned()));
        };
        let (at, safe) = self.index(&declared.index, index, bound, after);
        let base = self.layout.input(input);
        let term = self.family(base, &declared.index, at, Compiler::input_now);
        self.strict(term, safe)
    }

    fn fired(&mut self, rule: RuleId, index: &[Expr], bound: &mut Bindings, after: bool) -> Term {
        let model = self.model;
        let Some(declared) = model.rules.get(rule.index()) else {
            return self.bar(Bar::Infinite("a rule".to_owned()));
        };
        let sorts: Vec<SortId> = declared.binders.iter().map(|(_, sort)| *sort).collect();
        let (at, safe) = self.index(&sorts, index, bound, after);
        let base = self.first_instance(rule);
        let term = self.family(base, &sorts, at, Compiler::guard);
        self.strict(term, safe)
    }

    fn table(
        &mut self,
        table: &[Option<Value>],
        index: &[Expr],
        bound: &mut Bindings,
        after: bool,
    ) -> Term {
        let sorts: Vec<SortId> = index
            .iter()
            .filter_map(|e| match e.ty {
                Type::Finite(sort) => Some(sort),
                _ => None,
            })
            .collect();
        let (at, safe) = self.index(&sorts, index, bound, after);
        let entries: Vec<Term> = table
            .iter()
            .map(|entry| match entry {
                Some(value) => self.constant(value),
                None => {
                    let no = self.graph.truth(false);
                    let zero = self.graph.constant(0);
                    let plain = self.plain(zero);
                    Term { safe: Safe { index: no, ..plain.safe }, ..plain }
                }
            })
            .collect();
        let scale = entries.iter().fold(1i64, |scale, term| scale.lcm(&term.scale));
        let entries: Vec<Term> =
            entries.into_iter().map(|term| self.rescale(term, scale)).collect();
        let known = |of: fn(&Term) -> Ref, compiler: &Self| -> Vec<i64> {
            entries.iter().map(|term| compiler.graph.known(of(term)).unwrap_or(0)).collect()
        };
        let (values, there) = (known(|t| t.value, self), known(|t| t.safe.index, self));
        let value = self.graph.lookup(values, at);
        let found = self.graph.lookup(there, at);
        let ok = self.ok(safe);
        let named = self.graph.implies(ok, found);
        let safe = Safe { index: self.graph.and(safe.index, named), ..safe };
        Term { value, scale, safe }
    }

    fn convert(&mut self, conversion: Conversion, term: Term) -> Term {
        let Conversion::IntToMember(sort) = conversion else { return term };
        let (value, inside) = self.within(sort, term.value);
        let ok = self.ok(term.safe);
        let named = self.graph.implies(ok, inside);
        let index = self.graph.and(term.safe.index, named);
        Term { value, scale: 1, safe: Safe { index, ..term.safe } }
    }

    fn member_of(&mut self, e: &Expr, set: &Set, bound: &mut Bindings, after: bool) -> Term {
        let term = self.term(e, bound, after);
        match set {
            Set::Elements(elements) => {
                let (elements, mut safe) = self.terms(elements, bound, after);
                safe = self.both_safe(safe, term.safe);
                let mut value = self.graph.truth(false);
                for element in elements {
                    let (a, b) = self.common(term, element);
                    let same = self.graph.eq(a.value, b.value);
                    value = self.graph.or(value, same);
                }
                Term { value, scale: 1, safe }
            }
            Set::Range(lo, hi) => {
                let (lo, hi) = (self.term(lo, bound, after), self.term(hi, bound, after));
                let above = self.graph.le(lo.value, term.value);
                let below = self.graph.le(term.value, hi.value);
                let bounds = self.both_safe(lo.safe, hi.safe);
                let safe = self.both_safe(bounds, term.safe);
                Term { value: self.graph.and(above, below), scale: 1, safe }
            }
            Set::Sort(_) => Term { value: self.graph.truth(true), scale: 1, safe: term.safe },
        }
    }

    fn quantified(
        &mut self,
        quant: Quant,
        local: LocalId,
        domain: &Domain,
        body: &Expr,
        bound: &mut Bindings,
        after: bool,
    ) -> Term {
        let (members, safe) = match domain {
            Domain::Elements(elements) => self.terms(elements, bound, after),
            Domain::Sort(sort) => self.numbers(0, i64::from(size(self.model, *sort)) - 1),
            Domain::Range(lo, hi) => self.numbers(*lo, *hi),
        };
        let start = match quant {
            Quant::All => 1,
            _ => 0,
        };
        let start = self.graph.constant(start);
        let mut folded = self.plain(start);
        for (n, member) in members.into_iter().enumerate() {
            if self.too_large {
                break;
            }
            bound.push((local, member));
            let term = self.term(body, bound, after);
            bound.pop();
            folded = match quant {
                Quant::All => self.short(folded, term, true, false),
                Quant::Some => self.short(folded, term, false, true),
                Quant::Min if n > 0 => self.binary(Binary::Min, folded, term, false),
                Quant::Max if n > 0 => self.binary(Binary::Max, folded, term, false),
                Quant::Min | Quant::Max => term,
                Quant::Count | Quant::Sum => self.binary(Binary::Add, folded, term, false),
            };
        }
        self.strict(folded, safe)
    }

    fn numbers(&mut self, lo: i64, hi: i64) -> (Vec<Term>, Safe) {
        let mut terms = Vec::new();
        for n in lo..=hi {
            if terms.len() > super::graph::LIMIT {
                self.too_large = true;
                break;
            }
            let value = self.graph.constant(n);
            terms.push(self.plain(value));
        }
        (terms, self.always_safe())
    }
}
