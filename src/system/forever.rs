//! Claims about infinite runs as questions about fair runs.

use super::elaborate::{self, Elaborator, Obligation};
use super::formula::{Formula, Memory};
use super::liveness::Live;
use super::monitors::Monitor;
use super::property::{Prepared, extend, reader};
use crate::term::Term;
use crate::types::core::{Assume, Expr};

impl<'m> Prepared<'m> {
    /// The question whether some infinite, fair run satisfies `p`, or whether there is any at all.
    pub fn some_fair_run(&self, p: Option<&Expr>, assumes: &[Assume]) -> Option<Live> {
        let mut elaborator = self.elaborator.clone();
        let mut reader = reader(&mut elaborator);
        let goal = match p {
            Some(p) => Formula::Eventually(Box::new(reader.formula(p, true).ok()?)),
            None => Formula::And(Vec::new()),
        };
        Some(self.forever(reader.parts(), &mut elaborator, &goal, assumes))
    }

    /// Builds the question whether an infinite, fair run satisfies `target`.
    pub(super) fn forever(
        &self,
        (memories, mut faults, on_step): (Vec<Memory>, Vec<Obligation>, bool),
        elaborator: &mut Elaborator<'m>,
        target: &Formula,
        assumes: &[Assume],
    ) -> Live {
        let mut system = self.elaborated.system.clone();
        let (init, step) = self.assumed(elaborator, assumes);
        system.init.extend(init);
        system.step.extend(step);
        extend(&mut system, &memories);
        let (mut fair, given_up) = fair(elaborator, &mut faults);
        let monitor = Monitor::forever(&mut elaborator.pool, target);
        system.pool = elaborator.pool.clone();
        let fault = self.fault(&system, &faults, on_step || !self.model.fairness.is_empty());
        for part in [&given_up, &monitor] {
            extend(&mut system, &part.memories);
            system.inputs.extend(&part.guesses);
            system.step.extend(&part.requirements);
        }
        fair.extend(&monitor.justice);
        fair.retain(|term| system.pool.as_bool(*term) != Some(true));
        fair.sort_unstable();
        fair.dedup();
        Live { system, justice: fair, fault }
    }
}

/// The institution's fairness as justice. Compassion holds of a run iff what it promises recurs or
/// its premise ceases; a guess says from when on it has.
fn fair(elaborator: &mut Elaborator<'_>, faults: &mut Vec<Obligation>) -> (Vec<Term>, Monitor) {
    let mut justice = Vec::new();
    let mut given_up = Monitor::default();
    for fairness in &elaborator.model.fairness {
        let recurs = elaborator.expr(&fairness.recurs);
        faults.extend(recurs.faults.into_iter().map(elaborate::obligation));
        let Some(premise) = &fairness.premise else {
            justice.push(recurs.term);
            continue;
        };
        let premise = elaborator.expr(premise);
        faults.extend(premise.faults.into_iter().map(elaborate::obligation));
        let ceased = given_up.ceases(&mut elaborator.pool, premise.term);
        justice.push(elaborator.pool.or([recurs.term, ceased]));
    }
    (justice, given_up)
}
