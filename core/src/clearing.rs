//! The price of a call auction.
//!
//! Every tick from the best ask to the best bid is a candidate. The price is the one at which most lots trade, then one
//! on the grid (orders from before a change of tick size may cross beside it alone), then the one with the least
//! imbalance. Where several are left, the side with the surplus pushes: the highest of them when buyers are left over,
//! the lowest when sellers are, but no further from the reference price than `AUCTION_PRESSURE_PPM`; without a surplus,
//! or with one on either side, the nearest to the reference price. Without a reference price the surplus alone decides,
//! and where there is none the middle. What lies between two prices of the grid is the lower one.
//! Source: the published match rule of BNB Beacon Chain (four steps, ten examples), which agrees with Xetra's market
//! model on volume, surplus, surplus side and reference price; docs/concepts/auctions.md
//! Cost: one sort of the crossed levels and one walk over them; demand and supply change only at their prices.

use std::cmp::{Ordering, Reverse};

use crate::arithmetic::{saturate_u64, PPM};
use crate::grid::{grid_ceil, grid_floor};
use crate::records::Side;
use crate::state::Market;

pub const AUCTION_PRESSURE_PPM: u64 = 50_000;

/// The outcome of the search for the price; `imbalance_side` is 0 when nothing is left over.
#[derive(Clone, Copy, Default)]
pub struct Clearing {
    pub price_ticks: u64,
    pub volume_lots: u64,
    pub imbalance_lots: u64,
    pub imbalance_side: u8,
}

/// Neighbouring prices that are equally good, and on which sides they leave a surplus.
#[derive(Clone, Copy, Default)]
struct Plateau {
    lowest: u64,
    highest: u64,
    has_buy_surplus: bool,
    has_sell_surplus: bool,
}

/// Return (price, lots) of the levels that cross the other side, best first; hidden lots count.
fn crossed_levels(market: &Market, side: u8) -> Vec<(u64, u128)> {
    let worst = market.book.best_price(crate::book::opposite(side));
    let crosses = |price: u64| if side == Side::BUY { price >= worst } else { price <= worst };
    let levels = market.book.levels(side).take_while(|level| crosses(level.price_ticks));
    levels.map(|level| (level.price_ticks, level.lots)).collect()
}

/// Return the price at which a crossed book clears.
pub fn find_clearing(market: &Market) -> Clearing {
    let (mut bids, asks) = (crossed_levels(market, Side::BUY), crossed_levels(market, Side::SELL));
    bids.reverse();
    let highest = bids[bids.len() - 1].0;
    let steps = bids.iter().filter(|level| level.0 < highest).map(|level| level.0 + 1);
    let mut starts: Vec<u64> = asks.iter().map(|level| level.0).chain(steps).collect();
    starts.sort_unstable();
    starts.dedup();
    let mut demand: u128 = bids.iter().map(|level| level.1).sum();
    let (mut supply, mut bid_at, mut ask_at) = (0u128, 0, 0);
    let (mut rank, mut plateau) = ((Reverse(0u128), true, u128::MAX), Plateau::default());
    for (at, &step) in starts.iter().enumerate() {
        let (mut start, mut end) = (step, starts.get(at + 1).map_or(highest, |&next| next - 1));
        while bids[bid_at].0 < start {
            demand -= bids[bid_at].1;
            bid_at += 1;
        }
        while ask_at < asks.len() && asks[ask_at].0 <= start {
            supply += asks[ask_at].1;
            ask_at += 1;
        }
        let (first, last) = (grid_ceil(market, start), grid_floor(market, end));
        let off_grid = first > last;
        if !off_grid {
            (start, end) = (first, last);
        }
        let found = (Reverse(demand.min(supply)), off_grid, demand.abs_diff(supply));
        if found < rank {
            rank = found;
            plateau = Plateau { lowest: start, ..Plateau::default() };
        } else if found != rank {
            continue;
        }
        plateau.highest = end;
        plateau.has_buy_surplus |= demand > supply;
        plateau.has_sell_surplus |= supply > demand;
    }
    let (Reverse(volume), off_grid, imbalance) = rank;
    let chosen = choose_price(plateau, market.reference_price_ticks);
    let price_ticks = if off_grid { chosen } else { grid_floor(market, chosen).max(plateau.lowest) };
    Clearing {
        price_ticks,
        volume_lots: saturate_u64(volume),
        imbalance_lots: saturate_u64(imbalance),
        imbalance_side: surplus_side(&bids, &asks, price_ticks),
    }
}

/// Return the price among equally good ones.
fn choose_price(plateau: Plateau, reference: u64) -> u64 {
    let Plateau { lowest, highest, has_buy_surplus: buy, has_sell_surplus: sell } = plateau;
    if reference == 0 {
        return match (buy, sell) {
            (true, false) => highest,
            (false, true) => lowest,
            _ => lowest + (highest - lowest) / 2,
        };
    }
    let pressure = saturate_u64(reference as u128 * AUCTION_PRESSURE_PPM as u128 / PPM as u128);
    let target = match (buy, sell) {
        (true, false) => reference.saturating_add(pressure),
        (false, true) => reference - pressure,
        _ => reference,
    };
    target.clamp(lowest, highest)
}

/// Return the side on which lots are left over at a price, 0 when there are none.
fn surplus_side(bids: &[(u64, u128)], asks: &[(u64, u128)], price_ticks: u64) -> u8 {
    let demand: u128 = bids.iter().filter(|level| level.0 >= price_ticks).map(|level| level.1).sum();
    let supply: u128 = asks.iter().filter(|level| level.0 <= price_ticks).map(|level| level.1).sum();
    match demand.cmp(&supply) {
        Ordering::Greater => Side::BUY,
        Ordering::Less => Side::SELL,
        Ordering::Equal => 0,
    }
}
