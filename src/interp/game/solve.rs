//! Games on finite graphs, solved by fixpoints.
//!
//! In a position the coalition makes a move, and the others choose where it leads. An attractor collects the
//! positions from which one side can bring about a target, layer by layer, so that a position's rank is the
//! number of periods that the other side can put it off (Zermelo; Alur, Henzinger and Kupferman 2002). Again and
//! again is a greatest fixpoint of attractors (Emerson and Jutla 1991). A position without a move is lost: the
//! step must exist.

use super::arena::Unfinished;
use super::goal::{Aim, Label};
use crate::interp::explicit::Limits;

/// No position, no move.
pub const NONE: u32 = u32::MAX;

/// Positions, the coalition's moves in them, and where the others can let each lead.
#[derive(Clone, Debug, Default)]
pub struct Graph {
    /// For each position its first move, and the end of the last one's.
    pub moves: Vec<u32>,
    /// For each move its first end, and the end of the last one's.
    pub ends: Vec<u32>,
    /// Positions to which moves lead; those of one move are distinct.
    pub edges: Vec<u32>,
    /// What each position is.
    pub labels: Vec<Label>,
    /// Positions that count for a goal that recurs.
    pub marks: Vec<bool>,
}

impl Graph {
    /// The number of positions.
    pub fn size(&self) -> usize {
        self.labels.len()
    }

    /// The moves in a position.
    pub fn moves_of(&self, node: u32) -> std::ops::Range<u32> {
        let node = node as usize;
        let at = |n: usize| self.moves.get(n).copied().unwrap_or(0);
        at(node)..at(node + 1)
    }

    /// Where a move may lead.
    pub fn ends_of(&self, by: u32) -> &[u32] {
        let at = |n: usize| self.ends.get(n).copied().unwrap_or(0) as usize;
        self.edges.get(at(by as usize)..at(by as usize + 1)).unwrap_or(&[])
    }

    fn label(&self, node: u32) -> Label {
        self.labels.get(node as usize).copied().unwrap_or(Label::Lost)
    }
}

/// A solved game.
#[derive(Clone, Debug)]
pub struct Solution {
    aim: Aim,
    /// For `Come` the periods until a won position; for `Keep` those until a lost one; for `Recur` those until
    /// the next marked one. [`NONE`] where it need not come at all.
    ranks: Vec<u32>,
    /// The move that brings the rank about, where it is the coalition that does.
    choices: Vec<u32>,
    /// For `Recur` the round in which a position was found to be lost.
    rounds: Vec<u32>,
}

impl Solution {
    /// Whether the coalition wins from a position.
    pub fn wins(&self, node: u32) -> bool {
        match self.aim {
            Aim::Come(bound) => {
                self.rank(node) != NONE && bound.is_none_or(|b| self.rank(node) <= b)
            }
            Aim::Keep(bound) => {
                self.rank(node) == NONE || bound.is_some_and(|b| self.rank(node) > b)
            }
            Aim::Recur => self.round(node) == NONE,
        }
    }

    fn rank(&self, node: u32) -> u32 {
        self.ranks.get(node as usize).copied().unwrap_or(NONE)
    }

    fn round(&self, node: u32) -> u32 {
        self.rounds.get(node as usize).copied().unwrap_or(0)
    }

    /// The coalition's move in a position from which it wins.
    pub fn choice(&self, graph: &Graph, node: u32) -> Option<u32> {
        match self.aim {
            Aim::Come(_) | Aim::Recur => {
                self.choices.get(node as usize).copied().filter(|choice| *choice != NONE)
            }
            Aim::Keep(_) => {
                let worst = |by: &u32| {
                    let ends = graph.ends_of(*by).iter();
                    ends.map(|end| self.rank(*end)).min().unwrap_or(0)
                };
                graph.moves_of(node).max_by_key(|by| (worst(by), std::cmp::Reverse(*by)))
            }
        }
    }

