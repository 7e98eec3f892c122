//! Knowledge as a question about two runs: a model and a claim in, a model of pairs and a claim out.
//!
//! `C knows p` in period *i* says that every run that looked the same to *C* in all periods before
//! *i* has *p* in *i*. So `always (q implies within k (C knows p))` is violated iff there are two
//! runs: the first has *q* and its deadline passes; the second looks the same to *C* all the while
//! and does not have *p* when it has passed. Both together are a run of the twin model, in which all
//! that moves is there twice, and the claim becomes an ordinary one about it (self-composition; for
//! diagnosability Jiang, Huang, Chandra and Kumar 2001, after Sampath et al. 1995; in temporal
//! epistemic logic Bozzano, Cimatti, Gario and Tonetta 2015).
//!
//! *The reduction.* A cell `parted~` says whether the views differed in some period before this one.
//! `C knows p` becomes *p of the second run, or parted*. If in a run of the twin this fails in period
//! *i*, the second run refutes the knowledge; if knowledge fails in a run, that run and the one that
//! refutes it are a run of the twin in which it fails. Where it must fail in several periods, each has
//! a run of its own; if *p* is stable (once true, it stays so), the run that refutes it last refutes it
//! in all of them, since what is alike up to then was alike before. Quantifiers in front become cells
//! that nobody writes, so that one run of the twin speaks of one member. Where a violation ends with
//! the knowledge that is missing, no step leaves a state in which the views have parted.
//!
//! Nothing here decides anything, and no engine knows of it. The pairs that engines find are re-executed
//! by the interpreter, which does not know this module.

mod bounds;
mod copy;
pub mod deviation;
mod make;
pub mod observed;
mod shape;
mod share;
pub mod spoiled;
mod undrawn;
mod views;

use crate::syntax::ast::RuleKind;
use crate::syntax::source::Span;
use crate::types::core::{
    Assume, Binary, Cell, CellId, Chosen, Claim, Deadline, Domain, Expr, ExprKind, Fairness,
    LocalId, Model, Property, Rule, Set, Tick, TickId, Type, Update,
};
use crate::types::trace::Trace;
use crate::types::visit::{rewrite_all, speaks_of_knowledge, substitute};

use self::copy::{Second, double, twin_name};
use self::shape::{Known, Part};

pub use self::views::sees_anything;

/// Why a claim about knowledge is no question about two runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unfit(pub &'static str);

/// A part of a claim.
#[derive(Clone, Debug)]
pub enum Question {
    /// It does not speak of knowledge.
    Plain(Box<Claim>),
    /// It is about pairs of runs.
    Pairs(Box<Twin>),
}

/// A question about two runs.
#[derive(Clone, Debug)]
pub struct Twin {
    /// The model of pairs.
    pub model: Model,
    /// The claim about it.
    pub claim: Claim,
    /// Of the single model: that what is to be known stays true once it is. None if it plainly does,
    /// or need not.
    pub stable: Option<Claim>,
    /// Of the single model: its property has a value iff all that the judge sees has, and what is to
    /// be known.
    pub valued: Claim,
    /// It is about runs that look the same for ever, and not about every period of one.
    pub for_ever: bool,
    second: Second,
}

impl Twin {
    /// The two runs of a run of pairs: the one that is judged, and the one that looks the same.
    pub fn halves(&self, single: &Model, trace: &Trace) -> (Trace, Trace) {
        self.second.halves(single, &self.model, trace)
    }

    /// What was proved of every state, of both copies.
    pub fn lemmas(&self, lemma: &Claim) -> [Claim; 2] {
        let property = self.second.expr(&lemma.property);
        [lemma.clone(), Claim { property, ..lemma.clone() }]
    }
}

/// The parts of a claim that speaks of knowledge; it holds iff all of them do.
///
/// Where it asks for detection without a deadline, all runs are fair and have all their ticks again and
/// again. Otherwise only the run that is judged need be fair: the others are only to look alike.
///
/// # Errors
/// Why it is no question about two runs.
pub fn questions(model: &Model, claim: &Claim) -> Result<Vec<Question>, Unfit> {
    let fair = is_unbounded_detection(model, &claim.property);
    let property = shape::written_out(model, &claim.property);
    let parts = shape::parts(model, &property);
    parts.iter().map(|part| question(model, claim, part, fair)).collect()
}

/// Whether it asks for detection without a deadline.
pub fn is_unbounded_detection(model: &Model, e: &Expr) -> bool {
    let mut found = false;
    crate::types::walk(e, &mut |part| {
        found |= match &*part.kind {
            ExprKind::Property(Property::Detects(_, _, None)) => true,
            ExprKind::Call(define, _) => {
                let define = model.defines.get(define.index());
                define.is_some_and(|define| is_unbounded_detection(model, &define.body))
            }
            _ => false,
        };
    });
    found
}

/// The deadline that `smallest k` seeks.
pub fn sought(e: &Expr) -> Option<Deadline> {
    let mut found = None;
    crate::types::walk(e, &mut |part| {
        if let ExprKind::Property(property) = &*part.kind
            && let Some(deadline) = property.deadline()
            && deadline.bound == Deadline::SOUGHT
        {
            found.get_or_insert(deadline);
        }
    });
    found
}

