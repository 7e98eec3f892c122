//! The kinds of defect that every model is searched for before any claim is judged.
//!
//! They are the obligations of the language reference, section 1. A step that has one is no step
//! of any run: both roads to the meaning leave it out and report it.

/// A kind of defect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DefectKind {
    /// No initial state.
    InitialState,
    /// A reachable state without a step.
    StuckPeriod,
    /// Two writes of different values to one cell.
    ContradictoryWrites,
    /// A write outside the cell's range.
    RangeOverrun,
    /// A quotient or remainder by zero.
    DivisionByZero,
    /// A number that is no member of the family it indexes.
    BadIndex,
    /// A cell whose value at the end of a period rests on itself.
    CyclicRead,
}

impl DefectKind {
    /// All kinds, in the order in which they are reported.
    pub const ALL: [DefectKind; 7] = [
        DefectKind::InitialState,
        DefectKind::StuckPeriod,
        DefectKind::ContradictoryWrites,
        DefectKind::RangeOverrun,
        DefectKind::DivisionByZero,
        DefectKind::BadIndex,
        DefectKind::CyclicRead,
    ];

    /// The stable name that outputs use.
    pub fn id(self) -> &'static str {
        match self {
            DefectKind::InitialState => "initial_state",
            DefectKind::StuckPeriod => "stuck_period",
            DefectKind::ContradictoryWrites => "contradictory_writes",
            DefectKind::RangeOverrun => "range_overrun",
            DefectKind::DivisionByZero => "division_by_zero",
            DefectKind::BadIndex => "bad_index",
            DefectKind::CyclicRead => "cyclic_read",
        }
    }

    /// The kind of that name.
    pub fn from_id(id: &str) -> Option<DefectKind> {
        DefectKind::ALL.into_iter().find(|kind| kind.id() == id)
    }

    /// What must be so for the obligation to hold, in one line.
    pub fn obligation(self) -> &'static str {
        match self {
            DefectKind::InitialState => "an initial state exists",
            DefectKind::StuckPeriod => "every reachable state has a step",
            DefectKind::ContradictoryWrites => {
                "two enabled rules never write different values to one cell"
            }
            DefectKind::RangeOverrun => "every write is in the range of its cell",
            DefectKind::DivisionByZero => "nothing is divided by zero",
            DefectKind::BadIndex => "every index names a member of its family",
            DefectKind::CyclicRead => "no cell's value at the end of a period rests on itself",
        }
    }

    /// What is wrong when it does not hold, in one line.
    pub fn description(self) -> &'static str {
        match self {
            DefectKind::InitialState => "no state satisfies the initial conditions",
            DefectKind::StuckPeriod => "a period can be reached in which nothing may be chosen",
            DefectKind::ContradictoryWrites => {
                "two enabled rules write different values to one cell"
            }
            DefectKind::RangeOverrun => "a write lies outside the range of its cell",
            DefectKind::DivisionByZero => "a number is divided by zero",
            DefectKind::BadIndex => "an index names no member of its family",
            DefectKind::CyclicRead => "a cell's value at the end of a period rests on itself",
        }
    }
}

impl std::fmt::Display for DefectKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.id())
    }
}