    /// The others' answer to a move in a position from which they win.
    pub fn reply(&self, graph: &Graph, by: u32) -> Option<u32> {
        let ends = graph.ends_of(by).iter().copied();
        match self.aim {
            Aim::Come(_) => ends.max_by_key(|end| (self.rank(*end), std::cmp::Reverse(*end))),
            Aim::Keep(_) => ends.min_by_key(|end| (self.rank(*end), *end)),
            Aim::Recur => ends.min_by_key(|end| (self.round(*end), *end)),
        }
    }
}

/// Moves by where they may lead, and positions by their moves.
struct Back {
    owner: Vec<u32>,
    first: Vec<u32>,
    moves: Vec<u32>,
}

impl Back {
    fn new(graph: &Graph) -> Back {
        let mut owner = vec![NONE; graph.ends.len().saturating_sub(1)];
        let mut first = vec![0u32; graph.size() + 1];
        for node in 0..count(graph) {
            for by in graph.moves_of(node) {
                put(&mut owner, by, node);
                for end in graph.ends_of(by) {
                    add(&mut first, *end + 1, 1);
                }
            }
        }
        for n in 1..first.len() {
            let before = first.get(n - 1).copied().unwrap_or(0);
            add(&mut first, u32::try_from(n).unwrap_or(NONE), before);
        }
        let mut place = first.clone();
        let mut moves = vec![NONE; graph.edges.len()];
        for by in 0..u32::try_from(owner.len()).unwrap_or(NONE) {
            for end in graph.ends_of(by) {
                let at = place.get(*end as usize).copied().unwrap_or(0);
                put(&mut moves, at, by);
                add(&mut place, *end, 1);
            }
        }
        Back { owner, first, moves }
    }

    fn into(&self, node: u32) -> &[u32] {
        let at = |n: usize| self.first.get(n).copied().unwrap_or(0) as usize;
        self.moves.get(at(node as usize)..at(node as usize + 1)).unwrap_or(&[])
    }

    fn owner(&self, by: u32) -> u32 {
        self.owner.get(by as usize).copied().unwrap_or(NONE)
    }
}

fn count(graph: &Graph) -> u32 {
    u32::try_from(graph.size()).unwrap_or(NONE)
}

fn put(values: &mut [u32], at: u32, value: u32) {
    if let Some(place) = values.get_mut(at as usize) {
        *place = value;
    }
}

fn add(values: &mut [u32], at: u32, more: u32) {
    if let Some(place) = values.get_mut(at as usize) {
        *place += more;
    }
}

/// Solves a game.
///
/// # Errors
/// When no time is left.
pub fn solve(graph: &Graph, aim: Aim, limits: &Limits<'_>) -> Result<Solution, Unfinished> {
    let back = Back::new(graph);
    let all = 0..count(graph);
    let (mut choices, mut rounds) = (Vec::new(), Vec::new());
    let ranks = match aim {
        Aim::Come(_) => {
            let targets = all.filter(|node| graph.label(*node) == Label::Won).collect();
            let (ranks, by) = attract(graph, &back, targets, None);
            choices = by;
            ranks
        }
        Aim::Keep(_) => {
            let stuck =
                |node: u32| graph.label(node) == Label::Open && graph.moves_of(node).is_empty();
            let lost = |node: &u32| graph.label(*node) == Label::Lost || stuck(*node);
            spoil(graph, &back, all.filter(lost).collect())
        }
        Aim::Recur => {
            let (ranks, by, out) = recur(graph, &back, limits)?;
            (choices, rounds) = (by, out);
            ranks
        }
    };
    Ok(Solution { aim, ranks, choices, rounds })
}

