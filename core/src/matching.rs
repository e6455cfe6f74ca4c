//! Continuous matching: an incoming order against the book in price-time priority, then its settlement.
//!
//! `match_order` changes only the book and lists what happened; `execute` then posts and emits it action by action, and
//! lets the leaves quantity rest or go. An order is never matched beyond its limit, nor outside the volatility interruption
//! corridor. The first trade that would happen outside, of an order that fits a call phase, turns the market into a call
//! auction which the order joins; one that does not only stops there.
//! Source: Xetra, volatility interruption; immediate-or-cancel and fill-or-kill orders do not start one.

use std::collections::HashSet;

use crate::arithmetic::saturate_u64;
use crate::book::{is_market, is_trigger_market, may_rest, opposite, Book, Hot, Order};
use crate::grid::{grid_ceil, grid_floor};
use crate::hint::hint;
use crate::market_states::change_state;
use crate::prefetch::{look_at_maker, pays};
use crate::records::{
    CancelReason, MarketReason, MarketState, OrderAmended, OrderReplenished, SelfTradePrevention, Side, TimeInForce,
    TradeKind,
};
use crate::settlement::{
    end_purchase, hold_minor, paying_asset, reduce_hold, release, settle_cancel, settle_fill, settle_reduction, Party,
    Settlement,
};
use crate::state::{Market, State, NS_PER_MS};

/// An incoming order with the terms on which it matches.
///
/// limit_ticks: worst price. hold_ticks: the price at which a buyer held, 0 when it held an amount. allowance_minor:
/// quote minor units left to spend (a buyer's held amount) or to receive (a seller's target), None when only the lots
/// count. is_cash_order: the order has a cash order quantity. exhausted: the CancelReason of such an order when its lots
/// are used up before its amount.
#[derive(Clone, Copy)]
pub struct Taker {
    pub order: Order,
    pub limit_ticks: u64,
    pub hold_ticks: u64,
    pub allowance_minor: Option<u128>,
    pub is_cash_order: bool,
    pub exhausted: u8,
}

impl Taker {
    /// Return the terms of an order that trades at its price or better and holds at its price.
    #[inline(always)]
    pub fn limit(order: Order) -> Self {
        let price = order.price_ticks;
        Self { order, limit_ticks: price, hold_ticks: price, allowance_minor: None, is_cash_order: false, exhausted: 0 }
    }

    /// Return whether the taker trades at this price.
    #[inline(always)]
    pub fn accepts(&self, price_ticks: u64) -> bool {
        if self.order.side == Side::BUY {
            price_ticks <= self.limit_ticks
        } else {
            price_ticks >= self.limit_ticks
        }
    }

    /// Return what the taker's open rest still holds, minor units of the asset it pays with.
    #[inline(always)]
    fn held_minor(&self, market: &Market) -> u128 {
        if self.order.side == Side::BUY && self.hold_ticks == 0 {
            return self.allowance_minor.unwrap_or(0);
        }
        hold_minor(market, self.order.side, self.hold_ticks, self.order.leaves_lots)
    }

    /// Return how many lots the taker still wants and can pay at a price.
    #[inline(always)]
    fn affordable_lots(&self, market: &Market, price_ticks: u64) -> u64 {
        match self.allowance_minor {
            None => self.order.leaves_lots,
            Some(minor) => affordable(market, minor, price_ticks, self.order.leaves_lots),
        }
    }
}

/// What matching did, with what settlement needs of the maker.
pub enum Action {
    Fill { maker: Party, price_ticks: u64, lots: u64 },
    Replenishment { account_id: u32, order_id: u64, visible_lots: u64, leaves_lots: u64 },
    MakerExpired { maker: Order },
    Reduction { maker: Order, lots: u64, maker_leaves: u64, taker_leaves: u64, taker_released_minor: u128 },
}

#[inline(always)]
fn affordable(market: &Market, minor: u128, price_ticks: u64, lots: u64) -> u64 {
    crate::arithmetic::saturate_u64(minor / market.cost_minor(price_ticks, 1)).min(lots)
}

