//! What prints and other orders do to orders that wait: stops are elected or follow, legs of a list leave or begin.
//!
//! Settlement notes what happens to legs. When a match, an auction or a command is settled, `settle_legs` cancels what
//! may no longer stand beside them; then prints elect; then `place_pending` lets orders begin whose working order is
//! filled. Of a pair the limit order holds what it needs and the stop only what it needs more; when the stop is elected
//! the limit order leaves and the stop holds all. A pending order holds nothing before it begins, and leaves where it
//! cannot.
//! Source: Binance Spot, order lists (OCO, OTO, OTOCO); CME Globex, a trade at or through its trigger activates a stop.

use crate::book::{has_trigger, is_trigger_market, Order};
use crate::cancel::close_order;
use crate::ledger::HOLD;
use crate::legs::{is_leg, other_leg, pending_legs, working_leg};
use crate::purchases::{check_purchase, hand_over_purchase, is_limited_purchase, open_purchase};
use crate::records::{CancelReason, OrderElected, OrderHeld, Side, TrailingStopStarted};
use crate::settlement::{hold_minor, paying_asset};
use crate::state::{Market, State};
use crate::trailing::{trailing_trigger, worst_price, Trail};

const ORDER_LIST: u8 = CancelReason::ORDER_LIST;

/// Elect every order whose trigger a print has reached: triggers above first, nearest trigger first.
///
/// A trailing stop begins there instead.
pub fn elect(state: &mut State, market_id: u32, price_ticks: u64) {
    while let Some(slot) = state.market(market_id).book.next_triggered(price_ticks) {
        let book = &mut state.markets[market_id as usize - 1].book;
        let order_id = book.hot[slot as usize].order_id;
        if book.trails.get(&order_id).is_some_and(|trail| trail.extreme_ticks == 0) {
            start_trail(state, market_id, slot, price_ticks);
            continue;
        }
        book.elect(slot);
        let event = OrderElected {
            seq: state.seq,
            market_id,
            account_id: book.hot[slot as usize].account_id,
            order_id,
            trigger_price_ticks: book.cold[slot as usize].trigger_price_ticks,
            print_price_ticks: price_ticks,
        };
        event.write(&mut state.out);
        if is_leg(order_id) {
            take_over(state, market_id, slot);
        }
    }
}

/// Let a trailing stop that waits follow from a price, and say so.
fn start_trail(state: &mut State, market_id: u32, slot: u32, price_ticks: u64) {
    state.market(market_id).book.trail_from(slot, price_ticks);
    let order = state.market(market_id).book.order(slot);
    emit_started(state, market_id, &order, price_ticks);
}

/// Say from which price a trailing stop follows.
pub fn emit_started(state: &mut State, market_id: u32, order: &Order, price_ticks: u64) {
    let event = TrailingStopStarted {
        seq: state.seq,
        market_id,
        account_id: order.account_id,
        order_id: order.order_id,
        extreme_price_ticks: price_ticks,
        trigger_price_ticks: order.trigger_price_ticks,
    };
    event.write(&mut state.out);
}

/// Let an elected stop of a pair take over from the limit order, which leaves.
fn take_over(state: &mut State, market_id: u32, slot: u32) {
    let book = &state.market(market_id).book;
    let stop = book.order(slot);
    if !book.leg_holds.contains_key(&stop.order_id) {
        return;
    }
    let limit_id = other_leg(stop.order_id);
    if let Some(limit) = book.find(limit_id) {
        hand_over_purchase(state, limit_id, stop.order_id);
        close_order(state, market_id, limit, ORDER_LIST);
    }
    let need = hold_minor(state.market(market_id), stop.side, stop.price_ticks, stop.leaves_lots);
    hold_more(state, market_id, slot, need);
}

/// Let an order of a list hold what it needs by itself, or cancel it where that is not there.
fn hold_more(state: &mut State, market_id: u32, slot: u32, need_minor: u128) {
    let order = state.market(market_id).book.order(slot);
    let own = state.market(market_id).book.leg_holds[&order.order_id];
    let more = need_minor.saturating_sub(own);
    let asset_id = paying_asset(state.market(market_id), order.side);
    if state.available_minor(order.account_id, asset_id) < more {
        return close_order(state, market_id, slot, CancelReason::INSUFFICIENT_BALANCE);
    }
    state.market(market_id).book.leg_holds.remove(&order.order_id);
    post_hold(state, market_id, &order, more);
}

/// Hold more for an order of a list, and say so.
fn post_hold(state: &mut State, market_id: u32, order: &Order, more_minor: u128) {
    let asset_id = paying_asset(state.market(market_id), order.side);
    if more_minor != 0 {
        let (from, to) = (state.available(order.account_id, asset_id), state.held(order.account_id, asset_id));
        state.post(HOLD, asset_id, more_minor, from, to);
    }
    let (account_id, order_id) = (order.account_id, order.order_id);
    let event = OrderHeld { seq: state.seq, market_id, account_id, order_id, held_minor: more_minor };
    event.write(&mut state.out);
}

/// Cancel the orders of lists that may not stand beside what happened, and note which working orders are filled.
#[cold]
pub fn settle_legs(state: &mut State) {
    while !state.leg_events.is_empty() {
        let events = std::mem::take(&mut state.leg_events);
        for &(market_id, order_id, left) in &events {
            settle_pair(state, market_id, order_id);
            if left {
                for number in std::iter::once(working_leg(order_id)).chain(pending_legs(order_id)) {
                    close_leg(state, market_id, number);
                }
                continue;
            }
            let gone = events.iter().any(|&(_, other, left)| left && other == order_id);
            let is_open = state.market(market_id).book.find(order_id).is_some();
            if !pending_legs(order_id).is_empty() && !gone && !is_open {
                state.filled_workings.push_back((market_id, order_id));
            }
        }
    }
}

