//! Practices that prescribe a choice: by its value, or as the best reply to what is seen.
//!
//! A practice deletes no rule and writes no cell: it says what its post does. In ordinary runs it is a
//! restriction on the draw, so each practice becomes an assumption that carries its number; games and deviations
//! leave these out for those who are not bound. Where there is no choice (its `when` fails) nothing is prescribed.
//!
//! The best reply is *myopic*: of the values that are allowed, one with the highest payoff of the choice's owner in
//! this very period, all else as drawn. Its owner must be able to work that out, so the payoff may read nothing but
//! parameters, the owner's choices and what the owner sees.

use crate::syntax::ast;
use crate::syntax::diagnostic::Diagnostic;
use crate::syntax::source::Span;

use super::Checker;
use super::core::{
    Assume, Binary, Conversion, Domain, Expr, ExprKind, Input, LocalId, Model, Prescribed,
    Prescription, Quant, RuleId, SortId, Type, Value,
};
use super::layout::members;
use super::messages::{Why, suggest};
use super::names::Symbol;
use super::places::Place;
use super::visit::{children, children_mut, deep, rewrite_all, substitute};

/// A post.
pub type Post = (SortId, u32);

/// Why a practice says nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Misfit {
    /// The owner of the choice has no payoff.
    NoPayoff(Span),
    /// The choice has too many values to compare.
    Infinite(Span),
    /// The payoff reads this, and its owner does not see it.
    Unseen(Span, String),
}

impl Checker<'_> {
    /// What a practice prescribes.
    pub(crate) fn prescription(&mut self, update: &ast::Update) -> Option<Prescription> {
        let name = &update.cell;
        let input = match self.names.values.get(name.text.as_str()) {
            Some((Symbol::Input(input), _)) => *input,
            Some((Symbol::Cell(_), _)) => {
                let message = format!(
                    "a practice writes `{0}'`, its value at the end of the period",
                    name.text
                );
                let diagnostic = Diagnostic::error("missing-prime", update.span, message);
                return self.problems.fail(diagnostic.help(format!("write `{}' = …`", name.text)));
            }
            _ => {
                let choices =
                    self.names.inputs.iter().map(|(_, _, input)| input.name.text.as_str());
                let message = format!("there is no choice `{}`", name.text);
                let help = "a practice prescribes a choice, or writes a cell: `cell' = …`";
                let diagnostic = Diagnostic::error("unknown-name", name.span, message);
                let diagnostic = suggest(diagnostic, &name.text, choices, help);
                return self.problems.unknown(&name.text, diagnostic);
            }
        };
        let signature = self.signature(Symbol::Input(input))?;
        let index = self.index_places(name, &signature.index, &update.index, update.span)?;
        let place = Place::rule("what a practice prescribes");
        let mut index: Vec<Expr> =
            index.into_iter().map(|e| self.placed(Some(e), place)).collect::<Option<_>>()?;
        for (at, sort) in index.iter_mut().zip(&signature.index) {
            if at.ty != Type::Finite(*sort) {
                let kind = ExprKind::Convert(Conversion::IntToMember(*sort), at.clone());
                *at = Self::node(kind, Type::Finite(*sort), at.span);
            }
        }
        let value = |c: &mut Self, e: &ast::Expr| {
            let typed = c.expect(e, signature.ty, Why::new(name.span, "this is prescribed"));
            c.placed(typed, place)
        };
        let value = match &update.value {
            ast::Written::Chosen(e) => Prescribed::Is(value(self, e)?),
            ast::Written::BestReply(None) => Prescribed::BestReply { ties: None },
            ast::Written::BestReply(Some(e)) => {
                Prescribed::BestReply { ties: Some(value(self, e)?) }
            }
            ast::Written::Is(_) | ast::Written::In(_) => return self.problems.silent(),
        };
        Some(Prescription { input, index, value, span: update.span })
    }

    /// Makes every practice that prescribes something an assumption.
    pub(crate) fn bind_practices(&mut self) {
        for n in 0..self.model.rules.len() {
            let rule = RuleId(u32::try_from(n).unwrap_or(u32::MAX));
            match binding(&mut self.model, rule, &[]) {
                Ok(assume) => self.model.assumes.extend(assume),
                Err(misfit) => self.misfit(&misfit),
            }
        }
    }

    fn misfit(&mut self, misfit: &Misfit) {
        let diagnostic = match misfit {
            Misfit::NoPayoff(span) => {
                let message = "a best reply of a post that has no payoff";
                Diagnostic::error("no-payoff", *span, message)
                    .help("declare what its owner gains: `payoff … = …`")
            }
            Misfit::Infinite(span) => {
                let message = "a best reply among infinitely many values";
                Diagnostic::error("infinite-choice", *span, message)
                    .help("give the choice a finite type: `bool`, `lo..hi`, an enum or a family")
            }
            Misfit::Unseen(span, name) => {
                let message = format!(
                    "the owner of the choice does not see `{name}`, and so cannot reply to it"
                );
                Diagnostic::error("payoff-unseen", *span, message)
                    .label("read by the owner's payoff")
                    .help(
                        "let the owner see it (`sees … : …`), or let the payoff read what it sees",
                    )
            }
        };
        self.problems.push(diagnostic);
    }
}

