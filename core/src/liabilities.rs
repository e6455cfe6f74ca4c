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

use crate::digest::sha256;
use crate::state::State;

type Entry = ([u8; 32], u128);
const ZERO: Entry = ([0; 32], 0);

/// Return the leaf of one balance.
fn leaf(asset_id: u32, account_id: u32, leaf_salt: u128, amount_minor: u128) -> Entry {
    let mut data = [0u8; 41];
    data[1..5].copy_from_slice(&asset_id.to_le_bytes());
    data[5..9].copy_from_slice(&account_id.to_le_bytes());
    data[9..25].copy_from_slice(&leaf_salt.to_le_bytes());
    data[25..41].copy_from_slice(&amount_minor.to_le_bytes());
    (sha256(&data), amount_minor)
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

/// Return the parent of two entries.
fn node(left: &Entry, right: &Entry) -> Entry {
    if *left == ZERO && *right == ZERO {
        return ZERO;
    }
    let mut data = [1u8; 97];
    data[1..33].copy_from_slice(&left.0);
    data[33..49].copy_from_slice(&left.1.to_le_bytes());
    data[49..81].copy_from_slice(&right.0);
    data[81..97].copy_from_slice(&right.1.to_le_bytes());
    (sha256(&data), left.1 + right.1)
}

/// Return the smallest power of two that holds these positions.
fn width(positions: usize) -> usize {
    positions.max(1).next_power_of_two()
}

/// Return the top of a tree over entries in order, padded with zero leaves.
fn tree(mut entries: Vec<Entry>) -> Entry {
    entries.resize(width(entries.len()), ZERO);
    while entries.len() > 1 {
        entries = entries.chunks(2).map(|pair| node(&pair[0], &pair[1])).collect();
    }
    entries[0]
}

/// Return the accounts' leaves of every asset; position n is account n.
fn account_leaves(state: &State) -> Vec<Vec<Entry>> {
    let mut leaves = vec![vec![ZERO; state.accounts.len() + 1]; state.assets.len()];
    for (&key, balance) in state.ledger.keys.iter().zip(&state.ledger.balances) {
        let (account_id, asset_id) = ((key >> 32) as u32, key as u32);
        let amount = balance.available + balance.held;
        if amount != 0 {
            let salt = state.leaf_salts[account_id as usize - 1];
            leaves[asset_id as usize - 1][account_id as usize] = leaf(asset_id, account_id, salt, amount);
        }
    }
    leaves
}

/// Return the receipts' leaves of every asset, by receipt number.
fn receipt_leaves(state: &State) -> Vec<Vec<Entry>> {
    let mut leaves = vec![Vec::new(); state.assets.len()];
    for receipt in state.receipts.values() {
        let amount = receipt.amount_minor + receipt.returning_minor;
        let entry = receipt_leaf(receipt.asset_id, receipt.receipt_id, amount, &receipt.evidence_hash);
        leaves[receipt.asset_id as usize - 1].push(entry);
    }
    leaves
}

/// Return the root over all assets.
pub fn liabilities_root(state: &State) -> [u8; 32] {
    let mut root = vec![2u8];
    root.extend_from_slice(&(state.assets.len() as u32).to_le_bytes());
    for (index, both) in account_leaves(state).into_iter().zip(receipt_leaves(state)).enumerate() {
        root.extend_from_slice(&(index as u32 + 1).to_le_bytes());
        for entries in [both.0, both.1] {
            let positions = width(entries.len()) as u64;
            let (top_hash, amount) = tree(entries);
            root.extend_from_slice(&positions.to_le_bytes());
            root.extend_from_slice(&amount.to_le_bytes());
            root.extend_from_slice(&top_hash);
        }
    }
    sha256(&root)
}
