//! Two calendars that meet in time.
//!
//! A place on a calendar of some period is looked at again and again, a gap apart; the condition is that
//! wherever one begins, it is found below a bound within so many looks. When that is so has no shorter
//! form: the longest wait for an interval under a rotation depends on the continued fraction of gap and
//! period (the three-gap theorem; Slater, *Proc. Cambridge Phil. Soc.* 63, 1967). So the condition is
//! spelled out.
//!
//! Trusts nothing: it is evaluated by its definition.

use super::Point;
use super::terms::Terms;

/// Periods up to this number are looked at.
const MOST_PERIOD: i64 = 1000;

/// Which calendars, and how often they are looked at.
#[derive(Clone, Copy, Debug)]
pub struct Beats {
    /// The period, a parameter.
    pub period: usize,
    /// From one look to the next, a parameter.
    pub gap: usize,
    /// How many looks there are, a term.
    pub looks: usize,
    /// Below what the place is to be found, a term.
    pub bound: usize,
    /// Whether they do meet, or do not.
    pub meet: bool,
}

impl Beats {
    /// Whether it holds at a point; `None` where it has no value.
    pub fn holds(&self, points: &[Point], terms: &Terms) -> Option<bool> {
        let whole = |n: usize| {
            let number = points.get(n)?.number()?;
            number.is_integer().then(|| number.to_integer())
        };
        let (period, gap) = (whole(self.period)?, whole(self.gap)?);
        let (looks, bound) = (terms.value(self.looks, points)?, terms.value(self.bound, points)?);
        let sound = terms.are_whole() && (1..=MOST_PERIOD).contains(&period) && gap >= 0;
        (sound && looks >= 1).then(|| meets(period, gap, looks, bound) == self.meet)
    }

    /// In the language of specs.
    pub fn text(&self, names: &[String], terms: &Terms) -> String {
        let name = |n: usize| names.get(n).map(String::as_str).unwrap_or_default();
        let (period, gap) = (name(self.period), name(self.gap));
        let (looks, bound) = (terms.text(self.looks, names), terms.text(self.bound, names));
        let fresh = |choices: [&'static str; 3]| {
            choices.into_iter().find(|one| names.iter().all(|name| name != one)).unwrap_or("x_")
        };
        let (a, j) = (fresh(["a", "start", "place"]), fresh(["j", "look", "turn"]));
        let (every, any, sign) =
            if self.meet { ("all", "some", "<") } else { ("some", "all", ">=") };
        format!(
            "({every} {a} in 0..{period} - 1 : {any} {j} in 0..{looks} - 1 : \
             ({a} + {j} * {gap}) mod {period} {sign} {bound})"
        )
    }
}

/// Whether, wherever one begins, the place is below the bound at one of the looks.
fn meets(period: i64, gap: i64, looks: i64, bound: i64) -> bool {
    let found = |start: i64| {
        // After as many looks as the period is long they repeat.
        (0..looks.min(period)).any(|look| (start + look * (gap % period)) % period < bound)
    };
    (0..period).all(found)
}
