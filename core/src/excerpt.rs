//! A part of the state in the snapshot's own encodings: what people are shown, without the rest.
//!
//! Sections in order: header, authority, assets with their ledger accounts and the totals of what clients have
//! available and held, the number of accounts and those that were asked for, their balances, every market without its
//! orders, and of the markets asked for how many orders rest and wait for a trigger, those at the best prices, and those
//! asked for.

use crate::ledger::Kind;
use crate::records::{Side, EDITION};
use crate::snapshot::{encode_account, encode_asset, encode_market, encode_order};
use crate::snapshot_authority::encode_authority;
use crate::snapshot_bytes::{put, Writer};
use crate::state::{Market, State};

const MAGIC: [u8; 4] = *b"TZEX";

/// Return the part of the state that concerns these accounts and markets.
///
/// Of a market's orders: those at the best `depth` prices of each side, and those with these numbers.
pub fn encode_excerpt(
    state: &State,
    account_ids: &[u32],
    market_ids: &[u32],
    depth: u32,
    order_ids: &[u64],
) -> Vec<u8> {
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
        put!(w, 0u64, 0u64, 0u64, 0u64);
    }
    let asked: Vec<_> = state.markets.iter().filter(|market| market_ids.contains(&market.market_id)).collect();
    put!(w, asked.len() as u32);
    for market in asked {
        encode_best(&mut w, market, depth);
        encode_named(&mut w, market, order_ids);
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

/// Write how many orders a market has, and those at the best prices of each side, best first.
pub fn encode_best(w: &mut Writer, market: &Market, depth: u32) {
    let (book, untriggered) = (&market.book, market.book.untriggered().len());
    let best = |side| book.levels(side).take(depth as usize).flat_map(|level| book.queue(level));
    let slots: Vec<u32> = best(Side::BUY).chain(best(Side::SELL)).collect();
    put!(w, market.market_id, (book.open_orders() - untriggered) as u64, untriggered as u64, slots.len() as u32);
    for slot in slots {
        encode_order(w, &book.order(slot));
    }
}

/// Write the orders with these numbers that the market has open.
pub fn encode_named(w: &mut Writer, market: &Market, order_ids: &[u64]) {
    let there: Vec<u32> = order_ids.iter().filter_map(|&order_id| market.book.find(order_id)).collect();
    put!(w, there.len() as u32);
    for slot in there {
        encode_order(w, &market.book.order(slot));
    }
}