/// Match the taker against the book, listing what happens; return why it stopped (a CancelReason, 0 = filled).
#[inline(always)]
fn match_order(state: &mut State, market_id: u32, taker: &mut Taker, actions: &mut Vec<Action>) -> u8 {
    let maker_side = opposite(taker.order.side);
    let taker_owner = state.account(taker.order.account_id).owner_id;
    let mut before: Option<(u64, u64)> = None;
    let (corridor_low, corridor_high) = state.markets[market_id as usize - 1].trade_bounds(state.last_ts_ns);
    while taker.order.leaves_lots != 0 {
        let market = &mut state.markets[market_id as usize - 1];
        // The book knows its best price without its best order, which most incoming orders do not meet.
        let price = market.book.best_price(maker_side);
        if price != 0 && !taker.accepts(price) {
            return CancelReason::COLLAR;
        }
        let Some(slot) = market.book.best(maker_side) else { return CancelReason::NO_LIQUIDITY };
        let hot = market.book.hot[slot as usize];
        market.book.hint_behind(&hot);
        hint(state.ledger.balances.get(hot.hold_balance as usize));
        let mut lots = taker.affordable_lots(market, price);
        if lots == 0 {
            return unaffordable_reason(taker);
        }
        if state.accounts[hot.account_id as usize - 1].owner_id == taker_owner {
            if prevent_self_trade(state, market_id, taker, slot, lots, actions) {
                return CancelReason::SELF_TRADE_PREVENTION;
            }
            continue;
        }
        let priority = market.book.cold[slot as usize].priority;
        if price < corridor_low || price > corridor_high {
            return CancelReason::VOLATILITY;
        }
        check_priority(state, taker, hot.order_id, price, priority, &mut before);
        lots = lots.min(hot.visible_lots);
        look_behind(state, market_id, &hot);
        take_maker(state, market_id, slot, lots, actions);
        taker.order.leaves_lots -= lots;
        if let Some(minor) = &mut taker.allowance_minor {
            *minor -= state.markets[market_id as usize - 1].cost_minor(price, lots);
        }
    }
    taker.exhausted
}

/// Return why an order whose amount buys or needs no further lot stops.
fn unaffordable_reason(taker: &Taker) -> u8 {
    match (taker.is_cash_order, taker.order.side) {
        (false, _) => CancelReason::INSUFFICIENT_BALANCE,
        (true, Side::BUY) => CancelReason::AMOUNT_SPENT,
        (true, _) => CancelReason::AMOUNT_RECEIVED,
    }
}

/// Hint at what the fill after this one will reach.
#[inline(always)]
fn look_behind(state: &State, market_id: u32, hot: &Hot) {
    if pays(state) {
        let book = &state.markets[market_id as usize - 1].book;
        if let Some(behind) = book.behind(hot) {
            look_at_maker(state, book, behind);
        }
    }
}

/// Check ORDER: within the taker's limit, and after the fill before it in price-time priority.
#[inline(always)]
fn check_priority(
    state: &mut State,
    taker: &Taker,
    order_id: u64,
    price: u64,
    priority: u64,
    before: &mut Option<(u64, u64)>,
) {
    state.invariants.order += 1;
    let sort_price = if taker.order.side == Side::BUY { price } else { u64::MAX - price };
    let now = (sort_price, priority);
    if !taker.accepts(price) || before.is_some_and(|earlier| now <= earlier) {
        state.invariants.broken("ORDER", format!("order {order_id} traded out of turn: {now:?} after {before:?}"));
    }
    *before = Some(now);
}

/// Fill a resting order and list it.
#[inline(always)]
fn take_maker(state: &mut State, market_id: u32, slot: u32, lots: u64, actions: &mut Vec<Action>) {
    let book = &state.markets[market_id as usize - 1].book;
    let (hot, cold) = (book.hot[slot as usize], &book.cold[slot as usize]);
    state.hint_client(hot.account_id, cold.client_order_id);
    let maker = Party {
        order_id: hot.order_id,
        approval_id: cold.approval_id,
        account_id: hot.account_id,
        hold_balance: hot.hold_balance,
    };
    actions.push(Action::Fill { maker, price_ticks: hot.price_ticks, lots });
    let book = &mut state.markets[market_id as usize - 1].book;
    if book.fill(slot, lots) {
        actions.push(replenishment(book.order(slot)));
    } else if hot.leaves_lots == lots {
        state.forget_order(market_id, slot);
    }
}

