//! What suffices for an expression to have the value it has in one period.
//!
//! Of a false `and` one false side suffices, of a true `or` a true one, of a conditional its
//! condition and the branch taken, of `all` and `some` the member that decides. Where there are
//! several, the side is taken that adds least to what is kept. A definition rests on those of its
//! arguments that it reads. Which operand has a fault elsewhere does not matter: a run in which a
//! rule has no value is none, and no verdict is given on properties that may have none.

use std::collections::BTreeSet;

use crate::types::core::{
    Binary, DefineId, Domain, Expr, ExprKind, LocalId, Quant, RuleId, Set, SortId, TickId, Value,
};
use crate::types::layout::offset;

use super::super::evaluate::{Reading, Scope};
use super::{Item, Run, Slice, What};

/// What is read: of the run, and of the variables around an expression.
#[derive(Clone, Debug, Default)]
pub(super) struct Reads {
    pub items: BTreeSet<Item>,
    locals: BTreeSet<LocalId>,
}

impl Reads {
    pub fn one(item: Item) -> Reads {
        Reads { items: [item].into(), locals: BTreeSet::new() }
    }

    pub fn and(mut self, other: Reads) -> Reads {
        self.items.extend(other.items);
        self.locals.extend(other.locals);
        self
    }

    /// Without the variables, which are bound outside to values that do not change.
    fn closed(self) -> Reads {
        Reads { locals: BTreeSet::new(), ..self }
    }
}

/// Of several that each suffice, one that adds least.
pub(super) fn cheapest(slice: &Slice, all: impl IntoIterator<Item = Reads>) -> Option<Reads> {
    all.into_iter().min_by_key(|reads| slice.cost(&reads.items))
}

/// The expressions of one period, looked into.
pub(super) struct Why<'a> {
    pub run: &'a Run<'a>,
    pub slice: &'a Slice,
    pub reading: Reading<'a>,
    pub period: usize,
}

