//! A strategy as an assumption: the model in which it is followed, and the ordinary claim that must then hold.
//!
//! For the coalition's strategy the assumption says what it chooses in which state, and every run must meet the
//! goal. For the others' it says to which state each of the coalition's moves leads, and every run must miss it.
//! That the assumption leaves a step for every move is for the replay to say.

use super::goal::Form;
use super::table::{Row, Table};
use super::{Force, Played};
use crate::syntax::source::Span;
use crate::types::core::{
    Assume, Binary, CellId, Claim, ClaimKind, Expr, ExprKind, InputId, LocalId, Model, Property,
    SortId, Type, Unary, Value,
};
use crate::types::layout::Layout;
use crate::types::visit::substitute;

/// Most rows and moves of a strategy that is made an assumption.
const MOST: usize = 400;

struct Words<'m> {
    model: &'m Model,
    layout: Layout,
    span: Span,
}

/// The model and the claim; `None` where rows are told by more than the state, or are too many.
pub fn restricted(
    model: &Model,
    claim: &Claim,
    force: &Force,
    played: &Played,
) -> Option<(Model, Claim)> {
    let table = played.table.as_ref()?;
    if table.unseen || force.goal.countdown().is_some() || size(table) > MOST {
        return None;
    }
    let words = Words { model, layout: Layout::new(model), span: claim.span };
    let mut conditions = Vec::new();
    for row in &table.rows {
        conditions.extend(words.row(row, table.spoils)?);
    }
    let mut narrowed = words.narrowed(played, conditions);
    if table.spoils {
        let first = table.rows.get(*table.first.first()?)?;
        narrowed.inits.push(words.state(first.states.first()?.cells.as_slice(), false)?);
    }
    let property = words.goal(force, table.spoils)?;
    let claim = Claim { kind: ClaimKind::Claim, property, expect: None, ..claim.clone() };
    Some((narrowed, claim))
}

/// The same for a coalition that does not see everything, and can force its goal; for each row of its
/// strategy, `rows` says in a model with an observer when the coalition is there.
pub fn restricted_by(
    model: &Model,
    claim: &Claim,
    force: &Force,
    played: &Played,
    rows: &[Expr],
) -> Option<(Model, Claim)> {
    let table = played.table.as_ref()?;
    if table.spoils || force.goal.countdown().is_some() || size(table) > MOST {
        return None;
    }
    let words = Words { model, layout: Layout::new(model), span: claim.span };
    let mut conditions = Vec::new();
    for (row, here) in table.rows.iter().zip(rows) {
        for (slot, value) in row.moves.first().into_iter().flat_map(|made| &made.plan) {
            conditions.extend(words.planned(here, (*slot, value.as_ref()))?);
        }
    }
    let narrowed = words.narrowed(played, conditions);
    let property = words.goal(force, false)?;
    let claim = Claim { kind: ClaimKind::Claim, property, expect: None, ..claim.clone() };
    Some((narrowed, claim))
}

fn size(table: &Table) -> usize {
    table.rows.iter().map(|row| 1 + row.moves.len()).sum()
}

