//! Root of the liabilities tree: what the facility owes to every account, asset by asset, under one hash.
//!
//! Per asset there are two trees. Accounts: the leaf of account n lies at position n, sha256(0x00, asset, account,
//! salt, amount); where nothing is owed (and at position 0) lies the zero leaf, 32 zero bytes with amount 0. Receipts:
//! the unattributed ones by number from position 0, sha256(0x03, asset, receipt, amount, evidence). Both are padded
//! with zero leaves to a power of two. The parent of two entries is sha256(0x01, left hash, left amount, right hash,
//! right amount) with the sum of their amounts; the parent of two zero leaves is the zero leaf again. The root is
//! sha256(0x02, asset count, then for each asset: its number, positions, amount and hash of the accounts' tree,
//! positions, amount and hash of the receipts' tree). Numbers are little-endian: asset and account 4 bytes, receipt and
//! positions 8, salt and amounts 16. docs/concepts/liabilities.md shows how a client checks its leaf.

use crate::digest::{sha256, sha256_short};
use crate::state::State;

pub type Entry = ([u8; 32], u128);
type Placed = (usize, Entry);
pub const ZERO: Entry = ([0; 32], 0);

/// Return the leaf of one balance.
pub fn leaf(asset_id: u32, account_id: u32, leaf_salt: u128, amount_minor: u128) -> Entry {
    let mut data = [0u8; 41];
    data[1..5].copy_from_slice(&asset_id.to_le_bytes());
    data[5..9].copy_from_slice(&account_id.to_le_bytes());
    data[9..25].copy_from_slice(&leaf_salt.to_le_bytes());
    data[25..41].copy_from_slice(&amount_minor.to_le_bytes());
    (sha256_short(&data), amount_minor)
}

/// Return the leaf of one unattributed receipt.
fn receipt_leaf(asset_id: u32, receipt_id: u64, amount_minor: u128, evidence_hash: &[u8; 32]) -> Entry {
    let mut data = [3u8; 61];
    data[1..5].copy_from_slice(&asset_id.to_le_bytes());
    data[5..13].copy_from_slice(&receipt_id.to_le_bytes());
    data[13..29].copy_from_slice(&amount_minor.to_le_bytes());
    data[29..61].copy_from_slice(evidence_hash);
    (sha256(&data), amount_minor)
}

/// Return the parent of two entries, of which one at least is not the zero leaf.
pub fn node(left: &Entry, right: &Entry) -> Entry {
    let mut data = [1u8; 97];
    data[1..33].copy_from_slice(&left.0);
    data[33..49].copy_from_slice(&left.1.to_le_bytes());
    data[49..81].copy_from_slice(&right.0);
    data[81..97].copy_from_slice(&right.1.to_le_bytes());
    (sha256_short(&data), left.1 + right.1)
}

/// Return the smallest power of two that holds these positions.
fn width(positions: usize) -> usize {
    positions.max(1).next_power_of_two()
}

/// Return the top of a tree over entries by rising position; all other positions are zero leaves.
///
/// Cost: what is not zero, times the height of the tree at most.
fn tree(mut entries: Vec<Placed>, positions: usize) -> Entry {
    let mut size = width(positions);
    while size > 1 {
        entries = parents(&entries);
        size /= 2;
    }
    entries.first().map_or(ZERO, |placed| placed.1)
}

/// Return the next level of a tree.
fn parents(entries: &[Placed]) -> Vec<Placed> {
    let mut level = Vec::with_capacity(entries.len());
    let mut at = 0;
    while let Some((position, entry)) = entries.get(at) {
        at += 1;
        let sibling = entries.get(at).filter(|next| position % 2 == 0 && next.0 == position + 1);
        let parent = match sibling {
            Some((_, right)) => node(entry, right),
            None if position % 2 == 0 => node(entry, &ZERO),
            None => node(&ZERO, entry),
        };
        at += sibling.is_some() as usize;
        level.push((position / 2, parent));
    }
    level
}

/// Return the accounts' leaves of every asset that are not zero; position n is account n.
fn account_leaves(state: &State) -> Vec<Vec<Placed>> {
    let mut leaves = vec![Vec::new(); state.assets.len()];
    for index in state.sorted_balances() {
        let (key, balance) = (state.ledger.keys[index as usize], state.ledger.balances[index as usize]);
        let (account_id, asset_id) = ((key >> 32) as u32, key as u32);
        let amount = balance.available + balance.held;
        if amount != 0 {
            let salt = state.leaf_salts[account_id as usize - 1];
            leaves[asset_id as usize - 1].push((account_id as usize, leaf(asset_id, account_id, salt, amount)));
        }
    }
    leaves
}

/// Return the receipts' leaves of every asset, by receipt number from position 0.
fn receipt_leaves(state: &State) -> Vec<Vec<Placed>> {
    let mut leaves: Vec<Vec<Placed>> = vec![Vec::new(); state.assets.len()];
    for receipt in state.receipts.values() {
        let amount = receipt.amount_minor + receipt.returning_minor;
        let entry = receipt_leaf(receipt.asset_id, receipt.receipt_id, amount, &receipt.evidence_hash);
        let of_asset = &mut leaves[receipt.asset_id as usize - 1];
        of_asset.push((of_asset.len(), entry));
    }
    leaves
}

/// Return the root over all assets.
pub fn liabilities_root(state: &State) -> [u8; 32] {
    let mut root = vec![2u8];
    root.extend_from_slice(&(state.assets.len() as u32).to_le_bytes());
    for (index, both) in account_leaves(state).into_iter().zip(receipt_leaves(state)).enumerate() {
        root.extend_from_slice(&(index as u32 + 1).to_le_bytes());
        let receipts = both.1.len();
        for (entries, positions) in [(both.0, state.accounts.len() + 1), (both.1, receipts)] {
            let (top_hash, amount) = tree(entries, positions);
            root.extend_from_slice(&(width(positions) as u64).to_le_bytes());
            root.extend_from_slice(&amount.to_le_bytes());
            root.extend_from_slice(&top_hash);
        }
    }
    sha256(&root)
}