/// Cancel the other order of a pair, but for a stop that is elected: that one has taken over.
fn settle_pair(state: &mut State, market_id: u32, order_id: u64) {
    let book = &state.market(market_id).book;
    let Some(slot) = book.find(other_leg(order_id)) else { return };
    let other = book.order(slot);
    if has_trigger(other.order_type) && !book.leg_holds.contains_key(&other.order_id) {
        return;
    }
    close_order(state, market_id, slot, ORDER_LIST);
}

/// Cancel an order of a list where it is open.
fn close_leg(state: &mut State, market_id: u32, order_id: u64) {
    if let Some(slot) = state.market(market_id).book.find(order_id) {
        close_order(state, market_id, slot, ORDER_LIST);
    }
}

/// Let the pending orders begin whose working order is filled.
pub fn place_pending(state: &mut State) {
    while let Some((market_id, order_id)) = state.filled_workings.pop_front() {
        let book = &state.market(market_id).book;
        let slots: Vec<u32> =
            pending_legs(order_id).iter().filter_map(|number| book.pending.get(number).copied()).collect();
        if !slots.is_empty() {
            begin_legs(state, market_id, &slots);
        }
    }
}

/// Take the holds of pending orders and let them wait for trigger or turn; cancel all where that is not possible.
fn begin_legs(state: &mut State, market_id: u32, slots: &[u32]) {
    for &slot in slots {
        begun_price(state.market(market_id), slot);
    }
    let market = &state.markets[market_id as usize - 1];
    let orders: Vec<Order> = slots.iter().map(|&slot| market.book.order(slot)).collect();
    let needs = leg_needs(market, &orders);
    let reason = refusal_reason(state, market_id, &orders[0], needs.iter().sum());
    if reason != 0 {
        for &slot in slots {
            close_order(state, market_id, slot, reason);
        }
        return;
    }
    for (&slot, &need) in slots.iter().zip(&needs) {
        begin_leg(state, market_id, slot, need);
    }
    // EMIT
    let last = state.market(market_id).last_price_ticks;
    elect(state, market_id, last);
}

/// Set the price with which a pending order begins; a trailing stop may follow from the last price.
fn begun_price(market: &mut Market, slot: u32) {
    let mut order = market.book.order(slot);
    let Some(&trail) = market.book.trails.get(&order.order_id) else { return };
    if order.trigger_price_ticks != 0 {
        return;
    }
    begin_trail(market, &mut order, trail.trailing_bp);
    market.book.cold[slot as usize].trigger_price_ticks = order.trigger_price_ticks;
    if is_trigger_market(order.order_type) && order.side == Side::BUY {
        let price = worst_price(order.trigger_price_ticks, market.collar_ppm);
        market.book.hot[slot as usize].price_ticks = price;
    }
}

/// Let a trailing stop that is in no queue yet follow from the last price.
pub fn begin_trail(market: &mut Market, order: &mut Order, trailing_bp: u32) {
    let extreme_ticks = market.last_price_ticks;
    market.book.trails.insert(order.order_id, Trail { trailing_bp, extreme_ticks });
    order.trigger_price_ticks = trailing_trigger(order.side, extreme_ticks, trailing_bp);
}

/// Return what each of one or two orders that begin together holds: the stop of a pair what it needs more.
pub fn leg_needs(market: &Market, orders: &[Order]) -> Vec<u128> {
    let need = |order: &Order| hold_minor(market, order.side, order.price_ticks, order.leaves_lots);
    let mut needs: Vec<u128> = orders.iter().map(need).collect();
    if let [limit, stop] = needs[..] {
        needs[1] = stop.saturating_sub(limit);
    }
    needs
}

/// Return why the account cannot hold an amount for an order now, 0 where it can.
fn refusal_reason(state: &State, market_id: u32, order: &Order, need_minor: u128) -> u8 {
    let market = &state.markets[market_id as usize - 1];
    let asset_id = paying_asset(market, order.side);
    if state.available_minor(order.account_id, asset_id) < need_minor {
        return CancelReason::INSUFFICIENT_BALANCE;
    }
    let is_limited = is_limited_purchase(state, market, order.account_id, order.side);
    if is_limited && check_purchase(state, order.account_id, asset_id, need_minor).is_err() {
        return CancelReason::LIMIT;
    }
    0
}

/// Let one pending order begin; the stop of a pair goes on holding less than it would alone.
fn begin_leg(state: &mut State, market_id: u32, slot: u32, need_minor: u128) {
    let market = &state.markets[market_id as usize - 1];
    let order = market.book.order(slot);
    let asset_id = paying_asset(market, order.side);
    if is_limited_purchase(state, market, order.account_id, order.side) {
        open_purchase(state, order.account_id, order.order_id, asset_id, need_minor);
    }
    let book = &mut state.market(market_id).book;
    if other_leg(order.order_id) != 0 && has_trigger(order.order_type) {
        book.leg_holds.insert(order.order_id, need_minor);
    } else {
        book.leg_holds.remove(&order.order_id);
    }
    post_hold(state, market_id, &order, need_minor);
    let book = &mut state.market(market_id).book;
    book.begin(slot);
    let trail = book.trails.get(&order.order_id).copied().unwrap_or_default();
    if trail.extreme_ticks != 0 {
        emit_started(state, market_id, &order, trail.extreme_ticks);
    }
}