/// The assumption that a practice is followed, by all but these posts; `None` if it prescribes nothing.
///
/// # Errors
/// Why it says nothing.
pub fn binding(model: &mut Model, rule: RuleId, except: &[Post]) -> Result<Option<Assume>, Misfit> {
    let Some(practice) = model.rules.get(rule.index()).cloned() else { return Ok(None) };
    let mut demands = Vec::new();
    for prescription in &practice.prescribes {
        let Some(input) = model.inputs.get(prescription.input.index()).cloned() else { continue };
        demands.push(demand(model, prescription, &input, except)?);
    }
    let Some(all) = demands.into_iter().reduce(|a, b| binary(Binary::And, a, b)) else {
        return Ok(None);
    };
    let mut condition = binary(Binary::Implies, practice.guard.clone(), all);
    for (local, sort) in practice.binders.iter().rev() {
        let span = condition.span;
        let all = ExprKind::Quantified(Quant::All, *local, Domain::Sort(*sort), condition);
        condition = truth(all, span);
    }
    let condition = apart(model, &condition);
    Ok(Some(Assume { name: practice.name, practice: Some(rule), condition, span: practice.span }))
}

/// The variables of a rule stay its own: those of the assumption are new.
fn apart(model: &mut Model, e: &Expr) -> Expr {
    let mut renamed: Vec<(LocalId, LocalId)> = Vec::new();
    super::visit::walk(e, &mut |part| {
        if let ExprKind::Quantified(_, local, _, _) = &*part.kind
            && !renamed.iter().any(|(old, _)| old == local)
        {
            renamed.push((*local, LocalId(model.locals)));
            model.locals += 1;
        }
    });
    let mut copy = e.clone();
    rewrite_all(&mut copy, &mut |part| {
        if let ExprKind::Local(local) | ExprKind::Quantified(_, local, _, _) = &mut *part.kind
            && let Some((_, new)) = renamed.iter().find(|(old, _)| old == local)
        {
            *local = *new;
        }
    });
    copy
}

