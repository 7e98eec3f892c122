//! A sweep as plain data, for a picture: which verdict where, and the boundary between them.
//!
//! Nothing here refers back to the sweep, so that pages can be made from it as from the rest of the
//! report. Panels that have the same verdicts are told once, with how many there are.

/// A claim over a grid of parameters.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Phase {
    /// The institution.
    pub institution: String,
    /// The claim.
    pub claim: String,
    /// The swept parameters.
    pub over: Vec<String>,
    /// What the other parameters were set to, in words.
    pub set: String,
    /// Two parameters at a time, the others having one value each.
    pub panels: Vec<Panel>,
    /// How many cells came to what, as words.
    pub counts: String,
    /// The smallest formula that separates proved from refuted cells.
    pub boundary: Option<String>,
    /// How many cells beyond the grid it was checked on.
    pub checked_outside: usize,
    /// Where the spec expects a proof, in its own words.
    pub expected: Option<String>,
    /// Whether the verdicts are the expected ones, if that is known of the whole grid.
    pub matches: Option<bool>,
    /// All cells were come to, so that a formula was looked for.
    pub whole: bool,
    /// How many cells have no verdict, and so no say.
    pub open: usize,
    /// The maps in letters, as `yamen sweep` prints them.
    pub map: String,
    /// All cells as comma-separated values.
    pub csv: String,
}

/// Verdicts over two parameters, or one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Panel {
    /// The others that have one value here, with it.
    pub fixed: Vec<(String, String)>,
    /// How many settings of the others have these verdicts.
    pub settings: usize,
    /// The parameter that runs downwards, with its values.
    pub rows: (String, Vec<String>),
    /// The parameter that runs across, unless there is only one.
    pub columns: Option<(String, Vec<String>)>,
    /// Row by row; nothing where a cell is left out or missing.
    pub squares: Vec<Vec<Option<Square>>>,
}

/// A cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Square {
    /// What it came to.
    pub look: Look,
    /// The verdict is another than the expected one.
    pub odd: bool,
}

/// What a cell came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Look {
    /// The claim holds.
    Proved,
    /// It holds, but its premise cannot occur.
    Vacuous,
    /// It does not hold.
    Refuted,
    /// It was not decided.
    Unknown,
    /// The spec cannot be checked there.
    Error,
}

impl Look {
    /// All of them.
    pub const ALL: [Look; 5] =
        [Look::Proved, Look::Vacuous, Look::Refuted, Look::Unknown, Look::Error];

    /// In words.
    pub fn words(self) -> &'static str {
        match self {
            Look::Proved => "proved",
            Look::Vacuous => "proved, but vacuous",
            Look::Refuted => "refuted",
            Look::Unknown => "not decided",
            Look::Error => "cannot be checked",
        }
    }

    /// On which side of the boundary it is, if on either.
    pub fn side(self) -> Option<bool> {
        match self {
            Look::Proved | Look::Vacuous => Some(true),
            Look::Refuted => Some(false),
            Look::Unknown | Look::Error => None,
        }
    }
}
