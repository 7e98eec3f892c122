//! `yamen sweep --regions`: whole ranges of parameters at once.

use std::sync::atomic::Ordering;

use super::exit::Exit;
use super::sweep::Format;
use super::{Failure, guard};
use crate::report::diagnostics::Trouble;
use crate::sweep::decide::Question;
use crate::sweep::divide::Division;
use crate::sweep::grid::{Grid, Over};
use crate::sweep::outcome::Head;
use crate::sweep::regions::{Regions, SCHEMA};
use crate::types::core::{Claim, ExprKind, Property};

/// Whether regions can be asked for.
pub(super) fn divisible(format: Format, claim: Option<&Claim>) -> Result<(), Failure> {
    if matches!(format, Format::Csv | Format::Svg) {
        let trouble = Trouble::new("format", "regions are written as text or JSON");
        return Err(Failure::usage(trouble.help("leave out `--regions` for a map of the cells")));
    }
    let of_one_value = |claim: &Claim| {
        matches!(
            &*claim.property.kind,
            ExprKind::Property(
                Property::Smallest(..) | Property::Consistent(_) | Property::Inconsistent(_)
            )
        )
    };
    if claim.is_some_and(of_one_value) {
        let words = "regions are of claims that hold or do not hold at given parameters; this one seeks values";
        let trouble = Trouble::new("regions", words);
        return Err(Failure::usage(
            trouble.help("leave out `--regions`, or write the bound as a parameter"),
        ));
    }
    Ok(())
}

pub(super) fn divided(
    (over, workers): (&[Over], usize),
    head: Head,
    grid: &Grid,
    question: &Question<'_>,
) -> Regions {
    let cancel = guard::interruptible();
    let cancelled = || cancel.load(Ordering::SeqCst);
    let head = Head { schema: SCHEMA.to_owned(), ..head };
    Division { question, grid, over, workers, cancel: &cancelled }.run(head)
}

/// The regions as text or JSON, and how the sweep ends.
pub(super) fn told(regions: &Regions, format: Format) -> (String, Exit) {
    let text = if format == Format::Json { regions.json() } else { regions.text() };
    let exit = match regions.matches {
        Some(false) => Exit::NotAsExpected,
        _ if regions.is_complete() => Exit::AsExpected,
        _ => Exit::Unknown,
    };
    (text, exit)
}
