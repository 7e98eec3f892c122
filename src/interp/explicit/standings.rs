//! Standings of what is sought, numbered, and the ways to go on from each.
//!
//! A step is marked with the fairness conditions that it meets and with the promises that it puts off: two
//! marks for each condition (what recurs, and its premise), then one for each promise. Which steps may be
//! taken for ever is a matter of marks alone (`components`). Shared by the graph of states (`unfold`) and
//! by that of states with belief sets (`beliefs::endless`).

use indexmap::IndexSet;

use super::components::Conditions;
use super::store::NONE;
use crate::interp::progress::Standing;
use crate::interp::progress::formula::{Formula, Truth};
use crate::interp::progress::tableau::Sought;

/// The ways to go on from a standing: the next one, and the marks of the step.
pub type Moves = Vec<(u32, u128)>;

/// Standings and promises met so far; the first standing is 0.
pub struct Standings {
    sought: Sought,
    standings: IndexSet<Standing>,
    promises: IndexSet<Formula>,
}

impl Standings {
    /// Where every run begins.
    pub fn new(sought: Sought) -> Self {
        let standings = IndexSet::from([sought.monitor.start()]);
        Standings { sought, standings, promises: IndexSet::new() }
    }

    /// The ways to go on where atoms have these truths; `None` where one that matters has none.
    pub fn moves(&mut self, standing: u32, truths: &[Truth]) -> Option<Moves> {
        let at = self.standings.get_index(standing as usize)?.clone();
        let mut met = 0u128;
        for (n, fair) in (0u32..).zip(self.sought.fairness.clone()) {
            let monitor = &mut self.sought.monitor;
            if monitor.holds_now(&at, fair.recurs, truths) {
                met |= bit(2 * n);
            }
            if fair.premise.is_some_and(|premise| monitor.holds_now(&at, premise, truths)) {
                met |= bit(2 * n + 1);
            }
        }
        let alternatives = self.sought.monitor.alternatives(&at, truths).ok()?;
        let mut moves = Vec::with_capacity(alternatives.len());
        for (next, put_off) in alternatives {
            let mut marks = met;
            for promise in put_off {
                let (n, _) = self.promises.insert_full(promise);
                marks |= bit(self.promise(n));
            }
            let (next, _) = self.standings.insert_full(next);
            moves.push((u32::try_from(next).unwrap_or(NONE), marks));
        }
        Some(moves)
    }

    /// Whether there are more conditions and promises than marks.
    pub fn exceeds_marks(&self) -> bool {
        self.promise(self.promises.len()) > u128::BITS
    }

    /// What an infinite run must meet.
    pub fn conditions(&self) -> Conditions {
        let mut conditions = Conditions::default();
        for (n, fair) in (0u32..).zip(&self.sought.fairness) {
            match fair.premise {
                None => conditions.some |= bit(2 * n),
                Some(_) => conditions.compassion.push((bit(2 * n + 1), bit(2 * n))),
            }
        }
        for n in 0..self.promises.len() {
            conditions.missing |= bit(self.promise(n));
        }
        conditions
    }

    /// The mark of a promise.
    fn promise(&self, n: usize) -> u32 {
        u32::try_from(2 * self.sought.fairness.len() + n).unwrap_or(u32::MAX)
    }
}

/// The nth mark; none where there are no more.
pub fn bit(n: u32) -> u128 {
    1u128.checked_shl(n).unwrap_or(0)
}
