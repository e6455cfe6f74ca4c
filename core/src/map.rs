//! A hash map from small integer keys to small values: open addressing, linear probing, deletion without tombstones.
//!
//! Layout: one array of (key, value) slots, a power of two of them, at most 5/8 full; the zero key marks an empty slot
//! and is not a key. Cost: one cache line for most look-ups. The hash is seeded anew in every process, so that whoever
//! chooses keys (prices, client order numbers) cannot make them collide; nothing walks over a map, so that the seed
//! cannot show in any result. Lengths and positions stay far under 2^64, so they step without the overflow check that
//! guards money.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;

/// A key: an unsigned integer that is never zero.
pub trait Key: Copy + Eq + Default {
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
    fn mix(self, seed: u64) -> u64 {
        fold(self ^ seed, 0x9E37_79B9_7F4A_7C15)
    }
}

impl Key for (u64, u32) {
    #[inline(always)]
    fn mix(self, seed: u64) -> u64 {
        fold(self.0 ^ seed, 0x9E37_79B9_7F4A_7C15 ^ (self.1 as u64) << 1)
    }
}

/// Return a seed that nobody who chooses keys can know.
pub fn seed() -> u64 {
    RandomState::new().hash_one(0u8)
}

/// The map.
pub struct Map<K, V> {
    slots: Vec<(K, V)>,
    mask: usize,
    len: usize,
    seed: u64,
}

impl<K: Key, V: Copy + Default> Default for Map<K, V> {
    fn default() -> Self {
        let slots = vec![(K::default(), V::default()); 16];
        Self { slots, mask: 15, len: 0, seed: seed() }
    }
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

    #[inline(always)]
    fn home(&self, key: K) -> usize {
        key.mix(self.seed) as usize & self.mask
    }

    /// Return the slot of the key, or the empty slot where it would go.
    #[inline(always)]
    fn probe(&self, key: K) -> usize {
        let mut at = self.home(key);
        loop {
            let found = self.slots[at & self.mask].0;
            if found == key || found == K::default() {
                return at & self.mask;
            }
            at = at.wrapping_add(1);
        }
    }

    /// Return the slot where a look-up of the key begins, for a cache hint.
    #[inline(always)]
    pub fn first_slot(&self, key: K) -> Option<&(K, V)> {
        self.slots.get(self.home(key))
    }

    /// Return the key's value.
    #[inline(always)]
    pub fn get(&self, key: K) -> Option<V> {
        let slot = &self.slots[self.probe(key)];
        (slot.0 != K::default()).then_some(slot.1)
    }

    /// Set the key's value.
    #[inline(always)]
    pub fn insert(&mut self, key: K, value: V) {
        if self.len.wrapping_add(1).wrapping_mul(8) > self.slots.len().wrapping_mul(5) {
            self.grow();
        }
        let at = self.probe(key);
        self.len += (self.slots[at].0 == K::default()) as usize;
        self.slots[at] = (key, value);
    }

    /// Remove the key and return its value.
    #[inline(always)]
    pub fn remove(&mut self, key: K) -> Option<V> {
        let mut hole = self.probe(key);
        if self.slots[hole].0 == K::default() {
            return None;
        }
        let value = self.slots[hole].1;
        let mut at = hole;
        loop {
            at = (at + 1) & self.mask;
            let moved = self.slots[at].0;
            if moved == K::default() {
                break;
            }
            // An entry moves into the hole unless its home lies behind the hole.
            let home = self.home(moved);
            if (at.wrapping_sub(home) & self.mask) >= (at.wrapping_sub(hole) & self.mask) {
                self.slots[hole] = self.slots[at];
                hole = at;
            }
        }
        self.slots[hole] = (K::default(), V::default());
        self.len = self.len.wrapping_sub(1);
        Some(value)
    }

    #[cold]
    fn grow(&mut self) {
        let size = self.slots.len() * 2;
        let old = std::mem::replace(&mut self.slots, vec![(K::default(), V::default()); size]);
        self.mask = size - 1;
        for (key, value) in old {
            if key != K::default() {
                let at = self.probe(key);
                self.slots[at] = (key, value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashMap;

    #[test]
    fn map_agrees_with_the_standard_one_under_random_inserts_and_removes() {
        let (mut ours, mut theirs, mut x) = (Map::<u64, u32>::default(), HashMap::new(), 7u64);
        for step in 0..200_000u32 {
            x = x.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let key = (x >> 33) % 5_000 + 1;
            if x & 4 == 0 {
                assert_eq!(ours.remove(key), theirs.remove(&key));
            } else {
                ours.insert(key, step);
                theirs.insert(key, step);
            }
            assert_eq!(ours.len(), theirs.len());
        }
        for key in 1..=5_000u64 {
            assert_eq!(ours.get(key), theirs.get(&key).copied());
        }
    }
}
