//! Ask the memory for what a command further on in the batch will need.
//!
//! With many accounts the tables do not fit the caches, and each command would wait for half a dozen lines one after the
//! other. A hint changes no state and cannot fail. Four looks ahead, each at what the one before it brought near: index
//! entries, then orders, balances and levels, then an order's neighbours, then what its owner will receive. Small venues
//! fit the outer caches: one look, two commands ahead, serves them better.

use crate::book::{opposite, Book};
use crate::hint::{hint, hint_first, hint_whole};
use crate::ledger::balance_key;
use crate::records::{CancelOrder, PlaceOrder, RECORD_SIZE};
use crate::settlement::paying_asset;
use crate::state::{State, MARKET_HOT_BYTES};

/// Commands between a look ahead and the command itself; from READ on its own bytes are near. Steps of two commands are
/// longer than the memory takes, and what is asked for earlier is driven out of the innermost cache again.
pub const READ: usize = 16;
pub const FIRST: usize = 8;
pub const FAR: usize = 6;
pub const NEAR: usize = 4;
pub const NEXT: usize = 2;
pub const LAST: usize = 1;
pub const ONCE: usize = 2;
/// Accounts from which looking ahead pays.
const ACCOUNTS_MIN: usize = 8_192;
/// Markets from which it pays, too.
const MARKETS_MIN: usize = 16;

/// Return whether looking ahead as far as memory pays.
pub fn pays(state: &State) -> bool {
    state.accounts.len() >= ACCOUNTS_MIN || state.markets.len() >= MARKETS_MIN
}

/// Hint at what a command of a small venue reads first: its account, and its client's number or its order.
#[inline(always)]
pub fn look_once(state: &State, record: &[u8; RECORD_SIZE]) {
    match u16::from_le_bytes([record[0], record[1]]) {
        PlaceOrder::KIND => {
            let c = PlaceOrder::read(record);
            hint(state.accounts.get(c.account_id.wrapping_sub(1) as usize));
            state.hint_client(c.account_id, c.client_order_id);
        }
        CancelOrder::KIND => {
            let c = CancelOrder::read(record);
            let Some(market) = state.markets.get(c.market_id.wrapping_sub(1) as usize) else { return };
            hint(state.accounts.get(c.account_id.wrapping_sub(1) as usize));
            market.book.hint_remove(c.order_id);
        }
        _ => {}
    }
}

/// Hint at what every command reads of the market, and at the account.
#[inline(always)]
pub fn look_first(state: &State, record: &[u8; RECORD_SIZE]) {
    let (account_id, market_id) = match u16::from_le_bytes([record[0], record[1]]) {
        PlaceOrder::KIND => (PlaceOrder::read(record).account_id, PlaceOrder::read(record).market_id),
        CancelOrder::KIND => (CancelOrder::read(record).account_id, CancelOrder::read(record).market_id),
        _ => return,
    };
    hint_first(state.markets.get(market_id.wrapping_sub(1) as usize), MARKET_HOT_BYTES);
    hint(state.accounts.get(account_id.wrapping_sub(1) as usize));
}

/// Hint at the index entries that the order will touch. `seq` is the number it will get.
#[inline(always)]
pub fn look_far(state: &State, record: &[u8; RECORD_SIZE], seq: u64) {
    match u16::from_le_bytes([record[0], record[1]]) {
        PlaceOrder::KIND => {
            let c = PlaceOrder::read(record);
            let Some(market) = state.markets.get(c.market_id.wrapping_sub(1) as usize) else { return };
            state.hint_client(c.account_id, c.client_order_id);
            state.ledger.hint_asset(market.base_asset_id);
            market.book.hint_index(seq);
            market.book.hint_insert_far(c.side, c.price_ticks, c.account_id);
        }
        CancelOrder::KIND => {
            let c = CancelOrder::read(record);
            let Some(market) = state.markets.get(c.market_id.wrapping_sub(1) as usize) else { return };
            state.ledger.hint_asset(market.base_asset_id);
            market.book.hint_index(c.order_id);
        }
        _ => {}
    }
}

