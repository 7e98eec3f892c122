//! The second copy: everything that moves once more, under other numbers.
//!
//! Names of the second copy end in `~`, which no name of a spec does. Parameters, sorts and the
//! cells that all runs share are those of the first.

use crate::types::core::{
    Assume, Cell, CellId, Chosen, Define, DefineId, Expr, ExprKind, Fairness, Input, InputId,
    Level, LocalId, Model, Property, Rule, RuleId, Set, Tick, TickId, Update,
};
use crate::types::layout::{DrawId, Layout};
use crate::types::level::Levels;
use crate::types::trace::{Inputs, Period, Trace};
use crate::types::visit::{rewrite_all, set_children_mut};

/// What of the first copy is what of the second.
#[derive(Clone, Debug)]
pub(super) struct Second {
    cells: Vec<CellId>,
    pub(super) inputs: Vec<InputId>,
    defines: Vec<DefineId>,
    rules: Vec<RuleId>,
    ticks: Vec<TickId>,
    /// For each rule, which of its updates the copy has.
    updates: Vec<Vec<u32>>,
    locals: u32,
}

fn id(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

/// The first so many numbers after those in use.
fn fresh<Id>(used: usize, make: impl Fn(u32) -> Id) -> Vec<Id> {
    (used..2 * used).map(|n| make(id(n))).collect()
}

/// Marks a name as one of the second copy's.
pub(super) fn twin_name(name: &str) -> String {
    format!("{name}~")
}

/// Adds a second copy to a model; cells that are the same in all runs stay single.
pub(super) fn double(model: &mut Model, shared: &[bool]) -> Second {
    let second = Second::new(model, shared);
    let single = model.clone();
    model.locals = single.locals.saturating_mul(2);
    let moves = |cell: &&CellId| cell.index() >= single.cells.len();
    let cells = single.cells.iter().zip(&second.cells);
    model.cells.extend(cells.filter(|(_, to)| moves(to)).map(|(cell, _)| second.cell(cell)));
    model.inputs.extend(single.inputs.iter().map(|input| second.input(input)));
    let levels = Levels::new(&single);
    let defines = single.defines.iter().filter(|define| levels.of(&define.body) > Level::Rigid);
    model.defines.extend(defines.map(|define| second.define(define)));
    model.inits.extend(single.inits.iter().map(|e| second.expr(e)));
    let rules = single.rules.iter().zip(&second.updates);
    model.rules.extend(rules.map(|(rule, updates)| second.rule(rule, updates)));
    model.assumes.extend(second.assumes(&single.assumes));
    model.ticks.extend(single.ticks.iter().map(|tick| Tick {
        name: twin_name(&tick.name),
        when: second.expr(&tick.when),
        span: tick.span,
    }));
    second
}

impl Second {
    fn new(model: &Model, shared: &[bool]) -> Second {
        let mut next = model.cells.len();
        let cells = (0..model.cells.len()).map(|n| {
            if shared.get(n) == Some(&true) {
                return CellId(id(n));
            }
            next += 1;
            CellId(id(next - 1))
        });
        let cells: Vec<CellId> = cells.collect();
        let levels = Levels::new(model);
        let mut next = model.defines.len();
        let defines = model.defines.iter().enumerate().map(|(n, define)| {
            if levels.of(&define.body) == Level::Rigid {
                return DefineId(id(n));
            }
            next += 1;
            DefineId(id(next - 1))
        });
        let defines: Vec<DefineId> = defines.collect();
        let moves = |update: &Update| shared.get(update.cell.index()) != Some(&true);
        let kept = |rule: &Rule| {
            let updates = (0..).zip(&rule.updates).filter(|(_, update)| moves(update));
            updates.map(|(n, _)| n).collect()
        };
        Second {
            cells,
            defines,
            inputs: fresh(model.inputs.len(), InputId),
            rules: fresh(model.rules.len(), RuleId),
            ticks: fresh(model.ticks.len(), TickId),
            updates: model.rules.iter().map(kept).collect(),
            locals: model.locals,
        }
    }

    /// The number of a cell in the second copy; what came later is in both.
    pub(super) fn cell_id(&self, cell: CellId) -> CellId {
        self.cells.get(cell.index()).copied().unwrap_or(cell)
    }

    pub(super) fn local(&self, local: LocalId) -> LocalId {
        LocalId(local.0.saturating_add(self.locals))
    }

    fn rule_id(&self, rule: RuleId) -> RuleId {
        self.rules.get(rule.index()).copied().unwrap_or(rule)
    }

    fn tick_id(&self, tick: TickId) -> TickId {
        self.ticks.get(tick.index()).copied().unwrap_or(tick)
    }

    /// The same of the second copy.
    pub(super) fn expr(&self, e: &Expr) -> Expr {
        let mut copy = e.clone();
        rewrite_all(&mut copy, &mut |part| self.rename(part));
        copy
    }

    fn rename(&self, e: &mut Expr) {
        match &mut *e.kind {
            ExprKind::Local(local) | ExprKind::Quantified(_, local, _, _) => {
                *local = self.local(*local);
            }
            ExprKind::Cell { cell, .. } => *cell = self.cell_id(*cell),
            ExprKind::Input { input, .. } => {
                *input = self.inputs.get(input.index()).copied().unwrap_or(*input);
            }
            ExprKind::Call(define, _) => {
                *define = self.defines.get(define.index()).copied().unwrap_or(*define);
            }
            ExprKind::Fired(rule, _) => *rule = self.rule_id(*rule),
            ExprKind::Tick(tick) => *tick = self.tick_id(*tick),
            ExprKind::Property(property) => self.rename_property(property),
            _ => {}
        }
    }

    fn rename_property(&self, property: &mut Property) {
        match property {
            Property::Within(deadline, _)
            | Property::LeadsTo(_, _, Some(deadline))
            | Property::Detects(_, _, Some(deadline)) => {
                deadline.tick = deadline.tick.map(|tick| self.tick_id(tick));
            }
            Property::Smallest(local, _) | Property::Attributes { culprit: local, .. } => {
                *local = self.local(*local);
            }
            _ => {}
        }
    }

    fn chosen(&self, chosen: &Chosen) -> Chosen {
        match chosen {
            Chosen::Is(e) => Chosen::Is(self.expr(e)),
            Chosen::In(set) => Chosen::In(self.set(set)),
        }
    }

    fn set(&self, set: &Set) -> Set {
        let mut set = set.clone();
        for part in set_children_mut(&mut set) {
            *part = self.expr(part);
        }
        set
    }

    fn maybe(&self, e: &Option<Expr>) -> Option<Expr> {
        e.as_ref().map(|e| self.expr(e))
    }

    fn cell(&self, cell: &Cell) -> Cell {
        Cell {
            name: twin_name(&cell.name),
            binders: cell.binders.iter().map(|local| self.local(*local)).collect(),
            initial: cell.initial.as_ref().map(|chosen| self.chosen(chosen)),
            ..cell.clone()
        }
    }

    fn input(&self, input: &Input) -> Input {
        Input {
            name: twin_name(&input.name),
            binders: input.binders.iter().map(|local| self.local(*local)).collect(),
            owner: self.maybe(&input.owner),
            when: self.maybe(&input.when),
            condition: self.maybe(&input.condition),
            otherwise: self.maybe(&input.otherwise),
            ..input.clone()
        }
    }

    fn define(&self, define: &Define) -> Define {
        Define {
            name: twin_name(&define.name),
            args: define.args.iter().map(|(local, ty)| (self.local(*local), *ty)).collect(),
            body: self.expr(&define.body),
            ..define.clone()
        }
    }

    fn rule(&self, rule: &Rule, updates: &[u32]) -> Rule {
        let kept = updates.iter().filter_map(|n| rule.updates.get(*n as usize));
        let update = |update: &Update| Update {
            cell: self.cell_id(update.cell),
            index: update.index.iter().map(|e| self.expr(e)).collect(),
            value: self.chosen(&update.value),
            span: update.span,
        };
        Rule {
            name: twin_name(&rule.name),
            binders: rule.binders.iter().map(|(local, sort)| (self.local(*local), *sort)).collect(),
            guard: self.expr(&rule.guard),
            updates: kept.map(update).collect(),
            prescribes: Vec::new(),
            overrides: rule.overrides.iter().map(|over| self.rule_id(*over)).collect(),
            ..rule.clone()
        }
    }

    /// The same hypotheses about the second copy.
    pub(super) fn assumes(&self, assumes: &[Assume]) -> Vec<Assume> {
        let copy = |assume: &Assume| Assume {
            name: twin_name(&assume.name),
            practice: assume.practice,
            condition: self.expr(&assume.condition),
            span: assume.span,
        };
        assumes.iter().map(copy).collect()
    }

    /// The same fairness of the second copy.
    pub(super) fn fairness(&self, fairness: &[Fairness]) -> Vec<Fairness> {
        let copy = |fair: &Fairness| Fairness {
            name: twin_name(&fair.name),
            premise: self.maybe(&fair.premise),
            recurs: self.expr(&fair.recurs),
            span: fair.span,
        };
        fairness.iter().map(copy).collect()
    }

    /// The runs of both copies.
    pub(super) fn halves(&self, single: &Model, twin: &Model, trace: &Trace) -> (Trace, Trace) {
        let (one, both) = (Layout::new(single), Layout::new(twin));
        let half = |places: &Places| Trace {
            params: trace.params.clone(),
            periods: trace.periods.iter().map(|period| places.period(period)).collect(),
            loop_start: trace.loop_start,
        };
        (half(&Places::first(&one)), half(&Places::second(self, &one, &both)))
    }
}

/// Where the slots of a single run stand in those of the twin.
struct Places {
    cells: Vec<usize>,
    inputs: Vec<usize>,
    draws: Vec<usize>,
}

impl Places {
    /// The first copy's slots come first; its draws too, for its rules do.
    fn first(one: &Layout) -> Places {
        Places {
            cells: (0..one.cells.len()).collect(),
            inputs: (0..one.inputs.len()).collect(),
            draws: (0..one.draws.len()).collect(),
        }
    }

    fn second(second: &Second, one: &Layout, both: &Layout) -> Places {
        let cells = one.cells.iter().enumerate().map(|(n, slot)| {
            both.cell(second.cell_id(slot.of)) + n.saturating_sub(one.cell(slot.of))
        });
        let inputs = one.inputs.iter().enumerate().map(|(n, slot)| {
            let of = second.inputs.get(slot.of.index()).copied().unwrap_or(slot.of);
            both.input(of) + n.saturating_sub(one.input(slot.of))
        });
        let draws =
            one.draws.iter().enumerate().map(|(n, slot)| {
                both.draw(second.draw(slot.of)) + n.saturating_sub(one.draw(slot.of))
            });
        Places { cells: cells.collect(), inputs: inputs.collect(), draws: draws.collect() }
    }

    fn period(&self, period: &Period) -> Period {
        let taken = |places: &[usize], values: &[crate::types::core::Value]| {
            places.iter().filter_map(|place| values.get(*place).cloned()).collect()
        };
        Period {
            state: taken(&self.cells, &period.state),
            inputs: period.inputs.as_ref().map(|drawn| Inputs {
                inputs: taken(&self.inputs, &drawn.inputs),
                draws: taken(&self.draws, &drawn.draws),
            }),
        }
    }
}

impl Second {
    /// The same draw of the second copy, whose rule may have fewer updates.
    fn draw(&self, draw: DrawId) -> DrawId {
        let kept = self.updates.get(draw.rule.index());
        let update = kept.and_then(|kept| kept.iter().position(|n| *n == draw.update));
        DrawId { rule: self.rule_id(draw.rule), update: update.map_or(draw.update, id) }
    }
}
