//! Trailing stops: the trigger follows the best price since the stop began, at a distance in basis points.
//!
//! A sell follows the highest print, a buy the lowest. It is elected by a print that turns back from there by the
//! distance or more: exact, so that a sell's trigger is rounded down and a buy's up. A stop with a price at which it
//! begins waits for a print that reaches it as a plain stop does for its trigger, and that print is its first extreme.
//! Source: Binance Spot, Trailing Stop order FAQ; the filter TRAILING_DELTA has 10 to 2,000 basis points.

use crate::arithmetic::{saturate_u64, PPM};
use crate::records::Side;

const BP: u128 = 10_000;
pub const TRAILING_MIN_BP: u32 = 10;
pub const TRAILING_MAX_BP: u32 = 2_000;

/// How far a stop trails, and from where: 0 before it has begun.
#[derive(Clone, Copy, Default)]
pub struct Trail {
    pub trailing_bp: u32,
    pub extreme_ticks: u64,
}

/// Return the price that elects a stop which has seen this extreme, ticks; 0 where a sell's would be under one.
pub fn trailing_trigger(side: u8, extreme_ticks: u64, trailing_bp: u32) -> u64 {
    if side == Side::BUY {
        return saturate_u64((extreme_ticks as u128 * (BP + trailing_bp as u128)).div_ceil(BP));
    }
    saturate_u64(extreme_ticks as u128 * (BP - trailing_bp as u128) / BP)
}

/// Return the most that a market buy may pay once triggered, ticks.
pub fn worst_price(trigger_ticks: u64, collar_ppm: u32) -> u64 {
    let trigger = trigger_ticks as u128;
    saturate_u64(trigger + trigger * collar_ppm as u128 / PPM as u128)
}