/// Hint at the order and its neighbours, or at the balance and the level.
#[inline(always)]
pub fn look_near(state: &State, record: &[u8; RECORD_SIZE]) {
    match u16::from_le_bytes([record[0], record[1]]) {
        PlaceOrder::KIND => {
            let c = PlaceOrder::read(record);
            let Some(market) = state.markets.get(c.market_id.wrapping_sub(1) as usize) else { return };
            state.hint_balance(c.account_id, paying_asset(market, c.side));
            market.book.hint_insert_near(c.side, c.price_ticks, c.account_id);
            if market.book.hint_head(c.side, c.price_ticks) {
                state.hint_balance(c.account_id, paying_asset(market, opposite(c.side)));
                hint_whole(Some(&market.maker_rates));
                hint_whole(Some(&market.taker_rates));
            }
        }
        CancelOrder::KIND => {
            let c = CancelOrder::read(record);
            let Some(market) = state.markets.get(c.market_id.wrapping_sub(1) as usize) else { return };
            market.book.hint_remove(c.order_id);
        }
        _ => {}
    }
}

/// Hint at what a cancel reaches through its order, or a crossing order through the first that it meets.
#[inline(always)]
pub fn look_next(state: &State, record: &[u8; RECORD_SIZE]) {
    match u16::from_le_bytes([record[0], record[1]]) {
        PlaceOrder::KIND => {
            let c = PlaceOrder::read(record);
            let Some(market) = state.markets.get(c.market_id.wrapping_sub(1) as usize) else { return };
            market.book.hint_tail(c.side, c.price_ticks);
            if let Some(head) = market.book.crossed_head(c.side, c.price_ticks) {
                look_at_maker(state, &market.book, head);
                let maker_account_id = market.book.hot[head as usize].account_id;
                state.hint_far_balance(c.account_id, paying_asset(market, opposite(c.side)));
                state.ledger.hint_far(balance_key(maker_account_id, paying_asset(market, c.side)));
            }
        }
        CancelOrder::KIND => {
            let c = CancelOrder::read(record);
            let Some(market) = state.markets.get(c.market_id.wrapping_sub(1) as usize) else { return };
            if let Some((hot, client_order_id)) = market.book.hint_neighbours(c.order_id) {
                hint(state.ledger.balances.get(hot.hold_balance as usize));
                state.hint_client(hot.account_id, client_order_id);
            }
        }
        _ => {}
    }
}

/// Hint at the balance in which the first order that a crossing one meets is paid.
#[inline(always)]
pub fn look_last(state: &State, record: &[u8; RECORD_SIZE]) {
    if u16::from_le_bytes([record[0], record[1]]) != PlaceOrder::KIND {
        return;
    }
    let c = PlaceOrder::read(record);
    let Some(market) = state.markets.get(c.market_id.wrapping_sub(1) as usize) else { return };
    if let Some(head) = market.book.crossed_head(c.side, c.price_ticks) {
        let maker_account_id = market.book.hot[head as usize].account_id;
        state.hint_balance(maker_account_id, paying_asset(market, c.side));
        state.hint_far_balance(maker_account_id, paying_asset(market, c.side));
    }
}

/// Hint at what filling an order reaches, and at the order behind it.
#[inline(always)]
pub fn look_at_maker(state: &State, book: &Book, slot: u32) {
    let (hot, cold) = (&book.hot[slot as usize], &book.cold[slot as usize]);
    book.hint_behind(hot);
    book.hint_index(hot.order_id);
    book.hint_account_list(hot);
    hint(state.ledger.balances.get(hot.hold_balance as usize));
    hint(state.accounts.get(hot.account_id.wrapping_sub(1) as usize));
    state.hint_client(hot.account_id, cold.client_order_id);
}
