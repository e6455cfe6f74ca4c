//! A hash index: from integer keys to where the keys themselves are kept, slots of a slab or orders of a market.
//!
//! Layout: one array of entries of eight bytes (twelve for sequence numbers, sixteen for orders of a market), a power of
//! two of them, as full as `map`'s, with linear probing and deletion without tombstones. An entry is 32 bits of the key's
//! hash and the place (a slot plus one, or numbers of which one is never zero), so that zeros are a vacant entry; only
//! when those bits agree is the place asked for the key, which the caller is about to read anyway.
//! It grows as `map` does: an array of twice the size takes over, and every insert carries a few entries across.
//! The hash is seeded as in `map`, and nothing walks over an index, so that the seed cannot show in any result. Lengths
//! and positions step without the overflow check, as there. Limit: 2^31 entries.

use crate::hint::hint;
use crate::map::{len_max, release, seed, Key, CARRIED};

/// Where a key is kept.
pub trait Place: Copy {
    /// The place as it stands in an entry: zeros are none.
    type Kept: Copy + Default + PartialEq;
    /// Return the place as it is kept.
    fn keep(self) -> Self::Kept;
    /// Return the place that is kept.
    fn take(kept: Self::Kept) -> Self;
    /// Return whether no place is kept.
    fn is_none(kept: Self::Kept) -> bool;
}

/// A slot, never `u32::MAX`.
impl Place for u32 {
    type Kept = u32;
    #[inline(always)]
    fn keep(self) -> u32 {
        self.wrapping_add(1)
    }
    #[inline(always)]
    fn take(kept: u32) -> u32 {
        kept.wrapping_sub(1)
    }
    #[inline(always)]
    fn is_none(kept: u32) -> bool {
        kept == 0
    }
}

/// A sequence number, never 0.
impl Place for u64 {
    type Kept = [u32; 2];
    #[inline(always)]
    fn keep(self) -> [u32; 2] {
        [self as u32, (self >> 32) as u32]
    }
    #[inline(always)]
    fn take([low, high]: [u32; 2]) -> u64 {
        (high as u64) << 32 | low as u64
    }
    #[inline(always)]
    fn is_none(kept: [u32; 2]) -> bool {
        kept == [0, 0]
    }
}

/// An order by its market, which is never 0, and its number.
#[derive(Clone, Copy)]
pub struct MarketOrder {
    pub market_id: u32,
    pub order_id: u64,
}

impl Place for MarketOrder {
    type Kept = [u32; 3];
    #[inline(always)]
    fn keep(self) -> [u32; 3] {
        [self.market_id, self.order_id as u32, (self.order_id >> 32) as u32]
    }
    #[inline(always)]
    fn take([market_id, low, high]: [u32; 3]) -> Self {
        Self { market_id, order_id: (high as u64) << 32 | low as u64 }
    }
    #[inline(always)]
    fn is_none(kept: [u32; 3]) -> bool {
        kept[0] == 0
    }
}

/// Bytes of an entry from which few fit a cache line, so that a look-up often ends in the line behind.
const WIDE: usize = 16;
/// Entries behind the first of a look-up that a hint reaches, too, where they are wide.
const PROBES: usize = 2;

/// The tag, and the place.
type Entry<P> = (u32, <P as Place>::Kept);

/// The index, one cache line.
pub struct Index<P: Place = u32> {
    entries: Vec<Entry<P>>,
    mask: usize,
    len: usize,
    len_max: usize,
    seed: u64,
    growth: Option<Box<Growth<P>>>,
}

/// What there is while it grows: see `map`.
struct Growth<P: Place> {
    old: Vec<Entry<P>>,
    spent: Vec<Entry<P>>,
    carried: usize,
    carried_end: usize,
}

impl<P: Place> Default for Index<P> {
    fn default() -> Self {
        Self {
            entries: vec![Entry::<P>::default(); 16],
            mask: 15,
            len: 0,
            len_max: len_max(16),
            seed: seed(),
            growth: None,
        }
    }
}

#[inline(always)]
fn find<P: Place>(entries: &[Entry<P>], mask: usize, tag: u32, holds: &impl Fn(P) -> bool) -> Option<P> {
    let mut at = tag as usize;
    loop {
        let entry = entries[at & mask];
        if P::is_none(entry.1) {
            return None;
        }
        if entry.0 == tag && holds(P::take(entry.1)) {
            return Some(P::take(entry.1));
        }
        at = at.wrapping_add(1);
    }
}