/// That one choice is as prescribed, where there is one.
fn demand(
    model: &mut Model,
    prescription: &Prescription,
    input: &Input,
    except: &[Post],
) -> Result<Expr, Misfit> {
    let span = prescription.span;
    let by: Vec<(LocalId, Expr)> =
        input.binders.iter().copied().zip(prescription.index.iter().cloned()).collect();
    let kind = ExprKind::Input { input: prescription.input, index: prescription.index.clone() };
    let choice = Expr { kind: Box::new(kind), ty: input.ty, span };
    let owner = input.owner.as_ref().map(|owner| substitute(owner, &by));
    let wanted = match (&prescription.value, &owner) {
        (Prescribed::Is(value), _) => same(choice, value.clone()),
        (Prescribed::BestReply { ties }, Some(owner)) => {
            let reply = Reply { prescription, input, by: &by, owner, choice: &choice };
            reply.best(model, ties.as_ref())?
        }
        (Prescribed::BestReply { .. }, None) => return Err(Misfit::NoPayoff(span)),
    };
    let mut conditions = Vec::new();
    if let (Some(owner), false) = (&owner, except.is_empty()) {
        for (sort, n) in except.iter().filter(|(sort, _)| owner.ty == Type::Finite(*sort)) {
            let post = member(*sort, *n, span);
            conditions.push(binary(Binary::Ne, owner.clone(), post));
        }
    }
    conditions.extend(input.when.as_ref().map(|when| substitute(when, &by)));
    let free = conditions.into_iter().reduce(|a, b| binary(Binary::And, a, b));
    Ok(match free {
        Some(free) => binary(Binary::Implies, free, wanted),
        None => wanted,
    })
}

/// A best reply.
struct Reply<'a> {
    prescription: &'a Prescription,
    input: &'a Input,
    by: &'a [(LocalId, Expr)],
    owner: &'a Expr,
    choice: &'a Expr,
}

impl Reply<'_> {
    fn best(&self, model: &mut Model, ties: Option<&Expr>) -> Result<Expr, Misfit> {
        let span = self.prescription.span;
        let payoff = payoff(model, self.owner).ok_or(Misfit::NoPayoff(span))?;
        self.sees(model, &payoff)?;
        let domain = values(self.input.ty, span).ok_or(Misfit::Infinite(span))?;
        let local = LocalId(model.locals);
        model.locals += 1;
        let other = Expr { kind: Box::new(ExprKind::Local(local)), ty: self.input.ty, span };
        let instead = self.with(&payoff, &other);
        let worse = binary(Binary::Le, instead, payoff.clone());
        let worse = match self.allowed(model, &other) {
            Some(allowed) => binary(Binary::Implies, allowed, worse),
            None => worse,
        };
        let best = truth(ExprKind::Quantified(Quant::All, local, domain, worse), span);
        let Some(ties) = ties else { return Ok(best) };
        let as_good = binary(Binary::Ge, self.with(&payoff, ties), payoff);
        let as_good = match self.allowed(model, ties) {
            Some(allowed) => binary(Binary::And, allowed, as_good),
            None => as_good,
        };
        let tied = binary(Binary::Implies, as_good, same(self.choice.clone(), ties.clone()));
        Ok(binary(Binary::And, best, tied))
    }

    fn allowed(&self, model: &Model, value: &Expr) -> Option<Expr> {
        let condition = substitute(self.input.condition.as_ref()?, self.by);
        Some(self.with(&inlined(model, &condition), value))
    }

    /// An expression in which the choice is another.
    fn with(&self, e: &Expr, value: &Expr) -> Expr {
        let mut copy = e.clone();
        rewrite_all(&mut copy, &mut |part| {
            let ExprKind::Input { input, index } = &*part.kind else { return };
            if *input != self.prescription.input {
                return;
            }
            let pairs = index.iter().zip(&self.prescription.index);
            let differ: Vec<Expr> = pairs
                .filter(|(one, other)| !alike(one, other))
                .map(|(one, other)| same(whole(one), whole(other)))
                .collect();
            *part = match differ.into_iter().reduce(|a, b| binary(Binary::And, a, b)) {
                None => value.clone(),
                Some(this) => Expr {
                    kind: Box::new(ExprKind::If(this, value.clone(), part.clone())),
                    ..part.clone()
                },
            };
        });
        copy
    }

    /// The payoff reads nothing that its owner does not see.
    fn sees(&self, model: &Model, payoff: &Expr) -> Result<(), Misfit> {
        let Type::Finite(sort) = self.owner.ty else { return Ok(()) };
        let mut seen = Vec::new();
        for sees in model.sees.iter().filter(|sees| sees.judge == sort) {
            let own = match (&*self.owner.kind, sees.only) {
                (ExprKind::Const(Value::Member(_, n)), Some(only)) => *n == only,
                (_, Some(_)) => false,
                (_, None) => true,
            };
            if own {
                let by = [(sees.binder, self.owner.clone())];
                seen.extend(sees.seen.iter().map(|(_, e)| inlined(model, &substitute(e, &by))));
            }
        }
        self.visible(model, payoff, &seen)
    }

    fn visible(&self, model: &Model, e: &Expr, seen: &[Expr]) -> Result<(), Misfit> {
        deep(|| {
            if seen.iter().any(|known| alike(known, e)) || self.is_own(model, e) {
                return Ok(());
            }
            let unseen = match &*e.kind {
                ExprKind::Cell { primed: true, .. } => true,
                ExprKind::Cell { index, .. } | ExprKind::Input { index, .. } => {
                    !all_seen(model, e, index, seen)
                }
                _ => false,
            };
            if unseen {
                return Err(Misfit::Unseen(e.span, name_of(model, e)));
            }
            children(e).into_iter().try_for_each(|part| self.visible(model, part, seen))
        })
    }

    /// A choice of the owner's own.
    fn is_own(&self, model: &Model, e: &Expr) -> bool {
        let ExprKind::Input { input, index } = &*e.kind else { return false };
        let Some(declared) = model.inputs.get(input.index()) else { return false };
        let by: Vec<(LocalId, Expr)> =
            declared.binders.iter().copied().zip(index.iter().map(whole)).collect();
        let owner = declared.owner.as_ref().map(|owner| substitute(owner, &by));
        owner.is_some_and(|owner| alike(&owner, self.owner))
    }
}

