//! A run as a table: one row per period, told as who chose what, what nature drew, which rules
//! fired, what changed, and who saw what.
//!
//! Only changes are told, so a reader follows causes and not a wall of numbers; the state at the
//! start and at the end stands above and below the table. Columns that no longer fit side by side
//! go into further blocks, each with the periods again.

use comfy_table::{ContentArrangement, ContentLineStyle, LineStyle, Table, TableStyle};
use indexmap::IndexMap;
use serde_json::Value;
use unicode_width::UnicodeWidthStr;

use crate::syntax::ast::RuleKind;

use super::fold::{Item, fold};
use super::irrelevant::after;
use super::outcome::{FiredRule, PeriodReport};
use super::text::wrap::paragraph;
use super::values::words;

pub mod pair;

/// Longer runs are cut in the middle.
const MOST_ROWS: usize = 60;
/// How many rows of a cut run come before the cut.
const ROWS_BEFORE_CUT: usize = 20;
/// The heading of the periods' own column.
const PERIOD: &str = "period";
/// How far the rest of a broken line stands in.
const HANG: usize = 2;
/// Names longer than this do not widen their column.
const LONGEST_NAME: usize = 44;
/// A column is never made narrower than this for the sake of its neighbours.
const NARROWEST: usize = 20;
/// The heading of what the posts saw.
const VIEWS: &str = "who saw";
/// What a column takes besides its contents: padding and the rule between columns.
const FRAME: usize = 3;

const STYLE: TableStyle = TableStyle::new()
    .header_lines(ContentLineStyle::none().junction('│'))
    .header_separator(LineStyle::none().fill('─').junction('┼'))
    .content_lines(ContentLineStyle::none().junction('│'))
    .row_separator(LineStyle::none().fill('╌').junction('┼'));

/// A column: its heading, and for each period the lines that stand in it.
struct Column {
    heading: String,
    cells: Vec<Vec<String>>,
}

impl Column {
    fn is_empty(&self) -> bool {
        self.cells.iter().all(Vec::is_empty)
    }

    /// The width at which no line of it wraps.
    fn width(&self) -> usize {
        let lines = self.cells.iter().flatten().map(|line| line.width());
        lines.chain([self.heading.width()]).max().unwrap_or(0)
    }

    /// The least width: no name is broken unless it is very long.
    fn least(&self) -> usize {
        let words = self.cells.iter().flatten().flat_map(|line| line.split(' '));
        let longest = words.map(|word| word.width() + HANG).max().unwrap_or(0).min(LONGEST_NAME);
        longest.max(NARROWEST).min(self.width())
    }

    /// The lines of a period's cell, broken to a width.
    fn cell(&self, row: usize, width: usize) -> String {
        let lines = self.cells.get(row).map(Vec::as_slice).unwrap_or_default();
        let broken = lines.iter().map(|line| paragraph(line, width, 0, HANG));
        broken.collect::<Vec<_>>().join("\n")
    }
}

/// The table of a run, each line no wider than `width` where names allow; empty for a run that is
/// a state and nothing else. `loop_start` is where the last period leads back to; `views` says
/// whether it matters what the posts saw.
pub fn periods(
    periods: &[PeriodReport],
    loop_start: Option<usize>,
    views: bool,
    width: usize,
) -> String {
    let steps = steps(periods, loop_start);
    let bearing: Vec<PeriodReport> = periods.iter().map(PeriodReport::bearing).collect();
    let numbers: Vec<String> = (0..steps).map(|i| i.to_string()).collect();
    let mut columns = columns(periods, &bearing, steps, loop_start);
    columns.retain(|column| !column.is_empty() && (views || column.heading != VIEWS));
    let blocks: Vec<String> = blocks(&columns, width)
        .into_iter()
        .map(|block| drawn(&numbers, &block, width))
        .filter(|block| !block.is_empty())
        .collect();
    blocks.join("\n\n")
}

/// How many periods have something happen in them: all but a last one that is a mere state.
pub(super) fn steps(periods: &[PeriodReport], loop_start: Option<usize>) -> usize {
    let ends_in_state =
        loop_start.is_none() && periods.last().is_some_and(PeriodReport::is_state_only);
    if ends_in_state { periods.len() - 1 } else { periods.len() }
}

/// The columns of what bears, of periods that are given whole as well.
fn columns(
    periods: &[PeriodReport],
    bearing: &[PeriodReport],
    steps: usize,
    loop_start: Option<usize>,
) -> Vec<Column> {
    let column = |heading: &str, cell: &dyn Fn(&PeriodReport) -> Vec<String>| Column {
        heading: heading.to_owned(),
        cells: bearing.iter().take(steps).map(cell).collect(),
    };
    let changed = (0..steps).map(|i| {
        let next = after(periods, i, loop_start);
        periods.get(i).zip(next).map(|(a, b)| changes(&a.state, &b.state)).unwrap_or_default()
    });
    vec![
        column("who chose", &chosen),
        column("nature", &nature),
        column("what fired", &fired),
        Column { heading: "what changed".to_owned(), cells: changed.collect() },
        column(VIEWS, &seen),
    ]
}

pub(super) fn chosen(period: &PeriodReport) -> Vec<String> {
    let owner = |name: &String| period.owners.get(name);
    fold(&items(&period.choices).map(|(name, item)| item.owned(owner(name))).collect::<Vec<_>>())
}

pub(super) fn nature(period: &PeriodReport) -> Vec<String> {
    fold(&items(&period.env).chain(items(&period.draws)).map(|(_, item)| item).collect::<Vec<_>>())
}

