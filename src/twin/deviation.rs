//! Deviations as a question about two runs.
//!
//! The first run is one of the institution: all follow their practices. The second begins in the same state, and
//! is the same up to some period, and from then on the coalition chooses freely. All others, environment and draws do in the second
//! run what they do in the first: where they have the choice in both, and the value is allowed in both. Where
//! there is no choice in the second run the `else` value stands, and where the first run's value is not allowed in
//! it, any that is may be chosen; practices do not bind in it. From that period on the difference of what the
//! coalition gains is added up, for so many periods, or until a tick has occurred so often in the first run. No
//! deviation pays iff the difference never ends up above the margin.

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{One, Zero};

use super::bounds::bounds;
use super::copy::{Second, double, twin_name};
use super::make;
use super::undrawn::{Late, undrawn};
use super::{Unfit, last_cell};
use crate::syntax::ast::{InputKind, RuleKind};
use crate::syntax::source::Span;
use crate::types::core::{
    Assume, Binary, Cell, CellId, Chosen, Claim, Conversion, Deadline, Domain, Expr, ExprKind,
    Input, InputId, LocalId, Model, Property, Rule, Type, Update, Value,
};
use crate::types::layout::Layout;
use crate::types::practices::{Post, member, payoff};
use crate::types::trace::{Inputs, Trace};
use crate::types::visit::{rewrite_all, substitute};

/// A question about a run and a deviation from it.
#[derive(Clone, Debug)]
pub struct Deviation {
    /// The model of pairs.
    pub model: Model,
    /// The claim about it.
    pub claim: Claim,
    /// Who deviates.
    pub posts: Vec<Post>,
    plain: Model,
    second: Second,
    start: InputId,
    open: CellId,
}

/// What is asked: who, for how long, and by how much.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The coalition.
    pub posts: Vec<Post>,
    /// For so many periods or ticks.
    pub within: Deadline,
    /// By more than this.
    pub margin: Option<Expr>,
}

/// A cell that is added, and its type.
type Added = (CellId, Type);

/// The longest time for which gains are added up.
const LONGEST: u32 = 1 << 16;

impl Deviation {
    /// The question whether no deviation pays.
    ///
    /// # Errors
    /// Why it cannot be asked.
    pub fn new(model: &Model, claim: &Claim, asked: &Asked) -> Result<Deviation, Unfit> {
        let span = claim.span;
        if asked.within.bound == 0 || asked.within.bound > LONGEST {
            return Err(Unfit("a deviation is looked at for 1 to 65536 periods or ticks"));
        }
        let (mut plain, late) = undrawn(model);
        plain.sees.clear();
        plain.claims.clear();
        plain.fairness.clear();
        let mut pair = plain.clone();
        let (practices, rest): (Vec<Assume>, Vec<Assume>) =
            pair.assumes.drain(..).partition(|assume| assume.practice.is_some());
        pair.assumes = rest;
        let second = double(&mut pair, &super::share::shared(&plain));
        pair.assumes.extend(practices);
        let mut maker = Maker { pair: &mut pair, plain: &plain, second: &second, asked, span };
        maker.begin();
        let (start, open, on) = maker.window();
        maker.couple(&on, &late);
        let (count, gained) = maker.gains(&on)?;
        let margin = asked.margin.clone();
        let property = maker.pays(count, gained, margin);
        pair.payoffs.clear();
        let mut assumes = claim.assumes.clone();
        assumes.extend(second.assumes(&claim.assumes));
        let claim = Claim { property, assumes, expect: None, ..claim.clone() };
        pair.claims.push(claim.clone());
        let posts = asked.posts.clone();
        Ok(Deviation { model: pair, claim, posts, plain, second, start, open })
    }

    /// The two runs of a run of pairs, and the period in which they part.
    pub fn halves(&self, single: &Model, trace: &Trace) -> (Trace, Trace, usize) {
        let (one, other) = self.second.halves(&self.plain, &self.model, trace);
        let layout = Layout::new(&self.model);
        let (start, open) = (layout.input(self.start), layout.cell(self.open));
        let yes = Some(&Value::Bool(true));
        let from = trace.periods.iter().position(|period| {
            let starts = period.inputs.as_ref().is_some_and(|drawn| drawn.inputs.get(start) == yes);
            starts || period.state.get(open) == yes
        });
        let inputs = Layout::new(single).inputs.len();
        let from = from.unwrap_or(trace.periods.len());
        (drawn(one, inputs), drawn(other, inputs), from)
    }
}

