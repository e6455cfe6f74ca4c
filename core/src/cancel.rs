//! Cancel orders: one, all of an account, or those that lose their right to stand.

use crate::book::{Cold, NONE};
use crate::legs::is_leg;
use crate::lookup::{find_account, find_market, find_order};
use crate::records::{AccountState, CancelAll, CancelOrder, CancelReason, RejectCode};
use crate::refusal::{refuse, Refusal};
use crate::settlement::{held_by, settle_cancel};
use crate::state::State;

/// Refuse cancels of a frozen or closed account.
#[inline(always)]
pub fn require_canceling(state: &State, account_id: u32) -> Result<(), Refusal> {
    let account_state = state.accounts[account_id as usize - 1].account_state;
    if !matches!(account_state, AccountState::ACTIVE | AccountState::RESTRICTED) {
        return refuse(RejectCode::AccountNotActive, AccountState::ACTIVE as u128, account_state as u128);
    }
    Ok(())
}

/// Take an open order out, give back what it held, and say so.
#[inline(always)]
pub fn close_order(state: &mut State, market_id: u32, slot: u32, reason: u8) {
    let market = &state.markets[market_id as usize - 1];
    let order = market.book.order(slot);
    state.hint_client(order.account_id, order.client_order_id);
    let market = &mut state.markets[market_id as usize - 1];
    if market.book.hot[slot as usize].level != NONE {
        market.book.remove(slot);
    } else {
        market.book.remove_untriggered(slot);
    }
    state.forget_order(market_id, slot);
    let market = &mut state.markets[market_id as usize - 1];
    let held = held_by(market, &order);
    if is_leg(order.order_id) {
        market.book.leg_holds.remove(&order.order_id);
    }
    settle_cancel(state, market_id, &order, reason, order.leaves_lots, held);
}

/// Cancel open orders of a market, lowest order number first.
pub fn cancel_open_orders(state: &mut State, market_id: u32, mut slots: Vec<u32>, reason: u8) {
    slots.sort_unstable_by_key(|&slot| state.markets[market_id as usize - 1].book.hot[slot as usize].order_id);
    for slot in slots {
        close_order(state, market_id, slot, reason);
    }
}

/// Cancel one open order of an account, in any state of the market.
#[inline(always)]
pub fn cancel_order(state: &mut State, command: CancelOrder) -> Result<(), Refusal> {
    // GATE
    find_account(state, command.account_id)?;
    require_canceling(state, command.account_id)?;
    find_market(state, command.market_id)?;
    let slot = find_order(state, command.market_id, command.account_id, command.order_id, command.client_order_id)?;
    // POST EMIT
    close_order(state, command.market_id, slot, CancelReason::REQUESTED);
    Ok(())
}

/// Cancel all open orders of an account, or those of one market, side or session (0 = all).
pub fn cancel_all(state: &mut State, command: CancelAll) -> Result<(), Refusal> {
    // GATE
    find_account(state, command.account_id)?;
    require_canceling(state, command.account_id)?;
    if command.market_id != 0 {
        find_market(state, command.market_id)?;
    }
    let markets = match command.market_id {
        0 => 1..=state.markets.len() as u32,
        one => one..=one,
    };
    // POST EMIT
    for market_id in markets {
        let book = &state.market(market_id).book;
        let mut slots = book.orders_of(command.account_id);
        slots.retain(|&slot| is_named(&command, &book.cold[slot as usize]));
        cancel_open_orders(state, market_id, slots, CancelReason::CANCEL_ALL);
    }
    Ok(())
}

/// Return whether an order is on the side and of the session that the command names.
fn is_named(command: &CancelAll, order: &Cold) -> bool {
    let on_side = command.side_filter == 0 || command.side_filter == order.side;
    on_side && (command.session_id == 0 || command.session_id == order.session_id)
}
