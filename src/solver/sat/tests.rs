//! The solver against all assignments, on random clauses.

use super::{Cdcl, Question};
use crate::circuit::Edge;

/// Numbers that look random (xorshift; Marsaglia 2003).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }

    fn literal(&mut self, variables: u32) -> Edge {
        let variable = self.below(u64::from(variables)) as u32;
        Edge::to(variable) ^ (self.below(2) == 1)
    }
}

fn satisfies(assignment: u32, clause: &[Edge]) -> bool {
    clause.iter().any(|l| (assignment >> l.node() & 1 == 1) != l.is_negated())
}

fn satisfiable(variables: u32, clauses: &[Vec<Edge>], units: &[Edge]) -> bool {
    (0..1u32 << variables).any(|assignment| {
        clauses.iter().all(|c| satisfies(assignment, c))
            && units.iter().all(|u| satisfies(assignment, &[*u]))
    })
}

#[test]
fn agrees_with_all_assignments() {
    let mut numbers = Numbers(0x9E37_79B9_7F4A_7C15);
    for _ in 0..400 {
        let variables = 4 + numbers.below(7) as u32;
        let mut solver = Cdcl::new(variables as usize);
        let mut clauses: Vec<Vec<Edge>> = Vec::new();
        for _ in 0..40 {
            for _ in 0..numbers.below(3) {
                let length = 1 + numbers.below(4).max(numbers.below(4));
                let clause: Vec<Edge> = (0..length).map(|_| numbers.literal(variables)).collect();
                solver.add(&clause);
                clauses.push(clause);
            }
            let assumed: Vec<Edge> =
                (0..numbers.below(4)).map(|_| numbers.literal(variables)).collect();
            let clause: Vec<Edge> =
                (0..numbers.below(4)).map(|_| numbers.literal(variables)).collect();
            let mut all = clauses.clone();
            if !clause.is_empty() {
                all.push(clause.clone());
            }
            let expected = satisfiable(variables, &all, &assumed);
            let question = Question { assumed: &assumed, clause: &clause, domain: None };
            assert_eq!(solver.solve(question), Some(expected));
            if expected {
                let model = (0..variables)
                    .filter(|v| solver.value(Edge::to(*v)) == Some(true))
                    .fold(0u32, |m, v| m | 1 << v);
                assert!(all.iter().all(|c| satisfies(model, c)));
                assert!(assumed.iter().all(|a| satisfies(model, &[*a])));
            } else {
                let core = solver.core().to_vec();
                assert!(core.iter().all(|l| assumed.contains(l)));
                assert!(!satisfiable(variables, &all, &core));
            }
        }
    }
}

#[test]
fn learns_enough_for_pigeons() {
    let holes = 6u32;
    let at = |pigeon: u32, hole: u32| Edge::to(pigeon * holes + hole);
    let mut solver = Cdcl::new(((holes + 1) * holes) as usize);
    for pigeon in 0..=holes {
        let somewhere: Vec<Edge> = (0..holes).map(|hole| at(pigeon, hole)).collect();
        solver.add(&somewhere);
    }
    for hole in 0..holes {
        for one in 0..=holes {
            for other in 0..one {
                solver.add(&[!at(one, hole), !at(other, hole)]);
            }
        }
    }
    assert_eq!(solver.solve(Question::default()), Some(false));
}
