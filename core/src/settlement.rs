//! Settle what matching found: the postings and events of a fill, of a cancellation and of a reduction.

use crate::arithmetic::product;
use crate::book::Order;
use crate::fees::{charge_minor, rates_of, rebate_minor};
use crate::ledger::{LedgerAccount, FEE, REBATE, RELEASE, TRADE};
use crate::legs::is_leg;
use crate::limits::is_limited;
use crate::purchases::{close_purchase, count_purchase, reduce_purchase};
use crate::records::{
    AccountRole, AssetStatus, CancelReason, LimitKind, MakerRebated, MarketState, OrderCanceled, OrderReduced, Side,
    TradeExecuted, TradeKind,
};
use crate::state::{Market, State};
use crate::state_parts::Trade;

/// What settlement needs of one side of a trade.
#[derive(Clone, Copy)]
pub struct Party {
    pub order_id: u64,
    pub approval_id: u64,
    pub account_id: u32,
    pub hold_balance: u32,
}

/// A fill to settle. `hold_ticks` is the price at which the buyer held, 0 when it held an amount.
#[derive(Clone, Copy)]
pub struct Settlement {
    pub trade_kind: u8,
    pub taker_side: u8,
    pub maker: Party,
    pub taker: Party,
    pub price_ticks: u64,
    pub lots: u64,
    pub hold_ticks: u64,
}

/// Return the asset that an order of this side holds.
#[inline(always)]
pub fn paying_asset(market: &Market, side: u8) -> u32 {
    if side == Side::BUY {
        market.quote_asset_id
    } else {
        market.base_asset_id
    }
}

/// Return what an order must hold for these lots, minor units of the asset it pays with.
#[inline(always)]
pub fn hold_minor(market: &Market, side: u8, price_ticks: u64, lots: u64) -> u128 {
    // Sides come as they like: choosing the factors costs less than a branch that is guessed wrong.
    let is_buy = side == Side::BUY;
    let price_ticks = if is_buy { price_ticks } else { 1 };
    let unit_minor = if is_buy { market.tick_value_minor } else { market.lot_size_minor };
    product(price_ticks, lots, unit_minor)
}

/// Return what an open order holds: of a list's order it may be less than it would need alone.
#[inline(always)]
pub fn held_by(market: &Market, order: &Order) -> u128 {
    let own = if is_leg(order.order_id) { market.book.leg_holds.get(&order.order_id) } else { None };
    own.copied().unwrap_or_else(|| hold_minor(market, order.side, order.price_ticks, order.leaves_lots))
}

/// Check ADMIT and OWN on a trade about to be posted.
#[inline(always)]
fn check_trade(state: &mut State, market_id: u32, parties: [&Party; 2]) {
    state.invariants.admit += 1;
    state.invariants.own += 1;
    let (state, invariants) = (&*state, &state.invariants);
    let market = &state.markets[market_id as usize - 1];
    if !matches!(market.market_state, MarketState::CONTINUOUS | MarketState::AUCTION) {
        invariants.broken("ADMIT", format!("trade in market {market_id}, state {}", market.market_state));
    }
    for asset_id in [market.base_asset_id, market.quote_asset_id] {
        if state.assets[asset_id as usize - 1].asset_status != AssetStatus::ADMITTED {
            invariants.broken("ADMIT", format!("trade of asset {asset_id}, which is not admitted"));
        }
    }
    let [maker, taker] = parties.map(|party| &state.accounts[party.account_id as usize - 1]);
    if maker.owner_id == taker.owner_id {
        invariants.broken("OWN", format!("owner {} trades with itself", maker.owner_id));
    }
    for (party, account) in parties.iter().zip([maker, taker]) {
        let mine = account.account_role != AccountRole::HOUSE && party.approval_id == account.approval_id;
        if !mine || !state.may_trade(account) {
            let detail = format!("order {} of account {} may not trade", party.order_id, party.account_id);
            invariants.broken("OWN", detail);
        }
    }
}