/// Return where the entry of a place stands, or the vacant entry behind those of its tag.
#[inline(always)]
fn place_of<P: Place>(entries: &[Entry<P>], mask: usize, tag: u32, place: P) -> usize {
    let (mut at, kept) = (tag as usize & mask, place.keep());
    while entries[at].1 != kept && !P::is_none(entries[at].1) {
        at = (at + 1) & mask;
    }
    at
}

/// Empty an entry that is taken, and close the gap.
#[inline(always)]
fn vacate<P: Place>(entries: &mut [Entry<P>], mask: usize, mut hole: usize) {
    let mut at = hole;
    loop {
        at = (at + 1) & mask;
        let moved = entries[at];
        if P::is_none(moved.1) {
            break;
        }
        // An entry moves into the hole unless its home lies behind the hole.
        let home = moved.0 as usize & mask;
        if (at.wrapping_sub(home) & mask) >= (at.wrapping_sub(hole) & mask) {
            entries[hole] = moved;
            hole = at;
        }
    }
    entries[hole] = Entry::<P>::default();
}

impl<P: Place> Index<P> {
    /// Return the number of keys.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Return whether there is no key.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Make room for this many keys; memory is taken up only as they come.
    pub fn reserve(&mut self, keys: usize) {
        let mut size = self.entries.len();
        while keys > len_max(size) {
            size *= 2;
        }
        if size > self.entries.len() {
            self.grow(size);
        }
        self.carry_all();
    }

    #[inline(always)]
    fn tag(&self, key: impl Key) -> u32 {
        key.mix(self.seed) as u32
    }

    /// Hint that the key will be looked up soon, in the array before as well where there is one.
    #[inline(always)]
    pub fn hint(&self, key: impl Key) {
        let at = self.tag(key) as usize;
        hint(self.entries.get(at & self.mask));
        if size_of::<Entry<P>>() >= WIDE {
            hint(self.entries.get((at & self.mask).wrapping_add(PROBES)));
        }
        if let Some(growth) = &self.growth {
            hint(growth.old.get(at & growth.old.len().wrapping_sub(1)));
        }
    }

    /// Return the key's place; `holds` says whether a place holds the key.
    #[inline(always)]
    pub fn find(&self, key: impl Key, holds: impl Fn(P) -> bool) -> Option<P> {
        let tag = self.tag(key);
        match find(&self.entries, self.mask, tag, &holds) {
            None if self.growth.is_some() => self.find_old(tag, holds),
            found => found,
        }
    }

    #[cold]
    #[inline(never)]
    fn find_old(&self, tag: u32, holds: impl Fn(P) -> bool) -> Option<P> {
        let old = &self.growth.as_ref()?.old;
        if old.is_empty() {
            return None;
        }
        find(old, old.len() - 1, tag, &holds)
    }

    /// Return what is almost surely the key's place, without asking there: for a cache hint.
    #[inline(always)]
    pub fn guess(&self, key: impl Key) -> Option<P> {
        find(&self.entries, self.mask, self.tag(key), &|_| true)
    }

    /// Put a key in that is not there.
    #[inline(always)]
    pub fn insert(&mut self, key: impl Key, place: P) {
        if self.len >= self.len_max {
            self.grow(2 * self.entries.len());
        }
        if self.growth.is_some() {
            self.carry();
        }
        self.len = self.len.wrapping_add(1);
        self.put((self.tag(key), place.keep()));
    }

    /// Take out a key that is there, with its place.
    #[inline(always)]
    pub fn remove(&mut self, key: impl Key, place: P) {
        let tag = self.tag(key);
        let at = place_of(&self.entries, self.mask, tag, place);
        if !P::is_none(self.entries[at].1) {
            vacate::<P>(&mut self.entries, self.mask, at);
        } else {
            self.remove_old(tag, place);
        }
        self.len = self.len.wrapping_sub(1);
    }

    #[cold]
    fn remove_old(&mut self, tag: u32, place: P) {
        let (old, at) = self.place_in_old(tag, place);
        vacate::<P>(old, old.len() - 1, at);
    }

