//! A graph put in order: what is worked out once per state, then once per value of each drawn
//! variable, in registers.

use std::ops::{ControlFlow, Range};

use super::drawn::{Domain, Drawn, Source};
use super::graph::{Bar, Graph, Op, Ref};

/// An operation whose operands are registers.
#[derive(Clone, Copy, Debug)]
struct Instruction {
    to: u32,
    op: Op,
}

/// What happens once a variable has its value (or, in stage 0, the state is known).
#[derive(Clone, Debug, Default)]
struct Stage {
    variable: Option<Variable>,
    code: Range<usize>,
    checks: Vec<u32>,
    packs: Vec<Pack>,
}

/// A drawn variable in registers.
#[derive(Clone, Debug)]
struct Variable {
    source: Source,
    scale: i64,
    register: u32,
    free: u32,
    early: bool,
    otherwise: Option<u32>,
    domain: Values,
    bounds: (i64, i64),
}

#[derive(Clone, Debug)]
enum Values {
    Between(u32, u32),
    Among(Vec<u32>),
}

/// Where a cell stands in a packed state.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// Its slot.
    pub slot: usize,
    /// Its least value.
    pub lo: i64,
    /// Which word.
    pub word: usize,
    /// From which bit.
    pub shift: u32,
    /// How many bits.
    pub bits: u32,
}

#[derive(Clone, Copy, Debug)]
struct Pack {
    register: u32,
    lo: i64,
    word: usize,
    shift: u32,
}

/// A program over registers: first the cells, then everything else.
#[derive(Clone, Debug)]
pub struct Program {
    code: Vec<Instruction>,
    stages: Vec<Stage>,
    registers: Vec<i64>,
    lists: Vec<Vec<u32>>,
    tables: Vec<Vec<i64>>,
    fields: Vec<(Field, u32)>,
    of: Vec<u32>,
}

/// What the search does with the valuations of a state.
pub trait Leaf<const W: usize> {
    /// Called for every value tried; breaks off the search.
    fn tried(&mut self) -> ControlFlow<()>;
    /// Called for every whole valuation that passes the checks, with the packed next state.
    fn leaf(&mut self, registers: &[i64], key: [u64; W]) -> ControlFlow<()>;
}

/// What a program is made of.
pub struct Plan<'a> {
    /// The graph.
    pub graph: &'a Graph,
    /// Drawn variables.
    pub drawn: &'a [Drawn],
    /// 1 for every needed node.
    pub needed: &'a [bool],
    /// Nodes that must be 1 in every valuation.
    pub checks: &'a [Ref],
    /// The cells of a packed state: the node of a cell's value now (if it is read from the state),
    /// and the node that is packed.
    pub cells: &'a [(Field, Option<Ref>, Ref)],
}

impl Program {
    /// Puts a graph in order.
    ///
    /// # Errors
    /// The first bar among the needed nodes.
    pub fn new(plan: &Plan<'_>) -> Result<Program, Bar> {
        let mut assembly = Assembly::new(plan)?;
        assembly.order();
        Ok(assembly.finish())
    }

    /// The register of a needed node.
    pub fn register(&self, at: Ref) -> u32 {
        self.of.get(at.0 as usize).copied().unwrap_or(u32::MAX)
    }

    /// Fresh registers.
    pub fn registers(&self) -> Vec<i64> {
        self.registers.clone()
    }

    /// The number of drawn variables.
    pub fn depth(&self) -> usize {
        self.stages.len().saturating_sub(1)
    }

