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
    pending: Vec<Pending<W>>,
}

/// A state that is to be added.
#[derive(Clone, Copy)]
struct Pending<const W: usize> {
    key: [u64; W],
    hash: u64,
    parent: u32,
}

/// States that are added together. The table is larger than any cache, so first all their places
/// are looked at, which the processor does at once, and only then one after the other.
const BATCH: usize = 64;

/// The parent of a first state.
pub const NONE: u32 = u32::MAX;

const EMPTY: u64 = u64::MAX;

impl<const W: usize> Default for Store<W> {
    fn default() -> Store<W> {
        let size = 1 << 12;
        Store {
            keys: Vec::new(),
            parents: Vec::new(),
            table: vec![EMPTY; size],
            mask: size - 1,
            pending: Vec::with_capacity(BATCH),
        }
    }
}

impl<const W: usize> Store<W> {
    /// How many states.
    pub fn size(&self) -> usize {
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

    /// Notes a state, to be added unless it is there; whether it is time to [`Store::settle`].
    #[inline]
    pub fn note(&mut self, key: [u64; W], parent: u32) -> bool {
        self.pending.push(Pending { key, hash: hash(&key), parent });
        self.pending.len() >= BATCH
    }

    /// Adds all states noted, in that order.
    pub fn settle(&mut self) {
        let mut touched = 0;
        for pending in &self.pending {
            let entry = self.table.get(pending.hash as usize & self.mask).copied();
            touched ^= entry.unwrap_or(EMPTY);
        }
        for pending in &self.pending {
            let entry = self.table.get(pending.hash as usize & self.mask).copied();
            let n = (entry.unwrap_or(EMPTY) & 0xffff_ffff) as usize;
            touched ^= self.keys.get(n).and_then(|key| key.first().copied()).unwrap_or(0);
        }
        std::hint::black_box(touched);
        let mut pending = std::mem::take(&mut self.pending);
        for Pending { key, hash, parent } in pending.drain(..) {
            self.add(key, hash, parent);
        }
        self.pending = pending;
    }

    #[inline]
    fn add(&mut self, key: [u64; W], hash: u64, parent: u32) {
        let mut at = hash as usize & self.mask;
        loop {
            let entry = self.table.get(at).copied().unwrap_or(EMPTY);
            if entry == EMPTY {
                break;
            }
            let found = (entry >> 32) == (hash >> 32);
            if found && self.keys.get((entry & 0xffff_ffff) as usize) == Some(&key) {
                return;
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
