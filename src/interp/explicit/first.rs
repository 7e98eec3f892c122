//! The program that draws first states, and values read back from registers.

use crate::types::core::{Type, Value};

use super::drawn::{Domain, Drawn, Source};
use super::graph::{Bar, Op, Ref};
use super::program::{Field, Plan, Program};
use super::rules::Compiler;
use super::term::Bindings;
use crate::interp::step::Interpreter;

/// The nodes that a drawn variable's values rest on.
pub(super) fn rests_on(drawn: &Drawn) -> Vec<Ref> {
    let mut refs = match &drawn.domain {
        Domain::Between(lo, hi) => vec![*lo, *hi],
        Domain::Among(elements) => elements.clone(),
    };
    refs.push(drawn.free);
    refs.extend(drawn.otherwise);
    refs
}

/// The program that draws first states, of which the search keeps some cells.
pub(super) fn first_program(
    interpreter: &Interpreter<'_>,
    params: &[Value],
    fields: &[Field],
    defect_free: bool,
) -> Result<Program, Bar> {
    let mut compiler = Compiler::new(interpreter, params, true);
    let mut checks = Vec::new();
    for init in &interpreter.model.inits {
        let term = compiler.term(init, &mut Bindings::new(), false);
        checks.push(compiler.holds(term));
    }
    for (assume, _) in interpreter.assumptions.iter().filter(|(_, over_state)| *over_state) {
        let term = compiler.term(&assume.condition, &mut Bindings::new(), false);
        let fails = compiler.fails(term);
        checks.push(compiler.graph.not(fails));
    }
    let mut cells = Vec::new();
    for field in fields {
        cells.push((*field, None, compiler.cell_now(field.slot).value));
    }
    if !defect_free {
        for slot in 0..interpreter.layout.cells.len() {
            compiler.cell_now(slot);
        }
    }
    let mut needed = vec![false; compiler.graph.size()];
    let unsure = compiler.drawn.iter().filter(|drawn| !drawn.sure).map(|drawn| drawn.node);
    let packed = cells.iter().map(|(_, _, at)| *at);
    let mut queue: Vec<Ref> = checks.iter().copied().chain(packed).chain(unsure).collect();
    while let Some(at) = queue.pop() {
        let Some(mark) = needed.get_mut(at.0 as usize) else { continue };
        if std::mem::replace(mark, true) {
            continue;
        }
        let op = compiler.graph.node(at).op;
        queue.extend(compiler.graph.operands(op));
        if let Op::Variable(number) = op {
            let drawn = compiler.drawn.get(number as usize - interpreter.layout.cells.len());
            queue.extend(drawn.into_iter().flat_map(rests_on));
        }
    }
    let (graph, drawn) = (&compiler.graph, compiler.drawn.as_slice());
    Program::new(&Plan { graph, drawn, needed: &needed, checks: &checks, cells: &cells })
}

/// The value that a register holds for a source.
pub fn value_of(
    interpreter: &Interpreter<'_>,
    source: Source,
    n: i64,
    scale: i64,
) -> Option<Value> {
    let layout = &interpreter.layout;
    let ty = match source {
        Source::Cell(slot) => layout.cells.get(slot)?.ty,
        Source::Input(slot) => layout.inputs.get(slot)?.ty,
        Source::Draw(slot) => layout.draws.get(slot)?.ty,
    };
    typed(ty, n, scale)
}

/// A number of a search as a value of a type; of real numbers it is so many times as large.
pub fn typed(ty: Type, n: i64, scale: i64) -> Option<Value> {
    Some(match ty {
        Type::Bool => Value::Bool(n != 0),
        Type::Int | Type::Range(..) => Value::Int(n.into()),
        Type::Finite(sort) => Value::Member(sort, u32::try_from(n).ok()?),
        Type::Real => Value::Real(num_rational::BigRational::new(n.into(), scale.into())),
    })
}
