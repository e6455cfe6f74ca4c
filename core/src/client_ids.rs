//! The numbers that clients give: a retry finds what it did the first time and does nothing again.
//!
//! An order's number is taken while the order is open and while it is the account's last accepted one. Where a horizon
//! is set (`client_id_horizon_ms`), every accepted number is remembered for so long, whatever becomes of the order.
//! Memory is bounded: the last REMEMBERED_MAX numbers of the facility. Without a horizon nothing is remembered and
//! nothing read. A withdrawal's number is taken while the withdrawal is open and within the horizon; an account has the
//! last REQUESTS_MAX of them. Both memories forget what is past the horizon a few at a time, when a new number comes.
//! Layout: the orders' numbers in one queue, oldest first, which is walked in order; `recent_orders` finds the last order
//! that has a number. Withdrawals are few: a queue for each account.
//! Cost: one line of `recent_orders` to look up and put in, one to forget, both asked for ahead of time.

use crate::records::{RejectCode, RequestWithdrawal};
use crate::refusal::{refuse, Refusal};
use crate::state::{client_key, State};

pub const REMEMBERED_MAX: usize = 1 << 20;
pub const REQUESTS_MAX: usize = 1_024;
const FORGET_AT_ONCE: usize = 2;
/// How far ahead of the number that is forgotten the memory is asked for.
const FORGET_AHEAD: usize = 8;

/// A client's number, what it named, when, and for which account.
#[derive(Clone, Copy, Default)]
pub struct Remembered {
    pub client_id: u64,
    pub number: u64,
    pub given_ns: u64,
    pub account_id: u32,
}

/// Refuse a client's number that an open order, the last accepted one, or one within the horizon has.
#[inline(always)]
pub fn check_client_order_id(state: &State, account_id: u32, client_order_id: u64) -> Result<(), Refusal> {
    if client_order_id == 0 {
        return Ok(());
    }
    let mut number = state.order_of_client(account_id, client_order_id);
    let account = &state.accounts[account_id as usize - 1];
    if number == 0 && account.last_client_order_id == client_order_id {
        number = account.last_order_id;
    }
    if number == 0 && state.client_id_horizon_ns != 0 {
        number = recent_order(state, account_id, client_order_id);
    }
    if number != 0 {
        return refuse(RejectCode::ClientOrderIdTaken, number as u128, state.seq as u128);
    }
    Ok(())
}

/// Return the order that was accepted under a number within the horizon, 0 for none.
#[inline(never)]
fn recent_order(state: &State, account_id: u32, client_order_id: u64) -> u64 {
    let number = state.recent_orders.get(client_key(account_id, client_order_id)).unwrap_or(0);
    if number == 0 {
        return 0;
    }
    let at = state.named_orders.partition_point(|entry| entry.number < number);
    if is_past(state, &state.named_orders[at]) {
        0
    } else {
        number
    }
}

/// Return whether the horizon of a number is over.
fn is_past(state: &State, entry: &Remembered) -> bool {
    state.last_ts_ns - entry.given_ns >= state.client_id_horizon_ns
}

/// Remember the number of an accepted order, and forget a few that are past the horizon or too many.
#[inline(always)]
pub fn remember_order(state: &mut State, account_id: u32, client_order_id: u64) {
    if client_order_id == 0 {
        return;
    }
    let order_id = state.seq;
    let account = state.account(account_id);
    account.last_client_order_id = client_order_id;
    account.last_order_id = order_id;
    if state.client_id_horizon_ns != 0 {
        let entry = Remembered { client_id: client_order_id, number: order_id, given_ns: state.last_ts_ns, account_id };
        remember_recent(state, entry);
    }
}

#[inline(never)]
fn remember_recent(state: &mut State, entry: Remembered) {
    for _ in 0..FORGET_AT_ONCE {
        if state.named_orders.front().is_some_and(|oldest| is_past(state, oldest)) {
            forget_oldest(state);
        }
    }
    if state.named_orders.len() == REMEMBERED_MAX {
        forget_oldest(state);
    }
    keep_order(state, entry);
}

/// Forget the oldest number of an order; a newer order may have it since.
fn forget_oldest(state: &mut State) {
    if let Some(next) = state.named_orders.get(FORGET_AHEAD) {
        state.recent_orders.hint(client_key(next.account_id, next.client_id));
    }
    let Some(entry) = state.named_orders.pop_front() else { return };
    let key = client_key(entry.account_id, entry.client_id);
    if state.recent_orders.get(key) == Some(entry.number) {
        state.recent_orders.remove(key);
    }
}

/// Keep an order's number as the newest.
pub fn keep_order(state: &mut State, entry: Remembered) {
    state.named_orders.push_back(entry);
    state.recent_orders.insert(client_key(entry.account_id, entry.client_id), entry.number);
}

/// Set how long numbers are remembered; without a horizon those of orders are forgotten.
pub fn set_horizon(state: &mut State, horizon_ns: u64) {
    state.client_id_horizon_ns = horizon_ns;
    if horizon_ns == 0 {
        (state.named_orders, state.recent_orders) = Default::default();
    } else {
        // Room at once, as pages that are taken when they are used: no later number pays for a move.
        state.named_orders.reserve(REMEMBERED_MAX - state.named_orders.len());
    }
}

/// Refuse a client's number that a withdrawal has which is open or was requested within the horizon.
pub fn check_client_request_id(state: &State, command: &RequestWithdrawal) -> Result<(), Refusal> {
    if command.client_request_id == 0 {
        return Ok(());
    }
    let Some(queue) = state.named_requests.get(&command.account_id) else { return Ok(()) };
    match queue.iter().find(|entry| entry.client_id == command.client_request_id && !is_done(state, entry)) {
        Some(entry) => refuse(RejectCode::ClientRequestIdTaken, entry.number as u128, state.seq as u128),
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
    let (client_id, account_id) = (command.client_request_id, command.account_id);
    let entry = Remembered { client_id, number: state.seq, given_ns: state.last_ts_ns, account_id };
    let mut queue = state.named_requests.remove(&account_id).unwrap_or_default();
    for _ in 0..FORGET_AT_ONCE {
        if queue.front().is_some_and(|oldest| is_done(state, oldest)) {
            queue.pop_front();
        }
    }
    if queue.len() == REQUESTS_MAX {
        queue.pop_front();
    }
    queue.push_back(entry);
    state.named_requests.insert(account_id, queue);
}
