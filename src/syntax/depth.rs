//! Keeping trees shallow enough for whoever walks them by recursion.
//!
//! Two limits: how deep the text may nest, and how high the tree of one
//! expression may grow (`a - a - a …` nests nothing and grows high). Only the
//! operators whose chains people do write long are spared: a chain of more
//! than [`LONG_CHAIN`] operands of `and`, `or`, `+` or `*` becomes a balanced
//! tree, which means the same since all four are associative.

use super::ast::{BinaryOp, Expr, ExprKind};

/// How deep brackets and prefixes may nest.
pub const MAX_NESTING: usize = 500;

/// How high the tree of an expression may be.
pub const MAX_HEIGHT: usize = 1_000;

/// A chain with more operands than this is balanced.
pub const LONG_CHAIN: usize = 64;

/// Operators whose long chains are balanced.
pub fn is_associative(op: BinaryOp) -> bool {
    matches!(op, BinaryOp::And | BinaryOp::Or | BinaryOp::Add | BinaryOp::Mul)
}

/// The number of operands of `op` that an expression joins, counted no further than `limit`.
pub fn operand_count(op: BinaryOp, expr: &Expr, limit: usize) -> usize {
    match expr.kind.as_ref() {
        ExprKind::Binary(at, left, right) if *at == op && limit > 1 => {
            let count = operand_count(op, left, limit - 1);
            count + operand_count(op, right, limit.saturating_sub(count).max(1))
        }
        _ => 1,
    }
}

/// Joins operands by an associative operator, and says how much higher that is than the highest.
///
/// A short chain is left-nested as written. The operands of a long one are
/// spread out, so that a balanced tree is fixed by its operands alone: it
/// prints without parentheses and is read back as the same tree.
pub fn chain(op: BinaryOp, operands: Vec<Expr>) -> Option<(Expr, usize)> {
    let count: usize =
        operands.iter().map(|operand| operand_count(op, operand, LONG_CHAIN + 1)).sum();
    if count <= LONG_CHAIN {
        let levels = operands.len().saturating_sub(1);
        let joined = operands.into_iter().reduce(|left, right| join(op, left, right))?;
        return Some((joined, levels));
    }
    let mut flat = Vec::with_capacity(count);
    for operand in operands {
        spread(op, operand, &mut flat);
    }
    let levels = flat.len().next_power_of_two().trailing_zeros() as usize;
    Some((balance(op, flat)?, levels))
}

/// The operands of a chain as its parser joined them: all of a long one, else none.
pub fn long_chain(expr: &Expr) -> Option<(BinaryOp, Vec<&Expr>)> {
    let ExprKind::Binary(op, ..) = expr.kind.as_ref() else { return None };
    if !is_associative(*op) || operand_count(*op, expr, LONG_CHAIN + 1) <= LONG_CHAIN {
        return None;
    }
    let mut operands = Vec::new();
    let mut stack = vec![expr];
    while let Some(expr) = stack.pop() {
        match expr.kind.as_ref() {
            ExprKind::Binary(at, left, right) if at == op => stack.extend([right, left]),
            _ => operands.push(expr),
        }
    }
    Some((*op, operands))
}

fn join(op: BinaryOp, left: Expr, right: Expr) -> Expr {
    let span = left.span.to(right.span);
    Expr { kind: Box::new(ExprKind::Binary(op, left, right)), span }
}

/// Appends the operands of a chain, left to right.
fn spread(op: BinaryOp, expr: Expr, flat: &mut Vec<Expr>) {
    let mut stack = vec![expr];
    while let Some(Expr { kind, span }) = stack.pop() {
        match *kind {
            ExprKind::Binary(at, left, right) if at == op => stack.extend([right, left]),
            kind => flat.push(Expr { kind: Box::new(kind), span }),
        }
    }
}

/// Joins neighbours, again and again, until one is left.
fn balance(op: BinaryOp, mut row: Vec<Expr>) -> Option<Expr> {
    while row.len() > 1 {
        let mut pairs = Vec::with_capacity(row.len().div_ceil(2));
        let mut rest = row.into_iter();
        while let Some(left) = rest.next() {
            pairs.push(match rest.next() {
                Some(right) => join(op, left, right),
                None => left,
            });
        }
        row = pairs;
    }
    row.pop()
}