    /// The drawn variables: what each is, its register and its denominator.
    pub fn variables(&self) -> impl Iterator<Item = (Source, u32, i64)> + '_ {
        self.stages
            .iter()
            .filter_map(|stage| stage.variable.as_ref().map(|v| (v.source, v.register, v.scale)))
    }

    /// For each drawn variable the register that is 1 where it is free, and whether that is known
    /// once the state is.
    pub fn freedom(&self) -> impl Iterator<Item = (u32, bool)> + '_ {
        let variables = self.stages.iter().filter_map(|stage| stage.variable.as_ref());
        variables.map(|v| (v.free, v.early))
    }

    /// Unpacks a state into its registers.
    pub fn load<const W: usize>(&self, key: &[u64; W], registers: &mut [i64]) {
        for (field, register) in &self.fields {
            let word = key.get(field.word).copied().unwrap_or(0);
            let raw = (word >> field.shift) & (u64::MAX >> (64 - field.bits));
            if let Some(place) = registers.get_mut(*register as usize) {
                *place = (raw as i64).wrapping_add(field.lo);
            }
        }
    }

    /// Works out what rests on the state alone; whether a valuation can pass the checks at all.
    pub fn begin<const W: usize>(&self, registers: &mut [i64]) -> Option<[u64; W]> {
        let stage = self.stages.first()?;
        self.run(stage, registers);
        self.passes(stage, registers).then(|| pack(stage, registers, [0; W]))
    }

    fn passes(&self, stage: &Stage, registers: &[i64]) -> bool {
        stage.checks.iter().all(|check| get(registers, *check) != 0)
    }

    /// Tries every value of the variables from `stage` on.
    pub fn extend<const W: usize, L: Leaf<W>>(
        &self,
        stage: usize,
        registers: &mut [i64],
        key: [u64; W],
        leaf: &mut L,
    ) -> ControlFlow<()> {
        let Some(here) = self.stages.get(stage) else { return leaf.leaf(registers, key) };
        let Some(variable) = &here.variable else { return leaf.leaf(registers, key) };
        let (least, most) = variable.bounds;
        if get(registers, variable.free) == 0 {
            let Some(otherwise) = variable.otherwise else { return ControlFlow::Continue(()) };
            let value = get(registers, otherwise);
            if value < least || value > most {
                return ControlFlow::Continue(());
            }
            return self.attempt(stage, here, variable.register, value, registers, key, leaf);
        }
        match &variable.domain {
            Values::Between(lo, hi) => {
                let (lo, hi) = (get(registers, *lo).max(least), get(registers, *hi).min(most));
                for value in lo..=hi {
                    self.attempt(stage, here, variable.register, value, registers, key, leaf)?;
                }
            }
            Values::Among(elements) => {
                for element in elements {
                    let value = get(registers, *element);
                    if least <= value && value <= most {
                        self.attempt(stage, here, variable.register, value, registers, key, leaf)?;
                    }
                }
            }
        }
        ControlFlow::Continue(())
    }

    /// Tries one value of a variable, and all values of those after it.
    #[inline(always)]
    #[expect(clippy::too_many_arguments, clippy::inline_always, reason = "the innermost loop")]
    fn attempt<const W: usize, L: Leaf<W>>(
        &self,
        stage: usize,
        here: &Stage,
        register: u32,
        value: i64,
        registers: &mut [i64],
        key: [u64; W],
        leaf: &mut L,
    ) -> ControlFlow<()> {
        leaf.tried()?;
        set(registers, register, value);
        self.run(here, registers);
        if !self.passes(here, registers) {
            return ControlFlow::Continue(());
        }
        let key = pack(here, registers, key);
        if stage + 1 < self.stages.len() {
            self.extend(stage + 1, registers, key, leaf)
        } else {
            leaf.leaf(registers, key)
        }
    }

    #[inline]
    fn run(&self, stage: &Stage, registers: &mut [i64]) {
        let Some(code) = self.code.get(stage.code.clone()) else { return };
        for instruction in code {
            let value = self.operate(instruction.op, registers);
            set(registers, instruction.to, value);
        }
    }

    /// Intervals have shown that nothing here overflows.
    #[inline]
    fn operate(&self, op: Op, registers: &[i64]) -> i64 {
        let r = |at: Ref| get(registers, at.0);
        match op {
            Op::Const(n) => n,
            Op::Variable(_) | Op::Bar(_) => 0,
            Op::Add(a, b) => r(a).wrapping_add(r(b)),
            Op::Sub(a, b) => r(a).wrapping_sub(r(b)),
            Op::Mul(a, b) => r(a).wrapping_mul(r(b)),
            Op::Div(a, b) => r(a).checked_div_euclid(r(b)).unwrap_or(0),
            Op::Mod(a, b) => r(a).checked_rem_euclid(r(b)).unwrap_or(0),
            Op::Min(a, b) => r(a).min(r(b)),
            Op::Max(a, b) => r(a).max(r(b)),
            Op::Lt(a, b) => i64::from(r(a) < r(b)),
            Op::Le(a, b) => i64::from(r(a) <= r(b)),
            Op::Eq(a, b) => i64::from(r(a) == r(b)),
            Op::And(a, b) => r(a) & r(b),
            Op::Or(a, b) => r(a) | r(b),
            Op::Not(a) => r(a) ^ 1,
            Op::If(c, t, e) => {
                if r(c) != 0 {
                    r(t)
                } else {
                    r(e)
                }
            }
            Op::Pick(list, at) => {
                let list = self.lists.get(list as usize).map_or(&[][..], Vec::as_slice);
                let n = usize::try_from(r(at)).unwrap_or(0);
                list.get(n).or_else(|| list.first()).map_or(0, |at| get(registers, *at))
            }
            Op::Lookup(table, at) => {
                let table = self.tables.get(table as usize).map_or(&[][..], Vec::as_slice);
                let n = usize::try_from(r(at)).unwrap_or(0);
                table.get(n).or_else(|| table.first()).copied().unwrap_or(0)
            }
        }
    }
}