/// The name of what is read.
fn name_of(model: &Model, e: &Expr) -> String {
    match &*e.kind {
        ExprKind::Cell { cell, primed, .. } => {
            let name = model.cells.get(cell.index()).map_or("", |cell| cell.name.as_str());
            format!("{name}{}", if *primed { "'" } else { "" })
        }
        ExprKind::Input { input, .. } => {
            model.inputs.get(input.index()).map_or_else(String::new, |input| input.name.clone())
        }
        _ => String::new(),
    }
}

/// Whether all members of a family are seen.
fn all_seen(model: &Model, e: &Expr, index: &[Expr], seen: &[Expr]) -> bool {
    let sorts: Vec<SortId> = match &*e.kind {
        ExprKind::Cell { cell, .. } => model.cells.get(cell.index()).map(|c| c.index.clone()),
        ExprKind::Input { input, .. } => model.inputs.get(input.index()).map(|i| i.index.clone()),
        _ => None,
    }
    .unwrap_or_default();
    if index.is_empty() {
        return false;
    }
    members(model, &sorts).iter().all(|member| {
        let mut one = e.clone();
        for (place, (sort, n)) in children_mut(&mut one).into_iter().zip(sorts.iter().zip(member)) {
            *place = self::member(*sort, *n, place.span);
        }
        seen.iter().any(|known| {
            let mut known = known.clone();
            for place in children_mut(&mut known) {
                *place = settled(place);
            }
            alike(&known, &one)
        })
    })
}

/// A constant index as a member.
fn settled(e: &Expr) -> Expr {
    match &*e.kind {
        ExprKind::Convert(Conversion::IntToMember(sort), inner) => match &*inner.kind {
            ExprKind::Const(Value::Int(n)) => {
                u32::try_from(n).map_or_else(|_| e.clone(), |n| member(*sort, n, e.span))
            }
            _ => e.clone(),
        },
        _ => e.clone(),
    }
}

