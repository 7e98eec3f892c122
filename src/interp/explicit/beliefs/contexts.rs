//! The places in which a claim speaks of knowledge, nested as the claim nests it, and what is to be
//! watched for them.

use std::rc::Rc;

use indexmap::IndexSet;
use rustc_hash::FxHashMap;

use super::super::Limits;
use super::atlas::Watching;
use super::claim::{Epistemic, Knowing, Post};
use super::worlds::{World, Worlds};
use crate::interp::progress::Monitor;
use crate::interp::progress::formula::{Formula, Truth};
use crate::interp::progress::ground::{Atom, Unsupported};
use crate::types::core::{Expr, ExprKind, Model, Type, Value};
use crate::types::visit::substitute;

/// Where the truth of an atom comes from.
#[derive(Clone, Copy, Debug)]
pub(super) enum Source {
    /// A condition watched along the steps.
    Condition(usize),
    /// What a judge knows: which of the judges spoken of here, and which piece.
    Known(usize, usize),
    /// The past, remembered; or nobody, where the judge is no post.
    Elsewhere,
}

/// A place where things are true: the actual run, or the runs that a judge thinks possible.
pub(super) struct Context {
    pub(super) monitor: Monitor,
    pub(super) sources: Vec<Source>,
    /// The place of the judge's own view; of no meaning for the actual run.
    pub(super) view: usize,
    /// What the judge may know of these runs; empty for the actual one.
    pub(super) bodies: Vec<Formula>,
    /// The judges spoken of here: the place of each among the views, and its own context.
    pub(super) judges: Vec<(usize, usize)>,
    pub(super) worlds: IndexSet<World>,
    pub(super) sets: IndexSet<Rc<[u32]>>,
    pub(super) after: FxHashMap<u32, Rc<FxHashMap<u32, u32>>>,
    pub(super) known: FxHashMap<(u32, usize), Truth>,
}

/// The context of the actual run.
pub const ACTUAL: usize = 0;

/// A piece of knowledge that the actual run's property speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece {
    /// Its number in the claim.
    pub number: usize,
    /// Its number among the property's atoms.
    pub atom: usize,
    /// Which of the judges of the actual run.
    pub judge: usize,
    /// Which of the pieces that this judge may know.
    pub place: usize,
}

/// The contexts of a claim, what to watch for them, and what the actual run's property speaks of.
///
/// # Errors
/// The fragment that the claim needs.
pub fn worlds(
    model: &Model,
    claim: &Epistemic,
    monitor: Monitor,
    limits: &Limits<'_>,
) -> Result<(Worlds, Watching, Vec<Piece>), Unsupported> {
    let (contexts, posts, pieces) = (Vec::new(), Vec::new(), Vec::new());
    let watching = Watching::default();
    let mut building = Building { model, claim, contexts, watching, posts, pieces };
    building.context(monitor, Vec::new(), 0)?;
    let Building { contexts, watching, pieces, .. } = building;
    Ok((Worlds::new(contexts, limits.max_memory), watching, pieces))
}

struct Building<'a> {
    model: &'a Model,
    claim: &'a Epistemic,
    contexts: Vec<Context>,
    watching: Watching,
    posts: Vec<Post>,
    pieces: Vec<Piece>,
}

/// Judges, and what each may know.
type Judges<'a> = Vec<(Post, Vec<&'a Knowing>)>;

impl<'a> Building<'a> {
    fn context(
        &mut self,
        monitor: Monitor,
        bodies: Vec<Formula>,
        view: usize,
    ) -> Result<usize, Unsupported> {
        let number = self.contexts.len();
        let mut judges = Judges::new();
        let mut sources = Vec::new();
        for (place, atom) in monitor.atoms().iter().enumerate() {
            sources.push(match atom {
                Atom::Present { expr, over_state } => {
                    self.watching.conditions.push((expr.clone(), *over_state));
                    Source::Condition(self.watching.conditions.len() - 1)
                }
                Atom::Past(..) => Source::Elsewhere,
                Atom::Known(n) => self.piece((number, place), *n as usize, &mut judges),
            });
        }
        self.contexts.push(Context {
            monitor,
            sources,
            view,
            bodies,
            judges: Vec::new(),
            worlds: IndexSet::new(),
            sets: IndexSet::new(),
            after: FxHashMap::default(),
            known: FxHashMap::default(),
        });
        for (post, pieces) in judges {
            let bodies: Vec<Expr> = pieces.iter().map(|piece| piece.body.clone()).collect();
            let (monitor, bodies) = Monitor::watching(self.model, &bodies)?;
            let view = self.view(post);
            let inner = self.context(monitor, bodies, view)?;
            if let Some(context) = self.contexts.get_mut(number) {
                context.judges.push((view, inner));
            }
        }
        Ok(number)
    }

    /// Files a piece of knowledge under its judge.
    fn piece(
        &mut self,
        (context, atom): (usize, usize),
        number: usize,
        judges: &mut Judges<'a>,
    ) -> Source {
        let claim = self.claim;
        let Some(knowing) = claim.known.get(number) else { return Source::Elsewhere };
        let Some(post) = knowing.judge else { return Source::Elsewhere };
        let judge = judges.iter().position(|(known, _)| *known == post).unwrap_or(judges.len());
        if judge == judges.len() {
            judges.push((post, Vec::new()));
        }
        let Some((_, pieces)) = judges.get_mut(judge) else { return Source::Elsewhere };
        let place = pieces.len();
        pieces.push(knowing);
        if context == ACTUAL {
            self.pieces.push(Piece { number, atom, judge, place });
        }
        Source::Known(judge, place)
    }

    /// The place of a post among those whose views are watched.
    fn view(&mut self, post: Post) -> usize {
        if let Some(known) = self.posts.iter().position(|known| *known == post) {
            return known;
        }
        self.posts.push(post);
        self.watching.views.push(sights(self.model, post));
        self.posts.len() - 1
    }
}

/// All that a post sees in a period.
pub fn sights(model: &Model, (sort, member): Post) -> Vec<Expr> {
    let own = |sees: &&crate::types::core::Sees| {
        sees.judge == sort && sees.only.is_none_or(|only| only == member)
    };
    let written = model.sees.iter().filter(own).flat_map(|sees| {
        let kind = Box::new(ExprKind::Const(Value::Member(sort, member)));
        let post = Expr { kind, ty: Type::Finite(sort), span: sees.span };
        sees.seen.iter().map(move |(_, e)| substitute(e, &[(sees.binder, post.clone())]))
    });
    written.collect()
}
