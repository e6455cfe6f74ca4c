//! Amend an open order: a smaller quantity at the same price keeps its place, anything else enters anew.

use crate::book::{is_market, Order, NONE};
use crate::grid::check_grid;
use crate::ledger::{LedgerAccount, HOLD, RELEASE};
use crate::legs::is_amendable;
use crate::limits::check_order;
use crate::lookup::{find_account, find_market, find_order};
use crate::matching::{emit_amended, Taker};
use crate::orders::{check_collar, check_market, check_notional, check_post_only, check_trader, SLICES_MAX};
use crate::purchases::{amend_purchase, is_limited_purchase};
use crate::records::{AmendOrder, MarketState, OrderType, RejectCode};
use crate::refusal::{refuse, Refusal};
use crate::settlement::{hold_minor, paying_asset};
use crate::state::{Market, State};
use crate::triggers::{run_triggers, trade};

/// Change an order's price or quantity (its total, filled lots included).
pub fn amend_order(state: &mut State, command: AmendOrder) -> Result<(), Refusal> {
    let market_id = command.market_id;
    // GATE
    find_account(state, command.account_id)?;
    let approval_id = state.account(command.account_id).approval_id;
    check_trader(state, command.account_id, approval_id)?;
    find_market(state, market_id)?;
    check_market(state, market_id)?;
    let slot = find_order(state, market_id, command.account_id, command.order_id, command.client_order_id)?;
    let market = &state.markets[market_id as usize - 1];
    let mut order = market.book.order(slot);
    let price = if command.price_ticks != 0 { command.price_ticks } else { order.price_ticks };
    check_change(market, slot, &order, price, command.quantity_lots)?;
    if state.accounts[command.account_id as usize - 1].limited != 0 {
        check_order(state, command.account_id, market_id, price, command.quantity_lots, 0)?;
    }
    let filled = order.quantity_lots - order.leaves_lots;
    let leaves = command.quantity_lots - filled;
    // HOLD
    let before = hold_minor(market, order.side, order.price_ticks, order.leaves_lots);
    let after = hold_minor(market, order.side, price, leaves);
    let keeps_priority = price == order.price_ticks && command.quantity_lots < order.quantity_lots;
    let market_state = market.market_state;
    adjust_hold(state, market_id, &order, (before, after), price, keeps_priority)?;
    // MATCH POST EMIT
    let reduction = order.quantity_lots.wrapping_sub(command.quantity_lots);
    order.price_ticks = price;
    order.quantity_lots = command.quantity_lots;
    order.leaves_lots = leaves;
    if keeps_priority {
        state.market(market_id).book.reduce(slot, reduction);
        emit_amended(state, market_id, &order, 1, after);
        return Ok(());
    }
    state.market(market_id).book.remove(slot);
    state.forget_order(market_id, slot);
    emit_amended(state, market_id, &order, 0, after);
    if market_state == MarketState::CONTINUOUS {
        trade(state, market_id, &mut Taker::limit(order));
        run_triggers(state, market_id);
    } else {
        state.market(market_id).book.insert(&order);
        state.register_order(market_id, &order);
    }
    Ok(())
}

/// Refuse an amendment that changes nothing, is not possible, or breaks a limit of the market.
fn check_change(
    market: &Market,
    slot: u32,
    order: &Order,
    price_ticks: u64,
    quantity_lots: u64,
) -> Result<(), Refusal> {
    let may_change = is_amendable(order.order_id) && !is_market(order.order_type);
    if market.book.hot[slot as usize].level == NONE || !may_change {
        return refuse(RejectCode::AmendNotAllowed, 1, 0);
    }
    if price_ticks == order.price_ticks && quantity_lots == order.quantity_lots {
        return refuse(RejectCode::AmendChangesNothing, 1, 0);
    }
    let filled = order.quantity_lots - order.leaves_lots;
    if quantity_lots <= filled {
        return refuse(RejectCode::AmendBelowFilled, filled as u128 + 1, quantity_lots as u128);
    }
    if order.display_lots != 0 {
        let (least, most) = (order.display_lots as u128 + 1, order.display_lots as u128 * SLICES_MAX as u128);
        let found = quantity_lots as u128;
        if found < least || found > most {
            return refuse(RejectCode::QuantityUnfitForSlice, if found < least { least } else { most }, found);
        }
    }
    if quantity_lots > market.quantity_max_lots {
        return refuse(RejectCode::QuantityTooLarge, market.quantity_max_lots as u128, quantity_lots as u128);
    }
    check_notional(market, market.cost_minor(price_ticks, quantity_lots))?;
    if price_ticks != order.price_ticks {
        check_grid(market, price_ticks)?;
        check_collar(market, order.side, price_ticks)?;
    }
    Ok(())
}

/// Hold more or give back the difference; refuse what the balance does not cover or a post-only that would trade.
fn adjust_hold(
    state: &mut State,
    market_id: u32,
    order: &Order,
    (before, after): (u128, u128),
    price_ticks: u64,
    keeps_priority: bool,
) -> Result<(), Refusal> {
    let market = &state.markets[market_id as usize - 1];
    let asset_id = paying_asset(market, order.side);
    let balance = order.hold_balance;
    let available = state.ledger.available(balance);
    if after > before && available < after - before {
        return refuse(RejectCode::InsufficientBalance, after - before, available);
    }
    if order.order_type == OrderType::POST_ONLY && !keeps_priority {
        check_post_only(market, order.side, price_ticks)?;
    }
    if is_limited_purchase(state, market, order.account_id, order.side) {
        amend_purchase(state, order.account_id, order.order_id, after)?;
    }
    let (free, held) = (LedgerAccount::Available(balance), LedgerAccount::Held(balance));
    if after > before {
        state.ledger.post(&mut state.invariants, HOLD, asset_id, after - before, free, held);
    } else if after < before {
        state.ledger.post(&mut state.invariants, RELEASE, asset_id, before - after, held, free);
    }
    Ok(())
}
