//! A hash map from small integer keys to small values: open addressing, linear probing, deletion without tombstones.
//!
//! Layout: one array of (key, value) slots, a power of two of them, at most 5/8 full and small ones 3/8; the zero key
//! marks an empty slot and is not a key. Cost: one cache line for most look-ups.
//!
//! Growth: the array of twice the size takes over at once, and every insert after that carries a few slots across from
//! the one before, whole clusters at a time (no look-up passes an empty slot, so what stays behind is still found).
//! What is not found in the new array is looked for in the old one, until that is empty. The new array starts as zero
//! pages, so that no single insert pays for its size.
//!
//! The hash is seeded anew in every process, so that whoever chooses keys (prices, client order numbers) cannot make
//! them collide; nothing walks over a map, so that the seed cannot show in any result. Lengths and positions stay far
//! under 2^64, so they step without the overflow check that guards money.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;

use crate::hint::hint;

/// A key: an unsigned integer that is never zero, or a pair that begins with one.
pub trait Key: Copy + Eq + Default {
    /// Return whether this is the default, which marks an empty slot.
    fn is_none(self) -> bool;
    /// Return a well-mixed hash.
    fn mix(self, seed: u64) -> u64;
}

#[inline(always)]
fn fold(a: u64, b: u64) -> u64 {
    let product = a as u128 * b as u128;
    product as u64 ^ (product >> 64) as u64
}

impl Key for u64 {
    #[inline(always)]
    fn is_none(self) -> bool {
        self == 0
    }

    #[inline(always)]
    fn mix(self, seed: u64) -> u64 {
        fold(self ^ seed, 0x9E37_79B9_7F4A_7C15)
    }
}

impl Key for (u64, u32) {
    #[inline(always)]
    fn is_none(self) -> bool {
        self.0 == 0
    }

    #[inline(always)]
    fn mix(self, seed: u64) -> u64 {
        fold(self.0 ^ seed, 0x9E37_79B9_7F4A_7C15 ^ (self.1 as u64) << 1)
    }
}

impl Key for [u8; 32] {
    #[inline(always)]
    fn is_none(self) -> bool {
        self == [0; 32]
    }
    #[inline(always)]
    fn mix(self, seed: u64) -> u64 {
        let (words, _) = self.as_chunks::<8>();
        words.iter().fold(seed, |mixed, word| fold(u64::from_le_bytes(*word) ^ mixed, 0x9E37_79B9_7F4A_7C15))
    }
}

/// Return a seed that nobody who chooses keys can know.
pub fn seed() -> u64 {
    RandomState::new().hash_one(0u8)
}

/// Slots that an insert carries across at least, while there is an array before: it is empty long before the next growth.
pub const CARRIED: usize = 8;

/// Slots behind the first of a look-up that a hint reaches, too.
const PROBES: usize = 2;

/// Slots up to which an array is kept emptier: room is cheap there, and long probes are guessed wrong.
const SMALL: usize = 1 << 15;

/// Return how many keys an array of this many slots may hold before it grows.
pub const fn len_max(slots: usize) -> usize {
    if slots <= SMALL {
        slots / 8 * 3
    } else {
        slots / 8 * 5
    }
}

/// Bytes that an insert gives back at most (or twice as many at the end): freeing 50 MB at once takes 4 ms.
const RELEASED: usize = 2 << 20;

/// The map. While it grows: `old` is the array before, of which `carried` up to `carried_end` is to come (modulo its
/// length), then `spent` what is left of it to give back.
pub struct Map<K, V> {
    slots: Vec<(K, V)>,
    mask: usize,
    len: usize,
    len_max: usize,
    seed: u64,
    growing: bool,
    old: Vec<(K, V)>,
    spent: Vec<(K, V)>,
    carried: usize,
    carried_end: usize,
}

impl<K: Key, V: Copy + Default> Default for Map<K, V> {
    fn default() -> Self {
        let slots = vec![(K::default(), V::default()); 16];
        Self {
            slots,
            mask: 15,
            len: 0,
            len_max: len_max(16),
            seed: seed(),
            growing: false,
            old: Vec::new(),
            spent: Vec::new(),
            carried: 0,
            carried_end: 0,
        }
    }
}

/// Hint at the line in which a look-up begins, and at the one in which most end.
#[inline(always)]
fn hint_pair<T>(slots: &[T], at: usize) {
    hint(slots.get(at));
    hint(slots.get(at + PROBES));
}

/// Return the slot of the key, or the empty slot where it would go.
#[inline(always)]
fn probe<K: Key, V>(slots: &[(K, V)], mask: usize, seed: u64, key: K) -> usize {
    let mut at = key.mix(seed) as usize & mask;
    loop {
        let found = slots[at & mask].0;
        if found == key || found.is_none() {
            return at & mask;
        }
        at = at.wrapping_add(1);
    }
}

/// Give back a part of an array that nothing needs any more; return whether there is a rest.
pub fn release<T: Copy>(spent: &mut Vec<T>) -> bool {
    let part = RELEASED / size_of::<T>();
    if spent.len() <= 2 * part {
        *spent = Vec::new();
        return false;
    }
    spent.truncate(spent.len() - part);
    spent.shrink_to_fit();
    true
}

/// Empty a slot that is taken, and close the gap.
#[inline(always)]
fn vacate<K: Key, V: Copy + Default>(slots: &mut [(K, V)], mask: usize, seed: u64, mut hole: usize) {
    let mut at = hole;
    loop {
        at = (at + 1) & mask;
        let moved = slots[at].0;
        if moved.is_none() {
            break;
        }
        // An entry moves into the hole unless its home lies behind the hole.
        let home = moved.mix(seed) as usize & mask;
        if (at.wrapping_sub(home) & mask) >= (at.wrapping_sub(hole) & mask) {
            slots[hole] = slots[at];
            hole = at;
        }
    }
    slots[hole] = (K::default(), V::default());
}

