//! Sizes of families, types as written, and lines of command.
//!
//! Sizes and bounds are constant expressions over the parameters, worked out
//! when first asked for. `superior`, `level` and `under` become fixed tables:
//! below a post above it, the members of a sort are shared out in order, so
//! that with `s` posts above and `m` below, `superior` of number `k` is number
//! `k / (m / s)`; in a chain it is number `k - 1`.

use std::collections::BTreeMap;
use std::sync::Arc;

use num_bigint::BigInt;
use num_traits::{One, ToPrimitive};

use crate::syntax::ast::{self, TypeKind};
use crate::syntax::diagnostic::Diagnostic;
use crate::syntax::source::Span;

use super::constants::{Constants, STEPS, Unknown};
use super::core::{Expr, ExprKind, ParamId, SortId, SortKind, Type, Value};
use super::messages::suggest;
use super::places::Place;
use super::{Checker, Demand, Lazy};

/// The largest family; larger ones are a slip of the pen.
const LARGEST: u32 = 100_000;

/// The values of a table; `None` where there is no such post.
pub(crate) type Table = Arc<Vec<Option<Value>>>;

/// The fixed tables made so far.
#[derive(Debug, Default)]
pub(crate) struct Tables {
    superior: BTreeMap<SortId, Table>,
    level: BTreeMap<SortId, Table>,
    under: BTreeMap<(SortId, SortId), Table>,
}

