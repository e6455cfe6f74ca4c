//! SHA-256 behind one call that is never inlined.
//!
//! The compression runs on the processor's SHA instructions, which have no AVX form. Inlined among AVX code it pays a
//! state transition at every block: a checkpoint over 2,000 balances took 8.5 ms instead of 1.5.

use sha2::{Digest, Sha256};

/// Return the SHA-256 of the bytes.
#[inline(never)]
pub fn sha256(data: &[u8]) -> [u8; 32] {
    Sha256::digest(data).into()
}
