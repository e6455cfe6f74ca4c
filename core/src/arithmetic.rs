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

/// Return the product of three numbers, at most the largest 128-bit number.
#[inline(always)]
pub fn product(a: u64, b: u64, c: u64) -> u128 {
    let two = a as u128 * b as u128;
    if two <= u64::MAX as u128 {
        return two * c as u128;
    }
    two.saturating_mul(c as u128)
}

/// Return amount * numerator / denominator rounded down, at most the largest 128-bit number.
pub fn scale_floor(amount: u128, numerator: u128, denominator: u128) -> u128 {
    scale(amount, numerator, denominator).0
}

/// Return amount * numerator / denominator rounded up, at most the largest 128-bit number.
pub fn scale_ceil(amount: u128, numerator: u128, denominator: u128) -> u128 {
    let (quotient, remainder) = scale(amount, numerator, denominator);
    quotient.saturating_add((remainder != 0) as u128)
}

/// Return quotient and remainder of amount * numerator / denominator; what does not fit has the largest quotient.
fn scale(amount: u128, numerator: u128, denominator: u128) -> (u128, u128) {
    if let Some(product) = amount.checked_mul(numerator) {
        return (product / denominator, product % denominator);
    }
    let (high, low) = widening_product(amount, numerator);
    if high >= denominator {
        return (u128::MAX, 0);
    }
    // Long division in binary: `remainder` takes in the bits of the lower half one after the other.
    let (mut quotient, mut remainder) = (0u128, high);
    for bit in (0..128).rev() {
        let overflows = remainder >> 127 != 0;
        remainder = remainder << 1 | low >> bit & 1;
        if overflows || remainder >= denominator {
            remainder = remainder.wrapping_sub(denominator);
            quotient |= 1 << bit;
        }
    }
    (quotient, remainder)
}

/// Return the higher and the lower half of a product.
fn widening_product(a: u128, b: u128) -> (u128, u128) {
    const LOW: u128 = u64::MAX as u128;
    let (a_high, a_low, b_high, b_low) = (a >> 64, a & LOW, b >> 64, b & LOW);
    let (lowest, cross) = (a_low * b_low, a_high * b_low);
    let middle = a_low * b_high + (lowest >> 64) + (cross & LOW);
    (a_high * b_high + (cross >> 64) + (middle >> 64), middle << 64 | lowest & LOW)
}

/// Return a value as 64 bits, the largest where it does not fit.
pub fn saturate_u64(value: u128) -> u64 {
    u64::try_from(value).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scaling_beyond_128_bits_is_exact() {
        // (2^100 + 1) * (2^100 + 3) / 2^101 = 2^99 + 2 + 3 / 2^101.
        let power = 1u128 << 100;
        assert_eq!(scale_floor(power + 1, power + 3, power << 1), (1 << 99) + 2);
        assert_eq!(scale_ceil(power + 1, power + 3, power << 1), (1 << 99) + 3);
        // x * y / y = x without a remainder, where x * y needs 255 bits.
        let (x, y) = (u128::MAX, u128::MAX >> 1);
        assert_eq!((scale_floor(x, y, y), scale_ceil(x, y, y)), (x, x));
        assert_eq!(scale_floor(x, y, y - 1), u128::MAX);
        assert_eq!((scale_floor(7, 10, 20), scale_ceil(7, 10, 20)), (3, 4));
    }
}
