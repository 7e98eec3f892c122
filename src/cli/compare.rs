//! `yamen compare`: institutions and their reforms side by side.

use std::path::PathBuf;

use super::Failure;
use super::console::{self, Sink};
use super::exit::Exit;
use super::specs::Specs;
use super::verify::Question;
use crate::report::comparison::{comparisons, json, text};
use crate::syntax::ast::{Decl, Expected};

/// Arguments of `compare`.
#[derive(Clone, Debug, clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    question: Question,
    /// What to print.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// Write it to a file instead of standard output.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Do not work out what each proof needs.
    #[arg(long)]
    no_needs: bool,
}

/// What a comparison is printed as.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// Tables for people.
    #[default]
    Text,
    /// One JSON object; its schema is schema/yamen.compare.v1.schema.json.
    Json,
}

/// Verifies, and compares.
///
/// # Errors
/// Nothing could be verified, or the table cannot be written.
pub fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let mut sink = Sink::open(arguments.out.as_deref())?;
    let (report, specs) = arguments.question.decided(!arguments.no_needs)?;
    let compared = comparisons(&report, &|institution, claim| boundary(&specs, institution, claim));
    sink.write(&match arguments.format {
        Format::Text => text(&compared, console::width()),
        Format::Json => json(&compared) + "\n",
    })?;
    Ok(Exit::of(&report))
}

/// Where a verdict is expected, in the words of the spec: `proved when notice < shelf`.
fn boundary(specs: &Specs, institution: &str, claim: &str) -> Option<String> {
    let core = specs.institutions.iter().find(|core| core.name.text == institution)?;
    let expect = core.items.iter().find_map(|item| match &item.decl {
        Decl::Claim(one) | Decl::Scenario(one) | Decl::Lemma(one) if one.name.text == claim => {
            one.expect.as_ref()
        }
        _ => None,
    })?;
    let verdict = match expect.verdict {
        Expected::Proved => "proved",
        Expected::Refuted => "refuted",
        Expected::Vacuous => "vacuous",
    };
    let when = specs.sources.text(expect.when.as_ref()?.span);
    Some(format!("{verdict} when {}", when.split_whitespace().collect::<Vec<_>>().join(" ")))
}
