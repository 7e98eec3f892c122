//! A property's monitor as numbers: each standing once, each progression remembered.

use indexmap::IndexSet;
use rustc_hash::FxHashMap;

use crate::interp::progress::formula::Truth;
use crate::interp::progress::{Monitor, Standing, Verdict3};

/// What comes of a period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moved {
    /// The property demands this from the next period on.
    To(u32),
    /// It is violated.
    Violated,
    /// It is satisfied whatever comes.
    Satisfied,
    /// This atom has no value, and it matters.
    Undefined(u32),
}

/// Truths of up to 128 atoms: which are true, and which are unknown.
pub type Mask = (u128, u128);

/// The monitor and all that is known of it.
pub struct Monitors {
    monitor: Monitor,
    standings: IndexSet<Standing>,
    moves: FxHashMap<(u32, Mask), Moved>,
    judged: FxHashMap<(u32, Mask), bool>,
    buffer: Vec<Truth>,
    /// Moves by standing and truths, where the atoms are few and all known.
    table: Vec<Option<Moved>>,
}

/// Most atoms of a property whose moves are kept in a table.
const FEW: usize = 10;

impl Monitors {
    /// Nothing known yet but the start, number 0.
    pub fn new(monitor: &Monitor) -> Monitors {
        let standings = IndexSet::from([monitor.start()]);
        Monitors {
            monitor: monitor.clone(),
            standings,
            moves: FxHashMap::default(),
            judged: FxHashMap::default(),
            buffer: Vec::new(),
            table: Vec::new(),
        }
    }

    /// Where a move stands in the table.
    #[inline]
    fn cell(&self, at: u32, truths: impl Iterator<Item = Truth>) -> Option<usize> {
        if self.monitor.atoms().len() > FEW {
            return None;
        }
        let mut cell = at as usize;
        for truth in truths {
            match truth {
                Truth::True => cell = cell << 1 | 1,
                Truth::False => cell <<= 1,
                Truth::Unknown => return None,
            }
        }
        Some(cell)
    }

    /// What comes of a period whose atoms have these truths.
    #[inline]
    pub fn step(&mut self, at: u32, truths: impl Iterator<Item = Truth> + Clone) -> Moved {
        let Some(cell) = self.cell(at, truths.clone()) else { return self.look_up(at, truths) };
        if let Some(Some(moved)) = self.table.get(cell) {
            return *moved;
        }
        let moved = self.look_up(at, truths);
        if self.table.len() <= cell {
            self.table.resize((cell + 1).next_power_of_two(), None);
        }
        if let Some(place) = self.table.get_mut(cell) {
            *place = Some(moved);
        }
        moved
    }

    fn standing(&self, n: u32) -> Standing {
        let found = self.standings.get_index(n as usize);
        found.cloned().unwrap_or_else(|| self.monitor.start())
    }

    fn look_up(&mut self, at: u32, truths: impl Iterator<Item = Truth> + Clone) -> Moved {
        let mask = mask(truths.clone());
        if let Some(mask) = mask
            && let Some(&moved) = self.moves.get(&(at, mask))
        {
            return moved;
        }
        self.buffer.clear();
        self.buffer.extend(truths);
        let standing = self.standing(at);
        let moved = match self.monitor.progress(&standing, &self.buffer) {
            Err(atom) => Moved::Undefined(atom),
            Ok(next) => match self.monitor.verdict(&next) {
                Verdict3::Violated => Moved::Violated,
                Verdict3::Satisfied => Moved::Satisfied,
                Verdict3::Open => {
                    let (n, _) = self.standings.insert_full(next);
                    Moved::To(u32::try_from(n).unwrap_or(u32::MAX))
                }
            },
        };
        if let Some(mask) = mask {
            self.moves.insert((at, mask), moved);
        }
        moved
    }

    /// Whether a state's own atoms already violate the property.
    pub fn violated(&mut self, at: u32, truths: impl Iterator<Item = Truth> + Clone) -> bool {
        let mask = mask(truths.clone());
        if let Some(mask) = mask
            && let Some(&violated) = self.judged.get(&(at, mask))
        {
            return violated;
        }
        self.buffer.clear();
        self.buffer.extend(truths);
        let standing = self.standing(at);
        let violated = self.monitor.judge(&standing, &self.buffer) == Verdict3::Violated;
        if let Some(mask) = mask {
            self.judged.insert((at, mask), violated);
        }
        violated
    }
}

fn mask(truths: impl Iterator<Item = Truth>) -> Option<Mask> {
    let mut mask = (0, 0);
    for (n, truth) in truths.enumerate() {
        let bit = 1u128.checked_shl(u32::try_from(n).ok()?)?;
        match truth {
            Truth::True => mask.0 |= bit,
            Truth::False => {}
            Truth::Unknown => mask.1 |= bit,
        }
    }
    Some(mask)
}
