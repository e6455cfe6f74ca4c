//! An ordered set of prices: where the levels of one side stand.
//!
//! Layout: prices are grouped by 4096 into chunks, each a bitmap of 64 words and one word that says which of them are not
//! empty; an ordered tree holds the chunks. Prices that trade lie close together, so that the tree stays small and a
//! price comes and goes with a few bit operations. Cost: logarithmic in the number of chunks. Limit: a chunk takes 520
//! bytes even for one lonely price.

use std::collections::BTreeMap;

use crate::hint::hint;

const WORD_BITS: u32 = 6;
const CHUNK_BITS: u32 = 12;
const LOW: u64 = 63;

#[derive(Clone, Copy)]
struct Chunk {
    summary: u64,
    words: [u64; 64],
}

impl Chunk {
    const EMPTY: Self = Self { summary: 0, words: [0; 64] };

    #[inline(always)]
    fn lowest(&self) -> u64 {
        let word = self.summary.trailing_zeros();
        u64::from(word << WORD_BITS | self.words[word as usize].trailing_zeros())
    }

    #[inline(always)]
    fn highest(&self) -> u64 {
        let word = 63 - self.summary.leading_zeros();
        u64::from(word << WORD_BITS | (63 - self.words[word as usize].leading_zeros()))
    }
}

/// A chunk: where its prices begin, and its place.
type Placed = (u64, u32);

/// No chunk; none begins so high.
const NOWHERE: Placed = (u64::MAX, 0);

/// The set. `lowest` and `highest` are the first and the last chunk, so that few look-ups go through the tree.
pub struct Ranks {
    chunks: Vec<Chunk>,
    free: Vec<u32>,
    by_start: BTreeMap<u64, u32>,
    lowest: Placed,
    highest: Placed,
}

impl Default for Ranks {
    fn default() -> Self {
        Self { chunks: Vec::new(), free: Vec::new(), by_start: BTreeMap::new(), lowest: NOWHERE, highest: NOWHERE }
    }
}

/// Return the places of a price's bit: its word, and its bit in the word.
#[inline(always)]
fn places(price: u64) -> (usize, u64) {
    ((price >> WORD_BITS & LOW) as usize, 1 << (price & LOW))
}

impl Ranks {
    /// Return the place of the chunk that begins there.
    #[inline(always)]
    fn chunk_at(&self, start: u64) -> Option<u32> {
        if start == self.lowest.0 {
            return Some(self.lowest.1);
        }
        if start == self.highest.0 {
            return Some(self.highest.1);
        }
        self.by_start.get(&start).copied()
    }

    /// Remember which chunks are the first and the last.
    fn note_ends(&mut self) {
        let placed = |found: Option<(&u64, &u32)>| found.map_or(NOWHERE, |(&start, &index)| (start, index));
        self.lowest = placed(self.by_start.first_key_value());
        self.highest = placed(self.by_start.last_key_value());
    }

    /// Hint that a price will come or go soon.
    #[inline(always)]
    pub fn hint(&self, price: u64) {
        let start = price >> CHUNK_BITS;
        let index = if start == self.lowest.0 { self.lowest.1 } else { self.highest.1 };
        if let Some(chunk) = self.chunks.get(index as usize) {
            hint(Some(chunk));
            hint(chunk.words.get(places(price).0));
        }
    }

    /// Put a price in.
    #[inline(always)]
    pub fn insert(&mut self, price: u64) {
        let index = match self.chunk_at(price >> CHUNK_BITS) {
            Some(index) => index,
            None => self.open_chunk(price >> CHUNK_BITS),
        };
        let chunk = &mut self.chunks[index as usize];
        let (word, bit) = places(price);
        chunk.words[word] |= bit;
        chunk.summary |= 1 << word;
    }

    /// Take a price out.
    #[inline(always)]
    pub fn remove(&mut self, price: u64) {
        let Some(index) = self.chunk_at(price >> CHUNK_BITS) else { return };
        let chunk = &mut self.chunks[index as usize];
        let (word, bit) = places(price);
        chunk.words[word] &= !bit;
        if chunk.words[word] == 0 {
            chunk.summary &= !(1 << word);
            if chunk.summary == 0 {
                self.close_chunk(price >> CHUNK_BITS, index);
            }
        }
    }

    /// Return the lowest price.
    #[inline(always)]
    pub fn first(&self) -> Option<u64> {
        let (start, index) = self.lowest;
        if start == NOWHERE.0 {
            return None;
        }
        Some(start << CHUNK_BITS | self.chunks[index as usize].lowest())
    }

    /// Return the highest price.
    #[inline(always)]
    pub fn last(&self) -> Option<u64> {
        let (start, index) = self.highest;
        if start == NOWHERE.0 {
            return None;
        }
        Some(start << CHUNK_BITS | self.chunks[index as usize].highest())
    }

    /// Return the prices, lowest first.
    pub fn ascending(&self) -> impl Iterator<Item = u64> + '_ {
        self.by_start.iter().flat_map(|(&start, &index)| {
            let mut rest = self.chunks[index as usize];
            std::iter::from_fn(move || {
                (rest.summary != 0).then(|| start << CHUNK_BITS | take(&mut rest, Chunk::lowest))
            })
        })
    }

    /// Return the prices, highest first.
    pub fn descending(&self) -> impl Iterator<Item = u64> + '_ {
        self.by_start.iter().rev().flat_map(|(&start, &index)| {
            let mut rest = self.chunks[index as usize];
            std::iter::from_fn(move || {
                (rest.summary != 0).then(|| start << CHUNK_BITS | take(&mut rest, Chunk::highest))
            })
        })
    }

    #[cold]
    fn open_chunk(&mut self, start: u64) -> u32 {
        let index = match self.free.pop() {
            Some(index) => index,
            None => {
                self.chunks.push(Chunk::EMPTY);
                self.chunks.len() as u32 - 1
            }
        };
        self.by_start.insert(start, index);
        self.note_ends();
        index
    }

    #[cold]
    fn close_chunk(&mut self, start: u64, index: u32) {
        self.by_start.remove(&start);
        self.free.push(index);
        self.note_ends();
    }
}

/// Take the price that `pick` picks out of a chunk that is not empty.
fn take(chunk: &mut Chunk, pick: fn(&Chunk) -> u64) -> u64 {
    let price = pick(chunk);
    let (word, bit) = places(price);
    chunk.words[word] &= !bit;
    if chunk.words[word] == 0 {
        chunk.summary &= !(1 << word);
    }
    price
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn ranks_agree_with_an_ordered_set_under_random_inserts_and_removes() {
        let (mut ours, mut theirs, mut x) = (Ranks::default(), BTreeSet::new(), 11u64);
        for _ in 0..200_000u32 {
            x = x.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            // Most prices lie close together, some at both ends of the range.
            let price = match x >> 60 {
                0 => u64::MAX - (x >> 33) % 3,
                1 => (x >> 33) % 3,
                _ => (1 << 63) + (x >> 33) % 20_000,
            };
            if x >> 20 & 1 == 0 && theirs.insert(price) {
                ours.insert(price);
            } else if theirs.remove(&price) {
                ours.remove(price);
            }
            assert_eq!((ours.first(), ours.last()), (theirs.first().copied(), theirs.last().copied()));
        }
        assert!(ours.ascending().eq(theirs.iter().copied()));
        assert!(ours.descending().eq(theirs.iter().rev().copied()));
    }
}