/// Return the action that says that an iceberg showed its next slice.
fn replenishment(order: Order) -> Action {
    Action::Replenishment {
        account_id: order.account_id,
        order_id: order.order_id,
        visible_lots: order.visible_lots,
        leaves_lots: order.leaves_lots,
    }
}

/// Apply the taker's mode to a resting order of the same owner; return whether the taker expires.
#[cold]
fn prevent_self_trade(
    state: &mut State,
    market_id: u32,
    taker: &mut Taker,
    slot: u32,
    lots: u64,
    actions: &mut Vec<Action>,
) -> bool {
    let mode = taker.order.self_trade_prevention;
    if mode == SelfTradePrevention::EXPIRE_TAKER {
        return true;
    }
    let market = &mut state.markets[market_id as usize - 1];
    let maker = market.book.order(slot);
    if mode == SelfTradePrevention::DECREMENT {
        // What the taker can pay for counts only where it asked for an amount: else one lot at a time would be reduced.
        let wanted = if taker.is_cash_order { lots } else { taker.order.leaves_lots };
        let lots = wanted.min(maker.leaves_lots);
        market.book.reduce(slot, lots);
        let taker_released_minor = reduce_taker(market, taker, maker.price_ticks, lots);
        let maker_leaves = maker.leaves_lots - lots;
        let taker_leaves = if taker.is_cash_order { 0 } else { taker.order.leaves_lots };
        actions.push(Action::Reduction { maker, lots, maker_leaves, taker_leaves, taker_released_minor });
        if maker_leaves == 0 {
            state.forget_order(market_id, slot);
        }
        return false;
    }
    market.book.remove(slot);
    state.forget_order(market_id, slot);
    actions.push(Action::MakerExpired { maker });
    mode != SelfTradePrevention::EXPIRE_MAKER
}

/// Take lots off the taker without a fill; return what it no longer needs to hold.
fn reduce_taker(market: &Market, taker: &mut Taker, price_ticks: u64, lots: u64) -> u128 {
    let order = &mut taker.order;
    order.leaves_lots -= lots;
    order.quantity_lots -= lots.min(order.quantity_lots);
    let cost = market.cost_minor(price_ticks, lots);
    if let (true, Some(minor)) = (taker.is_cash_order, &mut taker.allowance_minor) {
        *minor -= cost;
    }
    if order.side == Side::BUY && taker.hold_ticks == 0 {
        return if taker.is_cash_order { cost } else { 0 };
    }
    hold_minor(market, order.side, taker.hold_ticks, lots)
}

/// Return how many lots the taker could fill now, counting no further than it wants.
///
/// Of a level without orders of the taker's own owner it takes the sum. In another it counts what is visible first: that
/// alone decides when it is enough, and an own order stops there; only a level that is used up counts its hidden lots.
fn fillable_lots(state: &State, market_id: u32, taker: &Taker) -> u64 {
    let market = &state.markets[market_id as usize - 1];
    let (book, wanted) = (&market.book, taker.order.leaves_lots);
    let owner = state.accounts[taker.order.account_id as usize - 1].owner_id;
    let stops_at_own = taker.order.self_trade_prevention != SelfTradePrevention::EXPIRE_MAKER;
    let (mut allowance, mut total) = (taker.allowance_minor, 0u64);
    let (corridor_low, corridor_high) = market.trade_bounds(state.last_ts_ns);
    let own_prices = prices_of(state, book, owner);
    for level in book.levels(opposite(taker.order.side)) {
        let price = level.price_ticks;
        if !taker.accepts(price) || price < corridor_low || price > corridor_high {
            break;
        }
        let has_own = own_prices.contains(&price);
        let (mut visible, mut all, mut stopped) = (0u64, if has_own { 0 } else { saturate_u64(level.lots) }, false);
        for slot in book.queue(level).take_while(|_| has_own) {
            let hot = &book.hot[slot as usize];
            if state.accounts[hot.account_id as usize - 1].owner_id == owner {
                if stops_at_own {
                    stopped = true;
                    break;
                }
                continue;
            }
            visible = visible.saturating_add(hot.visible_lots);
            all = all.saturating_add(hot.leaves_lots);
            if visible >= wanted - total {
                break;
            }
        }
        let mut lots = (if stopped { visible } else { all }).min(wanted - total);
        if let Some(minor) = &mut allowance {
            let payable = affordable(market, *minor, price, lots);
            *minor -= market.cost_minor(price, payable);
            stopped |= payable < lots;
            lots = payable;
        }
        total += lots;
        if stopped || total == wanted {
            return total;
        }
    }
    total
}