#[inline]
fn pack<const W: usize>(stage: &Stage, registers: &[i64], mut key: [u64; W]) -> [u64; W] {
    for pack in &stage.packs {
        let raw = get(registers, pack.register).wrapping_sub(pack.lo) as u64;
        if let Some(word) = key.get_mut(pack.word) {
            *word |= raw << pack.shift;
        }
    }
    key
}

#[inline]
fn get(registers: &[i64], at: u32) -> i64 {
    registers.get(at as usize).copied().unwrap_or(0)
}

#[inline]
fn set(registers: &mut [i64], at: u32, value: i64) {
    if let Some(place) = registers.get_mut(at as usize) {
        *place = value;
    }
}

/// A program in the making.
struct Assembly<'a> {
    plan: &'a Plan<'a>,
    program: Program,
    /// For each old stage, the new one: only needed variables are drawn.
    stage: Vec<u32>,
}

impl<'a> Assembly<'a> {
    fn new(plan: &'a Plan<'a>) -> Result<Assembly<'a>, Bar> {
        let mut stage = vec![0; plan.drawn.len() + 1];
        let mut kept = 0;
        for (n, drawn) in plan.drawn.iter().enumerate() {
            kept += u32::from(is_needed(plan, drawn.node));
            if let Some(place) = stage.get_mut(n + 1) {
                *place = kept;
            }
        }
        let program = Program {
            code: Vec::new(),
            stages: vec![Stage::default(); kept as usize + 1],
            registers: Vec::new(),
            lists: Vec::new(),
            tables: Vec::new(),
            fields: Vec::new(),
            of: vec![u32::MAX; plan.graph.size()],
        };
        let mut assembly = Assembly { plan, program, stage };
        assembly.allot()?;
        Ok(assembly)
    }

    /// Gives every needed node a register, and constants their value.
    fn allot(&mut self) -> Result<(), Bar> {
        for n in 0..self.plan.graph.size() {
            let at = Ref(u32::try_from(n).unwrap_or(u32::MAX));
            if !is_needed(self.plan, at) {
                continue;
            }
            let value = match self.plan.graph.node(at).op {
                Op::Const(value) => value,
                Op::Bar(bar) => {
                    return Err(self.plan.graph.reason(bar).cloned().unwrap_or(Bar::Overflow));
                }
                _ => 0,
            };
            let register = u32::try_from(self.program.registers.len()).unwrap_or(u32::MAX);
            self.program.registers.push(value);
            if let Some(place) = self.program.of.get_mut(n) {
                *place = register;
            }
        }
        Ok(())
    }

    fn register(&self, at: Ref) -> u32 {
        self.program.register(at)
    }

    /// The stage of a node in the program.
    fn stage_of(&self, at: Ref) -> usize {
        let old = self.plan.graph.node(at).stage;
        self.stage.get(old as usize).copied().unwrap_or(0) as usize
    }

    /// Sorts the needed operations by stage; within one they stand in the order they were made,
    /// operands first.
    fn order(&mut self) {
        let mut by_stage: Vec<Vec<Instruction>> = vec![Vec::new(); self.program.stages.len()];
        for n in 0..self.plan.graph.size() {
            let at = Ref(u32::try_from(n).unwrap_or(u32::MAX));
            if !is_needed(self.plan, at) {
                continue;
            }
            let Some(op) = self.translate(self.plan.graph.node(at).op) else { continue };
            let stage = self.stage_of(at);
            if let Some(code) = by_stage.get_mut(stage) {
                code.push(Instruction { to: self.register(at), op });
            }
        }
        for (stage, code) in self.program.stages.iter_mut().zip(by_stage) {
            let start = self.program.code.len();
            self.program.code.extend(code);
            stage.code = start..self.program.code.len();
        }
    }

    /// The operation over registers; nothing for what is already there.
    fn translate(&mut self, op: Op) -> Option<Op> {
        let r = |at: Ref| Ref(self.register(at));
        Some(match op {
            Op::Const(_) | Op::Variable(_) | Op::Bar(_) => return None,
            Op::Add(a, b) => Op::Add(r(a), r(b)),
            Op::Sub(a, b) => Op::Sub(r(a), r(b)),
            Op::Mul(a, b) => Op::Mul(r(a), r(b)),
            Op::Div(a, b) => Op::Div(r(a), r(b)),
            Op::Mod(a, b) => Op::Mod(r(a), r(b)),
            Op::Min(a, b) => Op::Min(r(a), r(b)),
            Op::Max(a, b) => Op::Max(r(a), r(b)),
            Op::Lt(a, b) => Op::Lt(r(a), r(b)),
            Op::Le(a, b) => Op::Le(r(a), r(b)),
            Op::Eq(a, b) => Op::Eq(r(a), r(b)),
            Op::And(a, b) => Op::And(r(a), r(b)),
            Op::Or(a, b) => Op::Or(r(a), r(b)),
            Op::Not(a) => Op::Not(r(a)),
            Op::If(a, b, c) => Op::If(r(a), r(b), r(c)),
            Op::Pick(list, at) => {
                let (at, list) = (r(at), self.plan.graph.list(list));
                let list = list.iter().map(|at| self.register(*at)).collect();
                self.program.lists.push(list);
                Op::Pick(u32::try_from(self.program.lists.len() - 1).unwrap_or(u32::MAX), at)
            }
            Op::Lookup(table, at) => {
                let (at, table) = (r(at), self.plan.graph.table(table).to_vec());
                self.program.tables.push(table);
                Op::Lookup(u32::try_from(self.program.tables.len() - 1).unwrap_or(u32::MAX), at)
            }
        })
    }

    fn finish(mut self) -> Program {
        for check in self.plan.checks {
            let (stage, register) = (self.stage_of(*check), self.register(*check));
            if self.plan.graph.known(*check) == Some(1) {
                continue;
            }
            if let Some(stage) = self.program.stages.get_mut(stage) {
                stage.checks.push(register);
            }
        }
        for (field, now, packed) in self.plan.cells {
            let (stage, register) = (self.stage_of(*packed), self.register(*packed));
            let pack = Pack { register, lo: field.lo, word: field.word, shift: field.shift };
            if let Some(stage) = self.program.stages.get_mut(stage) {
                stage.packs.push(pack);
            }
            if let Some(now) = now {
                let register = self.register(*now);
                self.program.fields.push((*field, register));
            }
        }
        for drawn in self.plan.drawn {
            if is_needed(self.plan, drawn.node) {
                let (stage, variable) = (self.stage_of(drawn.node), self.variable(drawn));
                if let Some(stage) = self.program.stages.get_mut(stage) {
                    stage.variable = Some(variable);
                }
            }
        }
        self.program
    }

    fn variable(&self, drawn: &Drawn) -> Variable {
        Variable {
            source: drawn.source,
            scale: drawn.scale,
            register: self.register(drawn.node),
            free: self.register(drawn.free),
            early: self.stage_of(drawn.free) == 0,
            otherwise: drawn.otherwise.map(|at| self.register(at)),
            domain: match &drawn.domain {
                Domain::Between(lo, hi) => Values::Between(self.register(*lo), self.register(*hi)),
                Domain::Among(all) => {
                    Values::Among(all.iter().map(|at| self.register(*at)).collect())
                }
            },
            bounds: drawn.bounds.unwrap_or((i64::MIN, i64::MAX)),
        }
    }
}

fn is_needed(plan: &Plan<'_>, at: Ref) -> bool {
    plan.needed.get(at.0 as usize).copied().unwrap_or(false)
}