/// The claim that `smallest k` makes for one `k`.
pub fn with_bound(claim: &Claim, k: u32) -> Claim {
    bounded(claim, &mut |property| match property {
        Property::Within(deadline, _)
        | Property::LeadsTo(_, _, Some(deadline))
        | Property::Detects(_, _, Some(deadline))
            if deadline.bound == Deadline::SOUGHT =>
        {
            deadline.bound = k;
        }
        _ => {}
    })
}

/// The claim that `smallest k` makes if `k` may be as large as one likes.
pub fn without_bound(claim: &Claim) -> Claim {
    bounded(claim, &mut |property| match property {
        Property::Within(deadline, p) if deadline.bound == Deadline::SOUGHT => {
            *property = Property::Eventually(p.clone());
        }
        Property::LeadsTo(_, _, deadline) if is_sought(*deadline) => *deadline = None,
        // About all runs, as with a bound, and not about fair ones only.
        Property::Detects(judge, fault, deadline) if is_sought(*deadline) => {
            let (judge, fault) = (judge.clone(), fault.clone());
            *property = shape::comes_to_be_known(judge, fault, None);
        }
        _ => {}
    })
}

fn is_sought(deadline: Option<Deadline>) -> bool {
    deadline.is_some_and(|deadline| deadline.bound == Deadline::SOUGHT)
}

fn bounded(claim: &Claim, change: &mut dyn FnMut(&mut Property)) -> Claim {
    let mut property = claim.property.clone();
    if let ExprKind::Property(Property::Smallest(_, p)) = &*property.kind {
        property = p.clone();
    }
    rewrite_all(&mut property, &mut |part| {
        if let ExprKind::Property(property) = &mut *part.kind {
            change(property);
        }
    });
    Claim { property, ..claim.clone() }
}

fn question(model: &Model, claim: &Claim, part: &Part, fair: bool) -> Result<Question, Unfit> {
    if !speaks_of_knowledge(model, &part.body) {
        let property = part.closed(part.body.clone());
        return Ok(Question::Plain(Box::new(Claim { property, ..claim.clone() })));
    }
    let known = shape::known(model, &part.body)?;
    let stable = shape::is_stable(model, &known.fact);
    let fact = part.closed(stays(&known.fact));
    let stable_claim =
        (known.several && !stable).then(|| Claim { property: fact, expect: None, ..claim.clone() });
    let seen = views::values(model, &known.judge)?;
    let plain = replaced(&part.body, &known.fact);
    let valued = part.closed(make::and([seen, plain], claim.span));
    let valued = Claim { property: valued, expect: None, ..claim.clone() };
    let (model, claim, second) = build(model, claim, part, &known, fair)?;
    Ok(Question::Pairs(Box::new(Twin {
        model,
        claim,
        stable: stable_claim,
        valued,
        for_ever: fair,
        second,
    })))
}

/// `always (previously p implies p)`: a look back is one bit of memory, where `next` would be a guess whose
/// invariant can take as many clauses as there are sets of members.
fn stays(p: &Expr) -> Expr {
    let before = make::property(Property::Previously(p.clone()), p.span);
    let implies = make::binary(Binary::Implies, before, p.clone());
    make::property(Property::Always(implies), p.span)
}

/// The model of pairs and the claim about it.
fn build(
    single: &Model,
    claim: &Claim,
    part: &Part,
    known: &Known,
    fair: bool,
) -> Result<(Model, Claim, Second), Unfit> {
    let mut model = single.clone();
    model.sees.clear();
    model.payoffs.clear();
    model.claims.clear();
    let mut shared = share::shared(single);
    let mut members: Vec<(LocalId, Expr)> = Vec::new();
    for (local, domain) in &part.binders {
        let member = rigid(&mut model, domain, &members, claim.span);
        shared.push(true);
        members.push((*local, member));
    }
    let put = |e: &Expr| substitute(e, &members);
    let (judge, fact, body) = (put(&known.judge), put(&known.fact), put(&part.body));
    let second = double(&mut model, &shared);
    let defined = views::defined(&judge)?;
    let alike = views::alike(single, &second, &judge, &shared);
    let alike = make::binary(Binary::Implies, defined.clone(), alike);
    // What is stable and has come true in the second run stays true: nothing more can be found.
    let lasting = shape::is_stable(single, &known.fact) || known.several;
    let fallen = match &*fact.kind {
        ExprKind::Property(Property::Once(event)) if known.last && is_plain(single, event) => {
            Some(second.expr(event))
        }
        ExprKind::Property(_) => None,
        _ if known.last && lasting && is_plain(single, &fact) => Some(second.expr(&fact)),
        _ => None,
    };
    let now = match (&fallen, &*fact.kind) {
        (Some(event), _) => event.clone(),
        (None, _) => second.expr(&fact),
    };
    let parted = part_ways(&mut model, alike, fallen, known.last, claim.span);
    let span = claim.span;
    let parted = make::cell(parted, Type::Bool, false, span);
    let known = make::or([now, parted], span);
    let known = make::and([defined, known], span);
    let property = replaced(&body, &known);
    if fair {
        fairly(&mut model, &second, single, span);
    }
    let mut assumes = claim.assumes.clone();
    assumes.extend(second.assumes(&claim.assumes));
    let claim = Claim { property, assumes, expect: None, ..claim.clone() };
    model.claims.push(claim.clone());
    Ok((model, claim, second))
}

