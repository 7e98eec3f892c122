//! From a solved game to a table of its winner's strategy: the rows that can come about under it.

use std::ops::ControlFlow;

use super::arena::{Arena, Pattern, Position, Watching, goes};
use super::belief::Beliefs;
use super::plain::Seen;
use super::solve::{Graph, NONE, Solution};
use super::table::{Answer, Move, Row, Situation, Slots, Table};
use crate::interp::explicit::build::Watch;
use crate::interp::explicit::drawn::Source;
use crate::interp::explicit::first::{typed, value_of};
use crate::interp::explicit::program::Leaf;
use crate::interp::step::Interpreter;
use crate::types::core::{Expr, Value};

/// Most rows of a table.
const MOST: usize = 20_000;

/// What is needed to tell positions in values.
pub struct Extract<'e, 'a, const W: usize> {
    /// The positions.
    pub arena: &'e Arena<'a, W>,
    /// The interpreter.
    pub interpreter: &'e Interpreter<'e>,
    /// Everything watched, in order.
    pub watched: &'e [Expr],
    /// Which of it is what.
    pub watching: Watching,
}

/// Rows in the order in which they are met.
#[derive(Default)]
struct Order {
    nodes: Vec<u32>,
    rows: rustc_hash::FxHashMap<u32, usize>,
}

impl Order {
    fn row(&mut self, node: u32) -> usize {
        let next = self.nodes.len();
        let row = *self.rows.entry(node).or_insert(next);
        if row == next {
            self.nodes.push(node);
        }
        row
    }
}

impl<const W: usize> Extract<'_, '_, W> {
    /// The strategy where everything is seen; `None` if it has too many rows, or no time is left. For the others' strategy `first`
    /// is one position.
    pub fn open(
        &self,
        graph: &Graph,
        plans: impl Fn(u32) -> Pattern,
        solution: &Solution,
        first: &[u32],
        spoils: bool,
    ) -> Option<Table> {
        let mut order = Order::default();
        let mut table = Table { spoils, ..Table::default() };
        table.first = first.iter().map(|node| order.row(*node)).collect();
        let mut at = 0;
        while let Some(node) = order.nodes.get(at).copied() {
            if order.nodes.len() > MOST || self.arena.limits.over() {
                return None;
            }
            let mut moves = Vec::new();
            for by in self.listed(graph, solution, node, spoils) {
                let plan = plans(by);
                let mut answers = Vec::new();
                if spoils {
                    let to = solution.reply(graph, by)?;
                    answers.push(self.reply(node, &plan, to)?);
                    order.row(to);
                } else {
                    for to in graph.ends_of(by) {
                        order.row(*to);
                    }
                }
                moves.push(Move { plan: self.plan(node, &plan), answers });
            }
            table.rows.push(Row { states: vec![self.situation(node)], seen: Seen::new(), moves });
            at += 1;
        }
        Some(table)
    }

    /// The moves that a row tells of: the one that is chosen, or all that are to be answered.
    fn listed(&self, graph: &Graph, solution: &Solution, node: u32, spoils: bool) -> Vec<u32> {
        match (self.is_open(graph, node), spoils) {
            (false, _) => Vec::new(),
            (true, true) => graph.moves_of(node).collect(),
            (true, false) => solution.choice(graph, node).into_iter().collect(),
        }
    }

    fn is_open(&self, graph: &Graph, node: u32) -> bool {
        graph.labels.get(node as usize) == Some(&super::goal::Label::Open)
    }

    /// The strategy where not everything is seen.
    pub fn unseen(
        &self,
        game: &Beliefs,
        solution: &Solution,
        first: &[(u32, u32)],
        spoils: bool,
    ) -> Option<Table> {
        let mut order = Order::default();
        let mut table = Table { spoils, unseen: true, ..Table::default() };
        table.first = first.iter().map(|(_, node)| order.row(*node)).collect();
        let graph = &game.graph;
        let mut at = 0;
        while let Some(node) = order.nodes.get(at).copied() {
            if order.nodes.len() > MOST || self.arena.limits.over() {
                return None;
            }
            let mut moves = Vec::new();
            for by in self.listed(graph, solution, node, spoils) {
                let base = graph.ends.get(by as usize).copied().unwrap_or(0) as usize;
                let reply = solution.reply(graph, by);
                let mut answers: Vec<Answer> = Vec::new();
                for (n, to) in graph.ends_of(by).iter().enumerate() {
                    if spoils && (reply != Some(*to) || !answers.is_empty()) {
                        continue;
                    }
                    let (after, before) = game.seen.get(base + n).copied()?;
                    let decided = !self.is_open(graph, *to) && !spoils;
                    answers.push(Answer {
                        after: self.seen(after, false),
                        before: self.seen(before, true),
                        row: (!decided).then(|| order.row(*to)),
                        ..Answer::default()
                    });
                }
                let plan = game.plans.get(by as usize)?;
                moves.push(Move { plan: self.told(plan), answers });
            }
            let belief = game.nodes.get(node as usize)?;
            let states: Vec<Situation> = belief.all.iter().map(|n| self.situation(*n)).collect();
            let seen = belief
                .all
                .first()
                .map_or(NONE, |n| self.arena.before.get(*n as usize).copied().unwrap_or(NONE));
            table.rows.push(Row { states, seen: self.seen(seen, true), moves });
            at += 1;
        }
        for ((seen, _), row) in first.iter().zip(table.first.clone()) {
            if let Some(row) = table.rows.get_mut(row) {
                row.seen = self.seen(*seen, true);
            }
        }
        Some(table)
    }

