//! A reform's verdicts beside those of the institution it varies.

use std::fmt::Write;

use comfy_table::{ContentArrangement, ContentLineStyle, LineStyle, Table, TableStyle};

use crate::report::outcome::{Entry, EntryKind, InstitutionReport, Report};

use super::entry::verdict_words;
use super::wrap::indented;

/// The table of verdicts side by side; empty for an institution that is no reform of one in the
/// report.
pub fn with_base(report: &Report, reform: &InstitutionReport, width: usize) -> String {
    let Some(base) = &reform.base else { return String::new() };
    let claims: Vec<(&Entry, &Entry)> = of(report, &reform.name)
        .filter_map(|entry| of(report, base).find(|other| other.id == entry.id).zip(Some(entry)))
        .collect();
    if claims.is_empty() {
        return String::new();
    }
    let mut table = Table::new();
    table.load_style(
        TableStyle::new()
            .header_lines(ContentLineStyle::none().junction('│'))
            .header_separator(LineStyle::none().fill('─').junction('┼'))
            .content_lines(ContentLineStyle::none().junction('│')),
    );
    table.set_content_arrangement(ContentArrangement::Dynamic);
    table.set_width(u16::try_from(width.saturating_sub(6)).unwrap_or(u16::MAX));
    table.set_header(["claim", base, &reform.name, ""]);
    for (before, after) in claims {
        let (old, new) = (verdict_words(before), verdict_words(after));
        let differs = if old == new { "" } else { "differs" };
        table.add_row([&after.id, &old, &new, differs]);
    }
    let mut out = String::from("\n      side by side:\n");
    let _ = writeln!(out, "{}", indented(&table.trim_fmt(), 6));
    out
}

/// The claims, scenarios and lemmas of an institution.
fn of<'a>(report: &'a Report, institution: &'a str) -> impl Iterator<Item = &'a Entry> {
    let here = move |entry: &&Entry| entry.institution == institution;
    report.entries.iter().filter(here).filter(|entry| entry.kind != EntryKind::Defect)
}
