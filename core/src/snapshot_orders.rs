//! Order control in the snapshot: the accounts' cancel timers, numbers of orders, those of withdrawals by account.

use std::collections::VecDeque;

use crate::cancel_timers::{remember_timer, TIMEOUT_MAX_MS};
use crate::client_ids::{keep_order, Remembered, REMEMBERED_MAX, REQUESTS_MAX};
use crate::snapshot_bytes::{put, require, within, Reader, SnapshotError, Writer};
use crate::state::{client_key, State, NS_PER_MS};

/// Write the timers and the numbers.
pub fn encode_order_control(w: &mut Writer, state: &State) {
    put!(w, state.cancel_timers.len() as u32);
    for (account_id, due_ns) in &state.cancel_timers {
        put!(w, account_id, due_ns);
    }
    put!(w, state.named_orders.len() as u32);
    encode_remembered(w, &state.named_orders);
    put!(w, state.named_requests.len() as u32);
    for (account_id, queue) in &state.named_requests {
        put!(w, account_id, queue.len() as u32);
        encode_remembered(w, queue);
    }
}

fn encode_remembered(w: &mut Writer, queue: &VecDeque<Remembered>) {
    for entry in queue {
        put!(w, entry.client_id, entry.number, entry.given_ns, entry.account_id);
        w.pass_on();
    }
}

/// Read the timers and the numbers.
pub fn decode_order_control(r: &mut Reader, state: &mut State) -> Result<(), SnapshotError> {
    for _ in 0..r.u32()? {
        let (account_id, due_ns) = (r.u32()?, r.u64()?);
        let known = account_id != 0 && account_id as usize <= state.accounts.len();
        if !known || state.cancel_timers.contains_key(&account_id) {
            return Err(format!("a cancel timer of account {account_id} at {due_ns}"));
        }
        let latest_ns = state.last_ts_ns.saturating_add(TIMEOUT_MAX_MS as u64 * NS_PER_MS);
        let earliest_ns = state.last_ts_ns.saturating_add(1);
        require(within(due_ns, earliest_ns, latest_ns), "time of a cancel timer")?;
        remember_timer(state, account_id, due_ns);
    }
    let mut before = Remembered::default();
    for _ in 0..r.u32()? {
        before = decode_remembered(r, state, &before)?;
        let again = state.recent_orders.get(client_key(before.account_id, before.client_id)) == Some(before.number);
        require(!again, "number of an order that is remembered")?;
        keep_order(state, before);
    }
    if state.named_orders.len() > (if state.client_id_horizon_ns == 0 { 0 } else { REMEMBERED_MAX }) {
        return Err(format!("{} numbers of orders", state.named_orders.len()));
    }
    for _ in 0..r.u32()? {
        decode_requests(r, state)?;
    }
    Ok(())
}

/// Read the numbers that an account gave its withdrawals.
fn decode_requests(r: &mut Reader, state: &mut State) -> Result<(), SnapshotError> {
    let (account_id, count) = (r.u32()?, r.u32()? as usize);
    if state.named_requests.contains_key(&account_id) || count == 0 || count > REQUESTS_MAX {
        return Err(format!("{count} numbers of account {account_id}"));
    }
    let (mut before, mut queue) = (Remembered::default(), VecDeque::new());
    for _ in 0..count {
        let last = before.number;
        before = decode_remembered(r, state, &before)?;
        if before.account_id != account_id {
            return Err(format!("number {} among those of account {account_id}", before.client_id));
        }
        require(before.number > last, "number of a withdrawal that is remembered")?;
        queue.push_back(before);
    }
    state.named_requests.insert(account_id, queue);
    Ok(())
}

/// Read one number, which must be younger than the one before it.
fn decode_remembered(r: &mut Reader, state: &State, before: &Remembered) -> Result<Remembered, SnapshotError> {
    let (client_id, number, given_ns, account_id) = (r.u64()?, r.u64()?, r.u64()?, r.u32()?);
    let same = (given_ns, account_id) == (before.given_ns, before.account_id);
    let after = if number == before.number { same } else { before.number < number };
    let follows = after && number < state.next_seq;
    let in_time = before.given_ns <= given_ns && given_ns <= state.last_ts_ns;
    let known = account_id != 0 && account_id as usize <= state.accounts.len();
    if client_id == 0 || number == 0 || !(follows && in_time && known) {
        return Err(format!("number {client_id} of account {account_id}"));
    }
    Ok(Remembered { client_id, number, given_ns, account_id })
}