/// Whether an expression speaks of one period alone.
fn is_plain(model: &Model, e: &Expr) -> bool {
    crate::types::level(model, e) < crate::types::core::Level::Temporal
}

/// The property with its one `C knows p` replaced.
fn replaced(body: &Expr, known: &Expr) -> Expr {
    let mut property = body.clone();
    rewrite_all(&mut property, &mut |part| {
        if matches!(&*part.kind, ExprKind::Property(Property::Knows(..))) {
            *part = known.clone();
        }
    });
    property
}

/// A cell that nobody writes stands for the member that is spoken of.
fn rigid(model: &mut Model, domain: &Domain, members: &[(LocalId, Expr)], span: Span) -> Expr {
    let (ty, set) = match domain {
        Domain::Sort(sort) => (Type::Finite(*sort), Set::Sort(*sort)),
        Domain::Range(lo, hi) => {
            let number = |n: i64| Expr {
                kind: Box::new(ExprKind::Const(crate::types::core::Value::Int(n.into()))),
                ty: Type::Int,
                span,
            };
            let (from, to) = (Box::new(number(*lo)), Box::new(number(*hi)));
            (Type::Range(*lo, *hi), Set::Range(from, to))
        }
        Domain::Elements(elements) => {
            let elements: Vec<Expr> = elements.iter().map(|e| substitute(e, members)).collect();
            (elements.first().map_or(Type::Bool, |e| e.ty), Set::Elements(elements))
        }
    };
    let name = twin_name(&format!("member{}", members.len()));
    model.cells.push(Cell {
        name,
        index: Vec::new(),
        ty,
        binders: Vec::new(),
        initial: Some(Chosen::In(set)),
        doc: None,
        span,
    });
    make::cell(last_cell(model), ty, false, span)
}

fn last_cell(model: &Model) -> CellId {
    CellId(u32::try_from(model.cells.len().saturating_sub(1)).unwrap_or(u32::MAX))
}

/// The cell that says that the views have parted, or that the second run has what is to be known and
/// keeps it; no step leaves such a state where nothing more can come of it.
fn part_ways(
    model: &mut Model,
    alike: Expr,
    fallen: Option<Expr>,
    last: bool,
    span: Span,
) -> CellId {
    model.cells.push(Cell {
        name: twin_name("parted"),
        index: Vec::new(),
        ty: Type::Bool,
        binders: Vec::new(),
        initial: Some(Chosen::Is(make::constant(false, span))),
        doc: None,
        span,
    });
    let parted = last_cell(model);
    let now = make::cell(parted, Type::Bool, false, span);
    let differ = make::not(alike);
    let value = make::or([now.clone(), differ].into_iter().chain(fallen), span);
    model.rules.push(Rule {
        name: twin_name("part"),
        kind: RuleKind::Rule,
        binders: Vec::new(),
        guard: make::constant(true, span),
        updates: vec![Update { cell: parted, index: Vec::new(), value: Chosen::Is(value), span }],
        prescribes: Vec::new(),
        overrides: Vec::new(),
        origin: None,
        doc: None,
        span,
    });
    if last {
        // About steps, not states: a last state may be one in which the views have parted.
        let after = make::cell(parted, Type::Bool, true, span);
        let condition = make::not(make::and([now, after], span));
        let name = twin_name("together");
        model.assumes.push(Assume { name, practice: None, condition, span });
    }
    parted
}

/// Both runs are fair, and all ticks come again and again in them.
fn fairly(model: &mut Model, second: &Second, single: &Model, span: Span) {
    model.fairness.extend(ticking(single, span));
    let both = second.fairness(&model.fairness);
    model.fairness.extend(both);
}

/// That all ticks come again and again.
pub fn ticking(model: &Model, span: Span) -> Vec<Fairness> {
    let again = |(n, tick): (u32, &Tick)| recurring(TickId(n), &tick.name, span);
    (0..).zip(&model.ticks).map(again).collect()
}

/// That a tick comes again and again.
pub fn recurring(tick: TickId, name: &str, span: Span) -> Fairness {
    let recurs = make::truth(ExprKind::Tick(tick), span);
    Fairness { name: name.to_owned(), premise: None, recurs, span }
}

/// Whether each state has finitely many steps, and there are finitely many first states. Then, if for
/// every period some run looks alike up to it, some run looks alike for ever (Kőnig's lemma).
pub fn branches_finitely(model: &Model) -> bool {
    let finite = |ty: Type| !matches!(ty, Type::Int | Type::Real);
    let cells = model.cells.iter().all(|cell| cell.initial.is_some() || finite(cell.ty));
    cells && model.inputs.iter().all(|input| finite(input.ty))
}
