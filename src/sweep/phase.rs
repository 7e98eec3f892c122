//! A sweep as the plain data that pictures of reports are made from.

use serde_json::Value as Json;

use super::map::{self, counts, maps, panels};
use super::outcome::{Cell, CellVerdict, Sweep};
use crate::report::phase::{Look, Panel, Phase, Square};
use crate::report::values::words;

/// What there is to draw of a sweep.
pub fn phase(sweep: &Sweep) -> Phase {
    let head = &sweep.head;
    let set = head.set.iter().map(|(name, value)| format!("{name} = {value}"));
    Phase {
        institution: head.institution.clone(),
        claim: head.claim.clone(),
        over: head.over.keys().cloned().collect(),
        set: set.collect::<Vec<_>>().join(", "),
        panels: grouped(panels(sweep).iter().map(panel)),
        counts: counts(sweep),
        boundary: sweep.boundary.clone(),
        checked_outside: sweep.checked_outside,
        expected: head.expected.clone(),
        matches: sweep.matches.filter(|right| *right || sweep.cells.iter().any(is_odd)),
        whole: sweep.summary.missing == 0 && head.shard.is_none(),
        open: sweep.summary.unknown + sweep.summary.errors,
        map: maps(sweep),
        csv: sweep.csv(),
    }
}

fn panel(panel: &map::Panel<'_>) -> Panel {
    let all = |values: &[Json]| values.iter().map(words).collect::<Vec<String>>();
    let fixed = panel.fixed.iter().map(|(name, value)| ((*name).to_owned(), words(value)));
    Panel {
        fixed: fixed.collect(),
        settings: 1,
        rows: (panel.rows.0.to_owned(), all(panel.rows.1)),
        columns: panel.columns.map(|(name, values)| (name.to_owned(), all(values))),
        squares: panel
            .cells
            .iter()
            .map(|row| row.iter().map(|c| c.map(square)).collect())
            .collect(),
    }
}

fn square(cell: &Cell) -> Square {
    let look = match cell.verdict {
        CellVerdict::Proved if cell.vacuous => Look::Vacuous,
        CellVerdict::Proved => Look::Proved,
        CellVerdict::Refuted => Look::Refuted,
        CellVerdict::Unknown => Look::Unknown,
        CellVerdict::Error => Look::Error,
    };
    Square { look, odd: is_odd(cell) }
}

/// Decided, and otherwise than expected.
fn is_odd(cell: &Cell) -> bool {
    cell.is_decided() && cell.as_expected == Some(false)
}

/// Panels with the same verdicts told once, where the first of them stood, with what they have in common.
fn grouped(panels: impl Iterator<Item = Panel>) -> Vec<Panel> {
    let mut kept: Vec<Panel> = Vec::new();
    for panel in panels {
        match kept.iter_mut().find(|known| known.squares == panel.squares) {
            Some(known) => {
                known.settings += 1;
                known.fixed.retain(|one| panel.fixed.contains(one));
            }
            None => kept.push(panel),
        }
    }
    kept
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
mod tests {
    use super::super::grid::Params;
    use super::super::outcome::Head;
    use super::*;

    fn cell(a: i64, b: bool, verdict: CellVerdict) -> Cell {
        let params: Params = [("a".to_owned(), Json::from(a)), ("b".to_owned(), Json::from(b))]
            .into_iter()
            .collect();
        Cell {
            params,
            verdict,
            vacuous: a == 0,
            expected: None,
            as_expected: Some(a != 1),
            smallest: None,
            reason: None,
            evidence_failed: false,
            seconds: None,
        }
    }

    #[test]
    fn verdicts_become_squares_and_the_boundary_comes_along() {
        let head: Head = serde_json::from_value(serde_json::json!({
            "schema": "yamen.sweep/1", "yamen": "0", "solver": "z3", "seed": 0, "timeout": 1.0,
            "certified": false, "file": "a.yamen", "hash": "0", "institution": "i", "claim": "c",
            "title": null, "over": {"a": [0, 1, 2], "b": [false, true]}, "set": {"p": "1"}, "size": 6,
            "left_out": 0, "beyond": 0, "expected": "a < 2", "shard": null
        }))
        .unwrap();
        let verdict = |a: i64| if a < 2 { CellVerdict::Proved } else { CellVerdict::Refuted };
        let cells = (0..3).flat_map(|a| [false, true].map(|b| cell(a, b, verdict(a))));
        let phase = phase(&Sweep::conclude(head, cells));
        let looks: Vec<Look> = phase.panels[0].squares.iter().map(|r| r[0].unwrap().look).collect();
        assert_eq!(looks, [Look::Vacuous, Look::Proved, Look::Refuted]);
        assert!(phase.panels[0].squares[1][0].unwrap().odd);
        assert_eq!(phase.boundary.as_deref(), Some("a <= 1"));
        assert_eq!((phase.set.as_str(), phase.matches), ("p = 1", Some(false)));
        assert_eq!(phase.csv.lines().count(), 7);
    }
}
