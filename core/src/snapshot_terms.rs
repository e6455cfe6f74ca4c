//! The part of the snapshot that holds tick-size tables; see snapshot.
//!
//! A count and its rows, sorted by market and price. A row: market, lowest price of the band, its step.

use crate::snapshot_bytes::{put, Reader, SnapshotError, Writer};
use crate::state::State;

/// Append the section.
pub fn encode_terms(w: &mut Writer, state: &State) {
    let count: usize = state.markets.iter().map(|market| market.tick_bands.len()).sum();
    put!(w, count as u64);
    for market in &state.markets {
        for (start, step) in &market.tick_bands {
            put!(w, market.market_id, start, step);
        }
    }
}

/// Read the section; refuse what could not have been set.
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
    Ok(())
}
