//! Fees of an account or a market in place of the standard ones, and the maker's rebate.
//!
//! Which fees apply to a side of a trade: those of its account in this market, else those of its account in every
//! market, else those of the market for every account, else the market's rules less the discount of the account's tier.
//!
//! A rebate is a part of the taker's fee of the same trade, in the asset of that fee, and never more than it: the house
//! lends nothing, and no client pays but the taker. Source: docs/concepts/fees.md

use crate::arithmetic::{fee_minor, scale_ceil, PPM};
use crate::lookup::{find_account, find_market};
use crate::records::{FeeBasis, FeesScheduled, FeesSet, RejectCode, SetFees};
use crate::refusal::{refuse, require_hash, Refusal};
use crate::settings::{check_setting, keep_setting, setting};
use crate::state::{Market, State};
use crate::state_parts::Fees;

/// Refuse fees of nobody, rates out of range, and rates that contradict each other.
pub fn check_fees(command: &SetFees) -> Result<(), Refusal> {
    let invalid = |expected: u32, found: u32| refuse(RejectCode::FeesInvalid, expected as u128, found as u128);
    let (maker, rebate, taker) = (command.maker_fee_ppm, command.maker_rebate_ppm, command.taker_fee_ppm);
    if command.account_id == 0 && command.market_id == 0 {
        return invalid(1, 0);
    }
    for rate_ppm in [maker, rebate, taker] {
        let largest = if command.fee_basis == FeeBasis::OWN { PPM } else { 0 };
        if rate_ppm > largest {
            return invalid(largest, rate_ppm);
        }
    }
    if maker != 0 && rebate != 0 {
        return invalid(0, rebate);
    }
    if command.account_id == 0 && rebate > taker {
        return invalid(taker, rebate);
    }
    require_hash(&command.rulebook_hash, RejectCode::RulebookHashMissing)
}

/// Set or end fees of an account, a market or both, at once or later.
pub fn set_fees(state: &mut State, command: SetFees) -> Result<(), Refusal> {
    // GATE
    if command.account_id != 0 {
        find_account(state, command.account_id)?;
    }
    if command.market_id != 0 {
        find_market(state, command.market_id)?;
    }
    check_fees(&command)?;
    let setting = setting!(command);
    check_setting(state, &setting)?;
    // POST EMIT
    if keep_setting(state, &setting) {
        let event = FeesScheduled {
            fee_basis: command.fee_basis,
            seq: state.seq,
            account_id: command.account_id,
            market_id: command.market_id,
            maker_fee_ppm: command.maker_fee_ppm,
            maker_rebate_ppm: command.maker_rebate_ppm,
            taker_fee_ppm: command.taker_fee_ppm,
            effective_ns: command.effective_ns,
            rulebook_hash: command.rulebook_hash,
        };
        event.write(&mut state.out);
    } else {
        apply_fees(state, command, 0);
    }
    Ok(())
}

/// Let fees take effect.
pub fn apply_fees(state: &mut State, command: SetFees, scheduled_seq: u64) {
    // POST
    let key = (command.account_id, command.market_id);
    if command.fee_basis == FeeBasis::OWN {
        let maker_rate_ppm = command.maker_fee_ppm as i32 - command.maker_rebate_ppm as i32;
        let taker_rate_ppm = command.taker_fee_ppm as i32;
        state.fees.insert(key, Fees { maker_rate_ppm, taker_rate_ppm, rulebook_hash: command.rulebook_hash });
    } else {
        state.fees.remove(&key);
    }
    let count = state.markets.len() as u32;
    let touched = if command.market_id != 0 { command.market_id..=command.market_id } else { 1..=count };
    for market_id in touched {
        state.derive_rates(market_id);
        state.market(market_id).has_account_fees = has_account_fees(state, market_id);
    }
    // EMIT
    let event = FeesSet {
        fee_basis: command.fee_basis,
        seq: state.seq,
        account_id: command.account_id,
        market_id: command.market_id,
        maker_fee_ppm: command.maker_fee_ppm,
        maker_rebate_ppm: command.maker_rebate_ppm,
        taker_fee_ppm: command.taker_fee_ppm,
        scheduled_seq,
        rulebook_hash: command.rulebook_hash,
    };
    event.write(&mut state.out);
}

/// Return whether some account has fees of its own that apply in a market.
pub fn has_account_fees(state: &State, market_id: u32) -> bool {
    state.fees.keys().any(|&(account_id, number)| account_id != 0 && (number == 0 || number == market_id))
}

/// Return the maker's and the taker's rate of an account in a market; a maker's rate below zero is a rebate.
#[inline(always)]
pub fn rates_of(state: &State, market: &Market, account_id: u32) -> (i32, i32) {
    if market.has_account_fees {
        if let Some(own) = account_fees(state, market.market_id, account_id) {
            return (own.maker_rate_ppm, own.taker_rate_ppm);
        }
    }
    let tier = state.accounts[account_id as usize - 1].fee_tier as usize;
    (market.maker_rates[tier], market.taker_rates[tier])
}

#[cold]
fn account_fees(state: &State, market_id: u32, account_id: u32) -> Option<&Fees> {
    state.fees.get(&(account_id, market_id)).or_else(|| state.fees.get(&(account_id, 0)))
}

/// Return the fee of a side, rounded down; one whose rate is a rebate pays none.
#[inline(always)]
pub fn charge_minor(received_minor: u128, rate_ppm: i32) -> u128 {
    fee_minor(received_minor, rate_ppm.max(0) as u32)
}

/// Return the maker's rebate, rounded up so that no client is short, and at most the taker's fee.
///
/// Units: minor units of the asset that the taker received; rate in parts per million, below zero.
pub fn rebate_minor(received_minor: u128, rate_ppm: i32, taker_fee_minor: u128) -> u128 {
    scale_ceil(received_minor, rate_ppm.min(0).unsigned_abs() as u128, PPM as u128).min(taker_fee_minor)
}
