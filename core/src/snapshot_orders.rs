//! Order control in the snapshot: the accounts' cancel timers and the numbers that clients gave, by account.

use std::collections::VecDeque;

use crate::cancel_timers::remember_timer;
use crate::client_ids::{restore_order, Remembered, REMEMBERED_MAX};
use crate::snapshot_bytes::{put, Reader, SnapshotError, Writer};
use crate::snapshot_check::SEQ_LIMIT;
use crate::state::State;

/// Write the timers and the numbers.
pub fn encode_order_control(w: &mut Writer, state: &State) {
    put!(w, state.cancel_timers.len() as u32);
    for (account_id, due_ns) in &state.cancel_timers {
        put!(w, account_id, due_ns);
    }
    let orders = (1u32..).zip(&state.named_orders).filter(|(_, queue)| !queue.is_empty());
    encode_named(w, orders.collect());
    encode_named(w, state.named_requests.iter().map(|(&account_id, queue)| (account_id, queue)).collect());
}

fn encode_named(w: &mut Writer, queues: Vec<(u32, &VecDeque<Remembered>)>) {
    put!(w, queues.len() as u32);
    for (account_id, queue) in queues {
        put!(w, account_id, queue.len() as u32);
        for entry in queue {
            put!(w, entry.client_id, entry.number, entry.given_ns);
        }
    }
}

/// Read the timers and the numbers.
pub fn decode_order_control(r: &mut Reader, state: &mut State) -> Result<(), SnapshotError> {
    for _ in 0..r.u32()? {
        let (account_id, due_ns) = (r.u32()?, r.u64()?);
        let known = account_id != 0 && account_id as usize <= state.accounts.len();
        if !known || state.cancel_timers.contains_key(&account_id) || due_ns == 0 {
            return Err(format!("a cancel timer of account {account_id} at {due_ns}"));
        }
        remember_timer(state, account_id, due_ns);
    }
    for is_order in [true, false] {
        for _ in 0..r.u32()? {
            decode_named(r, state, is_order)?;
        }
    }
    Ok(())
}

/// Read the numbers that an account gave its orders, or its withdrawals.
fn decode_named(r: &mut Reader, state: &mut State, is_order: bool) -> Result<(), SnapshotError> {
    let (account_id, count) = (r.u32()?, r.u32()? as usize);
    let known = account_id != 0 && account_id as usize <= state.accounts.len();
    let twice = known
        && if is_order {
            !state.named_orders[account_id as usize - 1].is_empty()
        } else {
            state.named_requests.contains_key(&account_id)
        };
    if !known || twice || count == 0 || count > REMEMBERED_MAX {
        return Err(format!("{count} numbers of account {account_id}"));
    }
    let (mut before, mut queue) = (Remembered::default(), VecDeque::new());
    for _ in 0..count {
        let entry = Remembered { client_id: r.u64()?, number: r.u64()?, given_ns: r.u64()? };
        let follows = before.number < entry.number && entry.number < state.next_seq;
        let in_time = before.given_ns <= entry.given_ns && entry.given_ns <= state.last_ts_ns;
        if entry.client_id == 0 || !follows || !in_time || state.next_seq >= SEQ_LIMIT {
            return Err(format!("number {} of account {account_id}", entry.client_id));
        }
        if !is_order {
            queue.push_back(entry);
        } else if state.knows_client(account_id, entry.client_id)
            && state.named_by_client(account_id, entry.client_id) != (entry.number, true)
        {
            return Err(format!("number {} of account {account_id} names two orders", entry.client_id));
        } else {
            restore_order(state, account_id, entry);
        }
        before = entry;
    }
    if !is_order {
        state.named_requests.insert(account_id, queue);
    }
    Ok(())
}
