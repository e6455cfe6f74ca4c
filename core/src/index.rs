//! A hash index: from integer keys to slots of a slab that itself holds the keys.
//!
//! Layout: one array of entries of eight bytes, a power of two of them, as full as `map`'s, with linear probing and
//! deletion without tombstones. An entry is 32 bits of the key's hash and the slot plus one, so that zeros are a vacant
//! entry; only when those bits agree is the slab asked for the key, which the caller is about to read anyway.
//! It grows as `map` does: an array of twice the size takes over, and every insert carries a few entries across.
//! The hash is seeded as in `map`, and nothing walks over an index, so that the seed cannot show in any result. Lengths
//! and positions step without the overflow check, as there. Limit: 2^31 entries.

use crate::hint::hint;
use crate::map::{len_max, release, seed, Key, CARRIED};

/// The tag, and the slot plus one: zeros where there is none.
type Entry = (u32, u32);

const VACANT: Entry = (0, 0);

/// The index, one cache line. A slot is never `u32::MAX`.
pub struct Index {
    entries: Vec<Entry>,
    mask: usize,
    len: usize,
    len_max: usize,
    seed: u64,
    growth: Option<Box<Growth>>,
}

/// What there is while it grows: see `map`.
struct Growth {
    old: Vec<Entry>,
    spent: Vec<Entry>,
    carried: usize,
    carried_end: usize,
}

impl Default for Index {
    fn default() -> Self {
        Self { entries: vec![VACANT; 16], mask: 15, len: 0, len_max: len_max(16), seed: seed(), growth: None }
    }
}

#[inline(always)]
fn find(entries: &[Entry], mask: usize, tag: u32, holds: &impl Fn(u32) -> bool) -> Option<u32> {
    let mut at = tag as usize;
    loop {
        let entry = entries[at & mask];
        if entry.1 == 0 {
            return None;
        }
        if entry.0 == tag && holds(entry.1.wrapping_sub(1)) {
            return Some(entry.1.wrapping_sub(1));
        }
        at = at.wrapping_add(1);
    }
}

/// Return where the entry of a slot stands, or the vacant entry behind those of its tag.
#[inline(always)]
fn place_of(entries: &[Entry], mask: usize, tag: u32, slot: u32) -> usize {
    let mut at = tag as usize & mask;
    while entries[at].1 != slot.wrapping_add(1) && entries[at].1 != 0 {
        at = (at + 1) & mask;
    }
    at
}

