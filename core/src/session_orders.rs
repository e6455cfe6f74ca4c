//! Orders whose time in force ends with a session: day, at the opening, at the close.
//!
//! A day order leaves when the market closes, at the latest at the end of the local day (the zone of limits over time).
//! An order at the opening or at the close waits, with what it could cost held, for the next call phase of its kind: one
//! that leads to continuous trading, or an auction that leads to a closed market. It enters there like all others, and
//! what the auction leaves of it is canceled. An order at the close that sees the market close without an auction leaves
//! as well.
//! Source: FIX 59 = 0 (day), 2 (at the opening), 7 (at the close); Xetra, opening auction only and closing auction only.

use crate::book::{is_auction_time, is_market, Order, NONE};
use crate::cancel::cancel_open_orders;
use crate::matching::{enter_call_phase, Taker};
use crate::records::{CancelReason, MarketState, OrderJoined, Side, TimeInForce};
use crate::settlement::{hold_minor, settle_cancel};
use crate::state::{Market, State};

/// Return whether an order of this time in force may stand in the book or trade now.
pub fn fits(market: &Market, time_in_force: u8) -> bool {
    if !is_auction_time(time_in_force) {
        return true;
    }
    let is_closing = market.next_market_state == MarketState::CLOSED;
    is_call_phase(market) && is_closing == (time_in_force != TimeInForce::AT_THE_OPENING)
}

/// Return whether the market is in a call phase.
pub fn is_call_phase(market: &Market) -> bool {
    matches!(market.market_state, MarketState::PRE_OPEN | MarketState::AUCTION)
}

/// Let the orders that waited for this call phase enter it, lowest number first.
#[cold]
pub fn join_call_phase(state: &mut State, market_id: u32) {
    for slot in state.market(market_id).book.held_slots() {
        let market = &state.markets[market_id as usize - 1];
        if fits(market, market.book.cold[slot as usize].time_in_force) {
            join(state, market_id, slot);
        }
    }
}

/// Let an order enter at its limit, a market order at the worst price; cancel a limit outside the collar.
fn join(state: &mut State, market_id: u32, slot: u32) {
    let order = state.market(market_id).book.order(slot);
    state.market(market_id).book.remove_untriggered(slot);
    state.forget_order(market_id, slot);
    let market = &state.markets[market_id as usize - 1];
    let (price, is_buy) = (order.price_ticks, order.side == Side::BUY);
    let outside = if is_buy { price > market.collar_high } else { price < market.collar_low };
    let mut taker = Taker::limit(order);
    if is_market(order.order_type) {
        taker.limit_ticks = if is_buy { price.min(market.collar_high) } else { market.collar_low };
    } else if outside {
        let held = hold_minor(market, order.side, price, order.leaves_lots);
        settle_cancel(state, market_id, &order, CancelReason::COLLAR, order.leaves_lots, held);
        return;
    }
    // EMIT
    emit_joined(state, market_id, &order, taker.limit_ticks);
    // POST EMIT
    enter_call_phase(state, market_id, &taker);
}

/// Say that an order at the opening or at the close enters the call phase now, at which price.
pub fn emit_joined(state: &mut State, market_id: u32, order: &Order, price_ticks: u64) {
    let event = OrderJoined {
        seq: state.seq,
        market_id,
        account_id: order.account_id,
        order_id: order.order_id,
        price_ticks,
        leaves_lots: order.leaves_lots,
    };
    event.write(&mut state.out);
}

/// After a change of the market's state, cancel the orders whose session is over.
pub fn end_session(state: &mut State, market_id: u32) {
    let market = state.market(market_id);
    let mut over = market.book.sessional_slots();
    over.retain(|&slot| is_over(market, slot));
    cancel_open_orders(state, market_id, over, CancelReason::EXPIRED);
}

/// Return whether an order's session is over: at a close, or when it stands in a phase that is not its own.
///
/// Orders at the opening outlive a halt, from which the market opens again.
fn is_over(market: &Market, slot: u32) -> bool {
    let rests = market.book.hot[slot as usize].level != NONE;
    let time_in_force = market.book.cold[slot as usize].time_in_force;
    if market.market_state == MarketState::CLOSED {
        return rests || time_in_force != TimeInForce::AT_THE_OPENING;
    }
    if !rests || !is_auction_time(time_in_force) {
        return false;
    }
    let is_closing = is_call_phase(market) && market.next_market_state == MarketState::CLOSED;
    is_closing == (time_in_force == TimeInForce::AT_THE_OPENING)
}