    fn situation(&self, node: u32) -> Situation {
        let Some((key, left)) = self.arena.nodes.get(node as usize).copied() else {
            return Situation { cells: Vec::new(), left: 0 };
        };
        let value = |field: &crate::interp::explicit::program::Field| {
            let word = key.get(field.word).copied().unwrap_or(0);
            let raw = (word >> field.shift) & (u64::MAX >> (64 - field.bits));
            let n = (raw as i64).wrapping_add(field.lo);
            Some((field.slot, value_of(self.interpreter, Source::Cell(field.slot), n, 1)?))
        };
        Situation { cells: self.arena.built.fields.iter().filter_map(value).collect(), left }
    }

    /// A plan in values, without choices that are not there in a position.
    fn plan(&self, node: u32, plan: &[Option<i64>]) -> Vec<(usize, Option<Value>)> {
        let value = |slot: usize, n: i64| value_of(self.interpreter, Source::Input(slot), n, 1);
        let open = self.arena.open(node);
        let seats = self.arena.seats.iter().zip(plan).zip(open);
        let told = seats.map(|((seat, n), open)| {
            (seat.slot, n.filter(|_| open).and_then(|n| value(seat.slot, n)))
        });
        told.collect()
    }

    /// A plan in values.
    fn told(&self, plan: &[Option<i64>]) -> Vec<(usize, Option<Value>)> {
        let value = |slot: usize, n: i64| value_of(self.interpreter, Source::Input(slot), n, 1);
        let seats = self.arena.seats.iter().zip(plan);
        seats.map(|(seat, n)| (seat.slot, n.and_then(|n| value(seat.slot, n)))).collect()
    }

    /// What was seen, in values.
    fn seen(&self, view: u32, before: bool) -> Seen {
        let Some(view) = self.arena.views.get_index(view as usize) else { return Seen::new() };
        let start = self.watching.states + usize::from(self.watching.tick);
        let start = if before { start } else { start + self.watching.before };
        let Watch::Monitor(atoms) = &self.arena.built.watch else { return Seen::new() };
        let watched = self.watched.iter().zip(atoms).skip(start);
        view.iter()
            .zip(watched)
            .map(|(n, (expr, atom))| n.and_then(|n| typed(expr.ty, n, atom.scale)))
            .collect()
    }

    /// What the others and nature draw so that a plan leads to a position.
    fn reply(&self, node: u32, plan: &[Option<i64>], to: u32) -> Option<Answer> {
        let (key, _) = self.arena.nodes.get(node as usize).copied()?;
        let target = self.arena.nodes.get(to as usize).copied()?;
        let program = &self.arena.built.step;
        let mut registers = program.registers();
        program.load(&key, &mut registers);
        let key = program.begin(&mut registers)?;
        let mut find = Find { arena: self.arena, node, plan, target, registers: None, tried: 0 };
        let _ = program.extend(1, &mut registers, key, &mut find);
        let registers = find.registers?;
        let (mut inputs, mut draws) = (Slots::new(), Slots::new());
        for ((source, register, scale), (free, _)) in program.variables().zip(program.freedom()) {
            let Some(n) = registers.get(register as usize) else { continue };
            if registers.get(free as usize) == Some(&0) {
                // It is what it must be.
                continue;
            }
            let Some(value) = value_of(self.interpreter, source, *n, scale) else { continue };
            match source {
                Source::Input(slot) if self.arena.seats.iter().all(|seat| seat.slot != slot) => {
                    inputs.push((slot, value));
                }
                Source::Draw(slot) => draws.push((slot, value)),
                _ => {}
            }
        }
        Some(Answer { inputs, draws, to: Some(self.situation(to)), ..Answer::default() })
    }
}

/// A valuation that goes with a plan and leads to a state.
struct Find<'f, 'a, const W: usize> {
    arena: &'f Arena<'a, W>,
    node: u32,
    plan: &'f [Option<i64>],
    target: Position<W>,
    registers: Option<Vec<i64>>,
    tried: u32,
}

impl<const W: usize> Leaf<W> for Find<'_, '_, W> {
    fn tried(&mut self) -> ControlFlow<()> {
        self.tried = self.tried.wrapping_add(1);
        match self.tried & 0xffff == 0 && self.arena.limits.over() {
            true => ControlFlow::Break(()),
            false => ControlFlow::Continue(()),
        }
    }

    fn leaf(&mut self, registers: &[i64], key: [u64; W]) -> ControlFlow<()> {
        let built = self.arena.built;
        let valid = !built.is_defective(registers) && built.is_lawful(registers);
        let to = (key, self.arena.countdown(self.node, registers));
        if valid && to == self.target && goes(self.plan, &self.arena.pattern(registers)) {
            self.registers = Some(registers.to_vec());
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    }
}