/// Empty an entry that is taken, and close the gap.
#[inline(always)]
fn vacate(entries: &mut [Entry], mask: usize, mut hole: usize) {
    let mut at = hole;
    loop {
        at = (at + 1) & mask;
        let moved = entries[at];
        if moved.1 == 0 {
            break;
        }
        // An entry moves into the hole unless its home lies behind the hole.
        let home = moved.0 as usize & mask;
        if (at.wrapping_sub(home) & mask) >= (at.wrapping_sub(hole) & mask) {
            entries[hole] = moved;
            hole = at;
        }
    }
    entries[hole] = VACANT;
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
        while keys > self.len_max {
            self.grow();
        }
        self.carry_all();
    }

    #[inline(always)]
    fn tag(&self, key: u64) -> u32 {
        key.mix(self.seed) as u32
    }

    /// Hint that the key will be looked up soon, in the array before as well where there is one.
    #[inline(always)]
    pub fn hint(&self, key: u64) {
        let at = self.tag(key) as usize;
        hint(self.entries.get(at & self.mask));
        if let Some(growth) = &self.growth {
            hint(growth.old.get(at & growth.old.len().wrapping_sub(1)));
        }
    }

    /// Return the key's slot; `holds` says whether a slot holds the key.
    #[inline(always)]
    pub fn find(&self, key: u64, holds: impl Fn(u32) -> bool) -> Option<u32> {
        let tag = self.tag(key);
        match find(&self.entries, self.mask, tag, &holds) {
            None if self.growth.is_some() => self.find_old(tag, holds),
            found => found,
        }
    }

    #[cold]
    #[inline(never)]
    fn find_old(&self, tag: u32, holds: impl Fn(u32) -> bool) -> Option<u32> {
        let old = &self.growth.as_ref()?.old;
        if old.is_empty() {
            return None;
        }
        find(old, old.len() - 1, tag, &holds)
    }

    /// Return what is almost surely the key's slot, without asking the slab: for a cache hint.
    #[inline(always)]
    pub fn guess(&self, key: u64) -> Option<u32> {
        find(&self.entries, self.mask, self.tag(key), &|_| true)
    }

    /// Put a key in that is not there.
    #[inline(always)]
    pub fn insert(&mut self, key: u64, slot: u32) {
        if self.len >= self.len_max {
            self.grow();
        }
        if self.growth.is_some() {
            self.carry();
        }
        self.len = self.len.wrapping_add(1);
        self.place((self.tag(key), slot.wrapping_add(1)));
    }

    /// Take out a key that is there, with its slot.
    #[inline(always)]
    pub fn remove(&mut self, key: u64, slot: u32) {
        let tag = self.tag(key);
        let at = place_of(&self.entries, self.mask, tag, slot);
        if self.entries[at].1 != 0 {
            vacate(&mut self.entries, self.mask, at);
        } else {
            self.remove_old(tag, slot);
        }
        self.len = self.len.wrapping_sub(1);
    }

    #[cold]
    fn remove_old(&mut self, tag: u32, slot: u32) {
        let (old, at) = self.place_in_old(tag, slot);
        vacate(old, old.len() - 1, at);
    }

    /// Return the array before, and where the entry stands there, which is not in the new one.
    fn place_in_old(&mut self, tag: u32, slot: u32) -> (&mut [Entry], usize) {
        let old = self.growth.as_mut().map_or(&mut [][..], |growth| &mut growth.old[..]);
        assert!(!old.is_empty(), "the key must be in the index");
        let at = place_of(old, old.len() - 1, tag, slot);
        assert!(old[at].1 != 0, "the key must be in the index");
        (old, at)
    }

    /// Let a key that is there, with its slot, have another slot.
    pub fn replace(&mut self, key: u64, slot: u32, new_slot: u32) {
        let tag = self.tag(key);
        let at = place_of(&self.entries, self.mask, tag, slot);
        if self.entries[at].1 != 0 {
            self.entries[at].1 = new_slot.wrapping_add(1);
        } else {
            let (old, at) = self.place_in_old(tag, slot);
            old[at].1 = new_slot.wrapping_add(1);
        }
    }

    #[inline(always)]
    fn place(&mut self, entry: Entry) {
        let mut at = entry.0 as usize;
        while self.entries[at & self.mask].1 != 0 {
            at = at.wrapping_add(1);
        }
        self.entries[at & self.mask] = entry;
    }

    /// Double the array; what it held stays behind, to be carried across.
    #[cold]
    fn grow(&mut self) {
        self.carry_all();
        let size = self.entries.len() * 2;
        let old = std::mem::replace(&mut self.entries, vec![VACANT; size]);
        (self.mask, self.len_max) = (size - 1, len_max(size));
        // A cluster begins behind a vacant entry; there is one, as the array is never full.
        let carried = old.iter().position(|entry| entry.1 == 0).unwrap_or(0);
        let carried_end = carried + old.len();
        self.growth = Some(Box::new(Growth { old, spent: Vec::new(), carried, carried_end }));
    }

    fn carry_all(&mut self) {
        while self.growth.is_some() {
            self.carry();
        }
    }

    /// Carry clusters across until enough entries are done.
    #[cold]
    fn carry(&mut self) {
        let Some(mut growth) = self.growth.take() else { return };
        if self.carry_some(&mut growth) {
            self.growth = Some(growth);
        }
    }

    /// Return whether there is more to do.
    fn carry_some(&mut self, growth: &mut Growth) -> bool {
        if growth.old.is_empty() {
            return release(&mut growth.spent);
        }
        let (mask, enough) = (growth.old.len() - 1, growth.carried + CARRIED);
        while growth.carried < growth.carried_end {
            let later = growth.old[growth.carried.wrapping_add(CARRIED) & mask].0;
            hint(self.entries.get(later as usize & self.mask));
            let entry = std::mem::take(&mut growth.old[growth.carried & mask]);
            if entry.1 != 0 {
                self.place(entry);
            } else if growth.carried >= enough {
                return true;
            }
            growth.carried += 1;
        }
        growth.spent = std::mem::take(&mut growth.old);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashMap;

    #[test]
    fn index_agrees_with_a_hash_map_under_random_inserts_and_removes() {
        let (mut index, mut map, mut slab, mut x) = (Index::default(), HashMap::new(), Vec::new(), 5u64);
        for step in 0..400_000u64 {
            x = x.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let key = (x >> 33) % (10 + step / 8);
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
