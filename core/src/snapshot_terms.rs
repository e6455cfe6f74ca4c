//! The part of the snapshot that holds tick-size tables, delistings and clients' keys; see snapshot.
//!
//! Three sections, each a count and its rows. Tick sizes, sorted by market and price: market, lowest price of the band, its
//! step. Delistings, sorted by asset: asset, stage, the times of the three steps, hash of the decision.
//! Clients' keys, sorted by number: number, account, scopes, whether all is signed, whether it was revoked, end, key.

use crate::client_keys::{keep_client_key, SCOPES_MAX};
use crate::delistings::{keep_delisting, WINDOW_MIN_NS};
use crate::records::{AssetStatus, DelistingStage};
use crate::snapshot_bytes::{put, Reader, SnapshotError, Writer};
use crate::state::State;
use crate::state_parts::{ClientKey, Delisting};

/// Return whether an asset may have this status at a stage of its delisting.
fn may_be(status: u8, stage: u8) -> bool {
    match stage {
        DelistingStage::ANNOUNCED => matches!(status, AssetStatus::ADMITTED | AssetStatus::SUSPENDED),
        DelistingStage::CANCEL_ONLY => status == AssetStatus::SUSPENDED,
        _ => status == AssetStatus::REMOVED,
    }
}

/// Append the sections.
pub fn encode_terms(w: &mut Writer, state: &State) {
    let count: usize = state.markets.iter().map(|market| market.tick_bands.len()).sum();
    put!(w, count as u64);
    for market in &state.markets {
        for (start, step) in &market.tick_bands {
            put!(w, market.market_id, start, step);
        }
    }
    put!(w, state.delistings.len() as u64);
    for d in state.delistings.values() {
        put!(w, d.asset_id, d.stage, d.cancel_only_ns, d.close_ns, d.withdraw_until_ns);
        w.0.extend_from_slice(&d.decision_hash);
    }
    put!(w, state.client_keys.len() as u64);
    for (number, k) in &state.client_keys {
        put!(w, number, k.account_id, k.client_key_scopes, k.signed_only, k.is_revoked as u8, k.valid_until_ns);
        w.0.extend_from_slice(&k.public_key);
        w.pass_on();
    }
}

/// Read the sections; refuse what could not have been set.
pub fn decode_terms(r: &mut Reader, state: &mut State) -> Result<(), SnapshotError> {
    for _ in 0..r.u64()? {
        let (market_id, start, step) = (r.u32()?, r.u64()?, r.u64()?);
        if market_id == 0 || market_id as usize > state.markets.len() || step == 0 || !start.is_multiple_of(step) {
            return Err(format!("a price band from {start} in steps of {step} in market {market_id}"));
        }
        let bands = &mut state.market(market_id).tick_bands;
        if bands.last().is_some_and(|&(last, _)| last >= start) {
            return Err(format!("a price band from {start} out of order in market {market_id}"));
        }
        bands.push((start, step));
    }
    for _ in 0..r.u64()? {
        decode_delisting(r, state)?;
    }
    for _ in 0..r.u64()? {
        decode_client_key(r, state)?;
    }
    Ok(())
}

fn decode_delisting(r: &mut Reader, state: &mut State) -> Result<(), SnapshotError> {
    let (asset_id, stage) = (r.u32()?, r.u8()?);
    let (cancel_only_ns, close_ns, withdraw_until_ns, decision_hash) = (r.u64()?, r.u64()?, r.u64()?, r.bytes()?);
    let delisting = Delisting { asset_id, stage, cancel_only_ns, close_ns, withdraw_until_ns, decision_hash };
    if asset_id == 0 || asset_id as usize > state.assets.len() || stage == 0 || stage > DelistingStage::MAX {
        return Err(format!("a delisting of asset {asset_id} at stage {stage}"));
    }
    let ordered = cancel_only_ns <= close_ns && close_ns.saturating_add(WINDOW_MIN_NS) <= withdraw_until_ns;
    let is_late = stage != DelistingStage::WINDOW_OVER && delisting.due_ns() <= state.last_ts_ns;
    let begun_ns = [0, 0, cancel_only_ns, close_ns, withdraw_until_ns][stage as usize];
    if is_late
        || begun_ns > state.last_ts_ns
        || !ordered
        || !may_be(state.assets[asset_id as usize - 1].asset_status, stage)
    {
        return Err(format!("a delisting of asset {asset_id} that is not at stage {stage}"));
    }
    keep_delisting(state, delisting);
    Ok(())
}

fn decode_client_key(r: &mut Reader, state: &mut State) -> Result<(), SnapshotError> {
    let number = r.u32()?;
    let (account_id, client_key_scopes, signed_only, revoked) = (r.u32()?, r.u8()?, r.u8()?, r.u8()?);
    let (valid_until_ns, public_key) = (r.u64()?, r.bytes()?);
    let is_revoked = revoked != 0;
    let key = ClientKey { account_id, client_key_scopes, signed_only, valid_until_ns, public_key, is_revoked };
    let is_known =
        (1..=state.accounts.len() as u32).contains(&account_id) && (1..=SCOPES_MAX).contains(&client_key_scopes);
    let is_flagged = signed_only <= 1 && revoked <= 1;
    let is_taken =
        number == 0 || state.client_keys.contains_key(&number) || state.client_public_keys.contains(&public_key);
    if !is_known || !is_flagged || is_taken || public_key == [0; 32] {
        return Err(format!("a client's key {number} of account {account_id} with scopes {client_key_scopes}"));
    }
    keep_client_key(state, number, key);
    Ok(())
}
