//! Place an order: the checks, the hold, the match.

use crate::arithmetic::saturate_u64;
use crate::book::{has_trigger, is_auction_time, is_trigger_above, is_trigger_market, may_rest, opposite, Order};
use crate::client_ids::{check_client_order_id, remember_order};
use crate::grid::check_grid;
use crate::ledger::{LedgerAccount, HOLD};
use crate::limits::check_order;
use crate::lookup::{find_account, find_market};
use crate::market_states::takes_orders;
use crate::matching::{call_phase_price, Taker};
use crate::periods::day_end_ns;
use crate::purchases::{check_purchase, is_limited_purchase, open_purchase};
use crate::records::{
    AccountRole, AccountState, AssetStatus, CancelReason, MarketState, OrderAccepted, OrderType, PlaceOrder,
    RejectCode, Side, TimeInForce,
};
use crate::refusal::{refuse, Refusal};
use crate::session_orders::{emit_joined, fits};
use crate::settlement::{hold_minor, paying_asset};
use crate::state::{Market, State};
use crate::trailing::worst_price;
use crate::triggers::{run_triggers, trade};

/// Slices that an iceberg order may have.
pub const SLICES_MAX: u64 = 100;

/// Accept an order, hold what it could cost, match it, and let its leaves quantity stay, wait or go.
#[inline(always)]
pub fn place_order(state: &mut State, command: PlaceOrder) -> Result<(), Refusal> {
    let (market_id, account_id) = (command.market_id, command.account_id);
    // GATE
    find_account(state, account_id)?;
    check_trader(state, account_id, command.approval_id)?;
    find_market(state, market_id)?;
    check_market(state, market_id)?;
    check_fields(&command)?;
    let market = &state.markets[market_id as usize - 1];
    market.book.hint_store(state.seq, account_id);
    check_in_auction(market, &command)?;
    check_size(market, &command)?;
    let is_limited = state.accounts[account_id as usize - 1].limited != 0;
    if is_limited {
        let price = if command.price_ticks != 0 { command.price_ticks } else { command.trigger_price_ticks };
        check_order(state, account_id, market_id, price, command.quantity_lots, command.cash_order_quantity_minor)?;
    }
    check_price(market, &command)?;
    check_client_order_id(state, account_id, command.client_order_id)?;
    check_open_orders(state, account_id, 1)?;
    // HOLD
    let asset_id = paying_asset(market, command.side);
    let hold_balance = state.balance(account_id, asset_id);
    let market = &state.markets[market_id as usize - 1];
    let available = state.ledger.available(hold_balance);
    let mut taker = Taker::limit(new_order(state, &command, hold_balance));
    let held = price_hold(market, &mut taker, &command, available);
    if available < held {
        return refuse(RejectCode::InsufficientBalance, held, available);
    }
    if command.order_type == OrderType::POST_ONLY {
        check_post_only(market, command.side, command.price_ticks)?;
    }
    let market_state = market.market_state;
    if is_limited && is_limited_purchase(state, market, account_id, command.side) {
        check_purchase(state, account_id, asset_id, held)?;
        open_purchase(state, account_id, state.seq, asset_id, held);
    }
    let (from, to) = (LedgerAccount::Available(hold_balance), LedgerAccount::Held(hold_balance));
    state.ledger.post(&mut state.invariants, HOLD, asset_id, held, from, to);
    remember_order(state, account_id, command.client_order_id);
    // EMIT
    let order = &taker.order;
    let price_ticks = if command.order_type == OrderType::MARKET { order.price_ticks } else { command.price_ticks };
    emit_accepted(state, &command, order.order_id, price_ticks, held);
    // MATCH POST EMIT
    let is_early = is_auction_time(order.time_in_force) && !fits(state.market(market_id), order.time_in_force);
    if has_trigger(command.order_type) || is_early {
        state.market(market_id).book.add_untriggered(order);
        state.register_order(market_id, order);
    } else if market_state == MarketState::CONTINUOUS {
        trade(state, market_id, &mut taker);
        run_triggers(state, market_id);
    } else {
        if is_auction_time(order.time_in_force) {
            emit_joined(state, market_id, order, order.price_ticks);
        }
        state.market(market_id).book.insert(order);
        state.register_order(market_id, order);
    }
    Ok(())
}

