//! The part of the snapshot that holds limits and pending settings; see snapshot.
//!
//! Sections in order: pending settings (number and command), rates, statuses of owners, limits, counters, open
//! purchases. Each is a count and its rows, sorted by key. What limits touch an account, and the sums of open purchases,
//! are derived.

use crate::arithmetic::AMOUNT_MAX;
use crate::limit_settings::{touching_kinds, KINDS};
use crate::purchases::replace_purchase;
use crate::records::{RemoveLimit, SetFees, SetLimit, SetMarketRules, SetParameter, SetTickBand};
use crate::settings::{add_setting, kind_of};
use crate::snapshot_bytes::{put, Reader, SnapshotError, Writer};
use crate::state::State;
use crate::state_parts::{ClientStatus, Limit, Purchase, Rate};

/// Append the sections.
pub fn encode_limits(w: &mut Writer, state: &State) {
    put!(w, state.pending.len() as u64);
    for (seq, record) in &state.pending {
        put!(w, seq);
        w.0.extend_from_slice(record);
        w.pass_on();
    }
    put!(w, state.rates.len() as u64);
    for (asset_id, (rate, evidence_hash)) in &state.rates {
        put!(w, asset_id, rate.value_minor, rate.amount_minor);
        w.0.extend_from_slice(evidence_hash);
    }
    put!(w, state.statuses.len() as u64);
    for (owner_id, status) in &state.statuses {
        put!(w, owner_id, status.residency, status.cap_exempt);
        w.pass_on();
    }
    put!(w, state.limits.len() as u64);
    for ((kind, scope, subject, period, asset_id, class, residency), limit) in &state.limits {
        put!(w, kind, scope, subject, period, asset_id, class, residency, limit.amount_max_minor, limit.exemptible);
        w.0.extend_from_slice(&limit.rulebook_hash);
        w.pass_on();
    }
    put!(w, state.counters.len() as u64);
    for ((period, number, kind, scope, subject, asset_id), used) in &state.counters {
        put!(w, period, number, kind, scope, subject, asset_id, used);
        w.pass_on();
    }
    put!(w, state.purchases.len() as u64);
    for (order_id, purchase) in &state.purchases {
        put!(w, order_id, purchase.account_id, purchase.asset_id, purchase.paid_day, purchase.open_minor);
        put!(w, purchase.paid_minor, purchase.rate.value_minor, purchase.rate.amount_minor);
        w.pass_on();
    }
}

/// Read the sections, and mark the accounts that limits touch.
pub fn decode_limits(r: &mut Reader, state: &mut State) -> Result<(), SnapshotError> {
    for _ in 0..r.u64()? {
        let (seq, record) = (r.u64()?, r.bytes()?);
        let kinds = [
            SetParameter::KIND,
            SetMarketRules::KIND,
            SetLimit::KIND,
            RemoveLimit::KIND,
            SetFees::KIND,
            SetTickBand::KIND,
        ];
        if !kinds.contains(&kind_of(&record)) {
            return Err(format!("expected a setting, found a command of kind {}", kind_of(&record)));
        }
        add_setting(state, seq, record);
    }
    for _ in 0..r.u64()? {
        let (asset_id, value_minor, amount_minor) = (r.u32()?, r.u128()?, r.u128()?);
        state.rates.insert(asset_id, (Rate { value_minor, amount_minor }, r.bytes()?));
    }
    for _ in 0..r.u64()? {
        let (owner_id, residency, cap_exempt) = (r.u64()?, r.u8()?, r.u8()?);
        state.statuses.insert(owner_id, ClientStatus { residency, cap_exempt });
    }
    for _ in 0..r.u64()? {
        let key = (r.u8()?, r.u8()?, r.u64()?, r.u8()?, r.u32()?, r.u8()?, r.u8()?);
        let (amount_max_minor, exemptible, rulebook_hash) = (r.u128()?, r.u8()?, r.bytes()?);
        state.limits.insert(key, Limit { amount_max_minor, exemptible, rulebook_hash });
    }
    for _ in 0..r.u64()? {
        let key = (r.u8()?, r.u32()?, r.u8()?, r.u8()?, r.u64()?, r.u32()?);
        state.counters.insert(key, r.u128()?);
    }
    for _ in 0..r.u64()? {
        decode_purchase(r, state)?;
    }
    if !state.limits.is_empty() {
        for account_id in 1..=state.accounts.len() as u32 {
            state.account(account_id).limited = touching_kinds(state, account_id, &KINDS);
        }
    }
    Ok(())
}

fn decode_purchase(r: &mut Reader, state: &mut State) -> Result<(), SnapshotError> {
    let (order_id, account_id, asset_id, paid_day) = (r.u64()?, r.u32()?, r.u32()?, r.u32()?);
    let (open_minor, paid_minor) = (r.u128()?, r.u128()?);
    let rate = Rate { value_minor: r.u128()?, amount_minor: r.u128()? };
    if account_id == 0 || account_id as usize > state.accounts.len() {
        return Err(format!("purchase {order_id} of account {account_id}, which is not there"));
    }
    if open_minor.max(paid_minor) > AMOUNT_MAX {
        return Err(format!("purchase {order_id} of more than there is"));
    }
    let purchase = Purchase { account_id, asset_id, open_minor, paid_minor, paid_day, rate };
    replace_purchase(state, order_id, Purchase { open_minor: 0, ..purchase }, purchase);
    Ok(())
}