impl Why<'_> {
    pub fn item(&self, what: What) -> Item {
        Item { period: self.period, what }
    }

    /// What suffices for the value of an expression; nothing if it has none, or it would be too
    /// much to look through.
    pub fn value(&self, expr: &Expr, scope: &mut Scope) -> Option<Reads> {
        self.slice.pays()?;
        stacker::maybe_grow(64 * 1024, 1024 * 1024, || self.look(expr, scope))
    }

    /// The same of several expressions together.
    pub fn all<'e>(
        &self,
        exprs: impl IntoIterator<Item = &'e Expr>,
        scope: &mut Scope,
    ) -> Option<Reads> {
        exprs
            .into_iter()
            .try_fold(Reads::default(), |all, expr| Some(all.and(self.value(expr, scope)?)))
    }

    fn holds(&self, expr: &Expr, scope: &mut Scope) -> Option<bool> {
        self.reading.holds(expr, scope).ok()
    }

    fn look(&self, expr: &Expr, scope: &mut Scope) -> Option<Reads> {
        match expr.kind.as_ref() {
            ExprKind::Const(_) | ExprKind::Param(_) => Some(Reads::default()),
            ExprKind::Local(local) => Some(Reads { locals: [*local].into(), ..Reads::default() }),
            ExprKind::Cell { cell, index, primed } => {
                let declared = self.run.interpreter.model.cells.get(cell.index())?;
                let base = self.run.interpreter.layout.cell(*cell);
                let what = What::Cell(base + self.offset(&declared.index, index, scope)?);
                let after = self.run.after(self.period);
                let period = if *primed { after } else { self.period };
                Some(self.all(index, scope)?.and(Reads::one(Item { period, what })))
            }
            ExprKind::Input { input, index } => {
                let declared = self.run.interpreter.model.inputs.get(input.index())?;
                let base = self.run.interpreter.layout.input(*input);
                let what = What::Input(base + self.offset(&declared.index, index, scope)?);
                Some(self.all(index, scope)?.and(Reads::one(self.item(what))))
            }
            ExprKind::Call(define, args) => self.call(*define, args, scope),
            ExprKind::Fired(rule, index) => self.fired(*rule, index, scope),
            ExprKind::Tick(tick) => self.tick(*tick),
            ExprKind::Unary(_, e) | ExprKind::Saturate(e, ..) | ExprKind::Convert(_, e) => {
                self.value(e, scope)
            }
            ExprKind::Binary(op, l, r) => self.binary(*op, l, r, scope),
            ExprKind::If(c, t, e) => {
                let branch = if self.holds(c, scope)? { t } else { e };
                self.all([c, branch], scope)
            }
            ExprKind::Quantified(quant, local, domain, body) => {
                self.quantified(*quant, *local, domain, body, scope)
            }
            ExprKind::In(e, set) => {
                let value = self.reading.value(e, scope).ok()?;
                Some(self.value(e, scope)?.and(self.within(&value, set, scope)?))
            }
            ExprKind::Table(_, index) => self.all(index, scope),
            ExprKind::Property(_) => None,
        }
    }

    /// The offset of the member that index expressions name.
    fn offset(&self, sorts: &[SortId], index: &[Expr], scope: &mut Scope) -> Option<usize> {
        let member = self.reading.member(sorts, index, scope).ok()?;
        Some(offset(self.run.interpreter.model, sorts, &member))
    }

    /// Of `and`, `or` and `implies` a side that decides, if one does; else both sides.
    fn binary(&self, op: Binary, l: &Expr, r: &Expr, scope: &mut Scope) -> Option<Reads> {
        let decides = match op {
            Binary::And => (false, false),
            Binary::Or => (true, true),
            Binary::Implies => (false, true),
            _ => return self.all([l, r], scope),
        };
        let mut sides = Vec::new();
        for (side, decided) in [(l, decides.0), (r, decides.1)] {
            if self.holds(side, scope) == Some(decided) {
                sides.push(self.value(side, scope)?);
            }
        }
        match cheapest(self.slice, sides) {
            Some(side) => Some(side),
            None => self.all([l, r], scope),
        }
    }

    fn call(&self, define: DefineId, args: &[Expr], scope: &mut Scope) -> Option<Reads> {
        let define = self.run.interpreter.model.defines.get(define.index())?;
        let locals = define.args.iter().map(|(local, _)| *local);
        let values = args.iter().map(|arg| self.reading.value(arg, scope).ok());
        let values: Vec<Value> = values.collect::<Option<_>>()?;
        let body = self.value(&define.body, &mut Scope::of(locals.clone().zip(values)))?;
        let read = args.iter().zip(locals).filter(|(_, local)| body.locals.contains(local));
        let read: Vec<&Expr> = read.map(|(arg, _)| arg).collect();
        Some(self.all(read, scope)?.and(body.closed()))
    }

    fn fired(&self, rule: RuleId, index: &[Expr], scope: &mut Scope) -> Option<Reads> {
        let declared = self.run.interpreter.model.rules.get(rule.index())?;
        let sorts: Vec<SortId> = declared.binders.iter().map(|(_, sort)| *sort).collect();
        let member = self.reading.member(&sorts, index, scope).ok()?;
        let mut inside = Scope::members(declared.binders.iter().copied(), &member);
        let mut reads = self.all(index, scope)?;
        reads = reads.and(self.value(&declared.guard, &mut inside)?.closed());
        if self.holds(&declared.guard, &mut inside)? {
            let mut instances = self.run.interpreter.instances.iter();
            let n = instances.position(|i| i.rule == rule && i.member == member)?;
            reads.items.insert(self.item(What::Fired(n)));
        }
        Some(reads)
    }

    fn tick(&self, tick: TickId) -> Option<Reads> {
        let when = &self.run.interpreter.model.ticks.get(tick.index())?.when;
        let mut reads = self.value(when, &mut Scope::default())?;
        if self.holds(when, &mut Scope::default())? {
            reads.items.insert(self.item(What::Tick(tick)));
        }
        Some(reads)
    }

    /// Why a value is, or is not, among others, apart from the value itself.
    pub fn within(&self, value: &Value, set: &Set, scope: &mut Scope) -> Option<Reads> {
        let equal = |element: &&Expr, scope: &mut Scope| {
            self.reading.value(element, scope).ok().as_ref() == Some(value)
        };
        match set {
            Set::Sort(_) => Some(Reads::default()),
            Set::Range(lo, hi) => self.all([&**lo, &**hi], scope),
            Set::Elements(elements) => match elements.iter().find(|e| equal(e, scope)) {
                Some(element) => self.value(element, scope),
                None => self.all(elements, scope),
            },
        }
    }

    fn quantified(
        &self,
        quant: Quant,
        local: LocalId,
        domain: &Domain,
        body: &Expr,
        scope: &mut Scope,
    ) -> Option<Reads> {
        let values = self.reading.domain(domain, scope).ok()?;
        let values: Vec<Value> = (0..).map_while(|n| values.nth(n)).collect();
        let decided = match quant {
            Quant::All => Some(false),
            Quant::Some => Some(true),
            _ => None,
        };
        let member = |n: usize, value: &Value, scope: &mut Scope| {
            let reads = scope.with(local, value.clone(), |scope| self.value(body, scope));
            self.of_member(local, domain, n, reads?, scope)
        };
        let mut deciding = Vec::new();
        for (n, value) in values.iter().enumerate().filter(|_| decided.is_some()) {
            let holds = scope.with(local, value.clone(), |scope| self.holds(body, scope));
            if holds == decided {
                deciding.push(member(n, value, scope)?);
            }
        }
        if let Some(one) = cheapest(self.slice, deciding) {
            return Some(one);
        }
        let all = values.iter().enumerate().map(|(n, value)| member(n, value, scope));
        all.into_iter().try_fold(Reads::default(), |all, reads| Some(all.and(reads?)))
    }

    /// What a quantifier's body reads of a member; of one that is an expression, also what that reads.
    fn of_member(
        &self,
        local: LocalId,
        domain: &Domain,
        n: usize,
        mut reads: Reads,
        scope: &mut Scope,
    ) -> Option<Reads> {
        match (reads.locals.remove(&local), domain) {
            (true, Domain::Elements(elements)) => {
                Some(reads.and(self.value(elements.get(n)?, scope)?))
            }
            _ => Some(reads),
        }
    }
}
