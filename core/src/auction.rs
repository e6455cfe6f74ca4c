//! Call auctions: one price for all that was gathered.
//!
//! The price is the one with the most volume, then the least imbalance, then the nearest to the reference price, then
//! the lowest. Candidates are the prices of the crossed orders and the reference price. Orders then trade in price-time
//! priority; self-trade prevention applies with the later order's mode, and what it leaves crossed is auctioned again.

use crate::arithmetic::saturate_u64;
use crate::market_states::change_state;
use crate::matching::{emit_replenishment, party};
use crate::records::{AuctionUncrossed, CancelReason, MarketState, SelfTradePrevention, Side, TradeKind};
use crate::settlement::{hold_minor, settle_cancel, settle_fill, settle_reduction, Settlement};
use crate::state::{Market, State};
use crate::triggers::run_triggers;

/// The outcome of the search for the price.
#[derive(Clone, Copy, Default)]
pub struct Clearing {
    pub price_ticks: u64,
    pub volume_lots: u64,
    pub imbalance_lots: u64,
    pub heavier_side: u8,
}

/// Return (price, lots) of the levels that cross the other side, best first; hidden lots count.
fn crossed_levels(market: &Market, side: u8) -> Vec<(u64, u128)> {
    let worst = market.book.best_price(crate::book::opposite(side));
    let crosses = |price: u64| if side == Side::BUY { price >= worst } else { price <= worst };
    let levels = market.book.levels(side).take_while(|level| crosses(level.price_ticks));
    levels.map(|level| (level.price_ticks, level.lots)).collect()
}

/// Sorts candidates: most volume, least imbalance, nearest to the reference, lowest price.
type Rank = (std::cmp::Reverse<u128>, u128, u64, u64);

/// Return the price at which a crossed book clears. Cost: one walk over the crossed levels.
pub fn find_clearing(market: &Market) -> Clearing {
    let (mut bids, asks) = (crossed_levels(market, Side::BUY), crossed_levels(market, Side::SELL));
    bids.reverse();
    let reference = market.reference_price_ticks;
    let mut candidates: Vec<u64> = bids.iter().chain(&asks).map(|level| level.0).collect();
    if asks[0].0 <= reference && reference <= bids[bids.len() - 1].0 {
        candidates.push(reference);
    }
    candidates.sort_unstable();
    candidates.dedup();
    let mut demand: u128 = bids.iter().map(|level| level.1).sum();
    let (mut supply, mut bid_at, mut ask_at) = (0u128, 0, 0);
    let mut best: Option<(Rank, u128, u128)> = None;
    for price in candidates {
        while bid_at < bids.len() && bids[bid_at].0 < price {
            demand -= bids[bid_at].1;
            bid_at += 1;
        }
        while ask_at < asks.len() && asks[ask_at].0 <= price {
            supply += asks[ask_at].1;
            ask_at += 1;
        }
        let distance = if reference != 0 { price.abs_diff(reference) } else { 0 };
        let rank = (std::cmp::Reverse(demand.min(supply)), demand.abs_diff(supply), distance, price);
        if best.is_none_or(|(earlier, _, _)| rank < earlier) {
            best = Some((rank, demand, supply));
        }
    }
    best.map_or(Clearing::default(), |(rank, demand, supply)| Clearing {
        price_ticks: rank.3,
        volume_lots: saturate_u64(demand.min(supply)),
        imbalance_lots: saturate_u64(demand.abs_diff(supply)),
        heavier_side: match demand.cmp(&supply) {
            std::cmp::Ordering::Greater => Side::BUY,
            std::cmp::Ordering::Less => Side::SELL,
            std::cmp::Ordering::Equal => 0,
        },
    })
}

