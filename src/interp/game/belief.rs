//! The game of a coalition that sees only what its members see.
//!
//! A position is the set of all positions of the arena that the coalition cannot tell apart after what it has
//! seen and done (the subset construction of Reif 1984; members pool what they see and forget nothing). A plan is
//! possible if it goes with a step from each of them. Plays that are won already are left out of the set: what
//! remains must be won as well. For a goal that recurs the set is split (Miyano and Hayashi 1984): the part that
//! owes a visit to a mark; each time that part is empty, all plays have paid, and the position counts.

use std::collections::BTreeMap;

use indexmap::IndexMap;

use super::arena::{Arena, Pattern, Step, Unfinished, goes, plans};
use super::goal::Label;
use super::solve::{Graph, NONE};
use crate::interp::explicit::Limits;

/// Positions that look alike, and those among them that owe a visit to a mark.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Belief {
    /// All of them; empty if every play is won.
    pub all: Vec<u32>,
    /// Those that owe.
    pub owing: Vec<u32>,
    /// Some play is lost.
    pub lost: bool,
}

/// What was seen at the end of a period, and at the start of the next, by number.
pub type Seen = (u32, u32);

/// The game.
#[derive(Clone, Debug, Default)]
pub struct Beliefs {
    /// Its graph.
    pub graph: Graph,
    /// Its positions.
    pub nodes: Vec<Belief>,
    /// What is seen first, by number, and where plays begin then.
    pub first: Vec<(u32, u32)>,
    /// The plan behind each move.
    pub plans: Vec<Pattern>,
    /// What is seen on the way to each end of a move.
    pub seen: Vec<Seen>,
}

/// Most positions of the game.
const MOST: usize = 1 << 18;

struct Builder<'b, 'a, const W: usize> {
    arena: &'b Arena<'a, W>,
    numbers: IndexMap<Belief, ()>,
}

fn number(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(NONE)
}

/// Lays out the game.
///
/// # Errors
/// Why not.
pub fn beliefs<const W: usize>(
    arena: &Arena<'_, W>,
    limits: &Limits<'_>,
) -> Result<Beliefs, Unfinished> {
    let mut builder = Builder { arena, numbers: IndexMap::new() };
    let mut game = Beliefs::default();
    let mut alike: BTreeMap<u32, Vec<(u32, bool)>> = BTreeMap::new();
    for node in 0..arena.first {
        let seen = arena.before.get(node as usize).copied().unwrap_or(0);
        alike.entry(seen).or_default().push((node, true));
    }
    for (seen, group) in alike {
        let first = builder.number(&group);
        game.first.push((seen, first));
    }
    let mut at = 0;
    while let Some((belief, ())) = builder.numbers.get_index(at).map(|(b, ())| (b.clone(), ())) {
        if at & 0xff == 0 && limits.over() {
            return Err(Unfinished::Over);
        }
        if builder.numbers.len() > MOST {
            let reason = format!("more than {MOST} sets of states that look alike");
            return Err(Unfinished::TooLarge(reason));
        }
        builder.follow(&belief, &mut game)?;
        game.nodes.push(belief);
        at += 1;
    }
    game.graph.moves.push(number(game.plans.len()));
    game.graph.ends.push(number(game.graph.edges.len()));
    Ok(game)
}

impl<const W: usize> Builder<'_, '_, W> {
    /// The number of what looks alike; each position with whether its plays owe a visit.
    fn number(&mut self, group: &[(u32, bool)]) -> u32 {
        let mut belief = Belief { all: Vec::new(), owing: Vec::new(), lost: false };
        for (node, owes) in group {
            match self.arena.labels.get(*node as usize) {
                Some(Label::Won) => {}
                Some(Label::Open) => {
                    belief.all.push(*node);
                    if *owes && self.arena.marks.get(*node as usize) == Some(&false) {
                        belief.owing.push(*node);
                    }
                }
                _ => belief.lost = true,
            }
        }
        if belief.lost {
            belief = Belief { all: Vec::new(), owing: Vec::new(), lost: true };
        }
        for nodes in [&mut belief.all, &mut belief.owing] {
            nodes.sort_unstable();
            nodes.dedup();
        }
        number(self.numbers.insert_full(belief, ()).0)
    }

    fn follow(&mut self, belief: &Belief, game: &mut Beliefs) -> Result<(), Unfinished> {
        let graph = &mut game.graph;
        graph.moves.push(number(game.plans.len()));
        graph.marks.push(belief.owing.is_empty());
        graph.labels.push(match belief {
            Belief { lost: true, .. } => Label::Lost,
            Belief { all, .. } if all.is_empty() => Label::Won,
            _ => Label::Open,
        });
        let arena = self.arena;
        let steps = belief.all.iter().flat_map(|node| arena.steps_of(*node));
        let patterns = steps.map(|step| arena.pattern_of(step.pattern));
        let plans = plans(arena.seats.len(), patterns)
            .ok_or_else(|| Unfinished::TooLarge("too many plans at once".to_owned()))?;
        for plan in plans {
            let Some(groups) = self.groups(belief, &plan) else { continue };
            game.graph.ends.push(number(game.graph.edges.len()));
            game.plans.push(plan);
            for (seen, group) in groups {
                let to = self.number(&group);
                game.graph.edges.push(to);
                game.seen.push(seen);
            }
        }
        Ok(())
    }

    /// Where a plan may lead, by what is seen; `None` if it goes with no step from some position.
    fn groups(
        &self,
        belief: &Belief,
        plan: &[Option<i64>],
    ) -> Option<BTreeMap<Seen, Vec<(u32, bool)>>> {
        let arena = self.arena;
        let mut groups: BTreeMap<Seen, Vec<(u32, bool)>> = BTreeMap::new();
        for node in &belief.all {
            let owes = belief.owing.is_empty() || belief.owing.binary_search(node).is_ok();
            let fits = |step: &&Step| goes(plan, arena.pattern_of(step.pattern));
            let mut steps = arena.steps_of(*node).iter().filter(fits).peekable();
            steps.peek()?;
            for step in steps {
                let before = arena.before.get(step.to as usize).copied().unwrap_or(0);
                groups.entry((step.after, before)).or_default().push((step.to, owes));
            }
        }
        Some(groups)
    }
}
