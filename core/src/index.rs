//! A hash index: from integer keys to slots of a slab that itself holds the keys.
//!
//! Layout: one array of entries of eight bytes, a power of two of them, at most 5/8 full, with linear probing and
//! deletion without tombstones. An entry is 32 bits of the key's hash and the slot; only when those bits agree is the
//! slab asked for the key, which the caller is about to read anyway.
//! The hash is seeded as in `map`, and nothing walks over an index, so that the seed cannot show in any result. Lengths
//! and positions step without the overflow check, as there. Limit: 2^31 entries.

use crate::map::{seed, Key};

const EMPTY: u32 = u32::MAX;

#[derive(Clone, Copy)]
pub struct Entry {
    tag: u32,
    slot: u32,
}

const VACANT: Entry = Entry { tag: 0, slot: EMPTY };

/// The index. A slot is never `u32::MAX`.
pub struct Index {
    entries: Vec<Entry>,
    mask: usize,
    len: usize,
    seed: u64,
}

impl Default for Index {
    fn default() -> Self {
        Self { entries: vec![VACANT; 16], mask: 15, len: 0, seed: seed() }
    }
}

impl Index {
    /// Return the number of keys.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Return whether there is no key.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Make room for this many keys.
    pub fn reserve(&mut self, keys: usize) {
        while keys * 8 > self.entries.len() * 5 {
            self.grow();
        }
    }

    #[inline(always)]
    fn tag(&self, key: u64) -> u32 {
        key.mix(self.seed) as u32
    }

    /// Return the entry where a look-up of the key begins, for a cache hint.
    #[inline(always)]
    pub fn first_entry(&self, key: u64) -> Option<&Entry> {
        self.entries.get(self.tag(key) as usize & self.mask)
    }

    /// Return the key's slot; `holds` says whether a slot holds the key.
    #[inline(always)]
    pub fn find(&self, key: u64, holds: impl Fn(u32) -> bool) -> Option<u32> {
        let tag = self.tag(key);
        let mut at = tag as usize;
        loop {
            let entry = self.entries[at & self.mask];
            if entry.slot == EMPTY {
                return None;
            }
            if entry.tag == tag && holds(entry.slot) {
                return Some(entry.slot);
            }
            at = at.wrapping_add(1);
        }
    }

    /// Return what is almost surely the key's slot, without asking the slab: for a cache hint.
    #[inline(always)]
    pub fn guess(&self, key: u64) -> Option<u32> {
        self.find(key, |_| true)
    }

    /// Put a key in that is not there.
    #[inline(always)]
    pub fn insert(&mut self, key: u64, slot: u32) {
        if self.len.wrapping_add(1).wrapping_mul(8) > self.entries.len().wrapping_mul(5) {
            self.grow();
        }
        self.len = self.len.wrapping_add(1);
        self.place(Entry { tag: self.tag(key), slot });
    }

    /// Take out a key that is there, with its slot.
    #[inline(always)]
    pub fn remove(&mut self, key: u64, slot: u32) {
        let mut hole = self.tag(key) as usize & self.mask;
        while self.entries[hole].slot != slot {
            assert!(self.entries[hole].slot != EMPTY, "a key to remove must be in the index");
            hole = (hole + 1) & self.mask;
        }
        let mut at = hole;
        loop {
            at = (at + 1) & self.mask;
            let moved = self.entries[at];
            if moved.slot == EMPTY {
                break;
            }
            // An entry moves into the hole unless its home lies behind the hole.
            let home = moved.tag as usize & self.mask;
            if (at.wrapping_sub(home) & self.mask) >= (at.wrapping_sub(hole) & self.mask) {
                self.entries[hole] = moved;
                hole = at;
            }
        }
        self.entries[hole] = VACANT;
        self.len = self.len.wrapping_sub(1);
    }

    #[inline(always)]
    fn place(&mut self, entry: Entry) {
        let mut at = entry.tag as usize & self.mask;
        while self.entries[at & self.mask].slot != EMPTY {
            at = at.wrapping_add(1);
        }
        self.entries[at & self.mask] = entry;
    }

    #[cold]
    fn grow(&mut self) {
        let size = self.entries.len() * 2;
        let old = std::mem::replace(&mut self.entries, vec![VACANT; size]);
        self.mask = size - 1;
        for entry in old {
            if entry.slot != EMPTY {
                self.place(entry);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashMap;

    #[test]
    fn index_agrees_with_a_hash_map_under_random_inserts_and_removes() {
        let (mut index, mut map, mut slab, mut x) = (Index::default(), HashMap::new(), Vec::new(), 5u64);
        for _ in 0..200_000u32 {
            x = x.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let key = (x >> 33) % 5_000;
            let found = index.find(key, |slot| slab[slot as usize] == key);
            assert_eq!(found, map.get(&key).copied());
            match found {
                Some(slot) => {
                    index.remove(key, slot);
                    map.remove(&key);
                }
                None => {
                    slab.push(key);
                    index.insert(key, slab.len() as u32 - 1);
                    map.insert(key, slab.len() as u32 - 1);
                }
            }
            assert_eq!(index.len(), map.len());
        }
    }
}
