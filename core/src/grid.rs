//! The grid of prices: a table of price bands, each with its step in ticks.
//!
//! A price is on the grid when it is a multiple of its band's step; a band begins at a multiple of its step and reaches
//! up to the next one. Below the first band, and without a table, every tick is a price. Source: the tick-size table of
//! Commission Delegated Regulation (EU) 2017/588 (RTS 11), bands of prices each with its tick size; Binance's
//! PRICE_FILTER.

use crate::arithmetic::saturate_u64;
use crate::records::RejectCode;
use crate::refusal::{refuse, Refusal};
use crate::state::Market;

/// Return the step at a price, and the lowest price of the next band.
fn band_at(market: &Market, price_ticks: u64) -> (u64, u64) {
    let at = market.tick_bands.partition_point(|&(start, _)| start <= price_ticks);
    let step = if at == 0 { 1 } else { market.tick_bands[at - 1].1 };
    (step, market.tick_bands.get(at).map_or(u64::MAX, |&(start, _)| start))
}

/// Return the highest price of the grid that is not above this one.
pub fn grid_floor(market: &Market, price_ticks: u64) -> u64 {
    price_ticks - price_ticks % band_at(market, price_ticks).0
}

/// Return the lowest price of the grid that is not below this one, at most the largest number.
pub fn grid_ceil(market: &Market, price_ticks: u64) -> u64 {
    let (step, next_band) = band_at(market, price_ticks);
    saturate_u64(price_ticks.div_ceil(step) as u128 * step as u128).min(next_band)
}

/// Refuse a price that is not on the grid.
#[inline(always)]
pub fn check_grid(market: &Market, price_ticks: u64) -> Result<(), Refusal> {
    if market.tick_bands.is_empty() {
        return Ok(());
    }
    check_step(market, price_ticks)
}

#[cold]
fn check_step(market: &Market, price_ticks: u64) -> Result<(), Refusal> {
    let (step, _) = band_at(market, price_ticks);
    if !price_ticks.is_multiple_of(step) {
        return refuse(RejectCode::PriceOffGrid, step as u128, price_ticks as u128);
    }
    Ok(())
}
