//! Self-crosses: orders of one owner that would meet in a call auction leave before its price is found.
//!
//! Every owner's crossing orders are paired best price first, then time, and the later order's self-trade prevention
//! mode decides, until the owner's best bid lies below its best ask. From then on no price of the auction lets an owner
//! meet itself, so that price, volume and imbalance come from trades that will happen.
//! Cost: one walk over the crossed orders and one sort of those whose owner stands on both sides.

use std::collections::BTreeMap;

use crate::book::opposite;
use crate::records::{CancelReason, SelfTradePrevention, Side};
use crate::settlement::{hold_minor, settle_cancel, settle_reduction};
use crate::state::State;

/// Take out what would trade with its own owner, owner by owner, lowest number first.
pub fn resolve_self_crosses(state: &mut State, market_id: u32) {
    if !state.market(market_id).book.is_crossed() {
        return;
    }
    let bids = crossed_orders(state, market_id, Side::BUY);
    let asks = crossed_orders(state, market_id, Side::SELL);
    for (owner_id, bids) in &bids {
        if let Some(asks) = asks.get(owner_id) {
            resolve_owner(state, market_id, bids, asks);
        }
    }
}

/// Return the slots of a side that cross the other one, by owner, in price-time priority.
fn crossed_orders(state: &State, market_id: u32, side: u8) -> BTreeMap<u64, Vec<u32>> {
    let book = &state.markets[market_id as usize - 1].book;
    let worst = book.best_price(opposite(side));
    let mut orders: BTreeMap<u64, Vec<u32>> = BTreeMap::new();
    for level in book.levels(side) {
        let outside = if side == Side::BUY { level.price_ticks < worst } else { level.price_ticks > worst };
        if outside {
            break;
        }
        for slot in book.queue(level) {
            let owner_id = state.accounts[book.hot[slot as usize].account_id as usize - 1].owner_id;
            orders.entry(owner_id).or_default().push(slot);
        }
    }
    orders
}

/// Pair one owner's orders until they no longer cross.
fn resolve_owner(state: &mut State, market_id: u32, bids: &[u32], asks: &[u32]) {
    let (mut bid_at, mut ask_at) = (0, 0);
    while bid_at < bids.len() && ask_at < asks.len() {
        let hot = &state.market(market_id).book.hot;
        if hot[bids[bid_at] as usize].price_ticks < hot[asks[ask_at] as usize].price_ticks {
            return;
        }
        let (bid_stays, ask_stays) = prevent_self_trade_in_auction(state, market_id, bids[bid_at], asks[ask_at]);
        bid_at += !bid_stays as usize;
        ask_at += !ask_stays as usize;
    }
}

/// Apply the later order's mode to two orders of one owner; return whether the bid and the ask stay.
fn prevent_self_trade_in_auction(state: &mut State, market_id: u32, bid_slot: u32, ask_slot: u32) -> (bool, bool) {
    let book = &state.market(market_id).book;
    let (bid, ask) = (book.order(bid_slot), book.order(ask_slot));
    let bid_is_later = bid.priority > ask.priority;
    let (later, earlier) = if bid_is_later { (bid_slot, ask_slot) } else { (ask_slot, bid_slot) };
    let mode = if bid_is_later { bid.self_trade_prevention } else { ask.self_trade_prevention };
    if mode == SelfTradePrevention::DECREMENT {
        let lots = bid.leaves_lots.min(ask.leaves_lots);
        reduce_in_auction(state, market_id, earlier, lots);
        reduce_in_auction(state, market_id, later, lots);
        return (bid.leaves_lots > lots, ask.leaves_lots > lots);
    }
    let later_stays = mode == SelfTradePrevention::EXPIRE_MAKER;
    let earlier_stays = mode == SelfTradePrevention::EXPIRE_TAKER;
    if !earlier_stays {
        expire_in_auction(state, market_id, earlier);
    }
    if !later_stays {
        expire_in_auction(state, market_id, later);
    }
    if bid_is_later {
        (later_stays, earlier_stays)
    } else {
        (earlier_stays, later_stays)
    }
}

/// Take lots off an order that would trade with its own owner.
fn reduce_in_auction(state: &mut State, market_id: u32, slot: u32, lots: u64) {
    let market = state.market(market_id);
    let order = market.book.order(slot);
    market.book.reduce(slot, lots);
    let held = hold_minor(market, order.side, order.price_ticks, lots);
    let leaves = order.leaves_lots - lots;
    settle_reduction(state, market_id, &order, lots, leaves, held);
    if leaves == 0 {
        state.forget_order(market_id, slot);
    }
}

/// Cancel an order that would trade with its own owner.
fn expire_in_auction(state: &mut State, market_id: u32, slot: u32) {
    let market = state.market(market_id);
    let order = market.book.order(slot);
    market.book.remove(slot);
    let held = hold_minor(market, order.side, order.price_ticks, order.leaves_lots);
    state.forget_order(market_id, slot);
    settle_cancel(state, market_id, &order, CancelReason::SELF_TRADE_PREVENTION, order.leaves_lots, held);
}
