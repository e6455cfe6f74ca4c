//! A part of the state in the snapshot's own encodings: what people are shown, without the rest.
//!
//! Sections in order: header, authority, assets with their ledger accounts and the totals of what clients have
//! available and held, the number of accounts and those that were asked for, their balances, every market, and the
//! orders of those asked for.

use crate::ledger::Kind;
use crate::records::EDITION;
use crate::snapshot::{encode_account, encode_asset, encode_market, encode_orders};
use crate::snapshot_authority::encode_authority;
use crate::snapshot_bytes::{put, Writer};
use crate::state::State;

const MAGIC: [u8; 4] = *b"TZEX";

/// Return the part of the state that concerns these accounts and, with their orders, these markets.
pub fn encode_excerpt(state: &State, account_ids: &[u32], market_ids: &[u32]) -> Vec<u8> {
    let mut w = Writer::keeping(4096);
    w.0.extend_from_slice(&MAGIC);
    put!(w, EDITION, state.next_seq, state.last_ts_ns);
    encode_authority(&mut w, state);
    put!(w, state.assets.len() as u32);
    for (asset, ledger) in state.assets.iter().zip(&state.ledger.assets) {
        encode_asset(&mut w, asset, ledger);
        put!(w, ledger.totals[Kind::Available as usize], ledger.totals[Kind::Held as usize]);
    }
    encode_holders(&mut w, state, account_ids);
    put!(w, state.markets.len() as u32);
    for market in &state.markets {
        encode_market(&mut w, market);
        if market_ids.contains(&market.market_id) {
            encode_orders(&mut w, market);
        } else {
            put!(w, 0u64, 0u64, 0u64, 0u64);
        }
    }
    w.0
}

/// Write the accounts that are there, each with its balances that are not zero.
pub fn encode_holders(w: &mut Writer, state: &State, account_ids: &[u32]) {
    let there = account_ids.iter().filter(|&&id| id >= 1 && id as usize <= state.accounts.len());
    put!(w, state.accounts.len() as u32, there.clone().count() as u32);
    for &account_id in there {
        put!(w, account_id);
        encode_account(w, state, account_id as usize - 1);
        let assets = 1..=state.assets.len() as u32;
        let found = assets.map(|asset_id| (asset_id, state.find_balance(account_id, asset_id)));
        let held: Vec<_> = found.filter(|(_, balance)| balance.available != 0 || balance.held != 0).collect();
        put!(w, held.len() as u32);
        for (asset_id, balance) in held {
            put!(w, account_id, asset_id, balance.available, balance.held);
        }
    }
}
