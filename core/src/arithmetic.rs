//! Integer arithmetic of money: every division says who keeps the remainder.

pub const PPM: u32 = 1_000_000;
pub const AMOUNT_MAX: u128 = 1 << 120;

/// Return the fee on what a side received, rounded down so that no client is over-charged.
///
/// Units: minor units of the asset received; rate in parts per million. Exact for every 128-bit amount: the amount is
/// split at a million, so that no product overflows; what fits 64 bits takes the short way.
#[inline(always)]
pub fn fee_minor(received_minor: u128, rate_ppm: u32) -> u128 {
    if rate_ppm == 0 {
        return 0;
    }
    if received_minor <= u64::MAX as u128 {
        let (received, rate, million) = (received_minor as u64, rate_ppm as u64, PPM as u64);
        let whole = (received / million) as u128 * rate as u128;
        return whole + (received % million * rate / million) as u128;
    }
    let (rate, million) = (rate_ppm as u128, PPM as u128);
    received_minor / million * rate + received_minor % million * rate / million
}

/// Return a value as 64 bits, the largest where it does not fit.
pub fn saturate_u64(value: u128) -> u64 {
    u64::try_from(value).unwrap_or(u64::MAX)
}