/// Refuse orders of accounts that may not trade.
#[inline(always)]
pub fn check_trader(state: &State, account_id: u32, approval_id: u64) -> Result<(), Refusal> {
    let account = &state.accounts[account_id as usize - 1];
    if account.account_role == AccountRole::HOUSE {
        return refuse(RejectCode::HouseCannotTrade, 0, account_id as u128);
    }
    if account.account_state != AccountState::ACTIVE {
        return refuse(RejectCode::AccountNotActive, AccountState::ACTIVE as u128, account.account_state as u128);
    }
    if approval_id != account.approval_id {
        return refuse(RejectCode::ApprovalMismatch, account.approval_id as u128, approval_id as u128);
    }
    if !state.may_trade(account) {
        let largest = state.insiders[&account.owner_id];
        return refuse(RejectCode::OwnerCannotTrade, largest as u128, account.account_role as u128);
    }
    Ok(())
}

/// Refuse orders in assets that are not admitted and in markets that are not open.
#[inline(always)]
pub fn check_market(state: &State, market_id: u32) -> Result<(), Refusal> {
    let market = &state.markets[market_id as usize - 1];
    for asset_id in [market.base_asset_id, market.quote_asset_id] {
        let status = state.assets[asset_id as usize - 1].asset_status;
        if status != AssetStatus::ADMITTED {
            return refuse(RejectCode::AssetNotAdmitted, AssetStatus::ADMITTED as u128, status as u128);
        }
    }
    if !takes_orders(market.market_state) {
        return refuse(RejectCode::MarketNotOpen, MarketState::CONTINUOUS as u128, market.market_state as u128);
    }
    Ok(())
}

/// Return whether the order type carries a limit price.
#[inline(always)]
fn is_priced(order_type: u8) -> bool {
    use OrderType as T;
    matches!(order_type, T::LIMIT | T::POST_ONLY | T::STOP_LOSS_LIMIT | T::TAKE_PROFIT_LIMIT)
}

/// Refuse a combination of fields that the order type does not have.
#[inline(always)]
pub fn check_fields(command: &PlaceOrder) -> Result<(), Refusal> {
    let (priced, has_trigger) = (is_priced(command.order_type), has_trigger(command.order_type));
    if priced && command.price_ticks == 0 {
        return refuse(RejectCode::PriceMissing, 1, 0);
    }
    if !priced && command.price_ticks != 0 {
        return refuse(RejectCode::PriceNotAllowed, 0, command.price_ticks as u128);
    }
    if command.cash_order_quantity_minor != 0 && (command.order_type != OrderType::MARKET || command.quantity_lots != 0)
    {
        return refuse(RejectCode::CashOrderQuantityNotAllowed, 0, command.cash_order_quantity_minor);
    }
    if command.quantity_lots == 0 && command.cash_order_quantity_minor == 0 {
        return refuse(RejectCode::QuantityMissing, 1, 0);
    }
    if has_trigger && command.trigger_price_ticks == 0 {
        return refuse(RejectCode::TriggerMissing, 1, 0);
    }
    if !has_trigger && command.trigger_price_ticks != 0 {
        return refuse(RejectCode::TriggerNotAllowed, 0, command.trigger_price_ticks as u128);
    }
    check_display(command)?;
    check_time_in_force(command)
}

/// Refuse a slice on an order that cannot rest, one as large as the order, or one under a hundredth of it.
#[inline(always)]
fn check_display(command: &PlaceOrder) -> Result<(), Refusal> {
    if command.display_lots == 0 {
        return Ok(());
    }
    let can_rest = is_priced(command.order_type) && may_rest(command.time_in_force);
    if !can_rest {
        return refuse(RejectCode::DisplayNotAllowed, 0, command.display_lots as u128);
    }
    if command.display_lots >= command.quantity_lots {
        let largest = command.quantity_lots as u128 - 1;
        return refuse(RejectCode::DisplayNotAllowed, largest, command.display_lots as u128);
    }
    let smallest = command.quantity_lots.div_ceil(SLICES_MAX);
    if command.display_lots < smallest {
        return refuse(RejectCode::DisplayNotAllowed, smallest as u128, command.display_lots as u128);
    }
    Ok(())
}