/// Post and emit one fill. In an auction the maker is the seller, the taker the buyer, and both pay the maker's rate; a
/// rebate is none there.
#[inline(always)]
pub fn settle_fill(state: &mut State, market_id: u32, fill: &Settlement) {
    check_trade(state, market_id, [&fill.maker, &fill.taker]);
    // POST
    let now_ns = state.last_ts_ns;
    let is_auction = fill.trade_kind == TradeKind::AUCTION;
    let market = &state.markets[market_id as usize - 1];
    let mut maker_rate = rates_of(state, market, fill.maker.account_id).0;
    let taker_rates = rates_of(state, market, fill.taker.account_id);
    let mut taker_rate = taker_rates.1;
    if is_auction {
        (maker_rate, taker_rate) = (maker_rate.max(0), taker_rates.0.max(0));
    }
    let market = &mut state.markets[market_id as usize - 1];
    let (base, quote) = (market.base_asset_id, market.quote_asset_id);
    let cost = market.cost_minor(fill.price_ticks, fill.lots);
    let quantity = fill.lots as u128 * market.lot_size_minor as u128;
    let taker_buys = fill.taker_side == Side::BUY;
    let (buyer, seller) = if taker_buys { (&fill.taker, &fill.maker) } else { (&fill.maker, &fill.taker) };
    let improvement = if fill.hold_ticks > fill.price_ticks {
        market.cost_minor(fill.hold_ticks - fill.price_ticks, fill.lots)
    } else {
        0
    };
    market.last_price_ticks = fill.price_ticks;
    market.last_trade_ns = now_ns;
    if market.reference_price_ticks == 0 {
        market.reference_price_ticks = fill.price_ticks;
        market.derive_bounds();
    }
    let buyer_base = state.balance(buyer.account_id, base);
    let seller_quote = state.balance(seller.account_id, quote);
    let (buyer_rate_ppm, seller_rate_ppm) =
        if taker_buys { (taker_rate, maker_rate) } else { (maker_rate, taker_rate) };
    let (buyer_fee, seller_fee) = (charge_minor(quantity, buyer_rate_ppm), charge_minor(cost, seller_rate_ppm));
    let (ledger, invariants) = (&mut state.ledger, &mut state.invariants);
    let (buyer_held, seller_held) = (LedgerAccount::Held(buyer.hold_balance), LedgerAccount::Held(seller.hold_balance));
    let (buyer_gets, seller_gets) = (LedgerAccount::Available(buyer_base), LedgerAccount::Available(seller_quote));
    let mut postings = ledger.postings(quote);
    postings.post(invariants, TRADE, cost, buyer_held, seller_gets);
    if improvement != 0 {
        postings.post(invariants, RELEASE, improvement, buyer_held, LedgerAccount::Available(buyer.hold_balance));
    }
    if seller_fee != 0 {
        postings.post(invariants, FEE, seller_fee, seller_gets, LedgerAccount::FeesEarned);
    }
    let mut postings = ledger.postings(base);
    postings.post(invariants, TRADE, quantity, seller_held, buyer_gets);
    if buyer_fee != 0 {
        postings.post(invariants, FEE, buyer_fee, buyer_gets, LedgerAccount::FeesEarned);
    }
    let [buyer_limits, seller_limits] =
        [buyer, seller].map(|party| state.accounts[party.account_id as usize - 1].limited);
    if buyer_limits | seller_limits != 0 {
        count_limited(state, buyer, cost, cost + improvement);
        count_limited(state, seller, quantity, quantity);
    }
    state.trades.push(Trade {
        seq: state.seq,
        trade_index: state.trade_index,
        market_id,
        buyer_account_id: buyer.account_id,
        seller_account_id: seller.account_id,
        buyer_rate_ppm,
        seller_rate_ppm,
        quantity_minor: quantity,
        cost_minor: cost,
    });
    // EMIT
    let event = TradeExecuted {
        side: if is_auction { 0 } else { fill.taker_side },
        trade_kind: fill.trade_kind,
        seq: state.seq,
        market_id,
        maker_account_id: fill.maker.account_id,
        taker_account_id: fill.taker.account_id,
        trade_index: state.trade_index,
        maker_order_id: fill.maker.order_id,
        taker_order_id: fill.taker.order_id,
        price_ticks: fill.price_ticks,
        quantity_lots: fill.lots,
        maker_fee_minor: if taker_buys { seller_fee } else { buyer_fee },
        taker_fee_minor: if taker_buys { buyer_fee } else { seller_fee },
    };
    event.write(&mut state.out);
    if maker_rate < 0 {
        let (received, fee, asset_id) =
            if taker_buys { (quantity, buyer_fee, base) } else { (cost, seller_fee, quote) };
        pay_rebate(state, market_id, &fill.maker, asset_id, rebate_minor(received, maker_rate, fee));
    }
    state.trade_index = state.trade_index.wrapping_add(1);
    if is_leg(fill.maker.order_id | fill.taker.order_id) {
        note_fill(state, market_id, fill);
    }
}

