//! Two runs that look the same to somebody, side by side, one row per period: what happened in each,
//! what the judge saw, and where they differ unseen.

use indexmap::IndexMap;
use serde_json::Value;

use super::{Column, blocks, chosen, drawn, fired, items, nature, seen, steps};
use crate::report::fold::{Item, fold};
use crate::report::outcome::PeriodReport;
use crate::report::values::words;

/// The table of a pair; `judges` are those who are to know.
pub fn pair(
    one: &[PeriodReport],
    other: &[PeriodReport],
    loop_start: Option<usize>,
    judges: &[String],
    width: usize,
) -> String {
    let rows = steps(one, loop_start);
    let numbers: Vec<String> = (0..rows).map(|i| i.to_string()).collect();
    let column = |heading: &str, cell: &dyn Fn(&PeriodReport, &PeriodReport) -> Vec<String>| {
        let pairs = one.iter().zip(other).take(rows);
        let cells = pairs.map(|(a, b)| cell(a, b)).collect();
        Column { heading: heading.to_owned(), cells }
    };
    let saw = match judges {
        [judge] => format!("{judge} saw"),
        _ => "seen".to_owned(),
    };
    let mut columns = vec![
        column(&saw, &|a, b| seen_by(a, b, judges)),
        column("the first run", &|a, b| happened(a, b)),
        column("the other run", &|a, b| happened(b, a)),
        column("differs unseen", &|a, b| unlike(&a.state, &b.state)),
    ];
    columns.retain(|column| !column.is_empty());
    let blocks: Vec<String> = blocks(&columns, width)
        .into_iter()
        .map(|block| drawn(&numbers, &block, width))
        .filter(|block| !block.is_empty())
        .collect();
    blocks.join("\n\n")
}

/// What was chosen and drawn in a run, and what fired in it but not in the other.
fn happened(period: &PeriodReport, other: &PeriodReport) -> Vec<String> {
    let mut lines = chosen(period);
    lines.extend(nature(period));
    let also = fired(other);
    lines.extend(fired(period).into_iter().filter(|line| !also.contains(line)));
    lines
}

/// What differs between two states: `evidence: 2 and 0`.
pub fn unlike(one: &IndexMap<String, Value>, other: &IndexMap<String, Value>) -> Vec<String> {
    let both = |(name, a): (&String, &Value)| {
        let b = other.get(name)?;
        (a != b).then(|| Item::new(name, format!(": {} and {}", words(a), words(b))))
    };
    fold(&one.iter().filter_map(both).collect::<Vec<_>>())
}

/// What the judges saw, if it was the same; otherwise it is too late to matter.
fn seen_by(one: &PeriodReport, other: &PeriodReport, judges: &[String]) -> Vec<String> {
    let views = |period: &PeriodReport| -> IndexMap<String, IndexMap<String, Value>> {
        let of = |judge: &String| Some((judge.clone(), period.seen.get(judge)?.clone()));
        judges.iter().filter_map(of).collect()
    };
    let (mine, yours) = (views(one), views(other));
    if mine != yours {
        return vec!["not the same".to_owned()];
    }
    match judges {
        [judge] => {
            let view = mine.get(judge).cloned().unwrap_or_default();
            fold(&items(&view).map(|(_, item)| item).collect::<Vec<_>>())
        }
        _ => seen(&PeriodReport { seen: mine, ..PeriodReport::default() }),
    }
}
