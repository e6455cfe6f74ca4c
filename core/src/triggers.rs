//! Stop and take-profit orders: when the last price reaches their trigger they act, one after the other.

use crate::book::Order;
use crate::matching::{execute, Taker};
use crate::records::{CancelReason, MarketState, OrderTriggered, OrderType, Side};
use crate::settlement::{hold_minor, settle_cancel};
use crate::state::{Market, State};

/// Return whether the type is a market order once triggered.
#[inline(always)]
pub fn is_waiting_market(order_type: u8) -> bool {
    matches!(order_type, OrderType::STOP_LOSS | OrderType::TAKE_PROFIT)
}

/// Let every order act whose trigger the last price has reached, until none is left or the market is not open.
#[inline(always)]
pub fn run_triggers(state: &mut State, market_id: u32) {
    loop {
        let market = &state.markets[market_id as usize - 1];
        if market.market_state != MarketState::CONTINUOUS || market.last_price_ticks == 0 {
            return;
        }
        let Some(slot) = market.book.next_triggered(market.last_price_ticks) else { return };
        trigger(state, market_id, slot);
    }
}

/// Turn a waiting order into an acting one and match it.
#[inline(never)]
fn trigger(state: &mut State, market_id: u32, slot: u32) {
    let market = state.market(market_id);
    let order = market.book.order(slot);
    market.book.unwait(slot);
    let last_price_ticks = market.last_price_ticks;
    state.forget_order(market_id, slot);
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
        Some(taker) => execute(state, market_id, taker),
        None => {
            let held = hold_minor(market, order.side, order.price_ticks, order.remaining_lots);
            settle_cancel(state, market_id, &order, CancelReason::COLLAR, order.remaining_lots, held);
        }
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