pub(super) fn fired(period: &PeriodReport) -> Vec<String> {
    let item = |rule: &FiredRule| {
        let kind = if rule.kind == RuleKind::Practice { "practice" } else { "rule" };
        let origin = rule.origin.as_ref().map(|origin| plain(origin)).filter(|origin| {
            let construct = origin.rsplit(' ').next().unwrap_or_default();
            !rule.name.starts_with(&format!("{construct}."))
        });
        let origin = origin.map(|origin| format!(" (of {origin})"));
        let ties = rule.ties.iter().map(|ties| format!(" (a tie: {ties})"));
        let said = origin.into_iter().chain(ties).collect::<String>();
        Item::new(&format!("{kind} {}", rule.name), said)
    };
    let ticks = period.ticks.iter().map(|tick| Item::new(&format!("tick {tick}"), String::new()));
    fold(&period.rules.iter().map(item).chain(ticks).collect::<Vec<_>>())
}

pub(super) fn seen(period: &PeriodReport) -> Vec<String> {
    let of_post = |(post, seen): (&String, &IndexMap<String, Value>)| {
        let items: Vec<Item> = items(seen).map(|(_, item)| item.owned(Some(post))).collect();
        fold(&items)
    };
    period.seen.iter().flat_map(of_post).collect()
}

/// ` = value` of every name.
fn items(values: &IndexMap<String, Value>) -> impl Iterator<Item = (&String, Item)> {
    values.iter().map(|(name, value)| (name, Item::new(name, format!(" = {}", words(value)))))
}

/// What differs between two states: `phase: idle → active`.
pub(super) fn changes(
    before: &IndexMap<String, Value>,
    after: &IndexMap<String, Value>,
) -> Vec<String> {
    let change = |(name, new): (&String, &Value)| {
        let old = before.get(name)?;
        (old != new).then(|| Item::new(name, format!(": {} → {}", words(old), words(new))))
    };
    fold(&after.iter().filter_map(change).collect::<Vec<_>>())
}

/// A state in one line, families folded.
pub fn state(state: &IndexMap<String, Value>) -> String {
    fold(&items(state).map(|(_, item)| item).collect::<Vec<_>>()).join(", ")
}

/// A phrase without the backticks of messages.
fn plain(text: &str) -> String {
    text.replace('`', "")
}

/// Columns side by side while none must break a name or become narrower than [`NARROWEST`].
fn blocks(columns: &[Column], width: usize) -> Vec<Vec<&Column>> {
    let mut blocks: Vec<Vec<&Column>> = Vec::new();
    let mut used = 0;
    for column in columns {
        let needs = column.least() + FRAME;
        match blocks.last_mut() {
            Some(block) if used + needs <= room(width) => {
                block.push(column);
                used += needs;
            }
            _ => {
                blocks.push(vec![column]);
                used = needs;
            }
        }
    }
    blocks
}

/// What is left for columns beside that of the periods.
fn room(width: usize) -> usize {
    width.saturating_sub(PERIOD.len() + FRAME)
}

/// The width of each column of a block: what it needs at least, and then what is left to those
/// that would like more.
fn widths(columns: &[&Column], width: usize) -> Vec<usize> {
    let mut widths: Vec<usize> = columns.iter().map(|column| column.least()).collect();
    let used: usize = widths.iter().map(|width| width + FRAME).sum();
    for _ in used..room(width) {
        let wish = |(at, width): (usize, &usize)| {
            Some((columns.get(at)?.width().checked_sub(*width)?, at)).filter(|(wish, _)| *wish > 0)
        };
        let Some((_, at)) = widths.iter().enumerate().filter_map(wish).max() else { break };
        if let Some(width) = widths.get_mut(at) {
            *width += 1;
        }
    }
    widths
}

fn drawn(numbers: &[String], columns: &[&Column], width: usize) -> String {
    let widths = widths(columns, width);
    let mut table = Table::new();
    table.load_style(style(columns, &widths));
    table.set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(
        [PERIOD].into_iter().chain(columns.iter().map(|column| column.heading.as_str())),
    );
    for (row, number) in numbers.iter().enumerate() {
        if let Some(count) = cut(row, numbers.len()) {
            table.add_row([format!("… {count} more")]);
        }
        if is_shown(row, numbers.len()) {
            let cells = columns.iter().zip(&widths).map(|(column, width)| column.cell(row, *width));
            table.add_row([number.clone()].into_iter().chain(cells));
        }
    }
    if columns.is_empty() { String::new() } else { table.trim_fmt() }
}

/// Rows are ruled off only where one of them takes several lines.
fn style(columns: &[&Column], widths: &[usize]) -> TableStyle {
    let is_tall = |(column, width): (&&Column, &usize)| {
        column.width() > *width || column.cells.iter().any(|lines| lines.len() > 1)
    };
    let tall = columns.iter().zip(widths).any(is_tall);
    if tall { STYLE } else { STYLE.row_separator(LineStyle::none()) }
}

/// Whether a row of a run of so many is told.
fn is_shown(row: usize, rows: usize) -> bool {
    rows <= MOST_ROWS || row < ROWS_BEFORE_CUT || row >= rows - (MOST_ROWS - ROWS_BEFORE_CUT)
}

/// At the row where the cut begins: how many rows are left out.
fn cut(row: usize, rows: usize) -> Option<usize> {
    (rows > MOST_ROWS && row == ROWS_BEFORE_CUT).then(|| rows - MOST_ROWS)
}