/// The coalition's attractor: the layer of each position, and the move that leads on. Targets may come with a
/// move of their own.
fn attract(
    graph: &Graph,
    back: &Back,
    targets: Vec<u32>,
    by: Option<&[u32]>,
) -> (Vec<u32>, Vec<u32>) {
    let mut choices = by.map_or_else(|| vec![NONE; graph.size()], <[u32]>::to_vec);
    let mut open: Vec<u32> = (0..u32::try_from(back.owner.len()).unwrap_or(NONE))
        .map(|by| u32::try_from(graph.ends_of(by).len()).unwrap_or(NONE))
        .collect();
    // A move leads on once all its ends do; one such move is enough.
    let ranks = layers(graph, back, targets, |by, owner, is_new| {
        let all = last_of(&mut open, by);
        if all && is_new {
            put(&mut choices, owner, by);
        }
        all
    });
    (ranks, choices)
}

/// The others' attractor: the layer of each position.
fn spoil(graph: &Graph, back: &Back, targets: Vec<u32>) -> Vec<u32> {
    let mut open: Vec<u32> = (0..count(graph))
        .map(|node| u32::try_from(graph.moves_of(node).len()).unwrap_or(NONE))
        .collect();
    let mut hit = vec![false; back.owner.len()];
    // One end of a move is enough; a position falls once all its moves are hit.
    layers(graph, back, targets, |by, owner, _| {
        let before = hit.get_mut(by as usize).is_none_or(|hit| std::mem::replace(hit, true));
        !before && last_of(&mut open, owner)
    })
}

/// Layers around the targets, breadth first: `falls` is told of every end of a move that is inside, of the
/// position it leads from, and whether that is still outside; it says whether the position comes inside.
fn layers(
    graph: &Graph,
    back: &Back,
    targets: Vec<u32>,
    mut falls: impl FnMut(u32, u32, bool) -> bool,
) -> Vec<u32> {
    let mut ranks = vec![NONE; graph.size()];
    let mut queue = targets;
    for node in &queue {
        put(&mut ranks, *node, 0);
    }
    let mut next = 0;
    while let Some(node) = queue.get(next).copied() {
        next += 1;
        let rank = ranks.get(node as usize).copied().unwrap_or(0);
        for by in back.into(node) {
            let owner = back.owner(*by);
            let is_new = ranks.get(owner as usize) == Some(&NONE);
            if falls(*by, owner, is_new) && is_new {
                put(&mut ranks, owner, rank + 1);
                queue.push(owner);
            }
        }
    }
    ranks
}

/// Counts one down, and says whether it was the last.
fn last_of(open: &mut [u32], at: u32) -> bool {
    let Some(left) = open.get_mut(at as usize) else { return false };
    *left -= 1;
    *left == 0
}

/// By position: the rank, the move, and the round in which it was found to be lost.
type Recurring = (Vec<u32>, Vec<u32>, Vec<u32>);

/// Marked positions again and again: ranks and moves of the positions that are won, and the round in which each
/// other one was found to be lost. A marked position is a target as long as some move stays among those not yet
/// lost; what cannot be brought to a target is lost.
fn recur(graph: &Graph, back: &Back, limits: &Limits<'_>) -> Result<Recurring, Unfinished> {
    let mut out = vec![NONE; graph.size()];
    for round in 0.. {
        if limits.over() {
            return Err(Unfinished::Over);
        }
        let alive = |node: u32| out.get(node as usize) == Some(&NONE);
        let stays = |by: &u32| graph.ends_of(*by).iter().all(|end| alive(*end));
        let mut by = vec![NONE; graph.size()];
        let mut targets = Vec::new();
        for node in (0..count(graph)).filter(|node| alive(*node)) {
            let marked = graph.marks.get(node as usize) == Some(&true);
            if let Some(choice) = graph.moves_of(node).find(stays).filter(|_| marked) {
                put(&mut by, node, choice);
                targets.push(node);
            }
        }
        let (ranks, choices) = attract(graph, back, targets, Some(&by));
        let lost: Vec<u32> = (0..count(graph))
            .filter(|node| alive(*node) && ranks.get(*node as usize) == Some(&NONE))
            .collect();
        if lost.is_empty() {
            return Ok((ranks, choices, out));
        }
        for node in lost {
            put(&mut out, node, round);
        }
    }
    Ok((Vec::new(), Vec::new(), out))
}
