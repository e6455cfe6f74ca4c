//! The snapshot's sections on custody: withdrawals, receipts, evidence, breaks, and the trades that can be busted.
//!
//! Each section is a count and its rows. Withdrawals are listed by number, first the open ones, then the settled ones
//! that an undo could open again; receipts by number; evidence by the number of the command that recorded it; breaks by
//! asset, estate and location; trades oldest first.

use crate::arithmetic::PPM;
use crate::busts::trade_number;
use crate::evidence::EvidenceKind;
use crate::ledger::LOCATION_COUNT;
use crate::snapshot_bytes::{expected, put, Reader, SnapshotError, Writer};
use crate::state::{State, TRADES_MAX};
use crate::state_parts::{Evidence, Receipt, Trade, Withdrawal, APPROVED, DISPATCHED, REQUESTED};

/// Write the sections.
pub fn encode_custody(w: &mut Writer, state: &State) {
    for withdrawals in [&state.withdrawals, &state.settled] {
        put!(w, withdrawals.len() as u64);
        for x in withdrawals.values() {
            put!(w, x.withdrawal_id, x.kind, x.withdrawal_state, x.location, x.account_id, x.asset_id, x.receipt_id);
            put!(w, x.amount_minor);
            w.0.extend_from_slice(&x.destination_hash);
            w.pass_on();
        }
    }
    put!(w, state.receipts.len() as u64);
    for x in state.receipts.values() {
        put!(w, x.receipt_id, x.reason, x.account_id, x.asset_id, x.amount_minor, x.returning_minor);
        w.0.extend_from_slice(&x.evidence_hash);
        w.pass_on();
    }
    put!(w, state.evidence_from_ns, state.evidence.len() as u64);
    for (hash, entry) in state.evidence.in_order() {
        encode_evidence(w, hash, entry);
        w.pass_on();
    }
    put!(w, state.breaks.len() as u64);
    for (&(asset_id, estate, location), &(amount_minor, since_ns)) in &state.breaks {
        put!(w, asset_id, estate, location, amount_minor, since_ns);
    }
    put!(w, state.trades.len() as u64);
    for t in state.trades.in_order() {
        put!(w, t.seq, t.trade_index, t.market_id, t.buyer_account_id, t.seller_account_id);
        put!(w, t.buyer_rate_ppm, t.seller_rate_ppm, t.quantity_minor, t.cost_minor);
        w.pass_on();
    }
}

fn encode_evidence(w: &mut Writer, evidence_hash: &[u8; 32], e: &Evidence) {
    w.0.extend_from_slice(evidence_hash);
    put!(w, e.seq, e.recorded_ns, e.kind, e.is_undone as u8, e.location, e.account_id, e.asset_id, e.number);
    put!(w, e.amount_minor, e.credited_minor, e.lost_minor);
}

/// Read the sections.
pub fn decode_custody(r: &mut Reader, state: &mut State) -> Result<(), SnapshotError> {
    for _ in 0..r.u64()? {
        let withdrawal = decode_withdrawal(r, state)?;
        state.open_withdrawal(withdrawal);
    }
    for _ in 0..r.u64()? {
        let withdrawal = decode_withdrawal(r, state)?;
        state.settled.insert(withdrawal.withdrawal_id, withdrawal);
    }
    for _ in 0..r.u64()? {
        let (receipt_id, reason, account_id, asset_id) = (r.u64()?, r.u8()?, r.u32()?, r.u32()?);
        let (amount_minor, returning_minor, evidence_hash) = (r.u128()?, r.u128()?, r.bytes()?);
        check_numbers(state, account_id, asset_id)?;
        let receipt =
            Receipt { receipt_id, reason, account_id, asset_id, amount_minor, returning_minor, evidence_hash };
        state.receipts.insert(receipt_id, receipt);
    }
    state.evidence_from_ns = r.u64()?;
    if state.evidence_from_ns > state.last_ts_ns {
        return Err(format!("evidence dropped up to {}, later than now", state.evidence_from_ns));
    }
    let (mut last_seq, pieces) = (0, r.u64()?);
    state.evidence.reserve(expected(pieces));
    for _ in 0..pieces {
        last_seq = decode_evidence(r, state, last_seq)?;
    }
    for _ in 0..r.u64()? {
        let key = (r.u32()?, r.u8()?, r.u8()?);
        check_numbers(state, 0, key.0)?;
        if !matches!(key.1, 1 | 2) || key.2 == 0 || key.2 as usize > LOCATION_COUNT {
            return Err(format!("a break in estate {} at location {}", key.1, key.2));
        }
        state.breaks.insert(key, (r.u128()?, r.u64()?));
    }
    let trades = r.u64()?;
    if trades > TRADES_MAX as u64 {
        return Err(format!("{trades} trades, expected at most {TRADES_MAX}"));
    }
    for _ in 0..trades {
        let trade = Trade {
            seq: r.u64()?,
            trade_index: r.u32()?,
            market_id: r.u32()?,
            buyer_account_id: r.u32()?,
            seller_account_id: r.u32()?,
            buyer_rate_ppm: r.u32()? as i32,
            seller_rate_ppm: r.u32()? as i32,
            quantity_minor: r.u128()?,
            cost_minor: r.u128()?,
        };
        check_numbers(state, trade.buyer_account_id, 1)?;
        check_numbers(state, trade.seller_account_id, 1)?;
        state.trades.push(trade);
    }
    Ok(())
}