/// All that a post gains in a period, definitions written out.
pub fn payoff(model: &Model, owner: &Expr) -> Option<Expr> {
    let Type::Finite(sort) = owner.ty else { return None };
    let own = model.payoffs.iter().filter(|payoff| payoff.owner == sort);
    let parts: Vec<Expr> = own
        .map(|payoff| {
            let value = substitute(&payoff.value, &[(payoff.binder, owner.clone())]);
            inlined(model, &value)
        })
        .collect();
    let real = parts.iter().any(|part| part.ty == Type::Real);
    let number = |part: Expr| match (real, part.ty) {
        (true, Type::Int) => converted(Conversion::IntToReal, part, Type::Real),
        _ => part,
    };
    parts.into_iter().map(number).reduce(|a, b| {
        let (ty, span) = (a.ty, a.span);
        Expr { kind: Box::new(ExprKind::Binary(Binary::Add, a, b)), ty, span }
    })
}

/// The expression with definitions, ticks and firings written out.
pub fn inlined(model: &Model, e: &Expr) -> Expr {
    let mut copy = e.clone();
    rewrite_all(&mut copy, &mut |part| {
        let body = match &*part.kind {
            ExprKind::Call(define, args) => model.defines.get(define.index()).map(|define| {
                let locals = define.args.iter().map(|(local, _)| *local);
                let by: Vec<(LocalId, Expr)> = locals.zip(args.iter().cloned()).collect();
                inlined(model, &substitute(&define.body, &by))
            }),
            ExprKind::Tick(tick) => {
                model.ticks.get(tick.index()).map(|tick| inlined(model, &tick.when))
            }
            ExprKind::Fired(rule, index) => model.rules.get(rule.index()).map(|rule| {
                let locals = rule.binders.iter().map(|(local, _)| *local);
                let by: Vec<(LocalId, Expr)> = locals.zip(index.iter().cloned()).collect();
                inlined(model, &substitute(&rule.guard, &by))
            }),
            _ => None,
        };
        if let Some(body) = body {
            *part = Expr { span: part.span, ..body };
        }
    });
    copy
}

/// Whether two expressions are written alike.
pub fn alike(a: &Expr, b: &Expr) -> bool {
    let bare = |e: &Expr| {
        let mut copy = settled(e);
        rewrite_all(&mut copy, &mut |part| part.span = Span::default());
        format!("{copy:?}")
    };
    a.ty == b.ty && bare(a) == bare(b)
}

fn truth(kind: ExprKind, span: Span) -> Expr {
    Expr { kind: Box::new(kind), ty: Type::Bool, span }
}

fn binary(op: Binary, a: Expr, b: Expr) -> Expr {
    let span = a.span;
    truth(ExprKind::Binary(op, a, b), span)
}

fn converted(conversion: Conversion, e: Expr, ty: Type) -> Expr {
    let span = e.span;
    Expr { kind: Box::new(ExprKind::Convert(conversion, e)), ty, span }
}

/// A member of a family.
pub fn member(sort: SortId, n: u32, span: Span) -> Expr {
    let kind = ExprKind::Const(Value::Member(sort, n));
    Expr { kind: Box::new(kind), ty: Type::Finite(sort), span }
}

fn whole(e: &Expr) -> Expr {
    settled(e)
}

/// The same value.
pub fn same(a: Expr, b: Expr) -> Expr {
    let number = |e: Expr| match e.ty {
        Type::Range(..) => converted(Conversion::RangeToInt, e, Type::Int),
        _ => e,
    };
    match a.ty {
        Type::Bool => binary(Binary::Iff, a, b),
        _ => binary(Binary::Eq, number(a), number(b)),
    }
}

/// The values of a finite type.
fn values(ty: Type, span: Span) -> Option<Domain> {
    let truths = [false, true].map(|b| truth(ExprKind::Const(Value::Bool(b)), span));
    match ty {
        Type::Bool => Some(Domain::Elements(truths.to_vec())),
        Type::Range(lo, hi) => Some(Domain::Range(lo, hi)),
        Type::Finite(sort) => Some(Domain::Sort(sort)),
        Type::Int | Type::Real => None,
    }
}
