//! SHA-256 behind calls that are never inlined.
//!
//! The compression runs on the processor's SHA instructions, which have no AVX form. Inlined among AVX code it pays a
//! state transition at every block: a checkpoint over 2,000 balances took 8.5 ms instead of 1.5.

use sha2::{Digest, Sha256};

/// SHA-256 of bytes that come piece by piece.
#[derive(Default)]
pub struct Hasher(Sha256);

impl Hasher {
    /// Add a piece.
    #[inline(never)]
    pub fn update(&mut self, piece: &[u8]) {
        self.0.update(piece);
    }

    /// Return the hash of all pieces.
    #[inline(never)]
    pub fn finish(self) -> [u8; 32] {
        self.0.finalize().into()
    }
}

/// Return the SHA-256 of the bytes.
#[inline(never)]
pub fn sha256(data: &[u8]) -> [u8; 32] {
    Sha256::digest(data).into()
}
