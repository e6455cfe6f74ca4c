//! Whole levels of the liabilities trees at once, for whoever stores their nodes: the same leaves and nodes as
//! `liabilities.rs` hashes for the root.
//!
//! An entry is 48 bytes: hash, amount (u128, little-endian). A level is its entries side by side.

use crate::liabilities::{leaf, node, Entry, ZERO};

const ENTRY_BYTES: usize = 48;
const NUMBER_BYTES: usize = 16;
const LEVEL_MAX: u32 = 6;

fn number(bytes: &[u8]) -> u128 {
    u128::from_le_bytes(bytes.try_into().expect("16 bytes"))
}

fn read(entry: &[u8]) -> Entry {
    (entry[..32].try_into().expect("32 bytes"), number(&entry[32..]))
}

fn write(level: &mut Vec<u8>, entry: &Entry) {
    level.extend_from_slice(&entry.0);
    level.extend_from_slice(&entry.1.to_le_bytes());
}

/// Return the parent of two entries.
fn parent(left: &Entry, right: &Entry) -> Result<Entry, String> {
    left.1.checked_add(right.1).ok_or("expected amounts whose sum fits 128 bits, found larger ones")?;
    Ok(if *left == ZERO && *right == ZERO { ZERO } else { node(left, right) })
}

/// Return the entries of a low level (0: the leaves) above consecutive accounts, the first at a multiple of its width;
/// salts and amounts are u128, little-endian, side by side. What lies beyond them are zero leaves.
pub fn entries(asset_id: u32, first_account: u32, salts: &[u8], amounts: &[u8], level: u32) -> Result<Vec<u8>, String> {
    let count = amounts.len() / NUMBER_BYTES;
    if salts.len() != amounts.len() || !amounts.len().is_multiple_of(NUMBER_BYTES) {
        return Err(format!("expected as many salts as amounts, found {} and {} bytes", salts.len(), amounts.len()));
    }
    if level > LEVEL_MAX || first_account as usize + count > u32::MAX as usize + 1 {
        return Err(format!("expected accounts up to {} and a level up to {LEVEL_MAX}, found more", u32::MAX));
    }
    let width = 1usize << level;
    let mut found = Vec::with_capacity(count.div_ceil(width) * ENTRY_BYTES);
    let mut below = [ZERO; 1 << LEVEL_MAX];
    for start in (0..count).step_by(width) {
        for (account, entry) in (start..).zip(below.iter_mut().take(width)) {
            let at = account * NUMBER_BYTES;
            let amount_minor = amounts.get(at..at + NUMBER_BYTES).map_or(0, number);
            *entry = match amount_minor {
                0 => ZERO,
                _ => {
                    leaf(asset_id, first_account + account as u32, number(&salts[at..at + NUMBER_BYTES]), amount_minor)
                }
            };
        }
        for step in (0..level).map(|each| 1usize << each) {
            for left in (0..width).step_by(2 * step) {
                below[left] = parent(&below[left], &below[left + step])?;
            }
        }
        write(&mut found, &below[0]);
    }
    Ok(found)
}

/// Return the parents of a level with an even number of entries.
pub fn parents(entries: &[u8]) -> Result<Vec<u8>, String> {
    if !entries.len().is_multiple_of(2 * ENTRY_BYTES) {
        return Err(format!("expected pairs of entries of {ENTRY_BYTES} bytes, found {} bytes", entries.len()));
    }
    let mut level = Vec::with_capacity(entries.len() / 2);
    for pair in entries.chunks_exact(2 * ENTRY_BYTES) {
        write(&mut level, &parent(&read(&pair[..ENTRY_BYTES]), &read(&pair[ENTRY_BYTES..]))?);
    }
    Ok(level)
}