impl Words<'_> {
    fn truth(&self, kind: ExprKind) -> Expr {
        Expr { kind: Box::new(kind), ty: Type::Bool, span: self.span }
    }

    fn all(&self, parts: Vec<Expr>) -> Expr {
        let yes = self.truth(ExprKind::Const(Value::Bool(true)));
        let both = |one, other| self.truth(ExprKind::Binary(Binary::And, one, other));
        parts.into_iter().reduce(both).unwrap_or(yes)
    }

    fn implies(&self, one: Expr, other: Expr) -> Expr {
        self.truth(ExprKind::Binary(Binary::Implies, one, other))
    }

    fn not(&self, p: Expr) -> Expr {
        self.truth(ExprKind::Unary(Unary::Not, p))
    }

    fn property(&self, property: Property) -> Expr {
        self.truth(ExprKind::Property(property))
    }

    fn index(&self, sorts: &[SortId], member: &[u32]) -> Vec<Expr> {
        let place = |(sort, i): (&SortId, &u32)| Expr {
            kind: Box::new(ExprKind::Const(Value::Member(*sort, *i))),
            ty: Type::Finite(*sort),
            span: self.span,
        };
        sorts.iter().zip(member).map(place).collect()
    }

    /// `place = value`, a range read as whole numbers.
    fn is(&self, place: ExprKind, ty: Type, value: &Value) -> Expr {
        let value_type = if let Type::Range(..) = ty { Type::Int } else { ty };
        let mut place = Expr { kind: Box::new(place), ty, span: self.span };
        if value_type != ty {
            let kind = ExprKind::Convert(crate::types::core::Conversion::RangeToInt, place);
            place = Expr { kind: Box::new(kind), ty: Type::Int, span: self.span };
        }
        let kind = Box::new(ExprKind::Const(value.clone()));
        let value = Expr { kind, ty: value_type, span: self.span };
        let op = if value_type == Type::Bool { Binary::Iff } else { Binary::Eq };
        self.truth(ExprKind::Binary(op, place, value))
    }

    fn state(&self, cells: &[(usize, Value)], primed: bool) -> Option<Expr> {
        let mut parts = Vec::new();
        for (slot, value) in cells {
            let place = self.layout.cells.get(*slot)?;
            let CellId(cell) = place.of;
            let index = &self.model.cells.get(cell as usize)?.index;
            let index = self.index(index, &place.member);
            parts.push(self.is(ExprKind::Cell { cell: place.of, index, primed }, place.ty, value));
        }
        Some(self.all(parts))
    }

    fn plan(&self, plan: &[(usize, Option<Value>)]) -> Option<Expr> {
        let mut parts = Vec::new();
        for (slot, value) in plan {
            let Some(value) = value else { continue };
            let place = self.layout.inputs.get(*slot)?;
            let InputId(input) = place.of;
            let declared = self.model.inputs.get(input as usize)?;
            let index = self.index(&declared.index, &place.member);
            let is = self.is(ExprKind::Input { input: place.of, index }, place.ty, value);
            parts.push(is);
        }
        Some(self.all(parts))
    }

    /// The model at the parameters of a game, with an assumption and without fairness.
    fn narrowed(&self, played: &Played, conditions: Vec<Expr>) -> Model {
        let mut narrowed = self.model.clone();
        narrowed.fairness.clear();
        for (param, value) in narrowed.params.iter_mut().zip(&played.params) {
            param.value = Some(value.clone());
        }
        let (name, condition) = ("the strategy".to_owned(), self.all(conditions));
        narrowed.assumes.push(Assume { name, practice: None, condition, span: self.span });
        narrowed
    }

    /// That a slot is what is planned in a row, if there is a choice; nothing if any value will do.
    fn planned(&self, here: &Expr, (slot, value): (usize, Option<&Value>)) -> Option<Vec<Expr>> {
        let Some(value) = value else { return Some(Vec::new()) };
        let place = self.layout.inputs.get(slot)?;
        let InputId(input) = place.of;
        let declared = self.model.inputs.get(input as usize)?;
        let mut when = here.clone();
        if let Some(choice) = &declared.when {
            let members = self.index(&declared.index, &place.member);
            let by: Vec<(LocalId, Expr)> = declared.binders.iter().copied().zip(members).collect();
            when = self.all(vec![when, substitute(choice, &by)]);
        }
        let plan = self.plan(&[(slot, Some(value.clone()))])?;
        Some(vec![self.implies(when, plan)])
    }

    /// What a row says. Whether there is a choice may rest on what the others choose: then the coalition's plan
    /// is what it does if there is one. Where the plan is what they answer, such rows are not told.
    fn row(&self, row: &Row, spoils: bool) -> Option<Vec<Expr>> {
        let state = self.state(&row.states.first()?.cells, false)?;
        let mut all = Vec::new();
        for made in &row.moves {
            if !spoils {
                for (slot, value) in &made.plan {
                    all.extend(self.planned(&state, (*slot, value.as_ref()))?);
                }
                continue;
            }
            if made.plan.iter().any(|(slot, _)| self.may_lapse(*slot)) {
                return None;
            }
            let plan = self.plan(&made.plan)?;
            let answer = made.answers.first()?;
            let to = self.state(&answer.to.as_ref()?.cells, true)?;
            let when = self.all(vec![state.clone(), plan]);
            all.push(self.implies(when, to));
        }
        Some(all)
    }

    /// Whether there is a choice may rest on what others choose.
    fn may_lapse(&self, slot: usize) -> bool {
        let input = self.layout.inputs.get(slot).and_then(|place| {
            let InputId(input) = place.of;
            self.model.inputs.get(input as usize)?.when.as_ref()
        });
        input.is_some_and(|when| {
            crate::types::level::level(self.model, when) > crate::types::core::Level::State
        })
    }

    /// What every run does under the strategy.
    fn goal(&self, force: &Force, spoils: bool) -> Option<Expr> {
        let within = force.goal.within;
        let p = force.goal.states.first()?.clone();
        let q = force.goal.states.get(1).cloned();
        let soon = |p: Expr| match within {
            Some(within) => self.property(Property::Within(within, p)),
            None => self.property(Property::Eventually(p)),
        };
        Some(match (force.goal.form, spoils) {
            (Form::Reach, false) => soon(p),
            (Form::Reach, true) => match within {
                None => self.property(Property::Never(p)),
                Some(_) => self.not(soon(p)),
            },
            (Form::Always, false) => match within {
                None => self.property(Property::Always(p)),
                Some(_) => self.not(soon(self.not(p))),
            },
            (Form::Always, true) => soon(self.not(p)),
            (Form::Until, _) => {
                let q = q?;
                let until = self.property(Property::Until(p, q.clone()));
                let both = match within {
                    Some(_) => self.all(vec![until, soon(q)]),
                    None => until,
                };
                if spoils { self.not(both) } else { both }
            }
            (Form::Recurs, false) => self.property(Property::Recurs(p)),
            (Form::Recurs, true) => self.property(Property::Settles(self.not(p))),
        })
    }
}
