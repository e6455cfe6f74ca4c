//! Stop and take-profit orders: prints elect them, and the market's state lets them act.
//!
//! Every print counts, each one of a sweep and an auction's price; who was elected stays so. In a continuous market
//! elected orders act one after the other, and their own prints elect further ones. In a call phase they enter like all
//! others, where they may rest; else, at a halt and in a closed market they wait.
//! Source: CME Globex, a stop order is activated when the market trades at or through its trigger price.

use crate::book::{is_trigger_market, opposite, Order};
use crate::contingencies::{elect, place_pending, settle_legs};
use crate::matching::{enter_call_phase, execute, fits_call_phase, Taker};
use crate::records::{CancelReason, MarketState, OrderTriggered, OrderType, Side};
use crate::session_orders::{is_call_phase, join_call_phase};
use crate::settlement::{hold_minor, settle_cancel};
use crate::state::{Market, State};

/// Let elected orders act or enter the call phase, first elected first, for as long as the market takes them.
#[inline(always)]
pub fn run_triggers(state: &mut State, market_id: u32) {
    while let Some(slot) = state.markets[market_id as usize - 1].book.next_elected() {
        if state.market(market_id).market_state != MarketState::CONTINUOUS {
            return enter_elected(state, market_id);
        }
        act(state, market_id, slot);
    }
    let market = &state.markets[market_id as usize - 1];
    if market.book.has_held() && is_call_phase(market) {
        join_call_phase(state, market_id);
    }
}

#[cold]
fn enter_elected(state: &mut State, market_id: u32) {
    if !is_call_phase(state.market(market_id)) {
        return;
    }
    join_call_phase(state, market_id);
    for slot in state.market(market_id).book.elected_slots() {
        if fits_call_phase(&state.market(market_id).book.order(slot)) {
            act(state, market_id, slot);
        }
    }
}

/// Match an elected order, or let it enter the call phase.
///
/// One whose limit lies outside the collar is canceled, and a post-only one that would trade.
#[inline(never)]
fn act(state: &mut State, market_id: u32, slot: u32) {
    let market = state.market(market_id);
    let mut order = market.book.order(slot);
    let last_price_ticks = market.last_price_ticks;
    market.book.remove_untriggered(slot);
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
        Some(mut taker) if !crosses_post_only(market, &order) => {
            if market.market_state == MarketState::CONTINUOUS {
                trade(state, market_id, &mut taker);
            } else {
                enter_call_phase(state, market_id, &taker);
            }
        }
        taker => {
            let reason = if taker.is_some() { CancelReason::POST_ONLY } else { CancelReason::COLLAR };
            let held = hold_minor(market, order.side, order.price_ticks, order.leaves_lots);
            settle_cancel(state, market_id, &order, reason, order.leaves_lots, held);
        }
    }
}

/// Return whether a post-only order would trade at once.
fn crosses_post_only(market: &Market, order: &Order) -> bool {
    if order.order_type != OrderType::POST_ONLY || market.market_state != MarketState::CONTINUOUS {
        return false;
    }
    let (best, price) = (market.book.best_price(opposite(order.side)), order.price_ticks);
    best != 0 && (if order.side == Side::BUY { price >= best } else { price <= best })
}

/// Match an order, settle what it means for lists, and let every print of it elect.
#[inline(always)]
pub fn trade(state: &mut State, market_id: u32, taker: &mut Taker) {
    execute(state, market_id, taker);
    if !(state.leg_events.is_empty() && state.prints.is_empty()) {
        settle_trade(state, market_id);
    }
}

#[cold]
fn settle_trade(state: &mut State, market_id: u32) {
    settle_legs(state);
    let mut prints = std::mem::take(&mut state.prints);
    for &price_ticks in &prints {
        elect(state, market_id, price_ticks);
        if [prints.first(), prints.last()].contains(&Some(&price_ticks)) {
            state.market(market_id).book.follow(price_ticks);
        }
    }
    prints.clear();
    state.prints = prints;
    place_pending(state);
}

/// Return the terms of a triggered order, None when its limit price lies outside the collar.
///
/// A triggered market order trades up to the collar, a buy also no further than the price it holds for.
fn triggered_taker(market: &Market, order: Order) -> Option<Taker> {
    let (price, is_buy) = (order.price_ticks, order.side == Side::BUY);
    let mut taker = Taker::limit(order);
    if is_trigger_market(order.order_type) {
        taker.limit_ticks = if is_buy { price.min(market.collar_high) } else { market.collar_low };
        return Some(taker);
    }
    let outside = if is_buy { price > market.collar_high } else { price < market.collar_low };
    (!outside).then_some(taker)
}