/// Refuse a time in force that the order type does not have, and an expiry out of place.
#[inline(always)]
fn check_time_in_force(command: &PlaceOrder) -> Result<(), Refusal> {
    let is_gtd = command.time_in_force == TimeInForce::GTD;
    if is_gtd && command.expire_ns <= command.ts_ns {
        return refuse(RejectCode::ExpiryInvalid, command.ts_ns as u128 + 1, command.expire_ns as u128);
    }
    if !is_gtd && command.expire_ns != 0 {
        return refuse(RejectCode::ExpiryInvalid, 0, command.expire_ns as u128);
    }
    if !allows_time_in_force(command) {
        let post_only = command.order_type == OrderType::POST_ONLY;
        let expected = if post_only { TimeInForce::GTC } else { TimeInForce::IOC };
        return refuse(RejectCode::TimeInForceNotAllowed, expected as u128, command.time_in_force as u128);
    }
    Ok(())
}

/// Return whether the order type takes the time in force.
#[inline(always)]
fn allows_time_in_force(command: &PlaceOrder) -> bool {
    let time_in_force = command.time_in_force;
    match command.order_type {
        OrderType::MARKET => {
            let is_cash_order = command.cash_order_quantity_minor != 0;
            let by_lots =
                matches!(time_in_force, TimeInForce::FOK | TimeInForce::GTC) || is_auction_time(time_in_force);
            time_in_force == TimeInForce::IOC || (by_lots && !is_cash_order)
        }
        OrderType::POST_ONLY => may_rest(time_in_force),
        OrderType::STOP_LOSS | OrderType::TAKE_PROFIT => time_in_force == TimeInForce::IOC,
        OrderType::LIMIT => true,
        _ => !is_auction_time(time_in_force),
    }
}

/// Refuse what does not fit a call phase, and there a market order without a reference price to bound it.
#[inline(always)]
pub fn check_in_auction(market: &Market, command: &PlaceOrder) -> Result<(), Refusal> {
    if has_trigger(command.order_type) {
        return Ok(());
    }
    if !is_auction_time(command.time_in_force) {
        if market.market_state == MarketState::CONTINUOUS {
            return Ok(());
        }
        if !matches!(command.order_type, OrderType::LIMIT | OrderType::MARKET) {
            return refuse(RejectCode::OrderNotInAuction, OrderType::LIMIT as u128, command.order_type as u128);
        }
        if !may_rest(command.time_in_force) {
            let (expected, found) = (TimeInForce::GTC as u128, command.time_in_force as u128);
            return refuse(RejectCode::TimeInForceNotInAuction, expected, found);
        }
    }
    if command.order_type == OrderType::MARKET && market.reference_price_ticks == 0 {
        return refuse(RejectCode::ReferenceMissing, 1, 0);
    }
    Ok(())
}

/// Refuse orders that are too large or too small. A market order by lots counts at the reference price.
#[inline(always)]
pub fn check_size(market: &Market, command: &PlaceOrder) -> Result<(), Refusal> {
    if command.quantity_lots > market.quantity_max_lots {
        let (most, found) = (market.quantity_max_lots as u128, command.quantity_lots as u128);
        return refuse(RejectCode::QuantityTooLarge, most, found);
    }
    if command.cash_order_quantity_minor != 0 {
        return check_notional(market, command.cash_order_quantity_minor);
    }
    let candidates = [command.price_ticks, command.trigger_price_ticks, market.reference_price_ticks];
    match candidates.into_iter().find(|&price| price != 0) {
        None if market.cost_minor(1, command.quantity_lots) <= market.notional_max_minor => Ok(()),
        None => check_notional(market, market.cost_minor(1, command.quantity_lots)),
        Some(price) => check_notional(market, market.cost_minor(price, command.quantity_lots)),
    }
}

