//! The states met so far: packed, each with the one it was first reached from.
//!
//! States stand in the order in which they were met, which is also the queue of a breadth-first
//! search. An open-addressing table of 32 bits of hash and 32 bits of index finds them again.

/// States of `W` words.
pub struct Store<const W: usize> {
    keys: Vec<[u64; W]>,
    parents: Vec<u32>,
    table: Vec<u64>,
    mask: usize,
}

/// The parent of a first state.
pub const NONE: u32 = u32::MAX;

const EMPTY: u64 = u64::MAX;

impl<const W: usize> Default for Store<W> {
    fn default() -> Store<W> {
        let size = 1 << 12;
        Store { keys: Vec::new(), parents: Vec::new(), table: vec![EMPTY; size], mask: size - 1 }
    }
}

impl<const W: usize> Store<W> {
    /// How many states.
    pub(super) fn len(&self) -> usize {
        self.keys.len()
    }

    /// Bytes in use.
    pub fn bytes(&self) -> usize {
        self.keys.capacity() * (8 * W) + self.parents.capacity() * 4 + self.table.capacity() * 8
    }

    /// A state.
    pub fn key(&self, at: u32) -> Option<[u64; W]> {
        self.keys.get(at as usize).copied()
    }

    /// The state it was first reached from.
    pub fn parent(&self, at: u32) -> Option<u32> {
        self.parents.get(at as usize).copied().filter(|parent| *parent != NONE)
    }

    /// Adds a state unless it is there; whether it was added.
    #[inline]
    pub fn add(&mut self, key: [u64; W], parent: u32) -> bool {
        let hash = hash(&key);
        let mut at = hash as usize & self.mask;
        loop {
            let entry = self.table.get(at).copied().unwrap_or(EMPTY);
            if entry == EMPTY {
                break;
            }
            let found = (entry >> 32) == (hash >> 32);
            if found && self.keys.get((entry & 0xffff_ffff) as usize) == Some(&key) {
                return false;
            }
            at = (at + 1) & self.mask;
        }
        if let Some(place) = self.table.get_mut(at) {
            *place = (hash & 0xffff_ffff_0000_0000) | self.keys.len() as u64;
        }
        self.keys.push(key);
        self.parents.push(parent);
        if self.keys.len() * 2 > self.table.len() {
            self.grow();
        }
        true
    }

    fn grow(&mut self) {
        let size = self.table.len() * 2;
        self.mask = size - 1;
        self.table = vec![EMPTY; size];
        for (n, key) in (0u64..).zip(&self.keys) {
            let hash = hash(key);
            let mut at = hash as usize & self.mask;
            while self.table.get(at).is_some_and(|entry| *entry != EMPTY) {
                at = (at + 1) & self.mask;
            }
            if let Some(place) = self.table.get_mut(at) {
                *place = (hash & 0xffff_ffff_0000_0000) | n;
            }
        }
    }
}

/// Folded multiplication, word by word.
#[inline]
fn hash<const W: usize>(key: &[u64; W]) -> u64 {
    let mut hash = 0x243f_6a88_85a3_08d3u64;
    for word in key {
        let product = u128::from(hash ^ word) * u128::from(0x9e37_79b9_7f4a_7c15u64);
        hash = ((product as u64) ^ ((product >> 64) as u64)).wrapping_add(0x1319_8a2e_0370_7344);
    }
    hash ^ (hash >> 29)
}
