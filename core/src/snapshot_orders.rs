//! What the state keeps of order control, in the snapshot: the accounts' cancel timers, by account.

use crate::cancel_timers::remember_timer;
use crate::snapshot_bytes::{put, Reader, SnapshotError, Writer};
use crate::state::State;

/// Write the timers.
pub fn encode_order_control(w: &mut Writer, state: &State) {
    put!(w, state.cancel_timers.len() as u32);
    for (account_id, due_ns) in &state.cancel_timers {
        put!(w, account_id, due_ns);
    }
}

/// Read the timers.
pub fn decode_order_control(r: &mut Reader, state: &mut State) -> Result<(), SnapshotError> {
    for _ in 0..r.u32()? {
        let (account_id, due_ns) = (r.u32()?, r.u64()?);
        let known = account_id != 0 && account_id as usize <= state.accounts.len();
        if !known || state.cancel_timers.contains_key(&account_id) || due_ns == 0 {
            return Err(format!("a cancel timer of account {account_id} at {due_ns}"));
        }
        remember_timer(state, account_id, due_ns);
    }
    Ok(())
}