/// Return the prices of an owner's open orders.
fn prices_of(state: &State, book: &Book, owner_id: u64) -> HashSet<u64> {
    let slots = state.accounts_of(owner_id).into_iter().flat_map(|account_id| book.orders_of(account_id));
    slots.map(|slot| book.hot[slot as usize].price_ticks).collect()
}

/// Match an accepted or elected order in a continuous market, settle it, and let its leaves quantity stay or go.
///
/// It leaves in `prints` each price at which it traded, where an order waits for prints.
#[inline(always)]
pub fn execute(state: &mut State, market_id: u32, taker: &mut Taker) {
    if taker.order.time_in_force == TimeInForce::FOK && fillable_lots(state, market_id, taker) < taker.order.leaves_lots
    {
        finish_taker(state, market_id, taker, CancelReason::FILL_OR_KILL);
        return;
    }
    // MATCH
    let mut actions = std::mem::take(&mut state.actions);
    let reason = match_order(state, market_id, taker, &mut actions);
    // POST EMIT
    let listens = state.markets[market_id as usize - 1].book.has_untriggered();
    let ahead = pays(state);
    for (at, action) in actions.iter().enumerate() {
        if ahead {
            look_at_payments(state, market_id, taker, &actions[at..]);
        }
        match *action {
            Action::Fill { price_ticks, .. } if listens && state.prints.last() != Some(&price_ticks) => {
                state.prints.push(price_ticks);
            }
            _ => {}
        }
        settle_action(state, market_id, taker, action);
    }
    actions.clear();
    state.actions = actions;
    finish_taker(state, market_id, taker, reason);
    if reason == CancelReason::VOLATILITY && fits_call_phase(&taker.order) {
        interrupt_for_volatility(state, market_id);
    }
}

/// Hint at what the makers of the next fills receive: first where it is found, then the balance.
#[inline(always)]
fn look_at_payments(state: &State, market_id: u32, taker: &Taker, actions: &[Action]) {
    let asset_id = paying_asset(&state.markets[market_id as usize - 1], taker.order.side);
    if let Some(Action::Fill { maker, .. }) = actions.get(2) {
        state.hint_balance(maker.account_id, asset_id);
    }
    if let Some(Action::Fill { maker, .. }) = actions.get(1) {
        state.hint_far_balance(maker.account_id, asset_id);
    }
}

/// Turn the market into a call auction that reopens it.
#[cold]
fn interrupt_for_volatility(state: &mut State, market_id: u32) {
    let duration_ns = state.market(market_id).auction_duration_ms as u64 * NS_PER_MS;
    let end_ns = state.last_ts_ns.saturating_add(duration_ns);
    let (auction, continuous) = (MarketState::AUCTION, MarketState::CONTINUOUS);
    change_state(state, market_id, auction, MarketReason::VOLATILITY, continuous, end_ns);
}

/// Post and emit one action of matching.
#[inline(always)]
fn settle_action(state: &mut State, market_id: u32, taker: &Taker, action: &Action) {
    match action {
        Action::Fill { maker, price_ticks, lots } => {
            let order = &taker.order;
            let fill = Settlement {
                trade_kind: TradeKind::CONTINUOUS,
                taker_side: order.side,
                maker: *maker,
                taker: party(order),
                price_ticks: *price_ticks,
                lots: *lots,
                hold_ticks: if order.side == Side::BUY { taker.hold_ticks } else { *price_ticks },
            };
            settle_fill(state, market_id, &fill);
        }
        Action::Replenishment { account_id, order_id, visible_lots, leaves_lots } => {
            emit_replenishment(state, market_id, *account_id, *order_id, *visible_lots, *leaves_lots);
        }
        Action::MakerExpired { maker } => {
            let market = &state.markets[market_id as usize - 1];
            let held = hold_minor(market, maker.side, maker.price_ticks, maker.leaves_lots);
            let reason = CancelReason::SELF_TRADE_PREVENTION;
            settle_cancel(state, market_id, maker, reason, maker.leaves_lots, held);
        }
        Action::Reduction { maker, lots, maker_leaves, taker_leaves, taker_released_minor } => {
            let held = hold_minor(&state.markets[market_id as usize - 1], maker.side, maker.price_ticks, *lots);
            settle_reduction(state, market_id, maker, *lots, *maker_leaves, held);
            settle_reduction(state, market_id, &taker.order, *lots, *taker_leaves, *taker_released_minor);
        }
    }
}