/// Refuse an order value outside the market's limits.
#[inline(always)]
pub fn check_notional(market: &Market, notional_minor: u128) -> Result<(), Refusal> {
    if notional_minor < market.notional_min_minor {
        return refuse(RejectCode::NotionalTooSmall, market.notional_min_minor, notional_minor);
    }
    if notional_minor > market.notional_max_minor {
        return refuse(RejectCode::NotionalTooLarge, market.notional_max_minor, notional_minor);
    }
    Ok(())
}

/// Refuse prices off the grid, one through the collar, and a trigger that the last price has already reached.
#[inline(always)]
pub fn check_price(market: &Market, command: &PlaceOrder) -> Result<(), Refusal> {
    check_grid(market, command.price_ticks)?;
    check_grid(market, command.trigger_price_ticks)?;
    if !has_trigger(command.order_type) {
        if command.price_ticks != 0 {
            return check_collar(market, command.side, command.price_ticks);
        }
        return Ok(());
    }
    let (last, trigger) = (market.last_price_ticks, command.trigger_price_ticks);
    let above = is_trigger_above(command.order_type, command.side);
    if last != 0 && (if above { last >= trigger } else { last <= trigger }) {
        let nearest = if above { last as u128 + 1 } else { last as u128 - 1 };
        return refuse(RejectCode::TriggerAlreadyReached, nearest, trigger as u128);
    }
    Ok(())
}

/// Refuse a price further through the reference than the collar allows.
#[inline(always)]
pub fn check_collar(market: &Market, side: u8, price_ticks: u64) -> Result<(), Refusal> {
    if side == Side::BUY && price_ticks > market.collar_high {
        return refuse(RejectCode::PriceOutsideCollar, market.collar_high as u128, price_ticks as u128);
    }
    if side == Side::SELL && price_ticks < market.collar_low {
        return refuse(RejectCode::PriceOutsideCollar, market.collar_low as u128, price_ticks as u128);
    }
    Ok(())
}

/// Refuse orders beyond the number that an account may have open.
#[inline(always)]
pub fn check_open_orders(state: &State, account_id: u32, count: u64) -> Result<(), Refusal> {
    let (limit, open) = (state.open_orders_max, state.accounts[account_id as usize - 1].open_orders as u64);
    if limit != 0 && open + count > limit {
        return refuse(RejectCode::OpenOrdersLimit, limit as u128, (open + count) as u128);
    }
    Ok(())
}

/// Refuse a post-only order that would trade at once.
#[inline(always)]
pub fn check_post_only(market: &Market, side: u8, price_ticks: u64) -> Result<(), Refusal> {
    if market.market_state != MarketState::CONTINUOUS {
        return Ok(());
    }
    let best = market.book.best_price(opposite(side));
    let crosses = if side == Side::BUY { price_ticks >= best } else { price_ticks <= best };
    if best != 0 && crosses {
        let nearest = if side == Side::BUY { best as u128 - 1 } else { best as u128 + 1 };
        return refuse(RejectCode::PostOnlyWouldCross, nearest, price_ticks as u128);
    }
    Ok(())
}

/// Return the order of the command. An untriggered market buy carries as price the most that it may pay.
#[inline(always)]
pub fn new_order(state: &State, command: &PlaceOrder, hold_balance: u32) -> Order {
    let mut order = Order {
        order_id: state.seq,
        client_order_id: command.client_order_id,
        approval_id: command.approval_id,
        price_ticks: command.price_ticks,
        trigger_price_ticks: command.trigger_price_ticks,
        quantity_lots: command.quantity_lots,
        leaves_lots: command.quantity_lots,
        visible_lots: 0,
        display_lots: command.display_lots,
        expire_ns: command.expire_ns,
        priority: 0,
        account_id: command.account_id,
        hold_balance,
        side: command.side,
        order_type: command.order_type,
        time_in_force: command.time_in_force,
        self_trade_prevention: command.self_trade_prevention,
        session_id: command.session_id,
    };
    if command.time_in_force == TimeInForce::DAY {
        order.expire_ns = day_end_ns(state);
    }
    if is_trigger_market(command.order_type) && command.side == Side::BUY {
        let market = &state.markets[command.market_id as usize - 1];
        order.price_ticks = worst_price(command.trigger_price_ticks, market.collar_ppm);
    }
    order
}