/// Inputs beyond those of the spec are draws.
fn drawn(mut trace: Trace, inputs: usize) -> Trace {
    for period in &mut trace.periods {
        if let Some(Inputs { inputs: all, draws }) = &mut period.inputs {
            *draws = all.split_off(inputs.min(all.len()));
        }
    }
    trace
}

struct Maker<'a> {
    pair: &'a mut Model,
    plain: &'a Model,
    second: &'a Second,
    asked: &'a Asked,
    span: Span,
}

impl Maker<'_> {
    fn cell(&mut self, name: &str, ty: Type, first: Value) -> CellId {
        let kind = Box::new(ExprKind::Const(first));
        let value_type = if let Type::Range(..) = ty { Type::Int } else { ty };
        self.pair.cells.push(Cell {
            name: twin_name(name),
            index: Vec::new(),
            ty,
            binders: Vec::new(),
            initial: Some(Chosen::Is(Expr { kind, ty: value_type, span: self.span })),
            doc: None,
            span: self.span,
        });
        last_cell(self.pair)
    }

    fn rule(&mut self, name: &str, guard: Expr, updates: Vec<(CellId, Expr)>) {
        let update = |(cell, value)| Update {
            cell,
            index: Vec::new(),
            value: Chosen::Is(value),
            span: self.span,
        };
        let updates = updates.into_iter().map(update).collect();
        self.pair.rules.push(Rule {
            name: twin_name(name),
            kind: RuleKind::Rule,
            binders: Vec::new(),
            guard,
            updates,
            prescribes: Vec::new(),
            overrides: Vec::new(),
            origin: None,
            doc: None,
            span: self.span,
        });
    }

    /// Where the first state is not fixed, both runs begin in the same.
    fn begin(&mut self) {
        let cells = self.plain.cells.iter().enumerate();
        let open = cells.filter(|(_, cell)| !matches!(cell.initial, Some(Chosen::Is(_))));
        for (n, cell) in open {
            let one = CellId(u32::try_from(n).unwrap_or(u32::MAX));
            let same = self.same_cell(one, cell);
            self.pair.inits.push(same);
        }
    }

    /// `all i : cell[i] = cell~[i]`
    fn same_cell(&mut self, one: CellId, cell: &Cell) -> Expr {
        let span = self.span;
        let locals: Vec<LocalId> =
            (self.pair.locals..).map(LocalId).take(cell.index.len()).collect();
        self.pair.locals += u32::try_from(locals.len()).unwrap_or(0);
        let own = locals.iter().zip(&cell.index);
        let index: Vec<Expr> =
            own.clone().map(|(local, sort)| make::local(*local, *sort, span)).collect();
        let read = |cell_id: CellId| Expr {
            kind: Box::new(ExprKind::Cell { cell: cell_id, index: index.clone(), primed: false }),
            ty: cell.ty,
            span,
        };
        let same = make::equal(read(one), read(self.second.cell_id(one)));
        own.rev().fold(same, |body, (local, sort)| make::all(*local, Domain::Sort(*sort), body))
    }

    /// From when on the runs may part: a cell, and the input that opens it. Nature chooses when.
    fn window(&mut self) -> (InputId, CellId, Expr) {
        let span = self.span;
        let start = InputId(u32::try_from(self.pair.inputs.len()).unwrap_or(u32::MAX));
        let open = self.cell("open", Type::Bool, Value::Bool(false));
        let now = make::cell(open, Type::Bool, false, span);
        self.pair.inputs.push(Input {
            name: twin_name("start"),
            kind: InputKind::Env,
            index: Vec::new(),
            ty: Type::Bool,
            binders: Vec::new(),
            owner: None,
            when: Some(make::not(now.clone())),
            condition: None,
            otherwise: Some(make::constant(false, span)),
            doc: None,
            span,
        });
        let starts = make::truth(ExprKind::Input { input: start, index: Vec::new() }, span);
        let on = make::or([now, starts], span);
        self.rule("open", make::constant(true, span), vec![(open, on.clone())]);
        (start, open, on)
    }

    /// Others, environment and draws do in both runs the same; before they part, all do.
    fn couple(&mut self, on: &Expr, late: &[Late]) {
        for n in 0..self.plain.inputs.len() {
            let id = InputId(u32::try_from(n).unwrap_or(u32::MAX));
            let (Some(one), Some(to)) = (self.plain.inputs.get(n), self.second.inputs.get(n))
            else {
                continue;
            };
            let late = late.iter().find(|late| late.input == id);
            let condition = self.coupled(id, *to, one, on, late);
            let name = twin_name(&one.name);
            self.pair.assumes.push(Assume { name, practice: None, condition, span: self.span });
        }
    }

    fn coupled(
        &self,
        id: InputId,
        to: InputId,
        one: &Input,
        on: &Expr,
        late: Option<&Late>,
    ) -> Expr {
        let span = self.span;
        let index: Vec<Expr> = one
            .binders
            .iter()
            .zip(&one.index)
            .map(|(l, sort)| make::local(*l, *sort, span))
            .collect();
        let read = |input: InputId| Expr {
            kind: Box::new(ExprKind::Input { input, index: index.clone() }),
            ty: one.ty,
            span,
        };
        // The second copy's conditions are over its own variables.
        let own: Vec<(LocalId, Expr)> = one
            .binders
            .iter()
            .zip(&index)
            .map(|(binder, at)| (self.second.local(*binder), at.clone()))
            .collect();
        let second = |e: &Expr| substitute(&self.second.expr(e), &own);
        let when = one.when.as_ref().or(late.map(|late| &late.when));
        let allowed = one.condition.as_ref().or(late.map(|late| &late.condition));
        let mut given: Vec<Expr> = Vec::new();
        given.extend(when.cloned());
        given.extend(when.map(second));
        given.extend(allowed.map(|allowed| {
            let mut allowed = second(allowed);
            rewrite_all(&mut allowed, &mut |part| {
                if let ExprKind::Input { input, index: at } = &mut *part.kind
                    && *input == to
                    && at.iter().zip(&index).all(|(a, b)| crate::types::practices::alike(a, b))
                {
                    *input = id;
                }
            });
            allowed
        }));
        if let Some(owner) = &one.owner {
            let ours = self.asked.posts.iter().filter(|(sort, _)| owner.ty == Type::Finite(*sort));
            let ours: Vec<Expr> =
                ours.map(|(sort, n)| make::equal(owner.clone(), member(*sort, *n, span))).collect();
            if !ours.is_empty() {
                let free = make::and([make::or(ours, span), on.clone()], span);
                given.push(make::not(free));
            }
        }
        let same = make::equal(read(to), read(id));
        let mut condition = match given.is_empty() {
            true => same,
            false => make::binary(Binary::Implies, make::and(given, span), same),
        };
        for (local, sort) in one.binders.iter().zip(&one.index).rev() {
            condition = make::all(*local, Domain::Sort(*sort), condition);
        }
        condition
    }

    /// How long the runs have parted, and by how much more the second has paid.
    fn gains(&mut self, on: &Expr) -> Result<(Added, Added), Unfit> {
        let span = self.span;
        let bound = self.asked.within.bound;
        let mut more: Option<Expr> = None;
        for (sort, n) in &self.asked.posts {
            let owner = member(*sort, *n, span);
            let first = payoff(self.plain, &owner)
                .ok_or(Unfit("a member of the coalition has no payoff"))?;
            let other = self.second.expr(&first);
            let (ty, kind) = (first.ty, ExprKind::Binary(Binary::Sub, other, first));
            let gain = Expr { kind: Box::new(kind), ty, span };
            more = Some(match more {
                None => gain,
                Some(sum) => added(sum, gain),
            });
        }
        let more = more.ok_or(Unfit("the coalition has no members"))?;
        let margin = self.asked.margin.as_ref().is_some_and(|margin| margin.ty == Type::Real);
        let more = if margin { real(more) } else { more };
        let ty = match more.ty {
            Type::Real => Type::Real,
            _ => self.range(&more, bound),
        };
        let zero = match ty {
            Type::Real => Value::Real(BigRational::zero()),
            _ => Value::Int(BigInt::zero()),
        };
        let counts = Type::Range(0, i64::from(bound));
        let count = self.cell("count", counts, Value::Int(BigInt::zero()));
        let gained = self.cell("gained", ty, zero);
        let mut ticks = vec![on.clone()];
        if let Some(tick) = self.asked.within.tick {
            ticks.push(make::truth(ExprKind::Tick(tick), span));
        }
        let now = number(make::cell(count, counts, false, span));
        let one = Expr {
            kind: Box::new(ExprKind::Const(Value::Int(BigInt::one()))),
            ty: Type::Int,
            span,
        };
        let goes_on = make::binary(Binary::Lt, now.clone(), constant(bound, span));
        let guard = make::and(ticks.into_iter().chain([goes_on.clone()]), span);
        self.rule("count", guard, vec![(count, added(now, one))]);
        let so_far = number(make::cell(gained, ty, false, span));
        let guard = make::and([on.clone(), goes_on.clone()], span);
        self.rule("gain", guard, vec![(gained, added(so_far, more))]);
        let name = twin_name("over");
        // Nothing more comes of a state in which the time is over.
        let condition = stepwise(goes_on, count, counts, span);
        self.pair.assumes.push(Assume { name, practice: None, condition, span });
        Ok(((count, counts), (gained, ty)))
    }

    /// A range wide enough for the sum, if there is one.
    fn range(&self, more: &Expr, bound: u32) -> Type {
        let Some((lo, hi)) = bounds(self.pair, more) else { return Type::Int };
        let times = BigInt::from(bound);
        let ends = (
            i64::try_from((lo * &times).min(BigInt::zero())),
            i64::try_from((hi * times).max(BigInt::zero())),
        );
        match ends {
            (Ok(lo), Ok(hi)) => Type::Range(lo, hi),
            _ => Type::Int,
        }
    }

    /// `never (count = T and gained > margin)`
    fn pays(&self, (count, counts): Added, (gained, ty): Added, margin: Option<Expr>) -> Expr {
        let span = self.span;
        let count = number(make::cell(count, counts, false, span));
        let over = make::binary(Binary::Eq, count, constant(self.asked.within.bound, span));
        let gained = number(make::cell(gained, ty, false, span));
        let margin = margin.unwrap_or_else(|| constant(0, span));
        let margin = if ty == Type::Real { real(margin) } else { number(margin) };
        let pays = make::binary(Binary::Gt, gained, margin);
        make::property(Property::Never(make::and([over, pays], span)), span)
    }
}

