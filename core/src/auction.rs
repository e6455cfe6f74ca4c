//! Call auctions: one price for all orders of the call phase.
//!
//! Orders of one owner that cross each other leave first (`self_crosses`), then the price is found (`clearing`), then
//! orders trade at it in price-time priority. One price, one walk: at the price of most volume nothing is left that
//! crosses. What is left of orders that stood in the call phase alone leaves at its end.

use crate::book::is_market;
use crate::cancel::cancel_open_orders;
use crate::clearing::find_clearing;
use crate::contingencies::{elect, place_pending, settle_legs};
use crate::market_states::{change_state, set_auction_end};
use crate::matching::{emit_replenishment, party};
use crate::records::{AuctionExtended, AuctionUncrossed, CancelReason, MarketState, Side, TradeKind};
use crate::self_crosses::resolve_self_crosses;
use crate::settlement::{settle_fill, Settlement};
use crate::state::{State, NS_PER_MS};
use crate::triggers::run_triggers;

/// Trade all that crosses at the auction's price, which becomes the reference; without a trade nothing changes.
pub fn uncross(state: &mut State, market_id: u32) {
    resolve_self_crosses(state, market_id);
    if state.market(market_id).book.is_crossed() {
        clear(state, market_id);
    }
    leave_auction(state, market_id);
}

/// Cancel what stood in the call phase alone: market orders, and limit orders of the opening or the close.
fn leave_auction(state: &mut State, market_id: u32) {
    let book = &mut state.market(market_id).book;
    let left = book.take_auction_only();
    let (without_price, limited) = left.into_iter().partition(|&slot| is_market(book.cold[slot as usize].order_type));
    cancel_open_orders(state, market_id, without_price, CancelReason::NO_LIQUIDITY);
    cancel_open_orders(state, market_id, limited, CancelReason::EXPIRED);
}

/// Find the price of a crossed book, say it, and trade at it.
fn clear(state: &mut State, market_id: u32) {
    let market = state.market(market_id);
    let clearing = find_clearing(market);
    let reference_price_ticks = market.reference_price_ticks;
    let event = AuctionUncrossed {
        side: clearing.imbalance_side,
        seq: state.seq,
        market_id,
        price_ticks: clearing.price_ticks,
        volume_lots: clearing.volume_lots,
        imbalance_lots: clearing.imbalance_lots,
        reference_price_ticks,
    };
    event.write(&mut state.out);
    trade_at(state, market_id, clearing.price_ticks);
    if state.market(market_id).book.is_crossed() {
        state.invariants.broken("ORDER", format!("market {market_id} is crossed after its auction"));
    }
    let market = state.market(market_id);
    market.reference_price_ticks = clearing.price_ticks;
    market.derive_bounds();
    settle_legs(state);
    elect(state, market_id, clearing.price_ticks);
    state.market(market_id).book.follow(clearing.price_ticks);
    place_pending(state);
}

/// Trade bids at or above against asks at or below a price.
fn trade_at(state: &mut State, market_id: u32, price_ticks: u64) {
    let mut before: Option<(u64, u64)> = None;
    loop {
        let book = &state.markets[market_id as usize - 1].book;
        let (Some(bid_slot), Some(ask_slot)) = (book.best(Side::BUY), book.best(Side::SELL)) else { return };
        let (bid, ask) = (book.order(bid_slot), book.order(ask_slot));
        if bid.price_ticks < price_ticks || ask.price_ticks > price_ticks {
            return;
        }
        check_auction_priority(state, (bid.order_id, bid.price_ticks), (ask.order_id, ask.price_ticks), &mut before);
        let lots = bid.visible_lots.min(ask.visible_lots);
        let fill = Settlement {
            trade_kind: TradeKind::AUCTION,
            taker_side: Side::BUY,
            maker: party(&ask),
            taker: party(&bid),
            price_ticks,
            lots,
            hold_ticks: bid.price_ticks,
        };
        settle_fill(state, market_id, &fill);
        take_auctioned(state, market_id, bid_slot, lots);
        take_auctioned(state, market_id, ask_slot, lots);
    }
}

/// Check ORDER: neither side's price improves from one trade of an auction to the next.
fn check_auction_priority(state: &mut State, bid: (u64, u64), ask: (u64, u64), before: &mut Option<(u64, u64)>) {
    state.invariants.order += 1;
    if before.is_some_and(|(bid_before, ask_before)| bid.1 > bid_before || ask.1 < ask_before) {
        state.invariants.broken("ORDER", format!("orders {} and {} traded out of turn", bid.0, ask.0));
    }
    *before = Some((bid.1, ask.1));
}

/// Take traded lots off an order of the book.
fn take_auctioned(state: &mut State, market_id: u32, slot: u32, lots: u64) {
    let book = &mut state.market(market_id).book;
    if book.fill(slot, lots) {
        let order = book.order(slot);
        let (account_id, order_id) = (order.account_id, order.order_id);
        emit_replenishment(state, market_id, account_id, order_id, order.visible_lots, order.leaves_lots);
    } else if book.hot[slot as usize].leaves_lots == 0 {
        state.forget_order(market_id, slot);
    }
}

/// Let a call phase go on when its price would lie outside the corridors; return whether it does.
///
/// Source: Xetra, volatility interruption in auctions; LSE, price monitoring extension.
pub fn extend_auction(state: &mut State, market_id: u32) -> bool {
    let market = state.market(market_id);
    let rules = market.trading_rules;
    if market.extension_count >= rules.extension_count_max {
        return false;
    }
    resolve_self_crosses(state, market_id);
    let market = &state.markets[market_id as usize - 1];
    if !market.book.is_crossed() {
        return false;
    }
    let (price_ticks, (low, high)) = (find_clearing(market).price_ticks, market.trade_bounds(state.last_ts_ns));
    if price_ticks >= low && price_ticks <= high {
        return false;
    }
    let auction_end_ns = state.last_ts_ns.saturating_add(rules.extension_ms as u64 * NS_PER_MS);
    let (extension_count, reference_price_ticks) = (market.extension_count + 1, market.reference_price_ticks);
    state.market(market_id).extension_count = extension_count;
    set_auction_end(state, market_id, auction_end_ns);
    let event = AuctionExtended {
        extension_count,
        seq: state.seq,
        market_id,
        price_ticks,
        reference_price_ticks,
        auction_end_ns,
    };
    event.write(&mut state.out);
    true
}

/// Begin continuous trading: uncross the call phase, then let elected orders act.
pub fn open_continuous(state: &mut State, market_id: u32, reason: u8) {
    change_state(state, market_id, MarketState::CONTINUOUS, reason, 0, 0);
    uncross(state, market_id);
    run_triggers(state, market_id);
}