/// Set the terms on which the order matches; return what it must hold, minor units of the asset it pays with.
#[inline(always)]
fn price_hold(market: &Market, taker: &mut Taker, command: &PlaceOrder, available_minor: u128) -> u128 {
    if command.order_type != OrderType::MARKET {
        return hold_minor(market, taker.order.side, taker.order.price_ticks, taker.order.leaves_lots);
    }
    if command.cash_order_quantity_minor != 0 {
        return cash_hold(market, taker, command.cash_order_quantity_minor, available_minor);
    }
    market_hold(market, taker, available_minor)
}

/// Set the terms of a cash order: a buy holds the cash order quantity, a sell all lots that are available.
///
/// The largest order of the market binds its lots, too.
#[inline(never)]
fn cash_hold(market: &Market, taker: &mut Taker, amount_minor: u128, available_minor: u128) -> u128 {
    let largest = market.quantity_max_lots;
    (taker.allowance_minor, taker.is_cash_order) = (Some(amount_minor), true);
    taker.exhausted = CancelReason::QUANTITY_MAX;
    if taker.order.side == Side::BUY {
        (taker.limit_ticks, taker.hold_ticks) = (market.collar_high, 0);
        taker.order.leaves_lots = largest;
        return amount_minor;
    }
    let lots = (available_minor / market.lot_size_minor as u128).max(1);
    taker.limit_ticks = market.collar_low;
    taker.order.leaves_lots = saturate_u64(lots).min(largest);
    if lots <= largest as u128 {
        taker.exhausted = CancelReason::SOLD_OUT;
    }
    taker.order.leaves_lots as u128 * market.lot_size_minor as u128
}

/// Set the terms of a market order by lots: a buy holds what they cost at the collar, at most what is there.
///
/// The largest value of an order binds it, too. In a call phase it waits at the price that its hold covers.
#[inline(never)]
fn market_hold(market: &Market, taker: &mut Taker, available_minor: u128) -> u128 {
    let lots = taker.order.leaves_lots;
    let held = if taker.order.side == Side::BUY {
        let worst = market.cost_minor(market.collar_high, lots);
        let held = worst.min(available_minor).min(market.notional_max_minor).max(1);
        (taker.limit_ticks, taker.allowance_minor) = (market.collar_high, Some(held));
        held
    } else {
        taker.limit_ticks = market.collar_low;
        lots as u128 * market.lot_size_minor as u128
    };
    if market.market_state == MarketState::CONTINUOUS && !is_auction_time(taker.order.time_in_force) {
        return held;
    }
    taker.order.price_ticks = call_phase_price(market, taker, held).max(1);
    hold_minor(market, taker.order.side, taker.order.price_ticks, lots)
}

/// Say that the order is accepted; in a call phase a market order states the price at which it enters.
#[inline(always)]
pub fn emit_accepted(state: &mut State, command: &PlaceOrder, order_id: u64, price_ticks: u64, held_minor: u128) {
    let event = OrderAccepted {
        order_type: command.order_type,
        side: command.side,
        time_in_force: command.time_in_force,
        self_trade_prevention: command.self_trade_prevention,
        session_id: command.session_id,
        seq: state.seq,
        market_id: command.market_id,
        account_id: command.account_id,
        order_id,
        client_order_id: command.client_order_id,
        price_ticks,
        quantity_lots: command.quantity_lots,
        trigger_price_ticks: command.trigger_price_ticks,
        display_lots: command.display_lots,
        held_minor,
    };
    event.write(&mut state.out);
}
