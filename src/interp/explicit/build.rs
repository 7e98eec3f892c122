//! From a model and a question to the two programs of a search: first states, and steps.
//!
//! Cells that neither the question nor a restriction, an assumption or a possible defect reads,
//! directly or through other cells, are left out of the state (the cone of influence of Clarke,
//! Grumberg and Peled, *Model Checking*, 1999, §13.1). That is exact: whatever could make a
//! valuation no step, or a defective one, is in the cone, unless the caller knows the model to be
//! free of defects.

use crate::types::core::{Chosen, Expr, Value};
use crate::types::defect::DefectKind;

use super::first::{first_program, rests_on};
use super::graph::{Bar, Op, Ref};
use super::program::{Field, Plan, Program};
use super::rules::Compiler;
use super::term::{Bindings, Safe};
use crate::interp::progress::Monitor;
use crate::interp::progress::formula::{Formula, Node};
use crate::interp::progress::ground::Atom;
use crate::interp::step::Interpreter;

/// What a search watches for.
pub enum Watch {
    /// Nothing but defects.
    Nothing,
    /// A condition that holds in every period; `true` if it speaks of states alone.
    Invariant(u32, bool),
    /// The atoms of a property: the register of its truth, that of its safety, and whether it
    /// speaks of states alone.
    Monitor(Vec<Watched>),
}

/// An atom of a property.
#[derive(Clone, Copy)]
pub struct Watched {
    /// Its truth.
    pub value: u32,
    /// 1 where it has a value.
    pub ok: u32,
    /// It reads no draws.
    pub over_state: bool,
    /// The denominator of its values; 1 for all but real numbers.
    pub scale: i64,
}

/// A compiled search.
pub struct Built {
    /// First states.
    pub first: Program,
    /// Steps.
    pub step: Program,
    /// The registers that are 1 where a step has a defect of a kind.
    pub defects: Vec<(DefectKind, u32)>,
    /// The register that is 1 where a step has any defect, if it may have one.
    pub defective: Option<u32>,
    /// The register that is 1 where the next state may occur, if it may not.
    pub after: Option<u32>,
    /// What is watched.
    pub watch: Watch,
    /// Words of a packed state, before the monitor's.
    pub words: usize,
    /// The cells of a packed state.
    pub fields: Vec<Field>,
}

impl Built {
    /// Whether a step has a defect.
    #[inline]
    pub fn is_defective(&self, registers: &[i64]) -> bool {
        self.defective.is_some_and(|at| super::search::read(registers, at) != 0)
    }

    /// Whether the state that a step leads to may occur.
    #[inline]
    pub fn is_lawful(&self, registers: &[i64]) -> bool {
        self.after.is_none_or(|at| super::search::read(registers, at) != 0)
    }
}

struct Builder<'m> {
    compiler: Compiler<'m>,
    interpreter: &'m Interpreter<'m>,
    defect_free: bool,
    defects: Vec<(DefectKind, Ref)>,
    checks: Vec<Ref>,
    after: Vec<Ref>,
    needed: Vec<bool>,
    queue: Vec<Ref>,
}

/// The watched nodes, before they have registers.
enum Watching {
    Nothing,
    Invariant(Ref, bool),
    Monitor(Vec<Atomic>),
}

/// An atom, before it has registers: its value, where it has one, whether it speaks of states
/// alone, and its denominator.
type Atomic = (Ref, Ref, bool, i64);

/// Builds the programs of a search. `atoms_only` says to watch the atoms of the property, and not
/// the property itself where it is an invariant.
///
/// # Errors
/// What bars the search.
pub fn build(
    interpreter: &Interpreter<'_>,
    params: &[Value],
    monitor: Option<&Monitor>,
    defect_free: bool,
    atoms_only: bool,
) -> Result<Built, Bar> {
    let mut builder = Builder::new(interpreter, params, defect_free);
    let watching = builder.watching(monitor, atoms_only);
    builder.finish(params, watching)
}

/// Builds the programs of a search that watches these expressions, each with whether it speaks of
/// states alone.
///
/// # Errors
/// What bars the search.
pub fn build_watching(
    interpreter: &Interpreter<'_>,
    params: &[Value],
    expressions: &[(Expr, bool)],
    defect_free: bool,
) -> Result<Built, Bar> {
    let mut builder = Builder::new(interpreter, params, defect_free);
    let watched = expressions.iter().map(|(expr, over_state)| builder.atom(expr, *over_state));
    let watching = Watching::Monitor(watched.collect());
    builder.finish(params, watching)
}

