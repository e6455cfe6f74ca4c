//! A timer for each account that cancels all its open orders unless the client sets it again in time.
//!
//! It protects a client whose connection fails: the orders do not outlive the silence. Setting it again moves its end, 0
//! ends it, and once elapsed it is off until it is set anew.
//! Source: Kraken, Cancel All Orders After X; Binance futures, countdownCancelAll (there by symbol, here by account).

use crate::cancel::{cancel_open_orders, require_canceling};
use crate::lookup::find_account;
use crate::records::{CancelReason, CancelTimerElapsed, CancelTimerSet, RejectCode, SetCancelTimer};
use crate::refusal::{refuse, Refusal};
use crate::state::{State, CANCEL_DUE, NS_PER_MS};

pub const TIMEOUT_MAX_MS: u32 = 86_400_000;

/// Start an account's timer, start it again, or end it.
pub fn set_cancel_timer(state: &mut State, command: SetCancelTimer) -> Result<(), Refusal> {
    // GATE
    find_account(state, command.account_id)?;
    require_canceling(state, command.account_id)?;
    if command.timeout_ms > TIMEOUT_MAX_MS {
        return refuse(RejectCode::CancelTimerTooLong, TIMEOUT_MAX_MS as u128, command.timeout_ms as u128);
    }
    // POST
    let due_ns = match command.timeout_ms {
        0 => 0,
        timeout_ms => command.ts_ns.saturating_add(timeout_ms as u64 * NS_PER_MS),
    };
    forget_timer(state, command.account_id);
    if due_ns != 0 {
        remember_timer(state, command.account_id, due_ns);
    }
    // EMIT
    let event = CancelTimerSet {
        seq: state.seq,
        account_id: command.account_id,
        timeout_ms: command.timeout_ms,
        cancel_due_ns: due_ns,
    };
    event.write(&mut state.out);
    Ok(())
}

/// Keep an account's timer.
pub fn remember_timer(state: &mut State, account_id: u32, due_ns: u64) {
    state.cancel_timers.insert(account_id, due_ns);
    state.add_timer(due_ns, CANCEL_DUE, account_id as u64, 0);
}

/// Drop an account's timer, where it has one.
pub fn forget_timer(state: &mut State, account_id: u32) {
    if let Some(due_ns) = state.cancel_timers.remove(&account_id) {
        state.drop_timer(due_ns, CANCEL_DUE, account_id as u64, 0);
    }
}

/// Cancel all open orders of an account whose timer has run out, market by market.
pub fn elapse(state: &mut State, account_id: u32) {
    // POST
    forget_timer(state, account_id);
    // EMIT
    CancelTimerElapsed { seq: state.seq, account_id }.write(&mut state.out);
    for market_id in 1..=state.markets.len() as u32 {
        let slots = state.market(market_id).book.orders_of(account_id);
        cancel_open_orders(state, market_id, slots, CancelReason::CANCEL_TIMER);
    }
}
