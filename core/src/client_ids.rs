//! The numbers that clients give: a retry within the horizon finds what it did the first time and does nothing again.
//!
//! An order's number is remembered from its acceptance, whatever becomes of the order: for the horizon
//! (`client_id_horizon_ms`) and as long as the order is open. So is a withdrawal's. Memory is bounded: an account has the
//! last REMEMBERED_MAX numbers of each kind, and forgets those past the horizon a few at a time, when it gives new ones.
//! Layout: a queue for each account, oldest first; the state's `by_client` finds an order's number among them and says
//! whether the order is open.

use crate::records::{PlaceOrder, RejectCode, RequestWithdrawal};
use crate::refusal::{refuse, Refusal};
use crate::state::State;

pub const REMEMBERED_MAX: usize = 1_024;
const FORGET_AT_ONCE: usize = 2;

/// A client's number, what it named, and when.
#[derive(Clone, Copy, Default)]
pub struct Remembered {
    pub client_id: u64,
    pub number: u64,
    pub given_ns: u64,
}

/// Refuse a client's number that an open order has, or one that was accepted within the horizon.
#[inline(always)]
pub fn check_client_order_id(state: &State, command: &PlaceOrder) -> Result<(), Refusal> {
    if command.client_order_id == 0 || !state.knows_client(command.account_id, command.client_order_id) {
        return Ok(());
    }
    check_known(state, command)
}

#[cold]
fn check_known(state: &State, command: &PlaceOrder) -> Result<(), Refusal> {
    let (account_id, client_order_id) = (command.account_id, command.client_order_id);
    let (number, is_open) = state.named_by_client(account_id, client_order_id);
    let queue = &state.named_orders[account_id as usize - 1];
    let at = queue.partition_point(|entry| entry.number < number);
    if is_open || queue.get(at).is_some_and(|entry| !is_past(state, entry)) {
        return refuse(RejectCode::ClientOrderIdTaken, number as u128, client_order_id as u128);
    }
    Ok(())
}

/// Return whether the horizon of a number is over.
#[inline(always)]
fn is_past(state: &State, entry: &Remembered) -> bool {
    state.last_ts_ns - entry.given_ns >= state.client_id_horizon_ns
}

/// Remember the number of an accepted order, and forget a few that are past the horizon or too many.
#[inline(always)]
pub fn remember_order(state: &mut State, command: &PlaceOrder) {
    if command.client_order_id == 0 {
        return;
    }
    let at = command.account_id as usize - 1;
    while state.knows_client(command.account_id, command.client_order_id) {
        forget_oldest(state, command.account_id);
    }
    for _ in 0..FORGET_AT_ONCE {
        if state.named_orders[at].front().is_some_and(|oldest| is_past(state, oldest)) {
            forget_oldest(state, command.account_id);
        }
    }
    if state.named_orders[at].len() == REMEMBERED_MAX {
        forget_oldest(state, command.account_id);
    }
    let entry = Remembered { client_id: command.client_order_id, number: state.seq, given_ns: state.last_ts_ns };
    restore_order(state, command.account_id, entry);
}

/// Forget the oldest number of an account's orders.
#[inline(never)]
fn forget_oldest(state: &mut State, account_id: u32) {
    if let Some(entry) = state.named_orders[account_id as usize - 1].pop_front() {
        state.forget_client(account_id, entry.client_id);
    }
}

/// Keep an order's number as the account's newest.
#[inline(always)]
pub fn restore_order(state: &mut State, account_id: u32, entry: Remembered) {
    state.named_orders[account_id as usize - 1].push_back(entry);
    state.keep_client(account_id, entry.client_id, entry.number);
}

/// Refuse a client's number that a withdrawal has which is open or was requested within the horizon.
pub fn check_client_request_id(state: &State, command: &RequestWithdrawal) -> Result<(), Refusal> {
    if command.client_request_id == 0 {
        return Ok(());
    }
    let Some(queue) = state.named_requests.get(&command.account_id) else { return Ok(()) };
    match queue.iter().find(|entry| entry.client_id == command.client_request_id && !is_done(state, entry)) {
        Some(entry) => {
            refuse(RejectCode::ClientRequestIdTaken, entry.number as u128, command.client_request_id as u128)
        }
        None => Ok(()),
    }
}

/// Return whether a withdrawal's number is past the horizon and the withdrawal no longer open.
fn is_done(state: &State, entry: &Remembered) -> bool {
    is_past(state, entry) && !state.withdrawals.contains_key(&entry.number)
}

/// Remember the number of a withdrawal, and forget a few that are done or too many.
pub fn remember_request(state: &mut State, command: &RequestWithdrawal) {
    if command.client_request_id == 0 {
        return;
    }
    let entry = Remembered { client_id: command.client_request_id, number: state.seq, given_ns: state.last_ts_ns };
    let mut queue = state.named_requests.remove(&command.account_id).unwrap_or_default();
    for _ in 0..FORGET_AT_ONCE {
        if queue.front().is_some_and(|oldest| is_done(state, oldest)) {
            queue.pop_front();
        }
    }
    if queue.len() == REMEMBERED_MAX {
        queue.pop_front();
    }
    queue.push_back(entry);
    state.named_requests.insert(command.account_id, queue);
}
