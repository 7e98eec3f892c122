//! What of a run does not bear on its verdict, and runs without it.
//!
//! Which it is, `interp::bearing` works out; here it is names. Text and prose leave it out, pages grey
//! it, the machine-readable formats mark it.

use std::collections::BTreeSet;

use indexmap::IndexSet;

use super::outcome::{PeriodReport, TraceReport};

/// What of a period does not bear on the verdict, by name: in every run that is the same but for this,
/// and what follows from it, the verdict shows as well. Empty where nothing is known of that.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Irrelevant {
    /// Of the state at its start.
    pub state: IndexSet<String>,
    /// Of what the posts chose.
    pub choices: IndexSet<String>,
    /// Of what nature drew.
    pub env: IndexSet<String>,
    /// Of what nature drew in nondeterministic writes.
    pub draws: IndexSet<String>,
    /// Of the rule instances that fired.
    pub rules: IndexSet<String>,
    /// Of the ticks that occurred.
    pub ticks: IndexSet<String>,
}

impl Irrelevant {
    /// Nothing is known not to bear.
    pub fn is_empty(&self) -> bool {
        let Irrelevant { state, choices, env, draws, rules, ticks } = self;
        [state, choices, env, draws, rules, ticks].iter().all(|names| names.is_empty())
    }
}

impl PeriodReport {
    /// The same without what does not bear on the verdict.
    #[must_use]
    pub fn bearing(&self) -> PeriodReport {
        self.part(true)
    }

    /// What does not bear on the verdict, alone.
    #[must_use]
    pub fn aside(&self) -> PeriodReport {
        self.part(false)
    }

    fn part(&self, bears: bool) -> PeriodReport {
        let mut period = self.clone();
        let aside = std::mem::take(&mut period.irrelevant);
        period.state.retain(|name, _| aside.state.contains(name) != bears);
        period.choices.retain(|name, _| aside.choices.contains(name) != bears);
        period.env.retain(|name, _| aside.env.contains(name) != bears);
        period.draws.retain(|name, _| aside.draws.contains(name) != bears);
        period.rules.retain(|rule| aside.rules.contains(&rule.name) != bears);
        period.ticks.retain(|name| aside.ticks.contains(name) != bears);
        period
    }
}

impl TraceReport {
    /// The same, with everything said to bear.
    #[must_use]
    pub fn whole(&self) -> TraceReport {
        let mut trace = self.clone();
        trace.periods.iter_mut().for_each(|period| period.irrelevant = Irrelevant::default());
        trace
    }

    /// How many values, and how many firings and ticks, do not bear: of the states at the start and at
    /// the end, of what was chosen and drawn, and of what changes.
    pub fn left_out(&self) -> (usize, usize) {
        let all = || self.periods.iter().map(|period| &period.irrelevant);
        let drawn = |aside: &Irrelevant| aside.choices.len() + aside.env.len() + aside.draws.len();
        let fired = |aside: &Irrelevant| aside.rules.len() + aside.ticks.len();
        (self.cells_left_out() + all().map(drawn).sum::<usize>(), all().map(fired).sum())
    }

    fn cells_left_out(&self) -> usize {
        let at_first = self.periods.first().map(|period| &period.irrelevant.state);
        let mut names: BTreeSet<&String> = at_first.into_iter().flatten().collect();
        let mut count = names.len();
        for (n, period) in self.periods.iter().enumerate() {
            let next = self.periods.get(n + 1).or_else(|| self.periods.get(self.loop_start?));
            let Some(next) = next else { break };
            let changed = |name: &&String| next.state.get(*name) != period.state.get(*name);
            let changed: Vec<&String> = next.irrelevant.state.iter().filter(changed).collect();
            count += changed.len();
            names.extend(changed);
        }
        let at_last = self.periods.last().filter(|_| self.loop_start.is_none());
        let at_last = at_last.into_iter().flat_map(|period| &period.irrelevant.state);
        count + at_last.filter(|name| !names.contains(name)).count()
    }
}

/// What bears of the period after one. After the last of a loop nothing does if no firing in it does:
/// where the run shows its verdict before it repeats, it does not matter that it repeats.
pub fn after(
    periods: &[PeriodReport],
    n: usize,
    loop_start: Option<usize>,
) -> Option<PeriodReport> {
    let next = periods.get(n + 1).or_else(|| {
        let last = periods.get(n).filter(|last| !last.irrelevant.is_empty());
        let repeats = last.is_none_or(|last| !last.bearing().rules.is_empty());
        periods.get(loop_start?).filter(|_| repeats)
    });
    next.map(PeriodReport::bearing)
}