/// The condition made one about steps, so that a last state may break it.
fn stepwise(condition: Expr, count: CellId, counts: Type, span: Span) -> Expr {
    let after = number(make::cell(count, counts, true, span));
    let still = make::binary(Binary::Ge, after, constant(0, span));
    make::and([condition, still], span)
}

fn constant(n: u32, span: Span) -> Expr {
    let kind = Box::new(ExprKind::Const(Value::Int(BigInt::from(n))));
    Expr { kind, ty: Type::Int, span }
}

fn number(e: Expr) -> Expr {
    if let Type::Range(..) = e.ty { make::whole(e) } else { e }
}

fn real(e: Expr) -> Expr {
    let e = number(e);
    if e.ty == Type::Real {
        return e;
    }
    let span = e.span;
    Expr { kind: Box::new(ExprKind::Convert(Conversion::IntToReal, e)), ty: Type::Real, span }
}

fn added(a: Expr, b: Expr) -> Expr {
    let (a, b) = match a.ty == Type::Real || b.ty == Type::Real {
        true => (real(a), real(b)),
        false => (a, b),
    };
    let (ty, span) = (a.ty, a.span);
    Expr { kind: Box::new(ExprKind::Binary(Binary::Add, a, b)), ty, span }
}

/// The members of a coalition, each a post that is known beforehand.
///
/// # Errors
/// When one is not.
pub fn members(posts: &[Expr]) -> Result<Vec<Post>, Unfit> {
    let mut all: Vec<Post> = Vec::new();
    for post in posts {
        let found = match (&*post.kind, post.ty) {
            (ExprKind::Const(Value::Member(sort, n)), _) => Some((*sort, *n)),
            (ExprKind::Const(Value::Int(n)), Type::Finite(sort)) => {
                u32::try_from(n).ok().map(|n| (sort, n))
            }
            (ExprKind::Convert(Conversion::IntToMember(sort), inner), _) => match &*inner.kind {
                ExprKind::Const(Value::Int(n)) => u32::try_from(n).ok().map(|n| (*sort, n)),
                _ => None,
            },
            _ => None,
        };
        let found = found.ok_or(Unfit("a member of the coalition is not known beforehand"))?;
        if !all.contains(&found) {
            all.push(found);
        }
    }
    Ok(all)
}

/// The parts of a claim that says nothing else: `no deviation …`, alone or joined by `and` and `all`.
pub fn asked(model: &Model, property: &Expr) -> Option<Vec<Asked>> {
    let property = super::shape::written_out(model, property);
    match &*property.kind {
        ExprKind::Property(Property::NoDeviation { coalition, within, margin }) => {
            let posts = members(coalition).ok()?;
            Some(vec![Asked { posts, within: *within, margin: margin.clone() }])
        }
        ExprKind::Binary(Binary::And, one, other) => {
            let mut both = asked(model, one)?;
            both.extend(asked(model, other)?);
            Some(both)
        }
        ExprKind::Quantified(crate::types::core::Quant::All, local, Domain::Sort(sort), body) => {
            let size = model.sorts.get(sort.index())?.size();
            let mut all = Vec::new();
            for n in 0..size {
                let by = [(*local, member(*sort, n, body.span))];
                all.extend(asked(model, &substitute(body, &by))?);
            }
            Some(all)
        }
        _ => None,
    }
}
