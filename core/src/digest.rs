//! SHA-256 behind calls that are never inlined.
//!
//! The compression runs on the processor's SHA instructions, which have no AVX form. Inlined among AVX code it pays a
//! state transition at every block: a checkpoint over 2,000 balances took 8.5 ms instead of 1.5.

use sha2::digest::generic_array::{typenum::U64, GenericArray};
use sha2::{compress256, Digest, Sha256};

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

const START: [u32; 8] =
    [0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19];
const SHORT_MAX: usize = 119;

/// Return the SHA-256 of at most 119 bytes, padded here (FIPS 180-4, section 5.1.1) into one or two blocks.
///
/// A tree over millions of balances hashes nothing else, and the general path spends as long on its buffer as on this.
#[inline(never)]
pub fn sha256_short(data: &[u8]) -> [u8; 32] {
    assert!(data.len() <= SHORT_MAX, "expected at most {SHORT_MAX} bytes, found {}", data.len());
    let mut blocks = [GenericArray::<u8, U64>::default(), GenericArray::default()];
    let first = data.len().min(64);
    blocks[0][..first].copy_from_slice(&data[..first]);
    blocks[1][..data.len() - first].copy_from_slice(&data[first..]);
    blocks[data.len() / 64][data.len() % 64] = 0x80;
    let last = (data.len() + 8) / 64;
    blocks[last][56..].copy_from_slice(&(data.len() as u64 * 8).to_be_bytes());
    let mut state = START;
    compress(&mut state, &blocks[..=last]);
    let mut hash = [0u8; 32];
    for (bytes, word) in hash.chunks_exact_mut(4).zip(state) {
        bytes.copy_from_slice(&word.to_be_bytes());
    }
    hash
}

#[inline(never)]
fn compress(state: &mut [u32; 8], blocks: &[GenericArray<u8, U64>]) {
    compress256(state, blocks);
}

#[cfg(test)]
mod tests {
    use super::{sha256, sha256_short, SHORT_MAX};

    #[test]
    fn short_hash_is_the_hash_at_every_length() {
        let data: Vec<u8> = (0..SHORT_MAX as u8).collect();
        for length in 0..=SHORT_MAX {
            assert_eq!(sha256_short(&data[..length]), sha256(&data[..length]), "{length} bytes");
        }
    }
}
