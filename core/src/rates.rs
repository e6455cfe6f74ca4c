//! Rates: what an asset is worth in the reference currency, as a ratio of two amounts.
//!
//! A ratio is exact whichever way a rate is quoted: 1 USD = 447.85 KZT is 100 cents for 44785 tiyn, and a token of which
//! 10^18 minor units are worth a thousandth of a cent is 1 for 10^21. A fixed power of ten as denominator would round
//! one of the two. The reference currency has no number of its own: the asset that is the same currency has the rate 1
//! for 1.

use crate::arithmetic::{scale_ceil, scale_floor, AMOUNT_MAX};
use crate::lookup::find_asset;
use crate::records::{RateSet, RejectCode, SetRate};
use crate::refusal::{refuse, require_hash, Refusal};
use crate::state::State;
use crate::state_parts::Rate;

/// No value of the reference currency is larger: sums of a billion values fit 128 bits.
pub const VALUE_MAX: u128 = 1 << 96;

/// State an asset's rate. What was counted before keeps the value it was counted at.
pub fn set_rate(state: &mut State, command: SetRate) -> Result<(), Refusal> {
    // GATE
    find_asset(state, command.asset_id)?;
    for amount in [command.rate_value_minor, command.rate_amount_minor] {
        if amount == 0 {
            return refuse(RejectCode::RateInvalid, 1, 0);
        }
        if amount > AMOUNT_MAX {
            return refuse(RejectCode::RateInvalid, AMOUNT_MAX, amount);
        }
    }
    require_hash(&command.evidence_hash, RejectCode::EvidenceMissing)?;
    // POST
    let rate = Rate { value_minor: command.rate_value_minor, amount_minor: command.rate_amount_minor };
    state.rates.insert(command.asset_id, (rate, command.evidence_hash));
    // EMIT
    let event = RateSet {
        seq: state.seq,
        asset_id: command.asset_id,
        rate_value_minor: command.rate_value_minor,
        rate_amount_minor: command.rate_amount_minor,
        evidence_hash: command.evidence_hash,
    };
    event.write(&mut state.out);
    Ok(())
}

/// Return an asset's rate, 0 for 0 where none was stated.
pub fn rate_of(state: &State, asset_id: u32) -> Rate {
    state.rates.get(&asset_id).map_or(Rate::default(), |row| row.0)
}

/// Return whether a rate was stated.
pub fn is_known(rate: Rate) -> bool {
    rate.amount_minor != 0
}

/// Return what an amount is worth, rounded up so that nothing slips under a limit.
///
/// An amount without a rate is worth VALUE_MAX, which no limit allows.
pub fn value_minor(rate: Rate, amount_minor: u128) -> u128 {
    if amount_minor == 0 {
        return 0;
    }
    if !is_known(rate) {
        return VALUE_MAX;
    }
    scale_ceil(amount_minor, rate.value_minor, rate.amount_minor).min(VALUE_MAX)
}

/// Return the largest amount that is worth no more than a value; 0 without a rate.
pub fn amount_within(rate: Rate, value: u128) -> u128 {
    if !is_known(rate) {
        return 0;
    }
    scale_floor(value, rate.amount_minor, rate.value_minor)
}
