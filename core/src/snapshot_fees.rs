//! The part of the snapshot that holds fees of accounts and markets; see snapshot.
//!
//! A count and its rows, sorted by account and market. A row: account, market, the maker's fee, the maker's rebate, the
//! taker's fee, hash of the rulebook release.

use crate::arithmetic::PPM;
use crate::fees::check_fees;
use crate::records::{FeeBasis, SetFees};
use crate::refusal::Refusal;
use crate::snapshot_bytes::{put, require, Reader, SnapshotError, Writer};
use crate::state::State;
use crate::state_parts::Fees;

/// Append the section.
pub fn encode_fees(w: &mut Writer, state: &State) {
    put!(w, state.fees.len() as u64);
    for ((account_id, market_id), fees) in &state.fees {
        let rate = fees.maker_rate_ppm;
        put!(w, account_id, market_id, rate.max(0), (-rate).max(0), fees.taker_rate_ppm);
        w.0.extend_from_slice(&fees.rulebook_hash);
        w.pass_on();
    }
}

/// Read the section.
pub fn decode_fees(r: &mut Reader, state: &mut State) -> Result<(), SnapshotError> {
    for _ in 0..r.u64()? {
        let (key, maker_fee_ppm, maker_rebate_ppm) = ((r.u32()?, r.u32()?), r.u32()?, r.u32()?);
        let (taker_fee_ppm, rulebook_hash) = (r.u32()?, r.bytes()?);
        let largest = maker_fee_ppm.max(maker_rebate_ppm).max(taker_fee_ppm);
        require(largest <= PPM, "fees of an account or a market")?;
        let maker_rate_ppm = maker_fee_ppm as i32 - maker_rebate_ppm as i32;
        let fees = Fees { maker_rate_ppm, taker_rate_ppm: taker_fee_ppm as i32, rulebook_hash };
        state.fees.insert(key, fees);
    }
    Ok(())
}

/// Refuse fees that could not have been set.
pub fn check_own_fees(state: &State) -> Result<Result<(), Refusal>, SnapshotError> {
    for (&(account_id, market_id), fees) in &state.fees {
        if account_id as usize > state.accounts.len() || market_id as usize > state.markets.len() {
            return Err(format!("fees of account {account_id} in market {market_id}, which are not both there"));
        }
        let rate = fees.maker_rate_ppm;
        let command = SetFees {
            fee_basis: FeeBasis::OWN,
            account_id,
            market_id,
            maker_fee_ppm: rate.max(0) as u32,
            maker_rebate_ppm: rate.min(0).unsigned_abs(),
            taker_fee_ppm: fees.taker_rate_ppm as u32,
            rulebook_hash: fees.rulebook_hash,
            ts_ns: 0,
            effective_ns: 0,
            replaces_seq: 0,
        };
        if let Err(refusal) = check_fees(&command) {
            return Ok(Err(refusal));
        }
    }
    Ok(Ok(()))
}