/// Trade all that crosses at the auction's price, which becomes the reference.
pub fn uncross(state: &mut State, market_id: u32) {
    let mut trade_index = 0;
    while state.market(market_id).book.is_crossed() {
        let market = state.market(market_id);
        let clearing = find_clearing(market);
        let event = AuctionUncrossed {
            side: clearing.heavier_side,
            seq: 0,
            market_id,
            price_ticks: clearing.price_ticks,
            volume_lots: clearing.volume_lots,
            imbalance_lots: clearing.imbalance_lots,
            reference_price_ticks: market.reference_price_ticks,
        };
        AuctionUncrossed { seq: state.seq, ..event }.write(&mut state.out);
        trade_at(state, market_id, clearing.price_ticks, &mut trade_index);
        let market = state.market(market_id);
        market.reference_price_ticks = clearing.price_ticks;
        market.derive_bounds();
    }
}

/// Trade bids at or above against asks at or below a price.
fn trade_at(state: &mut State, market_id: u32, price_ticks: u64, trade_index: &mut u32) {
    let mut before: Option<(u64, u64)> = None;
    loop {
        let book = &state.markets[market_id as usize - 1].book;
        let (Some(bid_slot), Some(ask_slot)) = (book.best(Side::BUY), book.best(Side::SELL)) else { return };
        let (bid, ask) = (book.order(bid_slot), book.order(ask_slot));
        if bid.price_ticks < price_ticks || ask.price_ticks > price_ticks {
            return;
        }
        if state.account(bid.account_id).owner_id == state.account(ask.account_id).owner_id {
            prevent_self_trade_in_auction(state, market_id, bid_slot, ask_slot);
            continue;
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
            trade_index: *trade_index,
        };
        settle_fill(state, market_id, &fill);
        *trade_index += 1;
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
        emit_replenishment(state, market_id, account_id, order_id, order.visible_lots, order.remaining_lots);
    } else if book.hot[slot as usize].remaining_lots == 0 {
        state.forget_order(market_id, slot);
    }
}

/// Apply the later order's mode to two orders of one owner.
fn prevent_self_trade_in_auction(state: &mut State, market_id: u32, bid_slot: u32, ask_slot: u32) {
    let book = &state.market(market_id).book;
    let (bid, ask) = (book.order(bid_slot), book.order(ask_slot));
    let bid_is_later = bid.priority > ask.priority;
    let (later, earlier) = if bid_is_later { (bid_slot, ask_slot) } else { (ask_slot, bid_slot) };
    let mode = if bid_is_later { bid.self_trade_prevention } else { ask.self_trade_prevention };
    if mode == SelfTradePrevention::DECREMENT {
        let lots = bid.remaining_lots.min(ask.remaining_lots);
        reduce_in_auction(state, market_id, earlier, lots);
        reduce_in_auction(state, market_id, later, lots);
        return;
    }
    if mode != SelfTradePrevention::EXPIRE_TAKER {
        expire_in_auction(state, market_id, earlier);
    }
    if mode != SelfTradePrevention::EXPIRE_MAKER {
        expire_in_auction(state, market_id, later);
    }
}

/// Take lots off an order that would trade with its own owner.
fn reduce_in_auction(state: &mut State, market_id: u32, slot: u32, lots: u64) {
    let market = state.market(market_id);
    let order = market.book.order(slot);
    market.book.reduce(slot, lots);
    let held = hold_minor(market, order.side, order.price_ticks, lots);
    let remaining = order.remaining_lots - lots;
    settle_reduction(state, market_id, &order, lots, remaining, held);
    if remaining == 0 {
        state.forget_order(market_id, slot);
    }
}

/// Cancel an order that would trade with its own owner.
fn expire_in_auction(state: &mut State, market_id: u32, slot: u32) {
    let market = state.market(market_id);
    let order = market.book.order(slot);
    market.book.remove(slot);
    let held = hold_minor(market, order.side, order.price_ticks, order.remaining_lots);
    state.forget_order(market_id, slot);
    settle_cancel(state, market_id, &order, CancelReason::SELF_TRADE_PREVENTION, order.remaining_lots, held);
}

/// Begin continuous trading: uncross what was gathered, then let triggers fire.
pub fn open_continuous(state: &mut State, market_id: u32, reason: u8) {
    change_state(state, market_id, MarketState::CONTINUOUS, reason, 0, 0);
    uncross(state, market_id);
    run_triggers(state, market_id);
}
