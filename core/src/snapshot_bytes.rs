//! The bytes of a snapshot: numbers one after the other.
//!
//! A snapshot comes and goes in pieces, so that nobody needs to have the whole of a large one in memory.

use std::borrow::Cow;
use std::mem::take;

use crate::digest::{sha256, Hasher};
use crate::hasher_behind::HasherBehind;

/// Bytes of a piece that is written, about.
pub const PIECE: usize = 1 << 20;

/// Rows for which room is made before they are read: a count is a claim until then.
const ROWS_EXPECTED_MAX: u64 = 1 << 22;

/// Return for how many of the rows that a snapshot claims to have there is room made at once.
pub fn expected(rows: u64) -> usize {
    rows.min(ROWS_EXPECTED_MAX) as usize
}

/// The bytes are not a snapshot of this edition; the text says what was expected and found.
pub type SnapshotError = String;

/// Refuse the snapshot where something does not hold.
pub fn require(holds: bool, what: &str) -> Result<(), SnapshotError> {
    if !holds {
        return Err(format!("the snapshot's {what} is not possible"));
    }
    Ok(())
}

/// Return whether a value lies between two bounds, both included.
pub fn within<T: PartialOrd>(value: T, smallest: T, largest: T) -> bool {
    smallest <= value && value <= largest
}

/// Bytes of a piece that is hashed: small enough for the second cache, large enough to be worth a hand-over.
const HASHED_PIECE: usize = 48 << 10;
const HASHED_ROOM: usize = 56 << 10;

/// Writes numbers one after the other: into memory, or piece by piece into a hash.
pub struct Writer(pub Vec<u8>, Sink);

/// Where what is written goes: it stays, or it is hashed, from the first whole piece on by a thread where there is one.
enum Sink {
    Kept,
    Short,
    Hashed(Hasher),
    Behind(HasherBehind),
}

impl Writer {
    /// Return a writer that keeps what it writes, with room for so much.
    pub fn keeping(capacity: usize) -> Self {
        Self(Vec::with_capacity(capacity), Sink::Kept)
    }

    /// Return a writer that hashes what it writes, and keeps no more than some pieces of it.
    pub fn hashing() -> Self {
        Self(Vec::with_capacity(HASHED_ROOM), Sink::Short)
    }

    /// Pass on what is written, once it is a piece. Called between the rows of long tables.
    #[inline(always)]
    pub fn pass_on(&mut self) {
        if self.0.len() >= HASHED_PIECE {
            self.pass_on_piece();
        }
    }

    #[inline(never)]
    fn pass_on_piece(&mut self) {
        if let Sink::Short = self.1 {
            self.1 = HasherBehind::start().map_or_else(|| Sink::Hashed(Hasher::default()), Sink::Behind);
        }
        match &mut self.1 {
            Sink::Kept | Sink::Short => {}
            Sink::Hashed(hasher) => {
                hasher.update(&self.0);
                self.0.clear();
            }
            Sink::Behind(hasher) => self.0 = hasher.pass_on(take(&mut self.0)),
        }
    }

    /// Return the SHA-256 of all that was written.
    pub fn digest(self) -> [u8; 32] {
        match self.1 {
            Sink::Kept | Sink::Short => sha256(&self.0),
            Sink::Hashed(mut hasher) => {
                hasher.update(&self.0);
                hasher.finish()
            }
            Sink::Behind(mut hasher) => {
                hasher.pass_on(self.0);
                hasher.finish()
            }
        }
    }
}

/// Bytes that one `put!` writes at most.
pub const ROW_BYTES_MAX: usize = 256;

/// Write numbers one after the other. They are put together first, so that room is asked for once and not for each.
macro_rules! put {
    ($writer:expr, $($value:expr),+ $(,)?) => {{
        let (mut row, mut end) = ([0u8; $crate::snapshot_bytes::ROW_BYTES_MAX], 0);
        $(
            let bytes = $value.to_le_bytes();
            row[end..end + bytes.len()].copy_from_slice(&bytes);
            end += bytes.len();
        )+
        $writer.0.extend_from_slice(&row[..end]);
    }};
}
pub(crate) use put;

/// The pieces of a snapshot, in order.
pub type Pieces<'a> = dyn Iterator<Item = Cow<'a, [u8]>> + 'a;

/// Reads numbers one after the other. `passed` counts the bytes of the pieces before the one at hand.
pub struct Reader<'r, 'a> {
    pieces: &'r mut Pieces<'a>,
    piece: Cow<'a, [u8]>,
    at: usize,
    passed: usize,
    hasher: Hasher,
}

macro_rules! number {
    ($name:ident, $type:ty) => {
        pub fn $name(&mut self) -> Result<$type, SnapshotError> {
            Ok(<$type>::from_le_bytes(self.bytes()?))
        }
    };
}

impl<'r, 'a> Reader<'r, 'a> {
    /// Return a reader of the pieces.
    pub fn new(pieces: &'r mut Pieces<'a>) -> Self {
        Self { pieces, piece: Cow::Borrowed(&[]), at: 0, passed: 0, hasher: Hasher::default() }
    }

    #[inline(always)]
    pub fn bytes<const N: usize>(&mut self) -> Result<[u8; N], SnapshotError> {
        let mut out = [0u8; N];
        match self.piece.get(self.at..self.at + N) {
            Some(slice) => {
                self.at += N;
                out.copy_from_slice(slice);
            }
            None => self.bytes_across(&mut out)?,
        }
        Ok(out)
    }

    /// Read bytes of which some are in the next piece.
    #[inline(never)]
    fn bytes_across(&mut self, out: &mut [u8]) -> Result<(), SnapshotError> {
        let mut filled = 0;
        while filled < out.len() {
            let here = &self.piece[self.at..];
            let count = here.len().min(out.len() - filled);
            out[filled..filled + count].copy_from_slice(&here[..count]);
            (filled, self.at) = (filled + count, self.at + count);
            if filled < out.len() && !self.take_piece() {
                return Err(format!("the snapshot ends at byte {}, before it is whole", self.passed));
            }
        }
        Ok(())
    }

    /// Go on with the next piece; return whether there is one.
    fn take_piece(&mut self) -> bool {
        (self.passed, self.at) = (self.passed + self.piece.len(), 0);
        self.piece = self.pieces.next().unwrap_or_default();
        self.hasher.update(&self.piece);
        !self.piece.is_empty()
    }

    /// Return the SHA-256 of all pieces, which must end here.
    pub fn end(mut self) -> Result<[u8; 32], SnapshotError> {
        let end = self.passed + self.at;
        while self.take_piece() {}
        if self.passed != end {
            return Err(format!("expected the end at byte {end}, found {} more bytes", self.passed - end));
        }
        Ok(self.hasher.finish())
    }

    number!(u8, u8);
    number!(u16, u16);
    number!(u32, u32);
    number!(u64, u64);
    number!(u128, u128);
}