/// Note that orders of lists traded.
#[cold]
fn note_fill(state: &mut State, market_id: u32, fill: &Settlement) {
    for order_id in [fill.maker.order_id, fill.taker.order_id] {
        if is_leg(order_id) {
            state.leg_events.push((market_id, order_id, false));
        }
    }
}

/// Give the maker its part of the taker's fee, and say so.
#[cold]
fn pay_rebate(state: &mut State, market_id: u32, maker: &Party, asset_id: u32, minor: u128) {
    if minor == 0 {
        return;
    }
    // POST
    let available = state.available(maker.account_id, asset_id);
    state.post(REBATE, asset_id, minor, LedgerAccount::FeesEarned, available);
    // EMIT
    let event = MakerRebated {
        seq: state.seq,
        market_id,
        account_id: maker.account_id,
        asset_id,
        trade_index: state.trade_index,
        order_id: maker.order_id,
        amount_minor: minor,
    };
    event.write(&mut state.out);
}

/// Count what one side of a trade paid and no longer holds, where limits on purchases touch its account.
#[cold]
fn count_limited(state: &mut State, party: &Party, paid_minor: u128, freed_minor: u128) {
    if is_limited(state, party.account_id, LimitKind::PURCHASES) {
        count_purchase(state, party.order_id, paid_minor, freed_minor);
    }
}

/// Give back an amount that an order held.
#[inline(always)]
pub fn release(state: &mut State, market_id: u32, order: &Order, minor: u128) {
    if minor != 0 {
        let asset_id = paying_asset(&state.markets[market_id as usize - 1], order.side);
        let (held, available) = (LedgerAccount::Held(order.hold_balance), LedgerAccount::Available(order.hold_balance));
        state.ledger.post(&mut state.invariants, RELEASE, asset_id, minor, held, available);
    }
}

/// Keep nothing free under limits for an order that has ended.
#[inline(always)]
pub fn end_purchase(state: &mut State, order: &Order) {
    if is_limited(state, order.account_id, LimitKind::PURCHASES) {
        close_purchase(state, order.order_id);
    }
}

/// Release what an order that has left still held, and say that it is canceled.
#[inline(always)]
pub fn settle_cancel(state: &mut State, market_id: u32, order: &Order, reason: u8, lots: u64, held_minor: u128) {
    // POST
    release(state, market_id, order, held_minor);
    end_purchase(state, order);
    // EMIT
    let event = OrderCanceled {
        cancel_reason: reason,
        side: order.side,
        seq: state.seq,
        market_id,
        account_id: order.account_id,
        order_id: order.order_id,
        client_order_id: order.client_order_id,
        leaves_lots: lots,
        released_minor: held_minor,
    };
    event.write(&mut state.out);
    if is_leg(order.order_id) && reason != CancelReason::ORDER_LIST {
        state.leg_events.push((market_id, order.order_id, true));
    }
}

/// Give back a part of what an open order held, and keep that much less free under limits.
pub fn reduce_hold(state: &mut State, market_id: u32, order: &Order, minor: u128) {
    release(state, market_id, order, minor);
    if is_limited(state, order.account_id, LimitKind::PURCHASES) {
        reduce_purchase(state, order.order_id, minor);
    }
}

/// Release what the reduced lots held, and say that the order is smaller.
pub fn settle_reduction(state: &mut State, market_id: u32, order: &Order, lots: u64, leaves: u64, held_minor: u128) {
    // POST
    reduce_hold(state, market_id, order, held_minor);
    // EMIT
    let event = OrderReduced {
        seq: state.seq,
        market_id,
        account_id: order.account_id,
        order_id: order.order_id,
        reduced_lots: lots,
        leaves_lots: leaves,
        released_minor: held_minor,
    };
    event.write(&mut state.out);
    if is_leg(order.order_id) {
        state.leg_events.push((market_id, order.order_id, leaves == 0));
    }
}