impl Checker<'_> {
    /// Evaluates a whole number that must be known before the run; `what` says of what.
    /// The parameters that it reads shape the model.
    pub(crate) fn constant(&mut self, e: &ast::Expr, what: &'static str) -> Option<BigInt> {
        let typed = self.expect_int(e);
        let typed = self.placed(typed, Place::rigid(what))?;
        self.evaluate(&typed, what, |constants, e| constants.integer(e))
    }

    /// A constant that fits the machine.
    pub(crate) fn small(&mut self, e: &ast::Expr, what: &'static str) -> Option<i64> {
        let value = self.constant(e, what)?;
        match value.to_i64() {
            Some(value) => Some(value),
            None => self.problems.fail(Diagnostic::error(
                "too-large",
                e.span,
                format!("{what} is {value}, which is too large"),
            )),
        }
    }

    /// Evaluates a typed rigid expression, recording the parameters it reads as structural.
    pub(crate) fn evaluate<T>(
        &mut self,
        e: &Expr,
        what: &'static str,
        how: impl FnOnce(&Constants<'_>, &Expr) -> Result<T, Unknown>,
    ) -> Option<T> {
        for param in self.with_constants(|constants| constants.params_of(e)) {
            self.structural.insert(param);
        }
        self.evaluate_default(e, what, how)
    }

    /// Evaluates a typed rigid expression whose parameters need not shape the model.
    pub(crate) fn evaluate_default<T>(
        &mut self,
        e: &Expr,
        what: &'static str,
        how: impl FnOnce(&Constants<'_>, &Expr) -> Result<T, Unknown>,
    ) -> Option<T> {
        for param in self.with_constants(|constants| constants.params_of(e)) {
            self.structural_value(param, e.span)?;
        }
        match self.with_constants(|constants| how(constants, e)) {
            Ok(value) => Some(value),
            Err(Unknown::Undefined(why)) => {
                let message = format!("{what} has no value: {why}");
                self.problems.fail(Diagnostic::error("undefined-constant", e.span, message))
            }
            Err(_) => self.problems.fail(
                Diagnostic::error(
                    "not-constant",
                    e.span,
                    format!("{what} must be known before the run"),
                )
                .label("this varies")
                .help("use numbers, parameters and definitions over them"),
            ),
        }
    }

    /// The evaluator at the values known so far.
    pub(crate) fn with_constants<T>(&self, inside: impl FnOnce(&Constants<'_>) -> T) -> T {
        let value = |param: ParamId| match self.values.get(param.index()) {
            Some(Lazy::Done(Some(value))) => value.clone(),
            _ => None,
        };
        inside(&Constants {
            defines: &self.model.defines,
            sorts: &self.model.sorts,
            params: &value,
            steps: STEPS.into(),
        })
    }

    /// The number of members of a sort.
    pub(crate) fn size(&mut self, sort: SortId) -> Option<u32> {
        match self.sizes.get(sort.index()) {
            Some(Lazy::Done(size)) => return *size,
            Some(Lazy::Busy) => return self.cycle(Demand::Size(sort)),
            Some(Lazy::Todo) => {}
            None => return None,
        }
        self.set_size(sort, Lazy::Busy);
        let (name, span) = self
            .model
            .sorts
            .get(sort.index())
            .map(|s| (s.name.clone(), s.span))
            .unwrap_or_default();
        let size = self.demand(Demand::Size(sort), &name, span, |c| c.work_out_size(sort));
        self.set_size(sort, Lazy::Done(size));
        if let Some(total) = size
            && let Some(declared) = self.model.sorts.get_mut(sort.index())
            && let SortKind::Index { size, single, .. } = &mut declared.kind
        {
            *size = total;
            *single &= total == 1;
        }
        size
    }

    fn set_size(&mut self, sort: SortId, size: Lazy<u32>) {
        if let Some(place) = self.sizes.get_mut(sort.index()) {
            *place = size;
        }
    }

    fn work_out_size(&mut self, sort: SortId) -> Option<u32> {
        if let Some(SortKind::Enum(members)) = self.sort_kind(sort) {
            return u32::try_from(members.len()).ok();
        }
        let source = self.names.sizes.get(sort.index()).copied().unwrap_or_default();
        let (above, own) = match source.each {
            Some((above, own)) => (self.size(above)?, own),
            None => (1, source.own),
        };
        let own_size = own.map(|e| self.constant(e, "the size of a family"));
        let total = own_size.unwrap_or(Some(BigInt::one()))? * above;
        let span = own.map_or_else(Span::default, |e| e.span);
        self.family_size(sort, &total, span)
    }

    fn family_size(&mut self, sort: SortId, total: &BigInt, span: Span) -> Option<u32> {
        match total.to_u32() {
            Some(size) if (1..=LARGEST).contains(&size) => Some(size),
            other => {
                let name = self.sort_name(sort).to_owned();
                let message = if other.is_some_and(|size| size > LARGEST) {
                    format!("`{name}` has {total} members, more than {LARGEST}")
                } else {
                    format!("`{name}` has {total} members, but a family has at least 1")
                };
                self.problems.fail(
                    Diagnostic::error("bad-size", span, message).label(format!("this is {total}")),
                )
            }
        }
    }

    /// The type that is written.
    pub(crate) fn type_of(&mut self, ty: &ast::Type) -> Option<Type> {
        match &ty.kind {
            TypeKind::Bool => Some(Type::Bool),
            TypeKind::Int => Some(Type::Int),
            TypeKind::Real => Some(Type::Real),
            TypeKind::Named(name) => {
                let sort = self.sort(name)?;
                self.size(sort)?;
                Some(Type::Finite(sort))
            }
            TypeKind::Range(lo, hi) => {
                let (low, high) =
                    (self.small(lo, "the lower bound"), self.small(hi, "the upper bound"));
                let (low, high) = (low?, high?);
                if low <= high {
                    return Some(Type::Range(low, high));
                }
                self.problems.fail(
                    Diagnostic::error(
                        "empty-range",
                        ty.span,
                        format!("no number lies in {low}..{high}"),
                    )
                    .label(format!("this is {low}..{high}"))
                    .help("a range names its lowest and then its highest number"),
                )
            }
            TypeKind::Error => self.problems.silent(),
        }
    }

    /// The sort of that name.
    pub(crate) fn sort(&mut self, name: &ast::Name) -> Option<SortId> {
        if let Some(sort) = self.names.sorts.get(name.text.as_str()) {
            return Some(*sort);
        }
        let message = match self.names.values.get(name.text.as_str()) {
            Some((symbol, _)) => {
                format!("`{}` is {}, not an enum or a post", name.text, symbol.what())
            }
            None => format!("there is no enum or post `{}`", name.text),
        };
        let diagnostic = suggest(
            Diagnostic::error("unknown-sort", name.span, message),
            &name.text,
            self.names.sorts.keys().copied().chain(["bool", "int", "real"]),
            "declare it with `enum`, `position`, `hierarchy`, `chain` or `person`",
        );
        self.problems.unknown(&name.text, diagnostic)
    }

    /// The sort of that name, which must be of posts.
    pub(crate) fn post_sort(&mut self, name: &ast::Name) -> Option<SortId> {
        let sort = self.sort(name)?;
        if let Some(SortKind::Index { person: false, .. }) = self.sort_kind(sort) {
            self.size(sort)?;
            return Some(sort);
        }
        let message = format!("`{}` is not a post", name.text);
        self.problems.fail(Diagnostic::error("not-a-post", name.span, message))
    }

    fn above(&self, sort: SortId) -> Option<SortId> {
        match self.sort_kind(sort) {
            Some(SortKind::Index { under, .. }) => *under,
            _ => None,
        }
    }

    /// The sorts above a sort, nearest first; a chain is above itself once.
    fn line(&self, sort: SortId) -> Vec<SortId> {
        let mut line = Vec::new();
        let mut at = sort;
        while let Some(above) = self.above(at) {
            line.push(above);
            if above == at || line.len() > self.model.sorts.len() {
                break;
            }
            at = above;
        }
        line
    }

    /// The number of the post just above number `k` of a sort.
    fn superior_of(&mut self, sort: SortId, k: u32) -> Option<(SortId, u32)> {
        let above = self.above(sort)?;
        if above == sort {
            return k.checked_sub(1).map(|k| (sort, k));
        }
        let (own, upper) = (self.size(sort)?, self.size(above)?);
        Some((above, k / own.checked_div(upper).filter(|share| *share > 0)?))
    }

    /// The table of `superior` over a sort and the sort of its values.
    pub(crate) fn superior_table(&mut self, sort: SortId, span: Span) -> Option<(Table, SortId)> {
        let Some(above) = self.above(sort) else { return self.no_line(sort, "superior", span) };
        if let Some(table) = self.tables.superior.get(&sort) {
            return Some((table.clone(), above));
        }
        let (own, upper) = (self.size(sort)?, self.size(above)?);
        if above != sort && !own.is_multiple_of(upper) {
            return self.uneven(sort, own, above, upper);
        }
        let table: Vec<Option<Value>> = (0..own)
            .map(|k| self.superior_of(sort, k).map(|(sort, i)| Value::Member(sort, i)))
            .collect();
        let table = Arc::new(table);
        self.tables.superior.insert(sort, table.clone());
        Some((table, above))
    }

    fn uneven<T>(&mut self, sort: SortId, own: u32, above: SortId, upper: u32) -> Option<T> {
        let (name, upper_name) = (self.sort_name(sort), self.sort_name(above));
        let span = self.model.sorts.get(sort.index()).map(|s| s.span).unwrap_or_default();
        let message = format!(
            "{own} members of `{name}` cannot be shared out among {upper} of `{upper_name}`"
        );
        self.problems.fail(
            Diagnostic::error("uneven-hierarchy", span, message)
                .help("make the size a multiple, or give it in the `hierarchy`"),
        )
    }

    fn no_line<T>(&mut self, sort: SortId, what: &str, span: Span) -> Option<T> {
        let name = self.sort_name(sort).to_owned();
        let message = format!("`{name}` has no {what}: it stands in no line of command");
        self.problems.fail(
            Diagnostic::error("no-superior", span, message)
                .help(format!("say who is above: `hierarchy … > {name}` or `chain {name}[n]`")),
        )
    }

    /// The table of `level`: how many posts are above.
    pub(crate) fn level_table(&mut self, sort: SortId, span: Span) -> Option<Table> {
        if let Some(table) = self.tables.level.get(&sort) {
            return Some(table.clone());
        }
        let top = self.line(sort).is_empty();
        if top && !self.model.sorts.iter().any(|s| is_under(&s.kind, sort)) {
            return self.no_line(sort, "level", span);
        }
        let size = self.size(sort)?;
        let depth = self.line(sort).len();
        let in_chain = self.above(sort) == Some(sort);
        let table = (0..size)
            .map(|k| Some(Value::Int(if in_chain { k.into() } else { depth.into() })))
            .collect::<Vec<_>>();
        let table = Arc::new(table);
        self.tables.level.insert(sort, table.clone());
        Some(table)
    }

    /// The table of `under(x, y)`: `y` is above `x`, however far.
    pub(crate) fn under_table(&mut self, low: SortId, high: SortId, span: Span) -> Option<Table> {
        if let Some(table) = self.tables.under.get(&(low, high)) {
            return Some(table.clone());
        }
        if !self.line(low).contains(&high) && !self.line(high).contains(&low) && low != high {
            return self.no_line(low, &format!("place under `{}`", self.sort_name(high)), span);
        }
        for sort in std::iter::once(low).chain(self.line(low)) {
            if self.above(sort).is_some() {
                self.superior_table(sort, span)?;
            }
        }
        let (lows, highs) = (self.size(low)?, self.size(high)?);
        let mut table = Vec::new();
        for k in 0..lows {
            let over = self.all_above(low, k);
            table.extend((0..highs).map(|h| Some(Value::Bool(over.contains(&(high, h))))));
        }
        let table = Arc::new(table);
        self.tables.under.insert((low, high), table.clone());
        Some(table)
    }

    fn all_above(&mut self, sort: SortId, k: u32) -> Vec<(SortId, u32)> {
        let mut over = Vec::new();
        let mut at = (sort, k);
        while let Some(next) = self.superior_of(at.0, at.1) {
            over.push(next);
            at = next;
        }
        over
    }

    /// A table applied to a member, or its value if the member is constant.
    pub(crate) fn look_up(table: &Table, at: Expr, ty: Type, span: Span) -> Expr {
        if let ExprKind::Const(Value::Member(_, k)) = &*at.kind
            && let Some(Some(value)) = table.get(*k as usize)
        {
            return Self::node(ExprKind::Const(value.clone()), ty, span);
        }
        Self::node(ExprKind::Table(table.clone(), vec![at]), ty, span)
    }
}

fn is_under(kind: &SortKind, above: SortId) -> bool {
    matches!(kind, SortKind::Index { under: Some(sort), .. } if *sort == above)
}
