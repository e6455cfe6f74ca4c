//! A market's states and the one place that changes them.
//!
//! A timed auction ends at its stated time plus a random part that nobody knows before: SHA-256 over the market, the
//! number and the time of the command that began it, so that a replay finds the same. Source: Xetra and LSE, random end of
//! calls.

use crate::digest::sha256;
use crate::records::{MarketReason, MarketState, MarketStateChanged};
use crate::state::{Market, State, AUCTION_DUE, NS_PER_MS};

const CLOSED: u8 = MarketState::CLOSED;
const PRE_OPEN: u8 = MarketState::PRE_OPEN;
const AUCTION: u8 = MarketState::AUCTION;
const CONTINUOUS: u8 = MarketState::CONTINUOUS;
const HALTED: u8 = MarketState::HALTED;

/// Return what an operator may ask for from a state. A halted market reopens only through an auction.
pub fn reachable(from: u8) -> &'static [u8] {
    match from {
        CLOSED => &[PRE_OPEN, AUCTION, CONTINUOUS],
        PRE_OPEN => &[AUCTION, CONTINUOUS, HALTED, CLOSED],
        AUCTION => &[CONTINUOUS, HALTED, CLOSED],
        CONTINUOUS => &[AUCTION, HALTED, CLOSED],
        _ => &[PRE_OPEN, AUCTION, CLOSED],
    }
}

/// Return whether orders enter in a state.
#[inline(always)]
pub fn takes_orders(market_state: u8) -> bool {
    matches!(market_state, PRE_OPEN | AUCTION | CONTINUOUS)
}

/// Set the market's state and what its auction leads to, keep the auction's timer, and say so.
pub fn change_state(state: &mut State, market_id: u32, new_state: u8, reason: u8, next_state: u8, auction_end_ns: u64) {
    state.touch(market_id);
    let now_ns = state.last_ts_ns;
    let market = state.market(market_id);
    let reopen_ns = earliest_reopening(market, new_state, reason, now_ns);
    let before = market.market_state;
    market.reopen_ns = reopen_ns;
    market.market_state = new_state;
    market.next_market_state = next_state;
    market.extension_count = 0;
    let reference_price_ticks = market.reference_price_ticks;
    set_auction_end(state, market_id, auction_end_ns);
    let event = MarketStateChanged {
        market_state: new_state,
        from_market_state: before,
        market_reason: reason,
        next_market_state: next_state,
        seq: state.seq,
        market_id,
        reference_price_ticks,
        auction_end_ns,
    };
    event.write(&mut state.out);
}

/// Return when a call phase that follows a halt may end at the earliest, 0 for every other state.
pub fn earliest_reopening(market: &Market, new_state: u8, reason: u8, now_ns: u64) -> u64 {
    if !matches!(new_state, PRE_OPEN | AUCTION) {
        return 0;
    }
    if market.market_state == HALTED || reason == MarketReason::VOLATILITY {
        return now_ns.saturating_add(market.auction_duration_ms as u64 * NS_PER_MS);
    }
    market.reopen_ns
}

/// Set when the auction ends, 0 = only by command, and keep its timer.
pub fn set_auction_end(state: &mut State, market_id: u32, auction_end_ns: u64) {
    let random_ns = if auction_end_ns != 0 { random_part_ns(state, market_id) } else { 0 };
    let market = state.market(market_id);
    let old_due_ns = std::mem::replace(&mut market.auction_due_ns, auction_end_ns.saturating_add(random_ns));
    market.auction_end_ns = auction_end_ns;
    let due_ns = market.auction_due_ns;
    if old_due_ns != 0 {
        state.drop_timer(old_due_ns, AUCTION_DUE, market_id as u64, market_id);
    }
    if due_ns != 0 {
        state.add_timer(due_ns, AUCTION_DUE, market_id as u64, market_id);
    }
}

/// Return by how much an auction ends later than stated.
fn random_part_ns(state: &State, market_id: u32) -> u64 {
    let longest = state.markets[market_id as usize - 1].trading_rules.random_end_max_ms as u64;
    if longest == 0 {
        return 0;
    }
    let mut seed = [0u8; 24];
    for (at, word) in [market_id as u64, state.seq, state.last_ts_ns].into_iter().enumerate() {
        seed[at * 8..at * 8 + 8].copy_from_slice(&word.to_le_bytes());
    }
    let digest = sha256(&seed);
    let mut first = [0u8; 8];
    first.copy_from_slice(&digest[..8]);
    u64::from_le_bytes(first) % (longest + 1) * NS_PER_MS
}