impl<K: Key, V: Copy + Default> Map<K, V> {
    /// Return the number of keys.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Return whether there is no key.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Hint that the key will be looked up soon, in the array before as well where there is one.
    #[inline(always)]
    pub fn hint(&self, key: K) {
        let at = key.mix(self.seed) as usize;
        hint_pair(&self.slots, at & self.mask);
        if !self.old.is_empty() {
            hint_pair(&self.old, at & (self.old.len() - 1));
        }
    }

    /// Return the key's value.
    #[inline(always)]
    pub fn get(&self, key: K) -> Option<V> {
        let slot = &self.slots[probe(&self.slots, self.mask, self.seed, key)];
        if !slot.0.is_none() {
            return Some(slot.1);
        }
        if self.old.is_empty() {
            return None;
        }
        self.get_old(key)
    }

    #[cold]
    fn get_old(&self, key: K) -> Option<V> {
        let slot = &self.old[probe(&self.old, self.old.len() - 1, self.seed, key)];
        (!slot.0.is_none()).then_some(slot.1)
    }

    /// Set the key's value.
    #[inline(always)]
    pub fn insert(&mut self, key: K, value: V) {
        if self.len >= self.len_max {
            self.grow();
        }
        if self.growing {
            self.go_on(key);
        }
        let at = probe(&self.slots, self.mask, self.seed, key);
        self.len += (self.slots[at].0.is_none()) as usize;
        self.slots[at] = (key, value);
    }

    /// Remove the key and return its value.
    #[inline(always)]
    pub fn remove(&mut self, key: K) -> Option<V> {
        let at = probe(&self.slots, self.mask, self.seed, key);
        let (found, value) = self.slots[at];
        if found.is_none() {
            return if self.old.is_empty() { None } else { self.remove_old(key) };
        }
        vacate(&mut self.slots, self.mask, self.seed, at);
        self.len = self.len.wrapping_sub(1);
        Some(value)
    }

    #[cold]
    fn remove_old(&mut self, key: K) -> Option<V> {
        let mask = self.old.len() - 1;
        let at = probe(&self.old, mask, self.seed, key);
        let (found, value) = self.old[at];
        if found.is_none() {
            return None;
        }
        vacate(&mut self.old, mask, self.seed, at);
        self.len -= 1;
        Some(value)
    }

    /// Double the array; what it held stays behind, to be carried across.
    #[cold]
    fn grow(&mut self) {
        while self.growing {
            self.carry();
        }
        self.growing = true;
        let size = self.slots.len() * 2;
        self.old = std::mem::replace(&mut self.slots, vec![(K::default(), V::default()); size]);
        (self.mask, self.len_max) = (size - 1, len_max(size));
        // A cluster begins behind an empty slot; there is one, as the array is never full.
        let empty = self.old.iter().position(|slot| slot.0.is_none()).unwrap_or(0);
        (self.carried, self.carried_end) = (empty, empty + self.old.len());
    }

    /// Take a growth one step further, before a key is put in that may be in either array.
    #[cold]
    fn go_on(&mut self, key: K) {
        if !self.old.is_empty() {
            self.remove_old(key);
        }
        self.carry();
    }

    /// Carry clusters across until enough slots are done.
    #[cold]
    fn carry(&mut self) {
        if self.old.is_empty() {
            self.growing = release(&mut self.spent);
            return;
        }
        let (mask, enough) = (self.old.len() - 1, self.carried + CARRIED);
        while self.carried < self.carried_end {
            let later = self.old[self.carried.wrapping_add(CARRIED) & mask].0;
            hint(self.slots.get(later.mix(self.seed) as usize & self.mask));
            let (key, value) = std::mem::take(&mut self.old[self.carried & mask]);
            if !key.is_none() {
                let at = probe(&self.slots, self.mask, self.seed, key);
                self.slots[at] = (key, value);
            } else if self.carried >= enough {
                return;
            }
            self.carried += 1;
        }
        self.spent = std::mem::take(&mut self.old);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashMap;

    /// Few keys at first, then more and more, so that every size is grown out of amid removals.
    fn span(step: u32) -> u64 {
        10 + u64::from(step) / 8
    }

    #[test]
    fn map_agrees_with_the_standard_one_under_random_inserts_and_removes() {
        let (mut ours, mut theirs, mut x) = (Map::<u64, u32>::default(), HashMap::new(), 7u64);
        for step in 0..400_000u32 {
            x = x.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let key = (x >> 33) % span(step) + 1;
            if x & 4 == 0 {
                assert_eq!(ours.remove(key), theirs.remove(&key));
            } else {
                ours.insert(key, step);
                theirs.insert(key, step);
            }
            assert_eq!(ours.len(), theirs.len());
            let other = (x >> 13) % span(step) + 1;
            assert_eq!(ours.get(other), theirs.get(&other).copied());
        }
        for key in 1..=50_000u64 {
            assert_eq!(ours.get(key), theirs.get(&key).copied());
        }
    }

    #[test]
    fn no_insert_carries_more_than_a_few_clusters() {
        let mut map = Map::<u64, u32>::default();
        for key in 1..=500_000u64 {
            let (before, was) = (map.carried, map.old.len());
            map.insert(key, 1);
            if was != 0 && map.old.len() == was {
                assert!(map.carried - before < 1_000, "one insert carried {} slots", map.carried - before);
            }
        }
        assert_eq!(map.len(), 500_000);
    }
}