/// Return an order as a party to a trade.
#[inline(always)]
pub fn party(order: &Order) -> Party {
    Party {
        order_id: order.order_id,
        approval_id: order.approval_id,
        account_id: order.account_id,
        hold_balance: order.hold_balance,
    }
}

/// Say that an iceberg showed its next slice.
pub fn emit_replenishment(
    state: &mut State,
    market_id: u32,
    account_id: u32,
    order_id: u64,
    visible_lots: u64,
    leaves_lots: u64,
) {
    let event = OrderReplenished { seq: state.seq, market_id, account_id, order_id, visible_lots, leaves_lots };
    event.write(&mut state.out);
}

/// Let what a matched order leaves rest, or cancel it; a finished order gives back what it still holds.
#[inline(always)]
fn finish_taker(state: &mut State, market_id: u32, taker: &Taker, reason: u8) {
    let order = &taker.order;
    let held = taker.held_minor(&state.markets[market_id as usize - 1]);
    if taker.is_cash_order {
        settle_cancel(state, market_id, order, reason, 0, held);
    } else if order.leaves_lots == 0 {
        release(state, market_id, order, held);
        end_purchase(state, order);
    } else if reason == CancelReason::VOLATILITY && fits_call_phase(order) {
        enter_call_phase(state, market_id, taker);
    } else if is_market(order.order_type)
        || matches!(reason, CancelReason::SELF_TRADE_PREVENTION | CancelReason::FILL_OR_KILL | CancelReason::VOLATILITY)
    {
        settle_cancel(state, market_id, order, reason, order.leaves_lots, held);
    } else if may_rest(order.time_in_force) {
        state.markets[market_id as usize - 1].book.insert(order);
        state.register_order(market_id, order);
    } else {
        settle_cancel(state, market_id, order, CancelReason::IMMEDIATE_OR_CANCEL, order.leaves_lots, held);
    }
}

/// Return whether what is left of an order may wait in a call phase.
pub fn fits_call_phase(order: &Order) -> bool {
    may_rest(order.time_in_force) || is_trigger_market(order.order_type)
}

/// Let an order wait in a call phase; a market order at the worst price that it may trade at and can hold for.
#[cold]
pub fn enter_call_phase(state: &mut State, market_id: u32, taker: &Taker) {
    let mut order = taker.order;
    let market = &state.markets[market_id as usize - 1];
    if is_market(order.order_type) {
        let held = taker.held_minor(market);
        order.price_ticks = call_phase_price(market, taker, held);
        if order.price_ticks == 0 {
            let reason = CancelReason::INSUFFICIENT_BALANCE;
            settle_cancel(state, market_id, &order, reason, order.leaves_lots, held);
            return;
        }
        let after = hold_minor(market, order.side, order.price_ticks, order.leaves_lots);
        reduce_hold(state, market_id, &order, held - after);
        emit_amended(state, market_id, &order, 0, after);
    }
    state.markets[market_id as usize - 1].book.insert(&order);
    state.register_order(market_id, &order);
}

/// Return the price of the grid at which a market order waits in a call phase, 0 where its hold covers none.
pub fn call_phase_price(market: &Market, taker: &Taker, held_minor: u128) -> u64 {
    if taker.order.side == Side::SELL {
        return grid_ceil(market, taker.limit_ticks);
    }
    let covered = held_minor / market.cost_minor(1, taker.order.leaves_lots);
    grid_floor(market, taker.limit_ticks.min(crate::arithmetic::saturate_u64(covered)))
}

/// Say what the order now is.
pub fn emit_amended(state: &mut State, market_id: u32, order: &Order, priority_kept: u8, held_minor: u128) {
    let event = OrderAmended {
        priority_kept,
        seq: state.seq,
        market_id,
        account_id: order.account_id,
        order_id: order.order_id,
        price_ticks: order.price_ticks,
        quantity_lots: order.quantity_lots,
        leaves_lots: order.leaves_lots,
        held_minor,
    };
    event.write(&mut state.out);
}
