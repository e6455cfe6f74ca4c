//! Ask the memory for what a command further on in the batch will need.
//!
//! With many accounts the tables do not fit the caches, and each command would wait for half a dozen lines one after the
//! other. A hint changes no state and cannot fail. Three looks ahead, each at what the one before it brought near: the
//! account and index entries, then orders, balances and levels, then an order's neighbours. A look costs instructions and
//! guesses of its own, so a command is read once: what its first look found is kept in a ring for the later ones. Small
//! venues fit the outer caches: one look, two commands ahead, serves them better.

use crate::book::{opposite, Book, NONE};
use crate::hint::{hint, hint_first, hint_whole};
use crate::ledger::balance_key;
use crate::records::{CancelOrder, PlaceOrder, RECORD_SIZE};
use crate::settlement::paying_asset;
use crate::state::{State, MARKET_HOT_BYTES};

/// Commands between a look ahead and the command itself. What is asked for earlier is driven out of the innermost cache
/// again.
pub const FIRST: usize = 8;
pub const FAR: usize = 6;
pub const NEAR: usize = 4;
pub const NEXT: usize = 2;
pub const ONCE: usize = 2;
/// Commands that are kept between their looks, a power of two above FAR.
const RING: usize = 8;
/// Accounts from which looking ahead pays.
const ACCOUNTS_MIN: usize = 8_192;
/// Markets from which it pays, too.
const MARKETS_MIN: usize = 16;
/// Markets from which the second cache does not keep what every command reads of them.
const MARKETS_FAR: usize = 256;

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

/// A command that was looked at: `kind` 0 for what needs no second look. `found` is the level of an order that comes in
/// or the slot of one that goes, NONE where there is none.
#[derive(Clone, Copy, Default)]
struct Seen {
    kind: u16,
    side: u8,
    market: u32,
    account_id: u32,
    found: u32,
    price_ticks: u64,
    order_id: u64,
}

/// The commands that come next, by their place in the batch.
#[derive(Default)]
pub struct Ahead {
    ring: [Seen; RING],
}

impl Ahead {
    /// Look at the commands behind one in its batch, each as far ahead as serves it. `seq` is the number of that one.
    #[inline(always)]
    pub fn look(&mut self, state: &State, records: &[[u8; RECORD_SIZE]], at: usize, seq: u64) {
        look_first(state, records.get(at.wrapping_add(FIRST)));
        self.ring[at.wrapping_add(FAR) % RING] = match records.get(at.wrapping_add(FAR)) {
            Some(record) => look_far(state, record, seq.wrapping_add(FAR as u64)),
            None => Seen::default(),
        };
        look_near(state, &mut self.ring[at.wrapping_add(NEAR) % RING]);
        look_next(state, &self.ring[at.wrapping_add(NEXT) % RING]);
    }
}

/// Hint at what every command reads of the market and of its asset, where there are so many that the caches do not keep
/// them. The market stands in one place in an order and in a cancel.
#[inline(always)]
fn look_first(state: &State, record: Option<&[u8; RECORD_SIZE]>) {
    if state.markets.len() < MARKETS_FAR {
        return;
    }
    let Some(record) = record else { return };
    let c = CancelOrder::read(record);
    hint_first(state.markets.get(c.market_id.wrapping_sub(1) as usize), MARKET_HOT_BYTES);
    hint(state.accounts.get(c.account_id.wrapping_sub(1) as usize));
}

/// Hint at the index entries that the order will touch. `seq` is the number it will get.
#[inline(always)]
fn look_far(state: &State, record: &[u8; RECORD_SIZE], seq: u64) -> Seen {
    let kind = u16::from_le_bytes([record[0], record[1]]);
    match kind {
        PlaceOrder::KIND => {
            let c = PlaceOrder::read(record);
            let market = c.market_id.wrapping_sub(1);
            let Some(book) = state.markets.get(market as usize).map(|market| &market.book) else {
                return Seen::default();
            };
            hint(state.accounts.get(c.account_id.wrapping_sub(1) as usize));
            state.hint_client(c.account_id, c.client_order_id);
            book.hint_store(seq, c.account_id);
            book.hint_insert_far(c.side, c.price_ticks);
            hint_asset(state, market);
            let (side, account_id, price_ticks) = (c.side, c.account_id, c.price_ticks);
            Seen { kind, side, market, account_id, found: NONE, price_ticks, order_id: 0 }
        }
        CancelOrder::KIND => {
            let c = CancelOrder::read(record);
            let market = c.market_id.wrapping_sub(1);
            let Some(book) = state.markets.get(market as usize).map(|market| &market.book) else {
                return Seen::default();
            };
            hint(state.accounts.get(c.account_id.wrapping_sub(1) as usize));
            book.hint_index(c.order_id);
            hint_asset(state, market);
            let (account_id, order_id) = (c.account_id, c.order_id);
            Seen { kind, side: 0, market, account_id, found: NONE, price_ticks: 0, order_id }
        }
        _ => Seen::default(),
    }
}

/// Hint at the ledger of the asset of a market, where there are many of them.
#[inline(always)]
fn hint_asset(state: &State, market: u32) {
    if state.markets.len() >= MARKETS_FAR {
        if let Some(market) = state.markets.get(market as usize) {
            state.ledger.hint_asset(market.base_asset_id);
        }
    }
}

/// Hint at the order, or at the balance and the level.
#[inline(always)]
fn look_near(state: &State, seen: &mut Seen) {
    let Some(market) = state.markets.get(seen.market as usize) else { return };
    match seen.kind {
        PlaceOrder::KIND => {
            state.hint_balance(seen.account_id, paying_asset(market, seen.side));
            seen.found = market.book.hint_insert_near(seen.side, seen.price_ticks, seen.account_id);
            if market.book.hint_head(seen.side, seen.price_ticks) {
                state.hint_balance(seen.account_id, paying_asset(market, opposite(seen.side)));
                hint_whole(Some(&market.maker_rates));
                hint_whole(Some(&market.taker_rates));
            }
        }
        CancelOrder::KIND => seen.found = market.book.hint_remove(seen.order_id).unwrap_or(NONE),
        _ => {}
    }
}

/// Hint at what the order reaches: behind whom it comes in, or where it goes.
#[inline(always)]
fn look_next(state: &State, seen: &Seen) {
    if seen.kind == PlaceOrder::KIND && state.markets.len() >= MARKETS_FAR {
        look_at_crossed(state, seen);
    }
    if seen.found == NONE {
        return;
    }
    let Some(market) = state.markets.get(seen.market as usize) else { return };
    match seen.kind {
        PlaceOrder::KIND => market.book.hint_tail(seen.found),
        CancelOrder::KIND => {
            if let Some((hot, client_order_id)) = market.book.hint_neighbours(seen.found) {
                hint(state.ledger.balances.get(hot.hold_balance as usize));
                state.hint_client(hot.account_id, client_order_id);
            }
        }
        _ => {}
    }
}

/// Hint at what the first order reaches that an order meets.
#[inline(always)]
fn look_at_crossed(state: &State, seen: &Seen) {
    let Some(market) = state.markets.get(seen.market as usize) else { return };
    if seen.found == NONE {
        market.book.hint_rank(seen.side, seen.price_ticks);
    }
    if let Some(head) = market.book.crossed_head(seen.side, seen.price_ticks) {
        look_at_maker(state, &market.book, head);
        let maker_account_id = market.book.hot[head as usize].account_id;
        state.hint_far_balance(seen.account_id, paying_asset(market, opposite(seen.side)));
        state.ledger.hint_far(balance_key(maker_account_id, paying_asset(market, seen.side)));
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
