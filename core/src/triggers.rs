//! Stop and take-profit orders: prints elect them, and the market's state lets them act.
//!
//! Every print counts, each one of a sweep and an auction's price; who was elected stays so. In a continuous market
//! elected orders act one after the other, and their own prints elect further ones. In a call phase they gather like all
//! others, where they may rest; else, at a halt and in a closed market they wait.
//! Source: CME Globex, a stop order is activated when the market trades at or through its trigger price.

use crate::book::{is_waiting_market, Order};
use crate::matching::{can_gather, execute, gather, Taker};
use crate::records::{CancelReason, MarketState, OrderElected, OrderTriggered, Side};
use crate::session_orders::{is_call_phase, join_call_phase};
use crate::settlement::{hold_minor, settle_cancel};
use crate::state::{Market, State};

/// Elect every order whose trigger a print has reached: rising ones first, nearest trigger first.
pub fn elect(state: &mut State, market_id: u32, price_ticks: u64) {
    while let Some(slot) = state.market(market_id).book.next_triggered(price_ticks) {
        let book = &mut state.markets[market_id as usize - 1].book;
        book.elect(slot);
        let (hot, cold) = (&book.hot[slot as usize], &book.cold[slot as usize]);
        let event = OrderElected {
            seq: state.seq,
            market_id,
            account_id: hot.account_id,
            order_id: hot.order_id,
            trigger_price_ticks: cold.trigger_price_ticks,
            print_price_ticks: price_ticks,
        };
        event.write(&mut state.out);
    }
}

/// Let elected orders act or gather, first elected first, for as long as the market takes them.
#[inline(always)]
pub fn run_triggers(state: &mut State, market_id: u32) {
    while let Some(slot) = state.markets[market_id as usize - 1].book.next_elected() {
        if state.market(market_id).market_state != MarketState::CONTINUOUS {
            return gather_elected(state, market_id);
        }
        act(state, market_id, slot);
    }
    let market = &state.markets[market_id as usize - 1];
    if market.book.has_held() && is_call_phase(market) {
        join_call_phase(state, market_id);
    }
}

#[cold]
fn gather_elected(state: &mut State, market_id: u32) {
    if !is_call_phase(state.market(market_id)) {
        return;
    }
    join_call_phase(state, market_id);
    for slot in state.market(market_id).book.elected_slots() {
        if can_gather(&state.market(market_id).book.order(slot)) {
            act(state, market_id, slot);
        }
    }
}

/// Match an elected order, or let it gather for the auction; cancel it where its limit lies outside the collar.
#[inline(never)]
fn act(state: &mut State, market_id: u32, slot: u32) {
    let market = state.market(market_id);
    let mut order = market.book.order(slot);
    let last_price_ticks = market.last_price_ticks;
    market.book.unwait(slot);
    state.forget_order(market_id, slot);
    order.priority = 0;
    // EMIT
    let event = OrderTriggered {
        seq: state.seq,
        market_id,
        account_id: order.account_id,
        order_id: order.order_id,
        trigger_price_ticks: order.trigger_price_ticks,
        last_price_ticks,
    };
    event.write(&mut state.out);
    // MATCH POST EMIT
    let market = &state.markets[market_id as usize - 1];
    match triggered_taker(market, order) {
        None => {
            let held = hold_minor(market, order.side, order.price_ticks, order.remaining_lots);
            settle_cancel(state, market_id, &order, CancelReason::COLLAR, order.remaining_lots, held);
        }
        Some(taker) if market.market_state != MarketState::CONTINUOUS => gather(state, market_id, &taker),
        Some(mut taker) => trade(state, market_id, &mut taker),
    }
}

/// Match an order and elect what its prints reach: they rise or fall, so that the first and the last tell all.
#[inline(always)]
pub fn trade(state: &mut State, market_id: u32, taker: &mut Taker) {
    let Some((first, last)) = execute(state, market_id, taker) else { return };
    if state.markets[market_id as usize - 1].book.has_untriggered() {
        elect(state, market_id, first);
        elect(state, market_id, last);
    }
}

/// Return the terms of a triggered order, None when its limit price lies outside the collar.
///
/// A triggered market order trades up to the collar, a buy also no further than the price it holds for.
fn triggered_taker(market: &Market, order: Order) -> Option<Taker> {
    let (price, is_buy) = (order.price_ticks, order.side == Side::BUY);
    let mut taker = Taker::limit(order);
    if is_waiting_market(order.order_type) {
        taker.limit_ticks = if is_buy { price.min(market.collar_high) } else { market.collar_low };
        return Some(taker);
    }
    let outside = if is_buy { price > market.collar_high } else { price < market.collar_low };
    (!outside).then_some(taker)
}