    /// Return the array before, and where the entry stands there, which is not in the new one.
    fn place_in_old(&mut self, tag: u32, place: P) -> (&mut [Entry<P>], usize) {
        let old = self.growth.as_mut().map_or(&mut [][..], |growth| &mut growth.old[..]);
        assert!(!old.is_empty(), "the key must be in the index");
        let at = place_of(old, old.len() - 1, tag, place);
        assert!(!P::is_none(old[at].1), "the key must be in the index");
        (old, at)
    }

    /// Let a key that is there, with its place, have another place.
    pub fn replace(&mut self, key: impl Key, place: P, new_place: P) {
        let tag = self.tag(key);
        let at = place_of(&self.entries, self.mask, tag, place);
        if !P::is_none(self.entries[at].1) {
            self.entries[at].1 = new_place.keep();
        } else {
            let (old, at) = self.place_in_old(tag, place);
            old[at].1 = new_place.keep();
        }
    }

    #[inline(always)]
    fn put(&mut self, entry: Entry<P>) {
        let mut at = entry.0 as usize;
        while !P::is_none(self.entries[at & self.mask].1) {
            at = at.wrapping_add(1);
        }
        self.entries[at & self.mask] = entry;
    }

    /// Take a larger array; what the one before held stays behind, to be carried across.
    #[cold]
    fn grow(&mut self, size: usize) {
        self.carry_all();
        let old = std::mem::replace(&mut self.entries, vec![Entry::<P>::default(); size]);
        (self.mask, self.len_max) = (size - 1, len_max(size));
        // A cluster begins behind a vacant entry; there is one, as the array is never full.
        let carried = old.iter().position(|entry| P::is_none(entry.1)).unwrap_or(0);
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
    fn carry_some(&mut self, growth: &mut Growth<P>) -> bool {
        if growth.old.is_empty() {
            return release(&mut growth.spent);
        }
        let (mask, enough) = (growth.old.len() - 1, growth.carried + CARRIED);
        while growth.carried < growth.carried_end {
            let later = growth.old[growth.carried.wrapping_add(CARRIED) & mask].0;
            hint(self.entries.get(later as usize & self.mask));
            let entry = std::mem::take(&mut growth.old[growth.carried & mask]);
            if !P::is_none(entry.1) {
                self.put(entry);
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

    /// Room that is made at once, for none, few and many keys that are there, changes nothing that is found.
    #[test]
    fn keys_are_found_when_room_was_made_for_more() {
        for before in [0u64, 3, 1_000, 70_000] {
            let mut index = Index::<u32>::default();
            (0..before).for_each(|key| index.insert(key, key as u32));
            index.reserve(before as usize + 200_000);
            let size = index.entries.len();
            (before..before + 200_000).for_each(|key| index.insert(key, key as u32));
            assert_eq!((index.len() as u64, index.entries.len()), (before + 200_000, size));
            for key in 0..before + 200_000 {
                assert_eq!(index.find(key, |place| u64::from(place) == key), Some(key as u32));
            }
            assert_eq!(index.find(before + 200_000, |place| u64::from(place) == before + 200_000), None);
        }
    }

    /// Let keys move to other places amid growth: half of the moves meet the array before, half the new one.
    #[test]
    fn a_key_that_moves_is_found_at_its_new_place_alone() {
        let (mut index, mut place_of) = (Index::<MarketOrder>::default(), HashMap::new());
        let find = |index: &Index<MarketOrder>, places: &HashMap<u64, u64>, key: u64| {
            index.find((key, 7), |place| places[&key] == place.order_id).map(|place| place.order_id)
        };
        for key in 1..=20_000u64 {
            index.insert((key, 7), MarketOrder { market_id: 3, order_id: key << 32 });
            place_of.insert(key, key << 32);
            let moved = key / 2 + 1;
            let (before, after) = (place_of[&moved], place_of[&moved] + 1);
            let place = |order_id| MarketOrder { market_id: 3, order_id };
            index.replace((moved, 7), place(before), place(after));
            assert_eq!(find(&index, &place_of, moved), None);
            place_of.insert(moved, after);
            assert_eq!(find(&index, &place_of, moved), Some(after));
        }
        assert!((1..=20_000).all(|key| find(&index, &place_of, key) == Some(place_of[&key])));
        for key in 1..=20_000 {
            index.remove((key, 7), MarketOrder { market_id: 3, order_id: place_of[&key] });
        }
        assert!(index.is_empty() && index.find((9, 7), |_| true).is_none());
    }
}