fn decode_withdrawal(r: &mut Reader, state: &State) -> Result<Withdrawal, SnapshotError> {
    let (withdrawal_id, kind, withdrawal_state, location) = (r.u64()?, r.u8()?, r.u8()?, r.u8()?);
    let (account_id, asset_id, receipt_id) = (r.u32()?, r.u32()?, r.u64()?);
    let (amount_minor, destination_hash) = (r.u128()?, r.bytes()?);
    check_numbers(state, account_id, asset_id)?;
    Ok(Withdrawal {
        withdrawal_id,
        kind,
        withdrawal_state,
        location,
        account_id,
        asset_id,
        receipt_id,
        amount_minor,
        destination_hash,
    })
}

/// Read a piece of evidence, which must be younger than the one before it; return its number.
fn decode_evidence(r: &mut Reader, state: &mut State, last_seq: u64) -> Result<u64, SnapshotError> {
    let (evidence_hash, seq, recorded_ns) = (r.bytes()?, r.u64()?, r.u64()?);
    let (kind, is_undone, location) = (r.u8()?, r.u8()? != 0, r.u8()?);
    let (account_id, asset_id, number) = (r.u32()?, r.u32()?, r.u64()?);
    let (amount_minor, credited_minor, lost_minor) = (r.u128()?, r.u128()?, r.u128()?);
    if asset_id != 0 {
        check_numbers(state, account_id, asset_id)?;
    }
    if recorded_ns > state.last_ts_ns {
        return Err(format!("evidence of command {seq} recorded at {recorded_ns}, later than now"));
    }
    let entry = Evidence {
        kind,
        location,
        is_undone,
        account_id,
        asset_id,
        number,
        amount_minor,
        credited_minor,
        lost_minor,
        seq,
        recorded_ns,
    };
    if state.evidence.has(&evidence_hash) {
        return Err(format!("evidence of command {seq} that another command recorded"));
    }
    if seq <= last_seq {
        return Err(format!("evidence of command {seq} after that of command {last_seq}"));
    }
    state.evidence.insert_new(evidence_hash, entry);
    Ok(seq)
}

/// Refuse an account (0: none) or an asset that is not there.
fn check_numbers(state: &State, account_id: u32, asset_id: u32) -> Result<(), SnapshotError> {
    if account_id as usize > state.accounts.len() || asset_id == 0 || asset_id as usize > state.assets.len() {
        return Err(format!("account {account_id} and asset {asset_id}, which are not both there"));
    }
    Ok(())
}

/// Refuse custody that names what is not there, once the whole state is read.
pub fn check_references(state: &State) -> Result<(), SnapshotError> {
    for (withdrawals, is_open) in [(&state.withdrawals, true), (&state.settled, false)] {
        for w in withdrawals.values() {
            let stated = matches!(w.withdrawal_state, REQUESTED | APPROVED | DISPATCHED);
            let placed = w.location != 0 || w.withdrawal_state != DISPATCHED;
            let waits = w.receipt_id == 0 || !is_open || state.receipts.contains_key(&w.receipt_id);
            if !(stated && placed && waits && w.location as usize <= LOCATION_COUNT) {
                return Err(format!("withdrawal {} is not one that can be", w.withdrawal_id));
            }
        }
    }
    for (_, entry) in state.evidence.in_order() {
        let placed =
            entry.kind == EvidenceKind::OTHER || (entry.location != 0 && entry.location as usize <= LOCATION_COUNT);
        if !placed || (entry.kind == EvidenceKind::SETTLEMENT && !state.settled.contains_key(&entry.number)) {
            return Err(format!("evidence of command {} is not one that can be", entry.seq));
        }
    }
    if !state.trades.in_order().map(trade_number).is_sorted_by(|before, after| before < after) {
        return Err("trades that are not in their order".into());
    }
    for trade in state.trades.in_order() {
        if trade.market_id as usize > state.markets.len() {
            return Err(format!("a trade in market {}, which is not there", trade.market_id));
        }
        if trade.buyer_rate_ppm.unsigned_abs().max(trade.seller_rate_ppm.unsigned_abs()) > PPM {
            return Err(format!("a trade of command {} with a fee of more than the whole", trade.seq));
        }
    }
    Ok(())
}
