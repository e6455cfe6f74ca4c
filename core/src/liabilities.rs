//! Root of the liabilities tree: what the facility owes to every account, asset by asset, under one hash.
//!
//! Per asset, one leaf for each account with a balance, by account number: sha256(0x00, asset, account, salt, amount).
//! A node binds both children's hashes and both children's amounts: sha256(0x01, left hash, left amount, right hash,
//! right amount), and its amount is their sum; an odd last entry moves up as it is. The root binds every asset's number,
//! leaf count, total and tree: sha256(0x02, asset count, then for each asset its number, leaf count, amount, hash).
//! Numbers are little-endian: asset and account 4 bytes, counts 8, salt and amounts 16.

use crate::digest::sha256;
use crate::state::State;

type Entry = ([u8; 32], u128);

/// Return the leaf of one balance.
fn leaf(asset_id: u32, account_id: u32, leaf_salt: u128, amount_minor: u128) -> Entry {
    let mut data = [0u8; 41];
    data[1..5].copy_from_slice(&asset_id.to_le_bytes());
    data[5..9].copy_from_slice(&account_id.to_le_bytes());
    data[9..25].copy_from_slice(&leaf_salt.to_le_bytes());
    data[25..41].copy_from_slice(&amount_minor.to_le_bytes());
    (sha256(&data), amount_minor)
}

/// Return the parent of two entries.
fn node(left: &Entry, right: &Entry) -> Entry {
    let mut data = [1u8; 97];
    data[1..33].copy_from_slice(&left.0);
    data[33..49].copy_from_slice(&left.1.to_le_bytes());
    data[49..81].copy_from_slice(&right.0);
    data[81..97].copy_from_slice(&right.1.to_le_bytes());
    (sha256(&data), left.1 + right.1)
}

/// Return the top of a tree over entries in order; (zeros, 0) for none.
fn tree(mut entries: Vec<Entry>) -> Entry {
    if entries.is_empty() {
        return ([0; 32], 0);
    }
    while entries.len() > 1 {
        entries =
            entries.chunks(2).map(|pair| if pair.len() == 2 { node(&pair[0], &pair[1]) } else { pair[0] }).collect();
    }
    entries[0]
}

/// Return the root over all assets.
pub fn liabilities_root(state: &State) -> [u8; 32] {
    let mut leaves: Vec<Vec<Entry>> = vec![Vec::new(); state.assets.len()];
    for index in state.sorted_balances() {
        let (key, balance) = (state.ledger.keys[index as usize], state.ledger.balances[index as usize]);
        let (account_id, asset_id) = ((key >> 32) as u32, key as u32);
        let amount = balance.available + balance.held;
        if amount != 0 {
            let salt = state.leaf_salts[account_id as usize - 1];
            leaves[asset_id as usize - 1].push(leaf(asset_id, account_id, salt, amount));
        }
    }
    let mut root = vec![2u8];
    root.extend_from_slice(&(state.assets.len() as u32).to_le_bytes());
    for (index, entries) in leaves.into_iter().enumerate() {
        let count = entries.len() as u64;
        let (top_hash, amount) = tree(entries);
        root.extend_from_slice(&(index as u32 + 1).to_le_bytes());
        root.extend_from_slice(&count.to_le_bytes());
        root.extend_from_slice(&amount.to_le_bytes());
        root.extend_from_slice(&top_hash);
    }
    sha256(&root)
}