impl<'m> Builder<'m> {
    fn new(interpreter: &'m Interpreter<'m>, params: &[Value], defect_free: bool) -> Builder<'m> {
        Builder {
            compiler: Compiler::new(interpreter, params, false),
            interpreter,
            defect_free,
            defects: Vec::new(),
            checks: Vec::new(),
            after: Vec::new(),
            needed: Vec::new(),
            queue: Vec::new(),
        }
    }

    /// The programs, once all that is watched is compiled.
    fn finish(mut self, params: &[Value], watching: Watching) -> Result<Built, Bar> {
        let interpreter = self.interpreter;
        let defect_free = self.defect_free;
        self.restrictions();
        self.assumptions();
        self.rules();
        if self.compiler.cyclic && !defect_free {
            return Err(Bar::Cycle);
        }
        let (defective, after) = self.summaries();
        self.need(defective);
        self.need(after);
        self.cone(&watching);
        let (fields, words) = self.layout();
        let (step, cells) = self.assemble(&fields)?;
        let first = first_program(interpreter, params, &cells, defect_free)?;
        let watch = match watching {
            Watching::Nothing => Watch::Nothing,
            Watching::Invariant(at, over_state) => Watch::Invariant(step.register(at), over_state),
            Watching::Monitor(atoms) => Watch::Monitor(
                atoms
                    .into_iter()
                    .map(|(value, ok, over_state, scale)| Watched {
                        value: step.register(value),
                        ok: step.register(ok),
                        over_state,
                        scale,
                    })
                    .collect(),
            ),
        };
        let known = |at: &Ref, value| self.compiler.graph.known(*at) == Some(value);
        let defects = self.defects.iter().filter(|(_, at)| !known(at, 0));
        Ok(Built {
            defects: defects.map(|(kind, at)| (*kind, step.register(*at))).collect(),
            defective: (!known(&defective, 0)).then(|| step.register(defective)),
            after: (!known(&after, 1)).then(|| step.register(after)),
            first,
            step,
            watch,
            words,
            fields,
        })
    }

    /// Compiles the atoms of a property.
    fn watching(&mut self, monitor: Option<&Monitor>, atoms_only: bool) -> Watching {
        let Some(monitor) = monitor else { return Watching::Nothing };
        let yes = self.compiler.graph.truth(true);
        let mut atoms = Vec::new();
        for atom in monitor.atoms() {
            atoms.push(match atom {
                Atom::Present { expr, over_state } => self.atom(expr, *over_state),
                Atom::Past(..) | Atom::Known(_) => (yes, yes, true, 1),
            });
        }
        let safe = atoms.iter().all(|(_, ok, ..)| self.compiler.graph.known(*ok) == Some(1));
        if let Some(over_state) = monitor.judged_on_states()
            && !atoms_only
            && monitor.is_invariant()
            && safe
        {
            let body = self.body(monitor, monitor.start().formula, &atoms);
            return Watching::Invariant(body, over_state);
        }
        Watching::Monitor(atoms)
    }

    fn atom(&mut self, expr: &Expr, over_state: bool) -> Atomic {
        let term = self.compiler.term(expr, &mut Bindings::new(), false);
        (term.value, self.compiler.ok(term.safe), over_state, term.scale)
    }

    /// The condition that an invariant demands of every period.
    fn body(&mut self, monitor: &Monitor, of: Formula, atoms: &[Atomic]) -> Ref {
        match monitor.formulas().node(of).clone() {
            Node::Always(inner) => self.body(monitor, inner, atoms),
            Node::Not(inner) => {
                let inner = self.body(monitor, inner, atoms);
                self.compiler.graph.not(inner)
            }
            Node::And(parts) => {
                parts.into_iter().fold(self.compiler.graph.truth(true), |all, p| {
                    let part = self.body(monitor, p, atoms);
                    self.compiler.graph.and(all, part)
                })
            }
            Node::Or(parts) => {
                parts.into_iter().fold(self.compiler.graph.truth(false), |any, p| {
                    let part = self.body(monitor, p, atoms);
                    self.compiler.graph.or(any, part)
                })
            }
            Node::Atom(atom) => {
                let fallback = self.compiler.graph.truth(true);
                atoms.get(atom as usize).map_or(fallback, |(value, ..)| *value)
            }
            node => self.compiler.graph.truth(node != Node::False),
        }
    }

    fn faulty(&mut self, condition: Ref, safe: Safe) {
        if self.defect_free {
            return;
        }
        let kinds = [
            (DefectKind::DivisionByZero, safe.division),
            (DefectKind::BadIndex, safe.index),
            (DefectKind::ContradictoryWrites, safe.writes),
        ];
        for (kind, safe) in kinds {
            let fault = self.compiler.graph.not(safe);
            let counts = self.compiler.graph.and(condition, fault);
            self.defects.push((kind, counts));
        }
    }

    /// `when`, `where` and `else` of every input.
    fn restrictions(&mut self) {
        let interpreter = self.interpreter;
        for (n, slot) in interpreter.layout.inputs.iter().enumerate() {
            let Some(input) = interpreter.model.inputs.get(slot.of.index()) else { continue };
            if input.when.is_some() {
                self.compiler.input_now(n);
            }
            let mut bound = self.compiler.members(&input.binders, &slot.member);
            let yes = self.compiler.graph.truth(true);
            let when = input.when.as_ref().map(|when| self.compiler.term(when, &mut bound, false));
            let free = match when {
                Some(when) => {
                    self.faulty(yes, when.safe);
                    self.compiler.holds(when)
                }
                None => yes,
            };
            if let Some(condition) = &input.condition {
                let term = self.compiler.term(condition, &mut bound, false);
                self.faulty(free, term.safe);
                let fails = self.compiler.fails(term);
                let broken = self.compiler.graph.and(free, fails);
                let met = self.compiler.graph.not(broken);
                self.checks.push(met);
            }
            if let (Some(when), Some(otherwise)) = (when, &input.otherwise) {
                let due = self.compiler.term(otherwise, &mut bound, false);
                let forced = self.compiler.fails(when);
                self.faulty(forced, due.safe);
                if self.compiler.unguarded.contains(&n) {
                    let ok = self.compiler.ok(due.safe);
                    let forced = self.compiler.graph.and(forced, ok);
                    let drawn = self.compiler.input_now(n);
                    let same = self.compiler.graph.eq(drawn.value, due.value);
                    let met = self.compiler.graph.implies(forced, same);
                    self.checks.push(met);
                }
            }
        }
    }

    fn assumptions(&mut self) {
        let interpreter = self.interpreter;
        let yes = self.compiler.graph.truth(true);
        for (assume, over_state) in &interpreter.assumptions {
            let term = self.compiler.term(&assume.condition, &mut Bindings::new(), false);
            self.faulty(yes, term.safe);
            let fails = self.compiler.fails(term);
            let met = self.compiler.graph.not(fails);
            if !over_state {
                self.checks.push(met);
            } else {
                let term = self.compiler.term(&assume.condition, &mut Bindings::new(), true);
                let fails = self.compiler.fails(term);
                let met = self.compiler.graph.not(fails);
                self.after.push(met);
            }
        }
    }

    /// Everything that a rule may do wrong, and every draw that may find no value.
    fn rules(&mut self) {
        let interpreter = self.interpreter;
        for (n, instance) in interpreter.instances.iter().enumerate() {
            let guard = self.compiler.guard(n);
            let yes = self.compiler.graph.truth(true);
            self.faulty(yes, guard.safe);
            let enabled = self.compiler.holds(guard);
            for (u, update) in interpreter.updates(instance.rule).iter().enumerate() {
                let draws = matches!(update.value, Chosen::In(_));
                if self.defect_free && !draws {
                    continue;
                }
                let value = self.compiler.written(n, u);
                self.faulty(enabled, value.safe);
                let (_, index) = self.compiler.hits(n, u, None);
                self.faulty(enabled, index);
            }
        }
        if self.defect_free {
            return;
        }
        for slot in 0..interpreter.layout.cells.len() {
            let end = self.compiler.next(slot);
            self.defects.push((DefectKind::ContradictoryWrites, end.contradiction));
            self.defects.push((DefectKind::RangeOverrun, end.overrun));
        }
    }

    /// One node for all defects and one for all conditions on the next state, joined in the order
    /// of their stages, so that most of each is worked out early.
    fn summaries(&mut self) -> (Ref, Ref) {
        let mut defects: Vec<Ref> = self.defects.iter().map(|(_, at)| *at).collect();
        let mut after = self.after.clone();
        defects.sort_by_key(|at| (self.compiler.graph.node(*at).stage, *at));
        after.sort_by_key(|at| (self.compiler.graph.node(*at).stage, *at));
        let (no, yes) = (self.compiler.graph.truth(false), self.compiler.graph.truth(true));
        let defective = defects.into_iter().fold(no, |any, at| self.compiler.graph.or(any, at));
        (defective, after.into_iter().fold(yes, |all, at| self.compiler.graph.and(all, at)))
    }

    fn need(&mut self, at: Ref) {
        let n = at.0 as usize;
        if self.needed.len() <= n {
            self.needed.resize(self.compiler.graph.size().max(n + 1), false);
        }
        if let Some(needed) = self.needed.get_mut(n)
            && !*needed
        {
            *needed = true;
            self.queue.push(at);
        }
    }

    /// Marks what the search needs, following cells to what writes them.
    fn cone(&mut self, watching: &Watching) {
        match watching {
            Watching::Nothing => {}
            Watching::Invariant(at, _) => self.need(*at),
            Watching::Monitor(atoms) => {
                for (value, ok, ..) in atoms {
                    self.need(*value);
                    self.need(*ok);
                }
            }
        }
        let roots: Vec<Ref> = self.defects.iter().map(|(_, at)| *at).collect();
        let roots: Vec<Ref> =
            roots.into_iter().chain(self.checks.clone()).chain(self.after.clone()).collect();
        roots.into_iter().for_each(|at| self.need(at));
        self.unsure();
        while let Some(at) = self.queue.pop() {
            let op = self.compiler.graph.node(at).op;
            self.compiler.graph.operands(op).into_iter().for_each(|at| self.need(at));
            if let Op::Variable(number) = op {
                self.variable(number as usize);
            }
            if self.queue.is_empty() {
                self.unsure();
            }
        }
    }

    /// Drawn variables that may have no value decide whether there is a step.
    fn unsure(&mut self) {
        let unsure: Vec<Ref> = self
            .compiler
            .drawn
            .iter()
            .filter(|drawn| !drawn.sure)
            .map(|drawn| drawn.node)
            .collect();
        unsure.into_iter().for_each(|at| self.need(at));
    }

    fn variable(&mut self, number: usize) {
        let cells = self.interpreter.layout.cells.len();
        if number < cells {
            let end = self.compiler.next(number);
            self.need(end.term.value);
            return;
        }
        let Some(drawn) = self.compiler.drawn.get(number - cells).cloned() else { return };
        for at in rests_on(&drawn) {
            self.need(at);
        }
    }

    /// Allots bits to the cells in the cone.
    fn layout(&self) -> (Vec<Field>, usize) {
        let (mut fields, mut word, mut shift) = (Vec::new(), 0, 0);
        for n in 0..self.compiler.graph.size() {
            let node = self.compiler.graph.node(Ref(u32::try_from(n).unwrap_or(u32::MAX)));
            let Op::Variable(slot) = node.op else { continue };
            let slot = slot as usize;
            let needed = self.needed.get(n).copied().unwrap_or(false);
            if !needed || slot >= self.interpreter.layout.cells.len() {
                continue;
            }
            let span = (node.hi as u64).wrapping_sub(node.lo as u64);
            let bits = (64 - span.leading_zeros()).max(1);
            if shift + bits > 64 {
                (word, shift) = (word + 1, 0);
            }
            fields.push(Field { slot, lo: node.lo, word, shift, bits });
            shift += bits;
        }
        let words = if fields.is_empty() { 0 } else { word + 1 };
        (fields, words)
    }

    fn assemble(&mut self, fields: &[Field]) -> Result<(Program, Vec<Field>), Bar> {
        if self.compiler.too_large {
            return Err(Bar::Overflow);
        }
        let mut cells = Vec::new();
        for field in fields {
            let now = self.compiler.cell_now(field.slot).value;
            let next = self.compiler.next(field.slot).term.value;
            cells.push((*field, Some(now), next));
        }
        self.needed.resize(self.compiler.graph.size(), false);
        let plan = Plan {
            graph: &self.compiler.graph,
            drawn: &self.compiler.drawn,
            needed: &self.needed,
            checks: &self.checks,
            cells: &cells,
        };
        Ok((Program::new(&plan)?, fields.to_vec()))
    }
}
